//! Which checks are wanted, and how much their failures count.

use std::collections::HashMap;

use super::catalogue::{self, Check, Severity};
use super::verdict::Verdict;

/// What is said of the reading is not left out because other checks were asked for: who asks whether a budget is sound has
/// to know that its file could not be read.
const READING: &str = "HA00";

/// From which severity on a failure makes the answer no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Errors.
    #[default]
    Error,
    /// Errors and warnings.
    Warning,
    /// Nothing.
    Never,
}

/// Checks, and those of them that count less.
#[derive(Clone, Debug)]
pub struct Selection {
    checks: Vec<&'static Check>,
    /// To which severity; one less where none is said.
    downgrades: HashMap<&'static str, Option<Severity>>,
}

/// A word that no check and no family answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The word.
    pub word: String,
    /// What comes closest.
    pub near: Vec<&'static str>,
}

impl FailOn {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Never => "never",
        }
    }

    /// Whether a failure of this severity makes the answer no.
    #[must_use]
    pub fn counts(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Never => false,
        }
    }
}

impl Selection {
    /// Those of `select`, or all where it is empty, without those of `skip`; those of `downgrade` count less. Each is told
    /// by an id, or by the prefix of a family.
    ///
    /// # Errors
    ///
    /// The first word that means nothing.
    pub fn new(select: &[String], skip: &[String], downgrade: &[(String, Option<Severity>)]) -> Result<Self, Unknown> {
        let (select, skip) = (checks(select)?, checks(skip)?);
        let wanted = |check: &&'static Check| {
            let asked = select.is_empty() || check.id.starts_with(READING) || is_in(&select, check);
            asked && !is_in(&skip, check)
        };
        let mut downgrades = HashMap::new();
        for (word, severity) in downgrade {
            downgrades.extend(named(word)?.into_iter().map(|check| (check.id, *severity)));
        }
        Ok(Self { checks: catalogue::all().filter(wanted).collect(), downgrades })
    }

    /// The checks that are wanted, by their ids.
    #[must_use]
    pub fn checks(&self) -> &[&'static Check] {
        &self.checks
    }

    /// Whether a check is wanted.
    #[must_use]
    pub fn has(&self, check: &Check) -> bool {
        is_in(&self.checks, check)
    }

    /// Leaves out verdicts of checks that are not wanted, and takes the severity of those that count less.
    pub fn narrow(&self, verdicts: &mut Vec<Verdict<'_>>) {
        verdicts.retain(|verdict| self.has(verdict.check));
        for verdict in verdicts {
            if let Some(to) = self.downgrades.get(verdict.check.id) {
                let less = if verdict.severity == Severity::Error { Severity::Warning } else { Severity::Info };
                verdict.severity = verdict.severity.min(to.unwrap_or(less));
            }
        }
    }
}

fn is_in(checks: &[&Check], check: &Check) -> bool {
    checks.iter().any(|other| other.id == check.id)
}

fn checks(words: &[String]) -> Result<Vec<&'static Check>, Unknown> {
    let named: Result<Vec<_>, _> = words.iter().map(|word| named(word)).collect();
    Ok(named?.concat())
}

/// The checks that a word means, or what is close to it.
///
/// # Errors
///
/// Where it means none.
pub fn named(word: &str) -> Result<Vec<&'static Check>, Unknown> {
    let named = catalogue::named(word.trim());
    if named.is_empty() { Err(Unknown { word: word.to_owned(), near: catalogue::near(word) }) } else { Ok(named) }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Flaw, flawed};
    use super::*;
    use crate::model::node::Mark;
    use crate::model::object::Origin;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn ids(select: &[&str], skip: &[&str]) -> Vec<&'static str> {
        let selection = Selection::new(&words(select), &words(skip), &[]).expect("known");
        selection.checks().iter().map(|check| check.id).collect()
    }

    #[test]
    fn checks_are_told_by_id_and_by_family() {
        let all: Vec<_> = catalogue::all().map(|check| check.id).collect();
        assert_eq!(ids(&[], &[]), all);
        assert_eq!(ids(&["ha0201"], &["HA00"]), ["HA0201"]);
        let family = all.iter().copied().filter(|id| id.starts_with("HA02") && !["HA0202", "HA0204"].contains(id));
        assert_eq!(ids(&["HA02", "HA0201"], &["HA00", "HA0202", "HA0204"]), family.collect::<Vec<_>>());
        assert!(ids(&["HA0201"], &[]).contains(&"HA0001"), "what could not be read is always said");
        assert!(!ids(&["HA0201"], &["HA0001"]).contains(&"HA0001"), "but where it is left out by name");
    }

    #[test]
    fn an_unknown_word_is_told_with_what_is_close() {
        let unknown = Selection::new(&[], &words(&["HA0201", "HA0221"]), &[]).expect_err("unknown");
        assert_eq!(unknown.word, "HA0221");
        assert!(unknown.near.contains(&"HA0201") && unknown.near.len() == 3, "{unknown:?}");
        assert_eq!(named("budgets").expect_err("unknown").near, Vec::<&str>::new());
    }

    #[test]
    fn what_is_downgraded_counts_less_and_never_more() {
        let severity = |word: &str, to: Option<Severity>| {
            let selection = Selection::new(&[], &[], &[(word.to_owned(), to)]).expect("known");
            let mut verdicts = vec![flawed(Flaw::Twice, Origin::Live, Mark::default(), String::new())];
            selection.narrow(&mut verdicts);
            verdicts[0].severity
        };
        assert_eq!(severity("HA0002", None), Severity::Warning);
        assert_eq!(severity("HA00", Some(Severity::Info)), Severity::Info);
        assert_eq!(severity("HA0003", Some(Severity::Info)), Severity::Error);
        let selection = Selection::new(&[], &[], &[("HA0005".to_owned(), Some(Severity::Error))]).expect("known");
        let mut verdicts = vec![flawed(Flaw::NoObject, Origin::Live, Mark::default(), String::new())];
        selection.narrow(&mut verdicts);
        assert_eq!(verdicts[0].severity, Severity::Info);
        let without = Selection::new(&[], &words(&["HA0004"]), &[]).expect("known");
        without.narrow(&mut verdicts);
        assert!(verdicts.is_empty());
    }

    #[test]
    fn what_counts_is_at_or_above() {
        use Severity::{Error, Info, Warning};
        let counts = |fail_on: FailOn| [Error, Warning, Info].map(|severity| fail_on.counts(severity));
        assert_eq!(counts(FailOn::Error), [true, false, false]);
        assert_eq!(counts(FailOn::Warning), [true, true, false]);
        assert_eq!(counts(FailOn::Never), [false; 3]);
    }
}
