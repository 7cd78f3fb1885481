package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type auditCmd struct {
	hubFlags
	Property string `help:"Only this one; _hub for connections, profiles, mappings and clients."`
	By       string `help:"Only this client or person."`
	ByKind   string `help:"Only authors of this kind: client, person, system or message; default client and person."`
	Kind     string `help:"Only changes of this: ari, overlay, hold, or an object's kind (room_type, rate_plan, connection, client ...)."`
	Request  string `help:"Only of this request id."`
	From     string `placeholder:"TIME" help:"Committed at or after: an instant (RFC 3339), a date (UTC), or how long ago (24h)."`
	To       string `placeholder:"TIME" help:"Committed before, likewise."`
	Changes  bool   `help:"With --json: old and new values too."`
	Limit    int    `default:"50" help:"So many entries."`
}

// auditEntry is the part of the API's answer that is shown.
type auditEntry struct {
	At         string      `json:"at"`
	Property   string      `json:"property"`
	Revision   int64       `json:"revision"`
	By         auditAuthor `json:"by"`
	RequestID  string      `json:"request_id"`
	Reason     string      `json:"reason"`
	Connection string      `json:"connection"`
	What       []auditWhat `json:"what"`
	More       int         `json:"more"`
}

type auditAuthor struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

type auditWhat struct {
	Kind   string `json:"kind"`
	Code   string `json:"code"`
	Action string `json:"action"`
	Field  string `json:"field"`
	Cells  int    `json:"cells"`
}

// auditPageMax is the most that one call answers.
const auditPageMax = 1000

// Run prints who changed what and why, newest first.
func (c *auditCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	q, err := c.query(time.Now())
	if err != nil {
		return err
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	t := newTable("AT (UTC)", "WHO", "PROPERTY", "REV", "WHAT", "WHY", "REQUEST")
	more, err := c.each(ctx, a, q, func(raw json.RawMessage) error {
		if g.JSON {
			return printJSONLine(s.Out, raw)
		}
		var e auditEntry
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		t.add(instantText(e.At), e.By.Kind+" "+e.By.ID, e.Property, strconv.FormatInt(e.Revision, 10), e.whatText(), e.Reason, e.RequestID)
		return nil
	})
	if err != nil || g.JSON {
		return err
	}
	if len(t.rows) == 0 {
		_, err = fmt.Fprintln(s.Out, "nothing was changed")
		return err
	}
	if err := t.print(s.Out); err != nil {
		return err
	}
	if more {
		fmt.Fprintln(s.Out, "and more: --limit")
	}
	return nil
}

// each calls f for up to Limit entries, over as many pages as it takes: a page may be short and go on. more tells whether there may be older ones.
func (c *auditCmd) each(ctx context.Context, a *api, q url.Values, f func(json.RawMessage) error) (more bool, err error) {
	for left := c.Limit; left > 0; {
		q.Set("limit", strconv.Itoa(min(left, auditPageMax)))
		var page historyAnswer
		if err := a.json(ctx, request{path: "/v1/audit", query: q}, &page); err != nil {
			return false, err
		}
		for _, raw := range page.Items {
			if err := f(raw); err != nil {
				return false, err
			}
		}
		left -= len(page.Items)
		if page.Next == nil {
			return false, nil
		}
		q.Set("cursor", *page.Next)
	}
	return true, nil
}

func (c *auditCmd) query(now time.Time) (url.Values, error) {
	if c.Limit < 1 {
		return nil, usage("--limit %d: want 1 or more", c.Limit)
	}
	q := url.Values{}
	for name, v := range map[string]string{"property": c.Property, "by": c.By, "by_kind": c.ByKind, "kind": c.Kind, "request": c.Request} {
		if v != "" {
			q.Set(name, v)
		}
	}
	for name, v := range map[string]string{"from": c.From, "to": c.To} {
		if v == "" {
			continue
		}
		at, err := instant(v, now)
		if err != nil {
			return nil, usage("--%s: %w", name, err)
		}
		q.Set(name, at.UTC().Format(time.RFC3339Nano))
	}
	if c.Changes {
		q.Set("changes", "true")
	}
	return q, nil
}

// instant reads an instant, a date in UTC, or how long before now.
func instant(v string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(v); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, v); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: want 2026-11-22T09:30:00Z, 2026-11-22, or how long ago: 24h", v)
}

// instantText answers an instant of the API's JSON as tables show it.
func instantText(v string) string {
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return at.UTC().Format("2006-01-02 15:04:05.000")
	}
	return v
}

// auditShown is how many changes of one entry fit a line.
const auditShown = 3

// whatText answers what an entry changed in a few words.
func (e *auditEntry) whatText() string {
	var parts []string
	for i, w := range e.What {
		if i == auditShown {
			parts = append(parts, fmt.Sprintf("and %d more", len(e.What)-i+e.More))
			break
		}
		switch {
		case w.Kind == "ari":
			parts = append(parts, fmt.Sprintf("%s %s (%d)", w.Field, w.Action, w.Cells))
		default:
			parts = append(parts, strings.ReplaceAll(w.Kind, "_", " ")+" "+w.Code+" "+strings.ReplaceAll(w.Action, "_", " "))
		}
	}
	return strings.Join(parts, ", ")
}
