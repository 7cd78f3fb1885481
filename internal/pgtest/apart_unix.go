//go:build unix

package pgtest

import (
	"os/exec"
	"syscall"
)

// apart lets a command run as another, in a group of its own: an interrupt at the terminal is for the tests, which then end the server.
func apart(cmd *exec.Cmd, who *account) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if who != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: who.uid, Gid: who.gid}
	}
}
