package ari

import "slices"

// series is one rate key of a product by date. What is told and not derived is read in place, in its column; what is derived, or told by
// open-ended statements, is computed.
type series struct {
	field Field
	key   RateKey
	base  *StayDate
	a, b  *nums    // before and after tax
	own   *amounts // computed; nil: in place
	told  *column  // nil: nothing is told
}

// amounts is a rate key by date, computed.
type amounts struct {
	base StayDate
	size int
	a, b nums
}

// on answers the value on a date; Form tells the sides.
func (s *series) on(d StayDate) (v Value) {
	i := int(d - *s.base)
	if x, ok := s.a.at(i); ok {
		v.A, v.Form = x, SideBefore
	}
	if x, ok := s.b.at(i); ok {
		v.B, v.Form = x, v.Form|SideAfter
	}
	return v
}

func newSeries(f Field, told *column, own *amounts) series {
	s := series{field: f, key: f.RateKey(), told: told, own: own}
	if own != nil {
		s.base, s.a, s.b = &own.base, &own.a, &own.b
	} else {
		s.base, s.a, s.b = &told.base, &told.a, &told.b
	}
	return s
}

// linkAll links the rates of every product, parents first.
func (e *effective) linkAll(p *Picture) {
	for _, n := range e.x.order {
		for r := range e.x.rooms {
			if i := e.x.pair(r, int(n)); i >= 0 {
				e.linkOne(p, i)
			}
		}
	}
}

// linkFrom links the rates of a product and of those derived from it.
func (e *effective) linkFrom(p *Picture, i int32) {
	at := e.x.products[i]
	for _, n := range e.x.planSet(PlanScope(e.plan(i).Code), func(*plan) bool { return true }) {
		if c := e.x.pair(int(at.room), int(n)); c >= 0 {
			e.linkOne(p, c)
		}
	}
}

func (e *effective) linkOne(p *Picture, i int32) {
	e.link(i)
	e.deriveOn(p, i, e.base, e.base+StayDate(e.days)-1)
	e.quoteOn(i, e.base, e.base+StayDate(e.days)-1)
}

// link finds the series of a product: its own rate columns, and the keys of its parent if it derives any.
func (e *effective) link(i int32) {
	var list []series
	at := e.x.products[i]
	derived := at.parent >= 0 && len(e.plan(i).Derive) > 0 && e.agree(at)
	for _, told := range e.x.rates[i] {
		var own *amounts
		if derived || len(told.standing) > 0 {
			own = &amounts{}
		}
		list = append(list, newSeries(told.field, told, own))
	}
	if derived {
		for _, up := range e.rates[at.parent] {
			if !slices.ContainsFunc(list, func(s series) bool { return s.field == up.field }) {
				list = append(list, newSeries(up.field, nil, &amounts{}))
			}
		}
	}
	slices.SortFunc(list, func(a, b series) int { return int(int64(a.field) - int64(b.field)) })
	e.rates[i] = list
}

// agree tells whether a product's plan and its parent's speak of amounts in the same way: apply refuses others.
func (e *effective) agree(at product) bool {
	c, up := &e.x.plans[at.plan], &e.x.plans[e.x.products[at.parent].plan]
	return c.currency == up.currency && c.basis() == up.basis() && slices.Equal(c.Tiers, up.Tiers) && c.nights == up.nights && c.PerPerson == up.PerPerson
}

func (p *plan) basis() Basis {
	if p.Basis == "" {
		return BasisNightly
	}
	return p.Basis
}

// derive computes the product's computed series on [from, to]; all of them where one that was read in place no longer can be.
func (e *effective) derive(p *Picture, i int32, from, to StayDate) {
	for k := range e.rates[i] {
		if s := &e.rates[i][k]; s.own == nil && len(s.told.standing) > 0 {
			e.linkOne(p, i)
			return
		}
	}
	e.deriveOn(p, i, from, to)
}

func (e *effective) deriveOn(p *Picture, i int32, from, to StayDate) {
	if to < from {
		return
	}
	for k := range e.rates[i] {
		s := &e.rates[i][k]
		if s.own == nil {
			continue
		}
		s.own.cover(e.base, e.base+StayDate(e.days)-1)
		s.own.clear(from, to)
		if up := e.parentSeries(i, s.field); up != nil {
			e.deriveKey(i, s, up, from, to)
		}
		if s.told != nil {
			s.told.each(from, to, p.stamps, func(f, t StayDate, state State, v Value) {
				for d := f; d <= t && state == Told; d++ {
					s.own.put(d, v)
				}
			})
		}
	}
}

func (e *effective) parentSeries(i int32, f Field) *series {
	up := e.x.products[i].parent
	if up < 0 || len(e.plan(i).Derive) == 0 || !e.agree(e.x.products[i]) {
		return nil
	}
	return findSeries(e.rates[up], f)
}

func findSeries(list []series, f Field) *series {
	for k := range list {
		if list[k].field == f {
			return &list[k]
		}
	}
	return nil
}

// deriveKey computes one rate key from the parent's series, side by side.
func (e *effective) deriveKey(i int32, s, up *series, from, to StayDate) {
	pl, room := e.plan(i), e.room(i).Code
	always := pl.ruleAlways(room)
	for k, n := range [2]*nums{up.a, up.b} {
		out := [2]*nums{s.a, s.b}[k]
		for d := from; d <= to && n.len() > 0; d++ {
			v, ok := n.at(int(d - *up.base))
			if !ok {
				continue
			}
			rule := always
			if rule == nil {
				rule = pl.ruleOn(d, room)
			}
			if rule == nil {
				continue
			}
			if x, ok := pl.deriveSide(rule, s.key.Class == Adults, sides[k], Amount(v)); ok {
				setSide(out, int(d-s.own.base), s.own.size, int64(x), true)
			}
		}
	}
}

// ruleAlways answers the plan's first rule if it matches every date of the room type; nil if it depends.
func (p *plan) ruleAlways(room string) *DeriveRule {
	if len(p.Derive) == 0 {
		return nil
	}
	if r := &p.Derive[0]; r.From == nil && r.To == nil && len(r.Days) == 0 && (len(r.RoomTypes) == 0 || slices.Contains(r.RoomTypes, room)) {
		return r
	}
	return nil
}

// ruleOn answers the first rule of the plan that matches the date and room type; nil if none.
func (p *plan) ruleOn(d StayDate, room string) *DeriveRule {
	for i := range p.Derive {
		r := &p.Derive[i]
		if r.From != nil && d < *r.From || r.To != nil && d > *r.To || len(r.RoomTypes) > 0 && !slices.Contains(r.RoomTypes, room) {
			continue
		}
		if len(r.Days) == 0 || slices.Contains(r.Days, weekdayNames[(int(d.Weekday())+6)%7]) {
			return r
		}
	}
	return nil
}

// whole is 100 % in the unit of DeriveRule.Percent.
const whole = 100 * int64(AmountUnit)

// deriveSide answers what the rule makes of a parent's amount on one side; false if nothing (S13).
func (p *plan) deriveSide(r *DeriveRule, adults bool, side uint8, parent Amount) (Amount, bool) {
	add := int64(0)
	if adults && r.Amount != 0 {
		if side != p.ruleSide(r) {
			return 0, false
		}
		add = int64(r.Amount)
	}
	x := deriveAmount(int64(parent), whole+int64(r.Percent), add, int64(p.step), r.AmountFirst)
	if adults && r.Min != nil {
		x = max(x, *r.Min)
	}
	if adults && r.Max != nil {
		x = min(x, *r.Max)
	}
	return x, x >= 0 && x <= AmountMax
}

// ruleSide answers the tax side that a rule's amount is on; 0 if the plan tells both and the rule names none.
func (p *plan) ruleSide(r *DeriveRule) uint8 {
	side := r.Side
	if side == "" {
		side = p.Tax
	}
	switch side {
	case "before":
		return SideBefore
	case "after", "":
		return SideAfter
	}
	return 0
}

// deriveAmount answers round((parent x share + add x whole) / whole) to the step, in one rounding; amount first: (parent + add) x share.
// What is beyond the largest amount comes out just beyond it, so that a guard can still bring it back.
func deriveAmount(parent, share, add, step int64, amountFirst bool) Amount {
	a, b := parent, add
	if amountFirst {
		a, b = parent+add, 0
	}
	if abs(a) < 1<<40 && abs(share) < 1<<21 && abs(b) < 1<<40 && step < 1<<42 {
		return clampAmount(divRound(a*share+b*whole, whole*step) * Amount(step))
	}
	return deriveWide(mulWide(a, share).add(mulWide(b, whole)), step)
}

// deriveWide answers round(n / whole) to the step, half away from zero, for any step.
func deriveWide(n wide, step int64) Amount {
	if n.hi < 0 {
		return -deriveWide(n.neg(), step)
	}
	q, parts, ok := n.divMod(whole)
	if !ok {
		return AmountMax + 1
	}
	steps, rest := q/step, q%step
	if rest >= step-rest || rest == step-rest-1 && parts >= whole-parts {
		steps++
	}
	if steps > int64(AmountMax)/step {
		return AmountMax + 1
	}
	return Amount(steps * step)
}

// clampAmount keeps x within one of the largest amount.
func clampAmount(x Amount) Amount { return max(-AmountMax-1, min(x, AmountMax+1)) }

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// cover makes room for [from, to].
func (a *amounts) cover(from, to StayDate) {
	size := int(to-from) + 1
	for _, n := range []*nums{&a.a, &a.b} {
		if n.len() > 0 && (a.base != from || n.len() != size) {
			n.shift(int(a.base-from), size)
		}
	}
	a.base = from
	a.size = size
}

// shift moves the numbers by offset places into an array of size; what falls outside is dropped.
func (n *nums) shift(offset, size int) {
	old := *n
	n.n32, n.n64 = nil, nil
	if old.n64 != nil {
		n.n64 = make([]int64, size)
		fill(n.n64, none64)
	} else {
		n.n32 = make([]int32, size)
		fill(n.n32, none32)
	}
	for i := range old.len() {
		if j := i + offset; j >= 0 && j < size {
			if old.n64 != nil {
				n.n64[j] = old.n64[i]
			} else {
				n.n32[j] = old.n32[i]
			}
		}
	}
}

func (a *amounts) put(d StayDate, v Value) {
	i := int(d - a.base)
	setSide(&a.a, i, a.size, v.A, v.Form&SideBefore != 0)
	setSide(&a.b, i, a.size, v.B, v.Form&SideAfter != 0)
}

func (a *amounts) clear(from, to StayDate) {
	for _, n := range []*nums{&a.a, &a.b} {
		for d := from; d <= to && n.len() > 0; d++ {
			n.unset(int(d - a.base))
		}
	}
}
