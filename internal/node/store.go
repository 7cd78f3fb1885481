// Package node puts one Ratewire node together: store, hub, HTTP and telemetry, started in order and stopped without losing anything. It
// decides nothing itself.
package node

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ratewire/ratewire/internal/buildinfo"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/postgres"
	"github.com/ratewire/ratewire/store/sqlite"
)

// DefaultStore is the file that commands use when none is named.
const DefaultStore = "ratewire.db"

// ErrPlace refuses the name of a store.
var ErrPlace = errors.New("no such kind of store: want the path of a file, or a URL of postgres")

// engine answers which engine a store's name is for, and the name as the engine takes it.
func engine(where string) (kind, name string, err error) {
	scheme, rest, ok := strings.Cut(where, ":")
	switch {
	case ok && scheme == "sqlite":
		return "sqlite", strings.TrimPrefix(rest, "//"), nil
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return "postgres", where, nil
	case where == "" || ok && strings.HasPrefix(rest, "//"):
		return "", "", fmt.Errorf("%q: %w", Redact(where), ErrPlace)
	}
	return "sqlite", where, nil
}

// OpenStore opens the database that a text names: the path of a SQLite file (made if it is not there), or a PostgreSQL URL.
func OpenStore(ctx context.Context, where string) (store.Store, error) {
	kind, name, err := engine(where)
	if err != nil {
		return nil, err
	}
	var s store.Store
	if kind == "postgres" {
		s, err = postgres.Open(ctx, name, postgres.Options{WrittenBy: writtenBy()})
	} else {
		s, err = sqlite.Open(ctx, name, sqlite.Options{WrittenBy: writtenBy()})
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return s, nil
}

// Restore makes the store that where names, which must be new (a SQLite file) or empty (a PostgreSQL schema), from a backup of the same engine, in a new
// epoch, and answers the epoch.
func Restore(ctx context.Context, backup, where string) (epoch uint64, err error) {
	kind, name, err := engine(where)
	if err != nil {
		return 0, err
	}
	if kind == "postgres" {
		return postgres.Restore(ctx, backup, name, postgres.Options{WrittenBy: writtenBy()})
	}
	return sqlite.Restore(ctx, backup, name, sqlite.Options{WrittenBy: writtenBy()})
}

func writtenBy() string { return "ratewire " + buildinfo.Version() }

// Redact answers a store's name without its password, for people and logs.
func Redact(where string) string {
	u, err := url.Parse(where)
	if err != nil {
		if i := strings.LastIndex(where, "@"); i >= 0 {
			return "..." + where[i:]
		}
		return where
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// File answers the path of the file that a store's name is for, and whether it is for one.
func File(where string) (path string, ok bool) {
	kind, name, err := engine(where)
	return name, err == nil && kind == "sqlite"
}
