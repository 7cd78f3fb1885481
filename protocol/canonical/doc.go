// Package canonical is Ratewire's own message: the JSON of an update, both ways. It is what POST /v1/updates takes, what the command
// line pushes and exports, and how values, scopes and spans are shown wherever the API shows them.
//
// Decode is strict and complete: unknown fields, repeated names, wrong types and absurd values are refused, every fault at once, each with
// a JSON pointer, what was expected, what came and a fix. It reads hub codes only; nothing here maps, stamps or judges an update against a
// picture. The package is pure.
//
// The decoder of the one hot message is written by hand, since encoding/json alone would bound the hub (docs/benchmarks.md); fuzzing
// holds it to a second reading through encoding/json and the types of wire.go.
package canonical
