package otaxml

import (
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// avail reads an AvailStatusMessage: restriction status, lengths of stay, booking limit, and the yield controls that are kept as told.
func (x *itemDecoder) avail(c control) {
	n := x.it.n
	for _, k := range n.kids {
		switch k.name {
		case "StatusApplicationControl", "UniqueID":
		case "LengthsOfStay":
			x.lengthsOfStay(c, k)
		case "RestrictionStatus":
			x.restrictionStatus(c, k)
		case "HurdleRate", "Delta":
			x.unknown(c, k, "", k.name, attrText(k))
		case "BestAvailableRates":
			x.unknown(c, k, "", k.name, string(appendCanonical(nil, k, false)))
		default:
			x.strange(k)
		}
	}
	x.bookingLimit(c, n)
	x.threshold(c, n)
	if _, ok := n.attr("Override"); ok {
		x.ignore(n, "Override")
	}
}

// attrText answers an element's attributes as told, for the text of what cannot be evaluated.
func attrText(n *node) string {
	var b strings.Builder
	for i, a := range n.attrs {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.name + "=" + a.value)
	}
	return b.String()
}

// restrictionStatus reads one RestrictionStatus. Several in one message are taken, though the schema allows one.
func (x *itemDecoder) restrictionStatus(c control, n *node) {
	status, hasStatus := n.attr("Status")
	leads := x.lead(c, n, "MinAdvancedBookingOffset", ari.MinLead, x.p.MinLeadNone)
	leads = x.lead(c, n, "MaxAdvancedBookingOffset", ari.MaxLead, x.p.MaxLeadNone) || leads
	sell, hasSell := x.boolean(n, "SellThroughOpenIndicator")
	if sell {
		x.unknown(c, n, "SellThroughOpenIndicator", "SellThroughOpenIndicator", "true")
	} else if hasSell {
		x.known(c, n, "SellThroughOpenIndicator")
	}
	if hasStatus {
		x.status(c, n, status)
	} else if !leads && !hasSell {
		x.fault(CodeMissing, n, "Status", "", "Open or Close, or a booking offset")
	}
}

// status reads Status and Restriction.
func (x *itemDecoder) status(c control, n *node, status string) {
	fields, spread, ok := x.restriction(c, n, status)
	if !ok {
		return
	}
	switch strings.ToLower(status) {
	case "open", "removecloseonly":
		for _, f := range fields {
			x.set(c, n, f, ari.Num(ari.Open), spread)
		}
	case "close":
		for _, f := range fields {
			x.set(c, n, f, ari.Num(ari.Shut), spread)
		}
	case "closedonarrival":
		if fields[0] == ari.CTD {
			x.fault(CodeContradiction, n, "Restriction", n.get("Restriction"), "Arrival or nothing with ClosedOnArrival")
			return
		}
		x.set(c, n, ari.CTA, ari.Num(ari.Shut), false)
	default: // OnRequest, ClosedOnArrivalOnRequest and what the schema does not know
		x.unknown(c, n, "Status", "RestrictionStatus."+name(status), status+" "+n.get("Restriction"))
	}
}

// restriction answers the fields that Restriction names; spread if it named none and stands for several.
func (x *itemDecoder) restriction(c control, n *node, status string) (fields []ari.Field, spread, ok bool) {
	r, told := n.attr("Restriction")
	switch low := strings.ToLower(r); {
	case !told && x.p.Restriction == "all":
		return []ari.Field{ari.Closed, ari.CTA, ari.CTD}, true, true
	case !told || low == "master":
		return []ari.Field{ari.Closed}, !told, true
	case low == "arrival":
		return []ari.Field{ari.CTA}, false, true
	case low == "departure":
		return []ari.Field{ari.CTD}, false, true
	case strings.EqualFold(status, "Open"): // NonGuarantee, TravelAgent ...: nothing is restricted
		x.known(c, n, "Restriction."+name(r))
	default:
		x.unknown(c, n, "Restriction", "Restriction."+name(r), status)
	}
	return nil, false, false
}

// name makes a told word fit for the name of an unknown kind: it ends at "=" and is short.
func name(s string) string {
	s, _, _ = strings.Cut(s, "=")
	return clip(s, 60)
}

// lead reads an advance booking offset: days (P2D, 2D, 2) or an elapsed time (PT36H). It is told of the arrival date (S16).
func (x *itemDecoder) lead(c control, n *node, attr string, what ari.What, none []int) bool {
	s, ok := n.attr(attr)
	if !ok {
		return false
	}
	f := ari.Restriction(ari.Arrival, what)
	d, good := parseDuration(s, true)
	switch {
	case !good:
		x.fault(CodeValue, n, attr, s, "days such as P2D, or hours such as PT36H")
	case !d.timed && isNone(d.days, none):
		x.clear(c, n, f)
	case d.timed:
		x.set(c, n, f, ari.LeadMinutes(d.days*24*60+d.minutes), false)
	default:
		x.set(c, n, f, ari.LeadDays(d.days, ari.NoTime), false)
	}
	return true
}

func isNone(n int64, none []int) bool {
	for _, v := range none {
		if int64(v) == n {
			return true
		}
	}
	return false
}

// bookingLimit reads BookingLimit with its message type; absent, the type is SetLimit.
func (x *itemDecoder) bookingLimit(c control, n *node) {
	kind := strings.ToLower(n.get("BookingLimitMessageType"))
	_, has := n.attr("BookingLimit")
	v, ok := x.number(n, "BookingLimit", false)
	if !has && kind == "" || has && !ok {
		return
	}
	f := x.limitField(&c)
	switch {
	case kind == "removelimit":
		x.clear(c, n, f)
	case kind != "" && kind != "setlimit" && kind != "adjustlimit":
		x.unknown(c, n, "BookingLimitMessageType", "BookingLimit."+name(n.get("BookingLimitMessageType")), n.get("BookingLimit"))
	case !has:
		x.fault(CodeMissing, n, "BookingLimit", "", "a number of rooms")
	case kind == "adjustlimit" && f.Family() != ari.FamilyCount:
		x.fault(CodeUnsupported, n, "BookingLimitMessageType", "AdjustLimit", "SetLimit: a limit beside the count cannot be adjusted (profile: limit_room, limit_room_rate)")
	case kind == "adjustlimit":
		x.say(c, n, ari.Statement{Verb: ari.Adjust, Field: f, Value: ari.Num(v)}, false)
	default:
		x.set(c, n, f, ari.Num(v), false)
	}
}

// limitField answers what a number of rooms at the control's scope is, and narrows the control to where that is told: the rooms to sell
// of the pool, or a limit of the product.
func (x *itemDecoder) limitField(c *control) ari.Field {
	s := c.scope()
	choice := x.p.LimitRoom
	if s.Rates != ari.AllRates {
		choice = x.p.LimitRoomRate
	}
	if choice == "remaining" || s.Block != "" || s.Channel != "" || s.Rooms == ari.AllRooms && s.Rates != ari.AllRates {
		return ari.Limit(ari.Remaining)
	}
	c.scopes = []ari.Scope{{Rooms: s.Rooms, Room: s.Room}}
	return ari.Count(ari.Net)
}

// threshold reads BookingThreshold, the units down to which may be sold.
func (x *itemDecoder) threshold(c control, n *node) {
	v, ok := x.number(n, "BookingThreshold", true)
	switch {
	case !ok:
	case x.p.Threshold == "hold_back" && v >= 0:
		x.set(c, n, ari.Limit(ari.HoldBack), ari.Num(v), false)
	case v == 0:
		x.known(c, n, "BookingThreshold")
	default:
		x.unknown(c, n, "BookingThreshold", "BookingThreshold", n.get("BookingThreshold"))
	}
}
