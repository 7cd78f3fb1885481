package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/store/memory"
)

var (
	askedRoot  = regexp.MustCompile(`<(?:\w+:)?(OTA_Hotel(?:AvailGet|RatePlan|InvCount|InvBlock|BookingRule)RQ|OTA_NotifReportRQ)\b`)
	askedRoom  = regexp.MustCompile(`\b(?:RoomTypeCode|InvTypeCode|InvCode)="([^"]*)"`)
	askedBlock = regexp.MustCompile(`\bInvBlockCode="([^"]*)"`)
	answerItem = regexp.MustCompile(`<(AvailStatusMessage|Inventory|RatePlan|InvBlock|BookingRule) .*?</(AvailStatusMessage|Inventory|RatePlan|InvBlock|BookingRule)>|<(AvailStatusMessage|Inventory)>.*?</(AvailStatusMessage|Inventory)>`)
)

// askSample posts a sample that asks to a hub of its time whose hotel has all that it names, and a room type STD and a plan BAR: three rooms and 100.00
// for two guests on each night, but none on the third, which is closed. It answers the first items of the answer.
func askSample(t *testing.T, body string) string {
	t.Helper()
	at := sampleDay(body)
	c := shifted{clock.Real(), time.Until(at)}
	h, err := hub.Open(t.Context(), hub.Options{Store: memory.NewDisk(memory.Options{}).Open(), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	until(t, "the hub writes", func() bool { s := h.Status(); return s.Ready && s.Writer })
	plain, secret := NewSecret(c.Now())
	put := func(property, kind, code string, v any) {
		b, _ := json.Marshal(v)
		if _, err := h.PutObject(t.Context(), ari.Author{Kind: ari.BySystem, ID: "test"}, property, kind, code, b, 0, false); err != nil {
			t.Fatalf("%s %s: %v", kind, code, err)
		}
	}
	put(ari.HubProperty, hub.KindConnection, "acme", hub.Connection{ID: "acme", Protocol: "ota", Unmapped: true, Test: true, Secrets: []hub.Secret{secret}})
	a, err := newAPI(h, Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	post := func(body string) string {
		req := httptest.NewRequest("POST", "/ota/acme", strings.NewReader(body))
		req.Header.Set("Content-Type", "text/xml")
		req.SetBasicAuth("acme", plain)
		w := httptest.NewRecorder()
		a.ServeHTTP(w, req)
		return w.Body.String()
	}
	hotel := append(codesIn(sampleHotel, body), "")[0]
	rooms, plans := append(codesIn(askedRoom, body), "STD"), append(codesIn(samplePlan, body), "BAR")
	slices.Sort(rooms)
	slices.Sort(plans)
	put(hotel, ari.KindProperty, hotel, ari.Property{Code: hotel, TimeZone: "UTC", Currency: "EUR"})
	first := ari.LocalDate(at, time.UTC)
	if m := sampleStart.FindStringSubmatch(body); m != nil {
		first, _ = ari.ParseDate(m[1])
	}
	night := func(n int) string { return (first + ari.StayDate(n)).String() }
	root := ` xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0">`
	for _, room := range slices.Compact(rooms) {
		put(hotel, ari.KindRoomType, room, ari.RoomType{Code: room, StdOccupancy: 2})
		tell := `<OTA_HotelInvCountNotifRQ` + root + `<Inventories HotelCode="` + hotel + `"><Inventory><StatusApplicationControl Start="` + night(0) + `" End="` + night(400) + `" InvTypeCode="` + room +
			`"/><InvCounts><InvCount CountType="2" Count="3"/></InvCounts></Inventory></Inventories></OTA_HotelInvCountNotifRQ>`
		if got := post(tell); !strings.Contains(got, "<Success") {
			t.Fatal(got)
		}
	}
	for _, plan := range slices.Compact(plans) {
		put(hotel, ari.KindRatePlan, plan, ari.RatePlan{Code: plan})
		tell := `<OTA_HotelRateAmountNotifRQ` + root + `<RateAmountMessages HotelCode="` + hotel + `"><RateAmountMessage><StatusApplicationControl Start="` + night(0) + `" End="` + night(400) + `" RatePlanCode="` + plan +
			`"/><Rates><Rate><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="100.00"/></BaseByGuestAmts></Rate></Rates></RateAmountMessage></RateAmountMessages></OTA_HotelRateAmountNotifRQ>`
		if got := post(tell); !strings.Contains(got, "<Success") {
			t.Fatal(got)
		}
	}
	post(`<OTA_HotelAvailNotifRQ` + root + `<AvailStatusMessages HotelCode="` + hotel + `"><AvailStatusMessage><StatusApplicationControl Start="` + night(2) + `" End="` + night(2) + `"/><RestrictionStatus Status="Close"/></AvailStatusMessage></AvailStatusMessages></OTA_HotelAvailNotifRQ>`)
	for _, code := range codesIn(askedBlock, body) {
		got := post(`<OTA_HotelInvBlockNotifRQ` + root + `<InvBlocks><InvBlock InvBlockCode="` + code + `" TransactionAction="Book"><HotelRef HotelCode="` + hotel + `"/><InvBlockDates Start="` + night(0) + `" End="` + night(1) +
			`"/><RoomTypes><RoomType RoomTypeCode="STD"><RoomTypeAllocations><RoomTypeAllocation Start="` + night(0) + `" End="` + night(1) + `" NumberOfUnits="2"/></RoomTypeAllocations></RoomType></RoomTypes></InvBlock></InvBlocks></OTA_HotelInvBlockNotifRQ>`)
		if !strings.Contains(got, "<Success") {
			t.Fatal(got)
		}
	}
	return itemLines(post(body))
}

// itemLines shortens an answer to its outcome and its first items.
func itemLines(answer string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s\n", answerLine(answer))
	items := answerItem.FindAllString(answer, -1)
	for _, it := range items[:min(len(items), 6)] {
		it = strings.NewReplacer(` Mon="true" Tue="true" Weds="true" Thur="true" Fri="true" Sat="true" Sun="true"`, "", `<StatusApplicationControl `, "<").Replace(it)
		fmt.Fprintf(&b, "    %s\n", it)
	}
	if len(items) > 6 {
		fmt.Fprintf(&b, "    and %d more\n", len(items)-6)
	}
	return b.String()
}

// TestSamplesThatAskAreAnsweredAsTheTableSays posts every public sample that asks or reports. The table is testdata/ota-pull-samples.txt.
func TestSamplesThatAskAreAnsweredAsTheTableSays(t *testing.T) {
	var got strings.Builder
	samples := samplesToPost(t)
	var names []string
	for name, body := range samples {
		if askedRoot.MatchString(body) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&got, "%s\n%s", name, askSample(t, samples[name]))
	}
	if len(names) < 12 {
		t.Errorf("only %d samples", len(names))
	}
	golden(t, filepath.Join("testdata", "ota-pull-samples.txt"), []byte(got.String()))
}
