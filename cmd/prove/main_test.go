package main

import (
	"os"
	"path/filepath"
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
