// Package storetest is the definition of the store contract in tests: whatever calls itself a store passes Run. A fault found in one
// implementation becomes a case here, for all.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ratewire/ratewire/store"
)

// Database is one empty database of the implementation under test.
type Database struct {
	// Open answers a further handle on it, closed by the test's cleanup at the latest.
	Open func(t *testing.T) store.Store
	// Restore makes another database from a backup and answers a handle on it, or the error.
	Restore func(t *testing.T, backup string) (store.Store, error)
}

// Run runs the suite. fresh makes an empty database for one test; tests run in parallel.
func Run(t *testing.T, fresh func(t *testing.T) Database) {
	for _, c := range slices.Concat(commitCases, fenceCases, feedCases, keyCases, objectCases, pageCases, messageCases, workCases,
		leaseCases, pruneCases, backupCases, checkCases) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := &env{T: t, db: fresh(t)}
			e.s = e.open()
			c.test(e)
		})
	}
}

// testCase is one behaviour.
type testCase struct {
	name string
	test func(*env)
}

// env is what a case works with: the test, the database and a first handle on it.
type env struct {
	*testing.T
	db Database
	s  store.Store
}

func (e *env) open() store.Store { return e.db.Open(e.T) }

func (e *env) ctx() context.Context { return e.Context() }

// must ends the case on an error.
func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// wants fails the case unless err is the sentinel; nil means success.
func (e *env) wants(err, want error) {
	e.Helper()
	if !errors.Is(err, want) {
		e.Fatalf("got error %v, want %v", err, want)
	}
}

func (e *env) head() store.Head {
	e.Helper()
	h, err := e.s.Head(e.ctx())
	e.must(err)
	return h
}

// batch is an empty batch on the present head.
func (e *env) batch() *store.Batch {
	e.Helper()
	h := e.head()
	return &store.Batch{Base: h.Position, Term: h.Term}
}

// commit commits entries of one property from a revision on, n of them, and answers the head after.
func (e *env) commit(property string, from int64, n int) store.Head {
	e.Helper()
	b := e.batch()
	b.Entries = entries(property, from, n)
	e.must(e.s.Commit(e.ctx(), b))
	return e.head()
}

// t0 is an instant as a source would tell it; entries count on from it.
var t0 = time.Date(2026, 11, 22, 9, 30, 0, 123456000, time.UTC)

func entries(property string, from int64, n int) []store.Entry {
	es := make([]store.Entry, n)
	for i := range es {
		rev := from + int64(i)
		es[i] = store.Entry{
			Property: property, Revision: rev, At: t0.Add(time.Duration(rev) * time.Minute), MessageID: fmt.Sprintf("m-%s-%d", property, rev),
			StampOnly: rev%3 == 0, Body: []byte(fmt.Sprintf("body of %s %d", property, rev)),
		}
	}
	return es
}

// feed reads the feed whole, cloned.
func feed(e *env, s store.Store, after int64, limit int) (es []store.Entry, err error) {
	err = s.Feed(e.ctx(), after, limit, keep(&es))
	return es, err
}

// keep answers a callback that adds clones to es.
func keep(es *[]store.Entry) func(*store.Entry) bool {
	return func(x *store.Entry) bool {
		c := *x
		c.Body = slices.Clone(x.Body)
		*es = append(*es, c)
		return true
	}
}

func sameEntry(a, b store.Entry) bool {
	return a.Property == b.Property && a.Revision == b.Revision && a.Seq == b.Seq && a.At.Equal(b.At) && a.MessageID == b.MessageID &&
		a.StampOnly == b.StampOnly && string(a.Body) == string(b.Body)
}

func (e *env) sameEntries(got, want []store.Entry) {
	e.Helper()
	if len(got) != len(want) {
		e.Fatalf("got %d entries, want %d", len(got), len(want))
	}
	for i := range got {
		if !sameEntry(got[i], want[i]) {
			e.Fatalf("entry %d: got %+v, want %+v", i, got[i], want[i])
		}
		if got[i].At.Location() != time.UTC {
			e.Fatalf("entry %d: instant in %v, want UTC", i, got[i].At.Location())
		}
	}
}

func (e *env) path(name string) string { return filepath.Join(e.TempDir(), name) }

// hash answers a dedupe hash that differs for each n and is spread over the whole range, as real ones are.
func hash(n uint64) (h store.KeyHash) {
	for i := range h {
		n = (n ^ uint64(i)) * 0x9E3779B97F4A7C15
		n ^= n >> 29
		h[i] = byte(n >> 40)
	}
	return h
}

// hostile are bodies that a careless store would change.
var hostile = map[string][]byte{
	"empty":         {},
	"nul":           {0},
	"nul inside":    []byte("a\x00b"),
	"invalid utf-8": {0xff, 0xfe, 0xc0, 0x80},
	"quotes":        []byte(`'; drop table entry; -- " \ \N %s $1 ?`),
	"1 MB":          big(1 << 20),
	"newlines":      []byte("\r\n\n\r\t\\."),
}

func big(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}
