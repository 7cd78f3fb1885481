package otaxml

import (
	"time"

	"github.com/ratewire/ratewire/ari"
)

// Status is what a mapping says of an external code.
type Status uint8

// The statuses. Ignored: the mapping says to leave out whatever names the code. Unmapped: the item is parked until it is mapped (S25).
const (
	Known Status = 1 + iota
	Ignored
	Unmapped
)

// KindChannel is the kind of a channel's code in lookups; the others are ari's (ari.KindRoomType ...).
const KindChannel = "channel"

// Codes is a connection's mapping, as Decode needs it.
type Codes interface {
	// Property answers the hotel behind an external code. "" asks for the connection's only property: Unmapped if it has several.
	Property(ext string) (Hotel, Status)
}

// Hotel is one property of a mapping. Answers must not change during one Decode.
type Hotel interface {
	// Code answers the hub's code of the property.
	Code() string
	// Lookup answers the hub's code behind an external one of a kind: room type, room class, rate plan, rate category, block, channel.
	Lookup(kind, ext string) (code string, status Status)
	// Catalog answers what the property has; its codes are the hub's. Decode only reads it.
	Catalog() *ari.Catalog
	// Zone answers the property's time zone; nil if none is known.
	Zone() *time.Location
}

// Unmap is an external code without a mapping.
type Unmap struct {
	Kind string // as in Hotel.Lookup, or ari.KindProperty
	Code string // external
	Path string // XPath of the attribute
}

// roomTypesOf answers the room types that a plan is offered on, within one room class if class is not "". Inactive ones too: they may
// come back.
func roomTypesOf(c *ari.Catalog, plan, class string) []string {
	p := c.Plans[plan]
	if p == nil {
		return nil
	}
	codes := p.RoomTypes
	if len(codes) == 0 {
		codes = c.RoomCodes
	}
	var out []string
	for _, code := range codes {
		if r := c.RoomTypes[code]; r != nil && (class == "" || r.Class == class) {
			out = append(out, code)
		}
	}
	return out
}
