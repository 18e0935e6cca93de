//! fabric8: what follows from its loops and from the repetitions of its HTTP client.

use super::closed_forms::residual;
use super::*;
use crate::elector::Bound;
use crate::elector::fabric8::Fabric8;
use crate::elector::rule::Broken;

const N: u64 = 3_000;

fn fabric8(lease: f64, renew: f64, retry: f64) -> Fabric8 {
    Fabric8::new(secs(lease), secs(renew), secs(retry))
}

fn usual() -> Fabric8 {
    fabric8(15.0, 10.0, 2.0)
}

fn play(settings: Fabric8, fault: Fault) -> Vec<Trial> {
    trials(&Scenario { horizon: secs(400.0), ..Scenario::new(settings, fault) }, N)
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(23);
    (0..N).map(|_| draw(&mut dice)).collect()
}

fn stopped(trials: &[Trial]) -> Vec<f64> {
    trials.iter().map(|trial| trial.old_stopped.expect("it stops").as_secs_f64()).collect()
}

#[test]
fn a_crash_costs_the_lease_duration_and_the_way_to_a_look() {
    for (lease, renew, retry) in [(15.0, 10.0, 2.0), (30.0, 20.0, 5.0)] {
        let seen = takeovers(&play(fabric8(lease, renew, retry), Fault::Crash));
        let direct = sample(|dice| lease - dice.uniform(0.0, retry) + residual(retry, dice));
        assert_same_distribution(&seen, &direct);
    }
    // 13, 15.7 and 19.4 s.
    let seen = takeovers(&play(usual(), Fault::Crash));
    assert_within(&seen, 13.0, 19.4);
    assert_mean(&seen, 15.0 - 1.0 + 1.675);
}

#[test]
fn a_release_still_has_to_expire() {
    let played = play(Fabric8 { release_on_cancel: true, ..usual() }, Fault::Shutdown);
    assert_within(&takeovers(&played), 1.0, 1.0 + 4.4);
    assert_same_distribution(&takeovers(&played), &sample(|dice| 1.0 + residual(2.0, dice)));
    assert_eq!(play(usual(), Fault::Shutdown), play(usual(), Fault::Crash));
}

/// It looks at its deadline only after a call with ten repetitions, 19.1 s, and a rest.
#[test]
fn a_leader_that_is_cut_off_acts_beside_its_successor() {
    let cut = |met| Fault::Partition(Outage { lasting: secs(120.0), met });
    for met in [Met::Refused, Met::Reset] {
        let played = play(usual(), cut(met));
        assert_same_distribution(&stopped(&played), &sample(|dice| dice.uniform(0.0, 2.0) + 19.1 + 2.0));
        // From the renewal on: the other takes over after 15 to 19.4 s, and this one stops after 23.1.
        let two: Vec<_> = played.iter().map(|trial| trial.overlap.as_secs_f64()).collect();
        assert_within(&two, 23.1 - 19.4, 23.1 - 15.0);
    }
    assert_eq!(usual().margin(), secs(-8.1));
    // A release that cannot be made costs another 19.1 s: 21 to 40 s in all, and up to 25 of them beside the other.
    let played = play(Fabric8 { release_on_cancel: true, ..usual() }, cut(Met::Refused));
    let off = sample(|dice| dice.uniform(0.0, 2.0) + 19.1 + 2.0 + 19.1);
    assert_same_distribution(&stopped(&played), &off);
    assert!(played.iter().all(|trial| trial.overlap > secs(20.0) && trial.overlap < secs(27.3)));
    // A call that hangs is repeated too: eleven times 10 s, and the pauses.
    let played = trials(&Scenario { horizon: secs(400.0), ..Scenario::new(usual(), cut(Met::Hang)) }, 200);
    assert_share(&played, 1.0, |trial| trial.overlap > secs(90.0));
}

#[test]
fn a_replaced_leader_stops_at_its_next_look() {
    let played = play(usual(), Fault::Write(Tampering::Holder));
    assert_same_distribution(&stopped(&played), &sample(|dice| dice.uniform(0.0, 2.0)));
    assert_same_distribution(&takeovers(&played), &sample(|dice| residual(2.0, dice)));
    assert_share(&played, 0.0, |trial| trial.overlap > secs(2.0));
    let sentinel = play(usual(), Fault::Write(Tampering::Sentinel));
    assert_share(&sentinel, 0.0, |trial| trial.overlap > Micros::ZERO || trial.censored);
}

/// No holder is free, no duration or time is the end of every elector that looks.
#[test]
fn a_record_without_times_ends_them_all() {
    for tampering in [Tampering::Clear, Tampering::ClearNull] {
        let played = play(usual(), Fault::Write(tampering));
        // As with client-go, mostly the leader itself is there first; it tells the work that it stops, and starts.
        let kept = 1.6 / 2.0 * (1.0 - (0.6_f64 / 1.6).powi(2));
        assert_share(&played, kept, |trial| trial.takeover.is_none());
        assert_share(&played, 0.0, |trial| trial.censored || trial.leaderless > secs(0.001));
    }
    let ended = play(usual(), Fault::Write(Tampering::ClearAll));
    assert_share(&ended, 1.0, |trial| trial.censored && trial.takeover.is_none() && !trial.by_self);
    assert_share(&ended, 1.0, |trial| trial.old_stopped <= Some(secs(2.0)));
    let deleted = play(usual(), Fault::Write(Tampering::Delete));
    assert_share(&deleted, 0.0, |trial| trial.censored);
}

#[test]
fn what_it_tolerates_follows_from_the_repetitions() {
    let outage = |lasting| Fault::Outage(Outage { lasting, met: Met::Refused });
    let survives = |trial: &Trial| {
        trial.old_stopped.is_none() && trial.takeover.is_none() && trial.overlap + trial.leaderless == Micros::ZERO
    };
    // 0.1, 0.3, …, 9.5, 12.7, 15.9 and 19.1 s after the first, which comes 2 s after the renewal.
    for (settings, expected) in [(usual(), 12.7), (fabric8(30.0, 10.0, 2.0), 19.1), (fabric8(60.0, 40.0, 2.0), 40.2)] {
        let bound = match settings.tolerates().outage {
            Bound::UpTo(bound) => bound,
            Bound::Unlimited => panic!("there is a bound"),
        };
        assert_eq!(bound, secs(expected));
        assert_share(&play(settings, outage(bound)), 1.0, survives);
        assert!(share(&play(settings, outage(bound + secs(1.0))), survives) < 1.0, "{expected}");
    }
    assert_eq!(usual().tolerates().skew, Bound::UpTo(secs(13.0)));
    assert_share(&play(usual(), Fault::Skew(secs(12.999))), 1.0, survives);
    assert!(share(&play(usual(), Fault::Skew(secs(13.3))), survives) < 1.0);
}

#[test]
fn each_rule_is_kept() {
    assert_eq!(usual().check(), Ok(()));
    assert!(matches!(fabric8(10.0, 10.0, 2.0).check(), Err(Broken::DeadlineBeyondDuration { .. })));
    assert!(matches!(fabric8(15.0, 4.4, 2.0).check(), Err(Broken::DeadlineWithinRest { .. })));
    assert_eq!(fabric8(15.0, 4.5, 2.0).check(), Ok(()));
    assert!(matches!(fabric8(15.0, 10.0, 0.0).check(), Err(Broken::NotPositive { .. })));
}
