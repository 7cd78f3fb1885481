package ari

import "time"

// Kinds of objects in a property's catalog, as in ObjectOp, the store's rows and the API's paths.
const (
	KindProperty     = "property"
	KindRoomClass    = "room_class"
	KindRoomType     = "room_type"
	KindPool         = "pool"
	KindRateCategory = "rate_category"
	KindRatePlan     = "rate_plan"
	KindBlock        = "block"
)

// HubProperty is the reserved property of what concerns no hotel: connections, profiles, mappings, grants (S29). Its objects are the
// hub's; ari keeps them as they are.
const HubProperty = "_hub"

// Property is a hotel: the unit of consistency and ordering.
type Property struct {
	Code      string    `json:"code"`
	Name      string    `json:"name,omitempty"`
	TimeZone  string    `json:"time_zone"`             // IANA, required
	Currency  string    `json:"currency"`              // ISO 4217, required; default of its plans
	CheckIn   TimeOfDay `json:"check_in,omitempty"`    // local; default 15:00 is set by Normalise
	CheckOut  TimeOfDay `json:"check_out,omitempty"`   // local; default 11:00
	DayEndsAt TimeOfDay `json:"day_ends_at,omitempty"` // S15

	BusinessDate *StayDate `json:"business_date,omitempty"` // told by the source (S15)

	AdultAge     int  `json:"adult_age,omitempty"`  // a child of this age is an adult; default 18
	InfantAge    int  `json:"infant_age,omitempty"` // a child below is an infant; default 0: none
	CountInfants bool `json:"count_infants,omitempty"`

	LeadReference string `json:"lead_reference,omitempty"` // check_in (default), midnight_start, midnight_end (S16)

	NightDecimals *int `json:"night_decimals,omitempty"` // nights are rounded to it before they are summed; unset: exact (S12)
	TotalDecimals *int `json:"total_decimals,omitempty"` // unset: the currency's

	Counts CountPolicy `json:"counts,omitzero"`

	BlocksInCount        *bool `json:"blocks_in_count,omitempty"` // unset: true (S11)
	CutoffReleasesOnDate bool  `json:"cutoff_releases_on_date,omitempty"`

	RatesOwner  string `json:"rates_owner,omitempty"`  // connection; the first to write, until a setting moves it (S5)
	CountsOwner string `json:"counts_owner,omitempty"` // likewise

	ReplaceShare int `json:"replace_share,omitempty"` // percent of S18's brake; default 30

	Stage Stage `json:"stage,omitempty"` // on its way to being sold; left out: draft. A put that names none keeps it
}

// Stage says how far a property is on its way to being distributed. What can be sold, and the answers of shop, do not depend on it.
type Stage string

// The stages. A property is made as a draft; one that was made before there were stages is one too, since nothing was delivered then.
const (
	StageDraft     Stage = "draft"     // being set up
	StageMapped    Stage = "mapped"    // every code of its sources means something here
	StageShadow    Stage = "shadow"    // read and compared, nothing is sent
	StageLive      Stage = "live"      // distributed
	StageSuspended Stage = "suspended" // was live: nothing is sent until it is again
)

// Stages are all stages, in the order a property goes through them.
var Stages = []Stage{StageDraft, StageMapped, StageShadow, StageLive, StageSuspended}

// StageNow answers the property's stage: draft if it has none yet.
func (p *Property) StageNow() Stage {
	if p.Stage == "" {
		return StageDraft
	}
	return p.Stage
}

// CountPolicy says which parts are not deducted in a count of basis "counts"; by default all are (S9).
type CountPolicy struct {
	KeepSoldTentative  bool `json:"keep_sold_tentative,omitempty"`
	KeepBlockDefinite  bool `json:"keep_block_definite,omitempty"`
	KeepBlockTentative bool `json:"keep_block_tentative,omitempty"`
	KeepOutOfService   bool `json:"keep_out_of_service,omitempty"`
}

// RoomClass is a group of room types.
type RoomClass struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// RoomType is a pool of like rooms.
type RoomType struct {
	Code         string    `json:"code"`
	Name         string    `json:"name,omitempty"`
	Class        string    `json:"class,omitempty"`
	Inactive     bool      `json:"inactive,omitempty"`
	MinOccupancy int       `json:"min_occupancy,omitempty"` // guests; 0: no bound, here and below
	StdOccupancy int       `json:"std_occupancy,omitempty"` // default 2
	MaxOccupancy int       `json:"max_occupancy,omitempty"`
	MaxAdults    int       `json:"max_adults,omitempty"`
	MaxChildren  *int      `json:"max_children,omitempty"` // unset: no bound; 0: no children
	Pools        []PoolUse `json:"pools,omitempty"`        // S9; empty: its own pool
}

// PoolUse is a pool that a room type draws on.
type PoolUse struct {
	Pool     string `json:"pool"`
	Quantity int    `json:"quantity"` // rooms of the pool for one of the type; >= 1
}

// Pool is a named pool of rooms that several room types draw on.
type Pool struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// RateCategory is a group of rate plans.
type RateCategory struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// Basis of a plan's amounts (S12).
type Basis string

// The bases. The last two are kept and exported but not evaluated yet: cannot_evaluate (S1).
const (
	BasisNightly      Basis = "nightly"
	BasisLOSTier      Basis = "los_tier"
	BasisPeriod       Basis = "period"
	BasisArrivalLOS   Basis = "arrival_los"
	BasisDayOfArrival Basis = "day_of_arrival"
)

// RatePlan is a price and its conditions.
type RatePlan struct {
	Code      string   `json:"code"`
	Name      string   `json:"name,omitempty"`
	Category  string   `json:"category,omitempty"`
	Inactive  bool     `json:"inactive,omitempty"`
	RoomTypes []string `json:"room_types,omitempty"` // offered on; empty: all

	Channels    []string `json:"channels,omitempty"`     // visible on these only; empty: everywhere
	Clients     []string `json:"clients,omitempty"`      // visible to these API clients only; empty: all
	AccessCodes []string `json:"access_codes,omitempty"` // one of them is needed; empty: none

	SellFrom *StayDate `json:"sell_from,omitempty"` // booking dates, local, both included
	SellTo   *StayDate `json:"sell_to,omitempty"`
	StayFrom *StayDate `json:"stay_from,omitempty"` // nights, both included
	StayTo   *StayDate `json:"stay_to,omitempty"`

	MinOccupancy int `json:"min_occupancy,omitempty"`
	MaxOccupancy int `json:"max_occupancy,omitempty"`

	Currency  string `json:"currency,omitempty"` // default: the property's
	Tax       string `json:"tax,omitempty"`      // before | after (default) | both: which sides are told
	Basis     Basis  `json:"basis,omitempty"`    // default nightly
	Tiers     []int  `json:"tiers,omitempty"`    // los_tier: least LOS of each tier, rising
	Period    int    `json:"period,omitempty"`   // period: n nights
	Multiple  bool   `json:"period_multiple,omitempty"`
	PerPerson bool   `json:"per_person,omitempty"`

	Fill             string `json:"fill,omitempty"`           // exact (default) | next_higher | base_extras | pro_rata | from_base
	BaseOccupancy    int    `json:"base_occupancy,omitempty"` // adults; default: the room type's standard
	ChildPricing     string `json:"child_pricing,omitempty"`  // bands (default) | positions | count | free | as_adults
	OldestAsAdults   bool   `json:"oldest_children_as_adults,omitempty"`
	FullPayers       string `json:"full_payers,omitempty"`      // with oldest_children_as_adults, until so many adults: standard (default) | max_children
	AmountByGuests   bool   `json:"amount_by_guests,omitempty"` // per_person and from_base: the amount told for all guests, children too, is what each adult pays
	Complimentary    bool   `json:"complimentary,omitempty"`
	UnopenedIsClosed bool   `json:"unopened_is_closed,omitempty"`

	Parent  string       `json:"parent,omitempty"` // derived from (S13)
	Derive  []DeriveRule `json:"derive,omitempty"` // first match wins
	Step    Amount       `json:"step,omitempty"`   // rounding of derived amounts; 0: the minor unit
	Inherit Inherit      `json:"inherit,omitzero"`

	// Part of the plan and of the price (S12), and never inherited, seasons aside. One kept as told makes the plan cannot_evaluate.
	Guests      *GuestRule   `json:"guests,omitempty"` // who may stay
	Offers      []PlanOffer  `json:"offers,omitempty"`
	Supplements []Supplement `json:"supplements,omitempty"`
	Seasons     []Season     `json:"seasons,omitempty"`      // of basis period; none: the parent's
	SumDecimals *int         `json:"sum_decimals,omitempty"` // the sums of nights and of supplements are rounded to it before they are added; unset: exact
}

// Fill rules for an occupancy (S12). The first is the default.
const (
	FillExact      = "exact"
	FillNextHigher = "next_higher"
	FillBaseExtras = "base_extras"
	FillProRata    = "pro_rata"
	FillFromBase   = "from_base" // at most the base, exactly told; all above it as extra adults, whatever is told for more
)

// How many adults the oldest children make up (RatePlan.FullPayers).
const (
	FullPayersStandard    = "standard"     // the room type's standard occupancy
	FullPayersMaxChildren = "max_children" // that, but at most its max_occupancy - max_children where it tells both; max_children is then no bound
)

// Raw is JSON kept as told.
type Raw = rawJSON

// DeriveRule computes a child's amounts from its parent's on some dates and room types (S13).
type DeriveRule struct {
	From        *StayDate `json:"from,omitempty"`
	To          *StayDate `json:"to,omitempty"`
	Days        []string  `json:"days,omitempty"`       // mon .. sun; empty: all
	RoomTypes   []string  `json:"room_types,omitempty"` // empty: all
	Percent     Amount    `json:"percent,omitempty"`    // p of 100 + p; "-10", at most 4 decimals
	Amount      Amount    `json:"amount,omitempty"`     // a, added to amounts by occupancy only
	Side        string    `json:"side,omitempty"`       // before | after: the tax side of amount; required if amount is not 0 and the plan tells both
	AmountFirst bool      `json:"amount_first,omitempty"`
	Min         *Amount   `json:"min,omitempty"` // guards, on amounts by occupancy
	Max         *Amount   `json:"max,omitempty"`
}

// Inherit says which groups a derived plan takes from its parent, beside its own (S13).
type Inherit struct {
	Closed bool `json:"closed,omitempty"`
	CTACTD bool `json:"cta_ctd,omitempty"`
	LOS    bool `json:"los,omitempty"`
	Lead   bool `json:"lead,omitempty"`
	Limits bool `json:"limits,omitempty"`
}

// Block is the header of rooms held for a group or partner (S11). Its grid is told as block numbers at scopes with its id.
type Block struct {
	ID            string    `json:"id"` // the source's id
	Code          string    `json:"code,omitempty"`
	Name          string    `json:"name,omitempty"`
	Parent        string    `json:"parent,omitempty"` // id; only a root block deducts
	Status        string    `json:"status,omitempty"` // as told; "cancelled" deducts nothing and sells nothing
	Deducts       bool      `json:"deducts,omitempty"`
	OpenForPickup bool      `json:"open_for_pickup,omitempty"`
	Tentative     bool      `json:"tentative,omitempty"`
	Elastic       bool      `json:"elastic,omitempty"`
	Release       string    `json:"release,omitempty"` // told (default) | automatic
	Cutoff        *StayDate `json:"cutoff,omitempty"`  // last day held
}

// OverlayKind is a kind of overlay (S4).
type OverlayKind string

// The overlay kinds of this release.
const (
	StopSell OverlayKind = "stop_sell"
	Cap      OverlayKind = "cap"
	Floor    OverlayKind = "floor"
	Hold     OverlayKind = "hold"
)

// Overlay is laid over source cells by a person, a client or a policy; it never touches them, opens, adds rooms or lowers a price (S4).
type Overlay struct {
	ID      string      `json:"id"`
	Kind    OverlayKind `json:"kind"`
	Scope   Scope       `json:"-"` // the API flattens it
	Span    Span        `json:"-"`
	Rooms   int         `json:"rooms,omitempty"`  // cap: at most; hold: rooms per night
	Amount  Amount      `json:"amount,omitempty"` // floor: nightly amount
	Side    uint8       `json:"-"`                // floor: SideBefore or SideAfter
	Owner   string      `json:"owner,omitempty"`  // who laid it: person or client
	Reason  string      `json:"reason,omitempty"`
	Expires time.Time   `json:"expires,omitzero"` // zero: never

	// Of holds: confirmed at (zero: placed), and what counts have taken over since, as (level scope key, date).
	Confirmed time.Time   `json:"confirmed,omitzero"`
	Taken     []LevelDate `json:"-"`
	Revision  int64       `json:"revision,omitempty"` // that laid it or changed it last
}

// LevelDate names the count of one level on one date.
type LevelDate struct {
	Level Scope // rooms only
	Date  StayDate
}
