package canonical

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a document.
type Fault struct {
	Code     string `json:"code" doc:"Stable code of the fault."`
	Pointer  string `json:"pointer" doc:"JSON pointer (RFC 6901) to the place; empty: the whole document."`
	Expected string `json:"expected,omitempty" doc:"What would be right."`
	Got      string `json:"got,omitempty" doc:"What came, clipped."`
	Fix      string `json:"fix,omitempty" doc:"What to do about it."`
}

// Codes of faults.
const (
	CodeSyntax       = "bad_json"
	CodeType         = "field_type"
	CodeUnknownField = "unknown_field"
	CodeMissing      = "missing_field"
	CodeTwice        = "told_twice"
	CodeRange        = "value_out_of_range"
	CodeFormat       = "bad_format"
	CodeSpan         = "bad_span"
	CodeScope        = "scope_not_allowed"
	CodeEmpty        = "says_nothing"
	CodeTooMany      = "too_many"
)

// Error is every fault of a document, at most FaultsMax, in the order they were met.
type Error struct {
	Faults []Fault
	More   int // faults beyond FaultsMax
}

// FaultsMax bounds how many faults are told: enough to mend a message in one go, too few to make an answer large.
const FaultsMax = 100

// Error answers the first fault and how many there are.
func (e *Error) Error() string {
	f := e.Faults[0]
	s := fmt.Sprintf("%s: %s", f.Code, f.Expected)
	if f.Pointer != "" {
		s = fmt.Sprintf("%s: %s: want %s", f.Pointer, f.Code, f.Expected)
	}
	if f.Got != "" {
		s += ", got " + f.Got
	}
	if n := len(e.Faults) - 1 + e.More; n > 0 {
		s += fmt.Sprintf(" (and %d more)", n)
	}
	return s
}

// Pointer answers a JSON pointer of reference tokens, escaped.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(EscapeToken(t))
	}
	return b.String()
}

// EscapeToken escapes one reference token of a JSON pointer.
func EscapeToken(t string) string {
	if !strings.ContainsAny(t, "~/") {
		return t
	}
	return strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1")
}

// Clip shortens what is shown of hostile input.
func Clip(b []byte) string {
	const most = 60
	if len(b) <= most {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return strings.ToValidUTF8(string(b[:most]), "\uFFFD") + "..."
}

// Nearest answers the name closest to a misspelt one, "" if none is close: for "did you mean".
func Nearest(name string, names []string) string {
	best, at := "", min(3, len(name)/2+1)
	for _, n := range names {
		if d := distance(name, n, at); d < at {
			best, at = n, d
		}
	}
	return best
}

// distance is Levenshtein's, giving up at most.
func distance(a, b string, most int) int {
	if len(a) > 64 || len(b) > 64 || len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	var row [65]int
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}
