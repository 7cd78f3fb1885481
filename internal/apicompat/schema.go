package apicompat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// direction says who writes what a schema describes: what is asked may widen, what is answered may only narrow.
type direction uint8

const (
	asking    direction = iota // clients write it
	answering                  // we do
)

// schema compares two schemas.
func (c *comparison) schema(at string, a, b node, d direction) {
	if a == nil {
		return // it promised nothing
	}
	if ref := a["$ref"]; ref != nil {
		pair := fmt.Sprint(d, " ", ref, " ", b) // b as it is written: a reference in it is not followed
		if c.seen[pair] {
			return
		}
		c.seen[pair] = true
	}
	x, y := c.alternatives(c.old, a), c.alternatives(c.new, b)
	c.types(at, x, y, d)
	for _, t := range slices.Sorted(maps.Keys(x)) {
		if y[t] != nil {
			c.sameType(at, x[t], y[t], d)
		}
	}
}

// anything stands for a schema without a type.
const anything = "anything"

// alternatives answers a schema by type, with references followed and anyOf, oneOf and lists of types taken apart. Of two objects among the
// alternatives the first stands for both: our documents have none.
func (c *comparison) alternatives(doc, s node) map[string]node {
	out := map[string]node{}
	var walk func(s node, depth int)
	walk = func(s node, depth int) {
		for ; s["$ref"] != nil && depth > 0; depth-- {
			s = lookup(doc, fmt.Sprint(s["$ref"]))
		}
		if parts := append(list(s["anyOf"]), list(s["oneOf"])...); len(parts) > 0 && depth > 0 {
			for _, p := range parts {
				walk(object(p), depth-1)
			}
			return
		}
		names := list(s["type"])
		if one, ok := s["type"].(string); ok {
			names = []any{one}
		}
		if len(names) == 0 {
			names = []any{anything}
		}
		for _, n := range names {
			if name := fmt.Sprint(n); out[name] == nil {
				out[name] = s
			}
		}
	}
	walk(s, 16)
	return out
}

// types compares which types there are: in a request none may go, in an answer none may come.
func (c *comparison) types(at string, x, y map[string]node, d direction) {
	from, to, verb := x, y, "is no longer taken"
	if d == answering {
		from, to, verb = y, x, "was never answered"
	}
	if to[anything] != nil {
		return
	}
	for _, t := range slices.Sorted(maps.Keys(from)) {
		if to[t] == nil && !(t == "integer" && to["number"] != nil) {
			c.add(TypeChanged, at, "%s %s (was %s, is %s)", t, verb, strings.Join(slices.Sorted(maps.Keys(x)), "|"), strings.Join(slices.Sorted(maps.Keys(y)), "|"))
		}
	}
}

// sameType compares two schemas of one type.
func (c *comparison) sameType(at string, a, b node, d direction) {
	c.enum(at, a, b, d)
	for _, name := range []string{"format", "pattern"} {
		c.form(at, name, a, b, d)
	}
	if d == asking {
		c.bounds(at, a, b)
	}
	c.object(at, a, b, d)
	if items := object(a["items"]); items != nil {
		c.schema(at+"/*", items, object(b["items"]), d)
	}
}

// form compares text's form: in a request it may be dropped, in an answer it may come.
func (c *comparison) form(at, name string, a, b node, d direction) {
	was, is := a[name], b[name]
	if was == is || d == asking && is == nil || d == answering && was == nil {
		return
	}
	c.add(FormatChanged, at, "%s was %v, is %v", name, was, is)
}

func (c *comparison) enum(at string, a, b node, d direction) {
	was, is := list(a["enum"]), list(b["enum"])
	if len(was) == 0 {
		if len(is) > 0 && d == asking {
			c.add(EnumAdded, at, "anything was taken, now %v", is)
		}
		return
	}
	if len(is) == 0 {
		return // open
	}
	for _, v := range was {
		if !slices.Contains(is, v) {
			c.add(EnumGone, at, "%v", v)
		}
	}
}

// bounds compares those of a request: upper ones may not fall, lower ones may not rise.
func (c *comparison) bounds(at string, a, b node) {
	for _, bound := range []struct {
		name string
		up   bool
	}{{"maximum", true}, {"exclusiveMaximum", true}, {"maxLength", true}, {"maxItems", true}, {"maxProperties", true},
		{"minimum", false}, {"exclusiveMinimum", false}, {"minLength", false}, {"minItems", false}, {"minProperties", false}} {
		was, had := a[bound.name].(float64)
		is, has := b[bound.name].(float64)
		if has && (!had || bound.up && is < was || !bound.up && is > was) {
			told := "none"
			if had {
				told = fmt.Sprint(was)
			}
			c.add(BoundNarrowed, at, "%s was %s, is %v", bound.name, told, is)
		}
	}
}

func (c *comparison) object(at string, a, b node, d direction) {
	was, is := object(a["properties"]), object(b["properties"])
	for _, name := range keys(was) {
		if is[name] == nil {
			if extra := object(b["additionalProperties"]); extra == nil && b["additionalProperties"] != true {
				c.add(PropertyGone, at+"/"+name, "it was there")
			}
			continue
		}
		c.schema(at+"/"+name, object(was[name]), object(is[name]), d)
	}
	wasRequired, isRequired := list(a["required"]), list(b["required"])
	if d == asking {
		for _, name := range isRequired {
			if !slices.Contains(wasRequired, name) {
				c.add(PropertyRequired, fmt.Sprint(at, "/", name), "it need not be sent")
			}
		}
		c.closed(at, a, b)
	} else {
		for _, name := range wasRequired {
			if !slices.Contains(isRequired, name) && is[fmt.Sprint(name)] != nil {
				c.add(PropertyOptional, fmt.Sprint(at, "/", name), "it was always there")
			}
		}
	}
	if extra := object(a["additionalProperties"]); extra != nil {
		c.schema(at+"/*", extra, object(b["additionalProperties"]), d)
	}
}

// closed compares whether a request may have members of its own.
func (c *comparison) closed(at string, a, b node) {
	open := func(n node) bool {
		v, told := n["additionalProperties"]
		return !told || v != false
	}
	if open(a) && !open(b) && fmt.Sprint(a["type"]) == "object" {
		c.add(Closed, at, "members of any name were taken")
	}
}
