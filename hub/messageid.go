package hub

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"sync"
	"time"
)

// ids makes ids that sort by time: a prefix and 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 random ones. Within a
// millisecond the random part rises, so that ids of one node never go backwards.
type ids struct {
	mu     sync.Mutex
	random io.Reader
	last   int64
	hi     uint16
	lo     uint64
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// next answers a new id.
func (g *ids) next(prefix string, now time.Time) string {
	g.mu.Lock()
	if ms := now.UnixMilli(); ms > g.last {
		g.last = ms
		g.draw()
	} else if g.lo++; g.lo == 0 {
		g.hi++
	}
	ms, hi, lo := uint64(g.last), g.hi, g.lo
	g.mu.Unlock()
	return encodeID(prefix, ms, hi, lo)
}

// draw takes a new random part; the top bit is left free to count in.
func (g *ids) draw() {
	var b [10]byte
	if _, err := io.ReadFull(g.random, b[:]); err != nil {
		_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	}
	g.hi, g.lo = binary.BigEndian.Uint16(b[:])&0x7fff, binary.BigEndian.Uint64(b[2:])
}

// encodeID writes 128 bits as 26 characters of 5 bits, the first of 3.
func encodeID(prefix string, ms uint64, hi uint16, lo uint64) string {
	var b [40]byte
	n := copy(b[:], prefix)
	top := ms<<16 | uint64(hi)
	for i := 25; i >= 0; i-- {
		b[n+i] = crockford[lo&31]
		lo = lo>>5 | top<<59
		top >>= 5
	}
	return string(b[:n+26])
}
