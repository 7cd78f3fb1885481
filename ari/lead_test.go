package ari

import (
	"testing"
	"time"
)

func instantOf(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Days of lead are a difference of local dates, until a local time of day that is exact (S16).
func TestLeadDaysUntilATimeOfDay(t *testing.T) {
	k := simple(t, Property{Code: "H", TimeZone: "America/New_York", Currency: "USD"})
	arrival := today + 3
	for _, c := range []struct {
		what   What
		v      Value
		at     string // booking instant
		passes bool
	}{
		{MinLead, LeadDays(3, NoTime), "2026-06-01T23:59:59-04:00", true},
		{MinLead, LeadDays(3, NoTime), "2026-06-02T00:00:00-04:00", false},
		{MinLead, LeadDays(3, 18*60), "2026-06-01T18:00:00-04:00", true},
		{MinLead, LeadDays(3, 18*60), "2026-06-01T18:00:00.000000001-04:00", false},
		{MinLead, LeadDays(3, 18*60), "2026-05-31T23:00:00-04:00", true},
		{MinLead, LeadDays(0, 18*60), "2026-06-04T19:00:00-04:00", false},
		{MaxLead, LeadDays(3, NoTime), "2026-06-01T00:00:00-04:00", true},
		{MaxLead, LeadDays(3, NoTime), "2026-05-31T23:59:59-04:00", false},
		{MaxLead, LeadDays(3, 18*60), "2026-06-01T17:59:00-04:00", false},
		{MaxLead, LeadDays(3, 18*60), "2026-06-01T18:00:00-04:00", true},
	} {
		b := bookingAt(instantOf(t, c.at), k.zone)
		if got := k.leadPasses(&b, arrival, c.what, c.v); got != c.passes {
			t.Errorf("%v of %v at %s: passes %v, want %v", whatNames[c.what], c.v, c.at, got, c.passes)
		}
	}
}

// A duration counts the hours that pass, also over the nights on which clocks change (S16).
func TestLeadDurationsCountRealHours(t *testing.T) {
	for _, c := range []struct {
		zone, reference, arrival string
		checkIn                  TimeOfDay
		edge                     string // the last instant at which 24 hours are left
	}{
		{"Europe/Berlin", "check_in", "2026-03-29", 15 * 60, "2026-03-28T14:00:00+01:00"}, // clocks forward in the night: 23 of them by the clock
		{"Europe/Berlin", "check_in", "2026-10-25", 15 * 60, "2026-10-24T16:00:00+02:00"}, // back: 25
		{"Europe/Berlin", "midnight_start", "2026-03-29", 15 * 60, "2026-03-28T00:00:00+01:00"},
		{"Europe/Berlin", "midnight_end", "2026-03-29", 15 * 60, "2026-03-28T23:00:00+01:00"},
		{"Europe/Berlin", "check_in", "2026-03-29", 2*60 + 30, "2026-03-28T02:30:00+01:00"}, // 02:30 never is: read as +01:00
		{"Europe/Berlin", "check_in", "2026-10-25", 2*60 + 30, "2026-10-24T02:30:00+02:00"}, // 02:30 is twice: the first
		{"America/New_York", "check_in", "2026-03-08", 15 * 60, "2026-03-07T14:00:00-05:00"},
		{"America/New_York", "check_in", "2026-11-01", 15 * 60, "2026-10-31T16:00:00-04:00"},
		{"America/New_York", "check_in", "2026-03-08", 2*60 + 30, "2026-03-07T02:30:00-05:00"},
		{"America/New_York", "check_in", "2026-11-01", 1*60 + 30, "2026-10-31T01:30:00-04:00"},
		{"Australia/Lord_Howe", "check_in", "2026-04-05", 1*60 + 45, "2026-04-04T01:45:00+11:00"}, // half an hour back: 01:45 is twice
	} {
		k := newKit(t, Property{Code: "H", TimeZone: c.zone, Currency: "EUR", CheckIn: c.checkIn, LeadReference: c.reference})
		arrival, err := ParseDate(c.arrival)
		if err != nil {
			t.Fatal(err)
		}
		edge := instantOf(t, c.edge)
		for _, x := range []struct {
			late     time.Duration
			min, max bool
		}{{0, true, true}, {time.Second, false, true}, {-time.Second, true, false}} {
			b := bookingAt(edge.Add(x.late), k.zone)
			if got := k.leadPasses(&b, arrival, MinLead, LeadMinutes(24*60)); got != x.min {
				t.Errorf("%+v: %v late, min lead passes %v", c, x.late, got)
			}
			if got := k.leadPasses(&b, arrival, MaxLead, LeadMinutes(24*60)); got != x.max {
				t.Errorf("%+v: %v late, max lead passes %v", c, x.late, got)
			}
		}
	}
}

// The business date is as told while it is the calendar date or the day before; untold, the day ends at a time (S15).
func TestBusinessDate(t *testing.T) {
	day := func(n int) *StayDate { d := today + StayDate(n); return &d }
	for _, c := range []struct {
		told *StayDate
		ends TimeOfDay
		at   string
		want int // days from today
	}{
		{nil, 0, "2026-06-01T23:00:00Z", 0},
		{nil, 4 * 60, "2026-06-01T03:59:59Z", -1},
		{nil, 4 * 60, "2026-06-01T04:00:00Z", 0},
		{day(-1), 0, "2026-06-01T12:00:00Z", -1},
		{day(0), 0, "2026-06-01T12:00:00Z", 0},
		{day(-2), 0, "2026-06-01T12:00:00Z", 0}, // too old to be believed
		{day(1), 0, "2026-06-01T12:00:00Z", 0},  // not yet
	} {
		h := Property{BusinessDate: c.told, DayEndsAt: c.ends}
		if got := bookingAt(instantOf(t, c.at), time.UTC).businessDate(&h, time.UTC); got != today+StayDate(c.want) {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// The booking instant moves what is past: an arrival before the business date is not sold (S15, S17).
func TestArrivalBeforeTheBusinessDateIsPast(t *testing.T) {
	k := simple(t, Property{Code: "H", TimeZone: "UTC", Currency: "EUR", DayEndsAt: 6 * 60})
	q := stay(0, 1)
	q.At = instantOf(t, "2026-06-02T05:59:00Z")
	if o := k.one(q); !o.Sellable {
		t.Fatalf("before the day ends: %v", o.Reasons)
	}
	q.At = instantOf(t, "2026-06-02T06:00:00Z")
	wantReasons(t, k.one(q), Reason{ReasonArrivalPast, today, 0})
}

// wantReasons checks that an offer is not sellable for just these reasons.
func wantReasons(t testing.TB, o Offer, want ...Reason) {
	t.Helper()
	left := map[Reason]bool{}
	for _, r := range want {
		left[r] = true
	}
	for _, r := range o.Reasons {
		if !left[r] {
			t.Errorf("%s/%s: reason %s %s %s is one too many", o.Room, o.Plan, r.Code, r.Date, r.Field)
		}
		delete(left, r)
	}
	for r := range left {
		t.Errorf("%s/%s: no reason %s %s %s, got %v", o.Room, o.Plan, r.Code, r.Date, r.Field, o.Reasons)
	}
	if o.Sellable != (len(want) == 0) {
		t.Errorf("%s/%s: sellable %v", o.Room, o.Plan, o.Sellable)
	}
}
