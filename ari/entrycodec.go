package ari

import (
	"fmt"
	"sync"
)

// entryFormat is the format number of entries. All formats since 1 stay readable (S35).
const entryFormat = 1

// What is there of an entry, beside its columns and items.
const (
	hasSourceTime = 1 << iota
	hasIDs        // message, request, reason
	hasDay
	hasStanding
	hasExtents
	hasObjects
	hasOverlays
	hasVersions
)

// Append appends the entry in its stored form; Seq is not part of it. Times are kept to the nanosecond, in UTC.
func (e *Entry) Append(b []byte) []byte {
	start := len(b)
	w := writers.Get().(*writer)
	w.b, w.strings = append(b, entryFormat), w.strings[:0]
	w.entry(e)
	out := w.seal(start)
	w.b = nil
	writers.Put(w)
	return out
}

var writers = sync.Pool{New: func() any { return new(writer) }}

func (w *writer) entry(e *Entry) {
	has := byteOf(!e.SourceTime.IsZero())*hasSourceTime | byteOf(e.MessageID != "" || e.RequestID != "" || e.Reason != "")*hasIDs |
		byteOf(e.Day != 0 || e.OldDay != 0)*hasDay | byteOf(len(e.Standing) > 0)*hasStanding | byteOf(len(e.Extents) > 0)*hasExtents |
		byteOf(len(e.Objects) > 0)*hasObjects | byteOf(len(e.Overlays) > 0)*hasOverlays |
		byteOf(e.ProfileVersion != 0 || e.MappingVersion != 0)*hasVersions
	w.byte(has)
	w.text(e.Property)
	w.int(e.Revision)
	w.time(e.At)
	w.byte(byte(e.By.Kind))
	w.text(e.By.ID)
	w.text(e.Connection)
	w.int(e.Order)
	if has&hasSourceTime != 0 {
		w.time(e.SourceTime)
	}
	if has&hasIDs != 0 {
		w.text(e.MessageID)
		w.text(e.RequestID)
		w.text(e.Reason)
	}
	if has&hasDay != 0 {
		w.date(e.Day)
		w.date(e.OldDay)
	}
	w.columns(e)
	if has&hasStanding != 0 {
		w.standings(e.Standing)
	}
	if has&hasExtents != 0 {
		w.extents(e.Extents)
	}
	if has&hasObjects != 0 {
		w.objects(e.Objects)
	}
	if has&hasOverlays != 0 {
		w.overlays(e.Overlays)
	}
	if has&hasVersions != 0 {
		w.int(e.ProfileVersion)
		w.int(e.MappingVersion)
	}
	w.touches(e.Touched)
	w.items(e.Items)
}

// columns: a scope that is the last column's is not written again.
func (w *writer) columns(e *Entry) {
	w.count(len(e.Columns))
	for i := range e.Columns {
		c := &e.Columns[i]
		same := i > 0 && c.Scope == e.Columns[i-1].Scope
		w.bool(same)
		if !same {
			w.scope(c.Scope)
		}
		w.field(c.Field)
		w.text(c.Owner)
		w.count(len(c.Runs))
		last := int64(0)
		for k := range c.Runs {
			w.run(&c.Runs[k], last)
			last = int64(c.Runs[k].To)
		}
	}
}

// run: kind, states and flags in one byte; kind 0 is a set that changes nothing but the stamp.
func (w *writer) run(r *Run, last int64) {
	kind := byte(r.Kind) & 3
	same := r.Kind == RunSet && r.Old == r.New && r.OldState == r.NewState
	if same {
		kind = 0
	}
	w.byte(kind | byte(r.OldState)&3<<2 | byte(r.NewState)&3<<4 | byteOf(r.OldStanding)<<6 | byteOf(r.NewStanding)<<7)
	w.int(int64(r.From) - last)
	w.int(int64(r.To) - int64(r.From))
	if !same {
		w.value(r.Old)
	}
	w.value(r.New)
	if r.Kind == RunAdjust {
		w.int(r.Delta)
	}
}

func (w *writer) standings(list []StandingChange) {
	w.count(len(list))
	for i := range list {
		x := &list[i]
		w.scope(x.Scope)
		w.field(x.Field)
		w.text(x.Owner)
		w.span(x.Span)
		w.byte(byte(x.State)&3 | byteOf(x.Gone)<<2)
		w.value(x.Value)
		w.text(x.Text)
		w.int(x.Order)
		w.int(x.Rev)
		w.int(int64(x.Place))
	}
}

func (w *writer) extents(list []Extent) {
	w.count(len(list))
	for i := range list {
		x := &list[i]
		w.int(int64(x.Item))
		w.scope(x.Scopes.Scope)
		w.byte(byteOf(x.Scopes.AnyRooms) | byteOf(x.Scopes.AnyRates)<<1 | byteOf(x.Scopes.AnyChannel)<<2 | byteOf(x.Scopes.AnyBlock)<<3)
		w.span(x.Span)
		w.count(len(x.Fields))
		for _, f := range x.Fields {
			w.byte(f.Family)
			w.field(f.Field)
		}
	}
}

func (w *writer) objects(list []ObjectChange) {
	w.count(len(list))
	for i := range list {
		w.text(list[i].Kind)
		w.text(list[i].Code)
		w.maybe(list[i].Old)
		w.maybe(list[i].New)
	}
}

func (w *writer) overlays(list []OverlayChange) {
	w.count(len(list))
	for i := range list {
		w.text(list[i].ID)
		w.overlay(list[i].Old)
		w.overlay(list[i].New)
	}
}

func (w *writer) overlay(o *Overlay) {
	w.bool(o != nil)
	if o == nil {
		return
	}
	w.text(o.ID)
	w.text(string(o.Kind))
	w.scope(o.Scope)
	w.span(o.Span)
	w.int(int64(o.Rooms))
	w.int(int64(o.Amount))
	w.byte(o.Side)
	w.text(o.Owner)
	w.text(o.Reason)
	w.time(o.Expires)
	w.time(o.Confirmed)
	w.count(len(o.Taken))
	for _, t := range o.Taken {
		w.scope(t.Level)
		w.date(t.Date)
	}
	w.int(o.Revision)
}

func (w *writer) touches(list []Touch) {
	w.count(len(list))
	for _, t := range list {
		w.scope(t.Scope)
		w.date(t.From)
		w.int(int64(t.To) - int64(t.From))
	}
}

func (w *writer) items(list []ItemResult) {
	w.count(len(list))
	last := 0
	for i := range list {
		x := &list[i]
		w.byte(byte(x.Verdict)&7 | byteOf(x.Superseded != 0)<<3 | byteOf(x.Trimmed != 0)<<4 | byteOf(x.Err != nil)<<5)
		w.int(int64(x.Item) - int64(last))
		last = x.Item
		w.int(int64(x.Changed))
		if x.Superseded != 0 {
			w.int(int64(x.Superseded))
		}
		if x.Trimmed != 0 {
			w.int(int64(x.Trimmed))
		}
		if x.Err != nil {
			w.int(int64(x.Err.Item))
			w.text(x.Err.Code)
			w.text(x.Err.Path)
			w.text(x.Err.Got)
			w.text(x.Err.Expected)
		}
	}
}

// DecodeEntry reads what Append wrote. It never panics, and its memory is in proportion to len(b).
func DecodeEntry(b []byte) (*Entry, error) {
	r, err := open(b, entryFormat)
	if err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	e := r.entry()
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	return e, nil
}

// DecodeEntryHead reads who told an entry and when, without what changed: its work does not grow with the entry but for the checksum.
//
// Shape: Columns and all that comes after it in Entry are empty, the versions 0.
func DecodeEntryHead(b []byte) (*Entry, error) {
	r, err := open(b, entryFormat)
	if err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	e, _ := r.head()
	if r.bad {
		return nil, fmt.Errorf("entry: %w", errFormat)
	}
	return e, nil
}

func (r *reader) head() (e *Entry, has byte) {
	has = r.byte()
	e = &Entry{Property: r.text(), Revision: r.int(), At: r.time()}
	e.By = Author{AuthorKind(r.byte()), r.text()}
	e.Connection, e.Order = r.text(), r.int()
	if has&hasSourceTime != 0 {
		e.SourceTime = r.time()
	}
	if has&hasIDs != 0 {
		e.MessageID, e.RequestID, e.Reason = r.text(), r.text(), r.text()
	}
	if has&hasDay != 0 {
		e.Day, e.OldDay = r.date(), r.date()
	}
	return e, has
}

func (r *reader) entry() *Entry {
	e, has := r.head()
	e.Columns = r.columns()
	if has&hasStanding != 0 {
		e.Standing = r.standings()
	}
	if has&hasExtents != 0 {
		e.Extents = r.extents()
	}
	if has&hasObjects != 0 {
		e.Objects = r.objects()
	}
	if has&hasOverlays != 0 {
		e.Overlays = r.overlays()
	}
	if has&hasVersions != 0 {
		e.ProfileVersion, e.MappingVersion = r.int(), r.int()
	}
	e.Touched = r.touches()
	e.Items = r.items()
	return e
}

// list reads n things of at least size bytes each.
func list[T any](r *reader, size int, read func(i int, v *T)) []T {
	n := r.count(size)
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		if read(i, &out[i]); r.bad {
			return nil
		}
	}
	return out
}

func (r *reader) columns() []ColumnChange {
	var scope Scope
	return list(r, 7, func(_ int, c *ColumnChange) {
		if !r.bool() {
			scope = r.scope()
		}
		c.Scope, c.Field, c.Owner = scope, r.field(), r.text()
		last := int64(0)
		c.Runs = list(r, 4, func(_ int, x *Run) {
			r.run(x, last)
			last = int64(x.To)
		})
	})
}

func (r *reader) run(x *Run, last int64) {
	h := r.byte()
	x.Kind, x.OldState, x.NewState = RunKind(h&3), State(h>>2&3), State(h>>4&3)
	x.OldStanding, x.NewStanding = h&(1<<6) != 0, h&(1<<7) != 0
	x.From = r.dateAfter(last)
	x.To = r.dateAfter(int64(x.From))
	if x.Kind == 0 {
		x.Kind, x.New = RunSet, r.value()
		x.Old = x.New
	} else {
		x.Old, x.New = r.value(), r.value()
	}
	if x.Kind == RunAdjust {
		x.Delta = r.int()
	}
	if x.From > x.To || x.To-x.From > cellsOfRun || x.From < 0 || x.To > dateLast {
		r.fail()
	}
}

// cellsOfRun bounds the dates of one run: a column holds a horizon and a few months behind it; catalog changes reach no further.
const cellsOfRun = 2 * (HorizonPast + HorizonFuture)

// dateAfter reads a date as its distance from another.
func (r *reader) dateAfter(from int64) StayDate {
	n := r.int()
	if n < -1<<32 || n > 1<<32 {
		r.fail()
		return 0
	}
	d := from + n
	if d < int64(DateMin) || d > int64(DateMax) {
		r.fail()
		return 0
	}
	return StayDate(d)
}

func (r *reader) standings() []StandingChange {
	return list(r, 11, func(_ int, x *StandingChange) {
		x.Scope, x.Field, x.Owner, x.Span = r.scope(), r.field(), r.text(), r.span()
		h := r.byte()
		x.State, x.Gone = State(h&3), h&4 != 0
		x.Value, x.Text, x.Order, x.Rev, x.Place = r.value(), r.text(), r.int(), r.int(), int(r.int())
	})
}

func (r *reader) extents() []Extent {
	return list(r, 6, func(_ int, x *Extent) {
		x.Item, x.Scopes.Scope = int(r.int()), r.scope()
		h := r.byte()
		x.Scopes.AnyRooms, x.Scopes.AnyRates, x.Scopes.AnyChannel, x.Scopes.AnyBlock = h&1 != 0, h&2 != 0, h&4 != 0, h&8 != 0
		x.Span = r.span()
		x.Fields = list(r, 5, func(_ int, f *FieldSet) { f.Family, f.Field = r.byte(), r.field() })
	})
}

func (r *reader) objects() []ObjectChange {
	return list(r, 4, func(_ int, x *ObjectChange) {
		x.Kind, x.Code, x.Old, x.New = r.text(), r.text(), r.maybe(), r.maybe()
	})
}

func (r *reader) overlays() []OverlayChange {
	return list(r, 3, func(_ int, x *OverlayChange) { x.ID, x.Old, x.New = r.text(), r.overlay(), r.overlay() })
}

func (r *reader) overlay() *Overlay {
	if !r.bool() {
		return nil
	}
	o := &Overlay{ID: r.text(), Kind: OverlayKind(r.text()), Scope: r.scope(), Span: r.span(), Rooms: int(r.int()), Amount: Amount(r.int()),
		Side: r.byte(), Owner: r.text(), Reason: r.text(), Expires: r.time(), Confirmed: r.time()}
	o.Taken = list(r, 2, func(_ int, t *LevelDate) { t.Level, t.Date = r.scope(), r.date() })
	o.Revision = r.int()
	return o
}

func (r *reader) touches() []Touch {
	return list(r, 3, func(_ int, t *Touch) {
		t.Scope, t.From = r.scope(), r.date()
		t.To = r.dateAfter(int64(t.From))
	})
}

func (r *reader) items() []ItemResult {
	last := int64(0)
	return list(r, 3, func(_ int, x *ItemResult) {
		h := r.byte()
		last += r.int()
		x.Verdict, x.Item, x.Changed = ItemVerdict(h&7), int(last), int(r.int())
		if h&(1<<3) != 0 {
			x.Superseded = int(r.int())
		}
		if h&(1<<4) != 0 {
			x.Trimmed = int(r.int())
		}
		if h&(1<<5) != 0 {
			x.Err = &ItemError{Item: int(r.int()), Code: r.text(), Path: r.text(), Got: r.text(), Expected: r.text()}
		}
	})
}
