package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ratewire/ratewire/store"
)

// table is one table in a backup. Columns are named, so that a backup of an older schema loads into a newer one.
type table struct {
	Name    string `json:"name"`
	Columns string `json:"columns"`
}

// tables are all that a backup holds, in the order they are copied.
var tables = func() []table {
	ts := []table{
		{"head", "id, epoch, seq, term, first_seq"},
		{"entry", "seq, property, revision, at, message_id, stamp_only, body"},
		{"pruned", "property, revision"},
		{"dedupe_day", "day"},
		{"object", "property, kind, code, revision, body"},
		{"message", "id, received, connection, property, protocol, kind, verdict, revision, detail, source, raw_block, raw_at, raw_len"},
		{"raw", "block, newest, body"},
		{"work", "list, id, property, connection, at, body"},
		{"page", "property, scope, month, revision, body"},
		{"checkpoint", "property, revision, seq"},
		{"lease", "name, node, address, expires, term"},
		{"meta", "name, value"},
	}
	for i := range slots {
		ts = append(ts, table{fmt.Sprintf("dedupe_%02d", i), "day, hash, content, property, revision, outcome"})
	}
	return ts
}()

// manifest is the first record of a backup.
type manifest struct {
	Schema       int       `json:"schema"`
	OldestReader int       `json:"oldest_reader"`
	Server       string    `json:"server"`
	At           time.Time `json:"at"`
	Epoch        uint64    `json:"epoch"`
	Seq          int64     `json:"seq"`
	Tables       []table   `json:"tables"`
}

// Backup implements store.Store: one snapshot of all tables, copied beside the commits into one file (dump.go has its format), synced before
// the call returns.
func (s *Store) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	err = s.view(ctx, func(tx pgx.Tx) error { return dump(ctx, tx, f) })
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("backup to %s: %w", path, err), os.Remove(path))
	}
	return nil
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func dump(ctx context.Context, tx pgx.Tx, f *os.File) error {
	m := manifest{Tables: tables, At: time.Now().UTC(), Server: tx.Conn().PgConn().ParameterStatus("server_version")}
	if err := tx.QueryRow(ctx, "select version, oldest_reader from schema_mark").Scan(&m.Schema, &m.OldestReader); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, "select epoch, seq from head where id = 1").Scan(&m.Epoch, &m.Seq); err != nil {
		return err
	}
	first, err := json.Marshal(m)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	w, err := newDumpWriter(buffered)
	if err != nil {
		return err
	}
	if err := w.record(recordManifest, first); err != nil {
		return err
	}
	for _, t := range tables {
		if err := w.record(recordTable, []byte(t.Name)); err != nil {
			return err
		}
		text := fmt.Sprintf("copy (select %s from %s) to stdout with (format binary)", t.Columns, t.Name)
		if _, err := tx.Conn().PgConn().CopyTo(ctx, w, text); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	if err := w.end(); err != nil {
		return err
	}
	return buffered.Flush()
}

// Restore loads a backup into the database at url, which must hold no data of Ratewire's yet, in a new epoch and with no lease held, and
// answers the epoch. It is one transaction: a backup that is damaged or of something else (store.ErrRefused) leaves nothing behind.
func Restore(ctx context.Context, backup, url string, o Options) (epoch uint64, err error) {
	f, err := os.Open(backup)
	if err != nil {
		return 0, fmt.Errorf("restore: %w", err)
	}
	defer f.Close()
	r, err := newDumpReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return 0, fmt.Errorf("restore from %s: %w", backup, err)
	}
	defer r.close()
	m, err := r.manifest()
	if err != nil {
		return 0, fmt.Errorf("restore from %s: %w", backup, err)
	}
	s, err := Open(ctx, url, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return load(ctx, conn, r, m) }); err != nil {
		return 0, fmt.Errorf("restore from %s: %w", backup, err)
	}
	return s.RenewEpoch(ctx)
}

// load fills the empty tables in the transaction that conn is in.
func load(ctx context.Context, conn *pgxpool.Conn, r *dumpReader, m manifest) error {
	if err := empty(ctx, conn); err != nil {
		return err
	}
	known := map[string]string{}
	for _, t := range m.Tables {
		known[t.Name] = t.Columns
	}
	for {
		name, ok, err := r.table()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		columns := known[name]
		if columns == "" {
			return damaged("table %q is not in its manifest", name)
		}
		text := fmt.Sprintf("copy %s (%s) from stdin with (format binary)", pgx.Identifier{name}.Sanitize(), columns)
		if _, err := conn.Conn().PgConn().CopyFrom(ctx, r, text); err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
	}
	_, err := conn.Exec(ctx, "update lease set node = '', address = ''")
	if err == nil {
		_, err = conn.Exec(ctx, "select setval(pg_get_serial_sequence('raw', 'block'), greatest(1, (select max(block) from raw)))")
	}
	return err
}

// empty checks that the database holds nothing, and drops the rows that every database has.
func empty(ctx context.Context, conn *pgxpool.Conn) error {
	var used bool
	err := conn.QueryRow(ctx, `select exists (select from entry) or exists (select from message) or exists (select from object) or exists (select from meta)
		or exists (select from page) or (select seq from head) > 0`).Scan(&used)
	if err != nil {
		return err
	}
	if used {
		return fmt.Errorf("%w: the target holds data: restore into an empty database or schema", store.ErrRefused)
	}
	_, err = conn.Exec(ctx, "delete from head")
	if err == nil {
		_, err = conn.Exec(ctx, "delete from lease")
	}
	return err
}
