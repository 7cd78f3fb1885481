package ari

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// now is when everything of these tests arrives: today is 2026-11-22.
var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

var applyDay = DateOf(2026, 11, 22)

// hotel answers a picture with a property in UTC, rooms STD and DLX of class MAIN, a pool, plans BAR and (derived) DER, and a block.
func hotel(t testing.TB) *Picture {
	t.Helper()
	p := NewPicture("H1")
	mustTell(t, p, &Update{Connection: "pms", Order: 1, Day: applyDay, Objects: []ObjectOp{
		{Kind: KindProperty, Code: "H1", Body: []byte(`{"code":"H1","time_zone":"UTC","currency":"EUR"}`)},
		{Kind: KindRoomClass, Code: "MAIN", Body: []byte(`{}`)},
		{Kind: KindPool, Code: "POOL", Body: []byte(`{}`)},
		{Kind: KindRoomType, Code: "STD", Body: []byte(`{"class":"MAIN"}`)},
		{Kind: KindRoomType, Code: "DLX", Body: []byte(`{"class":"MAIN"}`)},
		{Kind: KindRateCategory, Code: "CAT", Body: []byte(`{}`)},
		{Kind: KindRatePlan, Code: "BAR", Body: []byte(`{"category":"CAT","tax":"both"}`)},
		{Kind: KindRatePlan, Code: "DER", Body: []byte(`{"parent":"BAR","derive":[{"percent":"-10"}]}`)},
		{Kind: KindBlock, Code: "B1", Body: []byte(`{}`)},
	}})
	return p
}

// tell applies an update, stores its entry and reads it again, and folds what was read.
func tell(t testing.TB, p *Picture, u *Update) (*Entry, []ItemResult, error) {
	t.Helper()
	u.Property = p.Code()
	if u.Received.IsZero() {
		u.Received = now
	}
	if u.By.Kind == 0 {
		u.By = Author{ByMessage, u.Connection}
	}
	e, items, err := p.Draft().Apply(u)
	if err != nil || e == nil {
		return e, items, err
	}
	b := e.Append(nil)
	back, derr := DecodeEntry(b)
	if derr != nil {
		t.Fatalf("entry of %+v: %v", u, derr)
	}
	if !reflect.DeepEqual(e, back) {
		t.Fatalf("entry is not what was stored:\n%.900s\n%.900s", fmt.Sprintf("%+v", e), fmt.Sprintf("%+v", back))
	}
	if ferr := p.Fold(back); ferr != nil {
		t.Fatal(ferr)
	}
	return e, items, nil
}

func mustTell(t testing.TB, p *Picture, u *Update) (*Entry, []ItemResult) {
	t.Helper()
	e, items, err := tell(t, p, u)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return e, items
}

// set answers the update of one connection that sets one field.
func set(order int64, s Scope, f Field, from, to StayDate, v Value) *Update {
	return say(order, Statement{Verb: Set, Scope: s, Field: f, Span: Dates(from, to), Value: v})
}

func say(order int64, s ...Statement) *Update {
	return &Update{Connection: "pms", Order: order, Statements: s}
}

func (p *Picture) value(s Scope, f Field, owner string, d StayDate) (State, Value) {
	c := p.columns[columnKey{s, f, owner}]
	if c == nil {
		return Untold, Value{}
	}
	state, v, _ := c.at(d, p.stamps)
	return state, v
}

func wantValue(t *testing.T, p *Picture, s Scope, f Field, owner string, d StayDate, state State, v Value) {
	t.Helper()
	if gs, gv := p.value(s, f, owner, d); gs != state || gv != v {
		t.Errorf("%s at %s on %s: got %d %v, want %d %v", f, s, d, gs, gv, state, v)
	}
}

func wantVerdict(t *testing.T, items []ItemResult, want ...ItemVerdict) {
	t.Helper()
	var got []ItemVerdict
	for _, i := range items {
		got = append(got, i.Verdict)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("verdicts: got %v, want %v (%+v)", got, want, items)
	}
}

func wantRefused(t *testing.T, p *Picture, u *Update, codes ...string) {
	t.Helper()
	before := p.Clone()
	_, _, err := tell(t, p, u)
	var ue *UpdateError
	if !errors.As(err, &ue) {
		t.Fatalf("got %v, want refusal %v", err, codes)
	}
	var got []string
	for _, i := range ue.Items {
		got = append(got, i.Code)
	}
	if !reflect.DeepEqual(got, codes) {
		t.Errorf("refused for %v, want %v: %v", got, codes, err)
	}
	if p.Revision() != before.Revision() {
		t.Error("a refused update changed the picture")
	}
}

var (
	bar   = Product("STD", "BAR")
	std   = RoomScope("STD")
	net   = Count(Net)
	twoAd = AdultsField(2)
)

func TestASetIsSeenOnItsDatesOnly(t *testing.T) { // S18
	p := hotel(t)
	_, items := mustTell(t, p, set(10, bar, Closed, applyDay+1, applyDay+3, Num(Shut)))
	wantVerdict(t, items, ItemApplied)
	wantValue(t, p, bar, Closed, "pms", applyDay, Untold, Value{})
	wantValue(t, p, bar, Closed, "pms", applyDay+1, Told, Num(Shut))
	wantValue(t, p, bar, Closed, "pms", applyDay+3, Told, Num(Shut))
	wantValue(t, p, bar, Closed, "pms", applyDay+4, Untold, Value{})
	mustTell(t, p, say(11, Statement{Verb: Clear, Scope: bar, Field: Closed, Span: Dates(applyDay+2, applyDay+2)}))
	wantValue(t, p, bar, Closed, "pms", applyDay+2, Cleared, Value{})
}

func TestWeekdaysOfASpan(t *testing.T) { // S3: 2026-11-22 is a Sunday
	p := hotel(t)
	s := Statement{Verb: Set, Scope: bar, Field: MinLOSArrival, Span: Span{applyDay, applyDay + 13, 1 << 5}, Value: Num(2)}
	e, _ := mustTell(t, p, say(10, s))
	if n := len(e.Columns[0].Runs); n != 2 {
		t.Fatalf("%d runs, want two Saturdays", n)
	}
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+6, Told, Num(2))
	wantValue(t, p, bar, MinLOSArrival, "pms", applyDay+7, Untold, Value{})
}

func TestWhatIsOlderIsSuperseded(t *testing.T) { // S21
	p := hotel(t)
	mustTell(t, p, set(20, bar, twoAd, applyDay, applyDay+4, After(100)))
	_, items := mustTell(t, p, set(10, bar, twoAd, applyDay+3, applyDay+6, After(90)))
	wantVerdict(t, items, ItemApplied)
	if items[0].Superseded != 2 || items[0].Changed != 2 {
		t.Errorf("got %+v, want 2 superseded and 2 changed", items[0])
	}
	wantValue(t, p, bar, twoAd, "", applyDay+4, Told, After(100))
	wantValue(t, p, bar, twoAd, "", applyDay+5, Told, After(90))
	e, items := mustTell(t, p, set(10, bar, twoAd, applyDay, applyDay, After(1)))
	wantVerdict(t, items, ItemSuperseded)
	if e != nil {
		t.Error("a superseded update has an entry")
	}
}

func TestATieGoesToTheLaterArrival(t *testing.T) { // S21
	p := hotel(t)
	mustTell(t, p, set(20, bar, twoAd, applyDay, applyDay, After(100)))
	mustTell(t, p, set(20, bar, twoAd, applyDay, applyDay, After(90)))
	wantValue(t, p, bar, twoAd, "", applyDay, Told, After(90))
}

func TestANewerSetOfTheSameMovesTheStampAndIsJournalled(t *testing.T) { // S19, S21
	p := hotel(t)
	mustTell(t, p, set(20, bar, twoAd, applyDay, applyDay, After(100)))
	if e, items := mustTell(t, p, set(20, bar, twoAd, applyDay, applyDay, After(100))); e != nil || items[0].Verdict != ItemUnchanged {
		t.Errorf("a repeat was journalled: %+v", e)
	}
	e, items := mustTell(t, p, set(30, bar, twoAd, applyDay, applyDay, After(100)))
	if e == nil || !e.StampOnly() || len(e.Touched) > 0 || items[0].Verdict != ItemUnchanged {
		t.Fatalf("want an entry that moves the stamp only, got %+v", e)
	}
	if _, items = mustTell(t, p, set(25, bar, twoAd, applyDay, applyDay, After(1))); items[0].Verdict != ItemSuperseded {
		t.Error("the stamp did not move")
	}
}

func TestAClearLeavesItsStamp(t *testing.T) { // S21
	p := hotel(t)
	mustTell(t, p, say(20, Statement{Verb: Clear, Scope: bar, Field: CTA, Span: Dates(applyDay, applyDay)}))
	mustTell(t, p, set(10, bar, CTA, applyDay, applyDay, Num(Shut)))
	wantValue(t, p, bar, CTA, "pms", applyDay, Cleared, Value{})
}

func TestRestrictionsAreKeptPerConnection(t *testing.T) { // S5
	p := hotel(t)
	mustTell(t, p, set(20, bar, Closed, applyDay, applyDay, Num(Shut)))
	u := set(5, bar, Closed, applyDay, applyDay, Num(Open))
	u.Connection = "crs"
	mustTell(t, p, u)
	wantValue(t, p, bar, Closed, "pms", applyDay, Told, Num(Shut))
	wantValue(t, p, bar, Closed, "crs", applyDay, Told, Num(Open))
}

func TestTheFirstToWriteRatesOrCountsOwnsThem(t *testing.T) { // S5
	p := hotel(t)
	e, _ := mustTell(t, p, set(20, bar, twoAd, applyDay, applyDay, After(100)))
	if p.Catalog().Property.RatesOwner != "pms" || len(e.Objects) != 1 {
		t.Fatalf("rates are owned by %q", p.Catalog().Property.RatesOwner)
	}
	other := set(30, bar, twoAd, applyDay, applyDay, After(90))
	other.Connection = "crs"
	wantRefused(t, p, other, CodeNotOwner)
	counts := set(30, std, net, applyDay, applyDay, Num(4))
	counts.Connection = "crs"
	mustTell(t, p, counts)
	wantRefused(t, p, set(40, std, net, applyDay, applyDay, Num(5)), CodeNotOwner)
}

func TestMovingTheOwnerMakesAllStampsOld(t *testing.T) { // S5
	p := hotel(t)
	mustTell(t, p, set(1000, bar, twoAd, applyDay, applyDay+2, After(100)))
	e, _ := mustTell(t, p, &Update{Order: 1, By: Author{ByPerson, "ann"}, Objects: []ObjectOp{
		{Kind: KindProperty, Code: "H1", Body: []byte(`{"code":"H1","time_zone":"UTC","currency":"EUR","rates_owner":"crs"}`)}}})
	if len(e.Columns) != 1 || e.Columns[0].Runs[0].Kind != RunReset {
		t.Fatalf("want a reset of stamps, got %+v", e.Columns)
	}
	wantValue(t, p, bar, twoAd, "", applyDay, Told, After(100))
	u := set(3, bar, twoAd, applyDay, applyDay, After(90))
	u.Connection = "crs"
	mustTell(t, p, u)
	wantValue(t, p, bar, twoAd, "", applyDay, Told, After(90))
	wantRefused(t, p, set(2000, bar, twoAd, applyDay, applyDay, After(1)), CodeNotOwner)
}

func TestWhatAnUpdateIsRefusedFor(t *testing.T) { // docs/evaluation.md 9
	d := Dates(applyDay, applyDay+1)
	st := func(s Scope, f Field, sp Span, v Value) Statement {
		return Statement{Verb: Set, Scope: s, Field: f, Span: sp, Value: v}
	}
	block := Scope{Block: "B1"}
	for _, c := range []struct {
		name string
		code string
		s    Statement
	}{
		{"unknown room type", CodeUnknownRoomType, st(RoomScope("X"), Closed, d, Num(Shut))},
		{"unknown class", CodeUnknownRoomClass, st(Scope{Rooms: RoomClassKind, Room: "X"}, Closed, d, Num(Shut))},
		{"unknown pool", CodeUnknownPool, st(Scope{Rooms: PoolKind, Room: "X"}, net, d, Num(1))},
		{"unknown plan", CodeUnknownRatePlan, st(PlanScope("X"), Closed, d, Num(Shut))},
		{"unknown category", CodeUnknownCategory, st(Scope{Rates: CategoryKind, Rate: "X"}, Closed, d, Num(Shut))},
		{"unknown block", CodeUnknownBlock, st(Scope{Block: "X"}, Closed, d, Num(Shut))},
		{"rate without a plan", CodeScope, st(std, twoAd, d, After(1))},
		{"rate of a channel", CodeScope, st(Scope{Rooms: RoomTypeKind, Room: "STD", Rates: PlanKind, Rate: "BAR", Channel: "web"}, twoAd, d, After(1))},
		{"count of a plan", CodeScope, st(bar, net, d, Num(1))},
		{"restriction of a pool", CodeScope, st(Scope{Rooms: PoolKind, Room: "POOL"}, Closed, d, Num(Shut))},
		{"block number without a block", CodeScope, st(std, BlockField(BlockCurrent), d, Num(1))},
		{"offset of a block", CodeScope, st(block, Limit(Offset), d, Num(1))},
		{"adjust of a restriction", CodeScope, Statement{Verb: Adjust, Scope: bar, Field: MinLOSArrival, Span: d, Value: Num(1)}},
		{"no such state", CodeRange, st(bar, Closed, d, Num(3))},
		{"LOS 0", CodeRange, st(bar, MinLOSArrival, d, Num(0))},
		{"LOS 1000", CodeRange, st(bar, MaxLOSArrival, d, Num(1000))},
		{"pattern of 64 nights", CodeRange, st(bar, Restriction(Arrival, LOSPattern), d, Value{A: 1, B: 64})},
		{"pattern with more bits than nights", CodeRange, st(bar, Restriction(Arrival, LOSPattern), d, Pattern(8, 3, false))},
		{"lead of 1,096 days", CodeRange, st(bar, Restriction(Arrival, MinLead), d, LeadDays(1096, NoTime))},
		{"lead until 24:00", CodeRange, st(bar, Restriction(Arrival, MinLead), d, LeadDays(1, 1440))},
		{"price on both sides", CodeRange, st(bar, Restriction(Night, MinPrice), d, Value{A: 1, Form: 3})},
		{"negative amount", CodeRange, st(bar, twoAd, d, After(-1))},
		{"amount beyond 10^10", CodeRange, st(bar, twoAd, d, After(AmountMax+1))},
		{"amount without a side", CodeRange, st(bar, twoAd, d, Value{})},
		{"count beyond a million", CodeRange, st(std, net, d, Num(1_000_001))},
		{"negative remaining", CodeRange, st(bar, Limit(Remaining), d, Num(-1))},
		{"32 adults", CodeRange, st(bar, Field(FamilyRate<<24|uint32(Adults)<<21|5<<8), d, After(1))},
		{"unknown kind without text", CodeRange, st(bar, UnknownField, d, Value{})},
		{"tier of a nightly plan", CodeRateBasis, st(bar, RateKey{Class: Adults, N: 2, LOS: 3}.Field(), d, After(1))},
		{"side that the plan does not tell", CodeRateBasis, st(Product("STD", "DER"), twoAd, d, Before(1))},
		{"from after to", CodeSpan, st(bar, Closed, Dates(applyDay+1, applyDay), Num(Shut))},
		{"no weekday", CodeSpan, st(bar, Closed, Span{applyDay, applyDay, 0}, Num(Shut))},
		{"adjust without end", CodeSpan, Statement{Verb: Adjust, Scope: std, Field: net, Span: Span{applyDay, DateMax, AllDays}, Value: Num(1)}},
		{"past", CodePast, st(bar, Closed, Dates(applyDay-9, applyDay-3), Num(Shut))},
		{"adjust of what was never set", CodeAdjustUnset, Statement{Verb: Adjust, Scope: std, Field: net, Span: d, Value: Num(1)}},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, hotel(t), say(10, c.s), c.code) })
	}
}

func TestAllOrNothingTellsEveryFault(t *testing.T) { // S25
	p := hotel(t)
	good := Statement{Item: 0, Verb: Set, Scope: bar, Field: Closed, Span: Dates(applyDay, applyDay), Value: Num(Shut)}
	bad, worse := good, good
	bad.Item, bad.Scope = 1, RoomScope("X")
	worse.Item, worse.Value = 2, Num(9)
	u := say(10, good, bad, worse)
	wantRefused(t, p, u, CodeUnknownRoomType, CodeRange)
	u.ByItem = true
	_, items := mustTell(t, p, u)
	wantVerdict(t, items, ItemApplied, ItemRefused, ItemRefused)
	wantValue(t, p, bar, Closed, "pms", applyDay, Told, Num(Shut))
}

func TestDatesAreTrimmedToTheHorizon(t *testing.T) { // S26
	p := hotel(t)
	_, items := mustTell(t, p, set(10, bar, Closed, applyDay-10, applyDay+1100, Num(Shut)))
	if items[0].Trimmed != 5 {
		t.Errorf("%d dates trimmed, want 5", items[0].Trimmed)
	}
	wantValue(t, p, bar, Closed, "pms", applyDay-3, Untold, Value{})
	wantValue(t, p, bar, Closed, "pms", applyDay-2, Told, Num(Shut))
	wantValue(t, p, bar, Closed, "pms", applyDay+1095, Told, Num(Shut))
	wantValue(t, p, bar, Closed, "pms", applyDay+1096, Untold, Value{})
	if e, items := mustTell(t, p, set(11, bar, Closed, applyDay+2000, applyDay+2000, Num(Shut))); e != nil || items[0].Trimmed != 1 {
		t.Errorf("beyond the horizon: got %+v", items)
	}
}

func TestADraftSeesWhatIsPendingInIt(t *testing.T) { // S34
	p, q := hotel(t), hotel(t)
	d := p.Draft()
	var entries []*Entry
	for _, u := range []*Update{
		set(10, std, net, applyDay, applyDay+9, Num(5)),
		say(12, Statement{Verb: Adjust, Scope: std, Field: net, Span: Dates(applyDay+2, applyDay+3), Value: Num(-1)}),
		set(11, std, net, applyDay+3, applyDay+4, Num(7)), // under the adjust
		set(9, std, net, applyDay, applyDay+9, Num(9)),    // superseded
		set(13, bar, twoAd, applyDay, applyDay, After(10)),
		set(14, bar, twoAd, applyDay, applyDay, After(10)),
	} {
		u.Property, u.Received = "H1", now
		e, _, err := d.Apply(u)
		if err != nil {
			t.Fatal(err)
		}
		if e != nil {
			entries = append(entries, e)
		}
		if _, _, err = tell(t, q, u); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range entries {
		if err := p.Fold(e); err != nil {
			t.Fatal(err)
		}
	}
	wantValue(t, p, std, net, "", applyDay+3, Told, Num(6))
	wantSame(t, q, p)
}

// wantSame compares all source cells with their stamps.
func wantSame(t testing.TB, want, got *Picture) {
	t.Helper()
	if want.revision != got.revision || want.day != got.day {
		t.Errorf("revision %d, day %s: want %d, %s", got.revision, got.day, want.revision, want.day)
	}
	keys := map[columnKey]bool{}
	for k := range want.columns {
		keys[k] = true
	}
	for k := range got.columns {
		keys[k] = true
	}
	for k := range keys {
		for d := applyDay - 5; d <= applyDay+1100; d++ {
			ws, wv, wo := cellOf(want, k, d)
			gs, gv, g := cellOf(got, k, d)
			if ws != gs || wv != gv || wo != g {
				t.Errorf("%s at %s on %s: got %d %v %v, want %d %v %v", k.field, k.scope, d, gs, gv, g, ws, wv, wo)
				break
			}
		}
	}
}

func cellOf(p *Picture, k columnKey, d StayDate) (State, Value, Stamp) {
	c := p.columns[k]
	if c == nil {
		return Untold, Value{}, NoStamp
	}
	s, v, i := c.at(d, p.stamps)
	return s, v, p.stamps.list[i]
}
