package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/sqlite"
	"github.com/ratewire/ratewire/store/storetest"
)

func TestContract(t *testing.T) { storetest.Run(t, fresh(sqlite.Options{})) }

// The same again while dedupe keys are merged after every commit, which otherwise takes many.
func TestContractWhileKeysAreMerged(t *testing.T) { storetest.Run(t, fresh(sqlite.MergeAt(1))) }

func fresh(o sqlite.Options) func(*testing.T) storetest.Database {
	return func(t *testing.T) storetest.Database {
		path := filepath.Join(t.TempDir(), "hub.db")
		return storetest.Database{
			Open: func(t *testing.T) store.Store { return open(t, path, o) },
			Restore: func(t *testing.T, backup string) (store.Store, error) {
				to := filepath.Join(t.TempDir(), "restored.db")
				if _, err := sqlite.Restore(t.Context(), backup, to, o); err != nil {
					return nil, err
				}
				return open(t, to, o), nil
			},
		}
	}
}

func open(t testing.TB, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestEveryCommitIsSyncedBeforeItIsAcknowledged(t *testing.T) {
	if err := storetest.CheckSyncs(t.Context(), open(t, filepath.Join(t.TempDir(), "hub.db"), sqlite.Options{})); err != nil {
		t.Error(err)
	}
}

func TestTheProofOfSyncsFailsWithSyncsOff(t *testing.T) {
	err := storetest.CheckSyncs(t.Context(), open(t, filepath.Join(t.TempDir(), "hub.db"), sqlite.Weak()))
	if err == nil {
		t.Error("syncs are off and the proof did not notice")
	}
}
