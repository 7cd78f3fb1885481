package canonical

import (
	"strconv"

	"github.com/ratewire/ratewire/ari"
)

// ShopQuery is the body of POST /v1/shop. Its slices are reused by DecodeShop.
type ShopQuery struct {
	Properties   []string
	NotOlderThan int64 // seconds; 0: any age
	Stay         ari.Query
}

// Bounds of a shop query.
const (
	PropertiesMax = 500
	accessMax     = 20
	filterMax     = 200
	ageMax        = 30
)

var shopNames = []string{"properties", "arrival", "nights", "departure", "rooms", "adults", "children", "channel", "access", "block", "at",
	"not_older_than", "room_types", "rate_plans", "why", "totals_only"}

// DecodeShop reads a shop query; q is overwritten. Rooms default to 1, adults to 2; Stay.At stays zero when it is not told.
//
// Errors: *Error with every fault.
func DecodeShop(data []byte, q *ShopQuery) error {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reset(data, "")
	*q = ShopQuery{Properties: q.Properties[:0], Stay: ari.Query{Rooms: 1, Adults: 2, Children: q.Stay.Children[:0]}}
	var seen uint64
	var departure ari.StayDate
	ok := d.object("a query: an object", func(name []byte) {
		at := indexOf(shopNames, name)
		if at < 0 {
			d.unknown(name, shopNames)
			return
		}
		if d.twice(&seen, at, shopNames[at]) {
			return
		}
		d.push(shopNames[at])
		if at == 3 {
			departure, _ = d.date()
		} else {
			d.shopMember(at, q)
		}
		d.pop()
	})
	if d.end(); d.dead || !ok {
		return d.err()
	}
	d.shopWhole(seen, departure, q)
	return d.err()
}

func (d *decoder) shopMember(at int, q *ShopQuery) {
	s := &q.Stay
	number := func(lo, hi int64) int {
		n, _ := d.integer(lo, hi)
		return int(n)
	}
	switch at {
	case 0:
		q.Properties = d.codes(q.Properties, PropertiesMax)
	case 1:
		s.Arrival, _ = d.date()
	case 2:
		s.Nights = number(1, ari.NightsMax)
	case 4:
		s.Rooms = number(1, ari.RoomsMax)
	case 5:
		s.Adults = number(1, ari.AdultsMax)
	case 6:
		d.array("an array of ages", func(i int) {
			age := number(0, ageMax)
			if i == ari.ChildrenMax {
				d.fault(CodeTooMany, "at most "+strconv.Itoa(ari.ChildrenMax)+" children", "", "")
			}
			if i < ari.ChildrenMax {
				s.Children = append(s.Children, age)
			}
		})
	case 7:
		s.Channel = d.code()
	case 8:
		s.Access = d.codes(nil, accessMax)
	case 9:
		s.Block = d.code()
	case 10:
		s.At = d.instant()
	case 11:
		q.NotOlderThan, _ = d.integer(1, 31_536_000)
	case 12:
		s.RoomTypes = d.codes(nil, filterMax)
	case 13:
		s.RatePlans = d.codes(nil, filterMax)
	case 14:
		s.Why, _ = d.flag()
	case 15:
		s.NoNights, _ = d.flag()
	}
}

// codes reads an array of codes onto out.
func (d *decoder) codes(out []string, most int) []string {
	d.array("an array of codes", func(i int) {
		if i == most {
			d.fault(CodeTooMany, "at most "+strconv.Itoa(most)+" codes", "", "")
		}
		if i >= most {
			d.skip()
			return
		}
		if c := d.code(); c != "" {
			out = append(out, c)
		}
	})
	return out
}

// shopWhole checks what several members say together.
func (d *decoder) shopWhole(seen uint64, departure ari.StayDate, q *ShopQuery) {
	told := func(i int) bool { return seen&(1<<i) != 0 }
	s := &q.Stay
	if !told(0) {
		d.faultAt("properties", CodeMissing, "an array of codes", "", "")
	} else if len(q.Properties) == 0 && len(d.faults) == 0 {
		d.faultAt("properties", CodeEmpty, "at least one code", "[]", "")
	}
	if !told(1) {
		d.faultAt("arrival", CodeMissing, "a date, YYYY-MM-DD", "", "")
	}
	switch {
	case told(2) && told(3) && departure != 0 && departure != s.Arrival+ari.StayDate(s.Nights):
		d.faultAt("departure", CodeSpan, "the day after the last night, as nights has it", departure.String(), "leave one out")
	case told(3) && departure != 0 && s.Arrival != 0:
		n := int(departure - s.Arrival)
		if n < 1 || n > ari.NightsMax {
			d.faultAt("departure", CodeSpan, "1 to 999 days after arrival", departure.String(), "")
		}
		s.Nights = n
	case !told(2) && !told(3):
		d.faultAt("nights", CodeMissing, "nights, or departure", "", "")
	}
}
