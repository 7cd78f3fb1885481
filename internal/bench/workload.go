package bench

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Shape of a property in every benchmark: 8 room types x 12 rate plans x 500 dates.
const (
	roomTypes = 8
	ratePlans = 12
	products  = roomTypes * ratePlans
	dates     = 500
)

// shape says how a property is filled.
type shape struct {
	derived bool // a third of the plans derived from the first
	full    bool // 4 adults, extra adult, 3 child bands, all distinct
	scopes  bool // restrictions at product, plan, room type and property
}

func roomCode(i int) string     { return fmt.Sprintf("R%d", i+1) }
func planCode(i int) string     { return fmt.Sprintf("P%02d", i+1) }
func propertyCode(i int) string { return fmt.Sprintf("H%05d", i) }

// sourced tells whether plan i has amounts of its own.
func (s shape) sourced(i int) bool { return !s.derived || i%3 != 2 }

// catalog answers the objects of a property.
func (s shape) catalog(code string) []ari.ObjectOp {
	ops := []ari.ObjectOp{object(ari.KindProperty, code, ari.Property{Code: code, TimeZone: "Europe/Vienna", Currency: "EUR"})}
	for i := range roomTypes {
		ops = append(ops, object(ari.KindRoomType, roomCode(i), ari.RoomType{Code: roomCode(i), MaxOccupancy: 6}))
	}
	for i := range ratePlans {
		p := ari.RatePlan{Code: planCode(i)}
		if !s.sourced(i) {
			p.Parent = planCode(i - 1)
			p.Derive = []ari.DeriveRule{{Percent: ari.Amount(-10 * int64(ari.AmountUnit))}}
			p.Inherit = ari.Inherit{Closed: true, CTACTD: true, LOS: true}
		}
		ops = append(ops, object(ari.KindRatePlan, p.Code, p))
	}
	return ops
}

func object(kind, code string, v any) ari.ObjectOp {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	return ari.ObjectOp{Kind: kind, Code: code, Body: body}
}

// fill answers the statements that tell a whole property: amounts of every sourced product and date, all distinct; inventory; restrictions on
// a tenth of the dates.
func (s shape) fill(r *rand.Rand, first ari.StayDate) []ari.Statement {
	var out []ari.Statement
	tell := func(scope ari.Scope, from, to ari.StayDate, f ari.Field, v ari.Value) {
		out = append(out, ari.Statement{Item: len(out), Verb: ari.Set, Scope: scope, Span: ari.Dates(from, to), Field: f, Value: v})
	}
	for room := range roomTypes {
		for d := first; d < first+dates; d++ {
			tell(ari.RoomScope(roomCode(room)), d, d, ari.Count(ari.Net), ari.Num(int64(1+r.IntN(20))))
		}
		for plan := range ratePlans {
			if s.sourced(plan) {
				s.fillProduct(r, first, ari.Product(roomCode(room), planCode(plan)), tell)
			}
		}
	}
	if s.scopes {
		for d := first; d < first+dates; d += 25 {
			tell(ari.Scope{}, d, d, ari.CTD, ari.Num(ari.Shut))
			tell(ari.RoomScope(roomCode(int(d)%roomTypes)), d+3, d+4, ari.MinLOSThrough, ari.Num(2))
			tell(ari.PlanScope(planCode(int(d)%ratePlans)), d+7, d+9, ari.Closed, ari.Num(ari.Shut))
		}
	}
	return out
}

func (s shape) fillProduct(r *rand.Rand, first ari.StayDate, scope ari.Scope, tell func(ari.Scope, ari.StayDate, ari.StayDate, ari.Field, ari.Value)) {
	keys := []ari.Field{ari.AdultsField(1), ari.AdultsField(2)}
	if s.full {
		keys = append(keys, ari.AdultsField(3), ari.AdultsField(4), ari.RateKey{Class: ari.ExtraAdult}.Field())
		for _, band := range [][2]uint8{{0, 3}, {3, 12}, {12, 18}} {
			keys = append(keys, ari.RateKey{Class: ari.ChildBand, Min: band[0], Max: band[1]}.Field())
		}
	}
	for d := first; d < first+dates; d++ {
		for i, k := range keys {
			tell(scope, d, d, k, ari.After(ari.Amount(8000+r.IntN(20000)+i*1500)*100))
		}
		if r.IntN(10) == 0 {
			tell(scope, d, d, ari.MinLOSArrival, ari.Num(int64(2+r.IntN(3))))
		}
	}
}

// change is one update of the stream: one product, 1 to 60 days (median 7), amounts for 1 and 2 adults, now and then a restriction.
type change struct {
	id         string
	property   int
	room, plan int
	from       ari.StayDate
	days       int
	one, two   ari.Amount
	minLOS     int // 0: not told
	closed     bool
	time       time.Time
}

// stream makes changes: 20 % repeats of a recent one, 5 % with an older source time. One per caller; not safe for concurrent use.
type stream struct {
	r          *rand.Rand
	shape      shape
	caller     int
	n          int
	properties int
	first      ari.StayDate
	now        func() time.Time
	recent     [64]change
}

func newStream(caller, properties int, s shape, first ari.StayDate) *stream {
	return &stream{r: rand.New(rand.NewPCG(uint64(caller), 7)), shape: s, caller: caller, properties: properties, first: first, now: time.Now}
}

func (s *stream) next() change {
	s.n++
	if s.n > len(s.recent) && s.r.IntN(5) == 0 {
		return s.recent[s.r.IntN(len(s.recent))]
	}
	c := change{
		id: fmt.Sprintf("c%d-%d", s.caller, s.n), property: s.r.IntN(s.properties), room: s.r.IntN(roomTypes), plan: s.r.IntN(ratePlans),
		days: spanDays(s.r), time: s.now(), one: ari.Amount(8000+s.r.IntN(20000)) * 100,
	}
	for !s.shape.sourced(c.plan) {
		c.plan = s.r.IntN(ratePlans)
	}
	c.two = c.one + 15_0000
	c.from = s.first + ari.StayDate(s.r.IntN(dates-c.days))
	if s.r.IntN(20) == 0 {
		c.time = c.time.Add(-time.Duration(1+s.r.IntN(600)) * time.Second)
	}
	switch s.r.IntN(10) {
	case 0:
		c.minLOS = 1 + s.r.IntN(4)
	case 1:
		c.closed = s.r.IntN(2) == 0
	}
	s.recent[s.n%len(s.recent)] = c
	return c
}

// spanDays is log-normal, median 7, mean about 10, at most 60.
func spanDays(r *rand.Rand) int {
	return min(60, max(1, int(math.Round(7*math.Exp(0.85*r.NormFloat64())))))
}

// statements answers the change in Ratewire's words.
func (c *change) statements() []ari.Statement {
	span, scope := ari.Dates(c.from, c.from+ari.StayDate(c.days)-1), ari.Product(roomCode(c.room), planCode(c.plan))
	out := make([]ari.Statement, 0, 4)
	tell := func(f ari.Field, v ari.Value) {
		out = append(out, ari.Statement{Verb: ari.Set, Scope: scope, Span: span, Field: f, Value: v})
	}
	tell(ari.AdultsField(1), ari.After(c.one))
	tell(ari.AdultsField(2), ari.After(c.two))
	if c.minLOS > 0 {
		tell(ari.MinLOSArrival, ari.Num(int64(c.minLOS)))
	}
	if c.closed {
		tell(ari.Closed, ari.Num(ari.Shut))
	}
	return out
}
