package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// closing is an update that closes DLX from day a to day b.
func closing(property string, a, b int) string {
	return `{"property":"` + property + `","items":[{"room_type":"DLX","from":"` + day(a) + `","to":"` + day(b) + `","set":{"closed":true}}]}`
}

func TestABatchAnswersEachUpdateAtItsIndex(t *testing.T) {
	r := newRig(t)
	a := r.ok("POST", "/v1/updates/batch", `{"updates":[`+closing("ALP1", 1, 2)+`,`+closing("NOPE", 1, 2)+`,{"property":"ALP1","items":[{"undated":true,"set":{"min_los_night":"x"}}]},`+closing("ALP1", 2, 3)+`]}`, "Idempotency-Key", "b1")
	if a.text("results", 0, "receipt", "verdict") != "applied" || a.text("results", 1, "problem", "code") != "unknown_property" || a.text("results", 2, "problem", "errors", 0, "pointer") != "/updates/2/items/0/set/min_los_night" ||
		a.text("results", 3, "receipt", "verdict") != "applied" {
		t.Fatalf("%s", a.body)
	}
	again := r.ok("POST", "/v1/updates/batch", `{"updates":[`+closing("ALP1", 1, 2)+`]}`, "Idempotency-Key", "b1")
	if again.text("results", 0, "receipt", "repeat") != "true" {
		t.Errorf("%s", again.body)
	}
}

func TestAStreamAnswersLineByLineInOrder(t *testing.T) {
	r := newRig(t)
	var in strings.Builder
	for i := range 300 {
		switch {
		case i%50 == 7:
			in.WriteString("{\"broken\n")
		case i%50 == 8:
			in.WriteString("\n")
		default:
			fmt.Fprintf(&in, `{"property":"ALP1","id":"s%d","items":[{"room_type":"DLX","from":"%s","to":"%s","set":{"inventory":{"net":%d}}}]}`+"\n", i, day(1), day(1), i)
		}
	}
	a := r.ok("POST", "/v1/updates/stream", in.String(), "Content-Type", ndjson)
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	if len(lines) != 294 {
		t.Fatalf("%d lines", len(lines))
	}
	var last int64
	for i, l := range lines {
		var v struct {
			Index   int
			Receipt *struct{ Revision int64 }
			Problem *Problem
		}
		if err := json.Unmarshal([]byte(l), &v); err != nil || v.Index != i || (v.Receipt == nil) == (v.Problem == nil) {
			t.Fatalf("line %d: %s", i, l)
		}
		if v.Receipt != nil {
			if v.Receipt.Revision <= last {
				t.Fatalf("line %d is out of order: %s", i, l)
			}
			last = v.Receipt.Revision
		}
	}
	g := r.ok("GET", "/v1/properties/ALP1/cells?room_type=DLX&field=count.net&from="+day(1), "")
	if g.text("items", 0, "value") != "299" {
		t.Errorf("the last line is not the last word: %s", g.body)
	}
}

func TestADryRunAnswersTheChangesAndChangesNothing(t *testing.T) {
	r := newRig(t)
	r.open(5)
	dry := r.ok("POST", "/v1/updates?dry_run=true", closing("ALP1", 1, 2))
	if dry.text("dry_run") != "true" || dry.text("changes", "cells", 0, "field") != "closed" || dry.text("changes", "cells", 0, "runs", 0, "old") != "" || dry.text("changes", "cells", 0, "runs", 0, "new") != "true" {
		t.Fatalf("%s", dry.body)
	}
	if c := r.ok("GET", "/v1/properties/ALP1/cells?field=closed&from="+day(1), ""); len(c.get("items").([]any)) != 0 {
		t.Fatalf("%s", c.body)
	}
	real := r.ok("POST", "/v1/updates?changes=true", closing("ALP1", 1, 2))
	if fmt.Sprint(real.get("changes")) != fmt.Sprint(dry.get("changes")) || fmt.Sprint(real.get("items")) != fmt.Sprint(dry.get("items")) {
		t.Errorf("the dry run said otherwise:\n%s\n%s", dry.body, real.body)
	}
	r.ok("PUT", "/v1/properties/ALP1/room-types/NEW?dry_run=true", `{}`)
	r.refused(404, "not_found", "GET", "/v1/properties/ALP1/room-types/NEW", "")
}

func TestObjectsHaveETags(t *testing.T) {
	r := newRig(t)
	made := r.do("PUT", "/v1/properties/ALP1/room-types/NEW", `{"name":"a"}`, "If-None-Match", "*")
	if made.status != http.StatusCreated || made.header.Get("ETag") == "" {
		t.Fatalf("%d %s %s", made.status, made.header, made.body)
	}
	got := r.ok("GET", "/v1/properties/ALP1/room-types/NEW", "")
	tag := got.header.Get("ETag")
	if got.text("name") != "a" || got.text("code") != "NEW" || tag != made.header.Get("ETag") {
		t.Errorf("%s %s", tag, got.body)
	}
	if a := r.do("GET", "/v1/properties/ALP1/room-types/NEW", "", "If-None-Match", tag); a.status != http.StatusNotModified {
		t.Errorf("%d", a.status)
	}
	r.ok("PUT", "/v1/properties/ALP1/room-types/NEW", `{"name":"b"}`, "If-Match", tag)
	r.refused(412, "precondition_failed", "PUT", "/v1/properties/ALP1/room-types/NEW", `{"name":"c"}`, "If-Match", tag)
	r.refused(412, "precondition_failed", "DELETE", "/v1/properties/ALP1/room-types/NEW", "", "If-Match", tag)
	r.ok("DELETE", "/v1/properties/ALP1/room-types/NEW", "")
}

func TestListsGoOnWithTheirCursor(t *testing.T) {
	r := newRig(t)
	for i := range 7 {
		r.ok("PUT", fmt.Sprintf("/v1/properties/ALP1/pools/P%d", i), `{}`)
	}
	var codes []string
	for next := ""; ; {
		a := r.ok("GET", "/v1/properties/ALP1/pools?limit=3"+next, "")
		items := a.get("items").([]any)
		for i := range items {
			codes = append(codes, a.text("items", i, "code"))
		}
		if a.get("next") == nil {
			break
		}
		next = "&cursor=" + a.text("next")
	}
	if strings.Join(codes, "") != "P0P1P2P3P4P5P6" {
		t.Errorf("%v", codes)
	}
}

func TestTheFeedTellsEveryChangeInOrder(t *testing.T) {
	r := newRig(t)
	start := r.ok("GET", "/v1/feed?start=now", "").text("next")
	r.open(3)
	r.ok("POST", "/v1/updates", closing("ALP1", 1, 2))
	a := r.ok("GET", "/v1/feed?cursor="+start, "")
	if len(a.get("items").([]any)) != 2 || a.text("items", 1, "previous") != a.text("items", 0, "revision") || a.text("items", 1, "connection") != "pms" {
		t.Fatalf("%s", a.body)
	}
	rev := a.text("items", 0, "revision")
	p := r.ok("GET", "/v1/properties/ALP1/feed?after="+rev, "")
	if len(p.get("items").([]any)) != 1 || p.text("items", 0, "revision") != a.text("items", 1, "revision") || p.text("next") != a.text("items", 1, "revision") {
		t.Errorf("%s", p.body)
	}
	done := make(chan *reply, 1)
	go func() { done <- r.do("GET", "/v1/feed?wait=20&cursor="+a.text("next"), "") }()
	r.ok("POST", "/v1/updates", closing("ALP1", 3, 3))
	if w := <-done; w.text("items", 0, "changes", "cells", 0, "runs", 0, "from") != day(3) {
		t.Errorf("%s", w.body)
	}
	for _, it := range r.ok("GET", "/v1/feed?limit=1000", "").get("items").([]any) {
		if strings.Contains(fmt.Sprint(it), "sha256$") {
			t.Errorf("the feed shows a secret's hash: %v", it)
		}
	}
}

func TestThePastCanBeRead(t *testing.T) {
	r := newRig(t)
	opened := r.open(3)
	r.ok("POST", "/v1/updates", closing("ALP1", 1, 2))
	now := r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "")
	then := r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1)+"&at="+opened.text("revision"), "")
	if !strings.Contains(string(now.body), `"closed"`) || strings.Contains(string(then.body), `"closed"`) {
		t.Errorf("%s\n%s", now.body, then.body)
	}
	x := r.ok("GET", "/v1/explain?property=ALP1&room_type=DLX&rate_plan=BAR&nights=1&arrival="+day(1)+"&as_of="+opened.text("revision"), "")
	if x.text("offer", "sellable") != "true" || len(x.get("prices").([]any)) != 1 {
		t.Errorf("%s", x.body)
	}
	h := r.ok("GET", "/v1/properties/ALP1/history?limit=1&at="+opened.text("revision"), "")
	if h.text("items", 0, "revision") != opened.text("revision") || h.get("next") == nil {
		t.Errorf("%s", h.body)
	}
	before := r.ok("GET", "/v1/properties/ALP1/history?limit=1&cursor="+h.text("next"), "")
	if before.text("items", 0, "revision") != fmt.Sprint(int(opened.get("revision").(float64))-1) {
		t.Errorf("%s", before.body)
	}
}

func TestCellsAreReadInPagesOfOneRevision(t *testing.T) {
	r := newRig(t)
	r.open(10)
	first := r.ok("GET", "/v1/properties/ALP1/cells?limit=2&from="+day(1)+"&to="+day(10), "")
	r.ok("POST", "/v1/updates", closing("ALP1", 1, 2))
	second := r.ok("GET", "/v1/properties/ALP1/cells?limit=2&from="+day(1)+"&to="+day(10)+"&cursor="+first.text("next"), "")
	if first.text("revision") != second.text("revision") || len(second.get("items").([]any)) != 1 || second.get("next") != nil {
		t.Errorf("%s\n%s", first.body, second.body)
	}
}

func TestOverlaysAreLaidListedAndLifted(t *testing.T) {
	r := newRig(t)
	r.open(5)
	grid := func() *reply {
		return r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "")
	}
	clean := string(grid().body)
	a := r.ok("POST", "/v1/overlays", `{"properties":["ALP1","NOPE"],"kind":"stop_sell","room_type":"DLX","from":"`+day(1)+`","to":"`+day(2)+`","reason":"INC-1"}`)
	if a.text("results", 0, "receipt", "verdict") != "applied" || a.text("results", 1, "problem", "code") != "unknown_property" {
		t.Fatalf("%s", a.body)
	}
	if grid().text("products", 0, "nights", 0, "stop_sell") != "true" {
		t.Errorf("%s", grid().body)
	}
	x := r.ok("GET", "/v1/explain?property=ALP1&room_type=DLX&rate_plan=BAR&nights=1&arrival="+day(1), "")
	if x.text("why", 0, "code") != "stop_sell" || x.text("why", 0, "facts", 0, "text") != "INC-1" {
		t.Errorf("%s", x.body)
	}
	r.ok("PUT", "/v1/properties/ALP1/overlays/cap1", `{"kind":"cap","rooms":3,"undated":true}`)
	r.ok("PUT", "/v1/properties/ALP1/overlays/floor1", `{"kind":"floor","amount":{"after_tax":"150.00"},"undated":true}`)
	if l := r.ok("GET", "/v1/properties/ALP1/overlays", ""); len(l.get("items").([]any)) != 3 {
		t.Errorf("%s", l.body)
	}
	if o := r.ok("GET", "/v1/properties/ALP1/overlays/floor1", ""); o.text("amount", "after_tax") != "150.00" || o.text("owner") != "admin" || o.text("undated") != "true" {
		t.Errorf("%s", o.body)
	}
	for _, id := range []string{a.text("results", 0, "id"), "cap1", "floor1"} {
		r.ok("DELETE", "/v1/properties/ALP1/overlays/"+id+"?reason=over", "")
	}
	want := strings.Replace(clean, `"revision":`, "", 1)
	if got := strings.Replace(string(grid().body), `"revision":`, "", 1); got[strings.Index(got, "products"):] != want[strings.Index(want, "products"):] {
		t.Errorf("lifting does not restore:\n%s\n%s", clean, grid().body)
	}
}

func TestHoldsNeverTakeMoreThanIsLeft(t *testing.T) {
	r := newRig(t)
	r.open(5)
	body := `{"room_type":"DLX","rate_plan":"BAR","arrival":"` + day(1) + `","nights":2,"rooms":3}`
	left := func() string {
		return r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "").text("products", 0, "nights", 0, "left")
	}
	if a := r.do("PUT", "/v1/properties/ALP1/holds/B-1", body); a.status != http.StatusCreated {
		t.Fatalf("%s", a.body)
	}
	if a := r.ok("PUT", "/v1/properties/ALP1/holds/B-1", body); a.status != 200 || a.text("repeat") != "true" || left() != "2" {
		t.Errorf("%s, left %s", a.body, left())
	}
	r.refused(409, "hold_differs", "PUT", "/v1/properties/ALP1/holds/B-1", strings.Replace(body, `"rooms":3`, `"rooms":1`, 1))
	r.refused(409, "not_enough_rooms", "PUT", "/v1/properties/ALP1/holds/B-2", body)
	other := r.tokenOf(hub.Client{ID: "ota", Scopes: []string{scopeHoldsWrite}})
	if a := r.do("GET", "/v1/properties/ALP1/holds/B-1", "", "Authorization", "Bearer "+other); a.status != 404 {
		t.Errorf("another client sees it: %s", a.body)
	}
	r.ok("POST", "/v1/properties/ALP1/holds/B-1/confirm", "")
	if a := r.ok("POST", "/v1/properties/ALP1/holds/B-1/confirm", "{}"); a.text("repeat") != "true" {
		t.Errorf("%s", a.body)
	}
	if a := r.ok("GET", "/v1/properties/ALP1/holds/B-1", ""); a.text("state") != "confirmed" || a.text("nights") != "2" || a.text("reference") != "B-1" {
		t.Errorf("%s", a.body)
	}
	r.ok("DELETE", "/v1/properties/ALP1/holds/B-1", "")
	r.refused(404, "unknown_overlay", "GET", "/v1/properties/ALP1/holds/B-1", "")
	if left() != "5" {
		t.Errorf("left %s", left())
	}
}

func TestDataThatAreTooOldAnswerStale(t *testing.T) {
	r := newRig(t)
	r.open(3)
	ask := `{"properties":["ALP1"],"arrival":"` + day(1) + `","nights":1,"not_older_than":60}`
	if a := r.ok("POST", "/v1/shop", ask); a.text("properties", 0, "status") != "ok" || a.text("properties", 0, "age_seconds") != "0" {
		t.Errorf("%s", a.body)
	}
	r.api.o.Now = func() time.Time { return time.Now().Add(2 * time.Minute) }
	a := r.ok("POST", "/v1/shop", ask)
	if a.text("properties", 0, "status") != "stale" || len(a.get("properties", 0, "offers").([]any)) != 0 || a.text("properties", 0, "revision") == "" {
		t.Errorf("%s", a.body)
	}
}

func TestSecretsAreShownOnceAndRotate(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/clients/ota", `{"scopes":["shop"],"properties":["ALP1"]}`)
	var plain [3]string
	for i := range plain {
		a := r.do("POST", "/v1/clients/ota/secrets", "")
		plain[i] = a.text("secret")
		if a.status != http.StatusCreated || len(plain[i]) < 40 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	for i, want := range []int{401, 200, 200} {
		if a := r.form("/oauth/token", "grant_type=client_credentials&client_id=ota&client_secret="+plain[i]); a.status != want {
			t.Errorf("secret %d: %d %s", i, a.status, a.body)
		}
	}
	r.ok("PUT", "/v1/clients/ota", `{"scopes":["shop","ari:read"]}`)
	l := r.ok("GET", "/v1/clients/ota/secrets", "")
	if len(l.get("items").([]any)) != 2 || strings.Contains(string(l.body), "$") || strings.Contains(string(l.body), plain[2]) {
		t.Errorf("%s", l.body)
	}
	r.ok("DELETE", "/v1/clients/ota/secrets/"+l.text("items", 1, "id"), "")
	if a := r.form("/oauth/token", "grant_type=client_credentials&client_id=ota&client_secret="+plain[2]); a.status != 401 || a.text("error") != "invalid_client" {
		t.Errorf("%s", a.body)
	}
	if a := r.form("/oauth/token", "grant_type=client_credentials&scope=admin&client_id=ota&client_secret="+plain[1]); a.text("error") != "invalid_scope" {
		t.Errorf("%s", a.body)
	}
	if a := r.form("/oauth/token", "grant_type=password"); a.text("error") != "unsupported_grant_type" {
		t.Errorf("%s", a.body)
	}
}
