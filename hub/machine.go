package hub

import (
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Event is what happened to the hub. Effect is what is to be done next. Step turns the one into the others and does nothing else: it
// reads no clock, waits for nothing and starts nothing (S36).
type (
	Event  interface{ event() }
	Effect interface{ effect() }
)

// Events. Each but Submitted, Tick and Stopping answers an effect of the like name.
type (
	Submitted struct{ Calls []*Call }
	Tick      struct{} // time has passed: see WakeAt
	Stopping  struct{} // refuse what is new, finish what is queued
	Loaded    struct{ World *world }
	LeaseTold struct {
		Lease store.Lease
		Err   error
	}
	HeadRead struct {
		Head store.Head
		Err  error
	}
	FeedRead struct {
		Entries []*ari.Entry
		Err     error
	}
	TakenOver struct {
		Lists lists
		Err   error
	}
	KeysRead struct {
		Look  int
		Known map[store.KeyHash]outcome
		Err   error
	}
	Committed struct {
		Err   error
		Began time.Time // when the store was asked; zero if the driver does not tell
	}
	Settled struct {
		Done bool
		Head store.Head
		Err  error
	}
	PagesPut struct{ Err error }
	Pruned   struct {
		More bool
		Err  error
	}
	FilterBuilt struct {
		Build int
		Old   *bloom
		Err   error
	}
)

// Effects. Those of the lane (Load to Prune, but ReadKeys) are done one at a time; the others beside them.
type (
	Load     struct{ Renew bool } // everything from the store; Renew: a new epoch first (S32)
	ReadHead struct{}
	ReadFeed struct {
		After int64
		Limit int
	}
	TakeOver struct{} // read what only a writer needs
	ReadKeys struct {
		Look   int
		Hashes []store.KeyHash
	}
	Commit   struct{ Batch *store.Batch }
	Settle   struct{ Batch *store.Batch } // find out whether it was committed
	PutPages struct {
		Term        int64
		Pages       []store.Page
		Checkpoints []store.Checkpoint
	}
	Prune struct{ Retention store.Retention }

	TakeLease   struct{}
	DropLease   struct{}
	BuildFilter struct{ Build int }
	Answer      struct{ Calls []*Call }
	Gather      struct{}                    // who was just answered may have more: step Submitted, empty if nothing came, before the next batch
	Replay      struct{ Connection string } // parked items may be mappable now (S25)
	WakeAt      struct{ At time.Time }      // Tick then, or a little later
	Alarm       struct {
		Text string
		Args []any
	}
	Stopped struct{}
)

func (Submitted) event()   {}
func (Tick) event()        {}
func (Stopping) event()    {}
func (Loaded) event()      {}
func (LeaseTold) event()   {}
func (HeadRead) event()    {}
func (FeedRead) event()    {}
func (TakenOver) event()   {}
func (KeysRead) event()    {}
func (Committed) event()   {}
func (Settled) event()     {}
func (PagesPut) event()    {}
func (Pruned) event()      {}
func (FilterBuilt) event() {}

func (Load) effect()        {}
func (ReadHead) effect()    {}
func (ReadFeed) effect()    {}
func (TakeOver) effect()    {}
func (ReadKeys) effect()    {}
func (Commit) effect()      {}
func (Settle) effect()      {}
func (PutPages) effect()    {}
func (Prune) effect()       {}
func (TakeLease) effect()   {}
func (DropLease) effect()   {}
func (BuildFilter) effect() {}
func (Answer) effect()      {}
func (Replay) effect()      {}
func (Gather) effect()      {}
func (WakeAt) effect()      {}
func (Alarm) effect()       {}
func (Stopped) effect()     {}

// role is what a node is at a moment.
type role uint8

const (
	loading  role = iota // nothing can be read yet
	follower             // folds what the writer commits
	catching             // holds the lease, reads what was committed before it
	takingUp             // has caught up, reads what only a writer needs
	writer
	stopped
)

var roleNames = [...]string{"loading", "follower", "catching up", "taking over", "writer", "stopped"}

// String answers the role's name.
func (r role) String() string { return roleNames[r] }

// machine is the hub's decisions: all that comes in, in the order of Step's calls.
type machine struct {
	lim     Limits
	node    string
	ids     *ids
	metrics *Metrics
	decodes map[string]bool // protocols with a decoder

	now  time.Time
	out  []Effect
	w    *world
	role role
	lane bool // an effect of the lane is under way
	woke time.Time

	// The node's part: see node.go.
	term      int64
	holder    store.Lease // of the writer's lease, as last told
	head      int64       // to catch up to
	leaseAt   time.Time
	leaseBusy bool
	pollAt    time.Time
	building  int // which build of the filter is awaited
	reload    bool
	renew     bool // the store's head is below one we have seen
	ready     bool // what was due is done (S28)
	closing   bool

	// The ingest's part: see admit.go, batch.go, judge.go, commit.go.
	queued      int
	senders     map[ari.Author]*sender // with calls that are not answered, and some without
	counted     int                    // calls of all of them
	ring        []*property            // with calls that wait, in turn
	nowhere     *property              // of records without a property
	provisional map[string]*property
	filter      filter
	recent      *recent
	remembered  int64       // keys put into recent so far
	recentIDs   *recent     // ids that may be used again
	batch       *batch      // under way
	next        *batch      // being filled meanwhile
	unsure      []*Call     // whose keys the store may know
	asked       []*Call     // those that it is being asked for
	looks       int         // times it was asked
	turned      []*property // memory of turnRing
	sizes       [3]int      // of the batches before: calls, bytes of bodies, bytes of details
	settling    bool
	retryAt     time.Time // the store had trouble: not before
	orphans     map[orphan]*Call
	narrow      int   // batches of one call each, after a batch was refused as a whole
	lastOrder   int64 // newest arrival stamp
	panics      map[store.KeyHash]int

	// What time causes, and the work lists: see due.go, lists.go.
	due     dueHeap
	wants   map[string]*Want
	waiting map[string][]waitingRef
	rows    []store.Row // to go with the next batch
	unkept  []Want      // that came up while this node was no writer

	// Checkpoints: see checkpoint.go.
	dirty     []*property
	sliceAt   time.Time
	sliceFrom time.Time
	slice     []*property
	slicePut  PutPages
	bumpAt    time.Time
	pruneAt   time.Time

	finishTries int // slices that failed while stopping
}

func newMachine(o *Options, g *ids, m *Metrics) *machine {
	x := &machine{
		lim: o.Limits, node: o.Node, ids: g, metrics: m, decodes: map[string]bool{},
		recent: newRecent(o.Limits.Recent), recentIDs: newRecent(o.Limits.Recent / 8), panics: map[store.KeyHash]int{},
		provisional: map[string]*property{}, wants: map[string]*Want{}, waiting: map[string][]waitingRef{},
		nowhere: newProperty(""), orphans: map[orphan]*Call{},
	}
	x.nowhere.known = true
	return x
}

// Step takes one event and answers what is to be done. The slice is valid until the next call.
func (m *machine) Step(now time.Time, ev Event) []Effect {
	if now.After(m.now) {
		m.now = now
	}
	m.out = m.out[:0]
	switch ev := ev.(type) {
	case Submitted:
		m.admit(ev.Calls)
	case Stopping:
		m.closing = true
	case LeaseTold:
		m.leaseTold(ev)
	case FilterBuilt:
		m.filterBuilt(ev)
	case KeysRead:
		m.keysRead(ev)
	case Tick:
		m.woke = time.Time{}
	default:
		m.lane = false
		m.laneAnswered(ev)
	}
	m.leaseWork()
	gather := m.gathers(ev)
	for !gather && !m.lane && m.laneWork() {
	}
	if m.role == writer && !gather {
		m.look()
		m.fill()
	}
	m.wake()
	return m.out
}

// gathers tells whether to wait for what callers send who were just answered: a commit serves more of them, where they would come in two
// cohorts otherwise, each waiting while the other commits. Not if the next batch is half full already.
func (m *machine) gathers(ev Event) bool {
	c, ok := ev.(Committed)
	if !ok || c.Err != nil || m.role != writer || m.next != nil && len(m.next.calls) >= m.lim.Batch/2 {
		return false
	}
	m.do(Gather{})
	return true
}

// do adds an effect beside the lane.
func (m *machine) do(e Effect) { m.out = append(m.out, e) }

// doLane adds the effect that the lane does now.
func (m *machine) doLane(e Effect) bool {
	m.lane = true
	m.out = append(m.out, e)
	return true
}

func (m *machine) alarm(text string, args ...any) { m.do(Alarm{text, args}) }

func (m *machine) laneAnswered(ev Event) {
	switch ev := ev.(type) {
	case Loaded:
		m.loaded(ev.World)
	case HeadRead:
		m.headRead(ev)
	case FeedRead:
		m.feedRead(ev)
	case TakenOver:
		m.takenOver(ev)
	case Committed:
		m.committed(ev)
	case Settled:
		m.settled(ev)
	case PagesPut:
		m.pagesPut(ev.Err)
	case Pruned:
		m.pruned(ev)
	}
}

// laneWork gives the lane what comes next; it answers whether to look again.
func (m *machine) laneWork() bool {
	switch {
	case m.role == stopped:
		return false
	case m.role == loading || m.reload:
		m.role, m.reload = loading, false
		return m.doLane(Load{Renew: m.renew})
	case m.settling:
		if m.now.Before(m.retryAt) {
			return false
		}
		return m.doLane(Settle{&m.batch.out})
	case m.role == writer:
		return m.writerWork()
	default:
		return m.followerWork()
	}
}

// writerWork: a slice of checkpoints when it is time, else the next batch, else the rest.
func (m *machine) writerWork() bool {
	if m.checkpointDue() && m.putSlice() {
		return true
	}
	if !m.now.Before(m.retryAt) && m.startBatch() {
		return true
	}
	if m.closing && m.queued == 0 && m.batch == nil {
		return m.finish()
	}
	return !m.closing && m.keepHouse()
}

// keepHouse does what can wait.
func (m *machine) keepHouse() bool {
	if !m.now.Before(m.bumpAt) {
		m.bumpAt = m.now.Add(bumpEvery)
		if m.bumpSome(bumpLag) {
			return true
		}
	}
	if !m.now.Before(m.pruneAt) {
		return m.prune()
	}
	return false
}

// finish writes the last checkpoints of a graceful stop and gives the lease up.
func (m *machine) finish() bool {
	if m.finishTries < finishTriesMax {
		if len(m.dirty) > 0 && m.putSlice() {
			return true
		}
		if m.bumpSome(0) {
			return true
		}
	}
	m.role = stopped
	m.do(DropLease{})
	m.do(Stopped{})
	return false
}

// finishTriesMax is how often a failing store is asked to take the last checkpoints: they can be done without, the feed has it all.
const finishTriesMax = 3

// wake asks for a Tick at the next instant that something is due.
func (m *machine) wake() {
	if m.role == stopped {
		return
	}
	at := m.leaseAt
	if m.leaseBusy {
		at = m.now.Add(m.lim.LeaseRenew)
	}
	sooner := func(t time.Time) {
		if t.Before(at) {
			at = t
		}
	}
	switch {
	case m.lane: // its answer wakes
	case m.settling:
		sooner(m.retryAt)
	case m.role == writer:
		m.writerWake(sooner)
	default:
		sooner(m.pollAt)
	}
	if soon := m.now.Add(time.Millisecond); at.Before(soon) {
		at = soon // never a busy loop
	}
	if m.woke.IsZero() || at.Before(m.woke) || m.woke.Before(m.now) {
		m.woke = at
		m.do(WakeAt{at})
	}
}

func (m *machine) writerWake(sooner func(time.Time)) {
	if m.now.Before(m.retryAt) && (m.queued > 0 || len(m.rows) > 0) {
		sooner(m.retryAt)
	}
	if len(m.due) > 0 {
		sooner(latest(m.due[0].at, m.retryAt))
	}
	if len(m.dirty) > 0 {
		sooner(m.sliceAt)
	}
	sooner(m.pruneAt)
	sooner(m.bumpAt)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
