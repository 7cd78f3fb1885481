package hub

import (
	"time"

	"github.com/ratewire/ratewire/store"
)

// Checkpoints are written behind, by the writer, between commits (S33): whole properties, the longest changed first, until a slice is full.
// A slice is one transaction, so that a property's pages and its checkpoint are of one revision. Afterwards the lane is left to commits
// for three times as long as the slice took.

// sliceShare is how many times a slice's duration is left to commits after it.
const sliceShare = 3

// bumpMax is how many checkpoints of unchanged properties are moved at once.
const bumpMax = 1000

// bumpLag is how far a checkpoint's place in the feed may lie behind before it is moved although its property has not changed: replay
// starts at the oldest.
const bumpLag = 50_000

// bumpEvery is how often they are looked at.
const bumpEvery = time.Minute

// markDirty remembers that a property has changed since its checkpoint.
func (m *machine) markDirty(p *property) {
	if p.dirty || p.broken != "" || p.pic.Revision() == p.checkpoint.Revision {
		return
	}
	p.dirty, p.dirtySince = true, m.now
	if len(m.dirty) == 0 {
		m.sliceAt = latest(m.sliceAt, m.now.Add(m.lim.Checkpoint))
	}
	m.dirty = append(m.dirty, p)
	if len(m.dirty)+len(m.slice) == 1 {
		m.tellDirty()
	}
}

// tellDirty tells metrics since when changes wait for their checkpoint: a start would have to replay them.
func (m *machine) tellDirty() {
	oldest := int64(0)
	for _, list := range [2][]*property{m.slice, m.dirty} {
		for _, p := range list {
			if at := p.dirtySince.UnixNano(); oldest == 0 || at < oldest {
				oldest = at
			}
		}
	}
	m.metrics.DirtySince.Store(oldest)
}

func (m *machine) checkpointDue() bool { return len(m.dirty) > 0 && !m.now.Before(m.sliceAt) }

// putSlice copies the pages of the next properties and writes them.
func (m *machine) putSlice() bool {
	put := PutPages{Term: m.term}
	var arena []byte
	n := 0
	m.slice = m.slice[:0]
	for n < len(m.dirty) && len(arena) < m.lim.CheckpointSize {
		p := m.dirty[n]
		n++
		p.dirty = false
		if p.broken != "" {
			continue
		}
		arena = p.appendPages(&put, arena)
		put.Checkpoints = append(put.Checkpoints, store.Checkpoint{Property: p.code, Revision: p.pic.Revision(), Seq: m.w.seq.Load()})
		m.slice = append(m.slice, p)
	}
	m.dirty = append(m.dirty[:0], m.dirty[n:]...)
	if len(put.Checkpoints) == 0 {
		return false
	}
	m.metrics.Pages.Add(int64(len(put.Pages)))
	m.metrics.PageBytes.Add(int64(len(arena)))
	m.sliceFrom = m.now
	m.slicePut = put
	return m.doLane(put)
}

// putBack makes the pages of a slice that failed ones to be written again.
func (p *property) putBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pic.PutBack(p.taken)
	p.taken = nil
}

// appendPages adds the property's changed pages.
func (p *property) appendPages(put *PutPages, arena []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken = p.pic.TakeDirty()
	revision := p.pic.Revision()
	for _, id := range p.taken {
		start := len(arena)
		arena = p.pic.AppendPage(arena, id)
		put.Pages = append(put.Pages, store.Page{
			Property: p.code, Scope: id.Scope, Month: id.Month, Revision: revision, Body: arena[start:len(arena):len(arena)],
		})
	}
	return arena
}

// pagesPut takes the store's answer. After trouble the same pages go with a later slice: a checkpoint is late, never wrong.
func (m *machine) pagesPut(err error) {
	took := m.now.Sub(m.sliceFrom)
	m.sliceAt = m.now.Add(sliceShare * took)
	if err != nil {
		m.metrics.CheckpointFailures.Add(1)
		m.alarm("store: write checkpoints", "error", err)
		m.sliceAt = m.now.Add(m.lim.Checkpoint)
		for _, p := range m.slice {
			p.putBack()
			if !p.dirty {
				p.dirty = true
				m.dirty = append(m.dirty, p)
			}
		}
	} else {
		m.slicePutDone()
	}
	m.slice, m.slicePut = m.slice[:0], PutPages{}
	m.tellDirty()
	if m.closing && err != nil {
		m.finishTries++
	}
	if len(m.dirty) == 0 {
		m.sliceAt = m.now
	}
}

func (m *machine) slicePutDone() {
	for i, cp := range m.slicePut.Checkpoints {
		p := m.slice[i]
		p.checkpoint, p.taken = cp, nil
	}
}

// bumpSome moves checkpoints of unchanged properties that lie far behind in the feed.
func (m *machine) bumpSome(lag int64) bool {
	put := PutPages{Term: m.term}
	m.slice = m.slice[:0]
	seq := m.w.seq.Load()
	for _, p := range m.w.sorted() {
		if p.dirty || p.broken != "" || seq-p.checkpoint.Seq <= lag || p.pic.Revision() != p.checkpoint.Revision {
			continue
		}
		put.Checkpoints = append(put.Checkpoints, store.Checkpoint{Property: p.code, Revision: p.pic.Revision(), Seq: seq})
		if m.slice = append(m.slice, p); len(m.slice) == bumpMax {
			break
		}
	}
	if len(m.slice) == 0 {
		return false
	}
	m.sliceFrom, m.slicePut = m.now, put
	return m.doLane(put)
}

// prune drops what is older than it is kept (S35).
func (m *machine) prune() bool {
	m.pruneAt = m.now.Add(m.lim.PruneEvery)
	keys := int32(m.now.Add(-m.lim.KeysKept).Unix() / 86400)
	m.filter.drop(keys)
	return m.doLane(Prune{store.Retention{
		FeedBefore: m.now.Add(-m.lim.FeedKept), MessagesBefore: m.now.Add(-m.lim.MessagesKept), KeysBefore: keys,
	}})
}

// pruneSoon is the pause between slices of pruning.
const pruneSoon = time.Second

func (m *machine) pruned(ev Pruned) {
	if ev.Err != nil {
		m.alarm("store: prune", "error", ev.Err)
	} else if ev.More {
		m.pruneAt = m.now.Add(pruneSoon)
	}
}
