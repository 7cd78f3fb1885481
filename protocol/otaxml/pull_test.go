package otaxml

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/contracts"
)

// sameCodes is a mapping under which codes are the same on both sides.
type sameCodes struct{}

func (sameCodes) Outward(_, code string) string { return code }

// askText answers a message that asks, around one request's inside.
func askText(kind, inner string) string {
	l := askLists[kind][0]
	body := `<` + l.item + `>` + inner + `</` + l.item + `>`
	if l.list != "" {
		body = `<` + l.list + `>` + body + `</` + l.list + `>`
	}
	return `<` + kind + ` xmlns="` + otaSpace + `" Version="1.0" EchoToken="q">` + body + `</` + kind + `>`
}

const askDates, askHotel = `<DateRange Start="2026-06-01" End="2026-06-14"/>`, `<HotelRef HotelCode="HOTEL"/>`

// pulled answers what a message that asks is answered with; nil if it is not one, or not read.
func pulled(body []byte, p *Profile, picture *ari.Picture) (*Message, *Reply) {
	m, err := Parse(body, "")
	if err != nil || !m.Asks() {
		return m, nil
	}
	h := newTestHotel()
	h.any = true
	r := ReadPull(m, p, PullFrom{At: answeredAt, Hotel: h, Outward: sameCodes{}, CellsMax: 2_000}, picture).Reply()
	return m, &r
}

// hostileAsks are requests with something wrong, or too much, and the code that each is refused with.
var hostileAsks = []struct{ name, body, code string }{
	{"no request", `<OTA_HotelAvailGetRQ/>`, CodeMissing},
	{"an empty list", `<OTA_HotelAvailGetRQ><HotelAvailRequests/></OTA_HotelAvailGetRQ>`, CodeMissing},
	{"two hotels in two requests", `<OTA_HotelInvCountRQ><HotelInvCountRequests><HotelInvCountRequest><HotelRef HotelCode="A"/></HotelInvCountRequest><HotelInvCountRequest><HotelRef HotelCode="B"/></HotelInvCountRequest></HotelInvCountRequests></OTA_HotelInvCountRQ>`, CodeContradiction},
	{"two hotels in one", askText(KindAvailGet, askDates+askHotel+`<HotelRef HotelCode="OTHER"/>`), CodeContradiction},
	{"a hotel of a candidate", askText(KindRatePlanGet, askHotel+`<RatePlanCandidates><RatePlanCandidate RatePlanCode="BAR"><HotelRefs><HotelRef HotelCode="OTHER"/></HotelRefs></RatePlanCandidate></RatePlanCandidates>`), CodeContradiction},
	{"no start", askText(KindAvailGet, `<DateRange End="2026-06-14"/>`+askHotel), CodeMissing},
	{"no date", askText(KindAvailGet, `<DateRange Start="soon" End="2026-06-14"/>`+askHotel), CodeDate},
	{"a time of day", askText(KindAvailGet, `<DateRange Start="2026-06-01T13:00:00Z" End="2026-06-14"/>`+askHotel), CodeDate},
	{"a date that is none", askText(KindAvailGet, `<DateRange Start="2026-02-30"/>`+askHotel), CodeDate},
	{"an end before the start", askText(KindAvailGet, `<DateRange Start="2026-06-14" End="2026-06-01"/>`+askHotel), CodeRangeOrder},
	{"a duration of nothing", askText(KindAvailGet, `<DateRange Start="2026-06-14" Duration="P0D"/>`+askHotel), CodeValue},
	{"a duration of months", askText(KindAvailGet, `<DateRange Start="2026-06-14" Duration="P1M"/>`+askHotel), CodeValue},
	{"a duration of ages", askText(KindAvailGet, `<DateRange Start="2026-06-14" Duration="P99999999999D"/>`+askHotel), CodeValue},
	{"long ago", askText(KindAvailGet, `<DateRange Start="1999-06-14" End="1999-07-01"/>`+askHotel), ari.CodePast},
	{"far off", askText(KindAvailGet, `<DateRange Start="9998-06-14" End="9999-12-30"/>`+askHotel), ari.CodePast},
	{"three years", askText(KindAvailGet, `<DateRange Start="2026-02-01" End="2029-01-01"/>`+askHotel), ari.CodeTooManyCells},
	{"a year of everything", askText(KindAvailGet, `<DateRange Start="2026-02-01" End="2027-01-31"/>`+askHotel), ari.CodeTooManyCells},
	{"no end", askText(KindAvailGet, `<DateRange Start="2026-06-01" End="2099-12-31"/>`+askHotel), ari.CodeTooManyCells},
	{"an unknown room type", askText(KindInvCountGet, askDates+`<RoomTypeCandidates><RoomTypeCandidate RoomTypeCode="NOPE"/></RoomTypeCandidates>`+askHotel), ari.CodeUnknownRoomType},
	{"an unknown plan", askText(KindRatePlanGet, askDates+`<RatePlanCandidates><RatePlanCandidate RatePlanCode="NOPE"/></RatePlanCandidates>`+askHotel), ari.CodeUnknownRatePlan},
	{"an unknown block", askText(KindInvBlockGet, askDates+`<InvBlock InvBlockCode="NOPE"/>`+askHotel), ari.CodeUnknownBlock},
	{"one unknown code of two", askText(KindAvailGet, askDates+`<RatePlans><RatePlan InvTypeCode="DBL" RatePlanCode="BAR"/><RatePlan InvTypeCode="NOPE" RatePlanCode="BAR"/></RatePlans>`+askHotel), ari.CodeUnknownRoomType},
	{"an empty code", askText(KindAvailGet, askDates+`<RoomTypeCandidates><RoomTypeCandidate RoomTypeCode=""/></RoomTypeCandidates>`+askHotel), CodeValue},
	{"a code of a kilobyte", askText(KindAvailGet, askDates+`<RoomTypeCandidates><RoomTypeCandidate RoomTypeCode="`+strings.Repeat("x", 1024)+`"/></RoomTypeCandidates>`+askHotel), CodeValue},
	{"an empty channel", askText(KindAvailGet, askDates+`<DestinationSystemsCode><DestinationSystemCode/></DestinationSystemsCode>`+askHotel), CodeValue},
	{"a code that is ignored, and nothing else", askText(KindAvailGet, askDates+`<RoomTypeCandidates><RoomTypeCandidate RoomTypeCode="IGNORED"/></RoomTypeCandidates>`+askHotel), CodeNoMatch},
	{"a hundred thousand codes", askText(KindAvailGet, askDates+`<RoomTypeCandidates>`+strings.Repeat(`<RoomTypeCandidate RoomTypeCode="DBL"/>`, 100_000)+`</RoomTypeCandidates>`+askHotel), CodeTooBig},
	{"a thousand requests", `<OTA_HotelAvailGetRQ><HotelAvailRequests>` + strings.Repeat(`<HotelAvailRequest>`+askDates+askHotel+`</HotelAvailRequest>`, 1000) + `</HotelAvailRequests></OTA_HotelAvailGetRQ>`, CodeTooBig},
	{"a hundred requests of the same", `<OTA_HotelAvailGetRQ><HotelAvailRequests>` + strings.Repeat(`<HotelAvailRequest>`+askDates+askHotel+`</HotelAvailRequest>`, 100) + `</HotelAvailRequests></OTA_HotelAvailGetRQ>`, ari.CodeTooManyCells},
	{"availability of a block", askText(KindAvailGet, askDates+`<RoomTypeCandidates><RoomTypeCandidate InvBlockCode="GRP1"/></RoomTypeCandidates>`+askHotel), CodeUnsupported},
	{"rules of everything", askText(KindBookingRuleGet, `<StatusApplication Start="2026-06-01"/>`), CodeMissing},
	{"a test", strings.Replace(askText(KindAvailGet, askDates+askHotel), ` Version`, ` Target="Test" Version`, 1), CodeTestOnLive},
	{"an echo token of a kilobyte", strings.Replace(askText(KindAvailGet, askDates+askHotel), `"q"`, `"`+strings.Repeat("q", 1024)+`"`, 1), CodeValue},
	{"half of it", askText(KindAvailGet, askDates+askHotel)[:150], CodeNotXML},
	{"a report of nothing", `<OTA_NotifReportRQ Version="1"/>`, CodeMissing},
	{"a report of details only", `<OTA_NotifReportRQ><NotifDetails><HotelNotifReport/></NotifDetails></OTA_NotifReportRQ>`, CodeMissing},
}

func TestHostileQuestionsAreRefusedPrecisely(t *testing.T) {
	picture := testPicture(t)
	for _, c := range hostileAsks {
		m, err := Parse([]byte(c.body), "")
		var code string
		if f, ok := err.(*Fault); ok {
			code = f.Code
		} else if _, reply := pulled([]byte(c.body), Generic(), picture); reply == nil {
			t.Fatalf("%s: %v is not read", c.name, m.Kind)
		} else if i := bytes.Index(reply.Body, []byte(`<Error `)); i >= 0 {
			_, rest, _ := strings.Cut(string(reply.Body[i:]), `ShortText="`)
			code, _, _ = strings.Cut(rest, `"`)
		} else {
			t.Errorf("%s: answered %.300s", c.name, reply.Body)
			continue
		}
		if code != c.code {
			t.Errorf("%s: refused as %s, want %s", c.name, code, c.code)
		}
	}
}

func TestAnAnswerHasWhatWasAskedForAndNotMore(t *testing.T) {
	picture := testPicture(t)
	for _, c := range []struct {
		name, body string
		has, not   []string
	}{
		{"all", askText(KindAvailGet, askDates+askHotel), []string{`InvTypeCode="DBL" RatePlanCode="BAR"`, `InvTypeCode="STE"`, "RemoveMinLOS", `BookingLimit="5"`, `HotelCode="HOTEL"`}, []string{`InvTypeCode="SGL" RatePlanCode="NET"`}},
		{"one room type", askText(KindAvailGet, askDates+`<RoomTypeCandidates><RoomTypeCandidate RoomTypeCode="STE"/></RoomTypeCandidates>`+askHotel), []string{"STE"}, []string{"DBL", "SGL"}},
		{"one product, as some partners ask", askText(KindAvailGet, askDates+`<RatePlans><RatePlan InvTypeCode="DBL" RatePlanCode="BAR"/></RatePlans>`+askHotel), []string{`InvTypeCode="DBL" RatePlanCode="BAR"`}, []string{"STE", "ANY"}},
		{"limits only", askText(KindAvailGet, askDates+askHotel)[:0] + strings.Replace(askText(KindAvailGet, askDates+askHotel), "<HotelAvailRequest>", `<HotelAvailRequest SendBookingLimit="true">`, 1), []string{"BookingLimit", `Restriction="Master"`}, []string{"LengthOfStay", "Arrival"}},
		{"lengths of stay only", askText(KindAvailGet, askDates+`<LengthsOfStayCandidates SendAllLengthsOfStay="true"/>`+askHotel), []string{"LengthOfStay", `Status="Close"`}, []string{"BookingLimit", "Arrival\""}},
		{"a night", askText(KindInvCountGet, `<DateRange Start="2026-06-01"/>`+askHotel), []string{`Start="2026-06-01" End="2026-06-01"`, `Count="5"`, `Count="0"`}, []string{"2026-06-02"}},
		{"some nights", askText(KindInvCountGet, `<DateRange Start="2026-06-01" Duration="P3N"/>`+askHotel), []string{`End="2026-06-03"`}, []string{"2026-06-04"}},
		{"plans", askText(KindRatePlanGet, `<RatePlanCandidates><RatePlanCandidate RatePlanCode="BAR"/></RatePlanCandidates>`+askHotel), []string{`RatePlanCode="BAR"`}, []string{`RatePlanCode="ANY"`}},
		{"values that are not kept", askText(KindAvailGet, askDates+`<HurdleRateCandidate SendAmount="true"/>`+askHotel), []string{"<Success/><Warnings>", `Tag="/OTA_HotelAvailGetRQ/HotelAvailRequests/HotelAvailRequest[1]/HurdleRateCandidate"`}, nil},
		{"dates that begin before what is kept", askText(KindAvailGet, `<DateRange Start="2026-01-01" End="2026-02-03"/>`+askHotel), []string{`ShortText="beyond_horizon"`, `Start="2026-01-30"`}, nil},
	} {
		_, reply := pulled([]byte(c.body), Generic(), picture)
		got := string(reply.Body)
		for _, w := range c.has {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %s in\n%s", c.name, w, got)
			}
		}
		for _, w := range c.not {
			if strings.Contains(got, w) {
				t.Errorf("%s: %s in\n%s", c.name, w, got)
			}
		}
	}
}

// TestTheProfileChoosesHowIsAnswered: one picture, two profiles, two answers.
func TestTheProfileChoosesHowIsAnswered(t *testing.T) {
	picture := testPicture(t)
	body := []byte(askText(KindAvailGet, askDates+askHotel))
	for _, c := range []struct{ key, value, generic, other string }{
		{"limit_room_rate", `"count"`, `RatePlanCode="BAR"/><LengthsOfStay`, `InvTypeCode="DBL" AllRateCode="true"/>`},
		{"set_los", `"through"`, `"RemoveForwardMinStay"`, `"RemoveMinLOS"`},
		{"destinations", `"ignore"`, `<DestinationSystemCode>BCOM</DestinationSystemCode>`, `channels are not read`},
		{"destinations", `"refuse"`, `<DestinationSystemCode>BCOM</DestinationSystemCode>`, `Code="450"`},
	} {
		for p, want := range map[*Profile]string{Generic(): c.generic, choose(t, c.key, c.value): c.other} {
			if c.key == "destinations" {
				body = []byte(askText(KindAvailGet, askDates+`<DestinationSystemsCode><DestinationSystemCode>BCOM</DestinationSystemCode></DestinationSystemsCode>`+askHotel))
			}
			if _, reply := pulled(body, p, picture); !strings.Contains(string(reply.Body), want) {
				t.Errorf("%s: no %s in\n%s", c.key, want, reply.Body)
			}
		}
	}
}

func TestAnswersToQuestionsAreValidAgainst2017B(t *testing.T) {
	picture, bodies := testPicture(t), map[string][]byte{}
	for kind := range askLists {
		for i, inner := range []string{askDates + askHotel, askHotel, `<StatusApplication Start="2026-06-01" InvTypeCode="DBL" RatePlanCode="BAR"/>`, askDates + `<HurdleRateCandidate/>` + askHotel,
			askDates + `<DestinationSystemsCode><DestinationSystemCode>BCOM</DestinationSystemCode></DestinationSystemsCode>` + askHotel} {
			for j, p := range []*Profile{Generic(), choose(t, "set_los", `"through"`), choose(t, "limit_room_rate", `"count"`), choose(t, "departure_row", `"yes"`)} {
				if _, r := pulled([]byte(askText(kind, inner)), p, picture); r != nil {
					bodies[fmt.Sprint(kind, i, j)] = r.Body
				}
			}
		}
	}
	for i, c := range hostileAsks {
		m, r := pulled([]byte(c.body), Generic(), picture)
		if r == nil {
			continue
		}
		bodies[fmt.Sprint("hostile", i)] = r.Body
		bodies[fmt.Sprint("refused", i)] = EncodeAnswer(m, nil, Answer{At: answeredAt, Refused: NewFault(CodeForbidden, hostileWords)}).Body
	}
	if n := contracts.ValidateOTA(t, contracts.OTASchemas(t), bodies); n < 100 {
		t.Errorf("only %d answers", n)
	}
}

// FuzzAsk: no panic on any bytes and profile; every answer is well-formed and bounded, and says Success or Errors.
func FuzzAsk(f *testing.F) {
	for kind := range askLists {
		f.Add([]byte(askText(kind, askDates+askHotel)), uint32(0))
	}
	for _, c := range hostileAsks {
		if len(c.body) < 4096 {
			f.Add([]byte(c.body), uint32(7))
		}
	}
	f.Add([]byte(`<OTA_NotifReportRQ Version="1"><Errors><Error Type="3" Code="402" RecordID="2" Tag="/x">no</Error></Errors></OTA_NotifReportRQ>`), uint32(0))
	picture := testPicture(f)
	f.Fuzz(func(t *testing.T, body []byte, choices uint32) {
		p := Generic()
		for i, c := range Choices {
			*c.of(p) = c.Values[int(choices>>(i%29))%len(c.Values)]
		}
		m, reply := pulled(body, p, picture)
		if m.Report != nil && len(m.Report.Refusals()) > reportLinesMax {
			t.Fatalf("%d lines of a report are kept", len(m.Report.Lines))
		}
		if m.Report != nil {
			r := EncodeResult(m, p, Answer{At: answeredAt}, "id", choices%2 == 0)
			reply = &r
		}
		if reply == nil {
			return
		}
		if _, err := readTree(newStdTokenizer(reply.Body), elementsMax); err != nil {
			t.Fatalf("answer is not well-formed: %v\n%s", err, reply.Body)
		}
		if n := bytes.Count(reply.Body, []byte("<Success/>")) + bytes.Count(reply.Body, []byte("<Errors>")); n != 1 {
			t.Fatalf("%d outcomes in\n%s", n, reply.Body)
		}
	})
}
