package aritest

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// catalog is what a property has, by code.
type catalog struct {
	property   ari.Property
	zone       *time.Location
	rooms      map[string]ari.RoomType
	classes    map[string]ari.RoomClass
	pools      map[string]ari.Pool
	plans      map[string]ari.RatePlan
	categories map[string]ari.RateCategory
	blocks     map[string]ari.Block
}

func newCatalog() catalog {
	return catalog{
		property: withDefaults(ari.Property{}),
		zone:     time.UTC,
		rooms:    map[string]ari.RoomType{}, classes: map[string]ari.RoomClass{}, pools: map[string]ari.Pool{},
		plans: map[string]ari.RatePlan{}, categories: map[string]ari.RateCategory{}, blocks: map[string]ari.Block{},
	}
}

func (c catalog) clone() catalog {
	c.rooms, c.classes, c.pools = maps.Clone(c.rooms), maps.Clone(c.classes), maps.Clone(c.pools)
	c.plans, c.categories, c.blocks = maps.Clone(c.plans), maps.Clone(c.categories), maps.Clone(c.blocks)
	return c
}

// put puts or deletes an object and answers the code of what is wrong with it, "" for nothing.
func (c *catalog) put(op ari.ObjectOp) string {
	if op.Body == nil {
		return c.remove(op)
	}
	switch op.Kind {
	case ari.KindProperty:
		return c.putProperty(op)
	case ari.KindRoomClass:
		return decodeInto(c.classes, op)
	case ari.KindPool:
		if _, taken := c.rooms[op.Code]; taken {
			return ari.CodeBadObject
		}
		return decodeInto(c.pools, op)
	case ari.KindRateCategory:
		return decodeInto(c.categories, op)
	case ari.KindRoomType:
		return firstOf(decodeInto(c.rooms, op), c.checkRoom(op.Code))
	case ari.KindRatePlan:
		return firstOf(decodeInto(c.plans, op), c.checkPlan(op.Code), c.checkFamilies())
	case ari.KindBlock:
		return firstOf(decodeInto(c.blocks, op), c.checkBlock(op.Code))
	}
	return ari.CodeBadObject
}

func decodeInto[T any](m map[string]T, op ari.ObjectOp) string {
	var v T
	if json.Unmarshal(op.Body, &v) != nil {
		return ari.CodeBadObject
	}
	m[op.Code] = v
	return ""
}

func firstOf(codes ...string) string {
	for _, c := range codes {
		if c != "" {
			return c
		}
	}
	return ""
}

func (c *catalog) putProperty(op ari.ObjectOp) string {
	var p ari.Property
	if json.Unmarshal(op.Body, &p) != nil {
		return ari.CodeBadObject
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil || p.TimeZone == "" || len(p.Currency) != 3 {
		return ari.CodeBadObject
	}
	p = withDefaults(p)
	if p.RatesOwner == "" {
		p.RatesOwner = c.property.RatesOwner
	}
	if p.CountsOwner == "" {
		p.CountsOwner = c.property.CountsOwner
	}
	c.property, c.zone = p, zone
	return c.checkFamilies()
}

// withDefaults fills in what a property does not say.
func withDefaults(p ari.Property) ari.Property {
	if p.CheckIn == 0 {
		p.CheckIn = 15 * 60
	}
	if p.AdultAge == 0 {
		p.AdultAge = 18
	}
	return p
}

func (c *catalog) checkRoom(code string) string {
	r := c.rooms[code]
	if _, ok := c.classes[r.Class]; r.Class != "" && !ok {
		return ari.CodeUnknownRoomClass
	}
	if _, taken := c.pools[code]; taken {
		return ari.CodeBadObject
	}
	for i, use := range r.Pools {
		_, pool := c.pools[use.Pool]
		_, room := c.rooms[use.Pool]
		if !pool && !room {
			return ari.CodeUnknownPool
		}
		twice := slices.ContainsFunc(r.Pools[:i], func(u ari.PoolUse) bool { return u.Pool == use.Pool })
		if use.Quantity < 1 || twice {
			return ari.CodeBadObject
		}
	}
	return ""
}

func (c *catalog) checkPlan(code string) string {
	p := c.plans[code]
	if _, ok := c.categories[p.Category]; p.Category != "" && !ok {
		return ari.CodeUnknownCategory
	}
	for _, r := range p.RoomTypes {
		if _, ok := c.rooms[r]; !ok {
			return ari.CodeUnknownRoomType
		}
	}
	if _, ok := c.plans[p.Parent]; p.Parent != "" && !ok {
		return ari.CodeUnknownRatePlan
	}
	before := func(to, from *ari.StayDate) bool { return from != nil && to != nil && *to < *from }
	if (basisOf(p) == ari.BasisLOSTier) != (len(p.Tiers) > 0) || (basisOf(p) == ari.BasisPeriod) != (p.Period > 0) ||
		before(p.SellTo, p.SellFrom) || before(p.StayTo, p.StayFrom) {
		return ari.CodeBadObject
	}
	return c.checkExtras(p)
}

// checkFamilies judges derivation: no cycle, and every child agrees with its parent.
func (c *catalog) checkFamilies() string {
	for code, p := range c.plans {
		seen := map[string]bool{code: true}
		for up := p.Parent; up != ""; up = c.plans[up].Parent {
			if seen[up] {
				return ari.CodeDerivedCycle
			}
			seen[up] = true
		}
	}
	for _, p := range c.plans {
		if p.Parent == "" {
			continue
		}
		up := c.plans[p.Parent]
		if c.currencyOf(p) != c.currencyOf(up) || basisOf(p) != basisOf(up) || !slices.Equal(p.Tiers, up.Tiers) ||
			p.Period != up.Period || p.PerPerson != up.PerPerson {
			return ari.CodeDerivedMismatch
		}
	}
	return ""
}

func (c *catalog) checkBlock(code string) string {
	b := c.blocks[code]
	if _, ok := c.blocks[b.Parent]; b.Parent != "" && !ok {
		return ari.CodeUnknownBlock
	}
	seen := map[string]bool{}
	for id := code; id != ""; id = c.blocks[id].Parent {
		if seen[id] {
			return ari.CodeBadObject
		}
		seen[id] = true
	}
	return ""
}

// remove deletes an object that no other names.
func (c *catalog) remove(op ari.ObjectOp) string {
	inUse := false
	for code, r := range c.rooms {
		for _, use := range r.Pools {
			inUse = inUse || use.Pool == op.Code && (op.Kind == ari.KindPool || op.Kind == ari.KindRoomType && code != op.Code)
		}
		inUse = inUse || op.Kind == ari.KindRoomClass && r.Class == op.Code
	}
	for _, p := range c.plans {
		inUse = inUse || op.Kind == ari.KindRoomType && (slices.Contains(p.RoomTypes, op.Code) || extrasName(p, op.Code))
		inUse = inUse || op.Kind == ari.KindRateCategory && p.Category == op.Code
		inUse = inUse || op.Kind == ari.KindRatePlan && p.Parent == op.Code
	}
	for _, b := range c.blocks {
		inUse = inUse || op.Kind == ari.KindBlock && b.Parent == op.Code
	}
	if inUse {
		return ari.CodeInUse
	}
	delete(c.rooms, when(op.Kind == ari.KindRoomType, op.Code))
	delete(c.classes, when(op.Kind == ari.KindRoomClass, op.Code))
	delete(c.pools, when(op.Kind == ari.KindPool, op.Code))
	delete(c.categories, when(op.Kind == ari.KindRateCategory, op.Code))
	delete(c.plans, when(op.Kind == ari.KindRatePlan, op.Code))
	delete(c.blocks, when(op.Kind == ari.KindBlock, op.Code))
	return ""
}

// when answers the code, or none.
func when(is bool, code string) string {
	if is {
		return code
	}
	return ""
}

func (c *catalog) currencyOf(p ari.RatePlan) string {
	if p.Currency != "" {
		return p.Currency
	}
	return c.property.Currency
}

func basisOf(p ari.RatePlan) ari.Basis {
	if p.Basis == "" {
		return ari.BasisNightly
	}
	return p.Basis
}

// taxOf answers the sides that are told of a plan.
func taxOf(p ari.RatePlan) uint8 {
	switch p.Tax {
	case "before":
		return ari.SideBefore
	case "both":
		return ari.SideBefore | ari.SideAfter
	}
	return ari.SideAfter
}

// stdOccupancy answers a room type's standard occupancy, default 2.
func stdOccupancy(r ari.RoomType) int {
	if r.StdOccupancy == 0 {
		return 2
	}
	return r.StdOccupancy
}

// ancestors answers the plan, its parent, its parent's parent ...
func (c *catalog) ancestors(plan string) []string {
	out := []string{plan}
	for up := c.plans[plan].Parent; up != "" && !slices.Contains(out, up); up = c.plans[up].Parent {
		out = append(out, up)
	}
	return out
}

// covers tells whether a statement at the scope covers the product, channel and block (evaluation 2).
func (c *catalog) covers(s ari.Scope, room, plan, channel, block string) bool {
	switch s.Rooms {
	case ari.RoomTypeKind:
		if s.Room != room {
			return false
		}
	case ari.RoomClassKind:
		if s.Room != c.rooms[room].Class {
			return false
		}
	case ari.PoolKind:
		return false
	}
	switch s.Rates {
	case ari.PlanKind:
		if s.Rate != plan {
			return false
		}
	case ari.CategoryKind:
		if s.Rate != c.plans[plan].Category {
			return false
		}
	case ari.FamilyKind:
		if !slices.Contains(c.ancestors(plan), s.Rate) {
			return false
		}
	}
	return (s.Channel == "" || s.Channel == channel) && s.Block == block
}

// level is the count of a pool, class or property that a room type draws on, and how many rooms of it one room takes.
type level struct {
	scope    ari.Scope
	quantity int64
	own      bool // a pool: must be told
}

// levels answers what a room type draws on (evaluation 4).
func (c *catalog) levels(room string) []level {
	r := c.rooms[room]
	var out []level
	for _, use := range r.Pools {
		out = append(out, level{c.poolScope(use.Pool), int64(use.Quantity), true})
	}
	if len(r.Pools) == 0 {
		out = append(out, level{ari.RoomScope(room), 1, true})
	}
	if r.Class != "" {
		out = append(out, level{ari.Scope{Rooms: ari.RoomClassKind, Room: r.Class}, 1, false})
	}
	return append(out, level{ari.Scope{}, 1, false})
}

// poolScope answers where a pool's counts are told: the own pool of a room type at the room type.
func (c *catalog) poolScope(code string) ari.Scope {
	if _, ok := c.rooms[code]; ok {
		return ari.RoomScope(code)
	}
	return ari.Scope{Rooms: ari.PoolKind, Room: code}
}
