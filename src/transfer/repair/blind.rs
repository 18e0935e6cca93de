//! Standbys that do not look: kube-lease-manager and kubert sleep until the record that they have read last runs out.
//!
//! Whoever has once read a date in the future, or a long duration, sleeps that long, also when the leader has put the
//! record right since. No write wakes them: a new process looks at its start.

use jiff::SignedDuration;

use super::{Case, Leader, Problem, Proof, Repair};
use crate::elector::catalogue::Name;
use crate::model::LeaseRecord;
use crate::model::elector::is_tool;
use crate::model::health::words;
use crate::model::lease::Tenure;

/// Beyond what a clock that is ahead does to an ordinary record.
const BEYOND: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn diagnose(case: &Case<'_>, lease: &LeaseRecord, elector: Name) -> Option<Repair> {
    let Tenure::Held { holder, expires } = lease.tenure(case.now) else { return None };
    let usual = case.usual(elector);
    let left = expires.duration_since(case.now) - case.error;
    let by_hand =
        lease.owners.iter().find(|owner| is_tool(&owner.manager) && (owner.fields.duration || owner.fields.renewed));
    let ahead = lease.renewed.is_some_and(|renewed| renewed.duration_since(case.now) - case.error > BEYOND);
    let evidence = match by_hand {
        _ if ahead => format!("renewTime lies in the future: the record counts for {} more", words(left)),
        Some(owner) if left > usual + BEYOND => {
            format!("{} has made it count for {} more", owner.manager, words(left))
        }
        _ => return None,
    };
    let standbys = match (&case.pods, &case.leader) {
        (Some(pods), Leader::Known { .. }) => {
            let others: Vec<_> = pods.iter().filter(|pod| !names(holder, pod)).map(String::as_str).collect();
            if others.is_empty() { "every standby".to_owned() } else { others.join(", ") }
        }
        _ => "every standby".to_owned(),
    };
    Some(Repair {
        problem: Problem::BlindStandbys,
        evidence: format!("{evidence}; standbys of {elector} that have read it sleep until then"),
        precondition: "a write would wake them",
        proof: Proof::Missing { what: "no write does: only a new process looks at its start".to_owned(), wait: None },
        patch: None,
        within: SignedDuration::ZERO,
        advice: vec![format!("restart {standbys}")],
    })
}

/// Whether an identity is this Pod's, or begins with its name.
fn names(identity: &str, pod: &str) -> bool {
    identity.strip_prefix(pod).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}
