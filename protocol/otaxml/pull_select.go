package otaxml

import (
	"slices"
	"strconv"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Outward is a connection's mapping the other way round.
type Outward interface {
	// Outward answers the partner's code of one of the hub's room types or rate plans; "" if it has none.
	Outward(kind, code string) string
}

// PullFrom is what a message that asks is answered from.
type PullFrom struct {
	At       time.Time // of the answer
	Hotel    Hotel     // the hotel that the message names
	Outward  Outward
	CellsMax int // products x nights; 0: 40,000
}

// Bounds of one answer: a month of the largest hotels, a year of one with a hundred products.
const (
	pullCellsMax  = 40_000
	pullNights    = 365 // of a request without dates, from today on
	pullBytesMax  = 16 << 20
	pullWarnsMax  = 200
	pullNightsMax = 800
)

// Pull is a message that asks, with what its answer needs of the picture.
type Pull struct {
	m    *Message
	p    *Profile
	from PullFrom
	cat  *ari.Catalog
	day  ari.StayDate
	e    *emitter

	fault    *Fault
	warnings []line
	warned   map[string]bool
	cells    int

	asks   []ask
	blocks []blockRead
	plans  map[string]*ari.RatePlan // by the partner's code
	as     map[[2]string][]string   // what the message calls a kind and code of the hub's
}

// ask is one query, in the hub's codes.
type ask struct {
	q        *Query
	from, to ari.StayDate
	products []productRead
}

// productRead is a product with its nights, one more than asked for where the horizon has it: who departs then slept the last night asked.
type productRead struct {
	room, plan string // hub
	channel    string
	rooms      []string // partner's codes
	plans      []string
	nights     []ari.GridCell // from, from+1 ...; in the horizon
}

// ReadPull selects what a message asks for and reads it off the picture, which must not change meanwhile; Reply encodes the answer afterwards,
// without the picture. Pure.
//
// Shape: at most CellsMax nights of products.
func ReadPull(m *Message, p *Profile, from PullFrom, picture *ari.Picture) *Pull {
	if from.CellsMax <= 0 {
		from.CellsMax = pullCellsMax
	}
	u := &Pull{m: m, p: p, from: from, cat: picture.Catalog(), day: picture.Day(), warned: map[string]bool{}, plans: map[string]*ari.RatePlan{}, as: map[[2]string][]string{}}
	u.e = &emitter{p: p, h: &Head{Envelope: m.Envelope, At: from.At, HotelCode: m.HotelCode, Currency: u.cat.Property.Currency,
		Plan: func(code string) *ari.RatePlan { return u.plans[code] }}}
	if u.fault = checkTarget(m, p); u.fault != nil {
		return u
	}
	for i := range m.Queries {
		if u.read(&m.Queries[i], picture); u.fault != nil {
			return u
		}
	}
	return u
}

func (u *Pull) refuse(code, at, got, expected string) {
	if u.fault == nil {
		u.fault = &Fault{Code: code, Path: at, Got: clip(got, 80), Expected: expected}
	}
}

// warn says once what the answer leaves out or closes.
func (u *Pull) warn(code, at, got, expected string) {
	key := code + "\x00" + got + "\x00" + expected
	if u.warned[key] || len(u.warnings) > pullWarnsMax {
		return
	}
	u.warned[key] = true
	u.warnings = append(u.warnings, line{f: &Fault{Code: code, Path: at, Got: clip(got, 80), Expected: expected}, status: "Complete"})
}

// read reads what one query asks.
func (u *Pull) read(q *Query, picture *ari.Picture) {
	for _, at := range q.NotKept {
		u.warn(CodeIgnored, at, "", "left out: not kept here as a value of its own")
	}
	a := ask{q: q}
	if !u.span(q, &a) {
		return
	}
	if u.m.Kind == KindInvBlockGet {
		u.readBlocks(&a, picture)
		return
	}
	if len(q.Blocks) > 0 {
		u.refuse(CodeUnsupported, q.Path, q.Blocks[0], "room types and rate plans: what a block holds is asked by "+KindInvBlockGet)
		return
	}
	u.products(&a, picture)
	u.asks = append(u.asks, a)
}

// span answers the nights asked, within the horizon.
func (u *Pull) span(q *Query, a *ask) bool {
	first, last := u.day-ari.HorizonPast, u.day+ari.HorizonFuture
	a.from, a.to = q.From, q.To
	if !q.Dated {
		a.from, a.to = u.day, u.day+pullNights-1
	}
	open := a.to == ari.DateMax || slices.Contains(u.p.OpenEnd, a.to)
	if a.from < first || a.to > last && !open {
		u.warn(CodeTrimmed, q.Path, a.from.String()+" .. "+clipDay(a.to), "answered from "+max(a.from, first).String()+" to "+min(a.to, last).String()+", the dates that are kept")
	}
	a.from, a.to = max(a.from, first), min(a.to, last)
	if a.to < a.from {
		u.refuse(ari.CodePast, q.Path, q.From.String()+" .. "+clipDay(q.To), "nights from "+first.String()+" to "+last.String())
		return false
	}
	if a.to-a.from >= pullNightsMax {
		u.refuse(ari.CodeTooManyCells, q.Path, strconv.Itoa(int(a.to-a.from+1))+" nights", "at most "+strconv.Itoa(pullNightsMax)+" nights a request")
		return false
	}
	return true
}

func clipDay(d ari.StayDate) string {
	if d == ari.DateMax {
		return "no end"
	}
	return d.String()
}

// inward answers the hub's codes of those asked; a code that is not there refuses the message.
func (u *Pull) inward(q *Query, kind, unknown string, codes []string, has func(string) bool) (out []string) {
	for _, ext := range codes {
		code, status := u.from.Hotel.Lookup(kind, ext)
		switch {
		case status == Ignored:
			u.warn(CodeIgnored, q.Path, ext, "left out: this code is set to be ignored")
		case status != Known:
			u.refuse(CodeUnmapped+"_"+kind, q.Path, ext, "a code that this connection has a mapping for")
		case !has(code):
			u.refuse(unknown, q.Path, ext, "a code of the hotel")
		default:
			out = append(out, code)
			if k := [2]string{kind, code}; !slices.Contains(u.as[k], ext) {
				u.as[k] = append(u.as[k], ext)
			}
		}
	}
	return out
}

// products reads the products that a query selects.
func (u *Pull) products(a *ask, picture *ari.Picture) {
	q := a.q
	isRoom := func(c string) bool { return u.cat.RoomTypes[c] != nil }
	isPlan := func(c string) bool { return u.cat.Plans[c] != nil }
	in := *q
	in.Rooms = u.inward(q, ari.KindRoomType, ari.CodeUnknownRoomType, q.Rooms, isRoom)
	in.Plans = u.inward(q, ari.KindRatePlan, ari.CodeUnknownRatePlan, q.Plans, isPlan)
	in.Products = nil
	for _, pair := range q.Products {
		room := u.inward(q, ari.KindRoomType, ari.CodeUnknownRoomType, pair[:1], isRoom)
		plan := u.inward(q, ari.KindRatePlan, ari.CodeUnknownRatePlan, pair[1:], isPlan)
		if len(room)+len(plan) == 2 {
			in.Products = append(in.Products, [2]string{room[0], plan[0]})
		}
	}
	nothing := len(in.Rooms)+len(in.Plans)+len(in.Products) == 0 && len(q.Rooms)+len(q.Plans)+len(q.Products) > 0
	if u.fault != nil || nothing {
		return // what was asked for is ignored: not everything instead
	}
	channels := []string{""}
	switch {
	case len(q.Channels) == 0:
	case u.p.Destinations == "channel":
		channels = q.Channels
	case u.p.Destinations == "refuse":
		u.refuse(CodeUnsupported, q.Path, q.Channels[0], "no DestinationSystemsCode (profile: destinations)")
		return
	default:
		u.warn(CodeIgnored, q.Path, q.Channels[0], "answered for all: channels are not read (profile: destinations)")
	}
	for _, room := range u.cat.RoomCodes {
		for _, plan := range u.cat.PlanCodes {
			for _, channel := range channels {
				if in.asked(room, plan) && u.fault == nil {
					u.product(a, productRead{room: room, plan: plan, channel: channel}, picture)
				}
			}
		}
	}
}

// product reads one product's nights, if the partner has codes for it.
func (u *Pull) product(a *ask, r productRead, picture *ari.Picture) {
	if len(u.roomTypesOfPlan(r.plan)) > 0 && !slices.Contains(u.roomTypesOfPlan(r.plan), r.room) {
		return
	}
	if r.rooms = u.outward(a.q, ari.KindRoomType, r.room); len(r.rooms) == 0 {
		return
	}
	if r.plans = u.outward(a.q, ari.KindRatePlan, r.plan); len(r.plans) == 0 {
		return
	}
	if u.cells += int(a.to-a.from+1) * len(r.rooms) * len(r.plans); u.cells > u.from.CellsMax {
		u.refuse(ari.CodeTooManyCells, a.q.Path, "", "at most "+strconv.Itoa(u.from.CellsMax)+" nights of products a message: fewer dates, room types or rate plans")
		return
	}
	for _, ext := range r.plans {
		u.plans[ext] = u.cat.Plans[r.plan]
	}
	if picture.Grid(r.room, r.plan, r.channel, a.from, a.to+1, func(c *ari.GridCell) {
		n := *c
		n.Restrictions, n.Floors, n.Rates = slices.Clone(c.Restrictions), slices.Clone(c.Floors), slices.Clone(c.Rates)
		r.nights = append(r.nights, n)
	}) {
		a.products = append(a.products, r)
	}
}

func (u *Pull) roomTypesOfPlan(plan string) []string { return u.cat.Plans[plan].RoomTypes }

// outward answers the partner's codes that can be written: those that the message calls it by, else the connection's.
func (u *Pull) outward(q *Query, kind, code string) (out []string) {
	codes := u.as[[2]string{kind, code}]
	if c := u.from.Outward.Outward(kind, code); len(codes) == 0 && c != "" {
		codes = []string{c}
	}
	if len(codes) == 0 {
		u.warn(CodeLeftOut, q.Path, code, "this "+kind+" of the hub has no code here")
	}
	longest := roomCodeMax
	if kind == ari.KindRatePlan {
		longest = planCodeMax
	}
	for _, c := range codes {
		if why := codeWhy(c, longest); why != "" {
			u.warn(CodeLeftOut, q.Path, c, why)
			continue
		}
		out = append(out, c)
	}
	return out
}
