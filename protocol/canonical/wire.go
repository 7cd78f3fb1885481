package canonical

import "encoding/json"

// Update is the JSON of an update, field for field: what the OpenAPI document shows. Decode reads the same by hand.
type Update struct {
	Property   string    `json:"property" minLength:"1" maxLength:"64" doc:"Code of the property."`
	ID         string    `json:"id,omitempty" maxLength:"128" doc:"Identity of the message, promised to be unique by its source: a repeat with this id is answered with the first outcome. An adjust needs it, or the header Idempotency-Key."`
	SourceTime string    `json:"source_time,omitempty" format:"date-time" doc:"When the source knew it, with zone. It orders messages of one connection; without it they are ordered as they arrive."`
	Sequence   *int64    `json:"sequence,omitempty" minimum:"0" doc:"Number that orders messages, for connections with order \"sequence\"."`
	Reason     string    `json:"reason,omitempty" maxLength:"256" doc:"Why, for history and audit."`
	Items      []Item    `json:"items,omitempty" maxItems:"20000" doc:"What to set, clear and adjust. All of it is applied, or nothing."`
	Replace    []Replace `json:"replace,omitempty" maxItems:"1000" doc:"Extents this message tells wholly: what lies in them and is not set by the items becomes unset."`
}

// Scope is the JSON of a scope. Parts left out mean all (rooms, rates, channels), and transient for the block.
type Scope struct {
	RoomType     string `json:"room_type,omitempty" maxLength:"64" doc:"Room type. At most one of room_type, room_class and pool; none: all rooms."`
	RoomClass    string `json:"room_class,omitempty" maxLength:"64" doc:"Room class."`
	Pool         string `json:"pool,omitempty" maxLength:"64" doc:"Pool of rooms; takes inventory only."`
	RatePlan     string `json:"rate_plan,omitempty" maxLength:"64" doc:"Rate plan. At most one of rate_plan, rate_category and rate_family; none: all rates."`
	RateCategory string `json:"rate_category,omitempty" maxLength:"64" doc:"Rate category."`
	RateFamily   string `json:"rate_family,omitempty" maxLength:"64" doc:"Rate plan with everything derived from it."`
	Channel      string `json:"channel,omitempty" maxLength:"64" doc:"Channel; none: all channels."`
	Block        string `json:"block,omitempty" maxLength:"64" doc:"Id of a block; none: transient."`
}

// Span is the JSON of the dates a statement covers.
type Span struct {
	From      string   `json:"from,omitempty" format:"date" doc:"First stay date. Required unless undated."`
	To        string   `json:"to,omitempty" format:"date" doc:"Last stay date, included. Required unless open_ended or undated."`
	OpenEnded bool     `json:"open_ended,omitempty" doc:"From the date on, without end: dates that enter the horizon later get it too."`
	Undated   bool     `json:"undated,omitempty" doc:"Every date, without beginning and end."`
	Weekdays  []string `json:"weekdays,omitempty" minItems:"1" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun" doc:"Only these days of the week; none: all."`
}

// Item is what is told of one scope and span.
type Item struct {
	Scope
	Span
	Set    *Set     `json:"set,omitempty" doc:"Values to set."`
	Clear  []string `json:"clear,omitempty" maxItems:"64" doc:"What becomes unset: a field as in set or in the feed (closed, min_los_arrival, limit.remaining, rate.adults.2, unknown.NAME), or all of a kind: restrictions, rates, inventory, limits, block_grid, unknown. One component of inventory cannot be cleared alone."`
	Adjust *Adjust  `json:"adjust,omitempty" doc:"Differences to add, exactly once."`
}

// Set is what an item sets.
type Set struct {
	Closed *bool `json:"closed,omitempty" doc:"Night not sold. false says open; it lifts no other scope's closed."`
	CTA    *bool `json:"cta,omitempty" doc:"Closed to arrival."`
	CTD    *bool `json:"ctd,omitempty" doc:"Closed to departure."`

	MinLOSArrival   *int `json:"min_los_arrival,omitempty" minimum:"1" maximum:"999" doc:"Least length of stay when arriving on the date."`
	MaxLOSArrival   *int `json:"max_los_arrival,omitempty" minimum:"1" maximum:"999"`
	MinLOSNight     *int `json:"min_los_night,omitempty" minimum:"1" maximum:"999" doc:"Least length of any stay with this night (stay-through)."`
	MaxLOSNight     *int `json:"max_los_night,omitempty" minimum:"1" maximum:"999"`
	MinLOSDeparture *int `json:"min_los_departure,omitempty" minimum:"1" maximum:"999"`
	MaxLOSDeparture *int `json:"max_los_departure,omitempty" minimum:"1" maximum:"999"`

	LOSPatternArrival   *LOSPattern `json:"los_pattern_arrival,omitempty" doc:"Which lengths of stay are open."`
	LOSPatternNight     *LOSPattern `json:"los_pattern_night,omitempty"`
	LOSPatternDeparture *LOSPattern `json:"los_pattern_departure,omitempty"`

	MinLeadArrival   *Lead `json:"min_lead_arrival,omitempty" doc:"Book at least this long before arrival."`
	MaxLeadArrival   *Lead `json:"max_lead_arrival,omitempty" doc:"Book at most this long before arrival."`
	MinLeadNight     *Lead `json:"min_lead_night,omitempty"`
	MaxLeadNight     *Lead `json:"max_lead_night,omitempty"`
	MinLeadDeparture *Lead `json:"min_lead_departure,omitempty"`
	MaxLeadDeparture *Lead `json:"max_lead_departure,omitempty"`

	MinPriceNight     *Price `json:"min_price_night,omitempty" doc:"Not sold below this nightly amount."`
	MaxPriceNight     *Price `json:"max_price_night,omitempty"`
	MinPriceArrival   *Price `json:"min_price_arrival,omitempty"`
	MaxPriceArrival   *Price `json:"max_price_arrival,omitempty"`
	MinPriceDeparture *Price `json:"min_price_departure,omitempty"`
	MaxPriceDeparture *Price `json:"max_price_departure,omitempty"`

	Rates     []Rate                     `json:"rates,omitempty" minItems:"1" maxItems:"512" doc:"Amounts, at a room type and rate plan."`
	Inventory *Inventory                 `json:"inventory,omitempty" doc:"Counts, at a room type, class, pool or the property. Components left out keep their value."`
	Limits    *Limits                    `json:"limits,omitempty"`
	BlockGrid *BlockGrid                 `json:"block_grid,omitempty" doc:"Numbers of a block; the item names it."`
	Unknown   map[string]json.RawMessage `json:"unknown,omitempty" doc:"What the hub cannot evaluate yet, by name: kept as told, and what it covers is not sellable."`
}

// Adjust is what an item adds.
type Adjust struct {
	Inventory *Inventory `json:"inventory" doc:"Differences by component, of the basis that is told."`
}

// LOSPattern says which lengths of stay are open.
type LOSPattern struct {
	Pattern string `json:"pattern" pattern:"^[YN]{1,63}$" doc:"A letter for each length of stay from 1 on: Y open, N not."`
	Tail    string `json:"tail,omitempty" enum:"open,closed" doc:"Longer stays; default closed."`
}

// Lead is how long before arrival: days, or a duration.
type Lead struct {
	Days    *int   `json:"days,omitempty" minimum:"0" maximum:"1095" doc:"Difference of property-local dates."`
	Until   string `json:"until,omitempty" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"With days: on the last day until this local time."`
	Hours   *int   `json:"hours,omitempty" minimum:"0" maximum:"26280" doc:"Elapsed hours to check-in. Instead of days."`
	Minutes *int   `json:"minutes,omitempty" minimum:"0" maximum:"1576800" doc:"The same in minutes."`
}

// Price is an amount on one tax side.
type Price struct {
	BeforeTax string `json:"before_tax,omitempty" doc:"One of before_tax and after_tax."`
	AfterTax  string `json:"after_tax,omitempty"`
}

// Rate is one amount: whose, for which tier, on which tax sides.
type Rate struct {
	Adults     *int       `json:"adults,omitempty" minimum:"1" maximum:"31" doc:"Amount for so many adults. Exactly one of adults, extra_adult, child, child_nth, child_count."`
	ExtraAdult *bool      `json:"extra_adult,omitempty" enum:"true" doc:"Each adult above."`
	Child      *ChildBand `json:"child,omitempty" doc:"Each child of these ages."`
	ChildNth   *int       `json:"child_nth,omitempty" minimum:"1" maximum:"31" doc:"The n-th child, oldest first."`
	ChildCount *int       `json:"child_count,omitempty" minimum:"1" maximum:"31" doc:"So many children together."`
	LOS        *int       `json:"los,omitempty" minimum:"1" maximum:"255" doc:"Tier of a plan by length of stay: its least LOS."`
	BeforeTax  string     `json:"before_tax,omitempty" doc:"At least one of before_tax and after_tax: decimal as a string."`
	AfterTax   string     `json:"after_tax,omitempty"`
}

// ChildBand is ages from..below, the last not included.
type ChildBand struct {
	FromAge  *int `json:"from_age" minimum:"0" maximum:"30"`
	BelowAge *int `json:"below_age" minimum:"1" maximum:"31"`
}

// Inventory is counts by component. Only physical and the rest, or net: the last kind told is the basis.
type Inventory struct {
	Net            *int64 `json:"net,omitempty" minimum:"-1000000" maximum:"1000000" doc:"Rooms to sell."`
	Physical       *int64 `json:"physical,omitempty" minimum:"-1000000" maximum:"1000000"`
	OutOfOrder     *int64 `json:"out_of_order,omitempty" minimum:"-1000000" maximum:"1000000"`
	OutOfService   *int64 `json:"out_of_service,omitempty" minimum:"-1000000" maximum:"1000000"`
	OffMarket      *int64 `json:"off_market,omitempty" minimum:"-1000000" maximum:"1000000"`
	HouseUse       *int64 `json:"house_use,omitempty" minimum:"-1000000" maximum:"1000000"`
	SoldDefinite   *int64 `json:"sold_definite,omitempty" minimum:"-1000000" maximum:"1000000"`
	SoldTentative  *int64 `json:"sold_tentative,omitempty" minimum:"-1000000" maximum:"1000000"`
	BlockDefinite  *int64 `json:"block_definite,omitempty" minimum:"-1000000" maximum:"1000000"`
	BlockTentative *int64 `json:"block_tentative,omitempty" minimum:"-1000000" maximum:"1000000"`
	Overbooking    *int64 `json:"overbooking,omitempty" minimum:"-1000000" maximum:"1000000"`
}

// Limits bound what may be sold at a scope.
type Limits struct {
	Remaining *int64 `json:"remaining,omitempty" minimum:"0" maximum:"1000000" doc:"Rooms still to sell."`
	Total     *int64 `json:"total,omitempty" minimum:"0" maximum:"1000000" doc:"Rooms to sell in all, sold ones included."`
	HoldBack  *int64 `json:"hold_back,omitempty" minimum:"0" maximum:"1000000" doc:"Only what exceeds it is sold."`
	Offset    *int64 `json:"offset,omitempty" minimum:"-1000000" maximum:"1000000" doc:"Added to the count; may be negative."`
}

// BlockGrid is the numbers of a block.
type BlockGrid struct {
	Original  *int64 `json:"original,omitempty" minimum:"0" maximum:"1000000"`
	Current   *int64 `json:"current,omitempty" minimum:"0" maximum:"1000000"`
	PickedUp  *int64 `json:"picked_up,omitempty" minimum:"0" maximum:"1000000"`
	SellLimit *int64 `json:"sell_limit,omitempty" minimum:"0" maximum:"1000000"`
	Cutoff    string `json:"cutoff,omitempty" format:"date" doc:"Last day the rooms are held."`
}

// Replace is an extent that a message tells wholly.
type Replace struct {
	Fields []string `json:"fields" minItems:"1" maxItems:"64" doc:"As in clear: single fields, or all of a kind."`
	Any    []string `json:"any,omitempty" maxItems:"4" enum:"rooms,rates,channel,block" doc:"Parts of the scope that may be anything. A part neither here nor named means exactly all (transient, for the block)."`
	Scope
	Span
}
