package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// latencies are the answer times of one stretch.
type latencies []time.Duration

// quantiles answers p50, p99, p99.9 and max in milliseconds, for a result's settings.
func (l latencies) quantiles() map[string]any {
	if len(l) == 0 {
		return map[string]any{}
	}
	slices.Sort(l)
	at := func(q float64) float64 {
		return float64(l[min(len(l)-1, int(q*float64(len(l))))].Microseconds()) / 1000
	}
	return map[string]any{"p50_ms": at(0.5), "p99_ms": at(0.99), "p99.9_ms": at(0.999), "max_ms": at(1)}
}

// closedLoop has n callers that each wait for their answer before they ask again. call gets the caller's number and a rising count.
//
// It answers calls per second and all answer times; the first error ends it.
func closedLoop(ctx context.Context, n int, d time.Duration, call func(caller int, seq int64) error) (perSecond float64, all latencies, err error) {
	var (
		seq   atomic.Int64
		stop  atomic.Bool
		wg    sync.WaitGroup
		mu    sync.Mutex
		start = time.Now()
	)
	for i := range n {
		wg.Go(func() {
			own := make(latencies, 0, 1<<14)
			for !stop.Load() && ctx.Err() == nil && time.Since(start) < d {
				t := time.Now()
				if e := call(i, seq.Add(1)-1); e != nil {
					stop.Store(true)
					mu.Lock()
					err = e
					mu.Unlock()
					return
				}
				own = append(own, time.Since(t))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return float64(len(all)) / time.Since(start).Seconds(), all, err
}

// openLoop sends at a fixed rate whatever the answers do; times count from when a call was due, so that a stall shows in full.
func openLoop(ctx context.Context, rate float64, d time.Duration, call func(caller int, seq int64) error) (all latencies, err error) {
	const callers = 2048 // more than a stall of 100 ms needs at 20,000/s; waiting for a free one counts as answer time
	var (
		next  atomic.Int64
		wg    sync.WaitGroup
		mu    sync.Mutex
		start = time.Now()
		total = int64(rate * d.Seconds())
	)
	for i := range callers {
		wg.Go(func() {
			var own latencies
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= total {
					break
				}
				due := start.Add(time.Duration(float64(n) / rate * float64(time.Second)))
				if wait := time.Until(due); wait > 0 {
					time.Sleep(wait)
				}
				if e := call(i, n); e != nil {
					mu.Lock()
					err = e
					mu.Unlock()
					return
				}
				own = append(own, time.Since(due))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return all, err
}
