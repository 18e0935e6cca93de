//! Selectors of workloads that select each other's Pods.

use std::collections::HashMap;

use super::super::catalogue::{Check, Severity};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use crate::model::object::Object;

pub(in crate::check) const OWN_PODS: Check = Check {
    id: "HA0213",
    severity: Severity::Warning,
    title: "a workload selects its own Pods and nobody else's",
    page: include_str!("../pages/HA0213.md"),
    judge: own_pods,
};

/// Workloads by their namespace and each of their Pods' labels: so that not each has to be held against every other.
type Labelled<'o> = HashMap<(Option<&'o str>, &'o str, Option<&'o str>), Vec<Workload<'o>>>;

fn own_pods(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let mut labelled: Labelled<'_> = HashMap::new();
    for &workload in scene.workloads() {
        for label in workload.labels().fields() {
            let key = (scene.namespace(workload.object), &*label.name, label.node.text());
            labelled.entry(key).or_default().push(workload);
        }
    }
    for &workload in scene.workloads() {
        let object = workload.object;
        let asked = object.root.at("spec.selector.matchLabels").fields();
        let near = asked.iter().map(|field| {
            let key = (scene.namespace(object), &*field.name, field.node.text());
            labelled.get(&key).map_or(&[][..], Vec::as_slice)
        });
        // Whoever has all of the labels has the rarest.
        let Some(near) = near.min_by_key(|near| near.len()) else {
            verdicts.skip(object, "its selector asks for no labels");
            continue;
        };
        let selector = workload.selector();
        // An overlay's copy of it is no other.
        let same = |other: &Object| other.kind == object.kind && other.name == object.name;
        let other = near.iter().find(|other| !same(other.object) && selector.matches(other.labels()));
        let Some(other) = other else {
            verdicts.pass(object);
            continue;
        };
        let both = other.selector().matches(workload.labels());
        let message = format!(
            "its selector also selects the Pods of {}{}: a Service, a disruption budget or an autoscaler that goes by these \
             labels takes the two for one",
            other.object,
            if both { ", and that one's its own" } else { "" }
        );
        verdicts.fail(object, "spec.selector", message);
    }
}
