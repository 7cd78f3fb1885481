package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// openAPI writes the OpenAPI 3.1 document of the route table. Its order is stable: it is a golden file of each release.
func (a *api) openAPI() ([]byte, error) {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Ratewire", Version: a.o.Version,
			Description: "Availability, rates and inventory of hotels: updates in, one exact picture, what can be sold. Amounts are decimals as strings, stay dates are dates, instants are UTC with Z, " +
				"enumerations that are called open may get new values, unknown fields and parameters of requests are refused. Problems are RFC 9457; their codes are at /errors.",
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Paths:      map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: a.registry, SecuritySchemes: securitySchemes(), Responses: map[string]*huma.Response{"Problem": a.problemResponse()}},
	}
	for _, rt := range a.routes {
		if rt.op == "" {
			continue
		}
		op, err := a.operation(rt)
		if err != nil {
			return nil, fmt.Errorf("route %s: %w", rt.pattern, err)
		}
		doc.AddOperation(op)
	}
	doc.Tags = tags()
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", " "); err != nil {
		return nil, err
	}
	return append(out.Bytes(), '\n'), nil
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "Updates", Description: "ARI in."}, {Name: "Shop", Description: "What can be sold."}, {Name: "Picture", Description: "What is known: effective values, source cells, history."},
		{Name: "Feed", Description: "What changed, in order."}, {Name: "Catalog", Description: "What a property has."}, {Name: "Overlays", Description: "What people lay over source values."},
		{Name: "Holds", Description: "Rooms of sales in progress."}, {Name: "Messages", Description: "What came in."}, {Name: "Work", Description: "What waits."},
		{Name: "Hub", Description: "Connections, profiles, mappings, clients."}, {Name: "Tokens"}, {Name: "State"}, {Name: "OTA", Description: "OpenTravel XML in."},
	}
}

func securitySchemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		"token": {Type: "oauth2", Description: "A bearer token of /oauth/token.", Flows: &huma.OAuthFlows{ClientCredentials: &huma.OAuthFlow{TokenURL: "/oauth/token", Scopes: scopes}}},
		"basic": {Type: "http", Scheme: "basic", Description: "User and password of an OTA connection. A WS-Security UsernameToken in the message, or a bearer token of a client of the connection, do as well."},
	}
}

func (a *api) problemResponse() *huma.Response {
	return &huma.Response{Description: "A problem.", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: a.schema(typeOf[Problem]())}}}
}

func (a *api) operation(rt *route) (*huma.Operation, error) {
	op := &huma.Operation{Method: rt.method, Path: openPath(rt.path), OperationID: rt.op, Tags: []string{rt.tag}, Summary: rt.summary, Description: rt.describe(), Responses: map[string]*huma.Response{}}
	switch {
	case rt.scope != "":
		op.Security = []map[string][]string{{"token": {rt.scope}}}
	case rt.rights == ownSecrets:
		op.Security = []map[string][]string{{"basic": {}}, {"token": {scopeARIWrite}}, {}}
	default:
		op.Security = []map[string][]string{{}}
	}
	op.Parameters = rt.parameters()
	if rt.body != nil {
		body, err := a.requestBody(rt)
		if err != nil {
			return nil, err
		}
		op.RequestBody = body
	}
	status := rt.status
	if status == 0 {
		status = http.StatusOK
	}
	ok := &huma.Response{Description: "Done.", Content: map[string]*huma.MediaType{}}
	for _, t := range defaulted(rt.answerTypes) {
		m := &huma.MediaType{}
		if rt.answer != nil {
			m.Schema = a.schema(rt.answer)
		}
		ok.Content[t] = m
	}
	op.Responses[strconv.Itoa(status)] = ok
	if rt.method == "PUT" && status == http.StatusOK {
		op.Responses["201"] = &huma.Response{Description: "Made.", Content: ok.Content}
	}
	op.Responses["default"] = &huma.Response{Ref: "#/components/responses/Problem"}
	return op, nil
}

// describe answers the description with the codes worth naming.
func (rt *route) describe() string {
	if len(rt.problems) == 0 {
		return rt.doc
	}
	return strings.TrimSpace(rt.doc + "\n\nProblems: " + strings.Join(rt.problems, ", ") + ".")
}

func defaulted(types []string) []string {
	if len(types) == 0 {
		return []string{"application/json"}
	}
	return types
}

func openPath(p string) string { return strings.ReplaceAll(p, "...}", "}") }

func (rt *route) parameters() (out []*huma.Param) {
	for _, part := range strings.Split(rt.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			out = append(out, &huma.Param{Name: strings.TrimSuffix(strings.TrimSuffix(name, "}"), "..."), In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
		}
	}
	for i := range rt.query {
		out = append(out, rt.query[i].document("query"))
	}
	for i := range rt.headers {
		out = append(out, rt.headers[i].document("header"))
	}
	return out
}

func (p *param) document(in string) *huma.Param {
	s := &huma.Schema{Type: huma.TypeString}
	switch p.kind {
	case number:
		lo, hi := float64(p.min), float64(p.max)
		s = &huma.Schema{Type: huma.TypeInteger, Minimum: &lo, Maximum: &hi}
	case boolean:
		s.Type = huma.TypeBoolean
	case date:
		s.Format = "date"
	case instant:
		s.Format = "date-time"
	}
	for _, e := range p.enum {
		s.Enum = append(s.Enum, e)
	}
	return &huma.Param{Name: p.name, In: in, Description: p.doc, Required: p.required, Schema: s}
}

func (a *api) requestBody(rt *route) (*huma.RequestBody, error) {
	b := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	for _, t := range defaulted(rt.bodyTypes) {
		m := &huma.MediaType{Schema: a.schema(rt.body)}
		if rt.bodyExample != "" {
			if err := json.Unmarshal([]byte(rt.bodyExample), &m.Example); err != nil {
				return nil, fmt.Errorf("example: %w", err)
			}
		}
		b.Content[t] = m
	}
	if slices.Contains(rt.bodyTypes, "application/xml") {
		for _, m := range b.Content {
			m.Schema = &huma.Schema{Type: huma.TypeString}
		}
	}
	return b, nil
}
