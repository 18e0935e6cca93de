// controlplane is a real Kubernetes control plane in one program, for tests.
//
// Each sub-command is the component of that name, built from its published
// module; "up" runs the four server components together, see up.go.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

const usage = "usage: controlplane up|etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kubectl [flags]"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}

	// The components derive their User-Agent from the program name, and the API
	// server derives the field manager from that: it must be the component's.
	os.Args = os.Args[1:]

	// Only the chosen command is built: the components register their feature
	// gates and metrics in process-wide tables.
	switch os.Args[0] {
	case "up":
		os.Exit(up(os.Args[1:]))
	case nameEtcd:
		etcdmain.Main(os.Args)
	case nameAPIServer:
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case nameControllerManager:
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case nameScheduler:
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			kubectlutil.CheckErr(err)
		}
	default:
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
}
