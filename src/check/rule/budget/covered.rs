//! Whom a budget covers: the Pods that it is meant for, and no others.

use std::cell::LazyCell;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::{Scene, is_made, labels};
use super::super::super::selector::Selector;
use super::super::super::verdict::Verdicts;
use super::super::super::workload::Workload;
use super::super::given::{BY_CONTROLLER, OF_ALL, SAYS_WHAT};
use super::super::yaml;
use super::{BUDGET, Room, budgets, covered, covers, is_budget, room};
use crate::model::node::Node;
use crate::model::object::Object;

pub(in crate::check) const SELECTS: Check = Check {
    id: "HA0202",
    severity: Severity::Error,
    title: "a disruption budget selects the Pods that it is meant for",
    page: include_str!("../../pages/HA0202.md"),
    judge: selects_something,
};

pub(in crate::check) const NAMES_ITS_PODS: Check = Check {
    id: "HA0206",
    severity: Severity::Error,
    title: "a disruption budget does not cover its whole namespace by mistake",
    page: include_str!("../../pages/HA0206.md"),
    judge: names_its_pods,
};

fn selects_something(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let labelled = LazyCell::new(|| labelled(scene));
    for budget in budgets(scene) {
        let node = budget.root.at("spec.selector");
        let selector = Selector::read(node);
        if selector.is_empty() {
            verdicts.skip(budget, "its selector asks for nothing: HA0206");
            continue;
        }
        // Its controller counts Pods, also of what is not among the objects: of a DaemonSet, of a custom resource.
        let counted = budget.root.at("status.expectedPods").int().unwrap_or(0) > 0;
        if counted || scene.makers_beside(budget).any(|maker| covers(budget, maker)) {
            verdicts.pass(budget);
            continue;
        }
        if let Some((maker, later)) =
            scene.makers_beside(budget).find_map(|maker| Some((maker, given_later(node, maker)?)))
        {
            let why =
                format!("whether {maker}, whose other labels it asks for, has Pods with {later} no template says");
            verdicts.skip(budget, why);
            continue;
        }
        if let Some((maker, there)) = elsewhere(&labelled, budget) {
            let message = format!(
                "it selects no Pods: it is in {}, and {maker}, whose Pods it asks for, in {there}. Nothing is protected: a \
                 drain may take all of them at once",
                budget.namespace.as_deref().unwrap_or_default()
            );
            verdicts.fail(budget, "metadata.namespace", message).fix(yaml(&json!({"metadata": {"namespace": there}})));
            continue;
        }
        // A Pod that another object has made is none to be meant: its maker is.
        let makers = scene.makers_beside(budget).filter(|maker| !is_made(maker));
        let near = makers.map(|maker| (nearness(budget, maker), maker));
        let Some((_, meant)) = near.filter(|(near, _)| *near > 0).max_by_key(|(near, _)| *near) else {
            let Some(only) = unprotected(scene, budget) else {
                verdicts.skip(budget, "nothing of what was given makes Pods that it could be meant for");
                continue;
            };
            // It may be for Pods that an operator makes; but not if it asks for what the workload, or where it is, is called.
            let severity = if called(budget, only) { Severity::Error } else { Severity::Warning };
            let missed = selector.missed(labels(only)).unwrap_or_default();
            let message = format!(
                "it selects no Pods of what was given: {only}, the only workload beside it, makes none with {missed}, and no \
                 budget protects its replicas"
            );
            let failed = verdicts.fail(budget, "spec.selector", message);
            failed.severity(severity).fix(selecting(budget, only));
            continue;
        };
        let missed = selector.missed(labels(meant)).unwrap_or_default();
        // A budget of its own has what comes closest: this one is for something that is not here, often switched off.
        let own = |other: &&Object| is_budget(other) && covers(other, meant) && covered(scene, other).len() == 1;
        if scene.of_kind_beside(BUDGET, budget).iter().any(own) {
            let message = format!(
                "it selects no Pods, and what comes closest, {meant}, which makes none with {missed}, has a budget: what it is \
                 for is not there"
            );
            verdicts.fail(budget, "spec.selector", message).severity(Severity::Warning);
            continue;
        }
        let message = format!(
            "it selects no Pods: {meant} makes none with {missed}. Nothing is protected: a drain may take all of them at once"
        );
        verdicts.fail(budget, "spec.selector", message).fix(selecting(budget, meant));
    }
}

/// Workloads by each of their Pods' labels: so that not each has to be held against every budget.
type Labelled<'o> = HashMap<(&'o str, &'o str), Vec<Workload<'o>>>;

fn labelled<'o>(scene: &Scene<'o>) -> Labelled<'o> {
    let mut labelled = Labelled::new();
    for &workload in scene.workloads() {
        for label in workload.labels().fields() {
            let key = (&*label.name, label.node.text().unwrap_or_default());
            labelled.entry(key).or_default().push(workload);
        }
    }
    labelled
}

/// What a budget asks for, if that is in one other namespace than its own.
fn elsewhere<'o>(labelled: &Labelled<'o>, budget: &'o Object) -> Option<(&'o Object, &'o str)> {
    budget.namespace.as_deref()?;
    let asked = budget.root.at("spec.selector.matchLabels").fields();
    let near = asked.iter().map(|field| labelled.get(&(&*field.name, field.node.text().unwrap_or_default())));
    // Whoever has all of the labels has the rarest.
    let near = near.map(|near| near.map_or(&[][..], Vec::as_slice)).min_by_key(|near| near.len())?;
    let mut found = near.iter().map(|workload| workload.object).filter(|object| covers(budget, object));
    let first = found.next()?;
    let there = first.namespace.as_deref()?;
    found.all(|other| other.namespace.as_deref() == Some(there)).then_some((first, there))
}

/// The workload in a budget's namespace, if there is one only, it has several replicas, and no budget covers it.
fn unprotected<'o>(scene: &Scene<'o>, budget: &Object) -> Option<&'o Object> {
    let [only] = scene.workloads_beside(budget) else { return None };
    let mut budgets = scene.of_kind_beside(BUDGET, budget).iter();
    (scene.most(*only) > 1 && !budgets.any(|other| is_budget(other) && covers(other, only.object)))
        .then_some(only.object)
}

/// A label that these Pods may be given when they are there, if they have all else that is asked for and something of that
/// tells what they are: a controller numbers them, and a program labels the one that leads (`role: master`).
fn given_later<'o>(selector: &'o Node, maker: &Object) -> Option<&'o str> {
    let has = labels(maker);
    let plain = selector.get("matchLabels").fields().iter();
    let plain = plain.map(|field| (&*field.name, has.get(&field.name).text() == field.node.text()));
    let mut shared = false;
    let mut later = None;
    for (key, holds) in plain {
        match holds {
            true => shared |= !OF_ALL.contains(&key),
            false if is_later(key, has) => later = Some(key),
            false => return None,
        }
    }
    for one in selector.get("matchExpressions").list() {
        let key = one.get("key").text()?;
        let listed = one.get("values").list().iter().any(|value| value.text() == has.get(key).text());
        let there = has.field(key).is_some();
        match one.get("operator").text()? {
            "In" if there && listed => shared |= !OF_ALL.contains(&key),
            "Exists" if there => {}
            "NotIn" if !there || !listed => {}
            "DoesNotExist" if !there => {}
            "In" | "Exists" if is_later(key, has) => later = Some(key),
            _ => return None,
        }
    }
    later.filter(|_| shared)
}

/// Whether a label that a template does not give may be there later: not where it is one that says what Pods are.
fn is_later(key: &str, has: &Node) -> bool {
    has.field(key).is_none()
        && (BY_CONTROLLER.contains(&key) || ![OF_ALL, SAYS_WHAT].iter().any(|all| all.contains(&key)))
}

/// Whether a budget asks for something that is in the name of a workload, or of its namespace: the name of a project.
fn called(budget: &Object, only: &Object) -> bool {
    let asked = budget.root.at("spec.selector.matchLabels").fields();
    let names = [Some(&*only.name), only.namespace.as_deref()];
    // `app` and `web` are in many names.
    let mut long = asked.iter().filter_map(|field| field.node.text()).filter(|text| text.len() > 5);
    long.any(|text| names.iter().flatten().any(|name| name.contains(text)))
}

/// How likely a budget is meant for these Pods: by the labels that it asks for and they have, and by names. What all of a
/// release has tells nothing.
fn nearness(budget: &Object, maker: &Object) -> usize {
    let has = labels(maker);
    let asked = budget.root.at("spec.selector.matchLabels").fields().iter();
    let asked = asked.filter(|field| !OF_ALL.contains(&&*field.name));
    let telling = || has.fields().iter().filter(|field| !OF_ALL.contains(&&*field.name));
    let shared = asked.clone().filter(|field| has.get(&field.name).text() == field.node.text()).count();
    let values = asked.filter(|field| telling().any(|other| other.node.text() == field.node.text()));
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
        let makers = scene.makers_beside(budget).filter(|maker| !is_made(maker)).count();
        if all && makers > 1 {
            let message =
                format!("an empty selector covers every Pod of the namespace: those of all {makers} workloads");
            verdicts.fail(budget, "spec.selector", message);
        } else if let Some(message) = too_many(scene, budget) {
            verdicts.fail(budget, "spec.selector", message).severity(Severity::Warning);
        } else if let Some((name, of)) = any_release(scene, budget) {
            let message = format!(
                "it does not ask for {name}, by which {of} tells its releases apart: a second release in this namespace is \
                 counted with the first, and its Pods may be in two budgets"
            );
            let value = of.root.at("spec.selector.matchLabels").get(name).text();
            let fix = yaml(&json!({"spec": {"selector": {"matchLabels": {name: value}}}}));
            verdicts.fail(budget, "spec.selector", message).severity(Severity::Info).fix(fix);
        } else {
            verdicts.pass(budget);
        }
    }
}

/// Why a budget over several workloads does not protect one of them.
fn too_many(scene: &Scene<'_>, budget: &Object) -> Option<String> {
    let covered = covered(scene, budget);
    let Room { allowed, field, count, .. } = room(scene, budget, &covered).filter(|_| covered.len() > 1)?;
    let all = covered.iter().find(|workload| (2..=allowed).contains(&scene.least(**workload)))?;
    let others = covered.iter().filter(|other| !std::ptr::eq(other.object, all.object));
    let others: Vec<_> = others.map(|other| other.object.to_string()).collect();
    Some(format!(
        "it counts the Pods of {} and of {} together: {} {count} lets all {} Pods of the first go at once, as long as those \
         of the others run",
        all.object,
        others.join(", "),
        field.rsplit('.').next().unwrap_or(field),
        scene.least(*all)
    ))
}

/// Labels that tell the releases of a chart apart (<https://helm.sh/docs/chart_best_practices/labels/>).
const RELEASE: &[&str] = &["app.kubernetes.io/instance", "release"];

/// Such a label that a workload selects its Pods by, and its budget does not.
fn any_release<'o>(scene: &Scene<'o>, budget: &Object) -> Option<(&'static str, &'o Object)> {
    let covered = covered(scene, budget);
    let [workload] = covered.as_slice() else { return None };
    let own = workload.object.root.at("spec.selector.matchLabels");
    let asked = budget.root.at("spec.selector.matchLabels");
    let only = budget.root.at("spec.selector.matchExpressions").is_null() && !asked.fields().is_empty();
    // What else it asks for may be of this release alone: a name that has the release's in it.
    let of = |name: &&&str| own.get(name).text().is_some_and(|value| !value.is_empty() && !told(asked, value));
    let name = RELEASE.iter().find(|name| asked.get(name).is_null() && of(name))?;
    only.then_some((*name, workload.object))
}

/// Whether a label is told by its value, or a longer one.
fn told(labels: &Node, value: &str) -> bool {
    labels.fields().iter().any(|field| field.node.text().is_some_and(|text| text.contains(value)))
}
