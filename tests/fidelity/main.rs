//! The real electors against the simulator: the same faults, side by side on a real API server, and in virtual time.

// Measurements live in real time.
#![expect(clippy::disallowed_methods, reason = "measurements live in real time")]

mod bounds;
mod campaign;
mod catalogue;
mod cell;
mod measure;
mod process;
mod run;
mod statistics;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tamper;
mod verdict;
mod wrong;

use std::io::{self, Write};
use std::num::NonZero;
use std::path::Path;
use std::{env, fs, thread};

use hactl::model::Micros;
use hactl::sim::Latency;

use crate::campaign::{Samples, measure};
use crate::cell::Cell;
use crate::support::lateness::Monitor;
use crate::support::{Component, Testbed};
use crate::table::{Row, table};
use crate::verdict::{Model, worst};
use crate::wrong::WRONG;

/// Below this a cell is looked at again, with fresh samples: among so many comparisons a few are that unlikely.
const SUSPICIOUS: f64 = 0.01;

/// Below this the fresh samples are no accident.
const REJECTED: f64 = 0.0005;

/// How many fresh samples.
const FRESH: usize = 200;

/// Of the simulator: so many that what is not known of its distribution does not count beside a cell's samples.
const TRIALS: u64 = 10_000;

/// Samples of a cell with a shortened timing, and with the real one; and with this variable set, of each.
const SHORT: usize = 40;
const REAL: usize = 15;
const LONG: &str = "FIDELITY_SAMPLES";

/// Only cells whose name has this in it are run, for whoever looks into one.
const ONLY: &str = "FIDELITY_CELLS";

#[test]
fn real_electors_do_what_the_simulator_says() {
    let bed = Testbed::own(&[Component::Etcd, Component::ApiServer]);
    let probed = bed.namespace("monitor");
    let monitor = Monitor::start(&probed);
    let only = env::var(ONLY).unwrap_or_default();
    let long = env::var(LONG).ok().map(|count| count.parse().expect("FIDELITY_SAMPLES is a number"));
    let (cells, counts): (Vec<_>, Vec<_>) = catalogue::cells()
        .into_iter()
        .filter(|(cell, _)| cell.to_string().contains(&only))
        .map(|(cell, short)| (cell, long.unwrap_or(if short { SHORT } else { REAL })))
        .unzip();
    assert!(!cells.is_empty(), "no cell has {only:?} in its name");

    let first: Vec<_> = cells.iter().zip(counts).collect();
    let first = measure(&first, &bed, &monitor);
    let latency = monitor.latency();
    let models = simulate(&cells, latency);
    let judged = |model: &Model, samples: &Samples| worst(&model.compare(&samples.courses, samples.slack));
    let suspicious = |number: usize| judged(&models[number], &first[number]).p < SUSPICIOUS;
    let twice: Vec<usize> = (0..cells.len())
        .filter(|number| suspicious(*number) || WRONG.iter().any(|wrong| (wrong.of)(&cells[*number])))
        .collect();
    let fresh: Vec<_> = twice.iter().map(|number| (&cells[*number], FRESH)).collect();
    let fresh = measure(&fresh, &bed, &monitor);
    let fresh = |number: usize| twice.iter().position(|other| *other == number).map(|at| &fresh[at]);

    let mut rows = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        let (model, first, fresh) = (&models[number], &first[number], fresh(number));
        let mut worst = judged(model, first);
        let mut differs = false;
        if let Some(fresh) = fresh.filter(|_| worst.p < SUSPICIOUS) {
            worst = judged(model, fresh);
            differs = worst.p < REJECTED;
        }
        rows.push(Row::new(cell, model.courses(), [Some(first), fresh], worst, differs));
    }
    let wrong = wrong_models(&cells, &first, &fresh, latency);
    let void: usize = first.iter().map(|samples| samples.void).sum();
    let late = format!("{} {void} runs were too late and were repeated.", monitor.summary());
    let report = format!("{}\n{late}\n\n{}\n", table(&rows), wrong.join("\n"));
    say(&report);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fidelity.md");
    fs::write(&kept, &report).unwrap_or_else(|error| panic!("writing {}: {error}", kept.display()));
    let bad: Vec<_> = rows.iter().filter_map(Row::failure).collect();
    assert!(bad.is_empty(), "the model is not the real thing:\n{}", bad.join("\n"));
    assert!(wrong.iter().all(|line| line.ends_with("rejected")), "a wrong model passes:\n{}", wrong.join("\n"));
}

/// What the simulator makes of each cell, by as many threads as there are cores.
fn simulate(cells: &[Cell], latency: Latency) -> Vec<Model> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let one = |cell: &Cell| Model::new(cell.simulate(latency, TRIALS), &cell.simulate(Latency::NONE, TRIALS / 4));
    thread::scope(|scope| {
        let parts = cells.chunks(cells.len().div_ceil(threads));
        let parts: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|part| part.join().expect("the simulator does not panic")).collect()
    })
}

/// The same comparison with models that are wrong: a line for each, with what came of it.
fn wrong_models<'s>(
    cells: &[Cell],
    first: &'s [Samples],
    fresh: &dyn Fn(usize) -> Option<&'s Samples>,
    latency: Latency,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        for wrong in WRONG.iter().filter(|wrong| (wrong.of)(cell)) {
            let (Some(settings), Some(fresh)) = (wrong::settings(cell), fresh(number)) else { continue };
            let courses = |latency, trials| (wrong.courses)(cell, settings, latency, trials);
            let model = Model::new(courses(latency, TRIALS), &courses(Latency::NONE, TRIALS / 4));
            let p = [&first[number], fresh].map(|samples| worst(&model.compare(&samples.courses, samples.slack)).p);
            let verdict = if p[0] < SUSPICIOUS && p[1] < REJECTED { "rejected" } else { "accepted" };
            lines.push(format!("wrong on purpose: {}: p = {:.1e}, then {:.1e}: {verdict}", wrong.what, p[0], p[1]));
        }
    }
    lines
}

#[test]
fn the_simulator_keeps_the_bounds() {
    let latency = Latency { low: Micros::from_millis(1), high: Micros::from_millis(4) };
    let slack = latency.high * 2 * run::ROUND_TRIPS;
    let mut broken = Vec::new();
    for (cell, _) in catalogue::cells() {
        let outside = |course| cell.bounds.broken_by(&course, slack).map(|what| format!("{cell}: {what}: {course:?}"));
        broken.extend(cell.simulate(latency, 2_000).into_iter().find_map(outside));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Says it at once, whoever captures the output of tests.
fn say(what: &str) {
    let _ = writeln!(io::stderr(), "{what}");
}
