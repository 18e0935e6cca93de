//! The rights that a transfer takes: no more than it uses, so that none can be missing in its middle.

use super::method::Method;
use crate::model::{Key, Right};

const LEASES: (&str, &str) = ("coordination.k8s.io", "leases");
const PODS: (&str, &str) = ("", "pods");

/// What finding the election takes, in the namespace of its Lease.
#[must_use]
pub fn to_look(namespace: &str) -> Vec<Right> {
    let right = |verb, (group, resource)| right(verb, group, resource, None, namespace, None);
    vec![right("list", LEASES), right("watch", LEASES), right("list", PODS), right("watch", PODS)]
}

/// What moving this Lease away from this Pod takes beside that.
#[must_use]
pub fn to_move(lease: &Key, pod: Option<&Key>, next: Option<&Key>, method: Method, forced: bool) -> Vec<Right> {
    let (group, resource) = LEASES;
    let lease_right = |verb| right(verb, group, resource, None, &lease.namespace, Some(&lease.name));
    let mut rights = vec![lease_right("get"), lease_right("patch")];
    for namespace in [pod, next].into_iter().flatten().map(|pod| &pod.namespace) {
        let get = right("get", "", "pods", None, namespace, None);
        if !rights.contains(&get) {
            rights.push(get);
        }
    }
    if let Some(pod) = pod {
        // Budgets count what is evicted, and a leader of client-go whose container exits.
        rights.push(right("list", "policy", "poddisruptionbudgets", None, &pod.namespace, None));
        match method {
            Method::Evict if forced => rights.push(right("delete", "", "pods", None, &pod.namespace, None)),
            Method::Evict => rights.push(right("create", "", "pods", Some("eviction"), &pod.namespace, None)),
            Method::HandOver | Method::Prefer => {}
        }
    }
    if method == Method::Prefer {
        rights.push(to_foresee(&lease.namespace));
    }
    rights
}

/// What foreseeing a controller's choice takes.
#[must_use]
pub fn to_foresee(namespace: &str) -> Right {
    right("list", "coordination.k8s.io", "leasecandidates", None, namespace, None)
}

/// What asking the leader takes, where its system says whether it leads: nothing fails without it.
#[must_use]
pub fn to_ask(pod: &Key) -> Right {
    right("get", "", "pods", Some("proxy"), &pod.namespace, None)
}

/// What repairing this Lease takes.
#[must_use]
pub fn to_repair(lease: &Key) -> Vec<Right> {
    let (group, resource) = LEASES;
    ["get", "patch"].map(|verb| right(verb, group, resource, None, &lease.namespace, Some(&lease.name))).into()
}

/// What writing down a transfer takes, beside the ring on the Lease.
#[must_use]
pub fn to_record(lease: &Key) -> Right {
    right("create", "events.k8s.io", "events", None, &lease.namespace, None)
}

fn right(
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    subresource: Option<&'static str>,
    namespace: &str,
    name: Option<&str>,
) -> Right {
    Right { verb, group, resource, subresource, namespace: namespace.to_owned(), name: name.map(str::to_owned) }
}
