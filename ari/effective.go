package ari

// effective holds what is sold: the values that follow from source cells, catalog and overlays (S4), flattened per product.
type effective struct{}

func newEffective() *effective { return &effective{} }

// columnAdded is told of each new column.
func (e *effective) columnAdded(p *Picture, c *column) {}

// rebuild computes everything.
func (e *effective) rebuild(p *Picture) {}

// refresh recomputes what the touches reach.
func (e *effective) refresh(p *Picture, touched []Touch) {}

// putOverlay lays, changes (o) or removes (nil) an overlay.
func (p *Picture) putOverlay(id string, o *Overlay) {
	if o == nil {
		delete(p.overlays, id)
		return
	}
	p.overlays[id] = o
}

// left answers the rooms left to sell of a product on a night; false if it cannot be sold for another reason of inventory.
func (p *Picture) left(room, plan string, d StayDate) (int, bool) { return 0, false }

// openNights counts the product-nights on which something can be sold.
func (p *Picture) openNights(from, to StayDate) int { return 0 }
