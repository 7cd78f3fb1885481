package alpinebits

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Answer is what to tell the client.
type Answer struct {
	At       time.Time
	Refused  *Fault // the whole message
	Errors   []Note // the whole message, for these
	Warnings []Note
}

// ContentType is the content type of answers in XML.
const ContentType = "application/xml; charset=utf-8"

// EncodeAnswer writes Success, Success with warnings, or errors, valid against the schema of the message's version: of type 13 (application
// error) or 11 (advisory), with a keyword as Status where the client should send something again. The record is named in the text of an
// error, since the schema has no RecordID there, and as RecordID of a warning.
//
// Source: docs/protocols/alpinebits.md, "Answers".
func EncodeAnswer(m *Message, a Answer) []byte {
	w := startAnswer(m, a.At)
	errs := a.Errors
	if a.Refused != nil {
		errs = append([]Note{{Record: -1, Fault: a.Refused}}, errs...)
	}
	if len(errs) > 0 {
		w.Open("Errors")
		for _, n := range errs[:min(len(errs), notesMax)] {
			writeError(w, m, n)
		}
		w.Close("Errors")
		return endAnswer(w, m)
	}
	w.Empty("Success")
	writeWarnings(w, m, a.Warnings)
	return endAnswer(w, m)
}

func writeError(w *otaxml.Writer, m *Message, n Note) {
	attrs := []string{"Type", "13"}
	if m.Action.Kind != Ping {
		if _, code := n.Fault.OTA(); code != "" {
			attrs = append(attrs, "Code", code)
		}
		if n.Send != "" {
			attrs = append(attrs, "Status", string(n.Send))
		}
	}
	w.Element("Error", text(m, n), attrs...)
}

func writeWarnings(w *otaxml.Writer, m *Message, notes []Note) {
	if len(notes) == 0 {
		return
	}
	w.Open("Warnings")
	for _, n := range notes[:min(len(notes), notesMax)] {
		attrs := []string{"Type", "11"}
		if label := m.label(n.Record); label != "" {
			attrs = append(attrs, "RecordID", label)
		}
		if n.Send != "" {
			attrs = append(attrs, "Status", string(n.Send))
		}
		w.Element("Warning", text(m, n), attrs...)
	}
	w.Close("Warnings")
}

// text says a note to a person: the record, where, what came and what was wanted.
func text(m *Message, n Note) string {
	f := n.Fault
	var b strings.Builder
	if label := m.label(n.Record); label != "" {
		b.WriteString(label + ": ")
	}
	b.WriteString(f.Code)
	if f.Path != "" {
		b.WriteString(" at " + f.Path)
	}
	if f.Got != "" {
		b.WriteString(": got " + strconv.QuoteToGraphic(f.Got))
	}
	if f.Expected != "" {
		b.WriteString(": " + f.Expected)
	}
	return b.String()
}

// startAnswer writes the root of the answer to m.
func startAnswer(m *Message, at time.Time) *otaxml.Writer {
	w := &otaxml.Writer{}
	version := m.schema
	if version == "" || len(version) > 10 || strings.Trim(version, "0123456789.") != "" {
		version = "1.000"
	}
	w.Open(answerRoot(m), "xmlns", otaSpace, "Version", version, "TimeStamp", at.UTC().Format("2006-01-02T15:04:05Z"))
	return w
}

func endAnswer(w *otaxml.Writer, m *Message) []byte {
	w.Close(answerRoot(m))
	return append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), w.Bytes()...)
}

func answerRoot(m *Message) string { return strings.TrimSuffix(m.Action.Root, "RQ") + "RS" }

// Outcome joins what Decode said with what became of it: items are the results of ari's apply, err what refused it (an *ari.UpdateError).
func (r *Result) Outcome(m *Message, items []ari.ItemResult, err error) Answer {
	a := Answer{Errors: r.Refused, Warnings: slices.Clone(r.Warnings)}
	if len(r.Unmapped) > 0 {
		a.Errors = nil
		a.Warnings = append(a.Warnings, waits(-1, r.Unmapped[0]))
	}
	if r.Nothing != nil {
		a.Warnings = append(a.Warnings, Note{Record: -1, Fault: r.Nothing})
	}
	var refused *ari.UpdateError
	if errors.As(err, &refused) {
		for _, e := range refused.Items {
			a.Errors = append(a.Errors, r.note(e))
		}
		return a
	}
	for i := range m.Records {
		if list := r.Waits[i]; len(list) > 0 {
			a.Warnings = append(a.Warnings, waits(i, list[0]))
		}
	}
	a.Warnings = append(a.Warnings, appliedNotes(items)...)
	return a
}

func waits(record int, u otaxml.Unmap) Note {
	return Note{Record: record, Fault: &Fault{Code: otaxml.CodeUnmapped + "_" + u.Kind, Path: u.Path, Got: otaxml.Clip(u.Code, 60), Expected: "kept until the code is mapped, and applied then"}}
}

// note answers what ari refused. Errors of objects count objects, those of statements records.
func (r *Result) note(e *ari.ItemError) Note {
	f, record := otaxml.ItemFault(e), e.Item
	if kind, _, dotted := strings.Cut(e.Path, "."); (dotted || e.Code == ari.CodeNotOwner) && slices.Contains([]string{ari.KindRoomType, ari.KindRatePlan, ari.KindPool, ari.KindRateCategory}, kind) {
		record = -1
		if e.Item < len(r.Of) {
			record = r.Of[e.Item]
		}
	}
	n := Note{Record: record, Fault: f}
	switch e.Code {
	case ari.CodeUnknownRoomType, ari.CodeUnknownPool:
		n.Send = SendInventory
	case ari.CodeUnknownRatePlan:
		n.Send = SendRatePlans
	}
	return n
}

// appliedNotes says what of a message was not applied as told: replaces that a person must release, and dates beyond the horizon.
func appliedNotes(items []ari.ItemResult) (out []Note) {
	waiting, trimmed := false, 0
	for i := range items {
		waiting = waiting || items[i].Verdict == ari.ItemWaiting
		trimmed += items[i].Trimmed
	}
	if waiting {
		out = append(out, Note{Record: -1, Fault: &Fault{Code: otaxml.CodeWaiting, Expected: "not applied yet: it would close or open so much that a person must release it; what it closes is closed"}})
	}
	if trimmed > 0 {
		out = append(out, Note{Record: -1, Fault: &Fault{Code: otaxml.CodeTrimmed, Got: itoa(trimmed) + " dates", Expected: "dates within the horizon; the others were applied"}})
	}
	return out
}

// Refusals answers what Decode refused, for the record of the message.
func (r *Result) Refusals() (out []*ari.ItemError) {
	for _, n := range r.Refused {
		out = append(out, &ari.ItemError{Item: max(n.Record, 0), Code: n.Fault.Code, Path: n.Fault.Path, Got: n.Fault.Got, Expected: n.Fault.Expected})
	}
	return out
}
