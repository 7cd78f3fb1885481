package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/store"
)

// storeFlag names the database of commands that work on one directly.
type storeFlag struct {
	Store string `default:"ratewire.db" help:"Database: a SQLite file, or postgres://user:password@host/db?search_path=..." placeholder:"STORE"`
}

// existing opens the store, which must be there already: a mistyped path must not make an empty database.
func (f *storeFlag) existing(ctx context.Context) (store.Store, error) {
	if path, ok := node.File(f.Store); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, usage("--store: %w", err)
		}
	}
	return node.OpenStore(ctx, f.Store)
}

// keyFileFlag names the keys that secrets in the store are encrypted under.
type keyFileFlag struct {
	SecretsKeyFile string `placeholder:"FILE" help:"Keys that the hub's own secrets are encrypted under in the store (ratewire secrets key); none: they are in clear."`
}

// opened opens the store with its secrets, which must be there already.
func (f *storeFlag) opened(ctx context.Context, k keyFileFlag) (store.Store, error) {
	ring, err := node.Ring(k.SecretsKeyFile)
	if err != nil {
		return nil, usage("%w", err)
	}
	st, err := f.existing(ctx)
	if err != nil {
		return nil, err
	}
	return node.Sealed(st, ring), nil
}

type backupCmd struct {
	storeFlag
	To string `arg:"" help:"New file to write. It holds everything that the database holds, secrets' hashes included."`
}

// Run makes a consistent copy while a hub goes on writing.
func (c *backupCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	st, err := c.existing(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	p := startProgress(s, "backup", func() string { return sizeOf(c.To) })
	start := time.Now()
	err = st.Backup(ctx, c.To)
	p.stop()
	if err != nil {
		return err
	}
	info, err := os.Stat(c.To)
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(s.Out, map[string]any{"file": c.To, "bytes": info.Size(), "seconds": time.Since(start).Seconds()})
	}
	_, err = fmt.Fprintf(s.Out, "%s: %s in %s\n", c.To, bytesText(info.Size()), time.Since(start).Round(time.Millisecond))
	return err
}

type restoreCmd struct {
	storeFlag
	From string `arg:"" help:"Backup to read."`
}

// Run makes a new store from a backup, in a new epoch, and checks it.
func (c *restoreCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	p := startProgress(s, "restore", func() string { return "" })
	epoch, err := node.Restore(ctx, c.From, c.Store)
	p.stop()
	if err != nil {
		return err
	}
	st, err := c.existing(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	head, err := st.Head(ctx)
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(s.Out, map[string]any{"store": node.Redact(c.Store), "epoch": epoch, "seq": head.Seq})
	}
	_, err = fmt.Fprintf(s.Out, "%s: restored up to entry %d, in epoch %d. Readers of the feed will be told to start afresh.\n", node.Redact(c.Store), head.Seq, epoch)
	return err
}

// sizeOf answers the size of a file that grows, for progress.
func sizeOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return bytesText(info.Size())
}

// bytesText answers a size for people.
func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}
