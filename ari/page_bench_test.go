package ari

import "testing"

// BenchmarkLoad loads one property of the bench's shape: 8 x 12 products, 500 dates, amounts for 1 and 2 adults, told by updates of 7 dates.
func BenchmarkLoad(b *testing.B) {
	p := shapeHotel(b, 8, 12, 500)
	for i, u := range benchUpdates(5000) {
		u.Order = int64(100 + i)
		e, _, err := p.Draft().Apply(u)
		if err == nil {
			p.loading = true
			err = p.Fold(e)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	p.loading = false
	var ids []PageID
	var bodies [][]byte
	size := 0
	for _, id := range p.TakeDirty() {
		if body := p.AppendPage(nil, id); len(body) > 0 {
			ids, bodies = append(ids, id), append(bodies, body)
			size += len(body)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		q := NewPicture("H1")
		q.StartLoading(p.Revision())
		for i, id := range ids {
			if err := q.LoadPage(id, bodies[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(96*500), "ns/product-date")
	b.ReportMetric(float64(size)/(96*500), "bytes/product-date")
	b.ReportMetric(float64(len(ids)), "pages")
}

func BenchmarkAppendPage(b *testing.B) {
	p := shapeHotel(b, 8, 12, 500)
	id := PageID{Product("R00", "P00").Key(), int32(applyDay.Month() + 2)}
	var buf []byte
	b.ReportAllocs()
	for range b.N {
		buf = p.AppendPage(buf[:0], id)
	}
	b.SetBytes(int64(len(buf)))
}
