package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ratewire/ratewire/ari"
)

// configDocument is a configuration as a file holds it.
func configDocument(list []thing) map[string]any {
	doc := map[string]any{"format": json.Number("1")}
	at := map[string]map[string]any{}
	add := func(to map[string]any, name string, v any) {
		have, _ := to[name].([]any)
		to[name] = append(have, v)
	}
	for i := range list {
		t := &list[i]
		v := map[string]any{}
		for k, x := range t.body {
			v[k] = x
		}
		switch t.kind {
		case "profile":
			v["name"] = t.code
			add(doc, "profiles", v)
		case "connection":
			v["id"] = t.code
			add(doc, "connections", v)
		case ari.KindProperty:
			v["code"] = t.code
			if t.stage != "" {
				v["stage"] = t.stage
			}
			at[t.code] = v
			add(doc, "properties", v)
		case "mapping":
			v["connection"], v["kind"], v["external"] = t.key3()
			if v["kind"] != ari.KindProperty {
				v["property"] = t.property
			}
			add(doc, "mappings", v)
		default:
			v["code"] = t.code
			add(at[t.property], configLists[order(t.kind)-3].file, v)
		}
	}
	return doc
}

func (t *thing) key3() (connection, kind, external any) {
	c, k, e := t.key()
	return c, k, e
}

// first are the members that are written before the others, in this order.
var first = []string{"format", "profiles", "connections", "properties", "mappings", "id", "code", "connection", "property", "kind", "external", "internal", "name", "protocol", "time_zone", "currency", "stage"}

// last are written after them.
var last = []string{"room_classes", "pools", "room_types", "rate_categories", "rate_plans"}

// members answers an object's names in the order in which they are written.
func members(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	rank := func(k string) int {
		if i := slices.Index(first, k); i >= 0 {
			return i - len(first)
		}
		return 1 + slices.Index(last, k)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

// yamlNode answers a value of JSON as YAML.
func yamlNode(v any) *yaml.Node {
	switch v := v.(type) {
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, k := range members(v) {
			n.Content = append(n.Content, yamlNode(k), yamlNode(v[k]))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, x := range v {
			n.Content = append(n.Content, yamlNode(x))
		}
		return n
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: fmt.Sprint(v)}
}

// configDepthMax bounds nesting of a file.
const configDepthMax = 32

// value answers YAML as a value of JSON: dates are texts, as they are written. Aliases are refused: they can grow without bound.
func value(n *yaml.Node, depth int) (any, error) {
	if depth > configDepthMax {
		return nil, fmt.Errorf("line %d: more than %d levels", n.Line, configDepthMax)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return value(n.Content[0], depth+1)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if _, twice := m[k.Value]; twice || k.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("line %d: %s: want each name once", k.Line, k.Value)
			}
			v, err := value(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			m[k.Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, x := range n.Content {
			v, err := value(x, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.ScalarNode:
		return scalar(n)
	}
	return nil, fmt.Errorf("line %d: aliases are not read", n.Line)
}

func scalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", nil
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err != nil || !json.Valid([]byte(n.Value)) {
			return nil, fmt.Errorf("line %d: %s: want a plain decimal number, or a text in quotes", n.Line, n.Value)
		}
		return json.Number(n.Value), nil
	}
	return n.Value, nil
}

// readConfig reads a file, YAML or JSON, into its things, and says what does not fit.
func (c *configScope) readConfig(name string, s *Streams) ([]thing, error) {
	body, err := readInput(name, s)
	if err != nil {
		return nil, err
	}
	var n yaml.Node
	if err := yaml.Unmarshal(body, &n); err != nil {
		return nil, refused(fmt.Errorf("%s: %w", name, err))
	}
	if n.Kind == 0 {
		return nil, refused(fmt.Errorf("%s: empty", name))
	}
	v, err := value(&n, 0)
	if err != nil {
		return nil, refused(fmt.Errorf("%s: %w", name, err))
	}
	r := configReader{scope: c}
	r.read(v)
	if len(r.errs) > 0 {
		return nil, refused(fmt.Errorf("%s: %w", name, errors.Join(r.errs...)))
	}
	sortThings(r.out)
	return r.out, nil
}

// configReader takes a document apart.
type configReader struct {
	scope *configScope
	out   []thing
	seen  map[string]bool
	errs  []error
}

func (r *configReader) bad(at, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: "+format, append([]any{at}, args...)...))
}

func (r *configReader) read(v any) {
	doc, ok := v.(map[string]any)
	if !ok || fmt.Sprint(doc["format"]) != "1" {
		r.bad("format", "want a configuration of format 1, as ratewire config export writes it")
		return
	}
	r.seen = map[string]bool{}
	for name := range doc {
		if !slices.Contains(first[:5], name) {
			r.bad(name, "want format, profiles, connections, properties or mappings")
		}
	}
	r.list(doc, "", "profiles", func(at string, m map[string]any) { r.add(at, thingOf("profile", "", "name", m)) })
	r.list(doc, "", "connections", func(at string, m map[string]any) { r.add(at, thingOf("connection", "", "id", m)) })
	r.list(doc, "", "properties", r.property)
	r.list(doc, "", "mappings", func(at string, m map[string]any) {
		for name := range m {
			if !slices.Contains([]string{"connection", "property", "kind", "external"}, name) && !slices.Contains(mappingMembers, name) {
				r.bad(at+"."+name, "a mapping has connection, property, kind, external, %s", strings.Join(mappingMembers, ", "))
			}
		}
		r.add(at, mappingThing(m))
	})
}

func (r *configReader) property(at string, m map[string]any) {
	code := textOf(m, "code")
	for _, l := range configLists {
		r.list(m, at+".", l.file, func(at string, x map[string]any) { r.add(at, thingOf(l.kind, code, "code", x)) })
		delete(m, l.file)
	}
	r.add(at, thingOf(ari.KindProperty, "", "code", m))
}

// list calls f for the objects of a list.
func (r *configReader) list(m map[string]any, at, name string, f func(at string, m map[string]any)) {
	if m[name] == nil {
		return
	}
	list, ok := m[name].([]any)
	if !ok {
		r.bad(at+name, "want a list")
		return
	}
	for i, v := range list {
		here := at + name + "[" + strconv.Itoa(i) + "]"
		if x, ok := v.(map[string]any); ok {
			f(here, x)
		} else {
			r.bad(here, "want an object")
		}
	}
}

// add takes a thing in its one form.
func (r *configReader) add(at string, t thing) {
	if t.code == "" {
		r.bad(at, "want a code")
		return
	}
	if r.seen[t.name()] {
		r.bad(at, "%s is there twice", t.name())
		return
	}
	r.seen[t.name()] = true
	if len(r.scope.Property) > 0 && (t.kind == "profile" || t.kind == "connection" || !r.scope.wants(t.property) && !(t.kind == ari.KindProperty && r.scope.wants(t.code))) {
		return
	}
	if t.kind != "profile" && t.kind != "connection" && t.kind != "mapping" {
		b, err := json.Marshal(t.body)
		if err == nil {
			if b, err = ari.Canonical(t.kind, t.code, b); err == nil {
				t.body, err = object(b)
			}
		}
		if err != nil {
			r.bad(at, "%s: %v", t.name(), err)
			return
		}
		t.body = thingOf(t.kind, t.property, "code", t.body).body
	}
	r.out = append(r.out, t)
}
