package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/internal/rawblock"
)

// insert ends the whole transaction when a constraint fails. SQLite's default undoes one statement only, for which it keeps a copy of
// every page that a statement of several rows touches.
const insert = "insert or rollback"

var (
	insertEntry   = newInsertion(insert, "entry", "seq, property, revision, at, message_id, stamp_only, body", "")
	insertMessage = newInsertion(insert, "message", "id, received, connection, property, protocol, kind, verdict, revision, detail, source, raw_block, raw_at, raw_len",
		`on conflict (id) do update set received = excluded.received, connection = excluded.connection, property = excluded.property,
		protocol = excluded.protocol, kind = excluded.kind, verdict = excluded.verdict, revision = excluded.revision, detail = excluded.detail,
		source = excluded.source, raw_block = coalesce(excluded.raw_block, raw_block), raw_at = coalesce(excluded.raw_at, raw_at),
		raw_len = coalesce(excluded.raw_len, raw_len)`)
	insertObject = newInsertion(insert, "object", "property, kind, code, revision, body",
		"on conflict (property, kind, code) do update set revision = excluded.revision, body = excluded.body")
	insertWork = newInsertion(insert, "work", "list, id, property, connection, at, body",
		"on conflict (list, id) do update set property = excluded.property, connection = excluded.connection, at = excluded.at, body = excluded.body")
)

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, b *store.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	packed := make(chan rawblock.Block, 1)
	go func() { packed <- rawblock.Pack(b.Messages) }() // beside the inserts: the second core is free
	err := s.tx(ctx, func(w *writer) error { return w.commit(b, packed) })
	if err != nil {
		return err
	}
	s.keys.added(len(b.Keys))
	s.keys.waitForRoom()
	for i := range b.Entries {
		b.Entries[i].Seq = b.Base.Seq + int64(i) + 1
	}
	return nil
}

func (w *writer) commit(b *store.Batch, packed <-chan rawblock.Block) error {
	if err := w.advance(b); err != nil {
		return err
	}
	for _, step := range []func(*store.Batch) error{w.entries, w.keys, w.objects, w.works} {
		if err := step(b); err != nil {
			return err
		}
	}
	return w.messages(b, <-packed)
}

// advance moves the head, if it still is where the batch started from.
func (w *writer) advance(b *store.Batch) error {
	n := int64(len(b.Entries))
	moved, err := w.exec("update head set seq = seq + ?1 where id = 1 and epoch = ?2 and term = ?3 and (seq = ?4 or ?1 = 0)",
		n, int64(b.Base.Epoch), b.Term, b.Base.Seq)
	if err == nil && moved != 1 {
		err = store.ErrFenced
	}
	return err
}

func (w *writer) entries(b *store.Batch) error {
	return w.bulk(insertEntry, len(b.Entries), func(i int) {
		e := &b.Entries[i]
		w.arg(b.Base.Seq + int64(i) + 1)
		w.arg(e.Property)
		w.arg(e.Revision)
		w.arg(e.At.UnixMicro())
		w.arg(e.MessageID)
		w.arg(bit(e.StampOnly))
		w.arg(blob(e.Body))
	})
}

func (w *writer) objects(b *store.Batch) error {
	for i := range b.Objects {
		o := &b.Objects[i]
		var err error
		if o.Body == nil {
			_, err = w.exec("delete from object where property = ? and kind = ? and code = ?", o.Property, o.Kind, o.Code)
		} else {
			_, err = w.exec(insertObject.text(1), o.Property, o.Kind, o.Code, o.Revision, o.Body)
		}
		if err != nil {
			return fmt.Errorf("object %s/%s of %s: %w", o.Kind, o.Code, o.Property, err)
		}
	}
	return nil
}

func (w *writer) works(b *store.Batch) error {
	for i := range b.Rows {
		r := &b.Rows[i]
		var err error
		if r.Body == nil {
			_, err = w.exec("delete from work where list = ? and id = ?", r.List, r.ID)
		} else {
			_, err = w.exec(insertWork.text(1), r.List, r.ID, r.Property, r.Connection, r.At.UnixMicro(), r.Body)
		}
		if err != nil {
			return fmt.Errorf("row %s of list %s: %w", r.ID, r.List, err)
		}
	}
	return nil
}

func (w *writer) messages(b *store.Batch, packed rawblock.Block) error {
	block, err := w.raws(b, packed)
	if err != nil {
		return err
	}
	return w.bulk(insertMessage, len(b.Messages), func(i int) {
		m, ref := &b.Messages[i], packed.Refs[i]
		w.arg(m.ID)
		w.arg(m.Received.UnixMicro())
		w.arg(m.Connection)
		w.arg(m.Property)
		w.arg(m.Protocol)
		w.arg(m.Kind)
		w.arg(m.Verdict)
		w.arg(m.Revision)
		w.arg(m.Detail)
		w.arg(m.Source)
		if ref.Len < 0 {
			w.arg(nil)
			w.arg(nil)
			w.arg(nil)
			return
		}
		w.arg(block)
		w.arg(ref.At)
		w.arg(ref.Len)
	})
}

// raws writes the batch's raw copies as one block and answers its number.
func (w *writer) raws(b *store.Batch, packed rawblock.Block) (int64, error) {
	if packed.Body == nil {
		return 0, nil
	}
	newest := b.Messages[0].Received
	for i := range b.Messages {
		if b.Messages[i].Received.After(newest) {
			newest = b.Messages[i].Received
		}
	}
	if _, err := w.exec("insert into raw (newest, body) values (?, ?)", newest.UnixMicro(), packed.Body); err != nil {
		return 0, fmt.Errorf("raw copies: %w", err)
	}
	row, err := w.row("select last_insert_rowid()")
	if err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// blob answers b for a column that is not null: an empty body is not a nil one, and a nil one is kept as empty.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
