package ari

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Amount is money, exact: ten-thousandths of the currency's unit. Which currency, and which tax side, is the field's.
// Bounds: |amount| <= AmountMax.
type Amount int64

// AmountUnit is one whole unit of currency; AmountMax is the largest amount accepted (10^10 units).
const (
	AmountUnit Amount = 10_000
	AmountMax  Amount = 10_000_000_000 * AmountUnit
)

// ParseAmount reads a plain decimal ("120", "120.5", "-3.1415"), at most 4 fractional digits (further zeros are fine), no exponent, no
// grouping. It never rounds: what does not fit is an error.
func ParseAmount(s string) (Amount, error) {
	bad := func(why string) (Amount, error) {
		return 0, fmt.Errorf("%q is no amount: %s", clip(s), why)
	}
	t, neg := s, false
	if strings.HasPrefix(t, "-") {
		t, neg = t[1:], true
	}
	whole, frac, dot := strings.Cut(t, ".")
	if !isDigits(whole) || dot && !isDigits(frac) {
		return bad(`want a decimal such as "120.50"`)
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > 4 {
		return bad("at most 4 fractional digits")
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 11 {
		return bad("more than 10^10 units")
	}
	n, _ := strconv.ParseInt(whole+frac+"0000"[len(frac):], 10, 64)
	if Amount(n) > AmountMax {
		return bad("more than 10^10 units")
	}
	if neg {
		n = -n
	}
	return Amount(n), nil
}

// String answers the shortest decimal with at least two fractional digits: "120.00", "0.125".
func (a Amount) String() string { return string(a.Append(nil)) }

// Append appends what String answers.
func (a Amount) Append(b []byte) []byte {
	n := uint64(a)
	if a < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendUint(b, n/10_000, 10)
	f := n % 10_000
	b = append(b, '.', byte('0'+f/1000), byte('0'+f/100%10))
	if f%100 != 0 {
		b = append(b, byte('0'+f/10%10))
		if f%10 != 0 {
			b = append(b, byte('0'+f%10))
		}
	}
	return b
}

// AppendMinor appends the shortest decimal with at least so many fractional digits, 0 to 4: "12000" yen, "120.00" euros, "1.500" dinars.
func (a Amount) AppendMinor(b []byte, decimals int) []byte {
	if decimals == 2 {
		return a.Append(b)
	}
	n := uint64(a)
	if a < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendUint(b, n/10_000, 10)
	f := n % 10_000
	if f == 0 && decimals <= 0 {
		return b
	}
	b = append(b, '.')
	for i, unit := 0, uint64(1000); i < decimals || f > 0; i, unit = i+1, unit/10 {
		b = append(b, byte('0'+f/unit))
		f %= unit
	}
	return b
}

// MarshalText answers what String does.
func (a Amount) MarshalText() ([]byte, error) { return a.Append(nil), nil }

// UnmarshalText reads what ParseAmount does.
func (a *Amount) UnmarshalText(b []byte) (err error) { *a, err = ParseAmount(string(b)); return err }

// MulDiv answers round(a x num / den), half away from zero, exact in between. It answers false when the result leaves the
// bounds of an amount. den must be positive.
func (a Amount) MulDiv(num, den int64) (Amount, bool) {
	if a > -math.MaxInt32 && a < math.MaxInt32 && num > -math.MaxInt32 && num < math.MaxInt32 {
		return divRound(int64(a)*num, den), true // the common case, without big numbers
	}
	p := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(num))
	q, r := new(big.Int).QuoRem(p, big.NewInt(den), new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(big.NewInt(den)) >= 0 {
		q.Add(q, big.NewInt(int64(p.Sign())))
	}
	if !q.IsInt64() || Amount(q.Int64()) > AmountMax || Amount(q.Int64()) < -AmountMax {
		return 0, false
	}
	return Amount(q.Int64()), true
}

// divRound answers n/den, half away from zero.
func divRound(n, den int64) Amount {
	q, r := n/den, n%den
	if r < 0 {
		r = -r
	}
	if r >= den-r {
		if n < 0 {
			q--
		} else {
			q++
		}
	}
	return Amount(q)
}

// RoundTo answers the amount rounded half away from zero to a multiple of step (an amount > 0).
func (a Amount) RoundTo(step Amount) Amount { return divRound(int64(a), int64(step)) * step }

// MinorUnit answers the smallest step of a currency with the given number of decimals, 0..4.
func MinorUnit(decimals int) Amount {
	step := AmountUnit
	for range decimals {
		step /= 10
	}
	return step
}

// CurrencyDecimals answers how many decimals an ISO 4217 currency has.
//
// Source: ISO 4217 list one, minor unit column; currencies not listed there with another number have 2.
func CurrencyDecimals(code string) int {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}
