package aritest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Tally counts what a run has met, so that a proof can show that it met everything.
type Tally map[string]int

// Features are the lines a full run must have met: every reason, and every feature both judged and, where it can be, sold.
var Features = features()

func features() []string {
	var out []string
	for _, r := range reasons {
		out = append(out, "reason "+r)
	}
	for _, f := range sellableFeatures {
		out = append(out, "stay "+f, "sold "+f)
	}
	for _, u := range updateFeatures {
		out = append(out, "update "+u)
	}
	return append(out, "sellable")
}

var reasons = []string{
	ari.ReasonPlanInactive, ari.ReasonRoomInactive, ari.ReasonNotOffered, ari.ReasonNotVisible, ari.ReasonOutsideSellWindow,
	ari.ReasonOutsideStayWindow, ari.ReasonOccupancyRoom, ari.ReasonOccupancyPlan, ari.ReasonClosed, ari.ReasonUnopened, ari.ReasonStopSell,
	ari.ReasonNoRate, ari.ReasonZeroRate, ari.ReasonNoInventory, ari.ReasonSoldOut, ari.ReasonCannotEvaluate, ari.ReasonMinLOS,
	ari.ReasonMaxLOS, ari.ReasonLOSPattern, ari.ReasonMinLead, ari.ReasonMaxLead, ari.ReasonMinPrice, ari.ReasonMaxPrice,
	ari.ReasonClosedToArrival, ari.ReasonClosedToDeparture, ari.ReasonArrivalPast, ari.ReasonBeyondHorizon, ari.ReasonBlockUnknown,
	ari.ReasonBlockClosed, ari.ReasonBlockCutoff, ari.ReasonAdultsOnly, ari.ReasonChildAge,
}

var sellableFeatures = []string{
	"transient", "channel", "block", "child block", "elastic block", "block with its own rates", "blocks not in the count", "derived", "derived twice",
	"inherits", "los tier", "period", "per person", "both tax sides", "fill exact", "fill next_higher", "fill base_extras", "fill pro_rata", "children",
	"children bands", "children positions", "children count", "children free", "children as_adults", "oldest as adults", "pools", "class count",
	"several rooms", "several nights", "access code", "night decimals", "total decimals", "hold", "confirmed hold", "cap", "floor", "stop sell elsewhere",
	"undated statement", "open-ended statement", "weekday mask", "several owners", "end of horizon", "rolled horizon", "change of clocks", "another owner",
	"unopened is closed", "complimentary", "told business date", "counts basis", "limits", "fill from_base", "amount by guests", "full payers by max children",
	"free nights", "free nights by pattern", "family offer", "guest rule", "seasons", "seasons of the parent", "sum decimals", "supplements", "supplement for one room type",
}

var updateFeatures = []string{
	"applied", "refused", "refused item", "late", "repeat", "adjust", "replace", "roll", "object", "overlay put", "overlay remove", "overlay confirm",
	"code " + ari.CodeUnknownRoomType, "code " + ari.CodeUnknownRoomClass, "code " + ari.CodeUnknownRatePlan, "code " + ari.CodeUnknownBlock,
	"code " + ari.CodeNotOwner, "code " + ari.CodeScope, "code " + ari.CodeRange, "code " + ari.CodeSpan, "code " + ari.CodePast, "code " + ari.CodeAdjustUnset,
	"code " + ari.CodeAdjustBasis, "code " + ari.CodeRateBasis, "code " + ari.CodeDerivedMismatch, "code " + ari.CodeDerivedCycle,
	"code " + ari.CodeNotEnoughRooms, "code " + ari.CodeUnknownOverlay, "code " + ari.CodeBadObject, "code " + ari.CodeHoldState,
}

// Missing answers the features that were not met.
func (t Tally) Missing() []string {
	var out []string
	for _, f := range Features {
		if t[f] == 0 {
			out = append(out, f)
		}
	}
	return out
}

// String answers a table, a feature a line.
func (t Tally) String() string {
	var b strings.Builder
	for _, f := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%9d  %s\n", t[f], f)
	}
	return b.String()
}

// Offer counts an offer of the model.
func (t Tally) Offer(m *Model, q *ari.Query, o *ari.Offer) {
	t["stays"]++
	if o.Sellable {
		t["sellable"]++
	}
	seen := map[string]bool{}
	for _, r := range o.Reasons {
		if !seen[r.Code] {
			t["reason "+r.Code]++
			seen[r.Code] = true
		}
	}
	for f, is := range m.featuresOf(q, o) {
		if is {
			t["stay "+f]++
			if o.Sellable {
				t["sold "+f]++
			}
		}
	}
}

// featuresOf tells which features a stay of a product has.
func (m *Model) featuresOf(q *ari.Query, o *ari.Offer) map[string]bool {
	p, r := m.catalog.plans[o.Plan], m.catalog.rooms[o.Room]
	h := m.catalog.property
	chain := len(m.catalog.ancestors(o.Plan))
	f := map[string]bool{
		"transient": q.Block == "", "channel": q.Channel != "", "block": q.Block != "", "child block": m.catalog.blocks[q.Block].Parent != "",
		"elastic block": m.catalog.blocks[q.Block].Elastic, "blocks not in the count": h.BlocksInCount != nil && !*h.BlocksInCount && len(m.catalog.blocks) > 0,
		"derived": chain > 1, "derived twice": chain > 2, "inherits": anyGroup(p.Inherit), "los tier": basisOf(p) == ari.BasisLOSTier, "period": basisOf(p) == ari.BasisPeriod,
		"per person": p.PerPerson, "both tax sides": p.Tax == "both", "children": len(q.Children) > 0, "oldest as adults": p.OldestAsAdults && len(q.Children) > 0, "pools": len(r.Pools) > 0,
		"several rooms": q.Rooms > 1, "several nights": q.Nights > 1, "access code": len(p.AccessCodes) > 0, "night decimals": h.NightDecimals != nil, "total decimals": h.TotalDecimals != nil,
		"another owner": m.ratesEra > 0, "unopened is closed": p.UnopenedIsClosed, "complimentary": p.Complimentary,
		"told business date": h.BusinessDate != nil, "end of horizon": q.Arrival > m.day+1085, "rolled horizon": m.day > m.firstDay(),
	}
	f["fill "+or(p.Fill, "exact")] = true
	f["children "+or(p.ChildPricing, "bands")] = len(q.Children) > 0
	_, before := q.At.In(m.catalog.zone).Add(-12 * time.Hour).Zone()
	_, after := instant(q.Arrival, 0, m.catalog.zone).In(m.catalog.zone).Add(36 * time.Hour).Zone()
	f["change of clocks"] = before != after
	m.extrasFeatures(f, q, o)
	m.toldFeatures(f, q, o)
	m.overlayFeatures(f, q, o)
	return f
}

// extrasFeatures looks at the plan's offers, supplements and guests.
func (m *Model) extrasFeatures(f map[string]bool, q *ari.Query, o *ari.Offer) {
	p := m.catalog.plans[o.Plan]
	s := newStay(m, q, o.Room, o.Plan)
	f["amount by guests"], f["full payers by max children"], f["guest rule"] = p.AmountByGuests && len(q.Children) > 0, s.childrenUnbound() && len(q.Children) > 0, p.Guests != nil
	f["seasons"] = len(p.Seasons) > 0
	f["seasons of the parent"], f["sum decimals"], f["family offer"] = len(p.Seasons) == 0 && len(s.seasons()) > 0, p.SumDecimals != nil, s.party.freed > 0
	for _, x := range p.Offers {
		f["free nights"] = f["free nights"] || x.Kind == ari.OfferFreeNights && q.Nights >= x.NightsRequired
		f["free nights by pattern"] = f["free nights by pattern"] || x.Pattern != "" && q.Nights >= x.NightsRequired
	}
	for _, x := range p.Supplements {
		f["supplements"] = f["supplements"] || x.Mandatory
		for _, a := range x.Amounts {
			f["supplement for one room type"] = f["supplement for one room type"] || x.Mandatory && a.RoomType == o.Room
		}
	}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// firstDay answers the first day a roll told, or the present day.
func (m *Model) firstDay() ari.StayDate {
	if m.rolledFrom == 0 {
		return m.day
	}
	return m.rolledFrom
}

// toldFeatures looks at the statements that cover the arrival of the stay.
func (m *Model) toldFeatures(f map[string]bool, q *ari.Query, o *ari.Offer) {
	owners := map[string]bool{}
	for _, t := range m.told {
		s := t.statement
		if t.extent != nil || s.Verb != ari.Set || !s.Span.Covers(q.Arrival) {
			continue
		}
		rates := s.Scope
		rates.Block = ""
		f["block with its own rates"] = f["block with its own rates"] || q.Block != "" && s.Scope.Block == q.Block && rates == ari.Product(o.Room, o.Plan) && s.Field.Family() == ari.FamilyRate
		f["class count"] = f["class count"] || s.Field.Family() == ari.FamilyCount && s.Scope.Rooms == ari.RoomClassKind && s.Scope.Room == m.catalog.rooms[o.Room].Class
		if !m.catalog.covers(s.Scope, o.Room, o.Plan, q.Channel, q.Block) {
			continue
		}
		f["undated statement"] = f["undated statement"] || s.Span == ari.Undated
		f["open-ended statement"] = f["open-ended statement"] || s.Span.From != ari.DateMin && s.Span.To == ari.DateMax
		f["weekday mask"] = f["weekday mask"] || s.Span.Days != ari.AllDays
		f["limits"] = f["limits"] || s.Field.Family() == ari.FamilyLimit
		f["counts basis"] = f["counts basis"] || s.Field == ari.Count(ari.Physical)
		if s.Field.Owned() {
			owners[t.connection] = true
		}
	}
	f["several owners"] = len(owners) > 1
}

// overlayFeatures looks at the overlays that lie over the arrival of the stay.
func (m *Model) overlayFeatures(f map[string]bool, q *ari.Query, o *ari.Offer) {
	for _, x := range m.overlays {
		if !x.Span.Covers(q.Arrival) {
			continue
		}
		covers := m.catalog.covers(x.Scope, o.Room, o.Plan, q.Channel, q.Block)
		f["cap"] = f["cap"] || covers && x.Kind == ari.Cap
		f["floor"] = f["floor"] || covers && x.Kind == ari.Floor
		f["stop sell elsewhere"] = f["stop sell elsewhere"] || !covers && x.Kind == ari.StopSell
		f["hold"] = f["hold"] || x.Kind == ari.Hold && x.Scope.Room == o.Room
		f["confirmed hold"] = f["confirmed hold"] || x.Kind == ari.Hold && x.Scope.Room == o.Room && !x.Confirmed.IsZero()
	}
}

// Update counts an update and what became of it.
func (t Tally) Update(u *ari.Update, out Outcome, late, repeat bool) {
	t["updates"]++
	count := func(f string, is bool) {
		if is {
			t["update "+f]++
		}
	}
	count("applied", !out.Refused)
	count("refused", out.Refused)
	count("refused item", !out.Refused && len(out.Items) > 0)
	count("late", late && !repeat)
	count("repeat", repeat)
	count("replace", len(u.Replace) > 0)
	count("roll", u.Day != 0)
	count("object", len(u.Objects) > 0)
	count("adjust", slices.ContainsFunc(u.Statements, func(s ari.Statement) bool { return s.Verb == ari.Adjust }) && !out.Refused)
	for _, o := range u.Overlays {
		count("overlay "+[]string{"", "put", "remove", "confirm"}[o.Verb], !out.Refused)
	}
	for _, code := range out.Items {
		count("code "+code, true)
	}
	count("code "+out.Whole, out.Whole != "")
}
