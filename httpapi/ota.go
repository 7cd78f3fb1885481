package httpapi

import (
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/protocol/otaxml"
	"github.com/ratewire/ratewire/store"
)

// protocolOTA is the protocol's name in connections, messages and hub.Options.Decoders.
const protocolOTA = "ota"

// parsesMax bounds messages that are read before their sender is known: one with a UsernameToken must be read to find it.
const parsesMax = 4

// otaEdge is the OTA endpoint: it decodes with protocol/otaxml, submits, and answers in kind.
type otaEdge struct {
	a        *api
	profiles *otaProfiles
	strange  chan struct{} // messages of senders not known yet
	replies  *otaReplies
}

func newOTAEdge(a *api) *otaEdge {
	return &otaEdge{a: a, profiles: newOTAProfiles(), strange: make(chan struct{}, parsesMax), replies: newOTAReplies(a)}
}

func (e *otaEdge) routes() []*route {
	return []*route{e.wsdlRoute(), {
		method: "POST", path: "/ota/{connection}", op: "sendOTA", tag: "OTA", rights: ownSecrets, raw: true,
		summary: "Send an OpenTravel message",
		doc: "Notifications of availability, rates, counts, plans, room types, rules and blocks; questions, answered from the picture; OTA_NotifReportRQ and OTA_PingRQ; plain or in SOAP 1.1 and 1.2; answered in kind, after the commit. " +
			"User and password of the connection by Basic or WS-Security UsernameToken, or a bearer token of a client of the connection with ari:write (questions: ari:read), or of one with admin over the whole hub. What is read, ignored and refused: docs/protocols/ota-xml.md.",
		query: []param{pDryRun}, bodyTypes: []string{"application/xml", "text/xml", "application/soap+xml"}, body: typeOf[string](), bodyMax: bodyMaxBatch,
		answerTypes: []string{"application/xml", "text/xml", "application/soap+xml"}, answer: typeOf[string](),
		handle: func(r *request) error { return (&otaCall{e: e, r: r, now: e.a.o.Now()}).run() },
	}}
}

// otaCall is one OTA request on its way.
type otaCall struct {
	e       *otaEdge
	r       *request
	now     time.Time
	conn    hub.Connection
	profile *otaxml.Profile
	message *otaxml.Message
	known   bool // who sends is known
	dry     bool // judge only
	async   bool // the result is posted later
}

// run answers the request. Whatever OTA can say is said in OTA; an error is for what must go elsewhere (the writer) or is not OTA at all.
func (c *otaCall) run() error {
	var err error
	if c.dry, err = c.r.dryAsked(); err != nil {
		return err
	}
	conn, there := c.e.a.s.Connection(c.r.PathValue("connection"))
	if c.conn = conn; !there || conn.Protocol != protocolOTA {
		c.conn.Secrets = nil // nothing opens it, and it looks like a wrong password
	}
	if err := c.e.a.s.Busy(""); err != nil {
		return c.busy(err) // before the body is read (S27)
	}
	if c.r.Header.Get(forwardHeader) != "" {
		who, err := c.e.a.forwardedCaller(c.r)
		if err != nil || who.connection != conn.ID {
			return c.refuse(otaxml.NewFault(otaxml.CodeAuth, "not a node of this hub"))
		}
		c.r.who, c.known = who, true
	} else if err := c.byHeader(); err != nil {
		return c.refuseAuth(err)
	}
	if c.known {
		if err := c.r.charge(1); err != nil {
			return c.busy(err)
		}
	} else {
		c.e.strange <- struct{}{}
		defer func() { <-c.e.strange }()
	}
	return c.read()
}

// byHeader finds out who sends from the Authorization header, if there is one.
func (c *otaCall) byHeader() error {
	h := c.r.Header.Get("Authorization")
	if h == "" {
		return nil
	}
	if user, password, ok := c.r.BasicAuth(); ok {
		return c.password(user, password)
	}
	who, err := c.e.a.auth.bearer(c.r.Context(), bearerToken(c.r.Header))
	if err != nil {
		return err
	}
	if slices.Contains(who.scopes, scopeAdmin) && who.whole() && c.conn.Protocol == protocolOTA {
		who.connection = c.conn.ID // it could set the connection's secret as well: for pushing files by hand
	}
	if who.connection != c.conn.ID || c.conn.ID == "" || !slices.Contains(who.scopes, scopeARIWrite) && !slices.Contains(who.scopes, scopeARIRead) {
		return problem("missing_scope", "the token's client does not write as this connection, nor read as it")
	}
	c.r.who, c.known = who, true
	return nil
}

// password checks a user and password of the connection.
func (c *otaCall) password(user, password string) error {
	name := c.conn.User
	if name == "" {
		name = c.conn.ID
	}
	secrets := c.conn.Secrets
	if user != name {
		secrets = nil
	}
	right, err := c.e.a.auth.secrets.verify("connection "+c.r.PathValue("connection"), password, secrets)
	if err != nil {
		return err
	}
	if !right {
		return problem("unauthorized", "")
	}
	c.r.who, c.known = caller{connection: c.conn.ID}, true
	c.e.a.metered(&c.r.who)
	return nil
}

// byMessage finds out who sends from the message's UsernameToken.
func (c *otaCall) byMessage() error {
	i := slices.IndexFunc(c.message.Credentials, func(x otaxml.Credential) bool { return x.From == "wsse" })
	if i < 0 {
		return problem("unauthorized", "")
	}
	cred := c.message.Credentials[i]
	if cred.Digest {
		return problem("unauthorized", "send the password as PasswordText over TLS: a digest needs the password in clear on our side")
	}
	return c.password(cred.User, cred.Password)
}

// read reads the body, finds out who sends if that is not known, and goes on.
func (c *otaCall) read() error {
	body, err := c.r.readBody()
	if err != nil {
		if problemOf(err).Code == "unsupported_media_type" {
			return err
		}
		code := otaxml.CodeNotXML
		if problemOf(err).Code == "body_too_large" {
			code = otaxml.CodeTooBig
		}
		return c.refuse(otaxml.NewFault(code, problemOf(err).Detail))
	}
	var parseErr error
	c.message, parseErr = otaxml.Parse(body, c.r.Header.Get("Content-Type"))
	if !c.known {
		if err := c.byMessage(); err != nil {
			return c.refuseAuth(err)
		}
		if err := c.r.charge(1); err != nil {
			return c.busy(err)
		}
	}
	if c.message.Asks() {
		return c.pull(parseErr)
	}
	if !c.may(scopeARIWrite) {
		return c.refuse(otaxml.NewFault(otaxml.CodeForbidden, "the token's client does not write as this connection (scope ari:write)"))
	}
	if n := c.e.a.notWriter(); n != nil && !c.r.who.forwarded {
		return n // before anything is decoded by codes that may lag behind
	}
	if c.profile, err = c.e.profiles.of(c.e.a.s, &c.conn); err != nil {
		c.e.a.o.Log.Error("profile cannot be read", "connection", c.conn.ID, "error", err.Error())
		return c.refuse(otaxml.NewFault(otaxml.CodeInternal, "the connection's profile cannot be read"))
	}
	var fault *otaxml.Fault
	if errors.As(parseErr, &fault) {
		return c.record(body, "", fault)
	}
	if c.message.Kind == otaxml.KindPing {
		return c.answer(otaxml.Answer{At: c.now})
	}
	if c.message.Kind == otaxml.KindNotifReport {
		return c.report(body)
	}
	if fault := c.exchange(); fault != nil {
		return c.refuse(fault)
	}
	return c.submit(body)
}

// submit decodes the message, submits it, and answers what became of it.
func (c *otaCall) submit(body []byte) error {
	s := c.e.a.s
	codes := &otaCodes{s: s, conn: &c.conn}
	result := otaxml.Decode(c.message, c.profile, codes)
	if result.Refused != nil && !(len(result.Unmapped) > 0 && !c.conn.Unmapped) {
		return c.record(body, result.Property, result.Refused)
	}
	if result.Property != "" && len(c.conn.Properties) > 0 && !slices.Contains(c.conn.Properties, result.Property) {
		return c.record(body, "", otaxml.NewFault(otaxml.CodeForbidden, "this connection may not write "+result.HotelCode))
	}
	sub := otaSubmission(c.message, &result, &c.conn, nil)
	sub.Update.RequestID = c.r.id
	c.identify(sub)
	sub.Message = c.keep(body, sub.Update.Property)
	for i := range sub.Parked {
		sub.Parked[i].Raw, sub.Parked[i].ContentType = sub.Message.Raw, scrubbedType(c.r.Header.Get("Content-Type"))
	}
	sub.DryRun = c.dry
	receipt, err := s.Submit(c.r.Context(), sub)
	if err != nil {
		return c.submitError(&result, err)
	}
	a := otaxml.Answer{At: c.now, Nothing: result.Nothing, Outcomes: otaOutcomes(&result, c.message, receipt.Items)}
	if receipt.Verdict == hub.VerdictReread {
		a.Nothing = otaxml.NewFault(otaxml.CodeIgnored, "not applied: too old to be told from a repeat; the range will be read again")
	}
	return c.result(a)
}

// otaOutcomes joins what the decoder said with what became of the rest. Of a hotel that is not mapped every item is parked.
func otaOutcomes(r *otaxml.Result, m *otaxml.Message, items []ari.ItemResult) []otaxml.Outcome {
	if r.Refused == nil {
		return r.Outcomes(items)
	}
	f := *r.Refused
	f.Expected = "kept until the code is mapped, and applied then"
	out := make([]otaxml.Outcome, len(m.Items))
	for i := range out {
		out[i] = otaxml.Outcome{Item: i, Verdict: ari.ItemParked, Faults: []*otaxml.Fault{&f}}
	}
	return out
}

// submitError answers an error of the hub in OTA.
func (c *otaCall) submitError(result *otaxml.Result, err error) error {
	return c.r.submitError(err, inKind{
		items: func(u *ari.UpdateError) error {
			if result == nil { // it was not the message's items that were refused, but the result to be posted
				return c.problem(problemOf(err), err)
			}
			items := make([]ari.ItemResult, len(u.Items))
			for i, e := range u.Items {
				items[i] = ari.ItemResult{Item: e.Item, Verdict: ari.ItemRefused, Err: e}
			}
			return c.result(otaxml.Answer{At: c.now, Outcomes: otaOutcomes(result, c.message, items)})
		},
		busy:  c.busy,
		other: func(p *Problem) error { return c.problem(p, err) },
	})
}

// problem answers what concerns the whole message.
func (c *otaCall) problem(p *Problem, err error) error {
	code := otaxml.CodeInternal
	switch {
	case p.Code == "unknown_property":
		code = otaxml.CodeUnmapped + "_" + ari.KindProperty
	case p.Code == "too_old":
		code = otaxml.CodeDate
	case p.Code == "identity_conflict":
		code = otaxml.CodeContradiction
	case p.Retryable:
		code = otaxml.CodeUnavailable
		c.r.w.Header().Set("Retry-After", "1")
	default:
		c.r.failed(err)
	}
	return c.answer(otaxml.Answer{At: c.now, Refused: otaxml.NewFault(code, p.Title+": "+p.Detail)})
}

// busy answers the busy error (S27).
func (c *otaCall) busy(err error) error {
	wait := time.Second
	if b := (*hub.BusyError)(nil); errors.As(err, &b) {
		wait = max(wait, b.RetryAfter)
	}
	if p := (*Problem)(nil); errors.As(err, &p) {
		wait = max(wait, p.retryAfter)
	}
	c.r.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return c.refuse(otaxml.NewFault(otaxml.CodeBusy, "busy: send it again later; nothing was applied"))
}

func (c *otaCall) refuseAuth(err error) error {
	p := problemOf(err)
	switch p.Status {
	case http.StatusUnauthorized:
		c.r.w.Header().Set("WWW-Authenticate", `Basic realm="ratewire"`)
		return c.refuse(otaxml.NewFault(otaxml.CodeAuth, "unknown user or wrong password "+p.Detail))
	case http.StatusForbidden:
		return c.refuse(otaxml.NewFault(otaxml.CodeForbidden, p.Detail))
	case http.StatusTooManyRequests:
		c.r.w.Header().Set("Retry-After", strconv.Itoa(int(p.retryAfter/time.Second)))
		return c.refuse(otaxml.NewFault(otaxml.CodeUnavailable, p.Title))
	}
	return c.submitError(nil, err)
}

// refuse answers a refusal of the whole message, without keeping it.
func (c *otaCall) refuse(f *otaxml.Fault) error {
	if c.message == nil {
		c.message = &otaxml.Message{Envelope: envelopeOf(c.r.Header)}
	}
	return c.answer(otaxml.Answer{At: c.now, Refused: f})
}

// envelopeOf guesses the envelope of a body that was not read, so that its sender can read the answer.
func envelopeOf(h http.Header) otaxml.Envelope {
	switch m, _, _ := mime.ParseMediaType(h.Get("Content-Type")); {
	case m == "application/soap+xml":
		return otaxml.SOAP12
	case h.Get("SOAPAction") != "":
		return otaxml.SOAP11
	}
	return otaxml.Plain
}

func (c *otaCall) answer(a otaxml.Answer) error {
	reply := otaxml.EncodeAnswer(c.message, c.profile, a)
	c.r.w.Header().Set("Content-Type", reply.ContentType)
	return c.r.bytes(reply.Status, reply.Body)
}

// record keeps a message that is refused whole, and answers the refusal.
func (c *otaCall) record(body []byte, property string, f *otaxml.Fault) error {
	if c.dry {
		return c.answer(otaxml.Answer{At: c.now, Refused: f})
	}
	s := &hub.Submission{
		Update:  ari.Update{By: ari.Author{Kind: ari.ByMessage, ID: c.conn.ID}, RequestID: c.r.id},
		Message: c.keep(body, property),
		Refused: (&otaxml.Result{Refused: f}).Refusals(),
	}
	s.Message.Raw = s.Message.Raw[:min(len(s.Message.Raw), bodyMax)]
	if _, err := c.e.a.s.Submit(c.r.Context(), s); err != nil {
		var n *hub.NotWriterError
		if errors.As(err, &n) && n.Address != "" && !c.r.who.forwarded {
			return n // the writer keeps it
		}
		return c.submitError(nil, err)
	}
	return c.result(otaxml.Answer{At: c.now, Refused: f})
}

// keep answers the record of the message, scrubbed (S37).
func (c *otaCall) keep(body []byte, property string) *store.Message {
	return &store.Message{Received: c.now, Connection: c.conn.ID, Property: property, Protocol: protocolOTA, Kind: canonical.Clip([]byte(c.message.Kind)),
		Raw: scrubXML(otaxml.Scrub(body, c.r.Header.Get("Content-Type"))), Source: c.r.RemoteAddr}
}

// scrubbedType is the content type of a scrubbed copy: it is UTF-8 whatever the message was.
func scrubbedType(contentType string) string {
	m, _, err := mime.ParseMediaType(contentType)
	if err != nil || m == "" {
		m = "text/xml"
	}
	return m + "; charset=utf-8"
}

// otaSubmission answers the submission of a decoded message, of the given items only (nil: all). What is not known here (ids, records) is the
// caller's.
func otaSubmission(m *otaxml.Message, r *otaxml.Result, conn *hub.Connection, items []int) *hub.Submission {
	s := &hub.Submission{Update: r.Update(items)}
	s.Update.By, s.Update.Connection = ari.Author{Kind: ari.ByMessage, ID: conn.ID}, conn.ID
	s.Sequence, _ = strconv.ParseInt(m.SequenceNmbr, 10, 64)
	sum := sha256.Sum256(r.Identity.Content)
	s.Identity = hub.Identity{ID: hashedID(r.Identity.ID), Strict: r.Identity.Unique, Content: store.KeyHash(sum[:16])}
	if r.Identity.ID == "" {
		s.Identity.Content = store.KeyHash{} // the profile says that equal content at an equal time is no repeat, or there is no time
	}
	if r.Refused != nil { // the hotel is not mapped: every item waits for it
		for i := range m.Items {
			if items != nil && !slices.Contains(items, i) {
				continue
			}
			s.Parked = append(s.Parked, hub.ParkedItem{Protocol: protocolOTA, Item: i, Missing: missing(r.Unmapped)})
		}
		return s
	}
	wanted := func(item int) bool { return items == nil || slices.Contains(items, item) }
	s.Refused = slices.DeleteFunc(r.Refusals(), func(e *ari.ItemError) bool { return !wanted(e.Item) })
	for i := range r.Items {
		if it := &r.Items[i]; len(it.Unmapped) > 0 && len(it.Faults) == 0 && wanted(it.Index) {
			s.Parked = append(s.Parked, hub.ParkedItem{Property: r.Property, Protocol: protocolOTA, Item: it.Index, Missing: missing(it.Unmapped)})
		}
	}
	return s
}

// hashedID keeps long ids within what is kept of one.
func hashedID(id string) string {
	if len(id) <= canonical.IDMax {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + strings.ToLower(hexOf(sum[:]))
}

func missing(list []otaxml.Unmap) (out []hub.Missing) {
	for _, u := range list {
		out = append(out, hub.Missing{Kind: u.Kind, External: u.Code})
	}
	return out
}

// OTADecoder answers what replays parked OTA items: hub.Options.Decoders["ota"].
func OTADecoder() hub.Decoder { return otaReplay{newOTAProfiles()} }

type otaReplay struct{ profiles *otaProfiles }

// Decode reads the item's message again under the connection's present profile and mapping, and answers the submission of that item alone.
func (d otaReplay) Decode(s hub.Service, conn hub.Connection, item hub.ParkedItem) (*hub.Submission, error) {
	m, err := otaxml.Parse(item.Raw, item.ContentType)
	if err != nil {
		return nil, err
	}
	p, err := d.profiles.of(s, &conn)
	if err != nil {
		return nil, err
	}
	r := otaxml.Decode(m, p, &otaCodes{s: s, conn: &conn})
	if r.Refused != nil && len(r.Unmapped) == 0 {
		return nil, r.Refused
	}
	sub := otaSubmission(m, &r, &conn, []int{item.Item})
	u := &sub.Update
	if len(sub.Refused) > 0 {
		return nil, sub.Refused[0]
	}
	u.Received, u.Order, u.MessageID = item.Received, item.Order, item.MessageID
	if !item.SourceTime.IsZero() {
		u.SourceTime = item.SourceTime
	}
	return sub, nil
}
