package hub

import (
	"errors"
	"time"

	"github.com/ratewire/ratewire/store"
)

// leaseTryEvery is how often a node that does not write asks for the lease, and a writer that failed to renew it tries again: well within
// the time to live, and a light load on the database.
const leaseTryEvery = time.Second

// feedPage is how many entries are read at once when catching up.
const feedPage = 1000

// leaseWork renews the lease or asks for it.
func (m *machine) leaseWork() {
	if m.leaseBusy || m.role == loading || m.role == stopped || m.now.Before(m.leaseAt) || m.closing && m.role == follower {
		return
	}
	m.leaseBusy = true
	m.do(TakeLease{})
}

// leaseTold: the writer is elected by the lease; the fence, not the lease, is what keeps the truth (S31).
func (m *machine) leaseTold(ev LeaseTold) {
	m.leaseBusy = false
	switch {
	case errors.Is(ev.Err, store.ErrLeaseHeld):
		m.holder = ev.Lease
		m.leaseAt = m.now.Add(leaseTryEvery)
		m.stepDown()
	case ev.Err != nil:
		m.leaseAt = m.now.Add(leaseTryEvery)
		m.metrics.LeaseFailures.Add(1)
	default:
		m.holder = ev.Lease
		m.leaseAt = m.now.Add(m.lim.LeaseRenew)
		if m.role == follower || ev.Lease.Term != m.term {
			m.term = ev.Lease.Term
			m.catchUp()
		}
	}
}

// catchUp makes the holder of the lease read what was committed before its term.
func (m *machine) catchUp() {
	if m.role == loading || m.role == stopped {
		return
	}
	m.dropNext()
	m.role, m.pollAt = catching, m.now
}

// stepDown makes this node a follower: what waits is answered with the writer's address.
func (m *machine) stepDown() {
	if m.role == loading || m.role == stopped {
		return
	}
	if m.role != follower {
		m.alarm("this node does not write any more", "writer", m.holder.Address)
	}
	m.role = follower
	m.dropNext()
	m.refuseAll(m.notWriter())
}

func (m *machine) notWriter() error {
	if m.holder.Node == m.node {
		return &NotWriterError{}
	}
	return &NotWriterError{Address: m.holder.Address}
}

// loaded takes what was read from the store. The lease is asked for at once.
func (m *machine) loaded(w *world) {
	m.w, m.role, m.renew = w, follower, false
	m.leaseAt, m.pollAt = m.now, m.now
	m.lastOrder = w.lastAt.UnixMicro()
	m.dirty = m.dirty[:0]
	for _, p := range w.sorted() {
		m.markDirty(p)
		if p.broken != "" {
			m.want(Want{Kind: WantSnapshot, Property: p.code, Cause: "out of service"})
		}
	}
	m.recent.clear()
	m.filter.forget()
}

// followerWork looks at the head when it is time, and reads what is new.
func (m *machine) followerWork() bool {
	if m.role == follower && m.closing {
		m.refuseAll(ErrClosing)
		m.role = stopped
		m.do(Stopped{})
		return false
	}
	if m.role == takingUp {
		return m.doLane(TakeOver{})
	}
	if m.head > m.w.seq.Load() {
		return m.doLane(ReadFeed{m.w.seq.Load(), feedPage})
	}
	if m.now.Before(m.pollAt) {
		return false
	}
	m.pollAt = m.now.Add(m.lim.Poll)
	return m.doLane(ReadHead{})
}

func (m *machine) headRead(ev HeadRead) {
	if ev.Err != nil {
		m.storeTrouble("read the head", ev.Err)
		return
	}
	h := ev.Head
	if h.Epoch != m.w.epoch || h.Seq < m.w.seq.Load() {
		m.lostHistory(h)
		return
	}
	m.head = h.Seq
	m.settleFollower()
	if m.role != catching {
		return
	}
	if m.term == 0 {
		return // fenced: the lease is asked for
	}
	if h.Term != m.term {
		m.role, m.leaseAt = follower, m.now // another took it since
		return
	}
	if m.head == m.w.seq.Load() {
		m.role = takingUp
	}
}

// lostHistory: the store is not the one we know, or has lost commits that we saw (S32). Everything is read again, under a new epoch if it
// is the same one with a lower head.
func (m *machine) lostHistory(h store.Head) {
	m.alarm("the store's history is another: reading everything again",
		"epoch", h.Epoch, "known_epoch", m.w.epoch, "seq", h.Seq, "known_seq", m.w.seq.Load())
	m.renew = h.Epoch == m.w.epoch
	m.reload, m.ready = true, false
	m.dropNext()
	m.refuseAll(ErrNotReady)
}

func (m *machine) feedRead(ev FeedRead) {
	if errors.Is(ev.Err, store.ErrGone) {
		m.reload, m.ready = true, false // too far behind
		m.dropNext()
		return
	}
	if ev.Err != nil {
		m.storeTrouble("read the feed", ev.Err)
		return
	}
	for _, e := range ev.Entries {
		m.foldForeign(e)
	}
	m.settleFollower()
	if m.role == catching && m.head <= m.w.seq.Load() {
		m.pollAt = m.now // the head once more: it has not moved under our term
	}
}

// settleFollower: a follower is ready once it has all that the head told when it was last read. Under load the head itself is always a
// little further.
func (m *machine) settleFollower() {
	if m.role == follower && m.head <= m.w.seq.Load() && m.holder.Node != "" {
		m.ready = true
	}
}

// storeTrouble waits a little before the store is asked again.
func (m *machine) storeTrouble(what string, err error) {
	m.metrics.StoreFailures.Add(1)
	m.alarm("store: "+what, "error", err)
	m.retryAt = m.now.Add(storeRetry)
	m.pollAt = m.retryAt
}

// storeRetry is the pause after passing trouble of the store.
const storeRetry = 100 * time.Millisecond

// takenOver makes this node the writer. Keys that others wrote since are not in its filter: until it is built again, every key is looked
// up.
func (m *machine) takenOver(ev TakenOver) {
	if ev.Err != nil {
		m.storeTrouble("read the work lists", ev.Err)
		return
	}
	if m.role != takingUp {
		return
	}
	m.role = writer
	m.recent.clear()
	m.filter.forget()
	m.buildFilter()
	m.doubtAll()
	m.takeLists(ev.Lists)
	m.scheduleAll()
	m.pruneAt = m.now.Add(m.lim.PruneEvery)
	m.settleReady()
}

// settleReady: what is due runs before readiness (S28).
func (m *machine) settleReady() {
	if m.role == writer && !m.ready && (len(m.due) == 0 || m.due[0].at.After(m.now)) && m.batch == nil && m.next == nil {
		m.ready = true
	}
}

// buildFilter asks for the keys that the store has. What is added meanwhile is in the filter already.
func (m *machine) buildFilter() {
	m.building++
	m.do(BuildFilter{m.building})
}

func (m *machine) filterBuilt(ev FilterBuilt) {
	switch {
	case ev.Build != m.building: // another writer may have written since it was begun
	case ev.Err != nil:
		m.alarm("store: read the keys", "error", ev.Err) // every key is looked up meanwhile
	default:
		m.filter.old, m.filter.oldDay = ev.Old, m.day()
	}
}

// day answers today's bucket of keys.
func (m *machine) day() int32 { return int32(m.now.Unix() / 86400) }

// dropNext gives up the batch that is being filled; its calls are queued again.
func (m *machine) dropNext() {
	b := m.next
	if m.next = nil; b == nil {
		return
	}
	for _, e := range b.of {
		e.unfolded--
	}
	for _, p := range b.props {
		p.draft, p.drafts, p.shut, p.in = nil, 0, nil, nil
	}
	m.requeue(b.calls)
}
