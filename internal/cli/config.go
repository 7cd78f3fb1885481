package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ratewire/ratewire/ari"
)

type configCmd struct {
	Export configExportCmd `cmd:"" help:"Write what a hub is set up with: no secrets, no prices, in an order that never changes."`
	Diff   configDiffCmd   `cmd:"" help:"Compare a file with a hub. Ends with 0 if they are equal, with 4 if not."`
	Apply  configApplyCmd  `cmd:"" help:"Make a hub what a file says: shows the plan; --yes does it."`
}

// configScope is which part of a hub a command is about.
type configScope struct {
	Property []string `help:"Only these properties, and the mappings of their codes; profiles and connections are left alone."`
}

// thing is one object of a configuration.
type thing struct {
	kind, property, code string
	body                 map[string]any // without its code
	stage                string         // of a property: it is moved, not put
}

func (t *thing) name() string {
	return strings.Join(strings.Fields(t.kind+" "+t.property+" "+t.code), " ")
}

// configList is a list of a property, as the API and the file name it.
type configList struct{ file, path, kind string }

// configLists are in the order in which they are put: what others build on first.
var configLists = []configList{
	{"room_classes", "room-classes", ari.KindRoomClass}, {"pools", "pools", ari.KindPool}, {"room_types", "room-types", ari.KindRoomType},
	{"rate_categories", "rate-categories", ari.KindRateCategory}, {"rate_plans", "rate-plans", ari.KindRatePlan},
}

// order answers where a kind comes when a configuration is put.
func order(kind string) int {
	switch kind {
	case "profile":
		return 0
	case "connection":
		return 1
	case ari.KindProperty:
		return 2
	case "mapping":
		return 10
	}
	return 3 + slices.IndexFunc(configLists, func(l configList) bool { return l.kind == kind })
}

func sortThings(list []thing) {
	slices.SortStableFunc(list, func(a, b thing) int {
		for _, c := range []int{order(a.kind) - order(b.kind), strings.Compare(a.property, b.property), strings.Compare(a.code, b.code)} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

// hubConfig reads what a hub is set up with.
func (c *configScope) hubConfig(ctx context.Context, a *api, s *Streams) ([]thing, error) {
	var out []thing
	var state stateText
	p := startProgress(s, "reading", state.Load)
	defer p.stop()
	list := func(path string, q url.Values, f func(map[string]any)) error {
		q.Set("limit", strconv.Itoa(listMax))
		return eachItem(ctx, a, path, q, func(raw json.RawMessage) error {
			m, err := object(raw)
			if err == nil {
				f(m)
			}
			return err
		})
	}
	add := func(kind, property, key string) func(map[string]any) {
		return func(m map[string]any) { out = append(out, thingOf(kind, property, key, m)) }
	}
	if len(c.Property) == 0 {
		if err := list("/v1/profiles", url.Values{}, add("profile", "", "name")); err != nil {
			return nil, err
		}
		if err := list("/v1/connections", url.Values{}, add("connection", "", "id")); err != nil {
			return nil, err
		}
	}
	var codes []string
	err := list("/v1/properties", url.Values{}, func(m map[string]any) {
		if t := thingOf(ari.KindProperty, "", "code", m); c.wants(t.code) {
			codes = append(codes, t.code)
			out = append(out, t)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, code := range codes {
		state.Store(fmt.Sprintf("%d of %d properties", i, len(codes)))
		for _, l := range configLists {
			if err := list("/v1/properties/"+url.PathEscape(code)+"/"+l.path, url.Values{}, add(l.kind, code, "code")); err != nil {
				return nil, err
			}
		}
	}
	for _, decided := range []string{"accepted", "ignored"} {
		err := list("/v1/mappings", url.Values{"state": {decided}}, func(m map[string]any) {
			if t := mappingThing(m); c.wants(t.property) {
				out = append(out, t)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	sortThings(out)
	return out, nil
}

func (c *configScope) wants(property string) bool {
	return len(c.Property) == 0 || slices.Contains(c.Property, property)
}

// object reads a JSON object with its numbers as they are written.
func object(raw []byte) (m map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return m, d.Decode(&m)
}

func textOf(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// thingOf makes a thing of an object whose code is the member key.
func thingOf(kind, property, key string, m map[string]any) thing {
	t := thing{kind: kind, property: property, code: textOf(m, key), body: m}
	delete(m, key)
	delete(m, "version") // of profiles: it rises with every change
	if kind == ari.KindProperty {
		t.stage = textOf(m, "stage")
		delete(m, "stage")
	}
	return t
}

// mappingMembers are what is kept of a mapping beside its key.
var mappingMembers = []string{"internal", "state", "name", "occupancy"}

// mappingThing makes a thing of a mapping. Its property is the one that it concerns; its code names the rest of its key.
func mappingThing(m map[string]any) thing {
	t := thing{kind: "mapping", property: textOf(m, "property"), body: map[string]any{}}
	for _, name := range mappingMembers {
		if v, ok := m[name]; ok {
			t.body[name] = v
		}
	}
	if textOf(t.body, "state") == "" {
		t.body["state"] = "accepted"
	}
	kind := textOf(m, "kind")
	if kind == ari.KindProperty {
		t.property = textOf(m, "internal")
	}
	t.code = textOf(m, "connection") + " " + kind + " " + textOf(m, "external")
	return t
}

// key takes a mapping's code apart.
func (t *thing) key() (connection, kind, external string) {
	connection, rest, _ := strings.Cut(t.code, " ")
	kind, external, _ = strings.Cut(rest, " ")
	return connection, kind, external
}

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

type configExportCmd struct {
	hubFlags
	configScope
	Format string `enum:"yaml,json" default:"yaml" help:"yaml or json; --json is json."`
}

// Run writes the configuration to standard output.
func (c *configExportCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	list, err := c.hubConfig(ctx, a, s)
	if err != nil {
		return err
	}
	if g.JSON || c.Format == "json" {
		return printJSON(s.Out, configDocument(list))
	}
	return printYAML(s.Out, configDocument(list))
}

func printYAML(w io.Writer, doc map[string]any) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(yamlNode(doc)); err != nil {
		return err
	}
	return e.Close()
}

type configDiffCmd struct {
	hubFlags
	configScope
	File string `arg:"" help:"YAML or JSON, as config export writes it; - is standard input."`
}

// Run prints what differs.
func (c *configDiffCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, steps, err := plan(ctx, &c.hubFlags, &c.configScope, c.File, s)
	if err != nil {
		return err
	}
	defer a.close()
	if err := printSteps(s, g, steps); err != nil {
		return err
	}
	if len(steps) > 0 {
		return negative
	}
	return nil
}

// plan compares a file with a hub.
func plan(ctx context.Context, f *hubFlags, c *configScope, file string, s *Streams) (*api, []step, error) {
	want, err := c.readConfig(file, s)
	if err != nil {
		return nil, nil, err
	}
	a, err := f.open(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	have, err := c.hubConfig(ctx, a, s)
	if err != nil {
		return nil, nil, errors.Join(err, a.close())
	}
	return a, differ(want, have), nil
}

func printSteps(s *Streams, g *Global, steps []step) error {
	for i := range steps {
		if g.JSON {
			if err := printJSONLine(s.Out, map[string]any{"verb": steps[i].verb, "kind": steps[i].kind, "property": steps[i].property, "code": steps[i].code, "changes": steps[i].what}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(s.Out, steps[i].text())
	}
	if len(steps) == 0 && !g.JSON {
		fmt.Fprintln(s.Out, "equal")
	}
	return nil
}

type configApplyCmd struct {
	hubFlags
	configScope
	File   string `arg:"" help:"YAML or JSON, as config export writes it; - is standard input."`
	Yes    bool   `help:"Do what the plan says."`
	Prune  bool   `help:"Also delete what is only in the hub."`
	Reason string `help:"Why: needed to move a property to another stage."`
}

// Run shows the plan, and does it with --yes.
func (c *configApplyCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, steps, err := plan(ctx, &c.hubFlags, &c.configScope, c.File, s)
	if err != nil {
		return err
	}
	defer a.close()
	if !c.Prune {
		steps = slices.DeleteFunc(steps, func(x step) bool { return x.verb == "-" })
	}
	if err := printSteps(s, g, steps); err != nil || len(steps) == 0 {
		return err
	}
	if !c.Yes {
		fmt.Fprintf(s.Err, "%d changes; nothing was done: --yes does it\n", len(steps))
		return nil
	}
	failed, err := c.apply(ctx, a, steps)
	if err != nil {
		return err
	}
	for _, e := range failed {
		fmt.Fprintln(s.Out, "refused:", e)
	}
	fmt.Fprintf(s.Err, "%d of %d changes made\n", len(steps)-len(failed), len(steps))
	if len(failed) > 0 {
		return refused(fmt.Errorf("%d changes were refused", len(failed)))
	}
	return nil
}

// apply makes the changes in order. What is refused is tried again as long as others go through: it may have built on them.
func (c *configApplyCmd) apply(ctx context.Context, a *api, steps []step) (failed []error, err error) {
	left := steps
	for len(left) > 0 {
		var again []step
		failed = failed[:0]
		for i := range left {
			err := c.do(ctx, a, &left[i])
			var exit *ExitError
			if errors.As(err, &exit) && exit.Code == ExitRefused {
				again, failed = append(again, left[i]), append(failed, fmt.Errorf("%s: %w", left[i].name(), err))
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", left[i].name(), err)
			}
		}
		if len(again) == len(left) {
			return failed, nil
		}
		left = again
	}
	return nil, nil
}

// do makes one change.
func (c *configApplyCmd) do(ctx context.Context, a *api, x *step) error {
	path, q := x.path()
	if x.verb == "-" {
		return a.json(ctx, request{method: http.MethodDelete, path: path, query: q}, nil)
	}
	b, err := json.Marshal(x.body)
	if err != nil {
		return err
	}
	if err := a.json(ctx, request{method: http.MethodPut, path: path, query: q, body: bytes.NewReader(b), contentType: "application/json"}, nil); err != nil {
		return err
	}
	was := "draft"
	if x.was != nil {
		was = cmpOr(x.was.stage, was)
	}
	if x.kind != ari.KindProperty || x.stage == "" || x.stage == was {
		return nil
	}
	b, err = json.Marshal(map[string]string{"stage": x.stage, "reason": cmpOr(c.Reason, "config apply")})
	if err != nil {
		return err
	}
	return a.json(ctx, request{method: http.MethodPost, path: path + "/stage", body: bytes.NewReader(b), contentType: "application/json"}, nil)
}

// path answers where the API has a thing.
func (t *thing) path() (string, url.Values) {
	q := url.Values{}
	switch t.kind {
	case "profile", "connection":
		return "/v1/" + t.kind + "s/" + url.PathEscape(t.code), q
	case ari.KindProperty:
		return "/v1/properties/" + url.PathEscape(t.code), q
	case "mapping":
		connection, kind, external := t.key()
		if kind != ari.KindProperty {
			q.Set("property", t.property)
		}
		return "/v1/connections/" + url.PathEscape(connection) + "/mappings/" + kind + "/" + url.PathEscape(external), q
	}
	return "/v1/properties/" + url.PathEscape(t.property) + "/" + configLists[order(t.kind)-3].path + "/" + url.PathEscape(t.code), q
}
