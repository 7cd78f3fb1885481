package alpinebits

import (
	"encoding/json"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Codes is a connection's mapping, as Decode needs it.
type Codes interface {
	// Property answers the hotel behind an external code. "" is never asked for.
	Property(ext string) (Hotel, otaxml.Status)
}

// Hotel is one property as a connection sees it. Answers must not change during one Decode.
type Hotel interface {
	otaxml.Hotel
	// Connection answers the connection's id.
	Connection() string
	// External answers the connection's code of one of the hub's; "" if it has none: the object is none of the connection's business.
	External(kind, code string) string
	// Picture calls f with the property's picture, under its lock: f must not keep it.
	Picture(f func(*ari.Picture))
}

// Keyword asks the client to send something again.
type Keyword string

// The keywords that every version has.
const (
	SendInventory Keyword = "ALPINEBITS_SEND_INVENTORY"
	SendFreeRooms Keyword = "ALPINEBITS_SEND_FREEROOMS"
	SendRatePlans Keyword = "ALPINEBITS_SEND_RATEPLANS"
)

// codeResend is the code of a warning that only asks for something.
const codeResend = "resend"

// Note is a fault or a warning with the record it is about.
type Note struct {
	Record int // index; -1: the message
	Fault  *Fault
	Send   Keyword // "": nothing is asked for
}

// Result is what a message means.
type Result struct {
	Property string // hub code; "" if it is not known
	Refused  []Note // the whole message is refused for these
	Nothing  *Fault // applies as nothing: the mapping ignores the hotel
	Warnings []Note

	Unmapped []otaxml.Unmap         // of the property: every record waits
	Waits    map[int][]otaxml.Unmap // records that wait for a mapping

	Objects    []ari.ObjectOp
	Of         []int // record of each object; -1: none
	Replace    []ari.Extent
	Statements []ari.Statement
}

// Update answers the canonical update. The hub adds who, when, order and ids. There is no source time: AlpineBits tells none that orders,
// so that what comes later counts (S19).
func (r *Result) Update() ari.Update {
	return ari.Update{Property: r.Property, Objects: r.Objects, Replace: r.Replace, Statements: r.Statements}
}

// Empty tells whether there is nothing to apply.
func (r *Result) Empty() bool { return len(r.Objects)+len(r.Replace)+len(r.Statements) == 0 }

// notesMax bounds what is said of one message: the first faults are the ones to mend.
const notesMax = 20

// decoder is what the parts of a message share.
type decoder struct {
	m      *Message
	p      Profile
	h      Hotel
	cat    *ari.Catalog
	day    ari.StayDate
	listed map[string]int // rooms of a category that Inventory has told
	only   []int          // records to be decoded; nil: all, and what the message says as a whole
	out    *Result
}

// Decode translates a request that tells something, under a profile and with a connection's codes. only names the records that count (nil: all):
// those that waited for a mapping are replayed by themselves. Pure: the same message, profile, mapping and picture give the same result.
//
// FreeRooms of distinct rooms, RatePlans and Inventory read what the picture has: the caller lets no other message of the property come
// between Decode and the commit.
//
// Shape:  at most ari.StatementsMax statements; a message that expands beyond that is refused.
// Errors: none: Result.Refused says what is wrong.
// Source: docs/protocols/alpinebits.md.
func Decode(m *Message, p Profile, codes Codes, only []int) *Result {
	d := &decoder{m: m, p: p, only: only, out: &Result{Waits: map[int][]otaxml.Unmap{}}}
	if m.fault != nil {
		d.refuse(-1, m.fault, "")
		return d.out
	}
	if !d.findHotel(codes) {
		return d.out
	}
	switch m.Action.Kind {
	case FreeRooms:
		d.freeRooms()
	case Inventory:
		d.inventory()
	case RatePlans:
		d.ratePlans()
	}
	if len(d.out.Statements) > ari.StatementsMax {
		d.refuse(-1, &Fault{Code: ari.CodeTooManyStatements, Path: m.list.Path(""), Expected: "a message that expands to at most 100000 statements; send it in parts"}, "")
	}
	if len(d.out.Refused) > 0 {
		d.out.Objects, d.out.Of, d.out.Replace, d.out.Statements, d.out.Waits, d.out.Warnings = nil, nil, nil, nil, nil, nil
	}
	return d.out
}

func (d *decoder) findHotel(codes Codes) bool {
	at, ext := d.m.list.Path("HotelCode"), d.m.hotel()
	h, status := codes.Property(ext)
	switch {
	case status == otaxml.Ignored:
		d.out.Nothing = &Fault{Code: otaxml.CodeIgnored, Path: at, Got: otaxml.Clip(ext, 40), Expected: "nothing was applied: this hotel is set to be ignored"}
		return false
	case status != otaxml.Known || h == nil:
		d.refuse(-1, &Fault{Code: otaxml.CodeUnmapped + "_" + ari.KindProperty, Path: at, Got: otaxml.Clip(ext, 40), Expected: "a hotel of this connection"}, "")
		d.out.Unmapped = []otaxml.Unmap{{Kind: ari.KindProperty, Code: ext, Path: at}}
		return false
	}
	d.h, d.cat, d.out.Property = h, h.Catalog(), h.Code()
	if d.cat == nil {
		d.cat = &ari.Catalog{}
	}
	h.Picture(func(p *ari.Picture) { d.day = p.Day() })
	return true
}

// whole tells whether the message counts as a whole, rather than one record of it.
func (d *decoder) whole() bool { return d.only == nil }

func (d *decoder) wanted(i int) bool { return d.only == nil || slices.Contains(d.only, i) }

func (d *decoder) refuse(record int, f *Fault, send Keyword) {
	if len(d.out.Refused) < notesMax {
		d.out.Refused = append(d.out.Refused, Note{record, f, send})
	}
}

func (d *decoder) warn(record int, f *Fault, send Keyword) {
	if len(d.out.Warnings) < notesMax {
		d.out.Warnings = append(d.out.Warnings, Note{record, f, send})
	}
}

// firstDay is the first date that the picture holds (S26): what ends before it is past.
func (d *decoder) firstDay() ari.StayDate { return d.day - 2 }

// lastDay is the last date that the picture holds.
func (d *decoder) lastDay() ari.StayDate { return d.day + 1095 }

// past tells whether a span lies wholly before what the picture holds.
func (d *decoder) past(s ari.Span) bool { return d.day != 0 && s.To < d.firstDay() }

// lookup answers the hub's code of a code of a record. false: the record waits, or is ignored by the mapping.
func (d *decoder) lookup(record int, kind, ext, path string) (string, bool) {
	code, status := d.h.Lookup(kind, ext)
	switch status {
	case otaxml.Known:
		return code, true
	case otaxml.Ignored:
		d.warn(record, &Fault{Code: otaxml.CodeIgnored, Path: path, Got: otaxml.Clip(ext, 40), Expected: "nothing was applied: this code is set to be ignored"}, "")
	default:
		if !slices.ContainsFunc(d.out.Waits[record], func(u otaxml.Unmap) bool { return u.Kind == kind && u.Code == ext }) {
			d.out.Waits[record] = append(d.out.Waits[record], otaxml.Unmap{Kind: kind, Code: ext, Path: path})
		}
	}
	return "", false
}

// room answers the hub's code of a room type, which must be there.
func (d *decoder) room(record int, ext, path string) (string, bool) {
	code, ok := d.lookup(record, ari.KindRoomType, ext, path)
	if ok && d.cat.RoomTypes[code] == nil {
		d.refuse(record, &Fault{Code: ari.CodeUnknownRoomType, Path: path, Got: otaxml.Clip(ext, 40), Expected: "a room category that Inventory has told"}, SendInventory)
		return "", false
	}
	return code, ok
}

func (d *decoder) put(record int, kind, code string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		d.refuse(record, otaxml.NewFault(otaxml.CodeInternal, "the object cannot be written"), "")
		return
	}
	d.out.Objects, d.out.Of = append(d.out.Objects, ari.ObjectOp{Kind: kind, Code: code, Body: body}), append(d.out.Of, record)
}

func (d *decoder) set(record int, scope ari.Scope, span ari.Span, f ari.Field, v ari.Value) {
	d.out.Statements = append(d.out.Statements, ari.Statement{Item: record, Verb: ari.Set, Scope: scope, Span: span, Field: f, Value: v})
}

func (d *decoder) replace(record int, scopes ari.ScopeSet, span ari.Span, fields ...ari.FieldSet) {
	d.out.Replace = append(d.out.Replace, ari.Extent{Item: max(record, 0), Fields: fields, Scopes: scopes, Span: span})
}
