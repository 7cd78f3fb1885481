package hub_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/sqlite"
)

// Every acknowledged update is in the history exactly once, in the order in which its caller was answered, also after a restart.
func TestManyCallersAtOnceLoseAndDoubleNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	st := open()
	r := run(t, hub.Options{Store: st})
	hotels := []string{"A1", "B2", "C3"}
	for _, code := range hotels {
		r.hotel(code)
	}
	const callers, each = 64, 30
	answers := make([][]hub.Receipt, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(uint64(i), 1))
			for k := range each {
				s := counts(hotels[(i+k)%len(hotels)], "DBL", rnd.IntN(300), 1+rnd.IntN(20), int64(rnd.IntN(50)))
				s.Update.MessageID = fmt.Sprintf("m-%d-%d", i, k)
				id := fmt.Sprintf("%d-%d", i, k)
				s.Identity = hub.Identity{ID: id, Content: hub.HashContent([]byte(id))}
				again := *s
				rec, err := r.Submit(t.Context(), s)
				if err != nil {
					t.Errorf("submit: %v", err)
					return
				}
				answers[i] = append(answers[i], rec)
				if rnd.IntN(5) == 0 {
					again.Update.MessageID = "repeat"
					rep, err := r.Submit(t.Context(), &again)
					if err != nil || !rep.Repeat || rep.Revision != rec.Revision {
						t.Errorf("repeat of %s: %+v, %v", id, rep, err)
					}
				}
			}
		}()
	}
	wg.Wait()
	digests := map[string]string{}
	for _, code := range hotels {
		digests[code] = r.digest(code)
	}
	requireOnce(t, r, hotels, answers)
	r.stop()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	r = run(t, hub.Options{Store: open()})
	for _, code := range hotels {
		if got := r.digest(code); got != digests[code] {
			t.Errorf("%s differs after the restart", code)
		}
	}
	requireOnce(t, r, hotels, answers)
}

func requireOnce(t *testing.T, r *running, hotels []string, answers [][]hub.Receipt) {
	t.Helper()
	revisions := map[string]int64{}
	for _, code := range hotels {
		items, err := r.History(t.Context(), code, 0, 1_000_000, func(*ari.Entry) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if _, twice := revisions[it.Entry.MessageID]; twice && it.Entry.By.Kind == ari.ByMessage {
				t.Errorf("%s is there twice", it.Entry.MessageID)
			}
			revisions[it.Entry.MessageID] = it.Entry.Revision
		}
	}
	for _, list := range answers {
		last := map[string]int64{}
		for _, rec := range list {
			if rev, ok := revisions[rec.MessageID]; !ok || rev != rec.Revision {
				t.Errorf("%s was answered revision %d, history has %d (%v)", rec.MessageID, rec.Revision, rev, ok)
			}
			if rec.Revision <= last[rec.Property] {
				t.Errorf("%s: revision %d after %d", rec.MessageID, rec.Revision, last[rec.Property])
			}
			last[rec.Property] = rec.Revision
		}
	}
}

func TestWhatIsRefusedSaysWhy(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		if _, err := r.Submit(t.Context(), counts("NONE", "DBL", 0, 1, 1)); !errors.Is(err, hub.ErrUnknownProperty) {
			t.Errorf("unknown property: %v", err)
		}
		var refused *ari.UpdateError
		if _, err := r.Submit(t.Context(), counts("ROM1", "NONE", 0, 1, 1)); !errors.As(err, &refused) || refused.Items[0].Code != ari.CodeUnknownRoomType {
			t.Errorf("unknown room type: %v", err)
		}
		adjust := counts("ROM1", "DBL", 0, 1, 1)
		adjust.Update.Statements[0].Verb = ari.Adjust
		if _, err := r.Submit(t.Context(), adjust); !errors.Is(err, hub.ErrNoIdentity) {
			t.Errorf("adjust without identity: %v", err)
		}
		if _, err := r.PutObject(t.Context(), person, "ROM1", ari.KindRoomType, "DBL", asJSON(ari.RoomType{Code: "DBL"}), 1, false); !errors.Is(err, hub.ErrStale) {
			t.Errorf("put over another revision: %v", err)
		}
		if _, err := r.PutObject(t.Context(), person, "ROM1", ari.KindRoomType, "DBL", asJSON(ari.RoomType{Code: "DBL"}), -1, false); !errors.Is(err, hub.ErrStale) {
			t.Errorf("put of what must not exist: %v", err)
		}
	})
}

func TestADryRunTellsWhatWouldHappenAndLeavesNoTrace(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		before := r.digest("ROM1")
		s := counts("ROM1", "DBL", 0, 3, 4)
		s.DryRun = true
		rec := r.must(s)
		if rec.Verdict != hub.VerdictApplied || rec.Entry == nil || len(rec.Entry.Columns) != 1 {
			t.Fatalf("receipt %+v", rec)
		}
		if after := r.digest("ROM1"); after != before {
			t.Fatalf("the picture changed:\n%s\n%s", before, after)
		}
	})
}

// After a graceful stop there is nothing to replay, also of properties that had not changed for long: else one of them would make every start
// read the whole feed again.
func TestAGracefulStopLeavesNothingToReplay(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		r.stop()
		r = run(t, hub.Options{Store: open()})
		r.hotel("ROM2")
		r.must(counts("ROM2", "DBL", 0, 7, 5))
		r.stop()
		st := open()
		head, err := st.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cps, err := st.Checkpoints(t.Context())
		if err != nil || len(cps) < 2 {
			t.Fatalf("%+v %v", cps, err)
		}
		for _, c := range cps {
			if c.Seq != head.Seq {
				t.Errorf("replay of %s starts after %d, the feed ends at %d", c.Property, c.Seq, head.Seq)
			}
		}
	})
}

// The age of a property's data survives a restart: the owners of rates and counts are found in the feed, however much others told since.
func TestWhenTheOwnersWereHeardIsKnownAfterARestart(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		r.must(counts("ROM1", "DBL", 0, 7, 5))
		for i := range 20 {
			s := counts("ROM1", "DBL", i, 1, 5)
			s.Update.Connection = "other"
			s.Update.Statements[0].Field, s.Update.Statements[0].Value = ari.Closed, ari.Num(int64(ari.Shut))
			r.must(s)
		}
		before := r.LastHeard("ROM1")
		r.stop()
		r = run(t, hub.Options{Store: open()})
		after := r.LastHeard("ROM1")
		if len(before) < 2 || !maps.EqualFunc(before, after, time.Time.Equal) {
			t.Fatalf("before %v, after %v", before, after)
		}
	})
}
