package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// OverlayJSON is an overlay in a body or answer: what a person or client lays over source values, without touching them.
type OverlayJSON struct {
	ID   string `json:"id,omitempty" maxLength:"64"`
	Kind string `json:"kind" enum:"stop_sell,cap,floor,hold" doc:"stop_sell: not sold. cap: at most so many rooms. floor: not below this nightly amount. (hold: see holds.)"`
	canonical.Scope
	canonical.Span
	Rooms    *int             `json:"rooms,omitempty" minimum:"0" maximum:"1000000" doc:"Of a cap."`
	Amount   *canonical.Price `json:"amount,omitempty" doc:"Of a floor."`
	Reason   string           `json:"reason,omitempty" maxLength:"256" doc:"Why, for whoever meets it."`
	Expires  string           `json:"expires,omitempty" format:"date-time" doc:"It lifts by itself then; none: never."`
	Owner    string           `json:"owner,omitempty" readOnly:"true"`
	Revision int64            `json:"revision,omitempty" readOnly:"true"`
}

// overlaysJSON lays one overlay on several properties.
type overlaysJSON struct {
	Properties []string `json:"properties" minItems:"1" maxItems:"500"`
	OverlayJSON
}

// laidJSON answers for each property.
type laidJSON struct {
	Results []laidOne `json:"results"`
}

type laidOne struct {
	Property string       `json:"property"`
	ID       string       `json:"id"`
	Receipt  *receiptJSON `json:"receipt,omitempty"`
	Problem  *Problem     `json:"problem,omitempty"`
}

const overlayExample = `{"kind":"stop_sell","room_type":"DLX","from":"2026-12-24","to":"2026-12-26","channel":"bookwell","reason":"INC-2231","expires":"2026-12-01T10:00:00Z"}`

func (a *api) overlayRoutes() []*route {
	one := "/v1/properties/{property}/overlays/{id}"
	write := []param{pDryRun, pChanges}
	return []*route{
		{
			method: "POST", path: "/v1/overlays", op: "layOverlay", tag: "Overlays", scope: scopeOverlaysWrite, rights: byBody, summary: "Lay an overlay on several properties",
			doc:   "An entry in each property, all citing one request. Each property answers for itself.",
			query: write, body: typeOf[overlaysJSON](), answer: typeOf[laidJSON](), handle: (*request).layOverlays,
			bodyExample: `{"properties":["ALP1","ALP2"],` + overlayExample[1:],
		},
		{
			method: "GET", path: "/v1/properties/{property}/overlays", op: "listOverlays", tag: "Overlays", scope: scopeARIRead, rights: byPath, summary: "Overlays of a property, holds included",
			query:  []param{{name: "kind", enum: []string{"stop_sell", "cap", "floor", "hold"}}, pLimit, pCursor, pAtLeast},
			answer: typeOf[listOf[OverlayJSON]](), handle: (*request).listOverlays,
		},
		{
			method: "GET", path: one, op: "getOverlay", tag: "Overlays", scope: scopeARIRead, rights: byPath, summary: "Get an overlay", answer: typeOf[OverlayJSON](),
			handle: (*request).getOverlay, problems: []string{ari.CodeUnknownOverlay},
		},
		{
			method: "PUT", path: one, op: "putOverlay", tag: "Overlays", scope: scopeOverlaysWrite, rights: byPath, summary: "Lay or change an overlay", query: write,
			body: typeOf[OverlayJSON](), bodyExample: overlayExample, answer: typeOf[receiptJSON](), handle: (*request).putOverlay,
		},
		{
			method: "DELETE", path: one, op: "liftOverlay", tag: "Overlays", scope: scopeOverlaysWrite, rights: byPath, summary: "Lift an overlay", query: append(write, pReason),
			answer: typeOf[receiptJSON](), handle: (*request).liftOverlay, problems: []string{ari.CodeUnknownOverlay},
		},
	}
}

// overlayOutside answers an overlay as the API shows it.
func overlayOutside(o *ari.Overlay) OverlayJSON {
	v := OverlayJSON{ID: o.ID, Kind: string(o.Kind), Scope: scopeOutside(o.Scope), Span: spanOutside(o.Span), Reason: o.Reason, Owner: o.Owner, Revision: o.Revision}
	if o.Kind == ari.Cap || o.Kind == ari.Hold {
		v.Rooms = &o.Rooms
	}
	if o.Kind == ari.Floor {
		v.Amount = &canonical.Price{}
		if o.Side == ari.SideBefore {
			v.Amount.BeforeTax = o.Amount.String()
		} else {
			v.Amount.AfterTax = o.Amount.String()
		}
	}
	if !o.Expires.IsZero() {
		v.Expires = instantText(o.Expires)
	}
	return v
}

func instantText(t time.Time) string { return string(canonical.AppendTime(nil, t)) }

func scopeOutside(s ari.Scope) (out canonical.Scope) {
	switch s.Rooms {
	case ari.RoomTypeKind:
		out.RoomType = s.Room
	case ari.RoomClassKind:
		out.RoomClass = s.Room
	case ari.PoolKind:
		out.Pool = s.Room
	}
	switch s.Rates {
	case ari.PlanKind:
		out.RatePlan = s.Rate
	case ari.CategoryKind:
		out.RateCategory = s.Rate
	case ari.FamilyKind:
		out.RateFamily = s.Rate
	}
	out.Channel, out.Block = s.Channel, s.Block
	return out
}

func spanOutside(s ari.Span) (out canonical.Span) {
	switch {
	case s.From == ari.DateMin:
		out.Undated = true
	case s.To == ari.DateMax:
		out.From, out.OpenEnded = s.From.String(), true
	default:
		out.From, out.To = s.From.String(), s.To.String()
	}
	if s.Days != ari.AllDays {
		out.Weekdays = s.Days.Names()
	}
	return out
}

// overlayInside reads an overlay of a body, whose members were checked one by one.
func overlayInside(v *OverlayJSON) (o ari.Overlay, err error) {
	place, err := canonical.Place(&v.Scope, &v.Span)
	if err != nil {
		return o, err
	}
	o = ari.Overlay{ID: v.ID, Kind: ari.OverlayKind(v.Kind), Scope: place.Scope, Span: place.Span, Reason: v.Reason}
	if v.Expires != "" {
		t, _ := time.Parse(time.RFC3339, v.Expires)
		o.Expires = t.UTC()
	}
	bad := func(pointer, expected string) error {
		return fault(canonical.CodeMissing, pointer, expected, "", "")
	}
	switch o.Kind {
	case ari.Hold:
		return o, fault(canonical.CodeFormat, "/kind", "stop_sell, cap or floor", "hold", "place holds at /v1/properties/{property}/holds/{reference}")
	case ari.Cap:
		if v.Rooms == nil {
			return o, bad("/rooms", "at most so many rooms")
		}
		o.Rooms = *v.Rooms
	case ari.Floor:
		if v.Amount == nil || (v.Amount.BeforeTax == "") == (v.Amount.AfterTax == "") {
			return o, bad("/amount", `a nightly amount on one side, {"after_tax": "80.00"}`)
		}
		o.Side = ari.SideAfter
		text := v.Amount.AfterTax
		if text == "" {
			o.Side, text = ari.SideBefore, v.Amount.BeforeTax
		}
		if o.Amount, err = ari.ParseAmount(text); err != nil || o.Amount < 0 {
			return o, fault(canonical.CodeFormat, "/amount", `a decimal as a string, "80.00"`, text, "")
		}
	}
	if o.Kind != ari.Cap && v.Rooms != nil {
		return o, fault(canonical.CodeFormat, "/rooms", "nothing: only a cap has rooms", strconv.Itoa(*v.Rooms), "leave it out")
	}
	if o.Kind != ari.Floor && v.Amount != nil {
		return o, fault(canonical.CodeFormat, "/amount", "nothing: only a floor has an amount", "", "leave it out")
	}
	return o, nil
}

// overlayUpdate is the update that changes an overlay.
func (r *request) overlayUpdate(property string, verb ari.OverlayVerb, o ari.Overlay, reason string) *hub.Submission {
	return &hub.Submission{DryRun: r.flag("dry_run"), Update: ari.Update{
		Property: property, By: r.author(), RequestID: r.id, Reason: reason, Overlays: []ari.OverlayOp{{Verb: verb, Overlay: o}},
	}}
}

// overlayError gives the refusal of an overlay the pointers of its body.
func overlayError(err error) error {
	u, ok := err.(*ari.UpdateError)
	if !ok {
		return err
	}
	return refused(u, func(e *ari.ItemError) string { return overlayPointer(e.Path) })
}

// overlayPointer turns ari's path ("overlay.rooms", "scope.room", "to") into a pointer of the body.
func overlayPointer(path string) string {
	if rest, ok := cutAny(path, "overlay.", "scope."); ok {
		path = rest
	}
	if path == "" {
		return ""
	}
	return "/" + path
}

func cutAny(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if len(s) > len(p) && s[:len(p)] == p {
			return s[len(p):], true
		}
	}
	return s, false
}

func (r *request) layOverlays() error {
	var body overlaysJSON
	if err := r.decode(&body); err != nil {
		return err
	}
	o, err := overlayInside(&body.OverlayJSON)
	if err != nil {
		return err
	}
	if o.ID == "" {
		o.ID = "ovl_" + randomHex(8)
	}
	o.Owner = r.who.name()
	type result struct {
		Property string          `json:"property"`
		ID       string          `json:"id"`
		Receipt  json.RawMessage `json:"receipt,omitempty"`
		Problem  *Problem        `json:"problem,omitempty"`
	}
	results := make([]result, len(body.Properties))
	for i, property := range body.Properties {
		results[i] = result{Property: property, ID: o.ID}
		if !r.who.may(property) || property == ari.HubProperty {
			results[i].Problem = r.own(problem("unknown_property", ""))
			continue
		}
		rc, err := r.api.s.Submit(r.Context(), r.overlayUpdate(property, ari.OverlayPut, o, o.Reason))
		if n := (*hub.NotWriterError)(nil); asNotWriter(err, &n) {
			return n // the first says it for all: none was applied here
		}
		if err != nil {
			results[i].Problem = r.own(problemOf(overlayError(err)))
			continue
		}
		results[i].Receipt = appendReceipt(nil, &rc, r.flag("dry_run"), r.flag("dry_run") || r.flag("changes"), func(int, string) string { return "" })
	}
	return r.json(http.StatusOK, struct {
		Results []result `json:"results"`
	}{results})
}

// own gives a problem inside an answer the request's id.
func (r *request) own(p *Problem) *Problem {
	p.RequestID = r.id
	return p
}

func (r *request) listOverlays() error {
	after, err := r.cursor()
	if err != nil {
		return err
	}
	if err := r.atLeast(); err != nil {
		return err
	}
	kind, limit := ari.OverlayKind(r.str("kind")), r.limit()
	var list []ari.Overlay
	if err := r.api.s.Read(r.property(), func(p *ari.Picture) error {
		list = p.Overlays(after, limit+1, func(o *ari.Overlay) bool { return kind == "" || o.Kind == kind })
		return nil
	}); err != nil {
		return err
	}
	out := listJSON{Items: []any{}}
	for i := range min(len(list), limit) {
		out.Items = append(out.Items, overlayOutside(&list[i]))
	}
	if len(list) > limit {
		next := cursorOf(list[limit-1].ID)
		out.Next = &next
	}
	return r.json(http.StatusOK, out)
}

// overlay answers an overlay of the property.
func (r *request) overlay(id string) (o ari.Overlay, err error) {
	err = r.api.s.Read(r.property(), func(p *ari.Picture) error {
		have, ok := p.Overlay(id)
		if !ok {
			return problem(ari.CodeUnknownOverlay, "")
		}
		o = have
		return nil
	})
	return o, err
}

func (r *request) getOverlay() error {
	o, err := r.overlay(r.PathValue("id"))
	if err != nil {
		return err
	}
	return r.json(http.StatusOK, overlayOutside(&o))
}

func (r *request) putOverlay() error {
	var body OverlayJSON
	if err := r.decode(&body); err != nil {
		return err
	}
	if id := r.PathValue("id"); body.ID != "" && body.ID != id {
		return fault("other_code", "/id", id+", as in the path", body.ID, "leave it out")
	}
	o, err := overlayInside(&body)
	if err != nil {
		return err
	}
	o.ID, o.Owner = r.PathValue("id"), r.who.name()
	rc, err := r.api.s.Submit(r.Context(), r.overlayUpdate(r.property(), ari.OverlayPut, o, o.Reason))
	if err != nil {
		return overlayError(err)
	}
	return r.receipt(&rc, http.StatusOK)
}

func (r *request) liftOverlay() error {
	o, err := r.overlay(r.PathValue("id"))
	if err != nil {
		return err
	}
	if o.Kind == ari.Hold {
		return problem(ari.CodeHoldState, "this is a hold: release it at /v1/properties/{property}/holds/{reference}")
	}
	rc, err := r.api.s.Submit(r.Context(), r.overlayUpdate(r.property(), ari.OverlayRemove, ari.Overlay{ID: o.ID}, r.str("reason")))
	if err != nil {
		return overlayError(err)
	}
	return r.receipt(&rc, http.StatusOK)
}

// holdJSON is rooms held for a sale in progress.
type holdJSON struct {
	Reference string `json:"reference,omitempty" readOnly:"true" doc:"The client's own booking reference."`
	RoomType  string `json:"room_type" minLength:"1" maxLength:"64"`
	RatePlan  string `json:"rate_plan" minLength:"1" maxLength:"64"`
	Channel   string `json:"channel,omitempty" maxLength:"64"`
	Arrival   string `json:"arrival" format:"date"`
	Nights    int    `json:"nights" minimum:"1" maximum:"999"`
	Rooms     int    `json:"rooms,omitempty" minimum:"1" maximum:"9999" doc:"Default 1."`
	Expires   string `json:"expires,omitempty" format:"date-time" doc:"Default 15 minutes from now; when confirmed 24 hours."`
	State     string `json:"state,omitempty" readOnly:"true" doc:"placed or confirmed. The list is open."`
	Confirmed string `json:"confirmed,omitempty" format:"date-time" readOnly:"true"`
	Revision  int64  `json:"revision,omitempty" readOnly:"true"`
}

// confirmJSON confirms a hold.
type confirmJSON struct {
	Expires string `json:"expires,omitempty" format:"date-time" doc:"It stays deducted until the count of its rooms is told again, or this; default 24 hours from now."`
}

func (a *api) holdRoutes() []*route {
	one := "/v1/properties/{property}/holds/{reference}"
	write := []param{pDryRun, pChanges}
	return []*route{
		{
			method: "PUT", path: one, op: "placeHold", tag: "Holds", scope: scopeHoldsWrite, rights: byPath, summary: "Hold rooms for a sale in progress",
			doc: "Never more than is left on every night: 409 not_enough_rooms otherwise, and nothing is held. The reference is the client's own; the same hold again is answered as it is, " +
				"another under the same reference is 409 hold_differs.",
			query: write, body: typeOf[holdJSON](), bodyExample: `{"room_type":"DLX","rate_plan":"BAR","arrival":"2026-12-24","nights":2}`, answer: typeOf[receiptJSON](),
			handle: (*request).placeHold, problems: []string{ari.CodeNotEnoughRooms, "hold_differs"},
		},
		{method: "GET", path: one, op: "getHold", tag: "Holds", scope: scopeHoldsWrite, rights: byPath, summary: "Get a hold", answer: typeOf[holdJSON](),
			handle: (*request).getHold, problems: []string{ari.CodeUnknownOverlay}},
		{method: "POST", path: one + "/confirm", op: "confirmHold", tag: "Holds", scope: scopeHoldsWrite, rights: byPath, summary: "Confirm a hold: the sale was made",
			query: write, body: typeOf[confirmJSON](), answer: typeOf[receiptJSON](), handle: (*request).confirmHold, problems: []string{ari.CodeUnknownOverlay}},
		{method: "DELETE", path: one, op: "releaseHold", tag: "Holds", scope: scopeHoldsWrite, rights: byPath, summary: "Release a hold", query: append(write, pReason),
			answer: typeOf[receiptJSON](), handle: (*request).releaseHold, problems: []string{ari.CodeUnknownOverlay}},
	}
}

// holdID is the overlay's id of a client's reference: two clients may use the same one.
func (r *request) holdID() string {
	sum := sha256.Sum256([]byte(r.who.client + "\x00" + r.PathValue("reference")))
	return "hold_" + hex.EncodeToString(sum[:12])
}

func (r *request) holdInside(v *holdJSON) (ari.Overlay, error) {
	reference := r.PathValue("reference")
	if err := ari.CheckCode(reference); err != nil {
		return ari.Overlay{}, fault(canonical.CodeFormat, "", "a reference of 1 to 64 printable bytes in the path", reference, "")
	}
	if v.Reference != "" && v.Reference != reference {
		return ari.Overlay{}, fault("other_code", "/reference", reference+", as in the path", v.Reference, "leave it out")
	}
	arrival, _ := ari.ParseDate(v.Arrival)
	scope := ari.Product(v.RoomType, v.RatePlan)
	scope.Channel = v.Channel
	o := ari.Overlay{ID: r.holdID(), Kind: ari.Hold, Scope: scope, Span: ari.Dates(arrival, arrival+ari.StayDate(v.Nights)-1), Rooms: max(v.Rooms, 1),
		Owner: r.who.client, Reason: reference}
	if v.Expires != "" {
		t, _ := time.Parse(time.RFC3339, v.Expires)
		if o.Expires = t.UTC(); !o.Expires.After(r.api.o.Now()) {
			return o, fault(canonical.CodeRange, "/expires", "an instant to come", v.Expires, "")
		}
	}
	return o, nil
}

func (r *request) placeHold() error {
	var body holdJSON
	if err := r.decode(&body); err != nil {
		return err
	}
	o, err := r.holdInside(&body)
	if err != nil {
		return err
	}
	if done, err := r.heldAlready(&o); done || err != nil {
		return err
	}
	rc, err := r.api.s.Submit(r.Context(), r.overlayUpdate(r.property(), ari.OverlayPut, o, ""))
	if err == nil {
		return r.receipt(&rc, http.StatusCreated)
	}
	if p := problemOf(overlayError(err)); p.Code == ari.CodeHoldState {
		if done, err := r.heldAlready(&o); done || err != nil { // another request of the same was faster
			return err
		}
	}
	return overlayError(err)
}

// heldAlready answers a hold that is there: as it is if it is the same, as a conflict otherwise.
func (r *request) heldAlready(o *ari.Overlay) (done bool, err error) {
	have, err := r.overlay(o.ID)
	if err != nil {
		if problemOf(err).Code == ari.CodeUnknownOverlay {
			err = nil
		}
		return false, err
	}
	if have.Scope != o.Scope || have.Span != o.Span || have.Rooms != o.Rooms {
		return false, problem("hold_differs", "")
	}
	rc := hub.Receipt{Property: r.property(), Revision: have.Revision, Position: r.api.s.Position(), Verdict: hub.VerdictUnchanged, Repeat: true}
	return true, r.receipt(&rc, http.StatusOK)
}

func (r *request) getHold() error {
	o, err := r.overlay(r.holdID())
	if err != nil {
		return err
	}
	v := holdJSON{Reference: o.Reason, RoomType: o.Scope.Room, RatePlan: o.Scope.Rate, Channel: o.Scope.Channel, Arrival: o.Span.From.String(),
		Nights: int(o.Span.To-o.Span.From) + 1, Rooms: o.Rooms, State: "placed", Revision: o.Revision}
	if !o.Expires.IsZero() {
		v.Expires = instantText(o.Expires)
	}
	if !o.Confirmed.IsZero() {
		v.State, v.Confirmed = "confirmed", instantText(o.Confirmed)
	}
	return r.json(http.StatusOK, v)
}

func (r *request) confirmHold() error {
	var body confirmJSON
	if r.ContentLength != 0 {
		if err := r.decode(&body); err != nil {
			return err
		}
	}
	o := ari.Overlay{ID: r.holdID()}
	if body.Expires != "" {
		t, _ := time.Parse(time.RFC3339, body.Expires)
		o.Expires = t.UTC()
	}
	if have, err := r.overlay(o.ID); err != nil {
		return err
	} else if !have.Confirmed.IsZero() {
		rc := hub.Receipt{Property: r.property(), Revision: have.Revision, Position: r.api.s.Position(), Verdict: hub.VerdictUnchanged, Repeat: true}
		return r.receipt(&rc, http.StatusOK)
	}
	rc, err := r.api.s.Submit(r.Context(), r.overlayUpdate(r.property(), ari.OverlayConfirm, o, ""))
	if err != nil {
		return overlayError(err)
	}
	return r.receipt(&rc, http.StatusOK)
}

func (r *request) releaseHold() error {
	if _, err := r.overlay(r.holdID()); err != nil {
		return err
	}
	rc, err := r.api.s.Submit(r.Context(), r.overlayUpdate(r.property(), ari.OverlayRemove, ari.Overlay{ID: r.holdID()}, r.str("reason")))
	if err != nil {
		return overlayError(err)
	}
	return r.receipt(&rc, http.StatusOK)
}
