package otaxml

import (
	"strconv"

	"github.com/ratewire/ratewire/ari"
)

// PlanRuns is what to tell of one rate plan.
type PlanRuns struct {
	Code     string // the partner's
	Name     string // of a plan that is made or changed; "" leaves it as it is
	Notif    string // New, Delta, Overlay or Remove, as the partner means them; "" is Delta
	Inactive bool   // of New and Overlay
	Runs     []Run  // amounts, at products of the plan
}

// EmitRatePlans tells rate plans and their amounts as OTA_HotelRatePlanNotifRQ: one item a plan. A Delta or Remove is about amounts only
// (RatePlanNotifScopeType RateOnly); New and Overlay tell the plan, too. The law is that of EmitAvail, for the amounts.
func EmitRatePlans(p *Profile, h Head, plans []PlanRuns) Emitted {
	var all []Run
	for i := range plans {
		all = append(all, plans[i].Runs...)
	}
	e, kept := startEmit(p, &h, all)
	var items [][]byte
	for i := range plans {
		if len(kept) == 0 && len(all) > 0 {
			break
		}
		if b := e.ratePlan(&plans[i]); b != nil {
			items = append(items, b)
		}
	}
	return Emitted{e.pack(frameOf{kind: KindRatePlanNotif, container: "RatePlans"}, items), e.left}
}

// ratePlan writes a RatePlan; nil if it has no words or nothing to say.
func (e *emitter) ratePlan(p *PlanRuns) []byte {
	notif := p.Notif
	if notif == "" {
		notif = "Delta"
	}
	verb := ari.Set
	if notif == "Remove" {
		verb = ari.Clear
	}
	attrs, why := []string{"RatePlanCode", p.Code, "RatePlanNotifType", notif}, codeWhy(p.Code, planCodeMax)
	defines := notif == "New" || notif == "Overlay"
	if defines {
		attrs = append(attrs, "RatePlanStatusType", map[bool]string{true: "Deactivated", false: "Active"}[p.Inactive])
	} else {
		attrs = append(attrs, "RatePlanNotifScopeType", "RateOnly")
	}
	var rates []byte
	for _, g := range groups(p.Runs) {
		dates, bad := e.dates(g.span)
		switch {
		case why != "":
			bad = why
		case bad == "":
			bad = ratePlanWhy(g.scope, p.Code)
		}
		room, roomWhy := e.rooms(g.scope)
		if bad == "" {
			bad = roomWhy
		}
		var runs []Run
		for _, r := range g.runs {
			switch {
			case bad != "":
				e.drop(r, bad)
			case r.Verb != verb:
				e.drop(r, "amounts are set by Delta, New and Overlay, and cleared by Remove")
			default:
				runs = append(runs, r)
			}
		}
		rates = append(rates, e.rateElements(append(room, dates...), runs)...)
	}
	if why != "" || len(rates) == 0 && !defines {
		return nil
	}
	var w writer
	w.open("RatePlan", attrs...)
	if len(rates) > 0 {
		w.open("Rates")
		w.b = append(w.b, rates...)
		w.close("Rates")
	}
	if p.Name != "" && defines {
		w.open("Description")
		w.element("Text", clipRunes(p.Name, titleMax/2)) // read back within titleMax bytes whatever its letters
		w.close("Description")
	}
	w.close("RatePlan")
	return w.b
}

func ratePlanWhy(s ari.Scope, code string) string {
	switch why := productWhy(s); {
	case why != "":
		return why
	case s.Rate != code || s.Block != "":
		return "an amount of another plan, or of a block"
	}
	return ""
}

// BlockRuns is what to tell of one block: its header, and the numbers of its grid at room types.
type BlockRuns struct {
	Block ari.Block // ID is the partner's code
	Span  ari.Span  // of its nights; From 0: of its runs
	Runs  []Run     // block numbers, at room types of the block
	// Cancel tells that it is no more, instead of telling it as a whole.
	Cancel bool

	told bool // in an answer: nothing is asked to be done
}

// EmitBlocks tells blocks as OTA_HotelInvBlockNotifRQ: each as a whole (TransactionAction Modify), or its end. A message holds one hotel and as
// many blocks as the schema takes, 99.
func EmitBlocks(p *Profile, h Head, blocks []BlockRuns) Emitted {
	if h.ItemsMax <= 0 || h.ItemsMax > blocksMax {
		h.ItemsMax = blocksMax
	}
	e, _ := startEmit(p, &h, nil)
	why := codeWhy(h.HotelCode, hotelCodeMax)
	var items [][]byte
	for i := range blocks {
		b := &blocks[i]
		bad := codeWhy(b.Block.ID, blockCodeMax)
		if _, status := e.blockStatus(&b.Block, b.Cancel); bad == "" {
			bad = status
		}
		if why == "" && bad == "" {
			var w writer
			e.invBlock(&w, b)
			items = append(items, w.b)
		} else {
			for _, r := range b.Runs {
				e.drop(r, "the hotel or the block: "+why+bad)
			}
		}
	}
	return Emitted{e.pack(frameOf{kind: KindInvBlockNotif, container: "InvBlocks", bare: true}, items), e.left}
}

// invBlock writes an InvBlock.
func (e *emitter) invBlock(w *writer, b *BlockRuns) {
	w.open("InvBlock", e.blockAttrs(b)...)
	if e.h.HotelCode != "" && codeWhy(e.h.HotelCode, hotelCodeMax) == "" {
		w.empty("HotelRef", "HotelCode", e.h.HotelCode)
	}
	e.blockDates(w, b)
	if !b.Cancel {
		e.roomTypes(w, b)
	}
	w.close("InvBlock")
}

func (e *emitter) blockAttrs(b *BlockRuns) []string {
	x := &b.Block
	attrs := []string{"BookingStatus", map[bool]string{true: "Open", false: "Closed"}[x.OpenForPickup && !b.Cancel], "InvBlockCode", x.ID}
	if x.Parent != "" && codeWhy(x.Parent, roomCodeMax) == "" {
		attrs = append(attrs, "InvBlockGroupingCode", x.Parent)
	}
	if x.Name != "" {
		attrs = append(attrs, "InvBlockLongName", clipRunes(x.Name, titleMax/2))
	}
	if status, why := e.blockStatus(x, b.Cancel); why == "" {
		attrs = append(attrs, "InvBlockStatusCode", status)
	}
	if b.told {
		return attrs
	}
	return append(attrs, "TransactionAction", map[bool]string{true: "Cancel", false: "Modify"}[b.Cancel])
}

func (e *emitter) blockDates(w *writer, b *BlockRuns) {
	span := b.Span
	if span.From == 0 {
		for i, r := range b.Runs {
			if i == 0 {
				span = ari.Dates(r.Span.From, r.Span.To)
			}
			span.From, span.To = min(span.From, r.Span.From), max(span.To, r.Span.To)
		}
	}
	var attrs []string
	if span.From > 0 && e.endTold(span.To) {
		attrs = append(attrs, "Start", span.From.String(), "End", (span.To + e.blockEnd()).String())
	}
	if c := b.Block.Cutoff; c != nil {
		attrs = append(attrs, "AbsoluteCutoff", (*c + e.blockCutoff()).String())
	}
	if len(attrs) > 0 {
		w.empty("InvBlockDates", attrs...)
	}
}

// roomTypes writes the grid, one RoomType for each room type.
func (e *emitter) roomTypes(w *writer, b *BlockRuns) {
	by, order := map[string][]Run{}, []string{}
	for _, r := range JoinRuns(b.Runs) {
		why := codeWhy(r.Scope.Room, roomCodeMax)
		_, bad := e.dates(r.Span)
		switch {
		case r.Scope.Rooms != ari.RoomTypeKind || r.Scope.Rates != ari.AllRates || r.Scope.Block != b.Block.ID || r.Scope.Channel != "":
			why = "a block's numbers are told of room types"
		case why != "":
		case bad != "" || r.Span.Days&ari.AllDays != ari.AllDays || r.Span.To == ari.DateMax || !e.endTold(r.Span.To):
			why = "dates with weekdays, or without end"
		case r.Verb != ari.Set || r.Value.A < 0 || r.Value.A > intMax:
			why = "a number below 0, or a clear"
		case r.Field.Family() != ari.FamilyBlock || !e.allocates(r):
			why = r.Field.String() + " has no words in InvBlock"
		}
		if why != "" {
			e.drop(r, why)
			continue
		}
		if by[r.Scope.Room] == nil {
			order = append(order, r.Scope.Room)
		}
		by[r.Scope.Room] = append(by[r.Scope.Room], r)
	}
	if len(order) == 0 {
		return
	}
	w.open("RoomTypes")
	for _, room := range order {
		w.open("RoomType", "RoomTypeCode", room)
		e.allocations(w, by[room])
		w.close("RoomType")
	}
	w.close("RoomTypes")
}

// allocations writes a RoomTypeAllocations for each number, as the profile reads its pick-up status.
func (e *emitter) allocations(w *writer, runs []Run) {
	for len(runs) > 0 {
		f := runs[0].Field
		var rest []Run
		if code, _ := e.allocationCode(f); f == ari.BlockField(ari.BlockSellLimit) || code == "" {
			w.open("RoomTypeAllocations")
		} else {
			w.open("RoomTypeAllocations", "RoomTypePickUpStatus", code)
		}
		for _, r := range runs {
			if r.Field != f {
				rest = append(rest, r)
				continue
			}
			name := "NumberOfUnits"
			if f == ari.BlockField(ari.BlockSellLimit) {
				name = "SellLimit"
			}
			w.empty("RoomTypeAllocation", "Start", r.Span.From.String(), "End", (r.Span.To + e.blockEnd()).String(), name, strconv.FormatInt(r.Value.A, 10))
		}
		w.close("RoomTypeAllocations")
		runs = rest
	}
}

// allocates tells whether a number has a place: a pick-up status that means it, or SellLimit, which the schema has above 0 only.
func (e *emitter) allocates(r Run) bool {
	if r.Field == ari.BlockField(ari.BlockSellLimit) {
		return r.Value.A > 0
	}
	_, ok := e.allocationCode(r.Field)
	return ok
}

func clipRunes(s string, max int) string {
	n := 0
	for i := range s {
		if n == max {
			return s[:i]
		}
		n++
	}
	return s
}
