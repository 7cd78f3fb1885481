package alpinebits

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Bounds of a handshake's JSON: a client announces a handful of versions with a dozen actions each.
const (
	handshakeMax = 256 << 10
	listMax      = 1000
)

type shakeJSON struct {
	Versions []shakeVersion `json:"versions"`
}

type shakeVersion struct {
	Version string        `json:"version"`
	Actions []shakeAction `json:"actions,omitempty"`
}

type shakeAction struct {
	Action   string   `json:"action"`
	Supports []string `json:"supports,omitempty"`
}

// HandshakeAnswer answers a ping: the client's words unchanged, and as a warning what both sides can, in JSON. Versions and actions of the
// client that are not known here are left out of it.
func HandshakeAnswer(m *Message, at time.Time) []byte {
	if m.fault != nil {
		return EncodeAnswer(m, Answer{At: at, Refused: m.fault})
	}
	asked, fault := readHandshake(m.EchoData)
	if fault != nil {
		return EncodeAnswer(m, Answer{At: at, Refused: fault})
	}
	common, err := json.Marshal(intersect(asked))
	if err != nil {
		return EncodeAnswer(m, Answer{At: at, Refused: otaxml.NewFault(otaxml.CodeInternal, "the handshake cannot be written")})
	}
	w := startAnswer(m, at)
	w.Empty("Success")
	w.Open("Warnings")
	w.Element("Warning", string(common), "Type", "11", "Status", "ALPINEBITS_HANDSHAKE")
	w.Close("Warnings")
	w.Element("EchoData", m.EchoData)
	// Quotes need no escape in text, and there are clients that read the JSON before they read the XML.
	return bytes.ReplaceAll(endAnswer(w, m), []byte("&quot;"), []byte(`"`))
}

func readHandshake(echo string) (*shakeJSON, *Fault) {
	bad := func(got string) *Fault {
		return &Fault{Code: otaxml.CodeValue, Path: "/OTA_PingRQ/EchoData", Got: got, Expected: `JSON of the client's versions: {"versions":[{"version":"2024-10","actions":[{"action":"action_OTA_Ping"}]}]}`}
	}
	if len(echo) > handshakeMax {
		return nil, bad("more than 256 KiB")
	}
	var v shakeJSON
	d := json.NewDecoder(bytes.NewReader([]byte(echo)))
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, bad(otaxml.Clip(echo, 40))
	}
	if v.Versions == nil || len(v.Versions) > listMax {
		return nil, bad("no list of versions")
	}
	for _, x := range v.Versions {
		if len(x.Actions) > listMax {
			return nil, bad("too many actions")
		}
	}
	return &v, nil
}

// intersect answers what both sides can, in the order of the client's list.
func intersect(asked *shakeJSON) shakeJSON {
	out := shakeJSON{Versions: []shakeVersion{}}
	seen := map[Version]bool{}
	for _, x := range asked.Versions {
		v := Version(x.Version)
		if !slices.Contains(Versions, v) || seen[v] {
			continue
		}
		seen[v] = true
		out.Versions = append(out.Versions, shakeVersion{x.Version, common(v, x.Actions)})
	}
	return out
}

func common(v Version, asked []shakeAction) (out []shakeAction) {
	for _, a := range actions {
		if !a.in(v) {
			continue
		}
		i := slices.IndexFunc(asked, func(x shakeAction) bool { return x.Action == a.Handshake })
		if i < 0 {
			continue
		}
		both := shakeAction{Action: a.Handshake}
		for _, s := range a.Supports(v) {
			if slices.Contains(asked[i].Supports, s) {
				both.Supports = append(both.Supports, s)
			}
		}
		out = append(out, both)
	}
	return out
}
