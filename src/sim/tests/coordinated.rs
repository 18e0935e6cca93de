//! Coordinated elections: what follows from the controller's steps, and what a real one was seen to do.

use super::closed_forms::residual;
use super::*;
use crate::elector::coordinated::Coordinated;

const N: u64 = 3_000;

fn settings() -> Coordinated {
    Coordinated { client: go(15.0, 10.0, 2.0) }
}

fn play(standbys: u8, fault: Fault) -> Vec<Trial> {
    trials(&Scenario { standbys, horizon: secs(240.0), ..Scenario::new(settings(), fault) }, N)
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(17);
    (0..N).map(|_| draw(&mut dice)).collect()
}

/// When something is told for the first time after the fault, trial by trial.
fn first(scenario: &Scenario<Coordinated>, what: What) -> Vec<Option<f64>> {
    let mut simulator = Simulator::new(scenario);
    let mut when = |trial| {
        let mut story = Vec::new();
        simulator.trial(Random::stream(1, trial), &mut story);
        let told = story.iter().find(|moment| moment.at >= Micros::ZERO && moment.what == what);
        told.map(|moment| moment.at.as_secs_f64())
    };
    (0..N).map(&mut when).collect()
}

fn all(times: Vec<Option<f64>>) -> Vec<f64> {
    times.into_iter().map(|time| time.expect("it is told")).collect()
}

/// The record runs out 15 s after the last renewal, the controller looks every 5 s, waits 5 s for the dead candidate,
/// and then the named one has to look.
#[test]
fn a_crash_costs_a_look_of_the_controller_and_a_wait_for_the_dead() {
    let scenario = Scenario::new(settings(), Fault::Crash);
    let named = all(first(&scenario, What::Named));
    // A real one: 21.2, 23.2 and 23.3 s.
    assert_within(&named, 18.0, 25.0);
    assert_same_distribution(&named, &sample(|dice| 20.0 - dice.uniform(0.0, 2.0) + dice.uniform(0.0, 5.0)));
    for standbys in [1, 3] {
        let seen = takeovers(&play(standbys, Fault::Crash));
        // 23.3, 24.1 and 25.4 s.
        assert_within(&seen, 18.0, 29.4);
        let direct = sample(|dice| 20.0 - dice.uniform(0.0, 2.0) + dice.uniform(0.0, 5.0) + residual(2.0, dice));
        assert_same_distribution(&seen, &direct);
    }
    assert_share(&play(3, Fault::Crash), 0.0, |trial| trial.overlap > Micros::ZERO || trial.censored);
}

/// The holder renews no more and stops after its renew deadline; then its Lease has to run out.
#[test]
fn a_holder_that_is_to_give_up_does_so_after_a_renew_deadline() {
    let played = play(1, Fault::Write(Tampering::Prefer));
    let off: Vec<_> = played.iter().map(|trial| trial.old_stopped.expect("it stops").as_secs_f64()).collect();
    // A real one: 10.5 to 11.7 s.
    assert_same_distribution(&off, &sample(|dice| 10.0 + dice.uniform(0.0, 2.0)));
    assert_share(&played, 0.0, |trial| trial.overlap > Micros::ZERO || trial.censored);
    // 17.3 to 24.0 s, with candidates of earlier runs that had been asked already.
    assert_within(&takeovers(&played), 18.0, 29.4);
    let gap: Vec<_> = played.iter().map(|trial| trial.leaderless.as_secs_f64()).collect();
    assert_within(&gap, 6.0, 19.4);
}

/// Another holder than the best: the controller wants the best one back within an instant, who is ending because of it.
/// The one that is named is to give up for one that is gone, and nobody changes that again, but for a third candidate that
/// is older than the named one and so better.
#[test]
fn another_holder_written_ends_the_election() {
    for (standbys, stuck) in [(1, 1.0), (2, 0.5)] {
        let scenario = Scenario { standbys, ..Scenario::new(settings(), Fault::Write(Tampering::Holder)) };
        let preferred = all(first(&scenario, What::Preferred));
        assert_within(&preferred, 0.0, 0.1);
        let played = play(standbys, Fault::Write(Tampering::Holder));
        let off: Vec<_> = played.iter().map(|trial| trial.old_stopped.expect("it stops").as_secs_f64()).collect();
        // A real one: 10.1 to 12.0 s, and then nobody for at least 240.
        assert_within(&off, 10.0, 12.0);
        assert_share(&played, stuck, |trial| trial.takeover.is_none() && trial.censored);
        assert_share(&played, stuck, |trial| trial.leaderless >= secs(240.0 - 12.0));
    }
}

/// An empty holder, a deleted Lease: the old leader is the best that answers, and named again.
#[test]
fn a_cleared_or_deleted_lease_goes_back_to_the_oldest() {
    for tampering in [Tampering::Clear, Tampering::Delete] {
        let played = play(2, Fault::Write(tampering));
        assert_share(&played, 1.0, |t| t.takeover.is_none() && t.leaderless + t.overlap == Micros::ZERO);
    }
}

/// A release ends the wait for expiry, not the one for the candidate that is gone, which ends a whole wait after the next
/// look of the controller.
#[test]
fn a_release_still_waits_for_who_is_gone() {
    let client = ClientGo { release_on_cancel: true, ..go(15.0, 10.0, 2.0) };
    let played = trials(&Scenario::new(Coordinated { client }, Fault::Shutdown), N);
    assert_within(&takeovers(&played), 5.0, 10.0 + 4.4);
    let direct = sample(|dice| 5.0 + dice.uniform(0.0, 5.0) + residual(2.0, dice));
    assert_same_distribution(&takeovers(&played), &direct);
}

#[test]
fn an_undisturbed_election_stays_as_it_is() {
    let latency = Latency { low: secs(0.001), high: secs(0.1) };
    let scenario = Scenario { standbys: 3, latency, ..Scenario::new(settings(), Fault::Nothing) };
    assert_share(&trials(&scenario, 300), 1.0, |t| t.takeover.is_none() && t.overlap + t.leaderless == Micros::ZERO);
}
