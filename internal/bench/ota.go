package bench

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// otaRates is how many rates a message of the OTA benchmarks has.
const otaRates = 200

// otaConnection is the OTA connection of the benchmarks; its codes are the hub's.
const otaConnection = "bench-ota"

// otaMessage answers an OTA_HotelRateAmountNotifRQ of 200 rates of a property, each of one product and a few dates, for 1 and 2 adults.
func otaMessage(rnd *rand.Rand, property string, first ari.StayDate, echo string) []byte {
	b := fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?><OTA_HotelRateAmountNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken=%q TimeStamp=%q>
<RateAmountMessages HotelCode=%q>`, echo, time.Now().UTC().Format(time.RFC3339Nano), property)
	for i := range otaRates {
		from := first + ari.StayDate(rnd.IntN(dates-7))
		amount := ari.Amount(8000+rnd.IntN(20000)) * 100
		b = fmt.Appendf(b, `
 <RateAmountMessage LocatorID="%d"><StatusApplicationControl Start="%s" End="%s" InvTypeCode=%q RatePlanCode=%q/><Rates><Rate><BaseByGuestAmts>
  <BaseByGuestAmt NumberOfGuests="1" AgeQualifyingCode="10" CurrencyCode="EUR" AmountAfterTax="%s"/><BaseByGuestAmt NumberOfGuests="2" AgeQualifyingCode="10" CurrencyCode="EUR" AmountAfterTax="%s"/>
 </BaseByGuestAmts></Rate></Rates></RateAmountMessage>`, i+1, from, from+ari.StayDate(rnd.IntN(7)), roomCode(rnd.IntN(roomTypes)), planCode(rnd.IntN(ratePlans)), amount, amount+15_0000)
	}
	return append(b, "\n</RateAmountMessages></OTA_HotelRateAmountNotifRQ>"...)
}

// otaStructs is the message as structs for encoding/xml: what is usually written by hand.
type otaStructs struct {
	EchoToken string    `xml:",attr"`
	TimeStamp time.Time `xml:",attr"`
	Messages  struct {
		HotelCode string `xml:",attr"`
		Message   []struct {
			LocatorID string `xml:",attr"`
			Control   struct {
				Start        string `xml:",attr"`
				End          string `xml:",attr"`
				InvTypeCode  string `xml:",attr"`
				RatePlanCode string `xml:",attr"`
			} `xml:"StatusApplicationControl"`
			Rates []struct {
				Base []struct {
					NumberOfGuests int    `xml:",attr"`
					CurrencyCode   string `xml:",attr"`
					AmountAfterTax string `xml:",attr"`
				} `xml:"BaseByGuestAmts>BaseByGuestAmt"`
			} `xml:"Rates>Rate"`
		} `xml:"RateAmountMessage"`
	} `xml:"RateAmountMessages"`
}

// codes are the hub's codes, for one property.
type codes struct {
	code    string
	catalog *ari.Catalog
}

func (c codes) Property(string) (otaxml.Hotel, otaxml.Status)       { return c, otaxml.Known }
func (c codes) Code() string                                        { return c.code }
func (c codes) Lookup(_, ext string) (code string, _ otaxml.Status) { return ext, otaxml.Known }
func (c codes) Catalog() *ari.Catalog                               { return c.catalog }
func (c codes) Zone() *time.Location                                { return time.UTC }

// decodeOTA measures reading a message of 200 rates to the statements to apply, against encoding/xml into structs, which then would have to be
// checked and mapped: bodies in turn, one goroutine.
func decodeOTA(ctx context.Context, r *run) error {
	code := propertyCode(0)
	p, err := catalogOf(code)
	if err != nil {
		return err
	}
	rnd, first := rand.New(rand.NewPCG(1, 2)), ari.LocalDate(time.Now(), time.UTC)+1
	bodies := make([][]byte, 64)
	bytes := 0
	for i := range bodies {
		bodies[i] = otaMessage(rnd, code, first, fmt.Sprint(i))
		bytes += len(bodies[i])
	}
	profile, known := otaxml.Generic(), codes{code, p}
	ours := func(b []byte) error {
		m, err := otaxml.Parse(b, "text/xml")
		if err != nil {
			return err
		}
		if d := otaxml.Decode(m, profile, known); len(d.Items) != otaRates || len(d.Items[otaRates-1].Statements) != 2 {
			return fmt.Errorf("decoded %d items", len(d.Items))
		}
		return nil
	}
	theirs := func(b []byte) error {
		var v otaStructs
		if err := xml.Unmarshal(b, &v); err != nil || len(v.Messages.Message) != otaRates {
			return fmt.Errorf("%d messages: %w", len(v.Messages.Message), err)
		}
		return nil
	}
	var own, std []float64
	for range r.Runs {
		for _, m := range []struct {
			name string
			f    func([]byte) error
			out  *[]float64
		}{{"decode.otaxml", ours, &own}, {"decode.otaxml.encodingxml", theirs, &std}} {
			if err := r.profiled(m.name, func() error { return inTurn(ctx, r.Duration, bodies, m.f, m.out) }); err != nil {
				return err
			}
		}
	}
	r.report("decode.otaxml", "messages/s", own, std, map[string]any{"rates": otaRates, "bytes": bytes / len(bodies)})
	return nil
}

// inTurn calls f with the bodies in turn and adds the calls a second.
func inTurn(ctx context.Context, d time.Duration, bodies [][]byte, f func([]byte) error, out *[]float64) error {
	n, start := 0, time.Now()
	for time.Since(start) < d && ctx.Err() == nil {
		for _, b := range bodies {
			if err := f(b); err != nil {
				return err
			}
		}
		n += len(bodies)
	}
	*out = append(*out, float64(n)/time.Since(start).Seconds())
	return ctx.Err()
}

// catalogOf answers the catalog of a property of the bench's shape.
func catalogOf(code string) (*ari.Catalog, error) {
	p := ari.NewPicture(code)
	e, _, err := p.Draft().Apply(&ari.Update{Property: code, By: ari.Author{Kind: ari.ByPerson, ID: "bench"}, Received: time.Now(),
		Day: ari.LocalDate(time.Now(), time.UTC), Objects: shape{}.catalog(code)})
	if err != nil {
		return nil, err
	}
	if err := p.Fold(e); err != nil {
		return nil, err
	}
	return p.Catalog(), nil
}

// applyOTA measures OTA messages of 200 rates over HTTP to durable.
func applyOTA(ctx context.Context, r *run) (err error) {
	sd, err := newStand(ctx, r, "sqlite", shape{}, applyProperties)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sd.stop()) }()
	if err := sd.submit(ctx, &hub.Submission{Update: ari.Update{
		Property: ari.HubProperty, By: ari.Author{Kind: ari.ByPerson, ID: "bench"},
		Objects: []ari.ObjectOp{object(hub.KindConnection, otaConnection, hub.Connection{ID: otaConnection, Protocol: "ota", Unmapped: true})},
	}}); err != nil {
		return err
	}
	for i := range sd.n { // it becomes the owner of rates (S5)
		code := propertyCode(i)
		if err := sd.submit(ctx, &hub.Submission{Update: ari.Update{Property: code, By: ari.Author{Kind: ari.ByPerson, ID: "bench"},
			Objects: []ari.ObjectOp{object(ari.KindProperty, code, ari.Property{Code: code, TimeZone: "Europe/Vienna", Currency: "EUR", RatesOwner: otaConnection})}}}); err != nil {
			return err
		}
	}
	const clients = 16
	s, err := newServer(ctx, sd, clients)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var runs []float64
	var all latencies
	rnds := sources(clients, 3)
	for i := range r.Runs {
		rate, l, err := r.load(ctx, "apply.ota", clients, func(caller int, seq int64) error {
			body := otaMessage(rnds[caller], propertyCode(rnds[caller].IntN(sd.n)), sd.first, fmt.Sprintf("%d-%d-%d", i, caller, seq))
			return s.post(caller, "/ota/"+otaConnection, "text/xml", body)
		})
		if err != nil {
			return err
		}
		runs, all = append(runs, rate), append(all, l...)
	}
	set := all.quantiles()
	set["clients"], set["rates"] = clients, otaRates
	r.report("apply.ota", "messages/s", runs, nil, set)
	return nil
}
