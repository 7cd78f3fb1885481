package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/onboard"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// stageJSON says where a property stands, and what the way on asks for.
type stageJSON struct {
	Property  string      `json:"property"`
	Stage     string      `json:"stage" enum:"draft,mapped,shadow,live,suspended"`
	To        string      `json:"to" enum:"draft,mapped,shadow,live,suspended" doc:"The stage that gates are judged for."`
	Open      bool        `json:"open" doc:"Every gate that is judged holds."`
	Gates     []gateJSON  `json:"gates"`
	NotJudged []laterJSON `json:"not_judged" doc:"What later releases will judge."`
	Revision  int64       `json:"revision" doc:"That the gates were judged at; after a change, the property's."`
	Position  string      `json:"position,omitempty"`
	DryRun    bool        `json:"dry_run,omitempty"`
	Changed   bool        `json:"changed,omitempty" doc:"The stage was changed (dry run: would be)."`
}

type gateJSON struct {
	Gate     string `json:"gate" doc:"mapped, nothing_unmapped, priced, choices. The list is open."`
	OK       bool   `json:"ok"`
	Evidence string `json:"evidence"`
	Fix      string `json:"fix,omitempty"`
}

type laterJSON struct {
	Gate string `json:"gate"`
	Why  string `json:"why"`
}

// stageBody asks for a stage.
type stageBody struct {
	Stage  string `json:"stage" enum:"draft,mapped,shadow,live,suspended"`
	Reason string `json:"reason" minLength:"1" maxLength:"256" doc:"Why, for history and audit."`
}

// checksJSON is what looks wrong with a property.
type checksJSON struct {
	Property string        `json:"property"`
	Stage    string        `json:"stage"`
	Revision int64         `json:"revision"`
	From     string        `json:"from" format:"date"`
	To       string        `json:"to" format:"date"`
	Products int           `json:"products" doc:"Products that are offered."`
	Skipped  int           `json:"skipped" doc:"Of those, not looked at: ask for fewer nights, or one room type."`
	Items    []findingJSON `json:"items" doc:"Errors first."`
	More     int           `json:"more,omitempty" doc:"Findings that are not listed."`
}

type findingJSON struct {
	Code     string `json:"code" doc:"product_without_price, price_without_stock, closed_for_a_year, plan_without_mapping, contradiction ... The list is open."`
	Severity string `json:"severity" doc:"error: it cannot be sold, or not as meant. warning: look at it."`
	RoomType string `json:"room_type,omitempty"`
	RatePlan string `json:"rate_plan,omitempty"`
	From     string `json:"from,omitempty" format:"date"`
	To       string `json:"to,omitempty" format:"date"`
	Nights   int    `json:"nights,omitempty"`
	Evidence string `json:"evidence"`
	Fix      string `json:"fix"`
}

func (a *api) stageRoutes() []*route {
	const path = "/v1/properties/{property}/stage"
	stages := []string{}
	for _, s := range ari.Stages {
		stages = append(stages, string(s))
	}
	return []*route{
		{
			method: "GET", path: path, op: "getStage", tag: "Onboarding", scope: scopeConfigRead, rights: byPath, summary: "The property's stage, and what the next one asks for",
			doc:   "Gates are judged now: each says whether it holds, what shows it, and what to do. Those that no part of this release can judge are named under not_judged.",
			query: []param{{name: "to", enum: stages, doc: "Judge the gates of this stage; default the one that usually follows."}, pAtLeast}, answer: typeOf[stageJSON](), handle: (*request).getStage,
			problems: []string{"unknown_property"},
		},
		{
			method: "POST", path: path, op: "setStage", tag: "Onboarding", scope: scopeConfigWrite, rights: byPath, summary: "Move the property to another stage",
			doc: "draft, mapped, shadow, live: forward, stages may be skipped, since the gates of a later one include those before. A live property leaves by being suspended. " +
				"What can be sold does not depend on the stage: /v1/shop answers for each, and names it.",
			query: []param{pDryRun}, body: typeOf[stageBody](), bodyExample: `{"stage":"live","reason":"go-live of the Alps, wave 2"}`, answer: typeOf[stageJSON](), handle: (*request).setStage,
			problems: []string{"unknown_property", codeGateClosed, codeStageOrder, "precondition_failed"},
		},
		{
			method: "GET", path: "/v1/properties/{property}/checks", op: "getChecks", tag: "Onboarding", scope: scopeConfigRead, rights: byPath, summary: "What looks wrong with a property",
			doc:    "Products without price, prices without rooms, what is closed for a year, codes without mapping, contradictions: each with what shows it and what to do. At most 730 nights and 400,000 product-nights are looked at.",
			query:  []param{{name: "nights", kind: number, min: 1, max: onboard.SurveyNightsMax, doc: "So many from today on; default 365."}, {name: "room_type"}, pAtLeast},
			answer: typeOf[checksJSON](), handle: (*request).checks, problems: []string{"unknown_property"},
		},
	}
}

// Codes of refusals of a stage.
const (
	codeGateClosed = "gate_closed"
	codeStageOrder = "stage_order"
)

// gateNights is how far ahead a price is looked for.
const gateNights = 365

// examined is what is known of a property on its way to being sold.
type examined struct {
	property ari.Property
	at       int64 // ETag of the property's object
	revision int64
	catalog  *ari.Catalog
	survey   *onboard.Survey
	sources  []onboard.Source
	mapped   onboard.Gate
	unmapped onboard.Gate
	unknown  []onboard.Finding // of mapping
}

// examine looks at a property's picture, mappings and parked items. The picture is read product by product, so that no update waits long.
func (a *api) examine(ctx context.Context, property, room string, nights int) (*examined, error) {
	x := &examined{}
	if _, at, err := a.s.Object(property, ari.KindProperty, property); err == nil {
		x.at = at
	}
	err := a.s.Read(property, func(p *ari.Picture) error {
		x.catalog, x.property, x.revision = p.Catalog(), p.Catalog().Property, p.Revision()
		x.survey = onboard.NewSurvey(p.Day(), nights)
		return nil
	})
	if err != nil {
		return nil, err
	}
	x.survey.Catalog(x.catalog)
	for _, product := range onboard.Products(x.catalog) {
		if room != "" && product[0] != room {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := a.s.Read(property, func(p *ari.Picture) error { x.survey.Product(p, product[0], product[1]); return nil }); err != nil {
			return nil, err
		}
	}
	if room == "" {
		x.survey.Whole(x.catalog)
	}
	x.sources = a.sourcesOf(property)
	x.mapped, x.unknown = onboard.Mapped(x.catalog, x.sources)
	parked, err := a.s.Parked(ctx, "", property, "", limitMax)
	if err != nil {
		return nil, err
	}
	oldest := ""
	if len(parked) > 0 {
		oldest = instantText(parked[0].Received)
	}
	x.unmapped = onboard.NothingUnmapped(len(parked), len(parked) == limitMax, oldest)
	return x, nil
}

// sourcesOf answers the connections that bring a property its data, as gates see them.
func (a *api) sourcesOf(property string) (out []onboard.Source) {
	for _, c := range a.s.Serving(property) {
		s := onboard.Source{Connection: c.ID, HubCodes: c.Unmapped || c.Protocol == "json", Profile: c.Profile, Unchosen: a.unchosen(&c)}
		if s.Profile == "" {
			s.Profile = "generic"
		}
		for _, m := range a.s.Mappings(c.ID, property) {
			if m.State != hub.MappingAccepted {
				continue
			}
			switch m.Kind {
			case hub.MapProperty:
				s.Property = true
			case hub.MapRoomType:
				s.Rooms = append(s.Rooms, m.Internal)
			case hub.MapRatePlan:
				s.Plans = append(s.Plans, m.Internal)
			}
		}
		out = append(out, s)
	}
	return out
}

// gates answers the gates of a stage, judged.
func (x *examined) gates(to ari.Stage) []onboard.Gate {
	var out []onboard.Gate
	for _, name := range onboard.Needs(to) {
		switch name {
		case onboard.GateMapped:
			out = append(out, x.mapped)
		case onboard.GateUnmapped:
			out = append(out, x.unmapped)
		case onboard.GatePriced:
			out = append(out, onboard.Priced(x.catalog, x.survey))
		case onboard.GateChoices:
			out = append(out, onboard.Choices(x.sources))
		}
	}
	return out
}

// shown answers where the property stands, with the gates of a stage.
func (x *examined) shown(to ari.Stage, gates []onboard.Gate) *stageJSON {
	v := &stageJSON{Property: x.property.Code, Stage: string(x.property.StageNow()), To: string(to), Open: true, Gates: []gateJSON{}, NotJudged: []laterJSON{}, Revision: x.revision}
	for _, g := range gates {
		v.Open = v.Open && g.OK
		v.Gates = append(v.Gates, gateJSON{g.Gate, g.OK, g.Evidence, g.Fix})
	}
	for _, l := range onboard.NotJudged(to) {
		v.NotJudged = append(v.NotJudged, laterJSON{l.Gate, l.Why})
	}
	return v
}

func (r *request) getStage() error {
	if err := r.atLeast(); err != nil {
		return err
	}
	if err := r.known(); err != nil {
		return err
	}
	x, err := r.api.examine(r.Context(), r.property(), "", gateNights)
	if err != nil {
		return err
	}
	to := ari.Stage(r.str("to"))
	if to == "" {
		to = onboard.Next(x.property.StageNow())
	}
	return r.json(http.StatusOK, x.shown(to, x.gates(to)))
}

func (r *request) setStage() error {
	var body stageBody
	if err := r.decode(&body); err != nil {
		return err
	}
	if err := r.known(); err != nil {
		return err
	}
	out, err := r.api.moveStage(r.Context(), mover{r.author(), r.id}, r.property(), ari.Stage(body.Stage), body.Reason, r.flag("dry_run"))
	if err != nil {
		return err
	}
	return r.json(http.StatusOK, out)
}

// moveStage judges the gates of a stage, and moves the property there if they hold. The change is an entry of the property like any setting's
// (S29); a property that was changed since it was judged is not moved.
func (a *api) moveStage(ctx context.Context, who mover, property string, to ari.Stage, reason string, dryRun bool) (*stageJSON, error) {
	x, err := a.examine(ctx, property, "", gateNights)
	if err != nil {
		return nil, err
	}
	from := x.property.StageNow()
	if want := onboard.Leads(from, to); want != "" {
		return nil, fault(codeStageOrder, "/stage", want, string(to)+" after "+string(from), "see docs/onboarding.md")
	}
	gates := x.gates(to)
	if from == to {
		gates = nil
	}
	out := x.shown(to, gates)
	out.DryRun = dryRun
	if !out.Open {
		var faults []canonical.Fault
		for _, g := range gates {
			if !g.OK {
				faults = append(faults, canonical.Fault{Code: codeGateClosed, Pointer: "/stage", Expected: "gate " + g.Gate + " to hold", Got: g.Evidence, Fix: g.Fix})
			}
		}
		return nil, faulty(faults)
	}
	if from == to {
		out.Position = position(a.s.Position())
		return out, nil
	}
	h := x.property
	h.Stage = to
	b, err := json.Marshal(&h)
	if err != nil {
		return nil, err
	}
	rc, err := a.s.Submit(ctx, &hub.Submission{
		DryRun: dryRun, Match: &hub.Match{Kind: ari.KindProperty, Code: property, Version: x.at},
		Update: ari.Update{Property: property, By: who.by, RequestID: who.request, Reason: reason, Objects: []ari.ObjectOp{{Kind: ari.KindProperty, Code: property, Body: b}}},
	})
	if err != nil {
		return nil, objectError(err)
	}
	out.Changed, out.Position, out.Revision = true, position(rc.Position), rc.Revision
	if !dryRun {
		out.Stage = string(to)
	}
	return out, nil
}

// findingsMax bounds the findings of one answer.
const findingsMax = 1000

func (r *request) checks() error {
	if err := r.atLeast(); err != nil {
		return err
	}
	if err := r.known(); err != nil {
		return err
	}
	nights := int(r.number("nights"))
	if nights == 0 {
		nights = gateNights
	}
	x, err := r.api.examine(r.Context(), r.property(), r.str("room_type"), nights)
	if err != nil {
		return err
	}
	if room := r.str("room_type"); room != "" && x.catalog.RoomTypes[room] == nil {
		return badParam("room_type", "a room type of the property", room)
	}
	for _, f := range x.unknown {
		x.survey.Add(f)
	}
	if !x.unmapped.OK {
		x.survey.Add(onboard.Finding{Code: onboard.UnmappedWaits, Severity: onboard.Error, Evidence: x.unmapped.Evidence, Fix: x.unmapped.Fix})
	}
	s := x.survey
	out := checksJSON{Property: r.property(), Stage: string(x.property.StageNow()), Revision: x.revision, From: s.From.String(), To: (s.From + ari.StayDate(s.Nights) - 1).String(), Items: []findingJSON{}}
	out.Products, out.Skipped = s.Looked()
	found := s.Findings()
	out.More = max(0, len(found)-findingsMax)
	for _, f := range found[:len(found)-out.More] {
		v := findingJSON{Code: f.Code, Severity: f.Severity, RoomType: f.RoomType, RatePlan: f.RatePlan, Nights: f.Nights, Evidence: f.Evidence, Fix: f.Fix}
		if f.Nights > 0 {
			v.From, v.To = f.From.String(), f.To.String()
		}
		out.Items = append(out.Items, v)
	}
	return r.json(http.StatusOK, out)
}

// age answers how long ago an instant was, in seconds.
func (r *request) age(t time.Time) int64 { return max(0, int64(r.api.o.Now().Sub(t)/time.Second)) }

// choosing is what a profile may say of itself: the names of the choices that can oversell and that nobody has made.
type choosing interface{ Unchosen() []string }

// unchosen answers the choices of a connection's profile that can oversell and that nobody has made. Protocols without profiles have none.
func (a *api) unchosen(c *hub.Connection) []string {
	if c.Protocol != protocolOTA {
		return nil
	}
	p, err := a.ota.profiles.of(a.s, c)
	if err != nil {
		return []string{"the profile cannot be read"}
	}
	if k, ok := any(p).(choosing); ok {
		return slices.Clone(k.Unchosen())
	}
	return nil
}
