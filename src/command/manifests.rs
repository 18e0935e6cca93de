//! Manifests as they are judged: their objects, and what is to be said of documents that are none.

use std::io;
use std::path::{Path, PathBuf};

use crate::check::Verdict;
use crate::check::document::{Flaw, flawed};
use crate::model::node::Mark;
use crate::model::object::{Object, Origin};
use crate::source::manifest::{self, Found};
use crate::source::problem::{Kind, Problem};

/// Reads files and folders; `-` is the standard input, which may never end.
pub(super) fn read(inputs: &[PathBuf]) -> (Vec<Object>, Vec<Verdict<'static>>) {
    let (mut objects, mut verdicts) = (Vec::new(), Vec::new());
    manifest::read(inputs, &mut io::stdin().lock(), &mut |found| match found {
        Found::Object(object) => objects.push(object),
        Found::Problem(problem) => verdicts.push(verdict(problem)),
    });
    if objects.is_empty() && verdicts.iter().all(|verdict| verdict.check.id != "HA0001") {
        verdicts.push(nothing(inputs));
    }
    (objects, verdicts)
}

/// A problem of the reader as a verdict.
fn verdict(problem: Problem) -> Verdict<'static> {
    let Problem { path, source, mark, kind, message, hint } = problem;
    let flaw = match kind {
        Kind::Unreadable | Kind::NotText | Kind::NotYaml | Kind::TooLarge | Kind::Template => Flaw::Unread,
        Kind::DuplicateKey => Flaw::Twice,
        Kind::MissingSeparator => Flaw::Joined,
        Kind::NotKubernetes | Kind::Kustomization => Flaw::NoObject,
    };
    let message = hint.map_or_else(|| message.clone(), |hint| format!("{message}; {hint}"));
    flawed(flaw, Origin::File { path, source, mark }, mark, message)
}

/// Green for nothing would be a lie: the first half of a pipe may have failed.
fn nothing(inputs: &[PathBuf]) -> Verdict<'static> {
    let path = inputs.first().map_or(Path::new("-"), PathBuf::as_path).to_string_lossy();
    let origin = Origin::File { path: path.into(), source: None, mark: Mark::default() };
    let what = if inputs == [Path::new("-")] { "the standard input" } else { "what was given" };
    flawed(Flaw::Unread, origin, Mark::default(), format!("there is no Kubernetes object in {what}"))
}
