package ari

import (
	"math"
	"slices"
)

// judge answers whether one product can be sold for one stay, for how much, and if not, why: the one rule behind Sell and Explain (S14).
// Sell's screening decides the common cases by words, to the same effect.
type judge struct {
	ask   *asking
	x     *index
	room  *room
	plan  *plan
	i     int32 // product; -1: not offered
	offer *Offer

	block  *blockIndex
	cells  cells
	price  pricing
	extra  stayExtras
	common uint8   // tax sides known on every night so far
	sums   [2]wide // of the nights, before and after tax, in 1/price.den
	left   int64
	failed bool
}

func (j *judge) start(s *asking, r, n int, o *Offer) {
	x := s.p.eff.x
	j.ask, j.x, j.room, j.plan, j.i, j.offer = s, x, &x.rooms[r], &x.plans[n], x.pair(r, n), o
	j.block, j.left, j.failed = nil, math.MaxInt64, false
	if s.Block != "" {
		j.block = x.blocks[s.Block]
	}
}

// no says a reason, once.
func (j *judge) no(code string, d StayDate, f Field) {
	j.failed = true
	if !j.ask.Why {
		return
	}
	reason, said := Reason{code, d, f}, j.offer.Reasons
	if code != ReasonCannotEvaluate && code != ReasonNoRate { // these two are said by several stages; all else comes close together
		said = said[max(0, len(said)-reasonsBack):]
	}
	if !slices.Contains(said, reason) {
		j.offer.Reasons = append(j.offer.Reasons, reason)
	}
}

// reasonsBack is how many of the last reasons may be the same one: what is said of one date in one stage.
const reasonsBack = 16

// enough tells whether judging may stop: not sellable, and no one asks why.
func (j *judge) enough() bool { return j.failed && !j.ask.Why }

// run judges, stage by stage.
func (j *judge) run() {
	stages := [...]func(*judge){(*judge).windows, (*judge).nights, (*judge).ends, (*judge).prices}
	if j.offered(); j.failed {
		return
	}
	for _, stage := range stages {
		if stage(j); j.enough() {
			return
		}
	}
	if j.ask.Arrival < j.ask.business {
		j.no(ReasonArrivalPast, j.ask.Arrival, 0)
	}
	j.total()
}

// offered judges what ends the evaluation: is there such an offer for the asker at all?
func (j *judge) offered() {
	if j.plan.Inactive {
		j.no(ReasonPlanInactive, DateMin, 0)
	}
	if j.room.Inactive {
		j.no(ReasonRoomInactive, DateMin, 0)
	}
	if j.i < 0 {
		j.no(ReasonNotOffered, DateMin, 0)
	}
	if !j.ask.visible(j.plan.RatePlan) {
		j.no(ReasonNotVisible, DateMin, 0)
	}
	if j.ask.Block != "" && j.ask.p.catalog.Blocks[j.ask.Block] == nil {
		j.no(ReasonBlockUnknown, DateMin, 0)
	}
	if !j.failed && j.ask.beyond() {
		j.no(ReasonBeyondHorizon, j.ask.Arrival, 0)
	}
}

// windows judges the block's state, sell and stay windows and the party.
func (j *judge) windows() {
	if j.ask.Block != "" {
		if code := j.ask.p.blockState(j.ask.Block); code != "" {
			j.no(code, DateMin, 0)
		}
	}
	if !j.ask.sellWindow(j.plan.RatePlan) {
		j.no(ReasonOutsideSellWindow, j.ask.Arrival, 0)
	}
	for d := j.ask.Arrival; d < j.ask.depart && !j.enough(); d++ {
		if !stayWindow(j.plan.RatePlan, d) {
			j.no(ReasonOutsideStayWindow, d, 0)
		}
	}
	if !j.ask.fits(j.room.RoomType, j.plan) {
		j.no(ReasonOccupancyRoom, DateMin, 0)
	}
	if !j.ask.fitsPlan(j.plan.RatePlan) {
		j.no(ReasonOccupancyPlan, DateMin, 0)
	}
	if g := j.plan.Guests; g != nil {
		j.ask.guests(g, func(code string) { j.no(code, DateMin, 0) })
	}
}

// nights judges every night for itself.
func (j *judge) nights() {
	j.cells.start(j)
	for d := j.ask.Arrival; d < j.ask.depart && !j.enough(); d++ {
		w, rare := j.cells.on(d)
		j.night(d, w)
		j.inventory(d, w, rare)
		j.los(d, w, minThrough, MinLOSThrough)
		j.rare(rare, Night, d)
	}
}

func (j *judge) night(d StayDate, w word) {
	if w&isClosed != 0 {
		j.no(ReasonClosed, d, Closed)
	}
	if w&isUnopened != 0 {
		j.no(ReasonUnopened, d, 0)
	}
	if w&isStopped != 0 {
		j.no(ReasonStopSell, d, 0)
	}
	if w&isUnknown != 0 {
		j.no(ReasonCannotEvaluate, d, 0)
	}
}

func (j *judge) inventory(d StayDate, w word, rare []rareItem) {
	if w&pastCutoff != 0 {
		j.no(ReasonBlockCutoff, d, 0)
	}
	switch {
	case w&noCount != 0:
		j.no(ReasonNoInventory, d, 0)
		j.left = 0
	case w&badCount != 0:
		j.no(ReasonCannotEvaluate, d, 0)
		j.left = 0
	default:
		u := unitsOf(w, rare)
		j.left = min(j.left, u)
		if u < int64(j.ask.Rooms) {
			j.no(ReasonSoldOut, d, 0)
		}
	}
}

// unitsOf answers the units of a cell, 0 or more.
func unitsOf(w word, rare []rareItem) int64 {
	u := int64(w.units())
	for i := range rare {
		if rare[i].field == itemUnits {
			u = rare[i].value.A
		}
	}
	return u
}

// los judges the hot LOS fields: min at shift, max eight bits above. What they cannot hold is a rare item.
func (j *judge) los(d StayDate, w word, shift int, minField Field) {
	n := int64(j.ask.Nights)
	if least := w.field(shift); least <= losHot && n < least {
		j.no(ReasonMinLOS, d, minField)
	}
	if most := w.field(shift + 8); most > 0 && n > losField-most {
		j.no(ReasonMaxLOS, d, Restriction(minField.When(), MaxLOS))
	}
}

// ends judges what arrival and departure demand.
func (j *judge) ends() {
	a := j.ask.Arrival
	w, rare := j.cells.on(a)
	if w&isCTA != 0 {
		j.no(ReasonClosedToArrival, a, CTA)
	}
	j.los(a, w, minArrival, MinLOSArrival)
	j.rare(rare, Arrival, a)
	w, rare = j.cells.on(j.ask.depart)
	if w&isCTD != 0 {
		j.no(ReasonClosedToDeparture, j.ask.depart, CTD)
	}
	j.rare(rare, Departure, j.ask.depart)
}

// rare judges the rare restrictions of one when on one date; prices wait until they are known.
func (j *judge) rare(items []rareItem, when When, d StayDate) {
	for i := range items {
		f, v := items[i].field, items[i].value
		if f.Family() != FamilyRestriction || f.When() != when {
			continue
		}
		if code := j.refusal(f.What(), v); code != "" {
			j.no(code, d, fieldOf(code, f))
		}
	}
}

// fieldOf answers the field that a reason names.
func fieldOf(code string, f Field) Field {
	if code == ReasonCannotEvaluate {
		return 0
	}
	return f
}

// refusal answers the reason if a rare restriction does not let the stay pass, "" if it does.
func (j *judge) refusal(what What, v Value) string {
	n := int64(j.ask.Nights)
	switch what {
	case MinLOS:
		return unless(n >= v.A, ReasonMinLOS)
	case MaxLOS:
		return unless(n <= v.A, ReasonMaxLOS)
	case LOSPattern:
		return unless(patternOpen(v, n), ReasonLOSPattern)
	case MinLead:
		return unless(j.ask.p.leadPasses(&j.ask.booked, j.ask.Arrival, MinLead, v), ReasonMinLead)
	case MaxLead:
		return unless(j.ask.p.leadPasses(&j.ask.booked, j.ask.Arrival, MaxLead, v), ReasonMaxLead)
	case MinPrice, MaxPrice:
		return ""
	}
	return ReasonCannotEvaluate
}

func unless(passes bool, code string) string {
	if passes {
		return ""
	}
	return code
}

// patternOpen tells whether a LOS pattern lets a stay of n nights pass (S8).
func patternOpen(v Value, n int64) bool {
	if n > v.B {
		return v.Form == 1
	}
	return uint64(v.A)>>(n-1)&1 == 1
}

// cells reads a product's words and rare items: of its channel's lane, else of the base, else computed as asked.
type cells struct {
	e    *effective
	i    int32
	lane *lane
	sc   scratch
	made lane
}

// start finds where the stay's cells are. The sale of a block is computed here.
func (c *cells) start(j *judge) {
	c.e, c.i = j.ask.p.eff, j.i
	if j.ask.Block == "" {
		c.find(j.ask.p, j.ask.Channel, j.ask.Arrival, j.ask.depart)
		return
	}
	base, extra := j.x.membersFor(j.ask.Channel, j.i)
	c.made.from = j.ask.Arrival
	c.made.words, c.made.rare = c.sc.computeBlock(j.ask.p, j, base, extra, j.ask.Arrival, j.ask.Nights+1)
	c.lane = &c.made
}

// find finds where the cells of [from, to] are: in the channel's lane and the base, or, where these do not reach, computed.
func (c *cells) find(p *Picture, channel string, from, to StayDate) {
	e := c.e
	c.lane = nil
	if from >= e.base && to < e.base+StayDate(e.days) {
		if v := e.x.views[channel]; v != nil {
			c.lane = v.lanes[c.i]
		}
		return
	}
	n := int(to-from) + 1
	base, extra := e.x.membersFor(channel, c.i)
	c.sc.units.of(p, e.room(c.i), from, n)
	c.made.from = from
	c.made.words, c.made.rare = c.sc.compute(p, base, extra, e.plan(c.i), from, n)
	c.lane = &c.made
}

// membersFor answers what speaks of a product's transient sale on a channel: the base's, and what the channel adds.
func (x *index) membersFor(channel string, i int32) (base, extra *members) {
	base = x.views[""].of[i]
	if v := x.views[channel]; v != nil && channel != "" {
		extra = v.of[i]
	}
	return base, extra
}

func (c *cells) on(d StayDate) (word, []rareItem) {
	if c.lane != nil && c.lane.covers(d) {
		return c.lane.words[d-c.lane.from], rareOn(c.lane.rare, d)
	}
	w := c.e.words[int(d-c.e.base)*len(c.e.x.products)+int(c.i)]
	if w&rareAny == 0 {
		return w, nil
	}
	return w, rareOn(c.e.rare[c.i], d)
}

// computeBlock answers the words of a block's sale: its own restrictions, limits and overlays, its grid's rooms, and the stop-sells of all.
func (sc *scratch) computeBlock(p *Picture, j *judge, base, extra *members, from StayDate, n int) ([]word, []rareRun) {
	sc.units.of(p, j.room, from, n)
	transient := sc.transientUnits(p, base, extra, from)
	if b := p.catalog.Blocks[j.ask.Block]; !b.Elastic {
		transient = nil
	}
	sc.units.block(p, j.room, j.ask.Block, from, n, transient)
	m := &members{}
	if j.block != nil && j.block.of[j.i] != nil {
		m = j.block.of[j.i]
	}
	sc.start(n)
	u := &sc.units
	if limits(m) {
		sc.limited.reset(n)
		sc.takeLimits(p, m, j.ask.Channel, from)
		sc.limited.lay(u)
	}
	sc.putUnits(u, from)
	sc.restrict(p, m, j.ask.Channel, from)
	for _, t := range [2]*members{base, extra} {
		for _, o := range t.stops() {
			sc.layOverlay(o, from, from+StayDate(n)-1)
		}
	}
	return sc.words, sc.runs()
}

// stops answers the stop-sells among the overlays.
func (m *members) stops() (out []*Overlay) {
	if m == nil {
		return nil
	}
	for _, o := range m.overlays {
		if o.Kind == StopSell {
			out = append(out, o)
		}
	}
	return out
}
