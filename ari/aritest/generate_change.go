package aritest

import (
	"fmt"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// spoil makes one statement wrong.
func (w *World) spoil(u *ari.Update) {
	s := &u.Statements[w.c.IntN(len(u.Statements))]
	rate := func(f ari.Field) {
		plan := pick(w.c, w.planCodes)
		s.Verb, s.Scope, s.Field, s.Text = ari.Set, ari.Product(pick(w.c, w.roomCodes), plan), f, ""
		s.Value = ari.After(1_000_000)
	}
	switch w.c.IntN(10) {
	case 0:
		s.Scope = ari.RoomScope("R9")
	case 1:
		s.Scope = ari.PlanScope("P9")
	case 2:
		s.Scope = ari.Scope{Rooms: ari.RoomClassKind, Room: "C9"}
	case 3:
		s.Scope.Block = "B9"
	case 4:
		s.Span.From, s.Span.To = w.day+5, w.day+4
	case 5:
		s.Span = ari.Dates(w.day-9, w.day-4)
	case 6:
		s.Verb, s.Scope, s.Field, s.Value = ari.Set, ari.Scope{}, ari.MinLOSArrival, ari.Num(int64(pick(w.c, []int{0, 1000})))
	case 7:
		s.Verb, s.Scope, s.Field, s.Value = ari.Set, ari.Scope{Rooms: ari.PoolKind, Room: pick(w.c, w.pools)}, ari.Closed, ari.Num(ari.Shut)
	case 8:
		rate(ari.RateKey{Class: ari.Adults, N: 2, LOS: 9}.Field())
	case 9:
		rate(ari.AdultsField(2))
		s.Value = ari.Both(1_000_000, 1_100_000)
		s.Field = ari.RateKey{Class: ari.Adults, N: 2, LOS: w.tier(s.Scope.Rate)}.Field()
	}
}

// adjusts draws adjusts of counts: some find nothing to adjust.
func (w *World) adjusts() *ari.Update {
	connection := w.property.CountsOwner
	u := w.newUpdate(connection)
	u.ByItem = w.one(2)
	if w.one(4) {
		w.delay(u)
	}
	for item := range w.between(1, 2) {
		c := ari.Net
		if w.one(3) {
			c = pick(w.c, []ari.Component{ari.Physical, ari.SoldDefinite})
		}
		span := w.datedSpan()
		span.To = min(span.To, span.From+2)
		u.Statements = append(u.Statements, ari.Statement{
			Item: item, Verb: ari.Adjust, Scope: ari.RoomScope(pick(w.c, w.roomCodes)), Field: ari.Count(c), Span: span,
			Value: ari.Num(int64(pick(w.c, []int{-2, -1, 1, 2}))),
		})
	}
	return u
}

// replace draws an update with an extent, and sets that may lie in it.
func (w *World) replace() *ari.Update {
	connection := pick(w.c, connections)
	u := w.newUpdate(connection)
	if w.one(5) {
		w.delay(u)
	}
	families := []uint8{ari.FamilyRestriction, ari.FamilyLimit, ari.FamilyUnknown}
	if connection == w.property.RatesOwner {
		families = append(families, ari.FamilyCount, ari.FamilyRate, ari.FamilyBlock)
	}
	x := ari.Extent{Item: 0, Span: w.span(), Scopes: ari.ScopeSet{Scope: w.anyScope(), AnyRooms: w.one(2), AnyRates: w.one(2), AnyChannel: !w.one(3), AnyBlock: w.one(2)}}
	for range w.between(1, 2) {
		f := ari.FieldSet{Family: pick(w.c, families)}
		if f.Family == ari.FamilyRestriction && w.one(2) {
			f.Field = pick(w.c, []ari.Field{ari.Closed, ari.CTA, ari.MinLOSArrival})
		}
		x.Fields = append(x.Fields, f)
	}
	u.Replace = append(u.Replace, x)
	for range w.between(0, 3) {
		u.Statements = append(u.Statements, w.statement(connection))
	}
	u.ByItem = w.one(2)
	w.sent = append(w.sent, u)
	return u
}

// change draws a change of the catalog.
func (w *World) change() *ari.Update {
	u := w.newUpdate("pms")
	u.By = ari.Author{Kind: ari.ByPerson, ID: "ann"}
	switch w.c.IntN(8) {
	case 0:
		rates, counts := w.property.RatesOwner, w.property.CountsOwner
		w.settings()
		w.property.RatesOwner, w.property.CountsOwner = rates, counts
		if w.one(4) { // the owner moves
			w.property.RatesOwner, w.property.CountsOwner = "crs", "crs"
			if rates == "crs" {
				w.property.RatesOwner, w.property.CountsOwner = "pms", "pms"
			}
		}
		u.Objects = append(u.Objects, w.object(ari.KindProperty, propertyCode, w.property))
	case 1, 2:
		u.Objects = append(u.Objects, w.putRoom(pick(w.c, w.roomCodes)))
	case 3:
		if len(w.blockIDs) > 0 {
			u.Objects = append(u.Objects, w.putBlock(pick(w.c, w.blockIDs)))
			break
		}
		fallthrough
	default:
		u.Objects = append(u.Objects, w.putPlan(pick(w.c, w.planCodes)))
	}
	return u
}

// Refused tells the world that an update was refused: it goes back to what it knew before.
func (w *World) Refused(u *ari.Update, m *Model) {
	for _, op := range u.Objects {
		switch op.Kind {
		case ari.KindRatePlan:
			p := m.catalog.plans[op.Code]
			w.plans[op.Code] = &p
		case ari.KindRoomType:
			r := m.catalog.rooms[op.Code]
			w.rooms[op.Code] = &r
		case ari.KindBlock:
			b := m.catalog.blocks[op.Code]
			w.blocks[op.Code] = &b
		}
	}
	for _, op := range u.Overlays {
		w.holds = slices.DeleteFunc(w.holds, func(id string) bool { return id == op.Overlay.ID && op.Verb == ari.OverlayPut })
	}
}

// overlay draws an overlay to lay, confirm or remove.
func (w *World) overlay() *ari.Update {
	u := w.newUpdate("pms")
	u.By = ari.Author{Kind: ari.ByPerson, ID: "ann"}
	op := ari.OverlayOp{Verb: ari.OverlayPut}
	switch n := w.c.IntN(10); {
	case n < 3 && len(w.overlays) > 0:
		i := w.c.IntN(len(w.overlays))
		op.Verb, op.Overlay.ID = ari.OverlayRemove, w.overlays[i]
		w.overlays = slices.Delete(w.overlays, i, i+1)
	case n < 5 && len(w.holds) > 0:
		op.Verb, op.Overlay.ID = ari.OverlayConfirm, w.holds[w.c.IntN(len(w.holds))]
	default:
		op.Overlay = w.newOverlay()
	}
	u.Overlays = append(u.Overlays, op)
	return u
}

func (w *World) newOverlay() ari.Overlay {
	w.laid++
	o := ari.Overlay{ID: fmt.Sprint("o", w.laid), Scope: w.anyScope(), Span: w.span(), Owner: "ann"}
	if w.one(2) {
		o.Span = ari.Dates(w.date(-2, 2), w.date(3, 9))
	}
	w.overlays = append(w.overlays, o.ID)
	switch w.c.IntN(6) {
	case 0:
		o.Kind = ari.StopSell
	case 1:
		o.Kind, o.Rooms = ari.Cap, w.between(0, 4)
	case 2:
		o.Kind, o.Side = ari.Floor, uint8(w.between(1, 2))
		o.Amount = ari.Amount(w.between(4, 15)) * 100_000
	default:
		o.Kind, o.Rooms, o.Scope = ari.Hold, w.between(1, 2), ari.Product(pick(w.c, w.roomCodes), pick(w.c, w.planCodes))
		o.Scope.Channel = pick(w.c, channels)
		o.Span = ari.Dates(w.date(0, 6), 0)
		o.Span.To = o.Span.From + ari.StayDate(w.between(0, 2))
		w.holds = append(w.holds, o.ID)
	}
	return o
}

// roll draws a later day.
func (w *World) roll() *ari.Update { return w.RollBy(pick(w.c, []int{1, 1, 1, 2, 5})) }

// RollBy answers the roll to a day that many days later.
func (w *World) RollBy(days int) *ari.Update {
	w.day += ari.StayDate(days)
	return &ari.Update{Property: propertyCode, By: ari.Author{Kind: ari.BySystem, ID: "day"}, Day: w.day, Received: w.now(), Released: true}
}

// Query draws a question about all products.
func (w *World) Query() *ari.Query {
	q := &ari.Query{
		Arrival: w.date(-1, 10), Nights: pick(w.c, []int{1, 1, 1, 2, 2, 3, 4, 5, 7}), Rooms: pick(w.c, []int{1, 1, 1, 2, 3}),
		Adults: pick(w.c, []int{1, 2, 2, 2, 3, 4}), Channel: pick(w.c, channels), Client: pick(w.c, []string{"", "shop"}),
	}
	if w.one(2) {
		q.Arrival = w.date(0, 4)
	}
	if w.one(15) {
		q.Arrival = w.date(1088, 1097)
	}
	if w.one(40) {
		q.Arrival = w.date(-4, -1)
	}
	for range pick(w.c, []int{0, 0, 0, 1, 1, 2, 3}) {
		q.Children = append(q.Children, w.between(0, 18))
	}
	if len(w.blockIDs) > 0 && w.one(4) {
		q.Block = pick(w.c, w.blockIDs)
		if w.one(20) {
			q.Block = "B9"
		}
	}
	q.Access = maybe(w, 2, func() []string { return []string{pick(w.c, []string{"VIP", "CORP", "X"})} })
	at := w.day.Time().Add(time.Duration(w.between(-12, 36)) * time.Hour)
	if w.one(2) {
		at = q.Arrival.Time().Add(-time.Duration(w.between(0, 72)) * time.Hour)
	}
	q.At = at.Add(time.Duration(pick(w.c, []int{0, 0, 30 * 60, 1, 59*60 + 59})) * time.Second)
	return q
}
