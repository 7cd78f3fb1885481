package httpapi

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// pullRig is a rig whose connection acme has told a fortnight of ALP1: DLX and STD, BAR with amounts for two, rooms, and a few restrictions.
func pullRig(t *testing.T, connection string) *rig {
	r := otaRig(t, connection)
	r.tell("ALP1",
		`{"room_type":"DLX","rate_plan":"BAR","from":"`+day(0)+`","to":"`+day(13)+`","set":{"rates":[{"adults":2,"after_tax":"120.00"},{"extra_adult":true,"after_tax":"30.00"}]}}`,
		`{"room_type":"STD","rate_plan":"BAR","from":"`+day(0)+`","to":"`+day(13)+`","set":{"rates":[{"adults":2,"after_tax":"90.00"}]}}`,
		`{"room_type":"DLX","from":"`+day(0)+`","to":"`+day(13)+`","set":{"inventory":{"net":5}}}`,
		`{"room_type":"STD","from":"`+day(0)+`","to":"`+day(6)+`","set":{"inventory":{"net":3}}}`,
		`{"room_type":"DLX","rate_plan":"BAR","from":"`+day(3)+`","to":"`+day(4)+`","set":{"closed":true}}`,
		`{"rate_plan":"BAR","from":"`+day(5)+`","to":"`+day(5)+`","set":{"min_los_arrival":3,"cta":true}}`,
	)
	return r
}

// tell sends items over the API.
func (r *rig) tell(property string, items ...string) {
	r.t.Helper()
	a := r.ok("POST", "/v1/updates", `{"property":"`+property+`","items":[`+strings.Join(items, ",")+`]}`)
	if strings.Contains(string(a.body), `"refused"`) {
		r.t.Fatalf("%s", a.body)
	}
}

// ask answers a message that asks for two weeks of a hotel; inner stands in its request.
func askFor(kind, hotel, inner string) string {
	list, item := "Hotel"+strings.TrimSuffix(strings.TrimPrefix(kind, "OTA_Hotel"), "RQ")+"Requests", "Hotel"+strings.TrimSuffix(strings.TrimPrefix(kind, "OTA_Hotel"), "RQ")+"Request"
	switch kind {
	case "OTA_HotelAvailGetRQ":
		list, item = "HotelAvailRequests", "HotelAvailRequest"
	case "OTA_HotelRatePlanRQ":
		list, item = "RatePlans", "RatePlan"
	}
	return `<` + kind + ` xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken="q"><` + list + `><` + item + `><DateRange Start="` + day(0) + `" End="` + day(13) + `"/>` + inner +
		`<HotelRef HotelCode="` + hotel + `"/></` + item + `></` + list + `></` + kind + `>`
}

func TestAvailabilityIsReadBackAsEffectiveValues(t *testing.T) {
	r := pullRig(t, `{"protocol":"ota","unmapped":true}`)
	a := string(r.ota(askFor("OTA_HotelAvailGetRQ", "ALP1", "")).body)
	for _, want := range []string{
		`<OTA_HotelAvailGetRS xmlns="http://www.opentravel.org/OTA/2003/05" EchoToken="q"`, `<AvailStatusMessages HotelCode="ALP1">`,
		`Start="` + day(3) + `" End="` + day(4) + `" Mon="true" Tue="true" Weds="true" Thur="true" Fri="true" Sat="true" Sun="true" InvTypeCode="DLX" RatePlanCode="BAR"/><RestrictionStatus Status="Close" Restriction="Master"/>`,
		`InvTypeCode="DLX" RatePlanCode="NRF"/>`, // derived plans are told, too
		`Restriction="Arrival"`, `BookingLimit="5"`, `MinMaxMessageType="SetMinLOS"`,
	} {
		if !strings.Contains(a, want) {
			t.Errorf("no %s in\n%s", want, a)
		}
	}
	// STD has no count after a week: it is told to be closed, not left open.
	closed := regexp.MustCompile(`Start="` + day(7) + `" End="` + day(13) + `"[^>]*InvTypeCode="STD" RatePlanCode="BAR"/><RestrictionStatus Status="Close" Restriction="Master"`)
	if !closed.MatchString(a) {
		t.Errorf("what has no count is not closed:\n%s", a)
	}
	narrow := string(r.ota(askFor("OTA_HotelAvailGetRQ", "ALP1", `<RatePlanCandidates><RatePlanCandidate RatePlanCode="BAR"/></RatePlanCandidates><RoomTypeCandidates><RoomTypeCandidate RoomTypeCode="STD"/></RoomTypeCandidates>`)).body)
	if strings.Contains(narrow, "DLX") || strings.Contains(narrow, "NRF") || !strings.Contains(narrow, "STD") {
		t.Errorf("%s", narrow)
	}
}

func TestRatesCountsAndRulesAreReadBack(t *testing.T) {
	r := pullRig(t, `{"protocol":"ota","unmapped":true}`)
	rates := string(r.ota(askFor("OTA_HotelRatePlanRQ", "ALP1", "")).body)
	for _, want := range []string{`<RatePlan RatePlanCode="BAR" RatePlanStatusType="Active" CurrencyCode="EUR">`, `AmountAfterTax="120.00"`, `AmountAfterTax="108.00"`, // 10 % less
		`AdditionalGuestAmount AgeQualifyingCode="10" Amount="30.00" TaxInclusive="true"`, `InvTypeCode="DLX" Start="` + day(0) + `" End="` + day(13) + `"`} {
		if !strings.Contains(rates, want) {
			t.Errorf("no %s in\n%s", want, rates)
		}
	}
	counts := string(r.ota(askFor("OTA_HotelInvCountRQ", "ALP1", "")).body)
	for _, want := range []string{`<OTA_HotelInvCountRS`, `<InvCount CountType="2" Count="5"/>`, `<InvCount CountType="2" Count="0"/>`} {
		if !strings.Contains(counts, want) {
			t.Errorf("no %s in\n%s", want, counts)
		}
	}
	rules := string(r.ota(`<OTA_HotelBookingRuleRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0"><POS/><RuleMessage HotelCode="ALP1"><StatusApplication Start="` + day(0) + `" End="` + day(9) + `" InvTypeCode="DLX" RatePlanCode="BAR"/></RuleMessage></OTA_HotelBookingRuleRQ>`).body)
	for _, want := range []string{`<OTA_HotelBookingRuleRS`, `<Success/>`, `Time="3"`, `Status="Close" Restriction="Arrival"`} {
		if !strings.Contains(rules, want) {
			t.Errorf("no %s in\n%s", want, rules)
		}
	}
}

func TestWhatOTACannotSayIsToldToBeClosed(t *testing.T) {
	r := pullRig(t, `{"protocol":"ota","unmapped":true}`)
	r.tell("ALP1", `{"room_type":"DLX","rate_plan":"BAR","from":"`+day(8)+`","to":"`+day(8)+`","set":{"min_price_night":{"after_tax":"10.00"}}}`)
	a := string(r.ota(askFor("OTA_HotelAvailGetRQ", "ALP1", "")).body)
	if !regexp.MustCompile(`Start="`+day(8)+`" End="`+day(8)+`"[^>]*InvTypeCode="DLX" RatePlanCode="BAR"/><RestrictionStatus Status="Close"`).MatchString(a) || !strings.Contains(a, `ShortText="left_out"`) {
		t.Errorf("%s", a)
	}
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/VIP", `{"access_codes":["secret"]}`)
	r.tell("ALP1", `{"room_type":"DLX","rate_plan":"VIP","from":"`+day(0)+`","to":"`+day(13)+`","set":{"rates":[{"adults":2,"after_tax":"60.00"}]}}`)
	if a := string(r.ota(askFor("OTA_HotelRatePlanRQ", "ALP1", "")).body); strings.Contains(a, "60.00") || !strings.Contains(a, "VIP") {
		t.Errorf("a plan for some askers only: %s", a)
	}
	if a := string(r.ota(askFor("OTA_HotelAvailGetRQ", "ALP1", `<RatePlanCandidates><RatePlanCandidate RatePlanCode="VIP"/></RatePlanCandidates>`)).body); strings.Contains(a, `Status="Open" Restriction="Master"`) || !strings.Contains(a, `Status="Close" Restriction="Master"`) {
		t.Errorf("%s", a)
	}
}

func TestWhatCannotBeAnsweredIsRefusedWithItsCode(t *testing.T) {
	r := pullRig(t, `{"protocol":"ota","unmapped":true}`)
	r.ok("PUT", "/v1/properties/OTHER", `{"time_zone":"Europe/Vienna","currency":"EUR"}`)
	room := func(c string) string {
		return `<RoomTypeCandidates><RoomTypeCandidate ` + c + `/></RoomTypeCandidates>`
	}
	for name, c := range map[string]struct{ body, want string }{
		"a hotel that is not there":   {askFor("OTA_HotelAvailGetRQ", "NOPE", ""), `Type="3" ShortText="unmapped_property" Code="392"`},
		"no hotel":                    {strings.Replace(askFor("OTA_HotelAvailGetRQ", "ALP1", ""), `<HotelRef HotelCode="ALP1"/>`, "", 1), `Code="321"`},
		"two hotels":                  {askFor("OTA_HotelAvailGetRQ", "ALP1", `<HotelRef HotelCode="OTHER"/>`), `Code="320"`},
		"a room type":                 {askFor("OTA_HotelAvailGetRQ", "ALP1", room(`RoomTypeCode="NOPE"`)), `Code="402"`},
		"a plan":                      {askFor("OTA_HotelRatePlanRQ", "ALP1", `<RatePlanCandidates><RatePlanCandidate RatePlanCode="NOPE"/></RatePlanCandidates>`), `Code="249"`},
		"a block":                     {askFor("OTA_HotelInvBlockRQ", "ALP1", `<InvBlock InvBlockCode="NOPE"/>`), `Code="358"`},
		"a block of availability":     {askFor("OTA_HotelAvailGetRQ", "ALP1", room(`InvBlockCode="GRP"`)), `Code="450"`},
		"a date":                      {strings.Replace(askFor("OTA_HotelAvailGetRQ", "ALP1", ""), day(13), "2026-13-01", 1), `Code="15"`},
		"an end before the start":     {strings.Replace(askFor("OTA_HotelAvailGetRQ", "ALP1", ""), day(13), day(-1), 1), `Code="404"`},
		"long ago":                    {strings.NewReplacer(day(0), "2001-01-01", day(13), "2001-01-31").Replace(askFor("OTA_HotelAvailGetRQ", "ALP1", "")), `Code="458"`},
		"too much":                    {strings.Replace(askFor("OTA_HotelAvailGetRQ", "ALP1", ""), day(13), day(1000), 1), `Code="450"`},
		"a hotel without products":    {askFor("OTA_HotelAvailGetRQ", "OTHER", ""), `Code="425"`},
		"rules without a product":     {`<OTA_HotelBookingRuleRQ Version="1"><RuleMessage HotelCode="ALP1"/></OTA_HotelBookingRuleRQ>`, `Code="321"`},
		"nothing asked":               {`<OTA_HotelAvailGetRQ Version="1"/>`, `Code="321"`},
		"a test on a live connection": {strings.Replace(askFor("OTA_HotelAvailGetRQ", "ALP1", ""), ` EchoToken`, ` Target="Test" EchoToken`, 1), `ShortText="test_on_production"`},
		"a message nobody answers":    {`<OTA_HotelSearchRQ Version="1"/>`, `Code="459"`},
	} {
		a := r.ota(c.body)
		if a.status != 200 || !strings.Contains(string(a.body), c.want) || strings.Contains(string(a.body), "<Success") {
			t.Errorf("%s: want %s, got %d %s", name, c.want, a.status, a.body)
		}
	}
}

func TestAConnectionReadsOnlyItsOwn(t *testing.T) {
	r := pullRig(t, `{"protocol":"ota","unmapped":true,"properties":["ALP1"]}`)
	r.ok("PUT", "/v1/properties/OTHER", `{"time_zone":"Europe/Vienna","currency":"EUR"}`)
	q, other := askFor("OTA_HotelAvailGetRQ", "ALP1", ""), askFor("OTA_HotelAvailGetRQ", "OTHER", "")
	token := func(id string, c hub.Client) string {
		c.ID = id
		return "Bearer " + r.tokenOf(c)
	}
	const own = "Basic YWNtZTphIHBhc3N3b3Jk"
	reader := token("reader", hub.Client{Scopes: []string{scopeARIRead}, Connection: "acme"})
	writer := token("writer", hub.Client{Scopes: []string{scopeARIWrite}, Connection: "acme"})
	narrow := token("narrow", hub.Client{Scopes: []string{scopeARIRead}, Connection: "acme", Properties: []string{"OTHER"}})
	for name, c := range map[string]struct{ body, auth, want string }{
		"its own":                     {q, own, "<Success"},
		"another's":                   {other, own, `Code="392"`},
		"a token that may read":       {q, reader, "<Success"},
		"a token that may only write": {q, writer, `Code="497"`},
		"a token of another property": {q, narrow, `Code="392"`},
		"a reader that writes":        {avail("ALP1", "DLX", "x"), reader, `Code="497"`},
		"nobody":                      {q, "", `Code="175"`},
	} {
		a := r.ota(c.body, "Authorization", c.auth)
		if !strings.Contains(string(a.body), c.want) || strings.Contains(string(a.body), "<Success") != (c.want == "<Success") {
			t.Errorf("%s: want %s, got %d %s", name, c.want, a.status, a.body)
		}
	}
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true,"no_pull":true}`)
	if a := r.ota(q); !strings.Contains(string(a.body), `Code="497"`) {
		t.Errorf("no_pull: %s", a.body)
	}
}

func TestCodesAreReadBackAsTheConnectionCallsThem(t *testing.T) {
	r := pullRig(t, `{"protocol":"ota","unmapped":true}`)
	r.ok("PUT", "/v1/connections/mapped", `{"protocol":"ota"}`)
	r.ok("POST", "/v1/connections/mapped/secrets", `{"password":"a password"}`)
	r.ok("PUT", "/v1/connections/mapped/mappings/property/H-77", `{"internal":"ALP1"}`)
	r.ok("PUT", "/v1/connections/mapped/mappings/room_type/D2?property=ALP1", `{"internal":"DLX"}`)
	r.ok("PUT", "/v1/connections/mapped/mappings/rate_plan/FLEX?property=ALP1", `{"internal":"BAR"}`)
	post := func(body string) string {
		return string(r.do("POST", "/ota/mapped", body, "Content-Type", "text/xml", "Authorization", "Basic bWFwcGVkOmEgcGFzc3dvcmQ=").body)
	}
	a := post(askFor("OTA_HotelAvailGetRQ", "H-77", ""))
	if !strings.Contains(a, `HotelCode="H-77"`) || !strings.Contains(a, `InvTypeCode="D2" RatePlanCode="FLEX"`) || strings.Contains(a, `"DLX"`) || strings.Contains(a, `InvTypeCode="STD"`) || strings.Contains(a, "ALP1") {
		t.Errorf("%s", a)
	}
	if !strings.Contains(a, "this room_type of the hub has no code here") {
		t.Errorf("what has no code is left out in silence: %s", a)
	}
	if a := post(askFor("OTA_HotelAvailGetRQ", "H-77", `<RoomTypeCandidates><RoomTypeCandidate RoomTypeCode="DLX"/></RoomTypeCandidates>`)); !strings.Contains(a, `Code="402"`) {
		t.Errorf("the hub's own code is taken for the connection's: %s", a)
	}
}

// notifOf makes of an answer the notification that says the same, to be read into another hotel.
func notifOf(t *testing.T, answer, hotel string) string {
	t.Helper()
	if !strings.Contains(answer, "<Success/>") {
		t.Fatalf("%s", answer)
	}
	answer = regexp.MustCompile(`(?s)<Success/>(<Warnings>.*</Warnings>)?`).ReplaceAllString(answer, "")
	answer = strings.ReplaceAll(answer, "OTA_HotelAvailGetRS", "OTA_HotelAvailNotifRQ")
	answer = regexp.MustCompile(`TimeStamp="[^"]*"`).ReplaceAllString(answer, `TimeStamp="`+time.Now().UTC().Format(time.RFC3339Nano)+`"`)
	return strings.ReplaceAll(answer, `HotelCode="ALP1"`, `HotelCode="`+hotel+`"`)
}

// TestWhatIsReadBackSellsNothingMore is the law of reading back: a hotel that is told nothing but the answers sells a stay only if the hotel that
// was asked sells it, and at its price.
func TestWhatIsReadBackSellsNothingMore(t *testing.T) {
	profiles := []string{`{}`, `{"set_los":"through"}`, `{"departure_row":"yes"}`, `{"los_tail":"open"}`, `{"limit_room_rate":"count"}`, `{"limit_room":"remaining","limit_room_rate":"count"}`, `{"absent_restriction":"all","set_los":"arrival"}`}
	for seed := range uint64(14) {
		choices := profiles[int(seed)%len(profiles)]
		t.Run(fmt.Sprint("seed ", seed, " ", choices), func(t *testing.T) { t.Parallel(); readBack(t, seed, choices) })
	}
}

func readBack(t *testing.T, seed uint64, choices string) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	r := pullRig(t, `{"protocol":"ota","unmapped":true}`)
	r.ok("PUT", "/v1/profiles/chosen", `{"protocol":"ota","choices":`+choices+`}`)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true,"profile":"chosen"}`)
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	for range 25 {
		from := rnd.IntN(12)
		at := pick(`"room_type":"DLX","rate_plan":"BAR"`, `"room_type":"STD"`, `"rate_plan":"BAR"`, `"rate_plan":"NRF"`, `"room_type":"DLX","rate_plan":"NRF"`, ``)
		if at != "" {
			at += ","
		}
		set := pick(`"closed":true`, `"closed":false`, `"cta":true`, `"ctd":true`, `"min_los_arrival":2`, `"min_los_night":3`, `"max_los_arrival":3`, `"max_los_night":4`,
			`"limits":{"remaining":1}`, `"limits":{"hold_back":2}`, `"los_pattern_arrival":{"pattern":"NYYNY"}`, `"min_los_departure":3`)
		r.do("POST", "/v1/updates", `{"property":"ALP1","items":[{`+at+`"from":"`+day(from)+`","to":"`+day(from+rnd.IntN(3))+`","set":{`+set+`}}]}`)
	}
	r.ok("PUT", "/v1/properties/COPY", `{"time_zone":"Europe/Vienna","currency":"EUR"}`)
	for _, room := range []string{"DLX", "STD"} {
		r.ok("PUT", "/v1/properties/COPY/room-types/"+room, `{"std_occupancy":2,"max_occupancy":4}`)
		if choices != `{"limit_room_rate":"count"}` { // there the answer tells the rooms
			r.tell("COPY", `{"room_type":"`+room+`","from":"`+day(0)+`","to":"`+day(13)+`","set":{"inventory":{"net":50}}}`)
		}
	}
	for _, plan := range []string{"BAR", "NRF"} {
		r.ok("PUT", "/v1/properties/COPY/rate-plans/"+plan, `{}`)
	}
	rates := strings.ReplaceAll(string(r.ota(askFor("OTA_HotelRatePlanRQ", "ALP1", "")).body), "OTA_HotelRatePlanRS", "OTA_HotelRatePlanNotifRQ")
	rates = strings.ReplaceAll(rates, "<RatePlan ", `<RatePlan RatePlanNotifType="Delta" RatePlanNotifScopeType="RateOnly" `)
	if a := r.ota(notifOf(t, rates, "COPY")); !strings.Contains(string(a.body), "<Success") || strings.Contains(string(a.body), "<Warning") {
		t.Fatalf("%s\n%s", a.body, rates)
	}
	answer := string(r.ota(askFor("OTA_HotelAvailGetRQ", "ALP1", "")).body)
	if a := r.ota(notifOf(t, answer, "COPY")); !strings.Contains(string(a.body), "<Success") || strings.Contains(string(a.body), "<Warning") {
		t.Fatalf("%s\n%s", a.body, answer)
	}
	more, both := 0, 0
	for arrival := range 10 {
		for nights := 1; nights <= 4; nights++ {
			for rooms := 1; rooms <= 3; rooms += 2 {
				want, got := r.sold("ALP1", arrival, nights, rooms), r.sold("COPY", arrival, nights, rooms)
				for product, copied := range got {
					switch sold := want[product]; {
					case strings.HasPrefix(copied, "not") && strings.HasPrefix(sold, "not"):
					case strings.HasPrefix(copied, "not"):
						more++
					case copied != sold:
						t.Errorf("%s, arrival %s, %d nights, %d rooms: the copy says %s, the hotel %s\n%s", product, day(arrival), nights, rooms, copied, sold, answer)
					default:
						both++
					}
				}
			}
		}
	}
	t.Logf("%d offers sold by both, %d by the hotel only", both, more)
}

// sold answers of each product what a stay costs, or why it is not sold.
func (r *rig) sold(property string, arrival, nights, rooms int) map[string]string {
	a := r.ok("POST", "/v1/shop", fmt.Sprintf(`{"properties":["%s"],"arrival":"%s","nights":%d,"rooms":%d,"adults":2,"why":true}`, property, day(arrival), nights, rooms))
	out := map[string]string{}
	offers, _ := a.get("properties", 0, "offers").([]any)
	for i := range offers {
		at := func(k ...any) string { return a.text(append([]any{"properties", 0, "offers", i}, k...)...) }
		says := at("total")
		if at("sellable") != "true" {
			says = "not sellable: " + at("reasons")
		}
		out[at("room_type")+" "+at("rate_plan")] = says
	}
	return out
}
