//! Whether each replica takes part as somebody else.

use serde_json::json;

use super::super::super::catalogue::{Check, Severity};
use super::super::super::election::Elector;
use super::super::super::election::said::{Place, Said};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::electors::{each, elects};
use super::super::{paste, resetting, yaml};

pub(super) const EACH: Check = Check {
    id: "HA0501",
    severity: Severity::Error,
    title: "each replica takes part in the election as somebody else",
    page: include_str!("../../pages/HA0501.md"),
    judge: own,
};

/// What is wrong with the identities of a workload's replicas.
struct Shared<'s, 'o> {
    severity: Severity,
    /// The identity, and where it comes from.
    whose: String,
    follows: &'static str,
    place: Where<'s, 'o>,
}

enum Where<'s, 'o> {
    Said(&'s Said<'o>),
    /// A variable of the container, of this name, in this field.
    Variable(&'s str, &'s str),
    /// A field of the workload.
    Field(&'static str),
}

const ALL_LEAD: &str = "each of them takes the Lease for its own, and all of them lead";

fn own(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, elects, |elector, verdicts| {
        let object = elector.workload.object;
        let most = scene.most(elector.workload);
        if most < 2 {
            verdicts.skip(object, "it has no second replica");
            return false;
        }
        let Some(shared) = by_setting(elector).or_else(|| by_name(elector)) else {
            return true;
        };
        let Shared { severity, whose, follows, place } = shared;
        let message = format!("{most} replicas take part as {whose}: {follows}");
        let failed = match place {
            Where::Said(said) => said.fail(verdicts, message),
            Where::Variable(_, field) => verdicts.fail(object, field, message),
            Where::Field(field) => verdicts.fail(object, field, message),
        };
        let failed = failed.severity(severity);
        if let Some(fix) = of_pod(elector, &place) {
            failed.fix(fix);
        }
        false
    });
}

/// By what says what the identity is.
fn by_setting<'s, 'o>(elector: &'s Elector<'o>) -> Option<Shared<'s, 'o>> {
    let said = elector.identity.as_ref()?;
    if let Some(shared) = by_reference(elector, said) {
        return Some(shared);
    }
    // Nothing is an identity, too, where klag-exporter's file says it (0.1.29, `src/leadership/kubernetes.rs`).
    let nothing = matches!(said.place, Place::File { .. }) && elector.is_klag_exporter();
    let text = said.text.as_deref().filter(|text| (nothing || !text.is_empty()) && !text.contains('$'))?;
    let whose = format!("{text:?} ({})", said.whole_name());
    Some(Shared { severity: Severity::Error, whose, follows: ALL_LEAD, place: Where::Said(said) })
}

/// By a variable that stands for it, as far as that is the same in several Pods: nobody gives it a value, and it stays as it
/// is written (`k8s.io/kubernetes/third_party/forked/golang/expansion`), or it is a field that they share.
fn by_reference<'s, 'o>(elector: &'s Elector<'o>, said: &'s Said<'o>) -> Option<Shared<'s, 'o>> {
    if matches!(said.place, Place::File { .. }) {
        return None;
    }
    let text = said.text.as_deref()?;
    let name = text.strip_prefix("$(")?.strip_suffix(')')?;
    let environment = &elector.program.environment;
    let place = Where::Said(said);
    if environment.get(name).is_none() {
        let known = !environment.open && !name.contains("_SERVICE_") && !name.contains("_PORT");
        let whose = format!("{text:?} ({}), as nobody gives {name} a value", said.whole_name());
        return known.then_some(Shared { severity: Severity::Error, whose, follows: ALL_LEAD, place });
    }
    let entries = elector.program.container.get("env").list();
    let entry = entries.iter().rev().find(|entry| entry.get("name").text() == Some(name))?;
    let field = entry.at("valueFrom.fieldRef.fieldPath").text()?;
    let whose = format!("their {field} ({})", said.whole_name());
    // A StatefulSet gives its Pods labels of their own.
    let labels = field.starts_with("metadata.labels[") && elector.workload.is_deployment();
    match field {
        "spec.serviceAccountName" => Some(Shared { severity: Severity::Error, whose, follows: ALL_LEAD, place }),
        _ if labels => Some(Shared { severity: Severity::Error, whose, follows: ALL_LEAD, place }),
        "spec.nodeName" => {
            let follows = "where two run on the same node, both lead";
            Some(Shared { severity: Severity::Warning, whose, follows, place })
        }
        _ => None,
    }
}

/// By what stands for it where nothing is said. klag-exporter takes `HOSTNAME`, then `POD_NAME` (0.1.29,
/// `src/leadership/kubernetes.rs`); controller-runtime makes one of its own (`pkg/leaderelection/leader_election.go`).
fn by_name<'s, 'o>(elector: &'s Elector<'o>) -> Option<Shared<'s, 'o>> {
    let literal = |name: &str| {
        let variable = elector.program.environment.get(name)?;
        let text = variable.value.as_deref().filter(|text| !text.is_empty() && !text.contains('$'))?;
        let whose = format!("{text:?} (the variable {name})");
        Some((whose, Where::Variable(&variable.name, &variable.field)))
    };
    if !elector.is_klag_exporter() {
        // Whether the program asks for it is not known; no other use of the variable bears it either.
        let (whose, place) = literal("POD_NAME").filter(|_| elector.identity.is_none())?;
        let follows = "where it takes its identity from that, all of them lead";
        return Some(Shared { severity: Severity::Warning, whose, follows, place });
    }
    if elector.identity.as_ref().is_some_and(|said| said.text.as_deref() != Some("")) {
        return None;
    }
    if let Some((whose, place)) = literal("HOSTNAME") {
        return Some(Shared { severity: Severity::Error, whose, follows: ALL_LEAD, place });
    }
    let pod = elector.workload.pod();
    // A StatefulSet gives each Pod a host name of its own.
    if let Some(host) = pod.get("hostname").text().filter(|_| elector.workload.is_deployment()) {
        let (whose, place) = (format!("{host:?} (their host name)"), Where::Field("spec.template.spec.hostname"));
        return Some(Shared { severity: Severity::Error, whose, follows: ALL_LEAD, place });
    }
    let ports = pod.get("containers").list().iter().any(|container| !container.get("ports").list().is_empty());
    // Ports of the host keep two of them from the same node.
    if pod.get("hostNetwork").bool() == Some(true) && !ports {
        let whose = "their node, whose network they are in".to_owned();
        let place = Where::Field("spec.template.spec.hostNetwork");
        let follows = "where two run on the same node, both lead";
        return Some(Shared { severity: Severity::Warning, whose, follows, place });
    }
    None
}

/// What to paste for an identity of each Pod's own: its name.
fn of_pod(elector: &Elector<'_>, place: &Where<'_, '_>) -> Option<String> {
    let by_field =
        |name: &str| json!({"name": name, "value": null, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}});
    match place {
        Where::Variable(name, _) => paste::container(&elector.program, json!({"env": [by_field(name)]})),
        Where::Said(said) => match said.place {
            Place::Variable => paste::container(&elector.program, json!({"env": [by_field(&said.name)]})),
            Place::File { .. } if elector.is_klag_exporter() => {
                resetting::settings(elector, &[(*said, "${HOSTNAME}".to_owned())])
            }
            Place::File { .. } => None,
            Place::Flag => {
                let fix = resetting::settings(elector, &[(*said, "$(POD_NAME)".to_owned())])?;
                let variable = paste::container(&elector.program, json!({"env": [by_field("POD_NAME")]}))?;
                Some(format!("{fix}---\n{variable}"))
            }
        },
        Where::Field("spec.template.spec.hostname") => {
            Some(yaml(&json!({"spec": {"template": {"spec": {"hostname": null}}}})))
        }
        Where::Field(_) => None,
    }
}
