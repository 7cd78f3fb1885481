package otaxml

import (
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Reply encodes the answer, in the envelope that the message came in, valid against OpenTravel 2017B: Success with what was asked for and
// Warnings of what is left out or told to be closed, or Errors.
//
// Source: docs/protocols/ota-xml.md, "Reading back".
func (u *Pull) Reply() Reply {
	if u.fault != nil {
		return u.refused(u.fault)
	}
	write := map[string]func() []byte{
		KindAvailGet: u.availList, KindInvCountGet: u.countList, KindRatePlanGet: u.planList, KindInvBlockGet: u.blockList, KindBookingRuleGet: u.ruleList,
	}[u.m.Kind]
	b := write()
	if u.fault == nil && len(b) == 0 && u.m.Kind != KindInvBlockGet {
		u.nothing()
	}
	if u.fault == nil && len(b) > pullBytesMax {
		u.refuse(ari.CodeTooManyCells, "", "", "an answer of at most 16 MiB: fewer dates, room types or rate plans")
	}
	if u.fault != nil {
		return u.refused(u.fault)
	}
	var w writer
	root := answerRoot(u.m.Kind)
	w.start(u.m.Envelope)
	w.open(root, append([]string{"xmlns", otaSpace}, rootAttrs(u.m, u.from.At)...)...)
	w.empty("Success")
	if len(u.warnings) > 0 {
		w.lines("Warnings", "Warning", u.warnings, warningsMax)
	}
	w.b = append(w.b, b...)
	w.close(root)
	w.end(u.m.Envelope)
	return Reply{Status: 200, ContentType: contentType(u.m.Envelope), Body: w.b}
}

func (u *Pull) refused(f *Fault) Reply {
	return EncodeAnswer(u.m, u.p, Answer{At: u.from.At, Refused: f})
}

// nothing refuses a request that selects nothing, with what was left out as the reason: the schema has no empty answer.
func (u *Pull) nothing() {
	why := "something that matches: no product, room type or rate plan here does"
	for _, l := range u.warnings {
		if l.f.Code == CodeLeftOut {
			why = "something that can be said in OTA: " + clip(l.f.Got, 40) + ": " + l.f.Expected
			break
		}
	}
	u.refuse(CodeNoMatch, u.m.Queries[0].Path, "", why)
}

// within writes a list with its hotel around items; nothing around none.
func (u *Pull) within(list string, items []byte) []byte {
	if len(items) == 0 {
		return nil
	}
	var w writer
	w.open(list, u.hotelAttrs()...)
	w.b = append(w.b, items...)
	w.close(list)
	return w.b
}

// hotelAttrs answers the hotel as it was told, if the schema can say it.
func (u *Pull) hotelAttrs() (attrs []string) {
	for _, a := range []struct {
		name, v string
		max     int
	}{{"ChainCode", u.m.ChainCode, 8}, {"BrandCode", u.m.BrandCode, 8}, {"HotelCode", u.m.HotelCode, hotelCodeMax}} {
		if a.v != "" && codeWhy(a.v, a.max) == "" {
			attrs = append(attrs, a.name, a.v)
		}
	}
	return attrs
}

func (u *Pull) availList() []byte { return u.within("AvailStatusMessages", u.avail()) }

// countList tells the rooms to sell of each room type: the most that one of its products can still sell, which never is more than the room
// type's own.
func (u *Pull) countList() []byte {
	if codeOf(u.p.CountTypes, "net") == "" {
		u.refuse(CodeUnsupported, "", "", "a code of CountType that means rooms to sell (profile: count_types)")
		return nil
	}
	var w writer
	for i := range u.asks {
		for _, b := range u.e.inventories(u.countRuns(&u.asks[i])) {
			w.b = append(w.b, b...)
		}
	}
	return u.within("Inventories", w.b)
}

func (u *Pull) countRuns(a *ask) (runs []Run) {
	left := map[string][]int{}
	var order []string
	for j := range a.products {
		r := &a.products[j]
		for _, room := range r.rooms {
			if left[room] == nil {
				left[room], order = make([]int, a.to-a.from+1), append(order, room)
			}
			for i := range r.nights {
				if c := &r.nights[i]; c.Date >= a.from && c.Date <= a.to {
					left[room][c.Date-a.from] = max(left[room][c.Date-a.from], c.Left)
				}
			}
		}
	}
	for _, room := range order {
		out := newRunner(ari.RoomScope(room))
		for i, n := range left[room] {
			out.say(a.from+ari.StayDate(i), ari.Set, ari.Count(ari.Net), ari.Num(int64(n)))
		}
		runs = append(runs, out.runs...)
	}
	return runs
}

// planList tells the amounts of each plan, by room type and dates.
func (u *Pull) planList() []byte {
	rates := map[string][]byte{}
	hub := map[string]string{}
	var order []string
	for i := range u.asks {
		a := &u.asks[i]
		for j := range a.products {
			r := &a.products[j]
			if why := u.planWhy(r.plan, r.channel); why != "" {
				u.warn(CodeLeftOut, a.q.Path, r.plans[0], "left out: "+why)
				continue
			}
			u.eachCode(r, func(s ari.Scope) {
				if hub[s.Rate] == "" {
					hub[s.Rate], order = r.plan, append(order, s.Rate)
				}
				rates[s.Rate] = append(rates[s.Rate], u.rates(a, r, s)...)
			})
		}
	}
	var w writer
	for _, code := range order {
		u.plan(&w, code, u.cat.Plans[hub[code]], rates[code])
	}
	return u.within("RatePlans", w.b)
}

func (u *Pull) plan(w *writer, code string, p *ari.RatePlan, rates []byte) {
	status := "Active"
	if p.Inactive {
		status = "Deactivated"
	}
	attrs := []string{"RatePlanCode", code, "RatePlanStatusType", status}
	currency := p.Currency
	if currency == "" {
		currency = u.cat.Property.Currency
	}
	if isLetters3(currency) {
		attrs = append(attrs, "CurrencyCode", currency)
	}
	w.open("RatePlan", attrs...)
	if len(rates) > 0 {
		w.open("Rates")
		w.b = append(w.b, rates...)
		w.close("Rates")
	}
	if p.Name != "" {
		w.open("Description")
		w.element("Text", clipRunes(p.Name, titleMax/2))
		w.close("Description")
	}
	w.close("RatePlan")
}

func isLetters3(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// rates writes the Rate elements of a product. A night that cannot be evaluated has none, and a floor raises what it holds.
func (u *Pull) rates(a *ask, r *productRead, s ari.Scope) []byte {
	s.Channel = ""
	out := newRunner(s)
	plan := u.cat.Plans[r.plan]
	for i := range r.nights {
		c := &r.nights[i]
		if c.Date > a.to || c.CannotEvaluate {
			continue
		}
		for _, x := range c.Rates {
			v, ok := floored(plan, x, c.Floors)
			zero := v.A == 0 && v.B == 0 && x.Field.RateKey().Class == ari.Adults && !plan.Complimentary
			if !ok {
				u.warn(CodeLeftOut, a.q.Path, s.Room+" "+s.Rate, "amounts that a floor is laid over are left out")
			}
			if ok && !zero {
				out.say(c.Date, ari.Set, x.Field, v)
			}
		}
	}
	var w writer
	for _, g := range groups(out.runs) {
		dates, why := u.e.dates(g.span)
		if why != "" {
			continue
		}
		w.b = append(w.b, u.e.rateElements(append([]string{"InvTypeCode", s.Room}, dates...), g.runs)...)
	}
	for _, l := range u.e.left {
		u.warn(CodeLeftOut, a.q.Path, s.Room+" "+s.Rate, "left out: "+l.Why+" ("+l.Run.Field.String()+")")
	}
	u.e.left = nil
	return w.b
}

// floored raises an amount for adults to the floors laid over its night: the side raised is the only one known then. What a floor cannot be
// compared with is false: another side, or an amount by person.
func floored(p *ari.RatePlan, x ari.FieldValue, floors []ari.FieldValue) (ari.Value, bool) {
	v := x.Value
	if len(floors) == 0 || x.Field.RateKey().Class != ari.Adults {
		return v, true
	}
	if p.PerPerson || len(floors) > 1 {
		return v, false
	}
	f := floors[0].Value
	switch {
	case v.Form&f.Form == 0:
		return v, false
	case f.Form == ari.SideBefore && v.A < f.A:
		return ari.Before(ari.Amount(f.A)), true
	case f.Form == ari.SideAfter && v.B < f.A:
		return ari.After(ari.Amount(f.A)), true
	}
	return v, true
}

// ruleList tells the restrictions of one product as booking rules.
func (u *Pull) ruleList() []byte {
	if len(u.asks) != 1 || len(u.asks[0].q.Products) != 1 {
		u.refuse(CodeMissing, u.m.Queries[0].Path, "", "one room type and one rate plan (InvTypeCode and RatePlanCode): the answer holds the rules of one product")
		return nil
	}
	a := &u.asks[0]
	if len(a.products) != 1 {
		return nil
	}
	r := &a.products[0]
	pair := a.q.Products[0]
	s := ari.Product(pair[0], pair[1])
	probe := &emitter{p: u.p, h: u.e.h}
	var rules writer
	for _, g := range groups(u.sayable(a, r, s)) {
		probe.rules(&rules, g)
	}
	if len(rules.b) == 0 {
		return nil
	}
	var w writer
	w.open("RuleMessage", u.hotelAttrs()...)
	w.empty("StatusApplication", "Start", a.from.String(), "End", a.to.String(), "RatePlanCode", pair[1], "InvTypeCode", pair[0])
	w.open("BookingRules")
	w.b = append(w.b, rules.b...)
	w.close("BookingRules")
	w.close("RuleMessage")
	return w.b
}

// rules writes the BookingRule elements of one span.
func (e *emitter) rules(w *writer, g *group) {
	a := &availEmit{e: e, g: g}
	for _, r := range e.withRows(g.runs) {
		if r.Field.Family() == ari.FamilyRestriction {
			a.tell(r)
		}
	}
	for _, it := range a.items {
		attrs := slices.Concat([]string{"Start", g.span.From.String(), "End", g.span.To.String()}, it.leads)
		w.open("BookingRule", attrs...)
		if len(it.lengths.b) > 0 {
			w.open("LengthsOfStay", it.lengthsAttrs()...)
			w.b = append(w.b, it.lengths.b...)
			w.close("LengthsOfStay")
		}
		if len(it.status) > 0 {
			w.empty("RestrictionStatus", it.status...)
		}
		w.close("BookingRule")
	}
}
