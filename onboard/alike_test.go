package onboard

import (
	"fmt"
	"strings"
	"testing"
)

func TestAlikeCodesAreProposedAndNoneIsSureWhereTwoAre(t *testing.T) {
	rooms := []Named{{Code: "DLX", Name: "Deluxe Double", Occupancy: 4}, {Code: "STD", Name: "Standard Double", Occupancy: 2}, {Code: "SUI", Name: "Suite"}}
	for _, c := range []struct {
		theirs Named
		want   string  // best
		low    float64 // score within
		high   float64
	}{
		{Named{Code: "DLX"}, "DLX", 0.97, 0.97},
		{Named{Code: "dlx"}, "DLX", 0.93, 0.93},
		{Named{Code: "4711", Name: "Deluxe Double"}, "DLX", 0.94, 0.94},
		{Named{Code: "4711", Name: "Deluxe Double", Occupancy: 4}, "DLX", 0.95, 0.97},
		{Named{Code: "4711", Name: "Deluxe Double", Occupancy: 2}, "DLX", 0.7, 0.8},
		{Named{Code: "4711", Name: "Deluxe double room"}, "DLX", 0.6, 0.93},
		{Named{Code: "DELUXE"}, "DLX", 0.4, 0.9},
		{Named{Code: "SUITE"}, "SUI", 0.85, 0.95},
		{Named{Code: "SUÏTE"}, "SUI", 0.85, 0.95},
		{Named{Code: "4711", Name: "Double"}, "", 0.3, 0.94},
		{Named{Code: "XQ"}, "none", 0, 0},
	} {
		list := Propose(c.theirs, rooms)
		if c.want == "none" {
			if len(list) != 0 {
				t.Errorf("%+v: %+v", c.theirs, list)
			}
			continue
		}
		if len(list) == 0 || c.want != "" && list[0].Code != c.want || list[0].Score < c.low || list[0].Score > c.high || len(list[0].Evidence) == 0 {
			t.Errorf("%+v: %+v, want %s within %.2f..%.2f", c.theirs, list, c.want, c.low, c.high)
		}
	}
	twins := []Named{{Code: "A1", Name: "Double"}, {Code: "A2", Name: "Double"}}
	if list := Propose(Named{Code: "9", Name: "Double"}, twins); list[0].Score >= ScoreSure || !strings.Contains(fmt.Sprint(list[0].Evidence), "about as alike") {
		t.Errorf("%+v", list)
	}
	taken := []Named{{Code: "DLX", Taken: "R-1"}}
	if list := Propose(Named{Code: "DLX"}, taken); list[0].Score >= ScoreSure || !strings.Contains(fmt.Sprint(list[0].Evidence), "R-1 means it already") {
		t.Errorf("%+v", list)
	}
}

func TestScoresLieWithinBoundsWhateverTheTexts(t *testing.T) {
	texts := []string{"", " ", "A", "aa", "ÄÖÜ ß", "éé", "12", "Deluxe Double", "deluxe-double", "\x00\xff", strings.Repeat("ab", 300), "日本語 部屋", "DLX"}
	for _, a := range texts {
		for _, b := range texts {
			for _, n := range []int{0, 2, 4} {
				m := Score(Named{Code: a, Name: b, Occupancy: n}, Named{Code: b, Name: a, Occupancy: 2})
				if m.Score < 0 || m.Score > 1 {
					t.Errorf("%q %q: %f", a, b, m.Score)
				}
			}
		}
	}
}

func TestLinesAreReadAsSpreadsheetsWriteThem(t *testing.T) {
	show := func(lines []Line) string {
		var out []string
		for _, l := range lines {
			text := fmt.Sprint(l.N)
			for _, c := range l.Cells {
				text += " " + c.Column + "=" + c.Text
			}
			if l.Object != nil {
				text += " " + string(l.Object)
			}
			if l.Bad != "" {
				text += " bad"
			}
			out = append(out, text)
		}
		return strings.Join(out, "|")
	}
	for body, want := range map[string]string{
		"type,code\nproperty,A\n":                           "2 type=property code=A",
		"\xef\xbb\xbftype;code;name\r\nproperty;A;x, y":     "2 type=property code=A name=x, y",
		"type\tcode\nproperty\tA":                           "2 type=property code=A",
		"type,code\n\n# no\nproperty,A\n":                   "4 type=property code=A",
		"type,name,code\nproperty,\"a\nb\",A\nproperty,c,B": "2 type=property name=a\nb code=A|4 type=property name=c code=B",
		"type,code\nproperty,A,more":                        "2 bad",
		"type,code\nproperty,\xff":                          "2 bad",
		"{\"type\":\"x\"}\n\n {\"a\":1} ":                   `1 {"type":"x"}|3 {"a":1}`,
	} {
		lines, err := ReadLines(Sniff([]byte(body)), []byte(body))
		if got := show(lines); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", body, got, err, want)
		}
	}
	if _, err := ReadLines(NDJSON, []byte(strings.Repeat("{}\n", LinesMax+1))); err == nil {
		t.Error("too many lines are read")
	}
	typed, err := WithType([]byte("a,score,b\n\n# no\n1,2,3\n4,5\n"), "mapping", []string{"score"})
	if err != nil || string(typed) != "type,a,b\n\n\nmapping,1,3\nmapping,4\n" {
		t.Errorf("%q %v", typed, err)
	}
}
