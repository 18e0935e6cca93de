//! Candidates: the Pods that take part in an Election, as it shows them.

use jiff::{SignedDuration, Timestamp};

use super::{Pod, Snapshot};

/// What a candidate does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It holds the Lease.
    Leader,
    /// It stands by.
    Standby,
}

/// A Pod that takes part in an Election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The Pod's name.
    pub name: String,
    /// What it does now.
    pub role: Role,
    /// Its Ready condition.
    pub ready: bool,
    /// Whether all its containers run.
    pub running: bool,
    /// Whether it is on its way out.
    pub terminating: bool,
    /// When it was told to go, as far as it is known.
    pub terminating_since: Option<Timestamp>,
    /// How long it was given to go.
    pub grace: Option<SignedDuration>,
    /// Its node.
    pub node: Option<String>,
    /// The node's zone.
    pub zone: Option<String>,
    /// How often its containers were restarted.
    pub restarts: i64,
    /// Why it is not Ready, as far as it is known.
    pub trouble: Option<String>,
}

impl Candidate {
    /// A Pod in its role.
    pub(super) fn new(pod: &Pod, role: Role, snapshot: &Snapshot) -> Self {
        let grace = pod.grace_seconds.map(SignedDuration::from_secs);
        Self {
            name: pod.key.name.clone(),
            role,
            ready: pod.ready,
            running: pod.all_running(),
            terminating: pod.terminating(),
            // deletionTimestamp is when the grace period ends.
            terminating_since: pod.deleted.and_then(|at| at.checked_sub(grace.unwrap_or_default()).ok()),
            grace,
            node: pod.node.clone(),
            zone: pod.node.as_deref().and_then(|node| snapshot.zone(node)).map(str::to_owned),
            restarts: pod.restarts(),
            trouble: pod.waiting_reason().map(str::to_owned).filter(|_| !pod.ready),
        }
    }

    /// For how long it has been on its way out.
    #[must_use]
    pub fn terminating_for(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(now.duration_since(self.terminating_since?))
    }
}
