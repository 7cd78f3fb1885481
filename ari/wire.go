package ari

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"time"
)

// Stored formats (entries, pages) are varints, and strings that are written once each: the writer and the reader keep the same list.
// Each begins with a format number and ends with a CRC-32C of what is before it (S35).

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// errFormat: bytes that are no entry or page, or are damaged.
var errFormat = errors.New("ari: damaged or unknown format")

// writer appends.
type writer struct {
	b       []byte
	strings []string
}

func (w *writer) byte(v byte)     { w.b = append(w.b, v) }
func (w *writer) uint(v uint64)   { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)     { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) bool(v bool)     { w.byte(byteOf(v)) }
func (w *writer) count(n int)     { w.uint(uint64(n)) }
func (w *writer) field(f Field)   { w.b = binary.BigEndian.AppendUint32(w.b, uint32(f)) }
func (w *writer) date(d StayDate) { w.int(int64(d)) }

func byteOf(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// text writes a string: 2 x length and its bytes the first time, 2 x its number + 1 after that.
func (w *writer) text(s string) {
	if s == "" {
		w.byte(0)
		return
	}
	for i, x := range w.strings {
		if x == s {
			w.uint(uint64(i)<<1 | 1)
			return
		}
	}
	w.uint(uint64(len(s)) << 1)
	w.b = append(w.b, s...)
	if len(w.strings) < stringsMax {
		w.strings = append(w.strings, s)
	}
}

// stringsMax bounds the list that the writer looks through.
const stringsMax = 32

// maybe writes bytes that may be nil.
func (w *writer) maybe(v []byte) {
	if v == nil {
		w.byte(0)
		return
	}
	w.uint(uint64(len(v)) + 1)
	w.b = append(w.b, v...)
}

// time writes an instant, to the nanosecond; the zone is not kept.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.byte(0)
		return
	}
	w.byte(1)
	w.int(t.Unix())
	w.uint(uint64(t.Nanosecond()))
}

// value writes a value: what is there of it in the low bits, the form above them.
func (w *writer) value(v Value) {
	h := byteOf(v.A != 0) | byteOf(v.B != 0)<<1
	if v.Form < 63 {
		w.byte(h | v.Form<<2)
	} else {
		w.byte(h | 63<<2)
		w.byte(v.Form)
	}
	if v.A != 0 {
		w.int(v.A)
	}
	if v.B != 0 {
		w.int(v.B)
	}
}

func (w *writer) scope(s Scope) {
	w.byte(byte(s.Rooms) | byte(s.Rates)<<2 | byteOf(s.Channel != "")<<4 | byteOf(s.Block != "")<<5)
	if s.Rooms != AllRooms {
		w.text(s.Room)
	}
	if s.Rates != AllRates {
		w.text(s.Rate)
	}
	if s.Channel != "" {
		w.text(s.Channel)
	}
	if s.Block != "" {
		w.text(s.Block)
	}
}

func (w *writer) span(s Span) {
	w.byte(byte(s.Days&AllDays) | byteOf(s.To == DateMax)<<7)
	w.date(s.From)
	if s.To != DateMax {
		w.int(int64(s.To) - int64(s.From))
	}
}

// seal appends the checksum of what was written from start on.
func (w *writer) seal(start int) []byte {
	return binary.BigEndian.AppendUint32(w.b, crc32.Checksum(w.b[start:], crcTable))
}

// reader reads what a writer wrote. After the first fault it is at its end, and answers zeros. Its place is a number, not a shorter slice:
// that is written often, and costs more while the garbage collector is at work.
type reader struct {
	b       []byte
	at      int
	bad     bool
	strings []string
	known   map[string]string // strings met before, so that they need no memory again; nil keeps none
}

// open checks format and checksum, and answers a reader of what is between them.
func open(b []byte, format byte) (reader, error) {
	n := len(b) - 4
	if n < 1 || b[0] != format || crc32.Checksum(b[:n], crcTable) != binary.BigEndian.Uint32(b[n:]) {
		return reader{}, errFormat
	}
	return reader{b: b[1:n]}, nil
}

// end answers an error unless all was read, and read well.
func (r *reader) end() error {
	if r.bad || r.at < len(r.b) {
		return errFormat
	}
	return nil
}

func (r *reader) fail() { r.at, r.bad = len(r.b), true }

// left answers how many bytes are left.
func (r *reader) left() int { return len(r.b) - r.at }

func (r *reader) byte() byte {
	if r.at >= len(r.b) {
		r.fail()
		return 0
	}
	v := r.b[r.at]
	r.at++
	return v
}

func (r *reader) bool() bool { return r.byte() != 0 }

// take answers the next n bytes; nil if there are fewer.
func (r *reader) take(n int) []byte {
	if n < 0 || n > r.left() {
		r.fail()
		return nil
	}
	v := r.b[r.at : r.at+n]
	r.at += n
	return v
}

func (r *reader) uint() uint64 {
	if r.at < len(r.b) && r.b[r.at] < 0x80 {
		r.at++
		return uint64(r.b[r.at-1])
	}
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 {
		r.fail()
		return 0
	}
	r.at += n
	return v
}

func (r *reader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1) // as binary.Varint
}

// count reads how many things follow, each of at least size bytes: more than there is room for is a fault.
func (r *reader) count(size int) int {
	n := r.uint()
	if n > uint64(r.left()/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) field() Field {
	if b := r.take(4); b != nil {
		return Field(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (r *reader) date() StayDate {
	v := r.int()
	if v < int64(DateMin) || v > int64(DateMax) {
		r.fail()
		return 0
	}
	return StayDate(v)
}

func (r *reader) text() string {
	n := r.uint()
	if n&1 == 1 {
		if n>>1 >= uint64(len(r.strings)) {
			r.fail()
			return ""
		}
		return r.strings[n>>1]
	}
	if n >>= 1; n > uint64(r.left()) {
		r.fail()
		return ""
	}
	s := r.str(r.take(int(n)))
	if s != "" && len(r.strings) < stringsMax {
		r.strings = append(r.strings, s)
	}
	return s
}

// str answers the bytes as a string, one met before if it can.
func (r *reader) str(b []byte) string {
	if r.known == nil || len(b) == 0 {
		return string(b)
	}
	s, ok := r.known[string(b)]
	if !ok && len(r.known) < knownMax {
		s = string(b)
		r.known[s] = s
	} else if !ok {
		s = string(b)
	}
	return s
}

// knownMax bounds the strings that are kept to be met again: connections' names, mostly.
const knownMax = 256

func (r *reader) maybe() []byte {
	n := r.uint()
	if n == 0 {
		return nil
	}
	if n--; n > uint64(r.left()) {
		r.fail()
		return nil
	}
	return append(make([]byte, 0, n), r.take(int(n))...)
}

func (r *reader) time() time.Time {
	if !r.bool() {
		return time.Time{}
	}
	sec, nsec := r.int(), r.uint()
	if nsec >= 1e9 || sec < math.MinInt64/4 || sec > math.MaxInt64/4 {
		r.fail()
		return time.Time{}
	}
	return time.Unix(sec, int64(nsec)).UTC()
}

func (r *reader) value() (v Value) {
	h := r.byte()
	if v.Form = h >> 2; v.Form == 63 {
		v.Form = r.byte()
	}
	if h&1 != 0 {
		v.A = r.int()
	}
	if h&2 != 0 {
		v.B = r.int()
	}
	return v
}

func (r *reader) scope() (s Scope) {
	h := r.byte()
	if h >= 1<<6 {
		r.fail()
	}
	s.Rooms, s.Rates = RoomsKind(h&3), RatesKind(h>>2&3)
	if s.Rooms != AllRooms {
		s.Room = r.text()
	}
	if s.Rates != AllRates {
		s.Rate = r.text()
	}
	if h&(1<<4) != 0 {
		s.Channel = r.text()
	}
	if h&(1<<5) != 0 {
		s.Block = r.text()
	}
	return s
}

func (r *reader) span() (s Span) {
	h := r.byte()
	s.Days, s.From, s.To = Weekdays(h)&AllDays, r.date(), DateMax
	if h&0x80 == 0 {
		n := r.int()
		if n < -1<<32 || n > 1<<32 {
			r.fail()
			return s
		}
		to := int64(s.From) + n
		if to < int64(DateMin) || to > int64(DateMax) {
			r.fail()
			return s
		}
		s.To = StayDate(to)
	}
	return s
}
