//go:build !unix

package pgtest

import "os/exec"

// apart does nothing: servers are started where Debian's package is, and the binary that measures against one is built everywhere.
func apart(*exec.Cmd, *account) {}
