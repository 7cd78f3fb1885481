package ari

// prices judges the rates of every night and what looks at prices (evaluation 5). The reasons of tier, period and basis, on the arrival date,
// leave nothing to look at.
func (j *judge) prices() {
	a := j.ask.Arrival
	if x := j.plan.extras; x != nil && x.strange {
		j.no(ReasonCannotEvaluate, a, 0)
	}
	tier, ok := j.plan.tierOf(j.ask.Nights)
	switch {
	case j.plan.strange:
		j.no(ReasonCannotEvaluate, a, 0)
		return
	case !ok, j.plan.basis() == BasisPeriod && j.plan.Multiple && int64(j.ask.Nights)%j.plan.nights != 0:
		j.no(ReasonNoRate, a, 0)
		return
	}
	j.startPrice(tier)
	j.sums, j.common = [2]wide{}, SideBefore|SideAfter
	j.extra.reset(a)
	rated := true
	for d := a; d < j.ask.depart && !j.enough(); d++ {
		_, rare := j.cells.on(d)
		n := j.rate(d, rare)
		rated = rated && n.form != 0
		j.common &= n.form
		j.restrictPrice(rare, Night, d, &n)
		if d == a {
			j.restrictPrice(rare, Arrival, a, &n)
		}
		if d == j.ask.depart-1 {
			_, rare = j.cells.on(j.ask.depart)
			j.restrictPrice(rare, Departure, j.ask.depart, &n)
		}
	}
	switch {
	case rated && j.common == 0:
		j.no(ReasonNoRate, a, 0)
	case rated && j.plan.extras != nil && !j.enough():
		j.supplements()
	}
}

func (j *judge) startPrice(tier uint8) {
	r, e := &j.price, j.ask.p.eff
	r.party(j.plan, j.room, j.ask.adults, j.ask.kids)
	r.start(j.ask.p, j.plan, j.room)
	r.tier, r.told, r.block = tier, e.rates[j.i], nil
	if j.block != nil {
		r.block = j.block.rates[j.i]
	}
}

// rate prices one night, floors laid over it, and adds it to the sums.
func (j *judge) rate(d StayDate, rare []rareItem) nightAmount {
	n := j.price.night(d)
	switch {
	case n.zero:
		j.no(ReasonZeroRate, d, 0)
	case n.form == 0:
		j.no(ReasonNoRate, d, 0)
	default:
		j.floor(&n, rare, d)
	}
	free := j.plan.extras != nil && j.freeNight(d)
	for k := 0; k < len(sides) && !free; k++ {
		j.sums[k] = j.sums[k].add(n.amount[k])
	}
	if !j.ask.NoNights && n.form != 0 {
		w, _ := j.cells.on(d)
		shown := NightPrice{Date: d, Money: Money{Form: n.form}, Left: int(unitsOf(w, rare)), Free: free}
		if !free {
			shown.Money = j.price.money(&n)
		}
		j.offer.Nights = append(j.offer.Nights, shown)
	}
	return n
}

// money answers a night's amounts, rounded to what an Amount holds.
func (r *pricing) money(n *nightAmount) Money {
	m := Money{Form: n.form}
	if n.form&SideBefore != 0 {
		q, _ := n.amount[0].divRound(r.den)
		m.Before = Amount(q)
	}
	if n.form&SideAfter != 0 {
		q, _ := n.amount[1].divRound(r.den)
		m.After = Amount(q)
	}
	return m
}

// floor raises the night to the floors laid over it. A raised side makes the other unknown, unless that is raised too; a floor on a side
// that is not known cannot be evaluated.
func (j *judge) floor(n *nightAmount, rare []rareItem, d StayDate) {
	raised := uint8(0)
	for k, side := range sides {
		least, ok := floorOf(rare, side)
		if !ok {
			continue
		}
		if n.form&side == 0 {
			j.no(ReasonCannotEvaluate, d, 0)
			continue
		}
		if x := mulWide(least, j.price.den); n.amount[k].cmp(x) < 0 {
			n.amount[k], raised = x, raised|side
		}
	}
	if raised != 0 {
		n.form = raised
	}
}

// floorOf answers the highest floor on a side.
func floorOf(rare []rareItem, side uint8) (least int64, ok bool) {
	for i := range rare {
		if f := &rare[i]; f.field == itemFloor && f.value.Form == side && (!ok || f.value.A > least) {
			least, ok = f.value.A, true
		}
	}
	return least, ok
}

// restrictPrice judges the min and max prices of one when against a night's amounts.
func (j *judge) restrictPrice(items []rareItem, when When, d StayDate, n *nightAmount) {
	for i := range items {
		f, v := items[i].field, items[i].value
		if f.Family() != FamilyRestriction || f.When() != when || f.What() != MinPrice && f.What() != MaxPrice || n.form == 0 {
			continue
		}
		if n.form&v.Form == 0 {
			j.no(ReasonCannotEvaluate, d, 0)
			continue
		}
		c := n.amount[v.Form>>1].cmp(mulWide(v.A, j.price.den))
		if f.What() == MinPrice && c < 0 {
			j.no(ReasonMinPrice, d, f)
		}
		if f.What() == MaxPrice && c > 0 {
			j.no(ReasonMaxPrice, d, f)
		}
	}
}

// total ends the judging: the totals of all rooms, rounded once (S12). An offer that is not sellable carries no price.
func (j *judge) total() {
	o := j.offer
	if !j.failed {
		o.Total.Form = j.common
		o.Total.Before = j.totalOf(0)
		o.Total.After = j.totalOf(1)
	}
	if j.failed {
		o.Total, o.Nights = Money{}, o.Nights[:0]
		return
	}
	o.Sellable, o.Left = true, int(j.left)
	o.Supplements = append(o.Supplements, j.extra.charged...)
}

func (j *judge) totalOf(k int) Amount {
	if j.common&sides[k] == 0 {
		return 0
	}
	step := int64(j.plan.totalStep)
	var q int64
	var ok bool
	if x := j.plan.extras; x != nil {
		q, ok = j.totalWith(x, k, step)
	} else {
		q, ok = j.sums[k].mul(int64(j.ask.Rooms)).divRound(j.price.den * step)
	}
	if !ok || q > (1<<63-1)/step {
		j.no(ReasonCannotEvaluate, j.ask.Arrival, 0)
		return 0
	}
	return Amount(q * step)
}
