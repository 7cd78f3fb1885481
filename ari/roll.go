package ari

import (
	"slices"
	"time"
)

// roll takes the new day of the property in (S28): statements that end before the picture's dates go.
func (j *trial) roll() {
	if j.u.Day == 0 {
		return
	}
	first := j.u.Day - HorizonPast
	for _, c := range j.d.p.sorted(func(columnKey) bool { return true }) {
		if !slices.ContainsFunc(c.standing, func(s standing) bool { return s.span.To < first }) {
			continue
		}
		w := j.workOf(c.key())
		w.load(j.d.p.stamps)
		w.dropCovered(told{span: Span{DateMin, first - 1, AllDays}, order: maxOrder})
	}
	j.touched = append(j.touched, Touch{Scope{}, DateMin, DateMax})
}

const maxOrder = 1<<63 - 1

// Due answers the system's update of what time has caused by an instant: the day has rolled, overlays have expired; nil if nothing has. Its
// message id follows from what it does, so that two nodes or a late start make it once (S28).
func (p *Picture) Due(now time.Time) *Update {
	u := &Update{Property: p.code, By: Author{BySystem, "time"}, Received: now, SourceTime: now, Order: now.UnixMicro(), MessageID: "time"}
	if today := LocalDate(now, p.zone); today > p.day {
		u.Day = today
		u.MessageID += ":" + today.String()
	}
	for _, id := range sortedKeys(p.overlays) {
		if o := p.overlays[id]; !o.Expires.IsZero() && !o.Expires.After(now) {
			u.Overlays = append(u.Overlays, OverlayOp{Verb: OverlayRemove, Overlay: Overlay{ID: id}})
			u.MessageID += ":" + id + "@" + o.Expires.Format(time.RFC3339Nano)
		}
	}
	if u.Day == 0 && len(u.Overlays) == 0 {
		return nil
	}
	return u
}

// NextDue answers the first instant at which Due will have something to do.
func (p *Picture) NextDue() time.Time {
	next := (p.day + 1).In(p.zone, 0)
	for _, o := range p.overlays {
		if !o.Expires.IsZero() && o.Expires.Before(next) {
			next = o.Expires
		}
	}
	return next
}
