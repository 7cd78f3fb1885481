package alpinebits

import (
	"slices"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// baseRequest is what an OTA_HotelRatePlanRQ asks for.
type baseRequest struct {
	ranged     bool // with dates
	empty      bool // a DateRange without dates: changes since the last request
	from, to   ari.StayDate
	candidates [][2]string // RatePlanCode, RatePlanID
}

func readBaseRequest(m *Message) (q baseRequest, f *Fault) {
	if r := m.list.Kid("DateRange"); r != nil {
		_, start := r.Attr("Start")
		_, end := r.Attr("End")
		if q.empty = !start && !end; !q.empty {
			s, f := span(r)
			if f != nil {
				return q, f
			}
			q.ranged, q.from, q.to = true, s.From, s.To
		}
	}
	m.list.Each("RatePlanCandidates", func(list *element) {
		list.Each("RatePlanCandidate", func(e *element) {
			q.candidates = append(q.candidates, [2]string{e.Get("RatePlanCode"), e.Get("RatePlanID")})
		})
	})
	if len(q.candidates) > listMax {
		return q, &Fault{Code: otaxml.CodeTooBig, Path: m.list.Path(""), Got: itoa(len(q.candidates)), Expected: "at most " + itoa(listMax) + " candidates"}
	}
	return q, nil
}

func (q *baseRequest) wants(ext string, p *ari.RatePlan) bool {
	return len(q.candidates) == 0 || slices.ContainsFunc(q.candidates, func(c [2]string) bool {
		return (c[0] == "" || c[0] == ext) && (c[1] == "" || c[1] == p.Category) && c != [2]string{}
	})
}

// BaseRatesAnswer answers OTA_HotelRatePlan:BaseRates from the picture: of the active plans that the connection has codes for, all by name
// (no dates, no candidates), or the candidates (all, if there are dates) with their rates as they are sold, derived ones included, on the
// dates asked for or on all. Changes since the last request are not supported: a warning, as the standard asks for.
func BaseRatesAnswer(m *Message, codes Codes, at time.Time) []byte {
	h, cat, fault := pulled(m, codes)
	var q baseRequest
	if fault == nil {
		q, fault = readBaseRequest(m)
	}
	if fault != nil {
		return EncodeAnswer(m, Answer{At: at, Refused: fault})
	}
	var warnings []Note
	if q.empty {
		warnings = []Note{{Record: -1, Fault: &Fault{Code: otaxml.CodeUnsupported, Path: m.list.Path("") + "/DateRange",
			Expected: "Start and End, or no DateRange: changes since the last request (OTA_HotelRatePlan_BaseRates_deltas) are not announced"}}}
		if m.Version < V2022 { // whose schema has no warnings here
			return EncodeAnswer(m, Answer{At: at, Errors: warnings})
		}
	}
	w := startAnswer(m, at)
	w.Empty("Success")
	writeWarnings(w, m, warnings)
	w.Open("RatePlans", hotelAttrs(m)...)
	written := 0
	for _, code := range cat.PlanCodes {
		p, ext := cat.Plans[code], h.External(ari.KindRatePlan, code)
		if q.empty || ext == "" || p.Inactive || !q.wants(ext, p) {
			continue
		}
		written++
		writePlan(w, h, cat, p, ext, q)
	}
	if written == 0 {
		w.Empty("RatePlan") // the schema wants one
	}
	w.Close("RatePlans")
	return endAnswer(w, m)
}

func writePlan(w *otaxml.Writer, h Hotel, cat *ari.Catalog, p *ari.RatePlan, ext string, q baseRequest) {
	currency := p.Currency
	if currency == "" {
		currency = cat.Property.Currency
	}
	attrs := []string{"CurrencyCode", currency, "RatePlanCode", ext}
	if p.Category != "" {
		attrs = append(attrs, "RatePlanID", p.Category, "RatePlanQualifier", map[bool]string{true: "false", false: "true"}[p.Parent != ""])
	}
	w.Open("RatePlan", attrs...)
	if q.ranged || len(q.candidates) > 0 {
		w.Open("Rates")
		writeStatic(w, p)
		h.Picture(func(pic *ari.Picture) {
			from, to := pic.Day(), pic.Day()+1095
			if q.ranged {
				from, to = max(q.from, from-2), min(q.to, to)
			}
			for _, room := range cat.RoomCodes {
				if code := h.External(ari.KindRoomType, room); code != "" && !cat.RoomTypes[room].Inactive {
					writeRates(w, pic, room, code, p.Code, from, to)
				}
			}
		})
		w.Close("Rates")
	}
	name := p.Name
	if name == "" {
		name = ext
	}
	w.Open("Description", "Name", "title")
	w.Element("Text", name, "TextFormat", "PlainText", "Language", "en")
	w.Close("Description")
	w.Close("RatePlan")
}

func writeStatic(w *otaxml.Writer, p *ari.RatePlan) {
	kind := "25"
	if p.PerPerson {
		kind = "7"
	}
	w.Open("Rate", "RateTimeUnit", "Day", "UnitMultiplier", itoa(max(p.Period, 1)))
	w.Open("BaseByGuestAmts")
	w.Empty("BaseByGuestAmt", "Type", kind)
	w.Close("BaseByGuestAmts")
	w.Close("Rate")
}

// writeRates writes the amounts of a product as Rates: consecutive dates with the same amounts are one.
func writeRates(w *otaxml.Writer, pic *ari.Picture, room, ext, plan string, from, to ari.StayDate) {
	var first, last ari.StayDate
	var run []ari.FieldValue
	flush := func() {
		if len(run) > 0 {
			writeRate(w, ext, first, last, run)
		}
	}
	pic.Grid(room, plan, "", from, to, func(c *ari.GridCell) {
		if len(run) > 0 && last+1 == c.Date && slices.Equal(run, c.Rates) {
			last = c.Date
			return
		}
		flush()
		run, first, last = append(run[:0:0], c.Rates...), c.Date, c.Date
	})
	flush()
}

// writeRate writes one Rate: amounts after tax, without tiers; what AlpineBits has no word for is left out.
func writeRate(w *otaxml.Writer, ext string, from, to ari.StayDate, rates []ari.FieldValue) {
	var base, more [][]string
	for _, r := range rates {
		k, a := r.Field.RateKey(), ari.Amount(r.Value.B)
		if r.Value.Form&ari.SideAfter == 0 || k.LOS != 0 {
			continue
		}
		switch {
		case k.Class == ari.Adults && a > 0:
			base = append(base, []string{"NumberOfGuests", itoa(int(k.N)), "AgeQualifyingCode", "10", "AmountAfterTax", a.String()})
		case k.Class == ari.ExtraAdult:
			more = append(more, []string{"AgeQualifyingCode", "10", "Amount", a.String()})
		case k.Class == ari.ChildBand:
			attrs := []string{"AgeQualifyingCode", "8"}
			if k.Min > 0 {
				attrs = append(attrs, "MinAge", itoa(int(k.Min)))
			}
			if k.Max < ageOpen || k.Min == 0 {
				attrs = append(attrs, "MaxAge", itoa(int(k.Max)))
			}
			more = append(more, append(attrs, "Amount", a.String()))
		}
	}
	if len(base)+len(more) == 0 {
		return
	}
	w.Open("Rate", "InvTypeCode", ext, "Start", from.String(), "End", to.String())
	writeAll(w, "BaseByGuestAmts", "BaseByGuestAmt", base)
	writeAll(w, "AdditionalGuestAmounts", "AdditionalGuestAmount", more)
	w.Close("Rate")
}

func writeAll(w *otaxml.Writer, list, item string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	w.Open(list)
	for _, attrs := range rows {
		w.Empty(item, attrs...)
	}
	w.Close(list)
}
