//! What is to change in a Lease, and of which Lease this was decided.
//!
//! [`write`](mod@super::write) has the same in small for the simulator; this is what goes to an API server.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::LeaseRecord;
use super::write::Change;

/// A partial write to a Lease that is refused unless the Lease is still what it was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasePatch {
    /// The `metadata.resourceVersion` that it was decided on.
    pub version: String,
    /// The `metadata.uid` that it was decided on.
    pub uid: String,
    /// `spec.holderIdentity`.
    pub holder: Change<String>,
    /// `spec.leaseDurationSeconds`, in seconds.
    pub duration: Change<i32>,
    /// `spec.acquireTime`; what is finer than a microsecond is cut off.
    pub acquired: Change<Timestamp>,
    /// `spec.renewTime`; what is finer than a microsecond is cut off.
    pub renewed: Change<Timestamp>,
    /// `spec.leaseTransitions`.
    pub transitions: Change<i32>,
    /// `spec.preferredHolder`.
    pub preferred: Change<String>,
    /// Annotations to be set, or to be taken away where there is no value.
    pub annotations: BTreeMap<String, Option<String>>,
}

impl LeasePatch {
    /// A patch of this state of a Lease that says nothing so far.
    #[must_use]
    pub fn of(lease: &LeaseRecord) -> Self {
        Self {
            version: lease.version.clone(),
            uid: lease.uid.clone(),
            holder: Change::Keep,
            duration: Change::Keep,
            acquired: Change::Keep,
            renewed: Change::Keep,
            transitions: Change::Keep,
            preferred: Change::Keep,
            annotations: BTreeMap::new(),
        }
    }
}
