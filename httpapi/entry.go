package httpapi

import (
	"encoding/json"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// entryJSON is one entry of the feed. It documents what appendEntry writes.
type entryJSON struct {
	Position   string            `json:"position"`
	Property   string            `json:"property"`
	Revision   int64             `json:"revision"`
	Previous   int64             `json:"previous" doc:"Revision of the property's entry before it in the feed: a reader that holds less has missed something."`
	At         string            `json:"at" format:"date-time" doc:"When it was committed."`
	By         authorJSON        `json:"by"`
	Connection string            `json:"connection,omitempty"`
	SourceTime string            `json:"source_time,omitempty" format:"date-time"`
	MessageID  string            `json:"message_id,omitempty"`
	RequestID  string            `json:"request_id,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Changes    *entryChangesJSON `json:"changes"`
}

// authorJSON is who caused an entry.
type authorJSON struct {
	Kind string `json:"kind" doc:"message, client, person or system. The list is open."`
	ID   string `json:"id,omitempty"`
}

// entryChangesJSON is what changed in an entry.
type entryChangesJSON struct {
	Day      string             `json:"day,omitempty" format:"date" doc:"The property's calendar date from here on."`
	Cells    []cellChangeJSON   `json:"cells,omitempty" doc:"Dated values of source cells."`
	Standing []standingJSON     `json:"standing,omitempty" doc:"Open-ended and undated statements."`
	Replaced []any              `json:"replaced,omitempty" doc:"Extents that were told wholly."`
	Objects  []objectChangeJSON `json:"objects,omitempty"`
	Overlays []overlayChange    `json:"overlays,omitempty"`
	Touched  []touchJSON        `json:"touched,omitempty" doc:"Where effective values may differ."`
}

// cellChangeJSON is the change of one field at one scope.
type cellChangeJSON struct {
	canonical.Scope
	Field string    `json:"field" doc:"closed, min_los_arrival, count.net, limit.remaining, rate.adults.2, block.current ..."`
	Owner string    `json:"owner,omitempty" doc:"Connection whose cell it is, for restrictions and limits."`
	Runs  []runJSON `json:"runs"`
}

// runJSON is consecutive dates with one old and one new value.
type runJSON struct {
	From  string `json:"from" format:"date"`
	To    string `json:"to" format:"date"`
	Kind  string `json:"kind,omitempty" doc:"adjust or reset; left out for a set or clear."`
	Old   any    `json:"old" doc:"As in set; null: unset."`
	New   any    `json:"new"`
	Delta int64  `json:"delta,omitempty" doc:"Of an adjust."`
}

// standingJSON is a standing statement that came or went.
type standingJSON struct {
	canonical.Scope
	canonical.Span
	Field string `json:"field"`
	Owner string `json:"owner,omitempty"`
	Value any    `json:"value" doc:"null: says unset."`
	Text  string `json:"text,omitempty" doc:"Of a kind that cannot be evaluated, as told."`
	Gone  bool   `json:"gone,omitempty"`
}

type objectChangeJSON struct {
	Kind string `json:"kind"`
	Code string `json:"code"`
	Old  any    `json:"old"`
	New  any    `json:"new"`
}

type overlayChange struct {
	ID  string        `json:"id"`
	Old overlayOrNull `json:"old"`
	New overlayOrNull `json:"new"`
}

// overlayOrNull is an overlay, or null where there is none.
type overlayOrNull struct{ *OverlayJSON }

// Schema answers the schema of an overlay or null.
func (overlayOrNull) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(typeOf[OverlayJSON](), true, ""), {Type: "null"}}}
}

type touchJSON struct {
	canonical.Scope
	canonical.Span
}

var authorKinds = [...]string{"", "message", "client", "person", "system"}

func authorKind(k ari.AuthorKind) string {
	if int(k) < len(authorKinds) {
		return authorKinds[k]
	}
	return "author_" + strconv.Itoa(int(k))
}

// appendEntry writes an entry of the feed.
func appendEntry(b []byte, it *hub.FeedItem) []byte {
	e := it.Entry
	b = append(append(append(b, `{"position":"`...), position(it.Position)...), `","property":`...)
	b = canonical.AppendString(b, e.Property)
	b = strconv.AppendInt(append(b, `,"revision":`...), e.Revision, 10)
	b = strconv.AppendInt(append(b, `,"previous":`...), it.Previous, 10)
	b = append(canonical.AppendTime(append(b, `,"at":"`...), e.At), `","by":{"kind":"`...)
	b = append(append(b, authorKind(e.By.Kind)...), '"')
	member := func(name, v string) {
		if v != "" {
			b = canonical.AppendString(append(append(append(b, `,"`...), name...), `":`...), v)
		}
	}
	member("id", e.By.ID)
	b = append(b, '}')
	member("connection", e.Connection)
	if !e.SourceTime.IsZero() {
		b = append(canonical.AppendTime(append(b, `,"source_time":"`...), e.SourceTime), '"')
	}
	member("message_id", e.MessageID)
	member("request_id", e.RequestID)
	member("reason", e.Reason)
	return append(appendChanges(append(b, `,"changes":`...), e), '}')
}

// appendChanges writes what changed.
func appendChanges(b []byte, e *ari.Entry) []byte {
	b = append(b, '{')
	mark := len(b)
	if e.Day != 0 {
		b = append(canonical.AppendDate(append(b, `,"day":"`...), e.Day), '"')
	}
	b = appendList(b, "cells", len(e.Columns), func(b []byte, i int) []byte { return appendColumn(b, &e.Columns[i]) })
	b = appendList(b, "standing", len(e.Standing), func(b []byte, i int) []byte { return appendStanding(b, &e.Standing[i]) })
	b = appendList(b, "replaced", len(e.Extents), func(b []byte, i int) []byte { return canonical.AppendExtent(b, &e.Extents[i]) })
	b = appendList(b, "objects", len(e.Objects), func(b []byte, i int) []byte { return appendObjectChange(b, e.Property, &e.Objects[i]) })
	b = appendList(b, "overlays", len(e.Overlays), func(b []byte, i int) []byte { return appendOverlayChange(b, &e.Overlays[i]) })
	b = appendList(b, "touched", len(e.Touched), func(b []byte, i int) []byte {
		t := &e.Touched[i]
		start := len(b) + 1
		b = canonical.AppendSpan(canonical.AppendScope(append(b, '{'), t.Scope), ari.Dates(t.From, t.To))
		return append(dropComma(b, start), '}')
	})
	return append(dropComma(b, mark), '}')
}

// appendList writes a member that is an array of n elements, with a comma before it; nothing for none.
func appendList(b []byte, name string, n int, f func(b []byte, i int) []byte) []byte {
	if n == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":[`...)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = f(b, i)
	}
	return append(b, ']')
}

// dropComma removes the comma that the first member of an object begins with.
func dropComma(b []byte, at int) []byte {
	if at < len(b) && b[at] == ',' {
		b = append(b[:at], b[at+1:]...)
	}
	return b
}

func appendColumn(b []byte, c *ari.ColumnChange) []byte {
	start := len(b) + 1
	b = dropComma(canonical.AppendScope(append(b, '{'), c.Scope), start)
	if len(b) > start {
		b = append(b, ',')
	}
	b = append(append(append(b, `"field":"`...), c.Field.String()...), '"')
	if c.Owner != "" {
		b = canonical.AppendString(append(b, `,"owner":`...), c.Owner)
	}
	b = appendList(b, "runs", len(c.Runs), func(b []byte, i int) []byte { return appendRun(b, c.Field, &c.Runs[i]) })
	return append(b, '}')
}

func appendRun(b []byte, f ari.Field, r *ari.Run) []byte {
	b = canonical.AppendDate(append(b, `{"from":"`...), r.From)
	b = append(canonical.AppendDate(append(b, `","to":"`...), r.To), '"')
	switch r.Kind {
	case ari.RunAdjust:
		b = strconv.AppendInt(append(b, `,"kind":"adjust","delta":`...), r.Delta, 10)
	case ari.RunReset:
		b = append(b, `,"kind":"reset"`...)
	}
	b = appendTold(append(b, `,"old":`...), f, r.OldState, r.Old)
	return append(appendTold(append(b, `,"new":`...), f, r.NewState, r.New), '}')
}

// appendTold writes a cell's value; null if it is unset.
func appendTold(b []byte, f ari.Field, s ari.State, v ari.Value) []byte {
	if s != ari.Told {
		return append(b, "null"...)
	}
	return canonical.AppendValue(b, f, v)
}

func appendStanding(b []byte, s *ari.StandingChange) []byte {
	start := len(b) + 1
	b = dropComma(canonical.AppendSpan(canonical.AppendScope(append(b, '{'), s.Scope), s.Span), start)
	b = append(append(append(b, `,"field":"`...), s.Field.String()...), '"')
	if s.Owner != "" {
		b = canonical.AppendString(append(b, `,"owner":`...), s.Owner)
	}
	b = appendTold(append(b, `,"value":`...), s.Field, s.State, s.Value)
	if s.Text != "" {
		b = canonical.AppendString(append(b, `,"text":`...), s.Text)
	}
	if s.Gone {
		b = append(b, `,"gone":true`...)
	}
	return append(b, '}')
}

func appendObjectChange(b []byte, property string, o *ari.ObjectChange) []byte {
	b = canonical.AppendString(append(b, `{"kind":`...), o.Kind)
	b = canonical.AppendString(append(b, `,"code":`...), o.Code)
	b = append(append(b, `,"old":`...), shown(property, o.Kind, o.Old)...)
	return append(append(append(b, `,"new":`...), shown(property, o.Kind, o.New)...), '}')
}

// shown answers an object's body as the API shows it: without secrets.
func shown(property, kind string, body []byte) []byte {
	if len(body) == 0 || !json.Valid(body) {
		return []byte("null")
	}
	if property != ari.HubProperty {
		return body
	}
	if v, ok := outside(kind, body); ok {
		if b, err := json.Marshal(v); err == nil {
			return b
		}
	}
	return []byte("null")
}

func appendOverlayChange(b []byte, o *ari.OverlayChange) []byte {
	b = canonical.AppendString(append(b, `{"id":`...), o.ID)
	one := func(name string, v *ari.Overlay) {
		b = append(b, name...)
		if v == nil {
			b = append(b, "null"...)
			return
		}
		b = appendJSON(b, overlayOutside(v))
	}
	one(`,"old":`, o.Old)
	one(`,"new":`, o.New)
	return append(b, '}')
}

// appendJSON appends v as encoding/json writes it.
func appendJSON(b []byte, v any) []byte {
	j, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, j...)
}
