package ari

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// The updates of these tests speak of few scopes, fields and dates, so that they meet.

var drawScopes = []Scope{{}, std, bar, PlanScope("BAR"), {Rates: FamilyKind, Rate: "BAR"}, {Rooms: RoomClassKind, Room: "MAIN"},
	{Rooms: RoomTypeKind, Room: "STD", Rates: PlanKind, Rate: "BAR", Channel: "web"}, {Block: "B1"}}

var drawRestrictions = []struct {
	f    Field
	vals []Value
}{
	{Closed, []Value{Num(Open), Num(Shut)}},
	{CTA, []Value{Num(Open), Num(Shut)}},
	{MinLOSArrival, []Value{Num(1), Num(2), Num(7)}},
	{Limit(Remaining), []Value{Num(0), Num(5)}},
	{Restriction(Arrival, LOSPattern), []Value{Pattern(5, 3, true), Pattern(1, 1, false)}},
}

func drawSpan(t *rapid.T) Span {
	from := applyDay + StayDate(rapid.IntRange(-2, 12).Draw(t, "from"))
	s := Span{from, from + StayDate(rapid.IntRange(0, 9).Draw(t, "days")), AllDays}
	if rapid.IntRange(0, 3).Draw(t, "mask") == 0 {
		s.Days = Weekdays(rapid.IntRange(1, 126).Draw(t, "weekdays"))
	}
	return s
}

// drawStanding answers a span that may have no end, or no ends.
func drawStanding(t *rapid.T) Span {
	s := drawSpan(t)
	switch rapid.IntRange(0, 6).Draw(t, "ends") {
	case 0:
		s.To = DateMax
	case 1:
		s.From, s.To = DateMin, DateMax
	case 2:
		s.From = DateMin
	}
	return s
}

func drawStatement(t *rapid.T, item int) Statement {
	s := Statement{Item: item, Verb: Set}
	if rapid.IntRange(0, 4).Draw(t, "clear") == 0 {
		s.Verb = Clear
	}
	if rapid.IntRange(0, 2).Draw(t, "rate") == 0 {
		s.Scope, s.Field = rapid.SampledFrom([]Scope{bar, Product("DLX", "BAR")}).Draw(t, "product"), AdultsField(rapid.IntRange(1, 2).Draw(t, "adults"))
		s.Value = rapid.SampledFrom([]Value{After(1000000), Before(1234567), Both(10, 90071992547409)}).Draw(t, "amount")
		s.Span = drawStanding(t)
		return s
	}
	s.Scope = rapid.SampledFrom(drawScopes).Draw(t, "scope")
	r := rapid.SampledFrom(drawRestrictions).Draw(t, "field")
	s.Field, s.Value, s.Span = r.f, rapid.SampledFrom(r.vals).Draw(t, "value"), drawStanding(t)
	return s
}

func drawExtent(t *rapid.T, item int) Extent {
	x := Extent{Item: item, Span: drawStanding(t), Fields: []FieldSet{{Family: uint8(rapid.SampledFrom([]int{FamilyRestriction, FamilyRate, FamilyLimit}).Draw(t, "family"))}}}
	if rapid.Bool().Draw(t, "one field") && x.Fields[0].Family == FamilyRestriction {
		x.Fields[0].Field = Closed
	}
	x.Scopes = ScopeSet{AnyRooms: true, AnyRates: rapid.Bool().Draw(t, "any rates"), AnyChannel: rapid.Bool().Draw(t, "any channel"), AnyBlock: rapid.Bool().Draw(t, "any block")}
	if !x.Scopes.AnyRates {
		x.Scopes.Scope = PlanScope("BAR")
	}
	return x
}

// drawCounts answers a set or an adjust of a net count. They are sets of what was set, so that no adjust is refused.
func drawCounts(t *rapid.T, item int) Statement {
	s := Statement{Item: item, Verb: Set, Scope: std, Field: net, Span: drawSpan(t), Value: Num(int64(rapid.IntRange(0, 9).Draw(t, "rooms")))}
	if rapid.Bool().Draw(t, "adjust") {
		s.Verb, s.Value = Adjust, Num(int64(rapid.IntRange(-3, 3).Draw(t, "delta")))
	}
	return s
}

func drawUpdate(t *rapid.T, order int64) *Update {
	u := &Update{Connection: "pms", Order: order, Released: true}
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		for i := range rapid.IntRange(1, 2).Draw(t, "counts") {
			u.Statements = append(u.Statements, drawCounts(t, i))
		}
		return u
	case 1:
		for i := range rapid.IntRange(1, 2).Draw(t, "extents") {
			u.Replace = append(u.Replace, drawExtent(t, i))
		}
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "statements") {
		u.Statements = append(u.Statements, drawStatement(t, i))
	}
	return u
}

// counted answers a hotel whose net counts are set by the first update, for all dates of these tests.
func counted(t testing.TB) *Picture {
	p := hotel(t)
	mustTell(t, p, set(2, std, net, applyDay-2, applyDay+40, Num(20)))
	return p
}

// sameValues compares what is told on each date: what is unset may be so in several ways.
func sameValues(t *rapid.T, want, got *Picture) {
	for _, p := range []*Picture{want, got} {
		for k := range p.columns {
			for d := applyDay - 2; d <= applyDay+45; d++ {
				ws, wv, _ := cellOf(want, k, d)
				gs, gv, _ := cellOf(got, k, d)
				if (ws == Told) != (gs == Told) || ws == Told && wv != gv {
					t.Fatalf("%s at %s of %q on %s: got %d %v, want %d %v", k.field, k.scope, k.owner, d, gs, gv, ws, wv)
				}
			}
		}
	}
}

func TestRepeatsAndReorderingsDoNotShow(t *testing.T) { // S18-S23: one connection, stamps that differ; adjusts are not repeated
	rapid.Check(t, func(r *rapid.T) {
		var sent []*Update
		for i := range rapid.IntRange(2, 8).Draw(r, "updates") {
			sent = append(sent, drawUpdate(r, int64(10+i)))
		}
		want, got := counted(t), counted(t)
		for _, u := range sent {
			mustTell(t, want, u)
		}
		mangled := rapid.Permutation(sent).Draw(r, "order")
		for _, u := range mangled {
			mustTell(t, got, u)
		}
		for _, u := range mangled {
			if rapid.Bool().Draw(r, "again") && !adjusts(u) {
				mustTell(t, got, u)
			}
		}
		sameValues(r, want, got)
	})
}

func adjusts(u *Update) bool {
	for _, s := range u.Statements {
		if s.Verb == Adjust {
			return true
		}
	}
	return false
}

func TestSplittingByDateChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want, got := counted(t), counted(t)
		for i := range rapid.IntRange(1, 5).Draw(r, "updates") {
			u := drawUpdate(r, int64(10+rapid.IntRange(0, 5).Draw(r, "order")))
			_ = i
			mustTell(t, want, u)
			cut := applyDay + StayDate(rapid.IntRange(0, 10).Draw(r, "cut"))
			for _, half := range [2]Span{{DateMin, cut - 1, AllDays}, {cut, DateMax, AllDays}} {
				if h := inHalf(u, half); len(h.Statements)+len(h.Replace) > 0 {
					mustTell(t, got, h)
				}
			}
		}
		sameValues(r, want, got)
	})
}

// inHalf answers what an update says of the dates of a half of all dates.
func inHalf(u *Update, half Span) *Update {
	h := *u
	h.Statements, h.Replace = nil, nil
	first := applyDay - HorizonPast
	for _, s := range u.Statements {
		s.Span.From, s.Span.To = max(s.Span.From, half.From), min(s.Span.To, half.To)
		if s.Span.From <= s.Span.To && s.Span.To >= first {
			h.Statements = append(h.Statements, s)
		}
	}
	for _, x := range u.Replace {
		x.Span.From, x.Span.To = max(x.Span.From, half.From), min(x.Span.To, half.To)
		if x.Span.From <= x.Span.To && x.Span.To >= first {
			h.Replace = append(h.Replace, x)
		}
	}
	return &h
}

func TestUnfoldingRestoresEachRevision(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := counted(t)
		var then []*Picture
		var entries []*Entry
		for range rapid.IntRange(1, 8).Draw(r, "updates") {
			before := p.Clone()
			if e, _ := mustTell(t, p, drawUpdate(r, int64(10+rapid.IntRange(0, 9).Draw(r, "order")))); e != nil {
				then, entries = append(then, before), append(entries, e)
			}
		}
		back := p.Clone()
		for i := len(entries) - 1; i >= 0; i-- {
			if err := back.Unfold(entries[i]); err != nil {
				r.Fatal(err)
			}
			sameValues(r, then[i], back)
			if back.Revision() != then[i].Revision() {
				r.Fatalf("revision %d, want %d", back.Revision(), then[i].Revision())
			}
		}
	})
}

func TestADraftOfManyUpdatesIsThatOfEach(t *testing.T) { // S34
	rapid.Check(t, func(r *rapid.T) {
		want, got := counted(t), counted(t)
		d := got.Draft()
		var batch []*Entry
		fold := func() {
			for _, e := range batch {
				if err := got.Fold(e); err != nil {
					r.Fatal(err)
				}
			}
			batch, d = nil, got.Draft()
		}
		for range rapid.IntRange(1, 8).Draw(r, "updates") {
			u := drawUpdate(r, int64(10+rapid.IntRange(0, 9).Draw(r, "order")))
			mustTell(t, want, u)
			alone := d.Alone(u)
			if alone && d.Pending() {
				fold()
			}
			e, _, err := d.Apply(u)
			if err != nil {
				r.Fatal(err)
			}
			if e != nil {
				batch = append(batch, e)
			}
			if alone {
				fold()
			}
		}
		fold()
		wantSame(t, want, got)
	})
}

func TestPagesAndLoadingGiveTheSamePicture(t *testing.T) { // S33
	rapid.Check(t, func(r *rapid.T) {
		p := counted(t)
		stored := map[PageID][]byte{}
		var tail []*Entry
		at := int64(0)
		for range rapid.IntRange(1, 8).Draw(r, "updates") {
			e, _ := mustTell(t, p, drawUpdate(r, int64(10+rapid.IntRange(0, 9).Draw(r, "order"))))
			if rapid.Bool().Draw(r, "checkpoint") {
				checkpoint(p, stored)
				at, tail = p.Revision(), nil
			} else if at == 0 {
				at = p.Revision()
				checkpoint(p, stored)
			} else if e != nil {
				tail = append(tail, e)
				if rapid.Bool().Draw(r, "pages ahead") {
					checkpoint(p, stored) // without moving the checkpoint: the tail is replayed over it
				}
			}
		}
		q := reload(t, p, at, stored, tail)
		wantSame(t, p, q)
		sameValues(r, p, q)
		for id, body := range allPages(p) {
			if again := q.AppendPage(nil, id); !bytes.Equal(again, body) {
				r.Fatalf("page %v differs after loading", id)
			}
		}
	})
}

func checkpoint(p *Picture, stored map[PageID][]byte) {
	for _, id := range p.TakeDirty() {
		if body := p.AppendPage(nil, id); len(body) > 0 {
			stored[id] = body
		} else {
			delete(stored, id)
		}
	}
}

func allPages(p *Picture) map[PageID][]byte {
	out := map[PageID][]byte{{}: p.AppendPage(nil, PageID{})}
	for s := range p.scopes {
		for m := (applyDay - 70).Month(); m <= (applyDay + 1130).Month(); m++ {
			id := PageID{s.Key(), int32(m)}
			if body := p.AppendPage(nil, id); len(body) > 0 {
				out[id] = body
			}
		}
		if body := p.AppendPage(nil, PageID{s.Key(), 0}); len(body) > 0 {
			out[PageID{s.Key(), 0}] = body
		}
	}
	return out
}

func reload(t testing.TB, p *Picture, revision int64, pages map[PageID][]byte, tail []*Entry) *Picture {
	q := NewPicture(p.Code())
	q.StartLoading(revision)
	c := p.Catalog()
	for _, kind := range kinds {
		for _, code := range append(append(c.RoomCodes, c.PlanCodes...), "H1", "MAIN", "POOL", "CAT", "B1") {
			if body := c.Body(kind, code); body != nil {
				if err := q.LoadObject(kind, code, body); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for id, body := range pages {
		if err := q.LoadPage(id, body); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range tail {
		if err := q.Fold(e); err != nil {
			t.Fatal(err)
		}
	}
	q.FinishLoading()
	return q
}

func TestAFailedApplyChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := counted(t)
		mustTell(t, p, drawUpdate(r, 10))
		before := p.Clone()
		u := drawUpdate(r, 20)
		u.Statements = append(u.Statements, Statement{Item: 9, Verb: Set, Scope: RoomScope("X"), Field: Closed, Span: Undated, Value: Num(Shut)})
		u.Property, u.Received = "H1", now
		if _, _, err := p.Draft().Apply(u); err == nil {
			r.Fatal("not refused")
		}
		wantSame(t, before, p)
	})
}

func TestDiffThenApplyGivesTheTarget(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		have, want := counted(t), counted(t)
		for range rapid.IntRange(0, 5).Draw(r, "updates of have") {
			mustTell(t, have, drawUpdate(r, int64(10+rapid.IntRange(0, 9).Draw(r, "order"))))
		}
		for range rapid.IntRange(0, 5).Draw(r, "updates of want") {
			mustTell(t, want, drawUpdate(r, int64(10+rapid.IntRange(0, 9).Draw(r, "order"))))
		}
		if d := Diff(have, want, "pms"); len(d) > 0 {
			mustTell(t, have, say(1000, d...))
		}
		sameValues(r, want, have)
		if d := Diff(have, want, "pms"); len(d) > 0 {
			r.Fatalf("%d statements still differ, first %+v", len(d), d[0])
		}
	})
}
