package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ratewire/ratewire/store"
)

const long = time.Hour // a lease that outlives every test

var leaseCases = []testCase{
	{"ALeaseIsHeldByOne", func(e *env) {
		_, err := e.s.Lease(e.ctx(), store.WriterLease)
		e.wants(err, store.ErrNotFound)
		got := e.take("n1", long)
		if got.Node != "n1" || got.Address != "addr-n1" || got.Name != store.WriterLease || got.Left <= 0 || got.Left > long {
			e.Errorf("got %+v", got)
		}
		other, err := e.open().TakeLease(e.ctx(), store.WriterLease, "n2", "addr-n2", long)
		e.wants(err, store.ErrLeaseHeld)
		if other.Node != "n1" || other.Address != "addr-n1" {
			e.Errorf("the holder is n1, the answer %+v", other)
		}
		seen, err := e.s.Lease(e.ctx(), store.WriterLease)
		e.must(err)
		if seen.Node != "n1" || seen.Term != got.Term || seen.Left <= 0 || seen.Left > long {
			e.Errorf("got %+v", seen)
		}
	}},
	{"RenewingKeepsTheTerm", func(e *env) {
		first := e.take("n1", time.Minute)
		again := e.take("n1", long)
		if again.Term != first.Term || !again.Expires.After(first.Expires) {
			e.Errorf("first %+v, then %+v", first, again)
		}
		if h := e.head(); h.Term != first.Term {
			e.Errorf("head has term %d, the lease %d", h.Term, first.Term)
		}
	}},
	{"TakingOverAnExpiredLeaseFencesTheFormerWriter", func(e *env) {
		first := e.take("n1", time.Millisecond)
		paused := fullBatch(e, 1)
		small := &store.Batch{Base: paused.Base, Term: paused.Term, Messages: []store.Message{message(1)}}
		second := e.takeWhenFree("n2")
		if second.Term <= first.Term || e.head().Term != second.Term {
			e.Fatalf("terms %d, then %d; head %+v", first.Term, second.Term, e.head())
		}
		e.wants(e.s.Commit(e.ctx(), paused), store.ErrFenced)
		e.wants(e.s.Commit(e.ctx(), small), store.ErrFenced)
		e.wants(e.s.PutPages(e.ctx(), first.Term, []store.Page{page("ams", "s", 1, 1, "p")}, nil), store.ErrFenced)
		e.wantsAbsent(paused)
		e.commit("ams", 1, 1)
		_, err := e.s.TakeLease(e.ctx(), store.WriterLease, "n1", "addr-n1", long)
		e.wants(err, store.ErrLeaseHeld)
	}},
	{"ADroppedLeaseIsFreeAtOnceAndTakenAnew", func(e *env) {
		first := e.take("n1", long)
		e.must(e.s.DropLease(e.ctx(), store.WriterLease, "n2")) // not its
		if l, err := e.s.Lease(e.ctx(), store.WriterLease); err != nil || l.Node != "n1" {
			e.Errorf("another's drop: got %+v, %v", l, err)
		}
		e.must(e.s.DropLease(e.ctx(), store.WriterLease, "n1"))
		_, err := e.s.Lease(e.ctx(), store.WriterLease)
		e.wants(err, store.ErrNotFound)
		second := e.take("n2", long)
		e.must(e.s.DropLease(e.ctx(), store.WriterLease, "n2"))
		third := e.take("n2", long)
		if !(first.Term < second.Term && second.Term < third.Term) {
			e.Errorf("terms %d, %d, %d", first.Term, second.Term, third.Term)
		}
	}},
	{"OtherLeasesLeaveTheHeadAlone", func(e *env) {
		writer := e.take("n1", long)
		for want, node := range []string{"n1", "n1", "n2"} {
			l, err := e.s.TakeLease(e.ctx(), "checks", node, "", long)
			e.must(err)
			if l.Term != int64(want)+1 {
				e.Errorf("%s: term %d, want %d", node, l.Term, want+1)
			}
			e.must(e.s.DropLease(e.ctx(), "checks", node))
		}
		if h := e.head(); h.Term != writer.Term {
			e.Errorf("head has term %d, the writer's lease %d", h.Term, writer.Term)
		}
		e.must(e.s.DropLease(e.ctx(), "never taken", "n1"))
	}},
	{"OfManyWhoTakeAFreeLeaseOneHoldsIt", func(e *env) {
		var held atomic.Int32
		var wg sync.WaitGroup
		for i := range 4 {
			s := e.open()
			wg.Go(func() {
				_, err := s.TakeLease(e.ctx(), store.WriterLease, string(rune('a'+i)), "", long)
				if err == nil {
					held.Add(1)
				} else if !errors.Is(err, store.ErrLeaseHeld) {
					e.Error(err)
				}
			})
		}
		wg.Wait()
		if held.Load() != 1 || e.head().Term != 1 {
			e.Errorf("%d hold it, head %+v", held.Load(), e.head())
		}
	}},
	{"ATakeoverNeverMeetsACommitHalfway", func(e *env) {
		// A writer commits as fast as it can while the lease changes hands: whatever was acknowledged under a term is numbered before
		// whatever the next term wrote.
		other := e.open()
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range 10 {
				if _, err := other.TakeLease(e.ctx(), "writer", code("n", int64(i)), "", long); err != nil {
					e.Error(err)
				}
				if err := other.DropLease(e.ctx(), "writer", code("n", int64(i))); err != nil {
					e.Error(err)
				}
			}
		})
		fenced, last := 0, int64(0)
		for rev := int64(1); rev <= 30; {
			b := e.batch()
			b.Entries = entries("ams", rev, 1)
			err := e.s.Commit(e.ctx(), b)
			switch {
			case err == nil:
				if b.Term < last {
					e.Fatalf("a batch of term %d after one of %d", b.Term, last)
				}
				last = b.Term
				rev++
			case errors.Is(err, store.ErrFenced):
				fenced++
			default:
				e.Fatal(err)
			}
			if fenced > 1000 {
				e.Fatal("always fenced")
			}
		}
		wg.Wait()
	}},
}

func (e *env) take(node string, ttl time.Duration) store.Lease {
	e.Helper()
	l, err := e.s.TakeLease(e.ctx(), store.WriterLease, node, "addr-"+node, ttl)
	e.must(err)
	return l
}

// takeWhenFree asks until the former lease has expired.
func (e *env) takeWhenFree(node string) store.Lease {
	e.Helper()
	for {
		l, err := e.s.TakeLease(e.ctx(), store.WriterLease, node, "addr-"+node, long)
		if err == nil {
			return l
		}
		e.wants(err, store.ErrLeaseHeld)
	}
}
