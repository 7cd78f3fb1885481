package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ratewire/ratewire/store"
)

// Backup implements store.Store: VACUUM INTO, from one consistent state, beside the writer. The file is a SQLite database by itself, synced
// before the call returns.
func (s *Store) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := vacuumInto(ctx, s.path, path); err != nil {
		return errors.Join(fmt.Errorf("backup to %s: %w", path, err), remove(path))
	}
	if err := errors.Join(syncFile(path), syncFile(filepath.Dir(path))); err != nil {
		return errors.Join(fmt.Errorf("backup to %s: %w", path, err), remove(path))
	}
	return nil
}

// vacuumInto copies into an empty file, from a connection of its own: the readers' may not write, not even into another file.
func vacuumInto(ctx context.Context, from, to string) error {
	db, err := sql.Open("sqlite", dsn(from))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "vacuum into ?", to)
	return errors.Join(err, db.Close())
}

// Restore makes a new file at path from a backup, in a new epoch and with no lease held, and answers the epoch. The backup is checked
// first (SQLite's integrity check); an existing path is an error, and so is a backup of something else (store.ErrRefused).
func Restore(ctx context.Context, backup, path string, o Options) (epoch uint64, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return 0, orElse(err, fmt.Errorf("restore: %s exists", path))
	}
	if err := checkPlace(filepath.Dir(path)); err != nil {
		return 0, err
	}
	if err := verify(ctx, backup); err != nil {
		return 0, fmt.Errorf("restore from %s: %w", backup, err)
	}
	part := path + ".part" // so that a half-copied file is never opened
	if err := copyFile(part, backup); err != nil {
		return 0, errors.Join(fmt.Errorf("restore from %s: %w", backup, err), remove(part))
	}
	if epoch, err = begin(ctx, part, o); err != nil {
		return 0, errors.Join(fmt.Errorf("restore from %s: %w", backup, err), remove(part), remove(part+"-wal"), remove(part+"-shm"))
	}
	if err := os.Rename(part, path); err != nil {
		return 0, err
	}
	return epoch, syncFile(filepath.Dir(path))
}

// begin opens a restored file, starts its epoch and frees its leases. On return all is in the file itself: it has no log beside it.
func begin(ctx context.Context, path string, o Options) (epoch uint64, err error) {
	s, err := Open(ctx, path, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if epoch, err = s.RenewEpoch(ctx); err != nil {
		return 0, err
	}
	return epoch, s.tx(ctx, func(w *writer) error {
		_, err := w.exec("update lease set node = '', address = ''")
		return err
	})
}

func verify(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return err
	}
	defer db.Close()
	version, err := schemaOf(ctx, db)
	if err != nil {
		return err
	}
	if version == 0 {
		return fmt.Errorf("%w: not a backup of Ratewire", store.ErrRefused)
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "pragma integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: the backup is damaged: %s", store.ErrRefused, verdict)
	}
	return nil
}

// copyFile copies a file to a new one and syncs it.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Syncs implements store.Store: syncs of the file and its log that the system has acknowledged to this process.
func (s *Store) Syncs(context.Context) (int64, bool) { return syncsOf(s.path).Load(), true }
