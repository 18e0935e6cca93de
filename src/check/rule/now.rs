//! What is so now: leaders, standbys, budgets and roll-outs as a cluster has them at this moment.
//!
//! Manifests tell nothing of it: there each of these checks says once that it does not apply.

mod budget;
mod clock;
mod leader;
mod pods;
mod rollout;
mod start;
mod takes_part;
#[cfg(test)]
mod tests;

use crate::check::catalogue::Check;
use crate::check::live::Live;
use crate::check::scene::Scene;
use crate::check::verdict::{Name, Verdicts};
use crate::check::workload::Workload;
use crate::model::health::Health;
use crate::model::{Election, Pod, WorkloadKind};

pub(in crate::check) const CHECKS: &[Check] = &[
    leader::LEADS,
    leader::HAS_CANDIDATES,
    pods::LEADER_IS_SOUND,
    pods::STANDBY_IS_READY,
    pods::APART_NOW,
    budget::ALLOWS_NOW,
    rollout::COMES_TO_AN_END,
    leader::STAYS,
    clock::AGREES,
    takes_part::ELECTS,
];

/// What Elections are told by.
const ELECTIONS: &[&str] = &["Lease", "Pod", "Deployment", "StatefulSet"];

/// What happens now, as far as these kinds tell.
fn look<'o>(scene: &Scene<'o>, kinds: &[&'static str], verdicts: &mut Verdicts<'_>) -> Option<&'o Live> {
    let live = scene.happening(kinds);
    if live.is_none() {
        verdicts.skip_all("it is about what happens in a cluster: hactl doctor looks at it");
    }
    live
}

/// The Elections that somebody leads.
fn led(live: &Live) -> impl Iterator<Item = &Election> {
    live.elections.iter().filter(|election| is_led(election))
}

/// Whether somebody renews the Lease of an Election.
fn is_led(election: &Election) -> bool {
    matches!(election.health, Health::Healthy | Health::AtRisk | Health::Draining)
}

/// The workload of an Election, if it is one of the scene.
fn workload<'o>(scene: &Scene<'o>, election: &Election) -> Option<Workload<'o>> {
    let contends = election.workload.as_ref()?;
    let is = |of: &&Workload<'_>| {
        of.object.namespace.as_deref() == Some(&election.workload_namespace)
            && *of.object.name == *contends.name
            && WorkloadKind::parse(&of.object.kind) == contends.kind
    };
    scene.workloads().iter().find(is).copied()
}

/// What a verdict about an Election stands on: its workload, whose annotations may suppress it, or else its Lease.
fn subject(scene: &Scene<'_>, election: &Election) -> Name {
    let lease = || Name::live("Lease", &election.namespace, election.lease_name().unwrap_or_default());
    workload(scene, election).map_or_else(lease, |of| Name::of(of.object))
}

/// The Pods of a workload that are neither over nor on their way out.
fn pods<'l>(live: &'l Live, workload: Workload<'_>) -> impl Iterator<Item = &'l Pod> {
    let of = move |pod: &&Pod| {
        let owner = pod.workload();
        workload.object.namespace.as_deref() == Some(&pod.key.namespace)
            && *owner.name == *workload.object.name
            && owner.kind == WorkloadKind::parse(&workload.object.kind)
    };
    let all = live.snapshot.pods.values().map(|pod| &**pod);
    all.filter(|pod| !pod.finished && !pod.terminating()).filter(of)
}

/// The Lease of an Election, in words.
fn lease(election: &Election) -> String {
    let own = election.workload.is_none() || election.namespace == election.workload_namespace;
    let place = if own { String::new() } else { format!(" in {}", election.namespace) };
    format!("lease/{}{place}", election.lease_name().unwrap_or_default())
}
