package otaxml

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Outcome is what became of one item.
type Outcome struct {
	Item    int
	Verdict ari.ItemVerdict
	Faults  []*Fault // of a refused or parked item: why; of another: what is worth a warning
}

// Outcomes joins what Decode said of each item with what became of those that were applied: applied are the results of ari's apply (or of
// the entry that was committed), in any order.
func (r *Result) Outcomes(applied []ari.ItemResult) []Outcome {
	byItem := make(map[int]*ari.ItemResult, len(applied))
	for i := range applied {
		byItem[applied[i].Item] = &applied[i]
	}
	out := make([]Outcome, len(r.Items))
	for i := range r.Items {
		out[i] = r.Items[i].outcome(byItem[r.Items[i].Index])
	}
	return out
}

func (x *ItemResult) outcome(applied *ari.ItemResult) Outcome {
	o := Outcome{Item: x.Index, Verdict: ari.ItemUnchanged, Faults: x.Warnings}
	switch {
	case len(x.Faults) > 0:
		o.Verdict, o.Faults = ari.ItemRefused, x.Faults
	case len(x.Unmapped) > 0:
		o.Verdict, o.Faults = ari.ItemParked, nil
		for _, u := range x.Unmapped {
			o.Faults = append(o.Faults, &Fault{Code: CodeUnmapped + "_" + u.Kind, Path: u.Path, Got: clip(u.Code, 80),
				Expected: "kept until the code is mapped, and applied then"})
		}
	case x.Skipped != "":
		o.Faults = []*Fault{{Code: CodeIgnored, Path: x.Skipped, Expected: "nothing was applied: this code is set to be ignored"}}
	case applied != nil:
		o.Verdict = applied.Verdict
		o.Faults = append(slices.Clone(x.Warnings), appliedFaults(applied)...)
	}
	return o
}

func appliedFaults(a *ari.ItemResult) (out []*Fault) {
	switch {
	case a.Err != nil:
		out = append(out, ItemFault(a.Err))
	case a.Verdict == ari.ItemSuperseded:
		out = append(out, &Fault{Code: ari.CodeSuperseded, Expected: "not applied: something newer was told of all of it"})
	case a.Verdict == ari.ItemWaiting:
		out = append(out, &Fault{Code: CodeWaiting, Expected: "not applied yet: it would close or open so much that a person must release it"})
	}
	if a.Trimmed > 0 {
		out = append(out, &Fault{Code: CodeTrimmed, Got: strconv.Itoa(a.Trimmed) + " dates", Expected: "dates within the horizon; the others were applied"})
	}
	return out
}

// Answer is what to tell the partner.
type Answer struct {
	At       time.Time // of the answer
	Refused  *Fault    // the whole message: Errors
	Nothing  *Fault    // success that applied nothing: a warning
	Outcomes []Outcome
}

// Reply is an encoded answer with what HTTP says beside it.
type Reply struct {
	Status      int // 200 for whatever OTA itself can say
	ContentType string
	Body        []byte
}

// Limits of an answer.
const (
	errorsMax   = 99    // of the schema
	warningsMax = 1_000 // the schema has none; more is no help to anyone
)

// line is one Error or Warning.
type line struct {
	f      *Fault
	record string
	status string // NotProcessed, Incomplete or Complete
}

// EncodeAnswer writes the answer to a message in its envelope, valid against OpenTravel 2017B: Success with Warnings if anything was
// done, Errors if everything was refused (or anything, if the profile says partial_answer errors). m may be nil or half read. p may be
// nil: generic.
//
// Source: docs/protocols/ota-xml.md, "Answers".
func EncodeAnswer(m *Message, p *Profile, a Answer) Reply {
	if m == nil {
		m = &Message{}
	}
	if a.Refused != nil && m.Envelope != Plain && soapFaults[a.Refused.Code] {
		return encodeFault(m.Envelope, a.Refused)
	}
	var w writer
	root := answerRoot(m.Kind)
	w.start(m.Envelope)
	w.open(root, append([]string{"xmlns", otaSpace}, rootAttrs(m, a.At)...)...)
	errors, warnings := a.lines(m, p)
	if len(errors) > 0 {
		w.lines("Errors", "Error", errors, errorsMax)
	} else {
		w.empty("Success")
		if len(warnings) > 0 {
			w.lines("Warnings", "Warning", warnings, warningsMax)
		}
		if m.Kind == KindPing {
			w.element("EchoData", m.EchoData)
		}
	}
	w.close(root)
	w.end(m.Envelope)
	return Reply{Status: status(a.Refused), ContentType: contentType(m.Envelope), Body: w.b}
}

// answerRoot answers the name of a request's response; of what is no OTA request, the error response.
func answerRoot(kind string) string {
	if base, ok := strings.CutSuffix(kind, "RQ"); ok && strings.HasPrefix(kind, "OTA_") && len(kind) < 60 && isName(kind) {
		return base + "RS"
	}
	return "OTA_ErrorRS"
}

func isName(s string) bool {
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

func rootAttrs(m *Message, at time.Time) []string {
	var out []string
	if m.EchoToken != "" && len(m.EchoToken) <= 128 {
		out = append(out, "EchoToken", m.EchoToken)
	}
	out = append(out, "TimeStamp", at.UTC().Format("2006-01-02T15:04:05Z"))
	if m.Target == "Test" || m.Target == "Production" {
		out = append(out, "Target", m.Target)
	}
	version := m.Version
	if _, err := strconv.ParseFloat(version, 64); err != nil || len(version) > 10 || strings.Trim(version, "0123456789.") != "" {
		version = "1.0"
	}
	return append(out, "Version", version)
}

// lines sorts an answer into errors and warnings; if there are errors, warnings are not told.
func (a *Answer) lines(m *Message, p *Profile) (errors, warnings []line) {
	if a.Refused != nil {
		return []line{{f: a.Refused, status: "NotProcessed"}}, nil
	}
	if a.Nothing != nil {
		warnings = append(warnings, line{f: a.Nothing, status: "NotProcessed"})
	}
	done := len(a.Outcomes) == 0
	for _, o := range a.Outcomes {
		done = done || o.Verdict != ari.ItemRefused
	}
	asErrors := !done || p != nil && p.PartialAnswer == "errors"
	for _, o := range a.Outcomes {
		for _, f := range o.Faults {
			l := line{inMessage(m, o.Item, f), recordOf(m, o.Item), statusOf(o.Verdict)}
			if o.Verdict == ari.ItemRefused && asErrors {
				errors = append(errors, l)
			} else {
				warnings = append(warnings, l)
			}
		}
	}
	return errors, warnings
}

// inMessage answers a fault with an XPath: what ari refuses names its own field, of an item that has one.
func inMessage(m *Message, item int, f *Fault) *Fault {
	if f.Path == "" || f.Path[0] == '/' || item < 0 || item >= len(m.Items) {
		return f
	}
	g := *f
	g.Path, g.Expected = m.Items[item].Path(), f.Path+": "+f.Expected
	return &g
}

// Record answers what an answer names an item by: RecordID.
func (m *Message) Record(item int) string { return recordOf(m, item) }

// recordOf names an item as its sender does: LocatorID, else UniqueID/@ID, else its number in the message from 1.
func recordOf(m *Message, item int) string {
	r := strconv.Itoa(item + 1)
	if item >= 0 && item < len(m.Items) {
		switch it := &m.Items[item]; {
		case it.LocatorID != "":
			r = it.LocatorID
		case it.RecordID != "":
			r = it.RecordID
		}
	}
	for len(r) > 64 {
		r = clip(r, 61)
	}
	return r
}

func statusOf(v ari.ItemVerdict) string {
	switch v {
	case ari.ItemRefused, ari.ItemSuperseded:
		return "NotProcessed"
	case ari.ItemParked, ari.ItemWaiting:
		return "Incomplete"
	}
	return "Complete"
}

// status answers the HTTP status of an answer: what OTA can say goes out with 200, what concerns the exchange itself with its own.
func status(f *Fault) int {
	if f == nil {
		return 200
	}
	switch f.Code {
	case CodeNotXML, CodeEncoding, CodeDTD, CodeTooBig, CodeNotOTA:
		return 400
	case CodeAuth:
		return 401
	case CodeForbidden:
		return 403
	case CodeBusy, CodeUnavailable:
		return 503
	case CodeInternal:
		return 500
	}
	return 200
}
