package ari

import (
	"slices"
	"time"
)

// Entry is the journal's record of one committed change of a property: everything Fold needs, and what history, feed and audit show. It is
// never re-evaluated on replay (S30). The zero Seq is set by the store when it commits.
type Entry struct {
	Property   string
	Revision   int64 // 1, 2, 3 ... per property
	Seq        int64 // place in the store's feed (S32); not part of the encoded body
	At         time.Time
	By         Author
	Connection string
	SourceTime time.Time
	Order      int64 // stamp of everything it sets
	MessageID  string
	RequestID  string
	Reason     string
	Day        StayDate // the picture's day from here on; 0: unchanged
	OldDay     StayDate // the day before it, where Day is set

	Columns  []ColumnChange
	Standing []StandingChange
	Extents  []Extent // stamped (S18)
	Objects  []ObjectChange
	Overlays []OverlayChange
	Touched  []Touch // where effective values may differ
	Items    []ItemResult

	ProfileVersion, MappingVersion int64 // what it was read with (S30)
}

// StampOnly tells whether the entry moves stamps and changes no value, nor the basis of a count: it takes a revision and is not fed to
// subscribers (S21, S42).
func (e *Entry) StampOnly() bool {
	if len(e.Objects)+len(e.Overlays)+len(e.Touched) > 0 || e.Day != 0 || !restamps(e.Standing) {
		return false
	}
	for i := range e.Columns {
		if e.Columns[i].changes() {
			return false
		}
	}
	return true
}

// restamps tells whether every statement that goes comes again, and none other.
func restamps(list []StandingChange) bool {
	balance := 0
	for i := range list {
		x := &list[i]
		if balance++; x.Gone {
			balance -= 2
		}
		if !slices.ContainsFunc(list, func(y StandingChange) bool {
			return y.Gone != x.Gone && y.Scope == x.Scope && y.Field == x.Field && y.Owner == x.Owner && y.Span == x.Span && y.State == x.State &&
				y.Value == x.Value && y.Text == x.Text
		}) {
			return false
		}
	}
	return balance == 0
}

// changes tells whether a value changes, not only a stamp.
func (c *ColumnChange) changes() bool {
	for i := range c.Runs {
		if c.Runs[i].Changes() {
			return true
		}
	}
	return false
}

// ColumnChange is what changes in one column: runs of dates in rising order, disjoint.
type ColumnChange struct {
	Scope Scope
	Field Field
	Owner string // connection, for fields that are Owned; else ""
	Runs  []Run
}

// RunKind says how a run came about.
type RunKind uint8

// The kinds of runs.
const (
	RunSet    RunKind = 1 + iota // set or clear: moves the stamp to the entry's
	RunAdjust                    // adjust by Delta: the stamp stays, the adjust is remembered with the entry's order
	RunReset                     // the stamp becomes NoStamp, the value stays (a change of owner, S5)
)

// Run is consecutive dates with one old and one new value of the column, standing statements included. Its dates are consecutive
// calendar dates: a weekday mask makes several runs.
type Run struct {
	Kind               RunKind
	From, To           StayDate
	OldState, NewState State
	Old, New           Value
	OldStanding        bool  // the old value was a standing statement's: there was no dated cell
	NewStanding        bool  // the new value is a standing statement's: the dated cell goes
	Delta              int64 // of an adjust
}

// Changes tells whether the value changes; untold and cleared are both unset.
func (r *Run) Changes() bool {
	return (r.OldState == Told) != (r.NewState == Told) || r.NewState == Told && r.Old != r.New
}

// StandingChange adds or removes a standing (open-ended or undated) statement of a column.
type StandingChange struct {
	Scope Scope
	Field Field
	Owner string
	Span  Span
	State State // of what it says: Told or Cleared
	Value Value
	Text  string // of an UnknownField, dated ones too: they are kept as statements
	Order int64  // its stamp; of a removed one, the one it had
	Gone  bool   // removed: a newer one covers it, or unfolding must bring it back
	Rev   int64  // revision that added it; 0 in the entry that adds it
	Place int    // of a removed one: how many of the column's were before it, so that unfolding puts it back there
}

// ObjectChange is an object of the catalog (or of the hub) before and after; nil is absence.
type ObjectChange struct {
	Kind, Code string
	Old, New   []byte
}

// OverlayChange is an overlay before and after; nil is absence.
type OverlayChange struct {
	ID       string
	Old, New *Overlay
}

// Touch is a range where effective values may differ: every product the scope covers, and plans derived from them.
type Touch struct {
	Scope    Scope
	From, To StayDate
}
