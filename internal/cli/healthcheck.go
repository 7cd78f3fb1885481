package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

type healthcheckCmd struct {
	URL  string        `name:"url" default:"http://127.0.0.1:8080" help:"Address of the node, or of its --ops-listen."`
	Live bool          `help:"Ask only whether the process works."`
	Wait time.Duration `help:"Wait so long for a yes."`
}

// healthWait bounds one question.
const healthWait = 5 * time.Second

// Run asks a node whether it is ready. Exit code 4: it is not.
func (c *healthcheckCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	path := "/readyz"
	if c.Live {
		path = "/healthz"
	}
	until := time.Now().Add(c.Wait)
	for {
		status, body, err := ask(ctx, strings.TrimSuffix(c.URL, "/")+path)
		if status == http.StatusOK {
			if g.JSON {
				return printJSON(s.Out, json.RawMessage(body))
			}
			fmt.Fprintln(s.Out, "ok")
			return nil
		}
		if time.Now().After(until) || ctx.Err() != nil {
			if err == nil {
				err = fmt.Errorf("%s: %d %s", path, status, strings.TrimSpace(string(body)))
			}
			return &ExitError{ExitNegative, err}
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func ask(ctx context.Context, url string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, body, err
}
