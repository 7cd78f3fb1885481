package httpapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// wide is a replace that closes all that is open: it waits for a person (S18).
func wide() string {
	return `{"property":"ALP1","replace":[{"fields":["rates"],"any":["rooms","rates"],"undated":true}]}`
}

func TestAReplaceThatClosesTooMuchWaitsForAPerson(t *testing.T) {
	r := newRig(t)
	r.open(30)
	sellable := func() string {
		return r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":1,"rate_plans":["BAR"]}`).text("properties", 0, "offers", 0, "sellable")
	}
	a := r.ok("POST", "/v1/updates", wide())
	id := a.text("waiting")
	if a.text("verdict") != "waiting" || id == "" || sellable() != "true" {
		t.Fatalf("%s", a.body)
	}
	l := r.ok("GET", "/v1/waiting", "")
	if l.text("items", 0, "id") != id || l.text("items", 0, "property") != "ALP1" || l.text("items", 0, "why") == "" {
		t.Errorf("%s", l.body)
	}
	other := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "other", Scopes: AllScopes(), Properties: []string{"BER1"}})}
	r.refused(404, "not_found", "POST", "/v1/waiting/"+id+"/release", "{}", other...)
	r.refused(404, "not_found", "POST", "/v1/waiting/"+id+"/refuse", "{}", other...)
	if a := r.do("GET", "/v1/waiting", "", other...); strings.Contains(string(a.body), id) {
		t.Errorf("another sees it: %s", a.body)
	}
	own := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "own", Scopes: AllScopes(), Properties: []string{"ALP1"}})}
	if a := r.do("POST", "/v1/waiting/"+id+"/refuse", `{"reason":"a mistake"}`, own...); a.status != 200 {
		t.Fatalf("%s", a.body)
	}
	r.refused(404, "not_found", "POST", "/v1/waiting/"+id+"/release", "")
	if sellable() != "true" {
		t.Error("what was refused was applied")
	}
	id = r.ok("POST", "/v1/updates", wide(), "Idempotency-Key", "again").text("waiting")
	r.ok("POST", "/v1/waiting/"+id+"/release", `{"reason":"season's end"}`)
	if sellable() == "true" {
		t.Error("what was released was not applied")
	}
	h := r.ok("GET", "/v1/properties/ALP1/history?limit=1", "")
	if h.text("items", 0, "reason") != "season's end" || h.text("items", 0, "by", "id") != "admin" {
		t.Errorf("%s", h.body)
	}
}

func TestWhatIsLateIsSupersededAndASnapshotIsWanted(t *testing.T) {
	r := newRig(t)
	at := func(age time.Duration, n int) string {
		return fmt.Sprintf(`{"property":"ALP1","source_time":"%s","items":[{"room_type":"DLX","from":"%s","to":"%s","set":{"inventory":{"net":%d}}}]}`,
			time.Now().Add(-age).UTC().Format(time.RFC3339Nano), day(1), day(1), n)
	}
	r.ok("POST", "/v1/updates", at(0, 100))
	for i := range 20 {
		if a := r.ok("POST", "/v1/updates", at(time.Hour+time.Duration(i)*time.Second, i)); a.text("verdict") != "superseded" || a.text("items", 0, "superseded") != "1" {
			t.Fatalf("%s", a.body)
		}
	}
	until(t, "the want is kept", func() bool {
		return r.ok("GET", "/v1/wants", "").text("items", 0, "kind") == "snapshot"
	})
	if a := r.ok("POST", "/v1/updates", at(300*24*time.Hour, 1)); a.text("verdict") != "reread" {
		t.Errorf("%s", a.body)
	}
	r.ok("PUT", "/v1/connections/pms", `{"protocol":"json","unmapped":true,"push_only":true}`)
	r.refused(409, "too_old", "POST", "/v1/updates", at(300*24*time.Hour, 2))
}

func TestAClientWritesOnlyAsItsConnectionMay(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/connections/narrow", `{"protocol":"json","unmapped":true,"properties":["BER1"]}`)
	for client, want := range map[string]hub.Client{
		"none":   {Scopes: AllScopes()},
		"narrow": {Scopes: AllScopes(), Connection: "narrow"},
	} {
		want.ID = client
		a := r.do("POST", "/v1/updates", closing("ALP1", 1, 2), "Authorization", "Bearer "+r.tokenOf(want))
		if a.status != 403 || a.text("code") != "no_connection" {
			t.Errorf("%s: %d %s", client, a.status, a.body)
		}
	}
	r.open(3)
	r.ok("PUT", "/v1/connections/second", `{"protocol":"json","unmapped":true}`)
	second := r.tokenOf(hub.Client{ID: "second", Scopes: AllScopes(), Connection: "second"})
	a := r.do("POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","from":"`+day(1)+`","to":"`+day(1)+`","set":{"inventory":{"net":1}}}]}`, "Authorization", "Bearer "+second)
	if a.status != 403 || a.text("code") != "not_owner" {
		t.Errorf("counts have one owner: %d %s", a.status, a.body)
	}
	if a := r.do("POST", "/v1/updates", closing("ALP1", 1, 1), "Authorization", "Bearer "+second); a.status != 200 {
		t.Errorf("restrictions have many: %d %s", a.status, a.body)
	}
}

func TestTokensEndWithTheirClientsRights(t *testing.T) {
	r := newRig(t)
	token := r.tokenOf(hub.Client{ID: "c", Scopes: []string{scopeShop, scopeARIRead}})
	auth := []string{"Authorization", "Bearer " + token}
	get := func() int { return r.do("GET", "/v1/feed", "", auth...).status }
	if get() != 200 {
		t.Fatal("not accepted")
	}
	r.ok("PUT", "/v1/clients/c", `{"scopes":["shop"]}`)
	now := time.Now()
	r.api.auth.now = func() time.Time { return now.Add(rememberFor) }
	if get() != 403 {
		t.Error("a scope that was taken away is still there")
	}
	r.api.auth.now = func() time.Time { return now.Add(tokenFor + time.Minute) }
	if get() != 401 {
		t.Error("an old token is accepted")
	}
}
