package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/internal/rawblock"
)

// view runs f on one consistent state of the database.
func (s *Store) view(ctx context.Context, f func(tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}

type rowsQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// each calls f for every row of a query. What f scans into pgtype.DriverBytes is valid during the call only.
func each(ctx context.Context, q rowsQuerier, f func(pgx.Rows) (bool, error), text string, args ...any) error {
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if more, err := f(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// absent puts the contract's word for the driver's.
func absent(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// Head implements store.Store.
func (s *Store) Head(ctx context.Context) (h store.Head, err error) {
	var epoch int64
	err = s.pool.QueryRow(ctx, "select epoch, seq, term, first_seq from head where id = 1").Scan(&epoch, &h.Seq, &h.Term, &h.FirstSeq)
	h.Epoch = uint64(epoch)
	return h, err
}

const selectEntry = "select seq, property, revision, at, message_id, stamp_only, body from entry "

// Feed implements store.Store.
func (s *Store) Feed(ctx context.Context, after int64, limit int, f func(*store.Entry) bool) error {
	return s.view(ctx, func(tx pgx.Tx) error {
		var first int64
		if err := tx.QueryRow(ctx, "select first_seq from head where id = 1").Scan(&first); err != nil {
			return err
		}
		if after < first-1 {
			return fmt.Errorf("%w: entries after %d: kept from %d on", store.ErrGone, after, first)
		}
		return each(ctx, tx, entryTo(f), selectEntry+"where seq > $1 order by seq limit $2", after, limit)
	})
}

// PropertyFeed implements store.Store.
func (s *Store) PropertyFeed(ctx context.Context, property string, after int64, limit int, f func(*store.Entry) bool) error {
	return s.view(ctx, func(tx pgx.Tx) error {
		if err := gone(ctx, tx, property, after+1); err != nil {
			return err
		}
		return each(ctx, tx, entryTo(f), selectEntry+"where property = $1 and revision > $2 order by revision limit $3", property, after, limit)
	})
}

// PropertyFeedBack implements store.Store.
func (s *Store) PropertyFeedBack(ctx context.Context, property string, before int64, limit int, f func(*store.Entry) bool) error {
	return s.view(ctx, func(tx pgx.Tx) error {
		if err := gone(ctx, tx, property, before-1); err != nil {
			return err
		}
		return each(ctx, tx, entryTo(f), selectEntry+"where property = $1 and revision < $2 order by revision desc limit $3", property, before, limit)
	})
}

// gone answers store.ErrGone if the revision, the first one asked for, was pruned.
func gone(ctx context.Context, tx pgx.Tx, property string, revision int64) error {
	var pruned int64
	err := tx.QueryRow(ctx, "select revision from pruned where property = $1", property).Scan(&pruned)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && (revision > pruned || revision < 1) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: revision %d of %s: kept above %d", store.ErrGone, revision, property, pruned)
	}
	return err
}

// entryTo scans a row of selectEntry for f, into one Entry over and over.
func entryTo(f func(*store.Entry) bool) func(pgx.Rows) (bool, error) {
	var e store.Entry
	var body pgtype.DriverBytes
	var at int64
	return func(rows pgx.Rows) (bool, error) {
		if err := rows.Scan(&e.Seq, &e.Property, &e.Revision, &at, &e.MessageID, &e.StampOnly, &body); err != nil {
			return false, err
		}
		e.At, e.Body = instant(at), body
		return f(&e), nil
	}
}

const selectKeys = "select day, hash, content, property, revision, outcome from dedupe_%02d where day = $1 and hash = any($2)"

// keptDays answers the days that have a bucket.
func (s *Store) keptDays(ctx context.Context) (days []int32, err error) {
	rows, err := s.pool.Query(ctx, "select day from dedupe_day order by day")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// Keys implements store.Store: every kept day is probed, all in one pipeline.
func (s *Store) Keys(ctx context.Context, hashes []store.KeyHash) (keys []store.Key, err error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	days, err := s.keptDays(ctx)
	if err != nil {
		return nil, err
	}
	asked := make([][]byte, len(hashes))
	for i := range hashes {
		asked[i] = hashes[i][:]
	}
	var p pgx.Batch
	for _, day := range days {
		p.Queue(fmt.Sprintf(selectKeys, slot(day)), day, asked).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				k, err := scanKey(rows)
				if err != nil {
					return err
				}
				keys = append(keys, k)
			}
			return rows.Err()
		})
	}
	return keys, s.pool.SendBatch(ctx, &p).Close()
}

func scanKey(rows pgx.Rows) (k store.Key, err error) {
	var hash, content pgtype.DriverBytes
	err = rows.Scan(&k.Day, &hash, &content, &k.Property, &k.Revision, &k.Outcome)
	copy(k.Hash[:], hash)
	copy(k.Content[:], content)
	return k, err
}

// KeyHashes implements store.Store.
func (s *Store) KeyHashes(ctx context.Context, f func(day int32, h store.KeyHash)) error {
	var day int32
	var hash pgtype.DriverBytes
	for i := range slots {
		err := each(ctx, s.pool, func(rows pgx.Rows) (bool, error) {
			if err := rows.Scan(&day, &hash); err != nil {
				return false, err
			}
			var h store.KeyHash
			copy(h[:], hash)
			f(day, h)
			return true, nil
		}, fmt.Sprintf("select day, hash from dedupe_%02d", i))
		if err != nil {
			return err
		}
	}
	return nil
}

// Objects implements store.Store.
func (s *Store) Objects(ctx context.Context, property string, f func(*store.Object) error) error {
	var o store.Object
	var body pgtype.DriverBytes
	return each(ctx, s.pool, func(rows pgx.Rows) (bool, error) {
		if err := rows.Scan(&o.Property, &o.Kind, &o.Code, &o.Revision, &body); err != nil {
			return false, err
		}
		o.Body = body
		return true, f(&o)
	}, "select property, kind, code, revision, body from object where $1 = '' or property = $1 order by property, kind, code", property)
}

// Checkpoints implements store.Store.
func (s *Store) Checkpoints(ctx context.Context) ([]store.Checkpoint, error) {
	rows, err := s.pool.Query(ctx, "select property, revision, seq from checkpoint order by property")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[store.Checkpoint])
}

// Pages implements store.Store.
func (s *Store) Pages(ctx context.Context, lo, hi string, f func(*store.Page) error) error {
	text, args := "select property, scope, month, revision, body from page where property >= $1", []any{lo}
	if hi != "" {
		text, args = text+" and property < $2", append(args, hi)
	}
	var p store.Page
	var body pgtype.DriverBytes
	return each(ctx, s.pool, func(rows pgx.Rows) (bool, error) {
		if err := rows.Scan(&p.Property, &p.Scope, &p.Month, &p.Revision, &body); err != nil {
			return false, err
		}
		p.Body = body
		return true, f(&p)
	}, text+" order by property, scope, month", args...)
}

const selectMessage = "select id, received, connection, property, protocol, kind, verdict, revision, detail, source"

// Messages implements store.Store.
func (s *Store) Messages(ctx context.Context, f store.MessageFilter) (found []store.Message, err error) {
	text, args := selectMessage+" from message where true", []any{}
	add := func(condition string, value any, given bool) {
		if given {
			args = append(args, value)
			text += fmt.Sprintf(" and "+condition, len(args))
		}
	}
	add("connection = $%d", f.Connection, f.Connection != "")
	add("property = $%d", f.Property, f.Property != "")
	add("verdict = $%d", f.Verdict, f.Verdict != "")
	add("id < $%d", f.Before, f.Before != "")
	add("received >= $%d", f.Since.UnixMicro(), !f.Since.IsZero())
	if f.Verdict != "" && f.Verdict != "applied" && f.Verdict != "unchanged" && f.Verdict != "repeat" {
		text += " and verdict not in ('applied', 'unchanged', 'repeat')" // lets PostgreSQL use message_trouble
	}
	args = append(args, f.Limit)
	err = each(ctx, s.pool, func(rows pgx.Rows) (bool, error) {
		var m store.Message
		err := scanMessage(rows, &m)
		found = append(found, m)
		return true, err
	}, text+fmt.Sprintf(" order by id desc limit $%d", len(args)), args...)
	return found, err
}

func scanMessage(row pgx.Row, m *store.Message, more ...any) error {
	var received int64
	into := append([]any{&m.ID, &received, &m.Connection, &m.Property, &m.Protocol, &m.Kind, &m.Verdict, &m.Revision, &m.Detail, &m.Source}, more...)
	err := row.Scan(into...)
	m.Received = instant(received)
	return err
}

// Message implements store.Store.
func (s *Store) Message(ctx context.Context, id string) (m store.Message, err error) {
	var at, n *int64
	var body []byte
	row := s.pool.QueryRow(ctx, selectMessage+", raw_at, raw_len, body from message left join raw on block = raw_block where id = $1", id)
	if err := scanMessage(row, &m, &at, &n, &body); err != nil {
		return store.Message{}, absent(err)
	}
	if n != nil && at != nil && body != nil {
		if m.Raw, err = rawblock.Unpack(body, rawblock.Ref{At: *at, Len: *n}); err != nil {
			return store.Message{}, fmt.Errorf("message %s: %w", id, err)
		}
	}
	return m, nil
}

const selectWork = "select list, id, property, connection, at, body from work "

// Rows implements store.Store. Oldest first is by id: ids sort by time.
func (s *Store) Rows(ctx context.Context, list, property, connection, after string, limit int) (found []store.Row, err error) {
	err = each(ctx, s.pool, func(rows pgx.Rows) (bool, error) {
		r, err := scanWork(rows)
		found = append(found, r)
		return true, err
	}, selectWork+"where list = $1 and id > $2 and ($3 = '' or property = $3) and ($4 = '' or connection = $4) order by id limit $5",
		list, after, property, connection, limit)
	return found, err
}

// Row implements store.Store.
func (s *Store) Row(ctx context.Context, list, id string) (store.Row, error) {
	r, err := scanWork(s.pool.QueryRow(ctx, selectWork+"where list = $1 and id = $2", list, id))
	return r, absent(err)
}

func scanWork(row pgx.Row) (r store.Row, err error) {
	var at int64
	err = row.Scan(&r.List, &r.ID, &r.Property, &r.Connection, &at, &r.Body)
	r.At = instant(at)
	return r, err
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context, name string) (value []byte, err error) {
	err = s.pool.QueryRow(ctx, "select value from meta where name = $1", name).Scan(&value)
	return value, absent(err)
}
