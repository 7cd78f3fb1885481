package httpapi

import (
	"strings"
	"testing"
)

// A plan with an offer and a supplement is sold with free nights and a list of supplements, and explained (docs/evaluation.md, 10).
func TestOffersAndSupplementsArePartOfTheAnswer(t *testing.T) {
	r := newRig(t)
	r.open(5)
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/BAR", `{"offers":[{"kind":"free_nights","nights_required":3,"nights_discounted":1}],
		"supplements":[{"code":"CLEAN","charge":"per_stay","mandatory":true,"amounts":[{"amount":"19.43"}]},{"code":"PARK","charge":"per_day","amounts":[{"amount":"9"}]}],
		"guests":{"adults_only":true}}`)
	a := r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":3,"rate_plans":["BAR"]}`)
	offer := func(at ...any) string { return a.text(append([]any{"properties", 0, "offers", 0}, at...)...) }
	if offer("total", "after_tax") != "259.43" || offer("nights", 2, "free") != "true" || offer("nights", 2, "after_tax") != "0.00" || offer("nights", 1, "after_tax") != "120.00" {
		t.Errorf("%s", a.body)
	}
	if offer("supplements", 0, "code") != "CLEAN" || offer("supplements", 0, "charge") != "per_stay" || offer("supplements", 0, "after_tax") != "19.43" || strings.Contains(string(a.body), "PARK") {
		t.Errorf("%s", a.body)
	}
	a = r.ok("GET", "/v1/explain?property=ALP1&room_type=DLX&rate_plan=BAR&arrival="+day(1)+"&nights=3", "")
	for _, want := range []string{"offer free_nights: night 3 of 3 is free", "supplement CLEAN, per_stay: 19.43 after tax"} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("%s lacks %q", a.body, want)
		}
	}
	a = r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":1,"children":[7],"rate_plans":["BAR"],"why":true}`)
	if offer("reasons", 0, "code") != "adults_only" {
		t.Errorf("%s", a.body)
	}
	bad := r.refused(422, "bad_object", "PUT", "/v1/properties/ALP1/rate-plans/BAR", `{"offers":[{"kind":"free_nights","nights_required":3,"nights_discounted":1,"pattern":"11"}]}`)
	if !strings.Contains(string(bad.body), "offers") {
		t.Errorf("%s", bad.body)
	}
}

// An offer of a kind that this release does not know is kept as it was told, and the plan is not sold (S1).
func TestAnOfferOfAnUnknownKindIsKeptAndNotSold(t *testing.T) {
	r := newRig(t)
	r.open(5)
	r.ok("PUT", "/v1/properties/ALP1/rate-plans/BAR", `{"offers":[{"kind":"early_bird","percent":"10.0"}]}`)
	if a := r.ok("GET", "/v1/properties/ALP1/rate-plans/BAR", ""); !strings.Contains(string(a.body), `"offers":[{"kind":"early_bird","percent":"10.0"}]`) {
		t.Errorf("%s", a.body)
	}
	a := r.ok("POST", "/v1/shop", `{"properties":["ALP1"],"arrival":"`+day(1)+`","nights":1,"rate_plans":["BAR"],"why":true}`)
	if a.text("properties", 0, "offers", 0, "reasons", 0, "code") != "cannot_evaluate" {
		t.Errorf("%s", a.body)
	}
}
