//! Lost nodes, answers with a 5xx, clocks that run fast, outages of random length, and two faults one after the other.

use super::closed_forms::{look_after, residual};
use super::*;

const N: u64 = 4_000;

fn client_go() -> ClientGo {
    go(15.0, 10.0, 2.0)
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(13);
    (0..N).map(|_| draw(&mut dice)).collect()
}

fn story<S: Settings>(scenario: &Scenario<S>, trial: u64) -> Vec<Moment> {
    let mut story = Vec::new();
    Simulator::new(scenario).trial(Random::stream(1, trial), &mut story);
    story
}

/// In which share of the stories a moment like this one is told after the fault.
fn told<S: Settings>(scenario: &Scenario<S>, is: impl Fn(&Moment) -> bool) -> f64 {
    let count = (0..N).filter(|trial| story(scenario, *trial).iter().any(|m| m.at >= Micros::ZERO && is(m))).count();
    count as f64 / N as f64
}

#[track_caller]
fn assert_about(seen: f64, expected: f64) {
    let deviation = (expected * (1.0 - expected) / N as f64).sqrt();
    assert!((seen - expected).abs() <= 4.0 * deviation + 1e-9, "{seen} instead of {expected}");
}

#[test]
fn a_lost_node_is_a_crash_whose_requests_are_lost_too() {
    let lost = Scenario::new(client_go(), Fault::NodeLoss(NodeLoss::FOR_GOOD));
    let crash = Scenario::new(client_go(), Fault::Crash);
    assert_eq!(trials(&lost, N), trials(&crash, N));
    // With a second for each way, a renewal is on its way to the API for one second in four.
    let latency = Latency { low: secs(1.0), high: secs(1.0) };
    let renewed = |moment: &Moment| moment.what == What::Renewed;
    assert_about(told(&Scenario { latency, ..crash }, renewed), 0.25);
    assert_about(told(&Scenario { latency, ..lost }, renewed), 0.0);
}

/// A single replica of a Deployment: the new Pod has to see the old one's record unchanged for the lease duration.
#[test]
fn a_lost_nodes_pod_is_replaced() {
    let loss = NodeLoss::of_deployment(NodeLoss::GRACE, NodeLoss::TOLERATION);
    let start_up = Span { low: secs(5.0), high: secs(20.0) };
    let alone = Scenario { standbys: 0, start_up, ..Scenario::new(client_go(), Fault::NodeLoss(loss)) };
    let played = trials(&alone, N);
    let direct = sample(|dice| 350.0 + dice.uniform(5.0, 20.0) + look_after(15.0, 2.0, dice));
    assert_same_distribution(&takeovers(&played), &direct);
    assert_share(&played, 1.0, |trial| !trial.by_self && !trial.censored && trial.detection <= Some(secs(15.0)));
    // Where there is a standby, the replacement comes too late to matter.
    let two = Scenario { standbys: 1, ..alone };
    let crash = Scenario::new(client_go(), Fault::Crash);
    assert_same_distribution(&takeovers(&trials(&two, N)), &takeovers(&trials(&crash, N)));
    assert!(story(&Scenario { standbys: 0, ..two }, 0).iter().any(|m| m.what == What::Joined && m.replica == 1));
}

#[test]
fn a_container_takes_its_time_to_start() {
    let restart = Restart { after: secs(1.0), same_identity: true };
    let start_up = Span { low: secs(3.0), high: secs(9.0) };
    let played = trials(&Scenario { start_up, ..Scenario::new(client_go(), Fault::CrashRestart(restart)) }, N);
    let gaps: Vec<_> = played.iter().map(|trial| trial.leaderless.as_secs_f64()).collect();
    assert_same_distribution(&gaps, &sample(|dice| 1.0 + dice.uniform(3.0, 9.0)));
}

/// A try fails if its PUT does, and then the GET or the second PUT: `p (1 − (1 − p)²)`. Five in a row end a leader.
#[test]
fn errors_end_a_leader_that_meets_five_in_a_row() {
    let quiet = Scenario { horizon: secs(14.0), ..Scenario::new(client_go(), Fault::Nothing) };
    let scenario = Scenario { errors: 500_000, ..quiet.clone() };
    let played = trials(&scenario, N);
    let fails: f64 = 0.5 * (1.0 - 0.25);
    assert_share(&played, fails.powi(5), |trial| trial.old_stopped.is_some_and(|at| at < secs(12.0)));
    // The first renewal after the fault fails at once, or the second, …
    let first = |by| told(&scenario, |m| m.what == What::Failed && m.at < secs(by));
    assert_about(first(2.0), 0.5);
    // Always: it is an outage. Never: it is nothing.
    let always = trials(&Scenario { errors: 1_000_000, ..quiet.clone() }, N);
    assert_share(&always, 1.0, |trial| trial.old_stopped.is_some_and(|at| secs(10.0) <= at && at < secs(12.0)));
    assert_share(&trials(&quiet, N), 1.0, |trial| trial.old_stopped.is_none());
}

/// A standby whose clocks run fast waits a shorter time than it believes.
#[test]
fn a_clock_that_runs_fast_shortens_every_wait() {
    let fast = |ppm| Scenario { rates: vec![0, ppm], ..Scenario::new(client_go(), Fault::Crash) };
    let direct = sample(|dice| {
        let rest = (residual(2.0, dice) + look_after(15.0, 2.0, dice)) / 1.25;
        rest - dice.uniform(0.0, 2.0)
    });
    let played = trials(&Scenario { horizon: secs(30.0), ..fast(250_000) }, N);
    assert_same_distribution(&takeovers(&played), &direct);
    // Two can act only if it runs faster than L / (RD + RP) = 1.25 times as fast as the leader's.
    let cut = Fault::Partition(Outage { lasting: secs(60.0), met: Met::Refused });
    let two = |rates: Vec<i32>| {
        let played = trials(&Scenario { rates, fault: cut, horizon: secs(30.0), ..fast(0) }, N);
        share(&played, |trial| trial.overlap > Micros::ZERO)
    };
    assert_about(two(vec![0, 240_000]), 0.0);
    assert_about(two(vec![-190_000, 0]), 0.0);
    assert!(two(vec![0, 400_000]) > 0.01);
    assert!(two(vec![-290_000, 0]) > 0.01);
}

/// The wall clock goes with it: a standby that trusts it steals a live Lease once it is a grace period ahead.
#[test]
fn a_clock_that_runs_fast_gets_ahead() {
    let settings = Kubert::new(secs(30.0), secs(1.0));
    let drifting = |ppm| Scenario { rates: vec![0, ppm], ..Scenario::new(settings, Fault::Nothing) };
    // Some 0.7 s at the end, and some 7 s: it is stolen at the first look that is too early, by less than 1 % of 30 s.
    assert_share(&trials(&drifting(1_000), 50), 0.0, |trial| trial.takeover.is_some());
    assert_share(&trials(&drifting(10_000), 50), 1.0, |trial| trial.takeover.is_some() && trial.overlap > Micros::ZERO);
}

/// Survived for certain up to 8 s, and never from 10 s on; in between by chance: `m/2 (exp(−8/m) − exp(−10/m))` is lost.
#[test]
fn of_outages_of_random_length_a_known_share_is_survived() {
    for mean in [3.0, 5.0, 30.0] {
        let drawn = Fault::DrawnOutage(Lasting::Exponential(secs(mean)), Met::Refused);
        let lost = mean / 2.0 * ((-8.0 / mean).exp() - (-10.0 / mean).exp());
        let played = trials(&Scenario { horizon: secs(900.0), ..Scenario::new(client_go(), drawn) }, N);
        assert_share(&played, lost, |trial| trial.old_stopped.is_some());
    }
    let fixed = Scenario::new(client_go(), Fault::DrawnOutage(Lasting::Fixed(secs(11.0)), Met::Refused));
    let outage = Fault::Outage(Outage { lasting: secs(11.0), met: Met::Refused });
    assert_eq!(trials(&fixed, 500), trials(&Scenario { fault: outage, ..fixed.clone() }, 500));
}

fn then<S: Settings>(settings: S, fault: Fault, after: f64, second: Fault) -> Scenario<S> {
    Scenario { then: Some(Then { after: secs(after), fault: second }), ..Scenario::new(settings, fault) }
}

/// A long duration that the leader has no time left to mend keeps everyone out for as long.
#[test]
fn a_long_duration_before_a_crash_is_waited_for() {
    let long = then(client_go(), Fault::Write(Tampering::Duration(3_600)), 1.0, Fault::Crash);
    let played = trials(&Scenario { horizon: secs(4_000.0), ..long }, N);
    assert_share(&played, 0.5, |trial| trial.takeover.is_some_and(|at| at > secs(3_590.0)));
    assert_share(&played, 0.5, |trial| trial.takeover.is_some_and(|at| at < secs(1.0 + 23.8)));
    assert_share(&played, 1.0, |trial| trial.detection.is_some() && trial.old_stopped == Some(secs(1.0)));
}

/// "Name B, then delete A's Pod": A's release wipes B unless A has renewed in between; kubert's names a version.
#[test]
fn a_release_after_another_was_named_wipes_it() {
    let wiped = |moment: &Moment| matches!(moment.what, What::Released | What::Freed) && moment.replica == 0;
    let (named, ended) = (Fault::Write(Tampering::Holder), Fault::Shutdown);
    let releasing = ClientGo { release_on_cancel: true, ..client_go() };
    let spared = 0.1 / 2.0;
    let client_go = told(&then(releasing, named, 0.1, ended), wiped);
    // Or the standby has looked, and written a version that the release cannot know.
    assert!(client_go > 0.85 && client_go < 1.0 - spared + 0.02, "{client_go}");
    let klm = KubeLeaseManager::new(secs(15.0), secs(5.0), Edition::Since0_11_1);
    assert!(told(&then(klm, named, 0.1, ended), wiped) > 0.95);
    assert_about(told(&then(Kubert::new(secs(30.0), secs(1.0)), named, 0.1, ended), wiped), 0.0);
}

/// A deleted Lease of kube-lease-manager is put back by a new process alone, and then two lead until the old one asks.
#[test]
fn a_new_process_puts_a_deleted_lease_back() {
    let klm = KubeLeaseManager::new(secs(15.0), secs(5.0), Edition::Since0_11_1);
    let played = trials(&then(klm, Fault::Write(Tampering::Delete), 40.0, Fault::Join), 1_000);
    assert_share(&played, 1.0, |trial| trial.takeover.is_some_and(|at| (at - secs(40.0)).get() < 100));
    // The old leader asks after a pause of 30 s at most.
    let two: Vec<_> = played.iter().map(|trial| trial.overlap.as_secs_f64()).collect();
    assert_within(&two, 0.0, 30.0);
    assert_share(&played, 1.0, |trial| trial.leaderless == Micros::ZERO && !trial.censored);
}

#[test]
fn who_stands_still_ends_when_it_goes_on() {
    let frozen = then(client_go(), Fault::Freeze(secs(8.0)), 3.0, Fault::Shutdown);
    let played = trials(&frozen, 500);
    assert_share(&played, 1.0, |trial| trial.old_stopped == Some(secs(8.0)) && !trial.censored);
    assert_share(&played, 1.0, |trial| trial.leaderless > secs(8.0 + 13.0));
}

/// What the second fault leads to is told by the takeover, though the container came back after the first.
#[test]
fn a_takeover_may_follow_the_second_fault() {
    let back = Fault::CrashRestart(Restart { after: secs(1.0), same_identity: true });
    let played = trials(&then(client_go(), back, 20.0, Fault::Crash), N);
    assert_within(&takeovers(&played), 20.0 + 13.0, 20.0 + 23.8);
    assert_share(&played, 1.0, |trial| trial.gaps == 2 && !trial.by_self && trial.takeover.is_some());
}

/// Two outages: neither ends a leader that both together would.
#[test]
fn a_leader_recovers_between_two_outages() {
    let outage = |lasting| Fault::Outage(Outage { lasting: secs(lasting), met: Met::Refused });
    let survives = |trial: &Trial| trial.old_stopped.is_none();
    assert_share(&trials(&then(client_go(), outage(8.0), 10.1, outage(8.0)), 500), 1.0, survives);
    assert_share(&trials(&then(client_go(), outage(8.0), 8.0, outage(8.0)), 500), 0.0, survives);
}
