//! JUnit: a suite for each check, a case for each object.
//!
//! What does not make the answer no is no failure here either: the number of failures is what the exit code says.
//! <https://github.com/testmoapp/junitxml> gathers what tools agree on.

use super::{suppressed, table};
use crate::report::check_report::{CheckReport, CheckResult, Outcome};
use crate::view::Style;
use crate::view::markup::Markup;

/// One document.
#[must_use]
pub fn junit(report: &CheckReport) -> String {
    let mut suites: Vec<(&CheckResult, Vec<&CheckResult>)> = Vec::new();
    let mut results: Vec<_> = report.results.iter().collect();
    // Stable: in a suite the cases keep the order of their places.
    results.sort_by_key(|result| result.id);
    for result in results {
        match suites.last_mut() {
            Some((first, cases)) if first.id == result.id => cases.push(result),
            _ => suites.push((result, vec![result])),
        }
    }
    let mut xml = Markup::default();
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<_> = report.results.iter().collect();
    let [tests, failures, errors, skipped] = counts(report, &all);
    xml.element(
        "testsuites",
        &[("name", &"hactl"), ("tests", &tests), ("failures", &failures), ("errors", &errors), ("skipped", &skipped)],
        |xml| {
            for (check, cases) in &suites {
                suite(report, check, cases, xml);
            }
        },
    );
    xml.finish()
}

/// How many cases, failures, errors and skipped ones.
fn counts(report: &CheckReport, cases: &[&CheckResult]) -> [usize; 4] {
    let count = |is: &dyn Fn(&CheckResult) -> bool| cases.iter().filter(|case| is(case)).count();
    [
        cases.len(),
        count(&|case| report.counts(case)),
        count(&|case| case.outcome == Outcome::Unknown),
        count(&|case| case.outcome == Outcome::Skipped),
    ]
}

fn suite(report: &CheckReport, check: &CheckResult, cases: &[&CheckResult], xml: &mut Markup) {
    let [tests, failures, errors, skipped] = counts(report, cases);
    let name = format!("{} {}", check.id, check.title);
    xml.element(
        "testsuite",
        &[("name", &name), ("tests", &tests), ("failures", &failures), ("errors", &errors), ("skipped", &skipped)],
        |xml| {
            for case in cases {
                self::case(report, case, xml);
            }
        },
    );
}

fn case(report: &CheckReport, case: &CheckResult, xml: &mut Markup) {
    let namespace = case.object.as_ref().and_then(|object| object.namespace.as_ref());
    let namespace = namespace.map_or_else(String::new, |namespace| format!("{namespace}/"));
    let name = format!("{namespace}{}", case.subject());
    let (file, line) = (case.place.file.as_deref().unwrap_or_default(), case.place.line.unwrap_or(0));
    let mut attributes: Vec<(&'static str, &dyn std::fmt::Display)> = vec![("classname", &case.id), ("name", &name)];
    if case.place.file.is_some() {
        attributes.push(("file", &file));
    }
    if case.place.line.is_some() {
        attributes.push(("line", &line));
    }
    let message = suppressed(case).or_else(|| case.message.as_deref().map(str::to_owned)).unwrap_or_default();
    xml.element("testcase", &attributes, |xml| match case.outcome {
        Outcome::Unknown => {
            xml.leaf("error", &[("message", &message), ("type", &"unknown")], table::told(case, Style::default()));
        }
        Outcome::Fail if report.counts(case) => {
            let told = table::told(case, Style::default());
            xml.leaf("failure", &[("message", &message), ("type", &case.severity)], told);
        }
        Outcome::Fail => {
            xml.leaf("system-out", &[], table::told(case, Style::default()));
        }
        Outcome::Skipped => {
            xml.empty("skipped", &[("message", &message)]);
        }
        Outcome::Pass => {}
    });
}
