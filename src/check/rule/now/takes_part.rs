//! Whether Pods that are told to elect do: by the Lease that they would have made, and by how many of them act.

use jiff::SignedDuration;

use super::super::leading;
use super::{ELECTIONS, is_led, look, pods};
use crate::access::Scope;
use crate::check::catalogue::{Check, Severity};
use crate::check::live::Live;
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::check::workload::Workload;
use crate::model::{Key, Pod};

pub(super) const ELECTS: Check = Check {
    id: "HA0910",
    severity: Severity::Warning,
    title: "Pods that are told to elect a leader do",
    page: include_str!("../../pages/HA0910.md"),
    judge: elects,
};

/// An election is over by then: a Lease is made at the first try.
const SETTLED: SignedDuration = SignedDuration::from_mins(1);

fn elects(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for &workload in scene.workloads() {
        let object = workload.object;
        let electors = scene.electors().in_pods_of(workload);
        let ready = ready(live, workload);
        if !electors.iter().any(|elector| elector.is_presumed() && elector.leases) {
            verdicts.skip(object, "nothing says that it elects a leader with a Lease");
        } else if ready == 0 {
            verdicts.skip(object, "none of its Pods has been Ready for a minute");
        // Where it is renewed, whoever has just lost it may be Ready until its probe has failed often enough.
        } else if ready > 1 && leading::readiness_gated(scene, workload) && !scene.elections_of(workload).any(is_led) {
            let message = format!(
                "a Pod of it is Ready only while it leads, and {ready} are: each acts as if it were the leader. Its image may be \
                 built without leader election, or not read what turns it on"
            );
            verdicts.fail(object, "spec.template.spec.containers", message).severity(Severity::Error);
        } else if scene.elections_of(workload).any(|election| election.lease.is_some()) {
            verdicts.pass(object);
        } else {
            no_lease(scene, live, workload, verdicts);
        }
    }
    // They were asked only for the namespace of what names none, and here everything names one.
    scene.needs_no_rbac();
}

/// So many Pods of a workload have been Ready for long enough, as far as their age tells.
fn ready(live: &Live, workload: Workload<'_>) -> usize {
    let settled = |pod: &Pod| pod.created.is_some_and(|at| live.now.at.duration_since(at) > SETTLED);
    pods(live, workload).filter(|pod| pod.ready && settled(pod)).count()
}

/// Its Pods contend for no Lease that is known: whether there should be one.
fn no_lease<'o>(scene: &Scene<'o>, live: &Live, workload: Workload<'o>, verdicts: &mut Verdicts<'_>) {
    let object = workload.object;
    let policy = scene.policy();
    for elector in scene.electors().in_pods_of(workload).iter().filter(|one| one.is_presumed() && one.leases) {
        let Some(scope @ Scope::Namespace(namespace)) = elector.scope(policy) else {
            return verdicts.skip(object, "where its Lease is, is not known");
        };
        if !scene.knows(scope) {
            return verdicts
                .skip(object, format!("its Lease is in {namespace}, which was not read: -n {namespace}, or -A"));
        }
        let there = match &elector.lease {
            Some(name) => live.snapshot.leases.contains_key(&Key::new(namespace, name.as_str())),
            // One that nobody holds does not tell whose it is.
            None => live.elections.iter().any(|one| *one.namespace == *namespace && one.workload.is_none()),
        };
        if there {
            return verdicts.skip(object, format!("a Lease in {namespace} may be its own, and does not tell"));
        }
    }
    let message = "it is told to elect a leader and its Pods are Ready, and there is no Lease of theirs: they may not make one \
                   (HA0301), or elect nobody, and then each of them leads";
    verdicts.fail(object, "spec.template.spec.containers", message);
}
