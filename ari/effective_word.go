package ari

// word is the hot part of a product on a date, one 64-bit number: what most stays are decided by.
//
//	bits  0-11  flags
//	bits 16-22  min LOS arrival, 23 guard      bits 24-30  127 - max LOS arrival, 31 guard
//	bits 32-38  min LOS night,   39 guard      bits 40-46  127 - max LOS night,   47 guard
//	bits 48-62  32767 - units,   63 guard
//
// In every number field more is stricter, and 0 demands nothing. Adding a query's demand (see demand) carries into the guard bit exactly
// where the field refuses, so that a night of a product is judged by one addition. What does not fit is in the rare items beside it,
// and the word says so; the fields then hold the nearest stricter or equal value for stays of at most losHot nights.
type word uint64

// Flags of a word. The first eight speak of the night, then two each of arrival and departure.
const (
	isClosed word = 1 << iota
	isUnopened
	isStopped
	isUnknown  // covered by a kind that cannot be evaluated (S1)
	noCount    // an own pool is unset
	badCount   // inventory cannot be evaluated
	rareNight  // rare items speak of the night
	pastCutoff // of a block's sale
	isCTA
	rareArrival
	isCTD
	rareDeparture
)

// The number fields, by the place of their lowest bit.
const (
	minArrival = 16
	maxArrival = 24
	minThrough = 32
	maxThrough = 40
	shortBy    = 48

	losField   = 127
	losHot     = 126 // the longest stay that words can judge
	unitsField = 32767
)

const (
	guardArrival = word(1)<<(minArrival+7) | word(1)<<(maxArrival+7)
	guardNight   = word(1)<<(minThrough+7) | word(1)<<(maxThrough+7) | word(1)<<63
	maskNight    = isClosed | isUnopened | isStopped | isUnknown | noCount | badCount | rareNight | pastCutoff | guardNight
	maskArrival  = maskNight | isCTA | rareArrival | guardArrival
	maskDepart   = isCTD | rareDeparture
	rareAny      = rareNight | rareArrival | rareDeparture
	restricting  = isClosed | isUnopened | isUnknown | rareAny | isCTA | isCTD | losField<<minArrival | losField<<maxArrival |
		losField<<minThrough | losField<<maxThrough
)

// demand answers what is added to the words of a stay's nights, and to that of its first night. nights <= losHot, rooms <= unitsField.
func demand(nights, rooms int) (night, arrival word) {
	l := word(nights)
	night = (losField-l)<<minThrough | l<<maxThrough | word(rooms)<<shortBy
	return night, night | (losField-l)<<minArrival | l<<maxArrival
}

// raise makes the field at shift at least v.
func (w word) raise(shift int, v int64) word {
	if old := int64(w>>shift) & losField; v > old {
		w += word(v-old) << shift
	}
	return w
}

// field answers the seven bits at shift.
func (w word) field(shift int) int64 { return int64(w>>shift) & losField }

// withUnits puts the units, which must be the first ones put.
func (w word) withUnits(u int64) word {
	return w | word(unitsField-min(max(u, 0), unitsField))<<shortBy
}

// units answers the units left, clamped to 0..unitsField.
func (w word) units() int { return unitsField - int(w>>shortBy)&unitsField }

// restrict lays a restriction's value over the word; true means that it does not fit and belongs to the rare items too.
func (w word) restrict(f Field, v Value) (word, bool) {
	switch f {
	case Closed:
		return w.flag(isClosed, v), false
	case CTA:
		return w.flag(isCTA, v), false
	case CTD:
		return w.flag(isCTD, v), false
	case MinLOSArrival:
		return w.minLOS(minArrival, rareArrival, v.A)
	case MinLOSThrough:
		return w.minLOS(minThrough, rareNight, v.A)
	case MaxLOSArrival:
		return w.maxLOS(maxArrival, rareArrival, v.A)
	case MaxLOSThrough:
		return w.maxLOS(maxThrough, rareNight, v.A)
	}
	switch f.When() {
	case Night:
		return w | rareNight, true
	case Arrival:
		return w | rareArrival, true
	}
	return w | rareDeparture, true
}

func (w word) flag(f word, v Value) word {
	if v.A == Shut {
		return w | f
	}
	return w
}

func (w word) minLOS(shift int, rare word, n int64) (word, bool) {
	if n > losHot {
		return w.raise(shift, losField) | rare, true
	}
	return w.raise(shift, n), false
}

func (w word) maxLOS(shift int, rare word, n int64) (word, bool) {
	if n > losHot {
		return w | rare, true
	}
	return w.raise(shift, losField-n), false
}
