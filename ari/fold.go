package ari

import (
	"fmt"
	"slices"
)

// Fold makes a committed entry so, and the effective values it touches. Entries are folded in the order of their revisions, none left out.
// While the picture is loading, pages may have what an entry says already: it is then made so again, to the same end.
//
// Errors: one that tells what does not fit; the picture is then as before.
func (p *Picture) Fold(e *Entry) error {
	if e.Property != p.code || e.Revision != p.revision+1 {
		return fmt.Errorf("ari: entry %s %d does not follow %s %d", clip(e.Property), e.Revision, p.code, p.revision)
	}
	catalog, err := p.foldObjects(e)
	if err != nil {
		return err
	}
	for i := range e.Standing {
		if c := &e.Standing[i]; c.Gone && !p.loading && p.findStanding(c) < 0 {
			return fmt.Errorf("ari: entry %s %d removes a statement of %s at %s that is not there", clip(e.Property), e.Revision, c.Field, clip(c.Scope.Key()))
		}
	}
	p.setCatalog(catalog)
	p.foldColumns(e)
	for i := range e.Standing {
		p.foldStanding(e, &e.Standing[i])
	}
	p.foldExtents(e)
	for i := range e.Overlays {
		p.putOverlay(e.Overlays[i].ID, e.Overlays[i].New)
	}
	if e.Day != 0 {
		p.rollTo(e.Day)
	}
	if len(e.Extents)+len(e.Overlays) > 0 || e.Day != 0 {
		p.markHead()
	}
	p.revision = e.Revision
	p.stamps.sweep(p)
	if !p.loading {
		p.eff.refresh(p, e.Touched)
	}
	return nil
}

// foldObjects answers the catalog as the entry makes it.
func (p *Picture) foldObjects(e *Entry) (c *Catalog, err error) {
	if len(e.Objects) == 0 {
		return p.catalog, nil
	}
	c = p.catalog.begin()
	for i := range e.Objects {
		o := &e.Objects[i]
		if c, err = c.with(o.Kind, o.Code, o.New); err != nil {
			return nil, fmt.Errorf("ari: entry %s %d: %w", clip(e.Property), e.Revision, err)
		}
	}
	return c.done(), nil
}

// setCatalog puts another catalog in, and the zone it names.
func (p *Picture) setCatalog(c *Catalog) {
	if c.Property.TimeZone != p.catalog.Property.TimeZone {
		p.zone = c.zone()
	}
	p.catalog = c
}

func (p *Picture) foldColumns(e *Entry) {
	if len(e.Columns) == 0 {
		return
	}
	stamp := p.stamps.index(Stamp{e.Order, e.Revision})
	for i := range e.Columns {
		x := &e.Columns[i]
		c := p.column(x.Scope, x.Field, x.Owner)
		if c.dense && len(x.Runs) > 0 {
			c.cover(x.Runs[0].From, x.Runs[len(x.Runs)-1].To)
		}
		for k := range x.Runs {
			p.foldRun(c, &x.Runs[k], e, stamp)
		}
		if n := len(x.Runs); n > 0 {
			p.markDates(c, x.Runs[0].From, x.Runs[n-1].To)
		}
	}
}

func (p *Picture) foldRun(c *column, r *Run, e *Entry, stamp uint32) {
	switch {
	case r.Kind == RunAdjust:
		for d := r.From; d <= r.To; d++ {
			c.put(d, d, Told, r.New, p.stampAt(c, d))
			c.remember(d, adjust{e.Order, r.Delta, e.Revision})
		}
	case r.Kind == RunReset:
		reset := p.stamps.index(Stamp{NoStamp.Order, e.Revision})
		for _, x := range c.piecesOn(r.From, r.To, p.stamps) {
			c.put(x.from, x.to, x.state, x.value, reset)
		}
		c.forget(r.From, r.To, maxOrder)
	case r.NewState == Untold:
		c.put(r.From, r.To, Untold, Value{}, 0)
		c.forget(r.From, r.To, maxOrder)
	case r.NewStanding:
		c.put(r.From, r.To, Untold, Value{}, 0)
		c.forget(r.From, r.To, e.Order)
	default:
		c.put(r.From, r.To, r.NewState, r.New, stamp)
		c.forget(r.From, r.To, e.Order)
	}
}

// stampAt answers the stamp of the value in force on a date: an adjust leaves it.
func (p *Picture) stampAt(c *column, d StayDate) uint32 {
	_, _, stamp := c.at(d, p.stamps)
	return stamp
}

// remember keeps an adjust of a date (S23).
func (c *column) remember(d StayDate, a adjust) {
	if c.adjusts == nil {
		c.adjusts = map[StayDate][]adjust{}
	}
	if slices.Contains(c.adjusts[d], a) {
		return
	}
	c.adjusts[d] = withAdjust(c.adjusts[d], a)
}

// forget drops the adjusts of dates that are not newer than an order: a set has them in it, or goes over them.
func (c *column) forget(from, to StayDate, order int64) {
	if len(c.adjusts) == 0 {
		return
	}
	for d := from; d <= to; d++ {
		if list, ok := c.adjusts[d]; ok {
			if list = newerAdjusts(list, order); len(list) == 0 {
				delete(c.adjusts, d)
			} else {
				c.adjusts[d] = slices.Clone(list)
			}
		}
	}
}

// piecesOn answers the dated cells on some dates.
func (c *column) piecesOn(from, to StayDate, t *stampTable) []piece {
	if first, last, ok := c.bounds(); ok && from <= last && to >= first {
		return c.toldPieces(max(from, first), min(to, last), t)
	}
	return nil
}

// findStanding answers the place of a statement that an entry removes; -1 if it is not there.
func (p *Picture) findStanding(x *StandingChange) int {
	c := p.columns[columnKey{x.Scope, x.Field, x.Owner}]
	if c == nil {
		return -1
	}
	return slices.IndexFunc(c.standing, func(s standing) bool {
		return s.span == x.Span && s.state == x.State && s.value == x.Value && s.text == x.Text && p.stamps.list[s.stamp] == Stamp{x.Order, x.Rev}
	})
}

// hasStanding tells whether a page has a statement already that is being replayed.
func (p *Picture) hasStanding(x *StandingChange, revision int64) bool {
	x.Rev = revision
	return p.loading && p.findStanding(x) >= 0
}

func (p *Picture) foldStanding(e *Entry, x *StandingChange) {
	c := p.column(x.Scope, x.Field, x.Owner)
	if x.Gone {
		if i := p.findStanding(x); i >= 0 {
			c.standing = slices.Delete(c.standing, i, i+1)
		}
	} else if added := *x; !p.hasStanding(&added, e.Revision) {
		c.standing = append(c.standing, standing{x.Span, x.State, x.Value, x.Text, p.stamps.index(Stamp{x.Order, e.Revision})})
	}
	p.markStanding(c)
}

// Marks of replaces are kept as long as a late message may come (S20), and no more of them than a hub's worth of replaces in that time.
const (
	marksSeconds = 14 * 24 * 3600
	marksMax     = 4096
)

// foldExtents stamps the entry's extents, and forgets the marks that are covered by newer ones or too old to matter.
func (p *Picture) foldExtents(e *Entry) {
	if len(e.Extents) == 0 {
		return
	}
	at := e.At.Unix()
	p.marks = slices.DeleteFunc(slices.Clone(p.marks), func(m mark) bool {
		if m.at < at-marksSeconds {
			return true
		}
		return m.owner == e.Connection && m.stamp.Order <= e.Order && slices.ContainsFunc(e.Extents, func(x Extent) bool { return x.within(&m.extent) })
	})
	for _, x := range e.Extents {
		p.marks = append(p.marks, mark{x, e.Connection, Stamp{e.Order, e.Revision}, at})
	}
	if n := len(p.marks) - marksMax; n > 0 {
		p.marks = slices.Delete(p.marks, 0, n)
	}
	p.newestMark()
}

func (p *Picture) newestMark() {
	p.newest = NoStamp.Order
	for i := range p.marks {
		p.newest = max(p.newest, p.marks[i].stamp.Order)
	}
}

// rollTo makes d the picture's day. Months that are over before the picture's first date go.
func (p *Picture) rollTo(d StayDate) {
	p.day = d
	cut := MonthStart(monthOf(d - HorizonPast))
	for _, c := range p.columns {
		if first, _, ok := c.bounds(); ok && first < cut {
			c.cutBefore(cut)
			p.markDates(c, first, cut-1)
		}
	}
}

// cutBefore drops the cells of the dates before d.
func (c *column) cutBefore(d StayDate) {
	for x := range c.adjusts {
		if x < d {
			delete(c.adjusts, x)
		}
	}
	if !c.dense {
		c.splice(run{from: DateMin, to: d - 1}, true)
		return
	}
	n := min(int(d-c.base), len(c.stamps))
	c.base += StayDate(n)
	c.stamps = slices.Clone(c.stamps[n:])
	for _, x := range []*nums{&c.a, &c.b} {
		if x.len() > 0 {
			x.cut(n)
		}
	}
}

// sweep drops stamps that no cell has any more, once there are twice as many as when it last looked, so that memory stays bounded.
func (t *stampTable) sweep(p *Picture) {
	if len(t.list) < t.sweepAt {
		return
	}
	place := make([]uint32, len(t.list))
	list := t.list[:1:1]
	keep := func(i *uint32) {
		if *i != 0 && place[*i] == 0 {
			place[*i] = uint32(len(list))
			list = append(list, t.list[*i])
		}
		*i = place[*i]
	}
	for _, c := range p.columns {
		for i := range c.stamps {
			keep(&c.stamps[i])
		}
		for i := range c.runs {
			keep(&c.runs[i].stamp)
		}
		for i := range c.standing {
			keep(&c.standing[i].stamp)
		}
	}
	t.list = list
	t.sweepAt = 2*len(list) + sweepLeast
}

// sweepLeast is how many stamps are not worth a sweep.
const sweepLeast = 1024
