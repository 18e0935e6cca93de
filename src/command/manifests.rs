//! Manifests as they are judged: their objects, and what is to be said of documents that are none.

use std::io;
use std::path::{Path, PathBuf};
use std::slice;

use crate::check::Verdict;
use crate::check::document::{Flaw, flawed};
use crate::model::node::Mark;
use crate::model::object::{Object, Origin};
use crate::source::manifest::{self, Found};
use crate::source::problem::{Kind, Problem};

/// Reads files and folders; `-` is the standard input, which may never end.
///
/// What is named is expected to hold something, and green for nothing would be a lie: the first half of a pipe may have
/// failed. In a folder a file may well have nothing but comments.
pub(super) fn read(inputs: &[PathBuf]) -> (Vec<Object>, Vec<Verdict<'static>>) {
    let (mut objects, mut verdicts) = (Vec::new(), Vec::new());
    for (index, input) in inputs.iter().enumerate() {
        // The standard input has been read to its end.
        if is_stdin(input) && inputs[..index].contains(input) {
            continue;
        }
        let before = objects.len() + verdicts.len();
        manifest::read(slice::from_ref(input), &mut io::stdin().lock(), &mut |found| match found {
            Found::Object(object) => objects.push(object),
            Found::Problem(problem) => verdicts.push(verdict(problem)),
        });
        if objects.len() + verdicts.len() == before {
            verdicts.push(nothing(input, if is_stdin(input) { "the standard input" } else { "it" }));
        }
    }
    if objects.is_empty() && verdicts.iter().all(|verdict| verdict.check.id != "HA0001") {
        verdicts.push(nothing(inputs.first().map_or(Path::new("-"), PathBuf::as_path), "what was given"));
    }
    (objects, verdicts)
}

fn is_stdin(input: &Path) -> bool {
    input == Path::new("-")
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

/// That an input holds nothing that could be judged.
fn nothing(input: &Path, what: &str) -> Verdict<'static> {
    let origin = Origin::File { path: input.to_string_lossy().into(), source: None, mark: Mark::default() };
    flawed(Flaw::Unread, origin, Mark::default(), format!("there is no Kubernetes object in {what}"))
}
