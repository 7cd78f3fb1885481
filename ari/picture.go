package ari

import "time"

// Picture is the exact ARI of one property: source cells with stamps, overlays, catalog, and the effective values that follow from them.
//
// It is not safe for concurrent use: the caller holds the property's lock, shared for reading, exclusive for Fold and the loading of pages.
type Picture struct {
	code     string
	revision int64
	day      StayDate // property-local calendar date that time rules were last applied for (S28)
	zone     *time.Location

	catalog  *Catalog
	columns  map[columnKey]*column
	stamps   *stampTable
	adjusts  map[adjustKey][]adjust // S23; newest last, at most adjustsMax
	extents  []mark                 // stamped extents (S18)
	overlays map[string]*Overlay

	eff *effective
}

// columnKey finds a column.
type columnKey struct {
	scope Scope
	field Field
	owner string
}

// adjustKey finds the adjusts of a cell.
type adjustKey struct {
	column columnKey
	date   StayDate
}

// adjust is one remembered adjust of a cell.
type adjust struct {
	order int64
	delta int64
}

// adjustsMax is how many adjusts a cell remembers (S23).
const adjustsMax = 16

// mark is an extent with the stamp it was covered with.
type mark struct {
	extent Extent
	owner  string // connection that replaced
	stamp  Stamp
}

// NewPicture answers the empty picture of a property.
func NewPicture(code string) *Picture {
	p := &Picture{
		code: code, zone: time.UTC, catalog: newCatalog(),
		columns: map[columnKey]*column{}, stamps: newStampTable(),
		adjusts: map[adjustKey][]adjust{}, overlays: map[string]*Overlay{},
	}
	p.eff = newEffective()
	return p
}

// Code answers the property's code.
func (p *Picture) Code() string { return p.code }

// Revision answers the last folded revision; 0 before the first.
func (p *Picture) Revision() int64 { return p.revision }

// Day answers the property-local date that time rules were last applied for.
func (p *Picture) Day() StayDate { return p.day }

// Zone answers the property's time zone.
func (p *Picture) Zone() *time.Location { return p.zone }

// Catalog answers the catalog; it is replaced, never changed, by Fold.
func (p *Picture) Catalog() *Catalog { return p.catalog }

// column answers the column, made if it is not there.
func (p *Picture) column(s Scope, f Field, owner string) *column {
	if !f.Owned() {
		owner = ""
	}
	k := columnKey{s, f, owner}
	c := p.columns[k]
	if c == nil {
		c = newColumn(s, f, owner)
		p.columns[k] = c
		p.eff.columnAdded(p, c)
	}
	return c
}
