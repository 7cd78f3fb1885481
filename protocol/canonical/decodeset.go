package canonical

import (
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// restrictions are the kinds a set can name, by the names of ari.Field.
var restrictions = func() (out []struct {
	name  string
	field ari.Field
}) {
	for what := ari.NotAtAll; what <= ari.MaxPrice; what++ {
		for when := ari.Night; when <= ari.Departure; when++ {
			f := ari.Restriction(when, what)
			out = append(out, struct {
				name  string
				field ari.Field
			}{f.String(), f})
		}
	}
	return out
}()

// restrictionAt finds a restriction by name.
var restrictionAt = func() map[string]int {
	m := map[string]int{}
	for i, r := range restrictions {
		m[r.name] = i
	}
	return m
}()

var groupNames = []string{"rates", "inventory", "limits", "block_grid", "unknown"}

var setNames = func() []string {
	out := append([]string(nil), groupNames...)
	for _, r := range restrictions {
		out = append(out, r.name)
	}
	return out
}()

const groupBit = 32 // bits of a set: restrictions from 0, groups from here

// set reads what an item sets.
func (d *decoder) set(p *place) {
	var seen uint64
	before := d.count()
	d.object("an object of fields", func(name []byte) {
		if at, ok := restrictionAt[string(name)]; ok {
			r := &restrictions[at]
			if d.twice(&seen, at, r.name) {
				return
			}
			d.push(r.name)
			if v, ok := d.restriction(r.field); ok {
				d.tell(r.field, v)
			}
			d.pop()
			return
		}
		at := indexOf(groupNames, name)
		if at < 0 {
			d.unknown(name, setNames)
			return
		}
		if d.twice(&seen, groupBit+at, groupNames[at]) {
			return
		}
		d.push(groupNames[at])
		switch at {
		case 0:
			d.rateList()
		case 1:
			d.inventory(ari.Set)
		case 2:
			d.limits()
		case 3:
			d.blockGrid()
		case 4:
			d.unknownKinds()
		}
		d.pop()
	})
	if seen == 0 && d.count() == before {
		d.fault(CodeEmpty, "at least one field", "{}", "leave set out")
	}
}

// restriction reads a restriction's value.
func (d *decoder) restriction(f ari.Field) (ari.Value, bool) {
	if d.peek() == 'n' {
		d.wrong("a value", "to unset it, name it in clear")
		return ari.Value{}, false
	}
	switch f.What() {
	case ari.NotAtAll:
		shut, ok := d.flag()
		if shut {
			return ari.Num(ari.Shut), ok
		}
		return ari.Num(ari.Open), ok
	case ari.MinLOS, ari.MaxLOS:
		n, ok := d.integer(1, 999)
		return ari.Num(n), ok
	case ari.LOSPattern:
		return d.pattern()
	case ari.MinLead, ari.MaxLead:
		return d.lead()
	}
	return d.price()
}

func (d *decoder) pattern() (v ari.Value, good bool) {
	var seen uint64
	var bits uint64
	var n int
	tail := false
	ok := d.object(`an object, {"pattern": "YYNY", "tail": "open"}`, func(name []byte) {
		switch string(name) {
		case "pattern":
			if !d.twice(&seen, 0, "pattern") {
				d.push("pattern")
				bits, n = d.patternBits()
				d.pop()
			}
		case "tail":
			if !d.twice(&seen, 1, "tail") {
				d.push("tail")
				if t, ok := d.str("open or closed", ""); ok && t != "open" && t != "closed" {
					d.fault(CodeFormat, "open or closed", Clip([]byte(t)), "")
				} else {
					tail = t == "open"
				}
				d.pop()
			}
		default:
			d.unknown(name, []string{"pattern", "tail"})
		}
	})
	if !ok {
		return v, false
	}
	if seen&1 == 0 {
		d.faultAt("pattern", CodeMissing, "a letter for each length of stay, Y or N", "", "")
	}
	return ari.Pattern(bits, n, tail), n > 0
}

func (d *decoder) patternBits() (bits uint64, n int) {
	const want = "1 to 63 letters Y or N"
	t, ok := d.str(want, "")
	if !ok {
		return 0, 0
	}
	if t == "" || len(t) > 63 || strings.Trim(t, "YN") != "" {
		d.fault(CodeFormat, want, Clip([]byte(t)), "")
		return 0, 0
	}
	for i := range len(t) {
		if t[i] == 'Y' {
			bits |= 1 << i
		}
	}
	return bits, len(t)
}

var leadNames = []string{"days", "until", "hours", "minutes"}

func (d *decoder) lead() (v ari.Value, good bool) {
	var seen uint64
	var days, minutes int64
	until := ari.NoTime
	faults := d.count()
	ok := d.object(`an object, {"days": 2, "until": "18:00"} or {"hours": 36}`, func(name []byte) {
		at := indexOf(leadNames, name)
		if at < 0 {
			d.unknown(name, leadNames)
			return
		}
		if d.twice(&seen, at, leadNames[at]) {
			return
		}
		d.push(leadNames[at])
		switch at {
		case 0:
			days, _ = d.integer(0, ari.HorizonFuture)
		case 1:
			until = d.timeOfDay()
		case 2:
			minutes, _ = d.integer(0, ari.HorizonFuture*24)
			minutes *= 60
		case 3:
			minutes, _ = d.integer(0, ari.HorizonFuture*24*60)
		}
		d.pop()
	})
	if !ok {
		return v, false
	}
	if kinds := seen & 0b1101; kinds == 0 || kinds&(kinds-1) != 0 || seen&2 != 0 && seen&1 == 0 {
		d.fault(CodeFormat, "days (and perhaps until), or hours, or minutes", "", `for instance {"days": 2}`)
	}
	if faults != d.count() {
		return v, false
	}
	if seen&1 != 0 {
		return ari.LeadDays(days, until), true
	}
	return ari.LeadMinutes(minutes), true
}

func (d *decoder) timeOfDay() int64 {
	t, ok := d.str("a time of day, hh:mm", "")
	if !ok {
		return ari.NoTime
	}
	v, err := ari.ParseTimeOfDay(t)
	if err != nil {
		d.fault(CodeFormat, "a time of day, hh:mm", Clip([]byte(t)), "")
		return ari.NoTime
	}
	return int64(v)
}

// price reads an amount on exactly one tax side.
func (d *decoder) price() (v ari.Value, good bool) {
	var seen uint64
	faults := d.count()
	ok := d.object(`an object, {"after_tax": "80.00"}`, func(name []byte) {
		side := 1
		switch string(name) {
		case "before_tax":
			side = 0
		case "after_tax":
		default:
			d.unknown(name, sideNames)
			return
		}
		if d.twice(&seen, side, sideNames[side]) {
			return
		}
		d.push(sideNames[side])
		a, _ := d.amount()
		v = ari.Price(uint8(side+1), a)
		d.pop()
	})
	if ok && (seen == 0 || seen == 3) {
		d.fault(CodeFormat, "one of before_tax and after_tax", "", "")
	}
	return v, ok && faults == d.count()
}

var sideNames = []string{"before_tax", "after_tax"}

// rateList reads amounts.
func (d *decoder) rateList() {
	first := len(d.m.Update.Statements)
	n, before := 0, d.count()
	d.array("an array of rates", func(i int) {
		n++
		if i >= ratesMax {
			if i == ratesMax {
				d.fault(CodeTooMany, "at most "+strconv.Itoa(ratesMax)+" rates", "", "")
			}
			d.skip()
			return
		}
		f, v, ok := d.rate()
		if !ok {
			return
		}
		for _, s := range d.m.Update.Statements[first:] {
			if s.Field == f {
				d.fault(CodeTwice, "each rate once", f.String(), "leave one out")
				return
			}
		}
		d.tell(f, v)
	})
	if n == 0 && d.count() == before {
		d.fault(CodeEmpty, "at least one rate", "[]", "to unset rates, name them in clear")
	}
}

var rateNames = []string{"adults", "extra_adult", "child", "child_nth", "child_count", "los", "before_tax", "after_tax"}

const guestBits = 0b11111 // of rateNames: whose amount it is

func (d *decoder) rate() (f ari.Field, v ari.Value, good bool) {
	var seen uint64
	var k ari.RateKey
	faults := d.count()
	ok := d.object("a rate: an object", func(name []byte) {
		at := indexOf(rateNames, name)
		if at < 0 {
			d.unknown(name, rateNames)
			return
		}
		if d.twice(&seen, at, rateNames[at]) {
			return
		}
		d.push(rateNames[at])
		d.rateMember(at, &k, &v)
		d.pop()
	})
	if !ok {
		return 0, v, false
	}
	if g := seen & guestBits; g == 0 || g&(g-1) != 0 {
		d.fault(CodeFormat, "exactly one of adults, extra_adult, child, child_nth and child_count", "", "say whose amount it is")
	}
	if v.Form == 0 && seen>>6 == 0 {
		d.fault(CodeMissing, "before_tax, after_tax or both", "", "say the amount")
	}
	return k.Field(), v, faults == d.count()
}

func (d *decoder) rateMember(at int, k *ari.RateKey, v *ari.Value) {
	number := func(class ari.GuestClass, most int64) {
		n, _ := d.integer(1, most)
		k.Class, k.N = class, uint8(n)
	}
	switch at {
	case 0:
		number(ari.Adults, 31)
	case 1:
		if yes, ok := d.flag(); ok && !yes {
			d.fault(CodeRange, "true", "false", "leave it out")
		}
		k.Class = ari.ExtraAdult
	case 2:
		k.Class = ari.ChildBand
		k.Min, k.Max = d.childBand()
	case 3:
		number(ari.ChildNth, 31)
	case 4:
		number(ari.ChildCount, 31)
	case 5:
		n, _ := d.integer(1, 255)
		k.LOS = uint8(n)
	case 6:
		a, _ := d.amount()
		v.A, v.Form = int64(a), v.Form|ari.SideBefore
	case 7:
		a, _ := d.amount()
		v.B, v.Form = int64(a), v.Form|ari.SideAfter
	}
}

func (d *decoder) childBand() (lo, hi uint8) {
	var seen uint64
	names := []string{"from_age", "below_age"}
	ok := d.object(`an object, {"from_age": 3, "below_age": 12}`, func(name []byte) {
		at := indexOf(names, name)
		if at < 0 {
			d.unknown(name, names)
			return
		}
		if d.twice(&seen, at, names[at]) {
			return
		}
		d.push(names[at])
		n, _ := d.integer(int64(at), int64(30+at))
		if at == 0 {
			lo = uint8(n)
		} else {
			hi = uint8(n)
		}
		d.pop()
	})
	if !ok {
		return 0, 0
	}
	if seen != 3 {
		d.fault(CodeMissing, "from_age and below_age", "", "")
	} else if lo >= hi && hi > 0 {
		d.faultAt("below_age", CodeRange, "more than from_age", strconv.Itoa(int(hi)), "ages are from..below, the last not included")
	}
	return lo, hi
}

// numbers reads an object of whole numbers whose names have fields.
func (d *decoder) numbers(what string, names []string, f func(at int)) {
	var seen uint64
	before := d.count()
	d.object("an object of "+what, func(name []byte) {
		at := indexOf(names, name)
		if at < 0 {
			d.unknown(name, names)
			return
		}
		if d.twice(&seen, at, names[at]) {
			return
		}
		d.push(names[at])
		f(at)
		d.pop()
	})
	if seen == 0 && d.count() == before {
		d.fault(CodeEmpty, "at least one of "+strings.Join(names, ", "), "{}", "")
	}
}

// countMax bounds counts and limits either way; ari holds sums to the same.
const countMax = 1_000_000

// afterDot answers the names of fields from the first on, without their family.
func afterDot(f func(i int) ari.Field, n int) []string {
	out := make([]string, n)
	for i := range out {
		_, out[i], _ = strings.Cut(f(i).String(), ".")
	}
	return out
}

func countAt(i int) ari.Field { return ari.Count(ari.Net + ari.Component(i)) }
func limitAt(i int) ari.Field { return ari.Limit(ari.Remaining + ari.LimitKind(i)) }
func blockAt(i int) ari.Field { return ari.BlockField(ari.BlockOriginal + ari.BlockNumber(i)) }

var (
	countNames = afterDot(countAt, int(ari.ComponentEnd-ari.Net))
	limitNames = afterDot(limitAt, 4)
	blockNames = afterDot(blockAt, 5)
)

func (d *decoder) inventory(verb ari.Verb) {
	d.numbers("counts", countNames, func(at int) {
		if n, ok := d.integer(-countMax, countMax); ok {
			d.tell(countAt(at), ari.Num(n))
			d.m.Update.Statements[len(d.m.Update.Statements)-1].Verb = verb
		}
	})
}

func (d *decoder) limits() {
	d.numbers("limits", limitNames, func(at int) {
		lo := int64(0)
		if limitAt(at).LimitKind() == ari.Offset {
			lo = -countMax
		}
		if n, ok := d.integer(lo, countMax); ok {
			d.tell(limitAt(at), ari.Num(n))
		}
	})
}

func (d *decoder) blockGrid() {
	d.numbers("block numbers", blockNames, func(at int) {
		if blockAt(at).BlockNumber() == ari.BlockCutoff {
			if day, ok := d.date(); ok {
				d.tell(blockAt(at), ari.Num(int64(day)))
			}
			return
		}
		if n, ok := d.integer(0, countMax); ok {
			d.tell(blockAt(at), ari.Num(n))
		}
	})
}

// unknownKinds reads what cannot be evaluated: name=value, the value as compact JSON (S1).
func (d *decoder) unknownKinds() {
	first, before := len(d.m.Update.Statements), d.count()
	d.object("an object of kinds by name", func(name []byte) {
		n := string(name)
		if ari.CheckCode(n) != nil || strings.IndexByte(n, '=') >= 0 {
			d.faultAt(n, CodeFormat, "a name of 1 to 64 bytes without =", Clip(name), "")
			d.skip()
			return
		}
		raw := d.skip()
		if d.dead {
			return
		}
		text := n + "=" + compact(raw)
		if len(text) > ari.TextMax {
			d.faultAt(n, CodeRange, "at most "+strconv.Itoa(ari.TextMax)+" bytes with its name", Clip(raw), "")
			return
		}
		for _, s := range d.m.Update.Statements[first:] {
			if strings.HasPrefix(s.Text, n+"=") {
				d.faultAt(n, CodeTwice, "each name once", n, "leave one out")
				return
			}
		}
		d.tell(ari.UnknownField, ari.Value{})
		d.m.Update.Statements[len(d.m.Update.Statements)-1].Text = text
	})
	if len(d.m.Update.Statements) == first && d.count() == before {
		d.fault(CodeEmpty, "at least one kind", "{}", "")
	}
}
