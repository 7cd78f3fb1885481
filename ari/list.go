package ari

// CellRun is consecutive dates on which one source column says one thing, told once.
type CellRun struct {
	Scope    Scope
	Field    Field
	Owner    string // connection, for fields that are Owned
	Span     Span   // of an unknown kind its statement's; else dates within those asked
	State    State  // Told or Cleared
	Value    Value
	Text     string // of an unknown kind
	Order    int64  // its stamp
	Standing bool   // an open-ended or undated statement's
}

// SourceCells calls f for the source cells on [from, to] of the columns that keep keeps, by scope, field and owner, dates rising, until f
// answers false. It is what the sources told, before scopes are combined and overlays laid (S4).
//
// Shape: the run is reused between calls.
func (p *Picture) SourceCells(from, to StayDate, keep func(Scope, Field) bool, f func(*CellRun) bool) {
	var r CellRun
	var buf []piece
	for _, c := range p.sorted(func(k columnKey) bool { return keep(k.scope, k.field) }) {
		r = CellRun{Scope: c.scope, Field: c.field, Owner: c.owner}
		if c.field == UnknownField {
			if !c.unknownRuns(from, to, p.stamps, &r, f) {
				return
			}
			continue
		}
		buf = p.pieces(buf[:0], c, from, to)
		for i := range buf {
			x := &buf[i]
			if x.state == Untold {
				continue
			}
			r.Span, r.State, r.Value, r.Order, r.Standing = Dates(x.from, x.to), x.state, x.value, x.order, x.standing
			if !f(&r) {
				return
			}
		}
	}
}

// unknownRuns tells the statements of an unknown kind that touch the dates; false if f had enough.
func (c *column) unknownRuns(from, to StayDate, t *stampTable, r *CellRun, f func(*CellRun) bool) bool {
	for i := range c.standing {
		s := &c.standing[i]
		if s.span.From > to || s.span.To < from {
			continue
		}
		r.Span, r.State, r.Text, r.Order, r.Standing = s.span, s.state, s.text, t.order(s.stamp), s.span.Standing()
		if !f(r) {
			return false
		}
	}
	return true
}

// Overlay answers an overlay by id.
func (p *Picture) Overlay(id string) (Overlay, bool) {
	if o := p.overlays[id]; o != nil {
		return *o, true
	}
	return Overlay{}, false
}

// Overlays answers the overlays, by id, after an id, at most limit of those that keep keeps.
func (p *Picture) Overlays(after string, limit int, keep func(*Overlay) bool) (out []Overlay) {
	for _, id := range sortedKeys(p.overlays) {
		if o := p.overlays[id]; id > after && keep(o) {
			if len(out) == limit {
				break
			}
			out = append(out, *o)
		}
	}
	return out
}
