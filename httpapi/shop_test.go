package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// FuzzShopQuery holds the hand-written reading of a shop query to the strict one through the schema and encoding/json.
func FuzzShopQuery(f *testing.F) {
	f.Add([]byte(`{"properties":["ALP1","B"],"arrival":"2026-12-24","nights":2,"rooms":2,"adults":1,"children":[7,0],"channel":"c","access":["A"],"block":"G","at":"2026-11-22T09:30:00Z","not_older_than":60,"room_types":["DLX"],"rate_plans":["BAR"],"why":true,"totals_only":true}`))
	f.Add([]byte(`{"properties":["ALP1"],"arrival":"2026-12-24","departure":"2026-12-26"}`))
	for _, c := range hostile {
		if c.path == "/v1/shop" && len(c.body) < 300 {
			f.Add([]byte(c.body))
		}
	}
	a := &api{registry: newRegistry()}
	f.Fuzz(func(t *testing.T, data []byte) {
		st := new(shopState)
		err := parseShop(data, st)
		var v shopQueryJSON
		strict := a.strict(data, typeOf[shopQueryJSON](), &v)
		if err != nil {
			return
		}
		if strict != nil {
			t.Fatalf("accepted what the schema refuses: %v", strict)
		}
		want := ari.Query{Nights: v.Nights, Rooms: max(v.Rooms, 1), Adults: v.Adults, Children: v.Children, Channel: v.Channel, Block: v.Block, Access: v.Access,
			RoomTypes: v.RoomTypes, RatePlans: v.RatePlans, Why: v.Why, NoNights: v.TotalsOnly}
		if want.Adults == 0 {
			want.Adults = 2
		}
		want.Arrival, _ = ari.ParseDate(v.Arrival)
		if v.Departure != "" {
			d, _ := ari.ParseDate(v.Departure)
			want.Nights = int(d - want.Arrival)
		}
		if v.At != "" {
			at, _ := time.Parse(time.RFC3339, v.At)
			want.At = at.UTC().Truncate(time.Microsecond)
		}
		got := st.query.Stay
		for _, list := range []*[]string{&got.Access, &want.Access, &got.RoomTypes, &want.RoomTypes, &got.RatePlans, &want.RatePlans} {
			if len(*list) == 0 {
				*list = nil
			}
		}
		if len(got.Children) == 0 {
			got.Children = nil
		}
		if len(want.Children) == 0 {
			want.Children = nil
		}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(st.query.Properties, v.Properties) || st.query.NotOlderThan != time.Duration(v.NotOlderThan)*time.Second {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestManyPropertiesAreAnsweredInTheOrderAsked(t *testing.T) {
	r := newRig(t)
	r.open(5)
	r.ok("PUT", "/v1/properties/BER1", `{"time_zone":"Europe/Berlin","currency":"EUR"}`)
	a := r.ok("POST", "/v1/shop", `{"properties":["BER1","NOPE","ALP1","ALP1"],"arrival":"`+day(1)+`","nights":1,"totals_only":true}`)
	for i, want := range []string{"ok", "unknown_property", "ok", "ok"} {
		if a.text("properties", i, "status") != want {
			t.Errorf("%d: %s", i, a.body)
		}
	}
	if a.get("properties", 2, "offers", 0, "nights") != nil || a.text("properties", 2, "offers", 0, "currency") != "EUR" {
		t.Errorf("%s", a.body)
	}
}

func TestChildrenAccessCodesAndClientsAreUnderstood(t *testing.T) {
	r := newRig(t)
	r.open(5)
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/SECRET", `{"parent":"BAR","derive":[{"percent":"-50"}],"access_codes":["OPEN SESAME"]}`)
	ask := func(more string) int {
		a := r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":1,"rate_plans":["SECRET"]`+more+`}`)
		return len(a.get("properties", 0, "offers").([]any))
	}
	if ask("") != 0 || ask(`,"access":["OPEN SESAME"]`) != 1 {
		t.Error("access codes do not open")
	}
	a := r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":1,"children":[7],"why":true}`)
	if a.text("properties", 0, "offers", 0, "reasons", 0, "code") != "no_rate" {
		t.Errorf("a child without a price: %s", a.body)
	}
}

func TestABlocksGridIsReadAsItWasTold(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/ALP1/blocks/G1", `{"name":"Wedding","deducts":true,"open_for_pickup":true}`)
	r.ok("POST", "/v1/updates", `{"property":"ALP1","items":[{"room_type":"DLX","block":"G1","from":"`+day(1)+`","to":"`+day(3)+`","set":{"block_grid":{"current":4,"picked_up":1,"cutoff":"`+day(0)+`"}}}]}`)
	a := r.ok("GET", "/v1/properties/ALP1/blocks/G1/grid?from="+day(2), "")
	if len(a.get("items").([]any)) != 3 || a.text("items", 0, "field") != "block.current" || a.text("items", 0, "value") != "4" || a.text("items", 2, "value") != day(0) {
		t.Errorf("%s", a.body)
	}
	r.refused(404, "unknown_block", "GET", "/v1/properties/ALP1/blocks/NOPE/grid?from="+day(2), "")
}

func TestOtherHandlersLiveBesideTheAPI(t *testing.T) {
	r := startRig(t)
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) })
	var seen []Access
	a, err := newAPI(r.hub, Options{Access: func(x Access) { seen = append(seen, x) },
		Extra: []Extra{{Pattern: "GET /metrics", Handler: hello}, {Pattern: "GET /secret", Handler: hello, Scope: scopeAdmin}, {Pattern: "GET /panic", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })}}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/metrics?x=1": 200, "/secret": 401, "/panic": 500} {
		w := &discard{h: http.Header{}}
		req, _ := http.NewRequest("GET", path, bytes.NewReader(nil))
		a.ServeHTTP(w, req)
		if w.status != want && (w.status != 0 || want != 200) {
			t.Errorf("%s: %d", path, w.status)
		}
	}
	if len(seen) != 3 || seen[0].RequestID == "" {
		t.Errorf("%+v", seen)
	}
}

func TestTheShopAnswerIsValidJSONForEveryMoney(t *testing.T) {
	for form := range uint8(4) {
		m := ari.Money{Before: 12_345, After: 1, Form: form}
		b := append(appendMoney([]byte("{"), m, "", 2), '}')
		n := append(appendMoney([]byte(`{"date":"x"`), m, ",", 0), '}')
		if !json.Valid(b) || !json.Valid(n) {
			t.Errorf("form %d: %s %s", form, b, n)
		}
	}
}
