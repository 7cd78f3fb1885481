package otaxml

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// scanner is the tokenizer: it reads a document that is in memory, and what it answers are parts of it where nothing has to be replaced. It
// refuses what encoding/xml refuses in its strict mode, and answers the same for the rest (FuzzScannerIsEncodingXML holds it to that); beyond it,
// a DTD is refused.
type scanner struct {
	s    string
	at   int
	open []opened
	ns   []binding // in force, the newest last
	raw  []rawAttr // of the element being read
	free []attribute
	ends bool // the last start was of an empty element: its end comes next
}

// opened is an element that is not closed yet: its name as written, and how many bindings were in force before it.
type opened struct {
	name     rawName
	bindings int
}

type binding struct{ prefix, space string }

// rawName is a name as written: what is before the colon, and after it.
type rawName struct{ prefix, local string }

type rawAttr struct {
	rawName
	value string
}

const (
	xmlSpace    = "http://www.w3.org/XML/1998/namespace"
	xmlnsPrefix = "xmlns"
	cdataStart  = "<![CDATA["
)

// newScanner reads text, which must be UTF-8: toUTF8 sees to that.
func newScanner(text []byte) *scanner { return &scanner{s: string(text)} }

func (s *scanner) next() (token, error) {
	if s.ends {
		s.ends = false
		return s.pop()
	}
	for s.at < len(s.s) {
		if s.s[s.at] != '<' {
			return s.charData()
		}
		rest := s.s[s.at:]
		switch {
		case strings.HasPrefix(rest, "</"):
			return s.end()
		case strings.HasPrefix(rest, "<?"):
			if err := s.instruction(); err != nil {
				return token{}, err
			}
		case strings.HasPrefix(rest, "<!--"):
			if err := s.comment(); err != nil {
				return token{}, err
			}
		case strings.HasPrefix(rest, cdataStart):
			return s.cdata()
		case strings.HasPrefix(rest, "<!"):
			return token{}, s.directive()
		default:
			return s.start()
		}
	}
	if len(s.open) > 0 {
		return token{}, s.ended()
	}
	return token{}, io.EOF
}

// wrong answers a fault at where the scanner is.
func (s *scanner) wrong(format string, args ...any) error {
	return &Fault{Code: CodeNotXML, Got: clip(fmt.Sprintf(format, args...), 120),
		Expected: fmt.Sprintf("well-formed XML (line %d)", 1+strings.Count(s.s[:min(s.at, len(s.s))], "\n"))}
}

func (s *scanner) ended() error {
	s.at = len(s.s)
	return s.wrong("unexpected EOF")
}

// directive refuses what begins with <! and is neither a comment nor CDATA.
func (s *scanner) directive() error {
	rest := s.s[s.at+2:]
	switch {
	case strings.HasPrefix(rest, "["):
		return s.wrong("invalid <![ sequence")
	case strings.HasPrefix(rest, "-"):
		return s.wrong("invalid sequence <!- not part of <!--")
	}
	if i := strings.IndexAny(rest, " \t\r\n[>"); i >= 0 {
		rest = rest[:i]
	}
	return &Fault{Code: CodeDTD, Got: "<!" + clip(rest, 20), Expected: "a document without a DTD and without entities of its own"}
}

func (s *scanner) comment() error {
	s.at += len("<!--")
	i := strings.Index(s.s[s.at:], "--")
	if i < 0 || s.at+i+2 >= len(s.s) {
		return s.ended()
	}
	if s.at += i + 2; s.s[s.at] != '>' {
		return s.wrong(`invalid sequence "--" not allowed in comments`)
	}
	s.at++
	return nil
}

func (s *scanner) instruction() error {
	s.at += len("<?")
	target, err := s.name("expected target name after <?")
	if err != nil {
		return err
	}
	i := strings.Index(s.s[s.at:], "?>")
	if i < 0 {
		return s.ended()
	}
	if target == "xml" {
		if v := declaredVersion(s.s[s.at : s.at+i]); v != "" && v != "1.0" {
			return s.wrong("unsupported version %q; only version 1.0 is supported", v)
		}
	}
	s.at += i + len("?>")
	return nil
}

// declaredVersion answers the version that an XML declaration names; "" if it names none.
func declaredVersion(declaration string) string {
	for {
		_, rest, found := strings.Cut(declaration, "version=")
		if !found || rest == "" {
			return ""
		}
		if quote := rest[0]; quote == '"' || quote == '\'' {
			v, _, closed := strings.Cut(rest[1:], rest[:1])
			if !closed {
				return ""
			}
			return v
		}
		declaration = rest[1:]
	}
}

func (s *scanner) start() (token, error) {
	s.at++
	name, err := s.qualified("expected element name after <")
	if err != nil {
		return token{}, err
	}
	if err := s.attributes(); err != nil {
		return token{}, err
	}
	s.open = append(s.open, opened{name, len(s.ns)})
	for i := range s.raw {
		switch a := &s.raw[i]; {
		case a.prefix == xmlnsPrefix:
			s.ns = append(s.ns, binding{a.local, a.value})
		case a.prefix == "" && a.local == xmlnsPrefix:
			s.ns = append(s.ns, binding{"", a.value})
		}
	}
	space := ""
	if name.prefix != "" || name.local != xmlnsPrefix {
		space = s.space(name.prefix)
	}
	return token{kind: tokenStart, space: space, name: name.local, attrs: s.resolved()}, nil
}

// attributes reads what is between an element's name and its >.
func (s *scanner) attributes() error {
	s.raw = s.raw[:0]
	for {
		s.blanks()
		if s.at >= len(s.s) {
			return s.ended()
		}
		switch s.s[s.at] {
		case '>':
			s.at++
			return nil
		case '/':
			if s.at++; s.at >= len(s.s) {
				return s.ended()
			}
			if s.s[s.at] != '>' {
				return s.wrong("expected /> in element")
			}
			s.at++
			s.ends = true
			return nil
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
}

func (s *scanner) attribute() error {
	name, err := s.qualified("expected attribute name in element")
	if err != nil {
		return err
	}
	if err := s.expect('=', "attribute name without = in element"); err != nil {
		return err
	}
	s.blanks()
	if s.at >= len(s.s) {
		return s.ended()
	}
	quote := s.s[s.at]
	if quote != '"' && quote != '\'' {
		return s.wrong("unquoted or missing attribute value in element")
	}
	s.at++
	i := strings.IndexByte(s.s[s.at:], quote)
	if i < 0 {
		return s.ended()
	}
	value := s.s[s.at : s.at+i]
	if strings.IndexByte(value, '<') >= 0 {
		return s.wrong("unescaped < inside quoted string")
	}
	if value, err = s.text(value, quoted); err != nil {
		return err
	}
	s.at += i + 1
	s.raw = append(s.raw, rawAttr{name, value})
	return nil
}

// expect skips blanks and one byte.
func (s *scanner) expect(b byte, otherwise string) error {
	if s.blanks(); s.at >= len(s.s) {
		return s.ended()
	}
	if s.s[s.at] != b {
		return s.wrong("%s", otherwise)
	}
	s.at++
	return nil
}

// attributesAhead is for how many attributes memory is taken at once.
const attributesAhead = 256

// resolved answers the attributes read with their namespaces; declarations are not among them.
func (s *scanner) resolved() []attribute {
	if len(s.raw) == 0 {
		return nil
	}
	if cap(s.free)-len(s.free) < len(s.raw) {
		s.free = make([]attribute, 0, max(attributesAhead, len(s.raw)))
	}
	from := len(s.free)
	for i := range s.raw {
		a := &s.raw[i]
		if a.prefix == xmlnsPrefix || a.prefix == "" && a.local == xmlnsPrefix {
			continue
		}
		space := ""
		if a.prefix != "" {
			if space = s.space(a.prefix); space == xmlnsPrefix || space == "" && a.local == xmlnsPrefix {
				continue
			}
		}
		s.free = append(s.free, attribute{space, a.local, a.value})
	}
	return s.free[from:len(s.free):len(s.free)]
}

// space answers the namespace of a prefix: itself where nothing is bound to it.
func (s *scanner) space(prefix string) string {
	switch prefix {
	case "xml":
		return xmlSpace
	case xmlnsPrefix:
		return prefix
	}
	for i := len(s.ns) - 1; i >= 0; i-- {
		if s.ns[i].prefix == prefix {
			return s.ns[i].space
		}
	}
	return prefix
}

func (s *scanner) end() (token, error) {
	s.at += len("</")
	name, err := s.qualified("expected element name after </")
	if err != nil {
		return token{}, err
	}
	if err := s.expect('>', "invalid characters between </"+name.local+" and >"); err != nil {
		return token{}, err
	}
	if len(s.open) == 0 {
		return token{}, s.wrong("unexpected end element </%s>", name.local)
	}
	if top := s.open[len(s.open)-1].name; top != name {
		return token{}, s.wrong("element <%s> closed by </%s>", top.local, name.local)
	}
	return s.pop()
}

func (s *scanner) pop() (token, error) {
	top := s.open[len(s.open)-1]
	s.open, s.ns = s.open[:len(s.open)-1], s.ns[:top.bindings]
	return token{kind: tokenEnd, name: top.name.local}, nil
}

func (s *scanner) blanks() {
	for s.at < len(s.s) && (s.s[s.at] == ' ' || s.s[s.at] == '\n' || s.s[s.at] == '\t' || s.s[s.at] == '\r') {
		s.at++
	}
}

// classes of bytes.
const (
	nameByte  = 1 << iota // in a name
	nameFirst             // and at its beginning
	special               // in text: something must be looked at or replaced
)

var classes = func() (c [256]uint8) {
	for b := range 256 {
		switch {
		case 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z', b == '_', b == ':':
			c[b] = nameByte | nameFirst
		case '0' <= b && b <= '9', b == '.', b == '-':
			c[b] = nameByte
		case b >= utf8.RuneSelf:
			c[b] = nameByte | nameFirst // looked at as a whole
		}
		if b < 0x20 && b != '\t' && b != '\n' || b == '&' || b == '>' || b == 0xef {
			c[b] |= special
		}
	}
	return c
}()

// name reads a name.
func (s *scanner) name(missing string) (string, error) {
	from, wide := s.at, false
	for s.at < len(s.s) && classes[s.s[s.at]]&nameByte != 0 {
		wide = wide || s.s[s.at] >= utf8.RuneSelf
		s.at++
	}
	n := s.s[from:s.at]
	switch {
	case s.at >= len(s.s): // nothing ends with a name
		return "", s.ended()
	case n == "":
		return "", s.wrong("%s", missing)
	case classes[n[0]]&nameFirst == 0, wide && !wideName(n):
		return "", s.wrong("invalid XML name: %s", clip(n, 40))
	}
	return n, nil
}

// wideName tells whether a name beyond ASCII is one: the tables of letters are encoding/xml's.
func wideName(n string) bool {
	t, err := xml.NewDecoder(strings.NewReader("<" + strings.ReplaceAll(n, ":", "_") + "/>")).RawToken()
	_, is := t.(xml.StartElement)
	return err == nil && is
}

// qualified reads a name with or without a prefix.
func (s *scanner) qualified(missing string) (rawName, error) {
	n, err := s.name(missing)
	if err != nil {
		return rawName{}, err
	}
	prefix, local, found := strings.Cut(n, ":")
	switch {
	case !found:
		return rawName{local: n}, nil
	case strings.IndexByte(local, ':') >= 0:
		return rawName{}, s.wrong("%s", missing)
	case prefix == "" || local == "":
		return rawName{local: n}, nil
	}
	return rawName{prefix, local}, nil
}

func (s *scanner) charData() (token, error) {
	rest := s.s[s.at:]
	i := strings.IndexByte(rest, '<')
	if i < 0 {
		i = len(rest)
	}
	text, err := s.text(rest[:i], plain)
	s.at += i
	return token{kind: tokenText, text: text}, err
}

func (s *scanner) cdata() (token, error) {
	s.at += len(cdataStart)
	i := strings.Index(s.s[s.at:], "]]>")
	if i < 0 {
		return token{}, s.ended()
	}
	text, err := s.text(s.s[s.at:s.at+i], verbatim)
	s.at += i + len("]]>")
	return token{kind: tokenText, text: text}, err
}

// textKind says what a text is in.
type textKind uint8

const (
	plain    textKind = iota // between elements
	quoted                   // an attribute's value
	verbatim                 // CDATA
)

// text answers a text with its entities replaced and its ends of lines made \n; it refuses characters that XML does not have.
func (s *scanner) text(t string, kind textKind) (string, error) {
	i := 0
	for i < len(t) && classes[t[i]]&special == 0 {
		i++
	}
	if i == len(t) {
		return t, nil
	}
	out := append(make([]byte, 0, len(t)), t[:i]...)
	for i < len(t) {
		switch b := t[i]; {
		case b == '&' && kind != verbatim:
			n, r, err := s.entity(t[i:])
			if err != nil {
				return "", err
			}
			out, i = utf8.AppendRune(out, r), i+n
			continue
		case b == '>' && kind == plain && strings.HasSuffix(t[:i], "]]"):
			return "", s.wrong("unescaped ]]> not in CDATA section")
		case b == '\r':
			if out = append(out, '\n'); i+1 < len(t) && t[i+1] == '\n' {
				i++
			}
		default:
			if bad := illegalAt(t[i:]); bad != 0 {
				return "", s.wrong("illegal character code %U", bad)
			}
			out = append(out, b)
		}
		i++
	}
	return string(out), nil
}

// illegalAt answers the character that t begins with if XML does not have it, else 0; U+0000 is answered as U+FFFF, which it does not have either.
func illegalAt(t string) rune {
	switch b := t[0]; {
	case b == 0:
		return 0xffff
	case b < 0x20 && b != '\t' && b != '\n' && b != '\r':
		return rune(b)
	case b == 0xef && len(t) > 2 && t[1] == 0xbf && t[2] >= 0xbe:
		return 0xfff0 | rune(t[2]&0x0f)
	}
	return 0
}

// entityMax is the longest reference that is looked at: a number may have leading zeros.
const entityMax = 64

// entity answers the character of a reference at the beginning of t, and its length.
func (s *scanner) entity(t string) (length int, r rune, err error) {
	end := strings.IndexByte(t[:min(len(t), entityMax)], ';')
	if end < 0 {
		return 0, 0, s.wrong("invalid character entity %s (no semicolon)", clip(t, 20))
	}
	name := t[1:end]
	if r, ok := entities[name]; ok {
		return end + 1, r, nil
	}
	if r, ok := numbered(name); ok {
		if bad := illegalAt(string(r)); bad != 0 {
			return 0, 0, s.wrong("illegal character code %U", r)
		}
		return end + 1, r, nil
	}
	return 0, 0, s.wrong("invalid character entity %s", clip(t[:end+1], 40))
}

var entities = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "apos": '\'', "quot": '"'}

// numbered reads #65 or #x41.
func numbered(name string) (rune, bool) {
	digits, found := strings.CutPrefix(name, "#")
	if !found {
		return 0, false
	}
	base := 10
	if hex, found := strings.CutPrefix(digits, "x"); found {
		digits, base = hex, 16
	}
	n := 0
	for i := range len(digits) {
		d := digit(digits[i])
		if d < 0 || d >= base {
			return 0, false
		}
		if n = n*base + d; n > utf8.MaxRune {
			return 0, false
		}
	}
	if digits == "" {
		return 0, false
	}
	if r := rune(n); utf8.ValidRune(r) {
		return r, true
	}
	return utf8.RuneError, true // half of a pair
}

func digit(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0')
	case 'a' <= b && b <= 'f':
		return int(b-'a') + 10
	case 'A' <= b && b <= 'F':
		return int(b-'A') + 10
	}
	return -1
}
