// Package memory is a store for simulation: it keeps a Disk in memory, and crashes, loses answers of commits, runs full or waits when it is
// told to (S36). It passes the same suite as the others. Nothing in it depends on the order of a map or on the wall clock, if Options.Now
// is given. It is no store for production: a Disk dies with its process.
package memory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ratewire/ratewire/store"
)

// ErrCrashed is what every call on a handle answers after its Disk crashed: open another, as a restarted process would.
var ErrCrashed = errors.New("memory: crashed")

// Op names an operation that writes, for Options.Fault.
type Op string

// The operations that write.
const (
	OpCommit Op = "commit"
	OpPages  Op = "pages"
	OpLease  Op = "lease"
	OpMeta   Op = "meta"
	OpEpoch  Op = "epoch"
	OpPrune  Op = "prune"
)

// Fault is what goes wrong with one operation.
type Fault uint8

// The faults.
const (
	None        Fault = iota
	Full              // no space left: nothing is written, store.ErrFull
	LostBefore        // nothing is written, but the caller cannot know: store.ErrUnknown
	LostAfter         // all is written, but the answer is lost: store.ErrUnknown
	CrashBefore       // the process dies before the write: every handle on the Disk is dead
	CrashAfter        // it dies after the write, before the answer
)

// Options are of a Disk. The zero value is a good disk on the wall clock.
type Options struct {
	// Now is the database's clock. Default time.Now.
	Now func() time.Time
	// Fault is asked once before each operation that writes. Default: none. It must not call the store.
	Fault func(Op) Fault
	// Wait is called before each operation that writes, where a slow disk would take its time; its error ends the operation with nothing
	// written. Default: no wait. It must not call the store.
	Wait func(context.Context, Op) error
}

// Disk is what survives a crash.
type Disk struct {
	o     Options
	mu    sync.Mutex
	boots int64 // handles of an earlier boot are dead
	state state
	syncs int64
}

// NewDisk answers an empty disk, in an epoch of its own.
func NewDisk(o Options) *Disk {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Disk{o: o, state: newState()}
	d.state.Head = store.Head{FirstSeq: 1}
	d.state.Head.Epoch = uint64(max(1, o.Now().UnixMilli()))
	return d
}

// Crash kills every handle, as if the power went: what was committed stays, what was under way is lost.
func (d *Disk) Crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.boots++
}

// Open answers a handle on the disk.
func (d *Disk) Open() *Store {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Store{disk: d, boot: d.boots}
}

// Store is a handle on a Disk.
type Store struct {
	disk   *Disk
	boot   int64
	closed bool // guarded by disk.mu
}

var _ store.Store = (*Store)(nil)

// alive answers an error if the handle is dead. The caller holds the disk's lock.
func (s *Store) alive() error {
	switch {
	case s.boot != s.disk.boots:
		return ErrCrashed
	case s.closed:
		return errors.New("memory: closed")
	}
	return nil
}

// view runs f on the state; it copies what it needs, calls of the caller come after.
func (s *Store) view(ctx context.Context, f func(*state) error) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := errors.Join(s.alive(), ctx.Err()); err != nil {
		return err
	}
	return f(&s.disk.state)
}

// change runs one operation that writes, with the fault that is due: check answers whether it would be allowed, apply does it and cannot fail.
func (s *Store) change(ctx context.Context, op Op, check func(*state) error, apply func(*state)) error {
	if err := s.wait(ctx, op); err != nil {
		return err
	}
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := errors.Join(s.alive(), ctx.Err()); err != nil {
		return err
	}
	fault := None
	if s.disk.o.Fault != nil {
		fault = s.disk.o.Fault(op)
	}
	return s.disk.write(fault, check, apply)
}

func (s *Store) wait(ctx context.Context, op Op) error {
	if s.disk.o.Wait == nil {
		return nil
	}
	return s.disk.o.Wait(ctx, op)
}

// write does one change under a fault.
func (d *Disk) write(fault Fault, check func(*state) error, apply func(*state)) error {
	switch fault {
	case Full:
		return store.ErrFull
	case LostBefore:
		return fmt.Errorf("%w: the connection was lost", store.ErrUnknown)
	case CrashBefore:
		d.boots++
		return fmt.Errorf("%w: %w", store.ErrUnknown, ErrCrashed)
	}
	if err := check(&d.state); err != nil {
		return err
	}
	apply(&d.state)
	d.syncs++
	switch fault {
	case LostAfter:
		return fmt.Errorf("%w: the connection was lost", store.ErrUnknown)
	case CrashAfter:
		d.boots++
		return fmt.Errorf("%w: %w", store.ErrUnknown, ErrCrashed)
	}
	return nil
}

// Syncs implements store.Store: one for each change.
func (s *Store) Syncs(context.Context) (int64, bool) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.disk.syncs, true
}

// Describe implements store.Store.
func (s *Store) Describe() string { return "memory (for simulation)" }

// Close implements store.Store.
func (s *Store) Close() error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	s.closed = true
	return nil
}
