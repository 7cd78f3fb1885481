package otaxml

import (
	"slices"
	"strconv"

	"github.com/ratewire/ratewire/ari"
)

// EmitInvCounts tells counts, rooms off sale, limits remaining and the numbers of blocks as OTA_HotelInvCountNotifRQ, each by the code that the
// profile reads it from. The law is that of EmitAvail.
func EmitInvCounts(p *Profile, h Head, runs []Run) Emitted {
	e, runs := startEmit(p, &h, runs)
	return Emitted{e.pack(frameOf{kind: KindInvCountNotif, container: "Inventories"}, e.inventories(runs)), e.left}
}

// inventories writes Inventory elements.
func (e *emitter) inventories(runs []Run) (items [][]byte) {
	for _, g := range groups(runs) {
		control, why := e.control(g.scope, g.span)
		var counts, off writer
		for _, r := range g.runs {
			bad := why
			if bad == "" {
				bad = e.count(&counts, &off, r)
			}
			if bad != "" {
				e.drop(r, bad)
			}
		}
		if len(counts.b)+len(off.b) == 0 {
			continue
		}
		var w writer
		w.open("Inventory")
		w.b = append(w.b, control...)
		if len(counts.b) > 0 {
			w.open("InvCounts")
			w.b = append(w.b, counts.b...)
			w.close("InvCounts")
		}
		w.b = append(w.b, off.b...)
		w.close("Inventory")
		items = append(items, w.b)
	}
	return items
}

// count writes one InvCount, or an OffSell; it answers why it cannot.
func (e *emitter) count(counts, off *writer, r Run) (why string) {
	if r.Verb != ari.Set {
		return "a clear of a count: OTA has no word for unset"
	}
	if v := r.Value.A; v < -intMax || v > intMax {
		return "a number beyond 999,999"
	}
	if r.Field == ari.Limit(ari.Offset) {
		off.empty("OffSell", "OffSellValueType", "Total", "OffSellValue", strconv.FormatInt(-r.Value.A, 10))
		return ""
	}
	code, why := e.countCode(r)
	if why != "" {
		return why
	}
	counts.empty("InvCount", "CountType", code, "Count", strconv.FormatInt(r.Value.A, 10))
	return ""
}

// countCode answers the INV code that the profile reads as the run's field at its scope.
func (e *emitter) countCode(r Run) (code, why string) {
	s, meanings, meaning := r.Scope, e.p.CountTypes, ""
	switch f := r.Field; {
	case s.Block != "":
		meanings = e.p.BlockCountTypes
		for word, field := range blockNumbers {
			if field == f {
				meaning = word
			}
		}
	case f.Family() == ari.FamilyCount && s.Rates == ari.AllRates && s.Channel == "":
		for word, c := range components {
			if ari.Count(c) == f {
				meaning = word
			}
		}
	case f == ari.Limit(ari.Remaining) && (s.Rates != ari.AllRates || s.Channel != "") && e.p.limitIsRemaining(s):
		meaning = "net"
	}
	if meaning == "" {
		return "", r.Field.String() + " has no words in OTA_HotelInvCountNotifRQ at this scope"
	}
	if code := codeOf(meanings, meaning); code != "" {
		return code, ""
	}
	return "", "no code means " + meaning + " (profile: count_types, block_count_types)"
}

// codeOf answers the code that means a word; of several the first in order of numbers; "" if none does.
func codeOf(meanings map[string]string, meaning string) string {
	var codes []string
	for code, m := range meanings {
		if m == meaning && isCodeNumber(code) {
			codes = append(codes, code)
		}
	}
	slices.SortFunc(codes, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		if a < b {
			return -1
		}
		return 1
	})
	return append(codes, "")[0]
}

// isCodeNumber tells whether a code is one of an OTA list: up to three digits.
func isCodeNumber(s string) bool {
	n, ok := parseInt(s, false)
	return ok && n < 1000 && strconv.FormatInt(n, 10) == s
}
