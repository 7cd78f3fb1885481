package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/store"
)

// Sizes of the apply benchmarks.
const (
	callers         = 256
	applyProperties = 20
	preloadedKeys   = 1_000_000
	keysSettle      = 15 * time.Second // a store may put keys in order behind the commits: a day's worth at once is not what is measured
)

func applySQLite(ctx context.Context, r *run) error   { return applyOn(ctx, r, "sqlite") }
func applyPostgres(ctx context.Context, r *run) error { return applyOn(ctx, r, "postgres") }

// applyOn measures durable updates with everything on: old values, stamps, keys (a million preloaded), message records, checkpoints.
// The alternative runs between the runs of the hub, on the same changes.
func applyOn(ctx context.Context, r *run, engine string) error {
	if r.Postgres == "" {
		fmt.Fprintln(r.Log, "  left out: needs a PostgreSQL server (--postgres)")
		return nil
	}
	sd, err := newStand(ctx, r, engine, shape{}, applyProperties)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sd.stop()) }()
	if err := preloadKeys(ctx, sd.store); err != nil {
		return fmt.Errorf("preload keys: %w", err)
	}
	time.Sleep(keysSettle)
	hubRuns, all, err := measureApply(ctx, r, sd, "apply."+engine)
	if err != nil {
		return err
	}
	naiveRuns, naiveSet, err := measureNaive(ctx, r, sd)
	if err != nil {
		return err
	}
	set := all.quantiles()
	set["callers"], set["properties"], set["keys_preloaded"] = callers, applyProperties, preloadedKeys
	for k, v := range naiveSet {
		set["against_"+k] = v
	}
	r.report("apply."+engine, "updates/s", hubRuns, naiveRuns, set)
	return r.applyOpen(ctx, sd, engine, median(hubRuns)/2)
}

func measureApply(ctx context.Context, r *run, sd *stand, name string) (runs []float64, all latencies, err error) {
	for i := range r.Runs {
		streams := sd.streams(i)
		rate, l, err := r.load(ctx, name, callers, func(caller int, _ int64) error {
			c := streams[caller].next()
			return sd.apply(ctx, &c)
		})
		if err != nil {
			return nil, nil, err
		}
		runs, all = append(runs, rate), append(all, l...)
	}
	return runs, all, nil
}

// streams answers one stream a caller; ids differ between runs.
func (s *stand) streams(run int) []*stream {
	out := make([]*stream, callers)
	for i := range out {
		out[i] = newStream(run*callers+i, s.n, s.shape, s.first)
	}
	return out
}

// measureNaive answers the best of 1, 16 and 64 connections.
func measureNaive(ctx context.Context, r *run, sd *stand) (best []float64, set map[string]any, err error) {
	for i, conns := range []int{1, 16, 64} {
		n, err := newNaive(ctx, r.Postgres, conns, sd.n, sd.first, i == 0)
		if err != nil {
			return nil, nil, fmt.Errorf("the alternative: %w", err)
		}
		var runs []float64
		var all latencies
		for run := range r.Runs {
			streams := sd.streams(1000*conns + run)
			rate, l, err := closedLoop(ctx, callers, r.Duration, func(caller int, _ int64) error {
				c := streams[caller].next()
				return n.apply(ctx, &c)
			})
			if err != nil {
				n.close()
				return nil, nil, fmt.Errorf("the alternative: %w", err)
			}
			runs, all = append(runs, rate), append(all, l...)
		}
		n.close()
		if median(runs) > median(best) {
			best, set = runs, all.quantiles()
			set["connections"] = conns
		}
	}
	return best, set, nil
}

// applyOpen sends at half the peak whatever the answers do: the latency a caller sees who does not wait for others.
func (r *run) applyOpen(ctx context.Context, sd *stand, engine string, rate float64) error {
	streams := make([]*stream, 2048)
	for i := range streams {
		streams[i] = newStream(1_000_000+i, sd.n, sd.shape, sd.first)
	}
	l, err := openLoop(ctx, rate, r.Duration, func(caller int, _ int64) error {
		c := streams[caller].next()
		return sd.apply(ctx, &c)
	})
	if err != nil {
		return err
	}
	set := l.quantiles()
	set["updates_per_s"] = int(rate)
	r.report("apply."+engine+".open", "p99 ms", []float64{set["p99_ms"].(float64)}, nil, set)
	return nil
}

// preloadKeys writes dedupe keys of other messages, so that look-ups and inserts meet a table of the size of a busy day.
func preloadKeys(ctx context.Context, st store.Store) error {
	const batch = 10_000
	today := int32(time.Now().Unix() / 86400)
	for n := 0; n < preloadedKeys; n += batch {
		head, err := st.Head(ctx)
		if err != nil {
			return err
		}
		b := &store.Batch{Base: head.Position, Term: head.Term}
		for i := range batch {
			h := hashOf(uint64(n + i))
			b.Keys = append(b.Keys, store.Key{Day: today - int32(i%10), Hash: h, Content: h, Property: "elsewhere", Revision: 1})
		}
		if err := st.Commit(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// hashOf spreads a number over 16 bytes.
func hashOf(n uint64) (h store.KeyHash) {
	x := n
	for i := range h {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		x += 0x9e3779b97f4a7c15
		h[i] = byte(x >> 24)
	}
	return h
}
