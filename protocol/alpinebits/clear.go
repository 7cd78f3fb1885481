package alpinebits

import (
	"cmp"
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// column is a scope and field of what was told.
type column struct {
	scope ari.Scope
	field ari.Field
}

// area is a scope and family of fields.
type area struct {
	scope  ari.Scope
	family uint8
}

// spans are spans of all weekdays that do not overlap, rising.
type spans []ari.Span

func byFrom(a, b ari.Span) int { return cmp.Compare(a.From, b.From) }

// from answers the index of the first span that ends on a date or after.
func (s spans) from(d ari.StayDate) int {
	i, _ := slices.BinarySearchFunc(s, d, func(x ari.Span, d ari.StayDate) int { return cmp.Compare(x.To, d) })
	return i
}

// in answers what of a span lies in the spans.
func (s spans) in(x ari.Span) (out spans) {
	for i := s.from(x.From); i < len(s) && s[i].From <= x.To; i++ {
		out = append(out, ari.Dates(max(x.From, s[i].From), min(x.To, s[i].To)))
	}
	return out
}

// outside answers what of a span does not lie in the spans.
func (s spans) outside(x ari.Span) (out spans) {
	for i := s.from(x.From); i < len(s) && s[i].From <= x.To; i++ {
		if s[i].From > x.From {
			out = append(out, ari.Dates(x.From, s[i].From-1))
		}
		if s[i].To >= x.To {
			return out
		}
		x.From = s[i].To + 1
	}
	return append(out, ari.Dates(x.From, x.To))
}

// always are all dates.
var always = spans{ari.Undated}

// unset clears what the picture has of some scopes.
func (d *decoder) unset(record int, scopes ari.ScopeSet, families ...uint8) {
	d.out.Statements = append(d.out.Statements, d.clears(record, nil, scopes, func(area) spans { return always }, families...)...)
}

// before puts clears in front of the statements from an index on: what is told with them lies over them.
func (d *decoder) before(from int, clears []ari.Statement) {
	d.out.Statements = slices.Insert(d.out.Statements, from, clears...)
}

// clears answers the clears of what the picture has of some scopes, on the dates that within answers for each, and that sets does not tell
// anew: of counts, rates and the connection's own restrictions. They are for what a message replaces or removes by name, and are not held
// back; what goes by not being told in a complete set is a replace (S18).
//
// Shape: one statement per run of dates told, in the order of columns.
func (d *decoder) clears(record int, sets []ari.Statement, scopes ari.ScopeSet, within func(area) spans, families ...uint8) (out []ari.Statement) {
	anew := map[column]spans{}
	for i := range sets {
		if s := &sets[i]; s.Span.Days == ari.AllDays {
			k := column{s.Scope, s.Field}
			anew[k] = append(anew[k], s.Span)
		}
	}
	for _, s := range anew {
		slices.SortFunc(s, byFrom)
	}
	filter := ari.CellFilter{Scopes: &scopes, Owner: d.h.Connection(), From: d.firstDay()}
	for _, f := range families {
		filter.Fields = append(filter.Fields, ari.FieldSet{Family: f})
	}
	d.h.Picture(func(p *ari.Picture) {
		p.Cells(filter, func(c *ari.SourceCell) bool {
			if c.State == ari.Told {
				out = appendClears(out, record, c, within(area{c.Scope, c.Field.Family()}), anew[column{c.Scope, c.Field}])
			}
			return true
		})
	})
	return out
}

// appendClears appends the clears of one cell. A standing statement is cleared on all dates it may reach.
func appendClears(out []ari.Statement, record int, c *ari.SourceCell, within, anew spans) []ari.Statement {
	f := c.Field
	if f.Family() == ari.FamilyCount {
		f = ari.Count(ari.Net) // a clear of one is of all (S24)
	}
	if !c.Standing {
		within = within.in(c.Span)
	}
	for _, w := range within {
		for _, s := range anew.outside(w) {
			if last := len(out) - 1; last >= 0 && out[last].Scope == c.Scope && out[last].Field == f && out[last].Span.To < ari.DateMax && out[last].Span.To+1 == s.From {
				out[last].Span.To = s.To
				continue
			}
			out = append(out, ari.Statement{Item: max(record, 0), Verb: ari.Clear, Scope: c.Scope, Span: s, Field: f})
		}
	}
	return out
}
