// Package contracts finds the vendors' published specifications and real messages that some tests read. They are no part of this
// repository: RATEWIRE_CONTRACTS names their folder (default ../shared/contracts beside the module). Tests that want them are skipped,
// with the reason, where they are absent, and never fail for it.
package contracts

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Dir answers the path of a part of the contracts, for instance Dir(t, "ota", "samples"), and skips the test if it is not there.
// With RATEWIRE_CONTRACTS set, a missing part fails the test instead: whoever names the folder means it.
func Dir(t testing.TB, parts ...string) string {
	t.Helper()
	root, named := os.LookupEnv("RATEWIRE_CONTRACTS")
	if !named {
		root = filepath.Join(moduleRoot(), "..", "shared", "contracts")
	}
	dir := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		if named {
			t.Fatalf("RATEWIRE_CONTRACTS is set, but %v", err)
		}
		t.Skipf("no contracts at %s (set RATEWIRE_CONTRACTS to try with them)", dir)
	}
	return dir
}

// moduleRoot answers the folder of go.mod, from where this file was compiled.
func moduleRoot() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
