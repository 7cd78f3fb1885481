package otaxml

import (
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// rateReader reads the rates of one item: of one plan on the room types that the item is about.
type rateReader struct {
	x     *itemDecoder
	c     control // its scopes are products
	plan  *ari.RatePlan
	hub   string // the plan's hub code
	notif string // delta, overlay or remove
	over  string // what an overlay or remove replaces: as Profile.OverlayExtent
}

// rateAmount reads a RateAmountMessage.
func (x *itemDecoder) rateAmount(c control) {
	r := &rateReader{x: x, hub: c.scope().Rate, over: x.p.OverlayExtent}
	r.plan = x.cat.Plans[r.hub]
	if !r.products(c) || !r.notifType() || !r.pricing(c.n) {
		return
	}
	if _, ok := x.m.root.attr("NotifScopeType"); ok {
		x.ignore(x.m.root, "NotifScopeType")
	}
	rates := 0
	for _, k := range x.it.n.kids {
		switch k.name {
		case "StatusApplicationControl", "UniqueID":
		case "Rates":
			k.all("Rate", func(n *node) {
				rates++
				r.rate(n)
			})
		default:
			x.strange(k)
		}
	}
	if rates == 0 && r.notif != "remove" {
		x.fault(CodeMissing, x.it.n, "", "", "Rates with at least one Rate")
	} else if rates == 0 {
		r.extent(r.c.span)
	}
}

// products turns the control's scope into products: rates are told at room type and plan only.
func (r *rateReader) products(c control) bool {
	x, s := r.x, c.scope()
	if s.Rates != ari.PlanKind {
		x.fault(CodeMissing, c.n, "RatePlanCode", "", "one rate plan: amounts are told of a plan")
		return false
	}
	if len(x.out.Unmapped) > 0 {
		r.c = c
		return true // judged as told, then parked
	}
	rooms := []string{s.Room}
	if s.Rooms != ari.RoomTypeKind {
		rooms = roomTypesOf(x.cat, s.Rate, s.Room)
	}
	if len(rooms) == 0 {
		x.fault(ari.CodeUnknownRatePlan, c.n, "RatePlanCode", c.n.get("RatePlanCode"), "a rate plan that is offered on a room type here")
		return false
	}
	r.c = c
	r.c.scopes = nil
	for _, at := range c.scopes {
		for _, room := range rooms {
			p := ari.Product(room, s.Rate)
			p.Channel, p.Block = at.Channel, at.Block
			r.c.scopes = append(r.c.scopes, p)
		}
	}
	if s.Channel != "" { // rates of one channel: kept as told, no other channel is touched
		x.unknown(r.c, c.n, "", "ChannelRate", string(appendCanonical(nil, x.it.n, false)))
		return false
	}
	return true
}

// pricing reads RatePlanType, where it says that amounts are by arrival and length of stay. An amount of so many nights must not be taken for
// a night's.
func (r *rateReader) pricing(control *node) bool {
	t, _, _ := strings.Cut(control.get("RatePlanType"), ".")
	if r.x.p.LOSPricing != "type_26" || t != "26" || r.plan == nil || r.plan.Basis == ari.BasisArrivalLOS {
		return true
	}
	r.x.fault(ari.CodeRateBasis, control, "RatePlanType", t, "amounts by the night: the plan is not priced by arrival and length of stay")
	return false
}

// notifType reads NotifType; absent, UniqueID may say FullLoad or DeltaLoad (SynXis), else the profile says what it is.
func (r *rateReader) notifType() bool {
	told := r.x.m.root.get("NotifType")
	r.notif = strings.ToLower(told)
	switch load := strings.ToLower(r.x.m.Instance); {
	case r.notif != "":
	case load == "deltaload":
		r.notif = "delta"
	case load == "fullload":
		r.notif = "overlay"
	default:
		r.notif = r.x.p.AbsentNotif
	}
	switch r.notif {
	case "delta", "overlay", "remove":
		return true
	case "refuse":
		r.x.fault(CodeMissing, r.x.m.root, "NotifType", "", "Delta, Overlay or Remove (profile: absent_notif_type)")
	default:
		r.x.fault(CodeValue, r.x.m.root, "NotifType", told, "Delta, Overlay or Remove")
	}
	return false
}

// extent says what an Overlay or a Remove replaces (S18): all rate fields of the products, or of the whole plan.
func (r *rateReader) extent(span ari.Span) {
	if r.over != "product_dates" {
		span = ari.Undated
	}
	for _, s := range r.c.scopes {
		set := ari.ScopeSet{Scope: s}
		if r.over == "plan" {
			set = ari.ScopeSet{Scope: ari.PlanScope(r.hub), AnyRooms: true}
			set.Scope.Block = s.Block
		}
		e := ari.Extent{Item: r.x.it.Index, Fields: []ari.FieldSet{{Family: ari.FamilyRate}}, Scopes: set, Span: span}
		if !hasExtent(r.x.out.Replace, e) {
			r.x.out.Replace = append(r.x.out.Replace, e)
		}
	}
}

func hasExtent(list []ari.Extent, e ari.Extent) bool {
	for _, o := range list {
		if o.Scopes == e.Scopes && o.Span == e.Span {
			return true
		}
	}
	return false
}

// rateRow is one Rate with what its attributes say.
type rateRow struct {
	n    *node
	c    control // the rate's own dates
	los  uint8   // tier
	side uint8   // of the base amounts read so far
	lo   int64   // MinGuestApplicable .. MaxGuestApplicable; 0, 0 if not told
	hi   int64
}

// descriptive are children of a Rate that say nothing of the amount.
var descriptive = map[string]bool{
	"GuaranteePolicies": true, "CancelPolicies": true, "PaymentPolicies": true, "RateDescription": true, "UniqueID": true, "MealsIncluded": true,
	"TPA_Extensions": true, "MarketCode": true, "Commission": true, "MethodInfo": true,
}

// rate reads one Rate.
func (r *rateReader) rate(n *node) { r.row(n, r.x.span(n, r.c.span, false)) }

// row reads one Rate, or what is like one, on its dates.
func (r *rateReader) row(n *node, span ari.Span) {
	x := r.x
	row := rateRow{n: n, c: r.c}
	row.c.span = span
	r.period(n)
	r.lengths(&row)
	r.currency(n)
	row.lo, _ = x.number(n, "MinGuestApplicable", false)
	row.hi, _ = x.number(n, "MaxGuestApplicable", false)
	if _, ok := n.attr("RateChangeIndicator"); ok {
		x.ignore(n, "RateChangeIndicator")
	}
	for _, a := range []string{"RateTier", "StayOverDate"} {
		if v, ok := n.attr(a); ok {
			x.unknown(row.c, n, a, "Rate."+a, v)
		}
	}
	r.units(&row)
	amounts := r.amounts(&row)
	switch {
	case amounts == 0 && r.notif == "remove":
		r.extent(row.c.span)
	case amounts == 0:
		x.fault(CodeMissing, n, "", "", "BaseByGuestAmts or AdditionalGuestAmounts")
	case r.notif == "overlay":
		r.extent(row.c.span)
	}
}

// amounts reads a Rate's children and answers how many amounts there are. Base amounts come first, whatever their order: the extra
// ones may take their tax side.
func (r *rateReader) amounts(row *rateRow) (count int) {
	for _, k := range row.n.kids {
		switch {
		case k.name == "BaseByGuestAmts":
			k.all("BaseByGuestAmt", func(a *node) { count++; r.base(row, a) })
		case k.name == "AdditionalGuestAmounts", k.name == "DaysOfWeeks":
		case k.name == "Fees" || k.name == "AdditionalCharges":
			r.x.unknown(row.c, k, "", k.name, string(appendCanonical(nil, k, false)))
		case descriptive[k.name]:
			r.x.ignore(k, "")
		default:
			r.x.strange(k)
		}
	}
	row.n.all("AdditionalGuestAmounts", func(k *node) {
		k.all("AdditionalGuestAmount", func(a *node) { count++; r.additional(row, a) })
	})
	return count
}

// units reads NumberOfUnits, a cap of the plan.
func (r *rateReader) units(row *rateRow) {
	v, ok := r.x.number(row.n, "NumberOfUnits", false)
	switch {
	case !ok:
	case r.x.p.NumberOfUnits == "remaining":
		r.x.set(row.c, row.n, ari.Limit(ari.Remaining), ari.Num(v), false)
	default:
		r.x.unknown(row.c, row.n, "NumberOfUnits", "NumberOfUnits", row.n.get("NumberOfUnits"))
	}
}

// period checks RateTimeUnit and UnitMultiplier against the plan: an amount is for one night, or for the plan's number of nights (S12).
func (r *rateReader) period(n *node) {
	unit, hasUnit := n.attr("RateTimeUnit")
	times, hasTimes := r.x.number(n, "UnitMultiplier", false)
	if !hasTimes {
		times = 1
	}
	nights := times
	switch strings.ToLower(unit) {
	case "", "day":
	case "week":
		nights = times * 7
	default:
		r.x.fault(ari.CodeRateBasis, n, "RateTimeUnit", unit, "Day or Week")
		return
	}
	want := int64(1)
	if r.plan == nil {
		return
	}
	if r.plan.Basis == ari.BasisPeriod {
		want = int64(r.plan.Period)
		if !hasUnit && !hasTimes {
			r.x.fault(CodeMissing, n, "UnitMultiplier", "", "the number of nights of the amount: the plan is priced for "+strconv.Itoa(r.plan.Period))
			return
		}
	}
	if nights != want {
		r.x.fault(ari.CodeRateBasis, n, "UnitMultiplier", n.get("UnitMultiplier")+" "+unit, "an amount for "+strconv.FormatInt(want, 10)+" night(s), as the plan is priced")
	}
}

// lengths reads Rate/@MinLOS and @MaxLOS: the tier of a plan priced by length of stay; otherwise only what restricts nothing, unless
// the profile reads restrictions.
func (r *rateReader) lengths(row *rateRow) {
	x, n := r.x, row.n
	lo, hasLo := x.number(n, "MinLOS", false)
	hi, hasHi := x.number(n, "MaxLOS", false)
	none := (!hasLo || isNone(lo, x.p.MinLOSNone)) && (!hasHi || isNone(hi, x.p.MaxLOSNone))
	switch {
	case r.plan != nil && r.plan.Basis == ari.BasisLOSTier:
		r.tier(row, lo, hi, hasHi && !isNone(hi, x.p.MaxLOSNone))
	case r.plan != nil && r.plan.Basis == ari.BasisArrivalLOS:
		if lo != hi || lo < 1 || lo > 255 {
			x.fault(ari.CodeRateBasis, n, "MinLOS", n.get("MinLOS")+" .. "+n.get("MaxLOS"), "MinLOS = MaxLOS, 1 to 255: the plan is priced by arrival and length of stay")
		}
		row.los = uint8(lo)
	case none:
	case x.p.RateLOS == "restriction" && (lo > losMax || hi > losMax):
		x.fault(CodeNights, n, "MinLOS", n.get("MinLOS")+" .. "+n.get("MaxLOS"), "at most 999 nights")
	case x.p.RateLOS == "restriction":
		if hasLo && !isNone(lo, x.p.MinLOSNone) {
			x.set(row.c, n, ari.MinLOSArrival, ari.Num(lo), false)
		}
		if hasHi && !isNone(hi, x.p.MaxLOSNone) {
			x.set(row.c, n, ari.MaxLOSArrival, ari.Num(hi), false)
		}
	default:
		x.fault(ari.CodeRateBasis, n, "MinLOS", n.get("MinLOS")+" .. "+n.get("MaxLOS"), "no lengths of stay: the plan is not priced by them (profile: rate_los)")
	}
}

// tier finds the plan's tier: MinLOS starts it, MaxLOS, if told, ends just before the next one.
func (r *rateReader) tier(row *rateRow, lo, hi int64, hasHi bool) {
	lo = max(lo, 1)
	for i, t := range r.plan.Tiers {
		if int64(t) != lo {
			continue
		}
		last := i == len(r.plan.Tiers)-1
		if hasHi && (last || hi != int64(r.plan.Tiers[i+1])-1) {
			r.x.fault(ari.CodeRateBasis, row.n, "MaxLOS", row.n.get("MaxLOS"), "the end of the plan's tier that starts at "+strconv.Itoa(t)+" nights")
		}
		row.los = uint8(min(t, 255))
		return
	}
	r.x.fault(ari.CodeRateBasis, row.n, "MinLOS", row.n.get("MinLOS"), "the start of one of the plan's tiers")
}

// currency refuses another currency than the plan's: it is never converted (S12).
func (r *rateReader) currency(n *node) {
	told, ok := n.attr("CurrencyCode")
	if !ok {
		return
	}
	want := r.x.cat.Property.Currency
	if r.plan != nil && r.plan.Currency != "" {
		want = r.plan.Currency
	}
	if want != "" && !strings.EqualFold(told, want) {
		r.x.fault(CodeCurrency, n, "CurrencyCode", told, want+", the plan's currency")
	}
}

// Age qualifying codes that are read.
const (
	agedInfant = "7"
	agedChild  = "8"
	agedAdult  = "10"
)

// base reads a BaseByGuestAmt: the amount of a number of adults, or of a child.
func (r *rateReader) base(row *rateRow, n *node) {
	x := r.x
	r.currency(n)
	r.perPerson(n)
	v, ok := r.baseAmount(row, n)
	if !ok {
		return
	}
	row.side |= v.Form
	switch age, _, _ := strings.Cut(n.get("AgeQualifyingCode"), "."); age {
	case "", agedAdult:
		if n.get("MinAge")+n.get("MaxAge") != "" && age == "" {
			r.child(row, n, agedChild, v)
			return
		}
		r.adults(row, n, v)
	case agedChild, agedInfant:
		if g := n.get("NumberOfGuests"); g != "" && g != "1" {
			x.fault(CodeGuests, n, "NumberOfGuests", g, "1: amounts of children are told one by one")
			return
		}
		r.child(row, n, age, v)
	default:
		x.fault(CodeUnsupported, n, "AgeQualifyingCode", n.get("AgeQualifyingCode"), "10 adult, 8 child or 7 infant")
	}
}

// perPerson checks BaseByGuestAmt/@Type against the plan: 7 is per person, 25 per room.
func (r *rateReader) perPerson(n *node) {
	t, told := n.attr("Type")
	if !told || r.plan == nil {
		return
	}
	t, _, _ = strings.Cut(t, ".")
	if t == "7" && r.plan.PerPerson || t == "25" && !r.plan.PerPerson {
		return
	}
	want := "25, per room, as the plan is priced"
	if r.plan.PerPerson {
		want = "7, per person, as the plan is priced"
	}
	r.x.fault(ari.CodeRateBasis, n, "Type", t, want)
}

// guestsMax is the largest occupancy that a rate key can name.
const guestsMax = 31

// adults says an amount of its number of adults; absent, the profile says of whom.
func (r *rateReader) adults(row *rateRow, n *node, v ari.Value) {
	x := r.x
	if _, told := n.attr("NumberOfGuests"); told {
		g, ok := x.number(n, "NumberOfGuests", false)
		if ok && (g < 1 || g > guestsMax || row.lo > 0 && g < row.lo || row.hi > 0 && g > row.hi) {
			x.fault(CodeGuests, n, "NumberOfGuests", n.get("NumberOfGuests"), "1 to 31 guests, within MinGuestApplicable and MaxGuestApplicable")
		} else if ok {
			r.amount(row, n, r.c.scopes, ari.RateKey{Class: ari.Adults, N: uint8(g)}, v, false)
		}
		return
	}
	if row.lo > 0 || row.hi > 0 {
		r.guestRange(row, n, r.c.scopes, max(row.lo, 1), row.hi, v)
		return
	}
	if x.p.AbsentGuests == "refuse" {
		x.fault(CodeMissing, n, "NumberOfGuests", "", "the number of guests of the amount (profile: absent_guests)")
		return
	}
	for _, s := range r.c.scopes { // the room type's occupancy decides
		one := []ari.Scope{s}
		if x.p.AbsentGuests == "every" {
			r.guestRange(row, n, one, 1, int64(r.maxAdults(s.Room)), v)
			continue
		}
		r.amount(row, n, one, ari.RateKey{Class: ari.Adults, N: r.baseOccupancy(s.Room)}, v, true)
	}
}

func (r *rateReader) guestRange(row *rateRow, n *node, scopes []ari.Scope, lo, hi int64, v ari.Value) {
	if lo < 1 || hi < lo || hi > guestsMax {
		r.x.fault(CodeGuests, n, "NumberOfGuests", "", "a number of guests, since the room type has no largest occupancy of 1 to 31")
		return
	}
	for g := lo; g <= hi; g++ {
		r.amount(row, n, scopes, ari.RateKey{Class: ari.Adults, N: uint8(g)}, v, true)
	}
}

// baseOccupancy answers how many adults an amount without number is for: the plan's base, else the room type's standard, else 2.
func (r *rateReader) baseOccupancy(room string) uint8 {
	if r.plan != nil && r.plan.BaseOccupancy > 0 {
		return uint8(min(r.plan.BaseOccupancy, guestsMax))
	}
	if t := r.x.cat.RoomTypes[room]; t != nil && t.StdOccupancy > 0 {
		return uint8(min(t.StdOccupancy, guestsMax))
	}
	return 2
}

func (r *rateReader) maxAdults(room string) int {
	t := r.x.cat.RoomTypes[room]
	switch {
	case t == nil:
		return 0
	case t.MaxAdults > 0:
		return t.MaxAdults
	}
	return t.MaxOccupancy
}

// amount says a rate, or with NotifType Remove takes it back.
func (r *rateReader) amount(row *rateRow, n *node, scopes []ari.Scope, key ari.RateKey, v ari.Value, spread bool) {
	key.LOS = row.los
	c := row.c
	c.scopes = scopes
	if r.notif == "remove" {
		r.x.say(c, n, ari.Statement{Verb: ari.Clear, Field: key.Field()}, spread)
		return
	}
	r.x.set(c, n, key.Field(), v, spread)
}
