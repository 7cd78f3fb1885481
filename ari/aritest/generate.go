package aritest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Chooser is where a generator gets its choices from: a *rand.Rand of math/rand/v2, or Drawn by rapid.
type Chooser interface {
	IntN(n int) int // 0 .. n-1
}

// World generates the life of one property: what it has, what it is told, what it is asked. Values come from small ranges, so that statements
// collide and interact. It remembers only what it needs to say things that make sense (and, now and then, things that do not).
type World struct {
	c Chooser

	day        ari.StayDate // of the picture
	property   ari.Property
	rooms      map[string]*ari.RoomType
	plans      map[string]*ari.RatePlan
	blocks     map[string]*ari.Block
	roomCodes  []string
	planCodes  []string
	blockIDs   []string
	classes    []string
	categories []string
	pools      []string

	seq      map[string]int64 // last stamp of each connection
	ticks    int              // seconds since noon
	sent     []*ari.Update    // that can be repeated
	overlays []string
	holds    []string
	laid     int
}

// The fixed names of every world. "pms" owns rates and counts; "crs" and "ops" tell restrictions beside it.
const propertyCode = "H"

var (
	connections = []string{"pms", "crs", "ops"}
	channels    = []string{"", "", "", "web", "gds"}
	zones       = []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"}
)

// NewWorld answers a world; its day is near one of Berlin's or New York's changes of clocks, or on an ordinary date.
func NewWorld(c Chooser) *World {
	days := []ari.StayDate{
		ari.DateOf(2026, time.March, 27), ari.DateOf(2026, time.October, 23), ari.DateOf(2026, time.June, 10), ari.DateOf(2026, time.March, 6),
	}
	return &World{
		c: c, day: pick(c, days), rooms: map[string]*ari.RoomType{}, plans: map[string]*ari.RatePlan{}, blocks: map[string]*ari.Block{},
		seq: map[string]int64{},
	}
}

// Day answers the day that the last roll told.
func (w *World) Day() ari.StayDate { return w.day }

// Room and Plan answer the generator's view of an object; nil if it has none.
func (w *World) Room(code string) *ari.RoomType { return w.rooms[code] }
func (w *World) Plan(code string) *ari.RatePlan { return w.plans[code] } //nolint:revive // see Room

// Block answers the generator's view of a block; nil if it has none.
func (w *World) Block(id string) *ari.Block { return w.blocks[id] }

func pick[T any](c Chooser, from []T) T { return from[c.IntN(len(from))] }

// one tells true once in n.
func (w *World) one(n int) bool { return w.c.IntN(n) == 0 }

// between answers low .. high.
func (w *World) between(low, high int) int { return low + w.c.IntN(high-low+1) }

// maybe answers v, or the zero value, one in n.
func maybe[T any](w *World, n int, v func() T) (out T) {
	if w.one(n) {
		out = v()
	}
	return out
}

func (w *World) date(low, high int) ari.StayDate { return w.day + ari.StayDate(w.between(low, high)) }

func (w *World) someDate(low, high int) *ari.StayDate {
	d := w.date(low, high)
	return &d
}

// Found answers the update that makes the property, and those that tell its first counts and rates.
func (w *World) Found() []*ari.Update {
	u := w.newUpdate("pms")
	u.Day = w.day
	w.property = ari.Property{Code: propertyCode, TimeZone: pick(w.c, zones), Currency: pick(w.c, []string{"EUR", "EUR", "JPY", "KWD"})}
	w.settings()
	u.Objects = append(u.Objects, w.object(ari.KindProperty, propertyCode, w.property))
	for _, code := range []string{"C1", "C2"} {
		w.classes = append(w.classes, code)
		u.Objects = append(u.Objects, w.object(ari.KindRoomClass, code, ari.RoomClass{Code: code}))
	}
	for _, code := range []string{"G1", "G2"} {
		w.categories = append(w.categories, code)
		u.Objects = append(u.Objects, w.object(ari.KindRateCategory, code, ari.RateCategory{Code: code}))
	}
	for _, code := range []string{"O1", "O2"} {
		w.pools = append(w.pools, code)
		u.Objects = append(u.Objects, w.object(ari.KindPool, code, ari.Pool{Code: code}))
	}
	for i := range w.between(1, 3) {
		u.Objects = append(u.Objects, w.putRoom(fmt.Sprint("R", i+1)))
	}
	for i := range w.between(2, 5) {
		u.Objects = append(u.Objects, w.putPlan(fmt.Sprint("P", i+1)))
	}
	for i := range w.between(0, 3) {
		u.Objects = append(u.Objects, w.putBlock(fmt.Sprint("B", i+1)))
	}
	return []*ari.Update{u, w.firstCounts(), w.firstRates(), w.firstGrids()}
}

func (w *World) newUpdate(connection string) *ari.Update {
	u := &ari.Update{Property: propertyCode, Connection: connection, By: ari.Author{Kind: ari.ByMessage, ID: connection}, Released: true}
	w.seq[connection] += int64(w.between(1, 3))
	u.Order = w.seq[connection]
	u.Received = w.now()
	u.SourceTime = u.Received
	if w.one(10) {
		u.SourceTime = time.Time{}
	}
	return u
}

// now answers an instant around noon UTC of the picture's day, rising; now and then a day later, before the roll is told.
func (w *World) now() time.Time {
	w.ticks++
	t := w.day.Time().Add(12*time.Hour + time.Duration(w.ticks)*time.Second)
	if w.one(20) {
		t = t.Add(24 * time.Hour)
	}
	return t
}

// delay makes an update a late one: stamped before others of its connection that have arrived.
func (w *World) delay(u *ari.Update) {
	late := int64(w.between(1, 12))
	u.Order = max(1, u.Order-late)
	if !u.SourceTime.IsZero() {
		u.SourceTime = u.SourceTime.Add(-time.Duration(late) * time.Second)
	}
}

func (w *World) object(kind, code string, v any) ari.ObjectOp {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // a struct of plain fields
	}
	return ari.ObjectOp{Kind: kind, Code: code, Body: body}
}

// settings draws the property's choices.
func (w *World) settings() {
	p := &w.property
	p.CheckIn = ari.TimeOfDay(pick(w.c, []int{0, 150, 15 * 60, 18 * 60}))
	p.DayEndsAt = ari.TimeOfDay(pick(w.c, []int{0, 0, 4 * 60}))
	p.BusinessDate = maybe(w, 3, func() *ari.StayDate { return w.someDate(-2, 1) })
	p.AdultAge = pick(w.c, []int{0, 16})
	p.InfantAge = pick(w.c, []int{0, 2})
	p.CountInfants = w.one(3)
	p.LeadReference = pick(w.c, []string{"", "midnight_start", "midnight_end"})
	p.NightDecimals = maybe(w, 3, func() *int { n := w.between(0, 2); return &n })
	p.TotalDecimals = maybe(w, 4, func() *int { n := w.between(0, 3); return &n })
	p.Counts = ari.CountPolicy{KeepSoldTentative: w.one(2), KeepBlockDefinite: w.one(2), KeepBlockTentative: w.one(2), KeepOutOfService: w.one(2)}
	p.BlocksInCount = maybe(w, 2, func() *bool { b := w.one(4); return &b })
	p.CutoffReleasesOnDate = w.one(3)
	p.RatesOwner, p.CountsOwner = "pms", "pms"
	p.ReplaceShare = 100
}

func (w *World) putRoom(code string) ari.ObjectOp {
	r := &ari.RoomType{Code: code}
	r.Class = maybe(w, 2, func() string { return pick(w.c, w.classes) })
	r.Inactive = w.one(60)
	r.StdOccupancy = w.between(0, 3)
	r.MaxOccupancy = maybe(w, 4, func() int { return w.between(2, 6) })
	r.MinOccupancy = maybe(w, 10, func() int { return w.between(1, 2) })
	r.MaxAdults = maybe(w, 10, func() int { return w.between(1, 4) })
	if r.MaxChildren = maybe(w, 6, func() *int { n := w.between(0, 2); return &n }); r.MaxChildren != nil && w.one(2) {
		r.MaxOccupancy = w.between(3, 5)
	}
	if w.one(4) {
		r.Pools = append(r.Pools, ari.PoolUse{Pool: pick(w.c, w.pools), Quantity: w.between(1, 2)})
		if w.one(2) {
			if own := pick(w.c, []string{code, "O1", "O2"}); own != r.Pools[0].Pool && (own != code || w.rooms[code] != nil) {
				r.Pools = append(r.Pools, ari.PoolUse{Pool: own, Quantity: 1})
			}
		}
	}
	if w.rooms[code] == nil {
		w.roomCodes = append(w.roomCodes, code)
	}
	w.rooms[code] = r
	return w.object(ari.KindRoomType, code, r)
}

func (w *World) putPlan(code string) ari.ObjectOp {
	p := &ari.RatePlan{Code: code}
	old := w.plans[code]
	if old != nil && w.one(8) {
		old = nil // what it is may change altogether: its amounts are untold, or its relatives do not agree any more
	}
	w.drawConditions(p)
	if old != nil {
		p.Tax, p.Basis, p.Tiers, p.Period, p.PerPerson, p.Parent, p.Currency = old.Tax, old.Basis, old.Tiers, old.Period, old.PerPerson, old.Parent, old.Currency
	} else {
		w.drawKind(p)
	}
	if p.Parent != "" {
		w.drawDerivation(p)
	}
	w.drawExtras(p)
	if w.plans[code] == nil {
		w.planCodes = append(w.planCodes, code)
	}
	w.plans[code] = p
	return w.object(ari.KindRatePlan, code, p)
}

// drawKind draws what a plan is: derived, and then like its parent, or on its own.
func (w *World) drawKind(p *ari.RatePlan) {
	p.Tax = pick(w.c, []string{"", "before", "both"})
	if len(w.planCodes) > 0 && w.one(2) {
		parent := pick(w.c, w.planCodes)
		up := w.plans[parent]
		p.Parent, p.Basis, p.Tiers, p.Period, p.PerPerson, p.Currency = parent, up.Basis, up.Tiers, up.Period, up.PerPerson, up.Currency
		if w.one(3) {
			p.Tax = up.Tax
		}
		return
	}
	p.PerPerson = w.one(4)
	p.Currency = pick(w.c, []string{"", "", "", "JPY"})
	switch w.c.IntN(10) {
	case 0, 1:
		p.Basis, p.Tiers = ari.BasisLOSTier, pick(w.c, [][]int{{1, 3}, {2, 4}, {1}})
	case 2, 3:
		p.Basis, p.Period, p.Multiple = ari.BasisPeriod, w.between(2, 3), w.one(2)
	case 4:
		if w.one(3) {
			p.Basis = pick(w.c, []ari.Basis{ari.BasisArrivalLOS, ari.BasisDayOfArrival})
		}
	}
}

// drawConditions draws everything else of a plan but its derivation.
func (w *World) drawConditions(p *ari.RatePlan) {
	p.Category = maybe(w, 2, func() string { return pick(w.c, w.categories) })
	p.Inactive = w.one(50)
	p.RoomTypes = maybe(w, 20, func() []string { return []string{pick(w.c, w.roomCodes)} })
	p.Channels = maybe(w, 20, func() []string { return []string{"web", "gds"}[:w.between(1, 2)] })
	p.Clients = maybe(w, 40, func() []string { return []string{"shop"} })
	p.AccessCodes = maybe(w, 20, func() []string { return []string{"VIP", "CORP"}[:w.between(1, 2)] })
	p.SellFrom = maybe(w, 16, func() *ari.StayDate { return w.someDate(-3, 1) })
	p.SellTo = maybe(w, 16, func() *ari.StayDate { return w.someDate(-1, 3) })
	p.StayFrom = maybe(w, 16, func() *ari.StayDate { return w.someDate(-2, 3) })
	p.StayTo = maybe(w, 16, func() *ari.StayDate { return w.someDate(4, 12) })
	p.MinOccupancy = maybe(w, 16, func() int { return w.between(1, 2) })
	p.MaxOccupancy = maybe(w, 16, func() int { return w.between(2, 5) })
	p.Fill = pick(w.c, []string{"", "exact", "next_higher", "base_extras", "pro_rata", "from_base"})
	p.BaseOccupancy = maybe(w, 2, func() int { return w.between(1, 4) })
	p.ChildPricing = pick(w.c, []string{"", "bands", "positions", "count", "free", "as_adults"})
	p.OldestAsAdults = w.one(3)
	p.Complimentary = w.one(8)
	p.UnopenedIsClosed = w.one(14)
}

// drawDerivation draws a derived plan's rules and what it inherits.
func (w *World) drawDerivation(p *ari.RatePlan) {
	p.Inherit = ari.Inherit{Closed: w.one(2), CTACTD: w.one(2), LOS: w.one(2), Lead: w.one(2), Limits: w.one(2)}
	p.Step = pick(w.c, []ari.Amount{0, 0, 5_000, ari.AmountUnit, 5 * ari.AmountUnit})
	for range w.between(1, 2) {
		r := ari.DeriveRule{Percent: ari.Amount(w.between(-8, 4)) * 25_000, AmountFirst: w.one(3)}
		if w.one(2) {
			r.Amount = ari.Amount(w.between(-4, 4)) * 25_000
			r.Side = pick(w.c, []string{"after", "before"})
			if p.Tax != "both" && w.one(2) {
				r.Side = ""
			}
		}
		r.From = maybe(w, 3, func() *ari.StayDate { return w.someDate(-1, 4) })
		r.To = maybe(w, 3, func() *ari.StayDate { return w.someDate(5, 12) })
		r.Days = maybe(w, 4, func() []string { return []string{"fri", "sat", "sun"}[:w.between(1, 3)] })
		r.RoomTypes = maybe(w, 5, func() []string { return []string{pick(w.c, w.roomCodes)} })
		r.Min = maybe(w, 4, func() *ari.Amount { a := ari.Amount(w.between(6, 9)) * 100_000; return &a })
		r.Max = maybe(w, 4, func() *ari.Amount { a := ari.Amount(w.between(9, 12))*100_000 + 3_333; return &a })
		p.Derive = append(p.Derive, r)
	}
}

func (w *World) putBlock(id string) ari.ObjectOp {
	b := &ari.Block{ID: id, OpenForPickup: !w.one(6), Deducts: !w.one(4), Elastic: w.one(3), Tentative: w.one(4)}
	b.Status = pick(w.c, []string{"definite", "definite", "definite", "definite", "", "cancelled"})
	b.Release = pick(w.c, []string{"", "told", "automatic"})
	b.Cutoff = maybe(w, 2, func() *ari.StayDate { return w.someDate(-2, 4) })
	if old := w.blocks[id]; old != nil {
		b.Parent = old.Parent
	} else {
		b.Parent = maybe(w, 2, func() string {
			if len(w.blockIDs) == 0 {
				return ""
			}
			return pick(w.c, w.blockIDs)
		})
		w.blockIDs = append(w.blockIDs, id)
	}
	w.blocks[id] = b
	return w.object(ari.KindBlock, id, b)
}

// firstCounts tells a count of every room type and pool, mostly without dates, so that most stays find rooms.
func (w *World) firstCounts() *ari.Update {
	u := w.newUpdate("pms")
	tell := func(s ari.Scope, c ari.Component, n int) {
		u.Statements = append(u.Statements, ari.Statement{Verb: ari.Set, Scope: s, Span: w.wideSpan(), Field: ari.Count(c), Value: ari.Num(int64(n))})
	}
	scopes := []ari.Scope{}
	for _, r := range w.roomCodes {
		scopes = append(scopes, ari.RoomScope(r))
	}
	for _, o := range w.pools {
		scopes = append(scopes, ari.Scope{Rooms: ari.PoolKind, Room: o})
	}
	for _, s := range scopes {
		if w.one(3) {
			tell(s, ari.Physical, w.between(4, 9))
			tell(s, ari.SoldDefinite, w.between(0, 3))
			continue
		}
		tell(s, ari.Net, w.between(1, 6))
	}
	return u
}

// wideSpan answers a span that covers most of what is asked.
func (w *World) wideSpan() ari.Span {
	switch w.c.IntN(4) {
	case 0:
		return ari.Dates(w.day-1, w.day+12)
	case 1:
		return ari.Span{From: w.day, To: ari.DateMax, Days: ari.AllDays}
	}
	return ari.Undated
}

// firstRates tells the amounts of most plans that have no parent.
func (w *World) firstRates() *ari.Update {
	u := w.newUpdate("pms")
	for _, room := range w.roomCodes {
		for _, plan := range w.planCodes {
			if w.plans[plan].Parent != "" && !w.one(6) || w.one(20) {
				continue
			}
			s := ari.Product(room, plan)
			for range len(w.plans[plan].Tiers) + 1 { // a card draws one tier
				u.Statements = append(u.Statements, w.rateCard(s, w.wideSpan())...)
			}
			if len(w.blockIDs) > 0 && w.one(3) {
				s.Block = pick(w.c, w.blockIDs)
				u.Statements = append(u.Statements, w.rateCard(s, w.wideSpan())...)
			}
		}
	}
	return u
}

// rateCard tells amounts for adults, the extra adult and children.
func (w *World) rateCard(s ari.Scope, span ari.Span) []ari.Statement {
	var out []ari.Statement
	tell := func(k ari.RateKey) {
		k.LOS = w.tier(s.Rate)
		out = append(out, ari.Statement{Verb: ari.Set, Scope: s, Span: span, Field: k.Field(), Value: w.rateValue(s.Rate, k.Class != ari.Adults)})
	}
	for _, n := range []int{1, 2, 2, 3, 4} {
		if !w.one(6) {
			tell(ari.RateKey{Class: ari.Adults, N: uint8(n)})
		}
	}
	for _, k := range childKeys {
		if !w.one(3) {
			tell(k)
		}
	}
	if !w.one(5) {
		tell(ari.RateKey{Class: ari.ExtraAdult})
	}
	return out
}

var childKeys = []ari.RateKey{
	{Class: ari.ChildBand, Min: 0, Max: 6}, {Class: ari.ChildBand, Min: 3, Max: 12}, {Class: ari.ChildBand, Min: 6, Max: 18}, {Class: ari.ChildBand, Min: 0, Max: 18},
	{Class: ari.ChildNth, N: 1}, {Class: ari.ChildNth, N: 2}, {Class: ari.ChildCount, N: 1}, {Class: ari.ChildCount, N: 2},
}

// tier answers a LOS that a plan's rate keys may have.
func (w *World) tier(plan string) uint8 {
	switch p := w.plans[plan]; {
	case p == nil:
	case p.Basis == ari.BasisLOSTier:
		return uint8(pick(w.c, p.Tiers))
	case p.Basis == ari.BasisArrivalLOS:
		return uint8(w.between(1, 3))
	}
	return 0
}

// rateValue draws amounts on sides that the plan tells; small ones for children and extra adults.
func (w *World) rateValue(plan string, small bool) ari.Value {
	amount := func() ari.Amount {
		if w.one(15) {
			return 0
		}
		if small {
			return ari.Amount(w.between(0, 4)) * 83_333
		}
		return ari.Amount(w.between(6, 14))*100_000 + pick(w.c, []ari.Amount{0, 0, 0, 3_333, 5_000, 4_950})
	}
	form := ari.SideAfter
	if p := w.plans[plan]; p != nil && p.Tax == "before" {
		form = ari.SideBefore
	} else if p != nil && p.Tax == "both" {
		form = pick(w.c, []uint8{1, 2, 3, 3, 3})
	}
	switch form {
	case ari.SideBefore:
		return ari.Before(amount())
	case ari.SideAfter:
		return ari.After(amount())
	}
	return ari.Both(amount(), amount())
}

// firstGrids tells a grid row of every block.
func (w *World) firstGrids() *ari.Update {
	u := w.newUpdate("pms")
	for _, id := range w.blockIDs {
		for range w.between(1, 2) {
			s := w.gridScope(id)
			u.Statements = append(u.Statements,
				ari.Statement{Verb: ari.Set, Scope: s, Span: w.wideSpan(), Field: ari.BlockField(ari.BlockCurrent), Value: ari.Num(int64(w.between(1, 4)))},
				ari.Statement{Verb: ari.Set, Scope: s, Span: w.wideSpan(), Field: ari.BlockField(ari.BlockPickedUp), Value: ari.Num(int64(w.between(0, 2)))})
		}
	}
	return u
}

func (w *World) gridScope(id string) ari.Scope {
	s := w.roomsScope(false)
	s.Block = id
	return s
}

// roomsScope draws the rooms of a scope: mostly a room type.
func (w *World) roomsScope(pools bool) ari.Scope {
	switch n := w.c.IntN(10); {
	case n == 0:
		return ari.Scope{}
	case n <= 2:
		return ari.Scope{Rooms: ari.RoomClassKind, Room: pick(w.c, w.classes)}
	case n == 3 && pools:
		return ari.Scope{Rooms: ari.PoolKind, Room: pick(w.c, w.pools)}
	}
	return ari.RoomScope(pick(w.c, w.roomCodes))
}

// anyScope draws a scope of restrictions and limits.
func (w *World) anyScope() ari.Scope {
	s := ari.Scope{}
	if !w.one(3) {
		s = w.roomsScope(false)
	}
	switch w.c.IntN(8) {
	case 0, 1:
		s.Rates, s.Rate = ari.CategoryKind, pick(w.c, w.categories)
	case 2, 3, 4:
		s.Rates, s.Rate = ari.PlanKind, pick(w.c, w.planCodes)
	case 5:
		s.Rates, s.Rate = ari.FamilyKind, pick(w.c, w.planCodes)
	}
	s.Channel = pick(w.c, channels)
	if len(w.blockIDs) > 0 && w.one(6) {
		s.Block = pick(w.c, w.blockIDs)
	}
	return s
}

// span draws the dates of a statement: short and near mostly.
func (w *World) span() ari.Span {
	s := ari.Dates(w.date(-3, 9), 0)
	s.To = s.From + ari.StayDate(w.between(0, 4))
	switch w.c.IntN(24) {
	case 0:
		s = ari.Undated
	case 1:
		s.To = ari.DateMax
	case 2:
		s.From = ari.DateMin
	case 3: // the end of the horizon, and beyond
		s = ari.Dates(w.date(1090, 1096), w.date(1096, 1100))
	case 4:
		s = ari.Span{From: w.date(1094, 1099), To: ari.DateMax, Days: ari.AllDays}
	case 5:
		s = ari.Dates(w.date(-5, 0), w.date(1, 20))
	}
	if w.one(4) {
		s.Days = ari.Weekdays(w.between(1, 127))
	}
	return s
}

// datedSpan draws a span with two ends.
func (w *World) datedSpan() ari.Span {
	for {
		if s := w.span(); s.From != ari.DateMin && s.To != ari.DateMax {
			return s
		}
	}
}

// Update draws the next thing the property is told.
func (w *World) Update() *ari.Update {
	switch n := w.c.IntN(40); {
	case n < 3:
		return w.replace()
	case n < 6:
		return w.change()
	case n < 12:
		return w.overlay()
	case n < 14:
		return w.roll()
	case n < 16 && len(w.sent) > 0:
		again := *pick(w.c, w.sent)
		again.Received = w.now()
		return &again
	case n < 20:
		return w.adjusts()
	}
	return w.tell()
}

// Tell draws an update of sets, clears and now and then an extent: nothing that depends on the order of arrival but by its stamp.
func (w *World) Tell() *ari.Update {
	if w.one(8) {
		return w.replace()
	}
	return w.tell()
}

// Lay draws an update that lays an overlay.
func (w *World) Lay() *ari.Update {
	u := w.newUpdate("pms")
	u.Overlays = []ari.OverlayOp{{Verb: ari.OverlayPut, Overlay: w.newOverlay()}}
	return u
}

// tell draws an update of sets and clears; now and then a late one, or one by item with an item that is wrong.
func (w *World) tell() *ari.Update {
	connection := "pms"
	if w.one(3) {
		connection = pick(w.c, connections)
	}
	u := w.newUpdate(connection)
	if w.one(3) {
		w.delay(u)
	}
	u.ByItem = w.one(2)
	for item := range w.between(1, 4) {
		for range w.between(1, 2) {
			s := w.statement(connection)
			s.Item = item
			u.Statements = append(u.Statements, s)
		}
	}
	if w.one(6) {
		w.spoil(u)
	}
	w.sent = append(w.sent, u)
	return u
}

// statement draws a set or a clear that the connection may say.
func (w *World) statement(connection string) ari.Statement {
	s := ari.Statement{Verb: ari.Set, Span: w.span()}
	kind := w.c.IntN(20)
	if connection != w.property.CountsOwner && kind >= 10 && !w.one(12) {
		kind = w.c.IntN(10)
	}
	switch {
	case kind < 8:
		s.Scope, s.Field, s.Value = w.restriction()
	case kind < 10:
		s.Scope, s.Field, s.Value = w.limit()
		if w.one(8) {
			s.Scope, s.Field, s.Value = w.anyScope(), ari.UnknownField, ari.Value{}
			s.Text = pick(w.c, []string{"fence=a", "fence=b", "level=1", "level"})
		}
	case kind < 13:
		s.Scope = w.roomsScope(true)
		s.Field, s.Value = w.count()
	case kind < 15 && len(w.blockIDs) > 0:
		s.Scope = w.gridScope(pick(w.c, w.blockIDs))
		s.Field, s.Value = w.blockNumber()
	default:
		s.Scope = ari.Product(pick(w.c, w.roomCodes), pick(w.c, w.planCodes))
		if len(w.blockIDs) > 0 && w.one(6) {
			s.Scope.Block = pick(w.c, w.blockIDs)
		}
		card := w.rateCard(s.Scope, s.Span)
		for len(card) == 0 {
			card = w.rateCard(s.Scope, s.Span)
		}
		s = pick(w.c, card)
	}
	if w.one(5) {
		s.Verb, s.Value = ari.Clear, ari.Value{}
	}
	return s
}

func (w *World) restriction() (ari.Scope, ari.Field, ari.Value) {
	when := ari.When(w.between(1, 3))
	f := func(what ari.What) ari.Field { return ari.Restriction(when, what) }
	n := func(low, high int) ari.Value { return ari.Num(int64(w.between(low, high))) }
	scope := w.anyScope()
	if w.one(5) { // where unopened plans are opened
		channel := scope.Channel
		scope = ari.Product(pick(w.c, w.roomCodes), pick(w.c, w.planCodes))
		scope.Channel = channel
		return scope, ari.Closed, ari.Num(ari.Open)
	}
	switch w.c.IntN(9) {
	case 0:
		return scope, f(ari.MinLOS), n(1, 4)
	case 1:
		return scope, f(ari.MaxLOS), n(1, 5)
	case 2:
		bits := uint64(w.between(1, 31))
		return scope, f(ari.LOSPattern), ari.Pattern(bits, 5, w.one(2))
	case 3, 4:
		what := ari.MinLead
		if w.one(2) {
			what = ari.MaxLead
		}
		return scope, f(what), w.lead(what)
	case 5:
		amount := ari.Amount(w.between(3, 18)) * 100_000
		if w.one(2) {
			return scope, f(ari.MinPrice), ari.Price(uint8(w.between(1, 2)), amount)
		}
		return scope, f(ari.MaxPrice), ari.Price(uint8(w.between(1, 2)), amount)
	}
	return scope, f(ari.NotAtAll), n(1, 2)
}

// lead draws leads that some queries pass.
func (w *World) lead(what ari.What) ari.Value {
	days := w.between(0, 2)
	if what == ari.MaxLead {
		days = w.between(2, 12)
	}
	switch w.c.IntN(3) {
	case 0:
		return ari.LeadDays(int64(days), ari.NoTime)
	case 1:
		return ari.LeadDays(int64(days), int64(pick(w.c, []int{0, 150, 12 * 60, 18 * 60})))
	}
	return ari.LeadMinutes(int64(days*24*60 + w.between(-2, 2)*60 + 120))
}

func (w *World) limit() (ari.Scope, ari.Field, ari.Value) {
	scope := w.anyScope()
	switch w.c.IntN(6) {
	case 0:
		scope = w.roomsScope(false) // where the sold count may be known
		return scope, ari.Limit(ari.Total), ari.Num(int64(w.between(1, 8)))
	case 1:
		return scope, ari.Limit(ari.HoldBack), ari.Num(int64(w.between(0, 2)))
	case 2:
		scope.Block = ""
		return scope, ari.Limit(ari.Offset), ari.Num(int64(w.between(-2, 2)))
	}
	return scope, ari.Limit(ari.Remaining), ari.Num(int64(w.between(0, 5)))
}

func (w *World) count() (ari.Field, ari.Value) {
	c := ari.Net
	if w.one(2) {
		c = ari.Component(w.between(int(ari.Physical), int(ari.Overbooking)))
	}
	switch c {
	case ari.Net:
		return ari.Count(c), ari.Num(int64(w.between(-1, 6)))
	case ari.Physical:
		return ari.Count(c), ari.Num(int64(w.between(3, 9)))
	}
	return ari.Count(c), ari.Num(int64(w.between(0, 2)))
}

func (w *World) blockNumber() (ari.Field, ari.Value) {
	switch n := ari.BlockNumber(w.between(int(ari.BlockOriginal), int(ari.BlockCutoff))); n {
	case ari.BlockCutoff:
		return ari.BlockField(n), ari.Num(int64(w.date(-2, 4)))
	case ari.BlockPickedUp:
		return ari.BlockField(n), ari.Num(int64(w.between(0, 2)))
	default:
		return ari.BlockField(n), ari.Num(int64(w.between(0, 5)))
	}
}

// spoil makes one statement wrong.
func (w *World) spoil(u *ari.Update) {
	s := &u.Statements[w.c.IntN(len(u.Statements))]
	rate := func(f ari.Field) {
		plan := pick(w.c, w.planCodes)
		s.Verb, s.Scope, s.Field, s.Text = ari.Set, ari.Product(pick(w.c, w.roomCodes), plan), f, ""
		s.Value = ari.After(1_000_000)
	}
	switch w.c.IntN(10) {
	case 0:
		s.Scope = ari.RoomScope("R9")
	case 1:
		s.Scope = ari.PlanScope("P9")
	case 2:
		s.Scope = ari.Scope{Rooms: ari.RoomClassKind, Room: "C9"}
	case 3:
		s.Scope.Block = "B9"
	case 4:
		s.Span.From, s.Span.To = w.day+5, w.day+4
	case 5:
		s.Span = ari.Dates(w.day-9, w.day-4)
	case 6:
		s.Verb, s.Scope, s.Field, s.Value = ari.Set, ari.Scope{}, ari.MinLOSArrival, ari.Num(int64(pick(w.c, []int{0, 1000})))
	case 7:
		s.Verb, s.Scope, s.Field, s.Value = ari.Set, ari.Scope{Rooms: ari.PoolKind, Room: pick(w.c, w.pools)}, ari.Closed, ari.Num(ari.Shut)
	case 8:
		rate(ari.RateKey{Class: ari.Adults, N: 2, LOS: 9}.Field())
	case 9:
		rate(ari.AdultsField(2))
		s.Value = ari.Both(1_000_000, 1_100_000)
		s.Field = ari.RateKey{Class: ari.Adults, N: 2, LOS: w.tier(s.Scope.Rate)}.Field()
	}
}

// adjusts draws adjusts of counts: some find nothing to adjust.
func (w *World) adjusts() *ari.Update {
	connection := w.property.CountsOwner
	u := w.newUpdate(connection)
	u.ByItem = w.one(2)
	if w.one(4) {
		w.delay(u)
	}
	for item := range w.between(1, 2) {
		c := ari.Net
		if w.one(3) {
			c = pick(w.c, []ari.Component{ari.Physical, ari.SoldDefinite})
		}
		span := w.datedSpan()
		span.To = min(span.To, span.From+2)
		u.Statements = append(u.Statements, ari.Statement{
			Item: item, Verb: ari.Adjust, Scope: ari.RoomScope(pick(w.c, w.roomCodes)), Field: ari.Count(c), Span: span,
			Value: ari.Num(int64(pick(w.c, []int{-2, -1, 1, 2}))),
		})
	}
	return u
}

// replace draws an update with an extent, and sets that may lie in it.
func (w *World) replace() *ari.Update {
	connection := pick(w.c, connections)
	u := w.newUpdate(connection)
	if w.one(5) {
		w.delay(u)
	}
	families := []uint8{ari.FamilyRestriction, ari.FamilyLimit, ari.FamilyUnknown}
	if connection == w.property.RatesOwner {
		families = append(families, ari.FamilyCount, ari.FamilyRate, ari.FamilyBlock)
	}
	x := ari.Extent{Item: 0, Span: w.span(), Scopes: ari.ScopeSet{Scope: w.anyScope(), AnyRooms: w.one(2), AnyRates: w.one(2), AnyChannel: !w.one(3), AnyBlock: w.one(2)}}
	for range w.between(1, 2) {
		f := ari.FieldSet{Family: pick(w.c, families)}
		if f.Family == ari.FamilyRestriction && w.one(2) {
			f.Field = pick(w.c, []ari.Field{ari.Closed, ari.CTA, ari.MinLOSArrival})
		}
		x.Fields = append(x.Fields, f)
	}
	u.Replace = append(u.Replace, x)
	for range w.between(0, 3) {
		u.Statements = append(u.Statements, w.statement(connection))
	}
	u.ByItem = w.one(2)
	w.sent = append(w.sent, u)
	return u
}

// change draws a change of the catalog.
func (w *World) change() *ari.Update {
	u := w.newUpdate("pms")
	u.By = ari.Author{Kind: ari.ByPerson, ID: "ann"}
	switch w.c.IntN(8) {
	case 0:
		rates, counts := w.property.RatesOwner, w.property.CountsOwner
		w.settings()
		w.property.RatesOwner, w.property.CountsOwner = rates, counts
		if w.one(4) { // the owner moves
			w.property.RatesOwner, w.property.CountsOwner = "crs", "crs"
			if rates == "crs" {
				w.property.RatesOwner, w.property.CountsOwner = "pms", "pms"
			}
		}
		u.Objects = append(u.Objects, w.object(ari.KindProperty, propertyCode, w.property))
	case 1, 2:
		u.Objects = append(u.Objects, w.putRoom(pick(w.c, w.roomCodes)))
	case 3:
		if len(w.blockIDs) > 0 {
			u.Objects = append(u.Objects, w.putBlock(pick(w.c, w.blockIDs)))
			break
		}
		fallthrough
	default:
		u.Objects = append(u.Objects, w.putPlan(pick(w.c, w.planCodes)))
	}
	return u
}

// Refused tells the world that an update was refused: it goes back to what it knew before.
func (w *World) Refused(u *ari.Update, m *Model) {
	for _, op := range u.Objects {
		switch op.Kind {
		case ari.KindRatePlan:
			p := m.catalog.plans[op.Code]
			w.plans[op.Code] = &p
		case ari.KindRoomType:
			r := m.catalog.rooms[op.Code]
			w.rooms[op.Code] = &r
		case ari.KindBlock:
			b := m.catalog.blocks[op.Code]
			w.blocks[op.Code] = &b
		}
	}
	for _, op := range u.Overlays {
		w.holds = slices.DeleteFunc(w.holds, func(id string) bool { return id == op.Overlay.ID && op.Verb == ari.OverlayPut })
	}
}

// overlay draws an overlay to lay, confirm or remove.
func (w *World) overlay() *ari.Update {
	u := w.newUpdate("pms")
	u.By = ari.Author{Kind: ari.ByPerson, ID: "ann"}
	op := ari.OverlayOp{Verb: ari.OverlayPut}
	switch n := w.c.IntN(10); {
	case n < 3 && len(w.overlays) > 0:
		i := w.c.IntN(len(w.overlays))
		op.Verb, op.Overlay.ID = ari.OverlayRemove, w.overlays[i]
		w.overlays = slices.Delete(w.overlays, i, i+1)
	case n < 5 && len(w.holds) > 0:
		op.Verb, op.Overlay.ID = ari.OverlayConfirm, w.holds[w.c.IntN(len(w.holds))]
	default:
		op.Overlay = w.newOverlay()
	}
	u.Overlays = append(u.Overlays, op)
	return u
}

func (w *World) newOverlay() ari.Overlay {
	w.laid++
	o := ari.Overlay{ID: fmt.Sprint("o", w.laid), Scope: w.anyScope(), Span: w.span(), Owner: "ann"}
	if w.one(2) {
		o.Span = ari.Dates(w.date(-2, 2), w.date(3, 9))
	}
	w.overlays = append(w.overlays, o.ID)
	switch w.c.IntN(6) {
	case 0:
		o.Kind = ari.StopSell
	case 1:
		o.Kind, o.Rooms = ari.Cap, w.between(0, 4)
	case 2:
		o.Kind, o.Side = ari.Floor, uint8(w.between(1, 2))
		o.Amount = ari.Amount(w.between(4, 15)) * 100_000
	default:
		o.Kind, o.Rooms, o.Scope = ari.Hold, w.between(1, 2), ari.Product(pick(w.c, w.roomCodes), pick(w.c, w.planCodes))
		o.Scope.Channel = pick(w.c, channels)
		o.Span = ari.Dates(w.date(0, 6), 0)
		o.Span.To = o.Span.From + ari.StayDate(w.between(0, 2))
		w.holds = append(w.holds, o.ID)
	}
	return o
}

// roll draws a later day.
func (w *World) roll() *ari.Update { return w.RollBy(pick(w.c, []int{1, 1, 1, 2, 5})) }

// RollBy answers the roll to a day that many days later.
func (w *World) RollBy(days int) *ari.Update {
	w.day += ari.StayDate(days)
	return &ari.Update{Property: propertyCode, By: ari.Author{Kind: ari.BySystem, ID: "day"}, Day: w.day, Received: w.now(), Released: true}
}

// Query draws a question about all products.
func (w *World) Query() *ari.Query {
	q := &ari.Query{
		Arrival: w.date(-1, 10), Nights: pick(w.c, []int{1, 1, 1, 2, 2, 3, 4, 5, 7}), Rooms: pick(w.c, []int{1, 1, 1, 2, 3}),
		Adults: pick(w.c, []int{1, 2, 2, 2, 3, 4}), Channel: pick(w.c, channels), Client: pick(w.c, []string{"", "shop"}),
	}
	if w.one(2) {
		q.Arrival = w.date(0, 4)
	}
	if w.one(15) {
		q.Arrival = w.date(1088, 1097)
	}
	if w.one(40) {
		q.Arrival = w.date(-4, -1)
	}
	for range pick(w.c, []int{0, 0, 0, 1, 1, 2, 3}) {
		q.Children = append(q.Children, w.between(0, 18))
	}
	if len(w.blockIDs) > 0 && w.one(4) {
		q.Block = pick(w.c, w.blockIDs)
		if w.one(20) {
			q.Block = "B9"
		}
	}
	q.Access = maybe(w, 2, func() []string { return []string{pick(w.c, []string{"VIP", "CORP", "X"})} })
	at := w.day.Time().Add(time.Duration(w.between(-12, 36)) * time.Hour)
	if w.one(2) {
		at = q.Arrival.Time().Add(-time.Duration(w.between(0, 72)) * time.Hour)
	}
	q.At = at.Add(time.Duration(pick(w.c, []int{0, 0, 30 * 60, 1, 59*60 + 59})) * time.Second)
	return q
}
