package ari

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func adjustOf(order int64, f Field, from, to StayDate, delta int64) *Update {
	return say(order, Statement{Verb: Adjust, Scope: std, Field: f, Span: Dates(from, to), Value: Num(delta)})
}

func TestALateSetGoesUnderTheAdjustsThatAreNewer(t *testing.T) { // S23
	p := hotel(t)
	mustTell(t, p, set(10, std, net, applyDay, applyDay+1, Num(5)))
	mustTell(t, p, adjustOf(20, net, applyDay, applyDay, -1))
	mustTell(t, p, adjustOf(30, net, applyDay, applyDay, -1))
	wantValue(t, p, std, net, "", applyDay, Told, Num(3))
	mustTell(t, p, set(25, std, net, applyDay, applyDay+1, Num(9)))
	wantValue(t, p, std, net, "", applyDay, Told, Num(8))
	wantValue(t, p, std, net, "", applyDay+1, Told, Num(9))
}

func TestAnAdjustOlderThanTheSetIsInIt(t *testing.T) { // S23
	p := hotel(t)
	mustTell(t, p, set(20, std, net, applyDay, applyDay, Num(5)))
	e, items := mustTell(t, p, adjustOf(10, net, applyDay, applyDay, -1))
	if e != nil || items[0].Verdict != ItemSuperseded {
		t.Errorf("got %+v", items)
	}
	wantValue(t, p, std, net, "", applyDay, Told, Num(5))
}

func TestAnAdjustMovesNoStamp(t *testing.T) { // S23
	p := hotel(t)
	mustTell(t, p, set(10, std, net, applyDay, applyDay, Num(5)))
	mustTell(t, p, adjustOf(30, net, applyDay, applyDay, -1))
	mustTell(t, p, set(20, std, net, applyDay, applyDay, Num(7)))
	wantValue(t, p, std, net, "", applyDay, Told, Num(6))
}

func TestASetUnderSixteenAdjustsIsSuperseded(t *testing.T) { // S23
	p := hotel(t)
	mustTell(t, p, set(10, std, net, applyDay, applyDay, Num(50)))
	for i := range adjustsMax {
		if i == adjustsMax-1 {
			mustTell(t, p, set(11, std, net, applyDay, applyDay, Num(40))) // under 15: fine
		}
		mustTell(t, p, adjustOf(int64(20+i), net, applyDay, applyDay, -1))
	}
	wantValue(t, p, std, net, "", applyDay, Told, Num(24))
	wantRefused(t, p, set(12, std, net, applyDay, applyDay, Num(30)), CodeSuperseded)
	mustTell(t, p, set(25, std, net, applyDay, applyDay, Num(30)))
	wantValue(t, p, std, net, "", applyDay, Told, Num(20))
}

func TestAnAdjustOfTheOtherBasisIsRefused(t *testing.T) { // S9
	p := hotel(t)
	mustTell(t, p, set(10, std, Count(Physical), applyDay, applyDay, Num(9)))
	mustTell(t, p, set(20, std, net, applyDay, applyDay, Num(5)))
	wantRefused(t, p, adjustOf(30, Count(Physical), applyDay, applyDay, 1), CodeAdjustBasis)
	mustTell(t, p, set(30, std, Count(Physical), applyDay, applyDay, Num(9)))
	wantRefused(t, p, adjustOf(40, net, applyDay, applyDay, 1), CodeAdjustBasis)
	mustTell(t, p, adjustOf(40, Count(Physical), applyDay, applyDay, 1))
	wantValue(t, p, std, Count(Physical), "", applyDay, Told, Num(10))
}

func TestAClearOfACountClearsEveryComponent(t *testing.T) { // S24
	p := hotel(t)
	mustTell(t, p, set(10, std, Count(Physical), applyDay, applyDay, Num(9)))
	mustTell(t, p, set(10, std, Count(SoldDefinite), applyDay, applyDay, Num(2)))
	mustTell(t, p, say(20, Statement{Verb: Clear, Scope: std, Field: net, Span: Dates(applyDay, applyDay)}))
	wantValue(t, p, std, Count(Physical), "", applyDay, Cleared, Value{})
	wantValue(t, p, std, Count(SoldDefinite), "", applyDay, Cleared, Value{})
	wantRefused(t, p, adjustOf(30, net, applyDay, applyDay, 1), CodeAdjustUnset)
}

func TestACountOfARoomTypesOwnPoolIsToldAtTheRoomType(t *testing.T) { // S9
	p := hotel(t)
	mustTell(t, p, set(10, Scope{Rooms: PoolKind, Room: "STD"}, net, applyDay, applyDay, Num(5)))
	wantValue(t, p, std, net, "", applyDay, Told, Num(5))
}

func TestAnOpenEndedStatementIsKnownByDatesThatEnterTheHorizon(t *testing.T) { // S3
	p := hotel(t)
	far := applyDay + HorizonFuture
	mustTell(t, p, say(10, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Span{applyDay + 5, DateMax, AllDays}, Value: Num(3)}))
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+4, Untold, Value{})
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+5, Told, Num(3))
	mustTell(t, p, &Update{By: Author{BySystem, "time"}, Day: applyDay + 1, Received: now.Add(24 * time.Hour), Order: 1})
	wantValue(t, p, bar, MinLOSArrival, "pms", far+1, Told, Num(3))
}

func TestADatedClearHidesAnOlderOpenEndedStatement(t *testing.T) { // S3
	p := hotel(t)
	mustTell(t, p, say(10, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Undated, Value: Num(3)}))
	mustTell(t, p, say(20, Statement{Verb: Clear, Scope: bar, Field: MinLOSArrival, Span: Dates(applyDay, applyDay+1)}))
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+1, Cleared, Value{})
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+2, Told, Num(3))
	mustTell(t, p, say(15, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Span{applyDay, DateMax, AllDays}, Value: Num(4)}))
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+1, Cleared, Value{})
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+2, Told, Num(4))
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay-1, Told, Num(3))
}

func TestANewerStatementTakesThePlaceOfThoseItCovers(t *testing.T) { // S3
	p := hotel(t)
	for i := range 5 {
		mustTell(t, p, say(int64(10+i), Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Span{applyDay + 5 - StayDate(i), DateMax, AllDays}, Value: Num(int64(i + 1))}))
	}
	c := p.columns[columnKey{bar, MinLOSArrival, "pms"}]
	if len(c.standing) != 1 {
		t.Errorf("%d statements kept, want the newest only", len(c.standing))
	}
}

func TestAStatementToldAgainMovesItsStampOnly(t *testing.T) { // S3, S21
	p := hotel(t)
	again := func(order int64) *Update {
		return say(order, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Undated, Value: Num(3)},
			Statement{Item: 1, Verb: Set, Scope: bar, Field: UnknownField, Span: Dates(applyDay, applyDay+1), Text: "Kind=1"})
	}
	mustTell(t, p, again(10))
	e, items := mustTell(t, p, again(20))
	if e == nil || !e.StampOnly() {
		t.Fatalf("want an entry that moves stamps only, got %+v", e)
	}
	wantVerdict(t, items, ItemUnchanged, ItemUnchanged)
	mustTell(t, p, say(15, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Dates(applyDay, applyDay), Value: Num(9)}))
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay, Told, Num(3))
	mustTell(t, p, say(30, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Dates(applyDay, applyDay), Value: Num(9)}))
	if e, _ = mustTell(t, p, again(40)); e.StampOnly() {
		t.Error("it took a newer dated value away")
	}
}

func TestStatementsWithoutEndAreBounded(t *testing.T) {
	p := hotel(t)
	for i := range standingMax {
		mustTell(t, p, say(int64(10+i), Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Span{applyDay + StayDate(i), DateMax, AllDays}, Value: Num(2)}))
	}
	wantRefused(t, p, say(999, Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Span{applyDay + standingMax, DateMax, AllDays}, Value: Num(2)}), CodeTooManyStatements)
}

func TestUnknownKindsAreKeptByName(t *testing.T) { // S1
	p := hotel(t)
	unknown := func(order int64, v Verb, text string, from, to StayDate) {
		mustTell(t, p, say(order, Statement{Verb: v, Scope: bar, Field: UnknownField, Span: Dates(from, to), Text: text}))
	}
	told := func(d StayDate) bool { s, _ := p.value(bar, UnknownField, "pms", d); return s == Told }
	unknown(10, Set, "FullPattern=x", applyDay, applyDay+9)
	unknown(11, Set, "Exception=y", applyDay+5, applyDay+9)
	unknown(12, Clear, "FullPattern", applyDay+3, applyDay+9)
	if !told(applyDay) || told(applyDay+4) || !told(applyDay+5) {
		t.Errorf("got %v %v %v, want told, not told, told", told(applyDay), told(applyDay+4), told(applyDay+5))
	}
	unknown(13, Clear, "", applyDay, applyDay+9)
	if told(applyDay) || told(applyDay+5) {
		t.Error("a clear without a name did not clear all")
	}
}

// snapshot answers an update that replaces restrictions, limits and rates of all rooms and rates on some dates.
func snapshot(order int64, from, to StayDate, s ...Statement) *Update {
	u := say(order, s...)
	u.Replace = []Extent{{Item: 0, Span: Dates(from, to), Fields: []FieldSet{{Family: FamilyRestriction}, {Family: FamilyRate}},
		Scopes: ScopeSet{AnyRooms: true, AnyRates: true, AnyChannel: true, AnyBlock: true}}}
	u.Released = true
	for i := range u.Statements {
		u.Statements[i].Item = i + 1
	}
	return u
}

func TestAReplaceUnsetsWhatIsNotInIt(t *testing.T) { // S18
	p := hotel(t)
	mustTell(t, p, set(10, bar, Closed, applyDay, applyDay+9, Num(Shut)))
	mustTell(t, p, set(10, bar, twoAd, applyDay, applyDay+9, After(100)))
	mustTell(t, p, set(10, bar, Limit(Remaining), applyDay, applyDay+9, Num(3)))
	_, items := mustTell(t, p, snapshot(20, applyDay, applyDay+4, Statement{Verb: Set, Scope: bar, Field: twoAd, Span: Dates(applyDay, applyDay+1), Value: After(100)}))
	wantValue(t, p, bar, Closed, "pms", applyDay+4, Cleared, Value{})
	wantValue(t, p, bar, Closed, "pms", applyDay+5, Told, Num(Shut))
	wantValue(t, p, bar, twoAd, "", applyDay+1, Told, After(100))
	wantValue(t, p, bar, twoAd, "", applyDay+2, Cleared, Value{})
	wantValue(t, p, bar, Limit(Remaining), "pms", applyDay, Told, Num(3))
	if items[0].Changed != 8 || items[1].Changed != 0 {
		t.Errorf("got %+v, want 8 cells unset and none set anew", items)
	}
}

func TestAnOlderLateSetInsideAReplaceIsSuperseded(t *testing.T) { // S18
	p := hotel(t)
	mustTell(t, p, snapshot(20, applyDay, applyDay+4))
	_, items := mustTell(t, p, set(10, bar, Closed, applyDay+3, applyDay+6, Num(Shut)))
	if items[0].Superseded != 2 || items[0].Changed != 2 {
		t.Errorf("got %+v", items)
	}
	mustTell(t, p, say(11, Statement{Verb: Set, Scope: bar, Field: CTA, Span: Undated, Value: Num(Shut)}))
	wantValue(t, p, bar, CTA, "pms", applyDay+4, Untold, Value{})
	wantValue(t, p, bar, CTA, "pms", applyDay+5, Told, Num(Shut))
	wantValue(t, p, bar, CTA, "pms", applyDay-1, Told, Num(Shut))
	wantValue(t, p, bar, CTA, "pms", applyDay+2000, Told, Num(Shut))
	mustTell(t, p, set(30, bar, Closed, applyDay+3, applyDay+3, Num(Shut)))
	wantValue(t, p, bar, Closed, "pms", applyDay+3, Told, Num(Shut))
}

func TestAReplaceOfOneConnectionLeavesAnothersRestrictions(t *testing.T) { // S5, S18
	p := hotel(t)
	u := set(10, bar, Closed, applyDay, applyDay, Num(Shut))
	u.Connection = "crs"
	mustTell(t, p, u)
	mustTell(t, p, snapshot(20, applyDay, applyDay+4))
	wantValue(t, p, bar, Closed, "crs", applyDay, Told, Num(Shut))
}

func TestMarksThatANewerReplaceCoversAreForgotten(t *testing.T) { // S18
	p := hotel(t)
	for i := range 10 {
		mustTell(t, p, snapshot(int64(20+i), applyDay-1, applyDay+StayDate(i)))
	}
	if len(p.marks) != 1 {
		t.Errorf("%d marks kept, want 1", len(p.marks))
	}
	late := snapshot(100, applyDay+100, applyDay+101)
	late.Received = now.Add(15 * 24 * time.Hour)
	mustTell(t, p, late)
	if len(p.marks) != 1 {
		t.Errorf("%d marks kept, want the young one only", len(p.marks))
	}
}

// selling answers a hotel that sells STD for BAR on 100 nights.
func selling(t *testing.T) *Picture {
	p := hotel(t)
	mustTell(t, p, set(10, std, net, applyDay, applyDay+99, Num(5)))
	mustTell(t, p, set(10, bar, twoAd, applyDay, applyDay+99, After(1_000_000)))
	if n := p.openNights(applyDay, applyDay+99); n < 100 {
		t.Fatalf("%d nights open", n)
	}
	return p
}

func TestAReplaceThatUnsetsTooMuchWaits(t *testing.T) { // S18
	p := selling(t)
	keep := func(days int) Statement {
		return Statement{Verb: Set, Scope: bar, Field: twoAd, Span: Dates(applyDay, applyDay+StayDate(days)-1), Value: After(1_000_000)}
	}
	shut := Statement{Verb: Set, Scope: bar, Field: Closed, Span: Dates(applyDay, applyDay+1), Value: Num(Shut)}
	u := snapshot(20, applyDay, applyDay+99, keep(60), shut)
	u.Released = false
	_, items := mustTell(t, p, u)
	wantVerdict(t, items, ItemWaiting, ItemWaiting, ItemApplied)
	wantValue(t, p, bar, twoAd, "", applyDay+80, Told, After(1_000_000))
	wantValue(t, p, bar, Closed, "pms", applyDay, Told, Num(Shut))

	few := snapshot(21, applyDay, applyDay+99, keep(90), shut)
	few.Released = false
	_, items = mustTell(t, p, few)
	if items[0].Verdict != ItemApplied {
		t.Errorf("10 %% of the nights: got %+v", items)
	}
	u.Released, u.Order = true, 22
	mustTell(t, p, u)
	wantValue(t, p, bar, twoAd, "", applyDay+80, Cleared, Value{})
}

func TestAWaitingReplaceKeepsItsObjectsBackButThoseItPutsInactive(t *testing.T) { // S18
	p := selling(t)
	before := p.catalog.Plans["BAR"].Name
	u := snapshot(20, applyDay, applyDay+99)
	u.Objects = []ObjectOp{{Kind: KindRatePlan, Code: "BAR", Body: []byte(`{"code":"BAR","name":"cheaper"}`)}, {Kind: KindRoomType, Code: "DLX", Body: []byte(`{"code":"DLX","inactive":true}`)}}
	u.Released = false
	_, items := mustTell(t, p, u)
	wantVerdict(t, items, ItemWaiting)
	if got := p.catalog.Plans["BAR"].Name; got != before || !p.catalog.RoomTypes["DLX"].Inactive {
		t.Errorf("plan %q, room type inactive %v", got, p.catalog.RoomTypes["DLX"].Inactive)
	}
	u.Released, u.Order = true, 22
	mustTell(t, p, u)
	if got := p.catalog.Plans["BAR"].Name; got != "cheaper" {
		t.Errorf("released, plan %q", got)
	}
}

func TestAReplaceThatLiftsTooManyRestrictionsWaits(t *testing.T) { // S18
	p := selling(t)
	mustTell(t, p, set(10, bar, CTA, applyDay, applyDay+99, Num(Shut)))
	u := say(20, Statement{Item: 1, Verb: Set, Scope: bar, Field: CTA, Span: Dates(applyDay, applyDay+59), Value: Num(Shut)})
	u.Replace = []Extent{{Span: Dates(applyDay, applyDay+99), Fields: []FieldSet{{Family: FamilyRestriction}}, Scopes: ScopeSet{AnyRooms: true, AnyRates: true}}}
	_, items := mustTell(t, p, u)
	wantVerdict(t, items, ItemWaiting, ItemUnchanged)
	wantValue(t, p, bar, CTA, "pms", applyDay+80, Told, Num(Shut))
	u.Statements[0].Span.To, u.Order = applyDay+79, 21
	_, items = mustTell(t, p, u)
	wantVerdict(t, items, ItemApplied, ItemUnchanged)
	wantValue(t, p, bar, CTA, "pms", applyDay+80, Cleared, Value{})
}

func hold(id string, rooms int, from, to StayDate) *Update {
	return &Update{By: Author{ByClient, "shop"}, Overlays: []OverlayOp{{Verb: OverlayPut, Overlay: Overlay{ID: id, Kind: Hold, Scope: bar, Span: Dates(from, to), Rooms: rooms}}}}
}

func TestAHoldTakesNoMoreThanIsLeft(t *testing.T) { // S4
	p := selling(t)
	mustTell(t, p, hold("a", 3, applyDay+1, applyDay+2))
	wantRefused(t, p, hold("b", 3, applyDay+2, applyDay+3), CodeNotEnoughRooms)
	mustTell(t, p, hold("b", 2, applyDay+2, applyDay+3))
	mustTell(t, p, hold("a", 3, applyDay+1, applyDay+2)) // laid again: not in its own way
	mustTell(t, p, &Update{Overlays: []OverlayOp{{Verb: OverlayRemove, Overlay: Overlay{ID: "a"}}}})
	mustTell(t, p, hold("c", 3, applyDay+2, applyDay+2))
	if left, _ := p.left("STD", "BAR", applyDay+2); left != 0 {
		t.Errorf("%d left, want 0", left)
	}
	wantRefused(t, p, &Update{Overlays: []OverlayOp{{Verb: OverlayRemove, Overlay: Overlay{ID: "a"}}}}, CodeUnknownOverlay)
	wantRefused(t, p, hold("d", 1, applyDay+200, applyDay+201), CodeNotEnoughRooms)
}

func TestAConfirmedHoldStaysUntilACountToldAfterIt(t *testing.T) { // S4
	p := selling(t)
	mustTell(t, p, hold("a", 3, applyDay+1, applyDay+2))
	confirm := &Update{Received: now.Add(time.Minute), Overlays: []OverlayOp{{Verb: OverlayConfirm, Overlay: Overlay{ID: "a"}}}}
	mustTell(t, p, confirm)
	if got, want := p.overlays["a"].Expires, now.Add(time.Minute+HoldConfirmed); !got.Equal(want) {
		t.Errorf("expires %v, want %v", got, want)
	}
	wantRefused(t, p, confirm, CodeHoldState)
	left := func(d StayDate) int { n, _ := p.left("STD", "BAR", d); return n }

	before := set(20, std, net, applyDay+1, applyDay+2, Num(5))
	before.SourceTime = now
	mustTell(t, p, before)
	untold := set(21, std, net, applyDay+1, applyDay+2, Num(5))
	mustTell(t, p, untold)
	if left(applyDay+1) != 2 {
		t.Errorf("a count from before the confirm, or of an unknown time, released the hold: %d left", left(applyDay+1))
	}
	after := set(30, std, net, applyDay+1, applyDay+1, Num(2))
	after.SourceTime = now.Add(2 * time.Minute)
	mustTell(t, p, after)
	if left(applyDay+1) != 2 || left(applyDay+2) != 2 {
		t.Errorf("%d and %d left, want 2 (in the count) and 2 (still held)", left(applyDay+1), left(applyDay+2))
	}
}

func TestWhatTimeCausesIsAnUpdateOfTheSystem(t *testing.T) { // S28
	p := selling(t)
	mustTell(t, p, hold("a", 3, applyDay+1, applyDay+2))
	if u := p.Due(now.Add(14 * time.Minute)); u != nil {
		t.Fatalf("due too early: %+v", u)
	}
	if at := p.NextDue(); !at.Equal(now.Add(HoldPlaced)) {
		t.Errorf("next due %v", at)
	}
	u := p.Due(now.Add(HoldPlaced))
	if v := p.Due(now.Add(HoldPlaced)); v.MessageID != u.MessageID {
		t.Error("the id is not the same on another node")
	}
	mustTell(t, p, u)
	if p.overlays["a"] != nil {
		t.Error("the hold did not expire")
	}
	u = p.Due(now.Add(24 * time.Hour))
	mustTell(t, p, u)
	if p.Day() != applyDay+1 {
		t.Errorf("day %s, want %s", p.Day(), applyDay+1)
	}
}

func TestMonthsThatAreOverAreCutOff(t *testing.T) { // S26
	p := selling(t)
	p.TakeDirty()
	mustTell(t, p, &Update{By: Author{BySystem, "time"}, Received: now.Add(20 * 24 * time.Hour), Day: applyDay + 20, Order: 1})
	wantValue(t, p, bar, twoAd, "", applyDay, Untold, Value{})
	wantValue(t, p, bar, twoAd, "", DateOf(2026, 12, 1), Told, After(1_000_000))
	gone := PageID{bar.Key(), int32(applyDay.Month())}
	found := false
	for _, id := range p.TakeDirty() {
		found = found || id == gone
	}
	if !found || len(p.AppendPage(nil, gone)) != 0 {
		t.Error("the page of the month that is over is not deleted")
	}
}

func TestStampsStayBounded(t *testing.T) {
	p := hotel(t)
	for i := range 5 * sweepLeast {
		u := set(int64(i+2), bar, twoAd, applyDay, applyDay, After(Amount(i)))
		u.Property, u.Received = "H1", now
		e, _, err := p.Draft().Apply(u)
		if err == nil {
			err = p.Fold(e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := len(p.stamps.list); n > 2*sweepLeast {
		t.Errorf("%d stamps kept for one cell", n)
	}
}

func putObject(kind, code, body string) *Update {
	return &Update{By: Author{ByPerson, "ann"}, Objects: []ObjectOp{{Kind: kind, Code: code, Body: []byte(body)}}}
}

func TestObjectsAreRefusedWhenTheyCannotBe(t *testing.T) { // S50, S13
	for _, c := range []struct{ name, kind, code, body, want string }{
		{"unknown field", KindRoomType, "X", `{"colour":"red"}`, CodeBadObject},
		{"two objects", KindRoomType, "X", `{} {}`, CodeBadObject},
		{"another code", KindRoomType, "X", `{"code":"Y"}`, CodeBadObject},
		{"unknown kind", "spaceship", "X", `{}`, CodeBadObject},
		{"no code", KindRoomType, "", `{}`, CodeBadObject},
		{"no time zone", KindProperty, "H1", `{"currency":"EUR"}`, CodeBadObject},
		{"no such time zone", KindProperty, "H1", `{"time_zone":"Mars/Base","currency":"EUR"}`, CodeBadObject},
		{"no currency", KindProperty, "H1", `{"time_zone":"UTC","currency":"euro"}`, CodeBadObject},
		{"class that is not there", KindRoomType, "X", `{"class":"NONE"}`, CodeUnknownRoomClass},
		{"pool that is not there", KindRoomType, "X", `{"pools":[{"pool":"NONE","quantity":1}]}`, CodeUnknownPool},
		{"pool with quantity 0", KindRoomType, "X", `{"pools":[{"pool":"POOL"}]}`, CodeBadObject},
		{"pool with a room type's code", KindPool, "STD", `{}`, CodeBadObject},
		{"room type with a pool's code", KindRoomType, "POOL", `{}`, CodeBadObject},
		{"category that is not there", KindRatePlan, "X", `{"category":"NONE"}`, CodeUnknownCategory},
		{"parent that is not there", KindRatePlan, "X", `{"parent":"NONE"}`, CodeUnknownRatePlan},
		{"room type that is not there", KindRatePlan, "X", `{"room_types":["NONE"]}`, CodeUnknownRoomType},
		{"own parent", KindRatePlan, "BAR", `{"category":"CAT","tax":"both","parent":"DER"}`, CodeDerivedCycle},
		{"another currency than the parent", KindRatePlan, "DER", `{"parent":"BAR","currency":"USD"}`, CodeDerivedMismatch},
		{"another basis than the child", KindRatePlan, "BAR", `{"tax":"both","basis":"period","period":7}`, CodeDerivedMismatch},
		{"tiers of a nightly plan", KindRatePlan, "X", `{"tiers":[1,3]}`, CodeBadObject},
		{"tiers that fall", KindRatePlan, "X", `{"basis":"los_tier","tiers":[3,1]}`, CodeBadObject},
		{"period without nights", KindRatePlan, "X", `{"basis":"period"}`, CodeBadObject},
		{"rules without a parent", KindRatePlan, "X", `{"derive":[{"percent":"5"}]}`, CodeBadObject},
		{"more than all off", KindRatePlan, "X", `{"parent":"BAR","derive":[{"percent":"-101"}]}`, CodeBadObject},
		{"no such fill", KindRatePlan, "X", `{"fill":"guess"}`, CodeBadObject},
		{"no weekday", KindRatePlan, "X", `{"parent":"BAR","derive":[{"days":["caturday"]}]}`, CodeBadObject},
		{"block parent that is not there", KindBlock, "X", `{"parent":"NONE"}`, CodeUnknownBlock},
		{"own block parent", KindBlock, "B1", `{"parent":"B1"}`, CodeBadObject},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, hotel(t), putObject(c.kind, c.code, c.body), c.want) })
	}
}

func TestWhatIsNamedIsNotDeleted(t *testing.T) {
	del := func(kind, code string) *Update { return &Update{Objects: []ObjectOp{{Kind: kind, Code: code}}} }
	for _, c := range [][2]string{{KindRoomClass, "MAIN"}, {KindRateCategory, "CAT"}, {KindRatePlan, "BAR"}, {KindProperty, "H1"}} {
		wantRefused(t, hotel(t), del(c[0], c[1]), CodeInUse)
	}
	p := hotel(t)
	for _, c := range [][2]string{{KindRatePlan, "DER"}, {KindRatePlan, "BAR"}, {KindRoomType, "DLX"}, {KindPool, "POOL"}, {KindBlock, "B1"}} {
		mustTell(t, p, del(c[0], c[1]))
		if p.Catalog().Body(c[0], c[1]) != nil {
			t.Errorf("%s %s is still there", c[0], c[1])
		}
	}
}

// An update by item may define rooms, plans and blocks beside what it says of them: what is wrong with one item's objects refuses that item.
func TestObjectsAreJudgedByItem(t *testing.T) { // S25
	p := hotel(t)
	e, items, err := p.Draft().Apply(&Update{ByItem: true, Received: applyDay.Time(), Order: 5, By: Author{ByMessage, "pms"}, Connection: "pms", Objects: []ObjectOp{
		{Kind: KindRoomType, Code: "NEW", Body: []byte(`{"max_occupancy":3}`), Item: 0},
		{Kind: KindRoomType, Code: "BAD", Body: []byte(`{"max_occupancy":300}`), Item: 1},
		{Kind: KindRatePlan, Code: "LOOP", Body: []byte(`{"parent":"LOOP"}`), Item: 2},
		{Kind: KindRatePlan, Code: "KID", Body: []byte(`{"parent":"BAR","currency":"USD"}`), Item: 3},
		{Kind: KindRoomType, Code: "NEW", Body: []byte(`{"max_occupancy":3}`), Item: 4},
	}, Statements: []Statement{
		{Item: 0, Verb: Set, Scope: RoomScope("NEW"), Span: Dates(applyDay, applyDay), Field: Count(Net), Value: Num(1)},
		{Item: 1, Verb: Set, Scope: RoomScope("BAD"), Span: Dates(applyDay, applyDay), Field: Count(Net), Value: Num(1)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []ItemVerdict{ItemApplied, ItemRefused, ItemRefused, ItemRefused, ItemUnchanged}
	for i, w := range want {
		if items[i].Item != i || items[i].Verdict != w {
			t.Errorf("item %d: %+v", i, items[i])
		}
	}
	if len(e.Objects) != 2 || e.Objects[0].Code != "NEW" || e.Objects[1].Kind != KindProperty { // the property's owner of counts, too
		t.Errorf("changed %+v", e.Objects)
	}
}

// However many items are wrong in the same way, they are found together: the good one beside them applies.
func TestManyBadDerivationsLeaveTheGoodItem(t *testing.T) { // S13, S25
	p := hotel(t)
	u := &Update{ByItem: true, Received: applyDay.Time(), Order: 5, By: Author{ByMessage, "pms"}, Connection: "pms"}
	for i := range 30 {
		body := `{"parent":"BAR","currency":"USD"}`
		if i == 17 {
			body = `{"name":"good"}`
		}
		u.Objects = append(u.Objects, ObjectOp{Kind: KindRatePlan, Code: fmt.Sprintf("P%02d", i), Body: []byte(body), Item: i})
	}
	_, items, err := p.Draft().Apply(u)
	if err != nil {
		t.Fatal(err)
	}
	for i := range items {
		if want := i == 17; (items[i].Verdict == ItemApplied) != want {
			t.Errorf("item %d: %+v", i, items[i])
		}
	}
}

func TestAMessageDefinesNothingOfAnothersPlans(t *testing.T) { // S5
	p := hotel(t)
	mustTell(t, p, set(1000, bar, twoAd, applyDay, applyDay, After(100)))
	owner := p.Catalog().Property.RatesOwner
	u := putObject(KindRatePlan, "BAR", `{}`)
	u.By, u.Connection = Author{ByMessage, "other"}, "other"
	if owner == "" || owner == "other" {
		t.Fatalf("owner %q", owner)
	}
	wantRefused(t, p, u, CodeNotOwner)
}

func TestAFamilyOfPlansChangesTogether(t *testing.T) { // S13
	p := hotel(t)
	mustTell(t, p, &Update{Objects: []ObjectOp{
		{Kind: KindRatePlan, Code: "DER", Body: []byte(`{"parent":"BAR","currency":"USD"}`)},
		{Kind: KindRatePlan, Code: "BAR", Body: []byte(`{"currency":"USD"}`)},
	}})
}

func TestAnotherCurrencyOrTaxBasisUnsetsThePlansAmounts(t *testing.T) { // S12
	for _, body := range []string{`{"currency":"USD","category":"CAT","tax":"both"}`, `{"category":"CAT"}`} {
		p := hotel(t)
		mustTell(t, p, &Update{Objects: []ObjectOp{{Kind: KindRatePlan, Code: "DER"}}})
		mustTell(t, p, set(1000, bar, twoAd, applyDay, applyDay+3, After(100)))
		mustTell(t, p, say(1000, Statement{Verb: Set, Scope: bar, Field: AdultsField(1), Span: Undated, Value: After(90)}))
		mustTell(t, p, putObject(KindRatePlan, "BAR", body))
		wantValue(t, p, bar, twoAd, "", applyDay, Untold, Value{})
		wantValue(t, p, bar, AdultsField(1), "", applyDay, Untold, Value{})
		mustTell(t, p, set(1, bar, twoAd, applyDay, applyDay, After(80))) // stamps went too
		wantValue(t, p, bar, twoAd, "", applyDay, Told, After(80))
	}
}

func TestTheHubsOwnObjectsAreKeptAsTheyAre(t *testing.T) { // S29
	p := NewPicture(HubProperty)
	mustTell(t, p, putObject("connection", "pms", `{ "any": 1 }`))
	if got := string(p.Catalog().Body("connection", "pms")); got != `{ "any": 1 }` {
		t.Errorf("got %s", got)
	}
	wantRefused(t, p, putObject(KindRoomType, "STD", `{}`), CodeBadObject)
}

func TestAPutOfWhatIsSoAlreadyIsNotJournalled(t *testing.T) {
	p := hotel(t)
	if e, _ := mustTell(t, p, putObject(KindRoomType, "STD", `{"class":"MAIN","code":"STD"}`)); e != nil {
		t.Errorf("got %+v", e)
	}
}

func TestCellsListsWhatIsTold(t *testing.T) {
	p := hotel(t)
	mustTell(t, p, set(10, bar, Closed, applyDay, applyDay+4, Num(Shut)))
	mustTell(t, p, set(11, bar, Closed, applyDay+2, applyDay+2, Num(Shut)))
	mustTell(t, p, say(9, Statement{Verb: Set, Scope: PlanScope("BAR"), Field: MinLOSArrival, Span: Undated, Value: Num(2)}))
	var got []string
	p.Cells(CellFilter{From: applyDay + 1, To: applyDay + 3}, func(c *SourceCell) bool {
		got = append(got, fmt.Sprint(c.Scope, c.Field, c.Owner, c.Span.From, c.Span.To, c.Standing, c.Value.A, c.Order))
		return true
	})
	want := []string{
		fmt.Sprint(PlanScope("BAR"), MinLOSArrival, "pms", DateMin, DateMax, true, 2, 9),
		fmt.Sprint(bar, Closed, "pms", applyDay+1, applyDay+1, false, Shut, 10),
		fmt.Sprint(bar, Closed, "pms", applyDay+2, applyDay+2, false, Shut, 11),
		fmt.Sprint(bar, Closed, "pms", applyDay+3, applyDay+3, false, Shut, 10),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestObjectsHaveOneForm(t *testing.T) {
	p := hotel(t)
	for _, kind := range kinds {
		for _, code := range []string{"H1", "MAIN", "STD", "POOL", "CAT", "BAR", "DER", "B1"} {
			body := p.Catalog().Body(kind, code)
			if body == nil {
				continue
			}
			if !json.Valid(body) {
				t.Errorf("%s %s: %s", kind, code, body)
			}
			if e, _ := mustTell(t, p, putObject(kind, code, string(body))); e != nil {
				t.Errorf("%s %s: putting its own form changes it: %s", kind, code, e.Objects[0].New)
			}
		}
	}
}

// Channels are not catalogued: a source that makes up another one with every message must not fill the memory.
func TestAPropertyHasABoundOfChannels(t *testing.T) {
	p := hotel(t)
	on := func(first, n int) error {
		s := make([]Statement, n)
		for i := range s {
			s[i] = Statement{Item: i, Verb: Set, Scope: Scope{Channel: strconv.Itoa(first + i)}, Span: Dates(applyDay, applyDay), Field: Closed, Value: Num(Shut)}
		}
		_, _, err := tell(t, p, &Update{Connection: "pms", Statements: s})
		return err
	}
	if err := on(0, ChannelsMax-1); err != nil {
		t.Fatal(err)
	}
	var bad *UpdateError
	if err := on(ChannelsMax-1, 3); !errors.As(err, &bad) || len(bad.Items) != 2 || bad.Items[0].Code != CodeTooManyChannels || bad.Items[0].Item != 1 {
		t.Fatal(err)
	}
	if err := errors.Join(on(7, 1), on(ChannelsMax-1, 1)); err != nil { // one told already, and the last that fits
		t.Fatal(err)
	}
}
