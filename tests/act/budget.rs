//! A Pod is evicted if its disruption budget has room, and it is that very Pod.

use std::time::Duration;

use hactl::cluster::{Pen, Refused, budgets};
use hactl::error::Exit;
use hactl::model::budget::Budget;
use serde_json::json;

use super::{PODS, key, make_ready, pod, reader, refused, rehearsal, stored, uid, writer};
use crate::support::fixtures::create;
use crate::support::{Namespace, Testbed, block_on, wait_until};

const NOBODYS: &str = "00000000-0000-0000-0000-000000000000";

/// How long the controller may take to judge a budget.
const JUDGED_SOON: Duration = Duration::from_secs(60);

fn budget(namespace: &Namespace, name: &str) {
    let selector = json!({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]});
    let manifest = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
        "spec": {"minAvailable": 1, "selector": selector},
    });
    create(namespace, manifest);
}

/// The budgets of a Pod, once they were judged with so many healthy Pods.
fn judged(namespace: &Namespace, name: &str, healthy: i64) -> Vec<Budget> {
    let reader = reader(namespace.kubeconfig());
    wait_until(JUDGED_SOON, "the budgets are judged", || async {
        let budgets = budgets(&reader, &key(namespace, name)).await.expect("the administrator may read them");
        let all = budgets.iter().all(|budget| budget.judged && budget.current_healthy == healthy);
        (all && !budgets.is_empty()).then_some(budgets)
    })
}

#[test]
fn the_only_ready_pod_is_kept_by_its_budget() {
    let namespace = Testbed::shared().namespace("act");
    let leader = pod(&namespace, "web-1");
    make_ready(&namespace, "web-1");
    budget(&namespace, "web");
    let expected = Budget {
        name: "web".to_owned(),
        disruptions_allowed: 0,
        current_healthy: 1,
        desired_healthy: 1,
        expected_pods: 1,
        judged: true,
    };
    assert_eq!(judged(&namespace, "web-1", 1), [expected]);
    let before = stored(&namespace, PODS, "web-1");
    let place = key(&namespace, "web-1");
    let needs = "Cannot evict pod as it would violate the pod's disruption budget: \
                 The disruption budget web needs 1 healthy pods and has 1 currently";
    let answers = [
        block_on(writer(&namespace).evict(&place, uid(&leader))),
        block_on(rehearsal(&namespace).evict(&place, uid(&leader))),
    ];
    for answer in answers {
        let error = answer.as_ref().expect_err("no room").failure().error.clone();
        assert_eq!((error.exit, error.message), (Exit::Refused, format!("Pod {place} may not be evicted: {needs}")));
        assert_eq!(refused(answer), Refused::Budget(needs.to_owned()));
    }
    assert_eq!(stored(&namespace, PODS, "web-1"), before);
    // A delete asks no budget.
    block_on(rehearsal(&namespace).delete(&place, uid(&leader))).expect("it would be done");
    assert_eq!(stored(&namespace, PODS, "web-1"), before);
    block_on(writer(&namespace).delete(&place, uid(&leader))).expect("it is done");
    assert_eq!(stored(&namespace, PODS, "web-1"), None);
    assert_eq!(block_on(reader(namespace.kubeconfig()).pod(&place)), Ok(None));
}

#[test]
fn where_there_is_room_a_pod_is_evicted_in_earnest_only() {
    let namespace = Testbed::shared().namespace("act");
    let pods = ["web-1", "web-2"].map(|name| pod(&namespace, name));
    ["web-1", "web-2"].iter().for_each(|name| make_ready(&namespace, name));
    budget(&namespace, "web");
    let budgets = judged(&namespace, "web-1", 2);
    assert!(budgets.iter().all(Budget::room), "{budgets:?}");
    let (place, before) = (key(&namespace, "web-1"), stored(&namespace, PODS, "web-1"));
    block_on(rehearsal(&namespace).evict(&place, uid(&pods[0]))).expect("it would be done");
    assert_eq!(stored(&namespace, PODS, "web-1"), before);
    assert_eq!(judged(&namespace, "web-1", 2), budgets, "a rehearsal takes nothing from the budget");
    block_on(writer(&namespace).evict(&place, uid(&pods[0]))).expect("it is done");
    assert_eq!(stored(&namespace, PODS, "web-1"), None);
    assert!(stored(&namespace, PODS, "web-2").is_some());
}

#[test]
fn a_pod_with_two_budgets_cannot_be_evicted() {
    let namespace = Testbed::shared().namespace("act");
    let pods = ["web-1", "web-2"].map(|name| pod(&namespace, name));
    ["web-1", "web-2"].iter().for_each(|name| make_ready(&namespace, name));
    budget(&namespace, "one");
    budget(&namespace, "two");
    assert_eq!(judged(&namespace, "web-1", 2).len(), 2);
    let answer = block_on(writer(&namespace).evict(&key(&namespace, "web-1"), uid(&pods[0])));
    let said = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support";
    assert_eq!(refused(answer), Refused::Budget(said.to_owned()));
    assert!(stored(&namespace, PODS, "web-1").is_some());
}

#[test]
fn a_budget_counts_the_eviction_of_a_pod_that_is_another_by_now() {
    let namespace = Testbed::shared().namespace("act");
    for name in ["web-1", "web-2"] {
        pod(&namespace, name);
        make_ready(&namespace, name);
    }
    budget(&namespace, "web");
    assert!(judged(&namespace, "web-1", 2).iter().all(Budget::room));
    let place = key(&namespace, "web-1");
    assert_eq!(refused(block_on(rehearsal(&namespace).evict(&place, NOBODYS))), Refused::Gone);
    assert!(judged(&namespace, "web-1", 2).iter().all(Budget::room));
    assert_eq!(refused(block_on(writer(&namespace).evict(&place, NOBODYS))), Refused::Gone);
    assert!(stored(&namespace, PODS, "web-1").is_some());
    // The uid is compared after the budget was charged: for now the Pod counts as disrupted.
    assert!(!judged(&namespace, "web-1", 1)[0].room());
}

#[test]
fn another_pod_of_the_same_name_is_left_alone() {
    let namespace = Testbed::shared().namespace("act");
    pod(&namespace, "web-1");
    make_ready(&namespace, "web-1");
    let (writer, place) = (writer(&namespace), key(&namespace, "web-1"));
    let before = stored(&namespace, PODS, "web-1");
    assert_eq!(refused(block_on(writer.delete(&place, NOBODYS))), Refused::Gone);
    assert_eq!(refused(block_on(writer.evict(&place, NOBODYS))), Refused::Gone);
    assert_eq!(refused(block_on(rehearsal(&namespace).delete(&place, NOBODYS))), Refused::Gone);
    assert_eq!(stored(&namespace, PODS, "web-1"), before);
    let nowhere = key(&namespace, "web-9");
    assert_eq!(refused(block_on(writer.delete(&nowhere, NOBODYS))), Refused::Gone);
    assert_eq!(refused(block_on(writer.evict(&nowhere, NOBODYS))), Refused::Gone);
}
