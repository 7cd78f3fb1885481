package sqlite

import (
	"sync/atomic"
	"syscall"

	lib "modernc.org/sqlite/lib"
)

// Weak answers options that switch syncs off. Tests only: it shows that the proof of syncs fails then.
func Weak() Options { return Options{weakSync: true} }

// MergeAt answers options with which dedupe keys are merged when n are gathered.
func MergeAt(n int) Options { return Options{mergeAt: n} }

// Merge merges dedupe keys now.
func (s *Store) Merge() { s.merge() }

// KeyBlocks answers how many blocks of keys wait to be merged.
func (s *Store) KeyBlocks() (n int, err error) {
	err = s.read.QueryRow("select count(*) from dedupe_block").Scan(&n)
	return n, err
}

// PackKeys and UnpackKeys are the block format.
var (
	PackKeys   = packKeys
	UnpackKeys = unpackKeys
)

// NoStatfs puts a file system type in the place of the real one, and answers how to undo it.
func NoStatfs(kind int64) (undo func()) {
	was := statfs
	statfs = func(path string, st *syscall.Statfs_t) error {
		st.Type = kind
		return nil
	}
	return func() { statfs = was }
}

// Limit keeps the file from growing, as a full disk would, and answers how to undo it.
func (s *Store) Limit(t interface{ Fatal(...any) }) (undo func()) {
	set := func(text string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, err := s.w.row(text); err != nil {
			t.Fatal(err)
		}
	}
	set("pragma max_page_count = 1") // SQLite makes it the present size
	return func() { set("pragma max_page_count = 1073741823") }
}

// FailSyncs makes every sync of this store's file and log fail, as a dying disk would, and answers how to undo it.
func (s *Store) FailSyncs() (undo func()) {
	own := syncsOf(s.path)
	fault := func(n *atomic.Int64) int32 {
		if n == own {
			return lib.SQLITE_IOERR_FSYNC
		}
		return lib.SQLITE_OK
	}
	syncFault.Store(&fault)
	return func() { syncFault.Store(nil) }
}
