package alpinebits

import (
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// guestsMax bounds guests of one room: rate keys have 5 bits.
const guestsMax = 31

// Bounds of what one message may make: no hotel comes near them.
const (
	categoriesMax = 500
	roomsListMax  = 2_000
)

// category is what Inventory tells of one room category.
type category struct {
	record int
	ext    string
	room   string // hub code
	occ    occupancy
	name   string
	rooms  []string // distinct rooms, as told
}

// inventory decodes OTA_HotelDescriptiveContentNotif:Inventory: the list of all room categories with their occupancy, and of their rooms if
// they are told. A category that is not in it is put inactive and its counts are unset: it cannot be sold, and what names it stays
// readable. An empty list does so with all.
func (d *decoder) inventory() {
	for _, name := range []string{"HotelInfo", "Policies", "AffiliationInfo", "ContactInfos"} {
		if d.m.list.Kid(name) != nil {
			d.refuse(-1, forbidden(d.m.list, name, "room categories only: this is part of Inventory/HotelInfo, which this server does not announce"), "")
		}
	}
	cats := d.categories()
	if len(d.out.Refused) > 0 {
		return
	}
	fresh := false
	for i := range cats {
		c := &cats[i]
		if !d.wanted(c.record) {
			continue
		}
		room, ok := d.lookup(c.record, ari.KindRoomType, c.ext, d.m.Records[c.record].n.Path("Code"))
		if !ok {
			continue
		}
		c.room = room
		fresh = d.putCategory(c) || fresh
	}
	if d.whole() {
		d.retire(cats)
	}
	if fresh {
		d.warn(-1, &Fault{Code: codeResend, Path: d.m.list.Path(""), Expected: "new room categories have no rooms to sell until FreeRooms tells them"}, SendFreeRooms)
	}
}

// categories reads and judges the records: a category's first one describes it, the others are its rooms.
func (d *decoder) categories() (out []category) {
	at := map[string]int{}
	ids := map[string]bool{}
	for _, r := range d.m.Records {
		code := r.n.Get("Code")
		if code == "" {
			d.refuse(r.Index, missing(r.n, "@Code", "the category's code"), "")
			continue
		}
		if len(at) > categoriesMax || len(ids) > roomsListMax {
			d.refuse(r.Index, &Fault{Code: otaxml.CodeTooBig, Path: r.n.Path(""), Expected: "at most " + itoa(categoriesMax) + " categories and " + itoa(roomsListMax) + " rooms"}, "")
			return out
		}
		i, known := at[code]
		if !known {
			at[code] = len(out)
			c := category{record: r.Index, ext: code}
			if f := readCategory(r.n, &c); f != nil {
				d.refuse(r.Index, f, "")
			}
			out = append(out, c)
			continue
		}
		id, f := readRoom(r.n)
		switch {
		case f != nil:
			d.refuse(r.Index, f, "")
		case ids[id]:
			d.refuse(r.Index, bad(r.n.Kid("TypeRoom"), "RoomID", "each room once"), "")
		default:
			ids[id] = true
			out[i].rooms = append(out[i].rooms, id)
		}
	}
	return out
}

// occupancy is a category's; maxChildren -1 is untold.
type occupancy struct{ least, std, most, maxChildren int64 }

func readCategory(n *element, c *category) (f *Fault) {
	c.occ.maxChildren = -1
	if c.occ.least, f = required(n, "MinOccupancy", 1, guestsMax); f != nil {
		return f
	}
	if c.occ.most, f = required(n, "MaxOccupancy", 1, guestsMax); f != nil {
		return f
	}
	v, told, f := number(n, "MaxChildOccupancy", 0, guestsMax)
	switch {
	case f != nil:
		return f
	case told && v > c.occ.most:
		return bad(n, "MaxChildOccupancy", "at most MaxOccupancy "+n.Get("MaxOccupancy"))
	case told:
		c.occ.maxChildren = v
	}
	t := n.Kid("TypeRoom")
	if t == nil {
		return missing(n, "TypeRoom", "standard occupancy and classification")
	}
	if f := readType(t, c); f != nil {
		return f
	}
	if f := readAmenities(n); f != nil {
		return f
	}
	c.name, f = readDescriptions(n)
	return f
}

// classes says which RoomClassificationCode each RoomType has: 42 room, 13 apartment, 5 camping.
var classes = [...]string{1: "42", "13", "13", "13", "13", "5", "5", "5", "42"}

func readType(t *element, c *category) (f *Fault) {
	if c.occ.std, f = required(t, "StandardOccupancy", 1, guestsMax); f != nil {
		return f
	}
	switch {
	case c.occ.std < c.occ.least:
		return bad(t, "StandardOccupancy", "at least MinOccupancy "+itoa(int(c.occ.least)))
	case c.occ.std > c.occ.most:
		return bad(t, "StandardOccupancy", "at most MaxOccupancy "+itoa(int(c.occ.most)))
	}
	if _, f := required(t, "RoomClassificationCode", 1, 83); f != nil { // the list GRI of OTA
		return f
	}
	kind, told, f := number(t, "RoomType", 1, int64(len(classes)-1))
	if f == nil && told && t.Get("RoomClassificationCode") != classes[kind] {
		f = bad(t, "RoomClassificationCode", classes[kind]+" for RoomType "+itoa(int(kind)))
	}
	return f
}

// readAmenities checks codes against the list RMA of OTA.
func readAmenities(n *element) (fault *Fault) {
	list := n.Kid("Amenities")
	if list == nil {
		return nil
	}
	list.Each("Amenity", func(e *element) {
		if _, f := required(e, "RoomAmenityCode", 1, 293); fault == nil {
			fault = f
		}
	})
	return fault
}

// Info codes of MultimediaDescription.
const (
	infoText     = "1"
	infoPictures = "23"
	infoName     = "25"
)

// readDescriptions checks the descriptions and answers the category's name: English, or the first that is told.
func readDescriptions(n *element) (name string, fault *Fault) {
	list := n.Kid("MultimediaDescriptions")
	if list == nil {
		return "", missing(n, "MultimediaDescriptions", "a MultimediaDescription with InfoCode 25: the category's name")
	}
	seen := map[string]bool{}
	list.Each("MultimediaDescription", func(e *element) {
		code := e.Get("InfoCode")
		part := "TextItems"
		if code == infoPictures {
			part = "ImageItems"
		}
		switch {
		case fault != nil:
		case !slices.Contains([]string{infoText, infoPictures, infoName}, code):
			fault = bad(e, "InfoCode", "25 name, 1 description or 23 pictures")
		case seen[code]:
			fault = bad(e, "InfoCode", "each code once")
		case e.Kid(part) == nil:
			fault = missing(e, part, "what InfoCode "+code+" is")
		default:
			text, f := readTexts(e)
			if fault = f; code == infoName {
				name = text
			}
		}
		seen[code] = true
	})
	if fault == nil && !seen[infoName] {
		fault = missing(list, "MultimediaDescription", "one with InfoCode 25: the category's name")
	}
	return name, fault
}

// readTexts answers the English or first text below a description; one language and format may come once in each item.
func readTexts(n *element) (text string, fault *Fault) {
	english := false
	for _, list := range n.Kids() {
		for _, item := range list.Kids() {
			seen := map[[2]string]bool{}
			item.Each("Description", func(e *element) {
				k := [2]string{e.Get("Language"), e.Get("TextFormat")}
				if seen[k] && fault == nil {
					fault = bad(e, "Language", "each language and format once")
				}
				seen[k] = true
				if text == "" || k[0] == "en" && !english {
					text, english = e.Text(), k[0] == "en"
				}
			})
		}
	}
	return text, fault
}

// readRoom reads a record that names a room of a category told before.
func readRoom(n *element) (id string, f *Fault) {
	for _, attr := range []string{"MinOccupancy", "MaxOccupancy", "MaxChildOccupancy", "ID"} {
		if _, ok := n.Attr(attr); ok {
			return "", forbidden(n, "@"+attr, "the category's first record tells it")
		}
	}
	for _, kid := range []string{"Amenities", "MultimediaDescriptions"} {
		if n.Kid(kid) != nil {
			return "", forbidden(n, kid, "the category's first record tells it")
		}
	}
	t := n.Kid("TypeRoom")
	if t == nil {
		return "", missing(n, "TypeRoom/@RoomID", "the room's number")
	}
	for _, attr := range []string{"Size", "StandardOccupancy", "RoomClassificationCode"} {
		if _, ok := t.Attr(attr); ok {
			return "", forbidden(t, "@"+attr, "the category's first record tells it")
		}
	}
	if id = t.Get("RoomID"); id == "" || len(id) > 64 {
		return "", bad(t, "RoomID", "the room's number, 1 to 64 bytes")
	}
	return id, nil
}

// putCategory puts the room type, over what the hub has of it, and its rooms. It answers whether it is new, or was inactive.
func (d *decoder) putCategory(c *category) (fresh bool) {
	rt := ari.RoomType{Code: c.room}
	if have := d.cat.RoomTypes[c.room]; have != nil {
		rt = *have
	}
	fresh = d.cat.RoomTypes[c.room] == nil || rt.Inactive
	rt.Inactive = false
	if c.name != "" {
		rt.Name = otaxml.Clip(c.name, 120)
	}
	rt.MinOccupancy, rt.StdOccupancy, rt.MaxOccupancy = int(c.occ.least), int(c.occ.std), int(c.occ.most)
	rt.MaxChildren = nil
	if c.occ.maxChildren >= 0 {
		n := int(c.occ.maxChildren)
		rt.MaxChildren = &n
	}
	d.put(c.record, ari.KindRoomType, c.room, rt)
	keep := map[string]bool{}
	for _, inv := range c.rooms {
		code := RoomPool(c.room, inv)
		keep[code] = true
		if p := d.cat.Pools[code]; p == nil || p.Name != roomName(c.room, inv) {
			d.put(c.record, ari.KindPool, code, ari.Pool{Code: code, Name: roomName(c.room, inv)})
		}
	}
	if len(c.rooms) > 0 {
		d.dropRooms(c.record, c.room, keep)
	}
	return fresh
}

// dropRooms takes rooms that are not told any more out of the category: their pools' counts are unset, and so is the category's, which was
// their sum. A pool is kept under a name that tells it: what was told of it must not come back with the room.
func (d *decoder) dropRooms(record int, room string, keep map[string]bool) {
	dropped := false
	for _, code := range d.roomPools(room) {
		if keep[code] {
			continue
		}
		d.put(record, ari.KindPool, code, ari.Pool{Code: code, Name: "removed " + d.cat.Pools[code].Name})
		dropped = true
		if d.ownsCounts() {
			d.unset(record, ari.ScopeSet{Scope: ari.Scope{Rooms: ari.PoolKind, Room: code}}, ari.FamilyCount)
		}
	}
	if dropped && d.ownsCounts() {
		d.unset(record, ari.ScopeSet{Scope: ari.RoomScope(room)}, ari.FamilyCount)
		d.warn(record, &Fault{Code: codeResend, Expected: "rooms were taken out of the category: it has none to sell until FreeRooms tells them"}, SendFreeRooms)
	}
}

// ownsCounts tells whether the connection may write counts (S5).
func (d *decoder) ownsCounts() bool {
	o := d.cat.Property.CountsOwner
	return o == "" || o == d.h.Connection()
}

// retire puts the connection's other room types inactive.
func (d *decoder) retire(cats []category) {
	for _, code := range d.cat.RoomCodes {
		rt := *d.cat.RoomTypes[code]
		ext := d.h.External(ari.KindRoomType, code)
		if rt.Inactive || ext == "" || slices.ContainsFunc(cats, func(c category) bool { return c.room == code || c.ext == ext }) {
			continue
		}
		rt.Inactive = true
		d.put(-1, ari.KindRoomType, code, rt)
		if d.ownsCounts() {
			d.unset(-1, ari.ScopeSet{Scope: ari.RoomScope(code)}, ari.FamilyCount)
		}
	}
}
