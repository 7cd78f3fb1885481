package otaxml

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// EmitRateAmounts tells amounts as OTA_HotelRateAmountNotifRQ: those set as NotifType Delta (or Overlay, if the head says so), those cleared as
// Remove, in messages of their own. Amounts are told at room type x rate plan. The law is that of EmitAvail; with Overlay the messages replace
// their extent, too.
func EmitRateAmounts(p *Profile, h Head, runs []Run) Emitted {
	e, runs := startEmit(p, &h, runs)
	set, clear := "Delta", "Remove"
	if h.Overlay {
		set = "Overlay"
	}
	var out []Reply
	for _, part := range []struct {
		notif string
		runs  []Run
	}{{set, e.only(runs, ari.Set)}, {clear, e.only(runs, ari.Clear)}} {
		f := frameOf{kind: KindRateAmountNotif, attrs: []string{"NotifType", part.notif}, container: "RateAmountMessages"}
		out = append(out, e.pack(f, e.rateMessages(part.runs))...)
	}
	return Emitted{out, e.left}
}

// only answers the runs of a verb; adjusts are dropped with the sets.
func (e *emitter) only(runs []Run, verb ari.Verb) (out []Run) {
	for _, r := range runs {
		if r.Verb == verb {
			out = append(out, r)
		} else if verb == ari.Set && r.Verb != ari.Clear {
			e.drop(r, "an adjust: only absolute values are sent")
		}
	}
	return out
}

func (e *emitter) rateMessages(runs []Run) (items [][]byte) {
	for _, g := range groups(runs) {
		control, why := e.control(g.scope, g.span)
		if why == "" {
			why = productWhy(g.scope)
		}
		if why != "" {
			for _, r := range g.runs {
				e.drop(r, why)
			}
			continue
		}
		rates := e.rateElements(nil, g.runs)
		if len(rates) == 0 {
			continue
		}
		var w writer
		w.open("RateAmountMessage")
		w.b = append(w.b, control...)
		w.open("Rates")
		w.b = append(w.b, rates...)
		w.close("Rates")
		w.close("RateAmountMessage")
		items = append(items, w.b)
	}
	return items
}

func productWhy(s ari.Scope) string {
	switch {
	case s.Rooms != ari.RoomTypeKind || s.Rates != ari.PlanKind:
		return "amounts are told of a room type and a rate plan"
	case s.Channel != "":
		return "amounts of one channel"
	}
	return ""
}

// rateElements writes the Rate elements of one product and span: one per tier of lengths of stay. attrs go into each.
func (e *emitter) rateElements(attrs []string, runs []Run) []byte {
	var w writer
	for len(runs) > 0 {
		los := runs[0].Field.RateKey().LOS
		var tier, rest []Run
		for _, r := range runs {
			if r.Field.Family() == ari.FamilyRate && r.Field.RateKey().LOS == los {
				tier = append(tier, r)
			} else {
				rest = append(rest, r)
			}
		}
		if len(tier) == 0 {
			e.drop(runs[0], runs[0].Field.String()+" is no amount")
			runs = runs[1:]
			continue
		}
		e.rate(&w, attrs, tier, los)
		runs = rest
	}
	return w.b
}

// rate writes one Rate.
func (e *emitter) rate(w *writer, attrs []string, runs []Run, los uint8) {
	plan := e.plan(runs[0].Scope.Rate)
	terms, why := e.terms(plan, los)
	var base, extra writer
	for _, r := range runs {
		bad := why
		if bad == "" {
			bad = e.amount(&base, &extra, plan, r)
		}
		if bad != "" {
			e.drop(r, bad)
		}
	}
	if len(base.b)+len(extra.b) == 0 {
		return
	}
	w.open("Rate", append(slices.Clone(attrs), terms...)...)
	for _, part := range []struct {
		name string
		b    []byte
	}{{"BaseByGuestAmts", base.b}, {"AdditionalGuestAmounts", extra.b}} {
		if len(part.b) > 0 {
			w.open(part.name)
			w.b = append(w.b, part.b...)
			w.close(part.name)
		}
	}
	w.close("Rate")
}

// terms answers the attributes of a Rate that its plan decides: the nights of its amounts, the tier, the currency.
func (e *emitter) terms(plan *ari.RatePlan, los uint8) (attrs []string, why string) {
	currency := e.h.Currency
	if plan != nil && plan.Currency != "" {
		currency = plan.Currency
	}
	if len(currency) == 3 {
		attrs = append(attrs, "CurrencyCode", currency)
	}
	basis := ari.BasisNightly
	if plan != nil && plan.Basis != "" {
		basis = plan.Basis
	}
	switch {
	case basis == ari.BasisLOSTier:
		lengths, why := tierAttrs(plan, los)
		return append(attrs, lengths...), why
	case basis == ari.BasisArrivalLOS && los > 0:
		return append(attrs, "MinLOS", strconv.Itoa(int(los)), "MaxLOS", strconv.Itoa(int(los))), ""
	case los > 0 || basis == ari.BasisArrivalLOS:
		return nil, "an amount of a length of stay that the plan is not priced by"
	case basis == ari.BasisPeriod:
		return append(attrs, "RateTimeUnit", "Day", "UnitMultiplier", strconv.Itoa(plan.Period)), ""
	}
	return attrs, ""
}

// tierAttrs answers MinLOS and MaxLOS of a plan's tier.
func tierAttrs(plan *ari.RatePlan, los uint8) (attrs []string, why string) {
	for i, t := range plan.Tiers {
		if min(t, 255) != int(los) || i > 0 && min(plan.Tiers[i-1], 255) == int(los) {
			continue
		}
		attrs = []string{"MinLOS", strconv.Itoa(t)}
		if i < len(plan.Tiers)-1 {
			attrs = append(attrs, "MaxLOS", strconv.Itoa(plan.Tiers[i+1]-1))
		}
		return attrs, ""
	}
	return nil, "an amount of no tier of the plan"
}

// amount writes one amount; it answers why it cannot.
func (e *emitter) amount(base, extra *writer, plan *ari.RatePlan, r Run) (why string) {
	k := r.Field.RateKey()
	switch {
	case k.Class == ari.Adults && (k.N < 1 || k.N > guestsMax):
		return "not 1 to 31 guests"
	case k.Class == ari.Adults:
		return e.baseAmount(base, plan, r, k)
	case k.Class == ari.ExtraAdult:
		return e.extraAmount(extra, r, "AgeQualifyingCode", agedAdult)
	case k.Class == ari.ChildBand:
		ages, why := e.ages(k)
		if why != "" {
			return why
		}
		return e.extraAmount(extra, r, append([]string{"AgeQualifyingCode", agedChild}, ages...)...)
	case k.Class == ari.ChildNth && e.p.MaxExtraGuests == "index":
		return e.extraAmount(extra, r, "AgeQualifyingCode", agedChild, "MaxAdditionalGuests", strconv.Itoa(int(k.N)))
	case k.Class == ari.ChildNth:
		return "an amount of the n-th child (profile: max_additional_guests)"
	}
	return "an amount of children together"
}

// ages answers MinAge and MaxAge of a band [min, max). The schema's ages begin at 1: a band from 0 has no MinAge.
func (e *emitter) ages(k ari.RateKey) (attrs []string, why string) {
	last := int(k.Max)
	if e.p.MaxAge == "inclusive" {
		last--
	}
	if k.Min >= k.Max || k.Max > guestsMax || last < 1 {
		return nil, "a band of ages that the schema cannot say"
	}
	if k.Min > 0 {
		attrs = []string{"MinAge", strconv.Itoa(int(k.Min))}
	}
	return append(attrs, "MaxAge", strconv.Itoa(last)), ""
}

func (e *emitter) baseAmount(w *writer, plan *ari.RatePlan, r Run, k ari.RateKey) string {
	attrs := []string{"NumberOfGuests", strconv.Itoa(int(k.N)), "AgeQualifyingCode", agedAdult}
	if plan != nil && plan.PerPerson {
		attrs = append(attrs, "Type", "7")
	} else if plan != nil {
		attrs = append(attrs, "Type", "25")
	}
	if r.Verb == ari.Set {
		sides, why := e.sides(plan, r.Value)
		if why != "" {
			return why
		}
		attrs = append(attrs, sides...)
	}
	w.empty("BaseByGuestAmt", attrs...)
	return ""
}

// sides answers AmountBeforeTax and AmountAfterTax.
func (e *emitter) sides(plan *ari.RatePlan, v ari.Value) (attrs []string, why string) {
	told := "as_told"
	switch v.Form {
	case ari.SideBefore:
		told = "before"
	case ari.SideAfter:
		told = "after"
	case ari.SideBefore | ari.SideAfter:
		if plan != nil && plan.Tax != "both" {
			return nil, "both tax sides of a plan that tells one"
		}
	default:
		return nil, "an amount on no tax side"
	}
	if told != "as_told" && e.p.TaxSide != "as_told" && e.p.TaxSide != told {
		return nil, "an amount " + told + " tax (profile: tax_side)"
	}
	if v.Form&ari.SideBefore != 0 {
		s, why := money(v.A)
		if why != "" {
			return nil, why
		}
		attrs = append(attrs, "AmountBeforeTax", s)
	}
	if v.Form&ari.SideAfter != 0 {
		s, why := money(v.B)
		if why != "" {
			return nil, why
		}
		attrs = append(attrs, "AmountAfterTax", s)
	}
	return attrs, ""
}

// money writes an amount with at most the schema's three decimals, and at least a dot.
func money(a int64) (s, why string) {
	if a < 0 || a%10 != 0 {
		return "", "an amount below 0 or of more than 3 decimals"
	}
	if s = ari.Amount(a).String(); !strings.Contains(s, ".") {
		s += ".00"
	}
	return s, ""
}

// extraAmount writes an AdditionalGuestAmount: one side, which TaxInclusive names.
func (e *emitter) extraAmount(w *writer, r Run, attrs ...string) string {
	if r.Verb == ari.Set {
		v, inclusive := r.Value.B, true
		switch r.Value.Form {
		case ari.SideBefore:
			v, inclusive = r.Value.A, false
		case ari.SideAfter:
		default:
			return "an extra charge on both tax sides"
		}
		s, why := money(v)
		if why != "" {
			return why
		}
		attrs = append(attrs, "Amount", s, "TaxInclusive", strconv.FormatBool(inclusive))
	}
	w.empty("AdditionalGuestAmount", attrs...)
	return ""
}
