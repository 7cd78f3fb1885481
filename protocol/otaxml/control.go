package otaxml

import (
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// control is what an item's StatusApplicationControl says: where and when.
type control struct {
	n       *node
	scopes  []ari.Scope // one, or one per channel
	span    ari.Span
	skipped string // XPath of a code that the mapping ignores
}

func (c *control) scope() ari.Scope { return c.scopes[0] }

// narrowing are attributes that narrow an item to something less than a scope can say. What is told of a part must not be taken for
// the whole: it is kept as told and cannot be evaluated.
var narrowing = []string{"PromotionCode", "PromotionVendorCode", "RateTier", "RatePlanID", "QuoteID", "SubBlockCode", "WingIdentifier"}

// harmless are attributes of a control that change nothing here.
var harmless = []string{"RatePlanType", "RatePlanQualifier", "InvType", "Override"}

// control reads the StatusApplicationControl. It answers false when the payload is not to be read.
func (x *itemDecoder) control() (control, bool) {
	n := x.it.n.kid("StatusApplicationControl")
	if n == nil {
		x.fault(CodeMissing, x.it.n, "", "", "a StatusApplicationControl")
		return control{}, false
	}
	c := control{n: n, span: x.span(n, ari.Undated, x.m.Kind != KindBookingRule)}
	var s ari.Scope
	x.rooms(&c, &s)
	x.rates(&c, &s)
	x.block(&c, &s)
	c.scopes = x.channels(&c, s)
	for _, a := range harmless {
		if _, ok := n.attr(a); ok {
			x.ignore(n, a)
		}
	}
	if v, ok := x.boolean(n, "IsRoom"); ok && !v {
		x.fault(CodeUnsupported, n, "IsRoom", n.get("IsRoom"), "room inventory")
	}
	return c, len(c.scopes) > 0 && !x.narrowed(&c)
}

// narrowed tells whether the item is about less than its scope, and if so keeps it as told.
func (x *itemDecoder) narrowed(c *control) bool {
	for _, a := range narrowing {
		if v, ok := c.n.attr(a); ok && !x.p.ignorable(a) {
			x.unknown(*c, c.n, a, a, v+" "+string(appendCanonical(nil, x.it.n, false)))
			return true
		}
	}
	if g := x.it.n.get("RoomGender"); g != "" && !x.p.ignorable("RoomGender") {
		x.unknown(*c, x.it.n, "RoomGender", "RoomGender", g)
		return true
	}
	if v, _ := x.boolean(x.it.n, "SharedRoomInd"); v && !x.p.ignorable("SharedRoomInd") {
		x.unknown(*c, x.it.n, "SharedRoomInd", "SharedRoomInd", "true")
		return true
	}
	return false
}

// boolean reads a boolean attribute; anything else is a fault.
func (x *itemDecoder) boolean(n *node, attr string) (value, told bool) {
	s, ok := n.attr(attr)
	if !ok {
		return false, false
	}
	v, good := parseBool(s)
	if !good {
		x.fault(CodeValue, n, attr, s, "true or false")
	}
	return v, good
}

// number reads a whole number attribute; told is false if it is absent or a fault.
func (x *itemDecoder) number(n *node, attr string, signed bool) (value int64, told bool) {
	s, ok := n.attr(attr)
	if !ok {
		return 0, false
	}
	v, good := parseInt(s, signed)
	if !good {
		want := "a whole number from 0 to 999999"
		if signed {
			want = "a whole number from -999999 to 999999"
		}
		x.fault(CodeValue, n, attr, s, want)
	}
	return v, good
}

// code reads a code attribute; blank is a fault.
func (x *itemDecoder) code(n *node, attr string) (code string, told bool) {
	s, ok := n.attr(attr)
	if !ok {
		return "", false
	}
	if err := ari.CheckCode(s); err != nil {
		x.fault(CodeValue, n, attr, s, "a code of 1 to 64 bytes")
		return "", false
	}
	return s, true
}

// lookup turns an external code into the hub's. What is unmapped stands for itself, so that the rest of the item is still judged.
func (x *itemDecoder) lookup(c *control, n *node, attr, kind, ext string) string {
	code, status := x.h.Lookup(kind, ext)
	switch status {
	case Known:
		return code
	case Ignored:
		c.skipped = path(n, attr)
	default:
		u := Unmap{kind, ext, path(n, attr)}
		if !slices.Contains(x.out.Unmapped, u) {
			x.out.Unmapped = append(x.out.Unmapped, u)
		}
	}
	return ext
}

// rooms reads which rooms: InvTypeCode, InvCode, AllInvCode, or none of them for the whole property.
func (x *itemDecoder) rooms(c *control, s *ari.Scope) {
	n := c.n
	attr := "InvTypeCode"
	code, told := x.code(n, "InvTypeCode")
	application := n.get("InvCodeApplication")
	if inv, ok := x.code(n, "InvCode"); ok && !strings.EqualFold(application, "DoesNotApply") {
		switch {
		case x.p.InvCode == "ignore":
			x.ignore(n, "InvCode")
		case x.p.InvCode == "refuse" || told && inv != code:
			x.fault(CodeUnsupported, n, "InvCode", inv, "a room type: single rooms are not told here (profile: inv_code)")
		default:
			code, attr, told = inv, "InvCode", true
		}
	}
	all, allTold := x.boolean(n, "AllInvCode")
	switch {
	case all && told:
		x.fault(CodeContradiction, n, "AllInvCode", "true with "+attr, "all rooms, or one code")
	case allTold && !all && !told:
		x.fault(CodeMissing, n, "InvTypeCode", "", "a room type, since AllInvCode is false")
	case !told:
		s.Rooms = ari.AllRooms
	case attr == "InvCode" && strings.EqualFold(application, "InvGroupingCode"):
		s.Rooms, s.Room = ari.RoomClassKind, x.lookup(c, n, attr, ari.KindRoomClass, code)
	default:
		s.Rooms, s.Room = ari.RoomTypeKind, x.lookup(c, n, attr, ari.KindRoomType, code)
	}
}

// rates reads which rates: RatePlanCode, RatePlanCategory, AllRateCode, or none of them for all.
func (x *itemDecoder) rates(c *control, s *ari.Scope) {
	n := c.n
	code, told := x.code(n, "RatePlanCode")
	kind := n.get("RatePlanCodeType")
	if strings.EqualFold(kind, "DoesNotApply") {
		told = false
	}
	category, byCategory := x.code(n, "RatePlanCategory")
	all, allTold := x.boolean(n, "AllRateCode")
	switch {
	case all && (told || byCategory):
		x.fault(CodeContradiction, n, "AllRateCode", "true with a rate plan", "all rate plans, or one code")
	case allTold && !all && !told && !byCategory && x.m.Kind == KindRateAmountNotif:
		x.fault(CodeMissing, n, "RatePlanCode", "", "a rate plan, since AllRateCode is false")
	case told && strings.EqualFold(kind, "RatePlanGroupingCode"):
		s.Rates, s.Rate = ari.CategoryKind, x.lookup(c, n, "RatePlanCode", ari.KindRateCategory, code)
	case told:
		s.Rates, s.Rate = ari.PlanKind, x.lookup(c, n, "RatePlanCode", ari.KindRatePlan, code)
		if byCategory {
			x.ignore(n, "RatePlanCategory")
		}
	case byCategory:
		s.Rates, s.Rate = ari.CategoryKind, x.lookup(c, n, "RatePlanCategory", ari.KindRateCategory, category)
	}
}

// block reads InvBlockCode: the scope is the block, not transient.
func (x *itemDecoder) block(c *control, s *ari.Scope) {
	code, told := x.code(c.n, "InvBlockCode")
	apply := c.n.get("InvBlockCodeApply")
	switch {
	case strings.EqualFold(apply, "DoesNotApply"):
	case told && strings.EqualFold(apply, "BlockGroupingCode"):
		x.fault(CodeUnsupported, c.n, "InvBlockCodeApply", apply, "one block's code: groups of blocks are not told here")
	case told:
		s.Block = x.lookup(c, c.n, "InvBlockCode", ari.KindBlock, code)
	case strings.EqualFold(apply, "BlockCode"):
		x.fault(CodeMissing, c.n, "InvBlockCode", "", "a block's code, since InvBlockCodeApply is BlockCode")
	}
}

// channelsMax bounds the channels of one item.
const channelsMax = 64

// channels reads DestinationSystemCodes: one scope per channel.
func (x *itemDecoder) channels(c *control, s ari.Scope) []ari.Scope {
	list := c.n.kid("DestinationSystemCodes")
	if list == nil || len(list.kids) == 0 {
		return []ari.Scope{s}
	}
	switch {
	case x.p.Destinations == "ignore":
		x.ignore(list, "")
		return []ari.Scope{s}
	case x.p.Destinations == "refuse" || len(list.kids) > channelsMax:
		x.fault(CodeUnsupported, list, "", "", "no DestinationSystemCodes (profile: destinations), or at most 64")
		return nil
	}
	var out []ari.Scope
	list.all("DestinationSystemCode", func(k *node) {
		code, status := x.h.Lookup(KindChannel, k.text)
		switch {
		case k.text == "":
			x.fault(CodeValue, k, "", "", "a channel's code")
		case status == Known:
			one := s
			one.Channel = code
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		case status == Ignored:
			x.ignore(k, "")
		default:
			x.out.Unmapped = append(x.out.Unmapped, Unmap{KindChannel, k.text, path(k, "")})
			out = append(out, s)
		}
	})
	if len(out) == 0 {
		c.skipped = path(list, "")
	}
	return out
}

// days are OTA's weekday attributes, Monday first, with the spellings that occur beside them.
var days = [7][]string{{"Mon"}, {"Tue"}, {"Weds", "Wed"}, {"Thur", "Thu"}, {"Fri"}, {"Sat"}, {"Sun"}}

// weekdays reads the weekday attributes; all days if none is told.
func (x *itemDecoder) weekdays(n *node) ari.Weekdays {
	var on, off ari.Weekdays
	for i, names := range days {
		for _, name := range names {
			if v, told := x.boolean(n, name); told && v {
				on |= 1 << i
			} else if told {
				off |= 1 << i
			}
		}
	}
	if on|off == 0 {
		return ari.AllDays
	}
	mask := on
	switch {
	case x.p.Weekdays == "absent_is_true", x.p.Weekdays == "absent_is_opposite" && on == 0:
		mask = ari.AllDays &^ off
	}
	if on&off != 0 {
		x.fault(CodeContradiction, n, "", "a weekday both true and false", "each weekday once")
	} else if mask == 0 {
		x.fault(CodeWeekdays, n, "", "no weekday is true", "at least one weekday (profile: weekdays)")
	}
	return mask
}

// span reads Start, End or Duration, and weekdays, inside the span around it. Both ends are nights and included.
func (x *itemDecoder) span(n *node, around ari.Span, required bool) ari.Span {
	start, okStart := x.day(n, "Start", false)
	end, okEnd := x.day(n, "End", true)
	_, hasStart := n.attr("Start")
	_, hasEnd := n.attr("End")
	_, hasDuration := n.attr("Duration")
	out := around
	switch {
	case hasStart && !okStart || hasEnd && !okEnd:
		return out // told already
	case !hasStart && (required || hasEnd || hasDuration):
		x.fault(CodeMissing, n, "Start", "", "the first night")
		return out
	case hasStart:
		out.From, out.To = start, start
		if hasDuration {
			out.To = x.duration(n, start, out.To)
		}
		if hasEnd {
			if hasDuration && out.To != end {
				x.fault(CodeContradiction, n, "Duration", n.get("Duration"), "the number of nights from Start to End")
			}
			out.To = end
		}
	}
	if out.To < out.From {
		x.fault(CodeRangeOrder, n, "End", n.get("End"), "a date not before Start")
	}
	if hasStart && (out.From < around.From || out.To > around.To) {
		x.fault(CodeRangeOrder, n, "Start", n.get("Start")+" .. "+n.get("End"), "dates inside those of the StatusApplicationControl")
	}
	if out.Days = x.weekdays(n) & around.Days; out.Days == 0 && len(x.out.Faults) == 0 {
		x.fault(CodeWeekdays, n, "", "no weekday in common", "weekdays of the StatusApplicationControl")
	}
	return out
}

// day reads a date; an End that the profile calls open has no end.
func (x *itemDecoder) day(n *node, attr string, end bool) (ari.StayDate, bool) {
	s, ok := n.attr(attr)
	if !ok {
		return 0, false
	}
	d, err := parseDay(s, end)
	if err != nil {
		x.fault(CodeDate, n, attr, s, "a date YYYY-MM-DD from 1970-01-01 on, in the hotel's own calendar")
		return 0, false
	}
	if end && slices.Contains(x.p.OpenEnd, d) {
		d = ari.DateMax
	}
	return d, true
}

// duration answers the last night of a span told by its length.
func (x *itemDecoder) duration(n *node, start, fallback ari.StayDate) ari.StayDate {
	s := n.get("Duration")
	d, ok := parseDuration(s, false)
	nights := d.days + d.minutes/(24*60)
	if !ok || d.minutes%(24*60) != 0 || nights < 1 || nights > 366*100 {
		x.fault(CodeValue, n, "Duration", s, "a number of nights such as P3N or P3D")
		return fallback
	}
	return start + ari.StayDate(nights) - 1
}
