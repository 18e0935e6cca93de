//! Disruption budgets: whether the Pods that they protect can be moved, and whether they protect anything.
//!
//! The arithmetic is the disruption controller's (`k8s.io/kubernetes/pkg/controller/disruption/disruption.go`): shares are
//! rounded up, and an eviction is allowed while more Pods are healthy than have to be.

mod covered;

use serde_json::{Map, json};

use super::super::catalogue::{Check, Severity};
use super::super::count::Count;
use super::super::scene::{Scene, is_made, labels};
use super::super::selector::Selector;
use super::super::verdict::Verdicts;
use super::super::workload::{Replaced, Workload};
use super::{leading, paste, yaml};
use crate::model::object::Object;

pub(in crate::check) use covered::{NAMES_ITS_PODS, SELECTS};

pub(in crate::check) const LEAVES_ROOM: Check = Check {
    id: "HA0201",
    severity: Severity::Error,
    title: "a disruption budget leaves room for an eviction",
    page: include_str!("../pages/HA0201.md"),
    judge: leaves_room,
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
            let least = scene.least(workload);
            (least, Some(format!("{} lets it shrink to {least}", scaler.name)))
        }
        None => (workload.replicas(), None),
    }
}

/// What a budget comes to.
struct Room {
    /// Where it says so.
    field: &'static str,
    count: Count,
    /// So many Pods it covers at the least, by these fields.
    pods: i64,
    why: String,
    /// So many of them are healthy if nothing is wrong.
    healthy: i64,
    /// So many of these may go.
    allowed: i64,
}

/// The workloads that a budget covers.
fn covered<'o>(scene: &Scene<'o>, budget: &Object) -> Vec<Workload<'o>> {
    scene.workloads_beside(budget).iter().copied().filter(|workload| covers(budget, workload.object)).collect()
}

/// What a budget comes to over these; `None` where there are no Pods, or it says nothing.
fn room<'o>(scene: &Scene<'o>, budget: &Object, covered: &[Workload<'o>]) -> Option<Room> {
    let counted: Vec<_> = covered.iter().map(|workload| least(scene, *workload)).collect();
    let pods: i64 = counted.iter().map(|(least, _)| least).sum();
    // Of those that are Ready only where they lead, one is healthy.
    let gated = covered.iter().any(|workload| leading::readiness_gated(scene, *workload));
    let healthy = if gated && covered.len() == 1 { pods.min(1) } else { pods };
    let read = |field: &str| Count::read(budget.root.at(field));
    let (field, count, allowed) = match (read("spec.minAvailable"), read("spec.maxUnavailable")) {
        (_, Some(max)) => ("spec.maxUnavailable", max, healthy - (pods - max.up(pods))),
        (Some(min), None) => ("spec.minAvailable", min, healthy - min.up(pods)),
        (None, None) => return None,
    };
    let why = counted.into_iter().filter_map(|(_, why)| why).map(|why| format!(" ({why})")).collect();
    (pods > 0).then_some(Room { field, count, pods, why, healthy, allowed })
}

fn leaves_room(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for budget in budgets(scene) {
        let covered = covered(scene, budget);
        let Some(Room { field, count, pods, why, healthy, allowed }) = room(scene, budget, &covered) else {
            let says =
                ["spec.minAvailable", "spec.maxUnavailable"].iter().any(|field| !budget.root.at(field).is_null());
            let why = if says {
                "no replicas of what it selects are in what was given"
            } else {
                "it says neither minAvailable nor maxUnavailable: HA0205"
            };
            verdicts.skip(budget, why);
            continue;
        };
        if let Some(other) = uncounted(scene, budget, count, field) {
            let message = format!(
                "it also selects the Pods of {other}, which has no number of replicas that {count} could be reckoned from: \
                 as long as there is such a Pod, also one that has finished, no Pod at all may be evicted"
            );
            // Those of a hook are there for a moment only, if all goes well.
            let hook = other.root.at("metadata.annotations").field("helm.sh/hook").is_some();
            let failed = verdicts.fail(budget, "spec.selector", message);
            let failed = if hook { failed.severity(Severity::Warning) } else { failed };
            if pods > 1 {
                failed.fix(yaml(&json!({"spec": {"maxUnavailable": null, "minAvailable": pods - 1}})));
            }
            continue;
        }
        if allowed > 0 {
            verdicts.pass(budget);
            continue;
        }
        if !leaves_none(field, count)
            && let Some(why) = beyond(scene, budget, &covered)
        {
            verdicts.skip(budget, why);
            continue;
        }
        let of: Vec<_> = covered.iter().map(|workload| workload.object.to_string()).collect();
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

/// Whether it leaves room for none, however many Pods there are.
fn leaves_none(field: &str, count: Count) -> bool {
    match (field, count) {
        ("spec.maxUnavailable", Count::Number(max) | Count::Percent(max)) => max == 0,
        (_, Count::Percent(min)) => min >= 100,
        (_, Count::Number(_)) => false,
    }
}

/// Why a budget counts other Pods than those of the workloads that it covers: it counts whatever it selects, whoever has made
/// it (`pkg/controller/disruption/disruption.go`, `getExpectedPodCount`). Those of a job are there for a time only.
fn beyond(scene: &Scene<'_>, budget: &Object, covered: &[Workload<'_>]) -> Option<String> {
    let lasts = |maker: &&Object| {
        Workload::of(maker).is_none() && !["CronJob", "Job"].contains(&&*maker.kind) && !is_made(maker)
    };
    if let Some(other) = scene.makers_beside(budget).filter(lasts).find(|maker| covers(budget, maker)) {
        return Some(format!("it also counts {other}, and how many Pods that makes is not known"));
    }
    let expected = budget.root.at("status.expectedPods").int()?;
    let most = |workload: &Workload<'_>| match workload.replaced(workload.replicas()) {
        Replaced::Rolling { surge, .. } => workload.replicas().saturating_add(surge),
        Replaced::Recreate | Replaced::OnDelete => workload.replicas(),
    };
    let most = covered.iter().map(most).fold(0_i64, i64::saturating_add);
    (expected > most).then(|| format!("its controller counts {expected} Pods: also those of what was not looked at"))
}

/// Something else that a budget covers and that cannot be counted, where the number of Pods matters: `maxUnavailable` and
/// shares are reckoned from what the owners of the Pods are scaled to, and these cannot be scaled
/// (`pkg/controller/disruption/disruption.go`, `getExpectedScale`).
fn uncounted<'o>(scene: &Scene<'o>, budget: &Object, count: Count, field: &str) -> Option<&'o Object> {
    if field == "spec.minAvailable" && !matches!(count, Count::Percent(_)) {
        return None;
    }
    let unscaled = |maker: &&Object| ["CronJob", "DaemonSet", "Job"].contains(&&*maker.kind);
    scene.makers_beside(budget).filter(unscaled).find(|maker| covers(budget, maker))
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
        let budgets = scene.of_kind_beside(BUDGET, object).iter().filter(|budget| is_budget(budget));
        if scene.least(workload) < 2 {
            verdicts.skip(object, "it may have no second replica");
            continue;
        }
        let own: Vec<_> = budgets.filter(|budget| covers(budget, object)).collect();
        if leading::readiness_gated(scene, workload) {
            match own.is_empty() {
                true => verdicts.skip(object, "its readiness depends on leading: no budget lets its leader be evicted"),
                false => verdicts.pass(object),
            }
            continue;
        }
        let void =
            |budget: &&&Object| room(scene, budget, &covered(scene, budget)).filter(|room| room.allowed >= room.pods);
        if let Some((budget, room)) = own.iter().find_map(|budget| Some((*budget, void(budget)?))) {
            let name = room.field.rsplit('.').next().unwrap_or(room.field);
            let message = format!("{name} {} lets all {} Pods go at once: it protects nothing", room.count, room.pods);
            let fix = json!({"spec": {"minAvailable": null, "maxUnavailable": 1}});
            verdicts.fail(budget, room.field, message).fix(yaml(&fix));
            continue;
        }
        if !own.is_empty() {
            verdicts.pass(object);
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
        let wrong = |field: &&&str| said(field) && Count::read(budget.root.at(field)).is_none();
        if let Some(field) = ["spec.minAvailable", "spec.maxUnavailable"].iter().find(wrong) {
            let name = field.rsplit('.').next().unwrap_or(field);
            let message = format!("{name} is neither a number of Pods nor a share like 50%: the API server refuses it");
            let failed = verdicts.fail(budget, *field, message);
            let number = budget.root.at(field).text().and_then(|text| text.trim().parse::<i64>().ok());
            if let Some(number) = number {
                failed.fix(yaml(&json!({"spec": {name: number}})));
            }
            continue;
        }
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
