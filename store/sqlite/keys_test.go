package sqlite_test

import (
	"encoding/binary"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/sqlite"
)

func keyOf(n int) store.Key {
	k := store.Key{Day: int32(20_000 + n%3), Property: "ams", Revision: int64(n)}
	binary.BigEndian.PutUint64(k.Hash[:], uint64(n)*0x9E3779B97F4A7C15)
	if n%5 == 0 {
		k.Outcome = []byte{1, byte(n)}
	}
	return k
}

func commitKeys(t *testing.T, s store.Store, from, to int) {
	t.Helper()
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := &store.Batch{Base: h.Position, Term: h.Term}
	for n := from; n < to; n++ {
		b.Keys = append(b.Keys, keyOf(n))
	}
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// wantKeys checks that a handle knows the keys below n, each once, and no other.
func wantKeys(t *testing.T, s store.Store, n int) {
	t.Helper()
	var hashes []store.KeyHash
	for i := range n + 10 {
		hashes = append(hashes, keyOf(i).Hash)
	}
	got, err := s.Keys(t.Context(), hashes)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != n {
		t.Errorf("got %d keys, want %d", len(got), n)
	}
	for _, k := range got {
		if want := keyOf(int(k.Revision)); !reflect.DeepEqual(k, want) {
			t.Errorf("got %+v, want %+v", k, want)
		}
	}
}

func TestKeysAreKnownBeforeDuringAndAfterAMerge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	s, other := open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})
	commitKeys(t, s, 0, 300)
	commitKeys(t, s, 300, 500)
	wantKeys(t, s, 500)
	wantKeys(t, other, 500)
	s.Merge()
	if n, err := s.KeyBlocks(); err != nil || n != 0 {
		t.Errorf("%d blocks are left, %v", n, err)
	}
	wantKeys(t, s, 500)
	wantKeys(t, other, 500)
	commitKeys(t, other, 500, 600)
	wantKeys(t, s, 600)
	other.Merge()
	wantKeys(t, s, 600)
	wantKeys(t, open(t, path, sqlite.Options{}), 600)
}

func TestTwoProcessesMayMergeTheSameKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	s, other := open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})
	commitKeys(t, s, 0, 1000)
	done := make(chan struct{})
	go func() { defer close(done); other.Merge() }()
	s.Merge()
	<-done
	wantKeys(t, s, 1000)
	wantKeys(t, other, 1000)
}

func TestAMergeThatWasInterruptedIsMadeAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.MergeAt(1000))
	if err != nil {
		t.Fatal(err)
	}
	commitKeys(t, s, 0, 5000) // starts a merge; closing stops it between two slices, wherever it is
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path, sqlite.Options{})
	wantKeys(t, again, 5000)
	again.Merge()
	wantKeys(t, again, 5000)
	if n, err := again.KeyBlocks(); err != nil || n != 0 {
		t.Errorf("%d blocks are left, %v", n, err)
	}
}

// With room for ten keys, an import of thousands waits for merges, and never for ever.
func TestAnImportWaitsForTheMerger(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "hub.db"), sqlite.MergeAt(10))
	for n := range 30 {
		commitKeys(t, s, n*100, (n+1)*100)
	}
	wantKeys(t, s, 3000)
	if n, err := s.KeyBlocks(); err != nil || n > 5 {
		t.Errorf("%d blocks wait, %v", n, err)
	}
}

func FuzzUnpackKeys(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(sqlite.PackKeys([]store.Key{keyOf(5), keyOf(6), {Outcome: []byte{}}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := sqlite.UnpackKeys(20_000, body)
		if err != nil {
			return
		}
		again, err := sqlite.UnpackKeys(20_000, sqlite.PackKeys(keys))
		if err != nil || !reflect.DeepEqual(keys, again) {
			t.Errorf("%x: %+v became %+v, %v", body, keys, again, err)
		}
	})
}
