// Package buildinfo answers which build of Ratewire this is: the version that the linker was told, or what Go recorded of the module
// and commit.
package buildinfo

import (
	"runtime"
	"runtime/debug"
)

// version is set by the linker (see Makefile).
var version string

// Version answers the release or commit this was built from; "dev" if nothing tells.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if c := setting(info, "vcs.revision"); c != "" {
		return c[:min(len(c), 12)]
	}
	return "dev"
}

// Info is what `ratewire version` prints.
type Info struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Get answers the build's Info.
func Get() Info {
	return Info{Version: Version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
