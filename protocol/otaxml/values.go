package otaxml

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// parseBool reads true, false, 1 and 0 in any case: .NET senders write "True".
func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// intMax bounds every number of a message: more rooms, nights or guests than that is nonsense.
const intMax = 999_999

// parseInt reads a whole number, with a sign if signed; "5.0" is 5, as some senders write it. It answers false for anything else, also
// beyond intMax.
func parseInt(s string, signed bool) (int64, bool) {
	neg := false
	if t, ok := strings.CutPrefix(s, "-"); ok {
		if !signed {
			return 0, false
		}
		s, neg = t, true
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	whole, frac, dot := strings.Cut(s, ".")
	if dot && (frac == "" || strings.Trim(frac, "0") != "") {
		return 0, false
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" && s != "" && s[0] == '0' {
		whole = "0"
	}
	if whole == "" || len(whole) > 6 || strings.Trim(whole, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.ParseInt(whole, 10, 64)
	if neg {
		n = -n
	}
	return n, true
}

// parseDay reads an xs:date, or an xs:dateTime whose time is midnight (for an end also 23:59). A zone is ignored: stay dates are the
// hotel's and are never converted (S26). Another time of day is refused, since it is mostly a local midnight that a sender's library
// turned into UTC, the day before.
func parseDay(s string, end bool) (ari.StayDate, error) {
	day, clock := s, ""
	if len(s) > 10 {
		day, clock = s[:10], s[10:]
	}
	d, err := ari.ParseDate(day)
	if err != nil {
		return 0, err
	}
	t, timed := strings.CutPrefix(clock, "T")
	zone := strings.IndexAny(t, "Z+-")
	if zone < 0 {
		zone = len(t)
	}
	t, z := t[:zone], t[zone:]
	okTime := !timed || isTime(t, "00:00") || end && isTime(t, "23:59")
	if timed && t == "" || !timed && t != "" || !okTime || !isZone(z) {
		return 0, fmt.Errorf("%q: want a date, or midnight of it", clip(s, 40))
	}
	return d, nil
}

// isTime tells whether t is hh:mm with any seconds, all of them 00 for midnight.
func isTime(t, hhmm string) bool {
	rest, ok := strings.CutPrefix(t, hhmm)
	if !ok || rest == "" {
		return ok
	}
	sec, ok := strings.CutPrefix(rest, ":")
	digits := strings.Replace(sec, ".", "", 1)
	if !ok || len(sec) < 2 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	return hhmm != "00:00" || strings.Trim(digits, "0") == ""
}

func isZone(z string) bool {
	if z == "" || z == "Z" {
		return true
	}
	d := strings.Replace(z[1:], ":", "", 1)
	return (len(d) == 4 || len(d) == 2) && strings.Trim(d, "0123456789") == "" && (z[0] == '+' || z[0] == '-')
}

// duration is an xs:duration of days and a time, or OTA's number of nights (P3N). Months and years have no fixed length: refused.
type duration struct {
	days    int64
	minutes int64
	timed   bool // a time part was told
}

// parseDuration reads P3D, P3N, P1W, P1DT12H, PT36H, and, if bare is true, 3D and 3 as days.
func parseDuration(s string, bare bool) (duration, bool) {
	up := strings.ToUpper(s)
	rest, ok := strings.CutPrefix(up, "P")
	if !ok {
		n, okInt := parseInt(strings.TrimSuffix(up, "D"), false)
		return duration{days: n}, bare && okInt
	}
	var d duration
	date, clock, timed := strings.Cut(rest, "T")
	if date == "" && clock == "" || timed && clock == "" {
		return d, false
	}
	if !fields(date, "WDN", func(unit byte, n int64) {
		if unit == 'W' {
			n *= 7
		}
		d.days += n
	}) {
		return d, false
	}
	d.timed = timed
	return d, fields(clock, "HMS", func(unit byte, n int64) {
		switch unit {
		case 'H':
			d.minutes += n * 60
		case 'M':
			d.minutes += n
		case 'S':
			d.minutes += (n + 59) / 60
		}
	})
}

// fields calls f for each number and unit of a duration's part; units come in the given order, each at most once.
func fields(s, units string, f func(unit byte, n int64)) bool {
	for s != "" {
		i := strings.IndexAny(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if i < 1 {
			return false
		}
		at := strings.IndexByte(units, s[i])
		n, ok := parseInt(s[:i], false)
		if at < 0 || !ok {
			return false
		}
		f(s[i], n)
		s, units = s[i+1:], units[at+1:]
	}
	return true
}

// parsePattern reads a full LOS pattern: Y, 1 or true open, N or 0 closed, one character per LOS.
func parsePattern(s string) (bits uint64, n int, ok bool) {
	if s == "" || len(s) > patternMax {
		return 0, 0, false
	}
	for i := range len(s) {
		switch s[i] {
		case 'Y', 'y', '1':
			bits |= 1 << i
		case 'N', 'n', '0':
		default:
			return 0, 0, false
		}
	}
	return bits, len(s), true
}

// patternMax is the longest LOS pattern that can be held (S8).
const patternMax = 63
