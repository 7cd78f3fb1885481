package ratewire_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/ratewire/ratewire"

// listed is what the arrows are tested on: one package's non-test code.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

// arrows says who may import whom of this repository, most particular first. A path ending in /... is a package and all below it.
// The reasons are docs/decisions/0004.
var arrows = []struct {
	pkg string   // whose imports are judged
	may []string // what of this repository they may be, beside what lies below pkg itself
	why string
}{
	{"ari/aritest", []string{"ari"}, "the slow model and the generators are tests' tools: they know the core and nothing else"},
	{"ari", nil, "the core does no I/O and knows no one"},
	{"shop", []string{"ari"}, "the query adds selection and freshness to ari's sell, and no rule or source of its own"},
	{"onboard", []string{"ari"}, "what a property lacks before it is sold is decided from its picture alone"},
	{"store/storetest", []string{"ari", "store"}, "the suite defines the contract, so it must not know an implementation"},
	{"store/memory", stores, "an implementation knows its contract, never a sibling"},
	{"store/sqlite", stores, "an implementation knows its contract, never a sibling"},
	{"store/postgres", stores, "an implementation knows its contract, never a sibling"},
	{"store/internal/...", stores, "what SQL stores share knows the contract, and none of them"},
	{"store", []string{"ari", "internal/..."}, "the contract must not know who implements it"},
	{"protocol/alpinebits", []string{"ari", "protocol/otaxml"}, "AlpineBits HotelData is a dialect of OTA: it reads and writes the same XML with the same reader and writer, and no other sibling"},
	{"protocol/...", []string{"ari"}, "wire formats are pure translation to and from ari"},
	{"hub/...", []string{"ari", "hub/...", "shop", "store", "internal/..."}, "not one platform's, protocol's or database's name appears in the hub"},
	{"httpapi/...", []string{"ari", "hub", "httpapi/...", "shop", "onboard", "store", "protocol/...", "internal/..."}, "the HTTP edge reaches data through the hub, never through a store's implementation"},
	{"internal/cli/...", anything, "the commands put everything together"},
	{"internal/node/...", anything, "a node puts everything together"},
	{"internal/bench/...", anything, "measures everything"},
	{"internal/proof", nil, "a helper of tests"},
	{"internal/kill/...", anything, "drives the real binary"},
	{"internal/...", []string{"internal/..."}, "helpers have no opinion on hotels"},
	{"cmd/ratewire", []string{"ratewire"}, "the command is the module's Main and nothing else"},
	{"cmd/...", anything, "tools"},
	{"examples/...", anything, "examples"},
	{"ratewire", []string{"internal/cli"}, "the module's root is where a binary is put together from; what it does is in internal/cli"},
}

var (
	stores   = []string{"ari", "store", "store/internal/...", "internal/..."}
	anything = []string{"..."}
)

// noIO is what the core must not reach for, directly.
var noIO = map[string]bool{
	"os": true, "io/fs": true, "net": true, "net/http": true, "database/sql": true, "log": true, "log/slog": true, "os/exec": true,
	"syscall": true, "math/rand": true, "math/rand/v2": true, "context": true,
}

// drivers are the databases' own packages: known to their stores only.
var drivers = []string{"modernc.org/sqlite", "github.com/jackc/pgx", "database/sql", "github.com/pressly/goose"}

func TestArchArrowsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		name := short(p.ImportPath)
		rule := -1
		for i, r := range arrows {
			if matches(r.pkg, name) {
				rule = i
				break
			}
		}
		if rule < 0 {
			t.Errorf("%s: no rule says what it may import; add one to arrows in arch_test.go and say why", name)
			continue
		}
		r := arrows[rule]
		for _, imp := range p.Imports {
			if !ours(imp) {
				continue
			}
			if got := short(imp); !matches(name+"/...", got) && !anyMatches(r.may, got) {
				t.Errorf("%s imports %s: %s (docs/decisions/0004)", name, got, r.why)
			}
		}
	}
}

func TestArchCoreDoesNoIO(t *testing.T) {
	for _, p := range packages(t) {
		if short(p.ImportPath) != "ari" {
			continue
		}
		for _, imp := range p.Imports {
			if noIO[imp] || !ours(imp) && strings.Contains(strings.Split(imp, "/")[0], ".") {
				t.Errorf("ari imports %s: the core does no I/O, reads no clock, logs nothing and depends on the standard library only (docs/decisions/0004)", imp)
			}
		}
		for _, at := range clockReads(t, p) {
			t.Errorf("%s: ari reads the clock: instants come in as values, so that a seed can drive everything (docs/decisions/0004)", at)
		}
	}
}

func TestArchDriversStayInTheirStores(t *testing.T) {
	for _, p := range packages(t) {
		name := short(p.ImportPath)
		if matches("store/...", name) || matches("internal/bench/...", name) || matches("internal/pgtest", name) {
			continue // bench compares with hand-written SQL
		}
		for _, imp := range p.Imports {
			for _, d := range drivers {
				if imp == d || strings.HasPrefix(imp, d+"/") {
					t.Errorf("%s imports %s: databases are reached through the contract store.Store (docs/decisions/0004)", name, imp)
				}
			}
		}
	}
}

// packages answers every package of the module, with what its non-test code imports.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 3 {
		t.Fatalf("go list names %d packages only: this test would show nothing", len(all))
	}
	return all
}

// clockReads answers where the package's non-test code calls time.Now, Since, Until, Sleep, After or a timer.
func clockReads(t *testing.T, p listed) []string {
	t.Helper()
	var at []string
	fset := token.NewFileSet()
	for _, f := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
				switch sel.Sel.Name {
				case "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Local":
					at = append(at, fset.Position(n.Pos()).String()+" time."+sel.Sel.Name)
				}
			}
			return true
		})
	}
	return at
}

func ours(imp string) bool { return imp == module || strings.HasPrefix(imp, module+"/") }

// short answers a package's path within the module; the root is "ratewire".
func short(imp string) string {
	if imp == module {
		return "ratewire"
	}
	return strings.TrimPrefix(imp, module+"/")
}

// matches tells whether a package is what a pattern names.
func matches(pattern, pkg string) bool {
	if pattern == "..." {
		return pkg != "cmd/ratewire"
	}
	if p, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == p || strings.HasPrefix(pkg, p+"/")
	}
	return pkg == pattern
}

func anyMatches(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if matches(p, pkg) {
			return true
		}
	}
	return false
}
