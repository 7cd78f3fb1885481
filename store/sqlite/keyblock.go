package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/ratewire/ratewire/store"
)

// keyFormat is the first byte of a packed block. Then for each key: hash, content (16 bytes each), property (length, bytes), revision, outcome
// (length + 1, bytes; 0: nil); numbers as varints.
const keyFormat = 1

// keyBlock is a block in memory. It never changes.
type keyBlock struct {
	id    int64
	keys  []store.Key
	once  sync.Once
	index map[store.KeyHash]int32
}

// find answers the key with a hash, nil if the block has none. The index is made when first asked for.
func (b *keyBlock) find(h store.KeyHash) *store.Key {
	b.once.Do(func() {
		b.index = make(map[store.KeyHash]int32, len(b.keys))
		for i := range b.keys {
			b.index[b.keys[i].Hash] = int32(i)
		}
	})
	if i, ok := b.index[h]; ok {
		return &b.keys[i]
	}
	return nil
}

func packKeys(keys []store.Key) []byte {
	b := append(make([]byte, 0, 1+len(keys)*56), keyFormat)
	for i := range keys {
		k := &keys[i]
		b = append(append(b, k.Hash[:]...), k.Content[:]...)
		b = append(binary.AppendUvarint(b, uint64(len(k.Property))), k.Property...)
		b = binary.AppendVarint(b, k.Revision)
		if k.Outcome == nil {
			b = append(b, 0)
			continue
		}
		b = append(binary.AppendUvarint(b, uint64(len(k.Outcome))+1), k.Outcome...)
	}
	return b
}

// unpackKeys is the reverse of packKeys. The keys share no memory with body.
func unpackKeys(day int32, body []byte) (keys []store.Key, err error) {
	if len(body) == 0 || body[0] != keyFormat {
		return nil, errors.New("a block of keys of an unknown format")
	}
	for r := (&keyReader{b: body[1:]}); len(r.b) > 0; {
		k := store.Key{Day: day}
		copy(k.Hash[:], r.take(16))
		copy(k.Content[:], r.take(16))
		k.Property = string(r.take(r.uvarint()))
		k.Revision = r.varint()
		if n := r.uvarint(); n > 0 {
			k.Outcome = append([]byte{}, r.take(n-1)...)
		}
		if r.bad {
			return nil, fmt.Errorf("a damaged block of keys, after %d", len(keys))
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// keyReader reads a packed block; bad once it ended early.
type keyReader struct {
	b   []byte
	bad bool
}

func (r *keyReader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *keyReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skip(n)
	return v
}

func (r *keyReader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.skip(n)
	return v
}

func (r *keyReader) skip(n int) {
	if n <= 0 || r.bad {
		r.bad, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}
