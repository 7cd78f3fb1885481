package otaxml

import (
	"fmt"
	"strings"
	"testing"
)

// ratesMessage is an OTA_HotelRateAmountNotifRQ of n rates for 1 and 2 guests, extra adult and child.
func ratesMessage(n int) string {
	var b strings.Builder
	b.WriteString(`<OTA_HotelRateAmountNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" TimeStamp="2026-02-01T10:00:00Z" EchoToken="e"><RateAmountMessages HotelCode="HOTEL">`)
	for i := range n {
		fmt.Fprintf(&b, `<RateAmountMessage LocatorID="%d"><StatusApplicationControl Start="2026-06-%02d" End="2026-06-%02d" InvTypeCode="DBL" RatePlanCode="BAR"/><Rates><Rate><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="1" AmountAfterTax="%d.50"/><BaseByGuestAmt NumberOfGuests="2" AmountAfterTax="%d.00"/></BaseByGuestAmts><AdditionalGuestAmounts><AdditionalGuestAmount AgeQualifyingCode="10" Amount="35.00"/></AdditionalGuestAmounts></Rate></Rates></RateAmountMessage>`, i+1, 1+i%28, 1+i%28, 100+i%50, 120+i%50)
	}
	b.WriteString(`</RateAmountMessages></OTA_HotelRateAmountNotifRQ>`)
	return b.String()
}

func BenchmarkRates200(b *testing.B) {
	body := []byte(ratesMessage(200))
	codes := testCodes{newTestHotel()}
	p := Generic()
	m, err := Parse(body, "")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Parse(body, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if r := Decode(m, p, codes); len(r.Items[199].Statements) != 3 {
				b.Fatal(dump(&r))
			}
		}
	})
}

// BenchmarkTokens reads a document's tokens by the scanner and by encoding/xml.
func BenchmarkTokens(b *testing.B) {
	body := []byte(ratesMessage(200))
	for _, c := range []struct {
		name string
		make func([]byte) tokenizer
	}{
		{"scanner", func(t []byte) tokenizer { return newScanner(t) }},
		{"encodingxml", func(t []byte) tokenizer { return newStdTokenizer(t) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				t := c.make(body)
				for {
					if _, err := t.next(); err != nil {
						break
					}
				}
			}
		})
	}
}
