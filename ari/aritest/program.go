package aritest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Step is one thing that happens to a picture: an update, or a query.
type Step struct {
	Update *ari.Update
	Query  *ari.Query
	Late   bool // the update is stamped before others of its connection that came first
	Repeat bool // the update was sent before
}

// Core is what a picture does: judge updates and sell. The model is one; the fast picture is made one by tests.
type Core interface {
	Apply(*ari.Update) Outcome
	Sell(*ari.Query) []ari.Offer
}

// Program draws the life of a property: its foundation, then updates, each followed by queries. The model that plays along is what tells the
// world which changes of the catalog were refused.
func Program(c Chooser, updates, queries int) []Step {
	_, steps := Life(c, updates, queries)
	return steps
}

// Life is Program, and answers the world as it is in the end as well.
func Life(c Chooser, updates, queries int) (*World, []Step) {
	w, m := NewWorld(c), NewModel(propertyCode)
	var steps []Step
	newest := map[string]int64{}
	play := func(u *ari.Update) {
		out := m.Apply(u)
		if out.Refused {
			w.Refused(u, m)
		}
		repeat := slices.ContainsFunc(steps, func(s Step) bool {
			return s.Update != nil && s.Update.Connection == u.Connection && s.Update.Order == u.Order && u.Order != 0
		})
		steps = append(steps, Step{Update: u, Late: u.Order < newest[u.Connection], Repeat: repeat})
		newest[u.Connection] = max(newest[u.Connection], u.Order)
	}
	for _, u := range w.Found() {
		play(u)
	}
	for range updates {
		play(w.Update())
		for range queries {
			steps = append(steps, Step{Query: w.Query()})
		}
	}
	return w, steps
}

// Shrink answers a smaller program that still fails: without steps, parts of updates and settings of objects that do not matter.
func Shrink(steps []Step, fails func([]Step) bool) []Step {
	for size := len(steps) / 2; size > 0; {
		smaller := false
		for i := 0; i+size <= len(steps); {
			if without := slices.Delete(slices.Clone(steps), i, i+size); fails(without) {
				steps, smaller = without, true
				continue
			}
			i += size
		}
		if !smaller {
			size /= 2
		}
	}
	for again := true; again; {
		again = false
		for i := range steps {
			for _, u := range simpler(steps[i]) {
				try := slices.Clone(steps)
				try[i] = u
				if fails(try) {
					steps, again = try, true
					break
				}
			}
		}
	}
	return steps
}

// simpler answers variants of a step with one thing less.
func simpler(s Step) []Step {
	if s.Query != nil {
		return simplerQueries(s)
	}
	var out []Step
	with := func(change func(u *ari.Update)) {
		u := *s.Update
		change(&u)
		out = append(out, Step{Update: &u, Late: s.Late, Repeat: s.Repeat})
	}
	for i := range s.Update.Statements {
		with(func(u *ari.Update) { u.Statements = slices.Delete(slices.Clone(u.Statements), i, i+1) })
	}
	for i := range s.Update.Replace {
		with(func(u *ari.Update) { u.Replace = slices.Delete(slices.Clone(u.Replace), i, i+1) })
	}
	for i := range s.Update.Overlays {
		with(func(u *ari.Update) { u.Overlays = slices.Delete(slices.Clone(u.Overlays), i, i+1) })
	}
	for i, op := range s.Update.Objects {
		with(func(u *ari.Update) { u.Objects = slices.Delete(slices.Clone(u.Objects), i, i+1) })
		for _, body := range simplerBodies(op.Body) {
			with(func(u *ari.Update) {
				u.Objects = slices.Clone(u.Objects)
				u.Objects[i].Body = body
			})
		}
	}
	return out
}

// simplerBodies answers JSON objects without one of the keys.
func simplerBodies(body []byte) (out [][]byte) {
	var m map[string]json.RawMessage
	if json.Unmarshal(body, &m) != nil {
		return nil
	}
	for k := range m {
		if k == "code" || k == "id" || k == "time_zone" || k == "currency" {
			continue
		}
		less := map[string]json.RawMessage{}
		for other, v := range m {
			if other != k {
				less[other] = v
			}
		}
		b, err := json.Marshal(less)
		if err == nil {
			out = append(out, b)
		}
	}
	return out
}

func simplerQueries(s Step) (out []Step) {
	with := func(change func(q *ari.Query)) {
		q := *s.Query
		change(&q)
		out = append(out, Step{Query: &q})
	}
	if n := len(s.Query.Children); n > 0 {
		with(func(q *ari.Query) { q.Children = q.Children[:n-1] })
	}
	if s.Query.Nights > 1 {
		with(func(q *ari.Query) { q.Nights-- })
		with(func(q *ari.Query) { q.Nights--; q.Arrival++ })
	}
	if s.Query.Rooms > 1 {
		with(func(q *ari.Query) { q.Rooms-- })
	}
	if s.Query.Channel != "" {
		with(func(q *ari.Query) { q.Channel = "" })
	}
	return out
}

// Describe writes a program so that a person can read it, dates as days after its first roll.
func Describe(steps []Step) string {
	var b strings.Builder
	var day ari.StayDate
	for _, s := range steps {
		if s.Query != nil {
			fmt.Fprintf(&b, "ask %+d for %d nights, %d rooms, %d adults %v, channel %q block %q client %q access %v, at %s\n", s.Query.Arrival-day, s.Query.Nights,
				s.Query.Rooms, s.Query.Adults, s.Query.Children, s.Query.Channel, s.Query.Block, s.Query.Client, s.Query.Access, s.Query.At.Format("2006-01-02T15:04:05Z07:00"))
			continue
		}
		u := s.Update
		fmt.Fprintf(&b, "%s order %d by item %v received %s\n", or(u.Connection, "system"), u.Order, u.ByItem, u.Received.Format("2006-01-02T15:04:05"))
		if u.Day != 0 {
			if day == 0 {
				day = u.Day
			}
			fmt.Fprintf(&b, "  day %s (%+d)\n", u.Day, u.Day-day)
		}
		describeParts(&b, u, day)
	}
	return b.String()
}

func describeParts(b *strings.Builder, u *ari.Update, day ari.StayDate) {
	span := func(s ari.Span) string {
		end := func(d ari.StayDate) string {
			if d == ari.DateMin || d == ari.DateMax {
				return "-"
			}
			return fmt.Sprintf("%+d", d-day)
		}
		out := end(s.From) + ".." + end(s.To)
		if s.Days != ari.AllDays {
			out += fmt.Sprint(" ", s.Days.Names())
		}
		return out
	}
	for _, o := range u.Objects {
		fmt.Fprintf(b, "  put %s %s %s\n", o.Kind, o.Code, o.Body)
	}
	for _, x := range u.Replace {
		fmt.Fprintf(b, "  item %d replace %v %+v on %s\n", x.Item, x.Fields, x.Scopes, span(x.Span))
	}
	for _, s := range u.Statements {
		fmt.Fprintf(b, "  item %d %s %s %s on %s: %+v %s\n", s.Item, []string{"", "set", "clear", "adjust"}[s.Verb], s.Scope, s.Field, span(s.Span), s.Value, s.Text)
	}
	for _, o := range u.Overlays {
		fmt.Fprintf(b, "  overlay %s %s %s %s on %s rooms %d amount %s side %d\n", []string{"", "put", "remove", "confirm"}[o.Verb], o.Overlay.ID, o.Overlay.Kind,
			o.Overlay.Scope, span(o.Overlay.Span), o.Overlay.Rooms, o.Overlay.Amount, o.Overlay.Side)
	}
}
