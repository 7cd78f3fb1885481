package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// Bounds of what one answer shows of a picture: a year of one product, a month of a large hotel.
const (
	gridNightsMax = 400
	gridCellsMax  = 40_000
	cellsMax      = 5_000
)

// gridJSON is the effective values of a property's products. It documents what grid writes.
type gridJSON struct {
	Property string            `json:"property"`
	Revision int64             `json:"revision"`
	Day      string            `json:"day" format:"date" doc:"The property's calendar date."`
	Products []gridProductJSON `json:"products"`
}

type gridProductJSON struct {
	RoomType string          `json:"room_type"`
	RatePlan string          `json:"rate_plan"`
	Nights   []gridNightJSON `json:"nights"`
}

type gridNightJSON struct {
	Date           string           `json:"date" format:"date"`
	Left           *int             `json:"left,omitempty" doc:"Rooms left to sell."`
	Inventory      string           `json:"inventory,omitempty" doc:"Why left is not known: no_inventory or cannot_evaluate."`
	StopSell       bool             `json:"stop_sell,omitempty"`
	Unopened       bool             `json:"unopened,omitempty"`
	CannotEvaluate bool             `json:"cannot_evaluate,omitempty"`
	Restrictions   []fieldValueJSON `json:"restrictions,omitempty" doc:"In force, scopes combined."`
	Floors         []canonical.Rate `json:"floors,omitempty"`
	Rates          []canonical.Rate `json:"rates,omitempty"`
}

type fieldValueJSON struct {
	Field string `json:"field"`
	Value any    `json:"value" doc:"As in set."`
}

// cellsJSON is source cells.
type cellsJSON struct {
	Property string     `json:"property"`
	Revision int64      `json:"revision"`
	Items    []cellJSON `json:"items"`
	Next     *string    `json:"next"`
}

type cellJSON struct {
	canonical.Scope
	canonical.Span
	Field    string `json:"field"`
	Owner    string `json:"owner,omitempty" doc:"Connection, for restrictions and limits."`
	Value    any    `json:"value" doc:"As in set; null: told to be unset."`
	Text     string `json:"text,omitempty" doc:"Of a kind that cannot be evaluated, as told."`
	Standing bool   `json:"standing,omitempty" doc:"Of an open-ended or undated statement."`
	Stamp    int64  `json:"stamp" doc:"What orders it within its connection: microseconds of the source's time, or its sequence."`
	Revision int64  `json:"revision,omitempty" doc:"That told it: see history."`
}

var scopeParams = []param{
	{name: "room_type"}, {name: "room_class"}, {name: "pool"}, {name: "rate_plan"}, {name: "rate_category"}, {name: "rate_family"}, {name: "channel"}, {name: "block"},
}

func (a *api) pictureRoutes() []*route {
	span := []param{{name: "from", kind: date, required: true, doc: "First stay date."}, {name: "to", kind: date, doc: "Last one, included; default from."}}
	history := append([]param{
		{name: "field", doc: "closed, min_los_arrival, count.net, limit.remaining, rate.adults.2 ..."}, {name: "date", kind: date, doc: "Only what changed this date."},
		pLimit, pCursor, pAt, pAtLeast,
	}, scopeParams...)
	cells := append([]param{{name: "field"}, pLimit, pCursor, pAt, pAtLeast}, append(span, scopeParams...)...)
	return []*route{
		{
			method: "GET", path: "/v1/properties/{property}/grid", op: "getGrid", tag: "Picture", scope: scopeARIRead, rights: byPath, summary: "Effective values: what is sold",
			doc:   "Scopes combined, derived plans computed, blocks and holds deducted, overlays applied. At most 400 nights and 40,000 cells: name room types or plans for more.",
			query: append([]param{{name: "room_type"}, {name: "rate_plan"}, {name: "channel"}, pAt, pAtLeast}, span...), answer: typeOf[gridJSON](), handle: (*request).grid,
			problems: []string{"unknown_property", "gone", "behind"},
		},
		{
			method: "GET", path: "/v1/properties/{property}/cells", op: "listCells", tag: "Picture", scope: scopeARIRead, rights: byPath, summary: "Source cells: what the sources told",
			doc:   "One scope if any of its parts is named (parts left out mean all), every scope otherwise. Pages are of one revision.",
			query: cells, answer: typeOf[cellsJSON](), handle: (*request).cells, problems: []string{"gone"},
		},
		{
			method: "GET", path: "/v1/properties/{property}/blocks/{code}/grid", op: "getBlockGrid", tag: "Picture", scope: scopeARIRead, rights: byPath, summary: "The grid of a block: numbers and cutoffs as told",
			doc:   "Written by updates: items with the block's id and set.block_grid.",
			query: append([]param{pLimit, pCursor, pAt, pAtLeast}, span...), answer: typeOf[cellsJSON](), handle: (*request).blockGrid, problems: []string{"unknown_block", "gone"},
		},
		{
			method: "GET", path: "/v1/properties/{property}/history", op: "getHistory", tag: "Picture", scope: scopeARIRead, rights: byPath, summary: "Who changed a cell, when and why",
			doc:   "Newest first. With scope, field and date: one cell. Without: every entry of the property.",
			query: history, answer: typeOf[feedJSON](), handle: (*request).history,
		},
	}
}

// picture calls f with the property's picture, as it is or as it was at what name of the query says.
func (r *request) picture(property, name string, f func(p *ari.Picture) error) error {
	v := r.q.Get(name)
	if v == "" {
		return r.api.s.Read(property, f)
	}
	revision, err := r.revisionAt(property, name, v)
	if err != nil {
		return err
	}
	p, err := r.api.s.Past(r.Context(), property, revision)
	if err != nil {
		return err
	}
	return f(p)
}

// revisionAt answers the revision that a value of at= names: its number, or an instant.
func (r *request) revisionAt(property, name, v string) (int64, error) {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 0 {
		return n, nil
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return 0, badParam(name, "a revision, or an instant with zone", v)
	}
	return r.api.s.RevisionAt(r.Context(), property, t)
}

func (r *request) grid() error {
	from, to, err := r.span(gridNightsMax)
	if err != nil {
		return err
	}
	if err := r.atLeast(); err != nil {
		return err
	}
	var b []byte
	err = r.picture(r.property(), "at", func(p *ari.Picture) error {
		c := p.Catalog()
		rooms, plans := one(r.str("room_type"), c.RoomCodes), one(r.str("rate_plan"), c.PlanCodes)
		if n := len(rooms) * len(plans) * int(to-from+1); n > gridCellsMax {
			return badParam("to", "at most "+strconv.Itoa(gridCellsMax)+" cells: fewer nights, one room type or one rate plan", strconv.Itoa(n)+" cells")
		}
		b = canonical.AppendString(append(b, `{"property":`...), p.Code())
		b = strconv.AppendInt(append(b, `,"revision":`...), p.Revision(), 10)
		b = canonical.AppendDate(append(b, `,"day":"`...), p.Day())
		b = append(b, `","products":[`...)
		start := len(b)
		for _, room := range rooms {
			for _, plan := range plans {
				b = appendGrid(b, start, p, room, plan, r.str("channel"), from, to)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.bytes(http.StatusOK, append(b, "]}\n"...))
}

func one(code string, all []string) []string {
	if code != "" {
		return []string{code}
	}
	return all
}

// appendGrid writes a product, unless it is not offered; start is where the list of products begins.
func appendGrid(b []byte, start int, p *ari.Picture, room, plan, channel string, from, to ari.StayDate) []byte {
	undo := len(b)
	if len(b) > start {
		b = append(b, ',')
	}
	b = canonical.AppendString(append(b, `{"room_type":`...), room)
	b = canonical.AppendString(append(b, `,"rate_plan":`...), plan)
	b = append(b, `,"nights":[`...)
	nights := len(b)
	if !p.Grid(room, plan, channel, from, to, func(c *ari.GridCell) {
		if len(b) > nights {
			b = append(b, ',')
		}
		b = appendGridNight(b, c)
	}) {
		return b[:undo]
	}
	return append(b, "]}"...)
}

func appendGridNight(b []byte, c *ari.GridCell) []byte {
	b = append(canonical.AppendDate(append(b, `{"date":"`...), c.Date), '"')
	if c.Inventory == "" {
		b = strconv.AppendInt(append(b, `,"left":`...), int64(c.Left), 10)
	} else {
		b = append(append(append(b, `,"inventory":"`...), c.Inventory...), '"')
	}
	flag := func(on bool, name string) {
		if on {
			b = append(append(append(b, `,"`...), name...), `":true`...)
		}
	}
	flag(c.StopSell, "stop_sell")
	flag(c.Unopened, "unopened")
	flag(c.CannotEvaluate, "cannot_evaluate")
	b = appendList(b, "restrictions", len(c.Restrictions), func(b []byte, i int) []byte {
		x := &c.Restrictions[i]
		b = append(append(append(b, `{"field":"`...), x.Field.String()...), `","value":`...)
		return append(canonical.AppendValue(b, x.Field, x.Value), '}')
	})
	b = appendList(b, "floors", len(c.Floors), func(b []byte, i int) []byte { return canonical.AppendValue(b, floorField, c.Floors[i].Value) })
	b = appendList(b, "rates", len(c.Rates), func(b []byte, i int) []byte { return canonical.AppendRate(b, c.Rates[i].Field, c.Rates[i].Value) })
	return append(b, '}')
}

// floorField is a field whose values look like a floor's: an amount on one side.
var floorField = ari.Restriction(ari.Night, ari.MinPrice)

// scopeAsked answers the scope that the query names; false if it names none.
func (r *request) scopeAsked() (s ari.Scope, any bool, err error) {
	for _, p := range []struct {
		name string
		kind ari.RoomsKind
	}{{"room_type", ari.RoomTypeKind}, {"room_class", ari.RoomClassKind}, {"pool", ari.PoolKind}} {
		if v := r.str(p.name); v != "" {
			if s.Room != "" {
				return s, true, badParam(p.name, "one of room_type, room_class and pool", v)
			}
			s.Rooms, s.Room, any = p.kind, v, true
		}
	}
	for _, p := range []struct {
		name string
		kind ari.RatesKind
	}{{"rate_plan", ari.PlanKind}, {"rate_category", ari.CategoryKind}, {"rate_family", ari.FamilyKind}} {
		if v := r.str(p.name); v != "" {
			if s.Rate != "" {
				return s, true, badParam(p.name, "one of rate_plan, rate_category and rate_family", v)
			}
			s.Rates, s.Rate, any = p.kind, v, true
		}
	}
	s.Channel, s.Block = r.str("channel"), r.str("block")
	return s, any || s.Channel != "" || s.Block != "", nil
}

// fieldAsked answers the field that the query names; 0 for none.
func (r *request) fieldAsked() (ari.Field, error) {
	v := r.str("field")
	if v == "" {
		return 0, nil
	}
	f, err := ari.ParseField(v)
	if err != nil {
		return 0, badParam("field", "a field, min_los_arrival or rate.adults.2", v)
	}
	return f, nil
}

func (r *request) cells() error {
	scope, scoped, err := r.scopeAsked()
	if err != nil {
		return err
	}
	field, err := r.fieldAsked()
	if err != nil {
		return err
	}
	filter := ari.CellFilter{}
	if scoped {
		filter.Scopes = &ari.ScopeSet{Scope: scope}
	}
	if field != 0 {
		filter.Fields = []ari.FieldSet{{Family: field.Family(), Field: field}}
	}
	return r.cellList(filter)
}

// blockGrid answers the numbers of a block, at whatever rooms they are told.
func (r *request) blockGrid() error {
	if err := r.known(); err != nil {
		return err
	}
	id := r.PathValue("code")
	if _, _, err := r.api.s.Object(r.property(), ari.KindBlock, id); err != nil {
		if notFound(err) {
			p := problem(ari.CodeUnknownBlock, "")
			p.Status = http.StatusNotFound
			return p
		}
		return err
	}
	return r.cellList(ari.CellFilter{Scopes: &ari.ScopeSet{Scope: ari.Scope{Block: id}, AnyRooms: true, AnyRates: true, AnyChannel: true}, Fields: []ari.FieldSet{{Family: ari.FamilyBlock}}})
}

// cellList answers a page of the cells that a filter selects on the dates asked.
func (r *request) cellList(filter ari.CellFilter) (err error) {
	if filter.From, filter.To, err = r.span(gridNightsMax); err != nil {
		return err
	}
	skip, pinned, err := r.cellsCursor()
	if err != nil {
		return err
	}
	if err := r.atLeast(); err != nil {
		return err
	}
	limit := r.limit()
	b := canonical.AppendString(append([]byte{}, `{"property":`...), r.property())
	show := func(p *ari.Picture) error {
		b = strconv.AppendInt(append(b, `,"revision":`...), p.Revision(), 10)
		b = append(b, `,"items":[`...)
		n := 0
		p.Cells(filter, func(c *ari.SourceCell) bool {
			if n++; n <= skip {
				return true
			}
			if n > skip+limit {
				return false
			}
			if n > skip+1 {
				b = append(b, ',')
			}
			b = appendCell(b, c)
			return true
		})
		b = append(b, `],"next":`...)
		if n > skip+limit {
			b = canonical.AppendString(b, cursorOf(strconv.FormatInt(p.Revision(), 10)+"."+strconv.Itoa(skip+limit)))
		} else {
			b = append(b, "null"...)
		}
		return nil
	}
	if pinned == 0 {
		err = r.picture(r.property(), "at", show)
	} else {
		err = r.pinned(r.property(), pinned, show)
	}
	if err != nil {
		return err
	}
	return r.bytes(http.StatusOK, append(b, "}\n"...))
}

// pinned calls f with the picture at a revision: the present one, if it is that still.
func (r *request) pinned(property string, revision int64, f func(*ari.Picture) error) error {
	there := false
	err := r.api.s.Read(property, func(p *ari.Picture) error {
		if there = p.Revision() == revision; there {
			return f(p)
		}
		return nil
	})
	if err != nil || there {
		return err
	}
	p, err := r.api.s.Past(r.Context(), property, revision)
	if err != nil {
		return err
	}
	return f(p)
}

// cellsCursor answers how many runs to skip, at which revision.
func (r *request) cellsCursor() (skip int, revision int64, err error) {
	v, err := r.cursor()
	if err != nil || v == "" {
		return 0, 0, err
	}
	p, ok := parsePair(v)
	if !ok {
		return 0, 0, badParam("cursor", "next of the page before", r.str("cursor"))
	}
	return int(p[1]), p[0], nil
}

func appendCell(b []byte, c *ari.SourceCell) []byte {
	start := len(b) + 1
	b = dropComma(canonical.AppendSpan(canonical.AppendScope(append(b, '{'), c.Scope), c.Span), start)
	b = append(append(append(b, `,"field":"`...), c.Field.String()...), '"')
	if c.Owner != "" {
		b = canonical.AppendString(append(b, `,"owner":`...), c.Owner)
	}
	b = appendTold(append(b, `,"value":`...), c.Field, c.State, c.Value)
	if c.Text != "" {
		b = canonical.AppendString(append(b, `,"text":`...), c.Text)
	}
	if c.Standing {
		b = append(b, `,"standing":true`...)
	}
	b = strconv.AppendInt(append(b, `,"stamp":`...), c.Order, 10)
	if c.Revision > 0 {
		b = strconv.AppendInt(append(b, `,"revision":`...), c.Revision, 10)
	}
	return append(b, '}')
}

func (r *request) history() error {
	scope, scoped, err := r.scopeAsked()
	if err != nil {
		return err
	}
	field, err := r.fieldAsked()
	if err != nil {
		return err
	}
	day, err := ari.ParseDate(r.str("date"))
	dated := err == nil
	before, err := r.historyFrom()
	if err != nil {
		return err
	}
	if err := r.atLeast(); err != nil {
		return err
	}
	if err := r.known(); err != nil {
		return err
	}
	w := cellFilter{scope: scope, scoped: scoped, field: field, day: day, dated: dated}
	limit := r.limit()
	items, err := r.api.s.History(r.Context(), r.property(), before, limit+1, w.holds)
	if err != nil {
		return err
	}
	b := []byte(`{"items":[`)
	for i := range min(len(items), limit) {
		if i > 0 {
			b = append(b, ',')
		}
		it := hub.FeedItem{Position: items[i].Position, Previous: items[i].Previous, Entry: w.only(items[i].Entry)}
		b = appendEntry(b, &it)
	}
	b = append(b, `],"next":`...)
	if len(items) > limit {
		b = canonical.AppendString(b, cursorOf(strconv.FormatInt(items[limit-1].Entry.Revision, 10)))
	} else {
		b = append(b, "null"...)
	}
	return r.bytes(http.StatusOK, append(b, "}\n"...))
}

// historyFrom answers below which revision to begin: cursor, or at.
func (r *request) historyFrom() (int64, error) {
	v, err := r.cursor()
	if err != nil {
		return 0, err
	}
	if v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 1 {
			return 0, badParam("cursor", "next of the page before", r.str("cursor"))
		}
		return n, nil
	}
	if at := r.str("at"); at != "" {
		n, err := r.revisionAt(r.property(), "at", at)
		return n + 1, err
	}
	return 0, nil
}

// cellFilter selects what of entries concerns a cell.
type cellFilter struct {
	scope  ari.Scope
	scoped bool
	field  ari.Field
	day    ari.StayDate
	dated  bool
}

func (w *cellFilter) all() bool { return !w.scoped && w.field == 0 && !w.dated }

func (w *cellFilter) cell(s ari.Scope, f ari.Field) bool {
	return (!w.scoped || s == w.scope) && (w.field == 0 || f == w.field)
}

func (w *cellFilter) holds(e *ari.Entry) bool {
	if w.all() {
		return true
	}
	for i := range e.Columns {
		c := &e.Columns[i]
		if !w.cell(c.Scope, c.Field) {
			continue
		}
		for k := range c.Runs {
			if w.run(&c.Runs[k]) {
				return true
			}
		}
	}
	for i := range e.Standing {
		if w.standing(&e.Standing[i]) {
			return true
		}
	}
	for i := range e.Extents {
		if w.extent(&e.Extents[i]) {
			return true
		}
	}
	return false
}

func (w *cellFilter) run(r *ari.Run) bool { return !w.dated || r.From <= w.day && w.day <= r.To }

func (w *cellFilter) standing(s *ari.StandingChange) bool {
	return w.cell(s.Scope, s.Field) && (!w.dated || s.Span.Covers(w.day))
}

func (w *cellFilter) extent(e *ari.Extent) bool {
	if w.scoped && !e.Scopes.Holds(w.scope) || w.dated && !e.Span.Covers(w.day) {
		return false
	}
	for _, f := range e.Fields {
		if w.field == 0 || f.Field == w.field || f.Field == 0 && f.Family == w.field.Family() {
			return true
		}
	}
	return false
}

// only answers the entry with what concerns the cell.
func (w *cellFilter) only(e *ari.Entry) *ari.Entry {
	if w.all() {
		return e
	}
	n := *e
	n.Columns, n.Standing, n.Extents, n.Objects, n.Overlays, n.Touched, n.Day = nil, nil, nil, nil, nil, nil, 0
	for i := range e.Columns {
		c := e.Columns[i]
		if !w.cell(c.Scope, c.Field) {
			continue
		}
		var runs []ari.Run
		for k := range c.Runs {
			if w.run(&c.Runs[k]) {
				runs = append(runs, c.Runs[k])
			}
		}
		if c.Runs = runs; len(runs) > 0 {
			n.Columns = append(n.Columns, c)
		}
	}
	for i := range e.Standing {
		if w.standing(&e.Standing[i]) {
			n.Standing = append(n.Standing, e.Standing[i])
		}
	}
	for i := range e.Extents {
		if w.extent(&e.Extents[i]) {
			n.Extents = append(n.Extents, e.Extents[i])
		}
	}
	return &n
}
