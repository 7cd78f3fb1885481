package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// stayFlags are what a question about one stay says beside its dates.
type stayFlags struct {
	Adults   int      `short:"a" default:"2" help:"Adults in each room."`
	Children []int    `short:"c" help:"Ages of the children in each room, on arrival: 5,8."`
	Rooms    int      `default:"1" help:"Rooms, each with the same party."`
	Channel  string   `help:"Where it is to be sold."`
	Access   []string `help:"Access codes."`
	Block    string   `help:"Sell from this block."`
	At       string   `help:"Booking instant (RFC 3339); default now."`
}

func (f *stayFlags) query(arrival string, nights int) (url.Values, error) {
	if _, err := ari.ParseDate(arrival); err != nil {
		return nil, usage("arrival: %w", err)
	}
	if nights < 1 || nights > ari.NightsMax {
		return nil, usage("nights: want 1 to %d, got %d", ari.NightsMax, nights)
	}
	q := url.Values{"arrival": {arrival}, "nights": {strconv.Itoa(nights)}, "adults": {strconv.Itoa(f.Adults)}, "rooms": {strconv.Itoa(f.Rooms)}}
	ages := make([]string, len(f.Children))
	for i, a := range f.Children {
		ages[i] = strconv.Itoa(a)
	}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("children", strings.Join(ages, ","))
	set("channel", f.Channel)
	set("access", strings.Join(f.Access, ","))
	set("block", f.Block)
	set("at", f.At)
	return q, nil
}

// party answers the people of a room in words.
func (f *stayFlags) party() string {
	s := count(f.Adults, "adult")
	if len(f.Children) > 0 {
		s += ", " + count(len(f.Children), "child") + " of " + strings.Trim(fmt.Sprint(f.Children), "[]")
	}
	if f.Rooms > 1 {
		s += ", " + count(f.Rooms, "room")
	}
	return s
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case what == "child":
		return fmt.Sprint(n, " children")
	}
	return fmt.Sprint(n, " ", what, "s")
}

type shopCmd struct {
	hubFlags
	Property string `arg:"" help:"Code; several with commas."`
	Arrival  string `arg:"" help:"First night, YYYY-MM-DD."`
	Nights   int    `arg:"" help:"Nights."`
	stayFlags
	RoomType     []string `help:"Only these room types."`
	RatePlan     []string `help:"Only these rate plans."`
	NotOlderThan int      `placeholder:"SECONDS" help:"Leave properties out whose sources have been silent for longer."`
	Why          bool     `help:"Also show what cannot be sold, with every reason."`
}

// shopAnswer is the part of the API's answer that is shown.
type shopAnswer struct {
	Properties []struct {
		Property string  `json:"property"`
		Status   string  `json:"status"`
		Revision int64   `json:"revision"`
		Age      *int64  `json:"age_seconds"`
		Offers   []offer `json:"offers"`
	} `json:"properties"`
}

type sides struct {
	BeforeTax string `json:"before_tax"`
	AfterTax  string `json:"after_tax"`
}

// shown answers the amount to show, and whether tax is in it.
func (s sides) shown() (amount, tax string) {
	if s.AfterTax != "" {
		return s.AfterTax, "incl."
	}
	return s.BeforeTax, "excl."
}

type offer struct {
	RoomType string `json:"room_type"`
	RatePlan string `json:"rate_plan"`
	Sellable bool   `json:"sellable"`
	Currency string `json:"currency"`
	Total    sides  `json:"total"`
	Left     int    `json:"left"`
	Nights   []struct {
		Date string `json:"date"`
		sides
		Left int  `json:"left"`
		Free bool `json:"free"`
	} `json:"nights"`
	Supplements []struct {
		Code string `json:"code"`
		sides
	} `json:"supplements"`
	Reasons []reason `json:"reasons"`
}

type reason struct {
	Code  string `json:"code"`
	Date  string `json:"date"`
	Field string `json:"field"`
}

// text answers a reason in a few words: the field where it says more than the code.
func (r reason) text() string {
	s := r.Code
	if r.Field != "" && r.Field != r.Code && !(r.Code == "closed_to_arrival" && r.Field == "cta") && !(r.Code == "closed_to_departure" && r.Field == "ctd") {
		s += " (" + r.Field + ")"
	}
	if r.Date != "" {
		s += " " + r.Date
	}
	return s
}

// Run asks what can be sold. Exit code 4: nothing.
func (c *shopCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	answer, raw, err := c.ask(ctx, a)
	if err != nil {
		return err
	}
	if g.JSON {
		err = printJSON(s.Out, raw)
	} else {
		err = c.print(s.Out, answer)
	}
	if err != nil {
		return err
	}
	return answer.verdict()
}

// ask answers what the API does, read and raw.
func (c *shopCmd) ask(ctx context.Context, a *api) (*shopAnswer, json.RawMessage, error) {
	q, err := c.query(c.Arrival, c.Nights)
	if err != nil {
		return nil, nil, err
	}
	q.Set("properties", c.Property)
	for name, v := range map[string][]string{"room_types": c.RoomType, "rate_plans": c.RatePlan} {
		if len(v) > 0 {
			q.Set(name, strings.Join(v, ","))
		}
	}
	if c.NotOlderThan > 0 {
		q.Set("not_older_than", strconv.Itoa(c.NotOlderThan))
	}
	if c.Why {
		q.Set("why", "true")
	}
	var raw json.RawMessage
	if err := a.json(ctx, request{path: "/v1/shop", query: q}, &raw); err != nil {
		return nil, nil, err
	}
	answer := new(shopAnswer)
	return answer, raw, json.Unmarshal(raw, answer)
}

// verdict answers the exit code: all well if anything can be sold.
func (a *shopAnswer) verdict() error {
	known := false
	for _, p := range a.Properties {
		known = known || p.Status != "unknown_property"
		for _, o := range p.Offers {
			if o.Sellable {
				return nil
			}
		}
	}
	if !known {
		return &ExitError{Code: ExitRefused}
	}
	return negative
}

func (c *shopCmd) print(w io.Writer, a *shopAnswer) error {
	for i, p := range a.Properties {
		if i > 0 {
			fmt.Fprintln(w)
		}
		state := fmt.Sprintf("revision %d", p.Revision)
		if p.Age != nil {
			state += ", told " + (time.Duration(*p.Age) * time.Second).String() + " ago"
		}
		if p.Status != "ok" {
			state = strings.ReplaceAll(p.Status, "_", " ")
		}
		fmt.Fprintf(w, "%s  %s, %s, %s  (%s)\n", p.Property, c.Arrival, count(c.Nights, "night"), c.party(), state)
		if err := printOffers(w, p.Offers); err != nil {
			return err
		}
	}
	return nil
}

// nightsShown is how many nights' prices fit a line.
const nightsShown = 7

// printOffers prints what can be sold as a table, then what cannot with its reasons.
func printOffers(w io.Writer, offers []offer) error {
	t := newTable("ROOM", "PLAN", "TOTAL", "CUR", "TAX", "LEFT", "BY NIGHT")
	for _, o := range offers {
		if !o.Sellable {
			continue
		}
		total, tax := o.Total.shown()
		var nights []string
		for i, n := range o.Nights {
			if i == nightsShown {
				nights = append(nights, "...")
				break
			}
			amount, _ := n.shown()
			if n.Free {
				amount = "free"
			}
			nights = append(nights, amount)
		}
		for _, x := range o.Supplements {
			amount, _ := x.shown()
			nights = append(nights, "+ "+x.Code+" "+amount)
		}
		t.add(o.RoomType, o.RatePlan, total, o.Currency, tax, strconv.Itoa(o.Left), strings.Join(nights, "  "))
	}
	if len(t.rows) > 0 {
		if err := t.print(w); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(w, "nothing can be sold; --why tells why")
	}
	no := newTable("NOT SOLD", "PLAN", "WHY")
	for _, o := range offers {
		if !o.Sellable {
			no.add(o.RoomType, o.RatePlan, reasonsText(o.Reasons))
		}
	}
	if len(no.rows) == 0 {
		return nil
	}
	return no.print(w)
}

// reasonsShown is how many reasons fit a line.
const reasonsShown = 4

func reasonsText(reasons []reason) string {
	var parts []string
	for i, r := range reasons {
		if i == reasonsShown {
			parts = append(parts, fmt.Sprintf("and %d more", len(reasons)-i))
			break
		}
		parts = append(parts, r.text())
	}
	return strings.Join(parts, ", ")
}
