package ari

import (
	"encoding/json"
	"iter"
	"slices"
	"time"
)

// check judges the objects that an update puts or deletes, as the catalog is after all of them: so a family of derived plans may change
// together, and objects may come in any order.
//
// Shape: errors name an object by its index; those that skip names are left out.
func (c *Catalog) check(before *Catalog, ops []ObjectOp, skip func(*ObjectOp) bool) []*ItemError {
	var errs []*ItemError
	for i := range ops {
		op := &ops[i]
		if skip(op) {
			continue
		}
		check := c.checkPut
		if op.Body == nil {
			check = c.checkDelete
		}
		if err := check(op); err != nil {
			err.Item = i
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	for code, err := range c.checkDerived() {
		err.Item = planOp(ops, skip, code, c.Plans[code].Parent)
		if !slices.ContainsFunc(errs, func(e *ItemError) bool { return e.Item == err.Item }) { // one object is one error
			errs = append(errs, err)
		}
	}
	return errs
}

// planOp answers the index of the object that is to blame for a plan's derivation: the plan's own, its parent's, or the first plan's.
func planOp(ops []ObjectOp, skip func(*ObjectOp) bool, plan, parent string) int {
	best, rank := 0, 0
	for i := range ops {
		op := &ops[i]
		r := 1
		switch {
		case op.Kind != KindRatePlan || skip(op):
			continue
		case op.Code == plan:
			r = 3
		case op.Code == parent:
			r = 2
		}
		if r > rank {
			best, rank = i, r
		}
	}
	return best
}

func (c *Catalog) checkPut(op *ObjectOp) *ItemError {
	switch op.Kind {
	case KindProperty:
		return c.checkProperty(op)
	case KindRoomType:
		return c.checkRoomType(op)
	case KindPool:
		if c.RoomTypes[op.Code] != nil {
			return badObject(op, "code", op.Code, "a code that no room type has")
		}
	case KindRatePlan:
		return c.checkPlan(op)
	case KindBlock:
		return c.checkBlockObject(op)
	}
	return nil
}

func (c *Catalog) checkProperty(op *ObjectOp) *ItemError {
	p := &c.Property
	decimals := func(n *int) bool { return n == nil || *n >= 0 && *n <= 4 }
	for _, f := range []struct {
		ok              bool
		path, got, want string
	}{
		{goodZone(p.TimeZone), "time_zone", p.TimeZone, "an IANA time zone"},
		{goodCurrency(p.Currency), "currency", p.Currency, "an ISO 4217 code of three capitals"},
		{p.AdultAge >= 1 && p.AdultAge <= 30, "adult_age", itoa(p.AdultAge), "1 to 30"},
		{p.InfantAge >= 0 && p.InfantAge <= p.AdultAge, "infant_age", itoa(p.InfantAge), "0 to adult_age"},
		{slices.Contains([]string{"check_in", "midnight_start", "midnight_end"}, p.LeadReference), "lead_reference", p.LeadReference, "check_in, midnight_start or midnight_end"},
		{decimals(p.NightDecimals), "night_decimals", "", "0 to 4"},
		{decimals(p.TotalDecimals), "total_decimals", "", "0 to 4"},
		{p.ReplaceShare >= 0 && p.ReplaceShare <= 100, "replace_share", itoa(p.ReplaceShare), "a percentage"},
		{p.Stage == "" || slices.Contains(Stages, p.Stage), "stage", string(p.Stage), "draft, mapped, shadow, live or suspended"},
		{len(p.RatesOwner) <= CodeMax, "rates_owner", p.RatesOwner, "a connection"},
		{len(p.CountsOwner) <= CodeMax, "counts_owner", p.CountsOwner, "a connection"},
	} {
		if !f.ok {
			return badObject(op, f.path, f.got, f.want)
		}
	}
	return nil
}

func goodZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func goodCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// zone answers the property's time zone; UTC before the property is known.
func (c *Catalog) zone() *time.Location {
	if z, err := time.LoadLocation(c.Property.TimeZone); err == nil {
		return z
	}
	return time.UTC
}

// guestsMax bounds guests and children of one room: rate keys have 5 bits.
const guestsMax = 31

func (c *Catalog) checkRoomType(op *ObjectOp) *ItemError {
	r := c.RoomTypes[op.Code]
	if c.Pools[op.Code] != nil {
		return badObject(op, "code", op.Code, "a code that no pool has")
	}
	if r.Class != "" && c.Classes[r.Class] == nil {
		return unknown(CodeUnknownRoomClass, "room_type.class", r.Class, "a room class of the property")
	}
	for _, n := range []int{r.MinOccupancy, r.StdOccupancy, r.MaxOccupancy, r.MaxAdults} {
		if n < 0 || n > guestsMax {
			return badObject(op, "occupancy", itoa(n), "0 to 31 guests")
		}
	}
	if r.MaxChildren != nil && (*r.MaxChildren < 0 || *r.MaxChildren > guestsMax) {
		return badObject(op, "max_children", itoa(*r.MaxChildren), "0 to 31")
	}
	seen := map[string]bool{}
	for _, u := range r.Pools {
		if c.Pools[u.Pool] == nil && c.RoomTypes[u.Pool] == nil {
			return unknown(CodeUnknownPool, "room_type.pools", u.Pool, "a pool or room type of the property")
		}
		if u.Quantity < 1 || u.Quantity > 1000 || seen[u.Pool] {
			return badObject(op, "pools", u.Pool, "each pool once, quantity 1 to 1,000")
		}
		seen[u.Pool] = true
	}
	return nil
}

func (c *Catalog) checkPlan(op *ObjectOp) *ItemError {
	r := c.Plans[op.Code]
	if r.Category != "" && c.Categories[r.Category] == nil {
		return unknown(CodeUnknownCategory, "rate_plan.category", r.Category, "a rate category of the property")
	}
	if r.Parent != "" && c.Plans[r.Parent] == nil {
		return unknown(CodeUnknownRatePlan, "rate_plan.parent", r.Parent, "a rate plan of the property")
	}
	for _, code := range r.RoomTypes {
		if c.RoomTypes[code] == nil {
			return unknown(CodeUnknownRoomType, "rate_plan.room_types", code, "a room type of the property")
		}
	}
	oneOf := func(s string, words ...string) bool { return s == "" || slices.Contains(words, s) }
	inOrder := func(a, b *StayDate) bool { return a == nil || b == nil || *a <= *b }
	guests := func(n int) bool { return n >= 0 && n <= guestsMax }
	for _, f := range []struct {
		ok              bool
		path, got, want string
	}{
		{r.Currency == "" || goodCurrency(r.Currency), "currency", r.Currency, "an ISO 4217 code of three capitals"},
		{oneOf(r.Tax, TaxBefore, TaxAfter, TaxBoth), "tax", r.Tax, "before, after or both"},
		{oneOf(string(r.Basis), string(BasisNightly), string(BasisLOSTier), string(BasisPeriod), string(BasisArrivalLOS), string(BasisDayOfArrival)),
			"basis", string(r.Basis), "nightly, los_tier, period, arrival_los or day_of_arrival"},
		{goodTiers(r), "tiers", "", "rising LOS of 1 to 255 for los_tier, none otherwise"},
		{(r.basis() == BasisPeriod) == (r.Period != 0) && r.Period >= 0 && r.Period <= 365, "period", itoa(r.Period), "1 to 365 nights for period, 0 otherwise"},
		{oneOf(r.Fill, FillExact, FillNextHigher, FillBaseExtras, FillProRata, FillFromBase), "fill", r.Fill, "exact, next_higher, base_extras, pro_rata or from_base"},
		{oneOf(r.ChildPricing, "bands", "positions", "count", "free", "as_adults"), "child_pricing", r.ChildPricing, "bands, positions, count, free or as_adults"},
		{guests(r.MinOccupancy) && guests(r.MaxOccupancy) && guests(r.BaseOccupancy), "occupancy", "", "0 to 31 guests"},
		{inOrder(r.SellFrom, r.SellTo), "sell_to", "", "a date on or after sell_from"},
		{inOrder(r.StayFrom, r.StayTo), "stay_to", "", "a date on or after stay_from"},
		{r.Step >= 0 && r.Step <= AmountMax, "step", r.Step.String(), "an amount of 0 or more"},
		{r.Parent != "" || len(r.Derive) == 0 && r.Inherit == Inherit{}, "derive", "", "a parent to derive and inherit from"},
		{len(r.Derive) <= deriveRulesMax, "derive", itoa(len(r.Derive)), "at most 366 rules"},
	} {
		if !f.ok {
			return badObject(op, f.path, f.got, f.want)
		}
	}
	if err := c.checkExtras(op, r); err != nil {
		return err
	}
	return c.checkRules(op, r)
}

// deriveRulesMax bounds the rules of one plan: one for each day of a year.
const deriveRulesMax = 366

func goodTiers(r *RatePlan) bool {
	if r.basis() != BasisLOSTier {
		return len(r.Tiers) == 0
	}
	last := 0
	for _, t := range r.Tiers {
		if t <= last || t > 255 {
			return false
		}
		last = t
	}
	return last > 0
}

func (c *Catalog) checkRules(op *ObjectOp, r *RatePlan) *ItemError {
	for i := range r.Derive {
		d := &r.Derive[i]
		path := "derive[" + itoa(i) + "]"
		for _, code := range d.RoomTypes {
			if c.RoomTypes[code] == nil {
				return unknown(CodeUnknownRoomType, "rate_plan."+path+".room_types", code, "a room type of the property")
			}
		}
		for _, day := range d.Days {
			if _, err := ParseWeekday(day); err != nil {
				return badObject(op, path+".days", day, "mon, tue, wed, thu, fri, sat or sun")
			}
		}
		switch {
		case d.From != nil && d.To != nil && *d.From > *d.To:
			return badObject(op, path+".to", d.To.String(), "a date on or after from")
		case d.Percent < -100*AmountUnit || d.Percent > 100_000*AmountUnit:
			return badObject(op, path+".percent", d.Percent.String(), "-100 to 100,000")
		case d.Side != "" && d.Side != TaxBefore && d.Side != TaxAfter:
			return badObject(op, path+".side", d.Side, "before or after")
		case d.Side == "" && d.Amount != 0 && r.tax() == TaxBoth:
			return badObject(op, path+".side", "", "before or after: the plan tells both tax sides")
		case d.Min != nil && d.Max != nil && *d.Min > *d.Max:
			return badObject(op, path+".max", d.Max.String(), "an amount of min or more")
		}
	}
	return nil
}

// checkDerived refuses cycles, and plans that mean something else by an amount than their parent (S13): one error for each such plan, by code.
func (c *Catalog) checkDerived() iter.Seq2[string, *ItemError] {
	return func(yield func(string, *ItemError) bool) {
		for _, code := range c.PlanCodes {
			if err := c.checkParent(code); err != nil && !yield(code, err) {
				return
			}
		}
	}
}

func (c *Catalog) checkParent(code string) *ItemError {
	r := c.Plans[code]
	if r.Parent == "" {
		return nil
	}
	steps := 0
	for p := r; p != nil && p.Parent != ""; p = c.Plans[p.Parent] {
		if steps++; steps > len(c.Plans) {
			return &ItemError{Code: CodeDerivedCycle, Path: "rate_plan.parent", Got: clip(code), Expected: "a chain of parents that ends"}
		}
	}
	if parent := c.Plans[r.Parent]; parent != nil && !c.agree(r, parent) {
		return &ItemError{Code: CodeDerivedMismatch, Path: "rate_plan.parent", Got: clip(code + " of " + r.Parent),
			Expected: "the parent's currency, basis, tiers, period and per_person"}
	}
	return nil
}

func (c *Catalog) agree(a, b *RatePlan) bool {
	x, y := c.terms(a), c.terms(b)
	x.tax, y.tax = "", ""
	return x == y && slices.Equal(a.Tiers, b.Tiers)
}

func (c *Catalog) checkBlockObject(op *ObjectOp) *ItemError {
	b := c.Blocks[op.Code]
	if b.Release != "" && b.Release != "told" && b.Release != "automatic" {
		return badObject(op, "release", b.Release, "told or automatic")
	}
	steps := 0
	for p := b; p.Parent != ""; {
		parent := c.Blocks[p.Parent]
		if parent == nil {
			return unknown(CodeUnknownBlock, "block.parent", p.Parent, "a block of the property")
		}
		if steps++; steps > len(c.Blocks) {
			return badObject(op, "parent", b.Parent, "a chain of parents that ends")
		}
		p = parent
	}
	return nil
}

// checkDelete refuses to delete what another object names.
func (c *Catalog) checkDelete(op *ObjectOp) *ItemError {
	if by := c.namedBy(op.Kind, op.Code); by != "" {
		return &ItemError{Code: CodeInUse, Path: op.Kind, Got: clip(op.Code), Expected: "what nothing names; " + clip(by) + " does"}
	}
	return nil
}

// namedBy answers an object that names another; "" if none does.
func (c *Catalog) namedBy(kind, code string) string {
	for _, r := range c.RoomCodes {
		t := c.RoomTypes[r]
		switch kind {
		case KindProperty:
			return "room type " + r
		case KindRoomClass:
			if t.Class == code {
				return "room type " + r
			}
		case KindRoomType, KindPool:
			if slices.ContainsFunc(t.Pools, func(u PoolUse) bool { return u.Pool == code }) && (kind == KindPool || r != code) {
				return "room type " + r
			}
		}
	}
	for _, r := range c.PlanCodes {
		p := c.Plans[r]
		if kind == KindProperty || kind == KindRateCategory && p.Category == code || kind == KindRatePlan && p.Parent == code ||
			kind == KindRoomType && (slices.Contains(p.RoomTypes, code) || namesRoom(p.Derive, code) || p.extrasName(code)) {
			return "rate plan " + r
		}
	}
	for _, id := range sortedKeys(c.Blocks) {
		if kind == KindProperty || kind == KindBlock && c.Blocks[id].Parent == code {
			return "block " + id
		}
	}
	return ""
}

func namesRoom(rules []DeriveRule, code string) bool {
	return slices.ContainsFunc(rules, func(d DeriveRule) bool { return slices.Contains(d.RoomTypes, code) })
}

// Body answers an object's JSON in its one form; nil if there is none.
func (c *Catalog) Body(kind, code string) []byte {
	var v any
	ok := false
	switch kind {
	case KindProperty:
		v, ok = &c.Property, c.Property.Code == code
	case KindRoomClass:
		v, ok = found(c.Classes, code)
	case KindRoomType:
		v, ok = found(c.RoomTypes, code)
	case KindPool:
		v, ok = found(c.Pools, code)
	case KindRateCategory:
		v, ok = found(c.Categories, code)
	case KindRatePlan:
		v, ok = found(c.Plans, code)
	case KindBlock:
		v, ok = found(c.Blocks, code)
	default:
		return c.Others[kind][code]
	}
	if !ok {
		return nil
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic("ari: an object of the catalog has no JSON: " + err.Error()) // only our own types come here
	}
	return body
}

func found[T any](m map[string]*T, code string) (any, bool) {
	v, ok := m[code]
	return v, ok
}
