// client-go is an elector that uses client-go's leaderelection package and
// nothing around it, in the way of that package's own example.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"hactl.dev/testbed/internal/contract"
)

func main() {
	config, err := contract.FromEnvironment()
	if err == nil && config.LeaseName == "" {
		err = errors.New("LEASE_NAME is not set")
	}
	if err == nil {
		err = run(config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(config contract.Config) error {
	api, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	journal := &contract.Journal{}
	var electors []*leaderelection.LeaderElector
	var entries []*contract.Entry
	for _, lease := range config.Leases() {
		entry := journal.Up(config.Namespace, lease, config.Identity)
		elector, err := newElector(config, api, lease, entry)
		if err != nil {
			return err
		}
		electors, entries = append(electors, elector), append(entries, entry)
	}
	if err := contract.Serve(config, journal); err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		// Before the context ends: with ReleaseOnCancel that gives the Lease away.
		journal.StopAll()
		cancel()
	}()

	if config.Coordinated {
		for _, lease := range config.Leases() {
			if err := stand(ctx, config, api, lease); err != nil {
				return err
			}
		}
	}

	var lost atomic.Bool
	var running sync.WaitGroup
	for i, elector := range electors {
		running.Go(func() {
			if config.Wait(ctx, i) {
				elector.Run(ctx)
			}
			for config.Stays && ctx.Err() == nil {
				elector.Run(ctx)
			}
			if ctx.Err() == nil {
				lost.Store(true)
				entries[i].Error(errors.New("leader election lost"))
			}
		})
	}
	running.Wait()
	if lost.Load() && config.Count == 1 {
		return errors.New("leader election lost")
	}
	return nil
}

// newElector has a client of its own: with a shared one the client's own rate
// limit would slow the electors down.
func newElector(config contract.Config, api *rest.Config, lease string, entry *contract.Entry) (*leaderelection.LeaderElector, error) {
	client, err := kubernetes.NewForConfig(api)
	if err != nil {
		return nil, err
	}
	return leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: lease, Namespace: config.Namespace},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: config.Identity},
		},
		LeaseDuration:   config.LeaseDuration,
		RenewDeadline:   config.RenewDeadline,
		RetryPeriod:     config.RetryPeriod,
		ReleaseOnCancel: config.ReleaseOnCancel,
		Coordinated:     config.Coordinated,
		Name:            lease,
		Callbacks: leaderelection.LeaderCallbacks{
			// It runs beside the renewals, so that it may come late: after a
			// loss it must not start any more.
			OnStartedLeading: func(ctx context.Context) {
				if ctx.Err() == nil {
					entry.Start()
				}
				<-ctx.Done()
				entry.Stop()
			},
			OnStoppedLeading: entry.Stop,
		},
	})
}
