package httpapi

import "testing"

func TestPricesHaveTheDecimalsOfTheirCurrency(t *testing.T) {
	for currency, want := range map[string][2]string{"JPY": {"12000", "24000"}, "EUR": {"12000.00", "24000.00"}, "KWD": {"12000.000", "24000.000"}} {
		r := newRig(t)
		r.ok("PUT", "/v1/properties/P", `{"time_zone":"Asia/Tokyo","currency":"`+currency+`"}`)
		r.ok("PUT", "/v1/properties/P/room-types/R", `{}`)
		r.ok("PUT", "/v1/properties/P/rate-plans/STD", `{}`)
		r.ok("POST", "/v1/updates", `{"property":"P","items":[{"room_type":"R","from":"`+day(1)+`","to":"`+day(9)+`","set":{"inventory":{"net":3}}},
			{"room_type":"R","rate_plan":"STD","from":"`+day(1)+`","to":"`+day(9)+`","set":{"closed":false,"rates":[{"adults":2,"after_tax":"12000"}]}}]}`)
		a := r.ok("GET", "/v1/shop?properties=P&nights=2&arrival="+day(3), "")
		offer := []any{"properties", 0, "offers", 0}
		if night, total := a.text(append(offer, "nights", 0, "after_tax")...), a.text(append(offer, "total", "after_tax")...); night != want[0] || total != want[1] {
			t.Errorf("%s: %s and %s, want %v: %s", currency, night, total, want, a.body)
		}
		x := r.ok("GET", "/v1/explain?property=P&room_type=R&rate_plan=STD&nights=2&arrival="+day(3), "")
		if got := x.text("offer", "total", "after_tax"); got != want[1] {
			t.Errorf("%s: explain says %s, want %s", currency, got, want[1])
		}
	}
}
