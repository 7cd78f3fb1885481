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

	"github.com/ratewire/ratewire/onboard"
)

type importCmd struct {
	hubFlags
	File   string `arg:"" help:"CSV or NDJSON, one thing a line (docs/onboarding.md); - is standard input."`
	DryRun bool   `help:"Judge only: say of each line what would come of it."`
	Reason string `help:"Why, for history and audit."`
	All    bool   `help:"Print every line, not only those that were not taken."`
	path   string // of the API; default /v1/imports
}

// imported is the part of an import that is shown.
type imported struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	DryRun    bool   `json:"dry_run"`
	Lines     int    `json:"lines"`
	Done      int    `json:"done"`
	Created   int    `json:"created"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Refused   int    `json:"refused"`
	Skipped   int    `json:"skipped"`
	Error     string `json:"error"`
}

type importedLine struct {
	Line     int    `json:"line"`
	Type     string `json:"type"`
	Property string `json:"property"`
	Code     string `json:"code"`
	Outcome  string `json:"outcome"`
	Errors   []struct {
		Code     string `json:"code"`
		Field    string `json:"field"`
		Got      string `json:"got"`
		Expected string `json:"expected"`
		Fix      string `json:"fix"`
	} `json:"errors"`
}

// importPoll is how often an import is asked how far it is.
const importPoll = 100 * time.Millisecond

// Run sends the file, waits until every line is judged, and prints the lines that were not taken.
func (c *importCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	body, err := readInput(c.File, s)
	if err != nil {
		return err
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	job, err := c.start(ctx, a, body)
	if err != nil {
		return err
	}
	if err := c.wait(ctx, a, s, job); err != nil {
		return err
	}
	if err := c.lines(ctx, a, s, g, job.ID); err != nil {
		return err
	}
	return job.report(s, g)
}

// readInput reads a file, or standard input.
func readInput(name string, s *Streams) ([]byte, error) {
	in := s.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage("%w", err)
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, pushMax+1))
	if err == nil && len(body) > pushMax {
		err = refused(fmt.Errorf("more than %d bytes", pushMax))
	}
	return body, err
}

func (c *importCmd) start(ctx context.Context, a *api, body []byte) (*imported, error) {
	q := url.Values{}
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	if c.Reason != "" {
		q.Set("reason", c.Reason)
	}
	kind := "text/csv"
	if onboard.Sniff(body) == onboard.NDJSON {
		kind = "application/x-ndjson"
	}
	job := &imported{}
	return job, a.json(ctx, request{method: http.MethodPost, path: cmpOr(c.path, "/v1/imports"), query: q, body: bytes.NewReader(body), contentType: kind}, job)
}

// wait asks until every line is judged.
func (c *importCmd) wait(ctx context.Context, a *api, s *Streams, job *imported) error {
	var state stateText
	p := startProgress(s, "import", state.Load)
	defer p.stop()
	tick := time.NewTicker(importPoll)
	defer tick.Stop()
	for job.State == "queued" || job.State == "running" {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the import %s goes on without us: %w", job.ID, ctx.Err())
		}
		if err := a.json(ctx, request{path: "/v1/imports/" + job.ID}, job); err != nil {
			return err
		}
		state.Store(fmt.Sprintf("%d of %d lines, %d refused", job.Done, job.Lines, job.Refused))
	}
	return nil
}

// lines prints what became of lines: of those that were not taken, or of all.
func (c *importCmd) lines(ctx context.Context, a *api, s *Streams, g *Global, id string) error {
	outcomes := []string{"refused", "skipped"}
	if c.All {
		outcomes = []string{""}
	}
	for _, outcome := range outcomes {
		q := url.Values{"limit": {strconv.Itoa(listMax)}}
		if outcome != "" {
			q.Set("outcome", outcome)
		}
		err := eachItem(ctx, a, "/v1/imports/"+id+"/results", q, func(raw json.RawMessage) error {
			if g.JSON {
				return printJSONLine(s.Out, raw)
			}
			var l importedLine
			if err := json.Unmarshal(raw, &l); err != nil {
				return err
			}
			_, err := fmt.Fprint(s.Out, l.text())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// text answers a line of what became of a line, and one for each fault.
func (l *importedLine) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d: %s", l.Line, l.Outcome)
	if l.Type == "property" {
		l.Property = "" // its code says it
	}
	if what := strings.Join(strings.Fields(l.Type+" "+l.Property+" "+l.Code), " "); what != "" {
		b.WriteString(" (" + what + ")")
	}
	b.WriteByte('\n')
	for _, e := range l.Errors {
		b.WriteString("  ")
		if e.Field != "" {
			b.WriteString(e.Field + ": ")
		}
		fmt.Fprintf(&b, "%s: want %s", e.Code, e.Expected)
		if e.Got != "" {
			b.WriteString(", got " + e.Got)
		}
		if e.Fix != "" {
			b.WriteString(" (" + e.Fix + ")")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// report prints the sum, and ends with what it means.
func (j *imported) report(s *Streams, g *Global) error {
	if j.State == "failed" {
		return fmt.Errorf("import %s failed: %s; what was judged before stays so: run it again", j.ID, j.Error)
	}
	if !g.JSON {
		would := ""
		if j.DryRun {
			would = "would be "
		}
		fmt.Fprintf(s.Out, "%d lines: %s%d created, %d changed, %d unchanged, %d refused, %d skipped  (%s)\n", j.Lines, would, j.Created, j.Changed, j.Unchanged, j.Refused, j.Skipped, j.ID)
	}
	if j.Refused+j.Skipped > 0 {
		return refused(fmt.Errorf("%d of %d lines were not taken", j.Refused+j.Skipped, j.Lines))
	}
	return nil
}

// eachItem calls f for the items of all pages of a list.
func eachItem(ctx context.Context, a *api, path string, q url.Values, f func(json.RawMessage) error) error {
	for {
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  *string           `json:"next"`
		}
		if err := a.json(ctx, request{path: path, query: q}, &page); err != nil {
			return err
		}
		for _, raw := range page.Items {
			if err := f(raw); err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		q.Set("cursor", *page.Next)
	}
}
