package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// pagePath is the page that is written.
const pagePath = "docs/proof.md"

// source says what was proved: the commit, and a hash of every tracked file but the page itself.
type source struct {
	Commit, Hash string
}

func describeSource(ctx context.Context) (source, error) {
	commit, err := git(ctx, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return source{}, err
	}
	changed, err := git(ctx, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!"+pagePath)
	if err != nil {
		return source{}, err
	}
	if changed != "" {
		commit += " with changes"
	}
	files, err := git(ctx, "ls-files", "-z", "--", "*.go", "*.sql", "go.mod", "go.sum")
	if err != nil {
		return source{}, err
	}
	h := sha256.New()
	for name := range strings.SplitSeq(strings.Trim(files, "\x00"), "\x00") {
		body, err := os.ReadFile(name)
		if err != nil {
			return source{}, err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(body))
		h.Write(body)
	}
	return source{commit, hex.EncodeToString(h.Sum(nil)[:16])}, nil
}

func git(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", args...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// writePage writes what was proved, and what was not.
func writePage(src source) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Proof\nWritten by `make prove`: the tests at the sizes that were promised, with their figures. Commit %s, %s; %s.\n", src.Commit, time.Now().UTC().Format(time.DateOnly), machine())
	fmt.Fprintf(&b, "A line of `make test` runs the same code at small sizes. Run one again with `go run ./cmd/prove NAME`.\n")
	for _, p := range proofs {
		fmt.Fprintf(&b, "\n## %s\n%s\n\n`%s` in `%s`: ", p.Name, p.What, p.Test, p.Pkg)
		r, err := readResult(p.Name)
		switch {
		case err != nil:
			b.WriteString("**not run yet**.\n")
			continue
		case !r.Passed:
			fmt.Fprintf(&b, "**failed** at commit %s after %.0f s.\n", r.Commit, r.Seconds)
		case r.Source != src.Hash:
			fmt.Fprintf(&b, "passed in %.0f s, at the earlier commit %s.\n", r.Seconds, r.Commit)
		default:
			fmt.Fprintf(&b, "passed in %.0f s.\n", r.Seconds)
		}
		if len(r.Figures) > 0 {
			b.WriteString("\n| figure | value |\n|---|---|\n")
			for _, f := range r.Figures {
				fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(f.Name, "_", " "), f.Value)
			}
		}
	}
	return os.WriteFile(pagePath, []byte(b.String()), 0o644)
}

// machine describes where it ran.
func machine() string {
	m := fmt.Sprintf("%s, %d cores, %s/%s", runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return m
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if _, model, ok := strings.Cut(s.Text(), "model name\t: "); ok {
			return m + ", " + model
		}
	}
	return m
}
