// Package demo holds three small hotels as their systems would tell of them: what they sell (catalog.json, the API's own objects) and
// OpenTravel messages with prices, rooms left and restrictions. They were written for this project; `ratewire demo` loads them through
// a hub's real endpoints, and they are good to copy from.
//
// The files' first stay date is Monday 2026-01-05. At moves all dates by whole weeks, so that a demo starts in the week it runs in.
package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"time"

	"github.com/ratewire/ratewire/ari"
)

//go:embed ALP1 NYC1 TYO1
var files embed.FS

// Codes are the hotels' codes, in the order they are loaded.
var Codes = []string{"ALP1", "NYC1", "TYO1"}

// firstMonday is where the files' dates begin.
var firstMonday = ari.DateOf(2026, time.January, 5)

// Hotel is one hotel's part of the demo.
type Hotel struct {
	Code      string
	Property  json.RawMessage
	RoomTypes []Object
	RatePlans []Object // parents before what is derived from them
	Messages  []Message
}

// Object is one object of a catalog.
type Object struct {
	Code string
	Body json.RawMessage
}

// Message is one OpenTravel message.
type Message struct {
	Name string // of its file, for instance ALP1/1-rates.xml
	Body []byte
}

// At answers the hotels with all dates moved to the week of the given date.
func At(today ari.StayDate) ([]Hotel, error) {
	hotels := make([]Hotel, 0, len(Codes))
	for _, code := range Codes {
		h, err := read(code, Monday(today))
		if err != nil {
			return nil, fmt.Errorf("demo hotel %s: %w", code, err)
		}
		hotels = append(hotels, h)
	}
	return hotels, nil
}

// Monday answers the Monday of a date's week.
func Monday(d ari.StayDate) ari.StayDate { return d - (ari.StayDate(d.Weekday())+6)%7 }

func read(code string, monday ari.StayDate) (Hotel, error) {
	h := Hotel{Code: code}
	names, err := files.ReadDir(code)
	if err != nil {
		return h, err
	}
	for _, n := range names {
		name := path.Join(code, n.Name())
		body, err := files.ReadFile(name)
		if err != nil {
			return h, err
		}
		if path.Ext(name) == ".json" {
			err = h.catalog(body)
		} else {
			h.Messages = append(h.Messages, Message{name, shift(body, monday-firstMonday)})
		}
		if err != nil {
			return h, fmt.Errorf("%s: %w", name, err)
		}
	}
	return h, nil
}

func (h *Hotel) catalog(body []byte) error {
	var c struct {
		Property  json.RawMessage   `json:"property"`
		RoomTypes []json.RawMessage `json:"room_types"`
		RatePlans []json.RawMessage `json:"rate_plans"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return err
	}
	h.Property = c.Property
	var err error
	if h.RoomTypes, err = objects(c.RoomTypes); err != nil {
		return err
	}
	h.RatePlans, err = objects(c.RatePlans)
	return err
}

func objects(bodies []json.RawMessage) ([]Object, error) {
	out := make([]Object, 0, len(bodies))
	for _, b := range bodies {
		var o struct {
			Code string `json:"code"`
		}
		if err := json.Unmarshal(b, &o); err != nil {
			return nil, err
		}
		out = append(out, Object{o.Code, b})
	}
	return out, nil
}

var date = regexp.MustCompile(`\b20\d\d-[01]\d-[0-3]\d`)

// shift moves every date of a message by days.
func shift(body []byte, days ari.StayDate) []byte {
	return date.ReplaceAllFunc(body, func(b []byte) []byte {
		d, err := ari.ParseDate(string(b))
		if err != nil {
			return b
		}
		return []byte((d + days).String())
	})
}
