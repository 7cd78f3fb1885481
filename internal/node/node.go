package node

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/buildinfo"
	"github.com/ratewire/ratewire/internal/oidc"
	"github.com/ratewire/ratewire/internal/telemetry"
	"github.com/ratewire/ratewire/store"
)

// Config is what a node is made of. The zero value is a node without a listener on the default store.
type Config struct {
	Store          string         // default DefaultStore
	Listen         string         // host:port of the API; "": none, Handler only
	OpsListen      string         // host:port of health and metrics; "": they are on Listen
	TLSCert        string         // PEM files; both or none
	TLSKey         string         //
	Node           string         // name in lease and logs; default random
	Address        string         // URL at which other nodes reach this one
	Lease          time.Duration  // default hub's
	SecretsKeyFile string         // keys that the hub's own keys are encrypted under; "": they are in clear
	Quota          hub.Quota      // of clients and connections that have none of their own; zero fields: httpapi.DefaultQuota
	Issuer         oidc.Config    // of tokens that are taken beside the hub's own; zero: none
	Claims         httpapi.Issuer // how their claims are read; Verifier is ours to fill in
	Telemetry      telemetry.Config
}

// Validate reports every fault at once.
func (c *Config) Validate() error {
	var errs []error
	if (c.TLSCert == "") != (c.TLSKey == "") {
		errs = append(errs, errors.New("tls-cert and tls-key belong together"))
	}
	if c.Lease < 0 || c.Lease > 0 && c.Lease < time.Second || c.Lease > 5*time.Minute {
		errs = append(errs, fmt.Errorf("lease %s: want 1s to 5m", c.Lease))
	}
	if q := c.Quota; q.UpdatesPerSecond < 0 || q.UpdatesPerSecond > quotaMax || q.Burst < 0 || q.Burst > quotaMax {
		errs = append(errs, fmt.Errorf("quota_updates %d, quota_burst %d: want 0 (the default) to %d", q.UpdatesPerSecond, q.Burst, quotaMax))
	}
	if err := errors.Join(c.Issuer.Validate(), c.Claims.Validate()); err != nil {
		errs = append(errs, err)
	}
	if _, _, err := engine(c.store()); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// quotaMax bounds the settings of quotas: more than any store commits.
const quotaMax = 1_000_000

func (c *Config) store() string {
	if c.Store == "" {
		return DefaultStore
	}
	return c.Store
}

// Node is one node, from Open to the end of Run.
type Node struct {
	Hub *hub.Hub

	config   Config
	store    store.Store
	tel      *telemetry.Telemetry
	handler  http.Handler
	beside   httpapi.Background // what the API does by itself
	api      net.Listener
	ops      net.Listener
	stopping chan struct{} // closed when the node begins to stop
	certs    *certificates
	issuer   *oidc.Verifier // nil: none
	quotas   *httpapi.Quotas
	settled  atomic.Bool // there is a client
}

// Open opens the store and the listeners and makes a node of them. It loads nothing yet: Run does. Whoever opens a node runs it, or closes it.
func Open(ctx context.Context, c Config) (n *Node, err error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n = &Node{config: c, stopping: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	c.Telemetry.Version = buildinfo.Version()
	if n.tel, err = telemetry.New(c.Telemetry); err != nil {
		return n, err
	}
	ring, err := Ring(c.SecretsKeyFile)
	if err != nil {
		return n, err
	}
	if n.store, err = OpenStore(ctx, c.store()); err != nil {
		return n, err
	}
	n.store = Sealed(n.store, ring)
	if err := keysOpen(ctx, n.store); err != nil {
		return n, err
	}
	if err := n.listen(); err != nil {
		return n, err
	}
	return n, n.assemble(ctx)
}

// listen opens the listeners first of all, so that a port in use is told before a long load.
func (n *Node) listen() (err error) {
	if n.config.TLSCert != "" {
		if n.certs, err = newCertificates(n.config.TLSCert, n.config.TLSKey, n.tel.Log); err != nil {
			return err
		}
	}
	if n.config.Listen != "" {
		if n.api, err = net.Listen("tcp", n.config.Listen); err != nil {
			return err
		}
	}
	if n.config.OpsListen != "" {
		n.ops, err = net.Listen("tcp", n.config.OpsListen)
	}
	return err
}

// assemble makes the hub and the handlers around it.
func (n *Node) assemble(ctx context.Context) (err error) {
	c := n.config
	n.Hub, err = hub.Open(ctx, hub.Options{
		Store: n.store, Node: c.Node, Address: c.Address, Log: n.tel.Log, Limits: limits(c.Lease),
		Decoders: map[string]hub.Decoder{"ota": httpapi.OTADecoder(), "alpinebits": httpapi.AlpineBitsDecoder()}, Jobs: httpapi.Workers(),
	})
	if err != nil {
		return err
	}
	n.watch()
	n.quotas = httpapi.NewQuotas(c.Quota)
	o := httpapi.Options{Version: buildinfo.Version(), Log: n.tel.Log, Access: n.access, Quotas: n.quotas}
	if o.Issuer, err = n.external(); err != nil {
		return err
	}
	api, err := httpapi.New(&traced{n.Hub, n.tel.Tracer}, o)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	if c.OpsListen == "" {
		n.opsRoutes(mux)
	}
	mux.Handle("/", api)
	n.beside = api.(httpapi.Background)
	n.handler = n.tel.HTTP(mux)
	return nil
}

// external answers the external issuer of the settings; nil if there is none.
func (n *Node) external() (*httpapi.Issuer, error) {
	if n.config.Issuer.Issuer == "" {
		return nil, nil
	}
	c := n.config.Issuer
	c.Log = n.tel.Log
	var err error
	if n.issuer, err = oidc.New(c); err != nil {
		return nil, err
	}
	how := n.config.Claims
	how.Verifier = n.issuer
	return &how, nil
}

// limits answers the hub's limits with a lease of the given length, renewed three times within it.
func limits(lease time.Duration) hub.Limits {
	if lease == 0 {
		return hub.Limits{}
	}
	return hub.Limits{LeaseTTL: lease, LeaseRenew: lease * 3 / 10}
}

// Handler answers the API, for use without a listener.
func (n *Node) Handler() http.Handler { return n.handler }

// URL answers where the API listens; "" without a listener.
func (n *Node) URL() string {
	if n.api == nil {
		return ""
	}
	scheme := "http"
	if n.certs != nil {
		scheme = "https"
	}
	return scheme + "://" + n.api.Addr().String()
}

// Log answers the node's logger.
func (n *Node) Log() *slog.Logger { return n.tel.Log }

// stopMax bounds a graceful stop: requests in flight first, then the hub's own last work.
const stopMax = 30 * time.Second

// Run loads the picture, serves until ctx ends, then stops gracefully and closes everything. It answers nil when it was asked to stop and did.
//
// The order of a stop: not ready any more; no new updates, long polls end; requests in flight are answered; the hub commits what is queued,
// writes its checkpoints and gives the lease back; traces are sent; the store is closed.
func (n *Node) Run(ctx context.Context) error {
	hubCtx, stopHub := context.WithCancel(context.WithoutCancel(ctx))
	defer stopHub()
	hubDone := make(chan error, 1)
	go func() { hubDone <- n.Hub.Run(hubCtx) }()
	var first sync.WaitGroup
	firstCtx, stopFirst := context.WithCancel(ctx)
	first.Go(func() { n.firstClient(firstCtx) })
	first.Go(func() { _ = n.beside.Run(firstCtx) }) // ends with the context only
	if n.issuer != nil {
		first.Go(func() { _ = n.issuer.Run(firstCtx) }) // it ends with its context only
	}

	servers, failed := n.serve()
	n.tel.Log.Info("serving", "url", n.URL(), "store", n.store.Describe(), "version", buildinfo.Version())
	var err error
	select {
	case <-ctx.Done():
		n.tel.Log.Info("stopping")
	case err = <-failed:
	case err = <-hubDone:
		hubDone <- nil
		if err == nil {
			err = errors.New("the hub ended by itself")
		}
	}
	close(n.stopping)
	stopFirst()
	first.Wait()
	shutdown(servers)
	stopHub()
	err = errors.Join(err, <-hubDone, n.Close())
	return err
}

// serve starts the servers; failed tells the first that ends by itself.
func (n *Node) serve() (servers []*http.Server, failed chan error) {
	failed = make(chan error, 2)
	start := func(l net.Listener, s *http.Server, secure bool) {
		if l == nil {
			return
		}
		s.ErrorLog = slog.NewLogLogger(n.tel.Log.Handler(), slog.LevelDebug)
		servers = append(servers, s)
		go func() {
			var err error
			if secure {
				s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: n.certs.get}
				err = s.ServeTLS(l, "", "")
			} else {
				err = s.Serve(l)
			}
			if !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
	}
	start(n.api, httpapi.Server(n.handler), n.certs != nil)
	if n.ops != nil {
		mux := http.NewServeMux()
		n.opsRoutes(mux)
		start(n.ops, httpapi.Server(mux), false)
	}
	return servers, failed
}

// shutdown lets requests in flight finish, then ends the rest.
func shutdown(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopMax)
	defer cancel()
	var wg sync.WaitGroup
	for _, s := range servers {
		wg.Go(func() {
			if s.Shutdown(ctx) != nil {
				s.Close()
			}
		})
	}
	wg.Wait()
}

// Close closes what Open opened. Run does so itself.
func (n *Node) Close() error {
	var errs []error
	for _, l := range []net.Listener{n.api, n.ops} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	if n.tel != nil {
		errs = append(errs, n.tel.Close())
	}
	return errors.Join(errs...)
}

// opsRoutes are what probes and Prometheus ask, without a token.
func (n *Node) opsRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"status": "live", "version": buildinfo.Version()})
	})
	mux.HandleFunc("GET /readyz", n.readyz)
	mux.Handle("GET /metrics", n.tel.Handler())
}

// readyz answers 200 once the picture can be read, with the hub's status.
func (n *Node) readyz(w http.ResponseWriter, _ *http.Request) {
	s := n.Hub.Status()
	s.Ready = s.Ready && n.settled.Load()
	s.Store, s.WriterAddress = "", "" // who has no token need not know
	select {
	case <-n.stopping:
		s.Ready, s.Loading = false, "stopping"
	default:
	}
	code := http.StatusOK
	if !s.Ready {
		code = http.StatusServiceUnavailable
	}
	out := readiness{Status: s}
	if n.issuer != nil {
		st := n.issuer.Status()
		st.Error = shortened(st.Error)
		out.Issuer = &st
	}
	answer(w, code, out)
}

// readiness is what /readyz answers. An issuer that cannot be reached is told, and keeps no node from serving the hub's own tokens.
type readiness struct {
	hub.Status
	Issuer *oidc.Status `json:"issuer,omitempty"`
}

// shortened keeps an error's text within a line or two.
func shortened(s string) string { return s[:min(len(s), 300)] }

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v)
}
