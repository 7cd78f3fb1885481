package ari

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// kinds are the kinds of a property's catalog.
var kinds = []string{KindProperty, KindRoomClass, KindRoomType, KindPool, KindRateCategory, KindRatePlan, KindBlock}

// putObjects takes the update's objects into the catalog, judges what comes of them, and lists their consequences.
func (j *trial) putObjects() {
	before := j.catalog
	j.catalog = j.catalog.begin()
	for i := range j.u.Objects {
		op := &j.u.Objects[i]
		if j.skip[op.Item] {
			continue
		}
		err := j.mayPut(op)
		if err == nil {
			err = j.putObject(op)
		}
		if err != nil {
			j.objectFault(i, err)
		}
	}
	if j.catalog = j.catalog.done(); len(j.objects) == 0 {
		j.catalog = before // nothing changed: what was computed from it holds
	}
	if len(j.errs) > 0 {
		return
	}
	for _, err := range j.catalog.check(before, j.u.Objects, func(op *ObjectOp) bool { return j.skip[op.Item] }) {
		j.objectFault(err.Item, err)
	}
	if len(j.errs) > 0 {
		return
	}
	j.zone = j.catalog.zone()
	j.consequences(before)
}

// objectFault takes down what is wrong with an object: of its item if the update is by item, else of the object by its index.
func (j *trial) objectFault(index int, err *ItemError) {
	if !j.u.ByItem {
		err.Item = index
		j.errs = append(j.errs, err)
		return
	}
	item := j.u.Objects[index].Item
	if j.item(item).err == nil {
		j.fault(item, err)
	}
}

// mayPut refuses what a message defines of another connection's: plans are the rates owner's, rooms and blocks the counts owner's (S5).
func (j *trial) mayPut(op *ObjectOp) *ItemError {
	owner := j.catalog.Property.CountsOwner
	switch op.Kind {
	case KindRatePlan, KindRateCategory:
		owner = j.catalog.Property.RatesOwner
	case KindProperty:
		owner = ""
	}
	if j.u.By.Kind != ByMessage || owner == "" || owner == j.u.Connection {
		return nil
	}
	return &ItemError{Code: CodeNotOwner, Path: clip(op.Kind), Got: clip(j.u.Connection), Expected: "connection " + clip(owner) + ", which owns them"}
}

// putObject decodes one object strictly and puts it, or deletes it.
func (j *trial) putObject(op *ObjectOp) *ItemError {
	hub := j.d.p.code == HubProperty
	if hub == slices.Contains(kinds, op.Kind) || CheckCode(op.Kind) != nil {
		return badObject(op, "kind", op.Kind, "a kind of object that the property can have")
	}
	if err := CheckCode(op.Code); err != nil {
		return badObject(op, "code", op.Code, "1 to 64 bytes of text")
	}
	body := op.Body
	if body != nil && !hub {
		var err *ItemError
		if body, err = j.canonical(op); err != nil {
			return err
		}
	}
	was := j.catalog
	if err := j.change(op, body); err != nil {
		return err
	}
	if it := j.objectItem(op); it != nil && j.catalog != was {
		it.changed++
	}
	return nil
}

// objectItem answers the item that an object of an update by item belongs to; nil otherwise.
func (j *trial) objectItem(op *ObjectOp) *item {
	if !j.u.ByItem {
		return nil
	}
	return j.item(op.Item)
}

// change puts the body into the catalog, and lists the change unless there is none.
func (j *trial) change(op *ObjectOp, body []byte) *ItemError {
	old := j.catalog.Body(op.Kind, op.Code)
	if bytes.Equal(old, body) && (old == nil) == (body == nil) {
		return nil
	}
	next, err := j.catalog.with(op.Kind, op.Code, body)
	if err != nil {
		return badObject(op, "body", err.Error(), "JSON of the object")
	}
	j.catalog, j.scopeOK = next, false
	for i := range j.objects {
		if c := &j.objects[i]; c.Kind == op.Kind && c.Code == op.Code {
			c.New = body
			return nil
		}
	}
	j.objects = append(j.objects, ObjectChange{Kind: op.Kind, Code: op.Code, Old: old, New: body})
	return nil
}

// canonical decodes an object strictly and answers its one JSON form.
func (j *trial) canonical(op *ObjectOp) ([]byte, *ItemError) {
	v, code := newObject(op.Kind)
	d := json.NewDecoder(bytes.NewReader(op.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return nil, badObject(op, "body", err.Error(), "JSON of the object, known fields only")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, badObject(op, "body", "more", "one JSON object")
	}
	if *code == "" {
		*code = op.Code
	}
	if *code != op.Code {
		return nil, badObject(op, "code", *code, op.Code)
	}
	if p, ok := v.(*Property); ok {
		j.keepStanding(p)
		p.normalise()
	}
	body, err := json.Marshal(v)
	if err != nil {
		return nil, badObject(op, "body", err.Error(), "JSON of the object")
	}
	return body, nil
}

// Canonical answers an object's one JSON form, in which two objects that say the same are equal: known fields only, defaults filled in. It
// decodes and does not judge.
//
// Errors: one that tells what does not fit.
func Canonical(kind, code string, body []byte) ([]byte, error) {
	if !slices.Contains(kinds, kind) {
		return nil, fmt.Errorf("%q is no kind of object of a property", clip(kind))
	}
	v, own := newObject(kind)
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return nil, err
	}
	if *own == "" {
		*own = code
	}
	if *own != code {
		return nil, fmt.Errorf("code %q, want %q", clip(*own), clip(code))
	}
	if p, ok := v.(*Property); ok {
		p.normalise()
	}
	return json.Marshal(v)
}

// keepStanding: a put of the property that names no owner keeps the one in force (S5), and so it is with the stage.
func (j *trial) keepStanding(p *Property) {
	if p.RatesOwner == "" {
		p.RatesOwner = j.catalog.Property.RatesOwner
	}
	if p.CountsOwner == "" {
		p.CountsOwner = j.catalog.Property.CountsOwner
	}
	if p.Stage == "" {
		p.Stage = j.catalog.Property.Stage
	}
}

// newObject answers an empty object of a kind, and where its code is.
func newObject(kind string) (v any, code *string) {
	switch kind {
	case KindProperty:
		o := &Property{}
		return o, &o.Code
	case KindRoomClass:
		o := &RoomClass{}
		return o, &o.Code
	case KindRoomType:
		o := &RoomType{}
		return o, &o.Code
	case KindPool:
		o := &Pool{}
		return o, &o.Code
	case KindRateCategory:
		o := &RateCategory{}
		return o, &o.Code
	case KindRatePlan:
		o := &RatePlan{}
		return o, &o.Code
	}
	o := &Block{}
	return o, &o.ID
}

func badObject(op *ObjectOp, path, got, want string) *ItemError {
	return &ItemError{Code: CodeBadObject, Path: clip(op.Kind) + "." + path, Got: clip(got), Expected: want}
}

// claim makes the update's connection the owner of rates or counts: the first to write is (S5).
func (j *trial) claim(family uint8) *ItemError {
	p := j.catalog.Property
	p.Code = j.d.p.code
	if family == FamilyRate {
		p.RatesOwner = j.u.Connection
	} else {
		p.CountsOwner = j.u.Connection
	}
	body, err := json.Marshal(&p)
	if err != nil {
		return &ItemError{Code: CodeBadObject, Path: "property", Got: clip(err.Error()), Expected: "a property"}
	}
	return j.change(&ObjectOp{Kind: KindProperty, Code: p.Code}, body)
}

// consequences lists what follows from a change of the catalog: amounts that are unset, stamps that begin anew, and where effective values
// may differ.
func (j *trial) consequences(before *Catalog) {
	if j.d.p.code == HubProperty {
		return
	}
	for _, c := range j.objects {
		j.touched = append(j.touched, Touch{objectScope(c.Kind, c.Code), DateMin, DateMax})
	}
	j.moveOwner(FamilyRate, before.Property.RatesOwner, j.catalog.Property.RatesOwner)
	j.moveOwner(FamilyCount, before.Property.CountsOwner, j.catalog.Property.CountsOwner)
	for _, code := range before.PlanCodes {
		if now := j.catalog.Plans[code]; now != nil && before.terms(before.Plans[code]) != j.catalog.terms(now) {
			j.unsetRates(code)
		}
	}
}

// objectScope answers what a change of an object reaches.
func objectScope(kind, code string) Scope {
	switch kind {
	case KindRoomType:
		return RoomScope(code)
	case KindRatePlan:
		return PlanScope(code)
	}
	return Scope{} // property, class, category, pool, block: all
}

// terms are what a plan's amounts mean: when one changes, they are unset (S12).
type terms struct {
	currency, tax string
	basis         Basis
	period        int
	perPerson     bool
}

func (c *Catalog) terms(r *RatePlan) terms {
	t := terms{r.Currency, r.tax(), r.basis(), r.Period, r.PerPerson}
	if t.currency == "" {
		t.currency = c.Property.Currency
	}
	return t
}

// unsetRates makes all rates told of a plan untold, stamps too.
func (j *trial) unsetRates(plan string) {
	for _, c := range j.d.p.sorted(func(k columnKey) bool {
		return k.field.Family() == FamilyRate && k.scope.Rates == PlanKind && k.scope.Rate == plan
	}) {
		w := j.workOf(c.key())
		for _, x := range c.datedPieces(j.d.p.stamps) {
			w.put(j, x, seg{Run: Run{Kind: RunSet, NewState: Untold}, item: -1})
		}
		w.load(j.d.p.stamps)
		w.gone, w.stand = append(w.gone, w.stand...), w.stand[:0]
	}
}

// moveOwner makes what the last owner told older than all that the next will tell (S5).
func (j *trial) moveOwner(family uint8, old, owner string) {
	if old == "" || old == owner {
		return
	}
	for _, c := range j.d.p.sorted(func(k columnKey) bool {
		f := k.field.Family()
		return f == family || family == FamilyCount && f == FamilyBlock
	}) {
		w := j.workOf(c.key())
		for _, x := range c.datedPieces(j.d.p.stamps) {
			w.put(j, x, seg{Run: Run{Kind: RunReset, NewState: x.state, New: x.value}, item: -1})
		}
		w.load(j.d.p.stamps)
		w.gone = append(w.gone, w.stand...)
		slices.SortStableFunc(w.stand, func(a, b told) int { return cmpOrder(a.order, b.order) })
		for i := range w.stand {
			w.stand[i].order, w.stand[i].fresh = NoStamp.Order, true
		}
	}
}

func cmpOrder(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// key answers the column's key.
func (c *column) key() columnKey { return columnKey{c.scope, c.field, c.owner} }

// sorted answers the columns whose key passes, in the order of keys.
func (p *Picture) sorted(keep func(columnKey) bool) []*column {
	var out []*column
	for k, c := range p.columns {
		if keep(k) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *column) int { return a.key().compare(b.key()) })
	return out
}

// datedPieces answers the dated cells of a column, without gaps between equal ones; standing statements are not looked at.
func (c *column) datedPieces(t *stampTable) []piece {
	first, last, ok := c.bounds()
	if !ok {
		return nil
	}
	return c.toldPieces(first, last, t)
}

// toldPieces answers the dated cells on some dates, within the column's bounds.
func (c *column) toldPieces(first, last StayDate, t *stampTable) []piece {
	var all []piece
	if c.dense {
		all = c.densePieces(nil, first, last, t)
	} else {
		all = c.sparsePieces(nil, first, last, t)
	}
	return slices.DeleteFunc(all, func(x piece) bool { return x.state == Untold })
}

// bounds answers the first and last date that may have a dated cell; ok is false if there is none.
func (c *column) bounds() (first, last StayDate, ok bool) {
	if c.dense {
		return c.base, c.base + StayDate(len(c.stamps)) - 1, len(c.stamps) > 0
	}
	if len(c.runs) == 0 {
		return 0, 0, false
	}
	return c.runs[0].from, c.runs[len(c.runs)-1].to, true
}
