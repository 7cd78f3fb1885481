package alpinebits

import (
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// pulled finds the hotel that a pull asks for. nil: fault says why not.
func pulled(m *Message, codes Codes) (h Hotel, cat *ari.Catalog, fault *Fault) {
	if m.fault != nil {
		return nil, nil, m.fault
	}
	h, status := codes.Property(m.hotel())
	if status != otaxml.Known || h == nil {
		return nil, nil, &Fault{Code: otaxml.CodeUnmapped + "_" + ari.KindProperty, Path: m.list.Path("HotelCode"), Got: otaxml.Clip(m.hotel(), 40), Expected: "a hotel of this connection"}
	}
	if cat = h.Catalog(); cat == nil {
		cat = &ari.Catalog{}
	}
	return h, cat, nil
}

// hotelAttrs names the hotel as the client did.
func hotelAttrs(m *Message) (out []string) {
	code := m.HotelCode
	if code == "" {
		code = m.HotelName[:min(len(m.HotelName), 16)] // the schema wants one
	}
	for _, a := range [][2]string{{"HotelCode", code}, {"HotelName", m.HotelName}} {
		if a[1] != "" {
			out = append(out, a[0], a[1])
		}
	}
	return out
}

// InventoryAnswer answers OTA_HotelDescriptiveInfo:Inventory: the active room categories that the connection has codes for, with their
// occupancy, name and rooms. The classification is always 42 (room): the hub keeps none.
func InventoryAnswer(m *Message, codes Codes, at time.Time) []byte {
	h, cat, fault := pulled(m, codes)
	if fault != nil {
		return EncodeAnswer(m, Answer{At: at, Refused: fault})
	}
	w := startAnswer(m, at)
	w.Empty("Success")
	w.Open("HotelDescriptiveContents")
	w.Open("HotelDescriptiveContent", hotelAttrs(m)...)
	w.Open("FacilityInfo")
	w.Open("GuestRooms")
	d := &decoder{cat: cat}
	for _, code := range cat.RoomCodes {
		ext := h.External(ari.KindRoomType, code)
		if rt := cat.RoomTypes[code]; ext != "" && !rt.Inactive {
			writeCategory(w, ext, rt)
			for _, pool := range d.roomPools(code) {
				w.Open("GuestRoom", "Code", ext)
				w.Empty("TypeRoom", "RoomID", strings.TrimPrefix(cat.Pools[pool].Name, roomName(code, "")))
				w.Close("GuestRoom")
			}
		}
	}
	w.Close("GuestRooms")
	w.Close("FacilityInfo")
	w.Close("HotelDescriptiveContent")
	w.Close("HotelDescriptiveContents")
	return endAnswer(w, m)
}

func writeCategory(w *otaxml.Writer, ext string, rt *ari.RoomType) {
	std := max(rt.StdOccupancy, 1)
	if rt.StdOccupancy == 0 {
		std = 2
	}
	attrs := []string{"Code", ext, "MinOccupancy", itoa(max(rt.MinOccupancy, 1)), "MaxOccupancy", itoa(max(rt.MaxOccupancy, std))}
	if rt.MaxChildren != nil {
		attrs = append(attrs, "MaxChildOccupancy", itoa(*rt.MaxChildren))
	}
	w.Open("GuestRoom", attrs...)
	w.Empty("TypeRoom", "StandardOccupancy", itoa(std), "RoomClassificationCode", "42")
	name := rt.Name
	if name == "" {
		name = ext
	}
	w.Open("MultimediaDescriptions")
	w.Open("MultimediaDescription", "InfoCode", infoName)
	w.Open("TextItems")
	w.Open("TextItem")
	w.Element("Description", name, "TextFormat", "PlainText", "Language", "en")
	w.Close("TextItem")
	w.Close("TextItems")
	w.Close("MultimediaDescription")
	w.Close("MultimediaDescriptions")
	w.Close("GuestRoom")
}
