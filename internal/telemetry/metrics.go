package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters and histograms that code moves; what a hub's Status tells is read when it is scraped (see Watch). Their list
// with meanings is docs/operations/metrics.md.
type Metrics struct {
	updates   *prometheus.CounterVec   // verdict
	items     *prometheus.CounterVec   // verdict
	commit    prometheus.Histogram     // seconds
	batch     prometheus.Histogram     // updates in a batch
	busy      *prometheus.CounterVec   // queue
	wants     *prometheus.CounterVec   // kind
	shop      prometheus.Histogram     // seconds
	requests  *prometheus.CounterVec   // route, method, code
	latency   *prometheus.HistogramVec // route
	inFlight  prometheus.Gauge
	build     *prometheus.GaugeVec
	panics    prometheus.Counter
	anomalies *prometheus.CounterVec // kind
}

// fast are buckets for what is measured in microseconds to seconds.
var fast = []float64{.00001, .00003, .0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3, 10}

func newMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ratewire", Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "ratewire", Name: name, Help: help, Buckets: buckets})
		r.MustRegister(h)
		return h
	}
	m := &Metrics{
		updates:   counter("updates_total", "Updates judged, by verdict of the whole.", "verdict"),
		items:     counter("items_total", "Items of updates, by verdict.", "verdict"),
		commit:    histogram("commit_seconds", "Time of one durable transaction.", fast),
		batch:     histogram("commit_updates", "Updates that share one transaction.", prometheus.ExponentialBuckets(1, 2, 11)),
		busy:      counter("busy_total", "Updates turned away since a queue was full, by queue (all, property).", "queue"),
		wants:     counter("wants_total", "Work recorded for a later part, by kind (reread, snapshot, full_sync).", "kind"),
		shop:      histogram("shop_seconds", "Time to answer one shop request, all its properties.", fast),
		requests:  counter("http_requests_total", "HTTP requests answered.", "route", "method", "code"),
		panics:    counter("panics_total", "Panics caught while a message or request was handled.").WithLabelValues(),
		anomalies: counter("anomalies_total", "Things that should not happen and were borne, by kind.", "kind"),
	}
	m.latency = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "ratewire", Name: "http_seconds",
		Help: "Time to answer HTTP requests; long polls are left out.", Buckets: fast}, []string{"route"})
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "ratewire", Name: "http_in_flight", Help: "HTTP requests being answered."})
	m.build = prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ratewire", Name: "build_info", Help: "Always 1; the label tells the version."}, []string{"version"})
	r.MustRegister(m.latency, m.inFlight, m.build)
	return m
}

// Update counts one judged update.
func (m *Metrics) Update(verdict string) { m.updates.WithLabelValues(verdict).Inc() }

// Item counts n items of one verdict.
func (m *Metrics) Item(verdict string, n int) { m.items.WithLabelValues(verdict).Add(float64(n)) }

// Commit counts one transaction that n updates shared.
func (m *Metrics) Commit(took time.Duration, n int) {
	m.commit.Observe(took.Seconds())
	m.batch.Observe(float64(n))
}

// Busy counts an update turned away by a queue: all or property.
func (m *Metrics) Busy(queue string) { m.busy.WithLabelValues(queue).Inc() }

// Want counts work recorded for a later part.
func (m *Metrics) Want(kind string) { m.wants.WithLabelValues(kind).Inc() }

// Shop counts one shop request.
func (m *Metrics) Shop(took time.Duration) { m.shop.Observe(took.Seconds()) }

// Panic counts a caught panic.
func (m *Metrics) Panic() { m.panics.Inc() }

// Anomaly counts something that should not happen and was borne.
func (m *Metrics) Anomaly(kind string) { m.anomalies.WithLabelValues(kind).Inc() }
