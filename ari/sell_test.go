package ari

import "testing"

func TestSellAnswersTotalsOfSellableOffers(t *testing.T) {
	k := simple(t)
	o := k.one(stay(1, 3))
	if !o.Sellable || o.Total != (Money{After: 300 * AmountUnit, Form: SideAfter}) || o.Left != 5 || len(o.Nights) != 3 {
		t.Fatalf("got %+v", o)
	}
}
