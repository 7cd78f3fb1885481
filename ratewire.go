// Package ratewire is the root of Ratewire: Main is the whole program as a function, so that a binary of one's own is one line. What
// it does is documented in docs/cli.md; how it is put together, in docs/architecture.md.
package ratewire

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/ratewire/ratewire/internal/cli"
)

// Main runs the command that the program's arguments name and ends the process with its exit code (docs/cli.md). SIGINT and SIGTERM
// stop it gracefully; a second one ends it at once.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { <-ctx.Done(); stop() }()
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Standard()))
}
