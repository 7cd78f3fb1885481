package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// tail keeps the newest entries of the feed in memory, for readers who are close behind, and wakes those who wait.
type tail struct {
	mu    sync.Mutex
	items []FeedItem // rising by seq, without gaps
	first int        // of items: those before it are dropped
	bytes int
	max   int // items
	room  int // bytes
	woken chan struct{}
}

func newTail(items, bytes int) *tail {
	return &tail{max: items, room: bytes, woken: make(chan struct{})}
}

// itemBytes is about what an entry takes in memory.
func itemBytes(e *ari.Entry) int {
	n := 300 + 100*(len(e.Standing)+len(e.Extents)+len(e.Touched)+len(e.Items)+len(e.Overlays))
	for i := range e.Columns {
		n += 150 + 80*len(e.Columns[i].Runs)
	}
	for i := range e.Objects {
		n += 100 + len(e.Objects[i].Old) + len(e.Objects[i].New)
	}
	return n
}

func (t *tail) add(items []FeedItem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, it := range items {
		t.bytes += itemBytes(it.Entry)
	}
	t.items = append(t.items, items...)
	for len(t.items)-t.first > t.max || t.bytes > t.room && len(t.items)-t.first > 1 {
		t.bytes -= itemBytes(t.items[t.first].Entry)
		t.items[t.first] = FeedItem{}
		t.first++
	}
	if t.first > t.max {
		t.items = slices.Clone(t.items[t.first:])
		t.first = 0
	}
}

// wake lets everyone who waits look again.
func (t *tail) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.woken != nil {
		close(t.woken)
		t.woken = nil
	}
}

// waiter answers a channel that closes at the next commit.
func (t *tail) waiter() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.woken == nil {
		t.woken = make(chan struct{})
	}
	return t.woken
}

// after answers the items after a place, at most limit; ok is false if they are not all here.
func (t *tail) after(seq int64, limit int) (items []FeedItem, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.items[t.first:]
	if len(list) == 0 || seq+1 < list[0].Position.Seq {
		return nil, false
	}
	from := int(min(seq+1-list[0].Position.Seq, int64(len(list))))
	list = list[from:]
	return slices.Clone(list[:min(limit, len(list))]), true
}

// FeedLimitMax is the most entries that one call of Feed looks at: a reader goes on from next.
const FeedLimitMax = 1000

// Feed answers fed entries after a position: see Service.
func (h *Hub) Feed(ctx context.Context, after store.Position, property string, limit int, wait time.Duration) ([]FeedItem, store.Position, error) {
	w := h.world.Load()
	if w == nil {
		return nil, after, ErrNotReady
	}
	if after.Epoch == 0 {
		after.Epoch = w.epoch
	}
	if after.Epoch != w.epoch {
		return nil, after, ErrEpoch
	}
	var late <-chan time.Time
	if wait > 0 {
		t := h.opt.Clock.NewTimer(wait)
		defer t.Stop()
		late = t.C()
	}
	for {
		woken := w.feed.waiter()
		items, next, err := h.feedNow(ctx, w, after, property, limit)
		if err != nil || len(items) > 0 || wait <= 0 {
			return items, next, err
		}
		moved := next != after
		after = next
		if moved && after.Seq < w.seq.Load() {
			continue
		}
		select {
		case <-woken:
		case <-late:
			return nil, after, nil
		case <-ctx.Done():
			return nil, after, ctx.Err()
		}
	}
}

// feedNow looks at up to FeedLimitMax entries and answers those that are fed.
func (h *Hub) feedNow(ctx context.Context, w *world, after store.Position, property string, limit int) ([]FeedItem, store.Position, error) {
	all, err := h.feedPage(ctx, w, after.Seq)
	if err != nil {
		return nil, after, err
	}
	var out []FeedItem
	before := map[string]int64{}
	for _, it := range all {
		if len(out) == limit {
			break
		}
		after.Seq = it.Position.Seq
		if it.Entry.StampOnly() || property != "" && it.Entry.Property != property {
			continue
		}
		if it.Previous < 0 {
			if it.Previous, err = h.previous(ctx, before, it.Entry); err != nil {
				return nil, after, err
			}
		}
		before[it.Entry.Property] = it.Entry.Revision
		out = append(out, it)
	}
	return out, after, nil
}

func (h *Hub) feedPage(ctx context.Context, w *world, after int64) ([]FeedItem, error) {
	last := w.seq.Load()
	if after >= last {
		return nil, nil
	}
	if items, ok := w.feed.after(after, FeedLimitMax); ok {
		return items, nil
	}
	entries, err := readFeed(ctx, h.st, after, FeedLimitMax)
	if err != nil {
		return nil, err
	}
	items := make([]FeedItem, 0, len(entries))
	for _, e := range entries {
		if e.Seq > last {
			break // committed, but not to be read here yet
		}
		items = append(items, FeedItem{Position: store.Position{Epoch: w.epoch, Seq: e.Seq}, Previous: -1, Entry: e})
	}
	return items, nil
}

// previous answers the revision of the property that was fed before an entry; 0 if none was, or none is kept.
func (h *Hub) previous(ctx context.Context, before map[string]int64, e *ari.Entry) (int64, error) {
	if r, ok := before[e.Property]; ok {
		return r, nil
	}
	found := int64(0)
	for at := e.Revision; at > 1; {
		n := 0
		err := h.st.PropertyFeedBack(ctx, e.Property, at, 100, func(row *store.Entry) bool {
			n++
			at = row.Revision
			if !row.StampOnly {
				found = row.Revision
			}
			return found == 0
		})
		if errors.Is(err, store.ErrGone) || err == nil && (n == 0 || found > 0) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("feed of %s before %d: %w", e.Property, e.Revision, err)
		}
	}
	return found, nil
}

// AtLeast waits briefly until this node has the position: see Service.
func (h *Hub) AtLeast(ctx context.Context, at store.Position) error {
	w := h.world.Load()
	if w == nil {
		return ErrNotReady
	}
	if at.Epoch != w.epoch {
		return ErrEpoch
	}
	var late <-chan time.Time
	for {
		woken := w.feed.waiter()
		if w.seq.Load() >= at.Seq {
			return nil
		}
		if late == nil {
			t := h.opt.Clock.NewTimer(h.opt.Limits.AtLeastWait)
			defer t.Stop()
			late = t.C()
		}
		select {
		case <-woken:
		case <-late:
			return context.DeadlineExceeded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// historyPage is how many rows of a property's feed are read at once.
const historyPage = 200

// History answers a property's entries that keep keeps, newest first: see Service.
func (h *Hub) History(ctx context.Context, property string, before int64, limit int, keep func(*ari.Entry) bool) ([]FeedItem, error) {
	p, err := h.property(property)
	if err != nil {
		return nil, err
	}
	p.mu.RLock()
	last := p.pic.Revision()
	p.mu.RUnlock()
	if before <= 0 || before > last+1 {
		before = last + 1
	}
	var out []FeedItem
	told := 0 // items whose Previous is known
	for len(out) < limit && before > 1 {
		entries, err := h.back(ctx, property, before, historyPage)
		if errors.Is(err, store.ErrGone) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			before = e.Revision
			if !e.StampOnly() {
				for ; told < len(out); told++ {
					out[told].Previous = e.Revision
				}
			}
			if len(out) < limit && keep(e) {
				out = append(out, FeedItem{Position: store.Position{Epoch: h.world.Load().epoch, Seq: e.Seq}, Entry: e})
			}
		}
		if len(entries) < historyPage {
			break
		}
	}
	return out, h.fillPrevious(ctx, out[told:])
}

// fillPrevious answers for each item the revision that was fed before it. Items are newest first.
func (h *Hub) fillPrevious(ctx context.Context, items []FeedItem) (err error) {
	for i := range items {
		if items[i].Previous, err = h.previous(ctx, nil, items[i].Entry); err != nil {
			return err
		}
	}
	return nil
}

// back answers decoded entries of a property below a revision, newest first.
func (h *Hub) back(ctx context.Context, property string, before int64, limit int) ([]*ari.Entry, error) {
	var out []*ari.Entry
	var bad error
	err := h.st.PropertyFeedBack(ctx, property, before, limit, func(row *store.Entry) bool {
		e, err := decodeRow(row)
		if bad = err; err != nil {
			return false
		}
		out = append(out, e)
		return true
	})
	return out, errors.Join(err, bad)
}

// Past answers a copy of the picture as it was at a revision: see Service.
func (h *Hub) Past(ctx context.Context, property string, revision int64) (*ari.Picture, error) {
	p, err := h.property(property)
	if err != nil {
		return nil, err
	}
	p.mu.RLock()
	if p.broken != "" {
		p.mu.RUnlock()
		return nil, fmt.Errorf("%w: property %s is out of service", ErrNotReady, property)
	}
	past := p.pic.Clone()
	p.mu.RUnlock()
	if revision < 0 || revision > past.Revision() {
		return nil, store.ErrNotFound
	}
	for past.Revision() > revision {
		entries, err := h.back(ctx, property, past.Revision()+1, historyPage)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			return nil, store.ErrGone
		}
		for _, e := range entries {
			if past.Revision() == revision {
				break
			}
			if err := past.Unfold(e); err != nil {
				return nil, err
			}
		}
	}
	return past, nil
}

// RevisionAt answers the property's last revision at or before an instant: see Service. Entries' times never fall, so it is searched by halves.
func (h *Hub) RevisionAt(ctx context.Context, property string, at time.Time) (int64, error) {
	p, err := h.property(property)
	if err != nil {
		return 0, err
	}
	p.mu.RLock()
	hi := p.pic.Revision()
	p.mu.RUnlock()
	lo, gone := int64(0), false // the answer is in lo..hi
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		e, err := h.rowAt(ctx, property, mid)
		switch {
		case errors.Is(err, store.ErrGone), errors.Is(err, store.ErrNotFound):
			lo, gone = mid, true // older than what is kept: the answer may lie there, or above
		case err != nil:
			return 0, err
		case e.After(at):
			hi = mid - 1
		default:
			lo, gone = mid, false
		}
	}
	if gone {
		return 0, store.ErrGone
	}
	return lo, nil
}

// rowAt answers when a revision was committed.
func (h *Hub) rowAt(ctx context.Context, property string, revision int64) (at time.Time, err error) {
	found := false
	err = h.st.PropertyFeed(ctx, property, revision-1, 1, func(row *store.Entry) bool {
		at, found = row.At, row.Revision == revision
		return false
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return at, err
}
