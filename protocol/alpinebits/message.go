package alpinebits

import (
	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Fault says precisely what is wrong with a message, or what is worth a warning.
type Fault = otaxml.Fault

// element is one element of a message.
type element = otaxml.Element

// otaSpace is the namespace of every message.
const otaSpace = "http://www.opentravel.org/OTA/2003/05"

// Message is one request as it was told: nothing of it is judged yet but its form.
type Message struct {
	Version   Version
	Action    *Action
	HotelCode string
	HotelName string
	Complete  bool   // UniqueID Instance="CompleteSet"
	EchoData  string // of a ping
	Records   []Record

	root   *element
	list   *element // that holds the records
	schema string   // its Version attribute
	fault  *Fault
}

// Record is one Inventory, AvailStatusMessage, GuestRoom or RatePlan.
type Record struct {
	Index int // from 0: ari.Statement.Item
	n     *element
}

// lists says where the hotel's code and the records are.
var lists = map[string]struct{ path []string }{
	"OTA_HotelInvCountNotifRQ":           {[]string{"Inventories", "Inventory"}},
	"OTA_HotelAvailNotifRQ":              {[]string{"AvailStatusMessages", "AvailStatusMessage"}},
	"OTA_HotelRatePlanNotifRQ":           {[]string{"RatePlans", "RatePlan"}},
	"OTA_HotelDescriptiveContentNotifRQ": {[]string{"HotelDescriptiveContents", "HotelDescriptiveContent"}},
	"OTA_HotelDescriptiveInfoRQ":         {[]string{"HotelDescriptiveInfos", "HotelDescriptiveInfo"}},
	"OTA_HotelRatePlanRQ":                {[]string{"RatePlans", "RatePlan"}},
}

// Parse reads the XML of a request. It judges form only; what the records mean is Decode's. The message is answered even with an error, so
// that EncodeAnswer can name its answer.
//
// Errors: *Fault.
func Parse(v Version, a *Action, request []byte, contentType string) (*Message, error) {
	m := &Message{Version: v, Action: a}
	if err := m.read(request, contentType); err != nil {
		m.fault = err
		return m, err
	}
	return m, nil
}

func (m *Message) read(request []byte, contentType string) *Fault {
	root, err := otaxml.ReadDocument(request, contentType)
	if err != nil {
		if f, ok := err.(*Fault); ok {
			return f
		}
		return otaxml.NewFault(otaxml.CodeNotXML, err.Error())
	}
	m.root, m.schema = root, root.Get("Version")
	if root.Name() != m.Action.Root {
		return &Fault{Code: otaxml.CodeNotOTA, Path: root.Path(""), Got: otaxml.Clip(root.Name(), 60), Expected: m.Action.Root + " for the action " + m.Action.Name}
	}
	if s := root.Space(); s != "" && s != otaSpace {
		return &Fault{Code: otaxml.CodeNotOTA, Path: root.Path(""), Got: otaxml.Clip(s, 60), Expected: "the namespace " + otaSpace}
	}
	if m.Action.Kind == Ping {
		return m.readPing()
	}
	if f := m.readUniqueID(); f != nil {
		return f
	}
	return m.readList()
}

func (m *Message) readPing() *Fault {
	e := m.root.Kid("EchoData")
	if e == nil || e.Text() == "" {
		return missing(m.root, "EchoData", "the client's versions and actions in JSON")
	}
	m.EchoData = e.Text()
	return nil
}

// readUniqueID reads whether the message is all there is to know. Type 35 is that of clients that purge.
func (m *Message) readUniqueID() *Fault {
	u := m.root.Kid("UniqueID")
	if u == nil {
		return nil
	}
	if t := u.Get("Type"); t != "16" && t != "35" {
		return bad(u, "Type", "16 or 35")
	}
	if u.Get("Instance") != "CompleteSet" {
		return bad(u, "Instance", "CompleteSet; changes go without a UniqueID")
	}
	m.Complete = true
	return nil
}

// readList finds the one list with the hotel's code, and its records.
func (m *Message) readList() *Fault {
	names := lists[m.root.Name()].path
	n := 0
	m.root.Each(names[0], func(e *element) { m.list, n = e, n+1 })
	if n != 1 {
		return &Fault{Code: otaxml.CodeMissing, Path: m.root.Path("") + "/" + names[0], Got: itoa(n) + " of them", Expected: "exactly one: one hotel per request"}
	}
	at := m.list
	if m.Action.Kind == Inventory || m.Action.Kind == InventoryPull || m.Action.Kind == BaseRates {
		kids := 0
		m.list.Each(names[1], func(e *element) { at, kids = e, kids+1 })
		if kids != 1 {
			return &Fault{Code: otaxml.CodeMissing, Path: m.list.Path("") + "/" + names[1], Got: itoa(kids) + " of them", Expected: "exactly one: one hotel per request"}
		}
		m.list = at
		if ref := at.Kid("HotelRef"); m.Action.Kind == BaseRates && ref != nil {
			at = ref
		}
	}
	m.HotelCode, m.HotelName = at.Get("HotelCode"), at.Get("HotelName")
	if m.HotelCode == "" && m.HotelName == "" {
		return missing(at, "@HotelCode", "HotelCode or HotelName")
	}
	return m.readRecords(names[1])
}

func (m *Message) readRecords(name string) *Fault {
	in := m.list
	switch m.Action.Kind {
	case InventoryPull, BaseRates:
		return nil
	case Inventory:
		rooms := (*element)(nil)
		if f := m.list.Kid("FacilityInfo"); f != nil {
			rooms = f.Kid("GuestRooms")
		}
		if rooms == nil {
			return missing(m.list, "FacilityInfo/GuestRooms", "the room categories; an empty list deletes them all")
		}
		in, name = rooms, "GuestRoom"
	}
	in.Each(name, func(e *element) { m.Records = append(m.Records, Record{Index: len(m.Records), n: e}) })
	if len(m.Records) == 0 && m.Action.Kind != Inventory {
		return missing(in, name, "at least one "+name)
	}
	if len(m.Records) > recordsMax {
		return &Fault{Code: otaxml.CodeTooBig, Path: in.Path(""), Got: itoa(len(m.Records)), Expected: "at most " + itoa(recordsMax) + " records"}
	}
	return nil
}

// recordsMax bounds the records of a message: 3 years of every room of a large hotel, changing each day, are sent in parts.
const recordsMax = 50_000

// hotel answers the hotel's code, or its name for want of one.
func (m *Message) hotel() string {
	if m.HotelCode != "" {
		return m.HotelCode
	}
	return m.HotelName
}

// label names a record for a person and for RecordID.
func (m *Message) label(i int) string {
	if i < 0 || i >= len(m.Records) {
		return ""
	}
	n := m.Records[i].n
	what := n.Get("RatePlanCode")
	switch m.Action.Kind {
	case FreeRooms:
		if c := n.Kid("StatusApplicationControl"); c != nil {
			what = c.Get("InvTypeCode")
			if room := c.Get("InvCode"); room != "" {
				what += "/" + room
			}
			what += " " + c.Get("Start") + ".." + c.Get("End")
		}
	case Inventory:
		what = n.Get("Code")
	}
	return otaxml.Clip(n.Name()+" "+itoa(i+1)+" "+what, 60)
}

// missing answers the fault of something that is not there: a child, or "@name" for an attribute.
func missing(n *element, what, expected string) *Fault {
	return &Fault{Code: otaxml.CodeMissing, Path: n.Path("") + "/" + what, Expected: expected}
}

// bad answers the fault of an attribute's value; attr "" is the element itself.
func bad(n *element, attr, expected string) *Fault {
	got := n.Text()
	if attr != "" {
		got = n.Get(attr)
	}
	return &Fault{Code: otaxml.CodeValue, Path: n.Path(attr), Got: otaxml.Clip(got, 60), Expected: expected}
}

// forbidden answers the fault of something that must not be there.
func forbidden(n *element, what, expected string) *Fault {
	return &Fault{Code: otaxml.CodeUnsupported, Path: n.Path("") + "/" + what, Expected: expected}
}

// span reads Start and End, both included, both required.
func span(n *element) (ari.Span, *Fault) {
	var d [2]ari.StayDate
	for i, attr := range []string{"Start", "End"} {
		s, ok := n.Attr(attr)
		if !ok {
			return ari.Span{}, missing(n, "@"+attr, "a date")
		}
		day, err := ari.ParseDate(s)
		if err != nil {
			return ari.Span{}, &Fault{Code: otaxml.CodeDate, Path: n.Path(attr), Got: otaxml.Clip(s, 40), Expected: "a date, YYYY-MM-DD"}
		}
		d[i] = day
	}
	if d[1] < d[0] {
		return ari.Span{}, &Fault{Code: otaxml.CodeRangeOrder, Path: n.Path("End"), Got: n.Get("End"), Expected: "a date on or after Start " + n.Get("Start")}
	}
	return ari.Dates(d[0], d[1]), nil
}
