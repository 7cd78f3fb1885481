package ari_test

import (
	"fmt"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// The way of an update: judged by a draft, kept as an entry, folded in once it is committed. The way of a query: Sell.
func Example() {
	p := ari.NewPicture("H1")
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	from, to := ari.DateOf(2026, 7, 1), ari.DateOf(2026, 7, 31)
	product := ari.Product("DLX", "BAR")

	tell := func(u *ari.Update) {
		u.Property, u.Received = "H1", now
		entry, _, err := p.Draft().Apply(u)
		if err != nil {
			fmt.Println(err)
			return
		}
		stored, err := ari.DecodeEntry(entry.Append(nil)) // what the journal keeps
		if err == nil {
			err = p.Fold(stored)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	tell(&ari.Update{Day: ari.DateOf(2026, 6, 1), Objects: []ari.ObjectOp{
		{Kind: ari.KindProperty, Code: "H1", Body: []byte(`{"time_zone":"Europe/Madrid","currency":"EUR"}`)},
		{Kind: ari.KindRoomType, Code: "DLX", Body: []byte(`{}`)},
		{Kind: ari.KindRatePlan, Code: "BAR", Body: []byte(`{}`)},
	}})
	tell(&ari.Update{Connection: "pms", Order: 1, Statements: []ari.Statement{
		{Verb: ari.Set, Scope: product, Field: ari.AdultsField(2), Span: ari.Dates(from, to), Value: ari.After(120 * ari.AmountUnit)},
		{Verb: ari.Set, Scope: ari.RoomScope("DLX"), Field: ari.Count(ari.Net), Span: ari.Dates(from, to), Value: ari.Num(3)},
		{Verb: ari.Set, Scope: ari.PlanScope("BAR"), Field: ari.MinLOSArrival, Span: ari.Undated, Value: ari.Num(2)},
	}})
	tell(&ari.Update{Connection: "pms", Order: 2, Statements: []ari.Statement{
		{Verb: ari.Set, Scope: ari.RoomScope("SUITE"), Field: ari.Closed, Span: ari.Dates(from, to), Value: ari.Num(ari.Shut)},
	}})

	var answer ari.Answer
	for _, nights := range []int{2, 1} {
		p.Sell(&ari.Query{Arrival: from, Nights: nights, Rooms: 1, Adults: 2, At: now}, &answer)
		for _, o := range answer.Offers {
			fmt.Println(nights, o.Room, o.Plan, o.Sellable, o.Total.After, o.Reasons)
		}
	}
	// Output:
	// item 0, scope.rooms: unknown_room_type: got "SUITE", want a room type of the property
	// 2 DLX BAR true 240.00 []
}
