package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/ratewire/ratewire/ari"
)

type configCmd struct {
	Export configExportCmd `cmd:"" help:"Write what a hub is set up with: no secrets, no prices, in an order that never changes."`
	Diff   configDiffCmd   `cmd:"" help:"Compare a file with a hub. Ends with 0 if they are equal, with 4 if not."`
	Apply  configApplyCmd  `cmd:"" help:"Make a hub what a file says: shows the plan; --yes does it."`
}

// configScope is which part of a hub a command is about.
type configScope struct {
	Property []string `help:"Only these properties, and the mappings of their codes; profiles and connections are left alone."`
}

type configExportCmd struct {
	hubFlags
	configScope
	Format string `enum:"yaml,json" default:"yaml" help:"yaml or json; --json is json."`
}

// Run writes the configuration to standard output.
func (c *configExportCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	list, err := c.hubConfig(ctx, a, s)
	if err != nil {
		return err
	}
	if g.JSON || c.Format == "json" {
		return printJSON(s.Out, configDocument(list))
	}
	return printYAML(s.Out, configDocument(list))
}

func printYAML(w io.Writer, doc map[string]any) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(yamlNode(doc)); err != nil {
		return err
	}
	return e.Close()
}

type configDiffCmd struct {
	hubFlags
	configScope
	File string `arg:"" help:"YAML or JSON, as config export writes it; - is standard input."`
}

// Run prints what differs.
func (c *configDiffCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, steps, err := plan(ctx, &c.hubFlags, &c.configScope, c.File, s)
	if err != nil {
		return err
	}
	defer a.close()
	if err := printSteps(s, g, steps); err != nil {
		return err
	}
	if len(steps) > 0 {
		return negative
	}
	return nil
}

// plan compares a file with a hub.
func plan(ctx context.Context, f *hubFlags, c *configScope, file string, s *Streams) (*api, []step, error) {
	want, err := c.readConfig(file, s)
	if err != nil {
		return nil, nil, err
	}
	a, err := f.open(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	have, err := c.hubConfig(ctx, a, s)
	if err != nil {
		return nil, nil, errors.Join(err, a.close())
	}
	return a, differ(want, have), nil
}

func printSteps(s *Streams, g *Global, steps []step) error {
	for i := range steps {
		if g.JSON {
			if err := printJSONLine(s.Out, map[string]any{"verb": steps[i].verb, "kind": steps[i].kind, "property": steps[i].property, "code": steps[i].code, "changes": steps[i].what}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(s.Out, steps[i].text())
	}
	if len(steps) == 0 && !g.JSON {
		fmt.Fprintln(s.Out, "equal")
	}
	return nil
}

type configApplyCmd struct {
	hubFlags
	configScope
	File   string `arg:"" help:"YAML or JSON, as config export writes it; - is standard input."`
	Yes    bool   `help:"Do what the plan says."`
	Prune  bool   `help:"Also delete what is only in the hub."`
	Reason string `help:"Why: needed to move a property to another stage."`
}

// Run shows the plan, and does it with --yes.
func (c *configApplyCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, steps, err := plan(ctx, &c.hubFlags, &c.configScope, c.File, s)
	if err != nil {
		return err
	}
	defer a.close()
	if !c.Prune {
		steps = slices.DeleteFunc(steps, func(x step) bool { return x.verb == "-" })
	}
	if err := printSteps(s, g, steps); err != nil || len(steps) == 0 {
		return err
	}
	if !c.Yes {
		fmt.Fprintf(s.Err, "%d changes; nothing was done: --yes does it\n", len(steps))
		return nil
	}
	failed, err := c.apply(ctx, a, steps)
	if err != nil {
		return err
	}
	for _, e := range failed {
		fmt.Fprintln(s.Out, "refused:", e)
	}
	fmt.Fprintf(s.Err, "%d of %d changes made\n", len(steps)-len(failed), len(steps))
	if len(failed) > 0 {
		return refused(fmt.Errorf("%d changes were refused", len(failed)))
	}
	return nil
}

// apply makes the changes in order. What is refused is tried again as long as others go through: it may have built on them.
func (c *configApplyCmd) apply(ctx context.Context, a *api, steps []step) (failed []error, err error) {
	left := steps
	for len(left) > 0 {
		var again []step
		failed = failed[:0]
		for i := range left {
			err := c.do(ctx, a, &left[i])
			var exit *ExitError
			if errors.As(err, &exit) && exit.Code == ExitRefused {
				again, failed = append(again, left[i]), append(failed, fmt.Errorf("%s: %w", left[i].name(), err))
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", left[i].name(), err)
			}
		}
		if len(again) == len(left) {
			return failed, nil
		}
		left = again
	}
	return nil, nil
}

// do makes one change.
func (c *configApplyCmd) do(ctx context.Context, a *api, x *step) error {
	path, q := x.path()
	if x.verb == "-" {
		return a.json(ctx, request{method: http.MethodDelete, path: path, query: q}, nil)
	}
	b, err := json.Marshal(x.body)
	if err != nil {
		return err
	}
	if err := a.json(ctx, request{method: http.MethodPut, path: path, query: q, body: bytes.NewReader(b), contentType: "application/json"}, nil); err != nil {
		return err
	}
	was := "draft"
	if x.was != nil {
		was = cmpOr(x.was.stage, was)
	}
	if x.kind != ari.KindProperty || x.stage == "" || x.stage == was {
		return nil
	}
	b, err = json.Marshal(map[string]string{"stage": x.stage, "reason": cmpOr(c.Reason, "config apply")})
	if err != nil {
		return err
	}
	return a.json(ctx, request{method: http.MethodPost, path: path + "/stage", body: bytes.NewReader(b), contentType: "application/json"}, nil)
}

// path answers where the API has a thing.
func (t *thing) path() (string, url.Values) {
	q := url.Values{}
	switch t.kind {
	case "profile", "connection":
		return "/v1/" + t.kind + "s/" + url.PathEscape(t.code), q
	case ari.KindProperty:
		return "/v1/properties/" + url.PathEscape(t.code), q
	case "mapping":
		connection, kind, external := t.key()
		if kind != ari.KindProperty {
			q.Set("property", t.property)
		}
		return "/v1/connections/" + url.PathEscape(connection) + "/mappings/" + kind + "/" + url.PathEscape(external), q
	}
	return "/v1/properties/" + url.PathEscape(t.property) + "/" + configLists[order(t.kind)-3].path + "/" + url.PathEscape(t.code), q
}
