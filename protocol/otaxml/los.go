package otaxml

import (
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// losReader gathers the LengthsOfStay of one item: patterns and fixed lengths are told in pieces.
type losReader struct {
	x     *itemDecoder
	c     control
	list  *node
	when  ari.When // of SetMinLOS and SetMaxLOS
	other ari.When // of fixed lengths and patterns: arrival unless told otherwise

	bits     uint64 // pieces of a pattern, LOS by LOS
	told     uint64
	pieces   bool
	fixed    uint64
	fixedOne int64
}

// lengthsOfStay reads LengthsOfStay.
func (x *itemDecoder) lengthsOfStay(c control, n *node) {
	r := &losReader{x: x, c: c, list: n, when: ari.Arrival, other: ari.Arrival}
	arrival, told := x.boolean(n, "ArrivalDateBased")
	if told && !arrival {
		r.other = ari.Night
	}
	switch x.p.SetLOS {
	case "through":
		r.when = ari.Night
	case "attribute":
		if told && !arrival || !told && x.p.ArrivalBased == "through" {
			r.when = ari.Night
		}
	}
	for _, k := range n.kids {
		if k.name == "LengthOfStay" {
			r.one(k)
		} else {
			x.strange(k)
		}
	}
	r.finish()
}

// one reads one LengthOfStay.
func (r *losReader) one(n *node) {
	kind, ok := n.attr("MinMaxMessageType")
	if !ok {
		r.x.fault(CodeMissing, n, "MinMaxMessageType", "", "SetMinLOS, SetMaxLOS, SetForwardMinStay ...")
		return
	}
	switch strings.ToLower(strings.ReplaceAll(kind, " ", "")) { // 2003B spells one "RemoveForward MinStay"
	case "setminlos", "minlos":
		r.bound(n, r.when, ari.MinLOS, r.x.p.MinLOSNone)
	case "setmaxlos", "maxlos":
		r.bound(n, r.when, ari.MaxLOS, r.x.p.MaxLOSNone)
	case "setforwardminstay":
		r.bound(n, ari.Night, ari.MinLOS, r.x.p.MinLOSNone)
	case "setforwardmaxstay":
		r.bound(n, ari.Night, ari.MaxLOS, r.x.p.MaxLOSNone)
	case "removeminlos":
		r.clear(n, r.when, ari.MinLOS)
	case "removemaxlos":
		r.clear(n, r.when, ari.MaxLOS)
	case "removeforwardminstay":
		r.clear(n, ari.Night, ari.MinLOS)
	case "removeforwardmaxstay":
		r.clear(n, ari.Night, ari.MaxLOS)
	case "fixedlos":
		r.fix(n)
	case "fullpatternlos":
		r.pattern(n)
	default:
		r.x.unknown(r.c, n, "MinMaxMessageType", "LengthOfStay."+name(kind), attrText(n))
	}
}

// rows answers the rows of a length told of nights: with the departure's beside it where the profile says so (S7).
func (r *losReader) rows(when ari.When) []ari.When {
	if when == ari.Night && r.x.p.DepartureRow == "yes" {
		return []ari.When{ari.Night, ari.Departure}
	}
	return []ari.When{when}
}

func (r *losReader) bound(n *node, when ari.When, what ari.What, none []int) {
	nights, ok := r.nights(n)
	switch {
	case !ok:
	case isNone(nights, none):
		r.clear(n, when, what)
	case nights < 1 || nights > losMax:
		r.x.fault(CodeNights, n, "Time", n.get("Time"), "1 to 999 nights, or one of the profile's words for none")
	default:
		for _, w := range r.rows(when) {
			r.x.set(r.c, n, ari.Restriction(w, what), ari.Num(nights), false)
		}
	}
}

// losMax is the longest length of stay that ari takes.
const losMax = 999

func (r *losReader) clear(n *node, when ari.When, what ari.What) {
	for _, w := range r.rows(when) {
		r.x.clear(r.c, n, ari.Restriction(w, what))
	}
}

// nights reads Time and TimeUnit.
func (r *losReader) nights(n *node) (int64, bool) {
	v, ok := r.x.number(n, "Time", false)
	if _, has := n.attr("Time"); !has {
		r.x.fault(CodeMissing, n, "Time", "", "a number of nights")
		return 0, false
	}
	switch unit := strings.ToLower(n.get("TimeUnit")); unit {
	case "", "day", "days", "night", "nights":
		return v, ok
	case "week":
		return v * 7, ok
	default:
		r.x.fault(CodeValue, n, "TimeUnit", n.get("TimeUnit"), "Day or Week")
		return 0, false
	}
}

// fix reads a FixedLOS: the only length, or one of the only lengths, of a stay.
func (r *losReader) fix(n *node) {
	nights, ok := r.nights(n)
	switch {
	case !ok:
	case nights < 1 || nights > losMax:
		r.x.fault(CodeNights, n, "Time", n.get("Time"), "1 to 999 nights")
	case r.fixedOne != 0 && (nights > patternMax || r.fixedOne > patternMax):
		r.x.fault(CodeNights, n, "Time", n.get("Time"), "at most 63 nights where several lengths are fixed")
	default:
		r.fixedOne = nights
		if nights <= patternMax {
			r.fixed |= 1 << (nights - 1)
		}
	}
}

// pattern reads a FullPatternLOS in one of its two spellings: a string of all lengths, or one element per length.
func (r *losReader) pattern(n *node) {
	if k := n.kid("LOS_Pattern"); k != nil {
		bits, length, ok := parsePattern(k.get("FullPatternLOS"))
		if !ok {
			r.x.fault(CodeValue, k, "FullPatternLOS", k.get("FullPatternLOS"), "1 to 63 characters Y or N")
			return
		}
		if r.length(int64(length)) {
			r.set(n, bits, length)
		}
		return
	}
	open, told := r.x.boolean(n, "OpenStatusIndicator")
	if !told {
		r.x.fault(CodeMissing, n, "OpenStatusIndicator", n.get("OpenStatusIndicator"), "true or false, or a LOS_Pattern")
		return
	}
	nights, ok := r.nights(n)
	if !ok {
		return
	}
	if nights < 1 || nights > patternMax {
		r.x.fault(CodeNights, n, "Time", n.get("Time"), "1 to 63 nights in a pattern")
		return
	}
	bit := uint64(1) << (nights - 1)
	if r.told&bit != 0 && (r.bits&bit != 0) != open {
		r.x.fault(CodeContradiction, n, "Time", n.get("Time"), "each length of stay once")
	}
	r.told, r.pieces = r.told|bit, true
	if open {
		r.bits |= bit
	}
}

// length checks FixedPatternLength, if it is told, against the pattern's.
func (r *losReader) length(n int64) bool {
	want, told := r.x.number(r.list, "FixedPatternLength", false)
	if told && want != n {
		r.x.fault(CodeContradiction, r.list, "FixedPatternLength", r.list.get("FixedPatternLength"), "the pattern's length")
		return false
	}
	return true
}

// finish says what was told in pieces. A length that a pattern in pieces leaves out is closed (S1).
func (r *losReader) finish() {
	if r.pieces {
		length := 0
		for b := r.told; b != 0; b >>= 1 {
			length++
		}
		if want, told := r.x.number(r.list, "FixedPatternLength", false); told && want >= int64(length) && want <= patternMax {
			length = int(want)
		} else if told {
			r.x.fault(CodeContradiction, r.list, "FixedPatternLength", r.list.get("FixedPatternLength"), "the pattern's length, at most 63")
		}
		r.set(r.list, r.bits, length)
	}
	switch one := r.fixedOne; {
	case one == 0:
	case r.fixed == 0 || r.fixed == 1<<(one-1):
		for _, w := range r.rows(r.other) {
			r.x.set(r.c, r.list, ari.Restriction(w, ari.MinLOS), ari.Num(one), false)
			r.x.set(r.c, r.list, ari.Restriction(w, ari.MaxLOS), ari.Num(one), false)
		}
	default:
		length := 0
		for b := r.fixed; b != 0; b >>= 1 {
			length++
		}
		r.say(r.list, ari.Pattern(r.fixed, length, false))
	}
}

func (r *losReader) set(n *node, bits uint64, length int) {
	r.say(n, ari.Pattern(bits, length, r.x.p.LOSTail == "open"))
}

func (r *losReader) say(n *node, v ari.Value) {
	for _, w := range r.rows(r.other) {
		r.x.set(r.c, n, ari.Restriction(w, ari.LOSPattern), v, false)
	}
}
