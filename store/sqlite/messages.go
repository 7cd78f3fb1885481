package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/internal/rawblock"
)

const selectMessage = "select id, received, connection, property, protocol, kind, verdict, revision, detail, source from message "

// Messages implements store.Store.
func (s *Store) Messages(ctx context.Context, f store.MessageFilter) (found []store.Message, err error) {
	text, args := selectMessage+"where received >= ?", []any{int64(-1 << 62)}
	if !f.Since.IsZero() {
		args[0] = f.Since.UnixMicro()
	}
	for _, c := range []struct{ text, value string }{
		{" and connection = ?", f.Connection}, {" and property = ?", f.Property}, {" and verdict = ?", f.Verdict}, {" and id < ?", f.Before},
	} {
		if c.value != "" {
			text, args = text+c.text, append(args, c.value)
		}
	}
	if f.Verdict != "" && f.Verdict != "applied" && f.Verdict != "unchanged" && f.Verdict != "repeat" {
		text += " and verdict <> 'applied' and verdict <> 'unchanged' and verdict <> 'repeat'" // lets SQLite use message_trouble
	}
	err = each(ctx, s.read, func(rows *sql.Rows) (bool, error) {
		var m store.Message
		err := scanMessage(rows, &m)
		found = append(found, m)
		return true, err
	}, text+" order by id desc limit ?", append(args, f.Limit)...)
	return found, err
}

func scanMessage(row interface{ Scan(...any) error }, m *store.Message, more ...any) error {
	var received int64
	into := append([]any{&m.ID, &received, &m.Connection, &m.Property, &m.Protocol, &m.Kind, &m.Verdict, &m.Revision, &m.Detail, &m.Source}, more...)
	err := row.Scan(into...)
	m.Received = instant(received)
	return err
}

// Message implements store.Store.
func (s *Store) Message(ctx context.Context, id string) (m store.Message, err error) {
	var at, n sql.NullInt64
	var body []byte
	row := s.read.QueryRowContext(ctx, `select id, received, connection, property, protocol, kind, verdict, revision, detail, source, raw_at, raw_len, body
		from message left join raw on block = raw_block where id = ?`, id)
	if err := scanMessage(row, &m, &at, &n, &body); err != nil {
		return store.Message{}, absent(err)
	}
	if n.Valid && body != nil {
		if m.Raw, err = rawblock.Unpack(body, rawblock.Ref{At: at.Int64, Len: n.Int64}); err != nil {
			return store.Message{}, fmt.Errorf("message %s: %w", id, err)
		}
	}
	return m, nil
}

// absent puts the contract's word for the driver's.
func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

const selectWork = "select list, id, property, connection, at, body from work "

// Rows implements store.Store. Oldest first is by id: ids sort by time.
func (s *Store) Rows(ctx context.Context, list, property, connection, after string, limit int) (found []store.Row, err error) {
	err = each(ctx, s.read, func(rows *sql.Rows) (bool, error) {
		r, err := scanWork(rows)
		found = append(found, r)
		return true, err
	}, selectWork+"where list = ?1 and id > ?2 and (?3 = '' or property = ?3) and (?4 = '' or connection = ?4) order by id limit ?5",
		list, after, property, connection, limit)
	return found, err
}

// Row implements store.Store.
func (s *Store) Row(ctx context.Context, list, id string) (store.Row, error) {
	r, err := scanWork(s.read.QueryRowContext(ctx, selectWork+"where list = ? and id = ?", list, id))
	return r, absent(err)
}

func scanWork(row interface{ Scan(...any) error }) (r store.Row, err error) {
	var at int64
	err = row.Scan(&r.List, &r.ID, &r.Property, &r.Connection, &at, &r.Body)
	r.At = instant(at)
	return r, err
}
