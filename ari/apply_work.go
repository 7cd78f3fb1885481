package ari

import "slices"

// work is what an update does to the dated cells of one column.
type work struct {
	key     columnKey
	col     *column // nil: none yet
	pending *layer  // nil: nothing pending
	segs    []seg   // rising, disjoint

	loaded bool   // stand is the column's
	stand  []told // its standing statements, as this update leaves them
	gone   []told // those that this update removes
}

// seg is a run, the item that told it, and the order of what it lies over.
type seg struct {
	Run
	item  int   // -1: a consequence that counts for no item
	order int64 // of an adjust: the stamp that stays
}

// work answers the work on a column, made if it is not there.
func (j *trial) work(s Scope, f Field) *work {
	key := columnKey{scope: s, field: f}
	if f.Owned() {
		key.owner = j.u.Connection
	}
	return j.workOf(key)
}

func (j *trial) workOf(key columnKey) *work {
	if w := j.found(key); w != nil {
		return w
	}
	if j.used == len(j.works) {
		j.works = append(j.works, &work{})
	}
	w := j.works[j.used]
	*w = work{key: key, col: j.d.p.columns[key], segs: w.segs[:0], stand: w.stand[:0], gone: w.gone[:0]}
	if j.d.pending != nil {
		w.pending = j.d.pending[key]
	}
	j.used++
	j.indexWork(w)
	return w
}

// found answers the work of a column in this update, nil if it has none.
func (j *trial) found(key columnKey) *work {
	if j.index != nil {
		return j.index[key]
	}
	for _, w := range j.works[:j.used] {
		if w.key.field == key.field && w.key == key {
			return w
		}
	}
	return nil
}

// worksLinear is up to how many works are looked through: most updates have fewer, and need no map then.
const worksLinear = 16

func (j *trial) indexWork(w *work) {
	switch {
	case j.index != nil:
		j.index[w.key] = w
	case j.used > worksLinear:
		j.index = make(map[columnKey]*work, 2*j.used)
		for _, x := range j.works[:j.used] {
			j.index[x.key] = x
		}
	}
}

// before appends what the column says on [from, to] before this update.
func (w *work) before(out []piece, p *Picture, from, to StayDate) []piece {
	if w.pending == nil {
		return p.pieces(out, w.col, from, to)
	}
	for i := range w.pending.cells {
		x := w.pending.cells[i]
		if x.to < from || x.from > to {
			continue
		}
		if x.from > from {
			out = p.pieces(out, w.col, from, x.from-1)
		}
		x.from, x.to = max(x.from, from), min(x.to, to)
		out, from = append(out, x), x.to+1
	}
	if from <= to {
		out = p.pieces(out, w.col, from, to)
	}
	return out
}

// now appends what the column says on [from, to], this update's part so far included.
func (w *work) now(out []piece, j *trial, from, to StayDate) []piece {
	first := len(out)
	for i := w.find(from); i < len(w.segs) && w.segs[i].From <= to; i++ {
		s := &w.segs[i]
		if s.From > from {
			out = w.under(out, j, from, s.From-1)
		}
		x := piece{from: max(s.From, from), to: min(s.To, to), state: s.NewState, value: s.New, order: j.u.Order, standing: s.NewStanding, ours: true}
		if s.Kind == RunAdjust {
			x.order = s.order
		}
		out, from = append(out, x), x.to+1
	}
	if from <= to {
		out = w.under(out, j, from, to)
	}
	if j.late {
		out = j.underMarks(out, first, w.key)
	}
	return out
}

// under appends what the column says where this update has told no dates.
func (w *work) under(out []piece, j *trial, from, to StayDate) []piece {
	if w.loaded {
		return w.standingPieces(out, j, from, to)
	}
	return w.before(out, j.d.p, from, to)
}

// find answers the index of the first segment that ends on or after d.
func (w *work) find(d StayDate) int {
	n := len(w.segs)
	if n == 0 || w.segs[n-1].To < d {
		return n
	}
	i, _ := slices.BinarySearchFunc(w.segs, d, func(s seg, d StayDate) int { return int(s.To) - int(d) })
	return i
}

// put lays s over [x.from, x.to], a piece that now answered. What was there before the update stays in the run.
func (w *work) put(j *trial, x piece, s seg) {
	s.From, s.To, s.order = x.from, x.to, x.order
	if !x.ours {
		s.OldState, s.Old, s.OldStanding = x.state, x.value, x.standing
		w.lay(s)
		return
	}
	for _, b := range w.before(nil, j.d.p, x.from, x.to) {
		s.From, s.To = b.from, b.to
		s.OldState, s.Old, s.OldStanding = b.state, b.value, b.standing
		w.lay(s)
	}
}

// lay puts a segment over those it overlaps.
func (w *work) lay(s seg) {
	i := w.find(s.From)
	if i == len(w.segs) {
		w.segs = append(w.segs, s)
		return
	}
	k := i
	var mid []seg
	if w.segs[i].From < s.From {
		left := w.segs[i]
		left.To = s.From - 1
		mid = append(mid, left)
	}
	mid = append(mid, s)
	for ; k < len(w.segs) && w.segs[k].From <= s.To; k++ {
		if w.segs[k].To > s.To {
			right := w.segs[k]
			right.From = s.To + 1
			mid = append(mid, right)
		}
	}
	w.segs = slices.Replace(w.segs, i, k, mid...)
}

// adjusts answers what is remembered of the adjusts of a date, before this update. It is not to be changed.
func (w *work) adjusts(d StayDate) []adjust {
	if w.pending != nil {
		if a, ok := w.pending.adjusts[d]; ok {
			return a
		}
	}
	if w.col == nil {
		return nil
	}
	return w.col.adjusts[d]
}

// hasAdjusts tells whether any date remembers adjusts.
func (w *work) hasAdjusts() bool {
	return w.col != nil && len(w.col.adjusts) > 0 || w.pending != nil && len(w.pending.adjusts) > 0
}

// runs appends the work's runs, equal neighbours joined.
func (w *work) runs(out []Run) []Run {
	first := len(out)
	for i := range w.segs {
		r := w.segs[i].Run
		if r.NewStanding && (r.OldStanding || r.OldState == Untold) {
			continue // no dated cell before or after
		}
		if k := len(out) - 1; k >= first && out[k].To+1 == r.From {
			if last := out[k]; sameRun(&last, &r) {
				out[k].To = r.To
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

func sameRun(a, b *Run) bool {
	return a.Kind == b.Kind && a.OldState == b.OldState && a.NewState == b.NewState && a.Old == b.Old && a.New == b.New &&
		a.OldStanding == b.OldStanding && a.NewStanding == b.NewStanding && a.Delta == b.Delta
}
