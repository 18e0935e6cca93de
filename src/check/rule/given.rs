//! Labels, by who gives them: what they tell of whom is meant.

/// Labels that everything of a release or of a tool has: they tell nothing of what is meant.
pub(in crate::check) const OF_ALL: &[&str] = &[
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
    "chart",
    "helm.sh/chart",
    "heritage",
    "release",
];

/// Labels that say what something is, and that its maker gives. Others a program may give itself when it has started, or become
/// leader: `vault-active: "true"`.
pub(in crate::check) const SAYS_WHAT: &[&str] =
    &["app", "app.kubernetes.io/component", "app.kubernetes.io/name", "component", "control-plane", "k8s-app", "name"];

/// Labels that the workloads' controllers give to each Pod (`k8s.io/api/apps/v1`, `k8s.io/api/batch/v1`).
pub(in crate::check) const BY_CONTROLLER: &[&str] = &[
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index",
    "controller-revision-hash",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];
