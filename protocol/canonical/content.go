package canonical

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/ratewire/ratewire/ari"
)

// Content answers a hash of what an update says: equal for equal statements, extents, objects and overlays in the same order, whatever the
// message looked like and when it came. Identity, times and authors take no part (S19).
//
// 16 bytes of SHA-256: senders choose the content, so that a weaker hash could be made to collide.
func Content(u *ari.Update) [16]byte {
	p := contents.Get().(*[]byte)
	b := appendContent((*p)[:0], u)
	sum := sha256.Sum256(b)
	*p = b
	contents.Put(p)
	return [16]byte(sum[:16])
}

var contents = sync.Pool{New: func() any { return new([]byte) }}

func appendContent(b []byte, u *ari.Update) []byte {
	b = appendText(b, u.Property)
	var last ari.Scope
	for i := range u.Statements {
		s := &u.Statements[i]
		if i == 0 || s.Scope != last {
			b = s.Scope.AppendKey(append(b, 's'))
			last = s.Scope
		}
		b = append(b, byte(s.Verb))
		b = appendSpan(b, s.Span)
		b = binary.LittleEndian.AppendUint32(b, uint32(s.Field))
		b = binary.LittleEndian.AppendUint64(b, uint64(s.Value.A))
		b = binary.LittleEndian.AppendUint64(b, uint64(s.Value.B))
		b = appendText(append(b, s.Value.Form), s.Text)
	}
	for i := range u.Replace {
		e := &u.Replace[i]
		b = appendSpan(append(b, 'r'), e.Span)
		b = AppendExtent(b, e)
	}
	for i := range u.Objects {
		o := &u.Objects[i]
		b = appendText(appendText(append(b, 'o'), o.Kind), o.Code)
		b = appendText(b, string(o.Body))
	}
	for i := range u.Overlays {
		o := &u.Overlays[i]
		b = append(b, 'v', byte(o.Verb))
		b = appendText(appendText(b, o.Overlay.ID), string(o.Overlay.Kind))
		b = o.Overlay.Scope.AppendKey(b)
		b = appendSpan(b, o.Overlay.Span)
		b = binary.LittleEndian.AppendUint64(b, uint64(o.Overlay.Rooms))
		b = binary.LittleEndian.AppendUint64(b, uint64(o.Overlay.Amount))
		b = binary.LittleEndian.AppendUint64(b, uint64(o.Overlay.Expires.UnixMicro()))
		b = appendText(append(b, o.Overlay.Side), o.Overlay.Reason)
	}
	return b
}

func appendSpan(b []byte, s ari.Span) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(s.From))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.To))
	return append(b, byte(s.Days))
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
