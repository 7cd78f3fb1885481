package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

type explainCmd struct {
	hubFlags
	Property string `arg:"" help:"Code."`
	Room     string `arg:"" help:"Room type."`
	Plan     string `arg:"" help:"Rate plan."`
	Arrival  string `arg:"" help:"First night, YYYY-MM-DD."`
	Nights   int    `arg:"" help:"Nights."`
	stayFlags
	AsOf string `help:"As it was: a revision, or an instant (RFC 3339)."`
}

// explanation is the part of the API's answer that is shown.
type explanation struct {
	Property string `json:"property"`
	Revision int64  `json:"revision"`
	Offer    offer  `json:"offer"`
	Why      []struct {
		reason
		Facts []fact `json:"facts"`
	} `json:"why"`
	Prices []struct {
		Date  string `json:"date"`
		Facts []fact `json:"facts"`
	} `json:"prices"`
	Sources []struct {
		Revision   int64  `json:"revision"`
		At         string `json:"at"`
		Connection string `json:"connection"`
		MessageID  string `json:"message_id"`
		Reason     string `json:"reason"`
		By         struct {
			Kind string `json:"kind"`
			ID   string `json:"id"`
		} `json:"by"`
	} `json:"sources"`
}

type fact struct {
	Layer string `json:"layer"`
	scopeParts
	Field    string `json:"field"`
	Owner    string `json:"owner"`
	Date     string `json:"date"`
	Value    any    `json:"value"`
	Told     bool   `json:"told"`
	Text     string `json:"text"`
	Overlay  string `json:"overlay"`
	Revision int64  `json:"revision"`
}

// text answers a fact on one line.
func (f *fact) text() string {
	parts := []string{f.Layer, f.scopeParts.text()}
	if f.Field != "" {
		parts = append(parts, f.Field)
	}
	if f.Date != "" {
		parts = append(parts, f.Date)
	}
	switch {
	case f.Value != nil:
		parts = append(parts, "= "+valueText(f.Value))
	case !f.Told:
		parts = append(parts, "was never told")
	}
	if f.Text != "" {
		parts = append(parts, strconv.Quote(f.Text))
	}
	if f.Owner != "" {
		parts = append(parts, "by "+f.Owner)
	}
	if f.Overlay != "" {
		parts = append(parts, "overlay "+f.Overlay)
	}
	if f.Revision > 0 {
		parts = append(parts, fmt.Sprintf("(revision %d)", f.Revision))
	}
	return strings.Join(parts, "  ")
}

// Run explains one product. Exit code 4: it cannot be sold.
func (c *explainCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	x, raw, err := c.ask(ctx, a)
	if err != nil {
		return err
	}
	if g.JSON {
		err = printJSON(s.Out, raw)
	} else {
		err = c.print(s.Out, x)
	}
	if err != nil {
		return err
	}
	if !x.Offer.Sellable {
		return negative
	}
	return nil
}

func (c *explainCmd) ask(ctx context.Context, a *api) (*explanation, json.RawMessage, error) {
	q, err := c.query(c.Arrival, c.Nights)
	if err != nil {
		return nil, nil, err
	}
	for name, v := range map[string]string{"property": c.Property, "room_type": c.Room, "rate_plan": c.Plan, "as_of": c.AsOf} {
		if v != "" {
			q.Set(name, v)
		}
	}
	var raw json.RawMessage
	if err := a.json(ctx, request{path: "/v1/explain", query: url.Values(q)}, &raw); err != nil {
		return nil, nil, err
	}
	x := new(explanation)
	return x, raw, json.Unmarshal(raw, x)
}

func (c *explainCmd) print(w io.Writer, x *explanation) error {
	fmt.Fprintf(w, "%s  %s %s  %s, %s, %s  (revision %d)\n", x.Property, c.Room, c.Plan, c.Arrival, count(c.Nights, "night"), c.party(), x.Revision)
	if x.Offer.Sellable {
		total, tax := x.Offer.Total.shown()
		fmt.Fprintf(w, "sellable: %s %s (tax %s), %d left\n", total, x.Offer.Currency, tax, x.Offer.Left)
	} else {
		fmt.Fprintln(w, "not sellable:")
	}
	for _, y := range x.Why {
		fmt.Fprintf(w, "  %s\n", y.text())
		for i := range y.Facts {
			fmt.Fprintf(w, "      %s\n", y.Facts[i].text())
		}
	}
	if len(x.Prices) > 0 {
		fmt.Fprintln(w, "prices are made of:")
	}
	for _, p := range x.Prices {
		for i := range p.Facts {
			fmt.Fprintf(w, "  %s  %s\n", p.Date, p.Facts[i].text())
		}
	}
	if len(x.Sources) == 0 {
		return nil
	}
	fmt.Fprintln(w, "told by:")
	for _, src := range x.Sources {
		by := cmpOr(src.Connection, strings.TrimSpace(src.By.Kind+" "+src.By.ID))
		fmt.Fprintf(w, "  revision %d  %s  %s  %s  %s\n", src.Revision, src.At, by, src.MessageID, src.Reason)
	}
	return nil
}
