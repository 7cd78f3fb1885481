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
	dir, named := place(parts)
	if _, err := os.Stat(dir); err != nil {
		if named {
			t.Fatalf("RATEWIRE_CONTRACTS is set, but %v", err)
		}
		t.Skipf("no contracts at %s (set RATEWIRE_CONTRACTS to try with them)", dir)
	}
	return dir
}

// Look answers the path of a part of the contracts, for what a test checks beside its own matter; ok is false if it is not there.
func Look(parts ...string) (dir string, ok bool) {
	dir, _ = place(parts)
	_, err := os.Stat(dir)
	return dir, err == nil
}

// place answers where a part should be, and whether RATEWIRE_CONTRACTS says so.
func place(parts []string) (dir string, named bool) {
	root, named := os.LookupEnv("RATEWIRE_CONTRACTS")
	if !named {
		root = filepath.Join(moduleRoot(), "..", "shared", "contracts")
	}
	return filepath.Join(append([]string{root}, parts...)...), named
}

// moduleRoot answers the folder of go.mod, from where this file was compiled.
func moduleRoot() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
