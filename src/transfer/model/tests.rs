//! What holds, whatever happens: each test is a question, and the name of a question says what may go wrong in it.

use super::arena::{Arena, B, RIVAL};
use super::election::{REQUEST, client_go, evicted, kube_lease_manager, kubert, millis};
use crate::elector::kube_lease_manager::Edition;
use crate::model::Micros;
use crate::transfer::{Terms, Way};

const EDITIONS: [Edition; 2] = [Edition::Before0_11_1, Edition::Since0_11_1];
/// Where three requests, one after the other, take less than the shortest wait of kube-lease-manager.
const QUICK: Micros = millis(30);
const SLOW: Micros = millis(250);
/// A replacement that leads by what it reads alone must not read before hactl's write has arrived: later than a watch, a
/// look at the Pod and the write take together.
const REPLACED: Micros = Micros::SECOND;

/// One beginning instead of several.
fn once<S>(mut arena: Arena<S>) -> Arena<S> {
    arena.standbys.truncate(1);
    arena.phases.truncate(1);
    arena
}

/// Someone else deletes the old leader's Pod, whenever.
fn deleted<S>(mut arena: Arena<S>, gap: Micros) -> Arena<S> {
    arena.left.deletions = 1;
    arena.left.impatience = 1;
    arena.stops = vec![millis(0), millis(1_500)];
    arena.gap = gap;
    arena
}

/// Another hactl, which has another name in the Lease and wants someone else.
fn rivalled<S>(mut arena: Arena<S>) -> Arena<S> {
    let first = arena.terms[0];
    arena.terms.push(Terms { to: None, fence: RIVAL, ..first });
    arena.gap = Micros::NEVER;
    arena
}

#[test]
fn client_go_handed_over() {
    once(client_go(2)).holds("client-go, hand-over");
    let mut any = client_go(1);
    any.terms[0].to = None;
    any.holds("client-go, hand-over to anyone");
    let mut three = client_go(0);
    three.standbys = vec![vec![millis(300), millis(700)]];
    three.holds("client-go, hand-over, two standbys");
}

#[test]
fn client_go_with_hactl_killed() {
    let mut killed = client_go(1);
    killed.left.kills = 1;
    killed.holds("client-go, hand-over, kill -9");
    let mut killed = evicted(1, false);
    killed.left.kills = 1;
    once(killed).holds("client-go, evict, kill -9");
}

/// A leader that is cut off asks in vain for a renew deadline, and where it releases for another: nothing but time tells,
/// for its kubelet is cut off as well.
#[test]
fn client_go_with_its_leader_cut_off() {
    for releases in [false, true] {
        for heals in [0, 1] {
            let mut cut = once(client_go(1 - heals));
            cut.settings.release_on_cancel = releases;
            // Its client has no time limit of its own.
            cut.settings.timeout = Micros::NEVER;
            (cut.left.cuts, cut.left.heals) = (1, heals);
            cut.gap += cut.settings.renew_deadline;
            cut.holds(&format!("client-go, hand-over, cut off, releases: {releases}, back: {}", heals > 0));
        }
    }
}

#[test]
fn client_go_interrupted_or_unheard() {
    let mut interrupted = once(client_go(1));
    interrupted.left.interrupts = 1;
    interrupted.holds("client-go, hand-over, interrupted");
    let mut unheard = client_go(1);
    unheard.left.losses = 1;
    // A pause, and a look at what was done, before the next try.
    unheard.gap += millis(250) + REQUEST * 2;
    unheard.holds("client-go, hand-over, an answer is lost");
    let mut unheard = evicted(0, false);
    unheard.settings.release_on_cancel = true;
    unheard.left.losses = 1;
    unheard.left.interrupts = 1;
    // Interrupted after the eviction, hactl leaves the record to run out.
    unheard.gap += millis(250) + REQUEST * 2;
    once(unheard).holds("client-go, evict, releases, an answer is lost, interrupted");
}

#[test]
fn client_go_beside_others() {
    let mut touched = once(client_go(1));
    touched.left.touches = 1;
    touched.gap += REQUEST * 4;
    touched.holds("client-go, hand-over, someone's annotation");
    for releases in [false, true] {
        // Its process ends at once, and the record has to run out: hactl waits for what it cannot see.
        let mut arena = deleted(once(client_go(0)), client_go(0).after);
        arena.settings.release_on_cancel = releases;
        arena.holds(&format!("client-go, hand-over, the Pod deleted, releases: {releases}"));
    }
    rivalled(client_go(0)).holds("client-go, hand-over, another hactl");
    let mut two = rivalled(once(evicted(0, true)));
    two.settings.release_on_cancel = true;
    two.holds("client-go, evict, releases, another hactl");
    for namesake in [false, true] {
        let mut arena = once(client_go(1));
        arena.restart = Some((millis(500), namesake));
        arena.holds(&format!("client-go, hand-over, the container starts again, same name: {namesake}"));
    }
}

#[test]
fn client_go_evicted() {
    for releases in [false, true] {
        for to_b in [false, true] {
            let mut arena = evicted(1, to_b);
            arena.settings.release_on_cancel = releases;
            once(arena).holds(&format!("client-go, evict, releases: {releases}, named: {to_b}"));
        }
    }
    let mut returns = once(evicted(0, true));
    returns.settings.release_on_cancel = true;
    returns.terms[0].returns = true;
    returns.restart = Some((millis(500), true));
    returns.holds("client-go, evict, a replacement with the same name");
    let mut lost = once(evicted(1, true));
    lost.lost = true;
    // Then nothing is proved, and hactl writes nothing.
    lost.gap = lost.after;
    lost.holds("client-go, evict, the Pod is lost");
}

#[test]
fn kube_lease_manager_handed_over() {
    for edition in EDITIONS {
        for standbys in [vec![millis(300)], vec![millis(300), millis(1_300)]] {
            let with = |mut arena: Arena<_>| {
                arena.standbys = vec![standbys.clone()];
                arena
            };
            let name = |what: &str| format!("kube-lease-manager {edition:?}, {}, {what}", standbys.len());
            with(kube_lease_manager(edition, SLOW, 3)).holds(&name("hand-over"));
            let mut any = with(kube_lease_manager(edition, SLOW, 2));
            any.terms[0].to = None;
            // It reads twice, applies, counts and reads.
            any.gap += SLOW * 4;
            any.holds(&name("hand-over to anyone"));
        }
    }
}

#[test]
fn kube_lease_manager_in_trouble() {
    for edition in EDITIONS {
        let quick = |late| kube_lease_manager(edition, QUICK, late);
        let name = |what: &str| format!("kube-lease-manager {edition:?}, {what}");
        let mut killed = quick(1);
        killed.left.kills = 1;
        killed.holds(&name("hand-over, kill -9"));
        let mut interrupted = quick(2);
        interrupted.left.interrupts = 1;
        interrupted.holds(&name("hand-over, interrupted"));
        let mut unheard = kube_lease_manager(edition, SLOW, 1);
        unheard.left.losses = 1;
        unheard.left.touches = 1;
        unheard.holds(&name("hand-over, an answer is lost, someone's annotation"));
        deleted(quick(1), unbounded()).holds(&name("hand-over, the Pod deleted"));
        rivalled(quick(1)).holds(&name("hand-over, another hactl"));
        for to in [None, Some(B)] {
            let mut evicted = deleted(quick(2), unbounded());
            evicted.left.deletions = 0;
            evicted.terms[0].way = Way::Evict;
            evicted.terms[0].to = to;
            // A standby that sleeps until the record it remembers has run out wakes no earlier for a release.
            evicted.gap = evicted.settings.renewal() + QUICK * 8;
            evicted.clone().holds(&name("evict"));
            evicted.terms[0].returns = true;
            evicted.restart = Some((REPLACED, true));
            evicted.left.late = 1;
            evicted.holds(&name("evict, a replacement with the same name"));
        }
    }
}

/// Where a record has to run out first, whoever is told to wait for it.
fn unbounded() -> Micros {
    kube_lease_manager(Edition::Since0_11_1, QUICK, 0).after
}

#[test]
fn kubert_moved() {
    kubert(3).holds("kubert, hand-over");
    let mut any = kubert(3);
    any.terms[0].to = None;
    any.holds("kubert, hand-over to anyone");
    let mut three = kubert(2);
    three.standbys = vec![vec![millis(300), millis(1_300)]];
    three.holds("kubert, hand-over, two standbys");
    let mut killed = kubert(2);
    killed.left.kills = 1;
    killed.holds("kubert, hand-over, kill -9");
    let mut unheard = kubert(2);
    unheard.left.interrupts = 1;
    unheard.left.losses = 1;
    unheard.gap = unheard.after;
    unheard.holds("kubert, hand-over, an answer is lost, interrupted");
    let mut touched = kubert(2);
    touched.left.touches = 1;
    touched.holds("kubert, hand-over, someone's annotation");
    // As its fence runs out, the old leader may claim it on its way out. A standby that has seen that sleeps it out.
    let gap = kubert(0).after + kubert(0).settings.grace_period;
    deleted(kubert(2), gap).holds("kubert, hand-over, the Pod deleted");
    rivalled(kubert(1)).holds("kubert, hand-over, another hactl");
    for returns in [false, true] {
        let mut evicted = deleted(kubert(1), gap);
        evicted.left.deletions = 0;
        evicted.terms[0].way = Way::Evict;
        evicted.terms[0].returns = returns;
        evicted.restart = returns.then_some((REPLACED, true));
        evicted.holds(&format!("kubert, evict, a replacement with the same name: {returns}"));
    }
}
