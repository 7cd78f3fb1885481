package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// pushMax bounds one pushed file that is no NDJSON: the hub's own limits are below it.
const pushMax = 64 << 20

type pushCmd struct {
	hubFlags
	Files          []string `arg:"" name:"file" help:"OTA XML, canonical JSON (an update or a list) or NDJSON; - is standard input. What it is, is seen from its beginning."`
	Connection     string   `default:"ota" help:"Connection that OTA messages are pushed as."`
	MakeConnection bool     `help:"Make that connection first if it is not there: protocol ota, its codes are the hub's own."`
	User           string   `help:"User of the connection, with --password, instead of a token; default the connection's id."`
	Password       string   `help:"Its password. Better told as RATEWIRE_PASSWORD."`
	DryRun         bool     `help:"Judge only: answer what would change."`
}

// pushed is what became of one file.
type pushed struct {
	File   string          `json:"file"`
	Format string          `json:"format"` // ota | json | ndjson
	OK     bool            `json:"ok"`
	Result string          `json:"result"`
	Answer json.RawMessage `json:"answer,omitempty"`
	Lines  []string        `json:"lines,omitempty"` // warnings and errors, one a line
}

// Run pushes the files in the order they are named and stops at none: each is answered for itself.
func (c *pushCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	if c.MakeConnection {
		if err := c.makeConnection(ctx, a); err != nil {
			return err
		}
	}
	bad := 0
	for _, name := range c.Files {
		p, err := c.one(ctx, a, s, name)
		var exit *ExitError
		if errors.As(err, &exit) && exit.Code == ExitRefused {
			p.Result, p.Lines, err = "refused", strings.Split(exit.Error(), "\n"), nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !p.OK {
			bad++
		}
		if err := p.print(s, g); err != nil {
			return err
		}
	}
	if bad > 0 {
		return refused(fmt.Errorf("%d of %d files were refused, whole or in part", bad, len(c.Files)))
	}
	return nil
}

// makeConnection makes the OTA connection unless it is there.
func (c *pushCmd) makeConnection(ctx context.Context, a *api) error {
	path := "/v1/connections/" + url.PathEscape(c.Connection)
	resp, err := a.do(ctx, request{path: path})
	if err == nil {
		return resp.Body.Close()
	}
	return a.json(ctx, request{method: http.MethodPut, path: path, body: strings.NewReader(`{"protocol":"ota","unmapped":true}`), contentType: "application/json",
		header: http.Header{"If-None-Match": {"*"}}}, nil)
}

// authorization answers the header of the connection's own user and password; nil to go by token.
func (c *pushCmd) authorization() http.Header {
	if c.Password == "" {
		return nil
	}
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(cmpOr(c.User, c.Connection), c.Password)
	return r.Header
}

func (p *pushed) print(s *Streams, g *Global) error {
	if g.JSON {
		return printJSONLine(s.Out, p)
	}
	fmt.Fprintf(s.Out, "%s  %s  %s\n", p.File, p.Format, p.Result)
	for _, l := range p.Lines {
		fmt.Fprintf(s.Out, "  %s\n", strings.TrimSpace(l))
	}
	return nil
}

// one pushes one file.
func (c *pushCmd) one(ctx context.Context, a *api, s *Streams, name string) (pushed, error) {
	p := pushed{File: name}
	in := s.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return p, usage("%w", err)
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, pushMax+1))
	if err != nil {
		return p, err
	}
	if len(body) > pushMax {
		return p, refused(fmt.Errorf("more than %d bytes", pushMax))
	}
	p.Format = formatOf(body)
	switch p.Format {
	case "ota":
		return p, c.ota(ctx, a, body, &p)
	case "json", "ndjson":
		return p, c.canonical(ctx, a, body, &p)
	}
	return p, refused(errors.New("neither XML nor JSON"))
}

// formatOf sees what a file is from its beginning: ota, json, ndjson or nothing known.
func formatOf(body []byte) string {
	b := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(b, []byte("<")), bytes.HasPrefix(b, []byte{0xfe, 0xff}), bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return "ota"
	case bytes.HasPrefix(b, []byte("[")):
		return "json"
	case bytes.HasPrefix(b, []byte("{")):
		d := json.NewDecoder(bytes.NewReader(b))
		var first json.RawMessage
		if d.Decode(&first) == nil && d.More() {
			return "ndjson"
		}
		return "json"
	}
	return ""
}

func (c *pushCmd) query() url.Values {
	q := url.Values{}
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	return q
}

// ota pushes an OTA message and reads its answer.
func (c *pushCmd) ota(ctx context.Context, a *api, body []byte, p *pushed) error {
	resp, err := a.do(ctx, request{method: http.MethodPost, path: "/ota/" + url.PathEscape(c.Connection), query: c.query(),
		body: bytes.NewReader(body), contentType: "application/xml", header: c.authorization()})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return &ExitError{ExitDenied, fmt.Errorf("connection %s: %s", c.Connection, resp.Status)}
	}
	r := readOTAAnswer(answer)
	p.OK, p.Lines = r.success && len(r.errors) == 0, append(r.errors, r.warnings...)
	switch {
	case !r.success:
		p.Result = "refused"
	case len(r.warnings) > 0:
		p.Result = fmt.Sprintf("taken, %d warnings", len(r.warnings))
	default:
		p.Result = "taken"
	}
	return nil
}

// otaAnswer is the part of an OTA answer that a person wants to see.
type otaAnswer struct {
	success          bool
	warnings, errors []string
}

// readOTAAnswer finds Success, Warning and Error anywhere in an answer, SOAP or plain.
func readOTAAnswer(b []byte) (r otaAnswer) {
	d := xml.NewDecoder(bytes.NewReader(b))
	var into *[]string
	for {
		t, err := d.Token()
		if err != nil {
			return r
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "Success":
				r.success = true
			case "Warning", "Error", "Fault":
				into = &r.errors
				if t.Name.Local == "Warning" {
					into = &r.warnings
				}
				*into = append(*into, attributes(t))
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); into != nil && text != "" {
				(*into)[len(*into)-1] += " " + text
			}
		case xml.EndElement:
			if n := t.Name.Local; n == "Warning" || n == "Error" || n == "Fault" {
				into = nil
			}
		}
	}
}

func attributes(t xml.StartElement) string {
	parts := []string{t.Name.Local}
	for _, a := range t.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			parts = append(parts, a.Name.Local+"="+a.Value)
		}
	}
	return strings.Join(parts, " ")
}
