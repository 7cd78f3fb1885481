package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// loader reads everything from the store: pages and objects of each property, then the feed from the oldest checkpoint on (S33).
type loader struct {
	st       store.Store
	lim      *Limits
	parallel func(n int, f func(i int)) // calls f for 0..n-1, side by side where there are goroutines
	progress func(text string)
	alarm    func(text string, args ...any)

	w      *world
	byCode map[string]*property // those with a checkpoint
}

// loadReaders is how many goroutines read pages: more than two did not make it faster on two cores, and leave a server's others alone.
const loadReaders = 2

func (l *loader) load(ctx context.Context) (*world, error) {
	head, err := l.st.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	l.w = newWorld(l.lim)
	l.w.epoch = head.Epoch
	from, err := l.checkpoints(ctx, head)
	if err != nil {
		return nil, err
	}
	if err := l.objects(ctx); err != nil {
		return nil, err
	}
	if err := l.pages(ctx); err != nil {
		return nil, err
	}
	if err := l.replay(ctx, from, head.Seq); err != nil {
		return nil, err
	}
	l.finishAll()
	return l.w, nil
}

// checkpoints makes the properties that have one; it answers where replay starts.
func (l *loader) checkpoints(ctx context.Context, head store.Head) (from int64, err error) {
	cps, err := l.st.Checkpoints(ctx)
	if err != nil {
		return 0, fmt.Errorf("read checkpoints: %w", err)
	}
	l.byCode = make(map[string]*property, len(cps))
	from = head.Seq
	for _, cp := range cps {
		p := newProperty(cp.Property)
		p.checkpoint = cp
		p.pic.StartLoading(cp.Revision)
		l.byCode[cp.Property] = p
		from = min(from, cp.Seq)
	}
	return l.withoutCheckpoint(ctx, from, head)
}

// withoutCheckpoint moves the start of replay to before the first entry of properties that have no checkpoint yet: all that is kept, unless every
// property that has objects has one.
func (l *loader) withoutCheckpoint(ctx context.Context, from int64, head store.Head) (int64, error) {
	err := l.st.Objects(ctx, "", func(o *store.Object) error {
		if l.byCode[o.Property] == nil {
			from = max(0, head.FirstSeq-1)
			return errDone
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDone) {
		return 0, fmt.Errorf("read objects: %w", err)
	}
	return from, nil
}

var errDone = errors.New("done")

// objects gives each property its catalog, and _hub the registry. A property without checkpoint gets its objects from the feed.
func (l *loader) objects(ctx context.Context) error {
	r := newRegistry()
	err := l.st.Objects(ctx, "", func(o *store.Object) error {
		p := l.byCode[o.Property]
		if p == nil || p.broken != "" {
			return nil
		}
		body := slices.Clone(o.Body)
		p.objects[objectKey{o.Kind, o.Code}] = object{o.Revision, body}
		if err := p.pic.LoadObject(o.Kind, o.Code, body); err != nil {
			l.broken(p, fmt.Sprintf("object %s %s: %v", o.Kind, o.Code, err))
		}
		if o.Property == ari.HubProperty {
			r.load(o.Kind, o.Code, body, o.Revision)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read objects: %w", err)
	}
	l.w.registry.Store(r)
	return nil
}

// load puts an object into a registry that nobody reads yet.
func (r *registry) load(kind, code string, body []byte, revision int64) {
	switch kind {
	case KindConnection:
		loadInto(r.connections, code, body)
	case KindProfile:
		loadInto(r.profiles, code, body)
	case KindClient:
		loadInto(r.clients, code, body)
	case KindMapping:
		var v Mapping
		if json.Unmarshal(body, &v) != nil {
			return
		}
		c := r.mappings[v.Connection]
		if c == nil {
			c = &connectionMappings{byKey: map[mappingKey]Mapping{}}
			r.mappings[v.Connection] = c
		}
		c.byKey[mappingKey{v.Property, v.Kind, v.External}] = v
		c.version = max(c.version, revision)
	}
}

func loadInto[T any](m map[string]T, code string, body []byte) {
	var v T
	if json.Unmarshal(body, &v) == nil {
		m[code] = v
	}
}

// pages reads every property's pages, in disjoint ranges side by side.
func (l *loader) pages(ctx context.Context) error {
	codes := make([]string, 0, len(l.byCode))
	for code := range l.byCode {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	cuts := ranges(codes, loadReaders)
	errs := make([]error, len(cuts))
	l.parallel(len(cuts), func(i int) { errs[i] = l.readPages(ctx, cuts[i]) })
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("read pages: %w", err)
	}
	for _, code := range codes {
		l.w.add(l.byCode[code])
	}
	return nil
}

// codeRange is lo <= code < hi; hi "" has no end.
type codeRange struct {
	lo, hi string
	codes  []string
}

// ranges cuts sorted codes into at most n ranges that cover every text.
func ranges(codes []string, n int) []codeRange {
	n = max(1, min(n, len(codes)))
	out := make([]codeRange, n)
	for i := range n {
		out[i].codes = codes[i*len(codes)/n : (i+1)*len(codes)/n]
		if i > 0 {
			out[i].lo = out[i].codes[0]
			out[i-1].hi = out[i].lo
		}
	}
	return out
}

func (l *loader) readPages(ctx context.Context, r codeRange) error {
	var p *property
	err := l.st.Pages(ctx, r.lo, r.hi, func(page *store.Page) error {
		if p == nil || p.code != page.Property {
			p = l.byCode[page.Property]
		}
		if p == nil || p.broken != "" {
			return nil
		}
		if err := p.pic.LoadPage(ari.PageID{Scope: page.Scope, Month: page.Month}, page.Body); err != nil {
			l.broken(p, fmt.Sprintf("page %s of month %d: %v", page.Scope, page.Month, err))
		}
		return nil
	})
	return err
}

// finishAll computes every property's effective values once, side by side.
func (l *loader) finishAll() {
	all := l.w.sorted()
	l.progress(fmt.Sprintf("computing what %d properties sell", len(all)))
	l.parallel(loadReaders, func(i int) {
		for k := i; k < len(all); k += loadReaders {
			l.finish(all[k])
		}
	})
}

func (l *loader) finish(p *property) {
	if p.broken != "" {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			l.broken(p, fmt.Sprintf("panic while loading: %v", r))
		}
	}()
	p.pic.FinishLoading()
}

// broken takes one property out of service: a bad page is no reason to keep the others down (S33).
func (l *loader) broken(p *property, why string) {
	p.broken = why
	l.alarm("property out of service", "property", p.code, "why", why)
}

// replay folds the feed after from; head is only for the progress.
func (l *loader) replay(ctx context.Context, from, head int64) error {
	l.w.seq.Store(from)
	for {
		entries, err := readFeed(ctx, l.st, l.w.seq.Load(), feedPage)
		if err != nil {
			return fmt.Errorf("replay the feed: %w", err)
		}
		for _, e := range entries {
			l.replayOne(e)
		}
		if len(entries) < feedPage {
			return l.lastTime(ctx)
		}
		l.progress(fmt.Sprintf("replaying the feed: %d of %d", l.w.seq.Load(), head))
	}
}

func (l *loader) replayOne(e *ari.Entry) {
	p := l.w.property(e.Property)
	if p == nil {
		p = newProperty(e.Property)
		p.pic.StartLoading(0)
		l.w.add(p)
	}
	if err := safeFold(p, e); err != nil {
		l.broken(p, fmt.Sprintf("fold of revision %d: %v", e.Revision, err))
	}
	if e.Property == ari.HubProperty {
		for i := range e.Objects {
			o := &e.Objects[i]
			if n, err := l.w.registry.Load().with(map[string]bool{}, o.Kind, o.Code, o.Old, o.New, e.Revision); err == nil {
				l.w.registry.Store(n)
			}
		}
	}
	l.w.seq.Store(e.Seq)
	l.w.lastAt = e.At
}

// lastTime answers for the newest entry's time where no entry was replayed.
func (l *loader) lastTime(ctx context.Context) error {
	if seq := l.w.seq.Load(); seq > 0 && l.w.lastAt.IsZero() {
		err := l.st.Feed(ctx, seq-1, 1, func(e *store.Entry) bool {
			l.w.lastAt = e.At
			return false
		})
		if err != nil && !errors.Is(err, store.ErrGone) {
			return fmt.Errorf("read the newest entry: %w", err)
		}
	}
	if l.w.lastAt.IsZero() {
		l.w.lastAt = time.Unix(0, 0)
	}
	return nil
}

// readFeed answers decoded entries after a place in the feed.
func readFeed(ctx context.Context, st store.Store, after int64, limit int) ([]*ari.Entry, error) {
	var out []*ari.Entry
	var bad error
	err := st.Feed(ctx, after, limit, func(row *store.Entry) bool {
		e, err := decodeRow(row)
		if err != nil {
			bad = err
			return false
		}
		out = append(out, e)
		return true
	})
	if err == nil {
		err = bad
	}
	return out, err
}

// decodeRow answers a journal row's entry, with its place in the feed.
func decodeRow(row *store.Entry) (*ari.Entry, error) {
	e, err := ari.DecodeEntry(row.Body)
	if err != nil {
		return nil, fmt.Errorf("entry %d of %s: %w", row.Revision, row.Property, err)
	}
	if e.Property == "" {
		e.Property = strings.Clone(row.Property)
	}
	e.Seq = row.Seq
	return e, nil
}

// buildFilter reads the keys that the store has.
func buildFilter(ctx context.Context, st store.Store) (*bloom, error) {
	var hashes []store.KeyHash
	if err := st.KeyHashes(ctx, func(_ int32, h store.KeyHash) { hashes = append(hashes, h) }); err != nil {
		return nil, err
	}
	b := newBloom(len(hashes))
	for _, h := range hashes {
		b.add(h)
	}
	return b, nil
}

// readKnown answers what the store remembers of keys: those that were journalled are read from their entries.
func readKnown(ctx context.Context, st store.Store, hashes []store.KeyHash) (map[store.KeyHash]outcome, error) {
	keys, err := st.Keys(ctx, hashes)
	if err != nil {
		return nil, err
	}
	known := make(map[store.KeyHash]outcome, len(keys))
	for i := range keys {
		k := &keys[i]
		var e *ari.Entry
		if len(k.Outcome) == 0 {
			k.Outcome = nil
			if e, err = readEntry(ctx, st, k.Property, k.Revision); err != nil && !errors.Is(err, store.ErrGone) && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
		}
		if known[k.Hash], err = readOutcome(k, e); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// readEntry answers the entry of a property's revision.
func readEntry(ctx context.Context, st store.Store, property string, revision int64) (*ari.Entry, error) {
	var e *ari.Entry
	var bad error
	err := st.PropertyFeed(ctx, property, revision-1, 1, func(row *store.Entry) bool {
		e, bad = decodeRow(row)
		return false
	})
	switch {
	case err != nil:
		return nil, err
	case bad != nil:
		return nil, bad
	case e == nil || e.Revision != revision:
		return nil, store.ErrNotFound
	}
	return e, nil
}

// listPage is how many rows of a list are read at once.
const listPage = 500

// readLists answers what a new writer needs of the work lists.
func readLists(ctx context.Context, st store.Store) (l lists, err error) {
	err = eachRow(ctx, st, listWant, func(r *store.Row) error {
		var w Want
		if err := json.Unmarshal(r.Body, &w); err != nil {
			return err
		}
		l.wants = append(l.wants, w)
		return nil
	})
	if err != nil {
		return l, err
	}
	err = eachRow(ctx, st, listWaiting, func(r *store.Row) error {
		_, u, err := readWaiting(r)
		if err != nil {
			return err
		}
		l.waiting = append(l.waiting, waitingRef{r.ID, u.Property, u.Connection, u.Replace})
		return nil
	})
	return l, err
}

func readWaiting(r *store.Row) (*Waiting, *ari.Update, error) {
	var k keptWaiting
	if err := json.Unmarshal(r.Body, &k); err != nil {
		return nil, nil, fmt.Errorf("waiting replace %s: %w", r.ID, err)
	}
	u, err := decodeUpdate(k.Update)
	return &k.Waiting, u, err
}

func eachRow(ctx context.Context, st store.Store, list string, f func(*store.Row) error) error {
	after := ""
	for {
		rows, err := st.Rows(ctx, list, "", "", after, listPage)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := f(&rows[i]); err != nil {
				return err
			}
			after = rows[i].ID
		}
		if len(rows) < listPage {
			return nil
		}
	}
}

// settleBatch finds out whether a batch of unknown outcome was committed, by what it would have left.
func settleBatch(ctx context.Context, st store.Store, b *store.Batch) (done bool, err error) {
	switch {
	case len(b.Entries) > 0:
		e := &b.Entries[0]
		err = st.Feed(ctx, b.Base.Seq, 1, func(row *store.Entry) bool {
			done = row.Property == e.Property && row.Revision == e.Revision && row.MessageID == e.MessageID && string(row.Body) == string(e.Body)
			return false
		})
	case len(b.Keys) > 0:
		var keys []store.Key
		keys, err = st.Keys(ctx, []store.KeyHash{b.Keys[0].Hash})
		done = len(keys) > 0
	case len(b.Messages) > 0:
		_, err = st.Message(ctx, b.Messages[0].ID)
		done = err == nil
	case len(b.Rows) > 0:
		_, err = st.Row(ctx, b.Rows[0].List, b.Rows[0].ID)
		done = (err == nil) == (b.Rows[0].Body != nil)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return done, err
}
