//! Nodes at their edges: what spreads Pods, and what keeps them on one.

use serde_json::{Value as Json, json};

use crate::check::rule::tests::{told, workload};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

fn judged(id: &str, replicas: i64, pod: Json) -> bool {
    told(id, &[workload("Deployment", &json!({"replicas": replicas}), &pod)]).is_some()
}

#[test]
fn whoever_is_kept_apart_in_any_way_is_spread() {
    let host = "kubernetes.io/hostname";
    let term = json!({"topologyKey": host, "labelSelector": {"matchLabels": {"app": "x"}}});
    let port = |port: Json| json!([{"name": "c", "ports": [port]}]);
    for (pod, expected) in [
        (json!({}), true),
        (json!({"affinity": {}}), true),
        (json!({"affinity": {"podAntiAffinity": {REQUIRED: [term]}}}), false),
        (json!({"topologySpreadConstraints": [{"topologyKey": "topology.kubernetes.io/zone"}]}), false),
        (json!({"topologySpreadConstraints": []}), true),
        (json!({"containers": port(json!({"containerPort": 80}))}), true),
        (json!({"containers": port(json!({"containerPort": 80, "hostPort": 80}))}), false),
        (json!({"hostNetwork": true, "containers": port(json!({"containerPort": 80}))}), false),
        (json!({"hostNetwork": true}), true),
    ] {
        assert_eq!(judged("HA0214", 2, pod.clone()), expected, "{pod}");
        assert!(!judged("HA0214", 1, pod));
    }
}

#[test]
fn a_constraint_that_asks_for_nothing_counts_all_and_one_without_selector_nothing() {
    let told = |selector: Json| {
        let constraint = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": selector});
        judged("HA0215", 2, json!({"topologySpreadConstraints": [constraint]}))
    };
    assert!(!told(json!({"matchLabels": {"app": "x"}})) && !told(json!({})));
    assert!(told(json!({"matchLabels": {"app": "x", "tier": "db"}})) && told(Json::Null));
    assert!(!told(json!({"matchExpressions": [{"key": "app", "operator": "Exists"}]})));
}

#[test]
fn pods_that_have_to_be_on_one_node_are_said_to_be() {
    let beside = |labels: Json| {
        let term = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}});
        json!({"affinity": {"podAffinity": {REQUIRED: [term]}}})
    };
    for (pod, expected) in [
        (json!({}), false),
        (json!({"nodeName": "n1"}), true),
        (json!({"nodeSelector": {"kubernetes.io/os": "linux"}}), false),
        (beside(json!({"app": "x"})), true),
        (beside(json!({"app": "cache"})), false),
    ] {
        assert_eq!(judged("HA0216", 2, pod.clone()), expected, "{pod}");
        assert!(!judged("HA0216", 1, pod), "nothing says that another would be wanted");
    }
    let leads = json!({"nodeName": "n1", "containers": [{"name": "c", "args": ["--leader-elect"]}]});
    assert!(judged("HA0216", 1, leads));
}
