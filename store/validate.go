package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Validate answers what in b breaks the contract, wrapped in ErrInvalid: a text that is no UTF-8 or holds NUL, an empty property, id or
// code, a revision below 1, revisions of one property that do not rise by one, the same key twice. Every implementation calls it first.
func (b *Batch) Validate() error {
	for _, check := range []func() error{b.validEntries, b.validKeys, b.validObjects, b.validMessages, b.validRows} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batch) validEntries() error {
	last := make(map[string]int64, 64)
	for i := range b.Entries {
		e := &b.Entries[i]
		if e.Property == "" || !plain(e.Property, e.MessageID) {
			return invalid("entry", i, "property %q, message %q", e.Property, e.MessageID)
		}
		if before, known := last[e.Property]; e.Revision < 1 || known && e.Revision != before+1 {
			return invalid("entry", i, "property %q: revision %d after %d", e.Property, e.Revision, before)
		}
		last[e.Property] = e.Revision
	}
	return nil
}

func (b *Batch) validKeys() error {
	type name struct {
		day  int32
		hash KeyHash
	}
	seen := make(map[name]struct{}, len(b.Keys))
	for i := range b.Keys {
		k := &b.Keys[i]
		if !plain(k.Property) {
			return invalid("key", i, "property %q", k.Property)
		}
		seen[name{k.Day, k.Hash}] = struct{}{}
		if len(seen) != i+1 {
			return invalid("key", i, "property %q: the same key twice", k.Property)
		}
	}
	return nil
}

func (b *Batch) validObjects() error {
	for i := range b.Objects {
		if o := &b.Objects[i]; o.Property == "" || !plain(o.Property, o.Kind, o.Code) {
			return invalid("object", i, "property %q, kind %q, code %q", o.Property, o.Kind, o.Code)
		}
	}
	return nil
}

func (b *Batch) validMessages() error {
	for i := range b.Messages {
		m := &b.Messages[i]
		if m.ID == "" || !plain(m.ID, m.Connection, m.Property, m.Protocol, m.Kind, m.Verdict, m.Source) {
			return invalid("message", i, "id %q, connection %q, property %q", m.ID, m.Connection, m.Property)
		}
	}
	return nil
}

func (b *Batch) validRows() error {
	for i := range b.Rows {
		if r := &b.Rows[i]; r.List == "" || r.ID == "" || !plain(r.List, r.ID, r.Property, r.Connection) {
			return invalid("row", i, "list %q, id %q, property %q", r.List, r.ID, r.Property)
		}
	}
	return nil
}

// plain tells whether every text is one that all engines keep as it is.
func plain(texts ...string) bool {
	for _, t := range texts {
		if !utf8.ValidString(t) || strings.IndexByte(t, 0) >= 0 {
			return false
		}
	}
	return true
}

func invalid(what string, i int, format string, args ...any) error {
	return fmt.Errorf("%w: %s %d: %s", ErrInvalid, what, i, fmt.Sprintf(format, args...))
}
