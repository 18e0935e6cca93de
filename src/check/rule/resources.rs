//! What Pods are given to run with: processor time and memory, and which image.

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::election::Elects;
use super::super::program::Program;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::paste;
use crate::model::node::{Node, Value};
use crate::model::object::Object;

pub(in crate::check) const REQUESTED: Check = Check {
    id: "HA0603",
    severity: Severity::Warning,
    title: "what is meant to be highly available requests processor time and memory",
    page: include_str!("../pages/HA0603.md"),
    judge: requested,
};

pub(in crate::check) const BOUNDED: Check = Check {
    id: "HA0604",
    severity: Severity::Info,
    title: "what elects a leader has a limit of memory",
    page: include_str!("../pages/HA0604.md"),
    judge: bounded,
};

pub(in crate::check) const UNTHROTTLED: Check = Check {
    id: "HA0605",
    severity: Severity::Warning,
    title: "what elects a leader is not throttled below what renewing takes",
    page: include_str!("../pages/HA0605.md"),
    judge: unthrottled,
};

pub(in crate::check) const SAME_IMAGE: Check = Check {
    id: "HA0606",
    severity: Severity::Info,
    title: "all replicas run the same image",
    page: include_str!("../pages/HA0606.md"),
    judge: same_image,
};

/// Up to here a limit of processor time is said to starve, in thousandths of a processor: of each 100 ms 5 are left, and a
/// TLS handshake with the API server takes about that.
const STARVES: f64 = 50.0;

/// Why a workload is meant to be highly available: it elects, or has several replicas.
fn meant<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> bool {
    scene.most(workload) > 1 || !electing(scene, workload).is_empty()
}

/// The programs of a workload that elect.
fn electing<'s, 'o>(scene: &'s Scene<'o>, workload: Workload<'o>) -> Vec<&'s Program<'o>> {
    let electors = scene.electors().in_pods_of(workload).iter();
    electors.filter(|elector| elector.election.elects == Elects::Yes).map(|elector| &elector.program).collect()
}

/// Whether something beside an object gives containers what they do not say themselves.
fn defaulted(scene: &Scene<'_>, object: &Object) -> bool {
    let limits = scene.of_kind_beside("LimitRange", object);
    let gives = |one: &Node| ["default", "defaultRequest"].iter().any(|given| !one.get(given).is_null());
    limits.iter().any(|range| range.root.at("spec.limits").list().iter().any(gives))
}

/// Whether resources say anything of one: a limit is a request as well where there is none
/// (`k8s.io/kubernetes/pkg/apis/core/v1/defaults.go`).
fn asks(resources: &Node, of: &str) -> bool {
    let said = ["requests", "limits"].iter().map(|list| resources.get(list).get(of)).find(|said| !said.is_null());
    said.is_some_and(is_some)
}

/// Whether an amount is there and not 0, which asks for nothing and bounds nothing
/// (`k8s.io/kubernetes/pkg/apis/core/v1/helper/qos`, `ComputePodQOS`). One that cannot be read is some.
fn is_some(quantity: &Node) -> bool {
    let number = match &quantity.value {
        Value::Text(text) => {
            text.trim().trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).parse::<f64>().ok()
        }
        _ => millis(quantity),
    };
    !quantity.is_null() && number.is_none_or(|number| number > 0.0)
}

/// Whether nothing in a Pod asks for anything.
fn best_effort(pod: &Node) -> bool {
    let lists = ["containers", "initContainers"].iter().flat_map(|list| pod.get(list).list());
    let mut all = lists.map(|one| one.get("resources")).chain([pod.get("resources")]);
    let some = |resources: &Node, list: &str| ["cpu", "memory"].iter().any(|of| is_some(resources.get(list).get(of)));
    !all.any(|resources| some(resources, "requests") || some(resources, "limits"))
}

fn requested(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let object = workload.object;
        if !meant(scene, workload) {
            verdicts.skip(object, "it has one replica, and nothing says that it elects a leader");
            continue;
        }
        if defaulted(scene, object) {
            verdicts.skip(object, "a LimitRange gives its containers what they do not request");
            continue;
        }
        let pod = workload.pod();
        if best_effort(pod) {
            let message = "nothing in its Pods requests processor time or memory (BestEffort): they are the first that a \
                           node short of memory kills, and when it is busy they wait for all others, renewals too";
            let failed = verdicts.fail(object, "spec.template.spec.containers", message);
            let programs = Program::all(scene, workload);
            let first = electing(scene, workload).into_iter().next().or(programs.first());
            // What kubebuilder's scaffold requests for a manager (`config/manager/manager.yaml`).
            let resources = json!({"resources": {"requests": {"cpu": "10m", "memory": "64Mi"}}});
            if let Some(fix) = first.and_then(|program| paste::container(program, resources)) {
                failed.fix(fix);
            }
            continue;
        }
        let starved = electing(scene, workload)
            .into_iter()
            .find(|program| !asks(program.container.get("resources"), "cpu") && !asks(pod.get("resources"), "cpu"));
        let Some(program) = starved else {
            verdicts.pass(object);
            continue;
        };
        let message = format!(
            "the container {} elects, and requests no processor time: on a busy node it gets what others leave, and may \
             lose its Lease for it",
            program.name()
        );
        let field = format!("{}.resources", program.path);
        let failed = verdicts.fail(object, field, message).severity(Severity::Info);
        if let Some(fix) = paste::container(program, json!({"resources": {"requests": {"cpu": "10m"}}})) {
            failed.fix(fix);
        }
    }
}

fn bounded(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let programs = electing(scene, workload);
        if programs.is_empty() {
            verdicts.skip(workload.object, "nothing says that it elects a leader");
            continue;
        }
        if defaulted(scene, workload.object) {
            verdicts.skip(workload.object, "a LimitRange gives its containers the limits that they do not say");
            continue;
        }
        if best_effort(workload.pod()) {
            verdicts.skip(workload.object, "nothing in its Pods requests anything: HA0603");
            continue;
        }
        let limit = |resources: &Node| is_some(resources.at("limits.memory"));
        let pod = limit(workload.pod().get("resources"));
        let Some(program) = programs.iter().find(|program| !pod && !limit(program.container.get("resources"))) else {
            verdicts.pass(workload.object);
            continue;
        };
        let message = format!(
            "the container {} has no limit of memory: if it leaks, all of the node runs short of it, and not only this \
             container is killed. How much it needs has to be measured",
            program.name()
        );
        verdicts.fail(workload.object, format!("{}.resources", program.path), message);
    }
}

fn unthrottled(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let programs = electing(scene, workload);
        if programs.is_empty() {
            verdicts.skip(workload.object, "nothing says that it elects a leader");
            continue;
        }
        let mut found = false;
        for program in &programs {
            let limit = program.container.at("resources.limits.cpu");
            // 0 is no limit.
            let Some(millis) = millis(limit).filter(|millis| *millis > 0.0 && *millis <= STARVES) else { continue };
            found = true;
            let message = format!(
                "the container {} elects, and may run for {} of each 100 ms: then it is stopped until they are over, and \
                 renewals come late when it has anything else to do",
                program.name(),
                millis / 10.0
            );
            let field = format!("{}.resources.limits.cpu", program.path);
            let failed = verdicts.fail(workload.object, field, message);
            if let Some(fix) = paste::container(program, json!({"resources": {"limits": {"cpu": null}}})) {
                failed.fix(fix);
            }
        }
        if !found {
            verdicts.pass(workload.object);
        }
    }
}

/// An amount of processor time, in thousandths of a processor (`k8s.io/apimachinery/pkg/api/resource`, `Quantity`).
fn millis(quantity: &Node) -> Option<f64> {
    let text = match &quantity.value {
        #[expect(clippy::cast_precision_loss, reason = "no node has so many processors")]
        Value::Int(number) => return Some(*number as f64 * 1e3),
        Value::Float(number) => return Some(number * 1e3),
        Value::Text(text) => text.trim(),
        _ => return None,
    };
    let (number, unit) = match text.as_bytes().last()? {
        b'm' => (&text[..text.len() - 1], 1.0),
        b'u' => (&text[..text.len() - 1], 1e-3),
        b'n' => (&text[..text.len() - 1], 1e-6),
        _ => (text, 1e3),
    };
    number.parse::<f64>().ok().map(|number| number * unit)
}

fn same_image(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        if scene.most(workload) < 2 {
            verdicts.skip(workload.object, "it has no second replica");
            continue;
        }
        let mut found = false;
        for program in Program::all(scene, workload) {
            let Some(image) = program.container.get("image").text() else { continue };
            if !moves(image) {
                continue;
            }
            found = true;
            let keeps = matches!(program.container.get("imagePullPolicy").text(), Some("IfNotPresent" | "Never"));
            let follows = match keeps {
                true => "a node keeps whichever it has pulled, and another has another",
                false => "whichever is there when a Pod starts is run",
            };
            let message = format!(
                "{image} is not always the same image: {follows}, so that after a failover another version may lead than \
                 before"
            );
            verdicts.fail(workload.object, format!("{}.image", program.path), message);
        }
        if !found {
            verdicts.pass(workload.object);
        }
    }
}

/// Whether an image goes by a name that is given to each new one: `latest`, which is also what no tag means.
fn moves(image: &str) -> bool {
    // Also what a tool puts an image in for: `ko://…`, `${IMAGE}`.
    if image.is_empty() || image.contains(['@', '$', '{']) || image.contains("://") {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_as_a_quantity() {
        let read = |json: serde_json::Value| millis(&Node::from(&json));
        for (json, expected) in [
            (json!("50m"), Some(50.0)),
            (json!("0.05"), Some(50.0)),
            (json!(0.1), Some(100.0)),
            (json!(1), Some(1000.0)),
            (json!("2"), Some(2000.0)),
            (json!("50000u"), Some(50.0)),
            (json!("50000000n"), Some(50.0)),
            (json!("5e-2"), Some(50.0)),
            (json!("much"), None),
            (json!(null), None),
        ] {
            let read = read(json.clone());
            assert_eq!(read.map(f64::round), expected, "{json}");
        }
    }

    #[test]
    fn an_image_moves_unless_something_else_than_latest_is_said() {
        for (image, expected) in [
            ("a", true),
            ("r:5000/a", true),
            ("a:latest", true),
            ("r:5000/g/a:1.2", false),
            ("a:latest@sha256:0", false),
            ("a:v1", false),
            ("ko://a/b", false),
        ] {
            assert_eq!(moves(image), expected, "{image}");
        }
    }
}
