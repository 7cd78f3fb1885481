package otaxml

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/contracts"
)

// sampleHotel knows every code; what the samples price is in its catalog.
func sampleHotel() *testHotel {
	plan := func(code, currency, tax string) *ari.RatePlan {
		return &ari.RatePlan{Code: code, Currency: currency, Tax: tax}
	}
	c := &ari.Catalog{
		Property: ari.Property{Currency: "EUR", AdultAge: 18},
		Plans: map[string]*ari.RatePlan{
			"001": plan("001", "", ""), "003": plan("003", "", ""), "BAR": plan("BAR", "", ""), "BARA00": plan("BARA00", "USD", "before"),
		},
		RoomTypes: map[string]*ari.RoomType{"RO_TEST": {Code: "RO_TEST", StdOccupancy: 2}, "SGL": {Code: "SGL", StdOccupancy: 1}, "STD": {Code: "STD"}},
	}
	return &testHotel{catalog: c, any: true}
}

// sampleCase says what must come of a public sample under the generic profile (accepting test targets): how many items and statements,
// and facts that must be among them, or the code it is refused with.
type sampleCase struct {
	file       string
	items      int
	statements int
	facts      []string
}

var sampleCases = []sampleCase{
	{"bakuun/invcount-rate-level.xml", 2, 1, []string{
		"source time 2017-01-01T04:00:00Z",
		"item 0\n  set t:R15.3.1/p:R15.3.1.1/*/* 2021-12-06..2022-09-06 limit.remaining = 12",
		"item 1\n  warning: ignored", // tentative rooms are nothing to sell
	}},
	{"booking-com/availnotif-limit-and-los.xml", 0, 0, []string{"refused: missing at /OTA_HotelAvailNotifRQ/AvailStatusMessages/@HotelCode"}},
	{"htng/pricematch-invcount-1-create.xml", 4, 24, []string{
		"no source time: no TimeStamp",
		"set t:King/*/*/* 2017-05-01..2017-05-01 count.physical = 20", "set t:King/*/*/* 2017-05-01..2017-05-01 count.net = 15",
		"set t:Deluxe/*/*/* 2017-05-02..2017-05-02 count.sold_tentative = 2", "set t:King/*/*/* 2017-05-02..2017-05-02 count.sold_definite = 9",
	}},
	{"htng/pricematch-invcount-2-modify.xml", 4, 24, []string{"set t:King/*/*/* 2017-05-02..2017-05-02 count.net = 11", "set t:King/*/*/* 2017-05-02..2017-05-02 count.sold_definite = 8"}},
	{"htng/pricematch-invblock-1-book.xml", 1, 0, []string{"refused: unsupported at /OTA_HotelInvBlockNotifRQ/InvBlocks/InvBlock[1]/RoomTypes/RoomType[1]/RoomTypeAllocations[1]/@RoomTypePickUpStatus: got \"2\"", `got "GROUP1": a rate plan of the property`}},
	{"opentravel/OTA_HotelDescriptiveContentNotifRQ2.xml", 2, 0, []string{"item 0\n  warning: ignored", "a description of rooms without a room type's code"}},
	{"opentravel/OTA_HotelDescriptiveContentNotifRQ300.xml", 0, 0, []string{"refused: missing at /OTA_HotelDescriptiveContentNotifRQ/HotelDescriptiveContents/@HotelCode"}},
	{"opentravel/OTA_HotelRatePlanNotifRQ.xml", 3, 0, []string{"item 2\n  refused: missing at /OTA_HotelRatePlanNotifRQ/RatePlans/RatePlan[3]/@RatePlanCode"}},
	{"opentravel/OTA_HotelRatePlanNotifRQ3.xml", 1, 0, []string{"item 0\n  refused: missing at /OTA_HotelRatePlanNotifRQ/RatePlans/RatePlan[1]/@RatePlanCode"}},
	{"opentravel/OTA_HotelAvailNotifRQ.xml", 4, 4, []string{
		"no source time: TimeStamp has no zone",
		"set t:STD/p:WHLS1/*/* 2004-08-02..2004-08-05 limit.remaining = 25", "set t:DLX/p:WHLS1/*/* 2004-08-06..2004-08-08 limit.remaining = 8",
	}},
	{"opentravel/OTA_HotelAvailNotifRQ3.xml", 3, 3, []string{
		"source time 2004-04-14T14:30:47Z",
		"set t:STD/p:Expedia1/*/* 2004-06-01..2004-06-01 los_pattern_arrival = 00001110 (LOS 1 last), tail open false",
		"set t:STD/p:Expedia2/*/* 2004-06-01..2004-06-01 los_pattern_arrival = 00000000",
		"set t:STD/p:Expedia3/*/* 2004-06-01..2004-06-01 los_pattern_arrival = 01001100",
	}},
	{"opentravel/OTA_HotelAvailNotifRQ5.xml", 7, 7, []string{
		"set t:ROH/p:RACK/*/* 2004-05-01..2004-05-01 unknown HurdleRate=Amount=553.45 CurrencyCode=USD",
		"warning: cannot_evaluate at /OTA_HotelAvailNotifRQ/AvailStatusMessages/AvailStatusMessage[7]/HurdleRate",
	}},
	{"opentravel/OTA_HotelInvCountNotifRQ.xml", 1, 0, []string{"refused: missing at /OTA_HotelInvCountNotifRQ/Inventories/Inventory[1]/InvCounts/InvCount[1]/@CountType"}},
	{"opentravel/OTA_HotelRateAmountNotifRQ.xml", 1, 1, []string{"set t:STD/p:BARA00/*/* 2005-04-01..2005-04-01 rate.adults.2 = 100.00 before tax"}},
	{"sabre-synxis/invcount-hotel-level.xml", 1, 1, []string{"set */*/*/* 2015-01-01..2015-01-01 count.net = 87"}},
	{"siteminder/pmsxchange-availability.xml", 1, 1, []string{"source time 2024-07-06T15:27:41Z", "set t:SUP/*/*/* 2025-03-01..2025-03-01 count.net = 10"}},
	{"siteminder/pmsxchange-combined-update-undesired.xml", 1, 4, []string{
		"clear t:DBL/p:BAR/*/* 2022-11-08..2022-11-08 min_los_arrival", "clear t:DBL/p:BAR/*/* 2022-11-08..2022-11-08 max_los_arrival",
		"set t:DBL/p:BAR/*/* 2022-11-08..2022-11-08 closed = open", "set t:DBL/p:BAR/*/* 2022-11-08..2022-11-08 limit.remaining = 4",
	}},
	{"siteminder/siteconnect-rates-per-day.xml", 1, 1, []string{"set t:SGL/p:BAR/*/* 2025-10-05..2025-10-05 rate.adults.1 = 300.00 after tax"}},
	{"weekendesk/weekendesk-05-OTA_HotelAvailNotifRQ.xml", 1, 1, []string{"set t:RO_TEST/p:003/*/* 2017-09-01..2017-09-02 closed = open"}},
	{"weekendesk/weekendesk-07-OTA_HotelAvailNotifRQ.xml", 1, 4, []string{
		"min_los_arrival = 3", "max_los_arrival = 11", "set t:RO_TEST/p:003/*/* 2017-02-27..2017-02-27 cta = open", "ctd = open",
	}},
	{"weekendesk/weekendesk-13-OTA_HotelRateAmountNotifRQ.xml", 2, 2, []string{
		"set t:RO_TEST/p:001/*/* 2017-02-23..2017-03-30 rate.adults.2 = 200.00 after tax", "set t:RO_TEST/p:003/*/* 2017-02-20..2017-03-30 rate.adults.2 = 100.00 after tax",
	}},
}

func decodeSample(t *testing.T, file string) (*Message, Result, string) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := choose(t, "test", `"accept"`)
	m, perr := Parse(body, "text/xml")
	r := Decode(m, p, testCodes{sampleHotel()})
	if perr != nil && (r.Refused == nil || len(r.Items) > 0) {
		t.Errorf("%s: not parsed, and yet decoded", file)
	}
	return m, r, dump(&r)
}

func TestSamplesMeanWhatTheTableSays(t *testing.T) {
	dir := contracts.Dir(t, "ota", "samples")
	for _, c := range sampleCases {
		t.Run(c.file, func(t *testing.T) {
			_, r, got := decodeSample(t, filepath.Join(dir, c.file))
			statements := 0
			for _, x := range r.Items {
				statements += len(x.Statements)
			}
			if len(r.Items) != c.items || statements != c.statements {
				t.Errorf("%d items, %d statements; want %d and %d", len(r.Items), statements, c.items, c.statements)
			}
			for _, f := range c.facts {
				if !strings.Contains(got, f) {
					t.Errorf("no %q", f)
				}
			}
			if t.Failed() {
				t.Log("\n" + got)
			}
		})
	}
}

func TestBookingSampleIsReadForAConnectionWithOneHotel(t *testing.T) {
	dir := contracts.Dir(t, "ota", "samples")
	body, err := os.ReadFile(filepath.Join(dir, "booking-com/availnotif-limit-and-los.xml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParseProfile([]byte(`{"name": "booking", "version": 1, "test": "accept", "absent_hotel": "only", "set_los": "through"}`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(body, "")
	if err != nil {
		t.Fatal(err)
	}
	r := Decode(m, p, testCodes{sampleHotel()})
	got := dump(&r)
	for _, want := range []string{"set t:36745603/*/*/* 2015-11-05..2015-11-17 count.net = 25", "min_los_night = 2", "max_los_night = 5", "closed = open"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestEverySampleIsReadOrRefusedByName goes over all samples: those of the kinds that are read have a line in the table, all others are
// refused with a code that says what they are.
func TestEverySampleIsReadOrRefusedByName(t *testing.T) {
	dir := contracts.Dir(t, "ota", "samples")
	listed := map[string]bool{}
	for _, c := range sampleCases {
		listed[c.file] = true
	}
	seen := 0
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen++
		m, r, _ := decodeSample(t, file)
		name, _ := filepath.Rel(dir, file)
		_, read := containers[m.Kind]
		switch {
		case m.Asks(): // answered from the picture: the endpoint's table says how
		case read && !listed[name]:
			t.Errorf("%s (%s) has no line in the table", name, m.Kind)
		case read || m.Kind == KindPing || m.Asks(): // what is asked is answered in httpapi's tables
		case r.Refused == nil || r.Refused.Code != CodeNotImplemented && r.Refused.Code != CodeNotOTA:
			t.Errorf("%s (%s): %+v", name, m.Kind, r.Refused)
		case strings.HasPrefix(m.Kind, "OTA_") != (r.Refused.Code == CodeNotImplemented):
			t.Errorf("%s: refused as %s", name, r.Refused.Code)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < len(sampleCases) {
		t.Errorf("only %d files", seen)
	}
}

func TestForeignFormatsAreRefusedByName(t *testing.T) {
	dir := contracts.Dir(t, "ota", "samples")
	for file, want := range map[string]string{
		"expedia/ar-multiple-updates.xml":                                         "Expedia",
		"agoda/setari-v2-request.xml":                                             "Agoda SetARI",
		"derbysoft/daily-push-delta.json":                                         "DerbySoft",
		"travelgate-hotel-push/travelgate-notify-messages-13-HotelAvailNotif.xml": "Travelgate",
		"htng/htng-async-acknowledge-receipt.xml":                                 "HTNG",
	} {
		_, r, _ := decodeSample(t, filepath.Join(dir, file))
		if r.Refused == nil || r.Refused.Code != CodeNotOTA || !strings.Contains(r.Refused.Error(), want) {
			t.Errorf("%s: %v", file, r.Refused)
		}
	}
}
