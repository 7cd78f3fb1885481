package ari

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// fuzzed answers a picture with something of everything.
func fuzzed(t testing.TB) (*Picture, [][]byte) {
	p := counted(t)
	var bodies [][]byte
	for _, u := range []*Update{
		set(10, bar, twoAd, applyDay, applyDay+9, Both(1_000_000, 1_234_567)),
		set(10, bar, Closed, applyDay, applyDay+40, Num(Shut)),
		say(12, Statement{Verb: Set, Scope: bar, Field: UnknownField, Span: Dates(applyDay, applyDay+3), Text: "Kind=1"}),
		say(12, Statement{Verb: Set, Scope: PlanScope("BAR"), Field: MinLOSArrival, Span: Span{applyDay, DateMax, 0x1f}, Value: Num(2)}),
		adjustOf(13, net, applyDay, applyDay+1, -2),
		snapshot(14, applyDay+5, applyDay+6),
		hold("h", 1, applyDay+1, applyDay+1),
	} {
		if e, _, err := tell(t, p, u); err == nil && e != nil {
			bodies = append(bodies, e.Append(nil))
		}
	}
	return p, bodies
}

func FuzzDecodeEntry(f *testing.F) {
	_, bodies := fuzzed(f)
	for _, b := range bodies {
		f.Add(b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		w := writer{b: bytes.Clone(b)}
		e, err := DecodeEntry(w.seal(0))
		if err != nil {
			return
		}
		body := e.Append(nil)
		back, err := DecodeEntry(body)
		if err != nil || !reflect.DeepEqual(e, back) {
			t.Fatalf("what was read does not survive: %v\n%+v\n%+v", err, e, back)
		}
		head, err := DecodeEntryHead(body)
		e.Columns, e.Standing, e.Extents, e.Objects, e.Overlays, e.Touched, e.Items = nil, nil, nil, nil, nil, nil, nil
		e.ProfileVersion, e.MappingVersion = 0, 0
		if err != nil || !reflect.DeepEqual(e, head) {
			t.Fatalf("the head of what was read differs: %v\n%+v\n%+v", err, e, head)
		}
	})
}

func FuzzLoadPage(f *testing.F) {
	p, _ := fuzzed(f)
	for id, b := range allPages(p) {
		f.Add(id.Scope, id.Month, b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, scope string, month int32, b []byte) {
		if len(b) == 0 {
			return
		}
		q := NewPicture("H1")
		q.StartLoading(1)
		w := writer{b: bytes.Clone(b)}
		id := PageID{scope, month}
		if err := q.LoadPage(id, w.seal(0)); err != nil {
			return
		}
		q.FinishLoading()
		page := q.AppendPage(nil, id)
		r := NewPicture("H1")
		r.StartLoading(1)
		if len(page) == 0 {
			return
		}
		if err := r.LoadPage(id, page); err != nil {
			t.Fatalf("what was loaded cannot be loaded again: %v", err)
		}
		r.FinishLoading()
		if again := r.AppendPage(nil, id); !bytes.Equal(page, again) {
			t.Fatalf("pages differ:\n%x\n%x", page, again)
		}
	})
}

// A plan with whatever offers and supplements: what is read survives its own JSON, and what is not refused can be asked for without harm.
func FuzzPlanExtras(f *testing.F) {
	f.Add([]byte(fullPlan))
	f.Add([]byte(`{"offers":[{"free":1},7,null],"supplements":[{"tax":1.5},"x",{"code":"A","charge":"other","mandatory":true}]}`))
	f.Add([]byte(`{"offers":[{"kind":"free_nights","nights_required":1,"nights_discounted":1,"pattern":"1"}],"guests":{"max_children":0}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var p RatePlan
		if decodeObject(body, &p) != nil {
			return
		}
		p.Code = "BAR"
		once, err := json.Marshal(&p)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		var again RatePlan
		if err := decodeObject(once, &again); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if twice, err := json.Marshal(&again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
		k := simple(t)
		if k.catalog, err = k.catalog.with(KindRatePlan, "BAR", once); err != nil {
			t.Fatal(err)
		}
		if k.catalog.checkParent("BAR") == nil && k.catalog.checkPut(&ObjectOp{Kind: KindRatePlan, Code: "BAR", Body: once}) == nil {
			q := stay(1, 3)
			q.Children, q.RatePlans = []int{3, 11}, []string{"BAR"}
			k.one(q)
		}
	})
}
