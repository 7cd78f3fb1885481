package telemetry

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// requestIDHeader carries a request's id in both directions.
const requestIDHeader = "X-Request-Id"

// requestIDMax bounds an id that a caller brings: it ends up in logs and entries.
const requestIDMax = 64

// routeKey finds the routeHolder in a context.
type routeKey struct{}

type routeHolder struct {
	pattern string
	start   time.Time
}

// Started answers when the context's request came in; zero if it is none.
func Started(ctx context.Context) time.Time {
	if h, ok := ctx.Value(routeKey{}).(*routeHolder); ok {
		return h.start
	}
	return time.Time{}
}

// SetRoute tells the route that a request was found to be for, where the request's own Pattern does not get back to HTTP: routers that copy
// the request do not set it on the original.
func SetRoute(ctx context.Context, pattern string) {
	if h, ok := ctx.Value(routeKey{}).(*routeHolder); ok {
		h.pattern = pattern
	}
}

// HTTP answers a handler that gives each request an id and a span, counts and times it, and logs it when it fails (level debug otherwise).
func (t *Telemetry) HTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := requestID(r.Header.Get(requestIDHeader))
		w.Header().Set(requestIDHeader, id)
		route := &routeHolder{start: start}
		ctx := propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx = context.WithValue(WithRequestID(ctx, id), routeKey{}, route)
		ctx, span := t.Tracer.Start(ctx, "http", trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(attribute.String("http.request.method", r.Method), attribute.String("request.id", id)))
		defer span.End()

		t.Metrics.inFlight.Inc()
		defer t.Metrics.inFlight.Dec()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		r = r.WithContext(ctx)
		next.ServeHTTP(rec, r)
		t.finish(r, rec, routeOf(r, route), span, time.Since(start))
	})
}

// finish counts, names and logs a request that was answered.
func (t *Telemetry) finish(r *http.Request, rec *recorder, route string, span trace.Span, took time.Duration) {
	t.Metrics.requests.WithLabelValues(route, r.Method, strconv.Itoa(rec.status)).Inc()
	if r.URL.Query().Get("wait") == "" { // a long poll's time says nothing
		t.Metrics.latency.WithLabelValues(route).Observe(took.Seconds())
	}
	span.SetName(r.Method + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", rec.status))
	log := t.Log.DebugContext
	if rec.status >= 500 && rec.status != http.StatusServiceUnavailable { // busy and not ready are answers, not faults
		span.SetStatus(codes.Error, http.StatusText(rec.status))
		log = t.Log.WarnContext
	}
	// Neither query nor headers: they may hold what must not be logged (S37).
	log(r.Context(), "http", "method", r.Method, "route", route, "path", r.URL.Path, "status", rec.status, "bytes", rec.bytes, "took", took)
}

// routeOf answers the route's path pattern; "other" for what no route took, so that hostile paths make no labels.
func routeOf(r *http.Request, h *routeHolder) string {
	p := h.pattern
	if p == "" {
		p = r.Pattern
	}
	if _, path, ok := strings.Cut(p, " "); ok {
		p = path
	}
	if p == "" || p == "/" {
		return "other"
	}
	return p
}

// requestID answers the caller's id if it is harmless, else a new one.
func requestID(told string) string {
	if told != "" && len(told) <= requestIDMax && strings.IndexFunc(told, unsafe) < 0 {
		return told
	}
	return "req_" + rand.Text()
}

func unsafe(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:", r)
}

// recorder remembers the status and length of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

// WriteHeader remembers the first final status.
func (w *recorder) WriteHeader(status int) {
	if !w.wrote && status >= 200 {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts bytes.
func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Flush lets streams through.
func (w *recorder) Flush() {
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
