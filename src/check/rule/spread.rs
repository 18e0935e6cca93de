//! Nodes: whether several replicas are told to run on several, and whether they may.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::election::Elects;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::{nodes, paste, yaml};
use crate::model::node::Node;
use crate::model::selector::Selector;

pub(in crate::check) const IS_SPREAD: Check = Check {
    id: "HA0214",
    severity: Severity::Warning,
    title: "several replicas are spread over nodes",
    page: include_str!("../pages/HA0214.md"),
    judge: is_spread,
};

pub(in crate::check) const COUNTS_ITSELF: Check = Check {
    id: "HA0215",
    severity: Severity::Warning,
    title: "a topology spread constraint counts the Pods that it is for",
    page: include_str!("../pages/HA0215.md"),
    judge: counts_itself,
};

pub(in crate::check) const MAY_MOVE: Check = Check {
    id: "HA0216",
    severity: Severity::Warning,
    title: "a leader and its standbys may run on more than one node",
    page: include_str!("../pages/HA0216.md"),
    judge: may_move,
};

const CONSTRAINTS: &str = "topologySpreadConstraints";

fn is_spread(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let most = scene.most(workload);
        let pod = workload.pod();
        if most < 2 {
            verdicts.skip(workload.object, "it has no second replica");
        } else if kept_in(workload).is_some() {
            verdicts.skip(workload.object, "all of its Pods have to run on one node: HA0216");
        } else if is_told(pod) || takes_ports(pod) {
            verdicts.pass(workload.object);
        } else {
            let message = format!(
                "nothing spreads its {most} replicas over nodes: the scheduler prefers to, and no more than that. On one node \
                 they are lost together"
            );
            let own = workload.object.root.at("spec.selector");
            let constraint = json!({
                "maxSkew": 1, "topologyKey": nodes::HOST, "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": paste::value(own),
            });
            let failed = verdicts.fail(workload.object, "spec.template.spec", message);
            if !own.is_null() {
                failed.fix(yaml(&json!({"spec": {"template": {"spec": {CONSTRAINTS: [constraint]}}}})));
            }
        }
    }
}

/// Whether a Pod is told to stay away from others, or to spread. Whether from and over the right ones, HA0211 and HA0215 say.
fn is_told(pod: &Node) -> bool {
    !pod.get(CONSTRAINTS).list().is_empty() || !pod.at("affinity.podAntiAffinity").fields().is_empty()
}

/// Whether a Pod takes a port of its node, which no two can have (the scheduler's plugin `nodeports`). On the node's network
/// every port is one (`k8s.io/kubernetes/pkg/apis/core/v1/defaults.go`).
fn takes_ports(pod: &Node) -> bool {
    let network = pod.get("hostNetwork").bool() == Some(true);
    let mut ports = pod.get("containers").list().iter().flat_map(|container| container.get("ports").list());
    ports.any(|port| network || port.get("hostPort").int().is_some_and(|port| port > 0))
}

/// What keeps all Pods of a workload on one node: a field of the Pods' spec.
fn kept_in(workload: Workload<'_>) -> Option<String> {
    let together = || nodes::together(workload).then(|| "affinity.podAffinity".to_owned());
    nodes::pinned(workload.pod()).or_else(together)
}

fn counts_itself(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let constraints = workload.pod().get(CONSTRAINTS).list();
        if constraints.is_empty() {
            verdicts.skip(workload.object, "it has no topology spread constraints");
            continue;
        }
        let misses = |constraint: &Node| {
            let node = constraint.get("labelSelector");
            if node.is_null() { Some(None) } else { Selector::read(node).missed(workload.labels()).map(Some) }
        };
        let missed = constraints.iter().enumerate().find_map(|(index, one)| Some((index, misses(one)?)));
        let Some((index, missed)) = missed else {
            verdicts.pass(workload.object);
            continue;
        };
        let what = match missed {
            Some(label) => format!("counts Pods with {label}, which its own do not have"),
            None => "has no labelSelector, and counts no Pods".to_owned(),
        };
        let message = format!(
            "its topology spread constraint {what}: it spreads nothing over {}",
            constraints[index].get("topologyKey").text().unwrap_or("nodes")
        );
        let field = format!("spec.template.spec.{CONSTRAINTS}[{index}].labelSelector");
        let failed = verdicts.fail(workload.object, field, message);
        let own = workload.object.root.at("spec.selector");
        if own.is_null() {
            continue;
        }
        let mended = constraints.iter().map(|constraint| {
            let mut fields = match paste::value(constraint) {
                Value::Object(fields) => fields,
                _ => Map::new(),
            };
            if misses(constraint).is_some() {
                fields.insert("labelSelector".to_owned(), paste::value(own));
            }
            Value::Object(fields)
        });
        let mended: Value = mended.collect();
        failed.fix(yaml(&json!({"spec": {"template": {"spec": {CONSTRAINTS: mended}}}})));
    }
}

fn may_move(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let most = scene.most(workload);
        let elects = || scene.electors().in_pods_of(workload).iter().any(|one| one.election.elects == Elects::Yes);
        if most < 2 && !elects() {
            verdicts.skip(workload.object, "it has one replica, and nothing says that it elects a leader");
            continue;
        }
        let Some(field) = kept_in(workload) else {
            verdicts.pass(workload.object);
            continue;
        };
        let name = field.rsplit('.').next().unwrap_or(&field);
        let message = format!(
            "by its {name} all of its Pods run on one node: when that is drained or lost, so are the leader and every standby, \
             and none can start anywhere else"
        );
        let failed = verdicts.fail(workload.object, format!("spec.template.spec.{field}"), message);
        let fix = match name {
            "nodeName" => Some(json!({"nodeName": null})),
            "nodeSelector" => Some(json!({"nodeSelector": {nodes::HOST: null}})),
            _ => None,
        };
        if let Some(fix) = fix {
            failed.fix(yaml(&json!({"spec": {"template": {"spec": fix}}})));
        }
    }
}
