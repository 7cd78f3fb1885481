package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store/sqlite"
)

func memoryCell(ctx context.Context, r *run) error {
	return memoryOf(ctx, r, "memory.cell", shape{})
}

func memoryFull(ctx context.Context, r *run) error {
	return memoryOf(ctx, r, "memory.full", shape{full: true})
}

// memoryOf answers the live heap per product-date of a hub's pictures: after a restart, which drops what filling left behind (queues, the
// newest entries kept for readers), and a forced collection, less what an empty hub has.
func memoryOf(ctx context.Context, r *run, name string, s shape) error {
	const n = 40
	dir, err := os.MkdirTemp(r.Dir, "ratewire-memory-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	empty, err := heapOf(ctx, filepath.Join(dir, "empty.db"))
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "filled.db")
	if err := fillFile(ctx, r, path, s, n); err != nil {
		return err
	}
	full, err := heapOf(ctx, path)
	if err != nil {
		return err
	}
	r.report(name, "bytes/product-date", []float64{float64(full-empty) / (n * products * dates)}, nil, map[string]any{"properties": n, "mib": (full - empty) >> 20})
	return nil
}

// heapOf answers the live heap with a hub on the file that is ready.
func heapOf(ctx context.Context, path string) (uint64, error) {
	sd, err := openFile(ctx, path)
	if err != nil {
		return 0, err
	}
	heap := liveHeap()
	return heap, sd.stop()
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// startProperties is how many properties start.1000 has: 48 million product-dates.
const startProperties = 1000

// startThousand measures from opening the store to ready, with an empty tail: on SQLite with the file in the system's cache, then once read from
// the disk, and on PostgreSQL.
func startThousand(ctx context.Context, r *run) error {
	dir, err := os.MkdirTemp(r.Dir, "ratewire-start-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "start.db")
	if err := fillFile(ctx, r, path, shape{}, startProperties); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	set := map[string]any{"properties": startProperties, "product_dates": startProperties * products * dates, "file_mib": info.Size() >> 20}
	open := func() (*stand, error) { return openFile(ctx, path) }
	if err := r.starts("start.1000", r.Runs, open, set); err != nil {
		return err
	}
	if err := forgetFile(path); err != nil {
		fmt.Fprintf(r.Log, "  without a cold start: %v\n", err)
	} else if err := r.starts("start.1000.cold", 1, open, set); err != nil {
		return err
	}
	if r.Postgres == "" {
		fmt.Fprintln(r.Log, "  without PostgreSQL: that needs a server (--postgres)")
		return nil
	}
	open = func() (*stand, error) {
		st, clean, err := openStore(ctx, r, "postgres")
		if err != nil {
			return nil, err
		}
		return startHub(ctx, st, clean)
	}
	if err := fillStore(ctx, r, open, shape{}, startProperties); err != nil {
		return err
	}
	delete(set, "file_mib")
	return r.starts("start.1000.postgres", 1, open, set)
}

// starts measures so many starts.
func (r *run) starts(name string, n int, open func() (*stand, error), set map[string]any) error {
	var runs []float64
	for range n {
		start := time.Now()
		sd, err := open()
		if err != nil {
			return err
		}
		runs = append(runs, time.Since(start).Seconds())
		if err := sd.stop(); err != nil {
			return err
		}
		runtime.GC()
	}
	r.report(name, "s", runs, nil, set)
	return nil
}

func openFile(ctx context.Context, path string) (*stand, error) {
	st, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	return startHub(ctx, st, st.Close)
}

// fillFile fills a database through the hub, and stops cleanly, so that all is in pages.
func fillFile(ctx context.Context, r *run, path string, s shape, n int) error {
	return fillStore(ctx, r, func() (*stand, error) { return openFile(ctx, path) }, s, n)
}

// fillStore fills a store through the hub, several properties at a time, and stops cleanly.
func fillStore(ctx context.Context, r *run, open func() (*stand, error), s shape, n int) error {
	sd, err := open()
	if err != nil {
		return err
	}
	sd.first, sd.shape = ari.LocalDate(time.Now(), time.UTC)+1, s
	if err := sd.fill(ctx); err != nil { // the connection; no property
		return errors.Join(err, sd.stop())
	}
	var (
		wg   sync.WaitGroup
		next = make(chan int)
		errs = make(chan error, 4)
	)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				if err := sd.fillOne(ctx, i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for i := range n {
		if i%100 == 0 {
			fmt.Fprintf(r.Log, "  filling %d of %d\n", i, n)
		}
		select {
		case next <- i:
		case err := <-errs:
			close(next)
			return errors.Join(err, sd.stop())
		}
	}
	close(next)
	wg.Wait()
	return sd.stop()
}

// fillOne fills one property.
func (s *stand) fillOne(ctx context.Context, i int) error {
	code := propertyCode(i)
	if err := s.submit(ctx, &hub.Submission{Update: ari.Update{
		Property: code, By: ari.Author{Kind: ari.ByPerson, ID: "bench"}, Objects: s.shape.catalog(code),
	}}); err != nil {
		return err
	}
	all := s.shape.fill(rand.New(rand.NewPCG(uint64(i), 1)), s.first)
	for part := range slices.Chunk(all, ari.StatementsMax/2) {
		if err := s.submit(ctx, &hub.Submission{Update: ari.Update{
			Property: code, By: ari.Author{Kind: ari.ByMessage, ID: connection}, Connection: connection,
			SourceTime: time.Now().Add(-time.Hour), Statements: part,
		}}); err != nil {
			return err
		}
	}
	return nil
}
