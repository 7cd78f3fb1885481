package otaxml

import (
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Kinds of messages that ask: they are answered from the picture, and change nothing.
const (
	KindAvailGet       = "OTA_HotelAvailGetRQ"
	KindRatePlanGet    = "OTA_HotelRatePlanRQ"
	KindInvCountGet    = "OTA_HotelInvCountRQ"
	KindInvBlockGet    = "OTA_HotelInvBlockRQ"
	KindBookingRuleGet = "OTA_HotelBookingRuleRQ"
)

// Query is one request of a message that asks: what it selects, in the partner's codes. Lists that are empty select all.
type Query struct {
	Path     string
	Dated    bool
	From, To ari.StayDate // both nights included; DateMax: no end
	Rooms    []string
	Plans    []string
	Blocks   []string
	Channels []string
	Products [][2]string // room type and rate plan told together

	// What of AvailGet is asked: restriction status, lengths of stay, booking limits. None: all of them.
	Statuses, Lengths, Limits bool

	// NotKept are XPaths of what is asked and not kept here as a value: best available rates, hurdle rates, deltas.
	NotKept []string
}

// Limits of what one message asks.
const (
	queriesMax = 100   // requests
	askedMax   = 5_000 // codes of one request: more than any hotel has
)

// askLists says, per kind, where its requests are. Some partners write the lists of the notifications instead.
var askLists = map[string][]struct{ list, item string }{
	KindAvailGet:       {{"HotelAvailRequests", "HotelAvailRequest"}},
	KindRatePlanGet:    {{"RatePlans", "RatePlan"}, {"RateAmountMessages", "RateAmountMessage"}},
	KindInvCountGet:    {{"HotelInvCountRequests", "HotelInvCountRequest"}},
	KindInvBlockGet:    {{"HotelInvBlockRequests", "HotelInvBlockRequest"}},
	KindBookingRuleGet: {{"", "RuleMessage"}},
}

// Asks tells whether the message asks: Decode is not for it, Pull is.
func (m *Message) Asks() bool { return askLists[m.Kind] != nil }

// readQueries collects the requests of a message that asks, and its hotel.
func (m *Message) readQueries() error {
	r := &askReader{m: m}
	for _, l := range askLists[m.Kind] {
		lists := []*node{m.root}
		if l.list != "" {
			lists = lists[:0]
			m.root.all(l.list, func(n *node) { lists = append(lists, n) })
		}
		for _, list := range lists {
			r.hotel(list)
			list.all(l.item, r.query)
		}
	}
	if r.fault == nil && len(m.Queries) == 0 {
		l := askLists[m.Kind][0]
		return &Fault{Code: CodeMissing, Path: path(m.root, "") + strings.TrimSuffix("/"+l.list, "/") + "/" + l.item, Expected: "at least one request"}
	}
	if r.fault != nil {
		return r.fault
	}
	return nil
}

// askReader reads requests; it stops at the first fault, since a request half understood could be answered with too much.
type askReader struct {
	m     *Message
	fault *Fault
	codes int
}

func (r *askReader) bad(code string, n *node, attr, got, expected string) {
	if r.fault == nil {
		r.fault = &Fault{Code: code, Path: path(n, attr), Got: clip(got, 80), Expected: expected}
	}
}

// hotel reads HotelCode of an element: one hotel a message.
func (r *askReader) hotel(n *node) {
	code, ok := n.attr("HotelCode")
	switch {
	case !ok || code == r.m.HotelCode && r.m.container != nil:
	case r.m.HotelCode != "":
		r.bad(CodeContradiction, n, "HotelCode", code, "one hotel per message, "+clip(r.m.HotelCode, 40))
	default:
		r.m.HotelCode, r.m.container = code, n
		r.m.ChainCode, r.m.BrandCode = n.get("ChainCode"), n.get("BrandCode")
	}
}

// query reads one request.
func (r *askReader) query(n *node) {
	q := Query{Path: path(n, ""), To: ari.DateMax}
	r.hotel(n)
	q.Limits, _ = parseBool(n.get("SendBookingLimit"))
	for _, k := range n.kids {
		r.part(&q, k)
	}
	if r.codes > askedMax || len(r.m.Queries) >= queriesMax {
		r.bad(CodeTooBig, n, "", "", "at most 100 requests a message, and 5000 codes")
		return
	}
	r.m.Queries = append(r.m.Queries, q)
}

// part reads one child of a request.
func (r *askReader) part(q *Query, k *node) {
	switch k.name {
	case "HotelRef":
		r.hotel(k)
	case "DateRange", "StatusApplication":
		r.dates(q, k)
		r.product(q, k)
	case "RatePlanCandidates", "RatePlans":
		for _, c := range k.kids {
			r.product(q, c)
			c.all("HotelRefs", func(refs *node) { refs.all("HotelRef", r.hotel) })
		}
	case "RoomTypeCandidates":
		k.all("RoomTypeCandidate", func(c *node) { r.product(q, c) })
	case "InvBlock":
		r.add(k, "InvBlockCode", &q.Blocks)
	case "DestinationSystemsCode", "DestinationSystemCodes":
		k.all("DestinationSystemCode", func(c *node) {
			if r.code(c, "", c.text) {
				q.Channels = append(q.Channels, c.text)
			}
		})
	case "RestrictionStatusCandidates":
		all, told := parseBool(k.get("SendAllRestrictions"))
		q.Statuses = q.Statuses || len(k.kids) > 0 || told && all
	case "LengthsOfStayCandidates":
		all, told := parseBool(k.get("SendAllLengthsOfStay"))
		q.Lengths = q.Lengths || len(k.kids) > 0 || told && all
	case "BestAvailableRateCandidate", "HurdleRateCandidate", "DeltaCandidate", "Offers", "RebatePrograms":
		q.NotKept = append(q.NotKept, path(k, ""))
	}
}

// product reads the codes of a candidate: a room type, a rate plan, or both together; a block.
func (r *askReader) product(q *Query, n *node) {
	room, plan := "", ""
	for _, a := range []string{"RoomTypeCode", "InvTypeCode", "InvCode"} {
		if v, ok := n.attr(a); ok && room == "" && r.code(n, a, v) {
			room = v
		}
	}
	if v, ok := n.attr("RatePlanCode"); ok && r.code(n, "RatePlanCode", v) {
		plan = v
	}
	switch {
	case room != "" && plan != "":
		q.Products = append(q.Products, [2]string{room, plan})
	case room != "":
		q.Rooms = append(q.Rooms, room)
	case plan != "":
		q.Plans = append(q.Plans, plan)
	}
	r.add(n, "InvBlockCode", &q.Blocks)
}

func (r *askReader) add(n *node, attr string, to *[]string) {
	if v, ok := n.attr(attr); ok && r.code(n, attr, v) {
		*to = append(*to, v)
	}
}

func (r *askReader) code(n *node, attr, v string) bool {
	if ari.CheckCode(v) != nil {
		r.bad(CodeValue, n, attr, v, "a code of 1 to 64 bytes")
		return false
	}
	r.codes++
	return true
}

// dates reads Start, End or Duration of a request: nights, both ends included.
func (r *askReader) dates(q *Query, n *node) {
	start, hasStart := n.attr("Start")
	end, hasEnd := n.attr("End")
	length, hasLength := n.attr("Duration")
	if !hasStart && !hasEnd && !hasLength {
		return
	}
	day := func(attr, s string, last bool) ari.StayDate {
		d, err := parseDay(s, last)
		if err != nil {
			r.bad(CodeDate, n, attr, s, "a date YYYY-MM-DD from 1970-01-01 on")
		}
		return d
	}
	if !hasStart {
		r.bad(CodeMissing, n, "Start", "", "the first night")
		return
	}
	q.Dated, q.From = true, day("Start", start, false)
	q.To = q.From
	if hasLength {
		d, ok := parseDuration(length, false)
		nights := d.days + d.minutes/(24*60)
		if !ok || nights < 1 || nights > 366*100 {
			r.bad(CodeValue, n, "Duration", length, "a number of nights such as P3N or P3D")
		}
		q.To = q.From + ari.StayDate(nights) - 1
	}
	if hasEnd {
		q.To = day("End", end, true)
	}
	if q.To < q.From {
		r.bad(CodeRangeOrder, n, "End", end, "a date not before Start")
	}
}

// asked tells whether a product is among what the query selects.
func (q *Query) asked(room, plan string) bool {
	if len(q.Products) > 0 && slices.Contains(q.Products, [2]string{room, plan}) {
		return true
	}
	if len(q.Rooms) == 0 && len(q.Plans) == 0 {
		return len(q.Products) == 0
	}
	return (len(q.Rooms) == 0 || slices.Contains(q.Rooms, room)) && (len(q.Plans) == 0 || slices.Contains(q.Plans, plan))
}
