//! `hactl transfer` on real electors: the program itself on a real API server, and the electors' own journals for what is
//! true.

mod cell;
mod coordinated;
mod election;
mod journal;
mod plain;
mod room;
mod run;
#[path = "../support/mod.rs"]
mod support;
mod trouble;

use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use crate::support::lateness::Monitor;
use crate::support::{Namespace, Testbed};

/// With this variable set, so many samples of each cell, and of each kind of trouble.
const LONG: &str = "TRANSFER_SAMPLES";

/// Only cells whose name has this in it are run, for whoever looks into one.
const ONLY: &str = "TRANSFER_CELLS";

/// How late the machine is, all the time, and a namespace for what is asked to know it.
static PROBED: LazyLock<Namespace<'_>> = LazyLock::new(|| Testbed::shared().namespace("monitor"));
static MONITOR: LazyLock<Monitor> = LazyLock::new(|| Monitor::start(&PROBED));

fn only() -> String {
    env::var(ONLY).unwrap_or_default()
}

fn many() -> Option<usize> {
    env::var(LONG).ok().map(|count| count.parse().expect("TRANSFER_SAMPLES is a number"))
}

#[test]
fn transfers_never_make_two_leaders_and_cost_what_was_said() {
    let measured = plain::measure(Testbed::shared(), &MONITOR, &only(), many());
    let mut report = String::from(
        "| transfer | n | two led, s | nobody led, s (least / median / most) | same Pod | hactl took up to, s | late |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (cell, samples) in &measured {
        report += &samples.row(cell);
        report.push('\n');
    }
    report += &format!("\n{}\n", MONITOR.summary());
    keep("transfers.md", &report);
    let failures: Vec<_> = measured.iter().flat_map(|(cell, samples)| samples.failures(cell)).collect();
    assert!(failures.is_empty(), "{} of these transfers went wrong:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn trouble_never_makes_two_leaders_and_is_never_told_wrong() {
    let cases = trouble::endure(Testbed::shared(), &MONITOR, &only(), many());
    keep("trouble.md", &format!("{}\n{}\n", trouble::table(&cases), MONITOR.summary()));
    let wrong = cases.iter().filter(|case| case.ordeal.in_time && !case.ordeal.wrong.is_empty());
    let wrong: Vec<_> = wrong.map(|case| format!("{}: {}", case.name, case.ordeal.wrong.join("; "))).collect();
    assert!(wrong.is_empty(), "{} of these transfers went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Says it at once, whoever captures the output of tests.
fn say(what: &str) {
    let _ = writeln!(io::stderr(), "{what}");
}

/// Says it, and keeps it where it can be found.
fn keep(name: &str, report: &str) {
    say(report);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, report).unwrap_or_else(|error| panic!("writing {}: {error}", path.display()));
}
