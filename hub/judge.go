package hub

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// judge decides one call and adds what it writes to the batch; false: it must wait for the next one.
func (m *machine) judge(b *batch, c *Call) bool {
	if !m.drafted(c.prop) {
		return false
	}
	if c.keyed && m.repeated(b, c) {
		return true
	}
	if !c.keyed && len(m.orphans) > 0 {
		delete(m.orphans, orphan{c.sub.Update.Property, c.sub.Update.MessageID})
	}
	if c.landed != nil {
		m.found(b, c)
		return true
	}
	if err := m.early(c); err != nil {
		m.refuse(b, c, err)
		return true
	}
	if c.reread {
		m.askReread(b, c)
		return true
	}
	m.prepare(c)
	if c.prop == m.nowhere {
		m.accept(b, c, nil, nil)
		return true
	}
	d := c.prop.draft
	if d.Pending() && (c.ifMatch != nil || d.Alone(&c.sub.Update)) {
		return false
	}
	if err := m.checkObjects(c); err != nil {
		m.refuse(b, c, err)
		return true
	}
	e, items, err := m.apply(c)
	if errors.Is(err, ari.ErrNotAlone) {
		return false
	}
	if err != nil {
		m.refuse(b, c, err)
		return true
	}
	m.accept(b, c, e, items)
	return true
}

// repeated answers a call whose identity was judged before, or waits with the first of its batch (S19).
func (m *machine) repeated(b *batch, c *Call) bool {
	if first := m.ahead(b, c.key); first != nil {
		if c.strict && first.sub.Identity.Content != c.sub.Identity.Content {
			m.refuse(b, c, ErrConflict)
			return true
		}
		c.first = first
		m.recordRepeat(b, c, first.receipt.Revision)
		b.calls = append(b.calls, c)
		return true
	}
	o, ok := m.recent.get(c.key)
	if !ok {
		if c.known == nil {
			return false
		}
		o = *c.known
	}
	if c.strict && o.content != c.sub.Identity.Content {
		m.refuse(b, c, ErrConflict)
		return true
	}
	c.repeatOf(&o)
	c.receipt.Position = m.w.position()
	m.recordRepeat(b, c, o.revision)
	b.calls = append(b.calls, c)
	return true
}

// found answers a call whose entry came to light in the feed.
func (m *machine) found(b *batch, c *Call) {
	e, r := c.landed, &c.receipt
	r.Revision, r.Items, r.Verdict, r.Entry = e.Revision, e.Items, verdictOf(e.Items, true), e
	b.calls = append(b.calls, c)
}

// repeatOf gives the call the answer that was given first.
func (c *Call) repeatOf(o *outcome) {
	r := &c.receipt
	r.Repeat, r.Revision, r.Verdict, r.Items, r.Waiting = true, o.revision, o.verdict, o.items, o.waiting
	if o.messageID != "" {
		r.MessageID = o.messageID
	}
}

func (m *machine) recordRepeat(b *batch, c *Call, revision int64) {
	m.metrics.Repeats.Add(1)
	b.rows(c.rows)
	if msg := c.sub.Message; msg != nil {
		m.record(b, c, VerdictRepeat, revision, nil, nil)
	}
}

// early answers what can be refused before the picture is looked at.
func (m *machine) early(c *Call) error {
	s, p := c.sub, c.prop
	if c.keyed && m.panics[c.key] >= panicsMax {
		return ErrInternal
	}
	if c.waits != "" && !m.stillWaiting(c) {
		return store.ErrNotFound
	}
	if p == m.nowhere {
		if s.Update.Property != "" {
			return ErrUnknownProperty
		}
		return nil
	}
	if p.pic.Revision() == 0 && !p.draft.Pending() && p.code != ari.HubProperty && !creates(&s.Update) {
		return ErrUnknownProperty
	}
	if p.broken != "" {
		return fmt.Errorf("%w: %s", ErrNotReady, p.broken)
	}
	if !c.keyed && hasAdjust(&s.Update) {
		return ErrNoIdentity
	}
	if c.due != nil && !m.stillDue(c) {
		return errNotDue
	}
	return m.tooOld(c)
}

// tooOld: an update older than its key would be remembered cannot be told from a repeat (S20). A source that can be read again is.
func (m *machine) tooOld(c *Call) error {
	t := c.sub.Update.SourceTime
	if t.IsZero() || c.replay || c.sub.Update.Received.Sub(t) <= m.lim.KeysKept-24*time.Hour {
		return nil
	}
	m.metrics.TooOld.Add(1)
	if conn, ok := m.w.registry.Load().connections[c.sub.Update.Connection]; ok && !conn.PushOnly {
		c.reread = true
		return nil
	}
	return ErrTooOld
}

// prepare chooses the stamp (S21, S22) and the first day of a property that is being made.
func (m *machine) prepare(c *Call) {
	u := &c.sub.Update
	if !u.SourceTime.IsZero() && u.SourceTime.Sub(u.Received) > m.lim.SourceAhead {
		m.metrics.Skewed.Add(1)
		u.SourceTime = u.Received
	}
	if !c.replay || u.Order == 0 {
		u.Order = m.order(c)
	}
	if creates(u) && c.prop.pic.Day() == 0 && u.Day == 0 {
		u.Day = firstDay(u, u.Received)
	}
}

// order answers the stamp: the connection says what it is made of.
func (m *machine) order(c *Call) int64 {
	u := &c.sub.Update
	switch conn := m.w.registry.Load().connections[u.Connection]; {
	case conn.Order == OrderSequence && c.sub.Sequence != 0:
		return c.sub.Sequence
	case conn.Order != OrderArrival && conn.Order != OrderSequence && !u.SourceTime.IsZero():
		return u.SourceTime.UnixMicro()
	}
	m.lastOrder = max(m.now.UnixMicro(), m.lastOrder+1)
	return m.lastOrder
}

// panicsMax is how often a message may make us panic before it is quarantined (S27).
const panicsMax = 2

// panicsKept bounds the messages remembered for it.
const panicsKept = 1024

// apply judges the update. A panic is caught: the message is answered as our error, and the draft, whose state is unknown, is dropped.
func (m *machine) apply(c *Call) (e *ari.Entry, items []ari.ItemResult, err error) {
	defer func() {
		if r := recover(); r != nil {
			m.metrics.Panics.Add(1)
			m.alarm("panic while judging a message", "property", c.prop.code, "message", c.sub.Update.MessageID,
				"panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			if c.keyed && len(m.panics) < panicsKept {
				m.panics[c.key]++
			}
			c.prop.draft = nil
			e, items, err = nil, nil, ErrInternal
		}
	}()
	return c.prop.draft.Apply(&c.sub.Update)
}

// refuse answers a call with an error. It is not remembered, so that a corrected retry is judged afresh (S19); its record is kept.
func (m *machine) refuse(b *batch, c *Call, err error) {
	c.err = err
	b.calls = append(b.calls, c)
	if errors.Is(err, errNotDue) {
		return
	}
	m.metrics.Refused.Add(1)
	m.wantAfterRefusal(c, err)
	verdict := VerdictRefused
	if errors.Is(err, ErrInternal) {
		verdict = VerdictFailed
	}
	c.receipt.Verdict, c.receipt.Revision = verdict, m.revision(c)
	if c.sub.Message != nil {
		m.record(b, c, verdict, c.receipt.Revision, nil, err)
	}
}

// revision answers the property's revision as the batch leaves it so far.
func (m *machine) revision(c *Call) int64 {
	if c.prop.draft != nil {
		return c.prop.draft.Revision()
	}
	return c.prop.pic.Revision()
}

// accept adds what an update writes to the batch.
func (m *machine) accept(b *batch, c *Call, e *ari.Entry, items []ari.ItemResult) {
	r := &c.receipt
	r.Items = withOthers(items, c.sub)
	r.Verdict = verdictOf(r.Items, e != nil)
	if e != nil {
		m.addEntry(b, c, e)
	}
	r.Revision = m.revision(c)
	m.count(c)
	m.countReused(c)
	m.keepWaiting(b, c)
	m.unwait(b, c)
	m.park(b, c)
	b.rows(c.rows)
	if c.keyed && r.Verdict != VerdictRefused {
		b.byKey[c.key] = c
		b.out.Keys = append(b.out.Keys, c.keep(m.day()))
	}
	if c.sub.Message != nil {
		m.record(b, c, r.Verdict, r.Revision, r.Items, nil)
	}
	b.calls = append(b.calls, c)
}

// withOthers answers the results with those of items that the decoder refused or parked, by item.
func withOthers(items []ari.ItemResult, s *Submission) []ari.ItemResult {
	if len(s.Refused)+len(s.Parked) == 0 {
		return items
	}
	all := append([]ari.ItemResult{}, items...)
	for _, e := range s.Refused {
		all = append(all, ari.ItemResult{Item: e.Item, Verdict: ari.ItemRefused, Err: e})
	}
	for i := range s.Parked {
		all = append(all, ari.ItemResult{Item: s.Parked[i].Item, Verdict: ari.ItemParked})
	}
	sortItems(all)
	return all
}

// addEntry completes the entry and encodes it.
func (m *machine) addEntry(b *batch, c *Call, e *ari.Entry) {
	reg := m.w.registry.Load()
	e.At = time.UnixMicro(max(m.now.UnixMicro(), m.lastOrder, m.w.lastAt.UnixMicro())).UTC()
	e.Items = c.receipt.Items
	e.ProfileVersion, e.MappingVersion = reg.versions(e.Connection)
	start := len(b.arena)
	b.arena = e.Append(b.arena)
	body := b.arena[start:len(b.arena):len(b.arena)]
	b.bytes += len(body)
	b.out.Entries = append(b.out.Entries, store.Entry{
		Property: e.Property, Revision: e.Revision, At: e.At, MessageID: e.MessageID, StampOnly: e.StampOnly(), Body: body,
	})
	for i := range e.Objects {
		o := &e.Objects[i]
		b.out.Objects = append(b.out.Objects, store.Object{Property: e.Property, Kind: o.Kind, Code: o.Code, Revision: e.Revision, Body: o.New})
	}
	b.entries = append(b.entries, e)
	c.entry = e
	c.receipt.Entry = e
	b.of = append(b.of, c.prop)
	c.prop.unfolded++
	c.prop.drafts++
}

func (b *batch) rows(rows []store.Row) { b.out.Rows = append(b.out.Rows, rows...) }

// countReused counts ids that a source uses again for other content: it is applied (S19).
func (m *machine) countReused(c *Call) {
	if c.id == (store.KeyHash{}) {
		return
	}
	if known, ok := m.recentIDs.get(c.id); ok && known.content != c.sub.Identity.Content {
		m.metrics.ReusedIDs.Add(1)
	}
	m.recentIDs.add(c.id, outcome{content: c.sub.Identity.Content})
}

// count counts verdicts, and what was superseded in a row (S21).
func (m *machine) count(c *Call) {
	m.metrics.verdict(c.receipt.Verdict)
	conn := c.sub.Update.Connection
	if conn == "" || c.prop == m.nowhere {
		return
	}
	p := c.prop
	if c.receipt.Verdict != VerdictSuperseded {
		if len(p.superseded) > 0 {
			delete(p.superseded, conn)
		}
		return
	}
	if p.superseded == nil {
		p.superseded = map[string]int{}
	}
	if p.superseded[conn]++; p.superseded[conn] >= m.lim.SupersededRow {
		delete(p.superseded, conn)
		m.want(Want{Kind: WantSnapshot, Connection: conn, Property: p.code, Cause: "superseded in a row"})
	}
}
