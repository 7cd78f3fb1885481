package ari

import "slices"

// index is who is covered by what: the catalog flattened to numbers, and columns and overlays by the products and levels they speak
// of. It is rebuilt when the catalog changes; new columns and overlays are added as they come.
type index struct {
	catalog  *Catalog
	rooms    []room
	plans    []plan
	roomNo   map[string]int
	planNo   map[string]int
	products []product // by room code, then plan code: the order of offers
	pairs    []int32   // room x plan -> product, or -1 where it is not offered

	levels map[Scope]*level
	views  map[string]*view // by channel; "" is the base
	blocks map[string]*blockIndex
	rates  [][]*column // told transient rates, by product

	order []int32 // of plans: parents first
	mark  []bool  // of plans: scratch of planSet
}

// room is a room type with what its units depend on.
type room struct {
	*RoomType
	pools    []poolLevel
	class    *level // nil: none
	from, to int    // its products: [from, to)
	standard int    // occupancy
}

type poolLevel struct {
	*level
	quantity int64
}

// plan is a rate plan with its family.
type plan struct {
	*RatePlan
	parent    int // -1: none
	children  []int32
	currency  string
	totalStep Amount // totals are rounded to it
	step      Amount // derived amounts are
	nights    int64  // of a period; 1 otherwise
	plain     bool   // nightly, and nothing about it makes a price other than the sum of what is told
	unbound   bool   // active, seen by all, without windows or bounds of occupancy
	strange   bool   // of a basis that is kept but cannot be evaluated
	fromBase  bool   // what is told for more adults than the base is not looked at
	extras    *extras
	seasons   map[string][]Season // by room type, in order
}

// product is a room type x rate plan that is offered.
type product struct {
	room, plan int32
	parent     int32 // product of the parent plan at the same room type, or -1
}

// members is what speaks of one product in one view.
type members struct {
	restrictions []*column
	limits       []*column
	unknown      []*column
	opens        []*column // whose open is asked for by unopened_is_closed
	overlays     []*Overlay
}

func (m *members) empty() bool {
	return m == nil || len(m.restrictions)+len(m.limits)+len(m.unknown)+len(m.opens)+len(m.overlays) == 0
}

// view is what a channel adds to the base. Its lanes hold the dates on which it may differ.
type view struct {
	channel string
	of      []*members // by product; nil: nothing
	lanes   []*lane    // by product; nil: as the base
}

// blockIndex is what speaks of a block's sale: its own columns of all channels, and its grid.
type blockIndex struct {
	of    []*members  // by product
	rates [][]*column // by product
	rows  map[Scope]*gridRow
}

// group of fields that a derived plan may inherit (S13).
type group uint8

const (
	groupNone group = iota
	groupClosed
	groupCTACTD
	groupLOS
	groupLead
	groupLimits
	groupAny // unknown kinds: by a plan that inherits anything
)

func groupOf(f Field) group {
	switch f.Family() {
	case FamilyLimit:
		return groupLimits
	case FamilyUnknown:
		return groupAny
	case FamilyRestriction:
		switch f.What() {
		case NotAtAll:
			if f.When() == Night {
				return groupClosed
			}
			return groupCTACTD
		case MinLOS, MaxLOS, LOSPattern:
			return groupLOS
		case MinLead, MaxLead:
			return groupLead
		}
	}
	return groupNone
}

func (h Inherit) has(g group) bool {
	switch g {
	case groupClosed:
		return h.Closed
	case groupCTACTD:
		return h.CTACTD
	case groupLOS:
		return h.LOS
	case groupLead:
		return h.Lead
	case groupLimits:
		return h.Limits
	case groupAny:
		return h != Inherit{}
	}
	return false
}

// newIndex flattens the catalog and takes in every column and overlay of the picture.
func newIndex(p *Picture) *index {
	x := &index{
		catalog: p.catalog, roomNo: map[string]int{}, planNo: map[string]int{},
		levels: map[Scope]*level{}, views: map[string]*view{}, blocks: map[string]*blockIndex{},
	}
	x.addPlans()
	x.addRooms()
	x.addProducts()
	x.rates = make([][]*column, len(x.products))
	x.view("")
	for _, c := range p.columns {
		x.add(c)
	}
	for _, o := range p.overlays {
		x.addOverlay(o)
	}
	return x
}

func (x *index) addPlans() {
	for i, code := range x.catalog.PlanCodes {
		x.planNo[code] = i
	}
	x.plans = make([]plan, len(x.catalog.PlanCodes))
	x.mark = make([]bool, len(x.plans))
	for i, code := range x.catalog.PlanCodes {
		x.plans[i] = x.planOf(x.catalog.Plans[code])
	}
	for i := range x.plans {
		if up := x.plans[i].parent; up >= 0 {
			x.plans[up].children = append(x.plans[up].children, int32(i))
		}
	}
	x.order = x.inOrder()
}

func (x *index) planOf(r *RatePlan) plan {
	home := &x.catalog.Property
	n := plan{RatePlan: r, parent: -1, currency: r.Currency, nights: 1}
	if up, ok := x.planNo[r.Parent]; ok {
		n.parent = up
	}
	if n.currency == "" {
		n.currency = home.Currency
	}
	decimals := CurrencyDecimals(n.currency)
	n.step = r.Step
	if n.step <= 0 {
		n.step = MinorUnit(decimals)
	}
	if home.TotalDecimals != nil {
		decimals = *home.TotalDecimals
	}
	n.totalStep = MinorUnit(decimals)
	if r.Basis == BasisPeriod && r.Period > 0 {
		n.nights = int64(r.Period)
	}
	evaluated := r.Basis == "" || r.Basis == BasisNightly || r.Basis == BasisLOSTier || r.Basis == BasisPeriod && r.Period > 0
	n.strange = !evaluated
	n.fromBase = r.Fill == FillFromBase
	n.extras, n.seasons = newExtras(r), x.catalog.seasonsOf(r)
	n.unbound = !r.Inactive && len(r.Channels)+len(r.Clients)+len(r.AccessCodes)+r.MinOccupancy+r.MaxOccupancy == 0 &&
		r.SellFrom == nil && r.SellTo == nil && r.StayFrom == nil && r.StayTo == nil && r.Guests == nil
	n.plain = n.basis() == BasisNightly && n.extras.plain() && (home.NightDecimals == nil || MinorUnit(*home.NightDecimals) <= quoteUnit)
	return n
}

func (x *index) addRooms() {
	x.rooms = make([]room, len(x.catalog.RoomCodes))
	for i, code := range x.catalog.RoomCodes {
		x.roomNo[code] = i
	}
	for i, code := range x.catalog.RoomCodes {
		t := x.catalog.RoomTypes[code]
		r := room{RoomType: t, standard: t.StdOccupancy}
		if r.standard == 0 {
			r.standard = 2
		}
		for _, u := range t.Pools {
			r.pools = append(r.pools, poolLevel{x.level(x.poolScope(u.Pool)), max(int64(u.Quantity), 1)})
		}
		if len(t.Pools) == 0 {
			r.pools = []poolLevel{{x.level(RoomScope(code)), 1}}
		}
		if t.Class != "" {
			r.class = x.level(Scope{Rooms: RoomClassKind, Room: t.Class})
		}
		x.rooms[i] = r
	}
}

// poolScope answers where the counts of a pool are told: at the room type of the same code, if there is one.
func (x *index) poolScope(code string) Scope {
	if _, ok := x.roomNo[code]; ok {
		return RoomScope(code)
	}
	return Scope{Rooms: PoolKind, Room: code}
}

func (x *index) addProducts() {
	x.pairs = make([]int32, len(x.rooms)*len(x.plans))
	for r := range x.rooms {
		x.rooms[r].from = len(x.products)
		for n := range x.plans {
			at := &x.pairs[r*len(x.plans)+n]
			*at = -1
			if x.offered(n, x.rooms[r].Code) {
				*at = int32(len(x.products))
				x.products = append(x.products, product{int32(r), int32(n), -1})
			}
		}
		x.rooms[r].to = len(x.products)
	}
	for i := range x.products {
		if up := x.plans[x.products[i].plan].parent; up >= 0 {
			x.products[i].parent = x.pair(int(x.products[i].room), up)
		}
	}
}

// offered tells whether the plan, and every plan it is derived from, is offered on the room type.
func (x *index) offered(n int, room string) bool {
	for range x.plans {
		p := &x.plans[n]
		if len(p.RoomTypes) > 0 && !slices.Contains(p.RoomTypes, room) {
			return false
		}
		if n = p.parent; n < 0 {
			break
		}
	}
	return true
}

// pair answers the product of a room type and a plan, -1 if it is not offered.
func (x *index) pair(room, plan int) int32 { return x.pairs[room*len(x.plans)+plan] }

func (x *index) view(channel string) *view {
	v := x.views[channel]
	if v == nil {
		v = &view{channel: channel, of: make([]*members, len(x.products)), lanes: make([]*lane, len(x.products))}
		x.views[channel] = v
	}
	return v
}

func (x *index) block(id string) *blockIndex {
	b := x.blocks[id]
	if b == nil {
		b = &blockIndex{of: make([]*members, len(x.products)), rates: make([][]*column, len(x.products)), rows: map[Scope]*gridRow{}}
		x.blocks[id] = b
	}
	return b
}

// slots answers where members of a scope's channel and block are kept.
func (x *index) slots(s Scope) []*members {
	if s.Block != "" {
		return x.block(s.Block).of
	}
	return x.view(s.Channel).of
}

// add takes in a column.
func (x *index) add(c *column) {
	switch c.field.Family() {
	case FamilyCount:
		if int(c.field.Component()) < int(ComponentEnd) {
			x.level(Scope{Rooms: c.scope.Rooms, Room: c.scope.Room}).counts[c.field.Component()] = c
		}
	case FamilyBlock:
		x.addGrid(c)
	case FamilyRate:
		x.addRate(c)
	default:
		x.cover(c)
	}
}

// addRate takes in a rate column, told at a room type and plan and there only. Transient ones are linked later (see effective.link).
func (x *index) addRate(c *column) {
	i := x.productOf(c.scope)
	switch {
	case i < 0 || c.scope.Channel != "":
	case c.scope.Block == "":
		x.rates[i] = append(x.rates[i], c)
	default:
		b := x.block(c.scope.Block)
		b.rates[i] = append(b.rates[i], c)
	}
}

// productOf answers the product that a scope names, -1 if it names none or more.
func (x *index) productOf(s Scope) int32 {
	r, ok1 := x.roomNo[s.Room]
	n, ok2 := x.planNo[s.Rate]
	if !ok1 || !ok2 || s.Rooms != RoomTypeKind || s.Rates != PlanKind {
		return -1
	}
	return x.pair(r, n)
}

// cover puts a restriction, limit or unknown column at every product that it covers, inherited ones too.
func (x *index) cover(c *column) {
	slots := x.slots(c.scope)
	x.each(c.scope, groupOf(c.field), func(i int32) {
		m := x.member(slots, i)
		switch c.field.Family() {
		case FamilyRestriction:
			m.restrictions = append(m.restrictions, c)
		case FamilyLimit:
			m.limits = append(m.limits, c)
		case FamilyUnknown:
			m.unknown = append(m.unknown, c)
		}
	})
	if c.field == Closed && c.scope.Rooms == RoomTypeKind && c.scope.Rates == PlanKind && c.scope.Block == "" {
		x.coverOpens(slots, c)
	}
}

func (x *index) member(slots []*members, i int32) *members {
	if slots[i] == nil {
		slots[i] = &members{}
	}
	return slots[i]
}

// coverOpens puts a column of closed at the plan it names and at the children that inherit closed: one step, never further (evaluation 3).
func (x *index) coverOpens(slots []*members, c *column) {
	r, ok1 := x.roomNo[c.scope.Room]
	n, ok2 := x.planNo[c.scope.Rate]
	if !ok1 || !ok2 {
		return
	}
	put := func(n int) {
		if i := x.pair(r, n); i >= 0 {
			m := x.member(slots, i)
			m.opens = append(m.opens, c)
		}
	}
	put(n)
	for _, child := range x.plans[n].children {
		if x.plans[child].Inherit.Closed {
			put(int(child))
		}
	}
}

// each calls f for every product that the scope covers, by itself or through plans that inherit the group.
func (x *index) each(s Scope, g group, f func(i int32)) {
	plans := x.planSet(s, func(n *plan) bool { return n.Inherit.has(g) })
	x.eachRoom(s, func(r int) {
		for _, n := range plans {
			if i := x.pair(r, int(n)); i >= 0 {
				f(i)
			}
		}
	})
}

func (x *index) eachRoom(s Scope, f func(r int)) {
	if s.Rooms == RoomTypeKind {
		if r, ok := x.roomNo[s.Room]; ok {
			f(r)
		}
		return
	}
	for r := range x.rooms {
		if s.Rooms == AllRooms || s.Rooms == RoomClassKind && x.rooms[r].Class == s.Room {
			f(r)
		}
	}
}

// planSet answers the plans that a scope names, and those derived from one in the set that follow it, transitively; parents come first.
func (x *index) planSet(s Scope, follows func(*plan) bool) []int32 {
	if s.Rates == PlanKind {
		n, ok := x.planNo[s.Rate]
		if !ok {
			return nil
		}
		if len(x.plans[n].children) == 0 {
			return []int32{int32(n)}
		}
	}
	set := make([]int32, 0, len(x.plans))
	for _, n := range x.order {
		pl := &x.plans[n]
		up := pl.parent >= 0 && x.mark[pl.parent] && (s.Rates == FamilyKind || follows(pl))
		if x.mark[n] = up || pl.named(s); x.mark[n] {
			set = append(set, n)
		}
	}
	for _, n := range set {
		x.mark[n] = false
	}
	return set
}

// named tells whether a scope names the plan, itself or by its category.
func (p *plan) named(s Scope) bool {
	switch s.Rates {
	case AllRates:
		return true
	case CategoryKind:
		return p.Category == s.Rate
	}
	return p.Code == s.Rate
}

// inOrder answers the plans so that parents come before their children. Plans derived from one another in a circle, which apply refuses,
// come last.
func (x *index) inOrder() []int32 {
	order := make([]int32, 0, len(x.plans))
	for n := range x.plans {
		if x.plans[n].parent < 0 {
			order = append(order, int32(n))
		}
	}
	for k := 0; k < len(order); k++ { // grows as it goes
		order = append(order, x.plans[order[k]].children...)
	}
	for n := range x.plans {
		if len(order) < len(x.plans) && !slices.Contains(order, int32(n)) {
			order = append(order, int32(n))
		}
	}
	return order
}

// addOverlay takes in an overlay.
func (x *index) addOverlay(o *Overlay) {
	if o.Kind == Hold {
		x.eachHeld(o, func(l *level, times int64) { l.holds = append(l.holds, heldRooms{o, times}) })
		return
	}
	x.eachCovered(o, func(slots []*members, i int32) {
		m := x.member(slots, i)
		m.overlays = append(m.overlays, o)
	})
}

// dropOverlay takes out an overlay that addOverlay took in.
func (x *index) dropOverlay(o *Overlay) {
	if o.Kind == Hold {
		x.eachHeld(o, func(l *level, _ int64) {
			l.holds = slices.DeleteFunc(l.holds, func(h heldRooms) bool { return h.ID == o.ID })
		})
		return
	}
	x.eachCovered(o, func(slots []*members, i int32) {
		if m := slots[i]; m != nil {
			m.overlays = slices.DeleteFunc(m.overlays, func(l *Overlay) bool { return l.ID == o.ID })
		}
	})
}

func (x *index) eachCovered(o *Overlay, f func(slots []*members, i int32)) {
	slots := x.slots(o.Scope)
	x.each(o.Scope, groupNone, func(i int32) { f(slots, i) })
}
