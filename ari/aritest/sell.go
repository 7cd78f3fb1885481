package aritest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Sell answers every product for a query, sorted by room type and plan, with every reason why it is not sellable (evaluation 7).
func (m *Model) Sell(q *ari.Query) []ari.Offer {
	var out []ari.Offer
	for _, room := range slices.Sorted(maps.Keys(m.catalog.rooms)) {
		for _, plan := range slices.Sorted(maps.Keys(m.catalog.plans)) {
			if asked(q.RoomTypes, room) && asked(q.RatePlans, plan) {
				out = append(out, m.sellProduct(q, room, plan))
			}
		}
	}
	return out
}

func asked(only []string, code string) bool { return len(only) == 0 || slices.Contains(only, code) }

// stay is one question about one product, and the reasons found so far.
type stay struct {
	*Model
	q                  *ari.Query
	room               ari.RoomType
	plan               ari.RatePlan
	roomCode, planCode string
	zone               *time.Location
	party              party
	reasons            map[ari.Reason]bool
	units              []int64  // rooms left on each night
	prices             []*night // of each night, in order; nil where the plan has no amounts for such a stay
	charged            []charged
}

func (m *Model) sellProduct(q *ari.Query, room, plan string) ari.Offer {
	s := newStay(m, q, room, plan)
	s.judge()
	offer := ari.Offer{Room: room, Plan: plan, Sellable: len(s.reasons) == 0, Reasons: SortReasons(slices.Collect(maps.Keys(s.reasons)))}
	if offer.Sellable {
		s.fillPrice(&offer)
	}
	return offer
}

func newStay(m *Model, q *ari.Query, room, plan string) *stay {
	s := &stay{
		Model: m, q: q, roomCode: room, planCode: plan, room: m.catalog.rooms[room], plan: m.catalog.plans[plan],
		zone: m.catalog.zone, reasons: map[ari.Reason]bool{},
	}
	s.party = s.partyOf()
	return s
}

// SortReasons sorts by code, date and field, in place.
func SortReasons(rs []ari.Reason) []ari.Reason {
	slices.SortFunc(rs, func(a, b ari.Reason) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Field, b.Field))
	})
	return rs
}

func (s *stay) departure() ari.StayDate { return s.q.Arrival + ari.StayDate(s.q.Nights) }

// nights answers the dates of the nights.
func (s *stay) nights() []ari.StayDate {
	var out []ari.StayDate
	for d := s.q.Arrival; d < s.departure(); d++ {
		out = append(out, d)
	}
	return out
}

// no adds a reason on a date; without adds one that has no date; because adds one of a restriction.
func (s *stay) no(code string, d ari.StayDate) { s.reasons[ari.Reason{Code: code, Date: d}] = true }
func (s *stay) without(code string)            { s.no(code, ari.DateMin) }
func (s *stay) because(code string, d ari.StayDate, f ari.Field) {
	s.reasons[ari.Reason{Code: code, Date: d, Field: f}] = true
}

// judge collects every reason.
func (s *stay) judge() {
	s.judgeOffered()
	if len(s.reasons) > 0 {
		return
	}
	first, last := s.horizon()
	if s.q.Arrival < first || s.departure()-1 > last {
		s.no(ari.ReasonBeyondHorizon, s.q.Arrival)
		return
	}
	s.judgeTime()
	s.judgeOccupancy()
	s.judgeOverlaysAndUnknowns()
	s.judgeRooms()
	s.judgePrices()
	s.judgeRestrictions()
}

// judgeOffered looks at what ends the evaluation.
func (s *stay) judgeOffered() {
	if s.plan.Inactive {
		s.without(ari.ReasonPlanInactive)
	}
	if s.room.Inactive {
		s.without(ari.ReasonRoomInactive)
	}
	if !s.offered() {
		s.without(ari.ReasonNotOffered)
	}
	access := len(s.plan.AccessCodes) == 0
	for _, code := range s.q.Access {
		access = access || slices.Contains(s.plan.AccessCodes, code)
	}
	if !asked(s.plan.Channels, s.q.Channel) || !asked(s.plan.Clients, s.q.Client) || !access {
		s.without(ari.ReasonNotVisible)
	}
	if _, ok := s.catalog.blocks[s.q.Block]; s.q.Block != "" && !ok {
		s.without(ari.ReasonBlockUnknown)
	}
}

// offered tells whether the plan, and every plan it is derived from, is offered on the room type.
func (s *stay) offered() bool {
	for _, p := range s.catalog.ancestors(s.planCode) {
		if !asked(s.catalog.plans[p].RoomTypes, s.roomCode) {
			return false
		}
	}
	return true
}

// judgeTime looks at the booking's and the stay's windows and at the business date.
func (s *stay) judgeTime() {
	booked := ari.LocalDate(s.q.At, s.zone)
	if outside(booked, s.plan.SellFrom, s.plan.SellTo) {
		s.no(ari.ReasonOutsideSellWindow, s.q.Arrival)
	}
	for _, d := range s.nights() {
		if outside(d, s.plan.StayFrom, s.plan.StayTo) {
			s.no(ari.ReasonOutsideStayWindow, d)
		}
	}
	if s.q.Arrival < s.businessDate() {
		s.no(ari.ReasonArrivalPast, s.q.Arrival)
	}
}

func outside(d ari.StayDate, from, to *ari.StayDate) bool {
	return from != nil && d < *from || to != nil && d > *to
}

// businessDate is S15.
func (s *stay) businessDate() ari.StayDate {
	calendar := ari.LocalDate(s.q.At, s.zone)
	if told := s.catalog.property.BusinessDate; told != nil {
		if *told == calendar || *told == calendar-1 {
			return *told
		}
		return calendar
	}
	return ari.LocalDate(s.q.At.Add(-time.Duration(s.catalog.property.DayEndsAt)*time.Minute), s.zone)
}

// judgeOverlaysAndUnknowns looks at stop-sells and at what cannot be evaluated yet.
func (s *stay) judgeOverlaysAndUnknowns() {
	for _, d := range s.nights() {
		if len(s.overlaysOn(ari.StopSell, d)) > 0 {
			s.no(ari.ReasonStopSell, d)
		}
		if len(s.values(ari.UnknownField, d, s.inherited(anyGroup))) > 0 {
			s.no(ari.ReasonCannotEvaluate, d)
		}
	}
	s.judgeKept()
}

// anyGroup tells whether a plan inherits anything: then its parent's unknown kinds too.
func anyGroup(i ari.Inherit) bool { return i != ari.Inherit{} }

// overlaysOn answers the overlays of a kind that cover the product on a night. A transient stop-sell stops the sale of blocks too.
func (s *stay) overlaysOn(kind ari.OverlayKind, d ari.StayDate) []overlay {
	var out []overlay
	for _, o := range s.overlays {
		block := s.q.Block
		if kind == ari.StopSell && o.Scope.Block == "" {
			block = ""
		}
		if o.Kind == kind && o.Span.Covers(d) && s.catalog.covers(o.Scope, s.roomCode, s.planCode, s.q.Channel, block) {
			out = append(out, o)
		}
	}
	return out
}

// inherited tells whether a scope covers the product, or the parent's product if the plan inherits the group, and so on up.
func (s *stay) inherited(inherits func(ari.Inherit) bool) func(ari.Scope) bool {
	return func(x ari.Scope) bool {
		for code := s.planCode; code != ""; code = s.catalog.plans[code].Parent {
			if s.catalog.covers(x, s.roomCode, code, s.q.Channel, s.q.Block) {
				return true
			}
			if !inherits(s.catalog.plans[code].Inherit) {
				return false
			}
		}
		return false
	}
}

// groupOf answers whether a plan inherits a restriction kind.
func groupOf(when ari.When, what ari.What) func(ari.Inherit) bool {
	return func(i ari.Inherit) bool {
		switch what {
		case ari.NotAtAll:
			return when == ari.Night && i.Closed || when != ari.Night && i.CTACTD
		case ari.MinLOS, ari.MaxLOS, ari.LOSPattern:
			return i.LOS
		case ari.MinLead, ari.MaxLead:
			return i.Lead
		}
		return false
	}
}

// judgeRestrictions looks at night rows on every night, arrival rows on the arrival, departure rows on the departure (evaluation 3).
func (s *stay) judgeRestrictions() {
	for _, d := range s.nights() {
		s.judgeRow(ari.Night, d, d)
		s.judgeUnopened(d)
	}
	s.judgeRow(ari.Arrival, s.q.Arrival, s.q.Arrival)
	s.judgeRow(ari.Departure, s.departure(), s.departure()-1)
}

// judgeRow looks at all restrictions of one when on a date; prices are those of the night.
func (s *stay) judgeRow(when ari.When, d, night ari.StayDate) {
	for what := ari.NotAtAll; what <= ari.MaxPrice; what++ {
		f := ari.Restriction(when, what)
		for _, v := range s.values(f, d, s.inherited(groupOf(when, what))) {
			s.judgeRestriction(f, v, d, night)
		}
	}
}

var notAtAll = map[ari.When]string{
	ari.Night: ari.ReasonClosed, ari.Arrival: ari.ReasonClosedToArrival, ari.Departure: ari.ReasonClosedToDeparture,
}

func (s *stay) judgeRestriction(f ari.Field, v ari.Value, d, night ari.StayDate) {
	los := int64(s.q.Nights)
	fails := func(code string, is bool) {
		if is {
			s.because(code, d, f)
		}
	}
	switch f.What() {
	case ari.NotAtAll:
		fails(notAtAll[f.When()], v.A == ari.Shut)
	case ari.MinLOS:
		fails(ari.ReasonMinLOS, los < v.A)
	case ari.MaxLOS:
		fails(ari.ReasonMaxLOS, los > v.A)
	case ari.LOSPattern:
		open := v.Form == 1
		if los <= v.B {
			open = v.A>>(los-1)&1 == 1
		}
		fails(ari.ReasonLOSPattern, !open)
	case ari.MinLead:
		fails(ari.ReasonMinLead, !s.leadAtLeast(v))
	case ari.MaxLead:
		fails(ari.ReasonMaxLead, !s.leadAtMost(v))
	case ari.MinPrice, ari.MaxPrice:
		s.judgeNightAmount(f, v, d, night)
	}
}

// judgeUnopened is the plan's choice that unopened is closed (S6).
func (s *stay) judgeUnopened(d ari.StayDate) {
	if !s.plan.UnopenedIsClosed || s.q.Block != "" {
		return
	}
	plans := []string{s.planCode}
	if s.plan.Inherit.Closed && s.plan.Parent != "" {
		plans = append(plans, s.plan.Parent)
	}
	exactly := func(x ari.Scope) bool {
		channel := x.Channel
		x.Channel = ""
		return (channel == "" || channel == s.q.Channel) &&
			slices.ContainsFunc(plans, func(p string) bool { return x == ari.Product(s.roomCode, p) })
	}
	for _, v := range s.values(ari.Closed, d, exactly) {
		if v.A == ari.Open {
			return
		}
	}
	s.no(ari.ReasonUnopened, d)
}

// leadAtLeast tells whether the booking instant is early enough; leadAtMost, whether it is late enough (S16).
func (s *stay) leadAtLeast(v ari.Value) bool {
	if v.Form == 1 {
		return s.leadReference().Sub(s.q.At) >= time.Duration(v.A)*time.Minute
	}
	days, at := s.leadDays()
	return days > v.A || days == v.A && (v.B == ari.NoTime || at <= time.Duration(v.B)*time.Minute)
}

func (s *stay) leadAtMost(v ari.Value) bool {
	if v.Form == 1 {
		return s.leadReference().Sub(s.q.At) <= time.Duration(v.A)*time.Minute
	}
	days, at := s.leadDays()
	return days < v.A || days == v.A && (v.B == ari.NoTime || at >= time.Duration(v.B)*time.Minute)
}

// leadDays answers local days from booking to arrival, and the local time of day of the booking.
func (s *stay) leadDays() (days int64, at time.Duration) {
	l := s.q.At.In(s.zone)
	at = time.Duration(l.Hour())*time.Hour + time.Duration(l.Minute())*time.Minute +
		time.Duration(l.Second())*time.Second + time.Duration(l.Nanosecond())
	return int64(s.q.Arrival - ari.LocalDate(s.q.At, s.zone)), at
}

// leadReference answers the instant that a lead told as a duration counts to.
func (s *stay) leadReference() time.Time {
	switch s.catalog.property.LeadReference {
	case "midnight_start":
		return instant(s.q.Arrival, 0, s.zone)
	case "midnight_end":
		return instant(s.q.Arrival+1, 0, s.zone)
	}
	return instant(s.q.Arrival, s.catalog.property.CheckIn, s.zone)
}

// instant answers when a local time is: the first if it is twice; if it never is, read with the offset before the change.
func instant(d ari.StayDate, at ari.TimeOfDay, zone *time.Location) time.Time {
	asUTC := d.Time().Add(time.Duration(at) * time.Minute)
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(asUTC.Add(-24*time.Hour)), offset(asUTC.Add(24*time.Hour))
	for _, off := range []time.Duration{max(before, after), min(before, after)} { // the larger offset is the earlier instant
		if t := asUTC.Add(-off); offset(t) == off {
			return t
		}
	}
	return asUTC.Add(-before)
}
