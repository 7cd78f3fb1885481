package otaxml

import "github.com/ratewire/ratewire/ari"

// What follows is for protocols that speak a dialect of OTA (protocol/alpinebits): the same reader of documents within the same limits, the
// same numbers and dates, the same writer. What an element means there is theirs.

// Element is one element of a document that ReadDocument has read.
type Element = node

// ReadDocument reads one document: encoding, XML, limits, no DTD. It answers its root, also with an error as far as it was read (nil if not
// that far).
//
// Shape:  as large as the body; the caller bounds that.
// Errors: *Fault.
func ReadDocument(body []byte, contentType string) (*Element, error) {
	if err := checkNotJSON(body); err != nil {
		return nil, err
	}
	text, err := toUTF8(body, contentType)
	if err != nil {
		return nil, err
	}
	return readTree(newScanner(text), elementsMax)
}

// Name answers the element's local name.
func (n *node) Name() string { return n.name }

// Space answers the element's namespace.
func (n *node) Space() string { return n.space }

// Text answers the element's own text, trimmed.
func (n *node) Text() string { return n.text }

// Attr answers the value of an attribute without namespace, trimmed, and whether it is there.
func (n *node) Attr(name string) (string, bool) { return n.attr(name) }

// Get answers the value of an attribute; "" if it is not there.
func (n *node) Get(name string) string { return n.get(name) }

// Kid answers the first child of that name; nil if there is none.
func (n *node) Kid(name string) *Element { return n.kid(name) }

// Kids answers all children in order; they are the document's.
func (n *node) Kids() []*Element { return n.kids }

// Each calls f for the children of that name, in order.
func (n *node) Each(name string, f func(*Element)) { n.all(name, f) }

// Bare tells whether the element has no attributes, no children and no text.
func (n *node) Bare() bool { return len(n.attrs) == 0 && len(n.kids) == 0 && n.text == "" }

// Path answers the XPath of the element, or of an attribute of it; "" of nil.
func (n *node) Path(attr string) string { return path(n, attr) }

// ParseBool reads true, false, 1 and 0 in any case.
func ParseBool(s string) (value, ok bool) { return parseBool(s) }

// ParseInt reads a whole number of 0 to 999,999; "5.0" is 5.
func ParseInt(s string) (int64, bool) { return parseInt(s, false) }

// ParseDay reads an xs:date; an xs:dateTime must be midnight of it.
func ParseDay(s string) (ari.StayDate, error) { return parseDay(s, false) }

// Clip keeps hostile input short and printable, on a rune border.
func Clip(s string, max int) string { return clip(s, max) }

// Writer writes XML that is well-formed whatever the strings are. The zero value is ready.
type Writer struct{ w writer }

// Open writes the start of an element; attrs are names and values.
func (w *Writer) Open(name string, attrs ...string) { w.w.open(name, attrs...) }

// Close writes the end of an element.
func (w *Writer) Close(name string) { w.w.close(name) }

// Empty writes an element without content.
func (w *Writer) Empty(name string, attrs ...string) { w.w.empty(name, attrs...) }

// Element writes an element with text.
func (w *Writer) Element(name, text string, attrs ...string) { w.w.element(name, text, attrs...) }

// Bytes answers what was written.
func (w *Writer) Bytes() []byte { return w.w.b }
