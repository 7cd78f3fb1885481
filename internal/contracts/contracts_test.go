package contracts

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDirFindsTheNamedFolder(t *testing.T) {
	root := t.TempDir()
	want := filepath.Join(root, "ota", "samples")
	if err := os.MkdirAll(want, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("RATEWIRE_CONTRACTS", root)
	if got := Dir(t, "ota", "samples"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestModuleRootHoldsGoMod(t *testing.T) {
	if _, err := os.Stat(filepath.Join(moduleRoot(), "go.mod")); err != nil {
		t.Error(err)
	}
}
