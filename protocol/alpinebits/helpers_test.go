package alpinebits

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// testDay is the day of the tests: the picture's.
var testDay = ari.DateOf(2026, 11, 22)

// testHotel is hotel 123 of connection alp, with the categories DZ and EZ, the plan BB and the room DZ/101. Codes are the same on both sides;
// what starts with NEW is not mapped, what starts with IGN is ignored.
type testHotel struct{ pic *ari.Picture }

func (h testHotel) Code() string                   { return h.pic.Code() }
func (h testHotel) Catalog() *ari.Catalog          { return h.pic.Catalog() }
func (h testHotel) Zone() *time.Location           { return time.UTC }
func (h testHotel) Connection() string             { return "alp" }
func (h testHotel) External(_, code string) string { return code }
func (h testHotel) Picture(f func(*ari.Picture))   { f(h.pic) }

func (h testHotel) Lookup(_, ext string) (string, otaxml.Status) {
	switch {
	case strings.HasPrefix(ext, "NEW"):
		return "", otaxml.Unmapped
	case strings.HasPrefix(ext, "IGN"):
		return "", otaxml.Ignored
	}
	return ext, otaxml.Known
}

type testCodes struct{ h testHotel }

func (c testCodes) Property(ext string) (Hotel, otaxml.Status) {
	switch ext {
	case "123":
		return c.h, otaxml.Known
	case "IGN":
		return nil, otaxml.Ignored
	}
	return nil, otaxml.Unmapped
}

func newTestHotel(t testing.TB) testHotel {
	t.Helper()
	pic := ari.NewPicture("H1")
	u := &ari.Update{Property: "H1", Connection: "alp", Order: 1, Day: testDay, Received: testDay.Time()}
	for _, o := range [][3]string{
		{ari.KindProperty, "H1", `{"code":"H1","time_zone":"UTC","currency":"EUR"}`},
		{ari.KindRoomType, "DZ", `{"code":"DZ","std_occupancy":2,"max_occupancy":4}`}, {ari.KindRoomType, "EZ", `{"code":"EZ","std_occupancy":1}`},
		{ari.KindPool, "DZ/101", `{"code":"DZ/101","name":"room of DZ: 101"}`},
		{ari.KindRatePlan, "BB", `{"code":"BB","currency":"EUR","supplements":[{"code":"CLEAN","charge":"per_stay","mandatory":true}]}`},
	} {
		u.Objects = append(u.Objects, ari.ObjectOp{Kind: o[0], Code: o[1], Body: []byte(o[2])})
	}
	fold(t, pic, u)
	return testHotel{pic}
}

// fold applies an update to a picture.
func fold(t testing.TB, pic *ari.Picture, u *ari.Update) {
	t.Helper()
	e, _, err := pic.Draft().Apply(u)
	if err != nil {
		t.Fatal(err)
	}
	if e != nil {
		if err := pic.Fold(e); err != nil {
			t.Fatal(err)
		}
	}
}

func mustAction(t testing.TB, v Version, name string) *Action {
	t.Helper()
	a, err := FindAction(v, name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// decoded parses and decodes a message, and answers what came of it in a line: refused with the first fault, or how much applies.
func decoded(t testing.TB, v Version, action, message string) string {
	t.Helper()
	m, _ := Parse(v, mustAction(t, v, action), []byte(message), "")
	r := Decode(m, Default(), testCodes{newTestHotel(t)}, nil)
	if len(r.Refused) > 0 {
		return "refused: " + r.Refused[0].Fault.Error()
	}
	return fmt.Sprintf("%d objects, %d extents, %d statements, %d wait, %d warnings", len(r.Objects), len(r.Replace), len(r.Statements), len(r.Waits), len(r.Warnings))
}
