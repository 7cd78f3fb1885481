package aritest

import (
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// judgeRooms finds the rooms left on every night (evaluation 4).
func (s *stay) judgeRooms() {
	if s.q.Block != "" {
		s.judgeBlock()
	}
	for _, d := range s.nights() {
		left, trouble := s.unitsOn(d)
		if trouble == "" && left < int64(s.q.Rooms) {
			trouble = ari.ReasonSoldOut
		}
		if trouble != "" {
			s.no(trouble, d)
		}
		s.units = append(s.units, max(0, left))
	}
}

// unitsOn answers the rooms left on a night, of the block or transient, or why that is not known.
func (s *stay) unitsOn(d ari.StayDate) (left int64, trouble string) {
	if s.q.Block == "" {
		return s.transientUnits(d)
	}
	left, rows := s.blockUnits(d)
	if !rows {
		return 0, ari.ReasonNoInventory
	}
	if s.catalog.blocks[s.q.Block].Elastic {
		transient := *s
		query := *s.q
		query.Block = ""
		transient.q = &query
		if units, trouble := transient.transientUnits(d); trouble == "" {
			left += max(0, units)
		}
	}
	return s.limit(left, d)
}

// transientUnits counts what the levels leave, and applies the limits.
func (s *stay) transientUnits(d ari.StayDate) (left int64, trouble string) {
	first := true
	for _, l := range s.catalog.levels(s.roomCode) {
		n, state := s.count(l.scope, d)
		switch {
		case state == countUnset && l.own:
			return 0, ari.ReasonNoInventory
		case state == countUnset:
			continue
		case state == countUnclear:
			trouble = ari.ReasonCannotEvaluate // but another own pool may be unset
		}
		n = floorDiv(n-s.blocksHold(l.scope, d)-s.holdsHold(l.scope, d), l.quantity)
		if first || n < left {
			left, first = n, false
		}
	}
	if trouble != "" {
		return 0, trouble
	}
	return s.limit(left, d)
}

func floorDiv(n, q int64) int64 {
	if n < 0 && n%q != 0 {
		return n/q - 1
	}
	return n / q
}

type countState int

const (
	countUnset countState = iota
	countTold
	countUnclear // told, but it cannot be evaluated
)

// count answers the count of a level on a date, before blocks and holds.
func (m *Model) count(level ari.Scope, d ari.StayDate) (int64, countState) {
	switch m.basis(level, d) {
	case basisUnset:
		return 0, countUnset
	case basisNet:
		net, _ := m.component(level, ari.Net, d)
		return net, countTold
	case basisUnclear:
		return 0, countUnclear
	}
	n, ok := m.component(level, ari.Physical, d)
	if !ok {
		return 0, countUnclear
	}
	minus := func(c ari.Component, keep bool) {
		if v, _ := m.component(level, c, d); !keep {
			n -= v
		}
	}
	policy := m.catalog.property.Counts
	minus(ari.OutOfOrder, false)
	minus(ari.OffMarket, false)
	minus(ari.HouseUse, false)
	minus(ari.SoldDefinite, false)
	minus(ari.SoldTentative, policy.KeepSoldTentative)
	minus(ari.BlockDefinite, policy.KeepBlockDefinite)
	minus(ari.BlockTentative, policy.KeepBlockTentative)
	minus(ari.OutOfService, policy.KeepOutOfService)
	over, _ := m.component(level, ari.Overbooking, d)
	return n + over, countTold
}

// component answers a count's component on a date; 0 and false if it is unset.
func (m *Model) component(level ari.Scope, c ari.Component, d ari.StayDate) (int64, bool) {
	v, ok := m.one(level, ari.Count(c), d)
	return v.A, ok
}

type basis int

const (
	basisUnset basis = iota
	basisNet
	basisCounts
	basisUnclear
)

// basis answers which kind of count was told last: net if its stamp is newer than or equal to every other told component's. Stamps from before
// a change of owner are reset, and of two of them it is not known which was last.
func (m *Model) basis(level ari.Scope, d ari.StayDate) basis {
	stamp := func(c ari.Component) *told { return m.lastSet(column{scope: level, field: ari.Count(c)}, d) }
	reset := func(t *told) bool { return t.countsEra < m.countsEra }
	_, netTold := m.component(level, ari.Net, d)
	answer := basisUnset
	if netTold {
		answer = basisNet
	}
	for c := ari.Physical; c < ari.ComponentEnd; c++ {
		if _, ok := m.component(level, c, d); !ok {
			continue
		}
		if !netTold {
			return basisCounts
		}
		net, other := stamp(ari.Net), stamp(c)
		switch {
		case reset(net) && reset(other):
			answer = basisUnclear
		case reset(other): // older than net
		case reset(net), other.order > net.order:
			return basisCounts
		}
	}
	return answer
}

// blocksHold answers the rooms that root blocks hold at a level on a date, where they are not out of the count already (S11).
func (m *Model) blocksHold(level ari.Scope, d ari.StayDate) int64 {
	if in := m.catalog.property.BlocksInCount; in == nil || *in {
		return 0
	}
	var held int64
	for id, b := range m.catalog.blocks {
		if b.Parent != "" || !b.Deducts || b.Status == "cancelled" {
			continue
		}
		for _, row := range m.gridRows(id) {
			if b.Release == "automatic" && m.pastCutoff(m.rowCutoff(id, row, d)) {
				continue
			}
			current, _ := m.one(row, ari.BlockField(ari.BlockCurrent), d)
			pickedUp, _ := m.one(row, ari.BlockField(ari.BlockPickedUp), d)
			held += max(0, current.A-pickedUp.A) * m.weight(row, level)
		}
	}
	return held
}

// gridRows answers the scopes at which the block's current rooms were told, on whatever date.
func (m *Model) gridRows(block string) []ari.Scope {
	var rows []ari.Scope
	for _, c := range m.columns(ari.BlockField(ari.BlockCurrent), func(s ari.Scope) bool { return s.Block == block }) {
		rows = append(rows, c.scope)
	}
	return rows
}

// weight answers how many rooms of a level one room at a row's scope takes: a room type's row counts at its pools, class and property, a
// class's at class and property, a property's at the property.
func (m *Model) weight(row, level ari.Scope) int64 {
	switch {
	case row.Rooms == ari.RoomTypeKind:
		if _, ok := m.catalog.rooms[row.Room]; !ok {
			return 0
		}
		for _, l := range m.catalog.levels(row.Room) {
			if l.scope == level {
				return l.quantity
			}
		}
		return 0
	case row.Rooms == level.Rooms && row.Room == level.Room, level.Rooms == ari.AllRooms:
		return 1
	}
	return 0
}

// rowCutoff answers the cutoff of a grid row on a date: its own if told, else the header's; nil if there is none.
func (m *Model) rowCutoff(block string, row ari.Scope, d ari.StayDate) *ari.StayDate {
	if v, ok := m.one(row, ari.BlockField(ari.BlockCutoff), d); ok {
		own := ari.StayDate(v.A)
		return &own
	}
	return m.catalog.blocks[block].Cutoff
}

// pastCutoff tells whether the picture's day is after the last day held.
func (m *Model) pastCutoff(cutoff *ari.StayDate) bool {
	if cutoff == nil {
		return false
	}
	lastHeld := *cutoff
	if m.catalog.property.CutoffReleasesOnDate {
		lastHeld--
	}
	return m.day > lastHeld
}

// holdsHold answers the rooms of sales in progress, and of confirmed ones that no count has taken over, at a level on a date (S4).
func (m *Model) holdsHold(level ari.Scope, d ari.StayDate) int64 {
	var held int64
	for _, o := range m.overlays {
		if o.Kind == ari.Hold && o.Span.Covers(d) && !o.taken[ari.LevelDate{Level: level, Date: d}] {
			held += int64(o.Rooms) * m.weight(o.Scope, level)
		}
	}
	return held
}

// limit applies limits and caps to the rooms left (S10). Those of a block's sale are told at the block's scopes.
func (s *stay) limit(left int64, d ari.StayDate) (int64, string) {
	covered := s.inherited(func(i ari.Inherit) bool { return i.Limits })
	for _, v := range s.values(ari.Limit(ari.Offset), d, covered) {
		left += v.A
	}
	var holdBack int64
	for _, v := range s.values(ari.Limit(ari.HoldBack), d, covered) {
		holdBack = max(holdBack, v.A)
	}
	left -= holdBack
	for _, v := range s.values(ari.Limit(ari.Remaining), d, covered) {
		left = min(left, v.A)
	}
	for _, o := range s.overlaysOn(ari.Cap, d) {
		left = min(left, int64(o.Rooms))
	}
	for _, c := range s.columns(ari.Limit(ari.Total), covered) {
		total, ok := s.value(c, d)
		if !ok {
			continue
		}
		sold, known := s.sold(c.scope, d)
		if !known {
			return 0, ari.ReasonCannotEvaluate
		}
		left = min(left, total.A-sold)
	}
	return left, ""
}

// sold answers the sold rooms that a total at the scope needs; false if they are not known.
func (s *stay) sold(x ari.Scope, d ari.StayDate) (int64, bool) {
	rooms := ari.Scope{Rooms: x.Rooms, Room: x.Room}
	if x != rooms || s.basis(rooms, d) != basisCounts {
		return 0, false
	}
	return s.component(rooms, ari.SoldDefinite, d)
}

// judgeBlock looks at what is asked of a block as such: open, not cancelled, cutoffs.
func (s *stay) judgeBlock() {
	if !s.catalog.blocks[s.q.Block].OpenForPickup {
		s.without(ari.ReasonBlockClosed)
	}
	for _, id := range s.blockChain() {
		if b, ok := s.catalog.blocks[id]; !ok || b.Status == "cancelled" {
			s.without(ari.ReasonBlockClosed)
		}
		for _, d := range s.nights() {
			if slices.ContainsFunc(s.cutoffs(id, d), s.pastCutoff) {
				s.no(ari.ReasonBlockCutoff, d)
			}
		}
	}
}

// blockChain answers the block, its parent, its parent's parent ...
func (s *stay) blockChain() []string {
	var chain []string
	for id := s.q.Block; id != "" && !slices.Contains(chain, id); id = s.catalog.blocks[id].Parent {
		chain = append(chain, id)
	}
	return chain
}

// rowsFor answers the scopes at which a block's grid may speak of the room type: its own, its class's, the property's.
func (s *stay) rowsFor(block string) []ari.Scope {
	rows := []ari.Scope{{Rooms: ari.RoomTypeKind, Room: s.roomCode, Block: block}, {Block: block}}
	if s.room.Class != "" {
		rows = append(rows, ari.Scope{Rooms: ari.RoomClassKind, Room: s.room.Class, Block: block})
	}
	return rows
}

// cutoffs answers the cutoffs of a block that hold for the room type on a date: those told in the grid, else the header's.
func (s *stay) cutoffs(block string, d ari.StayDate) []*ari.StayDate {
	var out []*ari.StayDate
	for _, row := range s.rowsFor(block) {
		if v, ok := s.one(row, ari.BlockField(ari.BlockCutoff), d); ok {
			c := ari.StayDate(v.A)
			out = append(out, &c)
		}
	}
	if len(out) == 0 {
		out = append(out, s.catalog.blocks[block].Cutoff)
	}
	return out
}

// blockUnits answers what the grids of the block and its ancestors leave on a night, and whether the block's own has a row.
func (s *stay) blockUnits(d ari.StayDate) (left int64, rows bool) {
	first := true
	for _, id := range s.blockChain() {
		for _, row := range s.rowsFor(id) {
			current, ok := s.one(row, ari.BlockField(ari.BlockCurrent), d)
			if !ok {
				continue
			}
			n := current.A
			if bound, ok := s.one(row, ari.BlockField(ari.BlockSellLimit), d); ok {
				n = min(n, bound.A)
			}
			pickedUp, _ := s.one(row, ari.BlockField(ari.BlockPickedUp), d)
			n -= pickedUp.A
			if first || n < left {
				left, first = n, false
			}
			rows = rows || id == s.q.Block
		}
	}
	return left, rows
}
