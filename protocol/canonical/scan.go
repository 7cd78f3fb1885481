package canonical

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ratewire/ratewire/ari"
)

// depthMax bounds nesting: no message of ours is deeper than 8.
const depthMax = 32

// internMax bounds the codes a pooled scanner remembers, so that hostile ones cannot grow it.
const internMax = 4096

// scanner reads JSON strictly and remembers where it is. A syntax error ends the reading: everything after it answers at once.
type scanner struct {
	b      []byte
	i      int
	dead   bool
	depth  int
	prefix string // pointer of the document within a larger one
	path   []step
	faults []Fault
	more   int
	codes  map[string]string
}

// step is one reference token of the present pointer.
type step struct {
	name  string
	index int
}

func (s *scanner) reset(b []byte, prefix string) {
	s.b, s.i, s.dead, s.depth, s.prefix = b, 0, false, 0, prefix
	s.path, s.faults, s.more = s.path[:0], nil, 0
	if s.codes == nil || len(s.codes) > internMax {
		s.codes = map[string]string{}
	}
}

func (s *scanner) err() error {
	if len(s.faults) == 0 {
		return nil
	}
	return &Error{Faults: s.faults, More: s.more}
}

func (s *scanner) push(name string) { s.path = append(s.path, step{name, -1}) }
func (s *scanner) pushIndex(i int)  { s.path = append(s.path, step{index: i}) }
func (s *scanner) pop()             { s.path = s.path[:len(s.path)-1] }

func (s *scanner) pointer() string {
	b := []byte(s.prefix)
	for _, p := range s.path {
		b = append(b, '/')
		if p.index >= 0 {
			b = strconv.AppendInt(b, int64(p.index), 10)
			continue
		}
		b = append(b, EscapeToken(p.name)...)
	}
	return string(b)
}

// fault notes a fault at the present place.
func (s *scanner) fault(code, expected, got, fix string) {
	if len(s.faults) >= FaultsMax {
		s.more++
		return
	}
	s.faults = append(s.faults, Fault{Code: code, Pointer: s.pointer(), Expected: expected, Got: got, Fix: fix})
}

// faultAt notes a fault of a member of the present object.
func (s *scanner) faultAt(name, code, expected, got, fix string) {
	s.push(name)
	s.fault(code, expected, got, fix)
	s.pop()
}

// syntax notes that the document is no JSON from here on.
func (s *scanner) syntax(expected string) {
	if s.dead {
		return
	}
	s.dead = true
	s.space()
	got := "end of the document"
	if s.i < len(s.b) {
		got = Clip(s.b[s.i:min(len(s.b), s.i+20)])
	}
	s.fault(CodeSyntax, expected, got+" at byte "+strconv.Itoa(s.i), "send valid JSON (RFC 8259), UTF-8, without repeated names")
}

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\n' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

// peek answers the first byte of the next value; 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.dead || s.i >= len(s.b) {
		return 0
	}
	return s.b[s.i]
}

// take steps over c, if it is next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

// end notes what follows the document.
func (s *scanner) end() {
	if s.peek() != 0 {
		s.syntax("nothing after the document")
	}
}

// wrong notes a value of another type and steps over it.
func (s *scanner) wrong(expected, fix string) {
	raw := s.skip()
	if !s.dead {
		s.fault(CodeType, expected, Clip(raw), fix)
	}
}

// object calls f for every member, with the scanner before its value; f must read or skip it. It answers false if it is no object.
func (s *scanner) object(expected string, f func(name []byte)) bool {
	if s.peek() != '{' {
		s.wrong(expected, "")
		return false
	}
	s.i++
	if s.depth++; s.depth > depthMax {
		s.syntax("at most 32 levels of nesting")
		return false
	}
	for n := 0; !s.take('}'); n++ {
		if n > 0 && !s.take(',') {
			s.syntax("a comma or }")
			return false
		}
		if s.peek() != '"' {
			s.syntax("a name in double quotes")
			return false
		}
		name := s.text()
		if !s.take(':') {
			s.syntax("a colon")
			return false
		}
		if f(name); s.dead {
			return false
		}
	}
	s.depth--
	return true
}

// array calls f for every element; f must read or skip it. It answers false if it is no array.
func (s *scanner) array(expected string, f func(i int)) bool {
	if s.peek() != '[' {
		s.wrong(expected, "")
		return false
	}
	s.i++
	if s.depth++; s.depth > depthMax {
		s.syntax("at most 32 levels of nesting")
		return false
	}
	for n := 0; !s.take(']'); n++ {
		if n > 0 && !s.take(',') {
			s.syntax("a comma or ]")
			return false
		}
		s.pushIndex(n)
		f(n)
		s.pop()
		if s.dead {
			return false
		}
	}
	s.depth--
	return true
}

// text reads a string; the bytes are valid until the document goes. Call it on a quote.
func (s *scanner) text() []byte {
	from := s.i + 1
	plain := true
	for i := from; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			t := s.b[from:i]
			s.i = i + 1
			if !plain && !utf8.Valid(t) {
				s.i = from
				s.syntax("valid UTF-8")
			}
			return t
		case c == '\\':
			return s.escaped(from, i)
		case c < ' ':
			s.i = i
			s.syntax("no control characters in a string")
			return nil
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	s.i = len(s.b)
	s.syntax("a closing quote")
	return nil
}

// escaped reads a string with escapes: rare, so the standard library does it.
func (s *scanner) escaped(from, i int) []byte {
	for ; i < len(s.b) && s.b[i] != '"'; i++ {
		if s.b[i] == '\\' {
			i++
		}
	}
	if i >= len(s.b) {
		s.i = len(s.b)
		s.syntax("a closing quote")
		return nil
	}
	var t string
	if raw := s.b[from-1 : i+1]; !utf8.Valid(raw) || json.Unmarshal(raw, &t) != nil {
		s.i = from
		s.syntax("a string of valid characters and escapes")
		return nil
	}
	s.i = i + 1
	return []byte(t)
}

// str reads a string value. The answer is a copy, shared among equal ones.
func (s *scanner) str(expected, fix string) (string, bool) {
	if s.peek() != '"' {
		s.wrong(expected, fix)
		return "", false
	}
	t := s.text()
	if s.dead {
		return "", false
	}
	return s.intern(t), true
}

func (s *scanner) intern(t []byte) string {
	if v, ok := s.codes[string(t)]; ok {
		return v
	}
	v := string(t)
	if len(v) <= ari.CodeMax && len(s.codes) < internMax {
		s.codes[v] = v
	}
	return v
}

// code reads a hub code.
func (s *scanner) code() string {
	const want = "a code of 1 to 64 bytes"
	from := s.i
	v, ok := s.str(want, "send the code as a string")
	if !ok {
		return ""
	}
	if ari.CheckCode(v) != nil {
		s.fault(CodeFormat, want+", printable, without blanks at its ends", Clip(s.b[from:s.i]), "send the code as the catalog has it")
		return ""
	}
	return v
}

// flag reads true or false.
func (s *scanner) flag() (v, ok bool) {
	switch s.peek() {
	case 't', 'f':
		if raw := string(s.skip()); !s.dead {
			return raw == "true", true
		}
		return false, false
	}
	s.wrong("true or false", "")
	return false, false
}

// integer reads a whole number in lo..hi. unit names it in errors.
func (s *scanner) integer(lo, hi int64) (int64, bool) {
	want := func() string { return "integer " + strconv.FormatInt(lo, 10) + ".." + strconv.FormatInt(hi, 10) }
	c := s.peek()
	if c != '-' && (c < '0' || c > '9') {
		raw := s.skip()
		if !s.dead {
			s.fault(CodeType, want(), Clip(raw), numberIn(raw, lo, hi))
		}
		return 0, false
	}
	raw := s.skip()
	if s.dead {
		return 0, false
	}
	n, ok := parseInt(raw)
	if !ok {
		s.fault(CodeType, want(), Clip(raw), "send a whole number without exponent")
		return 0, false
	}
	if n < lo || n > hi {
		s.fault(CodeRange, want(), Clip(raw), "")
		return 0, false
	}
	return n, true
}

// parseInt reads a JSON number without fraction and exponent; absurdly large ones saturate.
func parseInt(raw []byte) (int64, bool) {
	neg := raw[0] == '-'
	if neg {
		raw = raw[1:]
	}
	n := int64(0)
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (math.MaxInt64-9)/10 {
			n = math.MaxInt64 / 16 // stays beyond every bound of ours
			continue
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

// numberIn finds the number a string probably meant: "3 nights" means 3.
func numberIn(raw []byte, lo, hi int64) string {
	if len(raw) < 3 || raw[0] != '"' {
		return ""
	}
	digits := raw[1:]
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	if n == 0 || n > 9 {
		return ""
	}
	if v, _ := parseInt(digits[:n]); v < lo || v > hi {
		return ""
	}
	return "send " + string(digits[:n])
}

// skip steps over any value and answers its bytes.
func (s *scanner) skip() []byte {
	c := s.peek()
	from := s.i
	switch {
	case c == '{':
		s.object("", func([]byte) { s.skip() })
	case c == '[':
		s.array("", func(int) { s.skip() })
	case c == '"':
		s.text()
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	case c == '-' || c >= '0' && c <= '9':
		s.number()
	default:
		s.syntax("a value")
	}
	if s.dead {
		return nil
	}
	return s.b[from:s.i]
}

func (s *scanner) literal(w string) {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		s.syntax(w)
		return
	}
	s.i += len(w)
}

// number steps over a number as RFC 8259 has it.
func (s *scanner) number() {
	if s.b[s.i] == '-' {
		s.i++
	}
	if from := s.i; s.digits() == 0 || s.b[from] == '0' && s.i > from+1 {
		s.syntax("a number without leading zeros")
		return
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if s.digits() == 0 {
			s.syntax("digits after the point")
			return
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if s.digits() == 0 {
			s.syntax("digits of the exponent")
		}
	}
}

func (s *scanner) digits() (n int) {
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
		n++
	}
	return n
}

// date reads a stay date.
func (s *scanner) date() (ari.StayDate, bool) {
	const want = "a date, YYYY-MM-DD"
	if s.peek() != '"' {
		s.wrong(want, "")
		return 0, false
	}
	from := s.i
	t := s.text()
	if s.dead {
		return 0, false
	}
	d, err := ari.ParseDate(string(t))
	if err != nil {
		s.fault(CodeFormat, want+", that exists", Clip(s.b[from:s.i]), "")
		return 0, false
	}
	return d, true
}

// amount reads an amount, 0 or more, as a string.
func (s *scanner) amount() (ari.Amount, bool) {
	const want = `an amount as a string, "0" to "10000000000", at most 4 decimals`
	if s.peek() != '"' {
		raw := s.skip()
		if s.dead {
			return 0, false
		}
		fix := ""
		if c := raw[0]; c >= '0' && c <= '9' {
			fix = `send "` + Clip(raw) + `"`
		}
		s.fault(CodeType, want, Clip(raw), fix)
		return 0, false
	}
	from := s.i
	t := s.text()
	if s.dead {
		return 0, false
	}
	a, err := ari.ParseAmount(string(t))
	if err != nil {
		s.fault(CodeFormat, want, Clip(s.b[from:s.i]), "")
		return 0, false
	}
	if a < 0 {
		s.fault(CodeRange, want, Clip(s.b[from:s.i]), "")
		return 0, false
	}
	return a, true
}
