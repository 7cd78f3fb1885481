package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ratewire/ratewire/hub"
)

// Options are the settings of the API. The zero value works.
type Options struct {
	Version string                                     // of the release, shown in the OpenAPI document; default "dev"
	Now     func() time.Time                           // default time.Now
	Log     *slog.Logger                               // of our own faults; default discards
	Extra   []Extra                                    // more handlers beside the API's, for instance /metrics
	Client  *http.Client                               // forwards writes to the writer node; default one of our own
	Access  func(Access)                               // called after each request; nil: not
	Quotas  *Quotas                                    // default NewQuotas of nothing
	Sleep   func(context.Context, time.Duration) error // how a stream waits for its quota; default on the real clock
	Issuer  *Issuer                                    // external issuer whose tokens are taken too; nil: none
	// Decoders by protocol name are what parked items are replayed through; the OTA edge adds its own to the hub's.
}

// Extra is a handler of another part under the API's address.
type Extra struct {
	Pattern string // of http.ServeMux, for instance "GET /metrics"
	Handler http.Handler
	Scope   string // a token with it is needed; "": open
}

// Access is one answered request, for an access log.
type Access struct {
	Method, Route, Path string // Route is the pattern, "" if none took it; Path has no query
	Status              int
	Took                time.Duration
	RequestID           string
	Who                 string // client or connection; "" if not known
	Remote              string
}

// api is the handler and what its routes share.
type api struct {
	s        hub.Service
	o        Options
	mux      *http.ServeMux
	routes   []*route
	registry huma.Registry
	document []byte
	auth     *authority
	ota      *otaEdge
	alpine   *alpineEdge
	boot     string // random part of request ids
	requests atomic.Uint64
	role     atomic.Pointer[roleSeen]
}

// New answers the handler of a hub's API, which is a Background, too: whoever serves it runs that beside it.
//
// Errors: a route table that contradicts itself, which a test would have found.
func New(s hub.Service, o Options) (http.Handler, error) {
	a, err := newAPI(s, o)
	if err != nil {
		return nil, err
	}
	return a, nil
}

func newAPI(s hub.Service, o Options) (*api, error) {
	if s == nil {
		return nil, errors.New("httpapi: a service is required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: forwardTimeout}
	}
	if o.Quotas == nil {
		o.Quotas = NewQuotas(hub.Quota{})
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	a := &api{s: s, o: o, mux: http.NewServeMux(), registry: newRegistry(), auth: newAuthority(s, o.Now), boot: randomHex(6)}
	a.auth.log, a.auth.metered = o.Log, a.metered
	if o.Issuer != nil {
		if err := o.Issuer.Validate(); err != nil {
			return nil, fmt.Errorf("httpapi: %w", err)
		}
		a.auth.issuer = o.Issuer.withDefaults()
	}
	a.ota = newOTAEdge(a)
	a.alpine = newAlpineEdge(a)
	a.routes = a.table()
	for _, r := range a.routes {
		if err := a.mount(r); err != nil {
			return nil, err
		}
	}
	for _, x := range o.Extra {
		if err := a.mount(extraRoute(x)); err != nil {
			return nil, err
		}
	}
	a.mux.HandleFunc("/", a.noRoute)
	var err error
	a.document, err = a.openAPI()
	return a, err
}

// extraRoute is the route of another part's handler.
func extraRoute(x Extra) *route {
	return &route{pattern: x.Pattern, scope: x.Scope, rights: wholeHub, raw: true, handle: func(r *request) error {
		x.Handler.ServeHTTP(r.w, r.Request)
		return nil
	}}
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// ServeHTTP answers one request.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Timeouts of a server for the API. Bodies are bounded, so that a slow sender is told apart from a large one.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute // of a request with its body; streams lift it
	idleTimeout       = 2 * time.Minute
	headerBytesMax    = 64 << 10
)

// Server answers an http.Server with timeouts and bounds that suit the API. There is no write timeout: long polls and streams have their own
// ends.
func Server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytesMax}
}

// mount puts a route on the mux.
func (a *api) mount(rt *route) error {
	if rt.pattern == "" {
		rt.pattern = rt.method + " " + rt.path
	}
	if err := rt.check(); err != nil {
		return fmt.Errorf("httpapi: route %s: %w", rt.pattern, err)
	}
	a.mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, hr *http.Request) { a.serve(rt, w, hr) })
	return nil
}

// serve runs one route: identity, rights, parameters, handler, problem.
func (a *api) serve(rt *route, w http.ResponseWriter, hr *http.Request) {
	r := &request{Request: hr, w: &answer{ResponseWriter: w}, api: a, route: rt, id: a.requestID(w, hr)}
	if a.o.Access != nil {
		start := time.Now()
		defer func() {
			a.o.Access(Access{Method: hr.Method, Route: rt.pattern, Path: hr.URL.Path, Status: r.w.status, Took: time.Since(start), RequestID: r.id,
				Who: r.who.name(), Remote: hr.RemoteAddr})
		}()
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			a.o.Log.Error("panic", "route", rt.pattern, "request_id", r.id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			r.fail(problem("internal", ""))
		}
	}()
	if err := a.run(rt, r); err != nil {
		r.fail(err)
	}
}

func (a *api) run(rt *route, r *request) error {
	if !rt.endless {
		ctx, cancel := context.WithTimeout(r.Context(), requestWithin)
		defer cancel()
		r.Request = r.WithContext(ctx)
	}
	if err := a.authorize(rt, r); err != nil {
		return err
	}
	if !rt.raw {
		if err := r.readQuery(); err != nil {
			return err
		}
	}
	if rt.writes() && !r.who.forwarded && rt.rights != ownSecrets {
		if n := a.notWriter(); n != nil && rt.op != "streamUpdates" {
			return a.forward(r, n) // before anything is judged by a picture that may lag behind
		}
	}
	if rt.writes() && rt.rights != ownSecrets && !rt.counts {
		if err := r.charge(1); err != nil {
			return err
		}
	}
	err := rt.handle(r)
	if n := (*hub.NotWriterError)(nil); errors.As(err, &n) {
		return a.forward(r, n)
	}
	return err
}

// roleFor is how long what a node knows of the writer is believed before it asks again: asking costs a look at every property.
const roleFor = 50 * time.Millisecond

// roleSeen is who wrote when it was looked at.
type roleSeen struct {
	at     time.Time
	writer bool
	other  string // address of the writer
}

// notWriter answers where writes go if another node writes; nil if this one does, or nobody is known to: the hub will say.
func (a *api) notWriter() *hub.NotWriterError {
	r := a.role.Load()
	if now := time.Now(); r == nil || now.Sub(r.at) > roleFor {
		st := a.s.Status()
		r = &roleSeen{now, st.Writer, st.WriterAddress}
		a.role.Store(r)
	}
	if r.writer || r.other == "" {
		return nil
	}
	return &hub.NotWriterError{Address: r.other}
}

// requestID answers the request's id: that of a handler around us, the caller's if it is harmless, or a new one.
func (a *api) requestID(w http.ResponseWriter, r *http.Request) string {
	const header = "X-Request-Id"
	if id := w.Header().Get(header); id != "" {
		return id
	}
	id := r.Header.Get(header)
	if id == "" || len(id) > 64 || strings.IndexFunc(id, func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }) >= 0 {
		id = "req_" + a.boot + strconv.FormatUint(a.requests.Add(1), 36)
	}
	w.Header().Set(header, id)
	return id
}

// noRoute answers what no route takes.
func (a *api) noRoute(w http.ResponseWriter, hr *http.Request) {
	if strings.HasPrefix(hr.URL.Path, "/alpinebits/") && hr.Method != http.MethodPost {
		http.Error(w, "ERROR:expected HTTP method POST", http.StatusBadRequest) // as the standard's other faults of transport
		return
	}
	rt := &route{pattern: "", method: hr.Method}
	r := &request{Request: hr, w: &answer{ResponseWriter: w}, api: a, route: rt, id: a.requestID(w, hr)}
	if allowed := a.methodsFor(hr); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		r.fail(problem("method_not_allowed", hr.Method+" is not allowed here; try "+strings.Join(allowed, ", ")))
		return
	}
	r.fail(problem("no_such_route", ""))
}

// methodsFor answers the methods that have a route at the request's path.
func (a *api) methodsFor(hr *http.Request) (out []string) {
	for _, m := range []string{"GET", "POST", "PUT", "DELETE"} {
		try := hr.Clone(hr.Context())
		try.Method = m
		if _, pattern := a.mux.Handler(try); pattern != "/" && pattern != "" {
			out = append(out, m)
		}
	}
	return out
}

// answer remembers whether and how an answer began.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status.
func (w *answer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts as an answer of 200.
func (w *answer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
