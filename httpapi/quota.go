package httpapi

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// DefaultQuota is what a client or connection may send where neither it nor a setting says otherwise: more than one of them needs, and than one
// store commits.
var DefaultQuota = hub.Quota{UpdatesPerSecond: 50_000, Burst: 150_000}

// Quotas bound how many updates each client, or connection that sends by its own password, may send: a token bucket each. They are judged by the
// writer alone, so that a client has no more by asking several nodes.
type Quotas struct {
	standard hub.Quota

	clients, connections meters
}

// NewQuotas answers quotas with a default for who has none; zero fields take DefaultQuota's.
func NewQuotas(standard hub.Quota) *Quotas {
	return &Quotas{standard: filled(&standard, DefaultQuota)}
}

// Refused answers how many requests were turned away, of clients and of connections.
func (q *Quotas) Refused() (clients, connections int64) {
	return q.clients.refused.Load(), q.connections.refused.Load()
}

func filled(q *hub.Quota, standard hub.Quota) hub.Quota {
	out := standard
	if q != nil && q.UpdatesPerSecond > 0 {
		out.UpdatesPerSecond = q.UpdatesPerSecond
		out.Burst = max(standard.Burst*q.UpdatesPerSecond/max(standard.UpdatesPerSecond, 1), q.UpdatesPerSecond, 1) // in proportion
	}
	if q != nil && q.Burst > 0 {
		out.Burst = q.Burst
	}
	return out
}

// meters are the buckets of one kind of sender, by id.
type meters struct {
	mu      sync.RWMutex
	byID    map[string]*bucket
	refused atomic.Int64
}

// bucket is one sender's. It holds one number, so that taking is one atomic operation: the instant at which it will be full again.
type bucket struct {
	full   atomic.Int64 // nanoseconds since 1970
	logged atomic.Int64 // when it was last told that it is empty
}

// meter is a bucket with its size: what a caller is measured by.
type meter struct {
	*bucket
	of   *meters
	each int64 // nanoseconds that an update takes to be made good
	deep int64 // nanoseconds from empty to full
}

// metersMax bounds buckets: those that are full again are as new, and dropped beyond it.
const metersMax = 10_000

// meterOf answers the meter of a sender.
func (q *Quotas) meterOf(m *meters, id string, own *hub.Quota, now time.Time) meter {
	quota := filled(own, q.standard)
	each := max(int64(time.Second)/int64(quota.UpdatesPerSecond), 1)
	return meter{bucket: m.bucket(id, now), of: m, each: each, deep: each * int64(quota.Burst)}
}

func (m *meters) bucket(id string, now time.Time) *bucket {
	m.mu.RLock()
	b := m.byID[id]
	m.mu.RUnlock()
	if b != nil {
		return b
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if b = m.byID[id]; b != nil {
		return b
	}
	if len(m.byID) >= metersMax {
		for id, b := range m.byID {
			if b.full.Load() <= now.UnixNano() {
				delete(m.byID, id)
			}
		}
	}
	if m.byID == nil {
		m.byID = map[string]*bucket{}
	}
	b = &bucket{}
	m.byID[id] = b
	return b
}

// take takes n updates, or answers after how long it could. More than the bucket holds are taken from a full one, and made good after.
func (m *meter) take(now time.Time, n int) time.Duration {
	at := now.UnixNano()
	for {
		was := m.full.Load()
		from := max(was, at)
		cost := m.each * int64(n)
		if over := from + min(cost, m.deep) - m.deep - at; over > 0 {
			return time.Duration(over)
		}
		if m.full.CompareAndSwap(was, from+cost) {
			return 0
		}
	}
}

// charge takes n updates from the caller's bucket, or refuses (S27): nothing was applied. A node that does not write leaves it to the writer.
func (r *request) charge(n int) error {
	m := &r.who.meter
	if m.bucket == nil || !r.who.forwarded && r.api.notWriter() != nil {
		return nil
	}
	now := r.api.o.Now()
	wait := m.take(now, n)
	if wait == 0 {
		return nil
	}
	m.of.refused.Add(1)
	if last := m.logged.Load(); now.UnixNano()-last > int64(time.Minute) && m.logged.CompareAndSwap(last, now.UnixNano()) {
		r.api.o.Log.Warn("quota used up", slog.String("who", r.who.name()), slog.String("request_id", r.id), slog.Duration("retry_after", wait))
	}
	p := problem("quota_exceeded", "")
	p.retryAfter = max(wait, time.Second)
	return p
}

// chargeSlowly takes n updates when there are so many: a stream is slowed down by it, as by a reader who does not read.
func (r *request) chargeSlowly(n int) error {
	m := &r.who.meter
	if m.bucket == nil {
		return nil
	}
	for {
		wait := m.take(r.api.o.Now(), n)
		if wait == 0 {
			return nil
		}
		if err := r.api.o.Sleep(r.Context(), wait); err != nil {
			return err
		}
	}
}

// sleep waits, or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// metered gives the caller its meter: its client's, or its connection's where it sends by the connection's own password.
func (a *api) metered(who *caller) {
	now := a.o.Now()
	if who.client != "" {
		c, _ := a.s.Client(who.client)
		who.meter = a.o.Quotas.meterOf(&a.o.Quotas.clients, who.client, c.Quota, now)
		return
	}
	c, _ := a.s.Connection(who.connection)
	who.meter = a.o.Quotas.meterOf(&a.o.Quotas.connections, who.connection, c.Quota, now)
}
