package hub

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// committed takes the store's answer to a batch.
func (m *machine) committed(ev Committed) {
	b, err := m.batch, ev.Err
	switch {
	case err == nil:
		b.way.Committing, b.way.Committed = ev.Began, m.now
		m.finishBatch(b)
	case errors.Is(err, store.ErrFenced):
		m.fenced()
	case errors.Is(err, store.ErrInvalid) && len(b.calls) > 1:
		m.metrics.CommitsInvalid.Add(1)
		m.alarm("store: a batch was refused: its updates are sent one by one", "error", err)
		m.narrow = len(b.calls)
		m.dropBatches(b.calls)
	case errors.Is(err, store.ErrUnknown):
		m.metrics.CommitsUnknown.Add(1)
		m.settling, m.retryAt = true, m.now
	default:
		m.failBatch(b, err)
	}
}

// settled: whether the batch was committed is known now (S31).
func (m *machine) settled(ev Settled) {
	switch {
	case ev.Err != nil:
		m.storeTrouble("settle a commit", ev.Err)
	case ev.Done:
		m.settling = false
		m.finishBatch(m.batch)
	default:
		m.fenced() // not there: read the head and the lease before it is sent again
	}
}

// fenced: nothing of the batch was written, or we cannot be sure that we still may. What others committed is read before its calls are judged
// again; if another node writes now, they are answered with its address.
func (m *machine) fenced() {
	m.metrics.CommitsFenced.Add(1)
	m.dropBatches(m.batch.calls)
	m.role, m.term, m.pollAt, m.leaseAt = catching, 0, m.now, m.now
}

// failBatch answers every call of a batch that the store did not take: nothing was applied.
func (m *machine) failBatch(b *batch, err error) {
	m.dropBatches(nil)
	m.storeTrouble("commit", err)
	answer := error(&BusyError{RetryAfter: busyRetryAfter})
	if errors.Is(err, store.ErrInvalid) {
		answer = ErrInternal // it would be refused again
	}
	if errors.Is(err, store.ErrFull) {
		m.metrics.CommitsFull.Add(1)
	}
	for _, c := range b.calls {
		c.err, c.entry = answer, nil
		c.receipt = Receipt{MessageID: c.sub.Update.MessageID, Property: c.receipt.Property}
		if c.due != nil {
			m.schedule(c.prop)
		}
	}
	m.answer(b.calls)
}

// finishBatch makes a committed batch visible, then answers its calls: an answer means that it can be read here (S34).
func (m *machine) finishBatch(b *batch) {
	m.batch = nil
	seq := b.out.Base.Seq
	for i, e := range b.entries {
		seq++
		e.Seq = seq
		m.foldOwn(b.of[i], e)
	}
	for _, p := range b.props {
		m.folded(p, b)
	}
	m.keepLists(b)
	m.publish(b.entries)
	at := m.w.position()
	day := m.day()
	for _, c := range b.calls {
		m.close(b, c, at, day)
	}
	m.metrics.Commits.Add(1)
	m.metrics.Entries.Add(int64(len(b.entries)))
	m.answer(b.calls)
	m.settleReady()
}

// foldOwn folds an entry that this node has committed.
func (m *machine) foldOwn(p *property, e *ari.Entry) {
	if !p.known {
		delete(m.provisional, p.code)
		m.w.add(p)
	}
	p.unfolded-- // its draft goes on if more are under way: it has laid this one below them
	m.foldOne(p, e)
}

// folded lets a property's calls that waited for the fold be judged, if all is folded. It lets go of the batch and of the draft: both hold
// all that the property was last told.
func (m *machine) folded(p *property, b *batch) {
	if p.in == b {
		p.in, p.inCalls = nil, 0
	}
	if p.unfolded == 0 {
		p.shut, p.draft, p.drafts = nil, nil, 0
		m.dropIdle(p)
	}
}

// close remembers what became of a call and completes its receipt.
func (m *machine) close(b *batch, c *Call, at store.Position, day int32) {
	r := &c.receipt
	if c.first != nil {
		o := c.first.outcome()
		c.repeatOf(&o)
	} else if c.keyed && c.err == nil && !r.Repeat && r.Verdict != VerdictRefused && r.Verdict != VerdictReread {
		if len(r.Items) <= recentItemsMax {
			m.recent.add(c.key, c.outcome())
			m.remembered++
		} else {
			m.remembered += int64(m.lim.Recent) + 1 // as if it had been pushed out: the store is asked
		}
		m.filter.add(day, c.key)
	}
	r.Position = at
	r.Way = b.way
	r.Way.Arrived = c.arrived
	if c.entry != nil {
		r.Position.Seq = c.entry.Seq
	}
	if c.due != nil {
		m.schedule(c.prop)
	}
	if conn := c.sub.Update.Connection; conn != "" && c.err == nil && c.entry == nil && c.prop.known && !c.replay {
		c.prop.mu.Lock()
		c.prop.heard[conn], c.prop.heardShown = m.now, nil // it told what was so already
		c.prop.mu.Unlock()
	}
}

// foldForeign folds an entry that was read from the feed.
func (m *machine) foldForeign(e *ari.Entry) {
	if e.Seq <= m.w.seq.Load() {
		return
	}
	p := m.w.property(e.Property)
	if p == nil {
		p = newProperty(e.Property)
		m.w.add(p)
	}
	if c := m.orphans[orphan{e.Property, e.MessageID}]; c != nil {
		c.landed = e // its commit had happened after all
	}
	m.foldOne(p, e)
	m.publish([]*ari.Entry{e})
}

// foldOne makes an entry so in memory, and what follows from it. A picture that cannot take it is out of service until it is read again.
func (m *machine) foldOne(p *property, e *ari.Entry) {
	if err := safeFold(p, e); err != nil {
		m.breakProperty(p, fmt.Sprintf("fold of revision %d: %v", e.Revision, err))
	}
	if e.At.After(m.w.lastAt) {
		m.w.lastAt = e.At
	}
	m.lastOrder = max(m.lastOrder, e.At.UnixMicro())
	m.markDirty(p)
	if p.code == ari.HubProperty && len(e.Objects) > 0 {
		m.foldRegistry(e)
	}
	if len(e.Overlays)+len(e.Objects) > 0 || e.Day != 0 {
		m.schedule(p)
	}
}

func safeFold(p *property, e *ari.Entry) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return p.fold(e)
}

// breakProperty takes one property out of service (S33): a snapshot is wanted, and a person told.
func (m *machine) breakProperty(p *property, why string) {
	p.mu.Lock()
	p.broken = why
	p.mu.Unlock()
	m.alarm("property out of service", "property", p.code, "why", why)
	m.want(Want{Kind: WantSnapshot, Property: p.code, Cause: "out of service"})
}

// publish makes entries visible to readers of the feed, and wakes them.
func (m *machine) publish(entries []*ari.Entry) {
	if len(entries) == 0 {
		return
	}
	items := make([]FeedItem, len(entries))
	for i, e := range entries {
		items[i] = FeedItem{Position: store.Position{Epoch: m.w.epoch, Seq: e.Seq}, Previous: -1, Entry: e}
		p := m.w.property(e.Property)
		if p == nil || e.StampOnly() {
			continue
		}
		p.mu.Lock()
		items[i].Previous, p.lastFed = p.lastFed, e.Revision
		p.mu.Unlock()
	}
	m.w.feed.add(items)
	m.w.seq.Store(entries[len(entries)-1].Seq)
	m.w.feed.wake()
}
