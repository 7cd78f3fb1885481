package canonical

import (
	"encoding/json"

	"github.com/ratewire/ratewire/ari"
)

// Placed is a scope with a span.
type Placed struct {
	Scope ari.Scope
	Span  ari.Span
}

// Place reads a scope and a span as the items of an update have them.
//
// Errors: *Error.
func Place(s *Scope, p *Span) (out Placed, err error) {
	b, err := json.Marshal(struct {
		*Scope
		*Span
	}{s, p})
	if err != nil {
		return out, err
	}
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reset(b, "")
	var at place
	if d.object("an object", func(name []byte) {
		if !d.member(&at, name) {
			d.unknown(name, placeNames)
		}
	}) {
		out = Placed{Scope: at.scope, Span: d.settle(&at)}
	}
	return out, d.err()
}
