package ari

import (
	"errors"
	"maps"
	"math"
	"time"
)

// Draft judges updates of one property against its picture, without changing it (S34). Of the updates of one batch, each sees what those
// before it change: their cells are kept as pending until the entries are committed and folded.
//
// A draft is good until its last entry is folded, or given up: then take a new one. Meanwhile the picture must not change but by folds of the
// draft's own entries, in their order.
type Draft struct {
	p        *Picture
	catalog  *Catalog
	zone     *time.Location
	revision int64 // of the last entry answered
	pending  map[columnKey]*layer
	overlays map[string]*Overlay // pending ones; nil: removed
	taken    []*Entry            // pending ones that are not in pending yet
	full     bool                // an update that must be alone was taken
}

// ErrNotAlone is a broken contract of the caller: see Draft.Alone.
var ErrNotAlone = errors.New("ari: this update needs a draft of its own")

// Draft answers a new draft on the picture.
func (p *Picture) Draft() *Draft {
	return &Draft{p: p, catalog: p.catalog, zone: p.zone, revision: p.revision}
}

// Pending tells whether the draft has answered an entry that is not folded yet.
func (d *Draft) Pending() bool { return d.revision > d.p.revision }

// Alone tells whether the update must be the only one of its draft: whatever is more than dated cells and adjusts.
func (d *Draft) Alone(u *Update) bool {
	if len(u.Objects)+len(u.Replace)+len(u.Overlays) > 0 || u.Day != 0 {
		return true
	}
	for i := range u.Statements {
		s := &u.Statements[i]
		if s.Span.Standing() || s.Field == UnknownField {
			return true
		}
	}
	return false
}

// Revision answers the revision of the last entry answered, or the picture's.
func (d *Draft) Revision() int64 { return d.revision }

// layer holds pending dated cells of one column.
type layer struct {
	cells   []piece // rising, disjoint
	adjusts map[StayDate][]adjust
}

// piece is consecutive dates of one value and order.
type piece struct {
	from, to StayDate
	state    State
	value    Value
	order    int64
	standing bool // a standing statement's
	ours     bool // told by the update being judged
}

// unset is what a date is on which nothing was told.
func unsetPiece(from, to StayDate) piece { return piece{from: from, to: to, order: math.MinInt64} }

// take makes an entry pending. Its cells are laid out when a further update comes: most drafts are of one update.
func (d *Draft) take(j *trial, e *Entry) {
	d.revision = e.Revision
	d.catalog, d.zone = j.catalog, j.zone
	if d.full = d.Alone(j.u); d.full {
		return
	}
	d.taken = append(d.taken, e)
	if len(j.released) > 0 {
		if d.overlays == nil {
			d.overlays = map[string]*Overlay{}
		}
		maps.Copy(d.overlays, j.released)
	}
}

// lay lays the cells of the entries taken over those of the picture.
func (d *Draft) lay() {
	if len(d.taken) > 0 && d.pending == nil {
		d.pending = map[columnKey]*layer{}
	}
	for _, e := range d.taken {
		for i := range e.Columns {
			c := &e.Columns[i]
			key := columnKey{c.Scope, c.Field, c.Owner}
			l := d.pending[key]
			if l == nil {
				l = &layer{}
				d.pending[key] = l
			}
			l.take(d.p, &work{key: key, col: d.p.columns[key], pending: l}, c.Runs, e)
		}
	}
	d.taken = d.taken[:0]
}

// overlay answers the overlay as the pending entries leave it; nil if there is none.
func (d *Draft) overlay(id string) *Overlay {
	if o, ok := d.overlays[id]; ok {
		return o
	}
	return d.p.overlays[id]
}

// take lays an entry's runs over the pending cells. w reads what was there before.
func (l *layer) take(p *Picture, w *work, runs []Run, e *Entry) {
	for i := range runs {
		r := &runs[i]
		if w.key.field.Family() == FamilyCount {
			for d := r.From; d <= r.To; d++ {
				l.adjust(w, d, r, e)
			}
		}
		if r.Kind != RunAdjust {
			l.cells = layPiece(l.cells, piece{from: r.From, to: r.To, state: r.NewState, value: r.New, order: e.Order})
			continue
		}
		for _, x := range w.before(nil, p, r.From, r.To) {
			l.cells = layPiece(l.cells, piece{from: x.from, to: x.to, state: Told, value: r.New, order: x.order})
		}
	}
}

// adjust keeps what is remembered of the adjusts of a date after a run.
func (l *layer) adjust(w *work, d StayDate, r *Run, e *Entry) {
	was := w.adjusts(d)
	if r.Kind == RunSet && len(was) == 0 {
		return
	}
	if l.adjusts == nil {
		l.adjusts = map[StayDate][]adjust{}
	}
	if r.Kind == RunAdjust {
		l.adjusts[d] = withAdjust(was, adjust{e.Order, r.Delta, e.Revision})
		return
	}
	l.adjusts[d] = newerAdjusts(was, e.Order)
}

// layPiece puts p over the pieces it overlaps.
func layPiece(list []piece, p piece) []piece {
	if n := len(list); n == 0 || list[n-1].to < p.from {
		return append(list, p)
	}
	out := make([]piece, 0, len(list)+2)
	placed := false
	for _, x := range list {
		if x.to >= p.from && !placed && x.from > p.to {
			out, placed = append(out, p), true
		}
		if x.to < p.from || x.from > p.to {
			out = append(out, x)
			continue
		}
		if x.from < p.from {
			left := x
			left.to = p.from - 1
			out = append(out, left)
		}
		if !placed {
			out, placed = append(out, p), true
		}
		if x.to > p.to {
			right := x
			right.from = p.to + 1
			out = append(out, right)
		}
	}
	if !placed {
		out = append(out, p)
	}
	return out
}

// withAdjust answers a list with one more adjust, by order and then arrival, the newest adjustsMax of them. The list given is not changed.
func withAdjust(list []adjust, a adjust) []adjust {
	out := make([]adjust, 0, len(list)+1)
	i := len(list)
	for i > 0 && list[i-1].order > a.order {
		i--
	}
	out = append(append(append(out, list[:i]...), a), list[i:]...)
	return out[max(0, len(out)-adjustsMax):]
}

// newerAdjusts answers those of a list that are newer than an order.
func newerAdjusts(list []adjust, order int64) []adjust {
	for i, a := range list {
		if a.order > order {
			return list[i:]
		}
	}
	return nil
}
