package otaxml

import (
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Result is what a message means: per item, statements in the hub's codes, or why not.
type Result struct {
	Kind       string
	Property   string // hub code; "" if Refused
	HotelCode  string // as told
	SourceTime time.Time
	NoTime     string // why SourceTime is zero; "" if it is not
	Identity   Identity
	ByItem     bool // good items apply beside bad ones: ari.Update.ByItem

	Refused  *Fault  // the whole message is refused: nothing of it applies
	Nothing  *Fault  // the whole message applies as nothing and is answered with success: its series was rolled back
	Unmapped []Unmap // of the property; Refused is set too, and the hub may park the message
	Replace  []ari.Extent
	Items    []ItemResult // one per item of the message, in order
}

// ItemResult is what one item means. Exactly one holds: Faults (refused), Unmapped (parked), Skipped (the mapping ignores it), or it is
// applied: Statements and Replace, which may be empty with a warning that says why.
type ItemResult struct {
	Index      int
	Statements []ari.Statement // Statement.Item is Index
	Replace    []ari.Extent
	Objects    []ari.ObjectOp // rate plans, room types and blocks that the item defines; ObjectOp.Item is Index
	Faults     []*Fault
	Unmapped   []Unmap
	Skipped    string   // XPath of the code that the mapping ignores
	Warnings   []*Fault // applied, but worth saying: cannot be evaluated, nothing to apply
	Ignored    []string // XPaths of harmless content that was left out
}

// Update answers the canonical update of what applies, of the given items only (nil: all): parked items are replayed by themselves once
// they are mapped. The hub adds who, when, order and ids.
func (r *Result) Update(items []int) ari.Update {
	u := ari.Update{Property: r.Property, SourceTime: r.SourceTime, ByItem: r.ByItem}
	if items == nil {
		u.Replace = append(u.Replace, r.Replace...)
	}
	for i := range r.Items {
		if items == nil || slices.Contains(items, i) {
			u.Statements = append(u.Statements, r.Items[i].Statements...)
			u.Replace = append(u.Replace, r.Items[i].Replace...)
			u.Objects = append(u.Objects, r.Items[i].Objects...)
		}
	}
	return u
}

// Refusals answers what Decode refused, one error per item, for the record of the message; a message refused whole is item 0's.
func (r *Result) Refusals() []*ari.ItemError {
	var out []*ari.ItemError
	if r.Refused != nil {
		out = append(out, r.Refused.itemError(0))
	}
	for i := range r.Items {
		if f := r.Items[i].Faults; len(f) > 0 {
			out = append(out, f[0].itemError(r.Items[i].Index))
		}
	}
	return out
}

// decoder is what all items share.
type decoder struct {
	m          *Message
	p          *Profile
	h          Hotel
	cat        *ari.Catalog
	statements int
	objects    int
	own        bool     // cat is a copy, and shows what the items so far define
	undo       []func() // of what the item in hand has defined in it
}

// Decode translates a message under a profile, with a connection's codes. Pure: the same message, profile and mapping give the same
// result.
//
// Shape:  one ItemResult per item. At most ari.StatementsMax statements; a message that expands beyond that is refused whole (S26).
// Errors: none: Result.Refused and the items' Faults say what is wrong.
// Source: docs/protocols/ota-xml.md.
func Decode(m *Message, p *Profile, codes Codes) Result {
	r := Result{Kind: m.Kind, HotelCode: m.HotelCode, ByItem: p.Items == "by_item"}
	if m.fault != nil {
		r.Refused = m.fault
		return r
	}
	if r.Refused = checkTarget(m, p); r.Refused != nil || m.Kind == KindPing {
		return r
	}
	if len(p.Messages) > 0 && !slices.Contains(p.Messages, m.Kind) {
		r.Refused = &Fault{Code: CodeUnsupported, Path: path(m.root, ""), Got: clip(m.Kind, 60), Expected: "a message that the connection's profile takes: " + strings.Join(p.Messages, ", ")}
		return r
	}
	if strings.EqualFold(m.TransactionStatus, "Rollback") {
		r.Nothing = &Fault{Code: CodeRollback, Path: path(m.root, "TransactionStatusCode"), Got: "Rollback", Expected: "the series is ignored: nothing was applied"}
		return r
	}
	d := &decoder{m: m, p: p}
	if !d.findHotel(&r, codes) {
		return r
	}
	r.Property = d.h.Code()
	r.SourceTime, r.NoTime = sourceTime(m.TimeStamp, p.zoneOf(d.h))
	r.Identity = identity(m, p)
	if r.Refused = d.completeSet(&r); r.Refused != nil {
		return r
	}
	r.Items = make([]ItemResult, len(m.Items))
	for i := range m.Items {
		r.Items[i] = d.item(&m.Items[i])
		if d.statements > ari.StatementsMax || d.objects > objectsMax {
			r.Refused = &Fault{Code: ari.CodeTooManyStatements, Path: m.Items[i].Path(), Expected: "a message that expands to at most 100000 statements and 10000 definitions"}
			r.Items, r.Replace = nil, nil
			return r
		}
	}
	if m.Kind == KindContentNotif {
		d.content(&r)
	}
	if !r.ByItem {
		r.allOrNothing()
	}
	return r
}

// objectsMax bounds what one message defines: more rooms, plans and blocks than any hotel has.
const objectsMax = 10_000

// allOrNothing refuses every item if one is refused; parked ones fail no message (S25).
func (r *Result) allOrNothing() {
	refused := func(x ItemResult) bool { return len(x.Faults) > 0 }
	if !slices.ContainsFunc(r.Items, refused) {
		return
	}
	r.Replace = nil
	for i := range r.Items {
		if x := &r.Items[i]; !refused(*x) {
			*x = ItemResult{Index: x.Index, Faults: []*Fault{{Code: CodeAllOrNothing, Expected: "every item to be good: another one of this message was refused"}}}
		}
	}
}

func checkTarget(m *Message, p *Profile) *Fault {
	switch strings.ToLower(m.Target) {
	case "", "production":
		return nil
	case "test", "testing":
		if p.Test == "accept" {
			return nil
		}
		return &Fault{Code: CodeTestOnLive, Path: path(m.root, "Target"), Got: m.Target, Expected: "Production: this connection is live"}
	}
	return &Fault{Code: CodeValue, Path: path(m.root, "Target"), Got: clip(m.Target, 40), Expected: "Production or Test"}
}

func (d *decoder) findHotel(r *Result, codes Codes) bool {
	at := path(d.m.container, "HotelCode")
	if d.m.HotelCode == "" && d.p.AbsentHotel == "refuse" {
		r.Refused = &Fault{Code: CodeMissing, Path: at, Expected: "the hotel's code"}
		return false
	}
	h, status := codes.Property(d.m.HotelCode)
	switch {
	case status == Ignored:
		r.Nothing = &Fault{Code: CodeIgnored, Path: at, Got: clip(d.m.HotelCode, 40), Expected: "nothing was applied: this hotel is set to be ignored"}
		return false
	case status != Known || h == nil:
		code := CodeUnmapped + "_" + ari.KindProperty
		r.Refused = &Fault{Code: code, Path: at, Got: clip(d.m.HotelCode, 40), Expected: "a hotel code of this connection"}
		r.Unmapped = []Unmap{{ari.KindProperty, d.m.HotelCode, at}}
		return false
	}
	d.h, d.cat = h, h.Catalog()
	if d.cat == nil {
		d.cat = &ari.Catalog{}
	}
	return true
}

// completeSet reads UniqueID Instance="CompleteSet": the message is all there is to know of the hotel (S18).
func (d *decoder) completeSet(r *Result) *Fault {
	if d.m.Instance != "CompleteSet" || d.p.CompleteSet == "ignore" {
		return nil
	}
	if d.p.CompleteSet == "refuse" {
		return &Fault{Code: CodeUnsupported, Path: path(d.m.root, "") + "/UniqueID/@Instance", Got: "CompleteSet",
			Expected: "changes only: this connection's profile does not take complete sets (complete_set)"}
	}
	families := map[string][]uint8{
		KindAvailNotif:      {ari.FamilyRestriction, ari.FamilyLimit, ari.FamilyUnknown},
		KindInvCountNotif:   {ari.FamilyCount},
		KindRateAmountNotif: {ari.FamilyRate},
	}
	if families[d.m.Kind] == nil {
		return &Fault{Code: CodeUnsupported, Path: path(d.m.root, "") + "/UniqueID/@Instance", Got: "CompleteSet",
			Expected: "a complete set of availability, rates or counts: of this message each item says what it replaces"}
	}
	var fields []ari.FieldSet
	for _, f := range families[d.m.Kind] {
		fields = append(fields, ari.FieldSet{Family: f})
	}
	r.Replace = []ari.Extent{{Fields: fields, Span: ari.Undated, Scopes: ari.ScopeSet{AnyRooms: true, AnyRates: true, AnyChannel: true}}}
	return nil
}

// item decodes one item.
func (d *decoder) item(it *Item) ItemResult {
	x := &itemDecoder{decoder: d, it: it, out: ItemResult{Index: it.Index}}
	switch d.m.Kind {
	case KindRatePlanNotif:
		return x.finish(x.ratePlan())
	case KindInvNotif:
		return x.finish(x.sellableProduct())
	case KindContentNotif:
		return x.finish(x.guestRoom())
	case KindInvBlockNotif:
		return x.finish(x.invBlock())
	}
	c, ok := x.control()
	if ok {
		switch d.m.Kind {
		case KindAvailNotif:
			x.avail(c)
		case KindRateAmountNotif:
			x.rateAmount(c)
		case KindInvCountNotif:
			x.invCounts(c)
		case KindBookingRule:
			x.ruleMessage(c)
		}
	}
	return x.finish(c)
}

// itemDecoder gathers what one item says.
type itemDecoder struct {
	*decoder
	it  *Item
	out ItemResult
	// spread says of each statement whether one value was spread over several fields: an explicit value of the same field goes before it.
	spread []bool
	index  map[cellKey]int // of statements, once there are more than a scan is good for
}

// cellKey is what one item may tell only once.
type cellKey struct {
	scope ari.Scope
	span  ari.Span
	field ari.Field
}

// finish settles what the item is: refused, parked, skipped or applied.
func (x *itemDecoder) finish(c control) ItemResult {
	o := &x.out
	switch {
	case c.skipped != "": // whatever else is in it
		o.Skipped, o.Faults, o.Unmapped = c.skipped, nil, nil
	case len(o.Faults) > 0:
		o.Unmapped = nil
	case len(o.Unmapped) > 0:
	default:
		if len(o.Statements)+len(o.Replace)+len(o.Objects) == 0 && len(o.Warnings) == 0 {
			o.Warnings = append(o.Warnings, &Fault{Code: CodeIgnored, Path: x.it.Path(), Expected: "nothing in this item changes availability, rates or inventory"})
		}
		x.statements += len(o.Statements)
		x.objects += len(o.Objects)
		x.undo = nil
		return *o
	}
	x.takeBack()
	o.Statements, o.Replace, o.Objects, o.Warnings = nil, nil, nil, nil
	return *o
}

func (x *itemDecoder) fault(code string, n *node, attr, got, expected string) {
	if len(x.out.Faults) < faultsPerItem {
		x.out.Faults = append(x.out.Faults, &Fault{Code: code, Path: path(n, attr), Got: clip(got, 80), Expected: expected})
	}
}

// faultsPerItem bounds what is said of one item: the first faults are the ones to mend.
const faultsPerItem = 5

func (x *itemDecoder) ignore(n *node, attr string) {
	if len(x.out.Ignored) < 100 {
		x.out.Ignored = append(x.out.Ignored, path(n, attr))
	}
}

// strange warns of an element that is not known where it is: unlike what is known to be harmless, its sender should hear of it.
func (x *itemDecoder) strange(n *node) {
	if n.name == "TPA_Extensions" {
		x.ignore(n, "")
		return
	}
	if len(x.out.Warnings) < 20 {
		x.out.Warnings = append(x.out.Warnings, &Fault{Code: CodeIgnored, Path: path(n, ""), Got: clip(n.name, 60), Expected: "left out: no element that is known here"})
	}
}

// set adds a set of a field at each of the control's scopes; spread says that one told value stands for several fields.
func (x *itemDecoder) set(c control, n *node, f ari.Field, v ari.Value, spread bool) {
	x.say(c, n, ari.Statement{Verb: ari.Set, Field: f, Value: v}, spread)
}

func (x *itemDecoder) clear(c control, n *node, f ari.Field) {
	x.say(c, n, ari.Statement{Verb: ari.Clear, Field: f}, false)
}

func (x *itemDecoder) say(c control, n *node, s ari.Statement, spread bool) {
	for _, scope := range c.scopes {
		s.Scope, s.Span, s.Item = scope, c.span, x.it.Index
		x.add(n, s, spread)
	}
}

// add adds a statement. One item that tells a field twice differently contradicts itself.
func (x *itemDecoder) add(n *node, s ari.Statement, spread bool) {
	i := -1
	if s.Field != ari.UnknownField {
		i = x.told(cellKey{s.Scope, s.Span, s.Field})
	}
	if i < 0 {
		x.out.Statements, x.spread = append(x.out.Statements, s), append(x.spread, spread)
		if x.index != nil {
			x.index[cellKey{s.Scope, s.Span, s.Field}] = len(x.spread) - 1
		}
		return
	}
	old := &x.out.Statements[i]
	switch {
	case old.Verb == s.Verb && old.Value == s.Value:
	case x.spread[i] && !spread:
		*old, x.spread[i] = s, false
	case !x.spread[i] && spread:
	default:
		x.fault(CodeContradiction, n, "", s.Field.String(), "one value of "+s.Field.String()+" per item")
	}
}

// statementsScanned is up to how many statements of an item are looked through; real items have under ten.
const statementsScanned = 16

// told answers the index of the statement that told a cell; -1 if none did.
func (x *itemDecoder) told(k cellKey) int {
	if len(x.out.Statements) <= statementsScanned {
		for i := range x.out.Statements {
			if s := &x.out.Statements[i]; s.Field == k.field && s.Span == k.span && s.Scope == k.scope {
				return i
			}
		}
		return -1
	}
	if x.index == nil {
		x.index = make(map[cellKey]int, 4*statementsScanned)
		for i, s := range x.out.Statements {
			x.index[cellKey{s.Scope, s.Span, s.Field}] = i
		}
	}
	if i, ok := x.index[k]; ok {
		return i
	}
	return -1
}

// unknown keeps as told what cannot be evaluated: the stays it covers are not sellable (S1), unless the profile may ignore the kind. The
// statement's text is "Name=value".
func (x *itemDecoder) unknown(c control, n *node, attr, name, value string) {
	if x.p.ignorable(name) {
		x.ignore(n, attr)
		return
	}
	x.say(c, n, ari.Statement{Verb: ari.Set, Field: ari.UnknownField, Text: clip(name+"="+value, ari.TextMax-3)}, false)
	x.out.Warnings = append(x.out.Warnings, &Fault{Code: CodeCannotEvaluate, Path: path(n, attr), Got: clip(value, 80),
		Expected: "kept as told; what it covers is not sellable until it is evaluated or cleared"})
}

// known takes an unknown kind back: its neutral value was told.
func (x *itemDecoder) known(c control, n *node, name string) {
	if !x.p.ignorable(name) {
		x.say(c, n, ari.Statement{Verb: ari.Clear, Field: ari.UnknownField, Text: name + "="}, false)
	}
}
