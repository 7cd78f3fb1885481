package ari

import "math"

// pieces appends what a column says on [from, to] as told so far, pending entries aside: rising, without gaps, neighbours differ.
func (p *Picture) pieces(out []piece, c *column, from, to StayDate) []piece {
	switch {
	case c == nil:
		return append(out, unsetPiece(from, to))
	case len(c.standing) > 0:
		return c.mixedPieces(out, from, to, p.stamps)
	case c.dense:
		return c.densePieces(out, from, to, p.stamps)
	}
	return c.sparsePieces(out, from, to, p.stamps)
}

func (c *column) sparsePieces(out []piece, from, to StayDate, t *stampTable) []piece {
	for i := c.find(from); i < len(c.runs) && c.runs[i].from <= to; i++ {
		r := &c.runs[i]
		if r.from > from {
			out = append(out, unsetPiece(from, r.from-1))
		}
		end := min(to, r.to)
		out = append(out, piece{from: max(from, r.from), to: end, state: r.state, value: r.value, order: t.order(r.stamp)})
		from = end + 1
	}
	if from <= to {
		out = append(out, unsetPiece(from, to))
	}
	return out
}

func (c *column) densePieces(out []piece, from, to StayDate, t *stampTable) []piece {
	if len(c.stamps) == 0 {
		return append(out, unsetPiece(from, to))
	}
	if from < c.base {
		end := min(to, c.base-1)
		out, from = append(out, unsetPiece(from, end)), end+1
	}
	last := c.base + StayDate(len(c.stamps)) - 1
	rate := c.field.Family() == FamilyRate
	for d := from; d <= min(to, last); d++ {
		i := int(d - c.base)
		x := piece{from: d, to: d, order: math.MinInt64}
		if stamp := c.stamps[i]; stamp != 0 {
			x.value, x.order, x.state = c.denseValue(i), t.order(stamp), Told
			if x.value.Form == 0 {
				x.state = Cleared
			} else if !rate {
				x.value.Form = 0
			}
		}
		out = joinPiece(out, x)
	}
	if from = max(from, last+1); from <= to {
		out = joinPiece(out, unsetPiece(from, to))
	}
	return out
}

func (c *column) mixedPieces(out []piece, from, to StayDate, t *stampTable) []piece {
	for d := from; d <= to; d++ {
		x := piece{from: d, to: d, order: math.MinInt64}
		state, v, stamp := c.dated(d)
		if state != Untold {
			x.state, x.value, x.order = state, v, t.order(stamp)
		}
		if s := c.standingAt(d, t); s != nil && (stamp == 0 || t.order(s.stamp) > x.order) {
			x.state, x.value, x.order, x.standing = s.state, s.value, t.order(s.stamp), true
		}
		out = joinPiece(out, x)
	}
	return out
}

// joinPiece appends x, or makes the last piece longer if x goes on with it.
func joinPiece(out []piece, x piece) []piece {
	if k := len(out) - 1; k >= 0 {
		l := &out[k]
		if l.to+1 == x.from && l.state == x.state && l.value == x.value && l.order == x.order && l.standing == x.standing && l.ours == x.ours {
			l.to = x.to
			return out
		}
	}
	return append(out, x)
}
