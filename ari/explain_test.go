package ari

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lines writes facts as "layer scope field owner value #revision overlay text", for comparison.
func lines(facts []Fact) (out []string) {
	for _, f := range facts {
		s := fmt.Sprintf("%s %s %s", f.Layer, f.Scope, f.Field)
		if f.Field == 0 {
			s = fmt.Sprintf("%s %s", f.Layer, f.Scope)
		}
		if f.Owner != "" {
			s += " " + f.Owner
		}
		if f.State == Told && f.Value != (Value{}) {
			s += fmt.Sprintf(" =%d", max(f.Value.A, f.Value.B))
		}
		if f.Revision > 0 {
			s += fmt.Sprintf(" #%d", f.Revision)
		}
		if f.Overlay != "" {
			s += " overlay:" + f.Overlay
		}
		if f.Text != "" {
			s += " " + f.Text
		}
		if f.Span != nil {
			s += " span"
		}
		out = append(out, s)
	}
	return out
}

// explain explains a stay of DLX on a plan.
func (k *kit) explain(q Query, plan string) Explanation {
	k.eff.rebuild(k.Picture)
	return k.Explain(&q, "DLX", plan)
}

// Every reason names all that causes it, strictest first, with layer, scope, owner, value and revision (S14).
func TestExplainNamesWhatCausesAReason(t *testing.T) {
	no := false
	house := Property{Code: "H", TimeZone: "UTC", Currency: "EUR", BlocksInCount: &no}
	child := RatePlan{Code: "NRF", Parent: "BAR", Derive: []DeriveRule{{Percent: -10 * AmountUnit}}, Inherit: Inherit{Closed: true}}
	for _, c := range []struct {
		name string
		plan string
		tell func(*kit, *Query)
		want Reason
		why  []string
	}{
		{"min LOS at three scopes", "BAR", func(k *kit, _ *Query) {
			k.tell(Scope{}, MinLOSArrival, 1, 1, Num(2))
			k.tellAs("crs", PlanScope("BAR"), MinLOSArrival, 1, 1, Told, Num(5))
			k.tell(RoomScope("DLX"), MinLOSArrival, 1, 1, Num(3))
		}, Reason{ReasonMinLOS, today + 1, MinLOSArrival},
			[]string{"source */p:BAR/*/* min_los_arrival crs =5 #4", "source t:DLX/*/*/* min_los_arrival pms =3 #5", "source */*/*/* min_los_arrival pms =2 #3"}},
		{"closed of a parent, by an undated statement", "NRF", func(k *kit, _ *Query) { k.stand(PlanScope("BAR"), Closed, Undated, Told, Num(Shut), "") },
			Reason{ReasonClosed, today + 1, Closed}, []string{"derived */p:BAR/*/* closed pms =2 #3 span"}},
		{"sold out by a hold, a block and a limit", "BAR", func(k *kit, q *Query) {
			q.Rooms = 4
			k.lay(Overlay{ID: "h", Kind: Hold, Scope: Product("DLX", "BAR"), Span: Dates(today, today+9), Rooms: 1, Reason: "sale", Revision: 7})
			g := RoomScope("DLX")
			g.Block = "G"
			k.tell(g, BlockField(BlockCurrent), 1, 1, Num(1))
			k.tell(Scope{}, Limit(HoldBack), 1, 1, Num(1))
		}, Reason{ReasonSoldOut, today + 1, 0}, []string{"source t:DLX/*/*/* count.net =5 #1", "source */*/*/* limit.hold_back pms =1 #4",
			"source t:DLX/*/*/=G block.current =1 #3", "overlay t:DLX/p:BAR/*/* =1 #7 overlay:h sale span"}},
		{"stop-sell", "BAR", func(k *kit, _ *Query) {
			k.lay(Overlay{ID: "s", Kind: StopSell, Span: Undated, Owner: "ann", Reason: "flood", Revision: 9})
		}, Reason{ReasonStopSell, today + 1, 0}, []string{"overlay */*/*/* ann #9 overlay:s flood span"}},
		{"a kind that cannot be evaluated", "BAR", func(k *kit, _ *Query) { k.stand(Scope{}, UnknownField, Undated, Told, Value{}, "Moon=full") },
			Reason{ReasonCannotEvaluate, today + 1, 0}, []string{"source */*/*/* unknown pms #3 Moon=full span"}},
		{"no count", "BAR", func(k *kit, _ *Query) { k.tellAs("pms", RoomScope("DLX"), Count(Net), 1, 1, Cleared, Value{}) },
			Reason{ReasonNoInventory, today + 1, 0}, []string{"source t:DLX/*/*/* count.net #3"}},
		{"no rate", "BAR", func(k *kit, q *Query) { q.Adults = 3 }, Reason{ReasonNoRate, today + 1, 0}, []string{"source t:DLX/p:BAR/*/* rate.adults.2 =1000000 #2"}},
		{"unopened", "BAR", func(k *kit, _ *Query) { k.put(RatePlan{Code: "BAR", UnopenedIsClosed: true}) },
			Reason{ReasonUnopened, today + 1, 0}, []string{"catalog */p:BAR/*/* unopened_is_closed"}},
		{"occupancy", "BAR", func(k *kit, _ *Query) { k.put(RoomType{Code: "DLX", MaxOccupancy: 1}) },
			Reason{ReasonOccupancyRoom, DateMin, 0}, []string{"catalog t:DLX/*/*/* room_type"}},
		{"past", "BAR", func(k *kit, q *Query) { q.At = (today + 5).In(k.zone, 0) }, Reason{ReasonArrivalPast, today + 1, 0}, []string{"catalog */*/*/* property"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := simple(t, house, child, Block{ID: "G", Deducts: true})
			q := stay(1, 1)
			c.tell(k, &q)
			x := k.explain(q, c.plan)
			i := slices.IndexFunc(x.Why, func(e Explained) bool { return e.Reason == c.want })
			if i < 0 {
				t.Fatalf("no %v among %+v", c.want, x.Offer.Reasons)
			}
			if got := lines(x.Why[i].Facts); !slices.Equal(got, c.why) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.why, "\n"))
			}
		})
	}
}

// Explain answers the offer that Sell does, and the cells behind each night's price: derived ones down to what was told.
func TestExplainNamesThePriceCells(t *testing.T) {
	k := simple(t, RatePlan{Code: "MID", Parent: "BAR", Derive: []DeriveRule{{Percent: -10 * AmountUnit}}},
		RatePlan{Code: "LOW", Parent: "MID", Derive: []DeriveRule{{Percent: -10 * AmountUnit}}})
	k.tell(Product("DLX", "MID"), AdultsField(2), 2, 2, After(70*AmountUnit))
	k.tell(Product("DLX", "BAR"), RateKey{Class: ChildBand, Max: 12}.Field(), 0, 60, After(10*AmountUnit))
	q := stay(1, 2)
	q.Children = []int{5}
	x := k.explain(q, "LOW")
	if !x.Offer.Sellable || x.Offer.Total.After != 81_0000+8_1000+63_0000+8_1000 {
		t.Errorf("total %v %v", x.Offer.Total, x.Offer.Reasons)
	}
	want := [][]string{{
		"derived t:DLX/p:LOW/*/* rate.adults.2 =810000", "derived t:DLX/p:MID/*/* rate.adults.2 =900000", "source t:DLX/p:BAR/*/* rate.adults.2 =1000000 #2",
		"derived t:DLX/p:LOW/*/* rate.child.0-12 =81000", "derived t:DLX/p:MID/*/* rate.child.0-12 =90000", "source t:DLX/p:BAR/*/* rate.child.0-12 =100000 #4",
	}, {
		"derived t:DLX/p:LOW/*/* rate.adults.2 =630000", "source t:DLX/p:MID/*/* rate.adults.2 =700000 #3",
		"derived t:DLX/p:LOW/*/* rate.child.0-12 =81000", "derived t:DLX/p:MID/*/* rate.child.0-12 =90000", "source t:DLX/p:BAR/*/* rate.child.0-12 =100000 #4",
	}}
	for i := range want {
		if got := lines(x.Prices[i]); !slices.Equal(got, want[i]) {
			t.Errorf("night %d: got\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want[i], "\n"))
		}
	}
	if x := k.explain(q, "NONE"); x.Offer.Plan != "" || len(x.Why) > 0 {
		t.Errorf("an unknown plan: %+v", x)
	}
}

// The grid shows what is in force on each date, scopes combined, and nothing beyond the horizon.
func TestGridShowsEffectiveValues(t *testing.T) {
	k := simple(t)
	k.tell(Scope{}, MinLOSArrival, 1, 2, Num(2))
	k.tell(PlanScope("BAR"), MinLOSArrival, 2, 3, Num(4))
	k.tell(RoomScope("DLX"), MaxLOSThrough, 2, 2, Num(500))
	k.tell(PlanScope("BAR"), Restriction(Arrival, MinLead), 2, 2, LeadDays(7, NoTime))
	k.tell(Scope{Channel: "WEB"}, Closed, 2, 2, Num(Shut))
	k.tell(RoomScope("DLX"), Count(Net), 3, 3, Num(-2))
	k.lay(Overlay{ID: "f", Kind: Floor, Span: Dates(today+2, today+2), Amount: 5, Side: SideAfter})
	k.eff.rebuild(k.Picture)
	show := func(channel string) (out []string) {
		ok := k.Grid("DLX", "BAR", channel, today+1, today+3, func(g *GridCell) {
			out = append(out, fmt.Sprintf("%s %d %s %v %v %v", g.Date, g.Left, g.Inventory, g.Restrictions, g.Floors, g.Rates))
		})
		if !ok {
			t.Error("not offered")
		}
		return out
	}
	rates := "[{rate.adults.2 {0 1000000 2}}]"
	want := []string{
		"2026-06-02 5  [{min_los_arrival {2 0 0}}] [] " + rates,
		"2026-06-03 5  [{min_los_arrival {4 0 0}} {max_los_night {500 0 0}} {min_lead_arrival {7 -1 0}}] [{field.0 {5 0 2}}] " + rates,
		"2026-06-04 0  [{min_los_arrival {4 0 0}}] [] " + rates,
	}
	if got := show(""); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := show("WEB"); !strings.Contains(got[1], "[{closed {2 0 0}} {min_los") || got[0] != want[0] || got[2] != want[2] {
		t.Errorf("on a channel: %s", strings.Join(got, "\n"))
	}
	if k.Grid("DLX", "NONE", "", today, today, nil) {
		t.Error("an unknown plan is shown")
	}
	days := 0
	k.Grid("DLX", "BAR", "", today-100, today+2000, func(g *GridCell) { days++ })
	if days != HorizonPast+1+HorizonFuture {
		t.Errorf("%d days", days)
	}
}

// Whatever the picture: Explain gives the offer that Sell does, and at least one fact for every reason.
func TestExplainLeavesNoReasonWithoutAFact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := lawHotel(t)
		k.tell(RoomScope("A"), Count(Net), 0, 30, Num(9))
		k.tell(Product("A", "P"), AdultsField(2), 0, 30, After(100*AmountUnit))
		for range rapid.IntRange(0, 8).Draw(rt, "changes") {
			k.make(drawChange(rt))
		}
		q := stay(rapid.IntRange(0, 35).Draw(rt, "arrival"), rapid.IntRange(1, 6).Draw(rt, "nights"))
		q.Channel = rapid.SampledFrom([]string{"", "WEB"}).Draw(rt, "channel")
		q.Block = rapid.SampledFrom([]string{"", "", "G", "NONE"}).Draw(rt, "block")
		q.Why = true
		for _, o := range k.sell(q) {
			x := k.Explain(&q, o.Room, o.Plan)
			if fmt.Sprintf("%+v", x.Offer) != fmt.Sprintf("%+v", o) {
				rt.Fatalf("sell     %+v\nexplains %+v", o, x.Offer)
			}
			for _, w := range x.Why {
				if len(w.Facts) == 0 {
					rt.Fatalf("%s/%s: no fact for %s on %s", o.Room, o.Plan, w.Code, w.Date)
				}
			}
		}
	})
}
