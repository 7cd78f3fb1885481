// Package hub is where decisions meet I/O: the one way in (ingest), the pictures of all properties, recovery from pages and feed,
// checkpoints, the writer's lease, parking and replay. It knows stores by their contract only, and no platform by name.
//
// Its decisions are steps, Step(now, event) -> effects, so that the same code runs on goroutines in production and on one schedule from
// a seed in tests (S36).
package hub
