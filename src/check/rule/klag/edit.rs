//! A file of a ConfigMap with a line changed, to paste.

use serde_json::json;

use super::super::{paste, yaml};
use super::{File, text};

/// The file with something else in a line, counted from 1. None where it may have a secret in it, or where the line is not
/// only this key's.
pub(super) fn line(file: &File<'_>, number: u32, key: &str, new: &str) -> Option<String> {
    rewritten(file, |at, line| {
        let begins = line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        (at == number && begins).then(|| format!("{}{new}", indent(line)))
    })
}

/// The file with another line behind the head of a table.
pub(super) fn behind(file: &File<'_>, head: &str, new: &str) -> Option<String> {
    rewritten(file, |_, line| (line.trim() == head).then(|| format!("{line}\n{}{new}", indent(line))))
}

/// The file with another head for a table, counted from 1.
pub(super) fn head(file: &File<'_>, number: u32, new: &str) -> Option<String> {
    rewritten(file, |at, line| {
        (at == number && line.trim_start().starts_with('[')).then(|| format!("{}{new}", indent(line)))
    })
}

/// The file with other lines, if any are.
fn rewritten(file: &File<'_>, change: impl Fn(u32, &str) -> Option<String>) -> Option<String> {
    let text = text(file);
    if paste::may_be_secret(text) {
        return None;
    }
    let (mut result, mut changed) = (String::with_capacity(text.len()), false);
    for (at, line) in (1..).zip(text.lines()) {
        let new = change(at, line);
        changed |= new.is_some();
        result.push_str(new.as_deref().unwrap_or(line));
        result.push('\n');
    }
    changed.then(|| yaml(&json!({"data": {file.key: result}})))
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}
