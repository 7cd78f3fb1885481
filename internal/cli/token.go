package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/internal/node"
)

type tokenCmd struct {
	storeFlag
	keyFileFlag
	URL          string `name:"url" default:"http://127.0.0.1:8080" help:"With --client-secret: the running hub that is asked."`
	ClientID     string `default:"admin" help:"API client. In a store, one that is not there is made, with every right."`
	ClientSecret string `help:"Its secret: ask a running hub's token endpoint instead of the store. Better told as RATEWIRE_CLIENT_SECRET."`
	Renew        bool   `help:"Give the client a new secret and print it; the one before stays valid until the next. Not while a hub writes to the store."`
}

// Run prints an access token, and nothing else unless there is a secret to show: it is meant for $(...).
func (c *tokenCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	if c.ClientSecret != "" {
		a, err := (&hubFlags{URL: c.URL, ClientID: c.ClientID, ClientSecret: c.ClientSecret}).open(ctx, s)
		if err != nil {
			return err
		}
		return c.print(s, g, "", a.token)
	}
	st, err := c.opened(ctx, c.keyFileFlag)
	if err != nil {
		return err
	}
	defer st.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	b, err := node.Credentials(ctx, st, c.ClientID, c.Renew)
	if err != nil {
		return err
	}
	return c.print(s, g, b.Secret, b.Token)
}

func (c *tokenCmd) print(s *Streams, g *Global, secret, token string) error {
	if g.JSON {
		out := map[string]string{"client_id": c.ClientID, "access_token": token}
		if secret != "" {
			out["client_secret"] = secret
		}
		return printJSON(s.Out, out)
	}
	if secret != "" {
		fmt.Fprintf(s.Err, "client %s, secret %s (it is not shown again)\n", c.ClientID, secret)
	}
	_, err := fmt.Fprintln(s.Out, token)
	return err
}
