package ari

import (
	"fmt"
	"testing"
)

// shapeHotel answers a hotel of the bench's shape: 8 room types x 12 plans x 500 dates, amounts for 1 and 2 adults.
func shapeHotel(b testing.TB, rooms, plans, days int) *Picture {
	p := NewPicture("H1")
	u := &Update{Connection: "pms", Order: 1, Day: applyDay, Objects: []ObjectOp{{Kind: KindProperty, Code: "H1", Body: []byte(`{"time_zone":"Europe/Madrid","currency":"EUR"}`)}}}
	for r := range rooms {
		u.Objects = append(u.Objects, ObjectOp{Kind: KindRoomType, Code: fmt.Sprintf("R%02d", r), Body: []byte(`{}`)})
	}
	for r := range plans {
		u.Objects = append(u.Objects, ObjectOp{Kind: KindRatePlan, Code: fmt.Sprintf("P%02d", r), Body: []byte(`{}`)})
	}
	mustTell(b, p, u)
	fill := &Update{Connection: "pms", Order: 2}
	for r := range rooms {
		for l := range plans {
			s := Product(fmt.Sprintf("R%02d", r), fmt.Sprintf("P%02d", l))
			for n := 1; n <= 2; n++ {
				for d := 0; d < days; d += 7 {
					fill.Statements = append(fill.Statements, Statement{Verb: Set, Scope: s, Field: AdultsField(n),
						Span: Dates(applyDay+StayDate(d), min(applyDay+StayDate(d+6), applyDay+StayDate(days)-1)), Value: After(Amount(10000 * (100 + r*7 + l*3 + n*11 + d)))})
				}
			}
		}
	}
	mustTell(b, p, fill)
	return p
}

// benchUpdates answers typical updates: one product, 7 dates, 2 rate keys, min LOS and CTA.
func benchUpdates(n int) []*Update {
	out := make([]*Update, n)
	for i := range out {
		s := Product(fmt.Sprintf("R%02d", i%8), fmt.Sprintf("P%02d", i/8%12))
		span := Dates(applyDay+StayDate(i*13%450), applyDay+StayDate(i*13%450)+6)
		st := func(f Field, v Value) Statement {
			return Statement{Verb: Set, Scope: s, Field: f, Span: span, Value: v}
		}
		out[i] = &Update{Property: "H1", By: Author{ByMessage, "pms"}, Connection: "pms", Received: now, SourceTime: now, MessageID: fmt.Sprintf("m-%08d", i),
			Statements: []Statement{st(AdultsField(1), After(Amount(1000000+i*100))), st(AdultsField(2), After(Amount(1200000+i*100))),
				st(MinLOSArrival, Num(int64(1+i%5))), st(CTA, Num(1+int64(i%2)))}}
	}
	return out
}

func BenchmarkApplyAndEncode(b *testing.B) {
	p := shapeHotel(b, 8, 12, 500)
	updates := benchUpdates(4096)
	var buf []byte
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		u := updates[i%len(updates)]
		u.Order = int64(100 + i)
		e, _, err := p.Draft().Apply(u)
		if err != nil {
			b.Fatal(err)
		}
		buf = e.Append(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "entry-bytes")
}

// BenchmarkApplyBatch judges 16 updates of one property in one draft, as a batch of the hub does.
func BenchmarkApplyBatch(b *testing.B) {
	p := shapeHotel(b, 8, 12, 500)
	updates := benchUpdates(4096)
	var buf []byte
	b.ReportAllocs()
	b.ResetTimer()
	d := p.Draft()
	for i := range b.N {
		if i%16 == 0 {
			d = p.Draft()
		}
		u := updates[i%len(updates)]
		u.Order = int64(100 + i)
		e, _, err := d.Apply(u)
		if err != nil {
			b.Fatal(err)
		}
		buf = e.Append(buf[:0])
	}
}

func BenchmarkFold(b *testing.B) {
	p := shapeHotel(b, 8, 12, 500)
	updates := benchUpdates(4096)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		u := updates[i%len(updates)]
		u.Order = int64(100 + i)
		e, _, err := p.Draft().Apply(u)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := p.Fold(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeEntry(b *testing.B) {
	p := shapeHotel(b, 8, 12, 500)
	u := benchUpdates(1)[0]
	u.Order = 100
	e, _, err := p.Draft().Apply(u)
	if err != nil {
		b.Fatal(err)
	}
	body := e.Append(nil)
	b.ReportAllocs()
	for range b.N {
		if _, err := DecodeEntry(body); err != nil {
			b.Fatal(err)
		}
	}
}
