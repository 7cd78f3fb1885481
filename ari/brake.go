package ari

import "encoding/json"

// brake holds a replace back that would unset too much (S18): more than the property's share of its open product-nights, or of its
// restrictions. What the same message sets closed is applied at once.
func (j *trial) brake() error {
	if len(j.u.Replace) == 0 || j.u.Released || !j.unsets() {
		return nil
	}
	share := j.catalog.Property.ReplaceShare
	if share == 0 {
		share = 30
	}
	if !j.liftsMore(share) && !j.losesMore(share) {
		return nil
	}
	return j.closeOnly()
}

// unsets tells whether anything told becomes unset.
func (j *trial) unsets() bool {
	for _, w := range j.works[:j.used] {
		if len(w.gone) > 0 {
			return true
		}
		for i := range w.segs {
			if s := &w.segs[i]; s.OldState == Told && s.NewState != Told {
				return true
			}
		}
	}
	return false
}

// liftsMore tells whether more than a share of the restrictions in force, in column-dates, become unset.
func (j *trial) liftsMore(share int) bool {
	lifted := 0
	for _, w := range j.works[:j.used] {
		if w.key.field.Family() != FamilyRestriction || w.col == nil {
			continue
		}
		for _, x := range j.d.p.pieces(nil, w.col, j.first, j.last) {
			if !restricts(w.key.field, x) {
				continue
			}
			for _, y := range w.now(nil, j, x.from, x.to) {
				if y.state != Told {
					lifted += int(y.to-y.from) + 1
				}
			}
		}
	}
	return lifted > 0 && lifted*100 > share*j.d.p.restrictions(j.first, j.last)
}

// restricts tells whether a restriction's value bars anything: an open does not.
func restricts(f Field, x piece) bool {
	return x.state == Told && (f.What() != NotAtAll || x.value.A == Shut)
}

// restrictions counts the restrictions in force, in column-dates.
func (p *Picture) restrictions(from, to StayDate) int {
	n := 0
	for k, c := range p.columns {
		if k.field.Family() != FamilyRestriction {
			continue
		}
		for _, x := range p.pieces(nil, c, from, to) {
			if restricts(k.field, x) {
				n += int(x.to-x.from) + 1
			}
		}
	}
	return n
}

// losesMore tells whether more than a share of the open product-nights would no longer be open for what becomes unset. What the message
// itself closes is not counted as lost.
func (j *trial) losesMore(share int) bool {
	if !j.unsetsSellable() {
		return false
	}
	before := j.d.p.openNights(j.first, j.last)
	if before == 0 {
		return false
	}
	closed := j.d.p
	if e := j.closings(); e != nil {
		closed = j.d.p.after(e)
	}
	return nightsLost(closed, j.d.p.after(j.entry()), j.first, j.last)*100 > share*before
}

// nightsLost counts the product-nights that are open in a and not in b: those that b opens instead do not make up for them.
func nightsLost(a, b *Picture, from, to StayDate) int {
	type night struct {
		room, plan string
		d          StayDate
	}
	nights := func(p *Picture, f func(night)) {
		x := p.eff.x
		p.eachOpenNight(from, to, func(i int32, d StayDate) {
			f(night{x.rooms[x.products[i].room].Code, x.plans[x.products[i].plan].Code, d})
		})
	}
	open := map[night]bool{}
	nights(b, func(n night) { open[n] = true })
	lost := 0
	nights(a, func(n night) {
		if !open[n] {
			lost++
		}
	})
	return lost
}

// unsetsSellable tells whether something is unset that a sale needs: an amount, a count, or an open.
func (j *trial) unsetsSellable() bool {
	for _, w := range j.works[:j.used] {
		f := w.key.field.Family()
		if f != FamilyRate && f != FamilyCount && w.key.field != Closed {
			continue
		}
		if len(w.gone) > 0 {
			return true
		}
		for i := range w.segs {
			if s := &w.segs[i]; s.OldState == Told && s.NewState != Told {
				return true
			}
		}
	}
	return false
}

// after answers the picture as an entry would make it.
func (p *Picture) after(e *Entry) *Picture {
	c := p.cloneSource()
	if e == nil {
		c.eff.rebuild(c)
	} else {
		if err := c.Fold(e); err != nil {
			panic("ari: an entry of this picture does not fold: " + err.Error())
		}
	}
	return c
}

// closings answers the entry of what the message sets closed, without its replace; nil if that changes nothing.
func (j *trial) closings() *Entry {
	d := j.d.p.Draft()
	e, _, err := d.Apply(j.closing())
	if err != nil {
		return nil
	}
	return e
}

// closing answers the update without its replace and with what it sets closed only, objects put inactive or deleted among it: the others wait
// with the amounts that belong to them.
func (j *trial) closing() *Update {
	u := *j.u
	u.Replace, u.Statements, u.ByItem = nil, nil, true
	for _, s := range j.u.Statements {
		if closes(&s) && !j.skip[s.Item] {
			u.Statements = append(u.Statements, s)
		}
	}
	u.Objects = nil
	for i := range j.u.Objects {
		if o := &j.u.Objects[i]; o.puts(false) {
			u.Objects = append(u.Objects, *o)
		}
	}
	return &u
}

// puts tells whether an object is there and active after the operation.
func (o *ObjectOp) puts(active bool) bool {
	var v struct {
		Inactive bool `json:"inactive"`
	}
	is := o.Body != nil && (json.Unmarshal(o.Body, &v) != nil || !v.Inactive)
	return is == active
}

func closes(s *Statement) bool {
	return s.Verb == Set && s.Field.Family() == FamilyRestriction && s.Field.What() == NotAtAll && s.Value.A == Shut
}

// closeOnly trials the update again with its closings only; the other items wait.
func (j *trial) closeOnly() error {
	whole, skip := j.u, j.skip
	refused := j.refusedItems()
	u := j.closing()
	j.start(j.d, u)
	if err := j.all(); err != nil {
		return err
	}
	j.waiting, j.u, j.skip = true, whole, skip
	for i := range whole.Replace {
		j.wait(whole.Replace[i].Item)
	}
	for i := range whole.Statements {
		if s := &whole.Statements[i]; !closes(s) {
			j.wait(s.Item)
		}
	}
	j.keepRefused(refused)
	return nil
}

func (j *trial) wait(index int) {
	if !j.skip[index] {
		j.item(index).waiting = true
	}
}

func (j *trial) refusedItems() (out []*ItemError) {
	for i := range j.items {
		if err := j.items[i].err; err != nil {
			out = append(out, err)
		}
	}
	return out
}
