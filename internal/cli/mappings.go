package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

type mappingsCmd struct {
	List   mappingsListCmd   `cmd:"" default:"withargs" help:"List mappings, and codes without one with what they may mean."`
	Accept mappingsAcceptCmd `cmd:"" help:"Say what codes mean: those named, or the proposed ones of a score."`
	Ignore mappingsIgnoreCmd `cmd:"" help:"Pass over what comes with codes: those named, or all proposed ones of a connection."`
	Export mappingsExportCmd `cmd:"" help:"Write mappings as CSV."`
	Import mappingsImportCmd `cmd:"" help:"Take mappings from CSV."`
}

// mappingFilter are the flags that select mappings.
type mappingFilter struct {
	Connection string `help:"Only of this connection."`
	Property   string `help:"Only of this property."`
	Kind       string `enum:",property,room_type,rate_plan" default:"" help:"Only of this kind: property, room_type or rate_plan."`
}

func (f *mappingFilter) query() url.Values {
	q := url.Values{}
	for name, v := range map[string]string{"connection": f.Connection, "property": f.Property, "kind": f.Kind} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

type mappingsListCmd struct {
	hubFlags
	mappingFilter
	State string `enum:",proposed,accepted,ignored" default:"" help:"Only in this state: proposed, accepted or ignored."`
}

// Run lists mappings.
func (c *mappingsListCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	q := c.query()
	q.Set("limit", strconv.Itoa(listMax))
	if c.State != "" {
		q.Set("state", c.State)
	}
	t := newTable("CONNECTION", "PROPERTY", "KIND", "CODE", "STATE", "MEANS", "SCORE", "WAITING", "SINCE", "EVIDENCE")
	err = eachItem(ctx, a, "/v1/mappings", q, func(raw json.RawMessage) error {
		if g.JSON {
			return printJSONLine(s.Out, raw)
		}
		return addMapping(t, raw)
	})
	switch {
	case err != nil || g.JSON:
		return err
	case len(t.rows) == 0:
		_, err = fmt.Fprintln(s.Out, "no mappings, and nothing waits for one")
		return err
	}
	return t.print(s.Out)
}

func addMapping(t *table, raw json.RawMessage) error {
	var m struct {
		Connection, Property, Kind, External, State, Internal, Name string
		Score                                                       *float64
		Evidence                                                    []string
		Parked                                                      int
		Age                                                         *int64 `json:"age_seconds"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	score, waiting, since := "", "", ""
	if m.Score != nil {
		score = strconv.FormatFloat(*m.Score, 'f', 2, 64)
	}
	if m.Parked > 0 && m.Age != nil {
		waiting, since = strconv.Itoa(m.Parked), (time.Duration(*m.Age) * time.Second).String()
	}
	code := m.External
	if m.Name != "" {
		code += " (" + m.Name + ")"
	}
	t.add(m.Connection, m.Property, m.Kind, code, m.State, m.Internal, score, waiting, since, strings.Join(m.Evidence, "; "))
	return nil
}

type mappingsAcceptCmd struct{ mappingsDecide }

// Run accepts mappings.
func (c *mappingsAcceptCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	return c.decide(ctx, s, g, "accept")
}

type mappingsIgnoreCmd struct{ mappingsDecide }

// Run ignores mappings.
func (c *mappingsIgnoreCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	return c.decide(ctx, s, g, "ignore")
}

// mappingsDecide is what accept and ignore share.
type mappingsDecide struct {
	hubFlags
	mappingFilter
	Codes    []string `arg:"" optional:"" help:"Codes, of --connection, --kind and --property; to accept, CODE=MEANS or CODE for the best match."`
	MinScore float64  `help:"To accept: every proposed one of this score or more, 0.5 to 1."`
	Reason   string   `help:"Why, for history and audit."`
	DryRun   bool     `help:"Say what would be decided."`
}

// decideRequest is the body of /v1/mappings/decide.
type decideRequest struct {
	Decision string         `json:"decision"`
	Items    []decideItem   `json:"items,omitempty"`
	Filter   map[string]any `json:"filter,omitempty"`
	Reason   string         `json:"reason,omitempty"`
}

type decideItem struct {
	Connection string `json:"connection"`
	Property   string `json:"property,omitempty"`
	Kind       string `json:"kind"`
	External   string `json:"external"`
	Internal   string `json:"internal,omitempty"`
}

// body answers what is asked for.
func (c *mappingsDecide) body(decision string) (*decideRequest, error) {
	r := &decideRequest{Decision: decision, Reason: c.Reason}
	if len(c.Codes) == 0 {
		r.Filter = map[string]any{}
		for name, v := range c.query() {
			r.Filter[name] = v[0]
		}
		if c.MinScore != 0 {
			r.Filter["min_score"] = c.MinScore
		}
		if decision == "accept" && c.MinScore == 0 {
			return nil, usage("name codes, or --min-score")
		}
		return r, nil
	}
	if c.Connection == "" || c.Kind == "" {
		return nil, usage("codes are those of a --connection and a --kind")
	}
	for _, code := range c.Codes {
		it := decideItem{Connection: c.Connection, Property: c.Property, Kind: c.Kind, External: code}
		if decision == "accept" {
			it.External, it.Internal, _ = strings.Cut(code, "=")
		}
		r.Items = append(r.Items, it)
	}
	return r, nil
}

// decide accepts or ignores mappings, and prints what became of each.
func (c *mappingsDecide) decide(ctx context.Context, s *Streams, g *Global, decision string) error {
	body, err := c.body(decision)
	if err != nil {
		return err
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	q := url.Values{}
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	sum := map[string]int{}
	t := newTable("CONNECTION", "PROPERTY", "KIND", "CODE", "OUTCOME", "MEANS", "WHY")
	for more := true; more; {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := a.json(ctx, request{method: http.MethodPost, path: "/v1/mappings/decide", query: q, body: bytes.NewReader(b), contentType: "application/json"}, &raw); err != nil {
			return err
		}
		if g.JSON {
			if err := printJSONLine(s.Out, raw); err != nil {
				return err
			}
		}
		var v decisions
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		v.addTo(t, sum)
		more = v.More && !c.DryRun && v.Accepted+v.Ignored > 0
	}
	if !g.JSON {
		if len(t.rows) > 0 {
			if err := t.print(s.Out); err != nil {
				return err
			}
		}
		would := ""
		if c.DryRun {
			would = "would be "
		}
		fmt.Fprintf(s.Out, "%s%d accepted, %d ignored, %d unchanged, %d refused\n", would, sum["accepted"], sum["ignored"], sum["unchanged"], sum["refused"])
	}
	if sum["refused"] > 0 {
		return refused(fmt.Errorf("%d codes were refused", sum["refused"]))
	}
	return nil
}

// decisions are the answer of /v1/mappings/decide.
type decisions struct {
	Accepted, Ignored int
	More              bool
	Items             []struct {
		decideItem
		Outcome string
		Errors  []struct{ Code, Field, Expected string }
	}
}

func (v *decisions) addTo(t *table, sum map[string]int) {
	for _, it := range v.Items {
		sum[it.Outcome]++
		why := ""
		if len(it.Errors) > 0 {
			why = it.Errors[0].Field + ": want " + it.Errors[0].Expected
		}
		t.add(it.Connection, it.Property, it.Kind, it.External, it.Outcome, it.Internal, why)
	}
}

type mappingsExportCmd struct {
	hubFlags
	mappingFilter
	State string `enum:",proposed,accepted,ignored" default:"" help:"Only in this state."`
	File  string `arg:"" optional:"" help:"Where to; default standard output."`
}

// Run writes mappings as CSV.
func (c *mappingsExportCmd) Run(ctx context.Context, s *Streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	q := c.query()
	if c.State != "" {
		q.Set("state", c.State)
	}
	resp, err := a.do(ctx, request{path: "/v1/mappings.csv", query: q})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if c.File == "" {
		_, err = io.Copy(s.Out, resp.Body)
		return err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return err
	}
	return os.WriteFile(c.File, body, 0o644)
}

type mappingsImportCmd struct {
	importCmd
}

// Run takes mappings from CSV, and prints the lines that were not taken.
func (c *mappingsImportCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	c.path = "/v1/mappings.csv"
	return c.importCmd.Run(ctx, s, g)
}
