// Package oidc verifies access tokens of an external issuer: OpenID Connect Discovery, a key set (RFC 7517) that is cached, refreshed within
// bounds and follows the issuer's rotation, and the checks of RFC 8725 (algorithms of public keys only, key and algorithm fit, issuer, audience,
// times). It answers claims; what they allow is the caller's business. It calls no address but those of its settings.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ratewire/ratewire/internal/clock"
)

// Errors of Verify that a caller branches on. Every other error is of the token.
var ErrUnreachable = errors.New("oidc: no keys of the issuer could be read")

// Config is an issuer. Issuer and Audience are required.
type Config struct {
	Issuer    string        // as `iss` has it, byte by byte
	Audience  []string      // a token must be for one of them
	Discovery string        // URL of the discovery document; default Issuer/.well-known/openid-configuration
	KeysURL   string        // URL of the key set: there is no discovery then; needed where the key set is on another host
	Leeway    time.Duration // clocks may differ by so much; default 1 minute, at most 5
	Refresh   time.Duration // how often keys are read again; default 1 hour, 1 minute to 24 hours

	Clock  clock.Clock  // default the real one
	Client *http.Client // default one of our own; redirects are never followed
	Log    *slog.Logger // default discards
}

// Bounds of what an issuer may make us do.
const (
	leewayDefault  = time.Minute
	leewayMax      = 5 * time.Minute
	refreshDefault = time.Hour
	fetchTimeout   = 10 * time.Second
	retryFirst     = time.Second // after a failed fetch, doubled up to retryMost
	retryMost      = time.Minute
	refetchEvery   = 30 * time.Second // keys are read for a key id not seen before: at most so often, whoever sends what
	keysFor        = 24 * time.Hour   // keys that could not be read again for so long are not believed any more
	documentMax    = 1 << 20
	keysMax        = 100
)

// algorithms are those of public keys: a symmetric one, or none, is never taken from outside (RFC 8725, 3.1 and 3.2).
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// Validate reports every fault at once. An empty configuration is none, and valid.
func (c *Config) Validate() error {
	if c.Issuer == "" {
		if len(c.Audience) > 0 || c.Discovery != "" || c.KeysURL != "" {
			return errors.New("jwt_issuer is missing: the other jwt settings are about it")
		}
		return nil
	}
	var errs []error
	if len(c.Audience) == 0 {
		errs = append(errs, errors.New("jwt_audience is missing: a token for somebody else must not open this hub"))
	}
	if c.Leeway < 0 || c.Leeway > leewayMax {
		errs = append(errs, fmt.Errorf("jwt_leeway %s: want 0 to %s", c.Leeway, leewayMax))
	}
	if c.Refresh != 0 && (c.Refresh < time.Minute || c.Refresh > keysFor) {
		errs = append(errs, fmt.Errorf("jwt_refresh %s: want 1m to %s", c.Refresh, keysFor))
	}
	for name, v := range map[string]string{"jwt_discovery_url": c.discovery(), "jwt_keys_url": c.KeysURL} {
		if v != "" {
			if err := safeURL(v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// discovery answers where the discovery document is; "" if there is none.
func (c *Config) discovery() string {
	switch {
	case c.KeysURL != "":
		return ""
	case c.Discovery != "":
		return c.Discovery
	}
	return strings.TrimSuffix(c.Issuer, "/") + "/.well-known/openid-configuration"
}

// safeURL refuses addresses over which keys could be exchanged on the way: TLS, or this machine.
func safeURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User != nil {
		return fmt.Errorf("%q is no address", v)
	}
	host := u.Hostname()
	if u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")) {
		return nil
	}
	return fmt.Errorf("%q: want https (http only on this machine)", v)
}

// Verifier verifies tokens of one issuer. Its keys are read by Run, and by Verify when a key is new.
type Verifier struct {
	c      Config
	parser *jwt.Parser
	keys   keys
}

// New answers a verifier. It reads nothing yet: an issuer that cannot be reached stops nobody from starting.
func New(c Config) (*Verifier, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Issuer == "" {
		return nil, errors.New("no issuer")
	}
	if c.Leeway == 0 {
		c.Leeway = leewayDefault
	}
	if c.Refresh == 0 {
		c.Refresh = refreshDefault
	}
	if c.Clock == nil {
		c.Clock = clock.Real()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	client := http.Client{Timeout: fetchTimeout}
	if c.Client != nil {
		client = *c.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Client = &client
	return &Verifier{c: c, keys: newKeys(), parser: jwt.NewParser(jwt.WithValidMethods(algorithms), jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.Audience...),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(c.Leeway), jwt.WithTimeFunc(c.Clock.Now))}, nil
}

// Issuer answers whose tokens it verifies.
func (v *Verifier) Issuer() string { return v.c.Issuer }

// Claims are what a verified token says.
type Claims jwt.MapClaims

// Expires answers when the token ends.
func (c Claims) Expires() time.Time {
	at, err := jwt.MapClaims(c).GetExpirationTime()
	if err != nil || at == nil {
		return time.Time{}
	}
	return at.Time
}

// Has tells whether a claim is there.
func (c Claims) Has(name string) bool { _, ok := c[name]; return ok }

// Text answers a claim that is a text; "" otherwise.
func (c Claims) Text(name string) string { s, _ := c[name].(string); return s }

// List answers a claim's values: of an array of texts, or of a text with blanks between them, as scp and scope have it.
func (c Claims) List(name string) (out []string) {
	switch v := c[name].(type) {
	case string:
		return strings.Fields(v)
	case []any:
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// Verify answers the claims of a token that the issuer signed for us and that is valid now.
//
// Errors: ErrUnreachable while no keys could be read; every other error says what is wrong with the token, for a log.
func (v *Verifier) Verify(ctx context.Context, token string) (Claims, error) {
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return v.keyOf(ctx, t) })
	if errors.Is(err, ErrUnreachable) {
		return nil, ErrUnreachable
	}
	if err != nil {
		return nil, err
	}
	return Claims(claims), nil
}

// keyOf answers the key that a token names, if it is one for the token's algorithm.
func (v *Verifier) keyOf(ctx context.Context, t *jwt.Token) (any, error) {
	if _, ok := t.Header["crit"]; ok {
		return nil, errors.New("it demands extensions (crit) that are not known here") // RFC 7515, 4.1.11
	}
	id, _ := t.Header["kid"].(string)
	k, err := v.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if !k.takes(t.Method.Alg()) {
		return nil, fmt.Errorf("key %q is not for %s", id, t.Method.Alg())
	}
	return k.public, nil
}

// Status says how the issuer's keys are, for readiness and metrics.
type Status struct {
	Issuer  string    `json:"issuer"`
	Ready   bool      `json:"ready"` // tokens can be verified
	Keys    int       `json:"keys"`
	Fetched time.Time `json:"fetched,omitzero"` // when the keys were last read
	Error   string    `json:"error,omitempty"`  // of the last try, if it failed
	OK      int64     `json:"-"`                // fetches that went well
	Failed  int64     `json:"-"`
}

// Status answers it.
func (v *Verifier) Status() Status {
	s := v.keys.status(v.c.Clock.Now())
	s.Issuer = v.c.Issuer
	return s
}
