package ari

import "math"

// nums is a column of optional numbers: 4 bytes each as long as all share a scale and fit, 8 bytes once they do not. Most amounts are
// whole minor units and most counts are small, and the picture of a large hub is bound by memory.
type nums struct {
	n32   []int32
	n64   []int64
	scale int64 // of n32: value = n32 x scale; 0 until the first value
}

const (
	none32 = math.MinInt32
	none64 = math.MinInt64
)

func (n *nums) len() int { return len(n.n32) + len(n.n64) }

// grow makes it size numbers, with extra new ones before the old, and room for more without another allocation.
func (n *nums) grow(size, before, room int) {
	if n.n64 != nil {
		n.n64 = grown(n.n64, size, before, room, none64)
		return
	}
	n.n32 = grown(n.n32, size, before, room, none32)
}

// grown answers old with extra values before and after it.
func grown[T any](old []T, size, before, room int, none T) []T {
	if before == 0 && size <= cap(old) {
		out := old[:size]
		fill(out[len(old):], none)
		return out
	}
	out := make([]T, size, max(size, room))
	fill(out[:before], none)
	copy(out[before:], old)
	fill(out[before+len(old):], none)
	return out
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// get answers number i; false if there is none.
func (n *nums) get(i int) (int64, bool) {
	if n.n64 != nil {
		v := n.n64[i]
		return v, v != none64
	}
	v := n.n32[i]
	return int64(v) * n.scale, v != none32
}

// set puts number i.
func (n *nums) set(i int, v int64) {
	if n.n64 == nil && !n.fits(v) {
		n.widen(v)
	}
	if n.n64 != nil {
		n.n64[i] = v
		return
	}
	n.n32[i] = int32(v / n.scale)
}

// unset removes number i.
func (n *nums) unset(i int) {
	if n.n64 != nil {
		n.n64[i] = none64
		return
	}
	n.n32[i] = none32
}

func (n *nums) fits(v int64) bool {
	if n.scale == 0 {
		n.scale = 1
		if v%100 == 0 {
			n.scale = 100
		}
	}
	q := v / n.scale
	return v%n.scale == 0 && q > math.MinInt32 && q <= math.MaxInt32
}

// widen changes the layout so that v fits: scale 1 first, 8 bytes if even that does not do.
func (n *nums) widen(v int64) {
	old, scale := n.n32, n.scale
	narrow := v > math.MinInt32 && v <= math.MaxInt32
	for _, x := range old {
		if w := int64(x) * scale; x != none32 && (w <= math.MinInt32 || w > math.MaxInt32) {
			narrow = false
		}
	}
	if narrow {
		for i, x := range old {
			if x != none32 {
				old[i] = int32(int64(x) * scale)
			}
		}
		n.scale = 1
		return
	}
	n.n64, n.n32 = make([]int64, len(old)), nil
	for i, x := range old {
		n.n64[i] = none64
		if x != none32 {
			n.n64[i] = int64(x) * scale
		}
	}
}

// cut drops the first k numbers.
func (n *nums) cut(k int) {
	if n.n64 != nil {
		n.n64 = append([]int64{}, n.n64[k:]...)
		return
	}
	n.n32 = append([]int32(nil), n.n32[k:]...)
}
