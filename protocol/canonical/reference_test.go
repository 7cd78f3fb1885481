package canonical

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// reference is the second reading of the same page: encoding/json and the types of wire.go. It is more forgiving (null, repeated names, the case
// of names); what Decode accepts it must read as the same.
func reference(data []byte) (*Message, error) {
	var w Update
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return nil, err
	}
	m := &Message{ID: w.ID, Items: len(w.Items)}
	m.Update.Property, m.Update.Reason = w.Property, w.Reason
	if w.SourceTime != "" {
		t, err := time.Parse(time.RFC3339, w.SourceTime)
		if err != nil {
			return nil, err
		}
		m.Update.SourceTime = t.UTC().Truncate(time.Microsecond)
	}
	if w.Sequence != nil {
		m.Sequence, m.HasSequence = *w.Sequence, true
	}
	for i := range w.Items {
		if err := referenceItem(m, i, &w.Items[i]); err != nil {
			return nil, err
		}
	}
	for i, r := range w.Replace {
		span, err := r.Span.read()
		if err != nil {
			return nil, err
		}
		e := ari.Extent{Item: len(w.Items) + i, Span: span, Scopes: ari.ScopeSet{Scope: r.Scope.read()}}
		for _, n := range r.Fields {
			f := ari.FieldSet{Family: familyNames[n]}
			if f.Family == 0 {
				if f.Field, err = ari.ParseField(n); err != nil {
					return nil, err
				}
				f.Family = f.Field.Family()
			}
			e.Fields = append(e.Fields, f)
		}
		e.Scopes.AnyRooms, e.Scopes.AnyRates = slices.Contains(r.Any, "rooms"), slices.Contains(r.Any, "rates")
		e.Scopes.AnyChannel, e.Scopes.AnyBlock = slices.Contains(r.Any, "channel"), slices.Contains(r.Any, "block")
		m.Update.Replace = append(m.Update.Replace, e)
	}
	return m, nil
}

func (s Scope) read() (out ari.Scope) {
	for _, p := range []struct {
		code string
		kind ari.RoomsKind
	}{{s.RoomType, ari.RoomTypeKind}, {s.RoomClass, ari.RoomClassKind}, {s.Pool, ari.PoolKind}} {
		if p.code != "" {
			out.Rooms, out.Room = p.kind, p.code
		}
	}
	for _, p := range []struct {
		code string
		kind ari.RatesKind
	}{{s.RatePlan, ari.PlanKind}, {s.RateCategory, ari.CategoryKind}, {s.RateFamily, ari.FamilyKind}} {
		if p.code != "" {
			out.Rates, out.Rate = p.kind, p.code
		}
	}
	out.Channel, out.Block = s.Channel, s.Block
	return out
}

func (s Span) read() (out ari.Span, err error) {
	out = ari.Undated
	if !s.Undated {
		if out.From, err = ari.ParseDate(s.From); err != nil {
			return out, err
		}
		if !s.OpenEnded {
			if out.To, err = ari.ParseDate(s.To); err != nil {
				return out, err
			}
		}
	}
	if len(s.Weekdays) > 0 {
		out.Days = 0
	}
	for _, n := range s.Weekdays {
		d, err := ari.ParseWeekday(n)
		if err != nil {
			return out, err
		}
		out.Days |= d
	}
	return out, nil
}

func referenceItem(m *Message, i int, w *Item) error {
	span, err := w.Span.read()
	if err != nil {
		return err
	}
	scope := w.Scope.read()
	tell := func(verb ari.Verb, f ari.Field, v ari.Value, text string) {
		m.Update.Statements = append(m.Update.Statements, ari.Statement{Item: i, Verb: verb, Scope: scope, Span: span, Field: f, Value: v, Text: text})
	}
	if w.Adjust != nil {
		m.Adjusts = true
		for n, v := range tree(w.Adjust.Inventory) {
			f, _ := ari.ParseField("count." + n)
			tell(ari.Adjust, f, ari.Num(integer(v)), "")
		}
	}
	for _, n := range w.Clear {
		if family := familyNames[n]; family != 0 {
			m.Update.Replace = append(m.Update.Replace, ari.Extent{Item: i, Fields: []ari.FieldSet{{Family: family}}, Scopes: ari.ScopeSet{Scope: scope}, Span: span})
			continue
		}
		if name, ok := strings.CutPrefix(n, "unknown."); ok {
			tell(ari.Clear, ari.UnknownField, ari.Value{}, name)
			continue
		}
		f, err := ari.ParseField(n)
		if err != nil {
			return err
		}
		tell(ari.Clear, f, ari.Value{}, "")
	}
	if w.Set == nil {
		return nil
	}
	for n, v := range tree(w.Set) {
		switch n {
		case "rates":
			for _, r := range w.Set.Rates {
				f, value, err := r.read()
				if err != nil {
					return err
				}
				tell(ari.Set, f, value, "")
			}
		case "inventory", "limits", "block_grid":
			prefix := map[string]string{"inventory": "count.", "limits": "limit.", "block_grid": "block."}[n]
			for k, v := range v.(map[string]any) {
				f, err := ari.ParseField(prefix + k)
				if err != nil {
					return err
				}
				if d, ok := v.(string); ok {
					day, err := ari.ParseDate(d)
					if err != nil {
						return err
					}
					tell(ari.Set, f, ari.Num(int64(day)), "")
					continue
				}
				tell(ari.Set, f, ari.Num(integer(v)), "")
			}
		case "unknown":
			for k, raw := range w.Set.Unknown {
				tell(ari.Set, ari.UnknownField, ari.Value{}, k+"="+compact(raw))
			}
		default:
			f, err := ari.ParseField(n)
			if err != nil {
				return err
			}
			value, err := referenceRestriction(f, v)
			if err != nil {
				return err
			}
			tell(ari.Set, f, value, "")
		}
	}
	return nil
}

// tree answers v as encoding/json would show it.
func tree(v any) (out map[string]any) {
	b, _ := json.Marshal(v)
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	_ = d.Decode(&out)
	return out
}

func integer(v any) int64 {
	n, _ := v.(json.Number).Int64()
	return n
}

func (r Rate) read() (ari.Field, ari.Value, error) {
	var k ari.RateKey
	switch {
	case r.Adults != nil:
		k.Class, k.N = ari.Adults, uint8(*r.Adults)
	case r.ExtraAdult != nil:
		k.Class = ari.ExtraAdult
	case r.Child != nil && r.Child.FromAge != nil && r.Child.BelowAge != nil:
		k.Class, k.Min, k.Max = ari.ChildBand, uint8(*r.Child.FromAge), uint8(*r.Child.BelowAge)
	case r.ChildNth != nil:
		k.Class, k.N = ari.ChildNth, uint8(*r.ChildNth)
	case r.ChildCount != nil:
		k.Class, k.N = ari.ChildCount, uint8(*r.ChildCount)
	default:
		return 0, ari.Value{}, errors.New("nobody's rate")
	}
	if r.LOS != nil {
		k.LOS = uint8(*r.LOS)
	}
	var v ari.Value
	if r.BeforeTax != "" {
		a, err := ari.ParseAmount(r.BeforeTax)
		if err != nil {
			return 0, v, err
		}
		v.A, v.Form = int64(a), ari.SideBefore
	}
	if r.AfterTax != "" {
		a, err := ari.ParseAmount(r.AfterTax)
		if err != nil {
			return 0, v, err
		}
		v.B, v.Form = int64(a), v.Form|ari.SideAfter
	}
	return k.Field(), v, nil
}

func referenceRestriction(f ari.Field, v any) (ari.Value, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return ari.Num(ari.Shut), nil
		}
		return ari.Num(ari.Open), nil
	case json.Number:
		return ari.Num(integer(v)), nil
	case map[string]any:
		text := func(n string) string { s, _ := v[n].(string); return s }
		switch f.What() {
		case ari.LOSPattern:
			p := text("pattern")
			bits := uint64(0)
			for i := range p {
				if p[i] == 'Y' {
					bits |= 1 << i
				}
			}
			return ari.Pattern(bits, len(p), text("tail") == "open"), nil
		case ari.MinLead, ari.MaxLead:
			if d, ok := v["days"]; ok {
				until := ari.NoTime
				if u := text("until"); u != "" {
					t, err := ari.ParseTimeOfDay(u)
					if err != nil {
						return ari.Value{}, err
					}
					until = int64(t)
				}
				return ari.LeadDays(integer(d), until), nil
			}
			if h, ok := v["hours"]; ok {
				return ari.LeadMinutes(60 * integer(h)), nil
			}
			return ari.LeadMinutes(integer(v["minutes"])), nil
		}
		side, t := ari.SideBefore, text("before_tax")
		if t == "" {
			side, t = ari.SideAfter, text("after_tax")
		}
		a, err := ari.ParseAmount(t)
		return ari.Price(side, a), err
	}
	return ari.Value{}, errors.New("no restriction")
}

// sorted puts the statements of each item into one order: names of a JSON object have none.
func sorted(m *Message) *Message {
	slices.SortStableFunc(m.Update.Statements, func(a, b ari.Statement) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Text, b.Text))
	})
	slices.SortStableFunc(m.Update.Replace, func(a, b ari.Extent) int { return cmp.Compare(a.Item, b.Item) })
	return m
}
