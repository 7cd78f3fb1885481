package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
	"github.com/ratewire/ratewire/store/sqlite"
)

// running is a hub under test with the way to stop it.
type running struct {
	*hub.Hub
	t    testing.TB
	stop func()
}

// run starts a hub and waits until it is ready to write.
func run(t testing.TB, o hub.Options) *running {
	t.Helper()
	r := start(t, o)
	r.until("the hub writes", func() bool { s := r.Status(); return s.Ready && s.Writer })
	return r
}

// start starts a hub.
func start(t testing.TB, o hub.Options) *running {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(testLog{t}, nil))
	}
	h, err := hub.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	var once sync.Once
	r := &running{Hub: h, t: t, stop: func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}}
	t.Cleanup(r.stop)
	return r
}

// testLog writes a hub's log to the test's; what comes after the test's end is dropped.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// until waits for something that the hub does by itself.
func (r *running) until(what string, f func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !f() {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited too long until %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

var person = ari.Author{Kind: ari.ByPerson, ID: "alice"}

// put puts an object, which must be taken.
func (r *running) put(property, kind, code string, v any) hub.Receipt {
	r.t.Helper()
	rec, err := r.PutObject(r.t.Context(), person, property, kind, code, asJSON(v), 0, false)
	if err != nil {
		r.t.Fatalf("put %s %s: %v", kind, code, err)
	}
	return rec
}

func asJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// hotel makes a property with two room types and a plan.
func (r *running) hotel(code string) {
	r.t.Helper()
	r.put(code, ari.KindProperty, code, ari.Property{Code: code, TimeZone: "Europe/Rome", Currency: "EUR"})
	r.put(code, ari.KindRoomType, "DBL", ari.RoomType{Code: "DBL"})
	r.put(code, ari.KindRoomType, "STE", ari.RoomType{Code: "STE"})
	r.put(code, ari.KindRatePlan, "BAR", ari.RatePlan{Code: "BAR"})
}

// counts is an update that sets the net count of a room type over days from today.
func counts(property, room string, day, days int, n int64) *hub.Submission {
	today := ari.LocalDate(time.Now(), time.UTC)
	from := today + ari.StayDate(day)
	return &hub.Submission{Update: ari.Update{
		Property: property, By: ari.Author{Kind: ari.ByMessage, ID: "pms"}, Connection: "pms",
		Statements: []ari.Statement{{
			Verb: ari.Set, Scope: ari.RoomScope(room), Span: ari.Dates(from, from+ari.StayDate(days)-1), Field: ari.Count(ari.Net), Value: ari.Num(n),
		}},
	}}
}

// must submits what must be taken.
func (r *running) must(s *hub.Submission) hub.Receipt {
	r.t.Helper()
	rec, err := r.Submit(r.t.Context(), s)
	if err != nil {
		r.t.Fatalf("submit: %v", err)
	}
	return rec
}

// digest answers all that can be seen of a property, so that two of them can be compared.
func (r *running) digest(property string) string {
	r.t.Helper()
	var b strings.Builder
	err := r.Read(property, func(p *ari.Picture) error {
		fmt.Fprintln(&b, p.Revision(), p.Day(), p.Zone())
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	items, err := r.History(r.t.Context(), property, 0, 100_000, func(*ari.Entry) bool { return true })
	if err != nil {
		r.t.Fatal(err)
	}
	for _, it := range items {
		fmt.Fprintln(&b, it.Position.Seq, it.Previous, it.Entry.Revision, it.Entry.MessageID, asText(it.Entry.Columns))
	}
	return b.String()
}

func asText(v any) string { return fmt.Sprintf("%+v", v) }

// stores are those that every behaviour here must hold on.
func stores(t *testing.T, f func(t *testing.T, open func() store.Store)) {
	t.Run("memory", func(t *testing.T) {
		d := memory.NewDisk(memory.Options{})
		f(t, func() store.Store { return d.Open() })
	})
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "hub.db")
		f(t, func() store.Store {
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}

func TestWhatWasAcknowledgedIsThereAfterARestart(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		st := open()
		r := run(t, hub.Options{Store: st})
		r.hotel("ROM1")
		rec := r.must(counts("ROM1", "DBL", 0, 7, 5))
		if rec.Verdict != hub.VerdictApplied || rec.Revision != 5 || rec.Position.Seq != 5 {
			t.Fatalf("receipt %+v", rec)
		}
		before := r.digest("ROM1")
		r.stop()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		r = run(t, hub.Options{Store: open()})
		if after := r.digest("ROM1"); after != before {
			t.Fatalf("before the restart:\n%s\nafter:\n%s", before, after)
		}
		body, rev, err := r.Object("ROM1", ari.KindRoomType, "DBL")
		if err != nil || rev != 2 || !strings.Contains(string(body), `"DBL"`) {
			t.Fatalf("object %s %d %v", body, rev, err)
		}
		r.must(counts("ROM1", "STE", 0, 7, 5))
	})
}

func TestARepeatIsAnsweredAsTheFirstAlsoAfterARestart(t *testing.T) {
	t.Run("small", func(t *testing.T) { repeats(t, 1) })
	t.Run("large", func(t *testing.T) { repeats(t, 200) }) // its outcome is not kept in memory
}

func repeats(t *testing.T, items int) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		send := func() hub.Receipt {
			s := counts("ROM1", "DBL", 0, 7, 5)
			for i := 1; i < items; i++ {
				x := s.Update.Statements[0]
				x.Item = i
				s.Update.Statements = append(s.Update.Statements, x)
			}
			s.Identity = hub.Identity{ID: "guid-1", Strict: true, Content: hub.HashContent([]byte("a"))}
			return r.must(s)
		}
		first := send()
		again := send()
		r.stop()
		r = run(t, hub.Options{Store: open()})
		after := send()
		for _, rec := range []hub.Receipt{again, after} {
			if !rec.Repeat || rec.Revision != first.Revision || rec.MessageID != first.MessageID || rec.Verdict != first.Verdict ||
				asText(rec.Items) != asText(first.Items) {
				t.Fatalf("first %+v\nrepeat %+v", first, rec)
			}
		}
		other := counts("ROM1", "DBL", 0, 7, 6)
		other.Identity = hub.Identity{ID: "guid-1", Strict: true, Content: hub.HashContent([]byte("b"))}
		if _, err := r.Submit(t.Context(), other); !errors.Is(err, hub.ErrConflict) {
			t.Fatalf("other content under the same id: %v", err)
		}
	})
}
