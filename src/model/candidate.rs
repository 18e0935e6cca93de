//! Candidates: the Pods that take part in an Election, as it shows them.

use std::sync::Arc;

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
    /// The Pod; shared with the Snapshot, because one Pod may take part in many Elections.
    pub pod: Arc<Pod>,
    /// What it does now.
    pub role: Role,
    /// The zone of its node.
    pub zone: Option<Arc<str>>,
}

impl Candidate {
    /// A Pod in its role.
    pub(super) fn new(pod: &Arc<Pod>, role: Role, snapshot: &Snapshot) -> Self {
        let zone = pod.node.as_deref().and_then(|node| snapshot.zone(node)).cloned();
        Self { pod: Arc::clone(pod), role, zone }
    }

    /// The Pod's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.pod.key.name
    }

    /// When it was told to go, as far as it is known: `deletionTimestamp` is when the grace period ends.
    #[must_use]
    pub fn terminating_since(&self) -> Option<Timestamp> {
        self.pod.deleted?.checked_sub(self.grace().unwrap_or_default()).ok()
    }

    /// For how long it has been on its way out.
    #[must_use]
    pub fn terminating_for(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(now.duration_since(self.terminating_since()?))
    }

    /// How long it was given to go.
    #[must_use]
    pub fn grace(&self) -> Option<SignedDuration> {
        self.pod.grace_seconds.map(SignedDuration::from_secs)
    }

    /// Why it is not Ready, as far as its containers say.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.pod.waiting_reason().filter(|_| !self.pod.ready)
    }
}
