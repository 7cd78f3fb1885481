package aritest

import (
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// drawExtras draws a plan's offers, supplements, seasons and guests. Half of the plans have none.
func (w *World) drawExtras(p *ari.RatePlan) {
	if p.PerPerson && p.Fill == ari.FillFromBase {
		p.AmountByGuests = w.one(2)
	}
	if p.OldestAsAdults {
		p.FullPayers = pick(w.c, []string{"", ari.FullPayersStandard, ari.FullPayersMaxChildren, ari.FullPayersMaxChildren})
	}
	p.SumDecimals = maybe(w, 5, func() *int { n := w.between(0, 3); return &n })
	p.Guests = maybe(w, 10, w.guests)
	p.Offers = maybe(w, 60, func() []ari.PlanOffer { return []ari.PlanOffer{ari.KeepOffer(ari.Raw(`{"free":1}`))} })
	p.Supplements = maybe(w, 60, func() []ari.Supplement { return []ari.Supplement{ari.KeepSupplement(ari.Raw(`{"tax":1}`))} })
	if w.one(4) {
		p.Offers = append(p.Offers, w.freeNights())
	}
	if w.one(4) {
		p.Offers = append(p.Offers, ari.PlanOffer{Kind: ari.OfferFamily, MaxAge: pick(w.c, []int{3, 6, 12, 16}), MinCount: w.between(0, 2), LastPosition: w.between(1, 2)})
	}
	if w.one(4) {
		p.Supplements = append(p.Supplements, w.supplement(p, "S1"))
		if w.one(2) {
			p.Supplements = append(p.Supplements, w.supplement(p, "S2"))
		}
	}
	if p.Basis != ari.BasisPeriod {
		return
	}
	if p.Parent == "" && !w.one(3) || w.one(4) {
		p.Seasons = w.seasons()
	}
	if w.one(2) {
		p.Offers = append(p.Offers[:0], w.freeNights())
	}
}

func (w *World) guests() *ari.GuestRule {
	g := &ari.GuestRule{AdultsOnly: w.one(4)}
	g.MinAdults = maybe(w, 3, func() int { return w.between(1, 2) })
	g.MaxAdults = maybe(w, 3, func() int { return w.between(2, 3) })
	if g.AdultsOnly {
		return g
	}
	g.AdultAge = maybe(w, 3, func() int { return pick(w.c, []int{12, 14}) })
	g.MinChildAge = maybe(w, 4, func() int { return w.between(1, 3) })
	g.MaxChildAge = maybe(w, 4, func() int { return w.between(8, 16) })
	g.MinChildren = maybe(w, 10, func() int { return 1 })
	g.MaxChildren = maybe(w, 4, func() *int { n := w.between(1, 2); return &n })
	return g
}

func (w *World) freeNights() ari.PlanOffer {
	o := ari.PlanOffer{Kind: ari.OfferFreeNights, NightsRequired: w.between(1, 4)}
	o.NightsDiscounted = w.between(1, o.NightsRequired)
	if w.one(2) {
		o.Pattern = strings.Repeat("0", o.NightsRequired-o.NightsDiscounted) + strings.Repeat("1", o.NightsDiscounted)
		if w.one(3) {
			o.Pattern = strings.Repeat("1", o.NightsDiscounted) + strings.Repeat("0", o.NightsRequired-o.NightsDiscounted)
		}
	}
	if w.one(100) {
		o.Pattern = strings.Repeat("1", o.NightsRequired+1) // refused
	}
	return o
}

var chargesDrawn = []ari.Charge{ari.ChargeDay, ari.ChargeRoomNight, ari.ChargePersonNight, ari.ChargeStay, ari.ChargeRoomStay, ari.ChargePersonStay, ari.ChargeItem}

func (w *World) supplement(p *ari.RatePlan, code string) ari.Supplement {
	s := ari.Supplement{Code: code, Charge: pick(w.c, chargesDrawn), Mandatory: !w.one(5)}
	if w.one(30) {
		s.Charge = ari.ChargeOther
	}
	if p.Tax == "both" {
		s.Side = pick(w.c, []string{"after", "after", "before"})
	}
	s.Days = maybe(w, 3, func() []string { return []string{"mon", "wed", "fri", "sat"}[:w.between(1, 4)] })
	for range w.between(0, 3) {
		a := ari.SupplementAmount{Amount: ari.Amount(pick(w.c, []int{0, 33_333, 50_000, 194_300}))}
		a.From = maybe(w, 2, func() *ari.StayDate { return w.someDate(-1, 5) })
		a.To = maybe(w, 2, func() *ari.StayDate { return w.someDate(5, 12) })
		a.RoomType = maybe(w, 4, func() string { return pick(w.c, w.roomCodes) })
		s.Amounts = append(s.Amounts, a)
	}
	return s
}

// seasons draws seasons of a room type, latest first, some with gaps between them.
func (w *World) seasons() []ari.Season {
	var out []ari.Season
	room := pick(w.c, w.roomCodes)
	from := w.date(-3, 2)
	for range w.between(1, 4) {
		to := from + ari.StayDate(w.between(0, 5))
		out = append([]ari.Season{{RoomType: room, From: from, To: to}}, out...)
		from = to + ari.StayDate(w.between(1, 3))
	}
	return out
}
