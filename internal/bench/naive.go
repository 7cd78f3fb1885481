package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ratewire/ratewire/ari"
)

// naive is the service a travel company usually writes by hand: PostgreSQL, a transaction per request, a row per cell, INSERT .. ON CONFLICT with
// a guard on the source's time, and a table of messages seen. Statements are prepared and sent as one pipeline per transaction, which
// flatters it: many send them one by one.
type naive struct{ pool *pgxpool.Pool }

const naiveSchema = `
DROP TABLE IF EXISTS naive_cell, naive_seen;
CREATE TABLE naive_cell (
	property text NOT NULL, room text NOT NULL, plan text NOT NULL, day date NOT NULL,
	one numeric(14,4), two numeric(14,4), min_los int, closed bool, told timestamptz NOT NULL,
	PRIMARY KEY (property, room, plan, day));
CREATE TABLE naive_seen (id text PRIMARY KEY, seen timestamptz NOT NULL DEFAULT now());`

const naiveUpsert = `
INSERT INTO naive_cell (property, room, plan, day, one, two, min_los, closed, told)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (property, room, plan, day) DO UPDATE SET one = EXCLUDED.one, two = EXCLUDED.two,
	min_los = COALESCE(EXCLUDED.min_los, naive_cell.min_los), closed = COALESCE(EXCLUDED.closed, naive_cell.closed), told = EXCLUDED.told
WHERE naive_cell.told <= EXCLUDED.told`

// newNaive fills the service's table with the same cells that the hub is filled with.
func newNaive(ctx context.Context, url string, conns, properties int, first ari.StayDate, fill bool) (*naive, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(conns)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	n := &naive{pool}
	if !fill {
		return n, nil
	}
	if _, err := pool.Exec(ctx, naiveSchema); err != nil {
		return nil, err
	}
	return n, n.fill(ctx, properties, first)
}

func (n *naive) fill(ctx context.Context, properties int, first ari.StayDate) error {
	told := time.Now().Add(-time.Hour)
	for p := range properties {
		rows := make([][]any, 0, products*dates)
		for room := range roomTypes {
			for plan := range ratePlans {
				for d := range dates {
					rows = append(rows, []any{propertyCode(p), roomCode(room), planCode(plan), (first + ari.StayDate(d)).Time(), 100.0, 115.0, 1, false, told})
				}
			}
		}
		_, err := n.pool.CopyFrom(ctx, pgx.Identifier{"naive_cell"}, []string{"property", "room", "plan", "day", "one", "two", "min_los", "closed", "told"}, pgx.CopyFromRows(rows))
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	_, err := n.pool.Exec(ctx, "VACUUM ANALYZE naive_cell")
	return err
}

// apply is one request: one transaction.
func (n *naive) apply(ctx context.Context, c *change) error {
	return pgx.BeginFunc(ctx, n.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "INSERT INTO naive_seen (id) VALUES ($1) ON CONFLICT DO NOTHING", c.id)
		if err != nil || tag.RowsAffected() == 0 {
			return err // seen already
		}
		var minLOS, closed any
		if c.minLOS > 0 {
			minLOS = c.minLOS
		}
		if c.closed {
			closed = true
		}
		b := &pgx.Batch{}
		for d := range c.days {
			b.Queue(naiveUpsert, propertyCode(c.property), roomCode(c.room), planCode(c.plan), (c.from + ari.StayDate(d)).Time(),
				c.one.String(), c.two.String(), minLOS, closed, c.time)
		}
		return tx.SendBatch(ctx, b).Close()
	})
}

// close gives the connections back.
func (n *naive) close() { n.pool.Close() }
