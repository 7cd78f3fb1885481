package ari

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// loader is what is kept while a picture is loaded.
type loader struct {
	last   StayDate // last date of dense cells, as the head page says; DateMin if untold
	key    string   // of the scope of the last page
	cells  *scopeCells
	stamps []uint32 // of the page being read
	texts  []string // likewise
	known  map[string]string
	cache  [cacheSize]uint32 // places of stamps, by revision
}

// cacheSize bounds the memory for finding a stamp again: pages of neighbours share theirs.
const cacheSize = 1024

// StartLoading begins the loading of a checkpoint taken at a revision: objects and pages come next, in any order (the head page first is
// fastest), then the entries after the revision, through Fold. Until FinishLoading nothing is to be asked of the picture.
func (p *Picture) StartLoading(revision int64) {
	p.loading, p.revision = true, revision
	p.load = &loader{last: DateMin, known: map[string]string{}}
}

// FinishLoading computes the effective values: the picture is ready.
func (p *Picture) FinishLoading() {
	p.loading, p.load = false, nil
	p.newestMark()
	for _, c := range p.columns {
		c.clip()
	}
	p.eff.rebuild(p)
}

// clip gives back the memory of dates that did not come.
func (c *column) clip() {
	if cap(c.stamps)-len(c.stamps) < len(c.stamps)/4+16 {
		return
	}
	c.stamps = slices.Clone(c.stamps)
	c.a, c.b = c.a.clone(), c.b.clone()
}

// LoadObject puts an object of the catalog as the store keeps it.
func (p *Picture) LoadObject(kind, code string, body []byte) error {
	c, err := p.catalog.load(kind, code, slices.Clone(body))
	if err != nil {
		return fmt.Errorf("ari: %s: %w", p.code, err)
	}
	p.setCatalog(c)
	return nil
}

// LoadPage reads what AppendPage wrote. It never panics, and its memory is bounded. After an error the picture is not to be used (S33).
func (p *Picture) LoadPage(id PageID, body []byte) error {
	if p.load == nil {
		p.StartLoading(p.revision)
	}
	r, err := open(body, pageFormat)
	r.strings, r.known = p.load.texts[:0], p.load.known
	if err == nil {
		switch {
		case id.Scope == "":
			p.loadHead(&r)
		case id.Month == 0:
			err = p.loadScope(id.Scope, &r, func(sc *scopeCells) { p.loadStanding(&r, sc) })
		default:
			err = p.loadScope(id.Scope, &r, func(sc *scopeCells) { p.loadMonth(&r, sc, id.Month) })
		}
	}
	if err == nil {
		err = r.end()
	}
	p.load.texts = r.strings[:0]
	if err != nil {
		return fmt.Errorf("page %s %d of %s: %w", clip(id.Scope), id.Month, p.code, err)
	}
	return nil
}

func (p *Picture) loadScope(key string, r *reader, read func(*scopeCells)) error {
	if p.load.cells == nil || p.load.key != key {
		s, err := ParseScope(key)
		if err != nil {
			return err
		}
		if p.scopes[s] == nil {
			p.scopes[s] = &scopeCells{scope: s}
		}
		p.load.key, p.load.cells = key, p.scopes[s]
	}
	read(p.load.cells)
	return nil
}

func (p *Picture) loadHead(r *reader) {
	p.day, p.load.last = r.date(), r.date()
	p.marks = list(r, 10, func(_ int, m *mark) {
		if x := r.extents(); len(x) == 1 {
			m.extent = x[0]
		} else {
			r.fail()
		}
		m.owner, m.stamp, m.at = r.text(), Stamp{r.int(), r.int()}, r.int()
	})
	list(r, 10, func(_ int, _ *struct{}) {
		if o := r.overlay(); o != nil {
			p.putOverlay(o.ID, o)
		}
	})
}

// columnOf answers the column of a scope, made if it is not there.
func (p *Picture) columnOf(sc *scopeCells, f Field, owner string) *column {
	for _, c := range sc.columns {
		if c.field == f && c.owner == owner {
			return c
		}
	}
	return p.column(sc.scope, f, owner)
}

func (p *Picture) loadStanding(r *reader, sc *scopeCells) {
	list(r, 6, func(_ int, _ *struct{}) {
		f, owner := r.field(), r.text()
		if r.bad || !storable(f, owner) {
			r.fail()
			return
		}
		c := p.columnOf(sc, f, owner)
		c.standing = list(r, 6, func(_ int, s *standing) {
			s.span, s.state, s.value, s.text = r.span(), State(r.byte()), r.value(), r.text()
			s.stamp = p.loadStamp(Stamp{r.int(), r.int()})
			if s.state != Cleared && s.state != Told {
				r.fail()
			}
		})
	})
}

// storable tells whether a field is one that columns have; an owner only where there is one.
func storable(f Field, owner string) bool {
	return f.Family() >= FamilyRestriction && f.Family() <= FamilyUnknown && (owner == "" || f.Owned())
}

// loadStamp answers the place of a stamp, a new one unless it was among the last loaded.
func (p *Picture) loadStamp(s Stamp) uint32 {
	slot := &p.load.cache[uint64(s.Revision)%cacheSize]
	if i := *slot; i > 0 && int(i) < len(p.stamps.list) && p.stamps.list[i] == s {
		return i
	}
	p.stamps.list = append(p.stamps.list, s)
	*slot = uint32(len(p.stamps.list) - 1)
	return *slot
}

func (p *Picture) loadMonth(r *reader, sc *scopeCells, month int32) {
	if month < monthFirst || month > monthLast {
		r.fail()
		return
	}
	first := MonthStart(int(month))
	days := int(MonthStart(int(month)+1) - first)
	stamps := p.load.stamps[:0]
	var was Stamp
	for range r.count(2) {
		was.Order += r.int()
		was.Revision += r.int()
		if r.bad {
			return
		}
		stamps = append(stamps, p.loadStamp(was))
	}
	p.load.stamps = stamps
	for range r.count(6) {
		f, owner := r.field(), r.text()
		if r.bad || !storable(f, owner) {
			r.fail()
			return
		}
		c := p.columnOf(sc, f, owner)
		if c.dense {
			p.loadDense(r, c, first, days, stamps)
		} else {
			p.loadRuns(r, c, first, days, stamps)
		}
		loadAdjusts(r, c, first, days)
		if r.bad {
			return
		}
	}
}

// Months of the dates that can be told, with room behind for what the picture keeps of the past.
var (
	monthFirst = int32(StayDate(0).Month())
	monthLast  = int32(dateLast.Month())
)

// denseDaysMax bounds what damaged pages can make of a column: a horizon, and as much again.
const denseDaysMax = 2 * (HorizonPast + HorizonFuture)

func (p *Picture) loadDense(r *reader, c *column, first StayDate, days int, stamps []uint32) {
	at, n := int(r.byte()), int(r.byte())
	if n == 0 || at+n > days {
		r.fail()
		return
	}
	from := first + StayDate(at)
	to := from + StayDate(n) - 1
	if len(c.stamps) > 0 && (to-c.base > denseDaysMax || c.base+StayDate(len(c.stamps))-from > denseDaysMax) {
		r.fail()
		return
	}
	upTo := min(p.load.last, from+denseDaysMax)
	c.coverWith(from, to, max(to, upTo))
	lo := int(from - c.base)
	for i := 0; i < n && !r.bad; {
		k, s := int(r.byte()), r.uint()
		if k == 0 || i+k > n || s > uint64(len(stamps)) {
			r.fail()
			return
		}
		if s > 0 {
			place := stamps[s-1]
			for x := lo + i; x < lo+i+k; x++ {
				c.stamps[x] = place
			}
		}
		i += k
	}
	r.nums(c, &c.a, lo, n)
	r.nums(c, &c.b, lo, n)
}

// nums reads numbers into places from lo on.
func (r *reader) nums(c *column, n *nums, lo, count int) {
	h := r.byte()
	if h == numsNone {
		return
	}
	present := uint32(1)<<count - 1
	if h&numsGaps != 0 {
		b := r.take(4)
		if b == nil {
			return
		}
		present &= binary.LittleEndian.Uint32(b)
	}
	least, width := r.int(), int(h&0xf)
	if width > 8 {
		r.fail()
	}
	data := r.take(width * count)
	if r.bad {
		return
	}
	if n.len() == 0 {
		n.grow(len(c.stamps), 0, cap(c.stamps))
	}
	scale := int64(1)
	if h&numsCents != 0 {
		scale = 100
	}
	if n.n64 == nil && (n.scale == scale || n.scale == 0) && width <= 2 && least > math.MinInt32 && least < math.MaxInt32-1<<16 {
		n.scale = scale
		fillNarrow(n.n32[lo:lo+count], data, int32(least), width, present)
		return
	}
	for i := range count {
		if present&(1<<i) != 0 {
			n.set(lo+i, (least+int64(offset(data[i*width:], width)))*scale)
		}
	}
}

// fillNarrow is the case that nearly all pages are: small distances, into 4 bytes each.
func fillNarrow(out []int32, data []byte, least int32, width int, present uint32) {
	all := present == uint32(1)<<len(out)-1
	for i := range out {
		if !all && present&(1<<i) == 0 {
			continue
		}
		switch width {
		case 0:
			out[i] = least
		case 1:
			out[i] = least + int32(data[i])
		default:
			out[i] = least + int32(binary.LittleEndian.Uint16(data[2*i:]))
		}
	}
}

func offset(b []byte, width int) (v uint64) {
	for k := range width {
		v |= uint64(b[k]) << (8 * k)
	}
	return v
}

func (p *Picture) loadRuns(r *reader, c *column, first StayDate, days int, stamps []uint32) {
	for range r.count(5) {
		at, n, state, v, s := int(r.byte()), int(r.byte()), State(r.byte()), r.value(), r.uint()
		if r.bad || n == 0 || at+n > days || s >= uint64(len(stamps)) || state != Cleared && state != Told {
			r.fail()
			return
		}
		c.append(run{first + StayDate(at), first + StayDate(at+n) - 1, stamps[s], state, v})
	}
}

// append puts r over the runs: after the last, mostly.
func (c *column) append(r run) {
	k := len(c.runs)
	switch {
	case k == 0 || c.runs[k-1].to+1 < r.from:
		c.runs = append(c.runs, r)
	case c.runs[k-1].to+1 == r.from:
		if l := &c.runs[k-1]; l.stamp == r.stamp && l.state == r.state && l.value == r.value {
			l.to = r.to
			return
		}
		c.runs = append(c.runs, r)
	default:
		c.splice(r, false)
	}
}

func loadAdjusts(r *reader, c *column, first StayDate, days int) {
	for range r.count(2) {
		at := int(r.byte())
		list := list(r, 3, func(_ int, a *adjust) { *a = adjust{r.int(), r.int(), r.int()} })
		if r.bad || at >= days || len(list) == 0 || len(list) > adjustsMax {
			r.fail()
			return
		}
		if c.adjusts == nil {
			c.adjusts = map[StayDate][]adjust{}
		}
		c.adjusts[first+StayDate(at)] = list
	}
}
