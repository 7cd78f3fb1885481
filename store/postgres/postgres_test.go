package postgres_test

import (
	"context"
	"testing"

	"github.com/ratewire/ratewire/internal/pgtest"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/postgres"
	"github.com/ratewire/ratewire/store/storetest"
)

func TestContract(t *testing.T) {
	pgtest.Shared(t)
	storetest.Run(t, func(t *testing.T) storetest.Database {
		url := pgtest.URL(t)
		return storetest.Database{
			Open: func(t *testing.T) store.Store { return open(t, url, postgres.Options{}) },
			Restore: func(t *testing.T, backup string) (store.Store, error) {
				to := pgtest.URL(t)
				if _, err := postgres.Restore(t.Context(), backup, to, postgres.Options{}); err != nil {
					return nil, err
				}
				return open(t, to, postgres.Options{}), nil
			},
		}
	})
}

func open(t testing.TB, url string, o postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, o)
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

// A server of its own: nobody else commits meanwhile.
func TestEveryCommitIsSyncedBeforeItIsAcknowledged(t *testing.T) {
	s := open(t, pgtest.Start(t).URL(t), postgres.Options{})
	if err := storetest.CheckSyncs(t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestTheProofOfSyncsFailsWithSyncsOff(t *testing.T) {
	s := open(t, pgtest.Start(t).URL(t), postgres.Weak())
	err := storetest.CheckSyncs(t.Context(), s)
	if err == nil {
		t.Error("syncs are off and the proof did not notice")
	}
	t.Log(err)
}
