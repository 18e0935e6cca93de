//! The simulator against what can be worked out by hand, and against what the real libraries did.

mod client_go;
mod closed_forms;
mod coordinated;
mod expiring;
mod fabric8;
mod kube_leader_election;
mod phases;
mod polling;
mod properties;
mod tolerance;
mod transfer;
mod trouble;
mod writes;

use super::*;
use crate::elector::client_go::ClientGo;
use crate::elector::kube_lease_manager::{Edition, KubeLeaseManager};
use crate::elector::kubert::Kubert;
use crate::model::Micros;

fn secs(seconds: f64) -> Micros {
    #[expect(clippy::cast_possible_truncation, reason = "a number of microseconds")]
    Micros::new((seconds * 1e6).round() as i64)
}

fn go(lease: f64, renew: f64, retry: f64) -> ClientGo {
    ClientGo::new(secs(lease), secs(renew), secs(retry))
}

/// Every trial of a scenario.
fn trials<S: Settings>(scenario: &Scenario<S>, trials: u64) -> Vec<Trial> {
    let mut simulator = Simulator::new(scenario);
    (0..trials).map(|trial| simulator.trial(Random::stream(1, trial), &mut ())).collect()
}

fn takeovers(trials: &[Trial]) -> Vec<f64> {
    trials.iter().filter_map(|trial| trial.takeover).map(Micros::as_secs_f64).collect()
}

/// The share of trials for which it holds.
fn share(trials: &[Trial], holds: impl Fn(&Trial) -> bool) -> f64 {
    trials.iter().filter(|trial| holds(trial)).count() as f64 / trials.len() as f64
}

/// Asserts that a share is what it should be, within four standard deviations.
#[track_caller]
fn assert_share(trials: &[Trial], expected: f64, holds: impl Fn(&Trial) -> bool) {
    let seen = share(trials, holds);
    let deviation = (expected * (1.0 - expected) / trials.len() as f64).sqrt();
    assert!((seen - expected).abs() <= 4.0 * deviation + 1e-9, "{seen} instead of {expected}");
}

/// Asserts that all values lie between two bounds, but for the few microseconds that answers take.
#[track_caller]
fn assert_within(values: &[f64], low: f64, high: f64) {
    let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(min, max), value| (min.min(*value), max.max(*value)));
    assert!(!values.is_empty() && min >= low - 1e-4 && max <= high + 1e-4, "{min}…{max}, not {low}…{high}");
}

/// Asserts that the mean is what it should be, within four standard errors.
#[track_caller]
fn assert_mean(values: &[f64], expected: f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let error = 4.0 * (variance / count).sqrt() + 1e-4;
    assert!((mean - expected).abs() <= error, "{mean} instead of {expected} ± {error}");
}

/// The greatest distance between two samples' distributions, in units in which 1.63 is 1 %, and 2.2 is 0.01 %.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (one, other) = (sorted(one), sorted(other));
    let (n, m) = (one.len() as f64, other.len() as f64);
    let below = |values: &[f64], value: f64| values.partition_point(|seen| *seen <= value) as f64;
    let gap = |value: &f64| (below(&one, *value) / n - below(&other, *value) / m).abs();
    one.iter().chain(&other).map(gap).fold(0.0, f64::max) * (n * m / (n + m)).sqrt()
}

#[track_caller]
fn assert_same_distribution(one: &[f64], other: &[f64]) {
    let distance = distance(one, other);
    assert!(distance < 2.2, "{distance}");
}

/// Draws that owe nothing to the simulator's own.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        // Knuth's MMIX, of which only the high bits are used.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * ((self.0 >> 11) as f64 / (1u64 << 53) as f64)
    }
}

#[test]
fn a_seed_means_the_same_on_every_machine() {
    let first = |fault| trials(&Scenario::new(go(15.0, 10.0, 2.0), fault), 3);
    let crash: Vec<_> = first(Fault::Crash).iter().filter_map(|trial| trial.takeover).collect();
    assert_eq!(crash.iter().map(|at| at.get()).collect::<Vec<_>>(), GOLDEN);
    assert_eq!(crash, first(Fault::Shutdown).iter().filter_map(|trial| trial.takeover).collect::<Vec<_>>());
}

const GOLDEN: [i64; 3] = [16_269_308, 15_406_728, 15_289_888];

#[test]
fn trials_are_the_same_alone_and_in_any_order() {
    let standbys = 3;
    let latency = Latency { low: secs(0.001), high: secs(0.02) };
    let outage = Fault::Outage(Outage { lasting: secs(11.0), met: Met::Reset });
    let scenario = Scenario { standbys, latency, ..Scenario::new(go(15.0, 10.0, 2.0), outage) };
    let whole = run(&scenario, 300, 7);
    let part = |numbers: Vec<u64>| {
        let mut sample = Sample::default();
        let mut simulator = Simulator::new(&scenario);
        numbers.iter().for_each(|n| sample.add(&simulator.trial(Random::stream(7, *n), &mut ())));
        sample
    };
    let mut joined = part((0..300).rev().filter(|n| n % 3 == 0).collect());
    joined.join(part((0..300).filter(|n| n % 3 != 0).collect()));
    assert_eq!(joined.outcome(), whole);
    assert_ne!(run(&scenario, 300, 8), whole);
}

#[test]
fn a_story_tells_what_was_measured() {
    let scenario = Scenario::new(go(15.0, 10.0, 2.0), Fault::Freeze(secs(25.0)));
    let mut story = Vec::new();
    let trial = Simulator::new(&scenario).trial(Random::stream(1, 0), &mut story);
    let takeover = trial.takeover.expect("another takes over");
    let detection = trial.detection.expect("another takes over");
    let renewed = detection - secs(15.0);
    let moment = |at, replica, what| Moment { at, replica, what };
    assert_eq!(
        story.iter().skip_while(|moment| moment.what != What::Renewed).copied().collect::<Vec<_>>(),
        [
            moment(renewed, 0, What::Renewed),
            moment(Micros::ZERO, 0, What::Fault),
            moment(detection, 0, What::Expired),
            moment(takeover - Micros::TICK * 2, 1, What::Looked),
            moment(takeover - Micros::TICK, 1, What::Acquired),
            moment(takeover, 1, What::Started),
            moment(secs(25.0), 0, What::Thawed),
            moment(secs(35.0), 0, What::Exited),
        ]
    );
    assert!(secs(-2.0) <= renewed && renewed <= Micros::ZERO && detection < takeover);
    assert_eq!(trial.leaderless, takeover);
    assert_eq!(trial.overlap, secs(10.0));
}
