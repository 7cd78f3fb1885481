package otaxml

import (
	"slices"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Offline answers a mapping for a message on its own, without a hub: every code is known and stands for itself, the hotel has the room
// types and rate plans that the message names, and plans are priced as its amounts show. What a hotel's settings decide (currency, tax
// side, base occupancy, ages) is not judged.
func Offline(m *Message) Codes {
	h := &offlineHotel{code: m.HotelCode, catalog: &ari.Catalog{
		Property: ari.Property{Code: m.HotelCode, AdultAge: 18}, RoomTypes: map[string]*ari.RoomType{}, Plans: map[string]*ari.RatePlan{},
		Classes: map[string]*ari.RoomClass{}, Categories: map[string]*ari.RateCategory{}, Blocks: map[string]*ari.Block{},
	}}
	if h.code == "" {
		h.code = "the connection's only hotel"
	}
	if m.root != nil {
		h.gather(m.root)
	}
	slices.Sort(h.catalog.RoomCodes)
	return h
}

// offlineHotel is the hotel of a message, and its mapping.
type offlineHotel struct {
	code    string
	catalog *ari.Catalog
}

// Property answers the hotel, whatever it is called.
func (h *offlineHotel) Property(string) (Hotel, Status) { return h, Known }

// Code answers the hotel's code as told.
func (h *offlineHotel) Code() string { return h.code }

// Lookup answers the code itself.
func (h *offlineHotel) Lookup(_, ext string) (string, Status) { return ext, Known }

// Catalog answers what the message names.
func (h *offlineHotel) Catalog() *ari.Catalog { return h.catalog }

// Zone answers nil: it is not known.
func (h *offlineHotel) Zone() *time.Location { return nil }

// roomElements are the elements whose codes are room types, with the attribute.
var roomElements = map[string]string{"RoomType": "RoomTypeCode", "Room": "RoomTypeCode"}

// gather takes down the room types and plans that an element and those in it name. A plan or room type that the message makes is not
// there before it.
func (h *offlineHotel) gather(n *node) {
	for _, a := range []string{"InvTypeCode", "InvCode", roomElements[n.name]} {
		if code := n.get(a); a != "" && code != "" && n.name != "SellableProduct" && !strings.EqualFold(n.get("InvCodeApplication"), "InvGroupingCode") {
			h.room(code)
		}
	}
	if n.name == "SellableProduct" && n.parent != nil && n.parent.parent != nil && n.parent.parent.name == "RatePlan" {
		h.room(n.get("InvTypeCode"))
		h.room(n.get("InvCode"))
	}
	verb := strings.ToLower(n.get("RatePlanNotifType"))
	if code := n.get("RatePlanCode"); code != "" && verb != "new" && verb != "full" {
		h.plan(code, n)
	}
	if code := n.get("BaseRatePlanCode"); code != "" {
		h.plan(code, n)
	}
	for _, k := range n.kids {
		h.gather(k)
	}
}

func (h *offlineHotel) room(code string) {
	if code == "" || h.catalog.RoomTypes[code] != nil {
		return
	}
	h.catalog.RoomTypes[code] = &ari.RoomType{Code: code, StdOccupancy: 2}
	h.catalog.RoomCodes = append(h.catalog.RoomCodes, code)
}

// plan makes a plan that takes both tax sides, with the first amounts' person basis and period.
func (h *offlineHotel) plan(code string, n *node) {
	p := h.catalog.Plans[code]
	if p == nil {
		p = &ari.RatePlan{Code: code, Tax: ari.TaxBoth}
		h.catalog.Plans[code] = p
	}
	at := n
	if n.name == "StatusApplicationControl" && n.parent != nil {
		at = n.parent
	}
	rates := append(grandkids(at, "Rates", "Rate"), at)
	for _, r := range rates {
		if nights := rateNights(r); nights > 1 && nights <= 365 {
			p.Basis, p.Period = ari.BasisPeriod, int(nights)
		}
		for _, b := range grandkids(r, "BaseByGuestAmts", "BaseByGuestAmt") {
			if t, _, _ := strings.Cut(b.get("Type"), "."); t == "7" {
				p.PerPerson = true
			}
		}
	}
}
