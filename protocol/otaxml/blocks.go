package otaxml

import (
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// blockReader reads one InvBlock of OTA_HotelInvBlockNotifRQ.
type blockReader struct {
	x     *itemDecoder
	n     *node
	c     control // the block in all rooms
	id    string  // hub
	block *ari.Block
	span  ari.Span // of the block's nights
	cells map[blockCell]*blockNumber
	order []blockCell
	over  map[string]int64 // SellLimit told, by room: to be compared with what is allotted
}

// blockCell is one number of the grid, told on some dates of a room type.
type blockCell struct {
	room  string
	span  ari.Span
	field ari.Field
}

// blockNumber is what is told of a cell, by the pick-up status that told it: definite and tentative parts are told apart, and add up.
type blockNumber struct {
	n     *node
	parts map[string]int64
}

// invBlock reads an InvBlock. Book, Modify and their like tell the whole block; Cancel ends it.
func (x *itemDecoder) invBlock() control {
	n := x.it.n
	c := control{n: n, span: ari.Undated}
	code, told := x.code(n, "InvBlockCode")
	if !told {
		if len(x.out.Faults) == 0 {
			x.fault(CodeMissing, n, "InvBlockCode", "", "the block's code: codes are not assigned here")
		}
		return c
	}
	id := x.lookup(&c, n, "InvBlockCode", ari.KindBlock, code)
	c.scopes = []ari.Scope{{Block: id}}
	r := &blockReader{x: x, n: n, c: c, id: id, cells: map[blockCell]*blockNumber{}, over: map[string]int64{}}
	switch action := r.action(); action {
	case "replace":
		r.whole()
	case "cancel":
		r.cancel()
	case "nothing":
		x.warn(n, "TransactionAction", n.get("TransactionAction"), "nothing was applied: this holds no rooms")
	}
	return r.c
}

// action says what a TransactionAction asks for. In practice Book, Modify and Cancel come; Modify tells the whole block again.
func (r *blockReader) action() string {
	told := r.n.get("TransactionAction")
	switch strings.ToLower(told) {
	case "book", "modify", "commit", "commitoverrideedits", "hold":
		return "replace"
	case "cancel":
		return "cancel"
	case "quote", "verifyprice", "ignore":
		return "nothing"
	case "":
		if r.x.p.AbsentBlockAction == "replace" {
			return "replace"
		}
		r.x.fault(CodeMissing, r.n, "TransactionAction", "", "Book, Modify or Cancel (profile: absent_block_action)")
	default:
		r.x.fault(CodeUnsupported, r.n, "TransactionAction", told, "Book, Modify or Cancel")
	}
	return ""
}

// cancel ends a block: it sells and deducts nothing. Its grid stays as it was told.
func (r *blockReader) cancel() {
	b := r.known()
	if b == nil {
		r.x.warn(r.n, "InvBlockCode", r.n.get("InvBlockCode"), "nothing to cancel: no such block")
		return
	}
	b.Status, b.Deducts, b.OpenForPickup = blockCancelled, false, false
	r.x.define(ari.KindBlock, r.id, b)
	for _, k := range r.n.kids {
		r.x.ignore(k, "")
	}
}

// known answers a copy of the block as it is; nil if it is not there.
func (r *blockReader) known() *ari.Block {
	b := r.x.cat.Blocks[r.id]
	if b == nil {
		return nil
	}
	c := *b
	return &c
}

const blockCancelled = "cancelled"

// whole reads a block that is told as a whole: header, grid and rates. What was told before and is not told now becomes unset.
func (r *blockReader) whole() {
	r.header()
	r.x.out.Replace = append(r.x.out.Replace, ari.Extent{
		Item:   r.x.it.Index,
		Fields: []ari.FieldSet{{Family: ari.FamilyBlock}, {Family: ari.FamilyRate}, {Family: ari.FamilyLimit}, {Family: ari.FamilyUnknown}},
		Scopes: ari.ScopeSet{Scope: ari.Scope{Block: r.id}, AnyRooms: true, AnyRates: true}, Span: ari.Undated,
	})
	for _, k := range r.n.kids {
		r.part(k)
	}
	r.grid()
	r.attributes()
}

// part reads one child of the InvBlock.
func (r *blockReader) part(k *node) {
	x := r.x
	switch k.name {
	case "HotelRef", "InvBlockDates":
	case "RoomTypes":
		k.all("RoomType", r.roomType)
	case "DestinationSystemCodes":
		x.destined(r.c, k)
	case "TaxInformation":
		if t := strings.ToLower(k.get("TaxType")); t == "" || t == "taxable" {
			x.ignore(k, "")
		} else {
			x.unknown(r.c, k, "TaxType", "TaxInformation", attrText(k))
		}
	case "MethodInfo", "BlockDescriptions", "Contacts", "Guarantee", "MarketCode", "UniqueID", "TPA_Extensions":
		x.ignore(k, "")
	default:
		x.strange(k)
	}
}

// attributes keeps what narrows who may see or book the block.
func (r *blockReader) attributes() {
	for _, a := range []string{"RestrictedBookingCodeList", "RestrictedViewingCodeList", "QuoteID"} {
		if v, ok := r.n.attr(a); ok && v != "" {
			r.x.unknown(r.c, r.n, a, a, v)
		}
	}
	r.x.ignoreAttrs(r.n, "InvBlockTypeCode", "PMS_InvBlockID", "OpportunityID", "InvBlockCompanyID", "TransactionDetail")
}

// header reads the block's own properties.
func (r *blockReader) header() {
	x, n := r.x, r.n
	old := r.known()
	b := &ari.Block{ID: r.id}
	if old != nil {
		b.Parent, b.Cutoff, b.Release = old.Parent, old.Cutoff, old.Release
	}
	b.Code = n.get("InvBlockCode")
	b.Name = title(n, "InvBlockLongName", "InvBlockName")
	r.status(b)
	switch v := n.get("BookingStatus"); strings.ToLower(v) {
	case "open":
		b.OpenForPickup = true
	case "closed":
	case "":
		b.OpenForPickup = x.p.AbsentBlockBooking == "open"
	default:
		x.fault(CodeValue, n, "BookingStatus", v, "Open or Closed")
	}
	if b.Status == blockCancelled {
		b.OpenForPickup, b.Deducts = false, false
	}
	if x.p.BlockRelease == "automatic" || b.Release == "" {
		b.Release = x.p.BlockRelease
	}
	r.parent(b)
	r.dates(b, old)
	r.block = b
}

// status reads InvBlockStatusCode, as the profile's block_status says.
func (r *blockReader) status(b *ari.Block) {
	told, _, _ := strings.Cut(r.n.get("InvBlockStatusCode"), ".")
	meaning, ok := r.x.p.BlockStatus[told]
	if strings.EqualFold(r.n.get("TransactionAction"), "Hold") && told == "" {
		meaning, ok = "tentative_deducts", true
	}
	if !ok {
		r.x.fault(CodeUnsupported, r.n, "InvBlockStatusCode", told, "a status that the connection's profile names (block_status)")
		return
	}
	b.Status = strings.TrimSuffix(meaning, "_deducts")
	b.Deducts = meaning == "definite" || meaning == "tentative_deducts"
	b.Tentative = b.Status == "tentative"
}

// parent reads InvBlockGroupingCode: a block that this one is part of, if there is one of that code.
func (r *blockReader) parent(b *ari.Block) {
	x, n := r.x, r.n
	code, ok := x.code(n, "InvBlockGroupingCode")
	if !ok {
		return
	}
	own := control{n: n}
	hub := x.lookup(&own, n, "InvBlockGroupingCode", ari.KindBlock, code)
	switch {
	case hub == r.id:
	case x.cat.Blocks[hub] != nil:
		b.Parent = hub
	default:
		x.warn(n, "InvBlockGroupingCode", code, "left out: no block of that code is there; this one stands for itself")
	}
}

// dates reads the block's nights and its cutoff.
func (r *blockReader) dates(b, old *ari.Block) {
	x := r.x
	d := r.n.kid("InvBlockDates")
	if d == nil {
		d = r.n.parent.kid("InvBlockDates")
	}
	r.span = ari.Undated
	if d == nil {
		return
	}
	r.span = x.nights(d, ari.Undated)
	if v, _ := x.boolean(d, "EndDateExtensionIndicator"); v {
		x.warn(d, "EndDateExtensionIndicator", "true", "left out: a block holds the nights that its grid tells")
	}
	r.cutoff(b, old, d)
}

// nights reads a span of a block, whose End is a night or the day of departure.
func (x *itemDecoder) nights(n *node, around ari.Span) ari.Span {
	span := x.span(n, ari.Undated, false)
	if _, told := n.attr("End"); told && x.p.BlockEnd == "departure" && span.To != ari.DateMax {
		span.To--
	}
	switch {
	case span.From == ari.DateMin && span.To == ari.DateMax:
		span.From, span.To = around.From, around.To
	case span.To < span.From:
		x.fault(CodeRangeOrder, n, "End", n.get("End"), "a departure after Start (profile: block_end)")
	case span.From < around.From || span.To > around.To:
		x.fault(CodeRangeOrder, n, "Start", n.get("Start")+" .. "+n.get("End"), "dates inside those around them")
	}
	if span.Days &= around.Days; span.Days == 0 {
		x.fault(CodeWeekdays, n, "", "no weekday in common", "weekdays of what is around it")
	}
	return span
}

// cutoff reads AbsoluteCutoff, or an offset before the block or after its creation.
func (r *blockReader) cutoff(b, old *ari.Block, d *node) {
	x := r.x
	var at ari.StayDate
	_, absolute := d.attr("AbsoluteCutoff")
	_, offset := d.attr("OffsetDuration")
	switch {
	case absolute:
		day, ok := x.cutoffDay(d)
		if !ok {
			return
		}
		at = day
	case offset:
		day, ok := r.offset(d, old)
		if !ok {
			return
		}
		at = day
	default:
		return
	}
	if x.p.BlockCutoff == "released" {
		at--
	}
	b.Cutoff = &at
}

// cutoffDay reads AbsoluteCutoff. A time of day is no date: rooms are held whole days here, so the day before is the last.
func (x *itemDecoder) cutoffDay(d *node) (ari.StayDate, bool) {
	s := d.get("AbsoluteCutoff")
	if day, err := parseDay(s, true); err == nil {
		return day, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			x.warn(d, "AbsoluteCutoff", s, "read as its date: blocks are held by whole days")
			return ari.DateOf(t.Year(), t.Month(), t.Day()), true
		}
	}
	x.fault(CodeDate, d, "AbsoluteCutoff", s, "a date YYYY-MM-DD")
	return 0, false
}

// offset answers the day that an OffsetDuration names.
func (r *blockReader) offset(d *node, old *ari.Block) (ari.StayDate, bool) {
	x := r.x
	o, ok := parseDuration(d.get("OffsetDuration"), true)
	if !ok || o.minutes%(24*60) != 0 {
		x.fault(CodeValue, d, "OffsetDuration", d.get("OffsetDuration"), "a number of days such as P14D")
		return 0, false
	}
	days := ari.StayDate(o.days + o.minutes/(24*60))
	switch mode := d.get("OffsetCalculationMode"); strings.ToLower(mode) {
	case "beforeblockstartdate":
		if r.span.From == ari.DateMin {
			x.fault(CodeMissing, d, "Start", "", "the block's first night, which the cutoff is before")
			return 0, false
		}
		return r.span.From - days, true
	case "afterblockcreation":
		return r.afterCreation(d, days, old)
	default:
		x.fault(CodeValue, d, "OffsetCalculationMode", mode, "BeforeBlockStartDate or AfterBlockCreation")
	}
	return 0, false
}

// afterCreation counts from the day that the block was first told; a block that is there keeps the cutoff that it has.
func (r *blockReader) afterCreation(d *node, days ari.StayDate, old *ari.Block) (ari.StayDate, bool) {
	x := r.x
	if old != nil && old.Cutoff != nil {
		at := *old.Cutoff
		if x.p.BlockCutoff == "released" {
			at++
		}
		return at, true
	}
	at, why := sourceTime(x.m.TimeStamp, x.p.zoneOf(x.h))
	zone := x.h.Zone()
	if why != "" || zone == nil {
		x.fault(CodeMissing, d, "AbsoluteCutoff", "", "a date, or a TimeStamp that tells when the block was created: "+why)
		return 0, false
	}
	return ari.LocalDate(at, zone) + days, true
}

// roomType reads a RoomType of the block: its allocations and rates.
func (r *blockReader) roomType(n *node) {
	x := r.x
	code, ok := x.code(n, "RoomTypeCode")
	if !ok {
		x.fault(CodeMissing, n, "RoomTypeCode", "", "a room type's code")
		return
	}
	own := control{n: n}
	room := x.lookup(&own, n, "RoomTypeCode", ari.KindRoomType, code)
	if own.skipped != "" {
		x.ignore(n, "")
		return
	}
	span := x.nights(n, r.span)
	span.Days &= x.blockDays(n)
	for _, k := range n.kids {
		switch k.name {
		case "RoomTypeAllocations":
			k.all("RoomTypeAllocation", func(a *node) { r.allocation(k, a, room, span) })
		case "RatePlans":
			k.all("RatePlan", func(p *node) { r.rates(p, room, span) })
		case "DaysOfWeeks":
		case "TPA_Extensions":
			x.ignore(k, "")
		default:
			x.strange(k)
		}
	}
}

// blockDays reads DaysOfWeeks, the weekdays of a room type; all if there is none.
func (x *itemDecoder) blockDays(n *node) ari.Weekdays {
	list := n.kid("DaysOfWeeks")
	if list == nil {
		return ari.AllDays
	}
	var mask ari.Weekdays
	list.all("DaysOfWeek", func(k *node) { mask |= x.weekdays(k) })
	if mask == 0 {
		x.fault(CodeWeekdays, list, "", "no weekday", "at least one DaysOfWeek with a weekday")
	}
	return mask
}

// allocation reads one RoomTypeAllocation.
func (r *blockReader) allocation(list, n *node, room string, around ari.Span) {
	x := r.x
	span := x.nights(n, around)
	if span.From == ari.DateMin {
		x.fault(CodeMissing, n, "Start", "", "the nights of the rooms, here or around it")
		return
	}
	status, _, _ := strings.Cut(list.get("RoomTypePickUpStatus"), ".")
	meaning, ok := x.p.BlockAllocations[status]
	if !ok {
		x.fault(CodeUnsupported, list, "RoomTypePickUpStatus", status, "a pick-up status that the connection's profile names (block_allocations)")
		return
	}
	if v, ok := x.number(n, "NumberOfUnits", true); ok && meaning == "ignore" {
		x.ignore(n, "")
	} else if ok && v < 0 {
		x.fault(CodeValue, n, "NumberOfUnits", n.get("NumberOfUnits"), "0 or more rooms: blocks are told whole")
	} else if ok {
		r.tell(n, blockCell{room, span, blockNumbers[meaning]}, status, v)
	} else if _, told := n.attr("NumberOfUnits"); !told && n.get("SellLimit") == "" {
		x.fault(CodeMissing, n, "NumberOfUnits", "", "a number of rooms")
	}
	r.sellLimit(n, room, span)
	x.boolean(n, "AllowGeneralInvInd")
	for _, a := range []string{"CompRoomQuantity", "CompRoomFactor", "ProcureBlockCode", "AllowGeneralInvInd"} {
		if v, ok := n.attr(a); ok && !isFalse(v) {
			x.warn(n, a, v, "left out: a block sells the rooms that it is allotted")
		}
	}
	x.ignoreAttrs(n, "AllocationID", "EndDateIndicator")
	if k := n.kid("RoomTypeAllocByGuest"); k != nil {
		at := r.c
		at.scopes, at.span = []ari.Scope{{Rooms: ari.RoomTypeKind, Room: room, Block: r.id}}, span
		x.unknown(at, k, "", "RoomTypeAllocByGuest", attrText(k))
	}
}

func isFalse(s string) bool {
	v, ok := parseBool(s)
	return ok && !v
}

// sellLimit reads SellLimit, the most that the block may sell. What it allows beyond the allotment is not sold from the block.
func (r *blockReader) sellLimit(n *node, room string, span ari.Span) {
	v, ok := r.x.number(n, "SellLimit", false)
	if !ok {
		return
	}
	r.tell(n, blockCell{room, span, ari.BlockField(ari.BlockSellLimit)}, "", v)
	if units, told := parseInt(n.get("NumberOfUnits"), false); told && v > units {
		r.x.warn(n, "SellLimit", n.get("SellLimit"), "kept; rooms above NumberOfUnits are sold from general inventory, not from the block")
	}
}

// tell takes a number down. Told twice by one status it must be the same; told by several it is the sum of its parts.
func (r *blockReader) tell(n *node, at blockCell, status string, v int64) {
	have := r.cells[at]
	if have == nil {
		have = &blockNumber{n: n, parts: map[string]int64{}}
		r.cells[at], r.order = have, append(r.order, at)
	}
	if old, told := have.parts[status]; told && old != v {
		r.x.fault(CodeContradiction, n, "NumberOfUnits", n.get("NumberOfUnits"), "one number per room type, date and pick-up status")
	}
	have.parts[status] = v
}

// grid says the numbers, header first. The same number on overlapping dates, told as different spans, would count one part twice or drop
// one: it is refused, unless one status told both, when the later one holds.
func (r *blockReader) grid() {
	x := r.x
	r.overlaps()
	x.define(ari.KindBlock, r.id, r.block)
	for _, at := range r.order {
		sum := int64(0)
		for _, v := range r.cells[at].parts {
			sum += v
		}
		c := r.c
		c.scopes, c.span = []ari.Scope{{Rooms: ari.RoomTypeKind, Room: at.room, Block: r.id}}, at.span
		x.set(c, r.cells[at].n, at.field, ari.Num(sum), false)
	}
}

// overlapsMax bounds the numbers of one block that are compared with each other.
const overlapsMax = 5_000

func (r *blockReader) overlaps() {
	if len(r.order) > overlapsMax {
		r.x.fault(CodeTooBig, r.n, "", "", "at most 5000 allocations in a block")
		return
	}
	byRoom := map[string][]blockCell{}
	for _, at := range r.order {
		key := at.room + "\x00" + at.field.String()
		for _, other := range byRoom[key] {
			if at.span.From <= other.span.To && other.span.From <= at.span.To && at.span.Days&other.span.Days != 0 && !r.sameStatus(at, other) {
				r.x.fault(CodeContradiction, r.cells[at].n, "Start", at.span.From.String()+" .. "+at.span.To.String(), "the same dates for each pick-up status, or dates that do not overlap")
			}
		}
		byRoom[key] = append(byRoom[key], at)
	}
}

func (r *blockReader) sameStatus(a, b blockCell) bool {
	x, y := r.cells[a].parts, r.cells[b].parts
	if len(x) != 1 || len(y) != 1 {
		return false
	}
	for status := range x {
		_, same := y[status]
		return same
	}
	return false
}

// rates reads a RatePlan of the block's room type: amounts at room type, plan and block.
func (r *blockReader) rates(n *node, room string, around ari.Span) {
	x := r.x
	code, ok := x.code(n, "RatePlanCode")
	if !ok {
		x.fault(CodeMissing, n, "RatePlanCode", "", "the rate plan's code")
		return
	}
	own := control{n: n}
	hub := x.lookup(&own, n, "RatePlanCode", ari.KindRatePlan, code)
	if own.skipped != "" {
		x.ignore(n, "")
		return
	}
	c := r.c
	c.span = x.nights(n, around)
	c.n = n
	p := ari.Product(room, hub)
	p.Block = r.id
	c.scopes = []ari.Scope{p}
	for _, a := range []string{"PromotionCode", "PromotionVendorCode"} {
		if v, ok := n.attr(a); ok {
			x.unknown(c, n, a, a, v)
		}
	}
	x.ignoreAttrs(n, "BookingCode", "UpgradeIndicator")
	rr := &rateReader{x: x, c: c, plan: x.cat.Plans[hub], hub: hub, notif: "delta", over: "product_dates"}
	if rr.plan == nil && len(x.out.Unmapped) == 0 {
		x.fault(ari.CodeUnknownRatePlan, n, "RatePlanCode", code, "a rate plan of the property")
		return
	}
	rr.row(n, c.span)
}

// blockStatusMeanings and blockAllocationMeanings are the words of Profile.BlockStatus and BlockAllocations.
var (
	blockStatusMeanings     = []string{"definite", "tentative_deducts", "tentative", "prospect", blockCancelled}
	blockAllocationMeanings = []string{"current", "picked_up", "original", "ignore"}
)

// checkWords reports the words of a map that are not among those wanted.
func checkWords(key string, m map[string]string, want []string, bad func(key, got string, want []string)) {
	var codes []string
	for code := range m {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		if !slices.Contains(want, m[code]) {
			bad(key+"."+clip(code, 10), m[code], want)
		}
	}
}
