package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// catalogKind is a kind of object of a property's catalog, as a resource.
type catalogKind struct {
	segment string // of the path
	kind    string
	name    string // for people
	key     string // JSON name of its code
	body    reflect.Type
	list    reflect.Type
	example string
}

var catalogKinds = []catalogKind{
	{"room-types", ari.KindRoomType, "room type", "code", typeOf[ari.RoomType](), typeOf[listOf[ari.RoomType]](), `{"name":"Deluxe double","std_occupancy":2,"max_occupancy":4}`},
	{"room-classes", ari.KindRoomClass, "room class", "code", typeOf[ari.RoomClass](), typeOf[listOf[ari.RoomClass]](), `{"name":"Sea side"}`},
	{"pools", ari.KindPool, "pool", "code", typeOf[ari.Pool](), typeOf[listOf[ari.Pool]](), `{"name":"Rooms of the old wing"}`},
	{"rate-plans", ari.KindRatePlan, "rate plan", "code", typeOf[ari.RatePlan](), typeOf[listOf[ari.RatePlan]](), `{"name":"Best available","fill":"exact"}`},
	{"rate-categories", ari.KindRateCategory, "rate category", "code", typeOf[ari.RateCategory](), typeOf[listOf[ari.RateCategory]](), `{"name":"Corporate"}`},
	{"blocks", ari.KindBlock, "block", "id", typeOf[ari.Block](), typeOf[listOf[ari.Block]](), `{"name":"Wedding","deducts":true,"open_for_pickup":true,"cutoff":"2026-12-01"}`},
}

// listOf is a page of a list.
type listOf[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"cursor of the next page; null: this was the last."`
}

// listJSON is a page of a list as handlers fill it.
type listJSON = listOf[any]

var propertyKind = catalogKind{"", ari.KindProperty, "property", "code", typeOf[ari.Property](), typeOf[listOf[ari.Property]](), `{"name":"Alpenhof","time_zone":"Europe/Vienna","currency":"EUR"}`}

func (a *api) catalogRoutes() []*route {
	out := []*route{{
		method: "GET", path: "/v1/properties", op: "listProperties", tag: "Catalog", scope: scopeConfigRead, rights: filtered,
		summary: "Properties", query: []param{pLimit, pCursor}, answer: propertyKind.list, handle: (*request).listProperties,
	}}
	out = append(out, a.objectRoutes(propertyKind, "/v1/properties/{property}", "Property")...)
	for _, k := range catalogKinds {
		op := opName(k.segment)
		base := "/v1/properties/{property}/" + k.segment
		out = append(out, &route{
			method: "GET", path: base, op: "list" + op, tag: "Catalog", scope: scopeConfigRead, rights: byPath, summary: "List " + strings.ReplaceAll(k.segment, "-", " "),
			query: []param{pLimit, pCursor}, answer: k.list, handle: func(r *request) error { return r.listObjects(k) },
		})
		out = append(out, a.objectRoutes(k, base+"/{code}", op)...)
	}
	return out
}

// opName makes an operation's name of a path's segment: room-types, RoomTypes.
func opName(segment string) string {
	var b strings.Builder
	for _, w := range strings.Split(segment, "-") {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

// objectRoutes are GET, PUT and DELETE of one object.
func (a *api) objectRoutes(k catalogKind, path, op string) []*route {
	write := []param{pDryRun, pChanges, pReason}
	return []*route{
		{
			method: "GET", path: path, op: "get" + op, tag: "Catalog", scope: scopeConfigRead, rights: byPath, summary: "Get a " + k.name,
			query: []param{pAtLeast}, answer: k.body, handle: func(r *request) error { return r.getObject(k) }, problems: []string{"unknown_property", "not_found"},
		},
		{
			method: "PUT", path: path, op: "put" + op, tag: "Catalog", scope: scopeConfigWrite, rights: byPath, summary: "Make or change a " + k.name,
			doc:   "An upsert by natural key: what the body leaves out takes its default. The answer's ETag is the object's for If-Match.",
			query: write, headers: []param{hIfMatch, hIfNone}, body: k.body, bodyExample: k.example, bodyMax: 1 << 20, answer: typeOf[receiptJSON](),
			handle: func(r *request) error { return r.putObject(k) }, problems: []string{"precondition_failed", ari.CodeBadObject, ari.CodeDerivedCycle, ari.CodeDerivedMismatch},
		},
		{
			method: "DELETE", path: path, op: "delete" + op, tag: "Catalog", scope: scopeConfigWrite, rights: byPath, summary: "Delete a " + k.name,
			query: write, headers: []param{hIfMatch}, answer: typeOf[receiptJSON](), handle: func(r *request) error { return r.deleteObject(k) },
			problems: []string{"not_found", ari.CodeInUse, "precondition_failed"},
		},
	}
}

// code answers the object's code in the path: a property's own.
func (r *request) code(k catalogKind) string {
	if k.kind == ari.KindProperty {
		return r.property()
	}
	return r.PathValue("code")
}

// known refuses a property that is not there, or is the hub's own.
func (r *request) known() error {
	if r.property() == ari.HubProperty {
		return problem("unknown_property", "")
	}
	if _, _, err := r.api.s.Object(r.property(), ari.KindProperty, r.property()); err != nil {
		if notFound(err) {
			return problem("unknown_property", "")
		}
		return err
	}
	return nil
}

func (r *request) getObject(k catalogKind) error {
	if err := r.atLeast(); err != nil {
		return err
	}
	if err := r.known(); err != nil {
		return err
	}
	body, revision, err := r.api.s.Object(r.property(), k.kind, r.code(k))
	if err != nil {
		return err
	}
	return r.object(body, revision)
}

// object answers an object with its ETag; 304 if the caller has it.
func (r *request) object(body []byte, revision int64) error {
	tag := etag(revision)
	r.w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		r.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return r.bytes(http.StatusOK, append(body, '\n'))
}

func (r *request) putObject(k catalogKind) error {
	code := r.code(k)
	if err := ari.CheckCode(code); err != nil || code == ari.HubProperty || k.kind != ari.KindProperty && r.property() == ari.HubProperty {
		return fault(canonical.CodeFormat, "", "a code of 1 to 64 printable bytes in the path", code, "")
	}
	if k.kind != ari.KindProperty {
		if err := r.known(); err != nil {
			return err
		}
	}
	_, now, _ := r.api.s.Object(r.property(), k.kind, code)
	version, err := r.version(now)
	if err != nil {
		return err
	}
	v := reflect.New(k.body).Interface()
	if err := r.decodeNamed(k, code, v); err != nil {
		return err
	}
	if err := r.keepsStage(v); err != nil {
		return err
	}
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return r.put(r.property(), k.kind, code, body, version)
}

// keepsStage refuses a put of a property that names another stage than it is in: the way to a stage is through its gates.
func (r *request) keepsStage(v any) error {
	p, ok := v.(*ari.Property)
	if !ok || p.Stage == "" {
		return nil
	}
	now := ari.StageDraft
	if b, _, err := r.api.s.Object(p.Code, ari.KindProperty, p.Code); err == nil {
		var old ari.Property
		if err := json.Unmarshal(b, &old); err != nil {
			return err
		}
		now = old.StageNow()
	}
	if p.Stage != now {
		return fault(codeStageOrder, "/stage", string(now)+", or left out", string(p.Stage), "POST /v1/properties/"+p.Code+"/stage")
	}
	return nil
}

// decodeNamed reads the body into v with its code, which the body may leave out.
func (r *request) decodeNamed(k catalogKind, code string, v any) error {
	if err := r.wantType("application/json"); err != nil {
		return err
	}
	b, err := r.readBody()
	if err != nil {
		return err
	}
	b, err = named(b, k.key, code)
	if err != nil {
		return err
	}
	return r.api.strict(b, r.route.body, v)
}

// named answers a JSON object with the member key, which must be code if it is there.
func named(body []byte, key, code string) ([]byte, error) {
	tree, err := parseTree(body)
	if err != nil {
		return nil, err
	}
	m, ok := tree.(map[string]any)
	if !ok {
		return nil, fault(canonical.CodeType, "", "an object", canonical.Clip(body), "")
	}
	if have, ok := m[key]; ok && have != code {
		got, _ := json.Marshal(have)
		return nil, fault("other_code", "/"+key, code+", as in the path", canonical.Clip(got), "leave it out")
	}
	m[key] = code
	return json.Marshal(m)
}

// put puts an object and answers the receipt.
func (r *request) put(property, kind, code string, body []byte, version int64) error {
	_, before, err := r.api.s.Object(property, kind, code)
	there := err == nil
	rc, err := r.api.s.PutObject(r.because(), r.author(), property, kind, code, body, version, r.flag("dry_run"))
	if err != nil {
		return objectError(err)
	}
	status := http.StatusCreated
	if there {
		status = http.StatusOK
	}
	if !r.flag("dry_run") {
		tag := before
		if _, now, err := r.api.s.Object(property, kind, code); err == nil {
			tag = now
		}
		r.w.Header().Set("ETag", etag(tag))
	}
	return r.receipt(&rc, status)
}

// objectError gives the refusal of an object the pointers of its body.
func objectError(err error) error {
	if u, ok := err.(*ari.UpdateError); ok {
		return refused(u, func(e *ari.ItemError) string { return objectPointer(e.Path) })
	}
	return err
}

// objectPointer turns ari's path in an object ("object.parent", "derive.0.from") into a pointer of the body.
func objectPointer(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "object"), ".")
	if path == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(path, ".", "/")
}

func (r *request) deleteObject(k catalogKind) error {
	if err := r.known(); err != nil {
		return err
	}
	return r.remove(r.property(), k.kind, r.code(k))
}

// remove deletes an object and answers the receipt.
func (r *request) remove(property, kind, code string) error {
	_, now, err := r.api.s.Object(property, kind, code)
	if err != nil {
		return err
	}
	version, err := r.version(now)
	if err != nil {
		return err
	}
	rc, err := r.api.s.PutObject(r.because(), r.author(), property, kind, code, nil, version, r.flag("dry_run"))
	if err != nil {
		return objectError(err)
	}
	return r.receipt(&rc, http.StatusOK)
}

func (r *request) listObjects(k catalogKind) error {
	if err := r.known(); err != nil {
		return err
	}
	after, err := r.cursor()
	if err != nil {
		return err
	}
	limit := r.limit()
	codes := r.api.s.ObjectCodes(r.property(), k.kind, after, limit+1)
	return r.page(codes, limit, func(code string) (json.RawMessage, bool) {
		b, _, err := r.api.s.Object(r.property(), k.kind, code)
		return b, err == nil
	})
}

func (r *request) listProperties() error {
	after, err := r.cursor()
	if err != nil {
		return err
	}
	limit := r.limit()
	codes := r.granted(after, limit+1)
	return r.page(codes, limit, func(code string) (json.RawMessage, bool) {
		b, _, err := r.api.s.Object(code, ari.KindProperty, code)
		return b, err == nil
	})
}

// granted answers the codes of properties that the caller may see, after one.
func (r *request) granted(after string, limit int) (out []string) {
	if r.who.whole() {
		return r.api.s.Properties(after, limit)
	}
	for _, code := range r.who.properties {
		if code > after && len(out) < limit {
			if _, _, err := r.api.s.Object(code, ari.KindProperty, code); err == nil {
				out = append(out, code)
			}
		}
	}
	return out
}

// page answers a page of codes, of which there may be one more than limit, each shown by show.
func (r *request) page(codes []string, limit int, show func(code string) (json.RawMessage, bool)) error {
	out := struct {
		Items []json.RawMessage `json:"items"`
		Next  *string           `json:"next"`
	}{Items: []json.RawMessage{}}
	for i, c := range codes {
		if i == limit {
			next := cursorOf(codes[limit-1])
			out.Next = &next
			break
		}
		if b, ok := show(c); ok {
			out.Items = append(out.Items, b)
		}
	}
	return r.json(http.StatusOK, out)
}

// cursorOf answers the opaque cursor after a key. Nothing is secret in it, and nothing is granted by it: a made-up one finds no more than a
// made-up limit would.
func cursorOf(key string) string { return base64.RawURLEncoding.EncodeToString([]byte("1" + key)) }

// cursor answers the key behind the request's cursor; "" for none.
func (r *request) cursor() (string, error) {
	v := r.q.Get("cursor")
	if v == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil || len(b) < 1 || b[0] != '1' {
		return "", badParam("cursor", "next of the page before", v)
	}
	return string(b[1:]), nil
}
