package otaxml

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// define adds an object that the item makes or changes: a value of ari's type of that kind. The rest of the message sees it. What is so
// already is not told again.
func (x *itemDecoder) define(kind, code string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		x.fault(CodeInternal, x.it.n, "", "", "an object that can be written")
		return
	}
	if bytes.Equal(body, x.cat.Body(kind, code)) {
		return
	}
	x.out.Objects = append(x.out.Objects, ari.ObjectOp{Kind: kind, Code: code, Body: body, Item: x.it.Index})
	x.ownCatalog()
	switch v := v.(type) {
	case *ari.RatePlan:
		remember(x, x.cat.Plans, code, v)
	case *ari.RoomType:
		if x.cat.RoomTypes[code] == nil {
			x.cat.RoomCodes = withCode(x.cat.RoomCodes, code)
		}
		remember(x, x.cat.RoomTypes, code, v)
	case *ari.RoomClass:
		remember(x, x.cat.Classes, code, v)
	case *ari.RateCategory:
		remember(x, x.cat.Categories, code, v)
	case *ari.Block:
		remember(x, x.cat.Blocks, code, v)
	}
}

// ownCatalog gives the message a catalog of its own to put definitions in: the hotel's is only read.
func (d *decoder) ownCatalog() {
	if d.own {
		return
	}
	c := *d.cat
	c.Plans, c.RoomTypes, c.Classes = cloned(c.Plans), cloned(c.RoomTypes), cloned(c.Classes)
	c.Categories, c.Blocks = cloned(c.Categories), cloned(c.Blocks)
	c.RoomCodes = slices.Clone(c.RoomCodes)
	d.cat, d.own = &c, true
}

func cloned[T any](m map[string]*T) map[string]*T {
	if m == nil {
		return map[string]*T{}
	}
	return maps.Clone(m)
}

// remember puts an object into the message's catalog until the item that defines it is refused or parked.
func remember[T any](x *itemDecoder, m map[string]*T, code string, v *T) {
	old, had := m[code]
	x.undo = append(x.undo, func() {
		if had {
			m[code] = old
		} else {
			delete(m, code)
		}
	})
	m[code] = v
}

// takeBack forgets what an item that does not apply has defined. A room type's code may stay listed: lookups tell that it is not there.
func (x *itemDecoder) takeBack() {
	for _, u := range slices.Backward(x.undo) {
		u()
	}
	x.undo = nil
}

func withCode(list []string, code string) []string {
	i, found := slices.BinarySearch(list, code)
	if found {
		return list
	}
	return slices.Insert(list, i, code)
}

// category makes a rate category that is not there yet.
func (x *itemDecoder) category(code string) {
	if x.cat.Categories[code] == nil {
		x.define(ari.KindRateCategory, code, &ari.RateCategory{Code: code})
	}
}

// class makes a room class that is not there yet.
func (x *itemDecoder) class(code string) {
	if x.cat.Classes[code] == nil {
		x.define(ari.KindRoomClass, code, &ari.RoomClass{Code: code})
	}
}

// told lists an attribute that says something and is left out. A profile may not want to hear of it: Ignored, not a warning.
func (x *itemDecoder) ignoreAttrs(n *node, attrs ...string) {
	for _, a := range attrs {
		if _, ok := n.attr(a); ok {
			x.ignore(n, a)
		}
	}
}

// warn says that something was left out which its sender should hear of, by name.
func (x *itemDecoder) warn(n *node, attr, got, what string) {
	if len(x.out.Warnings) < 20 {
		x.out.Warnings = append(x.out.Warnings, &Fault{Code: CodeIgnored, Path: path(n, attr), Got: clip(got, 80), Expected: what})
	}
}

// title answers a name for people: an attribute, else the text of a description.
func title(n *node, attrs ...string) string {
	for _, a := range attrs {
		if v := n.get(a); v != "" {
			return clip(v, titleMax)
		}
	}
	d := n.kid("Description")
	if d == nil {
		return ""
	}
	if v := d.get("Name"); v != "" {
		return clip(v, titleMax)
	}
	if t := d.kid("Text"); t != nil {
		return clip(t.text, titleMax)
	}
	return clip(d.text, titleMax)
}

// titleMax bounds names for people; OTA's longest is 128.
const titleMax = 128
