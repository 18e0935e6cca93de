//! `CheckReport`: what was checked, and what came of it.

mod baseline;
mod explanation;
mod result;

use jiff::Timestamp;
use serde::Serialize;

use super::{API_VERSION, Instant};
use crate::check::{Check, FailOn, Severity, Verdict};
use crate::error::Exit;

pub use baseline::CheckBaseline;
pub use explanation::{CheckExplanation, CheckExplanationList, Explanation};
pub use result::{CheckResult, ObjectName, Outcome, Place, Suppression};

/// What every document begins with.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    context: Option<String>,
}

impl Head {
    const fn new(kind: &'static str, at: Timestamp, context: Option<String>) -> Self {
        Self { api_version: API_VERSION, kind, generated_at: Instant(at), context }
    }
}

/// A document about checks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    #[serde(flatten)]
    head: Head,
    /// From which severity on a failure makes the answer no.
    pub fail_on: &'static str,
    /// How many of each.
    pub summary: Summary,
    /// By file and line, and there by check.
    pub results: Vec<CheckResult>,
    /// What was asked: the checks that were wanted, for formats that list them.
    #[serde(skip)]
    pub checks: Vec<Explanation>,
    #[serde(skip)]
    threshold: FailOn,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Failures that are errors.
    pub errors: usize,
    /// Failures that are warnings.
    pub warnings: usize,
    /// Failures that are worth knowing.
    pub infos: usize,
    /// Passed.
    pub passed: usize,
    /// Does not apply, or could not be known from what was given; also what is suppressed.
    pub skipped: usize,
    /// Could not be looked at.
    pub unknown: usize,
    /// Failures among the skipped ones: suppressed by an annotation, or known from a baseline.
    pub suppressed: usize,
}

impl CheckReport {
    /// A document about these verdicts of these checks.
    #[must_use]
    pub fn new(
        at: Timestamp,
        context: Option<String>,
        checks: &[&Check],
        fail_on: FailOn,
        verdicts: Vec<Verdict<'_>>,
    ) -> Self {
        let mut results: Vec<_> = verdicts.into_iter().map(CheckResult::new).collect();
        results.sort_by(|one, other| one.order().cmp(&other.order()));
        let mut summary = Summary::default();
        for result in &results {
            summary.add(result);
        }
        let checks = checks.iter().map(|check| Explanation::new(check)).collect();
        let head = Head::new("CheckReport", at, context);
        Self { head, fail_on: fail_on.as_str(), summary, results, checks, threshold: fail_on }
    }

    /// The exit code: the same for every format.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.results.iter().any(|result| self.counts(result)) {
            Exit::No
        } else if self.summary.unknown > 0 {
            Exit::Unknown
        } else {
            Exit::Success
        }
    }

    /// Whether a result makes the answer no.
    #[must_use]
    pub fn counts(&self, result: &CheckResult) -> bool {
        result.outcome == Outcome::Fail && self.threshold.counts(result.level)
    }

    /// Takes out what a terminal would obey: names and annotations are texts that anybody may have written.
    pub fn make_printable(&mut self) {
        for result in &mut self.results {
            result.make_printable();
        }
    }
}

impl Summary {
    fn add(&mut self, result: &CheckResult) {
        self.suppressed += usize::from(result.suppression.is_some());
        let count = match (result.outcome, result.level) {
            (Outcome::Fail, Severity::Error) => &mut self.errors,
            (Outcome::Fail, Severity::Warning) => &mut self.warnings,
            (Outcome::Fail, Severity::Info) => &mut self.infos,
            (Outcome::Pass, _) => &mut self.passed,
            (Outcome::Skipped, _) => &mut self.skipped,
            (Outcome::Unknown, _) => &mut self.unknown,
        };
        *count += 1;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::document::{Flaw, flawed};
    use crate::check::{Scene, Selection, Waiver, catalogue, judge};
    use crate::model::node::{Mark, Node};
    use crate::model::object::{Object, Origin};

    fn at(path: &str, line: u32) -> Origin {
        Origin::File {
            path: path.into(),
            source: Some("chart/templates/x.yaml".into()),
            mark: Mark { line, column: 1 },
        }
    }

    /// A report of which errors count.
    pub(crate) fn strict() -> CheckReport {
        report(FailOn::Error)
    }

    /// A report of which nothing counts.
    pub(crate) fn lenient() -> CheckReport {
        report(FailOn::Never)
    }

    /// A budget that leaves no room, on a file's line 9, a document that cannot be read before it, a field that is there
    /// twice behind it, and a failure that is suppressed.
    fn report(fail_on: FailOn) -> CheckReport {
        let budget = json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "x|y", "namespace": "n"},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}},
        });
        let web = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "n"},
            "spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": "x"}}}},
        });
        let object = |json: &Value, line| Object::new(Node::from(json), at("a b.yaml", line)).expect("an object");
        let objects = [object(&web, 20), object(&budget, 9)];
        let budgets = ["HA00", "HA0201", "HA0202", "HA0204", "HA0205", "HA0206"].map(str::to_owned);
        let selection = Selection::new(&budgets, &[], &[]).expect("known");
        let mut verdicts = judge(&Scene::new(&objects), selection.checks().iter().copied());
        let bad = Mark { line: 3, column: 5 };
        verdicts.push(flawed(
            Flaw::Twice,
            at("a b.yaml", 30),
            Mark { line: 31, column: 3 },
            "app is there twice".into(),
        ));
        verdicts.push(flawed(Flaw::Unread, at("a b.yaml", 1), bad, "a tab in the indentation\u{1b}[2J".into()));
        let mut known = flawed(Flaw::Joined, at("b.yaml", 1), Mark { line: 8, column: 1 }, "two in one".into());
        known.outcome = crate::check::Outcome::Skipped;
        known.waiver = Some(Waiver::Annotation { reason: "by design".into(), until: "2027-01-31".parse().ok() });
        verdicts.push(known);
        let at = "2026-11-21T12:00:00Z".parse().expect("a time");
        CheckReport::new(at, None, selection.checks(), fail_on, verdicts)
    }

    #[test]
    fn the_document_is_the_contracts() {
        let report = serde_json::to_value(report(FailOn::Error)).expect("JSON");
        assert_eq!(report["kind"], "CheckReport");
        assert_eq!((&report["context"], &report["failOn"]), (&Value::Null, &json!("error")));
        let summary = &report["summary"];
        assert_eq!(
            (&summary["errors"], &summary["unknown"], &summary["suppressed"]),
            (&json!(2), &json!(1), &json!(1))
        );
        let results = report["results"].as_array().expect("results");
        let of = |id: &str| results.iter().find(|result| result["id"] == id && result["outcome"] == "fail");
        let budget = of("HA0201").expect("a failure");
        assert_eq!(budget["object"], json!({"kind": "PodDisruptionBudget", "namespace": "n", "name": "x|y"}));
        assert_eq!(budget["severity"], "error");
        assert_eq!(budget["where"]["field"], "spec.minAvailable");
        assert_eq!(budget["where"]["file"], "a b.yaml");
        assert_eq!(budget["where"]["source"], "chart/templates/x.yaml");
        assert_eq!(budget["docs"], "hactl explain HA0201");
        assert!(budget["fix"].as_str().is_some_and(|fix| fix.contains("maxUnavailable: 1")));
        let unread = results.iter().find(|result| result["outcome"] == "unknown").expect("unknown");
        assert_eq!((&unread["object"], &unread["fix"]), (&Value::Null, &Value::Null));
        assert_eq!((&unread["where"]["line"], &unread["where"]["column"]), (&json!(3), &json!(5)));
        let mut fields: Vec<Vec<_>> =
            results.iter().map(|result| result.as_object().expect("a map").keys().collect()).collect();
        fields.dedup();
        assert_eq!(fields.len(), 1, "no field comes or goes with the data");
    }

    #[test]
    fn results_stand_in_the_order_of_their_places() {
        let places: Vec<_> =
            report(FailOn::Error).results.iter().map(|r| (r.place.file.clone(), r.place.line, r.id)).collect();
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn findings_win_over_unknown_and_nothing_over_both() {
        let exit = |fail_on, keep: fn(&CheckResult) -> bool| {
            let mut report = report(fail_on);
            report.results.retain(keep);
            let mut summary = Summary::default();
            report.results.iter().for_each(|result| summary.add(result));
            report.summary = summary;
            report.exit()
        };
        assert_eq!(exit(FailOn::Error, |_| true), Exit::No);
        assert_eq!(exit(FailOn::Never, |_| true), Exit::Unknown);
        assert_eq!(exit(FailOn::Warning, |result| result.outcome != Outcome::Fail), Exit::Unknown);
        assert_eq!(exit(FailOn::Never, |result| result.outcome != Outcome::Unknown), Exit::Success);
        assert_eq!(exit(FailOn::Error, |result| result.outcome == Outcome::Skipped), Exit::Success);
        assert_eq!(catalogue::FAMILIES[0].prefix, "HA00");
    }
}
