package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// key is one public key of the issuer.
type key struct {
	id         string
	algorithms []string // it may be used with
	public     crypto.PublicKey
}

// takes tells whether the key may be used with an algorithm: what keeps one kind of key from passing for another.
func (k *key) takes(algorithm string) bool { return slices.Contains(k.algorithms, algorithm) }

// rsaBitsMin is the least that RFC 7518, 3.3 allows.
const rsaBitsMin = 2048

// jwk is a key as RFC 7517 and RFC 7518, 6 write it. Private members are not read.
type jwk struct {
	Type       string   `json:"kty"`
	Use        string   `json:"use"`
	Operations []string `json:"key_ops"`
	Algorithm  string   `json:"alg"`
	ID         string   `json:"kid"`
	Curve      string   `json:"crv"`
	N, E, X, Y string
}

// parseKeys answers the usable keys of a key set. Keys of other uses, kinds and curves are passed over, as RFC 7517, 5 asks; a set with none left is
// an error.
func parseKeys(body []byte) (map[string]*key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	if len(set.Keys) > keysMax {
		return nil, fmt.Errorf("key set: %d keys, more than %d", len(set.Keys), keysMax)
	}
	out := map[string]*key{}
	var passed error
	for _, raw := range set.Keys {
		k, err := parseKey(raw)
		if err != nil {
			passed = err
			continue
		}
		if out[k.id] != nil {
			return nil, fmt.Errorf("key set: two keys of id %q", k.id)
		}
		out[k.id] = k
	}
	if len(out) == 0 {
		return nil, errors.Join(errors.New("key set: no key that can be used"), passed)
	}
	return out, nil
}

func parseKey(raw json.RawMessage) (*key, error) {
	var j jwk
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	if j.Use != "" && j.Use != "sig" || len(j.Operations) > 0 && !slices.Contains(j.Operations, "verify") {
		return nil, fmt.Errorf("key %q is not for signatures", j.ID)
	}
	k := &key{id: j.ID}
	var err error
	switch j.Type {
	case "RSA":
		k.algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
		k.public, err = j.rsa()
	case "EC":
		k.algorithms, k.public, err = j.ec()
	case "OKP":
		k.algorithms = []string{"EdDSA"}
		k.public, err = j.ed25519()
	default:
		err = fmt.Errorf("kind %q", j.Type) // oct among them: a shared secret proves nothing
	}
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", j.ID, err)
	}
	if j.Algorithm != "" {
		if !k.takes(j.Algorithm) {
			return nil, fmt.Errorf("key %q: algorithm %q does not fit its kind", j.ID, j.Algorithm)
		}
		k.algorithms = []string{j.Algorithm}
	}
	return k, nil
}

func (j *jwk) rsa() (crypto.PublicKey, error) {
	n, err1 := base64.RawURLEncoding.DecodeString(j.N)
	e, err2 := base64.RawURLEncoding.DecodeString(j.E)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	exponent := new(big.Int).SetBytes(e)
	p := &rsa.PublicKey{N: new(big.Int).SetBytes(n)}
	if p.N.BitLen() < rsaBitsMin || p.N.BitLen() > 4*4096 || !exponent.IsInt64() || exponent.Int64() < 3 || exponent.Int64() > 1<<31-1 || exponent.Bit(0) == 0 {
		return nil, fmt.Errorf("RSA of %d bits", p.N.BitLen())
	}
	p.E = int(exponent.Int64())
	return p, nil
}

func (j *jwk) ec() ([]string, crypto.PublicKey, error) {
	curves := map[string]struct {
		curve     elliptic.Curve
		algorithm string
	}{"P-256": {elliptic.P256(), "ES256"}, "P-384": {elliptic.P384(), "ES384"}, "P-521": {elliptic.P521(), "ES512"}}
	c, ok := curves[j.Curve]
	if !ok {
		return nil, nil, fmt.Errorf("curve %q", j.Curve)
	}
	x, err1 := base64.RawURLEncoding.DecodeString(j.X)
	y, err2 := base64.RawURLEncoding.DecodeString(j.Y)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	size := (c.curve.Params().BitSize + 7) / 8
	if len(x) != size || len(y) != size {
		return nil, nil, errors.New("coordinates of another size")
	}
	p, err := ecdsa.ParseUncompressedPublicKey(c.curve, slices.Concat([]byte{4}, x, y)) // refuses points off the curve
	return []string{c.algorithm}, p, err
}

func (j *jwk) ed25519() (crypto.PublicKey, error) {
	x, err := base64.RawURLEncoding.DecodeString(j.X)
	if err != nil || j.Curve != "Ed25519" || len(x) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("curve %q of %d bytes", j.Curve, len(x))
	}
	return ed25519.PublicKey(x), nil
}
