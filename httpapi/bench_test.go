package httpapi

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve runs a request through the handler without a network.
func (r *rig) serve(method, path string, body []byte) int {
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	w := discard{h: http.Header{}}
	r.api.ServeHTTP(&w, req)
	return w.status
}

type discard struct {
	h      http.Header
	status int
	n      int
}

func (d *discard) Header() http.Header { return d.h }
func (d *discard) Write(b []byte) (int, error) {
	d.n += len(b)
	return io.Discard.Write(b)
}
func (d *discard) WriteHeader(status int) { d.status = status }

// large gives ALP1 8 room types and 12 plans, a third derived, with prices and rooms for 60 days.
func large(b *testing.B) *rig {
	r := newRig(b)
	var items []string
	for p := range 12 {
		body := `{}`
		if p%3 == 2 {
			body = fmt.Sprintf(`{"parent":"P%02d","derive":[{"percent":"-5"}]}`, p-1)
		}
		r.ok("PUT", fmt.Sprintf("/v1/properties/ALP1/rate-plans/P%02d", p), body)
	}
	for t := range 8 {
		r.ok("PUT", fmt.Sprintf("/v1/properties/ALP1/room-types/R%d", t), `{}`)
		items = append(items, fmt.Sprintf(`{"room_type":"R%d","from":"%s","to":"%s","set":{"inventory":{"net":9}}}`, t, day(0), day(60)))
		for p := range 12 {
			if p%3 != 2 {
				items = append(items, fmt.Sprintf(`{"room_type":"R%d","rate_plan":"P%02d","from":"%s","to":"%s","set":{"rates":[{"adults":1,"after_tax":"100"},{"adults":2,"after_tax":"%d"}]}}`, t, p, day(0), day(60), 110+p))
			}
		}
	}
	r.ok("POST", "/v1/updates", `{"property":"ALP1","items":[`+strings.Join(items, ",")+`]}`)
	return r
}

func BenchmarkShopOneProperty(b *testing.B) {
	r := large(b)
	body := []byte(`{"properties":["ALP1"],"arrival":"` + day(3) + `","nights":3}`)
	b.ReportAllocs()
	for b.Loop() {
		if s := r.serve("POST", "/v1/shop", body); s != 200 {
			b.Fatal(s)
		}
	}
}

func BenchmarkShopFiltered(b *testing.B) {
	r := large(b)
	body := []byte(`{"properties":["ALP1"],"arrival":"` + day(3) + `","nights":3,"rate_plans":["P00"],"room_types":["R1"]}`)
	b.ReportAllocs()
	for b.Loop() {
		if s := r.serve("POST", "/v1/shop", body); s != 200 {
			b.Fatal(s)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	r := large(b)
	body := func(n int) []byte {
		return fmt.Appendf(nil, `{"property":"ALP1","id":"m%d","items":[{"room_type":"R1","rate_plan":"P00","from":"%s","to":"%s","set":{"rates":[{"adults":1,"after_tax":"%d"},{"adults":2,"after_tax":"%d"}],"min_los_arrival":2}}]}`, n, day(1), day(7), n%500+1, n%500+2)
	}
	b.ReportAllocs()
	b.SetParallelism(32)
	n := make(chan int, 1024)
	go func() {
		for i := 0; ; i++ {
			n <- i
		}
	}()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if s := r.serve("POST", "/v1/updates", body(<-n)); s != 200 {
				b.Error(s)
			}
		}
	})
}
