package aritest

import (
	"github.com/ratewire/ratewire/ari"
)

// settings draws the property's choices.
func (w *World) settings() {
	p := &w.property
	p.CheckIn = ari.TimeOfDay(pick(w.c, []int{0, 150, 15 * 60, 18 * 60}))
	p.DayEndsAt = ari.TimeOfDay(pick(w.c, []int{0, 0, 4 * 60}))
	p.BusinessDate = maybe(w, 3, func() *ari.StayDate { return w.someDate(-2, 1) })
	p.AdultAge = pick(w.c, []int{0, 16})
	p.InfantAge = pick(w.c, []int{0, 2})
	p.CountInfants = w.one(3)
	p.LeadReference = pick(w.c, []string{"", "midnight_start", "midnight_end"})
	p.NightDecimals = maybe(w, 3, func() *int { n := w.between(0, 2); return &n })
	p.TotalDecimals = maybe(w, 4, func() *int { n := w.between(0, 3); return &n })
	p.Counts = ari.CountPolicy{KeepSoldTentative: w.one(2), KeepBlockDefinite: w.one(2), KeepBlockTentative: w.one(2), KeepOutOfService: w.one(2)}
	p.BlocksInCount = maybe(w, 2, func() *bool { b := w.one(4); return &b })
	p.CutoffReleasesOnDate = w.one(3)
	p.RatesOwner, p.CountsOwner = "pms", "pms"
	p.ReplaceShare = 100
}

func (w *World) putRoom(code string) ari.ObjectOp {
	r := &ari.RoomType{Code: code}
	r.Class = maybe(w, 2, func() string { return pick(w.c, w.classes) })
	r.Inactive = w.one(60)
	r.StdOccupancy = w.between(0, 3)
	r.MaxOccupancy = maybe(w, 4, func() int { return w.between(2, 6) })
	r.MinOccupancy = maybe(w, 10, func() int { return w.between(1, 2) })
	r.MaxAdults = maybe(w, 10, func() int { return w.between(1, 4) })
	if r.MaxChildren = maybe(w, 6, func() *int { n := w.between(0, 2); return &n }); r.MaxChildren != nil && w.one(2) {
		r.MaxOccupancy = w.between(3, 5)
	}
	if w.one(4) {
		r.Pools = append(r.Pools, ari.PoolUse{Pool: pick(w.c, w.pools), Quantity: w.between(1, 2)})
		if w.one(2) {
			if own := pick(w.c, []string{code, "O1", "O2"}); own != r.Pools[0].Pool && (own != code || w.rooms[code] != nil) {
				r.Pools = append(r.Pools, ari.PoolUse{Pool: own, Quantity: 1})
			}
		}
	}
	if w.rooms[code] == nil {
		w.roomCodes = append(w.roomCodes, code)
	}
	w.rooms[code] = r
	return w.object(ari.KindRoomType, code, r)
}

func (w *World) putPlan(code string) ari.ObjectOp {
	p := &ari.RatePlan{Code: code}
	old := w.plans[code]
	if old != nil && w.one(8) {
		old = nil // what it is may change altogether: its amounts are untold, or its relatives do not agree any more
	}
	w.drawConditions(p)
	if old != nil {
		p.Tax, p.Basis, p.Tiers, p.Period, p.PerPerson, p.Parent, p.Currency = old.Tax, old.Basis, old.Tiers, old.Period, old.PerPerson, old.Parent, old.Currency
	} else {
		w.drawKind(p)
	}
	if p.Parent != "" {
		w.drawDerivation(p)
	}
	w.drawExtras(p)
	if w.plans[code] == nil {
		w.planCodes = append(w.planCodes, code)
	}
	w.plans[code] = p
	return w.object(ari.KindRatePlan, code, p)
}

// drawKind draws what a plan is: derived, and then like its parent, or on its own.
func (w *World) drawKind(p *ari.RatePlan) {
	p.Tax = pick(w.c, []string{"", "before", "both"})
	if len(w.planCodes) > 0 && w.one(2) {
		parent := pick(w.c, w.planCodes)
		up := w.plans[parent]
		p.Parent, p.Basis, p.Tiers, p.Period, p.PerPerson, p.Currency = parent, up.Basis, up.Tiers, up.Period, up.PerPerson, up.Currency
		if w.one(3) {
			p.Tax = up.Tax
		}
		return
	}
	p.PerPerson = w.one(4)
	p.Currency = pick(w.c, []string{"", "", "", "JPY"})
	switch w.c.IntN(10) {
	case 0, 1:
		p.Basis, p.Tiers = ari.BasisLOSTier, pick(w.c, [][]int{{1, 3}, {2, 4}, {1}})
	case 2, 3:
		p.Basis, p.Period, p.Multiple = ari.BasisPeriod, w.between(2, 3), w.one(2)
	case 4:
		if w.one(3) {
			p.Basis = pick(w.c, []ari.Basis{ari.BasisArrivalLOS, ari.BasisDayOfArrival})
		}
	}
}

// drawConditions draws everything else of a plan but its derivation.
func (w *World) drawConditions(p *ari.RatePlan) {
	p.Category = maybe(w, 2, func() string { return pick(w.c, w.categories) })
	p.Inactive = w.one(50)
	p.RoomTypes = maybe(w, 20, func() []string { return []string{pick(w.c, w.roomCodes)} })
	p.Channels = maybe(w, 20, func() []string { return []string{"web", "gds"}[:w.between(1, 2)] })
	p.Clients = maybe(w, 40, func() []string { return []string{"shop"} })
	p.AccessCodes = maybe(w, 20, func() []string { return []string{"VIP", "CORP"}[:w.between(1, 2)] })
	p.SellFrom = maybe(w, 16, func() *ari.StayDate { return w.someDate(-3, 1) })
	p.SellTo = maybe(w, 16, func() *ari.StayDate { return w.someDate(-1, 3) })
	p.StayFrom = maybe(w, 16, func() *ari.StayDate { return w.someDate(-2, 3) })
	p.StayTo = maybe(w, 16, func() *ari.StayDate { return w.someDate(4, 12) })
	p.MinOccupancy = maybe(w, 16, func() int { return w.between(1, 2) })
	p.MaxOccupancy = maybe(w, 16, func() int { return w.between(2, 5) })
	p.Fill = pick(w.c, []string{"", "exact", "next_higher", "base_extras", "pro_rata", "from_base"})
	p.BaseOccupancy = maybe(w, 2, func() int { return w.between(1, 4) })
	p.ChildPricing = pick(w.c, []string{"", "bands", "positions", "count", "free", "as_adults"})
	p.OldestAsAdults = w.one(3)
	p.Complimentary = w.one(8)
	p.UnopenedIsClosed = w.one(14)
}

// drawDerivation draws a derived plan's rules and what it inherits.
func (w *World) drawDerivation(p *ari.RatePlan) {
	p.Inherit = ari.Inherit{Closed: w.one(2), CTACTD: w.one(2), LOS: w.one(2), Lead: w.one(2), Limits: w.one(2)}
	p.Step = pick(w.c, []ari.Amount{0, 0, 5_000, ari.AmountUnit, 5 * ari.AmountUnit})
	for range w.between(1, 2) {
		r := ari.DeriveRule{Percent: ari.Amount(w.between(-8, 4)) * 25_000, AmountFirst: w.one(3)}
		if w.one(2) {
			r.Amount = ari.Amount(w.between(-4, 4)) * 25_000
			r.Side = pick(w.c, []string{"after", "before"})
			if p.Tax != "both" && w.one(2) {
				r.Side = ""
			}
		}
		r.From = maybe(w, 3, func() *ari.StayDate { return w.someDate(-1, 4) })
		r.To = maybe(w, 3, func() *ari.StayDate { return w.someDate(5, 12) })
		r.Days = maybe(w, 4, func() []string { return []string{"fri", "sat", "sun"}[:w.between(1, 3)] })
		r.RoomTypes = maybe(w, 5, func() []string { return []string{pick(w.c, w.roomCodes)} })
		r.Min = maybe(w, 4, func() *ari.Amount { a := ari.Amount(w.between(6, 9)) * 100_000; return &a })
		r.Max = maybe(w, 4, func() *ari.Amount { a := ari.Amount(w.between(9, 12))*100_000 + 3_333; return &a })
		p.Derive = append(p.Derive, r)
	}
}

func (w *World) putBlock(id string) ari.ObjectOp {
	b := &ari.Block{ID: id, OpenForPickup: !w.one(6), Deducts: !w.one(4), Elastic: w.one(3), Tentative: w.one(4)}
	b.Status = pick(w.c, []string{"definite", "definite", "definite", "definite", "", "cancelled"})
	b.Release = pick(w.c, []string{"", "told", "automatic"})
	b.Cutoff = maybe(w, 2, func() *ari.StayDate { return w.someDate(-2, 4) })
	if old := w.blocks[id]; old != nil {
		b.Parent = old.Parent
	} else {
		b.Parent = maybe(w, 2, func() string {
			if len(w.blockIDs) == 0 {
				return ""
			}
			return pick(w.c, w.blockIDs)
		})
		w.blockIDs = append(w.blockIDs, id)
	}
	w.blocks[id] = b
	return w.object(ari.KindBlock, id, b)
}
