//! kube-leader-election: what follows from a loop that looks every so often.

use super::*;
use crate::elector::kube_leader_election::KubeLeaderElection;

const N: u64 = 3_000;

fn play(fault: Fault) -> Vec<Trial> {
    trials(&Scenario { horizon: secs(200.0), ..Scenario::new(settings(), fault) }, N)
}

fn settings() -> KubeLeaderElection {
    KubeLeaderElection::new(secs(15.0), secs(5.0))
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(9);
    (0..N).map(|_| draw(&mut dice)).collect()
}

#[test]
fn a_crash_costs_the_lease_duration_and_a_look() {
    let played = play(Fault::Crash);
    assert_within(&takeovers(&played), 10.0, 20.0);
    assert_mean(&takeovers(&played), 15.0);
    let direct = sample(|dice| 15.0 - dice.uniform(0.0, 5.0) + dice.uniform(0.0, 5.0));
    assert_same_distribution(&takeovers(&played), &direct);
}

#[test]
fn a_release_has_to_expire_too() {
    let seen = takeovers(&play(Fault::Shutdown));
    assert_within(&seen, 1.0, 6.0);
    assert_same_distribution(&seen, &sample(|dice| 1.0 + dice.uniform(0.0, 5.0)));
}

#[test]
fn a_leader_that_is_cut_off_leads_on() {
    let played = play(Fault::Partition(Outage { lasting: secs(60.0), met: Met::Reset }));
    let off: Vec<_> = played.iter().map(|t| (t.takeover.unwrap() + t.overlap).as_secs_f64()).collect();
    assert_within(&off, 60.0, 65.0);
}

#[test]
fn a_replaced_leader_notices_at_its_next_call() {
    let played = play(Fault::Write(Tampering::Holder));
    assert_share(&played, 1.0, |trial| trial.overlap <= secs(5.0) && trial.leaderless <= secs(5.0));
    assert_within(&takeovers(&played), 0.0, 5.0);
}

/// Any null is an error: the leader leads on, and nobody can ever follow it.
#[test]
fn a_null_holder_is_the_end() {
    let played = play(Fault::Write(Tampering::ClearNull));
    assert_share(&played, 1.0, |t| t.takeover.is_none() && t.leaderless + t.overlap == Micros::ZERO);
}

/// Two that see the same expiry on a slow API both write, and both believe it for a period.
#[test]
fn two_standbys_can_both_win() {
    let latency = Latency { low: secs(0.1), high: secs(0.5) };
    let scenario = Scenario { standbys: 2, latency, ..Scenario::new(settings(), Fault::Crash) };
    assert!(share(&trials(&scenario, N), |trial| trial.overlap > secs(1.0)) > 0.02);
}
