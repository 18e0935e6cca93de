//! The same objects, live and in files: the same findings.

use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams};
use serde_json::{Value, json};

use super::{apply, doctor, document, results, troubled};
use crate::support::fixtures::elector_deployment;
use crate::support::{Namespace, Testbed, block_on, hactl};

const KINDS: &[(&str, &str)] = &[
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("v1", "ServiceAccount"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
];

/// All that is there of these kinds, as `kubectl get -o json` would print it.
fn dump(namespace: &Namespace<'_>) -> String {
    let mut items = Vec::new();
    for (api_version, kind) in KINDS {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let client = namespace.testbed().client();
        let api: Api<DynamicObject> = if kind.starts_with("Cluster") {
            Api::all_with(client, &resource)
        } else {
            Api::namespaced_with(client, namespace.name(), &resource)
        };
        for object in block_on(api.list(&ListParams::default())).expect("the administrator may list").items {
            let mut item = serde_json::to_value(object).expect("JSON");
            (item["apiVersion"], item["kind"]) = (json!(api_version), json!(kind));
            items.push(item);
        }
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

/// What was said of the objects of a namespace, and what of them only manifests or only a cluster tell left out.
fn said(document: &Value, namespace: &str) -> Vec<Value> {
    let of = |result: &&Value| {
        let id = result["id"].as_str().expect("an id");
        result["object"]["namespace"] == namespace && !id.starts_with("HA00") && !id.starts_with("HA09")
    };
    let mut said: Vec<_> = results(document)
        .iter()
        .filter(of)
        .map(|result| {
            let mut result = result.clone();
            (result["where"], result["fingerprint"]) = (result["where"]["field"].take(), Value::Null);
            result
        })
        .collect();
    said.sort_by_key(Value::to_string);
    said
}

#[test]
fn the_same_objects_are_judged_alike_live_and_in_files() {
    let namespace = Testbed::shared().namespace("same");
    apply(&namespace, troubled("payments"));
    apply(&namespace, troubled("cart").into_iter().filter(|object| object["kind"] != "RoleBinding").collect());
    apply(&namespace, elector_deployment("sound", "manager", 2).manifests());
    apply(
        &namespace,
        vec![
            json!({
                "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "payments"},
                "spec": {
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "payments"},
                    "minReplicas": 1, "maxReplicas": 3,
                },
            }),
            json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "sounds"},
                "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "sounds"}}},
            }),
        ],
    );
    let live = document(&doctor(&namespace, &["-o", "json"]));
    let files = hactl().args(["preflight", "-", "-o", "json"]).stdin(dump(&namespace)).run();
    let files = document(&files);
    let (live, files) = (said(&live, namespace.name()), said(&files, namespace.name()));
    assert!(live.iter().filter(|result| result["outcome"] == "fail").count() >= 4, "{live:#?}");
    for (live, files) in live.iter().zip(&files) {
        assert_eq!(live, files);
    }
    assert_eq!(live.len(), files.len());
}
