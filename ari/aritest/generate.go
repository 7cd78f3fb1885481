package aritest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Chooser is where a generator gets its choices from: a *rand.Rand of math/rand/v2, or Drawn by rapid.
type Chooser interface {
	IntN(n int) int // 0 .. n-1
}

// World generates the life of one property: what it has, what it is told, what it is asked. Values come from small ranges, so that statements
// collide and interact. It remembers only what it needs to say things that make sense (and, now and then, things that do not).
type World struct {
	c Chooser

	day        ari.StayDate // of the picture
	property   ari.Property
	rooms      map[string]*ari.RoomType
	plans      map[string]*ari.RatePlan
	blocks     map[string]*ari.Block
	roomCodes  []string
	planCodes  []string
	blockIDs   []string
	classes    []string
	categories []string
	pools      []string

	seq      map[string]int64 // last stamp of each connection
	ticks    int              // seconds since noon
	sent     []*ari.Update    // that can be repeated
	overlays []string
	holds    []string
	laid     int
}

// The fixed names of every world. "pms" owns rates and counts; "crs" and "ops" tell restrictions beside it.
const propertyCode = "H"

var (
	connections = []string{"pms", "crs", "ops"}
	channels    = []string{"", "", "", "web", "gds"}
	zones       = []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"}
)

// NewWorld answers a world; its day is near one of Berlin's or New York's changes of clocks, or on an ordinary date.
func NewWorld(c Chooser) *World {
	days := []ari.StayDate{
		ari.DateOf(2026, time.March, 27), ari.DateOf(2026, time.October, 23), ari.DateOf(2026, time.June, 10), ari.DateOf(2026, time.March, 6),
	}
	return &World{
		c: c, day: pick(c, days), rooms: map[string]*ari.RoomType{}, plans: map[string]*ari.RatePlan{}, blocks: map[string]*ari.Block{},
		seq: map[string]int64{},
	}
}

// Day answers the day that the last roll told.
func (w *World) Day() ari.StayDate { return w.day }

// Room and Plan answer the generator's view of an object; nil if it has none.
func (w *World) Room(code string) *ari.RoomType { return w.rooms[code] }
func (w *World) Plan(code string) *ari.RatePlan { return w.plans[code] } //nolint:revive // see Room

// Block answers the generator's view of a block; nil if it has none.
func (w *World) Block(id string) *ari.Block { return w.blocks[id] }

func pick[T any](c Chooser, from []T) T { return from[c.IntN(len(from))] }

// one tells true once in n.
func (w *World) one(n int) bool { return w.c.IntN(n) == 0 }

// between answers low .. high.
func (w *World) between(low, high int) int { return low + w.c.IntN(high-low+1) }

// maybe answers v, or the zero value, one in n.
func maybe[T any](w *World, n int, v func() T) (out T) {
	if w.one(n) {
		out = v()
	}
	return out
}

func (w *World) date(low, high int) ari.StayDate { return w.day + ari.StayDate(w.between(low, high)) }

func (w *World) someDate(low, high int) *ari.StayDate {
	d := w.date(low, high)
	return &d
}

// Found answers the update that makes the property, and those that tell its first counts and rates.
func (w *World) Found() []*ari.Update {
	u := w.newUpdate("pms")
	u.Day = w.day
	w.property = ari.Property{Code: propertyCode, TimeZone: pick(w.c, zones), Currency: pick(w.c, []string{"EUR", "EUR", "JPY", "KWD"})}
	w.settings()
	u.Objects = append(u.Objects, w.object(ari.KindProperty, propertyCode, w.property))
	for _, code := range []string{"C1", "C2"} {
		w.classes = append(w.classes, code)
		u.Objects = append(u.Objects, w.object(ari.KindRoomClass, code, ari.RoomClass{Code: code}))
	}
	for _, code := range []string{"G1", "G2"} {
		w.categories = append(w.categories, code)
		u.Objects = append(u.Objects, w.object(ari.KindRateCategory, code, ari.RateCategory{Code: code}))
	}
	for _, code := range []string{"O1", "O2"} {
		w.pools = append(w.pools, code)
		u.Objects = append(u.Objects, w.object(ari.KindPool, code, ari.Pool{Code: code}))
	}
	for i := range w.between(1, 3) {
		u.Objects = append(u.Objects, w.putRoom(fmt.Sprint("R", i+1)))
	}
	for i := range w.between(2, 5) {
		u.Objects = append(u.Objects, w.putPlan(fmt.Sprint("P", i+1)))
	}
	for i := range w.between(0, 3) {
		u.Objects = append(u.Objects, w.putBlock(fmt.Sprint("B", i+1)))
	}
	return []*ari.Update{u, w.firstCounts(), w.firstRates(), w.firstGrids()}
}

func (w *World) newUpdate(connection string) *ari.Update {
	u := &ari.Update{Property: propertyCode, Connection: connection, By: ari.Author{Kind: ari.ByMessage, ID: connection}, Released: true}
	w.seq[connection] += int64(w.between(1, 3))
	u.Order = w.seq[connection]
	u.Received = w.now()
	u.SourceTime = u.Received
	if w.one(10) {
		u.SourceTime = time.Time{}
	}
	return u
}

// now answers an instant around noon UTC of the picture's day, rising; now and then a day later, before the roll is told.
func (w *World) now() time.Time {
	w.ticks++
	t := w.day.Time().Add(12*time.Hour + time.Duration(w.ticks)*time.Second)
	if w.one(20) {
		t = t.Add(24 * time.Hour)
	}
	return t
}

// delay makes an update a late one: stamped before others of its connection that have arrived.
func (w *World) delay(u *ari.Update) {
	late := int64(w.between(1, 12))
	u.Order = max(1, u.Order-late)
	if !u.SourceTime.IsZero() {
		u.SourceTime = u.SourceTime.Add(-time.Duration(late) * time.Second)
	}
}

func (w *World) object(kind, code string, v any) ari.ObjectOp {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // a struct of plain fields
	}
	return ari.ObjectOp{Kind: kind, Code: code, Body: body}
}
