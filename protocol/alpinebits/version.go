package alpinebits

import (
	"slices"
	"strings"
)

// Version is a version of AlpineBits HotelData, as in the header X-AlpineBits-ClientProtocolVersion.
type Version string

// The versions that are spoken.
const (
	V2018 Version = "2018-10"
	V2020 Version = "2020-10"
	V2022 Version = "2022-10"
	V2024 Version = "2024-10"
)

// Versions are the versions that are spoken, rising.
var Versions = []Version{V2018, V2020, V2022, V2024}

// Kind says what an action does.
type Kind uint8

// The kinds of actions.
const (
	Ping Kind = 1 + iota
	FreeRooms
	Inventory
	InventoryPull
	RatePlans
	BaseRates
)

// Pull tells whether the action asks rather than tells.
func (k Kind) Pull() bool { return k == InventoryPull || k == BaseRates || k == Ping }

// Action is one action of the form's field "action".
type Action struct {
	Kind      Kind
	Name      string // OTA_HotelInvCountNotif:FreeRooms
	Handshake string // its name in a handshake: action_OTA_HotelInvCountNotif
	Root      string // of the request
	since     Version
	until     Version // "": still there
	supports  []ability
}

// ability is a capability of an action.
type ability struct {
	name  string
	since Version // "": as its action
}

func abilities(prefix string, names ...string) (out []ability) {
	for _, n := range names {
		name, since, _ := strings.Cut(n, "@")
		out = append(out, ability{prefix + name, Version(since)})
	}
	return out
}

// actions are all that is announced in a handshake, and answered. What is not here (GuestRequests, HotelInfo, Activities) is refused as
// an unknown action, as the standard says for actions that a server does not announce.
//
// Source: docs/protocols/alpinebits.md, "Actions and capabilities".
var actions = []*Action{
	{Kind: Ping, Name: "OTA_Ping:Handshaking", Handshake: "action_OTA_Ping", Root: "OTA_PingRQ", since: V2018},
	{Kind: FreeRooms, Name: "OTA_HotelAvailNotif:FreeRooms", Handshake: "action_OTA_HotelAvailNotif", Root: "OTA_HotelAvailNotifRQ", since: V2018, until: V2018,
		supports: abilities("OTA_HotelAvailNotif_accept_", "rooms", "categories", "deltas", "BookingThreshold")},
	{Kind: FreeRooms, Name: "OTA_HotelInvCountNotif:FreeRooms", Handshake: "action_OTA_HotelInvCountNotif", Root: "OTA_HotelInvCountNotifRQ", since: V2020,
		supports: abilities("OTA_HotelInvCountNotif_accept_", "rooms", "categories", "deltas", "out_of_order", "out_of_market", "closing_seasons", "complete_set@2022-10")},
	{Kind: Inventory, Name: "OTA_HotelDescriptiveContentNotif:Inventory", Handshake: "action_OTA_HotelDescriptiveContentNotif_Inventory", Root: "OTA_HotelDescriptiveContentNotifRQ", since: V2018,
		supports: abilities("OTA_HotelDescriptiveContentNotif_Inventory_", "use_rooms", "occupancy_children")},
	{Kind: InventoryPull, Name: "OTA_HotelDescriptiveInfo:Inventory", Handshake: "action_OTA_HotelDescriptiveInfo_Inventory", Root: "OTA_HotelDescriptiveInfoRQ", since: V2018},
	{Kind: RatePlans, Name: "OTA_HotelRatePlanNotif:RatePlans", Handshake: "action_OTA_HotelRatePlanNotif_RatePlans", Root: "OTA_HotelRatePlanNotifRQ", since: V2018,
		supports: abilities("OTA_HotelRatePlanNotif_accept_", "ArrivalDOW", "DepartureDOW", "RatePlan_BookingRule", "RatePlan_RoomType_BookingRule",
			"RatePlan_mixed_BookingRule", "Supplements", "FreeNightsOffers", "FamilyOffers", "full@2024-10", "overlay", "RatePlanJoin", "OfferRule_BookingOffset", "OfferRule_DOWLOS")},
	{Kind: BaseRates, Name: "OTA_HotelRatePlan:BaseRates", Handshake: "action_OTA_HotelRatePlan_BaseRates", Root: "OTA_HotelRatePlanRQ", since: V2018},
}

func (a *Action) in(v Version) bool { return v >= a.since && (a.until == "" || v <= a.until) }

// Supports answers the capabilities of the action in a version, as in a handshake.
func (a *Action) Supports(v Version) (out []string) {
	for _, x := range a.supports {
		if v >= x.since {
			out = append(out, x.name)
		}
	}
	return out
}

// Refusal is a fault of the transport: the answer is its text, in plain, with its HTTP status.
type Refusal struct {
	Status int
	Text   string // without "ERROR:"
}

// Error answers the body.
func (r *Refusal) Error() string { return "ERROR:" + r.Text }

func refuse(text string) *Refusal { return &Refusal{Status: 400, Text: text} }

// FindVersion reads the header of the client's version.
//
// Errors: *Refusal.
func FindVersion(header string) (Version, error) {
	v := Version(strings.TrimSpace(header))
	switch {
	case v == "":
		return "", refuse("no X-AlpineBits-ClientProtocolVersion: a version before 2013-04 is not supported; supported are " + versionList())
	case !slices.Contains(Versions, v):
		return "", refuse("unsupported protocol version " + printable(string(v)) + "; supported are " + versionList())
	}
	return v, nil
}

// FindAction finds an action of a version.
//
// Errors: *Refusal, in the words of the standard.
func FindAction(v Version, name string) (*Action, error) {
	for _, a := range actions {
		if a.Name == name && a.in(v) {
			return a, nil
		}
	}
	return nil, refuse("unknown or missing action")
}

func versionList() string {
	var out []string
	for _, v := range Versions {
		out = append(out, string(v))
	}
	return strings.Join(out, ", ")
}

// printable keeps what a client sent short, in one line and within ASCII.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s[:min(len(s), 40)])
}
