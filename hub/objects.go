package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Kinds of codes that are mapped.
const (
	MapProperty = "property"
	MapRoomType = "room_type"
	MapRatePlan = "rate_plan"
)

// objectFault is what is wrong with an object of _hub.
type objectFault struct{ path, got, expected string }

func (f *objectFault) Error() string { return f.path + ": got " + f.got + ", want " + f.expected }

// checkObjects judges what ari leaves to the hub: the objects of _hub, If-Match, reserved codes.
func (m *machine) checkObjects(c *Call) error {
	u := &c.sub.Update
	if match := c.ifMatch; match != nil {
		if err := match.check(c.prop); err != nil {
			return err
		}
	}
	if c.prop.code == ari.HubProperty {
		return m.checkHubObjects(u)
	}
	if !c.prop.known && strings.HasPrefix(c.prop.code, "_") {
		return refusal(0, "code", c.prop.code, "a code that does not begin with _, which is reserved")
	}
	return nil
}

// check compares the object's revision with the one that the caller has seen.
func (o *objectMatch) check(p *property) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	have, ok := p.objects[o.key]
	switch {
	case o.remove && !ok:
		return store.ErrNotFound
	case o.version == 0, o.version == -1 && !ok, ok && have.revision == o.version:
		return nil
	}
	return ErrStale
}

func refusal(item int, path, got, expected string) error {
	if len(got) > 80 {
		got = got[:80]
	}
	return &ari.UpdateError{Items: []*ari.ItemError{{Item: item, Code: ari.CodeBadObject, Path: path, Got: got, Expected: expected}}}
}

func (m *machine) checkHubObjects(u *ari.Update) error {
	if len(u.Statements)+len(u.Replace)+len(u.Overlays) > 0 || u.Day != 0 {
		return refusal(0, "property", ari.HubProperty, "objects only")
	}
	r := m.w.registry.Load()
	for i := range u.Objects {
		if fault := checkHubObject(r, &u.Objects[i]); fault != nil {
			return refusal(i, fault.path, fault.got, fault.expected)
		}
	}
	return nil
}

// checkHubObject judges one object of _hub. Deleting is always allowed: what is left behind reads as unknown.
func checkHubObject(r *registry, op *ari.ObjectOp) *objectFault {
	if op.Body == nil {
		switch op.Kind {
		case KindConnection, KindProfile, KindMapping, KindClient, KindReply:
			return nil
		}
	}
	switch op.Kind {
	case KindConnection:
		var c Connection
		return firstFault(strictly(op.Body, &c), func() *objectFault { return checkConnection(op.Code, &c) })
	case KindProfile:
		var p Profile
		return firstFault(strictly(op.Body, &p), func() *objectFault { return same("name", p.Name, op.Code) })
	case KindClient:
		var c Client
		return firstFault(strictly(op.Body, &c), func() *objectFault { return checkClient(r, op.Code, &c) })
	case KindMapping:
		var v Mapping
		return firstFault(strictly(op.Body, &v), func() *objectFault { return checkMapping(r, op.Code, &v) })
	case KindReply:
		var v Reply
		return firstFault(strictly(op.Body, &v), func() *objectFault { return checkReply(r, &v) })
	}
	return &objectFault{"kind", op.Kind, "connection, profile, mapping or client"}
}

func firstFault(f *objectFault, next func() *objectFault) *objectFault {
	if f != nil {
		return f
	}
	return next()
}

// strictly decodes JSON; unknown fields are refused (S50).
func strictly(body []byte, v any) *objectFault {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return &objectFault{"body", err.Error(), "JSON of the object"}
	}
	return nil
}

func same(path, got, want string) *objectFault {
	if got != want {
		return &objectFault{path, got, strconv.Quote(want) + ", as the object's code"}
	}
	return nil
}

func checkConnection(code string, c *Connection) *objectFault {
	if f := same("id", c.ID, code); f != nil {
		return f
	}
	switch c.Order {
	case "", OrderSourceTime, OrderSequence, OrderArrival:
	default:
		return &objectFault{"order", c.Order, "source_time, sequence or arrival"}
	}
	switch c.ReplyAs {
	case "", ReplyResponse, ReplyReport:
	default:
		return &objectFault{"reply_as", c.ReplyAs, "response or report"}
	}
	if c.Protocol == "" {
		return &objectFault{"protocol", "", "a protocol's name"}
	}
	if c.TimeZone != "" {
		if _, err := time.LoadLocation(c.TimeZone); err != nil {
			return &objectFault{"time_zone", c.TimeZone, "an IANA time zone"}
		}
	}
	if f := checkQuota(c.Quota); f != nil {
		return f
	}
	return checkSecrets(c.Secrets)
}

func checkReply(r *registry, v *Reply) *objectFault {
	if _, ok := r.connections[v.Connection]; !ok {
		return &objectFault{"connection", v.Connection, "a connection that exists"}
	}
	if v.To == "" || v.Body == "" || v.Created.IsZero() {
		return &objectFault{"to", v.To, "an address, a body and when it was made"}
	}
	return nil
}

// secretsMax: two valid ones during a rotation (S37).
const secretsMax = 2

func checkSecrets(s []Secret) *objectFault {
	if len(s) > secretsMax {
		return &objectFault{"secrets", strconv.Itoa(len(s)), fmt.Sprintf("at most %d", secretsMax)}
	}
	return nil
}

func checkClient(r *registry, code string, c *Client) *objectFault {
	if f := same("id", c.ID, code); f != nil {
		return f
	}
	if _, ok := r.connections[c.Connection]; c.Connection != "" && !ok {
		return &objectFault{"connection", c.Connection, "a connection that exists"}
	}
	if c.Issuer != "" && len(c.Secrets) > 0 {
		return &objectFault{"issuer", c.Issuer, "none while it has secrets of the hub: a client's tokens come from one place"}
	}
	if f := checkQuota(c.Quota); f != nil {
		return f
	}
	return checkSecrets(c.Secrets)
}

// quotaMax bounds quotas: more than any store commits.
const quotaMax = 1_000_000

func checkQuota(q *Quota) *objectFault {
	if q == nil {
		return nil
	}
	for _, v := range [...]struct {
		path string
		n    int
	}{{"quota.updates_per_second", q.UpdatesPerSecond}, {"quota.burst", q.Burst}} {
		if v.n < 0 || v.n > quotaMax {
			return &objectFault{v.path, strconv.Itoa(v.n), fmt.Sprintf("1 to %d, or nothing", quotaMax)}
		}
	}
	return nil
}

func checkMapping(r *registry, code string, v *Mapping) *objectFault {
	if f := same("code", v.Code(), code); f != nil {
		return f
	}
	if _, ok := r.connections[v.Connection]; !ok {
		return &objectFault{"connection", v.Connection, "a connection that exists"}
	}
	switch v.Kind {
	case MapProperty:
		if v.Property != "" {
			return &objectFault{"property", v.Property, "none, for a mapping of a property"}
		}
	case MapRoomType, MapRatePlan:
		if v.Property == "" {
			return &objectFault{"property", "", "the hub's code of the property"}
		}
	default:
		return &objectFault{"kind", v.Kind, "property, room_type or rate_plan"}
	}
	if v.External == "" {
		return &objectFault{"external", "", "the connection's code"}
	}
	switch v.State {
	case MappingIgnored:
		return nil
	case MappingAccepted:
		if err := ari.CheckCode(v.Internal); err != nil {
			return &objectFault{"internal", v.Internal, "the hub's code"}
		}
		return nil
	case MappingProposed:
		if v.Internal != "" && ari.CheckCode(v.Internal) != nil {
			return &objectFault{"internal", v.Internal, "the hub's code, or none"}
		}
		return nil
	}
	return &objectFault{"state", v.State, "accepted, ignored or proposed"}
}

// firstDay answers the property-local date of an instant in the zone of the property that the update makes; 0 if the zone is none, which ari
// refuses.
func firstDay(u *ari.Update, at time.Time) ari.StayDate {
	for i := range u.Objects {
		if u.Objects[i].Kind != ari.KindProperty {
			continue
		}
		var p ari.Property
		if json.Unmarshal(u.Objects[i].Body, &p) != nil || p.TimeZone == "" {
			return 0
		}
		zone, err := time.LoadLocation(p.TimeZone)
		if err != nil {
			return 0
		}
		return ari.LocalDate(at, zone)
	}
	return 0
}
