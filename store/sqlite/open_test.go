package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/sqlite"
)

func refused(t *testing.T, path string, reason string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		t.Fatal(errors.Join(errors.New("it was opened"), s.Close()))
	}
	if !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %v, want a refusal that says %q", err, reason)
	}
}

// change runs SQL on a file behind the store's back.
func change(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// Not parallel with others: it changes what every Open sees.
func TestANetworkShareIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	for kind, name := range map[int64]string{0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x65735546: "FUSE", 0x01021997: "9P"} {
		undo := sqlite.NoStatfs(kind)
		refused(t, path, name)
		_, err := sqlite.Restore(t.Context(), path, filepath.Join(t.TempDir(), "to.db"), sqlite.Options{})
		undo()
		if !errors.Is(err, store.ErrRefused) {
			t.Errorf("%s: restored there: %v", name, err)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a refused file was made: %v", err)
	}
}

func TestASchemaThatIsTooNewIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	if err := open(t, path, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	change(t, path, "update schema_mark set version = 9, oldest_reader = 8, written_by = 'ratewire 7.0'")
	refused(t, path, "ratewire 7.0 wrote schema 9")
}

func TestANewerSchemaThatAllowsThisReaderIsOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	if err := open(t, path, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	change(t, path, "update schema_mark set version = 9; alter table entry add column later text; create table later (a)")
	s := open(t, path, sqlite.Options{})
	commitKeys(t, s, 0, 10)
	wantKeys(t, s, 10)
}

func TestAStrangersFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	change(t, path, "pragma application_id = 1234; create table letters (a)")
	refused(t, path, "not a Ratewire database")
}

func TestWhoWroteTheSchemaIsRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	open(t, path, sqlite.Options{WrittenBy: "ratewire 0.1.0"})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var by string
	var version, oldest int
	if err := db.QueryRow("select written_by, version, oldest_reader from schema_mark").Scan(&by, &version, &oldest); err != nil {
		t.Fatal(err)
	}
	if by != "ratewire 0.1.0" || version < 1 || oldest < 1 {
		t.Errorf("got %q, version %d, oldest reader %d", by, version, oldest)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if _, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "no", "hub.db"), sqlite.Options{}); err == nil {
		t.Error("opened")
	}
}

func TestDescribeNamesEngineAndPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	if got := open(t, path, sqlite.Options{}).Describe(); !strings.HasPrefix(got, "SQLite 3") || !strings.HasSuffix(got, path) {
		t.Errorf("got %q", got)
	}
}

// A disk that runs full in the middle of a batch: nothing of it is written, and the store works on once there is space.
func TestAFullDiskWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	s := open(t, path, sqlite.Options{})
	commitKeys(t, s, 0, 10)
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	undo := s.Limit(t)
	b := &store.Batch{Base: h.Position, Term: h.Term, Entries: []store.Entry{{Property: "ams", Revision: 1, Body: make([]byte, 4<<20)}}}
	if err := s.Commit(t.Context(), b); !errors.Is(err, store.ErrFull) {
		t.Errorf("got %v, want %v", err, store.ErrFull)
	}
	undo()
	if after, err := s.Head(t.Context()); err != nil || after != h {
		t.Errorf("head %+v, %v; before %+v", after, err, h)
	}
	if err := s.Commit(t.Context(), b); err != nil {
		t.Errorf("with space again: %v", err)
	}
	wantKeys(t, s, 10)
}

// After a failed sync the kernel may have dropped what it could not write, and the next sync may succeed without it. So the handle is done;
// the outcome of the commit is unknown until the file is opened and read again.
func TestAfterAFailedSyncNothingIsAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	s := open(t, path, sqlite.Options{})
	commitKeys(t, s, 0, 10)
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := &store.Batch{Base: h.Position, Term: h.Term, Entries: []store.Entry{{Property: "ams", Revision: 1, Body: []byte("body")}}}
	undo := s.FailSyncs()
	err = s.Commit(t.Context(), b)
	undo()
	if !errors.Is(err, store.ErrUnknown) {
		t.Errorf("got %v, want %v", err, store.ErrUnknown)
	}
	if err := s.Commit(t.Context(), b); err == nil {
		t.Error("the next commit was acknowledged")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again := open(t, path, sqlite.Options{})
	if h, err = again.Head(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.Base = h.Position; h.Seq == 0 { // it did not happen: send it again
		if err := again.Commit(t.Context(), b); err != nil {
			t.Error(err)
		}
	}
	if h, err := again.Head(t.Context()); err != nil || h.Seq != 1 {
		t.Errorf("head %+v, %v", h, err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "hub.db"), sqlite.Options{})
	commitKeys(t, s, 0, 10)
	if err := s.Backup(t.Context(), filepath.Join(dir, "backup")); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Restore(t.Context(), filepath.Join(dir, "backup"), filepath.Join(dir, "restored.db"), sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 4 { // with the log and its index
		t.Fatal(files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
}
