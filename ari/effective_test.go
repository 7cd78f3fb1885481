package ari

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// lawHotel is a hotel with all that makes one touch reach far: classes, pools shared by quantity, derived plans, channels, blocks.
func lawHotel(t testing.TB) *kit {
	no := false
	return newKit(t, Property{Code: "H", TimeZone: "UTC", Currency: "EUR", BlocksInCount: &no},
		RoomClass{Code: "LUX"}, Pool{Code: "BEDS"},
		RoomType{Code: "A"}, RoomType{Code: "B", Class: "LUX"}, RoomType{Code: "C", Class: "LUX", Pools: []PoolUse{{"A", 1}, {"BEDS", 3}}},
		RateCategory{Code: "PUB"}, RatePlan{Code: "P", Category: "PUB"},
		RatePlan{Code: "Q", Parent: "P", Derive: []DeriveRule{{Percent: -10 * AmountUnit}}, Inherit: Inherit{Closed: true, LOS: true, Limits: true}},
		RatePlan{Code: "R", Parent: "Q", Derive: []DeriveRule{{Days: []string{"sat", "sun"}, Amount: 5 * AmountUnit}}, UnopenedIsClosed: true},
		Block{ID: "G", Deducts: true, OpenForPickup: true})
}

// change is one change of a picture and what it touches.
type change struct {
	scope    Scope
	field    Field
	from, to StayDate
	standing bool
	value    Value
	overlay  *Overlay
}

func drawScope(t *rapid.T, f Field) (s Scope) {
	switch f.Family() {
	case FamilyRate:
		s = Product(rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "room"), rapid.SampledFrom([]string{"P", "Q", "R"}).Draw(t, "plan"))
	case FamilyCount:
		return rapid.SampledFrom([]Scope{RoomScope("A"), RoomScope("B"), {Rooms: PoolKind, Room: "BEDS"}, {Rooms: RoomClassKind, Room: "LUX"}, {}}).Draw(t, "level")
	case FamilyBlock:
		s = rapid.SampledFrom([]Scope{{}, RoomScope("A"), RoomScope("C"), {Rooms: RoomClassKind, Room: "LUX"}}).Draw(t, "row")
		s.Block = "G"
	default:
		s = rapid.SampledFrom([]Scope{{}, RoomScope("A"), {Rooms: RoomClassKind, Room: "LUX"}, PlanScope("P"), {Rates: FamilyKind, Rate: "Q"},
			{Rates: CategoryKind, Rate: "PUB"}, Product("B", "P"), Product("C", "R")}).Draw(t, "scope")
		s.Channel = rapid.SampledFrom([]string{"", "", "WEB"}).Draw(t, "channel")
	}
	return s
}

func drawValue(t *rapid.T, f Field) Value {
	n := rapid.Int64Range(0, 12).Draw(t, "n")
	switch {
	case f.Family() == FamilyRate:
		return rapid.SampledFrom([]Value{After(Amount(n) * AmountUnit), Both(Amount(n)*100, Amount(n)*123), Before(Amount(n) * 1_000_000 * AmountUnit)}).Draw(t, "amount")
	case f == Closed || f == CTA || f == CTD:
		return Num(1 + n%2)
	case f.What() == LOSPattern && f.Family() == FamilyRestriction:
		return Pattern(uint64(n), 4, n%2 == 0)
	case f.What() == MinLead && f.Family() == FamilyRestriction:
		return LeadDays(n, NoTime)
	case f == Count(Net):
		return Num(n * 4000)
	}
	return Num(n)
}

func drawChange(t *rapid.T) change {
	fields := []Field{AdultsField(1), AdultsField(2), RateKey{Class: ChildBand, Max: 12}.Field(), Count(Net), Count(Physical), Count(SoldDefinite), Closed, CTA, CTD,
		MinLOSArrival, MinLOSThrough, MaxLOSThrough, Restriction(Night, LOSPattern), Restriction(Arrival, MinLead), Limit(Offset), Limit(Remaining), Limit(Total),
		UnknownField, BlockField(BlockCurrent)}
	c := change{from: today + StayDate(rapid.IntRange(-2, 40).Draw(t, "from"))}
	c.to = min(c.from+StayDate(rapid.IntRange(0, 9).Draw(t, "days")), today+HorizonFuture)
	if rapid.IntRange(0, 4).Draw(t, "overlay") == 0 {
		c.overlay = drawOverlay(t, &c)
		return c
	}
	c.field = rapid.SampledFrom(fields).Draw(t, "field")
	c.scope, c.value = drawScope(t, c.field), drawValue(t, c.field)
	c.standing = c.field == UnknownField || rapid.IntRange(0, 9).Draw(t, "standing") == 0
	return c
}

func drawOverlay(t *rapid.T, c *change) *Overlay {
	kind := rapid.SampledFrom([]OverlayKind{StopSell, Cap, Floor, Hold}).Draw(t, "kind")
	o := &Overlay{ID: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "id"), Kind: kind, Span: Dates(c.from, c.to), Rooms: rapid.IntRange(1, 4).Draw(t, "rooms"),
		Amount: 50 * AmountUnit, Side: SideAfter, Scope: drawScope(t, Closed)}
	if kind == Hold {
		o.Scope = Product(rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "room"), "P")
	}
	return o
}

// make makes the change and answers what it touches, as the entry of an update would.
func (k *kit) make(c change) []Touch {
	switch {
	case c.overlay != nil && k.overlays[c.overlay.ID] != nil:
		k.putOverlay(c.overlay.ID, nil)
		return nil
	case c.overlay != nil:
		k.lay(*c.overlay)
		return nil
	case c.standing:
		k.stand(c.scope, c.field, Span{c.from, DateMax, AllDays}, Told, c.value, fmt.Sprint("Kind=", c.value.A))
		return []Touch{{c.scope, c.from, DateMax}}
	}
	k.tell(c.scope, c.field, int(c.from-today), int(c.to-today), c.value)
	return []Touch{{c.scope, c.from, c.to}}
}

// cellSeen is what the effective layer answers of one product on one date.
type cellSeen struct {
	product int32
	channel string
	date    StayDate
	word    word
	rare    []rareItem
	rates   []Value
}

func (c *cellSeen) equal(x *cellSeen) bool {
	return c.product == x.product && c.date == x.date && c.word == x.word && slices.Equal(c.rare, x.rare) && slices.Equal(c.rates, x.rates)
}

// seen is all that the effective layer answers: every product, channel and date that changes reach, and some beyond.
func (k *kit) seen() (out []cellSeen) {
	e := k.eff
	for i := range e.x.products {
		for _, channel := range []string{"", "WEB"} {
			c := cells{e: e, i: int32(i)}
			for d := today - 2; d <= today+52; d++ {
				c.find(k.Picture, channel, d, d)
				x := cellSeen{product: int32(i), channel: channel, date: d}
				x.word, x.rare = c.on(d)
				for n := range e.rates[i] {
					if v := e.rates[i][n].on(d); v.Form != 0 {
						x.rates = append(x.rates, v)
					}
				}
				out = append(out, x)
			}
		}
	}
	return out
}

// What a refresh computes of the touched ranges is what a rebuild computes of everything.
func TestRefreshEqualsRebuild(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := lawHotel(t)
		if rapid.Bool().Draw(rt, "told before") {
			k.tell(RoomScope("A"), Count(Net), 0, 30, Num(9))
			k.tell(Product("A", "P"), AdultsField(2), 0, 30, After(100*AmountUnit))
		}
		k.eff.rebuild(k.Picture)
		for i := range rapid.IntRange(1, 12).Draw(rt, "changes") {
			c := drawChange(rt)
			k.eff.refresh(k.Picture, k.make(c))
			got, answers := k.seen(), k.answers()
			k.eff.rebuild(k.Picture)
			want := k.seen()
			for n := range want {
				if !got[n].equal(&want[n]) {
					rt.Fatalf("change %d %+v:\nrefresh %+v\nrebuild %+v", i, c, got[n], want[n])
				}
			}
			if w := k.answers(); !reflect.DeepEqual(answers, w) {
				rt.Fatalf("change %d %+v:\nrefresh sells %v\nrebuild sells %v", i, c, answers, w)
			}
		}
	})
}

// answers sells a few stays by the screening.
func (k *kit) answers() (out []string) {
	var a Answer
	for _, arrival := range []int{0, 3, 11, 29, 41} {
		for _, channel := range []string{"", "WEB"} {
			q := stay(arrival, 2)
			q.Channel = channel
			k.Sell(&q, &a)
			for _, o := range a.Offers {
				out = append(out, fmt.Sprintf("%d %+v", arrival, o))
			}
		}
	}
	return out
}

// A word's one addition says what the judge says: over random pictures and stays, the screening sells just what is sold with reasons asked.
func TestScreeningAgreesWithTheJudge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := lawHotel(t)
		k.tell(RoomScope("A"), Count(Net), 0, 30, Num(9))
		k.tell(Scope{Rooms: PoolKind, Room: "BEDS"}, Count(Net), 0, 30, Num(30))
		k.tell(RoomScope("B"), Count(Net), 0, 30, Num(9))
		for _, room := range []string{"A", "B", "C"} {
			k.tell(Product(room, "P"), AdultsField(2), 0, 30, After(100*AmountUnit))
		}
		for range rapid.IntRange(0, 8).Draw(rt, "changes") {
			k.make(drawChange(rt))
		}
		q := stay(rapid.IntRange(0, 20).Draw(rt, "arrival"), rapid.IntRange(1, 6).Draw(rt, "nights"))
		q.Rooms, q.Adults = rapid.IntRange(1, 3).Draw(rt, "rooms"), rapid.IntRange(1, 3).Draw(rt, "adults")
		q.Channel = rapid.SampledFrom([]string{"", "WEB"}).Draw(rt, "channel")
		q.Why = true
		all := k.sell(q)
		var want []Offer
		for _, o := range all {
			if o.Sellable {
				want = append(want, o)
			}
		}
		q.Why = false
		got := k.sell(q)
		if len(got) != len(want) {
			rt.Fatalf("screened %d offers, judged %d", len(got), len(want))
		}
		for i := range want {
			if fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want[i]) {
				rt.Fatalf("screened %+v\njudged   %+v", got[i], want[i])
			}
		}
	})
}

// The picture's horizon rolls: open-ended statements hold on the dates that enter it (S3).
func TestOpenEndedStatementsHoldOnDatesThatEnter(t *testing.T) {
	k := simple(t)
	k.stand(RoomScope("DLX"), Count(Net), Span{today, DateMax, AllDays}, Told, Num(3), "")
	k.stand(Product("DLX", "BAR"), AdultsField(2), Undated, Told, After(70*AmountUnit), "")
	q := stay(HorizonFuture+5, 1)
	wantReasons(t, k.one(q), Reason{ReasonBeyondHorizon, q.Arrival, 0})
	k.day += 10
	q.At = k.day.In(k.zone, 0)
	if o := k.one(q); !o.Sellable || o.Total.After != 70*AmountUnit || o.Left != 3 {
		t.Fatalf("got %v %v", o.Total, o.Reasons)
	}
}

// The nights that a brake counts (S18).
func TestOpenAndRestrictedNights(t *testing.T) {
	k := simple(t)
	k.tell(Scope{}, Closed, 0, 4, Num(Shut))
	k.tell(RoomScope("DLX"), Count(Net), 5, 6, Num(0))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 7, 7, After(0))
	k.tell(Scope{}, MinLOSArrival, 10, 19, Num(2))
	k.eff.rebuild(k.Picture)
	if n := k.openNights(today, today+60); n != 61-5-2-1 {
		t.Errorf("%d open nights", n)
	}
	if n := k.restrictionNights(today, today+60); n != 15 {
		t.Errorf("%d restricted nights", n)
	}
	if n := k.openNights(today+5, today+8); n != 1 {
		t.Errorf("%d open nights of four", n)
	}
}

// Readers share a picture: nothing that Sell, Explain, Grid or left do writes to it. The race detector looks on.
func TestReadersDoNotDisturbOneAnother(t *testing.T) {
	k := lawHotel(t)
	k.tell(RoomScope("A"), Count(Net), 0, 30, Num(9))
	k.tell(Product("A", "P"), AdultsField(2), 0, 30, After(100*AmountUnit))
	k.tell(Scope{Channel: "WEB"}, MinLOSArrival, 3, 9, Num(2))
	k.tell(Scope{}, Restriction(Arrival, MinLead), 5, 9, LeadDays(2, NoTime))
	k.tell(Scope{Block: "G"}, BlockField(BlockCurrent), 3, 9, Num(2))
	k.lay(Overlay{ID: "f", Kind: Floor, Span: Undated, Amount: 50 * AmountUnit, Side: SideAfter})
	k.eff.rebuild(k.Picture)
	var wg sync.WaitGroup
	for reader := range 4 {
		wg.Go(func() {
			var a Answer
			for i := range 40 {
				q := stay((reader+i)%36, 1+i%5)
				q.Channel, q.Block, q.Why = []string{"", "WEB"}[i%2], []string{"", "", "G"}[i%3], i%4 == 0
				k.Sell(&q, &a)
				k.Explain(&q, "A", "R")
				k.Grid("C", "Q", q.Channel, today-5, today+50, func(*GridCell) {})
				k.leftIn(q.Channel, "B", "P", q.Arrival)
				k.openNights(today, today+50)
			}
		})
	}
	wg.Wait()
}
