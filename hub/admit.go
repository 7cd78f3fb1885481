package hub

import (
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Call is one submission on its way through the machine.
type Call struct {
	sub     *Submission
	arrived time.Time
	key     store.KeyHash
	id      store.KeyHash // of its id alone, where that may be used again (S19)
	keyed   bool          // it has an identity
	strict  bool

	ifMatch *objectMatch // of PutObject
	rows    []store.Row  // to be written with it: list items it takes away
	due     *dueItem     // what time caused
	waits   string       // id of the waiting replace it releases or refuses
	replay  bool         // of a parked item: never too old, keeps its order (S20, S25)
	reread  bool         // too old: a re-read instead (S20)

	prop    *property
	from    *sender    // counted there while it is not answered; nil: not counted
	unsure  bool       // the store may know its key: it is being asked
	seen    int64      // how many keys were remembered when it was last found out whether the store knows its own
	known   *outcome   // what the store knows of its key
	landed  *ari.Entry // its entry, found in the feed after a commit of unknown outcome
	first   *Call      // the same identity, in the same batch
	entry   *ari.Entry
	receipt Receipt
	err     error
	done    chan struct{}
}

// objectMatch is an If-Match of one object: its revision; 0: any; -1: must not exist.
type objectMatch struct {
	key     objectKey
	version int64
	remove  bool // it is deleted: it must be there
}

// newCall fills in what does not depend on the picture. It runs in the caller's goroutine.
func newCall(s *Submission, now time.Time, g *ids) *Call {
	c := &Call{sub: s, arrived: now, done: make(chan struct{})}
	u := &s.Update
	if u.Received.IsZero() {
		u.Received = now
	}
	if u.MessageID == "" {
		u.MessageID = g.next("msg_", now)
	}
	completeMessage(s)
	s.Identity.Property = u.Property
	c.key, c.strict, c.keyed = keyOf(s)
	if c.keyed && !c.strict && s.Identity.ID != "" {
		c.id = idOf(s)
	}
	c.receipt.MessageID, c.receipt.Property = u.MessageID, u.Property
	return c
}

// admit takes calls in, within the bounds of S27: nothing accepted is shed, and what is refused here was not applied.
func (m *machine) admit(calls []*Call) {
	var refused []*Call
	for _, c := range calls {
		if c.err = m.refusal(c); c.err != nil {
			refused = append(refused, c)
			continue
		}
		m.countIn(c)
		m.enqueue(c)
	}
	m.answer(refused)
}

// refusal answers why a call cannot be taken in.
func (m *machine) refusal(c *Call) error {
	switch {
	case m.closing || m.role == stopped:
		return ErrClosing
	case m.role == loading || m.reload:
		return ErrNotReady
	case m.role == follower:
		return m.notWriter()
	case m.waits() >= m.lim.Queue:
		return m.busy("")
	}
	if by := &c.sub.Update.By; m.overShare(by) {
		m.metrics.SenderBusy.Add(1)
		return &BusyError{Sender: by.ID, RetryAfter: busyRetryAfter}
	}
	m.find(c)
	if m.waitsOf(c.prop) >= m.lim.QueueProperty && c.prop != m.nowhere {
		return m.busy(c.prop.code)
	}
	return nil
}

// waits answers how many updates wait for a transaction to take them: queued, or judged into the next.
func (m *machine) waits() int {
	if m.next == nil {
		return m.queued
	}
	return m.queued + len(m.next.calls)
}

// waitsOf is waits of one property.
func (m *machine) waitsOf(p *property) int {
	if m.next == nil || p.in != m.next {
		return len(p.queue)
	}
	return len(p.queue) + p.inCalls
}

// busyRetryAfter is what a full queue takes to drain, and then some.
const busyRetryAfter = time.Second

func (m *machine) busy(property string) error {
	m.metrics.Busy.Add(1)
	return &BusyError{Property: property, RetryAfter: busyRetryAfter}
}

// find gives the call its property: one that is known, one that is being made, or nowhere, where records without one are kept.
func (m *machine) find(c *Call) {
	code := c.sub.Update.Property
	if c.prop = m.w.property(code); c.prop != nil {
		return
	}
	if c.prop = m.provisional[code]; c.prop != nil {
		return
	}
	if code == ari.HubProperty || creates(&c.sub.Update) {
		c.prop = newProperty(code)
		m.provisional[code] = c.prop
		return
	}
	c.prop = m.nowhere
}

// creates tells whether the update makes its property.
func creates(u *ari.Update) bool {
	for i := range u.Objects {
		if o := &u.Objects[i]; o.Kind == ari.KindProperty && o.Body != nil {
			return true
		}
	}
	return false
}

func (m *machine) enqueue(c *Call) {
	p := c.prop
	if len(p.queue) == 0 {
		m.ring = append(m.ring, p)
	}
	p.queue = append(p.queue, c)
	p.queued.Store(int32(m.waitsOf(p)))
	m.queued++
	m.doubt(c)
}

// dequeue takes the first n calls of a property out; it stays in the ring only if more wait, as the last.
func (m *machine) dequeue(p *property, n int) {
	clear(p.queue[:n])
	if n == len(p.queue) && cap(p.queue) <= m.lim.QueueProperty {
		p.queue = p.queue[:0]
	} else if p.queue = p.queue[n:]; len(p.queue) == 0 {
		p.queue = nil
	}
	p.queued.Store(int32(m.waitsOf(p)))
	m.queued -= n
}

// answer hands calls back to their callers.
func (m *machine) answer(calls []*Call) {
	for _, c := range calls {
		m.countOut(c)
	}
	if len(calls) > 0 {
		m.do(Answer{calls})
	}
}

// refuseAll answers every call that waits with an error. Nothing of them was applied.
func (m *machine) refuseAll(err error) {
	var calls []*Call
	for _, p := range m.ring {
		for _, c := range p.queue {
			c.err = err
			calls = append(calls, c)
			if c.due != nil {
				m.schedule(p)
			}
		}
		m.dequeue(p, len(p.queue))
	}
	m.ring = m.ring[:0]
	m.forgetDoubts()
	clear(m.provisional)
	clear(m.orphans)
	m.answer(calls)
}
