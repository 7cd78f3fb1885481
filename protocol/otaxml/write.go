package otaxml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// writer writes XML that is well-formed whatever the strings are.
type writer struct{ b []byte }

func (w *writer) open(name string, attrs ...string) {
	w.tag(name, attrs)
	w.b = append(w.b, '>')
}

func (w *writer) empty(name string, attrs ...string) {
	w.tag(name, attrs)
	w.b = append(w.b, "/>"...)
}

func (w *writer) tag(name string, attrs []string) {
	w.b = append(append(w.b, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.b = append(append(append(w.b, ' '), attrs[i]...), `="`...)
		w.b = append(appendEscaped(w.b, attrs[i+1]), '"')
	}
}

func (w *writer) close(name string) { w.b = append(append(append(w.b, "</"...), name...), '>') }

func (w *writer) element(name, text string, attrs ...string) {
	w.open(name, attrs...)
	w.b = appendEscaped(w.b, text)
	w.close(name)
}

// appendEscaped writes text or an attribute's value. Characters that XML does not have become U+FFFD.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\t' || r == '\n' || r == '\r':
			b = append(append(append(b, "&#"...), strconv.Itoa(int(r))...), ';')
		case r < ' ' || r == 0xfffe || r == 0xffff:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// lines writes Errors or Warnings, at most max; the last one says how many more there were.
func (w *writer) lines(list, item string, lines []line, max int) {
	w.open(list)
	for i, l := range lines {
		if i == max-1 && len(lines) > max {
			l = line{f: &Fault{Code: CodeMore, Expected: strconv.Itoa(len(lines)-i) + " more"}}
			w.line(item, l)
			break
		}
		w.line(item, l)
	}
	w.close(list)
}

// line writes one Error or Warning: Type, Code, ShortText (our code), Status, Tag (the XPath), RecordID, and the words.
func (w *writer) line(item string, l line) {
	ewt, err := l.f.OTA()
	attrs := []string{"Type", ewt, "ShortText", clip(l.f.Code, 60)}
	for _, a := range [][2]string{{"Code", err}, {"Status", l.status}, {"Tag", l.f.Path}, {"RecordID", l.record}} {
		if a[1] != "" {
			attrs = append(attrs, a[0], a[1])
		}
	}
	if item == "Error" && l.f.Path != "" {
		attrs = append(attrs, "NodeList", l.f.Path)
	}
	w.element(item, words(l.f), attrs...)
}

// words says a fault to a person.
func words(f *Fault) string {
	switch {
	case f.Got != "" && f.Expected != "" && f.tells():
		return strconv.QuoteToGraphic(f.Got) + ": " + f.Expected
	case f.Got != "" && f.Expected != "":
		return "got " + strconv.QuoteToGraphic(f.Got) + ", want " + f.Expected
	case f.Expected != "":
		return f.Expected
	}
	return strings.ReplaceAll(f.Code, "_", " ")
}
