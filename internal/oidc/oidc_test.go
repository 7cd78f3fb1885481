package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/internal/oidc/oidctest"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// stand is an issuer and a verifier of its tokens, at a clock that stands still.
type stand struct {
	*oidctest.Issuer
	v   *Verifier
	now *clock.Manual
}

func newStand(t *testing.T, change func(*Config)) *stand {
	t.Helper()
	s := &stand{Issuer: oidctest.New(t), now: clock.NewManual(start)}
	c := Config{Issuer: s.URL, Audience: []string{"api://ratewire", "ratewire"}, Clock: s.now}
	if change != nil {
		change(&c)
	}
	var err error
	if s.v, err = New(c); err != nil {
		t.Fatal(err)
	}
	return s
}

// claims answers good claims with some changed; nil removes one.
func (s *stand) claims(change map[string]any) map[string]any {
	c := map[string]any{"iss": s.URL, "aud": "api://ratewire", "sub": "42", "azp": "pms", "iat": s.now.Now().Unix(), "nbf": s.now.Now().Unix(),
		"exp": s.now.Now().Add(time.Hour).Unix(), "roles": []string{"viewer"}}
	maps.Copy(c, change)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func (s *stand) verify(t *testing.T, token string) error {
	t.Helper()
	_, err := s.v.Verify(t.Context(), token)
	return err
}

func TestTokensOfTheIssuerAreTaken(t *testing.T) {
	s := newStand(t, nil)
	s.AddEC("ec-384", elliptic.P384())
	for _, key := range []string{"rsa-1", "ec-1"} {
		c, err := s.v.Verify(t.Context(), s.Token(key, s.claims(nil)))
		if err != nil || c.Text("azp") != "pms" || len(c.List("roles")) != 1 || !c.Expires().Equal(start.Add(time.Hour)) {
			t.Errorf("%s: %v %v", key, c, err)
		}
	}
	for name, token := range map[string]string{
		"ES384":        oidctest.Sign(t, jwt.SigningMethodES384, s.Key("ec-384"), map[string]any{"kid": "ec-384"}, s.claims(nil)),
		"PS256":        oidctest.Sign(t, jwt.SigningMethodPS256, s.Key("rsa-1"), map[string]any{"kid": "rsa-1"}, s.claims(nil)),
		"two audience": s.Token("rsa-1", s.claims(map[string]any{"aud": []string{"other", "ratewire"}})),
	} {
		if err := s.verify(t, token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForgedAndStrangeTokensAreRefused(t *testing.T) {
	s := newStand(t, nil)
	good := s.Token("rsa-1", s.claims(nil))
	if err := s.verify(t, good); err != nil {
		t.Fatal(err)
	}
	public := s.Key("rsa-1").Public()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	kid := map[string]any{"kid": "rsa-1"}
	part := strings.Split(good, ".")
	b64 := base64.RawURLEncoding
	for name, token := range map[string]string{
		"alg none":                       oidctest.Sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid, s.claims(nil)),
		"alg None, in other letters":     b64.EncodeToString([]byte(`{"alg":"nOnE","kid":"rsa-1"}`)) + "." + part[1] + ".",
		"no signature":                   part[0] + "." + part[1] + ".",
		"HS256 with the public key, PEM": oidctest.Sign(t, jwt.SigningMethodHS256, asPEM, kid, s.claims(nil)),
		"HS256 with the public key, DER": oidctest.Sign(t, jwt.SigningMethodHS256, der, kid, s.claims(nil)),
		"HS512 with the public key":      oidctest.Sign(t, jwt.SigningMethodHS512, asPEM, kid, s.claims(nil)),
		"ES256 for an RSA key":           oidctest.Sign(t, jwt.SigningMethodES256, s.Key("ec-1"), kid, s.claims(nil)),
		"RS256 for an EC key":            oidctest.Sign(t, jwt.SigningMethodRS256, s.Key("rsa-1"), map[string]any{"kid": "ec-1"}, s.claims(nil)),
		"another's key":                  oidctest.Sign(t, jwt.SigningMethodRS256, stranger, kid, s.claims(nil)),
		"no key id, of two keys":         oidctest.Sign(t, jwt.SigningMethodRS256, s.Key("rsa-1"), nil, s.claims(nil)),
		"an unknown key id":              oidctest.Sign(t, jwt.SigningMethodRS256, s.Key("rsa-1"), map[string]any{"kid": "rsa-9"}, s.claims(nil)),
		"a key of its own in the header": oidctest.Sign(t, jwt.SigningMethodRS256, stranger, map[string]any{"jku": "http://127.0.0.1:1/", "jwk": map[string]any{"kty": "RSA"}}, s.claims(nil)),
		"an extension it demands":        oidctest.Sign(t, jwt.SigningMethodRS256, s.Key("rsa-1"), map[string]any{"kid": "rsa-1", "crit": []string{"x"}}, s.claims(nil)),
		"other claims":                   part[0] + "." + b64.EncodeToString([]byte(`{"iss":"`+s.URL+`","aud":"ratewire","exp":9999999999}`)) + "." + part[2],
		"another issuer":                 s.Token("rsa-1", s.claims(map[string]any{"iss": s.URL + "/"})),
		"no issuer":                      s.Token("rsa-1", s.claims(map[string]any{"iss": nil})),
		"for somebody else":              s.Token("rsa-1", s.claims(map[string]any{"aud": "api://other"})),
		"for nobody":                     s.Token("rsa-1", s.claims(map[string]any{"aud": nil})),
		"expired":                        s.Token("rsa-1", s.claims(map[string]any{"exp": start.Add(-2 * time.Minute).Unix()})),
		"without end":                    s.Token("rsa-1", s.claims(map[string]any{"exp": nil})),
		"not yet valid":                  s.Token("rsa-1", s.claims(map[string]any{"nbf": start.Add(2 * time.Minute).Unix()})),
		"made in the future":             s.Token("rsa-1", s.claims(map[string]any{"iat": start.Add(2 * time.Minute).Unix()})),
		"no token":                       "abc",
		"nothing":                        "",
	} {
		if err := s.verify(t, token); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestClocksMayDifferByTheLeeway(t *testing.T) {
	s := newStand(t, func(c *Config) { c.Leeway = 30 * time.Second })
	for ago, ok := range map[time.Duration]bool{29 * time.Second: true, 31 * time.Second: false} {
		if err := s.verify(t, s.Token("ec-1", s.claims(map[string]any{"exp": start.Add(-ago).Unix()}))); (err == nil) != ok {
			t.Errorf("expired %s ago: %v", ago, err)
		}
		if err := s.verify(t, s.Token("ec-1", s.claims(map[string]any{"nbf": start.Add(ago).Unix()}))); (err == nil) != ok {
			t.Errorf("valid in %s: %v", ago, err)
		}
	}
}

func TestANewKeyIsFetchedAndAnOldOneIsGone(t *testing.T) {
	s := newStand(t, nil)
	if err := s.verify(t, s.Token("ec-1", s.claims(nil))); err != nil {
		t.Fatal(err)
	}
	s.AddEC("ec-2", elliptic.P256())
	s.now.Move(refetchEvery)
	if err := s.verify(t, s.Token("ec-2", s.claims(nil))); err != nil {
		t.Errorf("after rotation: %v", err)
	}
	old := s.Drop("ec-1")
	s.AddEC("ec-3", elliptic.P256())
	s.now.Move(refetchEvery)
	if err := s.verify(t, s.Token("ec-3", s.claims(nil))); err != nil {
		t.Errorf("after the second: %v", err)
	}
	stolen := oidctest.Sign(t, jwt.SigningMethodES256, old, map[string]any{"kid": "ec-1"}, s.claims(nil))
	if err := s.verify(t, stolen); err == nil {
		t.Error("a key that was taken out of the set still opens")
	}
	if n := s.Fetches(); n != 3 {
		t.Errorf("%d fetches, want 3", n)
	}
}

func TestUnknownKeyIDsCauseFewFetches(t *testing.T) {
	s := newStand(t, nil)
	for range 200 {
		token := oidctest.Sign(t, jwt.SigningMethodES256, s.Key("ec-1"), map[string]any{"kid": "made-up"}, s.claims(nil))
		if s.verify(t, token) == nil {
			t.Fatal("taken")
		}
		s.now.Move(time.Second)
	}
	if n := s.Fetches(); n < 6 || n > 8 {
		t.Errorf("%d fetches in 200 s, want one each 30 s", n)
	}
}

func TestAnIssuerThatIsDownIsToldApartFromABadToken(t *testing.T) {
	s := newStand(t, nil)
	s.Down(true)
	token := s.Token("ec-1", s.claims(map[string]any{"exp": start.Add(48 * time.Hour).Unix()}))
	if err := s.verify(t, token); !errors.Is(err, ErrUnreachable) {
		t.Errorf("%v", err)
	}
	if st := s.v.Status(); st.Ready || st.Error == "" || st.Failed != 1 {
		t.Errorf("%+v", st)
	}
	s.Down(false)
	s.now.Move(refetchEvery)
	if err := s.verify(t, token); err != nil {
		t.Errorf("back again: %v", err)
	}
	s.Down(true)
	s.now.Move(keysFor - time.Hour)
	if err := s.verify(t, token); err != nil || !s.v.Status().Ready {
		t.Errorf("the keys it had are believed for a day: %v", err)
	}
	s.now.Move(time.Hour + time.Second)
	if err := s.verify(t, token); !errors.Is(err, ErrUnreachable) {
		t.Errorf("after a day: %v", err)
	}
}

func TestRunReadsTheKeysAheadAndSoonerAfterAFailure(t *testing.T) {
	s := newStand(t, nil)
	s.Down(true)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.v.Run(ctx) }()
	wait := func(what string, ok func(Status) bool) {
		t.Helper()
		for i := 0; !ok(s.v.Status()); i++ {
			if i > 20_000 {
				t.Fatalf("%s: %+v", what, s.v.Status())
			}
			s.now.Move(100 * time.Millisecond) // whenever its timer is set, it comes due
			time.Sleep(50 * time.Microsecond)  // lets the loop run; nothing depends on how long
		}
	}
	wait("it tries again", func(st Status) bool { return st.Failed >= 3 })
	s.Down(false)
	wait("it has keys", func(st Status) bool { return st.Ready && st.Keys == 2 && st.Error == "" })
	s.AddEC("ec-2", elliptic.P256())
	s.now.Move(refreshDefault)
	wait("it has the new one before anybody asks", func(st Status) bool { return st.Keys == 3 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNoAddressIsCalledThatNoSettingNames(t *testing.T) {
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer elsewhere.Close()
	s := newStand(t, nil)
	s.Say("", elsewhere.URL+"/keys")
	if err := s.verify(t, s.Token("ec-1", s.claims(nil))); !errors.Is(err, ErrUnreachable) || !strings.Contains(s.v.Status().Error, "jwt_keys_url") {
		t.Errorf("%v, %q", err, s.v.Status().Error)
	}
	s.Say("https://another.example", "")
	s.now.Move(refetchEvery)
	if err := s.verify(t, s.Token("ec-1", s.claims(nil))); !errors.Is(err, ErrUnreachable) || !strings.Contains(s.v.Status().Error, "another.example") {
		t.Errorf("a document of another issuer: %v, %q", err, s.v.Status().Error)
	}
	moved := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer moved.Close()
	r := newStand(t, func(c *Config) { c.KeysURL = moved.URL })
	if err := r.verify(t, r.Token("ec-1", r.claims(nil))); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a redirect: %v", err)
	}
	if called {
		t.Error("another host was called")
	}
	named := newStand(t, nil)
	direct := newStand(t, func(c *Config) { c.Issuer, c.KeysURL = named.URL, named.URL+"/keys" })
	if err := direct.verify(t, named.Token("ec-1", named.claims(nil))); err != nil {
		t.Errorf("a key set that is named: %v", err)
	}
}

func TestKeysThatCannotBeTrustedAreNotUsed(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip(err) // the runtime refuses to make it
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := p256.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	x, y := b64(point[1:33]), b64(point[33:])
	for name, set := range map[string]string{
		"weak RSA":          `{"kty":"RSA","kid":"a","e":"AQAB","n":"` + b64(weak.N.Bytes()) + `"}`,
		"a shared secret":   `{"kty":"oct","kid":"a","k":"c2VjcmV0"}`,
		"for encryption":    `{"kty":"EC","kid":"a","use":"enc","crv":"P-256","x":"` + x + `","y":"` + y + `"}`,
		"another operation": `{"kty":"EC","kid":"a","key_ops":["deriveKey"],"crv":"P-256","x":"` + x + `","y":"` + y + `"}`,
		"off the curve":     `{"kty":"EC","kid":"a","crv":"P-256","x":"` + x + `","y":"` + x + `"}`,
		"another curve":     `{"kty":"EC","kid":"a","crv":"secp256k1","x":"` + x + `","y":"` + y + `"}`,
		"another algorithm": `{"kty":"EC","kid":"a","alg":"HS256","crv":"P-256","x":"` + x + `","y":"` + y + `"}`,
		"short coordinates": `{"kty":"EC","kid":"a","crv":"P-384","x":"` + x + `","y":"` + y + `"}`,
		"no key":            ``,
	} {
		if keys, err := parseKeys([]byte(`{"keys":[` + set + `]}`)); err == nil {
			t.Errorf("%s: %v", name, keys)
		}
	}
	good := `{"kty":"EC","kid":"a","crv":"P-256","x":"` + x + `","y":"` + y + `"}`
	if keys, err := parseKeys([]byte(`{"keys":[{"kty":"oct","kid":"b"},` + good + `]}`)); err != nil || len(keys) != 1 {
		t.Errorf("beside one that is passed over: %v %v", keys, err)
	}
	if _, err := parseKeys([]byte(`{"keys":[` + good + `,` + good + `]}`)); err == nil {
		t.Error("two keys of one id")
	}
}

func TestSettingsOfAnIssuerAreCheckedTogether(t *testing.T) {
	err := (&Config{Issuer: "http://login.example", Leeway: time.Hour, Refresh: time.Second}).Validate()
	for _, want := range []string{"jwt_audience", "jwt_leeway", "jwt_refresh", "https"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if err := (&Config{}).Validate(); err != nil {
		t.Error(err)
	}
	if err := (&Config{Audience: []string{"x"}}).Validate(); err == nil {
		t.Error("an audience without an issuer")
	}
}
