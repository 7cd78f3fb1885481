package aritest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/ari/aritest"
)

// The hotel of the worked examples: today is Monday 1 June 2026, in Berlin.
var day = ari.DateOf(2026, time.June, 1)

// hotel is a model with helpers that fail the test. When the test ends, the fast picture must have said the same of all of it.
type hotel struct {
	*aritest.Model
	t     *testing.T
	order int64
	steps []aritest.Step
}

// newHotel answers a hotel with room type R and the plan P, told 5 rooms and 100.00 for one or two adults (after tax) on every date.
func newHotel(t *testing.T, objects ...ari.ObjectOp) *hotel {
	h := &hotel{Model: aritest.NewModel("H"), t: t}
	t.Cleanup(func() {
		if d := difference(h.steps, nil); d != "" {
			t.Errorf("%s\n%s", d, aritest.Describe(h.steps))
		}
	})
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR"}))
	h.apply(ari.Update{Day: day})
	h.objects(object(ari.KindRoomType, "R", ari.RoomType{}), object(ari.KindRatePlan, "P", ari.RatePlan{}))
	h.objects(objects...)
	h.set(ari.RoomScope("R"), ari.Count(ari.Net), ari.Undated, ari.Num(5))
	h.rate("P", 1, 100)
	h.rate("P", 2, 100)
	return h
}

func property(p ari.Property) ari.ObjectOp { return object(ari.KindProperty, "H", p) }

func object(kind, code string, v any) ari.ObjectOp {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return ari.ObjectOp{Kind: kind, Code: code, Body: body}
}

// apply sends an update of connection "c" with a stamp of its own, unless the update has them.
func (h *hotel) apply(u ari.Update) aritest.Outcome {
	h.order += 10
	u.Property = "H"
	if u.Connection == "" {
		u.Connection = "c"
	}
	if u.Order == 0 {
		u.Order = h.order
	}
	if u.Received.IsZero() {
		u.Received = max(day, h.Day()).Time().Add(12 * time.Hour)
	}
	h.steps = append(h.steps, aritest.Step{Update: &u})
	return h.Apply(&u)
}

func (h *hotel) must(u ari.Update) {
	h.t.Helper()
	if out := h.apply(u); out.Refused || len(out.Items) > 0 {
		h.t.Fatalf("refused: %v", out)
	}
}

func (h *hotel) objects(ops ...ari.ObjectOp) { h.t.Helper(); h.must(ari.Update{Objects: ops}) }

func (h *hotel) set(s ari.Scope, f ari.Field, span ari.Span, v ari.Value) {
	h.t.Helper()
	h.must(ari.Update{Statements: []ari.Statement{{Verb: ari.Set, Scope: s, Field: f, Span: span, Value: v}}})
}

func (h *hotel) clear(s ari.Scope, f ari.Field, span ari.Span) {
	h.t.Helper()
	h.must(ari.Update{Statements: []ari.Statement{{Verb: ari.Clear, Scope: s, Field: f, Span: span}}})
}

// rate sets whole units for n adults of a plan in R, after tax, on every date.
func (h *hotel) rate(plan string, n int, units ari.Amount) {
	h.t.Helper()
	h.set(ari.Product("R", plan), ari.AdultsField(n), ari.Undated, ari.After(units*ari.AmountUnit))
}

// stay asks for two adults from a number of days after today, booked today at noon local.
func stay(in, nights int) *ari.Query {
	return &ari.Query{Arrival: day + ari.StayDate(in), Nights: nights, Rooms: 1, Adults: 2, At: time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)}
}

// answer writes an offer as a line: the total and rooms left, or the reasons as code@days after today.
func answer(o ari.Offer) string {
	if o.Sellable {
		return strings.TrimSpace(money(o.Total) + fmt.Sprintf(" left %d", o.Left))
	}
	var parts []string
	for _, r := range o.Reasons {
		s := r.Code
		if r.Date != ari.DateMin {
			s += fmt.Sprintf("@%d", r.Date-day)
		}
		if r.Field != 0 {
			s += "/" + r.Field.String()
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func money(m ari.Money) string {
	var s []string
	if m.Form&ari.SideBefore != 0 {
		s = append(s, m.Before.String()+" net")
	}
	if m.Form&ari.SideAfter != 0 {
		s = append(s, m.After.String())
	}
	return strings.Join(s, " ")
}

// wants asks one product and compares.
func (h *hotel) wants(plan string, q *ari.Query, want string) {
	h.t.Helper()
	q.RatePlans, q.RoomTypes = []string{plan}, []string{"R"}
	copied := *q
	h.steps = append(h.steps, aritest.Step{Query: &copied})
	offers := h.Sell(q)
	if len(offers) != 1 {
		h.t.Fatalf("%d offers", len(offers))
	}
	if got := answer(offers[0]); got != want {
		h.t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestModelSellsWhatIsTold(t *testing.T) {
	h := newHotel(t)
	h.wants("P", stay(1, 3), "300.00 left 5") // 3 nights x 100
	q := stay(1, 3)
	q.Rooms = 2
	h.wants("P", q, "600.00 left 5")
	q.Rooms = 6
	h.wants("P", q, "sold_out@1 sold_out@2 sold_out@3")
	q = stay(1, 1)
	q.Adults = 3 // exact fill, nothing told for 3 and no extra adult
	h.wants("P", q, "no_rate@1")
	h.wants("P", stay(-1, 1), "arrival_past@-1")
	h.wants("P", stay(1095, 1), "100.00 left 5")
	h.wants("P", stay(1095, 2), "beyond_horizon@1095")
}

func TestModelTakesTheNewestStatement(t *testing.T) {
	h := newHotel(t)
	net, room := ari.Count(ari.Net), ari.RoomScope("R")
	from := func(a, b int) ari.Span { return ari.Dates(day+ari.StayDate(a), day+ari.StayDate(b)) }
	h.set(room, net, from(3, 4), ari.Num(1))
	h.wants("P", stay(2, 1), "100.00 left 5")
	h.wants("P", stay(2, 2), "200.00 left 1")
	h.clear(room, net, from(4, 4))
	h.wants("P", stay(3, 2), "no_inventory@4")
	// A late message, stamped before the dated set but after the undated one, delivers only what it is newest for.
	h.must(ari.Update{Order: 35, Statements: []ari.Statement{{Verb: ari.Set, Scope: room, Field: net, Span: from(2, 4), Value: ari.Num(2)}}})
	h.wants("P", stay(2, 1), "100.00 left 5")
	h.must(ari.Update{Order: 65, Statements: []ari.Statement{{Verb: ari.Set, Scope: room, Field: net, Span: from(2, 4), Value: ari.Num(2)}}})
	h.wants("P", stay(2, 1), "100.00 left 2")
	h.wants("P", stay(3, 1), "100.00 left 1") // stamped 70
}

func TestModelKnowsOpenEndedStatementsWhenTheHorizonRolls(t *testing.T) {
	h := newHotel(t)
	cta := ari.Restriction(ari.Arrival, ari.NotAtAll)
	h.set(ari.Scope{}, cta, ari.Span{From: day + 1100, To: ari.DateMax, Days: ari.AllDays}, ari.Num(ari.Shut))
	// Dated beyond the horizon: trimmed, and not remembered.
	h.set(ari.RoomScope("R"), ari.Count(ari.Net), ari.Dates(day+1099, day+1101), ari.Num(3))
	h.must(ari.Update{Day: day + 10})
	h.wants("P", stay(1099, 1), "100.00 left 5")
	h.wants("P", stay(1100, 1), "closed_to_arrival@1100/cta")
}

func TestModelAdjustsGoOverSetsAndLateSetsUnderThem(t *testing.T) {
	room, net := ari.RoomScope("R"), ari.Count(ari.Net)
	on := ari.Dates(day+1, day+1)
	say := func(verb ari.Verb, order, n int64) ari.Update {
		return ari.Update{Order: order, Statements: []ari.Statement{{Verb: verb, Scope: room, Field: net, Span: on, Value: ari.Num(n)}}}
	}
	h := newHotel(t) // 5 rooms, order below 100
	h.must(say(ari.Adjust, 120, -1))
	h.must(say(ari.Adjust, 110, -1))
	h.wants("P", stay(1, 1), "100.00 left 3") // 5 - 1 - 1
	h.must(say(ari.Set, 115, 10))             // late: over the adjust of 110, under that of 120
	h.wants("P", stay(1, 1), "100.00 left 9")
	h.must(say(ari.Adjust, 112, -5)) // older than the set: already in it
	h.wants("P", stay(1, 1), "100.00 left 9")
	h.must(say(ari.Clear, 130, 0))
	if out := h.apply(say(ari.Adjust, 140, -1)); out.Items[0] != ari.CodeAdjustUnset {
		t.Errorf("adjust of an unset cell: %v", out)
	}
	h.must(ari.Update{Order: 150, Statements: []ari.Statement{{Verb: ari.Set, Scope: room, Field: ari.Count(ari.Physical), Span: on, Value: ari.Num(8)}}})
	if out := h.apply(say(ari.Adjust, 160, -1)); out.Items[0] != ari.CodeAdjustUnset {
		t.Errorf("adjust of net on counts: %v", out)
	}
	h.must(say(ari.Set, 145, 7)) // net is told, but older than physical
	if out := h.apply(say(ari.Adjust, 160, -1)); out.Items[0] != ari.CodeAdjustBasis {
		t.Errorf("adjust of the other basis: %v", out)
	}
	h.wants("P", stay(1, 1), "100.00 left 8")
}

func TestModelCountsWithComponents(t *testing.T) {
	h := newHotel(t, object(ari.KindRoomClass, "C", ari.RoomClass{}), object(ari.KindRoomType, "R", ari.RoomType{Class: "C"}))
	tell := func(s ari.Scope, c ari.Component, n int64) {
		h.t.Helper()
		h.set(s, ari.Count(c), ari.Undated, ari.Num(n))
	}
	tell(ari.RoomScope("R"), ari.SoldDefinite, 4)
	h.wants("P", stay(1, 1), "cannot_evaluate@1") // counts, but no physical
	tell(ari.RoomScope("R"), ari.Physical, 20)
	tell(ari.RoomScope("R"), ari.OutOfOrder, 1)
	tell(ari.RoomScope("R"), ari.SoldTentative, 2)
	tell(ari.RoomScope("R"), ari.Overbooking, 3)
	h.wants("P", stay(1, 1), "100.00 left 16") // 20 - 1 - 4 - 2 + 3
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", Counts: ari.CountPolicy{KeepSoldTentative: true}}))
	h.wants("P", stay(1, 1), "100.00 left 18") // the tentative ones are kept for sale
	tell(ari.Scope{Rooms: ari.RoomClassKind, Room: "C"}, ari.Net, 7)
	h.wants("P", stay(1, 1), "100.00 left 7") // the class has fewer
	tell(ari.Scope{}, ari.Net, -2)
	h.wants("P", stay(1, 1), "sold_out@1") // the property is overbooked
}

func TestModelPoolsNeedRoomsTimesQuantity(t *testing.T) {
	h := newHotel(t, object(ari.KindPool, "A", ari.Pool{}), object(ari.KindPool, "B", ari.Pool{}),
		object(ari.KindRoomType, "R", ari.RoomType{Pools: []ari.PoolUse{{Pool: "A", Quantity: 2}, {Pool: "B", Quantity: 1}}}))
	h.wants("P", stay(1, 1), "no_inventory@1") // its own 5 are not listed
	h.set(ari.Scope{Rooms: ari.PoolKind, Room: "A"}, ari.Count(ari.Net), ari.Undated, ari.Num(7))
	h.wants("P", stay(1, 1), "no_inventory@1") // B is unset
	h.set(ari.Scope{Rooms: ari.PoolKind, Room: "B"}, ari.Count(ari.Net), ari.Undated, ari.Num(9))
	h.wants("P", stay(1, 1), "100.00 left 3") // floor(7 / 2)
	h.set(ari.Scope{Rooms: ari.PoolKind, Room: "A"}, ari.Count(ari.Net), ari.Undated, ari.Num(-1))
	h.wants("P", stay(1, 1), "sold_out@1") // floor(-1 / 2) = -1
}

func TestModelLimits(t *testing.T) {
	h := newHotel(t)
	limit := func(s ari.Scope, k ari.LimitKind, n int64) {
		h.t.Helper()
		h.set(s, ari.Limit(k), ari.Undated, ari.Num(n))
	}
	limit(ari.PlanScope("P"), ari.HoldBack, 1)
	limit(ari.Scope{}, ari.HoldBack, 2)
	h.wants("P", stay(1, 1), "100.00 left 3") // 5 - max(1, 2)
	limit(ari.RoomScope("R"), ari.Offset, 4)
	limit(ari.PlanScope("P"), ari.Offset, -1)
	h.wants("P", stay(1, 1), "100.00 left 6") // 5 + 4 - 1 - 2
	limit(ari.Scope{Channel: "web"}, ari.Remaining, 2)
	h.wants("P", stay(1, 1), "100.00 left 6")
	q := stay(1, 1)
	q.Channel = "web"
	h.wants("P", q, "100.00 left 2")
	limit(ari.RoomScope("R"), ari.Total, 9)
	h.wants("P", stay(1, 1), "cannot_evaluate@1") // the count is net: the sold count is not known
	h.set(ari.RoomScope("R"), ari.Count(ari.Physical), ari.Undated, ari.Num(10))
	h.set(ari.RoomScope("R"), ari.Count(ari.SoldDefinite), ari.Undated, ari.Num(4))
	h.wants("P", stay(1, 1), "100.00 left 5") // min(10 - 4 + 4 - 1 - 2, 9 - 4)
}

func TestModelRestrictionsByWhen(t *testing.T) {
	on := func(d int) ari.Span { return ari.Dates(day+ari.StayDate(d), day+ari.StayDate(d)) }
	for _, c := range []struct {
		name  string
		field ari.Field
		value ari.Value
		on    int
		want  map[[2]int]string // arrival, nights
	}{
		{"closed is for nights", ari.Closed, ari.Num(ari.Shut), 3, map[[2]int]string{
			{2, 1}: "100.00 left 5", {2, 2}: "closed@3/closed", {3, 1}: "closed@3/closed"}},
		{"cta is for the arrival", ari.CTA, ari.Num(ari.Shut), 3, map[[2]int]string{
			{2, 2}: "200.00 left 5", {3, 1}: "closed_to_arrival@3/cta"}},
		{"ctd is for the departure", ari.CTD, ari.Num(ari.Shut), 3, map[[2]int]string{
			{2, 2}: "200.00 left 5", {2, 1}: "closed_to_departure@3/ctd"}},
		{"open lifts nothing and closes nothing", ari.Closed, ari.Num(ari.Open), 3, map[[2]int]string{{3, 1}: "100.00 left 5"}},
		{"min los on arrival", ari.MinLOSArrival, ari.Num(2), 3, map[[2]int]string{
			{3, 1}: "min_los@3/min_los_arrival", {3, 2}: "200.00 left 5", {2, 2}: "200.00 left 5"}},
		{"min los stay-through", ari.MinLOSThrough, ari.Num(3), 3, map[[2]int]string{
			{2, 2}: "min_los@3/min_los_night", {2, 1}: "100.00 left 5", {1, 3}: "300.00 left 5"}},
		{"max los", ari.MaxLOSArrival, ari.Num(1), 3, map[[2]int]string{
			{3, 2}: "max_los@3/max_los_arrival", {3, 1}: "100.00 left 5"}},
		// Stays of 1 and 3 nights are open; 4 and longer by the tail.
		{"pattern", ari.Restriction(ari.Arrival, ari.LOSPattern), ari.Pattern(0b101, 3, true), 3, map[[2]int]string{
			{3, 1}: "100.00 left 5", {3, 2}: "los_pattern@3/los_pattern_arrival", {3, 3}: "300.00 left 5", {3, 4}: "400.00 left 5"}},
		{"min price of the arrival's night", ari.Restriction(ari.Arrival, ari.MinPrice), ari.Price(ari.SideAfter, 1_000_001), 3, map[[2]int]string{
			{3, 1}: "min_price@3/min_price_arrival", {2, 1}: "100.00 left 5"}},
		{"an equal price passes", ari.Restriction(ari.Night, ari.MaxPrice), ari.Price(ari.SideAfter, 1_000_000), 3, map[[2]int]string{
			{3, 1}: "100.00 left 5"}},
		{"a price on a side that is not known", ari.Restriction(ari.Departure, ari.MaxPrice), ari.Price(ari.SideBefore, 5_000_000), 3, map[[2]int]string{
			{2, 1}: "cannot_evaluate@3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHotel(t)
			h.set(ari.Scope{}, c.field, on(c.on), c.value)
			for s, want := range c.want {
				h.wants("P", stay(s[0], s[1]), want)
			}
		})
	}
}

func TestModelLead(t *testing.T) {
	lead := func(what ari.What, v ari.Value) func(*hotel) {
		return func(h *hotel) { h.set(ari.Scope{}, ari.Restriction(ari.Arrival, what), ari.Undated, v) }
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	march29 := ari.DateOf(2026, time.March, 29) // clocks in Berlin go from 02:00 to 03:00
	for _, c := range []struct {
		name    string
		told    func(*hotel)
		arrival ari.StayDate
		booked  string
		want    bool
	}{
		{"two days ahead", lead(ari.MinLead, ari.LeadDays(2, ari.NoTime)), day + 2, "2026-05-30T23:59:00+02:00", true},
		{"one local day ahead is not two", lead(ari.MinLead, ari.LeadDays(2, ari.NoTime)), day + 2, "2026-06-02T00:01:00+02:00", false},
		{"in time on the last day", lead(ari.MinLead, ari.LeadDays(1, 18*60)), day + 1, "2026-06-01T18:00:00+02:00", true},
		{"late on the last day", lead(ari.MinLead, ari.LeadDays(1, 18*60)), day + 1, "2026-06-01T18:00:01+02:00", false},
		{"last minute from a time on", lead(ari.MaxLead, ari.LeadDays(1, 12*60)), day + 1, "2026-06-01T11:59:59+02:00", false},
		{"last minute after it", lead(ari.MaxLead, ari.LeadDays(1, 12*60)), day + 1, "2026-06-01T12:00:00+02:00", true},
		// Check-in is at 15:00 = 13:00Z, 24 hours before is 13:00Z.
		{"24 hours before check-in", lead(ari.MinLead, ari.LeadMinutes(24*60)), day + 1, "2026-06-01T13:00:00Z", true},
		{"a second late", lead(ari.MinLead, ari.LeadMinutes(24*60)), day + 1, "2026-06-01T13:00:01Z", false},
		// The night of 28 to 29 March has 23 hours between 15:00 and 15:00: 15:00 on the 28th is 14:00Z, check-in is 13:00Z.
		{"a day of 23 hours", lead(ari.MinLead, ari.LeadMinutes(24*60)), march29, "2026-03-28T14:00:00Z", false},
		{"an hour earlier", lead(ari.MinLead, ari.LeadMinutes(24*60)), march29, "2026-03-28T13:00:00Z", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHotel(t)
			if c.arrival < day {
				h = newHotelOn(t, c.arrival-5)
			}
			c.told(h)
			q := stay(0, 1)
			q.Arrival, q.At = c.arrival, at(c.booked)
			offers := h.Sell(q)
			if offers[0].Sellable != c.want {
				t.Errorf("sellable %v: %v", offers[0].Sellable, answer(offers[0]))
			}
		})
	}
}

// newHotelOn is newHotel with another day.
func newHotelOn(t *testing.T, d ari.StayDate) *hotel {
	h := newHotel(t)
	h.must(ari.Update{Day: d})
	return h
}

func TestModelUnopenedIsClosed(t *testing.T) {
	h := newHotel(t,
		object(ari.KindRatePlan, "P", ari.RatePlan{UnopenedIsClosed: true}),
		object(ari.KindRatePlan, "K", ari.RatePlan{Parent: "P", UnopenedIsClosed: true, Inherit: ari.Inherit{Closed: true}, Derive: []ari.DeriveRule{{}}}))
	h.wants("P", stay(1, 1), "unopened@1")
	h.set(ari.PlanScope("P"), ari.Closed, ari.Undated, ari.Num(ari.Open)) // not at the product
	h.wants("P", stay(1, 1), "unopened@1")
	web := ari.Product("R", "P")
	web.Channel = "web"
	h.set(web, ari.Closed, ari.Undated, ari.Num(ari.Open))
	h.wants("P", stay(1, 1), "unopened@1")
	q := stay(1, 1)
	q.Channel = "web"
	h.wants("P", q, "100.00 left 5")
	h.wants("K", q, "100.00 left 5") // the parent's product was opened
	h.set(ari.PlanScope("P"), ari.Closed, ari.Undated, ari.Num(ari.Shut))
	h.wants("K", q, "closed@1/closed")
}

func TestModelOccupancyAndFill(t *testing.T) {
	// Told: 1 adult 80, 2 adults 100, extra adult 30.
	type ask struct {
		fill      string
		perPerson bool
		adults    int
		want      string
	}
	for _, c := range []ask{
		{"exact", false, 1, "80.00 left 5"},
		{"exact", false, 3, "130.00 left 5"},           // 100 + 30
		{"exact", true, 1, "80.00 left 5"},             // 1 x 80
		{"exact", true, 2, "200.00 left 5"},            // 2 x 100
		{"exact", true, 4, "260.00 left 5"},            // 2 x 100 + 2 x 30
		{"next_higher", false, 3, "130.00 left 5"},     // above the highest
		{"base_extras", false, 4, "160.00 left 5"},     // B = 2: 100 + 2 x 30
		{"base_extras", true, 3, "230.00 left 5"},      // 2 x 100 + 30
		{"pro_rata", false, 1, "80.00 left 5"},         // told
		{"pro_rata", false, 3, "130.00 left 5"},        // 100 + 30
		{"next_higher four", false, 3, "70.00 left 5"}, // 4 adults told 70 too
		{"exact four", false, 3, "no_rate@1"},
		{"next_higher four", true, 3, "210.00 left 5"}, // 3 heads x 70
		{"pro_rata B4", false, 3, "52.50 left 5"},      // 4 adults 70 told, B = 4: 70 x 3 / 4
		{"pro_rata B4", true, 3, "210.00 left 5"},      // 70 x 3
		{"base_extras B4", false, 3, "70.00 left 5"},
		{"base_extras B4", false, 6, "130.00 left 5"}, // 70 + 2 x 30
	} {
		t.Run(fmt.Sprintf("%s per person %v for %d", c.fill, c.perPerson, c.adults), func(t *testing.T) {
			fill, rest, _ := strings.Cut(c.fill, " ")
			p := ari.RatePlan{Fill: fill, PerPerson: c.perPerson}
			if rest == "B4" {
				p.BaseOccupancy = 4
			}
			h := newHotel(t, object(ari.KindRatePlan, "P", p))
			h.rate("P", 1, 80)
			if rest != "" {
				h.rate("P", 4, 70)
			}
			h.set(ari.Product("R", "P"), ari.RateKey{Class: ari.ExtraAdult}.Field(), ari.Undated, ari.After(30*ari.AmountUnit))
			q := stay(1, 1)
			q.Adults = c.adults
			h.wants("P", q, c.want)
		})
	}
}

func TestModelChildren(t *testing.T) {
	child := func(class ari.GuestClass, n, low, high uint8) ari.Field {
		return ari.RateKey{Class: class, N: n, Min: low, Max: high}.Field()
	}
	told := map[ari.Field]ari.Amount{
		child(ari.ChildBand, 0, 0, 6): 5, child(ari.ChildBand, 0, 3, 12): 20, child(ari.ChildBand, 0, 0, 18): 30,
		child(ari.ChildNth, 1, 0, 0): 11, child(ari.ChildNth, 2, 0, 0): 7,
		child(ari.ChildCount, 2, 0, 0): 25,
	}
	for _, c := range []struct {
		pricing string
		oldest  bool
		ages    []int
		want    string
	}{
		{"bands", false, []int{4}, "105.00 left 5"},        // 0-6 is narrower than 3-12
		{"bands", false, []int{6, 15}, "150.00 left 5"},    // 20 + 30
		{"bands", false, []int{18}, "no_rate@1"},           // an adult: 3 adults are not told
		{"positions", false, []int{2, 9}, "118.00 left 5"}, // 11 + 7
		{"positions", false, []int{2, 9, 1}, "125.00 left 5"},
		{"count", false, []int{2, 9}, "125.00 left 5"},
		{"count", false, []int{2}, "no_rate@1"},
		{"free", false, []int{2, 9, 1}, "100.00 left 5"},
		{"as_adults", false, []int{2}, "no_rate@1"}, // 3 adults
		{"bands", true, []int{4}, "105.00 left 5"},  // two adults already fill the standard occupancy
	} {
		t.Run(fmt.Sprintf("%s %v", c.pricing, c.ages), func(t *testing.T) {
			h := newHotel(t, object(ari.KindRatePlan, "P", ari.RatePlan{ChildPricing: c.pricing, OldestAsAdults: c.oldest}))
			for f, units := range told {
				h.set(ari.Product("R", "P"), f, ari.Undated, ari.After(units*ari.AmountUnit))
			}
			q := stay(1, 1)
			q.Children = c.ages
			h.wants("P", q, c.want)
		})
	}
	h := newHotel(t, object(ari.KindRatePlan, "P", ari.RatePlan{OldestAsAdults: true}))
	h.rate("P", 1, 80)
	h.set(ari.Product("R", "P"), child(ari.ChildBand, 0, 0, 6), ari.Undated, ari.After(5*ari.AmountUnit))
	q := stay(1, 1)
	q.Adults, q.Children = 1, []int{3, 10} // the ten-year-old is the second adult
	h.wants("P", q, "105.00 left 5")
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", InfantAge: 4}),
		object(ari.KindRoomType, "R", ari.RoomType{MaxOccupancy: 2}))
	h.wants("P", q, "100.00 left 5") // the infant neither pays nor counts
	q.Children = []int{5, 10}
	h.wants("P", q, "occupancy_room")
}

func TestModelTiersAndPeriods(t *testing.T) {
	h := newHotel(t,
		object(ari.KindRatePlan, "T", ari.RatePlan{Basis: ari.BasisLOSTier, Tiers: []int{2, 5}}),
		object(ari.KindRatePlan, "W", ari.RatePlan{Basis: ari.BasisPeriod, Period: 7}),
		object(ari.KindRatePlan, "X", ari.RatePlan{Basis: ari.BasisArrivalLOS}))
	tier := func(los uint8, units ari.Amount) {
		h.set(ari.Product("R", "T"), ari.RateKey{Class: ari.Adults, N: 2, LOS: los}.Field(), ari.Undated, ari.After(units*ari.AmountUnit))
	}
	tier(2, 90)
	tier(5, 80)
	h.rate("W", 2, 100)
	h.wants("T", stay(1, 1), "no_rate@1")
	h.wants("T", stay(1, 4), "360.00 left 5")
	h.wants("T", stay(1, 6), "480.00 left 5")
	h.wants("W", stay(1, 3), "42.86 left 5") // 100 x 3 / 7 = 42.857..., rounded once
	h.wants("W", stay(1, 7), "100.00 left 5")
	h.objects(object(ari.KindRatePlan, "W", ari.RatePlan{Basis: ari.BasisPeriod, Period: 7, Multiple: true}))
	h.wants("W", stay(1, 3), "no_rate@1")
	h.wants("X", stay(1, 1), "cannot_evaluate@1")
	places := 2
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", NightDecimals: &places}))
	h.wants("W", stay(1, 7), "100.03 left 5") // 7 x 14.29
}

func TestModelDerivesPlans(t *testing.T) {
	guard := 95 * ari.AmountUnit
	h := newHotel(t,
		object(ari.KindRatePlan, "A", ari.RatePlan{Parent: "P", Step: ari.AmountUnit, Derive: []ari.DeriveRule{
			{Days: []string{"tue"}, Percent: -10 * ari.AmountUnit, Amount: -2_500}, {Percent: -125_000}}}),
		object(ari.KindRatePlan, "B", ari.RatePlan{Parent: "A", Derive: []ari.DeriveRule{{Percent: 5 * ari.AmountUnit, Amount: 10_000, AmountFirst: true, Max: &guard}}}))
	// Tuesday is tomorrow. A: 100 x 0.9 - 0.25 = 89.75 -> 90. Wednesday: 100 x 0.875 = 87.50 -> 88.
	h.wants("A", stay(1, 1), "90.00 left 5")
	h.wants("A", stay(2, 1), "88.00 left 5")
	// B: (90 + 1) x 1.05 = 95.55, guarded 95; (88 + 1) x 1.05 = 93.45.
	h.wants("B", stay(1, 2), "188.45 left 5")
	h.set(ari.Product("R", "A"), ari.AdultsField(2), ari.Dates(day+1, day+1), ari.After(500_000))
	h.wants("B", stay(1, 1), "53.55 left 5") // (50 + 1) x 1.05
	h.clear(ari.Product("R", "A"), ari.AdultsField(2), ari.Undated)
	h.wants("B", stay(1, 1), "95.00 left 5")
	// A child is charged by percent only.
	h.set(ari.Product("R", "P"), ari.RateKey{Class: ari.ChildBand, Max: 12}.Field(), ari.Undated, ari.After(20*ari.AmountUnit))
	q := stay(1, 1)
	q.Children = []int{3}
	h.wants("A", q, "108.00 left 5") // 90 + 20 x 0.9
	// The parent does not offer the room.
	h.objects(object(ari.KindRoomType, "S", ari.RoomType{}), object(ari.KindRatePlan, "P", ari.RatePlan{RoomTypes: []string{"S"}}))
	h.wants("B", stay(1, 1), "not_offered")
	if out := h.apply(ari.Update{Objects: []ari.ObjectOp{object(ari.KindRatePlan, "P", ari.RatePlan{Parent: "B"})}}); out.Whole != ari.CodeDerivedCycle {
		t.Errorf("a cycle: %v", out)
	}
	if out := h.apply(ari.Update{Objects: []ari.ObjectOp{object(ari.KindRatePlan, "B", ari.RatePlan{Parent: "A", PerPerson: true})}}); out.Whole != ari.CodeDerivedMismatch {
		t.Errorf("a mismatch: %v", out)
	}
}

func TestModelZeroAndTaxSides(t *testing.T) {
	h := newHotel(t, object(ari.KindRatePlan, "P", ari.RatePlan{Tax: "both"}))
	two := func(d int, v ari.Value) {
		h.set(ari.Product("R", "P"), ari.AdultsField(2), ari.Dates(day+ari.StayDate(d), day+ari.StayDate(d)), v)
	}
	two(1, ari.Both(90*ari.AmountUnit, 100*ari.AmountUnit))
	two(2, ari.After(110*ari.AmountUnit))
	two(3, ari.Before(70*ari.AmountUnit))
	two(4, ari.Both(0, 0))
	two(5, ari.Both(0, 55*ari.AmountUnit))
	h.wants("P", stay(1, 1), "90.00 net 100.00 left 5")
	h.wants("P", stay(1, 2), "210.00 left 5")
	h.wants("P", stay(2, 2), "no_rate@2") // no side in common: on the arrival date
	h.wants("P", stay(4, 1), "zero_rate@4")
	h.wants("P", stay(5, 1), "55.00 left 5")
	if out := h.apply(ari.Update{Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.Product("R", "P"), Field: ari.AdultsField(2), Span: ari.Undated,
		Value: ari.After(1)}, {Item: 1, Verb: ari.Set, Scope: ari.Product("R", "Z"), Field: ari.AdultsField(2), Span: ari.Undated, Value: ari.After(1)}}}); !out.Refused || out.Items[1] != ari.CodeUnknownRatePlan {
		t.Errorf("an unknown plan: %v", out)
	}
	h.objects(object(ari.KindRatePlan, "P", ari.RatePlan{Tax: "before"}))
	h.wants("P", stay(1, 1), "no_rate@1") // the amounts were told with another tax basis
}

func TestModelBlocks(t *testing.T) {
	no := false
	cutoff := day + 3
	h := newHotel(t, property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", BlocksInCount: &no}),
		object(ari.KindBlock, "M", ari.Block{ID: "M", Deducts: true, OpenForPickup: true, Cutoff: &cutoff, Release: "automatic"}),
		object(ari.KindBlock, "N", ari.Block{ID: "N", Parent: "M", Deducts: true, OpenForPickup: true}))
	grid := func(block string, n ari.BlockNumber, rooms int64) {
		h.t.Helper()
		h.set(ari.Scope{Rooms: ari.RoomTypeKind, Room: "R", Block: block}, ari.BlockField(n), ari.Undated, ari.Num(rooms))
	}
	grid("M", ari.BlockCurrent, 3)
	grid("M", ari.BlockPickedUp, 1)
	h.wants("P", stay(1, 1), "100.00 left 3") // 5 - (3 - 1)
	grid("N", ari.BlockCurrent, 4)            // not a root: deducts nothing
	h.wants("P", stay(1, 1), "100.00 left 3")
	q := stay(1, 1)
	q.Block = "N"
	h.wants("P", q, "100.00 left 2") // min(4, 3 - 1)
	grid("N", ari.BlockSellLimit, 1)
	h.wants("P", q, "100.00 left 1")
	h.set(ari.Scope{}, ari.Closed, ari.Undated, ari.Num(ari.Shut))
	h.wants("P", q, "100.00 left 1") // a transient restriction is not the block's
	h.set(ari.Scope{Block: "N"}, ari.CTA, ari.Undated, ari.Num(ari.Shut))
	h.wants("P", q, "closed_to_arrival@1/cta")
	h.clear(ari.Scope{Block: "N"}, ari.CTA, ari.Undated)
	h.clear(ari.Scope{}, ari.Closed, ari.Undated)
	inBlock := ari.Product("R", "P")
	inBlock.Block = "N"
	h.set(inBlock, ari.AdultsField(2), ari.Undated, ari.After(60*ari.AmountUnit))
	h.wants("P", q, "60.00 left 1")
	h.objects(object(ari.KindBlock, "N", ari.Block{ID: "N", Parent: "M", Elastic: true, OpenForPickup: true}))
	h.wants("P", q, "60.00 left 4") // 1 + 3 transient
	h.must(ari.Update{Day: day + 3})
	h.wants("P", stay(4, 1), "100.00 left 3") // the last day held
	h.must(ari.Update{Day: day + 4})
	h.wants("P", stay(5, 1), "100.00 left 5")
	q = stay(5, 1)
	q.Block = "N"
	h.wants("P", q, "block_cutoff@5") // the ancestor's
	h.objects(object(ari.KindBlock, "N", ari.Block{ID: "N", Status: "cancelled", OpenForPickup: true}))
	h.wants("P", q, "block_closed")
	q.Block = "Z"
	h.wants("P", q, "block_unknown")
}

func TestModelOverlays(t *testing.T) {
	h := newHotel(t)
	lay := func(o ari.Overlay) aritest.Outcome {
		return h.apply(ari.Update{Received: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Overlays: []ari.OverlayOp{{Verb: ari.OverlayPut, Overlay: o}}})
	}
	on := ari.Dates(day+1, day+1)
	lay(ari.Overlay{ID: "s", Kind: ari.StopSell, Scope: ari.Scope{Channel: "web"}, Span: on})
	h.wants("P", stay(1, 1), "100.00 left 5")
	q := stay(1, 2)
	q.Channel = "web"
	h.wants("P", q, "stop_sell@1")
	lay(ari.Overlay{ID: "c", Kind: ari.Cap, Span: on, Rooms: 2})
	lay(ari.Overlay{ID: "f", Kind: ari.Floor, Span: on, Amount: 120 * ari.AmountUnit, Side: ari.SideAfter})
	h.wants("P", stay(1, 2), "220.00 left 2") // 120 + 100
	lay(ari.Overlay{ID: "g", Kind: ari.Floor, Span: on, Amount: 1, Side: ari.SideBefore})
	h.wants("P", stay(1, 1), "cannot_evaluate@1") // the side before tax is not known
	for _, id := range []string{"s", "c", "f", "g"} {
		h.must(ari.Update{Overlays: []ari.OverlayOp{{Verb: ari.OverlayRemove, Overlay: ari.Overlay{ID: id}}}})
	}
	h.wants("P", q, "200.00 left 5")

	hold := ari.Overlay{ID: "h", Kind: ari.Hold, Scope: ari.Product("R", "P"), Span: ari.Dates(day+1, day+2), Rooms: 4}
	if out := lay(hold); out.Refused {
		t.Fatalf("hold: %v", out)
	}
	h.wants("P", stay(1, 1), "100.00 left 1")
	other := hold
	other.ID, other.Rooms = "i", 2
	if out := lay(other); out.Whole != ari.CodeNotEnoughRooms {
		t.Errorf("more than is left: %v", out)
	}
	confirmed := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	h.must(ari.Update{Received: confirmed, Overlays: []ari.OverlayOp{{Verb: ari.OverlayConfirm, Overlay: ari.Overlay{ID: "h"}}}})
	count := func(at time.Time, n int64) {
		h.must(ari.Update{SourceTime: at, Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: on, Value: ari.Num(n)}}})
	}
	count(confirmed, 5) // not after the confirm: cannot know of the sale
	h.wants("P", stay(1, 2), "200.00 left 1")
	count(confirmed.Add(time.Minute), 3)
	h.wants("P", stay(1, 1), "100.00 left 3") // the count knows of it
	h.wants("P", stay(2, 1), "100.00 left 1") // that night's does not
}

func TestModelReplaceStampsItsExtent(t *testing.T) {
	h := newHotel(t)
	restrictions := []ari.FieldSet{{Family: ari.FamilyRestriction}}
	any := ari.ScopeSet{AnyRooms: true, AnyRates: true, AnyChannel: true, AnyBlock: true}
	h.set(ari.PlanScope("P"), ari.Closed, ari.Undated, ari.Num(ari.Shut))
	h.must(ari.Update{Order: 1000, Replace: []ari.Extent{{Fields: restrictions, Scopes: any, Span: ari.Dates(day, day+9)}},
		Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.CTA, Span: ari.Dates(day+2, day+2), Value: ari.Num(ari.Shut)}}})
	h.wants("P", stay(1, 1), "100.00 left 5")
	h.wants("P", stay(2, 1), "closed_to_arrival@2/cta")
	h.wants("P", stay(10, 1), "closed@10/closed")
	// A late set inside the extent is superseded, also where nothing was told.
	h.must(ari.Update{Order: 999, Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.Scope{}, Field: ari.CTD, Span: ari.Undated, Value: ari.Num(ari.Shut)}}})
	h.wants("P", stay(1, 1), "100.00 left 5")
	h.wants("P", stay(9, 1), "closed_to_departure@10/ctd")
	// Another connection's restrictions are its own.
	h.must(ari.Update{Connection: "d", Order: 1, Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.Scope{}, Field: ari.CTA, Span: ari.Undated, Value: ari.Num(ari.Shut)}}})
	h.wants("P", stay(1, 1), "closed_to_arrival@1/cta")
	if out := h.apply(ari.Update{Connection: "d", Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: ari.Undated, Value: ari.Num(9)}}}); out.Items[0] != ari.CodeNotOwner {
		t.Errorf("another's count: %v", out)
	}
}

func TestModelChangeOfOwnerKeepsValuesAndForgetsStamps(t *testing.T) {
	h := newHotel(t)
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", CountsOwner: "d"}))
	h.wants("P", stay(1, 1), "100.00 left 5")
	h.must(ari.Update{Connection: "d", Order: 1, Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: ari.Undated, Value: ari.Num(2)}}})
	h.wants("P", stay(1, 1), "100.00 left 2")
}

func TestModelWindowsAndVisibility(t *testing.T) {
	d := func(n int) *ari.StayDate { x := day + ari.StayDate(n); return &x }
	h := newHotel(t,
		object(ari.KindRatePlan, "P", ari.RatePlan{SellTo: d(-1), StayFrom: d(2), StayTo: d(3), MinOccupancy: 3}),
		object(ari.KindRatePlan, "V", ari.RatePlan{Channels: []string{"web"}, AccessCodes: []string{"x"}, Inactive: true}))
	h.wants("P", stay(1, 2), "occupancy_plan outside_sell_window@1 outside_stay_window@1")
	h.wants("P", stay(3, 2), "occupancy_plan outside_sell_window@3 outside_stay_window@4")
	h.wants("V", stay(1, 1), "not_visible plan_inactive")
	h.objects(object(ari.KindRatePlan, "V", ari.RatePlan{Channels: []string{"web"}, AccessCodes: []string{"x"}}))
	q := stay(1, 1)
	q.Channel, q.Access = "web", []string{"y", "x"}
	h.wants("V", q, "no_rate@1")
	// The business date of yesterday still holds; one of long ago does not.
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", BusinessDate: d(-1)}), object(ari.KindRatePlan, "P", ari.RatePlan{}))
	h.wants("P", stay(-1, 1), "100.00 left 5")
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", BusinessDate: d(-2)}))
	h.wants("P", stay(-1, 1), "arrival_past@-1")
}

func TestModelUnknownKindsCloseWhatTheyCover(t *testing.T) {
	h := newHotel(t)
	tell := func(verb ari.Verb, text string) {
		h.must(ari.Update{Statements: []ari.Statement{{Verb: verb, Scope: ari.PlanScope("P"), Field: ari.UnknownField, Span: ari.Dates(day+2, day+2), Text: text}}})
	}
	tell(ari.Set, "fence=loyal guests")
	tell(ari.Set, "fence=all guests")
	tell(ari.Set, "level=3")
	h.wants("P", stay(1, 2), "cannot_evaluate@2")
	tell(ari.Clear, "fence")
	h.wants("P", stay(1, 2), "cannot_evaluate@2")
	tell(ari.Clear, "level=")
	h.wants("P", stay(1, 2), "200.00 left 5")
}
