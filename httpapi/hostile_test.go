package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

// hostile are requests that must be refused, each with this status and code, and change nothing.
var hostile = []struct {
	name, method, path, body string
	header                   []string
	status                   int
	code                     string
}{
	// Updates: the decoder's own table (protocol/canonical) has eighty more.
	{"empty body", "POST", "/v1/updates", "", []string{"Content-Type", "application/json"}, 400, "bad_json"},
	{"text", "POST", "/v1/updates", "hello", nil, 400, "bad_json"},
	{"null", "POST", "/v1/updates", "null", nil, 422, "field_type"},
	{"cut off", "POST", "/v1/updates", `{"property":"ALP1","items":[{`, nil, 400, "bad_json"},
	{"two documents", "POST", "/v1/updates", `{"property":"ALP1"}{"property":"ALP1"}`, nil, 400, "bad_json"},
	{"UTF-16", "POST", "/v1/updates", "\xff\xfe{\x00}\x00", nil, 400, "bad_json"},
	{"broken UTF-8", "POST", "/v1/updates", "{\"property\":\"\xc3\x28\"}", nil, 400, "bad_json"},
	{"deep nesting", "POST", "/v1/updates", strings.Repeat("[", 100_000), nil, 400, "bad_json"},
	{"XML", "POST", "/v1/updates", `<OTA_PingRQ/>`, []string{"Content-Type", "text/xml"}, 415, "unsupported_media_type"},
	{"latin-1", "POST", "/v1/updates", `{}`, []string{"Content-Type", "application/json; charset=iso-8859-1"}, 415, "unsupported_media_type"},
	{"no gzip", "POST", "/v1/updates", `{}`, []string{"Content-Encoding", "gzip"}, 400, "bad_json"},
	{"another compression", "POST", "/v1/updates", `{}`, []string{"Content-Encoding", "br"}, 415, "unsupported_media_type"},
	{"too large", "POST", "/v1/updates", `{"property":"` + strings.Repeat("x", bodyMax) + `"}`, nil, 413, "body_too_large"},
	{"unknown property", "POST", "/v1/updates", `{"property":"NOPE","items":[{"undated":true,"set":{"closed":true}}]}`, nil, 404, "unknown_property"},
	{"the hub's own property", "POST", "/v1/updates", `{"property":"_hub","items":[{"undated":true,"set":{"closed":true}}]}`, nil, 404, "unknown_property"},
	{"unknown room type", "POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"X","undated":true,"set":{"closed":true}}]}`, nil, 422, "unknown_room_type"},
	{"unknown rate plan", "POST", "/v1/updates", `{"property":"ALP1","items":[{"rate_plan":"X","undated":true,"set":{"closed":true}}]}`, nil, 422, "unknown_rate_plan"},
	{"unknown block", "POST", "/v1/updates", `{"property":"ALP1","items":[{"block":"X","undated":true,"set":{"closed":true}}]}`, nil, 422, "unknown_block"},
	{"rates of the house", "POST", "/v1/updates", `{"property":"ALP1","items":[{"undated":true,"set":{"rates":[{"adults":2,"after_tax":"1"}]}}]}`, nil, 422, "scope_not_allowed"},
	{"rates on a side the plan does not have", "POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","rate_plan":"BAR","undated":true,"set":{"rates":[{"adults":2,"before_tax":"1"}]}}]}`, nil, 422, "rate_basis"},
	{"counts of a plan", "POST", "/v1/updates", `{"property":"ALP1","items":[{"rate_plan":"BAR","undated":true,"set":{"inventory":{"net":1}}}]}`, nil, 422, "scope_not_allowed"},
	{"long ago", "POST", "/v1/updates", `{"property":"ALP1","items":[{"from":"1999-01-01","to":"1999-01-02","set":{"closed":true}}]}`, nil, 422, "in_the_past"},
	{"adjust without identity", "POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","from":"2999-01-01","to":"2999-01-02","adjust":{"inventory":{"net":1}}}]}`, nil, 422, "adjust_without_identity"},
	{"adjust of what was never told", "POST", "/v1/updates", `{"property":"ALP1","id":"a1","items":[{"room_type":"DLX","from":"` + day(1) + `","to":"` + day(2) + `","adjust":{"inventory":{"net":1}}}]}`, nil, 422, "adjust_on_unset"},
	{"key too long", "POST", "/v1/updates", `{}`, []string{"Idempotency-Key", strings.Repeat("k", 129)}, 422, "bad_parameter"},
	{"unknown parameter", "POST", "/v1/updates?dryrun=true", `{}`, nil, 422, "bad_parameter"},
	{"bad flag", "POST", "/v1/updates?dry_run=yes", `{}`, nil, 422, "bad_parameter"},
	{"parameter twice", "POST", "/v1/updates?dry_run=true&dry_run=false", `{}`, nil, 422, "bad_parameter"},
	{"broken query", "POST", "/v1/updates?dry_run=%zz", `{}`, nil, 422, "bad_parameter"},
	{"batch of nothing", "POST", "/v1/updates/batch", `{"updates":[]}`, nil, 422, "says_nothing"},
	{"batch without updates", "POST", "/v1/updates/batch", `{}`, nil, 422, "missing_field"},
	{"batch too long", "POST", "/v1/updates/batch", `{"updates":[` + strings.Repeat(`1,`, batchUpdatesMax) + `1]}`, nil, 422, "too_many"},
	{"batch misspelt", "POST", "/v1/updates/batch", `{"update":[{}]}`, nil, 422, "unknown_field"},
	{"stream as JSON", "POST", "/v1/updates/stream", `{}`, nil, 415, "unsupported_media_type"},
	// Shop.
	{"shop for nothing", "POST", "/v1/shop", `{}`, nil, 422, "missing_field"},
	{"shop without properties", "POST", "/v1/shop", `{"properties":[],"arrival":"2027-01-01","nights":1}`, nil, 422, "says_nothing"},
	{"shop 501 properties", "POST", "/v1/shop", `{"properties":[` + strings.Repeat(`"A",`, 500) + `"A"],"arrival":"2027-01-01","nights":1}`, nil, 422, "too_many"},
	{"shop for 0 nights", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-01","nights":0}`, nil, 422, "value_out_of_range"},
	{"shop for 1000 nights", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-01","nights":1000}`, nil, 422, "value_out_of_range"},
	{"shop backwards", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-02","departure":"2027-01-01"}`, nil, 422, "bad_span"},
	{"shop twice told", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2,"departure":"2027-01-03"}`, nil, 422, "bad_span"},
	{"shop for nobody", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2,"adults":0}`, nil, 422, "value_out_of_range"},
	{"shop for an old child", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2,"children":[31]}`, nil, 422, "value_out_of_range"},
	{"shop for half a child", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2,"children":[1.5]}`, nil, 422, "field_type"},
	{"shop with an unknown field", "POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2,"adult":2}`, nil, 422, "unknown_field"},
	{"shop by GET without arrival", "GET", "/v1/shop?properties=ALP1", "", nil, 422, "bad_parameter"},
	{"shop by GET for letters", "GET", "/v1/shop?properties=ALP1&arrival=2027-01-01&nights=two", "", nil, 422, "bad_parameter"},
	{"shop by GET, children", "GET", "/v1/shop?properties=ALP1&arrival=2027-01-01&nights=2&children=4,x", "", nil, 422, "bad_parameter"},
	{"shop at a position of nobody", "POST", "/v1/shop?at_least=abc", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2}`, nil, 422, "bad_parameter"},
	{"shop at another epoch", "POST", "/v1/shop?at_least=1.5", `{"properties":["ALP1"],"arrival":"2027-01-02","nights":2}`, nil, 410, "other_epoch"},
	{"explain of no room type", "GET", "/v1/explain?property=ALP1&room_type=X&rate_plan=BAR&arrival=2027-01-01&nights=1", "", nil, 422, "bad_parameter"},
	// Catalog.
	{"property without zone", "PUT", "/v1/properties/NEW", `{"currency":"EUR"}`, nil, 422, "missing_field"},
	{"property in no zone", "PUT", "/v1/properties/NEW", `{"currency":"EUR","time_zone":"W. Europe Standard Time"}`, nil, 422, "bad_object"},
	{"property of another code", "PUT", "/v1/properties/NEW", `{"code":"OLD","currency":"EUR","time_zone":"UTC"}`, nil, 422, "other_code"},
	{"property _hub", "PUT", "/v1/properties/_hub", `{"currency":"EUR","time_zone":"UTC"}`, nil, 422, "bad_format"},
	{"reserved property", "PUT", "/v1/properties/_mine", `{"currency":"EUR","time_zone":"UTC"}`, nil, 422, "bad_object"},
	{"code too long", "PUT", "/v1/properties/" + strings.Repeat("x", 65), `{"currency":"EUR","time_zone":"UTC"}`, nil, 422, "bad_format"},
	{"room type of nowhere", "PUT", "/v1/properties/NOPE/room-types/A", `{}`, nil, 404, "unknown_property"},
	{"room type misspelt", "PUT", "/v1/properties/ALP1/room-types/A", `{"max_ocupancy":2}`, nil, 422, "unknown_field"},
	{"room type with words", "PUT", "/v1/properties/ALP1/room-types/A", `{"max_occupancy":"two"}`, nil, 422, "field_type"},
	{"room type with half a guest", "PUT", "/v1/properties/ALP1/room-types/A", `{"max_occupancy":1.5}`, nil, 422, "field_type"},
	{"room type as a list", "PUT", "/v1/properties/ALP1/room-types/A", `[]`, nil, 422, "field_type"},
	{"room type told twice", "PUT", "/v1/properties/ALP1/room-types/A", `{"name":"a","name":"b"}`, nil, 422, "told_twice"},
	{"room type of no class", "PUT", "/v1/properties/ALP1/room-types/A", `{"class":"NOPE"}`, nil, 422, "unknown_room_class"},
	{"plan of itself", "PUT", "/v1/properties/ALP1/rate-plans/BAR", `{"parent":"NRF","derive":[{"percent":"0"}]}`, nil, 422, "derivation_cycle"},
	{"plan of nobody", "PUT", "/v1/properties/ALP1/rate-plans/P", `{"parent":"NOPE","derive":[{"percent":"0"}]}`, nil, 422, "unknown_rate_plan"},
	{"plan with a number for a percent", "PUT", "/v1/properties/ALP1/rate-plans/P", `{"parent":"BAR","derive":[{"percent":-10}]}`, nil, 422, "field_type"},
	{"plan sold on a day of no calendar", "PUT", "/v1/properties/ALP1/rate-plans/P", `{"sell_from":"2027-02-30"}`, nil, 422, "bad_format"},
	{"deep plan", "PUT", "/v1/properties/ALP1/rate-plans/P", `{"offers":[` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `]}`, nil, 400, "bad_json"},
	{"delete of a parent", "DELETE", "/v1/properties/ALP1/rate-plans/BAR", "", nil, 409, "in_use"},
	{"delete of nothing", "DELETE", "/v1/properties/ALP1/rate-plans/NOPE", "", nil, 404, "not_found"},
	{"made, but there", "PUT", "/v1/properties/ALP1/rate-plans/BAR", `{}`, []string{"If-None-Match", "*"}, 412, "precondition_failed"},
	{"changed since", "PUT", "/v1/properties/ALP1/rate-plans/BAR", `{}`, []string{"If-Match", `"1"`}, 412, "precondition_failed"},
	{"changed, but not there", "PUT", "/v1/properties/ALP1/rate-plans/NEW", `{}`, []string{"If-Match", "*"}, 412, "precondition_failed"},
	{"no ETag", "PUT", "/v1/properties/ALP1/rate-plans/BAR", `{}`, []string{"If-Match", `"abc"`}, 422, "bad_parameter"},
	{"cursor of nobody", "GET", "/v1/properties?cursor=%21%21", "", nil, 422, "bad_parameter"},
	{"limit 0", "GET", "/v1/properties?limit=0", "", nil, 422, "bad_parameter"},
	{"limit of millions", "GET", "/v1/properties?limit=1000000", "", nil, 422, "bad_parameter"},
	// The hub's own.
	{"connection of no protocol", "PUT", "/v1/connections/x", `{"protocol":"telex"}`, nil, 422, "bad_format"},
	{"connection with a secret", "PUT", "/v1/connections/x", `{"protocol":"ota","secrets":[]}`, nil, 422, "unknown_field"},
	{"connection in no zone", "PUT", "/v1/connections/x", `{"protocol":"ota","time_zone":"Mars"}`, nil, 422, "bad_format"},
	{"connection of no profile", "PUT", "/v1/connections/x", `{"protocol":"ota","profile":"nope"}`, nil, 422, "bad_object"},
	{"profile of no choices", "PUT", "/v1/profiles/x", `{"protocol":"ota","choices":{"weekdays":"never"}}`, nil, 422, "bad_object"},
	{"client of no scope", "PUT", "/v1/clients/x", `{"scopes":["shopp"]}`, nil, 422, "bad_format"},
	{"chosen secret of a client", "POST", "/v1/clients/admin/secrets", `{"password":"12345678"}`, nil, 422, "bad_format"},
	{"short password", "POST", "/v1/connections/pms/secrets", `{"password":"1234"}`, nil, 422, "value_out_of_range"},
	{"secret of nobody", "POST", "/v1/clients/nobody/secrets", `{}`, nil, 404, "not_found"},
	{"mapping of no kind", "PUT", "/v1/connections/pms/mappings/colour/X", `{"internal":"Y"}`, nil, 422, "bad_format"},
	{"mapping to nothing", "PUT", "/v1/connections/pms/mappings/property/X", `{}`, nil, 422, "missing_field"},
	{"mapping of nobody", "PUT", "/v1/connections/nobody/mappings/property/X", `{"internal":"ALP1"}`, nil, 404, "not_found"},
	// Overlays and holds.
	{"cap of nothing", "PUT", "/v1/properties/ALP1/overlays/o", `{"kind":"cap","undated":true}`, nil, 422, "missing_field"},
	{"floor on both sides", "PUT", "/v1/properties/ALP1/overlays/o", `{"kind":"floor","undated":true,"amount":{"before_tax":"1","after_tax":"1"}}`, nil, 422, "missing_field"},
	{"stop without dates", "PUT", "/v1/properties/ALP1/overlays/o", `{"kind":"stop_sell"}`, nil, 422, "missing_field"},
	{"stop of two kinds of rooms", "PUT", "/v1/properties/ALP1/overlays/o", `{"kind":"stop_sell","undated":true,"room_type":"DLX","room_class":"X"}`, nil, 422, "scope_not_allowed"},
	{"stop of no room type", "PUT", "/v1/properties/ALP1/overlays/o", `{"kind":"stop_sell","undated":true,"room_type":"NOPE"}`, nil, 422, "unknown_room_type"},
	{"hold as an overlay", "PUT", "/v1/properties/ALP1/overlays/o", `{"kind":"hold","undated":true}`, nil, 422, "bad_format"},
	{"lift of nothing", "DELETE", "/v1/properties/ALP1/overlays/o", "", nil, 404, "unknown_overlay"},
	{"hold of what is not left", "PUT", "/v1/properties/ALP1/holds/h", `{"room_type":"DLX","rate_plan":"BAR","arrival":"` + day(1) + `","nights":1}`, nil, 409, "not_enough_rooms"},
	{"hold in the past", "PUT", "/v1/properties/ALP1/holds/h", `{"room_type":"DLX","rate_plan":"BAR","arrival":"` + day(1) + `","nights":1,"expires":"2020-01-01T00:00:00Z"}`, nil, 422, "value_out_of_range"},
	{"confirm of nothing", "POST", "/v1/properties/ALP1/holds/h/confirm", "", nil, 404, "unknown_overlay"},
	// Reading.
	{"grid of a century", "GET", "/v1/properties/ALP1/grid?from=2027-01-01&to=2127-01-01", "", nil, 422, "bad_parameter"},
	{"grid of the future past", "GET", "/v1/properties/ALP1/grid?from=2027-01-01&at=999999", "", nil, 404, "not_found"},
	{"history of no field", "GET", "/v1/properties/ALP1/history?field=colour", "", nil, 422, "bad_parameter"},
	{"feed of another epoch", "GET", "/v1/feed?cursor=1.1", "", nil, 410, "other_epoch"},
	{"a long wait", "GET", "/v1/feed?wait=21", "", nil, 422, "bad_parameter"},
	{"message of nobody", "GET", "/v1/messages/nope", "", nil, 404, "not_found"},
	{"release of nothing", "POST", "/v1/waiting/nope/release", "", nil, 404, "not_found"},
	{"nowhere", "GET", "/v2/properties", "", nil, 404, "no_such_route"},
	{"another method", "PATCH", "/v1/properties/ALP1", "", nil, 405, "method_not_allowed"},
	{"path with dots", "GET", "/v1/properties/..%2f..%2fetc", "", nil, 404, "unknown_property"},
}

func TestHostileRequestsAreRefusedPreciselyAndChangeNothing(t *testing.T) {
	r := newRig(t)
	before := r.ok("GET", "/v1/properties/ALP1/cells?from="+day(0)+"&to="+day(300)+"&limit=1000", "")
	for _, c := range hostile {
		a := r.do(c.method, c.path, c.body, c.header...)
		if a.status != c.status || a.text("code") != c.code {
			t.Errorf("%s: want %d %s, got %d %.600s", c.name, c.status, c.code, a.status, a.body)
			continue
		}
		if a.header.Get("Content-Type") != "application/problem+json" || a.text("type") != "/errors/"+c.code || a.text("title") == "" || a.text("request_id") != a.header.Get("X-Request-Id") {
			t.Errorf("%s: no problem as RFC 9457 has it: %s %s", c.name, a.header, a.body)
		}
		if c.code == "method_not_allowed" && a.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.name)
		}
		if a.text("errors", 0, "code") != "" && a.text("errors", 0, "expected") == "" {
			t.Errorf("%s: what was expected is not told: %s", c.name, a.body)
		}
	}
	if after := r.ok("GET", "/v1/properties/ALP1/cells?from="+day(0)+"&to="+day(300)+"&limit=1000", ""); string(after.body) != string(before.body) {
		t.Errorf("something changed:\n%s\n%s", before.body, after.body)
	}
	if st := r.ok("GET", "/readyz", ""); st.status != http.StatusOK {
		t.Errorf("%s", st.body)
	}
}
