package otaxml

import (
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// baseAmount reads AmountBeforeTax and AmountAfterTax: either or both, on the side that the profile says. A side that the plan does not
// have is left out beside one that it has.
func (r *rateReader) baseAmount(row *rateRow, n *node) (ari.Value, bool) {
	before, hasBefore := r.money(n, "AmountBeforeTax")
	after, hasAfter := r.money(n, "AmountAfterTax")
	_, toldBefore := n.attr("AmountBeforeTax")
	_, toldAfter := n.attr("AmountAfterTax")
	switch {
	case hasBefore != toldBefore || hasAfter != toldAfter:
		return ari.Value{}, false // told already
	case !toldBefore && !toldAfter && r.notif == "remove":
		return ari.Value{}, true
	case !toldBefore && !toldAfter:
		r.x.fault(CodeMissing, n, "AmountAfterTax", "", "AmountAfterTax or AmountBeforeTax")
		return ari.Value{}, false
	case toldBefore && toldAfter:
		return r.bothSides(n, before, after), true
	case toldBefore:
		return oneSide(r.side(ari.SideBefore), before), true
	}
	return oneSide(r.side(ari.SideAfter), after), true
}

func (r *rateReader) side(told uint8) uint8 {
	switch r.x.p.TaxSide {
	case "before":
		return ari.SideBefore
	case "after":
		return ari.SideAfter
	}
	return told
}

func oneSide(side uint8, a ari.Amount) ari.Value {
	if side == ari.SideBefore {
		return ari.Before(a)
	}
	return ari.After(a)
}

func (r *rateReader) bothSides(n *node, before, after ari.Amount) ari.Value {
	tax := ""
	if r.plan != nil {
		tax = r.plan.Tax
		if tax == "" {
			tax = "after"
		}
	}
	switch tax {
	case "before":
		r.x.ignore(n, "AmountAfterTax")
		return ari.Before(before)
	case "after":
		r.x.ignore(n, "AmountBeforeTax")
		return ari.After(after)
	}
	return ari.Both(before, after)
}

// money reads an amount that must not be negative. Beside DecimalPlaces an amount without a dot may be meant in minor units: the profile says.
func (r *rateReader) money(n *node, attr string) (ari.Amount, bool) {
	s, told := n.attr(attr)
	if !told {
		return 0, false
	}
	a, err := ari.ParseAmount(strings.TrimPrefix(s, "+"))
	if err != nil || a < 0 {
		r.x.fault(CodeAmount, n, attr, s, `a decimal such as "120.50", not negative, at most 4 fractional digits`)
		return 0, false
	}
	places, has := r.x.number(n, "DecimalPlaces", false)
	if !has || places == 0 || strings.Contains(s, ".") || a == 0 {
		return a, true
	}
	switch {
	case r.x.p.DecimalPlaces == "as_written":
		return a, true
	case r.x.p.DecimalPlaces == "minor_units" && places <= 4:
		step := ari.MinorUnit(int(places))
		whole := int64(a / ari.AmountUnit)
		return ari.Amount(whole) * step, true
	}
	r.x.fault(CodeAmount, n, "DecimalPlaces", s+" with DecimalPlaces "+strconv.FormatInt(places, 10),
		"an amount with its decimals: minor units or not is for the profile to say (decimal_places)")
	return 0, false
}

// additional reads an AdditionalGuestAmount: an extra adult's, or a child's by age.
func (r *rateReader) additional(row *rateRow, n *node) {
	x := r.x
	r.currency(n)
	if _, ok := n.attr("Percent"); ok {
		x.fault(CodeUnsupported, n, "Percent", n.get("Percent"), "an Amount: a percentage is not a price")
		return
	}
	v, ok := r.extraAmount(row, n)
	if !ok {
		return
	}
	nth, indexed := x.number(n, "MaxAdditionalGuests", false)
	if indexed && x.p.MaxExtraGuests == "limit" {
		x.ignore(n, "MaxAdditionalGuests")
		indexed = false
	}
	switch age, _, _ := strings.Cut(n.get("AgeQualifyingCode"), "."); age {
	case "", agedAdult:
		switch {
		case age == "" && n.get("MinAge")+n.get("MaxAge") != "":
			r.child(row, n, agedChild, v)
		case indexed && nth != 1:
			x.fault(CodeUnsupported, n, "MaxAdditionalGuests", n.get("MaxAdditionalGuests"), "1: extra adults all cost the same here")
		default:
			r.amount(row, n, row.c.scopes, ari.RateKey{Class: ari.ExtraAdult}, v, false)
		}
	case agedChild, agedInfant:
		if indexed {
			r.childNth(row, n, nth, v)
			return
		}
		r.child(row, n, age, v)
	default:
		x.fault(CodeUnsupported, n, "AgeQualifyingCode", n.get("AgeQualifyingCode"), "10 adult, 8 child or 7 infant")
	}
}

// extraAmount reads Amount with TaxInclusive.
func (r *rateReader) extraAmount(row *rateRow, n *node) (ari.Value, bool) {
	x := r.x
	a, ok := r.money(n, "Amount")
	if _, told := n.attr("Amount"); !told {
		if r.notif == "remove" {
			return ari.Value{}, true
		}
		x.fault(CodeMissing, n, "Amount", "", "an amount")
	}
	if !ok {
		return ari.Value{}, false
	}
	inclusive, told := x.boolean(n, "TaxInclusive")
	switch {
	case told && inclusive:
		return ari.After(a), true
	case told:
		return ari.Before(a), true
	case x.p.ExtraTaxSide == "after":
		return ari.After(a), true
	case x.p.ExtraTaxSide == "before":
		return ari.Before(a), true
	case x.p.ExtraTaxSide == "same" && row.side == ari.SideBefore:
		return ari.Before(a), true
	case x.p.ExtraTaxSide == "same" && row.side == ari.SideAfter:
		return ari.After(a), true
	case x.p.ExtraTaxSide == "same" && row.side == 0 && r.plan != nil && r.plan.Tax != "both":
		return oneSide(planSide(r.plan), a), true
	}
	x.fault(CodeMissing, n, "TaxInclusive", "", "true or false: nothing else says the amount's tax side (profile: extra_tax_side)")
	return ari.Value{}, false
}

func planSide(p *ari.RatePlan) uint8 {
	if p.Tax == "before" {
		return ari.SideBefore
	}
	return ari.SideAfter
}

// child says an amount of a child by its age band [min, max). A missing bound is open: from 0, or the infants' age, to the adults'.
func (r *rateReader) child(row *rateRow, n *node, age string, v ari.Value) {
	x, h := r.x, &r.x.cat.Property
	if u := strings.ToLower(n.get("AgeTimeUnit")); u != "" && u != "year" {
		x.fault(CodeUnsupported, n, "AgeTimeUnit", n.get("AgeTimeUnit"), "Year")
		return
	}
	lo, hasLo := x.number(n, "MinAge", false)
	hi, hasHi := x.number(n, "MaxAge", false)
	if hasHi && x.p.MaxAge == "inclusive" {
		hi++
	}
	adult := int64(h.AdultAge)
	if adult == 0 {
		adult = 18
	}
	if !hasHi {
		if hi = adult; age == agedInfant {
			hi = int64(h.InfantAge)
		}
	}
	if !hasLo && age == agedChild && !hasHi {
		lo = int64(h.InfantAge)
	}
	hi = min(hi, guestsMax) // no child is older: an adult's age is at most that
	if lo >= hi {
		x.fault(CodeGuests, n, "MinAge", n.get("MinAge")+" .. "+n.get("MaxAge"), "ages MinAge below MaxAge (an infant's need the hotel's infant age, or MaxAge)")
		return
	}
	r.amount(row, n, row.c.scopes, ari.RateKey{Class: ari.ChildBand, Min: uint8(lo), Max: uint8(hi)}, v, false)
}

func (r *rateReader) childNth(row *rateRow, n *node, nth int64, v ari.Value) {
	if nth < 1 || nth > guestsMax {
		r.x.fault(CodeGuests, n, "MaxAdditionalGuests", n.get("MaxAdditionalGuests"), "1 to 31: which child the amount is for")
		return
	}
	r.amount(row, n, row.c.scopes, ari.RateKey{Class: ari.ChildNth, N: uint8(nth)}, v, false)
}
