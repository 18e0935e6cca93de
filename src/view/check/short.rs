//! One line each, as compilers write them, for editors and `grep`.

use super::{is_finding, is_passed_over};
use crate::report::check_report::{CheckReport, CheckResult};

/// `file:line:column: error HA0201 poddisruptionbudget/payments: what is so`. What is not in a file begins with its
/// namespace instead.
#[must_use]
pub fn short(report: &CheckReport) -> String {
    let told = report.results.iter().filter(|result| is_finding(result) || is_passed_over(result));
    told.map(line).collect()
}

fn line(result: &CheckResult) -> String {
    let namespace = result.object.as_ref().and_then(|object| object.namespace.as_deref());
    let place = match (result.place.file.is_some(), namespace) {
        (true, _) => result.place.position() + ": ",
        (false, Some(namespace)) => format!("{namespace}: "),
        (false, None) => String::new(),
    };
    let object = result.object.as_ref().map_or_else(String::new, |object| format!(" {object}"));
    let message = result.message.as_deref().unwrap_or(result.title);
    format!("{place}{} {}{object}: {message}\n", result.word(), result.id)
}
