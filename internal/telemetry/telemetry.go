// Package telemetry is how a node is watched: structured logs with trace and request ids, Prometheus metrics, OpenTelemetry traces
// (off unless an endpoint is named). It makes no outbound connection but to that endpoint, and lets no secret into a log line.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"
)

// Config is what to show, and where. The zero value logs text from level info and sends no traces.
type Config struct {
	LogFormat    string    // text (default) | json
	LogLevel     string    // debug | info (default) | warn | error
	LogTo        io.Writer // required
	OTLPEndpoint string    // URL of an OTLP/HTTP receiver, for instance http://localhost:4318; "": no traces
	OTLPRatio    float64   // share of traces kept when the caller did not decide, 0..1; 0 stands for 1
	Node         string    // names this node in traces
	Version      string
}

// Telemetry is one node's. Close it last.
type Telemetry struct {
	Log      *slog.Logger
	Registry *prometheus.Registry
	Metrics  *Metrics
	Tracer   trace.Tracer // never nil: without an endpoint its spans cost nothing and go nowhere

	shutdown func(context.Context) error
}

// closeMax bounds how long Close waits for the last spans: a receiver that is gone must not keep a node from stopping.
const closeMax = 3 * time.Second

// New answers a node's telemetry.
func New(c Config) (*Telemetry, error) {
	log, err := newLogger(c)
	if err != nil {
		return nil, err
	}
	tracer, shutdown, err := newTracer(c, log)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	t := &Telemetry{Log: log, Registry: r, Metrics: newMetrics(r), Tracer: tracer, shutdown: shutdown}
	t.Metrics.build.WithLabelValues(c.Version).Set(1)
	return t, nil
}

// Close sends the last spans, for at most 3 seconds.
func (t *Telemetry) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeMax)
	defer cancel()
	if err := t.shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("close traces: %w", err)
	}
	return nil
}
