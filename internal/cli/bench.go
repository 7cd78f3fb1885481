package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/internal/bench"
	"github.com/ratewire/ratewire/internal/pgtest"
)

type benchCmd struct {
	Names    []string      `arg:"" optional:"" help:"Which, by name or prefix; default all but those that need minutes and gigabytes."`
	Postgres string        `placeholder:"URL" help:"PostgreSQL database to measure on; its schema is filled. Default a private server, started and removed, if this machine has the programs."`
	Dir      string        `placeholder:"DIR" help:"Where SQLite files go; default a temporary directory."`
	Duration time.Duration `default:"10s" help:"Of each measured stretch."`
	Runs     int           `default:"3" help:"Repetitions; the median is printed."`
	Large    bool          `help:"Also those that need minutes and gigabytes."`
	Profile  string        `placeholder:"DIR" help:"Writes a CPU profile of each figure's first measured stretch into DIR, for go tool pprof."`
}

// Run measures Ratewire beside an alternative in the same run. It prints figures and judges none.
func (c *benchCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	o := bench.Options{
		Names: c.Names, Postgres: c.Postgres, Dir: c.Dir, Duration: c.Duration, Runs: c.Runs, Large: c.Large, JSON: g.JSON, Profile: c.Profile, Out: s.Out, Log: s.Err,
	}
	if o.Postgres == "" {
		server, err := pgtest.New("shared_buffers=2GB", "max_wal_size=8GB")
		switch {
		case errors.Is(err, pgtest.ErrAbsent):
			fmt.Fprintln(s.Err, "no PostgreSQL on this machine: what is measured against it, or on it, is left out")
		case err != nil:
			return err
		default:
			defer server.Stop()
			if o.Postgres, err = server.Fresh(ctx); err != nil {
				return err
			}
		}
	}
	return bench.Run(ctx, o)
}
