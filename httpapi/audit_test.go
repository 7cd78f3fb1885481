package httpapi

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// audited answers the items of a page.
func audited(a *reply) []any { l, _ := a.get("items").([]any); return l }

func TestTheAuditTrailNamesWhoWhatWhyAndTheRequest(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/ALP1/room-types/SGL?reason=new+wing", `{"name":"Single"}`, "X-Request-Id", "req-77")
	a := r.ok("GET", "/v1/audit?limit=1", "")
	for path, want := range map[string]string{"property": "ALP1", "reason": "new wing", "request_id": "req-77"} {
		if got := a.text("items", 0, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if a.text("items", 0, "by", "kind") != "client" || a.text("items", 0, "by", "id") != "admin" || a.text("items", 0, "position") == "" || a.text("items", 0, "at") == "" {
		t.Errorf("%s", a.body)
	}
	if a.text("items", 0, "what", 0, "kind") != "room_type" || a.text("items", 0, "what", 0, "code") != "SGL" || a.text("items", 0, "what", 0, "action") != "made" {
		t.Errorf("%s", a.body)
	}
	if a.get("items", 0, "changes") != nil {
		t.Errorf("changes unasked: %s", a.body)
	}
	if a := r.ok("GET", "/v1/audit?limit=1&changes=true", ""); a.text("items", 0, "changes", "objects", 0, "new", "name") != "Single" {
		t.Errorf("%s", a.body)
	}
}

func TestTheAuditTrailTellsEachKindOfChange(t *testing.T) {
	r := newRig(t)
	r.ok("POST", "/v1/updates", closing("ALP1", 1, 3))
	r.ok("POST", "/v1/overlays", `{"properties":["ALP1"],"kind":"stop_sell","undated":true,"reason":"storm"}`)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota"}`)
	secret := r.ok("POST", "/v1/connections/acme/secrets", "").text("secret")
	r.ok("DELETE", "/v1/properties/ALP1/rate-plans/NRF", "")
	a := r.ok("GET", "/v1/audit", "")
	if strings.Contains(string(a.body), secret) || strings.Contains(string(a.body), "sha256$") {
		t.Fatalf("the trail tells a secret: %s", a.body)
	}
	var got []string
	for i := range audited(a) {
		what := a.text("items", i, "what", 0, "kind") + " " + a.text("items", i, "what", 0, "action")
		if got = append(got, what); len(got) == 5 {
			break
		}
	}
	want := "rate_plan deleted, connection secrets_changed, connection made, overlay made, ari changed"
	if strings.Join(got, ", ") != want {
		t.Errorf("newest first: %s\nwant %s", strings.Join(got, ", "), want)
	}
	if a.text("items", 4, "what", 0, "field") != "closed" || a.text("items", 4, "what", 0, "cells") != "3" || a.text("items", 4, "connection") != "pms" {
		t.Errorf("%s", a.body)
	}
	if a.text("items", 3, "reason") != "storm" {
		t.Errorf("%s", a.body)
	}
}

func TestTheAuditTrailIsFilteredByEachParameter(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	other := "Bearer " + r.tokenOf(hub.Client{ID: "second", Scopes: AllScopes(), Connection: "pms"})
	r.ok("PUT", "/v1/properties/BER1/room-types/KNG", `{}`, "Authorization", other, "X-Request-Id", "the-one")
	r.ok("POST", "/v1/updates", closing("ALP1", 1, 3), "Authorization", other)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota"}`)
	newest := r.ok("GET", "/v1/audit?limit=1", "").text("items", 0, "at")
	at, err := time.Parse(time.RFC3339Nano, newest)
	if err != nil {
		t.Fatal(err)
	}
	after := url.QueryEscape(at.Add(time.Microsecond).Format(time.RFC3339Nano))
	for query, want := range map[string]int{
		"property=BER1": 2, "property=BER1&by=second": 1, "by=second": 2, "by=nobody": 0, "kind=connection&by=admin": 1, "kind=connection&property=_hub": 1,
		"kind=ari": 1, "kind=room_type": 3, "request=the-one": 1, "from=" + after: 0, "to=" + after: 9, "from=" + url.QueryEscape(newest): 1, "by_kind=person": 0,
		"property=ALP1&to=2001-01-01T00:00:00Z": 0, "to=2001-01-01T00:00:00Z": 0,
	} {
		if got := len(audited(r.ok("GET", "/v1/audit?"+query, ""))); got != want {
			t.Errorf("%s: %d items, want %d", query, got, want)
		}
	}
	r.refused(404, "unknown_property", "GET", "/v1/audit?property=NONE", "")
	r.refused(422, "bad_parameter", "GET", "/v1/audit?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "")
	r.refused(422, "bad_parameter", "GET", "/v1/audit?cursor=xyz", "")
}

func TestPagesOfTheAuditTrailAreTheWholeOfIt(t *testing.T) {
	r := newRig(t)
	for i := range 25 {
		r.ok("PUT", fmt.Sprintf("/v1/properties/ALP1/room-types/R%02d", i), `{}`)
	}
	for _, filter := range []string{"", "&property=ALP1"} {
		whole := r.ok("GET", "/v1/audit?limit=1000"+filter, "")
		var paged []string
		next := ""
		for pages := 0; ; pages++ {
			a := r.ok("GET", "/v1/audit?limit=7"+filter+next, "")
			for i := range audited(a) {
				paged = append(paged, a.text("items", i, "position"))
			}
			if a.get("next") == nil || pages > 20 {
				break
			}
			next = "&cursor=" + url.QueryEscape(a.text("next"))
		}
		if len(paged) != len(audited(whole)) || len(paged) < 25 {
			t.Fatalf("%d items in pages, %d in one", len(paged), len(audited(whole)))
		}
		for i, p := range paged {
			if p != whole.text("items", i, "position") {
				t.Errorf("item %d: %s, want %s", i, p, whole.text("items", i, "position"))
			}
		}
	}
}

func TestTheAuditTrailShowsWhatTheGrantCovers(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	limited := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "limited", Roles: []string{"auditor"}, Properties: []string{"ALP1"}})}
	a := r.ok("GET", "/v1/audit", "", limited...)
	if len(audited(a)) == 0 || strings.Contains(string(a.body), "BER1") || strings.Contains(string(a.body), "_hub") {
		t.Errorf("%s", a.body)
	}
	for _, p := range []string{"BER1", "_hub"} {
		r.refused(404, "unknown_property", "GET", "/v1/audit?property="+p, "", limited...)
	}
}
