package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestStreamHasTheShapeTheDocumentationNames(t *testing.T) {
	s := newStream(1, 10, shape{}, 20_000)
	seen := map[string]bool{}
	var days []int
	repeats, late := 0, 0
	last := time.Time{}
	for range 20_000 {
		c := s.next()
		if seen[c.id] {
			repeats++
			continue
		}
		seen[c.id] = true
		days = append(days, c.days)
		if c.time.Before(last) {
			late++
		} else {
			last = c.time
		}
		if c.days < 1 || c.days > 60 || c.from < 20_000 || int(c.from)+c.days > 20_000+dates {
			t.Fatalf("%d days from %s", c.days, c.from)
		}
	}
	slices.Sort(days)
	if m := days[len(days)/2]; m != 7 {
		t.Errorf("median of %d days, want 7", m)
	}
	if share := float64(repeats) / 20_000; share < 0.18 || share > 0.22 {
		t.Errorf("%.3f repeats, want a fifth", share)
	}
	if share := float64(late) / float64(len(seen)); share < 0.04 || share > 0.06 {
		t.Errorf("%.3f out of order, want a twentieth", share)
	}
}

func TestFillTellsEverySourcedProductOnEveryDate(t *testing.T) {
	s := shape{derived: true}
	got := map[string]int{}
	for _, st := range s.fill(rand.New(rand.NewPCG(1, 1)), 20_000) {
		got[st.Field.String()] += int(st.Span.To-st.Span.From) + 1
	}
	if want := roomTypes * ratePlans * 2 / 3 * dates; got["rate.adults.1"] != want || got["rate.adults.2"] != want || got["count.net"] != roomTypes*dates {
		t.Errorf("%v, want %d amounts of each", got, want)
	}
}

func TestResultsAreOneObjectALine(t *testing.T) {
	var out bytes.Buffer
	r := &run{Options: Options{JSON: true, Out: &out, Log: io.Discard}}
	r.report("a", "x/s", []float64{3, 1, 2}, []float64{1}, map[string]any{"callers": 4})
	r.report("b", "bytes", []float64{5}, nil, nil)
	d := json.NewDecoder(&out)
	var a, b map[string]any
	if err := d.Decode(&a); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&b); err != nil {
		t.Fatal(err)
	}
	if a["value"] != 2.0 || a["ratio"] != 2.0 || b["against"] != nil || b["ratio"] != nil {
		t.Errorf("%v %v", a, b)
	}
	for _, k := range []string{"name", "value", "unit", "against", "ratio", "runs", "settings"} {
		if _, ok := b[k]; !ok {
			t.Errorf("no %s in %v", k, b)
		}
	}
}

func TestQuantilesOfKnownTimes(t *testing.T) {
	l := make(latencies, 1000)
	for i := range l {
		l[i] = time.Duration(1000-i) * time.Millisecond
	}
	if q := l.quantiles(); q["p50_ms"] != 501.0 || q["p99_ms"] != 991.0 || q["max_ms"] != 1000.0 {
		t.Error(q)
	}
}
