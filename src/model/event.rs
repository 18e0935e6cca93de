//! What hactl has to tell the cluster: a Kubernetes Event, before it is one.

pub mod record;

use super::{Key, LeaseRecord, Pod};

/// An `events.k8s.io/v1` Event to be created in the namespace of what it is about.
///
/// The API server refuses a reason or an action of more than 128 bytes, or without any
/// (`k8s.io/kubernetes/pkg/apis/core/validation/events.go`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// What it is about.
    pub regarding: Subject,
    /// What else takes part.
    pub related: Option<Subject>,
    /// Whether it is good news.
    pub kind: EventKind,
    /// Why it happened, in one word (`LeadershipTransferred`).
    pub reason: &'static str,
    /// What hactl did, in one word (`Transfer`).
    pub action: &'static str,
    /// What happened, for people. What is beyond 1024 bytes is cut off.
    pub note: String,
}

/// Whether an Event is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Nothing to worry about.
    Normal,
    /// Someone should look.
    Warning,
}

impl EventKind {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// An object that an Event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its API version.
    pub api_version: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Namespace and name.
    pub key: Key,
    /// `metadata.uid`.
    pub uid: String,
}

impl From<&LeaseRecord> for Subject {
    fn from(lease: &LeaseRecord) -> Self {
        let (key, uid) = (lease.key.clone(), lease.uid.clone());
        Self { api_version: "coordination.k8s.io/v1", kind: "Lease", key, uid }
    }
}

impl From<&Pod> for Subject {
    fn from(pod: &Pod) -> Self {
        Self { api_version: "v1", kind: "Pod", key: pod.key.clone(), uid: pod.uid.clone() }
    }
}
