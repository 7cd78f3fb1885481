package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store/memory"
)

// twoNodes starts a writer and a follower on one store; the rig's server is the follower's.
func twoNodes(t *testing.T) (writer, follower *rig) {
	t.Helper()
	disk := memory.NewDisk(memory.Options{})
	start := func(node string) *rig {
		srv := httptest.NewUnstartedServer(nil)
		h, err := hub.Open(t.Context(), hub.Options{Store: disk.Open(), Node: node, Address: srv.Listener.Addr().String()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("run %s: %v", node, err)
			}
		})
		a, err := newAPI(h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		srv.Config.Handler = a
		srv.Start()
		t.Cleanup(srv.Close)
		return &rig{t: t, hub: h, api: a, srv: srv}
	}
	writer = start("a")
	until(t, "the first node writes", func() bool { s := writer.hub.Status(); return s.Ready && s.Writer })
	b, err := Bootstrap(t.Context(), writer.hub, "admin", "pms", false)
	if err != nil {
		t.Fatal(err)
	}
	follower = start("b")
	writer.token, follower.token = b.Token, b.Token
	until(t, "the second node follows", func() bool {
		s := follower.hub.Status()
		_, there := follower.hub.Client("admin")
		return s.Ready && !s.Writer && s.WriterAddress != "" && there
	})
	return writer, follower
}

func TestAFollowerForwardsWritesAndServesReads(t *testing.T) {
	writer, r := twoNodes(t)
	r.ok("PUT", "/v1/properties/ALP1", `{"time_zone":"Europe/Vienna","currency":"EUR"}`)
	r.ok("PUT", "/v1/properties/ALP1/room-types/DLX", `{}`)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true}`)
	r.ok("POST", "/v1/connections/acme/secrets", `{"password":"a password"}`)
	sent := r.ok("POST", "/v1/updates", closing("ALP1", 1, 2), "Idempotency-Key", "f1")
	cells := r.ok("GET", "/v1/properties/ALP1/cells?from="+day(1)+"&at_least="+sent.text("position"), "")
	if cells.text("items", 0, "field") != "closed" {
		t.Errorf("%s", cells.body)
	}
	if a := writer.ok("POST", "/v1/updates", closing("ALP1", 1, 2), "Idempotency-Key", "f1"); a.text("repeat") != "true" {
		t.Errorf("the key did not go along: %s", a.body)
	}
	if a := r.ok("POST", "/v1/updates/stream", closing("ALP1", 3, 3)+"\n"+closing("ALP1", 4, 4), "Content-Type", ndjson); strings.Count(string(a.body), `"receipt"`) != 2 {
		t.Errorf("%s", a.body)
	}
	if a := r.ok("POST", "/v1/updates/batch", `{"updates":[`+closing("ALP1", 5, 5)+`]}`); a.text("results", 0, "receipt", "verdict") != "applied" {
		t.Errorf("%s", a.body)
	}
	r.refused(422, "unknown_room_type", "POST", "/v1/updates", strings.Replace(closing("ALP1", 1, 2), "DLX", "X", 1))
	until(t, "the follower knows the connection", func() bool { c, ok := r.hub.Connection("acme"); return ok && len(c.Secrets) == 1 })
	if a := r.ota(avail("ALP1", "DLX", "f")); a.status != 200 || !strings.Contains(string(a.body), "RecordID") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if l := writer.ok("GET", "/v1/messages?connection=acme", ""); len(l.get("items").([]any)) != 1 {
		t.Errorf("%s", l.body)
	}
	limited := writer.tokenOf(hub.Client{ID: "limited", Scopes: AllScopes(), Properties: []string{"BER1"}, Connection: "pms"})
	until(t, "the follower knows the client", func() bool { _, ok := r.hub.Client("limited"); return ok })
	if a := r.do("POST", "/v1/updates", closing("ALP1", 1, 2), "Authorization", "Bearer "+limited); a.text("code") != "unknown_property" {
		t.Errorf("forwarding widens a grant: %s", a.body)
	}
}

// signed answers a forwarded request as a node would send it, for a caller who may do everything.
func signed(t *testing.T, r *rig, body string, at time.Time) *http.Request {
	t.Helper()
	now := r.api.o.Now
	r.api.o.Now = func() time.Time { return at }
	defer func() { r.api.o.Now = now }()
	in := httptest.NewRequest("POST", "/v1/updates", strings.NewReader(body))
	in.Header.Set("Content-Type", "application/json")
	req := &request{Request: in, api: r.api, route: &route{}, id: "req_1", who: caller{client: "admin", connection: "pms", scopes: AllScopes()}}
	if _, err := req.readBody(); err != nil {
		t.Fatal(err)
	}
	sum := sumOf(req.body)
	out, err := r.api.forwardRequest(t.Context(), req, r.srv.URL, strings.NewReader(body), sum)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestForwardedRequestsAreBelievedOnlyWhenSigned(t *testing.T) {
	r := newRig(t)
	body := closing("ALP1", 1, 2)
	if a := r.send(signed(t, r, body, time.Now())); a.status != 200 || a.header.Get("X-Request-Id") != "req_1" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for name, spoil := range map[string]func(*http.Request){
		"no signature":      func(q *http.Request) { q.Header.Del(forwardSigned) },
		"another signature": func(q *http.Request) { q.Header.Set(forwardSigned, strings.Repeat("0", 64)) },
		"another caller":    func(q *http.Request) { q.Header.Set(forwardHeader, "e30") },
		"another target":    func(q *http.Request) { q.URL.RawQuery = "dry_run=true" },
		"another method": func(q *http.Request) {
			q.Method = "GET"
			q.URL.Path = "/v1/properties"
			q.Body = nil
			q.ContentLength = 0
		},
	} {
		q := signed(t, r, body, time.Now())
		spoil(q)
		if a := r.send(q); a.status != 401 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	other := signed(t, r, body, time.Now())
	changed := signed(t, r, closing("ALP1", 1, 9), time.Now())
	other.Body, other.ContentLength = changed.Body, changed.ContentLength
	if a := r.send(other); a.status != 401 {
		t.Errorf("another body: %d %s", a.status, a.body)
	}
	if a := r.send(signed(t, r, body, time.Now().Add(-2*forwardFor))); a.status != 401 {
		t.Errorf("an old signature: %d %s", a.status, a.body)
	}
}

func TestAForwardedRequestIsNotForwardedAgain(t *testing.T) {
	_, follower := twoNodes(t)
	a := follower.send(signed(t, follower, `{"property":"ALP1","items":[{"undated":true,"set":{"closed":true}}]}`, time.Now()))
	if a.status != 503 || a.text("code") != "no_writer" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
