//! Programs whose manifests do not say whether they elect a leader, because it is compiled into them.

use super::super::program::Program;

/// What a program does where it is told nothing.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Known {
    /// The image's name, its command's, or its container's; one that begins with `*` is how the name ends.
    name: &'static str,
    pub(in crate::check) elects: bool,
    /// Where that is written.
    pub(in crate::check) source: &'static str,
    /// What turns it on.
    pub(in crate::check) flag: &'static str,
    /// Where its Lease is, where that is not the Pod's namespace.
    pub(in crate::check) namespace: Option<&'static str>,
    /// What its Lease is called.
    pub(in crate::check) lease: Option<&'static str>,
    /// Lease duration, renew deadline and retry period in seconds.
    pub(in crate::check) timing: Option<[i64; 3]>,
}

const fn on(name: &'static str, flag: &'static str, source: &'static str) -> Known {
    Known { name, elects: true, source, flag, namespace: None, lease: None, timing: None }
}

/// A sidecar of kubernetes-csi. All of them are timed alike (csi-lib-utils `leaderelection/leader_election.go`).
const fn off(name: &'static str, source: &'static str) -> Known {
    Known { elects: false, ..on(name, "--leader-election", source).timed([15, 10, 5]) }
}

impl Known {
    /// Where its Lease is.
    const fn inside(self, namespace: &'static str) -> Self {
        Self { namespace: Some(namespace), ..self }
    }

    /// What its Lease is called.
    const fn with(self, lease: &'static str) -> Self {
        Self { lease: Some(lease), ..self }
    }

    const fn timed(self, timing: [i64; 3]) -> Self {
        Self { timing: Some(timing), ..self }
    }
}

/// A part of Kubernetes itself, or what is built like one.
const fn component(name: &'static str) -> Known {
    let source = "k8s.io/component-base/config/v1alpha1, RecommendedDefaultLeaderElectionConfiguration";
    on(name, "--leader-elect", source).inside("kube-system").timed([15, 10, 2])
}

/// A part of cert-manager.
const fn cert_manager(name: &'static str, source: &'static str) -> Known {
    on(name, "--leader-elect", source).inside("kube-system").timed([60, 40, 15])
}

const KNOWN: &[Known] = &[
    component("kube-controller-manager").with("kube-controller-manager"),
    component("kube-scheduler").with("kube-scheduler"),
    component("*cloud-controller-manager"),
    on("cluster-autoscaler", "--leader-elect", "cluster-autoscaler/FAQ.md, --leader-elect")
        .inside("kube-system")
        .with("cluster-autoscaler"),
    on("aws-load-balancer-controller", "--enable-leader-election", "its docs/deploy/configurations.md")
        .with("aws-load-balancer-controller-leader"),
    cert_manager("cert-manager-controller", "cert-manager internal/apis/config/controller/v1alpha1/defaults.go")
        .with("cert-manager-controller"),
    cert_manager("cert-manager-cainjector", "cert-manager internal/apis/config/cainjector/v1alpha1/defaults.go")
        .with("cert-manager-cainjector-leader-election"),
    off("csi-attacher", "the README of kubernetes-csi/external-attacher"),
    off("csi-provisioner", "the README of kubernetes-csi/external-provisioner"),
    off("csi-resizer", "the README of kubernetes-csi/external-resizer"),
    off("csi-snapshotter", "the README of kubernetes-csi/external-snapshotter"),
    off("snapshot-controller", "the README of kubernetes-csi/external-snapshotter"),
];

/// What is known of a program.
pub(in crate::check) fn known(program: &Program<'_>) -> Option<&'static Known> {
    let is = |known: &&Known| match known.name.strip_prefix('*') {
        Some(end) => program.image.ends_with(end),
        None => program.is(known.name),
    };
    KNOWN.iter().find(is)
}

/// Whether it is built on controller-runtime as kubebuilder scaffolds it: by its command, or the flag of its probes.
pub(in crate::check) fn scaffolded(program: &Program<'_>) -> bool {
    let probed = || {
        program.flags().all.iter().any(|flag| ["health-probe-bind-address", "health-probe-addr"].contains(&flag.name))
    };
    program.executable.as_deref() == Some("manager") || probed()
}
