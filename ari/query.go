package ari

import "time"

// Query asks what can be sold for one stay and one kind of party in one property (S14).
type Query struct {
	Arrival  StayDate
	Nights   int   // 1..NightsMax
	Rooms    int   // >= 1, each with the same party
	Adults   int   // per room, >= 1
	Children []int // ages on arrival, per room
	Channel  string
	Block    string    // id: sell from this block; "": transient
	Client   string    // the asking API client: some plans are visible to some clients only
	Access   []string  // access codes presented
	At       time.Time // booking instant (S17)

	RoomTypes []string // only these; empty: all
	RatePlans []string // only these; empty: all

	Why      bool // answer unsellable offers too, with their reasons
	NoNights bool // totals only
}

// NightsMax is the longest stay that can be asked: a LOS is at most 999 (semantics S7).
const NightsMax = 999

// Bounds of a query beyond which nothing is answered: larger parties are no party, and sums stay exact within 128 bits.
const (
	RoomsMax    = 9_999
	AdultsMax   = 99
	ChildrenMax = 99
)

// Money is an amount by tax side; Form tells which are known.
type Money struct {
	Before, After Amount
	Form          uint8 // SideBefore | SideAfter
}

// NightPrice is the price of one night for one room. Amounts of period and pro rata plans are rounded to 4 decimals here and exact in the total.
// A night that an offer makes free costs 0.
type NightPrice struct {
	Date StayDate
	Free bool
	Money
	Left int // rooms left to sell that night, >= 0
}

// SupplementPrice is what a mandatory supplement costs for one room and the whole stay, on its one tax side; never 0. It is rounded to 4
// decimals here and exact in the total.
type SupplementPrice struct {
	Code   string
	Charge Charge
	Money
}

// Offer is one product's answer.
type Offer struct {
	Room, Plan string
	Sellable   bool
	Total      Money // for all rooms asked
	Left       int   // rooms that could be sold for the whole stay, >= 0
	Nights     []NightPrice

	Supplements []SupplementPrice // in the plan's order

	Reasons []Reason // why not; empty if sellable
}

// Reason is one reason why a stay is not sellable (evaluation 7). One (code, date, field) appears once.
type Reason struct {
	Code  string
	Date  StayDate // DateMin: none
	Field Field    // of restriction kinds; 0: none
}

// Codes of reasons. The list is open: clients must bear new ones.
const (
	ReasonPlanInactive      = "plan_inactive"
	ReasonRoomInactive      = "room_inactive"
	ReasonNotOffered        = "not_offered"
	ReasonNotVisible        = "not_visible"
	ReasonOutsideSellWindow = "outside_sell_window"
	ReasonOutsideStayWindow = "outside_stay_window"
	ReasonOccupancyRoom     = "occupancy_room"
	ReasonOccupancyPlan     = "occupancy_plan"
	ReasonAdultsOnly        = "adults_only"
	ReasonChildAge          = "child_age"
	ReasonClosed            = "closed"
	ReasonUnopened          = "unopened"
	ReasonStopSell          = "stop_sell"
	ReasonNoRate            = "no_rate"
	ReasonZeroRate          = "zero_rate"
	ReasonNoInventory       = "no_inventory"
	ReasonSoldOut           = "sold_out"
	ReasonCannotEvaluate    = "cannot_evaluate"
	ReasonMinLOS            = "min_los"
	ReasonMaxLOS            = "max_los"
	ReasonLOSPattern        = "los_pattern"
	ReasonMinLead           = "min_lead"
	ReasonMaxLead           = "max_lead"
	ReasonMinPrice          = "min_price"
	ReasonMaxPrice          = "max_price"
	ReasonClosedToArrival   = "closed_to_arrival"
	ReasonClosedToDeparture = "closed_to_departure"
	ReasonArrivalPast       = "arrival_past"
	ReasonBeyondHorizon     = "beyond_horizon"
	ReasonBlockUnknown      = "block_unknown"
	ReasonBlockClosed       = "block_closed"
	ReasonBlockCutoff       = "block_cutoff"
)

// Answer is what can be sold. Its slices are reused by Picture.Sell: a caller that keeps an Answer between calls saves allocations.
type Answer struct {
	Offers   []Offer
	Day      StayDate // the picture's day
	Business StayDate
	Revision int64

	memory sellMemory
}

// Fact is one thing behind a reason, or behind a value: where it was told, and by which revision.
type Fact struct {
	Layer    string // source | overlay | catalog | derived
	Scope    Scope
	Field    Field
	Owner    string // connection, or the overlay's owner
	Date     StayDate
	Span     *Span // of a standing statement or overlay
	State    State
	Value    Value
	Text     string // unknown kinds, overlays' reason
	Overlay  string // id
	Revision int64  // that set it: the feed's entry names message and author
	Order    int64  // its stamp
}

// Explained is a reason with all that causes it, strictest first.
type Explained struct {
	Reason
	Facts []Fact
}

// Explanation is an offer with the facts behind every reason and every night's price.
type Explanation struct {
	Offer  Offer
	Why    []Explained
	Prices [][]Fact // per night: the rate cells used
}
