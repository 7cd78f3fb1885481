package ari

import (
	"math"
	"time"
)

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
	scopes   map[Scope]*scopeCells
	marks    []mark // stamped extents (S18)
	newest   int64  // order of the newest mark: what is newer need not look at them
	overlays map[string]*Overlay

	headDirty bool // the head page has changed since it was taken
	dirty     int  // pages that have
	loading   bool // effective values wait for FinishLoading
	load      *loader

	eff *effective
}

// columnKey finds a column.
type columnKey struct {
	scope Scope
	field Field
	owner string
}

// adjust is one remembered adjust of a cell.
type adjust struct {
	order    int64
	delta    int64
	revision int64 // of the entry: a replay over a page that has it already does not remember it twice
}

// adjustsMax is how many adjusts a cell remembers (S23).
const adjustsMax = 16

// mark is an extent with the stamp it was covered with.
type mark struct {
	extent Extent
	owner  string // connection that replaced
	stamp  Stamp
	at     int64 // unix seconds of the entry
}

// scopeCells are the columns of one scope, the unit of pages.
type scopeCells struct {
	scope   Scope
	columns []*column
	dirty   []int32 // months whose page has changed since it was taken, rising; 0: the standing statements'
}

// NewPicture answers the empty picture of a property.
func NewPicture(code string) *Picture {
	p := &Picture{
		code: code, zone: time.UTC, catalog: newCatalog(),
		columns: map[columnKey]*column{}, stamps: newStampTable(),
		scopes: map[Scope]*scopeCells{}, newest: math.MinInt64, overlays: map[string]*Overlay{},
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
		sc := p.scopes[s]
		if sc == nil {
			sc = &scopeCells{scope: s}
			p.scopes[s] = sc
		}
		c.cells, sc.columns = sc, append(sc.columns, c)
		p.eff.columnAdded(p, c)
	}
	return c
}
