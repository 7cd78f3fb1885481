package cli

import (
	"context"
	"time"

	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/internal/telemetry"
)

// nodeFlags are the settings of a node (docs/operations/configuration.md).
type nodeFlags struct {
	Listen       string        `default:"127.0.0.1:8080" help:"Address and port of the API."`
	OpsListen    string        `help:"Second address for /healthz, /readyz and /metrics; they are not on --listen then."`
	TLSCert      string        `name:"tls-cert" placeholder:"FILE" help:"Certificate (PEM)."`
	TLSKey       string        `name:"tls-key" placeholder:"FILE" help:"Its key (PEM)."`
	Node         string        `help:"Name of this node; default random."`
	Address      string        `placeholder:"URL" help:"Where other nodes of the store reach this one."`
	Lease        time.Duration `default:"5s" help:"How long a writer may be silent before another node takes over."`
	LogFormat    string        `enum:"text,json" default:"text" help:"text or json, to standard error."`
	LogLevel     string        `enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`
	OTLPEndpoint string        `name:"otlp-endpoint" placeholder:"URL" help:"OTLP/HTTP receiver of traces; none: no traces."`
	OTLPRatio    float64       `name:"otlp-ratio" default:"1" help:"Share of requests that are traced."`
}

func (f *nodeFlags) config(store string, s *Streams) node.Config {
	return node.Config{
		Store: store, Listen: f.Listen, OpsListen: f.OpsListen, TLSCert: f.TLSCert, TLSKey: f.TLSKey, Node: f.Node, Address: f.Address, Lease: f.Lease,
		Telemetry: telemetry.Config{LogFormat: f.LogFormat, LogLevel: f.LogLevel, LogTo: s.Err, OTLPEndpoint: f.OTLPEndpoint, OTLPRatio: f.OTLPRatio, Node: f.Node},
	}
}

type serveCmd struct {
	storeFlag
	nodeFlags
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *Streams) error {
	config := c.config(c.Store, s)
	if err := config.Validate(); err != nil {
		return usage("%w", err)
	}
	n, err := node.Open(ctx, config)
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
