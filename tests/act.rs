//! What writing to a cluster ends in: done, refused and for which reason, not known, or never sent.
//!
//! The real API server says no; those that are ill, in `silence`, leave it open.

mod budget;
mod follow;
mod lease;
mod rights;
mod silence;

use std::path::PathBuf;
use std::time::Duration;

use hactl::cluster::{Connection, Consent, Reader, Refused, Rehearsal, Unwritten, Writer};
use hactl::model::{Key, LeaseRecord};
use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::support::fixtures::create;
use crate::support::{Namespace, block_on};

/// A reader that waits so long for an answer.
fn reader_within(kubeconfig: PathBuf, request_timeout: Duration) -> Reader {
    let connection = Connection {
        kubeconfig: Some(kubeconfig),
        context: None,
        as_user: None,
        as_groups: Vec::new(),
        as_uid: None,
        request_timeout,
    };
    block_on(Reader::connect(&connection)).expect("a kubeconfig that can be used")
}

fn reader(kubeconfig: PathBuf) -> Reader {
    reader_within(kubeconfig, Duration::from_secs(20))
}

/// The administrator's.
fn writer(namespace: &Namespace) -> Writer {
    Writer::new(reader(namespace.kubeconfig()), Consent::by_flag())
}

fn rehearsal(namespace: &Namespace) -> Rehearsal {
    Rehearsal::new(reader(namespace.kubeconfig()))
}

fn key(namespace: &Namespace, name: &str) -> Key {
    Key::new(namespace.name(), name)
}

/// What hactl reads of a Lease.
fn read(namespace: &Namespace, name: &str) -> LeaseRecord {
    let lease = block_on(reader(namespace.kubeconfig()).lease(&key(namespace, name)));
    lease.expect("the administrator may read it").expect("a Lease of that name")
}

/// An object as it is stored.
fn stored(namespace: &Namespace, collection: &str, name: &str) -> Option<Value> {
    let path = format!("{collection}/{name}").replace("{}", namespace.name());
    let request = http::Request::get(path).body(Vec::new()).expect("names fit into a URL");
    match block_on(namespace.testbed().client().request(request)) {
        Ok(object) => Some(object),
        Err(kube::Error::Api(status)) if status.code == 404 => None,
        Err(error) => panic!("{error}"),
    }
}

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/{}/leases";
const PODS: &str = "/api/v1/namespaces/{}/pods";

/// A Pod that no scheduler takes: nobody runs it, and what its status says is for the test to say.
fn pod(namespace: &Namespace, name: &str) -> DynamicObject {
    let manifest = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"schedulerName": "nobody", "containers": [{"name": "c", "image": "none"}]},
    });
    create(namespace, manifest)
}

/// Says that a Pod runs and is Ready.
fn make_ready(namespace: &Namespace, name: &str) {
    let condition = json!({"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-21T12:00:00Z"});
    let body = json!({"status": {"phase": "Running", "conditions": [condition]}});
    let path = format!("{PODS}/{name}/status").replace("{}", namespace.name());
    let request = http::Request::patch(path).header("Content-Type", "application/merge-patch+json");
    let request = request.body(body.to_string().into_bytes()).expect("names fit into a URL");
    block_on(namespace.testbed().client().request::<Value>(request)).expect("the administrator may say so");
}

fn uid(object: &DynamicObject) -> &str {
    object.metadata.uid.as_deref().expect("what is stored has a uid")
}

/// What the server has against it.
#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Unwritten>) -> Refused {
    match answer {
        Err(Unwritten::Refused { why, .. }) => why,
        other => panic!("not refused: {other:?}"),
    }
}
