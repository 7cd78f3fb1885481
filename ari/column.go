package ari

import (
	"slices"
	"sort"
	"strings"
)

// column holds what one owner tells of one field at one scope: dated cells, and standing statements that are looked up beside them, so
// that a date entering the horizon follows the same rule as any other (S3).
//
// Rates and counts, told of nearly every date, are dense arrays; all else are runs. Neither holds pointers.
type column struct {
	scope    Scope
	field    Field
	owner    string
	cells    *scopeCells           // of the scope; knows which pages are dirty
	standing []standing            // few; newest wins by stamp, then by place
	adjusts  map[StayDate][]adjust // S23: by rising order, at most adjustsMax a date; nil for most columns

	dense  bool
	base   StayDate // dense: date of index 0
	a, b   nums     // dense: Value.A and Value.B; empty until told
	stamps []uint32 // dense: stamp of each date in the picture's table; 0: untold

	runs []run // sparse: rising, disjoint, neighbours differ
}

// run is consecutive dates of equal value and stamp.
type run struct {
	from, to StayDate
	stamp    uint32
	state    State
	value    Value
}

// standing is an open-ended or undated statement; of unknown kinds, every statement.
type standing struct {
	span  Span
	state State
	value Value
	text  string
	stamp uint32
}

// standingMax bounds the standing statements of one column; covered ones are dropped, so more than a few is a sender gone wrong.
const standingMax = 64

func newColumn(s Scope, f Field, owner string) *column {
	family := f.Family()
	return &column{scope: s, field: f, owner: owner, dense: family == FamilyRate || family == FamilyCount}
}

// dated answers the dated cell, without the standing statements, and its stamp's index.
func (c *column) dated(d StayDate) (State, Value, uint32) {
	if !c.dense {
		if i := c.find(d); i < len(c.runs) && c.runs[i].from <= d {
			r := &c.runs[i]
			return r.state, r.value, r.stamp
		}
		return Untold, Value{}, 0
	}
	i := int(d - c.base)
	if i < 0 || i >= len(c.stamps) || c.stamps[i] == 0 {
		return Untold, Value{}, 0
	}
	v := c.denseValue(i)
	if v.Form == 0 {
		return Cleared, Value{}, c.stamps[i]
	}
	if c.field.Family() != FamilyRate {
		v.Form = 0
	}
	return Told, v, c.stamps[i]
}

// denseValue answers the value at index i; Form tells which sides are there.
func (c *column) denseValue(i int) (v Value) {
	if c.a.len() > 0 {
		if x, ok := c.a.get(i); ok {
			v.A, v.Form = x, SideBefore
		}
	}
	if c.b.len() > 0 {
		if x, ok := c.b.get(i); ok {
			v.B, v.Form = x, v.Form|SideAfter
		}
	}
	return v
}

// find answers the index of the first run that ends on or after d.
func (c *column) find(d StayDate) int {
	return sort.Search(len(c.runs), func(i int) bool { return c.runs[i].to >= d })
}

// at answers the column's value on a date: of the dated cell and the standing statements covering it, the one with the newest stamp;
// of equal stamps the dated cell, or the later statement. (A dated cell is never older than a standing statement that covers its date:
// Apply drops it when the statement comes.) An unknown kind is told if any name is.
func (c *column) at(d StayDate, t *stampTable) (State, Value, uint32) {
	state, v, stamp := c.dated(d)
	if s := c.standingAt(d, t); s != nil && (stamp == 0 || t.order(s.stamp) > t.order(stamp)) {
		return s.state, s.value, s.stamp
	}
	return state, v, stamp
}

// standingAt answers the standing statement in force on a date, nil if there is none.
func (c *column) standingAt(d StayDate, t *stampTable) *standing {
	var best *standing
	unknown := c.field == UnknownField
	for i := range c.standing {
		s := &c.standing[i]
		if !s.span.Covers(d) || unknown && c.overruled(i, d, t) {
			continue
		}
		switch {
		case best == nil, unknown && s.state == Told && best.state != Told:
			best = s
		case !(unknown && best.state == Told && s.state != Told) && t.order(s.stamp) >= t.order(best.stamp):
			best = s
		}
	}
	return best
}

// overruled tells whether a newer statement of the same unknown kind (or of all of them) covers the date.
func (c *column) overruled(i int, d StayDate, t *stampTable) bool {
	s := &c.standing[i]
	for j := range c.standing {
		x := &c.standing[j]
		newer := t.order(x.stamp) > t.order(s.stamp) || j > i && t.order(x.stamp) == t.order(s.stamp)
		if j != i && newer && x.span.Covers(d) && (x.text == "" || UnknownName(x.text) == UnknownName(s.text)) {
			return true
		}
	}
	return false
}

// UnknownName answers the name of an unknown kind: its text up to the first "=".
func UnknownName(text string) string {
	name, _, _ := strings.Cut(text, "=")
	return name
}

// each calls f for maximal stretches of [from, to] on which the column's value is one and told or cleared, in rising order. Untold gaps
// are skipped. This is what effective values are computed from.
func (c *column) each(from, to StayDate, t *stampTable, f func(from, to StayDate, state State, v Value)) {
	if len(c.standing) == 0 && !c.dense {
		for i := c.find(from); i < len(c.runs) && c.runs[i].from <= to; i++ {
			r := &c.runs[i]
			f(max(from, r.from), min(to, r.to), r.state, r.value)
		}
		return
	}
	if len(c.standing) == 0 {
		from, to = max(from, c.base), min(to, c.base+StayDate(len(c.stamps))-1)
	}
	start, was, val := from, Untold, Value{}
	for d := from; d <= to; d++ {
		state, v, _ := c.at(d, t)
		if state != was || v != val {
			if was != Untold {
				f(start, d-1, was, val)
			}
			start, was, val = d, state, v
		}
	}
	if was != Untold && from <= to {
		f(start, to, was, val)
	}
}

// put makes the dated cells of [from, to] one state and value with one stamp. Told stamps are kept as given.
func (c *column) put(from, to StayDate, state State, v Value, stamp uint32) {
	if c.dense {
		c.putDense(from, to, state, v, stamp)
		return
	}
	c.splice(run{from, to, stamp, state, v}, state == Untold)
}

func (c *column) putDense(from, to StayDate, state State, v Value, stamp uint32) {
	c.cover(from, to)
	rate := c.field.Family() == FamilyRate
	if state == Told && !rate {
		v.Form = SideBefore
	}
	for i := int(from - c.base); i <= int(to-c.base); i++ {
		c.stamps[i] = stamp
		if state == Untold {
			c.stamps[i] = 0
		}
		setSide(&c.a, i, len(c.stamps), v.A, state == Told && v.Form&SideBefore != 0)
		setSide(&c.b, i, len(c.stamps), v.B, state == Told && v.Form&SideAfter != 0)
	}
}

func setSide(n *nums, i, size int, v int64, told bool) {
	if n.len() == 0 {
		if !told {
			return
		}
		n.grow(size, 0, size)
	}
	if told {
		n.set(i, v)
	} else {
		n.unset(i)
	}
}

// cover grows the dense arrays so that they hold [from, to].
func (c *column) cover(from, to StayDate) { c.coverWith(from, to, to) }

// coverWith is cover, with room up to a date that is known to come.
func (c *column) coverWith(from, to, upTo StayDate) {
	if len(c.stamps) == 0 {
		c.base = from
	}
	lo, hi := min(c.base, from), max(c.base+StayDate(len(c.stamps)), to+1)
	before, size := int(c.base-lo), int(hi-lo)
	if before == 0 && size == len(c.stamps) {
		return
	}
	room := max(size, int(upTo-lo)+1)
	c.stamps, c.base = grown(c.stamps, size, before, room, 0), lo
	for _, n := range []*nums{&c.a, &c.b} {
		if n.len() > 0 {
			n.grow(size, before, room)
		}
	}
}

// splice puts r over the runs it overlaps; gone removes instead.
func (c *column) splice(r run, gone bool) {
	i := c.find(r.from)
	j, n := i, 0
	var mid [3]run // what is left before r, r, what is left after it
	if i < len(c.runs) && c.runs[i].from < r.from {
		mid[n] = c.runs[i]
		mid[n].to = r.from - 1
		n++
	}
	if !gone {
		n = addRun(&mid, n, r)
	}
	for ; j < len(c.runs) && c.runs[j].from <= r.to; j++ {
		if c.runs[j].to > r.to {
			right := c.runs[j]
			right.from = r.to + 1
			n = addRun(&mid, n, right)
		}
	}
	if n > 0 && i > 0 && c.runs[i-1].goesOn(&mid[0]) {
		i--
		mid[0].from = c.runs[i].from
	}
	if n > 0 && j < len(c.runs) && mid[n-1].goesOn(&c.runs[j]) {
		mid[n-1].to = c.runs[j].to
		j++
	}
	c.runs = replaceRuns(c.runs, i, j, mid[:n])
}

// goesOn tells whether b, the next day, says the same as a.
func (a *run) goesOn(b *run) bool {
	return a.to+1 == b.from && a.stamp == b.stamp && a.state == b.state && a.value == b.value
}

// addRun puts r after the n runs of mid, or makes the last one longer, and answers how many there are.
func addRun(mid *[3]run, n int, r run) int {
	if n > 0 && mid[n-1].goesOn(&r) {
		mid[n-1].to = r.to
		return n
	}
	mid[n] = r
	return n + 1
}

// replaceRuns is slices.Replace for a few runs, without their going to the heap.
func replaceRuns(runs []run, i, j int, put []run) []run {
	size := len(runs) - (j - i) + len(put)
	if size > cap(runs) {
		runs = slices.Grow(runs, size-len(runs))
	}
	tail := len(runs) - j
	runs = runs[:max(size, len(runs))]
	copy(runs[size-tail:size], runs[j:j+tail])
	copy(runs[i:], put)
	return runs[:size]
}

// empty tells whether nothing is told.
func (c *column) empty() bool { return len(c.stamps) == 0 && len(c.runs) == 0 && len(c.standing) == 0 }

// stampTable interns stamps: cells hold 4 bytes instead of 16. Index 0 is no stamp. Old ones are swept by the picture.
type stampTable struct {
	list    []Stamp
	sweepAt int // length at which it is swept
}

func newStampTable() *stampTable {
	return &stampTable{list: []Stamp{NoStamp}, sweepAt: sweepLeast}
}

func (t *stampTable) order(i uint32) int64 { return t.list[i].Order }

// index answers the stamp's index, adding it if need be. One stamp may have several: those of an entry come together, and share one.
func (t *stampTable) index(s Stamp) uint32 {
	for i := len(t.list) - 1; i > max(0, len(t.list)-stampsBack); i-- {
		if t.list[i] == s {
			return uint32(i)
		}
	}
	t.list = append(t.list, s)
	return uint32(len(t.list) - 1)
}

// stampsBack is how many of the last stamps are looked at for an equal one.
const stampsBack = 4
