package otaxml

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/contracts"
	"github.com/ratewire/ratewire/internal/golden"
)

var answeredAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hostileWords are what an answer must carry without breaking.
const hostileWords = "<&>\"'\x00\x1b\ufffe]]>\r\n\t" + "\xff\xfe" + "\u202e日本"

// everyAnswer are answers to every message that tells something with all there is to say, hostile words in it.
func everyAnswer() map[string]Reply {
	out := map[string]Reply{}
	for _, kind := range kindsRead() {
		if (&Message{Kind: kind}).Asks() {
			continue // answered with what it asks for
		}
		m := &Message{Kind: kind, EchoToken: hostileWords, Version: "1.005", Target: "Production", EchoData: "x<y " + hostileWords,
			Items: []Item{{LocatorID: strings.Repeat("é", 60)}, {RecordID: hostileWords}, {}}}
		out[kind+" success"] = EncodeAnswer(m, nil, Answer{At: answeredAt})
		var outcomes []Outcome
		for code := range otaCodes {
			outcomes = append(outcomes, Outcome{Item: len(outcomes) % 4, Verdict: ari.ItemVerdict(1 + len(outcomes)%6),
				Faults: []*Fault{{Code: code, Path: hostileWords, Got: hostileWords, Expected: hostileWords}}})
		}
		out[kind+" warnings"] = EncodeAnswer(m, nil, Answer{At: answeredAt, Outcomes: outcomes, Nothing: &Fault{Code: CodeRollback}})
		var refused []Outcome
		for i := range 250 {
			refused = append(refused, Outcome{Item: i, Verdict: ari.ItemRefused, Faults: []*Fault{{Code: CodeValue, Got: hostileWords}}})
		}
		out[kind+" errors"] = EncodeAnswer(m, nil, Answer{At: answeredAt, Outcomes: refused})
		for code := range otaCodes {
			out[kind+" refused "+code] = EncodeAnswer(m, nil, Answer{At: answeredAt, Refused: NewFault(code, hostileWords)})
		}
	}
	return out
}

func TestAnswersAreWellFormedWhateverTheySay(t *testing.T) {
	for name, r := range everyAnswer() {
		d := xml.NewDecoder(bytes.NewReader(r.Body))
		var err error
		for err == nil {
			_, err = d.Token()
		}
		if err.Error() != "EOF" {
			t.Errorf("%s: %v\n%s", name, err, r.Body)
		}
	}
}

// answersToValidate are those of the table above and of the golden cases, by the message they are for.
func answersToValidate(t *testing.T) map[string][]byte {
	out := map[string][]byte{}
	for name, r := range everyAnswer() {
		out[name] = r.Body
	}
	files, _ := filepath.Glob("testdata/*/*.txtar")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = answerTo(golden.Parse(string(b)).File("message.xml"), Generic(), answeredAt).Body
	}
	return out
}

func TestAnswersAreValidAgainst2017B(t *testing.T) {
	if n := contracts.ValidateOTA(t, contracts.OTASchemas(t), answersToValidate(t)); n < 200 {
		t.Errorf("only %d answers to validate", n)
	}
}

func TestPartialErrorsAreTheProfilesChoice(t *testing.T) {
	body := availMessage("", availItem(product, openAll)+availItem(product, `<RestrictionStatus/>`))
	strict := choose(t, "partial_answer", `"errors"`)
	for p, want := range map[*Profile]string{Generic(): "<Success/><Warnings><Warning ", strict: "<Errors><Error "} {
		if got := string(answerTo(body, p, answeredAt).Body); !strings.Contains(got, want) {
			t.Errorf("%s: want %s in\n%s", p.Name, want, got)
		}
	}
}

func TestOutcomesJoinWhatDecodeAndApplySay(t *testing.T) {
	m, err := Parse([]byte(availMessage("", availItem(product, openAll)+availItem(`InvTypeCode="NEW"`, openAll)+availItem(product, `<HurdleRate Amount="1"/>`)+
		availItem(`InvTypeCode="IGN"`, openAll)+availItem(product, openAll)+availItem(product, openAll)+availItem(product, openAll))), "")
	if err != nil {
		t.Fatal(err)
	}
	r := Decode(m, Generic(), testCodes{newTestHotel()})
	out := r.Outcomes([]ari.ItemResult{
		{Item: 6, Verdict: ari.ItemWaiting}, {Item: 0, Verdict: ari.ItemApplied, Trimmed: 2}, {Item: 2, Verdict: ari.ItemApplied},
		{Item: 4, Verdict: ari.ItemRefused, Err: &ari.ItemError{Item: 4, Code: ari.CodePast, Path: "to"}}, {Item: 5, Verdict: ari.ItemSuperseded},
	})
	want := []struct {
		v    ari.ItemVerdict
		code string
	}{{ari.ItemApplied, CodeTrimmed}, {ari.ItemParked, "unmapped_room_type"}, {ari.ItemApplied, CodeCannotEvaluate}, {ari.ItemUnchanged, CodeIgnored},
		{ari.ItemRefused, ari.CodePast}, {ari.ItemSuperseded, ari.CodeSuperseded}, {ari.ItemWaiting, CodeWaiting}}
	for i, w := range want {
		if out[i].Verdict != w.v || len(out[i].Faults) != 1 || out[i].Faults[0].Code != w.code {
			t.Errorf("item %d: got %+v, want %v %s", i, out[i], w.v, w.code)
		}
	}
	reply := string(EncodeAnswer(m, nil, Answer{At: answeredAt, Outcomes: out}).Body)
	if want := `Tag="/OTA_HotelAvailNotifRQ/AvailStatusMessages/AvailStatusMessage[5]" RecordID="5">to: `; !strings.Contains(reply, want) {
		t.Errorf("no %s in %s", want, reply)
	}
	if u := r.Update(nil); len(u.Statements) != 5 || u.Property != "H1" || !u.ByItem {
		t.Errorf("update %+v", u)
	}
	if u := r.Update([]int{4}); len(u.Statements) != 1 || u.Statements[0].Item != 4 {
		t.Errorf("update of item 4 %+v", u)
	}
}

func TestEveryFaultCodeHasItsOTACodes(t *testing.T) {
	for code, c := range otaCodes {
		if c.ewt == "" {
			t.Errorf("%s has no EWT", code)
		}
	}
	for _, c := range []struct{ code, ewt, err string }{{CodeBusy, "12", "191"}, {CodeAuth, "4", "175"}, {CodeNotImplemented, "2", "459"}, {"never heard of", "13", "197"}} {
		if ewt, err := NewFault(c.code, "").OTA(); ewt != c.ewt || err != c.err {
			t.Errorf("%s: got %s %s, want %s %s", c.code, ewt, err, c.ewt, c.err)
		}
	}
}

func TestStatusSaysWhatOTACannot(t *testing.T) {
	m := &Message{Kind: KindAvailNotif}
	for code, want := range map[string]int{CodeBusy: 503, CodeAuth: 401, CodeForbidden: 403, CodeNotXML: 400, CodeMissing: 200, CodeInternal: 500} {
		if got := EncodeAnswer(m, nil, Answer{At: answeredAt, Refused: NewFault(code, "x")}).Status; got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
	for e, want := range map[Envelope]int{SOAP11: 500, SOAP12: 400} {
		r := EncodeAnswer(&Message{Envelope: e}, nil, Answer{At: answeredAt, Refused: NewFault(CodeAuth, "x")})
		if r.Status != want || !bytes.Contains(r.Body, []byte("soap:Fault")) {
			t.Errorf("envelope %d: %d %s", e, r.Status, r.Body)
		}
	}
}

func TestScrubLeavesNoPassword(t *testing.T) {
	for _, body := range []string{
		`<a><wsse:Password Type="http://x#PasswordText">hunter2</wsse:Password><b/></a>`,
		`<a><Password><![CDATA[hunter2]]></Password></a>`,
		`<RequestorID MessagePassword = 'hunter2' ID="x"/>`,
		`<OTA Password="hunter2"/>`,
		`<a><wsse:Password>hunter2`,
		`<RequestorID MessagePassword="hunter2`,
	} {
		if got := string(Scrub([]byte(body), "")); strings.Contains(got, "hunter2") {
			t.Errorf("%s became %s", body, got)
		}
	}
	if got := string(Scrub([]byte(`<a><Password/><b>kept</b></a>`), "")); !strings.Contains(got, "kept") {
		t.Errorf("scrubbed too much: %s", got)
	}
}
