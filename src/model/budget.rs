//! How much disruption a workload's budgets leave.

/// A PodDisruptionBudget that counts a Pod, as its controller last judged it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// `status.disruptionsAllowed`: how many Pods may be evicted now.
    pub disruptions_allowed: i64,
    /// `status.currentHealthy`: Pods that are Ready.
    pub current_healthy: i64,
    /// `status.desiredHealthy`: Pods that have to stay Ready.
    pub desired_healthy: i64,
    /// `status.expectedPods`: Pods that it counts.
    pub expected_pods: i64,
    /// Whether its controller has seen it as it is now. Until then nothing it counts may be evicted.
    pub judged: bool,
}

impl Budget {
    /// Whether a Pod that is Ready may be evicted now (`k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go`,
    /// `checkAndDecrement`).
    ///
    /// Where more than one budget counts a Pod, it may not be evicted at all, whatever room there is.
    #[must_use]
    pub fn room(&self) -> bool {
        self.judged && self.disruptions_allowed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_judged_yet_leaves_no_room() {
        let room = |judged, disruptions_allowed| {
            let (current_healthy, desired_healthy, expected_pods) = (2, 1, 2);
            let name = "b".to_owned();
            Budget { name, disruptions_allowed, current_healthy, desired_healthy, expected_pods, judged }.room()
        };
        assert_eq!([room(true, 1), room(true, 0), room(false, 1)], [true, false, false]);
    }
}
