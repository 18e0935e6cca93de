// controlplane up: a control plane on loopback, for as long as stdin is open.
//
// When everything works it prints one JSON line that says how to reach it. Then
// it obeys "kill NAME", "stop NAME" and "start NAME", one a line, and answers
// each with one JSON line. It ends with the end of stdin, on SIGTERM or SIGINT.

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func up(args []string) int {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder for all state, new or empty")
	onlyValue := flags.String("only", "", "start only these, separated by commas")
	auditLog := flags.String("audit-log", "", "new file for the API server's audit log")
	coordinated := flags.Bool("coordinated", false, "with coordinated leader election")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	only, err := parseOnly(*onlyValue)
	if *dir == "" || flags.NArg() > 0 {
		err = fmt.Errorf("usage: controlplane up --dir DIR [--only NAME,NAME] [--audit-log FILE] [--coordinated]")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}

	// The children die with the thread that started them: it must be this one,
	// and it must not end before the program does.
	runtime.LockOSThread()

	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	lines := readLines(os.Stdin, cancel)

	s, ready, err := newSupervisor(*dir, only, *auditLog, *coordinated)
	if err == nil {
		defer s.stopAll()
		err = s.startAll(ctx)
	}
	if ctx.Err() != nil {
		return 0 // called off before it was up
	}
	if err != nil {
		say(map[string]string{"error": err.Error()})
		return 1
	}
	ready.PID = s.pids()
	say(ready)

	for {
		select {
		case <-ctx.Done():
			return 0
		case c := <-s.accidents:
			s.afterDeath(ctx, c)
		case line := <-lines:
			answer(s.command(ctx, line))
		}
	}
}

// readyLine tells how to reach the control plane.
type readyLine struct {
	Kubeconfig string         `json:"kubeconfig"`
	Server     string         `json:"server"`
	Token      string         `json:"token"`
	CAFile     string         `json:"caFile"`
	PID        map[string]int `json:"pid"`
}

func newSupervisor(dir string, only []string, auditLog string, coordinated bool) (*supervisor, readyLine, error) {
	free, err := freePorts(3)
	if err != nil {
		return nil, readyLine{}, err
	}
	ports := portPlan{etcd: free[0], etcdPeer: free[1], apiserver: free[2]}
	l, admin, err := prepare(dir, ports.serverURL())
	if err != nil {
		return nil, readyLine{}, err
	}
	extra, err := auditArgs(l, auditLog)
	if err != nil {
		return nil, readyLine{}, err
	}
	if coordinated {
		extra = append(extra, coordinatedArgs...)
	}
	probe, err := newProbe(l, admin.token)
	if err != nil {
		return nil, readyLine{}, err
	}
	s := &supervisor{
		layout:     l,
		components: newComponents(l, probe, ports, only, extra),
		accidents:  make(chan *component),
	}
	return s, readyLine{
		Kubeconfig: l.kubeconfig(admin.name),
		Server:     ports.serverURL(),
		Token:      admin.token,
		CAFile:     l.caCert(),
	}, nil
}

// readLines calls atEnd when there is nothing more to read, even while lines
// still wait: whoever closes the input wants everything gone.
func readLines(input io.Reader, atEnd func()) <-chan string {
	lines := make(chan string, 64)
	go func() {
		defer atEnd()
		scanner := bufio.NewScanner(input)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	return lines
}

func answer(err error) {
	if err != nil {
		say(map[string]any{"ok": false, "error": err.Error()})
		return
	}
	say(map[string]any{"ok": true})
}

// say writes one JSON line. If nobody listens any more SIGPIPE ends the program,
// and the children with it.
func say(line any) {
	_ = json.NewEncoder(os.Stdout).Encode(line)
}
