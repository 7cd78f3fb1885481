package ari

import (
	"maps"
	"slices"
)

// Clone answers a copy that shares nothing that changes with p: entries may be folded and unfolded on it.
func (p *Picture) Clone() *Picture {
	n := p.cloneSource()
	n.eff.rebuild(n)
	return n
}

// cloneSource is Clone without the effective values: they are computed by the first refresh.
func (p *Picture) cloneSource() *Picture {
	n := NewPicture(p.code)
	n.revision, n.day, n.zone, n.catalog = p.revision, p.day, p.zone, p.catalog
	n.stamps = &stampTable{list: slices.Clone(p.stamps.list), sweepAt: p.stamps.sweepAt}
	n.marks, n.newest, n.overlays = slices.Clone(p.marks), p.newest, maps.Clone(p.overlays)
	for _, sc := range p.scopes {
		for _, c := range sc.columns {
			n.column(c.scope, c.field, c.owner).copyFrom(c)
		}
	}
	return n
}

func (c *column) copyFrom(o *column) {
	c.standing, c.base, c.stamps, c.runs = slices.Clone(o.standing), o.base, slices.Clone(o.stamps), slices.Clone(o.runs)
	c.a, c.b = o.a.clone(), o.b.clone()
	c.adjusts = maps.Clone(o.adjusts) // the lists in it are replaced, never changed
}

func (n nums) clone() nums {
	return nums{slices.Clone(n.n32), slices.Clone(n.n64), n.scale}
}
