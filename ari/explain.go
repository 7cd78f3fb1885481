package ari

import (
	"cmp"
	"slices"
)

// Layers of facts.
const (
	LayerSource  = "source"
	LayerDerived = "derived" // told of, or computed from, a parent's product
	LayerOverlay = "overlay"
	LayerCatalog = "catalog"
)

// Explain answers one product for the query as Sell would, with q.Why, and what is behind every reason and every night's price. Both codes
// unknown gives an explanation without an offer's codes and without reasons.
//
// Source: docs/evaluation.md; S14.
func (p *Picture) Explain(q *Query, room, plan string) (out Explanation) {
	asked := *q
	asked.Why, asked.NoNights = true, false
	e := p.eff
	if e.stale || !asked.valid() {
		return out
	}
	r, ok1 := e.x.roomNo[room]
	n, ok2 := e.x.planNo[plan]
	if !ok1 || !ok2 {
		return out
	}
	m := &sellMemory{}
	m.ask.start(p, &asked)
	out.Offer.Room, out.Offer.Plan = room, plan
	j := &m.judge
	j.start(&m.ask, r, n, &out.Offer)
	j.price.trace = true
	j.run()
	for _, reason := range out.Offer.Reasons {
		f := finder{j: j, reason: reason}
		f.find()
		f.sort()
		out.Why = append(out.Why, Explained{reason, f.facts})
	}
	out.Prices = j.priceFacts()
	return out
}

// finder looks for what causes one reason.
type finder struct {
	j      *judge
	reason Reason
	facts  []Fact
}

func (f *finder) find() {
	switch f.reason.Code {
	case ReasonClosed, ReasonClosedToArrival, ReasonClosedToDeparture, ReasonMinLOS, ReasonMaxLOS, ReasonLOSPattern,
		ReasonMinLead, ReasonMaxLead, ReasonMinPrice, ReasonMaxPrice:
		f.restrictions(f.reason.Field)
	case ReasonUnopened:
		f.unopened()
	case ReasonStopSell:
		f.overlays(StopSell)
	case ReasonCannotEvaluate:
		f.cannotEvaluate()
	case ReasonNoInventory, ReasonSoldOut:
		f.rooms()
	case ReasonNoRate, ReasonZeroRate:
		f.rates()
	case ReasonBlockCutoff, ReasonBlockClosed, ReasonBlockUnknown:
		f.block()
	default:
		f.catalog()
	}
}

// each calls do for every column of one of the families that speaks of the stay asked.
func (f *finder) each(family uint8, do func(c *column)) {
	for _, m := range f.members() {
		for _, list := range [][]*column{m.restrictions, m.limits, m.unknown} {
			for _, c := range list {
				if c.field.Family() == family && (c.scope.Channel == "" || c.scope.Channel == f.j.ask.Channel) {
					do(c)
				}
			}
		}
	}
}

// members answers what speaks of the stay: the block's, or the base's and the channel's.
func (f *finder) members() (out []*members) {
	add := func(m *members) {
		if m != nil {
			out = append(out, m)
		}
	}
	if f.j.ask.Block != "" {
		if f.j.block != nil {
			add(f.j.block.of[f.j.i])
		}
		return out
	}
	return f.transient()
}

func (f *finder) transient() (out []*members) {
	for _, channel := range []string{"", f.j.ask.Channel} {
		if v := f.j.x.views[channel]; v != nil && v.of[f.j.i] != nil && (channel != "" || len(out) == 0) {
			out = append(out, v.of[f.j.i])
		}
	}
	return out
}

// restrictions finds the columns of a restriction whose value refuses the stay, strictest first.
func (f *finder) restrictions(field Field) {
	f.each(FamilyRestriction, func(c *column) {
		if c.field != field {
			return
		}
		if fact := f.fact(c, f.reason.Date); fact.State == Told && f.refuses(field, fact.Value) {
			f.facts = append(f.facts, fact)
		}
	})
}

// sort puts the facts in one order: layers as they were found, of a restriction the strictest first, then by scope and owner.
func (f *finder) sort() {
	what, least := What(0), false
	if f.reason.Field.Family() == FamilyRestriction {
		what = f.reason.Field.What()
		least = what == MaxLOS || what == MaxLead || what == MaxPrice
	}
	f.facts = unique(f.facts)
	place := map[string]int{}
	for i := range f.facts {
		if l := f.facts[i].Layer; place[l] == 0 {
			place[l] = i + 1
		}
	}
	slices.SortStableFunc(f.facts, func(a, b Fact) int {
		strict := 0
		if what != 0 {
			if strict = cmp.Compare(b.Value.A, a.Value.A); least {
				strict = -strict
			}
		}
		return cmp.Or(strict, cmp.Compare(place[a.Layer], place[b.Layer]), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Scope.Key(), b.Scope.Key()), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Overlay, b.Overlay))
	})
}

// unique drops the facts that were found before: a hold counts at several levels.
func unique(facts []Fact) (out []Fact) {
	for _, x := range facts {
		if !slices.ContainsFunc(out, func(y Fact) bool {
			return x.Layer == y.Layer && x.Scope == y.Scope && x.Field == y.Field && x.Owner == y.Owner && x.Overlay == y.Overlay && x.Text == y.Text
		}) {
			out = append(out, x)
		}
	}
	return out
}

func (f *finder) refuses(field Field, v Value) bool {
	switch field.What() {
	case NotAtAll:
		return v.A == Shut
	case MinPrice, MaxPrice:
		return true // which of several bounds is broken is told by their order
	}
	return f.j.refusal(field.What(), v) != ""
}

// fact tells what a column says on a date, and where.
func (f *finder) fact(c *column, d StayDate) Fact {
	t := f.j.ask.p.stamps
	state, v, stamp := c.at(d, t)
	out := Fact{Layer: f.layer(c.scope), Scope: c.scope, Field: c.field, Owner: c.owner, Date: d, State: state, Value: v}
	if state != Untold {
		out.Order, out.Revision = t.list[stamp].Order, t.list[stamp].Revision
	}
	if _, _, dated := c.dated(d); dated == 0 || dated != stamp {
		for i := range c.standing {
			if s := &c.standing[i]; s.stamp == stamp && s.span.Covers(d) {
				span := s.span
				out.Span, out.Text = &span, s.text
			}
		}
	}
	return out
}

// layer tells a scope that covers the plan by itself from one that covers a parent.
func (f *finder) layer(s Scope) string {
	pl := f.j.plan
	switch {
	case s.Rates == PlanKind && s.Rate != pl.Code, s.Rates == CategoryKind && s.Rate != pl.Category:
		return LayerDerived
	}
	return LayerSource
}

func (f *finder) unopened() {
	f.add(LayerCatalog, f.planScope(), "unopened_is_closed")
	for _, m := range f.transient() {
		for _, c := range m.opens {
			if fact := f.fact(c, f.reason.Date); fact.State != Untold {
				f.facts = append(f.facts, fact)
			}
		}
	}
}

func (f *finder) planScope() Scope { return PlanScope(f.j.plan.Code) }

func (f *finder) add(layer string, s Scope, text string) {
	f.facts = append(f.facts, Fact{Layer: layer, Scope: s, Date: f.reason.Date, State: Told, Text: text})
}

// overlays finds the overlays of a kind that cover the night.
func (f *finder) overlays(kind OverlayKind) {
	list := f.members()
	if f.j.ask.Block != "" && kind == StopSell {
		list = append(list, f.transient()...)
	}
	for _, m := range list {
		for _, o := range m.overlays {
			if o.Kind == kind && o.Span.Covers(f.reason.Date) && (o.Scope.Channel == "" || o.Scope.Channel == f.j.ask.Channel) {
				f.facts = append(f.facts, overlayFact(o, f.reason.Date))
			}
		}
	}
}

func overlayFact(o *Overlay, d StayDate) Fact {
	span := o.Span
	fact := Fact{Layer: LayerOverlay, Scope: o.Scope, Owner: o.Owner, Date: d, Span: &span, State: Told, Text: o.Reason, Overlay: o.ID, Revision: o.Revision}
	switch o.Kind {
	case Floor:
		fact.Value = Price(o.Side, o.Amount)
	case Cap, Hold:
		fact.Value = Num(int64(o.Rooms))
	}
	return fact
}

// cannotEvaluate finds what is told and cannot be evaluated: unknown kinds, counts and totals, prices and floors on a side that is not known,
// the plan's basis, offers and supplements.
func (f *finder) cannotEvaluate() {
	d := f.reason.Date
	f.each(FamilyUnknown, func(c *column) {
		if s := c.unknownOn(d, f.j.ask.p.stamps); s != nil && d < f.j.ask.depart {
			span, stamp := s.span, f.j.ask.p.stamps.list[s.stamp]
			f.facts = append(f.facts, Fact{Layer: f.layer(c.scope), Scope: c.scope, Field: c.field, Owner: c.owner, Date: d, Span: &span,
				State: Told, Text: s.text, Revision: stamp.Revision, Order: stamp.Order})
		}
	})
	if d < f.j.ask.depart {
		if w, _ := f.j.cells.on(d); w&badCount != 0 {
			f.rooms()
		}
	}
	f.each(FamilyRestriction, func(c *column) {
		if c.field.What() == MinPrice || c.field.What() == MaxPrice {
			if fact := f.fact(c, d); fact.State == Told {
				f.facts = append(f.facts, fact)
			}
		}
	})
	f.overlays(Floor)
	if d == f.j.ask.Arrival {
		f.extras()
	}
}

// catalog tells which object a reason of the catalog is about.
func (f *finder) catalog() {
	switch f.reason.Code {
	case ReasonRoomInactive, ReasonOccupancyRoom:
		f.add(LayerCatalog, RoomScope(f.j.room.Code), KindRoomType)
	case ReasonArrivalPast, ReasonBeyondHorizon:
		f.add(LayerCatalog, Scope{}, KindProperty)
	default:
		f.add(LayerCatalog, f.planScope(), KindRatePlan)
	}
}
