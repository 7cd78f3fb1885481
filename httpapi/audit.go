package httpapi

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// auditJSON is a page of the audit trail.
type auditJSON struct {
	Items []auditItemJSON `json:"items"`
	Next  *string         `json:"next" doc:"cursor of what is older; null: that was all. A page may be short, or empty, and have one."`
}

// auditItemJSON is one entry of the feed as the audit trail shows it: who changed what, why, by which request, when. It documents what appendAudit
// writes.
type auditItemJSON struct {
	At         string            `json:"at" format:"date-time" doc:"When it was committed."`
	Position   string            `json:"position"`
	Property   string            `json:"property" doc:"_hub: connections, profiles, mappings, clients and their secrets."`
	Revision   int64             `json:"revision"`
	By         authorJSON        `json:"by"`
	Connection string            `json:"connection,omitempty" doc:"As which ARI was written."`
	RequestID  string            `json:"request_id,omitempty"`
	MessageID  string            `json:"message_id,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	What       []auditWhatJSON   `json:"what" doc:"What was changed, at most 100."`
	More       int               `json:"more,omitempty" doc:"Changes that what leaves out."`
	Changes    *entryChangesJSON `json:"changes,omitempty" doc:"Old and new values, as in the feed; with changes=true."`
}

// auditWhatJSON is one thing that an entry changed.
type auditWhatJSON struct {
	Kind   string `json:"kind" doc:"ari, overlay, hold, or an object's kind: property, room_type, connection, client ... The list is open."`
	Code   string `json:"code,omitempty" doc:"Of the object, overlay or hold."`
	Action string `json:"action" enum:"made,changed,deleted,secrets_changed"`
	Field  string `json:"field,omitempty" doc:"Of ari: the field that was told."`
	Cells  int    `json:"cells,omitempty" doc:"Of ari: dates whose value was told, or statements."`
}

// Kinds of what an audit item names beside objects' own.
const (
	auditARI     = "ari"
	auditOverlay = "overlay"
	auditHold    = "hold"
)

// auditWhatMax bounds what one item names: a page of a thousand stays readable.
const auditWhatMax = 100

func (a *api) auditRoutes() []*route {
	return []*route{{
		method: "GET", path: "/v1/audit", op: "readAudit", tag: "Feed", scope: scopeAuditRead, rights: filtered, summary: "Who changed what, why, and when",
		doc: "The entries of people and clients, newest first, of the properties that the grant covers and, for a grant of the whole hub, of the hub's own objects (property=_hub). " +
			"It reads the journal: what is kept of the feed is kept of the audit trail.",
		query: []param{
			{name: "property", doc: "Only this one; _hub for the hub's own objects."},
			{name: "by", doc: "Only this client or person."},
			{name: "by_kind", enum: []string{"client", "person", "system", "message"}, doc: "Only authors of this kind; default client and person."},
			{name: "kind", doc: "Only entries that changed this: ari, overlay, hold, or an object's kind (property, room_type, rate_plan, connection, client ...)."},
			{name: "request", doc: "Only of this request id."},
			{name: "from", kind: instant, doc: "Committed at or after."}, {name: "to", kind: instant, doc: "Committed before."},
			{name: "changes", kind: boolean, doc: "Add old and new values, as in the feed."}, pLimit, pCursor,
		},
		answer: typeOf[auditJSON](), handle: (*request).audit, problems: []string{"unknown_property"},
	}}
}

func (r *request) audit() error {
	q, err := r.auditQuery()
	if err != nil {
		return err
	}
	page, err := r.api.s.Audit(r.Context(), q)
	if err != nil {
		return err
	}
	b := []byte(`{"items":[`)
	for i := range page.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendAudit(b, &page.Items[i], r.flag("changes"))
	}
	b = append(b, `],"next":`...)
	if page.Next == 0 {
		b = append(b, "null"...)
	} else {
		b = canonical.AppendString(b, cursorOf(strconv.FormatInt(page.Next, 10)))
	}
	return r.bytes(http.StatusOK, append(b, "}\n"...))
}

// auditQuery reads the parameters; a property that the grant does not cover does not exist.
func (r *request) auditQuery() (q hub.AuditQuery, err error) {
	q = hub.AuditQuery{Property: r.str("property"), Limit: r.limit(), Keep: r.auditKeep()}
	if q.Property != "" && !r.audits(q.Property) {
		return q, problem("unknown_property", "")
	}
	after, err := r.cursor()
	if err != nil {
		return q, err
	}
	if after != "" {
		if q.Before, err = strconv.ParseInt(after, 10, 64); err != nil || q.Before < 1 {
			return q, badParam("cursor", "next of the page before", r.str("cursor"))
		}
	}
	q.From, _ = time.Parse(time.RFC3339, r.str("from"))
	q.To, _ = time.Parse(time.RFC3339, r.str("to"))
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return q, badParam("to", "after from", r.str("to"))
	}
	return q, nil
}

// audits tells whether the caller may see who changed a property; the hub's own objects only who may see all of it.
func (r *request) audits(property string) bool {
	if property == ari.HubProperty {
		return r.who.whole()
	}
	return r.who.may(property)
}

// auditKeep answers which entries the query asks for.
func (r *request) auditKeep() func(*ari.Entry) bool {
	by, byKind, kind, request := r.str("by"), r.str("by_kind"), r.str("kind"), r.str("request")
	return func(e *ari.Entry) bool {
		switch {
		case byKind == "" && e.By.Kind != ari.ByClient && e.By.Kind != ari.ByPerson, byKind != "" && authorKind(e.By.Kind) != byKind:
		case by != "" && e.By.ID != by, request != "" && e.RequestID != request:
		case !r.audits(e.Property):
		default:
			return kind == "" || changedKind(e, kind)
		}
		return false
	}
}

// changedKind tells whether an entry changed something of a kind.
func changedKind(e *ari.Entry, kind string) bool {
	switch kind {
	case auditARI:
		return len(e.Columns)+len(e.Standing)+len(e.Extents) > 0
	case auditOverlay, auditHold:
		for i := range e.Overlays {
			if overlayKind(&e.Overlays[i]) == kind {
				return true
			}
		}
		return false
	}
	for i := range e.Objects {
		if e.Objects[i].Kind == kind {
			return true
		}
	}
	return false
}

// overlayKind tells holds from other overlays.
func overlayKind(c *ari.OverlayChange) string {
	if o := c.New; o != nil && o.Kind == ari.Hold || c.New == nil && c.Old != nil && c.Old.Kind == ari.Hold {
		return auditHold
	}
	return auditOverlay
}

// auditWhat answers what an entry changed.
func auditWhat(e *ari.Entry) (out []auditWhatJSON) {
	for i := range e.Objects {
		o := &e.Objects[i]
		out = append(out, auditWhatJSON{Kind: o.Kind, Code: o.Code, Action: objectAction(e.Property, o)})
	}
	for i := range e.Overlays {
		o := &e.Overlays[i]
		out = append(out, auditWhatJSON{Kind: overlayKind(o), Code: o.ID, Action: action(o.Old == nil, o.New == nil)})
	}
	fields := map[string]int{} // index in out
	tell := func(field, action string, n int) {
		at, ok := fields[field+action]
		if !ok {
			at = len(out)
			fields[field+action] = at
			out = append(out, auditWhatJSON{Kind: auditARI, Field: field, Action: action})
		}
		out[at].Cells += n
	}
	for i := range e.Columns {
		for _, run := range e.Columns[i].Runs {
			tell(e.Columns[i].Field.String(), action(false, run.NewState != ari.Told), int(run.To-run.From)+1)
		}
	}
	for i := range e.Standing {
		tell(e.Standing[i].Field.String(), action(!e.Standing[i].Gone, e.Standing[i].Gone), 1)
	}
	if len(e.Extents) > 0 {
		tell("replace", action(false, false), len(e.Extents))
	}
	return out
}

func action(made, deleted bool) string {
	switch {
	case deleted:
		return "deleted"
	case made:
		return "made"
	}
	return "changed"
}

// objectAction tells what happened to an object; a change that nobody may see is one of its secrets.
func objectAction(property string, o *ari.ObjectChange) string {
	if property == ari.HubProperty && len(o.Old) > 0 && len(o.New) > 0 && bytes.Equal(shown(property, o.Kind, o.Old), shown(property, o.Kind, o.New)) &&
		(o.Kind == hub.KindClient || o.Kind == hub.KindConnection) {
		return "secrets_changed"
	}
	return action(len(o.Old) == 0, len(o.New) == 0)
}

// appendAudit writes one item.
func appendAudit(b []byte, it *hub.FeedItem, changes bool) []byte {
	e := it.Entry
	b = append(canonical.AppendTime(append(b, `{"at":"`...), e.At), `","position":"`...)
	b = canonical.AppendString(append(append(b, position(it.Position)...), `","property":`...), e.Property)
	b = strconv.AppendInt(append(b, `,"revision":`...), e.Revision, 10)
	b = append(append(append(b, `,"by":{"kind":"`...), authorKind(e.By.Kind)...), '"')
	member := func(name, v string) {
		if v != "" {
			b = canonical.AppendString(append(append(append(b, `,"`...), name...), `":`...), v)
		}
	}
	member("id", e.By.ID)
	b = append(b, '}')
	member("connection", e.Connection)
	member("request_id", e.RequestID)
	member("message_id", e.MessageID)
	member("reason", strings.TrimSpace(e.Reason))
	what := auditWhat(e)
	more := max(len(what)-auditWhatMax, 0)
	b = append(b, `,"what":`...)
	if len(what) == 0 {
		b = append(b, "[]"...)
	} else {
		b = appendJSON(b, what[:len(what)-more])
	}
	if more > 0 {
		b = strconv.AppendInt(append(b, `,"more":`...), int64(more), 10)
	}
	if changes {
		b = appendChanges(append(b, `,"changes":`...), e)
	}
	return append(b, '}')
}
