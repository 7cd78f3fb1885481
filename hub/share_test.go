package hub

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// crowd is a machine that writes, to which senders send; its commits end when the test says so. Nothing waits and nothing is random.
type crowd struct {
	t      *testing.T
	m      *machine
	commit *store.Batch // under way
	sent   int
}

func newCrowd(t *testing.T, lim Limits) *crowd {
	t.Helper()
	lim.fill(DefaultLimits())
	m := newMachine(&Options{Limits: lim}, &ids{random: rand.NewChaCha8([32]byte{})}, &Metrics{})
	m.w, m.role, m.now = newWorld(&m.lim), writer, simStart
	m.pruneAt, m.bumpAt = m.now.Add(time.Hour), m.now.Add(time.Hour)
	return &crowd{t: t, m: m}
}

func (c *crowd) step(e Event) {
	for _, effect := range c.m.Step(c.m.now, e) {
		if x, ok := effect.(Commit); ok {
			c.commit = x.Batch
		}
	}
}

// send sends an update of one of many hotels, each new or known.
func (c *crowd) send(client string) *Call {
	c.t.Helper()
	code := fmt.Sprintf("H%03d", c.sent%100)
	c.sent++
	body := fmt.Sprintf(`{"code":%q,"name":"%d","time_zone":"UTC","currency":"EUR"}`, code, c.sent)
	call := newCall(&Submission{Update: ari.Update{Property: code, By: ari.Author{Kind: ari.ByClient, ID: client},
		Objects: []ari.ObjectOp{{Kind: ari.KindProperty, Code: code, Body: []byte(body)}}}}, c.m.now, c.m.ids)
	c.step(Submitted{[]*Call{call}})
	return call
}

// flood sends until the client is refused, and answers how many were taken in.
func (c *crowd) flood(client string) int {
	c.t.Helper()
	for n := range 100_000 {
		call := c.send(client)
		if call.err == nil {
			continue
		}
		var busy *BusyError
		if !errors.As(call.err, &busy) || busy.Sender != client || busy.RetryAfter <= 0 {
			c.t.Fatalf("refused with %v, want its share of the queue", call.err)
		}
		return n
	}
	c.t.Fatal("never refused")
	return 0
}

// finish ends the commit under way; it answers false if there is none.
func (c *crowd) finish() bool {
	if c.commit == nil {
		return false
	}
	c.commit = nil
	c.step(Committed{})
	if c.commit == nil {
		c.step(Submitted{}) // the loop looks again
	}
	return true
}

func TestOneSenderCannotFillTheQueue(t *testing.T) {
	c := newCrowd(t, Limits{Queue: 1000, QueueProperty: 1000})
	if n := c.flood("greedy"); n != 800 {
		t.Errorf("%d of 1000 taken in from one alone, want 800", n)
	}
	if call := c.send("modest"); call.err != nil {
		t.Fatalf("another: %v", call.err)
	}
	second := c.flood("second")
	if second < 100 || second > 200 {
		t.Errorf("%d taken in from a second greedy one", second)
	}
	if call := c.send("late"); call.err != nil {
		t.Errorf("a third: %v", call.err)
	}
	if n := c.m.metrics.SenderBusy.Load(); n != 2 || c.m.metrics.Busy.Load() != 0 {
		t.Errorf("counted %d and %d", n, c.m.metrics.Busy.Load())
	}
}

// Who sends little is answered within the commits that what was there before takes, however much another sends meanwhile.
func TestAModestSenderIsServedBesideAGreedyOne(t *testing.T) {
	lim := Limits{Queue: 1000, QueueProperty: 1000, Batch: 50, BatchProperty: 10}
	c := newCrowd(t, lim)
	c.flood("greedy")
	for round := range 20 {
		call := c.send("modest")
		if call.err != nil {
			t.Fatalf("round %d: %v", round, call.err)
		}
		commits := 0
		for !isDone(call) {
			if !c.finish() {
				t.Fatal("nothing is under way")
			}
			commits++
			c.flood("greedy") // fills up what came free
		}
		if most := lim.Queue/lim.Batch + 2; commits > most {
			t.Errorf("round %d: answered after %d commits, want at most %d", round, commits, most)
		}
	}
}

// isDone tells whether a call was answered: its effect is the loop's to carry out, so that its receipt is what shows it here.
func isDone(c *Call) bool { return c.from == nil && (c.receipt.Verdict != "" || c.err != nil) }

func TestSharesComeBackWhenCallsAreAnswered(t *testing.T) {
	c := newCrowd(t, Limits{Queue: 100, QueueProperty: 100})
	first := c.flood("greedy")
	for c.finish() {
	}
	if c.m.counted != 0 || c.m.senders[ari.Author{Kind: ari.ByClient, ID: "greedy"}].calls != 0 {
		t.Fatalf("%d still counted", c.m.counted)
	}
	if again := c.flood("greedy"); again != first {
		t.Errorf("%d taken in after, %d before", again, first)
	}
	for i := range 3 * sendersMax {
		for c.finish() {
		}
		c.send(fmt.Sprint("one of many ", i))
	}
	if len(c.m.senders) > sendersMax+1 {
		t.Errorf("%d senders are kept", len(c.m.senders))
	}
}

func TestWhatTimeCausesHasNoShare(t *testing.T) {
	c := newCrowd(t, Limits{Queue: 100, QueueProperty: 100})
	c.flood("greedy")
	call := newCall(&Submission{Update: ari.Update{Property: "H001", By: ari.Author{Kind: ari.BySystem, ID: "day"}, Day: 20_000}}, c.m.now, c.m.ids)
	c.step(Submitted{[]*Call{call}})
	if call.err != nil || call.from != nil {
		t.Errorf("%v %v", call.err, call.from)
	}
}
