//! A budget that preflight says is in the way of every drain is, and the others are not: by the eviction API, when the
//! controller has judged it and everything is healthy.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::Error;
use kube::api::EvictParams;
use serde_json::{Value, json};

use super::{Electors, SOON, apply, findings, rights};
use crate::support::{Testbed, block_on, wait_until};

/// Budgets for a number of Pods, whether only their leader is Ready, and whether any of them may be evicted.
fn cases() -> Vec<(u32, bool, Value, bool)> {
    vec![
        (2, false, json!({"maxUnavailable": 0}), false),
        (2, false, json!({"maxUnavailable": "0%"}), false),
        (2, false, json!({"maxUnavailable": 1}), true),
        (2, false, json!({"maxUnavailable": "1%"}), true),
        (2, false, json!({"minAvailable": 2}), false),
        (2, false, json!({"minAvailable": 1}), true),
        (2, false, json!({"minAvailable": "50%"}), true),
        (2, false, json!({"minAvailable": "51%"}), false),
        (3, false, json!({"minAvailable": "67%"}), false),
        (3, false, json!({"minAvailable": "66%"}), true),
        (1, false, json!({"minAvailable": 1}), false),
        (1, false, json!({"minAvailable": "1%"}), false),
        (1, false, json!({"maxUnavailable": 1}), true),
        (2, false, json!({}), false),
        (2, true, json!({"minAvailable": 1}), false),
        (2, true, json!({"maxUnavailable": 1}), false),
        (2, true, json!({"maxUnavailable": "100%"}), true),
    ]
}

#[test]
fn a_leader_is_evicted_where_preflight_says_so_and_nowhere_else() {
    let testbed = Testbed::shared();
    let running: Vec<_> = cases()
        .into_iter()
        .map(|(replicas, gated, budget, room)| {
            let namespace = testbed.namespace("drain");
            let image = "klag-exporter:0.1.29";
            let electors = Electors { kind: "Deployment", image, replicas, strategy: Value::Null, gated };
            let mut manifests = rights(namespace.name());
            manifests.push(electors.manifest());
            let mut spec = budget;
            spec["selector"] = json!({"matchLabels": {"app": "web"}});
            manifests.push(json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": spec,
            }));
            let found = findings(&manifests, "HA0201,HA0205");
            assert_eq!(found.is_empty(), room, "{replicas} {gated} {spec}: {found:?}");
            apply(&namespace, &manifests);
            (namespace, if gated { 1 } else { replicas }, spec, room)
        })
        .collect();
    for (namespace, ready, spec, room) in running {
        let leader = namespace.wait_leader("web", SOON);
        namespace.wait_ready("web", ready as usize, SOON);
        wait_until(SOON, "the budget is judged", || async {
            let budget = namespace.api::<PodDisruptionBudget>().get("web").await.expect("it is there");
            let status = budget.status.unwrap_or_default();
            let healthy = u32::try_from(status.current_healthy).expect("no fewer than none");
            (status.observed_generation == budget.metadata.generation && healthy == ready).then_some(())
        });
        let evicted = block_on(namespace.api::<Pod>().evict(&leader, &EvictParams::default()));
        match evicted {
            Ok(_) => assert!(room, "{spec}: it was evicted"),
            Err(Error::Api(status)) if status.code == 429 => assert!(!room, "{spec}: {}", status.message),
            Err(error) => panic!("{spec}: {error}"),
        }
    }
}
