package hub

import (
	"cmp"
	"slices"
)

// Mappings answers the mappings of a connection that concern a property, or all: see Service.
func (h *Hub) Mappings(connection, property string) []Mapping {
	return slices.Clone(h.registry().mappings[connection].of(property))
}

// Connections answers all connections by id: see Service.
func (h *Hub) Connections() []Connection {
	r := h.registry()
	out := make([]Connection, 0, len(r.connections))
	for _, c := range r.connections {
		c.Secrets = nil
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Serving answers the connections that bring a property its data: those that name it among their properties, those that map a code of theirs
// to it, and of the connections that may write every property those that told it something. See Service.
func (h *Hub) Serving(property string) (out []Connection) {
	heard := h.LastHeard(property)
	r := h.registry()
	for id, c := range r.connections {
		named := slices.Contains(c.Properties, property)
		if len(c.Properties) > 0 && !named {
			continue
		}
		_, told := heard[id]
		if !named && !told && !r.maps(id, property) {
			continue
		}
		c.Secrets, c.Properties = nil, slices.Clone(c.Properties)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// maps tells whether a connection has an accepted code for the property itself.
func (r *registry) maps(connection, property string) bool {
	return slices.ContainsFunc(r.mappings[connection].of(property), func(m Mapping) bool {
		return m.Kind == MapProperty && m.State == MappingAccepted
	})
}
