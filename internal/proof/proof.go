// Package proof gives tests two sizes with one code: small ones in `make test`, the full ones in `make prove` (RATEWIRE_PROVE=1), which
// collects their figures into docs/proof.md.
package proof

import (
	"fmt"
	"os"
	"testing"
)

// Full tells whether the full sizes are asked for.
func Full() bool { return os.Getenv("RATEWIRE_PROVE") == "1" }

// Size answers how much a test does: small in make test, full in make prove.
func Size(small, full int) int {
	if Full() {
		return full
	}
	return small
}

// Figure prints a figure of a proof: what was counted, measured or used as a seed. The name is one word, by custom words_with_underscores.
func Figure(t testing.TB, name string, value any) {
	t.Helper()
	fmt.Printf("PROOF %s %v\n", name, value) // not t.Log: the line must begin with PROOF
}
