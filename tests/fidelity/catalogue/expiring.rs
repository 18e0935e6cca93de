//! kube-lease-manager and kubert, which look at expiries. Their bounds follow from `kube-lease-manager/src/manager.rs`
//! and `kubert/src/lease.rs` with the lease duration D and the grace period G: a leader renews P = D − G after its last
//! renewal; a standby looks when what it remembers has run out, so G or D after the last renewal.

use hactl::elector::kube_lease_manager::{Edition, KubeLeaseManager};
use hactl::elector::kubert::Kubert;
use hactl::model::Micros;
use hactl::sim::{Fault, Met, Tampering};

use super::{FOR_GOOD, outage, secs};
use crate::bounds::{Bounds, Range, ZERO};
use crate::cell::{Cell, Elector};

/// The random wait of kube-lease-manager between nulling an expired Lease and applying for it.
const WAIT: Range = (0.1, 1.0);

pub(super) fn kube_lease_manager(lease: i64, grace: i64, edition: Edition) -> Vec<Cell> {
    let settings = KubeLeaseManager::new(Micros::from_secs(lease), Micros::from_secs(grace), edition);
    let silent = KubeLeaseManager { releases: false, ..settings };
    let (d, g) = (lease as f64, grace as f64);
    let p = d - g;
    let cell = |settings, fault, bounds, over: f64| Cell {
        elector: Elector::KubeLeaseManager(settings),
        standbys: 1,
        fault,
        bounds,
        horizon: secs((over + 1.0).ceil()),
    };
    let crash: Range = (g + WAIT.0, d + WAIT.1);
    let mut cells = vec![
        cell(settings, Fault::Crash, Bounds::gap(crash), crash.1),
        cell(silent, Fault::Shutdown, Bounds::gap(crash), crash.1),
        cell(settings, Fault::Shutdown, Bounds::gap((0.0, p)), p),
    ];
    // It goes on as long as it hears of no other, and its pauses between tries double, up to 30 s.
    let lasting = d + 4.0;
    let off = lasting + (2.0 * lasting).min(30.0);
    let cut = |overlap: Range| Bounds::gap(crash).leaderless(&[ZERO]).overlap(&[overlap]);
    for met in [Met::Refused, Met::Reset] {
        let overlap = (lasting - crash.1, off - crash.0);
        cells.push(cell(settings, Fault::Partition(outage(lasting, met)), cut(overlap), off));
    }
    let end = (crash.1 + 1.0).ceil();
    let hang = Fault::Partition(outage(FOR_GOOD, Met::Hang));
    cells.push(cell(settings, hang, cut((end - crash.1, end - crash.0)), end - 1.0));
    // Who was frozen asks first.
    let freeze = (crash.1 + 1.0).ceil();
    cells.push(cell(settings, Fault::Freeze(secs(freeze)), Bounds::gap(crash), freeze + 1.0));
    // Either may be the first to reach the API again; the other's pause may take twice the outage. A renewal between a
    // standby's two writes takes the holder away (and for good, up to 0.11.0).
    let back = Bounds {
        takeover: vec![(lasting + WAIT.0, off + WAIT.1)],
        leaderless: vec![(0.0, off)],
        overlap: vec![(0.0, off - lasting)],
    };
    cells.push(cell(settings, Fault::Outage(outage(lasting, Met::Refused)), back, off + WAIT.1));

    let old = edition == Edition::Before0_11_1;
    let writes = writes(d, g, old);
    cells.extend(writes.map(|(tampering, bounds, over)| cell(settings, Fault::Write(tampering), bounds, over)));
    cells
}

fn writes(d: f64, g: f64, old: bool) -> impl Iterator<Item = (Tampering, Bounds, f64)> {
    let p = d - g;
    // The standby looks at G after the last renewal, or D after it; the old leader in between, at P.
    let two = d - 2.0 * g;
    let handed = Bounds { takeover: vec![(0.0, p)], leaderless: vec![ZERO, (g, g)], overlap: vec![ZERO, (two, two)] };
    // Any name is a holder that has to run out; the old leader's next renewal still counts for it. Then both wake at once,
    // and who is a round trip later finds the name gone already, and does not wait.
    let fence = (d, d + WAIT.1);
    let fenced = Bounds::gap((fence.0, p + fence.1)).leaderless(&[fence]);
    // No name at all: mended by the new version after the random wait, never by the old one.
    let waited = (two - WAIT.1, two - WAIT.0);
    let over = p + d + 2.0;
    let stuck = (over + 1.0).ceil();
    let (null, all) = if old {
        let nobody = (stuck - p, stuck);
        (
            Bounds::nothing().leaderless(&[nobody]),
            Bounds { takeover: vec![(0.0, g)], leaderless: vec![ZERO, nobody], overlap: vec![ZERO, (two, two)] },
        )
    } else {
        let mended = Bounds { takeover: vec![(0.0, g)], leaderless: vec![ZERO, WAIT], overlap: vec![ZERO] };
        (mended.clone().takeover(&[(WAIT.0, g + WAIT.1)]).overlap(&[ZERO, waited]), mended.overlap(&[ZERO, (two, two)]))
    };
    // Only a standby that looks before the leader renews sees the short duration.
    let short = Bounds {
        takeover: vec![(0.0, g + WAIT.1 + 1.0)],
        leaderless: vec![ZERO],
        overlap: vec![ZERO, (two - WAIT.1, two)],
    };
    [
        (Tampering::Holder, handed, d + g),
        (Tampering::Sentinel, fenced.clone(), p + fence.1),
        (Tampering::Clear, fenced, p + fence.1),
        (Tampering::ClearNull, null, over),
        (Tampering::ClearAll, all, over),
        // The old one goes on without a Lease.
        (Tampering::Delete, Bounds::nothing(), over),
        (Tampering::Duration(1), short, over),
    ]
    .into_iter()
}

pub(super) fn kubert(lease: i64, grace: i64) -> Vec<Cell> {
    let settings = Kubert::new(Micros::from_secs(lease), Micros::from_secs(grace));
    let silent = Kubert { releases: false, ..settings };
    let (d, g) = (lease as f64, grace as f64);
    let (p, two) = (d - g, d - 2.0 * g);
    let cell = |settings, fault, bounds, over: f64| Cell {
        elector: Elector::Kubert(settings),
        standbys: 1,
        fault,
        bounds,
        horizon: secs((over + 1.0).ceil()),
    };
    // A standby claims the Lease at its expiry, and a claim carries its own expiry.
    let crash: Range = (g, d);
    // A renewal that was under way as the network broke counts for the others only.
    let cut = Bounds::gap(crash).leaderless(&[ZERO, (p, p)]);
    let freeze = d + 2.0;
    let over = 2.0 * d;
    let stuck = (over + 1.0).ceil();
    let handed = Bounds { takeover: vec![(0.0, p)], leaderless: vec![ZERO, (g, g)], overlap: vec![ZERO, (two, two)] };
    // Whoever looks first has what is free: the old leader at P, or the standby at G, where that comes before it.
    let free = Bounds { takeover: vec![(0.0, g)], leaderless: vec![ZERO], overlap: vec![ZERO, (two, two)] };
    // A holder without a name has to run out, G after the old leader has found out.
    let empty = Bounds { takeover: vec![(g, d)], leaderless: vec![(g, g)], overlap: vec![ZERO] };
    let write = |tampering, bounds| cell(settings, Fault::Write(tampering), bounds, over);
    let partition = |met| cell(settings, Fault::Partition(outage(FOR_GOOD, met)), cut.clone(), crash.1);
    vec![
        cell(settings, Fault::Crash, Bounds::gap(crash), crash.1),
        cell(silent, Fault::Shutdown, Bounds::gap(crash), crash.1),
        cell(settings, Fault::Shutdown, Bounds::gap((0.0, p)), p),
        partition(Met::Refused),
        partition(Met::Reset),
        partition(Met::Hang),
        cell(settings, Fault::Freeze(secs(freeze)), Bounds::gap(crash), freeze + 2.0),
        // Both tasks end after a few errors, and nobody leads again; the leader's claim lasts until it runs out.
        cell(
            settings,
            Fault::Outage(outage(d + 4.0, Met::Refused)),
            Bounds::nothing().leaderless(&[(stuck - d, stuck - g)]),
            over,
        ),
        write(Tampering::Holder, handed),
        // It runs out D after it was written, whoever looks.
        write(Tampering::Sentinel, Bounds::gap((d, d)).leaderless(&[(g, d)])),
        write(Tampering::Clear, empty),
        write(Tampering::ClearNull, free.clone()),
        write(Tampering::ClearAll, free.clone()),
        // Nobody creates it again. The leader's claim lasts until it runs out.
        write(Tampering::Delete, Bounds::nothing().leaderless(&[(stuck - d, stuck - g)])),
        write(Tampering::Duration(1), free.takeover(&[(0.0, g)])),
    ]
}
