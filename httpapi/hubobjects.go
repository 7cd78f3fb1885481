package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// connectionJSON is hub.Connection as the API shows it: without secrets, which have routes of their own.
type connectionJSON struct {
	ID         string     `json:"id" maxLength:"64"`
	Name       string     `json:"name,omitempty" maxLength:"256"`
	Protocol   string     `json:"protocol" enum:"json,ota,alpinebits" doc:"What it speaks."`
	Profile    string     `json:"profile,omitempty" maxLength:"64" doc:"Profile it is read with: a kept one, or one that is shipped (docs/protocols); default generic."`
	Properties []string   `json:"properties,omitempty" maxItems:"10000" doc:"Properties it may write; none: all."`
	Order      string     `json:"order,omitempty" enum:"source_time,sequence,arrival" doc:"What orders its messages; default source_time."`
	TimeZone   string     `json:"time_zone,omitempty" maxLength:"64" doc:"Of source times without zone; none: they do not order."`
	Test       bool       `json:"test,omitempty" doc:"Takes messages marked as tests."`
	Unmapped   bool       `json:"unmapped,omitempty" doc:"Its codes are hub codes: no mapping, no parking."`
	NoPull     bool       `json:"no_pull,omitempty" doc:"May not read the picture over its protocol; default: it may, of its own properties."`
	ReplyTo    []string   `json:"reply_to,omitempty" maxItems:"20" doc:"Hosts, with their port if it is not 443, that results of asynchronous exchanges may be posted to over HTTPS; http://host:port allows one without. None: answered at once."`
	ReplyAs    string     `json:"reply_as,omitempty" enum:"response,report" doc:"What such a result is: the answer (default), or an OTA_NotifReportRQ."`
	PushOnly   bool       `json:"push_only,omitempty" doc:"Cannot be read again: it gets the refusal where another would be re-read."`
	Quota      *quotaJSON `json:"quota,omitempty" doc:"How many updates may be sent by its own password; default the hub's setting."`
	User       string     `json:"user,omitempty" maxLength:"64" doc:"User name of Basic and WS-Security; default its id."`
}

// quotaJSON is hub.Quota.
type quotaJSON struct {
	UpdatesPerSecond int `json:"updates_per_second,omitempty" minimum:"1" maximum:"1000000" doc:"In the long run."`
	Burst            int `json:"burst,omitempty" minimum:"1" maximum:"1000000" doc:"At once; default in proportion to the default's."`
}

// clientJSON is hub.Client as the API shows it.
type clientJSON struct {
	ID         string     `json:"id" maxLength:"64"`
	Name       string     `json:"name,omitempty" maxLength:"256"`
	Scopes     []string   `json:"scopes" maxItems:"20" doc:"What its tokens may allow, beside what its roles bring."`
	Roles      []string   `json:"roles,omitempty" maxItems:"5" doc:"Named sets of scopes: viewer, operator, integrator, admin, auditor. The list is open."`
	Properties []string   `json:"properties,omitempty" maxItems:"10000" doc:"Properties it may see and change; none: all."`
	Connection string     `json:"connection,omitempty" maxLength:"64" doc:"What it writes ARI as."`
	Issuer     string     `json:"issuer,omitempty" maxLength:"512" doc:"Issuer of its tokens, where another than the hub gives them out: docs/operations/access.md."`
	Quota      *quotaJSON `json:"quota,omitempty" doc:"How many updates it may send; default the hub's setting."`
	Disabled   bool       `json:"disabled,omitempty"`
}

// profileJSON is hub.Profile as the API shows it. Its version rises with every change.
type profileJSON struct {
	Name     string          `json:"name" maxLength:"64"`
	Version  int64           `json:"version,omitempty" readOnly:"true"`
	Protocol string          `json:"protocol" enum:"json,ota,alpinebits"`
	Choices  json.RawMessage `json:"choices" doc:"The protocol's choices; see docs/protocols."`
}

// mappingJSON is hub.Mapping.
type mappingJSON struct {
	Connection string `json:"connection,omitempty" readOnly:"true"`
	Property   string `json:"property,omitempty" readOnly:"true" doc:"Hub code of the property; none for kind property."`
	Kind       string `json:"kind,omitempty" readOnly:"true"`
	External   string `json:"external,omitempty" readOnly:"true"`
	Internal   string `json:"internal,omitempty" maxLength:"64" doc:"Hub code it means."`
	State      string `json:"state,omitempty" enum:"accepted,ignored,proposed" doc:"Default accepted. proposed: somebody is to decide; its items are parked."`
	Name       string `json:"name,omitempty" maxLength:"256" doc:"The other system's name for it."`
	Occupancy  int    `json:"occupancy,omitempty" minimum:"0" maximum:"31" doc:"Guests it takes there at most."`
}

// secretJSON is a secret without itself.
type secretJSON struct {
	ID      string `json:"id"`
	Created string `json:"created" format:"date-time"`
	Expires string `json:"expires,omitempty" format:"date-time"`
	Secret  string `json:"secret,omitempty" doc:"Shown once, when it is made."`
	DryRun  bool   `json:"dry_run,omitempty" doc:"It could be made; none was."`
}

// newSecretJSON asks for a secret.
type newSecretJSON struct {
	Password string `json:"password,omitempty" minLength:"8" maxLength:"256" doc:"A password that somebody chose, of connections only; default: one is made."`
	Expires  string `json:"expires,omitempty" format:"date-time"`
	Overlap  int    `json:"overlap_seconds,omitempty" minimum:"1" maximum:"7776000" doc:"The secrets that are there end after so long: a rotation. Default: they go on, the oldest until a third is made."`
}

// hubKind is a kind of object of the hub itself.
type hubKind struct {
	segment, kind, name, key string
	body, list               reflect.Type
	read, write              string // scopes
	example                  string
}

var hubKinds = []hubKind{
	{"connections", hub.KindConnection, "connection", "id", typeOf[connectionJSON](), typeOf[listOf[connectionJSON]](), scopeConfigRead, scopeConfigWrite, `{"protocol":"ota","properties":["ALP1"]}`},
	{"profiles", hub.KindProfile, "profile", "name", typeOf[profileJSON](), typeOf[listOf[profileJSON]](), scopeConfigRead, scopeConfigWrite, `{"protocol":"ota","choices":{}}`},
	{"clients", hub.KindClient, "client", "id", typeOf[clientJSON](), typeOf[listOf[clientJSON]](), scopeAdmin, scopeAdmin, `{"scopes":["shop","ari:read"],"properties":["ALP1"]}`},
}

// outside answers a _hub object as the API shows it.
func outside(kind string, body []byte) (any, bool) {
	switch kind {
	case hub.KindConnection:
		var v connectionJSON
		return &v, json.Unmarshal(body, &v) == nil
	case hub.KindClient:
		var v clientJSON
		return &v, json.Unmarshal(body, &v) == nil
	case hub.KindProfile:
		var v profileJSON
		return &v, json.Unmarshal(body, &v) == nil
	case hub.KindMapping:
		var v mappingJSON
		return &v, json.Unmarshal(body, &v) == nil
	}
	return nil, false
}

func (a *api) hubRoutes() (out []*route) {
	write := []param{pDryRun, pChanges, pReason}
	for _, k := range hubKinds {
		base, op := "/v1/"+k.segment, opName(k.name)
		one := base + "/{code}"
		out = append(out,
			&route{method: "GET", path: base, op: "list" + opName(k.segment), tag: "Hub", scope: k.read, rights: wholeHub, summary: "List " + k.segment,
				query: []param{pLimit, pCursor}, answer: k.list, handle: func(r *request) error { return r.listHub(k) }},
			&route{method: "GET", path: one, op: "get" + op, tag: "Hub", scope: k.read, rights: wholeHub, summary: "Get a " + k.name,
				answer: k.body, handle: func(r *request) error { return r.getHub(k) }, problems: []string{"not_found"}},
			&route{method: "PUT", path: one, op: "put" + op, tag: "Hub", scope: k.write, rights: wholeHub, summary: "Make or change a " + k.name, query: write,
				headers: []param{hIfMatch, hIfNone}, body: k.body, bodyExample: k.example, bodyMax: 1 << 20, answer: typeOf[receiptJSON](),
				handle: func(r *request) error { return r.putHub(k) }, problems: []string{"precondition_failed", ari.CodeBadObject}},
			&route{method: "DELETE", path: one, op: "delete" + op, tag: "Hub", scope: k.write, rights: wholeHub, summary: "Delete a " + k.name, query: write,
				headers: []param{hIfMatch}, answer: typeOf[receiptJSON](), handle: func(r *request) error { return r.remove(ari.HubProperty, k.kind, r.PathValue("code")) },
				problems: []string{"not_found"}},
		)
		if k.kind == hub.KindProfile {
			continue
		}
		out = append(out,
			&route{method: "GET", path: one + "/secrets", op: "list" + op + "Secrets", tag: "Hub", scope: scopeAdmin, rights: wholeHub, summary: "Secrets of a " + k.name + ", by age",
				answer: typeOf[listOf[secretJSON]](), handle: func(r *request) error { return r.listSecrets(k) }},
			&route{method: "POST", path: one + "/secrets", op: "add" + op + "Secret", tag: "Hub", scope: scopeAdmin, rights: wholeHub, summary: "Make a secret for a " + k.name,
				doc:   "The secret is shown once. Two are valid at a time, for rotation: a third removes the oldest.",
				query: []param{pDryRun, pReason}, body: typeOf[newSecretJSON](), answer: typeOf[secretJSON](), status: http.StatusCreated, handle: func(r *request) error { return r.newSecret(k) }},
			&route{method: "DELETE", path: one + "/secrets/{secret}", op: "delete" + op + "Secret", tag: "Hub", scope: scopeAdmin, rights: wholeHub, summary: "Remove a secret",
				query: []param{pDryRun, pChanges, pReason}, answer: typeOf[receiptJSON](), handle: func(r *request) error { return r.deleteSecret(k) }, problems: []string{"not_found"}},
		)
	}
	return append(out, a.mappingRoutes()...)
}

func (r *request) listHub(k hubKind) error {
	after, err := r.cursor()
	if err != nil {
		return err
	}
	limit := r.limit()
	return r.page(r.api.s.ObjectCodes(ari.HubProperty, k.kind, after, limit+1), limit, func(code string) (json.RawMessage, bool) {
		b, _, err := r.api.s.Object(ari.HubProperty, k.kind, code)
		return shown(ari.HubProperty, k.kind, b), err == nil
	})
}

func (r *request) getHub(k hubKind) error {
	b, revision, err := r.api.s.Object(ari.HubProperty, k.kind, r.PathValue("code"))
	if err != nil {
		if err == hub.ErrUnknownProperty {
			return problem("not_found", "")
		}
		return err
	}
	return r.object(shown(ari.HubProperty, k.kind, b), revision)
}

func (r *request) putHub(k hubKind) error {
	code := r.PathValue("code")
	if err := ari.CheckCode(code); err != nil {
		return fault(canonical.CodeFormat, "", "a code of 1 to 64 printable bytes in the path", code, "")
	}
	old, at, missing := r.api.s.Object(ari.HubProperty, k.kind, code)
	version, err := r.version(at)
	if err != nil {
		return err
	}
	v := reflect.New(k.body).Interface()
	if err := r.decodeNamed(catalogKind{key: k.key}, code, v); err != nil {
		return err
	}
	if missing == nil && version == 0 {
		version = at // what was read is what is changed: secrets are kept
	}
	body, err := r.api.inside(k, v, old, nil)
	if err != nil {
		return err
	}
	return r.put(ari.HubProperty, k.kind, code, body, version)
}

// inside answers what is kept of an object that was put: with the secrets that were there. soon names profiles that are about to be made.
func (a *api) inside(k hubKind, v any, old []byte, soon func(profile string) bool) ([]byte, error) {
	var faults []canonical.Fault
	var kept any
	switch v := v.(type) {
	case *connectionJSON:
		c := hub.Connection{ID: v.ID, Name: v.Name, Protocol: v.Protocol, Profile: v.Profile, Properties: v.Properties, Order: v.Order, TimeZone: v.TimeZone,
			Test: v.Test, Unmapped: v.Unmapped, NoPull: v.NoPull, ReplyTo: v.ReplyTo, ReplyAs: v.ReplyAs, PushOnly: v.PushOnly, User: v.User, Quota: (*hub.Quota)(v.Quota)}
		var was hub.Connection
		_ = json.Unmarshal(old, &was)
		c.Secrets = was.Secrets
		faults, kept = a.connectionFaults(v, soon), c
	case *clientJSON:
		var was hub.Client
		_ = json.Unmarshal(old, &was)
		faults = clientFaults(v)
		kept = hub.Client{ID: v.ID, Name: v.Name, Secrets: was.Secrets, Scopes: v.Scopes, Roles: v.Roles, Properties: v.Properties, Connection: v.Connection,
			Issuer: v.Issuer, Quota: (*hub.Quota)(v.Quota), Disabled: v.Disabled}
	case *profileJSON:
		var was hub.Profile
		_ = json.Unmarshal(old, &was)
		faults = profileFaults(v)
		kept = hub.Profile{Name: v.Name, Version: was.Version + 1, Protocol: v.Protocol, Choices: v.Choices}
	}
	if len(faults) > 0 {
		return nil, faulty(faults)
	}
	return json.Marshal(kept)
}

func (a *api) connectionFaults(v *connectionJSON, soon func(profile string) bool) (out []canonical.Fault) {
	if v.Profile != "" && v.Profile != "generic" && (soon == nil || !soon(v.Profile)) {
		p, ok := a.s.Profile(v.Profile)
		if !ok && v.Protocol == protocolOTA {
			p, ok = shippedProfile(v.Profile)
		}
		if !ok || p.Protocol != v.Protocol {
			out = append(out, canonical.Fault{Code: ari.CodeBadObject, Pointer: "/profile", Expected: "a profile of the protocol: a kept one, or one of " + strings.Join(otaxml.ShippedNames(), ", "), Got: v.Profile})
		}
	}
	for i, h := range v.ReplyTo {
		if _, _, ok := replyHost(h); !ok {
			out = append(out, canonical.Fault{Code: canonical.CodeFormat, Pointer: "/reply_to/" + strconv.Itoa(i), Expected: "a host, with its port if it is not 443: pms.example.com, or http://pms.example.com:8080", Got: canonical.Clip([]byte(h))})
		}
	}
	if v.TimeZone != "" && !formatHolds(formatZone, v.TimeZone) {
		out = append(out, canonical.Fault{Code: canonical.CodeFormat, Pointer: "/time_zone", Expected: "an IANA time zone, Europe/Vienna", Got: v.TimeZone})
	}
	return out
}

func clientFaults(v *clientJSON) (out []canonical.Fault) {
	names := AllScopes()
	for i, s := range v.Scopes {
		if slices.Contains(names, s) {
			continue
		}
		f := canonical.Fault{Code: canonical.CodeFormat, Pointer: "/scopes/" + strconv.Itoa(i), Expected: strings.Join(names, ", "), Got: canonical.Clip([]byte(s))}
		if n := canonical.Nearest(s, names); n != "" {
			f.Fix = "did you mean " + n + "?"
		}
		out = append(out, f)
	}
	for i, name := range v.Roles {
		if roleScopes(name) == nil {
			out = append(out, canonical.Fault{Code: canonical.CodeFormat, Pointer: "/roles/" + strconv.Itoa(i), Expected: strings.Join(roleNames(), ", "), Got: canonical.Clip([]byte(name))})
		}
	}
	return out
}

func profileFaults(v *profileJSON) []canonical.Fault {
	if v.Protocol == protocolAlpineBits {
		return alpineProfileFaults(v)
	}
	if v.Protocol != "ota" {
		return nil
	}
	if _, err := otaProfile(&hub.Profile{Name: v.Name, Choices: v.Choices}, "", false); err != nil {
		return []canonical.Fault{{Code: ari.CodeBadObject, Pointer: "/choices", Expected: canonical.Clip([]byte(err.Error())), Got: canonical.Clip(v.Choices), Fix: "see docs/protocols/ota-xml.md"}}
	}
	return nil
}

// secretsOf reads the secrets of a kept object, and answers how to put changed ones.
func (r *request) secretsOf(k hubKind) (list []hub.Secret, put func([]hub.Secret) (hub.Receipt, error), err error) {
	code := r.PathValue("code")
	b, at, err := r.api.s.Object(ari.HubProperty, k.kind, code)
	if err != nil {
		return nil, nil, problem("not_found", "")
	}
	var c hub.Client
	var n hub.Connection
	if k.kind == hub.KindClient {
		err = json.Unmarshal(b, &c)
		list = c.Secrets
	} else {
		err = json.Unmarshal(b, &n)
		list = n.Secrets
	}
	return list, func(s []hub.Secret) (hub.Receipt, error) {
		var v any
		if c.Secrets, n.Secrets = s, s; k.kind == hub.KindClient {
			v = c
		} else {
			v = n
		}
		body, err := json.Marshal(v)
		if err != nil {
			return hub.Receipt{}, err
		}
		return r.api.s.PutObject(r.because(), r.author(), ari.HubProperty, k.kind, code, body, at, r.flag("dry_run"))
	}, err
}

func secretOutside(s hub.Secret) secretJSON {
	out := secretJSON{ID: s.ID, Created: string(canonical.AppendTime(nil, s.Created))}
	if !s.Expires.IsZero() {
		out.Expires = string(canonical.AppendTime(nil, s.Expires))
	}
	return out
}

func (r *request) listSecrets(k hubKind) error {
	list, _, err := r.secretsOf(k)
	if err != nil {
		return err
	}
	out := listJSON{Items: []any{}}
	for _, s := range list {
		out.Items = append(out.Items, secretOutside(s))
	}
	return r.json(http.StatusOK, out)
}

func (r *request) newSecret(k hubKind) error {
	var ask newSecretJSON
	if r.ContentLength != 0 {
		if err := r.decode(&ask); err != nil {
			return err
		}
	}
	list, put, err := r.secretsOf(k)
	if err != nil {
		return err
	}
	plain, s := "", hub.Secret{}
	switch {
	case ask.Password == "":
		plain, s = NewSecret(r.api.o.Now())
	case k.kind == hub.KindClient:
		return fault(canonical.CodeFormat, "/password", "nothing: secrets of clients are made", "", "leave it out")
	default:
		if s, err = ChosenSecret(ask.Password, r.api.o.Now()); err != nil {
			return err
		}
	}
	if ask.Expires != "" {
		t, _ := time.Parse(time.RFC3339, ask.Expires)
		s.Expires = t.UTC()
	}
	if ask.Overlap > 0 {
		list = ended(list, r.api.o.Now().UTC().Truncate(time.Second).Add(time.Duration(ask.Overlap)*time.Second))
	}
	if _, err := put(addSecret(list, s)); err != nil {
		return err
	}
	out := secretOutside(s)
	if out.DryRun = r.flag("dry_run"); out.DryRun {
		return r.json(http.StatusCreated, out)
	}
	out.Secret = plain
	r.w.Header().Set("Cache-Control", "no-store")
	return r.json(http.StatusCreated, out)
}

// ended answers secrets that end at an instant, if they do not end before it.
func ended(list []hub.Secret, at time.Time) []hub.Secret {
	list = slices.Clone(list)
	for i := range list {
		if e := list[i].Expires; e.IsZero() || e.After(at) {
			list[i].Expires = at
		}
	}
	return list
}

func (r *request) deleteSecret(k hubKind) error {
	list, put, err := r.secretsOf(k)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(list), func(s hub.Secret) bool { return s.ID == r.PathValue("secret") })
	if len(left) == len(list) {
		return problem("not_found", "")
	}
	rc, err := put(left)
	if err != nil {
		return err
	}
	return r.receipt(&rc, http.StatusOK)
}

func (a *api) mappingRoutes() []*route {
	one := "/v1/connections/{code}/mappings/{kind}/{external}"
	property := param{name: "property", doc: "Hub code of the property; none for kind property."}
	return []*route{
		{method: "GET", path: "/v1/connections/{code}/mappings", op: "listMappings", tag: "Hub", scope: scopeConfigRead, rights: wholeHub, summary: "Mappings of a connection",
			query: []param{pLimit, pCursor, property}, answer: typeOf[listOf[mappingJSON]](), handle: (*request).listMappings},
		{method: "PUT", path: one, op: "putMapping", tag: "Hub", scope: scopeConfigWrite, rights: wholeHub, summary: "Say what an external code means",
			doc: "kind: property, room_type, rate_plan. Items that were parked for the code are replayed.", query: []param{property, pDryRun, pChanges, pReason}, headers: []param{hIfMatch, hIfNone},
			body: typeOf[mappingJSON](), bodyExample: `{"internal":"DLX"}`, answer: typeOf[receiptJSON](), handle: (*request).putMapping},
		{method: "DELETE", path: one, op: "deleteMapping", tag: "Hub", scope: scopeConfigWrite, rights: wholeHub, summary: "Forget a mapping",
			query: []param{property, pDryRun, pChanges, pReason}, headers: []param{hIfMatch}, answer: typeOf[receiptJSON](), problems: []string{"not_found"}, handle: func(r *request) error {
				m := r.mapping()
				return r.remove(ari.HubProperty, hub.KindMapping, m.Code())
			}},
	}
}

// mapping answers the mapping that the path and query name.
func (r *request) mapping() hub.Mapping {
	return hub.Mapping{Connection: r.PathValue("code"), Property: r.str("property"), Kind: r.PathValue("kind"), External: r.PathValue("external")}
}

func (r *request) putMapping() error {
	m := r.mapping()
	if _, ok := r.api.s.Connection(m.Connection); !ok {
		return problem("not_found", "there is no connection "+m.Connection)
	}
	var body mappingJSON
	if err := r.decode(&body); err != nil {
		return err
	}
	for _, same := range [][3]string{{"connection", body.Connection, m.Connection}, {"property", body.Property, m.Property}, {"kind", body.Kind, m.Kind}, {"external", body.External, m.External}} {
		if same[1] != "" && same[1] != same[2] {
			return fault("other_code", "/"+same[0], same[2]+", as in the path", same[1], "leave it out")
		}
	}
	m.Internal, m.State, m.Name, m.Occupancy = body.Internal, body.State, body.Name, body.Occupancy
	if m.State == "" {
		m.State = "accepted"
	}
	if f := mappingFault(&m); f != nil {
		return faulty([]canonical.Fault{*f})
	}
	_, now, _ := r.api.s.Object(ari.HubProperty, hub.KindMapping, m.Code())
	version, err := r.version(now)
	if err != nil {
		return err
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return r.put(ari.HubProperty, hub.KindMapping, m.Code(), b, version)
}

func mappingFault(m *hub.Mapping) *canonical.Fault {
	switch {
	case m.Kind != "property" && m.Kind != "room_type" && m.Kind != "rate_plan":
		return &canonical.Fault{Code: canonical.CodeFormat, Pointer: "/kind", Expected: "property, room_type or rate_plan", Got: canonical.Clip([]byte(m.Kind))}
	case (m.Kind == "property") != (m.Property == ""):
		return &canonical.Fault{Code: canonical.CodeFormat, Pointer: "?property", Expected: "the hub code of the property, and none for kind property", Got: m.Property}
	case m.State == "accepted" && ari.CheckCode(m.Internal) != nil:
		return &canonical.Fault{Code: canonical.CodeMissing, Pointer: "/internal", Expected: "the hub code it means", Got: canonical.Clip([]byte(m.Internal))}
	}
	return nil
}

func (r *request) listMappings() error {
	if _, ok := r.api.s.Connection(r.PathValue("code")); !ok {
		return problem("not_found", "")
	}
	after, err := r.cursor()
	if err != nil {
		return err
	}
	limit := r.limit()
	var codes []string
	for len(codes) <= limit {
		more := r.api.s.ObjectCodes(ari.HubProperty, hub.KindMapping, after, limitMax)
		for _, c := range more {
			if len(codes) <= limit && r.mappingShown(c) {
				codes = append(codes, c)
			}
		}
		if len(more) < limitMax {
			break
		}
		after = more[len(more)-1]
	}
	return r.page(codes, limit, func(code string) (json.RawMessage, bool) {
		b, _, err := r.api.s.Object(ari.HubProperty, hub.KindMapping, code)
		return b, err == nil
	})
}

// mappingShown tells whether a mapping is of the connection, and of the property if the query names one.
func (r *request) mappingShown(code string) bool {
	b, _, err := r.api.s.Object(ari.HubProperty, hub.KindMapping, code)
	var m hub.Mapping
	if err != nil || json.Unmarshal(b, &m) != nil {
		return false
	}
	p := r.str("property")
	return m.Connection == r.PathValue("code") && (p == "" || m.Property == p)
}
