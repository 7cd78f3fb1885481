package httpapi

import (
	"strings"
	"testing"
)

// mappingsOf answers a list of mappings as "kind external>internal state score".
func mappingsOf(a *reply) string {
	var out []string
	list, _ := a.get("items").([]any)
	for i := range list {
		out = append(out, strings.TrimSpace(a.text("items", i, "kind")+" "+a.text("items", i, "external")+">"+a.text("items", i, "internal")+" "+a.text("items", i, "state")+" "+a.text("items", i, "score")))
	}
	return strings.Join(out, "; ")
}

// unmappedRig is a rig whose connection acme has sent two rooms that nobody has mapped, of a hotel that is.
func unmappedRig(t *testing.T) *rig {
	r := otaRig(t, `{"protocol":"ota"}`)
	r.ok("PUT", "/v1/connections/acme/mappings/property/H-77", `{"internal":"ALP1"}`)
	r.ota(avail("H-77", "DLX", "1"))
	r.ota(avail("H-77", "DLX", "2"))
	r.ota(avail("H-77", "XQ", "3"))
	return r
}

func TestUnmappedCodesAreProposedWithScoreAndEvidence(t *testing.T) {
	r := unmappedRig(t)
	a := r.ok("GET", "/v1/mappings?state=proposed", "")
	if got := mappingsOf(a); got != "rate_plan BAR>BAR proposed 0.97; room_type DLX>DLX proposed 0.97; room_type XQ> proposed" {
		t.Errorf("%s\n%s", got, a.body)
	}
	if a.text("items", 1, "parked") != "2" || a.text("items", 1, "evidence", 0) != "same code" || a.text("items", 1, "age_seconds") == "" || a.text("items", 1, "property") != "ALP1" {
		t.Errorf("%s", a.body)
	}
	r.ok("PUT", "/v1/connections/acme/mappings/room_type/RM9?property=ALP1", `{"state":"proposed","name":"Deluxe","occupancy":4}`)
	a = r.ok("GET", "/v1/mappings?external=RM9", "")
	if a.text("items", 0, "internal") != "DLX" || a.text("items", 0, "score") != "0.96" || a.text("items", 0, "evidence", 1) != "both take 4 guests" {
		t.Errorf("%s", a.body)
	}
	first := r.ok("GET", "/v1/mappings?limit=2", "")
	second := r.ok("GET", "/v1/mappings?limit=9&cursor="+first.text("next"), "")
	if got := mappingsOf(first) + "; " + mappingsOf(second); strings.Count(got, ";") != 4 || second.text("next") != "" {
		t.Errorf("%s", got)
	}
	if got := mappingsOf(r.ok("GET", "/v1/mappings?state=accepted&property=ALP1", "")); got != "property H-77>ALP1 accepted" {
		t.Errorf("%s", got)
	}
	if internal, state := r.hub.MapCode("acme", "ALP1", "room_type", "RM9"); internal != "" || state != "" {
		t.Errorf("what is proposed maps: %s %s", internal, state)
	}
}

func TestMappingsAreDecidedInBulk(t *testing.T) {
	r := unmappedRig(t)
	r.refused(422, "missing_field", "POST", "/v1/mappings/decide", `{"decision":"accept"}`)
	r.refused(422, "value_out_of_range", "POST", "/v1/mappings/decide", `{"decision":"accept","filter":{"min_score":0.2}}`)
	r.refused(422, "missing_field", "POST", "/v1/mappings/decide", `{"decision":"ignore","filter":{"kind":"room_type"}}`)
	sure := `{"decision":"accept","filter":{"connection":"acme","min_score":0.95},"reason":"sure"}`
	before := r.hub.Position()
	if a := r.ok("POST", "/v1/mappings/decide?dry_run=true", sure); a.text("accepted") != "2" || a.text("dry_run") != "true" || r.hub.Position() != before {
		t.Errorf("%s", a.body)
	}
	if a := r.ok("POST", "/v1/mappings/decide", sure); a.text("accepted") != "2" || a.text("refused") != "0" {
		t.Errorf("%s", a.body)
	}
	until(t, "what waited for DLX is applied", func() bool { return len(r.ok("GET", "/v1/parked", "").get("items").([]any)) == 1 })
	if a := r.ok("POST", "/v1/mappings/decide", sure); a.text("accepted") != "0" {
		t.Errorf("again: %s", a.body)
	}
	a := r.ok("POST", "/v1/mappings/decide", `{"decision":"accept","items":[
		{"connection":"acme","property":"ALP1","kind":"room_type","external":"DLX","internal":"DLX"},
		{"connection":"acme","property":"ALP1","kind":"room_type","external":"XQ"},
		{"connection":"acme","property":"ALP1","kind":"room_type","external":"XQ","internal":"SUI"},
		{"connection":"nobody","property":"ALP1","kind":"room_type","external":"XQ","internal":"DLX"},
		{"connection":"acme","kind":"room_type","external":"XQ","internal":"DLX"}]}`)
	if a.text("items", 0, "outcome") != "unchanged" || a.text("refused") != "4" || a.text("items", 1, "errors", 0, "code") != "missing_field" || a.text("items", 2, "errors", 0, "code") != "not_found" {
		t.Errorf("%s", a.body)
	}
	if a := r.ok("POST", "/v1/mappings/decide", `{"decision":"ignore","items":[{"connection":"acme","property":"ALP1","kind":"room_type","external":"XQ"}]}`); a.text("ignored") != "1" {
		t.Errorf("%s", a.body)
	}
	until(t, "nothing waits", func() bool { return len(r.ok("GET", "/v1/parked", "").get("items").([]any)) == 0 })
}

func TestMappingsGoOutAndComeBackAsCSV(t *testing.T) {
	r := unmappedRig(t)
	out := string(r.ok("GET", "/v1/mappings.csv", "").body)
	if !strings.HasPrefix(out, "connection,property,kind,external,name,occupancy,state,internal,score,parked,oldest,evidence\nacme,,property,H-77,,,accepted,ALP1,,,,\n") {
		t.Fatalf("%s", out)
	}
	edited := strings.Replace(out, "acme,ALP1,room_type,XQ,,,proposed,,", "acme,ALP1,room_type,XQ,,,ignored,,", 1)
	edited = strings.Replace(edited, "DLX,,,proposed,DLX", "DLX,,,accepted,DLX", 1)
	edited = "# from the spreadsheet\n" + strings.Replace(edited, "BAR,,,proposed,BAR", "BAR,,,accepted,BAZ", 1)
	a := r.do("POST", "/v1/mappings.csv", edited, "Content-Type", "text/csv")
	if a.status != 202 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	id := a.text("id")
	until(t, "the import ends", func() bool { return r.ok("GET", "/v1/imports/"+id, "").text("state") == "done" })
	if got := r.results(id, ""); got != "3 unchanged; 4 refused internal not_found; 5 created; 6 created" {
		t.Errorf("%s", got)
	}
	if _, state := r.hub.MapCode("acme", "ALP1", "room_type", "XQ"); state != "ignored" {
		t.Errorf("XQ is %q", state)
	}
	r.refused(422, "invalid_request", "POST", "/v1/mappings.csv", "type,connection\nmapping,acme\n", "Content-Type", "text/csv")
}
