package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/ratewire/ratewire/store"
)

const (
	// schemaVersion is the schema this program writes: the number of the last file in migrations.
	schemaVersion = 1
	// oldestReader is the oldest schemaVersion whose programs still read and write this schema rightly (S35).
	oldestReader = 1
)

//go:embed migrations/*.sql
var migrations embed.FS

// prepare refuses what it must not touch, and brings the schema up to date. Nodes that start together do it one after the other.
func prepare(ctx context.Context, config *pgx.ConnConfig, o Options) error {
	db := stdlib.OpenDB(*config.Copy())
	defer db.Close()
	version, err := schemaOf(ctx, db)
	if err != nil || version >= schemaVersion {
		return err
	}
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close() // ends the session, and the lock with it
	if _, err := lock.ExecContext(ctx, "select pg_advisory_lock(hashtext('ratewire'), hashtext(current_schema()))"); err != nil {
		return fmt.Errorf("wait for another node's migration: %w", err)
	}
	if version, err = schemaOf(ctx, db); err != nil || version >= schemaVersion {
		return err
	}
	return migrate(ctx, db, version, o)
}

func migrate(ctx context.Context, db *sql.DB, version int, o Options) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema from version %d: %w", version, err)
	}
	return mark(ctx, db, o)
}

// schemaOf answers the database's schema version, 0 of a new one.
func schemaOf(ctx context.Context, db *sql.DB) (version int, err error) {
	var there bool
	if err := db.QueryRowContext(ctx, "select to_regclass('schema_mark') is not null").Scan(&there); err != nil || !there {
		return 0, err
	}
	var oldest int
	var by string
	err = db.QueryRowContext(ctx, "select version, oldest_reader, written_by from schema_mark").Scan(&version, &oldest, &by)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil && oldest > schemaVersion {
		return 0, fmt.Errorf("%w: %s wrote schema %d, which needs a program that knows schema %d; this one knows %d: upgrade it",
			store.ErrRefused, by, version, oldest, schemaVersion)
	}
	return version, err
}

// mark makes the rows that are always there, and records who wrote the schema and who may read it.
func mark(ctx context.Context, db *sql.DB, o Options) error {
	by := o.WrittenBy
	if by == "" {
		by = "ratewire"
	}
	now := time.Now()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"insert into head (id, epoch, seq, term, first_seq) values (1, $1, 0, 0, 1) on conflict do nothing", []any{now.UnixMilli()}},
		{"insert into lease (name, node, address, expires, term) values ($1, '', '', clock_timestamp(), 0) on conflict do nothing", []any{store.WriterLease}},
		{`insert into schema_mark (id, version, oldest_reader, written_by, written_at) values (1, $1, $2, $3, $4) on conflict (id) do update set
			version = excluded.version, oldest_reader = excluded.oldest_reader, written_by = excluded.written_by, written_at = excluded.written_at`,
			[]any{schemaVersion, oldestReader, by, now.UnixMicro()}},
	} {
		if _, err := db.ExecContext(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("mark schema: %w", err)
		}
	}
	return nil
}
