package ari

import "time"

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

	Columns  []ColumnChange
	Standing []StandingChange
	Extents  []Extent // stamped (S18)
	Objects  []ObjectChange
	Overlays []OverlayChange
	Touched  []Touch // where effective values may differ
	Items    []ItemResult

	ProfileVersion, MappingVersion int64 // what it was read with (S30)
}

// StampOnly tells whether the entry moves stamps and changes no value: it takes a revision and is not fed to subscribers (S21, S42).
func (e *Entry) StampOnly() bool {
	if len(e.Standing)+len(e.Objects)+len(e.Overlays) > 0 || e.Day != 0 {
		return false
	}
	for _, c := range e.Columns {
		for _, r := range c.Runs {
			if r.OldState != r.NewState || r.Old != r.New {
				return false
			}
		}
	}
	return true
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

// Run is consecutive dates with one old and one new value. Its dates are consecutive calendar dates: a weekday mask makes several runs.
type Run struct {
	Kind               RunKind
	From, To           StayDate
	OldState, NewState State
	Old, New           Value
	Delta              int64 // of an adjust
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
