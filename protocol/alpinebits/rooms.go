package alpinebits

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// RoomPool answers the code of the pool that counts one distinct room of a category: "DZ/101", or with a hash where that is too long. No room
// type draws on it; the category's own count is the sum of its rooms.
func RoomPool(room, inv string) string {
	code := room + "/" + inv
	if len(code) <= ari.CodeMax && ari.CheckCode(code) == nil {
		return code
	}
	sum := sha256.Sum256([]byte(inv))
	return room[:min(len(room), ari.CodeMax-17)] + "/" + hex.EncodeToString(sum[:8])
}

// roomPools answers the codes of the pools of a category's distinct rooms, sorted.
func (d *decoder) roomPools(room string) (out []string) {
	prefix := room[:min(len(room), ari.CodeMax-17)] + "/"
	for code, p := range d.cat.Pools {
		if strings.HasPrefix(code, prefix) && strings.HasPrefix(p.Name, roomName(room, "")) {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// roomName is the name of a distinct room's pool.
func roomName(room, inv string) string { return "room of " + room + ": " + inv }

// putRooms makes the pools of rooms that were not told yet.
func (d *decoder) putRooms(list []avail) {
	seen := map[string]bool{}
	for i := range list {
		a := &list[i]
		if a.inv == "" || a.room == "" || !d.wanted(a.record) || d.past(a.span) {
			continue
		}
		code := RoomPool(a.room, a.inv)
		if p := d.cat.Pools[code]; (p == nil || p.Name != roomName(a.room, a.inv)) && !seen[code] {
			if seen[code] = true; len(seen) > roomsListMax {
				d.refuse(a.record, &Fault{Code: otaxml.CodeTooBig, Path: d.m.Records[a.record].n.Path(""), Expected: "at most " + itoa(roomsListMax) + " new rooms in a message"}, "")
				return
			}
			d.put(a.record, ari.KindPool, code, ari.Pool{Code: code, Name: roomName(a.room, a.inv)})
		}
	}
}

// nights are numbers per date of what the picture holds; a negative one is untold.
type nights []int64

func newNights(n int) nights {
	v := make(nights, n)
	for i := range v {
		v[i] = -1
	}
	return v
}

// sumRooms tells the count of each category that rooms were told of: the sum of its rooms as they are after this message.
func (d *decoder) sumRooms(list []avail) {
	first, days := d.firstDay(), int(d.lastDay()-d.firstDay())+1
	rooms := map[string]map[string]nights{} // category -> pool
	touched := map[string][]bool{}
	of := map[string]int{} // a record of the category, for what is said of its sum
	for i := range list {
		a := &list[i]
		if a.inv == "" || a.room == "" || !d.wanted(a.record) || d.past(a.span) {
			continue
		}
		if rooms[a.room] == nil {
			rooms[a.room], touched[a.room], of[a.room] = d.toldRooms(a.room, first, days), make([]bool, days), a.record
		}
		pool := RoomPool(a.room, a.inv)
		v := rooms[a.room][pool]
		if v == nil {
			v = newNights(days)
			rooms[a.room][pool] = v
		}
		for day := max(a.span.From, first); day <= min(a.span.To, d.lastDay()); day++ {
			v[day-first], touched[a.room][day-first] = a.counts[0], true
		}
	}
	for _, room := range slices.Sorted(maps.Keys(rooms)) {
		d.tellSum(of[room], room, first, rooms[room], touched[room])
	}
}

// toldRooms answers what the picture has of a category's rooms; nothing where the message replaces it.
func (d *decoder) toldRooms(room string, first ari.StayDate, days int) map[string]nights {
	out := map[string]nights{}
	if d.m.Complete && d.whole() {
		return out
	}
	d.h.Picture(func(p *ari.Picture) {
		for _, pool := range d.roomPools(room) {
			v := newNights(days)
			set := ari.ScopeSet{Scope: ari.Scope{Rooms: ari.PoolKind, Room: pool}}
			p.Cells(ari.CellFilter{Scopes: &set, Fields: []ari.FieldSet{{Family: ari.FamilyCount, Field: ari.Count(ari.Net)}}, From: first, To: d.lastDay()}, func(c *ari.SourceCell) bool {
				for day := max(c.Span.From, first); day <= min(c.Span.To, d.lastDay()); day++ {
					if c.State == ari.Told {
						v[day-first] = c.Value.A
					}
				}
				return true
			})
			out[pool] = v
		}
	})
	return out
}

// tellSum tells the sums of a category as runs of dates with one number.
func (d *decoder) tellSum(record int, room string, first ari.StayDate, rooms map[string]nights, touched []bool) {
	sum := newNights(len(touched))
	for _, v := range rooms {
		for i, n := range v {
			if n >= 0 {
				sum[i] = max(sum[i], 0) + n
			}
		}
	}
	for i := 0; i < len(sum); i++ {
		if !touched[i] {
			continue
		}
		from := i
		for i+1 < len(sum) && touched[i+1] && sum[i+1] == sum[from] {
			i++
		}
		d.set(record, ari.RoomScope(room), ari.Dates(first+ari.StayDate(from), first+ari.StayDate(i)), ari.Count(ari.Net), ari.Num(sum[from]))
	}
}
