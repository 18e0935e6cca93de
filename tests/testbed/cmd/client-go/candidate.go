// Coordinated leader election (KEP-4355): a controller in the API server names
// the leader, among those who have said that they stand.

package main

import (
	"context"

	coordination "k8s.io/api/coordination/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"

	"hactl.dev/testbed/internal/contract"
)

// stand makes the process a candidate for a Lease for as long as ctx lives, as
// kube-controller-manager does it.
func stand(ctx context.Context, config contract.Config, api *rest.Config, lease string) error {
	client, err := kubernetes.NewForConfig(api)
	if err != nil {
		return err
	}
	candidate, synced, err := leaderelection.NewCandidate(
		client, config.Namespace, config.Identity, lease,
		config.BinaryVersion, config.EmulationVersion, coordination.OldestEmulationVersion)
	if err != nil {
		return err
	}
	go candidate.Run(ctx)
	synced.WaitForCacheSync(ctx.Done())
	return nil
}
