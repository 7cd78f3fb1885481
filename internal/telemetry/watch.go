package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Watched is a number or distribution that is kept elsewhere and read when the metrics are scraped.
type Watched struct {
	Name, Help string // the name without the prefix ratewire_
	Labels     []string
	Counter    bool // it only rises
}

// Sample is one value of what is watched, with one value a label. Below makes it a histogram: counts of values not above each bound, with
// Count and Value as their number and sum.
type Sample struct {
	Value  float64
	Labels []string
	Count  uint64
	Below  map[float64]uint64
}

// Watch registers what is read together, by one call a scrape: read answers the samples of each, in the same order.
func (t *Telemetry) Watch(what []Watched, read func() [][]Sample) {
	w := &watcher{what: what, read: read}
	for _, x := range what {
		w.descs = append(w.descs, prometheus.NewDesc("ratewire_"+x.Name, x.Help, x.Labels, nil))
	}
	t.Registry.MustRegister(w)
}

type watcher struct {
	what  []Watched
	descs []*prometheus.Desc
	read  func() [][]Sample
}

// Describe is prometheus.Collector's.
func (w *watcher) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range w.descs {
		ch <- d
	}
}

// Collect is prometheus.Collector's.
func (w *watcher) Collect(ch chan<- prometheus.Metric) {
	for i, samples := range w.read() {
		kind := prometheus.GaugeValue
		if w.what[i].Counter {
			kind = prometheus.CounterValue
		}
		for _, s := range samples {
			if s.Below != nil {
				ch <- prometheus.MustNewConstHistogram(w.descs[i], s.Count, s.Value, s.Below, s.Labels...)
			} else {
				ch <- prometheus.MustNewConstMetric(w.descs[i], kind, s.Value, s.Labels...)
			}
		}
	}
}

// Handler answers /metrics.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.Registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}
