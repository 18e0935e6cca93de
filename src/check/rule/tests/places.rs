//! Where Pods may run and what with, where an example of a page is not enough.

use serde_json::{Value as Json, json};

use super::{told, workload};
use crate::check::Severity;

#[test]
fn affinity_is_about_the_namespaces_that_it_says() {
    let affinity = |kind: &str, more: &Json| {
        let mut term = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "x"}}});
        for (field, value) in more.as_object().expect("fields") {
            term[field] = value.clone();
        }
        json!({kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}})
    };
    let within = |pod: &Json| {
        let mut made = workload("Deployment", &json!({"replicas": 2}), pod);
        made["metadata"]["namespace"] = json!("own");
        made
    };
    let crowded =
        |more: Json| told("HA0211", &[within(&json!({"affinity": affinity("podAntiAffinity", &more)}))]).is_some();
    let together =
        |more: Json| told("HA0216", &[within(&json!({"affinity": affinity("podAffinity", &more)}))]).is_some();
    for (more, expected) in [
        (json!({}), true),
        (json!({"namespaces": ["own"]}), true),
        (json!({"namespaceSelector": {}}), true),
        (json!({"namespaces": ["other"]}), false),
        (json!({"namespaceSelector": {"matchLabels": {"team": "other"}}}), false),
    ] {
        assert_eq!(crowded(more.clone()), expected, "{more}");
        assert_eq!(together(more.clone()), expected, "{more}");
    }
    assert!(!crowded(json!({"matchLabelKeys": ["pod-template-hash"]})), "a new Pod may be where an old one is");
    assert!(!crowded(json!({"mismatchLabelKeys": ["app"]})));
}

#[test]
fn few_nodes_are_left_where_all_terms_ask_for_them() {
    let judged = |terms: Json| {
        let apart = json!([{"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "x"}}}]);
        let affinity = json!({
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}},
            "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": apart}});
        let pod = json!({"affinity": affinity});
        told("HA0211", &[workload("Deployment", &json!({"replicas": 2}), &pod)]).map(|(severity, _)| severity)
    };
    let term = |operator: &str| json!({"matchExpressions": [{"key": "node-role.kubernetes.io/control-plane", "operator": operator, "values": ["true"]}]});
    assert_eq!(judged(json!([term("In")])), Some(Severity::Warning));
    assert_eq!(judged(json!([term("NotIn")])), Some(Severity::Info), "anywhere but there");
    assert_eq!(judged(json!([term("In"), term("NotIn")])), Some(Severity::Info), "one of them is enough");
}

#[test]
fn nothing_is_asked_for_and_bounded_by_0() {
    let told = |id: &str, resources: Json| {
        let own = json!({"name": "c", "args": ["--leader-elect"], "resources": resources});
        let made = workload("Deployment", &json!({"replicas": 2}), &json!({"containers": [own]}));
        told(id, &[made]).map(|(severity, _)| severity)
    };
    for none in [json!({"cpu": "0", "memory": "0"}), json!({"cpu": 0, "memory": "0Mi"}), json!({"cpu": "0m"})] {
        assert_eq!(told("HA0603", json!({"requests": none})), Some(Severity::Warning), "{none} is BestEffort");
    }
    assert_eq!(told("HA0603", json!({"requests": {"cpu": "1m", "memory": "0"}})), None);
    assert_eq!(told("HA0603", json!({"requests": {"cpu": "0", "memory": "1Mi"}})), Some(Severity::Info));
    let limits = |cpu: Json| told("HA0605", json!({"limits": {"cpu": cpu}}));
    assert!(limits(json!("20m")).is_some() && limits(json!(0)).is_none() && limits(json!("0")).is_none());
    let memory = |limit: &str| told("HA0604", json!({"requests": {"cpu": "1"}, "limits": {"memory": limit}})).is_some();
    assert!(memory("0") && !memory("64Mi"));
}
