//! What happens now: what checks of a cluster look at beside its objects.

use crate::model::health::Now;
use crate::model::{Election, Snapshot};

/// A cluster at an instant.
#[derive(Debug)]
pub struct Live {
    /// By the API server's clock.
    pub now: Now,
    /// Who leads, and who stands by.
    pub elections: Vec<Election>,
    /// The Pods and the nodes.
    pub snapshot: Snapshot,
}
