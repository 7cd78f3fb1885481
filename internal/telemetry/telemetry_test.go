package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

func open(t *testing.T, c Config) (*Telemetry, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c.LogTo = &log
	tel, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tel, &log
}

func TestLogLinesCarryIDsAndHideSecrets(t *testing.T) {
	tel, log := open(t, Config{LogFormat: "json"})
	ctx := WithRequestID(context.Background(), "req_1")
	tel.Log.InfoContext(ctx, "hello", "client_secret", "hunter2", "property", "ALP1")
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["request_id"] != "req_1" || line["property"] != "ALP1" {
		t.Errorf("line %v", line)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Error("a secret got into the log")
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	for _, c := range []Config{{LogFormat: "xml"}, {LogLevel: "loud"}, {OTLPEndpoint: "localhost:4318"}} {
		c.LogTo = io.Discard
		if _, err := New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func TestRequestsAreCountedByRouteAndNeverByPath(t *testing.T) {
	tel, log := open(t, Config{LogLevel: "debug"})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/properties/{code}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := tel.HTTP(mux)
	get := func(path, id string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set(requestIDHeader, id)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Header().Get(requestIDHeader)
	}
	if id := get("/v1/properties/ALP1?token=hunter2", "mine-1"); id != "mine-1" {
		t.Errorf("request id %q, want the caller's", id)
	}
	if id := get("/etc/passwd", "a b\nc"); !strings.HasPrefix(id, "req_") {
		t.Errorf("request id %q, want one of ours", id)
	}
	w := httptest.NewRecorder()
	tel.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`ratewire_http_requests_total{code="418",method="GET",route="/v1/properties/{code}"} 1`,
		`ratewire_http_requests_total{code="404",method="GET",route="other"} 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Error("a query got into the log")
	}
}

func TestSpansReachTheReceiverWithTheCallersTrace(t *testing.T) {
	got := make(chan *coltrace.ExportTraceServiceRequest, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var req coltrace.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &req); err != nil {
			t.Error(err)
		}
		got <- &req
	}))
	defer receiver.Close()

	tel, log := open(t, Config{OTLPEndpoint: receiver.URL, Node: "n1"})
	h := tel.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		SetRoute(r.Context(), "POST /v1/updates")
		tel.Log.InfoContext(r.Context(), "inside")
	}))
	r := httptest.NewRequest(http.MethodPost, "/v1/updates", nil)
	r.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if err := tel.Close(); err != nil {
		t.Fatal(err)
	}
	span := (<-got).ResourceSpans[0].ScopeSpans[0].Spans[0]
	if span.Name != "POST /v1/updates" || span.TraceId[0] != 0x0a {
		t.Errorf("span %v", span)
	}
	if !strings.Contains(log.String(), "trace_id=0af7651916cd43dd8448eb211c80319c") {
		t.Errorf("log lacks the trace id: %s", log)
	}
}

func TestWatchedGaugesAreReadWhenScraped(t *testing.T) {
	tel, _ := open(t, Config{})
	n := 0.0
	tel.Watch([]Watched{
		{Name: "queue_depth", Help: "x"},
		{Name: "wants_total", Help: "y", Labels: []string{"kind"}, Counter: true},
		{Name: "commit_seconds", Help: "z"},
	}, func() [][]Sample {
		n++
		return [][]Sample{{{Value: n}}, {{Value: 1, Labels: []string{"reread"}}}, {{Value: 0.5, Count: 3, Below: map[float64]uint64{0.1: 2, 1: 3}}}}
	})
	var body string
	for range 2 {
		w := httptest.NewRecorder()
		tel.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		body = w.Body.String()
	}
	for _, want := range []string{"ratewire_queue_depth 2", `ratewire_wants_total{kind="reread"} 1`, `ratewire_commit_seconds_bucket{le="0.1"} 2`} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s:\n%s", want, body)
		}
	}
}
