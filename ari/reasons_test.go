package ari

import "testing"

// A case of TestRestrictions: what is told, and of which stays of 1 to 5 nights from today+1 it refuses which.
type restrictionCase struct {
	name  string
	field Field
	date  int
	value Value
	code  string
	los   []int // refused
}

// Each kind by when and what: nights look at A .. D-1, arrivals at A, departures at D (S7, S8).
func TestRestrictions(t *testing.T) {
	all := []int{1, 2, 3, 4, 5}
	for _, c := range []restrictionCase{
		{"closed on a night", Closed, 3, Num(Shut), ReasonClosed, []int{3, 4, 5}},
		{"open lifts nothing and closes nothing", Closed, 3, Num(Open), "", nil},
		{"closed to arrival", CTA, 1, Num(Shut), ReasonClosedToArrival, all},
		{"closed to arrival on another date", CTA, 2, Num(Shut), "", nil},
		{"closed to departure", CTD, 4, Num(Shut), ReasonClosedToDeparture, []int{3}},
		{"min LOS on arrival", MinLOSArrival, 1, Num(3), ReasonMinLOS, []int{1, 2}},
		{"min LOS through", MinLOSThrough, 2, Num(4), ReasonMinLOS, []int{2, 3}},
		{"min LOS on departure", Restriction(Departure, MinLOS), 3, Num(4), ReasonMinLOS, []int{2}},
		{"max LOS on arrival", MaxLOSArrival, 1, Num(2), ReasonMaxLOS, []int{3, 4, 5}},
		{"max LOS through", MaxLOSThrough, 4, Num(4), ReasonMaxLOS, []int{5}},
		{"max LOS on departure", Restriction(Departure, MaxLOS), 4, Num(2), ReasonMaxLOS, []int{3}},
		{"min LOS beyond what a word holds", MinLOSArrival, 1, Num(999), ReasonMinLOS, all},
		{"max LOS beyond what a word holds", MaxLOSArrival, 1, Num(999), "", nil},
		{"pattern with an open tail", Restriction(Arrival, LOSPattern), 1, Pattern(0b101, 3, true), ReasonLOSPattern, []int{2}},
		{"pattern with a closed tail", Restriction(Arrival, LOSPattern), 1, Pattern(0b101, 3, false), ReasonLOSPattern, []int{2, 4, 5}},
		{"pattern through", Restriction(Night, LOSPattern), 2, Pattern(0b1000, 4, true), ReasonLOSPattern, []int{2, 3}},
		{"min lead", Restriction(Night, MinLead), 2, LeadDays(2, NoTime), ReasonMinLead, []int{2, 3, 4, 5}},
		{"max lead", Restriction(Arrival, MaxLead), 1, LeadMinutes(60), ReasonMaxLead, all},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func (c *restrictionCase) check(t *testing.T) {
	k := simple(t)
	k.tell(PlanScope("BAR"), c.field, c.date, c.date, c.value)
	refused := map[int]bool{}
	for _, n := range c.los {
		refused[n] = true
	}
	for n := 1; n <= 5; n++ {
		var want []Reason
		if refused[n] {
			want = []Reason{{c.code, today + StayDate(c.date), c.field}}
		}
		wantReasons(t, k.one(stay(1, n)), want...)
	}
}

// Scopes combine to the strictest: an open at one scope never lifts another's closed, owners neither (S5, S6, S7).
func TestScopesAndOwnersCombineToTheStrictest(t *testing.T) {
	k := simple(t, RoomClass{Code: "LUX"}, RoomType{Code: "DLX", Class: "LUX"}, RateCategory{Code: "PUB"}, RatePlan{Code: "BAR", Category: "PUB"})
	k.tell(Product("DLX", "BAR"), Closed, 1, 9, Num(Open))
	scopes := []Scope{{}, {Rooms: RoomClassKind, Room: "LUX"}, RoomScope("DLX"), {Rates: CategoryKind, Rate: "PUB"}, PlanScope("BAR"), {Rates: FamilyKind, Rate: "BAR"}}
	for i, s := range scopes {
		k.tell(s, Closed, i+1, i+1, Num(Shut))
		wantReasons(t, k.one(stay(i+1, 1)), Reason{ReasonClosed, today + StayDate(i+1), Closed})
	}
	k.tellAs("crs", Product("DLX", "BAR"), Closed, 8, 8, Told, Num(Shut))
	wantReasons(t, k.one(stay(8, 1)), Reason{ReasonClosed, today + 8, Closed})
	k.tell(Scope{}, MinLOSArrival, 9, 9, Num(2))
	k.tellAs("crs", PlanScope("BAR"), MinLOSArrival, 9, 9, Told, Num(4))
	wantReasons(t, k.one(stay(9, 3)), Reason{ReasonMinLOS, today + 9, MinLOSArrival})
	k.tellAs("crs", PlanScope("BAR"), MinLOSArrival, 9, 9, Cleared, Value{})
	wantReasons(t, k.one(stay(9, 3)))
}

// A channel's statements bind that channel only.
func TestChannels(t *testing.T) {
	k := simple(t)
	web := Scope{Channel: "WEB"}
	k.tell(web, Closed, 1, 1, Num(Shut))
	k.tell(web, Limit(Remaining), 2, 2, Num(1))
	q := stay(1, 1)
	wantReasons(t, k.one(q))
	q.Channel = "GDS"
	wantReasons(t, k.one(q))
	q.Channel = "WEB"
	wantReasons(t, k.one(q), Reason{ReasonClosed, today + 1, Closed})
	q.Arrival, q.Rooms = today+2, 2
	wantReasons(t, k.one(q), Reason{ReasonSoldOut, today + 2, 0})
	q.Arrival = today + 3
	wantReasons(t, k.one(q))
}

// Unopened is closed, where the plan says so, unless the product or the parent's it inherits closed from was told open (S6).
func TestUnopenedIsClosed(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", UnopenedIsClosed: true},
		RatePlan{Code: "NRF", Parent: "BAR", UnopenedIsClosed: true, Derive: []DeriveRule{{}}, Inherit: Inherit{Closed: true}},
		RatePlan{Code: "LOW", Parent: "NRF", UnopenedIsClosed: true, Derive: []DeriveRule{{}}, Inherit: Inherit{Closed: true}})
	ask := func(plan, channel string, d int) Offer {
		q := stay(d, 1)
		q.RatePlans, q.Channel = []string{plan}, channel
		return k.one(q)
	}
	unopened := Reason{ReasonUnopened, today + 1, 0}
	k.tell(PlanScope("BAR"), Closed, 1, 9, Num(Open)) // not at the product
	wantReasons(t, ask("BAR", "", 1), unopened)
	web := Product("DLX", "BAR")
	web.Channel = "WEB"
	k.tell(web, Closed, 1, 9, Num(Open))
	wantReasons(t, ask("BAR", "", 1), unopened)
	wantReasons(t, ask("BAR", "WEB", 1))
	wantReasons(t, ask("NRF", "WEB", 1))
	wantReasons(t, ask("LOW", "WEB", 1), unopened) // one step, not further
	k.tell(Product("DLX", "BAR"), Closed, 1, 9, Num(Open))
	wantReasons(t, ask("BAR", "", 1))
}

// A kind that cannot be evaluated closes what it covers until it is cleared by name or all are (S1).
func TestUnknownKinds(t *testing.T) {
	k := simple(t)
	k.stand(Scope{}, UnknownField, Dates(today+1, today+2), Told, Value{}, "Moon=full")
	k.stand(Scope{}, UnknownField, Dates(today+2, today+2), Told, Value{}, "Tide=high")
	ce := func(d int) Reason { return Reason{ReasonCannotEvaluate, today + StayDate(d), 0} }
	wantReasons(t, k.one(stay(1, 3)), ce(1), ce(2))
	k.stand(Scope{}, UnknownField, Undated, Cleared, Value{}, "Moon")
	wantReasons(t, k.one(stay(1, 3)), ce(2))
	k.stand(Scope{}, UnknownField, Undated, Cleared, Value{}, "")
	wantReasons(t, k.one(stay(1, 3)))
}

// What ends the evaluation, windows, occupancy and horizon (S14).
func TestOffersWindowsAndParties(t *testing.T) {
	day := func(n int) *StayDate { d := today + StayDate(n); return &d }
	none := 0
	for _, c := range []struct {
		name string
		plan RatePlan
		room RoomType
		ask  func(*Query)
		want []Reason
	}{
		{"inactive plan and room, not seen", RatePlan{Inactive: true, Channels: []string{"WEB"}}, RoomType{Inactive: true}, nil,
			[]Reason{{ReasonPlanInactive, DateMin, 0}, {ReasonRoomInactive, DateMin, 0}, {ReasonNotVisible, DateMin, 0}}},
		{"not offered", RatePlan{RoomTypes: []string{"STD"}}, RoomType{}, nil, []Reason{{ReasonNotOffered, DateMin, 0}}},
		{"on another channel", RatePlan{Channels: []string{"WEB"}}, RoomType{}, func(q *Query) { q.Channel = "GDS" }, []Reason{{ReasonNotVisible, DateMin, 0}}},
		{"on the channel", RatePlan{Channels: []string{"WEB"}}, RoomType{}, func(q *Query) { q.Channel = "WEB" }, nil},
		{"another client", RatePlan{Clients: []string{"shop"}}, RoomType{}, nil, []Reason{{ReasonNotVisible, DateMin, 0}}},
		{"an access code", RatePlan{AccessCodes: []string{"A", "B"}}, RoomType{}, func(q *Query) { q.Access = []string{"x", "B"} }, nil},
		{"no access code", RatePlan{AccessCodes: []string{"A", "B"}}, RoomType{}, func(q *Query) { q.Access = []string{"x"} }, []Reason{{ReasonNotVisible, DateMin, 0}}},
		{"booked too early", RatePlan{SellFrom: day(1)}, RoomType{}, nil, []Reason{{ReasonOutsideSellWindow, today + 1, 0}}},
		{"booked too late", RatePlan{SellTo: day(-1)}, RoomType{}, nil, []Reason{{ReasonOutsideSellWindow, today + 1, 0}}},
		{"nights outside, the departure need not be in", RatePlan{StayFrom: day(2), StayTo: day(3)}, RoomType{}, func(q *Query) { q.Nights = 3 },
			[]Reason{{ReasonOutsideStayWindow, today + 1, 0}}},
		{"too many for the room", RatePlan{}, RoomType{MaxOccupancy: 1}, nil, []Reason{{ReasonOccupancyRoom, DateMin, 0}}},
		{"too few for the room", RatePlan{}, RoomType{MinOccupancy: 3}, nil, []Reason{{ReasonOccupancyRoom, DateMin, 0}}},
		{"too many adults", RatePlan{}, RoomType{MaxAdults: 1}, nil, []Reason{{ReasonOccupancyRoom, DateMin, 0}}},
		{"no children", RatePlan{ChildPricing: "free"}, RoomType{MaxChildren: &none}, func(q *Query) { q.Children = []int{5} }, []Reason{{ReasonOccupancyRoom, DateMin, 0}}},
		{"too many for the plan", RatePlan{MaxOccupancy: 1}, RoomType{}, nil, []Reason{{ReasonOccupancyPlan, DateMin, 0}}},
		{"beyond the horizon", RatePlan{MaxOccupancy: 1}, RoomType{}, func(q *Query) { q.Arrival = today + HorizonFuture + 1 },
			[]Reason{{ReasonBeyondHorizon, today + HorizonFuture + 1, 0}}},
		{"the last night of it is within", RatePlan{}, RoomType{}, func(q *Query) { q.Arrival = today + HorizonFuture },
			[]Reason{{ReasonNoInventory, today + HorizonFuture, 0}, {ReasonNoRate, today + HorizonFuture, 0}}},
		{"long gone", RatePlan{}, RoomType{}, func(q *Query) { q.Arrival = today - 3 }, []Reason{{ReasonBeyondHorizon, today - 3, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.plan.Code, c.room.Code = "BAR", "DLX"
			q := stay(1, 1)
			if c.ask != nil {
				c.ask(&q)
			}
			wantReasons(t, simple(t, c.plan, c.room).one(q), c.want...)
		})
	}
}

// Nothing is sellable by omission (S1).
func TestNothingIsSellableByOmission(t *testing.T) {
	k := newKit(t, RoomType{Code: "DLX"}, RatePlan{Code: "BAR"})
	wantReasons(t, k.one(stay(1, 1)), Reason{ReasonNoInventory, today + 1, 0}, Reason{ReasonNoRate, today + 1, 0})
}

// Stays longer than words can judge, and queries outside their bounds.
func TestLongStaysAndBounds(t *testing.T) {
	k := newKit(t, RoomType{Code: "DLX"}, RatePlan{Code: "BAR"})
	k.tell(RoomScope("DLX"), Count(Net), 0, 1095, Num(3))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 1095, After(100*AmountUnit))
	k.tell(Scope{}, MaxLOSArrival, 1, 1, Num(200))
	k.tell(Scope{}, MinLOSArrival, 1, 1, Num(127))
	for n, code := range map[int]string{126: ReasonMinLOS, 127: "", 200: "", 201: ReasonMaxLOS} {
		o := k.one(stay(1, n))
		if code == "" && (!o.Sellable || o.Total.After != Amount(n)*100*AmountUnit) || code != "" && (len(o.Reasons) != 1 || o.Reasons[0].Code != code) {
			t.Errorf("%d nights: %v %v, want %q", n, o.Sellable, o.Reasons, code)
		}
	}
	for _, spoil := range []func(*Query){
		func(q *Query) { q.Nights = 0 }, func(q *Query) { q.Nights = 1000 }, func(q *Query) { q.Rooms = 0 }, func(q *Query) { q.Rooms = RoomsMax + 1 },
		func(q *Query) { q.Adults = 0 }, func(q *Query) { q.Adults = AdultsMax + 1 }, func(q *Query) { q.Children = make([]int, ChildrenMax+1) },
	} {
		q := stay(1, 1)
		q.Why = true
		spoil(&q)
		if o := k.sell(q); len(o) > 0 {
			t.Errorf("%+v: got offers", q)
		}
	}
}

// Sell reuses what its answer holds: nothing is allocated, with nights or without, once it is large enough.
func TestSellAllocatesNothingInTheSteadyState(t *testing.T) {
	k := benchHotel(t)
	k.eff.rebuild(k.Picture)
	for _, noNights := range []bool{true, false} {
		var a Answer
		q := stay(5, 4)
		q.NoNights = noNights
		if n := testing.AllocsPerRun(20, func() { k.Sell(&q, &a) }); n > 0 || len(a.Offers) == 0 {
			t.Errorf("%v allocations, %d offers", n, len(a.Offers))
		}
	}
}

// The offers come by room type, then plan, and only what was asked for.
func TestOffersAreOrderedAndFiltered(t *testing.T) {
	k := benchHotel(t)
	q := stay(5, 1)
	q.Why, q.RoomTypes, q.RatePlans = true, []string{"R3", "R1"}, []string{"P02", "P01"}
	offers := k.sell(q)
	var got []string
	for _, o := range offers {
		got = append(got, o.Room+"/"+o.Plan)
	}
	want := []string{"R1/P01", "R1/P02", "R3/P01", "R3/P02"}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// A reason appears once, whoever says it again: unknown kinds and floors on one night, many leads on one date, words and rare items.
func TestAReasonIsSaidOnce(t *testing.T) {
	k := simple(t)
	k.stand(Scope{}, UnknownField, Undated, Told, Value{}, "Moon=full")
	k.lay(Overlay{ID: "f", Kind: Floor, Span: Undated, Amount: 1, Side: SideBefore})
	for i := range 40 {
		k.tellAs(string(rune('a'+i%26))+string(rune('a'+i)), PlanScope("BAR"), Restriction(Arrival, MinLead), 1, 1, Told, LeadDays(int64(20+i), NoTime))
	}
	k.tell(Scope{}, MinLOSThrough, 1, 1, Num(100))
	k.tell(PlanScope("BAR"), MinLOSThrough, 1, 1, Num(500))
	wantReasons(t, k.one(stay(1, 1)), Reason{ReasonCannotEvaluate, today + 1, 0}, Reason{ReasonMinLead, today + 1, Restriction(Arrival, MinLead)},
		Reason{ReasonMinLOS, today + 1, MinLOSThrough})
	o := k.one(stay(1, 40))
	seen := map[Reason]bool{}
	for _, r := range o.Reasons {
		if seen[r] {
			t.Errorf("%v twice", r)
		}
		seen[r] = true
	}
}
