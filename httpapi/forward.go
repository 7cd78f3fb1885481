package httpapi

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/hub"
)

// A node that does not write forwards writes to the one that does, with what the caller may do, signed with a key of the store (S31). A
// forwarded request is never forwarded again: when the writer has changed meanwhile, the caller is told to try again.
const (
	forwardHeader  = "X-Ratewire-Forward"
	forwardSigned  = "X-Ratewire-Signature"
	forwardTimeout = 20 * time.Second
	forwardFor     = time.Minute // a signature is good for so long: clocks of nodes may differ by less
	answerMax      = 64 << 20
	noBody         = "stream" // stands for the body's hash of what cannot be hashed before it is sent
)

// forwarded is the caller of a forwarded request.
type forwarded struct {
	Client     string   `json:"client,omitempty"`
	Connection string   `json:"connection,omitempty"`
	Person     string   `json:"person,omitempty"`
	Scopes     []string `json:"scopes,omitempty"`
	Properties []string `json:"properties"` // null is all; none is empty
	At         int64    `json:"at"`         // unix seconds
	Body       string   `json:"body"`
	RequestID  string   `json:"request_id"`
}

func (a *api) forwardKey(ctx context.Context) ([]byte, error) { return a.s.Key(ctx, "forward") }

// sign answers the signature of a forwarded request: over method, target and the caller.
func sign(key []byte, method, target, header string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(method + "\n" + target + "\n" + header))
	return hex.EncodeToString(m.Sum(nil))
}

// forward sends the request on to the writer and answers what it answers.
func (a *api) forward(r *request, n *hub.NotWriterError) error {
	if n.Address == "" || r.who.forwarded {
		return problemOf(n)
	}
	if r.body == nil && r.ContentLength != 0 {
		if _, err := r.readBody(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), forwardTimeout)
	defer cancel()
	return a.pass(ctx, r, n.Address, bytes.NewReader(r.body), sumOf(r.body))
}

// sumOf answers a body's hash, as it is signed.
func sumOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// forwardStream sends a stream on as it comes.
func (a *api) forwardStream(r *request, address string) error {
	return a.pass(r.Context(), r, address, r.Body, noBody)
}

func (a *api) pass(ctx context.Context, r *request, address string, body io.Reader, sum string) error {
	out, err := a.forwardRequest(ctx, r, address, body, sum)
	if err != nil {
		return err
	}
	client := a.o.Client
	if sum == noBody {
		c := *client
		c.Timeout = 0 // the stream ends when its sender ends it
		client = &c
	}
	res, err := client.Do(out)
	if err != nil {
		a.o.Log.Warn("forwarding failed", "request_id", r.id, "writer", address, "error", err.Error())
		p := problem("no_writer", "the writer could not be reached")
		p.retryAfter = time.Second
		return p
	}
	defer res.Body.Close()
	for _, h := range []string{"Content-Type", "ETag", "Retry-After", "WWW-Authenticate", "Location", alpineEncoding} {
		if v := res.Header.Get(h); v != "" {
			r.w.Header().Set(h, v)
		}
	}
	r.w.WriteHeader(res.StatusCode)
	copyFlushing(r.w, io.LimitReader(res.Body, answerMax))
	return nil
}

// copyFlushing copies an answer as it comes.
func copyFlushing(w http.ResponseWriter, from io.Reader) {
	ctl := http.NewResponseController(w)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return
			}
			_ = ctl.Flush()
		}
		if err != nil {
			return
		}
	}
}

func (a *api) forwardRequest(ctx context.Context, r *request, address string, body io.Reader, sum string) (*http.Request, error) {
	key, err := a.forwardKey(ctx)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(forwarded{r.who.client, r.who.connection, r.who.person, r.who.scopes, r.who.properties, a.o.Now().Unix(), sum, r.id})
	if err != nil {
		return nil, err
	}
	target := r.URL.RequestURI()
	out, err := http.NewRequestWithContext(ctx, r.Method, strings.TrimSuffix(writerURL(address), "/")+target, body)
	if err != nil {
		return nil, err
	}
	for _, h := range []string{"Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Accept", "SOAPAction", alpineVersion, alpineClient, "traceparent", "tracestate"} {
		if v := r.Header.Get(h); v != "" {
			out.Header.Set(h, v)
		}
	}
	header := base64.RawURLEncoding.EncodeToString(b)
	out.Header.Set(forwardHeader, header)
	out.Header.Set(forwardSigned, sign(key, r.Method, target, header))
	out.Header.Set("X-Request-Id", r.id)
	return out, nil
}

// writerURL answers the address of the lease as a URL.
func writerURL(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	return "http://" + address
}

// forwardedCaller answers who a forwarded request comes from, if another node of this hub signed it.
func (a *api) forwardedCaller(r *request) (caller, error) {
	key, err := a.forwardKey(r.Context())
	if err != nil {
		return caller{}, err
	}
	header := r.Header.Get(forwardHeader)
	want := sign(key, r.Method, r.URL.RequestURI(), header)
	if !hmac.Equal([]byte(want), []byte(r.Header.Get(forwardSigned))) {
		return caller{}, problem("unauthorized", "")
	}
	b, err := base64.RawURLEncoding.DecodeString(header)
	var f forwarded
	if err != nil || json.Unmarshal(b, &f) != nil {
		return caller{}, problem("unauthorized", "")
	}
	if d := a.o.Now().Sub(time.Unix(f.At, 0)); d > forwardFor || d < -forwardFor {
		return caller{}, problem("unauthorized", "the signature is "+strconv.Itoa(int(d/time.Second))+" s old")
	}
	if f.Body != noBody {
		body, err := r.readBody()
		if err != nil {
			return caller{}, err
		}
		if sumOf(body) != f.Body {
			return caller{}, problem("unauthorized", "")
		}
	}
	who := caller{client: f.Client, connection: f.Connection, person: f.Person, scopes: f.Scopes, properties: f.Properties, forwarded: true}
	a.metered(&who)
	return who, nil
}
