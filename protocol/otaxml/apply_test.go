package otaxml

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/golden"
)

var appliedAt = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)

// testPicture answers a picture with the test hotel's catalog, and counts and numbers that adjusts may add to.
func testPicture(t testing.TB) *ari.Picture {
	t.Helper()
	p := ari.NewPicture("H1")
	object := func(kind, code string, v any) ari.ObjectOp {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return ari.ObjectOp{Kind: kind, Code: code, Body: b}
	}
	c := newTestHotel().catalog
	u := ari.Update{Property: "H1", By: ari.Author{Kind: ari.ByClient, ID: "test"}, Received: appliedAt, Day: ari.DateOf(2026, 2, 1), Order: 1, Connection: "pms",
		Objects: []ari.ObjectOp{
			object(ari.KindProperty, "H1", c.Property), object(ari.KindRoomClass, "SUP", ari.RoomClass{Code: "SUP"}),
			object(ari.KindRateCategory, "CORP", ari.RateCategory{Code: "CORP"}), object(ari.KindBlock, "GRP1", c.Blocks["GRP1"]),
		},
		Statements: []ari.Statement{{Verb: ari.Set, Scope: ari.RoomScope("DBL"), Span: ari.Dates(ari.DateOf(2026, 2, 1), ari.DateOf(2026, 12, 31)), Field: ari.Count(ari.Net), Value: ari.Num(5)}},
	}
	for _, code := range c.RoomCodes {
		u.Objects = append(u.Objects, object(ari.KindRoomType, code, c.RoomTypes[code]))
	}
	for _, code := range c.PlanCodes {
		u.Objects = append(u.Objects, object(ari.KindRatePlan, code, c.Plans[code]))
	}
	e, _, err := p.Draft().Apply(&u)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Fold(e); err != nil {
		t.Fatal(err)
	}
	return p
}

// What Decode lets through, ari takes: an item that passes here and is refused there would be a rule that the two read differently.
func TestWhatIsDecodedIsApplied(t *testing.T) {
	type source struct {
		name, body string
		p          *Profile
	}
	var all []source
	files, _ := filepath.Glob("testdata/decode/*.txtar")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c := golden.Parse(string(b))
		p, err := profileOf(c)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source{f, c.File("message.xml"), p})
	}
	for _, c := range choiceCases {
		for _, v := range []string{c.value, c.other} {
			all = append(all, source{c.key + "=" + v, c.message, choose(t, c.key, v)})
		}
	}
	for _, h := range hostile {
		all = append(all, source{h.name, h.body, Generic()})
	}
	for _, h := range hostileDefinitions {
		all = append(all, source{h.name, h.body, Generic()})
	}
	applied := 0
	for _, s := range all {
		m, err := Parse([]byte(s.body), "")
		if err != nil {
			continue
		}
		r := Decode(m, s.p, testCodes{newTestHotel()})
		u := r.Update(nil)
		if len(u.Statements)+len(u.Replace)+len(u.Objects) == 0 {
			continue
		}
		u.By, u.Connection, u.Received, u.Order, u.ByItem = ari.Author{Kind: ari.ByMessage, ID: "pms"}, "pms", appliedAt, 2, true
		_, items, err := testPicture(t).Draft().Apply(&u)
		if err != nil {
			t.Errorf("%s: %v\n%s", s.name, err, dump(&r))
			continue
		}
		for _, it := range items {
			applied++
			if it.Verdict == ari.ItemRefused && !fineToRefuse(it.Err) {
				t.Errorf("%s: %v\n%s", s.name, it.Err, dump(&r))
			}
		}
	}
	if applied < 100 {
		t.Errorf("only %d items applied", applied)
	}
}

// fineToRefuse are refusals that are the picture's to say: a tax side that a choice moves against the plan, an adjust of what was cleared.
func fineToRefuse(e *ari.ItemError) bool {
	return e.Code == ari.CodeRateBasis || e.Code == ari.CodeAdjustUnset
}
