package ari

// touches answers where effective values may differ after the entry: what its columns change, and what its other parts reach.
func (j *trial) touches(columns []ColumnChange) []Touch {
	var out []Touch
	for i := range columns {
		c := &columns[i]
		from, to, ok := c.changed()
		if c.Field.Family() == FamilyCount && len(c.Runs) > 0 && j.bothBases(c.Scope) {
			from, to, ok = c.Runs[0].From, c.Runs[len(c.Runs)-1].To, true
		}
		if ok {
			out = j.addTouch(out, c, from, to)
		}
	}
	for _, t := range j.touched {
		out = joinTouch(out, t)
	}
	return out
}

// bothBases tells whether net and another component were told of a count: then a stamp that moves may change the basis, though no value does.
func (j *trial) bothBases(s Scope) bool {
	if !j.known(columnKey{scope: s, field: Count(Net)}) {
		return false
	}
	for c := Net + 1; c < ComponentEnd; c++ {
		if j.known(columnKey{scope: s, field: Count(c)}) {
			return true
		}
	}
	return false
}

// changed answers the first and last date on which a value changes.
func (c *ColumnChange) changed() (from, to StayDate, ok bool) {
	for i := range c.Runs {
		r := &c.Runs[i]
		if !r.Changes() {
			continue
		}
		if !ok {
			from, ok = r.From, true
		}
		to = r.To
	}
	return from, to, ok
}

// addTouch appends what a column's change reaches: of counts of a pool, every room type that draws on it; of a block's numbers, its own sale
// and, since it may deduct, all rooms.
func (j *trial) addTouch(out []Touch, c *ColumnChange, from, to StayDate) []Touch {
	switch c.Field.Family() {
	case FamilyCount:
		if c.Scope.Rooms == AllRooms || c.Scope.Rooms == RoomClassKind {
			break
		}
		for _, code := range j.catalog.drawers(c.Scope.Room) {
			out = joinTouch(out, Touch{RoomScope(code), from, to})
		}
		return out
	case FamilyBlock:
		out = joinTouch(out, Touch{Scope{}, from, to})
	}
	return joinTouch(out, Touch{c.Scope, from, to})
}

// drawers answers the room types whose count is that of a pool or room type code.
func (c *Catalog) drawers(code string) []string {
	var out []string
	for _, r := range c.RoomCodes {
		t := c.RoomTypes[r]
		draws := r == code // even if it draws on other pools: a total limit looks at its own count
		for _, u := range t.Pools {
			draws = draws || u.Pool == code
		}
		if draws {
			out = append(out, r)
		}
	}
	return out
}

// joinTouch appends t, or makes one of the last ones wider if its scope is the same and the dates meet.
func joinTouch(out []Touch, t Touch) []Touch {
	for i := len(out) - 1; i >= max(0, len(out)-touchesBack); i-- {
		if o := &out[i]; o.Scope == t.Scope && t.From <= o.To+1 && o.From <= t.To+1 {
			o.From, o.To = min(o.From, t.From), max(o.To, t.To)
			return out
		}
	}
	return append(out, t)
}

// touchesBack is how far joinTouch looks back: fields of one scope come together.
const touchesBack = 4
