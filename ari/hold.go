package ari

import (
	"maps"
	"slices"
	"time"
)

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// How long a hold lives by default (S4).
const (
	HoldPlaced    = 15 * time.Minute
	HoldConfirmed = 24 * time.Hour
)

// overlaysMax bounds a property's overlays: what one desk, and the sales in progress of a busy day, lay on it.
const overlaysMax = 10_000

// overlay judges one change of an overlay and takes it in.
func (j *trial) overlay(op *OverlayOp) *ItemError {
	old := j.overlayNow(op.Overlay.ID)
	switch op.Verb {
	case OverlayPut:
		return j.putOverlay(&op.Overlay, old)
	case OverlayRemove, OverlayConfirm:
		if old == nil {
			return unknown(CodeUnknownOverlay, "overlay.id", op.Overlay.ID, "an overlay of the property")
		}
		if op.Verb == OverlayConfirm {
			return j.confirm(op, old)
		}
		j.lay(op.Overlay.ID, old, nil)
		return nil
	}
	return &ItemError{Code: CodeRange, Path: "overlay.verb", Got: itoa(int(op.Verb)), Expected: "put, remove or confirm"}
}

// overlayNow answers an overlay as the update leaves it so far.
func (j *trial) overlayNow(id string) *Overlay {
	for i := len(j.overlays) - 1; i >= 0; i-- {
		if j.overlays[i].ID == id {
			return j.overlays[i].New
		}
	}
	return j.d.overlay(id)
}

// lay lists the change of an overlay. It touches the nights of both; a hold's rooms are missed at the levels of its room type, class and
// property, so all rooms'.
func (j *trial) lay(id string, old, next *Overlay) {
	if next != nil {
		next.Revision = j.d.revision + 1
	}
	for _, o := range []*Overlay{old, next} {
		if o == nil {
			continue
		}
		scope := o.Scope
		if o.Kind == Hold {
			scope = Scope{}
		}
		j.touched = append(j.touched, Touch{scope, o.Span.From, o.Span.To})
	}
	for i := range j.overlays {
		if j.overlays[i].ID == id {
			j.overlays[i].New = next
			return
		}
	}
	j.overlays = append(j.overlays, OverlayChange{ID: id, Old: old, New: next})
}

func (j *trial) putOverlay(o, old *Overlay) *ItemError {
	if err := j.checkOverlay(o); err != nil {
		return err
	}
	n := *o
	n.Confirmed, n.Taken, n.Revision, n.Expires = time.Time{}, nil, 0, instant(o.Expires)
	if n.Kind == Hold && n.Expires.IsZero() {
		n.Expires = instant(j.u.Received.Add(HoldPlaced))
	}
	if old != nil && sameOverlay(old, &n) {
		return nil
	}
	if n.Kind == Hold {
		if err := j.enough(&n, old); err != nil {
			return err
		}
	}
	j.lay(o.ID, old, &n)
	return nil
}

// sameOverlay tells whether nothing but the revision differs.
func sameOverlay(a, b *Overlay) bool {
	x, y := *a, *b
	x.Revision, y.Revision, x.Taken, y.Taken = 0, 0, nil, nil
	return x.Expires.Equal(y.Expires) && x.Confirmed.Equal(y.Confirmed) && plain(x) == plain(y)
}

// plain is an overlay's parts that can be compared.
func plain(o Overlay) [8]any {
	return [8]any{o.Kind, o.Scope, o.Span, o.Rooms, o.Amount, o.Side, o.Owner, o.Reason}
}

func (j *trial) checkOverlay(o *Overlay) *ItemError {
	if err := CheckCode(o.ID); err != nil {
		return &ItemError{Code: CodeRange, Path: "overlay.id", Got: clip(o.ID), Expected: "1 to 64 bytes of text"}
	}
	if err := j.checkCodes(o.Scope); err != nil {
		return err
	}
	if err := checkOverlayScope(o); err != nil {
		return err
	}
	if err := checkOverlayValue(o); err != nil {
		return err
	}
	if err := j.checkSpan(o.Span, Set); err != nil && (o.Kind != Hold || err.Code != CodePast) {
		return err
	}
	if o.Kind == Hold && (o.Span.From < j.first || o.Span.To > j.last || o.Span.Days != AllDays) {
		return &ItemError{Code: CodeSpan, Path: "overlay.span", Got: o.Span.From.String(), Expected: "nights in a row, within the picture's dates"}
	}
	if len(j.d.p.overlays)+len(j.overlays) >= overlaysMax {
		return &ItemError{Code: CodeTooManyStatements, Path: "overlay", Got: itoa(overlaysMax + 1), Expected: "at most " + itoa(overlaysMax) + " overlays of a property"}
	}
	return nil
}

func checkOverlayScope(o *Overlay) *ItemError {
	s := o.Scope
	bad := func(want string) *ItemError {
		return &ItemError{Code: CodeScope, Path: "overlay.scope", Got: clip(s.Key()), Expected: want}
	}
	if o.Kind == Hold {
		if s.Rooms != RoomTypeKind || s.Rates != PlanKind || s.Block != "" {
			return bad("a room type and a rate plan, no block")
		}
		return nil
	}
	if s.Rooms == PoolKind {
		return bad("rooms that are no pool")
	}
	return nil
}

func checkOverlayValue(o *Overlay) *ItemError {
	bad := func(path, want string) *ItemError {
		return &ItemError{Code: CodeRange, Path: "overlay." + path, Got: itoa(o.Rooms), Expected: want}
	}
	if len(o.Reason) > TextMax || len(o.Owner) > CodeMax {
		return bad("reason", "at most "+itoa(TextMax)+" bytes")
	}
	switch o.Kind {
	case StopSell:
	case Cap:
		if o.Rooms < 0 || o.Rooms > roomsMax {
			return bad("rooms", "0 to 1,000,000 rooms")
		}
	case Hold:
		if o.Rooms < 1 || o.Rooms > roomsMax {
			return bad("rooms", "1 to 1,000,000 rooms")
		}
	case Floor:
		if o.Amount < 0 || o.Amount > AmountMax || o.Side != SideBefore && o.Side != SideAfter {
			return bad("amount", "an amount on one tax side")
		}
	default:
		return bad("kind", "stop_sell, cap, floor or hold")
	}
	return nil
}

func holdState(id, want string) *ItemError {
	return &ItemError{Code: CodeHoldState, Path: "overlay.id", Got: clip(id), Expected: want}
}

// enough refuses a hold of more rooms than are left on any night (S4), after what the same update says before it. A hold that is laid again
// does not stand in its own way.
func (j *trial) enough(o, old *Overlay) *ItemError {
	p := j.d.p
	if old != nil || len(j.u.Objects)+len(j.u.Replace)+len(j.u.Statements)+len(j.overlays) > 0 {
		p = p.after(j.entry())
		p.putOverlay(o.ID, nil)
		p.eff.refresh(p, nil)
	}
	for d := o.Span.From; d <= o.Span.To; d++ {
		if left, ok := p.leftIn(o.Scope.Channel, o.Scope.Room, o.Scope.Rate, d); !ok || left < o.Rooms {
			return &ItemError{Code: CodeNotEnoughRooms, Path: "overlay.rooms", Got: itoa(o.Rooms) + " on " + d.String(), Expected: "at most " + itoa(max(0, left))}
		}
	}
	return nil
}

func (j *trial) confirm(op *OverlayOp, old *Overlay) *ItemError {
	if old.Kind != Hold || !old.Confirmed.IsZero() {
		return holdState(op.Overlay.ID, "a hold that is placed and not confirmed")
	}
	n := *old
	n.Confirmed, n.Expires = instant(j.u.Received), instant(op.Overlay.Expires)
	if n.Expires.IsZero() {
		n.Expires = instant(j.u.Received.Add(HoldConfirmed))
	}
	j.lay(op.Overlay.ID, old, &n)
	return nil
}

// countsTold gives the rooms of confirmed holds back to a count that was told after they were confirmed: the source has them in it (S4).
func (j *trial) countsTold(k columnKey, from, to StayDate) {
	if k.field.Family() != FamilyCount || j.u.SourceTime.IsZero() || len(j.d.p.overlays) == 0 {
		return
	}
	for _, id := range j.confirmedHolds() {
		o := j.overlayNow(id)
		if o == nil || o.Confirmed.IsZero() || !j.u.SourceTime.After(o.Confirmed) || o.Span.From > to || o.Span.To < from {
			continue
		}
		if !slices.Contains(j.catalog.levels(o.Scope.Room), k.scope) {
			continue
		}
		n := *o
		n.Taken = slices.Clone(o.Taken)
		for d := max(from, o.Span.From); d <= min(to, o.Span.To); d++ {
			if x := (LevelDate{k.scope, d}); !slices.Contains(n.Taken, x) {
				n.Taken = append(n.Taken, x)
			}
		}
		if len(n.Taken) > len(o.Taken) {
			j.give(id, &n)
		}
	}
}

// give lists a hold with more of it taken over.
func (j *trial) give(id string, n *Overlay) {
	j.lay(id, j.d.overlay(id), n)
	if j.released == nil {
		j.released = map[string]*Overlay{}
	}
	j.released[id] = n
}

// confirmedHolds answers the ids of confirmed holds, sorted.
func (j *trial) confirmedHolds() []string {
	if j.holds == nil {
		j.holds = []string{}
		for _, id := range sortedKeys(j.d.p.overlays) {
			if o := j.d.p.overlays[id]; o.Kind == Hold && !o.Confirmed.IsZero() {
				j.holds = append(j.holds, id)
			}
		}
	}
	return j.holds
}

// levels answers where counts of a room type are told: its pools, its class, the property.
func (c *Catalog) levels(room string) []Scope {
	r := c.RoomTypes[room]
	if r == nil {
		return nil
	}
	var out []Scope
	if len(r.Pools) == 0 {
		out = append(out, RoomScope(room))
	}
	for _, u := range r.Pools {
		kind := PoolKind
		if c.RoomTypes[u.Pool] != nil {
			kind = RoomTypeKind
		}
		out = append(out, Scope{Rooms: kind, Room: u.Pool})
	}
	if r.Class != "" {
		out = append(out, Scope{Rooms: RoomClassKind, Room: r.Class})
	}
	return append(out, Scope{})
}
