//! The official clients of Java, Python and .NET: what follows from their loops.

use super::*;
use crate::elector::Bound;
use crate::elector::polling::{Library, Polling};

const N: u64 = 3_000;
const ALL: [Library; 3] = [Library::Java, Library::Python, Library::DotNet];

fn settings(library: Library, lease: f64, renew: f64, retry: f64) -> Polling {
    Polling::new(library, secs(lease), secs(renew), secs(retry))
}

fn usual(library: Library) -> Polling {
    settings(library, 15.0, 10.0, 2.0)
}

fn play(settings: Polling, fault: Fault) -> Vec<Trial> {
    trials(&Scenario { horizon: secs(200.0), ..Scenario::new(settings, fault) }, N)
}

fn sample(mut draw: impl FnMut(&mut Dice) -> f64) -> Vec<f64> {
    let mut dice = Dice(19);
    (0..N).map(|_| draw(&mut dice)).collect()
}

fn stopped(trials: &[Trial]) -> Vec<f64> {
    trials.iter().map(|trial| trial.old_stopped.expect("it stops").as_secs_f64()).collect()
}

fn cut(lasting: f64, met: Met) -> Fault {
    Fault::Partition(Outage { lasting: secs(lasting), met })
}

/// A standby that looks every `retry` takes over at the first look that is a lease duration after it saw the last change.
fn crash(lease: f64, retry: f64, dice: &mut Dice) -> f64 {
    dice.uniform(0.0, retry) - dice.uniform(0.0, retry) + (lease / retry).ceil() * retry
}

#[test]
fn a_crash_costs_the_looks_that_make_up_a_lease_duration() {
    for library in [Library::Python, Library::DotNet] {
        for (lease, renew, retry) in [(15.0, 10.0, 2.0), (17.0, 15.0, 5.0), (10.0, 8.0, 2.0)] {
            let seen = takeovers(&play(settings(library, lease, renew, retry), Fault::Crash));
            assert_same_distribution(&seen, &sample(|dice| crash(lease, retry, dice)));
        }
        // 14, 16 and 18 s with 15/10/2; 15, 20 and 25 with 17/15/5.
        let seen = takeovers(&play(usual(library), Fault::Crash));
        assert_within(&seen, 14.0, 18.0);
        assert_mean(&seen, 16.0);
    }
}

/// Java's standby keeps the pace that it has drawn, and its main thread looks every retry period whether it has won.
#[test]
fn javas_standby_keeps_its_pace() {
    for (lease, renew, retry) in [(15.0, 10.0, 2.0), (10.0, 8.0, 2.0)] {
        let seen = takeovers(&play(settings(Library::Java, lease, renew, retry), Fault::Crash));
        let direct = sample(|dice| {
            let pace = dice.uniform(retry, 2.2 * retry);
            let look = dice.uniform(0.0, pace) - dice.uniform(0.0, retry);
            look + (lease / pace).ceil() * pace + dice.uniform(0.0, retry)
        });
        assert_same_distribution(&seen, &direct);
        assert_within(&seen, lease - retry, lease + 5.4 * retry);
    }
    let seen = takeovers(&play(usual(Library::Java), Fault::Crash));
    assert!((seen.iter().sum::<f64>() / N as f64 - 18.1).abs() < 0.15);
}

#[test]
fn only_java_releases() {
    let played = play(usual(Library::Java), Fault::Shutdown);
    let direct = sample(|dice| {
        let pace = dice.uniform(2.0, 4.4);
        dice.uniform(0.0, pace) + dice.uniform(0.0, 2.0)
    });
    assert_same_distribution(&takeovers(&played), &direct);
    assert_share(&played, 1.0, |trial| trial.detection < Some(secs(0.001)));
    for library in [Library::Python, Library::DotNet] {
        assert_eq!(play(usual(library), Fault::Shutdown), play(usual(library), Fault::Crash));
    }
}

/// Java goes on for a renew deadline; the others end with the first connection that breaks.
#[test]
fn a_leader_that_is_cut_off_ends_as_its_client_does() {
    for met in [Met::Refused, Met::Reset, Met::Hang] {
        let played = play(usual(Library::Java), cut(60.0, met));
        assert_same_distribution(&stopped(&played), &sample(|dice| dice.uniform(10.0, 12.0)));
        assert_share(&played, 0.0, |trial| trial.overlap > Micros::ZERO);
    }
    for library in [Library::Python, Library::DotNet] {
        for met in [Met::Refused, Met::Reset] {
            let off = stopped(&play(usual(library), cut(60.0, met)));
            assert_same_distribution(&off, &sample(|dice| dice.uniform(0.0, 2.0)));
        }
    }
    // Nobody is left when everyone's connections are refused.
    for library in [Library::Python, Library::DotNet] {
        let outage = Fault::Outage(Outage { lasting: secs(5.0), met: Met::Refused });
        assert_share(&play(usual(library), outage), 1.0, |trial| trial.censored && trial.takeover.is_none());
    }
    // A connection that hangs: .NET goes by its deadline, Python's work goes on for ever.
    let off = stopped(&play(usual(Library::DotNet), cut(60.0, Met::Hang)));
    assert_same_distribution(&off, &sample(|dice| dice.uniform(10.0, 12.0)));
    let two = play(usual(Library::Python), cut(60.0, Met::Hang));
    assert_share(&two, 1.0, |trial| trial.old_stopped.is_none() && trial.overlap > secs(180.0));
}

/// Each goes on for about a renew deadline. For Python it was seen: 6/4/1, the new one on after 0.37 s, the old one off
/// after 4.55 s.
#[test]
fn another_holder_written_makes_two_leaders() {
    let named = Fault::Write(Tampering::Holder);
    for library in ALL {
        let played = play(settings(library, 6.0, 4.0, 1.0), named);
        assert_same_distribution(&stopped(&played), &sample(|dice| dice.uniform(4.0, 5.0)));
        assert_share(&played, 1.0, |trial| trial.overlap > Micros::ZERO && trial.gaps == 0);
    }
    for library in [Library::Python, Library::DotNet] {
        let played = play(settings(library, 6.0, 4.0, 1.0), named);
        assert_same_distribution(&takeovers(&played), &sample(|dice| dice.uniform(0.0, 1.0)));
    }
    // Python asks the time only when it has slept: 5 s of a deadline of 4.5 s.
    let off = stopped(&play(settings(Library::Python, 6.0, 4.5, 1.0), named));
    assert_same_distribution(&off, &sample(|dice| dice.uniform(5.0, 6.0)));
    // A holder that is nobody makes none, if the lease duration is long enough.
    for library in ALL {
        assert!(usual(library).margin() >= secs(3.0));
        let played = play(usual(library), Fault::Write(Tampering::Sentinel));
        assert_share(&played, 0.0, |trial| trial.overlap > Micros::ZERO || trial.censored);
    }
}

/// What null and the empty holder mean differs: free, held, an exception, or a record that is missing for ever.
#[test]
fn what_is_missing_means_something_else_to_each() {
    let write = |library, tampering| play(usual(library), Fault::Write(tampering));
    let ends = |trial: &Trial| trial.takeover.is_none() && trial.censored && trial.old_stopped.is_some();
    let two_or_none = |trial: &Trial| trial.takeover.is_some() == (trial.overlap > secs(5.0)) && trial.gaps == 0;
    // .NET: a null holder is the end; an empty one is free for whoever looks first.
    assert_share(&write(Library::DotNet, Tampering::ClearNull), 1.0, ends);
    assert_share(&write(Library::DotNet, Tampering::Clear), 0.5, |trial| trial.takeover.is_none());
    assert_share(&write(Library::DotNet, Tampering::Clear), 1.0, two_or_none);
    // Python: both are free.
    for tampering in [Tampering::Clear, Tampering::ClearNull, Tampering::ClearAll] {
        let played = write(Library::Python, tampering);
        assert_share(&played, 0.5, |trial| trial.takeover.is_none());
        assert_share(&played, 1.0, two_or_none);
    }
    // Java: null is free, empty is held by someone, and without a duration it is an exception.
    assert_share(&write(Library::Java, Tampering::ClearNull), 1.0, two_or_none);
    let held = write(Library::Java, Tampering::Clear);
    assert_share(&held, 1.0, |trial| trial.overlap == Micros::ZERO && !trial.censored && trial.gaps == 1);
    let broken = write(Library::Java, Tampering::ClearAll);
    assert_share(&broken, 1.0, |trial| ends(trial) && trial.old_stopped <= Some(secs(2.0)));
    // All of them create what was deleted.
    for library in ALL {
        let played = write(library, Tampering::Delete);
        assert_share(&played, 0.0, |trial| trial.censored && trial.overlap == Micros::ZERO);
    }
}

#[test]
fn an_outage_that_is_refused_is_survived_by_java_alone() {
    let outage = |lasting| Fault::Outage(Outage { lasting, met: Met::Refused });
    let survives = |trial: &Trial| trial.old_stopped.is_none() && trial.takeover.is_none();
    let java = usual(Library::Java);
    assert_eq!(java.tolerates().outage, Bound::UpTo(secs(8.0)));
    assert_share(&play(java, outage(secs(8.0))), 1.0, survives);
    assert_share(&play(java, outage(secs(9.0))), 0.5, survives);
    for library in [Library::Python, Library::DotNet] {
        assert_eq!(usual(library).tolerates().outage, Bound::UpTo(Micros::ZERO));
        assert_share(&play(usual(library), outage(secs(0.5))), 0.75, survives);
    }
}

/// A wall clock that is wrong does no harm; one that is put forward can, where a look finds no news.
#[test]
fn a_clock_put_forward_makes_a_record_look_old() {
    let latency = Latency { low: Micros::ZERO, high: secs(0.5) };
    for library in ALL {
        let bound = match usual(library).tolerates().skew {
            Bound::UpTo(bound) => bound,
            Bound::Unlimited => panic!("there is a bound"),
        };
        assert_eq!(bound, secs(13.0));
        let stolen = |fault, clocks| {
            let scenario = Scenario { latency, clocks, horizon: secs(100.0), ..Scenario::new(usual(library), fault) };
            share(&trials(&scenario, N), |trial| trial.takeover.is_some())
        };
        assert!(stolen(Fault::Nothing, vec![Micros::ZERO, secs(1_000.0)]) < 1e-9);
        // What requests take comes off: four ways, at most.
        assert!(stolen(Fault::Skew(bound - secs(2.0)), Vec::new()) < 1e-9);
        assert!(stolen(Fault::Skew(bound + secs(1.0)), Vec::new()) > 0.0, "{library:?}");
    }
}

#[test]
fn each_rule_is_kept() {
    use crate::elector::rule::Broken;
    for library in ALL {
        assert_eq!(usual(library).check(), Ok(()));
        assert!(matches!(
            settings(library, 0.5, 0.4, 0.1).check(),
            Err(Broken::Fraction { .. } | Broken::TooShort { .. })
        ));
        assert!(matches!(settings(library, 15.0, 0.0, 2.0).check(), Err(Broken::NotPositive { .. })));
    }
    let java = settings(Library::Java, 15.0, 2.2, 2.0);
    assert_eq!(java.check(), Ok(()));
    assert!(matches!(settings(Library::Java, 15.0, 2.0, 2.0).check(), Err(Broken::DeadlineBeforeRetry { .. })));
    assert!(matches!(settings(Library::Python, 15.0, 2.2, 2.0).check(), Err(Broken::DeadlineWithinRetry { .. })));
    assert!(matches!(settings(Library::Python, 15.0, 10.0, 0.5).check(), Err(Broken::TooShort { .. })));
    assert!(matches!(settings(Library::Java, 10.0, 10.0, 2.0).check(), Err(Broken::DeadlineBeyondDuration { .. })));
    // .NET lets it through.
    assert_eq!(settings(Library::DotNet, 10.0, 10.0, 2.0).check(), Ok(()));
    assert!(settings(Library::DotNet, 10.0, 10.0, 2.0).margin() < Micros::ZERO);
}
