//! One result.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::check::baseline::fingerprint;
use crate::check::verdict::{Name, Spot};
use crate::check::{self, Severity, Verdict, Waiver};
use crate::model::node::Mark;
use crate::model::object::Origin;
use crate::report::make_printable;

/// What a check says of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    /// The check's id.
    pub id: &'static str,
    /// What should be so.
    pub title: &'static str,
    /// How bad it is if it fails: `error`, `warning` or `info`.
    pub severity: &'static str,
    /// The same.
    #[serde(skip)]
    pub level: Severity,
    /// What came of it.
    pub outcome: Outcome,
    /// The object; `null` where it is about a document that is none, or about a file.
    pub object: Option<ObjectName>,
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: Place,
    /// What is so, and what follows; `null` where it passed.
    pub message: Option<Cow<'static, str>>,
    /// What to paste: YAML.
    pub fix: Option<String>,
    /// What tells more.
    pub docs: Docs,
    /// Why a failure does not count.
    pub suppression: Option<Suppression>,
    /// What a failure is known by again when lines have moved.
    pub fingerprint: Option<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// It does not apply, or does not count.
    Skipped,
    /// It could not be looked at.
    Unknown,
}

/// What identifies an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ObjectName {
    /// Its kind.
    pub kind: Arc<str>,
    /// Its namespace; `null` where it names none.
    pub namespace: Option<Arc<str>>,
    /// Its name; empty, and `null` in JSON, where it has `generateName` instead, or all of a kind could not be read.
    #[serde(serialize_with = "known")]
    pub name: Arc<str>,
}

fn known<S: Serializer>(name: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    Some(&**name).filter(|name| !name.is_empty()).serialize(serializer)
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file as it was given; `-` for the standard input, `null` for a cluster.
    pub file: Option<Arc<str>>,
    /// From 1.
    pub line: Option<u32>,
    /// In characters, from 1.
    pub column: Option<u32>,
    /// The field: `spec.template.spec.containers[0].args[1]`; `null` for the object as a whole.
    pub field: Option<String>,
    /// The template that made the document, by Helm's comment `# Source:`.
    pub source: Option<Arc<str>>,
}

/// Why a failure does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// `annotation` or `baseline`.
    pub by: &'static str,
    /// What the annotation says.
    pub reason: Option<String>,
    /// The last day on which it counts, in UTC: `2027-01-31`.
    pub until: Option<String>,
}

impl CheckResult {
    pub(super) fn new(verdict: Verdict<'_>) -> Self {
        let counted = verdict.outcome == check::Outcome::Fail || verdict.waiver.is_some();
        let fingerprint = counted.then(|| fingerprint(&verdict));
        let Verdict { check, severity, spot, message, fix, waiver, outcome } = verdict;
        let outcome = match outcome {
            check::Outcome::Pass => Outcome::Pass,
            check::Outcome::Fail => Outcome::Fail,
            check::Outcome::Skipped => Outcome::Skipped,
            check::Outcome::Unknown => Outcome::Unknown,
        };
        Self {
            id: check.id,
            title: check.title,
            severity: severity.as_str(),
            level: severity,
            outcome,
            object: object(&spot.object),
            place: Place::new(spot),
            message: Some(message).filter(|message| !message.is_empty()),
            fix,
            docs: Docs(check.id),
            suppression: waiver.as_ref().map(Suppression::new),
            fingerprint,
        }
    }

    /// What results are sorted by: file and line, then the check; what is about nothing in particular comes last.
    pub(super) fn order(&self) -> impl Ord + use<'_> {
        let about_nothing = self.object.is_none() && self.place.file.is_none();
        (
            about_nothing,
            &self.place.file,
            self.place.line,
            self.place.column,
            self.id,
            &self.object,
            &self.place,
            &self.message,
        )
    }

    /// The word for what came of it: the severity where it failed.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Fail => self.severity,
            outcome => outcome.as_str(),
        }
    }

    /// What people look at first: errors, then warnings, what is unknown, and the rest.
    #[must_use]
    pub fn urgency(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }

    fn rank(&self) -> u8 {
        match (self.outcome, self.level) {
            (Outcome::Fail, Severity::Error) => 0,
            (Outcome::Fail, Severity::Warning) => 1,
            (Outcome::Unknown, _) => 2,
            (Outcome::Fail, Severity::Info) => 3,
            (Outcome::Skipped, _) => 4,
            (Outcome::Pass, _) => 5,
        }
    }

    /// The object, or the file where there is none: `poddisruptionbudget/payments`.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.object {
            Some(object) => object.to_string(),
            None => self.place.file.as_deref().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn make_printable(&mut self) {
        let Place { file, field, source, .. } = &mut self.place;
        let reason = self.suppression.as_mut().map(|suppression| &mut suppression.reason);
        let message = self.message.as_mut().map(Cow::to_mut);
        message.into_iter().chain(field).chain(reason.into_iter().flatten()).for_each(make_printable);
        let object = self.object.iter_mut();
        let object =
            object.flat_map(|object| [Some(&mut object.kind), object.namespace.as_mut(), Some(&mut object.name)]);
        for text in [file, source].into_iter().flatten().chain(object.flatten()) {
            let mut own = text.to_string();
            make_printable(&mut own);
            if *own != **text {
                *text = own.into();
            }
        }
        // A fix has lines, which are not what is meant here.
        if let Some(fix) = &mut self.fix {
            let lines = fix.split('\n').map(|line| {
                let mut line = line.to_owned();
                make_printable(&mut line);
                line
            });
            *fix = lines.collect::<Vec<_>>().join("\n");
        }
    }
}

/// What to type to be told more of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Docs(&'static str);

impl fmt::Display for Docs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hactl explain {}", self.0)
    }
}

impl Serialize for Docs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Outcome {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ObjectName {
    /// `poddisruptionbudget/payments`, as kubectl names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_ascii_lowercase(), self.name)
    }
}

impl Place {
    fn new(spot: Spot) -> Self {
        let (file, source, begin) = match &spot.object.origin {
            Origin::Live => (None, None, Mark::default()),
            Origin::File { path, source, mark } => (Some(path.clone()), source.clone(), *mark),
        };
        let mark = if spot.mark == Mark::default() { begin } else { spot.mark };
        let known = |number: u32| (number > 0).then_some(number);
        let field = Some(spot.field).filter(|field| !field.is_empty());
        Self { file, line: known(mark.line), column: known(mark.column), field, source }
    }

    /// `file:line:column`, as far as it is known; nothing for a cluster.
    #[must_use]
    pub fn position(&self) -> String {
        let mut text = self.file.as_deref().unwrap_or_default().to_owned();
        for number in [self.line, self.column].into_iter().flatten() {
            text.push_str(&format!(":{number}"));
        }
        text
    }
}

impl Suppression {
    fn new(waiver: &Waiver) -> Self {
        match waiver {
            Waiver::Annotation { reason, until } => {
                Self { by: "annotation", reason: Some(reason.clone()), until: until.map(|until| until.to_string()) }
            }
            Waiver::Baseline => Self { by: "baseline", reason: None, until: None },
        }
    }
}

fn object(name: &Name) -> Option<ObjectName> {
    let Name { kind, namespace, name, .. } = name;
    (!kind.is_empty()).then(|| ObjectName { kind: kind.clone(), namespace: namespace.clone(), name: name.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_is_not_known_is_null() {
        let named = |name: &str| serde_json::to_value(object(&Name::live("Deployment", "n", name))).expect("JSON");
        assert_eq!(named(""), json!({"kind": "Deployment", "namespace": "n", "name": null}));
        assert_eq!(named("x"), json!({"kind": "Deployment", "namespace": "n", "name": "x"}));
    }
}
