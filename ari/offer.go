package ari

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Kinds of offers that are evaluated (S12). An offer of another kind is kept as told, and its plan is cannot_evaluate.
const (
	OfferFreeNights = "free_nights"
	OfferFamily     = "family"
)

// PlanOffer makes part of a stay free (S12): nights of stays long enough, or young children.
//
// free_nights: of a stay of at least NightsRequired nights, without Pattern the last NightsDiscounted ones are free, once; with a Pattern,
// night i (from 0) is free where the pattern has a 1 at i modulo its length: it repeats. In a period plan only what is charged as a
// single night can be free. A free night must be sellable and priceable like any other.
//
// family: of the children below MaxAge, if there are at least MinCount, the youngest LastPosition ones pay nothing.
//
// An offer that does not read as one of these, as a plan of 0.1.0 may hold, is kept byte for byte (S1).
type PlanOffer struct {
	Kind             string `json:"kind"`
	NightsRequired   int    `json:"nights_required,omitempty"`   // 1..999
	NightsDiscounted int    `json:"nights_discounted,omitempty"` // 1..NightsRequired
	Pattern          string `json:"pattern,omitempty"`           // "0001": a 0 or 1 per night required, a 1 per night discounted

	MaxAge       int `json:"max_age,omitempty"`                  // 1..99; exclusive
	MinCount     int `json:"min_count,omitempty"`                // 0..99 children below MaxAge; 0 is as 1
	LastPosition int `json:"last_qualifying_position,omitempty"` // 1..99: how many are free

	kept asTold
}

// Charge says what a supplement's amount is charged for.
type Charge string

// The charges, with their numbers in the OpenTravel list of charge types.
const (
	ChargeDay         Charge = "per_day"              // 1
	ChargeRoomNight   Charge = "per_room_per_night"   // 19: as 1
	ChargePersonNight Charge = "per_person_per_night" // 21
	ChargeStay        Charge = "per_stay"             // 12: the amount of each night / LOS
	ChargeRoomStay    Charge = "per_room_per_stay"    // 18: as 12
	ChargePersonStay  Charge = "per_person_per_stay"  // 20
	ChargeItem        Charge = "per_item"             // 24: the amount of the first night that it applies on, once
	ChargeOther       Charge = "other"                // kept; mandatory, it is cannot_evaluate
)

// Supplement is what a stay costs beside its rates (S12). One that is not mandatory is kept and never part of a price.
//
// One that does not read as a supplement, as a plan of 0.1.0 may hold, is kept byte for byte (S1).
type Supplement struct {
	Code      string             `json:"code"` // one of a plan each
	Name      string             `json:"name,omitempty"`
	Charge    Charge             `json:"charge"`
	Mandatory bool               `json:"mandatory,omitempty"`
	Side      string             `json:"side,omitempty"` // before | after: the tax side of its amounts; required if the plan tells both
	Days      []string           `json:"days,omitempty"` // of the nights it applies on: mon .. sun; empty: all
	Amounts   []SupplementAmount `json:"amounts,omitempty"`

	kept asTold
}

// SupplementAmount is what a supplement costs on some nights. Amounts that cover a night add up; a night without one costs nothing.
type SupplementAmount struct {
	From     *StayDate `json:"from,omitempty"` // both included; unset: without end
	To       *StayDate `json:"to,omitempty"`
	RoomType string    `json:"room_type,omitempty"` // of this one only; "": of all
	Amount   Amount    `json:"amount"`              // 0 or more
}

// GuestRule says who may stay on a plan, judged by the party as asked: before a rule makes children adults (S12). A guest of the property's
// adult age is an adult here; infants are children, counted or not.
type GuestRule struct {
	AdultsOnly  bool `json:"adults_only,omitempty"`   // no children
	AdultAge    int  `json:"adult_age,omitempty"`     // a child of this age or above is refused; 0: none is
	MinChildAge int  `json:"min_child_age,omitempty"` // a child below is refused
	MaxChildAge int  `json:"max_child_age,omitempty"` // a child of this age or above is refused; 0: none is
	MinAdults   int  `json:"min_adults,omitempty"`
	MaxAdults   int  `json:"max_adults,omitempty"` // 0: no bound
	MinChildren int  `json:"min_children,omitempty"`
	MaxChildren *int `json:"max_children,omitempty"` // unset: no bound; 0: no children
}

// Season is a span of nights of one room type that was priced as one: a charge for a period never leaves it.
type Season struct {
	RoomType string   `json:"room_type"`
	From     StayDate `json:"from"` // both included
	To       StayDate `json:"to"`
}

// asTold is JSON that does not read as what it should be, kept; empty of what does.
type asTold struct {
	json  rawJSON
	fault string // what is wrong with it, if it claims to be of a known kind
}

// Strange tells that the offer is kept as told and cannot be evaluated.
func (o *PlanOffer) Strange() bool { return len(o.kept.json) > 0 }

// Strange tells that the supplement is kept as told and cannot be evaluated.
func (s *Supplement) Strange() bool { return len(s.kept.json) > 0 }

// KeepOffer answers an offer of a kind not known here, kept as told.
func KeepOffer(told Raw) PlanOffer {
	return PlanOffer{kept: asTold{json: bytes.Clone(told)}}
}

// KeepSupplement answers a supplement of a shape not known here, kept as told.
func KeepSupplement(told Raw) Supplement {
	return Supplement{kept: asTold{json: bytes.Clone(told)}}
}

// plainOffer and plainSupplement are the shapes without methods.
type (
	plainOffer      PlanOffer
	plainSupplement Supplement
)

// MarshalJSON answers the offer's one form, or what is kept.
func (o PlanOffer) MarshalJSON() ([]byte, error) {
	if o.Strange() {
		return o.kept.json, nil
	}
	return json.Marshal(plainOffer(o))
}

// MarshalJSON answers the supplement's one form, or what is kept.
func (s Supplement) MarshalJSON() ([]byte, error) {
	if s.Strange() {
		return s.kept.json, nil
	}
	return json.Marshal(plainSupplement(s))
}

// UnmarshalJSON reads an offer; what does not read as one of a known kind is kept.
func (o *PlanOffer) UnmarshalJSON(b []byte) error {
	var kind struct {
		Kind string `json:"kind"`
	}
	var v plainOffer
	known := json.Unmarshal(b, &kind) == nil && (kind.Kind == OfferFreeNights || kind.Kind == OfferFamily)
	err := readStrictly(b, &v)
	*o = PlanOffer(v)
	if !known || err != nil {
		*o = PlanOffer{kept: kept(b, known, err)}
	}
	return nil
}

// UnmarshalJSON reads a supplement; what does not read as one is kept. It claims to be one if it has a charge.
func (s *Supplement) UnmarshalJSON(b []byte) error {
	var charge struct {
		Charge Charge `json:"charge"`
	}
	var v plainSupplement
	known := json.Unmarshal(b, &charge) == nil && charge.Charge != ""
	err := readStrictly(b, &v)
	*s = Supplement(v)
	if !known || err != nil {
		*s = Supplement{kept: kept(b, known, err)}
	}
	return nil
}

func kept(b []byte, known bool, err error) asTold {
	out := asTold{json: bytes.Clone(b)}
	if known && err != nil {
		out.fault = err.Error()
	}
	return out
}

// readStrictly reads one JSON object with known fields only.
func readStrictly(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
