package otaxml

import (
	"fmt"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// Fault says precisely what is wrong with a message or an item of it, or what is worth a warning.
type Fault struct {
	Code     string // ours, stable: one of the codes below or of ari's item errors
	Path     string // XPath of the element or attribute; "" for the whole message
	Got      string // clipped
	Expected string // what was wanted, for a person
}

// Error answers one line.
func (f *Fault) Error() string {
	s := f.Code
	if f.Path != "" {
		s += " at " + f.Path
	}
	if f.Got != "" {
		s += fmt.Sprintf(": got %q", f.Got)
	}
	if f.Expected != "" {
		s += ": " + f.Expected
	}
	return s
}

// Codes of faults. Those of ari's item errors appear too.
const (
	CodeNotXML         = "not_xml"
	CodeEncoding       = "encoding"
	CodeDTD            = "dtd"
	CodeTooBig         = "beyond_limits"
	CodeNotOTA         = "not_ota"
	CodeNotImplemented = "not_implemented"
	CodeEnvelope       = "bad_envelope"
	CodeMustUnderstand = "must_understand"
	CodeTestOnLive     = "test_on_production"
	CodeMissing        = "missing"
	CodeValue          = "invalid_value"
	CodeDate           = "invalid_date"
	CodeRangeOrder     = "bad_range"
	CodeWeekdays       = "bad_weekdays"
	CodeNights         = "invalid_nights"
	CodeGuests         = "invalid_guests"
	CodeCurrency       = "other_currency"
	CodeAmount         = "invalid_amount"
	CodeContradiction  = "contradiction"
	CodeUnsupported    = "unsupported"
	CodeUnmapped       = "unmapped" // followed by _property, _room_type ...
	CodeRollback       = "rollback" // the series was rolled back: nothing is applied
	CodeIgnored        = "ignored"
	CodeCannotEvaluate = "cannot_evaluate"
	CodeTrimmed        = "beyond_horizon"
	CodeWaiting        = "waiting"
	CodeBusy           = "busy"
	CodeUnavailable    = "unavailable"
	CodeInternal       = "internal"
	CodeAuth           = "authentication"
	CodeForbidden      = "forbidden"
	CodeMore           = "more"
	CodeAllOrNothing   = "all_or_nothing"
	CodeNoMatch        = "no_match" // a request that selects nothing
	CodeLeftOut        = "left_out" // of an answer: it cannot be said in OTA
)

// otaCode is how a fault is told to an OTA partner: the error warning type (EWT) and the error code (ERR) of the code lists.
type otaCode struct{ ewt, err string }

// otaCodes is the one table of what we answer. EWT: 2 no implementation, 3 business rule, 4 authentication, 6 authorization, 7 protocol
// violation, 10 required field missing, 11 advisory, 12 processing exception, 13 application error. ERR as in each comment.
//
// Source: docs/protocols/ota-xml.md, "Answers"; OpenTravel code list 2024-09-04, tables EWT and ERR.
var otaCodes = map[string]otaCode{
	CodeNotXML:         {"7", "367"}, // 367 invalid format
	CodeEncoding:       {"7", "367"},
	CodeDTD:            {"7", "367"},
	CodeTooBig:         {"7", "367"},
	CodeEnvelope:       {"7", "367"},
	CodeMustUnderstand: {"7", "367"},
	CodeNotOTA:         {"2", "459"}, // 459 invalid request code
	CodeNotImplemented: {"2", "459"},
	CodeTestOnLive:     {"7", "320"}, // 320 invalid value
	CodeMissing:        {"10", "321"},
	CodeValue:          {"3", "320"},
	CodeDate:           {"3", "15"}, // 15 invalid date
	CodeRangeOrder:     {"3", "404"},
	CodeWeekdays:       {"3", "369"},
	CodeNights:         {"3", "362"},
	CodeGuests:         {"3", "397"},
	CodeCurrency:       {"3", "61"},
	CodeAmount:         {"3", "320"},
	CodeContradiction:  {"3", "320"},
	CodeUnsupported:    {"2", "450"}, // 450 unable to process

	CodeUnmapped + "_" + ari.KindProperty:     {"3", "392"}, // 392 invalid hotel code
	CodeUnmapped + "_" + ari.KindRoomType:     {"3", "402"}, // 402 invalid room type
	CodeUnmapped + "_" + ari.KindRoomClass:    {"3", "402"},
	CodeUnmapped + "_" + ari.KindRatePlan:     {"3", "249"}, // 249 invalid rate code
	CodeUnmapped + "_" + ari.KindRateCategory: {"3", "249"},
	CodeUnmapped + "_" + ari.KindBlock:        {"3", "358"}, // 358 group code
	CodeUnmapped + "_" + KindChannel:          {"3", "320"},

	CodeRollback:       {"11", ""},
	CodeIgnored:        {"11", ""},
	CodeCannotEvaluate: {"11", "320"},
	CodeTrimmed:        {"11", "458"}, // 458 date outside inventory period
	ari.CodeSuperseded: {"11", ""},
	CodeWaiting:        {"3", "450"},
	CodeAllOrNothing:   {"3", "450"},
	CodeMore:           {"11", ""},
	CodeNoMatch:        {"3", "425"}, // 425 no match found
	CodeLeftOut:        {"11", ""},

	CodeBusy:        {"12", "191"}, // 191 system busy: passing, S27
	CodeUnavailable: {"12", "187"}, // 187 system currently unavailable: passing
	CodeInternal:    {"13", "197"}, // 197 undetermined error, please report
	CodeAuth:        {"4", "175"},  // 175 password invalid: also for an unknown user, which we do not tell apart
	CodeForbidden:   {"6", "497"},  // 497 authorization error

	ari.CodeUnknownRoomType:   {"3", "402"},
	ari.CodeUnknownRoomClass:  {"3", "402"},
	ari.CodeUnknownPool:       {"3", "402"},
	ari.CodeUnknownRatePlan:   {"3", "249"},
	ari.CodeUnknownCategory:   {"3", "249"},
	ari.CodeUnknownBlock:      {"3", "358"},
	ari.CodeNotOwner:          {"6", "497"},
	ari.CodeScope:             {"3", "320"},
	ari.CodeRange:             {"3", "320"},
	ari.CodeSpan:              {"3", "404"},
	ari.CodePast:              {"3", "458"},
	ari.CodeTooManyCells:      {"3", "450"},
	ari.CodeTooManyChannels:   {"3", "450"},
	ari.CodeTooManyStatements: {"3", "450"},
	ari.CodeAdjustUnset:       {"3", "450"},
	ari.CodeAdjustBasis:       {"3", "450"},
	ari.CodeAdjustNoID:        {"3", "450"},
	ari.CodeRateBasis:         {"3", "364"}, // 364 rate range error
}

// OTA answers the fault's error warning type and error code; the code is "" where the list has none that fits. A code without a line
// in the table is told as an application error.
func (f *Fault) OTA() (ewt, err string) {
	c, ok := otaCodes[f.Code]
	if !ok {
		c = otaCodes[CodeInternal]
	}
	return c.ewt, c.err
}

// tells reports whether Expected says what was done, rather than what was wanted.
func (f *Fault) tells() bool {
	ewt, _ := f.OTA()
	return ewt == "11" || strings.HasPrefix(f.Code, CodeUnmapped) && f.Code != CodeUnmapped+"_"+ari.KindProperty
}

// NewFault answers a fault of the whole message: CodeBusy, CodeAuth, CodeForbidden, CodeUnavailable, CodeInternal ...
func NewFault(code, text string) *Fault { return &Fault{Code: code, Expected: clip(text, 400)} }

// ItemFault answers the fault of what ari refused of an item.
func ItemFault(e *ari.ItemError) *Fault {
	return &Fault{Code: e.Code, Path: e.Path, Got: clip(e.Got, 80), Expected: clip(e.Expected, 400)}
}

func (f *Fault) itemError(item int) *ari.ItemError {
	return &ari.ItemError{Item: item, Code: f.Code, Path: f.Path, Got: f.Got, Expected: f.Expected}
}

// clip keeps hostile input short and printable, on a rune border.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && s[max]&0xc0 == 0x80 {
		max--
	}
	return s[:max] + "..."
}
