// Command release builds the archives of a release: one for each platform, with checksums and a bill of materials. The same source and the same Go
// make the same bytes, whoever builds, when and where: docs/operations/releases.md says how to check that.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	r := release{log: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	f := flag.NewFlagSet("release", flag.ContinueOnError)
	f.StringVar(&r.version, "version", "", "of the release, as the binary tells it")
	f.StringVar(&r.out, "out", "dist", "directory to write to; files of the same names are replaced")
	f.StringVar(&r.dir, "dir", ".", "the module's directory")
	targets := f.String("targets", strings.Join(platforms, ","), "platforms, GOOS/GOARCH, with commas")
	stamp := f.Int64("time", 0, "seconds since 1970 that files get; default SOURCE_DATE_EPOCH, else the commit's")
	if err := f.Parse(args); err != nil {
		return err
	}
	if r.version == "" || f.NArg() > 0 {
		return fmt.Errorf("want -version VERSION, and no arguments")
	}
	r.targets = strings.Split(*targets, ",")
	var err error
	if r.at, err = stampOf(ctx, r.dir, *stamp); err != nil {
		return err
	}
	return r.make(ctx)
}

// stampOf answers the instant that every file of the release gets: one that is told, or the commit's.
func stampOf(ctx context.Context, dir string, told int64) (time.Time, error) {
	if told == 0 {
		text := os.Getenv("SOURCE_DATE_EPOCH")
		if text == "" {
			cmd := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct")
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil {
				return time.Time{}, fmt.Errorf("no time: neither -time nor SOURCE_DATE_EPOCH nor a git commit: %w", err)
			}
			text = string(out)
		}
		var err error
		if told, err = strconv.ParseInt(strings.TrimSpace(text), 10, 64); err != nil {
			return time.Time{}, fmt.Errorf("time: %w", err)
		}
	}
	return time.Unix(told, 0).UTC(), nil
}
