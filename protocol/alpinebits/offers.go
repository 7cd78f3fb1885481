package alpinebits

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// gate is the OfferRule: who may stay, and which stays.
type gate struct {
	guests  ari.GuestRule
	los     [4]int64
	arrival ari.Weekdays // forbidden
	depart  ari.Weekdays
	lead    [2]int64 // least and most days from booking to arrival; -1: none
}

// extra is a static Supplement: its key and what holds for all its dates.
type extra struct {
	key   string
	s     ari.Supplement
	never bool // its weekday mask allows no day
}

// charge is a dated Supplement.
type charge struct {
	n      *element
	key    string
	ext    string // category as told; "": all
	room   string
	span   ari.Span
	amount ari.Amount
}

// readOffers reads the Offers: the gate first, then at most one of free nights and one for families.
func (p *plan) readOffers() *Fault {
	p.gate.lead = [2]int64{-1, -1}
	i := 0
	f := each(p.n, "Offers", "Offer", func(e *element) *Fault {
		i++
		p.hasOffer = true
		switch {
		case i == 1:
			return p.readGate(e)
		case i > 3:
			return forbidden(p.n, "Offers", "at most three offers")
		}
		return p.readOffer(e)
	})
	if f == nil && i == 0 && p.kind == planFull && !p.alternative {
		f = missing(p.n, "Offers/Offer", "a first Offer with one OfferRule")
	}
	if f == nil && i > 0 && p.alternative {
		f = forbidden(p.n, "Offers", "no offers: the master tells them")
	}
	return f
}

func (p *plan) readGate(n *element) *Fault {
	for _, kid := range []string{"Discount", "Guests"} {
		if n.Kid(kid) != nil {
			return forbidden(n, kid, "an OfferRule and nothing else in the first Offer")
		}
	}
	rules := 0
	f := each(n, "OfferRules", "OfferRule", func(e *element) (f *Fault) {
		rules++
		if p.gate.los, f = readLengths(e, false); f != nil {
			return f
		}
		if p.gate.arrival, p.gate.depart, f = readWeekdays(e); f != nil {
			return f
		}
		for i, attr := range []string{"MinAdvancedBookingOffset", "MaxAdvancedBookingOffset"} {
			if p.gate.lead[i], f = readOffset(e, attr); f != nil {
				return f
			}
		}
		if l := p.gate.lead; l[1] >= 0 && l[0] > l[1] {
			return bad(e, "MaxAdvancedBookingOffset", "at least MinAdvancedBookingOffset")
		}
		p.gate.guests, f = readGuests(e)
		return f
	})
	if f == nil && rules != 1 {
		f = missing(n, "OfferRules/OfferRule", "exactly one")
	}
	return f
}

// readOffset reads P<n>D; -1 if it is not told.
func readOffset(n *element, attr string) (int64, *Fault) {
	s, ok := n.Attr(attr)
	if !ok {
		return -1, nil
	}
	days, isDays := strings.CutSuffix(strings.TrimPrefix(s, "P"), "D")
	v, err := strconv.ParseInt(days, 10, 32)
	if !strings.HasPrefix(s, "P") || !isDays || err != nil || v < 0 || v > 1095 {
		return -1, bad(n, attr, "P and days and D, at most P1095D")
	}
	return v, nil
}

// readGuests reads the Occupancy elements: 10 for adults, 8 for children. Adults only, unless MinAge says where they begin.
func readGuests(n *element) (g ari.GuestRule, fault *Fault) {
	seen := map[string]bool{}
	adultAge := int64(0)
	n.Each("Occupancy", func(e *element) {
		code := e.Get("AgeQualifyingCode")
		switch {
		case fault != nil:
		case code != "10" && code != "8":
			fault = bad(e, "AgeQualifyingCode", "10 adults or 8 children")
		case seen[code]:
			fault = bad(e, "AgeQualifyingCode", "each once")
		default:
			fault = readOccupancy(e, code, &g, &adultAge)
		}
		seen[code] = true
	})
	switch {
	case fault != nil:
	case !seen["10"]:
		fault = missing(n, "Occupancy", "one with AgeQualifyingCode 10")
	case (adultAge > 0) != seen["8"]:
		fault = &Fault{Code: otaxml.CodeContradiction, Path: n.Path("") + "/Occupancy", Expected: "MinAge of adults and an Occupancy of children, or neither"}
	case adultAge == 0:
		g.AdultsOnly = true
	}
	g.AdultAge = int(adultAge)
	return g, fault
}

func readOccupancy(e *element, code string, g *ari.GuestRule, adultAge *int64) *Fault {
	var v [4]int64
	var told [4]bool
	var f *Fault
	for i, attr := range []string{"MinAge", "MaxAge", "MinOccupancy", "MaxOccupancy"} {
		if v[i], told[i], f = number(e, attr, 0, 99); f != nil {
			return f
		}
	}
	if told[3] && v[2] > v[3] || told[1] && v[0] >= v[1] {
		return bad(e, "", "each minimum below its maximum")
	}
	if told[3] && v[3] == 0 {
		return bad(e, "MaxOccupancy", "a number above 0")
	}
	if code == "10" {
		if told[1] {
			return forbidden(e, "@MaxAge", "no highest age of adults")
		}
		*adultAge, g.MinAdults, g.MaxAdults = v[0], int(v[2]), int(v[3])
		return nil
	}
	g.MinChildAge, g.MaxChildAge, g.MinChildren = int(v[0]), int(v[1]), int(v[2])
	if told[3] {
		most := int(v[3])
		g.MaxChildren = &most
	}
	return nil
}

// readOffer reads an offer of free nights or for families.
func (p *plan) readOffer(n *element) *Fault {
	if n.Kid("OfferRules") != nil {
		return forbidden(n, "OfferRules", "in the first Offer only")
	}
	d := n.Kid("Discount")
	if d == nil {
		return missing(n, "Discount", `Percent="100"`)
	}
	if d.Get("Percent") != "100" {
		return bad(d, "Percent", "100")
	}
	read := readFreeNights
	if n.Kid("Guests") != nil {
		read = readFamily
	}
	o, f := read(n, d)
	if f == nil && slices.ContainsFunc(p.offers, func(x ari.PlanOffer) bool { return x.Kind == o.Kind }) {
		f = &Fault{Code: otaxml.CodeContradiction, Path: n.Path(""), Got: o.Kind, Expected: "one offer of a kind"}
	}
	p.offers = append(p.offers, o)
	return f
}

func readFreeNights(_, d *element) (o ari.PlanOffer, f *Fault) {
	needed, f := required(d, "NightsRequired", 1, 999)
	if f != nil {
		return o, f
	}
	free, f := required(d, "NightsDiscounted", 1, needed)
	if f != nil {
		return o, f
	}
	o = ari.PlanOffer{Kind: ari.OfferFreeNights, NightsRequired: int(needed), NightsDiscounted: int(free), Pattern: d.Get("DiscountPattern")}
	if want := strings.Repeat("0", int(needed-free)) + strings.Repeat("1", int(free)); o.Pattern != "" && o.Pattern != want {
		f = bad(d, "DiscountPattern", want)
	}
	return o, f
}

func readFamily(n, d *element) (o ari.PlanOffer, f *Fault) {
	for _, a := range []string{"NightsRequired", "NightsDiscounted", "DiscountPattern"} {
		if _, ok := d.Attr(a); ok {
			return o, forbidden(d, "@"+a, "no free nights in a family offer: that is an Offer of its own")
		}
	}
	guests := 0
	f = each(n, "Guests", "Guest", func(e *element) *Fault {
		guests++
		if e.Get("AgeQualifyingCode") != "8" {
			return bad(e, "AgeQualifyingCode", "8")
		}
		if e.Get("FirstQualifyingPosition") != "1" {
			return bad(e, "FirstQualifyingPosition", "1")
		}
		age, f := required(e, "MaxAge", 1, 99)
		if f != nil {
			return f
		}
		least, f := required(e, "MinCount", 0, 99)
		if f != nil {
			return f
		}
		last, f := required(e, "LastQualifyingPosition", 1, 99)
		if f == nil && last > least {
			f = bad(e, "LastQualifyingPosition", "at most MinCount "+itoa(int(least)))
		}
		o = ari.PlanOffer{Kind: ari.OfferFamily, MaxAge: int(age), MinCount: int(least), LastPosition: int(last)}
		return f
	})
	if f == nil && guests != 1 {
		f = missing(n, "Guests/Guest", "exactly one")
	}
	return o, f
}

// Bounds of supplements of a plan: what ari takes, and as many changes of it as a message may need.
const (
	extrasMax  = 64
	chargesMax = 4_000
)

// chargeTypes are the ChargeTypeCodes.
var chargeTypes = map[string]ari.Charge{
	"1": ari.ChargeDay, "12": ari.ChargeStay, "18": ari.ChargeRoomStay, "19": ari.ChargeRoomNight,
	"20": ari.ChargePersonStay, "21": ari.ChargePersonNight, "24": ari.ChargeItem,
}

// readSupplements reads the static Supplements and the dated ones that belong to them.
func (p *plan) readSupplements() *Fault {
	f := each(p.n, "Supplements", "Supplement", func(e *element) *Fault {
		inv, code := e.Get("InvType"), e.Get("InvCode")
		if inv != "EXTRA" && inv != "ALPINEBITSEXTRA" {
			return bad(e, "InvType", "EXTRA or ALPINEBITSEXTRA")
		}
		if code == "" || len(code) > 40 {
			return bad(e, "InvCode", "the supplement's code")
		}
		key := code
		if inv != "EXTRA" {
			key = inv + ":" + code
		}
		for _, dated := range []string{"Start", "End", "Amount"} {
			if _, ok := e.Attr(dated); ok {
				return p.readCharge(e, key)
			}
		}
		return p.readExtra(e, key)
	})
	if f != nil || p.kind != planFull || p.alternative {
		return f
	}
	for _, c := range p.charges {
		if !slices.ContainsFunc(p.extras, func(x extra) bool { return x.key == c.key }) {
			return &Fault{Code: otaxml.CodeMissing, Path: c.n.Path("InvCode"), Got: otaxml.Clip(c.key, 40), Expected: "a static Supplement of that code beside it"}
		}
	}
	return nil
}

func (p *plan) readExtra(e *element, key string) *Fault {
	x := extra{key: key, s: ari.Supplement{Code: key, Charge: chargeTypes[e.Get("ChargeTypeCode")]}}
	if slices.ContainsFunc(p.extras, func(y extra) bool { return y.key == key }) {
		return bad(e, "InvCode", "one static Supplement of a code")
	}
	if x.s.Charge == "" {
		return bad(e, "ChargeTypeCode", "1, 12, 18, 19, 20, 21 or 24")
	}
	if add, f := flag(e, "AddToBasicRateIndicator", false); f != nil || !add {
		return bad(e, "AddToBasicRateIndicator", "true: the amount comes on top of the rate")
	}
	if _, ok := e.Attr("MandatoryIndicator"); !ok {
		return missing(e, "@MandatoryIndicator", "true or false")
	}
	var f *Fault
	if x.s.Mandatory, f = flag(e, "MandatoryIndicator", false); f != nil {
		return f
	}
	if pre := e.Kid("PrerequisiteInventory"); pre != nil {
		if pre.Get("InvType") != "ALPINEBITSDOW" {
			return bad(pre, "InvType", "ALPINEBITSDOW in a static Supplement")
		}
		if f := x.weekdays(pre); f != nil {
			return f
		}
	}
	e.Each("Description", func(d *element) {
		if d.Get("Name") != "title" {
			return
		}
		d.Each("Text", func(t *element) {
			if x.s.Name == "" || t.Get("Language") == "en" {
				x.s.Name = otaxml.Clip(t.Text(), 120)
			}
		})
	})
	if p.extras = append(p.extras, x); len(p.extras) > extrasMax {
		return &Fault{Code: otaxml.CodeTooBig, Path: e.Path(""), Expected: "at most " + itoa(extrasMax) + " supplements of a plan"}
	}
	return nil
}

// weekdays reads the mask, Monday first.
func (x *extra) weekdays(pre *element) *Fault {
	mask := pre.Get("InvCode")
	if len(mask) != 7 || strings.Trim(mask, "01") != "" {
		return bad(pre, "InvCode", "seven digits 0 or 1, Monday first")
	}
	var days ari.Weekdays
	for i := range 7 {
		if mask[i] == '1' {
			days |= 1 << i
		}
	}
	if x.never = days == 0; days != ari.AllDays {
		x.s.Days = days.Names()
	}
	return nil
}

func (p *plan) readCharge(e *element, key string) (f *Fault) {
	c := charge{n: e, key: key}
	if c.span, f = span(e); f != nil {
		return f
	}
	if c.amount, f = amount(e, "Amount"); f != nil {
		return f
	}
	for _, a := range []string{"ChargeTypeCode", "MandatoryIndicator", "AddToBasicRateIndicator"} {
		if _, ok := e.Attr(a); ok {
			return forbidden(e, "@"+a, "the static Supplement tells it")
		}
	}
	if pre := e.Kid("PrerequisiteInventory"); pre != nil {
		if pre.Get("InvType") != "ROOMTYPE" {
			return bad(pre, "InvType", "ROOMTYPE in a dated Supplement")
		}
		if c.ext = pre.Get("InvCode"); c.ext == "" {
			return missing(pre, "@InvCode", "a room category")
		}
	}
	if p.charges = append(p.charges, c); len(p.charges) > chargesMax {
		return &Fault{Code: otaxml.CodeTooBig, Path: e.Path(""), Expected: "at most " + itoa(chargesMax) + " dated supplements of a plan"}
	}
	return nil
}
