package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
)

// gate answers a gate of a stage's answer as "name ok", for comparison.
func gatesOf(a *reply) string {
	var out []string
	list, _ := a.get("gates").([]any)
	for i := range list {
		out = append(out, a.text("gates", i, "gate")+" "+a.text("gates", i, "ok"))
	}
	return strings.Join(out, ", ")
}

func TestAPropertyGoesLiveThroughItsGates(t *testing.T) {
	r := newRig(t)
	if a := r.ok("GET", "/v1/properties/ALP1/stage?to=live", ""); a.text("stage") != "draft" || gatesOf(a) != "mapped false, nothing_unmapped true, priced false, choices true" || a.text("not_judged", 0, "gate") != "no_drift" {
		t.Errorf("%s", a.body)
	}
	a := r.refused(409, "gate_closed", "POST", "/v1/properties/ALP1/stage", `{"stage":"live","reason":"too soon"}`)
	if len(a.get("errors").([]any)) != 2 || a.text("errors", 1, "fix") == "" || !strings.Contains(a.text("errors", 1, "got"), "DLX") {
		t.Errorf("%s", a.body)
	}
	r.open(30)
	r.refused(409, "gate_closed", "POST", "/v1/properties/ALP1/stage", `{"stage":"live","reason":"STD has no price"}`)
	r.ok("PUT", "/v1/properties/ALP1/room-types/STD", `{"inactive":true}`)
	live := `{"stage":"live","reason":"go-live, wave 2"}`
	if a := r.ok("POST", "/v1/properties/ALP1/stage?dry_run=true", live); a.text("dry_run") != "true" || a.text("changed") != "true" || a.text("stage") != "draft" {
		t.Errorf("%s", a.body)
	}
	if got := r.ok("GET", "/v1/properties/ALP1/stage", "").text("stage"); got != "draft" {
		t.Fatalf("the dry run moved it to %s", got)
	}
	if a := r.ok("POST", "/v1/properties/ALP1/stage", live); a.text("stage") != "live" || a.text("changed") != "true" {
		t.Errorf("%s", a.body)
	}
	if a := r.ok("POST", "/v1/properties/ALP1/stage", live); a.text("changed") != "" {
		t.Errorf("there already: %s", a.body)
	}
	h := r.ok("GET", "/v1/properties/ALP1/history?limit=1", "")
	if h.text("items", 0, "reason") != "go-live, wave 2" || h.text("items", 0, "by", "id") != "admin" || h.text("items", 0, "changes", "objects", 0, "new", "stage") != "live" {
		t.Errorf("the journal does not tell it: %s", h.body)
	}
	r.refused(409, "stage_order", "POST", "/v1/properties/ALP1/stage", `{"stage":"draft","reason":"x"}`)
	r.ok("POST", "/v1/properties/ALP1/stage", `{"stage":"suspended","reason":"renovation"}`)
	r.ok("POST", "/v1/properties/ALP1/stage", `{"stage":"draft","reason":"sold"}`)
	r.refused(409, "stage_order", "POST", "/v1/properties/ALP1/stage", `{"stage":"suspended","reason":"x"}`)
}

func TestShopAnswersForEveryStageAndNamesIt(t *testing.T) {
	r := newRig(t)
	r.open(30)
	for _, stage := range ari.Stages {
		body := `{"name":"Alpenhof","time_zone":"Europe/Vienna","currency":"EUR","stage":"` + string(stage) + `"}`
		if _, err := r.hub.PutObject(t.Context(), ari.Author{Kind: ari.BySystem, ID: "test"}, ari.KindProperty, "ALP1", "ALP1", nil, 0, true); err == nil {
			t.Fatal("a property of another code")
		}
		if _, err := r.hub.PutObject(t.Context(), ari.Author{Kind: ari.BySystem, ID: "test"}, "ALP1", ari.KindProperty, "ALP1", []byte(body), 0, false); err != nil {
			t.Fatal(err)
		}
		a := r.ok("POST", "/v1/shop", `{"properties":["ALP1","NOPE"],"arrival":"`+day(1)+`","nights":1,"rate_plans":["BAR"]}`)
		if a.text("properties", 0, "stage") != string(stage) || a.text("properties", 0, "offers", 0, "sellable") != "true" || a.text("properties", 1, "stage") != "" {
			t.Errorf("%s: %s", stage, a.body)
		}
	}
}

func TestAPutOfAPropertyKeepsItsStage(t *testing.T) {
	r := newRig(t)
	r.open(30)
	r.ok("PUT", "/v1/properties/ALP1/room-types/STD", `{"inactive":true}`)
	r.ok("POST", "/v1/properties/ALP1/stage", `{"stage":"live","reason":"x"}`)
	r.ok("PUT", "/v1/properties/ALP1", `{"name":"Alpenhof neu","time_zone":"Europe/Vienna","currency":"EUR"}`)
	r.ok("PUT", "/v1/properties/ALP1", `{"name":"Alpenhof","time_zone":"Europe/Vienna","currency":"EUR","stage":"live"}`)
	if got := r.ok("GET", "/v1/properties/ALP1", "").text("stage"); got != "live" {
		t.Errorf("stage %q", got)
	}
	r.refused(409, "stage_order", "PUT", "/v1/properties/ALP1", `{"time_zone":"Europe/Vienna","currency":"EUR","stage":"draft"}`)
	r.refused(409, "stage_order", "PUT", "/v1/properties/NEW1", `{"time_zone":"Europe/Vienna","currency":"EUR","stage":"live"}`)
	r.ok("PUT", "/v1/properties/NEW1", `{"time_zone":"Europe/Vienna","currency":"EUR","stage":"draft"}`)
}

func TestChecksFindWhatIsMissingAndWhatContradictsItself(t *testing.T) {
	r := newRig(t)
	r.open(30)
	r.ok("POST", "/v1/updates", `{"property":"ALP1","items":[
		{"room_type":"STD","from":"`+day(1)+`","to":"`+day(9)+`","set":{"inventory":{"net":5}}},
		{"room_type":"DLX","rate_plan":"BAR","from":"`+day(31)+`","to":"`+day(33)+`","set":{"rates":[{"adults":2,"after_tax":"90"}]}},
		{"room_type":"DLX","rate_plan":"BAR","from":"`+day(5)+`","to":"`+day(6)+`","set":{"min_los_arrival":5,"max_los_night":3}},
		{"rate_plan":"NRF","undated":true,"set":{"closed":true}}]}`)
	a := r.ok("GET", "/v1/properties/ALP1/checks", "")
	found := map[string]string{}
	list := a.get("items").([]any)
	for i := range list {
		found[a.text("items", i, "code")+" "+a.text("items", i, "room_type")+" "+a.text("items", i, "rate_plan")] = a.text("items", i, "from") + " " + a.text("items", i, "nights") + " " + a.text("items", i, "evidence")
		if a.text("items", i, "fix") == "" {
			t.Errorf("no fix: %s", a.body)
		}
	}
	for key, want := range map[string]string{
		"product_without_price STD BAR": day(1) + " 9 rooms are told on 9 of 365 nights, a price on none",
		"price_without_stock DLX BAR":   day(31) + " 3 ",
		"contradiction DLX BAR":         day(5) + " 2 on 2 nights nobody can arrive: min_los_arrival 5 is above max_los_night 3",
		"closed_for_a_year DLX NRF":     day(0)[:8],
	} {
		if !strings.HasPrefix(found[key], want) {
			t.Errorf("%s: %q, want %q\n%s", key, found[key], want, a.body)
		}
	}
	if a.text("skipped") != "0" || a.text("products") != "4" {
		t.Errorf("%s", a.body)
	}
	if a := r.ok("GET", "/v1/properties/ALP1/checks?room_type=STD&nights=20", ""); a.text("products") != "2" || strings.Contains(string(a.body), "DLX") {
		t.Errorf("%s", a.body)
	}
	r.refused(422, "bad_parameter", "GET", "/v1/properties/ALP1/checks?room_type=SUI", "")
}

func TestWhatIsNotMappedKeepsAPropertyBack(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","properties":["ALP1"]}`)
	r.open(30)
	r.ok("PUT", "/v1/properties/ALP1/room-types/STD", `{"inactive":true}`)
	r.ok("DELETE", "/v1/connections/pms", "") // what told the prices is another matter here
	m := "/v1/connections/acme/mappings/"
	stage := func(want string) {
		t.Helper()
		if a := r.ok("GET", "/v1/properties/ALP1/stage?to=mapped", ""); gatesOf(a) != want {
			t.Errorf("%s", a.body)
		}
	}
	stage("mapped false, nothing_unmapped true")
	r.ok("PUT", m+"property/H-77", `{"internal":"ALP1"}`)
	r.ok("PUT", m+"rate_plan/BAR?property=ALP1", `{"internal":"BAR"}`)
	if a := r.ota(avail("H-77", "R-1", "1")); !strings.Contains(string(a.body), "<Warning") {
		t.Fatalf("%s", a.body)
	}
	stage("mapped false, nothing_unmapped false")
	l := r.ok("GET", "/v1/parked?kind=room_type&external=R-1", "")
	if l.text("items", 0, "age_seconds") == "" || len(r.ok("GET", "/v1/parked?external=other", "").get("items").([]any)) != 0 || len(r.ok("GET", "/v1/parked?older_than=3600", "").get("items").([]any)) != 0 {
		t.Errorf("%s", l.body)
	}
	checks := string(r.ok("GET", "/v1/properties/ALP1/checks", "").body)
	for _, code := range []string{"room_without_mapping", "unmapped_waits"} {
		if !strings.Contains(checks, code) {
			t.Errorf("no %s: %s", code, checks)
		}
	}
	if a := r.ok("POST", "/v1/parked/replay?dry_run=true", `{"property":"ALP1"}`); a.text("replayed") != "0" || a.text("why", "a code has no mapping yet") != "1" {
		t.Errorf("%s", a.body)
	}
	limited := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "limited", Scopes: AllScopes(), Properties: []string{"ALP1"}})}
	r.refused(403, "not_whole_hub", "POST", "/v1/parked/replay", `{}`, limited...)
	r.refused(404, "not_found", "POST", "/v1/parked/replay", `{"connection":"nobody"}`)
	r.ok("PUT", m+"room_type/R-1?property=ALP1", `{"internal":"DLX"}`)
	until(t, "the parked item is applied", func() bool { return len(r.ok("GET", "/v1/parked", "").get("items").([]any)) == 0 })
	stage("mapped true, nothing_unmapped true")
}

func TestParkedItemsAreReplayedInBulkAndADryRunChangesNothing(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota"}`)
	for _, token := range []string{"1", "2", "3"} {
		r.ota(avail("H-77", "R-"+token, token))
	}
	// As after a restore of another's mappings: the mappings are there, and nobody has asked for a replay. An ignored code counts as mapped.
	parked := func() int { return len(r.ok("GET", "/v1/parked", "").get("items").([]any)) }
	if parked() != 3 {
		t.Fatalf("%d parked", parked())
	}
	before := r.hub.Position()
	if a := r.ok("POST", "/v1/connections/acme/replay?dry_run=true", ""); a.text("left") != "3" || a.text("dry_run") != "true" {
		t.Errorf("%s", a.body)
	}
	if r.hub.Position() != before || parked() != 3 {
		t.Error("the dry run changed something")
	}
	for _, path := range []string{"property/H-77", "room_type/R-1?property=ALP1", "room_type/R-2?property=ALP1", "room_type/R-3?property=ALP1", "rate_plan/BAR?property=ALP1"} {
		internal := map[byte]string{'p': "ALP1", 'r': "DLX"}[path[0]]
		if strings.HasPrefix(path, "rate") {
			internal = "BAR"
		}
		r.ok("PUT", "/v1/connections/acme/mappings/"+path, `{"internal":"`+internal+`"}`)
	}
	until(t, "all is applied", func() bool { return parked() == 0 })
	if a := r.ok("POST", "/v1/parked/replay", `{"connection":"acme","older_than_seconds":5}`); a.text("replayed") != "0" || a.text("left") != "0" {
		t.Errorf("%s", a.body)
	}
}

func TestEveryWriteHasADryRun(t *testing.T) {
	for _, rt := range startRig(t).api.routes {
		if rt.method == http.MethodGet || rt.scope == scopeShop || rt.op == "" || rt.rights == openToAll {
			continue
		}
		dry := false
		for _, p := range rt.query {
			dry = dry || p.name == "dry_run"
		}
		if !dry {
			t.Errorf("%s has no dry_run (S50)", rt.pattern)
		}
	}
}

func TestDryRunsOfSecretsAndWaitingReplacesChangeNothing(t *testing.T) {
	r := newRig(t)
	r.open(30)
	secrets := func() int {
		return len(r.ok("GET", "/v1/connections/pms/secrets", "").get("items").([]any))
	}
	n := secrets()
	if a := r.ok("POST", "/v1/connections/pms/secrets?dry_run=true", `{}`); a.text("secret") != "" || a.text("dry_run") != "true" || secrets() != n {
		t.Errorf("%s", a.body)
	}
	id := r.ok("POST", "/v1/connections/pms/secrets", `{}`).text("id")
	if a := r.ok("DELETE", "/v1/connections/pms/secrets/"+id+"?dry_run=true", ""); a.text("dry_run") != "true" || secrets() != n+1 {
		t.Errorf("%s", a.body)
	}
	waiting := r.ok("POST", "/v1/updates", wide()).text("waiting")
	before := r.hub.Position()
	if a := r.ok("POST", "/v1/waiting/"+waiting+"/release?dry_run=true", `{"reason":"x"}`); a.text("verdict") != "applied" || a.get("changes") == nil {
		t.Errorf("%s", a.body)
	}
	r.ok("POST", "/v1/waiting/"+waiting+"/refuse?dry_run=true", `{"reason":"x"}`)
	if r.ok("GET", "/v1/waiting", "").text("items", 0, "id") != waiting || r.hub.Position() != before {
		t.Error("a dry run decided")
	}
}

func TestADryRunOfAMessageAnswersInKindAndChangesNothing(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true}`)
	r.open(5)
	before := r.hub.Position()
	send := func(query, body string) *reply {
		t.Helper()
		return r.do("POST", "/ota/acme"+query, body, "Content-Type", "text/xml", "Authorization", "Basic YWNtZTphIHBhc3N3b3Jk")
	}
	for name, c := range map[string]struct{ body, want string }{
		"good":          {avail("ALP1", "DLX", "1"), "<Success"},
		"a wrong room":  {avail("ALP1", "SUI", "2"), "SUI"},
		"no such hotel": {avail("NOPE", "DLX", "3"), "NOPE"},
		"no XML":        {"<a", "<Error"},
	} {
		if a := send("?dry_run=true", c.body); !strings.Contains(string(a.body), c.want) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := send("?dry_run=yes", avail("ALP1", "DLX", "4")); a.status != 422 || a.text("code") != "bad_parameter" {
		t.Errorf("what is neither true nor false: %d %s", a.status, a.body)
	}
	if l := r.ok("GET", "/v1/messages?connection=acme", ""); r.hub.Position() != before || len(l.get("items").([]any)) != 0 {
		t.Errorf("a dry run left a trace: %s", l.body)
	}
	if a := send("?dry_run=false", avail("ALP1", "DLX", "1")); !strings.Contains(string(a.body), "<Success") || r.hub.Position() == before {
		t.Errorf("%s", a.body)
	}
}

func TestAConnectionChoosesWhatCanOversellBeforeItsPropertyIsLive(t *testing.T) {
	r := otaRig(t, `{"protocol":"ota","unmapped":true,"properties":["ALP1"]}`)
	r.open(30)
	r.ok("PUT", "/v1/properties/ALP1/room-types/STD", `{"inactive":true}`)
	a := r.refused(409, "gate_closed", "POST", "/v1/properties/ALP1/stage", `{"stage":"live","reason":"x"}`)
	if !strings.Contains(a.text("errors", 0, "got"), "acme (profile generic): ") || len(a.get("errors").([]any)) != 1 {
		t.Errorf("%s", a.body)
	}
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true,"properties":["ALP1"],"profile":"siteminder"}`)
	r.ok("POST", "/v1/properties/ALP1/stage", `{"stage":"live","reason":"x"}`)
}
