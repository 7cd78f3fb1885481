package ari

import "time"

// booking is the instant of a query as the property's clock shows it (S15, S17).
type booking struct {
	at    time.Time
	date  StayDate
	clock time.Duration // since local midnight as clocks show it
}

func bookingAt(at time.Time, zone *time.Location) booking {
	_, offset := at.In(zone).Zone()
	local := at.Unix() + int64(offset)
	day := floorDiv(local, 86400)
	return booking{at, StayDate(day), time.Duration(local-day*86400)*time.Second + time.Duration(at.Nanosecond())}
}

// businessDate answers the property's business date at the instant: as told while that is the calendar date or the day before, else the
// calendar date; untold, the calendar date of the instant less day_ends_at (S15).
func (b booking) businessDate(h *Property, zone *time.Location) StayDate {
	if h.BusinessDate != nil {
		if told := *h.BusinessDate; told == b.date || told == b.date-1 {
			return told
		}
		return b.date
	}
	if h.DayEndsAt == 0 {
		return b.date
	}
	return bookingAt(b.at.Add(-time.Duration(h.DayEndsAt)*time.Minute), zone).date
}

// leadPasses tells whether a booking passes a min or max lead for an arrival (S16). Days are a difference of local dates; a duration is
// elapsed time, so that a night of daylight saving counts its real hours.
func (p *Picture) leadPasses(b *booking, arrival StayDate, what What, v Value) bool {
	if v.Form == 1 {
		left := p.leadReference(arrival).Sub(b.at)
		limit := time.Duration(v.A) * time.Minute
		return what == MinLead && left >= limit || what == MaxLead && left <= limit
	}
	days := int64(arrival - b.date)
	if days != v.A {
		return (days > v.A) == (what == MinLead)
	}
	until := time.Duration(v.B) * time.Minute
	return v.B == NoTime || what == MinLead && b.clock <= until || what == MaxLead && b.clock >= until
}

// leadReference answers the instant that durations of lead count to.
func (p *Picture) leadReference(arrival StayDate) time.Time {
	switch p.catalog.Property.LeadReference {
	case "midnight_start":
		return arrival.In(p.zone, 0)
	case "midnight_end":
		return (arrival + 1).In(p.zone, 0)
	}
	return arrival.In(p.zone, p.catalog.Property.CheckIn)
}
