package postgres_test

import (
	"testing"

	"github.com/ratewire/ratewire/internal/pgtest"
	"github.com/ratewire/ratewire/store/postgres"
	"github.com/ratewire/ratewire/store/storetest"
)

func BenchmarkCommit(b *testing.B) {
	storetest.BenchmarkCommit(b, open(b, pgtest.Start(b).URL(b), postgres.Options{}), nil)
}
