package otaxml

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// page answers docs/protocols/ota-xml.md, which is the reference of what is read.
func page(t *testing.T) string {
	b, err := os.ReadFile("../../docs/protocols/ota-xml.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPageListsEveryChoiceWithItsValues(t *testing.T) {
	text := page(t)
	for _, c := range Choices {
		mark := ""
		if c.Oversell {
			mark = " **!**"
		}
		if row := "| `" + c.Key + "`" + mark + " | " + strings.Join(c.Values, ", ") + " | " + c.Help + " |"; !strings.Contains(text, row) {
			t.Errorf("docs/protocols/ota-xml.md has no line\n%s", row)
		}
	}
	typ := reflect.TypeFor[Profile]()
	for i := range typ.NumField() {
		if key, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ","); key != "" && !strings.Contains(text, "`"+key+"`") {
			t.Errorf("docs/protocols/ota-xml.md does not name %s", key)
		}
	}
}

// TestPageListsEveryAnswer compares the page's table of codes with the one in the code.
func TestPageListsEveryAnswer(t *testing.T) {
	said := map[string]otaCode{}
	for line := range strings.Lines(page(t)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		groups := strings.Split(cells[1], "/")
		errs := strings.Split(cells[3], "/")
		for i, g := range groups {
			for _, code := range strings.Split(g, ",") {
				said[strings.Trim(code, " `")] = otaCode{strings.TrimSpace(cells[2]), strings.TrimSpace(errs[min(i, len(errs)-1)])}
			}
		}
	}
	for code, want := range otaCodes {
		if got, ok := said[code]; !ok || got != want {
			t.Errorf("%s: the page says %+v, the code %+v", code, got, want)
		}
	}
}

func TestPageNamesWhatIsUnknownOrNarrowing(t *testing.T) {
	text := page(t)
	for _, names := range [][]string{narrowing, harmless} {
		for _, n := range names {
			if !strings.Contains(text, "`"+n+"`") {
				t.Errorf("docs/protocols/ota-xml.md does not name %s", n)
			}
		}
	}
	for n := range descriptive {
		if !strings.Contains(text, "`"+n+"`") {
			t.Errorf("docs/protocols/ota-xml.md does not name %s", n)
		}
	}
}
