// Starting, watching and ending the components.

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	startLimit   = 90 * time.Second
	stopLimit    = 30 * time.Second
	goodbyeLimit = 3 * time.Second
	pollInterval = 50 * time.Millisecond
	// A component that cannot live must not keep a core busy with its restarts.
	restartDelay = time.Second
)

// supervisor is used by one goroutine only, the one that runs up.
type supervisor struct {
	layout     layout
	components []*component
	// accidents brings each component that has died, some time after its death.
	accidents chan *component
}

// startAll brings everything up, each as soon as what it needs works.
func (s *supervisor) startAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()

	var last []*component
	for _, c := range s.components {
		if err := s.spawn(ctx, c); err != nil {
			return err
		}
		// These two only need the API server, not each other.
		if c.name == nameControllerManager || c.name == nameScheduler {
			last = append(last, c)
			continue
		}
		if err := s.awaitReady(ctx, c, s.components); err != nil {
			return err
		}
	}
	for _, c := range last {
		if err := s.awaitReady(ctx, c, s.components); err != nil {
			return err
		}
	}
	return nil
}

// spawn starts the process and sees to it that its death gets noticed.
func (s *supervisor) spawn(ctx context.Context, c *component) error {
	if c.beforeStart != nil {
		c.beforeStart(ctx)
	}
	process, err := spawn(c.name, c.args, string(s.layout), s.layout.log(c.name))
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.process, c.wanted = process, true
	go func() {
		<-process.done
		time.Sleep(restartDelay)
		s.accidents <- c
	}()
	return nil
}

// awaitReady waits until c works; the death of a watched component is an error.
func (s *supervisor) awaitReady(ctx context.Context, c *component, watched []*component) error {
	for {
		err := c.ready(ctx)
		if err == nil {
			return nil
		}
		for _, w := range watched {
			if w.wanted && w.process.ended() {
				return fmt.Errorf("%s exited: %s\n%s", w.name, w.process.how, tail(s.layout.log(w.name)))
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not get ready: %w\n%s", c.name, err, tail(s.layout.log(c.name)))
		case <-time.After(pollInterval):
		}
	}
}

// afterDeath starts a component again that died without being told to. The
// controller-manager and the scheduler exit by design when they lose their
// Lease, and a kubelet would bring them back.
func (s *supervisor) afterDeath(ctx context.Context, c *component) {
	if !c.wanted || !c.process.ended() {
		return // it was told to, or has already been started again
	}
	fmt.Fprintf(os.Stderr, "%s exited: %s; starting it again\n", c.name, c.process.how)
	if err := s.spawn(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// command carries out one line of the input.
func (s *supervisor) command(ctx context.Context, line string) error {
	verb, name, _ := strings.Cut(strings.TrimSpace(line), " ")
	at := slices.IndexFunc(s.components, func(c *component) bool { return c.name == name })
	if at < 0 {
		return fmt.Errorf("no component %q here", name)
	}
	c := s.components[at]
	running := c.process != nil && !c.process.ended()

	switch verb {
	case "start":
		if running {
			return fmt.Errorf("%s is running", name)
		}
		ctx, cancel := context.WithTimeout(ctx, startLimit)
		defer cancel()
		if err := s.spawn(ctx, c); err != nil {
			return err
		}
		err := s.awaitReady(ctx, c, []*component{c})
		// Whoever asked for the start hears that it failed, and may ask again.
		c.wanted = !c.process.ended()
		return err
	case "stop", "kill":
		c.wanted = false
		if !running {
			return fmt.Errorf("%s is not running", name)
		}
		if verb == "kill" {
			return kill(c)
		}
		c.process.signal(syscall.SIGTERM)
		if c.process.endedWithin(stopLimit) {
			return nil
		}
		_ = kill(c)
		return fmt.Errorf("%s had to be killed, it did not stop within %s", name, stopLimit)
	default:
		return fmt.Errorf("no command %q, there are kill, start, stop", verb)
	}
}

func kill(c *component) error {
	c.process.signal(syscall.SIGKILL)
	if !c.process.endedWithin(stopLimit) {
		return fmt.Errorf("%s survives SIGKILL", c.name)
	}
	return nil
}

// stopAll ends everything, and gives it a little time to say goodbye; etcd gets
// none, it would only wait for the API server's watches.
func (s *supervisor) stopAll() {
	var running []*component
	for _, c := range slices.Backward(s.components) {
		c.wanted = false
		if c.process != nil && !c.process.ended() {
			running = append(running, c)
			if c.name != nameEtcd {
				c.process.signal(syscall.SIGTERM)
			}
		}
	}
	deadline := time.Now().Add(goodbyeLimit)
	for _, c := range running {
		if c.name == nameEtcd || !c.process.endedWithin(time.Until(deadline)) {
			if err := kill(c); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}
}

func (s *supervisor) pids() map[string]int {
	pids := map[string]int{}
	for _, c := range s.components {
		pids[c.name] = c.process.pid()
	}
	return pids
}
