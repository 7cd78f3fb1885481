package ari

// GridCell is the effective value of one product on one date: what a stay of that night is judged by.
type GridCell struct {
	Room, Plan string
	Date       StayDate

	Left           int    // rooms left to sell, >= 0
	Inventory      string // "": Left is known; ReasonNoInventory or ReasonCannotEvaluate
	StopSell       bool   // an overlay stops it
	Unopened       bool   // the plan asks for an open, and none was told
	CannotEvaluate bool   // a kind that cannot be evaluated covers it (S1)

	Restrictions []FieldValue // in force, scopes combined; of rare kinds, each that must pass
	Floors       []FieldValue // of overlays; Field is 0
	Rates        []FieldValue // told or derived, rising by field
}

// FieldValue is a field with its effective value.
type FieldValue struct {
	Field Field
	Value Value
}

// Grid calls f for every date of [from, to] within the horizon, rising, with the effective values of a product for the transient sale on a
// channel ("": the ones that hold for all). It answers false if the product is not offered.
//
// Shape: the cell and its slices are reused between calls.
func (p *Picture) Grid(room, plan, channel string, from, to StayDate, f func(*GridCell)) bool {
	e := p.eff
	if e.stale {
		return false
	}
	i := e.x.productOf(Product(room, plan))
	first, last := p.horizon()
	from, to = max(from, first), min(to, last)
	if i < 0 {
		return false
	}
	if to < from {
		return true
	}
	c := cells{e: e, i: i}
	c.find(p, channel, from, to)
	cell := GridCell{Room: room, Plan: plan}
	for d := from; d <= to; d++ {
		w, rare := c.on(d)
		cell.set(d, w, rare)
		for k := range e.rates[i] {
			if v := e.rates[i][k].on(d); v.Form != 0 {
				cell.Rates = append(cell.Rates, FieldValue{e.rates[i][k].field, v})
			}
		}
		f(&cell)
	}
	return true
}

// set reads a word and its rare items into the cell.
func (g *GridCell) set(d StayDate, w word, rare []rareItem) {
	g.Date, g.Left, g.Inventory = d, int(unitsOf(w, rare)), ""
	switch {
	case w&noCount != 0:
		g.Left, g.Inventory = 0, ReasonNoInventory
	case w&badCount != 0:
		g.Left, g.Inventory = 0, ReasonCannotEvaluate
	}
	g.StopSell, g.Unopened, g.CannotEvaluate = w&isStopped != 0, w&isUnopened != 0, w&isUnknown != 0
	g.Restrictions, g.Floors, g.Rates = g.Restrictions[:0], g.Floors[:0], g.Rates[:0]
	g.flag(w, isClosed, Closed)
	g.flag(w, isCTA, CTA)
	g.flag(w, isCTD, CTD)
	g.los(w, minArrival, MinLOSArrival, MaxLOSArrival)
	g.los(w, minThrough, MinLOSThrough, MaxLOSThrough)
	for _, r := range rare {
		switch {
		case r.field.Family() == FamilyRestriction:
			g.Restrictions = append(g.Restrictions, FieldValue{r.field, r.value})
		case r.field == itemFloor:
			g.Floors = append(g.Floors, FieldValue{0, r.value})
		}
	}
}

func (g *GridCell) flag(w, flag word, f Field) {
	if w&flag != 0 {
		g.Restrictions = append(g.Restrictions, FieldValue{f, Num(Shut)})
	}
}

// los reads the hot LOS fields at shift; what they cannot hold is among the rare items.
func (g *GridCell) los(w word, shift int, least, most Field) {
	if n := w.field(shift); n > 0 && n <= losHot {
		g.Restrictions = append(g.Restrictions, FieldValue{least, Num(n)})
	}
	if n := w.field(shift + 8); n > 0 {
		g.Restrictions = append(g.Restrictions, FieldValue{most, Num(losField - n)})
	}
}
