package hub

import (
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// AuditQuery selects entries of the feed, newest first (S29).
type AuditQuery struct {
	Before   int64     // entries below this position's number; with Property: below this revision. 0: from the newest
	Property string    // "": all
	From, To time.Time // committed at or after, and before; zero: no bound
	Limit    int       // entries that are answered
	Keep     func(*ari.Entry) bool
}

// AuditPage is what one call of Audit found.
type AuditPage struct {
	Items []FeedItem // newest first; Previous is not filled
	Next  int64      // Before of the next call; 0: nothing is older
}

// auditScan bounds the entries that one call looks at: some tenths of a second's work. A page may come out short, or empty, with Next.
const auditScan = 20_000

// Audit answers entries that q selects, newest first: see Service.
func (h *Hub) Audit(ctx context.Context, q AuditQuery) (AuditPage, error) {
	if h.world.Load() == nil {
		return AuditPage{}, ErrNotReady
	}
	back, start := h.auditFeed, h.auditStart
	if q.Property != "" {
		back, start = h.auditProperty, h.auditStartOf
	}
	before, err := start(ctx, &q)
	if err != nil {
		return AuditPage{}, err
	}
	var out AuditPage
	for looked := 0; before > 1 && looked < auditScan; {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		entries, err := back(ctx, q.Property, before)
		if err != nil {
			return out, err
		}
		if len(entries) == 0 {
			return out, nil // what is older is no longer kept
		}
		for _, it := range entries {
			if !q.From.IsZero() && it.Entry.At.Before(q.From) {
				return out, nil
			}
			if len(out.Items) == q.Limit {
				out.Next = before
				return out, nil
			}
			if before = it.Position.Seq; q.Property != "" {
				before = it.Entry.Revision
			}
			if (q.To.IsZero() || it.Entry.At.Before(q.To)) && q.Keep(it.Entry) {
				out.Items = append(out.Items, it)
			}
		}
		looked += len(entries)
	}
	if before > 1 {
		out.Next = before
	}
	return out, nil
}

// auditFeed answers a page of the whole feed below a number, newest first; none if it is not kept.
func (h *Hub) auditFeed(ctx context.Context, _ string, before int64) ([]FeedItem, error) {
	after := max(before-1-historyPage, 0)
	head, err := h.st.Head(ctx)
	if err != nil {
		return nil, err
	}
	if after = max(after, head.FirstSeq-1); after >= before-1 {
		return nil, nil
	}
	entries, err := readFeed(ctx, h.st, after, int(before-1-after))
	if errors.Is(err, store.ErrGone) {
		return nil, nil // pruned meanwhile
	}
	slices.Reverse(entries)
	return h.positioned(entries), err
}

// auditProperty answers a page of one property's entries below a revision, newest first; none if they are not kept.
func (h *Hub) auditProperty(ctx context.Context, property string, before int64) ([]FeedItem, error) {
	entries, err := h.back(ctx, property, before, historyPage)
	if errors.Is(err, store.ErrGone) {
		return nil, nil
	}
	return h.positioned(entries), err
}

func (h *Hub) positioned(entries []*ari.Entry) []FeedItem {
	epoch := h.world.Load().epoch
	out := make([]FeedItem, len(entries))
	for i, e := range entries {
		out[i] = FeedItem{Position: store.Position{Epoch: epoch, Seq: e.Seq}, Entry: e}
	}
	return out
}

// auditStart answers the number below which to look: that of q, or what was committed before q.To, searched by halves: the feed's times rise, but
// for clocks of nodes that differ by less than auditSkew.
func (h *Hub) auditStart(ctx context.Context, q *AuditQuery) (int64, error) {
	last := h.world.Load().seq.Load() + 1
	if q.Before > 0 {
		return min(q.Before, last), nil
	}
	if q.To.IsZero() {
		return last, nil
	}
	head, err := h.st.Head(ctx)
	if err != nil {
		return 0, err
	}
	var failed error
	first, until := head.FirstSeq, q.To.Add(auditSkew)
	n := sort.Search(int(max(last-first, 0)), func(i int) bool {
		if failed != nil {
			return true
		}
		at := time.Time{}
		failed = h.st.Feed(ctx, first+int64(i)-1, 1, func(row *store.Entry) bool { at = row.At; return false })
		return !at.Before(until)
	})
	if errors.Is(failed, store.ErrGone) {
		return last, nil // pruned meanwhile: the long way
	}
	return first + int64(n), failed
}

// auditSkew is how far the clocks of two writers may be apart.
const auditSkew = 2 * time.Minute

// auditStartOf is auditStart for one property.
func (h *Hub) auditStartOf(ctx context.Context, q *AuditQuery) (int64, error) {
	p, err := h.property(q.Property)
	if err != nil {
		return 0, err
	}
	p.mu.RLock()
	last := p.pic.Revision() + 1
	p.mu.RUnlock()
	if q.Before > 0 {
		return min(q.Before, last), nil
	}
	if q.To.IsZero() {
		return last, nil
	}
	at, err := h.RevisionAt(ctx, q.Property, q.To)
	if errors.Is(err, store.ErrGone) {
		return 0, nil // all of it is older than what is kept
	}
	return at + 1, err
}

// because is what a context carries for the audit trail.
type because struct{ request, reason string }

type becauseKey struct{}

// Because answers a context whose writes of objects and decisions on replaces are recorded with a request's id and a reason (S29). It travels as
// trace ids do: nothing is decided by it.
func Because(ctx context.Context, request, reason string) context.Context {
	return context.WithValue(ctx, becauseKey{}, because{plainText(request), plainText(reason)})
}

// becauseOf answers what Because put there.
func becauseOf(ctx context.Context) because {
	b, _ := ctx.Value(becauseKey{}).(because)
	return b
}
