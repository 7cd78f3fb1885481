package httpapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/oidc"
)

// Issuer is an external issuer whose tokens are taken beside the hub's own, and how its claims are read. Verifier is required.
type Issuer struct {
	Verifier         *oidc.Verifier
	ClientClaims     []string          // the first that is there names the client; default azp, appid, client_id, sub
	PersonClaims     []string          // the first that is there names the person a token acts for; default preferred_username, upn, email; "-": none
	RoleClaims       []string          // each value is a role, a scope, or a word of Roles; default roles
	Roles            map[string]string // what the issuer calls a role or scope -> its name here
	PropertiesClaim  string            // names the properties granted, "*" for all; "": every token is for all of them
	PropertiesPrefix string            // of values of that claim that are meant; others are passed over
}

// Validate reports every fault at once.
func (x *Issuer) Validate() error {
	var errs []error
	for from, to := range x.Roles {
		if from == "" || roleScopes(to) == nil && scopes[to] == "" {
			errs = append(errs, fmt.Errorf("jwt_roles: %s=%s: want a claim's value, = and a role (%s) or a scope", from, to, strings.Join(roleNames(), ", ")))
		}
	}
	if x.PropertiesPrefix != "" && x.PropertiesClaim == "" {
		errs = append(errs, errors.New("jwt_properties_prefix: it is of values of jwt_properties_claim, which is missing"))
	}
	return errors.Join(errs...)
}

// withDefaults fills empty lists in.
func (x Issuer) withDefaults() *Issuer {
	if len(x.ClientClaims) == 0 {
		x.ClientClaims = []string{"azp", "appid", "client_id", "sub"}
	}
	if len(x.PersonClaims) == 0 {
		x.PersonClaims = []string{"preferred_username", "upn", "email"}
	}
	if len(x.RoleClaims) == 0 {
		x.RoleClaims = []string{"roles"}
	}
	return &x
}

// externalNameMax bounds names that an issuer gives: they are kept with every entry.
const externalNameMax = 128

// name answers the first of the claims that is a usable name.
func (x *Issuer) name(c oidc.Claims, claims []string) string {
	for _, claim := range claims {
		v := c.Text(claim)
		if v != "" && len(v) <= externalNameMax && strings.IndexFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0 {
			return v
		}
	}
	return ""
}

// scopes answers what the token's roles allow. told is false if it has none of the claims: then it says nothing of roles at all.
func (x *Issuer) scopes(c oidc.Claims) (out []string, told bool) {
	var given, roles []string
	for _, claim := range x.RoleClaims {
		told = told || c.Has(claim)
		for _, v := range c.List(claim) {
			if to, ok := x.Roles[v]; ok {
				v = to
			}
			switch {
			case roleScopes(v) != nil:
				roles = append(roles, v)
			case scopes[v] != "":
				given = append(given, v)
			}
		}
	}
	return scopesOf(given, roles), told
}

// properties answers what the token grants: nil is all, and none is not nil.
func (x *Issuer) properties(c oidc.Claims) []string {
	if x.PropertiesClaim == "" {
		return nil
	}
	out := []string{}
	for _, v := range c.List(x.PropertiesClaim) {
		for _, code := range strings.Split(v, ",") {
			code, ok := strings.CutPrefix(code, x.PropertiesPrefix)
			if ok && code == "*" {
				return nil
			}
			if ok && code != "" {
				out = append(out, code)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isExternal tells whether a token is to be verified with an issuer's public key. Nothing is believed here: the hub's own tokens are HS256 and
// verified with its own key as that; whatever else a token says of itself, it must then be what the issuer signs with.
func isExternal(token string) bool {
	t, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	return err == nil && t.Method != jwt.SigningMethodHS256
}

// external answers who a token of the issuer is.
//
// A client of the hub that names the issuer and has the token's client id bounds it: disabled refuses it, its properties and scopes are the most it
// may have, its connection is what it writes ARI as, and a token that says nothing of roles has the client's scopes. Without such a client the token
// has what its roles say, and writes no ARI.
func (a *authority) external(ctx context.Context, token string) (caller, time.Time, error) {
	no := func(why string) (caller, time.Time, error) {
		a.log.Debug("token of the issuer refused", "why", why)
		return caller{}, time.Time{}, problem("unauthorized", "")
	}
	claims, err := a.issuer.Verifier.Verify(ctx, token)
	if errors.Is(err, oidc.ErrUnreachable) {
		p := problem("issuer_unreachable", "")
		p.retryAfter = time.Second
		return caller{}, time.Time{}, p
	}
	if err != nil {
		return no(err.Error())
	}
	id := a.issuer.name(claims, a.issuer.ClientClaims)
	if id == "" {
		return no("no claim names a client: " + strings.Join(a.issuer.ClientClaims, ", "))
	}
	who := caller{client: id, person: a.issuer.name(claims, a.issuer.PersonClaims), properties: a.issuer.properties(claims)}
	told := false
	who.scopes, told = a.issuer.scopes(claims)
	client, ok := a.s.Client(id)
	switch {
	case !ok && !a.s.Status().Ready:
		return caller{}, time.Time{}, hub.ErrNotReady // clients are not loaded yet: one may bound it
	case ok && client.Issuer != a.issuer.Verifier.Issuer():
		return no("client " + id + " of the hub is not of the issuer")
	case ok && client.Disabled:
		return no("client " + id + " is disabled")
	case ok:
		who.bound(&client, told)
	}
	return who, claims.Expires(), nil
}

// bound narrows a caller to what the hub grants its client.
func (c *caller) bound(client *hub.Client, told bool) {
	have := clientScopes(client)
	if told {
		have = slices.DeleteFunc(have, func(s string) bool { return !slices.Contains(c.scopes, s) })
	}
	c.scopes, c.connection = have, client.Connection
	granted := grant(client.Properties)
	switch {
	case granted == nil:
	case c.properties == nil:
		c.properties = granted
	default:
		c.properties = slices.DeleteFunc(granted, func(p string) bool { return !slices.Contains(c.properties, p) })
	}
}
