package httpapi

import (
	"errors"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// may tells whether the caller may do what a scope names. Who comes with the connection's own password may do all that the connection may.
func (c *otaCall) may(scope string) bool {
	w := &c.r.who
	return w.client == "" && w.person == "" || slices.Contains(w.scopes, scope)
}

// pull answers a message that asks, from the picture of this node: it need not be the writer. Nothing is kept of it.
func (c *otaCall) pull(parseErr error) error {
	s := c.e.a.s
	if fault := (*otaxml.Fault)(nil); errors.As(parseErr, &fault) {
		return c.refuse(fault)
	}
	var err error
	if c.profile, err = c.e.profiles.of(s, &c.conn); err != nil {
		c.e.a.o.Log.Error("profile cannot be read", "connection", c.conn.ID, "error", err.Error())
		return c.refuse(otaxml.NewFault(otaxml.CodeInternal, "the connection's profile cannot be read"))
	}
	if c.conn.NoPull || !c.may(scopeARIRead) {
		return c.refuse(otaxml.NewFault(otaxml.CodeForbidden, "this connection may not read (setting no_pull, scope ari:read)"))
	}
	hotel, fault := c.hotelAsked()
	if fault != nil {
		return c.refuse(fault)
	}
	from := otaxml.PullFrom{At: c.now, Hotel: hotel, Outward: c.outward(hotel.Code()), CellsMax: gridCellsMax}
	var read *otaxml.Pull
	err = s.Read(hotel.Code(), func(p *ari.Picture) error {
		read = otaxml.ReadPull(c.message, c.profile, from, p)
		return nil
	})
	if err != nil {
		return c.submitError(nil, err)
	}
	reply := read.Reply()
	c.r.w.Header().Set("Content-Type", reply.ContentType)
	return c.r.bytes(reply.Status, reply.Body)
}

// hotelAsked answers the hotel that a message asks about. One that the connection or the token may not read is answered as one that is not there.
func (c *otaCall) hotelAsked() (otaxml.Hotel, *otaxml.Fault) {
	code := c.message.HotelCode
	if code == "" && c.profile.AbsentHotel == "refuse" {
		return nil, otaxml.NewFault(otaxml.CodeMissing, "HotelRef/@HotelCode: the hotel's code")
	}
	h, status := (&otaCodes{s: c.e.a.s, conn: &c.conn}).Property(code)
	if status != otaxml.Known || !covers(c.conn.Properties, h.Code()) || !c.r.who.may(h.Code()) {
		return nil, &otaxml.Fault{Code: otaxml.CodeUnmapped + "_" + ari.KindProperty, Got: clipText(code, 40), Expected: "a hotel code of this connection"}
	}
	return h, nil
}

func covers(list []string, code string) bool { return len(list) == 0 || slices.Contains(list, code) }

func clipText(s string, max int) string { return otaxml.Clip(s, max) }

// outwardCodes is a connection's mapping the other way round, of one property: by kind, the partner's code of each of the hub's. A kind that is not
// there has the hub's own codes.
type outwardCodes map[string]map[string]string

func (c *otaCall) outward(property string) outwardCodes {
	o := outwardCodes{}
	for _, kind := range []string{ari.KindRoomType, ari.KindRatePlan} {
		if codes, own := c.e.a.s.ExternalCodes(c.conn.ID, property, kind); !own {
			o[kind] = codes
		}
	}
	return o
}

// Outward answers the partner's code of one of the hub's; "" if it has none.
func (o outwardCodes) Outward(kind, code string) string {
	if codes, mapped := o[kind]; mapped {
		return codes[code]
	}
	return code
}

// report takes an OTA_NotifReportRQ: it is kept, with what the partner says of each item, and acknowledged after the commit.
func (c *otaCall) report(body []byte) error {
	property := ""
	if c.message.HotelCode != "" {
		if h, status := (&otaCodes{s: c.e.a.s, conn: &c.conn}).Property(c.message.HotelCode); status == otaxml.Known && covers(c.conn.Properties, h.Code()) {
			property = h.Code()
		}
	}
	s := &hub.Submission{
		Update:  ari.Update{By: ari.Author{Kind: ari.ByMessage, ID: c.conn.ID}, RequestID: c.r.id},
		Message: c.keep(body, property),
		Refused: c.message.Report.Refusals(),
	}
	s.Message.Raw = s.Message.Raw[:min(len(s.Message.Raw), bodyMax)]
	if _, err := c.e.a.s.Submit(c.r.Context(), s); err != nil {
		return c.submitError(nil, err)
	}
	return c.answer(otaxml.Answer{At: c.now})
}
