package canonical

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Bounds of one message. A year of 96 products in one message is 96 items when told by ranges; these leave room for the worst senders.
const (
	ItemsMax   = 20_000
	ReplaceMax = 1_000
	IDMax      = 128
	ReasonMax  = 256
	clearMax   = 64
	ratesMax   = 512
)

// Message is one decoded update, as told: who sent it and when it came are the caller's to fill in.
//
// Statements and clears of families of items[i] have Item i; replace[j] has Item Items + j: see PointerOf.
type Message struct {
	Update      ari.Update // Property, SourceTime, Reason, Replace and Statements
	ID          string
	Sequence    int64
	HasSequence bool
	Items       int
	Adjusts     bool // it holds an adjust: it needs an identity (S19)
}

// PointerOf answers the JSON pointer of an item's path, as ari.ItemError has them ("set.min_los_arrival", "to").
func (m *Message) PointerOf(item int, path string) string {
	p := "/items/" + strconv.Itoa(item)
	if item >= m.Items {
		p = "/replace/" + strconv.Itoa(item-m.Items)
	}
	if path == "" {
		return p
	}
	return p + "/" + string(bytes.ReplaceAll([]byte(path), []byte{'.'}, []byte{'/'}))
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// Decode reads one update. m is overwritten; nothing in it refers to data.
//
// Shape:  statements in the order they are told within an item, sets, clears and adjusts as they stand.
// Errors: *Error with every fault. m is not to be used then.
// Source: docs/semantics.md, S18, S24, S25, S50.
func Decode(data []byte, m *Message) error { return DecodeAt(data, "", m) }

// DecodeAt is Decode of a part of a larger document: pointers begin with prefix.
func DecodeAt(data []byte, prefix string, m *Message) error {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reset(data, prefix)
	*m = Message{}
	m.Update.Statements = d.scratch[:0]
	d.m = m
	d.update()
	d.keep(m)
	return d.err()
}

// keep gives the message its own statements, of exact size, and takes the scratch back.
func (d *decoder) keep(m *Message) {
	d.m, d.scratch = nil, m.Update.Statements
	m.Update.Statements = append([]ari.Statement(nil), d.scratch...)
	if cap(d.scratch) > scratchMax {
		d.scratch = nil
	}
}

// scratchMax bounds the statements a pooled decoder holds room for: 600 KB.
const scratchMax = 4096

// decoder reads one update.
type decoder struct {
	scanner
	m       *Message
	scratch []ari.Statement
}

// twice tells whether the bit was seen before in this object, and notes the fault.
func (d *decoder) twice(seen *uint64, bit int, name string) bool {
	if *seen&(1<<bit) != 0 {
		d.faultAt(name, CodeTwice, "each name once", name, "leave one out")
		d.skip()
		return true
	}
	*seen |= 1 << bit
	return false
}

// unknown notes a name that is not known here, with the nearest that is.
func (d *decoder) unknown(name []byte, names []string) {
	fix := "leave it out"
	if n := Nearest(string(name), names); n != "" {
		fix = "did you mean " + n + "?"
	}
	d.faultAt(string(name), CodeUnknownField, "a known field", Clip(name), fix)
	d.skip()
}

var updateNames = []string{"property", "id", "source_time", "sequence", "reason", "items", "replace"}

func (d *decoder) update() {
	var seen uint64
	u := &d.m.Update
	before := d.count()
	var replaceFrom, replaceTo int // clears of families are extents too: replaces are numbered after the items are known
	ok := d.object("an update: an object", func(name []byte) {
		at := indexOf(updateNames, name)
		if at < 0 {
			d.unknown(name, updateNames)
			return
		}
		if d.twice(&seen, at, updateNames[at]) {
			return
		}
		d.push(updateNames[at])
		switch at {
		case 0:
			u.Property = d.code()
		case 1:
			d.m.ID = d.short(IDMax)
		case 2:
			u.SourceTime = d.instant()
		case 3:
			d.m.Sequence, d.m.HasSequence = d.integer(0, 1<<62)
		case 4:
			u.Reason = d.short(ReasonMax)
		case 5:
			d.array("an array of items", func(i int) { d.item(i) })
		case 6:
			replaceFrom = len(u.Replace)
			d.array("an array of extents", func(i int) { d.replace(i) })
			replaceTo = len(u.Replace)
		}
		d.pop()
	})
	if d.end(); d.dead || !ok {
		return
	}
	for i := replaceFrom; i < replaceTo; i++ {
		u.Replace[i].Item += d.m.Items
	}
	if seen&1 == 0 {
		d.faultAt("property", CodeMissing, "the code of the property", "", "name the property")
	}
	if d.m.Items == 0 && replaceFrom == replaceTo && d.count() == before {
		d.fault(CodeEmpty, "items or replace", "", "send at least one item")
	}
}

// count answers how many faults were noted: a place that has one already need not be called empty too.
func (s *scanner) count() int { return len(s.faults) + s.more }

func indexOf(names []string, name []byte) int {
	for i, n := range names {
		if string(name) == n {
			return i
		}
	}
	return -1
}

// short reads a text of bounded length.
func (d *decoder) short(most int) string {
	want := "text of 1 to " + strconv.Itoa(most) + " bytes"
	v, ok := d.str(want, "")
	if ok && (v == "" || len(v) > most) {
		d.fault(CodeRange, want, Clip([]byte(v)), "")
		return ""
	}
	return v
}

// instant reads an instant with zone, kept to the microsecond.
func (d *decoder) instant() time.Time {
	const want = "an instant with zone, 2026-11-22T09:30:00Z"
	if d.peek() != '"' {
		d.wrong(want, "")
		return time.Time{}
	}
	t := d.text()
	if d.dead {
		return time.Time{}
	}
	v, err := time.Parse(time.RFC3339, string(t))
	if err != nil || v.Year() < 1970 || v.Year() > 9998 {
		fix := ""
		if _, err := time.Parse("2006-01-02T15:04:05", string(t)); err == nil {
			fix = `add the zone, for instance "Z"`
		}
		d.fault(CodeFormat, want, Clip(t), fix)
		return time.Time{}
	}
	return v.UTC().Truncate(time.Microsecond)
}

// place is the scope and span of an item or extent, as they come.
type place struct {
	seen               uint64
	scope              ari.Scope
	span               ari.Span
	openEnded, undated bool
}

var placeNames = []string{"room_type", "room_class", "pool", "rate_plan", "rate_category", "rate_family", "channel", "block",
	"from", "to", "open_ended", "undated", "weekdays"}

const (
	seenFrom, seenTo = 8, 9
	placeBits        = 16 // bits below belong to place
)

// member reads one member of a place; false if name is none.
func (d *decoder) member(p *place, name []byte) bool {
	at := indexOf(placeNames, name)
	if at < 0 {
		return false
	}
	if d.twice(&p.seen, at, placeNames[at]) {
		return true
	}
	d.push(placeNames[at])
	switch at {
	case 0:
		d.rooms(p, ari.RoomTypeKind)
	case 1:
		d.rooms(p, ari.RoomClassKind)
	case 2:
		d.rooms(p, ari.PoolKind)
	case 3:
		d.rates(p, ari.PlanKind)
	case 4:
		d.rates(p, ari.CategoryKind)
	case 5:
		d.rates(p, ari.FamilyKind)
	case 6:
		p.scope.Channel = d.code()
	case 7:
		p.scope.Block = d.code()
	case 8:
		p.span.From, _ = d.date()
	case 9:
		p.span.To, _ = d.date()
	case 10:
		p.openEnded, _ = d.flag()
	case 11:
		p.undated, _ = d.flag()
	case 12:
		p.span.Days = d.weekdays()
	}
	d.pop()
	return true
}

func (d *decoder) rooms(p *place, kind ari.RoomsKind) {
	if p.seen&7&(p.seen&7-1) != 0 {
		d.fault(CodeScope, "one of room_type, room_class and pool", "", "keep one")
	}
	p.scope.Rooms, p.scope.Room = kind, d.code()
}

func (d *decoder) rates(p *place, kind ari.RatesKind) {
	if bits := p.seen >> 3 & 7; bits&(bits-1) != 0 {
		d.fault(CodeScope, "one of rate_plan, rate_category and rate_family", "", "keep one")
	}
	p.scope.Rates, p.scope.Rate = kind, d.code()
}

func (d *decoder) weekdays() (days ari.Weekdays) {
	before := d.count()
	d.array("an array of mon .. sun", func(int) {
		v, ok := d.str("mon, tue, wed, thu, fri, sat or sun", "")
		if !ok {
			return
		}
		day, err := ari.ParseWeekday(v)
		if err != nil {
			d.fault(CodeFormat, "mon, tue, wed, thu, fri, sat or sun", Clip([]byte(v)), "")
			return
		}
		if days&day != 0 {
			d.fault(CodeTwice, "each day once", v, "leave it out")
		}
		days |= day
	})
	if days == 0 && d.count() == before {
		d.fault(CodeSpan, "at least one weekday", "[]", "leave weekdays out for every day")
	}
	return days
}

// settle makes the span of what was told.
func (d *decoder) settle(p *place) ari.Span {
	s := p.span
	hasFrom, hasTo, hasDays := p.seen&(1<<seenFrom) != 0, p.seen&(1<<seenTo) != 0, p.seen&(1<<12) != 0
	if !hasDays {
		s.Days = ari.AllDays
	}
	switch {
	case p.undated:
		if hasFrom || hasTo || p.openEnded {
			d.faultAt("undated", CodeSpan, "no from, to or open_ended beside undated", "true", "leave undated out, or the dates")
		}
		s.From, s.To = ari.DateMin, ari.DateMax
	case !hasFrom:
		d.faultAt("from", CodeMissing, "a date, YYYY-MM-DD", "", `send from and to, or "undated": true`)
	case p.openEnded:
		if hasTo {
			d.faultAt("to", CodeSpan, "no to beside open_ended", "", "leave one out")
		}
		s.To = ari.DateMax
	case !hasTo:
		d.faultAt("to", CodeMissing, "a date, YYYY-MM-DD, included", "", `send to, or "open_ended": true`)
	case s.From != 0 && s.To != 0 && s.To < s.From:
		d.faultAt("to", CodeSpan, "on or after from, "+s.From.String(), s.To.String(), "swap them, or mend the year")
	}
	return s
}

var itemNames = append([]string{"set", "clear", "adjust"}, placeNames...)

func (d *decoder) item(i int) {
	d.m.Items++
	if i >= ItemsMax {
		if i == ItemsMax {
			d.fault(CodeTooMany, "at most "+strconv.Itoa(ItemsMax)+" items", "", "split the message by date")
		}
		d.skip()
		return
	}
	var p place
	u := &d.m.Update
	first, firstExtent := len(u.Statements), len(u.Replace)
	ok := d.object("an item: an object", func(name []byte) {
		if d.member(&p, name) {
			return
		}
		switch string(name) {
		case "set":
			if !d.twice(&p.seen, placeBits, "set") {
				d.push("set")
				d.set(&p)
				d.pop()
			}
		case "clear":
			if !d.twice(&p.seen, placeBits+1, "clear") {
				d.push("clear")
				d.clear(i)
				d.pop()
			}
		case "adjust":
			if !d.twice(&p.seen, placeBits+2, "adjust") {
				d.push("adjust")
				d.adjust()
				d.pop()
			}
		default:
			d.unknown(name, itemNames)
		}
	})
	if !ok {
		return
	}
	span := d.settle(&p)
	if p.seen>>placeBits == 0 {
		d.fault(CodeEmpty, "set, clear or adjust", "", "say what the item changes")
	}
	told := u.Statements[first:]
	for k := range told {
		told[k].Item, told[k].Scope, told[k].Span = i, p.scope, span
	}
	for k := firstExtent; k < len(u.Replace); k++ {
		e := &u.Replace[k]
		e.Scopes, e.Span = ari.ScopeSet{Scope: p.scope}, span
	}
	if verbs := p.seen >> placeBits; verbs&(verbs-1) != 0 {
		d.contradictions(told)
	}
}

// contradictions notes fields that one item tells by two verbs: which one holds would depend on the order of names.
func (d *decoder) contradictions(told []ari.Statement) {
	var by [256]ari.Field
	n := 0
	for i := range told {
		s := &told[i]
		if s.Verb == ari.Set || s.Field == ari.UnknownField {
			continue
		}
		if n < len(by) {
			by[n] = s.Field
			n++
		}
	}
	for i := range told {
		if told[i].Verb != ari.Set || told[i].Field == ari.UnknownField {
			continue
		}
		for _, f := range by[:n] {
			if f == told[i].Field {
				d.fault(CodeTwice, "a field in one of set, clear and adjust", f.String(), "use an item of its own for each")
			}
		}
	}
}

func (d *decoder) replace(i int) {
	u := &d.m.Update
	if i >= ReplaceMax {
		if i == ReplaceMax {
			d.fault(CodeTooMany, "at most "+strconv.Itoa(ReplaceMax)+" extents", "", "name wider extents")
		}
		d.skip()
		return
	}
	var p place
	e := ari.Extent{Item: i}
	ok := d.object("an extent: an object", func(name []byte) {
		if d.member(&p, name) {
			return
		}
		switch string(name) {
		case "fields":
			if !d.twice(&p.seen, placeBits, "fields") {
				d.push("fields")
				e.Fields = d.fields()
				d.pop()
			}
		case "any":
			if !d.twice(&p.seen, placeBits+1, "any") {
				d.push("any")
				d.any(&e.Scopes)
				d.pop()
			}
		default:
			d.unknown(name, append([]string{"fields", "any"}, placeNames...))
		}
	})
	if !ok {
		return
	}
	e.Span, e.Scopes.Scope = d.settle(&p), p.scope
	if p.seen&(1<<placeBits) == 0 {
		d.faultAt("fields", CodeMissing, "what the extent covers", "", `for instance ["rates"]`)
	}
	d.anyBeside(&e.Scopes)
	u.Replace = append(u.Replace, e)
}

// any reads the parts of a scope that may be anything.
func (d *decoder) any(s *ari.ScopeSet) {
	d.array("an array of rooms, rates, channel, block", func(int) {
		v, ok := d.str("rooms, rates, channel or block", "")
		if !ok {
			return
		}
		part := map[string]*bool{"rooms": &s.AnyRooms, "rates": &s.AnyRates, "channel": &s.AnyChannel, "block": &s.AnyBlock}[v]
		if part == nil {
			d.fault(CodeFormat, "rooms, rates, channel or block", Clip([]byte(v)), "")
			return
		}
		if *part {
			d.fault(CodeTwice, "each part once", v, "leave it out")
		}
		*part = true
	})
}

// anyBeside notes parts that are both named and anything.
func (d *decoder) anyBeside(s *ari.ScopeSet) {
	both := s.AnyRooms && s.Scope.Rooms != ari.AllRooms || s.AnyRates && s.Scope.Rates != ari.AllRates ||
		s.AnyChannel && s.Scope.Channel != "" || s.AnyBlock && s.Scope.Block != ""
	if both {
		d.faultAt("any", CodeScope, "parts that are not named beside it", "", "name the part, or say any")
	}
}

// familyNames are the words for all fields of a kind.
var familyNames = map[string]uint8{"restrictions": ari.FamilyRestriction, "inventory": ari.FamilyCount, "limits": ari.FamilyLimit,
	"rates": ari.FamilyRate, "block_grid": ari.FamilyBlock, "unknown": ari.FamilyUnknown}

var fieldWords = func() []string {
	out := []string{"restrictions", "inventory", "limits", "rates", "block_grid", "unknown"}
	for i := range restrictions {
		out = append(out, restrictions[i].name)
	}
	return append(out, "limit.remaining", "limit.total", "limit.hold_back", "limit.offset")
}()

// fieldSet reads one name of a field or a kind of fields. name is that of an unknown kind.
func (d *decoder) fieldSet() (f ari.FieldSet, name string, ok bool) {
	const want = "a field or a kind of fields"
	v, ok := d.str(want, "")
	if !ok {
		return f, "", false
	}
	if family, is := familyNames[v]; is {
		return ari.FieldSet{Family: family}, "", true
	}
	if len(v) > 8 && v[:8] == "unknown." {
		return ari.FieldSet{Family: ari.FamilyUnknown, Field: ari.UnknownField}, v[8:], true
	}
	field, err := ari.ParseField(v)
	if err != nil || field == ari.UnknownField {
		fix := ""
		if n := Nearest(v, fieldWords); n != "" {
			fix = "did you mean " + n + "?"
		}
		d.fault(CodeFormat, want, Clip([]byte(v)), fix)
		return f, "", false
	}
	if field.Family() == ari.FamilyCount {
		d.fault(CodeFormat, "inventory as a whole", v, "send inventory: its components are cleared together")
		return f, "", false
	}
	return ari.FieldSet{Family: field.Family(), Field: field}, "", true
}

// fields reads the fields of an extent.
func (d *decoder) fields() (out []ari.FieldSet) {
	before := d.count()
	d.array("an array of fields", func(i int) {
		if i == clearMax {
			d.fault(CodeTooMany, "at most "+strconv.Itoa(clearMax)+" fields", "", "name a whole kind")
		}
		f, name, ok := d.fieldSet()
		if name != "" {
			d.fault(CodeFormat, "unknown as a whole", "unknown."+Clip([]byte(name)), "send unknown")
			return
		}
		if ok && i < clearMax {
			out = append(out, f)
		}
	})
	if len(out) == 0 && d.count() == before {
		d.fault(CodeEmpty, "at least one field", "[]", "")
	}
	return out
}

// clear reads what becomes unset: kinds as extents, single fields as statements.
func (d *decoder) clear(item int) {
	u := &d.m.Update
	n, before := 0, d.count()
	d.array("an array of fields", func(i int) {
		n++
		if i == clearMax {
			d.fault(CodeTooMany, "at most "+strconv.Itoa(clearMax)+" fields", "", "name a whole kind")
		}
		f, name, ok := d.fieldSet()
		switch {
		case !ok || i >= clearMax:
		case f.Field == 0:
			u.Replace = append(u.Replace, ari.Extent{Item: item, Fields: []ari.FieldSet{f}})
		default:
			u.Statements = append(u.Statements, ari.Statement{Verb: ari.Clear, Field: f.Field, Text: name})
		}
	})
	if n == 0 && d.count() == before {
		d.fault(CodeEmpty, "at least one field", "[]", "leave clear out")
	}
}

// adjust reads differences.
func (d *decoder) adjust() {
	var seen uint64
	before := d.count()
	d.object("an object with inventory", func(name []byte) {
		if string(name) != "inventory" {
			d.unknown(name, []string{"inventory"})
			return
		}
		if d.twice(&seen, 0, "inventory") {
			return
		}
		d.push("inventory")
		d.inventory(ari.Adjust)
		d.pop()
	})
	if seen == 0 && d.count() == before {
		d.faultAt("inventory", CodeMissing, "differences by component", "", "")
	}
	d.m.Adjusts = true
}

// tell appends a statement; its item, scope and span come when the item ends.
func (d *decoder) tell(f ari.Field, v ari.Value) {
	u := &d.m.Update
	u.Statements = append(u.Statements, ari.Statement{Verb: ari.Set, Field: f, Value: v})
}

// compact answers raw without blanks: equal content has equal text.
func compact(raw []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}
