package otaxml_test

import (
	"fmt"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// hotel is a mapping in which every code is the hub's own.
type hotel struct{}

func (hotel) Property(string) (otaxml.Hotel, otaxml.Status) { return hotel{}, otaxml.Known }
func (hotel) Code() string                                  { return "H1" }
func (hotel) Catalog() *ari.Catalog                         { return &ari.Catalog{} }
func (hotel) Zone() *time.Location                          { return time.UTC }
func (hotel) Lookup(_, ext string) (string, otaxml.Status)  { return ext, otaxml.Known }

func Example() {
	body := []byte(`<OTA_HotelAvailNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken="42">
	  <AvailStatusMessages HotelCode="H1">
	    <AvailStatusMessage>
	      <StatusApplicationControl Start="2026-12-24" End="2026-12-26" InvTypeCode="DBL" RatePlanCode="BAR"/>
	      <RestrictionStatus Status="Close" Restriction="Arrival"/>
	    </AvailStatusMessage>
	  </AvailStatusMessages>
	</OTA_HotelAvailNotifRQ>`)
	m, err := otaxml.Parse(body, "text/xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	profile := otaxml.Generic()
	result := otaxml.Decode(m, profile, hotel{})
	for _, s := range result.Update(nil).Statements {
		fmt.Println(s.Scope, s.Span.From, s.Span.To, s.Field, s.Value.A == ari.Shut)
	}
	reply := otaxml.EncodeAnswer(m, profile, otaxml.Answer{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Outcomes: result.Outcomes(nil)})
	fmt.Printf("%d %s", reply.Status, reply.Body)
	// Output:
	// t:DBL/p:BAR/*/* 2026-12-24 2026-12-26 cta true
	// 200 <?xml version="1.0" encoding="UTF-8"?>
	// <OTA_HotelAvailNotifRS xmlns="http://www.opentravel.org/OTA/2003/05" EchoToken="42" TimeStamp="2026-01-02T03:04:05Z" Version="1.0"><Success/></OTA_HotelAvailNotifRS>
}
