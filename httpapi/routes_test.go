package httpapi

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares with a file, or rewrites it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date: read the difference after go test ./httpapi -update", path)
	}
}

func TestTheErrorsPageIsTheCatalogue(t *testing.T) {
	golden(t, filepath.Join("..", "docs", "errors.md"), []byte(ErrorsPage()))
}

func TestTheOpenAPIDocumentIsGolden(t *testing.T) {
	golden(t, filepath.Join("testdata", "openapi.json"), startRig(t).api.document)
}

// TestEveryCodeInTheTableIsInTheCatalogue holds routes to codes that exist.
func TestEveryCodeInTheTableIsInTheCatalogue(t *testing.T) {
	for _, rt := range startRig(t).api.routes {
		for _, code := range rt.problems {
			if _, ok := catalogue[code]; !ok {
				t.Errorf("%s names the code %s, which is not in the catalogue", rt.pattern, code)
			}
		}
	}
}

// opened are the routes that need no token. A new one must be named here, and in the documents.
var opened = []string{"POST /oauth/token", "GET /healthz", "GET /readyz", "GET /openapi.json", "GET /errors", "GET /errors/{code}", "GET /ota/{connection}"}

// path fills a route's wildcards in.
func (rt *route) fill(property string) string {
	p := rt.path
	for old, v := range map[string]string{"{property}": property, "{code}": "X1", "{id}": "X1", "{reference}": "X1", "{kind}": "room_type", "{external}": "X1", "{secret}": "X1", "{connection}": "pms"} {
		p = strings.ReplaceAll(p, old, v)
	}
	return p
}

func TestEveryRouteRefusesWhoMayNot(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	bearer := func(token string) string { return "Bearer " + token }
	disabled := hub.Client{ID: "gone", Scopes: AllScopes()}
	gone := r.tokenOf(disabled)
	disabled.Disabled = true
	if err := putOwn(t.Context(), r.hub, ari.Author{Kind: ari.BySystem, ID: "test"}, hub.KindClient, "gone", disabled); err != nil {
		t.Fatal(err)
	}
	limited := r.tokenOf(hub.Client{ID: "limited", Scopes: AllScopes(), Properties: []string{"ALP1"}, Connection: "pms"})
	for _, rt := range r.api.routes {
		if rt.rights == ownSecrets {
			continue // tests of the OTA endpoint
		}
		if rt.scope == "" {
			if !slices.Contains(opened, rt.pattern) {
				t.Errorf("%s is open, and not in the list of open routes", rt.pattern)
			}
			continue
		}
		body := ""
		if rt.method != "GET" {
			body = "{}"
		}
		for name, auth := range map[string]string{"no token": "", "a made-up token": bearer("abc.def.ghi"), "basic": "Basic YTpi", "a disabled client's": bearer(gone),
			"an unsigned token": bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsImV4cCI6OTk5OTk5OTk5OX0.")} {
			if a := r.do(rt.method, rt.fill("ALP1"), body, "Authorization", auth); a.status != 401 || a.text("code") != "unauthorized" {
				t.Errorf("%s with %s: %d %s", rt.pattern, name, a.status, a.body)
			}
		}
		others := slices.DeleteFunc(AllScopes(), func(s string) bool { return s == rt.scope || rt.scope == scopeAuditRead && s == scopeAdmin }) // which brings it
		without := r.tokenOf(hub.Client{ID: "without", Scopes: others})
		if a := r.do(rt.method, rt.fill("ALP1"), body, "Authorization", bearer(without)); a.status != 403 || a.text("code") != "missing_scope" {
			t.Errorf("%s without its scope: %d %s", rt.pattern, a.status, a.body)
		}
		r.walkLimited(rt, limited)
	}
}

// walkLimited asks a route for a property that the grant does not cover.
func (r *rig) walkLimited(rt *route, token string) {
	r.t.Helper()
	auth := []string{"Authorization", "Bearer " + token}
	switch rt.rights {
	case byPath:
		if a := r.do(rt.method, rt.fill("BER1"), "{}", auth...); a.status != 404 || a.text("code") != "unknown_property" {
			r.t.Errorf("%s of another's property: %d %s", rt.pattern, a.status, a.body)
		}
	case wholeHub:
		if a := r.do(rt.method, rt.fill("BER1"), "{}", auth...); a.status != 403 || a.text("code") != "not_whole_hub" {
			r.t.Errorf("%s with a limited grant: %d %s", rt.pattern, a.status, a.body)
		}
	case filtered, byBody:
		if _, ok := limitedRoutes[rt.op]; !ok {
			r.t.Errorf("%s: say in limitedRoutes how it hides what is not granted", rt.pattern)
		}
	}
}

// limitedRoutes are the routes that check grants by themselves, each with a request that a grant of ALP1 alone does not cover, and what must
// not be in the answer, or the code it must be refused with.
var limitedRoutes = map[string]struct{ path, body, hidden, code string }{
	"sendUpdate":     {"/v1/updates", `{"property":"BER1","items":[{"undated":true,"set":{"closed":true}}]}`, "", "unknown_property"},
	"sendUpdates":    {"/v1/updates/batch", `{"updates":[{"property":"BER1","items":[{"undated":true,"set":{"closed":true}}]}]}`, `"receipt"`, ""},
	"streamUpdates":  {"/v1/updates/stream", `{"property":"BER1","items":[{"undated":true,"set":{"closed":true}}]}`, `"receipt"`, ""},
	"shop":           {"/v1/shop", `{"properties":["BER1"],"arrival":"2027-01-01","nights":1}`, `"ok"`, ""},
	"shopGet":        {"/v1/shop?properties=BER1&arrival=2027-01-01&nights=1", "", `"ok"`, ""},
	"explain":        {"/v1/explain?property=BER1&room_type=A&rate_plan=B&arrival=2027-01-01&nights=1", "", "", "unknown_property"},
	"listProperties": {"/v1/properties", "", "BER1", ""},
	"readFeed":       {"/v1/feed", "", "BER1", ""},
	"layOverlay":     {"/v1/overlays", `{"properties":["BER1"],"kind":"stop_sell","undated":true}`, `"receipt"`, ""},
	"readAudit":      {"/v1/audit?by_kind=client", "", "BER1", ""},
	"listMessages":   {"/v1/messages", "", "BER1", ""},
	"getMessage":     {"/v1/messages/MESSAGE", "", "", "not_found"},
	"getRawMessage":  {"/v1/messages/MESSAGE/raw", "", "", "not_found"},
	"listParked":     {"/v1/parked?property=BER1", "", "", "unknown_property"},
	"replayParked":   {"/v1/parked/replay", `{"property":"BER1"}`, "", "unknown_property"},
	"listWants":      {"/v1/wants?property=BER1", "", "", "unknown_property"},
	"listWaiting":    {"/v1/waiting?property=BER1", "", "", "unknown_property"},
	"releaseWaiting": {"/v1/waiting/WAITING/release", "{}", "", "not_found"},
	"refuseWaiting":  {"/v1/waiting/WAITING/refuse", "{}", "", "not_found"},
}

func TestRoutesThatCheckGrantsThemselvesHideTheRest(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	msg := r.ok("POST", "/v1/updates", `{"property":"BER1","items":[{"undated":true,"set":{"closed":true}}]}`).text("message_id")
	limited := r.tokenOf(hub.Client{ID: "limited", Scopes: AllScopes(), Properties: []string{"ALP1"}, Connection: "pms"})
	for _, rt := range r.api.routes {
		c, ok := limitedRoutes[rt.op]
		if !ok {
			continue
		}
		header := []string{"Authorization", "Bearer " + limited}
		if rt.op == "streamUpdates" {
			header = append(header, "Content-Type", ndjson)
		}
		path := strings.ReplaceAll(c.path, "MESSAGE", msg)
		a := r.do(rt.method, path, c.body, header...)
		if c.code != "" && a.text("code") != c.code || c.hidden != "" && (strings.Contains(string(a.body), c.hidden) || a.status != http.StatusOK) {
			t.Errorf("%s with a limited grant: %d %s", rt.pattern, a.status, a.body)
		}
	}
}
