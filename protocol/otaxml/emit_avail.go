package otaxml

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ratewire/ratewire/ari"
)

// EmitAvail tells restrictions, limits and rooms to sell as OTA_HotelAvailNotifRQ: closed, CTA, CTD, lengths of stay and patterns, leads,
// limits remaining and held back, and as BookingLimit the net count where the profile reads one so. One RestrictionStatus an item, as the
// schema has it.
//
// The law: what it emits, decoded under the same profile, gives the same statements. (A min LOS of 1, where that is a word for none, comes back
// as the clear that it is.)
func EmitAvail(p *Profile, h Head, runs []Run) Emitted {
	e, runs := startEmit(p, &h, runs)
	items := e.avail(runs)
	return Emitted{e.pack(frameOf{kind: KindAvailNotif, container: "AvailStatusMessages"}, items), e.left}
}

// avail writes AvailStatusMessages.
func (e *emitter) avail(runs []Run) (items [][]byte) {
	for _, g := range groups(runs) {
		control, why := e.control(g.scope, g.span)
		if why != "" {
			for _, r := range g.runs {
				e.drop(r, why)
			}
			continue
		}
		a := &availEmit{e: e, g: g}
		for _, r := range e.withRows(g.runs) {
			if why := a.tell(r); why != "" {
				e.drop(r, why)
				if twin, ok := e.twinOf(r); ok {
					e.drop(twin, why)
				}
			}
		}
		for _, it := range a.items {
			items = append(items, it.bytes(control))
		}
	}
	return items
}

// withRows answers the runs without the departure rows that the profile has beside each row of a night (S7): one that stands alone, on either
// side, cannot be told.
func (e *emitter) withRows(runs []Run) (out []Run) {
	for _, r := range runs {
		if r.Field.Family() != ari.FamilyRestriction || !isLOS(r.Field) || r.Field.When() == ari.Arrival {
			out = append(out, r)
			continue
		}
		twin, both := e.twinOf(r)
		switch paired := both && slices.Contains(runs, twin); {
		case paired && r.Field.When() == ari.Departure: // told by its night's
		case r.Field.When() == ari.Departure:
			e.drop(r, "a length of stay told of the departure date alone")
		case both && !paired:
			e.drop(r, "a length of stay through that does not look at the departure date (profile: departure_row)")
		default:
			out = append(out, r)
		}
	}
	return out
}

// twinOf answers the row of the departure date beside one of a night, and the other way round; false unless the profile has such pairs.
func (e *emitter) twinOf(r Run) (twin Run, ok bool) {
	f := r.Field
	if e.p.DepartureRow != "yes" || f.Family() != ari.FamilyRestriction || !isLOS(f) || f.When() == ari.Arrival {
		return r, false
	}
	r.Field = ari.Restriction(ari.Night+ari.Departure-f.When(), f.What())
	return r, true
}

func isLOS(f ari.Field) bool {
	return f.What() == ari.MinLOS || f.What() == ari.MaxLOS || f.What() == ari.LOSPattern
}

// based says what ArrivalDateBased must be beside a length of stay.
type based uint8

const (
	basedAny based = iota
	basedArrival
	basedStay
)

// statusMessage is one AvailStatusMessage on its way.
type statusMessage struct {
	based   based
	lengths writer
	attrs   []string // of the item
	status  []string // of its RestrictionStatus: Status and Restriction
	leads   []string // and its offsets
}

type availEmit struct {
	e     *emitter
	g     *group
	items []*statusMessage
}

// item answers the first item that has room for something, or a new one.
func (a *availEmit) item(free func(*statusMessage) bool) *statusMessage {
	for _, it := range a.items {
		if free(it) {
			return it
		}
	}
	it := &statusMessage{}
	a.items = append(a.items, it)
	return it
}

func always(*statusMessage) bool { return true }

// bytes writes the item, in the schema's order.
func (it *statusMessage) bytes(control []byte) []byte {
	var w writer
	w.open("AvailStatusMessage", it.attrs...)
	w.b = append(w.b, control...)
	if len(it.lengths.b) > 0 {
		w.open("LengthsOfStay", it.lengthsAttrs()...)
		w.b = append(w.b, it.lengths.b...)
		w.close("LengthsOfStay")
	}
	if len(it.status)+len(it.leads) > 0 {
		w.empty("RestrictionStatus", append(slices.Clone(it.status), it.leads...)...)
	}
	w.close("AvailStatusMessage")
	return w.b
}

func (it *statusMessage) lengthsAttrs() []string {
	if it.based == basedAny {
		return nil
	}
	return []string{"ArrivalDateBased", strconv.FormatBool(it.based == basedArrival)}
}

// tell adds a run to an item; it answers why that cannot be.
func (a *availEmit) tell(r Run) (why string) {
	if r.Verb != ari.Set && r.Verb != ari.Clear {
		return "an adjust: only absolute values are sent"
	}
	switch f := r.Field; {
	case f == ari.Closed:
		return a.status(r, "Master")
	case f == ari.CTA:
		return a.status(r, "Arrival")
	case f == ari.CTD:
		return a.status(r, "Departure")
	case f.Family() == ari.FamilyRestriction && f.What() == ari.LOSPattern:
		return a.pattern(r)
	case f.Family() == ari.FamilyRestriction && isLOS(f):
		return a.length(r)
	case f == ari.Restriction(ari.Arrival, ari.MinLead):
		return a.lead(r, "MinAdvancedBookingOffset", a.e.p.MinLeadNone, true)
	case f == ari.Restriction(ari.Arrival, ari.MaxLead):
		return a.lead(r, "MaxAdvancedBookingOffset", a.e.p.MaxLeadNone, false)
	case f.Family() == ari.FamilyLimit, f == ari.Count(ari.Net):
		return a.limit(r)
	}
	return r.Field.String() + " has no words in OTA_HotelAvailNotifRQ"
}

func (a *availEmit) status(r Run, restriction string) string {
	if r.Verb == ari.Clear {
		return "a clear of " + r.Field.String() + ": OTA says open or closed, not unset"
	}
	status := "Open"
	if r.Value.A == ari.Shut {
		status = "Close"
	}
	it := a.item(func(it *statusMessage) bool { return len(it.status) == 0 })
	it.status = []string{"Status", status, "Restriction", restriction}
	return ""
}

// length tells a min or max LOS, or takes it back.
func (a *availEmit) length(r Run) string {
	p, least := a.e.p, r.Field.What() == ari.MinLOS
	none, name, forward := p.MaxLOSNone, "MaxLOS", "ForwardMaxStay"
	if least {
		none, name, forward = p.MinLOSNone, "MinLOS", "ForwardMinStay"
	}
	remove := r.Verb == ari.Clear || least && r.Value.A == 1 && isNone(1, none)
	switch {
	case remove:
	case isNone(r.Value.A, none):
		return fmt.Sprintf("%d nights, which the profile reads as no bound", r.Value.A)
	case r.Value.A < 1 || r.Value.A > losMax:
		return "not 1 to 999 nights"
	}
	need := basedAny
	switch {
	case r.Field.When() == ari.Arrival && p.SetLOS == "through":
		return "a length of stay on arrival: the partner reads all as stay-through (profile: set_los)"
	case r.Field.When() == ari.Arrival && p.SetLOS == "attribute":
		need = basedArrival
	case r.Field.When() == ari.Night && p.SetLOS != "through":
		name = forward
	}
	if remove {
		a.lengths(need, "Remove"+name)
	} else {
		a.lengths(need, "Set"+name, "Time", strconv.FormatInt(r.Value.A, 10), "TimeUnit", "Day")
	}
	return ""
}

// lengths adds a LengthOfStay to an item whose ArrivalDateBased suits it.
func (a *availEmit) lengths(need based, kind string, attrs ...string) {
	a.lengthsItem(need).lengths.empty("LengthOfStay", append(attrs, "MinMaxMessageType", kind)...)
}

func (a *availEmit) lengthsItem(need based) *statusMessage {
	it := a.item(func(it *statusMessage) bool { return need == basedAny || it.based == basedAny || it.based == need })
	if need != basedAny {
		it.based = need
	}
	return it
}

// patternTextMax is how long a LOS_Pattern may be in the schema; longer ones are told length by length.
const patternTextMax = 32

// pattern tells a LOS pattern.
func (a *availEmit) pattern(r Run) string {
	tail := "closed"
	if r.Value.Form == 1 {
		tail = "open"
	}
	switch {
	case r.Verb == ari.Clear:
		return "a clear of a LOS pattern"
	case tail != a.e.p.LOSTail:
		return "a LOS pattern whose longer stays are " + tail + " (profile: los_tail)"
	case r.Value.B < 1 || r.Value.B > patternMax || uint64(r.Value.A)>>uint(r.Value.B) != 0:
		return "no LOS pattern of 1 to 63 nights"
	}
	need := basedArrival
	if r.Field.When() == ari.Night {
		need = basedStay
	}
	bits, n := uint64(r.Value.A), int(r.Value.B)
	w := &a.lengthsItem(need).lengths
	if n > patternTextMax {
		for i := range n {
			w.empty("LengthOfStay", "Time", strconv.Itoa(i+1), "TimeUnit", "Day", "OpenStatusIndicator", strconv.FormatBool(bits>>i&1 != 0), "MinMaxMessageType", "FullPatternLOS")
		}
		return ""
	}
	text := make([]byte, n)
	for i := range text {
		text[i] = "NY"[bits>>i&1]
	}
	w.open("LengthOfStay", "MinMaxMessageType", "FullPatternLOS")
	w.empty("LOS_Pattern", "FullPatternLOS", string(text))
	w.close("LengthOfStay")
	return ""
}

// lead tells a lead; a clear is the profile's word for none.
func (a *availEmit) lead(r Run, attr string, none []int, least bool) string {
	v := r.Value
	var text string
	switch {
	case (r.Verb == ari.Clear || least && v.Form == 0 && v.A == 0 && v.B == ari.NoTime) && len(none) > 0:
		text = fmt.Sprintf("P%dD", none[0])
	case r.Verb == ari.Clear:
		return "a clear of a lead: the profile has no word for none"
	case v.A < 0 || v.A > intMax:
		return "a lead beyond 999,999"
	case v.Form == 1:
		text = fmt.Sprintf("PT%dM", v.A)
	case v.B != ari.NoTime:
		return "a lead until a time of day"
	case isNone(v.A, none):
		return fmt.Sprintf("a lead of %d days, which the profile reads as none", v.A)
	default:
		text = fmt.Sprintf("P%dD", v.A)
	}
	it := a.item(always)
	it.leads = append(it.leads, attr, text)
	return ""
}

// limit tells BookingLimit or BookingThreshold.
func (a *availEmit) limit(r Run) string {
	clear := r.Verb == ari.Clear
	count := r.Field.Family() == ari.FamilyCount
	switch {
	case !clear && (r.Value.A < 0 || r.Value.A > intMax):
		return "a number of rooms below 0"
	case r.Field == ari.Limit(ari.HoldBack) && (clear || a.e.p.Threshold != "hold_back"):
		return "rooms held back (profile: booking_threshold)"
	case r.Field == ari.Limit(ari.HoldBack):
		it := a.item(always)
		it.attrs = append(it.attrs, "BookingThreshold", strconv.FormatInt(r.Value.A, 10))
		return ""
	case !count && r.Field != ari.Limit(ari.Remaining):
		return r.Field.String() + " has no words in OTA_HotelAvailNotifRQ"
	case count && (r.Scope.Rates != ari.AllRates || r.Scope.Channel != "" || r.Scope.Block != ""):
		return "a count is a room type's, a class's or the hotel's"
	case count == a.e.p.limitIsRemaining(r.Scope):
		return "a BookingLimit here is read as something else (profile: limit_room, limit_room_rate)"
	}
	free := func(it *statusMessage) bool { return !slices.Contains(it.attrs, "BookingLimitMessageType") }
	if it := a.item(free); clear {
		it.attrs = append(it.attrs, "BookingLimitMessageType", "RemoveLimit")
	} else {
		it.attrs = append(it.attrs, "BookingLimitMessageType", "SetLimit", "BookingLimit", strconv.FormatInt(r.Value.A, 10))
	}
	return ""
}

// limitIsRemaining tells whether a number of rooms told at a scope is a limit there, and not the rooms to sell of its rooms.
func (p *Profile) limitIsRemaining(s ari.Scope) bool {
	choice := p.LimitRoom
	if s.Rates != ari.AllRates {
		choice = p.LimitRoomRate
	}
	return choice == "remaining" || s.Block != "" || s.Channel != "" || s.Rooms == ari.AllRooms && s.Rates != ari.AllRates
}
