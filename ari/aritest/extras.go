package aritest

import (
	"math/big"
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// childrenUnbound tells that the room's number of children is no bound for the plan, but says who pays in full.
func (s *stay) childrenUnbound() bool {
	return s.plan.FullPayers == "max_children" && s.room.MaxChildren != nil && s.room.MaxOccupancy > 0
}

// fullPayers answers until how many adults the oldest children count as adults.
func (s *stay) fullPayers() int64 {
	n := stdOccupancy(s.room)
	if s.childrenUnbound() {
		n = min(n, s.room.MaxOccupancy-*s.room.MaxChildren)
	}
	return int64(n)
}

// freeChildren takes the children out that the family offer frees: the youngest, at the end.
func (s *stay) freeChildren(p *party) {
	for _, o := range s.plan.Offers {
		if o.Kind != ari.OfferFamily {
			continue
		}
		young := 0
		for _, age := range p.payAges {
			if age < o.MaxAge {
				young++
			}
		}
		for young >= max(o.MinCount, 1) && p.freed < min(young, o.LastPosition) {
			p.payAges = p.payAges[:len(p.payAges)-1]
			p.freed++
		}
	}
}

// judgeGuests looks at who the plan says may stay: as asked, infants as children.
func (s *stay) judgeGuests() {
	g := s.plan.Guests
	if g == nil {
		return
	}
	adults, children := s.q.Adults, 0
	for _, age := range s.q.Children {
		if age >= s.catalog.property.AdultAge {
			adults++
			continue
		}
		children++
		if age < g.MinChildAge || g.MaxChildAge > 0 && age >= g.MaxChildAge || g.AdultAge > 0 && age >= g.AdultAge {
			s.without(ari.ReasonChildAge)
		}
	}
	if g.AdultsOnly && children > 0 {
		s.without(ari.ReasonAdultsOnly)
	}
	tooMany := g.MaxAdults > 0 && adults > g.MaxAdults || g.MaxChildren != nil && children > *g.MaxChildren
	if tooMany || adults < g.MinAdults || children < g.MinChildren {
		s.without(ari.ReasonOccupancyPlan)
	}
}

// judgeKept looks at what the plan lists and nobody can evaluate.
func (s *stay) judgeKept() {
	strange := slices.ContainsFunc(s.plan.Offers, func(o ari.PlanOffer) bool { return o.Strange() })
	for _, x := range s.plan.Supplements {
		strange = strange || x.Strange() || x.Mandatory && x.Charge == ari.ChargeOther
	}
	if strange {
		s.no(ari.ReasonCannotEvaluate, s.q.Arrival)
	}
}

// markFree marks the nights that an offer makes free.
func (s *stay) markFree() {
	for _, o := range s.plan.Offers {
		if o.Kind != ari.OfferFreeNights || s.q.Nights < o.NightsRequired {
			continue
		}
		for i, n := range s.prices {
			is := s.q.Nights-i <= o.NightsDiscounted
			if o.Pattern != "" {
				is = o.Pattern[i%o.NightsRequired] == '1'
			}
			if n != nil && is && s.chargedAlone(i) {
				n.free = true
			}
		}
	}
}

// chargedAlone tells whether night i is charged by itself: always, but in a period plan.
func (s *stay) chargedAlone(i int) bool {
	if basisOf(s.plan) != ari.BasisPeriod {
		return true
	}
	for from := 0; ; {
		size := 1
		for from+size < s.q.Nights && size < s.plan.Period && s.season(from) == s.season(from+size) {
			size++
		}
		if i < from+size {
			return size == 1
		}
		from += size
	}
}

// season numbers the season that holds night i, or the span between seasons that does.
func (s *stay) season(i int) int {
	d := s.q.Arrival + ari.StayDate(i)
	ended := 0
	for _, x := range s.seasons() {
		if x.RoomType != s.roomCode {
			continue
		}
		if x.To < d {
			ended++
		}
		if x.From <= d && d <= x.To {
			ended += inSeason
		}
	}
	return ended
}

// inSeason sets the numbers of seasons apart from those of the spans between them.
const inSeason = 1_000_000

// seasons answers the plan's, or those of the nearest plan that it is derived from and that has any.
func (s *stay) seasons() []ari.Season {
	for _, code := range s.catalog.ancestors(s.planCode) {
		if list := s.catalog.plans[code].Seasons; len(list) > 0 {
			return list
		}
	}
	return nil
}

// charged is what a mandatory supplement costs for one room.
type charged struct {
	supplement ari.Supplement
	side       int
	amount     *big.Rat
}

// judgeSupplements finds what the mandatory supplements cost, and what sides they leave; known are the sides that the nights know.
func (s *stay) judgeSupplements(known sides) {
	for _, x := range s.plan.Supplements {
		if !x.Mandatory || x.Strange() || x.Charge == ari.ChargeOther {
			continue
		}
		side := 1
		if x.Side == "before" || x.Side == "" && taxOf(s.plan) == ari.SideBefore {
			side = 0
		}
		if amount := s.supplementAmount(x); amount.Sign() != 0 {
			s.charged = append(s.charged, charged{x, side, amount})
			known[1-side] = nil
		}
	}
	if known[0] == nil && known[1] == nil {
		s.no(ari.ReasonCannotEvaluate, s.q.Arrival)
	}
}

func (s *stay) supplementAmount(x ari.Supplement) *big.Rat {
	days := ari.AllDays
	if len(x.Days) > 0 {
		days = 0
		for _, name := range x.Days {
			day, _ := ari.ParseWeekday(name)
			days |= day
		}
	}
	sum := new(big.Rat)
	for i, d := range s.nights() {
		if !days.Has(d) {
			continue
		}
		m := s.amountOnNight(x, d)
		switch x.Charge {
		case ari.ChargeItem:
			return m
		case ari.ChargeDay, ari.ChargeRoomNight, ari.ChargePersonNight:
			if s.prices[i].free {
				continue
			}
		default:
			m.Quo(m, big.NewRat(int64(s.q.Nights), 1))
		}
		sum.Add(sum, m)
	}
	if x.Charge == ari.ChargePersonNight || x.Charge == ari.ChargePersonStay {
		return times(sum, s.party.payAdults+int64(len(s.party.payAges)))
	}
	return sum
}

func (s *stay) amountOnNight(x ari.Supplement, d ari.StayDate) *big.Rat {
	sum := new(big.Rat)
	for _, a := range x.Amounts {
		if !outside(d, a.From, a.To) && (a.RoomType == "" || a.RoomType == s.roomCode) {
			sum.Add(sum, big.NewRat(int64(a.Amount), 1))
		}
	}
	return sum
}

// supplementsOn answers the sum of the supplements on a side; nil where one is told on the other side.
func (s *stay) supplementsOn(side int) *big.Rat {
	sum := new(big.Rat)
	for _, c := range s.charged {
		if c.side != side {
			return nil
		}
		sum.Add(sum, c.amount)
	}
	return sum
}

// together answers nights and supplements of one room, each rounded if the plan says so; nil if a part is not known.
func (s *stay) together(side int, nights *big.Rat) *big.Rat {
	added := s.supplementsOn(side)
	if nights == nil || added == nil {
		return nil
	}
	if places := s.plan.SumDecimals; places != nil {
		nights, added = rounded(nights, decimals(*places)), rounded(added, decimals(*places))
	}
	return new(big.Rat).Add(nights, added)
}

// fillSupplements puts the supplements into a sellable offer.
func (s *stay) fillSupplements(o *ari.Offer) {
	for _, c := range s.charged {
		var x sides
		x[c.side] = c.amount
		o.Supplements = append(o.Supplements, ari.SupplementPrice{Code: c.supplement.Code, Charge: c.supplement.Charge, Money: money(x)})
	}
}

// checkExtras judges what a plan lists beside its rates: as much of it as the generator spoils.
func (c *catalog) checkExtras(p ari.RatePlan) string {
	for _, o := range p.Offers {
		if o.Kind == ari.OfferFreeNights && (o.NightsDiscounted > o.NightsRequired || o.Pattern != "" && len(o.Pattern) != o.NightsRequired) {
			return ari.CodeBadObject
		}
	}
	for _, s := range p.Seasons {
		if _, ok := c.rooms[s.RoomType]; !ok {
			return ari.CodeUnknownRoomType
		}
	}
	for _, s := range p.Supplements {
		for _, a := range s.Amounts {
			if _, ok := c.rooms[a.RoomType]; a.RoomType != "" && !ok {
				return ari.CodeUnknownRoomType
			}
		}
	}
	return ""
}

// extrasName tells whether a plan's seasons or supplements name a room type.
func extrasName(p ari.RatePlan, room string) bool {
	for _, s := range p.Supplements {
		for _, a := range s.Amounts {
			if a.RoomType == room {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.Seasons, func(s ari.Season) bool { return s.RoomType == room })
}
