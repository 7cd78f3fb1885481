package ari

import (
	"fmt"
	"net/url"
	"strings"
)

// RoomsKind says which rooms a scope names.
type RoomsKind uint8

// The rooms of a scope. Pool is for counts only (S9).
const (
	AllRooms RoomsKind = iota
	RoomClassKind
	RoomTypeKind
	PoolKind
)

// RatesKind says which rates a scope names.
type RatesKind uint8

// The rates of a scope. Family is a plan and everything derived from it, transitively (S2).
const (
	AllRates RatesKind = iota
	CategoryKind
	PlanKind
	FamilyKind
)

// Scope is what a statement is about: rooms x rates x channel x block (S2). The zero value is the whole property: all rooms, all
// rates, all channels, transient. It is comparable; membership is looked up in the catalog when effective values are computed.
type Scope struct {
	Rooms   RoomsKind
	Rates   RatesKind
	Room    string // code of the class, room type or pool; "" for all
	Rate    string // code of the category or plan; "" for all
	Channel string // "" for all channels
	Block   string // id of the block; "" for transient
}

// Product is the scope of a room type x rate plan.
func Product(room, plan string) Scope {
	return Scope{Rooms: RoomTypeKind, Room: room, Rates: PlanKind, Rate: plan}
}

// RoomScope is the scope of a room type with all rates.
func RoomScope(room string) Scope { return Scope{Rooms: RoomTypeKind, Room: room} }

// PlanScope is the scope of a rate plan in all rooms.
func PlanScope(plan string) Scope { return Scope{Rates: PlanKind, Rate: plan} }

const (
	roomsPrefix = "*cto"
	ratesPrefix = "*cpf"
)

// Key answers the scope's stable text, its key in store, feed and pages: rooms/rates/channel/block, each "*" (all, transient) or
// prefix:code with the code percent-escaped. Rooms: c class, t room type, o pool. Rates: c category, p plan, f family.
// Channel and block: "=" before the code. For instance "t:DLX/p:BAR/*/*".
func (s Scope) Key() string { return string(s.AppendKey(nil)) }

// AppendKey appends what Key answers.
func (s Scope) AppendKey(b []byte) []byte {
	b = appendPart(b, roomsPrefix[s.Rooms], ":", s.Room)
	b = appendPart(append(b, '/'), ratesPrefix[s.Rates], ":", s.Rate)
	c, k := byte('*'), byte('*')
	if s.Channel != "" {
		c = '='
	}
	if s.Block != "" {
		k = '='
	}
	b = appendPart(append(b, '/'), c, "", s.Channel)
	return appendPart(append(b, '/'), k, "", s.Block)
}

func appendPart(b []byte, prefix byte, sep, code string) []byte {
	b = append(b, prefix)
	if prefix == '*' {
		return b
	}
	b = append(b, sep...)
	for i := range len(code) {
		if c := code[i]; c == '/' || c == '%' || c < ' ' || c >= 0x7f {
			return append(b, url.PathEscape(code[i:])...)
		}
		b = append(b, code[i])
	}
	return b
}

// ParseScope reads what Key answers.
func ParseScope(key string) (Scope, error) {
	bad := func() (Scope, error) { return Scope{}, fmt.Errorf("%q is no scope key", clip(key)) }
	p := strings.Split(key, "/")
	if len(p) != 4 {
		return bad()
	}
	var s Scope
	part := func(t, prefixes, sep string, kind *uint8, code *string) bool {
		if t == "*" {
			return true
		}
		if len(t) < 2+len(sep) || t[1:1+len(sep)] != sep {
			return false
		}
		k := strings.IndexByte(prefixes, t[0])
		c, err := url.PathUnescape(t[1+len(sep):])
		if k < 1 || err != nil || c == "" {
			return false
		}
		*kind, *code = uint8(k), c
		return true
	}
	var ignored uint8
	if !part(p[0], roomsPrefix, ":", (*uint8)(&s.Rooms), &s.Room) || !part(p[1], ratesPrefix, ":", (*uint8)(&s.Rates), &s.Rate) ||
		!part(p[2], "*=", "", &ignored, &s.Channel) || !part(p[3], "*=", "", &ignored, &s.Block) {
		return bad()
	}
	return s, nil
}

// String answers the key.
func (s Scope) String() string { return s.Key() }

// CodeMax is the longest code of a property, room type, rate plan, channel, block or connection, in bytes. OTA allows 16 for rooms and
// 64 for plans; some platforms' ids are UUIDs with a prefix.
const CodeMax = 64

// CheckCode answers an error unless s is 1..CodeMax bytes of printable UTF-8 without leading or trailing blanks.
func CheckCode(s string) error {
	if s == "" || len(s) > CodeMax {
		return fmt.Errorf("%q is no code: want 1 to %d bytes", clip(s), CodeMax)
	}
	if strings.TrimSpace(s) != s {
		return fmt.Errorf("%q is no code: blanks at its ends", clip(s))
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return fmt.Errorf("%q is no code: control or broken characters", clip(s))
		}
	}
	return nil
}
