//! What other writers do to elections, beyond the fault itself: standbys gone blind, and what is left behind.

use super::*;
use crate::elector::kube_leader_election::KubeLeaderElection;

const N: u64 = 3_000;
const OLD: Edition = Edition::Before0_11_1;
const NEW: Edition = Edition::Since0_11_1;

fn klm(lease: f64, grace: f64, edition: Edition) -> KubeLeaseManager {
    KubeLeaseManager::new(secs(lease), secs(grace), edition)
}

fn kubert() -> Kubert {
    Kubert::new(secs(30.0), secs(1.0))
}

fn then<S: Settings>(settings: S, tampering: Tampering, after: f64) -> Scenario<S> {
    let then = Some(Then { after: secs(after), fault: Fault::Crash });
    Scenario { then, horizon: secs(8_000.0), ..Scenario::new(settings, Fault::Write(tampering)) }
}

fn play<S: Settings>(settings: S, tampering: Tampering) -> Vec<Trial> {
    trials(&Scenario { horizon: secs(200.0), ..Scenario::new(settings, Fault::Write(tampering)) }, N)
}

/// The leader mends a long duration at its next renewal, but a standby that looked before sleeps it through: nobody
/// notices until the leader is gone.
#[test]
fn a_standby_of_kube_lease_manager_goes_blind() {
    for edition in [OLD, NEW] {
        for (lease, grace) in [(15.0, 5.0), (30.0, 5.0), (6.0, 2.0)] {
            for tampering in [Tampering::Duration(3_600), Tampering::Renewal(secs(3_600.0))] {
                let played = trials(&then(klm(lease, grace, edition), tampering, 120.0), N);
                // In the grace period after a renewal the standby looks before the leader does.
                let early = grace / (lease - grace);
                assert_share(&played, early, |trial| trial.leaderless > secs(3_000.0));
                assert_share(&played, 1.0 - early, |trial| trial.leaderless <= secs(lease + 1.001));
            }
        }
    }
}

/// With kubert a long duration sticks: the leader takes it for its own claim's, and nobody looks for as long.
#[test]
fn a_long_duration_sticks_to_kubert() {
    let played = trials(&then(kubert(), Tampering::Duration(3_600), 120.0), N);
    assert_share(&played, 1.0, |trial| trial.leaderless > secs(3_600.0 - 180.0));
    let played = trials(&then(kubert(), Tampering::Duration(40), 120.0), N);
    assert_share(&played, 1.0, |trial| trial.leaderless <= secs(40.0));
    // client-go's leader mends it in time, and its standbys go by the record that they saw last.
    let played = trials(&then(go(15.0, 10.0, 2.0), Tampering::Duration(3_600), 120.0), N);
    assert_share(&played, 1.0, |trial| trial.leaderless <= secs(23.8));
}

/// Who takes over from a holder that is nobody comes exactly a lease duration after it was written: kubert's leader
/// learns of it at its renewal and writes nothing.
#[test]
fn a_holder_that_is_nobody_keeps_kubert_out_for_a_lease_duration() {
    let played = play(kubert(), Tampering::Sentinel);
    assert_share(&played, 1.0, |trial| {
        let back = trial.old_stopped.expect("it stops") + trial.leaderless;
        (back - secs(30.0)).get().abs() < 100 && trial.overlap == Micros::ZERO && trial.gaps == 1
    });
}

/// A short duration is over when anyone looks: kubert's leader takes the Lease again, unless the standby is there first.
#[test]
fn a_short_duration_lets_kuberts_standby_in_early() {
    let played = play(kubert(), Tampering::Duration(1));
    let early = 1.0 / 29.0;
    let two = |trial: &Trial| (trial.overlap - secs(28.0)).get().abs() < 100;
    assert!((share(&played, two) - early).abs() < 0.015);
    assert_share(&played, 1.0, |trial| two(trial) || trial.takeover.is_none());
}

/// kube-leader-election counts an empty holder as one, which has to run out.
#[test]
fn an_empty_holder_has_to_run_out_for_kube_leader_election() {
    let played = play(KubeLeaderElection::new(secs(15.0), secs(5.0)), Tampering::Clear);
    assert_share(&played, 1.0, |trial| trial.overlap == Micros::ZERO && !trial.censored && trial.gaps == 1);
    let back: Vec<_> = played.iter().map(|t| (t.old_stopped.unwrap() + t.leaderless).as_secs_f64()).collect();
    // From the last renewal on 15 s, and to the next call of one of two.
    assert_within(&back, 10.0, 20.0);
}

/// A process that comes back under its old name leads without having written.
#[test]
fn an_old_name_leads_at_once() {
    let restart = Fault::CrashRestart(Restart { after: secs(1.0), same_identity: true });
    for edition in [OLD, NEW] {
        let scenario = Scenario::new(klm(15.0, 5.0, edition), restart);
        let mut simulator = Simulator::new(&scenario);
        for trial in 0..200 {
            let mut story = Vec::new();
            let played = simulator.trial(Random::stream(1, trial), &mut story);
            let at = |what| story.iter().find(|m| m.at >= Micros::ZERO && m.what == what).map(|m| m.at);
            assert!(played.by_self || played.takeover.is_some_and(|at| at < secs(1.001)), "{played:?}");
            let (started, renewed) = (at(What::Started), at(What::Renewed));
            if played.by_self {
                // Unless a renewal was due anyway.
                assert!(started.is_some_and(|at| (at - secs(1.0)).get() < 100));
                assert!(renewed.is_none_or(|at| started <= Some(at)), "{story:?}");
            }
        }
    }
}
