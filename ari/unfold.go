package ari

import (
	"fmt"
	"slices"
)

// Unfold takes the last entry back, for reading the past: values, statements, overlays, catalog and day are as before it; stamps, adjusts and
// what a roll of the day cut off are not. Do it to a Clone, newest entry first; between StartLoading and FinishLoading effective values
// are computed once at the end.
func (p *Picture) Unfold(e *Entry) error {
	if e.Property != p.code || e.Revision != p.revision {
		return fmt.Errorf("ari: entry %s %d is not the last of %s %d", clip(e.Property), e.Revision, p.code, p.revision)
	}
	c := p.catalog
	for i := len(e.Objects) - 1; i >= 0; i-- {
		var err error
		if c, err = c.with(e.Objects[i].Kind, e.Objects[i].Code, e.Objects[i].Old); err != nil {
			return fmt.Errorf("ari: entry %s %d: %w", clip(e.Property), e.Revision, err)
		}
	}
	p.setCatalog(c)
	for i := len(e.Overlays) - 1; i >= 0; i-- {
		p.putOverlay(e.Overlays[i].ID, e.Overlays[i].Old)
	}
	p.marks = slices.DeleteFunc(slices.Clone(p.marks), func(m mark) bool { return m.stamp.Revision == e.Revision })
	p.newestMark()
	for i := len(e.Standing) - 1; i >= 0; i-- {
		p.unfoldStanding(e, &e.Standing[i])
	}
	for i := range e.Columns {
		p.unfoldColumn(&e.Columns[i])
	}
	if e.Day != 0 {
		p.day = e.OldDay
	}
	p.revision--
	if !p.loading {
		p.eff.refresh(p, e.Touched)
	}
	return nil
}

// past is the stamp of unfolded cells: what it was is not in the entry. A dated cell was never older than the statements that cover it.
var past = Stamp{Order: maxOrder}

func (p *Picture) unfoldColumn(x *ColumnChange) {
	c, stamp := p.column(x.Scope, x.Field, x.Owner), p.stamps.index(past)
	for i := range x.Runs {
		r := &x.Runs[i]
		switch {
		case r.Kind == RunReset:
		case r.OldStanding || r.OldState == Untold:
			c.put(r.From, r.To, Untold, Value{}, 0)
		default:
			c.put(r.From, r.To, r.OldState, r.Old, stamp)
		}
	}
}

func (p *Picture) unfoldStanding(e *Entry, x *StandingChange) {
	c := p.column(x.Scope, x.Field, x.Owner)
	if !x.Gone {
		added := *x
		added.Rev = e.Revision
		if i := p.findStanding(&added); i >= 0 {
			c.standing = slices.Delete(c.standing, i, i+1)
		}
		return
	}
	i := min(max(0, x.Place), len(c.standing))
	c.standing = slices.Insert(c.standing, i, standing{x.Span, x.State, x.Value, x.Text, p.stamps.index(Stamp{x.Order, x.Rev})})
}
