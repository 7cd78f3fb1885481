package httpapi

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is the OpenAPI document as the tests hold every answer to it: rig.send does so for each.
var document struct {
	sync.Mutex
	doc     any
	schemas map[string]*jsonschema.Schema
}

// schemaAt compiles the schema at a pointer of the document; nil if there is none.
func schemaAt(t testing.TB, a *api, pointer string) *jsonschema.Schema {
	t.Helper()
	document.Lock()
	defer document.Unlock()
	if document.doc == nil {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.document))
		if err != nil {
			t.Fatal(err)
		}
		document.doc, document.schemas = doc, map[string]*jsonschema.Schema{}
	}
	if s, ok := document.schemas[pointer]; ok {
		return s
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", document.doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("openapi.json#" + pointer)
	if err != nil {
		t.Errorf("the document has no schema at %s: %v", pointer, err)
	}
	document.schemas[pointer] = s
	return s
}

// pointerTo answers a JSON pointer to an operation's part.
func pointerTo(rt *route, parts ...string) string {
	p := "/paths/" + strings.ReplaceAll(rt.path, "/", "~1") + "/" + strings.ToLower(rt.method)
	for _, part := range parts {
		p += "/" + strings.ReplaceAll(part, "/", "~1")
	}
	return p
}

// hold checks an answer against the document.
func (r *rig) hold(req *http.Request, a *reply) {
	r.t.Helper()
	contentType, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	var pointer string
	switch {
	case contentType == "application/problem+json":
		pointer = "/components/responses/Problem/content/application~1problem+json/schema"
	case contentType == "application/json" && a.status/100 == 2:
		rt := r.routeOf(req)
		if rt == nil || rt.op == "getOpenAPI" {
			return
		}
		pointer = pointerTo(rt, "responses", strconv.Itoa(a.status), "content", "application/json", "schema")
	default:
		return
	}
	s := schemaAt(r.t, r.api, pointer)
	if s == nil {
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err != nil {
		r.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	if m, ok := v.(map[string]any); ok && pointer[1] == 'c' {
		delete(m, "error") // RFC 6749 has two more members
		delete(m, "error_description")
	}
	if err := s.Validate(v); err != nil {
		r.t.Errorf("%s %s: the answer does not fit the document: %v\n%.800s", req.Method, req.URL.Path, err, a.body)
	}
}

// routeOf finds the route that takes a request.
func (r *rig) routeOf(req *http.Request) *route {
	_, pattern := r.api.mux.Handler(req)
	for _, rt := range r.api.routes {
		if rt.pattern == pattern {
			return rt
		}
	}
	return nil
}

func TestTheDocumentHoldsForItsExamples(t *testing.T) {
	r := startRig(t)
	n := 0
	for _, rt := range r.api.routes {
		if rt.bodyExample == "" {
			continue
		}
		n++
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(rt.bodyExample))
		if err != nil {
			t.Fatal(err)
		}
		if key := pathKey(rt); key != "" { // what the path names may be left out of the body
			v.(map[string]any)[key] = "X"
		}
		if err := schemaAt(t, r.api, pointerTo(rt, "requestBody", "content", defaulted(rt.bodyTypes)[0], "schema")).Validate(v); err != nil {
			t.Errorf("%s: the example does not fit its schema: %v", rt.pattern, err)
		}
	}
	if n < 8 {
		t.Errorf("only %d examples", n)
	}
}

// pathKey answers the member of a body that the path of a PUT names.
func pathKey(rt *route) string {
	for _, k := range append(catalogKinds, propertyKind) {
		if rt.method == "PUT" && rt.body == k.body {
			return k.key
		}
	}
	for _, k := range hubKinds {
		if rt.method == "PUT" && rt.body == k.body {
			return k.key
		}
	}
	return ""
}

func TestEveryReferenceOfTheDocumentLeadsSomewhere(t *testing.T) {
	r := startRig(t)
	for _, rt := range r.api.routes {
		if rt.body != nil && rt.rights != ownSecrets {
			schemaAt(t, r.api, pointerTo(rt, "requestBody", "content", defaulted(rt.bodyTypes)[0], "schema"))
		}
	}
}
