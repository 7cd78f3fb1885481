package httpapi

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/internal/contracts"
	"github.com/ratewire/ratewire/store/memory"
)

// rigAt is an empty hub at another time than now, with a connection "alp" that speaks AlpineBits in the hub's codes: user alp, password
// "a password".
func rigAt(t testing.TB, at time.Time) *rig {
	t.Helper()
	c := shifted{clock.Real(), time.Until(at)}
	h, err := hub.Open(t.Context(), hub.Options{Store: memory.NewDisk(memory.Options{}).Open(), Clock: c,
		Decoders: map[string]hub.Decoder{"alpinebits": AlpineBitsDecoder()}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	until(t, "the hub writes", func() bool { s := h.Status(); return s.Ready && s.Writer })
	b, err := Bootstrap(t.Context(), h, "admin", "pms", false)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAPI(h, Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, hub: h, api: a, token: b.Token}
	r.srv = httptest.NewServer(a)
	t.Cleanup(r.srv.Close)
	r.alpine(`{"protocol":"alpinebits","unmapped":true}`)
	return r
}

// alpine makes the connection.
func (r *rig) alpine(connection string) {
	r.t.Helper()
	r.ok("PUT", "/v1/connections/alp", connection)
	if s := r.ok("GET", "/v1/connections/alp/secrets", ""); len(s.get("items").([]any)) == 0 {
		r.ok("POST", "/v1/connections/alp/secrets", `{"password":"a password"}`)
	}
}

const alpineAuth = "Basic YWxwOmEgcGFzc3dvcmQ=" // alp:a password

// alpineForm answers a form and its content type.
func alpineForm(t testing.TB, action, request string) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("action", action); err != nil {
		t.Fatal(err)
	}
	if request != "" {
		if err := w.WriteField("request", request); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// send sends an AlpineBits request in a version, and holds an XML answer to the version's schema where that is to be had.
func (r *rig) sendAlpine(version, action, request string, header ...string) *reply {
	r.t.Helper()
	body, contentType := alpineForm(r.t, action, request)
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.srv.URL+"/alpinebits/alp", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", alpineAuth)
	req.Header.Set(alpineVersion, version)
	req.Header.Set(alpineClient, "test")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	a := r.send(req)
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
		holdSchema(r.t, version, a.body, true)
	}
	return a
}

// must sends a request that must be answered with success; warnings are what it may contain.
func (r *rig) must(version, action, request string) *reply {
	r.t.Helper()
	a := r.sendAlpine(version, action, request)
	if a.status != 200 || !strings.Contains(string(a.body), "<Success/>") {
		r.t.Fatalf("%s: %d %s", action, a.status, a.body)
	}
	return a
}

// schemaDir is where the schemas are; "" if they or xmllint are not to be had.
func schemaDir() string {
	dir, ok := contracts.Look("alpinebits", "schemas")
	if _, err := exec.LookPath("xmllint"); err != nil || !ok {
		return ""
	}
	return dir
}

// holdSchema checks a document against the schema of a version.
func holdSchema(t testing.TB, version string, doc []byte, answer bool) {
	t.Helper()
	dir := schemaDir()
	if dir == "" {
		return
	}
	for _, kind := range [][2]string{{"--schema", ".xsd"}, {"--relaxng", ".rng"}} {
		file := filepath.Join(dir, "alpinebits-"+version+kind[1])
		if _, err := os.Stat(file); err != nil || kind[1] == ".rng" && !answer {
			continue // RELAX NG is there until 2020-10, and stricter than the standard for what clients send
		}
		cmd := exec.Command("xmllint", "--noout", "--nonet", kind[0], file, "-")
		cmd.Stdin = bytes.NewReader(doc)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s%s: %v\n%s\n%s", version, kind[1], err, out, doc)
		}
	}
}

// hotel123 puts a hotel for tests.
func (r *rig) hotel(code string) {
	r.t.Helper()
	r.ok("PUT", "/v1/properties/"+code, `{"name":"Frangart Inn","time_zone":"Europe/Rome","currency":"EUR"}`)
}

// toldOf answers the cells of a hotel as lines.
func (r *rig) toldOf(hotel string) string { return cellLines(r.t.(*testing.T), r.hub, hotel) }

func TestHandshakeAnswersWhatBothSidesCan(t *testing.T) {
	r := rigAt(t, time.Now())
	ping := func(version, echo string) *reply {
		return r.sendAlpine(version, "OTA_Ping:Handshaking", `<OTA_PingRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="8.000"><EchoData>`+echo+`</EchoData></OTA_PingRQ>`)
	}
	for _, version := range []string{"2018-10", "2020-10", "2022-10", "2024-10"} {
		a := ping(version, `{"versions":[{"version":"2017-10"},{"version":"2020-10","actions":[{"action":"action_OTA_Ping"},{"action":"action_OTA_Read"},{"action":"action_OTA_HotelInvCountNotif","supports":["OTA_HotelInvCountNotif_accept_rooms","OTA_HotelInvCountNotif_accept_complete_set","x"]}]}]}`)
		want := `{"versions":[{"version":"2020-10","actions":[{"action":"action_OTA_Ping"},{"action":"action_OTA_HotelInvCountNotif","supports":["OTA_HotelInvCountNotif_accept_rooms"]}]}]}`
		if a.status != 200 || !strings.Contains(string(a.body), want) || a.header.Get(alpineEncoding) != "gzip" {
			t.Errorf("%s: %d %s", version, a.status, a.body)
		}
	}
	if a := ping("2024-10", `{"versions":[{"version":"2017-10","actions":[{"action":"action_OTA_Ping"}]}]}`); !strings.Contains(string(a.body), `{"versions":[]}`) {
		t.Errorf("2017-10 alone: %s", a.body)
	}
	if a := ping("2024-10", `no JSON`); !strings.Contains(string(a.body), "<Errors>") {
		t.Errorf("%s", a.body)
	}
	if a := ping("2017-10", `{"versions":[{"version":"2017-10"}]}`); a.status != 400 || !strings.HasPrefix(string(a.body), "ERROR:unsupported protocol version 2017-10") {
		t.Errorf("2017-10: %d %s", a.status, a.body)
	}
}
