//! What checks came to: a table for people, a line each, and what other programs read: JUnit, SARIF, GitHub, Markdown.

mod explanation;
mod github;
mod junit;
mod markdown;
mod sarif;
mod short;
mod table;

#[cfg(test)]
mod tests;

pub use explanation::{catalogue, explanation, page};
pub use github::github;
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use short::short;
pub use table::{table, wide};

use crate::report::check_report::{CheckResult, Outcome, Summary};

/// `1 error, 2 warnings, 1 unknown; 14 passed, 3 skipped`, what is not there left out.
fn counts(summary: &Summary) -> String {
    let several = |count: usize, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    };
    let found = [
        several(summary.errors, "error", "errors"),
        several(summary.warnings, "warning", "warnings"),
        several(summary.infos, "info", "infos"),
        several(summary.unknown, "unknown", "unknown"),
    ];
    let rest = [
        several(summary.passed, "passed", "passed"),
        several(summary.skipped - summary.suppressed, "skipped", "skipped"),
        several(summary.suppressed, "suppressed", "suppressed"),
    ];
    let [found, rest] =
        [found.as_slice(), &rest].map(|parts| parts.iter().flatten().cloned().collect::<Vec<_>>().join(", "));
    let found = if found.is_empty() { "no findings".to_owned() } else { found };
    if rest.is_empty() { found } else { format!("{found}; {rest}") }
}

/// Whether it is a finding: something to do, or to look at.
fn is_finding(result: &CheckResult) -> bool {
    matches!(result.outcome, Outcome::Fail | Outcome::Unknown)
}

/// Whether a document was passed over, which nobody should have to guess.
fn is_passed_over(result: &CheckResult) -> bool {
    result.outcome == Outcome::Skipped && result.suppression.is_none() && result.id.starts_with("HA00")
}

/// Why it does not count: `by its annotation until 2027-01-31: see the runbook`.
fn suppressed(result: &CheckResult) -> Option<String> {
    let suppression = result.suppression.as_ref()?;
    Some(match (&suppression.reason, &suppression.until) {
        (Some(reason), Some(until)) => format!("suppressed until {until}: {reason}"),
        (Some(reason), None) => format!("suppressed: {reason}"),
        (None, _) => "known from the baseline".to_owned(),
    })
}
