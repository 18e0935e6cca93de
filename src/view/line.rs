//! One line a change: what `-w` prints where there is no terminal.

use jiff::Timestamp;

use super::{leader, place};
use crate::report::election_list::Item;

/// An Election's new state, dated.
#[must_use]
pub fn change(item: &Item, at: Timestamp, several_contexts: bool) -> String {
    let node = item.holder.node.as_ref().map_or_else(String::new, |node| format!(" on {node}"));
    let why = if item.reasons.is_empty() { String::new() } else { format!(": {}", item.reasons.join("; ")) };
    format!("{at:.3} {} {} leader {}{node}{why}\n", place(item, several_contexts), item.health.as_str(), leader(item))
}

/// An Election that is gone.
#[must_use]
pub fn gone(item: &Item, at: Timestamp, several_contexts: bool) -> String {
    format!("{at:.3} {} gone\n", place(item, several_contexts))
}
