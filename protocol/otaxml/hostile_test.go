package otaxml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ratewire/ratewire/ari"
)

// utf16Bytes answers s in UTF-16 with or without a byte order mark.
func utf16Bytes(s string, big, mark bool) string {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var b []byte
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// good is a message that is fine; the hostile ones are it with something wrong.
var good = availMessage("", availItem(product, openAll))

func goodWith(old, replacement string) string {
	s := strings.Replace(good, old, replacement, 1)
	if s == good {
		panic("nothing replaced: " + old)
	}
	return s
}

func span(start, end string) string {
	return availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="`+start+`" End="`+end+`" InvTypeCode="DBL"/>`+openAll+`</AvailStatusMessage>`)
}

func limitOf(attrs string) string {
	return availMessage("", `<AvailStatusMessage `+attrs+`><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"/></AvailStatusMessage>`)
}

func nested(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }

// hostile are malformed and hostile messages: what each is refused with. Code is the message's; item the code of its first item's fault.
var hostile = []struct {
	name, body, contentType string
	code                    string // of the whole message; "" if it is read
	item                    string // of its first item; "" if it is good
}{
	// Entities and DTDs.
	{"billion laughs", `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>` + goodWith(`"DBL"`, `"&lol2;"`), "", CodeDTD, ""},
	{"quadratic blow-up", `<!DOCTYPE x [<!ENTITY a "` + strings.Repeat("a", 50_000) + `">]><OTA_PingRQ><EchoData>` + strings.Repeat("&a;", 1000) + `</EchoData></OTA_PingRQ>`, "", CodeDTD, ""},
	{"external entity", `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><OTA_PingRQ><EchoData>&f;</EchoData></OTA_PingRQ>`, "", CodeDTD, ""},
	{"external DTD", `<!DOCTYPE OTA_PingRQ SYSTEM "http://example.com/x.dtd"><OTA_PingRQ/>`, "", CodeDTD, ""},
	{"parameter entity", `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.com/p"> %p;]><OTA_PingRQ/>`, "", CodeDTD, ""},
	{"bare doctype", `<!DOCTYPE html>` + good, "", CodeDTD, ""},
	{"DTD after the root starts", `<OTA_PingRQ><!DOCTYPE x></OTA_PingRQ>`, "", CodeDTD, ""},
	{"entity nobody declared", goodWith(`"DBL"`, `"&nbsp;"`), "", CodeNotXML, ""},
	{"entity without end", goodWith(`"DBL"`, `"&amp"`), "", CodeNotXML, ""},
	{"character reference to NUL", goodWith(`"DBL"`, `"D&#0;BL"`), "", CodeNotXML, ""},
	{"character reference beyond Unicode", goodWith(`"DBL"`, `"&#x110000;"`), "", CodeNotXML, ""},
	{"xinclude is no instruction", goodWith("<Avail", `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><Avail`), "", "", ""},
	// Well-formedness.
	{"empty body", "", "", CodeNotXML, ""},
	{"blanks only", " \r\n\t", "", CodeNotXML, ""},
	{"byte order mark only", "\xef\xbb\xbf", "", CodeNotXML, ""},
	{"comment only", "<!-- hello -->", "", CodeNotXML, ""},
	{"plain text", "Start=2026-01-01", "", CodeNotXML, ""},
	{"HTML", "<html><body><p>Hello<br></body></html>", "", CodeNotXML, ""},
	{"JSON", `{"hotelId": "X"}`, "application/json", CodeNotOTA, ""},
	{"JSON list", `[]`, "", CodeNotOTA, ""},
	{"truncated in a tag", good[:len(good)/2], "", CodeNotXML, ""},
	{"truncated before the last end tag", good[:len(good)-len("</OTA_HotelAvailNotifRQ>")], "", CodeNotXML, ""},
	{"truncated in the last end tag", good[:len(good)-1], "", CodeNotXML, ""},
	{"wrong end tag", strings.Replace(good, "</AvailStatusMessages>", "</AvailStatusMessage>", 1), "", CodeNotXML, ""},
	{"two roots", good + good, "", CodeNotXML, ""},
	{"text after the root", good + "bye", "", CodeNotXML, ""},
	{"text before the root", "hi" + good, "", CodeNotXML, ""},
	{"attribute twice", goodWith(`InvTypeCode="DBL"`, `InvTypeCode="DBL" InvTypeCode="SGL"`), "", CodeNotXML, ""},
	{"attribute without quotes", goodWith(`"DBL"`, `DBL`), "", CodeNotXML, ""},
	{"attribute without value", goodWith(`InvTypeCode="DBL"`, `InvTypeCode`), "", CodeNotXML, ""},
	{"angle bracket in an attribute", goodWith(`"DBL"`, `"<DBL"`), "", CodeNotXML, ""},
	{"NUL byte in an attribute", goodWith(`"DBL"`, "\"D\x00BL\""), "", CodeNotXML, ""},
	{"NUL byte between tags", good[:60] + "\x00" + good[60:], "", CodeNotXML, ""},
	{"control character in an attribute", goodWith(`"DBL"`, "\"D\x1bBL\""), "", CodeNotXML, ""},
	{"XML 1.1", `<?xml version="1.1"?>` + good, "", CodeNotXML, ""},
	{"CDATA end in text", `<OTA_PingRQ><EchoData>]]></EchoData></OTA_PingRQ>`, "", CodeNotXML, ""},
	{"unclosed comment", good + "<!-- ", "", CodeNotXML, ""},
	{"double dash in a comment", "<!-- a -- b -->" + good, "", CodeNotXML, ""},
	// Limits.
	{"nesting", nested(200_000), "", CodeTooBig, ""},
	{"nesting inside an item", goodWith("<RestrictionStatus", nested(70)+"<RestrictionStatus"), "", CodeTooBig, ""},
	{"a long attribute", goodWith(`"DBL"`, `"`+strings.Repeat("D", 5000)+`"`), "", CodeTooBig, ""},
	{"many attributes", goodWith(`InvTypeCode="DBL"`, manyAttributes(200)), "", CodeTooBig, ""},
	{"a long element name", "<" + strings.Repeat("a", 300) + "/>", "", CodeTooBig, ""},
	{"many empty items", availMessage("", strings.Repeat("<AvailStatusMessage/>", 20_000)), "", "", CodeMissing},
	{"a message that expands", rateExplosion(), "", ari.CodeTooManyStatements, ""},
	// Encodings.
	{"UTF-7", `<?xml version="1.0" encoding="UTF-7"?>` + good, "", CodeEncoding, ""},
	{"EBCDIC by name", `<?xml version="1.0" encoding="IBM037"?>` + good, "", CodeEncoding, ""},
	{"Shift-JIS by content type", good, "text/xml; charset=Shift_JIS", CodeEncoding, ""},
	{"GB18030", `<?xml version="1.0" encoding="GB18030"?>` + good, "", CodeEncoding, ""},
	{"UTF-32", "\x00\x00\xfe\xff\x00\x00\x00<", "", CodeEncoding, ""},
	{"UTF-16 without a mark", utf16Bytes(good, true, false), "", CodeEncoding, ""},
	{"UTF-16 declared and not used", `<?xml version="1.0" encoding="UTF-16"?>` + good, "", CodeEncoding, ""},
	{"UTF-16 of odd length", utf16Bytes(good, false, true) + "x", "", CodeEncoding, ""},
	{"UTF-16 with half a pair", "\xff\xfe<\x00\x00\xd8", "", CodeEncoding, ""},
	{"UTF-16 with a pair turned round", "\xfe\xff\x00<\xdc\x00\xd8\x00", "", CodeEncoding, ""},
	{"broken UTF-8", goodWith(`"DBL"`, "\"D\xc3\x28BL\""), "", CodeEncoding, ""},
	{"overlong UTF-8", goodWith(`"DBL"`, "\"D\xc0\xbcBL\""), "", CodeEncoding, ""},
	{"a surrogate in UTF-8", goodWith(`"DBL"`, "\"D\xed\xa0\x80BL\""), "", CodeEncoding, ""},
	{"ASCII that is not", `<?xml version="1.0" encoding="US-ASCII"?>` + goodWith(`"DBL"`, "\"D\xe9\""), "", CodeEncoding, ""},
	{"Windows-1252 with a hole", `<?xml version="1.0" encoding="windows-1252"?>` + goodWith(`"DBL"`, "\"D\x81\""), "", CodeEncoding, ""},
	// Envelopes and roots.
	{"SOAP of another namespace", `<Envelope xmlns="urn:x"><Body>` + good + `</Body></Envelope>`, "", CodeEnvelope, ""},
	{"SOAP without a body", `<s:Envelope xmlns:s="` + soap11Space + `"/>`, "", CodeEnvelope, ""},
	{"SOAP with two messages", `<s:Envelope xmlns:s="` + soap11Space + `"><s:Body>` + good + good + `</s:Body></s:Envelope>`, "", CodeEnvelope, ""},
	{"SOAP in SOAP", `<s:Envelope xmlns:s="` + soap11Space + `"><s:Body><s:Envelope/></s:Body></s:Envelope>`, "", CodeNotOTA, ""},
	{"another OTA message", `<OTA_HotelResNotifRQ Version="1"/>`, "", CodeNotImplemented, ""},
	{"an answer", `<OTA_HotelAvailNotifRS Version="1"><Success/></OTA_HotelAvailNotifRS>`, "", CodeNotImplemented, ""},
	{"a root with a hostile name", `<OTA_"/>`, "", CodeNotXML, ""},
	{"OTA of 2002", strings.Replace(good, "<OTA_HotelAvailNotifRQ", `<OTA_HotelAvailNotifRQ xmlns="http://www.opentravel.org/OTA/2002/11"`, 1), "", CodeNotOTA, ""},
	{"no items", availMessage("", ""), "", CodeMissing, ""},
	{"no container", `<OTA_HotelInvCountNotifRQ Version="1"/>`, "", CodeMissing, ""},
	{"two hotels", strings.Replace(good, "</OTA_", `<AvailStatusMessages HotelCode="OTHER"/></OTA_`, 1), "", CodeContradiction, ""},
	{"a hotel nobody knows", goodWith(`"HOTEL"`, `"'; DROP TABLE hotels; --"`), "", "unmapped_property", ""},
	{"a long echo token", availMessage("", "x") + strings.Repeat(" ", 10), "", CodeMissing, ""},
	{"an echo token over 128", strings.Replace(good, `EchoToken="e1"`, `EchoToken="`+strings.Repeat("e", 129)+`"`, 1), "", CodeValue, ""},
	{"a target nobody knows", availMessage(`Target="Staging"`, availItem(product, openAll)), "", CodeValue, ""},
	// Numbers.
	{"a huge limit", limitOf(`BookingLimit="99999999999999999999999999"`), "", "", CodeValue},
	{"a negative limit", limitOf(`BookingLimit="-1"`), "", "", CodeValue},
	{"a limit in hex", limitOf(`BookingLimit="0x10"`), "", "", CodeValue},
	{"half a room", limitOf(`BookingLimit="1.5"`), "", "", CodeValue},
	{"a limit with an exponent", limitOf(`BookingLimit="1e3"`), "", "", CodeValue},
	{"an empty limit", limitOf(`BookingLimit=""`), "", "", CodeValue},
	{"a limit in other digits", limitOf(`BookingLimit="٣"`), "", "", CodeValue},
	{"a huge count", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="2" Count="`+strings.Repeat("9", 4000)+`"/></InvCounts>`), "", "", CodeValue},
	{"no count", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="2"/></InvCounts>`), "", "", CodeMissing},
	{"a huge amount", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="99999999999999"`)), "", "", CodeAmount},
	{"a negative amount", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="-1.00"`)), "", "", CodeAmount},
	{"an amount with a comma", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="1,50"`)), "", "", CodeAmount},
	{"an amount with an exponent", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="1e9"`)), "", "", CodeAmount},
	{"an amount that is none", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="NaN"`)), "", "", CodeAmount},
	{"an infinite amount", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="INF"`)), "", "", CodeAmount},
	{"an amount in too fine parts", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="1.00001"`)), "", "", CodeAmount},
	{"no guests", rateMessage("", baseAmount(`NumberOfGuests="0" AmountAfterTax="1"`)), "", "", CodeGuests},
	{"300 guests", rateMessage("", baseAmount(`NumberOfGuests="300" AmountAfterTax="1"`)), "", "", CodeGuests},
	{"ages turned round", rateMessage("", withExtra(`AgeQualifyingCode="8" MinAge="12" MaxAge="3" Amount="1"`)), "", "", CodeGuests},
	{"an age of dogs", rateMessage("", withExtra(`AgeQualifyingCode="99" Amount="1"`)), "", "", CodeUnsupported},
	{"a percentage for a guest", rateMessage("", withExtra(`AgeQualifyingCode="10" Percent="50"`)), "", "", CodeUnsupported},
	{"an amount for a second", rateMessage("", `<Rate RateTimeUnit="Second">`+twoGuests+`</Rate>`), "", "", ari.CodeRateBasis},
	{"a stay of 0xFF nights", los("", `MinMaxMessageType="SetMinLOS" Time="0xFF"`), "", "", CodeValue},
	{"a stay of -3 nights", los("", `MinMaxMessageType="SetMinLOS" Time="-3"`), "", "", CodeValue},
	{"a stay of 100000 nights", los("", `MinMaxMessageType="SetMinLOS" Time="100000"`), "", "", CodeNights},
	{"a stay in hours", los("", `MinMaxMessageType="SetMinLOS" Time="48" TimeUnit="Hour"`), "", "", CodeValue},
	{"a pattern of 64 nights", los("", `MinMaxMessageType="FullPatternLOS" Time="64" OpenStatusIndicator="1"`), "", "", CodeNights},
	{"a pattern of question marks", availMessage("", availItem(product, `<LengthsOfStay><LengthOfStay MinMaxMessageType="FullPatternLOS"><LOS_Pattern FullPatternLOS="Y?N"/></LengthOfStay></LengthsOfStay>`)), "", "", CodeValue},
	{"a pattern that is not as long as told", availMessage("", availItem(product, `<LengthsOfStay FixedPatternLength="9"><LengthOfStay MinMaxMessageType="FullPatternLOS"><LOS_Pattern FullPatternLOS="YN"/></LengthOfStay></LengthsOfStay>`)), "", "", CodeContradiction},
	{"a lead of a billion days", availMessage("", availItem(product, `<RestrictionStatus MinAdvancedBookingOffset="P1000000000D"/>`)), "", "", CodeValue},
	{"a negative lead", availMessage("", availItem(product, `<RestrictionStatus MinAdvancedBookingOffset="-P1D"/>`)), "", "", CodeValue},
	// Dates.
	{"the 30th of February", span("2026-02-30", "2026-03-01"), "", "", CodeDate},
	{"a date of year 0", span("0000-01-01", "2026-03-01"), "", "", CodeDate},
	{"a date of year 10000", span("2026-01-01", "10000-01-01"), "", "", CodeDate},
	{"a date of 1600", span("1600-01-01", "2026-01-01"), "", "", CodeDate},
	{"a date the American way", span("06/01/2026", "06/02/2026"), "", "", CodeDate},
	{"a time without date", span("10:00:00", "2026-01-01"), "", "", CodeDate},
	{"a date with an afternoon", span("2026-06-01T14:00:00", "2026-06-02"), "", "", CodeDate},
	{"a range turned round", span("2026-06-02", "2026-06-01"), "", "", CodeRangeOrder},
	{"a range of 8000 years", span("1970-01-01", "9999-12-30"), "", "", ""},
	{"a duration of a century of centuries", availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" Duration="P999999999999D" InvTypeCode="DBL"/>`+openAll+`</AvailStatusMessage>`), "", "", CodeValue},
	{"a duration of no nights", availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" Duration="P0N" InvTypeCode="DBL"/>`+openAll+`</AvailStatusMessage>`), "", "", CodeValue},
	{"a weekday perhaps", availMessage("", availItem(product+` Mon="perhaps"`, openAll)), "", "", CodeValue},
	{"no weekday", availMessage("", availItem(product+` Mon="0" Tue="0"`, openAll)), "", "", CodeWeekdays},
	{"a weekday both ways", availMessage("", availItem(product+` Weds="1" Wed="0"`, openAll)), "", "", CodeContradiction},
	// Codes and contradictions.
	{"an empty room type", availMessage("", availItem(`InvTypeCode=""`, openAll)), "", "", CodeValue},
	{"a blank room type", availMessage("", availItem(`InvTypeCode="   "`, openAll)), "", "", CodeValue},
	{"a room type of 65 bytes", availMessage("", availItem(`InvTypeCode="`+strings.Repeat("D", 65)+`"`, openAll)), "", "", CodeValue},
	{"a room type with a line break", availMessage("", availItem(`InvTypeCode="D&#10;L"`, openAll)), "", "", CodeValue},
	{"all rooms and one", availMessage("", availItem(`InvTypeCode="DBL" AllInvCode="true"`, openAll)), "", "", CodeContradiction},
	{"not all rooms and none", availMessage("", availItem(`AllInvCode="false"`, openAll)), "", "", CodeMissing},
	{"all rates and one", availMessage("", availItem(`RatePlanCode="BAR" AllRateCode="1"`, openAll)), "", "", CodeContradiction},
	{"open and closed", availMessage("", availItem(product, `<RestrictionStatus Status="Open" Restriction="Master"/><RestrictionStatus Status="Close" Restriction="Master"/>`)), "", "", CodeContradiction},
	{"two minimum stays", availMessage("", availItem(product, `<LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="2"/><LengthOfStay MinMaxMessageType="SetMinLOS" Time="3"/></LengthsOfStay>`)), "", "", CodeContradiction},
	{"two prices for two guests", rateMessage("", `<Rate>`+strings.Replace(twoGuests, "</Base", `</Base`, 1)+`</Rate><Rate>`+strings.Replace(twoGuests, "100", "90", 1)+`</Rate>`), "", "", CodeContradiction},
	{"a notif type nobody knows", rateMessage(`NotifType="Merge"`, `<Rate>`+twoGuests+`</Rate>`), "", "", CodeValue},
	{"another currency", rateMessage("", baseAmount(`NumberOfGuests="2" AmountAfterTax="1" CurrencyCode="XXX"`)), "", "", CodeCurrency},
	{"a status nobody knows", availMessage("", availItem(product, `<RestrictionStatus Status="Maybe"/>`)), "", "", ""},
	{"no control", availMessage("", `<AvailStatusMessage BookingLimit="5"/>`), "", "", CodeMissing},
	{"an item in an item", availMessage("", availItem(product, availItem(product, openAll))), "", "", ""},
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d="x"`, i)
	}
	return b.String()
}

// rateExplosion is a small message that would make a million statements.
func rateExplosion() string {
	rate := `<Rate MinGuestApplicable="1" MaxGuestApplicable="31"><BaseByGuestAmts><BaseByGuestAmt AmountAfterTax="1"/></BaseByGuestAmts></Rate>`
	item := `<RateAmountMessage><StatusApplicationControl Start="2026-06-01" End="2026-06-07" RatePlanCode="BAR"/><Rates>` + rate + `</Rates></RateAmountMessage>`
	return `<OTA_HotelRateAmountNotifRQ Version="1"><RateAmountMessages HotelCode="HOTEL">` + strings.Repeat(item, 1500) + `</RateAmountMessages></OTA_HotelRateAmountNotifRQ>`
}

func TestHostileMessagesAreRefusedPrecisely(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) { judgeHostile(t, h.body, h.contentType, h.code, h.item) })
	}
}

// judgeHostile reads a message and wants its refusal: code of the whole message, or item of its first item; with neither it must be read.
func judgeHostile(t *testing.T, body, contentType, wantCode, wantItem string) {
	t.Helper()
	m, err := Parse([]byte(body), contentType)
	r := Decode(m, Generic(), testCodes{newTestHotel()})
	var f *Fault
	if errors.As(err, &f) != (err != nil) || err != nil && r.Refused != f {
		t.Fatalf("error %v, refused %v", err, r.Refused)
	}
	code, item := "", ""
	switch {
	case r.Refused != nil:
		code = r.Refused.Code
	case len(r.Items) > 0 && len(r.Items[0].Faults) > 0:
		item = r.Items[0].Faults[0].Code
	}
	if code != wantCode || item != wantItem {
		t.Errorf("got %q, item %q; want %q, item %q\n%s", code, item, wantCode, wantItem, clip(dump(&r), 600))
	}
	reply := EncodeAnswer(m, Generic(), Answer{At: answeredAt, Refused: r.Refused, Nothing: r.Nothing, Outcomes: r.Outcomes(nil)})
	if bytes.Contains(reply.Body, []byte("<Success")) != (code == "" && item == "") {
		t.Errorf("answered %s", clip(string(reply.Body), 400))
	}
	if len(reply.Body) > 300_000 {
		t.Errorf("an answer of %d bytes", len(reply.Body))
	}
}

func TestEncodingsThatAreReadMeanTheSame(t *testing.T) {
	plain := strings.Replace(good, `"DBL"`, `"Süß"`, 1)
	latin := "\"S\xfc\xdf\""
	declare := func(enc string) string { return `<?xml version="1.0" encoding="` + enc + `"?>` }
	want := ""
	for _, c := range []struct{ name, body, contentType string }{
		{"UTF-8", plain, ""},
		{"UTF-8 declared", declare("UTF-8") + plain, "text/xml"},
		{"UTF-8 with a mark", "\xef\xbb\xbf" + plain, ""},
		{"UTF-8 with a mark that a wrong declaration does not overrule", "\xef\xbb\xbf" + declare("ISO-8859-1") + plain, ""},
		{"UTF-16 little endian", utf16Bytes(declare("UTF-16")+plain, false, true), ""},
		{"UTF-16 big endian", utf16Bytes(plain, true, true), "application/xml; charset=utf-16"},
		{"ISO-8859-1", declare("ISO-8859-1") + strings.Replace(good, `"DBL"`, latin, 1), ""},
		{"ISO-8859-1 in single quotes", `<?xml version='1.0' encoding='iso-8859-1' ?>` + strings.Replace(good, `"DBL"`, latin, 1), ""},
		{"ISO-8859-1 by content type", strings.Replace(good, `"DBL"`, latin, 1), "text/xml; charset=ISO-8859-1"},
		{"Windows-1252", declare("windows-1252") + strings.Replace(good, `"DBL"`, latin, 1), ""},
		{"US-ASCII with references", declare("us-ascii") + strings.Replace(good, `"DBL"`, `"S&#252;&#xDF;"`, 1), ""},
	} {
		m, err := Parse([]byte(c.body), c.contentType)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(canonical(m.root)); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%s: got %s, want %s", c.name, got, want)
		}
	}
	if !strings.Contains(want, "Süß") {
		t.Errorf("read %s", want)
	}
}

func TestElementsAreCounted(t *testing.T) {
	body := []byte("<a>" + strings.Repeat("<b/>", 99) + "</a>")
	if _, err := readTree(newScanner(body), 100); err != nil {
		t.Errorf("100 elements of 100: %v", err)
	}
	var f *Fault
	if _, err := readTree(newScanner(body), 99); !errors.As(err, &f) || f.Code != CodeTooBig {
		t.Errorf("100 elements of 99: %v", err)
	}
}

// A message of many names, comments and pieces of text must not cost more than its size says.
func TestParsingIsLinearInHostileShapes(t *testing.T) {
	var names, pieces strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&names, "<n%d/>", i)
		pieces.WriteString("x<!---->")
	}
	for name, inside := range map[string]string{"names": names.String(), "pieces of text": pieces.String(), "blanks": strings.Repeat(" <b/>", 20_000)} {
		if _, err := Parse([]byte(goodWith("<RestrictionStatus", inside+"<RestrictionStatus")), ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsStayOutOfFaults(t *testing.T) {
	m, err := Parse([]byte(`<s:Envelope xmlns:s="`+soap11Space+`"><s:Header><w:Security xmlns:w="urn:w"><w:UsernameToken><w:Username>u</w:Username><w:Password>hunter2</w:Password></w:UsernameToken></w:Security></s:Header><s:Body><OTA_HotelAvailNotifRQ Version="1"><POS><Source><RequestorID Type="22" ID="pms" MessagePassword="hunter3"/></Source></POS><AvailStatusMessages HotelCode="HOTEL">`+availItem(product, "<RestrictionStatus/>")+`</AvailStatusMessages></OTA_HotelAvailNotifRQ></s:Body></s:Envelope>`), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []Credential{{From: "wsse", User: "u", Password: "hunter2"}, {From: "requestor", User: "pms", Password: "hunter3"}}
	if len(m.Credentials) != 2 || m.Credentials[0] != want[0] || m.Credentials[1] != want[1] || m.RequestorID != "pms" || m.Envelope != SOAP11 {
		t.Errorf("read %+v", m.Credentials)
	}
	r := Decode(m, Generic(), testCodes{newTestHotel()})
	reply := EncodeAnswer(m, Generic(), Answer{At: answeredAt, Outcomes: r.Outcomes(nil)})
	for _, text := range []string{dump(&r), string(reply.Body), string(r.Identity.Content)} {
		if strings.Contains(text, "hunter") {
			t.Errorf("a password in %s", text)
		}
	}
}
