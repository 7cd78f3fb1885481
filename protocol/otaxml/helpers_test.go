package otaxml

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// testHotel is the hotel of the tests: hub code H1, external code HOTEL, other codes the same on both sides. What is not listed is
// unmapped, and what starts with IGN is ignored.
type testHotel struct {
	catalog *ari.Catalog
	any     bool // every code is known
	kinds   map[string][]string
}

func (h *testHotel) Code() string          { return "H1" }
func (h *testHotel) Catalog() *ari.Catalog { return h.catalog }
func (h *testHotel) Zone() *time.Location  { z, _ := time.LoadLocation("Europe/Vienna"); return z }

func (h *testHotel) Lookup(kind, ext string) (string, Status) {
	if strings.HasPrefix(ext, "IGN") {
		return "", Ignored
	}
	if h.any {
		return ext, Known
	}
	for _, c := range h.kinds[kind] {
		if c == ext {
			return ext, Known
		}
	}
	return "", Unmapped
}

type testCodes struct{ hotel *testHotel }

func (c testCodes) Property(ext string) (Hotel, Status) {
	switch {
	case ext == "IGNORED":
		return nil, Ignored
	case c.hotel.any || ext == "HOTEL" || ext == "":
		return c.hotel, Known
	}
	return nil, Unmapped
}

func newTestHotel() *testHotel {
	c := &ari.Catalog{
		Property: ari.Property{Code: "H1", TimeZone: "Europe/Vienna", Currency: "EUR", AdultAge: 18, InfantAge: 3},
		RoomTypes: map[string]*ari.RoomType{
			"DBL": {Code: "DBL", StdOccupancy: 2, MaxOccupancy: 3}, "SGL": {Code: "SGL", StdOccupancy: 1, MaxAdults: 1},
			"STE": {Code: "STE", StdOccupancy: 2, MaxOccupancy: 4, Class: "SUP"}, "OPEN": {Code: "OPEN", StdOccupancy: 2},
		},
		RoomCodes: []string{"DBL", "OPEN", "SGL", "STE"},
		Plans: map[string]*ari.RatePlan{
			"BAR":  {Code: "BAR", RoomTypes: []string{"DBL", "SGL", "STE"}},
			"NET":  {Code: "NET", Tax: "before", RoomTypes: []string{"DBL"}},
			"BOTH": {Code: "BOTH", Tax: "both", Currency: "USD", RoomTypes: []string{"DBL"}},
			"WEEK": {Code: "WEEK", Basis: ari.BasisPeriod, Period: 7, RoomTypes: []string{"DBL"}},
			"TIER": {Code: "TIER", Basis: ari.BasisLOSTier, Tiers: []int{1, 3, 7}, RoomTypes: []string{"DBL"}},
			"HEAD": {Code: "HEAD", PerPerson: true, BaseOccupancy: 1, RoomTypes: []string{"DBL"}},
			"ANY":  {Code: "ANY"},
		},
		Classes: map[string]*ari.RoomClass{"SUP": {Code: "SUP"}}, Categories: map[string]*ari.RateCategory{"CORP": {Code: "CORP"}},
		Blocks:    map[string]*ari.Block{"GRP1": {ID: "GRP1", Deducts: true}},
		PlanCodes: []string{"ANY", "BAR", "BOTH", "HEAD", "NET", "TIER", "WEEK"},
	}
	return &testHotel{catalog: c, kinds: map[string][]string{
		ari.KindRoomType: append([]string{"TRP"}, c.RoomCodes...), ari.KindRoomClass: {"SUP", "DEL"}, // TRP, FRESH ... are mapped, and not there yet
		ari.KindRatePlan: append([]string{"FRESH"}, c.PlanCodes...), ari.KindRateCategory: {"CORP"},
		ari.KindBlock: {"GRP1", "WEDDING"}, KindChannel: {"BCOM", "EXP"},
	}}
}

// decodeText parses and decodes a message, and answers what came of it in words.
func decodeText(t testing.TB, body string, p *Profile) string {
	t.Helper()
	m, err := Parse([]byte(body), "text/xml")
	if err != nil {
		return "refused: " + err.Error() + "\n"
	}
	r := Decode(m, p, testCodes{newTestHotel()})
	return dump(&r)
}

// dump writes a result line by line: what a person would check.
func dump(r *Result) string {
	var b strings.Builder
	switch {
	case r.Refused != nil:
		fmt.Fprintf(&b, "refused: %v\n", r.Refused)
		return b.String()
	case r.Nothing != nil:
		fmt.Fprintf(&b, "nothing: %v\n", r.Nothing)
		return b.String()
	}
	at := "no source time: " + r.NoTime
	if r.NoTime == "" {
		at = "source time " + r.SourceTime.Format(time.RFC3339Nano)
	}
	fmt.Fprintf(&b, "property %s, %s\n", r.Property, at)
	for _, e := range r.Replace {
		fmt.Fprintf(&b, "replace %s\n", extentText(e))
	}
	for i := range r.Items {
		dumpItem(&b, &r.Items[i])
	}
	return b.String()
}

func dumpItem(b *strings.Builder, x *ItemResult) {
	fmt.Fprintf(b, "item %d\n", x.Index)
	for _, e := range x.Replace {
		fmt.Fprintf(b, "  replace %s\n", extentText(e))
	}
	for _, o := range x.Objects {
		fmt.Fprintf(b, "  object %s %s %s\n", o.Kind, o.Code, o.Body)
	}
	for _, s := range x.Statements {
		fmt.Fprintf(b, "  %s\n", statementText(s))
	}
	for _, f := range x.Faults {
		fmt.Fprintf(b, "  refused: %v\n", f)
	}
	for _, u := range x.Unmapped {
		fmt.Fprintf(b, "  unmapped: %s %s at %s\n", u.Kind, u.Code, u.Path)
	}
	if x.Skipped != "" {
		fmt.Fprintf(b, "  skipped: %s\n", x.Skipped)
	}
	for _, f := range x.Warnings {
		fmt.Fprintf(b, "  warning: %v\n", f)
	}
	for _, i := range x.Ignored {
		fmt.Fprintf(b, "  ignored: %s\n", i)
	}
}

func spanText(s ari.Span) string {
	if s == ari.Undated {
		return "undated"
	}
	t := s.From.String() + ".." + s.To.String()
	if s.Days != ari.AllDays {
		t += " " + strings.Join(s.Days.Names(), ",")
	}
	return t
}

func statementText(s ari.Statement) string {
	verb := map[ari.Verb]string{ari.Set: "set", ari.Clear: "clear", ari.Adjust: "adjust"}[s.Verb]
	t := verb + " " + s.Scope.Key() + " " + spanText(s.Span) + " " + s.Field.String()
	if s.Verb != ari.Clear && s.Field != ari.UnknownField {
		t += " = " + valueText(s.Field, s.Value)
	}
	if s.Text != "" {
		t += " " + s.Text
	}
	return t
}

func valueText(f ari.Field, v ari.Value) string {
	switch {
	case f == ari.Closed || f == ari.CTA || f == ari.CTD:
		return [3]string{"?", "open", "shut"}[v.A]
	case f.Family() == ari.FamilyRate:
		var parts []string
		if v.Form&ari.SideBefore != 0 {
			parts = append(parts, ari.Amount(v.A).String()+" before tax")
		}
		if v.Form&ari.SideAfter != 0 {
			parts = append(parts, ari.Amount(v.B).String()+" after tax")
		}
		return strings.Join(parts, ", ")
	case f.Family() == ari.FamilyRestriction && f.What() == ari.LOSPattern:
		return fmt.Sprintf("%0*b (LOS 1 last), tail open %v", int(v.B), v.A, v.Form == 1)
	case f.Family() == ari.FamilyRestriction && (f.What() == ari.MinLead || f.What() == ari.MaxLead):
		if v.Form == 1 {
			return fmt.Sprintf("%d minutes", v.A)
		}
		return fmt.Sprintf("%d days", v.A)
	}
	return fmt.Sprint(v.A)
}

func extentText(e ari.Extent) string {
	var fields []string
	for _, f := range e.Fields {
		if f.Field != 0 {
			fields = append(fields, f.Field.String())
			continue
		}
		fields = append(fields, map[uint8]string{ari.FamilyBlock: "block numbers", ari.FamilyRestriction: "restrictions", ari.FamilyCount: "counts", ari.FamilyLimit: "limits", ari.FamilyRate: "rates", ari.FamilyUnknown: "unknowns"}[f.Family])
	}
	t := strings.Join(fields, "+") + " of " + e.Scopes.Scope.Key()
	for _, a := range []struct {
		on   bool
		name string
	}{{e.Scopes.AnyRooms, "any rooms"}, {e.Scopes.AnyRates, "any rates"}, {e.Scopes.AnyChannel, "any channel"}, {e.Scopes.AnyBlock, "any block"}} {
		if a.on {
			t += ", " + a.name
		}
	}
	return t + " " + spanText(e.Span)
}
