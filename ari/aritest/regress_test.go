package aritest_test

import (
	"testing"

	"github.com/ratewire/ratewire/ari"
)

// What follows are programs that once told the fast core and the model apart, shrunk, each with its story. newHotel compares the two.

// A clear of counts stamps every component, also those never told: a late set of one came back over it.
func TestALateComponentDoesNotComeBackOverAClearOfCounts(t *testing.T) {
	h := newHotel(t)
	h.must(ari.Update{Order: 137, Statements: []ari.Statement{{Verb: ari.Clear, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: ari.Dates(day+3, day+4)}}})
	h.must(ari.Update{Order: 132, Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Physical), Span: ari.Dates(day+3, day+5), Value: ari.Num(8)}}})
	h.wants("P", stay(4, 1), "no_inventory@4")
	h.wants("P", stay(5, 1), "100.00 left 8")
}

// Net told again with the value it had moves only its stamp, and that changes the basis: it was not recomputed.
func TestAStampThatMovesChangesTheBasis(t *testing.T) {
	h := newHotel(t)
	h.set(ari.RoomScope("R"), ari.Count(ari.Overbooking), ari.Dates(day+8, day+11), ari.Num(2))
	h.wants("P", stay(8, 1), "cannot_evaluate@8")
	h.set(ari.RoomScope("R"), ari.Count(ari.Net), ari.Dates(day+8, day+8), ari.Num(5))
	h.wants("P", stay(8, 1), "100.00 left 5")
}

// After a change of owner it is not known which kind of count was told last: an adjust of either found it to be net.
func TestAdjustsAfterAChangeOfOwnerNeedAKnownBasis(t *testing.T) {
	h := newHotel(t)
	h.set(ari.RoomScope("R"), ari.Count(ari.Physical), ari.Undated, ari.Num(8))
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", CountsOwner: "d"}))
	h.wants("P", stay(1, 1), "cannot_evaluate@1")
	adjust := ari.Statement{Verb: ari.Adjust, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: ari.Dates(day+1, day+1), Value: ari.Num(1)}
	if out := h.apply(ari.Update{Connection: "d", Statements: []ari.Statement{adjust}}); out.Items[0] != ari.CodeAdjustBasis {
		t.Errorf("got %v", out)
	}
}

// Two adults are told after tax only, one adult and the extra adult on both sides: before tax the fill rule knows 70 + 25.
func TestASideKnownByTheFillRuleAlone(t *testing.T) {
	h := newHotel(t, object(ari.KindRatePlan, "P", ari.RatePlan{Tax: "both"}))
	tell := func(k ari.RateKey, v ari.Value) { h.set(ari.Product("R", "P"), k.Field(), ari.Undated, v) }
	tell(ari.RateKey{Class: ari.Adults, N: 1}, ari.Both(70*ari.AmountUnit, 80*ari.AmountUnit))
	tell(ari.RateKey{Class: ari.Adults, N: 2}, ari.After(60*ari.AmountUnit))
	tell(ari.RateKey{Class: ari.ExtraAdult}, ari.Both(25*ari.AmountUnit, 30*ari.AmountUnit))
	h.wants("P", stay(1, 1), "95.00 net 60.00 left 5")
}

// A product that is not offered has no rooms to hold.
func TestAHoldNeedsAnOfferedProduct(t *testing.T) {
	h := newHotel(t, object(ari.KindRoomType, "S", ari.RoomType{}), object(ari.KindRatePlan, "K", ari.RatePlan{Parent: "P"}))
	h.objects(object(ari.KindRatePlan, "P", ari.RatePlan{RoomTypes: []string{"S"}}))
	hold := ari.Overlay{ID: "h", Kind: ari.Hold, Scope: ari.Product("R", "K"), Span: ari.Dates(day+1, day+1), Rooms: 1}
	if out := h.apply(ari.Update{Overlays: []ari.OverlayOp{{Verb: ari.OverlayPut, Overlay: hold}}}); out.Whole != ari.CodeNotEnoughRooms {
		t.Errorf("got %v", out)
	}
}

// An undated amount told twice in one message, a dated one between them: the last word of the message stands (found by seed 28815069093).
func TestTheLastWordOfAMessageStands(t *testing.T) {
	h := newHotel(t)
	say := func(span ari.Span, n int64) ari.Statement {
		return ari.Statement{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: span, Value: ari.Num(n)}
	}
	u := ari.Update{Statements: []ari.Statement{say(ari.Undated, 3), say(ari.Dates(day, day+5), 9), say(ari.Undated, 3)}}
	h.must(u)
	h.wants("P", stay(1, 1), "100.00 left 3")
	u.Order = h.order
	h.must(u) // and so do the last words of a repeat
	h.wants("P", stay(1, 1), "100.00 left 3")
}

// Once the new owner told one kind of count, its adjusts are of that basis: what the old owner told of the other kind was still in the way.
func TestAdjustsOfWhatTheNewOwnerToldAreOfItsBasis(t *testing.T) {
	h := newHotel(t)
	h.set(ari.RoomScope("R"), ari.Count(ari.SoldDefinite), ari.Undated, ari.Num(2))
	h.objects(property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR", CountsOwner: "d"}))
	net := ari.Statement{Verb: ari.Set, Scope: ari.RoomScope("R"), Field: ari.Count(ari.Net), Span: ari.Dates(day+1, day+1), Value: ari.Num(4)}
	h.apply(ari.Update{Connection: "d", Order: 1, Statements: []ari.Statement{net}})
	net.Verb, net.Value = ari.Adjust, ari.Num(-1)
	if out := h.apply(ari.Update{Connection: "d", Order: 2, Statements: []ari.Statement{net}}); len(out.Items) > 0 {
		t.Errorf("got %v", out)
	}
	h.wants("P", stay(1, 1), "100.00 left 3")
}

// That a count is unset on any date is said before that it is of the other basis on an earlier one.
func TestAnAdjustSaysUnsetBeforeOtherBasis(t *testing.T) {
	h := newHotel(t)
	scope := ari.RoomScope("R")
	h.set(scope, ari.Count(ari.Physical), ari.Dates(day+1, day+1), ari.Num(8))
	h.must(ari.Update{Order: 900, Statements: []ari.Statement{{Verb: ari.Clear, Scope: scope, Field: ari.Count(ari.Net), Span: ari.Dates(day+3, day+3)}}})
	adjust := ari.Statement{Verb: ari.Adjust, Scope: scope, Field: ari.Count(ari.Net), Span: ari.Span{From: day + 1, To: day + 3, Days: ari.AllDays}, Value: ari.Num(1)}
	adjust.Span.Days = weekday(day+1) | weekday(day+3)
	if out := h.apply(ari.Update{Order: 901, Statements: []ari.Statement{adjust}}); out.Items[0] != ari.CodeAdjustUnset {
		t.Errorf("got %v", out)
	}
}

func weekday(d ari.StayDate) ari.Weekdays { return 1 << ((int(d.Weekday()) + 6) % 7) }
