package ari

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// checkCodes refuses a scope with codes that the catalog does not have.
func (j *trial) checkCodes(s Scope) *ItemError {
	if j.scopeOK && j.scoped == s {
		return nil
	}
	if err := j.catalog.checkCodes(s); err != nil {
		return err
	}
	if err := j.checkChannel(s.Channel); err != nil {
		return err
	}
	j.scoped, j.scopeOK = s, true
	return nil
}

// checkChannel bounds the channels that anything is told of.
func (j *trial) checkChannel(channel string) *ItemError {
	told := j.d.p.eff.channels()
	if channel == "" || told[channel] != nil || j.channels[channel] {
		return nil
	}
	if n := max(0, len(told)-1) + len(j.channels); n >= ChannelsMax {
		return &ItemError{Code: CodeTooManyChannels, Path: "scope.channel", Got: clip(channel), Expected: "one of the " + itoa(n) + " channels told of so far: there may be no more"}
	}
	if j.channels == nil {
		j.channels = map[string]bool{}
	}
	j.channels[channel] = true
	return nil
}

// channels answers the views by channel, "" among them unless there is none.
func (e *effective) channels() map[string]*view {
	if e == nil || e.x == nil {
		return nil
	}
	return e.x.views
}

func (c *Catalog) checkCodes(s Scope) *ItemError {
	for _, check := range [...]func(Scope) *ItemError{c.checkRooms, c.checkRates, c.checkBlock} {
		if err := check(s); err != nil {
			return err
		}
	}
	if s.Channel != "" {
		if err := CheckCode(s.Channel); err != nil {
			return &ItemError{Code: CodeRange, Path: "scope.channel", Got: clip(s.Channel), Expected: "a code of 1 to " + itoa(CodeMax) + " bytes"}
		}
	}
	return nil
}

func (c *Catalog) checkRooms(s Scope) *ItemError {
	switch s.Rooms {
	case AllRooms:
		if s.Room != "" {
			return badScope("scope.rooms", s)
		}
	case RoomTypeKind:
		if c.RoomTypes[s.Room] == nil {
			return unknown(CodeUnknownRoomType, "scope.rooms", s.Room, "a room type of the property")
		}
	case RoomClassKind:
		if c.Classes[s.Room] == nil {
			return unknown(CodeUnknownRoomClass, "scope.rooms", s.Room, "a room class of the property")
		}
	case PoolKind:
		if c.Pools[s.Room] == nil && c.RoomTypes[s.Room] == nil {
			return unknown(CodeUnknownPool, "scope.rooms", s.Room, "a pool of the property")
		}
	default:
		return badScope("scope.rooms", s)
	}
	return nil
}

func (c *Catalog) checkRates(s Scope) *ItemError {
	switch s.Rates {
	case AllRates:
		if s.Rate != "" {
			return badScope("scope.rates", s)
		}
	case CategoryKind:
		if c.Categories[s.Rate] == nil {
			return unknown(CodeUnknownCategory, "scope.rates", s.Rate, "a rate category of the property")
		}
	case PlanKind, FamilyKind:
		if c.Plans[s.Rate] == nil {
			return unknown(CodeUnknownRatePlan, "scope.rates", s.Rate, "a rate plan of the property")
		}
	default:
		return badScope("scope.rates", s)
	}
	return nil
}

func (c *Catalog) checkBlock(s Scope) *ItemError {
	if s.Block != "" && c.Blocks[s.Block] == nil {
		return unknown(CodeUnknownBlock, "scope.block", s.Block, "a block of the property")
	}
	return nil
}

func unknown(code, path, got, want string) *ItemError {
	return &ItemError{Code: code, Path: path, Got: clip(got), Expected: want}
}

func badScope(path string, s Scope) *ItemError {
	return &ItemError{Code: CodeScope, Path: path, Got: clip(string(s.Room) + "/" + s.Rate), Expected: "rooms and rates with their codes"}
}

// checkPlace refuses a field at a scope where it cannot be told (docs/evaluation.md 2, 8).
func checkPlace(s Scope, f Field, v Verb) *ItemError {
	bad := func(want string) *ItemError {
		return &ItemError{Code: CodeScope, Path: "scope", Got: f.String() + " at " + clip(s.Key()), Expected: want}
	}
	family := f.Family()
	if v == Adjust && family != FamilyCount {
		return bad("an adjust of counts")
	}
	if s.Rooms == PoolKind && family != FamilyCount {
		return bad("a pool for counts only")
	}
	switch family {
	case FamilyRate:
		if s.Rooms != RoomTypeKind || s.Rates != PlanKind || s.Channel != "" {
			return bad("a room type, a rate plan and all channels")
		}
	case FamilyCount:
		if s.Rates != AllRates || s.Channel != "" || s.Block != "" {
			return bad("rooms only: all rates, all channels, no block")
		}
	case FamilyBlock:
		if s.Rates != AllRates || s.Channel != "" || s.Block == "" {
			return bad("a block and rooms: all rates, all channels")
		}
	case FamilyLimit:
		if s.Block != "" && f == Limit(Offset) {
			return bad("no block for an offset")
		}
	case FamilyRestriction, FamilyUnknown:
	default:
		return bad("a field that exists")
	}
	return nil
}

// poolScope answers where the count of a pool is told: a room type's own pool at the room type.
func (j *trial) poolScope(s Scope, f Field) Scope {
	if s.Rooms == PoolKind && f.Family() == FamilyCount && j.catalog.Pools[s.Room] == nil {
		s.Rooms = RoomTypeKind
	}
	return s
}

// Bounds of values.
const (
	roomsMax       = 1_000_000 // more rooms than any property has, few enough that sums never overflow
	losMax         = 999
	leadDaysMax    = HorizonFuture
	leadMinutesMax = 1_576_800 // 1,095 days
	dayMinutes     = 24 * 60
)

// checkValue refuses a value that the field cannot have (docs/evaluation.md 9).
func (j *trial) checkValue(s *Statement) *ItemError {
	want, ok := "", false
	f, v := s.Field, s.Value
	switch f.Family() {
	case FamilyRestriction:
		want, ok = checkRestriction(f, v)
	case FamilyCount:
		if f.Component() >= Net && f.Component() < ComponentEnd && v.B == 0 && v.Form == 0 {
			return checkCount(f, v.A)
		}
		want = "a component of a count"
	case FamilyLimit:
		want, ok = checkLimit(f, v)
	case FamilyBlock:
		want, ok = checkBlockNumber(f, v)
	case FamilyRate:
		if want, ok = checkRate(f, v); ok {
			return checkRateBasis(j.catalog, j.catalog.Plans[s.Scope.Rate], f.RateKey(), v)
		}
	case FamilyUnknown:
		want, ok = "1 to "+itoa(TextMax)+" bytes of text", f == UnknownField && s.Text != "" && len(s.Text) <= TextMax
	}
	if !ok {
		return badValue(f, v, want)
	}
	return nil
}

func badValue(f Field, v Value, want string) *ItemError {
	return &ItemError{Code: CodeRange, Path: f.String(), Got: strconv.FormatInt(v.A, 10), Expected: want}
}

func checkCount(f Field, n int64) *ItemError {
	if n < -roomsMax || n > roomsMax {
		return badValue(f, Num(n), "rooms within 1,000,000 of 0")
	}
	return nil
}

func between(n, lo, hi int64) bool { return n >= lo && n <= hi }

func checkRestriction(f Field, v Value) (want string, ok bool) {
	if f.When() < Night || f.When() > Departure || uint8(f) != 0 {
		return "night, arrival or departure", false
	}
	plain := v.B == 0 && v.Form == 0
	switch f.What() {
	case NotAtAll:
		return "open or closed", plain && between(v.A, Open, Shut)
	case MinLOS, MaxLOS:
		return "1 to 999 nights", plain && between(v.A, 1, losMax)
	case LOSPattern:
		return "bits for 1 to 63 nights", between(v.B, 1, 63) && v.A >= 0 && v.A < 1<<uint(v.B) && v.Form <= 1
	case MinLead, MaxLead:
		if v.Form == 1 {
			return "0 to 1,576,800 minutes", v.B == 0 && between(v.A, 0, leadMinutesMax)
		}
		return "0 to 1,095 days, until a time of day", v.Form == 0 && between(v.A, 0, leadDaysMax) && between(v.B, NoTime, dayMinutes-1)
	case MinPrice, MaxPrice:
		return "an amount on one tax side", v.B == 0 && between(v.A, 0, int64(AmountMax)) && (v.Form == SideBefore || v.Form == SideAfter)
	}
	return "a kind of restriction", false
}

func checkLimit(f Field, v Value) (want string, ok bool) {
	plain := v.B == 0 && v.Form == 0
	switch f {
	case Limit(Offset):
		return "rooms within 1,000,000 of 0", plain && between(v.A, -roomsMax, roomsMax)
	case Limit(Remaining), Limit(Total), Limit(HoldBack):
		return "0 to 1,000,000 rooms", plain && between(v.A, 0, roomsMax)
	}
	return "a kind of limit", false
}

func checkBlockNumber(f Field, v Value) (want string, ok bool) {
	plain := v.B == 0 && v.Form == 0
	switch f {
	case BlockField(BlockCutoff):
		return "a date of the years 1970 to 9999", plain && between(v.A, 0, int64(dateLast))
	case BlockField(BlockOriginal), BlockField(BlockCurrent), BlockField(BlockPickedUp), BlockField(BlockSellLimit):
		return "0 to 1,000,000 rooms", plain && between(v.A, 0, roomsMax)
	}
	return "a number of a block", false
}

func checkRate(f Field, v Value) (want string, ok bool) {
	if k := f.RateKey(); k.Field() != f || !goodRateKey(k) {
		return "a rate key", false
	}
	told := func(side uint8, n int64) bool {
		if v.Form&side == 0 {
			return n == 0
		}
		return between(n, 0, int64(AmountMax))
	}
	ok = v.Form >= SideBefore && v.Form <= SideBefore|SideAfter && told(SideBefore, v.A) && told(SideAfter, v.B)
	return "an amount of 0 to 10^10 units, before or after tax", ok
}

func goodRateKey(k RateKey) bool {
	switch k.Class {
	case Adults, ChildNth, ChildCount:
		return k.N >= 1 && k.N <= 31 && k.Max == 0
	case ExtraAdult:
		return k.N == 0 && k.Max == 0
	case ChildBand:
		return k.Min < k.Max && k.Max <= 31
	}
	return false
}

// checkRateBasis refuses a tax side or tier that the plan does not have.
func checkRateBasis(c *Catalog, plan *RatePlan, k RateKey, v Value) *ItemError {
	bad := func(got, want string) *ItemError {
		return &ItemError{Code: CodeRateBasis, Path: k.Field().String(), Got: got, Expected: want}
	}
	switch tax := plan.tax(); {
	case tax == TaxBefore && v.Form != SideBefore:
		return bad("after tax", "an amount before tax")
	case tax == TaxAfter && v.Form != SideAfter:
		return bad("before tax", "an amount after tax")
	}
	ok := k.LOS == 0
	switch plan.basis() {
	case BasisLOSTier:
		ok = false
		for _, t := range plan.Tiers {
			ok = ok || t == int(k.LOS)
		}
	case BasisArrivalLOS:
		ok = k.LOS >= 1
	}
	if !ok {
		return bad("LOS "+itoa(int(k.LOS)), "a tier of the plan")
	}
	return nil
}

// Tax sides of a plan.
const (
	TaxBefore = "before"
	TaxAfter  = "after"
	TaxBoth   = "both"
)

// tax answers which tax sides the plan tells.
func (r *RatePlan) tax() string {
	if r.Tax == "" {
		return TaxAfter
	}
	return r.Tax
}

// basis answers the basis of the plan's amounts.
func (r *RatePlan) basis() Basis {
	if r.Basis == "" {
		return BasisNightly
	}
	return r.Basis
}

// checkOwner refuses what another connection owns (S5); the first to write becomes the owner.
func (j *trial) checkOwner(family uint8) *ItemError {
	if j.u.Connection == "" {
		return &ItemError{Code: CodeNotOwner, Path: "connection", Expected: "a connection that owns what is told"}
	}
	owner := &j.catalog.Property.CountsOwner
	switch family {
	case FamilyRate:
		owner = &j.catalog.Property.RatesOwner
	case FamilyCount, FamilyBlock:
	default:
		return nil
	}
	switch *owner {
	case j.u.Connection:
		return nil
	case "":
		return j.claim(family)
	}
	return &ItemError{Code: CodeNotOwner, Path: "connection", Got: clip(j.u.Connection), Expected: clip(*owner)}
}
