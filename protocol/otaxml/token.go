package otaxml

// tokenKind says what a token is.
type tokenKind uint8

const (
	tokenStart tokenKind = 1 + iota
	tokenEnd
	tokenText
)

// token is one piece of a document: the start or end of an element, or text between. Comments and processing instructions never
// show; a DTD is an error.
type token struct {
	kind        tokenKind
	space, name string
	attrs       []attribute
	text        string
}

// attribute is one attribute; namespace declarations are not among them.
type attribute struct{ space, name, value string }

// tokenizer is what the parser needs of an XML reader: scanner, in tests encoding/xml too. Well-formed documents only, matched
// ends, namespaces resolved, no entities but the five of XML. It answers io.EOF after the document, *Fault on anything else.
type tokenizer interface {
	next() (token, error)
}
