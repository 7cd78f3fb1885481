package hub

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
)

// The simulation drives whole nodes on one schedule that a seed decides (S36): nodes on one disk, clients that send until they are
// answered and sometimes again, and a world that crashes processes at any point of a commit, loses answers, fills the disk, fences,
// pauses nodes and moves the clock. Everything that happens is written to a trace.
type sim struct {
	t      *testing.T
	rnd    *rand.Rand
	now    time.Time
	disk   *memory.Disk
	nodes  []*simNode
	faults bool
	dead   bool // the disk crashed in this step
	trace  strings.Builder

	hotels  []string
	clients []*simClient
	adjusts map[string]int64 // by hotel: what acknowledged and unacknowledged adjusts must add up to, once all are acknowledged
}

// simNode is one process.
type simNode struct {
	s      *sim
	name   string
	st     *memory.Store
	m      *machine
	lane   Effect
	side   []Effect // lease and filter
	wakeAt time.Time
	paused int // steps it stands still, as by SIGSTOP
	boots  int
}

// simClient sends its messages one after the other, each until it is answered.
type simClient struct {
	name  string
	list  []*simMessage
	next  int
	node  int // where it sends to
	asked *Call
}

type simMessage struct {
	id     string
	make   func() *Submission
	answer *Receipt // the first
	sent   int
}

var simStart = time.Date(2026, 3, 28, 21, 0, 0, 0, time.UTC) // Rome's clocks go forward the night after

func newSim(t *testing.T, seed uint64, nodes int) *sim {
	s := &sim{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), now: simStart, adjusts: map[string]int64{}}
	s.disk = memory.NewDisk(memory.Options{Now: func() time.Time { return s.now }, Fault: s.fault})
	for i := range nodes {
		n := &simNode{s: s, name: fmt.Sprintf("n%d", i)}
		s.nodes = append(s.nodes, n)
		n.boot()
	}
	return s
}

func (s *sim) logf(format string, args ...any) {
	fmt.Fprintf(&s.trace, format, args...)
	s.trace.WriteByte('\n')
}

// fault decides what goes wrong with a write.
func (s *sim) fault(op memory.Op) memory.Fault {
	if !s.faults || op == memory.OpMeta || op == memory.OpEpoch {
		return memory.None
	}
	f := memory.None
	switch x := s.rnd.IntN(100); {
	case x < 3:
		f = memory.Full
	case x < 6 && op == memory.OpCommit:
		f = memory.LostBefore
	case x < 10 && op == memory.OpCommit:
		f = memory.LostAfter
	case x < 11:
		f, s.dead = memory.CrashBefore, true
	case x < 13:
		f, s.dead = memory.CrashAfter, true
	}
	if f != memory.None {
		s.logf("  fault %s %d", op, f)
	}
	return f
}

// simLimits make queues short and batches small, so that their bounds are met.
func simLimits() Limits {
	l := DefaultLimits()
	l.Queue, l.QueueProperty, l.Batch, l.BatchProperty = 40, 16, 12, 6
	l.Recent, l.FeedItems, l.CheckpointSize = 16, 8, 400
	return l
}

// boot starts the process afresh: all it had in memory is gone.
func (n *simNode) boot() {
	n.boots++
	n.st = n.s.disk.Open()
	o := Options{Store: n.st, Node: n.name, Address: "http://" + n.name, Limits: simLimits()}
	g := &ids{random: rand.NewChaCha8(sha256.Sum256([]byte(n.name + strconv.Itoa(n.boots))))}
	n.m = newMachine(&o, g, &Metrics{})
	n.lane, n.side, n.wakeAt, n.paused = nil, nil, n.s.now, 0
	n.s.logf("boot %s", n.name)
}

// crash kills the process; callers get no answer.
func (n *simNode) crash() {
	n.s.logf("crash %s", n.name)
	for _, c := range n.s.clients {
		if c.asked != nil && n.s.nodes[c.node] == n {
			c.asked = nil
		}
	}
	n.boot()
}

// step gives the node an event and takes its effects over.
func (n *simNode) step(ev Event) {
	n.s.logf("%s %s", n.name, eventText(ev))
	gather := false
	for _, e := range n.m.Step(n.s.now, ev) {
		if _, ok := e.(Gather); ok {
			gather = true
			continue
		}
		n.take(e)
	}
	if gather {
		n.step(Submitted{})
	}
}

func (n *simNode) take(e Effect) {
	s := n.s
	switch e := e.(type) {
	case Answer:
		for _, c := range e.Calls {
			s.answered(n, c)
		}
	case WakeAt:
		n.wakeAt = e.At
	case TakeLease, BuildFilter, ReadKeys:
		n.side = append(n.side, e)
	case Alarm:
		s.logf("  alarm %s %v", e.Text, alarmText(e.Args))
	case Replay, DropLease, Stopped:
	default:
		if n.lane != nil {
			s.t.Fatalf("%s: a second effect in the lane: %T and %T", n.name, n.lane, e)
		}
		n.lane = e
		s.logf("  %s", effectText(e))
	}
}

// doLane does the node's effect of the lane; the process may die before or after it.
func (n *simNode) doLane() {
	s := n.s
	e := n.lane
	n.lane = nil
	if s.faults && s.rnd.IntN(60) == 0 {
		n.crash()
		return
	}
	var ev Event
	if load, ok := e.(Load); ok {
		ev = n.load(load)
	} else {
		ev = doStore(context.Background(), n.st, e)
	}
	if s.diskCrashed() || s.faults && s.rnd.IntN(60) == 0 {
		n.crash()
		return
	}
	n.step(ev)
}

// diskCrashed restarts every process if the disk went down.
func (s *sim) diskCrashed() bool {
	if !s.dead {
		return false
	}
	s.dead = false
	s.disk.Crash()
	for _, n := range s.nodes {
		n.crash()
	}
	return true
}

func (n *simNode) load(e Load) Event {
	if e.Renew {
		if _, err := n.st.RenewEpoch(context.Background()); err != nil {
			n.s.t.Fatal(err)
		}
	}
	lim := simLimits()
	l := &loader{
		st: n.st, lim: &lim, progress: func(string) {}, parallel: serial,
		alarm: func(text string, args ...any) { n.s.t.Fatalf("load: %s %v", text, args) },
	}
	w, err := l.load(context.Background())
	if err != nil {
		n.s.t.Fatalf("load: %v", err)
	}
	return Loaded{w}
}

func serial(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

func (n *simNode) doSide() {
	e := n.side[0]
	n.side = n.side[1:]
	switch e := e.(type) {
	case TakeLease:
		lease, err := n.st.TakeLease(context.Background(), leaseWriter, n.name, "http://"+n.name, simLimits().LeaseTTL)
		if n.s.diskCrashed() {
			return
		}
		n.step(LeaseTold{lease, err})
	case ReadKeys:
		n.step(doStore(context.Background(), n.st, e))
	case BuildFilter:
		old, err := buildFilter(context.Background(), n.st)
		n.step(FilterBuilt{e.Build, old, err})
	}
}

// one does one thing.
func (s *sim) one() {
	n := s.nodes[s.rnd.IntN(len(s.nodes))]
	if n.paused > 0 {
		n.paused--
		s.pass(time.Duration(s.rnd.IntN(400)) * time.Millisecond)
		return
	}
	switch x := s.rnd.IntN(100); {
	case x < 45:
		s.send()
	case x < 60 && n.lane != nil:
		n.doLane()
	case x < 70 && len(n.side) > 0:
		n.doSide()
	case x < 80 && !n.wakeAt.After(s.now):
		n.step(Tick{})
	case x < 98:
		s.pass(time.Duration(s.rnd.IntN(60)) * time.Millisecond)
	case x < 99 && s.faults:
		n.paused = 20 + s.rnd.IntN(60)
		s.logf("pause %s", n.name)
	default:
		if s.faults && s.rnd.IntN(10) == 0 {
			s.pass(time.Duration(s.rnd.IntN(7)) * time.Hour)
		}
	}
	s.requireCommitted()
}

func (s *sim) pass(d time.Duration) { s.now = s.now.Add(d) }

// send lets a client send what it has not been answered yet, or something again.
func (s *sim) send() {
	c := s.clients[s.rnd.IntN(len(s.clients))]
	if c.asked != nil {
		if s.faults && s.rnd.IntN(6) == 0 {
			s.logf("%s gives up waiting", c.name)
			c.asked = nil // it may be committed all the same: the next try finds out
		}
		return
	}
	var msg *simMessage
	switch {
	case c.next < len(c.list):
		msg = c.list[c.next]
	case len(c.list) > 0:
		msg = c.list[s.rnd.IntN(len(c.list))]
	default:
		return
	}
	if c.next > 0 && s.rnd.IntN(5) == 0 {
		msg = c.list[s.rnd.IntN(c.next)] // a repeat of what was answered
	}
	n := s.nodes[c.node]
	if n.paused > 0 {
		c.node = (c.node + 1) % len(s.nodes)
		return
	}
	msg.sent++
	sub := msg.make()
	c.asked = newCall(sub, s.now, n.m.ids)
	n.step(Submitted{[]*Call{c.asked}})
}

// answered takes an answer to its client.
func (s *sim) answered(n *simNode, call *Call) {
	for _, c := range s.clients {
		if c.asked != call {
			continue
		}
		c.asked = nil
		msg := c.message(call.sub.Identity.ID)
		s.logf("  answer %s: %s rev %d seq %d repeat %v err %v", msg.id, call.receipt.Verdict, call.receipt.Revision, call.receipt.Position.Seq, call.receipt.Repeat, call.err)
		s.judgeAnswer(n, c, msg, call)
		return
	}
}

func (c *simClient) message(id string) *simMessage {
	for _, m := range c.list {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (s *sim) judgeAnswer(n *simNode, c *simClient, msg *simMessage, call *Call) {
	var refused *ari.UpdateError
	var other *NotWriterError
	switch {
	case errors.As(call.err, &other):
		c.node = (c.node + 1) % len(s.nodes)
	case errors.As(call.err, &refused), errors.Is(call.err, ErrUnknownProperty), errors.Is(call.err, ErrConflict), errors.Is(call.err, ErrInternal):
		s.t.Fatalf("%s was refused: %v", msg.id, call.err)
		s.requireNotThere(msg)
	case call.err != nil: // busy, not ready: again later
		s.requireNotThere(msg)
	case msg.answer == nil:
		r := call.receipt
		msg.answer = &r
		if c.next < len(c.list) && c.list[c.next] == msg {
			c.next++
		}
	default:
		a, r := msg.answer, &call.receipt
		if !r.Repeat || r.Revision != a.Revision || r.Verdict != a.Verdict || fmt.Sprintf("%+v", r.Items) != fmt.Sprintf("%+v", a.Items) {
			s.t.Fatalf("%s was answered %+v, its repeat %+v", msg.id, a, r)
		}
	}
	if call.err == nil && call.receipt.Position.Seq > n.m.w.seq.Load() {
		s.t.Fatalf("%s was answered before it could be read", msg.id)
	}
}

// requireNotThere: an error means that nothing was applied. A message sent before may be there from then.
func (s *sim) requireNotThere(msg *simMessage) {
	if msg.sent > 1 {
		return
	}
	entries, err := readFeed(context.Background(), s.disk.Open(), 0, 1_000_000)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if e.MessageID == msg.id {
			s.t.Fatalf("%s was answered with an error, and is in the journal", msg.id)
		}
	}
}

// requireCommitted: no node shows what is not committed.
func (s *sim) requireCommitted() {
	head, err := s.disk.Open().Head(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, n := range s.nodes {
		if n.m.w != nil && n.m.w.epoch == head.Epoch && n.m.w.seq.Load() > head.Seq {
			s.t.Fatalf("%s shows entry %d, committed are %d", n.name, n.m.w.seq.Load(), head.Seq)
		}
	}
}

func eventText(ev Event) string {
	switch ev := ev.(type) {
	case Submitted:
		if len(ev.Calls) == 0 {
			return "gathered"
		}
		return fmt.Sprintf("submitted %s %s", ev.Calls[0].sub.Identity.ID, ev.Calls[0].sub.Update.Property)
	case Loaded:
		return fmt.Sprintf("loaded seq %d", ev.World.seq.Load())
	case FeedRead:
		return fmt.Sprintf("feed read %d %v", len(ev.Entries), ev.Err)
	case HeadRead:
		return fmt.Sprintf("head read %+v %v", ev.Head, ev.Err)
	case LeaseTold:
		return fmt.Sprintf("lease %s %d %v", ev.Lease.Node, ev.Lease.Term, ev.Err)
	case KeysRead:
		return fmt.Sprintf("keys read %d %v", len(ev.Known), ev.Err)
	case Committed:
		return fmt.Sprintf("committed %v", ev.Err)
	case Settled:
		return fmt.Sprintf("settled %v %v", ev.Done, ev.Err)
	case PagesPut:
		return fmt.Sprintf("pages put %v", ev.Err)
	}
	return fmt.Sprintf("%T", ev)
}

func effectText(e Effect) string {
	switch e := e.(type) {
	case Commit:
		h := sha256.New()
		for i := range e.Batch.Entries {
			x := &e.Batch.Entries[i]
			fmt.Fprintf(h, "%s %d %s %x\n", x.Property, x.Revision, x.MessageID, x.Body)
		}
		fmt.Fprintf(h, "%+v %+v", e.Batch.Keys, e.Batch.Objects)
		b := e.Batch
		return fmt.Sprintf("commit base %d term %d: %d entries, %d keys, %d rows, %x", b.Base.Seq, b.Term, len(b.Entries), len(b.Keys), len(b.Rows), h.Sum(nil)[:6])
	case PutPages:
		h := sha256.New()
		for i := range e.Pages {
			fmt.Fprintf(h, "%+v\n", e.Pages[i])
		}
		return fmt.Sprintf("put %d pages, %d checkpoints, %x", len(e.Pages), len(e.Checkpoints), h.Sum(nil)[:6])
	case ReadKeys:
		return fmt.Sprintf("read %d keys", len(e.Hashes))
	}
	return fmt.Sprintf("%T", e)
}

// populate makes hotels and clients with their messages.
func (s *sim) populate(hotels, clients, each int) {
	for i := range hotels {
		s.hotels = append(s.hotels, fmt.Sprintf("H%d", i))
	}
	setup := &simClient{name: "setup"}
	for _, code := range s.hotels {
		setup.list = append(setup.list, s.setupOf(code)...)
	}
	s.clients = []*simClient{setup}
	s.untilDone("set-up")
	for i := range clients {
		c := &simClient{name: fmt.Sprintf("c%d", i), node: i % len(s.nodes)}
		for k := range each {
			c.list = append(c.list, s.message(c, k))
		}
		s.clients = append(s.clients, c)
	}
}

func (s *sim) setupOf(code string) []*simMessage {
	put := func(kind, name, body string) *simMessage {
		id := "put-" + code + "-" + kind + name
		return &simMessage{id: id, make: func() *Submission {
			return &Submission{Identity: Identity{ID: id, Strict: true}, Update: ari.Update{
				Property: code, By: ari.Author{Kind: ari.ByPerson, ID: "p"}, MessageID: id, Objects: []ari.ObjectOp{{Kind: kind, Code: name, Body: []byte(body)}},
			}}
		}}
	}
	first := &simMessage{id: "base-" + code}
	first.make = func() *Submission {
		return s.submission(first.id, code, ari.Statement{Verb: ari.Set, Scope: ari.RoomScope("DBL"), Span: simDates(0, 30), Field: ari.Count(ari.Physical), Value: ari.Num(1000)})
	}
	return []*simMessage{
		put(ari.KindProperty, code, `{"code":"`+code+`","time_zone":"Europe/Rome","currency":"EUR"}`),
		put(ari.KindRoomType, "DBL", `{"code":"DBL"}`), put(ari.KindRoomType, "STE", `{"code":"STE"}`), put(ari.KindRatePlan, "BAR", `{"code":"BAR"}`),
		first,
	}
}

func simDates(day, days int) ari.Span {
	from := ari.LocalDate(simStart, time.UTC) + 3 + ari.StayDate(day)
	return ari.Dates(from, from+ari.StayDate(days)-1)
}

func (s *sim) submission(id, hotel string, st ...ari.Statement) *Submission {
	return &Submission{
		Identity: Identity{ID: id, Strict: true, Content: HashContent([]byte(id))},
		Update: ari.Update{
			Property: hotel, By: ari.Author{Kind: ari.ByMessage, ID: "pms"}, Connection: "pms", MessageID: id, Statements: st,
		},
		Message: &store.Message{ID: id, Protocol: "json"},
	}
}

// message makes one message: most set, some adjust the physical count of one date, some lay an overlay that expires.
func (s *sim) message(c *simClient, k int) *simMessage {
	hotel := s.hotels[s.rnd.IntN(len(s.hotels))]
	msg := &simMessage{id: fmt.Sprintf("%s-%d", c.name, k)}
	day, n, x := s.rnd.IntN(20), int64(s.rnd.IntN(9)), s.rnd.IntN(10)
	expires := simStart.Add(time.Duration(s.rnd.IntN(3600*8)) * time.Second)
	switch {
	case x < 3:
		s.adjusts[hotel] += n
		msg.make = func() *Submission {
			return s.submission(msg.id, hotel, ari.Statement{Verb: ari.Adjust, Scope: ari.RoomScope("DBL"), Span: simDates(5, 1), Field: ari.Count(ari.Physical), Value: ari.Num(n)})
		}
	case x < 4:
		msg.make = func() *Submission {
			sub := s.submission(msg.id, hotel)
			sub.Update.Overlays = []ari.OverlayOp{{Verb: ari.OverlayPut, Overlay: ari.Overlay{ID: "o-" + msg.id, Kind: ari.StopSell, Span: simDates(day, 2), Reason: "storm", Expires: expires}}}
			return sub
		}
	default:
		msg.make = func() *Submission {
			return s.submission(msg.id, hotel, ari.Statement{Verb: ari.Set, Scope: ari.RoomScope("STE"), Span: simDates(day, 1+int(n)), Field: ari.Count(ari.Net), Value: ari.Num(n)})
		}
	}
	return msg
}

// simStepsMax bounds the steps of a run: a hub that does not get anywhere is a fault.
const simStepsMax = 60_000

func (s *sim) done() bool {
	for _, c := range s.clients {
		if c.next < len(c.list) || c.asked != nil {
			return false
		}
	}
	return true
}

func (s *sim) untilDone(what string) {
	for range simStepsMax {
		if s.done() {
			return
		}
		s.one()
	}
	for _, n := range s.nodes {
		s.logf("%s role %s lane %T queued %d", n.name, n.m.role, n.lane, n.m.queued)
	}
	s.dump()
	s.t.Fatalf("%s does not come to an end", what)
}

func (s *sim) dump() {
	if path := os.Getenv("RATEWIRE_TRACE"); path != "" {
		_ = os.WriteFile(path, []byte(s.trace.String()), 0o600)
	}
}

// settle ends the faults and lets every node catch up.
func (s *sim) settle() {
	s.faults = false
	for _, n := range s.nodes {
		n.paused = 0
	}
	s.untilDone("healing")
	for range simStepsMax {
		if s.caughtUp() {
			return
		}
		s.one()
	}
	s.t.Fatal("the nodes do not catch up")
}

func (s *sim) caughtUp() bool {
	head, _ := s.disk.Open().Head(context.Background())
	for _, n := range s.nodes {
		if n.m.w == nil || n.m.w.seq.Load() != head.Seq || n.m.batch != nil {
			return false
		}
	}
	return true
}

// requireTruth compares what the journal, the nodes and a fresh start say with what the clients were told.
func (s *sim) requireTruth() {
	st := s.disk.Open()
	entries, err := readFeed(context.Background(), st, 0, 1_000_000)
	if err != nil {
		s.t.Fatal(err)
	}
	byMessage := map[string]int64{}
	for _, e := range entries {
		if _, twice := byMessage[e.Property+"/"+e.MessageID]; twice {
			s.t.Errorf("%s of %s is in the journal twice", e.MessageID, e.Property)
		}
		byMessage[e.Property+"/"+e.MessageID] = e.Revision
	}
	for _, c := range s.clients {
		last := map[string]int64{}
		for _, msg := range c.list {
			s.requireMessage(msg, byMessage, last)
		}
	}
	s.requirePictures(st)
	s.requireLetGo()
}

// requireLetGo: once all is answered no property holds on to the batch or draft that it was last told in, which is all that was told.
func (s *sim) requireLetGo() {
	for _, n := range s.nodes {
		for _, code := range s.hotels {
			if p := n.m.w.property(code); len(p.queue) == 0 && p.unfolded == 0 && (p.in != nil || p.draft != nil) {
				s.t.Errorf("%s: %s holds a batch (%v) or a draft (%v)", n.name, code, p.in != nil, p.draft != nil)
			}
		}
	}
}

func (s *sim) requireMessage(msg *simMessage, byMessage, last map[string]int64) {
	r := msg.answer
	if rev, ok := byMessage[r.Property+"/"+msg.id]; ok && rev != r.Revision || !ok && r.Verdict == VerdictApplied {
		s.t.Errorf("%s was answered %s with revision %d, the journal has %d (%v)", msg.id, r.Verdict, r.Revision, rev, ok)
	}
	if r.Verdict == VerdictApplied {
		if r.Revision <= last[r.Property] {
			s.t.Errorf("%s: revision %d after %d of the same sender", msg.id, r.Revision, last[r.Property])
		}
		last[r.Property] = r.Revision
	}
	if _, err := s.disk.Open().Message(context.Background(), msg.id); err != nil && !strings.HasPrefix(msg.id, "put-") {
		s.t.Errorf("record of %s: %v", msg.id, err)
	}
}

func (s *sim) requirePictures(st store.Store) {
	lim := simLimits()
	l := &loader{st: st, lim: &lim, progress: func(string) {}, parallel: serial, alarm: func(string, ...any) {}}
	fresh, err := l.load(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, code := range s.hotels {
		want := pictureText(fresh.property(code))
		for _, n := range s.nodes {
			if got := pictureText(n.m.w.property(code)); got != want {
				s.t.Errorf("%s shows %s as\n%s\na fresh start as\n%s", n.name, code, got, want)
			}
		}
		day := simDates(5, 1).From
		if got, want := physical(fresh.property(code).pic, day), 1000+s.adjusts[code]; got != want {
			s.t.Errorf("%s: adjusts add up to %d, not to %d", code, got, want)
		}
	}
}

func TestHubConvergesAndRepeatsItselfBySeed(t *testing.T) {
	seeds := 15
	if testing.Short() {
		seeds = 6
	}
	first := uint64(1)
	if v := os.Getenv("RATEWIRE_SEED"); v != "" {
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, seeds = n, 1
	}
	for seed := first; seed < first+uint64(seeds); seed++ {
		for _, nodes := range []int{1, 2} {
			t.Run(fmt.Sprintf("seed=%d,nodes=%d", seed, nodes), func(t *testing.T) {
				a, b := simulate(t, seed, nodes), simulate(t, seed, nodes)
				if a != b {
					t.Fatalf("two runs of the seed differ:\n%s", firstDifference(a, b))
				}
			})
		}
	}
}

func simulate(t *testing.T, seed uint64, nodes int) string {
	s := newSim(t, seed, nodes)
	defer s.dump()
	s.populate(2, 9, 18)
	s.faults = true
	s.untilDone("the run")
	s.settle()
	s.requireTruth()
	return s.trace.String()
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %s\n      %s", i, x[i], y[i])
		}
	}
	return "one is longer"
}

// pictureText answers what can be seen of a picture.
func pictureText(p *property) string {
	var b strings.Builder
	fmt.Fprintf(&b, "revision %d day %s\n", p.pic.Revision(), p.pic.Day())
	from := ari.LocalDate(simStart, time.UTC)
	for _, room := range []string{"DBL", "STE"} {
		p.pic.Grid(room, "BAR", "", from, from+60, func(c *ari.GridCell) { fmt.Fprintf(&b, "%s %+v\n", room, *c) })
	}
	return b.String()
}

// physical answers the rooms left of the type that the adjusts go to.
func physical(p *ari.Picture, day ari.StayDate) (left int64) {
	p.Grid("DBL", "BAR", "", day, day, func(c *ari.GridCell) { left = int64(c.Left) })
	return left
}

// alarmText leaves stacks out of the trace: they hold addresses.
func alarmText(args []any) string {
	var b strings.Builder
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "stack" {
			fmt.Fprintf(&b, "%v=%v ", args[i], args[i+1])
		} else if os.Getenv("RATEWIRE_TRACE") != "" {
			fmt.Fprintf(&b, "\n%v", args[i+1])
		}
	}
	return b.String()
}
