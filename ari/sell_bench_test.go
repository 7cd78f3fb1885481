package ari

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// benchDates, and the rooms and plans of benchHotel, are the shape that the issue names: 8 room types x 12 plans x 500 dates, a third of
// the plans derived, restrictions at three scopes on a tenth of the dates.
const benchDates = 500

func benchHotel(t testing.TB) *kit {
	k := newKit(t)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 8 {
		k.put(RoomType{Code: fmt.Sprintf("R%d", i), StdOccupancy: 2, MaxOccupancy: 4})
	}
	for i := range 12 {
		p := RatePlan{Code: fmt.Sprintf("P%02d", i)}
		if i >= 8 {
			p.Parent, p.Derive = fmt.Sprintf("P%02d", i-8), []DeriveRule{{Percent: -10 * AmountUnit}}
			p.Inherit = Inherit{Closed: true, LOS: true}
		}
		k.put(p)
	}
	for i := range 8 {
		room := fmt.Sprintf("R%d", i)
		for d := range benchDates {
			k.tell(RoomScope(room), Count(Net), d, d, Num(int64(r.IntN(20))))
		}
		for n := range 8 {
			tellBenchProduct(k, r, Product(room, fmt.Sprintf("P%02d", n)))
		}
	}
	for d := 0; d < benchDates; d += 10 {
		k.tell(Scope{}, MinLOSArrival, d, d, Num(2))
		k.tell(PlanScope(fmt.Sprintf("P%02d", d/10%8)), CTA, d+3, d+3, Num(Shut))
	}
	return k
}

func tellBenchProduct(k *kit, r *rand.Rand, s Scope) {
	for d := 0; d < benchDates; d += 7 { // updates have a median of 7 days
		last := min(d+6, benchDates-1)
		for x := d; x <= last; x++ {
			base := Amount(80+r.IntN(200)) * AmountUnit
			k.tellSame(s, AdultsField(1), x, After(base))
			k.tellSame(s, AdultsField(2), x, After(base+20*AmountUnit))
			if r.IntN(10) == 0 {
				k.tellSame(s, Closed, x, Num(Shut))
			}
		}
		k.order++
	}
}

// tellSame tells one date with the stamp of the ones before.
func (k *kit) tellSame(s Scope, f Field, d int, v Value) {
	k.column(s, f, "pms").put(today+StayDate(d), today+StayDate(d), Told, v, k.stamps.index(Stamp{Order: k.order, Revision: k.order}))
}

func benchQuery(r *rand.Rand) Query {
	q := stay(r.IntN(benchDates-10), 1+r.IntN(7))
	q.NoNights = true
	return q
}

// benchSell sells random stays, changed a little.
func benchSell(b *testing.B, spoil func(*kit, *Query)) {
	k := benchHotel(b)
	queries := make([]Query, 1024)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range queries {
		queries[i] = benchQuery(r)
		spoil(k, &queries[i])
	}
	k.eff.rebuild(k.Picture)
	var a Answer
	offers := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.Sell(&queries[i%len(queries)], &a)
		offers += len(a.Offers)
	}
	b.ReportMetric(float64(offers)/float64(b.N), "offers/op")
}

// BenchmarkSell is the question of the issue: totals of all sellable offers for 2 adults, 1 to 7 nights.
func BenchmarkSell(b *testing.B) { benchSell(b, func(*kit, *Query) {}) }

// BenchmarkSellNights asks for the price of every night too.
func BenchmarkSellNights(b *testing.B) {
	benchSell(b, func(_ *kit, q *Query) { q.NoNights = false })
}

// BenchmarkSellOneAdult asks for a number of adults that there are no quotes of.
func BenchmarkSellOneAdult(b *testing.B) { benchSell(b, func(_ *kit, q *Query) { q.Adults = 1 }) }

// BenchmarkSellChannel asks on a channel that has restrictions of its own for every product.
func BenchmarkSellChannel(b *testing.B) {
	benchSell(b, func(k *kit, q *Query) {
		k.tell(Scope{Channel: "WEB"}, MaxLOSThrough, 0, benchDates, Num(30))
		q.Channel = "WEB"
	})
}

// BenchmarkSellJudged asks where nights are rounded, so that the judge prices every offer.
func BenchmarkSellJudged(b *testing.B) {
	one := 1
	benchSell(b, func(k *kit, _ *Query) {
		k.put(Property{Code: "H", TimeZone: "UTC", Currency: "EUR", NightDecimals: &one})
	})
}

// BenchmarkSellWhy asks for the reasons of every product.
func BenchmarkSellWhy(b *testing.B) { benchSell(b, func(_ *kit, q *Query) { q.Why = true }) }

func BenchmarkRebuild(b *testing.B) {
	k := benchHotel(b)
	for b.Loop() {
		k.eff.rebuild(k.Picture)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/96/benchDates, "ns/product-date")
}

func BenchmarkRefresh(b *testing.B) {
	k := benchHotel(b)
	k.eff.rebuild(k.Picture)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		from := today + StayDate(i%400)
		k.eff.refresh(k.Picture, []Touch{{Product(fmt.Sprintf("R%d", i%8), fmt.Sprintf("P%02d", i%8)), from, from + 9}})
	}
}

// BenchmarkMemory prints live heap per product-date, source and effective.
func BenchmarkMemory(b *testing.B) {
	live := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := live()
	k := benchHotel(b)
	source := live()
	k.eff.rebuild(k.Picture)
	all := live()
	for b.Loop() {
		runtime.KeepAlive(k)
	}
	b.ReportMetric((source-before)/96/benchDates, "source-B")
	b.ReportMetric((all-before)/96/benchDates, "all-B")
}
