// Package rawblock packs the raw copies of a batch's messages into one zstd frame. Messages of one batch look alike, so one frame for all
// is several times smaller, and faster to make, than one for each; reading one message back unpacks its whole batch, which is rare
// (a person asks) and takes about a millisecond.
package rawblock

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/ratewire/ratewire/store"
)

// unpackedMax bounds what a block may unpack to: many times a batch of the largest messages, and still far from hurting a node.
const unpackedMax = 1 << 30

var (
	encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	decoder, _ = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(unpackedMax), zstd.WithDecoderConcurrency(2))
)

// Ref is the place of one message's raw copy in a block: Len bytes from At of what it unpacks to.
type Ref struct{ At, Len int64 }

// Block is the raw copies of one batch.
type Block struct {
	Body []byte // packed; nil if no message has a raw copy
	Refs []Ref  // one a message; Len -1: it has none
}

// Pack packs the raw copies of messages. An empty raw copy is kept as such, a nil one is none.
func Pack(messages []store.Message) Block {
	b := Block{Refs: make([]Ref, len(messages))}
	var plain []byte
	some := false
	for i := range messages {
		raw := messages[i].Raw
		if raw == nil {
			b.Refs[i] = Ref{Len: -1}
			continue
		}
		some = true
		b.Refs[i] = Ref{At: int64(len(plain)), Len: int64(len(raw))}
		plain = append(plain, raw...)
	}
	if some {
		b.Body = encoder.EncodeAll(plain, make([]byte, 0, len(plain)/4+64))
	}
	return b
}

// Unpack answers the raw copy at r. The frame's own checksum guards it.
func Unpack(body []byte, r Ref) ([]byte, error) {
	plain, err := decoder.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack raw copies: %w", err)
	}
	if r.At < 0 || r.Len < 0 || r.At > int64(len(plain)) || r.Len > int64(len(plain))-r.At {
		return nil, errors.New("unpack raw copies: a place outside of the block")
	}
	return plain[r.At : r.At+r.Len : r.At+r.Len], nil
}
