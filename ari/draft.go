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
// A draft is good for one batch: when the batch is folded, or given up, take a new one. The picture must not change meanwhile.
type Draft struct {
	p        *Picture
	catalog  *Catalog
	zone     *time.Location
	revision int64 // of the last entry answered
	pending  map[columnKey]*layer
	overlays map[string]*Overlay // pending ones; nil: removed
	full     bool                // an update that must be alone was taken
	trial    trial               // its memory is used again
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

// take makes an entry's cells pending.
func (d *Draft) take(j *trial, e *Entry) {
	d.revision = e.Revision
	d.catalog, d.zone = j.catalog, j.zone
	d.full = d.full || d.Alone(j.u)
	if d.full {
		return
	}
	if d.pending == nil {
		d.pending = map[columnKey]*layer{}
	}
	for _, w := range j.works[:j.used] {
		if len(w.segs) == 0 {
			continue
		}
		l := d.pending[w.key]
		if l == nil {
			l = &layer{}
			d.pending[w.key] = l
		}
		l.take(w, j.u.Order)
	}
	if len(j.released) > 0 {
		if d.overlays == nil {
			d.overlays = map[string]*Overlay{}
		}
		maps.Copy(d.overlays, j.released)
	}
}

// overlay answers the overlay as the pending entries leave it; nil if there is none.
func (d *Draft) overlay(id string) *Overlay {
	if o, ok := d.overlays[id]; ok {
		return o
	}
	return d.p.overlays[id]
}

// take lays an update's segments over the pending cells.
func (l *layer) take(w *work, order int64) {
	for i := range w.segs {
		s := &w.segs[i]
		p := piece{from: s.From, to: s.To, state: s.NewState, value: s.New, order: order}
		if s.Kind == RunAdjust {
			p.order = s.order
		}
		l.cells = layPiece(l.cells, p)
		if w.key.field.Family() != FamilyCount {
			continue
		}
		for d := s.From; d <= s.To; d++ {
			l.adjust(w, d, s, order)
		}
	}
}

// adjust keeps what is remembered of the adjusts of a date after a segment.
func (l *layer) adjust(w *work, d StayDate, s *seg, order int64) {
	was := w.adjusts(d)
	if s.Kind == RunSet && len(was) == 0 {
		return
	}
	if l.adjusts == nil {
		l.adjusts = map[StayDate][]adjust{}
	}
	if s.Kind == RunAdjust {
		l.adjusts[d] = withAdjust(was, adjust{order, s.Delta})
		return
	}
	l.adjusts[d] = newerAdjusts(was, order)
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
