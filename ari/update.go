package ari

import (
	"fmt"
	"time"
)

// Verb says what a statement does (S18). A replace is not a verb of statements: see Extent.
type Verb uint8

// The verbs.
const (
	Set Verb = 1 + iota
	Clear
	Adjust // counts only: Value.A is added
)

// Statement says one thing of one field over a scope and a span.
type Statement struct {
	Item  int // index of the message's item it came from: errors and results name it
	Verb  Verb
	Scope Scope
	Span  Span
	Field Field
	Value Value  // of a set or adjust
	Text  string // of an UnknownField: name and value as told, at most TextMax bytes
}

// TextMax bounds what is kept of a kind that cannot be evaluated.
const TextMax = 1024

// FieldSet names field groups for an extent: one field, or a whole family.
type FieldSet struct {
	Family uint8 // FamilyRestriction ...
	Field  Field // 0: the whole family
}

// ScopeSet names scopes for an extent: each part is any, or exactly what Scope has there.
type ScopeSet struct {
	Scope                                    Scope
	AnyRooms, AnyRates, AnyChannel, AnyBlock bool
}

// Holds tells whether the scope is in the set.
func (s ScopeSet) Holds(x Scope) bool {
	return (s.AnyRooms || s.Scope.Rooms == x.Rooms && s.Scope.Room == x.Room) &&
		(s.AnyRates || s.Scope.Rates == x.Rates && s.Scope.Rate == x.Rate) &&
		(s.AnyChannel || s.Scope.Channel == x.Channel) &&
		(s.AnyBlock || s.Scope.Block == x.Block)
}

// Extent is what a replace or a clear of a family covers (S18): every field group x scope x date in it becomes unset unless the message
// sets it, and the whole of it is stamped, told or not.
type Extent struct {
	Item   int
	Fields []FieldSet
	Scopes ScopeSet
	Span   Span
}

// AuthorKind says what kind of author an update has (S29).
type AuthorKind uint8

// The authors.
const (
	ByMessage AuthorKind = 1 + iota // a source's message, over a connection
	ByClient                        // an API client
	ByPerson
	BySystem // what time causes (S28)
)

// Author is who caused an entry.
type Author struct {
	Kind AuthorKind
	ID   string // connection, client, person, or the name of the system's task
}

// ObjectOp puts or deletes an object of the catalog (or, for HubProperty, of the hub). It is applied before the update's statements.
type ObjectOp struct {
	Kind string
	Code string
	Body []byte // JSON of the type named like the kind; nil deletes
	Item int    // of an update by item: index of the message's item it came from
}

// OverlayVerb says what an OverlayOp does.
type OverlayVerb uint8

// The verbs of overlays. Confirm is for holds.
const (
	OverlayPut OverlayVerb = 1 + iota
	OverlayRemove
	OverlayConfirm
)

// OverlayOp lays, changes, confirms or removes an overlay. Placing a hold is refused with ErrNotEnoughRooms when fewer rooms are left on any night.
type OverlayOp struct {
	Verb    OverlayVerb
	Overlay Overlay // Remove and Confirm look at ID and (Confirm) Expires only
}

// Update is what one message says of one property: the canonical form that everything that comes in becomes. It is judged by Draft.Apply.
type Update struct {
	Property   string
	By         Author
	Connection string    // owner of what it sets (S5); "" only if it sets none
	Received   time.Time // ours; also the instant rules of time are judged at
	SourceTime time.Time // as told; zero: none
	Order      int64     // the stamp: see Stamp.Order. The hub chooses it
	MessageID  string
	RequestID  string
	Reason     string
	ByItem     bool // good items apply beside bad ones (S25); otherwise all or nothing

	Objects    []ObjectOp
	Replace    []Extent
	Statements []Statement
	Overlays   []OverlayOp
	Day        StayDate // of the system's day roll: the property-local calendar date from now on; 0: none
	Released   bool     // a person released it: S18's brake is not applied
}

// ItemVerdict is what became of one item.
type ItemVerdict uint8

// The verdicts of items.
const (
	ItemApplied    ItemVerdict = 1 + iota // changed something
	ItemUnchanged                         // said what was so already
	ItemSuperseded                        // something newer was told of all of it (S21)
	ItemRefused                           // Err says why
	ItemWaiting                           // kept back for a person (S18)
	ItemParked                            // waits for a mapping (S25); the hub's verdict, never Apply's
)

// ItemResult is what became of one item of a message.
type ItemResult struct {
	Item       int
	Verdict    ItemVerdict
	Changed    int // cells changed
	Superseded int // cells not changed since something newer was told
	Trimmed    int // dates beyond the horizon that were left out (a warning)
	Err        *ItemError
}

// ItemError says precisely what is wrong with an item. Code is stable and listed in docs/errors.md.
type ItemError struct {
	Item     int
	Code     string // unknown_room_type, not_owner, value_out_of_range ...
	Path     string // within the item: "set.min_los_arrival", "to" ...
	Got      string // clipped
	Expected string
}

// Error answers one line.
func (e *ItemError) Error() string {
	return fmt.Sprintf("item %d, %s: %s: got %q, want %s", e.Item, e.Path, e.Code, e.Got, e.Expected)
}

// Codes of item errors.
const (
	CodeUnknownRoomType   = "unknown_room_type"
	CodeUnknownRoomClass  = "unknown_room_class"
	CodeUnknownPool       = "unknown_pool"
	CodeUnknownRatePlan   = "unknown_rate_plan"
	CodeUnknownCategory   = "unknown_rate_category"
	CodeUnknownBlock      = "unknown_block"
	CodeUnknownOverlay    = "unknown_overlay"
	CodeNotOwner          = "not_owner"
	CodeScope             = "scope_not_allowed" // the field cannot be told at this scope
	CodeRange             = "value_out_of_range"
	CodeSpan              = "bad_span"
	CodePast              = "in_the_past" // nothing of the span is left after the past was trimmed
	CodeTooManyCells      = "too_many_cells"
	CodeTooManyChannels   = "too_many_channels"
	CodeAdjustUnset       = "adjust_on_unset"
	CodeAdjustBasis       = "adjust_of_other_basis"
	CodeAdjustNoID        = "adjust_without_identity" // S19; the hub's
	CodeSuperseded        = "superseded"
	CodeRateBasis         = "rate_basis" // tier or tax side that the plan does not have
	CodeDerivedCycle      = "derivation_cycle"
	CodeDerivedMismatch   = "derivation_mismatch"
	CodeBadObject         = "bad_object"
	CodeInUse             = "in_use"
	CodeNotEnoughRooms    = "not_enough_rooms"
	CodeHoldState         = "hold_state"
	CodeTooManyStatements = "too_many_statements"
)

// Limits of one update: what a year of every product of a large hotel needs, and no more.
const (
	StatementsMax = 100_000
	CellsMax      = 2_000_000 // statements x dates
)

// ChannelsMax bounds the channels that anything is told of in one property: each costs memory and work of its own, and they are not catalogued.
const ChannelsMax = 1000

// UpdateError refuses an update: every fault found, at most 100, in the order of items. Nothing was changed.
type UpdateError struct {
	Items []*ItemError
}

// Error answers the first fault and how many there are.
func (e *UpdateError) Error() string {
	if len(e.Items) == 1 {
		return e.Items[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", e.Items[0].Error(), len(e.Items)-1)
}
