package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"

	sqlite "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/ratewire/ratewire/store"
)

// writer is the one connection that writes. It speaks to the driver itself: database/sql would cost a tenth of a commit in argument
// conversions alone. Not safe for concurrent use.
type writer struct {
	conn  driver.Conn
	stmts map[string]driver.Stmt
	args  []driver.NamedValue // reused
}

// background is for statements in mid-transaction: they are not interrupted, a commit is whole or not at all.
var background = context.Background()

func openWriter(ctx context.Context, path string, o Options) (*writer, error) {
	sync := "synchronous(full)"
	if o.weakSync {
		sync = "synchronous(off)"
	}
	conn, err := (&sqlite.Driver{}).Open(dsn(path, "journal_mode(wal)", sync, fmt.Sprintf("cache_size(-%d)", cacheKiB),
		fmt.Sprintf("wal_autocheckpoint(%d)", walPages), fmt.Sprintf("journal_size_limit(%d)", journalBytesMax), "temp_store(memory)",
		"fullfsync(1)", "checkpoint_fullfsync(1)")) // macOS: a plain sync stops at the drive's cache
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, stmts: map[string]driver.Stmt{}}
	if o.weakSync {
		return w, nil
	}
	if err := w.checkDurable(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// checkDurable reads back what was asked for: a pragma that has no effect says nothing.
func (w *writer) checkDurable(context.Context) error {
	for _, p := range []struct{ name, want string }{{"journal_mode", "wal"}, {"synchronous", "2"}} {
		row, err := w.row("pragma " + p.name)
		if err != nil {
			return err
		}
		if got := fmt.Sprint(row[0]); got != p.want {
			return fmt.Errorf("%w: %s is %s, not %s: a commit would not be durable", store.ErrRefused, p.name, got, p.want)
		}
	}
	return nil
}

func (w *writer) close() error {
	if w.conn == nil {
		return nil
	}
	var errs []error
	for _, st := range w.stmts {
		errs = append(errs, st.Close())
	}
	errs = append(errs, w.conn.Close())
	w.conn, w.stmts = nil, nil
	return errors.Join(errs...)
}

var errClosed = errors.New("sqlite: closed")

// stmt answers the prepared statement for a text; texts are constants of this package, so there are few.
func (w *writer) stmt(text string) (driver.Stmt, error) {
	if st, ok := w.stmts[text]; ok {
		return st, nil
	}
	if w.conn == nil {
		return nil, errClosed
	}
	st, err := w.conn.Prepare(text)
	if err == nil {
		w.stmts[text] = st
	}
	return st, err
}

// exec runs a statement and answers how many rows it changed.
func (w *writer) exec(text string, args ...any) (int64, error) {
	w.args = w.args[:0]
	for _, a := range args {
		w.arg(a)
	}
	return w.run(text)
}

// arg adds an argument for run: nil, int64, string or []byte.
func (w *writer) arg(a any) {
	w.args = append(w.args, driver.NamedValue{Ordinal: len(w.args) + 1, Value: a})
}

func (w *writer) run(text string) (int64, error) {
	st, err := w.stmt(text)
	if err != nil {
		return 0, err
	}
	res, err := st.(driver.StmtExecContext).ExecContext(background, w.args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row answers the one row of a query, nil if there is none.
func (w *writer) row(text string, args ...any) ([]driver.Value, error) {
	w.args = w.args[:0]
	for _, a := range args {
		w.arg(a)
	}
	st, err := w.stmt(text)
	if err != nil {
		return nil, err
	}
	rows, err := st.(driver.StmtQueryContext).QueryContext(background, w.args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	vals := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(vals); err != nil {
		if err == io.EOF {
			return nil, nil
		}
		return nil, err
	}
	return slices.Clone(vals), nil
}

// bulk inserts n rows with as few statements as possible: row i's arguments are added by add.
func (w *writer) bulk(ins *insertion, n int, add func(i int)) error {
	for i := 0; i < n; {
		size := ins.size(n - i)
		w.args = w.args[:0]
		for k := range size {
			add(i + k)
		}
		if _, err := w.run(ins.text(size)); err != nil {
			return err
		}
		i += size
	}
	return nil
}

// tx runs f in a transaction; its error, or that of the commit, comes back sorted by what the caller can do about it.
func (s *Store) tx(ctx context.Context, f func(w *writer) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.fault != nil {
		return s.fault
	}
	if _, err := s.w.exec("begin immediate"); err != nil {
		return sorted("begin", err)
	}
	if err := f(s.w); err != nil {
		_, undo := s.w.exec("rollback")
		if undo != nil && code(undo) != lib.SQLITE_ERROR { // SQLite may have rolled back by itself
			err = errors.Join(err, undo)
		}
		return sorted("write", err)
	}
	_, err := s.w.exec("commit")
	if err == nil {
		return nil
	}
	return s.commitFailed(err)
}

// commitFailed sorts the failure of a commit. After a failed sync nobody knows what is on the disk, and the next sync may succeed without
// having written it (the kernel drops the mark): this handle must not acknowledge anything any more.
func (s *Store) commitFailed(err error) error {
	_, _ = s.w.exec("rollback") // there may be nothing left to undo; the first error is the news
	if full(err) {
		return fmt.Errorf("%w: commit: %w", store.ErrFull, err)
	}
	if primary(err) == lib.SQLITE_IOERR {
		s.fault = fmt.Errorf("sqlite: a write or sync failed, the file must be opened again: %w", err)
		return fmt.Errorf("%w: commit: %w", store.ErrUnknown, err)
	}
	return fmt.Errorf("commit: %w", err)
}

// sorted wraps the failure of a statement before the commit: nothing was written.
func sorted(step string, err error) error {
	switch {
	case full(err):
		return fmt.Errorf("%w: %s: %w", store.ErrFull, step, err)
	case primary(err) == lib.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %s: %w", store.ErrInvalid, step, err)
	}
	return err
}

func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func primary(err error) int { return code(err) & 0xff }

func full(err error) bool { return primary(err) == lib.SQLITE_FULL }
