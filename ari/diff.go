package ari

import "slices"

// Diff answers the statements that make the source cells of one connection in have tell what they do in want: its own restrictions, limits
// and unknown kinds, and the rates, counts and block numbers of the property. Applied in one update of that connection (newer than all that
// is told), they give the target: told values and standing statements, not stamps. Of a count told as net and as components, the kind told
// last is the target.
//
// Dates before the first of have's day are left alone.
//
// Shape: by scope, field and owner; of each column standing statements before dated ones. Empty if nothing differs.
func Diff(have, want *Picture, connection string) []Statement {
	var out []Statement
	var counted Scope
	any := false
	for _, k := range bothKeys(have, want, connection) {
		switch {
		case k.field.Family() != FamilyCount:
			out = diffColumn(out, k, have, want)
		case !any || k.scope != counted:
			out = diffCounts(out, k.scope, have, want)
			counted, any = k.scope, true
		}
	}
	for i := range out {
		out[i].Item = i
	}
	return out
}

// bothKeys answers the keys of either picture's columns that a connection may write, in order.
func bothKeys(a, b *Picture, connection string) []columnKey {
	var keys []columnKey
	for _, p := range []*Picture{a, b} {
		for k := range p.columns {
			if k.owner == "" || k.owner == connection {
				keys = append(keys, k)
			}
		}
	}
	slices.SortFunc(keys, columnKey.compare)
	return slices.Compact(keys)
}

func diffColumn(out []Statement, k columnKey, have, want *Picture) []Statement {
	h, w := have.columns[k], want.columns[k]
	first := have.day - HorizonPast
	hs, ws := have.standings(h, first), want.standings(w, first)
	if k.field == UnknownField {
		return diffUnknown(out, k, hs, ws)
	}
	if slices.EqualFunc(hs, ws, sameTold) {
		return diffDates(out, k, have, want)
	}
	// Another sequence of statements without end: all of it is told anew, over a clear of what there was.
	st := func(span Span, state State, v Value) {
		out = append(out, statement(k, span, state, v, ""))
	}
	if len(hs) > 0 {
		st(Undated, Cleared, Value{})
	}
	for _, s := range ws {
		st(s.span, s.state, s.value)
	}
	for _, x := range want.dated(w, first) {
		st(Dates(x.from, x.to), x.state, x.value)
	}
	if len(hs) == 0 {
		out = clearDates(out, k, have, want)
	}
	return out
}

// statement answers what tells a column a value, or clears it.
func statement(k columnKey, span Span, state State, v Value, text string) Statement {
	s := Statement{Verb: Set, Scope: k.scope, Span: span, Field: k.field, Value: v, Text: text}
	if state != Told {
		s.Verb, s.Value = Clear, Value{}
	}
	return s
}

// standings answers the statements without end of a column in the order they go over each other; those that say nothing any more are
// left out: clears under which nothing is told.
func (p *Picture) standings(c *column, first StayDate) []standing {
	if c == nil {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(c.standing), func(s standing) bool { return s.span.To < first })
	slices.SortStableFunc(out, func(a, b standing) int { return cmpOrder(p.stamps.order(a.stamp), p.stamps.order(b.stamp)) })
	for len(out) > 0 && out[0].state != Told {
		out = out[1:]
	}
	return out
}

func sameTold(a, b standing) bool {
	return a.span == b.span && a.state == b.state && a.value == b.value && a.text == b.text
}

// dated answers the dated cells of a column from a date on; nil has none.
func (p *Picture) dated(c *column, first StayDate) []piece {
	if c == nil {
		return nil
	}
	return c.piecesOn(first, DateMax, p.stamps)
}

// diffUnknown: kinds that cannot be evaluated are all statements; if they differ, they are told anew.
func diffUnknown(out []Statement, k columnKey, hs, ws []standing) []Statement {
	if slices.EqualFunc(hs, ws, sameTold) {
		return out
	}
	if len(hs) > 0 {
		out = append(out, Statement{Verb: Clear, Scope: k.scope, Span: Undated, Field: k.field})
	}
	for _, s := range ws {
		out = append(out, statement(k, s.span, s.state, s.value, s.text))
	}
	return out
}

// diffDates compares day by day what columns with the same statements tell.
func diffDates(out []Statement, k columnKey, have, want *Picture) []Statement {
	from, to, ok := bothBounds(have.columns[k], want.columns[k])
	if from = max(from, have.day-HorizonPast); !ok {
		return out
	}
	first := len(out)
	for d := from; d <= to; d++ {
		hs, hv := have.told(k, d)
		ws, wv := want.told(k, d)
		if hs == ws && hv == wv {
			continue
		}
		s := statement(k, Dates(d, d), ws, wv, "")
		if n := len(out); n > first && out[n-1].Span.To == d-1 && out[n-1].Verb == s.Verb && out[n-1].Value == s.Value {
			out[n-1].Span.To = d
			continue
		}
		out = append(out, s)
	}
	return out
}

// clearDates clears the dates that have tells and want does not.
func clearDates(out []Statement, k columnKey, have, want *Picture) []Statement {
	for _, x := range have.dated(have.columns[k], have.day-HorizonPast) {
		for d := x.from; d <= x.to; d++ {
			if state, _ := want.told(k, d); x.state == Told && state != Told {
				out = append(out, statement(k, Dates(d, d), Cleared, Value{}, ""))
			}
		}
	}
	return out
}

// told answers what a column tells on a date; what is unset is Cleared.
func (p *Picture) told(k columnKey, d StayDate) (State, Value) {
	c := p.columns[k]
	if c == nil {
		return Cleared, Value{}
	}
	if state, v, _ := c.at(d, p.stamps); state == Told {
		return Told, v
	}
	return Cleared, Value{}
}

func bothBounds(a, b *column) (from, to StayDate, ok bool) {
	for _, c := range []*column{a, b} {
		if c == nil {
			continue
		}
		if f, t, any := c.bounds(); any && !ok {
			from, to, ok = f, t, true
		} else if any {
			from, to = min(from, f), max(to, t)
		}
	}
	return from, to, ok
}
