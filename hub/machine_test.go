package hub

import (
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// A panic on a message is caught and answered as our error, its raw copy kept; after the second time it is not judged again (S27). The others of
// its batch go on.
func TestAMessageThatPanicsIsRecordedAndQuarantined(t *testing.T) {
	m := newMachine(&Options{Limits: simLimits()}, &ids{random: rand.NewChaCha8([32]byte{})}, &Metrics{})
	m.w, m.role, m.now = newWorld(&m.lim), writer, simStart
	m.pruneAt, m.bumpAt = m.now.Add(time.Hour), m.now.Add(time.Hour)
	p := newProperty("BAD")
	p.pic = new(ari.Picture) // a broken invariant: judging meets what cannot be
	m.w.add(p)
	submit := func() (*Call, []Effect) {
		s := &Submission{
			Identity: Identity{ID: "x", Content: HashContent([]byte("x"))}, Message: &store.Message{Raw: []byte("raw")},
			Update: ari.Update{Property: "BAD", Connection: "pms", Objects: []ari.ObjectOp{{Kind: ari.KindProperty, Code: "BAD", Body: []byte("{")}},
				Statements: []ari.Statement{{Verb: ari.Set, Field: ari.Count(ari.Net)}}},
		}
		c := newCall(s, m.now, m.ids)
		return c, m.Step(m.now, Submitted{[]*Call{c}})
	}
	for round := range 3 {
		c, effects := submit()
		var commit *store.Batch
		for _, e := range effects {
			switch e := e.(type) {
			case ReadKeys:
				effects = m.Step(m.now, KeysRead{Look: e.Look})
				for _, e := range effects {
					if x, ok := e.(Commit); ok {
						commit = x.Batch
					}
				}
			case Commit:
				commit = e.Batch
			}
		}
		if commit == nil || len(commit.Messages) != 1 || commit.Messages[0].Verdict != VerdictFailed || string(commit.Messages[0].Raw) != "raw" || len(commit.Keys) != 0 {
			t.Fatalf("round %d: %+v", round, commit)
		}
		m.Step(m.now, Committed{})
		m.Step(m.now, Submitted{})
		if !errors.Is(c.err, ErrInternal) {
			t.Fatalf("round %d: %v", round, c.err)
		}
	}
	if n := m.metrics.Panics.Load(); n != panicsMax {
		t.Fatalf("judged %d times, want %d", n, panicsMax)
	}
}

func TestIDsSortByTimeAndNeverGoBackwards(t *testing.T) {
	g := &ids{random: rand.NewChaCha8(sha256.Sum256([]byte("ids")))}
	last := ""
	for i := range 10_000 {
		id := g.next("msg_", simStart.Add(time.Duration(i/7)*time.Millisecond))
		if len(id) != 30 || !strings.HasPrefix(id, "msg_") || id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}

// The filter never says no to a key that was added; of others, few are maybes.
func TestTheFilterKnowsEveryKey(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	hash := func() (h store.KeyHash) {
		for i := range h {
			h[i] = byte(rnd.Uint32())
		}
		return h
	}
	f := &filter{}
	h := hash()
	if !f.maybe(h) {
		t.Fatal("a filter that was not built must not rule anything out")
	}
	f.old = newBloom(50_000)
	var known []store.KeyHash
	for i := range 100_000 {
		h := hash()
		known = append(known, h)
		if i < 50_000 {
			f.old.add(h)
		} else {
			f.add(int32(i/20_000), h)
		}
	}
	for _, h := range known {
		if !f.maybe(h) {
			t.Fatal("a key is not known")
		}
	}
	maybes := 0
	for range 100_000 {
		if f.maybe(hash()) {
			maybes++
		}
	}
	if maybes > 2_000 {
		t.Fatalf("%d of 100000 unknown keys are maybes", maybes)
	}
	f.drop(1 << 20)
	if f.maybe(known[99_999]) {
		t.Fatal("a dropped bucket is still known")
	}
}

func TestRecentForgetsTheOldestFirst(t *testing.T) {
	r := newRecent(3)
	key := func(i byte) store.KeyHash { return store.KeyHash{i} }
	for i := range byte(5) {
		r.add(key(i), outcome{revision: int64(i)})
	}
	for i := range byte(5) {
		if o, ok := r.get(key(i)); ok != (i >= 2) || ok && o.revision != int64(i) {
			t.Errorf("%d: %+v %v", i, o, ok)
		}
	}
}
