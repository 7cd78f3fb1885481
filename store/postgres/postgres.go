// Package postgres keeps Ratewire's truth in PostgreSQL (14 or later): for several nodes, or where a database is run by people whose
// work that is. A commit is one pipelined round trip. Everything lives in the schema that the connection's search_path names first.
//
// A server or session that would acknowledge a commit before it is safe is refused (S35): fsync and full_page_writes must be on, and
// synchronous_commit on or remote_apply. The weaker values that still flush locally (local, remote_write) are refused too: with a
// synchronous standby they acknowledge what a failover would lose, and without one they gain nothing over on.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ratewire/ratewire/store"
)

// Options are for opening a database. The zero value is good.
type Options struct {
	// WrittenBy is recorded as who wrote the schema: name and version of the program. Default "ratewire".
	WrittenBy string

	weakSync bool // for the proof that the proof of syncs fails then; set by export_test.go only
}

// Store is one open database.
type Store struct {
	commits *pgxpool.Pool // one connection: commits are one after the other anyway, and its statistics are ours
	pool    *pgxpool.Pool // for everything else
	place   string
}

var _ store.Store = (*Store)(nil)

// Open connects to the database at url ("postgres://..." or key=value) and brings its schema up to date.
//
// Errors: store.ErrRefused, if the settings cannot keep the promises, or the schema is newer than this program reads.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", hideSecrets(err))
	}
	o.apply(config)
	if err := prepare(ctx, config.ConnConfig, o); err != nil {
		return nil, fmt.Errorf("open %s: %w", describe(config), err)
	}
	s := &Store{place: describe(config)}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	single := config.Copy()
	single.MaxConns, single.MinConns = 1, 1
	if s.commits, err = pgxpool.NewWithConfig(ctx, single); err != nil {
		s.pool.Close()
		return nil, err
	}
	if err := s.commits.Ping(ctx); err != nil { // settings are checked by connecting
		return nil, errors.Join(fmt.Errorf("open %s: %w", s.place, err), s.Close())
	}
	return s, nil
}

// hideSecrets answers that an address cannot be read without repeating it: it may hold a password.
func hideSecrets(err error) error {
	var bad *pgconn.ParseConfigError
	if errors.As(err, &bad) {
		return errors.New("it is neither a URL nor key=value pairs that PostgreSQL knows")
	}
	return err
}

func (o Options) apply(config *pgxpool.Config) {
	config.ConnConfig.RuntimeParams["application_name"] = "ratewire"
	if o.weakSync {
		config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
		return
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return checkDurable(ctx, conn) }
}

// durable is what each setting may be.
var durable = []struct {
	name string
	may  []string
}{
	{"fsync", []string{"on"}},
	{"full_page_writes", []string{"on"}},
	{"synchronous_commit", []string{"on", "remote_apply"}},
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// checkDurable refuses a session whose commits would not be durable.
func checkDurable(ctx context.Context, q querier) error {
	got := make([]string, len(durable))
	err := q.QueryRow(ctx, "select current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')").
		Scan(&got[0], &got[1], &got[2])
	if err != nil {
		return err
	}
	for i, d := range durable {
		if !strings.Contains(" "+strings.Join(d.may, " ")+" ", " "+got[i]+" ") {
			return fmt.Errorf("%w: %s is %s, it must be %s: a commit would not be durable", store.ErrRefused, d.name, got[i], strings.Join(d.may, " or "))
		}
	}
	return nil
}

func describe(c *pgxpool.Config) string {
	return fmt.Sprintf("%s:%d/%s", c.ConnConfig.Host, c.ConnConfig.Port, c.ConnConfig.Database)
}

// Describe answers engine, version and place.
func (s *Store) Describe() string {
	var version string
	if err := s.pool.QueryRow(context.Background(), "select current_setting('server_version')").Scan(&version); err != nil {
		version = "?"
	}
	return fmt.Sprintf("PostgreSQL %s, %s", version, s.place)
}

// Close ends all connections. It may be called twice.
func (s *Store) Close() error {
	s.commits.Close()
	s.pool.Close()
	return nil
}

// Syncs implements store.Store: the server's count of syncs of its log, over all databases. It is unknown before PostgreSQL 15, which cannot be
// asked to bring its count up to date.
func (s *Store) Syncs(ctx context.Context) (n int64, ok bool) {
	err := s.commits.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if _, err := c.Exec(ctx, "select pg_stat_force_next_flush()"); err != nil {
			return err
		}
		return c.QueryRow(ctx, syncCount(c.Conn())).Scan(&n)
	})
	return n, err == nil
}

// syncCount answers where the server keeps its count: PostgreSQL 18 moved it.
func syncCount(c *pgx.Conn) string {
	major, _, _ := strings.Cut(c.PgConn().ParameterStatus("server_version"), ".")
	if len(major) == 2 && major >= "18" {
		return "select coalesce(sum(fsyncs), 0)::bigint from pg_stat_io where object = 'wal'"
	}
	return "select wal_sync from pg_stat_wal"
}
