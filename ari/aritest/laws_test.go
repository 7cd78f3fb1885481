package aritest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/ari/aritest"
	"github.com/ratewire/ratewire/internal/proof"
)

// seeded runs a law over fresh seeds, few in make test and many in make prove. The law answers what is wrong, "" if nothing is.
func seeded(t *testing.T, law func(r *rand.Rand) string) {
	first, one := seeds(t)
	n := uint64(proof.Size(2, 200))
	if one {
		n = 1
	}
	for seed := first; seed < first+n; seed++ {
		if wrong := law(rand.New(rand.NewPCG(seed, 1))); wrong != "" {
			t.Fatalf("RATEWIRE_SEED=%d: %s", seed, wrong)
		}
	}
}

// asked draws questions that look at a picture from all sides.
func asked(r *rand.Rand, w *aritest.World) []*ari.Query {
	var out []*ari.Query
	for range 12 {
		out = append(out, w.Query())
	}
	return out
}

// told runs updates on a fresh picture.
func told(us []*ari.Update) *picture {
	p := newPicture()
	for _, u := range us {
		p.Apply(u)
	}
	return p
}

// differ answers the first question that two cores answer differently.
func differ(want, got aritest.Core, qs []*ari.Query) string {
	for _, q := range qs {
		if d := differingOffer(clone(want.Sell(q)), got.Sell(q)); d != "" {
			return d
		}
	}
	return ""
}

// clone copies offers, which the next Sell overwrites.
func clone(offers []ari.Offer) []ari.Offer {
	out := slices.Clone(offers)
	for i := range out {
		out[i].Nights, out[i].Reasons = slices.Clone(out[i].Nights), slices.Clone(out[i].Reasons)
	}
	return out
}

// pieces draws a founded world and updates that only set, clear and replace, each connection's stamps all different.
func pieces(r *rand.Rand, n int) (w *aritest.World, founding, updates []*ari.Update) {
	w = aritest.NewWorld(r)
	founding = w.Found()
	for i := range n {
		u := w.Tell()
		u.ByItem, u.SourceTime, u.Received = true, time.Time{}, w.Day().Time().Add(12*time.Hour)
		u.Order = int64(1_000_000 + 1000*i + r.IntN(1000))
		for k := range u.Statements {
			u.Statements[k].Item = k // each stands for itself
		}
		for k := range u.Replace {
			u.Replace[k].Item = 100 + k
		}
		updates = append(updates, u)
	}
	return w, founding, updates
}

// Repeats and reorderings must not show: a stamp decides, not the arrival (S19, S21).
func TestRepeatsAndReorderingsDoNotShow(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, founding, us := pieces(r, 20)
		mangled := slices.Clone(us)
		for range 8 {
			mangled = append(mangled, us[r.IntN(len(us))])
		}
		r.Shuffle(len(mangled), func(i, j int) { mangled[i], mangled[j] = mangled[j], mangled[i] })
		return differ(told(append(founding, us...)), told(append(slices.Clone(founding), mangled...)), asked(r, w))
	})
}

// Splitting an update by date changes nothing: the halves have its stamp.
func TestSplittingByDateChangesNothing(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, founding, us := pieces(r, 20)
		split := slices.Clone(founding)
		for _, u := range us {
			at := w.Day() + ari.StayDate(r.IntN(12)-3)
			split = append(split, part(u, ari.Span{From: ari.DateMin, To: at, Days: ari.AllDays}), part(u, ari.Span{From: at + 1, To: ari.DateMax, Days: ari.AllDays}))
		}
		return differ(told(append(founding, us...)), told(split), asked(r, w))
	})
}

// part answers what an update says of the dates of a span.
func part(u *ari.Update, on ari.Span) *ari.Update {
	p := *u
	p.Statements, p.Replace = nil, nil
	cut := func(s ari.Span) (ari.Span, bool) {
		s.From, s.To = max(s.From, on.From), min(s.To, on.To)
		return s, s.From <= s.To
	}
	for _, s := range u.Statements {
		if span, ok := cut(s.Span); ok {
			s.Span = span
			p.Statements = append(p.Statements, s)
		}
	}
	for _, x := range u.Replace {
		if span, ok := cut(x.Span); ok {
			x.Span = span
			p.Replace = append(p.Replace, x)
		}
	}
	return &p
}

// Removing an overlay restores exactly what was before it (S4).
func TestRemovingAnOverlayRestoresExactly(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, founding, us := pieces(r, 15)
		p := told(append(founding, us...))
		qs := asked(r, w)
		var before []string
		for _, q := range qs {
			before = append(before, lines(p.Sell(q)))
		}
		var laid []string
		for range 6 {
			u := w.Lay()
			if out := p.Apply(u); !out.Refused {
				laid = append(laid, u.Overlays[0].Overlay.ID)
			}
		}
		r.Shuffle(len(laid), func(i, j int) { laid[i], laid[j] = laid[j], laid[i] })
		for _, id := range laid {
			remove := &ari.Update{Property: "H", Received: us[0].Received, Overlays: []ari.OverlayOp{{Verb: ari.OverlayRemove, Overlay: ari.Overlay{ID: id}}}}
			if out := p.Apply(remove); out.Refused {
				return fmt.Sprintf("remove %s: %v", id, out)
			}
		}
		for i, q := range qs {
			if after := lines(p.Sell(q)); after != before[i] {
				return fmt.Sprintf("before\n%s\nafter\n%s", before[i], after)
			}
		}
		return ""
	})
}

func lines(offers []ari.Offer) string {
	var out []string
	for _, o := range offers {
		out = append(out, offerLine(o))
	}
	return strings.Join(out, "\n")
}

// Adjusts apply exactly once, whatever order they come in, and late sets go under those that are newer (S23).
func TestAdjustsAndLateSetsInAnyOrder(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w := aritest.NewWorld(r)
		d := w.Day() + 3
		say := func(verb ari.Verb, order, n int64) *ari.Update {
			return &ari.Update{Property: "H", Connection: "pms", Order: order, Received: w.Day().Time().Add(12 * time.Hour), Statements: []ari.Statement{{
				Verb: verb, Scope: ari.RoomScope("A"), Field: ari.Count(ari.Net), Span: ari.Dates(d, d), Value: ari.Num(n)}}}
		}
		us := []*ari.Update{}
		want, last := int64(100), int64(0)
		deltas := map[int64]int64{}
		for order := int64(1); order <= 14; order++ {
			if r.IntN(4) == 0 {
				want, last = int64(r.IntN(50)), order
				us = append(us, say(ari.Set, order, want))
				continue
			}
			deltas[order] = int64(r.IntN(7) - 3)
			us = append(us, say(ari.Adjust, order, deltas[order]))
		}
		for order, n := range deltas {
			if order > last {
				want += n
			}
		}
		r.Shuffle(len(us), func(i, j int) { us[i], us[j] = us[j], us[i] })
		found := &ari.Update{Property: "H", Day: w.Day(), Received: w.Day().Time().Add(12 * time.Hour), Objects: []ari.ObjectOp{
			property(ari.Property{TimeZone: "Europe/Berlin", Currency: "EUR"}),
			object(ari.KindRoomType, "A", ari.RoomType{}), object(ari.KindRatePlan, "P", ari.RatePlan{})}}
		rates := &ari.Update{Property: "H", Connection: "pms", Received: found.Received, Statements: []ari.Statement{
			{Verb: ari.Set, Scope: ari.Product("A", "P"), Field: ari.AdultsField(2), Span: ari.Undated, Value: ari.After(1_000_000)}}}
		p := told(append([]*ari.Update{found, rates, say(ari.Set, 0, 100)}, us...))
		q := &ari.Query{Arrival: d, Nights: 1, Rooms: 1, Adults: 2, At: found.Received}
		if got := p.Sell(q)[0]; got.Left != int(max(0, want)) {
			return fmt.Sprintf("left %d, want %d", got.Left, want)
		}
		return ""
	})
}

// A rolled horizon knows the open-ended statements: dates that enter it answer as the model says, which keeps statements and nothing else (S3).
func TestARolledHorizonKnowsOpenEndedStatements(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, founding, us := pieces(r, 15)
		us = append(founding, us...)
		p, m := told(us), aritest.NewModel("H")
		for _, u := range us {
			m.Apply(u)
		}
		for range 6 {
			roll := w.RollBy(1 + r.IntN(400))
			p.Apply(roll)
			m.Apply(roll)
			for range 4 {
				q := w.Query()
				q.Arrival = w.Day() + ari.StayDate(ari.HorizonFuture-r.IntN(8))
				if d := differingOffer(m.Sell(q), p.Sell(q)); d != "" {
					return d
				}
			}
		}
		return differ(m, p, asked(r, w))
	})
}

// The journal is enough: entries encoded, decoded and folded into an empty picture give the same answers (S30).
func TestReplayOfTheJournalGivesTheSameAnswers(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, steps := aritest.Life(r, 30, 0)
		p := newPicture()
		for _, s := range steps {
			p.Apply(s.Update)
		}
		again := newPicture()
		for _, e := range p.entries {
			back, err := ari.DecodeEntry(e.Append(nil))
			if err != nil {
				return err.Error()
			}
			if err := again.Fold(back); err != nil {
				return err.Error()
			}
		}
		return differ(p, again, asked(r, w))
	})
}

// Checkpoint pages are enough: a picture loaded from pages and the entries after them goes on as if nothing had happened (S33).
func TestAPictureLoadedFromPagesGoesOn(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, steps := aritest.Life(r, 40, 0)
		at, stop := 5+r.IntN(20), 30+r.IntN(10) // entries before the checkpoint; entries before the crash
		p, pages := newPicture(), map[ari.PageID][]byte{}
		var revision int64
		var objects []ari.ObjectOp
		loaded := p
		for i, s := range steps {
			if i == at/2 || i == at {
				for _, id := range p.TakeDirty() {
					pages[id] = p.AppendPage(nil, id)
					if len(pages[id]) == 0 {
						delete(pages, id) // nothing is told there any more
					}
				}
				revision, objects = p.Revision(), bodies(p.Catalog())
			}
			if i == stop {
				var err error
				if loaded, err = load(pages, revision, objects, p.entries); err != nil {
					return err.Error()
				}
			}
			want := p.Apply(s.Update)
			if loaded == p {
				continue
			}
			if got := loaded.Apply(s.Update); got.String() != want.String() {
				return fmt.Sprintf("update of step %d: loaded %v, want %v", i, got, want)
			}
		}
		return differ(p, loaded, asked(r, w))
	})
}

// bodies answers the objects of a catalog as the store keeps them.
func bodies(c *ari.Catalog) (out []ari.ObjectOp) {
	add := func(kind, code string) {
		out = append(out, ari.ObjectOp{Kind: kind, Code: code, Body: c.Body(kind, code)})
	}
	add(ari.KindProperty, "H")
	each(c.Classes, ari.KindRoomClass, add)
	each(c.Pools, ari.KindPool, add)
	each(c.Categories, ari.KindRateCategory, add)
	each(c.RoomTypes, ari.KindRoomType, add)
	each(c.Plans, ari.KindRatePlan, add)
	each(c.Blocks, ari.KindBlock, add)
	return out
}

func each[T any](m map[string]T, kind string, add func(kind, code string)) {
	for code := range m {
		add(kind, code)
	}
}

func load(pages map[ari.PageID][]byte, revision int64, objects []ari.ObjectOp, entries []*ari.Entry) (*picture, error) {
	p := newPicture()
	p.StartLoading(revision)
	for _, o := range objects {
		if err := p.LoadObject(o.Kind, o.Code, o.Body); err != nil {
			return nil, err
		}
	}
	for id, body := range pages {
		if err := p.LoadPage(id, body); err != nil {
			return nil, err
		}
	}
	for _, e := range entries {
		if e.Revision <= revision {
			continue
		}
		if err := p.Fold(e); err != nil {
			return nil, err
		}
	}
	p.FinishLoading()
	return p, nil
}

// Diff, applied, gives the target: what one connection tells (S18, reconciliation).
func TestDiffThenApplyGivesTheTarget(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, founding, us := pieces(r, 30)
		for _, u := range us {
			u.Connection = "pms"
		}
		have, want := told(append(slices.Clone(founding), us[:15]...)), told(append(slices.Clone(founding), us[10:]...))
		u := &ari.Update{Property: "H", Connection: "pms", Order: 1 << 40, Received: us[0].Received, Released: true, Statements: ari.Diff(have.Picture, want.Picture, "pms")}
		if out := have.Apply(u); out.Refused {
			return fmt.Sprint("the diff is refused: ", out)
		}
		if again := ari.Diff(have.Picture, want.Picture, "pms"); len(again) > 0 {
			return fmt.Sprintf("%d statements still differ, first %+v", len(again), again[0])
		}
		return differ(want, have, asked(r, w))
	})
}

// Explain answers what Sell does, and a fact at least for every reason that something told.
func TestExplainAnswersWhatSellDoes(t *testing.T) {
	seeded(t, func(r *rand.Rand) string {
		w, steps := aritest.Life(r, 30, 0)
		p := newPicture()
		for _, s := range steps {
			p.Apply(s.Update)
		}
		for _, q := range asked(r, w) {
			for _, o := range clone(p.Sell(q)) {
				x := p.Explain(q, o.Room, o.Plan)
				if got, want := offerLine(x.Offer), offerLine(o); got != want {
					return fmt.Sprintf("explain says\n%s\nsell\n%s", got, want)
				}
				if len(x.Why) != len(o.Reasons) {
					return fmt.Sprintf("%d reasons explained of %d", len(x.Why), len(o.Reasons))
				}
			}
		}
		return ""
	})
}
