package ari

// left answers the units of a product on a date for everyone (all channels), as a hold finds them; false if the product is not offered or
// they cannot be told. The overlays and columns changed since the last refresh are not in it.
func (p *Picture) left(room, plan string, d StayDate) (units int, ok bool) {
	return p.leftIn("", room, plan, d)
}

// leftIn is left for one channel.
func (p *Picture) leftIn(channel, room, plan string, d StayDate) (units int, ok bool) {
	e := p.eff
	if e.stale {
		return 0, false
	}
	i := e.x.productOf(Product(room, plan))
	if i < 0 || d < e.base || d >= e.base+StayDate(e.days) {
		return 0, false
	}
	c := cells{e: e, i: i}
	if v := e.x.views[channel]; v != nil {
		c.lane = v.lanes[i]
	}
	w, rare := c.on(d)
	if w&(noCount|badCount) != 0 {
		return 0, false
	}
	return int(unitsOf(w, rare)), true
}

// openNights counts the product-nights of [from, to] that are sellable as nights: open, evaluated, with rooms, and rated for some number of
// adults (S18).
func (p *Picture) openNights(from, to StayDate) (open int) {
	p.eachOpenNight(from, to, func(int32, StayDate) { open++ })
	return open
}

func (p *Picture) eachOpenNight(from, to StayDate, f func(product int32, d StayDate)) {
	const shut = isClosed | isUnopened | isStopped | isUnknown | noCount | badCount
	p.eff.eachWord(from, to, func(i int32, d StayDate, w word) {
		if w&shut == 0 && w.units() > 0 && p.eff.rated(i, d) {
			f(i, d)
		}
	})
}

// restrictionNights counts the product-nights of [from, to] on which any restriction is in force (S18).
func (p *Picture) restrictionNights(from, to StayDate) (restricted int) {
	p.eff.eachWord(from, to, func(_ int32, _ StayDate, w word) {
		if w&restricting != 0 {
			restricted++
		}
	})
	return restricted
}

func (e *effective) eachWord(from, to StayDate, f func(i int32, d StayDate, w word)) {
	if e.stale {
		return
	}
	n := len(e.x.products)
	for d := max(from, e.base); d <= min(to, e.base+StayDate(e.days)-1); d++ {
		for i, w := range e.words[int(d-e.base)*n : int(d-e.base+1)*n] {
			f(int32(i), d, w)
		}
	}
}

// rated tells whether an amount for some number of adults, above 0 or complimentary, is told or derived on a date.
func (e *effective) rated(i int32, d StayDate) bool {
	for k := range e.rates[i] {
		s := &e.rates[i][k]
		if s.key.Class != Adults {
			break // the series rise by class
		}
		if v := s.on(d); v.Form != 0 && (v.A != 0 || v.B != 0 || e.plan(i).Complimentary) {
			return true
		}
	}
	return false
}
