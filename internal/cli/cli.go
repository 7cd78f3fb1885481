// Package cli is what a person runs: the commands of the program ratewire, their settings (flags over environment over file), their
// tables and JSON, and their exit codes. docs/cli.md describes them; a command's own rules live in the packages it calls.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/ratewire/ratewire/protocol/otaxml"
)

// Exit codes, the same for every command (docs/cli.md).
const (
	ExitOK       = 0
	ExitFailure  = 1 // something broke: a store, the network, a bug
	ExitUsage    = 2 // the command line or the settings make no sense
	ExitRefused  = 3 // the input was read and refused, whole or in part
	ExitNegative = 4 // the question was answered: no (not sellable, check found faults, not ready)
	ExitDenied   = 5 // no token, or one that does not allow it
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  func() []string // settings RATEWIRE_* are taken from it
}

// Standard answers the process's own streams.
func Standard() Streams {
	return Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ}
}

// ExitError ends a command with a code of its own. A nil Err says nothing more: what there was to say has been printed.
type ExitError struct {
	Code int
	Err  error
}

// Error answers the cause's text.
func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap answers the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// exited is how kong's own exits (help) leave Run.
type exited int

// Run runs the command that args name and answers its exit code. It never ends the process.
func Run(ctx context.Context, args []string, s Streams) (code int) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exited:
			code = int(e)
		default: // not one of ours
			panic(e)
		}
	}()
	return run(ctx, args, s)
}

func run(ctx context.Context, args []string, s Streams) int {
	var root commands
	set, err := readSettings(args, s.Environ)
	if err != nil {
		return report(usage("%w", err), s)
	}
	parser, err := kong.New(&root,
		kong.Resolvers(set),
		kong.Name("ratewire"),
		kong.Vars{"profiles": strings.Join(otaxml.ShippedNames(), ", ")},
		kong.Description("Ratewire keeps one exact picture of hotels' availability, rates and inventory, and answers what can be sold."),
		kong.Writers(s.Out, s.Err),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return report(err, s)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if err != nil {
		return report(usage("%w", err), s)
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	return report(kctx.Run(&s, &root.Global), s)
}

// report prints a command's error, if there is anything to print, and answers the exit code it stands for.
func report(err error, s Streams) int {
	if err == nil {
		return ExitOK
	}
	var exit *ExitError
	if !errors.As(err, &exit) {
		exit = &ExitError{Code: ExitFailure, Err: err}
	}
	if exit.Err != nil {
		fmt.Fprintf(s.Err, "ratewire: %v\n", exit.Err)
	}
	return exit.Code
}

// negative ends a command whose answer is no, and is printed.
var negative = &ExitError{Code: ExitNegative}

// refused ends a command whose input was not taken, or not all of it.
func refused(err error) error { return &ExitError{Code: ExitRefused, Err: err} }

// usage ends a command that was called in a way that makes no sense.
func usage(format string, args ...any) error {
	return &ExitError{Code: ExitUsage, Err: fmt.Errorf(format, args...)}
}
