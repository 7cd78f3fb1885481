package otaxml

import (
	"strings"
)

// Kinds of messages that are read. Message.Kind is the root element's name whatever it is.
const (
	KindAvailNotif      = "OTA_HotelAvailNotifRQ"
	KindRateAmountNotif = "OTA_HotelRateAmountNotifRQ"
	KindInvCountNotif   = "OTA_HotelInvCountNotifRQ"
	KindRatePlanNotif   = "OTA_HotelRatePlanNotifRQ"
	KindBookingRule     = "OTA_HotelBookingRuleNotifRQ"
	KindInvNotif        = "OTA_HotelInvNotifRQ"
	KindContentNotif    = "OTA_HotelDescriptiveContentNotifRQ"
	KindInvBlockNotif   = "OTA_HotelInvBlockNotifRQ"
	KindPing            = "OTA_PingRQ"
)

// Envelope is what a message came in; its answer goes out in the same.
type Envelope uint8

// The envelopes.
const (
	Plain Envelope = iota
	SOAP11
	SOAP12
)

// Namespaces.
const (
	otaSpace    = "http://www.opentravel.org/OTA/2003/05"
	soap11Space = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12Space = "http://www.w3.org/2003/05/soap-envelope"
)

// Credential is a user and password that a message carries. It must never be logged or kept.
type Credential struct {
	From     string // "wsse" (WS-Security UsernameToken) or "requestor" (POS/Source/RequestorID)
	User     string
	Password string
	Digest   bool // the password is a digest, which needs the clear password on our side: refuse it
}

// Message is one OTA message as it was told: nothing of it is judged yet.
type Message struct {
	Kind     string // root element: one of the kinds, or another one's name (then Parse answered an error too)
	Envelope Envelope

	EchoToken             string
	TimeStamp             string // as told
	Target                string // as told: "", Test, Testing, Production ...
	Version               string
	TransactionIdentifier string
	TransactionStatus     string // Rollback ...
	SequenceNmbr          string
	Retransmission        bool
	PrimaryLangID         string

	CorrelationID string // HTNG's header, or the root attribute
	MessageID     string // WS-Addressing

	Credentials []Credential
	RequestorID string
	UniqueID    string // of the whole message
	Instance    string // of that: "CompleteSet"

	HotelCode string // as told; "" if none is
	ChainCode string
	BrandCode string
	HotelName string

	Items    []Item // in document order
	EchoData string // of a ping

	Queries []Query // of a message that asks, in document order
	Report  *Report // of OTA_NotifReportRQ
	ReplyTo string  // WS-Addressing: where the result of an asynchronous exchange goes
	Relates string  // RelatesToCorrelationID: the exchange that this message ends

	root      *node
	container *node // the first element that holds items
	hotelTold bool
	fault     *Fault
}

// Item is one AvailStatusMessage, RateAmountMessage, Inventory, RatePlan, RuleMessage, SellableProduct, GuestRoom or InvBlock.
type Item struct {
	Index     int    // in document order, from 0: ari.Statement.Item
	LocatorID string // as told
	RecordID  string // UniqueID/@ID of the item, as told
	n         *node
}

// Path answers the item's XPath.
func (it *Item) Path() string { return path(it.n, "") }

// Parse reads one message: encoding, XML, envelope, root attributes, credentials, hotel code and items. contentType is the transport's,
// "" if unknown. It judges form only; what the items mean is Decode's.
//
// The message is answered even with an error, as far as it was read, so that EncodeAnswer can name envelope and token.
//
// Shape:  as large as the body; the caller bounds that (16 MiB).
// Errors: *Fault.
func Parse(body []byte, contentType string) (*Message, error) {
	m := &Message{Envelope: expectedEnvelope(contentType)}
	fail := func(err error) (*Message, error) {
		m.fault = err.(*Fault)
		return m, err
	}
	if err := checkNotJSON(body); err != nil {
		return fail(err)
	}
	text, err := toUTF8(body, contentType)
	if err != nil {
		return fail(err)
	}
	root, err := readTree(newScanner(text), elementsMax)
	if root != nil {
		if oerr := m.open(root); err == nil {
			err = oerr
		}
	}
	if err != nil {
		return fail(err)
	}
	if err := m.readBody(); err != nil {
		return fail(err)
	}
	return m, nil
}

// expectedEnvelope answers what the sender likely used, for the answer to a body that cannot be read.
func expectedEnvelope(contentType string) Envelope {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(contentType)), "application/soap+xml") {
		return SOAP12
	}
	return Plain
}

// open finds the OTA root in its envelope and reads the root attributes. It works on broken documents too.
func (m *Message) open(root *node) error {
	m.root = root
	var err error
	if root.name == "Envelope" {
		m.root, err = m.openEnvelope(root)
	}
	if m.root != nil {
		m.Kind = m.root.name
		m.readRoot()
	}
	return err
}

func (m *Message) openEnvelope(env *node) (*node, error) {
	switch env.space {
	case soap11Space:
		m.Envelope = SOAP11
	case soap12Space:
		m.Envelope = SOAP12
	default:
		m.Envelope = SOAP11
		return nil, &Fault{Code: CodeEnvelope, Path: "/Envelope", Got: clip(env.space, 80), Expected: "a SOAP 1.1 or 1.2 envelope's namespace"}
	}
	if h := env.kid("Header"); h != nil {
		if err := m.readHeader(h); err != nil {
			return bodyRoot(env), err
		}
	}
	body := env.kid("Body")
	if body == nil || len(body.kids) != 1 {
		return bodyRoot(env), &Fault{Code: CodeEnvelope, Path: "/Envelope/Body", Expected: "a body with exactly one element"}
	}
	return body.kids[0], nil
}

func bodyRoot(env *node) *node {
	if body := env.kid("Body"); body != nil && len(body.kids) > 0 {
		return body.kids[0]
	}
	return nil
}

// understood are the header blocks that may say mustUnderstand. The addressing ones are noted; we always answer on the connection.
var understood = map[string]bool{
	"Security": true, "CorrelationID": true, "RelatesToCorrelationID": true, "MessageID": true, "To": true, "From": true, "Action": true,
	"ReplyTo": true, "FaultTo": true, "RelatesTo": true,
}

func (m *Message) readHeader(h *node) error {
	for _, k := range h.kids {
		switch k.name {
		case "Security":
			m.readSecurity(k)
		case "CorrelationID":
			m.CorrelationID = k.text
		case "MessageID":
			m.MessageID = k.text
		case "ReplyTo":
			if a := k.kid("Address"); a != nil {
				m.ReplyTo = a.text
			}
		case "RelatesToCorrelationID":
			m.Relates = k.text
		}
		for _, a := range k.attrs {
			must := a.name == "mustUnderstand" && (a.space == soap11Space || a.space == soap12Space)
			if v := strings.ToLower(strings.TrimSpace(a.value)); must && (v == "1" || v == "true") && !understood[k.name] {
				return &Fault{Code: CodeMustUnderstand, Path: "/Envelope/Header/" + clip(k.name, 40), Expected: "no header block that must be understood but is not known here"}
			}
		}
	}
	return nil
}

func (m *Message) readSecurity(s *node) {
	s.all("UsernameToken", func(t *node) {
		c := Credential{From: "wsse"}
		if u := t.kid("Username"); u != nil {
			c.User = u.text
		}
		if p := t.kid("Password"); p != nil {
			c.Password = p.text
			c.Digest = strings.HasSuffix(p.get("Type"), "#PasswordDigest")
		}
		m.addCredential(c)
	})
}

// credentialsMax bounds what a message may carry: one is usual, HTNG and POS together make two.
const credentialsMax = 8

func (m *Message) addCredential(c Credential) {
	if len(m.Credentials) < credentialsMax && (c.User != "" || c.Password != "") {
		m.Credentials = append(m.Credentials, c)
	}
}

// readRoot reads root attributes and POS.
func (m *Message) readRoot() {
	r := m.root
	m.EchoToken, m.TimeStamp, m.Target, m.Version = r.get("EchoToken"), r.get("TimeStamp"), r.get("Target"), r.get("Version")
	m.TransactionIdentifier, m.TransactionStatus = r.get("TransactionIdentifier"), r.get("TransactionStatusCode")
	m.SequenceNmbr, m.PrimaryLangID = r.get("SequenceNmbr"), r.get("PrimaryLangID")
	m.Retransmission, _ = parseBool(r.get("RetransmissionIndicator"))
	if c := r.get("CorrelationID"); c != "" && m.CorrelationID == "" {
		m.CorrelationID = c
	}
	r.all("POS", func(pos *node) {
		pos.all("Source", func(src *node) {
			src.all("RequestorID", func(id *node) {
				if m.RequestorID == "" {
					m.RequestorID = id.get("ID")
				}
				if pw, ok := id.attr("MessagePassword"); ok {
					m.addCredential(Credential{From: "requestor", User: id.get("ID"), Password: pw})
				}
			})
		})
	})
	if u := r.kid("UniqueID"); u != nil {
		m.UniqueID, m.Instance = u.get("ID"), u.get("Instance")
	}
}

// containers says, per kind, where its items are: the list under the root, what is between the list and its items, and the item.
var containers = map[string]struct {
	list    string
	between []string
	item    string
	empty   bool // no item is fine: the message may be about something else
}{
	KindAvailNotif:      {list: "AvailStatusMessages", item: "AvailStatusMessage"},
	KindRateAmountNotif: {list: "RateAmountMessages", item: "RateAmountMessage"},
	KindInvCountNotif:   {list: "Inventories", item: "Inventory"},
	KindRatePlanNotif:   {list: "RatePlans", item: "RatePlan"},
	KindBookingRule:     {list: "RuleMessages", item: "RuleMessage"},
	KindInvNotif:        {list: "SellableProducts", item: "SellableProduct"},
	KindContentNotif:    {list: "HotelDescriptiveContents", between: []string{"HotelDescriptiveContent", "FacilityInfo", "GuestRooms"}, item: "GuestRoom", empty: true},
	KindInvBlockNotif:   {list: "InvBlocks", item: "InvBlock"},
}

func (m *Message) readBody() error {
	if len(m.EchoToken) > 128 {
		return &Fault{Code: CodeValue, Path: path(m.root, "EchoToken"), Got: clip(m.EchoToken, 40), Expected: "at most 128 characters"}
	}
	if m.Kind == KindPing {
		if e := m.root.kid("EchoData"); e != nil {
			m.EchoData = e.text
		}
		return nil
	}
	if m.Asks() {
		return m.readQueries()
	}
	if m.Kind == KindNotifReport {
		return m.readReport()
	}
	c, ok := containers[m.Kind]
	if !ok {
		return unknownRoot(m.root)
	}
	if m.root.space != "" && strings.HasPrefix(m.root.space, "http://www.opentravel.org/OTA/") && m.root.space != otaSpace {
		return &Fault{Code: CodeNotOTA, Path: path(m.root, ""), Got: clip(m.root.space, 80), Expected: "the namespace " + otaSpace + " (releases from 2003A on)"}
	}
	return m.readItems(c.list, c.between, c.item, c.empty)
}

// readItems collects the items of a message and its hotel.
func (m *Message) readItems(list string, between []string, item string, empty bool) error {
	for _, n := range m.root.kids {
		if n.name != list {
			continue
		}
		if m.container == nil {
			m.container = n
			m.ChainCode, m.BrandCode, m.HotelName = n.get("ChainCode"), n.get("BrandCode"), n.get("HotelName")
		}
		if err := m.hotelOf(n); err != nil {
			return err
		}
		if err := m.itemsOf(n, between, item); err != nil {
			return err
		}
	}
	if len(m.Items) == 0 && (!empty || m.container == nil) {
		return &Fault{Code: CodeMissing, Path: path(m.root, "") + "/" + list, Expected: "at least one " + item}
	}
	return nil
}

func (m *Message) itemsOf(n *node, between []string, item string) error {
	want := item
	if len(between) > 0 {
		want = between[0]
	}
	for _, k := range n.kids {
		if k.name != want {
			continue
		}
		if namesHotel[want] {
			if err := m.hotelOf(k); err != nil {
				return err
			}
		}
		if len(between) > 0 {
			if err := m.itemsOf(k, between[1:], item); err != nil {
				return err
			}
			continue
		}
		it := Item{Index: len(m.Items), LocatorID: k.get("LocatorID"), n: k}
		if u := k.kid("UniqueID"); u != nil {
			it.RecordID = u.get("ID")
		}
		m.Items = append(m.Items, it)
	}
	return nil
}

// namesHotel are the elements below a list that may say the hotel.
var namesHotel = map[string]bool{"RatePlan": true, "HotelDescriptiveContent": true, "InvBlock": true}

// hotelOf reads the hotel's code where an element has it, or its HotelRef. Two hotels in one message are refused.
func (m *Message) hotelOf(n *node) error {
	at := n
	code, told := n.attr("HotelCode")
	if ref := n.kid("HotelRef"); ref != nil && !told {
		at = ref
		code, told = ref.attr("HotelCode")
	}
	switch {
	case !told && n != m.container && n.name == m.container.name && m.hotelTold: // a second list, without
		return &Fault{Code: CodeContradiction, Path: path(at, "HotelCode"), Expected: "one hotel per message, " + clip(m.HotelCode, 40)}
	case !told:
	case !m.hotelTold && (n == m.container || n.name != m.container.name):
		m.HotelCode, m.hotelTold = code, true
	case code != m.HotelCode:
		return &Fault{Code: CodeContradiction, Path: path(at, "HotelCode"), Got: clip(code, 40), Expected: "one hotel per message, " + clip(m.HotelCode, 40)}
	}
	return nil
}
