//! `hactl preflight`: manifests, judged before they are applied.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use super::checked::{Checked, Terms, tell};
use super::manifests;
use crate::check::{Scene, judge};
use crate::cli::preflight::Preflight;
use crate::error::{Error, Exit, Result};
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
    let checked = match Progress::during("reading and judging manifests".to_owned(), work).await {
        Ok(done) => done,
        // The panic of a bug is the main thread's too.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    tell(&args.checks, checked, &terminal)
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
fn checked(inputs: &[PathBuf], terms: Terms, write_baseline: bool) -> Checked {
    let (objects, mut verdicts) = manifests::read(inputs);
    let mut scene = Scene::new(&objects);
    scene.rto = terms.rto;
    verdicts.extend(judge(&scene, terms.selection.checks().iter().copied()));
    terms.report(None, &objects, verdicts, write_baseline)
}
