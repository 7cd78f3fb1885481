package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type parkedCmd struct {
	List   parkedListCmd   `cmd:"" default:"withargs" help:"List items that wait for a mapping, oldest first."`
	Replay parkedReplayCmd `cmd:"" help:"Judge parked items again, now that their codes are mapped."`
}

// parkedFilter are the flags that select parked items.
type parkedFilter struct {
	Connection string        `help:"Only of this connection."`
	Property   string        `help:"Only of this property."`
	Kind       string        `enum:",property,room_type,rate_plan" default:"" help:"Only with a missing code of this kind."`
	Code       string        `help:"Only with this missing code."`
	OlderThan  time.Duration `help:"Only those that have waited so long: 2h30m."`
}

type parkedListCmd struct {
	hubFlags
	parkedFilter
}

// Run lists what is parked.
func (c *parkedListCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	q := url.Values{"limit": {strconv.Itoa(listMax)}}
	for name, v := range map[string]string{"connection": c.Connection, "property": c.Property, "kind": c.Kind, "external": c.Code} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if c.OlderThan >= time.Second {
		q.Set("older_than", strconv.Itoa(int(c.OlderThan/time.Second)))
	}
	t := newTable("AGE", "CONNECTION", "PROPERTY", "MISSING", "MESSAGE", "ITEM")
	err = eachItem(ctx, a, "/v1/parked", q, func(raw json.RawMessage) error {
		if g.JSON {
			return printJSONLine(s.Out, raw)
		}
		var p struct {
			Connection, Property string
			MessageID            string `json:"message_id"`
			Age                  int64  `json:"age_seconds"`
			Item                 int
			Missing              []struct{ Kind, External string }
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			return err
		}
		var missing []string
		for _, m := range p.Missing {
			missing = append(missing, m.Kind+" "+m.External)
		}
		t.add((time.Duration(p.Age) * time.Second).String(), p.Connection, p.Property, strings.Join(missing, ", "), p.MessageID, strconv.Itoa(p.Item))
		return nil
	})
	switch {
	case err != nil || g.JSON:
		return err
	case len(t.rows) == 0:
		_, err = fmt.Fprintln(s.Out, "nothing is parked")
		return err
	}
	return t.print(s.Out)
}

type parkedReplayCmd struct {
	hubFlags
	parkedFilter
	DryRun bool `help:"Say what would become of them."`
}

// Run replays what the flags select, and says why the rest waits on.
func (c *parkedReplayCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	body := map[string]any{}
	for name, v := range map[string]string{"connection": c.Connection, "property": c.Property, "kind": c.Kind, "external": c.Code} {
		if v != "" {
			body[name] = v
		}
	}
	if c.OlderThan >= time.Second {
		body["older_than_seconds"] = int(c.OlderThan / time.Second)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	q := url.Values{}
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	var raw json.RawMessage
	if err := a.json(ctx, request{method: http.MethodPost, path: "/v1/parked/replay", query: q, body: bytes.NewReader(b), contentType: "application/json"}, &raw); err != nil {
		return err
	}
	if g.JSON {
		return printJSON(s.Out, raw)
	}
	var v struct {
		Replayed, Left int
		Why            map[string]int
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	would := ""
	if c.DryRun {
		would = "would be "
	}
	fmt.Fprintf(s.Out, "%s%d replayed, %d wait on\n", would, v.Replayed, v.Left)
	for _, why := range sortedNames(v.Why) {
		fmt.Fprintf(s.Out, "  %d: %s\n", v.Why[why], why)
	}
	return nil
}

func sortedNames(m map[string]int) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}
