package node

import (
	"sync/atomic"

	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/oidc"
	"github.com/ratewire/ratewire/internal/telemetry"
)

// access counts an answered request of the API under its route.
func (n *Node) access(a httpapi.Access) {
	if a.Route == "POST /v1/shop" {
		n.tel.Metrics.Shop(a.Took)
	}
}

// watched is what is read from the hub when metrics are scraped: a metric and how it is read.
type watched struct {
	telemetry.Watched
	read func(s *hub.Status, m *hub.Metrics) []telemetry.Sample
	node func(n *Node) []telemetry.Sample // instead of read: what the node itself knows
}

// hubMetrics are all of them; docs/operations/metrics.md lists them for people, and a test holds the two together.
var hubMetrics = []watched{
	gauge("ready", "1 when the picture can be read.", func(s *hub.Status) float64 { return bit(s.Ready) }),
	gauge("writer", "1 while this node holds the lease and writes.", func(s *hub.Status) float64 { return bit(s.Writer) }),
	gauge("queue_depth", "Updates waiting for a batch or its commit.", func(s *hub.Status) float64 { return float64(s.Queue) }),
	gauge("properties", "Properties in the picture.", func(s *hub.Status) float64 { return float64(s.Properties) }),
	gauge("properties_out_of_service", "Properties with a damaged page.", func(s *hub.Status) float64 { return float64(len(s.OutOfService)) }),
	gauge("feed_position", "Number of the newest entry this node can show.", func(s *hub.Status) float64 { return float64(s.Position.Seq) }),
	gauge("feed_epoch", "Epoch of the store.", func(s *hub.Status) float64 { return float64(s.Position.Epoch) }),

	counters("updates_total", "Updates judged, by verdict of the whole.", "verdict", func(m *hub.Metrics) map[string]*atomic.Int64 {
		return map[string]*atomic.Int64{hub.VerdictApplied: &m.Applied, hub.VerdictUnchanged: &m.Unchanged, hub.VerdictSuperseded: &m.Superseded,
			hub.VerdictPartly: &m.Partly, hub.VerdictRefused: &m.Refused, hub.VerdictWaiting: &m.Waiting, hub.VerdictParked: &m.OnlyParked, hub.VerdictRepeat: &m.Repeats}
	}),
	counters("updates_odd_total", "Updates with something odd about them, by what.", "what", func(m *hub.Metrics) map[string]*atomic.Int64 {
		return map[string]*atomic.Int64{"too_old": &m.TooOld, "clock_ahead": &m.Skewed}
	}),
	counter("busy_total", "Updates turned away since a queue was full.", func(m *hub.Metrics) *atomic.Int64 { return &m.Busy }),
	counter("sender_busy_total", "Updates turned away since their sender had its share of the queue.", func(m *hub.Metrics) *atomic.Int64 { return &m.SenderBusy }),
	ofNode("quota_refused_total", "Requests turned away since a client, or a connection, had used up its quota.", true, []string{"who"}, func(n *Node) []telemetry.Sample {
		clients, connections := n.quotas.Refused()
		return []telemetry.Sample{{Value: float64(clients), Labels: []string{"client"}}, {Value: float64(connections), Labels: []string{"connection"}}}
	}),
	counter("parked_total", "Items parked since a code had no mapping.", func(m *hub.Metrics) *atomic.Int64 { return &m.Parked }),
	counter("panics_total", "Panics caught while a message was judged.", func(m *hub.Metrics) *atomic.Int64 { return &m.Panics }),
	counters("wants_total", "Work recorded for a later part, by kind.", "kind", func(m *hub.Metrics) map[string]*atomic.Int64 {
		return map[string]*atomic.Int64{hub.WantReread: &m.WantsReread, hub.WantSnapshot: &m.WantsSnapshot, hub.WantFullSync: &m.WantsFullSync}
	}),
	counters("commits_total", "Transactions, by outcome.", "outcome", func(m *hub.Metrics) map[string]*atomic.Int64 {
		return map[string]*atomic.Int64{"committed": &m.Commits, "fenced": &m.CommitsFenced, "unknown": &m.CommitsUnknown, "full": &m.CommitsFull}
	}),
	counter("entries_total", "Journal entries committed.", func(m *hub.Metrics) *atomic.Int64 { return &m.Entries }),
	counters("store_failures_total", "Failures of the store, by what was tried.", "what", func(m *hub.Metrics) map[string]*atomic.Int64 {
		return map[string]*atomic.Int64{"any": &m.StoreFailures, "lease": &m.LeaseFailures, "checkpoint": &m.CheckpointFailures}
	}),
	ofNode("checkpoint_age_seconds", "Age of the oldest change that no checkpoint has: about what a start would replay. 0 on a follower.", false, nil, func(n *Node) []telemetry.Sample {
		_, age := n.Hub.Unsaved()
		return []telemetry.Sample{{Value: age.Seconds()}}
	}),
	ofNode("checkpoint_dirty_pages", "Pages that have changed since their checkpoint. 0 on a follower.", false, nil, func(n *Node) []telemetry.Sample {
		pages, _ := n.Hub.Unsaved()
		return []telemetry.Sample{{Value: float64(pages)}}
	}),
	counter("checkpoint_pages_total", "Pages written behind.", func(m *hub.Metrics) *atomic.Int64 { return &m.Pages }),
	counter("checkpoint_bytes_total", "Bytes of pages written behind.", func(m *hub.Metrics) *atomic.Int64 { return &m.PageBytes }),
	counter("key_lookups_total", "Identities looked up in the store, since the filter could not rule them out.", func(m *hub.Metrics) *atomic.Int64 { return &m.KeyLookups }),

	ofNode("issuer_ready", "1 when tokens of the external issuer can be verified; 0 also when there is none.", false, nil, func(n *Node) []telemetry.Sample {
		return []telemetry.Sample{{Value: bit(n.issuerStatus().Ready)}}
	}),
	ofNode("issuer_keys", "Public keys of the external issuer.", false, nil, func(n *Node) []telemetry.Sample {
		return []telemetry.Sample{{Value: float64(n.issuerStatus().Keys)}}
	}),
	ofNode("issuer_fetches_total", "Times the issuer's keys were read, by outcome.", true, []string{"outcome"}, func(n *Node) []telemetry.Sample {
		st := n.issuerStatus()
		return []telemetry.Sample{{Value: float64(st.OK), Labels: []string{"ok"}}, {Value: float64(st.Failed), Labels: []string{"failed"}}}
	}),

	histogram("commit_updates", "Updates that share one transaction.", func(m *hub.Metrics) *hub.Histogram { return &m.BatchUpdates }),
	histogram("commit_seconds", "Time of one durable transaction.", func(m *hub.Metrics) *hub.Histogram { return &m.CommitSeconds }),
	histogram("acknowledge_seconds", "Time from an update's arrival in the hub to its answer.", func(m *hub.Metrics) *hub.Histogram { return &m.AckSeconds }),
}

// watch registers them.
func (n *Node) watch() {
	what := make([]telemetry.Watched, len(hubMetrics))
	for i := range hubMetrics {
		what[i] = hubMetrics[i].Watched
	}
	n.tel.Watch(what, func() [][]telemetry.Sample {
		s, m := n.Hub.Status(), n.Hub.Metrics()
		out := make([][]telemetry.Sample, len(hubMetrics))
		for i := range hubMetrics {
			if hubMetrics[i].node != nil {
				out[i] = hubMetrics[i].node(n)
				continue
			}
			out[i] = hubMetrics[i].read(&s, m)
		}
		return out
	})
}

func ofNode(name, help string, isCounter bool, labels []string, read func(*Node) []telemetry.Sample) watched {
	return watched{Watched: telemetry.Watched{Name: name, Help: help, Labels: labels, Counter: isCounter}, node: read}
}

// issuerStatus answers how the external issuer is; zero if there is none.
func (n *Node) issuerStatus() oidc.Status {
	if n.issuer == nil {
		return oidc.Status{}
	}
	return n.issuer.Status()
}

func gauge(name, help string, read func(*hub.Status) float64) watched {
	return watched{Watched: telemetry.Watched{Name: name, Help: help}, read: func(s *hub.Status, _ *hub.Metrics) []telemetry.Sample {
		return []telemetry.Sample{{Value: read(s)}}
	}}
}

func counter(name, help string, read func(*hub.Metrics) *atomic.Int64) watched {
	return watched{Watched: telemetry.Watched{Name: name, Help: help, Counter: true}, read: func(_ *hub.Status, m *hub.Metrics) []telemetry.Sample {
		return []telemetry.Sample{{Value: float64(read(m).Load())}}
	}}
}

func counters(name, help, label string, read func(*hub.Metrics) map[string]*atomic.Int64) watched {
	return watched{Watched: telemetry.Watched{Name: name, Help: help, Labels: []string{label}, Counter: true}, read: func(_ *hub.Status, m *hub.Metrics) (out []telemetry.Sample) {
		for k, v := range read(m) {
			out = append(out, telemetry.Sample{Value: float64(v.Load()), Labels: []string{k}})
		}
		return out
	}}
}

func histogram(name, help string, read func(*hub.Metrics) *hub.Histogram) watched {
	return watched{Watched: telemetry.Watched{Name: name, Help: help}, read: func(_ *hub.Status, m *hub.Metrics) []telemetry.Sample {
		count, sum, below := read(m).Read()
		return []telemetry.Sample{{Value: sum, Count: uint64(count), Below: below}}
	}}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
