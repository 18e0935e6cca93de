//! Markdown: for a comment on a pull request, or `$GITHUB_STEP_SUMMARY`.

use super::{counts, is_finding, is_passed_over, suppressed};
use crate::report::check_report::{CheckReport, CheckResult};

/// What was found as a table, what to paste below it, and what does not count.
#[must_use]
pub fn markdown(report: &CheckReport) -> String {
    let mut text = format!("## hactl\n\n{}\n", counts(&report.summary));
    let mut found: Vec<_> = report.results.iter().filter(|result| is_finding(result)).collect();
    found.sort_by(|one, other| one.urgency(other));
    let rows = |results: &[&CheckResult], last: &dyn Fn(&CheckResult) -> String| {
        let row = |result: &&CheckResult| {
            let cells = [
                result.word().to_owned(),
                result.id.to_owned(),
                escaped(&result.object.as_ref().map_or_else(String::new, ToString::to_string)),
                escaped(&result.place.position()),
                escaped(&last(result)),
            ];
            format!("| {} |\n", cells.join(" | "))
        };
        results.iter().map(row).collect::<String>()
    };
    let message = |result: &CheckResult| result.message.as_deref().unwrap_or(result.title).to_owned();
    if !found.is_empty() {
        text.push_str("\n| | check | object | where | |\n|---|---|---|---|---|\n");
        text.push_str(&rows(&found, &message));
    }
    for result in &found {
        let Some(fix) = &result.fix else { continue };
        let fence = fence(fix);
        // Inside of the element nothing is Markdown.
        let subject: String = result.subject().chars().map(in_html).collect();
        text.push_str(&format!(
            "\n<details><summary>{}: a fix for {subject}</summary>\n\n{fence}yaml\n{}\n{fence}\n\n</details>\n",
            result.id,
            fix.trim_end()
        ));
    }
    let not: Vec<_> =
        report.results.iter().filter(|result| result.suppression.is_some() || is_passed_over(result)).collect();
    if !not.is_empty() {
        text.push_str(
            "\n<details><summary>not counted</summary>\n\n| | check | object | where | |\n|---|---|---|---|---|\n",
        );
        text.push_str(&rows(&not, &|result| suppressed(result).unwrap_or_else(|| message(result))));
        text.push_str("\n</details>\n");
    }
    text
}

/// A text that stays one: neither markup, nor the end of a cell, nor a mention of somebody.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => escaped.extend(['\\', c]),
            c => escaped.push_str(&in_html(c)),
        }
    }
    escaped
}

/// A character as HTML has it; also those by which GitHub finds people and issues.
fn in_html(c: char) -> String {
    match c {
        '&' | '<' | '>' | '@' | '#' | '"' => format!("&#{};", u32::from(c)),
        c => c.to_string(),
    }
}

/// A fence that nothing in the text ends.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
