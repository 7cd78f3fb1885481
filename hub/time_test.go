package hub_test

import (
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
)

// day answers the property's day.
func (r *running) day(code string) (d ari.StayDate) {
	r.t.Helper()
	if err := r.Read(code, func(p *ari.Picture) error { d = p.Day(); return nil }); err != nil {
		r.t.Fatal(err)
	}
	return d
}

// The day rolls at each property's own midnight; what was due while nothing ran is done before readiness, once (S28).
func TestTheDayRollsAtThePropertysMidnight(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 6, 1, 21, 59, 0, 0, time.UTC)) // 23:59 in Rome
	disk := memory.NewDisk(memory.Options{Now: c.Now})
	r := run(t, hub.Options{Store: disk.Open(), Clock: c})
	r.hotel("ROM1")
	r.put("LON1", ari.KindProperty, "LON1", ari.Property{Code: "LON1", TimeZone: "Europe/London", Currency: "GBP"})
	first := ari.DateOf(2026, 6, 1)
	if r.day("ROM1") != first || r.day("LON1") != first {
		t.Fatalf("first days %s, %s", r.day("ROM1"), r.day("LON1"))
	}
	c.Move(time.Minute)
	r.until("Rome's day rolls", func() bool { return r.day("ROM1") == first+1 })
	if r.day("LON1") != first {
		t.Fatal("London's day rolled with Rome's")
	}
	r.stop()
	c.Move(50 * time.Hour) // two midnights pass while nothing runs
	r = run(t, hub.Options{Store: disk.Open(), Clock: c})
	if r.day("ROM1") != first+3 || r.day("LON1") != first+3 {
		t.Fatalf("days after the start: %s, %s", r.day("ROM1"), r.day("LON1"))
	}
	items, err := r.History(t.Context(), "ROM1", 0, 100, func(e *ari.Entry) bool { return e.By.Kind == ari.BySystem })
	if err != nil || len(items) != 2 {
		t.Fatalf("%d entries by the system, %v: want one a roll", len(items), err)
	}
}

func TestAnOverlayEndsWhenItExpires(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC))
	disk := memory.NewDisk(memory.Options{Now: c.Now})
	r := run(t, hub.Options{Store: disk.Open(), Clock: c})
	r.hotel("ROM1")
	day := ari.DateOf(2026, 6, 10)
	r.must(&hub.Submission{Update: ari.Update{Property: "ROM1", By: person, Overlays: []ari.OverlayOp{{Verb: ari.OverlayPut, Overlay: ari.Overlay{
		ID: "storm", Kind: ari.StopSell, Span: ari.Dates(day, day), Reason: "storm", Expires: c.Now().Add(time.Hour),
	}}}}})
	stopped := func() (s bool) {
		if err := r.Read("ROM1", func(p *ari.Picture) error {
			p.Grid("DBL", "BAR", "", day, day, func(c *ari.GridCell) { s = c.StopSell })
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if !stopped() {
		t.Fatal("the stop-sell is not there")
	}
	c.Move(time.Hour)
	r.until("the stop-sell ends", func() bool { return !stopped() })
}

// Two nodes on one store: the follower serves the same, says who writes, and takes over when the writer stops (S31).
func TestAFollowerServesTheSameAndTakesOver(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		a := run(t, hub.Options{Store: open(), Node: "a", Address: "http://a"})
		a.hotel("ROM1")
		b := follow(t, hub.Options{Store: open(), Node: "b", Address: "http://b"})
		rec := a.must(counts("ROM1", "DBL", 0, 3, 4))
		if err := b.AtLeast(t.Context(), rec.Position); err != nil {
			t.Fatal(err)
		}
		if got, want := b.digest("ROM1"), a.digest("ROM1"); got != want {
			t.Fatalf("the follower shows\n%s\nthe writer\n%s", got, want)
		}
		_, err := b.Submit(t.Context(), counts("ROM1", "DBL", 0, 3, 4))
		if n, ok := err.(*hub.NotWriterError); !ok || n.Address != "http://a" { //nolint:errorlint // it is returned as it is
			t.Fatalf("a write to the follower: %v", err)
		}
		a.stop()
		b.until("the follower takes over", func() bool { return b.Status().Writer && b.Status().Ready })
		again := b.must(counts("ROM1", "DBL", 0, 3, 5))
		if again.Revision != rec.Revision+1 || again.Position.Seq <= rec.Position.Seq {
			t.Fatalf("%+v after %+v", again, rec)
		}
	})
}

// follow starts a node beside the writer.
func follow(t testing.TB, o hub.Options) *running {
	t.Helper()
	r := start(t, o)
	r.until("the node follows", func() bool { s := r.Status(); return s.Ready && !s.Writer && s.WriterAddress != "" })
	return r
}

// A restore makes a new epoch: a node that runs on notices, and reads everything again (S32).
func TestANewEpochIsNoticedAndEverythingIsReadAgain(t *testing.T) {
	disk := memory.NewDisk(memory.Options{})
	r := run(t, hub.Options{Store: disk.Open()})
	r.hotel("ROM1")
	before := r.Position()
	if _, err := disk.Open().RenewEpoch(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.until("a write meets the new epoch", func() bool {
		rec, err := r.Submit(t.Context(), counts("ROM1", "DBL", 0, 3, time.Now().UnixNano()%50))
		return err == nil && rec.Position.Epoch != before.Epoch
	})
	if _, _, err := r.Feed(t.Context(), before, "", 10, 0); err != hub.ErrEpoch { //nolint:errorlint // it is returned as it is
		t.Fatalf("a reader of the old epoch: %v", err)
	}
}

// A bad page takes only its property out of service (S33).
func TestABadPageTakesOnlyItsPropertyOutOfService(t *testing.T) {
	disk := memory.NewDisk(memory.Options{})
	r := run(t, hub.Options{Store: disk.Open()})
	r.hotel("ROM1")
	r.hotel("ROM2")
	r.must(counts("ROM1", "DBL", 0, 3, 4))
	r.must(counts("ROM2", "DBL", 0, 3, 4))
	r.stop()
	st := disk.Open()
	head, err := st.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bad := store.Page{Property: "ROM1", Scope: ari.RoomScope("DBL").Key(), Month: int32((ari.LocalDate(time.Now(), time.UTC) + 400).Month()), Revision: 99, Body: []byte("torn")}
	if err := st.PutPages(t.Context(), head.Term, []store.Page{bad}, nil); err != nil {
		t.Fatal(err)
	}
	r = run(t, hub.Options{Store: disk.Open()})
	if err := r.Read("ROM1", func(*ari.Picture) error { return nil }); err == nil {
		t.Fatal("a property with a bad page is served")
	}
	if _, err := r.Submit(t.Context(), counts("ROM1", "DBL", 0, 3, 5)); err == nil {
		t.Fatal("a property with a bad page is written")
	}
	if s := r.Status(); len(s.OutOfService) != 1 || s.OutOfService[0] != "ROM1" {
		t.Fatalf("%+v", s)
	}
	r.must(counts("ROM2", "DBL", 0, 3, 5))
	var wants []hub.Want
	r.until("the want is kept", func() bool { wants, err = r.Wants(t.Context(), "ROM1", "", 10); return err != nil || len(wants) > 0 })
	if err != nil || len(wants) != 1 || wants[0].Kind != hub.WantSnapshot {
		t.Fatalf("%+v %v", wants, err)
	}
}
