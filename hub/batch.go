package hub

import (
	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// batchState says what a batch waits for.
type batchState uint8

const (
	batchLooking batchState = iota // for the store's word on keys that may be known
	batchCommitting
)

// batch is one transaction in the making, or under way. There is at most one.
type batch struct {
	state batchState
	plan  []planned
	known map[store.KeyHash]outcome // what the store knows of keys looked up

	out     store.Batch
	ownRows int     // of out.Rows: those that no call brought
	calls   []*Call // judged, in order: answered together
	entries []*ari.Entry
	bytes   int
	way     Way
	arena   []byte // bodies of entries, one after the other
	details []byte // of messages, likewise
	byKey   map[store.KeyHash]*Call

	waiting, overtaken []waitingRef // replaces
}

// planned is how many calls of a property are taken.
type planned struct {
	p *property
	n int
}

// startBatch drains what is queued, at most a batch: no timer, the store's own pace makes the groups. It answers whether the lane has
// work or should be looked at again.
func (m *machine) startBatch() bool {
	if !m.closing {
		m.enqueueDue()
	}
	if m.queued == 0 && len(m.rows) == 0 {
		m.settleReady()
		return false
	}
	m.batch = &batch{}
	hashes := m.plan(m.batch)
	if len(hashes) > 0 {
		m.metrics.KeyLookups.Add(int64(len(hashes)))
		return m.doLane(ReadKeys{hashes})
	}
	return m.judgeBatch()
}

// plan chooses properties in turn, and answers the keys that the store must be asked for.
func (m *machine) plan(b *batch) []store.KeyHash {
	var hashes []store.KeyHash
	left := m.lim.Batch
	if m.narrow > 0 {
		left, m.narrow = 1, m.narrow-1
	}
	for _, p := range m.ring {
		n := min(len(p.queue), m.lim.BatchProperty, left)
		if n == 0 {
			break
		}
		left -= n
		b.plan = append(b.plan, planned{p, n})
		for _, c := range p.queue[:n] {
			if !c.keyed {
				continue
			}
			if _, ok := m.recent.get(c.key); !ok && m.filter.maybe(c.key) {
				hashes = append(hashes, c.key)
			}
		}
	}
	return hashes
}

func (m *machine) keysRead(ev KeysRead) {
	if m.batch == nil {
		return // stepped down meanwhile
	}
	if ev.Err != nil {
		m.batch = nil
		m.storeTrouble("read keys", ev.Err)
		m.refuseAll(m.busy(""))
		return
	}
	m.batch.known = ev.Known
	m.metrics.KeysKnown.Add(int64(len(ev.Known)))
	m.judgeBatch()
}

// judgeBatch judges what was planned and commits it.
func (m *machine) judgeBatch() bool {
	b := m.batch
	b.way.Judged = m.now
	b.byKey = make(map[store.KeyHash]*Call, m.sizes[0])
	b.arena, b.details, b.calls = make([]byte, 0, m.sizes[1]*9/8), make([]byte, 0, m.sizes[2]*9/8), make([]*Call, 0, m.sizes[0]*9/8)
	b.out = store.Batch{
		Base: m.w.position(), Term: m.term, Rows: m.rows,
		Entries: make([]store.Entry, 0, m.sizes[0]), Keys: make([]store.Key, 0, m.sizes[0]), Messages: make([]store.Message, 0, m.sizes[0]),
	}
	b.ownRows, m.rows = len(m.rows), nil
	for i := range b.plan {
		m.judgeProperty(b, &b.plan[i])
	}
	m.turnRing(len(b.plan))
	m.batchSizes(b)
	m.metrics.BatchUpdates.Observe(float64(len(b.calls)))
	if b.empty() {
		m.finishBatch(b)
		return true
	}
	b.state = batchCommitting
	return m.doLane(Commit{&b.out})
}

// batchSizes remembers how large a batch was: the next one's memory is made in one piece.
func (m *machine) batchSizes(b *batch) {
	m.sizes = [3]int{max(len(b.calls), m.sizes[0]*7/8), max(len(b.arena), m.sizes[1]*7/8), max(len(b.details), m.sizes[2]*7/8)}
}

func (b *batch) empty() bool {
	o := &b.out
	return len(o.Entries)+len(o.Keys)+len(o.Objects)+len(o.Messages)+len(o.Rows) == 0
}

// judgeProperty judges the calls of one property in order, through one draft, until one must wait for the next batch.
func (m *machine) judgeProperty(b *batch, pl *planned) {
	p := pl.p
	p.draft = nil
	if p != m.nowhere {
		p.draft = p.pic.Draft()
	}
	n := 0
	for n < pl.n && b.bytes < m.lim.BatchBytes && m.judge(b, p.queue[n]) {
		n++
	}
	p.draft = nil
	m.dequeue(p, n)
	if !p.known && len(p.queue) == 0 && len(p.folds) == 0 {
		delete(m.provisional, p.code)
	}
}

// turnRing moves the first n properties of the ring behind the others; those without calls leave it.
func (m *machine) turnRing(n int) {
	planned := m.ring[:n:n]
	m.ring = append([]*property{}, m.ring[n:]...)
	for _, p := range planned {
		if len(p.queue) > 0 {
			m.ring = append(m.ring, p)
		}
	}
}

// orphan names a call whose commit may have happened, by what its entry tells of it.
type orphan struct{ property, messageID string }

// requeue puts the calls of a batch that was not committed back where they were. Those with an identity find their key if the commit comes to
// light after all; the others are known by their message id.
func (m *machine) requeue(calls []*Call) {
	for i := len(calls) - 1; i >= 0; i-- {
		c := calls[i]
		if !c.keyed && c.entry != nil {
			m.orphans[orphan{c.entry.Property, c.entry.MessageID}] = c
		}
		c.entry, c.first, c.err = nil, nil, nil
		c.receipt = Receipt{MessageID: c.receipt.MessageID, Property: c.receipt.Property}
		m.find(c)
		p := c.prop
		if len(p.queue) == 0 {
			m.ring = append(m.ring, p)
		}
		p.queue = append([]*Call{c}, p.queue...)
		p.queued.Store(int32(len(p.queue)))
		m.queued++
	}
}
