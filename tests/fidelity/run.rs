//! One run of a cell: many elections side by side, the fault, and what came of each.

use std::thread::sleep;
use std::time::Duration;

use hactl::elector::{Draws, Rhythm};
use hactl::model::Micros;
use hactl::sim::{Fault, Outage, Random};

use crate::cell::Cell;
use crate::measure::{Course, Turn, acting, course};
use crate::process::{Replica, name};
use crate::support::Testbed;
use crate::support::lateness::{Monitor, now};
use crate::support::process::Signal;
use crate::support::wait::try_until;
use crate::tamper::tamper;

/// What a run came to.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) courses: Vec<Course>,
    /// Whether it was in time: nothing was so late while it mattered that the times mean little.
    pub(crate) in_time: bool,
    /// By how much a time may be off: a timer and one request were as late as any, the other requests as most.
    pub(crate) slack: Micros,
}

/// A run in which a timer was later is repeated, and one in which a request took longer.
const TOO_LATE: Micros = Micros::from_millis(100);
const TOO_SLOW: Micros = Micros::from_millis(250);

/// Beyond the spread of the starts, until all lead.
const START: Duration = Duration::from_secs(60);

/// The most that a takeover makes one after the other: kube-lease-manager looks, nulls, looks, applies, counts, looks.
pub(crate) const ROUND_TRIPS: i64 = 8;

/// How much longer than the horizon it goes on, for the last lines to arrive.
const AFTER: Micros = Micros::from_millis(300);

/// Runs a cell once, with so many elections.
pub(crate) fn run(cell: &Cell, count: usize, bed: &Testbed, monitor: &Monitor) -> Run {
    let ns = bed.namespace("fidelity");
    let Rhythm { renewal, look, warm_up, .. } = cell.elector.rhythm();
    let leader = Replica::start(&cell.elector, &ns, 0, count, renewal);
    let spread = Duration::from_micros(renewal.get().unsigned_abs());
    let leads = try_until(START + spread, || async { (leader.leads() == count).then_some(()) });
    assert!(leads.is_some(), "{cell}: {} of {count} led: {}", leader.leads(), leader.complaints());
    let standbys: Vec<_> =
        (1..=cell.standbys).map(|n| Replica::start(&cell.elector, &ns, n.into(), count, look)).collect();
    // The programs spread over whole seconds; and any moment is as good as another.
    let begun = now();
    let mut random = Random::stream(begun.get().unsigned_abs(), 0);
    wait_for(begun + Micros::from_secs(look.whole_seconds() + 2) + warm_up + random.between(Micros::ZERO, renewal));

    let beginning = now();
    let mut faults = vec![beginning; count];
    let mut more = Vec::new();
    match cell.fault {
        Fault::Crash => {
            leader.signal(Signal::KILL);
            more.push((now(), false));
        }
        Fault::Shutdown => leader.signal(Signal::TERM),
        Fault::Freeze(lasting) => {
            leader.signal(Signal::STOP);
            more.push((now(), false));
            wait_for(beginning + lasting);
            // Before it can say anything.
            more.push((now(), true));
            leader.signal(Signal::CONT);
        }
        Fault::Partition(outage) => cut(&[&leader], outage, cell.horizon),
        Fault::Outage(outage) => {
            let all: Vec<_> = std::iter::once(&leader).chain(&standbys).collect();
            cut(&all, outage, cell.horizon);
        }
        Fault::Write(tampering) => faults = tamper(tampering, &ns, count, renewal, &mut random),
        other => unreachable!("no cell has {other:?}"),
    }
    let end = faults.iter().copied().max().unwrap_or_default() + cell.horizon;
    wait_for(end + AFTER);

    let mut turns = vec![Vec::new(); count];
    for replica in std::iter::once(&leader).chain(&standbys) {
        turns.iter_mut().zip(replica.turns(&ns, count)).for_each(|(all, some)| all.extend(some));
    }
    let courses = turns.into_iter().zip(&faults).enumerate().map(|(number, (turns, fault))| {
        let turns = with(turns, &more);
        assert_eq!(acting(&turns, *fault - Micros::TICK), [0], "{cell}: who led {} at first", name(number));
        course(&turns, *fault, cell.horizon)
    });
    let (overslept, longest) = (monitor.overslept(beginning, end), monitor.round_trip(beginning, end, 100));
    let slack = overslept + longest + monitor.round_trip(beginning, end, 90) * ROUND_TRIPS;
    Run { courses: courses.collect(), in_time: overslept <= TOO_LATE && longest <= TOO_SLOW, slack }
}

fn wait_for(time: Micros) {
    let left = (time - now()).get();
    sleep(Duration::from_micros(u64::try_from(left).unwrap_or_default()));
}

/// Breaks the network of these for a while, unless nobody would see its end.
fn cut(replicas: &[&Replica], outage: Outage, horizon: Micros) {
    let until = now() + outage.lasting;
    replicas.iter().for_each(|replica| replica.cut(Some(outage.met)));
    if outage.lasting <= horizon {
        wait_for(until);
        replicas.iter().for_each(|replica| replica.cut(None));
    }
}

/// The turns in order, with those that a process cannot tell of: while it stands still, or is gone, it does not act.
fn with(mut turns: Vec<Turn>, more: &[(Micros, bool)]) -> Vec<Turn> {
    turns.extend(more.iter().map(|(at, acts)| Turn { at: *at, replica: 0, acts: *acts }));
    turns.sort_by_key(|turn| turn.at);
    turns
}
