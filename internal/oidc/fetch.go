package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// keys are the issuer's, as they were read last. One lock: mu, for a look; who fetches holds the token of fetching, and mu only to write.
type keys struct {
	fetching chan struct{} // of one

	mu      sync.RWMutex
	byID    map[string]*key
	fetched time.Time // zero: never
	tried   time.Time
	err     error
	ok      int64
	failed  int64
}

func newKeys() keys { return keys{fetching: make(chan struct{}, 1)} }

// look answers the key of an id, whether keys can be believed, and when they were last asked for. A token without key id is taken where there is
// just one key.
func (k *keys) look(id string, now time.Time) (found *key, believed bool, tried time.Time) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.fetched.IsZero() || now.Sub(k.fetched) > keysFor {
		return nil, false, k.tried
	}
	if id == "" && len(k.byID) == 1 {
		for _, only := range k.byID {
			return only, true, k.tried
		}
	}
	return k.byID[id], true, k.tried
}

func (k *keys) status(now time.Time) Status {
	k.mu.RLock()
	defer k.mu.RUnlock()
	s := Status{Keys: len(k.byID), Fetched: k.fetched, OK: k.ok, Failed: k.failed, Ready: !k.fetched.IsZero() && now.Sub(k.fetched) <= keysFor}
	if k.err != nil {
		s.Error = k.err.Error()
	}
	return s
}

// find answers the key of an id. One that is not known makes us read the keys again, at most every refetchEvery: issuers rotate, and liars send
// what they like.
func (v *Verifier) find(ctx context.Context, id string) (*key, error) {
	for again := false; ; again = true {
		now := v.c.Clock.Now()
		k, believed, tried := v.keys.look(id, now)
		switch {
		case k != nil:
			return k, nil
		case again || !tried.IsZero() && now.Sub(tried) < refetchEvery:
			if !believed {
				return nil, ErrUnreachable
			}
			return nil, fmt.Errorf("no key %q", id)
		}
		if err := v.fetchOnce(ctx, tried); err != nil {
			return nil, err
		}
	}
}

// fetchOnce reads the keys, unless another has since the caller looked. Its error is the context's only.
func (v *Verifier) fetchOnce(ctx context.Context, seen time.Time) error {
	select {
	case v.keys.fetching <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-v.keys.fetching }()
	v.keys.mu.RLock()
	since := !v.keys.tried.Equal(seen)
	v.keys.mu.RUnlock()
	if since {
		return nil
	}
	// The reader who happened to come first may leave; the keys are everybody's.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	byID, err := v.fetch(ctx)
	now := v.c.Clock.Now()
	v.keys.mu.Lock()
	defer v.keys.mu.Unlock()
	before := v.keys.err
	v.keys.tried, v.keys.err = now, err
	if err != nil {
		v.keys.failed++ // the keys that are there stay, up to keysFor
		if before == nil || before.Error() != err.Error() {
			v.c.Log.Warn("the issuer's keys cannot be read", "issuer", v.c.Issuer, "err", err)
		}
		return nil
	}
	if before != nil || v.keys.fetched.IsZero() {
		v.c.Log.Info("the issuer's keys are read", "issuer", v.c.Issuer, "keys", len(byID))
	}
	v.keys.ok++
	v.keys.byID, v.keys.fetched = byID, now // a key that is gone from the set is revoked
	return nil
}

// Run reads the keys at once, then every Config.Refresh, sooner after a failure, until ctx ends.
func (v *Verifier) Run(ctx context.Context) error {
	timer := v.c.Clock.NewTimer(0)
	defer timer.Stop()
	retry := retryFirst
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
		}
		v.keys.mu.RLock()
		tried := v.keys.tried
		v.keys.mu.RUnlock()
		if v.fetchOnce(ctx, tried) != nil {
			return nil
		}
		wait := v.c.Refresh
		if v.Status().Error != "" {
			wait, retry = retry, min(2*retry, retryMost)
		} else {
			retry = retryFirst
		}
		timer.Reset(wait)
	}
}

// fetch reads the discovery document, unless the key set's address is set, and the key set.
func (v *Verifier) fetch(ctx context.Context) (map[string]*key, error) {
	at := v.c.KeysURL
	if at == "" {
		var err error
		if at, err = v.discover(ctx); err != nil {
			return nil, err
		}
	}
	body, err := v.get(ctx, at)
	if err != nil {
		return nil, err
	}
	return parseKeys(body)
}

// discover answers where the key set is. Both documents are of one host: no address is called that no setting names (S37).
//
// Source: OpenID Connect Discovery 1.0, 4.
func (v *Verifier) discover(ctx context.Context) (string, error) {
	from := v.c.discovery()
	body, err := v.get(ctx, from)
	if err != nil {
		return "", err
	}
	var doc struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return "", fmt.Errorf("discovery document: %w", err)
	}
	if doc.Issuer != v.c.Issuer {
		return "", fmt.Errorf("discovery document: it is of issuer %q, want %q", doc.Issuer, v.c.Issuer)
	}
	if err := safeURL(doc.Keys); err != nil {
		return "", fmt.Errorf("discovery document: jwks_uri: %w", err)
	}
	a, _ := url.Parse(from)
	b, _ := url.Parse(doc.Keys)
	if a.Host != b.Host || a.Scheme != b.Scheme {
		return "", fmt.Errorf("discovery document: jwks_uri %s is on another host: set jwt_keys_url to it if that is right", doc.Keys)
	}
	return doc.Keys, nil
}

func (v *Verifier) get(ctx context.Context, at string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := v.c.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: %s", at, res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, documentMax+1))
	if err == nil && len(body) > documentMax {
		err = errors.New("document of more than 1 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", at, err)
	}
	return body, nil
}
