package httpapi

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/store"
)

// messageJSON is what came in.
type messageJSON struct {
	ID         string          `json:"id"`
	Received   string          `json:"received" format:"date-time"`
	Connection string          `json:"connection,omitempty"`
	Property   string          `json:"property,omitempty"`
	Protocol   string          `json:"protocol" doc:"json, ota, alpinebits. The list is open."`
	Kind       string          `json:"kind" doc:"update, OTA_HotelAvailNotifRQ ..."`
	Verdict    string          `json:"verdict" doc:"applied, unchanged, superseded, partly, refused, parked, waiting, repeat, reread, failed. The list is open."`
	Revision   int64           `json:"revision,omitempty"`
	Source     string          `json:"source,omitempty" doc:"Client or remote address."`
	Detail     json.RawMessage `json:"detail,omitempty" doc:"Items, errors, warnings."`
}

func messageOutside(m *store.Message, detail bool) messageJSON {
	v := messageJSON{ID: m.ID, Received: instantText(m.Received), Connection: m.Connection, Property: m.Property, Protocol: m.Protocol, Kind: m.Kind,
		Verdict: m.Verdict, Revision: m.Revision, Source: m.Source}
	if detail && json.Valid(m.Detail) {
		v.Detail = m.Detail
	}
	return v
}

func (a *api) messageRoutes() []*route {
	return []*route{
		{
			method: "GET", path: "/v1/messages", op: "listMessages", tag: "Messages", scope: scopeMessagesRead, rights: filtered, summary: "What came in, newest first",
			query: []param{{name: "connection"}, {name: "property"}, {name: "verdict"}, {name: "since", kind: instant}, pLimit, pCursor}, answer: typeOf[listOf[messageJSON]](),
			handle: (*request).listMessages,
		},
		{
			method: "GET", path: "/v1/messages/{id}", op: "getMessage", tag: "Messages", scope: scopeMessagesRead, rights: filtered, summary: "A message, with what became of its items",
			answer: typeOf[messageJSON](), handle: (*request).getMessage, problems: []string{"not_found"},
		},
		{
			method: "GET", path: "/v1/messages/{id}/raw", op: "getRawMessage", tag: "Messages", scope: scopeMessagesRaw, rights: filtered, summary: "The raw body of a message, scrubbed",
			answerTypes: []string{"application/octet-stream"}, handle: (*request).rawMessage, problems: []string{"not_found", "gone"},
		},
	}
}

// pagesMax bounds the pages of the store that one page of a filtered list looks through.
const pagesMax = 10

// listMessages reads until the page is full of messages that the grant covers.
func (r *request) listMessages() error {
	if p := r.str("property"); p != "" && !r.who.may(p) {
		return problem("unknown_property", "")
	}
	before, err := r.cursor()
	if err != nil {
		return err
	}
	limit := r.limit()
	f := store.MessageFilter{Connection: r.str("connection"), Property: r.str("property"), Verdict: r.str("verdict"), Before: before, Limit: limit + 1}
	if v := r.str("since"); v != "" {
		f.Since, _ = time.Parse(time.RFC3339, v)
	}
	out := listJSON{Items: []any{}}
	for range pagesMax {
		list, err := r.api.s.Messages(r.Context(), f)
		if err != nil {
			return err
		}
		for i := range list {
			if r.seesMessage(&list[i]) && len(out.Items) < limit {
				out.Items = append(out.Items, messageOutside(&list[i], false))
			} else if len(out.Items) == limit {
				next := cursorOf(f.Before)
				out.Next = &next
				return r.json(http.StatusOK, out)
			}
			f.Before = list[i].ID
		}
		if len(list) <= limit {
			return r.json(http.StatusOK, out)
		}
	}
	next := cursorOf(f.Before)
	out.Next = &next
	return r.json(http.StatusOK, out)
}

// seesMessage tells whether a message is of a property that the grant covers; those of none are for who may see all.
func (r *request) seesMessage(m *store.Message) bool {
	return r.who.whole() || m.Property != "" && r.who.may(m.Property)
}

func (r *request) message() (store.Message, error) {
	m, err := r.api.s.Message(r.Context(), r.PathValue("id"))
	if err == nil && !r.seesMessage(&m) {
		err = store.ErrNotFound
	}
	return m, err
}

func (r *request) getMessage() error {
	m, err := r.message()
	if err != nil {
		return err
	}
	return r.json(http.StatusOK, messageOutside(&m, true))
}

func (r *request) rawMessage() error {
	m, err := r.message()
	if err != nil {
		return err
	}
	if m.Raw == nil {
		return problem("gone", "no raw body was kept")
	}
	h := r.w.Header()
	h.Set("Content-Type", "application/octet-stream") // whatever it was: not to be rendered
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", `attachment; filename="message"`)
	return r.bytes(http.StatusOK, m.Raw)
}

// replayedJSON answers a replay.
type replayedJSON struct {
	Replayed int            `json:"replayed" doc:"Items submitted now (dry run: that would be), judged like any other."`
	Left     int            `json:"left" doc:"Items that wait on."`
	Why      map[string]int `json:"why,omitempty" doc:"Why they wait on, with how many."`
	DryRun   bool           `json:"dry_run,omitempty"`
}

// reasonBody is a decision of a person.
type reasonBody struct {
	Reason string `json:"reason,omitempty" maxLength:"256" doc:"Why, for history and audit."`
}

func (a *api) workRoutes() []*route {
	lists := []param{{name: "property"}, pLimit, pCursor}
	decide := func(name, summary string, handle func(*request) error) *route {
		return &route{method: "POST", path: "/v1/waiting/{id}/" + name, op: name + "Waiting", tag: "Work", scope: scopeOverlaysWrite, rights: filtered, summary: summary,
			query: []param{pDryRun, pChanges}, body: typeOf[reasonBody](), answer: typeOf[receiptJSON](), handle: handle, problems: []string{"not_found"}}
	}
	return []*route{
		{method: "GET", path: "/v1/parked", op: "listParked", tag: "Work", scope: scopeMessagesRead, rights: filtered, summary: "Items that wait for a mapping, oldest first",
			doc: "Each with its age. The codes they wait for, gathered, are at /v1/mappings?state=proposed.",
			query: append([]param{{name: "connection"}, {name: "kind", enum: mapKinds, doc: "Only with a missing code of this kind."}, {name: "external", doc: "Only with this missing code."},
				{name: "message_id"}, {name: "older_than", kind: number, min: 1, max: 31_536_000, doc: "Only those that have waited so many seconds."}}, lists...), answer: typeOf[listOf[parkedJSON]](), handle: (*request).listParked},
		{method: "POST", path: "/v1/connections/{code}/replay", op: "replay", tag: "Work", scope: scopeConfigWrite, rights: wholeHub, summary: "Replay parked items that can be mapped now",
			query: []param{pDryRun}, answer: typeOf[replayedJSON](), handle: (*request).replay, problems: []string{"not_found"}},
		{method: "POST", path: "/v1/parked/replay", op: "replayParked", tag: "Work", scope: scopeConfigWrite, rights: byBody, summary: "Replay parked items that a filter selects",
			doc:   "Items that can be mapped now are judged as if they came again, each with its own source time; the others wait on. What is left out of the filter selects all.",
			query: []param{pDryRun}, body: typeOf[replayBody](), bodyExample: `{"property":"ALP1","kind":"room_type","external":"DLX"}`, answer: typeOf[replayedJSON](), handle: (*request).replayParked,
			problems: []string{"not_found", "unknown_property", "not_whole_hub"}},
		{method: "GET", path: "/v1/wants", op: "listWants", tag: "Work", scope: scopeMessagesRead, rights: filtered, summary: "Re-reads, snapshots and full syncs that are wanted",
			query: lists, answer: typeOf[listOf[hub.Want]](), handle: (*request).listWants},
		{method: "GET", path: "/v1/waiting", op: "listWaiting", tag: "Work", scope: scopeMessagesRead, rights: filtered, summary: "Replaces that wait for a person",
			query: lists, answer: typeOf[listOf[hub.Waiting]](), handle: (*request).listWaiting},
		decide("release", "Apply a replace that waits", (*request).release),
		decide("refuse", "Drop a replace that waits", (*request).refuseWaiting),
	}
}

// listFiltered answers a page of a work list: load reads after an id, key and property describe an element.
func listFiltered[T any](r *request, load func(property, after string, limit int) ([]T, error), keep func(*T) bool, key func(*T) (id, property string), show func(*T) any) error {
	if p := r.str("property"); p != "" && !r.who.may(p) {
		return problem("unknown_property", "")
	}
	after, err := r.cursor()
	if err != nil {
		return err
	}
	limit := r.limit()
	out := listJSON{Items: []any{}}
	for range pagesMax {
		list, err := load(r.str("property"), after, limit+1)
		if err != nil {
			return err
		}
		for i := range list {
			if len(out.Items) == limit {
				next := cursorOf(after)
				out.Next = &next
				return r.json(http.StatusOK, out)
			}
			id, property := key(&list[i])
			if after = id; (r.who.whole() || property != "" && r.who.may(property)) && (keep == nil || keep(&list[i])) {
				out.Items = append(out.Items, show(&list[i]))
			}
		}
		if len(list) <= limit {
			return r.json(http.StatusOK, out)
		}
	}
	next := cursorOf(after)
	out.Next = &next
	return r.json(http.StatusOK, out)
}

// parkedJSON is an item that waits for a mapping; its raw message is at /v1/messages/{message_id}/raw.
type parkedJSON struct {
	ID         string        `json:"id"`
	Connection string        `json:"connection"`
	Property   string        `json:"property,omitempty"`
	Protocol   string        `json:"protocol"`
	MessageID  string        `json:"message_id"`
	Item       int           `json:"item"`
	Missing    []hub.Missing `json:"missing"`
	Received   string        `json:"received" format:"date-time"`
	Age        int64         `json:"age_seconds" doc:"Since it was received."`
	SourceTime string        `json:"source_time,omitempty" format:"date-time"`
}

func (r *request) listParked() error {
	f := hub.ReplayFilter{MessageID: r.str("message_id"), Kind: r.str("kind"), External: r.str("external")}
	if s := r.number("older_than"); s > 0 {
		f.Before = r.api.o.Now().Add(-time.Duration(s) * time.Second)
	}
	return listFiltered(r, func(property, after string, limit int) ([]hub.ParkedItem, error) {
		return r.api.s.Parked(r.Context(), r.str("connection"), property, after, limit)
	}, func(p *hub.ParkedItem) bool { return f.Selects(p) }, func(p *hub.ParkedItem) (string, string) { return p.ID, p.Property }, func(p *hub.ParkedItem) any {
		v := parkedJSON{ID: p.ID, Connection: p.Connection, Property: p.Property, Protocol: p.Protocol, MessageID: p.MessageID, Item: p.Item, Missing: p.Missing, Received: instantText(p.Received), Age: r.age(p.Received)}
		if !p.SourceTime.IsZero() {
			v.SourceTime = instantText(p.SourceTime)
		}
		return v
	})
}

func (r *request) replay() error {
	return r.replayWhere(hub.ReplayFilter{Connection: r.PathValue("code")})
}

// replayBody selects parked items.
type replayBody struct {
	Connection string `json:"connection,omitempty" maxLength:"64"`
	Property   string `json:"property,omitempty" maxLength:"64" doc:"Hub code; needed of a grant of some properties only."`
	MessageID  string `json:"message_id,omitempty" maxLength:"64"`
	Kind       string `json:"kind,omitempty" enum:"property,room_type,rate_plan" doc:"Of a code that was missing."`
	External   string `json:"external,omitempty" maxLength:"256" doc:"A code that was missing."`
	OlderThan  int64  `json:"older_than_seconds,omitempty" minimum:"1" maximum:"31536000" doc:"Received so long ago."`
}

var mapKinds = []string{hub.MapProperty, hub.MapRoomType, hub.MapRatePlan}

// replayParked replays what the filter selects. Who is granted some properties only names one of them: items of no property are the hub's.
func (r *request) replayParked() error {
	var body replayBody
	if err := r.decode(&body); err != nil {
		return err
	}
	switch {
	case body.Property != "" && !r.who.may(body.Property):
		return problem("unknown_property", "")
	case body.Property == "" && !r.who.whole():
		return problem("not_whole_hub", "name a property")
	}
	f := hub.ReplayFilter{Connection: body.Connection, Property: body.Property, MessageID: body.MessageID, Kind: body.Kind, External: body.External}
	if body.OlderThan > 0 {
		f.Before = r.api.o.Now().Add(-time.Duration(body.OlderThan) * time.Second)
	}
	return r.replayWhere(f)
}

func (r *request) replayWhere(f hub.ReplayFilter) error {
	dry := r.flag("dry_run")
	res, err := r.api.s.ReplayWhere(r.Context(), f, dry)
	if err != nil {
		return err
	}
	return r.json(http.StatusOK, replayedJSON{res.Replayed, res.Left, res.Why, dry})
}

func (r *request) listWants() error {
	return listFiltered(r, func(property, after string, limit int) ([]hub.Want, error) {
		return r.api.s.Wants(r.Context(), property, after, limit)
	}, nil,
		func(w *hub.Want) (string, string) { return w.ID, w.Property }, func(w *hub.Want) any { return w })
}

func (r *request) listWaiting() error {
	return listFiltered(r, func(property, after string, limit int) ([]hub.Waiting, error) {
		return r.api.s.Waitings(r.Context(), property, after, limit)
	}, nil, func(w *hub.Waiting) (string, string) { return w.ID, w.Property }, func(w *hub.Waiting) any { return w })
}

// waiting finds the replace that the path names, if the grant covers its property.
func (r *request) waiting() error {
	if r.who.whole() {
		return nil // the service answers whether it is there
	}
	for _, property := range r.who.properties {
		for after := ""; ; {
			list, err := r.api.s.Waitings(r.Context(), property, after, limitMax)
			if err != nil {
				return err
			}
			for i := range list {
				if after = list[i].ID; after == r.PathValue("id") {
					return nil
				}
			}
			if len(list) < limitMax {
				break
			}
		}
	}
	return store.ErrNotFound
}

func (r *request) reasonTold() (string, error) {
	var body reasonBody
	if r.ContentLength != 0 {
		if err := r.decode(&body); err != nil {
			return "", err
		}
	}
	return body.Reason, r.waiting()
}

func (r *request) release() error {
	reason, err := r.reasonTold()
	if err != nil {
		return err
	}
	rc, err := r.api.s.Release(r.because(), r.author(), r.PathValue("id"), reason, r.flag("dry_run"))
	if err != nil {
		return err
	}
	return r.receipt(&rc, http.StatusOK)
}

func (r *request) refuseWaiting() error {
	reason, err := r.reasonTold()
	if err != nil {
		return err
	}
	if err := r.api.s.Refuse(r.Context(), r.author(), r.PathValue("id"), reason, r.flag("dry_run")); err != nil {
		return err
	}
	return r.receipt(&hub.Receipt{Position: r.api.s.Position(), Verdict: hub.VerdictRefused}, http.StatusOK)
}

// explainJSON is why one product is sellable or not.
type explainJSON struct {
	Property string          `json:"property"`
	Revision int64           `json:"revision"`
	Offer    offerJSON       `json:"offer"`
	Why      []explainedJSON `json:"why" doc:"Every reason, with what causes it, strictest first."`
	Prices   []pricedJSON    `json:"prices,omitempty" doc:"Per night, the rate cells used, and what offers and supplements do to it."`
	Sources  []sourceJSON    `json:"sources" doc:"The entries behind the facts, by revision."`
}

type explainedJSON struct {
	ReasonJSON
	Facts []factJSON `json:"facts"`
}

type pricedJSON struct {
	Date  string     `json:"date" format:"date"`
	Facts []factJSON `json:"facts"`
}

type factJSON struct {
	Layer string `json:"layer" doc:"source, derived, overlay or catalog. The list is open."`
	canonical.Scope
	Field    string          `json:"field,omitempty"`
	Owner    string          `json:"owner,omitempty" doc:"Connection, or who laid the overlay."`
	Date     string          `json:"date,omitempty" format:"date"`
	Span     *canonical.Span `json:"span,omitempty" doc:"Of a standing statement or overlay."`
	Value    any             `json:"value,omitempty" doc:"As in set; left out when unset."`
	Told     bool            `json:"told" doc:"false: nothing is told here, and that is the reason."`
	Text     string          `json:"text,omitempty"`
	Overlay  string          `json:"overlay,omitempty"`
	Revision int64           `json:"revision,omitempty" doc:"That told it: see sources."`
}

type sourceJSON struct {
	Revision   int64      `json:"revision"`
	At         string     `json:"at" format:"date-time"`
	By         authorJSON `json:"by"`
	Connection string     `json:"connection,omitempty"`
	MessageID  string     `json:"message_id,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	SourceTime string     `json:"source_time,omitempty" format:"date-time"`
}

// sourcesMax bounds the entries looked up for one explanation.
const sourcesMax = 50

func (r *request) explain() error {
	property := r.str("property")
	if !r.who.may(property) || property == ari.HubProperty {
		return problem("unknown_property", "")
	}
	var q ari.Query
	if err := stayOf(r.q, &q); err != nil {
		return err
	}
	if err := r.atLeast(); err != nil {
		return err
	}
	if q.Client = r.who.client; q.At.IsZero() {
		q.At = r.api.o.Now()
	}
	out := explainJSON{Property: property, Why: []explainedJSON{}, Sources: []sourceJSON{}}
	revisions := map[int64]bool{}
	err := r.picture(property, "as_of", func(p *ari.Picture) error {
		c := p.Catalog()
		if c.RoomTypes[r.str("room_type")] == nil {
			return badParam("room_type", "a room type of the property", r.str("room_type"))
		}
		if c.Plans[r.str("rate_plan")] == nil {
			return badParam("rate_plan", "a rate plan of the property", r.str("rate_plan"))
		}
		x := p.Explain(&q, r.str("room_type"), r.str("rate_plan"))
		out.Revision = p.Revision()
		var b []byte
		b = appendOffer(b, &x.Offer, currencyOf(c, x.Offer.Plan))
		if err := json.Unmarshal(b, &out.Offer); err != nil {
			return err
		}
		for i := range x.Why {
			out.Why = append(out.Why, explainedJSON{reasonOutside(&x.Why[i].Reason), factsOutside(x.Why[i].Facts, revisions)})
		}
		for i, facts := range x.Prices {
			if len(facts) > 0 {
				out.Prices = append(out.Prices, pricedJSON{(q.Arrival + ari.StayDate(i)).String(), factsOutside(facts, revisions)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if out.Sources, err = r.sources(property, revisions); err != nil {
		return err
	}
	return r.json(http.StatusOK, out)
}

func currencyOf(c *ari.Catalog, plan string) string {
	if p := c.Plans[plan]; p != nil && p.Currency != "" {
		return p.Currency
	}
	return c.Property.Currency
}

func reasonOutside(x *ari.Reason) ReasonJSON {
	v := ReasonJSON{Code: x.Code}
	if x.Date != ari.DateMin {
		v.Date = x.Date.String()
	}
	if x.Field != 0 {
		v.Field = x.Field.String()
	}
	return v
}

func factsOutside(facts []ari.Fact, revisions map[int64]bool) []factJSON {
	out := make([]factJSON, len(facts))
	for i := range facts {
		f := &facts[i]
		v := factJSON{Layer: f.Layer, Scope: scopeOutside(f.Scope), Owner: f.Owner, Told: f.State == ari.Told || f.Layer == ari.LayerOverlay || f.Layer == ari.LayerCatalog,
			Text: f.Text, Overlay: f.Overlay, Revision: f.Revision}
		if f.Field != 0 {
			v.Field = f.Field.String()
		}
		if f.Date != ari.DateMin && f.Date != 0 {
			v.Date = f.Date.String()
		}
		if f.Span != nil {
			s := spanOutside(*f.Span)
			v.Span = &s
		}
		if f.State == ari.Told && f.Field != 0 {
			v.Value = json.RawMessage(canonical.AppendValue(nil, f.Field, f.Value))
		}
		if f.Revision > 0 && len(revisions) < sourcesMax {
			revisions[f.Revision] = true
		}
		out[i] = v
	}
	return out
}

// sources looks up the entries of revisions: who told what an explanation rests on. Those that are kept no longer are left out.
func (r *request) sources(property string, revisions map[int64]bool) ([]sourceJSON, error) {
	out := []sourceJSON{}
	for _, rev := range slices.Sorted(maps.Keys(revisions)) {
		list, err := r.api.s.History(r.Context(), property, rev+1, 1, func(*ari.Entry) bool { return true })
		if errors.Is(err, store.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(list) == 0 || list[0].Entry.Revision != rev {
			continue
		}
		e := list[0].Entry
		s := sourceJSON{Revision: rev, At: instantText(e.At), By: authorJSON{authorKind(e.By.Kind), e.By.ID}, Connection: e.Connection, MessageID: e.MessageID, Reason: e.Reason}
		if !e.SourceTime.IsZero() {
			s.SourceTime = instantText(e.SourceTime)
		}
		out = append(out, s)
	}
	return out, nil
}

// asNotWriter is errors.As for the error that makes a request go to the writer.
func asNotWriter(err error, n **hub.NotWriterError) bool { return errors.As(err, n) }
