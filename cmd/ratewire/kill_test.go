package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/internal/pgtest"
	"github.com/ratewire/ratewire/internal/proof"
	"github.com/ratewire/ratewire/store"
)

const (
	writers = 12
	hotels  = 3
)

// Rounds of kills: 50 with RATEWIRE_PROVE=1.
func rounds() int { return proof.Size(3, 50) }

// takeovers are fewer in make test: each waits for a lease to run out.
func takeovers() int { return proof.Size(1, 50) }

func TestKillsLoseNothingAcknowledgedOnSQLite(t *testing.T) {
	killRounds(t, filepath.Join(t.TempDir(), "kill.db"))
}

func TestKillsLoseNothingAcknowledgedOnPostgres(t *testing.T) {
	killRounds(t, pgtest.URL(t))
}

// killRounds lets writers write, kills the node at random moments, starts it again, and checks at the end that every acknowledged update is there
// exactly once, and every other one wholly or not at all.
func killRounds(t *testing.T, where string) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	n := serve(t, where, "one")
	n.start()
	n.ready()
	f := newFleet(t, where, n)
	stop := f.begin()
	for range rounds() {
		n.ready()
		pause(time.Duration(r.IntN(400)) * time.Millisecond)
		n.kill()
		n.start()
	}
	n.ready()
	stop()
	if code := n.terminate(); code != 0 {
		t.Errorf("a graceful stop exits with %d", code)
	}
	f.check(where)
	proof.Figure(t, "seed", seed)
	proof.Figure(t, "kills", rounds())
	proof.Figure(t, "acknowledged", f.count.Load())
	proof.Figure(t, "answered_as_repeats", f.repeats.Load())
}

func TestTheOtherNodeTakesOverFromOneKilledOrPaused(t *testing.T) {
	where := pgtest.URL(t)
	a, b := serve(t, where, "a"), serve(t, where, "b")
	a.start()
	a.ready()
	b.start()
	b.ready()
	f := newFleet(t, where, a, b)
	stop := f.begin()
	for range takeovers() {
		f.progress(200)
		a.kill()
		f.progress(200) // b has taken over, or this waits in vain
		a.start()
		a.ready()

		b.signal(syscall.SIGSTOP)
		f.progress(200) // a has taken over
		b.signal(syscall.SIGCONT)
		f.progress(200)
		a, b = b, a
	}
	stop()
	for _, n := range []*process{a, b} {
		if code := n.terminate(); code != 0 {
			t.Errorf("a graceful stop exits with %d", code)
		}
	}
	f.check(where)
	proof.Figure(t, "takeovers", 2*takeovers())
	proof.Figure(t, "acknowledged", f.count.Load())
}

func TestABackupUnderLoadRestoresToAConsistentHub(t *testing.T) {
	for _, engine := range []string{"SQLite", "Postgres"} {
		t.Run(engine, func(t *testing.T) {
			where, to := filepath.Join(t.TempDir(), "live.db"), filepath.Join(t.TempDir(), "restored.db")
			if engine == "Postgres" {
				where, to = pgtest.URL(t), pgtest.URL(t)
			}
			n := serve(t, where, "one")
			n.start()
			n.ready()
			f := newFleet(t, where, n)
			stop := f.begin()
			f.progress(300)
			backup := filepath.Join(t.TempDir(), "backup")
			run(t, "backup", "--store", where, backup)
			f.progress(100)
			stop()
			n.terminate()
			f.check(where)

			run(t, "restore", "--store", to, backup)
			run(t, "check", "--store", to)
			live, restored := headOf(t, where), headOf(t, to)
			if restored.Epoch == live.Epoch || restored.Seq == 0 || restored.Seq > live.Seq {
				t.Errorf("restored %+v from %+v", restored, live)
			}
			m := serve(t, to, "restored")
			m.start()
			m.ready()
			(&fleet{t: t, token: f.token, nodes: []*process{m}, client: f.client}).hotel("K0") // it writes
			m.terminate()
		})
	}
}

// begin makes the hotels and starts the writers; what it answers stops them once each has its last acknowledgement.
func (f *fleet) begin() (stop func()) {
	for i := range hotels {
		f.hotel(fmt.Sprintf("K%d", i))
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { f.write(w, fmt.Sprintf("K%d", w%hotels), done) })
	}
	var once sync.Once
	stop = func() { once.Do(func() { close(done) }); wg.Wait() }
	f.t.Cleanup(stop)
	return stop
}

// progress waits until n more updates are acknowledged.
func (f *fleet) progress(n int64) {
	f.t.Helper()
	from := f.count.Load()
	eventually(f.t, fmt.Sprintf("%d more updates are acknowledged", n), func() bool { return f.count.Load() >= from+n })
}

// check reads the journal of a store that no one writes to any more.
func (f *fleet) check(where string) {
	t := f.t
	t.Helper()
	run(t, "check", "--store", where)
	st := openStore(t, where)
	seen := map[string]int64{} // reason -> revision
	counts := map[string]map[ari.StayDate]int64{}
	err := st.Feed(context.Background(), 0, 1<<30, func(row *store.Entry) bool {
		e, err := ari.DecodeEntry(row.Body)
		if err != nil {
			t.Fatalf("entry %d: %v", row.Seq, err)
		}
		if e.Reason != "" && e.Reason != "start" {
			if at, twice := seen[e.Reason]; twice {
				t.Errorf("%s is there twice: revisions %d and %d of %s", e.Reason, at, row.Revision, row.Property)
			}
			seen[e.Reason] = row.Revision
		}
		if counts[row.Property] == nil {
			counts[row.Property] = map[ari.StayDate]int64{}
		}
		addRuns(counts[row.Property], e)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	f.acked.Range(func(reason, revision any) bool {
		if _, there := seen[reason.(string)]; !there {
			t.Errorf("%v was acknowledged at revision %v, and is not there", reason, revision)
		}
		return true
	})
	var acked int64
	f.acked.Range(func(_, _ any) bool { acked++; return true })
	if acked == 0 {
		t.Error("nothing was acknowledged: this test showed nothing")
	}
	f.sums(counts, acked)
}

// sums checks that each night of a hotel has the same count (no update was applied in part), and that all together they have what was
// acknowledged: writers stop only when their last update is.
func (f *fleet) sums(counts map[string]map[ari.StayDate]int64, acked int64) {
	f.t.Helper()
	var total int64
	for i := range hotels {
		code := fmt.Sprintf("K%d", i)
		first := int64(-1)
		for d, n := range counts[code] {
			if first < 0 {
				first = n
			}
			if n != first {
				f.t.Errorf("%s has %d rooms on %s and %d on another night: an update was applied in part", code, n, d, first)
			}
		}
		if len(counts[code]) != nights {
			f.t.Errorf("%s has counts on %d nights, want %d", code, len(counts[code]), nights)
		}
		total += first - startWith
	}
	if total != acked {
		f.t.Errorf("the hotels have %d rooms more than at the start, %d were acknowledged", total, acked)
	}
}

// addRuns takes the new counts of an entry over.
func addRuns(counts map[ari.StayDate]int64, e *ari.Entry) {
	for _, c := range e.Columns {
		if c.Field != ari.Count(ari.Net) {
			continue
		}
		for _, r := range c.Runs {
			for d := r.From; d <= r.To; d++ {
				counts[d] = r.New.A
			}
		}
	}
}

func openStore(t *testing.T, where string) store.Store {
	t.Helper()
	st, err := node.OpenStore(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func headOf(t *testing.T, where string) store.Head {
	t.Helper()
	h, err := openStore(t, where).Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// pause lets the writers write for a random time: when the kill falls is what is tried.
func pause(d time.Duration) { <-time.After(d) }
