package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/ratewire/ratewire/internal/buildinfo"
)

// hubFlags are where a command finds the hub it talks to, and as whom.
type hubFlags struct {
	URL          string `name:"url" default:"http://127.0.0.1:8080" help:"Address of a running hub." group:"hub"`
	Token        string `help:"Access token (ratewire token prints one). Better told as RATEWIRE_TOKEN." group:"hub"`
	ClientID     string `help:"API client, instead of a token." group:"hub"`
	ClientSecret string `help:"Its secret. Better told as RATEWIRE_CLIENT_SECRET." group:"hub"`
	keyFileFlag
	Local string `placeholder:"STORE" help:"Work on a database (file or postgres://...) without a running hub, with all rights." group:"hub"`
}

// api is a hub to talk to: over the network, or in this process.
type api struct {
	base   string
	token  string
	client *http.Client
	close  func() error
}

// answerMax bounds an answer that is read whole.
const answerMax = 64 << 20

// open answers the hub that the flags name. Close it.
func (f *hubFlags) open(ctx context.Context, s *Streams) (*api, error) {
	if f.Local != "" {
		return openLocal(ctx, f.Local, f.SecretsKeyFile, s)
	}
	u, err := url.Parse(f.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usage("--url %q: want an address such as http://127.0.0.1:8080", f.URL)
	}
	a := &api{base: strings.TrimSuffix(f.URL, "/"), token: f.Token, client: &http.Client{}, close: func() error { return nil }}
	if a.token == "" && f.ClientID != "" {
		if a.token, err = a.fetchToken(ctx, f.ClientID, f.ClientSecret); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// fetchToken asks the hub's token endpoint for an access token.
func (a *api) fetchToken(ctx context.Context, id, secret string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	var t struct {
		AccessToken string `json:"access_token"`
	}
	err := a.json(ctx, request{method: http.MethodPost, path: "/oauth/token", body: strings.NewReader(form.Encode()), contentType: "application/x-www-form-urlencoded"}, &t)
	return t.AccessToken, err
}

// request is one call.
type request struct {
	method, path string
	query        url.Values
	body         io.Reader
	contentType  string
	header       http.Header
}

// do calls the hub. An answer of 400 and above is an *ExitError with the problem's text; otherwise the body is the caller's to close.
func (a *api) do(ctx context.Context, r request) (*http.Response, error) {
	u := a.base + r.path
	if len(r.query) > 0 {
		u += "?" + r.query.Encode()
	}
	if r.method == "" {
		r.method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u, r.body)
	if err != nil {
		return nil, usage("%w", err)
	}
	for k, v := range r.header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", "ratewire/"+buildinfo.Version())
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if a.token != "" && req.Header.Get("Authorization") == "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no answer from %s: %w", a.base, errors.Unwrap(err))
	}
	if resp.StatusCode >= 400 && !isXML(resp.Header) {
		defer resp.Body.Close()
		return nil, a.problem(resp)
	}
	return resp, nil
}

func isXML(h http.Header) bool {
	t, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return strings.HasSuffix(t, "xml")
}

// json calls the hub and reads the answer into v.
func (a *api) json(ctx context.Context, r request, v any) error {
	resp, err := a.do(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if v == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, answerMax))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, answerMax)).Decode(v); err != nil {
		return fmt.Errorf("answer of %s %s: %w", resp.Request.Method, resp.Request.URL.Path, err)
	}
	return nil
}

// problem is RFC 9457's, with the hub's own members.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Errors []struct {
		Pointer  string `json:"pointer"`
		Code     string `json:"code"`
		Expected string `json:"expected"`
		Got      any    `json:"got"`
		Fix      string `json:"fix"`
		Message  string `json:"message"`
	} `json:"errors"`
	RequestID string `json:"request_id"`
	Fix       string `json:"-"` // ours
}

// problem turns an answer of 400 and above into the error that is printed, with the exit code it stands for.
func (a *api) problem(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	var p problem
	if json.Unmarshal(body, &p) != nil || p.Title == "" && p.Detail == "" {
		p.Title = strings.TrimSpace(resp.Status)
	}
	code := ExitFailure
	switch {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		code = ExitDenied
		if a.token == "" {
			p.Fix = "name a token: export RATEWIRE_TOKEN=$(ratewire token --store STORE)"
		}
	case resp.StatusCode == http.StatusTooManyRequests:
	case resp.StatusCode < 500:
		code = ExitRefused
	}
	return &ExitError{code, errors.New(p.text())}
}

func (p *problem) text() string {
	var b strings.Builder
	b.WriteString(p.Title)
	if d := strings.TrimSpace(p.Detail); d != "" && d != p.Title && len(p.Errors) == 0 {
		b.WriteString(": " + d)
	}
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "\n  %s", e.Pointer)
		if e.Code != "" {
			fmt.Fprintf(&b, " %s", e.Code)
		}
		if e.Message != "" {
			fmt.Fprintf(&b, ": %s", e.Message)
		}
		if e.Expected != "" {
			fmt.Fprintf(&b, ": want %s", e.Expected)
		}
		if e.Got != nil && e.Got != "" {
			fmt.Fprintf(&b, ", got %v", e.Got)
		}
		if e.Fix != "" {
			fmt.Fprintf(&b, " (%s)", e.Fix)
		}
	}
	if p.Fix != "" {
		fmt.Fprintf(&b, "\n  %s", p.Fix)
	}
	if p.RequestID != "" {
		fmt.Fprintf(&b, "\n  request %s", p.RequestID)
	}
	return b.String()
}
