package ari

// effective holds what is sold: the values that follow from source cells, catalog and overlays (S4), flattened per product.
type effective struct{}

func newEffective() *effective { return &effective{} }

// columnAdded is told of each new column.
func (e *effective) columnAdded(p *Picture, c *column) {}
