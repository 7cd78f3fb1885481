package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/internal/seal"
)

type secretsCmd struct {
	Key    secretsKeyCmd    `cmd:"" help:"Print a new line for the file of keys (secrets_key_file)."`
	Rotate secretsRotateCmd `cmd:"" help:"Encrypt what the store keeps encrypted under the file's first key; with --client or --connection: give it a new secret."`
}

type secretsKeyCmd struct {
	ID string `help:"Of the key: 1 to 32 letters, digits, - and _; default of the month."`
}

// Run prints a fresh key.
func (c *secretsKeyCmd) Run(s *Streams) error {
	if c.ID == "" {
		c.ID = time.Now().UTC().Format("2006-01")
	}
	line, err := seal.NewKey(c.ID)
	if err != nil {
		return usage("%w", err)
	}
	_, err = fmt.Fprintln(s.Out, line)
	return err
}

type secretsRotateCmd struct {
	storeFlag
	hubFlags
	Client     string        `help:"Make a new secret for this client of a running hub, instead." placeholder:"ID"`
	Connection string        `help:"Make a new secret for this connection, instead." placeholder:"ID"`
	Overlap    time.Duration `default:"24h" help:"With --client or --connection: how long the secrets before it stay valid."`
	DryRun     bool          `help:"Only count."`
}

// Run rotates the key of the store, or one secret.
func (c *secretsRotateCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	switch {
	case c.Client != "" && c.Connection != "":
		return usage("--client or --connection, not both")
	case c.Client != "":
		return c.secret(ctx, s, g, "clients", c.Client)
	case c.Connection != "":
		return c.secret(ctx, s, g, "connections", c.Connection)
	}
	ring, err := node.Ring(c.SecretsKeyFile)
	if err != nil {
		return usage("%w", err)
	}
	if ring == nil {
		return usage("--secrets-key-file is missing: its first key is what the store's secrets are encrypted under (ratewire secrets key prints one)")
	}
	st, err := c.existing(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	r, err := node.RotateSecrets(ctx, st, ring, c.DryRun)
	if g.JSON {
		if err := printJSON(s.Out, r); err != nil {
			return err
		}
	} else if r.Key != "" {
		did := "encrypted under"
		if c.DryRun {
			did = "to be encrypted under"
		}
		fmt.Fprintf(s.Out, "%s key %s: %d that were in clear, %d that were under another key; %d were under it already, %d are not made yet\n", did, r.Key, r.Sealed, r.Resealed, r.Current, r.Absent)
	}
	if err != nil {
		return fmt.Errorf("%w; what is done stays done: run it again", err)
	}
	return nil
}

// secret makes a new secret of a client or connection; the ones before it end after the overlap.
func (c *secretsRotateCmd) secret(ctx context.Context, s *Streams, g *Global, kind, id string) error {
	if c.Overlap < time.Second || c.Overlap > 90*24*time.Hour {
		return usage("--overlap %s: want 1s to 2160h", c.Overlap)
	}
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	body, err := json.Marshal(map[string]int{"overlap_seconds": int(c.Overlap / time.Second)})
	if err != nil {
		return err
	}
	q := url.Values{"reason": {"rotation"}}
	if c.DryRun {
		q.Set("dry_run", "true")
	}
	var made struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	var raw json.RawMessage
	err = a.json(ctx, request{method: http.MethodPost, path: "/v1/" + kind + "/" + url.PathEscape(id) + "/secrets", query: q, body: bytes.NewReader(body), contentType: "application/json"}, &raw)
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(s.Out, raw)
	}
	if err := json.Unmarshal(raw, &made); err != nil {
		return err
	}
	if c.DryRun {
		_, err = fmt.Fprintf(s.Err, "%s would get a new secret; those before it would end in %s\n", id, c.Overlap)
		return err
	}
	fmt.Fprintf(s.Err, "secret %s of %s (it is not shown again); those before it end in %s\n", made.ID, id, c.Overlap)
	_, err = fmt.Fprintln(s.Out, made.Secret)
	return err
}
