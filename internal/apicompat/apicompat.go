// Package apicompat compares two OpenAPI 3.1 documents of one API and names what breaks those who use the older: within /v1 there are only additions
// (S50). It reads as much of JSON Schema as our documents use: objects, arrays, maps, enumerations, bounds, $ref, anyOf and oneOf.
package apicompat

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind is a kind of break.
type Kind string

// The kinds of breaks. Table says who is hurt by each.
const (
	PathGone          Kind = "path_gone"
	MethodGone        Kind = "method_gone"
	ParameterGone     Kind = "parameter_gone"
	ParameterRequired Kind = "parameter_required"
	SecurityChanged   Kind = "security_changed"
	BodyRequired      Kind = "body_required"
	BodyGone          Kind = "body_gone"
	MediaTypeGone     Kind = "media_type_gone"
	AnswerGone        Kind = "answer_gone"
	PropertyGone      Kind = "property_gone"
	PropertyRequired  Kind = "property_required"
	PropertyOptional  Kind = "property_optional"
	TypeChanged       Kind = "type_changed"
	FormatChanged     Kind = "format_changed"
	EnumGone          Kind = "enum_gone"
	EnumAdded         Kind = "enum_added"
	BoundNarrowed     Kind = "bound_narrowed"
	Closed            Kind = "closed"
)

// Table is every kind of break, and whom it hurts.
var Table = []struct {
	Kind Kind
	Hurt string
}{
	{PathGone, "who calls it"},
	{MethodGone, "who calls it"},
	{ParameterGone, "who sends it: unknown parameters are refused"},
	{ParameterRequired, "who does not send it"},
	{SecurityChanged, "whose token has the scopes that were needed"},
	{BodyRequired, "who sends no body"},
	{BodyGone, "who sends one"},
	{MediaTypeGone, "who sends or reads it"},
	{AnswerGone, "who reads the answer of that status"},
	{PropertyGone, "who sends it (unknown fields are refused), and who reads it"},
	{PropertyRequired, "who does not send it"},
	{PropertyOptional, "who reads it without looking whether it is there"},
	{TypeChanged, "who sends what is no longer taken, or reads what was never answered; null is a type"},
	{FormatChanged, "who sends or reads text in the form it had"},
	{EnumGone, "who sends it, or waits for it"},
	{EnumAdded, "of a request's field that took anything: who sends something else"},
	{BoundNarrowed, "who sends what was within the bounds"},
	{Closed, "who sends members of its own where they were taken"},
}

// Break is one thing that breaks a user of the older document.
type Break struct {
	Kind Kind
	At   string // "GET /v1/shop answer 200 /properties/*/status"
	What string
}

// String answers one line.
func (b Break) String() string { return fmt.Sprintf("%s: %s: %s", b.Kind, b.At, b.What) }

// node is a JSON object.
type node = map[string]any

// comparison is one under way.
type comparison struct {
	old, new node
	seen     map[string]bool // pairs of named schemas, each way: they may contain themselves
	breaks   []Break
}

// Compare answers what of the older document the newer one breaks, in a stable order.
func Compare(older, newer []byte) ([]Break, error) {
	c := comparison{seen: map[string]bool{}}
	for _, d := range []struct {
		text []byte
		into *node
	}{{older, &c.old}, {newer, &c.new}} {
		if err := json.Unmarshal(d.text, d.into); err != nil {
			return nil, fmt.Errorf("openapi document: %w", err)
		}
	}
	c.paths()
	return c.breaks, nil
}

func (c *comparison) add(k Kind, at, format string, args ...any) {
	c.breaks = append(c.breaks, Break{k, at, fmt.Sprintf(format, args...)})
}

func object(v any) node { n, _ := v.(node); return n }

func list(v any) []any { l, _ := v.([]any); return l }

func keys(n node) []string { return slices.Sorted(maps.Keys(n)) }

// methods are what a path item has beside descriptions.
var methods = []string{"delete", "get", "head", "options", "patch", "post", "put", "trace"}

func (c *comparison) paths() {
	was, is := object(c.old["paths"]), object(c.new["paths"])
	for _, path := range keys(was) {
		if is[path] == nil {
			c.add(PathGone, path, "it was there")
			continue
		}
		for _, m := range methods {
			a, b := object(object(was[path])[m]), object(object(is[path])[m])
			at := strings.ToUpper(m) + " " + path
			switch {
			case a == nil:
			case b == nil:
				c.add(MethodGone, at, "it was there")
			default:
				c.operation(at, a, b)
			}
		}
	}
}

func (c *comparison) operation(at string, a, b node) {
	c.parameters(at, a, b)
	c.security(at, a, b)
	c.body(at, object(a["requestBody"]), object(b["requestBody"]))
	was, is := object(a["responses"]), object(b["responses"])
	for _, status := range keys(was) {
		here := at + " answer " + status
		if is[status] == nil {
			c.add(AnswerGone, here, "it was promised")
			continue
		}
		c.content(here, c.answer(c.old, was[status]), c.answer(c.new, is[status]), answering)
	}
}

// answer follows a reference to a shared response, and answers its content.
func (c *comparison) answer(doc node, v any) node {
	n := object(v)
	if ref, ok := n["$ref"].(string); ok {
		n = lookup(doc, ref)
	}
	return object(n["content"])
}

// lookup follows a reference within a document; nil if it leads nowhere.
func lookup(doc node, ref string) node {
	at := doc
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = object(at[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)])
	}
	return at
}

func (c *comparison) parameters(at string, a, b node) {
	byName := func(n node) map[string]node {
		out := map[string]node{}
		for _, p := range list(n["parameters"]) {
			out[fmt.Sprint(object(p)["in"], " ", object(p)["name"])] = object(p)
		}
		return out
	}
	was, is := byName(a), byName(b)
	for _, name := range slices.Sorted(maps.Keys(was)) {
		p, q := was[name], is[name]
		here := at + " parameter " + name
		switch {
		case q == nil:
			c.add(ParameterGone, here, "it was taken")
			continue
		case p["required"] != true && q["required"] == true:
			c.add(ParameterRequired, here, "it was optional")
		}
		c.schema(here, object(p["schema"]), object(q["schema"]), asking)
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if was[name] == nil && is[name]["required"] == true {
			c.add(ParameterRequired, at+" parameter "+name, "it is new")
		}
	}
}

// security compares what opens an operation: each alternative that did must still do, with no scope more.
func (c *comparison) security(at string, a, b node) {
	opens := func(was, is node) bool {
		for scheme := range is {
			if _, ok := was[scheme]; !ok {
				return false
			}
			for _, scope := range list(is[scheme]) {
				if !slices.Contains(list(was[scheme]), scope) {
					return false
				}
			}
		}
		return true
	}
	for _, w := range list(a["security"]) {
		if !slices.ContainsFunc(list(b["security"]), func(i any) bool { return opens(object(w), object(i)) }) {
			c.add(SecurityChanged, at, "%v opened it, now it needs %v", w, b["security"])
		}
	}
}

func (c *comparison) body(at string, a, b node) {
	at += " body"
	switch {
	case a == nil && b == nil:
	case a == nil:
		if b["required"] == true {
			c.add(BodyRequired, at, "there was none")
		}
	case b == nil:
		c.add(BodyGone, at, "it was taken")
	default:
		if a["required"] != true && b["required"] == true {
			c.add(BodyRequired, at, "it was optional")
		}
		c.content(at, object(a["content"]), object(b["content"]), asking)
	}
}

func (c *comparison) content(at string, a, b node, d direction) {
	for _, mediaType := range keys(a) {
		if b[mediaType] == nil {
			c.add(MediaTypeGone, at, "%s", mediaType)
			continue
		}
		c.schema(at, object(object(a[mediaType])["schema"]), object(object(b[mediaType])["schema"]), d)
	}
}
