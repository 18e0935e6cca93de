//! How a roll-out replaces Pods: whether any is left meanwhile, and whether what is said of it is said where it counts.

use serde_json::{Map, Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::count::Count;
use super::super::election::{Elects, Remedy};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::{Replaced, Workload};
use super::{leading, paste, yaml};
use crate::model::node::{Field, Node};

pub(in crate::check) const KEEPS_SOME: Check = Check {
    id: "HA0210",
    severity: Severity::Warning,
    title: "a roll-out leaves some of several replicas running",
    page: include_str!("../pages/HA0210.md"),
    judge: keeps_some,
};

pub(in crate::check) const IN_PLACE: Check = Check {
    id: "HA0212",
    severity: Severity::Warning,
    title: "what is said of replicas and roll-outs stands where it counts, and is accepted",
    page: include_str!("../pages/HA0212.md"),
    judge: in_place,
};

pub(in crate::check) const ONE_AT_A_TIME: Check = Check {
    id: "HA0110",
    severity: Severity::Warning,
    title: "a single replica that elects no leader is not rolled out beside itself",
    page: include_str!("../pages/HA0110.md"),
    judge: one_at_a_time,
};

fn one_at_a_time(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        if scene.most(workload) != 1 {
            verdicts.skip(workload.object, "it may have several replicas: HA0102");
            continue;
        }
        let mut electors = scene.electors().in_pods_of(workload).iter();
        let Some(off) = electors.find(|one| one.election.elects == Elects::No) else {
            verdicts.skip(workload.object, "nothing says that its programs elect no leader");
            continue;
        };
        if !matches!(workload.replaced(1), Replaced::Rolling { surge: 1.., .. }) {
            verdicts.pass(workload.object);
            continue;
        }
        let message = format!(
            "no leader election ({}), and a roll-out starts the new Pod before it has stopped the old one: meanwhile both \
             do all of the work",
            off.election.evidence
        );
        let fix = json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}});
        // What reads it from a file may be one that only reports, as klag-exporter: twice for a moment is no harm then.
        let severity = if off.election.remedy == Remedy::Other { Severity::Info } else { Severity::Warning };
        verdicts.fail(workload.object, "spec.strategy", message).severity(severity).fix(yaml(&fix));
    }
}

fn keeps_some(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let most = scene.most(workload);
        if most < 2 {
            verdicts.skip(workload.object, "it has no second replica");
        } else if let Replaced::Rolling { unavailable, .. } = workload.replaced(most)
            && unavailable >= most
        {
            if leading::readiness_gated(scene, workload) {
                verdicts
                    .skip(workload.object, "its readiness depends on leading, and no other roll-out would end: HA0203");
                continue;
            }
            let message = format!(
                "maxUnavailable lets a roll-out stop all {most} replicas before a new one is Ready: nobody leads, and \
                 nothing serves, for as long as a start takes"
            );
            let fix = json!({"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": 1}}}});
            verdicts.fail(workload.object, "spec.strategy.rollingUpdate.maxUnavailable", message).fix(yaml(&fix));
        } else if workload.replaced(most) != Replaced::Recreate {
            verdicts.pass(workload.object);
        } else if leading::readiness_gated(scene, workload) {
            verdicts.skip(workload.object, "its readiness depends on leading, and no other roll-out would end: HA0203");
        } else {
            let message = format!(
                "Recreate stops all {most} replicas before a new one starts: nobody leads, and nothing serves, for as \
                 long as a start takes, at each roll-out"
            );
            let fix = json!({"spec": {"strategy": {"type": "RollingUpdate"}}});
            verdicts.fail(workload.object, "spec.strategy.type", message).fix(yaml(&fix));
        }
    }
}

/// Fields that only the workload's own spec has.
const OF_WORKLOAD: &[&str] =
    &["minReadySeconds", "podManagementPolicy", "progressDeadlineSeconds", "replicas", "strategy", "updateStrategy"];

/// Fields that only a strategy has.
const OF_STRATEGY: &[&str] = &["maxSurge", "maxUnavailable", "rollingUpdate"];

/// Fields that only the Pods' spec has.
const OF_PODS: &[&str] = &[
    "affinity",
    "nodeSelector",
    "priorityClassName",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
];

const OWN: &[&str] = &["spec"];
const TEMPLATE: &[&str] = &["spec", "template"];
const PODS: &[&str] = &["spec", "template", "spec"];

fn in_place(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let mut found = false;
        let root = &workload.object.root;
        let places: [(&[&str], &[&str], &[&str]); 6] = [
            (&[], OF_WORKLOAD, OWN),
            (TEMPLATE, OF_WORKLOAD, OWN),
            (PODS, OF_WORKLOAD, OWN),
            (&[], OF_PODS, PODS),
            (OWN, OF_PODS, PODS),
            (TEMPLATE, OF_PODS, PODS),
        ];
        for (from, names, to) in places {
            let misplaced = at(root, from).fields().iter().filter(|field| names.contains(&&*field.name));
            for field in misplaced {
                found = true;
                misplacement(workload, from, field, to, verdicts);
            }
        }
        found |= in_containers(workload, verdicts);
        found |= refused(workload, verdicts);
        // Each kind has a name of its own for the same thing.
        let (wrong, right) =
            if workload.is_deployment() { ("updateStrategy", "strategy") } else { ("strategy", "updateStrategy") };
        for field in root.get("spec").fields().iter().filter(|field| OF_STRATEGY.contains(&&*field.name)) {
            found = true;
            let to: &[&str] =
                if &*field.name == "rollingUpdate" { &["spec", right] } else { &["spec", right, "rollingUpdate"] };
            misplacement(workload, OWN, field, to, verdicts);
        }
        if let Some(field) = root.get("spec").field(wrong) {
            found = true;
            let message = format!("{wrong} is called {right} in a {}: the API server drops it", workload.object.kind);
            let failed = verdicts.fail(workload.object, format!("spec.{wrong}"), message);
            // What only the other kind can do is no fix.
            let kind = field.node.get("type").text();
            if kind.is_none_or(|kind| types(workload).1.contains(&kind)) {
                failed.fix(yaml(&json!({"spec": {wrong: null, right: paste::value(&field.node)}})));
            } else {
                failed.fix(yaml(&json!({"spec": {wrong: null}})));
            }
        }
        if !found {
            verdicts.pass(workload.object);
        }
    }
}

/// What a strategy is called, and of which types it may be.
fn types(workload: Workload<'_>) -> (&'static str, [&'static str; 2]) {
    match workload.is_deployment() {
        true => ("strategy", ["RollingUpdate", "Recreate"]),
        false => ("updateStrategy", ["RollingUpdate", "OnDelete"]),
    }
}

/// What a strategy says that the API server does not take (`k8s.io/kubernetes/pkg/apis/apps/validation/validation.go`,
/// `ValidateDeploymentStrategy` and `ValidateStatefulSetSpec`).
fn refused(workload: Workload<'_>, verdicts: &mut Verdicts<'_>) -> bool {
    let (name, types) = types(workload);
    let strategy = workload.object.root.get("spec").get(name);
    let rolling = strategy.get("rollingUpdate");
    let kind = strategy.get("type").text();
    let none = |field: &str| Count::read(rolling.get(field)).is_some_and(|count| count.up(100) == 0);
    // What has moved up one level is no field there.
    let up = ["maxSurge", "maxUnavailable", "partition"].into_iter().find(|field| strategy.field(field).is_some());
    let (field, message, fix) = match kind {
        Some(kind) if !types.contains(&kind) => {
            let like = types.into_iter().find(|known| known.eq_ignore_ascii_case(kind));
            let fix = like.map(|like| json!({"type": like}));
            ("type".to_owned(), format!("{kind} is none of {}: the API server refuses it", types.join(" and ")), fix)
        }
        Some(kind) if kind != "RollingUpdate" && !rolling.is_null() => {
            let message = format!("type {kind} takes no rollingUpdate: the API server refuses it");
            ("rollingUpdate".to_owned(), message, Some(json!({"rollingUpdate": null})))
        }
        _ if workload.is_deployment() && none("maxSurge") && none("maxUnavailable") => {
            let message = "maxSurge and maxUnavailable are both 0: nothing could ever be replaced, and the API server \
                           refuses it";
            ("rollingUpdate".to_owned(), message.to_owned(), Some(json!({"rollingUpdate": {"maxUnavailable": 1}})))
        }
        _ => {
            let Some(up) = up else { return false };
            let message = format!("spec.{name}.{up} is no field: the API server drops it. It belongs to rollingUpdate");
            let fix = json!({"spec": {name: {up: null, "rollingUpdate": {up: paste::value(strategy.get(up))}}}});
            verdicts.fail(workload.object, format!("spec.{name}.{up}"), message).fix(yaml(&fix));
            return true;
        }
    };
    let failed = verdicts.fail(workload.object, format!("spec.{name}.{field}"), message).severity(Severity::Error);
    if let Some(fix) = fix {
        failed.fix(yaml(&json!({"spec": {name: fix}})));
    }
    true
}

/// What belongs to all of a Pod, and stands in one of its containers.
fn in_containers(workload: Workload<'_>, verdicts: &mut Verdicts<'_>) -> bool {
    let mut found = false;
    for (index, container) in workload.pod().get("containers").list().iter().enumerate() {
        let strays = container.fields().iter().filter(|field| OF_PODS.contains(&&*field.name) && !field.node.is_null());
        for field in strays {
            found = true;
            let name = &*field.name;
            let place = format!("spec.template.spec.containers[{index}].{name}");
            let message =
                format!("{place} is no field: the API server drops it. It belongs to spec.template.spec.{name}");
            let mut pod = json!({"containers": [{"name": container.get("name").text(), name: null}]});
            if workload.pod().get(name).is_null() {
                pod[name] = paste::value(&field.node);
            }
            let fix = json!({"spec": {"template": {"spec": pod}}});
            verdicts.fail(workload.object, place, message).fix(yaml(&fix));
        }
    }
    found
}

fn misplacement(workload: Workload<'_>, from: &[&str], field: &Field, to: &[&str], verdicts: &mut Verdicts<'_>) {
    let place = [from, &[&*field.name]].concat().join(".");
    let belongs = [to, &[&*field.name]].concat().join(".");
    let recreate = &*field.name == "strategy" && field.node.get("type").text() == Some("Recreate");
    let said = !at(&workload.object.root, to).get(&field.name).is_null();
    let rolls = workload.is_deployment() && matches!(workload.replaced(workload.replicas()), Replaced::Rolling { .. });
    let message = format!(
        "{place} is no field: the API server drops it{}. It belongs to {belongs}",
        if recreate && rolls { ", and a roll-out starts new Pods beside the old ones all the same" } else { "" },
    );
    let severity = if recreate && rolls { Severity::Error } else { Severity::Warning };
    let mut fix = Value::Object(Map::new());
    set(&mut fix, from, &field.name, Value::Null);
    // What stands in the right place was meant as well: which of the two, nobody can know.
    if !said {
        set(&mut fix, to, &field.name, paste::value(&field.node));
    }
    verdicts.fail(workload.object, place, message).severity(severity).fix(yaml(&fix));
}

fn at<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
    path.iter().fold(node, |node, name| node.get(name))
}

fn set(into: &mut Value, path: &[&str], name: &str, value: Value) {
    let mut at = into;
    for step in path.iter().chain([&name]) {
        at = &mut at[*step];
    }
    *at = value;
}
