package hub_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/sqlite"
)

// BenchmarkSubmit is durable updates of 256 callers on SQLite: rates of a product over 1-60 days (median 7), 20 % repeats, 5 % out of order, with
// keys, message records, old values and checkpoints on.
func BenchmarkSubmit(b *testing.B) {
	const hotels, callers = 20, 256
	st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "hub.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := run(b, hub.Options{Store: st, Log: slog.New(slog.DiscardHandler)})
	for i := range hotels {
		r.bigHotel(fmt.Sprintf("H%03d", i))
	}
	b.ResetTimer()
	start := time.Now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := &workload{rnd: rand.New(rand.NewPCG(uint64(i), 3)), caller: i, hotels: hotels, start: start}
			for next.Add(1) <= int64(b.N) {
				if _, err := r.Submit(b.Context(), w.next()); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "updates/s")
	m := r.Metrics()
	n, sum, _ := m.CommitSeconds.Read()
	b.ReportMetric(sum/float64(max(n, 1))*1e3, "ms/commit")
	n, sum, _ = m.BatchUpdates.Read()
	b.ReportMetric(sum/float64(max(n, 1)), "updates/batch")
	b.ReportMetric(float64(m.PageBytes.Load())/1e6/time.Since(start).Seconds(), "pages-MB/s")
	b.ReportMetric(float64(m.KeyLookups.Load())/float64(b.N), "lookups/op")
}

// bigHotel has 8 room types and 12 rate plans.
func (r *running) bigHotel(code string) {
	s := &hub.Submission{Update: ari.Update{Property: code, By: person}}
	put := func(kind, name string, v any) {
		s.Update.Objects = append(s.Update.Objects, ari.ObjectOp{Kind: kind, Code: name, Body: asJSON(v)})
	}
	put(ari.KindProperty, code, ari.Property{Code: code, TimeZone: "Europe/Rome", Currency: "EUR"})
	for i := range 8 {
		put(ari.KindRoomType, fmt.Sprintf("R%d", i), ari.RoomType{Code: fmt.Sprintf("R%d", i)})
	}
	for i := range 12 {
		put(ari.KindRatePlan, fmt.Sprintf("P%d", i), ari.RatePlan{Code: fmt.Sprintf("P%d", i)})
	}
	r.must(s)
}

// workload makes one caller's updates.
type workload struct {
	rnd    *rand.Rand
	caller int
	hotels int
	n      int
	start  time.Time
	last   *hub.Submission
}

func (w *workload) next() *hub.Submission {
	if w.last != nil && w.rnd.IntN(5) == 0 {
		again := *w.last
		m := *again.Message
		m.ID = ""
		again.Message, again.Update.MessageID = &m, ""
		return &again
	}
	w.n++
	rnd := w.rnd
	days := min(60, 1+int(6*rnd.ExpFloat64()*1.4))
	from := ari.LocalDate(w.start, time.UTC) + ari.StayDate(rnd.IntN(440))
	at := time.Now()
	if rnd.IntN(20) == 0 {
		at = at.Add(-time.Duration(rnd.IntN(60)) * time.Second)
	}
	id := fmt.Sprintf("c%d-%d", w.caller, w.n)
	w.last = &hub.Submission{
		Identity: hub.Identity{ID: id, Content: hub.HashContent([]byte(id))},
		Update: ari.Update{
			Property: fmt.Sprintf("H%03d", rnd.IntN(w.hotels)), By: ari.Author{Kind: ari.ByMessage, ID: "pms"}, Connection: "pms", SourceTime: at,
			Statements: []ari.Statement{{
				Verb: ari.Set, Scope: ari.Product(fmt.Sprintf("R%d", rnd.IntN(8)), fmt.Sprintf("P%d", rnd.IntN(12))),
				Span: ari.Dates(from, from+ari.StayDate(days)-1), Field: ari.AdultsField(2), Value: ari.After(ari.Amount(1_000_000 + rnd.IntN(100_000)*100)),
			}},
		},
		Message: &store.Message{Protocol: "json", Kind: "update", Raw: []byte(`{"set":{"room_type":"R1","rate_plan":"P1","from":"2026-12-01","to":"2026-12-07","adults":2,"after":"123.45"}}`), Source: "bench"},
	}
	return w.last
}
