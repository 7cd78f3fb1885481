package ari

import "math"

// units is the rooms of one room type to sell on a range of dates, before limits.
type units struct {
	rooms   []int64
	trouble []word // 0, noCount or badCount
}

func (u *units) reset(n int) {
	u.rooms = resize(u.rooms, n)
	u.trouble = resize(u.trouble, n)
	fill(u.rooms, math.MaxInt64)
	clear(u.trouble)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// of computes the units of a room type on [from, from+n).
func (u *units) of(p *Picture, r *room, from StayDate, n int) {
	u.reset(n)
	for _, pool := range r.pools {
		u.least(p, pool.level, pool.quantity, from, noCount)
	}
	if r.class != nil {
		u.least(p, r.class, 1, from, 0)
	}
	if house := p.eff.x.house(); house != nil {
		u.least(p, house, 1, from, 0)
	}
}

// least takes in one level: the least of rooms / quantity; missing says what an untold count means.
func (u *units) least(p *Picture, l *level, quantity int64, from StayDate, missing word) {
	if l.plain() {
		u.leastNet(l.counts[Net], quantity, from, missing)
		return
	}
	for i := range u.rooms {
		n, k := l.at(p, from+StayDate(i))
		switch {
		case k == counts:
			u.rooms[i] = min(u.rooms[i], floorDiv(n, quantity))
		case k == broken:
			u.trouble[i] |= badCount
		default:
			u.trouble[i] |= missing
		}
	}
}

// leastNet is least for a net count without anything else, read in place.
func (u *units) leastNet(c *column, quantity int64, from StayDate, missing word) {
	if c == nil || c.a.len() == 0 {
		if missing != 0 {
			fill(u.trouble, missing)
		}
		return
	}
	for i := range u.rooms {
		v, ok := c.a.at(int(from-c.base) + i)
		switch {
		case !ok:
			u.trouble[i] |= missing
		case quantity == 1:
			u.rooms[i] = min(u.rooms[i], v)
		default:
			u.rooms[i] = min(u.rooms[i], floorDiv(v, quantity))
		}
	}
}

// at answers number i, false if there is none or i is outside.
func (n *nums) at(i int) (int64, bool) {
	if uint(i) >= uint(n.len()) {
		return 0, false
	}
	return n.get(i)
}

func floorDiv(n, q int64) int64 {
	d := n / q
	if n%q < 0 {
		d--
	}
	return d
}

// limited is what limits and caps make of one product's units on a range (S10).
type limited struct {
	offset, hold, bound []int64
	trouble             []word
}

func (l *limited) reset(n int) {
	l.offset, l.hold, l.bound = resize(l.offset, n), resize(l.hold, n), resize(l.bound, n)
	l.trouble = resize(l.trouble, n)
	clear(l.offset)
	clear(l.hold)
	clear(l.trouble)
	fill(l.bound, math.MaxInt64)
}

// take takes in one column of limits on [from, from+n).
func (l *limited) take(p *Picture, c *column, from StayDate) {
	kind := c.field.LimitKind()
	c.each(from, from+StayDate(len(l.bound))-1, p.stamps, func(f, t StayDate, state State, v Value) {
		if state != Told {
			return
		}
		for i := int(f - from); i <= int(t-from); i++ {
			switch kind {
			case Offset:
				l.offset[i] += v.A
			case HoldBack:
				l.hold[i] = max(l.hold[i], v.A)
			case Remaining:
				l.bound[i] = min(l.bound[i], v.A)
			case Total:
				l.total(p, c.scope, i, from+StayDate(i), v.A)
			}
		}
	})
}

// total takes in a total limit: it needs the sold count of the same rooms, over all rates and channels.
func (l *limited) total(p *Picture, s Scope, i int, d StayDate, v int64) {
	if s.Rates != AllRates || s.Channel != "" || s.Block != "" {
		l.trouble[i] = badCount
		return
	}
	sold, ok := p.eff.x.levels[Scope{Rooms: s.Rooms, Room: s.Room}].soldCount(p, d)
	if !ok {
		l.trouble[i] = badCount
		return
	}
	l.bound[i] = min(l.bound[i], v-sold)
}

// cap takes in a cap overlay.
func (l *limited) cap(o *Overlay, from StayDate) {
	for i := range l.bound {
		if o.Span.Covers(from + StayDate(i)) {
			l.bound[i] = min(l.bound[i], int64(o.Rooms))
		}
	}
}

// lay makes units what the limits leave of them.
func (l *limited) lay(u *units) {
	for i := range u.rooms {
		u.trouble[i] |= l.trouble[i]
		if u.trouble[i]&^pastCutoff == 0 {
			u.rooms[i] = min(u.rooms[i]+l.offset[i]-l.hold[i], l.bound[i])
		}
	}
}

// block makes u the rooms that a block has left for a room type on [from, from+n): the least of the told rows of the block and of every
// ancestor (S11). transient is what an elastic block may take beside them; nil if it is not elastic.
func (u *units) block(p *Picture, r *room, id string, from StayDate, n int, transient *units) {
	u.reset(n)
	for i := range u.rooms {
		d := from + StayDate(i)
		u.trouble[i] = noCount
		u.blockRows(p, r, id, i, d)
		if u.trouble[i]&noCount == 0 && transient != nil && transient.trouble[i] == 0 {
			u.rooms[i] += max(0, transient.rooms[i])
		}
	}
}

// blockRows takes in the rows of the block and its ancestors on one date. That the ancestors exist is asked by blockState.
func (u *units) blockRows(p *Picture, r *room, id string, i int, d StayDate) {
	own := true
	for range blockDepthMax {
		b := p.catalog.Blocks[id]
		if b == nil {
			return
		}
		cutoffTold := false
		for _, row := range p.eff.x.rowsOf(id, r) {
			if current, ok := row.told(BlockCurrent, d, p.stamps); ok {
				if limit, ok := row.told(BlockSellLimit, d, p.stamps); ok {
					current = min(current, limit)
				}
				picked, _ := row.told(BlockPickedUp, d, p.stamps)
				u.rooms[i] = min(u.rooms[i], current-picked)
				if own {
					u.trouble[i] &^= noCount
				}
			}
			if c, ok := row.told(BlockCutoff, d, p.stamps); ok {
				cutoffTold = true
				u.cutoff(p, i, StayDate(c))
			}
		}
		if !cutoffTold && b.Cutoff != nil {
			u.cutoff(p, i, *b.Cutoff)
		}
		if b.Parent == "" {
			return
		}
		own, id = false, b.Parent
	}
}

func (u *units) cutoff(p *Picture, i int, d StayDate) {
	if p.day > p.lastDay(d) {
		u.trouble[i] |= pastCutoff
	}
}

// blockDepthMax bounds how deep blocks lie within blocks: masters, sub-blocks and little more.
const blockDepthMax = 16

// rowsOf answers the grid rows of a block that hold rooms of a room type: its own, its class's, the property's.
func (x *index) rowsOf(id string, r *room) []*gridRow {
	b := x.blocks[id]
	if b == nil {
		return nil
	}
	rows := make([]*gridRow, 0, 3)
	for _, s := range [3]Scope{RoomScope(r.Code), {Rooms: RoomClassKind, Room: r.Class}, {}} {
		if row := b.rows[s]; row != nil && (s.Rooms != RoomClassKind || r.Class != "") {
			rows = append(rows, row)
		}
	}
	return rows
}

// blockState answers why nothing of a block can be sold at all: ReasonBlockUnknown, ReasonBlockClosed or "".
func (p *Picture) blockState(id string) string {
	b := p.catalog.Blocks[id]
	if b == nil {
		return ReasonBlockUnknown
	}
	if !b.OpenForPickup || b.cancelled() {
		return ReasonBlockClosed
	}
	for range blockDepthMax {
		if b.Parent == "" {
			return ""
		}
		if b = p.catalog.Blocks[b.Parent]; b == nil || b.cancelled() {
			return ReasonBlockClosed
		}
	}
	return ReasonBlockClosed // blocks that lie within one another
}
