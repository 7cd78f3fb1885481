package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

type exportCmd struct {
	hubFlags
	Property string `arg:"" help:"Code."`
	What     string `enum:"grid,cells" default:"grid" help:"grid: effective values, what is sold; cells: what the sources told."`
	Format   string `enum:"csv,ndjson" default:"csv" help:"csv or ndjson; --json is ndjson."`
	From     string `help:"First stay date; default today (UTC)."`
	To       string `help:"Last stay date, included; default a month on."`
	RoomType string `help:"Only this room type (grid)."`
	RatePlan string `help:"Only this rate plan (grid)."`
	Channel  string `help:"As sold at this channel (grid)."`
}

// exportSlice is how many nights of a grid are asked for at a time: well within the API's bound for a hotel of 1,000 products.
const exportSlice = 31

// span answers the dates, with their defaults.
func (c *exportCmd) span() (from, to ari.StayDate, err error) {
	from = ari.LocalDate(time.Now(), time.UTC)
	if c.From != "" {
		if from, err = ari.ParseDate(c.From); err != nil {
			return 0, 0, usage("--from: %w", err)
		}
	}
	to = from + 30
	if c.To != "" {
		if to, err = ari.ParseDate(c.To); err != nil {
			return 0, 0, usage("--to: %w", err)
		}
	}
	if to < from {
		return 0, 0, usage("--to is before --from")
	}
	return from, to, nil
}

// Run writes the export to standard output.
func (c *exportCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	from, to, err := c.span()
	if err != nil {
		return err
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	w := &exportWriter{lines: g.JSON || c.Format == "ndjson", s: s, csv: csv.NewWriter(s.Out)}
	at := from
	p := startProgress(s, "export", func() string { return at.String() })
	defer p.stop()
	if c.What == "cells" {
		err = c.cells(ctx, a, from, to, w)
	} else {
		for ; at <= to && err == nil; at += exportSlice {
			err = c.grid(ctx, a, at, min(at+exportSlice-1, to), w)
		}
	}
	if err != nil {
		return err
	}
	w.csv.Flush()
	return w.csv.Error()
}

// exportWriter writes rows as CSV with a head, or values as NDJSON.
type exportWriter struct {
	lines  bool
	s      *Streams
	csv    *csv.Writer
	headed bool
}

func (w *exportWriter) write(head []string, row func() []string, line any) error {
	if w.lines {
		return printJSONLine(w.s.Out, line)
	}
	if !w.headed {
		w.headed = true
		if err := w.csv.Write(head); err != nil {
			return err
		}
	}
	return w.csv.Write(row())
}

var gridHead = []string{"property", "revision", "room_type", "rate_plan", "date", "left", "not_sold", "restrictions", "rates"}

// gridNight is one product on one night.
type gridNight struct {
	Property string `json:"property"`
	Revision int64  `json:"revision"`
	RoomType string `json:"room_type"`
	RatePlan string `json:"rate_plan"`
	gridCell
}

type gridCell struct {
	Date           string           `json:"date"`
	Left           *int             `json:"left,omitempty"`
	Inventory      string           `json:"inventory,omitempty"`
	StopSell       bool             `json:"stop_sell,omitempty"`
	Unopened       bool             `json:"unopened,omitempty"`
	CannotEvaluate bool             `json:"cannot_evaluate,omitempty"`
	Restrictions   []fieldValue     `json:"restrictions,omitempty"`
	Floors         []map[string]any `json:"floors,omitempty"`
	Rates          []map[string]any `json:"rates,omitempty"`
}

type fieldValue struct {
	Field string `json:"field"`
	Value any    `json:"value"`
}

// grid exports effective values of some nights.
func (c *exportCmd) grid(ctx context.Context, a *api, from, to ari.StayDate, w *exportWriter) error {
	q := url.Values{"from": {from.String()}, "to": {to.String()}}
	for name, v := range map[string]string{"room_type": c.RoomType, "rate_plan": c.RatePlan, "channel": c.Channel} {
		if v != "" {
			q.Set(name, v)
		}
	}
	var answer struct {
		Revision int64 `json:"revision"`
		Products []struct {
			RoomType string     `json:"room_type"`
			RatePlan string     `json:"rate_plan"`
			Nights   []gridCell `json:"nights"`
		} `json:"products"`
	}
	if err := a.json(ctx, request{path: "/v1/properties/" + url.PathEscape(c.Property) + "/grid", query: q}, &answer); err != nil {
		return err
	}
	for _, p := range answer.Products {
		for _, n := range p.Nights {
			night := gridNight{c.Property, answer.Revision, p.RoomType, p.RatePlan, n}
			if err := w.write(gridHead, night.row, &night); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *gridNight) row() []string {
	left := ""
	if n.Left != nil {
		left = strconv.Itoa(*n.Left)
	}
	var not []string
	for name, on := range map[string]bool{"stop_sell": n.StopSell, "unopened": n.Unopened, "cannot_evaluate": n.CannotEvaluate} {
		if on {
			not = append(not, name)
		}
	}
	if n.Inventory != "" {
		not = append(not, n.Inventory)
	}
	var restrictions, rates []string
	for _, r := range n.Restrictions {
		restrictions = append(restrictions, r.Field+"="+valueText(r.Value))
	}
	for _, r := range n.Rates {
		rates = append(rates, rateText(r))
	}
	return []string{n.Property, strconv.FormatInt(n.Revision, 10), n.RoomType, n.RatePlan, n.Date, left, strings.Join(not, ";"), strings.Join(restrictions, ";"), strings.Join(rates, ";")}
}

// rateText answers a rate as whose=amount: adults 2=120.00.
func rateText(r map[string]any) string {
	who := map[string]any{}
	var amounts []string
	for k, v := range r {
		if k != "after_tax" && k != "before_tax" {
			who[k] = v
		}
	}
	for _, side := range []string{"before_tax", "after_tax"} {
		if v, ok := r[side]; ok {
			amounts = append(amounts, fmt.Sprint(v)+" "+side)
		}
	}
	return valueText(who) + "=" + strings.Join(amounts, " ")
}

var cellsHead = []string{"property", "scope", "from", "to", "weekdays", "field", "owner", "value", "standing", "text"}

// cells exports source cells, page by page of one revision.
func (c *exportCmd) cells(ctx context.Context, a *api, from, to ari.StayDate, w *exportWriter) error {
	q := url.Values{"from": {from.String()}, "to": {to.String()}, "limit": {"1000"}}
	for {
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  *string           `json:"next"`
		}
		if err := a.json(ctx, request{method: http.MethodGet, path: "/v1/properties/" + url.PathEscape(c.Property) + "/cells", query: q}, &page); err != nil {
			return err
		}
		for _, raw := range page.Items {
			if err := w.write(cellsHead, func() []string { return c.cellRow(raw) }, raw); err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		q.Set("cursor", *page.Next)
	}
}

func (c *exportCmd) cellRow(raw json.RawMessage) []string {
	var cell struct {
		scopeParts
		From     string   `json:"from"`
		To       string   `json:"to"`
		Weekdays []string `json:"weekdays"`
		Field    string   `json:"field"`
		Owner    string   `json:"owner"`
		Value    any      `json:"value"`
		Standing bool     `json:"standing"`
		Text     string   `json:"text"`
	}
	if err := json.Unmarshal(raw, &cell); err != nil {
		return []string{c.Property, err.Error(), "", "", "", "", "", "", "", ""}
	}
	return []string{c.Property, cell.text(), cell.From, cell.To, strings.Join(cell.Weekdays, ";"), cell.Field, cell.Owner, valueText(cell.Value), strconv.FormatBool(cell.Standing), cell.Text}
}
