package demo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
)

func TestHotelsAreCompleteAndWellFormed(t *testing.T) {
	hotels, err := At(ari.DateOf(2027, time.March, 11))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hotels {
		strict(t, h.Code, h.Property, &ari.Property{})
		for _, o := range h.RoomTypes {
			strict(t, o.Code, o.Body, &ari.RoomType{})
		}
		for _, o := range h.RatePlans {
			strict(t, o.Code, o.Body, &ari.RatePlan{})
		}
		if len(h.RoomTypes) < 2 || len(h.RatePlans) < 2 || len(h.Messages) < 2 {
			t.Errorf("%s: %d room types, %d plans, %d messages", h.Code, len(h.RoomTypes), len(h.RatePlans), len(h.Messages))
		}
		for _, m := range h.Messages {
			wellFormed(t, m)
			if bytes.Contains(m.Body, []byte("2026-01-05")) || !bytes.Contains(m.Body, []byte("2027-03-08")) {
				t.Errorf("%s: dates were not moved to the week of 2027-03-08", m.Name)
			}
		}
	}
}

func TestMessagesAreFromTheDayBeforeTheWeek(t *testing.T) {
	hotels, err := At(ari.DateOf(2026, time.November, 22)) // a Sunday
	if err != nil {
		t.Fatal(err)
	}
	if m := hotels[0].Messages[0]; !bytes.Contains(m.Body, []byte(`TimeStamp="2026-11-15T06:00:00Z"`)) {
		t.Errorf("%s: source time is not in the past:\n%.400s", m.Name, m.Body)
	}
}

func strict(t *testing.T, code string, body []byte, v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Errorf("%s: %v", code, err)
	}
}

func wellFormed(t *testing.T, m Message) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(m.Body))
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			return
		}
	}
}
