// manager is an elector as kubebuilder makes them: a controller-runtime manager
// with leader election, whose only controller does nothing but act as leader.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/leaderelection"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"hactl.dev/testbed/internal/contract"
)

func main() {
	ctrl.SetLogger(klog.Background())
	config, err := contract.FromEnvironment()
	if err == nil {
		err = run(config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(config contract.Config) error {
	// The flags that real operators have; they win over the environment.
	elect := flag.Bool("leader-elect", true, "ask for the Lease before acting")
	flag.StringVar(&config.LeaseName, "leader-election-id", config.LeaseName, "name of the Lease")
	flag.DurationVar(&config.LeaseDuration, "leader-elect-lease-duration", config.LeaseDuration, "")
	flag.DurationVar(&config.RenewDeadline, "leader-elect-renew-deadline", config.RenewDeadline, "")
	flag.DurationVar(&config.RetryPeriod, "leader-elect-retry-period", config.RetryPeriod, "")
	flag.Parse()
	if config.LeaseName == "" {
		return errors.New("neither LEASE_NAME nor --leader-election-id is set")
	}

	api, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	journal := &contract.Journal{}
	var electors []*elector
	for _, lease := range config.Leases() {
		e, err := newElector(config, *elect, api, lease, journal)
		if err != nil {
			return err
		}
		electors = append(electors, e)
	}
	if err := contract.Serve(config, journal); err != nil {
		return err
	}

	ctx := ctrl.SetupSignalHandler()
	results := make([]error, len(electors))
	var running sync.WaitGroup
	for i, e := range electors {
		running.Go(func() {
			if config.Wait(ctx, i) {
				results[i] = e.run(ctx)
			}
		})
	}
	running.Wait()
	// Where there are many, one that lost its Lease just ends.
	if config.Count > 1 {
		return nil
	}
	return results[0]
}

type elector struct {
	manager manager.Manager
	entry   *contract.Entry
}

// newElector lets the library make the lock and only changes the host's name in
// the identity: all "Pods" of a testbed share one host.
func newElector(config contract.Config, elect bool, api *rest.Config, lease string, journal *contract.Journal) (*elector, error) {
	lock, err := leaderelection.NewResourceLock(rest.CopyConfig(api), noEventsYet{}, leaderelection.Options{
		LeaderElection:          true,
		LeaderElectionID:        lease,
		LeaderElectionNamespace: config.Namespace,
		RenewDeadline:           config.RenewDeadline,
	})
	if err != nil {
		return nil, err
	}
	leaseLock, ok := lock.(*resourcelock.LeaseLock)
	if !ok {
		return nil, fmt.Errorf("the library's lock is a %T, no LeaseLock", lock)
	}
	identity := &leaseLock.LockConfig.Identity
	at := strings.LastIndex(*identity, "_")
	*identity = config.Hostname + (*identity)[at:]

	mgr, err := ctrl.NewManager(rest.CopyConfig(api), manager.Options{
		LeaderElection:                      elect,
		LeaderElectionID:                    lease,
		LeaderElectionNamespace:             config.Namespace,
		LeaderElectionResourceLockInterface: leaseLock,
		LeaderElectionReleaseOnCancel:       config.ReleaseOnCancel,
		LeaseDuration:                       &config.LeaseDuration,
		RenewDeadline:                       &config.RenewDeadline,
		RetryPeriod:                         &config.RetryPeriod,
		Metrics:                             server.Options{BindAddress: "0"},
	})
	if err != nil {
		return nil, err
	}
	//nolint:staticcheck // the library itself still uses this one for its lock
	leaseLock.LockConfig.EventRecorder = mgr.GetEventRecorderFor(*identity)

	e := &elector{manager: mgr, entry: journal.Up(config.Namespace, lease, *identity)}
	return e, mgr.Add(manager.RunnableFunc(e.act))
}

// act is what a leader does: the library starts it with the leadership, and ends
// its context before it gives the Lease away.
func (e *elector) act(ctx context.Context) error {
	if ctx.Err() == nil {
		e.entry.Start()
	}
	<-ctx.Done()
	e.entry.Stop()
	return nil
}

func (e *elector) run(ctx context.Context) error {
	err := e.manager.Start(ctx)
	// When the Lease is lost the library does not wait for act to end.
	e.entry.Stop()
	if err != nil {
		e.entry.Error(err)
	}
	return err
}

// noEventsYet: the lock is needed before the manager that records events.
type noEventsYet struct{}

func (noEventsYet) GetEventRecorderFor(string) record.EventRecorder { return nil }
func (noEventsYet) GetEventRecorder(string) events.EventRecorder    { return nil }
