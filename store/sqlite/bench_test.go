package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/ratewire/ratewire/store/sqlite"
	"github.com/ratewire/ratewire/store/storetest"
)

func BenchmarkCommit(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "hub.db"), sqlite.Options{})
	storetest.BenchmarkCommit(b, s, s.Merge)
}
