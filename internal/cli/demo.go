package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/examples/demo"
	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/internal/telemetry"
)

type demoCmd struct {
	Listen  string `default:"127.0.0.1:8080" help:"Address and port of the API; another port is taken if it is in use."`
	Data    string `placeholder:"DIR" help:"Keep the database in this directory; default a temporary one that is removed at the end."`
	Once    bool   `help:"Check all that is shown, then exit: 0 if all was as it must be."`
	Changes int    `default:"400" help:"How many small changes to push."`
}

// Run runs a node with three hotels, changes them, shows what follows, and stays up until it is interrupted.
func (c *demoCmd) Run(ctx context.Context, s *Streams) error {
	dir, remove, err := c.dir()
	if err != nil {
		return err
	}
	defer remove()
	file := filepath.Join(dir, "ratewire.db")
	n, err := c.open(ctx, file, s)
	if err != nil {
		return err
	}
	nodeCtx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- n.Run(nodeCtx) }()
	err = c.show(ctx, s, n, file)
	if err == nil && !c.Once {
		select {
		case <-ctx.Done():
			fmt.Fprintln(s.Out, "stopping")
		case err := <-ended:
			return err
		}
	}
	stop()
	return errors.Join(err, <-ended)
}

// dir answers where the database is kept, and what removes it at the end.
func (c *demoCmd) dir() (dir string, remove func(), err error) {
	if c.Data != "" {
		return c.Data, func() {}, os.MkdirAll(c.Data, 0o700)
	}
	dir, err = os.MkdirTemp("", "ratewire-demo-")
	return dir, func() { os.RemoveAll(dir) }, err
}

func (c *demoCmd) open(ctx context.Context, file string, s *Streams) (*node.Node, error) {
	config := node.Config{Store: file, Listen: c.Listen, Node: "demo", Telemetry: telemetry.Config{LogTo: s.Err, LogLevel: "warn"}}
	n, err := node.Open(ctx, config)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(c.Listen)
		config.Listen = net.JoinHostPort(host, "0")
		n, err = node.Open(ctx, config)
	}
	return n, err
}

// show does what the demo is for, and checks each step.
func (c *demoCmd) show(ctx context.Context, s *Streams, n *node.Node, file string) error {
	start := time.Now()
	token, err := n.Token(ctx)
	if err != nil {
		return err
	}
	d := &demonstration{
		out: s.Out, start: start.Add(-time.Minute), monday: demo.Monday(ari.LocalDate(start, time.UTC)),
		api: &api{base: n.URL(), token: token, client: demoClient(), close: func() error { return nil }},
	}
	hotels, err := demo.At(d.monday)
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return d.load(ctx, hotels) },
		func() error { return d.stream(ctx, c.Changes) },
		func() error { return d.tell(ctx) },
		func() error { return d.shop(ctx) },
		func() error { return d.explain(ctx) },
		func() error { return d.history(ctx) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	fmt.Fprintf(s.Out, "\nAll of this was checked, in %.1f s.\n\n", time.Since(start).Seconds())
	d.goodbye(n.URL(), file, c.Once)
	return nil
}
