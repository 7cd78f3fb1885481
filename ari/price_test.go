package ari

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// tariff is a product's told amounts after tax, in whole units, by the field's name.
type tariff map[string]int64

// priceOf answers the total of one night for a party, or the reason codes.
func priceOf(t *testing.T, plan RatePlan, told tariff, q Query) (Money, []Reason) {
	t.Helper()
	plan.Code = "BAR"
	k := newKit(t, RoomType{Code: "DLX", StdOccupancy: 2}, plan)
	k.tell(RoomScope("DLX"), Count(Net), 0, 60, Num(50))
	for name, v := range told {
		f, err := ParseField("rate." + name)
		if err != nil {
			t.Fatal(err)
		}
		k.tell(Product("DLX", "BAR"), f, 0, 60, After(Amount(v)*AmountUnit))
	}
	o := k.one(q)
	return o.Total, o.Reasons
}

func party(adults int, children ...int) Query {
	q := stay(1, 1)
	q.Adults, q.Children = adults, children
	return q
}

// The worked numbers of every fill rule (S12, evaluation 5): what each number of adults pays; -1 is no rate.
func TestFillRules(t *testing.T) {
	told := tariff{"adults.1": 80, "adults.2": 100, "adults.4": 160, "extra_adult": 30}
	for _, c := range []struct {
		name string
		plan RatePlan
		told tariff
		want []string // for 1, 2, 3 ... adults; "" is no rate
	}{
		{"exact", RatePlan{}, told, []string{"80", "100", "", "160", "190", "220"}},
		{"exact without extra", RatePlan{}, tariff{"adults.2": 100}, []string{"", "100", ""}},
		{"next higher", RatePlan{Fill: "next_higher"}, told, []string{"80", "100", "160", "160", "190"}},
		{"next higher above all", RatePlan{Fill: "next_higher"}, tariff{"adults.2": 100}, []string{"100", "100", ""}},
		{"base and extras", RatePlan{Fill: "base_extras"}, tariff{"adults.2": 100, "extra_adult": 30}, []string{"100", "100", "130", "160"}},
		{"base of its own", RatePlan{Fill: "base_extras", BaseOccupancy: 3}, tariff{"adults.3": 120, "extra_adult": 30}, []string{"120", "120", "120", "150"}},
		{"base not told", RatePlan{Fill: "base_extras"}, tariff{"adults.1": 80, "extra_adult": 30}, []string{"80", "", ""}},
		{"pro rata", RatePlan{Fill: "pro_rata", BaseOccupancy: 3}, tariff{"adults.3": 100, "extra_adult": 30}, []string{"33.33", "66.67", "100", "130"}},
		{"told beats pro rata", RatePlan{Fill: "pro_rata"}, tariff{"adults.1": 70, "adults.2": 100}, []string{"70", "100", ""}},
		{"per person", RatePlan{PerPerson: true}, told, []string{"80", "200", "", "640", "670"}},
		{"per person, next higher", RatePlan{PerPerson: true, Fill: "next_higher"}, tariff{"adults.3": 50}, []string{"50", "100", "150", ""}},
		{"per person, base", RatePlan{PerPerson: true, Fill: "base_extras"}, tariff{"adults.2": 50, "extra_adult": 20}, []string{"50", "100", "120"}},
		{"per person, pro rata", RatePlan{PerPerson: true, Fill: "pro_rata", BaseOccupancy: 3}, tariff{"adults.3": 40}, []string{"40", "80", "120", ""}},
		{"zero", RatePlan{}, tariff{"adults.1": 0, "adults.2": 100}, []string{"zero", "100"}},
		{"zero, complimentary", RatePlan{Complimentary: true}, tariff{"adults.1": 0}, []string{"0", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, want := range c.want {
				got, reasons := priceOf(t, c.plan, c.told, party(i+1))
				wantPrice(t, got, reasons, want)
			}
		})
	}
}

// wantPrice checks a total after tax, or no_rate ("") or zero_rate ("zero") on the first night.
func wantPrice(t *testing.T, got Money, reasons []Reason, want string) {
	t.Helper()
	switch want {
	case "", "zero":
		code := ReasonNoRate
		if want == "zero" {
			code = ReasonZeroRate
		}
		if len(reasons) != 1 || reasons[0] != (Reason{code, today + 1, 0}) {
			t.Errorf("got %v %v, want %s", got, reasons, code)
		}
	default:
		a, err := ParseAmount(want)
		if err != nil {
			t.Fatal(err)
		}
		if len(reasons) > 0 || got != (Money{After: a, Form: SideAfter}) {
			t.Errorf("got %v %v, want %s", got, reasons, want)
		}
	}
}

// The worked numbers of every way to price children (S12, evaluation 5).
func TestChildren(t *testing.T) {
	bands := tariff{"adults.2": 100, "adults.3": 140, "child.0-3": 0, "child.3-12": 20, "child.0-18": 30, "child.6-9": 15}
	for _, c := range []struct {
		name string
		plan RatePlan
		told tariff
		kids []int
		want string
	}{
		{"bands, the narrowest", RatePlan{}, bands, []int{2, 4, 7, 15}, "165"}, // 0 + 20 + 15 + 30
		{"bands, a gap", RatePlan{}, tariff{"adults.2": 100, "child.3-12": 20}, []int{2}, ""},
		{"bands, equal widths: the lower", RatePlan{}, tariff{"adults.2": 100, "child.0-6": 10, "child.3-9": 20}, []int{4}, "110"},
		{"an adult age counts as adult", RatePlan{}, bands, []int{18}, "140"},
		{"positions, oldest first", RatePlan{ChildPricing: "positions"}, tariff{"adults.2": 100, "child_nth.1": 40, "child_nth.2": 20}, []int{3, 9, 6}, "180"},
		{"positions, a gap", RatePlan{ChildPricing: "positions"}, tariff{"adults.2": 100, "child_nth.2": 20}, []int{3}, ""},
		{"count", RatePlan{ChildPricing: "count"}, tariff{"adults.2": 100, "child_count.2": 25}, []int{3, 9}, "125"},
		{"count not told", RatePlan{ChildPricing: "count"}, tariff{"adults.2": 100, "child_count.2": 25}, []int{3}, ""},
		{"free", RatePlan{ChildPricing: "free"}, tariff{"adults.2": 100}, []int{3, 9}, "100"},
		{"as adults", RatePlan{ChildPricing: "as_adults"}, tariff{"adults.4": 200}, []int{3, 9}, "200"},
		{"unknown pricing", RatePlan{ChildPricing: "by_height"}, bands, []int{3}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reasons := priceOf(t, c.plan, c.told, party(2, c.kids...))
			wantPrice(t, got, reasons, c.want)
		})
	}
	t.Run("the oldest fills the room", func(t *testing.T) {
		got, reasons := priceOf(t, RatePlan{OldestAsAdults: true}, tariff{"adults.2": 100, "child.0-12": 10}, party(1, 4, 9))
		wantPrice(t, got, reasons, "110")
	})
}

// Infants are left out of party and price unless the property counts them.
func TestInfants(t *testing.T) {
	for _, counted := range []bool{false, true} {
		k := simple(t, Property{Code: "H", TimeZone: "UTC", Currency: "EUR", InfantAge: 2, CountInfants: counted}, RoomType{Code: "DLX", MaxOccupancy: 2})
		q := stay(1, 1)
		q.Children = []int{1}
		o := k.one(q)
		if counted {
			wantReasons(t, o, Reason{ReasonOccupancyRoom, DateMin, 0}, Reason{ReasonNoRate, today + 1, 0})
		} else {
			wantReasons(t, o)
		}
	}
}

// Tiers: the largest declared one that the stay reaches (S12).
func TestLOSTiers(t *testing.T) {
	plan := RatePlan{Code: "BAR", Basis: BasisLOSTier, Tiers: []int{2, 5}}
	k := newKit(t, RoomType{Code: "DLX"}, plan)
	k.tell(RoomScope("DLX"), Count(Net), 0, 60, Num(5))
	k.tell(Product("DLX", "BAR"), RateKey{Class: Adults, N: 2, LOS: 2}.Field(), 0, 60, After(100*AmountUnit))
	k.tell(Product("DLX", "BAR"), RateKey{Class: Adults, N: 2, LOS: 5}.Field(), 0, 60, After(90*AmountUnit))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(1*AmountUnit)) // tier 0 is not the plan's
	wantReasons(t, k.one(stay(1, 1)), Reason{ReasonNoRate, today + 1, 0})
	for nights, want := range map[int]Amount{2: 200, 4: 400, 5: 450, 7: 630} {
		if o := k.one(stay(1, nights)); !o.Sellable || o.Total.After != want*AmountUnit {
			t.Errorf("%d nights: %v %v, want %d", nights, o.Total, o.Reasons, want)
		}
	}
}

// A period's amount is charged by nights taken, exactly, and rounded once in the total (S12).
func TestPeriodRates(t *testing.T) {
	plan := RatePlan{Code: "BAR", Basis: BasisPeriod, Period: 7}
	k := newKit(t, RoomType{Code: "DLX"}, plan)
	k.tell(RoomScope("DLX"), Count(Net), 0, 60, Num(5))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(500*AmountUnit))
	for nights, want := range map[int]string{1: "71.43", 3: "214.29", 7: "500", 10: "714.29"} {
		o := k.one(stay(1, nights))
		if a, _ := ParseAmount(want); !o.Sellable || o.Total.After != a {
			t.Errorf("%d nights: %v %v, want %s", nights, o.Total, o.Reasons, want)
		}
	}
	if o := k.one(stay(1, 1)); o.Nights[0].After.String() != "71.4286" {
		t.Errorf("the night is shown as %s", o.Nights[0].After)
	}
	plan.Multiple = true
	k.put(plan)
	wantReasons(t, k.one(stay(1, 8)), Reason{ReasonNoRate, today + 1, 0})
	if o := k.one(stay(1, 14)); o.Total.After != 1000*AmountUnit {
		t.Errorf("14 nights: %v %v", o.Total, o.Reasons)
	}
}

// Bases that are kept but not evaluated, offers and supplements close the plan (S1, S12).
func TestWhatCannotBeEvaluatedIsNotSold(t *testing.T) {
	for _, plan := range []RatePlan{{Basis: BasisArrivalLOS}, {Basis: BasisDayOfArrival}, {Offers: []PlanOffer{KeepOffer(Raw(`{}`))}}, {Supplements: []Supplement{KeepSupplement(Raw(`{}`))}}} {
		plan.Code = "BAR"
		wantReasons(t, simple(t, plan).one(stay(1, 2)), Reason{ReasonCannotEvaluate, today + 1, 0})
	}
}

// Totals: rooms x the exact sum, rounded once, half away from zero, to the currency's unit or the property's (S12).
func TestTotalsAreRoundedOnce(t *testing.T) {
	two, zero, three := 2, 0, 3
	for _, c := range []struct {
		name     string
		home     Property
		amount   Amount
		nights   int
		rooms    int
		want     string
		perNight string
	}{
		{"half a cent up", Property{Currency: "EUR"}, 100_0050, 1, 1, "100.01", "100.005"},
		{"two halves are one cent", Property{Currency: "EUR"}, 100_0050, 2, 1, "200.01", "100.005"},
		{"three rooms", Property{Currency: "EUR"}, 33_3333, 3, 3, "300.00", "33.3333"},
		{"nights rounded first", Property{Currency: "EUR", NightDecimals: &two}, 100_0050, 2, 1, "200.02", "100.01"},
		{"yen", Property{Currency: "JPY"}, 100_5000, 1, 1, "101", "100.50"},
		{"dinar", Property{Currency: "KWD"}, 100_0005, 1, 1, "100.001", "100.0005"},
		{"whole euros", Property{Currency: "EUR", TotalDecimals: &zero}, 100_5000, 1, 1, "101", "100.50"},
		{"three decimals", Property{Currency: "EUR", TotalDecimals: &three}, 100_0005, 1, 1, "100.001", "100.0005"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.home.Code, c.home.TimeZone = "H", "UTC"
			k := simple(t, c.home)
			k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(c.amount))
			q := stay(1, c.nights)
			q.Rooms = c.rooms
			o := k.one(q)
			want, _ := ParseAmount(c.want)
			night, _ := ParseAmount(c.perNight)
			if !o.Sellable || o.Total.After != want || o.Nights[0].After != night {
				t.Errorf("got %v, nights %v, want %s and %s", o.Total, o.Nights, c.want, c.perNight)
			}
		})
	}
}

// The largest amounts for the longest stays come out exact; a total that no Amount holds cannot be evaluated.
func TestLargestAmounts(t *testing.T) {
	k := newKit(t, RoomType{Code: "DLX"}, RatePlan{Code: "BAR", Basis: BasisPeriod, Period: 7})
	k.tell(RoomScope("DLX"), Count(Net), 0, 1095, Num(9_999))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 1095, After(AmountMax))
	q := stay(0, NightsMax)
	q.Rooms = 64
	want := new(big.Int).Mul(big.NewInt(int64(AmountMax)), big.NewInt(NightsMax*64)) // / 7, to the cent
	want.Add(want.Mul(want, big.NewInt(2)), big.NewInt(700)).Quo(want, big.NewInt(1400)).Mul(want, big.NewInt(100))
	if o := k.one(q); !o.Sellable || int64(o.Total.After) != want.Int64() {
		t.Fatalf("got %v %v, want %v", o.Total, o.Reasons, want)
	}
	q.Rooms = 9_999
	wantReasons(t, k.one(q), Reason{ReasonCannotEvaluate, today, 0})
}

// Tax sides are never computed from one another: a stay needs one side known on every night (S12).
func TestTaxSides(t *testing.T) {
	night := func(n int, v Value) func(*kit) {
		return func(k *kit) { k.tell(Product("DLX", "BAR"), AdultsField(2), n, n, v) }
	}
	for _, c := range []struct {
		name  string
		tell  []func(*kit)
		total Money
		why   []Reason
	}{
		{"both", []func(*kit){night(1, Both(90*AmountUnit, 100*AmountUnit)), night(2, Both(90*AmountUnit, 100*AmountUnit))},
			Money{Before: 180 * AmountUnit, After: 200 * AmountUnit, Form: SideBefore | SideAfter}, nil},
		{"one in common", []func(*kit){night(1, Both(90*AmountUnit, 100*AmountUnit)), night(2, Before(90*AmountUnit))},
			Money{Before: 180 * AmountUnit, Form: SideBefore}, nil},
		{"none in common", []func(*kit){night(1, Before(90*AmountUnit)), night(2, After(100*AmountUnit))},
			Money{}, []Reason{{ReasonNoRate, today + 1, 0}}},
		{"zero on one side only", []func(*kit){night(1, Both(0, 100*AmountUnit)), night(2, Both(90*AmountUnit, 100*AmountUnit))},
			Money{After: 200 * AmountUnit, Form: SideAfter}, nil},
		{"zero on the only side", []func(*kit){night(1, Before(0)), night(2, Before(90*AmountUnit))},
			Money{}, []Reason{{ReasonZeroRate, today + 1, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := simple(t, RatePlan{Code: "BAR", Tax: "both"})
			for _, tell := range c.tell {
				tell(k)
			}
			o := k.one(stay(1, 2))
			wantReasons(t, o, c.why...)
			if o.Total != c.total {
				t.Errorf("got %v, want %v", o.Total, c.total)
			}
		})
	}
}

// Min and max prices look at the night's amount for the party, on the tax side they name (S7).
func TestPriceRestrictions(t *testing.T) {
	for _, c := range []struct {
		when When
		what What
		v    Value
		want string // reason; "" passes
		date int
	}{
		{Night, MinPrice, Price(SideAfter, 100*AmountUnit), "", 0},
		{Night, MinPrice, Price(SideAfter, 100*AmountUnit+1), ReasonMinPrice, 2},
		{Night, MaxPrice, Price(SideAfter, 100*AmountUnit), "", 0},
		{Night, MaxPrice, Price(SideAfter, 100*AmountUnit-1), ReasonMaxPrice, 2},
		{Night, MinPrice, Price(SideBefore, 1), ReasonCannotEvaluate, 2},
		{Arrival, MinPrice, Price(SideAfter, 200*AmountUnit), ReasonMinPrice, 1},
		{Departure, MinPrice, Price(SideAfter, 200*AmountUnit), ReasonMinPrice, 3},
	} {
		k := simple(t)
		d := map[When]int{Night: 2, Arrival: 1, Departure: 3}[c.when]
		f := Restriction(c.when, c.what)
		k.tell(Scope{}, f, d, d, c.v)
		var want []Reason
		if c.want != "" {
			want = []Reason{{c.want, today + StayDate(c.date), fieldOf(c.want, f)}}
		}
		wantReasons(t, k.one(stay(1, 2)), want...)
	}
}

// A price restriction has nothing to say of a night without a rate (evaluation 3).
func TestPriceRestrictionsOfUnratedNights(t *testing.T) {
	k := simple(t)
	k.tell(Scope{}, Restriction(Night, MinPrice), 1, 1, Price(SideAfter, 1))
	q := stay(1, 1)
	q.Adults = 3
	wantReasons(t, k.one(q), Reason{ReasonNoRate, today + 1, 0})
}

// Block rates come before the product's own on nights on which any is told for the block.
func TestBlockRates(t *testing.T) {
	k := simple(t, Block{ID: "G", OpenForPickup: true})
	k.tell(Scope{Block: "G"}, BlockField(BlockCurrent), 0, 60, Num(5))
	s := Product("DLX", "BAR")
	s.Block = "G"
	k.tell(s, AdultsField(2), 1, 1, After(70*AmountUnit))
	k.tell(s, AdultsField(1), 3, 3, After(60*AmountUnit))
	q := stay(1, 2)
	q.Block = "G"
	if o := k.one(q); o.Total.After != 170*AmountUnit {
		t.Fatalf("got %v %v", o.Total, o.Reasons)
	}
	q = stay(3, 1)
	q.Block = "G"
	wantReasons(t, k.one(q), Reason{ReasonNoRate, today + 3, 0})
}

// Wide numbers agree with big ones.
func TestWideNumbers(t *testing.T) {
	bigOf := func(w wide) *big.Int {
		n := new(big.Int).Lsh(big.NewInt(w.hi), 64)
		return n.Add(n, new(big.Int).SetUint64(w.lo))
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "a")
		b := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "b")
		c := rapid.Int64Range(-1<<62, 1<<62).Draw(t, "c")
		n := rapid.Int64Range(1, 1<<40).Draw(t, "n")
		w := mulWide(a, b).add(wideOf(c))
		want := new(big.Int).Add(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c))
		if bigOf(w).Cmp(want) != 0 {
			t.Fatalf("%d x %d + %d = %v, want %v", a, b, c, bigOf(w), want)
		}
		x := mulWide(a, 7).add(wideOf(c))
		if got := bigOf(x.mul(n >> 20)); got.Cmp(new(big.Int).Mul(bigOf(x), big.NewInt(n>>20))) != 0 {
			t.Fatalf("%v x %d = %v", bigOf(x), n>>20, got)
		}
		if c := w.cmp(x); c != bigOf(w).Cmp(bigOf(x)) {
			t.Fatalf("compare %v %v: %d", bigOf(w), bigOf(x), c)
		}
		twice := new(big.Int).Abs(want)
		twice.Add(twice.Lsh(twice, 1), big.NewInt(n)).Quo(twice, big.NewInt(2*n)) // half away from zero
		if want.Sign() < 0 {
			twice.Neg(twice)
		}
		if q, ok := w.divRound(n); ok != twice.IsInt64() && ok || ok && q != twice.Int64() {
			t.Fatalf("%v / %d = %d %v, want %v", want, n, q, ok, twice)
		}
	})
}

// Derivation in fast and wide arithmetic agrees with rationals, for every step, rounded once.
func TestDeriveAmountIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parent := rapid.Int64Range(0, int64(AmountMax)).Draw(t, "parent") >> rapid.IntRange(0, 46).Draw(t, "smaller")
		share := rapid.Int64Range(0, 5*whole).Draw(t, "share")
		add := rapid.Int64Range(-int64(AmountMax), int64(AmountMax)).Draw(t, "add") >> rapid.IntRange(0, 46).Draw(t, "less")
		step := rapid.Int64Range(1, int64(AmountMax)).Draw(t, "step") >> rapid.IntRange(0, 46).Draw(t, "finer")
		step, first := max(step, 1), rapid.Bool().Draw(t, "amount first")
		x := new(big.Rat).SetInt64(parent)
		if first {
			x.Add(x, big.NewRat(add, 1)).Mul(x, big.NewRat(share, whole))
		} else {
			x.Mul(x, big.NewRat(share, whole)).Add(x, big.NewRat(add, 1))
		}
		x.Quo(x, big.NewRat(step, 1))
		half := big.NewRat(int64(x.Sign()), 2)
		steps := x.Add(x, half)
		want := new(big.Int).Quo(steps.Num(), steps.Denom())
		want.Mul(want, big.NewInt(step))
		got := deriveAmount(parent, share, add, step, first)
		if beyond := want.CmpAbs(big.NewInt(int64(AmountMax))) > 0; beyond != (got > AmountMax || got < -AmountMax) || !beyond && want.Int64() != int64(got) {
			t.Fatalf("got %d, want %v", got, want)
		}
	})
}
