package cli

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// step is one difference, and what apply does about it.
type step struct {
	verb string // + make, ~ change, - only in the hub
	thing
	was  *thing
	what []string // members that differ, old and new
}

// text answers a line for people.
func (s *step) text() string {
	line := s.verb + " " + s.name()
	if len(s.what) > 0 {
		line += ": " + strings.Join(s.what, "; ")
	}
	return line
}

// kept are members of a property that a file may leave out: they are told or moved elsewhere, and stay as they are.
var kept = []string{"rates_owner", "counts_owner", "business_date"}

// differ answers what makes the hub what the file says, in order.
func differ(file, hub []thing) (out []step) {
	there := map[string]*thing{}
	for i := range hub {
		there[hub[i].name()] = &hub[i]
	}
	for i := range file {
		t := &file[i]
		was := there[t.name()]
		delete(there, t.name())
		if was == nil {
			out = append(out, step{verb: "+", thing: *t})
			continue
		}
		if t.kind == ari.KindProperty {
			for _, k := range kept {
				if _, told := t.body[k]; !told && was.body[k] != nil {
					t.body[k] = was.body[k]
				}
			}
		}
		if what := changes(t, was); len(what) > 0 {
			out = append(out, step{verb: "~", thing: *t, was: was, what: what})
		}
	}
	for i := len(hub) - 1; i >= 0; i-- { // what builds on others goes first
		if there[hub[i].name()] != nil {
			out = append(out, step{verb: "-", thing: hub[i]})
		}
	}
	return out
}

// changes answers the members that differ. One that is empty is the same as one that is left out.
func changes(now, was *thing) (out []string) {
	names := map[string]any{}
	for k := range now.body {
		names[k] = nil
	}
	for k := range was.body {
		names[k] = nil
	}
	for _, k := range members(names) {
		a, b := was.body[k], now.body[k]
		if empty(a) && empty(b) || reflect.DeepEqual(a, b) {
			continue
		}
		out = append(out, k+" "+brief(a)+" -> "+brief(b))
	}
	if now.stage != "" && now.stage != cmpOr(was.stage, "draft") {
		out = append(out, "stage "+cmpOr(was.stage, "draft")+" -> "+now.stage)
	}
	return out
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// briefMax bounds what is shown of a value.
const briefMax = 60

func brief(v any) string {
	if v == nil {
		return "(none)"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	if len(b) > briefMax {
		return strings.ToValidUTF8(string(b[:briefMax]), "") + "..."
	}
	return string(b)
}
