package ari

// extras tells what of the plan cannot be evaluated, or leaves no tax side.
func (f *finder) extras() {
	pl := f.j.plan
	if pl.strange {
		f.add(LayerCatalog, f.planScope(), "basis "+string(pl.basis()))
	}
	if pl.extras == nil {
		return
	}
	for i := range pl.Offers {
		if pl.Offers[i].Strange() {
			f.add(LayerCatalog, f.planScope(), "offers["+itoa(i)+"] is of a kind that is not known")
		}
	}
	for i := range pl.Supplements {
		if s := &pl.Supplements[i]; s.Strange() || s.Mandatory && s.Charge == ChargeOther {
			f.add(LayerCatalog, f.planScope(), "supplements["+itoa(i)+"] is charged in a way that is not known")
		}
	}
	for _, s := range f.j.extra.charged {
		f.add(LayerCatalog, f.planScope(), "supplement "+s.Code+" is told on one tax side only: "+moneyText(s.Money))
	}
}

// extrasOn tells what the plan's offers and supplements do to night k of the stay: what is free, and the amount of a mandatory supplement on
// that night, before what it is charged for.
func (f *finder) extrasOn(k int, d StayDate) (out []Fact) {
	x := f.j.plan.extras
	if x == nil {
		return nil
	}
	if n := f.j.price.freed; n > 0 {
		out = append(out, f.extra("offer family: children free: "+itoa(n), d))
	}
	if k < len(f.j.extra.free) && f.j.extra.free[k] {
		out = append(out, f.extra("offer free_nights: night "+itoa(k+1)+" of "+itoa(f.j.ask.Nights)+" is free", d))
	}
	for i := range x.supplements {
		s := &x.supplements[i]
		if a := s.amountOn(d, f.j.room.Code); a != 0 && s.on.Has(d) {
			out = append(out, f.extra("supplement "+s.Code+", "+string(s.Charge)+": "+moneyText(moneyOn(s.side, a)), d))
		}
	}
	return out
}

// extra is a fact of the plan itself on a night.
func (f *finder) extra(text string, d StayDate) Fact {
	return Fact{Layer: LayerCatalog, Scope: f.planScope(), Date: d, State: Told, Text: text}
}

func moneyOn(side int, a Amount) Money {
	if side == 0 {
		return Money{Before: a, Form: SideBefore}
	}
	return Money{After: a, Form: SideAfter}
}

// moneyText writes money of one side.
func moneyText(m Money) string {
	if m.Form&SideBefore != 0 {
		return m.Before.String() + " before tax"
	}
	return m.After.String() + " after tax"
}
