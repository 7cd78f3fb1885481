package otaxml

import (
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// planVerb is what a RatePlanNotifType means under the profile.
type planVerb struct {
	remove  bool
	create  bool   // a plan that is not there is made
	anew    bool   // the plan is told anew: one that was removed is sold again
	replace string // "plan", "product_dates", or "" for a change
}

// ratePlan reads a RatePlan of OTA_HotelRatePlanNotifRQ: the plan itself, its booking rules and its amounts.
func (x *itemDecoder) ratePlan() control {
	n := x.it.n
	c := control{n: n, span: ari.Undated}
	code, told := x.code(n, "RatePlanCode")
	if !told {
		if len(x.out.Faults) == 0 {
			x.fault(CodeMissing, n, "RatePlanCode", "", "the rate plan's code")
		}
		return c
	}
	if kind := n.get("RatePlanCodeType"); kind != "" && !strings.EqualFold(kind, "RatePlanCode") {
		x.fault(CodeUnsupported, n, "RatePlanCodeType", kind, "RatePlanCode: one plan, not a group of them")
		return c
	}
	hub := x.lookup(&c, n, "RatePlanCode", ari.KindRatePlan, code)
	c.scopes = []ari.Scope{ari.PlanScope(hub)}
	verb, ok := x.planVerb(n)
	if !ok {
		return c
	}
	r := &planReader{x: x, n: n, c: c, hub: hub, verb: verb}
	r.read()
	return c
}

// planVerb reads RatePlanNotifType; absent, the profile says what it is. AlpineBits 2024-10 calls New Full.
func (x *itemDecoder) planVerb(n *node) (planVerb, bool) {
	told := n.get("RatePlanNotifType")
	kind := strings.ToLower(told)
	if kind == "" {
		kind = x.p.AbsentPlanNotif
	}
	replaces := map[string]string{"replace": "plan", "plan": "plan", "product_dates": "product_dates"} // "merge": nothing
	switch kind {
	case "new", "full":
		return planVerb{create: true, anew: true, replace: replaces[x.p.PlanNew]}, true
	case "overlay":
		return planVerb{create: true, replace: replaces[x.p.PlanOverlay]}, true
	case "delta":
		return planVerb{}, true
	case "remove":
		return planVerb{remove: true}, true
	case "refuse":
		x.fault(CodeMissing, n, "RatePlanNotifType", "", "New, Delta, Overlay or Remove (profile: absent_plan_notif_type)")
	default:
		x.fault(CodeValue, n, "RatePlanNotifType", told, "New, Delta, Overlay or Remove")
	}
	return planVerb{}, false
}

// planReader reads one RatePlan.
type planReader struct {
	x     *itemDecoder
	n     *node
	c     control // the plan in all rooms; its span is the plan's own dates where they are the rates'
	hub   string
	verb  planVerb
	plan  *ari.RatePlan  // as it will be; nil if it is not there
	kinds []ari.FieldSet // of restrictions that its booking rules tell
}

// scopeType tells what of the plan the item is about: RatePlanNotifScopeType.
func (r *planReader) scopeType() (definition, rates bool) {
	switch v := r.n.get("RatePlanNotifScopeType"); strings.ToLower(v) {
	case "":
		return true, true
	case "rateplanonly":
		return true, false
	case "rateonly", "productrateonly":
		return false, true
	case "rateplanandrate", "rateplanandproductrate":
		return true, true
	default:
		r.x.fault(CodeValue, r.n, "RatePlanNotifScopeType", v, "RatePlanOnly, RateOnly, RatePlanAndRate, ProductRateOnly or RatePlanAndProductRate")
	}
	return true, true
}

func (r *planReader) read() {
	x := r.x
	dates := x.planSpan(r.n)
	definition, rates := r.scopeType()
	if r.plan = x.cat.Plans[r.hub]; r.plan == nil && !r.verb.create && !r.verb.remove && len(x.out.Unmapped) == 0 {
		x.fault(ari.CodeUnknownRatePlan, r.n, "RatePlanCode", r.n.get("RatePlanCode"), "a rate plan that is there, or RatePlanNotifType New")
		return
	}
	if r.verb.remove {
		r.remove(dates)
		return
	}
	r.define(definition, dates)
	if r.plan == nil {
		return
	}
	if x.p.PlanDates == "rates" {
		r.c.span = dates
	}
	if r.verb.replace == "plan" {
		r.replaceAll(definition, rates)
	}
	for _, k := range r.n.kids {
		r.part(k, dates)
	}
	r.offers()
	r.conditions()
	if r.verb.replace == "plan" {
		r.replaceRules()
	}
}

// planSpan reads a RatePlan's Start and End.
func (x *itemDecoder) planSpan(n *node) ari.Span {
	span := x.span(n, ari.Undated, false)
	span.Days = ari.AllDays
	return span
}

// planParts are children of a RatePlan that are about contracts and words.
var planParts = map[string]bool{"Commission": true, "Description": true, "UniqueID": true, "HotelRef": true, "RatePlanInclusions": true, "TPA_Extensions": true}

// part reads one child of the RatePlan.
func (r *planReader) part(k *node, dates ari.Span) {
	x := r.x
	switch {
	case k.name == "BookingRules":
		first := len(x.out.Statements)
		x.bookingRules(r.c, k)
		r.ruled(x.out.Statements[first:])
	case k.name == "Rates":
		k.all("Rate", func(n *node) { r.rate(n, dates, "delta") })
	case k.name == "SellableProducts", k.name == "Offers": // read already, or below
	case k.name == "Supplements":
		r.supplements(k)
	case k.name == "DestinationSystemsCode" || k.name == "DestinationSystemCodes":
		x.destined(r.c, k)
	case k.name == "RatePlanShoulders" || k.name == "RatePlanLevelFee":
		x.unknown(r.c, k, "", k.name, string(appendCanonical(nil, k, false)))
	case planParts[k.name]:
		x.ignore(k, "")
	default:
		x.strange(k)
	}
}

// replaceAll says that the plan's amounts, and what was kept of it as told, become unset unless they are told (S18).
func (r *planReader) replaceAll(definition, rates bool) {
	var fields []ari.FieldSet
	if rates {
		fields = append(fields, ari.FieldSet{Family: ari.FamilyRate})
	}
	if definition {
		fields = append(fields, ari.FieldSet{Family: ari.FamilyUnknown})
		if r.x.p.OverlayRules == "all" {
			fields = append(fields, ari.FieldSet{Family: ari.FamilyRestriction})
		}
	}
	r.extend(fields)
}

func (r *planReader) extend(fields []ari.FieldSet) {
	if len(fields) > 0 {
		set := ari.ScopeSet{Scope: ari.PlanScope(r.hub), AnyRooms: true}
		r.x.out.Replace = append(r.x.out.Replace, ari.Extent{Item: r.x.it.Index, Fields: fields, Scopes: set, Span: ari.Undated})
	}
}

// ruled notes the kinds of restrictions that booking rules told.
func (r *planReader) ruled(told []ari.Statement) {
	for i := range told {
		f := ari.FieldSet{Family: ari.FamilyRestriction, Field: told[i].Field}
		if told[i].Field.Family() == ari.FamilyRestriction && !slices.Contains(r.kinds, f) {
			r.kinds = append(r.kinds, f)
		}
	}
}

// replaceRules says of each kind of restriction that a booking rule tells that it replaces what was told of that kind in the plan. An open or
// close beside an amount replaces nothing.
func (r *planReader) replaceRules() {
	if r.x.p.OverlayRules != "all" {
		r.extend(r.kinds)
	}
}

// remove reads RatePlanNotifType Remove: of the rates named, or of the plan.
func (r *planReader) remove(dates ari.Span) {
	x := r.x
	rates := 0
	r.n.all("Rates", func(list *node) {
		list.all("Rate", func(n *node) {
			rates++
			r.rate(n, dates, "remove")
		})
	})
	switch {
	case rates > 0:
	case r.plan == nil:
		x.warn(r.n, "RatePlanCode", r.n.get("RatePlanCode"), "nothing to remove: no such rate plan")
	case x.p.PlanRemove == "amounts":
		r.extend([]ari.FieldSet{{Family: ari.FamilyRate}})
	default:
		gone := *r.plan
		gone.Inactive = true
		x.define(ari.KindRatePlan, r.hub, &gone)
		if r.plan.Inactive {
			x.warn(r.n, "RatePlanNotifType", "Remove", "the plan was not sold already")
		}
	}
	for _, k := range r.n.kids {
		if k.name != "Rates" {
			x.ignore(k, "")
		}
	}
}

// rate reads one Rate of the plan, at the rooms that it names.
func (r *planReader) rate(n *node, dates ari.Span, notif string) {
	x := r.x
	if kind := n.get("InvType"); kind != "" && !strings.EqualFold(kind, "ROOM") {
		x.fault(CodeUnsupported, n, "InvType", kind, "a room: amounts are told of rooms")
		return
	}
	c := r.c
	if c.span == ari.Undated {
		c.span = dates
	}
	if !x.roomsOf(&c, n) {
		return
	}
	if _, ok := n.attr("Start"); !ok && c.span == ari.Undated && notif != "remove" {
		x.fault(CodeMissing, n, "Start", "", "the dates of the rate, here or at the RatePlan")
		return
	}
	rr := &rateReader{x: x, plan: r.plan, hub: r.hub, notif: notif, over: x.p.OverlayExtent}
	if r.verb.replace == "product_dates" && notif == "delta" {
		rr.notif, rr.over = "overlay", "product_dates"
	}
	if !rr.products(c) {
		return
	}
	r.rateStatus(rr, n)
	if adjusts(n) && n.kid("BaseByGuestAmts") == nil && n.kid("AdditionalGuestAmounts") == nil {
		return // its amounts follow from the base plan's: it is in the plan's definition
	}
	rr.rate(n)
}

// rateStatus reads a Rate's Status, an open or close of its products, and what else narrows it.
func (r *planReader) rateStatus(rr *rateReader, n *node) {
	x := r.x
	at := rr.c
	at.span = x.span(n, rr.c.span, false)
	if status, ok := n.attr("Status"); ok {
		x.status(at, n, status)
	}
	if v, _ := x.boolean(n, "ExtraNightIndicator"); v {
		x.unknown(at, n, "ExtraNightIndicator", "ExtraNightIndicator", "true")
	}
}

// supplements keeps supplements that must be paid as told: they are part of the price. Optional ones are not.
func (r *planReader) supplements(list *node) {
	var text []byte
	for _, k := range list.kids {
		switch must, told := r.x.boolean(k, "MandatoryIndicator"); {
		case told && !must:
			r.x.ignore(k, "")
		case len(text) < ari.TextMax:
			text = appendCanonical(text, k, false)
		}
	}
	if len(text) > 0 {
		r.x.unknown(r.c, list, "", "Supplements", string(text))
	} else {
		r.x.known(r.c, list, "Supplements")
	}
}

// offers keeps offers as told, the plan's own and those beside all plans: they change the price.
func (r *planReader) offers() {
	for _, at := range []*node{r.n, r.x.m.root} {
		at.all("Offers", func(k *node) {
			if len(k.kids) > 0 {
				r.x.unknown(r.c, k, "", "Offers", string(appendCanonical(nil, k, false)))
			} else {
				r.x.known(r.c, k, "Offers")
			}
		})
	}
}

// conditions keeps attributes that say who may have the plan or what it costs in ways that are not evaluated.
func (r *planReader) conditions() {
	x, n := r.x, r.n
	for _, a := range []string{"PromotionCode", "PromotionVendorCode", "YieldDeltaAmount", "ExtraNightRatePlanCode"} {
		if v, ok := n.attr(a); ok {
			x.unknown(r.c, n, a, a, v)
		}
	}
	switch v, told := x.boolean(n, "RestrictedDisplayIndicator"); {
	case told && v:
		x.unknown(r.c, n, "RestrictedDisplayIndicator", "RestrictedDisplayIndicator", "true")
	case told:
		x.known(r.c, n, "RestrictedDisplayIndicator")
	}
	switch v, told := n.attr("ChargeTypeCode"); {
	case !told, v == "1", v == "19": // a night
	default:
		x.unknown(r.c, n, "ChargeTypeCode", "ChargeTypeCode", v)
	}
	x.ignoreAttrs(n, "RatePlanType", "RatePlanID", "RatePlanQualifier", "IsCommissionable", "RateReturn", "YieldableIndicator", "MarketCode", "InventoryAllocatedInd",
		"EarliestStartIndicator", "LatestEndIndicator", "AccrualIndicator", "AutoEnrollmentIndicator")
}
