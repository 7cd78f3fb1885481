package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
)

type historyCmd struct {
	hubFlags
	Property string   `arg:"" help:"Code."`
	Room     string   `arg:"" help:"Room type."`
	Rest     []string `arg:"" name:"plan-date" help:"Rate plan, if it is about a product; then the stay date."`
	Field    string   `help:"Only this field: closed, min_los_arrival, count.net, rate.adults.2 ..."`
	All      bool     `help:"Also what was told at other scopes: the property, classes, categories, all plans, other rooms."`
	Limit    int      `default:"20" help:"So many changes."`
}

// historyAnswer is the part of the API's answer that is shown.
type historyAnswer struct {
	Items []json.RawMessage `json:"items"`
	Next  *string           `json:"next"`
}

type historyEntry struct {
	Revision   int64  `json:"revision"`
	At         string `json:"at"`
	Connection string `json:"connection"`
	MessageID  string `json:"message_id"`
	Reason     string `json:"reason"`
	By         struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"by"`
	Changes struct {
		Cells    []historyCell `json:"cells"`
		Standing []struct {
			scopeParts
			Field string `json:"field"`
			Value any    `json:"value"`
			Gone  bool   `json:"gone"`
		} `json:"standing"`
		Replaced []any `json:"replaced"`
	} `json:"changes"`
}

type historyCell struct {
	scopeParts
	Field string `json:"field"`
	Runs  []struct {
		From string `json:"from"`
		To   string `json:"to"`
		Old  any    `json:"old"`
		New  any    `json:"new"`
	} `json:"runs"`
}

// scopeParts are a scope's in the API's JSON.
type scopeParts struct {
	RoomType     string `json:"room_type"`
	RoomClass    string `json:"room_class"`
	Pool         string `json:"pool"`
	RatePlan     string `json:"rate_plan"`
	RateCategory string `json:"rate_category"`
	RateFamily   string `json:"rate_family"`
	Channel      string `json:"channel"`
	Block        string `json:"block"`
}

// text answers a scope in a few words.
func (s scopeParts) text() string {
	var parts []string
	for _, p := range [][2]string{{"", s.RoomType}, {"class ", s.RoomClass}, {"pool ", s.Pool}, {"", s.RatePlan}, {"category ", s.RateCategory},
		{"family ", s.RateFamily}, {"at ", s.Channel}, {"block ", s.Block}} {
		if p[1] != "" {
			parts = append(parts, p[0]+p[1])
		}
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, " ")
}

// query answers the cell that is asked about.
func (c *historyCmd) query() (url.Values, error) {
	if len(c.Rest) < 1 || len(c.Rest) > 2 {
		return nil, usage("want PROPERTY ROOM [PLAN] DATE")
	}
	day := c.Rest[len(c.Rest)-1]
	if _, err := ari.ParseDate(day); err != nil {
		return nil, usage("date: %w", err)
	}
	q := url.Values{"date": {day}, "limit": {strconv.Itoa(c.Limit)}}
	if !c.All {
		q.Set("room_type", c.Room)
		if len(c.Rest) == 2 {
			q.Set("rate_plan", c.Rest[0])
		}
	}
	if c.Field != "" {
		q.Set("field", c.Field)
	}
	return q, nil
}

// Run prints what was told of a cell, newest first.
func (c *historyCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	answer, err := c.ask(ctx, a, q)
	if err != nil {
		return err
	}
	if g.JSON {
		for _, it := range answer.Items {
			if err := printJSONLine(s.Out, it); err != nil {
				return err
			}
		}
		return nil
	}
	_, err = answer.print(s.Out)
	return err
}

func (c *historyCmd) ask(ctx context.Context, a *api, q url.Values) (answer historyAnswer, err error) {
	err = a.json(ctx, request{path: "/v1/properties/" + url.PathEscape(c.Property) + "/history", query: q}, &answer)
	return answer, err
}

// print prints the changes as a table and answers how many there were.
func (h *historyAnswer) print(w io.Writer) (rows int, err error) {
	t := newTable("AT (UTC)", "REV", "WHERE", "FIELD", "OLD", "NEW", "BY", "WHY")
	for _, raw := range h.Items {
		var e historyEntry
		if err := json.Unmarshal(raw, &e); err != nil {
			return 0, err
		}
		e.addTo(t)
	}
	if len(t.rows) == 0 {
		_, err = fmt.Fprintln(w, "nothing was told of it")
		return 0, err
	}
	if h.Next != nil {
		defer fmt.Fprintln(w, "and more: --limit")
	}
	return len(t.rows), t.print(w)
}

func (e *historyEntry) addTo(t *table) {
	at := e.At
	if tm, err := time.Parse(time.RFC3339Nano, e.At); err == nil {
		at = tm.UTC().Format("2006-01-02 15:04:05.000")
	}
	by := e.By.Kind
	if e.Connection != "" {
		by = e.Connection
	} else if e.By.ID != "" {
		by += " " + e.By.ID
	}
	why := e.Reason
	if why == "" {
		why = e.MessageID
	}
	add := func(where scopeParts, field string, was, is any) {
		t.add(at, strconv.FormatInt(e.Revision, 10), where.text(), field, valueText(was), valueText(is), by, why)
	}
	for _, c := range e.Changes.Cells {
		for _, r := range c.Runs {
			add(c.scopeParts, c.Field, r.Old, r.New)
		}
	}
	for _, st := range e.Changes.Standing {
		if st.Gone {
			add(st.scopeParts, st.Field+" (standing)", st.Value, nil)
		} else {
			add(st.scopeParts, st.Field+" (standing)", nil, st.Value)
		}
	}
	if len(e.Changes.Replaced) > 0 {
		add(scopeParts{}, "replaced", "", "told wholly")
	}
}

// valueText answers a value of the API's JSON in a few words.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "unset"
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = strings.ReplaceAll(k, "_", " ") + " " + valueText(v[k])
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}
