package rawblock_test

import (
	"bytes"
	"testing"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/internal/rawblock"
)

func TestEachMessageComesBackFromItsBlock(t *testing.T) {
	in := []store.Message{{Raw: []byte("one")}, {}, {Raw: []byte{}}, {Raw: bytes.Repeat([]byte{0, 0xff}, 1<<16)}}
	b := rawblock.Pack(in)
	for i, m := range in {
		if m.Raw == nil {
			if b.Refs[i].Len >= 0 {
				t.Errorf("message %d has no raw copy but place %v", i, b.Refs[i])
			}
			continue
		}
		got, err := rawblock.Unpack(b.Body, b.Refs[i])
		if err != nil || !bytes.Equal(got, m.Raw) {
			t.Errorf("message %d: got %d bytes, %v; want %d", i, len(got), err, len(m.Raw))
		}
	}
}

func TestNoRawCopiesMakeNoBlock(t *testing.T) {
	if b := rawblock.Pack(make([]store.Message, 3)); b.Body != nil {
		t.Errorf("got a block of %d bytes", len(b.Body))
	}
}

func TestDamagedBlockIsAnError(t *testing.T) {
	b := rawblock.Pack([]store.Message{{Raw: []byte("a message that was whole once")}})
	for _, r := range []rawblock.Ref{{At: 1, Len: 1 << 40}, {At: -1, Len: 2}, {At: 0, Len: -1}, {At: 1 << 50}} {
		if _, err := rawblock.Unpack(b.Body, r); err == nil {
			t.Errorf("place %v was read", r)
		}
	}
	for i := range b.Body {
		bad := bytes.Clone(b.Body)
		bad[i] ^= 0x41
		if got, err := rawblock.Unpack(bad, b.Refs[0]); err == nil && !bytes.Equal(got, []byte("a message that was whole once")) {
			t.Errorf("byte %d turned: got %q without an error", i, got)
		}
	}
}
