//! Disruption budgets: whether the Pods that they protect can be moved, and whether they protect anything.
//!
//! The arithmetic is the disruption controller's (`k8s.io/kubernetes/pkg/controller/disruption/disruption.go`): shares are
//! rounded up, and an eviction is allowed while more Pods are healthy than have to be.

use serde_json::{Map, Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::count::Count;
use super::super::scene::{Scene, labels};
use super::super::selector::Selector;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::{leading, paste, yaml};
use crate::model::object::Object;

pub(in crate::check) const LEAVES_ROOM: Check = Check {
    id: "HA0201",
    severity: Severity::Error,
    title: "a disruption budget leaves room for an eviction",
    page: include_str!("../pages/HA0201.md"),
    judge: leaves_room,
};

pub(in crate::check) const SELECTS: Check = Check {
    id: "HA0202",
    severity: Severity::Error,
    title: "a disruption budget selects the Pods that it is meant for",
    page: include_str!("../pages/HA0202.md"),
    judge: selects_something,
};

pub(in crate::check) const ONE_EACH: Check = Check {
    id: "HA0204",
    severity: Severity::Error,
    title: "no Pod is in two disruption budgets",
    page: include_str!("../pages/HA0204.md"),
    judge: one_each,
};

pub(in crate::check) const IS_THERE: Check = Check {
    id: "HA0207",
    severity: Severity::Warning,
    title: "several replicas have a disruption budget",
    page: include_str!("../pages/HA0207.md"),
    judge: is_there,
};

pub(in crate::check) const SAYS_ONE: Check = Check {
    id: "HA0205",
    severity: Severity::Error,
    title: "a disruption budget says one of minAvailable and maxUnavailable",
    page: include_str!("../pages/HA0205.md"),
    judge: says_one,
};

pub(in crate::check) const NAMES_ITS_PODS: Check = Check {
    id: "HA0206",
    severity: Severity::Error,
    title: "a disruption budget does not cover its whole namespace by mistake",
    page: include_str!("../pages/HA0206.md"),
    judge: names_its_pods,
};

const BUDGET: &str = "PodDisruptionBudget";

fn budgets<'o>(scene: &Scene<'o>) -> Vec<&'o Object> {
    scene.of_kind(BUDGET).iter().copied().filter(|object| is_budget(object)).collect()
}

fn is_budget(object: &Object) -> bool {
    object.group() == "policy"
}

/// Whether a budget covers these Pods. An empty selector covers all of a namespace, but in policy/v1beta1 none.
fn covers(budget: &Object, maker: &Object) -> bool {
    let selector = Selector::read(budget.root.at("spec.selector"));
    let none =
        budget.root.at("spec.selector").is_null() || (selector.is_empty() && &*budget.api_version != "policy/v1");
    !none && selector.matches(labels(maker))
}

/// So many Pods at the least, and by which field: an autoscaler may scale down to its minimum.
fn least(scene: &Scene<'_>, workload: Workload<'_>) -> (i64, Option<String>) {
    match scene.autoscaler(workload) {
        Some(scaler) => {
            let least = scaler.root.at("spec.minReplicas").int().unwrap_or(1);
            (least, Some(format!("{} lets it shrink to {least}", scaler.name)))
        }
        None => (workload.replicas(), None),
    }
}

fn leaves_room(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for budget in budgets(scene) {
        let covered = |workload: &&Workload<'_>| covers(budget, workload.object);
        let covered: Vec<_> = scene.workloads_beside(budget).iter().filter(covered).collect();
        let counted: Vec<_> = covered.iter().map(|workload| least(scene, **workload)).collect();
        let pods: i64 = counted.iter().map(|(least, _)| least).sum();
        if pods == 0 {
            verdicts.skip(budget, "no replicas of what it selects are in what was given");
            continue;
        }
        let read = |field: &str| Count::read(budget.root.at(field));
        let (min, max) = (read("spec.minAvailable"), read("spec.maxUnavailable"));
        // Of those that are Ready only where they lead, one is healthy.
        let gated = covered.iter().any(|workload| leading::readiness_gated(scene, **workload));
        let healthy = if gated && covered.len() == 1 { pods.min(1) } else { pods };
        let (field, count, allowed) = match (min, max) {
            (_, Some(max)) => ("spec.maxUnavailable", max, healthy - (pods - max.up(pods))),
            (Some(min), None) => ("spec.minAvailable", min, healthy - min.up(pods)),
            (None, None) => {
                verdicts.skip(budget, "it says neither minAvailable nor maxUnavailable: HA0205");
                continue;
            }
        };
        if allowed > 0 {
            verdicts.pass(budget);
            continue;
        }
        let of: Vec<_> = covered.iter().map(|workload| workload.object.to_string()).collect();
        let why: String = counted.iter().filter_map(|(_, why)| why.as_ref()).map(|why| format!(" ({why})")).collect();
        let name = field.rsplit('.').next().unwrap_or(field);
        let message = format!(
            "{name} {count} of {pods} of {}{why}: no Pod may ever be evicted, and a drain of its node never ends",
            of.join(", ")
        );
        let (message, room) = if healthy < pods {
            (format!("{message}. A Pod is Ready only while it leads: one of them is healthy"), json!("100%"))
        } else {
            (message, json!(1))
        };
        let fix = json!({"spec": {"minAvailable": null, "maxUnavailable": room}});
        verdicts.fail(budget, field, message).fix(yaml(&fix));
    }
}

fn selects_something(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for budget in budgets(scene) {
        let node = budget.root.at("spec.selector");
        let selector = Selector::read(node);
        if selector.is_empty() {
            verdicts.skip(budget, "its selector asks for nothing: HA0206");
            continue;
        }
        if scene.makers_beside(budget).any(|maker| covers(budget, maker)) {
            verdicts.pass(budget);
            continue;
        }
        let near = scene.makers_beside(budget).map(|maker| (nearness(budget, maker), maker));
        let Some((_, meant)) = near.filter(|(near, _)| *near > 0).max_by_key(|(near, _)| *near) else {
            verdicts.skip(budget, "nothing of what was given makes Pods that it could be meant for");
            continue;
        };
        let missed = selector.missed(labels(meant)).unwrap_or_default();
        let message = format!(
            "it selects no Pods: {meant} makes none with {missed}. Nothing is protected: a drain may take all of them at once"
        );
        verdicts.fail(budget, "spec.selector", message).fix(selecting(budget, meant));
    }
}

/// How likely a budget is meant for these Pods: by the labels that it asks for and they have, and by names.
fn nearness(budget: &Object, maker: &Object) -> usize {
    let has = labels(maker);
    let asked = budget.root.at("spec.selector.matchLabels").fields();
    let shared = asked.iter().filter(|field| has.get(&field.name).text() == field.node.text()).count();
    let values = asked.iter().filter(|field| has.fields().iter().any(|other| other.node.text() == field.node.text()));
    let named = budget.name.starts_with(&*maker.name) || maker.name.starts_with(&*budget.name);
    shared * 2 + values.count() + usize::from(named) * 2
}

/// The selector of a workload in place of a budget's own.
fn selecting(budget: &Object, meant: &Object) -> String {
    let wanted = meant.root.at("spec.selector.matchLabels");
    let wanted = if wanted.is_null() { labels(meant) } else { wanted };
    let mut fields = Map::new();
    for field in budget.root.at("spec.selector.matchLabels").fields() {
        fields.insert(field.name.to_string(), Value::Null);
    }
    for field in wanted.fields() {
        fields.insert(field.name.to_string(), json!(field.node.text()));
    }
    let mut selector = Map::from_iter([("matchLabels".to_owned(), Value::Object(fields))]);
    for field in budget.root.at("spec.selector").fields() {
        if &*field.name != "matchLabels" {
            selector.insert(field.name.to_string(), Value::Null);
        }
    }
    yaml(&json!({"spec": {"selector": selector}}))
}

fn one_each(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for workload in scene.workloads() {
        let there = |budget: &&&Object| is_budget(budget) && covers(budget, workload.object);
        let beside = scene.of_kind_beside(BUDGET, workload.object).iter();
        let of: Vec<_> = beside.filter(there).map(|budget| &*budget.name).collect();
        match of.as_slice() {
            [] => verdicts.skip(workload.object, "no disruption budget selects its Pods"),
            [_] => verdicts.pass(workload.object),
            several => {
                let message = format!(
                    "its Pods are in {} disruption budgets ({}): the eviction API refuses to evict such a Pod (500)",
                    several.len(),
                    several.join(", ")
                );
                verdicts.fail(workload.object, "spec.template.metadata.labels", message);
            }
        }
    }
}

fn is_there(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let object = workload.object;
        let mut budgets = scene.of_kind_beside(BUDGET, object).iter().filter(|budget| is_budget(budget));
        if scene.least(workload) < 2 {
            verdicts.skip(object, "it may have no second replica");
            continue;
        }
        if budgets.any(|budget| covers(budget, object)) {
            verdicts.pass(object);
            continue;
        }
        if leading::readiness_gated(scene, workload) {
            verdicts.skip(object, "its readiness depends on leading: no budget lets its leader be evicted");
            continue;
        }
        let message = "no disruption budget selects its Pods: a drain may take all of them at once";
        let failed = verdicts.fail(object, "", message);
        let own = object.root.at("spec.selector");
        let selected = !workload.selector().is_empty() && workload.selector().matches(workload.labels());
        if selected {
            let mut metadata = Map::from_iter([("name".to_owned(), json!(&*object.name))]);
            if let Some(namespace) = &object.namespace {
                metadata.insert("namespace".to_owned(), json!(&**namespace));
            }
            failed.fix(yaml(&json!({
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": metadata,
                "spec": {"maxUnavailable": 1, "selector": paste::value(own)},
            })));
        }
    }
}

fn says_one(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for budget in budgets(scene) {
        let said = |field: &str| !budget.root.at(field).is_null();
        match (said("spec.minAvailable"), said("spec.maxUnavailable")) {
            (true, true) => {
                let message = "it says both minAvailable and maxUnavailable: the API server refuses it";
                verdicts.fail(budget, "spec.minAvailable", message).fix(yaml(&json!({"spec": {"minAvailable": null}})));
            }
            (false, false) => {
                let message = "it says neither minAvailable nor maxUnavailable: no Pod may ever be evicted";
                verdicts.fail(budget, "spec", message).fix(yaml(&json!({"spec": {"maxUnavailable": 1}})));
            }
            _ => verdicts.pass(budget),
        }
    }
}

fn names_its_pods(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for budget in budgets(scene) {
        let node = budget.root.at("spec.selector");
        let stray = node.fields().iter().find(|field| !["matchLabels", "matchExpressions"].contains(&&*field.name));
        if let Some(stray) = stray {
            let message = format!(
                "{} stands straight under selector, where the API server drops it: labels belong under matchLabels{}",
                stray.name,
                if Selector::read(node).is_empty() { ". What is left selects every Pod of the namespace" } else { "" }
            );
            let labels: Map<_, _> = node
                .fields()
                .iter()
                .filter_map(|field| Some((field.name.to_string(), json!(field.node.text()?))))
                .collect();
            let mut selector: Map<_, _> = labels.keys().map(|name| (name.clone(), Value::Null)).collect();
            selector.insert("matchLabels".to_owned(), Value::Object(labels));
            let fix = yaml(&json!({"spec": {"selector": selector}}));
            verdicts.fail(budget, format!("spec.selector.{}", stray.name), message).fix(fix);
            continue;
        }
        let all = Selector::read(node).is_empty() && &*budget.api_version == "policy/v1" && !node.is_null();
        let makers = scene.makers_beside(budget).count();
        if all && makers > 1 {
            let message =
                format!("an empty selector covers every Pod of the namespace: those of all {makers} workloads");
            verdicts.fail(budget, "spec.selector", message);
        } else {
            verdicts.pass(budget);
        }
    }
}
