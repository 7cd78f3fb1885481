package cli

import (
	"fmt"

	"github.com/ratewire/ratewire/internal/buildinfo"
)

type versionCmd struct{}

// Run prints the build.
func (versionCmd) Run(s *Streams, g *Global) error {
	info := buildinfo.Get()
	if g.JSON {
		return printJSON(s.Out, info)
	}
	_, err := fmt.Fprintf(s.Out, "ratewire %s %s %s/%s\n", info.Version, info.Go, info.OS, info.Arch)
	return err
}
