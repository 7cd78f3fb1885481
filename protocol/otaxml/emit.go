package otaxml

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ratewire/ratewire/ari"
)

// Run is one thing to tell: a value of a field (or that it is cleared) at a scope on the dates of a span. Codes in the scope are the
// partner's own. The runs of one call must not overlap: of one scope and field, each date once.
type Run struct {
	Scope ari.Scope
	Span  ari.Span
	Verb  ari.Verb // Set or Clear; an adjust is never sent, since an absolute value survives a repeat
	Field ari.Field
	Value ari.Value
}

// Head is what a message says of itself and of the hotel that it is about.
type Head struct {
	Envelope  Envelope
	EchoToken string // of several messages the second has "-2" behind it, and so on
	At        time.Time
	Test      bool   // Target Test instead of Production
	HotelCode string // the partner's
	ItemsMax  int    // items a message; 0: 1,000, which keeps a message under 1 MiB

	// Plan answers the terms of a plan by the partner's code: tax side, basis, tiers, per person, currency. nil, or an answer of nil: not known,
	// and nothing of the amount is told that they decide.
	Plan func(code string) *ari.RatePlan
	// Currency is that of plans that name none.
	Currency string
	// Overlay tells rates as NotifType Overlay, which replaces what profile overlay_extent says, instead of Delta.
	Overlay bool
}

// Left is a run that was left out, and why: the format, or the partner by its profile, has no words for it. Whoever sends must close what
// depends on it; nothing near it was said instead.
type Left struct {
	Run Run
	Why string
}

// Emitted is what an encoder made of runs.
type Emitted struct {
	Messages []Reply // in order; Status is 0
	Left     []Left
}

// itemsMax is how many items a message has unless its head says otherwise: 1,000 items with a year's restrictions of one hotel are under 1 MiB,
// the least that a partner is known to take.
const itemsMax = 1_000

// emitter gathers what one call emits.
type emitter struct {
	p    *Profile
	h    *Head
	left []Left
}

func (e *emitter) drop(r Run, why string) { e.left = append(e.left, Left{r, why}) }

// JoinRuns answers the runs sorted by scope, field and date, with equal ones on adjoining dates made one.
func JoinRuns(runs []Run) []Run {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, compareRuns)
	out := sorted[:0]
	for _, r := range sorted {
		if k := len(out) - 1; k >= 0 && joins(&out[k], &r) {
			out[k].Span.To = max(out[k].Span.To, r.Span.To)
			continue
		}
		out = append(out, r)
	}
	return out
}

func compareRuns(a, b Run) int {
	return cmp.Or(compareScopes(a.Scope, b.Scope), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Span.Days, b.Span.Days), cmp.Compare(a.Span.From, b.Span.From))
}

// compareScopes orders scopes by their keys; most of what is compared is of one scope, and a key is text to be made.
func compareScopes(a, b ari.Scope) int {
	if a == b {
		return 0
	}
	return strings.Compare(a.Key(), b.Key())
}

func joins(a, b *Run) bool {
	return a.Span.To < ari.DateMax && b.Span.From <= a.Span.To+1 && a.Span.Days == b.Span.Days && a.Scope == b.Scope && a.Field == b.Field && a.Verb == b.Verb && a.Value == b.Value
}

// group is the runs of one scope and span: one item, or a few.
type group struct {
	scope ari.Scope
	span  ari.Span
	runs  []Run // by field
}

// groups answers the joined runs by scope and span, in the order of their dates.
func groups(runs []Run) []*group {
	type key struct {
		scope ari.Scope
		span  ari.Span
	}
	var out []*group
	by := map[key]*group{}
	for _, r := range JoinRuns(runs) {
		k := key{r.Scope, r.Span}
		g := by[k]
		if g == nil {
			g = &group{scope: r.Scope, span: r.Span}
			by[k] = g
			out = append(out, g)
		}
		g.runs = append(g.runs, r)
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(compareScopes(a.scope, b.scope), cmp.Compare(a.span.From, b.span.From), cmp.Compare(a.span.To, b.span.To), cmp.Compare(a.span.Days, b.span.Days))
	})
	return out
}

// Longest codes of the schema, in characters.
const (
	roomCodeMax  = 16
	planCodeMax  = 64
	blockCodeMax = 32
	hotelCodeMax = 16
)

// codeWhy answers why a code cannot be written; "" if it can.
func codeWhy(code string, max int) string {
	if ari.CheckCode(code) != nil || strings.ContainsAny(code, "\ufffe\uffff") {
		return "a code that XML cannot carry"
	}
	if utf8.RuneCountInString(code) > max {
		return "a code longer than the schema's " + strconv.Itoa(max) + " characters"
	}
	return ""
}

// dates answers Start, End and the seven weekdays, which are always told: what is absent means something else to each partner.
func (e *emitter) dates(span ari.Span) (attrs []string, why string) {
	to := span.To
	switch {
	case span.From < 0:
		return nil, "no first date"
	case to == ari.DateMax && len(e.p.OpenEnd) == 0:
		return nil, "no last date, and the profile has no word for that (open_end)"
	case to == ari.DateMax:
		to = e.p.OpenEnd[0]
	case slices.Contains(e.p.OpenEnd, to):
		return nil, "a last date that the profile reads as no end (open_end)"
	}
	if to < span.From || to > ari.DateOf(9999, 12, 31) || span.Days&ari.AllDays == 0 {
		return nil, "no date"
	}
	attrs = []string{"Start", span.From.String(), "End", to.String()}
	for i, names := range days {
		attrs = append(attrs, names[0], strconv.FormatBool(span.Days&(1<<i) != 0))
	}
	return attrs, ""
}

// control writes a StatusApplicationControl; why says why its scope or span cannot be told.
func (e *emitter) control(s ari.Scope, span ari.Span) (body []byte, why string) {
	attrs, why := e.dates(span)
	for _, part := range []func(ari.Scope) ([]string, string){e.rooms, e.rates, e.block} {
		more, bad := part(s)
		if why == "" {
			why = bad
		}
		attrs = append(attrs, more...)
	}
	if why == "" && s.Channel != "" {
		why = codeWhy(s.Channel, blockCodeMax)
		if e.p.Destinations != "channel" {
			why = "one channel (profile: destinations)"
		}
	}
	if why != "" {
		return nil, why
	}
	var w writer
	if s.Channel == "" {
		w.empty("StatusApplicationControl", attrs...)
		return w.b, ""
	}
	w.open("StatusApplicationControl", attrs...)
	w.open("DestinationSystemCodes")
	w.element("DestinationSystemCode", s.Channel)
	w.close("DestinationSystemCodes")
	w.close("StatusApplicationControl")
	return w.b, ""
}

func (e *emitter) rooms(s ari.Scope) (attrs []string, why string) {
	switch s.Rooms {
	case ari.AllRooms:
		return []string{"AllInvCode", "true"}, ""
	case ari.RoomTypeKind:
		return []string{"InvTypeCode", s.Room}, codeWhy(s.Room, roomCodeMax)
	case ari.RoomClassKind:
		if e.p.InvCode != "room_type" {
			return nil, "a room class (profile: inv_code)"
		}
		return []string{"InvCodeApplication", "InvGroupingCode", "InvCode", s.Room}, codeWhy(s.Room, roomCodeMax)
	}
	return nil, "a pool that is no room type"
}

func (e *emitter) rates(s ari.Scope) (attrs []string, why string) {
	switch s.Rates {
	case ari.AllRates:
		return []string{"AllRateCode", "true"}, ""
	case ari.PlanKind:
		return []string{"RatePlanCode", s.Rate}, codeWhy(s.Rate, planCodeMax)
	case ari.CategoryKind:
		return []string{"RatePlanCategory", s.Rate}, codeWhy(s.Rate, planCodeMax)
	}
	return nil, "a plan with everything derived from it"
}

func (e *emitter) block(s ari.Scope) (attrs []string, why string) {
	if s.Block == "" {
		return nil, ""
	}
	return []string{"InvBlockCodeApply", "BlockCode", "InvBlockCode", s.Block}, codeWhy(s.Block, blockCodeMax)
}

// frameOf is the message around items: what the root says, and the element that holds them.
type frameOf struct {
	kind      string
	attrs     []string // of the root, beside the usual ones
	container string   // with HotelCode; "" if the items stand in the root
	bare      bool     // without it: each item names the hotel
}

// pack writes items into as few messages as the head allows.
func (e *emitter) pack(f frameOf, items [][]byte) (out []Reply) {
	limit := e.h.ItemsMax
	if limit <= 0 {
		limit = itemsMax
	}
	for n := 1; len(items) > 0; n++ {
		some := items[:min(limit, len(items))]
		items = items[len(some):]
		out = append(out, e.message(f, n, some))
	}
	return out
}

func (e *emitter) message(f frameOf, n int, items [][]byte) Reply {
	var w writer
	w.start(e.h.Envelope)
	w.open(f.kind, append(e.root(n), f.attrs...)...)
	switch {
	case f.bare:
		w.open(f.container)
	case f.container != "":
		w.open(f.container, "HotelCode", e.h.HotelCode)
	}
	for _, b := range items {
		w.b = append(w.b, b...)
	}
	if f.container != "" {
		w.close(f.container)
	}
	w.close(f.kind)
	w.end(e.h.Envelope)
	return Reply{ContentType: contentType(e.h.Envelope), Body: w.b}
}

// root answers the attributes of the n-th message's root.
func (e *emitter) root(n int) []string {
	attrs := []string{"xmlns", otaSpace}
	if token := e.h.EchoToken; token != "" {
		tail := ""
		if n > 1 {
			tail = "-" + strconv.Itoa(n)
		}
		attrs = append(attrs, "EchoToken", token[:min(len(token), 120)]+tail)
	}
	target := "Production"
	if e.h.Test {
		target = "Test"
	}
	return append(attrs, "TimeStamp", e.h.At.UTC().Format("2006-01-02T15:04:05.000Z"), "Target", target, "Version", "3.0")
}

// plan answers the terms of a plan; nil if they are not known.
func (e *emitter) plan(code string) *ari.RatePlan {
	if e.h.Plan == nil {
		return nil
	}
	return e.h.Plan(code)
}

// startEmit begins an encoder's work: a hotel code that cannot be written leaves every run out.
func startEmit(p *Profile, h *Head, runs []Run) (*emitter, []Run) {
	e := &emitter{p: p, h: h}
	why := codeWhy(h.HotelCode, hotelCodeMax)
	if why == "" {
		return e, runs
	}
	for _, r := range runs {
		e.drop(r, "the hotel: "+why)
	}
	return e, nil
}
