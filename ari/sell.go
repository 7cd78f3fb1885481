package ari

import "slices"

// asking is what a query means in one property: worked out once for all its products.
type asking struct {
	*Query
	p        *Picture
	booked   booking
	business StayDate
	depart   StayDate
	adults   int   // children of adult age among them
	kids     []int // ages, oldest first, without infants that do not count
	plans    []bool
}

// sellMemory is what a caller of Sell keeps for the next call.
type sellMemory struct {
	ask   asking
	judge judge

	against []word     // by product: what stands against it; 0: nothing
	short   []uint16   // how far the rooms left are below unitsField
	sums    [2][]int64 // of the quotes, before and after tax
	odd     [2][]int32 // negative where an amount is not plain
	quoted  uint8      // sides that there are quotes of
}

// Sell answers the offers of the property for the query, by room type code, then plan code: the sellable ones, and with q.Why the others with
// every reason. Prices and totals follow docs/evaluation.md; Explain answers the same for one product with the facts behind it.
//
// Shape: a's slices are overwritten and reused; nothing is allocated once they are large enough. A query outside its bounds (NightsMax,
// RoomsMax, AdultsMax, ChildrenMax) gets no offers.
// Source: docs/evaluation.md, S14-S17.
func (p *Picture) Sell(q *Query, a *Answer) {
	a.Offers, a.Revision, a.Day = a.Offers[:0], p.revision, p.day
	m := &a.memory
	if !q.valid() || p.eff.stale {
		return
	}
	m.ask.start(p, q)
	a.Business = m.ask.business
	if !q.Why && m.screen(p) {
		m.sellScreened(p, a)
		return
	}
	m.sellEach(p, a)
}

func (q *Query) valid() bool {
	return q.Nights >= 1 && q.Nights <= NightsMax && q.Rooms >= 1 && q.Rooms <= RoomsMax &&
		q.Adults >= 1 && q.Adults <= AdultsMax && len(q.Children) <= ChildrenMax
}

// start works out what the query means.
func (s *asking) start(p *Picture, q *Query) {
	h := &p.catalog.Property
	s.Query, s.p, s.depart = q, p, q.Arrival+StayDate(q.Nights)
	s.booked = bookingAt(q.At, p.zone)
	s.business = s.booked.businessDate(h, p.zone)
	s.adults, s.kids = q.Adults, s.kids[:0]
	for _, age := range q.Children {
		switch {
		case age >= h.AdultAge:
			s.adults++
		case age >= h.InfantAge || h.CountInfants:
			s.kids = append(s.kids, age)
		}
	}
	if len(s.kids) > 1 {
		slices.SortFunc(s.kids, func(a, b int) int { return b - a })
	}
}

// plansAsked and roomsAsked tell whether the query's lists let a code in.
func (q *Query) planAsked(code string) bool {
	return len(q.RatePlans) == 0 || slices.Contains(q.RatePlans, code)
}

func (q *Query) roomAsked(code string) bool {
	return len(q.RoomTypes) == 0 || slices.Contains(q.RoomTypes, code)
}

// visible tells whether the asker sees the plan: channel, client, access code.
func (q *Query) visible(p *RatePlan) bool {
	return (len(p.Channels) == 0 || slices.Contains(p.Channels, q.Channel)) &&
		(len(p.Clients) == 0 || slices.Contains(p.Clients, q.Client)) &&
		(len(p.AccessCodes) == 0 || slices.ContainsFunc(q.Access, func(c string) bool { return slices.Contains(p.AccessCodes, c) }))
}

// sellWindow tells whether the booking date is in the plan's sell window.
func (s *asking) sellWindow(p *RatePlan) bool {
	return (p.SellFrom == nil || s.booked.date >= *p.SellFrom) && (p.SellTo == nil || s.booked.date <= *p.SellTo)
}

// stayWindow tells whether a night is in the plan's stay window.
func stayWindow(p *RatePlan, d StayDate) bool {
	return (p.StayFrom == nil || d >= *p.StayFrom) && (p.StayTo == nil || d <= *p.StayTo)
}

// fitsRoom tells whether the party fits the room type.
func (s *asking) fitsRoom(r *RoomType) bool {
	n := s.adults + len(s.kids)
	return n >= r.MinOccupancy && (r.MaxOccupancy == 0 || n <= r.MaxOccupancy) && (r.MaxAdults == 0 || s.adults <= r.MaxAdults) &&
		(r.MaxChildren == nil || len(s.kids) <= *r.MaxChildren)
}

// fitsPlan tells whether the party fits the plan.
func (s *asking) fitsPlan(p *RatePlan) bool {
	n := s.adults + len(s.kids)
	return n >= p.MinOccupancy && (p.MaxOccupancy == 0 || n <= p.MaxOccupancy)
}

// beyond tells whether a night is outside the picture's horizon.
func (s *asking) beyond() bool {
	first, last := s.p.horizon()
	return s.Arrival < first || s.depart-1 > last
}

// sellEach judges every room type x plan asked for, one by one.
func (m *sellMemory) sellEach(p *Picture, a *Answer) {
	x := p.eff.x
	for r := range x.rooms {
		if !m.ask.roomAsked(x.rooms[r].Code) {
			continue
		}
		for n := range x.plans {
			if m.ask.planAsked(x.plans[n].Code) {
				m.offer(p, a, r, n)
			}
		}
	}
}

// offer judges one product and answers it if it is sellable, or if the query asks why not.
func (m *sellMemory) offer(p *Picture, a *Answer, r, n int) {
	o := a.next()
	o.Room, o.Plan = p.eff.x.rooms[r].Code, p.eff.x.plans[n].Code
	m.judge.start(&m.ask, r, n, o)
	m.judge.run()
	if !o.Sellable && !m.ask.Why {
		a.Offers = a.Offers[:len(a.Offers)-1]
	}
}

// next answers a cleared offer at the end, with the slices of one there before.
func (a *Answer) next() *Offer {
	if len(a.Offers) < cap(a.Offers) {
		a.Offers = a.Offers[:len(a.Offers)+1]
	} else {
		a.Offers = append(a.Offers, Offer{})
	}
	o := &a.Offers[len(a.Offers)-1]
	o.Sellable, o.Total, o.Left, o.Nights, o.Reasons = false, Money{}, 0, o.Nights[:0], o.Reasons[:0]
	o.Supplements = o.Supplements[:0]
	return o
}
