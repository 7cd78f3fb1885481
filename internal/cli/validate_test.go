package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stays is a message with a minimum stay, and rates that generic and others read differently.
const stays = `<OTA_HotelAvailNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1" EchoToken="e" TimeStamp="2026-02-01T10:00:00Z"><AvailStatusMessages HotelCode="ALP1">
<AvailStatusMessage LocatorID="7"><StatusApplicationControl Start="2026-06-01" End="2026-06-07" InvTypeCode="DBL" RatePlanCode="BAR" Sat="1" Sun="1"/><LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="3"/></LengthsOfStay><HurdleRate Amount="9"/></AvailStatusMessage>
</AvailStatusMessages></OTA_HotelAvailNotifRQ>`

func TestValidateSaysWhatAMessageWouldDo(t *testing.T) {
	dir := t.TempDir()
	file := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad := strings.Replace(stays, "</AvailStatusMessages>", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-31" InvTypeCode="DBL"/></AvailStatusMessage></AvailStatusMessages>`, 1)
	plan := `<OTA_HotelRatePlanNotifRQ Version="1"><RatePlans HotelCode="ALP1"><RatePlan RatePlanCode="NEW" RatePlanNotifType="New"><Rates><Rate InvTypeCode="DBL" Start="2026-06-01"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountBeforeTax="90"/></BaseByGuestAmts></Rate></Rates></RatePlan></RatePlans></OTA_HotelRatePlanNotifRQ>`
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		want []string
	}{
		"generic": {stays, []string{"-"}, ExitOK, []string{"OTA_HotelAvailNotifRQ  profile generic  applies", "hotel ALP1; source time 2026-02-01T10:00:00Z; a second copy is known as a repeat",
			"answered as RecordID 7", "set min_los_arrival 3 nights: room type DBL, rate plan BAR; 2026-06-01 to 2026-06-07, sat sun", "warning: cannot_evaluate (EWT 11, ERR 320) at /OTA_HotelAvailNotifRQ", "leaves open what can oversell", "set_los"}},
		"a shipped profile":                      {stays, []string{"-", "--profile", "booking"}, ExitOK, []string{"set min_los_night 3 nights"}},
		"a profile of one's own":                 {stays, []string{"-", "--profile", file("ours.json", `{"extends":"booking","set_los":"arrival","ignorable":["HurdleRate"]}`)}, ExitOK, []string{"profile ours", "set min_los_arrival 3 nights", "ignored: /OTA_HotelAvailNotifRQ"}},
		"a profile as it is put":                 {stays, []string{"-", "--profile", file("put.json", `{"protocol":"ota","choices":{"extends":"siteminder"}}`)}, ExitOK, []string{"profile put  applies"}},
		"a file":                                 {"", []string{file("message.xml", stays)}, ExitOK, []string{"message.xml  OTA_HotelAvailNotifRQ"}},
		"partly refused":                         {bad, []string{"-"}, ExitRefused, []string{"partly", "2. refused", `invalid_date (EWT 3, ERR 15)`, `got "2026-06-31"`}},
		"all or nothing":                         {bad, []string{"-", "--profile", "siteminder"}, ExitRefused, []string{"siteminder  refused", "all_or_nothing"}},
		"what it defines":                        {plan, []string{"-"}, ExitOK, []string{`define rate plan NEW: {"fill":"exact","tax":"before"}`, "replace rates", "rate.adults.2 90.00 before tax", "none (no TimeStamp)", "cannot be told from a change"}},
		"a currency, which only a hub can judge": {strings.NewReplacer(`RatePlanNotifType="New"`, `RatePlanNotifType="Delta" CurrencyCode="EUR"`).Replace(plan), []string{"-"}, ExitOK, []string{"rate.adults.2 90.00"}},
		"another format":                         {`<AvailRateUpdateRQ/>`, []string{"-"}, ExitRefused, []string{"not_ota (EWT 2, ERR 459)", "Expedia"}},
		"JSON of another":                        {`{"hotelId":"1"}`, []string{"-"}, ExitRefused, []string{"DerbySoft"}},
		"no XML":                                 {"hello", []string{"-"}, ExitRefused, []string{"not_xml"}},
		"a ping":                                 {`<OTA_PingRQ Version="1"><EchoData>x</EchoData></OTA_PingRQ>`, []string{"-"}, ExitOK, []string{"nothing"}},
		"a request":                              {`<OTA_HotelInvCountRQ Version="1"><HotelInvCountRequests><HotelInvCountRequest><HotelRef HotelCode="A"/></HotelInvCountRequest></HotelInvCountRequests></OTA_HotelInvCountRQ>`, []string{"-"}, ExitOK, []string{"asks"}},
		"no such profile":                        {stays, []string{"-", "--profile", "nobody"}, ExitUsage, []string{"siteminder"}},
		"a profile that is broken":               {stays, []string{"-", "--profile", file("broken.json", `{"weekdays":"sometimes"}`)}, ExitUsage, []string{"weekdays"}},
		"no such file":                           {"", []string{filepath.Join(dir, "none.xml")}, ExitUsage, []string{"none.xml"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := tryWith(t, c.in, nil, append([]string{"validate"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			for _, w := range c.want {
				if !strings.Contains(out+errs, w) {
					t.Errorf("no %q in\n%s%s", w, out, errs)
				}
			}
		})
	}
}

func TestValidatePrintsJSON(t *testing.T) {
	code, out, _ := tryWith(t, stays, nil, "validate", "-", "--json", "--profile", "booking")
	var v validated
	if err := json.Unmarshal([]byte(out), &v); code != ExitOK || err != nil {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	if v.Verdict != "applies" || v.Hotel != "ALP1" || !v.Repeatable || len(v.Unchosen) != 0 || len(v.Items) != 1 || len(v.Items[0].Says) != 2 || v.Items[0].Record != "7" {
		t.Errorf("%+v", v)
	}
	if s := v.Items[0].Says[0]; s.Field != "min_los_night" || s.Value != "3 nights" || s.Scope != "room type DBL, rate plan BAR" || s.Dates != "2026-06-01 to 2026-06-07, sat sun" {
		t.Errorf("%+v", s)
	}
}
