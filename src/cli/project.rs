//! `hactl.toml`: what a project says once for all of its runs.
//!
//! ```toml
//! [preflight]
//! select = ["HA02"]
//! skip = ["HA0204"]
//! downgrade = ["HA0201=info"]
//! fail-on = "warning"
//! rto = "15s"
//! ```

use clap::ValueEnum;
use toml_span::value::{Table, ValueInner};
use toml_span::{Span, Value};

use super::check::{FailOn, downgrade};
use super::value;
use crate::check::{Severity, selection};
use crate::error::{Error, Result};
use crate::model::Micros;
use crate::model::near::nearest;

/// The file that is looked for in the current folder.
pub const FILE: &str = "hactl.toml";

/// What a project says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Only these checks.
    pub select: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// Those that count less.
    pub downgrade: Vec<(String, Option<Severity>)>,
    /// From which severity on the answer is no.
    pub fail_on: Option<FailOn>,
    /// The longest outage that is wanted after a crash.
    pub rto: Option<Micros>,
}

/// What is wrong, and where.
type Wrong = (Span, String);

impl Project {
    /// Reads the text of a file of this name.
    ///
    /// # Errors
    ///
    /// Usage (2), with the place: no TOML, a name that nothing has, a value of another kind.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let wrong = |(span, why): Wrong| {
            let (line, column) = position(text, span.start);
            Error::usage(format!("{file}:{line}:{column}: {why}"))
        };
        let mut document = toml_span::parse(text).map_err(|error| wrong((error.span, error.to_string())))?;
        let span = document.span;
        let tables = table(document.take(), span).map_err(wrong)?;
        let mut project = Self::default();
        for (key, mut value) in tables {
            if key.name != "preflight" {
                let why = format!("there is no table {}: settings stand in [preflight]", key.name);
                return Err(wrong((key.span, why)));
            }
            let span = value.span;
            for (key, value) in table(value.take(), span).map_err(wrong)? {
                project.set(&key.name, key.span, value).map_err(wrong)?;
            }
        }
        Ok(project)
    }

    fn set(&mut self, name: &str, span: Span, value: Value<'_>) -> Result<(), Wrong> {
        match name {
            "select" => self.select = texts(value)?.into_iter().map(known).collect::<Result<_, _>>()?,
            "skip" => self.skip = texts(value)?.into_iter().map(known).collect::<Result<_, _>>()?,
            "downgrade" => {
                let read = |(span, text): Wrong| {
                    let (word, severity) = downgrade(&text).map_err(|why| (span, why))?;
                    Ok((known((span, word))?, severity))
                };
                self.downgrade = texts(value)?.into_iter().map(read).collect::<Result<_, _>>()?;
            }
            "fail-on" => {
                let (span, text) = self::text(value)?;
                let expected = |_| (span, "expected \"error\", \"warning\" or \"never\"".to_owned());
                self.fail_on = Some(FailOn::from_str(&text, false).map_err(expected)?);
            }
            "rto" => {
                let (span, text) = text_or_number(value)?;
                self.rto = Some(value::timing(&text).map_err(|why| (span, why))?);
            }
            name => {
                let known = ["select", "skip", "downgrade", "fail-on", "rto"];
                let near = nearest(name, known);
                let near = near.map_or_else(|| known.join(", "), |near| format!("did you mean {near}?"));
                return Err((span, format!("there is no setting {name}: {near}")));
            }
        }
        Ok(())
    }
}

fn table<'t>(value: ValueInner<'t>, span: Span) -> Result<Table<'t>, Wrong> {
    match value {
        ValueInner::Table(table) => Ok(table),
        other => Err((span, format!("expected a table, and not {}", other.type_str()))),
    }
}

fn texts(mut value: Value<'_>) -> Result<Vec<Wrong>, Wrong> {
    match value.take() {
        ValueInner::Array(entries) => entries.into_iter().map(text).collect(),
        other => Err((value.span, format!("expected a list of strings, and not {}", other.type_str()))),
    }
}

/// A word that checks answer to.
fn known((span, word): Wrong) -> Result<String, Wrong> {
    match selection::named(&word).map_err(|unknown| unknown.near) {
        Ok(_) => Ok(word),
        Err(near) if near.is_empty() => Err((span, format!("there is no check {word:?}: hactl explain lists all"))),
        Err(near) => Err((span, format!("there is no check {word:?}: did you mean {}?", near.join(", ")))),
    }
}

/// A string with its place, or a bare number as flags take it.
fn text_or_number(mut value: Value<'_>) -> Result<Wrong, Wrong> {
    match value.take() {
        ValueInner::String(text) => Ok((value.span, text.into_owned())),
        ValueInner::Integer(number) => Ok((value.span, number.to_string())),
        other => Err((value.span, format!("expected a string or a number, and not {}", other.type_str()))),
    }
}

/// A string with its place.
fn text(mut value: Value<'_>) -> Result<Wrong, Wrong> {
    match value.take() {
        ValueInner::String(text) => Ok((value.span, text.into_owned())),
        other => Err((value.span, format!("expected a string, and not {}", other.type_str()))),
    }
}

/// The line and the column of a place, from 1, in characters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[begin..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let error = Project::parse("hactl.toml", text).expect_err(text);
        assert_eq!(error.exit, crate::error::Exit::Usage);
        error.message
    }

    #[test]
    fn a_project_says_what_flags_would() {
        let text = "# ours\n[preflight]\nselect = ['HA02']\nskip = [\n  \"HA0204\",\n]\ndowngrade = [\"HA0201=info\", \"HA0202\"]\nfail-on = \"warning\"\nrto = \"1m30s\"\n";
        let expected = Project {
            select: vec!["HA02".to_owned()],
            skip: vec!["HA0204".to_owned()],
            downgrade: vec![("HA0201".to_owned(), Some(Severity::Info)), ("HA0202".to_owned(), None)],
            fail_on: Some(FailOn::Warning),
            rto: Some(Micros::from_secs(90)),
        };
        assert_eq!(Project::parse("hactl.toml", text), Ok(expected));
        assert_eq!(Project::parse("hactl.toml", ""), Ok(Project::default()));
        let seconds = Project::parse("hactl.toml", "[preflight]\nrto = 30\n").expect("a number of seconds");
        assert_eq!(seconds.rto, Some(Micros::from_secs(30)));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            ("[preflight]\nskipp = []", "hactl.toml:2:1: there is no setting skipp: did you mean skip?"),
            ("[preflight]\nskip = \"HA0204\"", "hactl.toml:2:9: expected a list of strings, and not string"),
            ("[preflight]\n\n# é\nskip = ['é', 4]", "hactl.toml:4:14: expected a string, and not integer"),
            ("[preflight]\nfail-on = \"info\"", "hactl.toml:2:12: expected \"error\", \"warning\" or \"never\""),
            (
                "[preflight]\nselect = ['HA02', 'budgets']",
                "hactl.toml:2:20: there is no check \"budgets\": hactl explain lists all",
            ),
            ("[preflight]\nrto = true", "hactl.toml:2:7: expected a string or a number, and not boolean"),
            ("[doctor]\n", "hactl.toml:1:2: there is no table doctor: settings stand in [preflight]"),
            ("preflight = 1", "hactl.toml:1:13: expected a table, and not integer"),
        ] {
            assert_eq!(wrong(text), told);
        }
        assert!(wrong("[preflight]\nskip = [").starts_with("hactl.toml:2:"), "{}", wrong("[preflight]\nskip = ["));
        assert!(wrong("[preflight]\nrto = \"soon\"").starts_with("hactl.toml:2:8: expected a duration"));
        for (text, start) in [
            ("[preflight]\nskip = [\n  'HA0231']", "hactl.toml:3:4: there is no check \"HA0231\": did you mean HA02"),
            (
                "[preflight]\ndowngrade = ['HA0231=info']",
                "hactl.toml:2:15: there is no check \"HA0231\": did you mean HA02",
            ),
            ("[preflight]\nrto = 0", "hactl.toml:2:7: expected a duration above zero"),
        ] {
            assert!(wrong(text).starts_with(start), "{}", wrong(text));
        }
        assert!(wrong("[preflight]\ndowngrade = ['HA02=error']").contains(":2:15: expected ID, ID=info"));
    }
}
