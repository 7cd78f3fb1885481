package otaxml

import (
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// runner gathers runs of one scope, night by night: equal values on adjoining nights are one run.
type runner struct {
	scope ari.Scope
	runs  []Run
	last  map[ari.Field]int
}

func newRunner(s ari.Scope) *runner { return &runner{scope: s, last: map[ari.Field]int{}} }

func (r *runner) say(d ari.StayDate, verb ari.Verb, f ari.Field, v ari.Value) {
	if i, ok := r.last[f]; ok {
		if x := &r.runs[i]; x.Span.To == d-1 && x.Verb == verb && x.Value == v {
			x.Span.To = d
			return
		}
	}
	r.last[f] = len(r.runs)
	r.runs = append(r.runs, Run{r.scope, ari.Dates(d, d), verb, f, v})
}

// planWhy answers why what can be sold of a plan cannot be said in OTA at all, to this asker: then it is said to be closed, and its amounts are
// left out.
func (u *Pull) planWhy(code, channel string) string {
	p := u.cat.Plans[code]
	switch {
	case len(p.Offers)+len(p.Supplements)+len(p.Seasons) > 0 || p.Guests != nil:
		return "its price has offers, supplements, seasons or guest rules"
	case len(p.AccessCodes)+len(p.Clients) > 0:
		return "it is sold to some askers only"
	case len(p.Channels) > 0 && !slices.Contains(p.Channels, channel):
		return "it is sold on some channels only"
	}
	switch p.Basis {
	case "", ari.BasisNightly, ari.BasisLOSTier, ari.BasisPeriod:
		return ""
	}
	return "its amounts are by " + string(p.Basis)
}

// shutAlways answers why nothing of a product is sold now.
func (u *Pull) shutAlways(r *productRead) bool {
	p := u.cat.Plans[r.plan]
	return p.Inactive || u.cat.RoomTypes[r.room].Inactive || p.SellFrom != nil && u.day < *p.SellFrom || p.SellTo != nil && u.day > *p.SellTo
}

// shut tells whether a night of a product is not sold, whatever the stay.
func (u *Pull) shut(r *productRead, c *ari.GridCell) bool {
	p := u.cat.Plans[r.plan]
	closed := slices.ContainsFunc(c.Restrictions, func(x ari.FieldValue) bool { return x.Field == ari.Closed })
	return closed || c.StopSell || c.Unopened || c.CannotEvaluate || c.Inventory != "" || c.Date < u.day || !rated(p, c) ||
		p.StayFrom != nil && c.Date < *p.StayFrom || p.StayTo != nil && c.Date > *p.StayTo
}

// rated tells whether a night has an amount for some number of adults: above 0, unless the plan is complimentary.
func rated(p *ari.RatePlan, c *ari.GridCell) bool {
	return slices.ContainsFunc(c.Rates, func(x ari.FieldValue) bool {
		return x.Field.RateKey().Class == ari.Adults && (x.Value.A != 0 || x.Value.B != 0 || p.Complimentary)
	})
}

// inForce answers the restrictions of a night by field, as the partner can be told: the strictest where several hold; bad are those of which no
// one value says what all say.
func (u *Pull) inForce(c *ari.GridCell) (held map[ari.Field]ari.Value, bad []ari.Field) {
	held = map[ari.Field]ari.Value{}
	for _, x := range c.Restrictions {
		f := x.Field
		if u.p.SetLOS == "through" && f.When() == ari.Arrival && (f.What() == ari.MinLOS || f.What() == ari.MaxLOS) {
			f = ari.Restriction(ari.Night, f.What()) // the same number on the date (S46)
		}
		v, ok := x.Value, true
		if old, told := held[f]; told {
			v, ok = stricter(f, old, v)
		}
		if held[f] = v; !ok {
			bad = append(bad, f)
		}
	}
	if u.p.DepartureRow == "yes" { // a night's length also looks at the departure: the stricter of the two rows for both
		for _, what := range []ari.What{ari.MinLOS, ari.MaxLOS} {
			night, departure := ari.Restriction(ari.Night, what), ari.Restriction(ari.Departure, what)
			a, told := held[night]
			b, toldToo := held[departure]
			switch {
			case told && toldToo:
				a, _ = stricter(night, a, b)
			case toldToo:
				a = b
			}
			if told || toldToo {
				held[night], held[departure] = a, a
			}
		}
	}
	return held, bad
}

// stricter combines two values of one restriction; false if no value says both.
func stricter(f ari.Field, a, b ari.Value) (ari.Value, bool) {
	least := f.What() == ari.MinLOS || f.What() == ari.MinLead
	switch f.What() {
	case ari.MinLOS, ari.MaxLOS, ari.MinLead, ari.MaxLead:
		if a.Form != b.Form || a.B != b.B {
			return a, a == b
		}
		if least == (b.A > a.A) {
			return b, true
		}
		return a, true
	case ari.LOSPattern:
		if a.B == b.B && a.Form == b.Form {
			return ari.Value{A: a.A & b.A, B: a.B, Form: a.Form}, true
		}
	}
	return a, a == b
}

// neutral are the restrictions that are told where none is in force: what is left out a partner takes for unchanged (S46).
var neutral = []ari.Field{ari.MinLOSArrival, ari.MaxLOSArrival, ari.MinLOSThrough, ari.MaxLOSThrough}

// unsaidRounds bounds how often a product is told anew without what was found to have no words: what goes may take its pair along. Beyond it the
// product is told to be closed.
const unsaidRounds = 4

// unsaid is what of a product cannot be told: nights that are told to be closed for that, and the values themselves. What else holds on such a
// night is told: a departure on its date ends a stay that does not touch it.
type unsaid struct {
	shut  map[ari.StayDate]bool
	value map[fieldOn]bool
}

type fieldOn struct {
	d ari.StayDate
	f ari.Field
}

// availRuns answers what to tell of a product.
func (u *Pull) availRuns(a *ask, r *productRead, scope ari.Scope, not unsaid) (runs []Run, bad []Run) {
	all := !a.q.Statuses && !a.q.Lengths && !a.q.Limits
	out := newRunner(scope)
	always := u.shutAlways(r) || u.planWhy(r.plan, r.channel) != ""
	for i := range r.nights {
		c := &r.nights[i]
		d := c.Date
		held, unclear := u.inForce(c)
		for _, f := range unclear {
			bad = append(bad, Run{scope, ari.Dates(d, d), ari.Set, f, held[f]})
		}
		for f := range held {
			if not.value[fieldOn{d, f}] {
				delete(held, f)
			}
		}
		if d > a.to {
			for f, v := range held { // only who departs then is of interest
				if f.When() == ari.Departure && f != ari.CTD {
					out.say(d, ari.Set, f, v)
				}
			}
			continue
		}
		limits := all || a.q.Limits
		closed := always || not.shut[d] || u.shut(r, c) || c.Left <= 0 && !limits
		out.say(d, ari.Set, ari.Closed, ari.Num(map[bool]int64{true: ari.Shut, false: ari.Open}[closed]))
		if limits && u.p.limitIsRemaining(scope) {
			out.say(d, ari.Set, ari.Limit(ari.Remaining), ari.Num(int64(max(c.Left, 0))))
		}
		u.restrictionRuns(out, d, held, all || a.q.Statuses, all || a.q.Lengths)
	}
	return out.runs, bad
}

// restrictionRuns tells the restrictions of a night, and the neutral values of those that are not in force. One that is not asked for is left out
// only where none is in force.
func (u *Pull) restrictionRuns(out *runner, d ari.StayDate, held map[ari.Field]ari.Value, statuses, lengths bool) {
	for _, f := range []ari.Field{ari.CTA, ari.CTD} {
		if _, shut := held[f]; shut {
			out.say(d, ari.Set, f, ari.Num(ari.Shut))
		} else if statuses {
			out.say(d, ari.Set, f, ari.Num(ari.Open))
		}
	}
	free := neutral
	if u.p.DepartureRow == "yes" {
		free = append(slices.Clone(free), ari.Restriction(ari.Departure, ari.MinLOS), ari.Restriction(ari.Departure, ari.MaxLOS))
	}
	for _, f := range free {
		if _, told := held[f]; !told && lengths {
			out.say(d, ari.Clear, f, ari.Value{})
		}
	}
	var rest []ari.Field
	for f := range held {
		if f != ari.Closed && f != ari.CTA && f != ari.CTD {
			rest = append(rest, f)
		}
	}
	slices.Sort(rest)
	for _, f := range rest {
		out.say(d, ari.Set, f, held[f])
	}
}

// avail writes the AvailStatusMessages of the answer.
func (u *Pull) avail() []byte {
	var w writer
	for i := range u.asks {
		a := &u.asks[i]
		for j := range a.products {
			r := &a.products[j]
			u.eachCode(r, func(scope ari.Scope) {
				for _, b := range u.e.avail(u.sayable(a, r, scope)) {
					w.b = append(w.b, b...)
				}
			})
		}
		for _, b := range u.e.avail(u.roomLimits(a)) {
			w.b = append(w.b, b...)
		}
	}
	return w.b
}

// eachCode calls f for the scopes that a product has in the partner's codes.
func (u *Pull) eachCode(r *productRead, f func(ari.Scope)) {
	for _, room := range r.rooms {
		for _, plan := range r.plans {
			s := ari.Product(room, plan)
			s.Channel = r.channel
			f(s)
		}
	}
}

// sayable answers the runs of a product of which everything can be told: a night with something that cannot is told to be closed, and of a
// departure that cannot, the night before it.
func (u *Pull) sayable(a *ask, r *productRead, scope ari.Scope) []Run {
	if why := u.planWhy(r.plan, r.channel); why != "" {
		u.warn(CodeLeftOut, a.q.Path, scope.Rate, "told to be closed: "+why)
	}
	not := unsaid{map[ari.StayDate]bool{}, map[fieldOn]bool{}}
	for range unsaidRounds {
		runs, bad := u.availRuns(a, r, scope, not)
		probe := &emitter{p: u.e.p, h: u.e.h}
		probe.avail(runs)
		for _, l := range probe.left {
			if l.Run.Verb == ari.Set && !isNeutral(&l.Run) {
				u.warn(CodeLeftOut, a.q.Path, scope.Room+" "+scope.Rate, "told to be closed where it has "+l.Why)
				bad = append(bad, l.Run)
			}
		}
		if len(bad) == 0 {
			return runs
		}
		for _, b := range bad {
			if b.Field == ari.Closed {
				return nil // the product itself has no words: warned of
			}
			for d := b.Span.From; d <= b.Span.To; d++ {
				not.value[fieldOn{d, b.Field}] = true
				if b.Field.Family() == ari.FamilyRestriction && b.Field.When() == ari.Departure {
					not.shut[d-1] = true
				} else {
					not.shut[d] = true
				}
			}
		}
	}
	return []Run{{scope, ari.Dates(a.from, a.to), ari.Set, ari.Closed, ari.Num(ari.Shut)}}
}

// isNeutral tells whether a run restricts nothing.
func isNeutral(r *Run) bool {
	return (r.Field == ari.CTA || r.Field == ari.CTD) && r.Value.A == ari.Open
}

// roomLimits answers the rooms to sell of each room type, where the partner reads a BookingLimit of a product as its room type's: of those
// products that are open, the fewest, so that none is oversold (S46, strict).
func (u *Pull) roomLimits(a *ask) (runs []Run) {
	if a.q.Statuses || a.q.Lengths {
		if !a.q.Limits {
			return nil
		}
	}
	left := map[string]map[ari.StayDate]int{}
	var order []string
	for j := range a.products {
		r := &a.products[j]
		if r.channel != "" || u.p.limitIsRemaining(ari.Product("x", "y")) {
			continue
		}
		always := u.shutAlways(r) || u.planWhy(r.plan, r.channel) != ""
		for _, room := range r.rooms {
			if left[room] == nil {
				left[room], order = map[ari.StayDate]int{}, append(order, room)
			}
			for i := range r.nights {
				c := &r.nights[i]
				if c.Date > a.to {
					continue
				}
				n, told := left[room][c.Date]
				switch {
				case always || u.shut(r, c):
					if !told {
						left[room][c.Date] = -1
					}
				case !told || n < 0 || c.Left < n:
					left[room][c.Date] = c.Left
				}
			}
		}
	}
	f := ari.Count(ari.Net)
	if u.p.limitIsRemaining(ari.RoomScope("x")) {
		f = ari.Limit(ari.Remaining)
	}
	for _, room := range order {
		out := newRunner(ari.RoomScope(room))
		for d := a.from; d <= a.to; d++ {
			if n, told := left[room][d]; told {
				out.say(d, ari.Set, f, ari.Num(int64(max(n, 0))))
			}
		}
		runs = append(runs, out.runs...)
	}
	return runs
}
