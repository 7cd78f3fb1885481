package hub

import (
	"encoding/binary"
	"math/bits"

	"github.com/ratewire/ratewire/store"
)

// bloom is a blocked Bloom filter over hashes that are random already: one block of 64 bytes a key, 6 bits in it, so that a look costs one
// cache miss. At 12 bits a key about 1 look in 150 for a new key is a false "maybe".
type bloom struct {
	blocks [][8]uint64
	keys   int
	room   int // keys it was made for
}

const (
	bloomBitsPerKey = 12
	bloomProbes     = 6
)

func newBloom(keys int) *bloom {
	keys = max(keys, 1024)
	return &bloom{blocks: make([][8]uint64, (keys*bloomBitsPerKey+511)/512), room: keys}
}

// place answers the block of a hash, and the bits that choose within it.
func (b *bloom) place(h store.KeyHash) (*[8]uint64, uint64) {
	hi, _ := bits.Mul64(binary.LittleEndian.Uint64(h[:8]), uint64(len(b.blocks)))
	return &b.blocks[hi], binary.LittleEndian.Uint64(h[8:])
}

func (b *bloom) add(h store.KeyHash) {
	block, x := b.place(h)
	for range bloomProbes {
		block[x&7] |= 1 << (x >> 3 & 63)
		x >>= 9
	}
	b.keys++
}

func (b *bloom) maybe(h store.KeyHash) bool {
	block, x := b.place(h)
	for range bloomProbes {
		if block[x&7]&(1<<(x>>3&63)) == 0 {
			return false
		}
		x >>= 9
	}
	return true
}

// filter tells whether the store may know a key. Keys that were there when this node became the writer are in old, which is built beside
// the work: until it is there, every key may be known. Those since are in blooms of the day they came (S20), dropped with their bucket.
type filter struct {
	old    *bloom
	oldDay int32 // newest day bucket in it
	days   []dayBlooms
}

type dayBlooms struct {
	day  int32
	list []*bloom // each twice as large as the one before
}

// bloomKeysFirst sizes the first bloom of a day: 1.5 MB.
const bloomKeysFirst = 1 << 20

func (f *filter) maybe(h store.KeyHash) bool {
	if f.old == nil || f.old.maybe(h) {
		return true
	}
	for i := range f.days {
		for _, b := range f.days[i].list {
			if b.maybe(h) {
				return true
			}
		}
	}
	return false
}

func (f *filter) add(day int32, h store.KeyHash) {
	n := len(f.days)
	if n == 0 || f.days[n-1].day < day {
		f.days = append(f.days, dayBlooms{day: day, list: []*bloom{newBloom(bloomKeysFirst)}})
		n++
	}
	d := &f.days[n-1]
	b := d.list[len(d.list)-1]
	if b.keys >= b.room {
		b = newBloom(2 * b.room)
		d.list = append(d.list, b)
	}
	b.add(h)
}

// drop forgets the buckets below a day.
func (f *filter) drop(below int32) {
	for len(f.days) > 0 && f.days[0].day < below {
		f.days = f.days[1:]
	}
	if f.old != nil && f.oldDay < below {
		f.old = newBloom(0)
	}
}

// forget makes every key one that may be known: another writer may have written since.
func (f *filter) forget() { *f = filter{} }

// recentItemsMax bounds the outcomes kept in memory: what became of a larger message is read from the store if it comes again, so that the
// memory of a burst of full loads is not kept for minutes.
const recentItemsMax = 64

// recent remembers the newest outcomes, so that the common repeat (a retry within seconds) needs no look at the store. The oldest goes
// first.
type recent struct {
	byKey map[store.KeyHash]outcome
	ring  []store.KeyHash
	next  int
}

func newRecent(size int) *recent {
	return &recent{byKey: make(map[store.KeyHash]outcome, size), ring: make([]store.KeyHash, 0, size)}
}

func (r *recent) get(h store.KeyHash) (outcome, bool) {
	o, ok := r.byKey[h]
	return o, ok
}

func (r *recent) add(h store.KeyHash, o outcome) {
	if _, ok := r.byKey[h]; ok {
		r.byKey[h] = o
		return
	}
	if len(r.ring) < cap(r.ring) {
		r.ring = append(r.ring, h)
	} else {
		delete(r.byKey, r.ring[r.next])
		r.ring[r.next] = h
		r.next = (r.next + 1) % len(r.ring)
	}
	r.byKey[h] = o
}

func (r *recent) clear() {
	clear(r.byKey)
	r.ring, r.next = r.ring[:0], 0
}
