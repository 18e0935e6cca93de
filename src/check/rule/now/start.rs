//! Pods that do not come to run: why, and where that is to be read.

use jiff::{SignedDuration, Timestamp};

use crate::model::Pod;

/// A Pod that is not Ready after this long is not just starting.
pub(super) const STARTS: SignedDuration = SignedDuration::from_mins(2);

/// What a Pod waits for that comes by no waiting (`k8s.io/kubernetes/pkg/kubelet/images/types.go`,
/// `pkg/kubelet/container/sync_result.go`).
pub(super) const HOPELESS: &[&str] = &[
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
];

/// Of Pods that are not Ready the one that tells most: one that waits for what does not come, and the youngest of them.
pub(super) fn telling<'l>(pods: impl Iterator<Item = &'l Pod>) -> Option<&'l Pod> {
    let hopeless = |pod: &Pod| pod.waiting_reason().is_some_and(|why| HOPELESS.contains(&why));
    pods.filter(|pod| !pod.ready).max_by_key(|pod| (hopeless(pod), pod.waiting_reason().is_some(), pod.created))
}

/// Whether a Pod was made that long ago that it is not just starting.
pub(super) fn is_late(pod: &Pod, now: Timestamp) -> bool {
    pod.created.is_some_and(|at| now.duration_since(at) >= STARTS)
}

/// A Pod, and what it waits for: `payments-7d4b9-aaaaa: CrashLoopBackOff`.
pub(super) fn why(pod: &Pod) -> String {
    let why = pod.waiting_reason().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{}{why}", pod.key.name)
}

/// Where it is to be read why a Pod does not run: what its last process said, or, where none has ever run, what its kubelet
/// says.
pub(super) fn next(pod: &Pod) -> String {
    let (name, namespace) = (&pod.key.name, &pod.key.namespace);
    let ended = pod.containers.iter().find(|one| !one.running && (one.restarts > 0 || one.finished.is_some()));
    let Some(ended) = ended else { return format!("kubectl describe pod/{name} -n {namespace}") };
    let container = if pod.containers.len() > 1 { format!(" -c {}", ended.name) } else { String::new() };
    // Once it has started anew, its last words are those of the process before.
    let previous = if ended.waiting.is_some() && ended.restarts > 0 { " --previous" } else { "" };
    format!("kubectl logs {name} -n {namespace}{container}{previous}")
}
