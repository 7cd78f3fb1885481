package ari

import "slices"

// pricing is how one product is priced for one stay and party (S12, evaluation 5).
type pricing struct {
	plan   *plan
	adults int
	kids   []int // ages, oldest first
	freed  int   // children that the family offer frees
	base   int64 // base occupancy
	tier   uint8
	told   []series  // of the product
	block  []*column // told for the block asked; looked at first
	stamps *stampTable

	nightStep Amount // nights are rounded to it; 0: exact
	scale     int64  // amounts are counted in 1/scale: the base occupancy for pro rata
	den       int64  // night amounts are in 1/den: scale x nights of the period
	values    []keyed
	trace     bool        // for explain: note which cells are used
	used      [][]RateKey // by night, if traced
}

type keyed struct {
	key RateKey
	Value
}

// nightAmount is what one night of one room costs: known sides, each a number of 1/den.
type nightAmount struct {
	form   uint8
	zero   bool    // no side known, one of them only for its zero
	amount [2]wide // before, after
}

var sides = [2]uint8{SideBefore, SideAfter}

// start makes ready for a product; q's party is in adults and kids already.
func (r *pricing) start(p *Picture, pl *plan, rm *room) {
	r.plan, r.stamps = pl, p.stamps
	r.base = int64(pl.baseIn(rm))
	r.scale = 1
	if pl.Fill == "pro_rata" && !pl.PerPerson {
		r.scale = r.base
	}
	r.den = r.scale * pl.nights
	r.nightStep = 0
	if n := p.catalog.Property.NightDecimals; n != nil {
		r.nightStep = MinorUnit(*n)
	}
	r.used = r.used[:0]
}

// party answers the adults and children that are priced: the oldest children may count as adults.
func (r *pricing) party(pl *plan, rm *room, adults int, kids []int) {
	r.adults, r.kids = adults, kids
	if pl.ChildPricing == "as_adults" {
		r.adults, r.kids = adults+len(kids), nil
	}
	for pl.OldestAsAdults && r.adults < pl.fullPayers(rm) && len(r.kids) > 0 {
		r.adults, r.kids = r.adults+1, r.kids[1:]
	}
	r.freed = pl.extras.freed(r.kids)
	r.kids = r.kids[:len(r.kids)-r.freed]
}

// tierOf answers the largest declared tier of at most the LOS; false if there is none.
func (p *plan) tierOf(nights int) (uint8, bool) {
	if p.basis() != BasisLOSTier {
		return 0, true
	}
	best := 0
	for _, t := range p.Tiers {
		if t <= nights {
			best = max(best, t)
		}
	}
	return uint8(best), best > 0 && best < 256
}

// night prices one date.
func (r *pricing) night(d StayDate) (n nightAmount) {
	r.gather(d)
	if r.trace {
		r.used = append(r.used, nil)
	}
	zero := false
	for k, side := range sides {
		x, known, isZero := r.side(side)
		if known {
			n.form, n.amount[k] = n.form|side, r.rounded(x)
		}
		zero = zero || isZero
	}
	n.zero = zero && n.form == 0
	return n
}

// gather reads what is told on the date for the tier: of the block if it tells anything then, else of the product.
func (r *pricing) gather(d StayDate) {
	r.values = r.values[:0]
	told := false
	for _, c := range r.block {
		if state, v, _ := c.at(d, r.stamps); state == Told {
			told = true
			if k := c.field.RateKey(); k.LOS == r.tier {
				r.values = append(r.values, keyed{k, v})
			}
		}
	}
	if told {
		return
	}
	for i := range r.told {
		if s := &r.told[i]; s.key.LOS == r.tier {
			if v := s.on(d); v.Form != 0 {
				r.values = append(r.values, keyed{s.key, v})
			}
		}
	}
}

func (k *keyed) on(side uint8) (int64, bool) {
	if k.Form&side == 0 {
		return 0, false
	}
	if side == SideBefore {
		return k.A, true
	}
	return k.B, true
}

// rounded rounds a night to the property's decimals, if it says so.
func (r *pricing) rounded(x wide) wide {
	if r.nightStep == 0 {
		return x
	}
	q, _ := x.divRound(r.den * int64(r.nightStep)) // a night is at most AmountMax x guests: it fits
	return mulWide(q, int64(r.nightStep)).mul(r.den)
}

// side prices the gathered values on one tax side, in 1/den. zero: only the adults' amount of 0 stands against it.
func (r *pricing) side(side uint8) (x wide, known, zero bool) {
	adults, told, ok := r.adultsPart(side)
	if !ok {
		return x, false, false
	}
	kids, ok := r.kidsPart(side)
	if !ok {
		return x, false, false
	}
	if told == 0 && !r.plan.Complimentary {
		return x, false, true
	}
	return adults.add(kids.mul(r.scale)), true, false
}

// amountOf answers what is told for a key on a side.
func (r *pricing) amountOf(class GuestClass, n int, side uint8) (int64, bool) {
	for i := range r.values {
		if k := &r.values[i]; k.key.Class == class && int(k.key.N) == n {
			v, ok := k.on(side)
			r.note(k.key, ok)
			return v, ok
		}
	}
	return 0, false
}

// adultsPart prices the adults by the plan's fill rule, in 1/scale; told is the amount of the cell it was taken from.
func (r *pricing) adultsPart(side uint8) (x wide, told int64, ok bool) {
	n, heads, ratio := r.filled(side)
	told, ok = r.amountOf(Adults, n, side)
	if !ok {
		return x, 0, false
	}
	times := r.scale
	if ratio {
		times = int64(r.adults)
	} else if r.plan.PerPerson {
		times *= int64(heads)
	}
	x = mulWide(told, times)
	if extra := r.adults - heads; extra > 0 {
		e, ok := r.amountOf(ExtraAdult, 0, side)
		if !ok {
			return x, 0, false
		}
		x = x.add(mulWide(e, int64(extra)).mul(r.scale))
	}
	return x, told, true
}

// filled answers which told number of adults is used, how many heads it stands for (the rest are extra adults), and whether it is shared
// out by heads (pro rata). n is 0 if the rule finds none.
func (r *pricing) filled(side uint8) (n, heads int, ratio bool) {
	if r.plan.fromBase {
		n, heads = r.fromBase()
		return n, heads, false
	}
	most, next := 0, 0
	for i := range r.values {
		k := &r.values[i]
		if _, ok := k.on(side); !ok || k.key.Class != Adults {
			continue
		}
		at := int(k.key.N)
		if at == r.adults {
			return at, at, false
		}
		most = max(most, at)
		if at > r.adults && (next == 0 || at < next) {
			next = at
		}
	}
	base := int(r.base)
	switch r.plan.Fill {
	case "", "exact", "next_higher":
		if r.adults > most {
			return most, most, false
		}
		if r.plan.Fill == "next_higher" {
			return next, r.adults, false
		}
	case "base_extras", "pro_rata":
		if r.adults > base {
			return base, base, false
		}
		return base, r.adults, r.plan.Fill == "pro_rata" && !r.plan.PerPerson
	}
	return 0, 0, false
}

// kidsPart prices the children, in whole ten-thousandths.
func (r *pricing) kidsPart(side uint8) (x wide, ok bool) {
	if len(r.kids) == 0 {
		return x, true
	}
	switch r.plan.ChildPricing {
	case "free":
		return x, true
	case "count":
		v, ok := r.amountOf(ChildCount, len(r.kids), side)
		return wideOf(v), ok
	case "positions":
		return r.byPosition(side)
	case "", "bands":
		for _, age := range r.kids {
			v, ok := r.bandOf(age, side)
			if !ok {
				return x, false
			}
			x = x.add(wideOf(v))
		}
		return x, true
	}
	return x, false
}

// byPosition prices children by position, oldest first; those above the highest told take the highest.
func (r *pricing) byPosition(side uint8) (x wide, ok bool) {
	highest := 0
	for i := range r.values {
		if _, ok := r.values[i].on(side); ok && r.values[i].key.Class == ChildNth {
			highest = max(highest, int(r.values[i].key.N))
		}
	}
	for k := range r.kids {
		v, ok := r.amountOf(ChildNth, min(k+1, highest), side)
		if !ok {
			return x, false
		}
		x = x.add(wideOf(v))
	}
	return x, true
}

// bandOf answers the amount of the narrowest told band that holds an age; of equal ones, that with the lowest minimum.
func (r *pricing) bandOf(age int, side uint8) (amount int64, found bool) {
	var best RateKey
	for i := range r.values {
		k := r.values[i].key
		v, ok := r.values[i].on(side)
		if !ok || k.Class != ChildBand || age < int(k.Min) || age >= int(k.Max) {
			continue
		}
		width, least := k.Max-k.Min, best.Max-best.Min
		if !found || width < least || width == least && k.Min < best.Min {
			best, amount, found = k, v, true
		}
	}
	r.note(best, found)
	return amount, found
}

// note notes that a cell is used for the night being priced.
func (r *pricing) note(k RateKey, used bool) {
	if r.trace && used {
		if last := &r.used[len(r.used)-1]; !slices.Contains(*last, k) {
			*last = append(*last, k)
		}
	}
}
