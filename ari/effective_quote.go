package ari

import (
	"math"
	"slices"
)

// quote is the amounts of one number of adults on one tax side for all products, date-major like the words: what most queries sum. Its unit
// is a hundred Amounts. It holds what is plain: told or derived, above 0 (or complimentary), whole in its unit, and fitting. All else is
// notPlain, and the judge reads the series.
type quote struct {
	adults uint8
	side   uint8
	n      []int32 // [date][product]
}

const (
	quoteUnit = 100
	notPlain  = int32(-1)
)

// quoteShare is the least share of products, 1 in so many, that a quote must hold to be worth its memory.
const quoteShare = 2

// chooseQuotes makes the quotes of the number of adults that most rooms are for, on the sides that many products tell, unless there are any:
// they cost four bytes per product-date, so there are no others.
func (e *effective) chooseQuotes() {
	if len(e.quotes) > 0 {
		return
	}
	var rooms [32]int
	for r := range e.x.rooms {
		rooms[min(e.x.rooms[r].standard, 31)]++
	}
	adults := slices.Index(rooms[:], slices.Max(rooms[:]))
	for _, side := range sides {
		told := 0
		for i := range e.x.products {
			if s := findSeries(e.rates[i], AdultsField(adults)); s != nil && e.plan(int32(i)).plain && s.sides()&side != 0 {
				told++
			}
		}
		if told > 0 && told*quoteShare >= len(e.x.products) {
			e.addQuote(uint8(adults), side)
		}
	}
}

func (e *effective) addQuote(adults, side uint8) {
	q := quote{adults, side, make([]int32, e.days*len(e.x.products))}
	for i := range e.x.products {
		e.quoteProduct(&q, int32(i), e.base, e.base+StayDate(e.days)-1)
	}
	e.quotes = append(e.quotes, q)
}

// quotable tells whether the series is a plain amount for some number of adults.
func (s *series) quotable() bool { return s.key.Class == Adults && s.key.LOS == 0 }

// quoteOn writes a product's quotes on [from, to], and notes the sides on which it may have amounts: a side that is not told for the adults
// asked may still be known by the fill rule, from another number of adults.
func (e *effective) quoteOn(i int32, from, to StayDate) {
	e.sides[i] = 0
	for k := range e.rates[i] {
		if s := &e.rates[i][k]; s.quotable() {
			e.sides[i] |= s.sides()
		}
	}
	for k := range e.quotes {
		e.quoteProduct(&e.quotes[k], i, from, to)
	}
}

// sides answers the sides on which the series may have amounts.
func (s *series) sides() (form uint8) {
	if s.a.len() > 0 {
		form = SideBefore
	}
	if s.b.len() > 0 {
		form |= SideAfter
	}
	return form
}

func (e *effective) quoteProduct(q *quote, i int32, from, to StayDate) {
	n, pl := len(e.x.products), e.plan(i)
	s := findSeries(e.rates[i], AdultsField(int(q.adults)))
	if !pl.plain {
		s = nil
	}
	var told *nums
	if s != nil {
		told = [2]*nums{s.a, s.b}[q.side>>1]
	}
	at := int(from-e.base)*n + int(i)
	for d := from; d <= to; d++ {
		q.n[at] = notPlain
		if told != nil {
			if v, ok := told.at(int(d - *s.base)); ok {
				q.n[at] = quoteOf(v, pl.Complimentary)
			}
		}
		at += n
	}
}

func quoteOf(v int64, free bool) int32 {
	if v%quoteUnit != 0 || v > math.MaxInt32*quoteUnit || v < 0 || v == 0 && !free {
		return notPlain
	}
	return int32(v / quoteUnit)
}

// growQuotes adds dates before and after, like grow does for words.
func (e *effective) growQuotes(before, after int) {
	for k := range e.quotes {
		e.quotes[k].n = longer(e.quotes[k].n, before*len(e.x.products), after*len(e.x.products), daysAhead*len(e.x.products))
	}
}

// longer answers s with zeroes before and after it. Where it must be copied, it gets room for ahead more.
func longer[T any](s []T, before, after, ahead int) []T {
	size := before + len(s) + after
	if before == 0 && cap(s) >= size {
		return s[:size]
	}
	out := make([]T, size, size+ahead)
	copy(out[before:], s)
	return out
}

// daysAhead is for how many more dates there is room after growing: few, since every one costs memory in every property.
const daysAhead = 16

// quoteFor answers the quote of a number of adults on a side; nil if there is none.
func (e *effective) quoteFor(adults int, side uint8) *quote {
	for k := range e.quotes {
		if q := &e.quotes[k]; int(q.adults) == adults && q.side == side {
			return q
		}
	}
	return nil
}
