package httpapi

import (
	"context"
	"errors"
	"hash/maphash"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/alpinebits"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/protocol/otaxml"
	"github.com/ratewire/ratewire/store"
)

// protocolAlpineBits is the protocol's name in connections, messages and hub.Options.Decoders.
const protocolAlpineBits = "alpinebits"

// Headers of AlpineBits.
const (
	alpineVersion  = "X-AlpineBits-ClientProtocolVersion"
	alpineClient   = "X-AlpineBits-ClientID"
	alpineEncoding = "X-AlpineBits-Server-Accept-Encoding"
)

// alpineTurns are how many properties' messages are decoded and committed at a time. Messages of one property take turns, since some are read
// against what the one before has told: a single room's count is part of its category's sum.
const alpineTurns = 64

// alpineEdge is the AlpineBits endpoint: it decodes with protocol/alpinebits, submits, and answers in kind.
type alpineEdge struct {
	a     *api
	seed  maphash.Seed
	turns [alpineTurns]chan struct{}
}

func newAlpineEdge(a *api) *alpineEdge {
	e := &alpineEdge{a: a, seed: maphash.MakeSeed()}
	for i := range e.turns {
		e.turns[i] = make(chan struct{}, 1)
	}
	return e
}

func (e *alpineEdge) routes() []*route {
	return []*route{{
		method: "POST", path: "/alpinebits/{connection}", op: "sendAlpineBits", tag: "AlpineBits", rights: ownSecrets, raw: true,
		summary: "Send an AlpineBits HotelData request",
		doc: "Versions 2018-10, 2020-10, 2022-10 and 2024-10: handshake, FreeRooms, Inventory, RatePlans, BaseRates. A form with the fields action and request; answered after the commit. " +
			"User and password of the connection by Basic. Faults of the transport are answered in plain text, ERROR:... What is evaluated: docs/protocols/alpinebits.md.",
		query:     []param{pDryRun},
		headers:   []param{{name: alpineVersion, required: true, doc: "2018-10, 2020-10, 2022-10 or 2024-10."}, {name: alpineClient, doc: "What the client calls itself."}},
		bodyTypes: []string{"multipart/form-data"}, body: typeOf[string](), bodyMax: bodyMaxBatch,
		answerTypes: []string{"application/xml", "text/plain"}, answer: typeOf[string](),
		handle: func(r *request) error { return (&alpineCall{e: e, r: r, now: e.a.o.Now()}).run() },
	}}
}

// turn waits until no other message of the property is on its way; free gives the turn back.
func (e *alpineEdge) turn(ctx context.Context, property string) (free func(), err error) {
	c := e.turns[maphash.String(e.seed, property)%alpineTurns]
	select {
	case c <- struct{}{}:
		return func() { <-c }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// alpineCall is one AlpineBits request on its way.
type alpineCall struct {
	e       *alpineEdge
	r       *request
	now     time.Time
	conn    hub.Connection
	profile alpinebits.Profile
	form    alpinebits.Form
	message *alpinebits.Message
	dry     bool // judge only
}

// run answers the request: what concerns the transport in plain text, all else in AlpineBits. An error is for the writer.
func (c *alpineCall) run() error {
	var err error
	if c.dry, err = c.r.dryAsked(); err != nil {
		return err
	}
	c.r.w.Header().Set(alpineEncoding, "gzip")
	conn, there := c.e.a.s.Connection(c.r.PathValue("connection"))
	if c.conn = conn; !there || conn.Protocol != protocolAlpineBits {
		c.conn.Secrets = nil // nothing opens it, and it looks like a wrong password
	}
	if err := c.authenticate(); err != nil {
		return c.refuseAuth(err)
	}
	if err := c.e.a.s.Busy(""); err != nil {
		return c.busy(err) // before the body is read (S27)
	}
	if err := c.r.charge(1); err != nil {
		return c.busy(err)
	}
	if err := c.read(); err != nil {
		return c.plain(err)
	}
	if c.message.Action.Kind == alpinebits.Ping {
		return c.answer(alpinebits.HandshakeAnswer(c.message, c.now))
	}
	if n := c.e.a.notWriter(); n != nil && !c.r.who.forwarded && !c.message.Action.Kind.Pull() {
		return n // before anything is decoded by codes that may lag behind
	}
	if c.profile, err = alpineProfile(c.e.a.s, &c.conn); err != nil {
		c.e.a.o.Log.Error("profile cannot be read", "connection", c.conn.ID, "error", err.Error())
		return c.refuse(otaxml.CodeInternal, "the connection's profile cannot be read")
	}
	if c.message.Action.Kind.Pull() {
		return c.pull()
	}
	return c.push()
}

// authenticate finds out who sends: a node that forwards, or the connection by its header.
func (c *alpineCall) authenticate() error {
	if c.r.Header.Get(forwardHeader) != "" {
		who, err := c.e.a.forwardedCaller(c.r)
		if err != nil || who.connection != c.conn.ID || who.connection == "" {
			return problem("unauthorized", "not a node of this hub")
		}
		c.r.who = who
		return nil
	}
	by := &otaCall{e: c.e.a.ota, r: c.r, conn: c.conn, now: c.now}
	if err := by.byHeader(); err != nil {
		return err
	}
	if !by.known {
		return problem("unauthorized", "")
	}
	return nil
}

// read reads version, form and message; a message that cannot be read is kept as such.
func (c *alpineCall) read() error {
	v, err := alpinebits.FindVersion(c.r.Header.Get(alpineVersion))
	if err != nil {
		return err
	}
	body, err := c.r.readBody()
	if err != nil {
		return err
	}
	if c.form, err = alpinebits.ReadForm(body, c.r.Header.Get("Content-Type")); err != nil {
		return err
	}
	action, err := alpinebits.FindAction(v, c.form.Action)
	if err != nil {
		return err
	}
	c.message, _ = alpinebits.Parse(v, action, c.form.Request, c.form.RequestType)
	return nil
}

// plain answers a fault of the transport.
func (c *alpineCall) plain(err error) error {
	var refusal *alpinebits.Refusal
	if errors.As(err, &refusal) {
		return c.text(refusal.Status, refusal.Error())
	}
	p := problemOf(err)
	if p.Code == "unsupported_media_type" { // of its encoding
		return c.text(http.StatusNotImplemented, "ERROR:this Content-Encoding is not supported; send gzip or none")
	}
	return c.text(http.StatusBadRequest, "ERROR:"+strings.TrimSpace(p.Title+" "+p.Detail))
}

func (c *alpineCall) text(status int, body string) error {
	c.r.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	return c.r.bytes(status, []byte(body+"\n"))
}

func (c *alpineCall) answer(body []byte) error {
	c.r.w.Header().Set("Content-Type", alpinebits.ContentType)
	return c.r.bytes(http.StatusOK, body)
}

// refuse answers an error of the whole message, which is not kept.
func (c *alpineCall) refuse(code, words string) error {
	return c.answer(alpinebits.EncodeAnswer(c.message, alpinebits.Answer{At: c.now, Refused: otaxml.NewFault(code, words)}))
}

func (c *alpineCall) refuseAuth(err error) error {
	p := problemOf(err)
	switch p.Status {
	case http.StatusUnauthorized:
		c.r.w.Header().Set("WWW-Authenticate", `Basic realm="ratewire"`)
		return c.text(p.Status, "ERROR:unknown user or wrong password")
	case http.StatusForbidden:
		return c.text(p.Status, "ERROR:"+p.Detail)
	case http.StatusTooManyRequests:
		c.r.w.Header().Set("Retry-After", strconv.Itoa(int(p.retryAfter/time.Second)))
		return c.text(http.StatusServiceUnavailable, "ERROR:"+p.Title)
	}
	return err
}

func (c *alpineCall) busy(err error) error {
	wait := time.Second
	if b := (*hub.BusyError)(nil); errors.As(err, &b) {
		wait = max(wait, b.RetryAfter)
	}
	if p := (*Problem)(nil); errors.As(err, &p) {
		wait = max(wait, p.retryAfter)
	}
	c.r.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return c.text(http.StatusServiceUnavailable, "ERROR:busy: send it again later; nothing was applied")
}

// pull answers what the picture has.
func (c *alpineCall) pull() error {
	codes := &alpineCodes{otaCodes{s: c.e.a.s, conn: &c.conn}}
	if c.message.Action.Kind == alpinebits.InventoryPull {
		return c.answer(alpinebits.InventoryAnswer(c.message, codes, c.now))
	}
	return c.answer(alpinebits.BaseRatesAnswer(c.message, codes, c.now))
}

// push decodes the message, submits it, and answers what became of it.
func (c *alpineCall) push() error {
	if err := c.r.charge(1); err != nil {
		return c.busy(err)
	}
	free, err := c.e.turn(c.r.Context(), c.conn.ID+"/"+c.message.HotelCode)
	if err != nil {
		return c.busy(&hub.BusyError{RetryAfter: time.Second})
	}
	defer free()
	s := c.e.a.s
	r := alpinebits.Decode(c.message, c.profile, &alpineCodes{otaCodes{s: s, conn: &c.conn}}, nil)
	if r.Property != "" && len(c.conn.Properties) > 0 && !slices.Contains(c.conn.Properties, r.Property) {
		return c.refuse(otaxml.CodeForbidden, "this connection may not write "+c.message.HotelCode)
	}
	if c.conn.Unmapped {
		r.Unmapped = nil // its codes are the hub's: what is not known is wrong
	}
	sub := c.submission(r)
	sub.DryRun = c.dry
	receipt, err := s.Submit(c.r.Context(), sub)
	if err != nil {
		return c.submitError(r, err)
	}
	a := r.Outcome(c.message, receipt.Items, nil)
	a.At = c.now
	return c.answer(alpinebits.EncodeAnswer(c.message, a))
}

// submission answers what to submit of a decoded message, with its record.
func (c *alpineCall) submission(r *alpinebits.Result) *hub.Submission {
	kind := mime.FormatMediaType("application/xml", map[string]string{"charset": "utf-8", "version": string(c.message.Version), "action": c.message.Action.Name})
	raw := scrubXML(otaxml.Scrub(c.form.Request, c.form.RequestType))
	sub := alpineSubmission(c.message, r, &c.conn)
	sub.Update.RequestID = c.r.id
	sub.Message = &store.Message{Received: c.now, Connection: c.conn.ID, Property: r.Property, Protocol: protocolAlpineBits, Kind: c.message.Action.Name, Raw: raw, Source: c.r.RemoteAddr}
	if len(sub.Refused) > 0 {
		sub.Message.Raw = raw[:min(len(raw), bodyMax)]
	}
	for i := range sub.Parked {
		sub.Parked[i].Raw, sub.Parked[i].ContentType = raw, kind
	}
	return sub
}

// alpineSubmission answers the submission of a decoded message. What is not known here (ids, records) is the caller's.
func alpineSubmission(m *alpinebits.Message, r *alpinebits.Result, conn *hub.Connection) *hub.Submission {
	s := &hub.Submission{Update: r.Update()}
	s.Update.By, s.Update.Connection = ari.Author{Kind: ari.ByMessage, ID: conn.ID}, conn.ID
	switch {
	case len(r.Unmapped) > 0: // every record waits for the hotel
		s.Update = ari.Update{By: s.Update.By, Connection: conn.ID}
		for i := range m.Records {
			s.Parked = append(s.Parked, hub.ParkedItem{Protocol: protocolAlpineBits, Item: i, Missing: missing(r.Unmapped)})
		}
		return s
	case len(r.Refused) > 0:
		s.Update = ari.Update{By: s.Update.By} // nothing is applied; the record is kept
		s.Refused = r.Refusals()
		return s
	}
	for i := range m.Records {
		if list := r.Waits[i]; len(list) > 0 {
			s.Parked = append(s.Parked, hub.ParkedItem{Property: r.Property, Protocol: protocolAlpineBits, Item: i, Missing: missing(list)})
		}
	}
	return s
}

// submitError answers an error of the hub.
func (c *alpineCall) submitError(result *alpinebits.Result, err error) error {
	return c.r.submitError(err, inKind{
		items: func(*ari.UpdateError) error {
			a := result.Outcome(c.message, nil, err)
			a.At = c.now
			return c.answer(alpinebits.EncodeAnswer(c.message, a))
		},
		busy:  c.busy,
		other: func(p *Problem) error { return c.problem(p, err) },
	})
}

// problem answers what concerns the whole message.
func (c *alpineCall) problem(p *Problem, err error) error {
	switch {
	case p.Code == "unknown_property":
		return c.refuse(otaxml.CodeUnmapped+"_"+ari.KindProperty, "the hotel is not known")
	case p.Retryable:
		c.r.w.Header().Set("Retry-After", "1")
		return c.text(http.StatusServiceUnavailable, "ERROR:"+p.Title)
	}
	c.r.failed(err)
	return c.refuse(otaxml.CodeInternal, p.Title)
}

// alpineCodes is a connection's mapping as the decoder asks for it.
type alpineCodes struct{ otaCodes }

// Property answers the hotel behind an external code.
func (c *alpineCodes) Property(ext string) (alpinebits.Hotel, otaxml.Status) {
	h, status := c.otaCodes.Property(ext)
	if status != otaxml.Known {
		return nil, status
	}
	return &alpineHotel{otaHotel: h.(*otaHotel), externals: map[string]map[string]string{}}, status
}

// alpineHotel is one property for one message.
type alpineHotel struct {
	*otaHotel
	externals map[string]map[string]string // kind -> hub code -> the connection's; nil map: the hub's own
}

// Connection answers the connection's id.
func (h *alpineHotel) Connection() string { return h.codes.conn.ID }

// External answers the connection's code of one of the hub's.
func (h *alpineHotel) External(kind, code string) string {
	known, read := h.externals[kind]
	if !read {
		known, _ = h.codes.s.ExternalCodes(h.codes.conn.ID, h.code, kind)
		h.externals[kind] = known
	}
	if known == nil {
		return code
	}
	return known[code]
}

// Picture calls f with the property's picture.
func (h *alpineHotel) Picture(f func(*ari.Picture)) {
	_ = h.codes.s.Read(h.code, func(p *ari.Picture) error { f(p); return nil }) // it was read a moment ago
}

// alpineProfile answers the profile that a connection is read with.
func alpineProfile(s hub.Service, c *hub.Connection) (alpinebits.Profile, error) {
	if c.Profile == "" || c.Profile == "generic" {
		return alpinebits.Default(), nil
	}
	kept, ok := s.Profile(c.Profile)
	if !ok {
		return alpinebits.Default(), errors.New("profile " + strconv.Quote(c.Profile) + " is not there")
	}
	return alpinebits.ParseProfile(kept.Choices)
}

func alpineProfileFaults(v *profileJSON) []canonical.Fault {
	if _, err := alpinebits.ParseProfile(v.Choices); err != nil {
		return []canonical.Fault{{Code: ari.CodeBadObject, Pointer: "/choices", Expected: canonical.Clip([]byte(err.Error())), Got: canonical.Clip(v.Choices), Fix: "see docs/protocols/alpinebits.md"}}
	}
	return nil
}

// AlpineBitsDecoder answers what replays parked records: hub.Options.Decoders["alpinebits"].
func AlpineBitsDecoder() hub.Decoder { return alpineReplay{} }

type alpineReplay struct{}

// Decode reads the record's message again under the connection's present profile and mapping, and answers the submission of that record alone.
func (alpineReplay) Decode(s hub.Service, conn hub.Connection, item hub.ParkedItem) (*hub.Submission, error) {
	_, params, err := mime.ParseMediaType(item.ContentType)
	if err != nil {
		return nil, err
	}
	action, err := alpinebits.FindAction(alpinebits.Version(params["version"]), params["action"])
	if err != nil {
		return nil, err
	}
	m, err := alpinebits.Parse(alpinebits.Version(params["version"]), action, item.Raw, "application/xml; charset=utf-8")
	if err != nil {
		return nil, err
	}
	profile, err := alpineProfile(s, &conn)
	if err != nil {
		return nil, err
	}
	r := alpinebits.Decode(m, profile, &alpineCodes{otaCodes{s: s, conn: &conn}}, []int{item.Item})
	if len(r.Refused) > 0 && len(r.Unmapped) == 0 {
		return nil, r.Refused[0].Fault
	}
	sub := alpineSubmission(m, r, &conn)
	sub.Parked = slices.DeleteFunc(sub.Parked, func(p hub.ParkedItem) bool { return p.Item != item.Item })
	u := &sub.Update
	u.Received, u.Order, u.MessageID = item.Received, item.Order, item.MessageID
	return sub, nil
}
