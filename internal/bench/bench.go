// Package bench measures Ratewire beside an alternative, in the same run, on the same machine and workload. It prints figures and ratios;
// it asserts nothing: a timed test is a flaky test. docs/benchmarks.md keeps recorded runs with the command that made them.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"sort"
	"strings"
	"time"
)

// Options of a run.
type Options struct {
	Names    []string      // which benchmarks, by name or prefix; empty: all but the large
	Postgres string        // connection string of a server whose schema may be filled; empty: benchmarks that need one are left out, saying so
	Dir      string        // where SQLite files go; empty: a temporary directory
	Duration time.Duration // of each measured stretch; default 10 s
	Runs     int           // repetitions, the median is reported; default 3
	Large    bool          // also those that need minutes and gigabytes
	JSON     bool          // one object a line instead of a table
	Profile  string        // directory for a CPU profile of each figure's first measured stretch, NAME.pprof; empty: none
	Out, Log io.Writer     // figures; progress
}

// Result is one figure.
type Result struct {
	Name     string         `json:"name"`
	Value    float64        `json:"value"`
	Unit     string         `json:"unit"`
	Against  *float64       `json:"against"` // the alternative's figure in the same run
	Ratio    *float64       `json:"ratio"`
	Runs     []float64      `json:"runs"`
	Settings map[string]any `json:"settings"`
}

// benchmark is one named measurement.
type benchmark struct {
	name  string
	about string
	large bool
	run   func(ctx context.Context, b *run) error
}

// benchmarks in the order they run.
var benchmarks = []benchmark{
	{"apply.sqlite", "durable updates/s, 256 callers, SQLite FULL, against a transaction per request and a row per cell", false, applySQLite},
	{"apply.postgres", "the same on PostgreSQL", false, applyPostgres},
	{"apply.http", "acknowledged JSON updates/s over HTTP, 256 keep-alive clients, SQLite", false, applyHTTP},
	{"apply.ota", "OTA_HotelRateAmountNotifRQ of 200 rates over HTTP to durable, messages/s", false, applyOTA},
	{"decode.otaxml", "reading such a message to the statements to apply, against encoding/xml into structs", false, decodeOTA},
	{"shop.inprocess", "shopping queries/s, one goroutine, 96 products, against the same question in SQL", false, shopInProcess},
	{"shop.http", "shopping queries/s over HTTP, token checked", false, shopHTTP},
	{"shop.200x3", "200 properties x 3 nights over HTTP, p99 in ms", false, shopWide},
	{"memory.cell", "live heap per product-date", false, memoryCell},
	{"memory.full", "live heap per product-date, every occupancy distinct", false, memoryFull},
	{"start.1000", "seconds from start to ready, 1,000 properties", true, startThousand},
}

// run is what a benchmark gets.
type run struct {
	Options
	results []Result
	seen    map[string]bool // figures that were profiled
}

// Run runs the chosen benchmarks and prints each figure as it is known.
//
// Errors: an unknown name; whatever a benchmark meets. Figures printed so far stand.
func Run(ctx context.Context, o Options) error {
	if o.Duration == 0 {
		o.Duration = 10 * time.Second
	}
	if o.Runs == 0 {
		o.Runs = 3
	}
	chosen, err := choose(o)
	if err != nil {
		return err
	}
	r := &run{Options: o}
	for _, b := range chosen {
		fmt.Fprintf(o.Log, "%s: %s\n", b.name, b.about)
		if err := b.run(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	return nil
}

func choose(o Options) ([]benchmark, error) {
	var out []benchmark
	for _, b := range benchmarks {
		if len(o.Names) == 0 && (!b.large || o.Large) || slices.ContainsFunc(o.Names, func(n string) bool { return strings.HasPrefix(b.name, n) }) {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no benchmark is named %s: there are %s", strings.Join(o.Names, ", "), strings.Join(Names(), ", "))
	}
	return out, nil
}

// Names answers every benchmark's name.
func Names() []string {
	var out []string
	for _, b := range benchmarks {
		out = append(out, b.name)
	}
	return out
}

// profiled measures a stretch; the first of a name is profiled if profiles are wanted.
func (r *run) profiled(name string, measure func() error) (err error) {
	path := filepath.Join(r.Profile, name+".pprof")
	if r.Profile == "" || r.seen[name] {
		return measure()
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.seen[name] = true
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return measure()
}

// load measures n callers that each call and wait, over and over: calls a second and every latency.
func (r *run) load(ctx context.Context, name string, n int, call func(caller int, seq int64) error) (perSecond float64, all latencies, err error) {
	err = r.profiled(name, func() (err error) {
		perSecond, all, err = closedLoop(ctx, n, r.Duration, call)
		return err
	})
	return perSecond, all, err
}

// report prints a figure: the median of the runs.
func (r *run) report(name, unit string, runs, against []float64, settings map[string]any) {
	res := Result{Name: name, Value: median(runs), Unit: unit, Runs: runs, Settings: settings}
	if len(against) > 0 {
		a := median(against)
		ratio := res.Value / a
		res.Against, res.Ratio = &a, &ratio
	}
	r.results = append(r.results, res)
	if r.JSON {
		line, _ := json.Marshal(res)
		fmt.Fprintf(r.Out, "%s\n", line)
		return
	}
	fmt.Fprintf(r.Out, "%-28s %14.4g %-12s", name, res.Value, unit)
	if res.Against != nil {
		fmt.Fprintf(r.Out, " against %12.4g  ratio %6.2f", *res.Against, *res.Ratio)
	}
	fmt.Fprintf(r.Out, "  %s\n", brief(runs, settings))
}

func brief(runs []float64, settings map[string]any) string {
	var parts []string
	if len(runs) > 1 {
		parts = append(parts, fmt.Sprintf("[%.4g-%.4g]", slices.Min(runs), slices.Max(runs)))
	}
	keys := make([]string, 0, len(settings))
	for k := range settings {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%s=%v", k, settings[k]))
	}
	return strings.Join(parts, " ")
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
