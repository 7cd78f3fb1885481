package alpinebits

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// drawn is a random plan: rates and rules on stretches of the days 0 to 29, each day in at most one stretch of a category.
type drawn struct{ rules, rates []string }

func draw(r *rand.Rand, from, to int) (d drawn) {
	date := func(n int) string { return (testDay + ari.StayDate(n)).String() }
	for _, category := range []string{"DZ", "EZ", ""} {
		for day := from; day <= to; day++ {
			end := min(day+r.IntN(8), to)
			attrs := `Start="` + date(day) + `" End="` + date(end) + `"`
			if r.IntN(3) > 0 {
				if category != "" {
					d.rates = append(d.rates, fmt.Sprintf(`<Rate InvTypeCode="%s" %s><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="%d" AgeQualifyingCode="10" AmountAfterTax="%d"/></BaseByGuestAmts></Rate>`, category, attrs, 1+r.IntN(3), 50+r.IntN(9)))
				}
				context := ""
				if category != "" {
					context = ` CodeContext="ROOMTYPE" Code="` + category + `"`
				}
				rule := []string{closed, minStay, throughStay, noMonday}[r.IntN(4)]
				d.rules = append(d.rules, `<BookingRule `+attrs+context+`>`+rule+`</BookingRule>`)
			}
			day = end
		}
	}
	return d
}

const (
	closed      = `<RestrictionStatus Restriction="Master" Status="Close"/>`
	minStay     = `<LengthsOfStay><LengthOfStay Time="3" TimeUnit="Day" MinMaxMessageType="SetMinLOS"/></LengthsOfStay>`
	throughStay = `<LengthsOfStay><LengthOfStay Time="2" TimeUnit="Day" MinMaxMessageType="SetForwardMinStay"/></LengthsOfStay>`
	noMonday    = `<DOW_Restrictions><ArrivalDaysOfWeek Mon="0"/><DepartureDaysOfWeek Tue="0"/></DOW_Restrictions>`
)

func (d drawn) full() string {
	return parts{rules: strings.Join(d.rules, ""), rates: strings.Join(d.rates, "") + " "}.String()
}

func (d drawn) overlay() string {
	return parts{attrs: `RatePlanNotifType="Overlay" CurrencyCode="EUR" RatePlanCode="BB"`, rules: strings.Join(d.rules, ""), rates: strings.Join(d.rates, "") + " ", static: "-", offers: "-"}.String()
}

// tell decodes messages and folds them into a hotel, and answers what is told of the plan on each date.
func tell(t *testing.T, messages ...string) map[string]string {
	t.Helper()
	h := newTestHotel(t)
	for i, text := range messages {
		m, err := Parse(V2024, mustAction(t, V2024, plans), []byte(text), "")
		if err != nil {
			t.Fatal(err)
		}
		r := Decode(m, Default(), testCodes{h}, nil)
		if len(r.Refused) > 0 {
			t.Fatalf("%v\n%s", r.Refused[0].Fault, text)
		}
		u := r.Update()
		u.Connection, u.Order, u.Received, u.By = "alp", int64(10+i), testDay.Time(), ari.Author{Kind: ari.ByMessage, ID: "alp"}
		fold(t, h.pic, &u)
	}
	told := map[string]string{}
	h.pic.Cells(ari.CellFilter{}, func(c *ari.SourceCell) bool {
		for d := max(c.Span.From, testDay); d <= min(c.Span.To, testDay+40); d++ {
			if k := fmt.Sprint(d, c.Scope, c.Field); c.State == ari.Told && c.Span.Days.Has(d) {
				told[k] = fmt.Sprint(c.Value)
			} else if !c.Standing {
				delete(told, k)
			}
		}
		return true
	})
	return told
}

func wantSame(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	var wrong []string
	for k, v := range want {
		if got[k] != v {
			wrong = append(wrong, fmt.Sprintf("%s: got %q, want %q", k, got[k], v))
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s: %q is left", k, v))
		}
	}
	if slices.Sort(wrong); len(wrong) > 0 {
		t.Fatalf("%s: %d differ\n%s", what, len(wrong), strings.Join(wrong[:min(5, len(wrong))], "\n"))
	}
}

// What a plan told in full comes to does not depend on what was told of it before.
func TestAPlanToldInFullLeavesNothingOfBefore(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 0))
		a, b := draw(r, 0, 29), draw(r, 0, 29)
		wantSame(t, fmt.Sprint("seed ", seed), tell(t, a.full(), b.full()), tell(t, b.full()))
		wantSame(t, fmt.Sprint("seed ", seed, ", with an overlay"), tell(t, a.full(), b.overlay(), a.full()), tell(t, a.full()))
	}
}

// An overlay of some dates leaves the others as they were, and comes on its own to what the plan would be had it told them in full.
func TestAnOverlayReplacesItsDatesOnly(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		cutAt := 1 + r.IntN(28)
		early, late, later := draw(r, 0, cutAt-1), draw(r, cutAt, 29), draw(r, cutAt, 29)
		both := drawn{append(slices.Clone(early.rules), late.rules...), append(slices.Clone(early.rates), late.rates...)}
		got, was := tell(t, both.full(), later.overlay()), tell(t, early.full())
		for k := range was {
			if got[k] != was[k] {
				t.Fatalf("seed %d: %s was %s, is %s", seed, k, was[k], got[k])
			}
		}
		says := tell(t, later.full())
		priced := map[string]bool{} // date and product
		for k, v := range says {
			if got[k] != v {
				t.Fatalf("seed %d: %s is %s, the overlay says %s", seed, k, got[k], v)
			}
			if at, _, is := strings.Cut(k, "rate."); is {
				priced[at] = true
			}
		}
		for k := range got {
			if at, _, is := strings.Cut(k, "rate."); is && priced[at] && says[k] == "" {
				t.Fatalf("seed %d: %s is left beside what the overlay says", seed, k)
			}
		}
	}
}

// BaseRates answers the rates that were told: a client that reads them has what another has sent.
func TestBaseRatesAnswerWhatRatePlansTold(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		h := newTestHotel(t)
		sent := draw(r, 0, 29)
		m, _ := Parse(V2024, mustAction(t, V2024, plans), []byte(sent.full()), "")
		u := Decode(m, Default(), testCodes{h}, nil).Update()
		u.Connection, u.Order, u.Received, u.By = "alp", 10, testDay.Time(), ari.Author{Kind: ari.ByMessage, ID: "alp"}
		fold(t, h.pic, &u)
		ask, _ := Parse(V2024, mustAction(t, V2024, "OTA_HotelRatePlan:BaseRates"), []byte(`<OTA_HotelRatePlanRQ`+ns+` Version="3"><RatePlans><RatePlan><RatePlanCandidates><RatePlanCandidate RatePlanCode="BB"/></RatePlanCandidates><HotelRef HotelCode="123"/></RatePlan></RatePlans></OTA_HotelRatePlanRQ>`), "")
		root, err := otaxml.ReadDocument(BaseRatesAnswer(ask, testCodes{h}, testDay.Time()), "")
		if err != nil {
			t.Fatal(err)
		}
		var rates []string
		root.Kid("RatePlans").Kid("RatePlan").Kid("Rates").Each("Rate", func(e *element) {
			if e.Get("InvTypeCode") != "" {
				b := e.Kid("BaseByGuestAmts").Kid("BaseByGuestAmt")
				rates = append(rates, fmt.Sprintf(`<Rate InvTypeCode="%s" Start="%s" End="%s"><BaseByGuestAmts><BaseByGuestAmt NumberOfGuests="%s" AgeQualifyingCode="10" AmountAfterTax="%s"/></BaseByGuestAmts></Rate>`,
					e.Get("InvTypeCode"), e.Get("Start"), e.Get("End"), b.Get("NumberOfGuests"), b.Get("AmountAfterTax")))
			}
		})
		wantSame(t, fmt.Sprint("seed ", seed), tell(t, drawn{sent.rules, rates}.full()), tell(t, sent.full()))
	}
}
