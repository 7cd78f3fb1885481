// Package ari is the core of Ratewire: stay dates, amounts, statements, the packed picture of one property, apply, diff, sell,
// explain, derived plans, blocks. It does no I/O, reads no clock and logs nothing; instants come in as values. It is the one
// representation of the picture (S34).
//
// The way of an update: an Update holds statements; a Draft judges them against the picture and answers an Entry, the journal's
// record of what changes; once the entry is committed, Picture.Fold makes it so and recomputes the effective values it touches. The
// way of a query: Picture.Sell reads effective values only; Picture.Explain adds where they come from.
//
// docs/evaluation.md is the exact reading of the rules; ari/aritest holds a slow model written from the same page, on statements.
package ari
