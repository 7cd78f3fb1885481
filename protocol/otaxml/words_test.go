package otaxml

import (
	"strings"
	"testing"
)

// What a message says in words, offline: every kind of field, scope and span.
func TestWordsSayWhatAMessageDoes(t *testing.T) {
	block := `InvTypeCode="DBL" InvBlockCode="GRP"`
	for name, c := range map[string]struct{ body, want string }{
		"open":         {availMessage("", availItem(product, openAll)), "set closed open: room type DBL, rate plan BAR; 2026-06-01 to 2026-06-07"},
		"closed":       {availMessage("", availItem("", `<RestrictionStatus Status="Close" Restriction="Departure"/>`)), "set ctd closed: the hotel; 2026-06-01 to 2026-06-07"},
		"clear":        {los("", `MinMaxMessageType="RemoveMinLOS"`), "clear min_los_arrival: room type DBL"},
		"a pattern":    {availMessage("", availItem(product, `<LengthsOfStay><LengthOfStay MinMaxMessageType="FullPatternLOS"><LOS_Pattern FullPatternLOS="NYY"/></LengthOfStay></LengthsOfStay>`)), "set los_pattern_arrival 2, 3 nights"},
		"a lead":       {availMessage("", availItem(product, `<RestrictionStatus MinAdvancedBookingOffset="P1D"/>`)), "set min_lead_arrival 1 day"},
		"elapsed time": {availMessage("", availItem(product, `<RestrictionStatus MinAdvancedBookingOffset="PT36H"/>`)), "2160 minutes"},
		"unknown":      {availMessage("", availItem(product, `<HurdleRate Amount="5"/>`)), "set unknown HurdleRate=Amount=5 (not sellable until"},
		"a channel":    {availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"><DestinationSystemCodes><DestinationSystemCode>BCOM</DestinationSystemCode></DestinationSystemCodes></StatusApplicationControl>`+openAll+`</AvailStatusMessage>`), "room type DBL, channel BCOM; 2026-06-01"},
		"a count":      {invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="2" Count="1"/></InvCounts>`), "set count.net 1 room"},
		"an adjust":    {invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="2" ActionType="Adjustment" Count="-2"/></InvCounts>`), "add count.net -2 rooms"},
		"a block":      {invMessage(block, `<InvCounts><InvCount CountType="16" Count="4"/></InvCounts>`), "set block.current 4 rooms: room type DBL, block GRP"},
		"both sides":   {rateMessage("", baseAmount(`NumberOfGuests="2" AmountBeforeTax="90" AmountAfterTax="99"`)), "set rate.adults.2 90.00 before tax, 99.00 after tax"},
		"an overlay":   {rateMessage(`NotifType="Overlay"`, `<Rate>`+twoGuests+`</Rate>`), "replace rates (what is not told becomes unset): room type DBL, rate plan BAR"},
		"no end":       {availMessage("", `<AvailStatusMessage><StatusApplicationControl Start="2026-06-01" End="2099-12-31" InvTypeCode="DBL"/>`+openAll+`</AvailStatusMessage>`), "from 2026-06-01 on"},
		"a plan":       {planMessage(`RatePlanNotifType="New" RatePlanName="Best"`, ""), `define rate plan BAR: {"fill":"exact","name":"Best"}`},
		"a plan's":     {planMessage("", rule("", openAll)), "set closed open: rate plan BAR; all dates"},
		"a room":       {roomMessage(`InvTypeCode="DBL" InvGroupingCode="SUP"`, ""), "define room class SUP: {}"},
	} {
		m, err := Parse([]byte(c.body), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := Decode(m, Generic(), Offline(m))
		var lines []string
		for i := range r.Items {
			for _, s := range r.Items[i].Says() {
				lines = append(lines, s.String())
			}
		}
		if got := strings.Join(lines, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in %q; %s", name, c.want, got, dump(&r))
		}
	}
}
