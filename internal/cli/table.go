package cli

import (
	"bufio"
	"io"
	"strings"

	"golang.org/x/text/width"
)

// table prints rows in columns. A column whose cells all look like numbers is aligned to the right.
type table struct {
	head []string
	rows [][]string
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(w io.Writer) error {
	widths, right := make([]int, len(t.head)), make([]bool, len(t.head))
	for i, h := range t.head {
		widths[i], right[i] = columns(h), len(t.rows) > 0
		for _, r := range t.rows {
			widths[i] = max(widths[i], columns(r[i]))
			right[i] = right[i] && numeric(r[i])
		}
	}
	b := bufio.NewWriter(w)
	for _, r := range append([][]string{t.head}, t.rows...) {
		var line strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-columns(c))
			if i > 0 {
				line.WriteString("  ")
			}
			if right[i] {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.Flush()
}

// columns answers how many columns of a terminal a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// numeric tells whether a cell is a number, or empty.
func numeric(s string) bool {
	return strings.Trim(s, "0123456789.,-+ ") == "" && len(s) < 24
}
