package ari

import (
	"slices"
	"strings"
)

// PageID names a checkpoint page: the cells of a scope in a month, its standing statements (month 0), or the property's head (scope "").
type PageID struct {
	Scope string // Scope.Key; "" for the head
	Month int32  // StayDate.Month; 0: standing statements
}

// TakeDirty answers the pages that have changed since they were last taken, in order of scope and month, and counts them as taken. A caller
// that could not write them says so with PutBack.
func (p *Picture) TakeDirty() []PageID {
	out := make([]PageID, 0, p.dirty)
	if p.headDirty {
		out = append(out, PageID{})
	}
	for _, sc := range p.scopes {
		if len(sc.dirty) == 0 {
			continue
		}
		key := sc.scope.Key()
		for _, m := range sc.dirty {
			out = append(out, PageID{key, m})
		}
		sc.dirty = sc.dirty[:0]
	}
	p.headDirty, p.dirty = false, 0
	slices.SortFunc(out, func(a, b PageID) int {
		if c := strings.Compare(a.Scope, b.Scope); c != 0 {
			return c
		}
		return int(a.Month) - int(b.Month)
	})
	return out
}

// PutBack makes pages dirty again that were taken but not written.
func (p *Picture) PutBack(ids []PageID) {
	for _, id := range ids {
		if id.Scope == "" {
			p.markHead()
		} else if s, err := ParseScope(id.Scope); err == nil && p.scopes[s] != nil {
			p.markMonth(p.scopes[s], id.Month)
		}
	}
}

// Dirty answers how many pages have changed since they were taken.
func (p *Picture) Dirty() int { return p.dirty }

func (p *Picture) markHead() {
	if !p.headDirty {
		p.headDirty = true
		p.dirty++
	}
}

func (p *Picture) markStanding(c *column) { p.markMonth(c.cells, 0) }

// markDates marks the months of some dates.
func (p *Picture) markDates(c *column, from, to StayDate) {
	for m := monthOf(from); m <= monthOf(to); m++ {
		p.markMonth(c.cells, int32(m))
	}
}

func (p *Picture) markMonth(sc *scopeCells, month int32) {
	if n := len(sc.dirty); n > 0 && sc.dirty[n-1] == month {
		return
	}
	i, found := slices.BinarySearch(sc.dirty, month)
	if !found {
		sc.dirty = slices.Insert(sc.dirty, i, month)
		p.dirty++
	}
}

// monthOf is StayDate.Month without a time.Time, for the path of every update.
//
// Source: days-to-civil algorithm of the proleptic Gregorian calendar, Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
func monthOf(d StayDate) int {
	z := int(d) + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month := yoe+era*400, mp+2 // of 0..11
	if mp >= 10 {
		year, month = year+1, mp-10
	}
	return year*12 + month
}
