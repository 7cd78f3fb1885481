package cli

import (
	"bytes"
	"testing"
)

func TestTablesAlignNumbersToTheRightAndWideLettersByTheirWidth(t *testing.T) {
	tab := newTable("ROOM", "TOTAL")
	tab.add("DBL", "9.50")
	tab.add("旅館", "120.00")
	var b bytes.Buffer
	if err := tab.print(&b); err != nil {
		t.Fatal(err)
	}
	want := "ROOM   TOTAL\nDBL     9.50\n旅館  120.00\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestWhatAFileIsIsSeenFromItsBeginning(t *testing.T) {
	for body, want := range map[string]string{
		"\ufeff <?xml version=\"1.0\"?><a/>": "ota",
		`{"property":"A"}`:                   "json",
		"{\"property\":\"A\"}\n":             "json",
		"{\"a\":1}\n{\"a\":2}\n":             "ndjson",
		`[{"property":"A"}]`:                 "json",
		`hello`:                              "",
		``:                                   "",
	} {
		if got := formatOf([]byte(body)); got != want {
			t.Errorf("%q is %q, want %q", body, got, want)
		}
	}
}

func TestAnOTAAnswerIsReadInAnyEnvelope(t *testing.T) {
	r := readOTAAnswer([]byte(`<s:Envelope xmlns:s="x"><s:Body><OTA_HotelAvailNotifRS xmlns="y"><Success/><Warnings>` +
		`<Warning Type="3" Code="402" RecordID="2">no such room</Warning></Warnings></OTA_HotelAvailNotifRS></s:Body></s:Envelope>`))
	if !r.success || len(r.errors) != 0 || len(r.warnings) != 1 || r.warnings[0] != "Warning Type=3 Code=402 RecordID=2 no such room" {
		t.Errorf("got %+v", r)
	}
}
