package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
)

// tokenJSON answers the token endpoint.
//
// Source: RFC 6749, 5.1.
type tokenJSON struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type" enum:"Bearer"`
	ExpiresIn   int    `json:"expires_in" doc:"Seconds."`
	Scope       string `json:"scope"`
}

// tokenForm is the body of the token endpoint, form-encoded.
type tokenForm struct {
	GrantType    string `json:"grant_type" enum:"client_credentials"`
	ClientID     string `json:"client_id,omitempty" doc:"Here, or by HTTP Basic."`
	ClientSecret string `json:"client_secret,omitempty"`
	Scope        string `json:"scope,omitempty" doc:"Scopes, separated by blanks; default all of the client's."`
}

// token gives a token out: client_credentials, with the client's id and secret by Basic or in the form.
//
// Source: RFC 6749, 2.3.1, 4.4 and 5.2.
func (r *request) token() error {
	r.w.Header().Set("Cache-Control", "no-store")
	if m, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || m != "application/x-www-form-urlencoded" {
		return r.tokenError(problem("unsupported_media_type", "send application/x-www-form-urlencoded"), "invalid_request")
	}
	b, err := r.readBody()
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return r.tokenError(problem("bad_parameter", "the body is no form"), "invalid_request")
	}
	if form.Get("grant_type") != "client_credentials" {
		return r.tokenError(problem("invalid_grant_type", ""), "unsupported_grant_type")
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if u, p, ok := r.BasicAuth(); ok {
		id, secret = unescaped(u), unescaped(p)
	}
	c, err := r.api.auth.client(id, secret)
	if err != nil {
		return r.tokenError(problemOf(err), "invalid_client")
	}
	want, have := strings.Fields(form.Get("scope")), clientScopes(&c)
	if len(want) == 0 {
		want = have
	}
	for _, s := range want {
		if !slices.Contains(have, s) {
			return r.tokenError(problem("missing_scope", "the client does not have "+s), "invalid_scope")
		}
	}
	t, err := r.api.auth.issue(r.Context(), c.ID, want)
	if err != nil {
		return err
	}
	return r.json(http.StatusOK, tokenJSON{AccessToken: t, TokenType: "Bearer", ExpiresIn: int(tokenFor / time.Second), Scope: strings.Join(want, " ")})
}

// unescaped reads what RFC 6749, 2.3.1 says is form-encoded inside Basic; a client that does not encode means the same unless it has a % or +.
func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil && strings.ContainsRune(s, '%') {
		return u
	}
	return s
}

// client answers the client of an id and secret. Unknown clients cost as much as wrong secrets and are answered the same.
func (a *authority) client(id, secret string) (hub.Client, error) {
	c, ok := a.s.Client(id)
	if !ok && !a.s.Status().Ready {
		return hub.Client{}, hub.ErrNotReady
	}
	if !ok || c.Disabled || c.Issuer != "" {
		c.Secrets = nil
	}
	right, err := a.secrets.verify("client "+id, secret, c.Secrets)
	if err != nil {
		return hub.Client{}, err
	}
	if !right {
		return hub.Client{}, problem("invalid_client", "")
	}
	return c, nil
}

// tokenError answers a problem with the members that RFC 6749 names beside ours.
func (r *request) tokenError(p *Problem, code string) error {
	p.RequestID = r.id
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	members := fmt.Sprintf(`{"error":%q,"error_description":%q,`, code, p.Title)
	h := r.w.Header()
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="ratewire"`)
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", fmt.Sprint(int(p.retryAfter/time.Second)))
	}
	h.Set("Content-Type", "application/problem+json")
	return r.bytes(p.Status, append([]byte(members), b[1:]...))
}

// AllScopes answers every scope, sorted.
func AllScopes() []string { return sortedKeys(scopes) }

// Bootstrapped is a client that Bootstrap made or found.
type Bootstrapped struct {
	Client string
	Secret string // shown once; "" if the client was there and its secret was not renewed
	Token  string // valid for an hour
}

// Bootstrap makes the first client of a hub, with every scope and property, and answers its secret and a token: for `ratewire token` and the
// demo. A client that is there already keeps its secrets and gets a token only, unless renew asks for a new secret.
//
// connection is what the client writes ARI as; it is made (protocol json, hub codes) if it is not there. "" for none.
func Bootstrap(ctx context.Context, s hub.Service, client, connection string, renew bool) (Bootstrapped, error) {
	who := ari.Author{Kind: ari.BySystem, ID: "bootstrap"}
	if connection != "" {
		if _, ok := s.Connection(connection); !ok {
			c := hub.Connection{ID: connection, Name: connection, Protocol: "json", Unmapped: true}
			if err := putOwn(ctx, s, who, hub.KindConnection, connection, c); err != nil {
				return Bootstrapped{}, err
			}
		}
	}
	out := Bootstrapped{Client: client}
	c, ok := s.Client(client)
	if !ok || renew {
		var secret hub.Secret
		out.Secret, secret = NewSecret(time.Now())
		if !ok {
			c = hub.Client{ID: client, Name: client, Scopes: AllScopes(), Connection: connection}
		}
		c.Secrets = addSecret(c.Secrets, secret)
		if err := putOwn(ctx, s, who, hub.KindClient, client, c); err != nil {
			return Bootstrapped{}, err
		}
	}
	var err error
	out.Token, err = newAuthority(s, time.Now).issue(ctx, client, clientScopes(&c))
	return out, err
}

func putOwn(ctx context.Context, s hub.Service, who ari.Author, kind, code string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := s.PutObject(ctx, who, ari.HubProperty, kind, code, b, 0, false); err != nil {
		return fmt.Errorf("put %s %s: %w", kind, code, err)
	}
	return nil
}

// addSecret answers the secrets with one more: the oldest goes when there were as many as may be.
func addSecret(list []hub.Secret, s hub.Secret) []hub.Secret {
	list = append(slices.Clone(list), s)
	if n := len(list) - secretsPerName; n > 0 {
		list = list[n:]
	}
	return list
}

// notFound tells whether an error says that there is none.
func notFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
