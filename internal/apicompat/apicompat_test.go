package apicompat

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// small is a document with one of each thing that is compared.
const small = `{"openapi":"3.1.0","paths":{
 "/v1/rooms/{code}":{
  "get":{"security":[{"token":["read"]}],
   "parameters":[{"in":"path","name":"code","required":true,"schema":{"type":"string"}},
    {"in":"query","name":"limit","schema":{"type":"integer","minimum":1,"maximum":100}},{"in":"query","name":"order","schema":{"type":"string","enum":["up","down"]}}],
   "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Room"}}}},"default":{"$ref":"#/components/responses/Problem"}}},
  "put":{"security":[{"token":["write"]}],"parameters":[{"in":"path","name":"code","required":true,"schema":{"type":"string"}}],
   "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NewRoom"}},"text/csv":{"schema":{"type":"string"}}}},
   "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Room"}}}},"201":{"content":{"application/json":{"schema":{"type":"object"}}}}}}},
 "/v1/beds":{"post":{"responses":{"200":{}}}}},
"components":{"responses":{"Problem":{"content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},
 "schemas":{
  "Problem":{"type":"object","required":["code"],"properties":{"code":{"type":"string"}}},
  "NewRoom":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"type":"string","minLength":1,"maxLength":64},"beds":{"type":"integer"},
    "note":{"type":"string"},"opened":{"type":"string","format":"date"},"tags":{"type":"array","maxItems":5,"items":{"type":"string"}},"free":{"type":"object"},"parent":{"$ref":"#/components/schemas/NewRoom"}}},
  "Room":{"type":"object","required":["name","state"],"properties":{"name":{"type":"string"},"state":{"type":"string","enum":["open","shut"]},"size":{"type":"number"},"at":{"type":"string","format":"date-time"},
    "within":{"$ref":"#/components/schemas/Room"},"beds":{"type":"array","items":{"type":"object","properties":{"width":{"type":"integer"}}}},"by_day":{"type":"object","additionalProperties":{"type":"integer"}}}}}}}`

// at follows names through a document.
func at(t *testing.T, doc map[string]any, path ...string) map[string]any {
	t.Helper()
	for _, name := range path {
		next, ok := doc[name].(map[string]any)
		if !ok {
			t.Fatalf("no %s of %v", name, path)
		}
		doc = next
	}
	return doc
}

// changed answers the small document with a change.
func changed(t *testing.T, change func(get, put, room, newRoom, doc map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(small), &doc); err != nil {
		t.Fatal(err)
	}
	item := at(t, doc, "paths", "/v1/rooms/{code}")
	change(at(t, item, "get"), at(t, item, "put"), at(t, doc, "components", "schemas", "Room"), at(t, doc, "components", "schemas", "NewRoom"), doc)
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type members = map[string]any

func props(schema members) members { return schema["properties"].(members) }
func prop(schema members, name string) members {
	return props(schema)[name].(members)
}
func parameter(op members, i int) members { return op["parameters"].([]any)[i].(members) }

// breaking has at least one change of each kind.
var breaking = []struct {
	name   string
	kind   Kind
	at     string // in the break's place
	change func(get, put, room, newRoom, doc members)
}{
	{"a path is gone", PathGone, "/v1/beds", func(_, _, _, _, doc members) { delete(doc["paths"].(members), "/v1/beds") }},
	{"a method is gone", MethodGone, "PUT /v1/rooms", func(_, _, _, _, doc members) { delete(doc["paths"].(members)["/v1/rooms/{code}"].(members), "put") }},
	{"a parameter is gone", ParameterGone, "query limit", func(get, _, _, _, _ members) { get["parameters"] = get["parameters"].([]any)[:1] }},
	{"a parameter moves", ParameterGone, "query limit", func(get, _, _, _, _ members) { parameter(get, 1)["in"] = "header" }},
	{"a parameter becomes required", ParameterRequired, "query limit", func(get, _, _, _, _ members) { parameter(get, 1)["required"] = true }},
	{"a new parameter is required", ParameterRequired, "query hotel", func(get, _, _, _, _ members) {
		get["parameters"] = append(get["parameters"].([]any), members{"in": "query", "name": "hotel", "required": true, "schema": members{"type": "string"}})
	}},
	{"a parameter's type changes", TypeChanged, "query limit", func(get, _, _, _, _ members) { parameter(get, 1)["schema"] = members{"type": "string"} }},
	{"a parameter's bound falls", BoundNarrowed, "query limit", func(get, _, _, _, _ members) { parameter(get, 1)["schema"].(members)["maximum"] = 50 }},
	{"a parameter's bound rises", BoundNarrowed, "query limit", func(get, _, _, _, _ members) { parameter(get, 1)["schema"].(members)["minimum"] = 2 }},
	{"a parameter's value is gone", EnumGone, "query order", func(get, _, _, _, _ members) { parameter(get, 2)["schema"].(members)["enum"] = []any{"up"} }},
	{"a parameter takes a list of values only", EnumAdded, "path code", func(get, _, _, _, _ members) { parameter(get, 0)["schema"].(members)["enum"] = []any{"A"} }},
	{"another scope is needed", SecurityChanged, "GET", func(get, _, _, _, _ members) { get["security"] = []any{members{"token": []any{"admin"}}} }},
	{"a scope more is needed", SecurityChanged, "GET", func(get, _, _, _, _ members) { get["security"] = []any{members{"token": []any{"read", "admin"}}} }},
	{"the body becomes required", BodyRequired, "PUT", func(_, put, _, _, _ members) { put["requestBody"].(members)["required"] = true }},
	{"a new body is required", BodyRequired, "POST /v1/beds", func(_, _, _, _, doc members) {
		doc["paths"].(members)["/v1/beds"].(members)["post"].(members)["requestBody"] = members{"required": true, "content": members{}}
	}},
	{"the body is gone", BodyGone, "PUT", func(_, put, _, _, _ members) { delete(put, "requestBody") }},
	{"a media type of the body is gone", MediaTypeGone, "body", func(_, put, _, _, _ members) { delete(put["requestBody"].(members)["content"].(members), "text/csv") }},
	{"a media type of the answer is gone", MediaTypeGone, "answer 200", func(get, _, _, _, _ members) {
		get["responses"].(members)["200"] = members{"content": members{"text/csv": members{}}}
	}},
	{"an answer's status is gone", AnswerGone, "answer 201", func(_, put, _, _, _ members) { delete(put["responses"].(members), "201") }},
	{"a property of the body is gone", PropertyGone, "body/beds", func(_, _, _, newRoom, _ members) { delete(props(newRoom), "beds") }},
	{"a property of the answer is gone", PropertyGone, "answer 200/size", func(_, _, room, _, _ members) { delete(props(room), "size") }},
	{"a property within a list is gone", PropertyGone, "answer 200/beds/*/width", func(_, _, room, _, _ members) { delete(props(prop(room, "beds")["items"].(members)), "width") }},
	{"a property of a shared answer is gone", PropertyGone, "answer default/code", func(_, _, _, _, doc members) {
		delete(props(doc["components"].(members)["schemas"].(members)["Problem"].(members)), "code")
	}},
	{"a property of the body becomes required", PropertyRequired, "body/beds", func(_, _, _, newRoom, _ members) { newRoom["required"] = []any{"name", "beds"} }},
	{"a new property of the body is required", PropertyRequired, "body/view", func(_, _, _, newRoom, _ members) {
		props(newRoom)["view"] = members{"type": "string"}
		newRoom["required"] = []any{"name", "view"}
	}},
	{"a property of the answer becomes optional", PropertyOptional, "answer 200/state", func(_, _, room, _, _ members) { room["required"] = []any{"name"} }},
	{"a type of the body changes", TypeChanged, "body/beds", func(_, _, _, newRoom, _ members) { prop(newRoom, "beds")["type"] = "string" }},
	{"a type of the answer changes", TypeChanged, "answer 200/size", func(_, _, room, _, _ members) { prop(room, "size")["type"] = "string" }},
	{"an answer may be null", TypeChanged, "answer 200/size", func(_, _, room, _, _ members) { prop(room, "size")["type"] = []any{"number", "null"} }},
	{"an answer may be null, said otherwise", TypeChanged, "answer 200/within", func(_, _, room, _, _ members) {
		props(room)["within"] = members{"anyOf": []any{members{"$ref": "#/components/schemas/Room"}, members{"type": "null"}}}
	}},
	{"an integer of the body must not be one", TypeChanged, "body/tags", func(_, _, _, newRoom, _ members) { prop(newRoom, "tags")["type"] = "object" }},
	{"values of a map change", TypeChanged, "answer 200/by_day/*", func(_, _, room, _, _ members) {
		prop(room, "by_day")["additionalProperties"] = members{"type": "string"}
	}},
	{"an answer's integer becomes any number", TypeChanged, "answer 200/by_day/*", func(_, _, room, _, _ members) {
		prop(room, "by_day")["additionalProperties"] = members{"type": "number"}
	}},
	{"the form of the body changes", FormatChanged, "body/opened", func(_, _, _, newRoom, _ members) { prop(newRoom, "opened")["format"] = "date-time" }},
	{"text of the body must have a form", FormatChanged, "body/note", func(_, _, _, newRoom, _ members) { prop(newRoom, "note")["pattern"] = "^x" }},
	{"the form of the answer is lost", FormatChanged, "answer 200/at", func(_, _, room, _, _ members) { delete(prop(room, "at"), "format") }},
	{"an enumeration's value is gone", EnumGone, "answer 200/state", func(_, _, room, _, _ members) { prop(room, "state")["enum"] = []any{"open"} }},
	{"text of the body becomes an enumeration", EnumAdded, "body/note", func(_, _, _, newRoom, _ members) { prop(newRoom, "note")["enum"] = []any{"a"} }},
	{"a length falls", BoundNarrowed, "body/name", func(_, _, _, newRoom, _ members) { prop(newRoom, "name")["maxLength"] = 32 }},
	{"a bound comes", BoundNarrowed, "body/beds", func(_, _, _, newRoom, _ members) { prop(newRoom, "beds")["maximum"] = 9 }},
	{"fewer items", BoundNarrowed, "body/tags", func(_, _, _, newRoom, _ members) { prop(newRoom, "tags")["maxItems"] = 4 }},
	{"an open object of the body is closed", Closed, "body/free", func(_, _, _, newRoom, _ members) { prop(newRoom, "free")["additionalProperties"] = false }},
}

func TestEachKindOfBreakIsNoticed(t *testing.T) {
	shown := map[Kind]bool{}
	for _, b := range breaking {
		got, err := Compare([]byte(small), changed(t, b.change))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 || slices.ContainsFunc(got, func(x Break) bool { return x.Kind != b.kind }) || !strings.Contains(got[0].At, b.at) {
			t.Errorf("%s: %v, want %s at %s alone", b.name, got, b.kind, b.at)
		}
		shown[b.kind] = true
	}
	for _, row := range Table {
		if !shown[row.Kind] {
			t.Errorf("no change shows %s", row.Kind)
		}
		delete(shown, row.Kind)
	}
	if len(shown) > 0 {
		t.Errorf("not in the table: %v", shown)
	}
}

func TestAdditionsAreNoBreaks(t *testing.T) {
	for name, change := range map[string]func(get, put, room, newRoom, doc members){
		"nothing": func(_, _, _, _, _ members) {},
		"a path": func(_, _, _, _, doc members) {
			doc["paths"].(members)["/v1/new"] = members{"get": members{"responses": members{}}}
		},
		"a method": func(_, _, _, _, doc members) {
			doc["paths"].(members)["/v1/beds"].(members)["get"] = members{"responses": members{}}
		},
		"an answer": func(get, _, _, _, _ members) { get["responses"].(members)["202"] = members{} },
		"an optional parameter": func(get, _, _, _, _ members) {
			get["parameters"] = append(get["parameters"].([]any), members{"in": "query", "name": "why", "schema": members{"type": "boolean"}})
		},
		"a parameter's value": func(get, _, _, _, _ members) {
			parameter(get, 2)["schema"].(members)["enum"] = []any{"up", "down", "around"}
		},
		"a wider bound": func(get, _, _, _, _ members) { parameter(get, 1)["schema"].(members)["maximum"] = 1000 },
		"no bound":      func(_, _, _, newRoom, _ members) { delete(prop(newRoom, "name"), "maxLength") },
		"another way in": func(get, _, _, _, _ members) {
			get["security"] = append(get["security"].([]any), members{"basic": []any{}})
		},
		"a scope less": func(get, _, _, _, _ members) { get["security"] = []any{members{"token": []any{}}} },
		"a media type": func(_, put, _, _, _ members) {
			put["requestBody"].(members)["content"].(members)["text/xml"] = members{}
		},
		"an optional property of a body":   func(_, _, _, newRoom, _ members) { props(newRoom)["view"] = members{"type": "string"} },
		"a property of an answer":          func(_, _, room, _, _ members) { props(room)["view"] = members{"type": "string"} },
		"a required property of an answer": func(_, _, room, _, _ members) { room["required"] = []any{"name", "state", "size"} },
		"an optional one of a body":        func(_, _, _, newRoom, _ members) { newRoom["required"] = []any{} },
		"a value of an answer":             func(_, _, room, _, _ members) { prop(room, "state")["enum"] = []any{"open", "shut", "ajar"} },
		"a type of a body":                 func(_, _, _, newRoom, _ members) { prop(newRoom, "beds")["type"] = []any{"integer", "null"} },
		"a wider number of a body":         func(_, _, _, newRoom, _ members) { prop(newRoom, "beds")["type"] = "number" },
		"a narrower number of an answer":   func(_, _, room, _, _ members) { prop(room, "size")["type"] = "integer" },
		"a form of an answer":              func(_, _, room, _, _ members) { prop(room, "name")["format"] = "code" },
		"no form of a body":                func(_, _, _, newRoom, _ members) { delete(prop(newRoom, "opened"), "format") },
		"a schema that got another name": func(_, _, room, _, doc members) {
			schemas := doc["components"].(members)["schemas"].(members)
			schemas["Chamber"] = room
			delete(schemas, "Room")
			props(room)["within"] = members{"$ref": "#/components/schemas/Chamber"}
			for _, method := range []string{"get", "put"} {
				op := doc["paths"].(members)["/v1/rooms/{code}"].(members)[method].(members)
				op["responses"].(members)["200"] = members{"content": members{"application/json": members{"schema": members{"$ref": "#/components/schemas/Chamber"}}}}
			}
		},
	} {
		if got, err := Compare([]byte(small), changed(t, change)); err != nil || len(got) > 0 {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	if _, err := Compare([]byte(small), []byte("no")); err == nil {
		t.Error("taken")
	}
}
