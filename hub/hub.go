package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Hub is the one implementation of Service. Open makes it, Run makes it work.
type Hub struct {
	opt     Options
	st      store.Store
	ids     *ids
	metrics Metrics

	world   atomic.Pointer[world] // nil until it is loaded
	state   atomic.Pointer[state]
	loading atomic.Pointer[string]
	waiting atomic.Int64 // updates handed in and not answered (S27)

	inboxMu sync.Mutex
	inbox   []*Call
	closed  bool // nothing is taken in any more
	rang    chan struct{}

	running atomic.Bool
	keysMu  sync.Mutex
	keys    map[string][]byte
	replays chan string
	jobs    chan struct{} // rings when there may be a job to do
}

// state is the machine's, as others may see it.
type state struct {
	role   role
	ready  bool
	holder store.Lease
}

var _ Service = (*Hub)(nil)

// Open answers a hub on a store that can be reached; it reads the pictures only when it runs.
func Open(ctx context.Context, o Options) (*Hub, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	if _, err := o.Store.Head(ctx); err != nil {
		return nil, fmt.Errorf("hub: read the store's head: %w", err)
	}
	h := &Hub{
		opt: o, st: o.Store, ids: &ids{random: o.Random}, rang: make(chan struct{}, 1),
		keys: map[string][]byte{}, replays: make(chan string, replaysMax),
		jobs: make(chan struct{}, 1),
	}
	h.state.Store(&state{})
	return h, nil
}

// Metrics answers the hub's counters.
func (h *Hub) Metrics() *Metrics { return &h.metrics }

// Submit is the one way in: see Service.
func (h *Hub) Submit(ctx context.Context, s *Submission) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	if err := checkTexts(s); err != nil {
		return Receipt{}, err
	}
	now := h.opt.Clock.Now()
	c := newCall(s, now, h.ids)
	if m := s.Match; m != nil {
		c.ifMatch = &objectMatch{key: objectKey{m.Kind, m.Code}, version: m.Version}
	}
	if s.DryRun {
		return h.dryRun(c)
	}
	return h.call(ctx, c)
}

// call hands a call to the machine and waits for its answer.
func (h *Hub) call(ctx context.Context, c *Call) (Receipt, error) {
	h.metrics.Submitted.Add(1)
	if n := h.waiting.Add(1); n > int64(h.opt.Limits.Queue) {
		h.waiting.Add(-1)
		h.metrics.Busy.Add(1)
		return Receipt{}, &BusyError{RetryAfter: busyRetryAfter}
	}
	if !h.post(c) {
		h.waiting.Add(-1)
		return Receipt{}, h.whyClosed()
	}
	select {
	case <-c.done:
		h.metrics.AckSeconds.Observe(h.opt.Clock.Now().Sub(c.arrived).Seconds())
		return c.receipt, c.err
	case <-ctx.Done():
		return Receipt{}, ctx.Err() // it may still be committed: the caller's retry finds its key
	}
}

// post puts a call into the inbox and rings.
func (h *Hub) post(c *Call) bool {
	h.inboxMu.Lock()
	if h.closed || h.world.Load() == nil {
		h.inboxMu.Unlock()
		return false
	}
	h.inbox = append(h.inbox, c)
	first := len(h.inbox) == 1
	h.inboxMu.Unlock()
	if first {
		select {
		case h.rang <- struct{}{}:
		default:
		}
	}
	return true
}

func (h *Hub) whyClosed() error {
	h.inboxMu.Lock()
	defer h.inboxMu.Unlock()
	if h.closed {
		return ErrClosing
	}
	return ErrNotReady
}

// Busy tells edges to refuse before they read a body: see Service.
func (h *Hub) Busy(property string) error {
	if h.waiting.Load() >= int64(h.opt.Limits.Queue) {
		return &BusyError{RetryAfter: busyRetryAfter}
	}
	w := h.world.Load()
	if property == "" || w == nil {
		return nil
	}
	if p := w.property(property); p != nil && int(p.queued.Load()) >= h.opt.Limits.QueueProperty {
		return &BusyError{Property: property, RetryAfter: busyRetryAfter}
	}
	return nil
}

// Unsaved answers how many pages have changed since their checkpoint, and how old the oldest such change is: what a start would replay. Only the writer
// writes checkpoints; a follower answers 0 and 0.
func (h *Hub) Unsaved() (pages int, age time.Duration) {
	w := h.world.Load()
	if w == nil || h.state.Load().role != writer {
		return 0, 0
	}
	for _, p := range w.sorted() {
		p.mu.RLock()
		pages += p.pic.Dirty()
		p.mu.RUnlock()
	}
	if since := h.metrics.DirtySince.Load(); since != 0 {
		age = max(h.opt.Clock.Now().Sub(time.Unix(0, since)), 0)
	}
	return pages, age
}

// checkTexts refuses names that not every store could keep.
func checkTexts(s *Submission) error {
	u := &s.Update
	if u.Property != "" {
		if err := ari.CheckCode(u.Property); err != nil {
			return refusal(0, "property", u.Property, "a code of 1 to 64 bytes")
		}
	}
	u.MessageID, u.RequestID = plainText(u.MessageID), plainText(u.RequestID)
	return nil
}

// dryRecent is room for the outcomes of one call.
const dryRecent = 8

// dryRun judges a call against the committed picture, and leaves no trace.
func (h *Hub) dryRun(c *Call) (Receipt, error) {
	w := h.world.Load()
	if w == nil {
		return Receipt{}, ErrNotReady
	}
	o := h.opt
	o.Limits.Recent = dryRecent // no repeat is looked for: an import's thousands of dry runs need not make room for them
	m := newMachine(&o, h.ids, &Metrics{})
	m.w, m.now, m.lim, m.role = w, c.arrived, h.opt.Limits, follower
	m.find(c)
	p := c.prop
	p.mu.RLock()
	defer p.mu.RUnlock()
	shadow := &property{code: p.code, pic: p.pic, objects: p.objects, broken: p.broken, known: p.known, draft: p.pic.Draft()}
	if p == m.nowhere {
		shadow, m.nowhere = p, p
	}
	c.prop = shadow
	b := &batch{byKey: map[store.KeyHash]*Call{}}
	c.sub.Message = nil
	m.judge(b, c)
	c.receipt.Position = w.position()
	return c.receipt, c.err
}

// Read calls f with the property's picture: see Service.
func (h *Hub) Read(property string, f func(p *ari.Picture) error) error {
	p, err := h.property(property)
	if err != nil {
		return err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.broken != "" {
		return fmt.Errorf("%w: property %s is out of service", ErrNotReady, property)
	}
	return f(p.pic)
}

// property answers a hotel, or the hub's own.
func (h *Hub) property(code string) (*property, error) {
	w := h.world.Load()
	if w == nil {
		return nil, ErrNotReady
	}
	p := w.property(code)
	if p == nil {
		return nil, ErrUnknownProperty
	}
	return p, nil
}

// Properties answers the codes of all hotels: see Service.
func (h *Hub) Properties(after string, limit int) []string {
	w := h.world.Load()
	if w == nil {
		return nil
	}
	return pageOf(w.hotels(), after, limit)
}

// Position answers the place of the newest entry that can be read here.
func (h *Hub) Position() store.Position {
	if w := h.world.Load(); w != nil {
		return w.position()
	}
	return store.Position{}
}

// Status answers what health, readiness and metrics show.
func (h *Hub) Status() Status {
	st := h.state.Load()
	s := Status{
		Ready: st.ready, Writer: st.role == writer, WriterAddress: st.holder.Address, Node: h.opt.Node,
		Queue: int(h.waiting.Load()), Store: h.st.Describe(), Position: h.Position(),
	}
	if text := h.loading.Load(); text != nil && !s.Ready {
		s.Loading = *text
	}
	if w := h.world.Load(); w != nil {
		s.Properties = len(w.hotels())
		for _, p := range w.sorted() {
			p.mu.RLock()
			if p.broken != "" {
				s.OutOfService = append(s.OutOfService, p.code)
			}
			p.mu.RUnlock()
		}
	}
	return s
}

// KeyNames are the keys that a store keeps for its hubs (S31, S37). There are no others, so that a rotation finds them all.
var KeyNames = []string{"token", "forward"}

// KeyMeta begins the names that keys have in the store's table of named bytes.
const KeyMeta = "key:"

// Key answers secret material of the store: see Service.
func (h *Hub) Key(ctx context.Context, name string) ([]byte, error) {
	if !slices.Contains(KeyNames, name) {
		return nil, fmt.Errorf("key %q: it is not among KeyNames", name)
	}
	h.keysMu.Lock()
	defer h.keysMu.Unlock()
	if k := h.keys[name]; k != nil {
		return k, nil
	}
	fresh := make([]byte, 32)
	if _, err := io.ReadFull(h.opt.Random, fresh); err != nil {
		return nil, fmt.Errorf("random source: %w", err)
	}
	k, err := h.st.PutMetaIfAbsent(ctx, KeyMeta+name, fresh)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	h.keys[name] = k
	return k, nil
}

// LastHeard answers when the property's sources last told anything: see Service.
func (h *Hub) LastHeard(property string) map[string]time.Time {
	p, err := h.property(property)
	if err != nil {
		return nil
	}
	h.hear(p)
	p.mu.RLock()
	shown := p.heardShown
	p.mu.RUnlock()
	if shown == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		shown = maps.Clone(p.heard)
		p.heardShown = shown
	}
	return shown
}

// heardRows is how far back the feed is asked, after a start, when sources were heard last.
const heardRows = 200

// hear fills in from the feed what was heard before this node started: only as far back as the age of the data needs it, and only who told an
// entry, not what.
func (h *Hub) hear(p *property) {
	p.mu.RLock()
	asked, revision, catalog := p.heardBack, p.pic.Revision(), p.pic.Catalog()
	rates, counts := catalog.Property.RatesOwner, catalog.Property.CountsOwner
	p.mu.RUnlock()
	if asked {
		return
	}
	ctx, cancel := storeContext(context.Background())
	defer cancel()
	before := map[string]time.Time{}
	knows := func(owner string) bool { _, ok := before[owner]; return ok || owner == "" }
	var bad error
	err := h.st.PropertyFeedBack(ctx, p.code, revision+1, heardRows, func(row *store.Entry) bool {
		e, err := ari.DecodeEntryHead(row.Body)
		if bad = err; err != nil {
			return false
		}
		if !knows(e.Connection) {
			before[e.Connection] = e.At
		}
		return len(before) == 0 || !knows(rates) || !knows(counts)
	})
	if err = errors.Join(err, bad); err != nil && !errors.Is(err, store.ErrGone) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heardBack, p.heardShown = true, nil
	for c, at := range before {
		if _, ok := p.heard[c]; !ok {
			p.heard[c] = at
		}
	}
}

var errRunning = errors.New("hub: it runs already")
