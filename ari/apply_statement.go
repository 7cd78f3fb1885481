package ari

import "math/bits"

// statement judges one statement and takes it in.
func (j *trial) statement(s *Statement) *ItemError {
	scope := s.Scope
	if err := j.checkCodes(scope); err != nil {
		return err
	}
	if err := checkPlace(scope, s.Field, s.Verb); err != nil {
		return err
	}
	scope = j.poolScope(scope, s.Field)
	if s.Verb != Clear {
		if err := j.checkValue(s); err != nil {
			return err
		}
	}
	if err := j.checkSpan(s.Span, s.Verb); err != nil {
		return err
	}
	if err := j.checkOwner(s.Field.Family()); err != nil {
		return err
	}
	if s.Verb == Clear && s.Field.Family() == FamilyCount {
		return j.clearCounts(s, scope)
	}
	return j.tell(s, j.work(scope, s.Field), s.Field)
}

// clearCounts clears every component: a count is one field group (S24). Those never told are stamped too, so that a late set of one does not
// come back over the clear.
func (j *trial) clearCounts(s *Statement, scope Scope) *ItemError {
	for c := Net; c < ComponentEnd; c++ {
		if err := j.tell(s, j.workOf(columnKey{scope: scope, field: Count(c)}), Count(c)); err != nil {
			return err
		}
	}
	return nil
}

// known tells whether anything was ever told of a column, pending entries and this update included.
func (j *trial) known(key columnKey) bool {
	return j.d.p.columns[key] != nil || j.d.pending[key] != nil || j.found(key) != nil
}

// tell takes a good statement into the work of its column.
func (j *trial) tell(s *Statement, w *work, f Field) *ItemError {
	if s.Span.Standing() || f == UnknownField {
		return j.tellStanding(s, w, f)
	}
	span := j.trim(s.Item, s.Span)
	if span.From > span.To {
		return nil
	}
	if err := j.countCells(span); err != nil {
		return err
	}
	var err *ItemError
	if s.Verb == Adjust {
		if err = j.checkSet(w, span); err != nil {
			return err
		}
	}
	eachStretch(span, func(from, to StayDate) {
		if err != nil {
			return
		}
		if s.Verb == Adjust {
			err = j.adjustDates(s, w, from, to)
		} else {
			err = j.setDates(s.Item, w, from, to, stateOf(s.Verb), s.Value)
		}
	})
	return err
}

func stateOf(v Verb) State {
	if v == Clear {
		return Cleared
	}
	return Told
}

// trim cuts a span with two ends to the picture's dates (S26), and counts what it cuts off beyond the horizon.
func (j *trial) trim(index int, s Span) Span {
	if s.To > j.last {
		from := max(s.From, j.last+1)
		j.item(index).trimmed += int(min(int64(s.To)-int64(from)+1, trimmedMax))
		s.To = j.last
	}
	s.From = max(s.From, j.first)
	return s
}

// trimmedMax bounds the count of one statement's dates that were left out: dates are told up to the year 9999.
const trimmedMax = 8030 * 366

// countCells bounds what one update may say.
func (j *trial) countCells(s Span) *ItemError {
	j.cells += int(s.To-s.From) + 1
	if j.cells > CellsMax {
		return &ItemError{Code: CodeTooManyCells, Path: "statements", Got: itoa(j.cells), Expected: "at most " + itoa(CellsMax) + " statements x dates"}
	}
	return nil
}

// eachStretch calls f for the consecutive dates of a span, in rising order.
func eachStretch(s Span, f func(from, to StayDate)) {
	if s.Days&AllDays == AllDays {
		f(s.From, s.To)
		return
	}
	for d := s.From; d <= s.To; d++ {
		if !s.Days.Has(d) {
			continue
		}
		from := d
		for d < s.To && s.Days.Has(d+1) {
			d++
		}
		f(from, d)
	}
}

// setDates sets or clears consecutive dates, where nothing newer was told (S21), under the adjusts that are newer (S23).
func (j *trial) setDates(index int, w *work, from, to StayDate, state State, v Value) *ItemError {
	it, order := j.item(index), j.u.Order
	j.buf = w.now(j.buf[:0], j, from, to)
	adjusted := w.key.field.Family() == FamilyCount && w.hasAdjusts()
	for _, x := range j.buf {
		n := int(x.to-x.from) + 1
		it.cells += n
		switch {
		case order < x.order:
			it.superseded += n
		case adjusted:
			if err := j.setUnderAdjusts(index, w, x, state, v); err != nil {
				return err
			}
			j.countsTold(w.key, x.from, x.to)
		default:
			j.setPiece(index, w, x, state, v)
			j.countsTold(w.key, x.from, x.to)
		}
	}
	return nil
}

// setPiece makes dates of one old value say a new one; what is so already by the same stamp stays.
func (j *trial) setPiece(index int, w *work, x piece, state State, v Value) {
	if x.state == state && x.value == v && x.order == j.u.Order && !x.standing {
		return
	}
	w.put(j, x, seg{Run: Run{Kind: RunSet, NewState: state, New: v}, item: index})
}

func (j *trial) setUnderAdjusts(index int, w *work, x piece, state State, v Value) *ItemError {
	for d := x.from; d <= x.to; d++ {
		day, told := x, v
		day.from, day.to = d, d
		newer := newerAdjusts(w.adjusts(d), j.u.Order)
		if len(newer) >= adjustsMax {
			return &ItemError{Code: CodeSuperseded, Path: w.key.field.String(), Got: d.String(), Expected: "fewer than " + itoa(adjustsMax) + " adjusts told since"}
		}
		if state == Told {
			for _, a := range newer {
				told.A += a.delta
			}
			if err := checkCount(w.key.field, told.A); err != nil {
				return err
			}
		}
		j.setPiece(index, w, day, state, told)
	}
	return nil
}

// adjustDates adds to the counts of consecutive dates. What is older than a date's last set is in it already.
func (j *trial) adjustDates(s *Statement, w *work, from, to StayDate) *ItemError {
	it, order := j.item(s.Item), j.u.Order
	j.buf = w.now(j.buf[:0], j, from, to)
	if err := j.checkBasis(w, from, to); err != nil {
		return err
	}
	for _, x := range j.buf {
		n := int(x.to-x.from) + 1
		it.cells += n
		if order < x.order {
			it.superseded += n
			continue
		}
		v := Num(x.value.A + s.Value.A)
		if err := checkCount(w.key.field, v.A); err != nil {
			return err
		}
		j.adjustPiece(s, w, x, v)
	}
	return nil
}

// checkSet refuses an adjust of what is unset on any of its dates: said before anything else of an adjust (evaluation 9).
func (j *trial) checkSet(w *work, span Span) (err *ItemError) {
	eachStretch(span, func(from, to StayDate) {
		j.buf = w.now(j.buf[:0], j, from, to)
		for _, x := range j.buf {
			if x.state != Told && err == nil {
				err = &ItemError{Code: CodeAdjustUnset, Path: w.key.field.String(), Got: x.from.String(), Expected: "a count that was set"}
			}
		}
	})
	return err
}

// adjustPiece lays an adjust over what the dates say; over this update's own set it becomes part of it.
func (j *trial) adjustPiece(s *Statement, w *work, x piece, v Value) {
	n := seg{Run: Run{Kind: RunAdjust, NewState: Told, New: v, Delta: s.Value.A}, item: s.Item}
	if x.ours {
		n.Kind, n.Delta = RunSet, 0
		if i := w.find(x.from); i < len(w.segs) && w.segs[i].From <= x.from && w.segs[i].Kind == RunAdjust {
			n.Kind, n.Delta = RunAdjust, w.segs[i].Delta+s.Value.A
		}
	}
	w.put(j, x, n)
}

// checkBasis refuses an adjust of the basis that was not told last (S9), and any where that is not known.
func (j *trial) checkBasis(w *work, from, to StayDate) *ItemError {
	buf := make([]piece, 0, 4)
	for d := from; d <= to; d++ {
		net, ok := j.basis(w.key.scope, d, buf)
		if !ok || net != (w.key.field == Count(Net)) {
			return &ItemError{Code: CodeAdjustBasis, Path: w.key.field.String(), Got: d.String(), Expected: "an adjust of the kind of count that was told last"}
		}
	}
	return nil
}

// basis tells whether the basis of a count on a date is net: net was told, and nothing else was told after it. It is not ok where both were
// told by an owner before the present one: their stamps are reset, and which was last is forgotten.
func (j *trial) basis(scope Scope, d StayDate, buf []piece) (net, ok bool) {
	netOrder, told, ok := int64(0), false, true
	for c := Net; c < ComponentEnd; c++ {
		key := columnKey{scope: scope, field: Count(c)}
		if !j.known(key) {
			continue
		}
		x := j.workOf(key).now(buf[:0], j, d, d)[0]
		switch {
		case x.state != Told:
		case c == Net:
			netOrder, told = x.order, true
		case !told || x.order > netOrder:
			return false, true
		case x.order == NoStamp.Order && netOrder == NoStamp.Order:
			ok = false
		}
	}
	return told, ok
}

// checkSpan: one date at least, on a weekday at least.
func (j *trial) checkSpan(s Span, v Verb) *ItemError {
	bad := func(path, want string) *ItemError {
		return &ItemError{Code: CodeSpan, Path: path, Got: s.From.String() + ".." + s.To.String(), Expected: want}
	}
	switch {
	case s.From > s.To:
		return bad("to", "a date on or after from")
	case s.Days == 0 || s.Days > AllDays:
		return &ItemError{Code: CodeSpan, Path: "days", Got: itoa(bits.OnesCount8(uint8(s.Days))) + " days", Expected: "one to seven weekdays"}
	case s.To != DateMax && (s.To > dateLast || s.To < 0), s.From != DateMin && (s.From > dateLast || s.From < 0):
		return bad("from", "dates of the years 1970 to 9999")
	case v == Adjust && s.Standing():
		return bad("to", "two ends for an adjust")
	case s.To < j.first:
		return &ItemError{Code: CodePast, Path: "to", Got: s.To.String(), Expected: "a date from " + j.first.String()}
	}
	return nil
}

// dateLast is the last date that can be told.
var dateLast = DateOf(9999, 12, 31)
