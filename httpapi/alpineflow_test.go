package httpapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const alpineXMLNS = ` xmlns="http://www.opentravel.org/OTA/2003/05"`

// counted is an OTA_HotelInvCountNotifRQ. Each record is "from to CATEGORY[/ROOM] counts": days from today; counts are type=number, "closed"
// for a closing season, or nothing.
func counted(complete bool, records ...string) string {
	var b strings.Builder
	b.WriteString(`<OTA_HotelInvCountNotifRQ` + alpineXMLNS + ` Version="4">`)
	if complete {
		b.WriteString(`<UniqueID Type="16" ID="1" Instance="CompleteSet"/>`)
	}
	b.WriteString(`<Inventories HotelCode="ALP1">`)
	for _, r := range records {
		f := strings.Fields(r)
		if len(f) == 0 {
			b.WriteString(`<Inventory/>`)
			continue
		}
		var from, to int
		fmt.Sscan(f[0], &from)
		fmt.Sscan(f[1], &to)
		category, room, distinct := strings.Cut(f[2], "/")
		attrs := ` InvTypeCode="` + category + `"`
		if distinct {
			attrs += ` InvCode="` + room + `"`
		}
		if category == "closed" {
			attrs = ` AllInvCode="true"`
		}
		fmt.Fprintf(&b, `<Inventory><StatusApplicationControl Start="%s" End="%s"%s/>`, day(from), day(to), attrs)
		if len(f) > 3 {
			b.WriteString(`<InvCounts>`)
			for _, c := range f[3:] {
				kind, n, _ := strings.Cut(c, "=")
				fmt.Fprintf(&b, `<InvCount CountType="%s" Count="%s"/>`, kind, n)
			}
			b.WriteString(`</InvCounts>`)
		}
		b.WriteString(`</Inventory>`)
	}
	b.WriteString(`</Inventories></OTA_HotelInvCountNotifRQ>`)
	return b.String()
}

const (
	actRooms = "OTA_HotelInvCountNotif:FreeRooms"
	actInv   = "OTA_HotelDescriptiveContentNotif:Inventory"
	actPlans = "OTA_HotelRatePlanNotif:RatePlans"
)

// own sends a message of our own, which must validate against the version's schema, and answers the answer.
func (r *rig) own(version, action, message string) *reply {
	r.t.Helper()
	holdSchema(r.t, version, []byte(message), false)
	return r.sendAlpine(version, action, message)
}

// good is own of a message that must succeed without a warning.
func (r *rig) good(version, action, message string) {
	r.t.Helper()
	a := r.own(version, action, message)
	if a.status != 200 || !strings.Contains(string(a.body), "<Success/>") || strings.Contains(string(a.body), "<Warning") {
		r.t.Fatalf("%s: %d %s", action, a.status, a.body)
	}
}

// bad is a message that must be refused, with words in the error.
func (r *rig) bad(version, action, message string, words ...string) {
	r.t.Helper()
	a := r.sendAlpine(version, action, message)
	for _, w := range append([]string{"<Errors>"}, words...) {
		if a.status != 200 || !strings.Contains(string(a.body), w) {
			r.t.Errorf("%s: no %q in %d %s", action, w, a.status, a.body)
		}
	}
}

// counts answers the told counts of a scope, as "from..to=n" in days from today.
func (r *rig) counts(scope string) string {
	r.t.Helper()
	var out []string
	for _, line := range strings.Split(r.toldOf("ALP1"), "\n") {
		if f := strings.Fields(line); len(f) == 5 && f[0] == scope && f[2] == "count.net" {
			from, to, _ := strings.Cut(f[1], "..")
			out = append(out, sinceToday(r.t, from)+".."+sinceToday(r.t, to)+"="+f[4])
		}
	}
	return strings.Join(out, " ")
}

func sinceToday(t testing.TB, date string) string {
	for n := -3; n < 1100; n++ {
		if day(n) == date {
			return fmt.Sprint(n)
		}
	}
	t.Fatalf("%s is far away", date)
	return ""
}

// alpineRig is a hub with the hotel ALP1 and the categories DZ and EZ, by Inventory.
func alpineRig(t *testing.T) *rig {
	r := rigAt(t, time.Now())
	r.hotel("ALP1")
	r.must("2024-10", actInv, inventoryOf("ALP1", []string{"DZ", "EZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 3}))
	return r
}

func TestFreeRoomsOfCategories(t *testing.T) {
	for _, version := range []string{"2020-10", "2022-10", "2024-10"} {
		t.Run(version, func(t *testing.T) {
			r := alpineRig(t)
			r.good(version, actRooms, counted(true, "0 9 DZ 2=3", "10 19 DZ", "0 19 EZ 2=1 6=1 9=2"))
			if got := r.counts("t:DZ/*/*/*"); got != "0..9=3 10..19=0" {
				t.Errorf("DZ %s", got)
			}
			if told := r.toldOf("ALP1"); !strings.Contains(told, "count.out_of_order = 1") || !strings.Contains(told, "count.off_market = 2") {
				t.Errorf("out of order and market: %s", told)
			}
			r.good(version, actRooms, counted(false, "5 11 DZ 2=2"))
			if got := r.counts("t:DZ/*/*/*"); got != "0..4=3 5..11=2 12..19=0" {
				t.Errorf("after a delta DZ %s", got)
			}
			r.good(version, actRooms, counted(true, "0 19 DZ 2=4"))
			if dz, ez := r.counts("t:DZ/*/*/*"), r.counts("t:EZ/*/*/*"); dz != "0..19=4" || strings.Contains(ez, "=1") {
				t.Errorf("a complete set deletes what is not in it: DZ %s, EZ %s", dz, ez)
			}
			r.good(version, actRooms, counted(true, ""))
			if got := r.counts("t:DZ/*/*/*"); strings.Contains(got, "=4") {
				t.Errorf("a reset leaves %s", got)
			}
			for _, message := range [][]string{
				{"5 9 DZ 2=1", "9 12 DZ 2=1"},      // overlap
				{"5 9 DZ 2=1", "5 9 DZ/101 2=1"},   // rooms and categories
				{"5 4 DZ 2=1"},                     // end before start
				{"5 9 DZ 2=1 2=2"},                 // a type twice
				{"5 9 DZ 4=1"},                     // a type that is none
				{"5 9 DZ/101 2=2"},                 // two of a single room
				{"5 9 closed"},                     // a closing season in a delta
				{"5 9 NONE 2=1"},                   // a category that is not there
				{""},                               // empty in a delta
				{"5 9 DZ 2=-1"}, {"5 9 DZ 2=many"}, // no number of rooms
			} {
				r.bad(version, actRooms, counted(false, message...))
			}
			r.bad(version, actRooms, counted(false, "5 9 NONE 2=1"), `Status="ALPINEBITS_SEND_INVENTORY"`, `Code="402"`, "NONE")
		})
	}
}

func TestClosingSeasonsCloseTheHotelUntilTheNextCompleteSet(t *testing.T) {
	r := alpineRig(t)
	r.ok("PUT", "/v1/properties/ALP1", `{"name":"Frangart Inn","time_zone":"Europe/Rome","currency":"EUR","replace_share":100}`) // it lifts all restrictions there are
	r.good("2024-10", actRooms, counted(true, "10 19 closed", "0 9 DZ 2=3", "10 19 DZ", "20 29 DZ 2=3"))
	if told := r.toldOf("ALP1"); !strings.Contains(told, "*/*/*/* "+day(10)+".."+day(19)+" closed = true") {
		t.Fatalf("%s", told)
	}
	r.bad("2024-10", actRooms, counted(true, "10 19 closed", "15 25 closed"), "share no night")
	r.bad("2024-10", actRooms, counted(true, "0 9 DZ 2=3", "10 19 closed"), "before all other records")
	r.bad("2024-10", actRooms, counted(true, "10 19 closed", "15 25 DZ 2=3"), "no bookable rooms in a closing season")
	r.bad("2024-10", actRooms, counted(true, "10 19 closed 2=1"), "without counts")
	r.good("2024-10", actRooms, counted(true, "0 29 DZ 2=3"))
	if told := r.toldOf("ALP1"); strings.Contains(told, "closed = true") {
		t.Errorf("it is still closed: %s", told)
	}
}

func TestDistinctRoomsAddUpToTheirCategory(t *testing.T) {
	r := alpineRig(t)
	r.good("2020-10", actRooms, counted(true, "0 9 DZ/101 2=1", "0 9 DZ/102 2=1", "5 9 DZ/103", "0 9 EZ/1 2=1"))
	if got := r.counts("t:DZ/*/*/*"); got != "0..9=2" {
		t.Errorf("DZ %s", got)
	}
	r.good("2020-10", actRooms, counted(false, "3 6 DZ/101"))
	if got := r.counts("t:DZ/*/*/*"); got != "0..2=2 3..6=1 7..9=2" {
		t.Errorf("101 is gone: DZ %s", got)
	}
	r.good("2020-10", actRooms, counted(false, "5 5 DZ/103 2=1", "8 12 DZ/102 2=1"))
	if got := r.counts("t:DZ/*/*/*"); got != "0..2=2 3..4=1 5..5=2 6..6=1 7..7=2 8..9=2 10..12=1" {
		t.Errorf("103 is there, 102 longer: DZ %s", got)
	}
	if got := r.counts("t:EZ/*/*/*"); got != "0..9=1" {
		t.Errorf("EZ %s", got)
	}
	r.good("2020-10", actRooms, counted(true, "0 1 DZ/103 2=1"))
	if got := r.counts("t:DZ/*/*/*"); !strings.HasPrefix(got, "0..1=1") || strings.Contains(got, "=2") {
		t.Errorf("a complete set of one room: DZ %s", got)
	}
}

func TestARefusedOrWaitingCompleteSetIsSaidSo(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 99 DZ 2=5"))
	r.good("2024-10", actPlans, plansOf(true, full("BB", "", "", rateOf("DZ", 0, 99, "80"))))
	a := r.own("2024-10", actRooms, counted(true, "0 9 DZ 2=5"))
	if !strings.Contains(string(a.body), "<Success/>") || !strings.Contains(string(a.body), "waiting") {
		t.Fatalf("nine tenths of the open nights go: %s", a.body)
	}
	if got := r.counts("t:DZ/*/*/*"); got != "0..99=5" {
		t.Errorf("it was applied: %s", got)
	}
	if l := r.ok("GET", "/v1/waiting", ""); l.text("items", 0, "connection") != "alp" {
		t.Errorf("%s", l.body)
	}
	if l := r.ok("GET", "/v1/messages?connection=alp", ""); l.text("items", 0, "verdict") != "waiting" || l.text("items", 0, "protocol") != "alpinebits" || l.text("items", 0, "kind") != actRooms {
		t.Errorf("%s", l.body)
	}
}

func TestCategoriesThatAreNotToldAreRetired(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 9 DZ 2=3", "0 9 EZ 2=1"))
	r.good("2024-10", actInv, inventoryOf("ALP1", []string{"DZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 3}))
	if ez := r.ok("GET", "/v1/properties/ALP1/room-types/EZ", ""); ez.text("inactive") != "true" || strings.Contains(r.counts("t:EZ/*/*/*"), "=1") {
		t.Errorf("EZ %s %s", ez.body, r.counts("t:EZ/*/*/*"))
	}
	a := r.own("2024-10", actInv, inventoryOf("ALP1", []string{"DZ", "EZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 4}))
	if !strings.Contains(string(a.body), `Status="ALPINEBITS_SEND_FREEROOMS"`) || strings.Contains(r.counts("t:EZ/*/*/*"), "=1") {
		t.Errorf("EZ is back, without rooms: %s", a.body)
	}
	if ez := r.ok("GET", "/v1/properties/ALP1/room-types/EZ", ""); ez.text("inactive") != "" || ez.text("max_occupancy") != "4" {
		t.Errorf("EZ %s", ez.body)
	}
	r.good("2024-10", actInv, inventoryOf("ALP1", nil, oracleOccupancy{}))
	for _, code := range []string{"DZ", "EZ"} {
		if a := r.ok("GET", "/v1/properties/ALP1/room-types/"+code, ""); a.text("inactive") != "true" {
			t.Errorf("an empty list leaves %s", a.body)
		}
	}
}

func TestInventoryListsRoomsAndIsAnsweredBack(t *testing.T) {
	r := alpineRig(t)
	rooms := func(list ...string) string {
		m := inventoryOf("ALP1", []string{"DZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 3})
		extra := ""
		for _, id := range list {
			extra += `<GuestRoom Code="DZ"><TypeRoom RoomID="` + id + `"/></GuestRoom>`
		}
		return strings.Replace(m, `</GuestRooms>`, extra+`</GuestRooms>`, 1)
	}
	r.good("2022-10", actInv, rooms("101", "102"))
	r.bad("2022-10", actRooms, counted(false, "0 9 DZ 2=3"), "at most the 2 rooms", `Status="ALPINEBITS_SEND_INVENTORY"`)
	r.good("2022-10", actRooms, counted(true, "0 9 DZ/101 2=1", "0 9 DZ/102 2=1"))
	ask := `<OTA_HotelDescriptiveInfoRQ` + alpineXMLNS + ` Version="3.000"><HotelDescriptiveInfos><HotelDescriptiveInfo HotelCode="ALP1"/></HotelDescriptiveInfos></OTA_HotelDescriptiveInfoRQ>`
	for _, version := range []string{"2018-10", "2020-10", "2022-10", "2024-10"} {
		a := r.own(version, "OTA_HotelDescriptiveInfo:Inventory", ask)
		for _, want := range []string{`Code="DZ" MinOccupancy="1" MaxOccupancy="3"`, `RoomID="101"`, `RoomID="102"`} {
			if !strings.Contains(string(a.body), want) {
				t.Errorf("%s: no %s in %s", version, want, a.body)
			}
		}
		if strings.Contains(string(a.body), "EZ") {
			t.Errorf("EZ is retired: %s", a.body)
		}
	}
	a := r.own("2022-10", actInv, rooms("102"))
	if !strings.Contains(string(a.body), `Status="ALPINEBITS_SEND_FREEROOMS"`) || strings.Contains(r.counts("t:DZ/*/*/*"), "=2") {
		t.Errorf("101 is taken out, and so is the sum: %s %s", a.body, r.counts("t:DZ/*/*/*"))
	}
	r.own("2022-10", actInv, rooms("101", "102"))
	r.good("2022-10", actRooms, counted(false, "0 3 DZ/102 2=1"))
	if got := r.counts("t:DZ/*/*/*"); !strings.HasPrefix(got, "0..3=1") {
		t.Errorf("101 came back without its old count: %s", got)
	}
}

// plansOf is an OTA_HotelRatePlanNotifRQ.
func plansOf(complete bool, plans ...string) string {
	unique := ""
	if complete {
		unique = `<UniqueID Type="16" ID="1" Instance="CompleteSet"/>`
	}
	return `<OTA_HotelRatePlanNotifRQ` + alpineXMLNS + ` Version="1.000">` + unique + `<RatePlans HotelCode="ALP1">` + strings.Join(plans, "") + `</RatePlans></OTA_HotelRatePlanNotifRQ>`
}

const (
	staticRate = `<Rate RateTimeUnit="Day" UnitMultiplier="1"><BaseByGuestAmts><BaseByGuestAmt Type="25"/></BaseByGuestAmts></Rate>`
	openOffer  = `<Offers><Offer><OfferRules><OfferRule><Occupancy AgeQualifyingCode="10" MinAge="16"/><Occupancy AgeQualifyingCode="8"/></OfferRule></OfferRules></Offer></Offers>`
)

// full is a plan of kind New; rules, rates and supplements are XML.
func full(code, rules, supplements string, rates ...string) string {
	return planOf("New", code, "", rules, staticRate+strings.Join(rates, ""), supplements, openOffer)
}

func planOf(kind, code, attrs, rules, rates, supplements, offers string) string {
	wrap := func(list, content string) string {
		if content == "" {
			return ""
		}
		return "<" + list + ">" + content + "</" + list + ">"
	}
	return `<RatePlan RatePlanNotifType="` + kind + `" CurrencyCode="EUR" RatePlanCode="` + code + `"` + attrs + `>` +
		wrap("BookingRules", rules) + wrap("Rates", rates) + wrap("Supplements", supplements) + offers + `</RatePlan>`
}

func rateOf(category string, from, to int, amount string) string {
	return fmt.Sprintf(`<Rate InvTypeCode="%s" Start="%s" End="%s"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="%s"/></BaseByGuestAmts></Rate>`, category, day(from), day(to), amount)
}

func ruleOf(category string, from, to int, content string) string {
	if category != "" {
		category = ` CodeContext="ROOMTYPE" Code="` + category + `"`
	}
	return fmt.Sprintf(`<BookingRule Start="%s" End="%s"%s>%s</BookingRule>`, day(from), day(to), category, content)
}

const closeRule = `<RestrictionStatus Restriction="Master" Status="Close"/>`

// totals answers the totals of a stay of two adults in DZ by plan, "-" if it is not sellable.
func (r *rig) totals(from, nights int, plans ...string) string {
	r.t.Helper()
	a := r.ok("POST", "/v1/shop", fmt.Sprintf(`{"properties":["ALP1"],"arrival":"%s","nights":%d,"room_types":["DZ"],"totals_only":true}`, day(from), nights))
	var out []string
	offers, _ := a.get("properties", 0, "offers").([]any)
	for _, p := range plans {
		total := "-"
		for i := range offers {
			if a.text("properties", 0, "offers", i, "rate_plan") == p {
				total = a.text("properties", 0, "offers", i, "total", "after_tax")
			}
		}
		out = append(out, p+"="+total)
	}
	return strings.Join(out, " ")
}

func TestRatePlansAreReplacedOverlaidAndRemoved(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 99 DZ 2=5"))
	want := func(when, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s, want %s", when, got, want)
		}
	}
	extra := `<Supplement InvType="EXTRA" InvCode="CLEAN" AddToBasicRateIndicator="true" MandatoryIndicator="true" ChargeTypeCode="1"/>` +
		fmt.Sprintf(`<Supplement InvType="EXTRA" InvCode="CLEAN" Amount="5" Start="%s" End="%s"/>`, day(0), day(50))
	r.good("2022-10", actPlans, plansOf(false, full("BB", ruleOf("DZ", 20, 29, closeRule), extra, rateOf("DZ", 0, 50, "80")), full("HB", "", "", rateOf("DZ", 0, 50, "100"))))
	want("new", r.totals(10, 2, "BB", "HB"), "BB=170.00 HB=200.00")
	want("closed", r.totals(19, 2, "BB", "HB"), "BB=- HB=200.00")

	overlay := planOf("Overlay", "BB", "", ruleOf("DZ", 20, 24, `<RestrictionStatus Restriction="Master" Status="Open"/>`), rateOf("DZ", 11, 12, "90"),
		fmt.Sprintf(`<Supplement InvType="EXTRA" InvCode="CLEAN" Amount="7" Start="%s" End="%s"/>`, day(20), day(21)), "")
	r.good("2022-10", actPlans, plansOf(false, overlay))
	want("overlaid rates", r.totals(10, 2, "BB", "HB"), "BB=180.00 HB=200.00")
	want("overlaid rule and supplement", r.totals(21, 2, "BB"), "BB=172.00")
	want("the rest of the rule", r.totals(25, 1, "BB"), "BB=-")
	r.bad("2022-10", actPlans, plansOf(false, strings.Replace(overlay, `RatePlanCode="BB"`, `RatePlanCode="NONE"`, 1)), "NONE", `Status="ALPINEBITS_SEND_RATEPLANS"`)
	r.bad("2022-10", actPlans, plansOf(false, strings.Replace(overlay, "EUR", "CHF", 1)), "EUR")
	r.bad("2022-10", actPlans, plansOf(false, planOf("Overlay", "BB", "", "", "", "", openOffer)), "Offers")
	want("refused ones change nothing", r.totals(10, 2, "BB", "HB"), "BB=180.00 HB=200.00")

	r.good("2024-10", actPlans, plansOf(false, strings.Replace(full("BB", "", "", rateOf("DZ", 0, 50, "70")), `"New"`, `"Full"`, 1)))
	want("full replaces", r.totals(19, 2, "BB", "HB"), "BB=140.00 HB=200.00")
	r.bad("2022-10", actPlans, plansOf(false, strings.Replace(full("BB", "", "", rateOf("DZ", 0, 50, "70")), `"New"`, `"Full"`, 1)), "Full")

	r.good("2024-10", actPlans, plansOf(false, planOf("Remove", "HB", "", "", "", "", "")))
	want("removed", r.totals(10, 2, "BB", "HB"), "BB=140.00 HB=-")
	r.good("2024-10", actPlans, plansOf(false, planOf("Remove", "NEVER", "", "", "", "", "")))
	r.bad("2024-10", actPlans, plansOf(false, planOf("Overlay", "HB", "", "", rateOf("DZ", 0, 5, "1"), "", "")), "HB")
	r.good("2024-10", actPlans, plansOf(false, full("HB", "", "", rateOf("DZ", 30, 50, "110"))))
	want("back, and nothing of before", r.totals(10, 2, "HB"), "HB=-")
	want("back", r.totals(30, 2, "HB"), "HB=220.00")

	r.own("2024-10", actPlans, plansOf(true, `<RatePlan RatePlanCode="BB"/>`))
	want("a complete set drops the others", r.totals(30, 2, "BB", "HB"), "BB=140.00 HB=-")
	if told := r.toldOf("ALP1"); strings.Contains(told, "p:HB/*/* "+day(30)+".."+day(50)+" rate.adults.2 = {") {
		t.Errorf("%s", told)
	}
}

func TestJoinedPlansFollowTheirMaster(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 99 DZ 2=5"))
	gate := func(los string) string {
		return strings.Replace(openOffer, "<OfferRule>", `<OfferRule><LengthsOfStay><LengthOfStay Time="`+los+`" TimeUnit="Day" MinMaxMessageType="SetMinLOS"/></LengthsOfStay>`, 1)
	}
	master := func(los string) string {
		return planOf("New", "P-BB", ` RatePlanID="P" RatePlanQualifier="true"`, "", staticRate+rateOf("DZ", 0, 50, "80"), "", gate(los))
	}
	version := planOf("New", "P-HB", ` RatePlanID="P" RatePlanQualifier="false"`, ruleOf("", 10, 10, closeRule), staticRate+rateOf("DZ", 0, 50, "95"), "", "")
	r.bad("2024-10", actPlans, plansOf(false, version), `Status="ALPINEBITS_SEND_RATEPLANS"`, "RatePlanID")
	r.good("2024-10", actPlans, plansOf(false, version, master("2")))
	for _, c := range []struct {
		from, nights int
		want         string
	}{{2, 2, "P-BB=160.00 P-HB=190.00"}, {2, 1, "P-BB=- P-HB=-"}, {9, 2, "P-BB=160.00 P-HB=-"}} {
		if got := r.totals(c.from, c.nights, "P-BB", "P-HB"); got != c.want {
			t.Errorf("%d nights from %d: %s, want %s", c.nights, c.from, got, c.want)
		}
	}
	r.good("2024-10", actPlans, plansOf(false, master("3")))
	if got := r.totals(2, 2, "P-BB", "P-HB"); got != "P-BB=- P-HB=-" {
		t.Errorf("the master asks for three nights: %s", got)
	}
	if got := r.totals(2, 3, "P-BB", "P-HB"); got != "P-BB=240.00 P-HB=285.00" {
		t.Errorf("three nights: %s", got)
	}
	r.bad("2024-10", actPlans, plansOf(false, strings.Replace(version, "</RatePlan>", openOffer+"</RatePlan>", 1)), "the master tells them")
	r.good("2024-10", actPlans, plansOf(false, planOf("Remove", "P-BB", "", "", "", "", "")))
	if got := r.totals(2, 3, "P-BB", "P-HB"); got != "P-BB=- P-HB=-" {
		t.Errorf("removed: %s", got)
	}
}

func TestTheDepartureRowIsAChoiceOfTheProfile(t *testing.T) {
	rule := ruleOf("", 10, 19, `<LengthsOfStay><LengthOfStay Time="3" TimeUnit="Day" MinMaxMessageType="SetForwardMinStay"/></LengthsOfStay>`)
	for choice, want := range map[string]string{"with": "BB=-", "without": "BB=160.00"} {
		r := alpineRig(t)
		r.ok("PUT", "/v1/profiles/rows", `{"protocol":"alpinebits","choices":{"departure_row":"`+choice+`"}}`)
		r.refused(422, "bad_object", "PUT", "/v1/profiles/odd", `{"protocol":"alpinebits","choices":{"departure_row":"maybe"}}`)
		r.alpine(`{"protocol":"alpinebits","unmapped":true,"profile":"rows"}`)
		r.good("2024-10", actRooms, counted(true, "0 99 DZ 2=5"))
		r.good("2024-10", actPlans, plansOf(false, full("BB", rule, "", rateOf("DZ", 0, 50, "80"))))
		if got := r.totals(8, 2, "BB"); got != want {
			t.Errorf("%s: a stay that departs on the rule's first date: %s, want %s", choice, got, want)
		}
		if got := r.totals(9, 2, "BB"); got != "BB=-" {
			t.Errorf("%s: a stay with a night in it: %s", choice, got)
		}
	}
}

func TestBaseRatesAreAnsweredFromThePicture(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actPlans, plansOf(false, full("BB", "", "", rateOf("DZ", 0, 9, "80"), rateOf("DZ", 10, 19, "90"), rateOf("EZ", 0, 19, "60")), full("HB", "", "", rateOf("DZ", 0, 5, "100"))))
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/WEB", `{"parent":"BB","tax":"after","derive":[{"percent":"-10"}]}`)
	ask := func(version, content string) string {
		m := `<OTA_HotelRatePlanRQ` + alpineXMLNS + ` Version="3.000"><RatePlans><RatePlan>` + content + `<HotelRef HotelCode="ALP1"/></RatePlan></RatePlans></OTA_HotelRatePlanRQ>`
		return string(r.own(version, "OTA_HotelRatePlan:BaseRates", m).body)
	}
	dates := fmt.Sprintf(`<DateRange Start="%s" End="%s"/>`, day(5), day(12))
	bb := `<RatePlanCandidates><RatePlanCandidate RatePlanCode="BB"/></RatePlanCandidates>`
	for _, version := range []string{"2018-10", "2020-10", "2022-10", "2024-10"} {
		all := ask(version, "")
		if !strings.Contains(all, `RatePlanCode="BB"`) || !strings.Contains(all, `RatePlanCode="HB"`) || strings.Contains(all, "<Rate ") {
			t.Errorf("%s, all by name: %s", version, all)
		}
		one := ask(version, dates+bb)
		for _, want := range []string{fmt.Sprintf(`InvTypeCode="DZ" Start="%s" End="%s"`, day(5), day(9)), fmt.Sprintf(`InvTypeCode="DZ" Start="%s" End="%s"`, day(10), day(12)), `AmountAfterTax="90.00"`, `Type="25"`} {
			if !strings.Contains(one, want) {
				t.Errorf("%s: no %s in %s", version, want, one)
			}
		}
		if strings.Contains(one, "HB") {
			t.Errorf("%s: %s", version, one)
		}
		if whole := ask(version, bb); !strings.Contains(whole, fmt.Sprintf(`InvTypeCode="EZ" Start="%s" End="%s"`, day(0), day(19))) {
			t.Errorf("%s, all dates: %s", version, whole)
		}
		if web := ask(version, dates); !strings.Contains(web, `AmountAfterTax="72.00"`) {
			t.Errorf("%s: the derived plan is missing: %s", version, web)
		}
		if changes := ask(version, `<DateRange/>`+bb); !strings.Contains(changes, "are not announced") || strings.Contains(changes, `RatePlanCode="BB"`) || strings.Contains(changes, "<Success") != (version > "2020-10") {
			t.Errorf("%s, changes: %s", version, changes)
		}
	}
}

func TestRecordsWithCodesThatAreNotMappedWait(t *testing.T) {
	r := rigAt(t, time.Now())
	r.hotel("H1")
	r.alpine(`{"protocol":"alpinebits"}`)
	send := func(action, message string) string {
		t.Helper()
		return string(r.own("2024-10", action, message).body)
	}
	parked := func() int { return len(r.ok("GET", "/v1/parked", "").get("items").([]any)) }
	if a := send(actRooms, counted(true, "0 9 DZ 2=3")); !strings.Contains(a, "<Success/>") || !strings.Contains(a, "unmapped_property") || parked() != 1 {
		t.Fatalf("a hotel that is not mapped: %d %s", parked(), a)
	}
	r.ok("PUT", "/v1/connections/alp/mappings/property/ALP1", `{"internal":"H1"}`)
	if a := send(actInv, inventoryOf("ALP1", []string{"DZ", "EZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 3})); strings.Count(a, "unmapped_room_type") != 2 {
		t.Fatalf("categories that are not mapped: %s", a)
	}
	if a := send(actPlans, plansOf(false, full("BB", "", "", rateOf("DZ", 0, 9, "80")))); !strings.Contains(a, "unmapped_rate_plan") {
		t.Fatalf("a plan that is not mapped: %s", a)
	}
	r.ok("PUT", "/v1/connections/alp/mappings/rate_plan/BB?property=H1", `{"internal":"BAR"}`)
	r.ok("PUT", "/v1/connections/alp/mappings/room_type/EZ?property=H1", `{"state":"ignored"}`)
	r.ok("PUT", "/v1/connections/alp/mappings/room_type/DZ?property=H1", `{"internal":"DBL"}`)
	until(t, "all is replayed", func() bool {
		r.ok("POST", "/v1/connections/alp/replay", "")
		told := r.toldOf("H1") // in whatever order the items are taken
		return parked() == 0 || strings.Contains(told, "rate.adults.2") && strings.Contains(told, "count.net") && parked() <= 1
	})
	if told := r.toldOf("H1"); !strings.Contains(told, "t:DBL/*/*/* "+day(0)+".."+day(9)+" count.net = 3") || !strings.Contains(told, "t:DBL/p:BAR/*/*") {
		t.Errorf("%s", told)
	}
	if a := r.ok("GET", "/v1/properties/H1/room-types/DBL", ""); a.text("max_occupancy") != "3" {
		t.Errorf("%s", a.body)
	}
	if a := send(actRooms, counted(false, "0 9 EZ 2=3")); !strings.Contains(a, "<Success/>") || !strings.Contains(a, "ignored") {
		t.Errorf("an ignored category: %s", a)
	}
}

func TestFaultsOfTransportAreToldInPlainText(t *testing.T) {
	r := alpineRig(t)
	message := counted(false, "0 9 DZ 2=3")
	zip := func(b []byte) []byte {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		w.Write(b)
		w.Close()
		return z.Bytes()
	}
	form, contentType := alpineForm(t, actRooms, message)
	_, other := alpineForm(t, actRooms, message)
	nothing, nothingType := alpineForm(t, "", "")
	unknown, unknownType := alpineForm(t, "OTA_Read:GuestRequests", message)
	old, oldType := alpineForm(t, "OTA_HotelAvailNotif:FreeRooms", message)
	for name, c := range map[string]struct {
		method string
		body   []byte
		header map[string]string
		status int
		text   string
	}{
		"good":               {"POST", form, nil, 200, "<Success/>"},
		"gzip":               {"POST", zip(form), map[string]string{"Content-Encoding": "gzip"}, 200, "<Success/>"},
		"gzip that is none":  {"POST", form, map[string]string{"Content-Encoding": "gzip"}, 400, "ERROR:"},
		"a gzip bomb":        {"POST", zip(bytes.Repeat([]byte(" "), bodyMaxBatch+1)), map[string]string{"Content-Encoding": "gzip"}, 400, "ERROR:"},
		"another encoding":   {"POST", form, map[string]string{"Content-Encoding": "br"}, 501, "ERROR:"},
		"GET":                {"GET", nil, nil, 400, "ERROR:"},
		"no version":         {"POST", form, map[string]string{alpineVersion: ""}, 400, "ERROR:no X-AlpineBits-ClientProtocolVersion"},
		"2017-10":            {"POST", form, map[string]string{alpineVersion: "2017-10"}, 400, "ERROR:unsupported protocol version 2017-10"},
		"no version at all":  {"POST", form, map[string]string{alpineVersion: "latest\x01"[:6]}, 400, "ERROR:unsupported protocol version latest"},
		"no client id":       {"POST", form, map[string]string{alpineClient: ""}, 200, "<Success/>"},
		"no password":        {"POST", form, map[string]string{"Authorization": ""}, 401, "ERROR:"},
		"wrong password":     {"POST", form, map[string]string{"Authorization": "Basic YWxwOndyb25n"}, 401, "ERROR:"},
		"no form":            {"POST", []byte(message), map[string]string{"Content-Type": "application/xml"}, 400, "ERROR:"},
		"another boundary":   {"POST", form, map[string]string{"Content-Type": other}, 400, "ERROR:"},
		"no boundary":        {"POST", form, map[string]string{"Content-Type": "multipart/form-data"}, 400, "ERROR:"},
		"cut off":            {"POST", form[:len(form)-40], nil, 400, "ERROR:"},
		"no action":          {"POST", nothing, map[string]string{"Content-Type": nothingType}, 400, "ERROR:unknown or missing action"},
		"unknown action":     {"POST", unknown, map[string]string{"Content-Type": unknownType}, 400, "ERROR:unknown or missing action"},
		"action of 2018-10":  {"POST", old, map[string]string{"Content-Type": oldType}, 400, "ERROR:unknown or missing action"},
		"an empty body":      {"POST", nil, nil, 400, "ERROR:"},
		"fields that repeat": {"POST", bytes.Replace(form, []byte(`name="request"`), []byte(`name="action"`), 1), nil, 400, "ERROR:the field action comes twice"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, r.srv.URL+"/alpinebits/alp", bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"Content-Type": contentType, "Authorization": alpineAuth, alpineVersion: "2020-10", alpineClient: "test"} {
			req.Header.Set(k, v)
		}
		for k, v := range c.header {
			if req.Header.Set(k, v); v == "" {
				req.Header.Del(k)
			}
		}
		a := r.send(req)
		plain := strings.HasPrefix(a.header.Get("Content-Type"), "text/plain")
		if a.status != c.status || !strings.Contains(string(a.body), c.text) || plain != strings.HasPrefix(c.text, "ERROR") {
			t.Errorf("%s: %d %s %s", name, a.status, a.header.Get("Content-Type"), a.body)
		}
		if c.method == "POST" && a.header.Get(alpineEncoding) != "gzip" {
			t.Errorf("%s: gzip is not announced", name)
		}
	}
}

func TestAnAlpineBitsConnectionIsNoOther(t *testing.T) {
	r := alpineRig(t)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true}`)
	r.ok("POST", "/v1/connections/acme/secrets", `{"password":"a password"}`)
	form, contentType := alpineForm(t, actRooms, counted(false, "0 9 DZ 2=3"))
	for _, c := range [][2]string{{"acme", "Basic YWNtZTphIHBhc3N3b3Jk"}, {"nobody", alpineAuth}, {"alp", "Basic YWNtZTphIHBhc3N3b3Jk"}} {
		if a := r.do("POST", "/alpinebits/"+c[0], string(form), "Content-Type", contentType, "Authorization", c[1], alpineVersion, "2020-10"); a.status != 401 {
			t.Errorf("%s: %d %s", c[0], a.status, a.body)
		}
	}
	if a := r.do("POST", "/ota/alp", avail("ALP1", "DZ", "x"), "Content-Type", "text/xml", "Authorization", alpineAuth); a.status != 401 {
		t.Errorf("OTA: %d %s", a.status, a.body)
	}
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	r.alpine(`{"protocol":"alpinebits","unmapped":true,"properties":["BER1"]}`)
	if a := r.sendAlpine("2020-10", actRooms, counted(false, "0 9 DZ 2=3")); !strings.Contains(string(a.body), "may not write") || r.counts("t:DZ/*/*/*") != "" {
		t.Errorf("another's hotel: %s", a.body)
	}
	r.alpine(`{"protocol":"alpinebits","unmapped":true}`)
	if a := r.sendAlpine("2020-10", actRooms, strings.Replace(counted(false, "0 9 DZ 2=3"), "ALP1", "NOWHERE", 1)); !strings.Contains(string(a.body), "<Errors>") {
		t.Errorf("a hotel that is not there: %s", a.body)
	}
}

func TestAFollowerForwardsAlpineBits(t *testing.T) {
	writer, r := twoNodes(t)
	writer.hotel("ALP1")
	writer.alpine(`{"protocol":"alpinebits","unmapped":true}`)
	until(t, "the follower knows the connection", func() bool { c, ok := r.hub.Connection("alp"); return ok && len(c.Secrets) > 0 })
	r.must("2024-10", actInv, inventoryOf("ALP1", []string{"DZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 3}))
	r.good("2024-10", actRooms, counted(true, "0 9 DZ 2=3"))
	if got := writer.counts("t:DZ/*/*/*"); got != "0..9=3" {
		t.Errorf("the writer has %s", got)
	}
}

// What was told of dates that are past since must not stand in the way of what replaces it.
func TestPlansOfPastSeasonsAreReplaced(t *testing.T) {
	r := alpineRig(t)
	at := func(from, to int) string { return plansOf(false, full("BB", "", "", rateOf("DZ", from, to, "80"))) }
	r.good("2024-10", actPlans, at(-2, 5))
	if a := r.sendAlpine("2024-10", actPlans, at(-400, -300)); !strings.Contains(string(a.body), "<Success/>") {
		t.Errorf("a season of last year: %s", a.body)
	}
	if told := r.toldOf("ALP1"); strings.Contains(told, "80.00") {
		t.Errorf("it replaced nothing: %s", told)
	}
	r.good("2024-10", actRooms, counted(true, "-400 -300 DZ 2=1", "-1 3 DZ 2=2"))
	if got := r.counts("t:DZ/*/*/*"); got != "-1..3=2" {
		t.Errorf("%s", got)
	}
}

func TestEveryAlpineBitsMessageThatTellsSomethingIsKept(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 9 DZ 2=3"))
	r.good("2024-10", actRooms, counted(true, "0 9 DZ 2=3"))
	r.bad("2024-10", actRooms, counted(false, "0 9 NONE 2=3"))
	r.bad("2024-10", actRooms, "<not XML")
	guest := strings.Replace(counted(false, "0 9 DZ 2=2"), "<Inventories", `<Customer><PersonName><Surname>Miller</Surname></PersonName></Customer><Inventories`, 1)
	r.sendAlpine("2024-10", actRooms, guest)
	r.sendAlpine("2024-10", "OTA_HotelResNotif:GuestRequests", guest)
	l := r.ok("GET", "/v1/messages?connection=alp", "")
	var verdicts []string
	for i := range l.get("items").([]any) {
		verdicts = append(verdicts, l.text("items", i, "verdict"))
	}
	if got, want := strings.Join(verdicts[:5], " "), "applied refused refused unchanged applied"; got != want {
		t.Errorf("got %s, want %s: %s", got, want, l.body)
	}
	raw := string(r.ok("GET", "/v1/messages/"+l.text("items", 0, "id")+"/raw", "").body)
	if !strings.Contains(raw, "<Inventories") || strings.Contains(raw, "Miller") || strings.Contains(raw, "form-data") {
		t.Errorf("%s", raw)
	}
}

// A message of another connection than the one that tells the hotel's counts, or its rates, is refused (S5).
func TestAnotherConnectionsHotelIsNotWritten(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 9 DZ 2=3"))
	r.good("2024-10", actPlans, plansOf(false, full("BB", "", "", rateOf("DZ", 0, 9, "80"))))
	r.ok("PUT", "/v1/connections/pms2", `{"protocol":"alpinebits","unmapped":true}`)
	r.ok("POST", "/v1/connections/pms2/secrets", `{"password":"a password"}`)
	for action, message := range map[string]string{
		actRooms: counted(true, "0 9 DZ 2=9"), actPlans: plansOf(true, full("BB", "", "", rateOf("DZ", 0, 9, "1"))),
		actInv: inventoryOf("ALP1", []string{"EZ"}, oracleOccupancy{Min: 1, Standard: 2, Max: 3}),
	} {
		form, contentType := alpineForm(t, action, message)
		a := r.do("POST", "/alpinebits/pms2", string(form), "Content-Type", contentType, "Authorization", "Basic cG1zMjphIHBhc3N3b3Jk", alpineVersion, "2024-10")
		if !strings.Contains(string(a.body), "<Errors>") || !strings.Contains(string(a.body), "not_owner") {
			t.Errorf("%s: %s", action, a.body)
		}
	}
	if got := r.counts("t:DZ/*/*/*") + " " + r.totals(1, 1, "BB"); got != "0..9=3 BB=80.00" {
		t.Errorf("%s", got)
	}
}

// Single rooms told at once, each in a message of its own, add up: messages of a hotel take turns between reading the sum and telling it.
func TestRoomsToldAtOnceAddUp(t *testing.T) {
	r := alpineRig(t)
	const rooms = 12
	answers := make(chan string, rooms)
	for i := range rooms {
		form, contentType := alpineForm(t, actRooms, counted(false, fmt.Sprintf("0 9 DZ/%d 2=1", 100+i)))
		go func() {
			w := httptest.NewRecorder()
			req := httptest.NewRequest("POST", "/alpinebits/alp", bytes.NewReader(form))
			for k, v := range map[string]string{"Content-Type": contentType, "Authorization": alpineAuth, alpineVersion: "2024-10"} {
				req.Header.Set(k, v)
			}
			r.api.ServeHTTP(w, req)
			answers <- w.Body.String()
		}()
	}
	for range rooms {
		if a := <-answers; !strings.Contains(a, "<Success/>") {
			t.Error(a)
		}
	}
	if got := r.counts("t:DZ/*/*/*"); got != fmt.Sprintf("0..9=%d", rooms) {
		t.Errorf("DZ %s", got)
	}
}

// Supplements by charge type, weekday, category and kind: 6 a night for two adults on four nights.
func TestSupplementsAreChargedAsTheirTypeSays(t *testing.T) {
	r := alpineRig(t)
	r.good("2024-10", actRooms, counted(true, "0 99 DZ 2=5"))
	supplement := func(attrs, pre, category string) string {
		if category != "" {
			category = `<PrerequisiteInventory InvType="ROOMTYPE" InvCode="` + category + `"/>`
		}
		if pre != "" {
			pre = `<PrerequisiteInventory InvType="ALPINEBITSDOW" InvCode="` + pre + `"/>`
		}
		inv := `InvType="EXTRA" InvCode="S"`
		if strings.Contains(attrs, "ALPINE") {
			inv, attrs = `InvType="ALPINEBITSEXTRA" InvCode="S"`, strings.Replace(attrs, "ALPINE", "", 1)
		}
		return `<Supplement ` + inv + ` AddToBasicRateIndicator="true" ` + attrs + `>` + pre + `</Supplement>` +
			fmt.Sprintf(`<Supplement %s Amount="6" Start="%s" End="%s">%s</Supplement>`, inv, day(0), day(50), category)
	}
	const must = `MandatoryIndicator="true" ChargeTypeCode=`
	for name, c := range map[string]struct{ supplement, want string }{
		"daily":                     {supplement(must+`"1"`, "", ""), "424.00"},
		"per room and night":        {supplement(must+`"19"`, "", ""), "424.00"},
		"per person and night":      {supplement(must+`"21"`, "", ""), "448.00"},
		"per stay":                  {supplement(must+`"12"`, "", ""), "406.00"},
		"per room and stay":         {supplement(must+`"18"`, "", ""), "406.00"},
		"per person and stay":       {supplement(must+`"20"`, "", ""), "412.00"},
		"per item":                  {supplement(must+`"24"`, "", ""), "406.00"},
		"the standard's own kind":   {supplement("ALPINE"+must+`"1"`, "", ""), "424.00"},
		"optional":                  {supplement(`MandatoryIndicator="false" ChargeTypeCode="1"`, "", ""), "400.00"},
		"of its category":           {supplement(must+`"1"`, "", "DZ"), "424.00"},
		"of another category":       {supplement(must+`"1"`, "", "EZ"), "400.00"},
		"on no weekday":             {supplement(must+`"1"`, "0000000", ""), "400.00"},
		"on every weekday":          {supplement(must+`"1"`, "1111111", ""), "424.00"},
		"none at all":               {"", "400.00"},
		"on the arrival's weekday":  {supplement(must+`"1"`, weekdayMask(10), ""), "406.00"},
		"per stay, on that weekday": {supplement(must+`"12"`, weekdayMask(10), ""), "401.50"},
	} {
		r.good("2024-10", actPlans, plansOf(false, full("BB", "", c.supplement, rateOf("DZ", 0, 50, "100"))))
		if got := r.totals(10, 4, "BB"); got != "BB="+c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// weekdayMask is the mask of one day's weekday, Monday first.
func weekdayMask(n int) string {
	d, _ := time.Parse(time.DateOnly, day(n))
	mask := []byte("0000000")
	mask[(int(d.Weekday())+6)%7] = '1'
	return string(mask)
}
