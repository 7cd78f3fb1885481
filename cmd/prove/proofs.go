package main

// proof is one named proof: a test that, with RATEWIRE_PROVE=1, runs at the size that was promised, and prints its figures.
type proof struct {
	Name string // one word; also the name of its files under .work/prove
	Pkg  string
	Test string // of go test -run
	What string // what it shows, for docs/proof.md
}

// proofs are all of them, quick ones first.
var proofs = []proof{}
