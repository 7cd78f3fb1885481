package memory

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/store"
)

// TakeLease implements store.Store.
func (s *Store) TakeLease(ctx context.Context, name, node, address string, ttl time.Duration) (l store.Lease, err error) {
	now := micros(s.disk.o.Now())
	err = s.change(ctx, OpLease, func(st *state) error {
		held := st.Leases[name]
		if held.Node != "" && held.Node != node && held.Expires.After(now) {
			l = held
			l.Left = held.Expires.Sub(now)
			return fmt.Errorf("%w: %s until %s", store.ErrLeaseHeld, held.Node, held.Expires.Format(time.RFC3339))
		}
		l = store.Lease{Name: name, Node: node, Address: address, Expires: micros(now.Add(ttl)), Left: ttl, Term: held.Term}
		return nil
	}, func(st *state) {
		if st.Leases[name].Node != node {
			l.Term++
			if name == store.WriterLease {
				st.Head.Term++
				l.Term = st.Head.Term
			}
		}
		st.Leases[name] = l
	})
	return l, err
}

// DropLease implements store.Store.
func (s *Store) DropLease(ctx context.Context, name, node string) error {
	return s.change(ctx, OpLease, fine, func(st *state) {
		if l, there := st.Leases[name]; there && l.Node == node {
			l.Node, l.Address = "", ""
			st.Leases[name] = l
		}
	})
}

func fine(*state) error { return nil }

// Lease implements store.Store.
func (s *Store) Lease(ctx context.Context, name string) (l store.Lease, err error) {
	now := s.disk.o.Now()
	err = s.view(ctx, func(st *state) error {
		if l = st.Leases[name]; l.Node == "" {
			l = store.Lease{}
			return store.ErrNotFound
		}
		l.Left = l.Expires.Sub(now)
		return nil
	})
	return l, err
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context, name string) (value []byte, err error) {
	err = s.view(ctx, func(st *state) error {
		var there bool
		if value, there = st.Metas[name]; !there {
			return store.ErrNotFound
		}
		return nil
	})
	return value, err
}

// PutMetaIfAbsent implements store.Store.
func (s *Store) PutMetaIfAbsent(ctx context.Context, name string, value []byte) (kept []byte, err error) {
	err = s.change(ctx, OpMeta, fine, func(st *state) {
		if _, there := st.Metas[name]; !there {
			st.Metas[name] = bytes.Clone(value)
		}
		kept = st.Metas[name]
	})
	return kept, err
}

// PutMeta implements store.Store.
func (s *Store) PutMeta(ctx context.Context, name string, value []byte) error {
	return s.change(ctx, OpMeta, fine, func(st *state) { st.Metas[name] = bytes.Clone(value) })
}

// RenewEpoch implements store.Store.
func (s *Store) RenewEpoch(ctx context.Context) (epoch uint64, err error) {
	now := s.disk.o.Now()
	err = s.change(ctx, OpEpoch, fine, func(st *state) { epoch = st.renew(now) })
	return epoch, err
}

func (st *state) renew(now time.Time) uint64 {
	st.Head.Epoch = max(st.Head.Epoch+1, uint64(max(0, now.UnixMilli())))
	return st.Head.Epoch
}
