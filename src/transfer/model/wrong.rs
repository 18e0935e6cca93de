//! What goes wrong where the protocol is changed on its way, or an assumption is not kept. What the checker finds here it
//! would have found in the protocol.

use super::arena::{Arena, B, Tampered};
use super::election::{CLIENT_GO, REQUEST, client_go, evicted, kube_lease_manager, kubert, millis};
use super::world::{Left, Wrong};
use crate::elector::Settings;
use crate::elector::client_go::ClientGo;
use crate::elector::kube_lease_manager::Edition::{Before0_11_1, Since0_11_1};
use crate::elector::kube_lease_manager::KubeLeaseManager;
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Spec};
use crate::transfer::{Fence, Proof, Step, Way};

const SLOW: Micros = millis(250);
const QUICK: Micros = millis(30);

/// A hand-over that waits for so long, at the worst of moments: the fence is stored as the leader has renewed, and the
/// next leader looks just when the wait is over.
fn waiting(wait: Micros, releases: bool, late: u8) -> Arena<ClientGo> {
    let mut arena = client_go(late);
    arena.settings.release_on_cancel = releases;
    arena.phases = vec![CLIENT_GO.retry_period];
    arena.standbys = vec![vec![wait % Micros::SECOND]];
    let proof = Proof::Elapsed { wait, undo: Micros::ZERO };
    arena.terms[0].way = Way::HandOver { fence: Fence::Renewed(CLIENT_GO.retry_period), proof };
    arena
}

#[test]
fn a_fence_that_is_too_short_by_a_microsecond() {
    let until_given_up = CLIENT_GO.renew_deadline + CLIENT_GO.retry_period;
    // A leader that would release asks once more before it ends, and once more for as long as nobody answers.
    for (releases, late, cuts, needed) in [
        (false, 1, 0, until_given_up + REQUEST),
        (true, 2, 0, until_given_up + REQUEST * 2),
        (false, 1, 1, until_given_up + REQUEST),
        (true, 1, 1, until_given_up + CLIENT_GO.renew_deadline + REQUEST),
    ] {
        let name = |wait: Micros| format!("client-go, waits {wait}, releases: {releases}, cut off: {cuts}");
        let waiting = |wait| {
            let mut arena = waiting(wait, releases, late);
            // Its client has no time limit of its own.
            arena.settings.timeout = Micros::NEVER;
            arena.left.cuts = cuts;
            arena
        };
        waiting(needed).holds(&name(needed));
        let short = needed - Micros::TICK;
        waiting(short).breaks(&name(short), Wrong::TwoLead);
    }
}

#[test]
fn a_hand_over_that_waits_for_nothing() {
    let at_once =
        Way::HandOver { fence: Fence::Named, proof: Proof::Elapsed { wait: Micros::ZERO, undo: Micros::ZERO } };
    let mut arena = kube_lease_manager(Since0_11_1, SLOW, 0);
    arena.terms[0].way = at_once;
    arena.breaks("kube-lease-manager, not acknowledged", Wrong::TwoLead);
    let mut arena = kubert(0);
    arena.terms[0].way = at_once;
    arena.breaks("kubert, not waited for", Wrong::TwoLead);
}

#[test]
fn a_fence_between_a_write_and_its_read() {
    let mut arena = kube_lease_manager(Since0_11_1, SLOW, 3);
    let Way::HandOver { proof: Proof::Acknowledged { rest, .. }, .. } = &mut arena.terms[0].way else {
        panic!("it acknowledges")
    };
    *rest = SLOW * 2;
    arena.breaks("kube-lease-manager, fenced two requests after a renewal", Wrong::NobodyLeads);
}

#[test]
fn writes_that_name_no_version() {
    for (step, to_b) in [(Step::HandOver, true), (Step::Free, false)] {
        // The old leader gives the Lease up by itself, another takes it, and then comes what was decided before.
        let mut arena = evicted(1, to_b);
        arena.settings.release_on_cancel = true;
        arena.standbys = vec![vec![millis(300), millis(700)]];
        arena.phases.truncate(1);
        arena.tampered = Tampered::Unguarded(step);
        arena.gap = Micros::NEVER;
        arena.breaks(&format!("client-go, evict, {step:?} without a version"), Wrong::TwoLead);
    }
}

#[test]
fn a_release_before_the_process_has_ended() {
    for to_b in [false, true] {
        let mut arena = evicted(0, to_b);
        arena.tampered = Tampered::Premature;
        arena.breaks(&format!("client-go, evict, not waited for, named: {to_b}"), Wrong::TwoLead);
    }
}

#[test]
fn a_release_that_outlives_its_process() {
    let mut arena = kube_lease_manager(Before0_11_1, QUICK, 2);
    arena.terms[0].way = Way::Evict;
    arena.terms[0].to = None;
    arena.terms[0].stragglers = Micros::ZERO;
    arena.left.impatience = 1;
    arena.gap = Micros::NEVER;
    // Nobody can ever take that record, up to 0.11.0.
    arena.breaks("kube-lease-manager, evict, a release is not waited for", Wrong::NobodyLeads);
}

/// kubert leads by what it reads: a replacement with the old name that has found it in the Lease changes no version, and
/// so the write that was decided before it was there still counts.
#[test]
fn a_replacement_that_is_quicker_than_a_watch_and_two_requests() {
    let mut arena = kubert(2);
    arena.terms[0].way = Way::Evict;
    arena.terms[0].returns = true;
    // Killed on its way out, it gives nothing up.
    arena.left.impatience = 1;
    arena.restart = Some((millis(500), true));
    arena.phases.truncate(1);
    arena.gap = Micros::NEVER;
    arena.breaks("kubert, evict, a replacement within half a second", Wrong::TwoLead);
}

/// A single write by hand, at any time, and no hactl.
fn by_hand<S: Settings>(mut arena: Arena<S>, folk: fn(&Spec, Micros) -> Fields) -> Arena<S> {
    arena.terms.clear();
    arena.left = Left { folk: 1, ..Left::default() };
    arena.folk = folk;
    arena.phases.truncate(1);
    arena.after = Micros::NEVER;
    arena
}

fn named(_: &Spec, now: Micros) -> Fields {
    let now = Change::Set(now);
    Fields { holder: Change::Set(B), acquired: now, renewed: now, ..Fields::default() }
}

fn emptied(_: &Spec, _: Micros) -> Fields {
    Fields { holder: Change::Set(Identity::EMPTY), ..Fields::default() }
}

fn cleared(_: &Spec, _: Micros) -> Fields {
    Fields::RELEASED
}

#[test]
fn single_writes_by_hand() {
    let manager = |edition| kube_lease_manager(edition, QUICK, 0);
    let story = by_hand(client_go(0), named).breaks("client-go, holder: B", Wrong::TwoLead);
    assert!(story.contains("acting: [true, true]"), "{story}");
    by_hand(client_go(0), emptied).breaks("client-go, holder: empty", Wrong::TwoLead);
    by_hand(manager(Since0_11_1), named).breaks("kube-lease-manager, holder: B", Wrong::TwoLead);
    by_hand(manager(Since0_11_1), cleared).breaks("kube-lease-manager, all null", Wrong::TwoLead);
    let mut locked = by_hand(manager(Before0_11_1), cleared);
    // Its two writes carry the same date where nothing takes any time.
    locked.left.late = 1;
    locked.after = locked.settings.lease_duration * 3;
    locked.horizon = locked.settings.lease_duration * 4;
    locked.breaks("kube-lease-manager up to 0.11.0, all null", Wrong::NobodyLeads);
    by_hand(kubert(0), named).breaks("kubert, holder: B", Wrong::TwoLead);
    by_hand(kubert(0), cleared).breaks("kubert, all null", Wrong::TwoLead);
}

fn standbys(number: i64) -> Vec<Vec<Micros>> {
    vec![(0..number).map(|standby| millis(300 + 1_000 * standby)).collect()]
}

/// Without hactl: the leader dies, and so many standbys contend.
fn orphaned(request: Micros, contenders: i64, late: u8) -> Arena<KubeLeaseManager> {
    let mut arena = kube_lease_manager(Since0_11_1, request, late);
    arena.terms.clear();
    arena.left.crashes = 1;
    arena.phases.truncate(1);
    arena.standbys = standbys(contenders);
    arena
}

/// hactl dies, and leaves a fence behind, for which as many contend: the old leader is one of them.
fn abandoned(request: Micros, contenders: i64, late: u8) -> Arena<KubeLeaseManager> {
    let mut arena = kube_lease_manager(Since0_11_1, request, late);
    arena.left.kills = 1;
    arena.phases = vec![Micros::from_secs(2)];
    arena.standbys = standbys(contenders - 1);
    arena
}

/// kube-lease-manager has a flaw of its own: who finds an expired record nulls it, whoever holds it by then. So a fence
/// that is left behind may end as the record of a leader that has died may, and not otherwise: not at all where two
/// contend and three requests in a row take less than its shortest wait, 0.1 s, and with two leaders where they take
/// longer, or three contend.
#[test]
fn an_abandoned_fence_is_as_safe_as_a_dead_leader() {
    for (request, contenders, late, safe) in [(QUICK, 2, 2, true), (millis(60), 2, 2, false), (QUICK, 3, 0, false)] {
        let name = |what: &str| format!("kube-lease-manager, {contenders} contend, requests {request}, {what}");
        if safe {
            orphaned(request, contenders, late).holds(&name("the leader dies"));
            abandoned(request, contenders, late).holds(&name("hactl dies"));
        } else {
            orphaned(request, contenders, late).breaks(&name("the leader dies"), Wrong::TwoLead);
            abandoned(request, contenders, late).breaks(&name("hactl dies"), Wrong::TwoLead);
        }
    }
}
