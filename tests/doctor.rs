//! `hactl doctor` on a real API server: it finds what `preflight` finds in the same objects, asks little, and says what it
//! could not look at.

mod aim;
mod live;
mod requests;
mod rights;
mod same;

use serde_json::{Value, json};

use crate::support::fixtures::create;
use crate::support::{Namespace, Output, hactl};

/// Runs it in a namespace.
fn doctor(namespace: &Namespace<'_>, args: &[&str]) -> Output {
    hactl().args(["doctor"]).args(args).kubeconfig(namespace.kubeconfig()).run()
}

/// What it prints, as its one document.
#[track_caller]
fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:#?}"))
}

fn results(document: &Value) -> &[Value] {
    document["results"].as_array().expect("results")
}

/// The findings of a document: check, kind and name.
fn findings(document: &Value) -> Vec<String> {
    let failed = results(document).iter().filter(|result| result["outcome"] == "fail");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    failed
        .map(|r| format!("{} {}/{}", word(&r["id"]), word(&r["object"]["kind"]), word(&r["object"]["name"])))
        .collect()
}

/// Objects that nothing runs: two replicas that elect and may not, with a budget that lets nobody go.
fn troubled(name: &str) -> Vec<Value> {
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name},
            "rules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]}],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name}],
        }),
        json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": name}}},
        }),
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": {"app": name}},
            "spec": {
                "replicas": 2, "selector": {"matchLabels": {"app": name}},
                "template": {"metadata": {"labels": {"app": name}}, "spec": {
                    "serviceAccountName": name, "nodeSelector": {"nowhere": "true"},
                    "containers": [{"name": "main", "image": "manager", "args": ["--leader-elect"]}],
                }},
            },
        }),
    ]
}

fn apply(namespace: &Namespace<'_>, manifests: Vec<Value>) {
    manifests.into_iter().for_each(|manifest| drop(create(namespace, manifest)));
}
