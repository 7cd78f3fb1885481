package httpapi

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/examples/demo"
	"github.com/ratewire/ratewire/hub"
)

// otaRig is a rig with a connection "acme" that speaks OTA: user acme, password "a password".
func otaRig(t *testing.T, connection string) *rig {
	r := newRig(t)
	r.ok("PUT", "/v1/connections/acme", connection)
	r.ok("POST", "/v1/connections/acme/secrets", `{"password":"a password"}`)
	return r
}

// avail is an AvailNotif that closes DLX BAR on two nights.
func avail(hotel, room, token string) string {
	return `<OTA_HotelAvailNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken="` + token + `" TimeStamp="` + time.Now().UTC().Format(time.RFC3339) + `">
<AvailStatusMessages HotelCode="` + hotel + `"><AvailStatusMessage LocatorID="L7"><StatusApplicationControl Start="` + day(1) + `" End="` + day(2) + `" InvTypeCode="` + room + `" RatePlanCode="BAR"/>
<RestrictionStatus Status="Close"/></AvailStatusMessage></AvailStatusMessages></OTA_HotelAvailNotifRQ>`
}

func (r *rig) ota(body string, header ...string) *reply {
	r.t.Helper()
	if len(header) == 0 {
		header = []string{"Authorization", "Basic YWNtZTphIHBhc3N3b3Jk"} // acme:a password
	}
	return r.do("POST", "/ota/acme", body, append([]string{"Content-Type", "text/xml", "Authorization", ""}, header...)...)
}

func TestTheDemosMessagesAreAppliedAndCanBeSold(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	hotels, err := demo.At(ari.LocalDate(time.Now(), time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hotels {
		r.ok("PUT", "/v1/properties/"+h.Code, string(h.Property))
		for _, o := range h.RoomTypes {
			r.ok("PUT", "/v1/properties/"+h.Code+"/room-types/"+o.Code, string(o.Body))
		}
		for _, o := range h.RatePlans {
			r.ok("PUT", "/v1/properties/"+h.Code+"/rate-plans/"+o.Code, string(o.Body))
		}
		for _, m := range h.Messages {
			if a := r.ota(string(m.Body)); a.status != 200 || !strings.Contains(string(a.body), "<Success") || strings.Contains(string(a.body), "<Warning") {
				t.Errorf("%s: %d %s", m.Name, a.status, a.body)
			}
		}
		a := r.ok("POST", "/v1/shop", `{"properties":["`+h.Code+`"],"arrival":"`+day(8)+`","nights":1,"why":true}`)
		offers, _ := a.get("properties", 0, "offers").([]any)
		sellable := 0
		for i := range offers {
			if a.text("properties", 0, "offers", i, "sellable") == "true" {
				sellable++
			}
		}
		if sellable == 0 {
			t.Errorf("%s: nothing can be sold: %s", h.Code, a.body)
		}
	}
}

func TestOTAIsAnsweredInKind(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	soap11 := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` + avail("ALP1", "DLX", "1") + `</s:Body></s:Envelope>`
	soap12 := strings.ReplaceAll(strings.Replace(soap11, `EchoToken="1"`, `EchoToken="2"`, 1), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
	for name, c := range map[string]struct{ body, want, contentType string }{
		"plain":   {avail("ALP1", "DLX", "0"), "<OTA_HotelAvailNotifRS", ""},
		"SOAP 11": {soap11, "http://schemas.xmlsoap.org/soap/envelope/", "text/xml"},
		"SOAP 12": {soap12, "http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"},
	} {
		a := r.ota(c.body)
		if a.status != 200 || !strings.Contains(string(a.body), "<Success") || !strings.Contains(string(a.body), c.want) || !strings.Contains(a.header.Get("Content-Type"), c.contentType) {
			t.Errorf("%s: %d %s %s", name, a.status, a.header, a.body)
		}
	}
	ping := r.ota(`<OTA_PingRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0"><EchoData>hello</EchoData></OTA_PingRQ>`)
	if !strings.Contains(string(ping.body), "<EchoData>hello</EchoData>") {
		t.Errorf("%s", ping.body)
	}
}

func TestOTAKnowsItsSenders(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	r.ok("PUT", "/v1/connections/other", `{"protocol":"ota","unmapped":true}`)
	wsse := func(user, password, kind string) string {
		return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><w:UsernameToken><w:Username>` +
			user + `</w:Username><w:Password Type="` + kind + `">` + password + `</w:Password></w:UsernameToken></w:Security></s:Header><s:Body>` + avail("ALP1", "DLX", "w") + `</s:Body></s:Envelope>`
	}
	const text, digest = "#PasswordText", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
	own := r.tokenOf(hub.Client{ID: "own", Scopes: []string{scopeARIWrite}, Connection: "acme"})
	reader := r.tokenOf(hub.Client{ID: "reader", Scopes: []string{scopeARIRead}, Connection: "acme"})
	stranger := r.tokenOf(hub.Client{ID: "stranger", Scopes: []string{scopeARIWrite}, Connection: "other"})
	for name, c := range map[string]struct {
		body, auth string
		status     int
	}{
		"no password":                  {avail("ALP1", "DLX", "a"), "", 401},
		"wrong password":               {avail("ALP1", "DLX", "a"), "Basic YWNtZTp3cm9uZyBvbmU=", 401},
		"another user":                 {avail("ALP1", "DLX", "a"), "Basic b3RoZXI6YSBwYXNzd29yZA==", 401},
		"right password":               {avail("ALP1", "DLX", "a"), "Basic YWNtZTphIHBhc3N3b3Jk", 200},
		"token of its client":          {avail("ALP1", "DLX", "a"), "Bearer " + own, 200},
		"token that may only read":     {avail("ALP1", "DLX", "a"), "Bearer " + reader, 403},
		"token of another connection":  {avail("ALP1", "DLX", "a"), "Bearer " + stranger, 403},
		"made-up token":                {avail("ALP1", "DLX", "a"), "Bearer x.y.z", 401},
		"UsernameToken":                {wsse("acme", "a password", text), "", 200},
		"UsernameToken, wrong":         {wsse("acme", "another password", text), "", 401},
		"UsernameToken with a digest":  {wsse("acme", "a password", digest), "", 401},
		"no XML and no password":       {"hello", "", 401},
		"no XML with right password":   {"hello", "Basic YWNtZTphIHBhc3N3b3Jk", 400},
		"entity bomb, right password":  {`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>`, "Basic YWNtZTphIHBhc3N3b3Jk", 400},
		"entity bomb without password": {`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>`, "", 401},
	} {
		a := r.ota(c.body, "Authorization", c.auth)
		if a.status != c.status && !(c.status != 200 && a.status == 500 && strings.Contains(string(a.body), "Fault")) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if c.status != 200 && strings.Contains(string(a.body), "<Success") {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	if a := r.do("POST", "/ota/nobody", avail("ALP1", "DLX", "a"), "Content-Type", "text/xml", "Authorization", "Basic YWNtZTphIHBhc3N3b3Jk"); a.status != 401 {
		t.Errorf("a connection that is not there: %d %s", a.status, a.body)
	}
	for range missesMax {
		r.ota(avail("ALP1", "DLX", "a"), "Authorization", "Basic YWNtZTp3cm9uZyBvbmU=")
	}
	if a := r.ota(avail("ALP1", "DLX", "b"), "Authorization", "Basic YWNtZTp3cm9uZyBvbmU="); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("after many wrong passwords: %d %s", a.status, a.body)
	}
	if a := r.ota(avail("ALP1", "DLX", "b")); a.status != 200 {
		t.Errorf("the rightful one is locked out: %d %s", a.status, a.body)
	}
}

func TestWhatIsNotMappedIsParkedAndReplayed(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota"}`)
	grid := func() string {
		return string(r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "").body)
	}
	a := r.ota(avail("H-77", "D2", "p1"))
	if a.status != 200 || !strings.Contains(string(a.body), "<Success") || !strings.Contains(string(a.body), `Code="392"`) {
		t.Fatalf("a hotel that is not mapped: %d %s", a.status, a.body)
	}
	if l := r.ok("GET", "/v1/parked", ""); l.text("items", 0, "missing", 0, "external") != "H-77" || l.text("items", 0, "connection") != "acme" || l.text("items", 0, "message_id") == "" {
		t.Fatalf("%s", l.body)
	}
	r.ok("PUT", "/v1/connections/acme/mappings/property/H-77", `{"internal":"ALP1"}`)
	r.ok("PUT", "/v1/connections/acme/mappings/rate_plan/BAR?property=ALP1", `{"internal":"BAR"}`)
	a = r.ota(avail("H-77", "D2", "p2"))
	if !strings.Contains(string(a.body), `Code="402"`) || !strings.Contains(string(a.body), `RecordID="L7"`) {
		t.Fatalf("a room type that is not mapped: %s", a.body)
	}
	if strings.Contains(grid(), `"closed"`) {
		t.Fatal("what waits was applied")
	}
	r.ok("PUT", "/v1/connections/acme/mappings/room_type/D2?property=ALP1", `{"internal":"DLX"}`)
	r.ok("POST", "/v1/connections/acme/replay", "")
	until(t, "the parked items are applied", func() bool {
		return strings.Contains(grid(), `"closed"`) && len(r.ok("GET", "/v1/parked", "").get("items").([]any)) == 0
	})
	if l := r.ok("GET", "/v1/connections/acme/mappings?property=ALP1", ""); len(l.get("items").([]any)) != 2 {
		t.Errorf("%s", l.body)
	}
}

func TestRepeatedOTAMessagesAreAnsweredTheSame(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	body := avail("ALP1", "DLX", "same")
	first, again := r.ota(body), r.ota(body)
	if first.status != 200 || again.status != 200 || !strings.Contains(string(again.body), "<Success") {
		t.Fatalf("%s\n%s", first.body, again.body)
	}
	l := r.ok("GET", "/v1/messages?connection=acme", "")
	if l.text("items", 0, "verdict") != "repeat" || l.text("items", 1, "verdict") != "applied" {
		t.Errorf("%s", l.body)
	}
	bad := r.ota(avail("ALP1", "NOPE", "other"))
	if !strings.Contains(string(bad.body), "<Error") || !strings.Contains(string(bad.body), `Code="402"`) || !strings.Contains(string(bad.body), `RecordID="L7"`) {
		t.Errorf("%s", bad.body)
	}
}

func TestKeptMessagesHoldNoSecretsGuestsOrCards(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	body := strings.Replace(avail("ALP1", "DLX", "s"), "<AvailStatusMessages",
		`<POS><Source><RequestorID ID="x" MessagePassword="hunter2"/></Source></POS><Customer><PersonName><Surname>Miller</Surname></PersonName><x:Email xmlns:x="y">m@example.org</x:Email></Customer><PaymentCard CardNumber='4111111111111111'/><AvailStatusMessages`, 1)
	r.ota(body)
	id := r.ok("GET", "/v1/messages?connection=acme", "").text("items", 0, "id")
	raw := string(r.ok("GET", "/v1/messages/"+id+"/raw", "").body)
	for _, secret := range []string{"hunter2", "Miller", "m@example.org", "4111"} {
		if strings.Contains(raw, secret) {
			t.Errorf("%s is kept: %s", secret, raw)
		}
	}
	if !strings.Contains(raw, "AvailStatusMessages") {
		t.Errorf("too much is gone: %s", raw)
	}
	a := r.do("POST", "/v1/updates", `{"property":"ALP1","password":"hunter2","guest_name":"Miller","card":4111111111111111}`)
	raw = string(r.ok("GET", "/v1/messages/"+a.text("message_id")+"/raw", "").body)
	for _, secret := range []string{"hunter2", "Miller", "4111"} {
		if strings.Contains(raw, secret) {
			t.Errorf("%s is kept: %s", secret, raw)
		}
	}
}

func TestBodiesMayBeCompressedWithinBounds(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(s))
		z.Close()
		return b.String()
	}
	auth := []string{"Content-Encoding", "gzip", "Authorization", "Basic YWNtZTphIHBhc3N3b3Jk"}
	if a := r.ota(zip(avail("ALP1", "DLX", "z")), auth...); !strings.Contains(string(a.body), "<Success") {
		t.Errorf("%s", a.body)
	}
	if a := r.ota(zip(strings.Repeat(" ", bodyMaxBatch+1)), auth...); a.status != 400 {
		t.Errorf("a bomb: %d %s", a.status, a.body)
	}
	if a := r.ota("x", "Content-Encoding", "br", "Authorization", "Basic YWNtZTphIHBhc3N3b3Jk"); a.status != 415 {
		t.Errorf("another encoding: %d %s", a.status, a.body)
	}
}
