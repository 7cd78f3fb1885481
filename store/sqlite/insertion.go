package sqlite

import "strings"

// insertion is the text of an insert of several rows at once, in a few sizes: one parse and one trip through the driver for many rows.
type insertion struct {
	head  string // insert into t (a, b)
	row   string // (?, ?)
	tail  string // on conflict ...
	texts map[int]string
}

// chunks are the sizes, largest first. Larger ones gained nothing more.
var chunks = []int{64, 8, 1}

func newInsertion(verb, table, columns, tail string) *insertion {
	marks := strings.Repeat("?, ", strings.Count(columns, ","))
	ins := &insertion{head: verb + " into " + table + " (" + columns + ") values ", row: "(" + marks + "?)", tail: " " + tail, texts: map[int]string{}}
	for _, n := range chunks {
		ins.texts[n] = ins.head + strings.Repeat(ins.row+", ", n-1) + ins.row + ins.tail
	}
	return ins
}

// size answers the largest size that n rows fill.
func (ins *insertion) size(n int) int {
	for _, c := range chunks {
		if c <= n {
			return c
		}
	}
	return 1
}

func (ins *insertion) text(size int) string { return ins.texts[size] }
