package ari

// rates finds the rate cells of the product on the reason's night: what is told, and in which tier, shows what is missing.
func (f *finder) rates() {
	d := f.reason.Date
	if b := f.j.plan.basis(); d == f.j.ask.Arrival && b != BasisNightly {
		f.add(LayerCatalog, f.planScope(), "basis "+string(b))
	}
	for _, s := range f.j.ask.p.eff.rates[f.j.i] {
		f.facts = append(f.facts, f.cell(f.j.i, s.field, d, 0)...)
	}
	if len(f.facts) == 0 {
		f.facts = append(f.facts, Fact{Layer: LayerSource, Scope: Product(f.j.room.Code, f.j.plan.Code), Field: AdultsField(min(f.j.price.adults, 31)), Date: d})
	}
}

// cell tells a rate cell: what is told, or what is derived and the parent's cell it is derived from, and so on up.
func (f *finder) cell(i int32, field Field, d StayDate, depth int) []Fact {
	x := f.j.x
	s := findSeries(f.j.ask.p.eff.rates[i], field)
	if s == nil || depth > len(x.plans) {
		return nil
	}
	if s.told != nil {
		if fact := f.fact(s.told, d); fact.State == Told || x.products[i].parent < 0 {
			fact.Layer = LayerSource // a cell of its own product, whoever derives from it
			return []Fact{fact}
		}
	}
	v := s.on(d)
	if v.Form == 0 {
		return nil
	}
	at := x.products[i]
	derived := Fact{Layer: LayerDerived, Scope: Product(x.rooms[at.room].Code, x.plans[at.plan].Code), Field: field, Date: d, State: Told, Value: v}
	return append([]Fact{derived}, f.cell(at.parent, field, d, depth+1)...)
}

// priceFacts answers, night by night, the rate cells that the price was made of; nil where no night was priced.
func (j *judge) priceFacts() [][]Fact {
	f := finder{j: j}
	var out [][]Fact
	for k, keys := range j.price.used {
		d := j.ask.Arrival + StayDate(k)
		var night []Fact
		for _, key := range keys {
			night = append(night, f.used(key, d)...)
		}
		night = append(night, f.extrasOn(k, d)...)
		out = append(out, night)
	}
	return out
}

// used tells the cell of a rate key: the block's, if it was looked at, else the product's.
func (f *finder) used(key RateKey, d StayDate) []Fact {
	key.LOS = f.j.price.tier
	if told := f.j.price.blockTold(d); told {
		for _, c := range f.j.price.block {
			if c.field == key.Field() {
				return []Fact{f.fact(c, d)}
			}
		}
		return nil
	}
	return f.cell(f.j.i, key.Field(), d, 0)
}

// blockTold tells whether any rate is told for the block on a date.
func (r *pricing) blockTold(d StayDate) bool {
	for _, c := range r.block {
		if state, _, _ := c.at(d, r.stamps); state == Told {
			return true
		}
	}
	return false
}
