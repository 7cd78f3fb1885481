package httpapi

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// rolesWritten are the roles as the documents promise them, written down a second time: a scope that is taken from a role, or slips into one, is
// seen here.
var rolesWritten = map[string]string{
	"viewer":     "ari:read config:read messages:read shop",
	"operator":   "ari:read config:read holds:write messages:raw messages:read overlays:write shop",
	"integrator": "ari:read ari:write config:read config:write holds:write messages:raw messages:read shop",
	"admin":      "admin ari:read ari:write audit:read config:read config:write holds:write messages:raw messages:read overlays:write shop",
	"auditor":    "ari:read audit:read config:read messages:read",
}

func TestRolesAreTheScopesThatAreWrittenDown(t *testing.T) {
	for _, role := range Roles() {
		if got := strings.Join(role.Scopes, " "); got != rolesWritten[role.Name] {
			t.Errorf("%s: %q, want %q", role.Name, got, rolesWritten[role.Name])
		}
	}
	if len(Roles()) != len(rolesWritten) {
		t.Errorf("%d roles, want %d", len(Roles()), len(rolesWritten))
	}
	page, err := os.ReadFile("../docs/operations/access.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), rolesTable()) {
		t.Errorf("docs/operations/access.md does not have this table:\n%s", rolesTable())
	}
}

func TestAClientsRolesAreScopesOfItsTokens(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/clients/desk", `{"scopes":["audit:read"],"roles":["viewer"]}`)
	secret := r.ok("POST", "/v1/clients/desk/secrets", "").text("secret")
	a := r.form("/oauth/token", "grant_type=client_credentials&client_id=desk&client_secret="+secret)
	if got, want := a.text("scope"), "ari:read audit:read config:read messages:read shop"; got != want {
		t.Errorf("scope %q, want %q", got, want)
	}
	token := a.text("access_token")
	r.ok("GET", "/v1/properties", "", "Authorization", "Bearer "+token)
	r.refused(403, "missing_scope", "PUT", "/v1/properties/X", "{}", "Authorization", "Bearer "+token)
	bad := r.refused(422, canonical.CodeFormat, "PUT", "/v1/clients/desk", `{"scopes":[],"roles":["viewer","boss"]}`)
	if bad.text("errors", 0, "pointer") != "/roles/1" {
		t.Errorf("%s", bad.body)
	}
}

// A client that was made before there was an audit trail to read, with every scope of its day, may read it: it could give itself the scope.
func TestAdminBringsTheAuditTrailWithIt(t *testing.T) {
	r := newRig(t)
	r.ok("GET", "/v1/audit", "", "Authorization", "Bearer "+r.tokenOf(hub.Client{ID: "old", Scopes: []string{scopeAdmin}}))
	r.refused(403, "missing_scope", "GET", "/v1/audit", "", "Authorization", "Bearer "+r.tokenOf(hub.Client{ID: "other", Scopes: []string{scopeConfigWrite}}))
}

// wanted is what must come of a route that is asked by a role with a grant of ALP1 alone, or of all: a status and code, or let through.
type wanted struct {
	status int    // 0: let through, as the first client is
	code   string // of the problem
}

// judge says what a role must get, from the table's words and the roles as they are written down, not from the code that decides.
func judge(rt *route, role string, whole, other bool) wanted {
	switch {
	case !slices.Contains(strings.Fields(rolesWritten[role]), rt.scope):
		return wanted{http.StatusForbidden, "missing_scope"}
	case rt.rights == byPath && other && !whole:
		return wanted{http.StatusNotFound, "unknown_property"}
	case rt.rights == wholeHub && !whole:
		return wanted{http.StatusForbidden, "not_whole_hub"}
	}
	return wanted{}
}

// probe answers a request that the route understands: its example for a body, required parameters, and nothing changed where it can be asked
// so.
func probe(rt *route, property string) (method, target, body string, header []string) {
	var q []string
	for _, p := range rt.query {
		switch {
		case p.name == "dry_run":
			q = append(q, "dry_run=true")
		case p.required:
			q = append(q, p.name+"="+probeValue(p, property))
		}
	}
	target = rt.fill(property)
	if len(q) > 0 {
		target += "?" + strings.Join(q, "&")
	}
	if rt.method == http.MethodPut || rt.method == http.MethodPost {
		if body = strings.ReplaceAll(rt.bodyExample, "ALP1", property); body == "" {
			body = "{}"
		}
		header = []string{"Content-Type", defaulted(rt.bodyTypes)[0]}
	}
	return rt.method, target, body, header
}

func probeValue(p param, property string) string {
	switch {
	case len(p.enum) > 0:
		return p.enum[0]
	case p.kind == date:
		return day(30)
	case p.kind == number:
		return fmt.Sprint(max(p.min, 1))
	case p.kind == instant:
		return "2026-11-22T09:30:00Z"
	case p.name == "property" || p.name == "properties":
		return property
	}
	return "DLX"
}

// TestEveryRouteForEveryRole walks the one table of routes: a new route is in it by itself. Each is asked by each role, with a grant of all
// properties and of ALP1 alone, for ALP1 and for another's property. Who is let through gets what the first client gets for the same request.
func TestEveryRouteForEveryRole(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	r.ok("PUT", "/v1/connections/ota1", `{"protocol":"ota","unmapped":true}`)
	type who struct {
		role   string
		whole  bool
		bearer string
	}
	var callers []who
	for role := range rolesWritten {
		callers = append(callers, who{role, true, r.tokenOf(hub.Client{ID: role, Roles: []string{role}, Connection: "pms"})},
			who{role, false, r.tokenOf(hub.Client{ID: role + "-alp1", Roles: []string{role}, Connection: "pms", Properties: []string{"ALP1"}})})
	}
	asked, through, done := 0, 0, 0
	for _, rt := range r.api.routes {
		if rt.scope == "" {
			continue
		}
		for _, property := range []string{"ALP1", "BER1"} {
			method, target, body, header := probe(rt, property)
			first := r.do(method, target, body, header...)
			if first.status == 401 || first.status == 403 {
				t.Fatalf("%s refuses the first client: %d %s", rt.pattern, first.status, first.body)
			}
			for _, c := range callers {
				asked++
				a := r.do(method, target, body, append(slices.Clone(header), "Authorization", "Bearer "+c.bearer)...)
				want := judge(rt, c.role, c.whole, property != "ALP1")
				name := fmt.Sprintf("%s %s by %s (all properties: %v)", method, target, c.role, c.whole)
				if want.status != 0 {
					if a.status != want.status || a.text("code") != want.code {
						t.Errorf("%s: %d %s, want %d %s", name, a.status, a.body, want.status, want.code)
					}
					continue
				}
				through++
				if !c.whole && property != "ALP1" {
					continue // routes that hide by themselves: TestRoutesThatCheckGrantsThemselvesHideTheRest
				}
				if a.status/100 == 2 {
					done++
				}
				if a.status != first.status || a.text("code") != first.text("code") {
					t.Errorf("%s: %d %s, want %d as the first client", name, a.status, a.body, first.status)
				}
			}
		}
	}
	t.Logf("%d requests, %d let through, %d done", asked, through, done)
	if asked < 1000 || through < 300 || done < 150 {
		t.Errorf("too little to show anything: %d requests, %d let through, %d done", asked, through, done)
	}
}

// TestOTATakesTokensOfItsOwnClientsOnly: the endpoint authenticates by itself.
func TestOTATakesTokensOfItsOwnClientsOnly(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/connections/ota1", `{"protocol":"ota","unmapped":true}`)
	r.ok("PUT", "/v1/connections/ota2", `{"protocol":"ota","unmapped":true}`)
	ping := `<OTA_PingRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0"><EchoData>x</EchoData></OTA_PingRQ>`
	for role := range rolesWritten {
		for _, connection := range []string{"ota1", "ota2", ""} {
			for _, whole := range []bool{true, false} {
				c := hub.Client{ID: fmt.Sprint(role, connection, whole), Roles: []string{role}, Connection: connection}
				if !whole {
					c.Properties = []string{"ALP1"}
				}
				want := 403
				if role == "admin" && whole || connection == "ota1" && (role == "integrator" || role == "admin") {
					want = 200
				}
				a := r.do("POST", "/ota/ota1", ping, "Content-Type", "text/xml", "Authorization", "Bearer "+r.tokenOf(c))
				if a.status != want {
					t.Errorf("%s of %q, all properties %v: %d, want %d: %s", role, connection, whole, a.status, want, a.body)
				}
			}
		}
	}
}
