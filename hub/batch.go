package hub

import (
	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// batch is one transaction in the making, or under way. While one is under way the next is filled: calls are judged as they come in, through
// drafts that know what is under way, so that the store need not wait for us (S34: none of it can be read before its commit).
type batch struct {
	limit int // calls
	props []*property

	out     store.Batch
	ownRows int     // of out.Rows: those that no call brought
	calls   []*Call // judged, in order: answered together
	entries []*ari.Entry
	of      []*property // whose entries they are
	bytes   int
	way     Way
	arena   []byte // bodies of entries, one after the other
	details []byte // of messages, likewise
	byKey   map[store.KeyHash]*Call

	waiting, overtaken []waitingRef // replaces
}

func (m *machine) newBatch() *batch {
	n := m.sizes[0]
	b := &batch{
		limit: m.lim.Batch, byKey: make(map[store.KeyHash]*Call, n), calls: make([]*Call, 0, n*9/8),
		arena: make([]byte, 0, m.sizes[1]*9/8), details: make([]byte, 0, m.sizes[2]*9/8),
	}
	b.out.Entries, b.out.Keys, b.out.Messages = make([]store.Entry, 0, n), make([]store.Key, 0, n), make([]store.Message, 0, n)
	if m.narrow > 0 {
		b.limit, m.narrow = 1, m.narrow-1
	}
	return b
}

// fill judges what is queued into the next batch: properties in turn, of each at most its share.
func (m *machine) fill() {
	if m.queued == 0 {
		return
	}
	if m.next == nil {
		m.next = m.newBatch()
	}
	n := 0
	for n < len(m.ring) && m.room(m.next) {
		m.judgeProperty(m.next, m.ring[n])
		n++
	}
	m.turnRing(n)
}

func (m *machine) room(b *batch) bool { return len(b.calls) < b.limit && b.bytes < m.lim.BatchBytes }

// judgeProperty judges the calls of one property in order, until one must wait for the next batch.
func (m *machine) judgeProperty(b *batch, p *property) {
	if p.shut == b {
		return
	}
	if p.in != b {
		p.in, p.inCalls = b, 0
		b.props = append(b.props, p)
	}
	n := 0
	for n < len(p.queue) && p.inCalls < m.lim.BatchProperty && m.room(b) && m.sure(p.queue[n]) {
		if !m.judge(b, p.queue[n]) {
			p.shut = b
			break
		}
		p.inCalls++
		n++
	}
	m.dequeue(p, n)
	m.dropIdle(p)
}

// dropIdle forgets a property that was to be made, and was not.
func (m *machine) dropIdle(p *property) {
	if !p.known && len(p.queue) == 0 && p.unfolded == 0 && m.provisional[p.code] == p {
		delete(m.provisional, p.code)
	}
}

// draftMax is how many entries a draft takes before it is made anew: what it holds beside the picture makes it slower.
const draftMax = 64

// drafted makes sure that the property has a draft that knows all of its entries that are not folded; false: it must wait until they are.
//
// A draft outlives the fold of its own entries while others of them are under way: what it has laid over the picture is what the fold makes
// there. Its last entry, the only one not laid out yet, is the last to be folded, and then the draft is made anew.
func (m *machine) drafted(p *property) bool {
	switch {
	case p == m.nowhere:
		return true
	case p.unfolded == 0 && (p.draft == nil || p.drafts > 0 || p.draft.Revision() != p.pic.Revision()):
		p.draft, p.drafts = p.pic.Draft(), 0
		return true
	}
	return p.draft != nil && p.drafts < draftMax
}

// turnRing moves the first n properties of the ring behind the others; those without calls leave it.
func (m *machine) turnRing(n int) {
	turned := append(m.turned[:0], m.ring[:n]...)
	m.ring = append(m.ring[:0], m.ring[n:]...)
	for _, p := range turned {
		if len(p.queue) > 0 {
			m.ring = append(m.ring, p)
		}
	}
	clear(turned)
	m.turned = turned
}

// startBatch commits what was judged: no timer, the store's own pace makes the groups. It answers whether the lane has work or should be looked
// at again.
func (m *machine) startBatch() bool {
	if !m.closing {
		m.enqueueDue()
	}
	m.fill()
	b := m.next
	if b == nil || len(b.calls) == 0 {
		if len(m.rows) == 0 {
			m.settleReady()
			return false
		}
		if b == nil {
			b = m.newBatch()
		}
	}
	m.next = nil
	for _, p := range b.props {
		p.queued.Store(int32(len(p.queue)))
	}
	b.way.Judged = m.now
	b.ownRows = len(m.rows)
	b.out.Rows = append(m.rows, b.out.Rows...)
	m.rows = nil
	b.out.Base, b.out.Term = m.w.position(), m.term
	m.batchSizes(b)
	m.metrics.BatchUpdates.Observe(float64(len(b.calls)))
	if b.empty() {
		m.finishBatch(b)
		return true
	}
	m.batch = b
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

// ahead answers the call of the same identity that is judged and not answered yet; nil if there is none.
func (m *machine) ahead(b *batch, key store.KeyHash) *Call {
	for _, x := range [...]*batch{b, m.batch} {
		if x != nil && x.byKey[key] != nil {
			return x.byKey[key]
		}
	}
	return nil
}

// sure tells whether it is known what the store has of the call's key. What was found out when it came in holds as long as all keys since are
// among the recent ones.
func (m *machine) sure(c *Call) bool {
	if !c.unsure && c.keyed && m.remembered-c.seen > int64(m.lim.Recent) {
		m.doubt(c)
	}
	return !c.unsure
}

// doubt marks a call whose key the store may know: it is asked before the call is judged.
func (m *machine) doubt(c *Call) {
	if !c.keyed || c.known != nil {
		return
	}
	c.seen = m.remembered
	if o, ok := m.recent.get(c.key); ok {
		c.known = &o
		return
	}
	if !m.filter.maybe(c.key) {
		return
	}
	c.unsure = true
	m.unsure = append(m.unsure, c)
}

// look asks the store for the keys of calls in doubt, beside the lane.
func (m *machine) look() {
	if m.role != writer || len(m.asked) > 0 || len(m.unsure) == 0 || m.now.Before(m.retryAt) {
		return
	}
	n := min(len(m.unsure), m.lim.Batch)
	m.asked = append([]*Call(nil), m.unsure[:n]...)
	m.unsure = append(m.unsure[:0], m.unsure[n:]...)
	hashes := make([]store.KeyHash, n)
	for i, c := range m.asked {
		hashes[i], c.seen = c.key, m.remembered
	}
	m.metrics.KeyLookups.Add(int64(n))
	m.looks++
	m.do(ReadKeys{m.looks, hashes})
}

func (m *machine) keysRead(ev KeysRead) {
	if ev.Look != m.looks {
		return // asked in another role
	}
	asked := m.asked
	m.asked = nil
	if ev.Err != nil {
		m.storeTrouble("read keys", ev.Err)
		m.unsure = append(asked, m.unsure...)
		return
	}
	m.metrics.KeysKnown.Add(int64(len(ev.Known)))
	for _, c := range asked {
		c.unsure = false
		if o, ok := ev.Known[c.key]; ok {
			c.known = &o
		}
	}
}

// forgetDoubts lets nobody wait for the store's word any more.
func (m *machine) forgetDoubts() {
	m.looks++
	m.asked, m.unsure = nil, nil
}

// doubtAll looks again at every call that waits: what the store knows is another's work now.
func (m *machine) doubtAll() {
	m.forgetDoubts()
	for _, p := range m.ring {
		for _, c := range p.queue {
			c.unsure, c.known = false, nil
			m.doubt(c)
		}
	}
}

// dropBatches gives up what was judged and is not committed: the calls of the next batch are queued again, before them those given.
func (m *machine) dropBatches(calls []*Call) {
	for _, b := range [...]*batch{m.batch, m.next} {
		if b == nil {
			continue
		}
		for _, p := range b.props {
			p.draft, p.drafts, p.unfolded, p.shut, p.in = nil, 0, 0, nil, nil
		}
	}
	next, batch := m.next, m.batch
	m.next, m.batch, m.settling = nil, nil, false
	if next != nil {
		m.requeue(next.calls)
	}
	m.requeue(calls)
	if batch != nil {
		m.rows = append(batch.out.Rows[:batch.ownRows:batch.ownRows], m.rows...)
		for _, p := range batch.props {
			m.dropIdle(p)
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
		c.receipt = Receipt{MessageID: c.sub.Update.MessageID, Property: c.receipt.Property}
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
