package otaxml

import (
	"strings"
	"testing"
)

// A plan that is not sold stays so whatever amounts come for it: only New, or a status, brings it back.
func TestAmountsDoNotBringAPlanBack(t *testing.T) {
	for attrs, back := range map[string]bool{
		`RatePlanNotifType="New"`:                                      true,
		`RatePlanNotifType="New" RatePlanStatusType="Initial"`:         false,
		`RatePlanNotifType="Overlay"`:                                  false,
		`RatePlanNotifType="Delta"`:                                    false,
		`RatePlanNotifType="Delta" RatePlanStatusType="Active"`:        true,
		`RatePlanNotifType="Overlay" RatePlanStatusType="Deactivated"`: false,
	} {
		h := newTestHotel()
		gone := *h.catalog.Plans["BAR"]
		gone.Inactive = true
		h.catalog.Plans["BAR"] = &gone
		m, err := Parse([]byte(planMessage(attrs, planRate(""))), "")
		if err != nil {
			t.Fatal(err)
		}
		r := Decode(m, Generic(), testCodes{h})
		got := dump(&r)
		if is := strings.Contains(got, "object rate_plan BAR"); is != back || !strings.Contains(got, "rate.adults.2") {
			t.Errorf("%s: back %v, want %v\n%s", attrs, is, back, got)
		}
	}
}
