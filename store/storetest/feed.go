package storetest

import (
	"slices"
	"sync"
	"time"

	"github.com/ratewire/ratewire/store"
)

var feedCases = []testCase{
	{"FeedIsInOrderAndLimited", func(e *env) {
		var all []store.Entry
		for rev := int64(1); rev <= 4; rev++ {
			b := e.batch()
			b.Entries = slices.Concat(entries("ber", rev, 1), entries("ams", rev, 1), entries("Ber", rev, 1))
			e.must(e.s.Commit(e.ctx(), b))
			all = append(all, b.Entries...)
		}
		for after := range int64(13) {
			got, err := feed(e, e.s, after, 5)
			e.must(err)
			e.sameEntries(got, all[after:min(after+5, 12)])
		}
		got, err := feed(e, e.s, 100, 5)
		e.must(err)
		e.sameEntries(got, nil)
	}},
	{"FeedEndsWhenTold", func(e *env) {
		e.commit("ams", 1, 10)
		for name, read := range map[string]func(func(*store.Entry) bool) error{
			"feed":     func(f func(*store.Entry) bool) error { return e.s.Feed(e.ctx(), 0, 10, f) },
			"property": func(f func(*store.Entry) bool) error { return e.s.PropertyFeed(e.ctx(), "ams", 0, 10, f) },
			"back":     func(f func(*store.Entry) bool) error { return e.s.PropertyFeedBack(e.ctx(), "ams", 11, 10, f) },
		} {
			n := 0
			e.must(read(func(*store.Entry) bool { n++; return n < 3 }))
			if n != 3 {
				e.Errorf("%s: called %d times", name, n)
			}
		}
	}},
	{"PropertyFeedsGoBothWays", func(e *env) {
		b := e.batch()
		b.Entries = slices.Concat(entries("ams", 1, 9), entries("amsterdam", 1, 3), entries("AMS", 1, 2))
		e.must(e.s.Commit(e.ctx(), b))
		var up, down []store.Entry
		e.must(e.s.PropertyFeed(e.ctx(), "ams", 2, 4, keep(&up)))
		e.sameEntries(up, b.Entries[2:6])
		e.must(e.s.PropertyFeedBack(e.ctx(), "ams", 8, 3, keep(&down)))
		slices.Reverse(down)
		e.sameEntries(down, b.Entries[4:7])
		var none []store.Entry
		e.must(e.s.PropertyFeed(e.ctx(), "nowhere", 0, 4, keep(&none)))
		e.must(e.s.PropertyFeed(e.ctx(), "ams", 9, 4, keep(&none)))
		e.must(e.s.PropertyFeedBack(e.ctx(), "ams", 1, 4, keep(&none)))
		e.sameEntries(none, nil)
	}},
	{"InstantsAreKeptToTheMicrosecondInUTC", func(e *env) {
		b := e.batch()
		b.Entries = entries("ams", 1, 3)
		zone := time.FixedZone("", 5*3600+1800)
		b.Entries[0].At = time.Date(2026, 3, 29, 2, 30, 0, 999_999_000, zone)
		b.Entries[1].At = time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
		b.Entries[2].At = time.Time{}
		e.must(e.s.Commit(e.ctx(), b))
		got, err := feed(e, e.s, 0, 10)
		e.must(err)
		e.sameEntries(got, b.Entries)
	}},
	{"AReaderBesideAWriterSeesNoHoles", func(e *env) {
		const batches = 40
		reader := e.open()
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range int64(batches) {
				b := e.batch()
				b.Entries = entries("ams", i*3+1, 3)
				if err := e.s.Commit(e.ctx(), b); err != nil {
					e.Error(err)
					return
				}
			}
		})
		for after := int64(0); after < batches*3 && !e.Failed(); {
			got, err := feed(e, reader, after, 1000)
			if err != nil {
				e.Error(err)
				break
			}
			for _, x := range got {
				if x.Seq != after+1 {
					e.Errorf("number %d after %d", x.Seq, after)
				}
				after = x.Seq
			}
			if after%3 != 0 {
				e.Errorf("half a batch is visible: up to %d", after)
			}
		}
		wg.Wait()
	}},
}
