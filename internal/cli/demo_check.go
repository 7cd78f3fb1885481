package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// tell pushes the changes that the rest of the demo shows, among them a repeat and one by a person.
func (d *demonstration) tell(ctx context.Context) error {
	from, to := d.day(35), d.day(36)
	sold := d.invCount(10_001, "ALP1", "DBL", from, to, 4, 9)
	price := fmt.Appendf(nil, `<OTA_HotelRateAmountNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="3.0" EchoToken="demo-10002" TimeStamp=%q>
  <RateAmountMessages HotelCode="ALP1"><RateAmountMessage>
    <StatusApplicationControl Start=%q End=%q InvTypeCode="FAM" RatePlanCode="BAR"/>
    <Rates><Rate CurrencyCode="EUR"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="254.00"/></BaseByGuestAmts></Rate></Rates>
  </RateAmountMessage></RateAmountMessages>
</OTA_HotelRateAmountNotifRQ>`, d.at(10_002), from, from)
	for _, m := range []struct {
		say  string
		body []byte
	}{
		{"ALP1 sells a ninth double for two nights from " + from, sold},
		{"ALP1 sends the same message again", sold},
		{"ALP1 asks 254.00 for the family suite on " + from, price},
	} {
		if err := d.send(ctx, m.say, m.body); err != nil {
			return err
		}
		d.say("  %s", m.say)
	}
	closed := fmt.Appendf(nil, `{"property":"NYC1","id":"desk-1","reason":"burst pipe on the third floor","items":[{"room_type":"QQN","from":%q,"to":%q,"set":{"closed":true}}]}`, to, to)
	if err := d.api.json(ctx, request{method: http.MethodPost, path: "/v1/updates", body: bytes.NewReader(closed), contentType: "application/json"}, nil); err != nil {
		return err
	}
	d.say("  the front desk closes NYC1 QQN on %s: burst pipe on the third floor", to)
	return nil
}

// shop asks three questions and checks the answers against what the messages say, worked out by hand.
func (d *demonstration) shop(ctx context.Context) error {
	from := d.day(35) // a Monday in the fifth week on
	for _, q := range []struct {
		cmd  shopCmd
		want map[string]string // room and plan -> total, or the reason it is not sold for
	}{
		{
			shopCmd{Property: "ALP1", Arrival: from, Nights: 2, Why: true, stayFlags: stayFlags{Adults: 2, Children: []int{5}, Rooms: 1}},
			map[string]string{
				"DBL BAR":  "334.00", // 2 x (148 + 19 for the child)
				"DBL HB":   "450.00", // 2 x (148 + 58 + 19)
				"DBL NRF":  "293.00", // 2 x (148 - 12 %, to 0.50: 130.00; the child 19 - 12 %, to 0.50: 16.50)
				"FAM BAR":  "530.00", // 254 as told a moment ago + 238, + 19 each night
				"DLX BAR":  "min_los",
				"FAM WEEK": "no_rate", // seven nights only
			},
		},
		{
			shopCmd{Property: "TYO1", Arrival: from, Nights: 2, stayFlags: stayFlags{Adults: 2, Rooms: 1}},
			map[string]string{
				"TWN STD": "49600", // 2 nights x 2 persons x 12400
				"TWN HB":  "75600", // + 6500 a person and night
				"WAS STD": "62000",
			},
		},
		{
			shopCmd{Property: "NYC1", Arrival: from, Nights: 3, Why: true, stayFlags: stayFlags{Adults: 2, Rooms: 1, Access: []string{"ACME"}}},
			map[string]string{
				"KNG RACK": "867.00", // 3 x 289
				"KNG MEM":  "780.00", // 289 - 10 %, to whole dollars: 260
				"KNG CORP": "710.94", // 289 - 18 %: 236.98
				"KNG LONG": "777.00", // from three nights on: 259
				"QQN RACK": "closed",
			},
		},
	} {
		answer, _, err := q.cmd.ask(ctx, d.api)
		if err != nil {
			return err
		}
		d.say("")
		if err := q.cmd.print(d.out, answer); err != nil {
			return err
		}
		if err := answer.agrees(q.want); err != nil {
			return err
		}
	}
	return nil
}

// agrees tells where an answer about one property is not as it must be.
func (a *shopAnswer) agrees(want map[string]string) error {
	got := map[string]offer{}
	for _, o := range a.Properties[0].Offers {
		got[o.RoomType+" "+o.RatePlan] = o
	}
	var errs []error
	for product, must := range want {
		o, there := got[product]
		total, _ := o.Total.shown()
		switch {
		case !there:
			errs = append(errs, fmt.Errorf("%s is not in the answer", product))
		case o.Sellable && total != must:
			errs = append(errs, fmt.Errorf("%s is sold for %s, want %s", product, total, must))
		case !o.Sellable && !slices.ContainsFunc(o.Reasons, func(r reason) bool { return r.Code == must }):
			errs = append(errs, fmt.Errorf("%s is not sold for %s, want %s", product, reasonsText(o.Reasons), must))
		}
	}
	return errors.Join(errs...)
}

// explain asks why a product is not sold.
func (d *demonstration) explain(ctx context.Context) error {
	c := explainCmd{Property: "ALP1", Room: "DLX", Plan: "BAR", Arrival: d.day(35), Nights: 2, stayFlags: stayFlags{Adults: 2, Rooms: 1}}
	x, _, err := c.ask(ctx, d.api)
	if err != nil {
		return err
	}
	d.say("\nWhy not the deluxe double?")
	if err := c.print(d.out, x); err != nil {
		return err
	}
	if x.Offer.Sellable || len(x.Why) == 0 || x.Why[0].Code != "min_los" || len(x.Why[0].Facts) == 0 || len(x.Sources) == 0 || x.Sources[0].Connection != demoConnection {
		return fmt.Errorf("the explanation should name the three nights that %s told", demoConnection)
	}
	return nil
}

// history asks who changed a count.
func (d *demonstration) history(ctx context.Context) error {
	c := historyCmd{Property: "ALP1", Room: "DBL", Rest: []string{d.day(35)}, Field: "count.sold_definite", Limit: 20}
	q, err := c.query()
	if err != nil {
		return err
	}
	h, err := c.ask(ctx, d.api, q)
	if err != nil {
		return err
	}
	d.say("\nWho changed the doubles sold for %s?", d.day(35))
	rows, err := h.print(d.out)
	if err != nil {
		return err
	}
	if rows != 2 { // the first load, and the ninth; the repeat is none
		return fmt.Errorf("the history should have two changes, it has %d", rows)
	}
	var newest historyEntry
	if err := json.Unmarshal(h.Items[0], &newest); err != nil {
		return err
	}
	if runs := newest.Changes.Cells[0].Runs; valueText(runs[0].Old) != "8" || valueText(runs[0].New) != "9" {
		return fmt.Errorf("the newest change should be from 8 to 9, it is from %v to %v", runs[0].Old, runs[0].New)
	}
	return nil
}
