package hub

import (
	"errors"
	"testing"
	"time"
)

func TestTheAgeOfTheOldestUnsavedChangeIsTold(t *testing.T) {
	c := newCrowd(t, Limits{Checkpoint: 10 * time.Second})
	since := func() int64 { return c.m.metrics.DirtySince.Load() }
	if since() != 0 {
		t.Fatal("something is unsaved in an empty hub")
	}
	c.send("pms")
	for c.finish() {
	}
	first := c.m.now
	if since() != first.UnixNano() {
		t.Fatalf("%d, want %d", since(), first.UnixNano())
	}
	c.m.now = first.Add(3 * time.Second)
	c.send("pms") // of another property
	for c.finish() {
	}
	if since() != first.UnixNano() {
		t.Error("a later change made the oldest younger")
	}
	slice := func(err error) {
		t.Helper()
		c.m.now = c.m.now.Add(20 * time.Second)
		c.step(Tick{})
		if !c.m.lane {
			t.Fatal("no slice is written")
		}
		c.step(PagesPut{Err: err})
	}
	slice(errors.New("store: full"))
	if since() != first.UnixNano() {
		t.Error("what could not be written counts as written")
	}
	slice(nil)
	if since() != 0 {
		t.Errorf("all is written, and %d is told", since())
	}
}
