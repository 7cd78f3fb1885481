package httpapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/onboard"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// lineType is a kind of thing that a line can be.
type lineType struct {
	name  string
	kind  string // of its object
	phase int
	body  reflect.Type
	key   string   // member of the body that holds its code; "": it has none
	names []string // members beside the body's that say which thing it is
}

// Phases of an import: what others build on comes first, whatever the order of lines.
const (
	phaseProfiles = iota
	phaseConnections
	phaseProperties
	phaseMappings
	phaseStages
	phases
)

var lineTypes = []lineType{
	{"profile", hub.KindProfile, phaseProfiles, typeOf[profileJSON](), "name", []string{"code"}},
	{"connection", hub.KindConnection, phaseConnections, typeOf[connectionJSON](), "id", []string{"code"}},
	{"property", ari.KindProperty, phaseProperties, typeOf[ari.Property](), "code", nil},
	{"room_class", ari.KindRoomClass, phaseProperties, typeOf[ari.RoomClass](), "code", []string{"property"}},
	{"pool", ari.KindPool, phaseProperties, typeOf[ari.Pool](), "code", []string{"property"}},
	{"room_type", ari.KindRoomType, phaseProperties, typeOf[ari.RoomType](), "code", []string{"property"}},
	{"rate_category", ari.KindRateCategory, phaseProperties, typeOf[ari.RateCategory](), "code", []string{"property"}},
	{"rate_plan", ari.KindRatePlan, phaseProperties, typeOf[ari.RatePlan](), "code", []string{"property"}},
	{"mapping", hub.KindMapping, phaseMappings, typeOf[mappingJSON](), "", nil},
	{"stage", "", phaseStages, typeOf[stageBody](), "", []string{"property"}},
}

func lineTypeNames() (out []string) {
	for _, t := range lineTypes {
		out = append(out, t.name)
	}
	return out
}

// importOp is a line that was read: what is to be so.
type importOp struct {
	at             int // index among the lines
	line           int
	t              *lineType
	property, code string
	patch          map[string]any // members that the line names; nil values go back to their default
	mapping        hub.Mapping    // of a mapping, its key
}

// key names the thing that a line is about.
func (o *importOp) key() string { return thing(o.t.name, o.property, o.code) }

func thing(name, property, code string) string { return name + "\x00" + property + "\x00" + code }

// lineReader turns lines into ops.
type lineReader struct {
	registry huma.Registry
	columns  map[string]bool // that some type knows
}

func newLineReader(r huma.Registry) *lineReader {
	x := &lineReader{registry: r, columns: map[string]bool{"type": true, "code": true, "property": true}}
	for i := range lineTypes {
		for name := range x.members(&lineTypes[i]) {
			x.columns[name] = true
		}
	}
	return x
}

// members answers the schemas of a type's members.
func (x *lineReader) members(t *lineType) map[string]*huma.Schema {
	return x.resolve(x.registry.Schema(t.body, true, t.body.Name())).Properties
}

func (x *lineReader) resolve(s *huma.Schema) *huma.Schema {
	for s.Ref != "" {
		s = x.registry.SchemaFromRef(s.Ref)
	}
	return s
}

// read answers what a line says, or what is wrong with it; shown is filled in as far as the line could be read.
func (x *lineReader) read(l *onboard.Line, at int, shown *importLineJSON) (*importOp, []lineFaultDoc) {
	if l.Bad != "" {
		return nil, []lineFaultDoc{{Code: canonical.CodeSyntax, Expected: l.Bad, Got: canonical.Clip([]byte(l.Got)), Fix: "mend the line, or the file's export"}}
	}
	o := &importOp{at: at, line: l.N, patch: map[string]any{}}
	name, faults := x.named(l, o)
	shown.Type = name
	if len(faults) > 0 {
		return nil, faults
	}
	i := slices.IndexFunc(lineTypes, func(t lineType) bool { return t.name == name })
	if i < 0 {
		o.code, o.property = l.Cell("code"), l.Cell("property") // what builds on it is told apart
		f := lineFaultDoc{Code: canonical.CodeFormat, Field: "type", Got: canonical.Clip([]byte(name)), Expected: strings.Join(lineTypeNames(), ", "), Fix: "write one of them"}
		if name == "" {
			f.Code, f.Fix = canonical.CodeMissing, "say what the line is"
		} else if n := canonical.Nearest(name, lineTypeNames()); n != "" {
			f.Fix = "did you mean " + n + "?"
		}
		return o, []lineFaultDoc{f}
	}
	o.t = &lineTypes[i]
	if l.Object == nil {
		faults = x.cells(l, o)
	}
	faults = append(faults, o.identify()...)
	shown.Property, shown.Code = o.property, o.code
	if o.t.kind == hub.KindMapping {
		shown.Code = o.mapping.External
	}
	return o, faults
}

// named answers a line's type, and of NDJSON its members.
func (x *lineReader) named(l *onboard.Line, o *importOp) (string, []lineFaultDoc) {
	if l.Object == nil {
		for _, c := range l.Cells {
			if c.Column == "type" {
				return c.Text, nil
			}
		}
		return "", nil
	}
	tree, err := parseTree(l.Object)
	if err != nil {
		return "", lineFaults(problemOf(err).Errors)
	}
	m, ok := tree.(map[string]any)
	if !ok {
		return "", []lineFaultDoc{{Code: canonical.CodeType, Expected: "an object", Got: canonical.Clip(l.Object)}}
	}
	name, _ := m["type"].(string)
	delete(m, "type")
	o.patch = m
	return name, nil
}

// cells turns the cells of a line of CSV into members, by the types that the members have.
func (x *lineReader) cells(l *onboard.Line, o *importOp) (faults []lineFaultDoc) {
	members := x.members(o.t)
	for _, c := range l.Cells {
		if c.Column == "type" {
			continue
		}
		s, ok := members[c.Column]
		if !ok && (c.Column == "code" && o.t.key != "" || slices.Contains(o.t.names, c.Column)) {
			o.patch[c.Column] = c.Text
			continue
		}
		if !ok {
			f := lineFaultDoc{Code: canonical.CodeUnknownField, Field: c.Column, Got: canonical.Clip([]byte(c.Text)), Expected: "a column that a " + o.t.name + " has", Fix: "leave the cell empty"}
			if n := canonical.Nearest(c.Column, sortedKeys(members)); n != "" && !x.columns[c.Column] {
				f.Fix = "did you mean " + n + "?"
			}
			faults = append(faults, f)
			continue
		}
		o.patch[c.Column] = x.cell(s, c.Text)
	}
	return faults
}

// cell answers what a cell says: what the member wants if it reads as that, else the text, which the schema then refuses. null takes the
// member's default again. Lists of texts are separated by |; what is nested is written as JSON.
func (x *lineReader) cell(s *huma.Schema, text string) any {
	if text == "null" {
		return nil
	}
	s = x.resolve(s)
	switch s.Type {
	case huma.TypeString:
		return text
	case huma.TypeInteger, huma.TypeNumber:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return json.Number(text)
		}
	case huma.TypeBoolean:
		switch strings.ToLower(text) {
		case "true", "yes", "1":
			return true
		case "false", "no", "0":
			return false
		}
	default:
		if text[0] == '[' || text[0] == '{' {
			if tree, err := parseTree([]byte(text)); err == nil {
				return tree
			}
		} else if s.Type == huma.TypeArray {
			var list []any
			for _, part := range strings.Split(text, "|") {
				list = append(list, strings.TrimSpace(part))
			}
			return list
		}
	}
	return text
}

// identify takes out of the members which thing the line is about.
func (o *importOp) identify() (faults []lineFaultDoc) {
	take := func(name, expected string, optional bool) string {
		v, ok := o.patch[name]
		text, isText := v.(string)
		switch {
		case (!ok || v == nil) && optional:
		case !ok || v == nil:
			faults = append(faults, lineFaultDoc{Code: canonical.CodeMissing, Field: name, Expected: expected, Fix: "write " + expected})
		case !isText || ari.CheckCode(text) != nil || text == ari.HubProperty:
			got, _ := json.Marshal(v)
			faults = append(faults, lineFaultDoc{Code: canonical.CodeFormat, Field: name, Expected: expected, Got: canonical.Clip(got), Fix: "write " + expected})
		}
		return text
	}
	const code = "a code of 1 to 64 printable bytes"
	switch o.t.kind {
	case hub.KindMapping:
		m := &o.mapping
		m.Connection, m.Kind = take("connection", "a connection's code", false), take("kind", "property, room_type or rate_plan", false)
		m.Property = take("property", "the hub code of the property", true)
		external, _ := o.patch["external"].(string)
		if m.External = external; external == "" || len(external) > externalMax {
			faults = append(faults, lineFaultDoc{Code: canonical.CodeMissing, Field: "external", Expected: "the connection's code, at most " + strconv.Itoa(externalMax) + " bytes", Got: canonical.Clip([]byte(external)), Fix: "write the code that the connection sends"})
		}
		o.property, o.code = m.Property, m.Code()
	default:
		if slices.Contains(o.t.names, "property") {
			o.property = take("property", "the property's code", false)
			delete(o.patch, "property")
		}
		if o.t.key != "" {
			o.code = take("code", code, false)
			delete(o.patch, "code")
		}
		if o.t.kind == ari.KindProperty {
			o.property = o.code
		}
	}
	return faults
}

// externalMax bounds a connection's code.
const externalMax = 256

// lineFaults shows faults of an object as faults of its line.
func lineFaults(faults []canonical.Fault) (out []lineFaultDoc) {
	for _, f := range faults {
		if f.Fix == "" {
			f.Fix = "write " + f.Expected
		}
		out = append(out, lineFaultDoc{f.Code, strings.ReplaceAll(strings.TrimPrefix(f.Pointer, "/"), "/", "."), f.Got, f.Expected, f.Fix})
	}
	return out
}
