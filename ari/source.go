package ari

import "slices"

// CellFilter selects source cells. Zero values select all; From and To are both included, and 0 means no bound.
type CellFilter struct {
	Scopes   *ScopeSet
	Fields   []FieldSet
	Owner    string // connection; rates, counts and block numbers have none, and are selected whatever it is
	From, To StayDate
}

// SourceCell is one value as told (S4): consecutive dates of one column with one value and stamp, or a standing statement.
type SourceCell struct {
	Scope    Scope
	Field    Field
	Owner    string // connection, for fields that are Owned; else ""
	Span     Span
	Standing bool // a statement without end, or of a kind that cannot be evaluated; newer dated cells go over it
	State    State
	Value    Value
	Text     string // of an UnknownField
	Order    int64  // its stamp
	Revision int64  // that told it
}

// Cells calls f for the source cells that the filter selects, until it answers false: by scope, field and owner; of each column the standing
// statements first, then the dated cells in rising order, cut to the filter's dates. The cell is valid during the call only.
func (p *Picture) Cells(filter CellFilter, f func(*SourceCell) bool) {
	from, to := filter.From, filter.To
	if from == 0 {
		from = DateMin
	}
	if to == 0 {
		to = DateMax
	}
	for _, c := range p.sorted(filter.selects) {
		if !p.columnCells(c, from, to, f) {
			return
		}
	}
}

func (x *CellFilter) selects(k columnKey) bool {
	return (x.Scopes == nil || x.Scopes.Holds(k.scope)) && (x.Owner == "" || k.owner == "" || k.owner == x.Owner) &&
		(len(x.Fields) == 0 || slices.ContainsFunc(x.Fields, func(s FieldSet) bool { return s.Holds(k.field) }))
}

func (p *Picture) columnCells(c *column, from, to StayDate, f func(*SourceCell) bool) bool {
	cell := SourceCell{Scope: c.scope, Field: c.field, Owner: c.owner, Standing: true}
	tell := func(stamp Stamp) bool {
		cell.Order, cell.Revision = stamp.Order, stamp.Revision
		return f(&cell)
	}
	for i := range c.standing {
		s := &c.standing[i]
		if s.span.From > to || s.span.To < from {
			continue
		}
		cell.Span, cell.State, cell.Value, cell.Text = s.span, s.state, s.value, s.text
		if !tell(p.stamps.list[s.stamp]) {
			return false
		}
	}
	cell.Standing, cell.Text = false, ""
	for _, x := range c.stampedRuns(from, to, p.stamps) {
		cell.Span, cell.State, cell.Value = Dates(x.from, x.to), x.state, x.value
		if !tell(p.stamps.list[x.stamp]) {
			return false
		}
	}
	return true
}

// stampedRuns answers the dated cells on some dates, as runs of one value and stamp.
func (c *column) stampedRuns(from, to StayDate, t *stampTable) []run {
	first, last, ok := c.bounds()
	if from, to = max(from, first), min(to, last); !ok || from > to {
		return nil
	}
	var out []run
	add := func(r run) {
		if k := len(out) - 1; k >= 0 && out[k].to+1 == r.from && out[k].state == r.state && out[k].value == r.value && t.list[out[k].stamp] == t.list[r.stamp] {
			out[k].to = r.to
			return
		}
		out = append(out, r)
	}
	if !c.dense {
		for i := c.find(from); i < len(c.runs) && c.runs[i].from <= to; i++ {
			r := c.runs[i]
			r.from, r.to = max(r.from, from), min(r.to, to)
			add(r)
		}
		return out
	}
	for d := from; d <= to; d++ {
		if state, v, stamp := c.dated(d); state != Untold {
			add(run{d, d, stamp, state, v})
		}
	}
	return out
}
