//! Where in a text something stands.

use crate::model::node::Mark;

/// The line and the column, in characters, of so many bytes into a text.
pub(super) fn of(text: &str, at: usize) -> Mark {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
    Mark { line: number(line), column: number(column) }
}
