package node

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/ratewire/ratewire/internal/telemetry"
)

// start runs a node over a new file until the test ends or stop is called.
func start(t *testing.T, c Config) (n *Node, stop func()) {
	t.Helper()
	c.Store, c.Listen = filepath.Join(t.TempDir(), "node.db"), "127.0.0.1:0"
	if c.Telemetry.LogTo == nil {
		c.Telemetry.LogTo = io.Discard
	}
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	t.Cleanup(stop)
	return n, stop
}

// call sends a request with the first client's token and answers status and body.
func call(t *testing.T, n *Node, token, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, n.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func tokenOf(t *testing.T, n *Node) string {
	t.Helper()
	token, err := n.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAnUpdateLeavesSpansFromHTTPToFold(t *testing.T) {
	var mu sync.Mutex
	var names []string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var req coltrace.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &req); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, s := range req.ResourceSpans[0].ScopeSpans[0].Spans {
			names = append(names, s.Name)
		}
	}))
	defer receiver.Close()
	n, stop := start(t, Config{Telemetry: telemetry.Config{OTLPEndpoint: receiver.URL}})
	if status, body := call(t, n, tokenOf(t, n), "PUT", "/v1/properties/P", `{"time_zone":"UTC","currency":"EUR"}`); status >= 300 {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := call(t, n, tokenOf(t, n), "PUT", "/v1/properties/P/room-types/R", `{}`); status >= 300 {
		t.Fatalf("%d %s", status, body)
	}
	status, body := call(t, n, tokenOf(t, n), "POST", "/v1/updates", `{"property":"P","items":[{"room_type":"R","from":"2030-01-01","open_ended":true,"set":{"inventory":{"net":1}}}]}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	stop()
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"POST /v1/updates", "decode", "submit", "queue", "apply", "commit", "fold"} {
		if !slices.Contains(names, want) {
			t.Errorf("no span %q in %q", want, names)
		}
	}
}

func TestProbesNeedNoTokenAndTellNoSecrets(t *testing.T) {
	n, _ := start(t, Config{})
	tokenOf(t, n) // ready
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/v1/properties": 401} {
		resp, err := http.Get(n.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, resp.StatusCode, want)
		}
		if bytes.Contains(body, []byte("node.db")) {
			t.Errorf("%s names the store", path)
		}
	}
}

func TestASecondPortServesTheProbesAlone(t *testing.T) {
	n, _ := start(t, Config{OpsListen: "127.0.0.1:0"})
	tokenOf(t, n)
	resp, err := http.Get("http://" + n.ops.Addr().String() + "/readyz")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("readyz: %v %v", resp, err)
	}
	if resp, err := http.Get(n.URL() + "/metrics"); err != nil || resp.StatusCode == http.StatusOK {
		t.Errorf("metrics are on the API's port as well: %v %v", resp, err)
	}
}

func TestBadSettingsAreRefusedTogether(t *testing.T) {
	_, err := Open(t.Context(), Config{Store: "mysql://x", TLSCert: "a", Lease: 1})
	for _, want := range []string{"no such kind of store", "belong together", "lease"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %q", err, want)
		}
	}
}

func TestPasswordsOfStoresAreNotShown(t *testing.T) {
	for _, where := range []string{"postgres://u:hunter2@db/x", "postgres://db/x?password=hunter2&user=u", "postgres://u:hunter2@[bad/x"} {
		if strings.Contains(Redact(where), "hunter2") {
			t.Errorf("%s is shown as %s", where, Redact(where))
		}
	}
}

// The page of metrics and what is served must be the same.
func TestMetricsAreThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := start(t, Config{})
	call(t, n, tokenOf(t, n), "GET", "/metrics", "")
	_, body := call(t, n, tokenOf(t, n), "GET", "/metrics", "") // the first is counted by the second
	served := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (ratewire_\w+)`).FindAllStringSubmatch(body, -1) {
		served[m[1]] = true
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("`(ratewire_\\w+)`").FindAllSubmatch(page, -1) {
		listed[string(m[1])] = true
	}
	for name := range served {
		if !listed[name] {
			t.Errorf("%s is served and not on the page", name)
		}
	}
	for name := range listed {
		if !served[name] {
			t.Errorf("%s is on the page and not served", name)
		}
	}
}
