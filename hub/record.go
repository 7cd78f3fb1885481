package hub

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ratewire/ratewire/ari"
)

// detailItemsMax bounds the items listed in a message's record: the entry has them all.
const detailItemsMax = 1000

// record adds the message's record to the batch, with what became of it.
func (m *machine) record(b *batch, c *Call, verdict string, revision int64, items []ari.ItemResult, err error) {
	msg := c.sub.Message
	msg.Verdict, msg.Revision = verdict, revision
	start := len(b.details)
	b.details = appendDetail(b.details, items, err)
	msg.Detail = b.details[start:len(b.details):len(b.details)]
	b.bytes += len(msg.Raw) + len(msg.Detail)
	b.out.Messages = append(b.out.Messages, *msg)
}

// completeMessage fills in what the message shares with its update, and makes its texts ones that every store keeps.
func completeMessage(s *Submission) {
	msg, u := s.Message, &s.Update
	if msg == nil {
		return
	}
	if msg.ID == "" {
		msg.ID = u.MessageID
	}
	if msg.Received.IsZero() {
		msg.Received = u.Received
	}
	if msg.Connection == "" {
		msg.Connection = u.Connection
	}
	if msg.Property == "" {
		msg.Property = u.Property
	}
	for _, t := range []*string{&msg.ID, &msg.Connection, &msg.Property, &msg.Protocol, &msg.Kind, &msg.Source} {
		*t = plainText(*t)
	}
}

// plainTextMax bounds texts that come from outside and are kept as names.
const plainTextMax = 256

// plainText answers valid UTF-8 without control characters, at most plainTextMax bytes.
func plainText(s string) string {
	if len(s) <= plainTextMax && utf8.ValidString(s) && strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if isControl(r) {
			return '?'
		}
		return r
	}, s)
	for len(s) > plainTextMax {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func sortItems(items []ari.ItemResult) {
	slices.SortStableFunc(items, func(a, b ari.ItemResult) int { return a.Item - b.Item })
}

var itemVerdicts = [...]string{
	ari.ItemApplied: "applied", ari.ItemUnchanged: "unchanged", ari.ItemSuperseded: "superseded",
	ari.ItemRefused: "refused", ari.ItemWaiting: "waiting", ari.ItemParked: "parked",
}

// appendDetail appends {"items":[{"item":0,"verdict":"applied","changed":3}],"error":"..."}. It is written by hand since every message has one.
func appendDetail(b []byte, items []ari.ItemResult, err error) []byte {
	b = append(b, '{')
	var refused *ari.UpdateError
	if errors.As(err, &refused) {
		items = make([]ari.ItemResult, len(refused.Items))
		for i, e := range refused.Items {
			items[i] = ari.ItemResult{Item: e.Item, Verdict: ari.ItemRefused, Err: e}
		}
	} else if err != nil {
		b = appendText(append(b, `"error":`...), err.Error())
	}
	if len(items) > 0 {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, `"items":[`...)
		for i := range items[:min(len(items), detailItemsMax)] {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendItem(b, &items[i])
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendItem(b []byte, r *ari.ItemResult) []byte {
	b = strconv.AppendInt(append(b, `{"item":`...), int64(r.Item), 10)
	b = appendText(append(b, `,"verdict":`...), itemVerdicts[r.Verdict])
	for _, n := range [...]struct {
		name string
		n    int
	}{{"changed", r.Changed}, {"superseded", r.Superseded}, {"trimmed", r.Trimmed}} {
		if n.n != 0 {
			b = append(append(append(b, `,"`...), n.name...), `":`...)
			b = strconv.AppendInt(b, int64(n.n), 10)
		}
	}
	if e := r.Err; e != nil {
		b = appendText(append(b, `,"code":`...), e.Code)
		b = appendText(append(b, `,"path":`...), e.Path)
		b = appendText(append(b, `,"got":`...), e.Got)
		b = appendText(append(b, `,"expected":`...), e.Expected)
	}
	return append(b, '}')
}

// plainJSON tells whether a text needs no escapes.
func plainJSON(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// appendText appends a JSON string.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	if plainJSON(s) {
		return append(append(b, s...), '"')
	}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
