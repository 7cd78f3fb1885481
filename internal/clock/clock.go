// Package clock lets time be a value that is given (S36): the real one in production, one that a test moves by hand elsewhere. The core
// takes instants as parameters; what waits takes a Clock.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time and makes timers.
type Clock interface {
	// Now answers the present instant, in UTC.
	Now() time.Time
	// NewTimer answers a timer that fires once after d.
	NewTimer(d time.Duration) Timer
}

// Timer fires once on C; Reset arms it again.
type Timer interface {
	C() <-chan time.Time
	Reset(d time.Duration)
	Stop()
}

// Real answers the machine's clock.
func Real() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time                 { return time.Now().UTC() }
func (realClock) NewTimer(d time.Duration) Timer { return realTimer{time.NewTimer(d)} }

type realTimer struct{ t *time.Timer }

func (r realTimer) C() <-chan time.Time   { return r.t.C }
func (r realTimer) Reset(d time.Duration) { r.t.Reset(d) }
func (r realTimer) Stop()                 { r.t.Stop() }

// Manual is a clock that stands still until it is moved. The zero value is not usable: see NewManual.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*manualTimer]struct{}
}

// NewManual answers a clock that shows an instant.
func NewManual(now time.Time) *Manual {
	return &Manual{now: now.UTC(), timers: map[*manualTimer]struct{}{}}
}

// Now answers what it was moved to.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Move moves it on by d and fires what became due.
func (m *Manual) Move(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	for t := range m.timers {
		t.fire()
	}
}

// NewTimer answers a timer that fires when the clock was moved by d or more.
func (m *Manual) NewTimer(d time.Duration) Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &manualTimer{clock: m, c: make(chan time.Time, 1), at: m.now.Add(d)}
	m.timers[t] = struct{}{}
	t.fire()
	return t
}

type manualTimer struct {
	clock *Manual
	c     chan time.Time
	at    time.Time
}

// fire delivers and disarms if the timer is due. The clock's lock is held.
func (t *manualTimer) fire() {
	if t.at.After(t.clock.now) {
		return
	}
	delete(t.clock.timers, t)
	select {
	case t.c <- t.clock.now:
	default:
	}
}

func (t *manualTimer) C() <-chan time.Time { return t.c }

func (t *manualTimer) Reset(d time.Duration) {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	select {
	case <-t.c:
	default:
	}
	t.at = t.clock.now.Add(d)
	t.clock.timers[t] = struct{}{}
	t.fire()
}

func (t *manualTimer) Stop() {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	delete(t.clock.timers, t)
}
