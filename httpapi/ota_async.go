package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// HTNG's asynchronous exchange: a SOAP message with a CorrelationID and a ReplyTo is applied and committed, its result is kept in the store, and then
// its receipt is acknowledged. The result is posted to ReplyTo by whichever node writes, until it is taken or given up. So an acknowledgement means what
// any answer means here: committed.
const (
	repliesMax      = 1_000 // results that wait to be posted, of all connections; beyond that senders are told to come back (S27)
	repliesAtOnce   = 8     // posted at the same time
	replyKeptFor    = 24 * time.Hour
	replyTimeout    = 20 * time.Second
	replyPoll       = 5 * time.Second // for results that another node left behind
	replyAnswerMax  = 64 << 10        // bytes of a partner's answer that are looked at
	correlationsMax = 256             // bytes of a CorrelationID
)

// replyWaits is how long each attempt waits after the one before it: about four hours in all. A node that starts begins anew, within replyKeptFor.
var replyWaits = []time.Duration{0, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}

// replyHost reads an entry of a connection's reply_to: a scheme and a host with its port.
func replyHost(entry string) (scheme, host string, ok bool) {
	if !strings.Contains(entry, "://") {
		entry = "https://" + entry
	}
	u, err := url.Parse(entry)
	if err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(entry, " \t\r\n") {
		return "", "", false
	}
	return addressOf(u)
}

// addressOf answers where a URL leads, with its port; false if that is not plain HTTP or HTTPS.
func addressOf(u *url.URL) (scheme, host string, ok bool) {
	ports := map[string]string{"https": "443", "http": "80"}
	port := u.Port()
	if port == "" {
		port = ports[u.Scheme]
	}
	if u.Hostname() == "" || u.User != nil || ports[u.Scheme] == "" || u.Opaque != "" {
		return "", "", false
	}
	return u.Scheme, net.JoinHostPort(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), port), true
}

// replyAllowed tells whether a result may be posted to an address: only to hosts that the connection names (S37).
func replyAllowed(list []string, to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	scheme, host, ok := addressOf(u)
	return ok && slices.ContainsFunc(list, func(entry string) bool {
		s, h, good := replyHost(entry)
		return good && s == scheme && h == host
	})
}

// exchange finds out whether the message's result is to be posted later. A message that asks for that where it cannot be is refused before anything
// is applied.
func (c *otaCall) exchange() *otaxml.Fault {
	m := c.message
	if m.Envelope == otaxml.Plain || m.CorrelationID == "" || m.ReplyTo == "" || len(c.conn.ReplyTo) == 0 || strings.Contains(m.ReplyTo, "/addressing/") {
		return nil // answered at once: WS-Addressing's anonymous and none are below .../addressing/
	}
	switch {
	case len(m.CorrelationID) > correlationsMax:
		return otaxml.NewFault(otaxml.CodeValue, "a CorrelationID of at most 256 bytes")
	case !replyAllowed(c.conn.ReplyTo, m.ReplyTo):
		return otaxml.NewFault(otaxml.CodeForbidden, "results are not posted to this ReplyTo: its host is not one of the connection's (setting reply_to); nothing was applied")
	case len(c.e.a.s.ObjectCodes(ari.HubProperty, hub.KindReply, "", repliesMax)) >= repliesMax:
		return otaxml.NewFault(otaxml.CodeBusy, "busy: too many results wait to be posted; nothing was applied")
	}
	c.async = true
	return nil
}

// identify gives a message of an asynchronous exchange its CorrelationID as identity: told again, it is a repeat, unless it says something else.
func (c *otaCall) identify(s *hub.Submission) {
	if c.async {
		s.Identity.ID = hashedID("htng|" + c.message.CorrelationID)
	}
}

// repliesAuthor is who puts and removes results.
var repliesAuthor = ari.Author{Kind: ari.BySystem, ID: "ota-replies"}

// result answers what became of a message: at once, or by a receipt, once the result is kept to be posted.
func (c *otaCall) result(a otaxml.Answer) error {
	if !c.async || c.dry {
		return c.answer(a)
	}
	m := c.message
	reply := otaxml.EncodeResult(m, c.profile, a, c.r.id, c.conn.ReplyAs == hub.ReplyReport)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%d:%s%s", len(c.conn.ID), c.conn.ID, len(m.CorrelationID), m.CorrelationID, m.ReplyTo))
	code := "reply_" + hexOf(sum[:16])
	v := hub.Reply{Connection: c.conn.ID, Exchange: m.CorrelationID, To: m.ReplyTo, ContentType: reply.ContentType, Body: string(reply.Body), Created: c.now.UTC()}
	if err := putOwn(c.r.Context(), c.e.a.s, repliesAuthor, hub.KindReply, code, v); err != nil {
		return c.submitError(nil, err)
	}
	c.e.replies.look()
	receipt := otaxml.EncodeReceipt(m)
	c.r.w.Header().Set("Content-Type", receipt.ContentType)
	return c.r.bytes(receipt.Status, receipt.Body)
}

// otaReplies posts results.
type otaReplies struct {
	a      *api
	client *http.Client
	wake   chan struct{}
	slots  chan struct{}

	mu  sync.Mutex
	try map[string]*replyTry
}

// replyTry is how far this node is with a result.
type replyTry struct {
	n    int // attempts made
	due  time.Time
	busy bool
}

func newOTAReplies(a *api) *otaReplies {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a redirect leads to a host that nobody named
	return &otaReplies{a: a, client: &http.Client{Timeout: replyTimeout, CheckRedirect: stay}, wake: make(chan struct{}, 1), slots: make(chan struct{}, repliesAtOnce), try: map[string]*replyTry{}}
}

// look asks for a sweep now.
func (r *otaReplies) look() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run posts what waits, until the context ends; it returns when all that it started has.
func (r *otaReplies) run(ctx context.Context) {
	var started sync.WaitGroup
	defer started.Wait()
	for {
		timer := time.NewTimer(r.sweep(ctx, &started))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// sweep starts what is due, and answers when to look again. Only the node that writes posts.
func (r *otaReplies) sweep(ctx context.Context, started *sync.WaitGroup) time.Duration {
	if r.a.notWriter() != nil {
		return replyPoll
	}
	codes := r.a.s.ObjectCodes(ari.HubProperty, hub.KindReply, "", repliesMax)
	next, now := replyPoll, time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for code, t := range r.try {
		if !t.busy && !slices.Contains(codes, code) {
			delete(r.try, code)
		}
	}
	for _, code := range codes {
		t := r.try[code]
		if t == nil {
			t = &replyTry{}
			r.try[code] = t
		}
		if wait := t.due.Sub(now); t.busy || wait > 0 {
			if !t.busy {
				next = min(next, wait)
			}
			continue
		}
		select {
		case r.slots <- struct{}{}:
			t.busy = true
			started.Go(func() { r.deliver(ctx, code, t) })
		default:
			return next // the next one to end looks again
		}
	}
	return next
}

// deliver makes one attempt.
func (r *otaReplies) deliver(ctx context.Context, code string, t *replyTry) {
	defer func() { <-r.slots; r.look() }()
	err, final := r.post(ctx, code)
	r.mu.Lock()
	defer r.mu.Unlock()
	t.busy = false
	if t.n++; err == nil {
		return
	}
	if final || t.n >= len(replyWaits) {
		r.a.o.Log.Error("result of an asynchronous exchange given up", "reply", code, "attempts", t.n, "error", err.Error())
		if err := r.remove(ctx, code); err != nil {
			r.a.o.Log.Warn("result cannot be removed", "reply", code, "error", err.Error())
		}
		return
	}
	r.a.o.Log.Warn("result of an asynchronous exchange not taken; tried again", "reply", code, "attempts", t.n, "error", err.Error())
	t.due = time.Now().Add(replyWaits[t.n])
}

// post posts a result and removes it once it is taken. final says that no further attempt will help.
func (r *otaReplies) post(ctx context.Context, code string) (err error, final bool) { //nolint:revive // the error is what is looked at first
	body, _, err := r.a.s.Object(ari.HubProperty, hub.KindReply, code)
	if err != nil {
		return nil, false // taken by somebody else
	}
	var v hub.Reply
	if err := json.Unmarshal(body, &v); err != nil {
		return err, true
	}
	conn, ok := r.a.s.Connection(v.Connection)
	switch {
	case !ok || !replyAllowed(conn.ReplyTo, v.To):
		return fmt.Errorf("connection %s: its host is not named any more", v.Connection), true
	case r.a.o.Now().Sub(v.Created) > replyKeptFor:
		return fmt.Errorf("connection %s: a day old", v.Connection), true
	}
	if err := r.send(ctx, &v); err != nil {
		return fmt.Errorf("connection %s: %w", v.Connection, err), false
	}
	return r.remove(ctx, code), false
}

// send posts to the partner: 2xx, and no SOAP fault nor Errors, is a yes.
func (r *otaReplies) send(ctx context.Context, v *hub.Reply) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.To, bytes.NewReader([]byte(v.Body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", v.ContentType)
	req.Header.Set("User-Agent", "Ratewire/"+r.a.o.Version)
	if strings.HasPrefix(v.ContentType, "text/xml") {
		req.Header.Set("SOAPAction", `""`)
	}
	res, err := r.client.Do(req)
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err // without the address, which may hold a key of the partner's
	}
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(res.Body, replyAnswerMax))
	switch {
	case res.StatusCode/100 != 2:
		return fmt.Errorf("answered with status %d", res.StatusCode)
	case !otaxml.IsReceipt(b, res.Header.Get("Content-Type")):
		return fmt.Errorf("answered with a fault or Errors")
	}
	return nil
}

func (r *otaReplies) remove(ctx context.Context, code string) error {
	_, err := r.a.s.PutObject(ctx, repliesAuthor, ari.HubProperty, hub.KindReply, code, nil, 0, false)
	if notFound(err) {
		return nil
	}
	return err
}

// Background is what the handler that New answers is, too: what the API does by itself.
type Background interface {
	// Run posts results of asynchronous exchanges until ctx ends; it returns when all that it started has ended.
	Run(ctx context.Context) error
}

// Run is Background.
func (a *api) Run(ctx context.Context) error {
	a.ota.replies.run(ctx)
	return nil
}
