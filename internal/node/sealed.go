package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/seal"
	"github.com/ratewire/ratewire/store"
)

// sealed is a store that keeps the hub's own keys, which sign tokens and forwarded requests, encrypted at rest. They are all that is encrypted:
// secrets of clients and connections are hashed. Values from before there was a ring are read as they are.
type sealed struct {
	store.Store
	ring *seal.Ring
}

// Ring reads a file of keys; nil for no file.
func Ring(path string) (*seal.Ring, error) {
	if path == "" {
		return nil, nil
	}
	r, err := seal.Load(path)
	if err != nil {
		return nil, fmt.Errorf("secrets_key_file: %w", err)
	}
	return r, nil
}

// Sealed answers a store that keeps the hub's keys encrypted under a ring; with nil it keeps them in clear, and opens none that is encrypted.
func Sealed(st store.Store, ring *seal.Ring) store.Store {
	return &sealed{st, ring}
}

// keysOpen tells at the start, rather than with the first request, that a key of the store cannot be read.
func keysOpen(ctx context.Context, st store.Store) error {
	for _, name := range hub.KeyNames {
		if _, err := st.Meta(ctx, hub.KeyMeta+name); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Meta is store.Store's.
func (s *sealed) Meta(ctx context.Context, name string) ([]byte, error) {
	v, err := s.Store.Meta(ctx, name)
	if err != nil || !strings.HasPrefix(name, hub.KeyMeta) {
		return v, err
	}
	return s.open(name, v)
}

// PutMeta is store.Store's.
func (s *sealed) PutMeta(ctx context.Context, name string, value []byte) error {
	if strings.HasPrefix(name, hub.KeyMeta) {
		value = s.ring.Seal(name, value)
	}
	return s.Store.PutMeta(ctx, name, value)
}

// PutMetaIfAbsent is store.Store's.
func (s *sealed) PutMetaIfAbsent(ctx context.Context, name string, value []byte) ([]byte, error) {
	if !strings.HasPrefix(name, hub.KeyMeta) {
		return s.Store.PutMetaIfAbsent(ctx, name, value)
	}
	v, err := s.Store.PutMetaIfAbsent(ctx, name, s.ring.Seal(name, value))
	if err != nil {
		return nil, err
	}
	return s.open(name, v)
}

func (s *sealed) open(name string, v []byte) ([]byte, error) {
	plain, _, err := s.ring.Open(name, v)
	if err != nil {
		return nil, fmt.Errorf("secrets_key_file: %w", err)
	}
	return plain, nil
}

// Rotation is what RotateSecrets did, or would do.
type Rotation struct {
	Key      string `json:"key"`      // id of the key that seals now
	Sealed   int    `json:"sealed"`   // were in clear
	Resealed int    `json:"resealed"` // were under another key
	Current  int    `json:"current"`  // were under it already
	Absent   int    `json:"absent"`   // not made yet
}

// RotateSecrets encrypts all that a store keeps encrypted under the ring's first key. Each value is replaced by itself, so that it can be broken off
// and run again, by two at once, and while hubs work: what they hold in memory does not change. dry only counts.
func RotateSecrets(ctx context.Context, st store.Store, ring *seal.Ring, dry bool) (Rotation, error) {
	out := Rotation{Key: ring.Current()}
	if out.Key == "" {
		return out, errors.New("secrets_key_file names no file: there is no key to encrypt under")
	}
	for _, name := range hub.KeyNames {
		name = hub.KeyMeta + name
		v, err := st.Meta(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			out.Absent++
			continue
		}
		if err != nil {
			return out, fmt.Errorf("read %s: %w", name, err)
		}
		plain, under, err := ring.Open(name, v)
		if err != nil {
			return out, err
		}
		if under == out.Key {
			out.Current++
			continue
		}
		if !dry {
			if err := reseal(ctx, st, ring, name, plain); err != nil {
				return out, err
			}
		}
		if under == "" {
			out.Sealed++
		} else {
			out.Resealed++
		}
	}
	return out, nil
}

// reseal writes a value and reads it back: a key that cannot be opened again is worse than one under an old key.
func reseal(ctx context.Context, st store.Store, ring *seal.Ring, name string, plain []byte) error {
	if err := st.PutMeta(ctx, name, ring.Seal(name, plain)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	v, err := st.Meta(ctx, name)
	if err != nil {
		return fmt.Errorf("read %s back: %w", name, err)
	}
	again, _, err := ring.Open(name, v)
	if err == nil && !bytes.Equal(again, plain) {
		err = errors.New("it changed meanwhile")
	}
	if err != nil {
		return fmt.Errorf("read %s back: %w", name, err)
	}
	return nil
}
