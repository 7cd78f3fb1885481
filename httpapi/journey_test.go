package httpapi

import (
	"strings"
	"testing"
)

// open makes DLX BAR sellable for n nights from tomorrow: 5 rooms, 100 for one and 120 for two adults.
func (r *rig) open(n int) *reply {
	r.t.Helper()
	return r.ok("POST", "/v1/updates", `{"property":"ALP1","id":"open","items":[
		{"room_type":"DLX","rate_plan":"BAR","from":"`+day(1)+`","to":"`+day(n)+`","set":{"rates":[{"adults":1,"after_tax":"100"},{"adults":2,"after_tax":"120.00"}]}},
		{"room_type":"DLX","from":"`+day(1)+`","to":"`+day(n)+`","set":{"inventory":{"net":5}}}]}`)
}

func TestAnUpdateIsSoldExplainedAndRemembered(t *testing.T) {
	r := newRig(t)
	sent := r.open(10)
	if sent.text("verdict") != "applied" || sent.text("message_id") == "" || len(sent.get("items").([]any)) != 2 {
		t.Fatalf("%s", sent.body)
	}
	a := r.ok("POST", "/v1/shop?at_least="+sent.text("position"), `{"properties":["ALP1","NOPE"],"arrival":"`+day(1)+`","nights":2}`)
	if a.text("properties", 0, "status") != "ok" || a.text("properties", 1, "status") != "unknown_property" {
		t.Fatalf("%s", a.body)
	}
	if got := a.text("properties", 0, "offers", 0, "total", "after_tax"); got != "240.00" {
		t.Errorf("total %s: %s", got, a.body)
	}
	if got := a.text("properties", 0, "offers", 1, "total", "after_tax"); got != "216.00" || a.text("properties", 0, "offers", 1, "rate_plan") != "NRF" {
		t.Errorf("derived total %s: %s", got, a.body)
	}
	same := r.ok("GET", "/v1/shop?properties=ALP1,NOPE&arrival="+day(1)+"&departure="+day(3), "")
	if string(same.body) != string(a.body) {
		t.Errorf("GET answers otherwise:\n%s\n%s", a.body, same.body)
	}

	r.ok("POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","rate_plan":"BAR","from":"`+day(1)+`","to":"`+day(1)+`","set":{"cta":true}}],"reason":"party"}`)
	x := r.ok("GET", "/v1/explain?property=ALP1&room_type=DLX&rate_plan=BAR&arrival="+day(1)+"&nights=2", "")
	if x.text("why", 0, "code") != "closed_to_arrival" || x.text("why", 0, "facts", 0, "owner") != "pms" || x.text("sources", 0, "by", "id") != "admin" {
		t.Errorf("%s", x.body)
	}
	why := r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":2,"why":true,"rate_plans":["BAR"],"room_types":["DLX"]}`)
	if why.text("properties", 0, "offers", 0, "reasons", 0, "code") != "closed_to_arrival" {
		t.Errorf("%s", why.body)
	}
	hist := r.ok("GET", "/v1/properties/ALP1/history?room_type=DLX&rate_plan=BAR&field=cta&date="+day(1), "")
	if len(hist.get("items").([]any)) != 1 || hist.text("items", 0, "reason") != "party" || hist.text("items", 0, "changes", "cells", 0, "runs", 0, "new") != "true" {
		t.Errorf("%s", hist.body)
	}
}

func TestRepeatsAreAnsweredWithTheFirstOutcome(t *testing.T) {
	r := newRig(t)
	first := r.open(10)
	again := r.open(10)
	if again.text("repeat") != "true" || again.text("revision") != first.text("revision") || again.text("message_id") != first.text("message_id") {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	body := `{"property":"ALP1","items":[{"room_type":"DLX","from":"` + day(1) + `","to":"` + day(2) + `","adjust":{"inventory":{"net":-1}}}]}`
	r.refused(422, "adjust_without_identity", "POST", "/v1/updates", body)
	r.ok("POST", "/v1/updates", body, "Idempotency-Key", "k1")
	if a := r.ok("POST", "/v1/updates", body, "Idempotency-Key", "k1"); a.text("repeat") != "true" {
		t.Errorf("%s", a.body)
	}
	r.refused(409, "identity_conflict", "POST", "/v1/updates", strings.Replace(body, ":-1}", ":-2}", 1), "Idempotency-Key", "k1")
	a := r.ok("GET", "/v1/properties/ALP1/grid?room_type=DLX&rate_plan=BAR&from="+day(1), "")
	if a.text("products", 0, "nights", 0, "left") != "4" {
		t.Errorf("%s", a.body)
	}
}

func TestBadUpdatesAreRefusedRecordedAndChangeNothing(t *testing.T) {
	r := newRig(t)
	a := r.refused(422, "field_type", "POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","from":"2026-12-24","to":"2026-12-25","set":{"min_los_arrival":"3 nights"}}]}`)
	if a.text("errors", 0, "pointer") != "/items/0/set/min_los_arrival" || a.text("errors", 0, "fix") != "send 3" || a.text("request_id") == "" {
		t.Errorf("%s", a.body)
	}
	m := r.ok("GET", "/v1/messages/"+a.text("message_id"), "")
	if m.text("verdict") != "refused" || m.text("property") != "ALP1" {
		t.Errorf("%s", m.body)
	}
	a = r.refused(422, "unknown_rate_plan", "POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","rate_plan":"BARR","from":"`+day(1)+`","to":"`+day(2)+`","set":{"closed":true}}]}`)
	if a.text("message_id") == "" || !strings.HasPrefix(a.text("errors", 0, "pointer"), "/items/0/") {
		t.Errorf("%s", a.body)
	}
	if l := r.ok("GET", "/v1/messages?verdict=refused", ""); len(l.get("items").([]any)) != 2 {
		t.Errorf("%s", l.body)
	}
	if raw := r.ok("GET", "/v1/messages/"+a.text("message_id")+"/raw", ""); !strings.Contains(string(raw.body), "BARR") {
		t.Errorf("%s", raw.body)
	}
}
