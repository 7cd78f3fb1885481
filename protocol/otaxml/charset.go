package otaxml

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// toUTF8 answers the body in UTF-8, without a byte order mark. What decides, in this order (RFC 7303, section 3): a byte order mark, the
// content type's charset, the XML declaration, UTF-8. Nothing is guessed and nothing is replaced: a byte that the encoding does not have
// is refused.
//
// Errors: *Fault with CodeEncoding.
func toUTF8(body []byte, contentType string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(body, []byte{0x00, 0x00, 0xfe, 0xff}), bytes.HasPrefix(body, []byte{0xff, 0xfe, 0x00, 0x00}):
		return nil, badEncoding("UTF-32")
	case bytes.HasPrefix(body, []byte{0xef, 0xbb, 0xbf}):
		return checkUTF8(body[3:])
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return fromUTF16(body[2:], 1)
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}):
		return fromUTF16(body[2:], 0)
	case len(body) >= 2 && (body[0] == 0 || body[1] == 0):
		return nil, badEncoding("UTF-16 or UTF-32 without a byte order mark")
	}
	name := ""
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		name = params["charset"]
	}
	if name == "" {
		name = declared(body)
	}
	return fromNamed(body, strings.ToLower(strings.TrimSpace(name)))
}

func fromNamed(body []byte, name string) ([]byte, error) {
	switch name {
	case "", "utf-8", "utf8", "unicode-1-1-utf-8":
		return checkUTF8(body)
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us":
		for _, c := range body {
			if c >= 0x80 {
				return nil, &Fault{Code: CodeEncoding, Got: "a byte above 127", Expected: "US-ASCII, as the message declares"}
			}
		}
		return body, nil
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1":
		return fromCharmap(body, charmap.ISO8859_1, "ISO-8859-1")
	case "windows-1252", "cp1252", "cp-1252", "ansi":
		return fromCharmap(body, charmap.Windows1252, "Windows-1252")
	}
	return nil, badEncoding(name)
}

func badEncoding(name string) *Fault {
	return &Fault{Code: CodeEncoding, Got: clip(name, 40), Expected: "UTF-8, UTF-16 with a byte order mark, ISO-8859-1, Windows-1252 or US-ASCII"}
}

func checkUTF8(body []byte) ([]byte, error) {
	if !utf8.Valid(body) {
		return nil, &Fault{Code: CodeEncoding, Got: "bytes that are not UTF-8", Expected: "UTF-8, or the encoding named in the XML declaration"}
	}
	return body, nil
}

func fromCharmap(body []byte, m *charmap.Charmap, name string) ([]byte, error) {
	out := make([]byte, 0, len(body)+len(body)/8)
	for _, c := range body {
		r := m.DecodeByte(c)
		if r == utf8.RuneError {
			return nil, &Fault{Code: CodeEncoding, Got: "a byte that is not in it", Expected: name + ", as the message declares"}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// fromUTF16 reads UTF-16; low is where a unit's low byte is: 0 little endian, 1 big endian.
func fromUTF16(body []byte, low int) ([]byte, error) {
	broken := &Fault{Code: CodeEncoding, Got: "broken UTF-16", Expected: "UTF-16, as the byte order mark says"}
	if len(body)%2 != 0 {
		return nil, broken
	}
	unit := func(i int) rune { return rune(body[i+low]) | rune(body[i+1-low])<<8 }
	out := make([]byte, 0, len(body)*3/4)
	for i := 0; i < len(body); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			if i += 2; i >= len(body) {
				return nil, broken
			}
			if r = utf16.DecodeRune(r, unit(i)); r == utf8.RuneError {
				return nil, broken
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// declarationMax is how far the XML declaration is looked for: it is the first thing in the body, and a real one has under 100 bytes.
const declarationMax = 256

// declared answers the encoding that the XML declaration names; "" if it names none.
func declared(body []byte) string {
	head := body[:min(len(body), declarationMax)]
	end := bytes.Index(head, []byte("?>"))
	if !bytes.HasPrefix(head, []byte("<?xml")) || end < 0 {
		return ""
	}
	head = head[:end]
	i := bytes.Index(head, []byte("encoding"))
	if i < 0 {
		return ""
	}
	rest := bytes.TrimLeft(head[i+len("encoding"):], " \t\r\n=")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := bytes.Cut(rest[1:], rest[:1])
	return string(name)
}
