//! What an administrator writes to held Leases, as the simulator has it.

use hactl::elector::Draws;
use hactl::model::Micros;
use hactl::sim::{Random, Tampering};
use http::Request;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use crate::process::name;
use crate::support::Namespace;
use crate::support::lateness::now;
use crate::support::wait::{block_on, runtime};

/// Writes to each of so many Leases at a random time within a span, and returns when each was written.
pub(crate) fn tamper(
    how: Tampering,
    ns: &Namespace<'_>,
    count: usize,
    span: Micros,
    random: &mut Random,
) -> Vec<Micros> {
    let transitions: Vec<_> = (0..count).map(|number| transitions(ns, &name(number))).collect();
    let begun = now();
    let mut writes = JoinSet::new();
    for (number, transitions) in transitions.into_iter().enumerate() {
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{}", ns.name(), name(number));
        let client = ns.testbed().client();
        let at = begun + random.between(Micros::ZERO, span);
        writes.spawn_on(
            async move {
                sleep(Duration::from_micros((at - now()).get().try_into().unwrap_or_default())).await;
                (number, write(&client, &path, how, transitions).await)
            },
            runtime(),
        );
    }
    let mut times = vec![Micros::ZERO; count];
    for (number, at) in block_on(writes.join_all()) {
        times[number] = at;
    }
    times
}

fn transitions(ns: &Namespace<'_>, lease: &str) -> i32 {
    let lease: Option<Lease> = ns.lease(lease);
    lease.and_then(|lease| lease.spec).and_then(|spec| spec.lease_transitions).unwrap_or(0)
}

/// Writes it, and returns the middle of the time that it took.
async fn write(client: &Client, path: &str, how: Tampering, transitions: i32) -> Micros {
    let sent = now();
    let request = match body(how, transitions, Timestamp::now()) {
        Some(body) => Request::patch(format!("{path}?fieldManager=administrator"))
            .header("Content-Type", "application/merge-patch+json")
            .body(body.to_string().into_bytes()),
        None => Request::delete(path).body(Vec::new()),
    };
    let answer = client.request::<Value>(request.expect("a path is a URL")).await;
    answer.unwrap_or_else(|error| panic!("{how:?} of {path}: {error}"));
    sent + (now() - sent) / 2
}

/// The merge patch; `None` for a DELETE.
fn body(how: Tampering, transitions: i32, time: Timestamp) -> Option<Value> {
    let time = format!("{time:.6}");
    let handed = |to: &str| json!({"holderIdentity": to, "acquireTime": time, "renewTime": time, "leaseTransitions": transitions + 1});
    let spec = match how {
        Tampering::Holder => handed("replica-1"),
        Tampering::Sentinel => handed("nobody"),
        Tampering::Clear => json!({"holderIdentity": ""}),
        Tampering::ClearNull => json!({"holderIdentity": null}),
        Tampering::ClearAll => {
            json!({"holderIdentity": null, "leaseDurationSeconds": null, "acquireTime": null, "renewTime": null})
        }
        Tampering::Duration(seconds) => json!({"leaseDurationSeconds": seconds}),
        Tampering::Delete => return None,
        other => unreachable!("no cell has {other:?}"),
    };
    Some(json!({"spec": spec}))
}
