package hub

import (
	"container/heap"
	"encoding/hex"
	"errors"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// dueItem says when a property's picture has next to be told of the time (S28).
type dueItem struct {
	at time.Time
	p  *property
}

// dueHeap is a heap of them, the soonest first, by code among equals. An item that its property no longer stands by is passed over.
type dueHeap []dueItem

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].p.code < h[j].p.code
	}
	return h[i].at.Before(h[j].at)
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(dueItem)) }
func (h *dueHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// errNotDue: what was due was done meanwhile.
var errNotDue = errors.New("not due")

// scheduleAll looks at every property: a new writer has what the old one left.
func (m *machine) scheduleAll() {
	m.due = m.due[:0]
	for _, p := range m.w.sorted() {
		p.dueAt = time.Time{}
		m.schedule(p)
	}
}

// schedule puts a property's next instant on the heap.
func (m *machine) schedule(p *property) {
	if m.role != writer || p.code == ari.HubProperty || !p.known || p == m.nowhere || p.broken != "" || p.pic.Revision() == 0 {
		return
	}
	at := p.pic.NextDue()
	if at.Equal(p.dueAt) {
		return
	}
	p.dueAt = at
	heap.Push(&m.due, dueItem{at, p})
}

// enqueueDue queues the system's updates of what is due, at most a batch of them.
func (m *machine) enqueueDue() {
	for n := 0; n < m.lim.Batch && len(m.due) > 0 && !m.due[0].at.After(m.now); {
		item := heap.Pop(&m.due).(dueItem)
		p := item.p
		if !item.at.Equal(p.dueAt) {
			continue
		}
		p.dueAt = time.Time{}
		u := p.pic.Due(m.now)
		if u == nil {
			m.scheduleLater(p)
			continue
		}
		m.enqueue(m.systemCall(p, u, &item))
		n++
	}
}

// dueAgain keeps a property whose next instant has passed without anything to do from being looked at all the time.
const dueAgain = time.Minute

func (m *machine) scheduleLater(p *property) {
	at := p.pic.NextDue()
	if !at.After(m.now) {
		at = m.now.Add(dueAgain)
	}
	p.dueAt = at
	heap.Push(&m.due, dueItem{at, p})
}

// messageIDMax bounds the system's ids, which name all that they do.
const messageIDMax = 120

func (m *machine) systemCall(p *property, u *ari.Update, item *dueItem) *Call {
	if len(u.MessageID) > messageIDMax {
		h := HashContent([]byte(u.MessageID))
		u.MessageID = "time:" + hex.EncodeToString(h[:])
	}
	s := &Submission{Update: *u, Identity: Identity{ID: u.MessageID, Strict: true, Content: HashContent([]byte(u.MessageID))}}
	c := newCall(s, m.now, m.ids)
	c.prop, c.due, c.replay = p, item, true
	return c
}

// stillDue looks again once the call's turn has come: its update is made afresh from the picture as it is now.
func (m *machine) stillDue(c *Call) bool {
	if c.prop.draft.Pending() {
		return true // judged after others of its batch: Alone sends it to the next, where it is looked at again
	}
	u := c.prop.pic.Due(m.now)
	if u == nil {
		return false
	}
	u.MessageID = c.sub.Update.MessageID
	c.sub.Update = *u
	return true
}
