// How the death of the supervisor reaches its children: elsewhere.

//go:build unix && !linux

package main

import "syscall"

// dieWithParent can only be promised on Linux; elsewhere a "kill -9" of the
// supervisor leaves the components running.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
