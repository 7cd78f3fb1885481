package otaxml

import (
	"io"
	"strconv"
	"strings"
)

// Limits of one document. The body's own (16 MiB) is the caller's.
const (
	depthMax     = 64        // real messages reach 12 with their envelope
	elementsMax  = 1_000_000 // a full year of a large hotel has under 200,000
	attrsMax     = 128       // of one element; OTA's longest has 31
	attrValueMax = 4_096     // bytes; OTA's longest is 128, descriptions are text
	nameMax      = 256       // bytes of an element's or attribute's name
)

// node is one element. Text is that of the element itself, joined and trimmed.
type node struct {
	space, name string
	attrs       []attribute
	kids        []*node
	text        string
	parent      *node
	nth         int // among its siblings of the same name, from 1
}

// tree builds a document's nodes from its tokens.
type tree struct {
	root  *node
	open  []frame
	count int
	max   int    // elements
	slab  []node // for the elements to come
}

// slabNodes is for how many elements memory is taken at once; small documents take less.
const slabNodes = 256

// node answers a new element.
func (b *tree) node() *node {
	if len(b.slab) == 0 {
		b.slab = make([]node, min(slabNodes, max(16, b.count)))
	}
	n := &b.slab[0]
	b.slab = b.slab[1:]
	return n
}

// frame is an element that is not closed yet.
type frame struct {
	n    *node
	text []byte
	seen map[string]int // how many children of each name; nil up to namesScanned children, which are looked through instead
}

const namesScanned = 8

// readTree reads one document of so many elements at most: one root and nothing but blanks, comments and instructions around it. On error it answers what was read
// of it, for the answer's sake.
//
// Errors: *Fault.
func readTree(t tokenizer, elements int) (*node, error) {
	b := tree{max: elements}
	for {
		tok, err := t.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = b.add(&tok)
		}
		if err != nil {
			return b.root, err
		}
	}
	if b.root == nil {
		return nil, &Fault{Code: CodeNotXML, Got: "no element", Expected: "an XML document"}
	}
	return b.root, nil
}

func (b *tree) add(tok *token) error {
	switch tok.kind {
	case tokenStart:
		return b.start(tok)
	case tokenEnd:
		top := &b.open[len(b.open)-1]
		if top.n.text = string(top.text); top.n.name != "EchoData" { // a ping's text comes back unchanged
			top.n.text = strings.TrimSpace(top.n.text)
		}
		b.open = b.open[:len(b.open)-1]
	case tokenText:
		blank := strings.TrimSpace(tok.text) == ""
		if len(b.open) == 0 {
			if !blank {
				return &Fault{Code: CodeNotXML, Got: clip(strings.TrimSpace(tok.text), 40), Expected: "no text outside the root element"}
			}
			return nil
		}
		if top := &b.open[len(b.open)-1]; !blank || len(top.text) > 0 {
			top.text = append(top.text, tok.text...)
		}
	}
	return nil
}

func (b *tree) start(tok *token) error {
	n := b.node()
	n.space, n.name, n.attrs, n.nth = tok.space, tok.name, tok.attrs, 1
	b.count++
	if len(b.open) > 0 {
		n.parent = b.open[len(b.open)-1].n
	}
	if len(b.open) >= depthMax || b.count > b.max {
		return &Fault{Code: CodeTooBig, Path: path(n.parent, ""), Got: clip(n.name, 40),
			Expected: "at most " + strconv.Itoa(depthMax) + " levels and " + strconv.Itoa(b.max) + " elements"}
	}
	if err := checkAttrs(n); err != nil {
		return err
	}
	switch {
	case n.parent != nil:
		n.nth = b.open[len(b.open)-1].number(n.name)
		n.parent.kids = append(n.parent.kids, n)
	case b.root != nil:
		return &Fault{Code: CodeNotXML, Got: "a second root element " + clip(n.name, 40), Expected: "one document"}
	default:
		b.root = n
	}
	b.open = append(b.open, frame{n: n})
	return nil
}

// number answers the number of the next child of that name, from 1.
func (f *frame) number(name string) int {
	if f.seen == nil && len(f.n.kids) < namesScanned {
		c := 1
		for _, k := range f.n.kids {
			if k.name == name {
				c++
			}
		}
		return c
	}
	if f.seen == nil {
		f.seen = map[string]int{}
		for _, k := range f.n.kids {
			f.seen[k.name]++
		}
	}
	f.seen[name]++
	return f.seen[name]
}

// checkAttrs refuses what encoding/xml lets through: an attribute told twice; and what is beyond the limits.
func checkAttrs(n *node) error {
	if len(n.attrs) > attrsMax || len(n.name) > nameMax {
		return &Fault{Code: CodeTooBig, Path: path(n, ""), Expected: "at most " + strconv.Itoa(attrsMax) + " attributes and names of at most " + strconv.Itoa(nameMax) + " bytes"}
	}
	for i, a := range n.attrs {
		if len(a.value) > attrValueMax || len(a.name) > nameMax {
			return &Fault{Code: CodeTooBig, Path: path(n, clip(a.name, 40)), Expected: "attributes of at most " + strconv.Itoa(attrValueMax) + " bytes"}
		}
		for _, b := range n.attrs[:i] {
			if a.name == b.name && a.space == b.space {
				return &Fault{Code: CodeNotXML, Path: path(n, a.name), Got: "the attribute twice", Expected: "well-formed XML"}
			}
		}
	}
	return nil
}

// attr answers the value of an attribute without namespace, and whether it is there.
func (n *node) attr(name string) (string, bool) {
	for _, a := range n.attrs {
		if a.name == name && a.space == "" {
			return strings.TrimSpace(a.value), true
		}
	}
	return "", false
}

// get answers the value of an attribute; "" if it is not there.
func (n *node) get(name string) string {
	v, _ := n.attr(name)
	return v
}

// kid answers the first child of that name; nil if there is none.
func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// all calls f for the children of that name, in order.
func (n *node) all(name string, f func(*node)) {
	for _, k := range n.kids {
		if k.name == name {
			f(k)
		}
	}
}

// path answers the XPath of an element, or of an attribute of it: "/OTA_HotelAvailNotifRQ/AvailStatusMessages/AvailStatusMessage[2]/@BookingLimit".
// An envelope is left out. Elements that repeat carry their number.
func path(n *node, attr string) string {
	if n == nil {
		return ""
	}
	var parts []string
	for x := n; x != nil; x = x.parent {
		p := clip(x.name, 40)
		if x.nth > 1 || x.parent != nil && repeats[x.name] {
			p += "[" + strconv.Itoa(x.nth) + "]"
		}
		parts = append(parts, p)
		if x.parent != nil && x.parent.name == "Body" && x.parent.parent != nil && x.parent.parent.name == "Envelope" {
			break
		}
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(parts[i])
	}
	if attr != "" {
		b.WriteString("/@")
		b.WriteString(attr)
	}
	return b.String()
}

// repeats are the elements whose path names their number even when it is the first.
var repeats = map[string]bool{
	"AvailStatusMessage": true, "RateAmountMessage": true, "Inventory": true, "LengthOfStay": true, "RestrictionStatus": true,
	"RatePlan": true, "BookingRule": true, "RuleMessage": true, "SellableProduct": true, "GuestRoom": true, "Occupancy": true, "InvBlock": true, "RoomType": true,
	"RoomTypeAllocations": true, "RoomTypeAllocation": true, "HotelDescriptiveContent": true, "Offer": true, "Supplement": true,
	"Rate": true, "BaseByGuestAmt": true, "AdditionalGuestAmount": true, "InvCount": true, "DestinationSystemCode": true,
	"HotelAvailRequest": true, "HotelInvCountRequest": true, "HotelInvBlockRequest": true, "RatePlanCandidate": true, "RoomTypeCandidate": true,
	"Error": true, "Warning": true,
}
