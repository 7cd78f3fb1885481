package httpapi

import (
	"strings"
	"testing"
	"time"
)

// otaMessage is a message of a kind with its list of items; HOTEL, D1, D2 and D5 stand for the hotel and days from today.
func otaMessage(kind, token, list string) string {
	r := strings.NewReplacer("HOTEL", "ALP1", "D1", day(1), "D2", day(2), "D5", day(5))
	return `<` + kind + ` xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken="` + token + `" TimeStamp="` + time.Now().UTC().Format(time.RFC3339) + `">` + r.Replace(list) + `</` + kind + `>`
}

// A hotel's rooms, plans, rules and blocks come as messages, and what they say is what can be sold.
func TestWhatMessagesDefineCanBeSold(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true,"profile":"htng"}`)
	send := func(kind, token, list string) {
		t.Helper()
		if a := r.ota(otaMessage(kind, token, list)); a.status != 200 || !strings.Contains(string(a.body), "<Success/>") || strings.Contains(string(a.body), "<Warning") {
			t.Fatalf("%s: %d %s", kind, a.status, a.body)
		}
	}
	shop := func(query string) *reply {
		return r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","room_types":["TRP"],"rate_plans":["CORP","CORPX"],"why":true,`+query+`}`)
	}
	send("OTA_HotelInvNotifRQ", "1", `<SellableProducts HotelCode="HOTEL"><SellableProduct InvTypeCode="TRP" InvNotifType="New"><GuestRoom><Occupancy MinOccupancy="1" MaxOccupancy="3"/></GuestRoom></SellableProduct></SellableProducts>`)
	send("OTA_HotelRatePlanNotifRQ", "2", `<RatePlans HotelCode="HOTEL"><RatePlan RatePlanCode="CORP" RatePlanNotifType="New"><Rates><Rate InvTypeCode="TRP" Start="D1" End="D5"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="100"/></BaseByGuestAmts></Rate></Rates>
<BookingRules><BookingRule><LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="2"/></LengthsOfStay></BookingRule></BookingRules></RatePlan>
<RatePlan RatePlanCode="CORPX" RatePlanNotifType="New" BaseRatePlanCode="CORP" AdjustedPercentage="10" AdjustUpIndicator="false"/></RatePlans>`)
	send("OTA_HotelInvCountNotifRQ", "3", `<Inventories HotelCode="HOTEL"><Inventory><StatusApplicationControl Start="D1" End="D5" InvTypeCode="TRP"/><InvCounts><InvCount CountType="2" Count="4"/></InvCounts></Inventory></Inventories>`)
	send("OTA_HotelInvBlockNotifRQ", "4", `<InvBlocks><HotelRef HotelCode="HOTEL"/><InvBlock InvBlockCode="GRP" TransactionAction="Book" BookingStatus="Open"><InvBlockDates Start="D1" End="D5" AbsoluteCutoff="D1"/><RoomTypes><RoomType RoomTypeCode="TRP"><RoomTypeAllocations><RoomTypeAllocation NumberOfUnits="2"/></RoomTypeAllocations>
<RatePlans><RatePlan RatePlanCode="CORP"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="80"/></BaseByGuestAmts></RatePlan></RatePlans></RoomType></RoomTypes></InvBlock></InvBlocks>`)

	if a := shop(`"nights":2`); a.text("properties", 0, "offers", 0, "total", "after_tax") != "200.00" || a.text("properties", 0, "offers", 1, "total", "after_tax") != "180.00" || a.text("properties", 0, "offers", 0, "left") != "4" {
		t.Errorf("two nights: %s", a.body)
	}
	if a := shop(`"nights":1`); strings.Contains(string(a.body), `"sellable":true`) || strings.Count(string(a.body), `"min_los"`) != 2 {
		t.Errorf("one night: %s", a.body)
	}
	if a := shop(`"nights":2,"block":"GRP"`); a.text("properties", 0, "offers", 0, "total", "after_tax") != "160.00" || a.text("properties", 0, "offers", 0, "left") != "2" {
		t.Errorf("of the block: %s", a.body)
	}
	send("OTA_HotelBookingRuleNotifRQ", "5", `<RuleMessages HotelCode="HOTEL"><RuleMessage><StatusApplicationControl InvTypeCode="TRP" RatePlanCode="CORP"/><BookingRules><BookingRule Start="D2" End="D2"><RestrictionStatus Status="Close" Restriction="Master"/></BookingRule></BookingRules></RuleMessage></RuleMessages>`)
	if a := shop(`"nights":2`); strings.Contains(string(a.body), `"sellable":true`) || strings.Count(string(a.body), `"code":"closed"`) != 2 {
		t.Errorf("with a night closed, and inherited: %s", a.body)
	}
	send("OTA_HotelInvBlockNotifRQ", "6", `<InvBlocks><HotelRef HotelCode="HOTEL"/><InvBlock InvBlockCode="GRP" TransactionAction="Cancel"/></InvBlocks>`)
	if a := shop(`"nights":2,"block":"GRP"`); !strings.Contains(string(a.body), `"block_closed"`) {
		t.Errorf("of the cancelled block: %s", a.body)
	}
	send("OTA_HotelRatePlanNotifRQ", "7", `<RatePlans HotelCode="HOTEL"><RatePlan RatePlanCode="CORP" RatePlanNotifType="Remove"/></RatePlans>`)
	if a := shop(`"nights":2`); !strings.Contains(string(a.body), `"plan_inactive"`) {
		t.Errorf("of the removed plan: %s", a.body)
	}
}

// A bad item beside good ones, and a plan that waits for its mapping with all it says.
func TestDefinitionsApplyItemByItem(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","profile":"generic"}`)
	r.ok("PUT", "/v1/connections/acme/mappings/property/ALP1", `{"internal":"ALP1"}`)
	r.ok("PUT", "/v1/connections/acme/mappings/room_type/DLX?property=ALP1", `{"internal":"DLX"}`)
	r.ok("PUT", "/v1/connections/acme/mappings/rate_plan/BAR?property=ALP1", `{"internal":"BAR"}`)
	rate := `<Rates><Rate InvTypeCode="DLX" Start="D1" End="D5"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="100"/></BaseByGuestAmts></Rate></Rates>`
	a := r.ota(otaMessage("OTA_HotelRatePlanNotifRQ", "1", `<RatePlans HotelCode="HOTEL"><RatePlan RatePlanCode="BAR" RatePlanNotifType="Delta"><UniqueID Type="16" ID="one"/>`+rate+`</RatePlan>
<RatePlan RatePlanCode="NEW" RatePlanNotifType="New"><UniqueID Type="16" ID="two"/>`+rate+`</RatePlan><RatePlan RatePlanCode="BAR" BaseRatePlanCode="BAR" AdjustedAmount="1"><UniqueID Type="16" ID="three"/></RatePlan></RatePlans>`))
	for _, want := range []string{"<Success/>", `Code="249"`, `RecordID="two"`, `RecordID="three"`, "derivation_cycle"} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("no %s in %s", want, a.body)
		}
	}
	r.ok("PUT", "/v1/connections/acme/mappings/rate_plan/NEW?property=ALP1", `{"internal":"NEW2"}`)
	r.ok("POST", "/v1/connections/acme/replay", "")
	until(t, "the parked plan is made", func() bool {
		return strings.Contains(string(r.ok("GET", "/v1/properties/ALP1/rate-plans", "").body), `"NEW2"`)
	})
	if g := r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=NEW2&from="+day(1), ""); !strings.Contains(string(g.body), `"100.00"`) {
		t.Errorf("its amounts: %s", g.body)
	}
}

func TestShippedProfilesAreNamedWithoutConfiguration(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true,"profile":"booking"}`)
	item := `<AvailStatusMessages HotelCode="HOTEL"><AvailStatusMessage><StatusApplicationControl Start="D1" InvTypeCode="DLX" RatePlanCode="BAR"/><LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="3"/></LengthsOfStay></AvailStatusMessage></AvailStatusMessages>`
	if a := r.ota(otaMessage("OTA_HotelAvailNotifRQ", "1", item)); !strings.Contains(string(a.body), "<Success/>") {
		t.Fatalf("%s", a.body)
	}
	cells := func() string {
		return string(r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "").body)
	}
	if g := cells(); !strings.Contains(g, "min_los_night") {
		t.Errorf("not stay-through: %s", g)
	}
	r.ok("PUT", "/v1/profiles/ours", `{"protocol":"ota","choices":{"extends":"booking","set_los":"arrival"}}`)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true,"profile":"ours"}`)
	if a := r.ota(otaMessage("OTA_HotelAvailNotifRQ", "2", item)); !strings.Contains(string(a.body), "<Success/>") {
		t.Fatalf("%s", a.body)
	}
	if g := cells(); !strings.Contains(g, "min_los_arrival") {
		t.Errorf("not on arrival: %s", g)
	}
	a := r.do("PUT", "/v1/connections/acme", `{"protocol":"ota","profile":"nobody"}`)
	if a.status != 422 || !strings.Contains(string(a.body), "siteminder") {
		t.Errorf("a profile that is not there: %d %s", a.status, a.body)
	}
}

// A property does not go live on a profile that leaves open what can oversell: the gate names the choices.
func TestTheGenericProfilesOpenChoicesHoldUpGoingLive(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","properties":["ALP1"]}`)
	r.ok("PUT", "/v1/connections/acme/mappings/property/ALP1", `{"internal":"ALP1"}`)
	choices := func() string {
		t.Helper()
		a := r.ok("GET", "/v1/properties/ALP1/stage?to=live", "")
		for i := range a.get("gates").([]any) {
			if a.text("gates", i, "gate") == "choices" {
				return a.text("gates", i, "ok") + " " + a.text("gates", i, "evidence")
			}
		}
		t.Fatalf("no gate of choices: %s", a.body)
		return ""
	}
	if g := choices(); !strings.HasPrefix(g, "false") || !strings.Contains(g, "weekdays") {
		t.Errorf("generic: %s", g)
	}
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","properties":["ALP1"],"profile":"siteminder"}`)
	if g := choices(); !strings.HasPrefix(g, "true") {
		t.Errorf("siteminder: %s", g)
	}
	r.ok("PUT", "/v1/profiles/ours", `{"protocol":"ota","choices":{"weekdays":"absent_is_false","messages":["OTA_HotelInvCountNotifRQ"]}}`)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","properties":["ALP1"],"profile":"ours"}`)
	if g := choices(); !strings.HasPrefix(g, "false") || strings.Contains(g, "weekdays") || strings.Contains(g, "set_los") {
		t.Errorf("half chosen, counts only: %s", g)
	}
}
