package ari

import "slices"

// screen judges all products of the property by their words at once: a night of a product is one addition, and what carries into a guard
// bit, or meets a flag, is not sellable. It leaves in m.words what stands against each product, and answers false where words cannot
// tell: stays longer than they hold, dates they do not cover, the sale of a block.
func (m *sellMemory) screen(p *Picture) bool {
	s, e := &m.ask, p.eff
	at := int(s.Arrival - e.base)
	if s.Block != "" || s.Nights > losHot || at < 0 || at+s.Nights >= e.days {
		return false
	}
	n := len(e.x.products)
	night, arrival := demand(s.Nights, s.Rooms)
	m.words = resize(m.words, n)
	against := m.words
	row := e.words[at*n : at*n+n]
	for i, w := range row {
		against[i] = (w + arrival) & maskArrival
	}
	for k := 1; k < s.Nights; k++ {
		row = e.words[(at+k)*n : (at+k)*n+n]
		for i, w := range row {
			against[i] |= (w + night) & maskNight
		}
	}
	row = e.words[(at+s.Nights)*n : (at+s.Nights)*n+n]
	for i, w := range row {
		against[i] |= w & maskDepart
	}
	if v := e.x.views[s.Channel]; v != nil && s.Channel != "" {
		m.screenLanes(e, v, night, arrival)
	}
	return true
}

// screenLanes judges anew the products that the channel has cells of its own for.
func (m *sellMemory) screenLanes(e *effective, v *view, night, arrival word) {
	c := cells{e: e}
	for i, l := range v.lanes {
		if l == nil || m.ask.depart < l.from || m.ask.Arrival >= l.from+StayDate(len(l.words)) {
			continue
		}
		c.i, c.lane = int32(i), l
		against := (c.word(m.ask.Arrival) + arrival) & maskArrival
		for d := m.ask.Arrival + 1; d < m.ask.depart; d++ {
			against |= (c.word(d) + night) & maskNight
		}
		m.words[i] = against | c.word(m.ask.depart)&maskDepart
	}
}

// sellScreened answers the sellable offers among those that the words let pass. Where rare items have a say, or prices are not plain, the
// judge decides.
func (m *sellMemory) sellScreened(p *Picture, a *Answer) {
	s, x := &m.ask, p.eff.x
	if s.Arrival < s.business || s.beyond() {
		return
	}
	m.screenPlans(x)
	for r := range x.rooms {
		rm := &x.rooms[r]
		if rm.Inactive || !s.roomAsked(rm.Code) || !s.fitsRoom(rm.RoomType) {
			continue
		}
		for i := rm.from; i < rm.to; i++ {
			against, n := m.words[i], int(x.products[i].plan)
			if against&^rareAny != 0 || !s.plans[n] {
				continue
			}
			if against != 0 || !m.sellPlain(p, a, int32(i)) {
				m.offer(p, a, r, n)
			}
		}
	}
}

// screenPlans judges what concerns a plan alone.
func (m *sellMemory) screenPlans(x *index) {
	s := &m.ask
	s.plans = resize(s.plans, len(x.plans))
	for n := range x.plans {
		r := x.plans[n].RatePlan
		s.plans[n] = !r.Inactive && s.planAsked(r.Code) && s.visible(r) && s.sellWindow(r) &&
			stayWindow(r, s.Arrival) && stayWindow(r, s.depart-1) && s.fitsPlan(r)
	}
}

// sellPlain answers a sellable offer of plain prices: adults only, the very number told on every night, no zero, 4-byte columns, whole in
// the totals' unit as they come. It answers false for all else, and then nothing is offered.
func (m *sellMemory) sellPlain(p *Picture, a *Answer, i int32) bool {
	e, s := p.eff, &m.ask
	pl := e.plan(i)
	if !pl.plain || len(s.kids) > 0 || !s.NoNights {
		return false
	}
	list := e.rates[i]
	k, ok := slices.BinarySearchFunc(list, AdultsField(s.adults), func(s series, f Field) int { return int(int64(s.field) - int64(f)) })
	if !ok || s.adults > 31 {
		return false
	}
	at := int(s.Arrival - *list[k].base)
	before, known1, ok1 := list[k].a.sumPlain(at, s.Nights)
	after, known2, ok2 := list[k].b.sumPlain(at, s.Nights)
	if !ok1 || !ok2 || !known1 && !known2 {
		return false
	}
	times := int64(s.Rooms)
	if pl.PerPerson {
		times *= int64(s.adults)
	}
	o := a.next()
	o.Room, o.Plan, o.Sellable = e.room(i).Code, pl.Code, true
	if known1 {
		o.Total.Form, o.Total.Before = SideBefore, Amount(before*times).RoundTo(pl.totalStep)
	}
	if known2 {
		o.Total.Form, o.Total.After = o.Total.Form|SideAfter, Amount(after*times).RoundTo(pl.totalStep)
	}
	o.Left = m.leastUnits(e, i)
	return true
}

// sumPlain adds n numbers from i. known is false if there are none at all; ok is false if they are not plain: one is missing or 0, or the
// column is wide.
func (n *nums) sumPlain(i, count int) (sum int64, known, ok bool) {
	if n.n32 == nil {
		return 0, false, n.n64 == nil
	}
	if i < 0 || i+count > len(n.n32) {
		return 0, false, false
	}
	for _, v := range n.n32[i : i+count] {
		if v == none32 || v == 0 {
			return 0, false, false
		}
		sum += int64(v)
	}
	return sum * n.scale, true, true // at most 126 nights x 2^31 x 100, x 9,999 rooms x 31 adults: within 63 bits
}

// leastUnits answers the rooms left for the whole stay.
func (m *sellMemory) leastUnits(e *effective, i int32) int {
	c := cells{e: e, i: i}
	if v := e.x.views[m.ask.Channel]; v != nil {
		c.lane = v.lanes[i]
	}
	left := unitsField
	for d := m.ask.Arrival; d < m.ask.depart; d++ {
		left = min(left, c.word(d).units())
	}
	return left
}

// word answers the word of a date.
func (c *cells) word(d StayDate) word {
	if c.lane != nil && c.lane.covers(d) {
		return c.lane.words[d-c.lane.from]
	}
	return c.e.words[int(d-c.e.base)*len(c.e.x.products)+int(c.i)]
}
