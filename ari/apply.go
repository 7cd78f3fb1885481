package ari

import (
	"slices"
	"sync"
	"time"
)

// Apply answers what u changes, as the entry to be committed next, and what became of each item.
//
// Pure with respect to the picture: nothing is modified; the caller folds the entry in after it is committed (S34). All or nothing unless
// u.ByItem: on error there is no entry, and the draft is as before. The entry is nil when there is nothing to journal: all was so already,
// by the same stamp (S19, S21). A set that changes nothing but is newer moves the stamp and is journalled.
//
// Shape:  one result per item that the update names, by rising index. The entry's memory is the caller's.
// Errors: *UpdateError with the first fault of each item; ErrNotAlone if the caller did not ask Alone.
// Source: docs/semantics.md S18-S26; docs/evaluation.md 9 for what is refused.
func (d *Draft) Apply(u *Update) (*Entry, []ItemResult, error) {
	if d.full || d.Pending() && d.Alone(u) {
		return nil, nil, ErrNotAlone
	}
	d.lay()
	j := trials.Get().(*trial)
	defer j.done()
	if err := j.run(d, u); err != nil {
		return nil, nil, err
	}
	j.countChanged()
	e, results := j.entry(), j.results()
	if e != nil {
		e.Items = results
		d.take(j, e)
	}
	return e, results, nil
}

// trials keeps the memory of judgings for the next ones.
var trials = sync.Pool{New: func() any { return new(trial) }}

// keptItems is how many items' memory is worth keeping.
const keptItems = 256

// done gives the trial's memory back, unless an update of unusual size made it large.
func (j *trial) done() {
	if cap(j.items) > keptItems || len(j.works) > keptItems/8 || cap(j.buf) > keptItems {
		return
	}
	for _, w := range j.works[:j.used] {
		*w = work{segs: w.segs[:0], stand: w.stand[:0], gone: w.gone[:0]}
	}
	clear(j.errs)
	*j = trial{works: j.works, items: j.items[:0], errs: j.errs[:0], buf: j.buf[:0]}
	trials.Put(j)
}

// trial is the judging of one update. Its slices are used again from update to update.
type trial struct {
	d       *Draft
	u       *Update
	catalog *Catalog
	zone    *time.Location

	first, last StayDate // of the picture, around the day the update arrived on (S26)
	late        bool     // some replace is newer: its marks must be looked at
	cells       int      // told by the update so far

	works []*work
	used  int
	index map[columnKey]*work // nil while there are few

	channels map[string]bool // that nothing was told of before

	objects  []ObjectChange
	standing []StandingChange
	extents  []Extent
	overlays []OverlayChange
	touched  []Touch             // by objects, overlays and standing statements
	released map[string]*Overlay // holds that counts have taken over, wholly or in part
	holds    []string            // confirmed ones; nil until asked
	waiting  bool                // S18's brake holds the replace back

	items   []item
	skip    map[int]bool // items left out since they have errors (ByItem)
	errs    []*ItemError
	scoped  Scope // the last scope whose codes were found good, if scopeOK
	scopeOK bool
	buf     []piece
}

// item is what has become of one item so far.
type item struct {
	named      bool
	waiting    bool
	cells      int
	changed    int
	superseded int
	trimmed    int
	err        *ItemError
}

// retriesMax bounds how often an update by item is judged again without the items that had errors: each round finds errors that those
// before it hid, which only adjusts after refused sets do.
const retriesMax = 8

// run judges the update; by item, again without those that had errors until none has.
func (j *trial) run(d *Draft, u *Update) error {
	j.skip = nil
	var refused []*ItemError
	for range retriesMax {
		j.start(d, u)
		if err := j.all(); err != nil {
			return err
		}
		if len(j.errs) == 0 {
			j.keepRefused(refused)
			return j.brake()
		}
		if !u.ByItem {
			break
		}
		if j.skip == nil {
			j.skip = map[int]bool{}
		}
		for _, e := range j.errs {
			j.skip[e.Item] = true
		}
		refused = append(refused, j.errs...)
	}
	return updateError(append(refused, j.errs...))
}

// updateError answers the error of all faults, in the order of items, at most errorsMax.
func updateError(errs []*ItemError) error {
	slices.SortStableFunc(errs, func(a, b *ItemError) int { return a.Item - b.Item })
	return &UpdateError{Items: slices.Clone(errs[:min(len(errs), errorsMax)])}
}

// errorsMax bounds the faults listed of one update: more tell a person nothing new.
const errorsMax = 100

func (j *trial) start(d *Draft, u *Update) {
	today := LocalDate(u.Received, d.zone)
	*j = trial{
		d: d, u: u, catalog: d.catalog, zone: d.zone, skip: j.skip,
		first: today - HorizonPast, last: today + HorizonFuture,
		works: j.works, items: j.items[:0], errs: j.errs[:0], buf: j.buf[:0],
		late: len(d.p.marks) > 0 && u.Order < d.p.newest,
	}
}

// all goes through the parts of the update in their order (docs/evaluation.md 8).
func (j *trial) all() error {
	u := j.u
	if n := len(u.Statements) + len(u.Replace); n > StatementsMax {
		return updateError([]*ItemError{{Code: CodeTooManyStatements, Path: "statements", Got: itoa(n), Expected: "at most " + itoa(StatementsMax)}})
	}
	if len(u.Objects) > 0 {
		j.putObjects()
		if len(j.errs) > 0 && u.ByItem {
			return nil // again without those items
		} else if len(j.errs) > 0 {
			return updateError(j.errs)
		}
		today := LocalDate(u.Received, j.zone)
		j.first, j.last = today-HorizonPast, today+HorizonFuture
	}
	j.roll()
	for i := range u.Replace {
		x := &u.Replace[i]
		j.judged(x.Item, func() *ItemError { return j.replace(x) })
	}
	for i := range u.Statements {
		s := &u.Statements[i]
		if it := j.item(s.Item); it.err != nil || j.skip[s.Item] {
			continue
		}
		if err := j.statement(s); err != nil {
			j.fault(s.Item, err)
		}
	}
	for i := range u.Overlays {
		if err := j.overlay(&u.Overlays[i]); err != nil {
			return updateError([]*ItemError{err})
		}
	}
	return nil
}

// judged runs one part of an item, unless the item has an error already.
func (j *trial) judged(index int, part func() *ItemError) {
	if it := j.item(index); it.err != nil || j.skip[index] {
		return
	}
	if err := part(); err != nil {
		j.fault(index, err)
	}
}

func (j *trial) fault(index int, err *ItemError) {
	err.Item = index
	j.item(index).err = err
	j.errs = append(j.errs, err)
}

// item answers the item, made if it is not there. A nonsensical index counts as 0.
func (j *trial) item(index int) *item {
	if index < 0 || index > StatementsMax {
		index = 0
	}
	for len(j.items) <= index {
		j.items = append(j.items, item{})
	}
	it := &j.items[index]
	it.named = true
	return it
}

// keepRefused marks the items that were left out.
func (j *trial) keepRefused(errs []*ItemError) {
	for _, e := range errs {
		*j.item(e.Item) = item{named: true, err: e}
	}
}

// countChanged counts the dates whose value is another than before the update.
func (j *trial) countChanged() {
	for _, w := range j.works[:j.used] {
		for i := range w.segs {
			if s := &w.segs[i]; s.item >= 0 && s.Changes() {
				j.item(s.item).changed += int(s.To-s.From) + 1
			}
		}
	}
}

// results answers the items' verdicts.
func (j *trial) results() []ItemResult {
	if len(j.items) == 0 {
		return nil
	}
	out := make([]ItemResult, 0, len(j.items))
	for i := range j.items {
		it := &j.items[i]
		if !it.named {
			continue
		}
		r := ItemResult{Item: i, Verdict: ItemUnchanged, Changed: it.changed, Superseded: it.superseded, Trimmed: it.trimmed, Err: it.err}
		switch {
		case it.err != nil:
			r.Verdict = ItemRefused
		case it.waiting:
			r.Verdict = ItemWaiting
		case it.changed > 0:
			r.Verdict = ItemApplied
		case it.superseded > 0 && it.superseded == it.cells:
			r.Verdict = ItemSuperseded
		}
		out = append(out, r)
	}
	return out
}

// entry answers what is to be journalled; nil if nothing is.
func (j *trial) entry() *Entry {
	u := j.u
	columns := j.columnChanges()
	j.standingChanges()
	if len(columns)+len(j.standing)+len(j.extents)+len(j.objects)+len(j.overlays) == 0 && u.Day == 0 {
		return nil
	}
	e := &Entry{
		Property: j.d.p.code, Revision: j.d.revision + 1, At: instant(u.Received), By: u.By, Connection: u.Connection,
		SourceTime: instant(u.SourceTime), Order: u.Order, MessageID: u.MessageID, RequestID: u.RequestID, Reason: u.Reason,
		Columns: columns, Standing: j.standing, Extents: j.extents, Objects: j.objects, Overlays: j.overlays,
	}
	if u.Day != 0 {
		e.Day, e.OldDay = u.Day, j.d.p.day
	}
	e.Touched = j.touches(columns)
	return e
}

// instant is a time as entries keep it: UTC, no monotonic clock.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Round(0)
}

// columnChanges answers the works that change anything, in the order they were first told.
func (j *trial) columnChanges() []ColumnChange {
	n, segs := 0, 0
	for _, w := range j.works[:j.used] {
		if len(w.segs) > 0 {
			n, segs = n+1, segs+len(w.segs)
		}
	}
	if n == 0 {
		return nil
	}
	columns, runs := make([]ColumnChange, 0, n), make([]Run, 0, segs)
	for _, w := range j.works[:j.used] {
		if len(w.segs) == 0 {
			continue
		}
		first := len(runs)
		if runs = w.runs(runs); len(runs) == first {
			continue
		}
		columns = append(columns, ColumnChange{Scope: w.key.scope, Field: w.key.field, Owner: w.key.owner, Runs: runs[first:len(runs):len(runs)]})
	}
	if len(columns) == 0 {
		return nil
	}
	return columns
}
