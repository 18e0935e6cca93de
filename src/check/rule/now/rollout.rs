//! Roll-outs: whether the one that goes on comes to its end.

use jiff::SignedDuration;

use super::super::leading;
use super::{look, pods, start};
use crate::check::catalogue::{Check, Severity};
use crate::check::live::Live;
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::check::workload::{Replaced, Workload};
use crate::model::Pod;
use crate::model::health::words;
use crate::model::node::Node;

pub(super) const COMES_TO_AN_END: Check = Check {
    id: "HA0907",
    severity: Severity::Error,
    title: "a roll-out comes to its end",
    page: include_str!("../../pages/HA0907.md"),
    judge: comes_to_an_end,
};

/// A StatefulSet has no deadline of its own: that of a Deployment that says nothing
/// (`k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go`).
const DEADLINE: SignedDuration = SignedDuration::from_secs(600);

/// How far a roll-out is.
enum Progress {
    Done,
    /// It goes on, or waits to be told to.
    UnderWay(String),
    Stuck {
        field: &'static str,
        why: String,
    },
}

fn comes_to_an_end(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, &["Deployment", "StatefulSet", "Pod"], verdicts) else { return };
    for &workload in scene.workloads() {
        let root = &workload.object.root;
        let looked = root.at("status.observedGeneration").int() >= root.at("metadata.generation").int();
        if root.get("status").is_null() || !looked {
            verdicts.skip(workload.object, "its controller has not looked at it since it was changed");
            continue;
        }
        let gated = || leading::readiness_gated(scene, workload);
        let progress = if workload.is_deployment() {
            deployment(workload, live, &gated)
        } else {
            stateful_set(workload, live, &gated)
        };
        match progress {
            Progress::Done => verdicts.pass(workload.object),
            Progress::UnderWay(why) => verdicts.skip(workload.object, why),
            Progress::Stuck { field, why } => {
                // Going back is another roll-out, which waits for the same.
                let mend = || "it is HA0203 that has to be mended".to_owned();
                let next = if gated() { mend() } else { next(workload, live) };
                verdicts.fail(workload.object, field, format!("its roll-out is stuck: {why}. Next: {next}"));
            }
        }
    }
}

/// Back to what ran before, if there was anything; else to where it is said why this does not run.
fn next(workload: Workload<'_>, live: &Live) -> String {
    let object = workload.object;
    let kind = if workload.is_deployment() { "deploy" } else { "sts" };
    let place = format!("{kind}/{} -n {}", object.name, object.namespace.as_deref().unwrap_or_default());
    if has_earlier(workload) {
        return format!("kubectl rollout undo {place}");
    }
    start::telling(pods(live, workload)).map_or_else(|| format!("kubectl describe {place}"), start::next)
}

/// Whether there is a revision to go back to: its controller counts a Deployment's in an annotation
/// (`k8s.io/kubernetes/pkg/controller/deployment/util/deployment_util.go`, `RevisionAnnotation`). A StatefulSet whose
/// roll-out goes on has two.
fn has_earlier(workload: Workload<'_>) -> bool {
    let annotations = workload.object.root.at("metadata.annotations");
    let revision =
        annotations.get("deployment.kubernetes.io/revision").text().and_then(|text| text.parse::<i64>().ok());
    !workload.is_deployment() || revision.is_some_and(|revision| revision > 1)
}

fn number(status: &Node, name: &str) -> i64 {
    status.get(name).int().unwrap_or(0)
}

/// By the conditions that its controller sets (`k8s.io/kubernetes/pkg/controller/deployment/progress.go`).
fn deployment(workload: Workload<'_>, live: &Live, gated: &dyn Fn() -> bool) -> Progress {
    let status = workload.object.root.get("status");
    let condition = |kind: &str| {
        let of = |condition: &&Node| condition.get("type").text() == Some(kind);
        status.get("conditions").list().iter().find(of)
    };
    let message = |condition: &Node| condition.get("message").text().unwrap_or_default().to_owned();
    let is = |condition: &Node, word: &str| condition.get("status").text() == Some(word);
    if let Some(refused) = condition("ReplicaFailure").filter(|condition| is(condition, "True")) {
        return Progress::Stuck { field: "status.conditions", why: message(refused) };
    }
    let wanted = workload.replicas();
    let (all, new, available) =
        (number(status, "replicas"), number(status, "updatedReplicas"), number(status, "availableReplicas"));
    if all == new && new == wanted && (available >= wanted || (available > 0 && gated())) {
        return Progress::Done;
    }
    let late = |condition: &&Node| condition.get("reason").text() == Some("ProgressDeadlineExceeded");
    if condition("Progressing").filter(late).is_some_and(|condition| is(condition, "False")) {
        // The old ones are Ready.
        let waits =
            start::telling(pods(live, workload)).map(|pod| format!(" ({})", start::why(pod))).unwrap_or_default();
        let why = format!("{new} of {wanted} Pods are of the new revision, {available} of all {all} available{waits}");
        return Progress::Stuck { field: "status.conditions", why };
    }
    if workload.object.root.at("spec.paused").bool() == Some(true) {
        return Progress::UnderWay("its roll-out is paused".to_owned());
    }
    Progress::UnderWay(format!("its roll-out is under way: {new} of {wanted} Pods are of the new revision"))
}

/// By the Pod that its controller waits for: the first of the new revision that is not Ready
/// (`k8s.io/kubernetes/pkg/controller/statefulset/stateful_set_control.go`).
fn stateful_set(workload: Workload<'_>, live: &Live, gated: &dyn Fn() -> bool) -> Progress {
    let status = workload.object.root.get("status");
    let revision = status.get("updateRevision").text();
    let (wanted, new) = (workload.replicas(), number(status, "updatedReplicas"));
    let kept = workload.object.root.at("spec.updateStrategy.rollingUpdate.partition").int().unwrap_or(0);
    let by_hand = workload.replaced(wanted) == Replaced::OnDelete;
    let (all, ready) = (number(status, "replicas"), number(status, "readyReplicas"));
    // Its controller makes the two one when all are Ready, and never where a part is kept or they are replaced by hand.
    let same = status.get("currentRevision").text() == revision;
    let replaced = new >= wanted - kept;
    let enough = ready >= wanted || (all >= wanted && ready > 0 && gated());
    if enough && (same || (replaced && (kept > 0 || by_hand))) {
        return Progress::Done;
    }
    if by_hand && !same && !replaced {
        return Progress::UnderWay("its Pods are replaced when somebody deletes them".to_owned());
    }
    let waits = |pod: &&Pod| {
        let own = pod
            .controller
            .as_ref()
            .is_some_and(|(kind, name)| kind == "StatefulSet" && **name == *workload.object.name);
        let here = workload.object.namespace.as_deref() == Some(&pod.key.namespace);
        let new = pod.labels.get("controller-revision-hash").map(String::as_str) == revision;
        // What has been Ready before may have ceased to be at any time: only that it waits tells that it is at an end.
        own && here && new && !pod.ready && !pod.terminating() && (!same || pod.waiting_reason().is_some())
    };
    let pods = live.snapshot.pods.values().map(|pod| &**pod);
    let since = |pod: &Pod| live.now.at.duration_since(pod.created.unwrap_or(live.now.at));
    match pods.filter(waits).max_by_key(|pod| since(pod)).filter(|pod| since(pod) > DEADLINE) {
        Some(pod) => {
            let why = pod.waiting_reason().map(|why| format!(" ({why})")).unwrap_or_default();
            let ago = words(since(pod));
            let name = &pod.key.name;
            let why = match same {
                true => format!("{ready} of {wanted} Pods are Ready, and {name} is not{why}"),
                false => {
                    format!("{new} of {wanted} Pods are of the new revision, and {name} is not Ready since {ago}{why}")
                }
            };
            Progress::Stuck { field: "status.updatedReplicas", why }
        }
        None => Progress::UnderWay(format!(
            "its roll-out is under way: {new} of {wanted} Pods are of the new revision, and {ready} are Ready"
        )),
    }
}
