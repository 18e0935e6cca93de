//! Programs that contend for the same Lease though each of them should lead.

use std::collections::HashMap;

use super::super::super::catalogue::{Check, Severity};
use super::super::super::election::{Elector, way};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::electors::{each, elects};
use super::super::resetting;
use crate::access::Scope;
use crate::model::object::Object;

pub(super) const ALONE: Check = Check {
    id: "HA0502",
    severity: Severity::Error,
    title: "a Lease is for one program",
    page: include_str!("../../pages/HA0502.md"),
    judge: alone,
};

fn alone(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let policy = scene.policy();
    let mut first: HashMap<(Scope<'_>, &str), &Elector<'_>> = HashMap::new();
    each(scene, verdicts, elects, |elector, verdicts| {
        let object = elector.workload.object;
        let place = elector.scope(policy).zip(elector.lease.as_deref());
        let Some((scope, lease)) = place.filter(|_| elector.leases) else {
            verdicts.skip(object, "which Lease it elects with is not known: its name may be compiled in");
            return false;
        };
        if scene.most(elector.workload) < 1 {
            verdicts.skip(object, "it has no replicas");
            return false;
        }
        if way::is_its_own(scene, elector.workload, &elector.program) {
            verdicts.skip(object, "it goes by a kubeconfig: its Lease may be in another cluster");
            return false;
        }
        let Some(other) = first.get(&(scope, lease)) else {
            first.insert((scope, lease), elector);
            return true;
        };
        // An overlay's copy of it, which will be applied in its place.
        let rival = other.workload.object;
        if !std::ptr::eq(object, rival) && object.kind == rival.kind && object.name == rival.name {
            return true;
        }
        contend(elector, other, lease, scope, verdicts);
        false
    });
}

fn contend(elector: &Elector<'_>, other: &Elector<'_>, lease: &str, scope: Scope<'_>, verdicts: &mut Verdicts<'_>) {
    let object = elector.workload.object;
    let one = std::ptr::eq(object, other.workload.object);
    let rival = if one { format!("its container {}", other.program.name()) } else { other.workload.object.to_string() };
    let (severity, follows) = if elector.program.image == other.program.image {
        let times = |elector: &Elector<'_>| elector.timing.spans().map(|span| span.value.clone()).collect::<Vec<_>>();
        let timed = if times(elector) == times(other) { "" } else { ", and they are timed differently" };
        (Severity::Warning, format!("only one of them works at a time{timed}"))
    } else {
        let programs = format!("{} and {} are different programs", other.program.image, elector.program.image);
        (Severity::Error, format!("{programs}, and only one of them ever works"))
    };
    let message = format!("it contends with {rival} for lease/{lease} in {scope}: {follows}");
    let said = elector.named.as_ref();
    let failed = match said {
        Some(said) => said.fail(verdicts, message),
        None => verdicts.fail(object, elector.program.path.as_str(), message),
    };
    let failed = failed.severity(severity);
    let fix = said.and_then(|said| resetting::settings(elector, &[(said, another(object, lease))]));
    if let Some(fix) = fix {
        failed.fix(fix);
    }
}

/// Another name for a Lease: that of the workload, or one that has it.
fn another(object: &Object, lease: &str) -> String {
    if *object.name == *lease { format!("{lease}-leader") } else { object.name.to_string() }
}
