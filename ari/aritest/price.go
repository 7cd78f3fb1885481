package aritest

import (
	"math/big"
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// party is who pays what in one room: guests for the bounds of room and plan, and as the plan prices them.
type party struct {
	adults, children int   // as asked: adult-age children are adults, infants are left out
	payAdults        int64 // after the plan's rules made children adults
	payAges          []int // of the children left, oldest first
	freed            int   // children that the family offer frees
}

// partyOf reads the query's party (evaluation 5).
func (s *stay) partyOf() party {
	p := party{adults: s.q.Adults}
	for _, age := range s.q.Children {
		switch {
		case age >= s.catalog.property.AdultAge:
			p.adults++
		case age < s.catalog.property.InfantAge && !s.catalog.property.CountInfants:
		default:
			p.children++
			p.payAges = append(p.payAges, age)
		}
	}
	slices.Sort(p.payAges)
	slices.Reverse(p.payAges)
	p.payAdults = int64(p.adults)
	for len(p.payAges) > 0 && (s.plan.ChildPricing == "as_adults" || s.plan.OldestAsAdults && p.payAdults < s.fullPayers()) {
		p.payAdults++
		p.payAges = p.payAges[1:]
	}
	s.freeChildren(&p)
	return p
}

// judgeOccupancy looks at the bounds of room type and plan.
func (s *stay) judgeOccupancy() {
	above := func(n, bound int) bool { return bound > 0 && n > bound }
	guests := s.party.adults + s.party.children
	r := s.room
	if guests < r.MinOccupancy || above(guests, r.MaxOccupancy) || above(s.party.adults, r.MaxAdults) ||
		r.MaxChildren != nil && s.party.children > *r.MaxChildren && !s.childrenUnbound() {
		s.without(ari.ReasonOccupancyRoom)
	}
	if guests < s.plan.MinOccupancy || above(guests, s.plan.MaxOccupancy) {
		s.without(ari.ReasonOccupancyPlan)
	}
	s.judgeGuests()
}

// sides is an amount before and after tax, in ten-thousandths of the currency's unit, exact; nil where it is not known.
type sides [2]*big.Rat

var taxSides = [2]uint8{ari.SideBefore, ari.SideAfter}

// night is the price of one night: known tells whether any side was known before floors.
type night struct {
	amount sides
	known  bool
	free   bool
}

// judgePrices finds the amount of every night and what is wrong with it.
func (s *stay) judgePrices() {
	tier, ok := s.tier()
	for _, d := range s.nights() {
		if !ok {
			s.prices = append(s.prices, nil)
			continue
		}
		s.prices = append(s.prices, s.judgeNight(d, tier))
	}
	s.markFree()
	everyNight := true
	for _, n := range s.prices {
		everyNight = everyNight && n != nil && n.known
	}
	if !everyNight {
		return
	}
	sum := s.total()
	if sum[0] == nil && sum[1] == nil {
		s.no(ari.ReasonNoRate, s.q.Arrival)
		return
	}
	s.judgeSupplements(sum)
}

// tier answers the LOS of the rate keys that apply to the stay; false if the plan's basis has none.
func (s *stay) tier() (uint8, bool) {
	switch basisOf(s.plan) {
	case ari.BasisNightly:
		return 0, true
	case ari.BasisLOSTier:
		best := 0
		for _, t := range s.plan.Tiers {
			if t <= s.q.Nights {
				best = max(best, t)
			}
		}
		if best > 0 {
			return uint8(best), true
		}
		s.no(ari.ReasonNoRate, s.q.Arrival)
	case ari.BasisPeriod:
		if !s.plan.Multiple || s.q.Nights%s.plan.Period == 0 {
			return 0, true
		}
		s.no(ari.ReasonNoRate, s.q.Arrival)
	default:
		s.no(ari.ReasonCannotEvaluate, s.q.Arrival)
	}
	return 0, false
}

// judgeNight answers a night's amounts, after rounding and floors.
func (s *stay) judgeNight(d ari.StayDate, tier uint8) *night {
	n := &night{}
	zero := false
	for i, side := range taxSides {
		amount, isZero := s.nightOn(side, d, tier)
		zero = zero || isZero
		if amount == nil {
			continue
		}
		n.known = true
		if basisOf(s.plan) == ari.BasisPeriod {
			amount.Quo(amount, big.NewRat(int64(s.plan.Period), 1))
		}
		if places := s.catalog.property.NightDecimals; places != nil {
			amount = rounded(amount, decimals(*places))
		}
		n.amount[i] = amount
	}
	switch {
	case n.known:
		s.raiseToFloors(n, d)
	case zero:
		s.no(ari.ReasonZeroRate, d)
	default:
		s.no(ari.ReasonNoRate, d)
	}
	return n
}

// raiseToFloors applies the floor overlays. A side that is raised makes the other unknown, unless that is raised too.
func (s *stay) raiseToFloors(n *night, d ari.StayDate) {
	var floors sides
	for _, o := range s.overlaysOn(ari.Floor, d) {
		for i, side := range taxSides {
			if f := big.NewRat(int64(o.Amount), 1); o.Side == side && (floors[i] == nil || f.Cmp(floors[i]) > 0) {
				floors[i] = f
			}
		}
	}
	var raised [2]bool
	for i := range floors {
		if floors[i] != nil && n.amount[i] == nil {
			s.no(ari.ReasonCannotEvaluate, d)
		}
		raised[i] = floors[i] != nil && n.amount[i] != nil && n.amount[i].Cmp(floors[i]) < 0
	}
	for i := range raised {
		if raised[i] {
			n.amount[i] = floors[i]
		} else if raised[1-i] {
			n.amount[i] = nil
		}
	}
}

// judgeNightAmount compares a minimum or maximum price with the night's amount (evaluation 3).
func (s *stay) judgeNightAmount(f ari.Field, v ari.Value, d, night ari.StayDate) {
	n := s.prices[night-s.q.Arrival]
	if n == nil || !n.known {
		return
	}
	amount := n.amount[0]
	if v.Form == ari.SideAfter {
		amount = n.amount[1]
	}
	bound := big.NewRat(v.A, 1)
	switch {
	case amount == nil:
		s.no(ari.ReasonCannotEvaluate, d)
	case f.What() == ari.MinPrice && amount.Cmp(bound) < 0:
		s.because(ari.ReasonMinPrice, d, f)
	case f.What() == ari.MaxPrice && amount.Cmp(bound) > 0:
		s.because(ari.ReasonMaxPrice, d, f)
	}
}

// nightOn answers what the party pays for a night on one tax side; nil if it is not known, and then whether only because the adults'
// amount is told as 0.
func (s *stay) nightOn(side uint8, d ari.StayDate, tier uint8) (amount *big.Rat, onlyZero bool) {
	r := rates{s, side, d, tier}
	base, used := r.adults()
	extras := r.extraAdults()
	children := r.children()
	if base == nil || extras == nil || children == nil {
		return nil, false
	}
	if used.Sign() == 0 && !s.plan.Complimentary {
		return nil, true
	}
	sum := new(big.Rat).Add(base, extras)
	return sum.Add(sum, children), false
}

// rates looks up the amounts of one product, night and tax side.
type rates struct {
	*stay
	side uint8
	date ari.StayDate
	tier uint8
}

func (r rates) of(k ari.RateKey) *big.Rat {
	k.LOS = r.tier
	return r.rate(k, r.side, r.date)
}

func (r rates) forAdults(n int64) *big.Rat {
	if n < 1 || n > 31 {
		return nil
	}
	return r.of(ari.RateKey{Class: ari.Adults, N: uint8(n)})
}

// highest answers the highest number told of a numbered guest class, 0 if none is.
func (r rates) highest(class ari.GuestClass) int64 {
	for n := int64(31); n > 0; n-- {
		if r.of(ari.RateKey{Class: class, N: uint8(n)}) != nil {
			return n
		}
	}
	return 0
}

// coveredAdults answers how many of the adults the amount of the fill rule stands for, and for how many adults that amount is told; 0 if the
// rule finds none. The rest pay as extra adults.
func (r rates) coveredAdults() (heads, toldFor int64) {
	a := r.party.payAdults
	if r.plan.Fill == "from_base" {
		guests := a
		if r.plan.AmountByGuests {
			guests += int64(len(r.party.payAges) + r.party.freed)
		}
		return min(a, r.base()), min(guests, r.base())
	}
	if r.forAdults(a) != nil {
		return a, a
	}
	highest := r.highest(ari.Adults)
	switch r.plan.Fill {
	case "next_higher":
		for n := a; n < highest; n++ {
			if r.forAdults(n+1) != nil {
				return a, n + 1
			}
		}
		return highest, highest
	case "base_extras", "pro_rata":
		return min(a, r.base()), r.base()
	}
	if a > highest {
		return highest, highest
	}
	return 0, 0
}

// base answers the plan's base occupancy.
func (r rates) base() int64 {
	if r.plan.BaseOccupancy > 0 {
		return int64(r.plan.BaseOccupancy)
	}
	return int64(stdOccupancy(r.room))
}

// adults answers the amount of the adults before extras, and the told amount that it comes from; nil if there is none.
func (r rates) adults() (amount, used *big.Rat) {
	heads, toldFor := r.coveredAdults()
	used = r.forAdults(toldFor)
	switch {
	case used == nil:
		return nil, nil
	case r.plan.PerPerson:
		return new(big.Rat).Mul(used, big.NewRat(heads, 1)), used
	case r.plan.Fill == "pro_rata" && heads < toldFor:
		return new(big.Rat).Mul(used, big.NewRat(heads, toldFor)), used
	}
	return used, used
}

// extraAdults answers what the adults pay that the amount does not stand for; nil if it is not told.
func (r rates) extraAdults() *big.Rat {
	heads, _ := r.coveredAdults()
	n := r.party.payAdults - heads
	if n == 0 {
		return new(big.Rat)
	}
	return times(r.of(ari.RateKey{Class: ari.ExtraAdult}), n)
}

func times(x *big.Rat, n int64) *big.Rat {
	if x == nil {
		return nil
	}
	return new(big.Rat).Mul(x, big.NewRat(n, 1))
}

// children answers what the children pay together; nil if it is not known.
func (r rates) children() *big.Rat {
	ages := r.party.payAges
	switch r.plan.ChildPricing {
	case "free":
		return new(big.Rat)
	case "count":
		if len(ages) == 0 {
			return new(big.Rat)
		}
		return r.of(ari.RateKey{Class: ari.ChildCount, N: uint8(len(ages))})
	}
	sum := new(big.Rat)
	for i, age := range ages {
		one := r.band(age)
		if r.plan.ChildPricing == "positions" {
			nth := min(int64(i+1), r.highest(ari.ChildNth))
			one = r.of(ari.RateKey{Class: ari.ChildNth, N: uint8(nth)})
		}
		if one == nil {
			return nil
		}
		sum.Add(sum, one)
	}
	return sum
}

// band answers the amount of the narrowest told band that holds the age, of equal ones the lowest.
func (r rates) band(age int) *big.Rat {
	for width := 1; width <= 31; width++ {
		for low := max(0, age-width+1); low <= age && low+width <= 31; low++ {
			if one := r.of(ari.RateKey{Class: ari.ChildBand, Min: uint8(low), Max: uint8(low + width)}); one != nil {
				return one
			}
		}
	}
	return nil
}

// rate answers the amount of a rate key on one side: of the block if anything is told there that night, else of the product.
func (s *stay) rate(k ari.RateKey, side uint8, d ari.StayDate) *big.Rat {
	if !s.fields[k.Field()] {
		return nil
	}
	if s.q.Block != "" {
		scope := ari.Product(s.roomCode, s.planCode)
		scope.Block = s.q.Block
		if s.anyRate(scope, d) {
			v, ok := s.one(scope, k.Field(), d)
			return amountOn(side, v, ok)
		}
	}
	return s.productRate(s.planCode, k, side, d)
}

// anyRate tells whether any rate is told at exactly the scope on the date.
func (m *Model) anyRate(scope ari.Scope, d ari.StayDate) bool {
	for _, t := range m.told {
		if t.statement.Scope == scope && t.statement.Field.Family() == ari.FamilyRate && t.statement.Verb == ari.Set {
			if _, ok := m.one(scope, t.statement.Field, d); ok {
				return true
			}
		}
	}
	return false
}

func amountOn(side uint8, v ari.Value, told bool) *big.Rat {
	switch {
	case !told || v.Form&side == 0:
		return nil
	case side == ari.SideBefore:
		return big.NewRat(v.A, 1)
	}
	return big.NewRat(v.B, 1)
}

// productRate answers the amount of a rate key of a plan in the room: its own if told, else derived from its parent's (S13).
func (s *stay) productRate(plan string, k ari.RateKey, side uint8, d ari.StayDate) *big.Rat {
	if v, ok := s.one(ari.Product(s.roomCode, plan), k.Field(), d); ok {
		return amountOn(side, v, true)
	}
	p := s.catalog.plans[plan]
	if p.Parent == "" {
		return nil
	}
	rule := ruleFor(p, s.roomCode, d)
	parent := s.productRate(p.Parent, k, side, d)
	if rule == nil || parent == nil {
		return nil
	}
	return s.derive(p, rule, k, side, parent)
}

// ruleFor answers the first rule of the plan that matches the date and the room type.
func ruleFor(p ari.RatePlan, room string, d ari.StayDate) *ari.DeriveRule {
	for i, r := range p.Derive {
		days := ari.AllDays
		if len(r.Days) > 0 {
			days = 0
			for _, name := range r.Days {
				day, _ := ari.ParseWeekday(name)
				days |= day
			}
		}
		if !outside(d, r.From, r.To) && days.Has(d) && asked(r.RoomTypes, room) {
			return &p.Derive[i]
		}
	}
	return nil
}

// derive computes a child's amount from its parent's.
func (s *stay) derive(p ari.RatePlan, rule *ari.DeriveRule, k ari.RateKey, side uint8, parent *big.Rat) *big.Rat {
	percent := big.NewRat(100*int64(ari.AmountUnit)+int64(rule.Percent), 100*int64(ari.AmountUnit)) // (100 + p) / 100
	step := big.NewRat(int64(p.Step), 1)
	if p.Step == 0 {
		step = decimals(ari.CurrencyDecimals(s.catalog.currencyOf(p)))
	}
	if k.Class != ari.Adults {
		return withinBounds(rounded(new(big.Rat).Mul(parent, percent), step))
	}
	add := big.NewRat(int64(rule.Amount), 1)
	if rule.Amount != 0 && side != ruleSide(p, rule) {
		return nil
	}
	x := new(big.Rat)
	if rule.AmountFirst {
		x.Add(parent, add).Mul(x, percent)
	} else {
		x.Mul(parent, percent).Add(x, add)
	}
	x = rounded(x, step)
	if rule.Min != nil {
		x = larger(x, big.NewRat(int64(*rule.Min), 1))
	}
	if rule.Max != nil {
		x = smaller(x, big.NewRat(int64(*rule.Max), 1))
	}
	return withinBounds(x)
}

// withinBounds answers x, or nil if it is no amount that can be asked of a guest.
func withinBounds(x *big.Rat) *big.Rat {
	if x.Sign() < 0 || x.Cmp(big.NewRat(int64(ari.AmountMax), 1)) > 0 {
		return nil
	}
	return x
}

// ruleSide answers the tax side of a rule's amount.
func ruleSide(p ari.RatePlan, rule *ari.DeriveRule) uint8 {
	if rule.Side == "before" || rule.Side == "" && taxOf(p) == ari.SideBefore {
		return ari.SideBefore
	}
	return ari.SideAfter
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) > 0 {
		return b
	}
	return a
}

// decimals answers the step of a number of decimals, in ten-thousandths.
func decimals(n int) *big.Rat { return big.NewRat(int64(ari.MinorUnit(n)), 1) }

// rounded answers x rounded half away from zero to a multiple of step.
func rounded(x, step *big.Rat) *big.Rat {
	steps := new(big.Rat).Quo(x, step)
	half := big.NewRat(1, 2)
	if x.Sign() < 0 {
		half.Neg(half)
	}
	steps.Add(steps, half)
	whole := new(big.Int).Quo(steps.Num(), steps.Denom()) // towards zero
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), step)
}

// total answers the sum over the nights that are not free, for one room, of each side that every night knows.
func (s *stay) total() sides {
	sum := sides{new(big.Rat), new(big.Rat)}
	for _, n := range s.prices {
		for i := range sum {
			if n == nil || n.amount[i] == nil {
				sum[i] = nil
			}
			if sum[i] != nil && !n.free {
				sum[i].Add(sum[i], n.amount[i])
			}
		}
	}
	return sum
}

// fillPrice puts prices and rooms left into a sellable offer.
func (s *stay) fillPrice(o *ari.Offer) {
	step := decimals(ari.CurrencyDecimals(s.catalog.currencyOf(s.plan)))
	if places := s.catalog.property.TotalDecimals; places != nil {
		step = decimals(*places)
	}
	total := s.total()
	for i := range total {
		if total[i] = s.together(i, total[i]); total[i] != nil {
			total[i] = rounded(times(total[i], int64(s.q.Rooms)), step)
		}
	}
	o.Total = money(total)
	o.Left = int(slices.Min(s.units))
	for i, d := range s.nights() {
		n := ari.NightPrice{Date: d, Money: money(s.prices[i].amount), Left: int(s.units[i]), Free: s.prices[i].free}
		if n.Free {
			n.Before, n.After = 0, 0
		}
		o.Nights = append(o.Nights, n)
	}
	s.fillSupplements(o)
}

// money answers the sides rounded to 4 decimals.
func money(x sides) ari.Money {
	var m ari.Money
	amount := func(r *big.Rat) ari.Amount { return ari.Amount(rounded(r, big.NewRat(1, 1)).Num().Int64()) }
	if x[0] != nil {
		m.Before, m.Form = amount(x[0]), ari.SideBefore
	}
	if x[1] != nil {
		m.After, m.Form = amount(x[1]), m.Form|ari.SideAfter
	}
	return m
}
