package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/store"
)

// Time here is this machine's: all processes on one SQLite file share it.

// TakeLease implements store.Store.
func (s *Store) TakeLease(ctx context.Context, name, node, address string, ttl time.Duration) (l store.Lease, err error) {
	err = s.tx(ctx, func(w *writer) error {
		now := time.Now()
		held, known, err := w.lease(name, now)
		if err != nil {
			return err
		}
		if known && held.Node != "" && held.Node != node && held.Left > 0 {
			l = held
			return fmt.Errorf("%w: %s until %s", store.ErrLeaseHeld, held.Node, held.Expires.Format(time.RFC3339))
		}
		l = store.Lease{Name: name, Node: node, Address: address, Expires: now.Add(ttl).UTC(), Left: ttl, Term: held.Term}
		if held.Node != node {
			if l.Term, err = w.raiseTerm(name, held.Term); err != nil {
				return err
			}
		}
		_, err = w.exec(`insert into lease (name, node, address, expires, term) values (?, ?, ?, ?, ?)
			on conflict (name) do update set node = excluded.node, address = excluded.address, expires = excluded.expires, term = excluded.term`,
			name, node, address, l.Expires.UnixMicro(), l.Term)
		return err
	})
	return l, err
}

// raiseTerm answers the term of a new holder; the writer's is the head's.
func (w *writer) raiseTerm(name string, term int64) (int64, error) {
	if name != store.WriterLease {
		return term + 1, nil
	}
	if _, err := w.exec("update head set term = term + 1 where id = 1"); err != nil {
		return 0, err
	}
	row, err := w.row("select term from head where id = 1")
	if err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}

// lease answers the lease as last written; its node is "" if it was dropped.
func (w *writer) lease(name string, now time.Time) (l store.Lease, known bool, err error) {
	row, err := w.row("select node, address, expires, term from lease where name = ?", name)
	if err != nil || row == nil {
		return l, false, err
	}
	expires := instant(row[2].(int64))
	return store.Lease{Name: name, Node: row[0].(string), Address: row[1].(string), Expires: expires, Left: expires.Sub(now), Term: row[3].(int64)}, true, nil
}

// DropLease implements store.Store.
func (s *Store) DropLease(ctx context.Context, name, node string) error {
	return s.tx(ctx, func(w *writer) error {
		_, err := w.exec("update lease set node = '', address = '' where name = ? and node = ?", name, node)
		return err
	})
}

// Lease implements store.Store.
func (s *Store) Lease(ctx context.Context, name string) (store.Lease, error) {
	l := store.Lease{Name: name}
	var expires int64
	err := s.read.QueryRowContext(ctx, "select node, address, expires, term from lease where name = ? and node <> ''", name).
		Scan(&l.Node, &l.Address, &expires, &l.Term)
	if err != nil {
		return store.Lease{}, absent(err)
	}
	l.Expires = instant(expires)
	l.Left = time.Until(l.Expires)
	return l, nil
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context, name string) (value []byte, err error) {
	err = s.read.QueryRowContext(ctx, "select value from meta where name = ?", name).Scan(&value)
	return value, absent(err)
}

// PutMetaIfAbsent implements store.Store.
func (s *Store) PutMetaIfAbsent(ctx context.Context, name string, value []byte) (kept []byte, err error) {
	err = s.tx(ctx, func(w *writer) error {
		if _, err := w.exec("insert into meta (name, value) values (?, ?) on conflict (name) do nothing", name, blob(value)); err != nil {
			return err
		}
		row, err := w.row("select value from meta where name = ?", name)
		if err == nil {
			kept = row[0].([]byte)
		}
		return err
	})
	return kept, err
}

// PutMeta implements store.Store.
func (s *Store) PutMeta(ctx context.Context, name string, value []byte) error {
	return s.tx(ctx, func(w *writer) error {
		_, err := w.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", name, blob(value))
		return err
	})
}

// RenewEpoch implements store.Store.
func (s *Store) RenewEpoch(ctx context.Context) (epoch uint64, err error) {
	err = s.tx(ctx, func(w *writer) error {
		if _, err := w.exec("update head set epoch = max(epoch + 1, ?) where id = 1", time.Now().UnixMilli()); err != nil {
			return err
		}
		row, err := w.row("select epoch from head where id = 1")
		if err == nil {
			epoch = uint64(row[0].(int64))
		}
		return err
	})
	return epoch, err
}
