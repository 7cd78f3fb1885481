package ari

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Catalog is what a property has: settings, room types, plans and so on, by code. It is immutable once it is in a picture: with answers a
// changed copy.
type Catalog struct {
	Property   Property
	RoomTypes  map[string]*RoomType
	Classes    map[string]*RoomClass
	Pools      map[string]*Pool
	Plans      map[string]*RatePlan
	Categories map[string]*RateCategory
	Blocks     map[string]*Block
	Others     map[string]map[string][]byte // kinds that are the hub's (HubProperty): kind -> code -> body

	RoomCodes []string // sorted codes: the order of products
	PlanCodes []string

	owned map[string]bool // kinds of Others whose maps nobody else has yet: see begin
}

// begin answers a copy that is changed by several calls of with before anybody else sees it: a kind's map of Others, which may hold tens of
// thousands of mappings, is then copied once and not for each object. done ends that.
func (c *Catalog) begin() *Catalog {
	n := *c
	n.owned = map[string]bool{}
	return &n
}

// done answers the catalog as others may have it: with copies from here on.
func (c *Catalog) done() *Catalog {
	n := *c
	n.owned = nil
	return &n
}

func newCatalog() *Catalog {
	return &Catalog{
		RoomTypes: map[string]*RoomType{}, Classes: map[string]*RoomClass{}, Pools: map[string]*Pool{},
		Plans: map[string]*RatePlan{}, Categories: map[string]*RateCategory{}, Blocks: map[string]*Block{},
		Others: map[string]map[string][]byte{},
	}
}

// load puts an object while a picture is loaded: nobody else has the catalog yet.
func (c *Catalog) load(kind, code string, body []byte) (*Catalog, error) {
	if byCode := c.Others[kind]; byCode != nil {
		byCode[code] = body
		return c, nil
	}
	return c.with(kind, code, body)
}

// with answers a copy in which one object is put, or deleted if body is nil. It decodes; it does not judge (see checkObject).
func (c *Catalog) with(kind, code string, body []byte) (*Catalog, error) {
	n := *c
	var err error
	switch kind {
	case KindProperty:
		n.Property = Property{}
		if body != nil {
			err = decodeObject(body, &n.Property)
			n.Property.normalise()
		}
	case KindRoomType:
		n.RoomTypes, err = put(c.RoomTypes, code, body)
		n.RoomCodes = slices.Sorted(maps.Keys(n.RoomTypes))
	case KindRoomClass:
		n.Classes, err = put(c.Classes, code, body)
	case KindPool:
		n.Pools, err = put(c.Pools, code, body)
	case KindRatePlan:
		n.Plans, err = put(c.Plans, code, body)
		n.PlanCodes = slices.Sorted(maps.Keys(n.Plans))
	case KindRateCategory:
		n.Categories, err = put(c.Categories, code, body)
	case KindBlock:
		n.Blocks, err = put(c.Blocks, code, body)
	default:
		byCode := c.Others[kind]
		if !c.owned[kind] {
			if byCode = maps.Clone(byCode); byCode == nil {
				byCode = map[string][]byte{}
			}
			n.Others = maps.Clone(c.Others)
			n.Others[kind] = byCode
			if c.owned != nil {
				c.owned[kind] = true
			}
		}
		if body == nil {
			delete(byCode, code)
		} else {
			byCode[code] = body
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, code, err)
	}
	return &n, nil
}

func put[T any](m map[string]*T, code string, body []byte) (map[string]*T, error) {
	m = maps.Clone(m)
	if body == nil {
		delete(m, code)
		return m, nil
	}
	v := new(T)
	if err := decodeObject(body, v); err != nil {
		return nil, err
	}
	m[code] = v
	return m, nil
}

func decodeObject(body []byte, v any) error { return json.Unmarshal(body, v) }

// normalise fills in the defaults.
func (p *Property) normalise() {
	if p.CheckIn == 0 {
		p.CheckIn = 15 * 60
	}
	if p.CheckOut == 0 {
		p.CheckOut = 11 * 60
	}
	if p.AdultAge == 0 {
		p.AdultAge = 18
	}
	if p.LeadReference == "" {
		p.LeadReference = "check_in"
	}
	if p.ReplaceShare == 0 {
		p.ReplaceShare = 30
	}
}
