package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ratewire/ratewire/store"
)

// prune calls Prune until nothing is left, and answers how often.
func prune(e *env, r store.Retention) (slices int) {
	e.Helper()
	for {
		more, err := e.s.Prune(e.ctx(), r)
		e.must(err)
		if slices++; !more {
			return slices
		}
		if slices > 1000 {
			e.Fatal("prune never ends")
		}
	}
}

func (e *env) checkpoint(property string, rev, seq int64) {
	e.Helper()
	e.must(e.s.PutPages(e.ctx(), e.head().Term, nil, []store.Checkpoint{{Property: property, Revision: rev, Seq: seq}}))
}

func at(rev int64) time.Time { return t0.Add(time.Duration(rev) * time.Minute) }

var pruneCases = []testCase{
	{"EntriesThatACheckpointNeedsAreKept", func(e *env) {
		e.commit("ams", 1, 10)
		prune(e, store.Retention{FeedBefore: at(100)})
		if h := e.head(); h.FirstSeq != 1 {
			e.Fatalf("pruned without a checkpoint: %+v", h)
		}
		e.checkpoint("ams", 6, 6)
		prune(e, store.Retention{FeedBefore: at(100)})
		if h := e.head(); h.FirstSeq != 7 || h.Seq != 10 {
			e.Errorf("got head %+v", h)
		}
		got, err := feed(e, e.s, 6, 100)
		e.must(err)
		want := entries("ams", 7, 4)
		for i := range want {
			want[i].Seq = int64(7 + i)
		}
		e.sameEntries(got, want)
	}},
	{"YoungEntriesAreKept", func(e *env) {
		e.commit("ams", 1, 10)
		e.checkpoint("ams", 10, 10)
		prune(e, store.Retention{FeedBefore: at(4)})
		if h := e.head(); h.FirstSeq != 4 {
			e.Errorf("got head %+v", h)
		}
		prune(e, store.Retention{FeedBefore: at(4)})
		if h := e.head(); h.FirstSeq != 4 {
			e.Errorf("got head %+v", h)
		}
	}},
	{"WhatWasPrunedIsGone", func(e *env) {
		b := e.batch()
		b.Entries = slices.Concat(entries("ams", 1, 5), entries("ber", 1, 2), entries("ams", 6, 5))
		e.must(e.s.Commit(e.ctx(), b))
		e.checkpoint("ams", 10, 12)
		e.checkpoint("ber", 2, 12)
		prune(e, store.Retention{FeedBefore: at(8)}) // up to ams 7, number 9
		if h := e.head(); h.FirstSeq != 10 {
			e.Fatalf("got head %+v", h)
		}
		none := func(*store.Entry) bool { e.Error("an entry"); return false }
		e.wants(e.s.Feed(e.ctx(), 8, 10, none), store.ErrGone)
		e.wants(e.s.Feed(e.ctx(), 0, 10, none), store.ErrGone)
		e.wants(e.s.PropertyFeed(e.ctx(), "ams", 6, 10, none), store.ErrGone)
		e.wants(e.s.PropertyFeed(e.ctx(), "ber", 1, 10, none), store.ErrGone)
		e.wants(e.s.PropertyFeedBack(e.ctx(), "ams", 8, 10, none), store.ErrGone)
		e.must(e.s.PropertyFeed(e.ctx(), "ber", 2, 10, none))
		e.must(e.s.PropertyFeed(e.ctx(), "nowhere", 0, 10, none))
		var up, down []store.Entry
		e.must(e.s.PropertyFeed(e.ctx(), "ams", 7, 10, keep(&up)))
		e.must(e.s.PropertyFeedBack(e.ctx(), "ams", 10, 10, keep(&down)))
		if len(up) != 3 || up[0].Revision != 8 || len(down) != 2 || down[1].Revision != 8 {
			e.Errorf("got %v and %v", up, down)
		}
	}},
	{"TheFeedGoesOnAfterAllOfItWasPruned", func(e *env) {
		e.commit("ams", 1, 5)
		e.checkpoint("ams", 5, 5)
		prune(e, store.Retention{FeedBefore: at(100)})
		if h := e.head(); h.FirstSeq != 6 || h.Seq != 5 {
			e.Fatalf("got head %+v", h)
		}
		got, err := feed(e, e.s, 5, 10)
		e.must(err)
		e.sameEntries(got, nil)
		e.commit("ams", 6, 1)
		got, err = feed(e, e.s, 5, 10)
		e.must(err)
		if len(got) != 1 || got[0].Seq != 6 {
			e.Errorf("got %v", got)
		}
	}},
	{"KeysGoByBucket", func(e *env) {
		b := e.batch()
		for i := range 3000 {
			b.Keys = append(b.Keys, store.Key{Day: int32(10 + i%3), Hash: hash(uint64(i))})
		}
		e.must(e.s.Commit(e.ctx(), b))
		prune(e, store.Retention{KeysBefore: 12})
		if left := e.bucketsFrom(12); left != 1000 {
			e.Errorf("%d keys left", left)
		}
		keys, err := e.s.Keys(e.ctx(), []store.KeyHash{hash(0), hash(2)})
		e.must(err)
		if len(keys) != 1 || keys[0].Day != 12 {
			e.Errorf("got %v", keys)
		}
	}},
	{"BucketsFarApartDoNotDisturbOneAnother", func(e *env) {
		b := e.batch()
		for i := range int32(300) {
			b.Keys = append(b.Keys, store.Key{Day: 20_000 + i, Hash: hash(uint64(i))})
		}
		e.must(e.s.Commit(e.ctx(), b))
		prune(e, store.Retention{KeysBefore: 20_150})
		if left := e.bucketsFrom(20_150); left != 150 {
			e.Errorf("%d keys left", left)
		}
	}},
	{"OldMessagesGoWithTheirRawCopies", func(e *env) {
		for n := range 6 {
			putMessages(e, message(2*n), message(2*n+1))
		}
		prune(e, store.Retention{MessagesBefore: message(7).Received})
		ms, err := e.s.Messages(e.ctx(), store.MessageFilter{Limit: 100})
		e.must(err)
		if len(ms) != 5 || ms[4].ID != message(7).ID {
			e.Errorf("got %v", ms)
		}
		for n := 7; n < 12; n++ { // 7 shares its block with 6, which is gone
			m, err := e.s.Message(e.ctx(), message(n).ID)
			e.must(err)
			if string(m.Raw) != string(message(n).Raw) {
				e.Errorf("message %d has raw copy %q", n, m.Raw)
			}
		}
		_, err = e.s.Message(e.ctx(), message(6).ID)
		e.wants(err, store.ErrNotFound)
	}},
	{"ManySlicesDropAll", func(e *env) {
		const n = 6_000
		b := e.batch()
		b.Entries = entries("ams", 1, n)
		for i := range n {
			b.Keys = append(b.Keys, store.Key{Day: 1, Hash: hash(uint64(i))})
			b.Messages = append(b.Messages, message(i))
		}
		e.must(e.s.Commit(e.ctx(), b))
		e.checkpoint("ams", n, n)
		prune(e, store.Retention{FeedBefore: at(n + 1), KeysBefore: 2, MessagesBefore: message(n).Received})
		if h := e.head(); h.FirstSeq != n+1 {
			e.Errorf("got head %+v", h)
		}
		e.must(e.s.KeyHashes(e.ctx(), func(int32, store.KeyHash) { e.Fatal("a key is left") }))
		ms, err := e.s.Messages(e.ctx(), store.MessageFilter{Limit: 3})
		e.must(err)
		if len(ms) != 0 {
			e.Errorf("left: %v", ms)
		}
	}},
	{"PruneBesideAWriterAndAReader", func(e *env) {
		other := e.open()
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range int64(30) {
				b := e.batch()
				b.Entries = entries("ams", i*5+1, 5)
				if err := e.s.Commit(e.ctx(), b); err != nil {
					e.Error(err)
				}
				if err := e.s.PutPages(e.ctx(), 0, nil, []store.Checkpoint{{Property: "ams", Revision: i*5 + 5, Seq: i*5 + 5}}); err != nil {
					e.Error(err)
				}
			}
		})
		wg.Go(func() {
			for i := range int64(30) {
				if _, err := other.Prune(e.ctx(), store.Retention{FeedBefore: at(i * 4)}); err != nil {
					e.Error(err)
				}
			}
		})
		for range 50 {
			e.feedIsWhole(other)
		}
		wg.Wait()
	}},
}

// bucketsFrom counts the keys that are left, which must be of a day or younger.
func (e *env) bucketsFrom(first int32) int {
	e.Helper()
	left := map[store.KeyHash]bool{}
	e.must(e.s.KeyHashes(e.ctx(), func(day int32, h store.KeyHash) {
		if left[h] = true; day < first {
			e.Fatalf("bucket %d is there", day)
		}
	}))
	return len(left)
}

// feedIsWhole reads the feed from what the head says on: it is gone meanwhile, or has no hole.
func (e *env) feedIsWhole(s store.Store) {
	e.Helper()
	h, err := s.Head(e.ctx())
	e.must(err)
	next := h.FirstSeq
	err = s.Feed(e.ctx(), next-1, 1000, func(x *store.Entry) bool {
		if x.Seq != next {
			e.Errorf("number %d where %d must come", x.Seq, next)
		}
		next = x.Seq + 1
		return true
	})
	if err != nil && !errors.Is(err, store.ErrGone) {
		e.Error(err)
	}
}

var checkCases = []testCase{
	{"CheckFindsNothingInAWholeFeed", func(e *env) {
		b := e.batch()
		b.Entries = slices.Concat(entries("ams", 1, 5), entries("ber", 1, 7), entries("ams", 6, 5))
		e.must(e.s.Commit(e.ctx(), b))
		e.wantsProblems(17)
		e.checkpoint("ams", 4, 4)
		e.checkpoint("ber", 7, 12)
		prune(e, store.Retention{FeedBefore: at(100)})
		e.wantsProblems(13) // 5..17
	}},
	{"CheckFindsHolesAndRepeats", func(e *env) {
		for _, rev := range []int64{1, 2, 4} {
			e.commit("ams", rev, 1)
		}
		e.commit("ber", 3, 1)
		e.wantsProblems(4, "ams: revision 4 follows 2", "ber: oldest entry is revision 3, checkpoint 0: replay has a hole")
		e.checkpoint("ams", 9, 4)
		e.wantsProblems(4, "ams: revision 4 follows 2", "ber: oldest entry is revision 3, checkpoint 0: replay has a hole",
			"ams: checkpoint at revision 9, last entry 4")
	}},
}

func (e *env) wantsProblems(entries int64, want ...string) {
	e.Helper()
	var got []string
	n, err := store.CheckFeed(e.ctx(), e.s, func(p store.Problem) { got = append(got, fmt.Sprintf("%s: %s", p.Property, p.What)) })
	e.must(err)
	if n != entries || !slices.Equal(got, want) {
		e.Errorf("read %d entries, found %q; want %d, %q", n, got, entries, want)
	}
}

// CheckSyncs commits a few small batches and answers an error if one of them was acknowledged without a durable sync since it began. A
// store that does not count syncs is an error too. Nobody else may commit meanwhile.
func CheckSyncs(ctx context.Context, s store.Store) error {
	for i := range int64(5) {
		h, err := s.Head(ctx)
		if err != nil {
			return err
		}
		before, ok := s.Syncs(ctx)
		if !ok {
			return errors.New("the store does not count its syncs")
		}
		b := &store.Batch{Base: h.Position, Term: h.Term, Entries: entries("synced", h.Seq+1, 1)}
		b.Entries[0].Property = fmt.Sprintf("synced-%d", h.Seq)
		b.Entries[0].Revision = 1
		if err := s.Commit(ctx, b); err != nil {
			return err
		}
		if after, _ := s.Syncs(ctx); after <= before {
			return fmt.Errorf("commit %d was acknowledged without a sync: %d before, %d after", i, before, after)
		}
	}
	return nil
}
