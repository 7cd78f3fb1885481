package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

type stageCmd struct {
	hubFlags
	To         string   `arg:"" enum:"draft,mapped,shadow,live,suspended,show" help:"draft, mapped, shadow, live or suspended; show: say where the properties are, and what the next stage asks for."`
	Properties []string `arg:"" optional:"" help:"Codes."`
	All        bool     `help:"Every property."`
	DryRun     bool     `help:"Judge the gates only."`
	Reason     string   `help:"Why, for history and audit. Needed to move."`
}

// staged is the part of an answer about a stage that is shown.
type staged struct {
	Property string `json:"property"`
	Stage    string `json:"stage"`
	To       string `json:"to"`
	Open     bool   `json:"open"`
	Changed  bool   `json:"changed"`
	Gates    []struct {
		Gate     string `json:"gate"`
		OK       bool   `json:"ok"`
		Evidence string `json:"evidence"`
		Fix      string `json:"fix"`
	} `json:"gates"`
	NotJudged []struct {
		Gate string `json:"gate"`
		Why  string `json:"why"`
	} `json:"not_judged"`
}

// Run moves properties to a stage, each for itself, or shows where they are.
func (c *stageCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	if c.To != "show" && c.Reason == "" {
		return usage("--reason: say why, for history and audit")
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	codes, err := properties(ctx, a, c.Properties, c.All)
	if err != nil {
		return err
	}
	var state stateText
	p := startProgress(s, "stage", state.Load)
	defer p.stop()
	closed, moved := 0, 0
	for i, code := range codes {
		state.Store(fmt.Sprintf("%d of %d", i, len(codes)))
		if c.To == "show" {
			err = c.show(ctx, a, s, g, code)
		} else {
			err = c.move(ctx, a, s, g, code, &moved)
		}
		var exit *ExitError
		if errors.As(err, &exit) && exit.Code == ExitRefused {
			closed++
			fmt.Fprintf(s.Out, "%s  %v\n", code, err)
			err = nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", code, err)
		}
	}
	if c.To != "show" && !g.JSON {
		fmt.Fprintf(s.Out, "%d properties: %d moved to %s, %d there already, %d refused\n", len(codes), moved, c.To, len(codes)-moved-closed, closed)
	}
	if closed > 0 {
		return refused(fmt.Errorf("%d of %d properties were not moved", closed, len(codes)))
	}
	return nil
}

// properties answers the codes that are named, or all.
func properties(ctx context.Context, a *api, named []string, all bool) ([]string, error) {
	if all == (len(named) > 0) {
		return nil, usage("name properties, or --all")
	}
	if !all {
		return named, nil
	}
	var codes []string
	err := eachItem(ctx, a, "/v1/properties", url.Values{"limit": {strconv.Itoa(listMax)}}, func(raw json.RawMessage) error {
		var p struct {
			Code string `json:"code"`
		}
		err := json.Unmarshal(raw, &p)
		codes = append(codes, p.Code)
		return err
	})
	return codes, err
}

func (c *stageCmd) move(ctx context.Context, a *api, s *Streams, g *Global, code string, moved *int) error {
	body, err := json.Marshal(map[string]string{"stage": c.To, "reason": c.Reason})
	if err != nil {
		return err
	}
	q := url.Values{}
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	var raw json.RawMessage
	if err := a.json(ctx, request{method: http.MethodPost, path: "/v1/properties/" + url.PathEscape(code) + "/stage", query: q, body: bytes.NewReader(body), contentType: "application/json"}, &raw); err != nil {
		return err
	}
	var v staged
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if v.Changed {
		*moved++
	}
	if g.JSON {
		return printJSONLine(s.Out, raw)
	}
	return nil
}

func (c *stageCmd) show(ctx context.Context, a *api, s *Streams, g *Global, code string) error {
	var raw json.RawMessage
	if err := a.json(ctx, request{path: "/v1/properties/" + url.PathEscape(code) + "/stage"}, &raw); err != nil {
		return err
	}
	if g.JSON {
		return printJSONLine(s.Out, raw)
	}
	var v staged
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s; for %s:\n", v.Property, v.Stage, v.To)
	for _, x := range v.Gates {
		if x.OK {
			fmt.Fprintf(&b, "  ok    %s: %s\n", x.Gate, x.Evidence)
		} else {
			fmt.Fprintf(&b, "  FAIL  %s: %s (%s)\n", x.Gate, x.Evidence, x.Fix)
		}
	}
	for _, x := range v.NotJudged {
		fmt.Fprintf(&b, "  -     %s: %s\n", x.Gate, x.Why)
	}
	_, err := fmt.Fprint(s.Out, b.String())
	return err
}

type checksCmd struct {
	hubFlags
	Properties []string `arg:"" optional:"" help:"Codes."`
	All        bool     `help:"Every property."`
	Nights     int      `default:"365" help:"So many from today on."`
	RoomType   string   `help:"Only this room type."`
}

// Run says what looks wrong with properties. It ends with 4 if there is an error among the findings.
func (c *checksCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	codes, err := properties(ctx, a, c.Properties, c.All)
	if err != nil {
		return err
	}
	wrong := false
	t := newTable("PROPERTY", "SEVERITY", "CODE", "ROOM", "PLAN", "FROM", "NIGHTS", "EVIDENCE", "FIX")
	for _, code := range codes {
		q := url.Values{"nights": {strconv.Itoa(c.Nights)}}
		if c.RoomType != "" {
			q.Set("room_type", c.RoomType)
		}
		var raw json.RawMessage
		if err := a.json(ctx, request{path: "/v1/properties/" + url.PathEscape(code) + "/checks", query: q}, &raw); err != nil {
			return fmt.Errorf("%s: %w", code, err)
		}
		var v struct {
			Skipped int `json:"skipped"`
			Items   []struct {
				Code, Severity, From, Evidence, Fix string
				RoomType                            string `json:"room_type"`
				RatePlan                            string `json:"rate_plan"`
				Nights                              int
			} `json:"items"`
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		for _, f := range v.Items {
			wrong = wrong || f.Severity == "error"
			nights := ""
			if f.Nights > 0 {
				nights = strconv.Itoa(f.Nights)
			}
			t.add(code, f.Severity, f.Code, f.RoomType, f.RatePlan, f.From, nights, f.Evidence, f.Fix)
		}
		if v.Skipped > 0 {
			t.add(code, "", "", "", "", "", "", fmt.Sprintf("%d products were not looked at", v.Skipped), "--room-type, or fewer --nights")
		}
		if g.JSON {
			if err := printJSONLine(s.Out, raw); err != nil {
				return err
			}
		}
	}
	switch {
	case g.JSON:
	case len(t.rows) == 0:
		fmt.Fprintf(s.Out, "nothing looks wrong with %d properties\n", len(codes))
	default:
		if err := t.print(s.Out); err != nil {
			return err
		}
	}
	if wrong {
		return negative
	}
	return nil
}
