package alpinebits

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
)

// Form is the body of a POST: the fields action and request.
type Form struct {
	Action      string
	Request     []byte // XML; nil if there is none
	RequestType string // content type of the part, for its charset; "" if none is told
}

// Bounds of a form. A client sends two fields; the longest action has 60 bytes.
const (
	partsMax  = 8
	actionMax = 256
)

// ReadForm reads a body of multipart/form-data. Fields of other names are left out; one of ours that comes twice is refused.
//
// Shape:  Request shares no memory with body.
// Errors: *Refusal.
func ReadForm(body []byte, contentType string) (Form, error) {
	var f Form
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return f, refuse("a body of multipart/form-data with a boundary is expected")
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	seen := map[string]bool{}
	for n := 0; ; n++ {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, refuse("the multipart body is broken")
		}
		if n == partsMax {
			return f, refuse("too many fields")
		}
		name := p.FormName()
		if name != "action" && name != "request" {
			continue
		}
		if seen[name] {
			return f, refuse("the field " + name + " comes twice")
		}
		seen[name] = true
		b, err := io.ReadAll(p)
		if err != nil {
			return f, refuse("the multipart body is broken")
		}
		if name == "request" {
			f.Request, f.RequestType = b, p.Header.Get("Content-Type")
			continue
		}
		if len(b) > actionMax {
			return f, refuse("unknown or missing action")
		}
		f.Action = string(bytes.TrimSpace(b))
	}
	if f.Action == "" {
		return f, refuse("unknown or missing action")
	}
	return f, nil
}
