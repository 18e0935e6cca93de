//! `CheckExplanation`: what a check is about.

use jiff::Timestamp;
use serde::Serialize;

use super::Head;
use crate::check::{Check, catalogue, ignore};

/// A document about one check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckExplanation {
    #[serde(flatten)]
    head: Head,
    /// The check.
    #[serde(flatten)]
    pub item: Explanation,
}

/// A document about several.
#[derive(Clone, Debug, Serialize)]
pub struct CheckExplanationList {
    #[serde(flatten)]
    head: Head,
    /// The checks, by their ids.
    pub items: Vec<Explanation>,
}

/// What a check is about.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Its id.
    pub id: &'static str,
    /// What should be so.
    pub title: &'static str,
    /// How bad it is if it fails, where a result says nothing else.
    pub severity: &'static str,
    /// What it has in common with others.
    pub family: Family,
    /// Why, an example that fails, one that passes, and sources: Markdown.
    pub page: &'static str,
    /// What to put on an object that it shall not count for: YAML.
    pub suppress: String,
}

/// What checks have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Family {
    /// What their ids begin with.
    pub id: &'static str,
    /// What they are about.
    pub title: &'static str,
}

impl Explanation {
    /// What this check is about.
    #[must_use]
    pub fn new(check: &Check) -> Self {
        let family = catalogue::family(check).map(|family| Family { id: family.prefix, title: family.title });
        Self {
            id: check.id,
            title: check.title,
            severity: check.severity.as_str(),
            family: family.unwrap_or(Family { id: "", title: "" }),
            page: check.page,
            suppress: ignore::example(check),
        }
    }
}

impl CheckExplanation {
    /// A document about a check.
    #[must_use]
    pub fn new(at: Timestamp, check: &Check) -> Self {
        Self { head: Head::new("CheckExplanation", at, None), item: Explanation::new(check) }
    }
}

impl CheckExplanationList {
    /// A document about these checks.
    pub fn new<'c>(at: Timestamp, checks: impl IntoIterator<Item = &'c Check>) -> Self {
        let items = checks.into_iter().map(Explanation::new).collect();
        Self { head: Head::new("CheckExplanationList", at, None), items }
    }
}
