package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/store"
)

// Problem is an answer that says what went wrong (RFC 9457). Code is stable; the page /errors/{code} says more.
type Problem struct {
	Type      string            `json:"type" doc:"Page of the code."`
	Title     string            `json:"title" doc:"What the code means."`
	Status    int               `json:"status"`
	Code      string            `json:"code" doc:"Stable code; see docs/errors.md."`
	Detail    string            `json:"detail,omitempty" doc:"What happened this time."`
	RequestID string            `json:"request_id"`
	MessageID string            `json:"message_id,omitempty" doc:"The kept message, where one was kept."`
	Retryable bool              `json:"retryable" doc:"The same request may succeed later."`
	Errors    []canonical.Fault `json:"errors,omitempty" doc:"Every fault found, at most 100."`
	Position  string            `json:"position,omitempty" doc:"Of a feed that is gone: read the present state, then go on from here."`

	retryAfter time.Duration
	header     [2]string // one header of its own
}

// Error answers one line.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// problem answers a problem of the catalogue.
func problem(code, detail string) *Problem {
	c, ok := catalogue[code]
	if !ok {
		c = catalogue["internal"]
	}
	return &Problem{Type: "/errors/" + code, Title: c.Title, Status: c.Status, Code: code, Detail: detail, Retryable: c.Retryable}
}

// faulty answers the problem of faults: their code if they share it, else invalid_request.
func faulty(faults []canonical.Fault) *Problem {
	code := faults[0].Code
	for _, f := range faults {
		if f.Code != code {
			code = "invalid_request"
			break
		}
	}
	if _, ok := catalogue[code]; !ok {
		code = "invalid_request"
	}
	p := problem(code, "")
	p.Errors = faults
	p.Detail = (&canonical.Error{Faults: faults}).Error()
	return p
}

// fault answers the problem of one fault.
func fault(code, pointer, expected, got, fix string) *Problem {
	return faulty([]canonical.Fault{{Code: code, Pointer: pointer, Expected: expected, Got: got, Fix: fix}})
}

// problemOf answers what an error of the service means outside. Causes that are ours are not told.
func problemOf(err error) *Problem {
	var p *Problem
	var c *canonical.Error
	var u *ari.UpdateError
	var busy *hub.BusyError
	var notWriter *hub.NotWriterError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &c):
		p := faulty(c.Faults)
		if c.More > 0 {
			p.Detail += " (and " + strconv.Itoa(c.More) + " more that are not listed)"
		}
		return p
	case errors.As(err, &u):
		return refused(u, itemPointer)
	case errors.As(err, &busy):
		p := problem("busy", "")
		if busy.Property != "" {
			p = problem("property_busy", "the queue of "+busy.Property+" is full")
		} else if busy.Sender != "" {
			p = problem("source_busy", "too many updates of "+busy.Sender+" wait")
		}
		p.retryAfter = max(busy.RetryAfter, time.Second)
		return p
	case errors.As(err, &notWriter):
		p := problem("no_writer", "")
		p.retryAfter = time.Second
		return p
	}
	for _, e := range sentinels {
		if errors.Is(err, e.err) {
			return problem(e.code, "")
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return problem("timeout", "")
	}
	return problem("internal", "")
}

var sentinels = []struct {
	err  error
	code string
}{
	{hub.ErrUnknownProperty, "unknown_property"}, {hub.ErrConflict, "identity_conflict"}, {hub.ErrTooOld, "too_old"},
	{hub.ErrNotReady, "not_ready"}, {hub.ErrClosing, "closing"}, {hub.ErrStale, "precondition_failed"}, {hub.ErrNoIdentity, ari.CodeAdjustNoID},
	{hub.ErrEpoch, "other_epoch"}, {hub.ErrInternal, "internal"}, {store.ErrGone, "gone"}, {store.ErrNotFound, "not_found"}, {store.ErrFull, "store_full"},
}

// itemPointer answers the pointer of an item's path where nothing better is known.
func itemPointer(e *ari.ItemError) string {
	m := canonical.Message{Items: e.Item + 1}
	return m.PointerOf(e.Item, e.Path)
}

// refused answers the problem of a refused update; where says where an item's path is in the request.
func refused(u *ari.UpdateError, where func(*ari.ItemError) string) *Problem {
	faults := make([]canonical.Fault, len(u.Items))
	for i, e := range u.Items {
		faults[i] = canonical.Fault{Code: e.Code, Pointer: where(e), Expected: e.Expected, Got: e.Got, Fix: fixes[e.Code]}
	}
	return faulty(faults)
}

// fail answers with the problem of an error.
func (r *request) fail(err error) {
	p := problemOf(err)
	if p.Status >= 500 && p.Code == "internal" {
		r.failed(err)
	}
	if r.w.status != 0 {
		return // too late: the answer has begun, and ends short
	}
	p.RequestID = r.id
	h := r.w.Header()
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.header[0] != "" {
		h.Set(p.header[0], p.header[1])
	}
	if p.Status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", `Bearer realm="ratewire"`)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	r.w.WriteHeader(p.Status)
	b, _ := json.Marshal(p) // strings and numbers only
	r.w.Write(append(b, '\n'))
}
