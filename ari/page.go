package ari

import (
	"encoding/binary"
	"math"
	"slices"
)

// pageFormat is the format number of pages. All formats since 1 stay readable (S35).
const pageFormat = 1

// AppendPage appends a page as it is now: format number, columns in the order of fields and owners, checksum. It appends nothing if nothing
// is told there: the page is to be deleted. The same picture gives the same bytes, however it came about.
func (p *Picture) AppendPage(b []byte, id PageID) []byte {
	w := pageWriter{writer: writer{b: append(b, pageFormat)}, p: p}
	if id.Scope == "" {
		w.head()
		return w.seal(len(b))
	}
	s, err := ParseScope(id.Scope)
	sc := p.scopes[s]
	if err != nil || sc == nil {
		return b
	}
	columns := slices.Clone(sc.columns)
	slices.SortFunc(columns, func(a, b *column) int { return a.key().compare(b.key()) })
	told := false
	if id.Month == 0 {
		told = w.standing(columns)
	} else {
		told = w.month(columns, MonthStart(int(id.Month)), MonthStart(int(id.Month)+1)-1)
	}
	if !told {
		return b
	}
	return w.seal(len(b))
}

// pageWriter writes one page.
type pageWriter struct {
	writer
	p      *Picture
	stamps []Stamp // of the page, in the order of their first use
	place  map[Stamp]int
}

func (w *pageWriter) stamp(i uint32) uint64 {
	s := w.p.stamps.list[i]
	if n := len(w.stamps); n > 0 && w.stamps[n-1] == s {
		return uint64(n - 1)
	}
	k, ok := w.place[s]
	if !ok {
		if w.place == nil {
			w.place = map[Stamp]int{}
		}
		k = len(w.stamps)
		w.place[s] = k
		w.stamps = append(w.stamps, s)
	}
	return uint64(k)
}

func (w *pageWriter) head() {
	w.date(w.p.day)
	last := DateMin
	for _, c := range w.p.columns {
		if _, to, ok := c.bounds(); ok && c.dense {
			last = max(last, to)
		}
	}
	w.date(last)
	w.count(len(w.p.marks))
	for i := range w.p.marks {
		m := &w.p.marks[i]
		w.extents([]Extent{m.extent})
		w.text(m.owner)
		w.int(m.stamp.Order)
		w.int(m.stamp.Revision)
		w.int(m.at)
	}
	ids := sortedKeys(w.p.overlays)
	w.count(len(ids))
	for _, id := range ids {
		w.overlay(w.p.overlays[id])
	}
}

// standing writes the statements without end of a scope's columns.
func (w *pageWriter) standing(columns []*column) bool {
	columns = slices.DeleteFunc(columns, func(c *column) bool { return len(c.standing) == 0 })
	w.count(len(columns))
	for _, c := range columns {
		w.field(c.field)
		w.text(c.owner)
		w.count(len(c.standing))
		for i := range c.standing {
			s := &c.standing[i]
			w.span(s.span)
			w.byte(byte(s.state))
			w.value(s.value)
			w.text(s.text)
			stamp := w.p.stamps.list[s.stamp]
			w.int(stamp.Order)
			w.int(stamp.Revision)
		}
	}
	return len(columns) > 0
}

// month writes the cells of a month: first the columns, aside, then the stamps they use before them.
func (w *pageWriter) month(columns []*column, first, last StayDate) bool {
	cells := pageWriter{p: w.p}
	n := 0
	for _, c := range columns {
		if cells.column(c, first, last) {
			n++
		}
	}
	w.count(len(cells.stamps))
	var was Stamp
	for _, s := range cells.stamps {
		w.int(s.Order - was.Order) // wraps, and unwraps
		w.int(s.Revision - was.Revision)
		was = s
	}
	w.count(n)
	w.b = append(w.b, cells.b...)
	return n > 0
}

// column writes a column's cells on some dates; false, and nothing, if there are none.
func (w *pageWriter) column(c *column, first, last StayDate) bool {
	from, to, ok := c.bounds()
	from, to = max(from, first), min(to, last)
	if c.dense {
		for ; ok && from <= to && c.stamps[from-c.base] == 0; from++ {
		}
		for ; ok && from <= to && c.stamps[to-c.base] == 0; to-- {
		}
	} else if ok {
		i := c.find(from)
		ok = i < len(c.runs) && c.runs[i].from <= to
	}
	if !ok || from > to {
		return false
	}
	w.field(c.field)
	w.text(c.owner)
	if c.dense {
		w.denseCells(c, first, from, to)
	} else {
		w.runs(c, first, from, to)
	}
	w.adjusts(c, first, last)
	return true
}

// denseCells writes the stamps of consecutive dates by runs, then both sides' numbers.
func (w *pageWriter) denseCells(c *column, first, from, to StayDate) {
	w.byte(byte(from - first))
	w.byte(byte(to-from) + 1)
	i, end := int(from-c.base), int(to-c.base)+1
	for i < end {
		n := 1
		for i+n < end && w.sameStamp(c.stamps[i], c.stamps[i+n]) {
			n++
		}
		w.byte(byte(n))
		if c.stamps[i] == 0 {
			w.byte(0)
		} else {
			w.uint(w.stamp(c.stamps[i]) + 1)
		}
		i += n
	}
	w.nums(&c.a, int(from-c.base), end)
	w.nums(&c.b, int(from-c.base), end)
}

// sameStamp tells whether two places of the table hold one stamp: it may be there more than once.
func (w *pageWriter) sameStamp(a, b uint32) bool {
	return a == b || a != 0 && b != 0 && w.p.stamps.list[a] == w.p.stamps.list[b]
}

// Flags of numbers in a page, above the width in bytes.
const (
	numsNone  = 0x80 // none is there
	numsGaps  = 0x40 // a bit for each says whether it is there
	numsCents = 0x20 // they are in hundreds of units
)

// nums writes numbers as their least and the distances from it, in as few bytes as the largest needs.
func (w *pageWriter) nums(n *nums, from, to int) {
	var vals [31]int64
	present, least, most, cents := uint32(0), int64(math.MaxInt64), int64(math.MinInt64), true
	if n.len() > 0 {
		for i := from; i < to; i++ {
			if v, ok := n.get(i); ok {
				vals[i-from] = v
				present |= 1 << (i - from)
				least, most, cents = min(least, v), max(most, v), cents && v%100 == 0
			}
		}
	}
	if present == 0 {
		w.byte(numsNone)
		return
	}
	scale, h := int64(1), byte(0)
	if cents {
		scale, h = 100, numsCents
	}
	if present != 1<<(to-from)-1 {
		h |= numsGaps
	}
	width := widthOf(uint64(most/scale) - uint64(least/scale))
	w.byte(h | byte(width))
	if h&numsGaps != 0 {
		w.b = binary.LittleEndian.AppendUint32(w.b, present)
	}
	w.int(least / scale)
	for i := range to - from {
		off := uint64(0)
		if present&(1<<i) != 0 {
			off = uint64(vals[i]/scale) - uint64(least/scale)
		}
		for k := range width {
			w.byte(byte(off >> (8 * k)))
		}
	}
}

// widthOf answers how many bytes a number needs: 0, 1, 2, 4 or 8.
func widthOf(n uint64) int {
	switch {
	case n == 0:
		return 0
	case n < 1<<8:
		return 1
	case n < 1<<16:
		return 2
	case n < 1<<32:
		return 4
	}
	return 8
}

// runs writes the runs of sparse columns, cut to some dates, equal neighbours joined.
func (w *pageWriter) runs(c *column, first, from, to StayDate) {
	var out []run
	for i := c.find(from); i < len(c.runs) && c.runs[i].from <= to; i++ {
		r := c.runs[i]
		r.from, r.to = max(r.from, from), min(r.to, to)
		if k := len(out) - 1; k >= 0 && out[k].to+1 == r.from && out[k].state == r.state && out[k].value == r.value && w.sameStamp(out[k].stamp, r.stamp) {
			out[k].to = r.to
			continue
		}
		out = append(out, r)
	}
	w.count(len(out))
	for i := range out {
		r := &out[i]
		w.byte(byte(r.from - first))
		w.byte(byte(r.to-r.from) + 1)
		w.byte(byte(r.state))
		w.value(r.value)
		w.uint(w.stamp(r.stamp))
	}
}

// adjusts writes what is remembered of the adjusts of some dates.
func (w *pageWriter) adjusts(c *column, first, last StayDate) {
	var dates []StayDate
	for d := range c.adjusts {
		if d >= first && d <= last {
			dates = append(dates, d)
		}
	}
	slices.Sort(dates)
	w.count(len(dates))
	for _, d := range dates {
		w.byte(byte(d - first))
		w.count(len(c.adjusts[d]))
		for _, a := range c.adjusts[d] {
			w.int(a.order)
			w.int(a.delta)
			w.int(a.revision)
		}
	}
}
