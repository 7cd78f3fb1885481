package httpapi

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ratewire/ratewire/hub"
)

// caller is who a request comes from and what it may do.
type caller struct {
	client     string   // API client
	person     string   // whom the client acts for, as an external issuer names them; "": nobody
	connection string   // it writes ARI as
	scopes     []string // of the token
	properties []string // sorted; nil: all
	meter      meter    // of what it sends
	forwarded  bool     // by another node of this hub: not forwarded again
}

// name answers who it is, for logs.
func (c *caller) name() string {
	switch {
	case c.person != "":
		return c.person
	case c.client == "":
		return c.connection
	}
	return c.client
}

// may tells whether the caller's grant covers a property.
func (c *caller) may(property string) bool {
	if c.properties == nil {
		return true
	}
	_, ok := slices.BinarySearch(c.properties, property)
	return ok
}

// whole tells whether the grant covers every property.
func (c *caller) whole() bool { return c.properties == nil }

// tokenFor is how long a token is valid; rememberFor how long a verified one is believed without looking at the client again: a client that
// is disabled or loses a grant is refused within this time.
const (
	tokenFor    = time.Hour
	rememberFor = 5 * time.Second
	tokenMax    = 16 << 10 // bytes of a token that is looked at: issuers list groups in theirs
)

// authority gives tokens out and verifies them.
type authority struct {
	s       hub.Service
	now     func() time.Time
	log     *slog.Logger
	issuer  *Issuer // nil: the hub's own tokens only
	metered func(*caller)
	secrets *verifier

	mu     sync.RWMutex
	key    []byte
	tokens map[[32]byte]remembered
}

// remembered is a verified token.
type remembered struct {
	who   caller
	until time.Time
}

func newAuthority(s hub.Service, now func() time.Time) *authority {
	return &authority{s: s, now: now, log: slog.New(slog.DiscardHandler), secrets: newVerifier(now), tokens: map[[32]byte]remembered{}}
}

// signingKey answers the key of tokens, from the store (S37).
func (a *authority) signingKey(ctx context.Context) ([]byte, error) {
	a.mu.RLock()
	key := a.key
	a.mu.RUnlock()
	if key != nil {
		return key, nil
	}
	key, err := a.s.Key(ctx, "token")
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.key = key
	a.mu.Unlock()
	return key, nil
}

// claims are what a token says.
type claims struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

// issue answers a token of a client for some of its scopes.
func (a *authority) issue(ctx context.Context, client string, scopes []string) (string, error) {
	key, err := a.signingKey(ctx)
	if err != nil {
		return "", err
	}
	now := a.now()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: client, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenFor)), ID: randomHex(8)},
		Scope:            strings.Join(scopes, " "),
	})
	return t.SignedString(key)
}

// bearer answers who a token is, or that it is none. About a microsecond for a token seen lately.
func (a *authority) bearer(ctx context.Context, token string) (caller, error) {
	if token == "" || len(token) > tokenMax {
		return caller{}, problem("unauthorized", "")
	}
	h := sha256.Sum256([]byte(token))
	now := a.now()
	a.mu.RLock()
	r, ok := a.tokens[h]
	a.mu.RUnlock()
	if ok && now.Before(r.until) {
		return r.who, nil
	}
	who, expires, err := a.verify(ctx, token)
	if err != nil {
		return caller{}, err
	}
	if a.metered != nil {
		a.metered(&who)
	}
	until := now.Add(rememberFor)
	if expires.Before(until) {
		until = expires
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tokens) >= memoryMax {
		clear(a.tokens)
	}
	a.tokens[h] = remembered{who, until}
	return who, nil
}

func (a *authority) verify(ctx context.Context, token string) (caller, time.Time, error) {
	if a.issuer != nil && isExternal(token) {
		return a.external(ctx, token)
	}
	key, err := a.signingKey(ctx)
	if err != nil {
		return caller{}, time.Time{}, err
	}
	var c claims
	_, err = jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(a.now))
	if err != nil {
		return caller{}, time.Time{}, problem("unauthorized", "")
	}
	client, ok := a.s.Client(c.Subject)
	if !ok && !a.s.Status().Ready {
		return caller{}, time.Time{}, hub.ErrNotReady // clients are not loaded yet: it may well be one
	}
	if !ok || client.Disabled || client.Issuer != "" {
		return caller{}, time.Time{}, problem("unauthorized", "")
	}
	var scopes []string
	have := clientScopes(&client)
	for _, s := range strings.Fields(c.Scope) {
		if slices.Contains(have, s) { // a scope taken away is gone at once
			scopes = append(scopes, s)
		}
	}
	return caller{client: client.ID, connection: client.Connection, scopes: scopes, properties: grant(client.Properties)}, c.ExpiresAt.Time, nil
}

// grant answers a list of properties as a caller has it.
func grant(properties []string) []string {
	if len(properties) == 0 {
		return nil
	}
	out := slices.Clone(properties)
	slices.Sort(out)
	return out
}

// authorize finds out who the caller is and whether the route is for them.
func (a *api) authorize(rt *route, r *request) error {
	if rt.rights == ownSecrets || rt.scope == "" {
		return nil
	}
	var err error
	if r.Header.Get(forwardHeader) != "" {
		r.who, err = a.forwardedCaller(r)
	} else {
		r.who, err = a.auth.bearer(r.Context(), bearerToken(r.Header))
	}
	if err != nil {
		return err
	}
	if !slices.Contains(r.who.scopes, rt.scope) {
		return problem("missing_scope", "this needs the scope "+rt.scope)
	}
	switch rt.rights {
	case byPath:
		if p := r.PathValue("property"); !r.who.may(p) {
			return problem("unknown_property", "")
		}
	case wholeHub:
		if !r.who.whole() {
			return problem("not_whole_hub", "")
		}
	}
	return nil
}

// bearerToken answers the token of an Authorization header; "" if there is none.
func bearerToken(h http.Header) string {
	v := h.Get("Authorization")
	if len(v) > 7 && strings.EqualFold(v[:7], "Bearer ") {
		return strings.TrimSpace(v[7:])
	}
	return ""
}

// writesAs answers the connection that the caller writes a property's ARI as (S5).
func (r *request) writesAs(property string) (hub.Connection, error) {
	c, ok := r.api.s.Connection(r.who.connection)
	if r.who.connection == "" || !ok {
		return hub.Connection{}, problem("no_connection", "the client "+r.who.client+" names no connection that exists")
	}
	if len(c.Properties) > 0 && !slices.Contains(c.Properties, property) {
		return hub.Connection{}, problem("no_connection", "the connection "+c.ID+" may not write "+property)
	}
	return c, nil
}
