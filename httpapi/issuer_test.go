package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/oidc"
	"github.com/ratewire/ratewire/internal/oidc/oidctest"
)

// external is a rig that takes tokens of an issuer too.
type external struct {
	*rig
	issuer *oidctest.Issuer
}

func newExternal(t *testing.T, how Issuer) *external {
	t.Helper()
	x := &external{newRig(t), oidctest.New(t)}
	var err error
	if how.Verifier, err = oidc.New(oidc.Config{Issuer: x.issuer.URL, Audience: []string{"api://ratewire"}}); err != nil {
		t.Fatal(err)
	}
	x.api.auth.issuer = how.withDefaults()
	return x
}

// bearer answers an Authorization header with a token of the issuer.
func (x *external) bearer(claims map[string]any) []string {
	c := map[string]any{"iss": x.issuer.URL, "aud": "api://ratewire", "azp": "app-1", "sub": "s", "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(c, claims)
	return []string{"Authorization", "Bearer " + x.issuer.Token("rsa-1", c)}
}

func (x *external) put(c hub.Client) {
	x.t.Helper()
	if err := putOwn(x.t.Context(), x.hub, ari.Author{Kind: ari.BySystem, ID: "test"}, hub.KindClient, c.ID, c); err != nil {
		x.t.Fatal(err)
	}
}

func TestRolesOfTheIssuersTokensAreScopesHere(t *testing.T) {
	x := newExternal(t, Issuer{RoleClaims: []string{"roles", "groups", "scp"}, Roles: map[string]string{"7f1c-guid": "operator", "Everything.Read": "viewer", "trail": "audit:read"}})
	for _, c := range []struct {
		claims map[string]any
		want   string
	}{
		{map[string]any{"roles": []string{"viewer"}}, rolesWritten["viewer"]},
		{map[string]any{"groups": []string{"x", "7f1c-guid"}}, rolesWritten["operator"]},
		{map[string]any{"scp": "openid Everything.Read"}, rolesWritten["viewer"]},
		{map[string]any{"roles": []string{"ari:read", "shop"}}, "ari:read shop"},
		{map[string]any{"roles": []string{"trail"}, "scp": "shop"}, "audit:read shop"},
		{map[string]any{"roles": []string{"root", "Admin", "*"}}, ""},
		{map[string]any{"roles": "admin"}, rolesWritten["admin"]},
		{map[string]any{"roles": 7}, ""},
		{map[string]any{}, ""},
	} {
		who, err := x.api.auth.bearer(t.Context(), strings.TrimPrefix(x.bearer(c.claims)[1], "Bearer "))
		if got := strings.Join(who.scopes, " "); err != nil || got != c.want {
			t.Errorf("%v: %q %v, want %q", c.claims, got, err, c.want)
		}
	}
}

func TestBothIssuersTokensAreServedBesideEachOther(t *testing.T) {
	x := newExternal(t, Issuer{})
	x.ok("GET", "/v1/properties", "")
	x.ok("GET", "/v1/properties", "", x.bearer(map[string]any{"roles": []string{"viewer"}})...)
	x.refused(403, "missing_scope", "PUT", "/v1/properties/X", "{}", x.bearer(map[string]any{"roles": []string{"viewer"}})...)
	x.refused(401, "unauthorized", "GET", "/v1/properties", "", x.bearer(map[string]any{"roles": []string{"viewer"}, "aud": "api://other"})...)
}

// A token must not choose which key it is verified with.
func TestATokenCannotChooseItsVerifier(t *testing.T) {
	x := newExternal(t, Issuer{})
	claims := map[string]any{"iss": x.issuer.URL, "aud": "api://ratewire", "azp": "app-1", "sub": "admin", "scope": strings.Join(AllScopes(), " "), "roles": []string{"admin"},
		"exp": time.Now().Add(time.Hour).Unix()}
	key, err := x.hub.Key(t.Context(), "token")
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"none":                             oidctest.Sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, claims),
		"HS384 with the hub's key":         oidctest.Sign(t, jwt.SigningMethodHS384, key, map[string]any{"kid": "rsa-1"}, claims),
		"HS256 with the key id as a key":   oidctest.Sign(t, jwt.SigningMethodHS256, []byte("rsa-1"), map[string]any{"kid": "rsa-1"}, claims),
		"RS256 for the hub's own subject":  oidctest.Sign(t, jwt.SigningMethodRS256, x.issuer.Key("rsa-1"), map[string]any{"kid": "rsa-2"}, claims),
		"the issuer's, named as hub's own": strings.TrimPrefix(x.bearer(map[string]any{"azp": "admin", "roles": []string{"admin"}})[1], "Bearer "),
	} {
		if a := x.do("GET", "/v1/properties", "", "Authorization", "Bearer "+token); a.status != 401 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := x.do("GET", "/v1/properties", "", "Authorization", "Bearer "+oidctest.Sign(t, jwt.SigningMethodHS256, key, nil, claims)); a.status != 200 {
		t.Errorf("the hub's own: %d %s", a.status, a.body)
	}
}

func TestAClientOfTheHubBoundsTheIssuersTokens(t *testing.T) {
	x := newExternal(t, Issuer{PropertiesClaim: "hotels"})
	x.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	x.put(hub.Client{ID: "app-1", Issuer: x.issuer.URL, Roles: []string{"integrator"}, Properties: []string{"ALP1"}, Connection: "pms"})
	all := map[string]any{"roles": []string{"admin"}, "hotels": []string{"*"}}
	x.ok("POST", "/v1/updates", closing("ALP1", 1, 2), x.bearer(all)...)
	x.refused(404, "unknown_property", "POST", "/v1/updates", closing("BER1", 1, 2), x.bearer(all)...)
	x.refused(403, "missing_scope", "GET", "/v1/audit", "", x.bearer(all)...)
	x.refused(403, "missing_scope", "POST", "/v1/updates", closing("ALP1", 1, 2), x.bearer(map[string]any{"roles": []string{"viewer"}, "hotels": "*"})...)
	x.ok("POST", "/v1/updates", closing("ALP1", 1, 4), x.bearer(map[string]any{"hotels": "*"})...) // says nothing of roles: the client's
	x.refused(404, "unknown_property", "POST", "/v1/updates", closing("ALP1", 1, 2), x.bearer(map[string]any{"roles": []string{"admin"}, "hotels": []string{"BER1"}})...)
	x.put(hub.Client{ID: "app-1", Issuer: x.issuer.URL, Roles: []string{"integrator"}, Disabled: true})
	x.refused(401, "unauthorized", "GET", "/v1/properties", "", x.bearer(map[string]any{"roles": []string{"viewer"}, "hotels": "*", "jti": "fresh"})...)
	x.put(hub.Client{ID: "app-1", Issuer: "https://another.example", Roles: []string{"integrator"}})
	x.refused(401, "unauthorized", "GET", "/v1/properties", "", x.bearer(map[string]any{"roles": []string{"viewer"}, "hotels": "*", "jti": "fresher"})...)
}

func TestPropertiesOfTheIssuersTokens(t *testing.T) {
	x := newExternal(t, Issuer{PropertiesClaim: "hotels", PropertiesPrefix: "hotel:"})
	for _, c := range []struct {
		claim any
		want  string
	}{
		{nil, "none"}, {[]string{}, "none"}, {"", "none"}, {[]string{"hotel:B", "hotel:A", "role:C", "hotel:A"}, "A,B"}, {"hotel:A hotel:B", "A,B"}, {"hotel:A,hotel:B", "A,B"},
		{[]string{"hotel:*"}, "all"}, {[]string{"*"}, "none"}, {7, "none"},
	} {
		claims := map[string]any{"roles": []string{"viewer"}}
		if c.claim != nil {
			claims["hotels"] = c.claim
		}
		who, err := x.api.auth.bearer(t.Context(), strings.TrimPrefix(x.bearer(claims)[1], "Bearer "))
		got := strings.Join(who.properties, ",")
		switch {
		case who.properties == nil:
			got = "all"
		case len(who.properties) == 0:
			got = "none"
		}
		if err != nil || got != c.want {
			t.Errorf("%v: %s %v, want %s", c.claim, got, err, c.want)
		}
	}
}

func TestPersonsAreNamedInTheTrail(t *testing.T) {
	x := newExternal(t, Issuer{})
	x.put(hub.Client{ID: "app-1", Issuer: x.issuer.URL, Roles: []string{"admin"}, Connection: "pms"})
	ann := x.bearer(map[string]any{"preferred_username": "ann@hotel.example", "roles": []string{"admin"}})
	x.ok("PUT", "/v1/properties/ALP1/room-types/ANN?reason=new", `{}`, ann...)
	a := x.ok("GET", "/v1/audit?limit=1", "")
	if a.text("items", 0, "by", "kind") != "person" || a.text("items", 0, "by", "id") != "ann@hotel.example" {
		t.Errorf("%s", a.body)
	}
	x.ok("PUT", "/v1/properties/ALP1/room-types/APP", `{}`, x.bearer(map[string]any{"roles": []string{"admin"}})...)
	if a := x.ok("GET", "/v1/audit?limit=1", ""); a.text("items", 0, "by", "kind") != "client" || a.text("items", 0, "by", "id") != "app-1" {
		t.Errorf("%s", a.body)
	}
}

func TestClientIDsComeFromTheFirstClaimThatIsThere(t *testing.T) {
	x := newExternal(t, Issuer{})
	long := strings.Repeat("x", externalNameMax+1)
	for want, claims := range map[string]oidc.Claims{
		"a": {"azp": "a", "appid": "b", "sub": "c"}, "b": {"appid": "b", "sub": "c"}, "c": {"sub": "c"}, "d": {"azp": long, "sub": "d"}, "e": {"azp": "x\ny", "sub": "e"}, "": {"azp": 5},
	} {
		if got := x.api.auth.issuer.name(claims, x.api.auth.issuer.ClientClaims); got != want {
			t.Errorf("%v: %q, want %q", claims, got, want)
		}
	}
	if a := x.do("GET", "/v1/properties", "", x.bearer(map[string]any{"azp": nil, "sub": "", "roles": []string{"admin"}})...); a.status != 401 {
		t.Errorf("a token of nobody: %d %s", a.status, a.body)
	}
}

func TestOwnTokensAreServedWhileTheIssuerIsDown(t *testing.T) {
	x := newExternal(t, Issuer{})
	x.issuer.Down(true)
	a := x.do("GET", "/v1/properties", "", x.bearer(map[string]any{"roles": []string{"viewer"}})...)
	if a.status != 503 || a.text("code") != "issuer_unreachable" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	x.ok("GET", "/v1/properties", "")
}

// A grant of no property must not become one of all on its way to the writer.
func TestForwardingKeepsAnEmptyGrantAndThePerson(t *testing.T) {
	writer, follower := twoNodes(t)
	for _, properties := range [][]string{nil, {}, {"ALP1"}} {
		req := &request{Request: forwardedRequest(t), api: follower.api, route: &route{}, id: "req_1",
			who: caller{client: "app-1", person: "ann", connection: "pms", scopes: []string{"shop"}, properties: properties}}
		out, err := follower.api.forwardRequest(t.Context(), req, writer.srv.URL, strings.NewReader(""), sumOf(nil))
		if err != nil {
			t.Fatal(err)
		}
		got, err := writer.api.forwardedCaller(&request{Request: out, w: &answer{}, api: writer.api, route: &route{}})
		if err != nil || fmt.Sprint(got.properties == nil, got.properties) != fmt.Sprint(properties == nil, properties) || got.person != "ann" || !slices.Equal(got.scopes, []string{"shop"}) {
			t.Errorf("%v: %+v %v", properties, got, err)
		}
	}
}

func TestMappedRolesMustExist(t *testing.T) {
	v, err := oidc.New(oidc.Config{Issuer: "https://login.example", Audience: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Issuer{{Roles: map[string]string{"a": "boss"}}, {Roles: map[string]string{"": "admin"}}, {PropertiesPrefix: "x"}} {
		bad.Verifier = v
		if bad.Validate() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// forwardedRequest is a request to be forwarded.
func forwardedRequest(t *testing.T) *http.Request {
	return httptest.NewRequestWithContext(t.Context(), "POST", "/v1/updates", nil)
}
