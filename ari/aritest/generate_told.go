package aritest

import (
	"github.com/ratewire/ratewire/ari"
)

// firstCounts tells a count of every room type and pool, mostly without dates, so that most stays find rooms.
func (w *World) firstCounts() *ari.Update {
	u := w.newUpdate("pms")
	tell := func(s ari.Scope, c ari.Component, n int) {
		u.Statements = append(u.Statements, ari.Statement{Verb: ari.Set, Scope: s, Span: w.wideSpan(), Field: ari.Count(c), Value: ari.Num(int64(n))})
	}
	scopes := []ari.Scope{}
	for _, r := range w.roomCodes {
		scopes = append(scopes, ari.RoomScope(r))
	}
	for _, o := range w.pools {
		scopes = append(scopes, ari.Scope{Rooms: ari.PoolKind, Room: o})
	}
	for _, s := range scopes {
		if w.one(3) {
			tell(s, ari.Physical, w.between(4, 9))
			tell(s, ari.SoldDefinite, w.between(0, 3))
			continue
		}
		tell(s, ari.Net, w.between(1, 6))
	}
	return u
}

// wideSpan answers a span that covers most of what is asked.
func (w *World) wideSpan() ari.Span {
	switch w.c.IntN(4) {
	case 0:
		return ari.Dates(w.day-1, w.day+12)
	case 1:
		return ari.Span{From: w.day, To: ari.DateMax, Days: ari.AllDays}
	}
	return ari.Undated
}

// firstRates tells the amounts of most plans that have no parent.
func (w *World) firstRates() *ari.Update {
	u := w.newUpdate("pms")
	for _, room := range w.roomCodes {
		for _, plan := range w.planCodes {
			if w.plans[plan].Parent != "" && !w.one(6) || w.one(20) {
				continue
			}
			s := ari.Product(room, plan)
			for range len(w.plans[plan].Tiers) + 1 { // a card draws one tier
				u.Statements = append(u.Statements, w.rateCard(s, w.wideSpan())...)
			}
			if len(w.blockIDs) > 0 && w.one(3) {
				s.Block = pick(w.c, w.blockIDs)
				u.Statements = append(u.Statements, w.rateCard(s, w.wideSpan())...)
			}
		}
	}
	return u
}

// rateCard tells amounts for adults, the extra adult and children.
func (w *World) rateCard(s ari.Scope, span ari.Span) []ari.Statement {
	var out []ari.Statement
	tell := func(k ari.RateKey) {
		k.LOS = w.tier(s.Rate)
		out = append(out, ari.Statement{Verb: ari.Set, Scope: s, Span: span, Field: k.Field(), Value: w.rateValue(s.Rate, k.Class != ari.Adults)})
	}
	for _, n := range []int{1, 2, 2, 3, 4} {
		if !w.one(6) {
			tell(ari.RateKey{Class: ari.Adults, N: uint8(n)})
		}
	}
	for _, k := range childKeys {
		if !w.one(3) {
			tell(k)
		}
	}
	if !w.one(5) {
		tell(ari.RateKey{Class: ari.ExtraAdult})
	}
	return out
}

var childKeys = []ari.RateKey{
	{Class: ari.ChildBand, Min: 0, Max: 6}, {Class: ari.ChildBand, Min: 3, Max: 12}, {Class: ari.ChildBand, Min: 6, Max: 18}, {Class: ari.ChildBand, Min: 0, Max: 18},
	{Class: ari.ChildNth, N: 1}, {Class: ari.ChildNth, N: 2}, {Class: ari.ChildCount, N: 1}, {Class: ari.ChildCount, N: 2},
}

// tier answers a LOS that a plan's rate keys may have.
func (w *World) tier(plan string) uint8 {
	switch p := w.plans[plan]; {
	case p == nil:
	case p.Basis == ari.BasisLOSTier:
		return uint8(pick(w.c, p.Tiers))
	case p.Basis == ari.BasisArrivalLOS:
		return uint8(w.between(1, 3))
	}
	return 0
}

// rateValue draws amounts on sides that the plan tells; small ones for children and extra adults.
func (w *World) rateValue(plan string, small bool) ari.Value {
	amount := func() ari.Amount {
		if w.one(15) {
			return 0
		}
		if small {
			return ari.Amount(w.between(0, 4)) * 83_333
		}
		return ari.Amount(w.between(6, 14))*100_000 + pick(w.c, []ari.Amount{0, 0, 0, 3_333, 5_000, 4_950})
	}
	form := ari.SideAfter
	if p := w.plans[plan]; p != nil && p.Tax == "before" {
		form = ari.SideBefore
	} else if p != nil && p.Tax == "both" {
		form = pick(w.c, []uint8{1, 2, 3, 3, 3})
	}
	switch form {
	case ari.SideBefore:
		return ari.Before(amount())
	case ari.SideAfter:
		return ari.After(amount())
	}
	return ari.Both(amount(), amount())
}

// firstGrids tells a grid row of every block.
func (w *World) firstGrids() *ari.Update {
	u := w.newUpdate("pms")
	for _, id := range w.blockIDs {
		for range w.between(1, 2) {
			s := w.gridScope(id)
			u.Statements = append(u.Statements,
				ari.Statement{Verb: ari.Set, Scope: s, Span: w.wideSpan(), Field: ari.BlockField(ari.BlockCurrent), Value: ari.Num(int64(w.between(1, 4)))},
				ari.Statement{Verb: ari.Set, Scope: s, Span: w.wideSpan(), Field: ari.BlockField(ari.BlockPickedUp), Value: ari.Num(int64(w.between(0, 2)))})
		}
	}
	return u
}

func (w *World) gridScope(id string) ari.Scope {
	s := w.roomsScope(false)
	s.Block = id
	return s
}

// roomsScope draws the rooms of a scope: mostly a room type.
func (w *World) roomsScope(pools bool) ari.Scope {
	switch n := w.c.IntN(10); {
	case n == 0:
		return ari.Scope{}
	case n <= 2:
		return ari.Scope{Rooms: ari.RoomClassKind, Room: pick(w.c, w.classes)}
	case n == 3 && pools:
		return ari.Scope{Rooms: ari.PoolKind, Room: pick(w.c, w.pools)}
	}
	return ari.RoomScope(pick(w.c, w.roomCodes))
}

// anyScope draws a scope of restrictions and limits.
func (w *World) anyScope() ari.Scope {
	s := ari.Scope{}
	if !w.one(3) {
		s = w.roomsScope(false)
	}
	switch w.c.IntN(8) {
	case 0, 1:
		s.Rates, s.Rate = ari.CategoryKind, pick(w.c, w.categories)
	case 2, 3, 4:
		s.Rates, s.Rate = ari.PlanKind, pick(w.c, w.planCodes)
	case 5:
		s.Rates, s.Rate = ari.FamilyKind, pick(w.c, w.planCodes)
	}
	s.Channel = pick(w.c, channels)
	if len(w.blockIDs) > 0 && w.one(6) {
		s.Block = pick(w.c, w.blockIDs)
	}
	return s
}

// span draws the dates of a statement: short and near mostly.
func (w *World) span() ari.Span {
	s := ari.Dates(w.date(-3, 9), 0)
	s.To = s.From + ari.StayDate(w.between(0, 4))
	switch w.c.IntN(24) {
	case 0:
		s = ari.Undated
	case 1:
		s.To = ari.DateMax
	case 2:
		s.From = ari.DateMin
	case 3: // the end of the horizon, and beyond
		s = ari.Dates(w.date(1090, 1096), w.date(1096, 1100))
	case 4:
		s = ari.Span{From: w.date(1094, 1099), To: ari.DateMax, Days: ari.AllDays}
	case 5:
		s = ari.Dates(w.date(-5, 0), w.date(1, 20))
	}
	if w.one(4) {
		s.Days = ari.Weekdays(w.between(1, 127))
	}
	return s
}

// datedSpan draws a span with two ends.
func (w *World) datedSpan() ari.Span {
	for {
		if s := w.span(); s.From != ari.DateMin && s.To != ari.DateMax {
			return s
		}
	}
}
