package onboard

import (
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
)

func TestRestrictionsThatNobodyCanMeetAreFound(t *testing.T) {
	r := func(when ari.When, what ari.What, v ari.Value) ari.FieldValue {
		return ari.FieldValue{Field: ari.Restriction(when, what), Value: v}
	}
	for _, c := range []struct {
		name string
		list []ari.FieldValue
		want string
	}{
		{"none", nil, ""},
		{"equal bounds", []ari.FieldValue{r(ari.Arrival, ari.MinLOS, ari.Num(3)), r(ari.Arrival, ari.MaxLOS, ari.Num(3))}, ""},
		{"arrival against night", []ari.FieldValue{r(ari.Arrival, ari.MinLOS, ari.Num(4)), r(ari.Night, ari.MaxLOS, ari.Num(3))}, "min_los_arrival 4 is above max_los_night 3"},
		{"the strictest count", []ari.FieldValue{r(ari.Night, ari.MinLOS, ari.Num(2)), r(ari.Arrival, ari.MinLOS, ari.Num(5)), r(ari.Arrival, ari.MaxLOS, ari.Num(9)), r(ari.Night, ari.MaxLOS, ari.Num(4))}, "min_los_arrival 5 is above max_los_night 4"},
		{"a departure row is of another stay", []ari.FieldValue{r(ari.Departure, ari.MinLOS, ari.Num(5)), r(ari.Arrival, ari.MaxLOS, ari.Num(2))}, ""},
		{"lead", []ari.FieldValue{r(ari.Arrival, ari.MinLead, ari.LeadDays(9, -1)), r(ari.Arrival, ari.MaxLead, ari.LeadDays(3, -1))}, "min_lead_arrival is above max_lead_arrival"},
		{"lead of two forms is not compared", []ari.FieldValue{r(ari.Arrival, ari.MinLead, ari.LeadMinutes(900)), r(ari.Arrival, ari.MaxLead, ari.LeadDays(3, -1))}, ""},
		{"price", []ari.FieldValue{r(ari.Night, ari.MinPrice, ari.Price(ari.SideAfter, 90*ari.AmountUnit)), r(ari.Night, ari.MaxPrice, ari.Price(ari.SideAfter, 80*ari.AmountUnit))}, "min_price_night 90"},
		{"price of two sides", []ari.FieldValue{r(ari.Night, ari.MinPrice, ari.Price(ari.SideAfter, 90*ari.AmountUnit)), r(ari.Night, ari.MaxPrice, ari.Price(ari.SideBefore, 80*ari.AmountUnit))}, ""},
	} {
		if got := clash(c.list); c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestStagesFollowEachOther(t *testing.T) {
	can := map[ari.Stage]string{
		ari.StageDraft: "draft mapped shadow live", ari.StageMapped: "draft mapped shadow live", ari.StageShadow: "draft mapped shadow live",
		ari.StageLive: "live suspended", ari.StageSuspended: "draft mapped shadow live suspended",
	}
	for from, want := range can {
		var got []string
		for _, to := range ari.Stages {
			if Leads(from, to) == "" {
				got = append(got, string(to))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("after %s: %v, want %s", from, got, want)
		}
	}
	if Leads(ari.StageDraft, "gone") == "" {
		t.Error("a stage that is none")
	}
	for i, to := range []ari.Stage{ari.StageMapped, ari.StageShadow, ari.StageLive} {
		if i > 0 && len(Needs(to)) < len(Needs(ari.StageMapped)) {
			t.Errorf("%s asks for less than mapped", to)
		}
	}
}

func TestASurveyIsBoundedAndSaysWhatItLeftOut(t *testing.T) {
	p := ari.NewPicture("P")
	s := NewSurvey(0, 100_000)
	if s.Nights != SurveyNightsMax {
		t.Fatalf("%d nights", s.Nights)
	}
	fit := SurveyCellsMax / SurveyNightsMax
	for i := range fit + 7 {
		if got := s.Product(p, "R", "P"); got != (i < fit) {
			t.Fatalf("product %d looked at: %v", i, got)
		}
	}
	if n, skipped := s.Looked(); n != fit+7 || skipped != 7 {
		t.Errorf("%d products, %d skipped", n, skipped)
	}
}

func TestMappedAsksForEveryActiveCodeOfSomeSource(t *testing.T) {
	c := &ari.Catalog{RoomTypes: map[string]*ari.RoomType{"A": {Code: "A"}, "B": {Code: "B", Inactive: true}}, RoomCodes: []string{"A", "B"},
		Plans: map[string]*ari.RatePlan{"BAR": {Code: "BAR"}, "NRF": {Code: "NRF", Parent: "BAR"}, "OLD": {Code: "OLD", Inactive: true}}, PlanCodes: []string{"BAR", "NRF", "OLD"}}
	for _, x := range []struct {
		name    string
		sources []Source
		ok      bool
		says    string
	}{
		{"nobody", nil, false, "no connection"},
		{"hub codes", []Source{{Connection: "api", HubCodes: true}}, true, ""},
		{"all mapped", []Source{{Connection: "pms", Property: true, Rooms: []string{"A"}, Plans: []string{"BAR"}}}, true, ""},
		{"by two", []Source{{Connection: "pms", Property: true, Rooms: []string{"A"}}, {Connection: "crs", Property: true, Plans: []string{"BAR"}}}, true, ""},
		{"no plan", []Source{{Connection: "pms", Property: true, Rooms: []string{"A"}}}, false, "rate plans without one: BAR"},
		{"no code for the property", []Source{{Connection: "pms", Rooms: []string{"A"}, Plans: []string{"BAR"}}}, false, "connections without a code for the property: pms"},
	} {
		g, _ := Mapped(c, x.sources)
		if g.OK != x.ok || !strings.Contains(g.Evidence, x.says) || !g.OK && g.Fix == "" {
			t.Errorf("%s: %+v", x.name, g)
		}
	}
}

// A property of which nothing was told looks wrong: no product of it has rooms without a price, and none has a price without rooms.
func TestWhatNothingWasToldOfIsFound(t *testing.T) {
	c := &ari.Catalog{
		RoomCodes: []string{"DLX", "STD"}, RoomTypes: map[string]*ari.RoomType{"DLX": {Code: "DLX"}, "STD": {Code: "STD"}},
		PlanCodes: []string{"BAR"}, Plans: map[string]*ari.RatePlan{"BAR": {Code: "BAR"}},
	}
	s := NewSurvey(0, 30)
	s.priced["r:STD"], s.priced["p:BAR"] = true, true
	s.Whole(c)
	s.Whole(c) // says it once
	if f := s.Findings(); len(f) != 1 || f[0].Code != ProductWithoutPrice || f[0].RoomType != "DLX" {
		t.Fatalf("%+v", f)
	}
}
