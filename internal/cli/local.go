package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/internal/telemetry"
)

// openLocal answers the API of a node in this process over a store, with a token for everything (docs/decisions/0007).
func openLocal(ctx context.Context, where, keyFile string, s *Streams) (*api, error) {
	if path, ok := node.File(where); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, usage("--local: %w", err)
		}
	}
	p := startProgress(s, "loading", func() string { return "" })
	n, token, stop, err := node.Local(ctx, node.Config{Store: where, SecretsKeyFile: keyFile, Telemetry: telemetry.Config{LogTo: s.Err, LogLevel: "error"}})
	p.stop()
	if err != nil {
		return nil, err
	}
	return &api{base: "http://local", token: token, client: &http.Client{Transport: &inProcess{n.Handler()}}, close: stop}, nil
}

// inProcess is an http.RoundTripper that calls a handler without a socket.
type inProcess struct{ handler http.Handler }

// RoundTrip answers as soon as the handler has begun its answer.
func (t *inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	body, w := io.Pipe()
	rec := &pipeAnswer{header: http.Header{}, body: w, begun: make(chan struct{})}
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = "local:0"
	if r.Body == nil {
		r.Body = http.NoBody
	}
	go func() {
		defer func() {
			if p := recover(); p != nil {
				rec.begin(http.StatusInternalServerError)
				w.CloseWithError(errors.New("the handler panicked"))
			}
		}()
		t.handler.ServeHTTP(rec, r)
		rec.begin(http.StatusOK)
		w.Close()
	}()
	select {
	case <-rec.begun:
	case <-r.Context().Done():
		body.Close()
		return nil, r.Context().Err()
	}
	return &http.Response{
		Status: http.StatusText(rec.status), StatusCode: rec.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.sent, Body: body, ContentLength: -1, Request: r,
	}, nil
}

// pipeAnswer is the http.ResponseWriter of inProcess.
type pipeAnswer struct {
	header http.Header
	sent   http.Header // as it was when the answer began
	status int
	body   *io.PipeWriter
	begun  chan struct{}
}

// Header is http.ResponseWriter's.
func (w *pipeAnswer) Header() http.Header { return w.header }

// WriteHeader begins the answer.
func (w *pipeAnswer) WriteHeader(status int) {
	if status >= 200 {
		w.begin(status)
	}
}

// Write is http.ResponseWriter's.
func (w *pipeAnswer) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.body.Write(b)
}

// Flush is http.Flusher's; there is nothing to flush.
func (w *pipeAnswer) Flush() { w.begin(http.StatusOK) }

// EnableFullDuplex is what http.ResponseController asks for: a pipe is.
func (w *pipeAnswer) EnableFullDuplex() error { return nil }

func (w *pipeAnswer) begin(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	}
}
