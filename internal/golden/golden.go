// Package golden runs golden files: one file per case, prose first, then named parts, the last of which is what is wanted. A new case is a
// new file and no new code. `go test -update` rewrites what is wanted, and the diff is read like code.
//
// The format is that of txtar: text up to the first line "-- name --" is the prose, each such line starts a part.
package golden

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what golden files want")

// Want is the name of the part that results are compared with.
const Want = "want"

// Case is one golden file.
type Case struct {
	Name  string // file name without its ending
	Prose string
	parts []part
}

type part struct{ name, text string }

// Has tells whether the case has a part of that name.
func (c Case) Has(name string) bool {
	for _, p := range c.parts {
		if p.name == name {
			return true
		}
	}
	return false
}

// File answers a part's text; "" if there is none.
func (c Case) File(name string) string {
	for _, p := range c.parts {
		if p.name == name {
			return p.text
		}
	}
	return ""
}

// Run runs f on every file of the pattern, a subtest each, and compares what it answers with the file's part "want": a string as it is,
// anything else as indented JSON; an error as "error: " and its text. A pattern without files fails: a case that does not run proves nothing.
func Run(t *testing.T, pattern string, f func(Case) (any, error)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files at %s (%v)", pattern, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) { run(t, file, name, f) })
	}
}

func run(t *testing.T, file, name string, f func(Case) (any, error)) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := Parse(string(b))
	c.Name = name
	if strings.TrimSpace(c.Prose) == "" {
		t.Errorf("%s: no prose: say in a sentence what the case shows and where it is from", file)
	}
	got, err := text(f(c))
	if err != nil {
		t.Fatal(err)
	}
	if got == c.File(Want) {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(c.with(got)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s (-update rewrites it)\n%s", file, firstDifference(c.File(Want), got))
}

func text(v any, err error) (string, error) {
	if err != nil {
		return "error: " + err.Error() + "\n", nil
	}
	s, ok := v.(string)
	if !ok {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return "", err
		}
		s = string(b)
	}
	return strings.TrimRight(s, "\n") + "\n", nil
}

// Parse reads a case's text.
func Parse(s string) Case {
	var c Case
	for line := range strings.SplitAfterSeq(s, "\n") {
		t := strings.TrimRight(line, "\r\n")
		if rest, ok := strings.CutPrefix(t, "-- "); ok && strings.HasSuffix(rest, " --") {
			c.parts = append(c.parts, part{name: strings.TrimSuffix(rest, " --")})
			continue
		}
		if len(c.parts) == 0 {
			c.Prose += line
		} else {
			c.parts[len(c.parts)-1].text += line
		}
	}
	return c
}

// with answers the case's text with other results.
func (c Case) with(want string) string {
	var b strings.Builder
	b.WriteString(c.Prose)
	for _, p := range c.parts {
		if p.name != Want {
			fmt.Fprintf(&b, "-- %s --\n%s", p.name, p.text)
		}
	}
	fmt.Fprintf(&b, "-- %s --\n%s", Want, want)
	return b.String()
}

// firstDifference shows the first line that differs, with both texts after it.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	tail := func(s []string) string { return strings.Join(s[min(i, len(s)):min(i+12, len(s))], "\n") }
	return fmt.Sprintf("line %d on\n--- want\n%s\n--- got\n%s", i+1, tail(w), tail(g))
}
