package otaxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

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

// tokenizer is what the parser needs of an XML reader, so that a faster one can take its place: well-formed documents only, matched
// ends, namespaces resolved, no entities but the five of XML. It answers io.EOF after the document, *Fault on anything else.
type tokenizer interface {
	next() (token, error)
}

// stdTokenizer is encoding/xml behind the interface, with what it does not check: no DTD.
type stdTokenizer struct{ d *xml.Decoder }

func newStdTokenizer(utf8 []byte) *stdTokenizer {
	d := xml.NewDecoder(bytes.NewReader(utf8))
	d.Strict = true
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // toUTF8 has converted it
	return &stdTokenizer{d}
}

func (s *stdTokenizer) next() (token, error) {
	for {
		t, err := s.d.Token()
		if err != nil {
			return token{}, s.fault(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			return token{kind: tokenStart, space: t.Name.Space, name: t.Name.Local, attrs: attributes(t.Attr)}, nil
		case xml.EndElement:
			return token{kind: tokenEnd, name: t.Name.Local}, nil
		case xml.CharData:
			return token{kind: tokenText, text: string(t)}, nil
		case xml.Directive:
			what, _, _ := strings.Cut(string(t), " ")
			return token{}, &Fault{Code: CodeDTD, Got: "<!" + clip(what, 20), Expected: "a document without a DTD and without entities of its own"}
		}
	}
}

func (s *stdTokenizer) fault(err error) error {
	if err == io.EOF {
		return io.EOF
	}
	line, _ := s.d.InputPos()
	var se *xml.SyntaxError
	if errors.As(err, &se) {
		return &Fault{Code: CodeNotXML, Got: clip(se.Msg, 120), Expected: fmt.Sprintf("well-formed XML (line %d)", se.Line)}
	}
	return &Fault{Code: CodeNotXML, Got: clip(err.Error(), 120), Expected: fmt.Sprintf("well-formed XML (line %d)", line)}
}

func attributes(in []xml.Attr) []attribute {
	if len(in) == 0 {
		return nil
	}
	out := make([]attribute, 0, len(in))
	for _, a := range in {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		out = append(out, attribute{a.Name.Space, a.Name.Local, a.Value})
	}
	return out
}
