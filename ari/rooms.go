package ari

import "math"

// level is where rooms are counted: a pool, a class or the property (evaluation 4).
type level struct {
	scope  Scope
	counts [ComponentEnd]*column
	rows   []rowShare  // grid rows that hold rooms of this level
	holds  []heldRooms // holds that do
}

// rowShare is a grid row with how many rooms of the level one of its rooms takes.
type rowShare struct {
	*gridRow
	times int64
}

// heldRooms is a hold with how many rooms of the level one of its rooms takes.
type heldRooms struct {
	*Overlay
	times int64
}

// gridRow is a block's numbers at one rooms scope.
type gridRow struct {
	block string
	rooms Scope
	of    [BlockCutoff + 1]*column
}

// What is known of a count on a date.
type known uint8

const (
	unset  known = iota // nothing is told
	counts              // rooms are known
	broken              // told, but it cannot be evaluated
)

func (x *index) level(s Scope) *level {
	l := x.levels[s]
	if l == nil {
		l = &level{scope: s}
		x.levels[s] = l
	}
	return l
}

// property answers the level of the whole house; nil if nothing is told or held there.
func (x *index) house() *level { return x.levels[Scope{}] }

// eachHeld calls f for the levels that a hold's rooms are taken from, and how many rooms of each one room takes.
func (x *index) eachHeld(o *Overlay, f func(l *level, times int64)) {
	if r, ok := x.roomNo[o.Scope.Room]; ok && o.Scope.Rooms == RoomTypeKind {
		x.eachLevel(&x.rooms[r], f)
	}
}

func (x *index) eachLevel(r *room, f func(l *level, times int64)) {
	for _, u := range r.pools {
		f(u.level, u.quantity)
	}
	if r.class != nil {
		f(r.class, 1)
	}
	f(x.level(Scope{}), 1)
}

// addGrid takes in a column of a block's grid. The levels get the rooms that the row holds.
func (x *index) addGrid(c *column) {
	if n := c.field.BlockNumber(); n == 0 || n > BlockCutoff {
		return
	}
	b, at := x.block(c.scope.Block), Scope{Rooms: c.scope.Rooms, Room: c.scope.Room}
	row := b.rows[at]
	if row == nil {
		row = &gridRow{block: c.scope.Block, rooms: at}
		b.rows[at] = row
		x.share(row)
	}
	row.of[c.field.BlockNumber()] = c
}

// share puts a row at the levels that it holds rooms of: a room type's at its pools, class and the property; a class's at class and
// property; the property's there.
func (x *index) share(row *gridRow) {
	put := func(l *level, times int64) { l.rows = append(l.rows, rowShare{row, times}) }
	switch row.rooms.Rooms {
	case RoomTypeKind:
		if r, ok := x.roomNo[row.rooms.Room]; ok {
			x.eachLevel(&x.rooms[r], put)
		}
	case RoomClassKind:
		put(x.level(row.rooms), 1)
		put(x.level(Scope{}), 1)
	case AllRooms:
		put(x.level(Scope{}), 1)
	}
}

// told answers a number of the row on a date.
func (g *gridRow) told(n BlockNumber, d StayDate, t *stampTable) (int64, bool) {
	if c := g.of[n]; c != nil {
		if state, v, _ := c.at(d, t); state == Told {
			return v.A, true
		}
	}
	return 0, false
}

// plain tells whether the level's count is the net column's dated cells and nothing else, as it mostly is.
func (l *level) plain() bool {
	for i := Physical; i < ComponentEnd; i++ {
		if c := l.counts[i]; c != nil && !c.empty() {
			return false
		}
	}
	return len(l.rows)+len(l.holds) == 0 && (l.counts[Net] == nil || len(l.counts[Net].standing) == 0)
}

// at answers the rooms of a level on a date: the count, less what blocks and holds take.
func (l *level) at(p *Picture, d StayDate) (int64, known) {
	n, k := l.count(p, d)
	if k != counts {
		return 0, k
	}
	if in := p.catalog.Property.BlocksInCount; in != nil && !*in {
		for _, r := range l.rows {
			n -= r.times * r.deducted(p, d)
		}
	}
	for i := range l.holds {
		n -= l.holds[i].taken(l.scope, d)
	}
	return n, counts
}

// taken answers the rooms of the level that the hold takes on a date.
func (h *heldRooms) taken(level Scope, d StayDate) int64 {
	if !h.Span.Covers(d) {
		return 0
	}
	for _, t := range h.Taken {
		if t.Date == d && t.Level == level {
			return 0
		}
	}
	return h.times * int64(h.Rooms)
}

// count answers the told count of a level on a date by its basis (S9).
func (l *level) count(p *Picture, d StayDate) (int64, known) {
	var v [ComponentEnd]int64
	var told [ComponentEnd]bool
	newest, netOrder := int64(math.MinInt64), int64(math.MinInt64)
	others := false
	for i := Net; i < ComponentEnd; i++ {
		c := l.counts[i]
		if c == nil {
			continue
		}
		state, val, stamp := c.at(d, p.stamps)
		if state != Told {
			continue
		}
		v[i], told[i] = val.A, true
		if order := p.stamps.order(stamp); i == Net {
			netOrder = order
		} else {
			others, newest = true, max(newest, order)
		}
	}
	switch {
	case told[Net] && others && netOrder == math.MinInt64 && newest == math.MinInt64:
		return 0, broken // both from before a change of owner: which is newer is not known (evaluation 8)
	case told[Net] && (!others || netOrder >= newest):
		return v[Net], counts
	case !others:
		return 0, unset
	case !told[Physical]:
		return 0, broken
	}
	return p.catalog.Property.Counts.toSell(&v), counts
}

// toSell answers the rooms to sell of a count by components.
func (k CountPolicy) toSell(v *[ComponentEnd]int64) int64 {
	n := v[Physical] - v[OutOfOrder] - v[OffMarket] - v[HouseUse] - v[SoldDefinite] + v[Overbooking]
	for _, part := range []struct {
		keep bool
		of   Component
	}{{k.KeepSoldTentative, SoldTentative}, {k.KeepBlockDefinite, BlockDefinite}, {k.KeepBlockTentative, BlockTentative}, {k.KeepOutOfService, OutOfService}} {
		if !part.keep {
			n -= v[part.of]
		}
	}
	return n
}

// soldCount answers sold_definite of a level where the basis is counts; false if it is not told so.
func (l *level) soldCount(p *Picture, d StayDate) (int64, bool) {
	if l == nil || l.counts[SoldDefinite] == nil {
		return 0, false
	}
	state, v, _ := l.counts[SoldDefinite].at(d, p.stamps)
	if state != Told || l.netHolds(p, d) {
		return 0, false
	}
	return v.A, true
}

// netHolds tells whether the basis on a date is net, or cannot be told from counts.
func (l *level) netHolds(p *Picture, d StayDate) bool {
	if l.counts[Net] == nil {
		return false
	}
	state, _, stamp := l.counts[Net].at(d, p.stamps)
	if state != Told {
		return false
	}
	net := p.stamps.order(stamp)
	for _, c := range l.counts[Physical:] {
		if c == nil {
			continue
		}
		if state, _, stamp := c.at(d, p.stamps); state == Told && p.stamps.order(stamp) > net {
			return false
		}
	}
	return true
}

// deducted answers the rooms that the row takes out of counts on a date (S11).
func (g *gridRow) deducted(p *Picture, d StayDate) int64 {
	b := p.catalog.Blocks[g.block]
	if b == nil || b.Parent != "" || !b.Deducts || b.cancelled() {
		return 0
	}
	if b.Release == "automatic" && p.day > g.lastHeld(p, b, d) {
		return 0
	}
	current, _ := g.told(BlockCurrent, d, p.stamps)
	picked, _ := g.told(BlockPickedUp, d, p.stamps)
	return max(0, current-picked)
}

func (b *Block) cancelled() bool { return b.Status == "cancelled" }

// lastHeld answers the last day on which the row's rooms of a date are held.
func (g *gridRow) lastHeld(p *Picture, b *Block, d StayDate) StayDate {
	if c, ok := g.told(BlockCutoff, d, p.stamps); ok {
		return p.lastDay(StayDate(c))
	}
	if b.Cutoff != nil {
		return p.lastDay(*b.Cutoff)
	}
	return DateMax
}

func (p *Picture) lastDay(cutoff StayDate) StayDate {
	if p.catalog.Property.CutoffReleasesOnDate {
		return cutoff - 1
	}
	return cutoff
}
