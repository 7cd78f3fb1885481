package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// strict reads a JSON document into v after checking it against the schema of its type: the same schema that the OpenAPI document shows.
// Every fault is told at once.
func (a *api) strict(data []byte, t reflect.Type, v any) error {
	tree, err := parseTree(data)
	if err != nil {
		return err
	}
	c := checker{registry: a.registry}
	c.check(a.registry.Schema(t, true, t.Name()), tree, "")
	if len(c.faults) > 0 {
		return problemOf(&canonical.Error{Faults: c.faults, More: c.more})
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fault(canonical.CodeFormat, "", "a document that fits its schema", canonical.Clip([]byte(err.Error())), "")
	}
	return nil
}

// treeDepthMax bounds nesting of documents that are read as a tree.
const treeDepthMax = 32

// parseTree reads a JSON document whole; repeated names are refused.
func parseTree(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, fault(canonical.CodeSyntax, "", "valid UTF-8", "", "")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := readTree(d, "", 0)
	if err != nil {
		if p, ok := err.(*Problem); ok {
			return nil, p
		}
		return nil, fault(canonical.CodeSyntax, "", "one JSON document", canonical.Clip([]byte(err.Error())), "")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault(canonical.CodeSyntax, "", "nothing after the document", "", "")
	}
	return v, nil
}

func readTree(d *json.Decoder, at string, depth int) (any, error) {
	t, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if depth > treeDepthMax {
		return nil, fault(canonical.CodeSyntax, at, "at most 32 levels of nesting", "", "")
	}
	switch t {
	case json.Delim('{'):
		m := map[string]any{}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			name := k.(string)
			here := at + "/" + canonical.EscapeToken(name)
			if _, ok := m[name]; ok {
				return nil, fault(canonical.CodeTwice, here, "each name once", name, "leave one out")
			}
			if m[name], err = readTree(d, here, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return m, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readTree(d, at+"/"+strconv.Itoa(len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	}
	return t, nil
}

// checker collects what is wrong with a tree. It reads the part of JSON Schema that our types make.
type checker struct {
	registry huma.Registry
	faults   []canonical.Fault
	more     int
}

func (c *checker) add(code, at, expected string, got any, fix string) {
	if len(c.faults) >= canonical.FaultsMax {
		c.more++
		return
	}
	shown := ""
	if got != nil {
		b, _ := json.Marshal(got)
		shown = canonical.Clip(b)
	}
	c.faults = append(c.faults, canonical.Fault{Code: code, Pointer: at, Expected: expected, Got: shown, Fix: fix})
}

func (c *checker) check(s *huma.Schema, v any, at string) {
	for s.Ref != "" {
		s = c.registry.SchemaFromRef(s.Ref)
	}
	if v == nil && (s.Nullable || s.Type == "") {
		return
	}
	switch s.Type {
	case huma.TypeObject:
		if m, ok := v.(map[string]any); ok {
			c.object(s, m, at)
			return
		}
		c.add(canonical.CodeType, at, "an object", v, "")
	case huma.TypeArray:
		list, ok := v.([]any)
		if !ok {
			c.add(canonical.CodeType, at, "an array", v, "")
			return
		}
		if s.MinItems != nil && len(list) < *s.MinItems || s.MaxItems != nil && len(list) > *s.MaxItems {
			c.add(canonical.CodeRange, at, "an array of "+bounds(s.MinItems, s.MaxItems)+" elements", len(list), "")
		}
		for i, e := range list {
			c.check(s.Items, e, at+"/"+strconv.Itoa(i))
		}
	case huma.TypeString:
		c.text(s, v, at)
	case huma.TypeInteger, huma.TypeNumber:
		c.number(s, v, at)
	case huma.TypeBoolean:
		if _, ok := v.(bool); !ok {
			c.add(canonical.CodeType, at, "true or false", v, "")
		}
	}
}

func bounds(lo, hi *int) string {
	switch {
	case hi == nil:
		return "at least " + strconv.Itoa(*lo)
	case lo == nil:
		return "at most " + strconv.Itoa(*hi)
	}
	return strconv.Itoa(*lo) + ".." + strconv.Itoa(*hi)
}

func (c *checker) object(s *huma.Schema, m map[string]any, at string) {
	for _, name := range s.Required {
		if _, ok := m[name]; !ok {
			c.add(canonical.CodeMissing, at+"/"+canonical.EscapeToken(name), describe(c.registry, s.Properties[name]), nil, "")
		}
	}
	for _, name := range sortedKeys(m) {
		here := at + "/" + canonical.EscapeToken(name)
		if p, ok := s.Properties[name]; ok {
			if m[name] == nil && !slices.Contains(s.Required, name) {
				continue // null is the same as left out
			}
			c.check(p, m[name], here)
			continue
		}
		if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
			c.check(more, m[name], here)
			continue
		}
		if open, ok := s.AdditionalProperties.(bool); s.AdditionalProperties == nil || ok && open {
			continue
		}
		fix := "leave it out"
		if n := canonical.Nearest(name, sortedKeys(s.Properties)); n != "" {
			fix = "did you mean " + n + "?"
		}
		c.add(canonical.CodeUnknownField, here, "a known field", name, fix)
	}
}

// describe says what a schema wants, for a person.
func describe(r huma.Registry, s *huma.Schema) string {
	for s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	switch {
	case len(s.Enum) > 0:
		return "one of " + enumText(s)
	case s.PatternDescription != "":
		return s.PatternDescription
	case s.Format == "date":
		return "a date, YYYY-MM-DD"
	case s.Format == "date-time":
		return "an instant with zone, 2026-11-22T09:30:00Z"
	case s.Type == huma.TypeInteger:
		return integerText(s)
	case s.Type == huma.TypeArray || s.Type == huma.TypeObject || s.Type == huma.TypeInteger:
		return "an " + s.Type
	case s.Type == "":
		return "a value"
	}
	return "a " + s.Type
}

func enumText(s *huma.Schema) string {
	out := make([]string, len(s.Enum))
	for i, e := range s.Enum {
		b, _ := json.Marshal(e)
		out[i] = strings.Trim(string(b), `"`)
	}
	return strings.Join(out, ", ")
}

func integerText(s *huma.Schema) string {
	t := "a whole number"
	if s.Minimum != nil {
		t += " from " + strconv.FormatFloat(*s.Minimum, 'f', -1, 64)
	}
	if s.Maximum != nil {
		t += " to " + strconv.FormatFloat(*s.Maximum, 'f', -1, 64)
	}
	return t
}

func (c *checker) text(s *huma.Schema, v any, at string) {
	t, ok := v.(string)
	want := describe(c.registry, s)
	if !ok {
		fix := ""
		if n, is := v.(json.Number); is {
			fix = `send "` + n.String() + `"`
		}
		c.add(canonical.CodeType, at, want, v, fix)
		return
	}
	switch {
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, any(t)):
		names := make([]string, 0, len(s.Enum))
		for _, e := range s.Enum {
			names = append(names, e.(string))
		}
		fix := ""
		if n := canonical.Nearest(t, names); n != "" {
			fix = "did you mean " + n + "?"
		}
		c.add(canonical.CodeFormat, at, want, v, fix)
	case s.MinLength != nil && len(t) < *s.MinLength || s.MaxLength != nil && len(t) > *s.MaxLength:
		c.add(canonical.CodeRange, at, "text of "+bounds(s.MinLength, s.MaxLength)+" bytes", v, "")
	case s.Pattern != "" && !patternOf(s.Pattern).MatchString(t), !formatHolds(s.Format, t):
		c.add(canonical.CodeFormat, at, want, v, "")
	}
}

var patterns sync.Map // pattern -> *regexp.Regexp; the patterns of our own schemas only

func patternOf(p string) *regexp.Regexp {
	if re, ok := patterns.Load(p); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(p)
	patterns.Store(p, re)
	return re
}

// formatHolds tells whether a text is what its format says.
func formatHolds(format, t string) (ok bool) {
	var err error
	switch format {
	case "date":
		_, err = ari.ParseDate(t)
	case "date-time":
		_, err = time.Parse(time.RFC3339, t)
	case formatAmount:
		_, err = ari.ParseAmount(t)
	case formatTime:
		_, err = ari.ParseTimeOfDay(t)
	case formatZone:
		var zone *time.Location
		zone, err = time.LoadLocation(t)
		return err == nil && t != "" && t != "Local" && zone != nil
	case formatCode:
		err = ari.CheckCode(t)
	}
	return err == nil
}

func (c *checker) number(s *huma.Schema, v any, at string) {
	n, ok := v.(json.Number)
	want := describe(c.registry, s)
	if !ok {
		c.add(canonical.CodeType, at, want, v, "")
		return
	}
	f, err := n.Float64()
	if err != nil || s.Type == huma.TypeInteger && (f != math.Trunc(f) || strings.ContainsAny(n.String(), ".eE")) {
		c.add(canonical.CodeType, at, want, v, "")
		return
	}
	if s.Minimum != nil && f < *s.Minimum || s.Maximum != nil && f > *s.Maximum || math.Abs(f) > 1<<53 {
		c.add(canonical.CodeRange, at, want, v, "")
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { x, _ := json.Marshal(e); return string(x) == n.String() }) {
		c.add(canonical.CodeFormat, at, want, v, "")
	}
}
