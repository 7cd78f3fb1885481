// Package sqlite keeps Ratewire's truth in one SQLite file: the embedded default, for one machine. It writes ahead (WAL) and syncs at
// every commit (synchronous=FULL): what Commit acknowledged survives a power cut on a disk that keeps its word. One connection writes, a
// few read beside it. A file on a network share is refused (S35): SQLite's locks and shared memory do not hold there.
//
// The driver is modernc.org/sqlite: pure Go, so that Ratewire stays one static binary.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/ratewire/ratewire/store"
)

const (
	// pageBytes is the page size of new files. A commit writes each page it touched whole, and dedupe keys touch pages at random; smaller
	// pages would cost more of them for the entries.
	pageBytes = 4096
	// busyMillis is how long to wait for another process (a command line beside a hub) to end its transaction.
	busyMillis = 10_000
	// cacheKiB is the writer's page cache: the upper levels and today's leaves of the key tree of a few million keys.
	cacheKiB = 128 << 10
	// walPages is the length of the write-ahead log at which it is copied back into the file (16 MiB).
	walPages = 4096
	// journalBytesMax is what the log is cut back to after a burst.
	journalBytesMax = 64 << 20
)

// Options are for opening a file. The zero value is good.
type Options struct {
	// WrittenBy is recorded as who wrote the schema: name and version of the program. Default "ratewire".
	WrittenBy string

	mergeAt  int  // keys gathered before a merge; 0: mergeKeys; set by export_test.go only
	weakSync bool // syncs off: for the proof that the proof of syncs fails then; set by export_test.go only
}

// Store is one open file.
type Store struct {
	path  string
	read  *sql.DB
	fault error // not nil: a sync failed, and what the system's cache holds since is anyone's guess

	mu sync.Mutex // guards w and fault; taken before keys.mu, if both are
	w  *writer

	keys keyLog
}

// Open opens the file at path, makes it if it is not there, and brings its schema up to date.
//
// Errors: store.ErrRefused, if the place or the settings cannot keep the promises, or the schema is newer than this program reads.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := checkPlace(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	if err := prepare(ctx, path, o); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{path: path}
	if s.w, err = openWriter(ctx, path, o); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if s.read, err = openReaders(path); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.w.close())
	}
	var waiting int
	if err := s.read.QueryRowContext(ctx, "select coalesce(sum(keys), 0) from dedupe_block").Scan(&waiting); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.read.Close(), s.w.close())
	}
	s.keys.start(s, o.mergeAt)
	s.keys.added(waiting)
	return s, nil
}

// create makes an empty file that only its owner may read, if there is none: it will hold credentials' hashes and messages. SQLite gives the
// log beside it the same rights.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn names a file with pragmas that hold for each connection.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{fmt.Sprintf("busy_timeout(%d)", busyMillis)}, pragmas...)}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String() + "&vfs=" + countingVFS()
}

func openReaders(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-16384)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	db.SetMaxIdleConns(max(4, runtime.GOMAXPROCS(0)))
	return db, nil
}

// Describe answers engine, version and place.
func (s *Store) Describe() string {
	var version string
	if err := s.read.QueryRow("select sqlite_version()").Scan(&version); err != nil {
		version = "?"
	}
	return fmt.Sprintf("SQLite %s, %s", version, s.path)
}

// Close ends all connections. It may be called twice.
func (s *Store) Close() error {
	s.keys.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.read.Close(), s.w.close())
}

var _ store.Store = (*Store)(nil)

// checkPlace refuses a directory on a network share.
func checkPlace(dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	share, err := networkShare(dir)
	if err != nil {
		return fmt.Errorf("look at the file system of %s: %w", dir, err)
	}
	if share != "" {
		return fmt.Errorf("%w: %s is on a network share or unknown file system (%s), where SQLite's locks do not hold: use a local disk, or PostgreSQL",
			store.ErrRefused, dir, share)
	}
	return nil
}
