package alpinebits

import (
	"cmp"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Count types of InvCount.
const (
	bookable    = "2"
	outOfOrder  = "6"
	outOfMarket = "9" // free, but not to be booked here
)

// roomsMax is the most rooms that a count may tell.
const roomsMax = 9_999

// avail is one record of FreeRooms.
type avail struct {
	record int
	closed bool   // a closing season
	ext    string // category as told
	inv    string // distinct room as told; "": the category
	room   string // hub code of the category; "" if it waits
	span   ari.Span
	counts [3]int64 // bookable, out of order, out of market
}

// freeRooms decodes OTA_HotelInvCountNotif:FreeRooms and OTA_HotelAvailNotif:FreeRooms.
//
// Bookable rooms become the net count of the room category; rooms out of order and out of market are kept beside it and take nothing off,
// since the standard counts each room once. Distinct rooms are counted in pools of their own, and their category by their sum. A closing
// season closes the property. A complete set replaces all counts and closing seasons that were told (S18).
func (d *decoder) freeRooms() {
	if len(d.m.Records) == 1 && d.m.Records[0].n.Bare() {
		if !d.m.Complete {
			d.refuse(0, &Fault{Code: otaxml.CodeMissing, Path: d.m.Records[0].n.Path(""), Expected: "a period; an empty record resets the hotel and comes with UniqueID CompleteSet"}, "")
			return
		}
		d.resetRooms()
		return
	}
	list := make([]avail, 0, len(d.m.Records))
	for _, r := range d.m.Records {
		a, f := d.avail(r)
		if f != nil {
			d.refuse(r.Index, f, "")
			continue
		}
		list = append(list, a)
	}
	if len(d.out.Refused) > 0 || !d.checkAvails(list) {
		return
	}
	d.applyAvails(list)
}

// resetRooms makes all counts and closing seasons unset.
func (d *decoder) resetRooms() {
	if !d.whole() {
		return
	}
	d.replace(-1, ari.ScopeSet{AnyRooms: true, AnyRates: true, AnyChannel: true}, ari.Undated, ari.FieldSet{Family: ari.FamilyCount})
	d.replace(-1, ari.ScopeSet{}, ari.Undated, ari.FieldSet{Family: ari.FamilyRestriction, Field: ari.Closed})
}

// avail reads one record of either message.
func (d *decoder) avail(r Record) (a avail, f *Fault) {
	a.record = r.Index
	c := r.n.Kid("StatusApplicationControl")
	if c == nil {
		return a, missing(r.n, "StatusApplicationControl", "category or room, and period")
	}
	if a.span, f = span(c); f != nil {
		return a, f
	}
	a.ext, a.inv = c.Get("InvTypeCode"), c.Get("InvCode")
	if a.closed, f = flag(c, "AllInvCode", false); f != nil {
		return a, f
	}
	if d.m.Version == V2018 {
		if a.closed {
			return a, forbidden(c, "@AllInvCode", "no closing seasons before 2020-10")
		}
		return a, d.bookingLimit(r.n, c, &a)
	}
	counts := r.n.Kid("InvCounts")
	if a.closed {
		switch {
		case a.ext != "" || a.inv != "":
			return a, forbidden(c, "@InvTypeCode", "a closing season is of the whole hotel")
		case counts != nil:
			return a, forbidden(r.n, "InvCounts", "a closing season without counts")
		case !d.m.Complete:
			return a, forbidden(c, "@AllInvCode", "closing seasons in complete sets only")
		}
		return a, nil
	}
	if a.ext == "" {
		return a, missing(c, "@InvTypeCode", "a room category, or AllInvCode for a closing season")
	}
	return a, invCounts(counts, &a)
}

// invCounts reads the counts; those not told are 0, as the standard says.
func invCounts(counts *element, a *avail) *Fault {
	if counts == nil {
		return nil
	}
	var seen [3]bool
	var fault *Fault
	n, sum := 0, int64(0)
	counts.Each("InvCount", func(e *element) {
		i := slices.Index([]string{bookable, outOfOrder, outOfMarket}, e.Get("CountType"))
		v, f := required(e, "Count", 0, roomsMax)
		n++
		switch {
		case fault != nil:
		case i < 0:
			fault = bad(e, "CountType", "2 bookable, 6 out of order or 9 out of market")
		case seen[i]:
			fault = bad(e, "CountType", "each type once")
		case f != nil:
			fault = f
		default:
			seen[i], a.counts[i] = true, v
			sum += v
		}
	})
	switch {
	case fault != nil:
		return fault
	case n == 0:
		return missing(counts, "InvCount", "one to three counts; no InvCounts at all means none is bookable")
	case a.inv != "" && sum > 1:
		return &Fault{Code: otaxml.CodeValue, Path: counts.Path(""), Got: itoa(int(sum)), Expected: "at most 1 for a single room"}
	}
	return nil
}

// bookingLimit reads 2018-10's counts: of the limit, BookingThreshold rooms are free but not to be booked.
func (d *decoder) bookingLimit(n, c *element, a *avail) *Fault {
	if a.ext == "" {
		return missing(c, "@InvTypeCode", "a room category")
	}
	limit, f := required(n, "BookingLimit", 0, roomsMax)
	if f != nil {
		return f
	}
	if t := n.Get("BookingLimitMessageType"); t != "SetLimit" {
		return bad(n, "BookingLimitMessageType", "SetLimit")
	}
	threshold, _, f := number(n, "BookingThreshold", 0, roomsMax)
	if f != nil {
		return f
	}
	if threshold > limit {
		return bad(n, "BookingThreshold", "at most the BookingLimit of "+itoa(int(limit)))
	}
	if a.inv != "" && limit > 1 {
		return bad(n, "BookingLimit", "at most 1 for a single room")
	}
	a.counts = [3]int64{limit - threshold, 0, threshold}
	return nil
}

// checkAvails judges the records together.
func (d *decoder) checkAvails(list []avail) bool {
	seasons := true // closing seasons come first
	var rooms, categories *avail
	for i := range list {
		a := &list[i]
		switch {
		case a.closed && !seasons:
			d.refuse(a.record, &Fault{Code: otaxml.CodeContradiction, Path: d.m.Records[a.record].n.Path(""), Expected: "closing seasons before all other records"}, "")
		case a.closed:
		case a.inv != "":
			rooms, seasons = a, false
		default:
			categories, seasons = a, false
		}
	}
	if rooms != nil && categories != nil {
		d.refuse(categories.record, &Fault{Code: otaxml.CodeContradiction, Path: d.m.Records[categories.record].n.Path(""), Expected: "either distinct rooms (InvCode) or categories in one message, never both"}, "")
	}
	d.checkOverlaps(list)
	return len(d.out.Refused) == 0
}

// checkOverlaps refuses two periods of one room, category or closing season that share a night, and bookable ones in a closing season.
func (d *decoder) checkOverlaps(list []avail) {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b avail) int {
		return cmp.Or(cmp.Compare(a.ext, b.ext), cmp.Compare(a.inv, b.inv), cmp.Compare(a.span.From, b.span.From))
	})
	var seasons []avail // ext "" sorts first
	for i, a := range sorted {
		if a.closed {
			seasons = append(seasons, a)
		}
		if i > 0 && sorted[i-1].ext == a.ext && sorted[i-1].inv == a.inv && a.span.From <= sorted[i-1].span.To {
			d.overlap(a, sorted[i-1], "periods of one room or category that share no night")
		}
		if a.closed || a.counts[0] == 0 {
			continue
		}
		j, _ := slices.BinarySearchFunc(seasons, a.span.From, func(s avail, from ari.StayDate) int { return cmp.Compare(s.span.To, from) })
		if j < len(seasons) && seasons[j].span.From <= a.span.To {
			d.overlap(a, seasons[j], "no bookable rooms in a closing season")
		}
	}
}

func (d *decoder) overlap(a, b avail, expected string) {
	d.refuse(a.record, &Fault{Code: otaxml.CodeContradiction, Path: d.m.Records[a.record].n.Path(""), Got: a.span.From.String() + " is in " + d.m.label(b.record), Expected: expected}, "")
}

// applyAvails turns the records into statements.
func (d *decoder) applyAvails(list []avail) {
	for i := range list {
		if a := &list[i]; !a.closed && d.wanted(a.record) {
			a.room, _ = d.room(a.record, a.ext, d.m.Records[a.record].n.Kid("StatusApplicationControl").Path("InvTypeCode"))
		}
	}
	if d.m.Complete {
		d.resetRooms()
	}
	distinct := slices.ContainsFunc(list, func(a avail) bool { return a.inv != "" })
	beside := d.besideCounts(list)
	for i := range list {
		a := &list[i]
		switch {
		case !d.wanted(a.record) || d.past(a.span):
		case a.closed:
			d.set(a.record, ari.Scope{}, a.span, ari.Closed, ari.Num(ari.Shut))
		case a.room == "":
		case a.inv != "":
			d.count(a, ari.Scope{Rooms: ari.PoolKind, Room: RoomPool(a.room, a.inv)}, beside)
		default:
			d.checkTotal(a)
			d.count(a, ari.RoomScope(a.room), beside)
		}
	}
	if distinct {
		d.putRooms(list)
		d.sumRooms(list)
	}
}

// count tells a record's counts at a scope.
func (d *decoder) count(a *avail, s ari.Scope, beside bool) {
	d.set(a.record, s, a.span, ari.Count(ari.Net), ari.Num(a.counts[0]))
	if beside {
		d.set(a.record, s, a.span, ari.Count(ari.OutOfOrder), ari.Num(a.counts[1]))
		d.set(a.record, s, a.span, ari.Count(ari.OffMarket), ari.Num(a.counts[2]))
	}
}

// besideCounts tells whether rooms out of order or market are to be told too: if this message has any, or an earlier one had.
func (d *decoder) besideCounts(list []avail) (told bool) {
	if slices.ContainsFunc(list, func(a avail) bool { return a.counts[1]+a.counts[2] > 0 }) {
		return true
	}
	any := ari.ScopeSet{AnyRooms: true, AnyRates: true, AnyChannel: true}
	fields := []ari.FieldSet{{Family: ari.FamilyCount, Field: ari.Count(ari.OutOfOrder)}, {Family: ari.FamilyCount, Field: ari.Count(ari.OffMarket)}}
	d.h.Picture(func(p *ari.Picture) {
		p.Cells(ari.CellFilter{Scopes: &any, Fields: fields}, func(c *ari.SourceCell) bool {
			told = c.State == ari.Told
			return !told
		})
	})
	return told && !d.m.Complete
}

// checkTotal refuses more rooms of a category than Inventory has listed: overbooking is forbidden.
func (d *decoder) checkTotal(a *avail) {
	rooms, known := d.listed[a.room]
	if !known {
		rooms = len(d.roomPools(a.room))
		if d.listed == nil {
			d.listed = map[string]int{}
		}
		d.listed[a.room] = rooms
	}
	if sum := a.counts[0] + a.counts[1] + a.counts[2]; rooms > 0 && sum > int64(rooms) {
		d.refuse(a.record, &Fault{Code: ari.CodeRange, Path: d.m.Records[a.record].n.Path(""), Got: itoa(int(sum)), Expected: "at most the " + itoa(rooms) + " rooms that Inventory lists of the category"}, SendInventory)
	}
}
