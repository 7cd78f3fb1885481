package ari

import "math"

// Value is what a statement says of a field. How A, B and Form are read depends on the field:
//
//	closed, CTA, CTD            A: 1 open, 2 closed
//	min and max LOS             A: nights, 1..999
//	LOS pattern                 A: bits, bit i-1 = LOS i is open; B: n, 1..63; Form: 1 = the tail beyond n is open
//	min and max lead            Form 0: A days, B minute of day "until" or -1. Form 1: A minutes
//	min and max price           A: amount; Form: SideBefore or SideAfter
//	counts                      A: rooms (signed)
//	limits                      A: rooms (offset signed, others >= 0)
//	rates                       A: amount before tax, B: after tax; Form: which are told, SideBefore | SideAfter
//	block numbers               A: rooms, or the stay date of the cutoff
//	unknown                     nothing; the text is beside it
type Value struct {
	A, B int64
	Form uint8
}

// Tax sides, also as a mask.
const (
	SideBefore uint8 = 1
	SideAfter  uint8 = 2
)

// Tri-state values (S6). Unset is the absence of a value.
const (
	Open   int64 = 1
	Shut   int64 = 2 // closed, CTA or CTD holds
	NoTime int64 = -1
)

// Num is a value with A only.
func Num(a int64) Value { return Value{A: a} }

// LeadDays is a lead of n days, until a minute of the day (NoTime for none).
func LeadDays(n, until int64) Value { return Value{A: n, B: until} }

// LeadMinutes is a lead as a duration.
func LeadMinutes(n int64) Value { return Value{A: n, Form: 1} }

// Pattern is a LOS pattern: bit i-1 says LOS i is open, n bits, and the tail.
func Pattern(bits uint64, n int, tailOpen bool) Value {
	v := Value{A: int64(bits), B: int64(n)}
	if tailOpen {
		v.Form = 1
	}
	return v
}

// Price is an amount on one tax side.
func Price(side uint8, a Amount) Value { return Value{A: int64(a), Form: side} }

// Before, After and Both are rate values.
func Before(a Amount) Value { return Value{A: int64(a), Form: SideBefore} }
func After(a Amount) Value  { return Value{B: int64(a), Form: SideAfter} } //nolint:revive // see Before
func Both(before, after Amount) Value { // see Before
	return Value{A: int64(before), B: int64(after), Form: SideBefore | SideAfter}
}

// State of a cell.
type State uint8

// A cell was never told, is told to be unset (a clear, with its stamp), or has a value.
const (
	Untold State = iota
	Cleared
	Told
)

// Stamp orders what is told of a cell within one connection (S21): microseconds of the source's time, or its sequence number, or our
// arrival time when it gives neither. Revision is the one that set it, for explain; it takes no part in order.
type Stamp struct {
	Order    int64
	Revision int64
}

// NoStamp is older than every stamp.
var NoStamp = Stamp{Order: math.MinInt64}

// Cell is a column's value on one date.
type Cell struct {
	State State
	Value Value
	Stamp Stamp
}
