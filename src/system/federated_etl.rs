//! Kubecost's Federated ETL, up to 1.108: one Federator, one Pod, no Lease. It runs 5 min after it starts, and then
//! every 30 min.

use super::System;
use super::pod;
use super::profile::{Note, Profile, Replacement, Succession};
use super::step::Step;
use crate::model::Micros;

/// The guide.
const DOCS: &str = "kubecost/docs v1.x federated-etl.md";

/// What a failover means to a Federator.
pub(super) fn failover() -> Profile {
    let replacement = Replacement { crash: pod::restart(1), node_loss: pod::lose_node(), stop: pod::replace() };
    Profile {
        system: System::FederatedEtl,
        succession: Succession::Replacement(replacement),
        before: Vec::new(),
        after: vec![
            Step::fixed("first-run", "first run", Micros::from_secs(300), Micros::from_secs(300))
                .known("The Federator waits 5 min after its start before it runs.", DOCS),
        ],
        serves: "the Federator combines the clusters' data again",
        age: Some(
            Step::fixed("combined-age", "data age", Micros::ZERO, Micros::from_secs(1800))
                .known("The combined data is as old as the last run, and runs come every 30 min.", DOCS),
        ),
        notes: vec![
            Note {
                id: "no-election",
                message: "The Federator is one Pod without a Lease: nobody takes over, it has to come back. A lost \
                    node costs about 6 min before its Pod is replaced, and 5 min more before it runs.",
                source: "cost-analyzer-helm-chart v1.108.1 federator-deployment-template.yaml",
            },
            Note {
                id: "no-data-lost",
                message: "No data is lost: every cluster goes on writing its own, and the primary cluster reads \
                    what was combined last. A run's own length depends on the data and is not counted.",
                source: DOCS,
            },
            Note {
                id: "inside-cost-model",
                message: "Before 1.105 the Federator runs inside cost-model: its Pod has a volume that one node can \
                    attach, which may stay attached to a lost node for longer than this.",
                source: "cost-analyzer-helm-chart v1.104.5 values.yaml (federator.enabled); kubernetes.io \
                    node-shutdown (non-graceful)",
            },
            Note {
                id: "aggregator",
                message: "Kubecost 2 has an Aggregator instead, a StatefulSet: its Pod on a lost node is not \
                    replaced before the Node is deleted or tainted out-of-service.",
                source: "kubernetes pkg/controller/statefulset/stateful_set_control.go (isTerminating)",
            },
        ],
        guide: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::step::total;

    fn costs(steps: &[Step]) -> (Micros, Micros) {
        let ((low, high), (wait, _)) = (total(steps), total(&failover().after));
        (low + wait, high + wait)
    }

    #[test]
    fn a_federator_costs_five_minutes_and_with_its_node_eleven() {
        let Succession::Replacement(replacement) = failover().succession else { panic!("it elects nobody") };
        let millis = Micros::from_millis;
        assert_eq!(costs(&replacement.crash), (millis(301_000), millis(311_000)));
        assert_eq!(costs(&replacement.stop), (millis(302_000), millis(330_000)));
        assert_eq!(costs(&replacement.node_loss), (millis(641_600), millis(685_100)));
    }

    #[test]
    fn kubernetes_before_1_32_sees_it_ten_seconds_earlier() {
        let mut profile = failover();
        assert!(profile.set("node-monitor-grace-period", Micros::from_secs(40)));
        let Succession::Replacement(replacement) = profile.succession else { panic!("it elects nobody") };
        assert_eq!(costs(&replacement.node_loss), (Micros::from_millis(631_600), Micros::from_millis(675_100)));
    }
}
