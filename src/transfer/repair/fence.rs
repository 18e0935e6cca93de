//! hactl's own fence: a transfer runs, or was left behind.

use jiff::SignedDuration;

use super::proof::{Proof, nobody_leads};
use super::{Case, Problem, Repair, null};
use crate::elector::catalogue::Name;
use crate::model::health::words;
use crate::model::lease::TRANSFER_ANNOTATION;
use crate::model::write::Change;
use crate::model::{LeasePatch, LeaseRecord};
use crate::transfer::Freeing;

/// Until somebody has taken a Lease that is free: the slowest look of the slowest library, and its back-off.
const TAKEN_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// A fence that has run out is free to most candidates as it is; but a library whose pauses have grown, or that waits for a
/// record to run out by its own observation, comes sooner to one that is given up.
pub(super) fn diagnose(case: &Case<'_>, lease: &LeaseRecord) -> Repair {
    let id = lease.transfer.as_ref().map_or("", |transfer| transfer.id.as_str());
    let left = lease.expires().map(|at| at.duration_since(case.now) + case.error);
    let patch = case.elector.and_then(|elector| freed(lease, elector, case));
    let (evidence, proof) = match (left, case.elector) {
        (Some(left), _) if !left.is_negative() => (
            format!("the Lease is fenced by transfer {id}, for {} more", words(left)),
            Proof::Missing { what: format!("a transfer is running: {id}"), wait: Some(left) },
        ),
        (_, None) => (
            left_behind(id, left),
            Proof::Missing { what: "which library its candidates use: name it with --elector".to_owned(), wait: None },
        ),
        (_, Some(elector)) => (left_behind(id, left), nobody_leads(case, elector)),
    };
    let advice = match (case.elector, &patch) {
        (Some(elector), None) => {
            vec![format!(
                "no write frees a Lease for {elector} sooner than its running out, which it has: is there a candidate?"
            )]
        }
        _ => Vec::new(),
    };
    Repair {
        problem: Problem::Fence,
        evidence,
        // A leader of kube-lease-manager that is cut off acts on all the same; a Lease that has run out is free to everyone
        // with this write or without it.
        precondition: match case.elector {
            Some(Name::KubeLeaseManager(_)) => "the fence has run out, and the leader before it can write no more",
            _ => "the fence has run out, and the leader before it can act no more",
        },
        proof,
        patch,
        within: TAKEN_WITHIN,
        advice,
    }
}

fn left_behind(id: &str, left: Option<SignedDuration>) -> String {
    match left {
        Some(left) => format!("transfer {id} left its fence behind: it ran out {} ago", words(left)),
        None => format!("transfer {id} left its fence behind, without a date"),
    }
}

/// The record that anyone may take. The holder of a coordinated election is its controller's to write.
fn freed(lease: &LeaseRecord, elector: Name, case: &Case<'_>) -> Option<LeasePatch> {
    if lease.strategy.is_some() {
        return None;
    }
    let mut patch = LeasePatch::of(lease);
    patch.annotations.insert(TRANSFER_ANNOTATION.to_owned(), None);
    match Freeing::of(elector.setup(case.times)) {
        Freeing::Empty => patch.holder = Change::Set(String::new()),
        Freeing::Null => patch.holder = Change::Null,
        Freeing::Cleared => {
            patch.holder = Change::Null;
            patch.duration = Change::Null;
            patch.acquired = Change::Null;
            patch.renewed = Change::Null;
        }
        Freeing::Nothing => return None,
    }
    Some(null::filled(patch, case, lease, elector))
}
