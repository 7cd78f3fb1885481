package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/ratewire/ratewire/store"
)

// view runs f on one consistent state of the database, beside the writer.
func (s *Store) view(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing to undo in a reading transaction
	return f(tx)
}

// each calls f for every row of a query. What f scans into sql.RawBytes is valid during the call only.
func each(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, f func(*sql.Rows) (bool, error), text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
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

// stream calls f for every row of a query, past database/sql, whose conversions take longer than SQLite does: for what is read by the million
// at a start. The slices' bytes are f's to keep, row is not. ctx is looked at now and then.
func (s *Store) stream(ctx context.Context, f func(row []driver.Value) error, text string, args ...driver.NamedValue) error {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		rows, err := raw.(driver.QueryerContext).QueryContext(background, text, args)
		if err != nil {
			return err
		}
		defer rows.Close()
		row := make([]driver.Value, len(rows.Columns()))
		for n := 0; ; n++ {
			if n%lookAt == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := rows.Next(row); err != nil {
				if err == io.EOF {
					return nil
				}
				return err
			}
			if err := f(row); err != nil {
				return err
			}
		}
	})
}

// lookAt is after how many rows stream looks whether it was cancelled: some microseconds' worth.
const lookAt = 256

// bound answers arguments for stream.
func bound(args ...driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: args[i]}
	}
	return named
}

const selectHead = "select epoch, seq, term, first_seq from head where id = 1"

// Head implements store.Store.
func (s *Store) Head(ctx context.Context) (h store.Head, err error) {
	var epoch int64
	err = s.read.QueryRowContext(ctx, selectHead).Scan(&epoch, &h.Seq, &h.Term, &h.FirstSeq)
	h.Epoch = uint64(epoch)
	return h, err
}

const selectEntry = "select seq, property, revision, at, message_id, stamp_only, body from entry "

// Feed implements store.Store.
func (s *Store) Feed(ctx context.Context, after int64, limit int, f func(*store.Entry) bool) error {
	return s.view(ctx, func(tx *sql.Tx) error {
		var first int64
		if err := tx.QueryRowContext(ctx, "select first_seq from head where id = 1").Scan(&first); err != nil {
			return err
		}
		if after < first-1 {
			return fmt.Errorf("%w: entries after %d: kept from %d on", store.ErrGone, after, first)
		}
		return each(ctx, tx, entryTo(f), selectEntry+"where seq > ? order by seq limit ?", after, limit)
	})
}

// PropertyFeed implements store.Store.
func (s *Store) PropertyFeed(ctx context.Context, property string, after int64, limit int, f func(*store.Entry) bool) error {
	return s.view(ctx, func(tx *sql.Tx) error {
		if err := gone(ctx, tx, property, after+1); err != nil {
			return err
		}
		return each(ctx, tx, entryTo(f), selectEntry+"where property = ? and revision > ? order by revision limit ?", property, after, limit)
	})
}

// PropertyFeedBack implements store.Store.
func (s *Store) PropertyFeedBack(ctx context.Context, property string, before int64, limit int, f func(*store.Entry) bool) error {
	return s.view(ctx, func(tx *sql.Tx) error {
		if err := gone(ctx, tx, property, before-1); err != nil {
			return err
		}
		return each(ctx, tx, entryTo(f), selectEntry+"where property = ? and revision < ? order by revision desc limit ?", property, before, limit)
	})
}

// gone answers store.ErrGone if the revision, the first one asked for, was pruned.
func gone(ctx context.Context, tx *sql.Tx, property string, revision int64) error {
	var pruned int64
	err := tx.QueryRowContext(ctx, "select revision from pruned where property = ?", property).Scan(&pruned)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (revision > pruned || revision < 1) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: revision %d of %s: kept above %d", store.ErrGone, revision, property, pruned)
	}
	return err
}

// entryTo scans a row of selectEntry for f, into one Entry over and over.
func entryTo(f func(*store.Entry) bool) func(*sql.Rows) (bool, error) {
	var e store.Entry
	var body sql.RawBytes
	var at int64
	return func(rows *sql.Rows) (bool, error) {
		if err := rows.Scan(&e.Seq, &e.Property, &e.Revision, &at, &e.MessageID, &e.StampOnly, &body); err != nil {
			return false, err
		}
		e.At, e.Body = instant(at), body
		return f(&e), nil
	}
}
