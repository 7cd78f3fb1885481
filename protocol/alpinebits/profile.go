package alpinebits

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Profile is the choices of a connection for what partners mean differently.
type Profile struct {
	// DepartureRow says whether SetForwardMinStay and SetForwardMaxStay of a rule also bind stays that depart on its dates: "with" (the
	// default, as the standard's own engine computes) or "without".
	DepartureRow string `json:"departure_row"`
}

// Default is the profile of a connection that has none of its own.
func Default() Profile { return Profile{DepartureRow: "with"} }

// ParseProfile reads a profile's JSON over the default. Unknown names are refused.
func ParseProfile(b []byte) (Profile, error) {
	p := Default()
	if len(bytes.TrimSpace(b)) == 0 {
		return p, nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("read profile: %w", err)
	}
	if p.DepartureRow != "with" && p.DepartureRow != "without" {
		return p, fmt.Errorf("departure_row: got %q, want with or without", p.DepartureRow)
	}
	return p, nil
}
