package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFiguresAreTakenFromTheirLinesOnly(t *testing.T) {
	out := "=== RUN   TestX\nPROOF stays 100000\nx PROOF no 1\nPROOF p99 1.5 ms\nPROOF\n--- PASS: TestX (0.1s)\n"
	got := figuresOf(strings.NewReader(out))
	if len(got) != 2 || got[0] != (figure{"stays", "100000"}) || got[1] != (figure{"p99", "1.5 ms"}) {
		t.Errorf("got %v", got)
	}
}

func TestAProofThatRanNothingIsNone(t *testing.T) {
	if ran("testing: warning: no tests to run\nPASS\nok x\n") || ran("--- SKIP: TestX (0.0s)\nPASS\n") || !ran("=== RUN TestX\n--- PASS: TestX (0.1s)\nPASS\n") {
		t.Error("a run without a passed test must not count")
	}
}

// Every proof must name a test that is there: go test -run of a name that was changed passes without running anything.
func TestEveryProofNamesATest(t *testing.T) {
	for _, p := range proofs {
		dir := filepath.Join("..", "..", strings.TrimPrefix(p.Pkg, "./"))
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s: no tests in %s (%v)", p.Name, p.Pkg, err)
			continue
		}
		var all strings.Builder
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
		for name := range strings.SplitSeq(p.Test, "|") {
			if !strings.Contains(all.String(), "func "+name+"(") {
				t.Errorf("%s: %s has no test %s", p.Name, p.Pkg, name)
			}
		}
	}
}

// Every fuzz target of the module is one of the proofs.
func TestEveryFuzzTargetIsAProof(t *testing.T) {
	listed := map[string]bool{}
	for _, p := range proofs {
		listed[p.Pkg+" "+p.Test] = p.Fuzz
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		for _, m := range regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing`).FindAllStringSubmatch(string(b), -1) {
			if !listed["./"+filepath.ToSlash(dir)+" "+m[1]] {
				t.Errorf("%s of ./%s is not in proofs", m[1], dir)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatAFuzzTargetReachedIsTakenFromItsLastLine(t *testing.T) {
	got := fuzzFigures("fuzz: elapsed: 3s, execs: 10 (3/sec), new interesting: 1 (total: 5)\nfuzz: elapsed: 10m0s, execs: 4711 (7/sec), new interesting: 12 (total: 17)\nPASS\n")
	want := []figure{{"time", "10m0s"}, {"inputs", "4711"}, {"inputs_that_reached_something_new", "12"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
