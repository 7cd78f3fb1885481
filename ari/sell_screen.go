package ari

// screen judges all products of the property by their words at once: a night of a product is one addition, and what carries into a guard
// bit, or meets a flag, is not sellable. It leaves in m.words what stands against each product, and answers false where words cannot
// tell: stays longer than they hold, dates they do not cover, the sale of a block.
func (m *sellMemory) screen(p *Picture) bool {
	s, e := &m.ask, p.eff
	at := int(s.Arrival - e.base)
	if s.Block != "" || s.Nights > losHot || at < 0 || at+s.Nights >= e.days {
		return false
	}
	night, arrival := demand(s.Nights, s.Rooms)
	m.start(len(e.x.products))
	m.firstNight(e.row(at), arrival)
	for k := 1; k < s.Nights; k++ {
		m.nextNight(e.row(at+k), night)
	}
	m.departure(e.row(at + s.Nights))
	if v := e.x.views[s.Channel]; v != nil && s.Channel != "" {
		m.screenLanes(e, v, night, arrival)
	}
	m.sum(e, at)
	return true
}

func (m *sellMemory) firstNight(row []word, demand word) {
	against, short := m.against[:len(row)], m.short[:len(row)]
	for i, w := range row {
		against[i] = (w + demand) & maskArrival
		short[i] = uint16(w >> shortBy)
	}
}

func (m *sellMemory) nextNight(row []word, demand word) {
	against, short := m.against[:len(row)], m.short[:len(row)]
	for i, w := range row {
		against[i] |= (w + demand) & maskNight
		short[i] = max(short[i], uint16(w>>shortBy))
	}
}

func (m *sellMemory) departure(row []word) {
	against := m.against[:len(row)]
	for i, w := range row {
		against[i] |= w & maskDepart
	}
}

// row answers the words of date number at for all products.
func (e *effective) row(at int) []word {
	n := len(e.x.products)
	return e.words[at*n : at*n+n]
}

// start makes room for n products.
func (m *sellMemory) start(n int) {
	m.against, m.short = resize(m.against, n), resize(m.short, n)
	for k := range sides {
		m.sums[k], m.odd[k] = resize(m.sums[k], n), resize(m.odd[k], n)
	}
}

// sum adds the quotes of the nights. Products with an amount that is not plain, or on a side that is not quoted, become odd.
func (m *sellMemory) sum(e *effective, at int) {
	adults, n := m.ask.adults, len(e.x.products)
	m.quoted = 0
	if adults > 31 || len(m.ask.kids) > 0 {
		return
	}
	for k, side := range sides {
		q := e.quoteFor(adults, side)
		if q == nil {
			continue
		}
		m.quoted |= side
		clear(m.sums[k])
		clear(m.odd[k])
		for d := range m.ask.Nights {
			addQuotes(m.sums[k], m.odd[k], q.n[(at+d)*n:(at+d)*n+n])
		}
	}
}

// addQuotes adds a date's quotes; odd gets the sign of one that is notPlain.
func addQuotes(sums []int64, odd, row []int32) {
	sums, odd = sums[:len(row)], odd[:len(row)]
	for i, v := range row {
		sums[i] += int64(v)
		odd[i] |= v
	}
}

// screenLanes judges anew the products that the channel has cells of its own for.
func (m *sellMemory) screenLanes(e *effective, v *view, night, arrival word) {
	c := cells{e: e}
	for i, l := range v.lanes {
		if l == nil || m.ask.depart < l.from || m.ask.Arrival >= l.from+StayDate(len(l.words)) {
			continue
		}
		c.i, c.lane = int32(i), l
		w := c.word(m.ask.Arrival)
		against, short := (w+arrival)&maskArrival, uint16(w>>shortBy)
		for d := m.ask.Arrival + 1; d < m.ask.depart; d++ {
			w = c.word(d)
			against |= (w + night) & maskNight
			short = max(short, uint16(w>>shortBy))
		}
		m.against[i] = against | c.word(m.ask.depart)&maskDepart
		m.short[i] = short
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
		if rm.Inactive || !s.roomAsked(rm.Code) {
			continue
		}
		if !s.fitsRoom(rm.RoomType) {
			m.sellToPayers(p, a, r)
			continue
		}
		for i := rm.from; i < rm.to; i++ {
			against, n := m.against[i], int(x.products[i].plan)
			if against&^rareAny != 0 || !s.plans[n] {
				continue
			}
			if against != 0 || !m.sellPlain(p.eff, a, rm, &x.plans[n], int32(i)) {
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
		if x.plans[n].unbound {
			s.plans[n] = s.planAsked(r.Code)
			continue
		}
		s.plans[n] = !r.Inactive && s.planAsked(r.Code) && s.visible(r) && s.sellWindow(r) &&
			stayWindow(r, s.Arrival) && stayWindow(r, s.depart-1) && s.fitsPlan(r) && s.guestsFit(r.Guests)
	}
}

// sellPlain answers a sellable offer from the sums of quotes. It answers false, and offers nothing, where they do not tell the price.
func (m *sellMemory) sellPlain(e *effective, a *Answer, rm *room, pl *plan, i int32) bool {
	s, form := &m.ask, e.sides[i]
	if pl.fromBase && s.adults > pl.baseIn(rm) {
		return false // the extras count from the base, whatever is told
	}
	if form == 0 || m.quoted == 0 && !m.sumSeries(e, i, form) || m.quoted != 0 && !m.summed(i, form) {
		return false
	}
	times := int64(s.Rooms) * quoteUnit
	if pl.PerPerson {
		times *= int64(s.adults)
	}
	o := a.next()
	o.Room, o.Plan, o.Sellable, o.Total.Form = rm.Code, pl.Code, true, form
	if form&SideBefore != 0 {
		o.Total.Before = pl.roundTotal(m.sums[0][i] * times)
	}
	if form&SideAfter != 0 {
		o.Total.After = pl.roundTotal(m.sums[1][i] * times) // at most 126 nights x 2^31 x 100 x 9,999 rooms x 31 adults: 63 bits
	}
	o.Left = unitsField - int(m.short[i])
	if !s.NoNights {
		m.plainNights(e, i, o, times/int64(s.Rooms))
	}
	return true
}

// summed tells whether the quotes of a product tell its price on all sides of the form.
func (m *sellMemory) summed(i int32, form uint8) bool {
	return form&^m.quoted == 0 && (form&SideBefore == 0 || m.odd[0][i] >= 0) && (form&SideAfter == 0 || m.odd[1][i] >= 0)
}

// sumSeries sums the nights of one product from its series, for a number of adults that is not quoted: all sides of the form, or it answers
// false.
func (m *sellMemory) sumSeries(e *effective, i int32, form uint8) bool {
	s := &m.ask
	if !e.plan(i).plain || s.adults > 31 || len(s.kids) > 0 || !s.NoNights {
		return false
	}
	told := findSeries(e.rates[i], AdultsField(s.adults))
	if told == nil {
		return false
	}
	at := int(s.Arrival - *told.base)
	for k, n := range [2]*nums{told.a, told.b} {
		if form&sides[k] == 0 {
			continue
		}
		sum, ok := n.sumPlain(at, s.Nights)
		if !ok || n.scale%quoteUnit != 0 {
			return false
		}
		m.sums[k][i] = sum / quoteUnit
	}
	return true
}

// sumPlain adds n numbers from i; false if one is missing or 0, or the column is wide.
func (n *nums) sumPlain(i, count int) (sum int64, ok bool) {
	if i < 0 || i+count > len(n.n32) {
		return 0, false
	}
	for _, v := range n.n32[i : i+count] {
		if v == none32 || v == 0 {
			return 0, false
		}
		sum += int64(v)
	}
	return sum * n.scale, true
}

// roundTotal rounds to the plan's unit of totals; mostly it is a quote's, and there is nothing to round.
func (p *plan) roundTotal(n int64) Amount {
	if p.totalStep == quoteUnit {
		return Amount(n)
	}
	return Amount(n).RoundTo(p.totalStep)
}

// plainNights answers the nights of a plain offer from its quotes; times is what one of them is worth for one room.
func (m *sellMemory) plainNights(e *effective, i int32, o *Offer, times int64) {
	c := cells{e: e, i: i}
	if v := e.x.views[m.ask.Channel]; v != nil {
		c.lane = v.lanes[i]
	}
	before, after := e.quoteFor(m.ask.adults, SideBefore), e.quoteFor(m.ask.adults, SideAfter)
	for d := m.ask.Arrival; d < m.ask.depart; d++ {
		n := NightPrice{Date: d, Money: Money{Form: o.Total.Form}, Left: c.word(d).units()}
		at := int(d-e.base)*len(e.x.products) + int(i)
		if n.Form&SideBefore != 0 {
			n.Before = Amount(int64(before.n[at]) * times)
		}
		if n.Form&SideAfter != 0 {
			n.After = Amount(int64(after.n[at]) * times)
		}
		o.Nights = append(o.Nights, n)
	}
}

// word answers the word of a date.
func (c *cells) word(d StayDate) word {
	if c.lane != nil && c.lane.covers(d) {
		return c.lane.words[d-c.lane.from]
	}
	return c.e.words[int(d-c.e.base)*len(c.e.x.products)+int(c.i)]
}
