package httpapi

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// Hashes of secrets (S37). One that we made is 32 random bytes: a salted SHA-256 is enough, since it cannot be guessed. One that a person or a
// partner chose goes through PBKDF2; 600,000 rounds of HMAC-SHA-256 as OWASP's password storage cheat sheet has it (2023).
const (
	schemeRandom   = "sha256"
	schemeChosen   = "pbkdf2-sha256"
	chosenMin      = 8
	chosenMax      = 256
	secretPrefix   = "rw_"
	secretsPerName = 2 // valid at a time, for rotation
)

// chosenRounds is a variable so that tests need not pay for it; the rounds are kept with each hash.
var chosenRounds = 600_000

// NewSecret answers a new random secret and its hash. The secret is shown once and never kept.
func NewSecret(now time.Time) (plain string, s hub.Secret) {
	b := make([]byte, 32)
	rand.Read(b)
	plain = secretPrefix + base64.RawURLEncoding.EncodeToString(b)
	return plain, hub.Secret{ID: randomHex(4), Hash: hashRandom(plain, randomHex(16)), Created: now.UTC().Truncate(time.Second)}
}

// ChosenSecret answers the hash of a password that somebody chose.
func ChosenSecret(plain string, now time.Time) (hub.Secret, error) {
	if len(plain) < chosenMin || len(plain) > chosenMax {
		return hub.Secret{}, errors.New("a password of 8 to 256 bytes")
	}
	salt := randomHex(16)
	h, err := hashChosen(plain, salt, chosenRounds)
	return hub.Secret{ID: randomHex(4), Hash: h, Created: now.UTC().Truncate(time.Second)}, err
}

func hashRandom(plain, salt string) string {
	sum := sha256.Sum256([]byte(salt + plain))
	return schemeRandom + "$" + salt + "$" + hex.EncodeToString(sum[:])
}

func hashChosen(plain, salt string, rounds int) (string, error) {
	key, err := pbkdf2.Key(sha256.New, plain, []byte(salt), rounds, 32)
	return schemeChosen + ":" + strconv.Itoa(rounds) + "$" + salt + "$" + hex.EncodeToString(key), err
}

// matches tells whether plain is the secret behind a hash.
func matches(hash, plain string) bool {
	scheme, rest, _ := strings.Cut(hash, "$")
	salt, _, ok := strings.Cut(rest, "$")
	if !ok {
		return false
	}
	var again string
	scheme, rounds, _ := strings.Cut(scheme, ":")
	switch scheme {
	case schemeRandom:
		again = hashRandom(plain, salt)
	case schemeChosen:
		n, err := strconv.Atoi(rounds)
		if err != nil || n < 1 || n > 10_000_000 {
			return false
		}
		if again, err = hashChosen(plain, salt, n); err != nil {
			return false
		}
	}
	return again != "" && subtle.ConstantTimeCompare([]byte(again), []byte(hash)) == 1
}

// verifier checks secrets. It remembers right ones, so that a slow hash is paid once, and refuses to try on after many wrong ones.
type verifier struct {
	now  func() time.Time
	key  []byte // of the memory: what it holds is no use outside this process
	slow chan struct{}

	mu     sync.Mutex
	right  map[[32]byte]time.Time // (hash, plain) -> until
	misses map[string]*missed     // by name
}

// missed counts wrong secrets of one name.
type missed struct {
	n     int
	since time.Time
}

// Bounds of guessing: ten wrong secrets a minute for one name; the slow hash on one core at a time.
const (
	missesMax    = 10
	missesWindow = time.Minute
	rightFor     = 10 * time.Minute
	memoryMax    = 10_000
)

func newVerifier(now func() time.Time) *verifier {
	key := make([]byte, 32)
	rand.Read(key)
	return &verifier{now: now, key: key, slow: make(chan struct{}, 1), right: map[[32]byte]time.Time{}, misses: map[string]*missed{}}
}

// verify tells whether plain is one of the valid secrets of a name. It answers a problem when there were too many wrong ones, so that a chosen
// password cannot be guessed, nor its slow hash be used to keep us busy. What was right lately, and random secrets, which nobody guesses, get in
// all the same: wrong attempts of another do not lock the rightful one out.
func (v *verifier) verify(name, plain string, secrets []hub.Secret) (bool, error) {
	now := v.now()
	var slow []hub.Secret
	for _, s := range secrets {
		switch {
		case plain == "" || len(plain) > chosenMax || !s.Expires.IsZero() && !now.Before(s.Expires):
		case strings.HasPrefix(s.Hash, schemeChosen) && !v.remembered(s.Hash, plain, now):
			slow = append(slow, s)
		case strings.HasPrefix(s.Hash, schemeChosen) || matches(s.Hash, plain):
			return true, nil
		}
	}
	if v.blocked(name, now) {
		p := problem("too_many_attempts", "")
		p.retryAfter = missesWindow
		return false, p
	}
	for _, s := range slow {
		if v.slowly(s.Hash, plain) {
			v.remember(s.Hash, plain, now)
			return true, nil
		}
	}
	v.miss(name, now)
	return false, nil
}

// slowly checks a chosen password, one at a time.
func (v *verifier) slowly(hash, plain string) bool {
	v.slow <- struct{}{}
	defer func() { <-v.slow }()
	return matches(hash, plain)
}

func (v *verifier) memoryKey(hash, plain string) [32]byte {
	m := hmac.New(sha256.New, v.key)
	m.Write([]byte(hash + "\x00" + plain))
	return [32]byte(m.Sum(nil))
}

func (v *verifier) remembered(hash, plain string, now time.Time) bool {
	k := v.memoryKey(hash, plain)
	v.mu.Lock()
	defer v.mu.Unlock()
	until, known := v.right[k]
	return known && now.Before(until)
}

func (v *verifier) remember(hash, plain string, now time.Time) {
	k := v.memoryKey(hash, plain)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.right) >= memoryMax {
		clear(v.right)
	}
	v.right[k] = now.Add(rightFor)
}

func (v *verifier) blocked(name string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	m := v.misses[name]
	return m != nil && m.n >= missesMax && now.Sub(m.since) < missesWindow
}

func (v *verifier) miss(name string, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	m := v.misses[name]
	if m == nil || now.Sub(m.since) >= missesWindow {
		if len(v.misses) >= memoryMax {
			clear(v.misses)
		}
		m = &missed{since: now}
		v.misses[name] = m
	}
	m.n++
}
