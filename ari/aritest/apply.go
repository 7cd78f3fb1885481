package aritest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Outcome is what became of an update.
type Outcome struct {
	Refused bool           // nothing of it was applied
	Whole   string         // code of the error of an object or an overlay: it refuses the update, also one by item
	Items   map[int]string // code of the first error of each item that has one
}

// String answers one line.
func (o Outcome) String() string {
	return fmt.Sprintf("refused=%v whole=%q items=%v", o.Refused, o.Whole, o.Items)
}

// Apply judges an update and, unless it is refused, makes it so (evaluation 9). Items found bad are left out and the rest is judged again
// from the start, until no more are found.
func (m *Model) Apply(u *ari.Update) Outcome {
	out := Outcome{Items: map[int]string{}}
	for {
		next := m.Clone()
		item, code := next.take(u, out.Items)
		switch {
		case code != "" && item < 0:
			out.Refused, out.Whole = true, code
			return out
		case code != "":
			out.Items[item] = code
			continue
		}
		out.Refused = len(out.Items) > 0 && !u.ByItem
		if !out.Refused {
			*m = *next
		}
		return out
	}
}

// take applies an update without its bad items, up to the first error: its item (-1 for objects and overlays) and its code.
func (m *Model) take(u *ari.Update, bad map[int]string) (item int, code string) {
	for _, op := range u.Objects {
		if code := m.putObject(op); code != "" {
			return -1, code
		}
	}
	m.today = ari.LocalDate(u.Received, m.catalog.zone)
	if u.Day != 0 {
		m.day = u.Day
		if m.rolledFrom == 0 {
			m.rolledFrom = u.Day
		}
	}
	for _, x := range u.Replace {
		if _, is := bad[x.Item]; is {
			continue
		}
		if code := m.takeExtent(u, x); code != "" {
			return x.Item, code
		}
	}
	for _, s := range u.Statements {
		if _, is := bad[s.Item]; is {
			continue
		}
		if code := m.takeStatement(u, s); code != "" {
			return s.Item, code
		}
	}
	for _, op := range u.Overlays {
		if code := m.takeOverlay(u, op); code != "" {
			return -1, code
		}
	}
	return 0, ""
}

// priced is what the amounts of a plan mean: when it changes, they are untold.
type priced struct {
	currency  string
	tax       uint8
	basis     ari.Basis
	period    int
	perPerson bool
}

func (c *catalog) priced() map[string]priced {
	out := map[string]priced{}
	for code, p := range c.plans {
		out[code] = priced{c.currencyOf(p), taxOf(p), basisOf(p), p.Period, p.PerPerson}
	}
	return out
}

func (m *Model) putObject(op ari.ObjectOp) string {
	old, property := m.catalog.priced(), m.catalog.property
	if code := m.catalog.put(op); code != "" {
		return code
	}
	for plan, now := range m.catalog.priced() {
		if was, ok := old[plan]; ok && was != now {
			m.told = slices.DeleteFunc(m.told, func(t told) bool {
				return t.statement.Field.Family() == ari.FamilyRate && t.statement.Scope.Rate == plan
			})
		}
	}
	if property.RatesOwner != "" && property.RatesOwner != m.catalog.property.RatesOwner {
		m.ratesEra++
	}
	if property.CountsOwner != "" && property.CountsOwner != m.catalog.property.CountsOwner {
		m.countsEra++
	}
	return ""
}

func (m *Model) takeExtent(u *ari.Update, x ari.Extent) string {
	named := x.Scopes.Scope
	if x.Scopes.AnyRooms {
		named.Rooms, named.Room = ari.AllRooms, ""
	}
	if x.Scopes.AnyRates {
		named.Rates, named.Rate = ari.AllRates, ""
	}
	if x.Scopes.AnyBlock {
		named.Block = ""
	}
	if code := firstOf(m.catalog.checkCodes(named), m.checkSpan(x.Span)); code != "" {
		return code
	}
	for _, f := range x.Fields {
		if code := m.own(f.Family, u.Connection); code != "" {
			return code
		}
	}
	m.tell(u, told{extent: &x, statement: ari.Statement{Span: x.Span}})
	return ""
}

func (m *Model) takeStatement(u *ari.Update, s ari.Statement) string {
	code := firstOf(m.catalog.checkCodes(s.Scope), checkPlace(s), m.checkValue(s), m.checkSpan(s.Span))
	if code == "" && s.Verb == ari.Adjust && (s.Span.From == ari.DateMin || s.Span.To == ari.DateMax) {
		code = ari.CodeSpan
	}
	if code = firstOf(code, m.own(s.Field.Family(), u.Connection)); code != "" {
		return code
	}
	if s.Field.Family() == ari.FamilyCount {
		if code := m.checkCount(u, s); code != "" {
			return code
		}
	}
	m.tell(u, told{statement: s})
	return ""
}

// tell remembers what was told, trimmed to the horizon if it has two ends, and lets counts take holds over.
func (m *Model) tell(u *ari.Update, t told) {
	span, any := m.trim(t.statement.Span)
	if !any {
		return
	}
	t.statement.Span = span
	t.connection, t.order, t.ratesEra, t.countsEra = u.Connection, u.Order, m.ratesEra, m.countsEra
	m.arrivals++
	t.arrival = m.arrivals
	m.told = append(m.told, t)
	m.fields[t.statement.Field] = true
	if t.statement.Verb != ari.Adjust {
		m.takeHoldsOver(u, &m.told[len(m.told)-1])
	}
}

// trim cuts a span with two ends to the horizon; false if nothing is left.
func (m *Model) trim(s ari.Span) (ari.Span, bool) {
	if s.From == ari.DateMin || s.To == ari.DateMax {
		return s, true
	}
	s.From, s.To = max(s.From, m.today-ari.HorizonPast), min(s.To, m.today+ari.HorizonFuture)
	return s, s.From <= s.To
}

// takeHoldsOver lets what was told of counts after a hold's confirm stand for the hold, per level and date (S4).
func (m *Model) takeHoldsOver(u *ari.Update, t *told) {
	for _, o := range m.overlays {
		if o.Kind != ari.Hold || o.Confirmed.IsZero() || u.SourceTime.IsZero() || !u.SourceTime.After(o.Confirmed) {
			continue
		}
		for d := o.Span.From; d <= o.Span.To; d++ {
			for _, l := range m.catalog.levels(o.Scope.Room) {
				if t.statement.Span.Covers(d) && m.lastOfSomeCount(t, l.scope, d) {
					o.taken[ari.LevelDate{Level: l.scope, Date: d}] = true
				}
			}
		}
	}
}

// lastOfSomeCount tells whether what was told is the newest of some component of the level on the date.
func (m *Model) lastOfSomeCount(t *told, level ari.Scope, d ari.StayDate) bool {
	for c := ari.Net; c < ari.ComponentEnd; c++ {
		if m.lastSet(column{scope: level, field: ari.Count(c)}, d) == t {
			return true
		}
	}
	return false
}

// checkCodes looks the codes of a scope up.
func (c *catalog) checkCodes(s ari.Scope) string {
	missing := func(code string, ok bool) string { return when(!ok, code) }
	var rooms, rates, block string
	switch s.Rooms {
	case ari.RoomTypeKind:
		_, ok := c.rooms[s.Room]
		rooms = missing(ari.CodeUnknownRoomType, ok)
	case ari.RoomClassKind:
		_, ok := c.classes[s.Room]
		rooms = missing(ari.CodeUnknownRoomClass, ok)
	case ari.PoolKind:
		_, ok := c.pools[s.Room]
		rooms = missing(ari.CodeUnknownPool, ok)
	}
	switch s.Rates {
	case ari.CategoryKind:
		_, ok := c.categories[s.Rate]
		rates = missing(ari.CodeUnknownCategory, ok)
	case ari.PlanKind, ari.FamilyKind:
		_, ok := c.plans[s.Rate]
		rates = missing(ari.CodeUnknownRatePlan, ok)
	}
	if s.Block != "" {
		_, ok := c.blocks[s.Block]
		block = missing(ari.CodeUnknownBlock, ok)
	}
	return firstOf(rooms, rates, block)
}

// checkPlace tells whether a field can be told at the statement's scope (evaluation 2).
func checkPlace(s ari.Statement) string {
	x := s.Scope
	allRates := x.Rates == ari.AllRates
	var ok bool
	switch s.Field.Family() {
	case ari.FamilyCount:
		ok = allRates && x.Channel == "" && x.Block == ""
	case ari.FamilyBlock:
		ok = allRates && x.Channel == "" && x.Block != "" && x.Rooms != ari.PoolKind
	case ari.FamilyRate:
		ok = x.Rooms == ari.RoomTypeKind && x.Rates == ari.PlanKind && x.Channel == ""
	case ari.FamilyLimit:
		ok = x.Rooms != ari.PoolKind && !(s.Field == ari.Limit(ari.Offset) && x.Block != "")
	default:
		ok = x.Rooms != ari.PoolKind
	}
	if !ok || s.Verb == ari.Adjust && s.Field.Family() != ari.FamilyCount {
		return ari.CodeScope
	}
	return ""
}

// Bounds of values (evaluation 9).
const (
	roomsMax       = 1_000_000
	leadDaysMax    = 1_095
	leadMinutesMax = leadDaysMax * 24 * 60
	losMax         = 999
)

// checkValue judges a statement's value.
func (m *Model) checkValue(s ari.Statement) string {
	if s.Verb == ari.Clear {
		return ""
	}
	within := func(n, low, high int64) bool { return n >= low && n <= high }
	v, ok := s.Value, false
	switch f := s.Field; f.Family() {
	case ari.FamilyRestriction:
		ok = checkRestriction(f.What(), v)
	case ari.FamilyCount:
		ok = within(v.A, -roomsMax, roomsMax)
	case ari.FamilyLimit:
		ok = within(v.A, 0, roomsMax) || f.LimitKind() == ari.Offset && within(v.A, -roomsMax, 0)
	case ari.FamilyBlock:
		ok = within(v.A, 0, roomsMax)
	case ari.FamilyUnknown:
		ok = within(int64(len(s.Text)), 1, ari.TextMax)
	case ari.FamilyRate:
		return m.checkRate(s)
	}
	return when(!ok, ari.CodeRange)
}

func checkRestriction(what ari.What, v ari.Value) bool {
	within := func(n, low, high int64) bool { return n >= low && n <= high }
	switch what {
	case ari.NotAtAll:
		return v.A == ari.Open || v.A == ari.Shut
	case ari.MinLOS, ari.MaxLOS:
		return within(v.A, 1, losMax)
	case ari.LOSPattern:
		return within(v.B, 1, 63) && v.Form <= 1 && v.A>>v.B == 0
	case ari.MinLead, ari.MaxLead:
		if v.Form == 1 {
			return within(v.A, 0, leadMinutesMax)
		}
		return v.Form == 0 && within(v.A, 0, leadDaysMax) && within(v.B, -1, 1439)
	}
	return (v.Form == ari.SideBefore || v.Form == ari.SideAfter) && within(v.A, 0, int64(ari.AmountMax))
}

func (m *Model) checkRate(s ari.Statement) string {
	v, plan := s.Value, m.catalog.plans[s.Scope.Rate]
	bad := func(side uint8, n int64) bool { return v.Form&side != 0 && (n < 0 || n > int64(ari.AmountMax)) }
	if v.Form < 1 || v.Form > 3 || bad(ari.SideBefore, v.A) || bad(ari.SideAfter, v.B) {
		return ari.CodeRange
	}
	tier := int(s.Field.RateKey().LOS)
	var ok bool
	switch basisOf(plan) {
	case ari.BasisLOSTier:
		ok = slices.Contains(plan.Tiers, tier)
	case ari.BasisArrivalLOS:
		ok = tier > 0
	default:
		ok = tier == 0
	}
	return when(!ok || v.Form&^taxOf(plan) != 0, ari.CodeRateBasis)
}

// checkSpan judges a span.
func (m *Model) checkSpan(s ari.Span) string {
	switch {
	case s.From > s.To || s.Days == 0 || s.Days > ari.AllDays:
		return ari.CodeSpan
	case s.To < m.today-ari.HorizonPast:
		return ari.CodePast
	}
	return ""
}

// own tells whether the connection may tell the family, and makes the first to tell rates or counts their owner (S5).
func (m *Model) own(family uint8, connection string) string {
	owner := new(string)
	switch family {
	case ari.FamilyRate:
		owner = &m.catalog.property.RatesOwner
	case ari.FamilyCount, ari.FamilyBlock:
		owner = &m.catalog.property.CountsOwner
	default:
		return ""
	}
	if *owner == "" {
		*owner = connection
	}
	return when(*owner != connection, ari.CodeNotOwner)
}

// adjustsKept is how many adjusts of a cell a late set may go under, and one more (S23).
const adjustsKept = 16

// checkCount judges a statement of counts against what was told before: adjusts need a value of their basis; a late set must not go under too
// many adjusts.
func (m *Model) checkCount(u *ari.Update, s ari.Statement) string {
	span, any := m.trim(s.Span)
	if !any {
		return ""
	}
	code := ""
	for _, d := range m.datesOf(s, span) {
		if s.Verb != ari.Adjust {
			if m.adjustsNewerThan(u.Order, s, d) >= adjustsKept {
				return ari.CodeSuperseded
			}
			continue
		}
		switch _, told := m.one(s.Scope, s.Field, d); {
		case !told:
			return ari.CodeAdjustUnset
		case (s.Field == ari.Count(ari.Net)) != (m.basis(s.Scope, d) == basisNet) || m.basis(s.Scope, d) == basisUnclear:
			code = ari.CodeAdjustBasis
		}
	}
	return code
}

// datesOf answers the dates on which a statement of counts must be judged: those of an adjust; for a set, those that have adjusts.
func (m *Model) datesOf(s ari.Statement, span ari.Span) []ari.StayDate {
	dates := map[ari.StayDate]bool{}
	add := func(from, to ari.StayDate) {
		for d := from; d <= to; d++ {
			if span.Covers(d) {
				dates[d] = true
			}
		}
	}
	if s.Verb == ari.Adjust {
		add(span.From, span.To)
	} else {
		for _, t := range m.told {
			if t.statement.Verb == ari.Adjust && t.statement.Scope == s.Scope {
				add(t.statement.Span.From, t.statement.Span.To)
			}
		}
	}
	return slices.Sorted(maps.Keys(dates))
}

// adjustsNewerThan answers how many adjusts a set of the order would go under on a date; 0 if it would not be the newest set.
func (m *Model) adjustsNewerThan(order int64, s ari.Statement, d ari.StayDate) int {
	most := 0
	for c := ari.Net; c < ari.ComponentEnd; c++ {
		if s.Verb == ari.Set && s.Field != ari.Count(c) {
			continue
		}
		late := &told{order: order, countsEra: m.countsEra, arrival: 1 << 62}
		col := column{scope: s.Scope, field: ari.Count(c)}
		if last := m.lastSet(col, d); last == nil || late.newer(last, col.field) {
			most = max(most, len(m.adjustsAfter(col, d, late)))
		}
	}
	return most
}

// takeOverlay lays, removes or confirms an overlay (evaluation 6).
func (m *Model) takeOverlay(u *ari.Update, op ari.OverlayOp) string {
	if op.Verb == ari.OverlayPut {
		return m.layOverlay(op.Overlay)
	}
	o, ok := m.overlays[op.Overlay.ID]
	switch {
	case !ok:
		return ari.CodeUnknownOverlay
	case op.Verb == ari.OverlayRemove:
		delete(m.overlays, op.Overlay.ID)
	case o.Kind != ari.Hold || !o.Confirmed.IsZero():
		return ari.CodeHoldState
	default:
		o.Confirmed, o.Expires = u.Received, op.Overlay.Expires
		if o.Expires.IsZero() {
			o.Expires = u.Received.Add(24 * time.Hour)
		}
		m.overlays[o.ID] = o
	}
	return ""
}

func (m *Model) layOverlay(o ari.Overlay) string {
	if code := m.catalog.checkCodes(o.Scope); code != "" {
		return code
	}
	rangeOK, placeOK := false, o.Scope.Rooms != ari.PoolKind
	switch o.Kind {
	case ari.StopSell:
		rangeOK = true
	case ari.Cap:
		rangeOK = o.Rooms >= 0 && o.Rooms <= roomsMax
	case ari.Floor:
		rangeOK = (o.Side == ari.SideBefore || o.Side == ari.SideAfter) && o.Amount >= 0 && o.Amount <= ari.AmountMax
	case ari.Hold:
		rangeOK = o.Rooms >= 1 && o.Rooms <= roomsMax
		placeOK = o.Scope.Rooms == ari.RoomTypeKind && o.Scope.Rates == ari.PlanKind && o.Scope.Block == ""
	}
	code := firstOf(when(!placeOK, ari.CodeScope), when(!rangeOK, ari.CodeRange))
	if o.Kind == ari.Hold {
		code = firstOf(code, m.checkHold(o))
	} else {
		code = firstOf(code, m.checkSpan(o.Span))
	}
	if code == "" {
		m.overlays[o.ID] = overlay{o, map[ari.LevelDate]bool{}}
	}
	return code
}

// checkHold tells whether the rooms of a hold are left on every night. A hold that is laid again does not stand in its own way.
func (m *Model) checkHold(o ari.Overlay) string {
	first, last := m.horizon()
	if o.Span.From > o.Span.To || o.Span.Days != ari.AllDays || o.Span.From < first || o.Span.To > last {
		return ari.CodeSpan
	}
	without := m.Clone()
	delete(without.overlays, o.ID)
	s := newStay(without, &ari.Query{Channel: o.Scope.Channel}, o.Scope.Room, o.Scope.Rate)
	if !s.offered() {
		return ari.CodeNotEnoughRooms
	}
	for d := o.Span.From; d <= o.Span.To; d++ {
		if units, trouble := s.transientUnits(d); trouble != "" || units < int64(o.Rooms) {
			return ari.CodeNotEnoughRooms
		}
	}
	return ""
}
