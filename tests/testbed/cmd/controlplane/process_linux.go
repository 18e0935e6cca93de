// How the death of the supervisor reaches its children: on Linux.

package main

import "syscall"

// dieWithParent: the kernel kills the child when the thread that started it
// ends, so that nothing outlives even a "kill -9" of the supervisor. Its own
// process group keeps a terminal's Ctrl-C for the supervisor, which then stops
// the components in an orderly way.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
