package ari

import "slices"

// extras is what a plan's price has beside its rates, worked out when the plan is indexed; nil if it has nothing (S12, evaluation 10).
type extras struct {
	strange     bool // something is kept as told: cannot_evaluate
	free        *PlanOffer
	family      *PlanOffer
	supplements []supplement // mandatory ones
	sumStep     Amount       // the sums of nights and of supplements are rounded to it; 0: exact
}

// supplement is a mandatory supplement.
type supplement struct {
	*Supplement
	side int // 0 before, 1 after tax
	on   Weekdays
}

func newExtras(r *RatePlan) *extras {
	x := &extras{}
	for i := range r.Offers {
		switch o := &r.Offers[i]; {
		case o.Strange():
			x.strange = true
		case o.Kind == OfferFreeNights:
			x.free = o
		case o.Kind == OfferFamily:
			x.family = o
		}
	}
	for i := range r.Supplements {
		x.addSupplement(r, &r.Supplements[i])
	}
	if r.SumDecimals != nil {
		x.sumStep = MinorUnit(*r.SumDecimals)
	}
	if !x.strange && x.free == nil && x.family == nil && len(x.supplements) == 0 && x.sumStep == 0 {
		return nil
	}
	return x
}

func (x *extras) addSupplement(r *RatePlan, s *Supplement) {
	switch {
	case s.Strange(), s.Mandatory && s.Charge == ChargeOther:
		x.strange = true
	case s.Mandatory:
		n := supplement{Supplement: s, side: 1, on: daysOf(s.Days)}
		if s.Side == TaxBefore || s.Side == "" && r.tax() == TaxBefore {
			n.side = 0
		}
		x.supplements = append(x.supplements, n)
	}
}

// daysOf answers the mask of weekdays by name; all if there are none.
func daysOf(names []string) (w Weekdays) {
	for _, name := range names {
		day, _ := ParseWeekday(name)
		w |= day
	}
	if len(names) == 0 {
		return AllDays
	}
	return w
}

// plain tells that the extras change no price of a party without children.
func (x *extras) plain() bool {
	return x == nil || !x.strange && x.free == nil && len(x.supplements) == 0 && x.sumStep <= quoteUnit
}

// seasonsOf answers the seasons of a plan by room type, in order: its own, else its parent's.
func (c *Catalog) seasonsOf(r *RatePlan) map[string][]Season {
	for range len(c.Plans) + 1 {
		if r == nil || len(r.Seasons) > 0 {
			break
		}
		r = c.Plans[r.Parent]
	}
	if r == nil || len(r.Seasons) == 0 {
		return nil
	}
	out := map[string][]Season{}
	for _, s := range inOrderOfRooms(r.Seasons) {
		out[s.RoomType] = append(out[s.RoomType], s)
	}
	return out
}

// seasonEnd answers the last night of the season that holds a night. Nights between two seasons, before the first or after the last are a season too.
func seasonEnd(seasons []Season, d StayDate) StayDate {
	i, _ := slices.BinarySearchFunc(seasons, d, func(s Season, d StayDate) int { return int(s.To) - int(d) }) // the first that does not end before d
	switch {
	case i == len(seasons):
		return DateMax
	case seasons[i].From > d:
		return seasons[i].From - 1
	}
	return seasons[i].To
}

// stayExtras is what a judge keeps of a stay's offers and supplements; its slices are reused.
type stayExtras struct {
	free     []bool   // by night, as far as nights were priced
	chunkEnd StayDate // the night after the charge that the last night is part of
	single   bool     // that charge is for one night
	sums     [2]wide  // of supplements, before and after tax, in 1/LOS
	charged  []SupplementPrice
}

func (e *stayExtras) reset(arrival StayDate) {
	e.free, e.chunkEnd, e.sums, e.charged = e.free[:0], arrival, [2]wide{}, e.charged[:0]
}

// freeNight tells whether the offer of free nights frees a night, and notes it. Nights come in order.
func (j *judge) freeNight(d StayDate) bool {
	x, e := j.plan.extras, &j.extra
	is := x.free != nil && j.single(d) && x.free.frees(int(d-j.ask.Arrival), j.ask.Nights)
	e.free = append(e.free, is)
	return is
}

// frees tells whether night i of a stay of n nights is free.
func (o *PlanOffer) frees(i, n int) bool {
	switch {
	case n < o.NightsRequired:
		return false
	case o.Pattern != "":
		return o.Pattern[i%len(o.Pattern)] == '1'
	}
	return n-i <= o.NightsDiscounted
}

// single tells whether a night is charged as one. A period is charged from the arrival on, as often as it fits; it never leaves its season
// or the stay.
func (j *judge) single(d StayDate) bool {
	if j.plan.nights == 1 {
		return true
	}
	if e := &j.extra; d >= e.chunkEnd {
		e.chunkEnd = min(d+StayDate(j.plan.nights), j.ask.depart, seasonEnd(j.plan.seasons[j.room.Code], d)+1)
		e.single = e.chunkEnd-d == 1
	}
	return j.extra.single
}

// supplements adds what the mandatory supplements cost for one room. A side that one of them is not told on is not known.
func (j *judge) supplements() {
	common := j.common
	for i := range j.plan.extras.supplements {
		s := &j.plan.extras.supplements[i]
		sum := j.supplement(s)
		if sum == (wide{}) {
			continue
		}
		j.common &= sides[s.side]
		j.extra.sums[s.side] = j.extra.sums[s.side].add(sum)
		j.extra.charged = append(j.extra.charged, j.supplementPrice(s, sum))
	}
	if common != 0 && j.common == 0 {
		j.no(ReasonCannotEvaluate, j.ask.Arrival, 0)
	}
}

// supplement answers what one costs for the stay, in 1/LOS.
func (j *judge) supplement(s *supplement) (sum wide) {
	los := int64(j.ask.Nights)
	each := int64(1) // how often a night's amount counts
	switch s.Charge {
	case ChargePersonNight, ChargePersonStay:
		each = int64(j.price.adults + len(j.price.kids))
	}
	switch s.Charge {
	case ChargeDay, ChargeRoomNight, ChargePersonNight, ChargeItem:
		each *= los
	}
	waived := s.Charge == ChargeDay || s.Charge == ChargeRoomNight || s.Charge == ChargePersonNight
	for i := range j.ask.Nights {
		d := j.ask.Arrival + StayDate(i)
		if !s.on.Has(d) || waived && j.extra.free[i] {
			continue
		}
		sum = sum.add(mulWide(int64(s.amountOn(d, j.room.Code)), each))
		if s.Charge == ChargeItem {
			break
		}
	}
	return sum
}

// amountOn answers the sum of the amounts that cover a night.
func (s *Supplement) amountOn(d StayDate, room string) (sum Amount) {
	for i := range s.Amounts {
		a := &s.Amounts[i]
		if (a.From == nil || d >= *a.From) && (a.To == nil || d <= *a.To) && (a.RoomType == "" || a.RoomType == room) {
			sum += a.Amount
		}
	}
	return sum
}

func (j *judge) supplementPrice(s *supplement, sum wide) SupplementPrice {
	q, _ := sum.divRound(int64(j.ask.Nights)) // at most a thousand amounts x 999 nights x 198 guests: it fits
	return SupplementPrice{Code: s.Code, Charge: s.Charge, Money: moneyOn(s.side, Amount(q))}
}

// totalWith answers nights and supplements together on a side, for all rooms, as a number of steps; false if it does not fit.
func (j *judge) totalWith(x *extras, k int, step int64) (int64, bool) {
	los, rooms := int64(j.ask.Nights), int64(j.ask.Rooms)
	if x.sumStep == 0 {
		both := j.sums[k].mul(los).add(j.extra.sums[k].mul(j.price.den))
		return both.mul(rooms).divRound(j.price.den * los * step)
	}
	nights, ok1 := j.sums[k].divRound(j.price.den * int64(x.sumStep))
	added, ok2 := j.extra.sums[k].divRound(los * int64(x.sumStep))
	both := mulWide(nights, int64(x.sumStep)).add(mulWide(added, int64(x.sumStep)))
	q, ok3 := both.mul(rooms).divRound(step)
	return q, ok1 && ok2 && ok3
}

// freed answers how many of the children the family offer frees: the youngest ones.
func (x *extras) freed(kids []int) int {
	if x == nil || x.family == nil {
		return 0
	}
	young := 0
	for _, age := range kids {
		if age < x.family.MaxAge {
			young++
		}
	}
	if young < x.family.MinCount {
		return 0
	}
	return min(young, x.family.LastPosition)
}

// fullPayers answers until how many adults the oldest children become adults (evaluation 5).
func (p *plan) fullPayers(rm *room) int {
	if p.boundByPayers(rm.RoomType) {
		return min(rm.standard, rm.MaxOccupancy-*rm.MaxChildren)
	}
	return rm.standard
}

// boundByPayers tells that the room type's number of children is no bound for the plan, but says how many guests pay as adults.
func (p *plan) boundByPayers(r *RoomType) bool {
	return p.FullPayers == FullPayersMaxChildren && r.MaxChildren != nil && r.MaxOccupancy > 0
}

// fits tells whether the party fits the room type on the plan.
func (s *asking) fits(r *RoomType, p *plan) bool {
	return s.fitsRoom(r) || p.boundByPayers(r) && s.fitsRoomBeside(r)
}

// fitsRoomBeside tells whether the party fits the room type, its number of children aside.
func (s *asking) fitsRoomBeside(r *RoomType) bool {
	open := *r
	open.MaxChildren = nil
	return s.fitsRoom(&open)
}

// sellToPayers answers the offers of a room type that the party fits on some plans only: those for which its number of children is no bound.
func (m *sellMemory) sellToPayers(p *Picture, a *Answer, r int) {
	x := p.eff.x
	rm := &x.rooms[r]
	if rm.MaxChildren == nil || len(m.ask.kids) <= *rm.MaxChildren || !m.ask.fitsRoomBeside(rm.RoomType) {
		return
	}
	for i := rm.from; i < rm.to; i++ {
		if n := int(x.products[i].plan); m.ask.plans[n] && x.plans[n].boundByPayers(rm.RoomType) {
			m.offer(p, a, r, n)
		}
	}
}

// guests tells why the plan's guest rule refuses the party: no code if it does not.
func (s *asking) guests(g *GuestRule, no func(code string)) {
	if g == nil {
		return
	}
	children, aged := 0, true
	for _, age := range s.Children {
		if age < s.p.catalog.Property.AdultAge {
			children++
			aged = aged && age >= g.MinChildAge && (g.MaxChildAge == 0 || age < g.MaxChildAge) && (g.AdultAge == 0 || age < g.AdultAge)
		}
	}
	if g.AdultsOnly && children > 0 {
		no(ReasonAdultsOnly)
	}
	if !aged {
		no(ReasonChildAge)
	}
	if s.adults < g.MinAdults || g.MaxAdults > 0 && s.adults > g.MaxAdults || children < g.MinChildren || g.MaxChildren != nil && children > *g.MaxChildren {
		no(ReasonOccupancyPlan)
	}
}

// guestsFit tells whether the plan's guest rule lets the party in.
func (s *asking) guestsFit(g *GuestRule) bool {
	fit := true
	s.guests(g, func(string) { fit = false })
	return fit
}

// baseIn answers the plan's base occupancy in a room type.
func (p *plan) baseIn(rm *room) int {
	if p.BaseOccupancy != 0 {
		return p.BaseOccupancy
	}
	return rm.standard
}

// fromBase answers what filled does for plans that count extras from the base: for how many the amount is told, and how many heads pay it.
func (r *pricing) fromBase() (n, heads int) {
	base := int(r.base)
	n, heads = min(r.adults, base), min(r.adults, base)
	if r.plan.AmountByGuests {
		n = min(r.adults+len(r.kids)+r.freed, base)
	}
	return n, heads
}
