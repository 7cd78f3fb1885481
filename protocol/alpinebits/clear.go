package alpinebits

import (
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// column is a scope and field of what was told.
type column struct {
	scope ari.Scope
	field ari.Field
}

// unset clears what the picture has of some scopes.
func (d *decoder) unset(record int, scopes ari.ScopeSet, within ari.Span, families ...uint8) {
	d.out.Statements = append(d.out.Statements, d.clears(record, nil, scopes, within, families...)...)
}

// before puts clears in front of the statements from an index on: what is told with them lies over them.
func (d *decoder) before(from int, clears []ari.Statement) {
	d.out.Statements = slices.Insert(d.out.Statements, from, clears...)
}

// clears answers the clears of what the picture has of some scopes on some dates, and that sets does not tell anew: of counts, rates and
// the connection's own restrictions. They are for what a message replaces or removes by name, and are not held back; what goes by not being
// told in a complete set is a replace (S18).
//
// Shape: one statement per run of dates told, in the order of columns.
func (d *decoder) clears(record int, sets []ari.Statement, scopes ari.ScopeSet, within ari.Span, families ...uint8) (out []ari.Statement) {
	anew := map[column][]ari.Span{}
	for i := range sets {
		if s := &sets[i]; s.Span.Days == ari.AllDays {
			k := column{s.Scope, s.Field}
			anew[k] = append(anew[k], s.Span)
		}
	}
	filter := ari.CellFilter{Scopes: &scopes, Owner: d.h.Connection(), From: max(within.From, d.firstDay()), To: within.To}
	for _, f := range families {
		filter.Fields = append(filter.Fields, ari.FieldSet{Family: f})
	}
	d.h.Picture(func(p *ari.Picture) {
		p.Cells(filter, func(c *ari.SourceCell) bool {
			if c.State == ari.Told {
				out = appendClears(out, record, c, within, anew[column{c.Scope, c.Field}])
			}
			return true
		})
	})
	return out
}

// appendClears appends the clears of one cell, without what is told anew. A standing statement is cleared on all dates it may reach.
func appendClears(out []ari.Statement, record int, c *ari.SourceCell, within ari.Span, anew []ari.Span) []ari.Statement {
	left := []ari.Span{ari.Dates(max(c.Span.From, within.From), min(c.Span.To, within.To))}
	if c.Standing {
		left[0] = within
	}
	for _, s := range anew {
		if left = cut(left, s); len(left) == 0 {
			return out
		}
	}
	f := c.Field
	if f.Family() == ari.FamilyCount {
		f = ari.Count(ari.Net) // a clear of one is of all (S24)
	}
	for _, s := range left {
		if last := len(out) - 1; last >= 0 && out[last].Scope == c.Scope && out[last].Field == f && out[last].Span.To+1 == s.From {
			out[last].Span.To = s.To
			continue
		}
		out = append(out, ari.Statement{Item: max(record, 0), Verb: ari.Clear, Scope: c.Scope, Span: s, Field: f})
	}
	return out
}
