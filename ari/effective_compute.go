package ari

import (
	"cmp"
	"slices"
	"strings"
)

// scratch is what computing words needs, reused: one of each writer, one of each answer.
type scratch struct {
	units   units // of the room type, given
	own     units // of the product
	limited limited
	words   []word
	spans   []rareSpan
	cuts    []StayDate
	active  []rareSpan
}

// rareSpan is a rare item with the dates it is on.
type rareSpan struct {
	from, to StayDate
	item     rareItem
}

// compute answers the words and rare items of one product on [from, from+n) from its members, those of a channel beside them (nil: none), and
// sc.units of its room type. What is answered is the scratch's, but for the items of the runs.
func (sc *scratch) compute(p *Picture, base, extra *members, pl *plan, from StayDate, n int) ([]word, []rareRun) {
	sc.start(n)
	sc.putUnits(sc.limit(p, base, extra, from), from)
	if pl != nil && pl.UnopenedIsClosed {
		sc.unopened(p, base, extra, from)
	}
	for _, m := range [2]*members{base, extra} {
		if m != nil {
			sc.restrict(p, m, "", from)
		}
	}
	return sc.words, sc.runs()
}

// putUnits makes the words say the units, and nothing else yet.
func (sc *scratch) putUnits(u *units, from StayDate) {
	for i := range sc.words {
		t := u.trouble[i]
		if t&^pastCutoff != 0 {
			sc.words[i] = worstCount(t) | unitsField<<shortBy
			continue
		}
		sc.words[i] = word(t).withUnits(u.rooms[i])
		if u.rooms[i] > unitsField {
			sc.rare(from+StayDate(i), from+StayDate(i), rareItem{itemUnits, Num(u.rooms[i])})
			sc.words[i] |= rareNight
		}
	}
}

func (sc *scratch) start(n int) {
	sc.words = resize(sc.words, n)
	sc.spans = sc.spans[:0]
}

// worstCount keeps the one thing that is said of a count in trouble: unset before broken.
func worstCount(t word) word {
	if t&noCount != 0 {
		t &^= badCount
	}
	return t
}

// limit answers the product's units: the room type's, if no limit speaks of it.
func (sc *scratch) limit(p *Picture, base, extra *members, from StayDate) *units {
	if !limits(base) && !limits(extra) {
		return &sc.units
	}
	sc.own.rooms = append(sc.own.rooms[:0], sc.units.rooms...)
	sc.own.trouble = append(sc.own.trouble[:0], sc.units.trouble...)
	sc.limited.reset(len(sc.own.rooms))
	for _, m := range [2]*members{base, extra} {
		if m != nil {
			sc.takeLimits(p, m, "", from)
		}
	}
	sc.limited.lay(&sc.own)
	return &sc.own
}

func (sc *scratch) takeLimits(p *Picture, m *members, channel string, from StayDate) {
	for _, c := range m.limits {
		if c.scope.Block == "" || c.scope.Channel == "" || c.scope.Channel == channel {
			sc.limited.take(p, c, from)
		}
	}
	for _, o := range m.overlays {
		if o.Kind == Cap && (o.Scope.Block == "" || o.Scope.Channel == "" || o.Scope.Channel == channel) {
			sc.limited.cap(o, from)
		}
	}
}

func limits(m *members) bool {
	return m != nil && (len(m.limits) > 0 || slices.ContainsFunc(m.overlays, func(o *Overlay) bool { return o.Kind == Cap }))
}

// transientUnits answers a copy of the units with the transient limits laid on: what an elastic block may draw on.
func (sc *scratch) transientUnits(p *Picture, base, extra *members, from StayDate) *units {
	u := sc.limit(p, base, extra, from)
	if u != &sc.own {
		sc.own.rooms = append(sc.own.rooms[:0], u.rooms...)
		sc.own.trouble = append(sc.own.trouble[:0], u.trouble...)
	}
	return &sc.own
}

// unopened marks the nights on which no one said open (S6).
func (sc *scratch) unopened(p *Picture, base, extra *members, from StayDate) {
	for i := range sc.words {
		sc.words[i] |= isUnopened
	}
	for _, m := range [2]*members{base, extra} {
		if m == nil {
			continue
		}
		for _, c := range m.opens {
			c.each(from, from+StayDate(len(sc.words))-1, p.stamps, func(f, t StayDate, state State, v Value) {
				for i := int(f - from); i <= int(t-from) && state == Told && v.A == Open; i++ {
					sc.words[i] &^= isUnopened
				}
			})
		}
	}
}

// restrict lays restrictions, unknown kinds and overlays over the words. channel matters to members of a block, which hold all channels'.
func (sc *scratch) restrict(p *Picture, m *members, channel string, from StayDate) {
	to := from + StayDate(len(sc.words)) - 1
	mine := func(s Scope) bool { return s.Block == "" || s.Channel == "" || s.Channel == channel }
	for _, c := range m.restrictions {
		if mine(c.scope) {
			c.each(from, to, p.stamps, func(f, t StayDate, state State, v Value) {
				if state == Told {
					sc.layRestriction(c.field, v, from, f, t)
				}
			})
		}
	}
	for _, c := range m.unknown {
		if mine(c.scope) {
			for i := range sc.words {
				if c.unknownOn(from+StayDate(i), p.stamps) != nil {
					sc.words[i] |= isUnknown
				}
			}
		}
	}
	for _, o := range m.overlays {
		if mine(o.Scope) {
			sc.layOverlay(o, from, to)
		}
	}
}

func (sc *scratch) layRestriction(field Field, v Value, from, f, t StayDate) {
	rare := false
	for i := int(f - from); i <= int(t-from); i++ {
		sc.words[i], rare = sc.words[i].restrict(field, v)
	}
	if rare {
		sc.rare(f, t, rareItem{field, v})
	}
}

func (sc *scratch) layOverlay(o *Overlay, from, to StayDate) {
	if o.Kind != StopSell && o.Kind != Floor {
		return
	}
	for d := max(from, o.Span.From); d <= min(to, o.Span.To); d++ {
		switch {
		case !o.Span.Days.Has(d):
		case o.Kind == StopSell:
			sc.words[d-from] |= isStopped
		default:
			sc.words[d-from] |= rareNight
			sc.rare(d, d, rareItem{itemFloor, Price(o.Side, o.Amount)})
		}
	}
}

func (sc *scratch) rare(from, to StayDate, item rareItem) {
	if n := len(sc.spans); n > 0 && sc.spans[n-1].item == item && sc.spans[n-1].to+1 == from {
		sc.spans[n-1].to = to
		return
	}
	sc.spans = append(sc.spans, rareSpan{from, to, item})
}

// runs answers the rare spans as disjoint runs in rising order, the items of each in one order; nil if there are none.
func (sc *scratch) runs() []rareRun {
	if len(sc.spans) == 0 {
		return nil
	}
	slices.SortFunc(sc.spans, func(a, b rareSpan) int { return int(a.from - b.from) })
	sc.cuts = sc.cuts[:0]
	for _, s := range sc.spans {
		sc.cuts = append(sc.cuts, s.from, s.to+1)
	}
	slices.Sort(sc.cuts)
	sc.cuts = slices.Compact(sc.cuts)
	var out []rareRun
	sc.active = sc.active[:0]
	next := 0
	for i := 0; i+1 < len(sc.cuts); i++ {
		from, to := sc.cuts[i], sc.cuts[i+1]-1
		sc.active = slices.DeleteFunc(sc.active, func(s rareSpan) bool { return s.to < from })
		for ; next < len(sc.spans) && sc.spans[next].from == from; next++ {
			sc.active = append(sc.active, sc.spans[next])
		}
		out = joinRun(out, rareRun{from, to, itemsOf(sc.active)})
	}
	return out
}

// itemsOf answers the different items of some spans, in one order whatever theirs is.
func itemsOf(spans []rareSpan) (items []rareItem) {
	for _, s := range spans {
		if !slices.Contains(items, s.item) {
			items = append(items, s.item)
		}
	}
	slices.SortFunc(items, func(a, b rareItem) int {
		return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.value.A, b.value.A), cmp.Compare(a.value.B, b.value.B), cmp.Compare(a.value.Form, b.value.Form))
	})
	return items
}

// joinRun appends a run, if it has items, or makes the last one longer if it goes on with the same.
func joinRun(out []rareRun, run rareRun) []rareRun {
	if len(run.items) == 0 {
		return out
	}
	if n := len(out) - 1; n >= 0 && out[n].to+1 == run.from && slices.Equal(out[n].items, run.items) {
		out[n].to = run.to
		return out
	}
	return append(out, run)
}

// unknownOn answers a statement of an unknown kind that holds on a date: told, and not overtaken by a newer one of its name or by a
// clear of all names.
func (c *column) unknownOn(d StayDate, t *stampTable) *standing {
	for i := range c.standing {
		s := &c.standing[i]
		if s.state == Told && s.span.Covers(d) && !c.overtaken(i, d, t) {
			return s
		}
	}
	return nil
}

// overtaken tells whether a statement is hidden on a date by a newer one; of equal stamps, the later in place.
func (c *column) overtaken(i int, d StayDate, t *stampTable) bool {
	name, order := unknownName(c.standing[i].text), t.order(c.standing[i].stamp)
	for j := range c.standing {
		s := &c.standing[j]
		if j == i || !s.span.Covers(d) || s.text != "" && unknownName(s.text) != name {
			continue
		}
		if o := t.order(s.stamp); o > order || o == order && j > i {
			return true
		}
	}
	return false
}

// unknownName answers the name of an unknown kind: the text up to the first "=".
func unknownName(text string) string {
	name, _, _ := strings.Cut(text, "=")
	return name
}
