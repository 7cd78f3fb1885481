package node

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/internal/oidc"
	"github.com/ratewire/ratewire/internal/oidc/oidctest"
)

func TestANodeServesItsOwnTokensWhileTheIssuerIsDownAndSaysSo(t *testing.T) {
	issuer := oidctest.New(t)
	issuer.Down(true)
	n, _ := start(t, Config{Issuer: oidc.Config{Issuer: issuer.URL, Audience: []string{"ratewire"}, Discovery: issuer.URL + "/.well-known/openid-configuration"},
		Claims: httpapi.Issuer{Roles: map[string]string{"Hotel.Read": "viewer"}}})
	if status, body := call(t, n, tokenOf(t, n), "GET", "/v1/properties", ""); status != http.StatusOK {
		t.Errorf("own token: %d %s", status, body)
	}
	if r := readinessOf(t, n, func(r *readiness) bool { return r.Ready && r.Issuer.Error != "" }); r.Issuer.Ready {
		t.Errorf("%+v %+v", r, r.Issuer)
	}
	external := issuer.Token("ec-1", map[string]any{"iss": issuer.URL, "aud": "ratewire", "azp": "app", "exp": time.Now().Add(time.Hour).Unix(), "roles": []string{"Hotel.Read"}})
	if status, body := call(t, n, external, "GET", "/v1/properties", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "issuer_unreachable") {
		t.Errorf("its token: %d %s", status, body)
	}
	issuer.Down(false)
	readinessOf(t, n, func(r *readiness) bool { return r.Issuer.Ready && r.Issuer.Keys == 2 })
	if status, body := call(t, n, external, "GET", "/v1/properties", ""); status != http.StatusOK {
		t.Errorf("its token, once it is back: %d %s", status, body)
	}
	if _, body := call(t, n, "", "GET", "/metrics", ""); !strings.Contains(body, "ratewire_issuer_ready 1") || !strings.Contains(body, `ratewire_issuer_fetches_total{outcome="failed"}`) {
		t.Error("the metrics do not tell of the issuer")
	}
}

// readinessOf asks until the answer is as wanted: the keys are read by themselves, within seconds.
func readinessOf(t *testing.T, n *Node, want func(*readiness) bool) (r readiness) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(n.URL() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		r = readiness{}
		if err := json.Unmarshal(body, &r); err != nil || r.Issuer == nil {
			t.Fatalf("%v: %s", err, body)
		}
		if want(&r) {
			return r
		}
	}
	t.Fatalf("waited too long: %+v", r.Issuer)
	return r
}
