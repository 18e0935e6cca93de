//! FACTS: what was read from a cluster, and what it means. Values in, values out.
//!
//! `wire` decodes objects into the few fields that hactl needs, [`Snapshot`] holds them with what could *not* be
//! read, and [`election::elections`] joins them: each Lease with its holder's Pod, its workload, its candidates, the
//! elector that renews it and its health at an instant. [`mod@write`] says what a write would do to a Lease.

pub mod audit;
pub mod budget;
pub mod candidate;
mod contenders;
pub mod election;
pub mod elector;
pub mod event;
pub mod health;
pub mod history;
pub mod holder;
pub mod lease;
pub mod lease_candidate;
pub mod live;
pub mod memory;
pub mod micros;
pub mod near;
pub mod node;
pub mod object;
pub mod patch;
pub mod pod;
pub mod review;
pub mod right;
pub mod selection;
pub mod selector;
pub mod setting;
pub mod snapshot;
pub mod timeline;
pub mod timing;
pub mod unread;
pub mod wire;
pub mod workload;
pub mod write;

pub use candidate::{Candidate, Role};
pub use election::Election;
pub use lease::LeaseRecord;
pub use micros::Micros;
pub use patch::LeasePatch;
pub use pod::Pod;
pub use right::Right;
pub use snapshot::{Kind, Snapshot};
pub use workload::{Workload, WorkloadKind};

/// What identifies a namespaced object of a known kind. Cluster-scoped objects have an empty namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Namespace; empty for a cluster-scoped object.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Key {
    /// A key from its two parts.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() { f.write_str(&self.name) } else { write!(f, "{}/{}", self.namespace, self.name) }
    }
}
