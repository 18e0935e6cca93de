//! Many cells at once, as many as the machine bears.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use hactl::model::Micros;

use crate::cell::Cell;
use crate::measure::Course;
use crate::run::{Run, run};
use crate::support::Testbed;
use crate::support::lateness::Monitor;

/// So often a run is repeated that was late; then the machine is too busy to measure anything.
const ATTEMPTS: usize = 6;

/// Requests a second that electors make all in all: two cores that serve them and run everything else are late for few.
const LOAD: f64 = 500.0;

/// Starting processes and making connections costs something, however rarely they speak then.
const LEAST_LOAD: f64 = 6.0;

/// The samples of a cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples {
    pub(crate) courses: Vec<Course>,
    /// The greatest of any run.
    pub(crate) slack: Micros,
    /// What left the bounds.
    pub(crate) broken: Vec<String>,
    /// How many runs were too late.
    pub(crate) void: usize,
}

/// What the machine bears: so much, taken and given back.
struct Room {
    left: Mutex<f64>,
    changed: Condvar,
}

/// A part of the room, given back when it is dropped, also by a panic.
struct Share<'r> {
    room: &'r Room,
    load: f64,
}

impl Room {
    fn take(&self, load: f64) -> Share<'_> {
        let load = load.min(LOAD);
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = self.changed.wait_while(left, |left| *left < load).unwrap_or_else(PoisonError::into_inner);
        *left -= load;
        Share { room: self, load }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.room.left.lock().unwrap_or_else(PoisonError::into_inner) += self.load;
        self.room.changed.notify_all();
    }
}

/// Takes so many samples of each cell.
pub(crate) fn measure(cells: &[(&Cell, usize)], bed: &Testbed, monitor: &Monitor) -> Vec<Samples> {
    let parts = |cell: &Cell, count: usize| {
        let runs = count.div_ceil(cell.side_by_side());
        (0..runs).map(move |n| count / runs + usize::from(n < count % runs))
    };
    let mut orders: Vec<_> = (0..)
        .zip(cells)
        .flat_map(|(number, (cell, count))| parts(cell, *count).map(move |part| (number, *cell, part)))
        .collect();
    // What takes longest begins first.
    orders.sort_by_key(|(_, cell, _)| std::cmp::Reverse(cell.duration()));
    let room = Room { left: Mutex::new(LOAD), changed: Condvar::new() };
    let all = Mutex::new(vec![Samples::default(); cells.len()]);
    thread::scope(|scope| {
        for (number, cell, count) in orders {
            let share = room.take((cell.load() * count as f64).max(LEAST_LOAD));
            let all = &all;
            scope.spawn(move || {
                let (run, void) = attempt(cell, count, bed, monitor, share);
                let samples = &mut all.lock().unwrap_or_else(PoisonError::into_inner)[number];
                let broken = run.courses.iter().filter_map(|course| cell.bounds.broken_by(course, run.slack));
                samples.broken.extend(broken);
                samples.courses.extend(run.courses);
                samples.slack = samples.slack.max(run.slack);
                samples.void += void;
            });
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs until one run is in time, and tells how many were not. Each takes a greater share of the room than the one
/// before, so that less is beside it.
fn attempt(cell: &Cell, count: usize, bed: &Testbed, monitor: &Monitor, mut share: Share<'_>) -> (Run, usize) {
    for void in 0..ATTEMPTS {
        let run = run(cell, count, bed, monitor);
        let (room, load) = (share.room, share.load);
        if run.in_time {
            return (run, void);
        }
        drop(share);
        share = room.take(load * 2.0);
    }
    panic!("{cell}: {ATTEMPTS} runs were late: this machine is too busy to measure on");
}
