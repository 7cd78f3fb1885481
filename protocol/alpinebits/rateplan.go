package alpinebits

import (
	"cmp"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Kinds of RatePlan records. A record of a complete set without a kind and without content says only that its plan is still there.
const (
	planFull    = "Full"
	planOverlay = "Overlay"
	planRemove  = "Remove"
	planKeep    = ""
)

// plan is one RatePlan as it was told, judged by itself.
type plan struct {
	record      int
	n           *element
	kind        string
	ext         string // RatePlanCode
	code        string // hub code; "" if it waits
	join        string // RatePlanID: what joins a master and its alternatives
	alternative bool   // RatePlanQualifier false: another version of the master with the same RatePlanID
	currency    string
	title       string
	valid       ari.Span // Start and End of the plan itself; zero if not told

	static   *static
	rates    []rate
	rules    []rule
	extras   []extra // supplements, static ones
	charges  []charge
	offers   []ari.PlanOffer
	gate     gate
	hasOffer bool
}

// static is the first Rate: what holds for all.
type static struct {
	perPerson bool
	units     int64 // nights that an amount is for
}

// rate is a dated Rate.
type rate struct {
	n      *element
	ext    string // category as told
	room   string
	span   ari.Span
	fields []ari.Field
	values []ari.Amount
}

// rule is a BookingRule.
type rule struct {
	n       *element
	ext     string // category as told; "": the whole plan
	room    string
	span    ari.Span
	closed  bool
	los     [4]int64 // SetMinLOS, SetMaxLOS, SetForwardMinStay, SetForwardMaxStay; 0: none
	arrival ari.Weekdays
	depart  ari.Weekdays // days that are forbidden
}

// readPlan judges one record by itself: everything that needs no other record and no picture.
func (d *decoder) readPlan(r Record) (p *plan, f *Fault) {
	p = &plan{record: r.Index, n: r.n, ext: r.n.Get("RatePlanCode"), join: r.n.Get("RatePlanID"), currency: r.n.Get("CurrencyCode")}
	if p.ext == "" {
		return p, missing(r.n, "@RatePlanCode", "the plan's code")
	}
	if p.kind, f = d.planKind(r.n); f != nil {
		return p, f
	}
	master, f := flag(r.n, "RatePlanQualifier", true)
	if f != nil {
		return p, f
	}
	if p.alternative = !master; p.alternative && p.join == "" {
		return p, missing(r.n, "@RatePlanID", "what joins this version to its master")
	}
	switch p.kind {
	case planKeep, planRemove:
		if len(r.n.Kids()) > 0 {
			return p, forbidden(r.n, r.n.Kids()[0].Name(), "no content: the plan is only named")
		}
		return p, nil
	}
	return p, p.read()
}

func (d *decoder) planKind(n *element) (string, *Fault) {
	kind, told := n.Attr("RatePlanNotifType")
	switch {
	case kind == "New", kind == "Full" && d.m.Version >= V2024:
		return planFull, nil
	case kind == planOverlay || kind == planRemove:
		return kind, nil
	case !told && d.m.Complete && len(n.Kids()) == 0:
		return planKeep, nil
	case !told:
		return "", missing(n, "@RatePlanNotifType", "New, Overlay or Remove")
	case d.m.Version >= V2024:
		return "", bad(n, "RatePlanNotifType", "Full, New, Overlay or Remove")
	}
	return "", bad(n, "RatePlanNotifType", "New, Overlay or Remove")
}

// read reads the content of a Full or Overlay plan.
func (p *plan) read() (f *Fault) {
	if len(p.currency) != 3 {
		return bad(p.n, "CurrencyCode", "an ISO 4217 code")
	}
	if _, ok := p.n.Attr("Start"); ok {
		if p.valid, f = span(p.n); f != nil {
			return f
		}
	}
	for _, step := range []func() *Fault{p.readRules, p.readRates, p.readSupplements, p.readOffers} {
		if f := step(); f != nil {
			return f
		}
	}
	p.readTitle()
	if p.kind == planFull {
		return nil
	}
	switch {
	case p.hasOffer:
		return forbidden(p.n, "Offers", "offers in Full (New) only")
	case len(p.extras) > 0:
		return forbidden(p.n, "Supplements", "dated supplements: static ones are told in Full (New) only")
	}
	return nil
}

// readTitle reads the plan's title: English, or the first that is told.
func (p *plan) readTitle() {
	p.n.Each("Description", func(e *element) {
		if e.Get("Name") != "title" {
			return
		}
		e.Each("Text", func(x *element) {
			if p.title == "" || x.Get("Language") == "en" {
				p.title = x.Text()
			}
		})
	})
}

// each calls f for the children of a list, until it answers a fault.
func each(n *element, list, name string, f func(*element) *Fault) (fault *Fault) {
	l := n.Kid(list)
	if l == nil {
		return nil
	}
	l.Each(name, func(e *element) {
		if fault == nil {
			fault = f(e)
		}
	})
	return fault
}

// readRules reads the BookingRules.
func (p *plan) readRules() *Fault {
	f := each(p.n, "BookingRules", "BookingRule", func(e *element) *Fault {
		r, f := readRule(e)
		p.rules = append(p.rules, r)
		return f
	})
	if f != nil {
		return f
	}
	return checkApart(p.rules, func(r rule) (string, ari.Span, *element) { return r.ext, r.span, r.n }, "rules of one category, or of the whole plan, that share no date")
}

// checkApart refuses two items of one key whose spans share a date.
func checkApart[T any](items []T, of func(T) (string, ari.Span, *element), expected string) *Fault {
	list := slices.Clone(items)
	slices.SortStableFunc(list, func(a, b T) int {
		ka, sa, _ := of(a)
		kb, sb, _ := of(b)
		return cmp.Or(cmp.Compare(ka, kb), cmp.Compare(sa.From, sb.From))
	})
	for i := 1; i < len(list); i++ {
		ka, sa, _ := of(list[i-1])
		kb, sb, n := of(list[i])
		if ka == kb && sb.From <= sa.To {
			return &Fault{Code: otaxml.CodeContradiction, Path: n.Path(""), Got: sb.From.String() + " twice", Expected: expected}
		}
	}
	return nil
}

func readRule(n *element) (r rule, f *Fault) {
	r.n = n
	if r.span, f = span(n); f != nil {
		return r, f
	}
	context, told := n.Attr("CodeContext")
	if r.ext = n.Get("Code"); told && context != "ROOMTYPE" {
		return r, bad(n, "CodeContext", "ROOMTYPE")
	}
	if told && r.ext == "" {
		return r, missing(n, "@Code", "a room category")
	}
	if s := n.Kid("RestrictionStatus"); s != nil {
		if k, ok := s.Attr("Restriction"); ok && k != "Master" {
			return r, bad(s, "Restriction", "Master")
		}
		switch s.Get("Status") {
		case "Close":
			r.closed = true
		case "Open", "":
		default:
			return r, bad(s, "Status", "Open or Close")
		}
	}
	if r.los, f = readLengths(n, true); f != nil {
		return r, f
	}
	r.arrival, r.depart, f = readWeekdays(n)
	return r, f
}

// Kinds of lengths of stay, as in rule.los.
const (
	minLOS = iota
	maxLOS
	minThrough
	maxThrough
)

var losKinds = []string{"SetMinLOS", "SetMaxLOS", "SetForwardMinStay", "SetForwardMaxStay"}

// readLengths reads LengthsOfStay; through says whether the stay-through kinds may be told. A least stay above the longest is kept: nothing is
// sellable by it (S7).
func readLengths(n *element, through bool) (los [4]int64, fault *Fault) {
	fault = each(n, "LengthsOfStay", "LengthOfStay", func(e *element) *Fault {
		i := slices.Index(losKinds, e.Get("MinMaxMessageType"))
		if i < 0 || !through && i >= minThrough {
			return bad(e, "MinMaxMessageType", "SetMinLOS or SetMaxLOS; in booking rules also SetForwardMinStay or SetForwardMaxStay")
		}
		if u := e.Get("TimeUnit"); u != "Day" {
			return bad(e, "TimeUnit", "Day")
		}
		least := int64(0)
		if i == maxLOS || i == maxThrough {
			least = 1
		}
		v, f := required(e, "Time", least, 999)
		switch {
		case f != nil:
			return f
		case los[i] != 0 && los[i] != v:
			return bad(e, "Time", "one value of "+losKinds[i])
		}
		los[i] = v
		return nil
	})
	return los, fault
}

var weekdays = [7]string{"Mon", "Tue", "Weds", "Thur", "Fri", "Sat", "Sun"}

// readWeekdays answers the weekdays that are forbidden for arrival and departure: those told as 0. What is not told is allowed.
func readWeekdays(n *element) (arrival, depart ari.Weekdays, f *Fault) {
	d := n.Kid("DOW_Restrictions")
	if d == nil {
		return 0, 0, nil
	}
	if arrival, f = forbiddenDays(d.Kid("ArrivalDaysOfWeek")); f != nil {
		return 0, 0, f
	}
	depart, f = forbiddenDays(d.Kid("DepartureDaysOfWeek"))
	return arrival, depart, f
}

func forbiddenDays(n *element) (mask ari.Weekdays, f *Fault) {
	if n == nil {
		return 0, nil
	}
	for i, name := range weekdays {
		allowed, f := flag(n, name, true)
		if f != nil {
			return 0, f
		}
		if !allowed {
			mask |= 1 << i
		}
	}
	return mask, nil
}

// readRates reads the static Rate and the dated ones.
func (p *plan) readRates() *Fault {
	i := 0
	f := each(p.n, "Rates", "Rate", func(e *element) (f *Fault) {
		i++
		if i == 1 && e.Get("InvTypeCode") == "" && e.Get("Start") == "" && e.Get("End") == "" {
			p.static, f = readStatic(e)
			return f
		}
		r, f := p.readRate(e)
		p.rates = append(p.rates, r)
		return f
	})
	switch {
	case f != nil:
		return f
	case p.kind == planFull && p.static == nil:
		return missing(p.n, "Rates/Rate", "a static Rate first: RateTimeUnit Day, UnitMultiplier and one BaseByGuestAmt with Type 7 or 25")
	}
	return checkApart(p.rates, func(r rate) (string, ari.Span, *element) { return r.ext, r.span, r.n }, "rates of one category that share no date")
}

// unitsMax is the most nights that an amount may be for.
const unitsMax = 365

func readStatic(n *element) (s *static, f *Fault) {
	s = &static{units: 1}
	unit, told := n.Attr("RateTimeUnit")
	v, many, f := number(n, "UnitMultiplier", 1, unitsMax)
	switch {
	case f != nil:
		return s, f
	case (told || many) && unit != "Day":
		return s, bad(n, "RateTimeUnit", "Day")
	case many:
		s.units = v
	}
	if n.Kid("AdditionalGuestAmounts") != nil {
		return s, forbidden(n, "AdditionalGuestAmounts", "no amounts in the static Rate")
	}
	bases := 0
	f = each(n, "BaseByGuestAmts", "BaseByGuestAmt", func(e *element) *Fault {
		bases++
		for _, a := range []string{"NumberOfGuests", "AgeQualifyingCode", "AmountAfterTax"} {
			if _, ok := e.Attr(a); ok {
				return forbidden(e, "@"+a, "the static Rate tells the Type only")
			}
		}
		switch e.Get("Type") {
		case "7":
			s.perPerson = true
		case "25":
		default:
			return bad(e, "Type", "7 per person or 25 per room")
		}
		return nil
	})
	if f == nil && bases != 1 {
		f = missing(n, "BaseByGuestAmts/BaseByGuestAmt", "exactly one with Type 7 or 25")
	}
	return s, f
}

func (p *plan) readRate(n *element) (r rate, f *Fault) {
	r.n, r.ext = n, n.Get("InvTypeCode")
	if r.ext == "" {
		return r, missing(n, "@InvTypeCode", "a room category: only the first Rate is static")
	}
	if r.span, f = span(n); f != nil {
		return r, f
	}
	if u, told, f := number(n, "UnitMultiplier", 1, unitsMax); f != nil || told && (p.static == nil || u != p.static.units) {
		return r, cmp.Or(f, forbidden(n, "@UnitMultiplier", "the static Rate tells it"))
	}
	if f := each(n, "BaseByGuestAmts", "BaseByGuestAmt", func(e *element) *Fault { return p.readBase(e, &r) }); f != nil {
		return r, f
	}
	return r, p.readAdditional(n, &r)
}

func (p *plan) readBase(e *element, r *rate) *Fault {
	guests, f := required(e, "NumberOfGuests", 1, guestsMax)
	if f != nil {
		return f
	}
	if e.Get("AgeQualifyingCode") != "10" {
		return bad(e, "AgeQualifyingCode", "10")
	}
	if _, ok := e.Attr("Type"); ok {
		return forbidden(e, "@Type", "the static Rate tells it")
	}
	if c, ok := e.Attr("CurrencyCode"); ok && c != p.currency {
		return &Fault{Code: otaxml.CodeCurrency, Path: e.Path("CurrencyCode"), Got: otaxml.Clip(c, 10), Expected: "the plan's " + p.currency}
	}
	a, f := amount(e, "AmountAfterTax")
	if f != nil {
		return f
	}
	if a == 0 {
		return &Fault{Code: otaxml.CodeAmount, Path: e.Path("AmountAfterTax"), Got: "0", Expected: "an amount above 0"}
	}
	return r.add(e, "NumberOfGuests", ari.RateKey{Class: ari.Adults, N: uint8(guests)}.Field(), a)
}

// add adds an amount; one key may be told once.
func (r *rate) add(e *element, attr string, f ari.Field, a ari.Amount) *Fault {
	if slices.Contains(r.fields, f) {
		return bad(e, attr, "each once in a Rate")
	}
	r.fields, r.values = append(r.fields, f), append(r.values, a)
	return nil
}

// agesMax is the highest bound of a child's age; an open one reaches as far as a rate key does.
const (
	agesMax = 21
	ageOpen = 31
)

func (p *plan) readAdditional(n *element, r *rate) *Fault {
	type band struct{ from, to int64 }
	var bands []band
	return each(n, "AdditionalGuestAmounts", "AdditionalGuestAmount", func(e *element) *Fault {
		a, f := amount(e, "Amount")
		if f != nil {
			return f
		}
		from, lower, f := number(e, "MinAge", 0, agesMax)
		if f != nil {
			return f
		}
		to, upper, f := number(e, "MaxAge", 1, agesMax)
		if f != nil {
			return f
		}
		switch code := e.Get("AgeQualifyingCode"); {
		case code == "10" && (lower || upper):
			return forbidden(e, "@MinAge", "no ages for adults")
		case code == "10":
			return r.add(e, "AgeQualifyingCode", ari.RateKey{Class: ari.ExtraAdult}.Field(), a)
		case code != "8":
			return bad(e, "AgeQualifyingCode", "10 adult or 8 child")
		case !lower && !upper:
			return missing(e, "@MinAge", "MinAge, MaxAge or both")
		case !upper:
			to = ageOpen
		}
		if from >= to {
			return bad(e, "MaxAge", "an age above MinAge")
		}
		for _, b := range bands {
			if from < b.to && b.from < to {
				return &Fault{Code: otaxml.CodeContradiction, Path: e.Path(""), Got: itoa(int(from)) + " to " + itoa(int(to)), Expected: "ages of children that do not overlap"}
			}
		}
		bands = append(bands, band{from, to})
		return r.add(e, "MinAge", ari.RateKey{Class: ari.ChildBand, Min: uint8(from), Max: uint8(to)}.Field(), a)
	})
}
