package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/store"
)

// request is one request on its way through a route.
type request struct {
	*http.Request
	w     *answer
	api   *api
	route *route
	id    string
	who   caller
	q     url.Values
	body  []byte // as read, uncompressed; kept to be forwarded
}

// property answers the property of the path; its grant was checked.
func (r *request) property() string { return r.PathValue("property") }

// author answers who changes something by this request (S29).
func (r *request) author() ari.Author {
	if r.who.person != "" {
		return ari.Author{Kind: ari.ByPerson, ID: r.who.person}
	}
	return ari.Author{Kind: ari.ByClient, ID: r.who.client}
}

// because answers the request's context with what the audit trail is to say of it (S29).
func (r *request) because() context.Context {
	return hub.Because(r.Context(), r.id, r.str("reason"))
}

// readBody reads the body, uncompressed, within the route's bound.
func (r *request) readBody() ([]byte, error) {
	if r.body != nil {
		return r.body, nil
	}
	most := r.route.bodyMax
	if most == 0 {
		most = bodyMax
	}
	if r.ContentLength > most {
		return nil, tooLarge(most)
	}
	var src io.Reader = r.Body
	switch enc := r.Header.Get("Content-Encoding"); strings.ToLower(enc) {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(io.LimitReader(r.Body, most))
		if err != nil {
			return nil, fault(canonical.CodeSyntax, "", "a gzip body", "", "")
		}
		src = z
	default:
		return nil, problem("unsupported_media_type", "Content-Encoding "+canonical.Clip([]byte(enc))+" is not read; send gzip or none")
	}
	b, err := readAll(src, r.ContentLength, most)
	if err != nil {
		return nil, err
	}
	r.body = b
	return b, nil
}

// readAll reads all of src, at most most bytes; size is a guess, or -1.
func readAll(src io.Reader, size, most int64) ([]byte, error) {
	if size < 0 || size > most {
		size = 512
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	n, err := b.ReadFrom(io.LimitReader(src, most+1))
	if n > most {
		return nil, tooLarge(most)
	}
	if err != nil {
		return nil, fault(canonical.CodeSyntax, "", "a whole body", "cut off after "+strconv.FormatInt(n, 10)+" bytes", "")
	}
	return b.Bytes(), nil
}

func tooLarge(most int64) error {
	return problem("body_too_large", "at most "+strconv.FormatInt(most, 10)+" bytes")
}

// wantType refuses a body of another media type than those of the route.
func (r *request) wantType(types ...string) error {
	ct := r.Header.Get("Content-Type")
	if ct == "application/json" && types[0] == ct {
		return nil
	}
	m, p, err := mime.ParseMediaType(ct)
	charset := strings.ToLower(p["charset"])
	if err == nil && slices.Contains(types, m) && (charset == "" || charset == "utf-8" || charset == "utf8") {
		return nil
	}
	return problem("unsupported_media_type", "got "+canonical.Clip([]byte(ct))+"; send "+strings.Join(types, " or "))
}

// decode reads a JSON body into v, a pointer to the route's body type, strictly.
func (r *request) decode(v any) error {
	if err := r.wantType("application/json"); err != nil {
		return err
	}
	b, err := r.readBody()
	if err != nil {
		return err
	}
	return r.api.strict(b, r.route.body, v)
}

// readQuery checks the query against the route's parameters: unknown ones are refused.
func (r *request) readQuery() error {
	if r.URL.RawQuery == "" {
		for _, p := range r.route.query {
			if p.required {
				return badParams([]canonical.Fault{{Code: canonical.CodeMissing, Pointer: "?" + p.name, Expected: p.wants()}})
			}
		}
		return nil
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badParams([]canonical.Fault{{Code: canonical.CodeFormat, Pointer: "?", Expected: "a query of name=value pairs", Got: canonical.Clip([]byte(r.URL.RawQuery))}})
	}
	var faults []canonical.Fault
	names := make([]string, len(r.route.query))
	for i, p := range r.route.query {
		names[i] = p.name
		if f := p.check(q[p.name]); f != nil {
			faults = append(faults, *f)
		}
	}
	for _, name := range sortedKeys(q) {
		if slices.Contains(names, name) {
			continue
		}
		fix := "leave it out"
		if n := canonical.Nearest(name, names); n != "" {
			fix = "did you mean " + n + "?"
		}
		faults = append(faults, canonical.Fault{Code: canonical.CodeUnknownField, Pointer: "?" + name, Expected: "a parameter of this route", Got: canonical.Clip([]byte(name)), Fix: fix})
	}
	if len(faults) > 0 {
		return badParams(faults)
	}
	r.q = q
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func badParams(faults []canonical.Fault) error {
	p := problem("bad_parameter", "")
	p.Errors = faults
	p.Detail = (&canonical.Error{Faults: faults}).Error()
	return p
}

func badParam(name, expected, got string) error {
	return badParams([]canonical.Fault{{Code: canonical.CodeFormat, Pointer: "?" + name, Expected: expected, Got: canonical.Clip([]byte(got))}})
}

// wants says what a parameter's value must be.
func (p *param) wants() string {
	switch {
	case len(p.enum) > 0:
		return strings.Join(p.enum, ", ")
	case p.kind == number:
		return "integer " + strconv.FormatInt(p.min, 10) + ".." + strconv.FormatInt(p.max, 10)
	case p.kind == boolean:
		return "true or false"
	case p.kind == date:
		return "a date, YYYY-MM-DD"
	case p.kind == instant:
		return "an instant with zone, 2026-11-22T09:30:00Z"
	}
	return "text of 1 to 512 bytes"
}

// check answers what is wrong with a parameter's values.
func (p *param) check(values []string) *canonical.Fault {
	bad := func(code, got string) *canonical.Fault {
		return &canonical.Fault{Code: code, Pointer: "?" + p.name, Expected: p.wants(), Got: canonical.Clip([]byte(got))}
	}
	switch {
	case len(values) == 0 && p.required:
		return bad(canonical.CodeMissing, "")
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return bad(canonical.CodeTwice, strings.Join(values, ", "))
	}
	v := values[0]
	ok := v != "" && (len(v) <= 512 || p.kind == list && len(v) < 1<<16)
	switch p.kind {
	case number:
		n, err := strconv.ParseInt(v, 10, 64)
		ok = err == nil && n >= p.min && n <= p.max
	case boolean:
		ok = v == "true" || v == "false"
	case date:
		_, err := ari.ParseDate(v)
		ok = err == nil
	case instant:
		_, err := time.Parse(time.RFC3339, v)
		ok = err == nil
	}
	if ok && len(p.enum) > 0 {
		ok = slices.Contains(p.enum, v)
	}
	if !ok {
		return bad(canonical.CodeFormat, v)
	}
	return nil
}

// Values of checked parameters: absent ones are zero.

func (r *request) str(name string) string { return r.q.Get(name) }
func (r *request) flag(name string) bool  { return r.q.Get(name) == "true" }

func (r *request) number(name string) int64 {
	n, _ := strconv.ParseInt(r.q.Get(name), 10, 64)
	return n
}

// dryAsked answers whether a route that reads its query itself is asked for a dry run. What is neither true nor false is refused, so that nothing
// is applied by a slip.
func (r *request) dryAsked() (bool, error) {
	v, asked := r.URL.Query()["dry_run"]
	if f := pDryRun.check(v); asked && f != nil {
		return false, badParams([]canonical.Fault{*f})
	}
	return asked && v[0] == "true", nil
}

func (r *request) limit() int {
	if n := r.number("limit"); n > 0 {
		return int(n)
	}
	return limitDefault
}

func (r *request) list(name string) []string {
	v := r.q.Get(name)
	if v == "" {
		return nil
	}
	return strings.Split(v, ",")
}

// span answers from and to of the query, at most nightsMax nights; to defaults to from.
func (r *request) span(nightsMax int) (from, to ari.StayDate, err error) {
	from, _ = ari.ParseDate(r.q.Get("from"))
	to = from
	if v := r.q.Get("to"); v != "" {
		to, _ = ari.ParseDate(v)
	}
	if to < from || int(to-from) >= nightsMax {
		return 0, 0, badParam("to", "on or after from, at most "+strconv.Itoa(nightsMax)+" nights", r.q.Get("to"))
	}
	return from, to, nil
}

// position writes a position as the API shows it: epoch and number, opaque to readers (S32).
func position(p store.Position) string {
	return strconv.FormatUint(p.Epoch, 36) + "." + strconv.FormatInt(p.Seq, 10)
}

// parsePosition reads what position writes.
func parsePosition(s string) (p store.Position, ok bool) {
	epoch, seq, cut := strings.Cut(s, ".")
	e, err1 := strconv.ParseUint(epoch, 36, 64)
	n, err2 := strconv.ParseInt(seq, 10, 64)
	return store.Position{Epoch: e, Seq: n}, cut && err1 == nil && err2 == nil && n >= 0
}

// atLeast waits for the position that the reader asks for (S50).
func (r *request) atLeast() error {
	v := r.q.Get("at_least")
	if v == "" {
		return nil
	}
	p, ok := parsePosition(v)
	if !ok {
		return badParam("at_least", "a position that the API gave out", v)
	}
	return r.api.waitFor(r, p)
}

func (a *api) waitFor(r *request, p store.Position) error {
	err := a.s.AtLeast(r.Context(), p)
	if err != nil && !errors.Is(err, hub.ErrEpoch) && problemOf(err).Code == "timeout" {
		pr := problem("behind", "")
		pr.retryAfter = time.Second
		return pr
	}
	return err
}

// json answers v.
func (r *request) json(status int, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	return r.bytes(status, b.Bytes())
}

// bytes answers a JSON document that is written already.
func (r *request) bytes(status int, b []byte) error {
	h := r.w.Header()
	if h.Get("Content-Type") == "" {
		h["Content-Type"] = jsonType
	}
	if h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(len(b)))
	}
	r.w.WriteHeader(status)
	r.w.Write(b) // the reader is gone if this fails: nobody to tell
	return nil
}

var jsonType = []string{"application/json"}

// etag is the ETag of a revision.
func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

// version answers what If-Match and If-None-Match ask for, as hub.Service.PutObject takes it: 0 nothing, -1 must not exist. now is the object's
// revision, 0 if it is not there.
func (r *request) version(now int64) (int64, error) {
	if v := r.Header.Get("If-None-Match"); v != "" {
		if v != "*" {
			return 0, badHeader("If-None-Match", `"*"`, v)
		}
		return -1, nil
	}
	v := r.Header.Get("If-Match")
	switch {
	case v == "*" && now == 0:
		return 0, problem("precondition_failed", "it is not there")
	case v == "" || v == "*":
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(v, "W/"), `"`), 10, 64)
	if err != nil || n < 1 {
		return 0, badHeader("If-Match", "an ETag that the API gave out", v)
	}
	return n, nil
}

func badHeader(name, expected, got string) error {
	return badParams([]canonical.Fault{{Code: canonical.CodeFormat, Pointer: name, Expected: expected, Got: canonical.Clip([]byte(got))}})
}
