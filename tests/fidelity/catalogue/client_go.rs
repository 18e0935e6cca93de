//! client-go. Its bounds follow from `tools/leaderelection/leaderelection.go` with the lease duration L, the renew
//! deadline RD and the retry period RP: a leader renews every RP; a standby rests RP to 2.2 RP between two looks, and
//! takes over at a look that comes L or more after it saw the last change.

use hactl::elector::client_go::ClientGo;
use hactl::model::Micros;
use hactl::sim::{Fault, Met, Tampering};

use super::{FOR_GOOD, outage, secs};
use crate::bounds::{Bounds, Range, ZERO};
use crate::cell::{Cell, Elector};

pub(super) fn cells(lease: i64, renew: i64, retry: i64) -> Vec<Cell> {
    let settings = ClientGo {
        // The bare library sets no limit for a call.
        timeout: Micros::NEVER,
        ..ClientGo::new(Micros::from_secs(lease), Micros::from_secs(renew), Micros::from_secs(retry))
    };
    let releasing = ClientGo { release_on_cancel: true, ..settings };
    let (l, rd, rp) = (lease as f64, renew as f64, retry as f64);
    let rest = 2.2 * rp;
    let cell = |settings, fault, bounds, over: f64| Cell {
        elector: Elector::ClientGo(settings),
        standbys: 1,
        fault,
        bounds,
        horizon: secs((over + 1.0).ceil()),
    };

    // The last renewal is up to RP old, and a standby needs up to a rest to see it, and one after the expiry.
    let crash: Range = (l - rp, l + 2.0 * rest);
    // A leader that cannot renew tries first RP after its last renewal, and goes on for RD.
    let off: Range = (rd, rd + rp);
    let mut cells = vec![
        cell(settings, Fault::Crash, Bounds::gap(crash), crash.1),
        Cell { standbys: 2, ..cell(settings, Fault::Crash, Bounds::gap(crash), crash.1) },
        cell(settings, Fault::Shutdown, Bounds::gap(crash), crash.1),
        cell(releasing, Fault::Shutdown, Bounds::gap((0.0, rest)), rest),
    ];

    // Both count from the same renewal, RP + RD after which the old one is off; or RD after it, where the renewal was
    // under way when the network broke.
    let cut = Bounds::gap(crash).leaderless(&[(l - rd - rp, l + 2.0 * rest - rd)]);
    for met in [Met::Refused, Met::Reset, Met::Hang] {
        let partition = Fault::Partition(outage(FOR_GOOD, met));
        cells.push(cell(settings, partition, cut.clone(), crash.1));
        // The work is told only when the release has failed too, and that may take another RD, unless it fails at once.
        let bounds = match met {
            Met::Refused => cut.clone(),
            _ => {
                let leaderless = (0.0, l + 2.0 * rest - 2.0 * rd);
                cut.clone().leaderless(&[leaderless]).overlap(&[(0.0, 2.0 * rd + rp - l)])
            }
        };
        cells.push(cell(releasing, partition, bounds, crash.1.max(2.0 * rd + rp)));
    }

    // It acts another RD after it wakes, or no longer at all where a renewal was under way, whose deadline has passed.
    let freeze = (crash.1 + 1.0).ceil();
    let frozen = Bounds::gap(crash).overlap(&[ZERO, (rd, rd)]);
    cells.push(cell(settings, Fault::Freeze(secs(freeze)), frozen, freeze + off.1));
    // Shorter than the lease: the old one goes on.
    let short = Bounds::nothing().leaderless(&[(rp * 1.5, rp * 1.5)]);
    cells.push(cell(settings, Fault::Freeze(secs(rp * 1.5)), short, crash.1));

    // RD ends every leader that is refused; half a second less lets those live that try once more after it, and so does
    // up to a second more where a broken connection has them repeat their GET. The takeover comes early where the
    // standby has seen the last renewal, and L after the end of the outage where it has not.
    for (lasting, met) in [(rd + 1.0, Met::Refused), (rd + 1.5, Met::Reset), (rd - 0.5, Met::Refused)] {
        let early = (lasting.max(l - rp), l.max(lasting + 1.0) + rest);
        let late = (lasting + l, lasting + rest.max(1.0) + l + rest);
        let mut leaderless = vec![(l - off.1, early.1 - rd), (late.0 - off.1, late.1 - rd)];
        if lasting < rd + 1.0 {
            leaderless.push(ZERO);
        }
        let bounds = Bounds::gap(crash).takeover(&[early, late]).leaderless(&leaderless);
        cells.push(cell(settings, Fault::Outage(outage(lasting, met)), bounds, late.1));
    }
    cells.extend(
        writes(l, rd, rp).map(|(tampering, bounds, over)| cell(settings, Fault::Write(tampering), bounds, over)),
    );
    cells
}

/// The same library as controller-runtime sets it up: a call may take half a renew deadline.
pub(super) fn controller_runtime(lease: i64, renew: i64, retry: i64) -> Vec<Cell> {
    let settings = ClientGo::new(Micros::from_secs(lease), Micros::from_secs(renew), Micros::from_secs(retry));
    let releasing = ClientGo { release_on_cancel: true, ..settings };
    let (l, rd, rp) = (lease as f64, renew as f64, retry as f64);
    let rest = 2.2 * rp;
    let cell = |settings, fault, bounds, over: f64| Cell {
        elector: Elector::ClientGo(settings),
        standbys: 1,
        fault,
        bounds,
        horizon: secs((over + 1.0).ceil()),
    };
    let crash: Range = (l - rp, l + 2.0 * rest);
    let call = settings.timeout.as_secs_f64();
    let cut = Bounds::gap(crash).leaderless(&[(l - rd - rp, l + 2.0 * rest - rd)]);
    let late = cut.clone().leaderless(&[(0.0, l + 2.0 * rest - rd - call)]).overlap(&[(0.0, rd + call + rp - l)]);
    let partition = |met| Fault::Partition(outage(FOR_GOOD, met));
    vec![
        cell(settings, Fault::Crash, Bounds::gap(crash), crash.1),
        cell(releasing, Fault::Shutdown, Bounds::gap((0.0, rest)), rest),
        cell(settings, partition(Met::Hang), cut, crash.1),
        cell(releasing, partition(Met::Reset), late.clone(), crash.1),
        cell(releasing, partition(Met::Hang), late, crash.1),
    ]
}

/// What others write to the Lease, what comes of it, and when all is over.
fn writes(l: f64, rd: f64, rp: f64) -> impl Iterator<Item = (Tampering, Bounds, f64)> {
    let rest = 2.2 * rp;
    // The old one notices at its next renewal.
    let off: Range = (rd, rd + rp);
    let handed = Bounds { takeover: vec![(0.0, rest)], leaderless: vec![ZERO], overlap: vec![(rd - rest, off.1)] };
    let fenced = Bounds::gap((l, l + 2.0 * rest)).leaderless(&[(l - off.1, l + 2.0 * rest - rd)]);
    // Whoever tries first has it. Where that is not the old one, it goes on to its deadline.
    let free = Bounds { takeover: vec![(0.0, rp)], leaderless: vec![ZERO], overlap: vec![ZERO, off] };
    [
        (Tampering::Holder, handed, off.1 + rest),
        (Tampering::Sentinel, fenced, l + 2.0 * rest),
        (Tampering::Clear, free.clone(), off.1 + rp),
        (Tampering::ClearNull, free.clone(), off.1 + rp),
        (Tampering::ClearAll, free.clone(), off.1 + rp),
        (Tampering::Delete, free, off.1 + rp),
        (Tampering::Duration(1), Bounds::nothing(), l),
        (Tampering::Duration(3_600), Bounds::nothing(), l),
    ]
    .into_iter()
}
