package clock

import (
	"testing"
	"time"
)

func TestManualTimerFiresOnceWhenMovedPastIt(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	c := NewManual(start)
	timer := c.NewTimer(time.Minute)
	c.Move(59 * time.Second)
	requireSilent(t, timer)
	c.Move(time.Second)
	if at := <-timer.C(); !at.Equal(start.Add(time.Minute)) {
		t.Fatalf("fired at %s", at)
	}
	c.Move(time.Hour)
	requireSilent(t, timer)
}

func TestManualTimerCanBeResetAndStopped(t *testing.T) {
	c := NewManual(time.Unix(0, 0))
	timer := c.NewTimer(time.Minute)
	timer.Stop()
	c.Move(time.Hour)
	requireSilent(t, timer)
	timer.Reset(time.Second)
	c.Move(time.Second)
	<-timer.C()
	timer.Reset(0)
	<-timer.C()
}

func requireSilent(t *testing.T, timer Timer) {
	t.Helper()
	select {
	case <-timer.C():
		t.Fatal("fired")
	default:
	}
}
