package hub_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
)

// connect makes a connection.
func (r *running) connect(c hub.Connection) {
	r.t.Helper()
	c.Protocol = "test"
	r.put(ari.HubProperty, hub.KindConnection, c.ID, c)
}

// testDecoder reads messages that name one external room type and a count.
type testDecoder struct{}

type testMessage struct {
	Property, Room string
	Count          int64
}

func (testDecoder) Decode(s hub.Service, c hub.Connection, item hub.ParkedItem) (*hub.Submission, error) {
	var m testMessage
	if err := json.Unmarshal(item.Raw, &m); err != nil {
		return nil, err
	}
	room, state := s.MapCode(c.ID, m.Property, hub.MapRoomType, m.Room)
	if state == hub.MappingIgnored {
		return &hub.Submission{Update: ari.Update{Property: m.Property}}, nil
	}
	sub := counts(m.Property, room, 0, 3, m.Count)
	sub.Update.Connection, sub.Update.By.ID, sub.Update.SourceTime = c.ID, c.ID, item.SourceTime
	return sub, nil
}

// parked is a submission of which one item waits for the mapping of a room type.
func parked(connection, room string, n int64, at time.Time) *hub.Submission {
	raw := asJSON(testMessage{"ROM1", room, n})
	return &hub.Submission{
		Update:  ari.Update{Property: "ROM1", Connection: connection, By: ari.Author{Kind: ari.ByMessage, ID: connection}, SourceTime: at, MessageID: "m-" + room},
		Message: &store.Message{Protocol: "test", Raw: raw},
		Parked: []hub.ParkedItem{{
			Connection: connection, Property: "ROM1", Protocol: "test", MessageID: "m-" + room, Missing: []hub.Missing{{Kind: hub.MapRoomType, External: room}},
			SourceTime: at, Received: at, Raw: raw,
		}},
	}
}

func TestAParkedItemIsReplayedOnceItsCodeIsMapped(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		o := hub.Options{Store: open(), Decoders: map[string]hub.Decoder{"test": testDecoder{}}}
		r := run(t, o)
		r.hotel("ROM1")
		r.connect(hub.Connection{ID: "ext"})
		rec := r.must(parked("ext", "X1", 7, time.Now()))
		if rec.Verdict != hub.VerdictParked || len(rec.Items) != 1 || rec.Items[0].Verdict != ari.ItemParked {
			t.Fatalf("receipt %+v", rec)
		}
		r.must(parked("ext", "X2", 9, time.Now()))
		r.stop()
		o.Store = open()
		r = run(t, o) // parked items outlive a restart
		items, err := r.Parked(t.Context(), "ext", "", "", 10)
		if err != nil || len(items) != 2 {
			t.Fatalf("%+v %v", items, err)
		}
		m := hub.Mapping{Connection: "ext", Property: "ROM1", Kind: hub.MapRoomType, External: "X1", Internal: "DBL", State: hub.MappingAccepted}
		r.put(ari.HubProperty, hub.KindMapping, m.Code(), m)
		r.until("the item is replayed", func() bool {
			items, err = r.Parked(t.Context(), "ext", "", "", 10)
			return err == nil && len(items) == 1
		})
		if items[0].Missing[0].External != "X2" {
			t.Fatalf("the wrong item went: %+v", items)
		}
		r.until("it shows", func() bool { return r.left("ROM1", "DBL", 1) == 7 })
		history, err := r.History(t.Context(), "ROM1", 0, 1, func(*ari.Entry) bool { return true })
		if err != nil || history[0].Entry.MessageID != "m-X1" || history[0].Entry.MappingVersion == 0 {
			t.Fatalf("%+v %v", history, err)
		}
		m2 := hub.Mapping{Connection: "ext", Property: "ROM1", Kind: hub.MapRoomType, External: "X2", State: hub.MappingIgnored}
		r.put(ari.HubProperty, hub.KindMapping, m2.Code(), m2)
		r.until("the ignored item goes", func() bool {
			items, err = r.Parked(t.Context(), "ext", "", "", 10)
			return err == nil && len(items) == 0
		})
	})
}

// left answers the rooms left of a type, days from today.
func (r *running) left(property, room string, day int) (left int) {
	r.t.Helper()
	d := ari.LocalDate(time.Now(), time.UTC) + ari.StayDate(day)
	left = -1
	if err := r.Read(property, func(p *ari.Picture) error {
		p.Grid(room, "BAR", "", d, d, func(c *ari.GridCell) { left = c.Left })
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	return left
}

// replaceClosed is a replace of the closed restrictions of the house over many dates, told by nothing: all are lifted.
func replaceClosed() *hub.Submission {
	today := ari.LocalDate(time.Now(), time.UTC)
	return &hub.Submission{Update: ari.Update{
		Property: "ROM1", Connection: "pms", By: ari.Author{Kind: ari.ByMessage, ID: "pms"},
		Replace: []ari.Extent{{
			Fields: []ari.FieldSet{{Family: ari.FamilyRestriction}}, Scopes: ari.ScopeSet{AnyRooms: true, AnyRates: true, AnyChannel: true},
			Span: ari.Dates(today, today+99),
		}},
	}}
}

func closed(day, days int) *hub.Submission {
	s := counts("ROM1", "DBL", day, days, 0)
	s.Update.Statements[0].Field, s.Update.Statements[0].Value = ari.Restriction(ari.Night, ari.NotAtAll), ari.Num(ari.Shut)
	return s
}

func TestAReplaceThatLiftsTooMuchWaitsForAPerson(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		st := open()
		r := run(t, hub.Options{Store: st})
		r.hotel("ROM1")
		r.must(closed(0, 90))
		rec := r.must(replaceClosed())
		if rec.Verdict != hub.VerdictWaiting || rec.Waiting == "" {
			t.Fatalf("receipt %+v", rec)
		}
		r.stop()
		r = run(t, hub.Options{Store: open()})
		second := r.must(replaceClosed()) // overtakes the first
		list, err := r.Waitings(t.Context(), "ROM1", "", 10)
		if err != nil || len(list) != 1 || list[0].ID != second.Waiting || list[0].Connection != "pms" {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := r.Release(t.Context(), person, rec.Waiting, "checked", false); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("release of the overtaken one: %v", err)
		}
		done, err := r.Release(t.Context(), person, second.Waiting, "checked", false)
		if err != nil || done.Verdict != hub.VerdictApplied || done.Entry.By != person || done.Entry.Reason != "checked" {
			t.Fatalf("%+v %v", done, err)
		}
		if list, err = r.Waitings(t.Context(), "", "", 10); err != nil || len(list) != 0 {
			t.Fatalf("%+v %v", list, err)
		}
		r.must(closed(0, 90))
		third := r.must(replaceClosed())
		if err := r.Refuse(t.Context(), person, third.Waiting, "no", false); err != nil {
			t.Fatal(err)
		}
		if err := r.Refuse(t.Context(), person, third.Waiting, "no", false); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("refused twice: %v", err)
		}
	})
}

func TestWhatIsTooOldIsReadAgainOrRefused(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		r.connect(hub.Connection{ID: "pull"})
		r.connect(hub.Connection{ID: "push", PushOnly: true})
		old := func(connection string) *hub.Submission {
			s := counts("ROM1", "DBL", 0, 3, 4)
			s.Update.Connection, s.Update.SourceTime = connection, time.Now().Add(-14*24*time.Hour)
			return s
		}
		if _, err := r.Submit(t.Context(), old("push")); !errors.Is(err, hub.ErrTooOld) {
			t.Fatalf("a source that can only push: %v", err)
		}
		for range 2 {
			if rec := r.must(old("pull")); rec.Verdict != hub.VerdictReread || rec.Revision != 4 {
				t.Fatalf("%+v", rec)
			}
		}
		r.must(counts("ROM1", "DBL", 0, 1, 4))
		wants, err := r.Wants(t.Context(), "ROM1", "", 10)
		if err != nil || len(wants) != 1 || wants[0].Kind != hub.WantReread || wants[0].Connection != "pull" || wants[0].Count != 2 || wants[0].From == 0 {
			t.Fatalf("%+v %v", wants, err)
		}
	})
}

func TestTwentySupersededInARowAskForASnapshot(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		now := time.Now()
		r.must(stamp(counts("ROM1", "DBL", 0, 3, 4), now))
		for i := range 20 {
			if rec := r.must(stamp(counts("ROM1", "DBL", 0, 3, 5), now.Add(-time.Duration(i+1)*time.Second))); rec.Verdict != hub.VerdictSuperseded {
				t.Fatalf("%+v", rec)
			}
		}
		var wants []hub.Want
		r.until("the want is kept", func() (ok bool) {
			var err error
			wants, err = r.Wants(t.Context(), "ROM1", "", 10)
			return err == nil && len(wants) == 1
		})
		if wants[0].Kind != hub.WantSnapshot || wants[0].Connection != "pms" {
			t.Fatalf("%+v", wants)
		}
	})
}

func TestASourceTimeAheadOfOursCountsAsOurs(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		r.must(stamp(counts("ROM1", "DBL", 0, 3, 4), time.Now().Add(time.Hour)))
		if rec := r.must(stamp(counts("ROM1", "DBL", 0, 3, 5), time.Now().Add(time.Second))); rec.Verdict != hub.VerdictApplied {
			t.Fatalf("%+v: the clock that is ahead keeps others out", rec)
		}
		if r.Metrics().Skewed.Load() != 1 {
			t.Fatalf("%d counted", r.Metrics().Skewed.Load())
		}
	})
}

func TestWhatCameInIsRecordedWithItsVerdict(t *testing.T) {
	stores(t, func(t *testing.T, open func() store.Store) {
		r := run(t, hub.Options{Store: open()})
		r.hotel("ROM1")
		message := func(s *hub.Submission, id string) *hub.Submission {
			s.Message = &store.Message{ID: id, Protocol: "test", Raw: []byte("raw " + id)}
			return s
		}
		r.must(message(counts("ROM1", "DBL", 0, 3, 4), "a"))
		_, err := r.Submit(t.Context(), message(counts("ROM1", "NONE", 0, 3, 4), "b"))
		var refused *ari.UpdateError
		if !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if _, err := r.Submit(t.Context(), message(counts("NONE", "DBL", 0, 3, 4), "c")); !errors.Is(err, hub.ErrUnknownProperty) {
			t.Fatal(err)
		}
		for id, want := range map[string]string{
			"a": `applied 5 {"items":[{"item":0,"verdict":"applied","changed":3}]}`,
			"b": `refused 5 {"items":[{"item":0,"verdict":"refused","code":"unknown_room_type","path":`,
			"c": `refused 0 {"error":"unknown property"}`,
		} {
			m, err := r.Message(t.Context(), id)
			got := m.Verdict + " " + asText(m.Revision) + " " + string(m.Detail)
			if err != nil || len(got) < len(want) || got[:len(want)] != want || string(m.Raw) != "raw "+id {
				t.Errorf("%s: %s %q %v, want %s", id, got, m.Raw, err, want)
			}
		}
	})
}
