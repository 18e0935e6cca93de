//! `hactl preflight`: manifests, judged before they are applied.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use super::checked::{Terms, tell};
use crate::check::document::{Flaw, flawed};
use crate::check::{Scene, Verdict, judge};
use crate::cli::preflight::Preflight;
use crate::error::{Error, Exit, Result};
use crate::model::node::Mark;
use crate::model::object::{Object, Origin};
use crate::report::check_report::{CheckBaseline, CheckReport};
use crate::source::manifest::{self, Found};
use crate::source::problem::{Kind, Problem};
use crate::terminal::{Progress, Terminal};

/// Runs `hactl preflight`.
///
/// # Errors
///
/// Where there is nothing to read, or what is asked makes no sense.
pub async fn run(args: &Preflight, terminal: Terminal) -> Result<Exit> {
    let inputs = inputs(args)?;
    let terms = Terms::read(&args.checks)?;
    let write_baseline = args.checks.write_baseline.is_some();
    // Off the thread that listens for Ctrl-C: a pipe may never end.
    let work = tokio::task::spawn_blocking(move || checked(&inputs, terms, write_baseline));
    let (report, baseline) = match Progress::during("reading and judging manifests".to_owned(), work).await {
        Ok(done) => done,
        // The panic of a bug is the main thread's too.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    tell(&args.checks, report, baseline.as_ref(), &terminal)
}

/// What is to be read: the standard input where nothing is named and somebody writes to it.
fn inputs(args: &Preflight) -> Result<Vec<PathBuf>> {
    let inputs = [args.paths.as_slice(), &args.filenames].concat();
    if !inputs.is_empty() {
        return Ok(inputs);
    }
    if io::stdin().is_terminal() {
        return Err(Error::usage("there is nothing to read: name files or folders with manifests, or - for a pipe")
            .hint("hactl preflight deploy/\nhelm template ./chart | hactl preflight -"));
    }
    Ok(vec![PathBuf::from("-")])
}

/// Reads and judges.
fn checked(inputs: &[PathBuf], terms: Terms, write_baseline: bool) -> (CheckReport, Option<CheckBaseline>) {
    let (mut objects, mut verdicts): (Vec<Object>, Vec<Verdict<'_>>) = (Vec::new(), Vec::new());
    manifest::read(inputs, &mut io::stdin().lock(), &mut |found| match found {
        Found::Object(object) => objects.push(object),
        Found::Problem(problem) => verdicts.push(verdict(problem)),
    });
    if objects.is_empty() && verdicts.iter().all(|verdict| verdict.check.id != "HA0001") {
        verdicts.push(nothing(inputs));
    }
    let mut scene = Scene::new(&objects);
    scene.rto = terms.rto;
    verdicts.extend(judge(&scene, terms.selection.checks().iter().copied()));
    terms.report(None, &objects, verdicts, write_baseline)
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
