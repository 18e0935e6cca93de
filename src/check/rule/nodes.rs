//! Where Pods may run: on one node only, or only beside each other.

use std::collections::BTreeSet;

use super::super::workload::Workload;
use crate::model::node::Node;
use crate::model::selector::Selector;

/// The label that tells nodes apart (`k8s.io/api/core/v1`, `LabelHostname`).
pub(in crate::check) const HOST: &str = "kubernetes.io/hostname";

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// By which field of the Pods' spec all of them have to run on one node.
pub(in crate::check) fn pinned(pod: &Node) -> Option<String> {
    if pod.get("nodeName").text().is_some() {
        return Some("nodeName".to_owned());
    }
    if pod.get("nodeSelector").field(HOST).is_some() {
        return Some("nodeSelector".to_owned());
    }
    let terms = pod.at("affinity.nodeAffinity").get(REQUIRED).get("nodeSelectorTerms").list();
    let hosts: Option<BTreeSet<&str>> =
        terms.iter().map(hosts).try_fold(BTreeSet::new(), |all, hosts| Some(all.into_iter().chain(hosts?).collect()));
    (hosts?.len() == 1).then(|| format!("affinity.nodeAffinity.{REQUIRED}"))
}

/// The nodes that a term of affinity names; `None` where it does not say which.
fn hosts(term: &Node) -> Option<Vec<&str>> {
    let by_label = term.get("matchExpressions").list().iter().map(|one| (one, HOST));
    // A field that nodes are matched by: there is no other (`k8s.io/kubernetes/pkg/apis/core/validation`).
    let by_field = term.get("matchFields").list().iter().map(|one| (one, "metadata.name"));
    let named = by_label
        .chain(by_field)
        .find(|(one, key)| one.get("key").text() == Some(key) && one.get("operator").text() == Some("In"));
    named.map(|(one, _)| one.get("values").list().iter().filter_map(Node::text).collect())
}

/// Whether the Pods of a workload have to run on the node where others of it do.
pub(in crate::check) fn together(workload: Workload<'_>) -> bool {
    attracted(workload, workload.labels())
}

/// Whether the Pods of a workload have to run on the node where Pods with these labels do.
pub(in crate::check) fn attracted(workload: Workload<'_>, labels: &Node) -> bool {
    let terms = workload.pod().at("affinity.podAffinity").get(REQUIRED).list().iter();
    let mut hosts = terms.filter(|term| term.get("topologyKey").text() == Some(HOST));
    hosts.any(|term| {
        let selector = term.get("labelSelector");
        !selector.is_null() && Selector::read(selector).matches(labels) && looks_beside(workload, term)
    })
}

/// Whether a term of affinity between Pods is about those in the workload's own namespace: unless it says another one
/// (`k8s.io/api/core/v1`, `PodAffinityTerm`). What a selector of namespaces means is known only where it is empty: all.
pub(in crate::check) fn looks_beside(workload: Workload<'_>, term: &Node) -> bool {
    let (names, selector) = (term.get("namespaces").list(), term.get("namespaceSelector"));
    let own = workload.object.namespace.as_deref();
    let named = own.is_none() || names.iter().any(|name| name.text() == own);
    let all = !selector.is_null() && Selector::read(selector).is_empty();
    (names.is_empty() && selector.is_null()) || (!names.is_empty() && named) || all
}
