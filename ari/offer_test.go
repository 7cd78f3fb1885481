package ari

import (
	"encoding/json"
	"strings"
	"testing"
)

// fullPlan says everything that a plan can say of offers, supplements and guests.
const fullPlan = `{"code":"BAR","basis":"period","period":2,"per_person":true,"fill":"from_base","oldest_children_as_adults":true,` +
	`"full_payers":"max_children","amount_by_guests":true,"guests":{"adult_age":14,"min_child_age":3,"max_children":2},` +
	`"offers":[{"kind":"free_nights","nights_required":4,"nights_discounted":1,"pattern":"0001"},` +
	`{"kind":"family","max_age":6,"min_count":1,"last_qualifying_position":1}],` +
	`"supplements":[{"code":"CLEAN","charge":"per_stay","mandatory":true,"days":["mon","tue"],` +
	`"amounts":[{"from":"2027-03-01","to":"2027-04-30","amount":"19.43"},{"room_type":"DLX","amount":"5.00"}]}],` +
	`"seasons":[{"room_type":"DLX","from":"2027-03-15","to":"2027-04-30"},{"room_type":"DLX","from":"2027-03-01","to":"2027-03-14"}],"sum_decimals":3}`

func TestAPlanOfOffersAndSupplementsSurvivesItsOwnJSON(t *testing.T) {
	var p RatePlan
	if err := json.Unmarshal([]byte(fullPlan), &p); err != nil {
		t.Fatal(err)
	}
	if p.Offers[0].Strange() || p.Offers[1].Strange() || p.Supplements[0].Strange() {
		t.Errorf("read as strange: %+v %+v", p.Offers, p.Supplements)
	}
	if again, err := json.Marshal(&p); err != nil || string(again) != fullPlan {
		t.Errorf("%v\n%s\nwant\n%s", err, again, fullPlan)
	}
	if err := planError(t, fullPlan); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// A plan of 0.1.0 may hold any JSON as offers and supplements: it loads, and comes out as it was (S1, S35).
func TestOffersOfUnknownShapeAreKeptAsTold(t *testing.T) {
	const told = `{"code":"BAR","offers":[{"free":1},7,{"kind":"early_bird","percent":"10"}],"supplements":[{"tax":1.50},null,"x"]}`
	var p RatePlan
	if err := json.Unmarshal([]byte(told), &p); err != nil {
		t.Fatal(err)
	}
	for i := range p.Offers {
		if !p.Offers[i].Strange() {
			t.Errorf("offer %d is not strange", i)
		}
	}
	if again, _ := json.Marshal(&p); string(again) != told {
		t.Errorf("%s\nwant\n%s", again, told)
	}
	if err := planError(t, told); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// planError answers what the put of a plan is refused for, at a hotel with room type DLX.
func planError(t *testing.T, body string) *ItemError {
	t.Helper()
	k := newKit(t, RoomType{Code: "DLX"})
	var err error
	if k.catalog, err = k.catalog.with(KindRatePlan, "BAR", []byte(body)); err != nil {
		t.Fatal(err)
	}
	return k.catalog.checkPlan(&ObjectOp{Kind: KindRatePlan, Code: "BAR", Body: []byte(body)})
}

func TestBadOffersAndSupplementsAreRefusedByPath(t *testing.T) {
	for _, c := range []struct{ body, path string }{
		{`{"offers":[{"kind":"family","max_age":6,"last_qualifying_position":1,"percent":100}]}`, "rate_plan.offers[0]"},
		{`{"offers":[{"kind":"family","max_age":6}]}`, "rate_plan.offers[0]"},
		{`{"offers":[{"kind":"family","max_age":6,"last_qualifying_position":1,"nights_required":2}]}`, "rate_plan.offers[0]"},
		{`{"offers":[{"kind":"free_nights","nights_required":3,"nights_discounted":4}]}`, "rate_plan.offers[0].nights_discounted"},
		{`{"offers":[{"kind":"free_nights","nights_discounted":1}]}`, "rate_plan.offers[0].nights_required"},
		{`{"offers":[{"kind":"free_nights","nights_required":3,"nights_discounted":1,"pattern":"01"}]}`, "rate_plan.offers[0].pattern"},
		{`{"offers":[{"kind":"free_nights","nights_required":3,"nights_discounted":1,"pattern":"0x1"}]}`, "rate_plan.offers[0].pattern"},
		{`{"offers":[{"kind":"free_nights","nights_required":2,"nights_discounted":1},{"kind":"free_nights","nights_required":3,"nights_discounted":1}]}`, "rate_plan.offers[1].kind"},
		{`{"supplements":[{"code":"A","charge":"weekly"}]}`, "rate_plan.supplements[0].charge"},
		{`{"supplements":[{"code":"A","charge":"per_stay","price":1}]}`, "rate_plan.supplements[0]"},
		{`{"supplements":[{"charge":"per_stay"}]}`, "rate_plan.supplements[0].code"},
		{`{"supplements":[{"code":"A","charge":"per_stay"},{"code":"A","charge":"per_stay"}]}`, "rate_plan.supplements[1].code"},
		{`{"tax":"both","supplements":[{"code":"A","charge":"per_stay"}]}`, "rate_plan.supplements[0].side"},
		{`{"tax":"after","supplements":[{"code":"A","charge":"per_stay","side":"before"}]}`, "rate_plan.supplements[0].side"},
		{`{"supplements":[{"code":"A","charge":"per_stay","days":["noday"]}]}`, "rate_plan.supplements[0].days"},
		{`{"supplements":[{"code":"A","charge":"per_stay","amounts":[{"amount":"-1"}]}]}`, "rate_plan.supplements[0].amounts[0].amount"},
		{`{"supplements":[{"code":"A","charge":"per_stay","amounts":[{"room_type":"NO","amount":"1"}]}]}`, "rate_plan.supplements[0].amounts[0].room_type"},
		{`{"supplements":[{"code":"A","charge":"per_stay","amounts":[{"from":"2027-02-02","to":"2027-02-01","amount":"1"}]}]}`, "rate_plan.supplements[0].amounts[0].to"},
		{`{"seasons":[{"room_type":"DLX","from":"2027-01-01","to":"2027-01-09"}]}`, "rate_plan.seasons"},
		{`{"basis":"period","period":2,"seasons":[{"room_type":"NO","from":"2027-01-01","to":"2027-01-09"}]}`, "rate_plan.seasons[0].room_type"},
		{`{"basis":"period","period":2,"seasons":[{"room_type":"DLX","from":"2027-01-09","to":"2027-01-20"},{"room_type":"DLX","from":"2027-01-01","to":"2027-01-09"}]}`, "rate_plan.seasons"},
		{`{"full_payers":"max_children"}`, "rate_plan.full_payers"},
		{`{"amount_by_guests":true,"per_person":true}`, "rate_plan.amount_by_guests"},
		{`{"sum_decimals":5}`, "rate_plan.sum_decimals"},
		{`{"guests":{"min_adults":3,"max_adults":2}}`, "rate_plan.guests"},
		{`{"guests":{"adults_only":true,"max_children":1}}`, "rate_plan.guests"},
	} {
		if err := planError(t, c.body); err == nil || !strings.HasSuffix(err.Path, c.path) {
			t.Errorf("%s: %v, want an error at %s", c.body, err, c.path)
		}
	}
}
