package canonical

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ratewire/ratewire/ari"
)

// Encode answers the JSON of an update: what Decode reads as the same. Statements of one item, scope and span become one item of the message,
// in order. An update with what the message has no words for (objects, overlays, a day) loses it.
func Encode(m *Message) []byte { return Append(nil, m) }

// Append appends what Encode answers.
func Append(b []byte, m *Message) []byte {
	u := &m.Update
	b = append(b, `{"property":`...)
	b = AppendString(b, u.Property)
	if m.ID != "" {
		b = AppendString(append(b, `,"id":`...), m.ID)
	}
	if !u.SourceTime.IsZero() {
		b = append(AppendTime(append(b, `,"source_time":"`...), u.SourceTime), '"')
	}
	if m.HasSequence {
		b = strconv.AppendInt(append(b, `,"sequence":`...), m.Sequence, 10)
	}
	if u.Reason != "" {
		b = AppendString(append(b, `,"reason":`...), u.Reason)
	}
	b = appendItems(b, m)
	return append(b, '}')
}

// AppendTime appends an instant as the API writes it: UTC, Z, microseconds where there are any.
func AppendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	if t.Nanosecond() == 0 {
		return t.AppendFormat(b, "2006-01-02T15:04:05Z")
	}
	return t.AppendFormat(b, "2006-01-02T15:04:05.999999Z")
}

// appendItems appends items and replaces. Extents that stand for the clear of a family (an exact scope and an item of the message's) are items.
func appendItems(b []byte, m *Message) []byte {
	u := &m.Update
	open := false
	start := func() {
		if !open {
			b = append(b, `,"items":[`...)
			open = true
			return
		}
		b = append(b, ',')
	}
	rest := u.Statements
	for _, e := range u.Replace {
		if e.Item >= m.Items {
			continue
		}
		for len(rest) > 0 && rest[0].Item < e.Item {
			n := group(rest)
			start()
			b = appendItem(b, rest[:n], nil)
			rest = rest[n:]
		}
		start()
		b = appendItem(b, nil, &e)
	}
	for len(rest) > 0 {
		n := group(rest)
		start()
		b = appendItem(b, rest[:n], nil)
		rest = rest[n:]
	}
	if open {
		b = append(b, ']')
	}
	return appendReplaces(b, m)
}

// group answers how many statements make one item: of one item, scope and span, each field once.
func group(list []ari.Statement) int {
	first := &list[0]
	for n := 1; n < len(list); n++ {
		s := &list[n]
		if s.Item != first.Item || s.Scope != first.Scope || s.Span != first.Span || clashes(list[:n], s) {
			return n
		}
	}
	return len(list)
}

func clashes(list []ari.Statement, s *ari.Statement) bool {
	return len(list) >= clearMax || slices.ContainsFunc(list, func(o ari.Statement) bool {
		return o.Field == s.Field && (s.Field != ari.UnknownField || unknownName(o.Text) == unknownName(s.Text))
	})
}

// unknownName answers the name of an unknown kind: the text before "=" (docs/evaluation.md, 8).
func unknownName(text string) string {
	name, _, _ := strings.Cut(text, "=")
	return name
}

func appendItem(b []byte, list []ari.Statement, e *ari.Extent) []byte {
	scope, span := ari.Scope{}, ari.Span{}
	if e != nil {
		scope, span = e.Scopes.Scope, e.Span
	} else {
		scope, span = list[0].Scope, list[0].Span
	}
	b = append(b, '{')
	mark := len(b)
	b = AppendSpan(AppendScope(b, scope), span)
	b = appendSet(b, list)
	b = appendClear(b, list, e)
	if slices.ContainsFunc(list, func(s ari.Statement) bool { return s.Verb == ari.Adjust }) {
		b = append(b, `,"adjust":{"inventory":{`...)
		b = appendNumbers(b, list, ari.FamilyCount, ari.Adjust)
		b = append(b, "}}"...)
	}
	b = append(b, '}')
	return dropComma(b, mark)
}

// dropComma removes the comma that the first member of an object begins with.
func dropComma(b []byte, at int) []byte {
	if at < len(b) && b[at] == ',' {
		b = append(b[:at], b[at+1:]...)
	}
	return b
}

// AppendScope appends the members of a scope, each with a comma before it.
func AppendScope(b []byte, s ari.Scope) []byte {
	member := func(name, v string) {
		b = append(append(append(b, `,"`...), name...), `":`...)
		b = AppendString(b, v)
	}
	if s.Rooms != ari.AllRooms {
		member([]string{"", "room_class", "room_type", "pool"}[s.Rooms], s.Room)
	}
	if s.Rates != ari.AllRates {
		member([]string{"", "rate_category", "rate_plan", "rate_family"}[s.Rates], s.Rate)
	}
	if s.Channel != "" {
		member("channel", s.Channel)
	}
	if s.Block != "" {
		member("block", s.Block)
	}
	return b
}

// AppendSpan appends the members of a span, each with a comma before it.
func AppendSpan(b []byte, s ari.Span) []byte {
	date := func(name string, d ari.StayDate) {
		b = append(append(append(b, `,"`...), name...), `":"`...)
		b = append(AppendDate(b, d), '"')
	}
	switch {
	case s.From == ari.DateMin:
		b = append(b, `,"undated":true`...)
	case s.To == ari.DateMax:
		date("from", s.From)
		b = append(b, `,"open_ended":true`...)
	default:
		date("from", s.From)
		date("to", s.To)
	}
	if s.Days != ari.AllDays {
		b = append(b, `,"weekdays":[`...)
		for i, n := range s.Days.Names() {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), n...), '"')
		}
		b = append(b, ']')
	}
	return b
}

// AppendDate appends YYYY-MM-DD.
func AppendDate(b []byte, d ari.StayDate) []byte {
	y, m, day := civil(int64(d))
	b = append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-')
	return append(b, byte('0'+m/10), byte('0'+m%10), '-', byte('0'+day/10), byte('0'+day%10))
}

// civil answers the calendar day of a number of days since 1970-01-01, without package time: shop writes a date for every night.
//
// Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days.
func civil(z int64) (y, m, d int64) {
	z += 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

func appendSet(b []byte, list []ari.Statement) []byte {
	if !slices.ContainsFunc(list, func(s ari.Statement) bool { return s.Verb == ari.Set }) {
		return b
	}
	b = append(b, `,"set":{`...)
	mark := len(b)
	for i := range list {
		if s := &list[i]; s.Verb == ari.Set && s.Field.Family() == ari.FamilyRestriction {
			b = append(append(append(b, `,"`...), s.Field.String()...), `":`...)
			b = AppendValue(b, s.Field, s.Value)
		}
	}
	b = appendRates(b, list)
	for _, g := range []struct {
		name   string
		family uint8
	}{{"inventory", ari.FamilyCount}, {"limits", ari.FamilyLimit}, {"block_grid", ari.FamilyBlock}} {
		if holds(list, g.family) {
			b = append(append(append(b, `,"`...), g.name...), `":{`...)
			b = append(appendNumbers(b, list, g.family, ari.Set), '}')
		}
	}
	if holds(list, ari.FamilyUnknown) {
		b = append(appendUnknown(append(b, `,"unknown":{`...), list), '}')
	}
	return dropComma(append(b, '}'), mark)
}

func holds(list []ari.Statement, family uint8) bool {
	return slices.ContainsFunc(list, func(s ari.Statement) bool { return s.Verb == ari.Set && s.Field.Family() == family })
}

func appendRates(b []byte, list []ari.Statement) []byte {
	n := 0
	for i := range list {
		s := &list[i]
		if s.Verb != ari.Set || s.Field.Family() != ari.FamilyRate {
			continue
		}
		if n++; n == 1 {
			b = append(b, `,"rates":[`...)
		} else {
			b = append(b, ',')
		}
		b = AppendRate(b, s.Field, s.Value)
	}
	if n > 0 {
		b = append(b, ']')
	}
	return b
}

// AppendRate appends a rate as in set: whose it is, its tier, its sides.
func AppendRate(b []byte, f ari.Field, v ari.Value) []byte {
	b = appendRateKey(append(b, '{'), f.RateKey())
	return append(appendSides(b, v), '}')
}

func appendRateKey(b []byte, k ari.RateKey) []byte {
	num := func(name string, n uint8) { b = strconv.AppendInt(append(b, name...), int64(n), 10) }
	switch k.Class {
	case ari.Adults:
		num(`"adults":`, k.N)
	case ari.ExtraAdult:
		b = append(b, `"extra_adult":true`...)
	case ari.ChildBand:
		num(`"child":{"from_age":`, k.Min)
		num(`,"below_age":`, k.Max)
		b = append(b, '}')
	case ari.ChildNth:
		num(`"child_nth":`, k.N)
	case ari.ChildCount:
		num(`"child_count":`, k.N)
	}
	if k.LOS > 0 {
		num(`,"los":`, k.LOS)
	}
	return b
}

// appendSides appends the told sides of a rate value, each with a comma before it.
func appendSides(b []byte, v ari.Value) []byte {
	if v.Form&ari.SideBefore != 0 {
		b = append(ari.Amount(v.A).Append(append(b, `,"before_tax":"`...)), '"')
	}
	if v.Form&ari.SideAfter != 0 {
		b = append(ari.Amount(v.B).Append(append(b, `,"after_tax":"`...)), '"')
	}
	return b
}

func appendNumbers(b []byte, list []ari.Statement, family uint8, verb ari.Verb) []byte {
	mark := len(b)
	for i := range list {
		s := &list[i]
		if s.Verb != verb || s.Field.Family() != family {
			continue
		}
		_, name, _ := strings.Cut(s.Field.String(), ".")
		b = append(append(append(b, `,"`...), name...), `":`...)
		b = AppendValue(b, s.Field, s.Value)
	}
	return dropComma(b, mark)
}

func appendUnknown(b []byte, list []ari.Statement) []byte {
	mark := len(b)
	for i := range list {
		if s := &list[i]; s.Verb == ari.Set && s.Field == ari.UnknownField {
			name, value, _ := strings.Cut(s.Text, "=")
			b = append(AppendString(append(b, ','), name), ':')
			if json.Valid([]byte(value)) {
				b = append(b, value...)
			} else {
				b = AppendString(b, value) // told by another protocol: its text
			}
		}
	}
	return dropComma(b, mark)
}

func appendClear(b []byte, list []ari.Statement, e *ari.Extent) []byte {
	var names []string
	for i := range list {
		switch s := &list[i]; {
		case s.Verb != ari.Clear:
		case s.Field.Family() == ari.FamilyCount:
			names = append(names, "inventory")
		case s.Field == ari.UnknownField && s.Text != "":
			names = append(names, "unknown."+unknownName(s.Text))
		default:
			names = append(names, s.Field.String())
		}
	}
	if e != nil {
		names = fieldSetNames(e.Fields)
	}
	if len(names) == 0 {
		return b
	}
	return appendNames(append(b, `,"clear":`...), names)
}

func appendNames(b []byte, names []string) []byte {
	for i, n := range names {
		c := byte(',')
		if i == 0 {
			c = '['
		}
		b = AppendString(append(b, c), n)
	}
	return append(b, ']')
}

// fieldSetNames answers the names of fields and kinds of an extent, as clear and replace have them.
func fieldSetNames(fields []ari.FieldSet) (out []string) {
	for _, f := range fields {
		if f.Field != 0 {
			out = append(out, f.Field.String())
			continue
		}
		out = append(out, FamilyName(f.Family))
	}
	return out
}

// FamilyName answers the API's word for all fields of a family: restrictions, inventory, limits, rates, block_grid, unknown.
func FamilyName(family uint8) string {
	for n, f := range familyNames {
		if f == family {
			return n
		}
	}
	return "unknown"
}

func appendReplaces(b []byte, m *Message) []byte {
	open := false
	for _, e := range m.Update.Replace {
		if e.Item < m.Items {
			continue
		}
		if open {
			b = append(b, ',')
		} else {
			b, open = append(b, `,"replace":[`...), true
		}
		b = AppendExtent(b, &e)
	}
	if open {
		b = append(b, ']')
	}
	return b
}

// AppendExtent appends an extent as an object.
func AppendExtent(b []byte, e *ari.Extent) []byte {
	b = appendNames(append(b, `{"fields":`...), fieldSetNames(e.Fields))
	var parts []string
	for _, p := range []struct {
		any  bool
		name string
	}{{e.Scopes.AnyRooms, "rooms"}, {e.Scopes.AnyRates, "rates"}, {e.Scopes.AnyChannel, "channel"}, {e.Scopes.AnyBlock, "block"}} {
		if p.any {
			parts = append(parts, p.name)
		}
	}
	if len(parts) > 0 {
		b = appendNames(append(b, `,"any":`...), parts)
	}
	return append(AppendSpan(AppendScope(b, e.Scopes.Scope), e.Span), '}')
}

// AppendValue appends a told value as the API shows it: as in set; a rate as an object of its sides; null for what has no value of its own.
func AppendValue(b []byte, f ari.Field, v ari.Value) []byte {
	switch f.Family() {
	case ari.FamilyRate:
		mark := len(b) + 1
		return dropComma(append(appendSides(append(b, '{'), v), '}'), mark)
	case ari.FamilyUnknown:
		return append(b, "null"...)
	case ari.FamilyBlock:
		if f.BlockNumber() == ari.BlockCutoff {
			return append(AppendDate(append(b, '"'), ari.StayDate(v.A)), '"')
		}
	case ari.FamilyRestriction:
		return appendRestriction(b, f, v)
	}
	return strconv.AppendInt(b, v.A, 10)
}

func appendRestriction(b []byte, f ari.Field, v ari.Value) []byte {
	switch f.What() {
	case ari.NotAtAll:
		return strconv.AppendBool(b, v.A == ari.Shut)
	case ari.LOSPattern:
		b = append(b, `{"pattern":"`...)
		for i := range v.B {
			c := byte('N')
			if uint64(v.A)>>i&1 != 0 {
				c = 'Y'
			}
			b = append(b, c)
		}
		tail := "closed"
		if v.Form == 1 {
			tail = "open"
		}
		return append(append(append(b, `","tail":"`...), tail...), `"}`...)
	case ari.MinLead, ari.MaxLead:
		return appendLead(b, v)
	case ari.MinPrice, ari.MaxPrice:
		side := `{"after_tax":"`
		if v.Form == ari.SideBefore {
			side = `{"before_tax":"`
		}
		return append(ari.Amount(v.A).Append(append(b, side...)), `"}`...)
	}
	return strconv.AppendInt(b, v.A, 10)
}

func appendLead(b []byte, v ari.Value) []byte {
	num := func(name string, n int64) { b = strconv.AppendInt(append(b, name...), n, 10) }
	switch {
	case v.Form == 0:
		num(`{"days":`, v.A)
		if v.B != ari.NoTime {
			b = append(append(append(b, `,"until":"`...), ari.TimeOfDay(v.B).String()...), '"')
		}
	case v.A%60 == 0:
		num(`{"hours":`, v.A/60)
	default:
		num(`{"minutes":`, v.A)
	}
	return append(b, '}')
}

// AppendString appends a JSON string.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == '<' || c == '>' || c == '&' || c == 0x7f {
			q, _ := json.Marshal(s) // never fails for a string
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
