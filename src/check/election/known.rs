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
}

const fn on(name: &'static str, flag: &'static str, source: &'static str) -> Known {
    Known { name, elects: true, source, flag }
}

const fn off(name: &'static str, source: &'static str) -> Known {
    Known { name, elects: false, source, flag: "--leader-election" }
}

const COMPONENT: &str = "k8s.io/component-base/config/v1alpha1, RecommendedDefaultLeaderElectionConfiguration";

const KNOWN: &[Known] = &[
    on("kube-controller-manager", "--leader-elect", COMPONENT),
    on("kube-scheduler", "--leader-elect", COMPONENT),
    on("*cloud-controller-manager", "--leader-elect", COMPONENT),
    on("cluster-autoscaler", "--leader-elect", "cluster-autoscaler/FAQ.md, --leader-elect"),
    on("aws-load-balancer-controller", "--enable-leader-election", "its docs/deploy/configurations.md"),
    on(
        "cert-manager-controller",
        "--leader-elect",
        "cert-manager internal/apis/config/controller/v1alpha1/defaults.go",
    ),
    on(
        "cert-manager-cainjector",
        "--leader-elect",
        "cert-manager internal/apis/config/cainjector/v1alpha1/defaults.go",
    ),
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
