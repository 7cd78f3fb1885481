package ari

import (
	"cmp"
	"slices"
)

// A count is one field group: a clear of one component clears all (S24), and the kind told last is the basis (S9). Its columns are compared
// together, so that a component that goes does not take the others with it, and an older net is not told beside what was told after it.

// countCells is what is told of a count on one date; a net that is not the basis is left out.
type countCells [ComponentEnd]struct {
	told bool
	n    int64
}

// countsOn answers what is told of a scope's count on a date.
func (p *Picture) countsOn(s Scope, d StayDate) (v countCells) {
	netOrder, newest := NoStamp.Order, NoStamp.Order
	for c := Net; c < ComponentEnd; c++ {
		col := p.columns[columnKey{scope: s, field: Count(c)}]
		if col == nil {
			continue
		}
		state, x, stamp := col.at(d, p.stamps)
		if state != Told {
			continue
		}
		v[c].told, v[c].n = true, x.A
		if c == Net {
			netOrder = p.stamps.order(stamp)
		} else {
			newest = max(newest, p.stamps.order(stamp))
		}
	}
	if newest > netOrder {
		v[Net].told, v[Net].n = false, 0
	}
	return v
}

// standingCount is a part of a statement without end that is seen: no newer one lies over it.
type standingCount struct {
	component Component
	span      Span
	n         int64
}

// standingCounts answers those parts of a scope's count, a net only where nothing of the other kind was told after it.
func (p *Picture) standingCounts(s Scope, first StayDate) (out []standingCount) {
	for c := Net; c < ComponentEnd; c++ {
		all := p.standings(p.columns[columnKey{scope: s, field: Count(c)}], first)
		for i, x := range all {
			if x.state != Told {
				continue
			}
			over := all[i+1:]
			if c == Net {
				over = append(slices.Clone(over), p.newerThanNet(s, first, x)...)
			}
			for _, part := range uncovered(x.span, over) {
				if part.Standing() && part.To >= first {
					out = append(out, standingCount{c, part, x.value.A})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b standingCount) int {
		return cmp.Or(cmp.Compare(a.component, b.component), cmp.Compare(a.span.From, b.span.From), cmp.Compare(a.span.To, b.span.To),
			cmp.Compare(a.span.Days, b.span.Days))
	})
	return out
}

// newerThanNet answers the statements without end of the other components that were told after a net.
func (p *Picture) newerThanNet(s Scope, first StayDate, net standing) (out []standing) {
	for c := Net + 1; c < ComponentEnd; c++ {
		for _, x := range p.standings(p.columns[columnKey{scope: s, field: Count(c)}], first) {
			if x.state == Told && p.stamps.order(x.stamp) > p.stamps.order(net.stamp) {
				out = append(out, x)
			}
		}
	}
	return out
}

// uncovered answers the parts of a span that none of the statements covers.
func uncovered(s Span, over []standing) []Span {
	parts := []Span{s}
	for _, x := range over {
		var left []Span
		for _, p := range parts {
			left = appendOutside(left, p, x.span)
		}
		parts = left
	}
	return parts
}

// countsRun is what makes a count the wanted one on consecutive dates.
type countsRun struct {
	from, to StayDate
	clear    bool // first
	set      countCells
}

// diffCounts compares the columns of a scope's count.
func diffCounts(out []Statement, s Scope, have, want *Picture) []Statement {
	first, last := have.day-HorizonPast, have.day+HorizonFuture
	hs, ws := have.standingCounts(s, first), want.standingCounts(s, first)
	now := func(d StayDate) countCells { return have.countsOn(s, d) }
	if !slices.Equal(hs, ws) {
		// All of it is told anew.
		out = append(out, Statement{Verb: Clear, Scope: s, Span: Undated, Field: Count(Net)})
		for _, x := range ws {
			out = append(out, Statement{Verb: Set, Scope: s, Span: x.span, Field: Count(x.component), Value: Num(x.n)})
		}
		now = func(d StayDate) (v countCells) {
			for _, x := range ws {
				if x.span.Covers(d) {
					v[x.component].told, v[x.component].n = true, x.n
				}
			}
			return v
		}
	}
	var r countsRun
	for d := first; d <= last; d++ {
		n := countsStep(now(d), want.countsOn(s, d))
		if n.clear == r.clear && n.set == r.set {
			r.to = d
			continue
		}
		out = r.tell(out, s)
		r = n
		r.from, r.to = d, d
	}
	return r.tell(out, s)
}

// countsStep answers what makes one date's count the wanted one: the components that differ, or a clear and all of them. A net is told again
// where others are, so that it stays the basis.
func countsStep(have, want countCells) (r countsRun) {
	for c := Net; c < ComponentEnd; c++ {
		r.clear = r.clear || have[c].told && !want[c].told
	}
	for c := Net; c < ComponentEnd; c++ {
		if want[c].told && (r.clear || have[c] != want[c]) {
			r.set[c] = want[c]
			r.set[Net] = want[Net]
		}
	}
	return r
}

func (r *countsRun) tell(out []Statement, s Scope) []Statement {
	span := Dates(r.from, r.to)
	if r.clear {
		out = append(out, Statement{Verb: Clear, Scope: s, Span: span, Field: Count(Net)})
	}
	for c := Net; c < ComponentEnd; c++ {
		if r.set[c].told {
			out = append(out, Statement{Verb: Set, Scope: s, Span: span, Field: Count(c), Value: Num(r.set[c].n)})
		}
	}
	return out
}
