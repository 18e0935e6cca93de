//! The elections that are played: quick settings, so that few steps lead far, with requests slow enough to matter.

use super::super::method::Assumed;
use super::super::{Freeing, Terms, Way};
use super::arena::{A, Arena, B, FENCE};
use crate::elector::Settings;
use crate::elector::client_go::ClientGo;
use crate::elector::kube_lease_manager::{Edition, KubeLeaseManager};
use crate::elector::kubert::Kubert;
use crate::elector::setup::Setup;
use crate::model::Micros;

/// `TRANSFER_MODEL=long` follows one late message more.
const LONG: bool = option_env!("TRANSFER_MODEL").is_some();

pub(super) const fn millis(millis: i64) -> Micros {
    Micros::from_millis(millis)
}

/// What a request of client-go takes, there and back, at the most.
pub(super) const REQUEST: Micros = millis(500);
pub(super) const CLIENT_GO: ClientGo = ClientGo {
    lease_duration: Micros::from_secs(6),
    renew_deadline: Micros::from_secs(3),
    retry_period: Micros::SECOND,
    release_on_cancel: false,
    timeout: millis(1_500),
};
/// A standby's longest pause between two looks, the answer to the look before it, the look, and the write.
pub(super) const LOOK: Micros = millis(2_200 + 3 * 500);

/// Of client-go, 6/3/1.
pub(super) fn client_go(late: u8) -> Arena<ClientGo> {
    let setup = Setup::ClientGo(CLIENT_GO);
    let mut arena = hand_over(CLIENT_GO, setup, REQUEST, late);
    // Both sides of the leader's renewals, and of each other.
    arena.standbys = vec![vec![millis(300)], vec![millis(700)]];
    arena.phases = vec![millis(0), millis(500)];
    // The old leader stops a renew deadline after the fence at the earliest, and a request before that: it may have asked
    // already. hactl hears of its fence a request late, waits, and its hand-over arrives a request late.
    arena.gap = CLIENT_GO.retry_period + REQUEST * 2 + REQUEST * 3 + LOOK;
    // What hactl sent last arrives, a standby sees it at its next look, and looks again when it has run out.
    arena.after = REQUEST + LOOK + CLIENT_GO.lease_duration + LOOK;
    arena.horizon = arena.after + Micros::SECOND;
    arena
}

/// The same, evicted.
pub(super) fn evicted(late: u8, to_b: bool) -> Arena<ClientGo> {
    let mut arena = client_go(late);
    arena.terms[0].way = Way::Evict;
    arena.terms[0].to = to_b.then_some(B);
    arena.stops = vec![millis(0), millis(1_500)];
    arena.reports = vec![millis(0), millis(500)];
    arena.left.impatience = 1;
    // A release of two requests, the report and its watch; the Pod or the Lease is read, and the Lease written, twice
    // where the process had written meanwhile.
    arena.gap = REQUEST * 2 + millis(500) + arena.watch + REQUEST * 4 + LOOK;
    arena
}

/// Of kube-lease-manager, 6/2.
pub(super) fn kube_lease_manager(edition: Edition, request: Micros, late: u8) -> Arena<KubeLeaseManager> {
    let settings = KubeLeaseManager::new(Micros::from_secs(6), Micros::from_secs(2), edition);
    let mut arena = hand_over(settings, Setup::KubeLeaseManager(settings), request, late);
    // It applies, counts, and reads, and then it acts.
    arena.claims = 3;
    // The next leader wakes a grace period after the date of the acknowledgement, and reads the Lease.
    arena.gap = settings.grace_period + Micros::TICK + request;
    // The old leader may still date the fence as late as it can; then it has to run out, and whoever nulls it waits.
    arena.after = settings.renewal() + settings.lease_duration + Micros::SECOND + request * 9;
    arena.horizon = arena.after + Micros::SECOND;
    arena
}

/// Of kubert, 6/2.
pub(super) fn kubert(late: u8) -> Arena<Kubert> {
    let (settings, request) = (Kubert::new(Micros::from_secs(6), Micros::from_secs(2)), millis(250));
    let mut arena = hand_over(settings, Setup::Kubert(settings), request, late);
    // The next leader claims when the record has run out, learns of the other version, and reads it.
    arena.gap = settings.grace_period + request * 2;
    arena.after = settings.lease_duration + request * 3;
    arena.horizon = arena.after + Micros::SECOND;
    arena
}

fn hand_over<S: Settings>(settings: S, setup: Setup, request: Micros, late: u8) -> Arena<S> {
    let assumed = Assumed { request, skew: Micros::ZERO };
    let way = Way::hand_over(setup, true, assumed).expect("these settings are fit");
    let terms = Terms {
        from: A,
        to: Some(B),
        fence: FENCE,
        way,
        duration: 6,
        freeing: Freeing::of(setup),
        returns: false,
        chosen: false,
        stragglers: assumed.stragglers(setup),
        timeout: Micros::NEVER,
    };
    let mut arena = Arena::new(settings, terms, request);
    arena.left.late = late + u8::from(LONG);
    // From just after a renewal to just before the next.
    arena.phases = (0..4).map(Micros::from_secs).chain([millis(3_500)]).collect();
    arena
}
