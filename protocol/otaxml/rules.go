package otaxml

import (
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// ruleMessage reads a RuleMessage: booking rules at the scope of its StatusApplicationControl. SynXis has them inside the control.
func (x *itemDecoder) ruleMessage(c control) {
	lists := 0
	read := func(k *node) {
		lists++
		x.bookingRules(c, k)
	}
	c.n.all("BookingRules", read)
	for _, k := range x.it.n.kids {
		switch k.name {
		case "StatusApplicationControl", "UniqueID":
		case "BookingRules":
			read(k)
		default:
			x.strange(k)
		}
	}
	if lists == 0 {
		x.fault(CodeMissing, x.it.n, "", "", "BookingRules with at least one BookingRule")
	}
}

// bookingRules reads the rules of a list; InventoryInfo narrows them to rooms.
func (x *itemDecoder) bookingRules(c control, list *node) {
	rules := 0
	if info := list.kid("InventoryInfo"); info != nil {
		if !x.roomsOf(&c, info) {
			return
		}
	}
	for _, k := range list.kids {
		switch k.name {
		case "BookingRule":
			rules++
			x.bookingRule(c, k)
		case "InventoryInfo":
		default:
			x.strange(k)
		}
	}
	if rules == 0 {
		x.fault(CodeMissing, list, "", "", "at least one BookingRule")
	}
}

// roomsOf narrows a control to the rooms that an element names; false if that element's part is to be left out.
func (x *itemDecoder) roomsOf(c *control, n *node) bool {
	own := control{n: n}
	s := c.scope()
	x.rooms(&own, &s)
	if own.skipped != "" {
		x.ignore(n, "")
		return false
	}
	if s.Rooms == ari.AllRooms {
		return true
	}
	scopes := make([]ari.Scope, len(c.scopes))
	for i, at := range c.scopes {
		at.Rooms, at.Room = s.Rooms, s.Room
		scopes[i] = at
	}
	c.scopes = scopes
	return true
}

// ruleNotes are children of a BookingRule that are about contracts, not about what can be sold.
var ruleNotes = map[string]bool{
	"AcceptableGuarantees": true, "CancelPenalties": true, "RequiredPaymts": true, "AddtionalRules": true, "AdditionalRules": true, "Description": true,
	"UniqueID": true, "CheckoutCharge": true, "TPA_Extensions": true,
}

// bookingRule reads one BookingRule: what it restricts, on its own dates.
func (x *itemDecoder) bookingRule(c control, n *node) {
	c.span = x.span(n, c.span, false)
	if code, ok := x.code(n, "Code"); ok && !x.ruleScope(&c, n, code) {
		return
	}
	for _, k := range n.kids {
		switch {
		case k.name == "LengthsOfStay":
			x.lengthsOfStay(c, k)
		case k.name == "RestrictionStatus":
			x.restrictionStatus(c, k)
		case k.name == "DOW_Restrictions":
			x.dowRestrictions(c, k)
		case k.name == "Viewerships": // who may see it: nobody, until that is evaluated
			x.unknown(c, k, "", "Viewerships", string(appendCanonical(nil, k, false)))
		case ruleNotes[k.name]:
			x.ignore(k, "")
		default:
			x.strange(k)
		}
	}
	x.lead(c, n, "MinAdvancedBookingOffset", ari.MinLead, x.p.MinLeadNone)
	x.lead(c, n, "MaxAdvancedBookingOffset", ari.MaxLead, x.p.MaxLeadNone)
	x.ruleFlags(c, n)
	x.ignoreAttrs(n, "ForceGuaranteeOffset", "DepositWaiverOffset", "AddressRequired", "CodeDetail")
}

// ruleScope reads a rule's Code: with CodeContext ROOMTYPE it is about that room type (AlpineBits); another code names the rule.
func (x *itemDecoder) ruleScope(c *control, n *node, code string) bool {
	if !strings.EqualFold(n.get("CodeContext"), "ROOMTYPE") {
		x.ignore(n, "Code")
		return true
	}
	own := control{n: n}
	room := x.lookup(&own, n, "Code", ari.KindRoomType, code)
	if own.skipped != "" {
		x.ignore(n, "")
		return false
	}
	scopes := make([]ari.Scope, len(c.scopes))
	for i, s := range c.scopes {
		s.Rooms, s.Room = ari.RoomTypeKind, room
		scopes[i] = s
	}
	c.scopes = scopes
	return true
}

// ruleFlags reads the attributes that bar a sale in a way that is not evaluated; their neutral values take that back.
func (x *itemDecoder) ruleFlags(c control, n *node) {
	for _, f := range []struct {
		attr    string
		neutral bool
	}{{"GenerallyBookable", true}, {"PriceViewable", true}, {"QualifiedRateYN", false}} {
		v, told := x.boolean(n, f.attr)
		switch {
		case told && v == f.neutral:
			x.known(c, n, f.attr)
		case told:
			x.unknown(c, n, f.attr, f.attr, n.get(f.attr))
		}
	}
	for _, a := range []string{"MinTotalOccupancy", "MaxTotalOccupancy", "MaxContiguousBookings", "AbsoluteDropTime", "AbsoluteCutoff", "OffsetDuration", "OffsetCalculationMode"} {
		if v, ok := n.attr(a); ok && !x.totalOccupancy(c, n, a) {
			x.unknown(c, n, a, a, v)
		}
	}
}

// totalOccupancy reads a bound of guests that holds for the whole plan at all times: then it is the plan's own. It answers false for others.
func (x *itemDecoder) totalOccupancy(c control, n *node, attr string) bool {
	s := c.scope()
	if !strings.HasSuffix(attr, "TotalOccupancy") || x.p.PlanDefinitions == "ignore" || c.span != ari.Undated || s != ari.PlanScope(s.Rate) || x.cat.Plans[s.Rate] == nil {
		return false
	}
	v, ok := x.number(n, attr, false)
	if !ok {
		return true // told already
	}
	if v > guestsMax {
		x.fault(CodeGuests, n, attr, n.get(attr), "0 to 31 guests")
		return true
	}
	plan := *x.cat.Plans[s.Rate]
	if attr == "MinTotalOccupancy" {
		plan.MinOccupancy = int(v)
	} else {
		plan.MaxOccupancy = int(v)
	}
	x.define(ari.KindRatePlan, plan.Code, &plan)
	return true
}

// dowRestrictions reads on which weekdays a stay may arrive, depart and be in the house.
func (x *itemDecoder) dowRestrictions(c control, n *node) {
	for _, k := range n.kids {
		switch k.name {
		case "ArrivalDaysOfWeek":
			x.dow(c, k, ari.CTA)
		case "DepartureDaysOfWeek":
			x.dow(c, k, ari.CTD)
		case "AvailableDaysOfWeek":
			x.dow(c, k, ari.Closed)
		case "RequiredDaysOfWeek":
			if mask, told := x.dowMask(k, false); told && mask != 0 {
				x.unknown(c, k, "", "RequiredDaysOfWeek", attrText(k))
			} else {
				x.known(c, k, "RequiredDaysOfWeek")
			}
		default:
			x.strange(k)
		}
	}
}

// dow says open on the weekdays that are allowed, closed on the others.
func (x *itemDecoder) dow(c control, n *node, f ari.Field) {
	mask, _ := x.dowMask(n, true)
	within := c.span.Days
	for _, part := range []struct {
		days  ari.Weekdays
		value int64
	}{{within & mask, ari.Open}, {within &^ mask, ari.Shut}} {
		if part.days != 0 {
			c.span.Days = part.days
			x.set(c, n, f, ari.Num(part.value), false)
		}
	}
}

// dowMask answers the weekdays that are allowed (or, if absent ones are not, told): an absent attribute is what the profile says. None
// told: all is as if the element were not there.
func (x *itemDecoder) dowMask(n *node, allowed bool) (mask ari.Weekdays, told bool) {
	var on, off ari.Weekdays
	for i, names := range days {
		for _, name := range names {
			switch v, ok := x.boolean(n, name); {
			case ok && v:
				on |= 1 << i
			case ok:
				off |= 1 << i
			}
		}
	}
	switch {
	case on&off != 0:
		x.fault(CodeContradiction, n, "", "a weekday both true and false", "each weekday once")
	case !allowed:
		return on, on|off != 0
	case on|off == 0:
		return ari.AllDays, false
	case x.p.RuleDays == "allowed", x.p.RuleDays == "opposite" && on == 0:
		return ari.AllDays &^ off, true
	}
	return on, true
}
