package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/shop"
)

// shopQueryJSON asks what can be sold.
type shopQueryJSON struct {
	Properties   []string `json:"properties" minItems:"1" maxItems:"500" doc:"Codes of properties."`
	Arrival      string   `json:"arrival" format:"date" doc:"First night."`
	Nights       int      `json:"nights,omitempty" minimum:"1" maximum:"999" doc:"Nights, or departure."`
	Departure    string   `json:"departure,omitempty" format:"date" doc:"The day after the last night, instead of nights."`
	Rooms        int      `json:"rooms,omitempty" minimum:"1" maximum:"9999" doc:"Rooms, each with the same party; default 1."`
	Adults       int      `json:"adults,omitempty" minimum:"1" maximum:"99" doc:"Adults in a room; default 2."`
	Children     []int    `json:"children,omitempty" maxItems:"99" doc:"Ages of the children in a room, on arrival."`
	Channel      string   `json:"channel,omitempty" maxLength:"64" doc:"Where it is to be sold."`
	Access       []string `json:"access,omitempty" maxItems:"20" doc:"Access codes."`
	Block        string   `json:"block,omitempty" maxLength:"64" doc:"Sell from this block."`
	At           string   `json:"at,omitempty" format:"date-time" doc:"Booking instant: moves lead times, sell windows and today; default now."`
	NotOlderThan int      `json:"not_older_than,omitempty" minimum:"1" maximum:"31536000" doc:"Seconds: a property whose data are older answers stale, without offers."`
	RoomTypes    []string `json:"room_types,omitempty" maxItems:"200" doc:"Only these."`
	RatePlans    []string `json:"rate_plans,omitempty" maxItems:"200" doc:"Only these."`
	Why          bool     `json:"why,omitempty" doc:"Also what is not sellable, each with every reason."`
	TotalsOnly   bool     `json:"totals_only,omitempty" doc:"Leave the nights out."`
}

// shopAnswerJSON answers what can be sold. It documents what appendShop writes.
type shopAnswerJSON struct {
	Position   string         `json:"position" doc:"At least this far in the feed."`
	Properties []shopProperty `json:"properties" doc:"In the order asked."`
}

type shopProperty struct {
	Property string      `json:"property"`
	Status   string      `json:"status" doc:"ok, stale (older than not_older_than), unknown_property, unavailable. The list is open."`
	Revision int64       `json:"revision,omitempty"`
	Stage    string      `json:"stage,omitempty" enum:"draft,mapped,shadow,live,suspended" doc:"Of the property: what can be sold does not depend on it."`
	Age      *int64      `json:"age_seconds,omitempty" doc:"Since its sources last told anything; left out if they never did."`
	Offers   []offerJSON `json:"offers" doc:"By room type, then rate plan."`
}

type offerJSON struct {
	RoomType string      `json:"room_type"`
	RatePlan string      `json:"rate_plan"`
	Sellable bool        `json:"sellable"`
	Currency string      `json:"currency,omitempty"`
	Total    *SidesJSON  `json:"total,omitempty" doc:"Of all rooms and nights."`
	Left     int         `json:"left,omitempty" doc:"Rooms that could be sold for the whole stay."`
	Nights   []nightJSON `json:"nights,omitempty" doc:"For one room."`

	Supplements []supplementJSON `json:"supplements,omitempty" doc:"What the stay costs beside its nights, for one room; part of the total."`

	Reasons []ReasonJSON `json:"reasons,omitempty" doc:"Every reason why not."`
}

// SidesJSON is an amount by tax side: those that are known.
type SidesJSON struct {
	BeforeTax string `json:"before_tax,omitempty"`
	AfterTax  string `json:"after_tax,omitempty"`
}

type nightJSON struct {
	Date string `json:"date" format:"date"`
	SidesJSON
	Left int  `json:"left"`
	Free bool `json:"free,omitempty" doc:"An offer makes the night free: its amounts are 0."`
}

type supplementJSON struct {
	Code   string `json:"code"`
	Charge string `json:"charge" doc:"per_day, per_stay ... The list is open."`
	SidesJSON
}

// ReasonJSON is one reason why a stay is not sellable.
type ReasonJSON struct {
	Code  string `json:"code" doc:"sold_out, closed_to_arrival, min_los ... The list is open."`
	Date  string `json:"date,omitempty" format:"date"`
	Field string `json:"field,omitempty" doc:"Of restrictions: which."`
}

func (a *api) shopRoutes() []*route {
	number1 := func(name, doc string, most int64) param {
		return param{name: name, kind: number, min: 1, max: most, doc: doc}
	}
	stay := []param{
		{name: "arrival", kind: date, required: true, doc: "First night."}, number1("nights", "Nights, or departure.", ari.NightsMax),
		{name: "departure", kind: date, doc: "The day after the last night."}, number1("rooms", "Default 1.", ari.RoomsMax), number1("adults", "In a room; default 2.", ari.AdultsMax),
		{name: "children", kind: list, doc: "Ages, comma separated."}, {name: "channel"}, {name: "access", kind: list, doc: "Access codes, comma separated."},
		{name: "block"}, {name: "at", kind: instant, doc: "Booking instant; default now."}, pAtLeast,
	}
	many := append([]param{{name: "properties", kind: list, required: true, doc: "Codes, comma separated."}}, stay...)
	many = append(many, number1("not_older_than", "Seconds.", 31_536_000), param{name: "room_types", kind: list}, param{name: "rate_plans", kind: list},
		param{name: "why", kind: boolean}, param{name: "totals_only", kind: boolean})
	return []*route{
		{
			method: "POST", path: "/v1/shop", op: "shop", tag: "Shop", scope: scopeShop, rights: byBody, summary: "What can be sold",
			doc:   "One to 500 properties, one stay, one kind of party. A property that is not there or not granted answers unknown_property; the others are not disturbed.",
			query: []param{pAtLeast}, body: typeOf[shopQueryJSON](), bodyMax: 1 << 20, answer: typeOf[shopAnswerJSON](), handle: (*request).shopPost, endless: true,
			bodyExample: `{"properties":["ALP1"],"arrival":"2026-12-24","nights":2,"adults":2,"children":[7]}`,
			problems:    []string{"invalid_request", "behind"},
		},
		{
			method: "GET", path: "/v1/shop", op: "shopGet", tag: "Shop", scope: scopeShop, rights: byBody, summary: "What can be sold, for short queries",
			query: many, answer: typeOf[shopAnswerJSON](), handle: (*request).shopGet, endless: true,
		},
		{
			method: "GET", path: "/v1/explain", op: "explain", tag: "Shop", scope: scopeShop, rights: byBody, summary: "Why a product is sellable or not, with the facts behind it",
			doc: "One product's offer, every reason with the facts that cause it, and the rate cells each night's price was made of: scope, date, value, layer, and the revision, message and author that told it.",
			query: append([]param{{name: "property", required: true}, {name: "room_type", required: true}, {name: "rate_plan", required: true},
				{name: "as_of", doc: "The past: a revision, or an instant. Within what is kept."}}, stay...),
			answer: typeOf[explainJSON](), handle: (*request).explain, problems: []string{"unknown_property", "gone"},
		},
	}
}

// shopState is what a shop request borrows.
type shopState struct {
	shopper shop.Shopper
	query   shop.Query
	wire    canonical.ShopQuery
	out     []byte
}

var shopStates = sync.Pool{New: func() any { return new(shopState) }}

// outMax bounds what a pooled state keeps of a large answer: 500 properties with totals of a hundred products each fit.
const outMax = 8 << 20

func (r *request) shopPost() error {
	if err := r.wantType("application/json"); err != nil {
		return err
	}
	body, err := r.readBody()
	if err != nil {
		return err
	}
	st := shopStates.Get().(*shopState)
	defer st.release()
	if err := parseShop(body, st); err != nil {
		return err
	}
	return r.shop(st)
}

func (st *shopState) release() {
	if cap(st.out) <= outMax {
		shopStates.Put(st)
	}
}

func (r *request) shopGet() error {
	st := shopStates.Get().(*shopState)
	defer st.release()
	st.reset()
	q := &st.query
	q.Properties = append(q.Properties, r.list("properties")...)
	if len(q.Properties) > shop.PropertiesMax {
		return badParam("properties", "1 to 500 codes", strconv.Itoa(len(q.Properties)))
	}
	if err := stayOf(r.q, &q.Stay); err != nil {
		return err
	}
	q.NotOlderThan = time.Duration(r.number("not_older_than")) * time.Second
	q.Stay.RoomTypes, q.Stay.RatePlans = r.list("room_types"), r.list("rate_plans")
	q.Stay.Why, q.Stay.NoNights = r.flag("why"), r.flag("totals_only")
	return r.shop(st)
}

// stayOf reads a stay from checked parameters.
func stayOf(v url.Values, q *ari.Query) error {
	n := func(name string, otherwise int) int {
		if x, err := strconv.Atoi(v.Get(name)); err == nil {
			return x
		}
		return otherwise
	}
	q.Arrival, _ = ari.ParseDate(v.Get("arrival"))
	q.Nights, q.Rooms, q.Adults = n("nights", 0), n("rooms", 1), n("adults", 2)
	q.Channel, q.Block = v.Get("channel"), v.Get("block")
	if d := v.Get("departure"); d != "" {
		day, _ := ari.ParseDate(d)
		nights := int(day - q.Arrival)
		if q.Nights != 0 && q.Nights != nights || nights < 1 || nights > ari.NightsMax {
			return badParam("departure", "the day after the last night, as nights has it", d)
		}
		q.Nights = nights
	}
	if q.Nights == 0 {
		return badParam("nights", "nights or departure", "")
	}
	for _, a := range splitList(v.Get("children")) {
		age, err := strconv.Atoi(a)
		if err != nil || age < 0 || age > 30 || len(q.Children) >= ari.ChildrenMax {
			return badParam("children", "at most 99 ages, 0 to 30", v.Get("children"))
		}
		q.Children = append(q.Children, age)
	}
	q.Access = splitList(v.Get("access"))
	if at := v.Get("at"); at != "" {
		q.At, _ = time.Parse(time.RFC3339, at)
	}
	return nil
}

func splitList(v string) []string {
	if v == "" {
		return nil
	}
	return strings.Split(v, ",")
}

// shop runs the query and writes the answer.
func (r *request) shop(st *shopState) error {
	if err := r.atLeast(); err != nil {
		return err
	}
	q := &st.query
	q.Now = r.api.o.Now()
	if q.Stay.At.IsZero() {
		q.Stay.At = q.Now
	}
	q.Stay.Client = r.who.client
	st.out = append(append(append(st.out[:0], `{"position":"`...), position(r.api.s.Position())...), `","properties":[`...)
	if err := r.shopParts(st, shopParts(len(q.Properties))); err != nil {
		return err
	}
	st.out = append(st.out, "]}\n"...)
	return r.bytes(http.StatusOK, st.out)
}

// shopPartMin is the fewest properties that are worth a goroutine of their own: tenths of a millisecond of work.
const shopPartMin = 16

// shopParts answers in how many parts so many properties are asked side by side.
func shopParts(properties int) int {
	return max(1, min(properties/shopPartMin, runtime.GOMAXPROCS(0)))
}

// shopParts asks the properties in n parts, in their order, side by side; the first part is this goroutine's.
func (r *request) shopParts(st *shopState, n int) error {
	all := st.query.Properties
	others, errs := make([]*shopState, n-1), make([]error, n)
	var wg sync.WaitGroup
	for i := range others {
		o := shopStates.Get().(*shopState)
		defer o.release()
		o.query, o.out = st.query, o.out[:0]
		o.query.Properties = all[(i+1)*len(all)/n : (i+2)*len(all)/n]
		others[i] = o
		wg.Go(func() { errs[i+1] = r.shopPart(o) })
	}
	st.query.Properties = all[:len(all)/n]
	errs[0] = r.shopPart(st)
	st.query.Properties = all
	wg.Wait()
	for _, o := range others {
		st.out = append(append(st.out, ','), o.out...)
	}
	return errors.Join(errs...)
}

// shopPart appends the answers of the state's properties to what it has.
func (r *request) shopPart(st *shopState) (err error) {
	defer func() {
		if p := recover(); p != nil { // a panic of a goroutine would end the process
			err = fmt.Errorf("shop: panic: %v\n%s", p, debug.Stack())
		}
	}()
	first := true
	return st.shopper.Run(r.Context(), r.api.s, &st.query, r.who.may, unknownProperty, func(res *shop.Result) {
		if !first {
			st.out = append(st.out, ',')
		}
		first = false
		st.out = appendProperty(st.out, res)
	})
}

func unknownProperty(err error) bool { return errors.Is(err, hub.ErrUnknownProperty) }

var statusNames = [...]string{shop.Answered: "ok", shop.Stale: "stale", shop.Unknown: "unknown_property", shop.Unavailable: "unavailable"}

func appendProperty(b []byte, res *shop.Result) []byte {
	b = canonical.AppendString(append(b, `{"property":`...), res.Property)
	b = append(append(append(b, `,"status":"`...), statusNames[res.Status]...), '"')
	if res.Answer.Revision > 0 {
		b = strconv.AppendInt(append(b, `,"revision":`...), res.Answer.Revision, 10)
	}
	if res.Stage != "" {
		b = append(append(append(b, `,"stage":"`...), res.Stage...), '"')
	}
	if res.Age >= 0 {
		b = strconv.AppendInt(append(b, `,"age_seconds":`...), int64(res.Age/time.Second), 10)
	}
	b = append(b, `,"offers":[`...)
	if res.Status == shop.Answered {
		for i := range res.Answer.Offers {
			if i > 0 {
				b = append(b, ',')
			}
			o := &res.Answer.Offers[i]
			b = appendOffer(b, o, res.Currency(o.Plan))
		}
	}
	return append(b, "]}"...)
}

func appendOffer(b []byte, o *ari.Offer, currency string) []byte {
	b = canonical.AppendString(append(b, `{"room_type":`...), o.Room)
	b = canonical.AppendString(append(b, `,"rate_plan":`...), o.Plan)
	if !o.Sellable {
		b = append(b, `,"sellable":false`...)
		b = appendList(b, "reasons", len(o.Reasons), func(b []byte, i int) []byte { return append(appendReason(b, &o.Reasons[i]), '}') })
		return append(b, '}')
	}
	b = canonical.AppendString(append(b, `,"sellable":true,"currency":`...), currency)
	decimals := ari.CurrencyDecimals(currency)
	b = appendMoney(append(b, `,"total":{`...), o.Total, "", decimals)
	b = strconv.AppendInt(append(b, `},"left":`...), int64(o.Left), 10)
	if len(o.Nights) > 0 {
		b = append(b, `,"nights":[`...)
		for i := range o.Nights {
			n := &o.Nights[i]
			b = append(canonical.AppendDate(append(b, `{"date":"`...), n.Date), '"')
			b = appendMoney(b, n.Money, ",", decimals)
			b = strconv.AppendInt(append(b, `,"left":`...), int64(n.Left), 10)
			if n.Free {
				b = append(b, `,"free":true`...)
			}
			b = append(b, "},"...)
		}
		b[len(b)-1] = ']'
	}
	return append(appendSupplements(b, o.Supplements, decimals), '}')
}

func appendSupplements(b []byte, list []ari.SupplementPrice, decimals int) []byte {
	return appendList(b, "supplements", len(list), func(b []byte, i int) []byte {
		s := &list[i]
		b = canonical.AppendString(append(b, `{"code":`...), s.Code)
		b = canonical.AppendString(append(b, `,"charge":`...), string(s.Charge))
		return append(appendMoney(b, s.Money, ",", decimals), '}')
	})
}

// appendMoney writes the known sides as members, the first after sep, with the currency's decimals and more where there are more.
func appendMoney(b []byte, m ari.Money, sep string, decimals int) []byte {
	if m.Form&ari.SideBefore != 0 {
		b = append(m.Before.AppendMinor(append(append(b, sep...), `"before_tax":"`...), decimals), '"')
		sep = ","
	}
	if m.Form&ari.SideAfter != 0 {
		b = append(m.After.AppendMinor(append(append(b, sep...), `"after_tax":"`...), decimals), '"')
	}
	return b
}

// appendReason writes a reason's members; the caller closes the object.
func appendReason(b []byte, x *ari.Reason) []byte {
	b = append(append(append(b, `{"code":"`...), x.Code...), '"')
	if x.Date != ari.DateMin {
		b = append(canonical.AppendDate(append(b, `,"date":"`...), x.Date), '"')
	}
	if x.Field != 0 {
		b = append(append(append(b, `,"field":"`...), x.Field.String()...), '"')
	}
	return b
}

func (st *shopState) reset() {
	st.query = shop.Query{Properties: st.query.Properties[:0]}
	st.query.Stay.Rooms, st.query.Stay.Adults = 1, 2
}

// parseShop reads the query of a body.
func parseShop(body []byte, st *shopState) error {
	st.wire.Properties = st.query.Properties
	if err := canonical.DecodeShop(body, &st.wire); err != nil {
		return err
	}
	st.query = shop.Query{Properties: st.wire.Properties, Stay: st.wire.Stay, NotOlderThan: time.Duration(st.wire.NotOlderThan) * time.Second}
	return nil
}
