package otaxml

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Profile is the named, versioned set of choices for what partners mean differently. The zero value is not usable: start from Generic or
// ParseProfile. It is immutable once in use. Each choice's values, default and meaning are in Choices.
type Profile struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Extends string `json:"extends,omitempty"` // a shipped profile; "": generic
	About   string `json:"about,omitempty"`

	// Messages are the kinds of messages that the connection sends; empty: all. Another is refused, and choices that concern only others need
	// not be made.
	Messages []string `json:"messages,omitempty"`

	Identity       string `json:"identity"`
	TimeZone       string `json:"time_zone"` // of a TimeStamp without zone: "" none, "property", or an IANA name
	Test           string `json:"test"`
	AbsentHotel    string `json:"absent_hotel"`
	CompleteSet    string `json:"complete_set"`
	Items          string `json:"items"`
	PartialAnswer  string `json:"partial_answer"`
	InvCode        string `json:"inv_code"`
	Weekdays       string `json:"weekdays"`
	Destinations   string `json:"destinations"`
	Restriction    string `json:"absent_restriction"`
	SetLOS         string `json:"set_los"`
	ArrivalBased   string `json:"absent_arrival_date_based"`
	DepartureRow   string `json:"departure_row"`
	LOSTail        string `json:"los_tail"`
	LimitRoom      string `json:"limit_room"`
	LimitRoomRate  string `json:"limit_room_rate"`
	Threshold      string `json:"booking_threshold"`
	AbsentNotif    string `json:"absent_notif_type"`
	OverlayExtent  string `json:"overlay_extent"`
	AbsentGuests   string `json:"absent_guests"`
	TaxSide        string `json:"tax_side"`
	ExtraTaxSide   string `json:"extra_tax_side"`
	MaxAge         string `json:"max_age"`
	MaxExtraGuests string `json:"max_additional_guests"`
	DecimalPlaces  string `json:"decimal_places"`
	RateLOS        string `json:"rate_los"`
	NumberOfUnits  string `json:"number_of_units"`

	PlanDefinitions  string `json:"plan_definitions"`
	RoomDefinitions  string `json:"room_definitions"`
	ContentOverwrite string `json:"content_overwrite"`
	AbsentPlanNotif  string `json:"absent_plan_notif_type"`
	PlanNew          string `json:"plan_new"`
	PlanOverlay      string `json:"plan_overlay"`
	PlanRemove       string `json:"plan_remove"`
	OverlayRules     string `json:"overlay_rules"`
	PlanDates        string `json:"plan_dates"`
	AbsentAdjustUp   string `json:"absent_adjust_up"`
	DerivedInherits  string `json:"derived_inherits"`
	RuleDays         string `json:"rule_weekdays"`

	AbsentBlockAction  string `json:"absent_block_action"`
	AbsentBlockBooking string `json:"absent_block_booking"`
	BlockCutoff        string `json:"block_cutoff"`
	BlockEnd           string `json:"block_end"`
	BlockRelease       string `json:"block_release"`

	// CountTypes says what each INV code means: a component of ari ("net", "physical", "out_of_order" ...); "in_net": ignored where code
	// 2 is told beside it, else cannot be evaluated; "ignore"; "unknown": cannot be evaluated; "refuse". A code not listed is unknown.
	CountTypes map[string]string `json:"count_types"`
	// BlockCountTypes is the same for items of a block: "current", "picked_up", "original", "sell_limit", "remaining", "ignore", "unknown", "refuse".
	BlockCountTypes map[string]string `json:"block_count_types"`

	// BlockStatus says what an InvBlockStatusCode (IBS) is, "" an absent one: "definite" and "tentative_deducts" take their rooms out of general sale,
	// "tentative" and "prospect" do not, "cancelled" sells nothing either. BlockAllocations says the same of RoomTypePickUpStatus: "current",
	// "picked_up", "original" or "ignore". A code not listed is refused.
	BlockStatus      map[string]string `json:"block_status"`
	BlockAllocations map[string]string `json:"block_allocations"`

	// Sentinels: numbers of nights or days, and dates, that mean "none".
	MinLOSNone  []int          `json:"min_los_none"`
	MaxLOSNone  []int          `json:"max_los_none"`
	MinLeadNone []int          `json:"min_lead_none"`
	MaxLeadNone []int          `json:"max_lead_none"`
	OpenEnd     []ari.StayDate `json:"open_end"` // as End: no end

	// Ignorable kinds are listed instead of making stays not sellable (S1): names as in a statement's text before "=".
	Ignorable []string `json:"ignorable"`

	// New is what rate plans and properties get that are made for the connection; messages in hand are not read by it. These are the
	// plan's and the property's own settings from then on.
	New NewObjects `json:"new_objects"`

	LOSPricing string `json:"los_pricing"`

	zone   *time.Location
	chosen map[string]bool // what its JSON names
}

// NewObjects are the settings of objects made for a connection, where partners mean different things that are the plan's or the property's.
type NewObjects struct {
	UnopenedIsClosed bool   `json:"unopened_is_closed"` // plan (S6)
	Fill             string `json:"fill"`               // plan (S12)
	BlocksInCount    bool   `json:"blocks_in_count"`    // property (S11)
	LeadReference    string `json:"lead_reference"`     // property (S16)
}

// Choice describes one named choice of a profile, as data for forms, documentation and validation.
type Choice struct {
	Key      string
	Values   []string // the generic profile's first
	Oversell bool     // a wrong value can sell what is not there or too cheaply: to be chosen before a connection goes live
	Help     string
	of       func(*Profile) *string
}

// Choices are all choices, in the order of docs/protocols/ota-xml.md.
var Choices = slices.Concat(messageChoices, definitionChoices, freeChoices)

// messageChoices are those of what all messages share, and of availability, counts and rates.
var messageChoices = []Choice{
	{"identity", []string{"echo_time_content", "time_content", "echo", "correlation_id", "none"}, true,
		"What makes a message a repeat (S19). echo and correlation_id: the partner promises that the id alone is unique.", func(p *Profile) *string { return &p.Identity }},
	{"test", []string{"refuse", "accept"}, false, "A message with Target Test or Testing: refused on a production connection.", func(p *Profile) *string { return &p.Test }},
	{"absent_hotel", []string{"refuse", "only"}, false, "No HotelCode. only: the connection's only property.", func(p *Profile) *string { return &p.AbsentHotel }},
	{"complete_set", []string{"refuse", "replace", "ignore"}, true, "UniqueID Instance=CompleteSet at the root: replaces all that was known of the hotel.", func(p *Profile) *string { return &p.CompleteSet }},
	{"items", []string{"by_item", "all_or_nothing"}, false, "Whether good items apply beside bad ones (S25).", func(p *Profile) *string { return &p.Items }},
	{"partial_answer", []string{"warnings", "errors"}, false, "Some items refused, some applied: Success with Warnings, or Errors.", func(p *Profile) *string { return &p.PartialAnswer }},
	{"inv_code", []string{"room_type", "refuse", "ignore"}, true, "InvCode: a room type's code where InvTypeCode is absent; one room, refused; or nothing.", func(p *Profile) *string { return &p.InvCode }},
	{"weekdays", []string{"absent_is_false", "absent_is_true", "absent_is_opposite"}, true,
		"Weekday attributes that are absent while others are told. opposite: of what the told ones say, if they all say the same.", func(p *Profile) *string { return &p.Weekdays }},
	{"destinations", []string{"channel", "ignore", "refuse"}, true, "DestinationSystemCodes: channels, nothing, or refused.", func(p *Profile) *string { return &p.Destinations }},
	{"absent_restriction", []string{"master", "all"}, true, "RestrictionStatus without Restriction: the night, or night, arrival and departure.", func(p *Profile) *string { return &p.Restriction }},
	{"set_los", []string{"attribute", "arrival", "through"}, true, "SetMinLOS and SetMaxLOS: as ArrivalDateBased says, or always one kind.", func(p *Profile) *string { return &p.SetLOS }},
	{"absent_arrival_date_based", []string{"arrival", "through"}, true, "ArrivalDateBased absent, where set_los is attribute.", func(p *Profile) *string { return &p.ArrivalBased }},
	{"departure_row", []string{"no", "yes"}, true, "A stay-through length also looks at the departure date (S7).", func(p *Profile) *string { return &p.DepartureRow }},
	{"los_tail", []string{"closed", "open"}, true, "Stays longer than a LOS pattern (S8).", func(p *Profile) *string { return &p.LOSTail }},
	{"limit_room", []string{"count", "remaining"}, true, "BookingLimit of a room type, class or the hotel: its rooms to sell, or a limit beside them.", func(p *Profile) *string { return &p.LimitRoom }},
	{"limit_room_rate", []string{"remaining", "count"}, true, "BookingLimit or count of room and rate plan: a limit of the product, or the room type's rooms to sell.", func(p *Profile) *string { return &p.LimitRoomRate }},
	{"booking_threshold", []string{"unknown", "hold_back"}, true, "BookingThreshold: cannot be evaluated, or rooms held back.", func(p *Profile) *string { return &p.Threshold }},
	{"absent_notif_type", []string{"delta", "overlay", "refuse"}, true, "RateAmountNotif without NotifType.", func(p *Profile) *string { return &p.AbsentNotif }},
	{"overlay_extent", []string{"product_dates", "product", "plan"}, true, "What NotifType Overlay and Remove replace: the named products on the named dates, on all dates, or the whole plan.", func(p *Profile) *string { return &p.OverlayExtent }},
	{"absent_guests", []string{"base", "every", "refuse"}, true, "BaseByGuestAmt without NumberOfGuests: the base occupancy's amount, or every occupancy's.", func(p *Profile) *string { return &p.AbsentGuests }},
	{"tax_side", []string{"as_told", "after", "before"}, true, "Which side a lone AmountBeforeTax or AmountAfterTax is on, whatever its name.", func(p *Profile) *string { return &p.TaxSide }},
	{"extra_tax_side", []string{"same", "after", "before", "refuse"}, true, "AdditionalGuestAmount without TaxInclusive: the side of the base amounts beside it, or a fixed one.", func(p *Profile) *string { return &p.ExtraTaxSide }},
	{"max_age", []string{"exclusive", "inclusive"}, true, "MaxAge: the first age above the band, or the last one in it.", func(p *Profile) *string { return &p.MaxAge }},
	{"max_additional_guests", []string{"limit", "index"}, true, "MaxAdditionalGuests: how many may come, or which one the amount is for.", func(p *Profile) *string { return &p.MaxExtraGuests }},
	{"decimal_places", []string{"refuse", "as_written", "minor_units"}, true, "DecimalPlaces > 0 beside an amount without a dot: refused, the amount as written, or minor units.", func(p *Profile) *string { return &p.DecimalPlaces }},
	{"rate_los", []string{"tier", "restriction"}, true, "Rate/@MinLOS and @MaxLOS: the plan's LOS tier, or restrictions on arrival.", func(p *Profile) *string { return &p.RateLOS }},
	{"los_pricing", []string{"none", "type_26"}, true, "RatePlanType 26 of a product: nothing, or amounts by arrival and length of stay (Google), which only a plan priced so takes.", func(p *Profile) *string { return &p.LOSPricing }},
	{"number_of_units", []string{"unknown", "remaining"}, true, "Rate/@NumberOfUnits: cannot be evaluated, or rooms remaining for the product.", func(p *Profile) *string { return &p.NumberOfUnits }},
}

// Further choices, of the messages that define: rate plans, room types and blocks.
var definitionChoices = []Choice{
	{"plan_definitions", []string{"define", "ignore"}, false, "What RatePlanNotif says of a plan itself (name, status, dates, rooms, links): it makes and changes plans, or is left out and only amounts and rules are read.", func(p *Profile) *string { return &p.PlanDefinitions }},
	{"room_definitions", []string{"define", "ignore"}, false, "InvNotif and DescriptiveContentNotif make and change room types, or are left out.", func(p *Profile) *string { return &p.RoomDefinitions }},
	{"content_overwrite", []string{"keep", "deactivate"}, true, "DescriptiveContent with Overwrite: room types that it does not name stay, or are no longer sold.", func(p *Profile) *string { return &p.ContentOverwrite }},
	{"absent_plan_notif_type", []string{"delta", "overlay", "new", "refuse"}, true, "RatePlan without RatePlanNotifType.", func(p *Profile) *string { return &p.AbsentPlanNotif }},
	{"plan_new", []string{"replace", "merge"}, true, "RatePlanNotifType New (or Full) of a plan that is there: all its amounts and kept-as-told conditions are replaced, or those told are set beside them.", func(p *Profile) *string { return &p.PlanNew }},
	{"plan_overlay", []string{"plan", "product_dates", "merge"}, true, "RatePlanNotifType Overlay: replaces the plan's amounts on all dates, those of the named products on the named dates, or is a Delta.", func(p *Profile) *string { return &p.PlanOverlay }},
	{"plan_remove", []string{"deactivate", "amounts"}, true, "RatePlanNotifType Remove without rates: the plan is no longer sold, or its amounts become unset.", func(p *Profile) *string { return &p.PlanRemove }},
	{"overlay_rules", []string{"told", "all"}, true, "Booking rules where a plan is replaced: restrictions of the kinds that are told replace those of their kind in the plan, or all restrictions of the plan do.", func(p *Profile) *string { return &p.OverlayRules }},
	{"plan_dates", []string{"window", "rates"}, true, "RatePlan Start and End: the plan's stay window, or the dates of rates and rules without their own.", func(p *Profile) *string { return &p.PlanDates }},
	{"absent_adjust_up", []string{"up", "down", "refuse"}, true, "An adjustment of a derived plan without AdjustUpIndicator and without a sign.", func(p *Profile) *string { return &p.AbsentAdjustUp }},
	{"derived_inherits", []string{"all", "none"}, true, "A plan made with BaseRatePlanCode: takes its base plan's restrictions and limits too, or amounts only (S13).", func(p *Profile) *string { return &p.DerivedInherits }},
	{"rule_weekdays", []string{"opposite", "allowed", "forbidden"}, true, "Weekdays that a DOW restriction leaves out: the opposite of the told ones if they all say the same (else forbidden), or always one.", func(p *Profile) *string { return &p.RuleDays }},
	{"absent_block_action", []string{"replace", "refuse"}, true, "InvBlock without TransactionAction: the whole block is told, or refused.", func(p *Profile) *string { return &p.AbsentBlockAction }},
	{"absent_block_booking", []string{"closed", "open"}, true, "InvBlock without BookingStatus: rooms can be sold from the block, or not.", func(p *Profile) *string { return &p.AbsentBlockBooking }},
	{"block_cutoff", []string{"held", "released"}, true, "AbsoluteCutoff and offsets name the last day on which the block's rooms are held, or the first on which they are gone (S11).", func(p *Profile) *string { return &p.BlockCutoff }},
	{"block_end", []string{"night", "departure"}, true, "End of a block, its room types and allocations: the last night, or the day of departure.", func(p *Profile) *string { return &p.BlockEnd }},
	{"block_release", []string{"told", "automatic"}, true, "At the cutoff rooms return to general sale when the source tells new numbers, or by themselves (S11).", func(p *Profile) *string { return &p.BlockRelease }},
}

// freeChoices have no list of values: what Values says is their form.
var freeChoices = []Choice{
	{"time_zone", []string{"(none)", "property", "an IANA name"}, true, "The zone of a TimeStamp without one; none: such a time does not order (S22).", noValue},
	{"count_types", []string{"code to meaning"}, true, "What each CountType (INV) of a count is, see InvCount.", noValue},
	{"block_count_types", []string{"code to meaning"}, true, "What each CountType of a block's count is, see InvCount.", noValue},
	{"block_status", []string{"code to meaning"}, true, "What each InvBlockStatusCode (IBS) is, see blocks.", noValue},
	{"block_allocations", []string{"code to meaning"}, true, "What the numbers of each RoomTypePickUpStatus are, see blocks.", noValue},
	{"min_los_none", []string{"numbers"}, true, "Nights that mean no minimum: generic 0 and 1.", noValue},
	{"max_los_none", []string{"numbers"}, true, "Nights that mean no maximum: generic 0 and 999; 28 of some partners.", noValue},
	{"min_lead_none", []string{"numbers"}, true, "Days that mean no least lead: generic 0.", noValue},
	{"max_lead_none", []string{"numbers"}, true, "Days that mean no greatest lead: generic none.", noValue},
	{"open_end", []string{"dates"}, true, "An End that means no end: generic 2099-12-31, 9999-12-31.", noValue},
	{"ignorable", []string{"names"}, false, "Unknown kinds that are ignored instead of closing what they cover (S1): the name before = in the kept text, such as HurdleRate.", noValue},
	{"new_objects.unopened_is_closed", []string{"false", "true"}, true, "Of plans made for the connection: nothing is open until it is told (S6).", noValue},
	{"new_objects.fill", []string{"exact", "next_higher", "base_extras", "pro_rata"}, true, "Of plans made for the connection: the price of an occupancy that is not told (S12).", noValue},
	{"new_objects.blocks_in_count", []string{"true", "false"}, true, "Of properties made for the connection: the rooms of blocks are out of the count already (S11).", noValue},
	{"new_objects.lead_reference", []string{"check_in", "midnight_start", "midnight_end"}, true, "Of properties made for the connection: what a lead as elapsed time counts to (S16).", noValue},
}

// noValue is where the value of a choice without named values is looked for: nowhere.
func noValue(*Profile) *string { return new(string) }

var freeKeys = func() map[string]bool {
	keys := map[string]bool{}
	for _, c := range freeChoices {
		keys[c.Key] = true
	}
	return keys
}()

// Named tells whether the choice has a list of values, of which exactly one is chosen; else Values says its form.
func (c *Choice) Named() bool { return !freeKeys[c.Key] }

// Generic is the profile of a connection that has none of its own. Where a choice can oversell, its default is the reading that sells less.
func Generic() *Profile {
	p := &Profile{
		Name: "generic", Version: 1,
		About: "Plain OpenTravel; where readings differ, the one that sells less. Choices that can oversell must be made before a property goes live.",
		CountTypes: map[string]string{
			"1": "physical", "2": "net", "3": "ignore", "4": "sold_definite", "5": "sold_tentative", "6": "out_of_order", "8": "off_market",
			"7": "in_net", "9": "in_net", "10": "in_net", "11": "in_net", "12": "in_net", "13": "in_net", "14": "in_net", "15": "in_net",
			"16": "in_net", "17": "in_net", "18": "in_net", "19": "in_net", "20": "in_net", "21": "in_net",
		},
		BlockCountTypes: map[string]string{"2": "remaining", "18": "remaining", "16": "current", "17": "picked_up"},
		BlockStatus: map[string]string{"": "definite", "1": blockCancelled, "2": "definite", "3": "tentative_deducts", "4": blockCancelled, "5": "prospect",
			"6": "tentative_deducts", "7": "tentative_deducts", "8": "tentative_deducts"},
		BlockAllocations: map[string]string{"": "current", "16": "current", "4": "picked_up", "17": "picked_up"},
		MinLOSNone:       []int{0, 1}, MaxLOSNone: []int{0, 999}, MinLeadNone: []int{0}, MaxLeadNone: []int{},
		OpenEnd:   []ari.StayDate{ari.DateOf(2099, 12, 31), ari.DateOf(9999, 12, 31)},
		Ignorable: []string{},
		New:       NewObjects{Fill: "exact", BlocksInCount: true, LeadReference: "check_in"},
	}
	for _, c := range Choices {
		if c.Named() {
			*c.of(p) = c.Values[0]
		}
	}
	return p
}

var (
	countMeanings = []string{"net", "physical", "out_of_order", "out_of_service", "off_market", "house_use", "sold_definite", "sold_tentative",
		"block_definite", "block_tentative", "overbooking", "in_net", "ignore", "unknown", "refuse"}
	blockMeanings = []string{"current", "picked_up", "original", "sell_limit", "remaining", "ignore", "unknown", "refuse"}
	fills         = []string{"exact", "next_higher", "base_extras", "pro_rata"}
	leadReference = []string{"check_in", "midnight_start", "midnight_end"}
)

// Validate reports every fault at once, and makes the profile ready: it looks the time zone up.
func (p *Profile) Validate() error {
	var errs []error
	bad := func(key, got string, want []string) {
		errs = append(errs, fmt.Errorf("%s: got %q, want one of %s", key, clip(got, 40), strings.Join(want, ", ")))
	}
	if err := ari.CheckCode(p.Name); err != nil {
		errs = append(errs, fmt.Errorf("name: %w", err))
	}
	if p.Version < 1 {
		errs = append(errs, fmt.Errorf("version: got %d, want 1 or more", p.Version))
	}
	for _, c := range Choices {
		if !c.Named() {
			continue
		}
		if v := *c.of(p); !slices.Contains(c.Values, v) {
			bad(c.Key, v, c.Values)
		}
	}
	for _, kind := range p.Messages {
		if _, ok := containers[kind]; !ok {
			bad("messages", kind, slices.Sorted(maps.Keys(containers)))
		}
	}
	errs = append(errs, checkMeanings("count_types", p.CountTypes, countMeanings, sharable)...)
	errs = append(errs, checkMeanings("block_count_types", p.BlockCountTypes, blockMeanings, sharable)...)
	checkWords("block_status", p.BlockStatus, blockStatusMeanings, bad)
	checkWords("block_allocations", p.BlockAllocations, blockAllocationMeanings, bad)
	for key, list := range map[string][]int{"min_los_none": p.MinLOSNone, "max_los_none": p.MaxLOSNone, "min_lead_none": p.MinLeadNone, "max_lead_none": p.MaxLeadNone} {
		for _, n := range list {
			if n < 0 || n > intMax {
				errs = append(errs, fmt.Errorf("%s: got %d, want 0 to %d", key, n, intMax))
			}
		}
	}
	if !slices.Contains(fills, p.New.Fill) {
		bad("new_objects.fill", p.New.Fill, fills)
	}
	if !slices.Contains(leadReference, p.New.LeadReference) {
		bad("new_objects.lead_reference", p.New.LeadReference, leadReference)
	}
	if p.TimeZone != "" && p.TimeZone != "property" {
		zone, err := time.LoadLocation(p.TimeZone)
		if err != nil || p.TimeZone == "Local" {
			bad("time_zone", p.TimeZone, []string{`""`, "property", "an IANA name"})
		}
		p.zone = zone
	}
	return errors.Join(errs...)
}

// sharable tells whether several codes may mean the same: not so for stored numbers, since a message that tells one of them would
// silently drop the other's part.
func sharable(meaning string) bool {
	return slices.Contains([]string{"in_net", "ignore", "unknown", "refuse", "remaining"}, meaning)
}

func checkMeanings(key string, m map[string]string, want []string, shared func(string) bool) []error {
	var errs []error
	by := map[string][]string{}
	for code, meaning := range m {
		if !slices.Contains(want, meaning) {
			errs = append(errs, fmt.Errorf("%s.%s: got %q, want one of %s", key, clip(code, 10), clip(meaning, 40), strings.Join(want, ", ")))
		}
		by[meaning] = append(by[meaning], code)
	}
	for meaning, codes := range by {
		if len(codes) > 1 && !shared(meaning) {
			slices.Sort(codes)
			errs = append(errs, fmt.Errorf("%s: %s all mean %s: want one code", key, strings.Join(codes, ", "), clip(meaning, 40)))
		}
	}
	return errs
}

// PlanDefaults puts the profile's settings on a rate plan that is made for the connection.
func (p *Profile) PlanDefaults(plan *ari.RatePlan) {
	plan.UnopenedIsClosed, plan.Fill = p.New.UnopenedIsClosed, p.New.Fill
}

// PropertyDefaults puts the profile's settings on a property that is made for the connection.
func (p *Profile) PropertyDefaults(h *ari.Property) {
	in := p.New.BlocksInCount
	h.BlocksInCount, h.LeadReference = &in, p.New.LeadReference
}

func (p *Profile) ignorable(kind string) bool { return slices.Contains(p.Ignorable, kind) }
