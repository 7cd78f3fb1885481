package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Gauge is a number that is read when the metrics are scraped.
type Gauge struct {
	Name, Help string // the name without the prefix ratewire_
	Labels     []string
}

// Sample is a value of a gauge, with one value a label.
type Sample struct {
	Value  float64
	Labels []string
}

// Watch registers gauges that are read together, by one call a scrape: read answers the samples of each gauge, in the gauges' order.
func (t *Telemetry) Watch(gauges []Gauge, read func() [][]Sample) {
	w := &watcher{read: read}
	for _, g := range gauges {
		w.descs = append(w.descs, prometheus.NewDesc("ratewire_"+g.Name, g.Help, g.Labels, nil))
	}
	t.Registry.MustRegister(w)
}

type watcher struct {
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
		for _, s := range samples {
			ch <- prometheus.MustNewConstMetric(w.descs[i], prometheus.GaugeValue, s.Value, s.Labels...)
		}
	}
}

// Handler answers /metrics.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.Registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}
