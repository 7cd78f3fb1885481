package aritest

import (
	"maps"
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Model is the picture of one property as a list of what was told. The zero value is not usable; see NewModel.
type Model struct {
	code       string
	day        ari.StayDate // told by the last roll
	rolledFrom ari.StayDate // the day that the first roll told
	today      ari.StayDate // local date of the update that is being judged
	catalog    catalog
	told       []told             // in the order of arrival
	arrivals   int                // how many were told, those untold since included
	fields     map[ari.Field]bool // that were ever told: most rate keys never are, and need not be looked for
	overlays   map[string]overlay

	// How often the owner of rates, and of counts, has changed: what was told before a change is older than all told after it.
	ratesEra, countsEra int
}

// told is one statement or one extent that was accepted, with its span trimmed to the horizon of the day it arrived on.
type told struct {
	statement  ari.Statement // of an extent: the zero value, but for its span
	extent     *ari.Extent   // nil for a statement
	connection string
	order      int64
	arrival    int // 1, 2, 3 ... over all that was told

	ratesEra, countsEra int // the model's when it arrived
}

// overlay is an overlay with, for a confirmed hold, the counts that have taken it over.
type overlay struct {
	ari.Overlay
	taken map[ari.LevelDate]bool
}

// NewModel answers the empty picture of a property.
func NewModel(code string) *Model {
	return &Model{code: code, catalog: newCatalog(), overlays: map[string]overlay{}, fields: map[ari.Field]bool{}}
}

// Clone answers a copy that shares nothing that changes.
func (m *Model) Clone() *Model {
	c := *m
	c.catalog = m.catalog.clone()
	c.told = slices.Clone(m.told)
	c.overlays = maps.Clone(m.overlays)
	c.fields = maps.Clone(m.fields)
	for id, o := range c.overlays {
		o.taken = maps.Clone(o.taken)
		c.overlays[id] = o
	}
	return &c
}

// Day answers the picture's day.
func (m *Model) Day() ari.StayDate { return m.day }

// horizon answers the first and the last date that the picture holds (S26).
func (m *Model) horizon() (first, last ari.StayDate) {
	return m.day - ari.HorizonPast, m.day + ari.HorizonFuture
}

// column is what one owner tells of one field at one scope (evaluation 1).
type column struct {
	scope ari.Scope
	field ari.Field
	owner string // connection; "" for fields with one owner for the property
	name  string // of an unknown kind
}

// columnOf answers the column that a statement is about.
func (t *told) columnOf() column {
	c := column{scope: t.statement.Scope, field: t.statement.Field}
	if c.field.Owned() {
		c.owner = t.connection
	}
	if c.field == ari.UnknownField {
		c.name = unknownName(t.statement.Text)
	}
	return c
}

// unknownName answers the name of an unknown kind from its text.
func unknownName(text string) string {
	name, _, _ := strings.Cut(text, "=")
	return name
}

// says tells whether what was told is about the column, on whatever date.
func (t *told) says(c column) bool {
	if c.owner != "" && t.connection != c.owner {
		return false
	}
	if t.extent != nil {
		return t.extent.Scopes.Holds(c.scope) && namesField(t.extent.Fields, c.field)
	}
	s := &t.statement
	if s.Field.Family() != c.field.Family() || s.Scope != c.scope {
		return false
	}
	if s.Verb == ari.Clear {
		switch c.field.Family() {
		case ari.FamilyCount: // a clear of counts clears all components
			return true
		case ari.FamilyUnknown:
			return s.Text == "" || unknownName(s.Text) == c.name
		}
	}
	return t.columnOf() == c
}

// namesField tells whether an extent's field groups hold the field. Counts are one group (S24).
func namesField(sets []ari.FieldSet, f ari.Field) bool {
	for _, s := range sets {
		whole := s.Field == 0 || s.Family == ari.FamilyCount || s.Family == ari.FamilyUnknown
		if s.Family == f.Family() && (whole || s.Field == f) {
			return true
		}
	}
	return false
}

// era answers how many owners the field had before the one who told it; 0 for fields that are kept per connection.
func (t *told) era(f ari.Field) int {
	switch f.Family() {
	case ari.FamilyRate:
		return t.ratesEra
	case ari.FamilyCount, ari.FamilyBlock:
		return t.countsEra
	}
	return 0
}

// newer tells whether t comes after u in the total order of what is told of a field: owner, stamp, arrival.
func (t *told) newer(u *told, f ari.Field) bool {
	if t.era(f) != u.era(f) {
		return t.era(f) > u.era(f)
	}
	if t.order != u.order {
		return t.order > u.order
	}
	return t.arrival > u.arrival
}

// lastSet answers the newest set, clear or extent of the column that covers the date; nil if it was never told.
func (m *Model) lastSet(c column, d ari.StayDate) *told {
	var last *told
	for i := range m.told {
		t := &m.told[i]
		if t.statement.Verb != ari.Adjust && t.says(c) && t.statement.Span.Covers(d) && (last == nil || t.newer(last, c.field)) {
			last = t
		}
	}
	return last
}

// adjustsAfter answers the adjusts of the column on the date that are newer than what was told.
func (m *Model) adjustsAfter(c column, d ari.StayDate, set *told) []*told {
	var after []*told
	for i := range m.told {
		t := &m.told[i]
		if t.statement.Verb == ari.Adjust && t.says(c) && t.statement.Span.Covers(d) && t.newer(set, c.field) {
			after = append(after, t)
		}
	}
	return after
}

// value answers the column's value on a date; false if it is unset.
func (m *Model) value(c column, d ari.StayDate) (ari.Value, bool) {
	last := m.lastSet(c, d)
	if last == nil || last.statement.Verb != ari.Set {
		return ari.Value{}, false
	}
	v := last.statement.Value
	if c.field.Family() == ari.FamilyCount {
		for _, a := range m.adjustsAfter(c, d, last) {
			v.A += a.statement.Value.A
		}
	}
	return v, true
}

// columns answers the columns of a field, by any owner, at the scopes that match, in the order they were first told.
func (m *Model) columns(f ari.Field, match func(ari.Scope) bool) []column {
	var out []column
	for i := range m.told {
		t := &m.told[i]
		if t.extent != nil || t.statement.Verb != ari.Set || t.statement.Field != f || !match(t.statement.Scope) {
			continue
		}
		if c := t.columnOf(); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// values answers the values on a date of the columns of a field at the scopes that match.
func (m *Model) values(f ari.Field, d ari.StayDate, match func(ari.Scope) bool) []ari.Value {
	var out []ari.Value
	for _, c := range m.columns(f, match) {
		if v, ok := m.value(c, d); ok {
			out = append(out, v)
		}
	}
	return out
}

// one answers the value on a date of a field with one owner.
func (m *Model) one(s ari.Scope, f ari.Field, d ari.StayDate) (ari.Value, bool) {
	return m.value(column{scope: s, field: f}, d)
}
