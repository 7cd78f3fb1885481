package ari

import (
	"encoding/json"
	"testing"
	"time"
)

// kit is a picture under test: cells are told to columns as Fold tells them.
type kit struct {
	testing.TB
	*Picture
	order int64
}

// today is the day of pictures under test: Monday, 1 June 2026.
var today = DateOf(2026, 6, 1)

// newKit answers a picture of a hotel in UTC, EUR, with the room types and plans given as JSON-able objects.
func newKit(t testing.TB, objects ...any) *kit {
	k := &kit{TB: t, Picture: NewPicture("H")}
	k.day = today
	k.put(Property{Code: "H", TimeZone: "UTC", Currency: "EUR"})
	k.put(objects...)
	return k
}

// put puts objects into the catalog.
func (k *kit) put(objects ...any) {
	k.Helper()
	for _, o := range objects {
		kind, code := "", ""
		switch v := o.(type) {
		case Property:
			kind, code = KindProperty, v.Code
			zone, err := time.LoadLocation(v.TimeZone)
			if err != nil {
				k.Fatal(err)
			}
			k.zone = zone
		case RoomType:
			kind, code = KindRoomType, v.Code
		case RoomClass:
			kind, code = KindRoomClass, v.Code
		case Pool:
			kind, code = KindPool, v.Code
		case RatePlan:
			kind, code = KindRatePlan, v.Code
		case RateCategory:
			kind, code = KindRateCategory, v.Code
		case Block:
			kind, code = KindBlock, v.ID
		default:
			k.Fatalf("no object: %T", o)
		}
		body, err := json.Marshal(o)
		if err == nil {
			k.catalog, err = k.catalog.with(kind, code, body)
		}
		if err != nil {
			k.Fatal(err)
		}
	}
}

// tell sets a field of a scope on [today+from, today+to].
func (k *kit) tell(s Scope, f Field, from, to int, v Value) {
	k.tellAs("pms", s, f, from, to, Told, v)
}

func (k *kit) tellAs(owner string, s Scope, f Field, from, to int, state State, v Value) {
	k.order++
	k.column(s, f, owner).put(today+StayDate(from), today+StayDate(to), state, v, k.stamps.index(Stamp{Order: k.order, Revision: k.order}))
}

// stand adds a standing statement.
func (k *kit) stand(s Scope, f Field, span Span, state State, v Value, text string) {
	k.order++
	c := k.column(s, f, "pms")
	c.standing = append(c.standing, standing{span: span, state: state, value: v, text: text, stamp: k.stamps.index(Stamp{Order: k.order, Revision: k.order})})
}

// sell builds the effective layer anew and answers the query's offers.
func (k *kit) sell(q Query) []Offer {
	k.Helper()
	k.eff.rebuild(k.Picture)
	var a Answer
	k.Sell(&q, &a)
	return a.Offers
}

// one answers the one offer of a query that names a room type and a plan.
func (k *kit) one(q Query) Offer {
	k.Helper()
	q.Why = true
	offers := k.sell(q)
	if len(offers) != 1 {
		k.Fatalf("%d offers, want 1: %v", len(offers), offers)
	}
	k.agree(q, offers[0])
	return offers[0]
}

// agree checks that without Why the same is answered: the screening and the judge are one rule.
func (k *kit) agree(q Query, o Offer) {
	k.Helper()
	for _, noNights := range []bool{false, true} {
		q.Why, q.NoNights = false, noNights
		var a Answer
		k.Sell(&q, &a)
		if (len(a.Offers) == 1) != o.Sellable {
			k.Fatalf("Sell without Why answers %v, with it %v", a.Offers, o)
		}
		if o.Sellable && (a.Offers[0].Total != o.Total || a.Offers[0].Left != o.Left) {
			k.Fatalf("Sell without Why answers %v %d, with it %v %d", a.Offers[0].Total, a.Offers[0].Left, o.Total, o.Left)
		}
	}
}

// stay is a query for one room and two adults, booked at noon of today.
func stay(arrival, nights int) Query {
	return Query{Arrival: today + StayDate(arrival), Nights: nights, Rooms: 1, Adults: 2, At: today.In(time.UTC, 12*60)}
}

// simple is a hotel with room type DLX, plan BAR, 5 rooms and 100.00 a night for two adults on the next 60 dates.
func simple(t testing.TB, objects ...any) *kit {
	k := newKit(t, append([]any{RoomType{Code: "DLX"}, RatePlan{Code: "BAR"}}, objects...)...)
	k.tell(RoomScope("DLX"), Count(Net), 0, 60, Num(5))
	k.tell(Product("DLX", "BAR"), AdultsField(2), 0, 60, After(100*AmountUnit))
	return k
}
