package aritest

import (
	"github.com/ratewire/ratewire/ari"
)

// Update draws the next thing the property is told.
func (w *World) Update() *ari.Update {
	switch n := w.c.IntN(40); {
	case n < 3:
		return w.replace()
	case n < 6:
		return w.change()
	case n < 12:
		return w.overlay()
	case n < 14:
		return w.roll()
	case n < 16 && len(w.sent) > 0:
		again := *pick(w.c, w.sent)
		again.Received = w.now()
		return &again
	case n < 20:
		return w.adjusts()
	}
	return w.tell()
}

// Tell draws an update of sets, clears and now and then an extent: nothing that depends on the order of arrival but by its stamp.
func (w *World) Tell() *ari.Update {
	if w.one(8) {
		return w.replace()
	}
	return w.tell()
}

// Lay draws an update that lays an overlay.
func (w *World) Lay() *ari.Update {
	u := w.newUpdate("pms")
	u.Overlays = []ari.OverlayOp{{Verb: ari.OverlayPut, Overlay: w.newOverlay()}}
	return u
}

// tell draws an update of sets and clears; now and then a late one, or one by item with an item that is wrong.
func (w *World) tell() *ari.Update {
	connection := "pms"
	if w.one(3) {
		connection = pick(w.c, connections)
	}
	u := w.newUpdate(connection)
	if w.one(3) {
		w.delay(u)
	}
	u.ByItem = w.one(2)
	for item := range w.between(1, 4) {
		for range w.between(1, 2) {
			s := w.statement(connection)
			s.Item = item
			u.Statements = append(u.Statements, s)
		}
	}
	if w.one(6) {
		w.spoil(u)
	}
	w.sent = append(w.sent, u)
	return u
}

// statement draws a set or a clear that the connection may say.
func (w *World) statement(connection string) ari.Statement {
	s := ari.Statement{Verb: ari.Set, Span: w.span()}
	kind := w.c.IntN(20)
	if connection != w.property.CountsOwner && kind >= 10 && !w.one(12) {
		kind = w.c.IntN(10)
	}
	switch {
	case kind < 8:
		s.Scope, s.Field, s.Value = w.restriction()
	case kind < 10:
		s.Scope, s.Field, s.Value = w.limit()
		if w.one(8) {
			s.Scope, s.Field, s.Value = w.anyScope(), ari.UnknownField, ari.Value{}
			s.Text = pick(w.c, []string{"fence=a", "fence=b", "level=1", "level"})
		}
	case kind < 13:
		s.Scope = w.roomsScope(true)
		s.Field, s.Value = w.count()
	case kind < 15 && len(w.blockIDs) > 0:
		s.Scope = w.gridScope(pick(w.c, w.blockIDs))
		s.Field, s.Value = w.blockNumber()
	default:
		s.Scope = ari.Product(pick(w.c, w.roomCodes), pick(w.c, w.planCodes))
		if len(w.blockIDs) > 0 && w.one(6) {
			s.Scope.Block = pick(w.c, w.blockIDs)
		}
		card := w.rateCard(s.Scope, s.Span)
		for len(card) == 0 {
			card = w.rateCard(s.Scope, s.Span)
		}
		s = pick(w.c, card)
	}
	if w.one(5) {
		s.Verb, s.Value = ari.Clear, ari.Value{}
	}
	return s
}

func (w *World) restriction() (ari.Scope, ari.Field, ari.Value) {
	when := ari.When(w.between(1, 3))
	f := func(what ari.What) ari.Field { return ari.Restriction(when, what) }
	n := func(low, high int) ari.Value { return ari.Num(int64(w.between(low, high))) }
	scope := w.anyScope()
	if w.one(5) { // where unopened plans are opened
		channel := scope.Channel
		scope = ari.Product(pick(w.c, w.roomCodes), pick(w.c, w.planCodes))
		scope.Channel = channel
		return scope, ari.Closed, ari.Num(ari.Open)
	}
	switch w.c.IntN(9) {
	case 0:
		return scope, f(ari.MinLOS), n(1, 4)
	case 1:
		return scope, f(ari.MaxLOS), n(1, 5)
	case 2:
		bits := uint64(w.between(1, 31))
		return scope, f(ari.LOSPattern), ari.Pattern(bits, 5, w.one(2))
	case 3, 4:
		what := ari.MinLead
		if w.one(2) {
			what = ari.MaxLead
		}
		return scope, f(what), w.lead(what)
	case 5:
		amount := ari.Amount(w.between(3, 18)) * 100_000
		if w.one(2) {
			return scope, f(ari.MinPrice), ari.Price(uint8(w.between(1, 2)), amount)
		}
		return scope, f(ari.MaxPrice), ari.Price(uint8(w.between(1, 2)), amount)
	}
	return scope, f(ari.NotAtAll), n(1, 2)
}

// lead draws leads that some queries pass.
func (w *World) lead(what ari.What) ari.Value {
	days := w.between(0, 2)
	if what == ari.MaxLead {
		days = w.between(2, 12)
	}
	switch w.c.IntN(3) {
	case 0:
		return ari.LeadDays(int64(days), ari.NoTime)
	case 1:
		return ari.LeadDays(int64(days), int64(pick(w.c, []int{0, 150, 12 * 60, 18 * 60})))
	}
	return ari.LeadMinutes(int64(days*24*60 + w.between(-2, 2)*60 + 120))
}

func (w *World) limit() (ari.Scope, ari.Field, ari.Value) {
	scope := w.anyScope()
	switch w.c.IntN(6) {
	case 0:
		scope = w.roomsScope(false) // where the sold count may be known
		return scope, ari.Limit(ari.Total), ari.Num(int64(w.between(1, 8)))
	case 1:
		return scope, ari.Limit(ari.HoldBack), ari.Num(int64(w.between(0, 2)))
	case 2:
		scope.Block = ""
		return scope, ari.Limit(ari.Offset), ari.Num(int64(w.between(-2, 2)))
	}
	return scope, ari.Limit(ari.Remaining), ari.Num(int64(w.between(0, 5)))
}

func (w *World) count() (ari.Field, ari.Value) {
	c := ari.Net
	if w.one(2) {
		c = ari.Component(w.between(int(ari.Physical), int(ari.Overbooking)))
	}
	switch c {
	case ari.Net:
		return ari.Count(c), ari.Num(int64(w.between(-1, 6)))
	case ari.Physical:
		return ari.Count(c), ari.Num(int64(w.between(3, 9)))
	}
	return ari.Count(c), ari.Num(int64(w.between(0, 2)))
}

func (w *World) blockNumber() (ari.Field, ari.Value) {
	switch n := ari.BlockNumber(w.between(int(ari.BlockOriginal), int(ari.BlockCutoff))); n {
	case ari.BlockCutoff:
		return ari.BlockField(n), ari.Num(int64(w.date(-2, 4)))
	case ari.BlockPickedUp:
		return ari.BlockField(n), ari.Num(int64(w.between(0, 2)))
	default:
		return ari.BlockField(n), ari.Num(int64(w.between(0, 5)))
	}
}
