package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/ratewire/ratewire/store"
)

const (
	// schemaVersion is the schema this program writes: the number of the last file in migrations.
	schemaVersion = 1
	// oldestReader is the oldest schemaVersion whose programs still read and write this schema rightly (S35).
	oldestReader = 1
	// applicationID marks the file as Ratewire's ("RWIR"), so that a stranger's file is never written to.
	applicationID = 0x52574952
)

//go:embed migrations/*.sql
var migrations embed.FS

// prepare makes the file if need be, refuses what it must not touch, and brings the schema up to date.
func prepare(ctx context.Context, path string, o Options) error {
	pragmas := []string{fmt.Sprintf("page_size(%d)", pageBytes), "journal_mode(wal)", "synchronous(full)"}
	db, err := sql.Open("sqlite", dsn(path, pragmas...))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	version, err := schemaOf(ctx, db)
	if err != nil || version >= schemaVersion {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema from version %d: %w", version, err)
	}
	return mark(ctx, db, o)
}

// schemaOf answers the file's schema version, 0 of a new file.
func schemaOf(ctx context.Context, db *sql.DB) (version int, err error) {
	var app, tables, oldest int
	if err := db.QueryRowContext(ctx, "select (select application_id from pragma_application_id), (select count(*) from sqlite_schema)").
		Scan(&app, &tables); err != nil {
		return 0, err
	}
	if app != applicationID {
		if tables > 0 && app != 0 {
			return 0, fmt.Errorf("%w: not a Ratewire database (application id %#x)", store.ErrRefused, app)
		}
		return 0, nil
	}
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

// mark records who wrote the schema and who may read it, and makes the one head row.
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
		{"insert into head (id, epoch, seq, term, first_seq) values (1, ?, 0, 0, 1) on conflict do nothing", []any{now.UnixMilli()}},
		{`insert into schema_mark (id, version, oldest_reader, written_by, written_at) values (1, ?, ?, ?, ?) on conflict (id) do update set
			version = excluded.version, oldest_reader = excluded.oldest_reader, written_by = excluded.written_by, written_at = excluded.written_at`,
			[]any{schemaVersion, oldestReader, by, now.UnixMicro()}},
	} {
		if _, err := db.ExecContext(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("mark schema: %w", err)
		}
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("pragma application_id = %d", applicationID))
	return err
}
