package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store/memory"
)

func init() { chosenRounds = 1000 }

// rig is a real hub on memory behind a real server.
type rig struct {
	t     testing.TB
	hub   *hub.Hub
	api   *api
	srv   *httptest.Server
	token string // of the first client: everything
	stop  func() // of the hub
}

// newRig starts a hub with one hotel, ALP1: room types DLX and STD, plans BAR and NRF (derived, 10 % less).
func newRig(t testing.TB) *rig {
	t.Helper()
	r := startRig(t)
	r.ok("PUT", "/v1/properties/ALP1", `{"name":"Alpenhof","time_zone":"Europe/Vienna","currency":"EUR"}`)
	r.ok("PUT", "/v1/properties/ALP1/room-types/DLX", `{"name":"Deluxe","std_occupancy":2,"max_occupancy":4}`)
	r.ok("PUT", "/v1/properties/ALP1/room-types/STD", `{"std_occupancy":2}`)
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/BAR", `{"name":"Best available"}`)
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/NRF", `{"parent":"BAR","derive":[{"percent":"-10"}]}`)
	return r
}

// startRig starts an empty hub and its first client.
func startRig(t testing.TB) *rig {
	t.Helper()
	return startOn(t, memory.NewDisk(memory.Options{}))
}

// startOn starts a hub on a disk. stop ends it before the test does.
func startOn(t testing.TB, disk *memory.Disk) *rig {
	t.Helper()
	h, err := hub.Open(t.Context(), hub.Options{Store: disk.Open(), Decoders: map[string]hub.Decoder{"ota": OTADecoder(), "alpinebits": AlpineBitsDecoder()}, Jobs: Workers()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	until(t, "the hub writes", func() bool { s := h.Status(); return s.Ready && s.Writer })
	b, err := Bootstrap(t.Context(), h, "admin", "pms", false)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAPI(h, Options{Log: slog.New(slog.NewTextHandler(&testLog{t: t}, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, hub: h, api: a, token: b.Token, stop: stop}
	r.srv = httptest.NewServer(a)
	t.Cleanup(r.srv.Close)
	return r
}

// until waits for something that the hub does by itself.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

// testLog writes to the test's log while the test runs.
type testLog struct {
	t  testing.TB
	mu sync.Mutex
}

func (l *testLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// reply is an answer as the tests look at it.
type reply struct {
	status int
	header http.Header
	body   []byte
	v      map[string]any // of a JSON object
}

// get answers a member by names and indexes; nil if it is not there.
func (a *reply) get(path ...any) any {
	var v any = a.v
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a *reply) text(path ...any) string {
	v := a.get(path...)
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// do sends a request with the rig's token; header is names and values.
func (r *rig) do(method, path, body string, header ...string) *reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.srv.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return r.send(req)
}

func (r *rig) send(req *http.Request) *reply {
	r.t.Helper()
	res, err := r.srv.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	out := &reply{status: res.StatusCode, header: res.Header, body: b}
	if bytes.HasPrefix(b, []byte("{")) && !strings.Contains(res.Header.Get("Content-Type"), "ndjson") {
		if err := json.Unmarshal(b, &out.v); err != nil {
			r.t.Fatalf("%s %s: the answer is no JSON: %v\n%s", req.Method, req.URL.Path, err, b)
		}
		r.hold(req, out)
	}
	return out
}

// ok sends a request that must succeed.
func (r *rig) ok(method, path, body string, header ...string) *reply {
	r.t.Helper()
	a := r.do(method, path, body, header...)
	if a.status/100 != 2 {
		r.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a
}

// refused sends a request that must be answered with a problem of a status and code.
func (r *rig) refused(status int, code, method, path, body string, header ...string) *reply {
	r.t.Helper()
	a := r.do(method, path, body, header...)
	if a.status != status || a.text("code") != code {
		r.t.Fatalf("%s %s: want %d %s, got %d %s", method, path, status, code, a.status, a.body)
	}
	return a
}

// tokenOf makes a client and answers a token of it.
func (r *rig) tokenOf(client hub.Client) string {
	r.t.Helper()
	plain, secret := NewSecret(time.Now())
	client.Secrets = []hub.Secret{secret}
	if err := putOwn(r.t.Context(), r.hub, ari.Author{Kind: ari.BySystem, ID: "test"}, hub.KindClient, client.ID, client); err != nil {
		r.t.Fatal(err)
	}
	a := r.form("/oauth/token", "grant_type=client_credentials&client_id="+client.ID+"&client_secret="+plain)
	if a.status != 200 {
		r.t.Fatalf("token: %d %s", a.status, a.body)
	}
	return a.text("access_token")
}

// form posts a form without a token.
func (r *rig) form(path, body string, header ...string) *reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.srv.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return r.send(req)
}

// day answers a stay date n days from today, as text.
func day(n int) string { return (ari.LocalDate(time.Now(), time.UTC) + ari.StayDate(n)).String() }
