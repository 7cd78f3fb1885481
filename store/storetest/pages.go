package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ratewire/ratewire/store"
)

var objectCases = []testCase{
	{"ObjectsAreReplacedAndDeletedByName", func(e *env) {
		put := func(property, kind, code string, rev int64, body []byte) {
			b := e.batch()
			b.Entries = entries(property, rev, 1)
			b.Objects = []store.Object{{Property: property, Kind: kind, Code: code, Revision: rev, Body: body}}
			e.must(e.s.Commit(e.ctx(), b))
		}
		put("ams", "room_type", "DBL", 1, []byte("one"))
		put("ber", "room_type", "DBL", 1, []byte("other"))
		put("ams", "rate_plan", "BAR", 2, []byte("plan"))
		put("ams", "room_type", "DBL", 3, []byte("three"))
		put("_hub", "connection", "c1", 1, []byte{})
		e.wantsObjects("", "_hub/connection/c1@1=", "ams/rate_plan/BAR@2=plan", "ams/room_type/DBL@3=three", "ber/room_type/DBL@1=other")
		e.wantsObjects("ams", "ams/rate_plan/BAR@2=plan", "ams/room_type/DBL@3=three")
		put("ams", "room_type", "DBL", 4, nil)
		put("ams", "room_type", "never there", 5, nil)
		e.wantsObjects("ams", "ams/rate_plan/BAR@2=plan")
		e.wantsObjects("nowhere")
	}},
	{"InOneBatchTheLastWordOnAnObjectCounts", func(e *env) {
		b := e.batch()
		b.Entries = entries("ams", 1, 3)
		for i, body := range [][]byte{[]byte("a"), nil, []byte("c")} {
			b.Objects = append(b.Objects, store.Object{Property: "ams", Kind: "k", Code: "x", Revision: int64(i) + 1, Body: body})
		}
		e.must(e.s.Commit(e.ctx(), b))
		e.wantsObjects("ams", "ams/k/x@3=c")
	}},
	{"AnErrorOfTheCallerEndsTheReading", func(e *env) {
		b := e.batch()
		b.Objects = []store.Object{{Property: "ams", Kind: "k", Code: "a", Body: []byte("1")}, {Property: "ams", Kind: "k", Code: "b", Body: []byte("2")}}
		e.must(e.s.Commit(e.ctx(), b))
		stop, n := errors.New("enough"), 0
		e.wants(e.s.Objects(e.ctx(), "", func(*store.Object) error { n++; return stop }), stop)
		e.must(e.s.PutPages(e.ctx(), 0, []store.Page{page("ams", "x", 1, 1, "p"), page("ams", "x", 2, 1, "p")}, nil))
		e.wants(e.s.Pages(e.ctx(), "", "", func(*store.Page) error { n++; return stop }), stop)
		if n != 2 {
			e.Errorf("called %d times", n)
		}
	}},
}

func (e *env) wantsObjects(property string, want ...string) {
	e.Helper()
	var got []string
	e.must(e.s.Objects(e.ctx(), property, func(o *store.Object) error {
		got = append(got, fmt.Sprintf("%s/%s/%s@%d=%s", o.Property, o.Kind, o.Code, o.Revision, o.Body))
		return nil
	}))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		e.Errorf("objects of %q: got %q, want %q", property, got, want)
	}
}

func page(property, scope string, month int32, rev int64, body string) store.Page {
	return store.Page{Property: property, Scope: scope, Month: month, Revision: rev, Body: []byte(body)}
}

var pageCases = []testCase{
	{"APageIsWrittenOnlyOverALowerRevision", func(e *env) {
		put := func(p ...store.Page) { e.Helper(); e.must(e.s.PutPages(e.ctx(), 0, p, nil)) }
		put(page("ams", "", 0, 5, "head"), page("ams", "DBL|BAR", 24_000, 5, "five"))
		put(page("ams", "DBL|BAR", 24_000, 4, "four"))
		put(page("ams", "DBL|BAR", 24_000, 5, "again"))
		e.wantsPages("", "", "ams//0@5=head", "ams/DBL|BAR/24000@5=five")
		put(page("ams", "DBL|BAR", 24_000, 6, "six"), page("ams", "DBL|BAR", 24_001, 6, "next"))
		e.wantsPages("", "", "ams//0@5=head", "ams/DBL|BAR/24000@6=six", "ams/DBL|BAR/24001@6=next")
		put(page("ams", "DBL|BAR", 24_000, 6, ""), page("ams", "DBL|BAR", 24_001, 7, ""))
		e.wantsPages("", "", "ams//0@5=head", "ams/DBL|BAR/24000@6=six")
	}},
	{"CheckpointsOnlyGoUp", func(e *env) {
		put := func(rev, seq int64) {
			e.Helper()
			e.must(e.s.PutPages(e.ctx(), 0, nil, []store.Checkpoint{{Property: "ams", Revision: rev, Seq: seq}}))
		}
		put(5, 50)
		put(4, 60)
		put(5, 40)
		e.wantsCheckpoints("ams@5/50")
		put(5, 70) // unchanged since: replay may start later
		e.wantsCheckpoints("ams@5/70")
		put(6, 71)
		e.must(e.s.PutPages(e.ctx(), 0, nil, []store.Checkpoint{{Property: "ber", Revision: 1, Seq: 2}}))
		e.wantsCheckpoints("ams@6/71", "ber@1/2")
	}},
	{"PagesOfAnotherTermAreFenced", func(e *env) {
		for _, term := range []int64{-1, 1} {
			err := e.s.PutPages(e.ctx(), term, []store.Page{page("ams", "x", 1, 1, "p")}, []store.Checkpoint{{Property: "ams", Revision: 1}})
			e.wants(err, store.ErrFenced)
		}
		e.wantsPages("", "")
		e.wantsCheckpoints()
	}},
	{"PagesAreReadByRangeOfPropertiesInByteOrder", func(e *env) {
		var all []store.Page
		for _, p := range []string{"B", "a", "a b", "ab", "b", "é", "z"} {
			for m := range int32(3) {
				all = append(all, page(p, "s", m, 1, p))
			}
		}
		e.must(e.s.PutPages(e.ctx(), 0, all, nil))
		e.wantsPages("a", "b", "a/s/0@1=a", "a/s/1@1=a", "a/s/2@1=a", "a b/s/0@1=a b", "a b/s/1@1=a b", "a b/s/2@1=a b", "ab/s/0@1=ab", "ab/s/1@1=ab", "ab/s/2@1=ab")
		e.wantsPages("é", "", "é/s/0@1=é", "é/s/1@1=é", "é/s/2@1=é")
		e.wantsPages("", "a", "B/s/0@1=B", "B/s/1@1=B", "B/s/2@1=B")
		var order []string
		e.must(e.s.Pages(e.ctx(), "", "", func(p *store.Page) error { order = append(order, p.Property); return nil }))
		if !slices.IsSorted(order) || len(order) != 21 {
			e.Errorf("got properties in order %q", order)
		}
	}},
	{"PagesAreReadFromSeveralGoroutines", func(e *env) {
		var all []store.Page
		for p := range 8 {
			for m := range int32(20) {
				all = append(all, page(string(rune('a'+p)), "s", m, 1, strings.Repeat("x", 700+p)))
			}
		}
		e.must(e.s.PutPages(e.ctx(), 0, all, nil))
		counts := make([]int, 8)
		var wg sync.WaitGroup
		for p := range 8 {
			wg.Go(func() {
				err := e.s.Pages(e.ctx(), string(rune('a'+p)), string(rune('b'+p)), func(x *store.Page) error {
					if len(x.Body) == 700+p {
						counts[p]++
					}
					return nil
				})
				if err != nil {
					e.Error(err)
				}
			})
		}
		wg.Wait()
		if fmt.Sprint(counts) != "[20 20 20 20 20 20 20 20]" {
			e.Errorf("got %v", counts)
		}
	}},
	{"PagesOfAnySizeComeBackAsTheyAre", func(e *env) {
		var pages []store.Page
		for _, n := range []int{1, 744, 1_000, 4_000, 9_000, 70_000, 1 << 20} {
			pages = append(pages, store.Page{Property: "ams", Scope: "s", Month: int32(n), Revision: 1, Body: big(n)})
		}
		e.must(e.s.PutPages(e.ctx(), 0, pages, nil))
		n := 0
		e.must(e.s.Pages(e.ctx(), "", "", func(p *store.Page) error {
			n++
			if !bytes.Equal(p.Body, big(int(p.Month))) {
				e.Errorf("page of %d bytes came back as %d others", p.Month, len(p.Body))
			}
			return nil
		}))
		if n != len(pages) {
			e.Errorf("got %d pages", n)
		}
	}},
}

func (e *env) wantsPages(lo, hi string, want ...string) {
	e.Helper()
	var got []string
	e.must(e.s.Pages(e.ctx(), lo, hi, func(p *store.Page) error {
		got = append(got, fmt.Sprintf("%s/%s/%d@%d=%s", p.Property, p.Scope, p.Month, p.Revision, p.Body))
		return nil
	}))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		e.Errorf("pages of [%q, %q): got %q, want %q", lo, hi, got, want)
	}
}

func (e *env) wantsCheckpoints(want ...string) {
	e.Helper()
	cps, err := e.s.Checkpoints(e.ctx())
	e.must(err)
	var got []string
	for _, c := range cps {
		got = append(got, fmt.Sprintf("%s@%d/%d", c.Property, c.Revision, c.Seq))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		e.Errorf("checkpoints: got %q, want %q", got, want)
	}
}
