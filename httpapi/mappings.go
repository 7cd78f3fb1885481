package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/onboard"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// mappingWorkJSON is a mapping as work: decided, or to be decided, with what there is to decide it by.
type mappingWorkJSON struct {
	Connection string      `json:"connection"`
	Property   string      `json:"property,omitempty" doc:"Hub code of the property; none for kind property."`
	Kind       string      `json:"kind" doc:"property, room_type or rate_plan."`
	External   string      `json:"external"`
	Name       string      `json:"name,omitempty" doc:"The other system's name for it."`
	Occupancy  int         `json:"occupancy,omitempty"`
	State      string      `json:"state" enum:"proposed,accepted,ignored"`
	Internal   string      `json:"internal,omitempty" doc:"Hub code: what it means, or of a proposed one the best match."`
	Score      *float64    `json:"score,omitempty" doc:"Of a proposed one, 0 to 1; 0.95 and above rests on an equal code, or an equal name and more."`
	Evidence   []string    `json:"evidence,omitempty" doc:"What the score rests on."`
	Others     []otherJSON `json:"others,omitempty" doc:"The next best."`
	Parked     int         `json:"parked,omitempty" doc:"Items that wait for it."`
	Oldest     string      `json:"oldest,omitempty" format:"date-time" doc:"When the first of them came."`
	Age        *int64      `json:"age_seconds,omitempty"`
}

type otherJSON struct {
	Internal string  `json:"internal"`
	Score    float64 `json:"score"`
}

// mappingPage is a page of mappings.
type mappingPage struct {
	Items []mappingWorkJSON `json:"items"`
	Next  *string           `json:"next" doc:"cursor of the next page; null: this was the last."`
	More  bool              `json:"more_parked,omitempty" doc:"More is parked than was looked at: codes may be missing, and counts are low."`
}

// decideBody decides on mappings: those named, or those that a filter selects among the proposed.
type decideBody struct {
	Decision string        `json:"decision" enum:"accept,ignore"`
	Items    []decideItem  `json:"items,omitempty" maxItems:"1000"`
	Filter   *decideFilter `json:"filter,omitempty" doc:"Instead of items: proposed ones, at most 1,000 at a time."`
	Reason   string        `json:"reason,omitempty" maxLength:"256" doc:"Why, for history and audit."`
}

type decideItem struct {
	Connection string `json:"connection" maxLength:"64"`
	Property   string `json:"property,omitempty" maxLength:"64"`
	Kind       string `json:"kind" enum:"property,room_type,rate_plan"`
	External   string `json:"external" minLength:"1" maxLength:"256"`
	Internal   string `json:"internal,omitempty" maxLength:"64" doc:"What it means; left out: the best match."`
}

type decideFilter struct {
	Connection string  `json:"connection,omitempty" maxLength:"64"`
	Property   string  `json:"property,omitempty" maxLength:"64"`
	Kind       string  `json:"kind,omitempty" enum:"property,room_type,rate_plan"`
	MinScore   float64 `json:"min_score,omitempty" minimum:"0" maximum:"1" doc:"To accept: needed, 0.5 or more."`
}

// decidedJSON answers decisions, one by one.
type decidedJSON struct {
	DryRun   bool          `json:"dry_run,omitempty"`
	Accepted int           `json:"accepted"`
	Ignored  int           `json:"ignored"`
	Refused  int           `json:"refused"`
	Position string        `json:"position"`
	Items    []decidedItem `json:"items"`
	More     bool          `json:"more,omitempty" doc:"The filter selects more than was done: send it again."`
}

type decidedItem struct {
	Connection string         `json:"connection"`
	Property   string         `json:"property,omitempty"`
	Kind       string         `json:"kind"`
	External   string         `json:"external"`
	Internal   string         `json:"internal,omitempty"`
	Outcome    string         `json:"outcome" doc:"accepted, ignored, unchanged or refused."`
	Errors     []lineFaultDoc `json:"errors,omitempty"`
}

// Bounds of work on mappings.
const (
	parkedLooked = 20_000 // parked items that are gathered by code: more than that is an outage, and its codes show in the first of them
	decideMax    = 1000
	acceptFloor  = 0.5
)

func (a *api) mappingWorkRoutes() []*route {
	filters := []param{{name: "connection"}, {name: "property"}, {name: "kind", enum: mapKinds}, {name: "state", enum: []string{hub.MappingProposed, hub.MappingAccepted, hub.MappingIgnored}},
		{name: "external", doc: "Only this code."}}
	return []*route{
		{
			method: "GET", path: "/v1/mappings", op: "listMappingWork", tag: "Onboarding", scope: scopeConfigRead, rights: wholeHub, summary: "Mappings of all connections, and codes without one with what they may mean",
			doc:   "A code that items are parked for is proposed until somebody decides, and so is one that was told with state proposed. Each comes with its best match, a score and what it rests on: equal codes, names alike, guests, and whether the match is taken.",
			query: append([]param{pLimit, pCursor}, filters...), answer: typeOf[mappingPage](), handle: (*request).listMappingWork,
		},
		{
			method: "GET", path: "/v1/mappings.csv", op: "exportMappings", tag: "Onboarding", scope: scopeConfigRead, rights: wholeHub, summary: "The same as CSV, whole",
			doc:   "Change state and internal in it, and send it back.",
			query: filters, answerTypes: []string{"text/csv"}, handle: (*request).exportMappings,
		},
		{
			method: "POST", path: "/v1/mappings.csv", op: "importMappings", tag: "Onboarding", scope: scopeConfigWrite, rights: wholeHub, summary: "Take mappings from CSV, as an import",
			doc:   "Columns connection, property, kind, external, internal, state, name, occupancy; others are not read. Answers 202 with the import, as /v1/imports does.",
			query: []param{pDryRun, pReason}, bodyTypes: []string{"text/csv"}, body: typeOf[string](), bodyMax: importMax, answer: typeOf[importJSON](), status: http.StatusAccepted,
			bodyExample: `"connection,property,kind,external,internal,state\npms,ALP1,room_type,R-1,DLX,accepted\n"`,
			handle:      (*request).importMappings, problems: []string{"body_too_large", "invalid_request", "busy"},
		},
		{
			method: "POST", path: "/v1/mappings/decide", op: "decideMappings", tag: "Onboarding", scope: scopeConfigWrite, rights: wholeHub, summary: "Accept or ignore mappings in bulk",
			doc:   "Items by name, or the proposed ones that a filter selects. Each is decided for itself, all in one entry; parked items are replayed. An ignored code's items are passed over.",
			query: []param{pDryRun}, body: typeOf[decideBody](), bodyExample: `{"decision":"accept","filter":{"connection":"pms","min_score":0.95},"reason":"sure ones"}`, answer: typeOf[decidedJSON](), handle: (*request).decideMappings,
		},
	}
}

// mappingWork is a mapping with what waits for it.
type mappingWork struct {
	hub.Mapping
	parked int
	oldest time.Time
}

// key orders mappings, and is what cursors hold.
func (m *mappingWork) key() string {
	return strings.Join([]string{m.Connection, m.Kind, m.Property, m.External}, "\x00")
}

// workFilter selects mappings: those that every part that is told fits.
type workFilter struct{ connection, property, kind, state, external string }

func (f *workFilter) wants(m *hub.Mapping) bool {
	return (f.connection == "" || f.connection == m.Connection) && (f.property == "" || f.property == m.Property || m.Kind == hub.MapProperty && f.property == m.Internal) &&
		(f.kind == "" || f.kind == m.Kind) && (f.state == "" || f.state == m.State) && (f.external == "" || f.external == m.External)
}

// mappingWorkOf answers the mappings that a filter selects, sorted, codes without one included. more says that not all parked items were
// looked at.
func (a *api) mappingWorkOf(ctx context.Context, f *workFilter) (out []mappingWork, more bool, err error) {
	waits, more, err := a.waitingCodes(ctx, f.connection)
	if err != nil {
		return nil, false, err
	}
	for _, c := range a.s.Connections() {
		if f.connection != "" && f.connection != c.ID {
			continue
		}
		for _, m := range a.s.Mappings(c.ID, "") {
			w := mappingWork{Mapping: m}
			if x, ok := waits[m.Code()]; ok {
				w.parked, w.oldest = x.parked, x.oldest
				delete(waits, m.Code())
			}
			if f.wants(&m) {
				out = append(out, w)
			}
		}
	}
	for _, w := range waits {
		if f.wants(&w.Mapping) {
			out = append(out, *w)
		}
	}
	slices.SortFunc(out, func(a, b mappingWork) int { return cmp.Compare(a.key(), b.key()) })
	return out, more, nil
}

// waitingCodes gathers the codes that parked items wait for, by mapping code.
func (a *api) waitingCodes(ctx context.Context, connection string) (map[string]*mappingWork, bool, error) {
	waits := map[string]*mappingWork{}
	after := ""
	for n := 0; n < parkedLooked; {
		items, err := a.s.Parked(ctx, connection, "", after, limitMax)
		if err != nil {
			return nil, false, err
		}
		for i := range items {
			p := &items[i]
			after = p.ID
			for _, miss := range p.Missing {
				m := hub.Mapping{Connection: p.Connection, Kind: miss.Kind, External: miss.External, State: hub.MappingProposed}
				if miss.Kind != hub.MapProperty {
					m.Property = p.Property
				}
				if _, state := a.s.MapCode(m.Connection, m.Property, m.Kind, m.External); state != "" {
					continue // mapped meanwhile: another code of the item is missing
				}
				w := waits[m.Code()]
				if w == nil {
					w = &mappingWork{Mapping: m, oldest: p.Received}
					waits[m.Code()] = w
				}
				w.parked++
			}
		}
		if n += len(items); len(items) < limitMax {
			return waits, false, nil
		}
	}
	return waits, true, nil
}

// proposer finds matches. It keeps what it has gathered of a property, since work comes property by property.
type proposer struct {
	a      *api
	hotels []onboard.Named
	at     string // connection, kind and property of ours
	ours   []onboard.Named
}

// propose answers the best matches of a code.
func (p *proposer) propose(m *hub.Mapping) []onboard.Match {
	theirs := onboard.Named{Code: m.External, Name: m.Name, Occupancy: m.Occupancy}
	if at := m.Connection + "\x00" + m.Kind + "\x00" + m.Property; at != p.at {
		p.at, p.ours = at, p.gather(m)
	}
	list := onboard.Propose(theirs, p.ours)
	if m.Internal == "" {
		return list
	}
	i := slices.IndexFunc(list, func(x onboard.Match) bool { return x.Code == m.Internal })
	if i > 0 { // somebody has proposed it by name
		list[0], list[i] = list[i], list[0]
	} else if i < 0 {
		list = append([]onboard.Match{{Code: m.Internal, Evidence: []string{"named by who proposed it"}}}, list...)
	}
	return list
}

// gather answers what of ours a code may mean.
func (p *proposer) gather(m *hub.Mapping) (out []onboard.Named) {
	taken := map[string]string{}
	for _, x := range p.a.s.Mappings(m.Connection, m.Property) {
		if x.State == hub.MappingAccepted && x.Kind == m.Kind {
			taken[x.Internal] = x.External
		}
	}
	if m.Kind == hub.MapProperty {
		out = slices.Clone(p.properties())
	} else {
		// A property that is not there has nothing to propose.
		_ = p.a.s.Read(m.Property, func(pic *ari.Picture) error { out = namesOf(pic.Catalog(), m.Kind); return nil })
	}
	for i := range out {
		out[i].Taken = taken[out[i].Code]
	}
	return out
}

func namesOf(c *ari.Catalog, kind string) (out []onboard.Named) {
	if kind == hub.MapRoomType {
		for _, code := range c.RoomCodes {
			out = append(out, onboard.Named{Code: code, Name: c.RoomTypes[code].Name, Occupancy: c.RoomTypes[code].MaxOccupancy})
		}
		return out
	}
	for _, code := range c.PlanCodes {
		out = append(out, onboard.Named{Code: code, Name: c.Plans[code].Name, Occupancy: c.Plans[code].MaxOccupancy})
	}
	return out
}

// hotelsLooked bounds the properties that a code for a property is compared with.
const hotelsLooked = 50_000

func (p *proposer) properties() []onboard.Named {
	if p.hotels != nil {
		return p.hotels
	}
	for _, code := range p.a.s.Properties("", hotelsLooked) {
		// One that is out of service has no name to compare.
		_ = p.a.s.Read(code, func(pic *ari.Picture) error {
			p.hotels = append(p.hotels, onboard.Named{Code: code, Name: pic.Catalog().Property.Name})
			return nil
		})
	}
	return p.hotels
}

// shown answers a mapping as work.
func (p *proposer) shown(w *mappingWork, now time.Time) mappingWorkJSON {
	v := mappingWorkJSON{Connection: w.Connection, Property: w.Property, Kind: w.Kind, External: w.External, Name: w.Name, Occupancy: w.Occupancy, State: w.State, Internal: w.Internal, Parked: w.parked}
	if !w.oldest.IsZero() {
		age := max(0, int64(now.Sub(w.oldest)/time.Second))
		v.Oldest, v.Age = instantText(w.oldest), &age
	}
	if w.State != hub.MappingProposed {
		return v
	}
	for i, m := range p.propose(&w.Mapping) {
		if i == 0 {
			v.Internal, v.Score, v.Evidence = m.Code, &m.Score, m.Evidence
		} else {
			v.Others = append(v.Others, otherJSON{m.Code, m.Score})
		}
	}
	return v
}

func (r *request) workFilter() *workFilter {
	return &workFilter{r.str("connection"), r.str("property"), r.str("kind"), r.str("state"), r.str("external")}
}

func (r *request) listMappingWork() error {
	after, err := r.cursor()
	if err != nil {
		return err
	}
	all, more, err := r.api.mappingWorkOf(r.Context(), r.workFilter())
	if err != nil {
		return err
	}
	out, p, limit := mappingPage{Items: []mappingWorkJSON{}, More: more}, proposer{a: r.api}, r.limit()
	for i := range all {
		if after != "" && all[i].key() <= after {
			continue
		}
		if len(out.Items) == limit {
			next := cursorOf(all[i-1].key())
			out.Next = &next
			break
		}
		out.Items = append(out.Items, p.shown(&all[i], r.api.o.Now()))
	}
	return r.json(http.StatusOK, out)
}

var mappingColumns = []string{"connection", "property", "kind", "external", "name", "occupancy", "state", "internal", "score", "parked", "oldest", "evidence"}

func (r *request) exportMappings() error {
	all, _, err := r.api.mappingWorkOf(r.Context(), r.workFilter())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(mappingColumns) // a buffer takes all
	p := proposer{a: r.api}
	for i := range all {
		if err := r.Context().Err(); err != nil {
			return err
		}
		v := p.shown(&all[i], r.api.o.Now())
		_ = w.Write(v.row())
	}
	w.Flush()
	r.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	return r.bytes(http.StatusOK, b.Bytes())
}

func (v *mappingWorkJSON) row() []string {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	score := ""
	if v.Score != nil {
		score = strconv.FormatFloat(*v.Score, 'f', 2, 64)
	}
	return []string{v.Connection, v.Property, v.Kind, v.External, v.Name, number(v.Occupancy), v.State, v.Internal, score, number(v.Parked), v.Oldest, strings.Join(v.Evidence, "; ")}
}

// importMappings starts an import of the rows as lines of type mapping. What the export tells beside them is not read.
func (r *request) importMappings() error {
	if err := r.wantType("text/csv"); err != nil {
		return err
	}
	body, err := r.readBody()
	if err != nil {
		return err
	}
	typed, err := onboard.WithType(body, "mapping", []string{"score", "parked", "oldest", "evidence"})
	if err != nil {
		return fault("invalid_request", "", "CSV with the columns "+strings.Join(mappingColumns[:8], ", "), canonical.Clip([]byte(err.Error())), "start from GET /v1/mappings.csv")
	}
	return r.startImportOf(typed)
}

func (r *request) decideMappings() error {
	var body decideBody
	if err := r.decode(&body); err != nil {
		return err
	}
	items, more, err := r.toDecide(&body)
	if err != nil {
		return err
	}
	out := decidedJSON{DryRun: r.flag("dry_run"), Items: []decidedItem{}, More: more}
	var put []ari.ObjectOp
	seen := map[string]bool{}
	for _, m := range items {
		old, _, _ := r.api.s.Object(ari.HubProperty, hub.KindMapping, m.Code())
		v, kept := r.decided(&m, body.Decision, old)
		if v.Outcome != outcomeRefused && seen[m.Code()] {
			v.Outcome, v.Errors = outcomeRefused, []lineFaultDoc{{Code: canonical.CodeTwice, Field: "external", Got: m.External, Expected: "each code once", Fix: "keep one"}}
		}
		seen[m.Code()] = true
		switch v.Outcome {
		case outcomeRefused:
			out.Refused++
		case outcomeUnchanged:
		default:
			put = append(put, ari.ObjectOp{Kind: hub.KindMapping, Code: m.Code(), Body: kept})
			if v.Outcome == hub.MappingAccepted {
				out.Accepted++
			} else {
				out.Ignored++
			}
		}
		out.Items = append(out.Items, v)
	}
	out.Position = position(r.api.s.Position())
	if len(put) > 0 && !out.DryRun {
		rc, err := r.api.s.Submit(r.Context(), &hub.Submission{Update: ari.Update{Property: ari.HubProperty, By: r.author(), RequestID: r.id, Reason: body.Reason, Objects: put}})
		if err != nil {
			return objectError(err)
		}
		out.Position = position(rc.Position)
	}
	return r.json(http.StatusOK, out)
}

// toDecide answers the mappings that a request is about: those it names, or those that its filter selects among the proposed.
func (r *request) toDecide(body *decideBody) (out []hub.Mapping, more bool, err error) {
	switch f := body.Filter; {
	case (f == nil) == (len(body.Items) == 0):
		return nil, false, fault(canonical.CodeMissing, "/items", "items, or a filter", "", "name one of them")
	case f == nil:
		for _, it := range body.Items {
			out = append(out, hub.Mapping{Connection: it.Connection, Property: it.Property, Kind: it.Kind, External: it.External, Internal: it.Internal})
		}
		return out, false, nil
	case body.Decision == "accept" && f.MinScore < acceptFloor:
		return nil, false, fault(canonical.CodeRange, "/filter/min_score", "0.5 to 1", strconv.FormatFloat(f.MinScore, 'f', -1, 64), "0.95 takes the sure ones")
	case body.Decision == "ignore" && f.Connection == "" && f.Property == "":
		return nil, false, fault(canonical.CodeMissing, "/filter/connection", "a connection or a property", "", "say whose codes are to be ignored")
	}
	return r.selected(body.Filter)
}

func (r *request) selected(f *decideFilter) (out []hub.Mapping, more bool, err error) {
	all, _, err := r.api.mappingWorkOf(r.Context(), &workFilter{f.Connection, f.Property, f.Kind, hub.MappingProposed, ""})
	if err != nil {
		return nil, false, err
	}
	p := proposer{a: r.api}
	for i := range all {
		if f.MinScore > 0 {
			list := p.propose(&all[i].Mapping)
			if len(list) == 0 || list[0].Score < f.MinScore {
				continue
			}
			all[i].Internal = list[0].Code
		}
		if len(out) == decideMax {
			return out, true, nil
		}
		out = append(out, all[i].Mapping)
	}
	return out, false, nil
}

// decided answers what becomes of one mapping, and the object that is kept of it.
func (r *request) decided(m *hub.Mapping, decision string, old []byte) (v decidedItem, kept []byte) {
	v = decidedItem{Connection: m.Connection, Property: m.Property, Kind: m.Kind, External: m.External}
	refuse := func(f lineFaultDoc) (decidedItem, []byte) {
		v.Outcome, v.Errors = outcomeRefused, []lineFaultDoc{f}
		return v, nil
	}
	var was hub.Mapping
	if len(old) > 0 && json.Unmarshal(old, &was) == nil {
		m.Name, m.Occupancy = was.Name, was.Occupancy
		if m.Internal == "" {
			m.Internal = was.Internal
		}
	}
	if _, ok := r.api.s.Connection(m.Connection); !ok {
		return refuse(lineFaultDoc{Code: "not_found", Field: "connection", Got: m.Connection, Expected: "a connection that is there", Fix: "name one of GET /v1/connections"})
	}
	v.Outcome, m.State = hub.MappingAccepted, hub.MappingAccepted
	if decision == "ignore" {
		v.Outcome, m.State, m.Internal = hub.MappingIgnored, hub.MappingIgnored, ""
	} else if m.Internal == "" {
		if list := (&proposer{a: r.api}).propose(m); len(list) > 0 && list[0].Score >= acceptFloor {
			m.Internal = list[0].Code
		} else {
			return refuse(lineFaultDoc{Code: canonical.CodeMissing, Field: "internal", Expected: "the hub code it means: nothing of ours is alike enough", Fix: "name it"})
		}
	}
	v.Internal = m.Internal
	if f := mappingFault(m); f != nil {
		return refuse(lineFaultDoc{Code: f.Code, Field: strings.TrimLeft(f.Pointer, "/?"), Got: f.Got, Expected: f.Expected, Fix: "write " + f.Expected})
	}
	if m.State == hub.MappingAccepted && !r.api.isThere(m) {
		return refuse(lineFaultDoc{Code: "not_found", Field: "internal", Got: m.Internal, Expected: fmt.Sprintf("a %s that is there", strings.ReplaceAll(m.Kind, "_", " ")), Fix: "make it first, or name another"})
	}
	kept, err := json.Marshal(m)
	if err != nil {
		return refuse(lineFaultDoc{Code: canonical.CodeType, Expected: "a mapping", Got: err.Error()})
	}
	if bytes.Equal(kept, old) {
		v.Outcome = outcomeUnchanged
	}
	return v, kept
}

// isThere tells whether what a mapping means is there.
func (a *api) isThere(m *hub.Mapping) bool {
	property := m.Property
	if m.Kind == hub.MapProperty {
		property = m.Internal
	}
	_, _, err := a.s.Object(property, m.Kind, m.Internal)
	return err == nil
}
