//! All checks there are. An id is never used again for anything else.

use std::fmt;

use super::rule;
use super::scene::Scene;
use super::verdict::Verdicts;

/// How bad it is if a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It weakens what is meant to be highly available.
    Warning,
    /// By itself it makes the next failover, roll-out or drain fail, or makes two leaders.
    Error,
}

/// Something that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// `HA`, two digits for the family, and two more.
    pub id: &'static str,
    /// How bad it is where a verdict says nothing else.
    pub severity: Severity,
    /// What should be so, in one line.
    pub title: &'static str,
    /// The page that explains it: why, an example that fails, one that passes, and sources. Markdown.
    pub page: &'static str,
    pub(super) judge: fn(&Scene<'_>, &mut Verdicts<'_>),
}

/// What checks have in common.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What their ids begin with.
    pub prefix: &'static str,
    /// What they are about.
    pub title: &'static str,
    /// They.
    pub checks: &'static [Check],
}

/// The families, by their prefixes.
pub static FAMILIES: &[Family] =
    &[Family { prefix: "HA02", title: "drains and roll-outs", checks: rule::budget::CHECKS }];

/// All of them, by their ids.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().flat_map(|family| family.checks)
}

/// The checks that a word means: the id of one, or the prefix of a family. None where it means nothing.
#[must_use]
pub fn named(word: &str) -> Vec<&'static Check> {
    let word = word.to_ascii_uppercase();
    let family = FAMILIES.iter().any(|family| family.prefix == word);
    all().filter(|check| check.id == word || (family && check.id.starts_with(&word))).collect()
}

impl Severity {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
