package httpapi

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/contracts"
	"github.com/ratewire/ratewire/store/memory"
)

func init() {
	replyWaits = []time.Duration{0, time.Millisecond, time.Millisecond, time.Millisecond}
}

// partner takes results; it refuses the first few.
type partner struct {
	srv     *httptest.Server
	refuses int
	answer  string

	mu  sync.Mutex
	got []string
}

func newPartner(t *testing.T, refuses int, answer string) *partner {
	p := &partner{refuses: refuses, answer: answer}
	p.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got = append(p.got, string(b))
		if len(p.got) <= p.refuses {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, p.answer)
	}))
	t.Cleanup(p.srv.Close)
	return p
}

func (p *partner) results() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.got...)
}

// beside runs what the API does by itself, until the test ends.
func (r *rig) beside() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.api.Run(ctx) }()
	r.t.Cleanup(func() { cancel(); <-done })
}

// asyncMessage is a message in an HTNG envelope.
func asyncMessage(id, replyTo, body string) string {
	return `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing"><e:Header>` +
		`<h:CorrelationID xmlns:h="http://htng.org/PWSWG/2007/02/AsyncHeaders">` + id + `</h:CorrelationID><wsa:MessageID>urn:m1</wsa:MessageID><wsa:ReplyTo><wsa:Address>` + replyTo +
		`</wsa:Address></wsa:ReplyTo></e:Header><e:Body>` + body + `</e:Body></e:Envelope>`
}

func (r *rig) waiting() int {
	return len(r.hub.ObjectCodes(ari.HubProperty, hub.KindReply, "", 100))
}

func TestAnAsynchronousMessageIsAcknowledgedOnceItIsAppliedAndItsResultIsPosted(t *testing.T) {
	for _, as := range []string{"response", "report"} {
		p := newPartner(t, 2, "")
		r := otaRig(t, `{"protocol":"ota","unmapped":true,"reply_to":["`+p.srv.URL+`"],"reply_as":"`+as+`"}`)
		a := r.ota(asyncMessage("C#1", p.srv.URL+"/in", avail("ALP1", "DLX", "x")))
		if a.status != 200 || !strings.Contains(string(a.body), `<htng:HTNG_AcknowledgeReceipt xmlns:htng="http://htng.org/2014B"/>`) || strings.Count(string(a.body), ">C#1<") != 2 || !strings.Contains(a.header.Get("Content-Type"), "application/soap+xml") {
			t.Fatalf("%s: %d %s", as, a.status, a.body)
		}
		if !strings.Contains(string(r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "").body), `"closed"`) {
			t.Errorf("%s: acknowledged, and not applied", as)
		}
		if r.waiting() != 1 {
			t.Fatalf("%s: %d results wait before anything is posted", as, r.waiting())
		}
		r.beside() // the result outlives whoever put it there
		until(t, "the result is taken", func() bool { return r.waiting() == 0 })
		got := p.results()
		want := []string{`<OTA_HotelAvailNotifRS `, `<Success/>`, `RelatesToCorrelationID>C#1<`, `<wsa:RelatesTo>urn:m1<`, `EchoToken="x"`}
		if as == "report" {
			want[0] = `<OTA_NotifReportRQ `
		}
		if len(got) != 3 {
			t.Errorf("%s: posted %d times, want 3: two were refused", as, len(got))
		}
		for _, w := range want {
			if !strings.Contains(got[len(got)-1], w) {
				t.Errorf("%s: no %s in %s", as, w, got[len(got)-1])
			}
		}
	}
}

func TestTheResultOfAnAsynchronousMessageNamesWhatWasRefused(t *testing.T) {
	p := newPartner(t, 0, "")
	r := otaRig(t, `{"protocol":"ota","unmapped":true,"reply_to":["`+p.srv.URL+`"],"reply_as":"report"}`)
	r.beside()
	if a := r.ota(asyncMessage("C#2", p.srv.URL, avail("ALP1", "NOPE", "x"))); !strings.Contains(string(a.body), "AcknowledgeReceipt") {
		t.Fatalf("%s", a.body)
	}
	until(t, "the result is taken", func() bool { return len(p.results()) == 1 && r.waiting() == 0 })
	if got := p.results()[0]; !strings.Contains(got, `Code="402"`) || !strings.Contains(got, `RecordID="L7"`) || strings.Contains(got, "<Success") {
		t.Errorf("%s", got)
	}
}

func TestAnAsynchronousMessageToldAgainIsARepeat(t *testing.T) {
	p := newPartner(t, 0, "")
	r := otaRig(t, `{"protocol":"ota","unmapped":true,"reply_to":["`+p.srv.URL+`"]}`)
	body := asyncMessage("C#3", p.srv.URL, avail("ALP1", "DLX", "x"))
	r.ota(body)
	// Sent again later, as a new message by its EchoToken: the profile's identity would apply it again, its CorrelationID says that it is a repeat.
	r.ota(strings.Replace(body, `EchoToken="x"`, `EchoToken="y"`, 1))
	l := r.ok("GET", "/v1/messages?connection=acme", "")
	if l.text("items", 0, "verdict") != "repeat" || l.text("items", 1, "verdict") != "applied" || r.waiting() != 1 {
		t.Errorf("%d results wait; %s", r.waiting(), l.body)
	}
}

func TestResultsArePostedOnlyWhereTheConnectionSays(t *testing.T) {
	p := newPartner(t, 0, "")
	r := otaRig(t, `{"protocol":"ota","unmapped":true,"reply_to":["pms.example.com","`+p.srv.URL+`"]}`)
	grid := func() string {
		return string(r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "").body)
	}
	host := strings.TrimPrefix(p.srv.URL, "http://")
	for _, to := range []string{"https://evil.example.com/", "http://pms.example.com/", "https://pms.example.com:8443/", "https://" + host, "https://user@pms.example.com/", "file:///etc/passwd",
		"https://pms.example.com.evil.example/", "https:pms.example.com", "//pms.example.com", "http://169.254.169.254/latest", "%%"} {
		if a := r.ota(asyncMessage("C#4", to, avail("ALP1", "DLX", "x"))); strings.Contains(string(a.body), "AcknowledgeReceipt") || !strings.Contains(string(a.body), `Code="497"`) {
			t.Errorf("%s: %d %s", to, a.status, a.body)
		}
	}
	if strings.Contains(grid(), `"closed"`) || r.waiting() != 0 {
		t.Error("what was refused was applied, or its result is kept")
	}
	if !replyAllowed([]string{"PMS.example.com"}, "https://pms.example.com:443/in?x=1") || !replyAllowed([]string{"pms.example.com:8443"}, "https://PMS.example.com.:8443/") {
		t.Error("the host itself is refused")
	}
	// Without reply_to, or with WS-Addressing's anonymous address, the answer comes at once.
	if a := r.ota(asyncMessage("C#5", "http://www.w3.org/2005/08/addressing/anonymous", avail("ALP1", "DLX", "x"))); !strings.Contains(string(a.body), "<Success/>") {
		t.Errorf("%s", a.body)
	}
	r.refused(422, "bad_format", "PUT", "/v1/connections/acme", `{"protocol":"ota","reply_to":["pms.example.com/in"]}`)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true}`)
	if a := r.ota(asyncMessage("C#6", "https://anywhere.example.com/", avail("ALP1", "DLX", "y"))); !strings.Contains(string(a.body), "<Success/>") {
		t.Errorf("%s", a.body)
	}
}

func TestAResultThatIsNeverTakenIsGivenUp(t *testing.T) {
	moved := httptest.NewServer(http.RedirectHandler("https://elsewhere.example.com/", http.StatusTemporaryRedirect))
	defer moved.Close()
	fault := newPartner(t, 0, `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault/></e:Body></e:Envelope>`)
	for name, to := range map[string]string{"a redirect": moved.URL, "a fault": fault.srv.URL, "nobody": "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			r := otaRig(t, `{"protocol":"ota","unmapped":true,"reply_to":["`+to+`"]}`)
			r.ota(asyncMessage("C#7", to, avail("ALP1", "DLX", "x")))
			if r.waiting() != 1 {
				t.Fatal("no result waits")
			}
			r.beside()
			until(t, "it is given up", func() bool { return r.waiting() == 0 })
		})
	}
	if n := len(fault.results()); n != len(replyWaits) {
		t.Errorf("%d attempts, want %d", n, len(replyWaits))
	}
}

func TestReportsAreKeptWithWhatTheySayOfEachItem(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	report := func(inner string) *reply {
		return r.ota(`<OTA_NotifReportRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken="r">` + inner + `</OTA_NotifReportRQ>`)
	}
	a := report(`<Errors><Error Type="3" Code="402" RecordID="7" Tag="/x">no such room</Error><Error Type="3" Code="249" ShortText="no plan"/></Errors>` +
		`<NotifDetails><HotelNotifReport><AvailStatusMessages HotelCode="ALP1"><AvailStatusMessage/></AvailStatusMessages></HotelNotifReport></NotifDetails>`)
	if a.status != 200 || !strings.Contains(string(a.body), `<OTA_NotifReportRS `) || !strings.Contains(string(a.body), "<Success/>") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	id := r.ok("GET", "/v1/messages?connection=acme", "").text("items", 0, "id")
	m := string(r.ok("GET", "/v1/messages/"+id, "").body)
	for _, want := range []string{"partner_error", "402", "no such room", "OTA_NotifReportRQ", "ALP1", `"item":6`} {
		if !strings.Contains(m, want) {
			t.Errorf("no %s in %s", want, m)
		}
	}
	if a := report(`<Success/>`); !strings.Contains(string(a.body), "<Success/>") {
		t.Errorf("%s", a.body)
	}
	if l := r.ok("GET", "/v1/messages?connection=acme", ""); len(l.get("items").([]any)) != 2 {
		t.Errorf("%s", l.body)
	}
	if a := report(``); !strings.Contains(string(a.body), `Code="321"`) {
		t.Errorf("%s", a.body)
	}
}

func TestBlocksAreReadBackAsTheyWereTold(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	tell := `<OTA_HotelInvBlockNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" TimeStamp="` + time.Now().UTC().Format(time.RFC3339) + `"><InvBlocks><InvBlock InvBlockCode="GRP1" InvBlockLongName="Chess club" TransactionAction="Book" BookingStatus="Open" InvBlockStatusCode="2">
<HotelRef HotelCode="ALP1"/><InvBlockDates Start="` + day(2) + `" End="` + day(4) + `" AbsoluteCutoff="` + day(1) + `"/><RoomTypes><RoomType RoomTypeCode="DLX"><RoomTypeAllocations><RoomTypeAllocation Start="` + day(2) + `" End="` + day(4) + `" NumberOfUnits="2"/></RoomTypeAllocations>
<RoomTypeAllocations RoomTypePickUpStatus="17"><RoomTypeAllocation Start="` + day(2) + `" End="` + day(2) + `" NumberOfUnits="1"/></RoomTypeAllocations></RoomType></RoomTypes></InvBlock></InvBlocks></OTA_HotelInvBlockNotifRQ>`
	if a := r.ota(tell); !strings.Contains(string(a.body), "<Success/>") {
		t.Fatalf("%s", a.body)
	}
	a := string(r.ota(askFor("OTA_HotelInvBlockRQ", "ALP1", "")).body)
	for _, want := range []string{`<OTA_HotelInvBlockRS`, `BookingStatus="Open" InvBlockCode="GRP1"`, `InvBlockLongName="Chess club"`, `InvBlockStatusCode="2"`, `AbsoluteCutoff="` + day(1) + `"`,
		`<RoomType RoomTypeCode="DLX"><RoomTypeAllocations><RoomTypeAllocation Start="` + day(2) + `" End="` + day(4) + `" NumberOfUnits="2"/></RoomTypeAllocations>`,
		`<RoomTypeAllocations RoomTypePickUpStatus="4"><RoomTypeAllocation Start="` + day(2) + `" End="` + day(2) + `" NumberOfUnits="1"/>`, `<InvBlockDates Start="` + day(2) + `" End="` + day(4) + `"`} {
		if !strings.Contains(a, want) {
			t.Errorf("no %s in\n%s", want, a)
		}
	}
	contracts.ValidateOTA(t, contracts.OTASchemas(t), map[string][]byte{"block": []byte(a)})
}

func TestTheWSDLListsWhatTheEndpointTakes(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota"}`)
	a := r.do("GET", "/ota/acme?wsdl", "", "Authorization", "")
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/xml") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var doc struct {
		Messages []struct {
			Name string `xml:"name,attr"`
		} `xml:"message"`
		PortType struct {
			Operations []struct {
				Name string `xml:"name,attr"`
			} `xml:"operation"`
		} `xml:"portType"`
		Bindings []struct {
			Name       string     `xml:"name,attr"`
			Operations []struct{} `xml:"operation"`
		} `xml:"binding"`
		Ports []struct {
			Address struct {
				Location string `xml:"location,attr"`
			} `xml:"address"`
		} `xml:"service>port"`
	}
	if err := xml.Unmarshal(a.body, &doc); err != nil {
		t.Fatal(err)
	}
	names := fmt.Sprint(doc.PortType.Operations)
	for _, want := range []string{"HotelAvailNotif", "HotelRateAmountNotif", "HotelInvCountNotif", "HotelRatePlanNotif", "HotelInvBlockNotif", "HotelAvailGet", "HotelRatePlan", "HotelInvCount", "HotelInvBlock", "NotifReport", "Ping"} {
		if !strings.Contains(names, "{"+want+"}") {
			t.Errorf("no operation %s in %s", want, names)
		}
	}
	for _, b := range doc.Bindings {
		if len(b.Operations) != len(doc.PortType.Operations) {
			t.Errorf("binding %s has %d operations of %d", b.Name, len(b.Operations), len(doc.PortType.Operations))
		}
	}
	if len(doc.Bindings) != 2 || len(doc.Ports) != 2 || doc.Ports[0].Address.Location != r.srv.URL+"/ota/acme" || doc.Ports[1].Address.Location != r.srv.URL+"/ota/acme" {
		t.Errorf("%+v", doc.Ports)
	}
	// What it lists is taken: each answered by name, none as not implemented.
	for _, o := range doc.PortType.Operations {
		kind := "OTA_" + o.Name + "RQ"
		if b := string(r.ota(`<` + kind + ` xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0"/>`).body); strings.Contains(b, `ShortText="not_implemented"`) || !strings.Contains(b, "<OTA_"+o.Name+"RS ") {
			t.Errorf("%s: %s", kind, b)
		}
	}
	for _, path := range []string{"/ota/nobody?WSDL", "/ota/acme?singleWsdl"} {
		if a := r.do("GET", path, "", "Authorization", ""); a.status != 200 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	r.refused(404, "no_such_route", "GET", "/ota/acme", "")
}

// TestPostedResultsAreValidAgainst2017B checks what is posted to partners, like what is answered to them.
func TestPostedResultsAreValidAgainst2017B(t *testing.T) {
	schemas := contracts.OTASchemas(t)
	posted := map[string][]byte{}
	for _, as := range []string{"response", "report"} {
		p := newPartner(t, 0, "")
		r := otaRig(t, `{"protocol":"ota","unmapped":true,"reply_to":["`+p.srv.URL+`"],"reply_as":"`+as+`"}`)
		r.beside()
		for i, room := range []string{"DLX", "NOPE", ""} {
			r.ota(asyncMessage(fmt.Sprint("C", i), p.srv.URL, avail("ALP1", room, "x")))
		}
		until(t, "all results are taken", func() bool { return len(p.results()) == 3 && r.waiting() == 0 })
		for i, b := range p.results() {
			posted[fmt.Sprint(as, i)] = []byte(b)
		}
	}
	if n := contracts.ValidateOTA(t, schemas, posted); n != 6 {
		t.Errorf("%d results checked, want 6", n)
	}
}

// TestAResultOutlivesTheNodeThatAcknowledged stops a node between acknowledgement and posting; the next one on the same store posts.
func TestAResultOutlivesTheNodeThatAcknowledged(t *testing.T) {
	p := newPartner(t, 0, "")
	disk := memory.NewDisk(memory.Options{})
	open := func() (*hub.Hub, *api, func()) {
		h, err := hub.Open(t.Context(), hub.Options{Store: disk.Open()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		until(t, "the hub writes", func() bool { s := h.Status(); return s.Ready && s.Writer })
		a, err := newAPI(h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return h, a, func() { cancel(); <-ended }
	}
	waiting := func(h *hub.Hub) int { return len(h.ObjectCodes(ari.HubProperty, hub.KindReply, "", 10)) }

	h, a, stop := open()
	plain, secret := NewSecret(time.Now())
	who := ari.Author{Kind: ari.BySystem, ID: "test"}
	for _, o := range []struct {
		property, kind, code string
		v                    any
	}{
		{ari.HubProperty, hub.KindConnection, "acme", hub.Connection{ID: "acme", Protocol: "ota", Unmapped: true, ReplyTo: []string{p.srv.URL}, Secrets: []hub.Secret{secret}}},
		{"ALP1", ari.KindProperty, "ALP1", ari.Property{TimeZone: "UTC", Currency: "EUR"}},
		{"ALP1", ari.KindRoomType, "DLX", ari.RoomType{}},
		{"ALP1", ari.KindRatePlan, "BAR", ari.RatePlan{}},
	} {
		b, err := json.Marshal(o.v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.PutObject(t.Context(), who, o.property, o.kind, o.code, b, 0, false); err != nil {
			t.Fatal(err)
		}
	}
	req := httptest.NewRequest("POST", "/ota/acme", strings.NewReader(asyncMessage("C#9", p.srv.URL, avail("ALP1", "DLX", "x"))))
	req.Header.Set("Content-Type", "application/soap+xml")
	req.SetBasicAuth("acme", plain)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, req)
	if !strings.Contains(w.Body.String(), "AcknowledgeReceipt") || waiting(h) != 1 {
		t.Fatalf("%d results wait: %s", waiting(h), w.Body)
	}
	stop()

	h, a, stop = open()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx) }()
	defer func() { cancel(); <-done }()
	until(t, "the result is taken", func() bool { return waiting(h) == 0 })
	if got := p.results(); len(got) != 1 || !strings.Contains(got[0], ">C#9<") || !strings.Contains(got[0], "<Success/>") {
		t.Errorf("%q", got)
	}
}

func TestAReplyThatLeadsNowhereIsNotKept(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota"}`)
	good := hub.Reply{Connection: "acme", Exchange: "C", To: "https://pms.example.com/", ContentType: "text/xml", Body: "<x/>", Created: time.Now()}
	for name, change := range map[string]func(*hub.Reply){
		"of a connection that is not there": func(v *hub.Reply) { v.Connection = "nobody" },
		"without address":                   func(v *hub.Reply) { v.To = "" },
		"without body":                      func(v *hub.Reply) { v.Body = "" },
		"of no time":                        func(v *hub.Reply) { v.Created = time.Time{} },
	} {
		v := good
		change(&v)
		if err := putOwn(t.Context(), r.hub, repliesAuthor, hub.KindReply, "reply_x", v); err == nil {
			t.Errorf("a result %s is kept", name)
		}
	}
	if err := putOwn(t.Context(), r.hub, repliesAuthor, hub.KindReply, "reply_x", good); err != nil {
		t.Error(err)
	}
	if err := r.api.ota.replies.remove(t.Context(), "reply_x"); err != nil || r.waiting() != 0 {
		t.Errorf("%v, %d wait", err, r.waiting())
	}
	if err := r.api.ota.replies.remove(t.Context(), "reply_x"); err != nil {
		t.Errorf("what is gone cannot be removed again: %v", err)
	}
}
