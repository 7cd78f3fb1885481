package ari

import (
	"slices"
	"time"
)

// effective holds what is sold: the values that follow from source cells, catalog and overlays (S4), flattened per product and computed
// when these change, not when they are asked for (S34).
//
// Words lie date-major, so that a query for all products of a property reads few consecutive lines. They cover the dates on which a rate
// or count is told; beyond them nothing is sellable, and what explain wants to know is computed as it asks. The sale of a block, seldom
// asked and different for each block, is computed from its index as it is asked too.
type effective struct {
	x    *index
	day  StayDate
	zone *time.Location

	base  StayDate
	days  int
	words []word      // [date][product]
	rare  [][]rareRun // by product
	rates [][]series  // by product, rising by field

	quotes []quote
	sides  []uint8 // by product: on which sides there may be an amount for adults

	stale   bool    // columns came before there was an index
	relink  []int32 // products whose rates have new columns
	pending []Touch // of overlays laid and removed since the last refresh
	sc      scratch
}

// rareRun is the rare items of a product on consecutive dates: restrictions that words cannot hold, floors, units beyond unitsField.
type rareRun struct {
	from, to StayDate
	items    []rareItem
}

// rareItem is one of them. Field is a restriction's, or one of the two below.
type rareItem struct {
	field Field
	value Value
}

const (
	itemUnits = Field(FamilyCount << 24) // A: rooms
	itemFloor = Field(0xfe000000)        // A: amount; Form: side
)

// lane is words and rare items of one product on consecutive dates.
type lane struct {
	from  StayDate
	words []word
	rare  []rareRun
}

func (l *lane) covers(d StayDate) bool { return d >= l.from && d < l.from+StayDate(len(l.words)) }

func newEffective() *effective { return &effective{stale: true} }

// columnAdded is told of each new column.
func (e *effective) columnAdded(p *Picture, c *column) {
	if e.stale || e.x.catalog != p.catalog {
		e.stale = true
		return
	}
	e.x.add(c)
	if i := e.x.productOf(c.scope); i >= 0 && c.field.Family() == FamilyRate && c.scope.Block == "" {
		e.relink = append(e.relink, i)
	}
}

// putOverlay lays, changes (o) or removes (nil) an overlay; the next refresh sees it. Fold changes overlays by no other way.
func (p *Picture) putOverlay(id string, o *Overlay) {
	old := p.overlays[id]
	if o == nil {
		delete(p.overlays, id)
	} else {
		p.overlays[id] = o
	}
	e := p.eff
	if e.stale || e.x.catalog != p.catalog {
		e.stale = true
		return
	}
	for _, x := range []*Overlay{old, o} {
		if x == nil {
			continue
		}
		s := x.Scope
		if x.Kind == Hold {
			s = Scope{Rooms: s.Rooms, Room: s.Room}
		}
		e.pending = append(e.pending, Touch{s, x.Span.From, x.Span.To})
	}
	if old != nil {
		e.x.dropOverlay(old)
	}
	if o != nil {
		e.x.addOverlay(o)
	}
}

// horizon answers the first and last date of the picture (S26).
func (p *Picture) horizon() (first, last StayDate) {
	return p.day - HorizonPast, p.day + HorizonFuture
}

// rebuild computes everything.
func (e *effective) rebuild(p *Picture) {
	e.x = newIndex(p)
	e.day, e.zone, e.stale = p.day, p.zone, false
	e.relink, e.pending = nil, nil
	n := len(e.x.products)
	first, last := e.reach(p)
	e.base, e.days = first, int(last-first)+1
	e.words = make([]word, e.days*n)
	e.rare = make([][]rareRun, n)
	e.rates = make([][]series, n)
	e.quotes, e.sides = nil, make([]uint8, n)
	e.linkAll(p)
	if e.days == 0 {
		return
	}
	e.chooseQuotes()
	for r := range e.x.rooms {
		e.sc.units.of(p, &e.x.rooms[r], first, e.days)
		for i := e.x.rooms[r].from; i < e.x.rooms[r].to; i++ {
			e.fill(p, int32(i), first, e.days)
		}
	}
	for _, v := range e.x.views {
		for i, m := range v.of {
			if v.channel != "" && !m.empty() {
				e.layLane(p, v, int32(i), first, last)
			}
		}
	}
	e.sc = scratch{} // sized for a whole horizon; refreshes need little
}

// reach answers the dates that words must cover: those on which a rate or a count is told, and one more for departures. last < first if
// there are none.
func (e *effective) reach(p *Picture) (first, last StayDate) {
	low, high := p.horizon()
	first, last = high+1, low-1
	for _, c := range p.columns {
		if !c.dense || c.empty() {
			continue
		}
		if len(c.standing) > 0 {
			return low, high
		}
		first = min(first, max(low, c.base))
		last = max(last, min(high, c.base+StayDate(len(c.stamps))))
	}
	if last < first {
		return low, low - 1
	}
	return first, last
}

// fill computes the words and rare items of a product on [from, from+n) of the base. sc.units holds its room type's.
func (e *effective) fill(p *Picture, i int32, from StayDate, n int) {
	words, rare := e.sc.compute(p, e.x.views[""].of[i], nil, e.plan(i), from, n)
	at, step := int(from-e.base)*len(e.x.products)+int(i), len(e.x.products)
	for _, w := range words {
		e.words[at] = w
		at += step
	}
	e.rare[i] = spliceRare(e.rare[i], from, from+StayDate(n)-1, rare)
}

func (e *effective) plan(i int32) *plan { return &e.x.plans[e.x.products[i].plan] }
func (e *effective) room(i int32) *room { return &e.x.rooms[e.x.products[i].room] }

// spliceRare puts new runs in place of what was on [from, to].
func spliceRare(runs []rareRun, from, to StayDate, put []rareRun) []rareRun {
	if len(runs) == 0 && len(put) == 0 {
		return runs
	}
	out := make([]rareRun, 0, len(runs)+len(put)+1)
	k := 0
	for ; k < len(runs) && runs[k].from < from; k++ {
		out = append(out, rareRun{runs[k].from, min(runs[k].to, from-1), runs[k].items})
		if runs[k].to >= from {
			break // it may reach beyond to as well
		}
	}
	out = append(out, put...)
	for ; k < len(runs); k++ {
		if runs[k].to > to {
			out = append(out, rareRun{max(runs[k].from, to+1), runs[k].to, runs[k].items})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// rareOn answers the items of a date.
func rareOn(runs []rareRun, d StayDate) []rareItem {
	k, ok := slices.BinarySearchFunc(runs, d, func(r rareRun, d StayDate) int {
		switch {
		case r.to < d:
			return -1
		case r.from > d:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return runs[k].items
}

// layLane computes what a channel's lane holds for a product: the stretch of [from, to] on which its members say something.
func (e *effective) layLane(p *Picture, v *view, i int32, from, to StayDate) {
	l := v.lanes[i]
	first, last := e.said(p, v.of[i])
	first, last = max(first, e.base), min(last, e.base+StayDate(e.days)-1)
	if last < first {
		v.lanes[i] = nil
		return
	}
	if l == nil || first != l.from || last != l.from+StayDate(len(l.words))-1 {
		l = &lane{from: first, words: make([]word, last-first+1)}
		v.lanes[i] = l
		from, to = first, last
	}
	from, to = max(from, first), min(to, last)
	if to < from {
		return
	}
	n := int(to-from) + 1
	e.sc.units.of(p, e.room(i), from, n)
	words, rare := e.sc.compute(p, e.x.views[""].of[i], v.of[i], e.plan(i), from, n)
	copy(l.words[from-l.from:], words)
	l.rare = spliceRare(l.rare, from, to, rare)
}

// said answers the dates on which members may say something; last < first if none.
func (e *effective) said(p *Picture, m *members) (first, last StayDate) {
	first, last = DateMax, DateMin
	if m == nil {
		return first, last
	}
	for _, list := range [][]*column{m.restrictions, m.limits, m.unknown, m.opens} {
		for _, c := range list {
			if len(c.runs) > 0 {
				first, last = min(first, c.runs[0].from), max(last, c.runs[len(c.runs)-1].to)
			}
			for i := range c.standing {
				first, last = min(first, c.standing[i].span.From), max(last, c.standing[i].span.To)
			}
		}
	}
	for _, o := range m.overlays {
		first, last = min(first, o.Span.From), max(last, o.Span.To)
	}
	return first, last
}
