//! How Kubernetes brings back a Pod: the steps that no election shortens.
//!
//! All defaults are those of Kubernetes 1.36; managed clusters set their own.

use super::step::Step;
use crate::model::Micros;

/// How often the kubelet looks for containers that have ended.
const RELIST: Micros = Micros::from_secs(1);

/// The wait before the second restart, which doubles with each further one.
const FIRST_BACK_OFF: Micros = Micros::from_secs(10);

/// The longest wait before a restart.
const LONGEST_BACK_OFF: Micros = Micros::from_secs(300);

/// How long after a renewal of the node's Lease comes the next: 10 s, and up to 4 % more.
const HEARTBEAT: Micros = Micros::from_millis(10_400);

/// A container's restart in place, after it has crashed for the `nth` time without ten quiet minutes between.
#[must_use]
pub fn restart(nth: u32) -> Vec<Step> {
    let back_off = match nth {
        0 | 1 => Micros::ZERO,
        _ => (FIRST_BACK_OFF * (1 << (nth - 2).min(5))).min(LONGEST_BACK_OFF),
    };
    vec![
        Step::between("restart-delay", "restart", back_off, back_off + RELIST).known(
            "The kubelet sees that the container has ended, and starts it again: at once the first time, then after \
                a back-off from 10 s to 5 min.",
            "kubernetes pkg/kubelet/kubelet.go (genericPlegRelistPeriod, initialCrashLoopBackOff, MaxCrashLoopBackOff)",
        ),
        Step::between("container-start", "container start", Micros::SECOND, Micros::from_secs(10)).assumed(
            "The registry is asked for the image, and the process starts.",
            "assumed; cost-analyzer-helm-chart federator-deployment-template.yaml has imagePullPolicy Always",
        ),
    ]
}

/// A Pod's replacement, after it was deleted or evicted.
#[must_use]
pub fn replace() -> Vec<Step> {
    vec![Step::between("pod-start", "Pod start", Micros::from_secs(2), Micros::from_secs(30)).assumed(
        "The new Pod is created, scheduled, given its volumes and image, and started; a Deployment does not wait \
            for the old one to end.",
        "assumed; kubernetes pkg/controller/controller_utils.go (IsPodActive) for when it is created",
    )]
}

/// The replacement of a Deployment's Pod whose node is gone.
#[must_use]
pub fn lose_node() -> Vec<Step> {
    let mut steps = vec![
        Step::rest("node-monitor-grace-period", "node grace", Micros::from_secs(50), HEARTBEAT).default(
            "The node's last sign of life grows old: 50 s, 40 s before Kubernetes 1.32.",
            "kubernetes pkg/controller/nodelifecycle/config/v1alpha1/defaults.go, pkg/kubelet/kubelet.go \
                (nodeLeaseRenewIntervalFraction)",
        ),
        Step::up_to("node-monitor-period", "node check", Micros::from_secs(5)).default(
            "The node controller sees signs of life only when it looks.",
            "kubernetes cloud-provider config/v1alpha1/defaults.go (NodeMonitorPeriod)",
        ),
        Step::fixed("taint", "taint", Micros::ZERO, Micros::from_millis(100)).known(
            "The node is tainted as unreachable; when several are lost at a time, one every 10 s.",
            "kubernetes pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go (NodeEvictionPeriod)",
        ),
        Step::between("toleration-seconds", "toleration", Micros::from_secs(300), Micros::from_secs(300)).default(
            "The Pod tolerates the taint for so long, and is then deleted.",
            "kubernetes plugin/pkg/admission/defaulttolerationseconds/admission.go",
        ),
    ];
    steps.extend(replace());
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::step::total;

    #[test]
    fn the_back_off_is_the_kubelets() {
        let waits = [1, 2, 3, 4, 5, 6, 7, 8, u32::MAX].map(|nth| restart(nth)[0].low.whole_seconds());
        assert_eq!(waits, [0, 10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn a_lost_node_costs_almost_six_minutes_before_anything_is_started() {
        let steps = lose_node();
        let (low, high) = total(&steps[..4]);
        assert_eq!((low, high), (Micros::from_millis(339_600), Micros::from_millis(355_100)));
        assert_eq!(total(&steps), (low + Micros::from_secs(2), high + Micros::from_secs(30)));
    }
}
