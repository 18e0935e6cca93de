//! `CheckBaseline`: the findings that are known, for later runs to leave out.

use jiff::Timestamp;
use serde::Serialize;

use super::{CheckReport, Head, Outcome};
use crate::check::baseline::KIND;

/// The findings of a run.
#[derive(Clone, Debug, Serialize)]
pub struct CheckBaseline {
    #[serde(flatten)]
    head: Head,
    /// The findings. Only the fingerprints are read again; the rest says what they stand for.
    pub items: Vec<Item>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is known by again.
    pub fingerprint: String,
    /// Its check.
    pub id: &'static str,
    /// Its object, or its file where there is none.
    pub object: String,
    /// Its field.
    pub field: Option<String>,
    /// What is so.
    pub message: Option<String>,
}

impl CheckBaseline {
    /// All that failed.
    #[must_use]
    pub fn new(at: Timestamp, report: &CheckReport) -> Self {
        let failed = report.results.iter().filter(|result| result.outcome == Outcome::Fail);
        let failed = failed.filter_map(|result| Some((result, result.fingerprint.clone()?)));
        let item = |(result, fingerprint): (&super::CheckResult, String)| Item {
            fingerprint,
            id: result.id,
            object: result.subject(),
            field: result.place.field.clone(),
            message: result.message.as_deref().map(str::to_owned),
        };
        Self { head: Head::new(KIND, at, None), items: failed.map(item).collect() }
    }
}
