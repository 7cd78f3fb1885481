package hub

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// world is everything that follows from the store, as far as this node has it. The machine alone changes it; readers share it.
//
// Locks, in this order: world.mu (the map of properties), property.mu (a picture and what belongs to it).
type world struct {
	mu    sync.RWMutex
	props map[string]*property
	codes []string // sorted hotel codes; nil: to be made

	epoch    uint64
	seq      atomic.Int64
	lastAt   time.Time // At of the newest entry: entries' times never fall, and arrival stamps neither
	registry atomic.Pointer[registry]
	feed     *tail
}

// property is one hotel, or the hub's own.
type property struct {
	code   string
	queued atomic.Int32 // updates that wait (S27)

	mu         sync.RWMutex
	pic        *ari.Picture
	objects    map[objectKey]object
	broken     string               // out of service (S33), and why
	heard      map[string]time.Time // by connection: when it last told anything
	heardShown map[string]time.Time // copy of heard that readers have, and nobody changes; nil: to be made
	heardBack  bool                 // what was heard before the start is in heard
	lastFed    int64                // revision that was last fed to readers; -1: to be looked up

	// The machine's own.
	queue      []*Call
	draft      *ari.Draft
	drafts     int    // entries that the draft has answered
	unfolded   int    // entries judged and not folded yet
	in         *batch // that its calls were last judged into, and how many
	inCalls    int
	shut       *batch // that it must not be judged into any more
	known      bool   // is in the world
	superseded map[string]int
	dueAt      time.Time    // on the heap of what is due
	dirty      bool         // changed since its checkpoint
	dirtySince time.Time    // the first such change
	taken      []ari.PageID // pages of the slice that is being written
	checkpoint store.Checkpoint
}

type objectKey struct{ kind, code string }

type object struct {
	revision int64
	body     []byte
}

func newWorld(lim *Limits) *world {
	w := &world{props: map[string]*property{}, feed: newTail(lim.FeedItems, lim.FeedBytes)}
	w.registry.Store(newRegistry())
	return w
}

func newProperty(code string) *property {
	return &property{code: code, pic: ari.NewPicture(code), objects: map[objectKey]object{}, heard: map[string]time.Time{}, lastFed: -1}
}

// position answers the place of the newest entry folded.
func (w *world) position() store.Position { return store.Position{Epoch: w.epoch, Seq: w.seq.Load()} }

// property answers a property by code; nil if unknown.
func (w *world) property(code string) *property {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.props[code]
}

// add makes a property known.
func (w *world) add(p *property) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.known = true
	w.props[p.code] = p
	w.codes = nil
}

// hotels answers the sorted codes of all hotels. The slice is shared: it is not to be changed.
func (w *world) hotels() []string {
	w.mu.RLock()
	codes := w.codes
	w.mu.RUnlock()
	if codes != nil {
		return codes
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.codes == nil {
		w.codes = make([]string, 0, len(w.props))
		for code := range w.props {
			if code != ari.HubProperty {
				w.codes = append(w.codes, code)
			}
		}
		slices.Sort(w.codes)
	}
	return w.codes
}

// sorted answers all properties by code, the hub's own too: loops over it depend on no map's order.
func (w *world) sorted() []*property {
	w.mu.RLock()
	defer w.mu.RUnlock()
	list := make([]*property, 0, len(w.props))
	for _, p := range w.props {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *property) int {
		if a.code < b.code {
			return -1
		}
		return 1
	})
	return list
}

// errGap: an entry does not follow the picture's revision.
var errGap = errors.New("entry does not follow the revision before it")

// fold makes a committed entry so, under the property's lock. It is called in feed order of the property.
func (p *property) fold(e *ari.Entry) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != "" || e.Revision <= p.pic.Revision() {
		return nil
	}
	if e.Revision != p.pic.Revision()+1 {
		return errGap
	}
	if err := p.pic.Fold(e); err != nil {
		return err
	}
	for i := range e.Objects {
		o := &e.Objects[i]
		k := objectKey{o.Kind, o.Code}
		if o.New == nil {
			delete(p.objects, k)
		} else {
			p.objects[k] = object{e.Revision, o.New}
		}
	}
	if e.Connection != "" {
		p.heard[e.Connection], p.heardShown = e.At, nil
	}
	if e.Revision == 1 {
		p.heardBack = true // there is nothing before
	}
	return nil
}
