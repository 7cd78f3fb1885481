package ari

import "testing"

// The worked numbers of derivation: percent, then amount, rounded to the step, then guards; the grandchild derives from the rounded, guarded
// child; an own value overrides (S13).
func TestDerivedAmounts(t *testing.T) {
	a := func(s string) *Amount {
		x, err := ParseAmount(s)
		if err != nil {
			t.Fatal(err)
		}
		return &x
	}
	june3, june9 := today+2, today+8
	for _, c := range []struct {
		name string
		step Amount
		rule []DeriveRule
		want string // of 99.99 on Wednesday 3 June; "" is no rate
	}{
		{"percent", 0, []DeriveRule{{Percent: -10 * AmountUnit}}, "89.99"},
		{"percent of four decimals", 0, []DeriveRule{{Percent: -33_3333}}, "66.66"},
		{"amount after percent", 0, []DeriveRule{{Percent: -10 * AmountUnit, Amount: 5 * AmountUnit}}, "94.99"},
		{"amount first", 0, []DeriveRule{{Percent: -10 * AmountUnit, Amount: 5 * AmountUnit, AmountFirst: true}}, "94.49"},
		{"step", 5 * AmountUnit, []DeriveRule{{Percent: -8 * AmountUnit}}, "90"},
		{"half a step, away from zero", 2 * AmountUnit, []DeriveRule{{Amount: -(9*AmountUnit - 100)}}, "92"}, // 91.00
		{"guards are not rounded", 5 * AmountUnit, []DeriveRule{{Percent: -50 * AmountUnit, Min: a("61.23")}}, "61.23"},
		{"max guard", 0, []DeriveRule{{Percent: 50 * AmountUnit, Max: a("120.01")}}, "120.01"},
		{"below zero is none", 0, []DeriveRule{{Amount: -200 * AmountUnit}}, ""},
		{"no rule", 0, nil, ""},
		{"the first rule that matches", 0, []DeriveRule{{Days: []string{"thu"}, Percent: -50 * AmountUnit}, {RoomTypes: []string{"STD"}, Percent: -40 * AmountUnit},
			{To: &june3, Percent: -20 * AmountUnit}, {Percent: -10 * AmountUnit}}, "79.99"},
		{"no rule on the date", 0, []DeriveRule{{From: &june9, Percent: -20 * AmountUnit}}, ""},
		{"an amount on the other side", 0, []DeriveRule{{Amount: 5 * AmountUnit, Side: "before"}}, ""},
		{"percent alone is for both sides", 0, []DeriveRule{{Percent: -10 * AmountUnit, Side: "before"}}, "89.99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := simple(t, RatePlan{Code: "NRF", Parent: "BAR", Derive: c.rule, Step: c.step})
			k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(*a("99.99")))
			q := stay(2, 1)
			q.RatePlans = []string{"NRF"}
			o := k.one(q)
			if c.want == "" {
				wantReasons(t, o, Reason{ReasonNoRate, today + 2, 0})
			} else if !o.Sellable || o.Total.After != *a(c.want) {
				t.Errorf("got %v %v, want %s", o.Total, o.Reasons, c.want)
			}
		})
	}
}

// The amount of a rule is for amounts by occupancy only; percent is for all (S13).
func TestDerivedChildAndExtraAmounts(t *testing.T) {
	k := simple(t, RatePlan{Code: "NRF", Parent: "BAR", Derive: []DeriveRule{{Percent: -10 * AmountUnit, Amount: 5 * AmountUnit}}})
	k.tell(Product("DLX", "BAR"), RateKey{Class: ExtraAdult}.Field(), 0, 60, After(30*AmountUnit))
	k.tell(Product("DLX", "BAR"), RateKey{Class: ChildBand, Min: 0, Max: 12}.Field(), 0, 60, After(20*AmountUnit))
	q := party(3, 5)
	q.RatePlans = []string{"NRF"}
	if o := k.one(q); o.Total.After != (90+5+27+18)*AmountUnit {
		t.Errorf("got %v %v", o.Total, o.Reasons)
	}
}

func TestDerivationChains(t *testing.T) {
	k := simple(t,
		RatePlan{Code: "MID", Parent: "BAR", Derive: []DeriveRule{{Percent: -33_3333}}, Step: 5 * AmountUnit},
		RatePlan{Code: "LOW", Parent: "MID", Derive: []DeriveRule{{Percent: -10 * AmountUnit}}})
	price := func(plan string, from int) Offer {
		q := stay(from, 1)
		q.RatePlans = []string{plan}
		return k.one(q)
	}
	if o := price("LOW", 1); o.Total.After != 58_5000 { // 66.67 -> 65.00 -> 58.50
		t.Errorf("a grandchild: %v %v", o.Total, o.Reasons)
	}
	k.tell(Product("DLX", "MID"), AdultsField(2), 3, 3, After(80*AmountUnit))
	if mid, low := price("MID", 3), price("LOW", 3); mid.Total.After != 80*AmountUnit || low.Total.After != 72*AmountUnit {
		t.Errorf("an own value: %v %v", mid.Total, low.Total)
	}
	k.tellAs("pms", Product("DLX", "MID"), AdultsField(2), 3, 3, Cleared, Value{})
	if mid := price("MID", 3); mid.Total.After != 65*AmountUnit {
		t.Errorf("cleared: %v", mid.Total)
	}
	k.tellAs("pms", Product("DLX", "BAR"), AdultsField(2), 4, 4, Cleared, Value{})
	wantReasons(t, price("LOW", 4), Reason{ReasonNoRate, today + 4, 0})
}

// The parent's product must itself be offered on the room type.
func TestAChildOfAPlanThatIsNotOffered(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", RoomTypes: []string{"STD"}}, RatePlan{Code: "NRF", Parent: "BAR", Derive: []DeriveRule{{}}})
	q := stay(1, 1)
	q.RatePlans = []string{"NRF"}
	wantReasons(t, k.one(q), Reason{ReasonNotOffered, DateMin, 0})
}

// Restrictions, limits and unknown kinds are inherited by group, beside the child's own (S13).
func TestInheritance(t *testing.T) {
	bar := PlanScope("BAR")
	for _, c := range []struct {
		name  string
		field Field
		value Value
		in    Inherit
		want  Reason
	}{
		{"closed", Closed, Num(Shut), Inherit{Closed: true}, Reason{ReasonClosed, today + 1, Closed}},
		{"cta", CTA, Num(Shut), Inherit{CTACTD: true}, Reason{ReasonClosedToArrival, today + 1, CTA}},
		{"los", MinLOSArrival, Num(3), Inherit{LOS: true}, Reason{ReasonMinLOS, today + 1, MinLOSArrival}},
		{"lead", Restriction(Arrival, MinLead), LeadDays(9, NoTime), Inherit{Lead: true}, Reason{ReasonMinLead, today + 1, Restriction(Arrival, MinLead)}},
		{"limits", Limit(Remaining), Num(0), Inherit{Limits: true}, Reason{ReasonSoldOut, today + 1, 0}},
		{"unknown kinds with anything", UnknownField, Value{}, Inherit{Lead: true}, Reason{ReasonCannotEvaluate, today + 1, 0}},
	} {
		for _, inherits := range []bool{true, false} {
			plan := RatePlan{Code: "NRF", Parent: "BAR", Derive: []DeriveRule{{}}}
			if inherits {
				plan.Inherit = c.in
			}
			k := simple(t, plan)
			if c.field == UnknownField {
				k.stand(bar, c.field, Undated, Told, c.value, "Weather=rain")
			} else {
				k.tell(bar, c.field, 1, 1, c.value)
			}
			q := stay(1, 1)
			q.RatePlans = []string{"NRF"}
			t.Run(c.name, func(t *testing.T) {
				if o := k.one(q); inherits {
					wantReasons(t, o, c.want)
				} else {
					wantReasons(t, o)
				}
			})
		}
	}
}

// An offset that covers child and parent counts once.
func TestALimitThatCoversTwiceCountsOnce(t *testing.T) {
	k := simple(t, RatePlan{Code: "NRF", Parent: "BAR", Derive: []DeriveRule{{}}, Inherit: Inherit{Limits: true}})
	k.tell(Scope{}, Limit(Offset), 1, 1, Num(-2))
	q := stay(1, 1)
	q.RatePlans = []string{"NRF"}
	if o := k.one(q); o.Left != 3 {
		t.Errorf("left %d, want 3", o.Left)
	}
}
