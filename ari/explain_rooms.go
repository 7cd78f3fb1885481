package ari

// rooms finds what leaves too few rooms on the reason's night: counts, holds, limits and caps; of a block's sale, its grid.
func (f *finder) rooms() {
	d := f.reason.Date
	if f.j.ask.Block != "" {
		if f.grid(d, BlockCurrent, BlockPickedUp, BlockSellLimit); len(f.facts) == 0 {
			row := RoomScope(f.j.room.Code)
			row.Block = f.j.ask.Block
			f.facts = append(f.facts, Fact{Layer: LayerSource, Scope: row, Field: BlockField(BlockCurrent), Date: d})
		}
	}
	if b := f.j.ask.p.catalog.Blocks[f.j.ask.Block]; b == nil || b.Elastic {
		for _, u := range f.j.room.pools {
			f.level(u.level, d, true)
		}
		f.level(f.j.room.class, d, false)
		f.level(f.j.x.house(), d, false)
	}
	f.each(FamilyLimit, func(c *column) {
		if fact := f.fact(c, d); fact.State == Told {
			f.facts = append(f.facts, fact)
		}
	})
	f.overlays(Cap)
}

// level finds what is told, deducted and held at a level; needed is true of a pool, whose absence is a fact too.
func (f *finder) level(l *level, d StayDate, needed bool) {
	if l == nil {
		return
	}
	before := len(f.facts)
	for _, c := range l.counts {
		if c != nil {
			if fact := f.fact(c, d); fact.State != Untold {
				f.facts = append(f.facts, fact)
			}
		}
	}
	switch {
	case len(f.facts) > before:
	case !needed:
		return
	default:
		f.facts = append(f.facts, Fact{Layer: LayerSource, Scope: l.scope, Field: Count(Net), Date: d})
	}
	for i := range l.holds {
		if l.holds[i].taken(l.scope, d) > 0 {
			f.facts = append(f.facts, overlayFact(l.holds[i].Overlay, d))
		}
	}
	for _, r := range l.rows {
		if !blocksIn(f.j.ask.p) && r.deducted(f.j.ask.p, d) > 0 {
			f.facts = append(f.facts, f.fact(r.of[BlockCurrent], d))
		}
	}
}

// grid finds numbers of the block's grid and its ancestors' on a date.
func (f *finder) grid(d StayDate, numbers ...BlockNumber) {
	id := f.j.ask.Block
	for range blockDepthMax {
		b := f.j.ask.p.catalog.Blocks[id]
		if b == nil {
			return
		}
		for _, row := range f.j.x.rowsOf(id, f.j.room) {
			for _, n := range numbers {
				if c := row.of[n]; c != nil {
					if fact := f.fact(c, d); fact.State != Untold {
						f.facts = append(f.facts, fact)
					}
				}
			}
		}
		id = b.Parent
	}
}

// block finds what closes a block: headers, and cutoffs told in the grid.
func (f *finder) block() {
	if f.reason.Code == ReasonBlockCutoff {
		f.grid(f.reason.Date, BlockCutoff)
	}
	id := f.j.ask.Block
	for range blockDepthMax {
		f.add(LayerCatalog, Scope{Block: id}, KindBlock)
		b := f.j.ask.p.catalog.Blocks[id]
		if b == nil || b.Parent == "" {
			return
		}
		id = b.Parent
	}
}
