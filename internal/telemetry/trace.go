package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// scope names Ratewire's spans.
const scope = "github.com/ratewire/ratewire"

// propagator reads and writes the W3C traceparent header.
var propagator = propagation.TraceContext{}

// newTracer answers the tracer and how to end it. Without an endpoint, spans cost nothing and go nowhere.
func newTracer(c Config, log *slog.Logger) (trace.Tracer, func(context.Context) error, error) {
	if c.OTLPEndpoint == "" {
		return noop.NewTracerProvider().Tracer(scope), func(context.Context) error { return nil }, nil
	}
	u, err := url.Parse(c.OTLPEndpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, nil, fmt.Errorf("endpoint %q: want a URL such as http://localhost:4318", c.OTLPEndpoint)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(u.String()))
	if err != nil {
		return nil, nil, err
	}
	quietly(log)
	ratio := c.OTLPRatio
	if ratio <= 0 || ratio > 1 {
		ratio = 1
	}
	p := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "ratewire"),
			attribute.String("service.version", c.Version),
			attribute.String("service.instance.id", c.Node),
		)),
	)
	return p.Tracer(scope), p.Shutdown, nil
}

// quietly logs the exporter's own errors, at most one a minute: a receiver that is down must not fill the log.
func quietly(log *slog.Logger) {
	var last atomic.Int64
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		now := time.Now().Unix()
		if before := last.Load(); now-before >= 60 && last.CompareAndSwap(before, now) {
			log.Warn("traces are not taken by the receiver", "err", err)
		}
	}))
}
