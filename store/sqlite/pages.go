package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/ratewire/ratewire/store"
)

// Objects implements store.Store.
func (s *Store) Objects(ctx context.Context, property string, f func(*store.Object) error) error {
	var o store.Object
	var body sql.RawBytes
	return each(ctx, s.read, func(rows *sql.Rows) (bool, error) {
		if err := rows.Scan(&o.Property, &o.Kind, &o.Code, &o.Revision, &body); err != nil {
			return false, err
		}
		o.Body = body
		return true, f(&o)
	}, "select property, kind, code, revision, body from object where (?1 = '' or property = ?1) order by property, kind, code", property)
}

// Checkpoints implements store.Store.
func (s *Store) Checkpoints(ctx context.Context) (cps []store.Checkpoint, err error) {
	err = each(ctx, s.read, func(rows *sql.Rows) (bool, error) {
		var c store.Checkpoint
		err := rows.Scan(&c.Property, &c.Revision, &c.Seq)
		cps = append(cps, c)
		return true, err
	}, "select property, revision, seq from checkpoint order by property")
	return cps, err
}

// Pages implements store.Store.
func (s *Store) Pages(ctx context.Context, lo, hi string, f func(*store.Page) error) error {
	text, args := "select property, scope, month, revision, body from page where property >= ?", []driver.Value{lo}
	if hi != "" {
		text, args = text+" and property < ?", append(args, hi)
	}
	var p store.Page
	return s.stream(ctx, func(row []driver.Value) error {
		p.Property, p.Scope = row[0].(string), row[1].(string)
		p.Month, p.Revision, p.Body = int32(row[2].(int64)), row[3].(int64), row[4].([]byte)
		return f(&p)
	}, text+" order by property, scope, month", bound(args...)...)
}

const putPage = `insert into page (property, scope, month, revision, body) values (?, ?, ?, ?, ?)
	on conflict (property, scope, month) do update set revision = excluded.revision, body = excluded.body where page.revision < excluded.revision`

const putCheckpoint = `insert into checkpoint (property, revision, seq) values (?, ?, ?)
	on conflict (property) do update set revision = excluded.revision, seq = excluded.seq where (checkpoint.revision, checkpoint.seq) < (excluded.revision, excluded.seq)`

// PutPages implements store.Store.
func (s *Store) PutPages(ctx context.Context, term int64, pages []store.Page, cps []store.Checkpoint) error {
	return s.tx(ctx, func(w *writer) error {
		if row, err := w.row("select term from head where id = 1"); err != nil || row[0].(int64) != term {
			return orElse(err, store.ErrFenced)
		}
		for i := range pages {
			if err := w.page(&pages[i]); err != nil {
				return fmt.Errorf("page %s/%s/%d: %w", pages[i].Property, pages[i].Scope, pages[i].Month, err)
			}
		}
		for _, c := range cps {
			if _, err := w.exec(putCheckpoint, c.Property, c.Revision, c.Seq); err != nil {
				return fmt.Errorf("checkpoint of %s: %w", c.Property, err)
			}
		}
		return nil
	})
}

func (w *writer) page(p *store.Page) error {
	if len(p.Body) == 0 {
		_, err := w.exec("delete from page where property = ? and scope = ? and month = ? and revision < ?",
			p.Property, p.Scope, int64(p.Month), p.Revision)
		return err
	}
	_, err := w.exec(putPage, p.Property, p.Scope, int64(p.Month), p.Revision, p.Body)
	return err
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
