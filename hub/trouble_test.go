package hub_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
)

// troubled is a store whose commits do what a test says.
type troubled struct {
	store.Store
	commit func(b *store.Batch) error // nil: none
}

func (s *troubled) Commit(ctx context.Context, b *store.Batch) error {
	if err := s.commit(b); err != nil {
		return err
	}
	return s.Store.Commit(ctx, b)
}

// One update that a store will not take must not take the others of its batch with it.
func TestAnUpdateThatTheStoreRefusesFailsAlone(t *testing.T) {
	st := &troubled{Store: memory.NewDisk(memory.Options{}).Open(), commit: func(b *store.Batch) error {
		for i := range b.Entries {
			if b.Entries[i].MessageID == "poison" {
				return fmt.Errorf("%w: poison", store.ErrInvalid)
			}
		}
		return nil
	}}
	r := run(t, hub.Options{Store: st})
	r.hotel("ROM1")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s := counts("ROM1", "DBL", i, 1, int64(i))
			s.Update.MessageID = fmt.Sprint("m", i)
			if i == 7 {
				s.Update.MessageID = "poison"
			}
			if _, err := r.Submit(t.Context(), s); (err != nil) != (i == 7) || i == 7 && !errors.Is(err, hub.ErrInternal) {
				t.Errorf("update %d: %v", i, err)
			}
		}()
	}
	wg.Wait()
}

// A full disk is answered as busy; nothing was applied, and the same again is taken once there is room.
func TestAFullDiskIsAnsweredAsBusyAndLosesNothing(t *testing.T) {
	var full atomic.Bool
	st := &troubled{Store: memory.NewDisk(memory.Options{}).Open(), commit: func(*store.Batch) error {
		if full.Load() {
			return store.ErrFull
		}
		return nil
	}}
	r := run(t, hub.Options{Store: st})
	r.hotel("ROM1")
	full.Store(true)
	before := r.digest("ROM1")
	var busy *hub.BusyError
	if _, err := r.Submit(t.Context(), counts("ROM1", "DBL", 0, 3, 4)); !errors.As(err, &busy) || busy.RetryAfter <= 0 {
		t.Fatalf("with a full disk: %v", err)
	}
	if r.digest("ROM1") != before {
		t.Fatal("the picture changed")
	}
	full.Store(false)
	if rec := r.must(counts("ROM1", "DBL", 0, 3, 4)); rec.Verdict != hub.VerdictApplied {
		t.Fatalf("%+v", rec)
	}
}

// While the store is slow the queues fill up to their bounds, and no further; what was taken in is answered in the end.
func TestFullQueuesRefuseAndShedNothing(t *testing.T) {
	gate, waits := make(chan struct{}), make(chan struct{}, 100)
	var hold atomic.Bool
	st := &troubled{Store: memory.NewDisk(memory.Options{}).Open(), commit: func(*store.Batch) error {
		if hold.Load() {
			waits <- struct{}{}
			<-gate
		}
		return nil
	}}
	r := run(t, hub.Options{Store: st, Limits: hub.Limits{Queue: 30, QueueProperty: 10, Batch: 8, BatchProperty: 8}})
	r.hotel("ROM1")
	r.hotel("ROM2")
	hold.Store(true)
	results := make(chan error, 100)
	submit := func(code string) {
		_, err := r.Submit(context.Background(), counts(code, "DBL", 0, 3, 4))
		results <- err
	}
	go submit("ROM1")
	<-waits // a commit is under way
	for range 14 {
		go submit("ROM1")
	}
	var busy *hub.BusyError
	for range 4 { // the property's queue holds 10
		if err := <-results; !errors.As(err, &busy) || busy.Property != "ROM1" {
			t.Fatalf("a full queue of a property: %v", err)
		}
	}
	if err := r.Busy("ROM1"); !errors.As(err, &busy) {
		t.Fatalf("told ahead: %v", err)
	}
	if err := r.Busy("ROM2"); err != nil {
		t.Fatalf("another property: %v", err)
	}
	hold.Store(false)
	close(gate)
	for range 11 {
		if err := <-results; err != nil {
			t.Fatalf("taken in, then %v", err)
		}
	}
}

// A graceful stop refuses what is new, and commits what was taken in.
func TestAGracefulStopCommitsWhatWasTakenIn(t *testing.T) {
	disk := memory.NewDisk(memory.Options{})
	r := run(t, hub.Options{Store: disk.Open()})
	r.hotel("ROM1")
	var wg sync.WaitGroup
	var taken atomic.Int64
	for i := range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := r.Submit(context.Background(), counts("ROM1", "DBL", i, 1, int64(1+i)))
			switch {
			case err == nil:
				taken.Add(1)
			case !errors.Is(err, hub.ErrClosing):
				t.Errorf("submit %d: %v", i, err)
			}
		}()
	}
	r.stop()
	wg.Wait()
	if _, err := r.Submit(t.Context(), counts("ROM1", "DBL", 0, 1, 1)); !errors.Is(err, hub.ErrClosing) {
		t.Fatalf("after the stop: %v", err)
	}
	r = run(t, hub.Options{Store: disk.Open()})
	items, err := r.History(t.Context(), "ROM1", 0, 1000, func(e *ari.Entry) bool { return e.Connection == "pms" })
	if err != nil || int64(len(items)) != taken.Load() {
		t.Fatalf("%d in the history, %d acknowledged, %v", len(items), taken.Load(), err)
	}
}

func TestACallerWhoStopsWaitingIsLetGo(t *testing.T) {
	gate := make(chan struct{})
	var hold atomic.Bool
	st := &troubled{Store: memory.NewDisk(memory.Options{}).Open(), commit: func(*store.Batch) error {
		if hold.Load() {
			<-gate
		}
		return nil
	}}
	r := run(t, hub.Options{Store: st})
	r.hotel("ROM1")
	hold.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := r.Submit(ctx, counts("ROM1", "DBL", 0, 3, 4)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	hold.Store(false)
	close(gate)
	r.must(counts("ROM1", "DBL", 0, 3, 5))
}
