//! What is known of a Lease beside its record: when it was read, and what was seen of it before.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Key;

/// What was seen of Leases over time: by one look, or by a watch.
pub trait Memory {
    /// The last instant at which the record is known to have been the current one. A record that ran out after it may
    /// have been renewed unseen.
    fn current_at(&self, lease: &Key) -> Option<Timestamp>;
    /// Who held it last, where that was seen.
    fn last_holder(&self, lease: &Key) -> Option<&str>;
    /// Since when nobody holds it, where that was seen.
    fn free_since(&self, lease: &Key) -> Option<Timestamp>;
    /// Changes of the holder within the flapping window.
    fn changes(&self, lease: &Key) -> i64;
    /// The interval between two renewals.
    fn interval(&self, lease: &Key) -> Option<SignedDuration>;
}

/// A single look, and what was read again.
#[derive(Clone, Debug)]
pub struct Look {
    began: Timestamp,
    again: BTreeMap<Key, Timestamp>,
}

impl Look {
    /// A look that began at this instant: whatever was read, was read after it.
    #[must_use]
    pub fn began(at: Timestamp) -> Self {
        Self { began: at, again: BTreeMap::new() }
    }

    /// A Lease was read again, after this instant.
    pub fn read_again(&mut self, lease: Key, at: Timestamp) {
        self.again.insert(lease, at);
    }
}

impl Memory for Look {
    fn current_at(&self, lease: &Key) -> Option<Timestamp> {
        Some(self.again.get(lease).copied().unwrap_or(self.began))
    }
    fn last_holder(&self, _: &Key) -> Option<&str> {
        None
    }
    fn free_since(&self, _: &Key) -> Option<Timestamp> {
        None
    }
    fn changes(&self, _: &Key) -> i64 {
        0
    }
    fn interval(&self, _: &Key) -> Option<SignedDuration> {
        None
    }
}
