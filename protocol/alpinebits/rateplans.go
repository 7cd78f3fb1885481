package alpinebits

import (
	"cmp"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// ratePlans decodes OTA_HotelRatePlanNotif:RatePlans. Full (New) replaces a plan, Overlay replaces what it tells on its dates, Remove and not
// being in a complete set unset what was told of it, and Remove puts it inactive.
func (d *decoder) ratePlans() {
	if len(d.m.Records) == 1 && d.m.Records[0].n.Bare() && d.m.Complete {
		if d.whole() {
			d.dropOthers(nil)
		}
		return
	}
	plans := d.readPlans()
	if len(d.out.Refused) > 0 {
		return
	}
	for _, p := range plans {
		d.findPlan(p)
	}
	w := &planWork{decoder: d, now: map[string]*ari.RatePlan{}}
	slices.SortStableFunc(plans, func(a, b *plan) int { // an alternative needs its master
		return cmp.Compare(boolInt(a.alternative), boolInt(b.alternative))
	})
	for _, p := range plans {
		if p.code != "" && d.wanted(p.record) {
			w.apply(p)
		}
	}
	if d.m.Complete && d.whole() {
		d.dropOthers(plans)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// plansMax bounds the plans of a message: no hotel comes near it.
const plansMax = 500

// readPlans judges the records by themselves, and that each plan comes once.
func (d *decoder) readPlans() (out []*plan) {
	if len(d.m.Records) > plansMax {
		d.refuse(-1, &Fault{Code: otaxml.CodeTooBig, Path: d.m.list.Path(""), Got: itoa(len(d.m.Records)), Expected: "at most " + itoa(plansMax) + " plans; send them in parts"}, "")
		return nil
	}
	seen := map[string]bool{}
	for _, r := range d.m.Records {
		p, f := d.readPlan(r)
		if f == nil && seen[p.ext] {
			f = bad(r.n, "RatePlanCode", "each plan once in a message")
		}
		if f != nil {
			d.refuse(r.Index, f, "")
		}
		seen[p.ext] = true
		out = append(out, p)
	}
	return out
}

// findPlan turns a plan's codes into the hub's. A plan with one that is not mapped waits as a whole.
func (d *decoder) findPlan(p *plan) {
	if !d.wanted(p.record) {
		return
	}
	code, ok := d.lookup(p.record, ari.KindRatePlan, p.ext, p.n.Path("RatePlanCode"))
	room := func(ext string, n *element, attr string) string {
		if ext == "" {
			return ""
		}
		c, found := d.room(p.record, ext, n.Path(attr))
		ok = ok && found
		return c
	}
	for i := range p.rates {
		p.rates[i].room = room(p.rates[i].ext, p.rates[i].n, "InvTypeCode")
	}
	for i := range p.rules {
		p.rules[i].room = room(p.rules[i].ext, p.rules[i].n, "Code")
	}
	for i := range p.charges {
		p.charges[i].room = room(p.charges[i].ext, p.charges[i].n, "InvCode")
	}
	if ok {
		p.code = code
	}
}

// planWork is what the plans of one message share.
type planWork struct {
	*decoder
	now map[string]*ari.RatePlan // plans that this message puts
}

// plan answers a plan as it is after what the message has put so far; nil if there is none.
func (w *planWork) plan(code string) *ari.RatePlan {
	if p := w.now[code]; p != nil {
		return p
	}
	return w.cat.Plans[code]
}

func (w *planWork) apply(p *plan) {
	switch p.kind {
	case planFull:
		w.full(p)
	case planOverlay:
		w.overlay(p)
	case planRemove:
		w.remove(p.record, p.code)
	default:
		if have := w.plan(p.code); have == nil || have.Inactive {
			w.warn(p.record, &Fault{Code: ari.CodeUnknownRatePlan, Path: p.n.Path("RatePlanCode"), Got: otaxml.Clip(p.ext, 40), Expected: "a plan that was told in full"}, SendRatePlans)
		}
	}
}

// full replaces a plan.
func (w *planWork) full(p *plan) {
	r, from := ari.RatePlan{Code: p.code}, len(w.out.Statements)
	have := w.plan(p.code)
	if have != nil {
		r = *have // what AlpineBits does not speak of stays: channels, access codes, sell window
	}
	r.Inactive = false
	if p.title != "" {
		r.Name = otaxml.Clip(p.title, 120)
	}
	if r.StayFrom, r.StayTo = nil, nil; p.valid.Days != 0 {
		r.StayFrom, r.StayTo = &p.valid.From, &p.valid.To
	}
	w.terms(p, &r)
	w.extras(p, &r)
	w.seasons(p, &r)
	if p.alternative {
		if !w.joinMaster(p, &r) {
			return
		}
	} else {
		r.Parent, r.Derive, r.Inherit = "", nil, ari.Inherit{}
		w.joinAs(p, &r)
		w.tellGate(p)
	}
	w.putPlan(p.record, &r)
	if !p.alternative {
		w.followers(p.record, &r)
	}
	w.tell(p)
	if have != nil {
		w.before(from, w.planClears(p.record, p.code, w.out.Statements[from:]))
	}
}

// terms sets what the plan's amounts mean: after tax, by the rules of the standard's own computation (docs/protocols/alpinebits.md, "Prices").
func (w *planWork) terms(p *plan, r *ari.RatePlan) {
	three := 3
	r.Currency, r.Tax = p.currency, ari.TaxAfter
	r.Basis, r.Period, r.Multiple, r.Tiers = ari.BasisNightly, 0, false, nil
	if p.static.units > 1 {
		r.Basis, r.Period = ari.BasisPeriod, int(p.static.units)
	}
	r.PerPerson, r.AmountByGuests = p.static.perPerson, p.static.perPerson
	r.Fill, r.BaseOccupancy, r.ChildPricing = ari.FillFromBase, 0, ""
	r.OldestAsAdults, r.FullPayers, r.SumDecimals = true, ari.FullPayersMaxChildren, &three
}

// extras sets the guest rule, offers and supplements.
func (w *planWork) extras(p *plan, r *ari.RatePlan) {
	guests := p.gate.guests
	r.Guests, r.Offers, r.Supplements = &guests, p.offers, nil
	for _, x := range p.extras {
		s := x.s
		s.Mandatory = s.Mandatory && !x.never
		r.Supplements = append(r.Supplements, s)
	}
	w.addCharges(p, r)
}

// addCharges adds the dated supplements. What is past is left out.
func (w *planWork) addCharges(p *plan, r *ari.RatePlan) {
	for _, c := range p.charges {
		i := slices.IndexFunc(r.Supplements, func(s ari.Supplement) bool { return s.Code == c.key })
		if i < 0 || w.past(c.span) {
			continue
		}
		from, to := c.span.From, c.span.To
		r.Supplements[i].Amounts = append(slices.Clip(r.Supplements[i].Amounts), ari.SupplementAmount{From: &from, To: &to, RoomType: c.room, Amount: c.amount})
	}
}

// seasons lists the spans that were priced as one, where an amount is for several nights: it never leaves its Rate.
func (w *planWork) seasons(p *plan, r *ari.RatePlan) {
	r.Seasons = nil
	if r.Basis != ari.BasisPeriod {
		return
	}
	for _, x := range p.rates {
		if !w.past(x.span) {
			r.Seasons = append(r.Seasons, ari.Season{RoomType: x.room, From: x.span.From, To: x.span.To})
		}
	}
}

// joinAs makes the plan known as a master under its RatePlanID, by a category of that code.
func (w *planWork) joinAs(p *plan, r *ari.RatePlan) {
	if p.join == "" || ari.CheckCode(p.join) != nil {
		return
	}
	if w.cat.Categories[p.join] == nil && !slices.ContainsFunc(w.out.Objects, func(o ari.ObjectOp) bool { return o.Kind == ari.KindRateCategory && o.Code == p.join }) {
		w.put(p.record, ari.KindRateCategory, p.join, ari.RateCategory{Code: p.join, Name: otaxml.Clip(p.title, 120)})
	}
	r.Category = p.join
}

// joinMaster makes the plan another version of its master: it has rates and rules of its own, and the master's offers, guests and
// supplements with dated amounts of its own.
func (w *planWork) joinMaster(p *plan, r *ari.RatePlan) bool {
	master := w.master(p.join)
	if master == nil {
		w.refuse(p.record, &Fault{Code: ari.CodeUnknownRatePlan, Path: p.n.Path("RatePlanID"), Got: otaxml.Clip(p.join, 40), Expected: "a master with this RatePlanID (RatePlanQualifier true)"}, SendRatePlans)
		return false
	}
	r.Parent, r.Derive, r.Inherit, r.Category = master.Code, nil, ari.Inherit{}, p.join
	r.Supplements = nil
	w.follow(master, r)
	w.addCharges(p, r)
	return true
}

// master answers the plan that is master under a RatePlanID; nil if there is none.
func (w *planWork) master(join string) (found *ari.RatePlan) {
	is := func(r *ari.RatePlan) bool { return r.Category == join && r.Parent == "" && !r.Inactive }
	for _, code := range w.cat.PlanCodes {
		if r := w.plan(code); is(r) {
			return r
		}
	}
	for _, r := range w.now {
		if is(r) && (found == nil || r.Code < found.Code) {
			found = r
		}
	}
	return found
}

// follow gives a version its master's guests, offers and supplements; amounts of its own of a supplement stay.
func (w *planWork) follow(master, r *ari.RatePlan) {
	r.Guests, r.Offers = master.Guests, master.Offers
	var own []ari.Supplement
	for _, s := range master.Supplements {
		if i := slices.IndexFunc(r.Supplements, func(x ari.Supplement) bool { return x.Code == s.Code }); i >= 0 && len(r.Supplements[i].Amounts) > 0 {
			s.Amounts = r.Supplements[i].Amounts
		}
		own = append(own, s)
	}
	r.Supplements = own
}

// followers puts the versions of a master that has changed and that this message does not tell itself.
func (w *planWork) followers(record int, master *ari.RatePlan) {
	for _, code := range w.cat.PlanCodes {
		r := *w.plan(code)
		if r.Parent != master.Code || len(r.Derive) > 0 {
			continue
		}
		w.follow(master, &r)
		w.putPlan(record, &r)
	}
}

func (w *planWork) putPlan(record int, r *ari.RatePlan) {
	w.now[r.Code] = r
	w.put(record, ari.KindRatePlan, r.Code, r)
}

// family is the scope of what an OfferRule says: the plan and its versions. It is another than that of the plan's booking rules, so that both
// bind.
func family(code string) ari.Scope { return ari.Scope{Rates: ari.FamilyKind, Rate: code} }

// planScopes are all scopes of a plan but its family's.
func planScopes(code string) ari.ScopeSet {
	return ari.ScopeSet{Scope: ari.PlanScope(code), AnyRooms: true, AnyChannel: true}
}

// planClears answers the clears of all that was told of a plan and that sets does not tell anew.
func (w *planWork) planClears(record int, code string, sets []ari.Statement) []ari.Statement {
	all := func(area) spans { return always }
	of := w.clears(record, sets, planScopes(code), all, ari.FamilyRestriction, ari.FamilyRate)
	return append(of, w.clears(record, sets, ari.ScopeSet{Scope: family(code)}, all, ari.FamilyRestriction)...)
}

// tellGate tells what the OfferRule says of stays, for all dates.
func (w *planWork) tellGate(p *plan) {
	s, g := family(p.code), p.gate
	for i, f := range []ari.Field{ari.MinLOSArrival, ari.MaxLOSArrival} {
		if g.los[i] > 0 {
			w.set(p.record, s, ari.Undated, f, ari.Num(g.los[i]))
		}
	}
	w.forbidDays(p.record, s, ari.Undated, g.arrival, g.depart)
	for i, what := range []ari.What{ari.MinLead, ari.MaxLead} {
		if g.lead[i] >= 0 {
			w.set(p.record, s, ari.Undated, ari.Restriction(ari.Arrival, what), ari.LeadDays(g.lead[i], ari.NoTime))
		}
	}
}

func (w *planWork) forbidDays(record int, s ari.Scope, span ari.Span, arrival, depart ari.Weekdays) {
	for _, x := range []struct {
		days ari.Weekdays
		f    ari.Field
	}{{arrival, ari.CTA}, {depart, ari.CTD}} {
		if x.days != 0 {
			span.Days = x.days
			w.set(record, s, span, x.f, ari.Num(ari.Shut))
		}
	}
}

// tell tells the rates and rules of a plan.
func (w *planWork) tell(p *plan) {
	for _, r := range p.rates {
		if w.past(r.span) {
			continue
		}
		for i, f := range r.fields {
			w.set(p.record, ari.Product(r.room, p.code), r.span, f, ari.After(r.values[i]))
		}
	}
	for _, r := range p.rules {
		if !w.past(r.span) {
			w.tellRule(p, &r)
		}
	}
}

// ruleScope is where a rule holds: a specific one for its category, a generic one for the whole plan; both bind.
func ruleScope(p *plan, r *rule) ari.Scope {
	if r.room != "" {
		return ari.Product(r.room, p.code)
	}
	return ari.PlanScope(p.code)
}

// tellRule tells a booking rule. Stay-through lengths also bind stays that depart on its dates, unless the profile says otherwise.
func (w *planWork) tellRule(p *plan, r *rule) {
	s := ruleScope(p, r)
	if r.closed {
		w.set(p.record, s, r.span, ari.Closed, ari.Num(ari.Shut))
	}
	w.forbidDays(p.record, s, r.span, r.arrival, r.depart)
	fields := [4][]ari.Field{minLOS: {ari.MinLOSArrival}, maxLOS: {ari.MaxLOSArrival}, minThrough: {ari.MinLOSThrough}, maxThrough: {ari.MaxLOSThrough}}
	if w.p.DepartureRow == "with" {
		fields[minThrough] = append(fields[minThrough], ari.Restriction(ari.Departure, ari.MinLOS))
		fields[maxThrough] = append(fields[maxThrough], ari.Restriction(ari.Departure, ari.MaxLOS))
	}
	for i, v := range r.los {
		for _, f := range fields[i] {
			if v > 0 {
				w.set(p.record, s, r.span, f, ari.Num(v))
			}
		}
	}
}

// overlay replaces parts of a plan: the rates of a category, the rules of a category or of the plan and the supplements of a code, each on the
// dates that are told.
func (w *planWork) overlay(p *plan) {
	have := w.plan(p.code)
	if have == nil || have.Inactive {
		w.refuse(p.record, &Fault{Code: ari.CodeUnknownRatePlan, Path: p.n.Path("RatePlanCode"), Got: otaxml.Clip(p.ext, 40), Expected: "a plan that was told in full"}, SendRatePlans)
		return
	}
	if f := w.checkOverlay(p, have); f != nil {
		w.refuse(p.record, f, "")
		return
	}
	r := *have
	r.Supplements = slices.Clone(r.Supplements)
	w.cutCharges(p, &r)
	w.addCharges(p, &r)
	if r.Basis == ari.BasisPeriod {
		w.cutSeasons(p, &r)
	}
	w.putPlan(p.record, &r)
	from := len(w.out.Statements)
	w.tell(p)
	on := map[area]spans{}
	add := func(s ari.Scope, span ari.Span, family uint8) {
		if !w.past(span) {
			k := area{s, family}
			on[k] = append(on[k], span)
		}
	}
	for _, x := range p.rates {
		add(ari.Product(x.room, p.code), x.span, ari.FamilyRate)
	}
	for i := range p.rules {
		add(ruleScope(p, &p.rules[i]), p.rules[i].span, ari.FamilyRestriction)
	}
	for _, s := range on {
		slices.SortFunc(s, byFrom)
	}
	w.before(from, w.clears(p.record, w.out.Statements[from:], planScopes(p.code), func(a area) spans { return on[a] }, ari.FamilyRate, ari.FamilyRestriction))
}

// checkOverlay refuses what an overlay cannot change.
func (w *planWork) checkOverlay(p *plan, have *ari.RatePlan) *Fault {
	currency := have.Currency
	if currency == "" {
		currency = w.cat.Property.Currency
	}
	units := int64(max(have.Period, 1))
	switch {
	case p.currency != currency:
		return &Fault{Code: otaxml.CodeCurrency, Path: p.n.Path("CurrencyCode"), Got: p.currency, Expected: "the plan's " + currency}
	case p.static != nil && (p.static.perPerson != have.PerPerson || p.static.units != units):
		return forbidden(p.n, "Rates/Rate", "no other static Rate than the plan has: tell the plan in full")
	}
	for _, c := range p.charges {
		if !slices.ContainsFunc(have.Supplements, func(s ari.Supplement) bool { return s.Code == c.key }) {
			return &Fault{Code: otaxml.CodeMissing, Path: c.n.Path("InvCode"), Got: otaxml.Clip(c.key, 40), Expected: "a supplement that the plan has"}
		}
	}
	return nil
}

// cutCharges takes the told dates out of what the plan's supplements charge already, and what is past.
func (w *planWork) cutCharges(p *plan, r *ari.RatePlan) {
	for i := range r.Supplements {
		s := &r.Supplements[i]
		var kept []ari.SupplementAmount
		for _, a := range s.Amounts {
			spans := []ari.Span{ari.Dates(*cmp.Or(a.From, &minDate), *cmp.Or(a.To, &maxDate))}
			for _, c := range p.charges {
				if c.key == s.Code && c.room == a.RoomType {
					spans = cut(spans, c.span)
				}
			}
			for _, x := range spans {
				if !w.past(x) {
					from, to := x.From, x.To
					kept = append(kept, ari.SupplementAmount{From: &from, To: &to, RoomType: a.RoomType, Amount: a.Amount})
				}
			}
		}
		s.Amounts = kept
	}
}

var minDate, maxDate = ari.DateOf(1900, 1, 1), ari.DateOf(9999, 12, 31)

// cutSeasons replaces the seasons on the told dates.
func (w *planWork) cutSeasons(p *plan, r *ari.RatePlan) {
	var kept []ari.Season
	told := map[string]spans{}
	for _, x := range p.rates {
		told[x.room] = append(told[x.room], x.span)
	}
	for _, s := range told {
		slices.SortFunc(s, byFrom)
	}
	for _, s := range r.Seasons {
		for _, x := range told[s.RoomType].outside(ari.Dates(s.From, s.To)) {
			if !w.past(x) {
				kept = append(kept, ari.Season{RoomType: s.RoomType, From: x.From, To: x.To})
			}
		}
	}
	for _, x := range p.rates {
		if !w.past(x.span) && len(x.fields) > 0 {
			kept = append(kept, ari.Season{RoomType: x.room, From: x.span.From, To: x.span.To})
		}
	}
	r.Seasons = kept
}

// cut answers the spans without the dates of one.
func cut(spans []ari.Span, out ari.Span) (left []ari.Span) {
	for _, s := range spans {
		if s.To < out.From || s.From > out.To {
			left = append(left, s)
			continue
		}
		if s.From < out.From {
			left = append(left, ari.Dates(s.From, out.From-1))
		}
		if s.To > out.To {
			left = append(left, ari.Dates(out.To+1, s.To))
		}
	}
	return left
}

// remove puts a plan and its versions inactive and unsets what was told of them. One that is not there is gone already.
func (w *planWork) remove(record int, code string) {
	for _, c := range w.cat.PlanCodes {
		r := *w.plan(c)
		if r.Inactive || c != code && (r.Parent != code || len(r.Derive) > 0) {
			continue
		}
		r.Inactive = true
		w.putPlan(record, &r)
		w.out.Statements = append(w.out.Statements, w.planClears(record, c, nil)...)
	}
}

// dropOthers replaces what was told of the connection's plans that a complete set does not name by nothing (S18): without rates they are not
// sellable, and neither are plans that a person derives from them.
func (d *decoder) dropOthers(plans []*plan) {
	restrictions := ari.FieldSet{Family: ari.FamilyRestriction}
	if o := d.cat.Property.RatesOwner; o != "" && o != d.h.Connection() {
		return
	}
	for _, code := range d.cat.PlanCodes {
		r, ext := d.cat.Plans[code], d.h.External(ari.KindRatePlan, code)
		if r.Inactive || ext == "" || len(r.Derive) > 0 || slices.ContainsFunc(plans, func(p *plan) bool { return p.ext == ext || p.code == code }) {
			continue
		}
		d.replace(-1, planScopes(code), ari.Undated, restrictions, ari.FieldSet{Family: ari.FamilyRate})
		d.replace(-1, ari.ScopeSet{Scope: family(code)}, ari.Undated, restrictions)
	}
}
