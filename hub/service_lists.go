package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// replaysMax bounds connections whose parked items wait for a replay after a mapping was put; another mapping asks again.
const replaysMax = 64

// Parked answers items that wait for a mapping, oldest first: see Service.
func (h *Hub) Parked(ctx context.Context, connection, property, after string, limit int) ([]ParkedItem, error) {
	rows, err := h.st.Rows(ctx, listParked, property, connection, after, limit)
	if err != nil {
		return nil, err
	}
	return decodeRows[ParkedItem](rows)
}

// Wants answers work recorded for a later part, oldest first.
func (h *Hub) Wants(ctx context.Context, property, after string, limit int) ([]Want, error) {
	rows, err := h.st.Rows(ctx, listWant, property, "", after, limit)
	if err != nil {
		return nil, err
	}
	return decodeRows[Want](rows)
}

// Waitings answers the replaces that wait for a person, oldest first.
func (h *Hub) Waitings(ctx context.Context, property, after string, limit int) ([]Waiting, error) {
	rows, err := h.st.Rows(ctx, listWaiting, property, "", after, limit)
	if err != nil {
		return nil, err
	}
	return decodeRows[Waiting](rows)
}

func decodeRows[T any](rows []store.Row) ([]T, error) {
	out := make([]T, len(rows))
	for i := range rows {
		if err := json.Unmarshal(rows[i].Body, &out[i]); err != nil {
			return nil, fmt.Errorf("row %s of list %s: %w", rows[i].ID, rows[i].List, err)
		}
	}
	return out, nil
}

// Replay submits parked items again that can be mapped now: see Service.
func (h *Hub) Replay(ctx context.Context, connection string) (replayed, left int, err error) {
	r, err := h.ReplayWhere(ctx, ReplayFilter{Connection: connection}, false)
	return r.Replayed, r.Left, err
}

// ReplayFilter selects parked items: those that every part that is told fits.
type ReplayFilter struct {
	Connection     string // "": all
	Property       string // hub code; "": all
	MessageID      string
	Kind, External string    // a code that is missing
	Before         time.Time // received before
}

// ReplayResult says what became, or would become, of the items that were selected.
type ReplayResult struct {
	Replayed int            `json:"replayed"` // submitted; each is then judged like any other (S25)
	Left     int            `json:"left"`     // a code of theirs has no mapping yet, or they were refused
	Why      map[string]int `json:"why,omitempty"`
}

// Selects tells whether an item fits, connection and property aside: those are asked of the store.
func (f *ReplayFilter) Selects(p *ParkedItem) bool {
	if f.MessageID != "" && f.MessageID != p.MessageID || !f.Before.IsZero() && !p.Received.Before(f.Before) {
		return false
	}
	if f.Kind == "" && f.External == "" {
		return true
	}
	return slices.ContainsFunc(p.Missing, func(m Missing) bool {
		return (f.Kind == "" || f.Kind == m.Kind) && (f.External == "" || f.External == m.External)
	})
}

// ReplayWhere submits the parked items that a filter selects: see Service.
func (h *Hub) ReplayWhere(ctx context.Context, f ReplayFilter, dryRun bool) (res ReplayResult, err error) {
	if _, ok := h.Connection(f.Connection); f.Connection != "" && !ok {
		return res, store.ErrNotFound
	}
	x := replayer{h: h, dry: dryRun, raws: map[string][]byte{}, touched: map[string]bool{}, res: ReplayResult{Why: map[string]int{}}}
	after := ""
	for {
		items, err := h.Parked(ctx, f.Connection, f.Property, after, listPage)
		if err != nil {
			return x.res, err
		}
		for i := range items {
			after = items[i].ID
			if !f.Selects(&items[i]) {
				continue
			}
			if err := x.one(ctx, &items[i]); err != nil {
				return x.res, err
			}
		}
		if len(items) < listPage {
			return x.res, x.end(ctx)
		}
		clear(x.raws)
	}
}

// replayer is one replay.
type replayer struct {
	h       *Hub
	dry     bool
	raws    map[string][]byte // of the page at hand
	touched map[string]bool   // messages of which something was replayed
	res     ReplayResult
}

func (x *replayer) one(ctx context.Context, item *ParkedItem) error {
	conn, ok := x.h.Connection(item.Connection)
	why := "its connection is gone"
	if ok {
		var err error
		if why, err = x.h.replayOne(ctx, conn, item, x.raws, x.dry); err != nil {
			return err
		}
	}
	if why != "" {
		x.res.Left++
		x.res.Why[why]++
		return nil
	}
	x.res.Replayed++
	x.touched[item.MessageID] = true
	return nil
}

// end drops the raw copies of messages of which nothing is parked any more.
func (x *replayer) end(ctx context.Context) error {
	if x.dry || len(x.touched) == 0 {
		return nil
	}
	return x.h.dropRaws(ctx, x.touched)
}

// Why an item stays parked. The texts are shown.
const (
	leftUnmapped = "a code has no mapping yet"
	leftRefused  = "refused"
	leftUnread   = "its message cannot be read any more"
)

// replayOne submits one parked item if all its codes are mapped, and answers why it stays parked; "" if it does not. Its row goes in the same
// transaction, and its id makes it a repeat should it be replayed twice.
func (h *Hub) replayOne(ctx context.Context, conn Connection, item *ParkedItem, raws map[string][]byte, dry bool) (left string, err error) {
	decoder := h.opt.Decoders[item.Protocol]
	if decoder == nil || !h.mapped(item) {
		return leftUnmapped, nil
	}
	raw, ok := raws[item.MessageID]
	if !ok {
		row, err := h.st.Row(ctx, listParkedRaw, item.MessageID)
		if err != nil {
			return "", fmt.Errorf("raw copy of %s: %w", item.MessageID, err)
		}
		raw = row.Body
		raws[item.MessageID] = raw
	}
	item.Raw = raw
	s, err := decoder.Decode(h, conn, *item)
	if err != nil {
		h.opt.Log.Warn("a parked item cannot be read", "item", item.ID, "message", item.MessageID, "error", err)
		return leftUnread, nil
	}
	if len(s.Parked) > 0 {
		return leftUnmapped, nil // another code is missing now
	}
	return h.submitReplay(ctx, s, item, dry)
}

func (h *Hub) submitReplay(ctx context.Context, s *Submission, item *ParkedItem, dry bool) (left string, err error) {
	s.Identity = Identity{ID: "parked:" + item.ID, Content: HashContent([]byte(item.ID)), Strict: true}
	s.Message = nil
	s.Update.MessageID, s.Update.Received, s.Update.Order = item.MessageID, item.Received, item.Order
	if err := checkTexts(s); err != nil {
		return leftUnread, nil
	}
	c := newCall(s, h.opt.Clock.Now(), h.ids)
	c.replay = true
	if dry {
		_, err = h.dryRun(c)
	} else {
		c.rows = []store.Row{{List: listParked, ID: item.ID, Property: item.Property, Connection: item.Connection, At: h.opt.Clock.Now()}}
		_, err = h.call(ctx, c)
	}
	var refused *ari.UpdateError
	if errors.As(err, &refused) || errors.Is(err, ErrUnknownProperty) {
		if !dry {
			h.opt.Log.Warn("a parked item was refused", "item", item.ID, "message", item.MessageID, "error", err)
		}
		return leftRefused + ": " + refusalCode(refused), nil // it stays parked: a person sees it
	}
	return "", err
}

// refusalCode answers the code of the first fault; of none, that of a property that is not there.
func refusalCode(u *ari.UpdateError) string {
	if u == nil || len(u.Items) == 0 {
		return "unknown_property"
	}
	return u.Items[0].Code
}

// mapped tells whether every missing code has a mapping now.
func (h *Hub) mapped(item *ParkedItem) bool {
	for _, code := range item.Missing {
		if _, state := h.MapCode(item.Connection, item.Property, code.Kind, code.External); state == "" {
			return false
		}
	}
	return true
}

// dropRaws drops the raw copies of those of the messages of which nothing is parked any more.
func (h *Hub) dropRaws(ctx context.Context, messages map[string]bool) error {
	for after := ""; len(messages) > 0; {
		items, err := h.Parked(ctx, "", "", after, listPage)
		if err != nil {
			return err
		}
		for i := range items {
			delete(messages, items[i].MessageID)
			after = items[i].ID
		}
		if len(items) < listPage {
			break
		}
	}
	var gone []store.Row
	for _, id := range slices.Sorted(maps.Keys(messages)) {
		gone = append(gone, store.Row{List: listParkedRaw, ID: id, At: h.opt.Clock.Now()})
	}
	if len(gone) == 0 {
		return nil
	}
	return h.writeRows(ctx, gone)
}

// writeRows commits rows of work lists that belong to no update.
func (h *Hub) writeRows(ctx context.Context, rows []store.Row) error {
	c := newCall(&Submission{}, h.opt.Clock.Now(), h.ids)
	c.rows = rows
	_, err := h.call(ctx, c)
	return err
}

// doReplays replays connections whose mappings have changed, one after the other.
func (l *loop) doReplays() {
	for connection := range l.h.replays {
		if l.ctx.Err() != nil {
			continue
		}
		n, left, err := l.h.Replay(l.ctx, connection)
		if err != nil && !errors.Is(err, ErrClosing) && !errors.Is(err, context.Canceled) {
			l.h.opt.Log.Warn("replay of parked items", "connection", connection, "error", err)
		}
		if n > 0 {
			l.h.opt.Log.Info("parked items replayed", "connection", connection, "replayed", n, "left", left)
		}
	}
}

// Release commits a waiting replace: see Service.
func (h *Hub) Release(ctx context.Context, who ari.Author, id, reason string, dryRun bool) (Receipt, error) {
	w, u, err := h.waitingByID(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	u.Released, u.By, u.Reason = true, who, reason
	if why := becauseOf(ctx); why.request != "" {
		u.RequestID = why.request
	}
	u.Received = h.opt.Clock.Now()
	s := &Submission{Update: *u, Identity: Identity{ID: "release:" + id, Strict: true, Content: HashContent([]byte(id))}}
	c := newCall(s, h.opt.Clock.Now(), h.ids)
	c.replay = true
	if dryRun {
		return h.dryRun(c)
	}
	c.waits = id
	c.rows = []store.Row{{List: listWaiting, ID: id, Property: w.Property, Connection: w.Connection, At: h.opt.Clock.Now()}}
	return h.call(ctx, c)
}

// Refuse drops a waiting replace. Who did so and why is in the message's record.
func (h *Hub) Refuse(ctx context.Context, who ari.Author, id, reason string, dryRun bool) error {
	w, _, err := h.waitingByID(ctx, id)
	if err != nil || dryRun {
		return err
	}
	detail, err := json.Marshal(map[string]string{"refused": id, "by": who.ID, "reason": reason, "message_id": w.MessageID})
	if err != nil {
		return err
	}
	now := h.opt.Clock.Now()
	c := newCall(&Submission{Message: &store.Message{
		Received: now, Connection: w.Connection, Property: w.Property, Protocol: "hub", Kind: "refusal_of_replace", Raw: detail, Source: plainText(who.ID),
	}}, now, h.ids)
	c.waits = id
	c.rows = []store.Row{{List: listWaiting, ID: id, Property: w.Property, Connection: w.Connection, At: now}}
	_, err = h.call(ctx, c)
	return err
}

func (h *Hub) waitingByID(ctx context.Context, id string) (*Waiting, *ari.Update, error) {
	row, err := h.st.Row(ctx, listWaiting, id)
	if err != nil {
		return nil, nil, err
	}
	return readWaiting(&row)
}
