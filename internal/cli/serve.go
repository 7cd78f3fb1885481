package cli

import (
	"context"
	"strings"
	"time"

	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/internal/oidc"
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
	QuotaUpdates int           `default:"50000" help:"Updates a second that a client or connection may send, if it has no quota of its own."`
	QuotaBurst   int           `help:"At once; default three seconds' worth."`
	issuerFlags  `embed:"" prefix:"jwt-"`
	LogFormat    string  `enum:"text,json" default:"text" help:"text or json, to standard error."`
	LogLevel     string  `enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`
	OTLPEndpoint string  `name:"otlp-endpoint" placeholder:"URL" help:"OTLP/HTTP receiver of traces; none: no traces."`
	OTLPRatio    float64 `name:"otlp-ratio" default:"1" help:"Share of requests that are traced."`
}

// issuerFlags are the settings of an external issuer of tokens (docs/operations/access.md).
type issuerFlags struct {
	Issuer           string        `placeholder:"URL" help:"External issuer whose tokens are taken beside the hub's own; none: no outbound connection."`
	Audience         []string      `help:"Whom a token must be for: one of these."`
	DiscoveryURL     string        `name:"discovery-url" placeholder:"URL" help:"Discovery document; default ISSUER/.well-known/openid-configuration."`
	KeysURL          string        `name:"keys-url" placeholder:"URL" help:"Key set (JWKS), instead of discovery."`
	Leeway           time.Duration `default:"1m" help:"By how much the clocks may differ."`
	Refresh          time.Duration `default:"1h" help:"How often the keys are read again."`
	ClientClaim      []string      `default:"azp,appid,client_id,sub" help:"Claims that name the client: the first that is there."`
	PersonClaim      []string      `default:"preferred_username,upn,email" help:"Claims that name the person a token acts for; - for none."`
	RoleClaim        []string      `default:"roles" help:"Claims whose values are roles or scopes: roles, groups, scp."`
	Roles            []string      `placeholder:"VALUE=ROLE" help:"What a value of those claims means here."`
	PropertiesClaim  string        `help:"Claim that names the properties granted, * for all; none: every token is for all."`
	PropertiesPrefix string        `help:"Of that claim's values only those with this prefix are meant."`
}

// claims answers how the issuer's claims are read.
func (f *issuerFlags) claims() (httpapi.Issuer, error) {
	x := httpapi.Issuer{ClientClaims: f.ClientClaim, PersonClaims: f.PersonClaim, RoleClaims: f.RoleClaim, PropertiesClaim: f.PropertiesClaim,
		PropertiesPrefix: f.PropertiesPrefix, Roles: map[string]string{}}
	for _, v := range f.Roles {
		i := strings.LastIndexByte(v, '=')
		if i < 0 {
			return x, usage("jwt-roles %q: want VALUE=ROLE", v)
		}
		x.Roles[v[:i]] = v[i+1:]
	}
	return x, nil
}

func (f *nodeFlags) config(store string, s *Streams) (node.Config, error) {
	claims, err := f.claims()
	return node.Config{
		Store: store, Listen: f.Listen, OpsListen: f.OpsListen, TLSCert: f.TLSCert, TLSKey: f.TLSKey, Node: f.Node, Address: f.Address, Lease: f.Lease,
		Quota:  hub.Quota{UpdatesPerSecond: f.QuotaUpdates, Burst: f.QuotaBurst},
		Issuer: oidc.Config{Issuer: f.Issuer, Audience: f.Audience, Discovery: f.DiscoveryURL, KeysURL: f.KeysURL, Leeway: f.Leeway, Refresh: f.Refresh}, Claims: claims,
		Telemetry: telemetry.Config{LogFormat: f.LogFormat, LogLevel: f.LogLevel, LogTo: s.Err, OTLPEndpoint: f.OTLPEndpoint, OTLPRatio: f.OTLPRatio, Node: f.Node},
	}, err
}

type serveCmd struct {
	storeFlag
	keyFileFlag
	nodeFlags
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *Streams) error {
	config, err := c.config(c.Store, s)
	if err != nil {
		return err
	}
	config.SecretsKeyFile = c.SecretsKeyFile
	if err := config.Validate(); err != nil {
		return usage("%w", err)
	}
	n, err := node.Open(ctx, config)
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
