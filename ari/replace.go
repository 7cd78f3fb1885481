package ari

import (
	"cmp"
	"slices"
)

// replace makes everything in an extent unset, where nothing newer was told, and stamps the whole of it (S18).
func (j *trial) replace(x *Extent) *ItemError {
	n, err := j.checkExtent(x)
	if err != nil {
		return err
	}
	if !n.Span.Standing() {
		if n.Span = j.trim(x.Item, n.Span); n.Span.From > n.Span.To {
			return nil
		}
	}
	if err := j.countCells(Span{max(n.Span.From, j.first), min(n.Span.To, j.last), n.Span.Days}); err != nil {
		return err
	}
	for _, key := range j.inExtent(&n) {
		if err := j.unsetColumn(&n, j.workOf(key)); err != nil {
			return err
		}
	}
	if !j.stamped(&n) {
		j.extents = append(j.extents, n)
	}
	return nil
}

// stamped tells whether the extent has this stamp already.
func (j *trial) stamped(x *Extent) bool {
	for i := range j.d.p.marks {
		m := &j.d.p.marks[i]
		if m.stamp.Order == j.u.Order && m.owner == j.u.Connection && m.extent.within(x) {
			return true
		}
	}
	return false
}

// within tells whether x is in m.
func (m *Extent) within(x *Extent) bool {
	if !contains(m.Span, x.Span) || !m.Scopes.contains(x.Scopes) {
		return false
	}
	for _, f := range x.Fields {
		if !slices.ContainsFunc(m.Fields, func(g FieldSet) bool { return g == f || g == FieldSet{Family: f.Family} }) {
			return false
		}
	}
	return true
}

// contains tells whether every scope of x is in s.
func (s ScopeSet) contains(x ScopeSet) bool {
	return (s.AnyRooms || !x.AnyRooms && s.Scope.Rooms == x.Scope.Rooms && s.Scope.Room == x.Scope.Room) &&
		(s.AnyRates || !x.AnyRates && s.Scope.Rates == x.Scope.Rates && s.Scope.Rate == x.Scope.Rate) &&
		(s.AnyChannel || !x.AnyChannel && s.Scope.Channel == x.Scope.Channel) &&
		(s.AnyBlock || !x.AnyBlock && s.Scope.Block == x.Scope.Block)
}

// checkExtent refuses an extent that cannot be, and answers it as it is kept: counts are one field group (S24).
func (j *trial) checkExtent(x *Extent) (Extent, *ItemError) {
	n := *x
	s := x.Scopes.Scope
	if x.Scopes.AnyRooms {
		s.Rooms, s.Room = AllRooms, ""
	}
	if x.Scopes.AnyRates {
		s.Rates, s.Rate = AllRates, ""
	}
	if x.Scopes.AnyChannel {
		s.Channel = ""
	}
	if x.Scopes.AnyBlock {
		s.Block = ""
	}
	n.Scopes.Scope, n.Fields = s, nil
	if err := j.catalog.checkCodes(s); err != nil {
		return n, err
	}
	if len(x.Fields) == 0 {
		return n, &ItemError{Code: CodeScope, Path: "fields", Expected: "field groups to replace"}
	}
	for _, f := range x.Fields {
		if f.Family < FamilyRestriction || f.Family > FamilyUnknown || f.Field != 0 && f.Field.Family() != f.Family {
			return n, &ItemError{Code: CodeScope, Path: "fields", Got: itoa(int(f.Family)), Expected: "a family and a field of it"}
		}
		if f.Family == FamilyCount {
			f.Field = 0
		}
		if f.Family == FamilyCount && s.Rooms == PoolKind {
			n.Scopes.Scope = j.poolScope(s, Count(Net))
		}
		if !slices.Contains(n.Fields, f) {
			n.Fields = append(n.Fields, f)
		}
	}
	if err := j.checkSpan(x.Span, Clear); err != nil {
		return n, err
	}
	for _, f := range n.Fields {
		if err := j.checkOwner(f.Family); err != nil {
			return n, err
		}
	}
	return n, nil
}

// inExtent answers the columns that an extent covers, in a fixed order: what the connection may write.
func (j *trial) inExtent(x *Extent) []columnKey {
	var keys []columnKey
	in := func(k columnKey) bool {
		return (k.owner == "" || k.owner == j.u.Connection) && x.Scopes.Holds(k.scope) &&
			slices.ContainsFunc(x.Fields, func(f FieldSet) bool { return f.Holds(k.field) })
	}
	for k := range j.d.p.columns {
		if in(k) {
			keys = append(keys, k)
		}
	}
	for _, w := range j.works[:j.used] {
		if w.col == nil && in(w.key) {
			keys = append(keys, w.key)
		}
	}
	slices.SortFunc(keys, columnKey.compare)
	return slices.Compact(keys)
}

// compare orders columns by scope, field and owner.
func (k columnKey) compare(o columnKey) int {
	if c := k.scope.compare(o.scope); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(k.field, o.field), cmp.Compare(k.owner, o.owner))
}

func (s Scope) compare(o Scope) int {
	return cmp.Or(cmp.Compare(s.Rooms, o.Rooms), cmp.Compare(s.Room, o.Room), cmp.Compare(s.Rates, o.Rates), cmp.Compare(s.Rate, o.Rate),
		cmp.Compare(s.Channel, o.Channel), cmp.Compare(s.Block, o.Block))
}

// unsetColumn unsets what an extent covers of one column.
func (j *trial) unsetColumn(x *Extent, w *work) *ItemError {
	w.load(j.d.p.stamps)
	gone := len(w.gone)
	w.dropCovered(told{span: x.Span, order: j.u.Order})
	for _, g := range w.gone[gone:] {
		it := j.item(x.Item)
		it.cells++
		if g.state == Told {
			it.changed++
		}
		j.touched = append(j.touched, Touch{w.key.scope, g.span.From, g.span.To})
	}
	if (x.Span.Standing() || w.key.field == UnknownField) && w.goesOn(x.Span, j.u.Order) {
		return j.addStanding(x.Item, w, told{span: x.Span, state: Cleared, order: j.u.Order, fresh: true})
	}
	eachStretch(Span{max(x.Span.From, j.first), min(x.Span.To, j.last), x.Span.Days}, func(from, to StayDate) {
		for _, p := range w.now(nil, j, from, to) {
			j.unsetPiece(x.Item, w, p)
		}
	})
	return nil
}

// goesOn tells whether a statement not newer than order says something inside the span, and outside it too.
func (w *work) goesOn(span Span, order int64) bool {
	for i := range w.stand {
		if s := &w.stand[i]; s.order <= order && s.state == Told && overlap(s.span, span) {
			return true
		}
	}
	return false
}

func (j *trial) unsetPiece(index int, w *work, p piece) {
	it, n := j.item(index), int(p.to-p.from)+1
	if p.state == Told {
		it.cells += n
	}
	switch {
	case p.order > j.u.Order:
		if p.state == Told {
			it.superseded += n
		}
		return
	case p.state == Told:
		w.put(j, p, seg{Run: Run{Kind: RunSet, NewState: Cleared}, item: index})
	}
	j.countsTold(w.key, p.from, p.to)
}

// overlap tells whether two spans share dates, as far as their ends and weekdays tell.
func overlap(a, b Span) bool { return a.From <= b.To && b.From <= a.To && a.Days&b.Days != 0 }
