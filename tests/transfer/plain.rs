//! Transfers without any trouble: every elector by every method that fits it.

use std::env;
use std::sync::{Mutex, PoisonError};
use std::thread;

use hactl::model::Micros;

use crate::cell::{Library, Method, Setup, Timing};
use crate::election::Election;
use crate::room;
use crate::run::{Moved, To, once};
use crate::support::Testbed;
use crate::support::lateness::Monitor;

/// Of each cell with a shortened timing, and with the real one.
const SHORT: usize = 20;
const REAL: usize = 6;

/// So many runs in a row with one election. A leader that exits may do so once: then the kubelet makes its container wait.
const IN_A_ROW: usize = 5;
const IN_A_ROW_WITH_EXITS: usize = 2;

/// So often what was late is repeated.
const AGAIN: usize = 3;

/// A cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) setup: Setup,
    pub(crate) method: Method,
    pub(crate) to: To,
    pub(crate) count: usize,
}

/// What it came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples {
    pub(crate) moved: Vec<Moved>,
    /// Runs that were late: two leaders among them are told, and prove nothing.
    pub(crate) late: Vec<Moved>,
}

pub(crate) fn cells() -> Vec<Cell> {
    use Library::{ClientGo, KubeLeaseManager08, KubeLeaseManager013, Kubert, Manager};
    use Method::{Evict, HandOver};
    let (quick, real) = (Timing::Deadline(6, 4, 1), Timing::Deadline(15, 10, 2));
    let cell = |setup, method, to, count| Cell { setup, method, to, count };
    let mut cells = vec![
        cell(Setup::new(ClientGo, quick), Evict, To::Named, SHORT),
        cell(Setup::new(ClientGo, quick).releasing(), Evict, To::Named, SHORT),
        cell(Setup::new(ClientGo, quick).stateful(), Evict, To::Named, SHORT),
        cell(Setup::new(ClientGo, quick), HandOver, To::Named, SHORT),
        cell(Setup::new(Manager, quick), Evict, To::Best, SHORT),
        cell(Setup::new(Manager, quick).releasing(), Evict, To::Best, SHORT),
        cell(Setup::new(Manager, quick), HandOver, To::Best, SHORT),
        cell(Setup::new(ClientGo, real), Evict, To::Named, REAL),
        cell(Setup::new(ClientGo, real), HandOver, To::Named, REAL),
        cell(Setup::new(Kubert, Timing::Grace(6, 1)), HandOver, To::Named, SHORT),
        cell(Setup::new(Kubert, Timing::Grace(6, 1)), Evict, To::Best, SHORT),
    ];
    for library in [KubeLeaseManager08, KubeLeaseManager013] {
        // Shorter, and a busy machine's requests do not fit into the grace period: hactl refuses.
        let setup = Setup::new(library, Timing::Grace(8, 3));
        cells.push(cell(setup, HandOver, To::Named, SHORT));
        cells.push(cell(setup, Evict, To::Best, SHORT));
    }
    cells
}

impl Cell {
    pub(crate) fn name(&self) -> String {
        let to = if self.to == To::Named { "to the one asked for" } else { "to the best" };
        format!("{}: {} {to}", self.setup, self.method.as_str())
    }

    fn in_a_row(&self) -> usize {
        match self.setup.library.exits() && self.method == Method::HandOver {
            true => IN_A_ROW_WITH_EXITS,
            false => IN_A_ROW,
        }
    }
}

/// Takes every sample of every cell whose name has `only` in it; `TRANSFER_SAMPLES` of each, if that is set.
pub(crate) fn measure(bed: &Testbed, monitor: &Monitor, only: &str, many: Option<usize>) -> Vec<(Cell, Samples)> {
    let cells: Vec<_> = cells().into_iter().filter(|cell| cell.name().contains(only)).collect();
    let all = Mutex::new(vec![Samples::default(); cells.len()]);
    thread::scope(|scope| {
        for (number, cell) in cells.iter().enumerate() {
            let mut left = many.unwrap_or(cell.count);
            while left > 0 {
                let part = left.min(cell.in_a_row());
                left -= part;
                let place = room::take();
                let all = &all;
                scope.spawn(move || {
                    let samples = several(bed, monitor, cell, part);
                    drop(place);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    all[number].moved.extend(samples.moved);
                    all[number].late.extend(samples.late);
                });
            }
        }
    });
    cells.into_iter().zip(all.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

fn several(bed: &Testbed, monitor: &Monitor, cell: &Cell, count: usize) -> Samples {
    let mut samples = Samples::default();
    let election = Election::start(bed, cell.setup);
    while samples.moved.len() < count && samples.late.len() < count * AGAIN {
        let moved = once(&election, cell.method, cell.to, monitor);
        if env::var_os("TRANSFER_TELL").is_some() {
            crate::say(&format!("{}: {moved:?}", cell.name()));
        }
        if moved.in_time { samples.moved.push(moved) } else { samples.late.push(moved) }
    }
    samples
}

impl Samples {
    /// A row of the table.
    pub(crate) fn row(&self, cell: &Cell) -> String {
        let overlap = self.moved.iter().map(|moved| moved.overlap).max().unwrap_or_default();
        let mut gaps: Vec<_> = self.moved.iter().map(|moved| moved.leaderless.as_secs_f64()).collect();
        gaps.sort_unstable_by(f64::total_cmp);
        let at = |part: usize| gaps.get((gaps.len() * part / 100).min(gaps.len().saturating_sub(1))).copied();
        let at = |part| at(part).unwrap_or_default();
        let same = self.moved.iter().filter(|moved| moved.same).count();
        let longest = self.moved.iter().map(|moved| moved.took).max().unwrap_or_default();
        format!(
            "| {} | {} | {} | {:.2} / {:.2} / {:.2} | {} | {:.1} | {} |",
            cell.name(),
            self.moved.len(),
            if overlap == Micros::ZERO { "0".to_owned() } else { overlap.to_string() },
            at(0),
            at(50),
            at(100),
            same,
            longest.as_secs_f64(),
            self.late.len(),
        )
    }

    /// What is wrong, run by run.
    pub(crate) fn failures(&self, cell: &Cell) -> Vec<String> {
        let wrong = self.moved.iter().filter(|moved| !moved.wrong.is_empty());
        let mut failures: Vec<_> = wrong.map(|moved| format!("{}: {}", cell.name(), moved.wrong.join("; "))).collect();
        if self.moved.is_empty() {
            failures.push(format!("{}: every run was late: this machine is too busy to measure on", cell.name()));
        }
        failures
    }
}
