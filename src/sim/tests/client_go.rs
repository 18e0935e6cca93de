//! client-go: each figure that follows from its rhythm, and each that was measured.

use super::closed_forms::{crash, look_after, mean_first_residual, mean_look_after, mean_residual, residual};
use super::*;

const N: u64 = 6_000;

fn play(fault: Fault) -> Vec<Trial> {
    trials(&Scenario::new(go(15.0, 10.0, 2.0), fault), N)
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(3);
    (0..N).map(|_| draw(&mut dice)).collect()
}

fn overlaps(trials: &[Trial]) -> Vec<f64> {
    trials.iter().map(|trial| trial.overlap.as_secs_f64()).collect()
}

fn leaderless(trials: &[Trial]) -> Vec<f64> {
    trials.iter().map(|trial| trial.leaderless.as_secs_f64()).collect()
}

#[track_caller]
fn assert_no_two(trials: &[Trial]) {
    assert_share(trials, 0.0, |trial| trial.overlap > Micros::ZERO);
}

fn out(lasting: f64, met: Met) -> Fault {
    Fault::Outage(Outage { lasting: secs(lasting), met })
}

#[test]
fn a_crash_costs_the_lease_duration_and_the_way_to_two_looks() {
    for (lease, renew, retry) in [(15.0, 10.0, 2.0), (137.0, 107.0, 26.0), (270.0, 240.0, 60.0), (6.0, 4.0, 1.0)] {
        let played = trials(&Scenario::new(go(lease, renew, retry), Fault::Crash), N);
        let seen = takeovers(&played);
        assert_eq!(seen.len(), played.len());
        assert_within(&seen, lease - retry, lease + 4.4 * retry);
        assert_mean(&seen, mean_residual(retry) + mean_look_after(lease, retry) - retry / 2.0);
        assert_same_distribution(&seen, &sample(|dice| crash(lease, retry, 1, dice)));
        assert_eq!(leaderless(&played), seen);
        assert_no_two(&played);
    }
    // As it is known for 15/10/2: 13, 17.35 and 23.8 s.
    assert!((mean_residual(2.0) + mean_look_after(15.0, 2.0) - 1.0 - 17.35).abs() < 0.01);
}

#[test]
fn more_standbys_look_sooner() {
    for (standbys, mean) in [(2, 16.5), (4, 15.87)] {
        let played = trials(&Scenario { standbys, ..Scenario::new(go(15.0, 10.0, 2.0), Fault::Crash) }, N);
        let seen = takeovers(&played);
        assert_same_distribution(&seen, &sample(|dice| crash(15.0, 2.0, standbys, dice)));
        assert!((seen.iter().sum::<f64>() / seen.len() as f64 - mean).abs() < 0.1);
    }
}

/// Models that are nearly right are told from the right one by the same comparison.
#[test]
fn a_wrong_model_is_noticed() {
    let seen = takeovers(&play(Fault::Crash));
    let without_jitter = sample(|dice| {
        let grid = 15.0_f64.div_euclid(2.0) * 2.0 + 2.0;
        dice.uniform(0.0, 2.0) + grid - dice.uniform(0.0, 2.0)
    });
    let at_expiry = sample(|dice| 15.0 + residual(2.0, dice) - dice.uniform(0.0, 2.0));
    assert!(distance(&seen, &without_jitter) > 5.0);
    assert!(distance(&seen, &at_expiry) > 5.0);
}

#[test]
fn a_release_is_seen_at_the_next_look() {
    let settings = ClientGo { release_on_cancel: true, ..go(15.0, 10.0, 2.0) };
    for standbys in [1, 2, 4] {
        let played = trials(&Scenario { standbys, ..Scenario::new(settings, Fault::Shutdown) }, N);
        let seen = takeovers(&played);
        assert_within(&seen, 0.0, 4.4);
        assert_mean(&seen, mean_first_residual(2.0, standbys.into()));
        assert_no_two(&played);
    }
    // Without, it is a crash.
    assert_eq!(takeovers(&play(Fault::Shutdown)), takeovers(&play(Fault::Crash)));
}

#[test]
fn a_leader_that_is_cut_off_stops_before_another_starts() {
    for met in [Met::Refused, Met::Reset, Met::Hang] {
        let played = play(Fault::Partition(Outage { lasting: secs(60.0), met }));
        assert_same_distribution(&takeovers(&played), &takeovers(&play(Fault::Crash)));
        // Off 10 to 12 s after the cut, and 3 s at least before anyone else can start.
        let off: Vec<_> = played.iter().map(|t| (t.takeover.unwrap() - t.leaderless).as_secs_f64()).collect();
        assert_within(&off, 10.0, 12.0);
        assert_mean(&off, 11.0);
        assert_within(&leaderless(&played), 3.0, 13.8);
        assert_no_two(&played);
    }
}

/// With release on cancel the work goes on until the release has failed too: half a renew deadline more, unless the
/// connection is refused. More than the margin of 3 s.
#[test]
fn a_release_that_cannot_be_made_costs_the_margin() {
    let settings = ClientGo { release_on_cancel: true, ..go(15.0, 10.0, 2.0) };
    let play = |met| {
        let partition = Fault::Partition(Outage { lasting: secs(60.0), met });
        trials(&Scenario::new(settings, partition), N)
    };
    assert_no_two(&play(Met::Refused));
    for met in [Met::Reset, Met::Hang] {
        let played = play(met);
        assert_within(&overlaps(&played), 0.0, 2.0);
        assert!((0.15..0.25).contains(&share(&played, |trial| trial.overlap > Micros::ZERO)));
    }
}

#[test]
fn an_outage_is_survived_if_a_try_comes_after_it() {
    let survived = |trial: &Trial| trial.takeover.is_none() && !trial.by_self && trial.leaderless == Micros::ZERO;
    for (lasting, refused, reset) in
        [(8.0, 1.0, 1.0), (9.0, 0.5, 1.0), (9.5, 0.25, 0.75), (9.8, 0.1, 0.6), (10.2, 0.0, 0.4), (11.0, 0.0, 0.0)]
    {
        assert_share(&play(out(lasting, Met::Refused)), refused, survived);
        assert_share(&play(out(lasting, Met::Reset)), reset, survived);
    }
    let long = trials(&Scenario::new(go(137.0, 107.0, 26.0), out(60.0, Met::Refused)), 1_000);
    assert_share(&long, 1.0, survived);
}

/// A standby that had looked after the last renewal goes by that look; one that had not sees the renewal only when the
/// outage is over, and waits a whole lease duration from there.
#[test]
fn after_an_outage_the_takeover_comes_early_or_late() {
    let played = play(out(11.0, Met::Refused));
    let late = |trial: &Trial| trial.takeover.is_some_and(|at| at > secs(22.0));
    // The last look is a stationary age ago, the last renewal a uniform one: 1 − (1/2) / 1.6.
    assert_share(&played, 0.6875, late);
    let (late, early): (Vec<_>, Vec<_>) = takeovers(&played).into_iter().partition(|at| *at > 22.0);
    assert_within(&early, 13.0, 19.4);
    assert_within(&late, 26.0, 34.8);
    assert_same_distribution(&late, &sample(|dice| 11.0 + residual(2.0, dice) + look_after(15.0, 2.0, dice)));
    assert_no_two(&played);
    // A standby that repeats its GET every second is there sooner.
    let reset = takeovers(&play(out(11.0, Met::Reset)));
    assert_within(&reset.into_iter().filter(|at| *at > 22.0).collect::<Vec<_>>(), 26.0, 35.4);
}

#[test]
fn who_was_frozen_acts_a_renew_deadline_more() {
    let played = play(Fault::Freeze(secs(25.0)));
    assert_share(&played, 1.0, |trial| trial.overlap == secs(10.0));
    assert_same_distribution(&takeovers(&played), &takeovers(&play(Fault::Crash)));
    let short = play(Fault::Freeze(secs(5.0)));
    assert_share(&short, 1.0, |trial| trial.by_self && trial.leaderless == secs(5.0) && trial.takeover.is_none());
}

/// By the deadline of that renewal, which has passed meanwhile: seen 40 times of 40.
#[test]
fn who_was_frozen_in_the_middle_of_a_renewal_stops_as_it_wakes() {
    let latency = Latency { low: secs(0.2), high: secs(0.2) };
    let freeze = Fault::Freeze(secs(25.0));
    let played = trials(&Scenario { latency, ..Scenario::new(go(15.0, 10.0, 2.0), freeze) }, N);
    assert_share(&played, 0.4 / 2.4, |trial| trial.overlap == Micros::ZERO);
    assert_share(&played, 2.0 / 2.4, |trial| trial.overlap == secs(10.0));
}

#[test]
fn another_holder_written_makes_two_leaders() {
    let played = play(Fault::Write(Tampering::Holder));
    assert_within(&takeovers(&played), 0.0, 4.4);
    assert_mean(&takeovers(&played), mean_residual(2.0));
    assert_within(&overlaps(&played), 5.6, 12.0);
    assert_mean(&overlaps(&played), 10.0 + 1.0 - mean_residual(2.0));
    let overlap = sample(|dice| 10.0 + dice.uniform(0.0, 2.0) - residual(2.0, dice));
    assert_same_distribution(&overlaps(&played), &overlap);
}

#[test]
fn a_holder_that_is_nobody_makes_none() {
    let played = play(Fault::Write(Tampering::Sentinel));
    assert_no_two(&played);
    assert_same_distribution(&takeovers(&played), &sample(|dice| residual(2.0, dice) + look_after(15.0, 2.0, dice)));
    assert_within(&leaderless(&played), 15.0 - 12.0, 23.8 - 10.0);
}

/// Whoever tries first gets a cleared Lease, or creates a deleted one: mostly the leader itself, which then goes on.
#[test]
fn a_cleared_lease_goes_to_whoever_tries_first() {
    for tampering in [Tampering::Clear, Tampering::ClearNull, Tampering::Delete] {
        for standbys in [1, 2, 3, 4] {
            let scenario = Scenario { standbys, ..Scenario::new(go(15.0, 10.0, 2.0), Fault::Write(tampering)) };
            let played = trials(&scenario, 2_000);
            // The mean of (1 − φ / 1.6)ⁿ over the leader's phase φ.
            let n = i32::from(standbys) + 1;
            let kept = 1.6 / f64::from(n) * (1.0 - (0.6_f64 / 1.6).powi(n));
            assert_share(&played, kept, |trial| trial.takeover.is_none());
            let two: Vec<_> = overlaps(&played).into_iter().filter(|overlap| *overlap > 0.0).collect();
            assert_within(&two, 10.0, 12.0);
            if standbys == 1 {
                assert_mean(&two, 10.0 + 2.0 / 3.0);
            }
        }
    }
}

#[test]
fn another_duration_is_mended_within_a_retry_period() {
    for seconds in [1, 3_600] {
        let played = play(Fault::Write(Tampering::Duration(seconds)));
        assert_share(&played, 1.0, |t| t.takeover.is_none() && t.overlap + t.leaderless == Micros::ZERO);
    }
}

#[test]
fn a_container_that_comes_back_leads_at_once_only_under_its_old_name() {
    let restart = |same_identity| play(Fault::CrashRestart(Restart { after: secs(1.0), same_identity }));
    assert_share(&restart(true), 1.0, |trial| trial.by_self && (trial.leaderless - secs(1.0)).get() < 100);
    let other = restart(false);
    assert_within(&leaderless(&other), 13.0, 23.8);
    assert_share(&other, 1.0, |trial| trial.by_self != trial.takeover.is_some());
}

#[test]
fn an_undisturbed_election_stays_as_it_is() {
    let latency = Latency { low: secs(0.001), high: secs(0.2) };
    let played = trials(&Scenario { standbys: 3, latency, ..Scenario::new(go(15.0, 10.0, 2.0), Fault::Nothing) }, 500);
    assert_share(&played, 1.0, |t| t.takeover.is_none() && t.overlap + t.leaderless == Micros::ZERO);
}

/// A process that lost the Lease ends, and its container comes back as one candidate more.
#[test]
fn who_lost_the_lease_can_come_back_for_it() {
    let restart = Some(Restart { after: secs(1.0), same_identity: false });
    let scenario = Scenario { restart, ..Scenario::new(go(15.0, 10.0, 2.0), out(11.0, Met::Refused)) };
    let played = trials(&scenario, 2_000);
    assert_share(&played, 1.0, |trial| trial.by_self != trial.takeover.is_some());
    assert!((0.3..0.7).contains(&share(&played, |trial| trial.by_self)));
    assert_no_two(&played);
}
