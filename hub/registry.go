package hub

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ratewire/ratewire/ari"
)

// States of mappings.
const (
	MappingAccepted = "accepted"
	MappingIgnored  = "ignored"
	MappingProposed = "proposed" // somebody is to decide: its items are parked as if it were not there
)

// registry is what the objects of _hub say, immutable: a fold swaps in a changed copy, so that readers need no lock.
type registry struct {
	connections map[string]Connection
	profiles    map[string]Profile
	clients     map[string]Client
	mappings    map[string]*connectionMappings // by connection
}

type connectionMappings struct {
	version int64 // revision of _hub that changed them last
	byKey   map[mappingKey]Mapping

	once  sync.Once // sorted is made when it is first asked for
	lists map[string][]Mapping
}

type mappingKey struct{ property, kind, external string }

func newRegistry() *registry {
	return &registry{map[string]Connection{}, map[string]Profile{}, map[string]Client{}, map[string]*connectionMappings{}}
}

// with answers a copy in which one object is put, or deleted if body is nil. old is the body before. What own names was copied by an earlier
// call for the same entry, and is changed in place: an entry may put hundreds of mappings.
func (r *registry) with(own map[string]bool, kind, code string, old, body []byte, revision int64) (*registry, error) {
	n := *r
	var err error
	fresh := own[kind]
	switch kind {
	case KindConnection:
		n.connections, err = putObject(r.connections, fresh, code, body)
	case KindProfile:
		n.profiles, err = putObject(r.profiles, fresh, code, body)
	case KindClient:
		n.clients, err = putObject(r.clients, fresh, code, body)
	case KindMapping:
		n.mappings, err = putMapping(r.mappings, own, old, body, revision)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, code, err)
	}
	own[kind] = true
	return &n, nil
}

func putObject[T any](m map[string]T, own bool, code string, body []byte) (map[string]T, error) {
	if !own {
		m = maps.Clone(m)
	}
	if body == nil {
		delete(m, code)
		return m, nil
	}
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	m[code] = v
	return m, nil
}

// putMapping copies the mappings of the connection concerned only.
func putMapping(all map[string]*connectionMappings, own map[string]bool, old, body []byte, revision int64) (map[string]*connectionMappings, error) {
	text := body
	if text == nil {
		text = old
	}
	var v Mapping
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	if !own[KindMapping] {
		all = maps.Clone(all)
	}
	n := all[v.Connection]
	if mine := KindMapping + " " + v.Connection; !own[mine] {
		n = n.clone()
		own[mine] = true
	}
	n.version = revision
	k := mappingKey{v.Property, v.Kind, v.External}
	if body == nil {
		delete(n.byKey, k)
	} else {
		n.byKey[k] = v
	}
	all[v.Connection] = n
	return all, nil
}

// clone answers a copy that may be changed; an empty one of nil.
func (c *connectionMappings) clone() *connectionMappings {
	n := &connectionMappings{byKey: map[mappingKey]Mapping{}}
	if c != nil {
		n.version, n.byKey = c.version, maps.Clone(c.byKey)
	}
	return n
}

// of answers the mappings that concern a property, those of the property itself included; "": all. They are sorted by kind, property and
// external code.
func (c *connectionMappings) of(property string) []Mapping {
	if c == nil {
		return nil
	}
	c.once.Do(func() {
		c.lists = map[string][]Mapping{}
		for _, v := range c.byKey {
			c.lists[""] = append(c.lists[""], v)
			concerns := v.Property
			if v.Kind == MapProperty {
				concerns = v.Internal
			}
			if concerns != "" {
				c.lists[concerns] = append(c.lists[concerns], v)
			}
		}
		for _, list := range c.lists {
			slices.SortFunc(list, func(a, b Mapping) int {
				return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Property, b.Property), cmp.Compare(a.External, b.External))
			})
		}
	})
	return c.lists[property]
}

// versions answers what a connection's messages are read with now.
func (r *registry) versions(connection string) (profile, mapping int64) {
	if m := r.mappings[connection]; m != nil {
		mapping = m.version
	}
	return r.profiles[r.connections[connection].Profile].Version, mapping
}

// mapCode answers the hub's code of a connection's code.
func (r *registry) mapCode(connection, property, kind, external string) (internal, state string) {
	if r.connections[connection].Unmapped {
		return external, MappingAccepted
	}
	c := r.mappings[connection]
	if c == nil {
		return "", ""
	}
	if kind == MapProperty {
		property = ""
	}
	v, ok := c.byKey[mappingKey{property, kind, external}]
	if !ok || v.State == MappingProposed {
		return "", ""
	}
	return v.Internal, v.State
}

// externals answers the connection's codes by hub code.
func (r *registry) externals(connection, property, kind string) (map[string]string, bool) {
	if r.connections[connection].Unmapped {
		return nil, true
	}
	codes := map[string]string{}
	c := r.mappings[connection]
	if c == nil {
		return codes, false
	}
	if kind == MapProperty {
		property = ""
	}
	for k, v := range c.byKey {
		if k.property != property || k.kind != kind || v.State != MappingAccepted {
			continue
		}
		if have, ok := codes[v.Internal]; !ok || k.external < have {
			codes[v.Internal] = k.external
		}
	}
	return codes, false
}

// foldRegistry swaps in what an entry of _hub changes. New mappings may let parked items go on.
func (m *machine) foldRegistry(e *ari.Entry) {
	r := m.w.registry.Load()
	mapped, own := map[string]bool{}, map[string]bool{}
	for i := range e.Objects {
		o := &e.Objects[i]
		n, err := r.with(own, o.Kind, o.Code, o.Old, o.New, e.Revision)
		if err != nil {
			m.alarm("an object of the hub cannot be read", "error", err) // it was validated before it was committed
			continue
		}
		r = n
		if o.Kind == KindMapping && o.New != nil {
			var v Mapping
			if json.Unmarshal(o.New, &v) == nil && !mapped[v.Connection] {
				mapped[v.Connection] = true
				if m.role == writer {
					m.do(Replay{v.Connection})
				}
			}
		}
	}
	m.w.registry.Store(r)
}
