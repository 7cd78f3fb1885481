package hub

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/store"
)

// loop is the production driver of the machine: one goroutine steps it; one does the lane's effects, one at a time; the lease, the filter and
// replays have their own.
type loop struct {
	h      *Hub
	m      *machine
	ctx    context.Context // of the work: it outlives a stop, so that what is queued is committed
	lane   chan Effect
	events chan Event
	timer  clock.Timer
	wg     sync.WaitGroup
	done   bool
}

// Run works until ctx ends, then stops gracefully: what is new is refused, what is queued is committed, checkpoints are written, the lease is
// given up. It returns when all it started has ended. It runs once.
func (h *Hub) Run(ctx context.Context) error {
	if !h.running.CompareAndSwap(false, true) {
		return errRunning
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	l := &loop{
		h: h, m: newMachine(&h.opt, h.ids, &h.metrics), ctx: work,
		lane: make(chan Effect, 1), events: make(chan Event, 16), timer: h.opt.Clock.NewTimer(0),
	}
	defer l.timer.Stop()
	l.spawn(l.doLane)
	l.spawn(l.doReplays)
	l.spawn(l.doJobs)
	err := l.run(ctx)
	cancel()
	close(l.lane)
	close(h.replays)
	l.drain()
	l.wg.Wait()
	return err
}

func (l *loop) spawn(f func()) {
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		f()
	}()
}

// errStopTimeout: the graceful stop took too long. Nothing acknowledged is lost: the feed has it.
var errStopTimeout = errors.New("hub: stopped before the last checkpoints were written")

func (l *loop) run(ctx context.Context) error {
	stop := ctx.Done()
	var late <-chan time.Time
	l.step(Tick{})
	for !l.done {
		select {
		case <-l.h.rang:
			l.step(Submitted{l.h.takeInbox()})
		case ev := <-l.events:
			l.step(ev)
		case <-l.timer.C():
			l.step(Tick{})
		case <-stop:
			stop = nil
			t := l.h.opt.Clock.NewTimer(l.h.opt.Limits.StopWait)
			defer t.Stop()
			late = t.C()
			l.step(Stopping{})
		case <-late:
			return errStopTimeout
		}
	}
	return nil
}

// drain answers whoever is left once nothing works any more.
func (l *loop) drain() {
	h := l.h
	h.inboxMu.Lock()
	h.closed = true
	left := h.inbox
	h.inbox = nil
	h.inboxMu.Unlock()
	for _, c := range left {
		c.err = ErrClosing
	}
	l.answer(left)
	l.m.out = nil
	if b := l.m.batch; b != nil {
		for _, c := range b.calls {
			c.err = ErrClosing // its outcome is unknown to the caller: a retry finds its key
		}
		l.answer(b.calls)
	}
	l.m.dropNext()
	l.m.refuseAll(ErrClosing)
	l.effects(l.m.out)
}

func (h *Hub) takeInbox() []*Call {
	h.inboxMu.Lock()
	defer h.inboxMu.Unlock()
	calls := h.inbox
	h.inbox = nil
	return calls
}

// gatherMax bounds how often the loop lets others run before it goes on with what came.
const gatherMax = 8

// gather takes in what callers send who were just answered: it lets them run as long as the inbox grows. No timer: a hub with nothing else
// to do goes on at once.
func (l *loop) gather() {
	h, had := l.h, -1
	for range gatherMax {
		runtime.Gosched()
		h.inboxMu.Lock()
		n := len(h.inbox)
		h.inboxMu.Unlock()
		if n == had {
			break
		}
		had = n
	}
	l.step(Submitted{h.takeInbox()})
}

func (l *loop) step(ev Event) {
	l.effects(l.m.Step(l.h.opt.Clock.Now(), ev))
	m := l.m
	old := l.h.state.Load()
	if old.role != m.role || old.ready != m.ready || old.holder.Address != m.holder.Address {
		l.h.state.Store(&state{role: m.role, ready: m.ready, holder: m.holder})
		l.h.opt.Log.Info("node", "role", m.role.String(), "ready", m.ready, "term", m.term)
		l.h.ringJobs()
	}
}

func (l *loop) effects(list []Effect) {
	gather := false
	for _, e := range list {
		switch e := e.(type) {
		case Answer:
			l.answer(e.Calls)
		case TakeLease:
			l.spawn(l.takeLease)
		case DropLease:
			ctx, cancel := storeContext(l.ctx)
			if err := l.h.st.DropLease(ctx, leaseWriter, l.h.opt.Node); err != nil {
				l.h.opt.Log.Warn("the lease was not given up", "error", err)
			}
			cancel()
		case ReadKeys:
			l.spawn(func() { l.send(doStore(l.ctx, l.h.st, e)) })
		case Gather:
			gather = true
		case BuildFilter:
			l.spawn(func() {
				old, err := buildFilter(l.ctx, l.h.st)
				l.send(FilterBuilt{e.Build, old, err})
			})
		case Replay:
			select {
			case l.h.replays <- e.Connection:
			default:
				l.h.opt.Log.Warn("too many replays wait: one is left to the next mapping or to a person", "connection", e.Connection)
			}
		case WakeAt:
			l.timer.Reset(max(0, e.At.Sub(l.h.opt.Clock.Now())))
		case Alarm:
			l.h.opt.Log.Warn(e.Text, e.Args...)
		case Stopped:
			l.done = true
		default:
			l.lane <- e // there is never a second one: the machine waits for the answer
		}
	}
	if gather {
		l.gather()
	}
}

func (l *loop) answer(calls []*Call) {
	for _, c := range calls {
		if c.due == nil {
			l.h.waiting.Add(-1)
		}
		close(c.done)
	}
}

// send posts an event unless the loop has ended.
func (l *loop) send(ev Event) {
	select {
	case l.events <- ev:
	case <-l.ctx.Done():
	}
}

const leaseWriter = "writer"

func (l *loop) takeLease() {
	o := &l.h.opt
	ctx, cancel := context.WithTimeout(l.ctx, o.Limits.LeaseTTL)
	defer cancel()
	lease, err := l.h.st.TakeLease(ctx, leaseWriter, o.Node, o.Address, o.Limits.LeaseTTL)
	l.send(LeaseTold{lease, err})
}

// doLane does the effects of the lane, one after the other.
func (l *loop) doLane() {
	for e := range l.lane {
		if load, ok := e.(Load); ok {
			l.load(load)
			continue
		}
		start := l.h.opt.Clock.Now()
		ev := doStore(l.ctx, l.h.st, e)
		if c, ok := ev.(Committed); ok {
			l.h.metrics.CommitSeconds.Observe(l.h.opt.Clock.Now().Sub(start).Seconds())
			c.Began = start
			ev = c
		}
		l.send(ev)
	}
}

// doStore does one effect of the lane against a store and answers its event. It is all that production and simulation share of I/O.
func doStore(ctx context.Context, st store.Store, e Effect) Event {
	ctx, cancel := storeContext(ctx)
	defer cancel()
	switch e := e.(type) {
	case ReadHead:
		head, err := st.Head(ctx)
		return HeadRead{head, err}
	case ReadFeed:
		entries, err := readFeed(ctx, st, e.After, e.Limit)
		return FeedRead{entries, err}
	case TakeOver:
		l, err := readLists(ctx, st)
		return TakenOver{l, err}
	case ReadKeys:
		known, err := readKnown(ctx, st, e.Hashes)
		return KeysRead{e.Look, known, err}
	case Commit:
		return Committed{Err: st.Commit(ctx, e.Batch)}
	case Settle:
		done, err := settleBatch(ctx, st, e.Batch)
		return Settled{Done: done, Err: err}
	case PutPages:
		return PagesPut{st.PutPages(ctx, e.Term, e.Pages, e.Checkpoints)}
	case Prune:
		more, err := st.Prune(ctx, e.Retention)
		return Pruned{more, err}
	}
	return Tick{}
}

// load reads everything, again and again until it succeeds.
func (l *loop) load(e Load) {
	h := l.h
	for l.ctx.Err() == nil {
		start := h.opt.Clock.Now()
		w, err := h.loadWorld(l.ctx, e.Renew)
		if err == nil {
			h.world.Store(w)
			h.opt.Log.Info("loaded", "properties", len(w.hotels()), "position", w.position(), "took", h.opt.Clock.Now().Sub(start))
			l.send(Loaded{w})
			return
		}
		h.opt.Log.Error("load", "error", err)
		t := h.opt.Clock.NewTimer(leaseTryEvery)
		select {
		case <-t.C():
		case <-l.ctx.Done():
		}
		t.Stop()
	}
}

func (h *Hub) loadWorld(ctx context.Context, renew bool) (*world, error) {
	if renew {
		if _, err := h.st.RenewEpoch(ctx); err != nil {
			return nil, err
		}
	}
	l := &loader{
		st: h.st, lim: &h.opt.Limits, parallel: parallel,
		progress: func(text string) { h.loading.Store(&text) },
		alarm:    func(text string, args ...any) { h.opt.Log.Warn(text, args...) },
	}
	l.progress("reading checkpoints")
	return l.load(ctx)
}

func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f(i)
		}()
	}
	wg.Wait()
}
