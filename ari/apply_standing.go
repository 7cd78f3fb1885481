package ari

import "slices"

// told is a standing statement as an update sees it.
type told struct {
	span  Span
	state State
	value Value
	text  string
	order int64
	rev   int64
	fresh bool // told by this update
	place int  // in the column
}

// load makes the column's standing statements the work's to change.
func (w *work) load(t *stampTable) {
	if w.loaded {
		return
	}
	w.loaded = true
	if w.col == nil {
		return
	}
	for i, s := range w.col.standing {
		stamp := t.list[s.stamp]
		w.stand = append(w.stand, told{span: s.span, state: s.state, value: s.value, text: s.text, order: stamp.Order, rev: stamp.Revision, place: i})
	}
}

// standingPieces is before with the standing statements as this update leaves them.
func (w *work) standingPieces(out []piece, j *trial, from, to StayDate) []piece {
	for d := from; d <= to; d++ {
		x := unsetPiece(d, d)
		if w.col != nil {
			if state, v, stamp := w.col.dated(d); state != Untold {
				x.state, x.value, x.order = state, v, j.d.p.stamps.order(stamp)
			}
		}
		if s := w.standingAt(d); s != nil && (x.state == Untold || s.order > x.order) {
			x = piece{from: d, to: d, state: s.state, value: s.value, order: s.order, standing: true, ours: s.fresh}
		}
		out = joinPiece(out, x)
	}
	return out
}

// standingAt answers the newest standing statement of a date; nil if there is none. Kinds that cannot be evaluated are not asked.
func (w *work) standingAt(d StayDate) *told {
	var best *told
	for i := range w.stand {
		if s := &w.stand[i]; s.span.Covers(d) && (best == nil || s.order >= best.order) {
			best = s
		}
	}
	return best
}

// tellStanding takes a statement without end, or of a kind that cannot be evaluated, into its column (S1, S3). Where a replace that is newer
// covers part of its span, the rest is told.
func (j *trial) tellStanding(s *Statement, w *work, f Field) *ItemError {
	span := s.Span
	if !span.Standing() {
		if span = j.trim(s.Item, span); span.From > span.To {
			return nil
		}
	}
	n := told{state: stateOf(s.Verb), value: s.Value, text: s.Text, order: j.u.Order, fresh: true}
	if s.Verb == Clear {
		n.value = Value{}
	}
	if f != UnknownField {
		n.text = ""
	} else {
		n.value = Value{}
	}
	w.load(j.d.p.stamps)
	for _, part := range j.outsideMarks(span, w.key) {
		if part.To < j.first {
			continue
		}
		if part.Standing() || f == UnknownField {
			n.span = part
			if err := j.addStanding(s.Item, w, n); err != nil {
				return err
			}
			continue
		}
		if err := j.tellPart(s, w, part, n.state); err != nil {
			return err
		}
	}
	return nil
}

// tellPart tells the dates of what is left of a standing statement between replaces.
func (j *trial) tellPart(s *Statement, w *work, part Span, state State) (err *ItemError) {
	part.From, part.To = max(part.From, j.first), min(part.To, j.last)
	if part.From > part.To {
		return nil
	}
	if err = j.countCells(part); err != nil {
		return err
	}
	eachStretch(part, func(from, to StayDate) {
		if err == nil {
			err = j.setDates(s.Item, w, from, to, state, s.Value)
		}
	})
	return err
}

// addStanding adds a statement: those it covers go, and so do the dated cells it covers; it does not come if a newer one covers it.
func (j *trial) addStanding(index int, w *work, n told) *ItemError {
	it := j.item(index)
	if w.key.field == UnknownField {
		it.cells++
	}
	for i := range w.stand {
		x := &w.stand[i]
		if x.order > n.order && contains(x.span, n.span) && sameKind(x.text, n.text) {
			it.cells, it.superseded = it.cells+1, it.superseded+1
			return nil
		}
	}
	changed, again := it.changed, w.saysAgain(&n)
	if w.key.field != UnknownField {
		if err := j.coverDates(index, w, n); err != nil {
			return err
		}
	}
	if k := len(w.stand) - 1; k >= 0 && w.stand[k].says(&n) {
		return nil // said again
	}
	if w.key.field == UnknownField && !again {
		it.changed++
	}
	w.dropCovered(n)
	if len(w.stand) >= standingMax {
		return &ItemError{Code: CodeTooManyStatements, Path: w.key.field.String(), Got: itoa(len(w.stand) + 1), Expected: "at most " + itoa(standingMax) + " statements without end of one scope and field"}
	}
	w.stand = append(w.stand, n)
	if !again || it.changed != changed {
		j.touched = append(j.touched, Touch{w.key.scope, n.span.From, n.span.To})
	}
	return nil
}

// saysAgain tells whether a statement only moves the stamp of one that says the same, with nothing between the two that it goes over.
func (w *work) saysAgain(n *told) bool {
	same := false
	for i := range w.stand {
		x := &w.stand[i]
		switch {
		case x.span == n.span && x.state == n.state && x.value == n.value && x.text == n.text && !x.fresh:
			same = true
		case overlap(x.span, n.span):
			return false
		}
	}
	return same
}

// says tells whether two statements are the same, by the same stamp.
func (x *told) says(n *told) bool {
	return x.span == n.span && x.state == n.state && x.value == n.value && x.text == n.text && x.order == n.order
}

// dropCovered removes the statements that n, newer, covers whole.
func (w *work) dropCovered(n told) {
	keep := w.stand[:0]
	for _, x := range w.stand {
		if x.order > n.order || !contains(n.span, x.span) || !sameKind(n.text, x.text) {
			keep = append(keep, x)
			continue
		}
		if !x.fresh {
			w.gone = append(w.gone, x)
		}
	}
	w.stand = keep
}

// coverDates takes away the dated cells that n covers, so that it is seen on their dates; under newer adjusts they stay, with its value.
func (j *trial) coverDates(index int, w *work, n told) (err *ItemError) {
	it := j.item(index)
	span := Span{max(n.span.From, j.first), min(n.span.To, j.last), n.span.Days}
	if span.From > span.To {
		return nil
	}
	if err = j.countCells(span); err != nil {
		return err
	}
	adjusted := w.hasAdjusts()
	eachStretch(span, func(from, to StayDate) {
		for _, x := range w.now(nil, j, from, to) {
			days := int(x.to-x.from) + 1
			it.cells += days
			if x.order > n.order {
				it.superseded += days
				continue
			}
			if (x.state == Told) != (n.state == Told) || n.state == Told && x.value != n.value {
				it.changed += days
			}
			if err == nil {
				err = j.coverPiece(index, w, x, n, adjusted)
			}
			j.countsTold(w.key, x.from, x.to)
		}
	})
	return err
}

func (j *trial) coverPiece(index int, w *work, x piece, n told, adjusted bool) *ItemError {
	if adjusted {
		for d := x.from; d <= x.to; d++ {
			if len(newerAdjusts(w.adjusts(d), n.order)) > 0 {
				day := x
				day.from, day.to = d, d
				if err := j.setUnderAdjusts(index, w, day, n.state, n.value); err != nil {
					return err
				}
			} else {
				w.drop(j, piece{d, d, x.state, x.value, x.order, x.standing, x.ours}, n)
			}
		}
		return nil
	}
	w.drop(j, x, n)
	return nil
}

// drop takes the dated cells of a piece away, if there are any, for a standing statement that covers them.
func (w *work) drop(j *trial, x piece, n told) {
	if x.state == Untold || x.standing && !x.ours {
		return
	}
	w.put(j, x, seg{Run: Run{Kind: RunSet, NewState: n.state, New: n.value, NewStanding: true}, item: -1})
}

// contains tells whether every date of b is in a.
func contains(a, b Span) bool { return a.From <= b.From && a.To >= b.To && b.Days&^a.Days == 0 }

// sameKind tells whether a statement of an unknown kind, newer, stands for an older one: the same name, or all names.
func sameKind(newer, older string) bool {
	return newer == "" || older != "" && UnknownName(newer) == UnknownName(older)
}

// standingChanges lists what the works change of standing statements: those that go, then those that come.
func (j *trial) standingChanges() {
	j.standing = nil
	for _, w := range j.works[:j.used] {
		if !w.loaded {
			continue
		}
		for i, x := range w.gone {
			c := x.change(w.key, true)
			c.Place = x.place
			for _, y := range w.gone[:i] {
				if y.place < x.place {
					c.Place--
				}
			}
			j.standing = append(j.standing, c)
		}
		for _, x := range w.stand {
			if x.fresh {
				j.standing = append(j.standing, x.change(w.key, false))
			}
		}
	}
}

func (x *told) change(k columnKey, gone bool) StandingChange {
	return StandingChange{Scope: k.scope, Field: k.field, Owner: k.owner, Span: x.span, State: x.state, Value: x.value, Text: x.text,
		Order: x.order, Rev: x.rev, Gone: gone}
}

// outsideMarks answers the parts of a span that no newer replace covers.
func (j *trial) outsideMarks(span Span, key columnKey) []Span {
	parts := []Span{span}
	if !j.late {
		return parts
	}
	for i := range j.d.p.marks {
		m := &j.d.p.marks[i]
		if m.stamp.Order <= j.u.Order || !m.covers(key, j.u.Connection) {
			continue
		}
		var left []Span
		for _, p := range parts {
			left = appendOutside(left, p, m.extent.Span)
		}
		parts = left
	}
	return parts
}

// appendOutside appends the parts of s outside cut.
func appendOutside(out []Span, s, cut Span) []Span {
	from, to := max(s.From, cut.From), min(s.To, cut.To)
	if from > to || s.Days&cut.Days == 0 {
		return append(out, s)
	}
	if s.From < from {
		out = append(out, Span{s.From, from - 1, s.Days})
	}
	if days := s.Days &^ cut.Days; days != 0 {
		out = append(out, Span{from, to, days})
	}
	if s.To > to {
		out = append(out, Span{to + 1, s.To, s.Days})
	}
	return out
}

// underMarks raises the order of the pieces from index first on to that of the replaces that cover them, so that what is older is superseded.
func (j *trial) underMarks(out []piece, first int, key columnKey) []piece {
	var marks []*mark
	for i := range j.d.p.marks {
		if m := &j.d.p.marks[i]; m.stamp.Order > j.u.Order && m.covers(key, j.u.Connection) {
			marks = append(marks, m)
		}
	}
	if len(marks) == 0 {
		return out
	}
	plain := slices.Clone(out[first:])
	out = out[:first]
	for _, x := range plain {
		for d := x.from; d <= x.to; d++ {
			day := x
			day.from, day.to = d, d
			for _, m := range marks {
				if m.extent.Span.Covers(d) {
					day.order = max(day.order, m.stamp.Order)
				}
			}
			out = joinPiece(out, day)
		}
	}
	return out
}

// covers tells whether the mark is of a connection and over a column.
func (m *mark) covers(key columnKey, connection string) bool {
	if m.owner != connection || key.owner != "" && key.owner != connection || !m.extent.Scopes.Holds(key.scope) {
		return false
	}
	for _, f := range m.extent.Fields {
		if f.Holds(key.field) {
			return true
		}
	}
	return false
}

// Holds tells whether a field is in the set.
func (s FieldSet) Holds(f Field) bool {
	return s.Family == f.Family() && (s.Field == 0 || s.Field == f)
}
