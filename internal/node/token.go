package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
)

// The first client of a hub, with every right, and the connection it writes as. `ratewire serve` makes both in a store that has no client.
const (
	AdminClient     = "admin"
	AdminConnection = "cli"
)

// lookEvery is how often a state that comes by itself is looked at.
const pollEvery = 20 * time.Millisecond

// ErrWriterElsewhere: another node holds the store's lease, so that this one cannot write.
var ErrWriterElsewhere = errors.New("another node is writing to this store; do it through that node (--url)")

// Credentials answers a token of a client of the store, for an hour. A client that is not there is made, with every right; renew gives it a
// new secret. Making and renewing write, which only the writer may do; a plain token needs no hub at all.
func Credentials(ctx context.Context, st store.Store, client string, renew bool) (httpapi.Bootstrapped, error) {
	keys := &keysOnly{st: st, client: client}
	if err := st.Objects(ctx, ari.HubProperty, keys.find); err != nil {
		return httpapi.Bootstrapped{}, err
	}
	if keys.found != nil && !renew {
		return httpapi.Bootstrap(ctx, keys, client, "", false)
	}
	var out httpapi.Bootstrapped
	err := withHub(ctx, st, func(h *hub.Hub) (err error) {
		out, err = httpapi.Bootstrap(ctx, h, client, AdminConnection, renew)
		return err
	})
	return out, err
}

// keysOnly is as much of a hub as a token needs, read from the store.
type keysOnly struct {
	hub.Service // nil: nothing else is called for a client that exists
	st          store.Store
	client      string
	found       *hub.Client
}

func (k *keysOnly) find(o *store.Object) error {
	if o.Kind != hub.KindClient || o.Code != k.client {
		return nil
	}
	k.found = new(hub.Client)
	return json.Unmarshal(o.Body, k.found)
}

// Client is hub.Service's.
func (k *keysOnly) Client(id string) (hub.Client, bool) {
	if k.found == nil || id != k.client {
		return hub.Client{}, false
	}
	return *k.found, true
}

// Key is hub.Service's. Keys live in the store; the first to want one makes it.
func (k *keysOnly) Key(ctx context.Context, name string) ([]byte, error) {
	h, err := hub.Open(ctx, hub.Options{Store: k.st})
	if err != nil {
		return nil, err
	}
	return h.Key(ctx, name)
}

// leaseMax is how long to wait for a lease that its holder may have left behind: twice the default.
const leaseMax = 10 * time.Second

// withHub runs a hub over a store for the length of f, as its writer.
func withHub(ctx context.Context, st store.Store, f func(*hub.Hub) error) (err error) {
	h, err := hub.Open(ctx, hub.Options{Store: st})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-done)
	}()
	if err := waitWriter(ctx, h); err != nil {
		return err
	}
	return f(h)
}

// waitWriter waits until a hub writes. It gives up when another node does.
func waitWriter(ctx context.Context, h *hub.Hub) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	late := time.NewTimer(leaseMax)
	defer late.Stop()
	for {
		s := h.Status()
		if s.Writer && s.Ready {
			return nil
		}
		if s.Ready && s.WriterAddress != "" {
			return ErrWriterElsewhere
		}
		select {
		case <-late.C:
			return ErrWriterElsewhere
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// firstClient makes the first client of a store that has none, once this node writes. It ends when there is one, or with ctx; the node is ready
// only then.
func (n *Node) firstClient(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if s := n.Hub.Status(); s.Ready && len(n.Hub.ObjectCodes(ari.HubProperty, hub.KindClient, "", 1)) > 0 {
			n.settled.Store(true)
			return
		} else if s.Ready && s.Writer {
			if _, err := httpapi.Bootstrap(ctx, n.Hub, AdminClient, AdminConnection, false); err == nil {
				n.settled.Store(true)
				n.tel.Log.Info("made the first API client", "client", AdminClient, "hint", "ratewire token --store "+Redact(n.config.store())+" prints an access token for it")
				return
			} else if ctx.Err() == nil {
				n.tel.Log.Warn("first API client", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Local opens a node without a listener over a store, runs it until stop is called, and answers it with a token for everything.
func Local(ctx context.Context, c Config) (n *Node, token string, stop func() error, err error) {
	if c.Telemetry.LogLevel == "" {
		c.Telemetry.LogLevel = "error"
	}
	c.Listen, c.OpsListen = "", ""
	if n, err = Open(ctx, c); err != nil {
		return nil, "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop = func() error { cancel(); return <-done }
	if err := n.waitReady(ctx, done); err != nil {
		return nil, "", nil, errors.Join(err, stop())
	}
	b, err := Credentials(ctx, n.store, AdminClient, false)
	if err != nil {
		return nil, "", nil, errors.Join(fmt.Errorf("token: %w", err), stop())
	}
	return n, b.Token, stop, nil
}

// waitReady waits until the picture can be read, the first client is there, and it is known who writes.
func (n *Node) waitReady(ctx context.Context, done chan error) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		s := n.Hub.Status()
		if _, ok := n.Hub.Client(AdminClient); s.Ready && ok && (s.Writer || s.WriterAddress != "") {
			return nil
		}
		select {
		case err := <-done:
			done <- nil
			if err == nil {
				err = errors.New("it stopped")
			}
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Token waits until the node is ready and answers a token of its first client.
func (n *Node) Token(ctx context.Context) (string, error) {
	if err := n.waitReady(ctx, nil); err != nil {
		return "", err
	}
	b, err := Credentials(ctx, n.store, AdminClient, false)
	return b.Token, err
}
