package ari

import "math"

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

// chooseQuotes finds the numbers of adults and sides that many products tell, and makes quotes of those that there are none of yet.
func (e *effective) chooseQuotes() {
	var told [32][2]int
	for i := range e.x.products {
		for k := range e.rates[i] {
			if s := &e.rates[i][k]; s.quotable() && e.plan(int32(i)).plain {
				told[s.key.N][0] += len(s.a.n32) / max(len(s.a.n32), 1)
				told[s.key.N][1] += len(s.b.n32) / max(len(s.b.n32), 1)
			}
		}
	}
	for n := range told {
		for k, side := range sides {
			if many := told[n][k]; many > 0 && many*quoteShare >= len(e.x.products) && e.quoteFor(n, side) == nil {
				e.addQuote(uint8(n), side)
			}
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
	for d := from; d <= to; d++ {
		q.n[int(d-e.base)*n+int(i)] = quoteOf(s, q.side, d, pl.Complimentary)
	}
}

func quoteOf(s *series, side uint8, d StayDate, free bool) int32 {
	if s == nil {
		return notPlain
	}
	n := s.b
	if side == SideBefore {
		n = s.a
	}
	v, ok := n.at(int(d - *s.base))
	if !ok || v%quoteUnit != 0 || v > math.MaxInt32*quoteUnit || v < 0 || v == 0 && !free {
		return notPlain
	}
	return int32(v / quoteUnit)
}

// growQuotes adds dates before and after, like grow does for words.
func (e *effective) growQuotes(before, after int) {
	n := len(e.x.products)
	for k := range e.quotes {
		q := &e.quotes[k]
		if before > 0 {
			q.n = append(make([]int32, before*n, (before+after)*n+len(q.n)), q.n...)
		}
		q.n = append(q.n, make([]int32, after*n)...)
	}
}

// quoteFor answers the quote of a number of adults on a side; nil if there is none.
func (e *effective) quoteFor(adults int, side uint8) *quote {
	for k := range e.quotes {
		if q := &e.quotes[k]; int(q.adults) == adults && q.side == side {
			return q
		}
	}
	return nil
}
