//! An Event as the cluster keeps it: what somebody, mostly an elector, has said about an object.

use jiff::Timestamp;

use crate::model::Key;

/// An Event that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The Event's own namespace and name.
    pub key: Key,
    /// Why it happened, in one word (`LeaderElection`).
    pub reason: String,
    /// What happened, for people (`web-0 became leader`).
    pub note: String,
    /// Which program says so.
    pub reporter: String,
    /// When it was first said.
    pub first: Option<Timestamp>,
    /// When it was last said: the same Event again is counted, not kept anew.
    pub last: Option<Timestamp>,
    /// How often it was said.
    pub count: i64,
}
