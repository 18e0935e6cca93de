//! kube-lease-manager and kubert: what follows from a standby that looks only at the expiry that it remembers.

use super::*;

const N: u64 = 3_000;
const OLD: Edition = Edition::Before0_11_1;
const NEW: Edition = Edition::Since0_11_1;

fn klm(lease: f64, grace: f64, edition: Edition) -> KubeLeaseManager {
    KubeLeaseManager::new(secs(lease), secs(grace), edition)
}

fn play<S: Settings>(settings: S, fault: Fault) -> Vec<Trial> {
    trials(&Scenario { horizon: secs(200.0), ..Scenario::new(settings, fault) }, N)
}

fn write<S: Settings>(settings: S, tampering: Tampering) -> Vec<Trial> {
    play(settings, Fault::Write(tampering))
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(5);
    (0..N).map(|_| draw(&mut dice)).collect()
}

/// Whether a time is this one, but for what answers take.
fn about(time: Micros, expected: f64) -> bool {
    (time - secs(expected)).get().abs() < 100
}

/// With the grace period *G* before expiry and *P* between renewals: in the first G after a renewal the standby looks
/// before the leader does, and both lead until the leader's next renewal. After that it is the other way round.
fn assert_two_or_none(played: &[Trial], lease: f64, grace: f64) {
    let early = grace / (lease - grace);
    let two = lease - 2.0 * grace;
    assert_share(played, early, |trial| about(trial.overlap, two) && about(trial.leaderless, 0.0));
    assert_share(played, 1.0 - early, |trial| about(trial.overlap, 0.0) && about(trial.leaderless, grace));
}

const TIMINGS: [(f64, f64); 4] = [(15.0, 5.0), (30.0, 5.0), (6.0, 2.0), (10.0, 3.0)];

#[test]
fn a_crashed_kube_lease_manager_is_replaced_at_expiry_and_a_random_wait() {
    for edition in [OLD, NEW] {
        for (lease, grace) in TIMINGS {
            let seen = takeovers(&play(klm(lease, grace, edition), Fault::Crash));
            assert_within(&seen, grace + 0.1, lease + 1.0);
            assert_mean(&seen, f64::midpoint(lease, grace) + 0.55);
            let direct = sample(|dice| lease - dice.uniform(0.0, lease - grace) + dice.uniform(0.1, 1.0));
            assert_same_distribution(&seen, &direct);
        }
    }
    // 15/5: 5.1, 10.55 and 16 s.
    assert!((f64::midpoint(15.0, 5.0) + 0.55 - 10.55_f64).abs() < 1e-9);
}

#[test]
fn of_two_kube_lease_managers_the_shorter_wait_wins() {
    let seen = takeovers(&trials(&Scenario { standbys: 2, ..Scenario::new(klm(15.0, 5.0, NEW), Fault::Crash) }, N));
    assert_mean(&seen, 10.0 + 0.4);
    // A clock that is late finds the Lease nulled already, and does not wait.
    let clocks = vec![Micros::ZERO, Micros::ZERO, secs(-0.05)];
    let late = Scenario { standbys: 2, clocks, ..Scenario::new(klm(15.0, 5.0, NEW), Fault::Crash) };
    let seen = takeovers(&trials(&late, N));
    assert_mean(&seen, 10.0 + 0.05);
}

#[test]
fn a_release_waits_for_the_standby_to_look() {
    for (lease, grace) in TIMINGS {
        let played = play(klm(lease, grace, OLD), Fault::Shutdown);
        let direct = sample(|dice| dice.uniform(0.0, lease - grace));
        assert_same_distribution(&takeovers(&played), &direct);
        let played = play(Kubert::new(secs(lease), secs(grace)), Fault::Shutdown);
        assert_same_distribution(&takeovers(&played), &direct);
    }
}

#[test]
fn another_holder_written_makes_two_leaders_or_none() {
    for (lease, grace) in TIMINGS {
        assert_two_or_none(&write(klm(lease, grace, OLD), Tampering::Holder), lease, grace);
        assert_two_or_none(&write(klm(lease, grace, NEW), Tampering::Holder), lease, grace);
        assert_two_or_none(&write(Kubert::new(secs(lease), secs(grace)), Tampering::Holder), lease, grace);
    }
    assert_two_or_none(&write(Kubert::new(secs(30.0), secs(1.0)), Tampering::Holder), 30.0, 1.0);
}

/// Only the holder nulled: an old kube-lease-manager never has a leader again, whichever phase it is in.
#[test]
fn a_null_holder_is_the_end_of_an_old_kube_lease_manager() {
    for (lease, grace) in [(15.0, 5.0), (6.0, 2.0)] {
        let played = write(klm(lease, grace, OLD), Tampering::ClearNull);
        assert_share(&played, 1.0, |trial| trial.censored && trial.takeover.is_none() && !trial.by_self);
        assert_share(&played, 1.0, |trial| trial.leaderless >= secs(200.0 - lease + grace));
        // All four: only if the leader patches it before the standby looks.
        let played = write(klm(lease, grace, OLD), Tampering::ClearAll);
        let early = grace / (lease - grace);
        assert_share(&played, early, |trial| about(trial.overlap, lease - 2.0 * grace) && !trial.censored);
        assert_share(&played, 1.0 - early, |trial| trial.censored && trial.leaderless > secs(100.0));
    }
}

#[test]
fn a_null_holder_is_mended_by_a_new_kube_lease_manager() {
    let (lease, grace) = (15.0, 5.0);
    let two = lease - 2.0 * grace;
    let early = grace / (lease - grace);
    let played = write(klm(lease, grace, NEW), Tampering::ClearNull);
    let waited = |time: Micros| (secs(0.0999)..secs(1.001)).contains(&time);
    assert_share(&played, early, |trial| waited(secs(two) - trial.overlap) && trial.takeover.is_some());
    assert_share(&played, 1.0 - early, |trial| waited(trial.leaderless) && trial.by_self);
    let played = write(klm(lease, grace, NEW), Tampering::ClearAll);
    assert_share(&played, early, |trial| about(trial.overlap, two));
    assert_share(&played, 1.0 - early, |trial| waited(trial.leaderless) && trial.by_self);
}

/// An empty holder counts as one. The old leader takes part again when it has run out.
#[test]
fn a_holder_that_is_nobody_has_to_expire() {
    for tampering in [Tampering::Sentinel, Tampering::Clear] {
        let played = write(klm(15.0, 5.0, NEW), tampering);
        assert_share(&played, 1.0, |trial| trial.overlap == Micros::ZERO);
        assert_share(&played, 0.5, |trial| trial.by_self);
        let gap: Vec<_> = played.iter().map(|trial| trial.leaderless.as_secs_f64()).collect();
        assert_within(&gap, 15.1, 16.0);
        assert_mean(&gap, 15.4);
        let when = takeovers(&played);
        assert_within(&when, 15.1, 26.0);
    }
}

#[test]
fn a_short_duration_is_only_seen_early() {
    let played = write(klm(15.0, 5.0, NEW), Tampering::Duration(1));
    // For longer than a second it has not run out yet when the standby looks: at R + G, always.
    assert_share(&played, 0.5, |trial| trial.takeover.is_some() && trial.overlap > secs(3.99));
    assert_share(&played, 0.5, |trial| trial.takeover.is_none() && trial.overlap == Micros::ZERO);
}

#[test]
fn a_deleted_lease_has_no_successor() {
    // kube-lease-manager leads on without one.
    let played = write(klm(15.0, 5.0, NEW), Tampering::Delete);
    assert_share(&played, 1.0, |t| t.takeover.is_none() && t.leaderless + t.overlap == Micros::ZERO);
    // kubert's tasks end, its leader's within a period and a grace.
    let played = write(Kubert::new(secs(6.0), secs(1.0)), Tampering::Delete);
    assert_share(&played, 1.0, |trial| trial.takeover.is_none() && trial.censored);
    let acted: Vec<_> = played.iter().map(|trial| 200.0 - trial.leaderless.as_secs_f64()).collect();
    assert_within(&acted, 1.0, 6.0);
}

/// Nothing but another holder's name in an answer makes it stop.
#[test]
fn a_kube_lease_manager_that_is_cut_off_leads_on() {
    for met in [Met::Refused, Met::Reset] {
        let played = play(klm(6.0, 2.0, NEW), Fault::Partition(Outage { lasting: secs(20.0), met }));
        let off: Vec<_> = played.iter().map(|t| (t.takeover.unwrap() + t.overlap).as_secs_f64()).collect();
        // Its pauses end up to 30 s after the cut does; 20.5 to 32.9 s were seen.
        assert_within(&off, 20.0, 50.0);
        assert_share(&played, 1.0, |trial| trial.leaderless == Micros::ZERO);
    }
    let hang = Fault::Partition(Outage { lasting: secs(30.0), met: Met::Hang });
    assert_share(&play(klm(15.0, 5.0, NEW), hang), 1.0, |trial| trial.censored && trial.overlap > secs(180.0));
    // Who was frozen asks first.
    let frozen = play(klm(15.0, 5.0, NEW), Fault::Freeze(secs(40.0)));
    assert_share(&frozen, 1.0, |trial| trial.overlap < secs(0.001) && trial.takeover.is_some());
}

#[test]
fn a_kubert_that_is_cut_off_stops_by_itself() {
    for met in [Met::Refused, Met::Reset, Met::Hang] {
        let played = play(Kubert::new(secs(30.0), secs(1.0)), Fault::Partition(Outage { lasting: secs(60.0), met }));
        assert_share(&played, 1.0, |t| t.overlap == Micros::ZERO && t.leaderless < secs(0.001));
        assert_same_distribution(&takeovers(&played), &sample(|dice| dice.uniform(1.0, 30.0)));
    }
    let frozen = play(Kubert::new(secs(30.0), secs(1.0)), Fault::Freeze(secs(40.0)));
    assert_share(&frozen, 1.0, |trial| trial.overlap == Micros::ZERO);
}

#[test]
fn a_crashed_kubert_is_replaced_at_expiry() {
    for (lease, grace) in [(30.0, 1.0), (6.0, 1.0), (15.0, 5.0)] {
        let seen = takeovers(&play(Kubert::new(secs(lease), secs(grace)), Fault::Crash));
        assert_same_distribution(&seen, &sample(|dice| dice.uniform(grace, lease)));
        assert_mean(&seen, f64::midpoint(lease, grace));
    }
}

#[test]
fn a_null_holder_is_taken_by_whoever_looks_first_at_kubert() {
    let (lease, grace) = (30.0, 1.0);
    let played = write(Kubert::new(secs(lease), secs(grace)), Tampering::ClearNull);
    let early = grace / (lease - grace);
    assert_share(&played, early, |trial| about(trial.overlap, lease - 2.0 * grace));
    assert_share(&played, 1.0 - early, |t| t.takeover.is_none() && t.overlap + t.leaderless == Micros::ZERO);
}

/// A claim of a holder with an empty name has to run out, and mostly the old leader is there first.
#[test]
fn an_empty_holder_leaves_kubert_alone_for_a_grace_period() {
    let played = write(Kubert::new(secs(30.0), secs(1.0)), Tampering::Clear);
    assert_share(&played, 1.0, |trial| about(trial.leaderless, 1.0) && trial.overlap == Micros::ZERO);
    assert!(share(&played, |trial| trial.by_self) > 0.9);
}

/// A standby's clock that is ahead makes it look sooner, and by more than the grace period steals a live Lease.
#[test]
fn clocks_are_trusted() {
    let clocks = vec![Micros::ZERO, secs(3.0)];
    let ahead = Scenario { clocks, ..Scenario::new(klm(15.0, 5.0, NEW), Fault::Crash) };
    assert_mean(&takeovers(&trials(&ahead, N)), 10.55 - 3.0);
    assert_share(&play(klm(15.0, 5.0, NEW), Fault::Skew(secs(4.9))), 0.0, |trial| trial.takeover.is_some());
    let stolen: Vec<_> = play(klm(15.0, 5.0, NEW), Fault::Skew(secs(7.0)));
    let two: Vec<_> = stolen.iter().map(|trial| trial.overlap.as_secs_f64()).collect();
    assert_within(&two, 7.0 - 5.0 - 1.0, 7.0 - 5.0 - 0.1);
    let kubert = Kubert::new(secs(30.0), secs(1.0));
    assert_share(&play(kubert, Fault::Skew(secs(0.9))), 0.0, |trial| trial.takeover.is_some());
    assert_share(&play(kubert, Fault::Skew(secs(3.0))), 1.0, |trial| about(trial.overlap, 2.0));
    // client-go goes by its own clock alone.
    let even = Scenario::new(go(15.0, 10.0, 2.0), Fault::Crash);
    let skewed = Scenario { clocks: vec![Micros::ZERO, secs(1_000.0)], ..even.clone() };
    assert_eq!(trials(&skewed, 500), trials(&even, 500));
}
