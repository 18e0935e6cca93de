//! `cargo bench`: hactl beside what else one would use, and how it grows.
//!
//! Parts, each of which can be run alone: `cargo bench -- simulation`, which needs nothing but itself (and shows Python's
//! time if there is one); `status`, `preflight`, `doctor` and `transfer`, which start the testbed's real control plane. Every number is
//! measured in this one run.
//!
//! Nothing fails because it is slow: the last lines of each part say which aims are met.

// This is no test and no part of hactl: it talks, and it lives in real time.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]

mod audit;
#[path = "../transfer/cell.rs"]
#[expect(dead_code, reason = "the tests ask for more")]
mod cell;
mod cluster;
mod contest;
mod doctor;
#[path = "../transfer/election.rs"]
#[expect(dead_code, reason = "the tests ask for more")]
mod election;
mod folk;
#[path = "../transfer/journal.rs"]
#[expect(dead_code, reason = "its tests are run elsewhere")]
mod journal;
mod measure;
mod preflight;
mod python;
#[path = "../transfer/room.rs"]
mod room;
#[path = "../transfer/run.rs"]
#[expect(dead_code, reason = "the tests ask for more")]
mod run;
mod simulation;
mod status;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tool;
mod transfer;

use std::process::ExitCode;

/// What can be asked for.
const PARTS: &[(&str, fn())] = &[
    ("simulation", simulation::compare),
    ("status", status::compare),
    ("preflight", preflight::compare),
    ("doctor", doctor::compare),
    ("transfer", transfer::compare),
];

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).peekable();
    if args.next_if(|first| first == measure::MEASURE).is_some() {
        return measure::child(args);
    }
    // cargo adds `--bench` behind what was typed.
    let (bench, wanted): (Vec<_>, Vec<_>) = args.partition(|arg| arg == "--bench");
    if bench.is_empty() {
        // As part of `cargo test --all-targets` there is nothing to do.
        eprintln!("run it with: cargo bench");
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = wanted.iter().find(|word| PARTS.iter().all(|(name, _)| word != name)) {
        let names: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
        eprintln!("no part is called {}: there are {}", unknown.display(), names.join(" and "));
        return ExitCode::FAILURE;
    }
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part();
        }
    }
    ExitCode::SUCCESS
}

/// What takes a while, for whoever waits.
fn say(what: &str) {
    eprintln!("{what} ...");
}
