//! All cells: every elector through everything that can happen to it.

mod client_go;
mod expiring;

use hactl::elector::kube_lease_manager::Edition;
use hactl::model::Micros;
use hactl::sim::{Met, Outage};

use crate::cell::Cell;

/// Every cell, each with whether its timing is a shortened one.
pub(crate) fn cells() -> Vec<(Cell, bool)> {
    let mut cells = Vec::new();
    let mut add = |of: Vec<Cell>, short| cells.extend(of.into_iter().map(|cell| (cell, short)));
    // Whole seconds, since client-go notices no change within one.
    add(client_go::cells(6, 4, 1), true);
    add(client_go::cells(15, 10, 2), false);
    add(client_go::controller_runtime(6, 4, 1), true);
    add(client_go::controller_runtime(15, 10, 2), false);
    for edition in [Edition::Before0_11_1, Edition::Since0_11_1] {
        add(expiring::kube_lease_manager(6, 2, edition), true);
        add(expiring::kube_lease_manager(15, 5, edition), false);
    }
    add(expiring::kubert(6, 1), true);
    cells
}

fn secs(seconds: f64) -> Micros {
    #[expect(clippy::cast_possible_truncation, reason = "a number of microseconds")]
    Micros::new((seconds * 1e6).round() as i64)
}

fn outage(seconds: f64, met: Met) -> Outage {
    Outage { lasting: secs(seconds), met }
}

/// Longer than anything is watched.
const FOR_GOOD: f64 = 600.0;
