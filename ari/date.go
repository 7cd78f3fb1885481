package ari

import (
	"fmt"
	"time"
)

// StayDate is a property-local calendar date of a night: days since 1970-01-01, proleptic Gregorian. It is never a timestamp and
// is never converted between time zones (S26).
type StayDate int32

// Bounds of spans. They are sentinels, never stay dates of a cell.
const (
	DateMin StayDate = -1 << 30 // an undated statement starts here
	DateMax StayDate = 1 << 30  // an undated or open-ended statement ends here
)

// Horizon of the picture around the property-local calendar date, in days (S26).
const (
	HorizonPast   = 2
	HorizonFuture = 1095
)

// DateOf answers the stay date of a calendar day; out-of-range days normalise as in time.Date.
func DateOf(year int, month time.Month, day int) StayDate {
	return StayDate(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// LocalDate answers the calendar date of an instant in a zone.
func LocalDate(t time.Time, zone *time.Location) StayDate {
	y, m, d := t.In(zone).Date()
	return DateOf(y, m, d)
}

// ParseDate reads YYYY-MM-DD, years 1970 to 9999.
func ParseDate(s string) (StayDate, error) {
	bad := func() (StayDate, error) { return 0, fmt.Errorf("%q is no date: want YYYY-MM-DD", clip(s)) }
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return bad()
	}
	n := func(i, j int) int {
		v := 0
		for ; i < j; i++ {
			if s[i] < '0' || s[i] > '9' {
				return -1
			}
			v = v*10 + int(s[i]-'0')
		}
		return v
	}
	y, m, d := n(0, 4), n(5, 7), n(8, 10)
	if y < 1970 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return bad()
	}
	return DateOf(y, time.Month(m), d), nil
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// Time answers midnight UTC of the date: for formatting and calendar arithmetic only.
func (d StayDate) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// In answers the instant of a local time of day on the date. Times that do not exist are read with the offset before the
// change; of times that exist twice, the first.
func (d StayDate) In(zone *time.Location, at TimeOfDay) time.Time {
	local := d.Time().Add(time.Duration(at) * time.Minute) // the wall clock, as if it were UTC
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(local.Add(-24*time.Hour)), offset(local.Add(24*time.Hour))
	for _, o := range [2]time.Duration{max(before, after), min(before, after)} { // the larger offset gives the earlier instant
		if t := local.Add(-o); offset(t) == o {
			return t.In(zone)
		}
	}
	return local.Add(-before).In(zone)
}

// Weekday answers the day of the week.
func (d StayDate) Weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// Month answers the month number, year*12 + month-1, the unit of checkpoint pages (S33).
func (d StayDate) Month() int {
	t := d.Time()
	return t.Year()*12 + int(t.Month()) - 1
}

// MonthStart answers the first date of a month number.
func MonthStart(month int) StayDate { return DateOf(month/12, time.Month(month%12+1), 1) }

// String answers YYYY-MM-DD, or a dash for the sentinels.
func (d StayDate) String() string {
	if d == DateMin || d == DateMax {
		return "-"
	}
	return string(d.append(nil))
}

func (d StayDate) append(b []byte) []byte { return d.Time().AppendFormat(b, "2006-01-02") }

// MarshalText answers YYYY-MM-DD.
func (d StayDate) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *StayDate) UnmarshalText(b []byte) (err error) { *d, err = ParseDate(string(b)); return err }

// TimeOfDay is minutes after local midnight, 0..1439.
type TimeOfDay int16

// ParseTimeOfDay reads hh:mm.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	if len(s) == 5 && s[2] == ':' && isDigits(s[:2]) && isDigits(s[3:]) {
		if h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0'); h < 24 && m < 60 {
			return TimeOfDay(h*60 + m), nil
		}
	}
	return 0, fmt.Errorf("%q is no time of day: want hh:mm", clip(s))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// String answers hh:mm.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText answers hh:mm.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads hh:mm.
func (t *TimeOfDay) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTimeOfDay(string(b))
	return err
}

// clip keeps hostile input out of error texts.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// Weekdays is a mask: bit 0 is Monday, bit 6 Sunday.
type Weekdays uint8

// AllDays is the mask of a span without weekdays.
const AllDays Weekdays = 0x7f

// Has tells whether the date's weekday is in the mask.
func (w Weekdays) Has(d StayDate) bool { return w&(1<<((int(d.Weekday())+6)%7)) != 0 }

var weekdayNames = [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Names answers the days in the mask, Monday first: mon, tue, wed, thu, fri, sat, sun.
func (w Weekdays) Names() []string {
	var out []string
	for i, n := range weekdayNames {
		if w&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// ParseWeekday answers the one-day mask of mon .. sun.
func ParseWeekday(s string) (Weekdays, error) {
	for i, n := range weekdayNames {
		if s == n {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("%q is no weekday: want mon, tue, wed, thu, fri, sat or sun", clip(s))
}

// Span is the dates a statement covers: From..To, both included, on the weekdays of the mask (S3). To = DateMax: open-ended;
// From = DateMin too: undated.
type Span struct {
	From, To StayDate
	Days     Weekdays
}

// Dates answers a closed span over all weekdays.
func Dates(from, to StayDate) Span { return Span{from, to, AllDays} }

// Undated is the span of a statement without dates.
var Undated = Span{DateMin, DateMax, AllDays}

// Standing tells whether the span is open-ended or undated: kept as a statement, since dates enter it as the horizon rolls (S3).
func (s Span) Standing() bool { return s.To == DateMax || s.From == DateMin }

// Covers tells whether the date lies in the span.
func (s Span) Covers(d StayDate) bool { return d >= s.From && d <= s.To && s.Days.Has(d) }
