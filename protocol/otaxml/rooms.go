package otaxml

import (
	"encoding/json"
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// sellableProduct reads a SellableProduct of OTA_HotelInvNotifRQ: a room type with its occupancies.
func (x *itemDecoder) sellableProduct() control {
	n := x.it.n
	c := control{n: n, span: ari.Undated}
	if !x.isRoom(n) {
		return c
	}
	guest := n.kid("GuestRoom")
	attr, at := "InvTypeCode", n
	code, told := x.code(n, "InvTypeCode")
	if !told {
		attr = "InvCode"
		code, told = x.code(n, "InvCode")
	}
	if room := roomOf(guest); !told && room != nil {
		attr, at = "RoomTypeCode", room
		code, told = x.code(room, "RoomTypeCode")
	}
	if !told {
		x.fault(CodeMissing, n, "InvTypeCode", "", "the room type's code")
		return c
	}
	hub := x.lookup(&c, at, attr, ari.KindRoomType, code)
	c.scopes = []ari.Scope{ari.RoomScope(hub)}
	r := x.roomType(hub)
	x.inventoryAttrs(c, n, r)
	if guest != nil {
		x.guestRoomParts(c, guest, r)
	}
	if name := title(n); name != "" {
		r.Name = name
	}
	x.defineRoom(n, r)
	return c
}

func roomOf(guest *node) *node {
	if guest == nil {
		return nil
	}
	return guest.kid("Room")
}

// isRoom tells whether a product is a room: meeting rooms, boards and extras are not sold here.
func (x *itemDecoder) isRoom(n *node) bool {
	kind := n.get("InvType")
	switch is, told := x.boolean(n, "IsRoom"); {
	case told && !is, kind != "" && !strings.EqualFold(kind, "ROOM"):
		x.warn(n, "InvType", kind, "left out: no room type, which is what is kept here")
		return false
	case n.kid("MeetingRooms") != nil:
		x.warn(n.kid("MeetingRooms"), "", "", "left out: meeting rooms are not kept here")
		return false
	case n.kid("InventoryBlock") != nil:
		x.fault(CodeUnsupported, n.kid("InventoryBlock"), "", "", "a room type: blocks come in "+KindInvBlockNotif)
		return false
	}
	return true
}

// roomType answers a copy of the room type as it is known, or a new one.
func (x *itemDecoder) roomType(code string) *ari.RoomType {
	if r := x.cat.RoomTypes[code]; r != nil {
		c := *r
		return &c
	}
	return &ari.RoomType{Code: code}
}

// inventoryAttrs reads the attributes of a SellableProduct beside its code.
func (x *itemDecoder) inventoryAttrs(c control, n *node, r *ari.RoomType) {
	switch kind := strings.ToLower(n.get("InvNotifType")); kind {
	case "new", "overlay": // the occupancies are those told, and no other
		r.MinOccupancy, r.StdOccupancy, r.MaxOccupancy, r.MaxAdults, r.MaxChildren = 0, 0, 0, 0, nil
	case "", "delta":
	default:
		x.fault(CodeValue, n, "InvNotifType", n.get("InvNotifType"), "New, Delta or Overlay")
	}
	x.statusType(n, "InvStatusType", &r.Inactive)
	if class, ok := x.code(n, "InvGroupingCode"); ok {
		if hub := x.lookup(&c, n, "InvGroupingCode", ari.KindRoomClass, class); c.skipped == "" {
			x.class(hub)
			r.Class = hub
		}
	}
	for _, a := range []string{"Start", "End", "Duration"} {
		if v, ok := n.attr(a); ok {
			x.warn(n, a, v, "left out: a room type is sold whenever it has rooms and rates; close it outside its dates")
		}
	}
	if k := n.kid("DestinationSystemCodes"); k != nil {
		x.destined(c, k)
	}
	for _, k := range n.kids {
		switch k.name {
		case "GuestRoom", "Description", "UniqueID", "DestinationSystemCodes", "TPA_Extensions":
		default:
			x.strange(k)
		}
	}
}

// statusType reads InvStatusType or RatePlanStatusType. Initial is not yet for sale (unconfirmed: the side that sells less).
func (x *itemDecoder) statusType(n *node, attr string, inactive *bool) {
	switch v := n.get(attr); strings.ToLower(v) {
	case "":
	case "active":
		*inactive = false
	case "deactivated", "initial":
		*inactive = true
	default:
		x.fault(CodeValue, n, attr, v, "Initial, Active or Deactivated")
	}
}

// destined reads destination systems of what is defined: who may sell it is not kept, so nobody may, unless the profile ignores them.
func (x *itemDecoder) destined(c control, n *node) {
	switch {
	case x.p.Destinations == "ignore":
		x.ignore(n, "")
	case x.p.Destinations == "refuse":
		x.fault(CodeUnsupported, n, "", "", "no destination systems (profile: destinations)")
	default:
		x.unknown(c, n, "", "DestinationSystems", string(appendCanonical(nil, n, false)))
	}
}

// guestRoomParts reads a GuestRoom of a SellableProduct.
func (x *itemDecoder) guestRoomParts(c control, n *node, r *ari.RoomType) {
	for _, k := range n.kids {
		switch k.name {
		case "Occupancy":
			x.occupancy(k, r)
		case "Room":
			if name := title(k, "RoomType"); name != "" && r.Name == "" {
				r.Name = name
			}
			if _, one := k.attr("RoomID"); one {
				x.ignore(k, "RoomID")
			}
		case "Description":
			if r.Name == "" {
				r.Name = title(n)
			}
		case "RoomLevelFees", "AdditionalGuestAmount": // they may be part of the price
			x.unknown(c, k, "", k.name, string(appendCanonical(nil, k, false)))
		case "Quantities", "Amenities", "TPA_Extensions":
			x.ignore(k, "")
		default:
			x.strange(k)
		}
	}
}

// occupancy reads an Occupancy: of all guests, of adults (10) or of children (8).
func (x *itemDecoder) occupancy(n *node, r *ari.RoomType) {
	lo, hasLo := x.guests(n, "MinOccupancy")
	hi, hasHi := x.guests(n, "MaxOccupancy")
	if hasLo && hasHi && hi < lo {
		x.fault(CodeGuests, n, "MaxOccupancy", n.get("MaxOccupancy"), "MinOccupancy or more")
	}
	switch age, _, _ := strings.Cut(n.get("AgeQualifyingCode"), "."); age {
	case "":
		if hasLo {
			r.MinOccupancy = lo
		}
		if hasHi {
			r.MaxOccupancy = hi
		}
	case agedAdult:
		if hasHi {
			r.MaxAdults = hi
		}
		if hasLo && lo > 1 {
			x.warn(n, "MinOccupancy", n.get("MinOccupancy"), "left out: a room type has no least number of adults here; it is not sold below its least number of guests")
		}
	case agedChild:
		if hasHi {
			r.MaxChildren = &hi
		}
	case agedInfant:
		x.warn(n, "AgeQualifyingCode", age, "left out: infants have no bound of their own here")
	default:
		x.fault(CodeUnsupported, n, "AgeQualifyingCode", n.get("AgeQualifyingCode"), "none, 10 adults, 8 children or 7 infants")
	}
}

// guests reads a number of guests of a room.
func (x *itemDecoder) guests(n *node, attr string) (int, bool) {
	v, ok := x.number(n, attr, false)
	if ok && v > guestsMax {
		x.fault(CodeGuests, n, attr, n.get(attr), "0 to 31 guests")
		return 0, false
	}
	return int(v), ok
}

// defineRoom checks a room type's bounds together, and defines it.
func (x *itemDecoder) defineRoom(n *node, r *ari.RoomType) {
	switch {
	case r.MaxOccupancy > 0 && (r.MinOccupancy > r.MaxOccupancy || r.StdOccupancy > r.MaxOccupancy):
		x.fault(CodeGuests, n, "", "", "occupancies with minimum and standard up to the maximum")
	case x.p.RoomDefinitions == "ignore":
		x.ignore(n, "")
	default:
		x.define(ari.KindRoomType, r.Code, r)
	}
}

// guestRoom reads a GuestRoom of OTA_HotelDescriptiveContentNotifRQ.
func (x *itemDecoder) guestRoom() control {
	n := x.it.n
	c := control{n: n, span: ari.Undated}
	typeRoom := n.kid("TypeRoom")
	code, told := x.code(n, "Code")
	attr, at := "Code", n
	if !told && typeRoom != nil {
		attr, at = "RoomTypeCode", typeRoom
		code, told = x.code(typeRoom, "RoomTypeCode")
	}
	if !told {
		if len(x.out.Faults) == 0 {
			x.warn(n, "Code", "", "left out: a description of rooms without a room type's code")
		}
		return c
	}
	if typeRoom != nil && typeRoom.get("RoomID") != "" {
		x.warn(typeRoom, "RoomID", typeRoom.get("RoomID"), "left out: single rooms are not kept here, room types are")
		return c
	}
	hub := x.lookup(&c, at, attr, ari.KindRoomType, code)
	c.scopes = []ari.Scope{ari.RoomScope(hub)}
	r := x.roomType(hub)
	if x.p.ContentOverwrite == "deactivate" {
		r.Inactive = false // an earlier message that did not name it may have ended it
	}
	x.contentOccupancies(n, typeRoom, r)
	if name := title(n, "RoomTypeName"); name != "" {
		r.Name = name
	}
	x.ignoreAttrs(n, "ID", "Quantity", "NonsmokingQuantity", "Composite", "Quality")
	for _, k := range n.kids {
		switch k.name {
		case "TypeRoom":
		case "Amenities", "Features", "MultimediaDescriptions", "DescriptiveText", "Description", "TPA_Extensions":
			x.ignore(k, "")
		default:
			x.strange(k)
		}
	}
	x.defineRoom(n, r)
	return c
}

func (x *itemDecoder) contentOccupancies(n, typeRoom *node, r *ari.RoomType) {
	for _, b := range []struct {
		attr string
		to   *int
	}{{"MinOccupancy", &r.MinOccupancy}, {"MaxOccupancy", &r.MaxOccupancy}, {"MaxAdultOccupancy", &r.MaxAdults}} {
		if v, ok := x.guests(n, b.attr); ok {
			*b.to = v
		}
	}
	if v, ok := x.guests(n, "MaxChildOccupancy"); ok {
		r.MaxChildren = &v
	}
	if typeRoom == nil {
		return
	}
	if v, ok := x.guests(typeRoom, "StandardOccupancy"); ok {
		r.StdOccupancy = v
	}
}

// content settles what a content message means as a whole: one that describes no room types changes nothing, and one that overwrites may
// mean that room types it does not name are gone.
func (d *decoder) content(r *Result) {
	if len(r.Items) == 0 {
		r.Nothing = &Fault{Code: CodeIgnored, Path: path(d.m.container, ""), Expected: "nothing was applied: content without room types is not kept here"}
		return
	}
	named := map[string]bool{}
	whole := overwrites(d.m.container)
	for i := range r.Items {
		x := &r.Items[i]
		whole = whole && len(x.Faults)+len(x.Unmapped) == 0 && x.Skipped == ""
	}
	if !whole || d.p.RoomDefinitions == "ignore" {
		return
	}
	for i := range d.m.Items {
		n := d.m.Items[i].n
		code := n.get("Code")
		if t := n.kid("TypeRoom"); code == "" && t != nil {
			code = t.get("RoomTypeCode")
		}
		if hub, status := d.h.Lookup(ari.KindRoomType, code); status == Known {
			named[hub] = true
		}
	}
	d.overwrite(r, named)
}

func overwrites(container *node) bool {
	some := false
	for _, k := range container.kids {
		if k.name != "HotelDescriptiveContent" {
			continue
		}
		if v, _ := parseBool(k.get("Overwrite")); !v {
			return false
		}
		some = true
	}
	return some
}

// overwrite deactivates the room types that are not named, or, as the profile says, says that they stay.
func (d *decoder) overwrite(r *Result, named map[string]bool) {
	last := &r.Items[len(r.Items)-1]
	for _, code := range d.cat.RoomCodes {
		t := d.cat.RoomTypes[code]
		if t == nil || t.Inactive || named[code] {
			continue
		}
		if d.p.ContentOverwrite != "deactivate" {
			last.Warnings = append(last.Warnings, &Fault{Code: CodeIgnored, Path: path(d.m.container, "") + "/HotelDescriptiveContent/@Overwrite", Got: "true",
				Expected: "left out: room types that are not named stay as they are (profile: content_overwrite)"})
			return
		}
		gone := *t
		gone.Inactive = true
		body, err := json.Marshal(&gone)
		if err != nil {
			panic("otaxml: a room type has no JSON: " + err.Error()) // only our own type comes here
		}
		last.Objects = append(last.Objects, ari.ObjectOp{Kind: ari.KindRoomType, Code: code, Body: body, Item: last.Index})
	}
}
