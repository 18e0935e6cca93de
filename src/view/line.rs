//! One line a change: what `-w` prints where there is no terminal.

use jiff::Timestamp;

use super::{leader, place};
use crate::report::election_list::Item;

/// An Election's new state, dated.
#[must_use]
pub fn change(item: &Item, at: Timestamp, several_contexts: bool) -> String {
    let who = match (leader(item), item.expires_in_seconds) {
        ("-", _) => String::new(),
        (name, Some(left)) if left.0.is_negative() => format!(" last leader {name}"),
        (name, _) => format!(" leader {name}"),
    };
    let node = item.holder.node.as_ref().map_or_else(String::new, |node| format!(" on {node}"));
    let why = if item.reasons.is_empty() { String::new() } else { format!(": {}", item.reasons.join("; ")) };
    format!("{at:.3} {} {}{who}{node}{why}\n", place(item, several_contexts), item.health.as_str())
}

/// An Election that is gone.
#[must_use]
pub fn gone(item: &Item, at: Timestamp, several_contexts: bool) -> String {
    format!("{at:.3} {} gone\n", place(item, several_contexts))
}

#[cfg(test)]
mod tests {
    use super::super::tests::led;
    use super::*;

    #[test]
    fn a_change_is_one_dated_line() {
        let at: Timestamp = "2026-11-21T12:00:00.1234Z".parse().expect("a time");
        let mut item = led(0);
        item.context = Some("east".to_owned());
        let healthy = "2026-11-21T12:00:00.123Z n/l Healthy leader web-7d4b9-aaaaa on n1\n";
        assert_eq!(change(&item, at, false), healthy);
        assert_eq!(gone(&item, at, true), "2026-11-21T12:00:00.123Z east:n/l gone\n");
        item.reasons = vec!["one".to_owned(), "two".to_owned()];
        assert_eq!(change(&item, at, false), healthy.replace('\n', ": one; two\n"));
    }
}
