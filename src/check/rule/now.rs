//! What is so now: leaders, standbys, budgets and roll-outs as a cluster has them at this moment.
//!
//! Manifests tell nothing of it: there each of these checks says once that it does not apply.

mod leader;

use crate::check::catalogue::Check;
use crate::check::live::Live;
use crate::check::scene::Scene;
use crate::check::verdict::{Name, Verdicts};
use crate::model::{Election, WorkloadKind};

pub(in crate::check) const CHECKS: &[Check] = &[leader::LEADS, leader::HAS_CANDIDATES];

/// What happens now, as far as these kinds tell.
fn look<'o>(scene: &Scene<'o>, kinds: &[&'static str], verdicts: &mut Verdicts<'_>) -> Option<&'o Live> {
    let live = scene.happening(kinds);
    if live.is_none() {
        verdicts.skip_all("it is about what happens in a cluster: hactl doctor looks at it");
    }
    live
}

/// What a verdict about an Election stands on: its workload, whose annotations may suppress it, or else its Lease.
fn subject(scene: &Scene<'_>, election: &Election) -> Name {
    let lease = || Name::live("Lease", &election.namespace, election.lease_name().unwrap_or_default());
    let Some(workload) = &election.workload else { return lease() };
    let is = |of: &&super::super::workload::Workload<'_>| {
        of.object.namespace.as_deref() == Some(&election.workload_namespace)
            && *of.object.name == *workload.name
            && WorkloadKind::parse(&of.object.kind) == workload.kind
    };
    scene.workloads().iter().find(is).map_or_else(lease, |of| Name::of(of.object))
}

/// The Lease of an Election, in words.
fn lease(election: &Election) -> String {
    let own = election.workload.is_none() || election.namespace == election.workload_namespace;
    let place = if own { String::new() } else { format!(" in {}", election.namespace) };
    format!("lease/{}{place}", election.lease_name().unwrap_or_default())
}
