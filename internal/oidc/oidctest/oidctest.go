// Package oidctest is an issuer of tokens for tests: discovery, a key set that rotates, and tokens signed as a test asks. It knows the standards
// only, and nothing of package oidc.
package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// Issuer is one. Its key set has one RSA key, "rsa-1", and one of P-256, "ec-1", until it rotates.
type Issuer struct {
	t   testing.TB
	URL string // also its name, as `iss`

	mu      sync.Mutex
	keys    map[string]crypto.Signer
	extra   []map[string]any // more members of the key set
	name    string           // in the discovery document; default URL
	keysAt  string           // in the discovery document; default URL/keys
	down    bool
	fetches int
}

// rsaKey is made once: it takes a while.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// New starts an issuer that ends with the test.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, keys: map[string]crypto.Signer{"rsa-1": rsaKey()}}
	i.AddEC("ec-1", elliptic.P256())
	s := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(s.Close)
	i.URL = s.URL
	return i
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	var doc any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		doc = map[string]any{"issuer": or(i.name, i.URL), "jwks_uri": or(i.keysAt, i.URL+"/keys"), "id_token_signing_alg_values_supported": []string{"RS256"}}
	case "/keys":
		i.fetches++
		doc = map[string]any{"keys": i.set()}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(doc)
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

func (i *Issuer) set() (out []map[string]any) {
	b64 := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	for _, id := range slices.Sorted(maps.Keys(i.keys)) {
		switch k := i.keys[id].Public().(type) {
		case *rsa.PublicKey:
			out = append(out, map[string]any{"kty": "RSA", "kid": id, "use": "sig", "n": b64(k.N), "e": b64(big.NewInt(int64(k.E)))})
		case *ecdsa.PublicKey:
			point, err := k.Bytes()
			if err != nil {
				panic(err)
			}
			half := (len(point) - 1) / 2
			out = append(out, map[string]any{"kty": "EC", "kid": id, "use": "sig", "crv": k.Params().Name,
				"x": base64.RawURLEncoding.EncodeToString(point[1 : 1+half]), "y": base64.RawURLEncoding.EncodeToString(point[1+half:])})
		}
	}
	return append(out, i.extra...)
}

// AddEC adds a key of a curve.
func (i *Issuer) AddEC(id string, curve elliptic.Curve) {
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[id] = k
}

// Drop takes a key out of the set; tokens are still signed with it, as by who has stolen it.
func (i *Issuer) Drop(id string) crypto.Signer {
	i.mu.Lock()
	defer i.mu.Unlock()
	k := i.keys[id]
	delete(i.keys, id)
	return k
}

// AddRaw adds members to the key set, as they are.
func (i *Issuer) AddRaw(members ...map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.extra = append(i.extra, members...)
}

// Say changes what the discovery document says; "" is the truth.
func (i *Issuer) Say(name, keysAt string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.name, i.keysAt = name, keysAt
}

// Down makes it answer nothing but 503, or be well again.
func (i *Issuer) Down(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Fetches answers how often the key set was read.
func (i *Issuer) Fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// Key answers a private key.
func (i *Issuer) Key(id string) crypto.Signer {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[id]
}

// Token answers a token signed with a key by its usual algorithm.
func (i *Issuer) Token(id string, claims map[string]any) string {
	i.t.Helper()
	k := i.Key(id)
	var m jwt.SigningMethod = jwt.SigningMethodRS256
	if _, ok := k.(*ecdsa.PrivateKey); ok {
		m = jwt.SigningMethodES256
	}
	return Sign(i.t, m, k, map[string]any{"kid": id}, claims)
}

// Sign answers a token signed as told.
func Sign(t testing.TB, m jwt.SigningMethod, key any, header, claims map[string]any) string {
	t.Helper()
	tok := jwt.NewWithClaims(m, jwt.MapClaims(claims))
	maps.Copy(tok.Header, header)
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
