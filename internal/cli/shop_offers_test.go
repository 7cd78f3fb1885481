package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestShopShowsFreeNightsAndSupplements(t *testing.T) {
	var offers []offer
	if err := json.Unmarshal([]byte(`[{"room_type":"DLX","rate_plan":"BAR","sellable":true,"currency":"EUR","total":{"after_tax":"119.43"},"left":2,
		"nights":[{"date":"2027-03-01","after_tax":"100.00","left":2},{"date":"2027-03-02","after_tax":"0.00","left":2,"free":true}],
		"supplements":[{"code":"CLEAN","charge":"per_stay","after_tax":"19.43"}]}]`), &offers); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := printOffers(&out, offers); err != nil {
		t.Fatal(err)
	}
	if want := "100.00  free  + CLEAN 19.43"; !strings.Contains(out.String(), want) {
		t.Errorf("%s\nlacks %q", out.String(), want)
	}
}
