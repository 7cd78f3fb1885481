package otaxml

import (
	"strconv"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// KindNotifReport is what the receiver of an asynchronous notification tells its sender when it is done.
const KindNotifReport = "OTA_NotifReportRQ"

// Report is the outcome that an OTA_NotifReportRQ tells.
type Report struct {
	Success bool
	Lines   []ReportLine // Errors and Warnings, in order, at most 1,000
	More    int          // lines beyond those
	Items   int          // of NotifDetails
}

// ReportLine is one Error or Warning.
type ReportLine struct {
	Error             bool
	Type, Code, Text  string
	Record, Tag, Hint string // RecordID, Tag or NodeList, Status
}

// reportLinesMax bounds what is kept of a report's lines; the raw message has all.
const reportLinesMax = 1_000

// readReport reads an OTA_NotifReportRQ.
func (m *Message) readReport() error {
	r := &Report{}
	lists := 0
	for _, k := range m.root.kids {
		switch k.name {
		case "Success":
			r.Success = true
		case "Errors", "Warnings":
			lists++
			item := k.name[:len(k.name)-1]
			k.all(item, func(n *node) { r.line(n, item == "Error") })
		case "NotifDetails":
			r.details(k)
			m.findReportHotel(k)
		}
	}
	if !r.Success && lists == 0 {
		return &Fault{Code: CodeMissing, Path: path(m.root, "") + "/Success", Expected: "Success, with or without Warnings, or Errors"}
	}
	m.Report = r
	return nil
}

func (r *Report) line(n *node, isError bool) {
	if len(r.Lines) >= reportLinesMax {
		r.More++
		return
	}
	text, tag := n.text, n.get("Tag")
	if text == "" {
		text = n.get("ShortText")
	}
	if tag == "" {
		tag = n.get("NodeList")
	}
	r.Lines = append(r.Lines, ReportLine{isError, clip(n.get("Type"), 10), clip(n.get("Code"), 20), clip(text, 400), clip(n.get("RecordID"), 64), clip(tag, 200), clip(n.get("Status"), 64)})
}

// details counts the items of NotifDetails: what the report repeats of the message it is about.
func (r *Report) details(n *node) {
	for _, report := range n.kids {
		for _, list := range report.kids {
			r.Items += len(list.kids)
		}
	}
}

func (m *Message) findReportHotel(n *node) {
	for _, report := range n.kids {
		for _, list := range report.kids {
			if code := list.get("HotelCode"); code != "" && m.HotelCode == "" {
				m.HotelCode, m.container = code, list
			}
		}
	}
}

// Refusals answers the report's lines as what was refused, for the record of the message: item is the RecordID where that is a number.
func (r *Report) Refusals() (out []*ari.ItemError) {
	for i, l := range r.Lines {
		item := i
		if n, ok := parseInt(l.Record, false); ok && n > 0 {
			item = int(n) - 1
		}
		code := "partner_warning"
		if l.Error {
			code = "partner_error"
		}
		out = append(out, &ari.ItemError{Item: item, Code: code, Path: l.Tag, Got: "RecordID " + strconv.Quote(l.Record) + ", Status " + strconv.Quote(l.Hint),
			Expected: "EWT " + l.Type + ", ERR " + l.Code + ": " + l.Text})
	}
	return out
}

// EmitReport tells the outcome of a notification as OTA_NotifReportRQ, as its receiver: Success with Warnings, or Errors, with the RecordID of
// each item, like the answer that a synchronous exchange would have had. HotelNotifReport has no branch for counts, plans and blocks, so no
// items are repeated in NotifDetails.
func EmitReport(m *Message, p *Profile, h Head, a Answer) Reply {
	e := &emitter{p: p, h: &h}
	var w writer
	w.start(h.Envelope)
	w.open(KindNotifReport, e.root(1)...)
	w.outcome(m, p, a)
	w.close(KindNotifReport)
	w.end(h.Envelope)
	return Reply{Status: 200, ContentType: contentType(h.Envelope), Body: w.b}
}

// outcome writes Success with Warnings, or Errors.
func (w *writer) outcome(m *Message, p *Profile, a Answer) {
	errors, warnings := a.lines(m, p)
	if len(errors) > 0 {
		w.lines("Errors", "Error", errors, errorsMax)
		return
	}
	w.empty("Success")
	if len(warnings) > 0 {
		w.lines("Warnings", "Warning", warnings, warningsMax)
	}
}

// Namespaces of HTNG's asynchronous exchange.
//
// Source: docs/protocols/ota-xml.md, "Asynchronous exchange".
const (
	asyncSpace      = "http://htng.org/PWSWG/2007/02/AsyncHeaders"
	receiptSpace    = "http://htng.org/2014B"
	addressingSpace = "http://www.w3.org/2005/08/addressing"
)

// EncodeReceipt writes the HTNG_AcknowledgeReceipt of a message with a CorrelationID: its result comes later.
func EncodeReceipt(m *Message) Reply {
	e := max(m.Envelope, SOAP11)
	var w writer
	w.b = append(w.b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	w.open("soap:Envelope", "xmlns:soap", soapSpace(e))
	w.open("soap:Header")
	w.element("htnga:CorrelationID", m.CorrelationID, "xmlns:htnga", asyncSpace)
	w.element("htnga:RelatesToCorrelationID", m.CorrelationID, "xmlns:htnga", asyncSpace)
	w.close("soap:Header")
	w.open("soap:Body")
	w.empty("htng:HTNG_AcknowledgeReceipt", "xmlns:htng", receiptSpace)
	w.end(e)
	return Reply{Status: 200, ContentType: contentType(e), Body: w.b}
}

// EncodeResult writes the result of a message with a CorrelationID, to be posted to its ReplyTo, in an envelope that names the exchange: the answer that
// a synchronous exchange would have had, or as a report an OTA_NotifReportRQ. id is the new message's own.
func EncodeResult(m *Message, p *Profile, a Answer, id string, report bool) Reply {
	plain := *m
	plain.Envelope = Plain
	kind, doc := answerRoot(m.Kind), []byte(nil)
	if report {
		kind = KindNotifReport
		doc = EmitReport(m, p, Head{EchoToken: m.EchoToken, At: a.At, Test: strings.HasPrefix(m.Target, "Test")}, a).Body
	} else {
		doc = EncodeAnswer(&plain, p, a).Body
	}
	e := max(m.Envelope, SOAP11)
	var w writer
	w.b = append(w.b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	w.open("soap:Envelope", "xmlns:soap", soapSpace(e))
	w.open("soap:Header", "xmlns:htnga", asyncSpace, "xmlns:wsa", addressingSpace)
	w.element("htnga:CorrelationID", id)
	w.element("htnga:RelatesToCorrelationID", m.CorrelationID)
	w.element("wsa:MessageID", id)
	w.element("wsa:To", m.ReplyTo)
	w.element("wsa:Action", otaSpace+"/"+kind)
	if m.MessageID != "" {
		w.element("wsa:RelatesTo", m.MessageID)
	}
	w.close("soap:Header")
	w.open("soap:Body")
	w.b = append(w.b, body(doc)...)
	w.end(e)
	return Reply{Status: 200, ContentType: contentType(e), Body: w.b}
}

// body answers a plain document without its declaration.
func body(doc []byte) []byte {
	for i := range doc {
		if doc[i] == '\n' {
			return doc[i+1 : len(doc)-1]
		}
	}
	return doc
}

// IsReceipt tells whether a partner's answer to a posted result acknowledges it: any document that is no SOAP fault and has no Errors.
func IsReceipt(b []byte, contentType string) bool {
	if len(b) == 0 {
		return true
	}
	root, err := ReadDocument(b, contentType)
	if err != nil || root == nil {
		return true // HTTP said yes, in words that are not ours to judge
	}
	if root.name == "Envelope" {
		if root = bodyRoot(root); root == nil {
			return true
		}
	}
	return root.name != "Fault" && root.kid("Errors") == nil
}
