package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/store"
)

func (a *api) updateRoutes() []*route {
	key := param{name: "Idempotency-Key", doc: "Identity of the request, 1 to 128 bytes: a repeat with it is answered with the first outcome, other content with it is a conflict. In a batch or stream each update without an id of its own has the key and its index."}
	return []*route{
		{
			method: "POST", path: "/v1/updates", op: "sendUpdate", tag: "Updates", scope: scopeARIWrite, rights: byBody,
			summary: "Send an update of one property", headers: []param{key}, query: []param{pDryRun, pChanges},
			doc: "All of it is applied, or nothing. Answered after it is committed and can be read. A repeat (same id, or same content and source time) is answered with the first outcome. " +
				"Bad input is refused with every fault at once, recorded under message_id, and changes nothing.",
			body: typeOf[canonical.Update](), bodyExample: updateExample, answer: typeOf[receiptJSON](),
			problems: []string{"invalid_request", canonical.CodeSyntax, "unknown_property", ari.CodeNotOwner, "identity_conflict", "too_old", "property_busy", "busy", "no_connection"},
			handle:   (*request).sendUpdate, endless: true,
		},
		{
			method: "POST", path: "/v1/updates/batch", op: "sendUpdates", tag: "Updates", scope: scopeARIWrite, rights: byBody,
			summary: "Send updates of several properties", headers: []param{key}, query: []param{pDryRun, pChanges}, bodyMax: bodyMaxBatch, counts: true,
			doc:  "Each update is judged for itself and answered at its index: a receipt, or a problem. Updates of one property are applied in their order.",
			body: typeOf[batchJSON](), answer: typeOf[batchAnswerJSON](), handle: (*request).sendBatch,
			problems: []string{canonical.CodeSyntax, canonical.CodeTooMany, "body_too_large"},
		},
		{
			method: "POST", path: "/v1/updates/stream", op: "streamUpdates", tag: "Updates", scope: scopeARIWrite, rights: byBody,
			summary: "Send a stream of updates, a line each", headers: []param{key}, query: []param{pDryRun}, bodyTypes: []string{ndjson}, answerTypes: []string{ndjson},
			doc: "NDJSON in, NDJSON out: a line of the answer for each line of the request, in order, with index and a receipt or a problem, written as they are committed. " +
				"Read the answer while sending: when it is not read, the stream waits. A line is at most 4 MiB; a line that is too long ends the stream.",
			body: typeOf[canonical.Update](), answer: typeOf[lineJSON](), handle: (*request).streamUpdates, endless: true, counts: true,
		},
	}
}

const ndjson = "application/x-ndjson"

const updateExample = `{"property":"ALP1","id":"pms-8831","source_time":"2026-11-22T09:30:00Z","items":[
 {"room_type":"DLX","rate_plan":"BAR","from":"2026-12-24","to":"2026-12-26","weekdays":["fri","sat"],
  "set":{"closed":false,"min_los_arrival":2,"rates":[{"adults":1,"after_tax":"100.00"},{"adults":2,"after_tax":"120.00"},{"child":{"from_age":3,"below_age":12},"after_tax":"20.00"}]},
  "clear":["cta"]},
 {"room_type":"DLX","from":"2026-12-24","to":"2026-12-26","set":{"inventory":{"net":5}}}]}`

// idempotencyKey answers the header's key, checked.
func (r *request) idempotencyKey() (string, error) {
	k := r.Header.Get("Idempotency-Key")
	if len(k) > canonical.IDMax || strings.IndexFunc(k, func(c rune) bool { return c < ' ' || c == 0x7f }) >= 0 {
		return "", badHeader("Idempotency-Key", "1 to 128 printable bytes", k)
	}
	return k, nil
}

func (r *request) sendUpdate() error {
	key, err := r.idempotencyKey()
	if err != nil {
		return err
	}
	if err := r.api.s.Busy(""); err != nil {
		return err // before the body is read (S27)
	}
	if err := r.wantType("application/json"); err != nil {
		return err
	}
	raw, err := r.readBody()
	if err != nil {
		return err
	}
	out := &outcome{r: r, dryRun: r.flag("dry_run"), changes: r.flag("changes")}
	out.submit(raw, "", key, false)
	if out.problem != nil {
		return out.problem
	}
	if n := out.notWriter; n != nil {
		return n
	}
	return r.bytes(http.StatusOK, append(out.append(nil), '\n'))
}

// outcome is what became of one update of a request.
type outcome struct {
	r         *request
	dryRun    bool
	changes   bool
	message   canonical.Message
	receipt   hub.Receipt
	problem   *Problem
	notWriter *hub.NotWriterError
}

// submit judges and commits one update. strictKey is the request's identity for it; indexed says that it is one of several, so that the update's
// own id comes first (S19).
func (o *outcome) submit(raw []byte, prefix, strictKey string, indexed bool) {
	r := o.r
	if err := canonical.DecodeAt(raw, prefix, &o.message); err != nil {
		o.refuse(raw, err)
		return
	}
	u := &o.message.Update
	conn, err := r.mayWrite(u.Property)
	if err != nil {
		o.problem = problemOf(err)
		return
	}
	u.By, u.Connection, u.RequestID = r.author(), conn.ID, r.id
	s := &hub.Submission{Update: *u, DryRun: o.dryRun, Sequence: o.message.Sequence, Message: r.record(o.kept(raw), conn.ID, u.Property)}
	s.Identity = hub.Identity{ID: o.message.ID, Strict: o.message.Adjusts, Content: canonical.Content(u)}
	if strictKey != "" && (o.message.ID == "" || !indexed) {
		s.Identity.ID, s.Identity.Strict = strictKey, true
	}
	if o.dryRun {
		s.Message = nil
	}
	o.receipt, err = r.api.s.Submit(r.Context(), s)
	o.settle(err, prefix)
}

// mayWrite answers the connection that a property is written as, or why it may not be.
func (r *request) mayWrite(property string) (hub.Connection, error) {
	if !r.who.may(property) || property == ari.HubProperty {
		return hub.Connection{}, problem("unknown_property", "")
	}
	return r.writesAs(property)
}

// record answers what is kept of a message.
func (r *request) record(raw []byte, connection, property string) *store.Message {
	return &store.Message{Received: r.api.o.Now(), Connection: connection, Property: property, Protocol: "json", Kind: "update", Raw: raw, Source: r.who.client}
}

// settle turns the service's error into a problem, with the places of the request.
func (o *outcome) settle(err error, prefix string) {
	if err == nil {
		return
	}
	if errors.As(err, &o.notWriter) {
		return
	}
	var u *ari.UpdateError
	if errors.As(err, &u) {
		o.problem = refused(u, func(e *ari.ItemError) string { return prefix + o.message.PointerOf(e.Item, e.Path) })
	} else {
		o.problem = problemOf(err)
	}
	o.problem.MessageID = o.receipt.MessageID
	if o.dryRun {
		o.problem.MessageID = ""
	}
}

// refusedRawMax bounds what is kept of a body that could not be read: enough to see what it was.
const refusedRawMax = 64 << 10

// refuse answers a body that could not be decoded; the message is recorded, with what is wrong (issue: never dropped silently).
func (o *outcome) refuse(raw []byte, cause error) {
	r := o.r
	o.problem = problemOf(cause)
	if o.dryRun {
		return
	}
	s := &hub.Submission{Update: ari.Update{By: r.author(), RequestID: r.id}, Message: r.record(scrubJSON(raw[:min(len(raw), refusedRawMax)]), r.who.connection, o.message.Update.Property)}
	for _, f := range o.problem.Errors {
		s.Refused = append(s.Refused, &ari.ItemError{Item: itemOf(f.Pointer), Code: f.Code, Path: f.Pointer, Got: f.Got, Expected: f.Expected})
	}
	if p := s.Message.Property; p != "" && (ari.CheckCode(p) != nil || !r.who.may(p)) {
		s.Message.Property = ""
	}
	receipt, err := r.api.s.Submit(r.Context(), s)
	if err == nil {
		o.problem.MessageID = receipt.MessageID
	} else if errors.As(err, &o.notWriter) {
		o.problem = nil // the writer keeps it, and answers
	}
}

// itemOf answers the index of the item that a pointer names; 0 if it names none.
func itemOf(pointer string) int {
	n := 0
	if _, rest, ok := strings.Cut(pointer, "/items/"); ok {
		for i := 0; i < len(rest) && rest[i] >= '0' && rest[i] <= '9' && n < canonical.ItemsMax; i++ {
			n = n*10 + int(rest[i]-'0')
		}
	}
	return n
}

// append writes the receipt, or the problem.
func (o *outcome) append(b []byte) []byte {
	if o.problem != nil {
		o.problem.RequestID = o.r.id
		p, _ := json.Marshal(o.problem) // strings and numbers only
		return append(b, p...)
	}
	return appendReceipt(b, &o.receipt, o.dryRun, o.changes || o.dryRun, o.message.PointerOf)
}

// guard runs f; a panic is caught, logged and answered as our fault (S27): it runs on a goroutine of ours.
func (o *outcome) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			o.r.api.o.Log.Error("panic", "route", o.r.route.pattern, "request_id", o.r.id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			o.problem = problem("internal", "")
		}
	}()
	f()
}

// kept answers the raw copy of an accepted body: only below unknown can it say what must not be kept (S37).
func (o *outcome) kept(raw []byte) []byte {
	for i := range o.message.Update.Statements {
		if o.message.Update.Statements[i].Field == ari.UnknownField {
			return scrubJSON(raw)
		}
	}
	return raw
}
