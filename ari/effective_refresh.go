package ari

// refresh recomputes what the touches reach, those of overlays included: the products a scope covers, plans derived from them, room types
// that share their rooms, in all channels.
func (e *effective) refresh(p *Picture, touched []Touch) {
	if e.stale || e.x.catalog != p.catalog || e.day != p.day || e.zone != p.zone {
		e.rebuild(p)
		return
	}
	if len(e.pending) > 0 {
		touched = append(e.pending, touched...)
	}
	for _, t := range touched {
		e.extend(p, t)
	}
	for _, i := range e.relink {
		e.linkFrom(p, i)
	}
	if len(e.relink) > 0 {
		e.chooseQuotes()
	}
	for _, t := range touched {
		e.touch(p, t)
	}
	e.pending, e.relink = e.pending[:0], e.relink[:0]
}

// extend makes the words cover the dates of a touch; what is new is computed for every product.
func (e *effective) extend(p *Picture, t Touch) {
	low, high := p.horizon()
	first, last := e.base, e.base+StayDate(e.days)-1
	if t.From == DateMin || t.To == DateMax {
		if a, b := e.reach(p); b >= a {
			first, last = min(first, a), max(last, b)
		}
		if e.days == 0 {
			first, last = e.reach(p)
		}
	} else if from, to := max(t.From, low), min(t.To+1, high); from <= to {
		first, last = min(first, from), max(last, to)
		if e.days == 0 {
			first, last = from, to
		}
	}
	if e.days == 0 {
		e.base = first
	}
	if before, after := int(e.base-first), int(last-first)+1-e.days-int(e.base-first); before > 0 || after > 0 {
		e.grow(p, first, before, after)
	}
}

// grow adds dates before and after.
func (e *effective) grow(p *Picture, first StayDate, before, after int) {
	n := len(e.x.products)
	e.words = longer(e.words, before*n, after*n, daysAhead*n)
	e.growQuotes(before, after)
	old, oldEnd := e.base, e.base+StayDate(e.days)
	e.base, e.days = first, before+e.days+after
	if before > 0 {
		e.all(p, first, old-1)
	}
	if after > 0 {
		e.all(p, oldEnd, oldEnd+StayDate(after)-1)
	}
}

func (e *effective) all(p *Picture, from, to StayDate) { e.touch(p, Touch{From: from, To: to}) }

// touch recomputes what one touch reaches.
func (e *effective) touch(p *Picture, t Touch) {
	from, to := max(t.From, e.base), min(t.To, e.base+StayDate(e.days)-1)
	if to < from {
		return
	}
	rooms := e.roomsTouched(t.Scope)
	if t.Scope.Block != "" && (t.Scope.Rates != AllRates || blocksIn(p)) {
		return // the sale of a block is computed when it is asked
	}
	plans := e.x.planSet(t.Scope, func(*plan) bool { return true })
	for r, hit := range rooms {
		if hit {
			e.touchRoom(p, r, plans, t.Scope.Channel, from, to)
		}
	}
}

func blocksIn(p *Picture) bool {
	in := p.catalog.Property.BlocksInCount
	return in == nil || *in
}

func (e *effective) touchRoom(p *Picture, r int, plans []int32, channel string, from, to StayDate) {
	fresh := false
	for _, n := range plans {
		i := e.x.pair(r, int(n))
		if i < 0 {
			continue
		}
		if channel == "" {
			if !fresh {
				e.sc.units.of(p, &e.x.rooms[r], from, int(to-from)+1)
				fresh = true
			}
			e.fill(p, i, from, int(to-from)+1)
			e.derive(p, i, from, to)
			e.quoteOn(i, from, to)
		}
	}
	for _, v := range e.x.views {
		if v.channel == "" || channel != "" && v.channel != channel {
			continue
		}
		for _, n := range plans {
			if i := e.x.pair(r, int(n)); i >= 0 && v.of[i] != nil {
				e.layLane(p, v, i, from, to)
			}
		}
	}
}

// roomsTouched marks the room types that a scope reaches: those it names; with all rates, where it may speak of rooms, those that share
// them too.
func (e *effective) roomsTouched(s Scope) []bool {
	hit := make([]bool, len(e.x.rooms))
	e.x.eachRoom(s, func(r int) { hit[r] = true })
	if s.Rates != AllRates || s.Rooms == AllRooms {
		return hit
	}
	if s.Rooms == PoolKind || s.Rooms == RoomTypeKind {
		e.share(hit, e.x.levels[s.rooms()])
		for r, h := range append([]bool(nil), hit...) {
			for k := 0; h && k < len(e.x.rooms[r].pools); k++ {
				e.share(hit, e.x.rooms[r].pools[k].level)
			}
		}
	}
	e.shareUp(hit)
	return hit
}

// rooms answers the scope of the same rooms alone.
func (s Scope) rooms() Scope { return Scope{Rooms: s.Rooms, Room: s.Room} }

// share marks the room types that draw on a pool.
func (e *effective) share(hit []bool, l *level) {
	for r := range e.x.rooms {
		for _, u := range e.x.rooms[r].pools {
			hit[r] = hit[r] || l != nil && u.level == l
		}
	}
}

// shareUp marks the room types that share a class or the house with one that is marked, where holds or blocks may count at these too.
func (e *effective) shareUp(hit []bool) {
	if e.x.house().counted() {
		for r := range hit {
			hit[r] = true
		}
		return
	}
	for r := range e.x.rooms {
		if c := e.x.rooms[r].class; hit[r] && c.counted() {
			for k := range e.x.rooms {
				hit[k] = hit[k] || e.x.rooms[k].class == c
			}
		}
	}
}

// counted tells whether anything is told at the level.
func (l *level) counted() bool {
	if l == nil {
		return false
	}
	for _, c := range l.counts {
		if c != nil && !c.empty() {
			return true
		}
	}
	return false
}
