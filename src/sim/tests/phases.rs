//! How a takeover and an outage are made up, and the story that tells it.

use super::closed_forms::{look_after, residual};
use super::*;

const N: u64 = 4_000;

fn klm() -> KubeLeaseManager {
    KubeLeaseManager::new(secs(15.0), secs(5.0), Edition::Since0_11_1)
}

fn detections(trials: &[Trial]) -> Vec<f64> {
    trials.iter().filter_map(|trial| trial.detection).map(Micros::as_secs_f64).collect()
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(11);
    (0..N).map(|_| draw(&mut dice)).collect()
}

fn play<S: Settings>(settings: S, fault: Fault) -> Vec<Trial> {
    trials(&Scenario::new(settings, fault), N)
}

#[test]
fn a_crash_is_detected_when_the_record_has_run_out() {
    let played = play(go(15.0, 10.0, 2.0), Fault::Crash);
    assert_same_distribution(&detections(&played), &sample(|dice| 15.0 - dice.uniform(0.0, 2.0)));
    // From there it takes what is left of the way to the second look.
    let election: Vec<_> = played.iter().filter_map(Trial::election).map(Micros::as_secs_f64).collect();
    assert_same_distribution(&election, &sample(|dice| residual(2.0, dice) + look_after(15.0, 2.0, dice) - 15.0));
    let played = play(klm(), Fault::Crash);
    assert_same_distribution(&detections(&played), &sample(|dice| 15.0 - dice.uniform(0.0, 10.0)));
    let election: Vec<_> = played.iter().filter_map(Trial::election).map(Micros::as_secs_f64).collect();
    assert_same_distribution(&election, &sample(|dice| dice.uniform(0.1, 1.0)));
}

#[test]
fn what_is_given_up_or_given_away_is_detected_at_once() {
    let at_once = |trial: &Trial| trial.detection.is_some_and(|at| at < secs(0.001));
    let releasing = ClientGo { release_on_cancel: true, ..go(15.0, 10.0, 2.0) };
    assert_share(&play(releasing, Fault::Shutdown), 1.0, at_once);
    assert_share(&play(klm(), Fault::Shutdown), 1.0, at_once);
    assert_share(&play(go(15.0, 10.0, 2.0), Fault::Write(Tampering::Holder)), 1.0, at_once);
    assert_share(&play(go(15.0, 10.0, 2.0), Fault::Write(Tampering::Sentinel)), 1.0, at_once);
    // A deleted one only if nobody puts it back for the old leader.
    let deleted = play(go(15.0, 10.0, 2.0), Fault::Write(Tampering::Delete));
    assert_share(&deleted, 1.0, |trial| trial.takeover.is_some() == at_once(trial));
}

#[test]
fn a_detection_lies_between_the_fault_and_the_takeover() {
    let outage = |met| Fault::Outage(Outage { lasting: secs(11.0), met });
    for fault in [outage(Met::Refused), outage(Met::Hang), Fault::Freeze(secs(30.0)), Fault::Skew(secs(20.0))] {
        for played in [play(go(15.0, 10.0, 2.0), fault), play(klm(), fault)] {
            assert_share(&played, 1.0, |trial| match (trial.takeover, trial.detection) {
                (Some(takeover), Some(detection)) => Micros::ZERO <= detection && detection <= takeover,
                (None, None) => trial.election().is_none(),
                _ => false,
            });
        }
    }
    // A clock that is far behind writes records that have run out before the fault.
    let scenario = Scenario { clocks: vec![secs(-60.0)], ..Scenario::new(go(15.0, 10.0, 2.0), Fault::Crash) };
    assert_share(&trials(&scenario, 500), 1.0, |trial| trial.detection == Some(Micros::ZERO));
}

#[test]
fn who_led_stops_when_it_stops() {
    let stopped = |trials: &[Trial]| -> Vec<f64> {
        trials.iter().map(|trial| trial.old_stopped.expect("it stops").as_secs_f64()).collect()
    };
    let cut = Fault::Partition(Outage { lasting: secs(60.0), met: Met::Hang });
    assert_same_distribution(&stopped(&play(go(15.0, 10.0, 2.0), cut)), &sample(|dice| dice.uniform(10.0, 12.0)));
    assert_within(&stopped(&play(klm(), Fault::Crash)), 0.0, 0.0);
    assert_within(&stopped(&play(go(15.0, 10.0, 2.0), Fault::Freeze(secs(25.0)))), 35.0, 35.0);
    let short = play(go(15.0, 10.0, 2.0), Fault::Freeze(secs(5.0)));
    assert_share(&short, 1.0, |trial| trial.old_stopped.is_none());
}

#[test]
fn a_gap_is_counted_when_someone_starts_in_it() {
    let gaps = |trials: Vec<Trial>, expected| assert_share(&trials, 1.0, |trial| trial.gaps == expected);
    gaps(play(go(15.0, 10.0, 2.0), Fault::Crash), 1);
    gaps(play(go(15.0, 10.0, 2.0), Fault::Freeze(secs(5.0))), 0);
    gaps(play(go(15.0, 10.0, 2.0), Fault::Write(Tampering::Holder)), 0);
    gaps(play(go(15.0, 10.0, 2.0), Fault::CrashRestart(Restart { after: secs(1.0), same_identity: true })), 1);
    // Another holder is written: two leaders, or a gap.
    let named = play(klm(), Fault::Write(Tampering::Holder));
    assert_share(&named, 1.0, |trial| (trial.gaps == 1) == (trial.leaderless > secs(0.001)));
}

#[test]
fn an_outage_is_the_gap_and_what_follows_each() {
    let plain = Scenario::new(go(15.0, 10.0, 2.0), Fault::Crash);
    let span = |low, high| Span { low: secs(low), high: secs(high) };
    let phases = vec![span(0.0, 30.0), span(0.0, 15.0)];
    let scenario = Scenario { warmup: span(2.0, 4.0), phases, ..plain.clone() };
    let played = trials(&scenario, N);
    let times = |of: fn(&Trial) -> Micros| played.iter().map(|trial| of(trial).as_secs_f64()).collect::<Vec<_>>();
    assert_same_distribution(&times(|trial| trial.warmup), &sample(|dice| dice.uniform(2.0, 4.0)));
    let system = sample(|dice| dice.uniform(0.0, 30.0) + dice.uniform(0.0, 15.0));
    assert_same_distribution(&times(|trial| trial.system), &system);
    assert_share(&played, 1.0, |trial| trial.outage == trial.leaderless + trial.warmup + trial.system);
    // Nothing else has changed.
    for (with, without) in played.iter().zip(trials(&plain, N)) {
        assert_eq!(without.outage, without.leaderless);
        let zero = Micros::ZERO;
        assert_eq!(Trial { warmup: zero, system: zero, outage: with.leaderless, ..*with }, without);
    }
    let none = trials(&Scenario { fault: Fault::Nothing, ..scenario.clone() }, 200);
    assert_share(&none, 1.0, |trial| trial.outage == Micros::ZERO);
    let outcome = run(&scenario, 1_000, 1);
    assert_eq!(outcome.outages.histogram(secs(0.0), secs(80.0), 8).iter().sum::<u64>(), 1_000);
    assert_eq!(outcome.warmup.map(|spread| spread.count), Some(1_000));
}

/// Whatever happens, a story is told in order, and telling it changes nothing.
#[test]
fn a_story_is_told_in_order_and_changes_nothing() {
    fn listen<S: Settings>(settings: S) {
        let outage = Outage { lasting: secs(20.0), met: Met::Reset };
        let restart = Restart { after: secs(1.0), same_identity: false };
        let faults = [
            Fault::Nothing,
            Fault::Crash,
            Fault::CrashRestart(restart),
            Fault::NodeLoss(NodeLoss::of_deployment(secs(40.0), secs(30.0))),
            Fault::Shutdown,
            Fault::Partition(outage),
            Fault::Outage(outage),
            Fault::DrawnOutage(Lasting::Exponential(secs(10.0)), Met::Hang),
            Fault::Freeze(secs(25.0)),
            Fault::Skew(secs(9.0)),
            Fault::Write(Tampering::Holder),
            Fault::Write(Tampering::Delete),
            Fault::Join,
        ];
        for (fault, then) in faults.into_iter().flat_map(|fault| faults.map(|then| (fault, then))) {
            let then = Some(Then { after: secs(3.0), fault: then });
            let latency = Latency { low: secs(0.0), high: secs(0.1) };
            let horizon = secs(90.0);
            let scenario =
                Scenario { standbys: 2, then, latency, errors: 20_000, horizon, ..Scenario::new(settings, fault) };
            let (mut heard, mut unheard) = (Simulator::new(&scenario), Simulator::new(&scenario));
            for trial in 0..5 {
                let mut story = Vec::new();
                let told = heard.trial(Random::stream(3, trial), &mut story);
                assert_eq!(told, unheard.trial(Random::stream(3, trial), &mut ()));
                assert!(story.is_sorted_by_key(|moment| moment.at), "{fault:?} {story:#?}");
                assert_eq!(story.iter().filter(|moment| moment.what == What::Fault).count(), 2);
            }
        }
    }
    listen(go(15.0, 10.0, 2.0));
    listen(klm());
    listen(Kubert::new(secs(30.0), secs(1.0)));
}

/// What is told of an outage that the leader survives.
#[test]
fn a_story_tells_what_failed_and_that_it_went_on() {
    let outage = Outage { lasting: secs(8.0), met: Met::Refused };
    let scenario = Scenario::new(go(15.0, 10.0, 2.0), Fault::Outage(outage));
    let mut story = Vec::new();
    Simulator::new(&scenario).trial(Random::stream(1, 0), &mut story);
    let told: Vec<_> = story.iter().skip_while(|moment| moment.what != What::Renewed).collect();
    assert_eq!(
        told.iter().map(|m| m.what).collect::<Vec<_>>(),
        [What::Renewed, What::Fault, What::Failed, What::Renewed]
    );
    assert!(told[2].at <= secs(2.0) && told[3].at >= secs(8.0) && told[3].at <= secs(10.0));
}
