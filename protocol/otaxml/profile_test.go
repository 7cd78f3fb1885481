package otaxml

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
)

// Pieces of messages for tables.
func availMessage(attrs, items string) string {
	return `<OTA_HotelAvailNotifRQ Version="1" TimeStamp="2026-02-01T10:00:00" EchoToken="e1" ` + attrs + `><AvailStatusMessages HotelCode="HOTEL">` + items + `</AvailStatusMessages></OTA_HotelAvailNotifRQ>`
}

func availItem(control, payload string) string {
	return `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" End="2026-06-07" ` + control + `/>` + payload + `</AvailStatusMessage>`
}

func rateMessage(attrs, rate string) string {
	return `<OTA_HotelRateAmountNotifRQ Version="1" ` + attrs + `><RateAmountMessages HotelCode="HOTEL"><RateAmountMessage><StatusApplicationControl Start="2026-06-01" End="2026-06-07" InvTypeCode="DBL" RatePlanCode="BAR"/><Rates>` + rate + `</Rates></RateAmountMessage></RateAmountMessages></OTA_HotelRateAmountNotifRQ>`
}

func invMessage(control, payload string) string {
	return `<OTA_HotelInvCountNotifRQ Version="1"><Inventories HotelCode="HOTEL"><Inventory><StatusApplicationControl Start="2026-06-01" ` + control + `/>` + payload + `</Inventory></Inventories></OTA_HotelInvCountNotifRQ>`
}

func planMessage(attrs, payload string) string {
	return `<OTA_HotelRatePlanNotifRQ Version="1" TimeStamp="2026-02-01T10:00:00Z"><RatePlans HotelCode="HOTEL"><RatePlan RatePlanCode="BAR" ` + attrs + `>` + payload + `</RatePlan></RatePlans></OTA_HotelRatePlanNotifRQ>`
}

func planRate(attrs string) string {
	return `<Rates><Rate InvTypeCode="DBL" Start="2026-06-01" End="2026-06-07" ` + attrs + `>` + twoGuests + `</Rate></Rates>`
}

func rule(attrs, payload string) string {
	return `<BookingRules><BookingRule ` + attrs + `>` + payload + `</BookingRule></BookingRules>`
}

func blockMessage(attrs, dates, rooms string) string {
	return `<OTA_HotelInvBlockNotifRQ Version="1" TimeStamp="2026-02-01T10:00:00Z"><InvBlocks><HotelRef HotelCode="HOTEL"/><InvBlock InvBlockCode="WEDDING" ` + attrs + `><InvBlockDates ` + dates + `/><RoomTypes>` + rooms + `</RoomTypes></InvBlock></InvBlocks></OTA_HotelInvBlockNotifRQ>`
}

func allotted(status, rows string) string {
	return `<RoomType RoomTypeCode="DBL"><RoomTypeAllocations ` + status + `>` + rows + `</RoomTypeAllocations></RoomType>`
}

func contentMessage(attrs, rooms string) string {
	return `<OTA_HotelDescriptiveContentNotifRQ Version="1"><HotelDescriptiveContents><HotelDescriptiveContent HotelCode="HOTEL" ` + attrs + `><FacilityInfo><GuestRooms>` + rooms + `</GuestRooms></FacilityInfo></HotelDescriptiveContent></HotelDescriptiveContents></OTA_HotelDescriptiveContentNotifRQ>`
}

func roomMessage(attrs, payload string) string {
	return `<OTA_HotelInvNotifRQ Version="1"><SellableProducts HotelCode="HOTEL"><SellableProduct ` + attrs + `>` + payload + `</SellableProduct></SellableProducts></OTA_HotelInvNotifRQ>`
}

const (
	fiveRooms = `<RoomTypeAllocation NumberOfUnits="5"/>`
	june      = `Start="2026-06-01" End="2026-06-04"`
	product   = `InvTypeCode="DBL" RatePlanCode="BAR"`
	openAll   = `<RestrictionStatus Status="Open"/>`
	twoGuests = `<BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="100"/></BaseByGuestAmts>`
	at        = "t:DBL/p:BAR/*/* 2026-06-01..2026-06-07 "
)

func baseAmount(attrs string) string {
	return `<Rate><BaseByGuestAmts><BaseByGuestAmt ` + attrs + `/></BaseByGuestAmts></Rate>`
}

func withExtra(extra string) string {
	return `<Rate>` + twoGuests + `<AdditionalGuestAmounts><AdditionalGuestAmount ` + extra + `/></AdditionalGuestAmounts></Rate>`
}

func los(attrs, one string) string {
	return availMessage("", availItem(product, `<LengthsOfStay `+attrs+`><LengthOfStay `+one+`/></LengthsOfStay>`))
}

// choiceCases: one message each that means two things under two profiles. Each value of a choice is a JSON value.
var choiceCases = []struct {
	key, message string
	value, means string // one profile's
	other, then  string // and another's
}{
	{"time_zone", availMessage("", availItem(product, openAll)), `""`, "no source time: TimeStamp has no zone", `"Europe/Vienna"`, "source time 2026-02-01T09:00:00Z"},
	{"time_zone", availMessage("", availItem(product, openAll)), `"property"`, "source time 2026-02-01T09:00:00Z", `"America/New_York"`, "source time 2026-02-01T15:00:00Z"},
	{"test", availMessage(`Target="Test"`, availItem(product, openAll)), `"refuse"`, "refused: test_on_production", `"accept"`, "closed = open"},
	{"absent_hotel", strings.Replace(availMessage("", availItem(product, openAll)), `HotelCode="HOTEL"`, "", 1), `"refuse"`, "refused: missing at /OTA_HotelAvailNotifRQ/AvailStatusMessages/@HotelCode", `"only"`, "property H1"},
	{"complete_set", strings.Replace(availMessage("", availItem(product, openAll)), "<Avail", `<UniqueID Type="16" ID="1" Instance="CompleteSet"/><Avail`, 1), `"refuse"`, "refused: unsupported", `"replace"`, "replace restrictions+limits+unknowns of */*/*/*, any rooms, any rates, any channel undated"},
	{"complete_set", strings.Replace(invMessage(`InvTypeCode="DBL"`, `<OffSell OffSellValue="1"/>`), "<Inventories", `<UniqueID Type="16" ID="1" Instance="CompleteSet"/><Inventories`, 1), `"replace"`, "replace counts", `"ignore"`, "limit.offset = -1"},
	{"items", availMessage("", availItem(product, openAll)+availItem(product, "<RestrictionStatus/>")), `"by_item"`, "closed = open", `"all_or_nothing"`, "item 0\n  refused: all_or_nothing"},
	{"inv_code", availMessage("", availItem(`InvCode="DBL"`, openAll)), `"room_type"`, "set t:DBL/*/*/*", `"refuse"`, "refused: unsupported"},
	{"inv_code", availMessage("", availItem(`InvCode="101" InvTypeCode="DBL"`, openAll)), `"room_type"`, "refused: unsupported", `"ignore"`, "set t:DBL/*/*/*"},
	{"weekdays", availMessage("", availItem(product+` Sat="1" Sun="0"`, openAll)), `"absent_is_false"`, " sat closed", `"absent_is_true"`, " mon,tue,wed,thu,fri,sat closed"},
	{"weekdays", availMessage("", availItem(product+` Thur="false"`, openAll)), `"absent_is_false"`, "refused: bad_weekdays", `"absent_is_opposite"`, " mon,tue,wed,fri,sat,sun closed"},
	{"destinations", availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"><DestinationSystemCodes><DestinationSystemCode>BCOM</DestinationSystemCode></DestinationSystemCodes></StatusApplicationControl>`+openAll+`</AvailStatusMessage>`), `"channel"`, "t:DBL/*/=BCOM/*", `"ignore"`, "t:DBL/*/*/*"},
	{"destinations", availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"><DestinationSystemCodes><DestinationSystemCode>BCOM</DestinationSystemCode></DestinationSystemCodes></StatusApplicationControl>`+openAll+`</AvailStatusMessage>`), `"channel"`, "t:DBL/*/=BCOM/*", `"refuse"`, "refused: unsupported"},
	{"absent_restriction", availMessage("", availItem(product, openAll)), `"master"`, "item 0\n  set " + at + "closed = open\n", `"all"`, "closed = open\n  set " + at + "cta = open\n  set " + at + "ctd = open"},
	{"set_los", los("", `MinMaxMessageType="SetMinLOS" Time="3"`), `"arrival"`, "min_los_arrival = 3", `"through"`, "min_los_night = 3"},
	{"set_los", los(`ArrivalDateBased="false"`, `MinMaxMessageType="SetMinLOS" Time="3"`), `"attribute"`, "min_los_night = 3", `"arrival"`, "min_los_arrival = 3"},
	{"absent_arrival_date_based", los("", `MinMaxMessageType="SetMaxLOS" Time="3"`), `"arrival"`, "max_los_arrival = 3", `"through"`, "max_los_night = 3"},
	{"departure_row", los("", `MinMaxMessageType="SetForwardMinStay" Time="3"`), `"no"`, "item 0\n  set " + at + "min_los_night = 3\n", `"yes"`, "min_los_night = 3\n  set " + at + "min_los_departure = 3"},
	{"los_tail", availMessage("", availItem(product, `<LengthsOfStay><LengthOfStay MinMaxMessageType="FullPatternLOS"><LOS_Pattern FullPatternLOS="NYN"/></LengthOfStay></LengthsOfStay>`)), `"closed"`, "010 (LOS 1 last), tail open false", `"open"`, "010 (LOS 1 last), tail open true"},
	{"limit_room", availMessage("", `<AvailStatusMessage BookingLimit="4"><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"/></AvailStatusMessage>`), `"count"`, "count.net = 4", `"remaining"`, "limit.remaining = 4"},
	{"limit_room_rate", availMessage("", `<AvailStatusMessage BookingLimit="4"><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL" RatePlanCode="BAR"/></AvailStatusMessage>`), `"remaining"`, "set t:DBL/p:BAR/*/* 2026-06-01..2026-06-01 limit.remaining = 4", `"count"`, "set t:DBL/*/*/* 2026-06-01..2026-06-01 count.net = 4"},
	{"booking_threshold", availMessage("", `<AvailStatusMessage BookingThreshold="4"><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"/></AvailStatusMessage>`), `"unknown"`, "unknown BookingThreshold=4", `"hold_back"`, "limit.hold_back = 4"},
	{"absent_notif_type", rateMessage("", `<Rate>`+twoGuests+`</Rate>`), `"delta"`, "item 0\n  set", `"overlay"`, "item 0\n  replace rates of t:DBL/p:BAR/*/* 2026-06-01..2026-06-07"},
	{"absent_notif_type", rateMessage("", `<Rate>`+twoGuests+`</Rate>`), `"delta"`, "item 0\n  set", `"refuse"`, "refused: missing at /OTA_HotelRateAmountNotifRQ/@NotifType"},
	{"overlay_extent", rateMessage(`NotifType="Overlay"`, `<Rate>`+twoGuests+`</Rate>`), `"product_dates"`, "replace rates of t:DBL/p:BAR/*/* 2026-06-01..2026-06-07", `"product"`, "replace rates of t:DBL/p:BAR/*/* undated"},
	{"overlay_extent", rateMessage(`NotifType="Overlay"`, `<Rate>`+twoGuests+`</Rate>`), `"product"`, "replace rates of t:DBL/p:BAR/*/* undated", `"plan"`, "replace rates of */p:BAR/*/*, any rooms undated"},
	{"absent_guests", rateMessage("", baseAmount(`AmountAfterTax="100"`)), `"base"`, "item 0\n  set " + at + "rate.adults.2 = 100.00 after tax\n", `"every"`, "rate.adults.1 = 100.00 after tax\n  set " + at + "rate.adults.2 = 100.00 after tax\n  set " + at + "rate.adults.3 = 100.00"},
	{"absent_guests", rateMessage("", baseAmount(`AmountAfterTax="100"`)), `"base"`, "rate.adults.2", `"refuse"`, "refused: missing"},
	{"tax_side", rateMessage("", baseAmount(`NumberOfGuests="2" AmountBeforeTax="100"`)), `"as_told"`, "100.00 before tax", `"after"`, "100.00 after tax"},
	{"tax_side", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="100"`)), `"as_told"`, "100.00 after tax", `"before"`, "100.00 before tax"},
	{"extra_tax_side", rateMessage("", withExtra(`Amount="9"`)), `"same"`, "rate.extra_adult = 9.00 after tax", `"before"`, "rate.extra_adult = 9.00 before tax"},
	{"extra_tax_side", rateMessage("", withExtra(`Amount="9"`)), `"after"`, "rate.extra_adult = 9.00 after tax", `"refuse"`, "refused: missing"},
	{"max_age", rateMessage("", withExtra(`AgeQualifyingCode="8" MinAge="3" MaxAge="12" Amount="9"`)), `"exclusive"`, "rate.child.3-12", `"inclusive"`, "rate.child.3-13"},
	{"max_additional_guests", rateMessage("", withExtra(`AgeQualifyingCode="8" MaxAdditionalGuests="2" MaxAge="12" Amount="9"`)), `"limit"`, "rate.child.0-12", `"index"`, "rate.child_nth.2"},
	{"decimal_places", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="12050" DecimalPlaces="2"`)), `"as_written"`, "12050.00 after tax", `"minor_units"`, "120.50 after tax"},
	{"decimal_places", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="12050" DecimalPlaces="2"`)), `"refuse"`, "refused: invalid_amount", `"minor_units"`, "120.50 after tax"},
	{"rate_los", rateMessage("", `<Rate MinLOS="3" MaxLOS="9">`+twoGuests+`</Rate>`), `"tier"`, "refused: rate_basis", `"restriction"`, "min_los_arrival = 3\n  set " + at + "max_los_arrival = 9"},
	{"los_pricing", strings.Replace(rateMessage("", `<Rate>`+twoGuests+`</Rate>`), "<StatusApplicationControl", `<StatusApplicationControl RatePlanType="26"`, 1), `"none"`, "rate.adults.2", `"type_26"`, "refused: rate_basis"},
	{"number_of_units", rateMessage("", `<Rate NumberOfUnits="3">`+twoGuests+`</Rate>`), `"unknown"`, "unknown NumberOfUnits=3", `"remaining"`, "limit.remaining = 3"},
	{"count_types", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="9" Count="3"/></InvCounts>`), `{"9": "off_market", "8": "ignore"}`, "count.off_market = 3", `{"9": "ignore"}`, "nothing in this item"},
	{"count_types", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="9" Count="3"/></InvCounts>`), `{"9": "refuse"}`, "refused: unsupported", `{"9": "unknown"}`, "unknown InvCount.9=CountType=9 Count=3"},
	{"block_count_types", invMessage(`InvTypeCode="DBL" InvBlockCode="GRP1"`, `<InvCounts><InvCount CountType="2" Count="3"/></InvCounts>`), `{"2": "remaining"}`, "limit.remaining = 3", `{"2": "sell_limit"}`, "block.sell_limit = 3"},
	{"min_los_none", los("", `MinMaxMessageType="SetMinLOS" Time="1"`), `[0, 1]`, "clear " + at + "min_los_arrival", `[0]`, "min_los_arrival = 1"},
	{"max_los_none", los("", `MinMaxMessageType="SetMaxLOS" Time="28"`), `[0, 999]`, "max_los_arrival = 28", `[28]`, "clear " + at + "max_los_arrival"},
	{"min_lead_none", availMessage("", availItem(product, `<RestrictionStatus MinAdvancedBookingOffset="P0D"/>`)), `[0]`, "clear " + at + "min_lead_arrival", `[]`, "min_lead_arrival = 0 days"},
	{"max_lead_none", availMessage("", availItem(product, `<RestrictionStatus MaxAdvancedBookingOffset="P999D"/>`)), `[]`, "max_lead_arrival = 999 days", `[999]`, "clear " + at + "max_lead_arrival"},
	{"open_end", availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" End="2099-12-31" InvTypeCode="DBL"/>`+openAll+`</AvailStatusMessage>`), `["2099-12-31"]`, "2026-06-01..- closed", `["9999-12-31"]`, "2026-06-01..2099-12-31 closed"},
	{"ignorable", availMessage("", availItem(product, `<HurdleRate Amount="5"/>`)), `[]`, "unknown HurdleRate=Amount=5", `["HurdleRate"]`, "ignored: /OTA_HotelAvailNotifRQ/AvailStatusMessages/AvailStatusMessage[1]/HurdleRate"},
	{"plan_definitions", planMessage(`RatePlanNotifType="New" RatePlanName="Best"`, planRate("")), `"define"`, `rate_plan BAR {"code":"BAR","name":"Best"`, `"ignore"`, "item 0\n  replace rates+unknowns of */p:BAR/*/*, any rooms undated"},
	{"room_definitions", roomMessage(`InvTypeCode="SGL"`, `<GuestRoom><Occupancy MaxOccupancy="2"/></GuestRoom>`), `"define"`, `room_type SGL {"code":"SGL","std_occupancy":1,"max_occupancy":2,"max_adults":1}`, `"ignore"`, "nothing in this item"},
	{"content_overwrite", contentMessage(`Overwrite="true"`, `<GuestRoom Code="DBL" MaxOccupancy="3"/>`), `"keep"`, "room types that are not named stay", `"deactivate"`, `object room_type SGL {"code":"SGL","inactive":true`},
	{"absent_plan_notif_type", planMessage("", planRate("")), `"delta"`, "item 0\n  set " + at + "rate.adults.2", `"overlay"`, "replace rates+unknowns of */p:BAR/*/*, any rooms undated"},
	{"absent_plan_notif_type", planMessage("", planRate("")), `"delta"`, "item 0\n  set", `"refuse"`, "refused: missing at /OTA_HotelRatePlanNotifRQ/RatePlans/RatePlan[1]/@RatePlanNotifType"},
	{"plan_new", planMessage(`RatePlanNotifType="New"`, planRate("")), `"replace"`, "replace rates+unknowns of */p:BAR/*/*, any rooms undated", `"merge"`, "item 0\n  set " + at + "rate.adults.2"},
	{"plan_overlay", planMessage(`RatePlanNotifType="Overlay"`, planRate("")), `"plan"`, "replace rates+unknowns of */p:BAR/*/*, any rooms undated", `"product_dates"`, "replace rates of t:DBL/p:BAR/*/* 2026-06-01..2026-06-07"},
	{"plan_overlay", planMessage(`RatePlanNotifType="Overlay"`, planRate("")), `"plan"`, "replace", `"merge"`, "item 0\n  set " + at + "rate.adults.2"},
	{"plan_remove", planMessage(`RatePlanNotifType="Remove"`, ""), `"deactivate"`, `rate_plan BAR {"code":"BAR","inactive":true`, `"amounts"`, "replace rates of */p:BAR/*/*, any rooms undated"},
	{"overlay_rules", planMessage(`RatePlanNotifType="Overlay"`, rule("", `<LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="3"/></LengthsOfStay>`)), `"told"`, "replace min_los_arrival of */p:BAR/*/*, any rooms undated", `"all"`, "replace rates+unknowns+restrictions of */p:BAR/*/*, any rooms undated"},
	{"plan_dates", planMessage(`Start="2026-06-01" End="2026-06-30"`, rule("", `<RestrictionStatus Status="Close"/>`)), `"window"`, `"stay_from":"2026-06-01","stay_to":"2026-06-30"`, `"rates"`, "set */p:BAR/*/* 2026-06-01..2026-06-30 closed = shut"},
	{"absent_adjust_up", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="10"`, ""), `"up"`, `"percent":"10.00"`, `"down"`, `"percent":"-10.00"`},
	{"absent_adjust_up", planMessage(`BaseRatePlanCode="ANY" AdjustedAmount="10"`, ""), `"up"`, `"amount":"10.00"`, `"refuse"`, "refused: missing"},
	{"derived_inherits", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="-10"`, ""), `"all"`, `"inherit":{"closed":true,"cta_ctd":true,"los":true,"lead":true,"limits":true}`, `"none"`, `"derive":[{"percent":"-10.00"}]}`},
	{"rule_weekdays", planMessage("", rule("", `<DOW_Restrictions><ArrivalDaysOfWeek Sat="true"/></DOW_Restrictions>`)), `"opposite"`, "mon,tue,wed,thu,fri,sun cta = shut", `"allowed"`, "set */p:BAR/*/* undated cta = open"},
	{"rule_weekdays", planMessage("", rule("", `<DOW_Restrictions><ArrivalDaysOfWeek Sat="false"/></DOW_Restrictions>`)), `"opposite"`, "sat cta = shut", `"forbidden"`, "set */p:BAR/*/* undated cta = shut"},
	{"absent_block_action", blockMessage("", june, allotted("", fiveRooms)), `"replace"`, "set t:DBL/*/*/=WEDDING 2026-06-01..2026-06-04 block.current = 5", `"refuse"`, "refused: missing"},
	{"absent_block_booking", blockMessage("", june, allotted("", fiveRooms)), `"closed"`, `"status":"definite","deducts":true,"release"`, `"open"`, `"open_for_pickup":true`},
	{"block_cutoff", blockMessage("", june+` AbsoluteCutoff="2026-05-15"`, allotted("", fiveRooms)), `"held"`, `"cutoff":"2026-05-15"`, `"released"`, `"cutoff":"2026-05-14"`},
	{"block_end", blockMessage("", june, allotted("", fiveRooms)), `"night"`, "2026-06-01..2026-06-04 block.current", `"departure"`, "2026-06-01..2026-06-03 block.current"},
	{"new_objects", strings.Replace(planMessage(`RatePlanNotifType="New"`, ""), `"BAR"`, `"FRESH"`, 1), `{"fill": "exact"}`, `{"code":"FRESH","fill":"exact"}`, `{"fill": "pro_rata"}`, `{"code":"FRESH","fill":"pro_rata"}`},
	{"new_objects", strings.Replace(planMessage(`RatePlanNotifType="New"`, ""), `"BAR"`, `"FRESH"`, 1), `{"unopened_is_closed": false}`, `{"code":"FRESH","fill":"exact"}`, `{"unopened_is_closed": true}`, `"unopened_is_closed":true`},
	{"block_release", blockMessage("", june, allotted("", fiveRooms)), `"told"`, `"release":"told"`, `"automatic"`, `"release":"automatic"`},
	{"block_status", blockMessage(`InvBlockStatusCode="7"`, june, allotted("", fiveRooms)), `{"7": "tentative_deducts"}`, `"status":"tentative","deducts":true`, `{"7": "prospect"}`, `"status":"prospect","release"`},
	{"block_allocations", blockMessage("", june, allotted(`RoomTypePickUpStatus="2"`, fiveRooms)), `{"2": "current"}`, "block.current = 5", `{"2": "picked_up"}`, "block.picked_up = 5"},
}

func choose(t *testing.T, key, value string) *Profile {
	t.Helper()
	p, err := ParseProfile([]byte(`{"name": "chosen", "version": 1, "` + key + `": ` + value + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEachChoiceChangesWhatOneMessageMeans(t *testing.T) {
	for _, c := range choiceCases {
		t.Run(c.key+" "+c.value+" or "+c.other, func(t *testing.T) {
			for _, way := range [][2]string{{c.value, c.means}, {c.other, c.then}} {
				got := decodeText(t, c.message, choose(t, c.key, way[0]))
				if !strings.Contains(got, way[1]) {
					t.Errorf("%s = %s\n--- want in it\n%s\n--- got\n%s", c.key, way[0], way[1], got)
				}
			}
			a, b := decodeText(t, c.message, choose(t, c.key, c.value)), decodeText(t, c.message, choose(t, c.key, c.other))
			if a == b {
				t.Errorf("%s: both profiles read the same:\n%s", c.key, a)
			}
		})
	}
}

func TestNoChoiceGoesUntested(t *testing.T) {
	tested := map[string]bool{"name": true, "version": true, "identity": true, "partial_answer": true, "new_objects": true, // in tests of their own
		"extends": true, "about": true, "messages": true}
	for _, c := range choiceCases {
		tested[c.key] = true
	}
	typ := reflect.TypeFor[Profile]()
	for i := range typ.NumField() {
		if key, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ","); key != "" && !tested[key] {
			t.Errorf("profile choice %s has no case", key)
		}
	}
}

func TestIdentityChoicesTellRepeatsApart(t *testing.T) {
	message := func(root, code string) string {
		return `<OTA_HotelAvailNotifRQ Version="1" ` + root + `><AvailStatusMessages HotelCode="HOTEL">` + availItem(`InvTypeCode="`+code+`"`, openAll) + `</AvailStatusMessages></OTA_HotelAvailNotifRQ>`
	}
	id := func(choice, body string) Identity {
		m, err := Parse([]byte(body), "")
		if err != nil {
			t.Fatal(err)
		}
		r := Decode(m, choose(t, "identity", `"`+choice+`"`), testCodes{newTestHotel()})
		return r.Identity
	}
	base := message(`EchoToken="a" TimeStamp="2026-01-01T00:00:00Z" CorrelationID="c"`, "DBL")
	resent := message(`EchoToken="a"  TimeStamp="2026-01-01T00:00:00Z" CorrelationID="c" RetransmissionIndicator="true"`, "DBL")
	reused := message(`EchoToken="a" TimeStamp="2026-01-01T00:00:00Z" CorrelationID="c"`, "SGL")
	later := message(`EchoToken="a" TimeStamp="2026-01-01T00:00:01Z" CorrelationID="c"`, "DBL")
	timeless := message(`EchoToken="a" CorrelationID="c"`, "DBL")
	for _, c := range []struct {
		choice                                    string
		unique, resentSame, reusedSame, laterSame bool
		timeless                                  bool // has an identity without TimeStamp
	}{
		{"echo_time_content", false, true, false, false, false},
		{"time_content", false, true, false, false, false},
		{"echo", true, true, true, true, true},
		{"correlation_id", true, true, true, true, true},
		{"none", false, true, true, true, false},
	} {
		b := id(c.choice, base)
		same := func(body string) bool { return id(c.choice, body).ID == b.ID }
		if b.Unique != c.unique || same(resent) != c.resentSame || same(reused) != c.reusedSame || same(later) != c.laterSame || (id(c.choice, timeless).ID != "") != c.timeless {
			t.Errorf("%s: unique %v, resent %v, reused %v, later %v, timeless %v", c.choice, b.Unique, same(resent), same(reused), same(later), id(c.choice, timeless).ID != "")
		}
		if got := string(id(c.choice, resent).Content); got != string(b.Content) {
			t.Errorf("%s: a retransmission's canonical content differs:\n%s\n%s", c.choice, b.Content, got)
		}
	}
}

func TestCanonicalContentIgnoresWhatDoesNotMatter(t *testing.T) {
	parse := func(s string) string {
		m, err := Parse([]byte(s), "")
		if err != nil {
			t.Fatal(err)
		}
		return string(canonical(m.root))
	}
	a := parse(`<OTA_HotelAvailNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1"><POS><Source><RequestorID ID="x" MessagePassword="old"/></Source></POS><AvailStatusMessages HotelCode="H"><AvailStatusMessage BookingLimit="1" LocatorID="2"><StatusApplicationControl Start="2026-01-01" InvTypeCode="A&amp;B"/></AvailStatusMessage></AvailStatusMessages></OTA_HotelAvailNotifRQ>`)
	b := parse(`<o:OTA_HotelAvailNotifRQ Version="1" xmlns:o="http://www.opentravel.org/OTA/2003/05"><!-- x --><o:AvailStatusMessages HotelCode="H">  <o:AvailStatusMessage LocatorID="2" BookingLimit="1"><o:StatusApplicationControl InvTypeCode="A&#38;B" Start="2026-01-01"></o:StatusApplicationControl></o:AvailStatusMessage></o:AvailStatusMessages></o:OTA_HotelAvailNotifRQ>`)
	if a != b {
		t.Errorf("canonical contents differ:\n%s\n%s", a, b)
	}
	if strings.Contains(a, "old") {
		t.Errorf("canonical content holds a password: %s", a)
	}
}

func TestNewObjectsTakeTheProfilesSettings(t *testing.T) {
	p := choose(t, "new_objects", `{"unopened_is_closed": true, "fill": "next_higher", "blocks_in_count": false, "lead_reference": "midnight_start"}`)
	for _, c := range []struct {
		p      *Profile
		closed bool
		fill   string
		blocks bool
		lead   string
	}{{p, true, "next_higher", false, "midnight_start"}, {Generic(), false, "exact", true, "check_in"}} {
		var plan ari.RatePlan
		var hotel ari.Property
		c.p.PlanDefaults(&plan)
		c.p.PropertyDefaults(&hotel)
		if plan.UnopenedIsClosed != c.closed || plan.Fill != c.fill || *hotel.BlocksInCount != c.blocks || hotel.LeadReference != c.lead {
			t.Errorf("%s: %+v, blocks %v, lead %s", c.p.Name, plan, *hotel.BlocksInCount, hotel.LeadReference)
		}
	}
}

func TestGenericProfileIsValidAndSurvivesJSON(t *testing.T) {
	p := Generic()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseProfile(b)
	if err != nil {
		t.Fatal(err)
	}
	if back.chosen = nil; !reflect.DeepEqual(p, back) {
		t.Errorf("generic came back as %+v", back)
	}
	for _, c := range Choices {
		if c.Help == "" || c.Named() && (len(c.Values) < 2 || *c.of(p) != c.Values[0]) {
			t.Errorf("choice %s: %+v", c.Key, c)
		}
	}
}

func TestProfileReportsEveryFaultAtOnce(t *testing.T) {
	_, err := ParseProfile([]byte(`{"name": "", "version": 0, "weekdays": "sometimes", "time_zone": "Mars/Olympus", "count_types": {"1": "net", "2": "net", "3": "beds"}, "min_los_none": [-1], "new_objects": {"fill": "magic", "lead_reference": "noon"}}`))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"name", "version", "weekdays", "time_zone", "1, 2 all mean net", "count_types.3", "min_los_none", "new_objects.fill", "new_objects.lead_reference"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing of %s in:\n%v", want, err)
		}
	}
	for _, bad := range []string{`{"name": "x", "version": 1, "weekday": "x"}`, `{} {}`, `[`, `{"open_end": ["soon"]}`} {
		if _, err := ParseProfile([]byte(bad)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}
