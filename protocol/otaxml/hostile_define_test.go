package otaxml

import (
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
)

// Malformed and hostile messages of the kinds that define: rate plans, rules, rooms, content and blocks. Each is refused whole (code), or its
// item is (item), or it applies as far as it makes sense ("").
var hostileDefinitions = []struct{ name, body, code, item string }{
	// Rate plans: code, verb, dates.
	{"a plan without a code", strings.Replace(planMessage("", ""), `RatePlanCode="BAR"`, "", 1), "", CodeMissing},
	{"a plan with an empty code", strings.Replace(planMessage("", ""), `"BAR"`, `""`, 1), "", CodeValue},
	{"a plan with a blank code", strings.Replace(planMessage("", ""), `"BAR"`, `"  "`, 1), "", CodeValue},
	{"a plan with a code of 65 bytes", strings.Replace(planMessage("", ""), `"BAR"`, `"`+strings.Repeat("B", 65)+`"`, 1), "", CodeValue},
	{"a plan with a line break in its code", strings.Replace(planMessage("", ""), `"BAR"`, `"B&#10;R"`, 1), "", CodeValue},
	{"a group of plans", planMessage(`RatePlanCodeType="RatePlanGroupingCode"`, ""), "", CodeUnsupported},
	{"a verb nobody knows", planMessage(`RatePlanNotifType="Upsert"`, planRate("")), "", CodeValue},
	{"an empty verb is no verb", planMessage(`RatePlanNotifType=""`, planRate("")), "", ""},
	{"a scope type nobody knows", planMessage(`RatePlanNotifScopeType="Everything"`, planRate("")), "", CodeValue},
	{"a status nobody knows", planMessage(`RatePlanStatusType="Retired"`, ""), "", CodeValue},
	{"a window turned round", planMessage(`Start="2026-06-02" End="2026-06-01"`, ""), "", CodeRangeOrder},
	{"a window with an end only", planMessage(`End="2026-06-01"`, ""), "", CodeMissing},
	{"a window on the 30th of February", planMessage(`Start="2026-02-30"`, ""), "", CodeDate},
	{"a window of the year 10000", planMessage(`Start="10000-01-01"`, ""), "", CodeDate},
	{"a window in the afternoon", planMessage(`Start="2026-06-01T14:00:00"`, ""), "", CodeDate},
	{"a currency of four letters", planMessage(`RatePlanNotifType="New" CurrencyCode="EURO"`, ""), "", CodeCurrency},
	{"a currency in digits", planMessage(`RatePlanNotifType="New" CurrencyCode="978"`, ""), "", CodeCurrency},
	{"a currency with markup", planMessage(`RatePlanNotifType="New" CurrencyCode="&lt;b>"`, ""), "", CodeCurrency},
	{"a change of currency in a change", planMessage(`RatePlanNotifType="Delta" CurrencyCode="USD"`, ""), "", CodeCurrency},
	{"a category of 65 bytes", planMessage(`RatePlanCategory="`+strings.Repeat("C", 65)+`"`, ""), "", CodeValue},
	{"amounts of a plan that is not there", strings.Replace(planMessage(`RatePlanNotifType="Delta"`, planRate("")), `"BAR"`, `"FRESH"`, 1), "", ari.CodeUnknownRatePlan},
	{"a new plan of amounts only", strings.Replace(planMessage(`RatePlanNotifType="New" RatePlanNotifScopeType="RateOnly"`, planRate("")), `"BAR"`, `"FRESH"`, 1), "", ari.CodeUnknownRatePlan},
	{"a promotion with a thousand bytes", planMessage(`PromotionCode="`+strings.Repeat("P", 2000)+`"`, ""), "", ""},
	{"a restricted display, perhaps", planMessage(`RestrictedDisplayIndicator="perhaps"`, ""), "", CodeValue},
	{"a plan with nothing in it", planMessage("", ""), "", ""},
	{"a plan in a plan", planMessage("", `<RatePlan RatePlanCode="NET"/>`), "", ""},
	{"no plans", `<OTA_HotelRatePlanNotifRQ Version="1"><RatePlans HotelCode="HOTEL"/></OTA_HotelRatePlanNotifRQ>`, CodeMissing, ""},
	{"no list of plans", `<OTA_HotelRatePlanNotifRQ Version="1"/>`, CodeMissing, ""},
	{"plans of no hotel", `<OTA_HotelRatePlanNotifRQ Version="1"><RatePlans><RatePlan RatePlanCode="BAR"/></RatePlans></OTA_HotelRatePlanNotifRQ>`, CodeMissing, ""},
	{"plans of two hotels", `<OTA_HotelRatePlanNotifRQ Version="1"><RatePlans HotelCode="HOTEL"><RatePlan RatePlanCode="BAR"><HotelRef HotelCode="OTHER"/></RatePlan></RatePlans></OTA_HotelRatePlanNotifRQ>`, CodeContradiction, ""},
	{"plans of a hotel nobody knows", strings.Replace(planMessage("", ""), `"HOTEL"`, `"NOWHERE"`, 1), "unmapped_property", ""},
	{"a complete set of plans", strings.Replace(planMessage("", ""), "<RatePlans", `<UniqueID Type="16" ID="1" Instance="CompleteSet"/><RatePlans`, 1), CodeUnsupported, ""},
	{"plans for a test", strings.Replace(planMessage("", ""), `Version="1"`, `Version="1" Target="Test"`, 1), CodeTestOnLive, ""},
	{"plans of OTA 2002", strings.Replace(planMessage("", ""), `<OTA_HotelRatePlanNotifRQ`, `<OTA_HotelRatePlanNotifRQ xmlns="http://www.opentravel.org/OTA/2002/11"`, 1), CodeNotOTA, ""},
	// Their rates.
	{"a rate without dates", planMessage("", `<Rates><Rate InvTypeCode="DBL">`+twoGuests+`</Rate></Rates>`), "", CodeMissing},
	{"a rate outside the plan's dates", planMessage(`Start="2027-01-01" End="2027-12-31"`, planRate("")), "", CodeRangeOrder},
	{"a rate of an extra", planMessage("", planRate(`InvType="EXTRA"`)), "", CodeUnsupported},
	{"a rate of an empty room type", planMessage("", `<Rates><Rate InvTypeCode="" Start="2026-06-01">`+twoGuests+`</Rate></Rates>`), "", CodeValue},
	{"a rate of two room types", planMessage("", planRate(`InvCode="SGL"`)), "", CodeUnsupported},
	{"a rate that is no room", planMessage("", planRate(`Status="Maybe"`)), "", ""},
	{"a rate without amounts", planMessage("", `<Rates><Rate InvTypeCode="DBL" Start="2026-06-01"/></Rates>`), "", CodeMissing},
	{"a rate of minus one", planMessage("", `<Rates><Rate InvTypeCode="DBL" Start="2026-06-01"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="-1"/></BaseByGuestAmts></Rate></Rates>`), "", CodeAmount},
	{"a rate of infinity", planMessage("", `<Rates><Rate InvTypeCode="DBL" Start="2026-06-01"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="1e99"/></BaseByGuestAmts></Rate></Rates>`), "", CodeAmount},
	{"a rate of 99 guests", planMessage("", `<Rates><Rate InvTypeCode="DBL" Start="2026-06-01"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="99" AmountAfterTax="1"/></BaseByGuestAmts></Rate></Rates>`), "", CodeGuests},
	{"a rate per person of a plan per room", planMessage("", `<Rates><Rate InvTypeCode="DBL" Start="2026-06-01"><BaseByGuestAmts><BaseByGuestAmt Type="7" NumberOfGuests="2" AmountAfterTax="1"/></BaseByGuestAmts></Rate></Rates>`), "", ari.CodeRateBasis},
	{"a rate for a week of a plan by the night", planMessage("", planRate(`RateTimeUnit="Day" UnitMultiplier="7"`)), "", ari.CodeRateBasis},
	{"a new plan for a million nights", strings.Replace(planMessage(`RatePlanNotifType="New"`, planRate(`RateTimeUnit="Day" UnitMultiplier="999999"`)), `"BAR"`, `"FRESH"`, 1), "", ari.CodeRateBasis},
	{"a rate for 0xFF nights", planMessage("", planRate(`RateTimeUnit="Day" UnitMultiplier="0xFF"`)), "", CodeValue},
	{"a rate with two prices", planMessage("", planRate("")+strings.Replace(planRate(""), `"100"`, `"90"`, 1)), "", CodeContradiction},
	{"an extra night perhaps", planMessage("", planRate(`ExtraNightIndicator="maybe"`)), "", CodeValue},
	{"a rate in other money", planMessage("", planRate(`CurrencyCode="XXX"`)), "", CodeCurrency},
	{"a rate on no weekday", planMessage("", planRate(`Mon="0"`)), "", CodeWeekdays},
	// Links.
	{"a plan of no base", planMessage(`AdjustedPercentage="10"`, ""), "", CodeMissing},
	{"a plan of an empty base", planMessage(`BaseRatePlanCode="" AdjustedPercentage="10"`, ""), "", CodeValue},
	{"a plan of two bases", planMessage(`BaseRatePlanCode="ANY"`, `<Rates><Rate Start="2026-06-01" BaseRatePlanCode="NET" AdjustedAmount="1"/></Rates>`), "", CodeUnsupported},
	{"a percentage that is none", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="ten"`, ""), "", CodeAmount},
	{"a percentage with an exponent", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="1e3"`, ""), "", CodeAmount},
	{"a reduction of 101 percent", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="-101"`, ""), "", CodeAmount},
	{"an adjustment in both directions", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="-10" AdjustUpIndicator="true"`, ""), "", CodeContradiction},
	{"a direction nobody knows", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="10" AdjustUpIndicator="sideways"`, ""), "", CodeValue},
	{"a floor above the ceiling", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="-10" FloorAmount="90" CeilingAmount="80"`, ""), "", CodeAmount},
	{"a floor below zero", planMessage(`BaseRatePlanCode="ANY" AdjustedPercentage="-10" FloorAmount="-1"`, ""), "", CodeAmount},
	{"an amount too fine", planMessage(`BaseRatePlanCode="ANY" AdjustedAmount="0.00001"`, ""), "", CodeAmount},
	{"an amount too large", planMessage(`BaseRatePlanCode="ANY" AdjustedAmount="99999999999999999"`, ""), "", CodeAmount},
	{"an adjustment of a room nobody has", planMessage(`BaseRatePlanCode="ANY"`, `<Rates><Rate InvTypeCode="TRP" Start="2026-06-01" AdjustedAmount="1"/></Rates>`), "", ari.CodeUnknownRoomType},
	{"a plan on a room nobody has", planMessage("", `<SellableProducts><SellableProduct InvTypeCode="TRP"/></SellableProducts>`), "", ari.CodeUnknownRoomType},
	{"a plan on no room", planMessage("", `<SellableProducts><SellableProduct InvType="ROOM"/></SellableProducts>`), "", CodeMissing},
	{"a plan on a block", planMessage("", `<SellableProducts><SellableProduct InvCode="DBL"><InventoryBlock/></SellableProduct></SellableProducts>`), "", CodeUnsupported},
	// Offers, supplements and rules in plans.
	{"an offer of a hundred levels", planMessage("", `<Offers>`+strings.Repeat("<Offer>", 80)+strings.Repeat("</Offer>", 80)+`</Offers>`), CodeTooBig, ""},
	{"an offer of 10000 bytes", planMessage("", `<Offers><Offer><OfferDescription><Text>`+strings.Repeat("x", 10_000)+`</Text></OfferDescription></Offer></Offers>`), "", ""},
	{"a supplement that must be, perhaps", planMessage("", `<Supplements><Supplement MandatoryIndicator="perhaps"/></Supplements>`), "", CodeValue},
	{"10000 supplements", planMessage("", `<Supplements>`+strings.Repeat(`<Supplement Amount="1"/>`, 10_000)+`</Supplements>`), "", ""},
	{"rules without a rule", planMessage("", `<BookingRules/>`), "", CodeMissing},
	{"a rule on dates turned round", planMessage("", rule(`Start="2026-06-02" End="2026-06-01"`, openAll)), "", CodeRangeOrder},
	{"a rule outside its plan", planMessage(`Start="2026-06-01" End="2026-06-30"`, rule(`Start="2027-06-02"`, openAll)), "", ""},
	{"a rule of a room that is empty", planMessage("", rule(`Code="" CodeContext="ROOMTYPE"`, openAll)), "", CodeValue},
	{"a lead of minus one day", planMessage("", rule(`MinAdvancedBookingOffset="-P1D"`, "")), "", CodeValue},
	{"a lead of a month", planMessage("", rule(`MaxAdvancedBookingOffset="P1M"`, "")), "", CodeValue},
	{"a stay of no nights", planMessage("", rule("", `<LengthsOfStay><LengthOfStay MinMaxMessageType="FixedLOS" Time="0"/></LengthsOfStay>`)), "", CodeNights},
	{"a stay of a type nobody knows", planMessage("", rule("", `<LengthsOfStay><LengthOfStay MinMaxMessageType="SetSomeLOS" Time="3"/></LengthsOfStay>`)), "", ""},
	{"arrivals on a day both ways", planMessage("", rule("", `<DOW_Restrictions><ArrivalDaysOfWeek Weds="1" Wed="0"/></DOW_Restrictions>`)), "", CodeContradiction},
	{"arrivals perhaps", planMessage("", rule("", `<DOW_Restrictions><ArrivalDaysOfWeek Mon="perhaps"/></DOW_Restrictions>`)), "", CodeValue},
	{"days nobody knows", planMessage("", rule("", `<DOW_Restrictions><HolidaysOfWeek Mon="1"/></DOW_Restrictions>`)), "", ""},
	{"a bookable rule, perhaps", planMessage("", rule(`GenerallyBookable="2"`, "")), "", CodeValue},
	{"99 guests at most", planMessage("", rule(`MaxTotalOccupancy="99"`, "")), "", CodeGuests},
	{"a rule that opens and closes", planMessage("", rule("", openAll+`<RestrictionStatus Status="Close"/>`)), "", CodeContradiction},
	// Rules by themselves.
	{"no rule messages", `<OTA_HotelBookingRuleNotifRQ Version="1"><RuleMessages HotelCode="HOTEL"/></OTA_HotelBookingRuleNotifRQ>`, CodeMissing, ""},
	{"a rule message without a control", ruleMessage("", rule("", openAll)), "", CodeMissing},
	{"a rule message without rules", ruleMessage(`<StatusApplicationControl InvTypeCode="DBL"/>`, ""), "", CodeMissing},
	{"a rule message of all rooms and one", ruleMessage(`<StatusApplicationControl InvTypeCode="DBL" AllInvCode="1"/>`, rule("", openAll)), "", CodeContradiction},
	{"a rule message with an end only", ruleMessage(`<StatusApplicationControl InvTypeCode="DBL" End="2026-06-01"/>`, rule("", openAll)), "", CodeMissing},
	{"a rule message of a date that is none", ruleMessage(`<StatusApplicationControl InvTypeCode="DBL" Start="soon"/>`, rule("", openAll)), "", CodeDate},
	{"a rule outside its control", ruleMessage(`<StatusApplicationControl InvTypeCode="DBL" Start="2026-06-01"/>`, rule(`Start="2026-07-01"`, openAll)), "", CodeRangeOrder},
	{"a rule of a group of blocks", ruleMessage(`<StatusApplicationControl InvBlockCode="GRP1" InvBlockCodeApply="BlockGroupingCode"/>`, rule("", openAll)), "", CodeUnsupported},
	{"a rule without a status", ruleMessage(`<StatusApplicationControl InvTypeCode="DBL"/>`, rule("", `<RestrictionStatus/>`)), "", CodeMissing},
	{"rules of two hotels", `<OTA_HotelBookingRuleNotifRQ Version="1"><RuleMessages HotelCode="HOTEL"><RuleMessage/></RuleMessages><RuleMessages HotelCode="OTHER"><RuleMessage/></RuleMessages></OTA_HotelBookingRuleNotifRQ>`, CodeContradiction, ""},
	// Room types.
	{"no products", `<OTA_HotelInvNotifRQ Version="1"><SellableProducts HotelCode="HOTEL"/></OTA_HotelInvNotifRQ>`, CodeMissing, ""},
	{"a product without a code", roomMessage("", ""), "", CodeMissing},
	{"a product with an empty code", roomMessage(`InvTypeCode=""`, ""), "", CodeValue},
	{"a product with a tab in its code", roomMessage(`InvTypeCode="D&#9;L"`, ""), "", CodeValue},
	{"a room of 32 guests", roomMessage(`InvTypeCode="DBL"`, `<GuestRoom><Occupancy MaxOccupancy="32"/></GuestRoom>`), "", CodeGuests},
	{"a room of minus one guest", roomMessage(`InvTypeCode="DBL"`, `<GuestRoom><Occupancy MaxOccupancy="-1"/></GuestRoom>`), "", CodeValue},
	{"a room of half a guest", roomMessage(`InvTypeCode="DBL"`, `<GuestRoom><Occupancy MaxOccupancy="1.5"/></GuestRoom>`), "", CodeValue},
	{"a room of three to two guests", roomMessage(`InvTypeCode="DBL"`, `<GuestRoom><Occupancy MinOccupancy="3" MaxOccupancy="2"/></GuestRoom>`), "", CodeGuests},
	{"a room of one with a standard of two", roomMessage(`InvTypeCode="DBL"`, `<GuestRoom><Occupancy MaxOccupancy="1"/></GuestRoom>`), "", CodeGuests},
	{"a room of dogs", roomMessage(`InvTypeCode="DBL"`, `<GuestRoom><Occupancy AgeQualifyingCode="99" MaxOccupancy="1"/></GuestRoom>`), "", CodeUnsupported},
	{"a room told in a way nobody knows", roomMessage(`InvTypeCode="DBL" InvNotifType="Remove"`, ""), "", CodeValue},
	{"a room of a status nobody knows", roomMessage(`InvTypeCode="DBL" InvStatusType="Haunted"`, ""), "", CodeValue},
	{"a room of an empty class", roomMessage(`InvTypeCode="DBL" InvGroupingCode=""`, ""), "", CodeValue},
	{"a room of a class of 65 bytes", roomMessage(`InvTypeCode="DBL" InvGroupingCode="`+strings.Repeat("C", 65)+`"`, ""), "", CodeValue},
	{"a room that is none", roomMessage(`InvTypeCode="DBL" IsRoom="no"`, ""), "", CodeValue},
	{"a block that is a room", roomMessage(`InvTypeCode="DBL"`, `<InventoryBlock/>`), "", CodeUnsupported},
	{"a meeting room", roomMessage(`InvTypeCode="HALL"`, `<MeetingRooms/>`), "", ""},
	{"a name of 4000 bytes", roomMessage(`InvTypeCode="DBL"`, `<Description Name="`+strings.Repeat("é", 2000)+`"/>`), "", ""},
	{"11000 rooms", strings.Replace(roomMessage("", ""), "<SellableProduct ></SellableProduct>", manyRooms(11_000), 1), ari.CodeTooManyStatements, ""},
	// Content.
	{"content without contents", `<OTA_HotelDescriptiveContentNotifRQ Version="1"/>`, CodeMissing, ""},
	{"content of no hotel", strings.Replace(contentMessage("", `<GuestRoom Code="DBL"/>`), `HotelCode="HOTEL"`, "", 1), CodeMissing, ""},
	{"content of two hotels", strings.Replace(contentMessage("", ""), "</HotelDescriptiveContents>", `<HotelDescriptiveContent HotelCode="OTHER"/></HotelDescriptiveContents>`, 1), CodeContradiction, ""},
	{"content without rooms", contentMessage("", ""), "", ""},
	{"content of a room of 32 guests", contentMessage("", `<GuestRoom Code="DBL" MaxOccupancy="32"/>`), "", CodeGuests},
	{"content of a room of 0xF guests", contentMessage("", `<GuestRoom Code="DBL" MaxOccupancy="0xF"/>`), "", CodeValue},
	{"content of a room of four to one", contentMessage("", `<GuestRoom Code="DBL" MinOccupancy="4" MaxOccupancy="1"/>`), "", CodeGuests},
	{"content of an empty code", contentMessage("", `<GuestRoom Code=""/>`), "", CodeValue},
	{"content of a standard of 99", contentMessage("", `<GuestRoom Code="DBL"><TypeRoom StandardOccupancy="99"/></GuestRoom>`), "", CodeGuests},
	{"content of a room twice", contentMessage("", `<GuestRoom Code="DBL" MaxOccupancy="3"/><GuestRoom Code="DBL" MaxOccupancy="4"/>`), "", ""},
	{"content that overwrites, perhaps", contentMessage(`Overwrite="perhaps"`, `<GuestRoom Code="DBL"/>`), "", ""},
	{"content of words", contentMessage("", `<GuestRoom RoomTypeName="&lt;script>"/>`), "", ""},
	// Blocks.
	{"no blocks", `<OTA_HotelInvBlockNotifRQ Version="1"><InvBlocks><HotelRef HotelCode="HOTEL"/></InvBlocks></OTA_HotelInvBlockNotifRQ>`, CodeMissing, ""},
	{"a block of no hotel", strings.Replace(blockMessage("", june, ""), `<HotelRef HotelCode="HOTEL"/>`, "", 1), CodeMissing, ""},
	{"a block of two hotels", strings.Replace(blockMessage("", june, ""), `<InvBlockDates`, `<HotelRef HotelCode="OTHER"/><InvBlockDates`, 1), CodeContradiction, ""},
	{"a block without a code", strings.Replace(blockMessage("", june, ""), `InvBlockCode="WEDDING"`, "", 1), "", CodeMissing},
	{"a block with an empty code", strings.Replace(blockMessage("", june, ""), `"WEDDING"`, `""`, 1), "", CodeValue},
	{"a block with an action nobody knows", blockMessage(`TransactionAction="Steal"`, june, ""), "", CodeUnsupported},
	{"a block to be initiated", blockMessage(`TransactionAction="Initiate"`, june, ""), "", CodeUnsupported},
	{"a block of a status nobody knows", blockMessage(`InvBlockStatusCode="77"`, june, ""), "", CodeUnsupported},
	{"a block that is half open", blockMessage(`BookingStatus="Ajar"`, june, ""), "", CodeValue},
	{"a block on dates turned round", blockMessage("", `Start="2026-06-04" End="2026-06-01"`, ""), "", CodeRangeOrder},
	{"a block on a date that is none", blockMessage("", `Start="2026-06-31"`, ""), "", CodeDate},
	{"a block with an end only", blockMessage("", `End="2026-06-04"`, ""), "", CodeMissing},
	{"a cutoff that is no date", blockMessage("", june+` AbsoluteCutoff="soon"`, ""), "", CodeDate},
	{"a cutoff at a time", blockMessage("", june+` AbsoluteCutoff="18:00:00"`, ""), "", CodeDate},
	{"an offset from nowhere", blockMessage("", june+` OffsetDuration="P14D"`, ""), "", CodeValue},
	{"an offset in a way nobody knows", blockMessage("", june+` OffsetDuration="P14D" OffsetCalculationMode="Whenever"`, ""), "", CodeValue},
	{"an offset of a month", blockMessage("", june+` OffsetDuration="P1M" OffsetCalculationMode="BeforeBlockStartDate"`, ""), "", CodeValue},
	{"an offset of hours", blockMessage("", june+` OffsetDuration="PT5H" OffsetCalculationMode="BeforeBlockStartDate"`, ""), "", CodeValue},
	{"an offset before nothing", blockMessage("", `OffsetDuration="P14D" OffsetCalculationMode="BeforeBlockStartDate"`, ""), "", CodeMissing},
	{"an offset after nobody knows when", strings.Replace(blockMessage("", june+` OffsetDuration="P14D" OffsetCalculationMode="AfterBlockCreation"`, ""), ` TimeStamp="2026-02-01T10:00:00Z"`, "", 1), "", CodeMissing},
	{"a block of a room without a code", blockMessage("", june, `<RoomType/>`), "", CodeMissing},
	{"a block of an empty room", blockMessage("", june, `<RoomType RoomTypeCode=""/>`), "", CodeValue},
	{"a room outside its block", blockMessage("", june, strings.Replace(allotted("", fiveRooms), "<RoomType ", `<RoomType Start="2026-07-01" `, 1)), "", CodeRangeOrder},
	{"an allocation outside its room", blockMessage("", june, allotted("", `<RoomTypeAllocation Start="2026-05-31" NumberOfUnits="5"/>`)), "", CodeRangeOrder},
	{"an allocation without dates anywhere", blockMessage("", "", allotted("", fiveRooms)), "", CodeMissing},
	{"an allocation without a number", blockMessage("", june, allotted("", `<RoomTypeAllocation/>`)), "", CodeMissing},
	{"an allocation of minus one room", blockMessage("", june, allotted("", `<RoomTypeAllocation NumberOfUnits="-1"/>`)), "", CodeValue},
	{"an allocation of half a room", blockMessage("", june, allotted("", `<RoomTypeAllocation NumberOfUnits="0.5"/>`)), "", CodeValue},
	{"an allocation of a billion rooms", blockMessage("", june, allotted("", `<RoomTypeAllocation NumberOfUnits="1000000000"/>`)), "", CodeValue},
	{"an allocation told twice", blockMessage("", june, allotted("", fiveRooms+`<RoomTypeAllocation NumberOfUnits="6"/>`)), "", CodeContradiction},
	{"parts on dates that overlap", blockMessage("", june, `<RoomType RoomTypeCode="DBL"><RoomTypeAllocations>`+fiveRooms+`</RoomTypeAllocations><RoomTypeAllocations RoomTypePickUpStatus="16"><RoomTypeAllocation Start="2026-06-02" NumberOfUnits="1"/></RoomTypeAllocations></RoomType>`), "", CodeContradiction},
	{"a pick-up status nobody knows", blockMessage("", june, allotted(`RoomTypePickUpStatus="55"`, fiveRooms)), "", CodeUnsupported},
	{"a sell limit in words", blockMessage("", june, allotted("", `<RoomTypeAllocation NumberOfUnits="5" SellLimit="many"/>`)), "", CodeValue},
	{"general inventory, perhaps", blockMessage("", june, allotted("", `<RoomTypeAllocation NumberOfUnits="5" AllowGeneralInvInd="perhaps"/>`)), "", CodeValue},
	{"weekdays that are none", blockMessage("", june, strings.Replace(allotted("", fiveRooms), "</RoomType>", `<DaysOfWeeks/></RoomType>`, 1)), "", CodeWeekdays},
	{"a block's plan without a code", blockMessage("", june, `<RoomType RoomTypeCode="DBL"><RatePlans><RatePlan/></RatePlans></RoomType>`), "", CodeMissing},
	{"a block's plan that is not there", blockMessage("", june, `<RoomType RoomTypeCode="DBL"><RatePlans><RatePlan RatePlanCode="FRESH">`+twoGuests+`</RatePlan></RatePlans></RoomType>`), "", ari.CodeUnknownRatePlan},
	{"a block's plan without amounts", blockMessage("", june, `<RoomType RoomTypeCode="DBL"><RatePlans><RatePlan RatePlanCode="BAR"/></RatePlans></RoomType>`), "", CodeMissing},
	{"a block's plan in other money", blockMessage("", june, `<RoomType RoomTypeCode="DBL"><RatePlans><RatePlan RatePlanCode="BAR" CurrencyCode="IDR">`+twoGuests+`</RatePlan></RatePlans></RoomType>`), "", CodeCurrency},
	{"a block of 6000 allocations", blockMessage("", "", manyAllocations(6_000)), "", CodeTooBig},
	{"a block in a block", blockMessage("", june, `<InvBlock InvBlockCode="GRP1"/>`), "", ""},
	{"a grouping of itself", blockMessage(`InvBlockGroupingCode="WEDDING"`, june, ""), "", ""},
	{"a complete set of blocks", strings.Replace(blockMessage("", june, ""), "<InvBlocks", `<UniqueID Type="16" ID="1" Instance="CompleteSet"/><InvBlocks`, 1), CodeUnsupported, ""},
}

func ruleMessage(control, rules string) string {
	return `<OTA_HotelBookingRuleNotifRQ Version="1"><RuleMessages HotelCode="HOTEL"><RuleMessage>` + control + rules + `</RuleMessage></RuleMessages></OTA_HotelBookingRuleNotifRQ>`
}

// manyRooms defines the same room again and again, each time otherwise.
func manyRooms(n int) string {
	return strings.Repeat(`<SellableProduct InvTypeCode="DBL"><Description Name="a"/></SellableProduct><SellableProduct InvTypeCode="DBL"><Description Name="b"/></SellableProduct>`, n/2)
}

// manyAllocations tells so many numbers of one room type, each on its own dates.
func manyAllocations(n int) string {
	var b strings.Builder
	day := ari.DateOf(2026, 6, 1)
	for i := range n {
		b.WriteString(`<RoomTypeAllocation NumberOfUnits="1" Start="` + (day + ari.StayDate(i)).String() + `"/>`)
	}
	return allotted("", b.String())
}

func TestHostileDefinitionsAreRefusedPrecisely(t *testing.T) {
	if len(hostileDefinitions) < 150 {
		t.Errorf("only %d messages", len(hostileDefinitions))
	}
	seen := map[string]bool{}
	for _, h := range hostileDefinitions {
		if seen[h.name] {
			t.Errorf("%q twice", h.name)
		}
		seen[h.name] = true
		t.Run(h.name, func(t *testing.T) { judgeHostile(t, h.body, "", h.code, h.item) })
	}
}
