package hub

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Names of the work lists in the store.
const (
	listWant      = "want"
	listWaiting   = "waiting"
	listParked    = "parked"
	listParkedRaw = "parked_raw" // raw copies, one for all parked items of a message; the id is the message's
)

// lists is what only a writer needs to have in memory.
type lists struct {
	wants   []Want
	waiting []waitingRef
}

// waitingRef is what a writer knows of a waiting replace: enough to see that another overtakes it (S18).
type waitingRef struct {
	id, property, connection string
	extents                  []ari.Extent
}

func (m *machine) takeLists(l lists) {
	clear(m.wants)
	clear(m.waiting)
	for i := range l.wants {
		m.wants[l.wants[i].ID] = &l.wants[i]
	}
	for _, w := range l.waiting {
		m.waiting[w.property] = append(m.waiting[w.property], w)
	}
	for _, w := range m.unkept {
		m.want(w)
	}
	m.unkept = nil
}

// want records work for a later part. The same want again only counts up; its row goes with the next batch.
func (m *machine) want(w Want) {
	if m.role != writer {
		if len(m.unkept) < m.lim.WantsMax {
			m.unkept = append(m.unkept, w)
		}
		return
	}
	h := HashContent([]byte(w.Kind + "\x00" + w.Connection + "\x00" + w.Property))
	w.ID = "want_" + hex.EncodeToString(h[:])
	known := m.wants[w.ID]
	if known == nil {
		if len(m.wants) >= m.lim.WantsMax {
			m.alarm("too many wants: one is not kept", "kind", w.Kind, "property", w.Property, "connection", w.Connection)
			return
		}
		known = &Want{}
		*known = w
		m.wants[w.ID] = known
	} else if w.From != 0 {
		known.From, known.To = min(known.From, w.From), max(known.To, w.To)
	}
	known.Cause, known.At, known.Count = w.Cause, m.now, known.Count+1
	m.metrics.want(w.Kind)
	body, err := json.Marshal(known)
	if err != nil {
		m.alarm("a want cannot be kept", "error", err)
		return
	}
	m.rows = append(m.rows, store.Row{List: listWant, ID: w.ID, Property: plainText(w.Property), Connection: w.Connection, At: m.now, Body: body})
}

// askReread answers an update too old to be told from a repeat: its source is read again instead (S20).
func (m *machine) askReread(b *batch, c *Call) {
	from, to := dates(&c.sub.Update)
	m.want(Want{Kind: WantReread, Connection: c.sub.Update.Connection, Property: c.prop.code, From: from, To: to, Cause: "older than its key would be"})
	c.receipt.Verdict, c.receipt.Revision = VerdictReread, m.revision(c)
	if c.sub.Message != nil {
		m.record(b, c, VerdictReread, c.receipt.Revision, nil, nil)
	}
	b.calls = append(b.calls, c)
}

// wantAfterRefusal asks for a re-read of what a late set could not be laid under (S23); a source that can only push has its refusal.
func (m *machine) wantAfterRefusal(c *Call, err error) {
	var refused *ari.UpdateError
	if !errors.As(err, &refused) || !slices.ContainsFunc(refused.Items, func(e *ari.ItemError) bool { return e.Code == ari.CodeSuperseded }) {
		return
	}
	u := &c.sub.Update
	if conn, ok := m.w.registry.Load().connections[u.Connection]; ok && !conn.PushOnly {
		from, to := dates(u)
		m.want(Want{Kind: WantReread, Connection: conn.ID, Property: u.Property, From: from, To: to, Cause: "set below more adjusts than are kept"})
	}
}

// dates answers the dates an update speaks of; 0, 0 if it is not bounded.
func dates(u *ari.Update) (from, to ari.StayDate) {
	from, to = ari.DateMax, ari.DateMin
	for i := range u.Statements {
		from, to = min(from, u.Statements[i].Span.From), max(to, u.Statements[i].Span.To)
	}
	for i := range u.Replace {
		from, to = min(from, u.Replace[i].Span.From), max(to, u.Replace[i].Span.To)
	}
	if from > to || from == ari.DateMin || to == ari.DateMax {
		return 0, 0
	}
	return from, to
}

// keptWaiting is the stored form of a waiting replace. Update is gob: format 1.
type keptWaiting struct {
	Format int `json:"v"`
	Waiting
	Update []byte `json:"update"`
}

// keepWaiting keeps a replace that the brake holds back (S18), and drops those that the update overtakes.
func (m *machine) keepWaiting(b *batch, c *Call) {
	u, r := &c.sub.Update, &c.receipt
	if len(u.Replace) == 0 {
		return
	}
	m.overtake(b, u)
	if r.Verdict != VerdictWaiting {
		return
	}
	id := m.ids.next("wait_", m.now)
	kept := keptWaiting{Format: 1, Waiting: Waiting{
		ID: id, Property: u.Property, Connection: u.Connection, MessageID: u.MessageID, At: m.now, Why: waitingWhy(r.Items),
	}}
	var err error
	if kept.Update, err = encodeUpdate(u); err == nil {
		var body []byte
		if body, err = json.Marshal(kept); err == nil {
			b.out.Rows = append(b.out.Rows, store.Row{List: listWaiting, ID: id, Property: u.Property, Connection: u.Connection, At: m.now, Body: body})
		}
	}
	if err != nil {
		m.alarm("a waiting replace cannot be kept", "property", u.Property, "message", u.MessageID, "error", err)
		return
	}
	r.Waiting = id
	b.waiting = append(b.waiting, waitingRef{id, u.Property, u.Connection, u.Replace})
}

// waitingWhy answers what the brake said.
func waitingWhy(items []ari.ItemResult) string {
	for i := range items {
		if items[i].Verdict == ari.ItemWaiting && items[i].Err != nil {
			return items[i].Err.Got
		}
	}
	return "it would close or lift more than the property's replace_share"
}

// overtake drops waiting replaces of the same extent: the newer one says it all (S18).
func (m *machine) overtake(b *batch, u *ari.Update) {
	known := slices.Concat(m.waiting[u.Property], b.waiting)
	if m.batch != nil {
		known = append(known, m.batch.waiting...)
	}
	for _, w := range known {
		if w.property != u.Property || w.connection != u.Connection || !sameExtents(w.extents, u.Replace) {
			continue
		}
		b.overtaken = append(b.overtaken, w)
		b.out.Rows = append(b.out.Rows, store.Row{List: listWaiting, ID: w.id, Property: w.property, Connection: w.connection, At: m.now})
	}
}

// keepLists takes what a committed batch has changed of the lists.
func (m *machine) keepLists(b *batch) {
	for _, w := range b.waiting {
		m.waiting[w.property] = append(m.waiting[w.property], w)
	}
	for _, w := range b.overtaken {
		m.waiting[w.property] = slices.DeleteFunc(m.waiting[w.property], func(x waitingRef) bool { return x.id == w.id })
	}
}

// stillWaiting tells whether the replace that a person decides on was not overtaken meanwhile.
func (m *machine) stillWaiting(c *Call) bool {
	return slices.ContainsFunc(m.waiting[c.rows[0].Property], func(w waitingRef) bool { return w.id == c.waits })
}

// unwait forgets the replace that a person has decided on.
func (m *machine) unwait(b *batch, c *Call) {
	if c.waits != "" {
		b.overtaken = append(b.overtaken, waitingRef{id: c.waits, property: c.rows[0].Property})
	}
}

// sameExtents compares without item numbers.
func sameExtents(a, b []ari.Extent) bool {
	return slices.EqualFunc(a, b, func(x, y ari.Extent) bool {
		return x.Scopes == y.Scopes && x.Span == y.Span && slices.Equal(x.Fields, y.Fields)
	})
}

func encodeUpdate(u *ari.Update) ([]byte, error) {
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(u); err != nil {
		return nil, fmt.Errorf("encode update: %w", err)
	}
	return buf.Bytes(), nil
}

func decodeUpdate(b []byte) (*ari.Update, error) {
	u := new(ari.Update)
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(u); err != nil {
		return nil, fmt.Errorf("decode update: %w", err)
	}
	return u, nil
}

// park keeps the items that wait for a mapping, in the transaction of their message (S25); the raw copy once for all of them.
func (m *machine) park(b *batch, c *Call) {
	items := c.sub.Parked
	for i := range items {
		p := items[i]
		raw := p.Raw
		p.Raw = nil
		p.complete(&c.sub.Update)
		if p.MessageID = plainText(p.MessageID); p.MessageID == "" {
			p.MessageID = c.sub.Update.MessageID
		}
		p.Property, p.Connection = plainText(p.Property), plainText(p.Connection)
		if p.ID == "" {
			p.ID = m.ids.next("park_", m.now)
		}
		if p.Order == 0 {
			p.Order = c.sub.Update.Order
		}
		items[i].ID, items[i].Order = p.ID, p.Order
		if i == 0 {
			b.bytes += len(raw)
			b.out.Rows = append(b.out.Rows, store.Row{List: listParkedRaw, ID: p.MessageID, Connection: p.Connection, At: m.now, Body: nonNil(raw)})
		}
		body, err := json.Marshal(&p)
		if err != nil {
			m.alarm("an item cannot be parked", "message", p.MessageID, "error", err)
			continue
		}
		b.out.Rows = append(b.out.Rows, store.Row{List: listParked, ID: p.ID, Property: p.Property, Connection: p.Connection, At: m.now, Body: body})
	}
	m.metrics.Parked.Add(int64(len(items)))
}

// complete fills in what the item shares with the update of its message.
func (p *ParkedItem) complete(u *ari.Update) {
	if p.MessageID == "" {
		p.MessageID = u.MessageID
	}
	if p.Connection == "" {
		p.Connection = u.Connection
	}
	if p.Received.IsZero() {
		p.Received, p.SourceTime = u.Received, u.SourceTime
	}
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
