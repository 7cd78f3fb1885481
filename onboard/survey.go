package onboard

import (
	"fmt"
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// Codes of findings. The list is open.
const (
	NoRoomType          = "no_room_type"          // the property has nothing to sell
	NoRatePlan          = "no_rate_plan"          // or no price to sell it at
	NotOffered          = "not_offered"           // an active plan is offered on no active room type
	ProductWithoutPrice = "product_without_price" // rooms are there, and no night has a price
	PriceWithoutStock   = "price_without_stock"   // a price is told on nights for which no rooms are
	ClosedForAYear      = "closed_for_a_year"     // every night looked at is closed
	CannotEvaluate      = "cannot_evaluate"       // something told cannot be evaluated, and is not sold (S1)
	Contradiction       = "contradiction"         // what was told can never be met (S7)
	RoomWithoutMapping  = "room_without_mapping"
	PlanWithoutMapping  = "plan_without_mapping"
	NoSource            = "no_source"      // no connection brings the property its data
	UnmappedWaits       = "unmapped_waits" // items are parked
)

// Finding is one thing that looks wrong, with what shows it.
type Finding struct {
	Code     string
	Severity string // error: it cannot be sold, or not as meant; warning: look at it
	RoomType string
	RatePlan string
	From, To ari.StayDate // first and last night concerned; 0: of no date
	Nights   int          // how many of those
	Evidence string       // what came
	Fix      string
}

// Severities.
const (
	Error   = "error"
	Warning = "warning"
)

// Bounds of one survey: a year of a large hotel, within half a second.
const (
	SurveyNightsMax = 730
	SurveyCellsMax  = 400_000
)

// yearNights is how long all must be closed to be worth a finding.
const yearNights = 365

// Survey looks at one picture's products, each for itself, so that no lock is held for long: call Catalog once, then Product for each product, then
// Findings.
type Survey struct {
	From   ari.StayDate
	Nights int

	products int
	priced   map[string]bool // room types and plans ("r:", "p:") with a price on some night
	cells    int
	skipped  int
	found    []Finding
}

// NewSurvey begins a survey of nights from a day on.
func NewSurvey(from ari.StayDate, nights int) *Survey {
	return &Survey{From: from, Nights: min(max(nights, 1), SurveyNightsMax), priced: map[string]bool{}}
}

// Products answers the products that are offered: active room types and plans. Others are not looked at.
func Products(c *ari.Catalog) (out [][2]string) {
	for _, room := range c.RoomCodes {
		if c.RoomTypes[room].Inactive {
			continue
		}
		for _, plan := range c.PlanCodes {
			if p := c.Plans[plan]; !p.Inactive && offeredOn(p, room) {
				out = append(out, [2]string{room, plan})
			}
		}
	}
	return out
}

func offeredOn(p *ari.RatePlan, room string) bool {
	return len(p.RoomTypes) == 0 || slices.Contains(p.RoomTypes, room)
}

// Catalog looks for what no night is needed for.
func (s *Survey) Catalog(c *ari.Catalog) {
	if !slices.ContainsFunc(c.RoomCodes, func(r string) bool { return !c.RoomTypes[r].Inactive }) {
		s.add(Finding{Code: NoRoomType, Severity: Error, Evidence: fmt.Sprintf("%d room types, none active", len(c.RoomCodes)), Fix: "make the room types that are sold"})
	}
	if !slices.ContainsFunc(c.PlanCodes, func(p string) bool { return !c.Plans[p].Inactive }) {
		s.add(Finding{Code: NoRatePlan, Severity: Error, Evidence: fmt.Sprintf("%d rate plans, none active", len(c.PlanCodes)), Fix: "make the rate plans that are sold"})
	}
	for _, room := range c.RoomCodes {
		r := c.RoomTypes[room]
		if r.Inactive {
			continue
		}
		if r.MaxOccupancy > 0 && r.MinOccupancy > r.MaxOccupancy {
			s.add(Finding{Code: Contradiction, Severity: Error, RoomType: room, Evidence: fmt.Sprintf("min_occupancy %d is above max_occupancy %d", r.MinOccupancy, r.MaxOccupancy), Fix: "change one of them: no party fits"})
		}
	}
	for _, plan := range c.PlanCodes {
		s.plan(c, c.Plans[plan])
	}
}

// plan looks at the terms of one plan.
func (s *Survey) plan(c *ari.Catalog, p *ari.RatePlan) {
	if p.Inactive {
		return
	}
	if p.MaxOccupancy > 0 && p.MinOccupancy > p.MaxOccupancy {
		s.add(Finding{Code: Contradiction, Severity: Error, RatePlan: p.Code, Evidence: fmt.Sprintf("min_occupancy %d is above max_occupancy %d", p.MinOccupancy, p.MaxOccupancy), Fix: "change one of them: no party fits"})
	}
	if p.StayTo != nil && *p.StayTo < s.From || p.SellTo != nil && *p.SellTo < s.From {
		s.add(Finding{Code: Contradiction, Severity: Warning, RatePlan: p.Code, Evidence: "it is active, and its sell or stay window is over", Fix: "make it inactive, or move the window"})
	}
	if len(p.RoomTypes) > 0 && !slices.ContainsFunc(p.RoomTypes, func(r string) bool { return c.RoomTypes[r] != nil && !c.RoomTypes[r].Inactive }) {
		s.add(Finding{Code: NotOffered, Severity: Warning, RatePlan: p.Code, Evidence: "every room type it is offered on is inactive", Fix: "offer it on an active room type, or make it inactive"})
	}
}

// product is what one product's nights add up to.
type product struct {
	room, plan                              string
	nights, priced, stocked, closed, puzzle span
	bare                                    span // priced, and no rooms were told
	clash                                   span // restrictions that cannot be met together
	what                                    string
}

// span is how many nights, from which to which.
type span struct {
	n        int
	from, to ari.StayDate
}

func (s *span) add(d ari.StayDate) {
	if s.n == 0 {
		s.from = d
	}
	s.n++
	s.to = d
}

// Product looks at the nights of one product. It answers false if the survey is full: the product is counted as not looked at.
func (s *Survey) Product(p *ari.Picture, room, plan string) bool {
	s.products++
	if s.cells+s.Nights > SurveyCellsMax {
		s.skipped++
		return false
	}
	s.cells += s.Nights
	x := product{room: room, plan: plan}
	p.Grid(room, plan, "", s.From, s.From+ari.StayDate(s.Nights)-1, func(c *ari.GridCell) { x.night(c) })
	if x.priced.n > 0 {
		s.priced["r:"+room], s.priced["p:"+plan] = true, true
	}
	s.judge(&x)
	return true
}

func (x *product) night(c *ari.GridCell) {
	d := c.Date
	x.nights.add(d)
	if len(c.Rates) > 0 {
		x.priced.add(d)
	}
	switch {
	case c.Inventory == "":
		x.stocked.add(d)
	case len(c.Rates) > 0 && c.Inventory == ari.ReasonNoInventory:
		x.bare.add(d)
	}
	if c.CannotEvaluate || c.Inventory == ari.ReasonCannotEvaluate {
		x.puzzle.add(d)
	}
	if c.StopSell || c.Unopened || slices.ContainsFunc(c.Restrictions, func(v ari.FieldValue) bool { return v.Field == ari.Closed && v.Value.A == ari.Shut }) {
		x.closed.add(d)
	}
	if what := clash(c.Restrictions); what != "" {
		x.clash.add(d)
		if x.what == "" {
			x.what = what
		}
	}
}

// clash answers which restrictions of a night nobody can meet; "" if there are none. A length that arrival and night both bound is bounded by
// both for whoever arrives that day.
func clash(list []ari.FieldValue) string {
	type bound struct {
		field ari.Field
		n     int64
		told  bool
	}
	var minLOS, maxLOS bound
	tight := func(b *bound, v ari.FieldValue, stricter bool) {
		if !b.told || stricter {
			*b = bound{v.Field, v.Value.A, true}
		}
	}
	for _, v := range list {
		if v.Field.When() == ari.Departure {
			continue
		}
		switch v.Field.What() {
		case ari.MinLOS:
			tight(&minLOS, v, v.Value.A > minLOS.n)
		case ari.MaxLOS:
			tight(&maxLOS, v, v.Value.A < maxLOS.n)
		}
	}
	if minLOS.told && maxLOS.told && minLOS.n > maxLOS.n {
		return fmt.Sprintf("%s %d is above %s %d", minLOS.field, minLOS.n, maxLOS.field, maxLOS.n)
	}
	for _, a := range list {
		for _, b := range list {
			if a.Field.When() != b.Field.When() || a.Value.Form != b.Value.Form || a.Value.A <= b.Value.A {
				continue
			}
			if a.Field.What() == ari.MinLead && b.Field.What() == ari.MaxLead {
				return fmt.Sprintf("%s is above %s", a.Field, b.Field)
			}
			if a.Field.What() == ari.MinPrice && b.Field.What() == ari.MaxPrice {
				return fmt.Sprintf("%s %s is above %s %s", a.Field, ari.Amount(a.Value.A), b.Field, ari.Amount(b.Value.A))
			}
		}
	}
	return ""
}

// judge makes findings of what a product's nights add up to.
func (s *Survey) judge(x *product) {
	add := func(code, severity string, on span, evidence, fix string) {
		s.add(Finding{Code: code, Severity: severity, RoomType: x.room, RatePlan: x.plan, From: on.from, To: on.to, Nights: on.n, Evidence: evidence, Fix: fix})
	}
	if x.stocked.n > 0 && x.priced.n == 0 {
		add(ProductWithoutPrice, Error, x.stocked, fmt.Sprintf("rooms are told on %d of %d nights, a price on none", x.stocked.n, s.Nights),
			"send rates for the product, or say with room_types of the plan where it is offered")
	}
	if x.bare.n > 0 {
		add(PriceWithoutStock, Error, x.bare, fmt.Sprintf("%d nights have a price and no rooms: never sellable (S9)", x.bare.n), "send the rooms to sell of the room type, or of the pools it draws on")
	}
	if x.nights.n >= yearNights && x.closed.n == x.nights.n {
		add(ClosedForAYear, Warning, x.closed, fmt.Sprintf("all %d nights looked at are closed, stopped or not opened", x.closed.n), "open what is to be sold, or make the plan or room type inactive")
	}
	if x.puzzle.n > 0 {
		add(CannotEvaluate, Error, x.puzzle, fmt.Sprintf("%d nights hold what cannot be evaluated", x.puzzle.n), "GET /v1/explain names it; a profile may mark a kind as ignorable")
	}
	if x.clash.n > 0 {
		add(Contradiction, Error, x.clash, fmt.Sprintf("on %d nights nobody can arrive: %s", x.clash.n, x.what), "send one of the two anew")
	}
}

func (s *Survey) add(f Finding) { s.found = append(s.found, f) }

// Add adds a finding that comes from elsewhere: mappings, parked items.
func (s *Survey) Add(f Finding) { s.add(f) }

// Whole looks at what all products add up to: room types and plans of which no night is priced, or has rooms told. Call it after the last Product.
func (s *Survey) Whole(c *ari.Catalog) {
	if s.skipped > 0 {
		return // what was not looked at may be priced
	}
	rooms, plans := s.Unpriced(c)
	for _, room := range rooms {
		s.unlessFound(Finding{Code: ProductWithoutPrice, Severity: Error, RoomType: room, Evidence: fmt.Sprintf("no price is told of the room type on any of %d nights", s.Nights),
			Fix: "send rates, or make it inactive"})
	}
	for _, plan := range plans {
		s.unlessFound(Finding{Code: ProductWithoutPrice, Severity: Error, RatePlan: plan, Evidence: fmt.Sprintf("no price is told of the plan on any of %d nights", s.Nights),
			Fix: "send rates, or make it inactive"})
	}
}

// unlessFound adds a finding of a room type or plan, unless one of its products has the same.
func (s *Survey) unlessFound(f Finding) {
	if !slices.ContainsFunc(s.found, func(x Finding) bool {
		return x.Code == f.Code && (f.RoomType != "" && x.RoomType == f.RoomType || f.RatePlan != "" && x.RatePlan == f.RatePlan)
	}) {
		s.add(f)
	}
}

// Findings answers what was found, errors first.
func (s *Survey) Findings() []Finding {
	slices.SortStableFunc(s.found, func(a, b Finding) int {
		switch {
		case a.Severity == b.Severity:
			return 0
		case a.Severity == Error:
			return -1
		}
		return 1
	})
	return s.found
}

// Looked answers how many products there are, and how many of them were not looked at since the survey was full.
func (s *Survey) Looked() (products, skipped int) { return s.products, s.skipped }

// Unpriced answers the active room types and plans that no looked-at product prices on any night.
func (s *Survey) Unpriced(c *ari.Catalog) (rooms, plans []string) {
	for _, p := range Products(c) {
		if !s.priced["r:"+p[0]] && !slices.Contains(rooms, p[0]) {
			rooms = append(rooms, p[0])
		}
		if !s.priced["p:"+p[1]] && !slices.Contains(plans, p[1]) {
			plans = append(plans, p[1])
		}
	}
	return rooms, plans
}
