// The four components: their flags, and how one can tell that they work.

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	nameEtcd              = "etcd"
	nameAPIServer         = "kube-apiserver"
	nameControllerManager = "kube-controller-manager"
	nameScheduler         = "kube-scheduler"
)

// In the order in which they are started.
var allComponents = []string{nameEtcd, nameAPIServer, nameControllerManager, nameScheduler}

// component is one of the four; process is nil until its first start.
type component struct {
	name    string
	args    []string
	process *process
	// wanted is false before the first start and after "kill" and "stop": then
	// its death is no accident.
	wanted bool
	// ready returns nil once the component works.
	ready func(context.Context) error
	// beforeStart, if set, notes what ready has to see change.
	beforeStart func(context.Context)
}

// newComponents describes the components named in only; extra goes to the API
// server's own flags.
func newComponents(l layout, probe *probe, ports portPlan, only, extra []string) []*component {
	var components []*component
	for _, name := range allComponents {
		if !slices.Contains(only, name) {
			continue
		}
		c := &component{name: name}
		switch name {
		case nameEtcd:
			c.args = etcdArgs(l, ports)
			c.ready = func(ctx context.Context) error { return probe.get(ctx, ports.etcdURL()+"/readyz", nil) }
		case nameAPIServer:
			c.args = append(apiserverArgs(l, ports, only), extra...)
			c.ready = func(ctx context.Context) error { return probe.get(ctx, ports.serverURL()+"/readyz", nil) }
		case nameControllerManager:
			c.args = controllerManagerArgs(l)
			c.readyWhenLeading(probe, ports.serverURL())
			c.readyWhenAlso(func(ctx context.Context) error {
				// Its controllers start some time after it has got its Lease, and
				// without their work nobody can make a Pod.
				return probe.get(ctx, ports.serverURL()+"/api/v1/namespaces/default/serviceaccounts/default", nil)
			})
		case nameScheduler:
			c.args = schedulerArgs(l)
			c.readyWhenLeading(probe, ports.serverURL())
		}
		components = append(components, c)
	}
	return components
}

// readyWhenLeading: a controller-manager or scheduler is of use once it holds
// its Lease, and each process brings a new identity.
func (c *component) readyWhenLeading(probe *probe, server string) {
	var former string
	c.beforeStart = func(ctx context.Context) {
		former, _ = probe.leaseHolder(ctx, server, c.name)
	}
	c.ready = func(ctx context.Context) error {
		holder, err := probe.leaseHolder(ctx, server, c.name)
		if err != nil {
			return err
		}
		if holder == "" || holder == former {
			return fmt.Errorf("does not hold its Lease yet, %q does", holder)
		}
		return nil
	}
}

// readyWhenAlso adds a condition.
func (c *component) readyWhenAlso(condition func(context.Context) error) {
	first := c.ready
	c.ready = func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		return condition(ctx)
	}
}

type portPlan struct{ etcd, etcdPeer, apiserver int }

func (p portPlan) etcdURL() string     { return fmt.Sprintf("http://127.0.0.1:%d", p.etcd) }
func (p portPlan) etcdPeerURL() string { return fmt.Sprintf("http://127.0.0.1:%d", p.etcdPeer) }
func (p portPlan) serverURL() string   { return fmt.Sprintf("https://127.0.0.1:%d", p.apiserver) }

func etcdArgs(l layout, ports portPlan) []string {
	return []string{
		"--name=testbed",
		"--data-dir=" + l.etcdData(),
		"--listen-client-urls=" + ports.etcdURL(),
		"--advertise-client-urls=" + ports.etcdURL(),
		"--listen-peer-urls=" + ports.etcdPeerURL(),
		"--initial-advertise-peer-urls=" + ports.etcdPeerURL(),
		"--initial-cluster=testbed=" + ports.etcdPeerURL(),
		// Nothing here has to survive a power cut, and slow disks would show up
		// in every measurement.
		"--unsafe-no-fsync",
	}
}

func apiserverArgs(l layout, ports portPlan, only []string) []string {
	args := []string{
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", ports.apiserver),
		"--tls-cert-file=" + l.servingCert(),
		"--tls-private-key-file=" + l.servingKey(),
		"--etcd-servers=" + ports.etcdURL(),
		"--authorization-mode=RBAC",
		"--token-auth-file=" + l.tokens(),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + l.serviceAccountKey(),
		"--service-account-signing-key-file=" + l.serviceAccountKey(),
		"--service-cluster-ip-range=10.96.0.0/16",
		// Without it the server looks for an address with a default route, which
		// a sandboxed machine may not have.
		"--advertise-address=127.0.0.1",
		// The endpoints of the Service "kubernetes" may not be a loopback address:
		// the server would log an error every ten seconds.
		"--endpoint-reconciler-type=none",
		// At 0, the default, open watches hold up a stop for a minute.
		"--shutdown-watch-termination-grace-period=1s",
	}
	if !slices.Contains(only, nameControllerManager) {
		// It makes the ServiceAccount "default" of each namespace, without which
		// this plugin refuses every Pod.
		args = append(args, "--disable-admission-plugins=ServiceAccount")
	}
	return args
}

// coordinatedArgs turn coordinated leader election (KEP-4355) on, which is off by
// default, with the version of LeaseCandidates that client-go uses.
var coordinatedArgs = []string{
	"--feature-gates=CoordinatedLeaderElection=true",
	"--runtime-config=coordination.k8s.io/v1beta1=true",
}

func controllerManagerArgs(l layout) []string {
	return []string{
		"--kubeconfig=" + l.kubeconfig(nameControllerManager),
		"--leader-elect=true",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + l.serviceAccountKey(),
		"--root-ca-file=" + l.caCert(),
		// A first start makes forty ServiceAccounts, one after the other; at the
		// default of 20 requests a second everybody would wait for that.
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		// Its default lies in /usr, and would be made there.
		"--flex-volume-plugin-dir=" + l.path("flexvolume"),
		// Nobody asks for its metrics.
		"--secure-port=0",
	}
}

func schedulerArgs(l layout) []string {
	return []string{
		"--kubeconfig=" + l.kubeconfig(nameScheduler),
		"--leader-elect=true",
		// Nobody asks for its metrics.
		"--secure-port=0",
	}
}

// parseOnly turns the value of --only into the names of components.
func parseOnly(value string) ([]string, error) {
	if value == "" {
		return allComponents, nil
	}
	names := strings.Split(value, ",")
	for _, name := range names {
		if !slices.Contains(allComponents, name) {
			return nil, fmt.Errorf("--only: no component %q, there are %s", name, strings.Join(allComponents, ", "))
		}
	}
	return names, nil
}
