//! All checks there are. An id is never used again for anything else.

use std::fmt;

use super::document;
use super::rule;
use super::scene::Scene;
use super::verdict::Verdicts;
use crate::model::near::likeness;

/// So many ids are named where one is not known.
const NEAR: usize = 3;

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
pub static FAMILIES: &[Family] = &[
    Family { prefix: "HA00", title: "what was read", checks: document::CHECKS },
    Family { prefix: "HA01", title: "leaders and standbys", checks: rule::LEADERS },
    Family { prefix: "HA02", title: "drains and roll-outs", checks: rule::DRAINS },
    Family { prefix: "HA03", title: "rights", checks: rule::rights::CHECKS },
    Family { prefix: "HA04", title: "timing", checks: rule::timing::CHECKS },
    Family { prefix: "HA05", title: "identity and Leases", checks: rule::identity::CHECKS },
    Family { prefix: "HA06", title: "volumes and resources", checks: rule::FOUNDATIONS },
    Family { prefix: "HA07", title: "traffic", checks: rule::TRAFFIC },
    Family { prefix: "HA08", title: "klag-exporter", checks: rule::klag::CHECKS },
    Family { prefix: "HA09", title: "what is so now", checks: rule::now::CHECKS },
];

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

/// The family of a check.
#[must_use]
pub fn family(check: &Check) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| check.id.starts_with(family.prefix))
}

/// The ids that a word comes closest to, the closest first.
#[must_use]
pub fn near(word: &str) -> Vec<&'static str> {
    let word = word.to_ascii_uppercase();
    let families = FAMILIES.iter().map(|family| family.prefix);
    // Whoever has typed a whole id means a check.
    let families = families.filter(|prefix| word.len() <= prefix.len());
    let ids = all().map(|check| check.id).chain(families);
    let mut near: Vec<_> = ids.filter_map(|id| Some((likeness(&word, id)?, id))).collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    near.into_iter().take(NEAR).map(|(_, id)| id).collect()
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
