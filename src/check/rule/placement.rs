//! Anti-affinity: whether it keeps the right Pods apart, and whether a roll-out can still place one more.

use serde_json::{Map, Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::scene::{Scene, labels};

use super::super::verdict::Verdicts;
use super::super::workload::{Replaced, Workload};
use super::{nodes, yaml};
use crate::model::node::Node;
use crate::model::selector::Selector;

pub(in crate::check) const APART: Check = Check {
    id: "HA0211",
    severity: Severity::Warning,
    title: "anti-affinity keeps the Pods apart, and leaves room for a roll-out",
    page: include_str!("../pages/HA0211.md"),
    judge: apart,
};

const HOST: &str = "kubernetes.io/hostname";
const AFFINITY: &str = "spec.template.spec.affinity.podAntiAffinity";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// One term of anti-affinity, and its field.
struct Term<'o> {
    node: &'o Node,
    field: String,
    required: bool,
}

fn terms(workload: Workload<'_>) -> Vec<Term<'_>> {
    let all = workload.object.root.at(AFFINITY);
    let required = all.get(REQUIRED).list().iter().enumerate();
    let required =
        required.map(|(index, node)| Term { node, field: format!("{AFFINITY}.{REQUIRED}[{index}]"), required: true });
    let preferred = all.get(PREFERRED).list().iter().enumerate();
    let preferred = preferred.map(|(index, node)| Term {
        node: node.get("podAffinityTerm"),
        field: format!("{AFFINITY}.{PREFERRED}[{index}].podAffinityTerm"),
        required: false,
    });
    required.chain(preferred).collect()
}

fn apart(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let terms = terms(workload);
        if terms.is_empty() {
            verdicts.skip(workload.object, "it has no anti-affinity");
            continue;
        }
        let mut found = false;
        for term in terms {
            let refused = match term.node.get("topologyKey").text() {
                _ if !term.node.list().is_empty() => Some("it is a list, and has to be one term"),
                None | Some("") => Some("it says no topologyKey"),
                Some(_) => None,
            };
            if let Some(refused) = refused {
                found = true;
                let message = format!("{refused}: the API server refuses the whole object");
                verdicts.fail(workload.object, term.field, message).severity(Severity::Error);
                continue;
            }
            let selector = Selector::read(term.node.get("labelSelector"));
            // By these keys it is about others by their values: not about its like, whatever else it asks for.
            if !term.node.get("mismatchLabelKeys").list().is_empty() {
                continue;
            }
            let own = selector.matches(workload.labels()) && nodes::looks_beside(workload, term.node);
            if own && term.required && term.node.get("topologyKey").text() == Some(HOST) {
                found |= crowded(workload, &term, verdicts);
            } else if !own && meant_for_itself(scene, workload, &term, &selector) {
                found = true;
                missed(workload, &term, &selector, verdicts);
            }
        }
        if !found {
            verdicts.pass(workload.object);
        }
    }
}

/// A surge needs a node more than there are replicas. How many there are no manifest says, but which are out of the
/// question some do.
fn crowded(workload: Workload<'_>, term: &Term<'_>, verdicts: &mut Verdicts<'_>) -> bool {
    // By this key the new Pods are kept apart from each other only (`k8s.io/api/core/v1`, `PodAffinityTerm`).
    if term.node.get("matchLabelKeys").list().iter().any(|key| key.text() == Some("pod-template-hash")) {
        return false;
    }
    let Replaced::Rolling { surge: 1.., unavailable: 0 } = workload.replaced(workload.replicas()) else { return false };
    let replicas = workload.replicas();
    let (severity, where_to) = match pinned(workload.pod()) {
        Some(Pinned::Host) => (Severity::Error, "it may run on one node only"),
        Some(Pinned::Few) => {
            (Severity::Warning, "it may run on control plane nodes only, of which many clusters have one")
        }
        None => (Severity::Info, "how many nodes there are is not known"),
    };
    let message = format!(
        "no two of its Pods may share a node, and a roll-out of {replicas} starts one more before it stops any: that needs \
         {} nodes, and {where_to}. Without them the roll-out never ends",
        replicas.saturating_add(1)
    );
    let fix = json!({"spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}});
    verdicts.fail(workload.object, term.field.as_str(), message).severity(severity).fix(yaml(&fix));
    true
}

/// Which nodes a Pod may run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pinned {
    /// One.
    Host,
    /// Those of the control plane.
    Few,
}

fn pinned(pod: &Node) -> Option<Pinned> {
    let terms = pod.at("affinity.nodeAffinity").get(REQUIRED).get("nodeSelectorTerms").list();
    let few = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];
    let asks = |one: &Node| {
        one.get("key").text().is_some_and(|key| few.contains(&key))
            && matches!(one.get("operator").text(), Some("In" | "Exists"))
    };
    // One of the terms is enough, so each of them has to.
    let all = !terms.is_empty() && terms.iter().all(|term| term.get("matchExpressions").list().iter().any(asks));
    if pod.get("nodeSelector").field(HOST).is_some() || pod.get("nodeName").text().is_some() {
        return Some(Pinned::Host);
    }
    let selected = few.iter().any(|key| pod.get("nodeSelector").field(key).is_some());
    (all || selected).then_some(Pinned::Few)
}

/// Whether a term that selects none of the workload's own Pods was meant to: it selects nobody else's either, and asks for
/// a label that they have with another value, or for the value of one under another name.
fn meant_for_itself(scene: &Scene<'_>, workload: Workload<'_>, term: &Term<'_>, selector: &Selector<'_>) -> bool {
    let own = scene.namespace(workload.object);
    // A workload that names no namespace is meant where its own term looks.
    let mut listed = term.node.get("namespaces").list().iter().filter_map(Node::text);
    let elsewhere =
        listed.any(|name| own.is_some_and(|own| own != name)) || !term.node.get("namespaceSelector").is_null();
    let others = || scene.makers_beside(workload.object).any(|maker| selector.matches(labels(maker)));
    if elsewhere || selector.is_empty() || others() {
        return false;
    }
    let own = workload.labels().fields();
    let asked = term.node.at("labelSelector.matchLabels").fields();
    let asked = asked.iter().map(|field| (&*field.name, field.node.text()));
    let expressions = term.node.at("labelSelector.matchExpressions").list();
    let expressions = expressions.iter().filter(|one| one.get("operator").text() == Some("In"));
    let expressions = expressions
        .filter_map(|one| Some((one.get("key").text()?, one.get("values").list().first().and_then(Node::text))));
    asked
        .chain(expressions)
        .any(|(key, value)| own.iter().any(|field| &*field.name == key || field.node.text() == value))
}

fn missed(workload: Workload<'_>, term: &Term<'_>, selector: &Selector<'_>, verdicts: &mut Verdicts<'_>) {
    let missing = selector.missed(workload.labels()).unwrap_or_default();
    let message = format!(
        "its anti-affinity keeps it apart from Pods with {missing}, which it does not make itself, and nothing else that was \
         given: all of its replicas may run on one node"
    );
    let failed = verdicts.fail(workload.object, format!("{}.labelSelector", term.field), message);
    if let Some(fix) = apart_from_itself(workload, term) {
        failed.fix(fix);
    }
}

/// The term with the workload's own selector, if it is the only one of its list: a list is pasted as a whole.
fn apart_from_itself(workload: Workload<'_>, term: &Term<'_>) -> Option<String> {
    let list = if term.required { REQUIRED } else { PREFERRED };
    let [one] = workload.object.root.at(AFFINITY).get(list).list() else { return None };
    let own = workload.object.root.at("spec.selector.matchLabels").fields();
    let own: Map<_, _> = own.iter().map(|field| (field.name.to_string(), json!(field.node.text()))).collect();
    if own.is_empty() {
        return None;
    }
    let asked = json!({"labelSelector": {"matchLabels": own}, "topologyKey": term.node.get("topologyKey").text()});
    let entry: Value = match term.required {
        true => asked,
        false => json!({"weight": one.get("weight").int().unwrap_or(100), "podAffinityTerm": asked}),
    };
    Some(yaml(&json!({"spec": {"template": {"spec": {"affinity": {"podAntiAffinity": {list: [entry]}}}}}})))
}
