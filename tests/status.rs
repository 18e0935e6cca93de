//! `hactl status` on a real API server: what it says of Leases, in which format, with which exit code.

#![expect(clippy::disallowed_methods, reason = "tests live in real time")]

mod contract;
mod electors;
mod follow;
mod shapes;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::support::{Namespace, Output, block_on, hactl};

/// The instant `seconds` from now, as the API server wants it. Both run on this machine's clock.
fn in_seconds(seconds: i64) -> String {
    format!("{:.6}", Timestamp::now() + SignedDuration::from_secs(seconds))
}

/// A spec that counts for an hour, held by `holder`.
fn held_by(holder: &str) -> Value {
    json!({"holderIdentity": holder, "leaseDurationSeconds": 3600, "renewTime": in_seconds(0), "acquireTime": in_seconds(0)})
}

/// Creates a Lease with this spec, as the field manager `manager`. Untyped: some specs are what no client would write.
fn create(namespace: &Namespace<'_>, name: &str, spec: &Value) {
    let lease = ApiResource::erase::<Lease>(&());
    let leases: Api<DynamicObject> = Api::namespaced_with(namespace.testbed().client(), namespace.name(), &lease);
    let labels = json!({"app": name});
    let object = json!({"apiVersion": lease.api_version, "kind": lease.kind, "metadata": {"name": name, "labels": labels}, "spec": spec});
    let object = serde_json::from_value(object).expect("an object");
    let params = PostParams { field_manager: Some("manager".into()), ..PostParams::default() };
    block_on(leases.create(&params, &object)).expect("created");
}

/// Changes a Lease's spec.
fn change(namespace: &Namespace<'_>, name: &str, spec: &Value) {
    let patch = Patch::Merge(json!({"spec": spec}));
    block_on(namespace.api::<Lease>().patch(name, &PatchParams::default(), &patch)).expect("changed");
}

/// Runs `hactl status` in a namespace.
fn status(namespace: &Namespace<'_>, args: &[&str]) -> Output {
    hactl().args(["status"]).args(args).kubeconfig(namespace.kubeconfig()).run()
}

/// Runs `hactl status -o json` and reads the one document on stdout.
fn items(namespace: &Namespace<'_>, args: &[&str]) -> Vec<Value> {
    let out = hactl().args(["status", "-o", "json"]).args(args).kubeconfig(namespace.kubeconfig()).run();
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    let document: Value = serde_json::from_str(&out.stdout).expect("one JSON document");
    document["items"].as_array().expect("items").clone()
}
