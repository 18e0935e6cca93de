//! hactl where something is wrong: it says so in a sentence, in time, with the right exit code, and tells no secrets.
//!
//! Servers that no testbed can play (dead, silent, overloaded, no API server at all) come from `support::ill`; what a
//! real API server says is asked of a real one.

mod kubeconfig;
mod login;
mod name;
mod proxy;
mod rights;
mod server;

use std::time::Duration;

use hactl::error::Exit;

use crate::support::{Hactl, Output, hactl};

/// What a busy machine may add to a bound.
const MARGIN: Duration = Duration::from_secs(2);

/// Where nothing has to be waited for at all.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What must appear in no output.
const CANARY: &str = "canary-3f9a1c";

/// `hactl status` with a bound for each request.
fn status(request_timeout: &str) -> Hactl {
    hactl().args(["status", "--request-timeout", request_timeout])
}

/// Checks a run that has failed: its code, nothing on stdout, this sentence and perhaps a hint on stderr, in time.
#[track_caller]
fn failed(output: &Output, exit: Exit, sentence: &str, within: Duration) {
    let Output { code, stdout, stderr, elapsed } = output;
    let (first, rest) = stderr.split_once('\n').unwrap_or((stderr.as_str(), ""));
    assert_eq!(first, format!("error: {sentence}"), "{output:#?}");
    let hint = rest.lines().enumerate().all(|(i, line)| line.starts_with(if i == 0 { " hint: " } else { "       " }));
    assert!(hint, "more than a sentence and a hint: {output:#?}");
    assert_eq!((*code, stdout.as_str()), (Some(exit.code().into()), ""), "{output:#?}");
    assert!(*elapsed < within, "{elapsed:?}, not within {within:?}: {output:#?}");
}

/// Checks a run that has succeeded without a word beside its result.
#[track_caller]
fn succeeded(output: &Output, stdout: &str, within: Duration) {
    let seen = (output.code, output.stdout.as_str(), output.stderr.as_str());
    assert_eq!(seen, (Some(0), stdout, ""), "{output:#?}");
    assert!(output.elapsed < within, "{:?}, not within {within:?}", output.elapsed);
}

#[track_caller]
fn tells_no_secret(output: &Output) {
    assert!(!output.stdout.contains(CANARY) && !output.stderr.contains(CANARY), "{output:#?}");
}
