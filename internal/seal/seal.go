// Package seal encrypts small secrets at rest under named keys (AES-256-GCM), two at a time, so that a key can be replaced while everything goes on:
// the first of a ring seals, all of them open. It keeps nothing and knows no store.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
)

// KeysMax is how many keys a ring may have: the one that seals, and the one before it while a rotation is under way (S37).
const KeysMax = 2

const keyBytes = 32

// prefix begins every sealed value: "sealed:1:ID:base64(nonce, ciphertext, tag)". The number is of the format.
const prefix = "sealed:1:"

// Errors a caller branches on.
var (
	ErrNoKey    = errors.New("no key of that id")
	ErrTampered = errors.New("it does not open: another key of the same id, or the value was changed")
)

// Ring is one or two keys. The zero value, and nil, has none: it opens what was never sealed.
type Ring struct{ keys []key }

type key struct {
	id   string
	aead cipher.AEAD
}

// Parse reads a ring: a line for each key, "ID BASE64", of 32 bytes; the first seals. Empty lines and lines that begin with # are passed over.
func Parse(text string) (*Ring, error) {
	r := &Ring{}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		k, err := parseKey(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err) // never the line itself
		}
		if r.find(k.id) != nil {
			return nil, fmt.Errorf("line %d: two keys of id %s", n+1, k.id)
		}
		if r.keys = append(r.keys, *k); len(r.keys) > KeysMax {
			return nil, fmt.Errorf("line %d: more than %d keys: the new one and the one before it", n+1, KeysMax)
		}
	}
	if len(r.keys) == 0 {
		return nil, errors.New("no key: want lines of ID and 32 bytes in base64 (ratewire secrets key prints one)")
	}
	return r, nil
}

func parseKey(line string) (*key, error) {
	id, text, _ := strings.Cut(line, " ")
	if !goodID(id) {
		return nil, errors.New("want an id of 1 to 32 letters, digits, - and _, then a blank and the key")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != keyBytes {
		return nil, fmt.Errorf("key %s: want 32 bytes in base64", id)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &key{id, aead}, err
}

func goodID(id string) bool {
	return id != "" && len(id) <= 32 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// Load reads a ring from a file.
func Load(path string) (*Ring, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// NewKey answers a line for Parse with a fresh key of an id.
func NewKey(id string) (string, error) {
	if !goodID(id) {
		return "", fmt.Errorf("key id %q: want 1 to 32 letters, digits, - and _", id)
	}
	raw := make([]byte, keyBytes)
	rand.Read(raw)
	return id + " " + base64.StdEncoding.EncodeToString(raw), nil
}

// Current answers the id of the key that seals; "" if there is none.
func (r *Ring) Current() string {
	if r == nil || len(r.keys) == 0 {
		return ""
	}
	return r.keys[0].id
}

func (r *Ring) find(id string) *key {
	if r == nil {
		return nil
	}
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}

// Seal answers a value encrypted under the ring's first key; without keys, the value itself. The name is bound to it: a sealed value does not open
// under another.
func (r *Ring) Seal(name string, plain []byte) []byte {
	if r.Current() == "" {
		return plain
	}
	k := &r.keys[0]
	nonce := make([]byte, k.aead.NonceSize())
	rand.Read(nonce)
	body := k.aead.Seal(nonce, nonce, plain, bound(k.id, name))
	return []byte(prefix + k.id + ":" + base64.StdEncoding.EncodeToString(body))
}

func bound(id, name string) []byte { return []byte(prefix + id + "\x00" + name) }

// Open answers what Seal was given, and the id of the key that it was sealed under: "" for a value that was never sealed, which is answered as it is.
//
// Errors: ErrNoKey, ErrTampered; both name the key's id, and no secret.
func (r *Ring) Open(name string, value []byte) (plain []byte, id string, err error) {
	rest, ok := bytes.CutPrefix(value, []byte(prefix))
	if !ok {
		return value, "", nil
	}
	head, body, _ := bytes.Cut(rest, []byte(":"))
	id = string(head)
	k := r.find(id)
	if k == nil {
		return nil, id, fmt.Errorf("%s is sealed under key %q: %w", name, id, ErrNoKey)
	}
	raw, err := base64.StdEncoding.DecodeString(string(body))
	if err != nil || len(raw) < k.aead.NonceSize() {
		return nil, id, fmt.Errorf("%s, key %q: %w", name, id, ErrTampered)
	}
	plain, err = k.aead.Open(nil, raw[:k.aead.NonceSize()], raw[k.aead.NonceSize():], bound(id, name))
	if err != nil {
		return nil, id, fmt.Errorf("%s, key %q: %w", name, id, ErrTampered)
	}
	return plain, id, nil
}
