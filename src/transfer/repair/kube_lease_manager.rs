//! kube-lease-manager up to 0.11.0, after somebody took out the holder alone.
//!
//! Its leader renews without looking at the holder, and the renewal is an *update* under the name under which it *applies*:
//! to the API server two owners. Whoever then tries to apply its own name meets the other's `renewTime`, as a conflict that
//! is logged at DEBUG alone, for ever. Nulling all four fields frees them of every owner (37 of 37 on a real server, after
//! 0.06 to 3.6 s); but the blind renewal of a leader that still lives would bring the deadlock back.

use jiff::SignedDuration;

use super::proof::nobody_leads;
use super::{Case, Problem, Repair, null};
use crate::elector::catalogue::Name;
use crate::elector::kube_lease_manager::Edition;
use crate::model::write::Change;
use crate::model::{LeasePatch, LeaseRecord};

/// The pauses of whoever has tried in vain grow up to 30 s and are drawn up to twice that.
const TAKEN_WITHIN: SignedDuration = SignedDuration::from_secs(75);

pub(super) fn diagnose(case: &Case<'_>, lease: &LeaseRecord) -> Option<Repair> {
    let dated = lease.renewed.is_some() || lease.acquired.is_some() || lease.duration.is_some();
    if lease.holder.is_some() || !dated {
        return None;
    }
    let elector = case.elector.unwrap_or(Name::KubeLeaseManager(Edition::Before0_11_1));
    Some(Repair {
        problem: Problem::Deadlock,
        evidence: format!("{}: kube-lease-manager up to 0.11.0 never takes it again", null::shape(lease)),
        precondition: "no live leader can still send its blind renewal",
        proof: nobody_leads(case, elector),
        patch: Some(LeasePatch {
            holder: Change::Null,
            duration: Change::Null,
            acquired: Change::Null,
            renewed: Change::Null,
            ..LeasePatch::of(lease)
        }),
        within: TAKEN_WITHIN,
        advice: Vec::new(),
    })
}
