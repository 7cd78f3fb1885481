package otaxml

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Identity is what makes a message a repeat (S19).
type Identity struct {
	// ID is the message's identity under the profile; "" if it has none: sets apply in arrival order, adjusts are refused. Unless Unique,
	// it contains a hash of the content, so that the same id is the same content.
	ID string
	// Unique: the partner promises that the id alone names the message. The same id with other content is a conflict.
	Unique bool
	// Token is the partner's own id in it: EchoToken or CorrelationID. Another ID with the same token is a reused token, to be counted.
	Token string
	// Content is the canonical content: what the message says, without namespaces, blanks, POS and what a retransmission changes.
	Content []byte
}

func identity(m *Message, p *Profile) Identity {
	id := Identity{Content: canonical(m.root)}
	sum := sha256.Sum256(id.Content)
	content := hex.EncodeToString(sum[:])
	switch p.Identity {
	case "echo":
		id.ID, id.Token, id.Unique = m.EchoToken, m.EchoToken, true
	case "correlation_id":
		id.ID, id.Unique = m.CorrelationID, true
		if id.ID == "" {
			id.ID = m.MessageID
		}
		id.Token = id.ID
	case "echo_time_content":
		id.Token = m.EchoToken
		if m.TimeStamp != "" {
			id.ID = strings.Join([]string{m.EchoToken, m.TimeStamp, content}, "|")
		}
	case "time_content":
		if m.TimeStamp != "" {
			id.ID = m.TimeStamp + "|" + content
		}
	}
	if id.ID == "" {
		id.Unique = false
	}
	return id
}

// volatile are root attributes that a retransmission of the same message may change, or that the id holds already.
var volatile = map[string]bool{
	"RetransmissionIndicator": true, "EchoToken": true, "TimeStamp": true, "CorrelationID": true, "SequenceNmbr": true, "TransactionIdentifier": true,
}

// canonical answers the content of a message: elements in document order by local name, attributes sorted, text trimmed.
func canonical(root *node) []byte {
	return appendCanonical(make([]byte, 0, 64<<10), root, true)
}

func appendCanonical(b []byte, n *node, root bool) []byte {
	b = append(append(b, '<'), n.name...)
	var few [16]attribute
	attrs := append(few[:0], n.attrs...)
	slices.SortFunc(attrs, byName)
	for _, a := range attrs {
		if a.space != "" || root && volatile[a.name] {
			continue
		}
		b = append(append(append(b, ' '), a.name...), '=', '"')
		b = append(appendEscaped(b, strings.TrimSpace(a.value)), '"')
	}
	b = append(b, '>')
	b = appendEscaped(b, n.text)
	for _, k := range n.kids {
		if !root || k.name != "POS" {
			b = appendCanonical(b, k, false)
		}
	}
	return append(append(append(b, "</"...), n.name...), '>')
}

func byName(x, y attribute) int {
	if c := strings.Compare(x.name, y.name); c != 0 {
		return c
	}
	return strings.Compare(x.space, y.space)
}

// sourceTime reads a TimeStamp. A time without zone orders only if the profile gives the zone, and never inside a local hour that
// comes twice or not at all (S22); why says what is wrong with it otherwise.
func sourceTime(s string, zone *time.Location) (t time.Time, why string) {
	if s == "" {
		return t, "no TimeStamp"
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), ""
		}
	}
	local, err := time.Parse("2006-01-02T15:04:05.999999999", s)
	if err != nil {
		return t, "TimeStamp is no dateTime"
	}
	if zone == nil {
		return t, "TimeStamp has no zone, and the profile gives none"
	}
	return localTime(local, zone)
}

// localTime answers the one instant that has this wall clock in the zone.
func localTime(wall time.Time, zone *time.Location) (time.Time, string) {
	var found []time.Time
	for _, probe := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(probe).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		_, got := at.In(zone).Zone()
		if got == offset && !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	switch len(found) {
	case 1:
		return found[0], ""
	case 0:
		return time.Time{}, "TimeStamp is a local time that does not exist"
	}
	return time.Time{}, "TimeStamp is a local time that comes twice"
}

// zoneOf answers the zone of a TimeStamp without one; nil if the profile gives none.
func (p *Profile) zoneOf(h Hotel) *time.Location {
	if p.TimeZone == "property" {
		return h.Zone()
	}
	return p.zone
}
