package alpinebits

import (
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

const (
	ns     = ` xmlns="http://www.opentravel.org/OTA/2003/05"`
	counts = "OTA_HotelInvCountNotif:FreeRooms"
	avails = "OTA_HotelAvailNotif:FreeRooms"
	rooms  = "OTA_HotelDescriptiveContentNotif:Inventory"
	plans  = "OTA_HotelRatePlanNotif:RatePlans"
)

func inv(content string) string {
	return `<OTA_HotelInvCountNotifRQ` + ns + ` Version="4"><Inventories HotelCode="123">` + content + `</Inventories></OTA_HotelInvCountNotifRQ>`
}

func inventory(attrs, counts string) string {
	return inv(`<Inventory><StatusApplicationControl ` + attrs + `/>` + counts + `</Inventory>`)
}

const period = `Start="2026-12-01" End="2026-12-05"`

func stock(content string) string {
	return `<OTA_HotelDescriptiveContentNotifRQ` + ns + ` Version="8"><HotelDescriptiveContents><HotelDescriptiveContent HotelCode="123"><FacilityInfo><GuestRooms>` + content +
		`</GuestRooms></FacilityInfo></HotelDescriptiveContent></HotelDescriptiveContents></OTA_HotelDescriptiveContentNotifRQ>`
}

func guestRoom(attrs, typeRoom, rest string) string {
	return stock(`<GuestRoom ` + attrs + `><TypeRoom ` + typeRoom + `/>` + rest + `</GuestRoom>`)
}

const (
	goodRoom = `Code="DZ" MinOccupancy="1" MaxOccupancy="3"`
	goodType = `StandardOccupancy="2" RoomClassificationCode="42"`
	named    = `<MultimediaDescriptions><MultimediaDescription InfoCode="25"><TextItems><TextItem><Description Language="en" TextFormat="PlainText">Double</Description></TextItem></TextItems></MultimediaDescription></MultimediaDescriptions>`
)

func planned(plan string) string {
	return `<OTA_HotelRatePlanNotifRQ` + ns + ` Version="1"><RatePlans HotelCode="123">` + plan + `</RatePlans></OTA_HotelRatePlanNotifRQ>`
}

// parts of a plan; "" is the good one, "-" is none.
type parts struct{ attrs, rules, static, rates, supplements, offers string }

func (p parts) String() string {
	pick := func(told, good string) string {
		switch told {
		case "":
			return good
		case "-":
			return ""
		}
		return told
	}
	return planned(`<RatePlan ` + pick(p.attrs, `RatePlanNotifType="New" CurrencyCode="EUR" RatePlanCode="BB"`) + `><BookingRules>` + p.rules + `</BookingRules><Rates>` +
		pick(p.static, goodStatic) + pick(p.rates, goodRate) + `</Rates><Supplements>` + p.supplements + `</Supplements>` + pick(p.offers, `<Offers><Offer>`+goodGate+`</Offer></Offers>`) + `</RatePlan>`)
}

const (
	goodStatic = `<Rate RateTimeUnit="Day" UnitMultiplier="1"><BaseByGuestAmts><BaseByGuestAmt Type="7"/></BaseByGuestAmts></Rate>`
	goodRate   = `<Rate InvTypeCode="DZ" ` + period + `><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="80"/></BaseByGuestAmts></Rate>`
	goodGate   = `<OfferRules><OfferRule><Occupancy AgeQualifyingCode="10" MinAge="16"/><Occupancy AgeQualifyingCode="8"/></OfferRule></OfferRules>`
	goodExtra  = `<Supplement InvType="EXTRA" InvCode="X" AddToBasicRateIndicator="true" MandatoryIndicator="true" ChargeTypeCode="18"/>`
)

func base(attrs string) string {
	return `<Rate InvTypeCode="DZ" ` + period + `><BaseByGuestAmts><BaseByGuestAmt ` + attrs + `/></BaseByGuestAmts></Rate>`
}

func additional(amounts string) string {
	return `<Rate InvTypeCode="DZ" ` + period + `><AdditionalGuestAmounts>` + amounts + `</AdditionalGuestAmounts></Rate>`
}

func gateOf(rule string) string {
	return `<Offers><Offer><OfferRules><OfferRule` + rule + `</OfferRule></OfferRules></Offer></Offers>`
}

func offered(more string) string {
	return `<Offers><Offer>` + goodGate + `</Offer>` + more + `</Offers>`
}

func ruled(content string) string {
	return `<BookingRule ` + period + `>` + content + `</BookingRule>`
}

const adults = `<Occupancy AgeQualifyingCode="10"/>`

// hostile are malformed and hostile messages, with a part of what each is refused with.
var hostile = []struct{ name, action, message, want string }{
	{"nothing", counts, "", "not_xml"},
	{"no XML", counts, "hello", "not_xml"},
	{"JSON", counts, `{"Inventories":[]}`, "not_ota"},
	{"cut off", counts, inventory(period+` InvTypeCode="DZ"`, "")[:150], "not_xml"},
	{"a DTD", counts, `<!DOCTYPE x [<!ENTITY a "b">]>` + inventory(period+` InvTypeCode="DZ"`, ""), "dtd"},
	{"an entity of its own", counts, inv("&bomb;"), "not_xml"},
	{"two roots", counts, inv("<Inventory/>") + inv("<Inventory/>"), "not_xml"},
	{"an attribute twice", counts, inventory(period+` InvTypeCode="DZ" InvTypeCode="EZ"`, ""), "not_xml"},
	{"too deep", counts, inv(strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70)), "beyond_limits"},
	{"a long attribute", counts, inventory(period+` InvTypeCode="`+strings.Repeat("x", 5000)+`"`, ""), "beyond_limits"},
	{"bytes that are not UTF-8", counts, inventory(period+" InvTypeCode=\"D\xff\"", ""), "encoding"},
	{"UTF-16 without a mark", counts, "\x00<\x00a", "encoding"},
	{"another namespace", counts, strings.Replace(inv("<Inventory/>"), "2003/05", "1999/01", 1), "not_ota"},
	{"another action's message", plans, inv("<Inventory/>"), "not_ota"},
	{"no list", counts, `<OTA_HotelInvCountNotifRQ` + ns + `/>`, "missing"},
	{"two hotels", counts, strings.Replace(inv("<Inventory/>"), "</Inventories>", `</Inventories><Inventories HotelCode="9"/>`, 1), "exactly one"},
	{"no record", counts, inv(""), "missing"},
	{"no hotel", counts, strings.Replace(inv("<Inventory/>"), ` HotelCode="123"`, "", 1), "HotelCode or HotelName"},
	{"a hotel that is not known", counts, strings.Replace(inv("<Inventory/>"), "123", "124", 1), "unmapped_property"},
	{"another UniqueID", counts, strings.Replace(inv("<Inventory/>"), "<Inventories", `<UniqueID Type="16" ID="1" Instance="Half"/><Inventories`, 1), "CompleteSet"},
	{"another type of UniqueID", counts, strings.Replace(inv("<Inventory/>"), "<Inventories", `<UniqueID Type="14" ID="1" Instance="CompleteSet"/><Inventories`, 1), "16 or 35"},

	{"an empty delta", counts, inv("<Inventory/>"), "missing"},
	{"no control", counts, inv("<Inventory><InvCounts/></Inventory>"), "StatusApplicationControl"},
	{"no start", counts, inventory(`End="2026-12-05" InvTypeCode="DZ"`, ""), "@Start"},
	{"no end", counts, inventory(`Start="2026-12-05" InvTypeCode="DZ"`, ""), "@End"},
	{"a date that is none", counts, inventory(`Start="2026-02-30" End="2026-12-05" InvTypeCode="DZ"`, ""), "invalid_date"},
	{"a date with a time", counts, inventory(`Start="2026-12-01T10:00:00" End="2026-12-05" InvTypeCode="DZ"`, ""), "invalid_date"},
	{"an end before its start", counts, inventory(`Start="2026-12-05" End="2026-12-01" InvTypeCode="DZ"`, ""), "bad_range"},
	{"no category", counts, inventory(period, ""), "@InvTypeCode"},
	{"a category that is not there", counts, inventory(period+` InvTypeCode="XX"`, ""), "unknown_room_type"},
	{"empty counts", counts, inventory(period+` InvTypeCode="DZ"`, "<InvCounts/>"), "one to three"},
	{"a count that is no number", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="2" Count="many"/></InvCounts>`), "invalid_value"},
	{"a count below 0", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="2" Count="-1"/></InvCounts>`), "invalid_value"},
	{"a count beyond all rooms", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="2" Count="99999999999999999999"/></InvCounts>`), "invalid_value"},
	{"no count", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="2"/></InvCounts>`), "@Count"},
	{"a type of count that is none", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="1" Count="1"/></InvCounts>`), "CountType"},
	{"a type of count twice", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="2" Count="1"/><InvCount CountType="2" Count="1"/></InvCounts>`), "once"},
	{"a room that is two", counts, inventory(period+` InvTypeCode="DZ" InvCode="1"`, `<InvCounts><InvCount CountType="2" Count="2"/></InvCounts>`), "single room"},
	{"more than the rooms there are", counts, inventory(period+` InvTypeCode="DZ"`, `<InvCounts><InvCount CountType="2" Count="2"/></InvCounts>`), "at most the 1 rooms"},
	{"a season in a delta", counts, inventory(period+` AllInvCode="true"`, ""), "complete sets"},
	{"a season that is none", counts, inventory(period+` AllInvCode="perhaps"`, ""), "true or false"},
	{"a limit below its threshold", avails, `<OTA_HotelAvailNotifRQ` + ns + `><AvailStatusMessages HotelCode="123"><AvailStatusMessage BookingLimit="1" BookingLimitMessageType="SetLimit" BookingThreshold="2"><StatusApplicationControl ` + period + ` InvTypeCode="DZ"/></AvailStatusMessage></AvailStatusMessages></OTA_HotelAvailNotifRQ>`, "at most the BookingLimit"},
	{"a limit that adjusts", avails, `<OTA_HotelAvailNotifRQ` + ns + `><AvailStatusMessages HotelCode="123"><AvailStatusMessage BookingLimit="1" BookingLimitMessageType="AdjustLimit"><StatusApplicationControl ` + period + ` InvTypeCode="DZ"/></AvailStatusMessage></AvailStatusMessages></OTA_HotelAvailNotifRQ>`, "SetLimit"},

	{"no list of rooms", rooms, `<OTA_HotelDescriptiveContentNotifRQ` + ns + `><HotelDescriptiveContents><HotelDescriptiveContent HotelCode="123"/></HotelDescriptiveContents></OTA_HotelDescriptiveContentNotifRQ>`, "GuestRooms"},
	{"a room without code", rooms, guestRoom(`MinOccupancy="1" MaxOccupancy="3"`, goodType, named), "@Code"},
	{"no occupancy", rooms, guestRoom(`Code="DZ"`, goodType, named), "@MinOccupancy"},
	{"a standard above the most", rooms, guestRoom(goodRoom, `StandardOccupancy="4" RoomClassificationCode="42"`, named), "at most MaxOccupancy"},
	{"a standard below the least", rooms, guestRoom(`Code="DZ" MinOccupancy="3" MaxOccupancy="3"`, goodType, named), "at least MinOccupancy"},
	{"more guests than any room holds", rooms, guestRoom(`Code="DZ" MinOccupancy="1" MaxOccupancy="32"`, goodType, named), "1 to 31"},
	{"no type", rooms, stock(`<GuestRoom ` + goodRoom + `>` + named + `</GuestRoom>`), "TypeRoom"},
	{"a type that does not go with its class", rooms, guestRoom(goodRoom, goodType+` RoomType="2"`, named), "13 for RoomType 2"},
	{"no name", rooms, guestRoom(goodRoom, goodType, ""), "InfoCode 25"},
	{"a room twice", rooms, stock(`<GuestRoom ` + goodRoom + `><TypeRoom ` + goodType + `/>` + named + `</GuestRoom>` + strings.Repeat(`<GuestRoom Code="DZ"><TypeRoom RoomID="1"/></GuestRoom>`, 2)), "once"},
	{"a room without number", rooms, stock(`<GuestRoom ` + goodRoom + `><TypeRoom ` + goodType + `/>` + named + `</GuestRoom><GuestRoom Code="DZ"><TypeRoom/></GuestRoom>`), "RoomID"},

	{"a plan without code", plans, parts{attrs: `RatePlanNotifType="New" CurrencyCode="EUR"`}.String(), "@RatePlanCode"},
	{"a plan without kind", plans, parts{attrs: `CurrencyCode="EUR" RatePlanCode="BB"`}.String(), "@RatePlanNotifType"},
	{"a plan of another kind", plans, parts{attrs: `RatePlanNotifType="Delta" CurrencyCode="EUR" RatePlanCode="BB"`}.String(), "Overlay or Remove"},
	{"a plan without currency", plans, parts{attrs: `RatePlanNotifType="New" RatePlanCode="BB"`}.String(), "CurrencyCode"},
	{"a plan twice", plans, planned(strings.Repeat(`<RatePlan RatePlanNotifType="Remove" RatePlanCode="BB"/>`, 2)), "once"},
	{"a removal with content", plans, parts{attrs: `RatePlanNotifType="Remove" RatePlanCode="BB"`}.String(), "only named"},
	{"an alternative without master's id", plans, parts{attrs: `RatePlanNotifType="New" CurrencyCode="EUR" RatePlanCode="HB" RatePlanQualifier="false"`}.String(), "@RatePlanID"},
	{"an overlay of no plan", plans, parts{attrs: `RatePlanNotifType="Overlay" CurrencyCode="EUR" RatePlanCode="HB"`, offers: "-"}.String(), "told in full"},
	{"an overlay in another currency", plans, parts{attrs: `RatePlanNotifType="Overlay" CurrencyCode="USD" RatePlanCode="BB"`, offers: "-", static: "-"}.String(), "other_currency"},
	{"an overlay of an unknown supplement", plans, parts{attrs: `RatePlanNotifType="Overlay" CurrencyCode="EUR" RatePlanCode="BB"`, offers: "-", static: "-", supplements: `<Supplement InvType="EXTRA" InvCode="SPA" Amount="1" ` + period + `/>`}.String(), "SPA"},
	{"no static rate", plans, parts{static: "-"}.String(), "static Rate"},
	{"a static rate by the week", plans, parts{static: strings.Replace(goodStatic, "Day", "Week", 1)}.String(), "RateTimeUnit"},
	{"a static rate without type", plans, parts{static: strings.Replace(goodStatic, ` Type="7"`, "", 1)}.String(), "per person"},
	{"a static rate with an amount", plans, parts{static: strings.Replace(goodStatic, ` Type="7"`, ` Type="7" AmountAfterTax="1"`, 1)}.String(), "Type only"},
	{"a multiplier of 0", plans, parts{static: strings.Replace(goodStatic, `"1"`, `"0"`, 1)}.String(), "1 to 365"},
	{"two rates on a date", plans, parts{rates: goodRate + goodRate}.String(), "share no date"},
	{"an amount of nothing", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="0"`)}.String(), "above 0"},
	{"an amount below 0", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="-5"`)}.String(), "invalid_amount"},
	{"an amount with an exponent", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="1e9"`)}.String(), "invalid_amount"},
	{"an amount with a comma", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="80,50"`)}.String(), "invalid_amount"},
	{"an amount beyond all money", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="99999999999999"`)}.String(), "invalid_amount"},
	{"an amount of another currency", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="8" CurrencyCode="CHF"`)}.String(), "other_currency"},
	{"an amount before tax alone", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="10" AmountBeforeTax="8"`)}.String(), "@AmountAfterTax"},
	{"an amount of a child in the base", plans, parts{rates: base(`NumberOfGuests="2" AgeQualifyingCode="8" AmountAfterTax="8"`)}.String(), "AgeQualifyingCode"},
	{"a number of guests twice", plans, parts{rates: strings.Replace(goodRate, "</BaseByGuestAmts>", `<BaseByGuestAmt NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="8"/></BaseByGuestAmts>`, 1)}.String(), "once"},
	{"ages that overlap", plans, parts{rates: additional(`<AdditionalGuestAmount AgeQualifyingCode="8" MaxAge="6" Amount="1"/><AdditionalGuestAmount AgeQualifyingCode="8" MinAge="3" MaxAge="8" Amount="1"/>`)}.String(), "do not overlap"},
	{"an age without bounds", plans, parts{rates: additional(`<AdditionalGuestAmount AgeQualifyingCode="8" Amount="1"/>`)}.String(), "MinAge"},
	{"an age upside down", plans, parts{rates: additional(`<AdditionalGuestAmount AgeQualifyingCode="8" MinAge="8" MaxAge="3" Amount="1"/>`)}.String(), "above MinAge"},
	{"an age beyond childhood", plans, parts{rates: additional(`<AdditionalGuestAmount AgeQualifyingCode="8" MinAge="22" Amount="1"/>`)}.String(), "0 to 21"},
	{"an adult of an age", plans, parts{rates: additional(`<AdditionalGuestAmount AgeQualifyingCode="10" MinAge="18" Amount="1"/>`)}.String(), "no ages"},
	{"two extra adults", plans, parts{rates: additional(strings.Repeat(`<AdditionalGuestAmount AgeQualifyingCode="10" Amount="1"/>`, 2))}.String(), "once"},
	{"two rules on a date", plans, parts{rules: ruled("") + ruled("")}.String(), "share no date"},
	{"a rule of another context", plans, parts{rules: `<BookingRule ` + period + ` CodeContext="FLOOR" Code="1"/>`}.String(), "ROOMTYPE"},
	{"a rule of an unknown category", plans, parts{rules: `<BookingRule ` + period + ` CodeContext="ROOMTYPE" Code="XX"/>`}.String(), "unknown_room_type"},
	{"a rule half closed", plans, parts{rules: ruled(`<RestrictionStatus Restriction="Master" Status="Ajar"/>`)}.String(), "Open or Close"},
	{"a rule on arrivals by status", plans, parts{rules: ruled(`<RestrictionStatus Restriction="Arrival" Status="Close"/>`)}.String(), "Master"},
	{"a stay of weeks", plans, parts{rules: ruled(`<LengthsOfStay><LengthOfStay Time="2" TimeUnit="Week" MinMaxMessageType="SetMinLOS"/></LengthsOfStay>`)}.String(), "TimeUnit"},
	{"a longest stay of 0", plans, parts{rules: ruled(`<LengthsOfStay><LengthOfStay Time="0" TimeUnit="Day" MinMaxMessageType="SetMaxLOS"/></LengthsOfStay>`)}.String(), "1 to 999"},
	{"a stay of half a day", plans, parts{rules: ruled(`<LengthsOfStay><LengthOfStay Time="1.5" TimeUnit="Day" MinMaxMessageType="SetMinLOS"/></LengthsOfStay>`)}.String(), "whole number"},
	{"a stay of two minds", plans, parts{rules: ruled(`<LengthsOfStay><LengthOfStay Time="1" TimeUnit="Day" MinMaxMessageType="SetMinLOS"/><LengthOfStay Time="2" TimeUnit="Day" MinMaxMessageType="SetMinLOS"/></LengthsOfStay>`)}.String(), "one value"},
	{"a weekday that may be", plans, parts{rules: ruled(`<DOW_Restrictions><ArrivalDaysOfWeek Mon="maybe"/></DOW_Restrictions>`)}.String(), "true or false"},
	{"no offer", plans, parts{offers: "-"}.String(), "OfferRule"},
	{"a first offer with a discount", plans, parts{offers: `<Offers><Offer>` + goodGate + `<Discount Percent="100"/></Offer></Offers>`}.String(), "nothing else"},
	{"two rules in an offer", plans, parts{offers: gateOf(`>` + adults + `</OfferRule><OfferRule>` + adults)}.String(), "exactly one"},
	{"a rule without adults", plans, parts{offers: gateOf(`>`)}.String(), "AgeQualifyingCode 10"},
	{"children without the adults' age", plans, parts{offers: gateOf(`>` + adults + `<Occupancy AgeQualifyingCode="8"/>`)}.String(), "or neither"},
	{"the adults' age without children", plans, parts{offers: gateOf(`><Occupancy AgeQualifyingCode="10" MinAge="16"/>`)}.String(), "or neither"},
	{"seniors", plans, parts{offers: gateOf(`>` + adults + `<Occupancy AgeQualifyingCode="11"/>`)}.String(), "10 adults or 8 children"},
	{"an offset in weeks", plans, parts{offers: gateOf(` MinAdvancedBookingOffset="P2W">` + adults)}.String(), "P and days"},
	{"offsets upside down", plans, parts{offers: gateOf(` MinAdvancedBookingOffset="P9D" MaxAdvancedBookingOffset="P3D">` + adults)}.String(), "at least MinAdvanced"},
	{"a stay-through in an offer", plans, parts{offers: gateOf(`><LengthsOfStay><LengthOfStay Time="2" TimeUnit="Day" MinMaxMessageType="SetForwardMinStay"/></LengthsOfStay>` + adults)}.String(), "SetMinLOS or SetMaxLOS"},
	{"half price", plans, parts{offers: offered(`<Offer><Discount Percent="50" NightsRequired="4" NightsDiscounted="1"/></Offer>`)}.String(), "100"},
	{"more free nights than nights", plans, parts{offers: offered(`<Offer><Discount Percent="100" NightsRequired="4" NightsDiscounted="5"/></Offer>`)}.String(), "1 to 4"},
	{"a pattern upside down", plans, parts{offers: offered(`<Offer><Discount Percent="100" NightsRequired="4" NightsDiscounted="1" DiscountPattern="1000"/></Offer>`)}.String(), "0001"},
	{"two offers of free nights", plans, parts{offers: offered(strings.Repeat(`<Offer><Discount Percent="100" NightsRequired="4" NightsDiscounted="1"/></Offer>`, 2))}.String(), "one offer of a kind"},
	{"a fourth offer", plans, parts{offers: offered(strings.Repeat(`<Offer><Discount Percent="100" NightsRequired="4" NightsDiscounted="1"/></Offer>`, 3))}.String(), "one"},
	{"a family with free nights", plans, parts{offers: offered(`<Offer><Discount Percent="100" NightsRequired="4"/><Guests><Guest/></Guests></Offer>`)}.String(), "no free nights"},
	{"a family of adults", plans, parts{offers: offered(`<Offer><Discount Percent="100"/><Guests><Guest AgeQualifyingCode="10"/></Guests></Offer>`)}.String(), "AgeQualifyingCode"},
	{"more free children than children", plans, parts{offers: offered(`<Offer><Discount Percent="100"/><Guests><Guest AgeQualifyingCode="8" MaxAge="6" MinCount="1" FirstQualifyingPosition="1" LastQualifyingPosition="2"/></Guests></Offer>`)}.String(), "at most MinCount"},
	{"a supplement of another kind", plans, parts{supplements: strings.Replace(goodExtra, `"EXTRA"`, `"GIFT"`, 1)}.String(), "ALPINEBITSEXTRA"},
	{"a supplement without charge", plans, parts{supplements: strings.Replace(goodExtra, ` ChargeTypeCode="18"`, "", 1)}.String(), "ChargeTypeCode"},
	{"a supplement within the rate", plans, parts{supplements: strings.Replace(goodExtra, `Indicator="true"`, `Indicator="false"`, 1)}.String(), "on top"},
	{"a supplement twice", plans, parts{supplements: goodExtra + goodExtra}.String(), "one static"},
	{"a supplement of six days", plans, parts{supplements: strings.Replace(goodExtra, `/>`, `><PrerequisiteInventory InvType="ALPINEBITSDOW" InvCode="111111"/></Supplement>`, 1)}.String(), "seven digits"},
	{"a charge of no supplement", plans, parts{supplements: `<Supplement InvType="EXTRA" InvCode="Y" Amount="1" ` + period + `/>`}.String(), "static Supplement"},
	{"a charge without amount", plans, parts{supplements: goodExtra + `<Supplement InvType="EXTRA" InvCode="X" ` + period + `/>`}.String(), "@Amount"},
	{"a charge of a weekday", plans, parts{supplements: goodExtra + `<Supplement InvType="EXTRA" InvCode="X" Amount="1" ` + period + `><PrerequisiteInventory InvType="ALPINEBITSDOW" InvCode="1111111"/></Supplement>`}.String(), "ROOMTYPE"},
}

func TestHostileMessagesAreRefusedWithTheirReason(t *testing.T) {
	names := map[string]bool{}
	for _, h := range hostile {
		if names[h.name] {
			t.Errorf("%s comes twice", h.name)
		}
		names[h.name] = true
		v := V2024
		if h.action == avails {
			v = V2018
		}
		got := decoded(t, v, h.action, h.message)
		if !strings.HasPrefix(got, "refused: ") || !strings.Contains(got, h.want) {
			t.Errorf("%s: want %q, got %s", h.name, h.want, got)
		}
	}
	if len(hostile) < 100 {
		t.Errorf("%d messages only", len(hostile))
	}
}

// What the hostile messages are made of is good: otherwise they would show nothing.
func TestTheGoodPartsOfHostileMessagesApply(t *testing.T) {
	for _, c := range []struct{ action, message, want string }{
		{counts, inventory(period+` InvTypeCode="DZ"`, ""), "0 objects, 0 extents, 1 statements, 0 wait, 0 warnings"},
		{counts, inventory(period+` InvTypeCode="DZ" InvCode="101"`, `<InvCounts><InvCount CountType="2" Count="1"/></InvCounts>`), "0 objects, 0 extents, 2 statements, 0 wait, 0 warnings"},
		{counts, inventory(period+` InvTypeCode="NEW1"`, ""), "0 objects, 0 extents, 0 statements, 1 wait, 0 warnings"},
		{counts, inventory(period+` InvTypeCode="IGN1"`, ""), "0 objects, 0 extents, 0 statements, 0 wait, 1 warnings"},
		{rooms, guestRoom(goodRoom, goodType, named), "2 objects, 0 extents, 0 statements, 0 wait, 0 warnings"},
		{plans, parts{}.String(), "1 objects, 0 extents, 1 statements, 0 wait, 0 warnings"},
		{plans, parts{supplements: goodExtra, offers: gateOf(`>` + adults), rules: ruled("")}.String(), "1 objects, 0 extents, 1 statements, 0 wait, 0 warnings"},
		{plans, parts{attrs: `RatePlanNotifType="Overlay" CurrencyCode="EUR" RatePlanCode="BB"`, offers: "-", static: "-"}.String(), "1 objects, 0 extents, 1 statements, 0 wait, 0 warnings"},
	} {
		if got := decoded(t, V2024, c.action, c.message); got != c.want {
			t.Errorf("%s\ngot %s, want %s", c.message, got, c.want)
		}
	}
}

// FuzzDecode: no panic on any bytes under any action; what is accepted is an update that ari judges without a panic; every answer is well-formed.
func FuzzDecode(f *testing.F) {
	names := []string{counts, avails, rooms, plans, "OTA_HotelDescriptiveInfo:Inventory", "OTA_HotelRatePlan:BaseRates", "OTA_Ping:Handshaking"}
	for _, h := range hostile {
		for i, n := range names {
			if n == h.action && len(h.message) < 4096 {
				f.Add(uint8(i), []byte(h.message))
			}
		}
	}
	f.Add(uint8(3), []byte(parts{supplements: goodExtra, rules: ruled("")}.String()))
	f.Add(uint8(4), []byte(`<OTA_HotelDescriptiveInfoRQ`+ns+`><HotelDescriptiveInfos><HotelDescriptiveInfo HotelCode="123"/></HotelDescriptiveInfos></OTA_HotelDescriptiveInfoRQ>`))
	f.Add(uint8(5), []byte(`<OTA_HotelRatePlanRQ`+ns+`><RatePlans><RatePlan><DateRange `+period+`/><HotelRef HotelCode="123"/></RatePlan></RatePlans></OTA_HotelRatePlanRQ>`))
	f.Add(uint8(6), []byte(`<OTA_PingRQ`+ns+`><EchoData>{"versions":[{"version":"2024-10","actions":[{"action":"action_OTA_Ping"}]}]}</EchoData></OTA_PingRQ>`))
	h := newTestHotel(f)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		v, name := V2024, names[int(which)%len(names)]
		if name == avails {
			v = V2018
		}
		m, _ := Parse(v, mustAction(t, v, name), body, "")
		var answer []byte
		switch m.Action.Kind {
		case Ping:
			answer = HandshakeAnswer(m, at)
		case InventoryPull:
			answer = InventoryAnswer(m, testCodes{h}, at)
		case BaseRates:
			answer = BaseRatesAnswer(m, testCodes{h}, at)
		default:
			r := Decode(m, Default(), testCodes{h}, nil)
			u := r.Update()
			u.Connection, u.Order, u.Received, u.By = "alp", 2, at, ari.Author{Kind: ari.ByMessage, ID: "alp"}
			var items []ari.ItemResult
			var err error
			if len(r.Refused) == 0 && !r.Empty() {
				_, items, err = h.pic.Draft().Apply(&u)
			}
			a := r.Outcome(m, items, err)
			a.At = at
			answer = EncodeAnswer(m, a)
		}
		if _, err := otaxml.ReadDocument(answer, ""); err != nil {
			t.Fatalf("the answer is not well-formed: %v\n%s", err, answer)
		}
	})
}

// FuzzReadForm: no panic on any body and content type; what is read is within bounds.
func FuzzReadForm(f *testing.F) {
	good := "--b\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nOTA_Ping:Handshaking\r\n--b\r\nContent-Disposition: form-data; name=\"request\"; filename=\"x.xml\"\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--\r\n"
	for _, s := range []string{good, good[:80], "", "--b--", "--b\r\n\r\n\r\n--b--\r\n", strings.ReplaceAll(good, "request", "action"), strings.Repeat("--b\r\n\r\nx\r\n", 20)} {
		f.Add([]byte(s), "multipart/form-data; boundary=b")
	}
	f.Add([]byte(good), "multipart/form-data; boundary=\"")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		form, err := ReadForm(body, contentType)
		if err == nil && (form.Action == "" || len(form.Action) > actionMax || len(form.Request) > len(body)) {
			t.Fatalf("%+v", form)
		}
	})
}
