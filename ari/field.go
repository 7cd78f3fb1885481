package ari

import (
	"fmt"
	"strconv"
	"strings"
)

// Field names what a statement sets: one restriction kind, count component, limit kind, rate key, block number or unknown kind. It
// is the unit of stamps (S24). Layout, also in stored formats: family 8 bits | a 8 | b 8 | c 8.
type Field uint32

// Families of fields.
const (
	FamilyRestriction = 1 // a = when, b = what
	FamilyCount       = 2 // a = component
	FamilyLimit       = 3 // a = kind
	FamilyRate        = 4 // see RateKey.Field
	FamilyBlock       = 5 // a = number
	FamilyUnknown     = 6 // the name travels in Statement.Text
)

func field(family, a, b, c uint8) Field {
	return Field(uint32(family)<<24 | uint32(a)<<16 | uint32(b)<<8 | uint32(c))
}

// Family answers the field's family.
func (f Field) Family() uint8 { return uint8(f >> 24) }

// When is the date of a stay that a restriction looks at (S7).
type When uint8

// The whens.
const (
	Night When = 1 + iota
	Arrival
	Departure
)

// What is what a restriction demands (S7).
type What uint8

// The whats.
const (
	NotAtAll What = 1 + iota
	MinLOS
	MaxLOS
	LOSPattern
	MinLead
	MaxLead
	MinPrice
	MaxPrice
)

// Restriction answers the field of a restriction kind.
func Restriction(when When, what What) Field {
	return field(FamilyRestriction, uint8(when), uint8(what), 0)
}

// The hot restriction kinds, by the trade's names.
var (
	Closed        = Restriction(Night, NotAtAll)
	CTA           = Restriction(Arrival, NotAtAll)
	CTD           = Restriction(Departure, NotAtAll)
	MinLOSArrival = Restriction(Arrival, MinLOS)
	MaxLOSArrival = Restriction(Arrival, MaxLOS)
	MinLOSThrough = Restriction(Night, MinLOS)
	MaxLOSThrough = Restriction(Night, MaxLOS)
)

// When answers a restriction's when.
func (f Field) When() When { return When(f >> 16) }

// What answers a restriction's what.
func (f Field) What() What { return What(f >> 8) }

// Component of a count (S9).
type Component uint8

// The components, in the order of docs/evaluation.md.
const (
	Net Component = 1 + iota
	Physical
	OutOfOrder
	OutOfService
	OffMarket
	HouseUse
	SoldDefinite
	SoldTentative
	BlockDefinite
	BlockTentative
	Overbooking
	ComponentEnd // one past the last
)

// Count answers the field of a count component.
func Count(c Component) Field { return field(FamilyCount, uint8(c), 0, 0) }

// Component answers a count's component.
func (f Field) Component() Component { return Component(f >> 16) }

// LimitKind is a kind of limit (S10).
type LimitKind uint8

// The limits.
const (
	Remaining LimitKind = 1 + iota
	Total
	HoldBack
	Offset
)

// Limit answers the field of a limit.
func Limit(k LimitKind) Field { return field(FamilyLimit, uint8(k), 0, 0) }

// LimitKind answers a limit's kind.
func (f Field) LimitKind() LimitKind { return LimitKind(f >> 16) }

// GuestClass says whose amount a rate key is.
type GuestClass uint8

// The guest classes.
const (
	Adults     GuestClass = 1 + iota // amount for n adults
	ExtraAdult                       // each adult above what the plan's fill rule says
	ChildBand                        // each child with min <= age < max
	ChildNth                         // the i-th child, oldest first
	ChildCount                       // k children together
)

// RateKey is a rate's key within a product and date. LOS is the tier's least LOS, 0 for plans without tiers; for the bases that are kept
// but not evaluated it is the LOS.
type RateKey struct {
	Class GuestClass
	N     uint8 // Adults, ChildNth, ChildCount: the number, 1..31
	Min   uint8 // ChildBand: least age, 0..30
	Max   uint8 // ChildBand: first age above, 1..31
	LOS   uint8 // 0..255
}

// Field answers the field of a rate key: class 3 bits | n or min 5 bits in a; max in b; LOS in c.
func (k RateKey) Field() Field {
	n := k.N
	if k.Class == ChildBand {
		n = k.Min
	}
	return field(FamilyRate, uint8(k.Class)<<5|n&31, k.Max, k.LOS)
}

// RateKey answers a rate field's key.
func (f Field) RateKey() RateKey {
	k := RateKey{Class: GuestClass(uint8(f>>16) >> 5), LOS: uint8(f)}
	if n := uint8(f>>16) & 31; k.Class == ChildBand {
		k.Min, k.Max = n, uint8(f>>8)
	} else {
		k.N = n
	}
	return k
}

// AdultsField is the field of a plain nightly amount for n adults.
func AdultsField(n int) Field { return RateKey{Class: Adults, N: uint8(n)}.Field() }

// BlockNumber is one number of a block's grid (S11).
type BlockNumber uint8

// The numbers of a block's grid. Cutoff's value is a stay date: the last day the rooms are held.
const (
	BlockOriginal BlockNumber = 1 + iota
	BlockCurrent
	BlockPickedUp
	BlockSellLimit
	BlockCutoff
)

// BlockField answers the field of a block number.
func BlockField(n BlockNumber) Field { return field(FamilyBlock, uint8(n), 0, 0) }

// BlockNumber answers a block field's number.
func (f Field) BlockNumber() BlockNumber { return BlockNumber(f >> 16) }

// UnknownField is the field of a kind that cannot be evaluated yet; Statement.Text holds its name and value as told (S1).
const UnknownField = Field(FamilyUnknown << 24)

// Owned tells whether cells of the field are kept per connection (restrictions, limits, unknowns) rather than one for the property (S5).
func (f Field) Owned() bool {
	switch f.Family() {
	case FamilyRestriction, FamilyLimit, FamilyUnknown:
		return true
	}
	return false
}

var (
	whenNames      = []string{"", "night", "arrival", "departure"}
	whatNames      = []string{"", "closed", "min_los", "max_los", "los_pattern", "min_lead", "max_lead", "min_price", "max_price"}
	componentNames = []string{"", "net", "physical", "out_of_order", "out_of_service", "off_market", "house_use", "sold_definite",
		"sold_tentative", "block_definite", "block_tentative", "overbooking"}
	limitNames = []string{"", "remaining", "total", "hold_back", "offset"}
	blockNames = []string{"", "original", "current", "picked_up", "sell_limit", "cutoff"}
)

// String answers the field's name in API, feed and reasons: closed, cta, ctd, min_los_arrival, max_los_night, min_lead_night ...;
// count.net, limit.remaining, rate.adults.2, rate.adults.2.los3, rate.child.0-12, rate.child_nth.1, rate.extra_adult, block.current, unknown.
func (f Field) String() string {
	switch f.Family() {
	case FamilyRestriction:
		switch f {
		case Closed:
			return "closed"
		case CTA:
			return "cta"
		case CTD:
			return "ctd"
		}
		if int(f.When()) < len(whenNames) && int(f.What()) < len(whatNames) {
			return whatNames[f.What()] + "_" + whenNames[f.When()]
		}
	case FamilyCount:
		if f.Component() < ComponentEnd {
			return "count." + componentNames[f.Component()]
		}
	case FamilyLimit:
		if int(f.LimitKind()) < len(limitNames) {
			return "limit." + limitNames[f.LimitKind()]
		}
	case FamilyBlock:
		if int(f.BlockNumber()) < len(blockNames) {
			return "block." + blockNames[f.BlockNumber()]
		}
	case FamilyUnknown:
		return "unknown"
	case FamilyRate:
		return f.rateName()
	}
	return "field." + strconv.FormatUint(uint64(f), 16)
}

func (f Field) rateName() string {
	k, s := f.RateKey(), ""
	switch k.Class {
	case Adults:
		s = "rate.adults." + strconv.Itoa(int(k.N))
	case ExtraAdult:
		s = "rate.extra_adult"
	case ChildBand:
		s = fmt.Sprintf("rate.child.%d-%d", k.Min, k.Max)
	case ChildNth:
		s = "rate.child_nth." + strconv.Itoa(int(k.N))
	case ChildCount:
		s = "rate.child_count." + strconv.Itoa(int(k.N))
	default:
		return "rate"
	}
	if k.LOS > 0 {
		s += ".los" + strconv.Itoa(int(k.LOS))
	}
	return s
}

// ParseField reads what String answers.
func ParseField(s string) (Field, error) {
	for _, f := range []Field{Closed, CTA, CTD, UnknownField} {
		if s == f.String() {
			return f, nil
		}
	}
	index := func(names []string, n string) uint8 {
		for i, x := range names[1:] {
			if x == n {
				return uint8(i + 1)
			}
		}
		return 0
	}
	head, tail, _ := strings.Cut(s, ".")
	switch head {
	case "count":
		if i := index(componentNames, tail); i > 0 {
			return Count(Component(i)), nil
		}
	case "limit":
		if i := index(limitNames, tail); i > 0 {
			return Limit(LimitKind(i)), nil
		}
	case "block":
		if i := index(blockNames, tail); i > 0 {
			return BlockField(BlockNumber(i)), nil
		}
	case "rate":
		return parseRateField(s, tail)
	}
	if i := strings.LastIndexByte(s, '_'); i > 0 {
		if w, k := index(whenNames, s[i+1:]), index(whatNames, s[:i]); w > 0 && k > 0 {
			return Restriction(When(w), What(k)), nil
		}
	}
	return 0, fmt.Errorf("%q is no field", clip(s))
}

func parseRateField(s, t string) (Field, error) {
	var k RateKey
	parts := strings.Split(t, ".")
	if n := len(parts); n > 1 && strings.HasPrefix(parts[n-1], "los") {
		los, err := strconv.ParseUint(parts[n-1][3:], 10, 8)
		if err != nil || los == 0 {
			return 0, fmt.Errorf("%q is no field", clip(s))
		}
		k.LOS, parts = uint8(los), parts[:n-1]
	}
	classes := map[string]GuestClass{"adults": Adults, "extra_adult": ExtraAdult, "child": ChildBand, "child_nth": ChildNth, "child_count": ChildCount}
	k.Class = classes[parts[0]]
	ok := k.Class != 0 && (len(parts) == 2) == (k.Class != ExtraAdult)
	if ok && k.Class == ChildBand {
		lo, hi, _ := strings.Cut(parts[1], "-")
		a, e1 := strconv.ParseUint(lo, 10, 5)
		b, e2 := strconv.ParseUint(hi, 10, 5)
		k.Min, k.Max, ok = uint8(a), uint8(b), e1 == nil && e2 == nil && a < b
	} else if ok && k.Class != ExtraAdult {
		n, err := strconv.ParseUint(parts[1], 10, 5)
		k.N, ok = uint8(n), err == nil && n > 0
	}
	if !ok {
		return 0, fmt.Errorf("%q is no field", clip(s))
	}
	return k.Field(), nil
}
