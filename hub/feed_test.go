package hub_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
)

// stamp moves a stamp and changes nothing: it takes a revision and is not fed (S21, S42).
func stamp(s *hub.Submission, at time.Time) *hub.Submission {
	s.Update.SourceTime = at
	return s
}

func TestTheFeedTellsEachChangeWithTheRevisionFedBeforeIt(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1") // revisions 1..4
		now := time.Now()
		r.must(stamp(counts("ROM1", "DBL", 0, 3, 4), now))
		if rec := r.must(stamp(counts("ROM1", "DBL", 0, 3, 4), now.Add(time.Second))); rec.Revision != 6 || rec.Verdict != hub.VerdictUnchanged {
			t.Fatalf("a newer stamp: %+v", rec)
		}
		r.must(stamp(counts("ROM1", "DBL", 0, 3, 5), now.Add(2*time.Second)))
		check := func(r *running) {
			t.Helper()
			var got [][2]int64
			at := store.Position{}
			for {
				items, next, err := r.Feed(t.Context(), at, "ROM1", 2, 0)
				if err != nil {
					t.Fatal(err)
				}
				if len(items) == 0 {
					break
				}
				for _, it := range items {
					got = append(got, [2]int64{it.Previous, it.Entry.Revision})
				}
				at = next
			}
			want := [][2]int64{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 7}}
			if !slices.Equal(got, want) {
				t.Fatalf("fed (previous, revision) %v, want %v", got, want)
			}
			if at != r.Position() {
				t.Fatalf("the reader goes on from %+v, the hub is at %+v", at, r.Position())
			}
		}
		check(r)
		r.stop()
		check(run(t, hub.Options{Store: open()})) // now from the store
	})
}

func TestAReaderOfTheFeedIsWokenByTheNextCommit(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		r.hotel("ROM2")
		type answer struct {
			items []hub.FeedItem
			err   error
		}
		got, at := make(chan answer, 1), r.Position()
		go func() {
			items, _, err := r.Feed(t.Context(), at, "ROM1", 10, time.Minute)
			got <- answer{items, err}
		}()
		r.must(counts("ROM2", "DBL", 0, 1, 1)) // another hotel's does not end the wait
		r.must(counts("ROM1", "DBL", 0, 1, 1))
		a := <-got
		if a.err != nil || len(a.items) == 0 || a.items[0].Entry.Property != "ROM1" {
			t.Fatalf("%+v", a)
		}
		if _, _, err := r.Feed(t.Context(), store.Position{Epoch: 1, Seq: 1}, "", 10, 0); !errors.Is(err, hub.ErrEpoch) {
			t.Fatalf("another epoch: %v", err)
		}
	})
}

func TestAReadAtLeastAtAPositionWaitsForIt(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open(), Limits: hub.Limits{AtLeastWait: 50 * time.Millisecond}})
		r.hotel("ROM1")
		next := r.Position()
		if err := r.AtLeast(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		next.Seq++
		if err := r.AtLeast(t.Context(), next); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a position that does not come: %v", err)
		}
		r.must(counts("ROM1", "DBL", 0, 1, 1))
		if err := r.AtLeast(t.Context(), next); err != nil {
			t.Fatal(err)
		}
	})
}

func TestThePastIsShownAsItWas(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		day := ari.LocalDate(time.Now(), time.UTC) + 5
		var times []time.Time
		for n := range 6 {
			r.must(counts("ROM1", "DBL", 0, 10, int64(n+1)))
			items, err := r.History(t.Context(), "ROM1", 0, 1, func(*ari.Entry) bool { return true })
			if err != nil || len(items) != 1 {
				t.Fatal(items, err)
			}
			times = append(times, items[0].Entry.At)
		}
		for n := range 6 {
			revision, err := r.RevisionAt(t.Context(), "ROM1", times[n])
			if err != nil || revision != int64(5+n) {
				t.Fatalf("revision at %s: %d, %v", times[n], revision, err)
			}
			past, err := r.Past(t.Context(), "ROM1", revision)
			if err != nil {
				t.Fatal(err)
			}
			left := -1
			past.Grid("DBL", "BAR", "", day, day, func(c *ari.GridCell) { left = c.Left })
			if left != n+1 || past.Revision() != revision {
				t.Fatalf("at revision %d: %d left, want %d", revision, left, n+1)
			}
		}
		if rev, err := r.RevisionAt(t.Context(), "ROM1", times[0].Add(-time.Hour)); err != nil || rev != 0 {
			t.Fatalf("before the first: %d, %v", rev, err)
		}
	})
}

func TestHistoryIsNewestFirstAndFiltered(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		for n := range 5 {
			r.must(counts("ROM1", "DBL", n, 1, 3))
		}
		odd := func(e *ari.Entry) bool { return e.Revision%2 == 1 }
		items, err := r.History(t.Context(), "ROM1", 0, 2, odd)
		if err != nil || len(items) != 2 || items[0].Entry.Revision != 9 || items[0].Previous != 8 || items[1].Entry.Revision != 7 {
			t.Fatalf("%+v %v", items, err)
		}
		items, err = r.History(t.Context(), "ROM1", 7, 10, odd)
		if err != nil || len(items) != 3 || items[0].Entry.Revision != 5 || items[2].Previous != 0 {
			t.Fatalf("%+v %v", items, err)
		}
	})
}
