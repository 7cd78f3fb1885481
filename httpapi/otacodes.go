package httpapi

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// otaCodes is a connection's mapping as the decoder asks for it.
type otaCodes struct {
	s    hub.Service
	conn *hub.Connection
}

// Property answers the hotel behind an external code.
func (c *otaCodes) Property(ext string) (otaxml.Hotel, otaxml.Status) {
	var code string
	status := otaxml.Known
	if ext == "" {
		if len(c.conn.Properties) != 1 {
			return nil, otaxml.Unmapped
		}
		code = c.conn.Properties[0]
	} else {
		code, status = c.lookup("", ari.KindProperty, ext)
	}
	if status != otaxml.Known {
		return nil, status
	}
	h := &otaHotel{codes: c, code: code}
	if c.s.Read(code, func(p *ari.Picture) error { h.catalog, h.zone = p.Catalog(), p.Zone(); return nil }) != nil {
		return nil, otaxml.Unmapped
	}
	return h, otaxml.Known
}

func (c *otaCodes) lookup(property, kind, ext string) (string, otaxml.Status) {
	switch code, state := c.s.MapCode(c.conn.ID, property, kind, ext); state {
	case "ignored":
		return "", otaxml.Ignored
	case "":
		return "", otaxml.Unmapped
	default:
		return code, otaxml.Known
	}
}

// otaHotel is one property for one message. A catalog is never changed, only replaced.
type otaHotel struct {
	codes   *otaCodes
	code    string
	catalog *ari.Catalog
	zone    *time.Location
}

// Code answers the hub's code.
func (h *otaHotel) Code() string { return h.code }

// Catalog answers what the property has.
func (h *otaHotel) Catalog() *ari.Catalog { return h.catalog }

// Zone answers the property's time zone.
func (h *otaHotel) Zone() *time.Location { return h.zone }

// Lookup answers the hub's code of an external one. Room types and rate plans are mapped; classes, categories, blocks and channels are the
// hub's own codes.
func (h *otaHotel) Lookup(kind, ext string) (string, otaxml.Status) {
	if kind != ari.KindRoomType && kind != ari.KindRatePlan {
		return ext, otaxml.Known
	}
	return h.codes.lookup(h.code, kind, ext)
}

// otaProfiles remembers profiles that were read.
type otaProfiles struct {
	mu   sync.Mutex
	read map[profileKey]*otaxml.Profile
}

type profileKey struct {
	name    string
	version int64
	zone    string
	test    bool
}

// profilesMax bounds profiles remembered: more than any hub has.
const profilesMax = 1000

func newOTAProfiles() *otaProfiles { return &otaProfiles{read: map[profileKey]*otaxml.Profile{}} }

// of answers the profile that a connection is read with: the connection's own time zone and test flag win over the profile's where it says
// nothing.
func (p *otaProfiles) of(s hub.Service, c *hub.Connection) (*otaxml.Profile, error) {
	kept := hub.Profile{Name: "generic", Version: 1, Choices: json.RawMessage("{}")}
	if c.Profile != "" && c.Profile != "generic" {
		var ok bool
		if kept, ok = s.Profile(c.Profile); !ok {
			if kept, ok = shippedProfile(c.Profile); !ok {
				return nil, fmt.Errorf("profile %q is not there", c.Profile)
			}
		}
	}
	k := profileKey{kept.Name, kept.Version, c.TimeZone, c.Test}
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.read[k]; have != nil {
		return have, nil
	}
	read, err := otaProfile(&kept, c.TimeZone, c.Test)
	if err != nil {
		return nil, err
	}
	if len(p.read) >= profilesMax {
		clear(p.read)
	}
	p.read[k] = read
	return read, nil
}

// shippedProfile answers a profile that comes with the program, as if it were kept.
func shippedProfile(name string) (hub.Profile, bool) {
	p, ok := otaxml.Shipped(name)
	if !ok {
		return hub.Profile{}, false
	}
	choices, err := json.Marshal(map[string]string{"extends": name})
	return hub.Profile{Name: name, Version: int64(p.Version), Protocol: protocolOTA, Choices: choices}, err == nil
}

// otaProfile reads the choices of a profile.
func otaProfile(kept *hub.Profile, zone string, test bool) (*otaxml.Profile, error) {
	choices := map[string]json.RawMessage{}
	if len(kept.Choices) > 0 {
		if err := json.Unmarshal(kept.Choices, &choices); err != nil {
			return nil, fmt.Errorf("choices of profile %q: %w", kept.Name, err)
		}
	}
	own := func(key string, v any) error {
		b, err := json.Marshal(v)
		choices[key] = b
		return err
	}
	if err := own("name", kept.Name); err != nil {
		return nil, err
	}
	if err := own("version", max(kept.Version, 1)); err != nil {
		return nil, err
	}
	if _, told := choices["time_zone"]; !told && zone != "" {
		if err := own("time_zone", zone); err != nil {
			return nil, err
		}
	}
	if _, told := choices["test"]; !told && test {
		if err := own("test", "accept"); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(choices)
	if err != nil {
		return nil, err
	}
	return otaxml.ParseProfile(b)
}

// guests are the elements of OTA that tell of people and their cards. ARI messages have no use for them; what is kept has none (S37).
var guests = regexp.MustCompile(`(?i)<([\w.-]+:)?(PersonName|GivenName|Surname|NamePrefix|MiddleName|CardHolderName|CardNumber|SeriesCode|PaymentCard|Telephone|Email|Address|AddressLine|Customer|ResGuests?|Document|BirthDate)(\s[^>]*)?>`)

// guestAttributes are attributes that tell the same.
var guestAttributes = regexp.MustCompile(`(?is)\b((?:CardNumber|SeriesCode|PhoneNumber|BirthDate|CardHolderName)\s*=\s*)("[^"]*(?:"|$)|'[^']*(?:'|$))`)

// scrubXML answers an OTA message without guests and cards; otaxml.Scrub has taken the passwords.
func scrubXML(b []byte) []byte {
	b = guestAttributes.ReplaceAll(b, []byte(`${1}"***"`))
	var out []byte
	for {
		m := guests.FindSubmatchIndex(b)
		if m == nil {
			return append(out, b...)
		}
		start := m[4]
		if m[2] >= 0 {
			start = m[2] // with its prefix
		}
		closing := append([]byte("</"), b[start:m[5]]...)
		empty := b[m[1]-2] == '/'
		out, b = append(out, b[:m[1]]...), b[m[1]:]
		if empty {
			continue
		}
		out = append(out, "***"...)
		end := bytes.Index(b, closing)
		if end < 0 {
			return out // not closed: nothing after it is kept
		}
		b = b[end:]
	}
}

// scrubJSON answers a refused JSON body without the values of members whose names say that they are secret or personal. A body that is
// accepted has no such members but below unknown, which is free.
func scrubJSON(b []byte) []byte { return secretMembers.ReplaceAll(b, []byte(`${1}"***"`)) }

var secretMembers = regexp.MustCompile(`(?i)("[^"]*(?:password|secret|token|authorization|card|cvv|cvc|iban|guest|surname|given_?name|first_?name|last_?name|e_?mail|phone|address|birth)[^"]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[0-9][0-9. -]*)`)
