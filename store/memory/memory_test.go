package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
	"github.com/ratewire/ratewire/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Database {
		d := memory.NewDisk(memory.Options{})
		return storetest.Database{
			Open: func(*testing.T) store.Store { return d.Open() },
			Restore: func(_ *testing.T, backup string) (store.Store, error) {
				restored, err := memory.Restore(backup, memory.Options{})
				if err != nil {
					return nil, err
				}
				return restored.Open(), nil
			},
		}
	})
}

func TestFaultsOfACommit(t *testing.T) {
	for _, c := range []struct {
		fault   memory.Fault
		want    error
		written int64
		dead    bool
	}{
		{memory.None, nil, 1, false},
		{memory.Full, store.ErrFull, 0, false},
		{memory.LostBefore, store.ErrUnknown, 0, false},
		{memory.LostAfter, store.ErrUnknown, 1, false},
		{memory.CrashBefore, store.ErrUnknown, 0, true},
		{memory.CrashAfter, store.ErrUnknown, 1, true},
	} {
		t.Run(fmt.Sprint(c.fault), func(t *testing.T) {
			d := memory.NewDisk(memory.Options{Fault: func(memory.Op) memory.Fault { return c.fault }})
			s := d.Open()
			if err := s.Commit(t.Context(), batch(t, s)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := s.Head(t.Context()); errors.Is(err, memory.ErrCrashed) != c.dead {
				t.Errorf("the handle answers %v", err)
			}
			if h := head(t, d.Open()); h.Seq != c.written {
				t.Errorf("head at %d, want %d", h.Seq, c.written)
			}
		})
	}
}

func TestCrashKillsHandlesAndKeepsCommits(t *testing.T) {
	d := memory.NewDisk(memory.Options{})
	s := d.Open()
	next := batch(t, s)
	if err := s.Commit(t.Context(), batch(t, s)); err != nil {
		t.Fatal(err)
	}
	d.Crash()
	if err := s.Commit(t.Context(), next); !errors.Is(err, memory.ErrCrashed) {
		t.Errorf("a dead process commits: %v", err)
	}
	if h := head(t, d.Open()); h.Seq != 1 {
		t.Errorf("head at %d", h.Seq)
	}
}

func TestASlowDiskWaitsBeforeItWrites(t *testing.T) {
	tooLong := errors.New("too long")
	var ops []memory.Op
	d := memory.NewDisk(memory.Options{Wait: func(_ context.Context, op memory.Op) error { ops = append(ops, op); return tooLong }})
	s := d.Open()
	if err := s.Commit(t.Context(), batch(t, s)); !errors.Is(err, tooLong) {
		t.Errorf("got %v", err)
	}
	if h := head(t, s); h.Seq != 0 || len(ops) != 1 || ops[0] != memory.OpCommit {
		t.Errorf("head at %d, waited for %v", h.Seq, ops)
	}
}

func TestLeasesFollowTheGivenClock(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := memory.NewDisk(memory.Options{Now: func() time.Time { return now }}).Open()
	if h := head(t, s); h.Epoch != uint64(now.UnixMilli()) {
		t.Errorf("epoch %d", h.Epoch)
	}
	if _, err := s.TakeLease(t.Context(), store.WriterLease, "n1", "", time.Minute); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute - time.Microsecond)
	if _, err := s.TakeLease(t.Context(), store.WriterLease, "n2", "", time.Minute); !errors.Is(err, store.ErrLeaseHeld) {
		t.Errorf("taken a microsecond early: %v", err)
	}
	now = now.Add(time.Microsecond)
	if l, err := s.TakeLease(t.Context(), store.WriterLease, "n2", "", time.Minute); err != nil || l.Term != 2 {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestTheCallerMayReuseItsBuffers(t *testing.T) {
	s := memory.NewDisk(memory.Options{}).Open()
	b := batch(t, s)
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	b.Entries[0].Body[0] = 'X'
	err := s.Feed(t.Context(), 0, 1, func(e *store.Entry) bool {
		if string(e.Body) != "body" {
			t.Errorf("got %q", e.Body)
		}
		return true
	})
	if err != nil {
		t.Error(err)
	}
}

func batch(t *testing.T, s store.Store) *store.Batch {
	h := head(t, s)
	return &store.Batch{Base: h.Position, Term: h.Term, Entries: []store.Entry{{Property: "ams", Revision: h.Seq + 1, Body: []byte("body")}}}
}

func head(t *testing.T, s store.Store) store.Head {
	t.Helper()
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}
