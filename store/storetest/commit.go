package storetest

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/ratewire/ratewire/store"
)

var commitCases = []testCase{
	{"FreshStoreIsAtZero", func(e *env) {
		h := e.head()
		if h.Seq != 0 || h.FirstSeq != 1 || h.Epoch == 0 || h.Term != 0 {
			e.Errorf("got head %+v", h)
		}
		if h.Epoch >= 1<<53 {
			e.Errorf("epoch %d is more than a JSON reader holds", h.Epoch)
		}
		if e.s.Describe() == "" {
			e.Error("a store that does not say what it is")
		}
	}},
	{"CommitMovesTheHeadAndSetsSeqs", func(e *env) {
		before := e.head()
		b := e.batch()
		b.Entries = slices.Concat(entries("ams", 1, 3), entries("ber", 1, 2))
		e.must(e.s.Commit(e.ctx(), b))
		for i, x := range b.Entries {
			if x.Seq != int64(i)+1 {
				e.Errorf("entry %d has number %d", i, x.Seq)
			}
		}
		if h := e.head(); h.Seq != 5 || h.Epoch != before.Epoch || h.Term != before.Term || h.FirstSeq != 1 {
			e.Errorf("got head %+v", h)
		}
		got, err := feed(e, e.s, 0, 100)
		e.must(err)
		e.sameEntries(got, b.Entries)
	}},
	{"CommitIsWhole", func(e *env) {
		e.commit("ams", 1, 1)
		e.must(e.s.Commit(e.ctx(), fullBatch(e, 2)))
		bad := fullBatch(e, 3)
		bad.Entries = append(bad.Entries, entries("ber", 1, 70)...)
		taken := e.batch()
		taken.Entries = entries("ber", 70, 1)
		e.must(e.s.Commit(e.ctx(), taken)) // the last entry of bad is there already: everything else must go with it
		bad.Base = e.head().Position
		e.wants(e.s.Commit(e.ctx(), bad), store.ErrInvalid)
		bad.Entries = bad.Entries[:1]
		e.wantsAbsent(bad)
		if h := e.head(); h.Seq != 3 {
			e.Errorf("head at %d", h.Seq)
		}
		e.must(e.s.Commit(e.ctx(), fullBatch(e, 4)))
	}},
	{"ARevisionIsCommittedOnce", func(e *env) {
		e.commit("ams", 1, 2)
		b := e.batch()
		b.Entries = entries("ams", 2, 1)
		e.wants(e.s.Commit(e.ctx(), b), store.ErrInvalid)
		if h := e.head(); h.Seq != 2 {
			e.Errorf("head at %d", h.Seq)
		}
		e.commit("ams", 3, 1)
	}},
	{"InvalidBatchesAreRefusedBeforeAnythingIsWritten", func(e *env) {
		for name, spoil := range map[string]func(*store.Batch){
			"nul in property":     func(b *store.Batch) { b.Entries[0].Property = "a\x00" },
			"no property":         func(b *store.Batch) { b.Entries[0].Property = "" },
			"revision 0":          func(b *store.Batch) { b.Entries[0].Revision = 0 },
			"hole in revisions":   func(b *store.Batch) { b.Entries = append(b.Entries, entries("ams", 9, 1)...) },
			"no utf-8 in message": func(b *store.Batch) { b.Messages[0].Source = "\xff" },
			"message without id":  func(b *store.Batch) { b.Messages[0].ID = "" },
			"key twice":           func(b *store.Batch) { b.Keys = append(b.Keys, b.Keys[0]) },
			"nul in key":          func(b *store.Batch) { b.Keys[0].Property = "\x00" },
			"object of nothing":   func(b *store.Batch) { b.Objects[0].Property = "" },
			"row without list":    func(b *store.Batch) { b.Rows[0].List = "" },
		} {
			b := fullBatch(e, 1)
			spoil(b)
			if err := e.s.Commit(e.ctx(), b); err == nil {
				e.Errorf("%s: committed", name)
			}
			e.wantsAbsent(fullBatch(e, 1))
		}
	}},
	{"HostileBodiesComeBackAsTheyAre", func(e *env) {
		rev := int64(0)
		for name, body := range hostile {
			rev++
			b := fullBatch(e, rev)
			b.Entries[0].Body, b.Objects[0].Body, b.Rows[0].Body = body, body, body
			b.Messages[0].Raw, b.Messages[0].Detail, b.Keys[0].Outcome = body, body, body
			e.must(e.s.Commit(e.ctx(), b))
			e.wantsPresent(name, b)
		}
	}},
	{"ABatchLargerThanAnyStatementLimit", func(e *env) {
		b := e.batch()
		b.Entries = entries("ams", 1, 5_000)
		for i := range 5_000 {
			b.Keys = append(b.Keys, store.Key{Day: 20_000, Hash: hash(uint64(i)), Property: "ams", Revision: int64(i)})
			b.Messages = append(b.Messages, message(i))
		}
		e.must(e.s.Commit(e.ctx(), b))
		got, err := feed(e, e.s, 0, 10_000)
		e.must(err)
		e.sameEntries(got, b.Entries)
		hashes := make([]store.KeyHash, 5_000)
		for i := range hashes {
			hashes[i] = hash(uint64(i))
		}
		keys, err := e.s.Keys(e.ctx(), hashes)
		e.must(err)
		if len(keys) != 5_000 {
			e.Errorf("got %d keys", len(keys))
		}
	}},
	{"ABatchWithoutEntriesDoesNotMindTheNumber", func(e *env) {
		old := e.batch()
		e.commit("ams", 1, 3)
		old.Keys = []store.Key{{Day: 5, Hash: hash(9), Property: "ams"}}
		old.Messages = []store.Message{message(1)}
		e.must(e.s.Commit(e.ctx(), old))
		if h := e.head(); h.Seq != 3 {
			e.Errorf("head at %d", h.Seq)
		}
		keys, err := e.s.Keys(e.ctx(), []store.KeyHash{hash(9)})
		e.must(err)
		if len(keys) != 1 {
			e.Errorf("got keys %v", keys)
		}
	}},
	{"WhatIsCommittedIsThereAfterReopening", func(e *env) {
		b := fullBatch(e, 1)
		e.must(e.s.Commit(e.ctx(), b))
		e.must(e.s.Close())
		e.s = e.open()
		e.wantsPresent("reopened", b)
		if h := e.head(); h.Seq != 1 || h.Epoch != b.Base.Epoch {
			e.Errorf("got head %+v", h)
		}
	}},
	{"ACommitOfACancelledCallIsWholeOrNot", func(e *env) {
		ctx, cancel := context.WithCancel(e.ctx())
		cancel()
		b := fullBatch(e, 1)
		if err := e.s.Commit(ctx, b); err == nil {
			e.Error("committed for nobody")
		}
		if e.head().Seq == 0 {
			e.wantsAbsent(b)
			e.must(e.s.Commit(e.ctx(), b))
		}
		e.wantsPresent("after the retry", b)
	}},
	{"AClosedStoreAnswersErrors", func(e *env) {
		b := e.batch()
		b.Entries = entries("ams", 1, 1)
		e.must(e.s.Close())
		e.must(e.s.Close())
		if err := e.s.Commit(e.ctx(), b); err == nil {
			e.Error("commit on a closed store")
		}
		if _, err := e.s.Head(e.ctx()); err == nil {
			e.Error("head of a closed store")
		}
	}},
}

var fenceCases = []testCase{
	{"AStaleBaseIsFenced", func(e *env) {
		stale := fullBatch(e, 1)
		e.commit("ber", 1, 1)
		e.wants(e.s.Commit(e.ctx(), stale), store.ErrFenced)
		e.wantsAbsent(stale)
		ahead := fullBatch(e, 1)
		ahead.Base.Seq++
		e.wants(e.s.Commit(e.ctx(), ahead), store.ErrFenced)
		e.wantsAbsent(ahead)
	}},
	{"AnotherTermOrEpochIsFenced", func(e *env) {
		for _, spoil := range []func(*store.Batch){
			func(b *store.Batch) { b.Term++ }, func(b *store.Batch) { b.Term-- },
			func(b *store.Batch) { b.Base.Epoch++ }, func(b *store.Batch) { b.Base.Epoch-- },
		} {
			b := fullBatch(e, 1)
			spoil(b)
			e.wants(e.s.Commit(e.ctx(), b), store.ErrFenced)
			b.Entries = nil
			e.wants(e.s.Commit(e.ctx(), b), store.ErrFenced)
		}
		e.wantsAbsent(fullBatch(e, 1))
	}},
	{"TheHandleWorksOnAfterAFence", func(e *env) {
		for range 5 {
			b := fullBatch(e, 1)
			b.Term = 99
			e.wants(e.s.Commit(e.ctx(), b), store.ErrFenced)
		}
		e.commit("ams", 1, 2)
	}},
	{"OfTwoHandlesExactlyOneWins", func(e *env) {
		const rounds, writers = 20, 4
		handles := make([]store.Store, writers)
		for i := range handles {
			handles[i] = e.open()
		}
		for round := range int64(rounds) {
			b := e.batch()
			errs := make([]error, writers)
			var wg sync.WaitGroup
			for i, s := range handles {
				own := *b
				own.Entries = entries("ams", round+1, 1)
				own.Entries[0].Body = []byte{byte(i)}
				own.Keys = []store.Key{{Day: 1, Hash: hash(uint64(round)<<8 | uint64(i))}}
				wg.Go(func() { errs[i] = s.Commit(e.ctx(), &own) })
			}
			wg.Wait()
			e.oneWon(round, errs)
		}
		got, err := feed(e, e.s, 0, 100)
		e.must(err)
		if len(got) != rounds {
			e.Errorf("%d entries, want %d", len(got), rounds)
		}
	}},
	{"RenewEpochFencesAndRises", func(e *env) {
		e.commit("ams", 1, 1)
		old := fullBatch(e, 2)
		epoch, err := e.s.RenewEpoch(e.ctx())
		e.must(err)
		if h := e.head(); epoch <= old.Base.Epoch || h.Epoch != epoch || h.Seq != 1 {
			e.Errorf("epoch %d after %d, head %+v", epoch, old.Base.Epoch, h)
		}
		e.wants(e.s.Commit(e.ctx(), old), store.ErrFenced)
		again, err := e.s.RenewEpoch(e.ctx())
		e.must(err)
		if again <= epoch {
			e.Errorf("epoch %d after %d", again, epoch)
		}
		e.commit("ams", 2, 1)
	}},
}

// oneWon checks that one commit succeeded, the others were fenced, and the winner's entry is what is there.
func (e *env) oneWon(round int64, errs []error) {
	e.Helper()
	won := -1
	for i, err := range errs {
		if err == nil && won < 0 {
			won = i
			continue
		}
		e.wants(err, store.ErrFenced)
	}
	if won < 0 {
		e.Fatalf("round %d: nobody won", round)
	}
	got, err := feed(e, e.s, round, 10)
	e.must(err)
	if len(got) != 1 || !bytes.Equal(got[0].Body, []byte{byte(won)}) {
		e.Fatalf("round %d: %d won, the feed has %v", round, won, got)
	}
	for i := range errs {
		keys, err := e.s.Keys(e.ctx(), []store.KeyHash{hash(uint64(round)<<8 | uint64(i))})
		e.must(err)
		if (len(keys) == 1) != (i == won) {
			e.Fatalf("round %d: %d won, keys of %d: %v", round, won, i, keys)
		}
	}
}

// fullBatch has one of everything, at a revision of property ams.
func fullBatch(e *env, rev int64) *store.Batch {
	b := e.batch()
	b.Entries = entries("ams", rev, 1)
	b.Keys = []store.Key{{Day: 20_000, Hash: hash(1000 + uint64(rev)), Content: hash(2), Property: "ams", Revision: rev, Outcome: []byte("kept")}}
	b.Objects = []store.Object{{Property: "ams", Kind: "room_type", Code: code("DBL", rev), Revision: rev, Body: []byte("{}")}}
	b.Messages = []store.Message{message(int(rev))}
	b.Rows = []store.Row{{List: "parked", ID: code("p", rev), Property: "ams", Connection: "c1", At: t0, Body: []byte("{}")}}
	return b
}

// wantsAbsent checks that nothing of a batch is there.
func (e *env) wantsAbsent(b *store.Batch) {
	e.Helper()
	for _, x := range b.Entries {
		e.must(e.s.PropertyFeed(e.ctx(), x.Property, x.Revision-1, 1, func(got *store.Entry) bool {
			e.Errorf("entry %s/%d is there", got.Property, got.Revision)
			return false
		}))
	}
	for _, k := range b.Keys[:1] {
		if keys, err := e.s.Keys(e.ctx(), []store.KeyHash{k.Hash}); err != nil || len(keys) > 0 {
			e.Errorf("keys %v, %v", keys, err)
		}
	}
	for _, m := range b.Messages {
		_, err := e.s.Message(e.ctx(), m.ID)
		e.wants(err, store.ErrNotFound)
	}
	for _, r := range b.Rows {
		_, err := e.s.Row(e.ctx(), r.List, r.ID)
		e.wants(err, store.ErrNotFound)
	}
	for _, o := range b.Objects {
		e.must(e.s.Objects(e.ctx(), o.Property, func(got *store.Object) error {
			if got.Kind == o.Kind && got.Code == o.Code {
				e.Errorf("object %s/%s is there", got.Kind, got.Code)
			}
			return nil
		}))
	}
}

// wantsPresent checks that all of a batch is there, byte for byte.
func (e *env) wantsPresent(name string, b *store.Batch) {
	e.Helper()
	for _, x := range b.Entries {
		var got []store.Entry
		e.must(e.s.PropertyFeed(e.ctx(), x.Property, x.Revision-1, 1, keep(&got)))
		e.sameEntries(got, []store.Entry{x})
	}
	for _, k := range b.Keys {
		keys, err := e.s.Keys(e.ctx(), []store.KeyHash{k.Hash})
		e.must(err)
		if len(keys) != 1 || !sameKey(keys[0], k) {
			e.Errorf("%s: got keys %+v, want %+v", name, keys, k)
		}
	}
	for _, m := range b.Messages {
		got, err := e.s.Message(e.ctx(), m.ID)
		e.must(err)
		if !sameMessage(got, m) || !sameBytes(got.Raw, m.Raw) {
			e.Errorf("%s: got message %.200v, want %.200v", name, got, m)
		}
	}
	for _, r := range b.Rows {
		got, err := e.s.Row(e.ctx(), r.List, r.ID)
		e.must(err)
		if !sameRow(got, r) {
			e.Errorf("%s: got row %.200v, want %.200v", name, got, r)
		}
	}
	for _, o := range b.Objects {
		found := false
		e.must(e.s.Objects(e.ctx(), o.Property, func(got *store.Object) error {
			found = found || got.Kind == o.Kind && got.Code == o.Code && got.Revision == o.Revision && bytes.Equal(got.Body, o.Body)
			return nil
		}))
		if !found {
			e.Errorf("%s: object %s/%s is not there as told", name, o.Kind, o.Code)
		}
	}
}

// sameBytes tells equal bytes; nil and empty differ.
func sameBytes(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }
