//! Kubecost leader/follower, 1.96 to 1.108: every replica answers queries, only the leader writes.
//!
//! The program is closed: what is not in its guide or its chart is an assumption here.

use super::System;
use super::profile::{Elects, Note, Profile, Succession, by_default};
use super::step::Step;
use crate::model::Micros;
use crate::model::elector::{Confidence, Library};
use crate::model::timing::Timing;

/// The guide.
const DOCS: &str = "kubecost/docs v1.x high-availability.md";

/// How often a follower reads the bucket.
const POLL: Micros = Micros::from_secs(30);

/// What a failover means to Kubecost.
pub(super) fn failover() -> Profile {
    let elects = Elects {
        library: Library::ClientGo,
        version: None,
        confidence: Confidence::Guess,
        timing: Timing {
            lease_duration: by_default(15),
            renew_deadline: by_default(10),
            retry_period: by_default(2),
            ..Timing::default()
        },
        releases: None,
        // The chart sets none: Kubernetes' own default.
        termination_grace: Micros::from_secs(30),
        source: "not public: a Go program with a Lease (cost-analyzer-helm-chart \
            cost-analyzer-cluster-role-template.yaml), at client-go's usual timing",
    };
    Profile {
        system: System::Kubecost,
        succession: Succession::Election(elects),
        before: Vec::new(),
        after: vec![
            Step::up_to("bucket-poll", "bucket poll", POLL).assumed(
                "A follower is between two of its reads of the bucket, every 30 s; whether a promoted one waits for \
                    the next is not public.",
                DOCS,
            ),
            Step::between("promotion", "promotion", Micros::ZERO, Micros::ZERO).assumed(
                "The promoted follower drops its locks and may write; how long that takes is not public.",
                DOCS,
            ),
        ],
        serves: "the new leader writes to the bucket",
        age: Some(
            Step::fixed("bucket-age", "data age", Micros::ZERO, POLL)
                .known("What a follower shows is as old as its last read of the bucket.", DOCS),
        ),
        notes: vec![
            Note {
                id: "elector-not-public",
                message: "Kubecost's source is closed: its election library and timing are assumed. A Lease that is \
                    found in a cluster tells more; give --lease-duration.",
                source: "cost-analyzer-helm-chart cost-analyzer-cluster-role-template.yaml",
            },
            Note {
                id: "queries-go-on",
                message: "Followers answer queries while nobody leads; what stands still is the writing. They show \
                    data as old as their last read of the bucket, up to 30 s, and the last write before it.",
                source: DOCS,
            },
            Note {
                id: "hung-leader",
                message: "A replica that hangs stays in the Service for 33 min: its probes fail 200 times, 10 s \
                    apart, before they count.",
                source: "cost-analyzer-helm-chart v1.108.1 cost-analyzer-deployment-template.yaml",
            },
            Note {
                id: "removed-in-2",
                message: "Kubecost 2 and later has no leader/follower.",
                source: "cost-analyzer-helm-chart v2.4.2 _helpers.tpl",
            },
        ],
        guide: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::step::{Basis, total};

    #[test]
    fn everything_after_the_election_is_an_assumption_of_half_a_minute() {
        let profile = failover();
        assert_eq!(total(&profile.after), (Micros::ZERO, Micros::from_secs(30)));
        assert!(profile.after.iter().all(|step| step.basis == Basis::Assumed));
    }
}
