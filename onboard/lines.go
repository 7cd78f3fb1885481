package onboard

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format of an import.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// Bounds of an import: each line is judged with its results in memory.
const (
	LinesMax   = 200_000   // 3,000 hotels with ten room types, ten plans and their mappings are 120,000
	LineMax    = 256 << 10 // bytes of one line of NDJSON
	ColumnsMax = 200
)

// Line is one line of an import: one thing that is to be so. Either Object or Cells is told; or Bad says why it could not be read.
type Line struct {
	N      int    // its number in the file, from 1
	Object []byte // of NDJSON
	Cells  []Cell // of CSV: those that are not empty, in the order of columns
	Bad    string // what was expected, of a line that cannot be read
	Got    string
}

// Cell is what one column of a line says.
type Cell struct{ Column, Text string }

// Cell answers what a column of a line of CSV says; "" if nothing.
func (l *Line) Cell(column string) string {
	for _, c := range l.Cells {
		if c.Column == column {
			return c.Text
		}
	}
	return ""
}

// Sniff answers the format of an import from how it begins.
func Sniff(body []byte) Format {
	if bytes.HasPrefix(bytes.TrimLeft(trimBOM(body), " \t\r\n"), []byte("{")) {
		return NDJSON
	}
	return CSV
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }

// ReadLines reads an import into its lines. Empty lines are passed over, and lines of CSV that begin with #.
//
// Errors: what is wrong with the whole: no head, a column told twice, too many lines.
func ReadLines(f Format, body []byte) ([]Line, error) {
	body = trimBOM(body)
	if f == NDJSON {
		return readNDJSON(body)
	}
	return readCSV(body)
}

func readNDJSON(body []byte) (out []Line, err error) {
	for n := 1; len(body) > 0; n++ {
		line := body
		if i := bytes.IndexByte(body, '\n'); i >= 0 {
			line, body = body[:i], body[i+1:]
		} else {
			body = nil
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(out) == LinesMax {
			return nil, fmt.Errorf("line %d: at most %d lines", n, LinesMax)
		}
		if len(line) > LineMax {
			out = append(out, Line{N: n, Bad: fmt.Sprintf("a line of at most %d bytes", LineMax), Got: fmt.Sprint(len(line))})
			continue
		}
		out = append(out, Line{N: n, Object: line})
	}
	return out, nil
}

// delimiter sees from the head what separates the columns: spreadsheets of some countries write semicolons.
func delimiter(head string) rune {
	for _, d := range []rune{',', ';', '\t'} {
		if strings.ContainsRune(head, d) {
			return d
		}
	}
	return ','
}

func readCSV(body []byte) (out []Line, err error) {
	r := reader(body)
	columns, err := readHead(r)
	if err != nil {
		return nil, err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if len(out) == LinesMax {
			return nil, fmt.Errorf("at most %d lines", LinesMax)
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			out = append(out, Line{N: bad.StartLine, Bad: "CSV as of RFC 4180: a cell with a quote is quoted, and its quotes are doubled", Got: bad.Err.Error()})
			continue
		}
		if err != nil {
			return nil, err
		}
		n, _ := r.FieldPos(0)
		out = append(out, lineOf(n, columns, record))
	}
}

// WithType answers CSV without a column type as CSV in which every line is of one, and without the columns named in drop. Lines keep their numbers.
func WithType(body []byte, name string, drop []string) ([]byte, error) {
	r := reader(trimBOM(body))
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var kept []int
	ended, counted := 0, 0 // lines written, and the bytes that they were counted in
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) && !first {
			w.Flush()
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		if first {
			if slices.Contains(record, "type") {
				return nil, errors.New("line 1: a column type: send it to /v1/imports")
			}
			for i, c := range record {
				if !slices.Contains(drop, strings.TrimSpace(c)) {
					kept = append(kept, i)
				}
			}
		}
		n, _ := r.FieldPos(0)
		w.Flush()
		ended += bytes.Count(out.Bytes()[counted:], []byte("\n"))
		for ; ended < n-1; ended++ {
			out.WriteByte('\n') // of a comment or an empty line
		}
		counted = out.Len()
		line := []string{name}
		if first {
			line[0] = "type"
		}
		for _, i := range kept {
			if i < len(record) {
				line = append(line, record[i])
			}
		}
		if len(record) > 0 {
			_ = w.Write(line) // a buffer takes all
		}
	}
}

// reader answers a reader of CSV as imports take it.
func reader(body []byte) *csv.Reader {
	head, _, _ := strings.Cut(string(body[:min(len(body), LineMax)]), "\n")
	r := csv.NewReader(bytes.NewReader(body))
	r.Comma, r.Comment, r.FieldsPerRecord, r.ReuseRecord = delimiter(head), '#', -1, true
	return r
}

// readHead reads the names of the columns.
func readHead(r *csv.Reader) ([]string, error) {
	record, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: want the names of the columns: %w", err)
	}
	if len(record) > ColumnsMax {
		return nil, fmt.Errorf("line 1: at most %d columns", ColumnsMax)
	}
	columns, seen := make([]string, len(record)), map[string]bool{}
	for i, c := range record {
		c = strings.TrimSpace(c)
		if seen[c] && c != "" {
			return nil, fmt.Errorf("line 1: column %s is there twice", c)
		}
		seen[c] = true
		columns[i] = c
	}
	if !seen["type"] {
		return nil, fmt.Errorf("line 1: no column type; the columns are %s", strings.Join(columns[:min(len(columns), namesMax)], ", "))
	}
	return columns, nil
}

func lineOf(n int, columns, record []string) Line {
	l := Line{N: n}
	for i, text := range record {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case !utf8.ValidString(text):
			return Line{N: n, Bad: "text in UTF-8: save the file as CSV UTF-8", Got: strings.ToValidUTF8(text, "?")}
		case i >= len(columns) || columns[i] == "":
			return Line{N: n, Bad: fmt.Sprintf("at most %d cells, one for each named column", len(columns)), Got: text}
		default:
			l.Cells = append(l.Cells, Cell{strings.Clone(columns[i]), text})
		}
	}
	return l
}
