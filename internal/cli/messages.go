package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
)

type messagesCmd struct {
	hubFlags
	ID         string `arg:"" optional:"" help:"One message, with what became of its items."`
	Raw        bool   `help:"With an id: print the raw body that was kept."`
	Connection string `help:"Only of this connection."`
	Property   string `help:"Only of this property."`
	Verdict    string `help:"Only with this verdict: applied, refused, parked ..."`
	Since      string `help:"Only since this instant (RFC 3339)."`
	Limit      int    `default:"20" help:"So many, newest first."`
}

// Run lists what came in, or shows one message.
func (c *messagesCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	if c.Raw && c.ID == "" {
		return usage("--raw wants a message's id")
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	if c.ID != "" {
		return c.one(ctx, a, s)
	}
	return c.list(ctx, a, s, g)
}

// one prints a message, as JSON or raw.
func (c *messagesCmd) one(ctx context.Context, a *api, s *Streams) error {
	path := "/v1/messages/" + url.PathEscape(c.ID)
	if !c.Raw {
		var raw json.RawMessage
		if err := a.json(ctx, request{path: path}, &raw); err != nil {
			return err
		}
		return printJSON(s.Out, raw)
	}
	resp, err := a.do(ctx, request{path: path + "/raw"})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(s.Out, resp.Body)
	return err
}

// listMax is the API's largest page.
const listMax = 1000

func (c *messagesCmd) list(ctx context.Context, a *api, s *Streams, g *Global) error {
	q := url.Values{}
	for name, v := range map[string]string{"connection": c.Connection, "property": c.Property, "verdict": c.Verdict, "since": c.Since} {
		if v != "" {
			q.Set(name, v)
		}
	}
	t := newTable("ID", "RECEIVED (UTC)", "FROM", "PROPERTY", "KIND", "VERDICT", "REV")
	for left := c.Limit; left > 0; {
		q.Set("limit", strconv.Itoa(min(left, listMax)))
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  *string           `json:"next"`
		}
		if err := a.json(ctx, request{path: "/v1/messages", query: q}, &page); err != nil {
			return err
		}
		for _, raw := range page.Items {
			if g.JSON {
				if err := printJSONLine(s.Out, raw); err != nil {
					return err
				}
				continue
			}
			if err := addMessage(t, raw); err != nil {
				return err
			}
		}
		if left -= len(page.Items); page.Next == nil {
			break
		}
		q.Set("cursor", *page.Next)
	}
	if g.JSON {
		return nil
	}
	if len(t.rows) == 0 {
		_, err := fmt.Fprintln(s.Out, "nothing came in")
		return err
	}
	return t.print(s.Out)
}

func addMessage(t *table, raw json.RawMessage) error {
	var m struct {
		ID         string `json:"id"`
		Received   string `json:"received"`
		Connection string `json:"connection"`
		Property   string `json:"property"`
		Kind       string `json:"kind"`
		Verdict    string `json:"verdict"`
		Revision   int64  `json:"revision"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return err
	}
	revision := ""
	if m.Revision > 0 {
		revision = strconv.FormatInt(m.Revision, 10)
	}
	t.add(m.ID, m.Received, m.Connection, m.Property, m.Kind, m.Verdict, revision)
	return nil
}
