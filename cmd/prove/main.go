// Command prove runs every proof at its full size, one after the other, and writes docs/proof.md. It is resumable: a proof that passed for the
// same source is not run again, so that an interrupted run goes on where it was. State and logs are under .work/prove.
//
//	go run ./cmd/prove            run what is missing, then write the page
//	go run ./cmd/prove NAME ...   these only, again
//	go run ./cmd/prove -list      what there is
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// stateDir holds a result and a log for each proof.
const stateDir = ".work/prove"

// proofMax is the longest one proof may take: far above what any takes, so that only a hang meets it.
const proofMax = 6 * time.Hour

// result is what is kept of a proof that was run.
type result struct {
	Name    string    `json:"name"`
	Source  string    `json:"source"` // hash of the tracked files' contents
	Commit  string    `json:"commit"`
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	Passed  bool      `json:"passed"`
	Figures []figure  `json:"figures"`
}

type figure struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func main() {
	list := flag.Bool("list", false, "name the proofs and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *list, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, list bool, only []string) error {
	if list {
		for _, p := range proofs {
			fmt.Printf("%-32s %s\n", p.Name, p.What)
		}
		return nil
	}
	for _, name := range only {
		if !slices.ContainsFunc(proofs, func(p proof) bool { return p.Name == name }) {
			return fmt.Errorf("no proof is named %q; -list names them", name)
		}
	}
	if err := os.MkdirAll(stateDir, 0o755); err != nil {
		return err
	}
	src, err := describeSource(ctx)
	if err != nil {
		return err
	}
	failed := runAll(ctx, src, only)
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted; run it again to go on")
	}
	if err := writePage(src); err != nil {
		return err
	}
	fmt.Println("wrote", pagePath)
	if len(failed) > 0 {
		return fmt.Errorf("not proved: %s", strings.Join(failed, ", "))
	}
	return nil
}

// runAll runs what must be run and answers the names of what failed.
func runAll(ctx context.Context, src source, only []string) (failed []string) {
	for _, p := range proofs {
		if ctx.Err() != nil {
			return failed
		}
		if len(only) > 0 && !slices.Contains(only, p.Name) {
			continue
		}
		if r, err := readResult(p.Name); len(only) == 0 && err == nil && r.Passed && r.Source == src.Hash {
			fmt.Printf("%-32s proved before for this source, %.0f s\n", p.Name, r.Seconds)
			continue
		}
		r := runOne(ctx, p, src)
		if ctx.Err() != nil {
			return failed
		}
		if err := writeResult(r); err != nil {
			fmt.Fprintln(os.Stderr, "prove:", err)
			r.Passed = false
		}
		word := "proved"
		if !r.Passed {
			word = "FAILED"
			failed = append(failed, p.Name)
		}
		fmt.Printf("%-32s %s, %.0f s, log %s\n", p.Name, word, r.Seconds, logPath(p.Name))
	}
	return failed
}

// runOne runs one proof, shows its lines as they come and keeps them in its log.
func runOne(ctx context.Context, p proof, src source) result {
	fmt.Printf("%-32s %s\n", p.Name, p.What)
	ctx, cancel := context.WithTimeout(ctx, proofMax)
	defer cancel()
	start := time.Now()
	r := result{Name: p.Name, Source: src.Hash, Commit: src.Commit, At: start.UTC().Truncate(time.Second)}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", p.args()...)
	cmd.Env = append(os.Environ(), "RATEWIRE_PROVE=1", "RATEWIRE_REQUIRE_POSTGRES=1")
	log, err := os.Create(logPath(p.Name))
	if err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		return r
	}
	defer log.Close()
	cmd.Stdout = io.MultiWriter(&out, log)
	cmd.Stderr = cmd.Stdout
	err = cmd.Run()
	r.Seconds = time.Since(start).Seconds()
	r.Figures = figuresOf(bytes.NewReader(out.Bytes()))
	r.Passed = err == nil && ran(out.String())
	if p.Fuzz {
		r.Figures = fuzzFigures(out.String())
		r.Passed = err == nil && len(r.Figures) > 0
	}
	return r
}

// lastOfFuzz is what go test says of a target's run, again and again.
var lastOfFuzz = regexp.MustCompile(`elapsed: (\S+), execs: (\d+) .*new interesting: (\d+)`)

// fuzzFigures answers what the last such line says.
func fuzzFigures(out string) []figure {
	lines := lastOfFuzz.FindAllStringSubmatch(out, -1)
	if len(lines) == 0 {
		return nil
	}
	last := lines[len(lines)-1]
	return []figure{{"time", last[1]}, {"inputs", last[2]}, {"inputs_that_reached_something_new", last[3]}}
}

// ran tells whether a test passed, rather than none having been found or all skipped.
func ran(out string) bool {
	return strings.Contains(out, "\n--- PASS: ") || strings.HasPrefix(out, "--- PASS: ")
}

// figuresOf answers the figures of the lines "PROOF name value".
func figuresOf(r io.Reader) (figures []figure) {
	for s := bufio.NewScanner(r); s.Scan(); {
		rest, ok := strings.CutPrefix(strings.TrimSpace(s.Text()), "PROOF ")
		if name, value, two := strings.Cut(rest, " "); ok && two {
			figures = append(figures, figure{name, value})
		}
	}
	return figures
}

func logPath(name string) string { return filepath.Join(stateDir, name+".log") }

func resultPath(name string) string { return filepath.Join(stateDir, name+".json") }

func readResult(name string) (r result, err error) {
	b, err := os.ReadFile(resultPath(name))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}

// writeResult replaces the result as a whole: an interrupted write leaves the old one.
func writeResult(r result) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	part := resultPath(r.Name) + ".part"
	if err := os.WriteFile(part, b, 0o644); err != nil {
		return err
	}
	return os.Rename(part, resultPath(r.Name))
}
