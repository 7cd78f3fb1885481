package storetest

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/ratewire/ratewire/store"
)

// Sizes of BenchmarkCommit: a full batch of the hub over the properties of a busy chain, beside the keys of some hours.
const (
	benchEntries    = 512
	benchProperties = 100
	benchBodyBytes  = 300
	benchKeys       = 1_000_000
)

// BenchmarkCommit measures durable commits of full batches (entries, one key and one message without raw copy for each) on a store that
// holds a million keys. It reports entries/s, this process's processor time for an entry (which other load on the machine does not touch;
// a server's is not in it) and the slowest commit.
//
// settle is called after the keys are there: a store that puts work off does it now. It may be nil.
func BenchmarkCommit(b *testing.B, s store.Store, settle func()) {
	ctx := context.Background()
	w := newBenchWriter(b, s)
	w.preload(ctx, benchKeys)
	if settle != nil {
		settle()
	}
	b.ResetTimer()
	var worst time.Duration
	start, cpu := time.Now(), cpuTime()
	for b.Loop() {
		began := time.Now()
		if err := s.Commit(ctx, w.next()); err != nil {
			b.Fatal(err)
		}
		w.done()
		worst = max(worst, time.Since(began))
	}
	b.ReportMetric(float64(b.N)*benchEntries/time.Since(start).Seconds(), "entries/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(b.N)/benchEntries, "cpu-us/entry")
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
}

// benchWriter makes one batch after the other in the same memory, so that the store is what is measured.
type benchWriter struct {
	b         *testing.B
	s         store.Store
	batch     store.Batch
	revisions [benchProperties]int64
	keys, ids uint64
}

func newBenchWriter(b *testing.B, s store.Store) *benchWriter {
	h, err := s.Head(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	w := &benchWriter{b: b, s: s, batch: store.Batch{Base: h.Position, Term: h.Term}}
	w.batch.Entries = make([]store.Entry, benchEntries)
	w.batch.Keys = make([]store.Key, benchEntries)
	w.batch.Messages = make([]store.Message, benchEntries)
	for i := range w.batch.Entries {
		w.batch.Entries[i].Body = big(benchBodyBytes)
	}
	return w
}

func (w *benchWriter) preload(ctx context.Context, n int) {
	for n > 0 {
		part := store.Batch{Base: w.batch.Base, Term: w.batch.Term, Keys: make([]store.Key, min(n, 20_000))}
		for i := range part.Keys {
			part.Keys[i] = w.key("p")
		}
		if err := w.s.Commit(ctx, &part); err != nil {
			w.b.Fatal(err)
		}
		n -= len(part.Keys)
	}
}

func (w *benchWriter) key(property string) store.Key {
	w.keys++
	return store.Key{Day: 20_400, Hash: hash(w.keys), Content: hash(^w.keys), Property: property, Revision: int64(w.keys)}
}

func (w *benchWriter) next() *store.Batch {
	for i := range w.batch.Entries {
		w.ids++
		n := int(w.ids*2654435761) % benchProperties
		w.revisions[n]++
		property, id, at := fmt.Sprintf("HOTEL%03d", n), fmt.Sprintf("01JDT%021d", w.ids), t0.Add(time.Duration(w.ids)*time.Microsecond)
		e := &w.batch.Entries[i]
		e.Property, e.Revision, e.At, e.MessageID = property, w.revisions[n], at, id
		w.batch.Keys[i] = w.key(property)
		w.batch.Messages[i] = store.Message{ID: id, Received: at, Connection: "ohip-chain", Property: property, Protocol: "json", Kind: "update",
			Verdict: "applied", Revision: w.revisions[n], Source: "192.0.2.1"}
	}
	return &w.batch
}

func (w *benchWriter) done() { w.batch.Base.Seq += benchEntries }

// cpuTime answers the processor time this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
