package alpinebits

import (
	"strconv"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

func itoa(n int) string { return strconv.Itoa(n) }

// number reads a whole number attribute of least to most; told is false if it is absent.
func number(n *element, attr string, least, most int64) (v int64, told bool, f *Fault) {
	s, ok := n.Attr(attr)
	if !ok {
		return 0, false, nil
	}
	v, good := otaxml.ParseInt(s)
	if !good || v < least || v > most {
		return 0, true, bad(n, attr, "a whole number of "+strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10))
	}
	return v, true, nil
}

// required is number of an attribute that must be there.
func required(n *element, attr string, least, most int64) (int64, *Fault) {
	v, told, f := number(n, attr, least, most)
	if f == nil && !told {
		f = missing(n, "@"+attr, "a whole number")
	}
	return v, f
}

// amount reads an amount of money of 0 or more.
func amount(n *element, attr string) (ari.Amount, *Fault) {
	s, ok := n.Attr(attr)
	if !ok {
		return 0, missing(n, "@"+attr, "an amount")
	}
	a, err := ari.ParseAmount(s)
	if err != nil || a < 0 {
		return 0, &Fault{Code: otaxml.CodeAmount, Path: n.Path(attr), Got: otaxml.Clip(s, 40), Expected: "an amount of 0 or more, at most 4 decimals"}
	}
	return a, nil
}

// flag reads a boolean attribute; absent is def.
func flag(n *element, attr string, def bool) (bool, *Fault) {
	s, ok := n.Attr(attr)
	if !ok {
		return def, nil
	}
	v, good := otaxml.ParseBool(s)
	if !good {
		return false, bad(n, attr, "true or false")
	}
	return v, nil
}
