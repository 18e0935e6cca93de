//! A Lease that is gone, of an elector that does not make it anew.
//!
//! kube-lease-manager's leader leads on without a Lease, as long as its process lives, and its standbys fail for ever: only
//! a new process creates the Lease (`src/manager.rs`, the constructor). kubert's tasks all end, and only what its user runs
//! at the start makes the Lease. Who led is recorded nowhere any more: nothing is written for anyone.

use jiff::SignedDuration;

use super::{Case, Problem, Proof, Repair};
use crate::elector::catalogue::Name;

pub(super) fn diagnose(case: &Case<'_>) -> Option<Repair> {
    let (evidence, advice) = match case.elector? {
        Name::KubeLeaseManager(_) => (
            "there is no Lease: kube-lease-manager's leader leads on without one, and nobody would follow it",
            "restart one standby: it makes the Lease and leads at once, and the old leader stops at its next try, 30 s later \
             at the latest. For no moment with two: restart the leader first",
        ),
        Name::Kubert => (
            "there is no Lease: all of kubert's election tasks end by that",
            "restart the Pods: what they run at their start makes the Lease",
        ),
        _ => return None,
    };
    Some(Repair {
        problem: Problem::LeaseDeleted,
        evidence: evidence.to_owned(),
        precondition: "the leader is known",
        proof: Proof::Missing { what: "who leads is recorded nowhere any more".to_owned(), wait: None },
        patch: None,
        within: SignedDuration::ZERO,
        advice: vec![advice.to_owned()],
    })
}
