//! The kubelet of the testbed does what the real one does, as far as hactl and its tests can see.

mod hurt;
mod lifecycle;
mod survivors;

use std::time::Duration;

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use serde_json::{Value, json};

use crate::support::fixtures::create;
use crate::support::kubelet::RunningPod;
use crate::support::{Namespace, Testbed};

/// For whatever takes as long as the machine needs.
const SOON: Duration = Duration::from_secs(60);

/// Creates a Pod with one container of an image, and the rest of its spec.
fn create_pod(ns: &Namespace<'_>, name: &str, image: &str, spec: &Value) {
    ns.testbed().kubelet();
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": image}]},
    });
    merge(&mut pod["spec"], spec);
    create(ns, pod);
}

/// Puts `from` into `into`: objects and arrays by their elements.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(from)) => {
            for (position, value) in from.iter().enumerate() {
                if position == into.len() {
                    into.push(Value::Null);
                }
                merge(&mut into[position], value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// The spec of a Pod that runs a script.
fn script(text: &str) -> Value {
    json!({"containers": [{"args": ["-c", text]}]})
}

fn container(pod: &Pod) -> Option<ContainerStatus> {
    pod.status.clone()?.container_statuses?.into_iter().next()
}

/// Waits until the container of a Pod is as wanted.
fn wait_container(
    ns: &Namespace<'_>,
    pod: &str,
    what: &str,
    wanted: impl Fn(&ContainerStatus) -> bool,
) -> ContainerStatus {
    ns.wait_for(SOON, what, || container(&ns.pod(pod)?).filter(|status| wanted(status)))
}

fn waits_because(status: &ContainerStatus, reason: &str) -> bool {
    let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
    waiting.is_some_and(|waiting| waiting.reason.as_deref() == Some(reason))
}

fn runs(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|state| state.running.is_some())
}

/// What a Pod has printed to stdout.
fn printed(pod: &RunningPod) -> Vec<String> {
    pod.logs().into_iter().map(|line| line.text).collect()
}

fn namespace(prefix: &str) -> Namespace<'static> {
    Testbed::shared().namespace(prefix)
}
