package ari

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// nightly answers an offer's nights in whole units, a free one as 0*, and its supplements and total.
func nightly(o Offer) string {
	if !o.Sellable {
		return fmt.Sprint(o.Reasons)
	}
	var parts []string
	for _, n := range o.Nights {
		s := strings.TrimSuffix(n.After.String(), ".00")
		if n.Free {
			s += "*"
		}
		parts = append(parts, s)
	}
	for _, s := range o.Supplements {
		parts = append(parts, fmt.Sprintf("+%s %s", s.Code, s.Before+s.After))
	}
	return strings.Join(parts, " ") + " = " + o.Total.After.String()
}

func free(required, discounted int, pattern string) PlanOffer {
	return PlanOffer{Kind: OfferFreeNights, NightsRequired: required, NightsDiscounted: discounted, Pattern: pattern}
}

// S12: with a pattern it repeats, and an incomplete cycle gives the positions it reaches; without, the last nights are free, once.
func TestFreeNights(t *testing.T) {
	for _, c := range []struct {
		offer  PlanOffer
		nights int
		want   string
	}{
		{free(4, 1, "0001"), 3, "100 100 100 = 300.00"},
		{free(4, 1, "0001"), 4, "100 100 100 0* = 300.00"},
		{free(4, 1, "0001"), 7, "100 100 100 0* 100 100 100 = 600.00"},
		{free(4, 1, "0001"), 8, "100 100 100 0* 100 100 100 0* = 600.00"},
		{free(3, 2, "011"), 5, "100 0* 0* 100 0* = 200.00"},
		{free(3, 1, ""), 2, "100 100 = 200.00"},
		{free(3, 1, ""), 8, "100 100 100 100 100 100 100 0* = 700.00"},
		{free(3, 2, ""), 3, "100 0* 0* = 100.00"},
	} {
		k := simple(t, RatePlan{Code: "BAR", Offers: []PlanOffer{c.offer}})
		if got := nightly(k.one(stay(1, c.nights))); got != c.want {
			t.Errorf("%+v, %d nights: %s, want %s", c.offer, c.nights, got, c.want)
		}
	}
}

// A free night must be sellable and priceable like any other; its own amount is what floors and price restrictions look at.
func TestAFreeNightIsJudgedByItsOwnPrice(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", Offers: []PlanOffer{free(2, 1, "")}})
	k.tell(PlanScope("BAR"), Restriction(Night, MinPrice), 0, 60, Price(SideAfter, 90*AmountUnit))
	if got := nightly(k.one(stay(1, 2))); got != "100 0* = 100.00" {
		t.Errorf("min price 90: %s", got)
	}
	k.tell(PlanScope("BAR"), Restriction(Night, MinPrice), 0, 60, Price(SideAfter, 110*AmountUnit))
	wantReasons(t, k.one(stay(1, 2)), Reason{ReasonMinPrice, today + 1, Restriction(Night, MinPrice)}, Reason{ReasonMinPrice, today + 2, Restriction(Night, MinPrice)})

	k = simple(t, RatePlan{Code: "BAR", Offers: []PlanOffer{free(2, 1, "")}})
	k.overlays["f"] = &Overlay{ID: "f", Kind: Floor, Span: Undated, Amount: 120 * AmountUnit, Side: SideAfter}
	if got := nightly(k.one(stay(1, 2))); got != "120 0* = 120.00" {
		t.Errorf("floor 120: %s", got)
	}
	k.tell(Product("DLX", "BAR"), AdultsField(2), 2, 2, After(0))
	wantReasons(t, k.one(stay(1, 2)), Reason{ReasonZeroRate, today + 2, 0})
}

// In a period plan only what is charged as one night can be free: the rest of a stay or of a season (S12).
func TestFreeNightsOfPeriodPlans(t *testing.T) {
	season := func(from, to int) Season {
		return Season{"DLX", today + StayDate(from), today + StayDate(to)}
	}
	for _, c := range []struct {
		seasons []Season
		nights  int
		want    string
	}{
		{nil, 4, "50 50 50 50 = 200.00"},
		{nil, 5, "50 50 50 50 0* = 200.00"},
		{[]Season{season(4, 60), season(0, 3)}, 5, "50 50 0* 50 50 = 200.00"}, // 1-2, 3, 4-5
		{[]Season{season(0, 60)}, 5, "50 50 50 50 0* = 200.00"},
		{[]Season{season(4, 4)}, 5, "50 50 0* 0* 0* = 100.00"}, // what is outside of seasons is one too
	} {
		p := RatePlan{Code: "BAR", Basis: BasisPeriod, Period: 2, Seasons: c.seasons, Offers: []PlanOffer{free(1, 1, "1")}}
		if got := nightly(simple(t, p).one(stay(1, c.nights))); got != c.want {
			t.Errorf("%v, %d nights: %s, want %s", c.seasons, c.nights, got, c.want)
		}
	}
}

// A derived plan has the seasons of its parent unless it has its own; offers and supplements are never inherited (S13).
func TestSeasonsAreInheritedOffersAreNot(t *testing.T) {
	parent := RatePlan{Code: "BAR", Basis: BasisPeriod, Period: 2, Seasons: []Season{{"DLX", today, today + 3}}, Offers: []PlanOffer{free(1, 1, "1")},
		Supplements: []Supplement{{Code: "S", Charge: ChargeDay, Mandatory: true, Amounts: []SupplementAmount{{Amount: AmountUnit}}}}}
	child := RatePlan{Code: "KID", Basis: BasisPeriod, Period: 2, Parent: "BAR", Derive: []DeriveRule{{}}}
	k := simple(t, parent, child)
	q := stay(1, 5)
	q.RatePlans = []string{"KID"}
	if got := nightly(k.one(q)); got != "50 50 50 50 50 = 250.00" {
		t.Errorf("without its own offer: %s", got)
	}
	child.Offers = []PlanOffer{free(1, 1, "1")}
	k.put(child)
	if got := nightly(k.one(q)); got != "50 50 0* 50 50 = 200.00" {
		t.Errorf("with its own offer, seasons of the parent: %s", got)
	}
	child.Seasons = []Season{{"DLX", today, today + 4}}
	k.put(child)
	if got := nightly(k.one(q)); got != "50 50 50 50 0* = 200.00" {
		t.Errorf("with its own seasons: %s", got)
	}
}

// S12: of the children below the age, if there are enough, the youngest are free; the others pay their band.
func TestFamilyOffer(t *testing.T) {
	for _, c := range []struct {
		offer PlanOffer
		ages  []int
		want  string
	}{
		{PlanOffer{MaxAge: 6, MinCount: 1, LastPosition: 1}, []int{3}, "100.00"},
		{PlanOffer{MaxAge: 6, MinCount: 1, LastPosition: 1}, []int{6}, "120.00"}, // below means below
		{PlanOffer{MaxAge: 6, MinCount: 1, LastPosition: 1}, []int{2, 3}, "110.00"},
		{PlanOffer{MaxAge: 6, MinCount: 2, LastPosition: 2}, []int{2, 3}, "100.00"},
		{PlanOffer{MaxAge: 6, MinCount: 2, LastPosition: 2}, []int{2, 9}, "130.00"}, // too few: nobody is free
		{PlanOffer{MaxAge: 10, MinCount: 1, LastPosition: 1}, []int{9, 2}, "120.00"},
		{PlanOffer{MaxAge: 10, LastPosition: 3}, []int{9, 2, 11}, "120.00"},
	} {
		c.offer.Kind = OfferFamily
		k := simple(t, RatePlan{Code: "BAR", Offers: []PlanOffer{c.offer}})
		k.tell(Product("DLX", "BAR"), RateKey{Class: ChildBand, Min: 0, Max: 6}.Field(), 0, 60, After(10*AmountUnit))
		k.tell(Product("DLX", "BAR"), RateKey{Class: ChildBand, Min: 6, Max: 12}.Field(), 0, 60, After(20*AmountUnit))
		q := stay(1, 1)
		q.Children = c.ages
		if got := k.one(q).Total.After.String(); got != c.want {
			t.Errorf("%+v, ages %v: %s, want %s", c.offer, c.ages, got, c.want)
		}
	}
}

// S12: what each charge makes of 10.00 a night for two adults and a child over three nights, one of them free.
func TestSupplementsByCharge(t *testing.T) {
	for _, c := range []struct {
		charge Charge
		days   []string
		want   string
	}{
		{ChargeDay, nil, "20.00"},
		{ChargeRoomNight, nil, "20.00"},
		{ChargePersonNight, nil, "60.00"},
		{ChargeStay, nil, "10.00"}, // not waived
		{ChargeRoomStay, nil, "10.00"},
		{ChargePersonStay, nil, "30.00"},
		{ChargeItem, nil, "10.00"},
		{ChargeDay, []string{"tue"}, "10.00"},
		{ChargeStay, []string{"tue"}, "3.3333"},
		{ChargeItem, []string{"thu"}, "10.00"},
		{ChargeDay, []string{"thu"}, "0"}, // the free night
		{ChargeDay, []string{"mon"}, "0"},
	} {
		k := simple(t, RatePlan{Code: "BAR", ChildPricing: "free", Offers: []PlanOffer{free(3, 1, "")}, Supplements: []Supplement{
			{Code: "S", Charge: c.charge, Mandatory: true, Days: c.days, Amounts: []SupplementAmount{{Amount: 10 * AmountUnit}}},
			{Code: "N", Charge: ChargeDay, Amounts: []SupplementAmount{{Amount: 7 * AmountUnit}}}}})
		q := stay(1, 3) // Tuesday to Friday
		q.Children = []int{4}
		want := "100 100 0* +S " + c.want + " = "
		if c.want == "0" {
			want = "100 100 0* = "
		}
		if got := nightly(k.one(q)); !strings.HasPrefix(got, want) {
			t.Errorf("%s on %v: %s, want %s", c.charge, c.days, got, want)
		}
	}
}

// Amounts that cover a night add up, those of the room type to those of all; rooms multiply what a room costs.
func TestSupplementAmountsAddUp(t *testing.T) {
	day := func(n int) *StayDate { d := today + StayDate(n); return &d }
	k := simple(t, RoomType{Code: "STE"}, RatePlan{Code: "BAR", Supplements: []Supplement{{Code: "S", Charge: ChargeDay, Mandatory: true, Amounts: []SupplementAmount{
		{From: day(1), To: day(2), Amount: AmountUnit}, {From: day(2), Amount: 2 * AmountUnit}, {RoomType: "DLX", To: day(1), Amount: 4 * AmountUnit},
		{RoomType: "STE", Amount: 8 * AmountUnit}}}}})
	q := stay(1, 3)
	q.Rooms, q.RoomTypes = 2, []string{"DLX"}
	if got := nightly(k.one(q)); got != "100 100 100 +S 10.00 = 620.00" { // 1+4, 1+2, 2
		t.Error(got)
	}
}

// A supplement is told on one tax side; the other side of the total is then not known (S12).
func TestSupplementsNameTheirTaxSide(t *testing.T) {
	sup := func(side string, amount Amount) Supplement {
		return Supplement{Code: side, Charge: ChargeDay, Mandatory: true, Side: side, Amounts: []SupplementAmount{{Amount: amount}}}
	}
	k := simple(t, RatePlan{Code: "BAR", Tax: TaxBoth, Supplements: []Supplement{sup(TaxBefore, AmountUnit)}})
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, Both(80*AmountUnit, 100*AmountUnit))
	if o := k.one(stay(1, 2)); o.Total != (Money{Before: 162 * AmountUnit, Form: SideBefore}) || o.Nights[0].Form != SideBefore|SideAfter {
		t.Errorf("%v", o)
	}
	k.put(RatePlan{Code: "BAR", Tax: TaxBoth, Supplements: []Supplement{sup(TaxBefore, AmountUnit), sup(TaxAfter, AmountUnit)}})
	wantReasons(t, k.one(stay(1, 2)), Reason{ReasonCannotEvaluate, today + 1, 0})
	k.put(RatePlan{Code: "BAR", Tax: TaxBoth, Supplements: []Supplement{sup(TaxBefore, 0), sup(TaxAfter, AmountUnit)}})
	if o := k.one(stay(1, 2)); o.Total != (Money{After: 202 * AmountUnit, Form: SideAfter}) {
		t.Errorf("one that costs nothing takes no side: %v", o)
	}
}

func TestAMandatoryChargeNotKnownIsNotSold(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", Supplements: []Supplement{{Code: "S", Charge: ChargeOther}}})
	if o := k.one(stay(1, 1)); !o.Sellable {
		t.Errorf("not mandatory: %v", o.Reasons)
	}
	k.put(RatePlan{Code: "BAR", Supplements: []Supplement{{Code: "S", Charge: ChargeOther, Mandatory: true}}})
	wantReasons(t, k.one(stay(1, 1)), Reason{ReasonCannotEvaluate, today + 1, 0})
}

// sum_decimals rounds the sum of nights and that of supplements before they are added (S12): 100.0004 + 0.0004 exactly, 100.00 and 0.00 rounded to 3.
func TestSumsAreRoundedBeforeTheyAreAdded(t *testing.T) {
	three, four := 3, 4
	for _, c := range []struct {
		sum  *int
		want Amount
	}{{nil, 100_0008}, {&three, 100_0000}, {&four, 100_0008}} {
		k := simple(t, Property{Code: "H", TimeZone: "UTC", Currency: "EUR", TotalDecimals: &four}, RatePlan{Code: "BAR", SumDecimals: c.sum, Supplements: []Supplement{
			{Code: "S", Charge: ChargeDay, Mandatory: true, Amounts: []SupplementAmount{{Amount: 4}}}}})
		k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(100_0004))
		if o := k.one(stay(1, 1)); o.Total.After != c.want {
			t.Errorf("%v decimals: %v, want %v", c.sum, o.Total.After, c.want)
		}
	}
}

// S12: guests are judged as asked, infants too; a guest of the property's adult age is an adult.
func TestGuestRules(t *testing.T) {
	none, one := 0, 1
	for _, c := range []struct {
		rule   GuestRule
		adults int
		ages   []int
		want   string // code of the refusal
	}{
		{GuestRule{AdultsOnly: true}, 2, nil, ""},
		{GuestRule{AdultsOnly: true}, 2, []int{18}, ""},
		{GuestRule{AdultsOnly: true}, 2, []int{17}, ReasonAdultsOnly},
		{GuestRule{AdultsOnly: true}, 2, []int{0}, ReasonAdultsOnly}, // an infant
		{GuestRule{AdultAge: 14}, 2, []int{13}, ""},
		{GuestRule{AdultAge: 14}, 2, []int{14}, ReasonChildAge},
		{GuestRule{MinChildAge: 3, MaxChildAge: 10}, 2, []int{3, 9}, ""},
		{GuestRule{MinChildAge: 3, MaxChildAge: 10}, 2, []int{2}, ReasonChildAge},
		{GuestRule{MinChildAge: 3, MaxChildAge: 10}, 2, []int{10}, ReasonChildAge},
		{GuestRule{MinAdults: 2}, 1, nil, ReasonOccupancyPlan},
		{GuestRule{MaxAdults: 2}, 2, []int{18}, ReasonOccupancyPlan},
		{GuestRule{MinChildren: 1}, 2, nil, ReasonOccupancyPlan},
		{GuestRule{MaxChildren: &one}, 2, []int{3}, ""},
		{GuestRule{MaxChildren: &none}, 2, []int{3}, ReasonOccupancyPlan},
	} {
		k := simple(t, Property{Code: "H", TimeZone: "UTC", Currency: "EUR", InfantAge: 2},
			RatePlan{Code: "BAR", ChildPricing: "free", Fill: FillBaseExtras, Guests: &c.rule})
		k.tell(Product("DLX", "BAR"), RateKey{Class: ExtraAdult}.Field(), 0, 60, After(AmountUnit))
		q := stay(1, 1)
		q.Adults, q.Children = c.adults, c.ages
		o := k.one(q)
		if c.want == "" && !o.Sellable || c.want != "" && !slices.Contains(o.Reasons, Reason{c.want, DateMin, 0}) {
			t.Errorf("%+v, %d adults, ages %v: %v, want %q", c.rule, c.adults, c.ages, o.Reasons, c.want)
		}
	}
}

// S12: with full_payers max_children the room type's number of children tells who pays as an adult, and bounds nothing.
func TestFullPayersByMaxChildren(t *testing.T) {
	two := 2
	for _, c := range []struct {
		adults int
		ages   []int
		want   string
	}{
		{1, []int{3}, "80.00 + 10"},          // at most 3 - 2 pay in full: one adult, one child
		{1, []int{3, 4}, "80.00 + 20"},       //
		{1, []int{3, 4, 5}, "occupancy"},     // the room holds three
		{2, []int{3}, "100.00 + 10"},         //
		{1, []int{17, 3}, "80.00 + no band"}, // 17 stays a child, and has no band
	} {
		room := RoomType{Code: "DLX", MaxOccupancy: 3, MaxChildren: &two}
		plan := RatePlan{Code: "BAR", Fill: FillFromBase, OldestAsAdults: true, FullPayers: FullPayersMaxChildren}
		k := simple(t, room, plan)
		k.tell(Product("DLX", "BAR"), AdultsField(1), 0, 60, After(80*AmountUnit))
		k.tell(Product("DLX", "BAR"), RateKey{Class: ChildBand, Min: 0, Max: 12}.Field(), 0, 60, After(10*AmountUnit))
		q := stay(1, 1)
		q.Adults, q.Children = c.adults, c.ages
		o := k.one(q)
		got := map[string]string{"80.00 + 10": "90.00", "80.00 + 20": "100.00", "100.00 + 10": "110.00"}[c.want]
		if o.Sellable != (got != "") || o.Sellable && o.Total.After.String() != got {
			t.Errorf("%d adults, ages %v: %v %v, want %s", c.adults, c.ages, o.Total, o.Reasons, c.want)
		}
	}
	// More children than the room type's number: refused on a plan that does not say so, sold on one that does.
	one := 1
	k := simple(t, RoomType{Code: "DLX", MaxOccupancy: 4, MaxChildren: &one},
		RatePlan{Code: "BAR", ChildPricing: "free", Fill: FillFromBase, OldestAsAdults: true, FullPayers: FullPayersMaxChildren}, RatePlan{Code: "OTHER", ChildPricing: "free"})
	k.tell(Product("DLX", "OTHER"), AdultsField(2), 0, 60, After(100*AmountUnit))
	q := stay(1, 1)
	q.Children = []int{3, 4}
	if offers := k.sell(q); len(offers) != 1 || offers[0].Plan != "BAR" {
		t.Errorf("%v", offers)
	}
	q.RatePlans = []string{"OTHER"}
	wantReasons(t, k.one(q), Reason{ReasonOccupancyRoom, DateMin, 0})
}

// S12: from_base looks at nothing above the base; by guests, children lower what each adult pays and pay none of it.
func TestFillFromBase(t *testing.T) {
	for _, c := range []struct {
		byGuests bool
		adults   int
		ages     []int
		want     string
	}{
		{false, 1, nil, "60.00"},
		{false, 2, nil, "100.00"}, // 2 x 50
		{false, 3, nil, "130.00"}, // 2 x 50 and one extra, though three are told
		{true, 1, nil, "60.00"},
		{true, 1, []int{3}, "50.00"},
		{true, 1, []int{3, 4}, "50.00"}, // at most the base
		{true, 3, []int{3}, "130.00"},
	} {
		k := simple(t, RatePlan{Code: "BAR", PerPerson: true, Fill: FillFromBase, ChildPricing: "free", AmountByGuests: c.byGuests})
		for n, each := range []Amount{1: 60, 2: 50, 3: 40} {
			if n > 0 {
				k.tell(Product("DLX", "BAR"), AdultsField(n), 0, 60, After(each*AmountUnit))
			}
		}
		k.tell(Product("DLX", "BAR"), RateKey{Class: ExtraAdult}.Field(), 0, 60, After(30*AmountUnit))
		q := stay(1, 1)
		q.Adults, q.Children = c.adults, c.ages
		if got := k.one(q).Total.After.String(); got != c.want {
			t.Errorf("by guests %v, %d adults, ages %v: %s, want %s", c.byGuests, c.adults, c.ages, got, c.want)
		}
	}
	k := simple(t, RatePlan{Code: "BAR", Fill: FillFromBase})
	q := stay(1, 1)
	q.Adults = 1
	wantReasons(t, k.one(q), Reason{ReasonNoRate, today + 1, 0}) // one adult is not told: exactly
}

// The explanation names what made a price: the offer of a free night, the children freed, the supplement.
func TestExplainNamesOffersAndSupplements(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", ChildPricing: "free", Offers: []PlanOffer{free(2, 1, ""), {Kind: OfferFamily, MaxAge: 6, LastPosition: 1}},
		Supplements: []Supplement{{Code: "CLEAN", Charge: ChargeStay, Mandatory: true, Amounts: []SupplementAmount{{Amount: 19_4300}}}}})
	k.eff.rebuild(k.Picture)
	q := stay(1, 2)
	q.Children = []int{3}
	x := k.Explain(&q, "DLX", "BAR")
	var texts []string
	for _, f := range x.Prices[1] {
		texts = append(texts, f.Text)
	}
	want := []string{"", "offer family: children free: 1", "offer free_nights: night 2 of 2 is free", "supplement CLEAN, per_stay: 19.43 after tax"}
	if !slices.Equal(texts, want) {
		t.Errorf("%q, want %q", texts, want)
	}
	if x.Offer.Total.After != 119_4300 || len(x.Offer.Supplements) != 1 {
		t.Errorf("%v", x.Offer)
	}
}

// Asked again, plans with offers and supplements need no memory.
func TestOffersAndSupplementsAllocateNothing(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", ChildPricing: "free", Guests: &GuestRule{AdultAge: 14}, Offers: []PlanOffer{free(2, 1, ""), {Kind: OfferFamily, MaxAge: 6, LastPosition: 1}},
		Supplements: []Supplement{{Code: "CLEAN", Charge: ChargeStay, Mandatory: true, Amounts: []SupplementAmount{{Amount: 19_4300}}}}})
	k.eff.rebuild(k.Picture)
	q := stay(1, 3)
	q.Children = []int{3}
	var a Answer
	if n := testing.AllocsPerRun(20, func() { k.Sell(&q, &a) }); n > 0 || len(a.Offers) != 1 {
		t.Errorf("%v allocations, %d offers", n, len(a.Offers))
	}
}

// A child that the family offer frees still lowers what each adult pays by guests, and is not counted where a supplement is per person.
func TestFreedChildrenAreGuestsButDoNotPay(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", PerPerson: true, Fill: FillFromBase, AmountByGuests: true,
		Offers: []PlanOffer{{Kind: OfferFamily, MaxAge: 6, LastPosition: 1}},
		Supplements: []Supplement{
			{Code: "N", Charge: ChargePersonNight, Mandatory: true, Amounts: []SupplementAmount{{Amount: AmountUnit}}},
			{Code: "S", Charge: ChargePersonStay, Mandatory: true, Amounts: []SupplementAmount{{Amount: 2 * AmountUnit}}}}})
	k.tell(Product("DLX", "BAR"), AdultsField(1), 0, 60, After(60*AmountUnit))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(50*AmountUnit))
	q := stay(1, 2)
	q.Adults, q.Children = 1, []int{3}
	if got := nightly(k.one(q)); got != "50 50 +N 2.00 +S 2.00 = 104.00" {
		t.Error(got)
	}
}

// All rules of an AlpineBits plan at once, on numbers of our own: three pay in full, so the child of 11 is promoted and the child of 4 is not, since two
// may be children; four guests take the amount of three, which the two adults pay; the fee counts on Tuesday only, and half of 12.37 is a tie of the third decimal.
func TestAnAlpineBitsStay(t *testing.T) {
	two, three := 2, 3
	plan := RatePlan{Code: "BAR", PerPerson: true, Fill: FillFromBase, AmountByGuests: true, OldestAsAdults: true, FullPayers: FullPayersMaxChildren, SumDecimals: &three,
		Guests: &GuestRule{AdultAge: 14, MaxChildren: &two},
		Supplements: []Supplement{{Code: "FEE", Charge: ChargeRoomStay, Mandatory: true, Days: []string{"mon", "tue"},
			Amounts: []SupplementAmount{{Amount: 12_3700}}}}}
	k := simple(t, RoomType{Code: "DLX", StdOccupancy: 3, MaxOccupancy: 4, MaxChildren: &two}, plan)
	for n, each := range map[int]Amount{1: 90_0000, 2: 80_0000, 3: 70_1100} {
		k.tell(Product("DLX", "BAR"), AdultsField(n), 0, 60, After(each))
	}
	k.tell(Product("DLX", "BAR"), RateKey{Class: ChildBand, Min: 0, Max: 14}.Field(), 0, 60, After(30_0050))
	q := stay(1, 2) // Tuesday and Wednesday
	q.Adults, q.Children = 1, []int{4, 11}
	// 2 x (2 x 70.11 + 30.005) + 12.37 / 2 = 340.45 + 6.185 = 346.635
	if got := nightly(k.one(q)); got != "170.225 170.225 +FEE 6.185 = 346.64" {
		t.Error(got)
	}
}
