//! Annotations of GitHub's workflows: they show up beside the lines of a pull request.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>; the escapes are those of
//! `actions/toolkit`, `packages/core/src/command.ts`.

use super::{counts, is_finding};
use crate::report::check_report::{CheckReport, CheckResult, Outcome};

/// A workflow command for each finding, and how many there are.
#[must_use]
pub fn github(report: &CheckReport) -> String {
    let found = report.results.iter().filter(|result| is_finding(result));
    let mut text: String = found.map(annotation).collect();
    text.push_str(&format!("hactl: {}\n", counts(&report.summary)));
    text
}

fn annotation(result: &CheckResult) -> String {
    let command = match (result.outcome, result.severity) {
        (Outcome::Fail, "error") => "error",
        (Outcome::Fail, "info") => "notice",
        _ => "warning",
    };
    let mut properties = Vec::new();
    // The standard input is no file of the repository; the template that made the document may be one, but its lines are
    // others.
    match result.place.file.as_deref() {
        None => {}
        Some("-") => properties.extend(result.place.source.as_ref().map(|source| file(source))),
        Some(path) => {
            properties.push(file(path));
            properties.extend(result.place.line.map(|line| format!("line={line}")));
            properties.extend(result.place.column.map(|column| format!("col={column}")));
        }
    }
    let title = if result.outcome == Outcome::Unknown { "unknown: " } else { "" };
    properties.push(format!("title={}", property(&format!("{} {title}{}", result.id, result.title))));
    let object = result.object.as_ref().map_or_else(String::new, |object| format!("{object}: "));
    let message = result.message.as_deref().unwrap_or(result.title);
    let fix = result.fix.as_ref().map_or_else(String::new, |fix| format!("\nfix:\n{}", fix.trim_end()));
    format!("::{command} {}::{}\n", properties.join(","), data(&format!("{object}{message}{fix}")))
}

/// A path as the repository has it.
fn file(path: &str) -> String {
    format!("file={}", property(path.trim_start_matches("./")))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
