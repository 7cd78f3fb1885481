package ari

import (
	"cmp"
	"slices"
	"strings"
)

// Bounds of what a plan lists: far more than any plan has, and few enough to look through for a price.
const (
	offersMax            = 16
	supplementsMax       = 64
	supplementAmountsMax = 1000
	seasonsMax           = 4000
)

// checkExtras judges a plan's offers, supplements, seasons and guest rule. What is kept as told is not judged, unless it claims to be of a known
// kind.
func (c *Catalog) checkExtras(op *ObjectOp, r *RatePlan) *ItemError {
	for _, f := range []struct {
		ok              bool
		path, got, want string
	}{
		{r.FullPayers == "" || r.FullPayers == FullPayersStandard || r.FullPayers == FullPayersMaxChildren && r.OldestAsAdults, "full_payers", r.FullPayers,
			"standard, or max_children with oldest_children_as_adults"},
		{!r.AmountByGuests || r.PerPerson && r.Fill == FillFromBase, "amount_by_guests", "true", "per_person and fill from_base"},
		{r.SumDecimals == nil || *r.SumDecimals >= 0 && *r.SumDecimals <= 4, "sum_decimals", "", "0 to 4"},
		{len(r.Offers) <= offersMax, "offers", itoa(len(r.Offers)), "at most " + itoa(offersMax)},
		{len(r.Supplements) <= supplementsMax, "supplements", itoa(len(r.Supplements)), "at most " + itoa(supplementsMax)},
		{len(r.Seasons) <= seasonsMax, "seasons", itoa(len(r.Seasons)), "at most " + itoa(seasonsMax)},
		{len(r.Seasons) == 0 || r.basis() == BasisPeriod, "seasons", "", "none: they are for basis period"},
		{r.Guests == nil || r.Guests.good(), "guests", "", "ages 0 to 99 and numbers 0 to 99, each minimum at most its maximum, no bounds of children beside adults_only"},
	} {
		if !f.ok {
			return badObject(op, f.path, f.got, f.want)
		}
	}
	if err := checkOffers(op, r.Offers); err != nil {
		return err
	}
	if err := c.checkSupplements(op, r); err != nil {
		return err
	}
	return c.checkSeasons(op, r.Seasons)
}

func within(n, lo, hi int) bool { return n >= lo && n <= hi }

// numberMax bounds ages and numbers of guests in offers and guest rules: what a query can ask.
const numberMax = 99

func (g *GuestRule) good() bool {
	for _, n := range []int{g.AdultAge, g.MinChildAge, g.MaxChildAge, g.MinAdults, g.MaxAdults, g.MinChildren} {
		if !within(n, 0, numberMax) {
			return false
		}
	}
	most := g.MaxChildren
	if most != nil && (!within(*most, 0, numberMax) || *most < g.MinChildren) {
		return false
	}
	if g.AdultsOnly && (g.MinChildren+g.MinChildAge+g.MaxChildAge+g.AdultAge > 0 || most != nil) {
		return false
	}
	return (g.MaxAdults == 0 || g.MinAdults <= g.MaxAdults) && (g.MaxChildAge == 0 || g.MinChildAge < g.MaxChildAge)
}

func checkOffers(op *ObjectOp, offers []PlanOffer) *ItemError {
	seen := map[string]bool{}
	for i := range offers {
		o, path := &offers[i], "offers["+itoa(i)+"]"
		if o.Strange() {
			if o.kept.fault != "" {
				return badObject(op, path, o.kept.fault, "an offer of its kind, known fields only")
			}
			continue
		}
		if seen[o.Kind] {
			return badObject(op, path+".kind", o.Kind, "one offer of a kind")
		}
		seen[o.Kind] = true
		if err := o.check(op, path); err != nil {
			return err
		}
	}
	return nil
}

func (o *PlanOffer) check(op *ObjectOp, path string) *ItemError {
	ones := strings.Count(o.Pattern, "1")
	family := o.MaxAge != 0 || o.MinCount != 0 || o.LastPosition != 0
	nights := o.NightsRequired != 0 || o.NightsDiscounted != 0 || o.Pattern != ""
	switch {
	case o.Kind != OfferFreeNights && o.Kind != OfferFamily:
		return badObject(op, path+".kind", o.Kind, "free_nights or family") // an offer made in Go: read from JSON it is kept
	case o.Kind == OfferFreeNights && family, o.Kind == OfferFamily && nights:
		return badObject(op, path, o.Kind, "the fields of its kind only")
	case o.Kind == OfferFamily:
		if !within(o.MaxAge, 1, numberMax) || !within(o.MinCount, 0, numberMax) || !within(o.LastPosition, 1, numberMax) {
			return badObject(op, path, "", "max_age and last_qualifying_position 1 to 99, min_count 0 to 99")
		}
	case !within(o.NightsRequired, 1, NightsMax):
		return badObject(op, path+".nights_required", itoa(o.NightsRequired), "1 to 999")
	case !within(o.NightsDiscounted, 1, o.NightsRequired):
		return badObject(op, path+".nights_discounted", itoa(o.NightsDiscounted), "1 to nights_required")
	case o.Pattern != "" && (len(o.Pattern) != o.NightsRequired || ones != o.NightsDiscounted || strings.Trim(o.Pattern, "01") != ""):
		return badObject(op, path+".pattern", o.Pattern, "a 0 or 1 for each night required, a 1 for each discounted")
	}
	return nil
}

func (c *Catalog) checkSupplements(op *ObjectOp, r *RatePlan) *ItemError {
	seen := map[string]bool{}
	for i := range r.Supplements {
		s, path := &r.Supplements[i], "supplements["+itoa(i)+"]"
		if s.Strange() {
			if s.kept.fault != "" {
				return badObject(op, path, s.kept.fault, "a supplement, known fields only")
			}
			continue
		}
		if CheckCode(s.Code) != nil || seen[s.Code] {
			return badObject(op, path+".code", s.Code, "1 to 64 bytes of text, one supplement of a code")
		}
		seen[s.Code] = true
		if err := c.checkSupplement(op, r, s, path); err != nil {
			return err
		}
	}
	return nil
}

var charges = []Charge{ChargeDay, ChargeRoomNight, ChargePersonNight, ChargeStay, ChargeRoomStay, ChargePersonStay, ChargeItem, ChargeOther}

func (c *Catalog) checkSupplement(op *ObjectOp, r *RatePlan, s *Supplement, path string) *ItemError {
	if !slices.Contains(charges, s.Charge) {
		return badObject(op, path+".charge", string(s.Charge), "a charge")
	}
	if tax := r.tax(); s.Side != "" && s.Side != TaxBefore && s.Side != TaxAfter || s.Side == "" && tax == TaxBoth || s.Side != "" && tax != TaxBoth && tax != s.Side {
		return badObject(op, path+".side", s.Side, "before or after: a side that the plan tells; needed if it tells both")
	}
	for _, day := range s.Days {
		if _, err := ParseWeekday(day); err != nil {
			return badObject(op, path+".days", day, "mon, tue, wed, thu, fri, sat or sun")
		}
	}
	if len(s.Amounts) > supplementAmountsMax {
		return badObject(op, path+".amounts", itoa(len(s.Amounts)), "at most "+itoa(supplementAmountsMax))
	}
	for k := range s.Amounts {
		a, at := &s.Amounts[k], path+".amounts["+itoa(k)+"]"
		switch {
		case a.RoomType != "" && c.RoomTypes[a.RoomType] == nil:
			return unknown(CodeUnknownRoomType, "rate_plan."+at+".room_type", a.RoomType, "a room type of the property")
		case a.From != nil && a.To != nil && *a.From > *a.To:
			return badObject(op, at+".to", a.To.String(), "a date on or after from")
		case a.Amount < 0 || a.Amount > AmountMax:
			return badObject(op, at+".amount", a.Amount.String(), "an amount of 0 or more")
		}
	}
	return nil
}

// checkSeasons refuses seasons of a room type that overlap.
func (c *Catalog) checkSeasons(op *ObjectOp, seasons []Season) *ItemError {
	for i := range seasons {
		s, path := seasons[i], "seasons["+itoa(i)+"]"
		if c.RoomTypes[s.RoomType] == nil {
			return unknown(CodeUnknownRoomType, "rate_plan."+path+".room_type", s.RoomType, "a room type of the property")
		}
		if s.From > s.To {
			return badObject(op, path+".to", s.To.String(), "a date on or after from")
		}
	}
	list := inOrderOfRooms(seasons)
	for i := 1; i < len(list); i++ {
		if a, b := list[i-1], list[i]; a.RoomType == b.RoomType && b.From <= a.To {
			return badObject(op, "seasons", b.From.String()+" of "+b.RoomType, "seasons of a room type that do not overlap")
		}
	}
	return nil
}

// inOrderOfRooms answers the seasons by room type, then date.
func inOrderOfRooms(seasons []Season) []Season {
	list := slices.Clone(seasons)
	slices.SortFunc(list, func(a, b Season) int {
		return cmp.Or(cmp.Compare(a.RoomType, b.RoomType), cmp.Compare(a.From, b.From))
	})
	return list
}

// extrasName tells whether a plan's supplements or seasons name a room type.
func (r *RatePlan) extrasName(room string) bool {
	return slices.ContainsFunc(r.Seasons, func(s Season) bool { return s.RoomType == room }) ||
		slices.ContainsFunc(r.Supplements, func(s Supplement) bool {
			return slices.ContainsFunc(s.Amounts, func(a SupplementAmount) bool { return a.RoomType == room })
		})
}
