package onboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Gate is a condition of a stage, with what shows whether it holds.
type Gate struct {
	Gate     string
	OK       bool
	Evidence string
	Fix      string // if it does not hold
}

// Names of gates.
const (
	GateMapped   = "mapped"           // every active room type and plan is known to a connection that brings the property its data
	GateUnmapped = "nothing_unmapped" // no item waits for a mapping
	GatePriced   = "priced"           // every active room type and plan has a price
	GateChoices  = "choices"          // the profiles of its connections have chosen what can oversell
)

// Later is a gate that cannot be judged yet, and what will judge it.
type Later struct {
	Gate string
	Why  string
}

// NotJudged are the gates of a stage that no part of this release can judge. They do not keep a property back.
func NotJudged(to ari.Stage) []Later {
	if to != ari.StageLive {
		return nil
	}
	return []Later{
		{"no_drift", "not judged yet: what the sources hold is not compared with the picture by this release"},
		{"shadow_compared", "not judged yet: nothing is projected to receivers by this release"},
		{"delivery", "not judged yet: this release delivers nothing; what can be sold is answered to whoever asks"},
	}
}

// needs are the gates of each stage. A stage that is skipped asks for its gates too: those of a later one include them.
var needs = map[ari.Stage][]string{
	ari.StageMapped: {GateMapped, GateUnmapped},
	ari.StageShadow: {GateMapped, GateUnmapped},
	ari.StageLive:   {GateMapped, GateUnmapped, GatePriced, GateChoices},
}

// Needs answers the gates of a stage; none for those that sell less.
func Needs(to ari.Stage) []string { return needs[to] }

// Next answers the stage that usually follows.
func Next(from ari.Stage) ari.Stage {
	switch from {
	case ari.StageDraft:
		return ari.StageMapped
	case ari.StageMapped:
		return ari.StageShadow
	}
	return ari.StageLive
}

// Leads answers why a stage cannot follow another; "" if it can. Forward, stages may be skipped: the gates of the later one include theirs. A
// live property leaves by being suspended, so that there is one place where its receivers are closed; only a live one can be suspended.
func Leads(from, to ari.Stage) string {
	switch {
	case !slices.Contains(ari.Stages, to):
		return "draft, mapped, shadow, live or suspended"
	case from == ari.StageLive && to != ari.StageLive && to != ari.StageSuspended:
		return "suspended: a live property leaves by being suspended"
	case to == ari.StageSuspended && from != ari.StageLive && from != ari.StageSuspended:
		return "draft, mapped, shadow or live: only a live property is suspended"
	}
	return ""
}

// Source is a connection that brings a property its data, as gates see it.
type Source struct {
	Connection string
	HubCodes   bool     // its codes are the hub's: nothing is mapped
	Property   bool     // it has a code for the property
	Rooms      []string // hub codes that it has a code for
	Plans      []string
	Profile    string
	Unchosen   []string // choices of its profile that can oversell and that nobody has made
}

// Mapped judges whether every active room type and plan is known to a source. Derived plans follow from their parents.
func Mapped(c *ari.Catalog, sources []Source) (Gate, []Finding) {
	g := Gate{Gate: GateMapped, Fix: "map the codes: ratewire mappings list, or /v1/mappings"}
	var found []Finding
	if len(sources) == 0 {
		g.Evidence = "no connection brings the property its data"
		g.Fix = "name the property in a connection's properties, map the connection's code for it, or send an update"
		return g, []Finding{{Code: NoSource, Severity: Error, Evidence: g.Evidence, Fix: g.Fix}}
	}
	var named, rooms, plans []string
	hubCodes := false
	for _, s := range sources {
		if hubCodes = hubCodes || s.HubCodes; !s.HubCodes && !s.Property {
			named = append(named, s.Connection)
		}
	}
	for _, code := range c.RoomCodes {
		if r := c.RoomTypes[code]; !hubCodes && !r.Inactive && !known(sources, code, func(s *Source) []string { return s.Rooms }) {
			rooms = append(rooms, code)
			found = append(found, Finding{Code: RoomWithoutMapping, Severity: Error, RoomType: code, Evidence: "no connection has a code for it", Fix: "map a code to it, or make it inactive"})
		}
	}
	for _, code := range c.PlanCodes {
		if p := c.Plans[code]; !hubCodes && !p.Inactive && p.Parent == "" && !known(sources, code, func(s *Source) []string { return s.Plans }) {
			plans = append(plans, code)
			found = append(found, Finding{Code: PlanWithoutMapping, Severity: Error, RatePlan: code, Evidence: "no connection has a code for it", Fix: "map a code to it, or make it inactive"})
		}
	}
	if !slices.ContainsFunc(c.RoomCodes, func(r string) bool { return !c.RoomTypes[r].Inactive }) || !slices.ContainsFunc(c.PlanCodes, func(p string) bool { return !c.Plans[p].Inactive }) {
		g.Evidence, g.Fix = "no active room type or no active rate plan", "make what is sold"
		return g, found
	}
	g.OK = len(named)+len(rooms)+len(plans) == 0
	g.Evidence = fmt.Sprintf("%d room types, %d rate plans, %d connections", len(c.RoomCodes), len(c.PlanCodes), len(sources))
	if !g.OK {
		g.Evidence = join([]string{part("connections without a code for the property: ", named), part("room types without one: ", rooms), part("rate plans without one: ", plans)})
	}
	return g, found
}

func known(sources []Source, code string, of func(*Source) []string) bool {
	return slices.ContainsFunc(sources, func(s Source) bool { return slices.Contains(of(&s), code) })
}

// namesMax bounds the names one piece of evidence lists.
const namesMax = 10

func part(what string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	more := ""
	if n := len(names) - namesMax; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return what + strings.Join(names[:min(len(names), namesMax)], ", ") + more
}

func join(parts []string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// NothingUnmapped judges how many items wait for a mapping.
func NothingUnmapped(parked int, more bool, oldest string) Gate {
	g := Gate{Gate: GateUnmapped, OK: parked == 0, Evidence: "nothing is parked"}
	if parked > 0 {
		n := fmt.Sprint(parked)
		if more {
			n += " or more"
		}
		g.Evidence, g.Fix = n+" items wait for a mapping, the oldest since "+oldest, "accept or ignore their codes: ratewire mappings list --state proposed; then they are replayed"
	}
	return g
}

// Priced judges whether every active room type and plan has a price on some night that was looked at.
func Priced(c *ari.Catalog, s *Survey) Gate {
	rooms, plans := s.Unpriced(c)
	g := Gate{Gate: GatePriced, OK: len(rooms)+len(plans) == 0, Evidence: fmt.Sprintf("every active room type and rate plan has a price within %d nights", s.Nights)}
	if len(Products(c)) == 0 {
		g.OK, rooms, plans = false, nil, nil
		g.Evidence, g.Fix = "no product is offered", "make room types, and plans that are offered on them"
		return g
	}
	if _, skipped := s.Looked(); skipped > 0 && !g.OK {
		g.Evidence, g.Fix = fmt.Sprintf("%d products were not looked at", skipped), "make what is not sold inactive"
		return g
	}
	if !g.OK {
		g.Evidence = join([]string{part("room types without any price: ", rooms), part("rate plans without any price: ", plans)}) + fmt.Sprintf(" (%d nights looked at)", s.Nights)
		g.Fix = "send rates, or make what is not sold inactive"
	}
	return g
}

// Choices judges whether the profiles of its sources have made the choices that can oversell.
func Choices(sources []Source) Gate {
	g := Gate{Gate: GateChoices, OK: true, Evidence: "every choice that can oversell is made"}
	var open []string
	for _, s := range sources {
		if len(s.Unchosen) > 0 {
			open = append(open, fmt.Sprintf("%s (profile %s): %s", s.Connection, s.Profile, strings.Join(s.Unchosen[:min(len(s.Unchosen), namesMax)], ", ")))
		}
	}
	if len(open) > 0 {
		g.OK, g.Evidence = false, join(open)
		g.Fix = "give the connection a profile that makes these choices: PUT /v1/profiles/{code}, docs/protocols"
	}
	return g
}
