package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// receipt is the part of a write's answer that is shown.
type receipt struct {
	Property  string `json:"property"`
	Revision  int64  `json:"revision"`
	Verdict   string `json:"verdict"`
	MessageID string `json:"message_id"`
	Repeat    bool   `json:"repeat"`
	Waiting   string `json:"waiting"`
	Items     []struct {
		Item    int    `json:"item"`
		Verdict string `json:"verdict"`
		Trimmed int    `json:"trimmed"`
	} `json:"items"`
}

func (r *receipt) text() string {
	s := r.Verdict
	if r.Property != "" {
		s += fmt.Sprintf(", %s at revision %d", r.Property, r.Revision)
	}
	if r.Repeat && r.Verdict != "repeat" {
		s += " (a repeat)"
	}
	if r.Waiting != "" {
		s += ", waits for a person: " + r.Waiting
	}
	return s
}

// lines answers what a person should know beside the verdict.
func (r *receipt) lines() (out []string) {
	for _, it := range r.Items {
		if it.Verdict == "superseded" || it.Verdict == "refused" || it.Verdict == "waiting" {
			out = append(out, fmt.Sprintf("item %d: %s", it.Item, it.Verdict))
		}
		if it.Trimmed > 0 {
			out = append(out, fmt.Sprintf("item %d: %d dates beyond the horizon were left out", it.Item, it.Trimmed))
		}
	}
	return out
}

// outcome is a line of a batch's or stream's answer.
type outcome struct {
	Index   int      `json:"index"`
	Receipt *receipt `json:"receipt"`
	Problem *problem `json:"problem"`
}

// canonical pushes updates in the hub's own JSON: one, a batch or a stream.
func (c *pushCmd) canonical(ctx context.Context, a *api, body []byte, p *pushed) error {
	if p.Format == "ndjson" {
		return c.stream(ctx, a, body, p)
	}
	if list := listOf(body); list != nil {
		return c.batch(ctx, a, list, p)
	}
	var raw json.RawMessage
	if err := a.json(ctx, request{method: http.MethodPost, path: "/v1/updates", query: c.query(), body: bytes.NewReader(body), contentType: "application/json"}, &raw); err != nil {
		return err
	}
	var r receipt
	if err := json.Unmarshal(raw, &r); err != nil {
		return err
	}
	p.OK, p.Result, p.Lines, p.Answer = true, r.text(), r.lines(), raw
	return nil
}

// listOf answers the body of a batch: a list of updates, or {"updates": [...]}; nil for one update.
func listOf(body []byte) []byte {
	b := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(b, []byte("[")) {
		return append(append([]byte(`{"updates":`), b...), '}')
	}
	var o struct {
		Updates json.RawMessage `json:"updates"`
	}
	if json.Unmarshal(b, &o) == nil && o.Updates != nil {
		return b
	}
	return nil
}

func (c *pushCmd) batch(ctx context.Context, a *api, body []byte, p *pushed) error {
	var raw json.RawMessage
	if err := a.json(ctx, request{method: http.MethodPost, path: "/v1/updates/batch", query: c.query(), body: bytes.NewReader(body), contentType: "application/json"}, &raw); err != nil {
		return err
	}
	var answer struct {
		Results []outcome `json:"results"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	p.Answer = raw
	p.many(answer.Results)
	return nil
}

// stream pushes NDJSON; the answers are read as they come.
func (c *pushCmd) stream(ctx context.Context, a *api, body []byte, p *pushed) error {
	resp, err := a.do(ctx, request{method: http.MethodPost, path: "/v1/updates/stream", query: c.query(), body: bytes.NewReader(body), contentType: "application/x-ndjson"})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var all []outcome
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, answerMax)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var o outcome
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return fmt.Errorf("answer of the stream: %w", err)
		}
		all = append(all, o)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("answer of the stream after %d updates: %w", len(all), err)
	}
	p.many(all)
	return nil
}

// shownMax is how many refused updates of one file are printed in full.
const shownMax = 20

// many sums up several outcomes.
func (p *pushed) many(all []outcome) {
	counts := map[string]int{}
	var order []string
	count := func(what string) {
		if counts[what]++; counts[what] == 1 {
			order = append(order, what)
		}
	}
	for _, o := range all {
		if o.Problem != nil {
			count("refused")
			if counts["refused"] <= shownMax {
				p.Lines = append(p.Lines, strings.Split(fmt.Sprintf("update %d: %s", o.Index, o.Problem.text()), "\n")...)
			}
			continue
		}
		if o.Receipt != nil {
			count(o.Receipt.Verdict)
		}
	}
	parts := []string{fmt.Sprintf("%d updates", len(all))}
	for _, what := range order {
		parts = append(parts, fmt.Sprintf("%d %s", counts[what], what))
	}
	p.Result = strings.Join(parts, ", ")
	p.OK = counts["refused"] == 0
}
