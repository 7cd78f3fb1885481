package ari

// Overlay answers an overlay by id.
func (p *Picture) Overlay(id string) (Overlay, bool) {
	if o := p.overlays[id]; o != nil {
		return *o, true
	}
	return Overlay{}, false
}

// Overlays answers the overlays, by id, after an id, at most limit of those that keep keeps.
func (p *Picture) Overlays(after string, limit int, keep func(*Overlay) bool) (out []Overlay) {
	for _, id := range sortedKeys(p.overlays) {
		if o := p.overlays[id]; id > after && keep(o) {
			if len(out) == limit {
				break
			}
			out = append(out, *o)
		}
	}
	return out
}
