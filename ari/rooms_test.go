package ari

import "testing"

// leftOn answers the units of a product on today+1.
func (k *kit) leftOn(room string) (int, bool) {
	k.eff.rebuild(k.Picture)
	return k.left(room, "BAR", today+1)
}

// Counts by components, and which of them the policy deducts (S9).
func TestCountsByComponents(t *testing.T) {
	k := simple(t)
	parts := map[Component]int64{Physical: 100, OutOfOrder: 1, OutOfService: 2, OffMarket: 3, HouseUse: 4, SoldDefinite: 5, SoldTentative: 6,
		BlockDefinite: 7, BlockTentative: 8, Overbooking: 10}
	for c, v := range parts {
		k.tell(RoomScope("DLX"), Count(c), 1, 1, Num(v))
	}
	for _, c := range []struct {
		policy CountPolicy
		want   int
	}{
		{CountPolicy{}, 74},
		{CountPolicy{KeepOutOfService: true}, 76},
		{CountPolicy{KeepSoldTentative: true, KeepBlockDefinite: true, KeepBlockTentative: true}, 95},
	} {
		k.put(Property{Code: "H", TimeZone: "UTC", Currency: "EUR", Counts: c.policy})
		if got, ok := k.leftOn("DLX"); !ok || got != c.want {
			t.Errorf("%+v: %d %v, want %d", c.policy, got, ok, c.want)
		}
	}
}

// The basis is the kind of count told last (S9).
func TestTheBasisIsTheKindToldLast(t *testing.T) {
	k := simple(t)
	k.tell(RoomScope("DLX"), Count(SoldDefinite), 1, 2, Num(1))
	wantReasons(t, k.one(stay(1, 1)), Reason{ReasonCannotEvaluate, today + 1, 0}) // counts without physical
	k.tell(RoomScope("DLX"), Count(Physical), 1, 2, Num(4))
	if got, _ := k.leftOn("DLX"); got != 3 {
		t.Errorf("by counts: %d, want 3", got)
	}
	k.tell(RoomScope("DLX"), Count(Net), 1, 2, Num(9))
	if got, _ := k.leftOn("DLX"); got != 9 {
		t.Errorf("net told last: %d, want 9", got)
	}
}

// Rooms are the least of own pools by quantity, class and property; only own pools must be told (S9).
func TestLevels(t *testing.T) {
	suite := RoomType{Code: "SUI", Class: "LUX", Pools: []PoolUse{{Pool: "DLX", Quantity: 2}, {Pool: "BEDS", Quantity: 3}}}
	hotel := func() *kit { return simple(t, suite, RoomClass{Code: "LUX"}, Pool{Code: "BEDS"}) }
	beds, lux := Scope{Rooms: PoolKind, Room: "BEDS"}, Scope{Rooms: RoomClassKind, Room: "LUX"}
	q := stay(1, 1)
	q.RoomTypes = []string{"SUI"}
	why := func(k *kit) []Reason {
		k.tell(Product("SUI", "BAR"), AdultsField(2), 0, 9, After(200*AmountUnit))
		return k.one(q).Reasons
	}
	k := hotel()
	if r := why(k); len(r) != 1 || r[0].Code != ReasonNoInventory {
		t.Errorf("a pool that is not told: %v", r)
	}
	k.tell(lux, Count(SoldDefinite), 1, 1, Num(1))
	if r := why(k); len(r) != 1 || r[0].Code != ReasonNoInventory {
		t.Errorf("an untold pool is said before a class that cannot be evaluated: %v", r)
	}
	k.tell(beds, Count(Net), 0, 9, Num(7))
	if r := why(k); len(r) != 1 || r[0].Code != ReasonCannotEvaluate {
		t.Errorf("a class that cannot be evaluated: %v", r)
	}
	k = hotel()
	k.tell(beds, Count(Net), 0, 9, Num(7))
	for _, c := range []struct {
		tell func()
		want int
	}{
		{func() {}, 2}, // min(5 / 2, 7 / 3)
		{func() { k.tell(lux, Count(Net), 1, 1, Num(1)) }, 1},
		{func() { k.tell(Scope{}, Count(Net), 1, 1, Num(0)) }, 0},
	} {
		c.tell()
		if got, ok := k.leftOn("SUI"); !ok || got != c.want {
			t.Errorf("left %d %v, want %d", got, ok, c.want)
		}
	}
	k.tell(beds, Count(Net), 1, 1, Num(-1))
	if got, ok := k.leftOn("SUI"); !ok || got != 0 {
		t.Errorf("an oversold pool leaves %d, want 0", got)
	}
}

// Limits over scopes: offsets add, hold-back by max, remaining and total by min, in this order (S10).
func TestLimitsCombine(t *testing.T) {
	type limit struct {
		s Scope
		k LimitKind
		v int64
	}
	bar := PlanScope("BAR")
	for _, c := range []struct {
		name   string
		limits []limit
		want   int
	}{
		{"offsets add", []limit{{Scope{}, Offset, 3}, {bar, Offset, -1}}, 7},
		{"hold-back by max", []limit{{Scope{}, HoldBack, 3}, {bar, HoldBack, 1}}, 2},
		{"remaining by min", []limit{{Scope{}, Remaining, 3}, {bar, Remaining, 4}}, 3},
		{"offset before hold-back before remaining", []limit{{Scope{}, Offset, 4}, {Scope{}, HoldBack, 2}, {bar, Remaining, 6}}, 6},
		{"total less sold", []limit{{RoomScope("DLX"), Total, 10}}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := simple(t)
			if c.limits[0].k == Total {
				k.tell(RoomScope("DLX"), Count(Physical), 0, 9, Num(60))
				k.tell(RoomScope("DLX"), Count(SoldDefinite), 0, 9, Num(6))
			}
			for _, l := range c.limits {
				k.tell(l.s, Limit(l.k), 1, 1, Num(l.v))
			}
			if got, ok := k.leftOn("DLX"); !ok || got != c.want {
				t.Errorf("left %d %v, want %d", got, ok, c.want)
			}
		})
	}
}

// A total needs the sold count of the same rooms over all rates and channels (S10).
func TestTotalsThatCannotBeEvaluated(t *testing.T) {
	web := RoomScope("DLX")
	web.Channel = "WEB"
	for name, s := range map[string]Scope{"net basis": RoomScope("DLX"), "of a plan": PlanScope("BAR"), "nothing sold told": {}, "of a channel": web} {
		k := simple(t)
		if name != "net basis" {
			k.tell(RoomScope("DLX"), Count(Physical), 0, 9, Num(60))
			k.tell(RoomScope("DLX"), Count(SoldDefinite), 0, 9, Num(6))
		}
		k.tell(s, Limit(Total), 1, 1, Num(100))
		q := stay(1, 1)
		q.Channel = "WEB"
		t.Run(name, func(t *testing.T) { wantReasons(t, k.one(q), Reason{ReasonCannotEvaluate, today + 1, 0}) })
	}
}

// Holds take rooms at every level of their room type until a count takes them over, level by level and date by date (S4).
func TestHoldsTakeRooms(t *testing.T) {
	suite := RoomType{Code: "SUI", Pools: []PoolUse{{Pool: "DLX", Quantity: 2}}}
	k := simple(t, suite)
	k.tell(Scope{}, Count(Net), 0, 60, Num(4))
	hold := &Overlay{ID: "h1", Kind: Hold, Scope: Product("SUI", "BAR"), Span: Dates(today+1, today+2), Rooms: 1}
	k.overlays["h1"] = hold
	if got, _ := k.leftOn("DLX"); got != 3 { // min(5 - 2, 4 - 1)
		t.Errorf("left %d, want 3", got)
	}
	hold.Taken = []LevelDate{{RoomScope("DLX"), today + 1}}
	if got, _ := k.leftOn("DLX"); got != 3 { // min(5, 4 - 1)
		t.Errorf("taken over by the pool's count: left %d, want 3", got)
	}
	hold.Taken = append(hold.Taken, LevelDate{Scope{}, today + 1})
	if got, _ := k.leftOn("DLX"); got != 4 {
		t.Errorf("taken over by both counts: left %d, want 4", got)
	}
	if got, _ := k.left("DLX", "BAR", today+2); got != 3 {
		t.Errorf("the other night is not taken over: left %d, want 3", got)
	}
}

// Where blocks are not in the count, root blocks that deduct take what is not picked up, until they are cancelled or released (S11).
func TestBlocksDeduct(t *testing.T) {
	no, cutoff := false, today
	root := Block{ID: "G", Deducts: true}
	grid := RoomScope("DLX")
	grid.Block = "G"
	for _, c := range []struct {
		name  string
		home  Property
		block Block
		want  int
	}{
		{"deducts", Property{BlocksInCount: &no}, root, 3},
		{"already in the count", Property{}, root, 5},
		{"does not deduct", Property{BlocksInCount: &no}, Block{ID: "G"}, 5},
		{"cancelled", Property{BlocksInCount: &no}, Block{ID: "G", Deducts: true, Status: "cancelled"}, 5},
		{"a child's grid does not", Property{BlocksInCount: &no}, Block{ID: "G", Deducts: true, Parent: "ROOT"}, 5},
		{"on the cutoff day", Property{BlocksInCount: &no}, Block{ID: "G", Deducts: true, Release: "automatic", Cutoff: &cutoff}, 3},
		{"released on the cutoff day", Property{BlocksInCount: &no, CutoffReleasesOnDate: true}, Block{ID: "G", Deducts: true, Release: "automatic", Cutoff: &cutoff}, 5},
		{"release is told, not by date", Property{BlocksInCount: &no, CutoffReleasesOnDate: true}, Block{ID: "G", Deducts: true, Cutoff: &cutoff}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.home.Code, c.home.TimeZone, c.home.Currency = "H", "UTC", "EUR"
			k := simple(t, c.home, c.block, Block{ID: "ROOT"})
			k.tell(grid, BlockField(BlockCurrent), 1, 1, Num(3))
			k.tell(grid, BlockField(BlockPickedUp), 1, 1, Num(1))
			if got, ok := k.leftOn("DLX"); !ok || got != c.want {
				t.Errorf("left %d %v, want %d", got, ok, c.want)
			}
		})
	}
}

// The sale of a block: its rows and its ancestors', its cutoffs, its state (S11).
func TestBlockSale(t *testing.T) {
	at := func(room, block string) Scope {
		s := Scope{Block: block}
		if room != "" {
			s.Rooms, s.Room = RoomTypeKind, room
		}
		return s
	}
	yesterday := today - 1
	type step func(*kit)
	tell := func(s Scope, n BlockNumber, v int64) step {
		return func(k *kit) { k.tell(s, BlockField(n), 0, 9, Num(v)) }
	}
	open := Block{ID: "G", OpenForPickup: true}
	for _, c := range []struct {
		name  string
		block Block
		steps []step
		rooms int
		want  []Reason
	}{
		{"unknown", Block{ID: "X"}, nil, 1, []Reason{{ReasonBlockUnknown, DateMin, 0}}},
		{"not open for pick-up", Block{ID: "G"}, []step{tell(at("DLX", "G"), BlockCurrent, 3)}, 1, []Reason{{ReasonBlockClosed, DateMin, 0}}},
		{"cancelled", Block{ID: "G", OpenForPickup: true, Status: "cancelled"}, []step{tell(at("DLX", "G"), BlockCurrent, 3)}, 1, []Reason{{ReasonBlockClosed, DateMin, 0}}},
		{"parent is missing", Block{ID: "G", OpenForPickup: true, Parent: "GONE"}, []step{tell(at("DLX", "G"), BlockCurrent, 3)}, 1, []Reason{{ReasonBlockClosed, DateMin, 0}}},
		{"no row", open, nil, 1, []Reason{{ReasonNoInventory, today + 1, 0}}},
		{"sell limit less picked up", open, []step{tell(at("DLX", "G"), BlockCurrent, 9), tell(at("DLX", "G"), BlockSellLimit, 3), tell(at("DLX", "G"), BlockPickedUp, 1)}, 2, nil},
		{"one more than that", open, []step{tell(at("DLX", "G"), BlockCurrent, 9), tell(at("DLX", "G"), BlockSellLimit, 3), tell(at("DLX", "G"), BlockPickedUp, 1)}, 3, []Reason{{ReasonSoldOut, today + 1, 0}}},
		{"the house's row too", open, []step{tell(at("DLX", "G"), BlockCurrent, 3), tell(at("", "G"), BlockCurrent, 0)}, 1, []Reason{{ReasonSoldOut, today + 1, 0}}},
		{"the parent's row too", Block{ID: "G", OpenForPickup: true, Parent: "UP"}, []step{tell(at("DLX", "G"), BlockCurrent, 3), tell(at("DLX", "UP"), BlockCurrent, 0)}, 1, []Reason{{ReasonSoldOut, today + 1, 0}}},
		{"the parent's row is not its own", Block{ID: "G", OpenForPickup: true, Parent: "UP"}, []step{tell(at("DLX", "UP"), BlockCurrent, 3)}, 1, []Reason{{ReasonNoInventory, today + 1, 0}}},
		{"elastic", Block{ID: "G", OpenForPickup: true, Elastic: true}, []step{tell(at("DLX", "G"), BlockCurrent, 1)}, 6, nil},
		{"elastic, but no more", Block{ID: "G", OpenForPickup: true, Elastic: true}, []step{tell(at("DLX", "G"), BlockCurrent, 1)}, 7, []Reason{{ReasonSoldOut, today + 1, 0}}},
		{"header's cutoff", Block{ID: "G", OpenForPickup: true, Cutoff: &yesterday}, []step{tell(at("DLX", "G"), BlockCurrent, 3)}, 1, []Reason{{ReasonBlockCutoff, today + 1, 0}}},
		{"grid's cutoff comes first", Block{ID: "G", OpenForPickup: true, Cutoff: &yesterday}, []step{tell(at("DLX", "G"), BlockCurrent, 3), tell(at("DLX", "G"), BlockCutoff, int64(today))}, 1, nil},
		{"transient closed is not the block's", open, []step{tell(at("DLX", "G"), BlockCurrent, 3), func(k *kit) { k.tell(Scope{}, Closed, 0, 9, Num(Shut)) }}, 1, nil},
		{"the block's closed is", open, []step{tell(at("DLX", "G"), BlockCurrent, 3), func(k *kit) { k.tell(Scope{Block: "G"}, Closed, 1, 1, Num(Shut)) }}, 1, []Reason{{ReasonClosed, today + 1, Closed}}},
		{"another channel's is not", open, []step{tell(at("DLX", "G"), BlockCurrent, 3), func(k *kit) { k.tell(Scope{Block: "G", Channel: "WEB"}, Closed, 1, 1, Num(Shut)) }}, 1, nil},
		{"the block's limit", open, []step{tell(at("DLX", "G"), BlockCurrent, 3), func(k *kit) { k.tell(Scope{Block: "G"}, Limit(Remaining), 1, 1, Num(0)) }}, 1, []Reason{{ReasonSoldOut, today + 1, 0}}},
		{"a stop-sell of all", open, []step{tell(at("DLX", "G"), BlockCurrent, 3), func(k *kit) { k.lay(Overlay{ID: "s", Kind: StopSell, Span: Undated}) }}, 1, []Reason{{ReasonStopSell, today + 1, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := simple(t, c.block, Block{ID: "UP"})
			for _, s := range c.steps {
				s(k)
			}
			q := stay(1, 1)
			q.Block, q.Rooms = "G", c.rooms
			wantReasons(t, k.one(q), c.want...)
		})
	}
}

// lay lays an overlay.
func (k *kit) lay(o Overlay) { k.putOverlay(o.ID, &o) }

// Stop-sell, cap and floor cover by scope and span, and removing one restores exactly (S4).
func TestOverlays(t *testing.T) {
	k := simple(t)
	before := k.one(stay(1, 2))
	for _, c := range []struct {
		o     Overlay
		rooms int
		want  []Reason
		price Amount
	}{
		{Overlay{Kind: StopSell, Scope: PlanScope("BAR"), Span: Dates(today+2, today+2)}, 1, []Reason{{ReasonStopSell, today + 2, 0}}, 0},
		{Overlay{Kind: StopSell, Scope: Scope{Channel: "WEB"}, Span: Undated}, 1, nil, 200},
		{Overlay{Kind: StopSell, Scope: PlanScope("OTHER"), Span: Undated}, 1, nil, 200},
		{Overlay{Kind: Cap, Span: Undated, Rooms: 2}, 2, nil, 400},
		{Overlay{Kind: Cap, Span: Undated, Rooms: 2}, 3, []Reason{{ReasonSoldOut, today + 1, 0}, {ReasonSoldOut, today + 2, 0}}, 0},
		{Overlay{Kind: Floor, Span: Dates(today+2, today+2), Amount: 130 * AmountUnit, Side: SideAfter}, 1, nil, 230},
		{Overlay{Kind: Floor, Span: Dates(today+2, today+2), Amount: 90 * AmountUnit, Side: SideAfter}, 1, nil, 200},
		{Overlay{Kind: Floor, Span: Dates(today+2, today+2), Amount: 90 * AmountUnit, Side: SideBefore}, 1, []Reason{{ReasonCannotEvaluate, today + 2, 0}}, 0},
	} {
		c.o.ID = "o"
		k.lay(c.o)
		q := stay(1, 2)
		q.Rooms = c.rooms
		o := k.one(q)
		wantReasons(t, o, c.want...)
		if o.Total.After != c.price*AmountUnit {
			t.Errorf("%+v: %v, want %d", c.o, o.Total, c.price)
		}
		k.putOverlay("o", nil)
		if after := k.one(stay(1, 2)); after.Total != before.Total || after.Left != before.Left || !after.Sellable {
			t.Fatalf("removing %+v does not restore: %+v", c.o, after)
		}
	}
}

// A floor that raises one tax side makes the other unknown, unless that is raised too (evaluation 5).
func TestFloorsAndTaxSides(t *testing.T) {
	k := simple(t, RatePlan{Code: "BAR", Tax: "both"})
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, Both(90*AmountUnit, 100*AmountUnit))
	k.lay(Overlay{ID: "a", Kind: Floor, Span: Undated, Amount: 110 * AmountUnit, Side: SideAfter})
	if o := k.one(stay(1, 1)); o.Total != (Money{After: 110 * AmountUnit, Form: SideAfter}) {
		t.Errorf("one raised: %v", o.Total)
	}
	k.lay(Overlay{ID: "b", Kind: Floor, Span: Undated, Amount: 95 * AmountUnit, Side: SideBefore})
	if o := k.one(stay(1, 1)); o.Total != (Money{Before: 95 * AmountUnit, After: 110 * AmountUnit, Form: SideBefore | SideAfter}) {
		t.Errorf("both raised: %v", o.Total)
	}
}

// More rooms than a word holds are told exactly.
func TestManyRooms(t *testing.T) {
	k := simple(t)
	k.tell(RoomScope("DLX"), Count(Net), 0, 60, Num(1_000_000))
	if o := k.one(stay(1, 2)); o.Left != 1_000_000 || o.Nights[0].Left != 1_000_000 {
		t.Errorf("left %d", o.Left)
	}
}
