package ari

import (
	"bytes"
	"errors"
)

// rawJSON is a JSON value kept byte for byte, compacted.
type rawJSON []byte

// MarshalJSON answers the bytes as they are; null if there are none.
func (r rawJSON) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// UnmarshalJSON keeps a copy.
func (r *rawJSON) UnmarshalJSON(b []byte) error {
	if r == nil {
		return errors.New("ari: unmarshal into nil")
	}
	*r = bytes.Clone(b)
	return nil
}
