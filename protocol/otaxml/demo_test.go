package otaxml

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/ratewire/ratewire/ari"
)

// demoHotel answers the mapping of one of the demo's hotels: its own catalog, codes the same on both sides.
func demoHotel(t *testing.T, dir string) *testHotel {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "catalog.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Property  ari.Property    `json:"property"`
		RoomTypes []*ari.RoomType `json:"room_types"`
		RatePlans []*ari.RatePlan `json:"rate_plans"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	c := &ari.Catalog{Property: file.Property, RoomTypes: map[string]*ari.RoomType{}, Plans: map[string]*ari.RatePlan{}}
	for _, r := range file.RoomTypes {
		c.RoomTypes[r.Code], c.RoomCodes = r, append(c.RoomCodes, r.Code)
	}
	for _, p := range file.RatePlans {
		c.Plans[p.Code], c.PlanCodes = p, append(c.PlanCodes, p.Code)
	}
	return &testHotel{catalog: c, any: true}
}

func TestDemoMessagesAreReadWhole(t *testing.T) {
	files, _ := filepath.Glob("../../examples/demo/*/*.xml")
	if len(files) == 0 {
		t.Fatal("no messages in examples/demo")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(body, "text/xml")
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		r := Decode(m, Generic(), testCodes{demoHotel(t, filepath.Dir(file))})
		if r.Refused != nil || r.SourceTime.IsZero() {
			t.Errorf("%s: %v, source time %v (%s)", file, r.Refused, r.SourceTime, r.NoTime)
		}
		for _, x := range r.Items {
			if len(x.Statements) == 0 || len(x.Faults)+len(x.Warnings)+len(x.Ignored) > 0 {
				t.Errorf("%s, item %d: %d statements, %v %v %v", file, x.Index, len(x.Statements), x.Faults, x.Warnings, x.Ignored)
			}
		}
	}
}
