package ari

import "math/bits"

// wide is a signed 128-bit number: sums of amounts x rooms x nights x heads stay exact in it (see QueryMax).
type wide struct {
	hi int64
	lo uint64
}

func wideOf(n int64) wide { return wide{n >> 63, uint64(n)} }

// mulWide answers a x b.
func mulWide(a, b int64) wide {
	hi, lo := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
	w := wide{int64(hi), lo}
	if (a < 0) != (b < 0) {
		return w.neg()
	}
	return w
}

func (w wide) neg() wide {
	lo, borrow := bits.Sub64(0, w.lo, 0)
	hi, _ := bits.Sub64(0, uint64(w.hi), borrow)
	return wide{int64(hi), lo}
}

func (w wide) add(x wide) wide {
	lo, carry := bits.Add64(w.lo, x.lo, 0)
	hi, _ := bits.Add64(uint64(w.hi), uint64(x.hi), carry)
	return wide{int64(hi), lo}
}

// mul answers w x n for n >= 0. The caller knows that it fits.
func (w wide) mul(n int64) wide {
	if w.hi < 0 {
		return w.neg().mul(n).neg()
	}
	hi, lo := bits.Mul64(w.lo, uint64(n))
	return wide{int64(hi + uint64(w.hi)*uint64(n)), lo}
}

// cmp answers -1, 0 or 1.
func (w wide) cmp(x wide) int {
	switch {
	case w.hi < x.hi || w.hi == x.hi && w.lo < x.lo:
		return -1
	case w == x:
		return 0
	}
	return 1
}

// divRound answers w / n, half away from zero, for n > 0; false if it does not fit 64 bits.
func (w wide) divRound(n int64) (int64, bool) {
	if w.hi < 0 {
		q, ok := w.neg().divRound(n)
		return -q, ok
	}
	q, r, ok := w.divMod(n)
	if ok && r >= n-r {
		q++
	}
	return q, ok
}

// divMod answers w / n and the rest, for w >= 0 and n > 0; false if the quotient, or the next, does not fit 63 bits.
func (w wide) divMod(n int64) (q, r int64, ok bool) {
	if uint64(w.hi) >= uint64(n) {
		return 0, 0, false
	}
	a, b := bits.Div64(uint64(w.hi), w.lo, uint64(n))
	return int64(a), int64(b), a < 1<<63-1
}
