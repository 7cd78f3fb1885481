package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ratewire/ratewire/store"
)

// tx runs f in a transaction at read committed: rows that matter are locked.
func (s *Store) tx(ctx context.Context, f func(tx pgx.Tx) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx)) // a failure ends the connection, and the transaction with it
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			return sorted("", err)
		}
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return sorted("commit", err)
	}
	return nil
}

const (
	// holdTerm keeps the writer's lease from changing hands until the transaction ends, without standing in the way of commits.
	holdTerm = "select term from lease where name = '" + store.WriterLease + "' for share"

	putPage = `insert into page as p (property, scope, month, revision, body) values ($1, $2, $3, $4, $5)
		on conflict (property, scope, month) do update set revision = excluded.revision, body = excluded.body where p.revision < excluded.revision`
	deletePage    = "delete from page where property = $1 and scope = $2 and month = $3 and revision < $4"
	putCheckpoint = `insert into checkpoint as c (property, revision, seq) values ($1, $2, $3)
		on conflict (property) do update set revision = excluded.revision, seq = excluded.seq where (c.revision, c.seq) < (excluded.revision, excluded.seq)`
)

// PutPages implements store.Store.
func (s *Store) PutPages(ctx context.Context, term int64, pages []store.Page, cps []store.Checkpoint) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		var held int64
		if err := tx.QueryRow(ctx, holdTerm).Scan(&held); err != nil {
			return err
		}
		if held != term {
			return store.ErrFenced
		}
		var p pgx.Batch
		for i := range pages {
			if g := &pages[i]; len(g.Body) == 0 {
				p.Queue(deletePage, g.Property, g.Scope, g.Month, g.Revision)
			} else {
				p.Queue(putPage, g.Property, g.Scope, g.Month, g.Revision, g.Body)
			}
		}
		for _, c := range cps {
			p.Queue(putCheckpoint, c.Property, c.Revision, c.Seq)
		}
		return tx.SendBatch(ctx, &p).Close()
	})
}

// takeoverWait is how long a takeover waits for what the former writer has under way; a healthy commit takes milliseconds.
const takeoverWait = "1s"

// TakeLease implements store.Store. A server whose settings have become weaker gives no lease: the writer would acknowledge what may be lost.
//
// A former writer that is paused in mid-transaction (its machine sleeps, its network is gone) holds the locks that a takeover needs, and
// nothing says for how long. Its lease has expired, so its sessions are ended; what they had under way is undone.
func (s *Store) TakeLease(ctx context.Context, name, node, address string, ttl time.Duration) (l store.Lease, err error) {
	if l, err = s.Lease(ctx, name); err == nil && l.Node != node && l.Left > 0 {
		return l, held(l)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return l, err
	}
	want := store.Lease{Name: name, Node: node, Address: address, Left: ttl}
	takeover := l.Node != node
	l, err = s.take(ctx, want, takeover)
	var pg *pgconn.PgError
	if takeover && errors.As(err, &pg) && pg.Code == "55P03" { // lock_not_available
		if err := s.endHolders(ctx); err != nil {
			return l, err
		}
		l, err = s.take(ctx, want, takeover)
	}
	return l, err
}

func held(l store.Lease) error {
	return fmt.Errorf("%w: %s until %s", store.ErrLeaseHeld, l.Node, l.Expires.Format(time.RFC3339))
}

// take takes or renews the lease in one transaction, unless another holds it.
func (s *Store) take(ctx context.Context, want store.Lease, takeover bool) (l store.Lease, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if err := s.beforeLease(ctx, tx, want.Name, takeover); err != nil {
			return err
		}
		now, err := lease(ctx, tx, want.Name, " for update")
		if err != nil {
			return err
		}
		if now.Node != "" && now.Node != want.Node && now.Left > 0 {
			l = now
			return held(now)
		}
		term := now.Term
		if now.Node != want.Node {
			if term, err = raiseTerm(ctx, tx, want.Name, term); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "update lease set node = $2, address = $3, term = $4, expires = clock_timestamp() + $5 where name = $1",
			want.Name, want.Node, want.Address, term, want.Left); err != nil {
			return err
		}
		l, err = lease(ctx, tx, want.Name, "")
		return err
	})
	return l, err
}

// beforeLease looks at the server's settings, bounds the waiting of a takeover, and makes the row if it is not there.
func (s *Store) beforeLease(ctx context.Context, tx pgx.Tx, name string, takeover bool) error {
	if s.commits.Config().AfterConnect != nil {
		if err := checkDurable(ctx, tx); err != nil {
			return err
		}
	}
	if takeover {
		if _, err := tx.Exec(ctx, "set local lock_timeout = '"+takeoverWait+"'"); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "insert into lease (name, node, address, expires, term) values ($1, '', '', clock_timestamp(), 0) on conflict do nothing", name)
	return err
}

// endHolders ends the sessions that hold rows of the head or the leases.
func (s *Store) endHolders(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `select pg_terminate_backend(pid) from pg_locks where granted and pid <> pg_backend_pid()
		and database = (select oid from pg_database where datname = current_database())
		and relation in ('head'::regclass, 'lease'::regclass) and mode in ('RowShareLock', 'RowExclusiveLock')`)
	if err != nil {
		return fmt.Errorf("end the former writer's sessions: %w", err)
	}
	return nil
}

// raiseTerm answers the term of a new holder; the writer's is the head's. It waits for a commit under way, which came first; the next one
// of the former holder finds another term.
func raiseTerm(ctx context.Context, tx pgx.Tx, name string, term int64) (int64, error) {
	if name != store.WriterLease {
		return term + 1, nil
	}
	err := tx.QueryRow(ctx, "update head set term = term + 1 where id = 1 returning term").Scan(&term)
	return term, err
}

func lease(ctx context.Context, q querier, name, lock string) (store.Lease, error) {
	l := store.Lease{Name: name}
	err := q.QueryRow(ctx, "select node, address, expires, term, expires - clock_timestamp() from lease where name = $1"+lock, name).
		Scan(&l.Node, &l.Address, &l.Expires, &l.Term, &l.Left)
	l.Expires = l.Expires.UTC()
	return l, err
}

// DropLease implements store.Store.
func (s *Store) DropLease(ctx context.Context, name, node string) error {
	_, err := s.pool.Exec(ctx, "update lease set node = '', address = '' where name = $1 and node = $2", name, node)
	return err
}

// Lease implements store.Store.
func (s *Store) Lease(ctx context.Context, name string) (store.Lease, error) {
	l, err := lease(ctx, s.pool, name, "")
	if err == nil && l.Node == "" {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Lease{}, absent(err)
	}
	return l, nil
}

// PutMetaIfAbsent implements store.Store.
func (s *Store) PutMetaIfAbsent(ctx context.Context, name string, value []byte) (kept []byte, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "insert into meta (name, value) values ($1, $2) on conflict do nothing", name, blob(value)); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select value from meta where name = $1", name).Scan(&kept)
	})
	return kept, err
}

// PutMeta implements store.Store.
func (s *Store) PutMeta(ctx context.Context, name string, value []byte) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value", name, blob(value))
		return err
	})
}

// RenewEpoch implements store.Store.
func (s *Store) RenewEpoch(ctx context.Context) (uint64, error) {
	var epoch int64
	err := s.pool.QueryRow(ctx, `update head set epoch = greatest(epoch + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
		where id = 1 returning epoch`).Scan(&epoch)
	return uint64(epoch), sorted("", err)
}

// pruneRows bounds one slice of Prune.
const pruneRows = 2_000

// Prune implements store.Store. One handle prunes at a time; the head is touched last, so that commits wait for an instant only.
func (s *Store) Prune(ctx context.Context, r store.Retention) (more bool, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table pruned in exclusive mode"); err != nil {
			return err
		}
		for _, step := range []func(context.Context, pgx.Tx, store.Retention) (bool, error){pruneKeys, pruneMessages, pruneRaws, pruneFeed} {
			left, err := step(ctx, tx, r)
			if err != nil {
				return fmt.Errorf("prune: %w", err)
			}
			more = more || left
		}
		return nil
	})
	return more, err
}

// pruneFeed drops entries from the oldest on, up to the first that is young enough or above its property's checkpoint.
func pruneFeed(ctx context.Context, tx pgx.Tx, r store.Retention) (bool, error) {
	var first, last, keep *int64
	var n int
	err := tx.QueryRow(ctx, `select min(e.seq), max(e.seq), count(*), min(e.seq) filter (where e.at >= $1 or e.revision > coalesce(c.revision, 0))
		from (select seq, property, revision, at from entry order by seq limit $2) e left join checkpoint c on c.property = e.property`,
		r.FeedBefore.UnixMicro(), pruneRows).Scan(&first, &last, &n, &keep)
	if err != nil || first == nil || last == nil || keep != nil && *keep == *first {
		return false, err
	}
	end, more := *last+1, n == pruneRows
	if keep != nil {
		end, more = *keep, false
	}
	for _, text := range []string{
		`insert into pruned as p (property, revision) select property, max(revision) from entry where seq < $1 group by property
			on conflict (property) do update set revision = greatest(p.revision, excluded.revision)`,
		"delete from entry where seq < $1",
		"update head set first_seq = $1 where id = 1",
	} {
		if _, err := tx.Exec(ctx, text, end); err != nil {
			return false, err
		}
	}
	return more, nil
}

// pruneKeys drops the oldest bucket that is due: its table is emptied at once, unless a day 32 or more later lives there too.
func pruneKeys(ctx context.Context, tx pgx.Tx, r store.Retention) (bool, error) {
	rows, err := tx.Query(ctx, "select day from dedupe_day order by day")
	if err != nil {
		return false, err
	}
	days, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil || len(days) == 0 || days[0] >= r.KeysBefore {
		return false, err
	}
	text, args := fmt.Sprintf("truncate dedupe_%02d", slot(days[0])), []any{}
	for _, other := range days[1:] {
		if slot(other) == slot(days[0]) {
			text, args = fmt.Sprintf("delete from dedupe_%02d where day = $1", slot(days[0])), []any{days[0]}
		}
	}
	_, err = tx.Exec(ctx, text, args...)
	_, err2 := tx.Exec(ctx, "delete from dedupe_day where day = $1", days[0])
	return len(days) > 1 && days[1] < r.KeysBefore, errors.Join(err, err2)
}

func pruneMessages(ctx context.Context, tx pgx.Tx, r store.Retention) (bool, error) {
	tag, err := tx.Exec(ctx, "delete from message where id in (select id from message order by id limit $1) and received < $2",
		pruneRows, r.MessagesBefore.UnixMicro())
	return tag.RowsAffected() == pruneRows, err
}

func pruneRaws(ctx context.Context, tx pgx.Tx, r store.Retention) (bool, error) {
	const blocks = pruneRows / 8 // each is a whole batch's
	tag, err := tx.Exec(ctx, "delete from raw where block in (select block from raw order by block limit $1) and newest < $2",
		blocks, r.MessagesBefore.UnixMicro())
	return tag.RowsAffected() == blocks, err
}
