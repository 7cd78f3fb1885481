package otaxml

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Said is one thing that a message says, in words: for people who want to know what a message would do.
type Said struct {
	Verb  string `json:"verb"`            // set, clear, add, replace or define
	Scope string `json:"scope"`           // "room type DBL, rate plan BAR"
	Dates string `json:"dates,omitempty"` // "2026-06-01 to 2026-06-07, sat sun"
	Field string `json:"field,omitempty"` // as in the API: min_los_arrival, rate.adults.2 ...
	Value string `json:"value,omitempty"` // "3 nights", "100.00 after tax", "closed"
}

// String answers one line.
func (s Said) String() string {
	if s.Verb == "define" {
		return "define " + s.Scope + ": " + s.Value
	}
	parts := []string{s.Verb}
	for _, p := range []string{s.Field, s.Value} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	line := strings.Join(parts, " ") + ": " + s.Scope
	if s.Dates != "" {
		line += "; " + s.Dates
	}
	return line
}

// Says answers what an item says, in the order it applies: what it defines, what it replaces, what it sets.
func (x *ItemResult) Says() []Said {
	var out []Said
	for _, o := range x.Objects {
		out = append(out, Said{Verb: "define", Scope: strings.ReplaceAll(o.Kind, "_", " ") + " " + o.Code, Value: compact(o.Body)})
	}
	for _, e := range x.Replace {
		out = append(out, saidOfExtent(e))
	}
	for _, s := range x.Statements {
		out = append(out, saidOf(s))
	}
	return out
}

func saidOfExtent(e ari.Extent) Said {
	var fields []string
	for _, f := range e.Fields {
		if f.Field != 0 {
			fields = append(fields, f.Field.String())
			continue
		}
		fields = append(fields, families[f.Family])
	}
	scope := scopeWords(e.Scopes.Scope)
	for _, any := range []struct {
		is   bool
		word string
	}{{e.Scopes.AnyRooms, "any rooms"}, {e.Scopes.AnyRates, "any rates"}, {e.Scopes.AnyChannel, "any channel"}, {e.Scopes.AnyBlock, "any block"}} {
		if any.is {
			scope += ", " + any.word
		}
	}
	return Said{Verb: "replace", Field: strings.Join(fields, ", "), Scope: scope, Dates: spanWords(e.Span), Value: "(what is not told becomes unset)"}
}

var families = map[uint8]string{ari.FamilyRestriction: "restrictions", ari.FamilyCount: "counts", ari.FamilyLimit: "limits", ari.FamilyRate: "rates",
	ari.FamilyBlock: "block numbers", ari.FamilyUnknown: "kinds kept as told"}

func saidOf(s ari.Statement) Said {
	verb := map[ari.Verb]string{ari.Set: "set", ari.Clear: "clear", ari.Adjust: "add"}[s.Verb]
	out := Said{Verb: verb, Scope: scopeWords(s.Scope), Dates: spanWords(s.Span), Field: s.Field.String()}
	switch {
	case s.Field == ari.UnknownField && s.Verb == ari.Clear:
		out.Value = strings.TrimSuffix(s.Text, "=")
	case s.Field == ari.UnknownField:
		out.Value = s.Text + " (not sellable until it is evaluated or cleared)"
	case s.Verb != ari.Clear:
		out.Value = valueWords(s.Field, s.Value)
	}
	return out
}

func scopeWords(s ari.Scope) string {
	rooms := map[ari.RoomsKind]string{ari.AllRooms: "", ari.RoomClassKind: "room class ", ari.RoomTypeKind: "room type ", ari.PoolKind: "pool "}[s.Rooms]
	rates := map[ari.RatesKind]string{ari.AllRates: "", ari.CategoryKind: "rate category ", ari.PlanKind: "rate plan ", ari.FamilyKind: "rate plan and those derived from it "}[s.Rates]
	var parts []string
	for _, p := range [][2]string{{rooms, s.Room}, {rates, s.Rate}, {"channel ", s.Channel}, {"block ", s.Block}} {
		if p[1] != "" {
			parts = append(parts, p[0]+p[1])
		}
	}
	if len(parts) == 0 {
		return "the hotel"
	}
	return strings.Join(parts, ", ")
}

func spanWords(s ari.Span) string {
	var out string
	switch {
	case s.From == ari.DateMin && s.To == ari.DateMax:
		out = "all dates"
	case s.To == ari.DateMax:
		out = "from " + s.From.String() + " on"
	case s.From == s.To:
		out = s.From.String()
	default:
		out = s.From.String() + " to " + s.To.String()
	}
	if s.Days != ari.AllDays {
		out += ", " + strings.Join(s.Days.Names(), " ")
	}
	return out
}

// valueWords says a value of a field.
func valueWords(f ari.Field, v ari.Value) string {
	switch f.Family() {
	case ari.FamilyRate:
		return rateWords(v)
	case ari.FamilyRestriction:
		return restrictionWords(f, v)
	case ari.FamilyBlock:
		if f.BlockNumber() == ari.BlockCutoff {
			return ari.StayDate(v.A).String()
		}
	}
	return plural(v.A, "room")
}

func rateWords(v ari.Value) string {
	var parts []string
	if v.Form&ari.SideBefore != 0 {
		parts = append(parts, ari.Amount(v.A).String()+" before tax")
	}
	if v.Form&ari.SideAfter != 0 {
		parts = append(parts, ari.Amount(v.B).String()+" after tax")
	}
	return strings.Join(parts, ", ")
}

func restrictionWords(f ari.Field, v ari.Value) string {
	switch f.What() {
	case ari.NotAtAll:
		if v.A == ari.Shut {
			return "closed"
		}
		return "open"
	case ari.LOSPattern:
		return patternWords(v)
	case ari.MinLead, ari.MaxLead:
		if v.Form == 1 {
			return fmt.Sprintf("%d minutes", v.A)
		}
		return plural(v.A, "day")
	case ari.MinLOS, ari.MaxLOS:
		return plural(v.A, "night")
	}
	return ari.Amount(v.A).String()
}

func patternWords(v ari.Value) string {
	var open []string
	for i := range v.B {
		if v.A&(1<<i) != 0 {
			open = append(open, strconv.FormatInt(i+1, 10))
		}
	}
	words := "no nights"
	if len(open) > 0 {
		words = strings.Join(open, ", ") + " nights"
	}
	if v.Form == 1 {
		words += fmt.Sprintf(", and more than %d", v.B)
	}
	return words
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}

// compact answers an object's JSON without its code, which its scope names.
func compact(body []byte) string {
	var v map[string]json.RawMessage
	if body == nil || json.Unmarshal(body, &v) != nil {
		return "(deleted)"
	}
	delete(v, "code")
	delete(v, "id")
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
