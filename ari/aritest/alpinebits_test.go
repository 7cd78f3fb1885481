package aritest_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// A reader of AlpineBits rate plans, for tests only: it says in plans and statements what the message says (docs/evaluation.md, 10). It takes
// what the engine's vectors hold, and fails on what it does not know.

// element is an XML element, whatever its namespace.
type element struct {
	name  string
	attrs map[string]string
	kids  []*element
}

func parseXML(r io.Reader) (*element, error) {
	d := xml.NewDecoder(r)
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return root.kids[0], nil
		}
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := &element{name: x.Name.Local, attrs: map[string]string{}}
			for _, a := range x.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			last := open[len(open)-1]
			last.kids = append(last.kids, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// all answers the elements at a path below e.
func (e *element) all(path ...string) []*element {
	found := []*element{e}
	for _, name := range path {
		var next []*element
		for _, f := range found {
			for _, k := range f.kids {
				if k.name == name {
					next = append(next, k)
				}
			}
		}
		found = next
	}
	return found
}

// alpineRoom is a room category with its occupancies.
type alpineRoom struct {
	Min, Standard, Max int
	MaxChildren        *int `json:"max_children"`
}

// alpinePlan is what one message says.
type alpinePlan struct {
	t          *testing.T
	room       alpineRoom
	plan       ari.RatePlan
	rooms      []string
	statements []ari.Statement
}

// readAlpine reads the one rate plan of a file.
func readAlpine(t *testing.T, path string, room alpineRoom) *alpinePlan {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	root, err := parseXML(f)
	if err != nil {
		t.Fatal(err)
	}
	e := root.all("RatePlans", "RatePlan")[0]
	three := 3
	a := &alpinePlan{t: t, room: room, plan: ari.RatePlan{
		Code: e.attrs["RatePlanCode"], Currency: e.attrs["CurrencyCode"], Fill: ari.FillFromBase, SumDecimals: &three,
		OldestAsAdults: true, FullPayers: ari.FullPayersMaxChildren,
	}}
	a.rates(e.all("Rates", "Rate"))
	for _, r := range e.all("BookingRules", "BookingRule") {
		a.bookingRule(r)
	}
	a.offers(e.all("Offers", "Offer"))
	a.supplements(e.all("Supplements", "Supplement"))
	return a
}

func (a *alpinePlan) say(s ari.Scope, span ari.Span, f ari.Field, v ari.Value) {
	a.statements = append(a.statements, ari.Statement{Verb: ari.Set, Scope: s, Span: span, Field: f, Value: v})
}

func (a *alpinePlan) rates(rates []*element) {
	static := rates[0]
	base := static.all("BaseByGuestAmts", "BaseByGuestAmt")[0]
	a.plan.PerPerson = base.attrs["Type"] == "7"
	a.plan.AmountByGuests = a.plan.PerPerson
	if n := a.int(static, "UnitMultiplier"); n > 1 {
		a.plan.Basis, a.plan.Period = ari.BasisPeriod, n
	}
	for _, r := range rates[1:] {
		room, span := r.attrs["InvTypeCode"], a.span(r)
		if !slices.Contains(a.rooms, room) {
			a.rooms = append(a.rooms, room)
		}
		if a.plan.Period > 1 {
			a.plan.Seasons = append(a.plan.Seasons, ari.Season{RoomType: room, From: span.From, To: span.To})
		}
		product := ari.Product(room, a.plan.Code)
		for _, b := range r.all("BaseByGuestAmts", "BaseByGuestAmt") {
			a.say(product, span, ari.AdultsField(a.int(b, "NumberOfGuests")), ari.After(a.amount(b.attrs["AmountAfterTax"])))
		}
		for _, x := range r.all("AdditionalGuestAmounts", "AdditionalGuestAmount") {
			a.say(product, span, a.additional(x).Field(), ari.After(a.amount(x.attrs["Amount"])))
		}
	}
}

func (a *alpinePlan) additional(x *element) ari.RateKey {
	if x.attrs["AgeQualifyingCode"] == "10" {
		return ari.RateKey{Class: ari.ExtraAdult}
	}
	k := ari.RateKey{Class: ari.ChildBand, Min: uint8(a.int(x, "MinAge")), Max: 31}
	if x.attrs["MaxAge"] != "" {
		k.Max = uint8(a.int(x, "MaxAge"))
	}
	return k
}

// lengths says LengthsOfStay: at arrival, or of the whole stay with the departure date.
func (a *alpinePlan) lengths(e *element, s ari.Scope, span ari.Span) {
	for _, l := range e.all("LengthsOfStay", "LengthOfStay") {
		n := ari.Num(int64(a.int(l, "Time")))
		switch kind := l.attrs["MinMaxMessageType"]; kind {
		case "SetMinLOS":
			a.say(s, span, ari.MinLOSArrival, n)
		case "SetMaxLOS":
			a.say(s, span, ari.Restriction(ari.Arrival, ari.MaxLOS), n)
		case "SetForwardMinStay":
			a.say(s, span, ari.MinLOSThrough, n)
			a.say(s, span, ari.Restriction(ari.Departure, ari.MinLOS), n)
		case "SetForwardMaxStay":
			a.say(s, span, ari.Restriction(ari.Night, ari.MaxLOS), n)
			a.say(s, span, ari.Restriction(ari.Departure, ari.MaxLOS), n)
		default:
			a.t.Fatalf("length of stay %q", kind)
		}
	}
}

// weekdays says on which weekdays guests may not arrive or leave: those told 0.
func (a *alpinePlan) weekdays(e *element, s ari.Scope, span ari.Span) {
	for name, f := range map[string]ari.Field{"ArrivalDaysOfWeek": ari.CTA, "DepartureDaysOfWeek": ari.CTD} {
		for _, d := range e.all("DOW_Restrictions", name) {
			span.Days = 0
			for i, day := range []string{"Mon", "Tue", "Weds", "Thur", "Fri", "Sat", "Sun"} {
				if v := d.attrs[day]; v == "0" || v == "false" {
					span.Days |= 1 << i
				}
			}
			if span.Days != 0 {
				a.say(s, span, f, ari.Num(ari.Shut))
			}
		}
	}
}

func (a *alpinePlan) bookingRule(r *element) {
	s, span := ari.PlanScope(a.plan.Code), a.span(r)
	if code := r.attrs["Code"]; code != "" {
		if r.attrs["CodeContext"] != "ROOMTYPE" {
			a.t.Fatalf("CodeContext %q", r.attrs["CodeContext"])
		}
		s = ari.Product(code, a.plan.Code)
	}
	a.lengths(r, s, span)
	a.weekdays(r, s, span)
	for _, x := range r.all("RestrictionStatus") {
		if x.attrs["Restriction"] == "Master" && x.attrs["Status"] == "Close" {
			a.say(s, span, ari.Closed, ari.Num(ari.Shut))
		}
	}
}

// offers reads the rule of the first offer and the discounts of the others. What the rule asks of LOS, weekdays and booking date is told of the
// plan's family, without dates: a dated booking rule at the plan lies beside it, not over it.
func (a *alpinePlan) offers(offers []*element) {
	for _, rule := range offers[0].all("OfferRules", "OfferRule") {
		s := ari.Scope{Rates: ari.FamilyKind, Rate: a.plan.Code}
		a.lengths(rule, s, ari.Undated)
		a.weekdays(rule, s, ari.Undated)
		for name, f := range map[string]ari.Field{"MinAdvancedBookingOffset": ari.Restriction(ari.Arrival, ari.MinLead), "MaxAdvancedBookingOffset": ari.Restriction(ari.Arrival, ari.MaxLead)} {
			if v := rule.attrs[name]; v != "" {
				a.say(s, ari.Undated, f, ari.LeadDays(int64(a.number(strings.Trim(v, "PD"))), ari.NoTime))
			}
		}
		a.plan.Guests = a.guests(rule.all("Occupancy"))
	}
	for _, o := range offers[1:] {
		d := o.all("Discount")[0]
		if d.attrs["NightsRequired"] != "" {
			a.plan.Offers = append(a.plan.Offers, ari.PlanOffer{Kind: ari.OfferFreeNights, NightsRequired: a.int(d, "NightsRequired"),
				NightsDiscounted: a.int(d, "NightsDiscounted"), Pattern: d.attrs["DiscountPattern"]})
			continue
		}
		g := o.all("Guests", "Guest")[0]
		a.plan.Offers = append(a.plan.Offers, ari.PlanOffer{Kind: ari.OfferFamily, MaxAge: a.int(g, "MaxAge"), MinCount: a.int(g, "MinCount"),
			LastPosition: a.int(g, "LastQualifyingPosition")})
	}
}

func (a *alpinePlan) guests(occupancies []*element) *ari.GuestRule {
	g := &ari.GuestRule{AdultsOnly: true}
	for _, o := range occupancies {
		least, most := a.int(o, "MinOccupancy"), a.int(o, "MaxOccupancy")
		if o.attrs["AgeQualifyingCode"] == "10" {
			g.AdultAge, g.MinAdults, g.MaxAdults = a.int(o, "MinAge"), least, most
			g.AdultsOnly = g.AdultAge == 0
			continue
		}
		g.MinChildAge, g.MaxChildAge, g.MinChildren = a.int(o, "MinAge"), a.int(o, "MaxAge"), least
		if o.attrs["MaxOccupancy"] != "" {
			g.MaxChildren = &most
		}
	}
	if g.AdultsOnly {
		g.MinChildAge, g.MaxChildAge, g.MinChildren, g.MaxChildren = 0, 0, 0, nil
	}
	return g
}

var alpineCharges = map[string]ari.Charge{"1": ari.ChargeDay, "12": ari.ChargeStay, "18": ari.ChargeRoomStay, "19": ari.ChargeRoomNight,
	"20": ari.ChargePersonStay, "21": ari.ChargePersonNight, "24": ari.ChargeItem}

func (a *alpinePlan) supplements(list []*element) {
	at := func(code string) *ari.Supplement {
		i := slices.IndexFunc(a.plan.Supplements, func(s ari.Supplement) bool { return s.Code == code })
		if i < 0 {
			i = len(a.plan.Supplements)
			a.plan.Supplements = append(a.plan.Supplements, ari.Supplement{Code: code})
		}
		return &a.plan.Supplements[i]
	}
	for _, e := range list {
		s := at(e.attrs["InvCode"])
		if c := e.attrs["ChargeTypeCode"]; c != "" {
			s.Charge, s.Mandatory = alpineCharges[c], e.attrs["MandatoryIndicator"] == "true"
			for _, p := range e.all("PrerequisiteInventory") {
				s.Days = a.mask(p.attrs["InvCode"]).Names()
			}
			continue
		}
		span := a.span(e)
		amount := ari.SupplementAmount{From: &span.From, To: &span.To, Amount: a.amount(e.attrs["Amount"])}
		for _, p := range e.all("PrerequisiteInventory") {
			amount.RoomType = p.attrs["InvCode"]
		}
		s.Amounts = append(s.Amounts, amount)
	}
}

// mask reads seven digits, Monday first.
func (a *alpinePlan) mask(digits string) (w ari.Weekdays) {
	for i, d := range digits {
		if d == '1' {
			w |= 1 << i
		}
	}
	if w == 0 || len(digits) != 7 {
		a.t.Fatalf("days of the week %q", digits)
	}
	return w
}

func (a *alpinePlan) span(e *element) ari.Span {
	return ari.Dates(a.date(e.attrs["Start"]), a.date(e.attrs["End"]))
}

func (a *alpinePlan) date(s string) ari.StayDate {
	d, err := ari.ParseDate(s)
	if err != nil {
		a.t.Fatal(err)
	}
	return d
}

// int answers a number; 0 if it is not told.
func (a *alpinePlan) int(e *element, name string) int {
	if e.attrs[name] == "" {
		return 0
	}
	return a.number(e.attrs[name])
}

func (a *alpinePlan) number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

func (a *alpinePlan) amount(s string) ari.Amount {
	x, err := ari.ParseAmount(s)
	if err != nil {
		a.t.Fatal(err)
	}
	return x
}

// updates answers what makes the plan known at a property, from a day on, with rooms to sell.
func (a *alpinePlan) updates(day ari.StayDate) []*ari.Update {
	now := day.Time().Add(time.Hour)
	catalog := &ari.Update{Property: "H", Connection: "pms", Received: now, Order: 1, Day: day, Objects: []ari.ObjectOp{
		object(ari.KindProperty, "H", ari.Property{TimeZone: "UTC", Currency: "EUR"})}}
	counts := &ari.Update{Property: "H", Connection: "pms", Received: now, Order: 2}
	for _, code := range a.rooms {
		catalog.Objects = append(catalog.Objects, object(ari.KindRoomType, code, ari.RoomType{
			MinOccupancy: a.room.Min, StdOccupancy: a.room.Standard, MaxOccupancy: a.room.Max, MaxChildren: a.room.MaxChildren}))
		counts.Statements = append(counts.Statements, ari.Statement{Verb: ari.Set, Scope: ari.RoomScope(code), Span: ari.Undated, Field: ari.Count(ari.Net), Value: ari.Num(5)})
	}
	catalog.Objects = append(catalog.Objects, object(ari.KindRatePlan, a.plan.Code, a.plan))
	return []*ari.Update{catalog, counts, {Property: "H", Connection: "pms", Received: now, Order: 3, Statements: a.statements}}
}

// alpineStay is a stay of the vectors.
type alpineStay struct {
	ID        string             `json:"id"`
	Arrival   string             `json:"arrival"`
	Departure string             `json:"departure"`
	Adults    int                `json:"adults"`
	Ages      []int              `json:"child_ages"`
	Booked    string             `json:"booking_date"`
	Sellable  bool               `json:"sellable"`
	Total     string             `json:"total"`
	Reason    string             `json:"reason"`
	Totals    map[string]float64 `json:"totals"` // of the real plans, by room type
}

func (a *alpinePlan) query(s *alpineStay, booked string) *ari.Query {
	arrival := a.date(s.Arrival)
	return &ari.Query{Arrival: arrival, Nights: int(a.date(s.Departure) - arrival), Rooms: 1, Adults: s.Adults, Children: s.Ages,
		At: a.date(booked).Time().Add(12 * time.Hour)}
}

// outcome writes what is answered: the total, or the reasons.
func outcome(o *ari.Offer) string {
	if o.Sellable {
		return fmt.Sprintf("%.2f", float64(o.Total.After)/float64(ari.AmountUnit))
	}
	return "no: " + answer(*o)
}
