package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are what this package counts itself; what the hub counts is read when it is scraped (see Watch). The list of all, with meanings, is
// docs/operations/metrics.md.
type Metrics struct {
	shop     prometheus.Histogram     // seconds
	requests *prometheus.CounterVec   // route, method, code
	latency  *prometheus.HistogramVec // route
	inFlight prometheus.Gauge
	build    *prometheus.GaugeVec
}

// buckets are for what takes microseconds to seconds.
var buckets = []float64{.00003, .0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3, 10}

func newMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		shop: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "ratewire", Name: "shop_seconds",
			Help: "Time to answer one shop request, all its properties.", Buckets: buckets}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ratewire", Name: "http_requests_total",
			Help: "HTTP requests answered."}, []string{"route", "method", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "ratewire", Name: "http_seconds",
			Help: "Time to answer HTTP requests; long polls are left out.", Buckets: buckets}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "ratewire", Name: "http_in_flight", Help: "HTTP requests being answered."}),
		build: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ratewire", Name: "build_info",
			Help: "Always 1; the label tells the version."}, []string{"version"}),
	}
	r.MustRegister(m.shop, m.requests, m.latency, m.inFlight, m.build)
	return m
}

// Shop counts one shop request.
func (m *Metrics) Shop(took time.Duration) { m.shop.Observe(took.Seconds()) }
