package otaxml

import (
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// define makes the plan or changes it: only what the item tells changes, whatever the verb, so that a replacement of amounts cannot widen
// who may buy. A plan that is not there is made with what its first amounts show: tax side, basis, per person.
func (r *planReader) define(definition bool, dates ari.Span) {
	x := r.x
	next := &ari.RatePlan{Code: r.hub}
	if r.plan != nil {
		c := *r.plan
		next = &c
	} else {
		x.p.PlanDefaults(next)
		r.infer(next)
	}
	if !definition {
		if r.plan == nil {
			x.fault(ari.CodeUnknownRatePlan, r.n, "RatePlanCode", r.n.get("RatePlanCode"), "a rate plan that is there: RatePlanNotifScopeType says that this item is about amounts only")
		}
		return
	}
	if x.p.PlanDefinitions == "ignore" {
		r.undefined()
		return
	}
	if name := title(r.n, "RatePlanName"); name != "" {
		next.Name = name
	}
	x.statusType(r.n, "RatePlanStatusType", &next.Inactive)
	if r.verb.anew && r.n.get("RatePlanStatusType") == "" {
		next.Inactive = false // it may have been removed; an Overlay of amounts says nothing of that
	}
	r.currency(next)
	r.windows(next, dates)
	if category, ok := x.code(r.n, "RatePlanCategory"); ok {
		next.Category = x.lookup(&r.c, r.n, "RatePlanCategory", ari.KindRateCategory, category)
		x.category(next.Category)
	}
	r.rooms(next)
	r.links(next)
	x.define(ari.KindRatePlan, r.hub, next)
	r.plan = next
}

// undefined says what is left out where the profile takes no definitions.
func (r *planReader) undefined() {
	if r.plan == nil {
		r.x.fault(ari.CodeUnknownRatePlan, r.n, "RatePlanCode", r.n.get("RatePlanCode"), "a rate plan that is there: messages do not make plans here (profile: plan_definitions)")
	}
	r.x.ignoreAttrs(r.n, "RatePlanStatusType", "CurrencyCode", "Start", "End", "RatePlanCategory")
	r.n.all("SellableProducts", func(k *node) { r.x.ignore(k, "") })
	for _, a := range []string{"BaseRatePlanCode", "AdjustedAmount", "AdjustedPercentage"} {
		if v, ok := r.n.attr(a); ok {
			r.x.unknown(r.c, r.n, a, a, v) // its amounts would be another plan's
		}
	}
}

// currency reads the plan's currency. A change of it unsets the amounts (S12), so only an item that tells the plan anew may make one.
func (r *planReader) currency(next *ari.RatePlan) {
	x := r.x
	told := r.n.get("CurrencyCode")
	if told == "" && r.plan == nil {
		told = firstCurrency(r.n)
	}
	was := next.Currency
	if was == "" {
		was = x.cat.Property.Currency
	}
	switch up := strings.ToUpper(told); {
	case up == "" || up == was:
	case !isCurrency(up):
		x.fault(CodeCurrency, r.n, "CurrencyCode", told, "an ISO 4217 code of three letters")
	case r.plan != nil && was == "": // offline: nobody knows the plan's
	case r.plan != nil && !r.verb.create:
		x.fault(CodeCurrency, r.n, "CurrencyCode", told, was+", the plan's currency: RatePlanNotifType New or Overlay changes it")
	default:
		next.Currency = up
	}
}

func isCurrency(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// firstCurrency answers the currency of the first amount that names one.
func firstCurrency(n *node) string {
	for _, k := range n.kids {
		switch k.name {
		case "Rates", "Rate", "BaseByGuestAmts", "BaseByGuestAmt":
			if c := k.get("CurrencyCode"); c != "" {
				return c
			}
			if c := firstCurrency(k); c != "" {
				return c
			}
		}
	}
	return ""
}

// windows reads the plan's stay window.
func (r *planReader) windows(next *ari.RatePlan, dates ari.Span) {
	if r.x.p.PlanDates != "window" || dates == ari.Undated {
		return
	}
	from, to := dates.From, dates.To
	next.StayFrom, next.StayTo = &from, nil
	if _, told := r.n.attr("End"); (told || r.n.get("Duration") != "") && to != ari.DateMax {
		next.StayTo = &to
	}
}

// rooms reads SellableProducts: the room types that the plan is offered on. A Delta adds to them.
func (r *planReader) rooms(next *ari.RatePlan) {
	x := r.x
	var told []string
	lists := 0
	r.n.all("SellableProducts", func(list *node) {
		lists++
		for _, k := range list.kids {
			if k.name != "SellableProduct" || !x.isRoom(k) {
				continue
			}
			own := control{n: k}
			var s ari.Scope
			x.rooms(&own, &s)
			switch {
			case own.skipped != "":
				x.ignore(k, "")
			case s.Rooms != ari.RoomTypeKind:
				x.fault(CodeMissing, k, "InvTypeCode", "", "a room type's code")
			case len(x.out.Unmapped) == 0 && x.cat.RoomTypes[s.Room] == nil:
				x.fault(ari.CodeUnknownRoomType, k, "InvTypeCode", s.Room, "a room type of the property")
			case !slices.Contains(told, s.Room):
				told = append(told, s.Room)
			}
		}
	})
	switch {
	case lists == 0 || len(told) == 0:
	case r.plan != nil && !r.verb.create && len(next.RoomTypes) == 0: // offered on all already
	case r.plan != nil && !r.verb.create:
		next.RoomTypes = slices.Clone(next.RoomTypes)
		for _, code := range told {
			if !slices.Contains(next.RoomTypes, code) {
				next.RoomTypes = append(next.RoomTypes, code)
			}
		}
	default:
		next.RoomTypes = told
	}
}

// infer gives a new plan what its amounts show of it.
func (r *planReader) infer(next *ari.RatePlan) {
	var before, after bool
	tiers := map[int]bool{}
	nights := int64(0)
	r.n.all("Rates", func(list *node) {
		list.all("Rate", func(n *node) {
			if t := rateNights(n); t > 1 {
				nights = t
			}
			lo, okLo := parseInt(n.get("MinLOS"), false)
			hi, okHi := parseInt(n.get("MaxLOS"), false)
			if okLo && !isNone(lo, r.x.p.MinLOSNone) || okHi && !isNone(hi, r.x.p.MaxLOSNone) {
				tiers[int(max(lo, 1))] = true
			} else {
				tiers[1] = true
			}
			for _, b := range grandkids(n, "BaseByGuestAmts", "BaseByGuestAmt") {
				_, x := b.attr("AmountBeforeTax")
				_, y := b.attr("AmountAfterTax")
				before, after = before || x, after || y
				t, _, _ := strings.Cut(b.get("Type"), ".")
				next.PerPerson = next.PerPerson || t == "7"
			}
		})
	})
	next.Tax = inferTax(r.x.p.TaxSide, before, after)
	switch {
	case nights > 1 && nights <= 365:
		next.Basis, next.Period = ari.BasisPeriod, int(nights)
	case r.x.p.RateLOS == "tier" && (len(tiers) > 1 || len(tiers) == 1 && !tiers[1]):
		next.Basis = ari.BasisLOSTier
		for t := range tiers {
			next.Tiers = append(next.Tiers, min(t, 255))
		}
		slices.Sort(next.Tiers)
		next.Tiers = slices.Compact(next.Tiers)
	}
}

func inferTax(side string, before, after bool) string {
	switch {
	case before && after:
		return ari.TaxBoth
	case side == "before", side == "as_told" && before:
		return ari.TaxBefore
	}
	return ""
}

// rateNights answers how many nights a Rate's amounts are for; 0 if it does not say.
func rateNights(n *node) int64 {
	times, ok := parseInt(n.get("UnitMultiplier"), false)
	if !ok {
		times = 1
	}
	switch strings.ToLower(n.get("RateTimeUnit")) {
	case "week":
		return times * 7
	case "day":
		return times
	case "":
		if ok {
			return times
		}
	}
	return 0
}

func grandkids(n *node, list, item string) (out []*node) {
	n.all(list, func(l *node) {
		l.all(item, func(k *node) { out = append(out, k) })
	})
	return out
}

// adjustments are the attributes that make amounts follow from another plan's.
var adjustments = []string{"BaseRatePlanCode", "AdjustedAmount", "AdjustedPercentage", "FloorAmount", "CeilingAmount", "AdjustUpIndicator"}

func adjusts(n *node) bool {
	return slices.ContainsFunc(adjustments, func(a string) bool { _, ok := n.attr(a); return ok })
}

// links reads base and derived plans: of the whole plan, and of rates on some dates and rooms (S13). The first rule that matches wins, so
// rates come before the plan.
func (r *planReader) links(next *ari.RatePlan) {
	x := r.x
	var rules []ari.DeriveRule
	parent := ""
	for _, n := range append(grandkids(r.n, "Rates", "Rate"), r.n) {
		if !adjusts(n) {
			continue
		}
		if ext, ok := x.code(n, "BaseRatePlanCode"); ok {
			hub := x.lookup(&r.c, n, "BaseRatePlanCode", ari.KindRatePlan, ext)
			if parent != "" && parent != hub {
				x.fault(CodeUnsupported, n, "BaseRatePlanCode", ext, "one base plan: a plan is derived from one")
			}
			parent = hub
		}
		if rule, ok := r.rule(n); ok {
			rules = append(rules, rule)
		}
	}
	switch {
	case parent == "" && len(rules) == 0:
		return
	case parent == "" && next.Parent == "":
		x.fault(CodeMissing, r.n, "BaseRatePlanCode", "", "the plan that the adjustment is of")
		return
	case parent != "" && parent != next.Parent:
		next.Parent = parent
		all := x.p.DerivedInherits == "all"
		next.Inherit = ari.Inherit{Closed: all, CTACTD: all, LOS: all, Lead: all, Limits: all}
		r.likeParent(next)
	}
	if len(rules) > 0 {
		r.sides(next, rules)
		next.Derive = rules
	}
}

// likeParent gives a new derived plan what it must share with its base plan; of one that is there, ari says what does not fit.
func (r *planReader) likeParent(next *ari.RatePlan) {
	p := r.x.cat.Plans[next.Parent]
	if p == nil {
		if len(r.x.out.Unmapped) == 0 {
			r.x.fault(ari.CodeUnknownRatePlan, r.n, "BaseRatePlanCode", r.n.get("BaseRatePlanCode"), "a rate plan of the property")
		}
		return
	}
	if r.plan == nil {
		next.Currency, next.Tax, next.Basis, next.Tiers, next.Period, next.PerPerson = p.Currency, p.Tax, p.Basis, p.Tiers, p.Period, p.PerPerson
	}
}

// rule reads one adjustment: percent, amount, floor and ceiling, on its dates and rooms.
func (r *planReader) rule(n *node) (ari.DeriveRule, bool) {
	x := r.x
	var rule ari.DeriveRule
	percent, hasPercent := r.adjusted(n, "AdjustedPercentage")
	amount, hasAmount := r.adjusted(n, "AdjustedAmount")
	floor, hasFloor := r.guard(n, "FloorAmount")
	ceiling, hasCeiling := r.guard(n, "CeilingAmount")
	if !hasPercent && !hasAmount && !hasFloor && !hasCeiling { // the same amounts
		return rule, false
	}
	rule.Percent, rule.Amount, rule.Min, rule.Max = percent, amount, floor, ceiling
	if rule.Percent < -100*ari.AmountUnit {
		x.fault(CodeAmount, n, "AdjustedPercentage", n.get("AdjustedPercentage"), "a reduction of at most 100")
	}
	if floor != nil && ceiling != nil && *floor > *ceiling {
		x.fault(CodeAmount, n, "CeilingAmount", n.get("CeilingAmount"), "FloorAmount or more")
	}
	if n != r.n {
		r.ruleWhere(n, &rule)
	}
	return rule, true
}

// sides gives adjustments by an amount their tax side where the plan tells both: the profile's, else after tax, which is what guests pay.
func (r *planReader) sides(next *ari.RatePlan, rules []ari.DeriveRule) {
	if next.Tax != ari.TaxBoth {
		return
	}
	for i := range rules {
		switch {
		case rules[i].Amount == 0:
		case r.x.p.TaxSide == "before":
			rules[i].Side = ari.TaxBefore
		default:
			rules[i].Side = ari.TaxAfter
		}
	}
}

// ruleWhere narrows a rule to a Rate's dates and rooms.
func (r *planReader) ruleWhere(n *node, rule *ari.DeriveRule) {
	x := r.x
	span := x.span(n, ari.Undated, false)
	if span.From != ari.DateMin {
		from := span.From
		rule.From = &from
	}
	if span.To != ari.DateMax {
		to := span.To
		rule.To = &to
	}
	if span.Days != ari.AllDays {
		rule.Days = span.Days.Names()
	}
	own := control{n: n}
	var s ari.Scope
	x.rooms(&own, &s)
	switch s.Rooms {
	case ari.RoomTypeKind:
		rule.RoomTypes = []string{s.Room}
		if len(x.out.Unmapped) == 0 && x.cat.RoomTypes[s.Room] == nil {
			x.fault(ari.CodeUnknownRoomType, n, "InvTypeCode", s.Room, "a room type of the property")
		}
	case ari.RoomClassKind:
		rule.RoomTypes = roomTypesOf(x.cat, r.hub, s.Room)
	}
}

// adjusted reads an adjustment with its direction.
func (r *planReader) adjusted(n *node, attr string) (ari.Amount, bool) {
	x := r.x
	s, told := n.attr(attr)
	if !told {
		return 0, false
	}
	a, err := ari.ParseAmount(strings.TrimPrefix(s, "+"))
	if err != nil {
		x.fault(CodeAmount, n, attr, s, `a decimal such as "10" or "-12.50", at most 4 fractional digits`)
		return 0, false
	}
	up, hasUp := x.boolean(n, "AdjustUpIndicator")
	switch {
	case a < 0 && hasUp && up:
		x.fault(CodeContradiction, n, "AdjustUpIndicator", "true with "+s, "one direction")
	case a < 0 || strings.HasPrefix(s, "+") && !hasUp || a == 0:
	case !hasUp && x.p.AbsentAdjustUp == "refuse":
		x.fault(CodeMissing, n, "AdjustUpIndicator", "", "true or false, or a sign (profile: absent_adjust_up)")
	case hasUp && !up, !hasUp && x.p.AbsentAdjustUp == "down":
		a = -a
	}
	return a, true
}

func (r *planReader) guard(n *node, attr string) (*ari.Amount, bool) {
	s, told := n.attr(attr)
	if !told {
		return nil, false
	}
	a, err := ari.ParseAmount(s)
	if err != nil || a < 0 {
		r.x.fault(CodeAmount, n, attr, s, `a decimal such as "80.00", not negative, at most 4 fractional digits`)
		return nil, false
	}
	return &a, true
}
