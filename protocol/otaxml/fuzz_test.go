package otaxml

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/golden"
)

// seeds gives the fuzzers every golden message and the small hostile ones.
func seeds(f *testing.F, add func([]byte)) {
	files, _ := filepath.Glob("testdata/*/*.txtar")
	if len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add([]byte(golden.Parse(string(b)).File("message.xml")))
	}
	for _, h := range hostile {
		if len(h.body) < 4096 {
			add([]byte(h.body))
		}
	}
	for _, h := range hostileDefinitions {
		if len(h.body) < 4096 {
			add([]byte(h.body))
		}
	}
	for _, c := range choiceCases {
		add([]byte(c.message))
	}
}

// FuzzParse: no panic on any bytes; what is read is read the same again from its canonical form; every answer is well-formed.
func FuzzParse(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, "text/xml") })
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		m, err := Parse(body, contentType)
		if m == nil {
			t.Fatal("no message")
		}
		answer := Answer{At: answeredAt}
		if err != nil {
			answer.Refused = err.(*Fault)
		} else if m.Kind != KindPing {
			form := canonical(m.root)
			again, err := Parse(form, "")
			if err != nil {
				t.Fatalf("canonical form does not parse: %v\n%s", err, form)
			}
			if back := canonical(again.root); !bytes.Equal(back, form) {
				t.Fatalf("canonical form changed\n%s\n%s", form, back)
			}
		}
		reply := EncodeAnswer(m, nil, answer)
		if _, err := readTree(newScanner(reply.Body), elementsMax); err != nil {
			t.Fatalf("answer is not well-formed: %v\n%s", err, reply.Body)
		}
		Scrub(body, contentType)
	})
}

// FuzzDecode: no panic under any profile; an item is refused, parked, skipped or applied, never two of them; what applies is bounded and
// names only what exists; the same message gives the same result.
func FuzzDecode(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, uint32(0)) })
	f.Fuzz(func(t *testing.T, body []byte, choices uint32) {
		m, err := Parse(body, "")
		if err != nil {
			return
		}
		p := Generic()
		for i, c := range Choices {
			if !c.Named() {
				continue
			}
			*c.of(p) = c.Values[int(choices>>(i%29))%len(c.Values)]
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		checkDecoded(t, m, p)
	})
}

// checkDecoded decodes a message under a profile and checks what must hold of any.
func checkDecoded(t *testing.T, m *Message, p *Profile) {
	t.Helper()
	codes := testCodes{newTestHotel()}
	r := Decode(m, p, codes)
	again := Decode(m, p, codes)
	if dump(&r) != dump(&again) {
		t.Fatalf("decoded twice:\n%s\n%s", dump(&r), dump(&again))
	}
	for i := range r.Items {
		checkItem(t, &r.Items[i])
	}
	reply := EncodeAnswer(m, p, Answer{At: answeredAt, Refused: r.Refused, Nothing: r.Nothing, Outcomes: r.Outcomes(nil)})
	if _, err := readTree(newStdTokenizer(reply.Body), elementsMax); err != nil {
		t.Fatalf("answer is not well-formed: %v\n%s", err, reply.Body)
	}
}

// fuzzInside fuzzes what is inside an item of a kind: the shell stays whole, so that every input reaches the kind's own reader. What decodes
// must be fit to be judged by a picture; offline, the same message must not panic either.
func fuzzInside(f *testing.F, shell func(attrs, inside string) string, seeds ...[2]string) {
	for _, s := range seeds {
		f.Add(s[0], s[1], uint32(0))
	}
	f.Fuzz(func(t *testing.T, attrs, inside string, choices uint32) {
		m, err := Parse([]byte(shell(attrs, inside)), "")
		if err != nil {
			return
		}
		names := ShippedNames()
		p, _ := Shipped(names[int(choices)%len(names)])
		checkDecoded(t, m, p)
		offline := Decode(m, p, Offline(m))
		for i := range offline.Items {
			for _, s := range offline.Items[i].Says() {
				_ = s.String()
			}
		}
		r := Decode(m, p, testCodes{newTestHotel()})
		u := r.Update(nil)
		u.By, u.Connection, u.Received, u.Order, u.ByItem = ari.Author{Kind: ari.ByMessage, ID: "pms"}, "pms", appliedAt, 2, true
		if _, _, err := testPicture(t).Draft().Apply(&u); err != nil && len(u.Statements)+len(u.Replace)+len(u.Objects) > 0 {
			var refused *ari.UpdateError
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
		}
	})
}

func FuzzRatePlans(f *testing.F) {
	fuzzInside(f, planMessage, [2]string{`RatePlanNotifType="New" BaseRatePlanCode="ANY" AdjustedPercentage="-10"`, planRate(`Sat="1"`)},
		[2]string{`Start="2026-06-01" End="2026-07-01" CurrencyCode="EUR"`, `<SellableProducts><SellableProduct InvTypeCode="DBL"/></SellableProducts><Supplements><Supplement MandatoryIndicator="1"/></Supplements><Offers><Offer/></Offers>`},
		[2]string{`RatePlanNotifType="Remove"`, planRate(`AdjustedAmount="1"`)})
}

func FuzzBookingRules(f *testing.F) {
	shell := func(attrs, inside string) string {
		return ruleMessage(`<StatusApplicationControl RatePlanCode="BAR"/>`, rule(attrs, inside))
	}
	fuzzInside(f, shell, [2]string{`Start="2026-06-01" MinAdvancedBookingOffset="P2D" Code="DBL" CodeContext="ROOMTYPE"`, openAll},
		[2]string{`MaxTotalOccupancy="3" GenerallyBookable="0"`, `<DOW_Restrictions><ArrivalDaysOfWeek Sat="1"/><RequiredDaysOfWeek Fri="1"/></DOW_Restrictions><LengthsOfStay><LengthOfStay MinMaxMessageType="SetMinLOS" Time="3"/></LengthsOfStay>`})
}

func FuzzRoomTypes(f *testing.F) {
	fuzzInside(f, roomMessage, [2]string{`InvTypeCode="TRP" InvNotifType="New" InvGroupingCode="DEL"`, `<GuestRoom><Occupancy MinOccupancy="1" MaxOccupancy="4"/><Occupancy AgeQualifyingCode="8" MaxOccupancy="2"/></GuestRoom>`})
}

func FuzzContent(f *testing.F) {
	fuzzInside(f, contentMessage, [2]string{`Overwrite="true"`, `<GuestRoom Code="DBL" MaxOccupancy="3" MinOccupancy="1"><TypeRoom StandardOccupancy="2" RoomID="1"/></GuestRoom>`})
}

func FuzzBlocks(f *testing.F) {
	shell := func(attrs, inside string) string { return blockMessage(attrs, june, inside) }
	fuzzInside(f, shell, [2]string{`TransactionAction="Book" InvBlockStatusCode="2" BookingStatus="Open" InvBlockGroupingCode="GRP1"`, allotted(`RoomTypePickUpStatus="16"`, fiveRooms)},
		[2]string{``, `<RoomType RoomTypeCode="DBL" Start="2026-06-02"><RatePlans><RatePlan RatePlanCode="BAR">` + twoGuests + `</RatePlan></RatePlans><DaysOfWeeks><DaysOfWeek Fri="1"/></DaysOfWeeks></RoomType>`})
}

func checkItem(t *testing.T, x *ItemResult) {
	states := 0
	for _, is := range []bool{len(x.Faults) > 0, len(x.Unmapped) > 0, x.Skipped != "", len(x.Statements)+len(x.Replace)+len(x.Objects)+len(x.Warnings) > 0} {
		if is {
			states++
		}
	}
	if states != 1 {
		t.Fatalf("item %d is %d things at once: %+v", x.Index, states, x)
	}
	for _, s := range x.Statements {
		if s.Item != x.Index || s.Verb == 0 || s.Field == 0 || s.Span.To < s.Span.From || s.Span.Days == 0 {
			t.Fatalf("item %d says %+v", x.Index, s)
		}
	}
}
